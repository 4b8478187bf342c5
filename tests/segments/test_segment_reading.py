"""Columns are read for what they are, and the report says what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.features import centre_batteries, fit_space
from cjmlab.segments.flags import flag_respondents
from cjmlab.segments.style import choose_centred
from cjmlab.study.charter import ColumnRoles


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 200
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "spend": np.exp(rng.normal(3, 1, n)),
            "opinion": rng.integers(1, 6, n),
            "city": rng.choice(["Oslo", "Rome", "Bonn"], n),
            "member": rng.random(n) < 0.4,
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
            "number": np.arange(1000, 1000 + n),
            "note": [f"free text {i}" for i in range(n)],
            "same": 7,
            "empty": np.nan,
            "sparse": np.where(rng.random(n) < 0.5, np.nan, rng.normal(size=n)),
            "infinite": np.where(rng.random(n) < 0.05, np.inf, rng.normal(size=n)),
            "words": rng.normal(size=n).astype(str),
        }
    )


def test_kinds_and_roles_are_inferred(table: pd.DataFrame) -> None:
    plans = {plan.column: plan for plan in plan_columns(table)}
    kinds = {name: (plan.kind, plan.role) for name, plan in plans.items()}
    assert kinds["spend"] == ("numeric", "active")
    assert plans["spend"].logged
    assert kinds["opinion"] == ("ordinal", "active")
    assert kinds["city"] == ("nominal", "active")
    assert kinds["member"] == ("nominal", "active")
    assert plans["member"].levels in (("no", "yes"), ("yes", "no"))
    assert kinds["joined"] == ("numeric", "active")
    assert kinds["words"] == ("numeric", "active")
    assert {name for name, plan in plans.items() if plan.role == "left out"} == {"number", "note", "same", "empty"}
    assert "constant" in plans["same"].note
    assert "declare it nominal" in plans["note"].note
    assert "infinite as missing" in plans["infinite"].note


def test_a_column_with_many_gaps_leaves_the_active_set(table: pd.DataFrame) -> None:
    plan = next(plan for plan in plan_columns(table) if plan.column == "sparse")
    assert plan.role == "passive"
    assert "missing: left out of the active set" in plan.note


def test_declared_roles_go_first(table: pd.DataFrame) -> None:
    roles = ColumnRoles(active=("spend", "opinion"), passive=("city",), numeric=("opinion",))
    roles_of = {plan.column: (plan.role, plan.kind) for plan in plan_columns(table, roles=roles)}
    assert roles_of["opinion"] == ("active", "numeric")
    assert roles_of["city"][0] == "passive"
    assert roles_of["member"][0] == "left out"


def test_an_unknown_column_is_a_sentence(table: pd.DataFrame) -> None:
    with pytest.raises(TableError, match="features: 'spent' is not a column of the customer table"):
        plan_columns(table, features=["spent"])


def test_rare_levels_are_pooled() -> None:
    city = ["a"] * 60 + ["b"] * 35 + ["c", "d", "e", "f", "g"]
    plan = plan_columns(pd.DataFrame({"customer_id": map(str, range(100)), "city": city}))[0]
    assert plan.levels == ("a", "b", "(other)")
    assert "5 rare levels pooled" in plan.note
    assert plan.shares == pytest.approx((0.6, 0.35, 0.05))


def test_the_design_has_z_scores_and_light_dummies(table: pd.DataFrame) -> None:
    space = fit_space(plan_columns(table, features=["spend", "city", "member"]))
    design = space.design(space.raw(table))
    assert design.shape == (200, 1 + 3 + 1)
    assert design[:, 0].mean() == pytest.approx(0, abs=1e-9)
    assert design[:, 0].std() == pytest.approx(1)
    assert set(np.unique(design[:, 1:])) == {0.0, 0.7}
    assert len(space.column_names()) == design.shape[1]


def test_blocks_weigh_alike_whatever_their_size(table: pd.DataFrame) -> None:
    plans = plan_columns(table, features=["spend", "opinion", "words"], blocks={"behaviour": ["spend", "words"]},
                         weights={"opinion": 2.0})  # fmt: skip
    assert {plan.column: round(plan.weight, 3) for plan in plans if plan.role == "active"} == {
        "spend": 0.707, "opinion": 2.0, "words": 0.707,
    }  # fmt: skip


def _battery(style: float, level: bool, reverse: bool) -> tuple[pd.DataFrame, ColumnRoles]:
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 3, 600)
    habit = rng.normal(0, style, 600)
    items = {}
    for j in range(9):
        mean = (kind - 1) * 1.1 if level else np.array([1.2, -1.2, 0.0])[(kind + j) % 3] if reverse else kind * 0.0
        items[f"a{j}"] = np.clip(np.round(3 + mean + habit + rng.normal(0, 0.7, 600)), 1, 5)
    table = pd.DataFrame({"customer_id": [str(i) for i in range(600)], **items})
    return table, ColumnRoles(batteries={"attitudes": tuple(items)})


@pytest.mark.parametrize(
    ("style", "level", "reverse", "centred"),
    [(0.8, False, True, ("attitudes",)), (0.0, False, True, ()), (0.0, True, False, ())],
    ids=["response style", "no style", "segments of level"],
)
def test_a_battery_is_centred_only_for_a_response_style(
    style: float, level: bool, reverse: bool, centred: tuple[str, ...]
) -> None:
    table, roles = _battery(style, level, reverse)
    space = fit_space(plan_columns(table, roles=roles))
    chosen, notes = choose_centred(space, space.raw(table))
    assert chosen == centred
    assert len(notes) == 1


def test_undeclared_columns_are_never_centred() -> None:
    table, _ = _battery(0.8, False, True)
    space = fit_space(plan_columns(table))
    assert choose_centred(space, space.raw(table)) == ((), ())
    assert choose_centred(space, space.raw(table), style="centre") == ((), ())


def test_centring_takes_the_mean_of_the_answered_items() -> None:
    table, roles = _battery(0.8, False, True)
    table.loc[0, ["a0", "a1", "a2"]] = np.nan
    space = fit_space(plan_columns(table, roles=roles))
    raw = space.raw(table)
    numbers = centre_batteries(space, raw, ["attitudes"]).mixed(raw).numbers
    assert np.isnan(numbers[0]).sum() == 3
    means = np.array([centre_batteries(space, raw, ["attitudes"]).centres["a4"]])  # type: ignore[index]
    expected = (raw[0, 4] - np.nanmean(raw[0]) - means[0, 0]) / means[0, 1]
    assert numbers[0, 4] == pytest.approx(expected)


def test_straightliners_and_speeders_are_flagged() -> None:
    table, roles = _battery(0.5, False, True)
    table.loc[5, [f"a{j}" for j in range(9)]] = 4
    table["seconds"] = 300.0
    table.loc[7, "seconds"] = 50
    flags = flag_respondents(table, roles, "seconds")
    assert flags.loc[5, "straightliner"]
    assert flags["speeder"].sum() == 1
    with pytest.raises(TableError, match="Did you mean 'seconds'"):
        flag_respondents(table, roles, "second")
