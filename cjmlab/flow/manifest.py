"""The manifest of a saved run: ``run.json``, which says what the folder holds and what it was made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cjmlab.errors import CjmError
from cjmlab.share.whole_folder import found_folder

FORMAT, FORMAT_VERSION = "cjmlab saved run", 1
MANIFEST, OBJECTS, ARRAYS = "run.json", "objects.json", "arrays.npz"
_PART = re.compile(r"(run\.json|objects\.json|arrays\.npz|(more/)?[a-z0-9_-]+\.parquet)")
_AGAIN = "Run the study again and save it: cjm.run_study(study, keep=folder)."


class RunError(CjmError):
    """A saved run cannot be opened: it is not there, damaged, or of another version.

    Examples
    --------
    >>> from cjmlab.flow import open_run
    >>> open_run("nowhere")
    Traceback (most recent call last):
    ...
    cjmlab.flow.manifest.RunError: nowhere: there is no such folder. Save one: run.save(folder), or cjm.run_study(study, keep=folder).
    """


@dataclass(frozen=True)
class Manifest:
    """What ``run.json`` says.

    Parameters
    ----------
    program : mapping
        Versions of what computed the run, and the fingerprint of cjmlab's own files (``code``).
    title : mapping
        Language → title of the study.
    study_folder : str
        Where the study lay.
    version : str
        See ``StudyRun.version``.
    settings : mapping
        ``n_segments`` and ``random_state``.
    by_hand : tuple of str
        Steps that were put in by hand.
    keys, files, contents : mapping
        Fingerprints: of what went into each step, of the study's files, of the files of the run.
    """

    program: Mapping[str, str]
    title: Mapping[str, str]
    study_folder: str
    version: str
    settings: Mapping[str, Any]
    by_hand: tuple[str, ...]
    keys: Mapping[str, str]
    files: Mapping[str, str]
    contents: Mapping[str, str]

    def refuse(self, place: Path, error: Exception) -> RunError:
        """Return the refusal of a run whose files do not say what they should."""
        from cjmlab.flow.fingerprints import fingerprint_program

        if isinstance(error, ValueError | OSError) and "as it was saved" in str(error):
            return RunError(str(error), where=str(place), remedy=_AGAIN)
        if isinstance(error, FileNotFoundError):
            return RunError(f"{Path(str(error.filename)).name} is missing", where=str(place), remedy=_AGAIN)
        here = fingerprint_program()["cjmlab"]
        what = f"it was saved by cjmlab {self.program.get('cjmlab', '?')} in a form that cjmlab {here} cannot read"
        return RunError(what, where=str(place), remedy=_AGAIN)


def is_part(name: str) -> bool:
    """Whether a file of this name, relative to the folder, can be a part of a saved run."""
    return _PART.fullmatch(name) is not None


def read_manifest(folder: Path) -> Manifest:
    """Read ``run.json`` of a saved run.

    Raises
    ------
    RunError
        When there is none, it is damaged, or a newer cjmlab wrote it.
    """
    file = folder / MANIFEST
    if not found_folder(folder) or not file.is_file():
        what = "there is no saved run in the folder" if folder.is_dir() else "there is no such folder"
        raise RunError(
            what, where=str(folder), remedy="Save one: run.save(folder), or cjm.run_study(study, keep=folder)."
        )
    try:
        said = json.loads(file.read_bytes().decode("utf-8", "surrogatepass"))
        if said["format"] != FORMAT:
            raise ValueError("another format")
        newer = int(said["format_version"]) > FORMAT_VERSION
        manifest = Manifest(
            **{key: dict(said[key]) for key in ("program", "title", "settings", "keys", "files", "contents")},
            study_folder=str(said["study_folder"]), version=str(said["version"]), by_hand=tuple(said["by_hand"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError("run.json is damaged, or not that of a saved run", where=str(folder), remedy=_AGAIN) from error
    if newer:
        what = f"a newer cjmlab ({manifest.program.get('cjmlab', '?')}) saved this run"
        raise RunError(what, where=str(folder), remedy="Install that version, or give another folder.")
    return manifest
