"""Agreement: published values, nltk as a second opinion, intervals, sentences."""

import numpy as np
import pandas as pd
import pytest
from nltk.metrics import masi_distance
from nltk.metrics.agreement import AnnotationTask

from cjmlab.errors import TableError, VocabularyError
from cjmlab.feedback import measure_agreement

_ = np.nan
EXAMPLE_C = {  # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _], "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    "C": [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _], "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
}  # fmt: skip


def long(frame: dict[str, list[float]]) -> pd.DataFrame:
    table = pd.DataFrame(frame).rename_axis("unit_id").reset_index()
    return table.melt("unit_id", var_name="coder", value_name="touchpoint")


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example(metric: str, value: float) -> None:
    row = measure_agreement(long(EXAMPLE_C), metric=metric, resamples=50).iloc[0]
    assert row.value == pytest.approx(value, abs=0.0005)
    assert row.low <= row.value <= row.high


def test_cohens_kappa_of_a_known_table() -> None:
    cells = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}
    pairs = [pair for pair, n in cells.items() for _ in range(n)]
    rows = [(k, coder, code) for k, pair in enumerate(pairs) for coder, code in zip("ab", pair, strict=True)]
    table = measure_agreement(pd.DataFrame(rows, columns=["unit_id", "coder", "touchpoint"]))
    assert table[table.measure == "kappa"].value.tolist() == pytest.approx([0.4, 0.4])


def test_several_codes_a_unit_agree_with_nltk() -> None:
    rng = np.random.default_rng(4)
    rows, task = [], []
    for unit in range(30):
        for coder in "xyz":
            codes = frozenset(
                rng.choice(["cart", "delivery", "payment"], size=rng.integers(1, 3), replace=False).tolist()
            )
            rows += [(f"u{unit}", coder, code) for code in codes]
            task.append((coder, f"u{unit}", codes))
    table = measure_agreement(
        pd.DataFrame(rows, columns=["unit_id", "coder", "touchpoint"]), metric="masi", resamples=20
    )
    assert table.value.iloc[0] == pytest.approx(AnnotationTask(data=task, distance=masi_distance).alpha(), abs=1e-4)


def test_order_of_rows_changes_nothing_and_the_input_stays() -> None:
    table = long(EXAMPLE_C)
    before = table.copy()
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(measure_agreement(table, resamples=30), measure_agreement(shuffled, resamples=30))
    pd.testing.assert_frame_equal(table, before)


def test_refusals_are_sentences() -> None:
    with pytest.raises(VocabularyError, match=r"'nominl' is not a metric of agreement\. Did you mean 'nominal'"):
        measure_agreement(long(EXAMPLE_C), metric="nominl")
    single = pd.DataFrame({"unit_id": ["a"], "coder": ["x"], "touchpoint": ["cart"]})
    with pytest.raises(
        TableError, match=r"codes: no unit was coded by two coders\. Let two coders code the same units\."
    ):
        measure_agreement(single)
    with pytest.raises(TableError, match=r"the column 'coder' is missing\. Did you mean 'coders'"):
        measure_agreement(single.rename(columns={"coder": "coders"}))
