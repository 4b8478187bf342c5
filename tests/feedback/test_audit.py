"""Shares corrected by people: unbiased where machines are wrong, honest where nobody looked; saturation."""

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.feedback import code_shares, draw_audit, saturation


def world(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A machine that overlooks a third of the carts and sees carts in a tenth of the rest."""
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(n) < 0.4, "cart", "delivery")
    wrong = np.where(truth == "cart", rng.random(n) < 0.33, rng.random(n) < 0.1)
    machine = np.where(wrong, np.where(truth == "cart", "delivery", "cart"), truth)
    coded = pd.DataFrame({"unit_id": [f"u{k:05d}" for k in range(n)], "text": "x", "touchpoint": machine})
    audit = draw_audit(coded, size=200, seed=seed)
    audit["touchpoint"] = pd.Series(truth, index=coded.unit_id).loc[audit.unit_id].to_numpy()
    return coded, audit


def test_an_audit_takes_the_bias_out_and_the_interval_covers() -> None:
    hits, machine_gap, share_gap = 0, [], []
    for seed in range(40):
        coded, audit = world(2000, seed)
        row = code_shares(coded, audit).set_index("code").loc["cart"]
        hits += row.low <= 0.4 <= row.high
        machine_gap.append(row.machine_share - 0.4)
        share_gap.append(row.share - 0.4)
    assert hits >= 35
    assert abs(np.mean(share_gap)) < 0.01 < 0.05 < abs(np.mean(machine_gap))


def test_without_fifty_random_codes_a_share_is_unaudited() -> None:
    coded, audit = world(300, 1)
    assert set(code_shares(coded).status) == {"unaudited"}
    assert set(code_shares(coded, audit.head(49)).status) == {"unaudited"}
    assert set(code_shares(coded, audit.assign(random=False)).status) == {"unaudited"}
    assert set(code_shares(coded, audit).status) == {"audited"}


def test_an_audit_of_other_clauses_is_refused() -> None:
    coded, audit = world(300, 1)
    with pytest.raises(TableError, match=r"1 of 200 audited clauses are not among the coded ones \(first: 'zzz'\)"):
        code_shares(coded, audit.assign(unit_id=["zzz", *audit.unit_id[1:]]))


def test_the_draw_is_the_same_on_any_order_of_rows() -> None:
    coded, _ = world(300, 2)
    again = coded.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(draw_audit(coded, size=20), draw_audit(again, size=20))


def test_saturation_flattens_once_every_code_was_heard() -> None:
    rows = [(f"d{k}", code) for k in range(12) for code in ("cart", "delivery", ["search", "payment"][k % 2])]
    curve = saturation(pd.DataFrame(rows, columns=["document", "touchpoint"]))
    assert curve.codes.iloc[0] == 3
    assert curve.codes.iloc[-1] == 4
    assert curve.codes.is_monotonic_increasing
    assert curve.new.iloc[-1] < 0.05
