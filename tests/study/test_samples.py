"""The sample studies: the same bytes every time, small, and true to what was planted."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import StudyError
from cjmlab.study import load_study
from cjmlab.study.plan_file import read_plan
from cjmlab.study.samples import list_samples, main, make_sample, sample_world
from cjmlab.study.verbatims import read_pack

SHIPPED = Path(__file__).parents[2] / "data" / "samples"
WRITTEN_IN = {"grocer": ("en", "zh-Hans"), "furniture": ("ru", "en")}


@pytest.fixture(scope="module", params=list_samples())
def name(request):
    return request.param


@pytest.fixture(scope="module")
def folder(name, tmp_path_factory):
    return make_sample(name, tmp_path_factory.mktemp("samples") / name)


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def study(folder):
    return load_study(folder)


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_bytes_every_time_and_as_shipped(name, folder, tmp_path):
    again = files(make_sample(name, tmp_path / "again"))
    assert again == files(folder)
    assert again == files(SHIPPED / name), "rebuild data/samples: make_sample(name, folder)"


def test_samples_are_small():
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 3_000_000


def test_a_sample_never_removes_what_is_not_a_study(tmp_path):
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter.txt").write_text("five years of work")
    with pytest.raises(StudyError, match=r"thesis: there is something else that is not a study\. Name a new folder\."):
        make_sample("furniture", target)
    assert (target / "chapter.txt").read_text() == "five years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_sample_replaces_a_study_and_leaves_no_trace(tmp_path):
    target = tmp_path / "study"
    target.mkdir()
    (target / "study.toml").write_text("[study]\n")
    (target / "old.csv").write_text("a\n1\n")
    make_sample("furniture", target)
    assert not (target / "old.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_an_unknown_sample_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(StudyError, match=r"'grocr' is not a sample study. Did you mean 'grocer'\?"):
        make_sample("grocr", tmp_path / "x")


def test_files_are_utf8_with_unix_ends(folder):
    for path in folder.rglob("*.csv"):
        content = path.read_bytes()
        assert b"\r" not in content
        assert len({len(row) for row in csv.reader(io.StringIO(content.decode("utf-8")))}) == 1


def test_the_study_loads_with_every_part_and_no_error(study, name):
    assert len(study.customers) == {"grocer": 600, "furniture": 400}[name]
    assert {"survey", "interview"} <= set(study.feedback["source_type"])
    assert set(study.outcomes["outcome"]) == {"recommend", "repurchase"}
    assert study.events["touchpoint"].notna().mean() > 0.85
    assert set(study.report.get("level", pd.Series(dtype=str))) <= {"note", "warning"}
    assert study.feedback["scale"].dropna().nunique() >= 3
    assert study.feedback.loc[study.feedback["source_type"] == "interview", "document"].nunique() >= 12


def test_everything_a_reader_sees_has_four_languages(name):
    plan = read_plan(name)
    labels = [plan.title, *(each.label for each in (*plan.items, *plan.numbers, *plan.nominals, *plan.segments))]
    labels += [each.goal for each in plan.segments]
    labels += [label for nominal in plan.nominals for _, label in nominal.values]
    labels += [point.label for point in plan.touchpoints] + [stage.label for stage in plan.model]
    assert all(set(label.texts) == {"en", "zh-Hans", "zh-Hant", "ru"} for label in labels)


def test_gaps_are_five_to_ten_percent(study):
    active = list(study.customers.about.active)
    assert 0.05 <= study.customers[active].isna().to_numpy().mean() <= 0.10


def test_the_planted_worst_touchpoint_is_the_lowest_in_the_data_and_differs(study, truth):
    rated = study.feedback[(study.feedback["asks"] == "experience") & study.feedback["rating"].notna()]
    segment = rated["customer_id"].map(truth["segment_of_customer"])
    means = rated.groupby([segment, rated["touchpoint"]])["rating"].mean().unstack()  # noqa: PD010
    assert means.idxmin(axis=1).to_dict() == truth["worst"]
    assert len(set(truth["worst"].values())) == len(truth["segments"])


def test_answers_have_the_means_that_the_truth_says(study, truth):
    rated = study.feedback[(study.feedback["asks"] == "experience") & study.feedback["rating"].notna()]
    segment = rated["customer_id"].map(truth["segment_of_customer"])
    cells = rated.groupby([segment, rated["touchpoint"]])["rating"].agg(["mean", "std", "count"])
    planted = pd.DataFrame(truth["experience_answered"]).T.stack()
    z = (cells["mean"] - planted.reindex(cells.index)) / (cells["std"] / np.sqrt(cells["count"]))
    assert (z.abs() < 2).mean() > 0.88
    assert abs(z.mean()) < 0.35


def test_two_changes_and_nothing_else_moved(study, truth):
    assert len(truth["changes"]) == 2
    first, last = truth["experience_by_wave"].values()
    moved = {
        (segment, point): round(last[segment][point] - mean, 6)
        for segment, row in first.items()
        for point, mean in row.items()
        if last[segment][point] != mean
    }
    assert moved == {(change["segment"], change["touchpoint"]): change["delta"] for change in truth["changes"]}
    rated = study.feedback[study.feedback["asks"] == "experience"]
    segment = rated["customer_id"].map(truth["segment_of_customer"])
    waves = rated.groupby([segment, rated["touchpoint"], rated["wave"]])["rating"].mean().unstack()  # noqa: PD010
    step = waves.iloc[:, 1] - waves.iloc[:, 0]
    assert set(step.abs().nlargest(2).index) == set(moved)


def test_the_mix_of_segments_shifts_between_waves(study, truth):
    asked = study.feedback[study.feedback["source_type"] == "survey"].drop_duplicates(["customer_id", "wave"])
    shares = pd.crosstab(asked["wave"], asked["customer_id"].map(truth["segment_of_customer"]), normalize="index")
    assert np.allclose(shares, pd.DataFrame(truth["mix"]).T.reindex(shares.index)[shares.columns], atol=0.01)
    assert shares.diff().abs().max(axis=None) > 0.07


def test_reach_in_the_log_is_the_planted_reach(study, truth):
    segment = pd.Series(truth["segment_of_customer"])
    met = study.events.dropna(subset="touchpoint").drop_duplicates(["customer_id", "touchpoint"])
    counts = met.groupby([met["customer_id"].map(segment), "touchpoint"]).size()
    share = counts / segment.value_counts().reindex(counts.index.get_level_values(0)).to_numpy()
    planted = pd.DataFrame(truth["reach"]).T.stack()
    assert (share - planted.reindex(share.index)).abs().max() < 0.13
    assert (share - planted.reindex(share.index)).abs().mean() < 0.04


def test_moments_of_truth_drive_the_recommendation(study, truth):
    rated = study.feedback[(study.feedback["asks"] == "experience") & study.feedback["rating"].notna()]
    wide = rated.pivot_table(index=["customer_id", "wave"], columns="touchpoint", values="rating")
    asked = study.outcomes[study.outcomes["outcome"] == "recommend"].set_index(["customer_id", "wave"])["value"]
    segment = wide.index.get_level_values(0).map(truth["segment_of_customer"])
    for name, pair in truth["moments_of_truth"].items():
        assert len(set(pair)) == 2
        mine = wide[segment == name]
        r = mine.corrwith(asked.reindex(mine.index))
        assert r[pair].mean() > r.drop(pair).mean() + 0.15


def test_every_clause_of_the_truth_is_found_at_its_offsets(study, truth):
    world = sample_world(truth["name"])
    who = world.plan.headers["respondent"]
    said = study.feedback[study.feedback["asks"].eq("open") & study.feedback["source_type"].eq("survey")]
    loaded = set(zip(said["wave"], said["customer_id"], said["text"], strict=True))
    texts = {
        (wave, customer, question): text
        for wave, table in world.surveys.items()
        for question in {clause["question"] for clause in truth["clauses"]}
        for customer, text in zip(table[who], table[question], strict=True)
    }
    assert len(truth["clauses"]) > 1000
    for clause in truth["clauses"]:
        text = texts[clause["wave"], clause["customer"], clause["question"]]
        part = text[clause["start"] : clause["end"]]
        assert part
        assert part == part.strip()
        assert (clause["wave"], clause["customer"], text) in loaded
        assert clause["touchpoint"] in truth["touchpoints"]


def test_interviews_hold_what_the_truth_says(folder, truth):
    order = {stage: i for i, stage in enumerate(truth["stages"])}
    back = left_out = 0
    for document, told in truth["interviews"].items():
        text = (folder / "interviews" / document).read_text("utf-8")
        for clause in told["clauses"]:
            assert text[clause["start"] : clause["end"]].strip()
            assert "\n" not in text[clause["start"] : clause["end"]]
        assert told["lived"] == sorted(told["told"], key=order.get)
        assert not set(told["omitted"]) & set(told["told"])
        back += told["told"] != told["lived"]
        left_out += bool(told["omitted"])
    assert back > 3
    assert left_out > 3


def test_polarity_follows_experience(truth):
    clauses = pd.DataFrame(truth["clauses"])
    segment = clauses["customer"].map(truth["segment_of_customer"])
    planted = pd.DataFrame(truth["experience"])
    mean = [planted.loc[point, name] for point, name in zip(clauses["touchpoint"], segment, strict=True)]
    rated = clauses["polarity"].to_numpy()
    assert np.corrcoef(rated, mean)[0, 1] > 0.5
    assert {-1, 0, 1} == set(rated.tolist())


@pytest.mark.parametrize("sample", list(WRITTEN_IN))
def test_thirty_templates_a_language_and_every_touchpoint_in_every_polarity(sample):
    plan = read_plan(sample)
    for language in WRITTEN_IN[sample]:
        pack = read_pack(sample, language)
        assert len(set(pack.templates)) >= 30
        for point in plan.points:
            assert all(len(pack.said[point][key]) >= 2 for key in ("negative", "positive", "neutral"))


def test_templates_share_no_sentence_with_the_codebook(study):
    import re

    examples = set()
    for code in study.codebook.codes:
        for texts in code.examples.values():
            examples |= {re.sub(r"\W+", " ", text).casefold().strip() for text in texts}
    for sample, languages in WRITTEN_IN.items():
        for language in languages:
            said = {re.sub(r"\W+", " ", text).casefold().strip() for text in read_pack(sample, language).templates}
            assert not said & examples


def test_non_answers_and_disagreeing_comments_occur(study, truth):
    clauses = pd.DataFrame(truth["clauses"])
    both = clauses.groupby(["wave", "customer"])["polarity"].agg(lambda signs: {-1, 1} <= set(signs))
    assert both.sum() > 30
    assert "non-answers" in set(study.report["finding"])


def test_people_go_round_again_as_often_as_planted(truth):
    for name, ways in truth["went_round"].items():
        for way, (went, could) in ways.items():
            chance = truth["loops"][name][way]
            if could:
                assert abs(went / could - chance) < 4 * np.sqrt(chance * (1 - chance) / could) + 0.01


def test_a_repeat_buys_the_same_item_as_often_as_planted(study, truth):
    bought = study.events[study.events["item"].notna() & study.events["money"].notna()].sort_values("time")
    for _, mine in bought.groupby("customer_id"):
        assert (mine["money"] > 0).all()
    if truth["name"] == "furniture":
        again = bought[bought.duplicated("customer_id")]
        before = bought.groupby("customer_id")["item"].shift()
        same = (bought["item"] == before)[again.index].mean()
        assert 0.15 < same < 0.5


def test_who_was_blocked_bought_nothing_and_says_why(study, truth):
    if truth["name"] != "furniture":
        pytest.skip("nobody is blocked at the grocer")
    blocked = truth["blocked"]
    assert len(blocked) >= 20
    assert set(blocked.values()) == {"stock", "technical", "screening"}
    bought = set(study.events.loc[study.events["event"] == "заказ_оплачен", "customer_id"])
    assert not bought & set(blocked)
    said = {clause["customer"]: clause["reason"] for clause in truth["clauses"] if "reason" in clause}
    assert len(said) >= 10
    assert all(blocked[customer] == reason for customer, reason in said.items())


def test_purchases_under_pressure_are_repeated_less(study, truth):
    if truth["name"] != "furniture":
        pytest.skip("nobody is pressed at the grocer")
    hollow = {(wave, customer) for wave, customers in truth["hollow_success"].items() for customer in customers}
    again = study.outcomes[study.outcomes["outcome"] == "repurchase"]
    pressed = [key in hollow for key in zip(again["wave"], again["customer_id"], strict=True)]
    rate = again["value"].groupby(pressed).mean()
    assert sum(pressed) > 40
    assert rate[True] < rate[False] - 0.2


def test_the_command_of_the_makefile_writes_every_sample(tmp_path, capsys):
    main([str(tmp_path)])
    assert {path.name for path in tmp_path.iterdir()} == set(list_samples())
    assert "grocer" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="Name the folder"):
        main([])


def test_cases_are_closed_after_the_planted_time(study, truth):
    names = {"grocer": ("case_open", "case_closed"), "furniture": ("обращение", "обращение_закрыто")}[truth["name"]]
    cases = study.events[study.events["event"].isin(names)].sort_values(["customer_id", "time"])
    opened = cases["event"].to_numpy()[:-1] == names[0]
    paired = opened & (cases["event"].to_numpy()[1:] == names[1])
    hours = cases["time"].diff().dt.total_seconds().to_numpy()[1:][paired] / 3600
    segment = cases["customer_id"].map(truth["segment_of_customer"]).to_numpy()[:-1][paired]
    medians = pd.Series(hours).groupby(segment).median()
    for name, planted in truth["resolution_hours"].items():
        assert 0.6 < medians[name] / planted < 1.6


def test_example_sentences_of_a_study_are_read_and_are_not_the_planted_ones(name, study):
    """Examples teach the coder; a planted sentence among them would give the answer away."""
    comments = " ".join(study.feedback["text"].dropna().str.casefold())
    told = {code.id: code.examples for code in study.codebook if any(code.own.values()) or code.examples}
    if name == "furniture":
        assert {"upsell", "shelf_reminder", "house_move"} <= set(told)
        assert all(len(told[code][language]) >= 10 for code in ("upsell", "house_move") for language in ("en", "ru"))
    own = [code for code in told if code in {"upsell", "shelf_reminder", "house_move"}]
    for sentence in (each for code in own for sentences in told[code].values() for each in sentences):
        assert sentence.casefold().rstrip(".!?") not in comments
