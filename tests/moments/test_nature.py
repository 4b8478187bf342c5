"""What kind of moment of truth it is: critical and make-or-break, and when it is too early to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cjmlab.journeys import derive_journeys
from cjmlab.moments import rank_moments
from cjmlab.moments.nature import detractor_cut, name_nature


def people(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Experience of four touchpoints; ``till`` only hurts, ``gift`` only delights, ``talk`` does both, ``sign`` nothing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        np.clip(np.round(2 * (0.1 + 0.6 * rng.normal(size=(n, 4)))) / 2, -1, 1),
        columns=["till", "gift", "talk", "sign"],
    )
    y = 6.5 - 3.0 * (X["till"] <= -0.25) + 2.5 * (X["gift"] >= 0.75) + 1.5 * X["talk"] + rng.normal(size=n)
    return X, np.clip(np.round(y.to_numpy()), 0, 10)


def test_critical_touchpoints_are_named_from_eight_hundred_customers_on() -> None:
    found = name_nature(*people(1500), 6.0).set_index("touchpoint")["asymmetry"]
    assert found.to_dict() == {"till": "must-be", "gift": "delighter", "talk": "", "sign": ""}
    assert name_nature(*people(799), 6.0)["asymmetry"].eq("").all()


def test_make_or_break_by_hand() -> None:
    bad, good = np.full(40, -1.0), np.full(60, 1.0)
    X = pd.DataFrame({"t": np.concatenate([bad, good]), "flat": np.tile([-1.0, 1.0], 50)})
    y = np.concatenate([np.full(28, 3.0), np.full(12, 9.0), np.full(18, 6.0), np.full(42, 10.0)])
    found = name_nature(X, y, 6.0).set_index("touchpoint")
    assert found.loc["t", ["after_bad", "after_good"]].tolist() == [0.7, 0.3]
    assert found["make_or_break"].to_dict() == {"t": True, "flat": False}


@pytest.mark.parametrize(("scale", "cut"), [("0-10", 6.0), ("10-0", 6.0), ("1-5", 3.0), (None, 5.0), ("-1 – 1", 0.0)])
def test_who_is_lost_depends_on_the_scale(scale: object, cut: float) -> None:
    found = detractor_cut(pd.Series([1.0, 9.0]), scale)
    assert found == pytest.approx(cut)
    assert (found < cut) == (cut != 6.0)  # the middle itself is not lost


def test_the_table_says_it_in_words() -> None:
    X, y = people(1500)
    rows = X.set_axis([f"c{i:04d}" for i in range(len(X))]).rename_axis("customer_id").reset_index()
    rows = rows.melt("customer_id", var_name="touchpoint", value_name="sentiment")
    rows["unit_id"] = rows["feedback_id"] = rows["customer_id"] + rows["touchpoint"]
    blank = dict.fromkeys(("text", "start", "end", "lane", "coder", "negative", "neutral", "positive"))
    journeys = derive_journeys(rows.assign(stage="act", scorer="rating", **blank))
    outcomes = pd.DataFrame({"customer_id": [f"c{i:04d}" for i in range(len(X))], "outcome": "recommend", "value": y, "scale": "0-10",
                             "wave": "1"})  # fmt: skip
    moments = rank_moments(journeys, outcomes).set_index(["kind", "touchpoint"])
    till = moments.loc[("moment_of_truth", "till")]
    assert till["nature"] == "critical, make-or-break"
    assert "a bad experience costs more than a very good one gains" in till["reason"]
    assert "are lost after a bad experience" in till["reason"]
    assert moments.drop(index="moment_of_truth", level=0)["nature"].fillna("").eq("").all()
