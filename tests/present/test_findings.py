"""Findings: the wording follows the evidence."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.present import findings


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [
        (0.5, 0.3, 0.7, "strong"),
        (-0.5, -0.7, -0.3, "strong"),
        (0.3, 0.1, 0.5, "moderate"),
        (0.1, 0.02, 0.3, "weak"),
        (0.05, -0.1, 0.15, "none"),
        (0.12, 0.05, 0.19, "none"),
        (0.1, -0.3, 0.5, "cannot tell"),
        (None, None, None, "cannot tell"),
        (0.4, math.nan, math.nan, "cannot tell"),
        (0.4, -math.inf, math.inf, "cannot tell"),
    ],
)
def test_grade_follows_the_interval_and_the_smallest_effect_of_interest(estimate, low, high, expected):
    assert findings.grade(estimate, low, high, smallest=0.2) == expected


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(0, 2))
def test_a_difference_is_graded_only_when_the_interval_excludes_zero(estimate, below, above):
    grade = findings.grade(estimate, estimate - below, estimate + above, smallest=0.2)
    if estimate - below <= 0 <= estimate + above:
        assert grade in ("none", "cannot tell")


def gap(estimate, low, high, **row):
    return findings.difference(
        {"estimate": estimate, "low": low, "high": high, "respondents": 300, "method": "CR2", **row},
        id="gap-listening",
        higher="HR partners rate listening {size} higher than managers do.",
        lower="HR partners rate listening {size} lower than managers do.",
        same="HR partners and managers rate listening alike: any difference is smaller than {smallest}.",
        unknown="We cannot tell whether HR partners and managers rate listening differently",
        smallest=0.2,
        unit="points",
        group="all partnerships",
    )


def test_a_clear_difference_states_size_and_interval():
    finding = gap(0.423, 0.301, 0.545)
    assert finding.sentence == (
        "HR partners rate listening 0.42 points (95 % interval 0.30 to 0.55) higher than managers do."
    )
    assert (finding.grade, finding.estimate, finding.n) == ("strong", 0.42, 300)


def test_a_negative_difference_is_worded_without_minus_signs():
    assert "0.42 points (95 % interval 0.30 to 0.55) lower" in gap(-0.423, -0.545, -0.301).sentence


def test_a_small_difference_is_called_small_and_an_absent_one_absent():
    assert gap(0.1, 0.02, 0.25).sentence.endswith("This is a small difference.")
    assert gap(0.01, -0.1, 0.1).sentence.endswith("any difference is smaller than 0.20 points.")


def test_what_the_data_cannot_tell_is_said_in_words():
    assert gap(0.1, -0.3, 0.5).sentence.endswith("it may lie anywhere from −0.30 to 0.50 points.")
    hidden = gap(pd.NA, pd.NA, pd.NA, respondents=pd.NA)
    assert hidden.sentence.endswith("too few people answered to show a result.")
    assert (hidden.estimate, hidden.n, hidden.grade) == (None, 0, "cannot tell")
    assert gap(None, None, None, note="cannot tell: one HR partner").sentence.endswith(": one HR partner.")


def test_a_level_is_graded_by_its_precision():
    def level(half):
        row = {"estimate": 3.4, "low": 3.4 - half, "high": 3.4 + half, "respondents": 90, "method": ""}
        words = {"sentence": "Managers score listening at {value}.", "unknown": "We cannot tell how managers score it"}
        return findings.level(row, id="x", smallest=0.2, unit="points", group="managers", **words)

    assert [level(half).grade for half in (0.1, 0.3, 0.7, 1.0)] == ["strong", "moderate", "weak", "cannot tell"]
    assert level(0.1).sentence == "Managers score listening at 3.40 points (95 % interval 3.30 to 3.50)."


def test_an_interval_with_an_open_end_is_not_stated():
    row = {"estimate": 3.4, "low": 3.1, "high": math.nan, "respondents": 90, "note": "cannot tell: too few hires"}
    words = {"sentence": "It takes {value}.", "unknown": "We cannot tell how long it takes"}
    finding = findings.level(row, id="x", smallest=0.2, unit="days", group="managers", **words)
    assert finding.sentence == "We cannot tell how long it takes: too few hires."
    assert finding.grade == "cannot tell"


def test_braces_in_a_label_of_the_questionnaire_are_only_text():
    row = {"estimate": 3.4, "low": 3.3, "high": 3.5, "respondents": 90}
    words = {"sentence": "“Trust {new}” stands at {value}.", "unknown": "unknown"}
    finding = findings.level(row, id="x", smallest=0.2, unit="points", group="managers", **words)
    assert finding.sentence.startswith("“Trust {new}” stands at 3.40 points")


def test_one_of_many_comparisons_is_only_stated_when_it_outlasts_their_number():
    assert gap(0.42, 0.3, 0.54, p_adjusted=0.01).grade == "strong"
    doubtful = gap(0.42, 0.3, 0.54, p_adjusted=0.07)
    assert doubtful.grade == "cannot tell"
    assert doubtful.sentence.endswith("among this many comparisons, chance alone would show one like it.")
