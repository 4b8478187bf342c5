"""The explorer in JupyterLab, end to end: run all, change filters, click; the kernel computes what was not stored."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "only-for-this-test"
MAKE = """
import sys
sys.path.insert(0, {tests!r})
from conftest import small_rows, small_study
from cjmlab.explore import explore
from cjmlab.journeys import derive_journeys
from cjmlab.moments import rank_moments
rows, members = small_rows(("Families", "Seniors"))
journeys = derive_journeys(rows, members, small_study())
explorer = explore(journeys, rank_moments(journeys, None, resamples=50))
explorer
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private JupyterLab with one notebook and a kernel that is already up."""
    folder = tmp_path_factory.mktemp("lab")
    code = MAKE.format(tests=str(Path(__file__).parents[1])).strip()
    look = "print('SELECTED', explorer.filters.chosen(), len(explorer.journeys))"
    cells = [new_code_cell(code), new_code_cell(look)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "a.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    private = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    private["JUPYTERLAB_WORKSPACES_DIR"] = private["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "lab")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
               f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=None", f"--ServerApp.root_dir={folder}",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **private}, stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base)
            body = {"path": "a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
            _ask(f"{base}/api/sessions", body)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=20)


def _ask(url: str, body: dict[str, object] | None = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _wait(base: str) -> None:
    for _ in range(150):
        try:
            _ask(f"{base}/api/status")
        except OSError:
            time.sleep(0.4)
        else:
            return
    pytest.fail("JupyterLab did not start")


def test_the_menu_saves_and_exports_the_notebook_as_an_offline_page(lab: str) -> None:
    exporters = _ask(f"{lab}/api/nbconvert")
    assert exporters["cjmlab"] == {"output_mimetype": "text/html"}, "JupyterLab lists what the server lists"
    request = urllib.request.Request(
        f"{lab}/nbconvert/cjmlab/a.ipynb?download=true", headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert "a.html" in answer.headers["Content-Disposition"]
        page = answer.read().decode()
    assert page.startswith("<!DOCTYPE html>")
    assert "Content-Security-Policy" in page


def test_run_all_filter_and_click(lab: str, chromium) -> None:
    context = chromium.new_context(viewport={"width": 1500, "height": 1200})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{lab}/lab/tree/a.ipynb?token={TOKEN}&reset")
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    # JupyterLab may ask for a kernel although a session is there
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda dialog: dialog.locator(".jp-mod-accept").click())
    page.wait_for_timeout(1500)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    for _ in range(10):
        page.wait_for_timeout(500)
        if page.locator(".jp-Dialog").is_visible():
            page.locator(".jp-Dialog .jp-mod-accept").click()
            break
    page.locator(".cjm .main-svg").first.wait_for(timeout=90_000)

    page.get_by_label("Segment", exact=True).select_option("Seniors")
    page.get_by_label("Wave", exact=True).select_option("2026-Q1")
    page.get_by_label("Channel", exact=True).select_option("app")  # not among the stored states: the kernel computes it
    page.locator("[data-ready='2.1.0.1.0.0']").wait_for(timeout=30_000)
    assert page.get_by_label("Channel", exact=True).input_value() == "app"
    page.locator(".cjm-numbers summary").click()
    page.locator(".cjm-numbers").get_by_role("button", name="Delivery").click()
    page.locator(".cjm-panel .cjm-quote").first.wait_for(timeout=30_000)  # verbatims come from the kernel on request
    page.locator(".jp-Cell").nth(1).locator(".jp-InputArea").click()
    page.keyboard.press("Control+Enter")
    told = page.get_by_text("SELECTED {'segment': 'Seniors', 'wave': '2026-Q1', 'channel': 'app'} 1")
    told.wait_for(timeout=30_000)
    assert [each for each in complaints if "Canceled future" not in each] == []  # that one is JupyterLab's own
    context.close()
