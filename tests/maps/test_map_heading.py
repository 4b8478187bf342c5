"""The house's own name for all customers stands in the languages of the study, in no others."""

from dataclasses import replace

import pytest

from cjmlab.journeys import derive_journeys
from cjmlab.maps import journey_map
from cjmlab.study.world import planted_world


@pytest.mark.parametrize(("languages", "shown"), [(("en",), False), (("en", "zh-Hans"), True)])
def test_all_customers_are_named_in_the_languages_of_the_study(languages: tuple[str, ...], shown: bool) -> None:
    study = planted_world(touchpoints=4, customers=40).study()
    study = replace(study, charter=replace(study.charter, languages=languages))
    rated = study.feedback[study.feedback["rating"].notna()]
    drawn = journey_map(derive_journeys(rated, None, study), language="en").to_json()
    assert ("全部客户" in drawn or "\\u5168\\u90e8\\u5ba2\\u6237" in drawn) is shown
    assert "Все клиенты" not in drawn
