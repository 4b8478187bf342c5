"""What we were given: files of every kind, read without losing a row, and the accounts of reading them."""

from cjmlab.sources.codings import qda_project, read_codings
from cjmlab.sources.customers import read_customers
from cjmlab.sources.documents import read_document
from cjmlab.sources.events import EventColumns, read_events
from cjmlab.sources.files import read_table
from cjmlab.sources.interviews import read_interviews
from cjmlab.sources.links import missing_links
from cjmlab.sources.names import file_name, path_inside
from cjmlab.sources.outcomes import read_outcomes
from cjmlab.sources.privacy import Pseudonyms, find_identities, mask_text
from cjmlab.sources.refi import QdaProject, read_qdc, read_qdpx, write_qdc, write_qdpx
from cjmlab.sources.report import Finding, Reading, Rejected, Report, findings_frame
from cjmlab.sources.scales import Scale
from cjmlab.sources.store import store_events
from cjmlab.sources.survey import Question, SurveyColumns, read_survey
from cjmlab.sources.times import Clock
from cjmlab.sources.turns import Turn, split_turns

__all__ = [
    "Clock",
    "EventColumns",
    "Finding",
    "Pseudonyms",
    "QdaProject",
    "Question",
    "Reading",
    "Rejected",
    "Report",
    "Scale",
    "SurveyColumns",
    "Turn",
    "file_name",
    "find_identities",
    "findings_frame",
    "mask_text",
    "missing_links",
    "path_inside",
    "qda_project",
    "read_codings",
    "read_customers",
    "read_document",
    "read_events",
    "read_interviews",
    "read_outcomes",
    "read_qdc",
    "read_qdpx",
    "read_survey",
    "read_table",
    "split_turns",
    "store_events",
    "write_qdc",
    "write_qdpx",
]
