"""The drawing library: plotly.js from the installed plotly package, compressed once."""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources


@cache
def compressed_plotly() -> bytes:
    """Return plotly.js as gzip bytes (about 1.5 MB); the same package version gives the same bytes."""
    source = (resources.files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    return gzip.compress(source, compresslevel=9, mtime=0)
