"""What the pointer finds: n, interval, grade and quote of a point, a card or a bubble, all escaped."""

from __future__ import annotations

from cjmlab.maps.fitting import fit_text
from cjmlab.maps.sayings import write_quote
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.view import MapView, MomentCell, Said, TouchpointCell


def hover_row(
    view: MapView, kind: str, touchpoint: str, stage: str, lines: list[str], quote: Said | None, *, title: str = ""
) -> list[str]:
    """Return what a point carries: touchpoint, hover text, words of customers, kind, stage, segment; all escaped.

    The words are the quote and, before it, a title that holds some (``title``).
    """
    text = "<br>".join(line for line in lines if line)
    said = f"<br><b>{_wrapped(title)}</b>" if title else ""
    said += f"<br><i>{_wrapped(write_quote(view.words, quote))}</i>" if quote else ""
    ends = [plotly_text(part) for part in (kind, stage, view.head.segment)]
    return [plotly_text(touchpoint), text, said, *ends]


def describe_point(view: MapView, cell: TouchpointCell) -> list[str]:
    """Return the hover lines of a touchpoint: label, experience, interval, n, grade; escaped."""
    words = view.words
    lines = [f"<b>{plotly_text(cell.label)}</b>"]
    if cell.shown and cell.experience is not None:
        value = words.raw["colon"].join((words.say("experience"), words.signed(cell.experience)))
        interval = words.range(cell.low, cell.high)
        lines.append(plotly_text(f"{value} ({words.say('interval')} {interval})" if interval else value))
        lines.append(plotly_text(f"{words.count('answers', cell.n)} · {words.count('customers', cell.customers)}"))
    else:
        lines.append(plotly_text(words.say("withheld", n=view.smallest)))
    if cell.shown and cell.sources:
        counts = [f"{words.named('sources', kind)} {words.number(n)}" for kind, n in cell.sources]
        lines.append(plotly_text(" · ".join(counts)))
    if cell.shown and cell.polarised:
        lines.append(plotly_text(words.say("divided")))
    if cell.evidence:
        lines.append(plotly_text(words.say("evidence", grade=words.named("grades", cell.evidence))))
    return lines


def describe_moment(view: MapView, moment: MomentCell) -> list[str]:
    """Return the hover lines of a card: title without words of customers, kind, share, gain, n, reason; escaped."""
    words = view.words
    lines = [
        f"<b>{plotly_text(moment.plain_title)}</b>",
        plotly_text(words.say("said_complaint" if moment.kind == "complaint" else moment.kind)),
    ]
    if moment.kind in ("pain", "complaint") and moment.share is not None:
        lines.append(plotly_text(words.say("share_negative", share=words.percent(moment.share))))
    if moment.gain is not None:
        span = words.range(moment.gain_low, moment.gain_high)
        lines.append(plotly_text(words.signed(moment.gain) + (f" ({words.say('interval')} {span})" if span else "")))
    if moment.n:
        lines.append(plotly_text(words.count("answers", moment.n)))
    if moment.reason and moment.reason_language in ("", words.language):
        lines += [plotly_text(line) for line in fit_text(moment.reason, 330, size=12.5, lines=6).lines]
    return lines


def _wrapped(text: str) -> str:
    return "<br>".join(plotly_text(line) for line in fit_text(text, 320, size=12.5, lines=6).lines)
