"""Text safety: the one door through which words reach a picture."""

from __future__ import annotations

import html


def plotly_text(text: object) -> str:
    """Return text that Plotly shows as it was written: no markup, no link, no MathJax.

    Every user string that enters a slot of a figure (annotation, hover, name, customdata) passes here. Plotly itself
    would keep ``<a href>`` and styled ``<span>`` alive, and would load MathJax for ``$…$``.

    Parameters
    ----------
    text : object
        Anything; None and missing become an empty text.

    Returns
    -------
    str

    Examples
    --------
    >>> plotly_text('<a href="https://x">$1 & more</a>')
    '&lt;a href="https://x"&gt;&#36;1 &amp; more&lt;/a&gt;'
    """
    if text is None or text != text:
        return ""
    said = str(text)
    plain = said if said.isprintable() else "".join(c if c.isprintable() else " " for c in said)
    return html.escape(plain, quote=False).replace("$", "&#36;")
