"""What a map refuses, as one sentence."""

from __future__ import annotations

import pytest

from cjmlab.errors import CjmError
from cjmlab.maps import journey_map


def test_an_unknown_segment_names_the_nearest(imitate):
    journeys, moments = imitate()
    with pytest.raises(CjmError, match=r"'Loyal enthusiast' is not a segment.*Did you mean 'Loyal enthusiasts'\?"):
        journey_map(journeys, moments, segment="Loyal enthusiast")


def test_an_unknown_lane_names_the_nearest(imitate):
    journeys, moments = imitate()
    with pytest.raises(CjmError, match=r"lanes: 'emotions' is not a lane\. Did you mean 'emotion'\?"):
        journey_map(journeys, moments, lanes=["emotions"])


def test_an_unknown_language_is_said(imitate):
    journeys, moments = imitate()
    with pytest.raises(CjmError, match="'fr' is not a known language"):
        journey_map(journeys, moments, language="fr")


def test_no_rows_is_one_sentence(imitate):
    journeys, moments = imitate()
    with pytest.raises(CjmError, match=r"there are no journeys to draw\. Loosen the filter\."):
        journey_map(journeys.head(0), moments)


def test_too_narrow_is_said(imitate):
    journeys, moments = imitate()
    with pytest.raises(CjmError, match=r"width: a map of 300 pixels is too narrow\. Take 640 or more\."):
        journey_map(journeys, moments, width=300)


def test_a_table_that_is_not_journeys_is_said():
    import pandas as pd

    with pytest.raises(CjmError, match=r"table 'journeys': the column 'segment' .* is missing"):
        journey_map(pd.DataFrame({"a": [1]}))
