"""Planted worlds by chance: for any seed, size and stage model the tables hold what the truth says."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from cjmlab.errors import CjmError
from cjmlab.study import load_study
from cjmlab.study.samples import write_study
from cjmlab.study.world import planted_world
from cjmlab.tables import check_table
from cjmlab.vocabulary import list_stage_models, stage_model

MODELS = [name for name in list_stage_models() if stage_model(name).kind == "customer"]
WORLDS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "customers": st.integers(150, 400),
        "segments": st.integers(2, 6),
        "overlap": st.sampled_from(["low", "mid", "high"]),
        "stage_model": st.sampled_from(MODELS),
        "touchpoints": st.integers(6, 25),
        "languages": st.sampled_from([("en",), ("ru", "en"), ("zh-Hans", "zh-Hant")]),
        "waves": st.integers(1, 6),
        "kind": st.sampled_from(["types", "level", "gradient"]),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS)
def test_any_world_fits_its_tables_and_its_truth(setting):
    world = planted_world(**setting)
    study, truth = world.study(), world.truth
    for name in ("customers", "feedback", "events", "outcomes"):
        check_table(name, getattr(study, name))
    json.dumps(truth, allow_nan=False)
    assert set(truth["segment_of_customer"]) == set(study.customers["customer_id"])
    assert len(study.customers) == setting["customers"]
    assert list(truth["mix"]) == list(dict.fromkeys(study.feedback["wave"]))
    for name, cells in truth["experience_by_wave"][next(iter(truth["mix"]))].items():
        assert min(cells, key=cells.get) == truth["worst"][name]
    pooled = truth["experience"]
    assert all(min(row, key=row.get) == truth["worst"][name] for name, row in pooled.items())
    assert len(truth["changes"]) == (2 if setting["waves"] > 1 else 0)
    stage = dict(truth["touchpoints"])
    assert all(stage[point] in truth["stages"] for point in stage)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS)
def test_clauses_lie_where_the_truth_says(setting):
    world = planted_world(**setting)
    comment, who = world.plan.headers["comment"], world.plan.headers["respondent"]
    texts = {(w, c): t for w, table in world.surveys.items() for c, t in zip(table[who], table[comment], strict=True)}
    for clause in world.truth["clauses"]:
        part = texts[clause["wave"], clause["customer"]][clause["start"] : clause["end"]]
        assert part.strip() == part != ""
        assert "{" not in part


def test_the_same_seed_gives_the_same_world_and_another_one_another():
    first, again, other = (planted_world(seed=seed, customers=200, segments=3) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first.customers, again.customers)
    pd.testing.assert_frame_equal(first.events, again.events)
    assert first.truth == again.truth
    assert first.truth["experience"] != other.truth["experience"]


def test_numbers_are_the_same_with_and_without_comments():
    spoken, silent = (planted_world(seed=9, customers=200, text=text) for text in (True, False))
    pd.testing.assert_frame_equal(spoken.customers, silent.customers)
    for wave, table in silent.surveys.items():
        pd.testing.assert_frame_equal(spoken.surveys[wave].drop(columns="comment"), table)
    assert silent.truth["clauses"] == []


def test_a_world_written_and_loaded_is_the_world_in_memory(tmp_path):
    world = planted_world(seed=2, customers=150, segments=3, stage_model="fiveA", interviews=4)
    loaded, memory = load_study(write_study(world, tmp_path / "study")), world.study()
    columns = ["customer_id", "wave", "touchpoint", "stage", "asks", "rating"]
    rated = [each.feedback[each.feedback["rating"].notna()][columns] for each in (loaded, memory)]
    left, right = (table.sort_values(columns, ignore_index=True).astype({"rating": float}) for table in rated)
    pd.testing.assert_frame_equal(left, right, check_dtype=False, atol=1e-6)
    keys = ["customer_id", "time", "event"]
    events = [each.events.sort_values(keys, ignore_index=True) for each in (loaded, memory)]
    assert events[0]["touchpoint"].fillna("").tolist() == events[1]["touchpoint"].fillna("").tolist()
    assert (loaded.feedback["source_type"] == "interview").any()


def clusters(world):
    table = world.customers
    items = table[[item.name for item in world.plan.items]].astype("float64")
    items = items.sub(items.mean(axis=1), axis=0)
    numbers = np.log1p(table[[number.name for number in world.plan.numbers]].astype("float64"))
    wide = pd.concat([items, numbers], axis=1)
    wide = wide.fillna(wide.median())
    kinds = pd.get_dummies(table[[n.name for n in world.plan.nominals if not n.passive]]).astype(float) * 1.4
    matrix = np.hstack([(wide - wide.mean()) / wide.std(), kinds])
    found = KMeans(len(world.truth["segments"]), n_init=5, random_state=0).fit_predict(matrix)
    return adjusted_rand_score(list(world.truth["segment_of_customer"].values()), found)


def test_segments_overlap_as_much_as_asked():
    scores = {
        overlap: np.mean(
            [clusters(planted_world(seed=s, customers=600, overlap=overlap, text=False)) for s in range(3)]
        )
        for overlap in ("low", "mid", "high")
    }
    assert scores["low"] > 0.9
    assert 0.75 < scores["mid"] < scores["low"]
    assert 0.35 < scores["high"] < scores["mid"]


def test_noise_and_gradients_have_one_segment():
    for setting in ({"noise": True}, {"kind": "gradient"}):
        world = planted_world(seed=3, customers=300, text=False, **setting)
        assert len(world.truth["segments"]) == 1
    items = [item.name for item in world.plan.items if item.construct is not None]
    assert world.customers[items].astype("float64").corr().abs().to_numpy().mean() > 0.2


def test_level_segments_differ_only_in_level():
    world = planted_world(seed=3, customers=400, segments=3, kind="level", text=False)
    segment = pd.Series(world.truth["segment_of_customer"]).to_numpy()
    items = world.customers[[item.name for item in world.plan.items]].astype("float64")
    profile = items.groupby(segment).mean()
    assert profile.mean(axis=1).max() - profile.mean(axis=1).min() > 1
    centred = profile.sub(profile.mean(axis=1), axis=0)
    assert centred.abs().max(axis=None) < 0.35


def importance(world):
    study = world.study()
    rated = study.feedback[study.feedback["asks"] == "experience"]
    wide = rated.pivot_table(index=["customer_id", "wave"], columns="touchpoint", values="rating")
    asked = study.outcomes[study.outcomes["outcome"] == "recommend"].set_index(["customer_id", "wave"])["value"]
    return wide.corrwith(asked.reindex(wide.index))


def test_drivers_are_two_or_equal_or_none():
    worlds = {
        drivers: planted_world(seed=6, customers=1500, segments=1, drivers=drivers, text=False)
        for drivers in ("planted", "equal", "none")
    }
    planted, equal, none = (importance(world) for world in worlds.values())
    assert set(planted.nlargest(2).index) == set(worlds["planted"].truth["moments_of_truth"]["Segment 1"])
    assert equal.min() > 0.05
    assert none.abs().max() < 0.12
    assert worlds["none"].truth["moments_of_truth"]["Segment 1"] == []


def test_a_halo_makes_touchpoints_go_together():
    calm, halo = (importance_table(planted_world(seed=1, customers=500, halo=h, text=False)) for h in (0.0, 0.4))
    assert halo - calm > 0.3


def importance_table(world):
    table = world.surveys["wave 1"]
    return table[[f"q_{point}" for point in world.plan.points]].astype("float64").corr().mean().mean()


def test_a_world_of_own_stages_and_touchpoints_can_be_written_and_loaded(tmp_path):
    own = [{"id": "door", "stage": "look"}, {"id": "desk", "stage": "try"}, {"id": "till", "stage": "take"}]
    model = {"id": "visit", "stages": ["Look", "Try", "Take"]}
    world = planted_world(seed=1, customers=100, segments=2, stage_model=model, touchpoints=own)
    assert world.truth["touchpoints"] == {"door": "look", "desk": "try", "till": "take"}
    study = load_study(write_study(world, tmp_path / "study"))
    assert study.stage_model.ids == ("look", "try", "take")
    assert {point.id: point.stage for point in study.touchpoints} == world.truth["touchpoints"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"overlap": "lo"}, "'lo' is not a setting of a planted world. Did you mean 'low'?"),
        ({"segments": 9}, "a planted world has 1 to 6 segments, not 9"),
        ({"halos": 0.3}, "'halos' is not a setting of a planted world. Did you mean 'halo'?"),
        ({"touchpoints": 90}, "90 touchpoints cannot be taken. There are 1 to"),
        ({"languages": ("fr",)}, "'fr' is not a known language"),
        ({"waves": 0}, "a planted world has 1 to 12 waves, not 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(setting, message):
    with pytest.raises(CjmError, match="^" + message.replace(".", r"\.").replace("?", r"\?")):
        planted_world(**setting)


def test_a_polarised_touchpoint_has_two_camps_and_its_planted_mean():
    world = planted_world(seed=2, customers=2000, segments=2, polarised=True, text=False, changes=0)
    rated = world.study().feedback.query("asks == 'experience'")
    segment = rated["customer_id"].map(world.truth["segment_of_customer"])
    cells = rated.groupby([segment, "touchpoint"])["rating"].agg(["mean", "std"])
    for name, point in world.truth["polarised"].items():
        assert cells.loc[name, "std"].idxmax() == point
        assert abs(cells.loc[(name, point), "mean"] - world.truth["experience_answered"][name][point]) < 0.06
        answers = rated[(segment == name) & (rated["touchpoint"] == point)]["rating"]
        assert ((answers - answers.mean()).abs() < 0.25).mean() < 0.25


def test_a_must_be_only_hurts_and_a_delighter_only_delights():
    world = planted_world(seed=5, customers=3000, segments=1, asymmetry=True, text=False, changes=0, waves=1)
    study = world.study()
    wide = study.feedback.query("asks == 'experience'").pivot_table(
        index="customer_id", columns="touchpoint", values="rating"
    )
    asked = study.outcomes.query("outcome == 'recommend'").set_index("customer_id")["value"].reindex(wide.index)
    (pair,) = world.truth["asymmetry"].values()
    for kind, point in pair.items():
        high, low = wide[point] > wide[point].mean(), wide[point] <= wide[point].mean()
        slopes = {
            side: np.cov(wide[point][rows], asked[rows])[0, 1] / wide[point][rows].var()
            for side, rows in (("good", high & asked.notna()), ("bad", low & wide[point].notna() & asked.notna()))
        }
        strong, weak = ("bad", "good") if kind == "must_be" else ("good", "bad")
        assert slopes[strong] > slopes[weak] + 0.5


def test_a_change_of_channel_costs_what_was_planted_and_leaves_the_means():
    from cjmlab.study.episodes import live, switches
    from cjmlab.study.population import draw_population

    world = planted_world(seed=8, customers=3000, segments=2, handoff=0.3, text=False, waves=1)
    population = draw_population(world.plan, 3000, 8)
    (episode,) = live(world.plan, population, 8)
    switched = switches(world.plan, episode.met)
    costs = []
    for k, segment in enumerate(world.plan.segments):
        mine = population.segment[episode.people] == k
        for t, point in enumerate(world.plan.points):
            met = mine & episode.met[:, t]
            assert abs(episode.lived[met, t].mean() - segment.experience[point]) < 0.06
            same, other = met & ~switched[:, t], met & switched[:, t]
            if min(same.sum(), other.sum()) > 100:
                costs.append(episode.lived[same, t].mean() - episode.lived[other, t].mean())
    assert len(costs) > 3
    assert abs(np.mean(costs) - 0.3) < 0.04


def test_few_customers_in_many_waves_with_a_large_panel_are_all_there():
    for customers in (20, 30, 61):
        world = planted_world(seed=140891, customers=customers, segments=5, waves=8, panel=0.8, text=False)
        assert len(world.customers) == customers
        assert all(len(table) for table in world.surveys.values())
