"""One rule for rounding: ties away from zero, whatever the last bits of a sum."""

import doctest
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import rounding
from helpers.analysis.methods import clustered
from helpers.rounding import difference, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (62.5, 0, 63.0),
        (62.49999999999999, 0, 63.0),
        (62.50000000000001, 0, 63.0),
        (-62.5, 0, -63.0),
        (0.285, 2, 0.29),
        (1.005, 2, 1.01),
        (2.5, 0, 3.0),
        (0.125, 2, 0.13),
        (-0.001, 2, 0.0),
        (1e300, 2, 1e300),
        (1e-30, 3, 0.0),
    ],
)
def test_ties_are_rounded_away_from_zero(value, decimals, expected):
    found = rounded(value, decimals)
    assert found == expected
    assert math.copysign(1, found) == math.copysign(1, expected)  # no negative zero


@given(st.integers(-20_000, 20_000), st.integers(1, 40), st.floats(-1, 1), st.integers(0, 3))
def test_noise_in_the_last_bits_never_changes_a_mean_of_answers(total, people, noise, decimals):
    mean = total / people
    assert rounded(mean * (1 + 1e-11 * noise), decimals) == rounded(mean, decimals)


def test_what_is_no_number_stays_what_it_is():
    table = pd.DataFrame({"a": [1 / 3, None, np.inf], "b": ["x", None, "y"], "c": pd.array([1, None, 3], "Int64")})
    found = rounding.frame(table)
    assert found["a"].tolist()[0] == 0.3333333333
    assert np.isnan(found["a"][1]) and found["a"][2] == np.inf
    pd.testing.assert_frame_equal(found[["b", "c"]], table[["b", "c"]])
    assert table["a"][0] == 1 / 3  # the input is left alone


def test_a_difference_far_below_the_last_digit_of_its_parts_is_none():
    assert difference(0.1 + 0.2, 0.3) == 0
    assert difference(1e6 + 1e-7, 1e6) == 0
    assert difference(0.3, 0.2) == pytest.approx(0.1)
    assert difference(0.0, 0.0) == 0
    assert difference(np.array([0.1 + 0.2, 2.0]), np.array([0.3, 1.0])).tolist() == [0.0, 1.0]
    equal = pd.DataFrame(
        {"side": ["a"] * 3 + ["b"] * 3, "score": [0.1, 0.2, 0.3, 0.3, 0.2, 0.1], "partner": [1, 2, 3] * 2}
    )
    gap = clustered.regression("score ~ side", equal, "partner").set_index("term").loc["side[T.b]", "estimate"]
    assert gap == 0


def test_the_examples_run():
    assert doctest.testmod(rounding).failed == 0
