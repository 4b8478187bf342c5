"""Tables that nobody planned for: one sentence or one verdict each, no traceback, no storm of warnings."""

from __future__ import annotations

import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.segments import Segmentation, segment_customers


def table(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    kind = np.arange(n) % 3
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "a": rng.normal(kind * 3, 1, n),
            "b": rng.normal((kind == 1) * 3, 1, n),
            "c": rng.choice(["x", "y", "z"], n),
        }
    )


def segment(customers: pd.DataFrame) -> Segmentation:
    """Segment, and read everything a notebook shows, with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = segment_customers(customers, n_null=3, n_boot=2, largest=4)
        found.profile()
        found.personas("zh-Hans")
        found.traits(found.names[0])
        found.plane()
        repr(found)
    assert found.verdict
    return found


BASE = table()
RNG = np.random.default_rng(1)
READABLE = {
    "two customers": table(2), "nine customers": table(9), "thirty customers": table(30),
    "one usable column": BASE.assign(a=1, b=np.nan), "two columns": BASE[["customer_id", "a"]],
    "one nominal column": BASE[["customer_id", "c"]],
    "some infinite": BASE.assign(a=BASE["a"].where(BASE.index % 5 > 0, -np.inf)),
    "booleans": BASE.assign(d=RNG.random(60) < 0.5, e=pd.array(RNG.random(60) < 0.5, dtype="boolean")),
    "dates": BASE.assign(d=pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(RNG.integers(0, 99, 60), unit="D")),
    "durations": BASE.assign(d=pd.to_timedelta(RNG.integers(0, 99, 60), unit="h")),
    "date objects": BASE.assign(d=[pd.Timestamp("2024-01-01").date(), pd.Timestamp("2024-02-01").date()] * 30),
    "five hundred levels": table(600).assign(d=pd.Categorical(RNG.integers(0, 500, 600).astype(str))),
    "lists": BASE.assign(d=[[1, 2]] * 60), "records": BASE.assign(d=[{"a": 1}] * 60),
    "mixed kinds": BASE.assign(d=[1, "a", None] * 20), "decimals": BASE.assign(d=[Decimal(i) for i in range(60)]),
    "complex numbers": BASE.assign(d=1j * RNG.random(60)), "huge numbers": BASE.assign(a=BASE["a"] * 1e300),
    "names that are numbers": BASE.rename(columns={"a": 0, "b": 1}),
    "a repeated index": BASE.set_index(pd.Index([5] * 60)),
    "more columns than customers": pd.DataFrame(RNG.normal(size=(40, 60))).add_prefix("v").assign(
        customer_id=[str(i) for i in range(40)]),
}  # fmt: skip
REFUSED = {
    "nobody": (BASE.head(0), "0 customer cannot be segmented"),
    "one customer": (BASE.head(1), "1 customer cannot be segmented"),
    "identical rows": (BASE.assign(a=1, b=2, c="x"), "no column is left that could form segments"),
    "all infinite": (BASE.assign(a=np.inf, b=-np.inf, c=np.nan), "a: no usable value"),
    "all missing": (BASE.assign(a=np.nan, b=None, c=None), "a: no usable value"),
    "all text": (
        BASE[["customer_id"]].assign(t=[f"said {i} things" for i in range(60)]),
        "looks like an id or free text",
    ),
    "ids only": (BASE[["customer_id"]], "the table has only ids"),
    "repeated ids": (BASE.assign(customer_id="x"), "59 of 60 rows repeat an id"),
    "two columns of one name": (BASE.rename(columns={"a": "b"}), "two columns have the same name"),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_table_has_a_verdict(name: str) -> None:
    customers = READABLE[name]
    assert len(segment(customers).members) == len(customers)


@pytest.mark.parametrize("name", REFUSED)
def test_an_unreadable_table_has_a_sentence(name: str) -> None:
    customers, sentence = REFUSED[name]
    with pytest.raises(CjmError, match=sentence) as caught:
        segment(customers)
    assert "\n" not in str(caught.value)


def test_more_segments_than_customers_are_refused_and_as_many_are_not() -> None:
    with pytest.raises(CjmError, match="9 is not a number of segments"):
        segment_customers(table(8), n_segments=9)
    assert segment_customers(table(8), n_segments=3, n_null=0, n_boot=0).members["segment"].notna().all()


def test_columns_may_be_given_as_numbers_and_new_customers_too() -> None:
    renamed = READABLE["names that are numbers"]
    found = segment_customers(renamed, n_segments=3, n_null=0, n_boot=0)
    again = found.predict(renamed)
    assert again["segment"].tolist() == found.members["segment"].tolist()


def test_an_empty_choice_of_columns_is_not_every_column() -> None:
    with pytest.raises(CjmError, match="no column is left"):
        segment_customers(table(), features=[])
