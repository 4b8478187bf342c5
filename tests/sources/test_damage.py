"""Damaged files of every kind are a table or one sentence, whatever bytes are hurt."""

import random
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.sources import read_document, read_interviews, read_qdc, read_qdpx, read_table, write_qdc, write_qdpx

sys.path.insert(0, str(Path(__file__).parent))
from test_files_typed import XES
from test_interviews import SRT, VTT, paragraph, word
from test_refi import CODES, project

READERS = {
    "a.xlsx": read_table, "a.parquet": read_table, "a.sav": read_table, "a.xes": read_table, "a.jsonl": read_table, "a.csv": read_table,
    "a.qdpx": read_qdpx, "a.qdc": read_qdc, "a.docx": read_document, "a.vtt": read_interviews, "a.srt": read_interviews, "a.txt": read_interviews,
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    import pyreadstat

    folder = tmp_path_factory.mktemp("whole")
    workbook = openpyxl.Workbook()
    for row in (["id", "a", "b"], ["1", "x", 2.5], ["2", "=1+1", None]):
        workbook.active.append(row)
    workbook.save(folder / "a.xlsx")
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    frame.to_parquet(folder / "a.parquet")
    pyreadstat.write_sav(frame, str(folder / "a.sav"))
    write_qdpx(project(), folder / "a.qdpx")
    write_qdc(CODES, folder / "a.qdc")
    word(folder / "a.docx", paragraph("I: hi") + paragraph("P: ho"))
    texts = {"a.vtt": VTT, "a.srt": SRT, "a.xes": XES, "a.jsonl": '{"a": 1, "b": {"c": [1, 2]}}\n{"a": "x"}\n', "a.txt": "I: how?\nP: fine\n",
             "a.csv": 'id,when,q\n1,"2024, x",5\n2,"a\nb",4\n'}  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def hurt(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at, chance = rng.randrange(len(damaged) or 1), rng.random()
        if chance < 0.5 and damaged:
            damaged[at] = rng.randrange(256)
        elif chance < 0.7:
            del damaged[at : at + rng.randrange(1, 30)]
        elif chance < 0.9:
            damaged[at:at] = rng.randbytes(rng.randrange(1, 10))
        else:
            del damaged[at + 1 :]
    return bytes(damaged)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_a_table_or_a_sentence(whole, tmp_path, name):
    rng = random.Random(name)
    read = 0
    for turn in range(40):
        target = tmp_path / name
        if name.endswith((".xlsx", ".docx", ".qdpx")) and turn % 2:
            with zipfile.ZipFile(whole / name) as archive:
                parts = {part: archive.read(part) for part in archive.namelist()}
            part = rng.choice(sorted(parts))
            parts[part] = hurt(parts[part], rng)
            with zipfile.ZipFile(target, "w") as archive:
                for key, data in parts.items():
                    archive.writestr(key, data)
        else:
            target.write_bytes(hurt((whole / name).read_bytes(), rng))
        try:
            READERS[name](target)
            read += 1
        except CjmError as error:
            assert "\n" not in str(error)  # noqa: PT017
    assert read < 40 or name.endswith((".csv", ".txt", ".srt"))
