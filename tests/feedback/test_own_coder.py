"""An object that is no coder is refused in words."""

import pandas as pd
import pytest

import cjmlab as cjm


def test_an_object_without_find_is_refused():
    rows = pd.DataFrame({"text": ["The delivery was late"]})
    with pytest.raises(
        cjm.CjmError, match=r"coder: object is no coder: it has no find\. Give an object with find\(text, language\)"
    ):
        cjm.code_feedback(rows, coder=object())
