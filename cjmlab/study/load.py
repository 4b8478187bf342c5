"""Loading a study: its ``study.toml``, and every file that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError, StudyError
from cjmlab.sources.events import EVENT_COLUMNS
from cjmlab.sources.privacy import mask_text
from cjmlab.sources.report import Finding, Problems, Reading, Report, findings_frame
from cjmlab.sources.survey import FEEDBACK_COLUMNS, OUTCOME_COLUMNS
from cjmlab.study.charter import ColumnRoles, Study
from cjmlab.study.human_codes import open_human_codes
from cjmlab.study.openers import name_of, open_customers, open_events, open_interviews, open_outcomes, open_survey
from cjmlab.study.settings import Settings, read_settings
from cjmlab.tables import ANONYMOUS, Table

__all__ = ["Gathered", "build_study", "gather_study", "list_findings", "load_study"]


@dataclass
class Gathered:
    """All that could be read of a study, and all that could not."""

    problems: Problems
    settings: Settings | None = None
    readings: list[tuple[str, Reading]] = field(default_factory=list)
    customers: Reading | None = None
    accounts: list[tuple[str, Reading]] = field(default_factory=list)
    roles: ColumnRoles = field(default_factory=ColumnRoles)
    findings: list[Finding] = field(default_factory=list)
    human_codes: Reading | None = None


def load_study(folder: str | Path) -> Study:
    """Load a study from its folder.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``study.toml``.

    Returns
    -------
    Study
        Tables that the study does not have are empty. Without a customer file, ``customers`` lists the ids that the
        other sources name. ``report`` says what a person should know of the files: rows that were not loaded,
        answers out of scale, ids that no customer has, non-answers, choices that were made.

    Raises
    ------
    StudyError, SourceError
        For the first thing that keeps the study from being what ``study.toml`` says. ``check_study`` lists all.

    Examples
    --------
    >>> import tempfile
    >>> from cjmlab.study.propose import propose_study
    >>> folder = Path(tempfile.mkdtemp())
    >>> pd.DataFrame({"client": ["a", "b"], "delivery (1-5)": [5, 2]}).to_csv(folder / "poll.csv", index=False)
    >>> _ = (folder / "study.toml").write_text(propose_study([folder / "poll.csv"]), encoding="utf-8")
    >>> load_study(folder).feedback[["customer_id", "touchpoint", "rating"]].values.tolist()
    [['a', 'delivery', 1.0], ['b', 'delivery', -0.5]]
    """
    gathered = gather_study(folder)
    errors = gathered.problems.errors
    if errors:
        first, more = errors[0], len(errors) - 1
        if not more:
            raise first
        remedy = f"{first.remedy or ''} {more} more problem{'s' if more > 1 else ''}: see `cjmlab check`.".strip()
        raise type(first)(first.what, where=first.where, example=first.example, remedy=remedy)
    return build_study(gathered)


def gather_study(folder: str | Path) -> Gathered:
    """Read all of a study that can be read, noting every problem."""
    gathered = Gathered(Problems())
    settings = gathered.settings = read_settings(folder, gathered.problems)
    if settings is None:
        return gathered
    if settings.customers is not None:
        with gathered.problems.caught():
            reading, gathered.roles = open_customers(settings, settings.customers)
            gathered.customers = _discreet(settings, reading)
            gathered.problems.errors.extend(_lost(reading))
    else:
        gathered.roles = ColumnRoles(language=settings.language)
    _check_names(settings, gathered.problems)
    openers = {
        "survey": open_survey,
        "interviews": open_interviews,
        "events": open_events,
        "outcomes": open_outcomes,
    }
    for kind, opener in openers.items():
        entries: Sequence[Mapping[str, Any]] = getattr(settings, kind)
        for entry in entries:
            with gathered.problems.caught():
                reading = _discreet(settings, opener(settings, entry, gathered.problems))
                gathered.readings.append((kind, reading))
                gathered.problems.errors.extend(_lost(reading))
                gathered.accounts.append((name_of(entry), reading))
    if settings.human_codes is not None:
        with gathered.problems.caught():
            gathered.human_codes = _discreet(
                settings, open_human_codes(settings, settings.human_codes, gathered.problems)
            )
            gathered.problems.errors.extend(_lost(gathered.human_codes))
    if not settings.faulty and settings.customers is None and not any(getattr(settings, kind) for kind in openers):
        remedy = "Add [customers], [[survey]], [[interviews]], [[events]] or [[outcomes]]."
        gathered.problems.errors.append(StudyError("the study names no files", where="study.toml", remedy=remedy))
    return gathered


def _discreet(settings: Settings, reading: Reading) -> Reading:
    """Take identifiers out of the account of a file where the study asks for privacy.

    With pseudonyms no raw word of a rejected row or an example stays, only its line.
    """
    if settings.privacy.rename:
        return reading.replace(
            report=reading.report.with_examples(
                lambda text: text.partition(",")[0][:12] if text.startswith("line ") else ""
            )
        )
    if settings.privacy.mask:
        return reading.replace(report=reading.report.with_examples(mask_text))
    return reading


def _lost(reading: Reading) -> list[SourceError]:
    """Return the findings of a file that leave nothing of it, as refusals."""
    worst = [found for found in reading.report.findings if found.level == "error"]
    return [SourceError(f.finding, where=f.where, example=f.example or None, remedy=f.remedy or None) for f in worst]


def _check_names(settings: Settings, problems: Problems) -> None:
    entries = [*settings.survey, *settings.interviews, *settings.events]
    names = [name_of(entry) for entry in entries]
    for name in sorted({name for name in names if names.count(name) > 1}):
        remedy = 'Give each a name of its own: name = "…".'
        problems.errors.append(StudyError(f"two sources are called {name!r}", where="study.toml", remedy=remedy))


def build_study(gathered: Gathered) -> Study:
    """Join what was read of a study that has no problems."""
    settings = gathered.settings
    if settings is None:  # pragma: no cover - a study without settings has problems and is refused before
        raise StudyError("the study cannot be read", where="study.toml")
    feedback = _stack([r.table for kind, r in gathered.readings if kind in {"survey", "interviews"}], FEEDBACK_COLUMNS)
    events = _stack([r.table for kind, r in gathered.readings if kind == "events"], EVENT_COLUMNS)
    outcomes = _stack(
        [
            r.table if kind == "outcomes" else r.outcomes
            for kind, r in gathered.readings
            if kind in {"outcomes", "survey"}
        ],
        OUTCOME_COLUMNS,
    )
    customers, findings = join_customers(gathered.customers, [feedback, events, outcomes])
    return Study(
        folder=settings.folder,
        charter=settings.charter,
        stage_model=settings.stage_model,
        touchpoints=settings.touchpoints,
        codebook=settings.codebook,
        customers=Table.of(customers, gathered.roles),
        feedback=feedback,
        events=events,
        outcomes=outcomes,
        report=Table.of(findings_frame([*list_findings(gathered), *findings]), _reports(gathered)),
        people=tuple(sorted({name for reading in _all_readings(gathered) for name in reading.people})),
        **({} if gathered.human_codes is None else {"human_codes": gathered.human_codes.table}),
    )


def _reports(gathered: Gathered) -> dict[str, Report]:
    """Return the account of each source by its name (``about`` of ``study.report``)."""
    reports = {name: reading.report for name, reading in gathered.accounts}
    for name, reading in (("customers", gathered.customers), ("human_codes", gathered.human_codes)):
        if reading is not None:
            reports[name] = reading.report
    return reports


def list_findings(gathered: Gathered) -> list[Finding]:
    """Return the findings of all files that were read."""
    return [finding for reading in _all_readings(gathered) for finding in reading.report.to_findings()]


def _all_readings(gathered: Gathered) -> list[Reading]:
    first = [] if gathered.customers is None else [gathered.customers]
    last = [] if gathered.human_codes is None else [gathered.human_codes]
    return [*first, *(reading for _, reading in gathered.readings), *last]


def join_customers(given: Reading | None, tables: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the customer table, and a finding for each source that names customers whom it does not have.

    Without a customer file the table lists the ids that the sources name, in alphabetical order.
    """
    if given is None:
        ids = sorted({str(i) for table in tables for i in table["customer_id"][_are_named(table)]})
        return pd.DataFrame({"customer_id": pd.Series(ids, dtype="str")}), []
    customers, findings = given.table, []
    known = set(customers["customer_id"])
    for table in tables:
        named = table.loc[_are_named(table), ["customer_id"]]
        sources = table.loc[named.index, "source"] if "source" in table else pd.Series("outcomes", index=named.index)
        strange = ~named["customer_id"].isin(known)
        for source in sorted(set(sources[strange])):
            ids = sorted(set(named.loc[strange & (sources == source), "customer_id"]))
            findings.append(
                Finding(
                    source,
                    f"{source}, customer ids",
                    f"{len(ids)} {'id is' if len(ids) == 1 else 'ids are'} not in the customer table; their rows belong to no segment",
                    int((strange & (sources == source)).sum()),
                    repr(ids[0]),
                    _near(ids, known),
                )
            )
    return customers, findings


def _are_named(table: pd.DataFrame) -> pd.Series:
    """Tell which rows name a customer."""
    ids = table["customer_id"]
    return ids.notna() & ~ids.astype("str").str.startswith(ANONYMOUS, na=False)


def _near(ids: Sequence[str], known: set[str]) -> str:
    """Return a remedy; it names ids that differ only in zeros in front or letter case."""
    alike = {identity.casefold().lstrip("0"): identity for identity in known}
    pairs = [(i, alike[i.casefold().lstrip("0")]) for i in ids if i.casefold().lstrip("0") in alike]
    if not pairs:
        return "Add them to the customer table, or correct the ids."
    widths = {len(identity) for identity in known}
    short = all(len(given) < len(meant) for given, meant in pairs)
    more = f" Write id_digits = {widths.pop()} in [study] to have the zeros back." if short and len(widths) == 1 else ""
    return (
        f"{len(pairs)} differ only in zeros in front or letter case, such as {pairs[0][0]!r} for {pairs[0][1]!r}.{more}"
    )


def _stack(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    full = [table for table in tables if len(table)]
    stacked = pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=list(columns))
    return _typed(stacked.reindex(columns=list(columns)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    floats, counts = {"rating", "rating_raw", "value", "money"}, {"line", "document_start", "document_end"}
    for column in table.columns:
        if column == "time":
            table[column] = pd.to_datetime(table[column], utc=True)
        elif column in floats:
            table[column] = table[column].astype("float64")
        else:
            table[column] = table[column].astype("Int64" if column in counts else "str")
    return table
