"""The whole walk on one page: from a study folder to journeys and what matters in them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cjmlab.errors import TableError
from cjmlab.flow.fingerprints import fingerprint, fingerprint_files, study_folder
from cjmlab.flow.kept import Kept, find_kept
from cjmlab.flow.run import STEPS, Origin, StudyRun
from cjmlab.study.charter import Study

if TYPE_CHECKING:
    import pandas as pd

    from cjmlab.segments import Segmentation

_SAID = {
    "study": "reading the study", "segments": "finding segments", "scored": "coding and scoring feedback",
    "journeys": "deriving journeys", "moments": "ranking what matters",
}  # fmt: skip


def run_study(
    path: str | Path | Study,
    *,
    n_segments: int | str = "auto",
    random_state: int = 0,
    progress: bool = False,
    keep: str | Path | None = None,
) -> StudyRun:
    """Run the whole line on a study: load, segment, code, score, derive, rank.

    Parameters
    ----------
    path : str, Path or Study
        The folder of a study, its ``study.toml``, or a study already loaded.
    n_segments : int or "auto"
        Number of segments; "auto" lets the data say, one included.
    random_state : int
        Seed of everything that is drawn.
    progress : bool
        Show a progress bar on standard error.
    keep : str or Path, optional
        The folder of a saved run. What stands there is opened when files, settings and program are the same; else
        only the steps are taken again into which something new goes (an answer that changed, a keyword of the
        codebook), and the run is saved there. The run says which steps were kept. Segments and scores that were put in
        by hand (``StudyRun.revise``) stay for as long as the customers, or the feedback, stay the same. When the
        study's folder is not there, the saved run is opened, with a warning.

    Returns
    -------
    StudyRun

    Raises
    ------
    CjmError
        When the study cannot be read: one sentence with the place and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from cjmlab.study import propose_study
    >>> folder = Path(tempfile.mkdtemp()) / "cafe"
    >>> folder.mkdir()
    >>> pd.DataFrame({"guest": ["a", "b"], "delivery (1-5)": [5, 2]}).to_csv(folder / "poll.csv", index=False)
    >>> _ = (folder / "study.toml").write_text(propose_study([folder / "poll.csv"]), encoding="utf-8")
    >>> run = run_study(folder, keep=folder.parent / "run")
    >>> run.journeys[["touchpoint", "n", "experience"]].values.tolist()
    [['delivery', 2, 0.25]]
    >>> run_study(folder, keep=folder.parent / "run").origin.kept
    ('study', 'segments', 'scored', 'journeys', 'moments')
    """
    asked = Origin(n_segments, random_state, folder=None if keep is None else Path(keep))
    with _steps(len(STEPS), progress) as step:
        step(_SAID["study"])
        kept = find_kept(asked, path)
        if kept.stands:
            return kept.as_asked(path)
        study, files = _read(path)
        run = _walk(study, {}, replace(asked, files=files), kept, step)
        if keep is not None:
            run.save(keep)
        return run


def derive_rest(run: StudyRun) -> StudyRun:
    """Return a run with the journeys and moments that follow from its segments and scores."""
    return _walk(run.study, {"segments": run.segments, "scored": run.scored}, run.origin, Kept(), lambda said: None)


def _read(path: str | Path | Study) -> tuple[Study, dict[str, str]]:
    """Return a study, and the fingerprints of its files as they were before they were read."""
    from cjmlab.study import load_study

    if isinstance(path, Study):
        return path, {}
    folder = study_folder(path)
    files = fingerprint_files(folder) if folder.is_dir() else {}
    return load_study(path), files


def _walk(study: Study, given: dict[str, Any], origin: Origin, kept: Kept, say: Callable[[str], Any]) -> StudyRun:
    """Take each step after the study, from what was given, from a saved run, or anew."""
    made, keys, taken, by_hand = dict(given), dict(origin.keys), [], list(origin.by_hand)
    for step in STEPS[1:]:
        if step in given:
            continue
        say(_SAID[step])
        keys[step] = _key(step, study, origin, {name: _identity(name, made, keys, by_hand) for name in made})
        if kept.offers(step, keys[step]):
            made[step] = kept.take(step, study, made)
            taken.append(step)
            by_hand += [step] if kept.by_hand(step) else []
        else:
            kept.warn_of_loss(step)
            made[step] = _MAKERS[step](study, made, origin)
    origin = replace(origin, keys=keys, kept=tuple(taken), by_hand=tuple(by_hand))
    return StudyRun(study, **made, origin=origin)


def _key(step: str, study: Study, origin: Origin, before: dict[str, str]) -> str:
    """Return the fingerprint of all that goes into a step."""
    if step == "segments":
        return fingerprint(study.customers, origin.n_segments, origin.random_state)
    if step == "scored":
        return fingerprint(study.feedback, study.codebook, study.human_codes)
    if step == "journeys":
        return fingerprint(study.charter, study.stage_model, study.touchpoints, study.events, before)
    return fingerprint(study.outcomes, before["journeys"])


def _identity(step: str, made: dict[str, Any], keys: dict[str, str], by_hand: list[str]) -> str:
    """Return what says which result of a step it is: what went into it, or what it holds when it was put in by hand."""
    return fingerprint(made[step]) if step in by_hand or step not in keys else keys[step]


def _segment(study: Study, made: dict[str, Any], origin: Origin) -> Segmentation | None:
    from cjmlab.segments import segment_customers

    described = [column for column in study.customers.columns if column != "customer_id"]
    if not len(study.customers) or not described:
        return None
    try:
        return segment_customers(study.customers, n_segments=origin.n_segments, random_state=origin.random_state)
    except TableError as error:
        if origin.n_segments != "auto":
            raise
        warnings.warn(f"No segments: {error} The map shows all customers together.", stacklevel=4)
        return None


def _score(study: Study, made: dict[str, Any], origin: Origin) -> pd.DataFrame:
    from cjmlab.feedback import code_feedback, score_feedback

    return study.feedback.pipe(code_feedback, study.codebook, human=study.human_codes).pipe(score_feedback)


def _derive(study: Study, made: dict[str, Any], origin: Origin) -> pd.DataFrame:
    from cjmlab.journeys import derive_journeys

    return derive_journeys(made["scored"], made["segments"], study)


def _rank(study: Study, made: dict[str, Any], origin: Origin) -> pd.DataFrame:
    from cjmlab.moments import rank_moments

    return rank_moments(made["journeys"], study.outcomes)


_MAKERS: dict[str, Callable[[Study, dict[str, Any], Origin], Any]] = {
    "segments": _segment, "scored": _score, "journeys": _derive, "moments": _rank,
}  # fmt: skip


@contextmanager
def _steps(total: int, shown: bool) -> Iterator[Callable[[str], Any]]:
    from tqdm import tqdm

    with tqdm(
        total=total, disable=not shown, bar_format="{desc:<32} {bar} {n}/{total} · {elapsed}", leave=False
    ) as bar:
        started = False

        def step(name: str) -> None:
            nonlocal started
            if started:
                bar.update()
            started = True
            bar.set_description_str(name)

        yield step
        bar.update()
