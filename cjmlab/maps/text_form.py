"""A map as text: Markdown that a person can read and git can compare line by line."""

from __future__ import annotations

import pandas as pd

from cjmlab.maps.reading import read_view
from cjmlab.maps.sayings import write_quote
from cjmlab.maps.view import MapView, MomentCell, StageCell, TouchpointCell
from cjmlab.maps.wordings import Wordings

_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]<>|#"})


def map_text(
    journeys: pd.DataFrame, moments: pd.DataFrame | None = None, *, segment: str | None = None, language: str = "en",
    quotes: bool = True,
) -> str:  # fmt: skip
    """Write the map of one segment as Markdown: the same numbers, one fact a line.

    Parameters
    ----------
    journeys, moments : DataFrame
        As for ``journey_map``.
    segment : str, optional
        Name in any language; the largest when None.
    language : str
        Language of everything but the verbatims.
    quotes : bool
        Whether verbatims are written.

    Returns
    -------
    str
        Markdown that ends with a line break. Two runs on the same data give the same text.

    Raises
    ------
    CjmError
        As for ``journey_map``.

    Examples
    --------
    >>> journeys = pd.DataFrame({"segment": ["A"], "stage": ["buy"], "touchpoint": ["checkout"], "position": [0],
    ...     "n": [40], "customers": [38], "experience": [-0.42], "low": [-0.5], "high": [-0.3], "evidence": ["assumption"]})
    >>> print(map_text(journeys))
    # A
    <BLANKLINE>
    ## Buy: −0.42
    <BLANKLINE>
    - Checkout: −0.42 (−0.50 to −0.30), n=40, evidence: assumption
    <BLANKLINE>
    """
    view = read_view(journeys, moments, segment=segment, language=language, quotes=quotes)
    parts = [_head(view)]
    parts += [_stage(view, stage) for stage in view.stages]
    return "\n".join(parts) + "\n"


def _head(view: MapView) -> str:
    words, head = view.words, view.head
    lines = [f"# {safe(head.label)}", ""]
    if head.customers is not None:
        share = f" · {words.percent(head.share)}" if head.share is not None else ""
        lines.append(f"- {words.count('customers', head.customers)}{share}")
    if head.goal:
        lines.append(f"- {words.say('goal')}{words.raw['colon']}{safe(head.goal)}")
    lines += [f"- {safe(label)}{words.raw['colon']}{safe(value)}" for label, value in head.traits]
    return "\n".join([*lines, ""]) if len(lines) > 2 else "\n".join(lines)


def _stage(view: MapView, stage: StageCell) -> str:
    words = view.words
    colon = words.raw["colon"]
    value = f"{colon}{words.signed(stage.experience)}" if stage.experience is not None else ""
    lines = [f"## {safe(stage.label)}{value}", ""]
    if stage.customers:
        lines.append(f"- {words.say('customers_left')}{colon}{words.number(stage.customers)}")
    if stage.drop_off is not None:
        lines.append(f"- {words.say('drop_off')}{colon}{words.percent(stage.drop_off)}")
    lines += [_point(view, point) for point in stage.touchpoints]
    for kind, moment in (
        (stage.pain.kind if stage.pain else "", stage.pain),
        ("opportunity", stage.opportunity),
        *(("moment_of_truth", t) for t in stage.truths),
    ):
        if moment is not None:
            lines.append(_moment(words, kind, moment))
    for lane, told in sorted(stage.told.items()):
        lines.append(f"- {words.say(lane)}{colon}{safe(write_quote(words, told.said))} (n={words.number(told.n)})")
    return "\n".join([*lines, ""])


def _point(view: MapView, point: TouchpointCell) -> str:
    words = view.words
    colon = words.raw["colon"]
    if not point.shown or point.experience is None:
        return f"- {safe(point.label)}{colon}{words.say('withheld', n=view.smallest)}"
    span = words.range(point.low, point.high)
    facts = [words.signed(point.experience) + (f" ({span})" if span else ""), words.say("n", n=words.number(point.n))]
    if point.expected is not None and point.lived is not None:
        facts.append(f"{words.say('gap')} {words.signed(point.lived - point.expected)}")
    if point.evidence:
        facts.append(words.say("evidence", grade=words.named("grades", point.evidence)))
    return f"- {safe(point.label)}{colon}{', '.join(facts)}"


def _moment(words: Wordings, kind: str, moment: MomentCell) -> str:
    facts = [safe(moment.title)]
    if moment.n:
        facts.append(words.say("n", n=words.number(moment.n)))
    if moment.gain is not None:
        facts.append(f"{words.signed(moment.gain)} ({words.range(moment.gain_low, moment.gain_high)})")
    if moment.quote is not None:
        facts.append(safe(write_quote(words, moment.quote)))
    return f"- **{words.say('said_complaint' if kind == 'complaint' else kind)}**{words.raw['colon']}{', '.join(facts)}"


def safe(text: str) -> str:
    r"""Return text that Markdown shows as it was written, on one line.

    Examples
    --------
    >>> print(safe("<b>2 * 3</b>"))
    \<b\>2 \* 3\</b\>
    """
    return " ".join(str(text).split()).translate(_MARKS)
