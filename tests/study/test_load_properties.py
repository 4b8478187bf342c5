"""The same words in other bytes are the same study: re-encoded, re-delimited, shuffled, with other column names."""

import csv
import io
import random
import shutil
import tomllib
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import tomlkit
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cjmlab.sources import read_table
from cjmlab.study import load_study

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
COLUMN_KEYS = (
    "customer_id",
    "time",
    "event",
    "event_id",
    "language_column",
    "wave_column",
    "touchpoint",
    "channel",
    "stage",
    "item",
    "person",
    "tool",
    "money",
)
cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffd"), max_size=12
)


def rewritten(sample: str, target: Path, encoding: str, sign: str, seed: int, prefix: str) -> Path:
    """Write a sample again in other bytes."""
    folder = target / sample
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SAMPLES / sample, folder)
    raw = tomllib.loads((folder / "study.toml").read_text("utf-8"))
    for section in ("survey", "events", "outcomes"):
        for entry in raw.get(section, []):
            rows = list(csv.reader(io.StringIO((folder / entry["file"]).read_text("utf-8-sig"))))
            head, body = [prefix + name for name in rows[0]], rows[1:]
            random.Random(seed).shuffle(body)
            text = io.StringIO()
            csv.writer(text, delimiter=sign, lineterminator="\r\n").writerows([head, *body])
            (folder / entry["file"]).write_bytes(text.getvalue().encode(encoding))
            names = {key: prefix + entry[key] for key in COLUMN_KEYS if key in entry}
            entry.update(names)
            for question in entry.get("questions", []):
                question.setdefault("question", question["column"])
                question["column"] = prefix + question["column"]
            if section == "outcomes":
                entry["columns"] = {prefix + column: scale for column, scale in entry["columns"].items()}
    (folder / "study.toml").write_text(tomlkit.dumps(raw), encoding="utf-8")
    return folder


@cache
def loaded(sample: str):
    return load_study(SAMPLES / sample)


def plain(frame: pd.DataFrame, prefix: str, key: list[str]) -> pd.DataFrame:
    """Return a table without lines, in one order, with the first names of columns."""
    frame = frame.drop(columns=[c for c in ("line",) if c in frame])
    for column in ("feedback_id", "outcome", "question"):
        if prefix and column in frame:
            frame = frame.assign(**{column: frame[column].str.replace(prefix, "", regex=False)})
    return frame.sort_values(key).reset_index(drop=True)


@pytest.mark.parametrize(
    ("sample", "encodings"),
    [("grocer", ["gb18030", "utf-16", "utf-8-sig"]), ("furniture", ["utf-8", "utf-16", "utf-8-sig"])],
)
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_sample_in_other_bytes_is_the_same_study(tmp_path, sample, encodings, data):
    if not (SAMPLES / sample / "study.toml").is_file():
        pytest.skip("the samples are not built")
    sign, seed = data.draw(st.sampled_from([",", ";", "\t", "|"])), data.draw(st.integers(0, 99))
    prefix = data.draw(st.sampled_from(["", "zz_"]))
    other = load_study(rewritten(sample, tmp_path, data.draw(st.sampled_from(encodings)), sign, seed, prefix))
    first = loaded(sample)
    for name, key in (
        ("feedback", ["feedback_id"]),
        ("events", ["event_id"]),
        ("outcomes", ["customer_id", "outcome", "wave"]),
    ):
        one, two = plain(getattr(first, name), prefix, key), plain(getattr(other, name), prefix, key)
        if name == "feedback":
            one, two = one.drop(columns="question"), two.drop(columns="question")
        pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(pd.DataFrame(first.customers), pd.DataFrame(other.customers))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    sign=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_cells_come_back_as_they_were_written(tmp_path, rows, sign, end, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=sign, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [["alpha", "beta", "gamma"], *rows]
    )
    (tmp_path / "a.csv").write_bytes(text.getvalue().encode(encoding))
    reading = read_table(tmp_path / "a.csv", delimiter=sign)
    full = [row for row in rows if any(row)]
    assert reading.report.rows_in_file == reading.report.rows_loaded + len(reading.report.rejected) == len(rows)
    kept = reading.table.astype(object).where(reading.table.notna(), "").to_numpy().tolist()
    assert kept == [[_unguarded(cell) for cell in row] for row in full]


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@") and cell[1:2] else cell


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_sentence(tmp_path, data):
    from cjmlab.errors import CjmError

    (tmp_path / "a.csv").write_bytes(data)
    try:
        report = read_table(tmp_path / "a.csv").report
    except CjmError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert report.rows_in_file == report.rows_loaded + len(report.rejected)
