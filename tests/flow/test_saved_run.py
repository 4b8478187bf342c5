"""A saved run: what comes back is what was saved, or it is refused in one sentence."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.flow.fingerprints import fingerprint
from cjmlab.flow.run import STEPS

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
LANGUAGES = ("en", "zh-Hant", "ru")


@dataclass
class Pair:
    fresh: cjm.StudyRun
    opened: cjm.StudyRun
    folder: Path


@pytest.fixture(scope="module", params=["grocer", "furniture"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    fresh = cjm.run_study(SAMPLES / request.param)
    folder = fresh.save(tmp_path_factory.mktemp("runs") / request.param)
    return Pair(fresh, cjm.open_run(folder), folder)


@pytest.fixture
def copy(pair: Pair, tmp_path: Path) -> Path:
    shutil.copytree(pair.folder, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("step", STEPS)
def test_what_comes_back_is_what_was_saved(pair: Pair, step: str) -> None:
    """Cells, types, labels, arrays and everything that a table carries: the whole of it has one fingerprint."""
    saved, opened = getattr(pair.fresh, step), getattr(pair.opened, step)
    assert fingerprint(saved) == fingerprint(opened)
    if isinstance(saved, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(saved), pd.DataFrame(opened), check_exact=True)


def test_what_was_one_object_is_one_again(pair: Pair) -> None:
    run = pair.opened
    assert run.journeys.about.study is run.study
    assert run.journeys.about.segments is run.segments
    assert run.segments.customers is run.study.customers
    assert run.version == pair.fresh.version
    assert repr(run).startswith("<StudyRun")
    assert "opened from" in repr(run)


def segment(run: cjm.StudyRun) -> str:
    return run.segments.names[0]


TABLES: dict[str, Callable[[cjm.StudyRun], Any]] = {
    "summary": lambda run: run.segments.summary,
    "members": lambda run: run.segments.members,
    "profile": lambda run: run.segments.profile(),
    "traits": lambda run: run.segments.traits(segment(run), language="ru"),
    "stability": lambda run: run.segments.stability,
    "report": lambda run: run.segments.report,
    "personas": lambda run: run.segments.personas("zh-Hans", feedback=run.study.feedback),
    "typed": lambda run: run.segments.predict(run.study.customers.head(20)),
    "plane": lambda run: run.segments.plane(),
    "weights": lambda run: pd.DataFrame(run.segments.weights),
    "compared": lambda run: run.segments.compare(run.segments),
    "filtered": lambda run: cjm.filter_journeys(run.journeys, source_type="survey", resamples=20),
    "evidence": lambda run: cjm.evidence(
        run.journeys, segment=segment(run), touchpoint=run.journeys.touchpoint.iloc[0]
    ),
    "story": lambda run: cjm.narrate(run.journeys, run.moments, language="zh-Hans"),
    "loops": lambda run: cjm.measure_loops(run.journeys),
    "coherence": lambda run: cjm.coherence(run.journeys),
    "questions": lambda run: cjm.ask_questions(run.journeys, language="ru"),
    "remedies": lambda run: cjm.suggest_remedies(run.moments, run.journeys),
    "coverage": lambda run: cjm.cover_stages(run.study),
    "inventory": lambda run: cjm.list_inventory(run.study),
    "derived anew": lambda run: cjm.derive_journeys(run.scored, run.segments, run.study, resamples=20),
}


@pytest.mark.parametrize("verb", TABLES)
def test_every_verb_gives_the_same(pair: Pair, verb: str) -> None:
    fresh, opened = (pd.DataFrame(TABLES[verb](run)) for run in (pair.fresh, pair.opened))
    assert len(fresh)
    pd.testing.assert_frame_equal(fresh, opened, check_exact=True)


def test_the_sentences_are_the_same(pair: Pair) -> None:
    for language in LANGUAGES:
        assert pair.fresh.segments.verdict_in(language) == pair.opened.segments.verdict_in(language)
    said = [cjm.map_text(run.journeys, run.moments, language="ru") for run in (pair.fresh, pair.opened)]
    assert said[0] == said[1]


def test_changes_between_waves_are_the_same(pair: Pair) -> None:
    if pair.fresh.study.feedback["wave"].nunique() < 2:
        pytest.skip("this study has one wave")
    fresh, opened = (cjm.compare_waves(run.journeys) for run in (pair.fresh, pair.opened))
    pd.testing.assert_frame_equal(pd.DataFrame(fresh), pd.DataFrame(opened), check_exact=True)
    assert cjm.wave_map(pair.fresh.journeys).to_json() == cjm.wave_map(pair.opened.journeys).to_json()


PICTURES: dict[str, Callable[[cjm.StudyRun, str], Any]] = {
    "map": lambda run, language: cjm.journey_map(run.journeys, run.moments, segment=segment(run), language=language),
    "compare": lambda run, language: cjm.compare_maps(run.journeys, language=language),
    "heatmap": lambda run, language: cjm.touchpoint_heatmap(run.journeys, language=language),
    "flow": lambda run, language: cjm.journey_flow(run.journeys, language=language),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_is_the_same(pair: Pair, picture: str, language: str) -> None:
    fresh, opened = (PICTURES[picture](run, language).to_json() for run in (pair.fresh, pair.opened))
    assert fresh == opened


def test_others_can_read_the_tables(pair: Pair) -> None:
    journeys = pd.read_parquet(pair.folder / "journeys.parquet")
    assert journeys["experience"].tolist() == pytest.approx(pair.fresh.journeys["experience"].tolist(), nan_ok=True)
    assert [list(ids) for ids in journeys["quote_ids"]] == pair.fresh.journeys["quote_ids"].tolist()
    members = pd.read_parquet(pair.folder / "members.parquet")
    assert members["segment"].tolist() == pair.fresh.segments.members["segment"].tolist()
    chances = members.filter(like="posterior: ").to_numpy()
    assert np.allclose(chances.sum(axis=1), 1)
    for name in ("customers", "feedback", "events", "outcomes", "scored", "moments"):
        assert len(pd.read_parquet(pair.folder / f"{name}.parquet")) > 0


def test_run_json_says_what_the_run_is(pair: Pair) -> None:
    said = json.loads((pair.folder / "run.json").read_text("utf-8"))
    assert said["format"] == "cjmlab saved run"
    assert said["settings"] == {"n_segments": "auto", "random_state": 0}
    assert list(said["segments"]) == list(pair.fresh.segments.names)
    assert said["verdict"] == pair.fresh.segments.verdict
    assert {"study.toml", "customers.csv"} <= set(said["files"])
    assert set(said["contents"]) | {"run.json"} == {
        file.relative_to(pair.folder).as_posix() for file in pair.folder.rglob("*.*")
    }


def test_saving_twice_is_the_same_run(pair: Pair, tmp_path: Path) -> None:
    again = cjm.open_run(pair.opened.save(tmp_path / "again"))
    assert [fingerprint(getattr(again, step)) for step in STEPS] == [
        fingerprint(getattr(pair.fresh, step)) for step in STEPS
    ]


# --- what is refused --------------------------------------------------------------------------------------------


class Bomb:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.marker,))


def refusal(folder: Path) -> str:
    with pytest.raises(cjm.RunError) as caught:
        cjm.open_run(folder)
    said = str(caught.value)
    assert "\n" not in said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("name", ["journeys.parquet", "objects.json", "arrays.npz", "customers.parquet", "run.json"])
@pytest.mark.parametrize("harm", ["cut short", "emptied", "other bytes", "gone", "a pickle"])
def test_a_damaged_file_is_one_sentence(copy: Path, name: str, harm: str) -> None:
    file, marker = copy / name, copy.parent / "executed"
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(
            {
                "cut short": whole[: len(whole) // 2], "emptied": b"", "other bytes": bytes(reversed(whole)),
                "a pickle": pickle.dumps(Bomb(marker)),
            }[harm]
        )  # fmt: skip
    said = refusal(copy)
    assert name in said or (name == "run.json" and harm == "gone")
    assert "run_study" in said
    assert not marker.exists()


@pytest.mark.parametrize(
    "plant",
    [
        {"$": "object", "class": "Popen", "fields": {"args": "id"}},
        {"$": "object", "class": "Path", "fields": {}},
        {"$": "same", "as": 999999},
        {"$": "frame", "file": "../../secret.parquet", "columns": []},
        {"$": "frame", "file": "/etc/passwd", "columns": []},
        {"$": "object", "class": "Label", "fields": {"texts": {}, "more": 1}},
        {"$": "nothing that is known"},
    ],
)
def test_a_forged_run_makes_nothing_but_its_own_objects(copy: Path, plant: Any) -> None:
    objects, manifest = (json.loads((copy / name).read_text("utf-8")) for name in ("objects.json", "run.json"))
    objects["study"]["fields"]["charter"] = plant
    (copy / "objects.json").write_text(json.dumps(objects), "utf-8")
    from cjmlab.flow.fingerprints import fingerprint_file

    manifest["contents"]["objects.json"] = fingerprint_file(copy / "objects.json")
    (copy / "run.json").write_text(json.dumps(manifest), "utf-8")
    refusal(copy)


def test_a_newer_version_is_not_guessed_at(copy: Path) -> None:
    manifest = json.loads((copy / "run.json").read_text("utf-8"))
    manifest["format_version"] = 99
    manifest["program"]["cjmlab"] = "9.9"
    (copy / "run.json").write_text(json.dumps(manifest), "utf-8")
    assert "a newer cjmlab (9.9) saved this run" in refusal(copy)
    with pytest.raises(cjm.RunError, match="newer"):
        cjm.run_study(SAMPLES / "grocer", keep=copy)


def test_where_there_is_no_run(tmp_path: Path) -> None:
    assert "there is no such folder" in refusal(tmp_path / "nothing")
    assert "there is no saved run in the folder" in refusal(tmp_path)


def test_a_folder_with_other_things_is_never_replaced(pair: Pair, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.docx").write_text("years of work")
    with pytest.raises(
        cjm.CjmError, match=r"holds 'thesis\.docx', which is no part of a saved run; nothing was changed"
    ):
        pair.opened.save(tmp_path / "papers")
    assert (tmp_path / "papers" / "thesis.docx").read_text() == "years of work"
    (copy / "notes.txt").write_text("mine")
    with pytest.raises(cjm.CjmError, match=r"notes\.txt"):
        pair.opened.save(copy)
    assert cjm.open_run(copy).version == pair.fresh.version


def test_something_that_is_not_kept_is_named(pair: Pair, tmp_path: Path) -> None:
    odd = replace(pair.fresh, study=replace(pair.fresh.study, report=cjm.tables.Table.of(pd.DataFrame(), open)))
    with pytest.raises(
        cjm.CjmError, match=r"study\.report\.about: a builtins.builtin_function_or_method cannot be saved"
    ):
        odd.save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_ones_own_is_named_not_stored(pair: Pair, tmp_path: Path) -> None:
    from sklearn.cluster import KMeans

    segments = cjm.segment_customers(pair.fresh.study.customers, model=KMeans(3, n_init=2), n_boot=2, n_null=0)
    run = cjm.StudyRun(pair.fresh.study, segments, pair.fresh.scored, pair.fresh.journeys, pair.fresh.moments)
    with pytest.warns(UserWarning, match="KMeans is named in the saved run but not stored"):
        folder = run.save(tmp_path / "run")
    assert json.loads((folder / "run.json").read_text("utf-8"))["estimators"] == ["KMeans"]
    opened = cjm.open_run(folder)
    assert opened.segments.estimator is None
    pd.testing.assert_frame_equal(opened.segments.members, segments.members)
    new = pair.fresh.study.customers.head(9)
    pd.testing.assert_frame_equal(opened.segments.predict(new), segments.predict(new))


def test_odd_cells_come_back(tmp_path: Path) -> None:
    """Tables of other people: mixed cells, half characters, categories, odd labels and types."""
    from cjmlab.flow.plain_form import PlainReader, PlainWriter
    from cjmlab.flow.saved import FolderShelf, FolderSource

    frame = pd.DataFrame(
        {
            "mixed": [1, "one", None, 2.5], "half": pd.Series(["\ud83d", "b", None, ""], dtype=object), "gap": ["a", float("nan"), "b", "c"],
            "none": [None] * 4, "flag": pd.array([True, None, False, True], dtype="boolean"),
            "kind": pd.Categorical(["x", "y", None, "x"], ordered=True), "lists": [[], ["a"], ["b", "c"], ["д"]],
            "tuples": [(1, 2), (), (None,), ("a",)], "day": pd.to_datetime(["2026-01-01"] * 3 + [None]),
            "zone": pd.to_datetime(["2026-01-01"] * 4).tz_localize("Asia/Shanghai"), 7: np.arange(4, dtype="int8"),
            "number": [np.float32(1.5), np.nan, np.inf, -np.inf], "step": pd.to_timedelta([1, 2, 3, None], unit="h"),
        },
    ).set_axis(pd.Index(list("дабв"), name="名"))  # fmt: skip
    shelf = FolderShelf(tmp_path)
    written = json.loads(
        json.dumps(PlainWriter(shelf).write({"odd": frame, "array": np.eye(2), "none": pd.DataFrame()}))
    )
    shelf.close()
    from cjmlab.flow.fingerprints import fingerprint_file

    contents = {file.name: fingerprint_file(file) for file in tmp_path.iterdir()}
    back = PlainReader(FolderSource(tmp_path, contents)).read(written)
    pd.testing.assert_frame_equal(back["odd"], frame, check_exact=True)
    assert [type(cell) for cell in back["odd"]["mixed"]] == [int, str, type(None), float]
    assert back["array"].tolist() == [[1, 0], [0, 1]]
    assert back["none"].shape == (0, 0)
