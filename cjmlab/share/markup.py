"""Markup: what a notebook shows as HTML, cleaned so that a shared page runs nothing of it."""

from __future__ import annotations

_TAGS = frozenset(
    "p br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em strong b i u s sub sup small span div q "
    "table thead tbody tfoot tr th td caption colgroup col details summary abbr kbd mark".split()
)
_ATTRIBUTES = {
    "*": ["title", "lang", "dir"],
    "th": ["scope", "colspan", "rowspan", "align"],
    "td": ["colspan", "rowspan", "align"],
    "ol": ["start"],
    "a": ["href"],
}


def clean_markup(text: str, *, links: bool = False) -> str:
    """Return HTML with only harmless tags: no scripts, styles, pictures, forms, handlers or addresses.

    Parameters
    ----------
    text : str
        HTML as a library or a person made it.
    links : bool
        Keep ``<a href>`` to http, https and to places in the page, for text that an author wrote.

    Examples
    --------
    >>> clean_markup('<b onclick="x()">Hi</b><script>alert(1)</script><img src="http://a.b/c">')
    '<b>Hi</b>'
    """
    from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]

    tags = _TAGS | {"a"} if links else _TAGS
    cleaner = Cleaner(tags=tags, attributes=_ATTRIBUTES, protocols=["http", "https"], strip=True, strip_comments=True)
    return str(cleaner.clean(_without_content(text)))


def _without_content(text: str) -> str:
    """Drop elements whose text is not meant to be read."""
    import re

    return re.sub(r"<(script|style|template|noscript|iframe|object)\b.*?(</\1\s*>|\Z)", "", text, flags=re.S | re.I)


def markdown_markup(text: str) -> str:
    """Return Markdown as clean HTML."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return clean_markup(markdown2html_mistune(text).replace("&#182;", ""), links=True)
