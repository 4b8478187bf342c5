"""The doctor: what this machine has for drawing, sharing and running notebooks, and what to install where it lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pandas as pd

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "google-chrome-stable")
EXTRAS = {"kaleido": "PNG and PDF", "xlsxwriter": "XLSX", "python-pptx": "PPTX"}


def examine() -> pd.DataFrame:
    """Look at the machine: Python, browser, CJK fonts, the notebook kernel, the optional libraries.

    Returns
    -------
    DataFrame
        One row a check: ``check``, ``ok``, ``found``, ``needed_for``, ``remedy`` (empty where all is well).

    Examples
    --------
    >>> examine().columns.tolist()
    ['check', 'ok', 'found', 'needed_for', 'remedy']
    """
    rows = [
        (check, bool(found), found, needed, "" if found else remedy) for check, found, needed, remedy in _examinations()
    ]
    return pd.DataFrame(rows, columns=["check", "ok", "found", "needed_for", "remedy"])


def _examinations() -> Iterator[tuple[str, str, str, str]]:
    yield (
        "Python",
        ".".join(map(str, sys.version_info[:3])) if sys.version_info >= (3, 11) else "",
        "everything",
        "Install Python 3.11 or newer.",
    )
    yield (
        "browser",
        next((path for name in BROWSERS if (path := shutil.which(name))), ""),
        "PNG and PDF exports (the HTML page needs none)",
        "Install Chromium or Chrome; on Debian: apt install chromium.",
    )
    for script, language in (("Chinese", "zh"), ("Russian", "ru")):
        yield (
            f"font for {script}",
            _font(language),
            f"PNG and PDF exports with {script} text",
            "Install Noto fonts; on Debian: apt install fonts-noto-cjk fonts-noto-core.",
        )
    yield ("notebook kernel", _kernel(), "notebooks", "Say: python -m ipykernel install --user --name python3.")
    for name, purpose in EXTRAS.items():
        yield (name, _version(name), f"{purpose} exports", 'Say: pip install "cjmlab[export]".')


def _font(language: str) -> str:
    """Return a font that covers a language, as far as the machine can tell."""
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", f":lang={language}", "family"], capture_output=True, text=True, check=False)
        return min((line.split(",")[0] for line in listed.stdout.splitlines() if line.strip()), default="")
    return f"of {sys.platform}" if sys.platform in {"darwin", "win32"} else ""


def _kernel() -> str:
    from jupyter_client.kernelspec import KernelSpecManager

    return str(Path(KernelSpecManager().find_kernel_specs().get("python3", "")) or "").replace("\\", "/").strip(".")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
