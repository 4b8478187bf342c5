"""What changed between two waves: both curves, and the change of every touchpoint with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.journeys import derive_journeys
from cjmlab.maps.canvas import Box, Canvas, polyline
from cjmlab.maps.colour import BAD, EDGE, FAINT, GOOD, MUTED, mix
from cjmlab.maps.curves import smooth_path
from cjmlab.maps.emotion_chart import EmotionChart
from cjmlab.maps.fitting import fit_line
from cjmlab.maps.geometry import MARGIN, Columns, lay_columns
from cjmlab.maps.hover import hover_row
from cjmlab.maps.lanes import StagesLane, TouchpointsLane
from cjmlab.maps.lanes.base import draw_name
from cjmlab.maps.lanes.touchpoints import stage_need, touchpoint_need
from cjmlab.maps.metrics import text_width
from cjmlab.maps.reading import find_segment, number, read_view
from cjmlab.maps.source import Source, open_source, records
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.titles import draw_title, start_canvas
from cjmlab.maps.twin import pack
from cjmlab.maps.view import MapView, TouchpointCell
from cjmlab.moments import compare_waves

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CHART, _BARS = 250.0, 130.0
_COLUMNS = ("segment", "stage", "touchpoint", "label", "before", "after", "n_before", "n_after", "experience_before",
            "experience_after", "change", "low", "high", "q", "both", "clear")  # fmt: skip


@dataclass(frozen=True)
class Change:
    """The change at one touchpoint, None where a wave has too few people; ``q`` is Benjamini–Hochberg.

    ``both`` is how many customers were heard in both waves, ``verdict`` what ``compare_waves`` says of it.
    """

    before: TouchpointCell
    after: TouchpointCell
    value: float | None = None
    low: float | None = None
    high: float | None = None
    q: float | None = None
    both: int = 0
    verdict: str = "too few"

    @property
    def clear(self) -> bool:
        """Whether it holds."""
        return self.verdict in ("better", "worse")


def wave_map(
    journeys: pd.DataFrame, *, waves: tuple[str, str] | None = None, segment: str | None = None, language: str = "en",
    width: int = 1680,
) -> go.Figure:  # fmt: skip
    """Draw what changed for one segment between two waves.

    The curves are derived from the rows of each wave, without pooling. The changes are those of ``compare_waves``: who
    answered in both waves enters as a pair, for all customers together the mix of segments is held, and an arrow and
    full colour mark only the changes that hold after Benjamini and Hochberg (1995).

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows that name their wave.
    waves : tuple of str, optional
        The earlier and the later wave; the last two in the order of their names when None.
    segment : str, optional
        Name in any language; the largest segment when None.
    language : str
        Language of the labels.
    width : int
        Pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        ``map_table`` gives one row a touchpoint.

    Raises
    ------
    CjmError
        When there are not two waves, or a wave, segment or language is not known.

    Examples
    --------
    >>> wave_map(pd.DataFrame({"segment": ["A"], "stage": ["buy"], "touchpoint": ["checkout"], "position": [0],
    ...     "n": [9], "customers": [9], "experience": [0.1], "low": [0.0], "high": [0.2], "evidence": ["assumption"]}))
    Traceback (most recent call last):
    ...
    cjmlab.errors.TableError: table 'journeys': there are 0 waves to compare. Say the wave of every survey in study.toml.
    """
    import plotly.graph_objects as go

    return go.Figure(wave_spec(journeys, waves=waves, segment=segment, language=language, width=width))


def wave_spec(
    journeys: pd.DataFrame, *, waves: tuple[str, str] | None = None, segment: str | None = None, language: str = "en",
    width: int = 1680,
) -> dict[str, Any]:  # fmt: skip
    """Return what ``wave_map`` draws as plain data, unvalidated."""
    source = open_source(journeys, language=language)
    pair = _pick(source.table("scored"), waves)
    name = find_segment(source, segment)
    views = [read_wave(source, wave, name) for wave in pair]
    found = source.once(("changes", pair), lambda: compare_waves(journeys, *pair))
    return draw_waves(views[0], views[1], pair, found, width=width)[1]


def _pick(scored: pd.DataFrame, waves: tuple[str, str] | None) -> tuple[str, str]:
    known = sorted(scored["wave"].dropna().astype(str).unique()) if "wave" in scored else []
    if len(known) < 2:
        raise TableError(f"there {'is' if len(known) == 1 else 'are'} {len(known)} wave{'s' * (len(known) != 1)} to compare",
                         where="table 'journeys'", remedy="Say the wave of every survey in study.toml.")  # fmt: skip
    if waves is None:
        return known[-2], known[-1]
    for wave in waves:
        if wave not in known:
            raise TableError(
                f"{wave!r} is not a wave", where="table 'journeys'", remedy=f"Known: {', '.join(map(repr, known))}."
            )
    return waves[0], waves[1]


def read_wave(source: Source, wave: str, segment: str) -> MapView:
    """Derive the journeys of one wave, once for all pictures, and read one segment of them."""

    def derive() -> pd.DataFrame:
        context = source.context
        rows = context.scored[context.scored["wave"].astype(str) == wave]
        segments = context.segments if context.segments is not None else None
        return derive_journeys(rows, segments, context.study, events=context.events.iloc[:0], pooling=False)

    return read_view(source.once(("wave", wave), derive), segment=segment, language=source.words.language, quotes=False)


def list_changes(before: MapView, after: MapView, found: pd.DataFrame | None) -> list[Change]:
    """Pair two views of one segment touchpoint by touchpoint with what ``compare_waves`` found.

    A touchpoint that either view withholds has no change; without ``found`` none has.
    """
    old = {point.id: point for point in before.touchpoints}
    rows = {} if found is None else {(str(row["segment"]), str(row["touchpoint"])): row for row in records(found)}
    changes = []
    for point in after.touchpoints:
        first = old.get(point.id, replace(point, n=0, customers=0, experience=None, low=None, high=None))
        row = rows.get((after.head.segment, point.id))
        value, low, high, q = (number(row[name]) if row else None for name in ("change", "low", "high", "q"))
        if row is None or value is None or not (first.shown and point.shown):
            changes.append(Change(first, point))
        else:
            changes.append(Change(first, point, value, low, high, q, int(row["both"]), str(row["verdict"])))
    return changes


def draw_waves(
    before: MapView, after: MapView, waves: tuple[str, str], found: pd.DataFrame | None, *, width: int
) -> tuple[Canvas, dict[str, Any]]:
    """Draw two waves and the changes found between them; return the canvas and the plain figure."""
    words = after.words
    canvas = start_canvas(width, words.language)
    y = draw_title(canvas, f"{words.say('title_waves')} · {after.head.label}", words.say("note_waves"))
    needs = [[touchpoint_need(after, point) for point in stage.touchpoints] for stage in after.stages]
    columns = lay_columns(needs, width=width, names=[stage_need(stage) for stage in after.stages])
    StagesLane().draw(canvas, after, columns, y)
    y += StagesLane().height(after, columns) + 10
    changes = list_changes(before, after, found)
    _draw_curves(canvas, before, after, waves, columns, y, changes)
    y += _CHART + 14
    _draw_changes(canvas, after, changes, columns, y)
    y += _BARS + 10
    lane = TouchpointsLane()
    lane.draw(canvas, after, columns, y)
    rows = [_row(after, waves, change) for change in changes]
    meta = {
        "kind": "wave_map",
        "segment": after.head.segment,
        "language": words.language,
        "table": pack(_COLUMNS, rows),
    }
    return canvas, canvas.spec(y + lane.height(after, columns) + 12, meta=meta)


def _row(view: MapView, waves: tuple[str, str], change: Change) -> list[Any]:
    first, last = change.before, change.after
    return [view.head.segment, last.stage, last.id, last.label, *waves, first.n if first.shown else None,
            last.n if last.shown else None, first.experience if first.shown else None,
            last.experience if last.shown else None, change.value, change.low, change.high, change.q, change.both,
            change.clear]  # fmt: skip


def _draw_curves(
    canvas: Canvas, before: MapView, after: MapView, waves: Sequence[str], columns: Columns, top: float,
    changes: Sequence[Change],
) -> None:  # fmt: skip
    box = Box(columns.left, top, columns.right - columns.left, _CHART)
    xs = [x for stage in columns.spots for x in stage]
    low, high = after.provenance.get("neutral") or (-0.1, 0.1)
    limit = max(before.limit, after.limit)
    last = EmotionChart(
        canvas, after, box, list(zip(xs, after.touchpoints, strict=True)), limit, (float(low), float(high))
    )
    old = {point.id: point for point in before.touchpoints}
    first = replace(last, view=before, spots=[(x, old[p.id]) for x, p in last.spots if p.id in old])
    last.draw_zones(MARGIN, size=11.5)
    for edge in columns.edges[1:-1]:
        canvas.line(edge, top, edge, top + _CHART, line=EDGE, stroke=1, dash="dot", name="separator")
    last.draw_interval()
    for run in first.runs():
        if len(run) > 1:
            canvas.path(
                smooth_path([(x, first.y(p.experience)) for x, p in run]),
                line=MUTED,
                stroke=2,
                dash="6px,4px",
                name="before",
            )
    last.draw_curve()
    last.draw_points(size=12)
    for (x, _), change in zip(last.spots, changes, strict=True):
        if change.clear:
            _draw_arrow(canvas, x + 11, first.y(change.before.experience), last.y(change.after.experience))
    x = box.left + 12
    for wave, colour, dash in ((waves[0], MUTED, "6px,4px"), (waves[1], after.colour, "solid")):
        canvas.line(x, top + 14, x + 28, top + 14, line=colour, stroke=2.5, dash=dash, name="wave line")
        name = fit_line(wave, 160, size=12, bold=True)
        canvas.text(x + 35, top + 14, name, middle=True, size=12, bold=True, colour=colour, role="wave")
        x += 60 + text_width(name, 12, bold=True)


def _draw_arrow(canvas: Canvas, x: float, start: float, end: float) -> None:
    """Draw an arrow beside a point from where it was to where it is, where that is far enough for one."""
    if abs(end - start) < 12:
        return
    colour, back = (GOOD, 8) if end < start else (BAD, -8)
    canvas.line(x, start, x, end + back, line=colour, stroke=2, name="change arrow")
    head = polyline([(x - 5, end + back), (x, end), (x + 5, end + back)]) + "Z"
    canvas.path(head, fill=colour, name="change arrow head")


def _draw_changes(canvas: Canvas, view: MapView, changes: Sequence[Change], columns: Columns, top: float) -> None:
    """Draw a bar from zero for every change, pale unless it stands out, and its interval."""
    words, middle = view.words, top + _BARS / 2
    canvas.rectangle(Box(MARGIN, top, columns.right - MARGIN + 2, _BARS), radius=6, fill="#F8F9FA", name="panel")
    canvas.line(columns.left, middle, columns.right, middle, line=FAINT, stroke=1, name="zero")
    draw_name(canvas, columns, top + 12, words.say("change"))
    reach = max([abs(end) for c in changes for end in (c.low, c.high) if end is not None] or [1.0])
    unit = (_BARS / 2 - 20) / reach
    xs, data = [], []
    for (x, _, slot, _), change in zip(columns.rooms(), changes, strict=True):
        if change.value is None or change.low is None or change.high is None:
            continue
        colour = GOOD if change.value > 0 else BAD
        fill = colour if change.clear else mix("#FFFFFF", colour, 0.35)
        end = middle - change.value * unit
        canvas.rectangle(
            Box(x - 9, min(middle, end), 18, max(1.0, abs(end - middle))), fill=fill, name=f"change {fill}"
        )
        canvas.line(
            x, middle - change.low * unit, x, middle - change.high * unit, line="#4E5965", stroke=1.3, name="interval"
        )
        said = words.signed(change.value)
        size = next((s for s in (11.5, 10.0, 9.0) if text_width(said, s, bold=change.clear) <= slot), 8.5)
        up = change.value > 0
        y = middle - (change.high if up else change.low) * unit + (-10 if up else 10)
        canvas.text(x, y, said, middle=True, size=size, bold=change.clear, colour=colour if change.clear else MUTED,
                    align="center", role="change")  # fmt: skip
        xs.append(x)
        lines = [f"<b>{plotly_text(change.after.label)}</b>",
                 plotly_text(f"{said} ({words.range(change.low, change.high)})"),
                 plotly_text(f"{words.say('n', n=words.number(change.before.n))} → {words.say('n', n=words.number(change.after.n))}")]  # fmt: skip
        data.append(hover_row(view, "change", change.after.id, change.after.stage, lines, None))
    canvas.points(xs, [middle] * len(xs), name="changes", size=24, opacity=0, data=data)
