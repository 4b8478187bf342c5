"""What we were given: files of every kind, read without losing a row, and the accounts of reading them."""

from cjmlab.sources.customers import read_customers
from cjmlab.sources.events import EventColumns, read_events
from cjmlab.sources.files import read_table
from cjmlab.sources.interviews import read_interviews, split_turns
from cjmlab.sources.outcomes import read_outcomes
from cjmlab.sources.report import Finding, Reading, Rejected, Report, findings_frame
from cjmlab.sources.scales import Scale
from cjmlab.sources.survey import Question, SurveyColumns, read_survey

__all__ = [
    "EventColumns",
    "Finding",
    "Question",
    "Reading",
    "Rejected",
    "Report",
    "Scale",
    "SurveyColumns",
    "findings_frame",
    "read_customers",
    "read_events",
    "read_interviews",
    "read_outcomes",
    "read_survey",
    "read_table",
    "split_turns",
]
