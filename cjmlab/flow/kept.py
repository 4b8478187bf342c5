"""What stands in the folder of a saved run, and which of its steps can be taken again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cjmlab.flow.fingerprints import fingerprint_files, fingerprint_program, study_folder
from cjmlab.flow.manifest import Manifest, RunError, read_manifest
from cjmlab.flow.run import Origin, StudyRun
from cjmlab.flow.saved import check_free, open_run
from cjmlab.journeys import context_of
from cjmlab.share.whole_file import ShareError
from cjmlab.study.charter import Study
from cjmlab.tables import Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kept:
    """A saved run that may be used again; without a run, nothing is offered.

    Parameters
    ----------
    run : StudyRun, optional
        The run.
    same_program : bool
        Whether the program that saved it is the one that runs now.
    stands : bool
        Whether files, settings and program are the same, so that all of it can be taken.
    """

    run: StudyRun | None = None
    same_program: bool = False
    stands: bool = False

    def by_hand(self, step: str) -> bool:
        """Whether the result of a step was put in by hand."""
        return self.run is not None and step in self.run.origin.by_hand

    def offers(self, step: str, key: str) -> bool:
        """Whether the result of a step can be taken: the same went into it, and the same program or a person made it."""
        if self.run is None or not (self.same_program or self.by_hand(step)):
            return False
        return self.run.origin.keys.get(step) == key

    def take(self, step: str, study: Study, made: dict[str, Any]) -> Any:
        """Return the result of a step; what speaks of the study or its customers speaks of those of this run."""
        found = getattr(self.run, step)
        if step == "journeys":
            return _of_study(found, study, made["segments"])
        if step == "segments" and found is not None and not self.by_hand(step):
            return replace(found, customers=study.customers)
        return found

    def warn_of_loss(self, step: str) -> None:
        """Say that something that was put in by hand does not fit any more."""
        if self.by_hand(step):
            source = {"segments": "customers or settings", "scored": "feedback or a codebook"}.get(step, "data")
            warnings.warn(f"The {step} of the saved run were put in by hand for other {source}; they are made anew.",
                          stacklevel=4)  # fmt: skip

    def as_asked(self, path: str | Path | Study) -> StudyRun:
        """Return the whole run; its study lies where it was asked for."""
        assert self.run is not None
        if isinstance(path, Study) or not study_folder(path).is_dir():
            return self.run
        run, study = self.run, replace(self.run.study, folder=study_folder(path))
        moved = replace(run, study=study, journeys=_of_study(run.journeys, study, run.segments))
        moved.__dict__["version"] = run.version
        return moved


def find_kept(asked: Origin, path: str | Path | Study) -> Kept:
    """Return what stands in a folder for runs, if anything.

    Raises
    ------
    ShareError
        When the run there is of another study, or other things stand there.
    RunError
        When a newer cjmlab saved it.
    """
    folder = asked.folder
    if folder is None:
        return Kept()
    check_free(folder)  # before minutes are spent
    try:
        manifest = read_manifest(folder)
        run = open_run(folder)
    except RunError as error:
        if "newer" in error.what:
            raise
        if "there is no" not in error.what:
            warnings.warn(f"The saved run is not used: {error}", stacklevel=3)
        return Kept()
    same_program = manifest.program == fingerprint_program()
    if not isinstance(path, Study) and not study_folder(path).is_dir():
        warnings.warn(f"{path} is not there; the run that was saved in {folder} is opened.", stacklevel=3)
        return Kept(run, same_program, stands=True)
    _check_same_study(manifest, path, folder)
    settings = {"n_segments": asked.n_segments, "random_state": asked.random_state}
    stands = same_program and manifest.settings == settings and _same_files(manifest, path)
    return Kept(run, same_program, stands)


def _same_files(manifest: Manifest, path: str | Path | Study) -> bool:
    """Whether the study's files are those that the run was made of; with a secret key beside them nobody can say."""
    if isinstance(path, Study) or not manifest.files:
        return False
    from cjmlab.study.settings import read_toml

    folder = study_folder(path)
    if fingerprint_files(folder) != manifest.files:
        return False
    return not read_toml(folder)[1].get("privacy", {}).get("pseudonyms")


def _check_same_study(manifest: Manifest, path: str | Path | Study, folder: Path) -> None:
    if isinstance(path, Study):
        same = str(path.folder.resolve()) == manifest.study_folder or dict(path.charter.title.texts) == manifest.title
    else:
        same = (
            str(study_folder(path).resolve()) == manifest.study_folder
            or study_folder(path).resolve().name == Path(manifest.study_folder).name
        )
    if not same:
        title = next(iter(manifest.title.values()), "")
        what = f"the folder holds a run of another study ({title!r}, {manifest.study_folder})"
        raise ShareError(what, where=str(folder), remedy="Give each study a folder of its own.")


def _of_study(journeys: pd.DataFrame, study: Study, segments: Any) -> Table:
    return Table.of(journeys, replace(context_of(journeys), study=study, segments=segments))
