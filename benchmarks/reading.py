"""What reading costs: a CSV of a million rows and a survey of a million answers, beside pandas.

Run ``python benchmarks/reading.py [rows]``. The peer is ``pandas.read_csv(dtype=str, keep_default_na=False)``, which
counts no rejected rows and names no lines. Hostile spreadsheets are measured in ``tests/sources/test_files_typed.py``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

CODE = """
import resource, sys, time
import pandas as pd
from cjmlab.sources import Question, Scale, SurveyColumns, read_survey, read_table
kind, path = sys.argv[1:]
start = time.perf_counter()
if kind == "pandas":
    rows = len(pd.read_csv(path, dtype=str, keep_default_na=False))
elif kind == "table":
    report = read_table(path, progress=False).report
    rows = report.rows_loaded + len(report.rejected)
else:
    questions = [Question(f"q{i}", "experience", Scale.of("1-5")) for i in range(10)]
    rows = len(read_survey(path, questions, columns=SurveyColumns("id")).table)
seconds = time.perf_counter() - start
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(rows, seconds, int(peak.split()[1]) / 1000)
"""


def run(kind: str, path: Path) -> tuple[int, float, float]:
    """Return rows, seconds and peak megabytes of one reading in a process of its own."""
    done = subprocess.run([sys.executable, "-c", CODE, kind, str(path)], capture_output=True, text=True, check=True)
    rows, seconds, megabytes = done.stdout.split()
    return int(rows), float(seconds), float(megabytes)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        plain, survey = Path(folder) / "plain.csv", Path(folder) / "survey.csv"
        with plain.open("w", encoding="utf-8") as file:
            file.write("id,when,score,comment\n")
            file.writelines(f"C{i:07d},2026-01-{i % 28 + 1:02d},{i % 5 + 1},配送员态度很好 {i}\n" for i in range(count))
        with survey.open("w", encoding="utf-8") as file:
            file.write("id," + ",".join(f"q{i}" for i in range(10)) + "\n")
            file.writelines(
                f"C{i}," + ",".join(str((i + k) % 5 + 1) for k in range(10)) + "\n" for i in range(count // 10)
            )
        peer = run("pandas", plain)
        for label, figures in (
            ("pandas", peer),
            ("read_table", run("table", plain)),
            ("read_survey", run("survey", survey)),
        ):
            ratio = f", {figures[1] / peer[1]:.1f} × pandas" if label == "read_table" else ""
            print(f"{label:12s} {figures[0]:,} rows in {figures[1]:.1f} s, peak {figures[2]:.0f} MB{ratio}")
