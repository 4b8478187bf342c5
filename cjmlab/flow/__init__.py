"""The whole walk: a study run in one call, kept on disk, and opened again."""

from cjmlab.flow.compared import compare_runs
from cjmlab.flow.manifest import RunError
from cjmlab.flow.run import Origin, StudyRun
from cjmlab.flow.saved import open_run, save_run
from cjmlab.flow.walk import run_study

__all__ = ["Origin", "RunError", "StudyRun", "compare_runs", "open_run", "run_study", "save_run"]
