"""What leaves the house: one offline page, whole files, nothing that calls anybody."""

from typing import Any

from cjmlab.share.export import export
from cjmlab.share.page import share_page
from cjmlab.share.plain_table import read_exported
from cjmlab.share.whole_file import ShareError, whole_file, write_whole

__all__ = ["OfflinePage", "ShareError", "export", "read_exported", "render", "share_page", "whole_file", "write_whole"]


def __getattr__(name: str) -> Any:
    """Load the notebook exporter only when it is used: nbconvert is slow to import."""
    if name in ("OfflinePage", "render"):
        from cjmlab.share import notebook

        return getattr(notebook, name)
    raise AttributeError(name)
