"""What we ask: the charter of a study, its folder and its tables."""

from cjmlab.study.charter import Charter, ColumnRoles, Study
from cjmlab.study.check import check_study
from cjmlab.study.coverage import cover_stages
from cjmlab.study.customer_view import review_study
from cjmlab.study.inventory import list_inventory
from cjmlab.study.load import load_study
from cjmlab.study.propose import propose_study
from cjmlab.study.settings import study_template

__all__ = [
    "Charter",
    "ColumnRoles",
    "Study",
    "check_study",
    "cover_stages",
    "list_inventory",
    "load_study",
    "propose_study",
    "review_study",
    "study_template",
]
