"""The planted action log: effects are what the truth says when chosen by chance, and hidden when a mood chooses."""

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import StudyError
from cjmlab.study.action_log import log_actions
from cjmlab.study.world import planted_world


@pytest.fixture(scope="module")
def world():
    return planted_world(seed=3, customers=300, segments=3, text=False)


def weighted_value(log, action):
    taken = log.rows["action"] == action
    return float((log.rows["outcome"] * taken / log.rows["propensity"]).mean())


def test_inverse_propensity_finds_the_planted_values(world):
    log = log_actions(world, rows=20_000)
    for action in ("nothing", "reminder", "call"):
        assert abs(weighted_value(log, action) - log.values[action]) < 0.025
    assert log.rows["propensity"].between(0.05, 1).all()


def test_the_segment_rule_beats_every_single_action(world):
    log = log_actions(world)
    single = [value for policy, value in log.values.items() if policy != "segment rule"]
    assert log.values["segment rule"] > max(single) + 0.03
    assert len(set(log.best.values())) > 1


def test_a_hidden_mood_misleads_and_logs_no_propensity(world):
    log = log_actions(world, rows=20_000, confounded=True)
    assert log.rows["propensity"].isna().all()
    naive = log.rows.groupby("action")["outcome"].mean()
    bias = naive - pd.Series({action: log.values[action] for action in naive.index})
    assert bias.abs().max() > 0.03


def test_the_log_is_the_same_for_the_same_seed_and_has_one_row_a_customer(world):
    first, again = log_actions(world, seed=5), log_actions(world, seed=5)
    pd.testing.assert_frame_equal(first.rows, again.rows)
    assert first.rows["customer_id"].is_unique
    assert np.isfinite(list(first.values.values())).all()


def test_one_action_is_refused(world):
    with pytest.raises(StudyError, match="an action log needs at least two different actions"):
        log_actions(world, actions=("call",))
