"""A number of people in words never claims more than the number, and never tells it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import Study
from helpers.present.findings import levels
from helpers.privacy.bands import EXACT_FROM, at_least, band, or_more
from helpers.published import Column
from helpers.shipped import SAMPLE


@given(st.integers(0, EXACT_FROM - 1))
def test_a_band_holds_its_number_and_several_others(count):
    low, high = map(int, band(count).split("–"))
    assert low <= count <= high and high - low >= 4


def test_a_number_of_thirty_has_no_band():
    with pytest.raises(ValueError, match="30 lies in no band"):
        band(30)


@given(st.integers(1, 10**7))
def test_a_lower_bound_in_words_is_true_and_no_further_than_half_away(count):
    assert count / 2 < at_least(or_more(count)) <= count


def test_a_column_of_counts_may_hold_words():
    counts = Column(label="Respondents", type="integer")
    assert (counts.rounded("10–19"), counts.printed("10–19")) == ("10–19", "10–19")


def test_a_finding_carries_the_words_of_its_exhibit():
    rows = pd.DataFrame([{"side": "hr", "estimate": 3.2, "low": 3.1, "high": 3.3, "respondents": "20–29"}])
    how = {"id": "level", "unknown": "We cannot tell", "exhibit": "means"}
    (finding,) = levels(rows, "{Side} say {value}.", Study.load(SAMPLE).codebook, **how)
    assert finding.n == "20–29"
