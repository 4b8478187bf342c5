"""What the line recovers of planted worlds: reached against bar, printed as a table.

``python benchmarks/planted.py`` prints the whole table; ``--only curves,truth`` parts of it; ``--worlds 6`` a small one.
With ``--record planted.jsonl`` every world's numbers are written as they come: a run that was stopped (``--minutes 10``)
goes on where it was. Every claim is measured on worlds whose truth is known (``benchmarks/planted_pieces.py``).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import planted_pieces as pieces

Row = tuple[str, float, str, bool]
Found = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One kind of world: how it is measured, with which settings, how many seeds a ``--worlds``, and its claims."""

    piece: Callable[..., Found]
    claims: Callable[[list[Found]], Iterator[Row]]
    settings: Found
    times: float = 1.0


def joined(found: list[Found], name: str) -> list[Any]:
    """Return the values of all worlds, lists laid end to end."""
    return [value for one in found for value in (one[name] if isinstance(one[name], list) else [one[name]])]


def mean(found: list[Found], name: str) -> float:
    """Return the mean of a value over all worlds."""
    return float(np.mean(joined(found, name)))


def at_most(what: str, value: float, bar: float) -> Row:
    """Set a value against a bar that it must not pass."""
    return what, value, f"≤ {bar:g}", value <= bar + 1e-9


def at_least(what: str, value: float, bar: float) -> Row:
    """Set a value against a bar that it must reach."""
    return what, value, f"≥ {bar:g}", value >= bar - 1e-9


def covers(what: str, found: list[Found], low: float, high: float = 1.0) -> Row:
    """Set a coverage against its bar, with the tolerance of two hundred cells, .02."""
    cells = joined(found, "covered")
    value = float(np.mean(cells))
    bar = f"{low:g}–{high:g}" if high < 1 else f"≥ {low:g}"
    return f"{what} ({len(cells)} cells)", value, f"{bar} ± .02", low - 0.02 <= value <= high + 0.02


def curves(customers: int, most: float) -> Callable[[list[Found]], Iterator[Row]]:
    """Claims on curves of planted segments."""

    def claims(found: list[Found]) -> Iterator[Row]:
        yield at_most(f"curve RMSE (1–5), n = {customers}", mean(found, "rmse"), most)
        yield at_least(f"curve r, n = {customers}", mean(found, "r"), 0.97)
        yield at_least(f"planted worst touchpoint is the first pain, n = {customers}", mean(found, "first"), 0.95)
        yield covers(f"95 % coverage, planted segments, n = {customers}", found, 0.93, 0.97)

    return claims


def estimated(overlap: str, most: float, least: float) -> Callable[[list[Found]], Iterator[Row]]:
    """Claims on curves of estimated segments."""

    def claims(found: list[Found]) -> Iterator[Row]:
        yield at_least(f"segments found, ARI with k given, {overlap} overlap", mean(found, "ari"), least)
        yield at_most(f"curve RMSE (1–5), estimated segments, {overlap} overlap", mean(found, "rmse"), most)
        yield covers(f"95 % coverage, estimated segments, {overlap} overlap", found, 0.92)

    return claims


def number(segments: int, near: int, least: float) -> Callable[[list[Found]], Iterator[Row]]:
    """Claims on the number of segments."""

    def claims(found: list[Found]) -> Iterator[Row]:
        right = [abs(one["k"] - segments) <= near for one in found]
        yield at_least(f"{segments} segments found{' ± 1' * near}, n = 400", float(np.mean(right)), least)

    return claims


def precise(what: str, precision: float, recall: float) -> Callable[[list[Found]], Iterator[Row]]:
    """Claims on precision and recall of flags, pooled over worlds: how many of all flags that a reader meets are true.

    This is stricter than a mean of each world's share, in which a world without a flag counts as all right.
    """

    def claims(found: list[Found]) -> Iterator[Row]:
        hits, flags, planted = (sum(joined(found, name)) for name in ("hits", "flags", "planted"))
        yield at_least(f"{what}, precision", hits / max(flags, 1), precision)
        yield at_least(f"{what}, recall", hits / max(planted, 1), recall)

    return claims


def _equal(found: list[Found]) -> Iterator[Row]:
    yield at_most("any moment of truth where all drivers are equal", mean(found, "any"), 0.15)


def _opportunities(found: list[Found]) -> Iterator[Row]:
    yield at_least("opportunities, top-3 hit, n = 800", mean(found, "hit"), 0.80)


def _unchanged(found: list[Found]) -> Iterator[Row]:
    yield at_most(
        "any change where nothing changed but the mix", float(np.mean([one["flags"] > 0 for one in found])), 0.08
    )
    yield at_most("the same for all customers together", float(np.mean([one["all"] > 0 for one in found])), 0.08)


def _order(found: list[Found]) -> Iterator[Row]:
    yield at_least("order of stages, Kendall's tau, 12 interviews", mean(found, "tau"), 0.93)


def _interviews(found: list[Found]) -> Iterator[Row]:
    yield at_least("the same from 12 transcripts, read and coded", mean(found, "tau"), 0.93)


def _shares(found: list[Found]) -> Iterator[Row]:
    yield at_most(f"code shares, RMSE in points (naive {mean(found, 'naive'):.1f})", mean(found, "rmse"), 2.5)
    yield covers("code shares, coverage", found, 0.93, 0.98)


def _types(found: list[Found]) -> Iterator[Row]:
    yield at_least("journey types, ARI ÷ oracle", mean(found, "ratio"), 0.80)
    yield at_least("one journey type where there is one", mean(found, "one"), 0.95)


def _whatif(found: list[Found]) -> Iterator[Row]:
    yield covers("what-if, coverage without halo", found, 0.92, 0.98)
    bias = float(np.abs(np.mean([one["errors"] for one in found], axis=0)).max())
    yield at_most("panel effects under a halo, largest bias", bias, 0.02)


PARTS = {
    "curves": Part(pieces.curves, curves(2000, 0.07), {"customers": 2000}),
    "curves600": Part(pieces.curves, curves(600, 0.12), {"customers": 600}),
    "low": Part(pieces.estimated, estimated("low", 0.07, 0.95), {"overlap": "low"}, 0.5),
    "mid": Part(pieces.estimated, estimated("mid", 0.08, 0.90), {"overlap": "mid"}, 0.5),
    "high": Part(pieces.estimated, estimated("high", 0.10, 0.65), {"overlap": "high"}, 0.5),
    "noise": Part(pieces.number, number(1, 0, 0.95), {"segments": 1}, 0.5),
    "three": Part(pieces.number, number(3, 0, 0.95), {"segments": 3}, 0.5),
    "five": Part(pieces.number, number(5, 1, 0.90), {"segments": 5}, 0.5),
    "truth": Part(pieces.truth, precise("moments of truth, n = 2000", 0.95, 0.90), {"customers": 2000}),
    "truth600": Part(pieces.truth, precise("moments of truth, n = 600", 0.90, 0.55), {"customers": 600}),
    "equal": Part(pieces.equal, _equal, {}, 4),
    "opportunities": Part(pieces.opportunities, _opportunities, {}, 2),
    "changes": Part(pieces.changes, precise("changes between waves, n = 2000", 0.95, 0.90), {"customers": 2000}, 8),
    "changes600": Part(pieces.changes, precise("changes between waves, n = 600", 0.95, 0.90), {"customers": 600}, 4),
    "unchanged": Part(pieces.changes, _unchanged, {"customers": 600, "planted": 0}, 4),
    "order": Part(pieces.order, _order, {}, 20),
    "interviews": Part(pieces.interviews, _interviews, {}, 5),
    "shares": Part(pieces.shares, _shares, {}, 4),
    "types": Part(pieces.types, _types, {}),
    "whatif": Part(pieces.whatif, _whatif, {}, 16),
}


def measure(name: str, worlds: int, record: Path | None = None, until: float = np.inf) -> list[Found]:
    """Measure the worlds of a part, those on record as they stand there, until a time (seconds since the epoch)."""
    part, known = PARTS[name], {}
    if record is not None and record.exists():
        for line in record.read_text("utf-8").splitlines():
            each = json.loads(line)
            if each["part"] == name:
                known[each["seed"]] = each["found"]
    for seed in range(max(2, int(worlds * part.times))):
        if seed in known or time.time() > until:
            continue
        known[seed] = part.piece(seed, **part.settings)
        if record is not None:
            with record.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"part": name, "seed": seed, "found": known[seed]}) + "\n")
    return [known[seed] for seed in sorted(known)]


def table_of_bars(
    worlds: int, only: list[str] | None = None, record: Path | None = None, until: float = np.inf
) -> pd.DataFrame:
    """Return reached against bar for the chosen parts."""
    rows = []
    for name in only or list(PARTS):
        found = measure(name, worlds, record, until)
        rows += [(name, len(found), *row) for row in PARTS[name].claims(found)] if found else []
    return pd.DataFrame(rows, columns=["part", "worlds", "claim", "reached", "bar", "holds"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=12, help="worlds a claim (segments × touchpoints give the cells)")
    parser.add_argument("--only", default="", help="parts, joined by commas")
    parser.add_argument("--record", type=Path, help="file of results to go on with")
    parser.add_argument("--minutes", type=float, default=np.inf, help="begin no new world after so long")
    options = parser.parse_args()
    chosen = [part for part in options.only.split(",") if part] or None
    found = table_of_bars(options.worlds, chosen, options.record, time.time() + 60 * options.minutes)
    print(found.drop(columns="part").to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    print(f"{int(found['holds'].sum())} of {len(found)} bars hold.")


if __name__ == "__main__":
    main()
