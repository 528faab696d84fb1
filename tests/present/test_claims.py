"""The rule by which differences are claimed: evidence after Benjamini-Hochberg, intervals that allow for selection."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.present.claims import grade, p_value, settle, widened, worded
from helpers.present.headlines import headline
from helpers.present.page_one import sentence
from helpers.published import Claim, Evidence, Finding

ODDS = Evidence(sentence="", same="", unknown="", scale="ratio", degrees_of_freedom=20)
PLAIN = Evidence(sentence="", same="", unknown="", degrees_of_freedom=20)


@pytest.mark.parametrize(
    ("estimate", "interval", "selected", "p_adjusted", "expected"),
    [
        (0.5, (0.3, 0.7), (0.25, 0.75), 0.001, "strong"),
        (-0.5, (-0.7, -0.3), (-0.75, -0.25), 0.005, "strong"),
        (0.5, (0.3, 0.7), (0.25, 0.75), 0.006, "moderate"),
        (0.5, (0.3, 0.7), (0.15, 0.85), 0.001, "moderate"),
        (0.2, (0.1, 0.3), (0.1, 0.3), 0.05, "moderate"),
        (0.1, (0.02, 0.3), (0.02, 0.3), 0.05, "weak"),
        (0.5, (0.3, 0.7), (0.25, 0.75), 0.051, "cannot tell"),
        (0.05, (-0.1, 0.15), (-0.3, 0.4), 0.9, "none"),
        (0.12, (0.05, 0.19), (0.05, 0.19), 0.01, "none"),
        (0.1, (-0.3, 0.5), (-0.3, 0.5), 0.7, "cannot tell"),
        (0.5, (0.3, 0.7), (0.3, 0.7), None, "cannot tell"),
        (None, (None, None), (None, None), None, "cannot tell"),
        (0.4, (None, 0.5), (None, 0.5), 0.001, "cannot tell"),
    ],
)
def test_grade_follows_p_value_interval_and_smallest_effect(estimate, interval, selected, p_adjusted, expected):
    assert grade(estimate, interval, selected, 0.2, p_adjusted) == expected


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(0, 2), st.floats(0.0501, 1))
def test_nothing_is_claimed_that_the_number_of_comparisons_could_bring_about(estimate, below, above, p_adjusted):
    ends = (estimate - below, estimate + above)
    assert grade(estimate, ends, ends, 0.2, p_adjusted) in ("none", "cannot tell")


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(0, 2), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_the_last_bits_of_a_number_never_change_a_grade(estimate, below, above, one, two, three):
    """Numbers at a threshold included: steps of a tenth meet the smallest effect of .2 exactly."""
    estimate, below, above = (round(value, 1) for value in (estimate, below, above))
    numbers = (estimate, estimate - below, estimate + above)
    value, low, high = (number * (1 + 1e-11 * part) for number, part in zip(numbers, (one, two, three)))
    exact = grade(numbers[0], numbers[1:], numbers[1:], 0.2, 0.005)
    assert grade(value, (low, high), (low, high), 0.2, 0.005 * (1 + 1e-11 * one)) == exact


def t_interval(estimate, error, degrees, confidence):
    half = error * stats.t.ppf(0.5 + confidence / 2, degrees)
    return estimate - half, estimate + half


@given(st.floats(-2, 2), st.floats(0.05, 1), st.floats(0.951, 0.9999))
def test_a_t_interval_widens_to_the_one_at_the_higher_level(estimate, error, confidence):
    given_ends, wanted = (t_interval(estimate, error, 20, level) for level in (0.95, confidence))
    assert [widened(estimate, end, PLAIN, confidence) for end in given_ends] == pytest.approx(wanted, abs=1e-8)


def test_odds_widen_on_the_scale_of_their_logarithm_and_shares_stay_between_0_and_100():
    per_cent = [100 * np.expm1(end) for end in (0.3, *t_interval(0.3, 0.1, 20, 0.95))]
    wanted = [100 * np.expm1(end) for end in t_interval(0.3, 0.1, 20, 0.99)]
    assert [widened(per_cent[0], end, ODDS, 0.99) for end in per_cent[1:]] == pytest.approx(wanted, rel=1e-8)
    share = Evidence(sentence="", same="", unknown="", scale="share")
    assert widened(12.0, 0.0, share, 0.999) == 0.0
    assert 40 < widened(12.0, 40.0, share, 0.999) < 100


@given(st.floats(-2, 2).filter(lambda value: abs(value) > 1e-6), st.floats(0.05, 1))
def test_a_p_value_from_an_interval_is_that_of_the_t_test(estimate, error):
    expected = 2 * stats.t.sf(abs(estimate) / error, 20)
    assert p_value(estimate, *t_interval(estimate, error, 20, 0.95), PLAIN) == pytest.approx(expected, rel=1e-6)
    ends = [100 * np.expm1(end) for end in (estimate, *t_interval(estimate, error, 20, 0.95))]
    assert p_value(*ends, ODDS) == pytest.approx(expected, rel=1e-5)


def test_no_difference_has_the_p_value_one():
    assert p_value(0.0, -0.2, 0.2, PLAIN) == 1.0


def test_a_name_that_looks_like_a_slot_stays_as_it_is():
    slots = {"dimension": "“{size} {up|down}”", "size": "3 points"}
    assert worded("{dimension}: {size} {higher|lower}, {else}", slots, up=False) == (
        "“{size} {up|down}”: 3 points lower, {else}"
    )


def difference(name, p, estimate=0.5, half=0.2, **evidence):
    facts = {
        "sentence": "A {size} {up|down}.", "same": "Below {smallest}.", "unknown": "Who knows",
        "low": round(estimate - half, 2), "high": round(estimate + half, 2), "degrees_of_freedom": 30,
    }  # fmt: skip
    return Finding(
        id=name, sentence="", grade="cannot tell", estimate=estimate, smallest=0.2, p_value=p, unit="points",
        evidence=Evidence(**facts | evidence),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("per_cent", "half", "said"),
    [(180.0, 80.0, "2.8 times (95 % interval 2.0 to 3.6)"), (-50, 20, "0.5 times (95 % interval 0.3 to 0.7)")],
)
def test_a_ratio_is_told_as_one(per_cent, half, said):
    facts = {"sentence": "Filled {times} as fast.", "scale": "plain"}
    found = settle([difference("a", 1e-6, per_cent, half, **facts)])[0]
    assert found.sentence == f"Filled {said} as fast."
    assert sentence(found) == f"Filled {said.partition(' (')[0]} as fast."
    assert headline(found) == sentence(found).rstrip(".")


def test_what_is_strong_alone_need_not_be_beside_many():
    alone = difference("a", 0.002)
    assert settle([alone])[0].grade == "strong"
    beside = settle([difference("a", 0.002, others=[0.5] * 9)])[0]
    assert (beside.grade, beside.p_adjusted, beside.compared) == ("moderate", 0.02, 10)
    many = settle([difference("a", 0.002, others=[0.5] * 99)])[0]
    assert many.grade == "cannot tell"
    assert many.sentence == "Who knows. Among 100 comparisons, chance alone could show one like it."


def test_intervals_of_selected_differences_allow_for_the_selection():
    found = settle([difference("a", 1e-6), difference("b", 0.6, 0.1, 0.4), difference("c", 0.7, 0.1, 0.4)])
    assert found[0].confidence == pytest.approx(1 - 0.05 / 3)
    assert found[0].low < 0.3 and found[0].high > 0.7
    assert found[0].sentence == f"A 0.50 points (98.3 % interval {found[0].low:.2f} to {found[0].high:.2f}) up."
    assert found[0].caveats == [
        "Its interval, unlike the exhibit’s, allows for having been selected among 3 comparisons."
    ]
    assert (found[1].confidence, found[1].low, found[1].high, found[1].caveats) == (0.95, -0.3, 0.5, [])


def test_all_that_differ_keep_their_interval():
    found = settle([difference("a", 1e-6), difference("b", 1e-6)])
    assert [(one.confidence, one.low, one.caveats) for one in found] == [(0.95, 0.3, [])] * 2


def test_settling_again_beside_more_is_settling_once():
    first, more = [difference("a", 0.001), difference("b", 0.03)], [difference("c", 0.5), difference("d", 0.2)]
    assert settle([*settle(first), *settle(more)]) == settle([*first, *more])
    assert settle(settle(first)) == settle(first)


def test_levels_and_ranks_have_no_part_in_it():
    level = Finding(id="l", claim=Claim.LEVEL, sentence="75 per cent (give or take 3 points).")
    assert settle([level, difference("a", 0.002)])[0] == level
    assert settle([level, difference("a", 0.002)])[1].compared == 1


def test_a_playbook_is_named_by_direction_and_never_for_what_nobody_can_tell():
    def named(p, estimate, naming):
        return settle([difference("a", p, estimate, playbook="role-swap", naming=naming)])[0].playbook

    assert [named(0.001, 0.5, how) for how in ("never", "when different", "when lower")] == [None, "role-swap", None]
    assert named(0.001, -0.5, "when lower") == "role-swap"
    assert [named(0.4, -0.5, how) for how in ("when different", "when lower")] == [None, None]


def test_an_interval_that_crosses_zero_is_printed_with_its_sign():
    odd = settle([difference("a", 0.001, -0.5, 0.6)])[0]
    assert (odd.grade, odd.sentence) == ("moderate", "A 0.50 points (95 % interval −0.10 to 1.10) down.")


def test_false_claims_of_chance_stay_rare_and_planted_ones_come_back():
    """400 families of 20 differences of which 4 are planted: the share of false ones, and coverage of what is told."""
    random = np.random.default_rng(5)
    false, power, missed, told = [], [], [], 0
    for _ in range(400):
        truth = np.repeat([0.0, 0.8], [16, 4])
        estimates = truth + random.standard_t(30, 20) * 0.15
        half = 0.15 * stats.t.ppf(0.975, 30)
        p_values = 2 * stats.t.sf(abs(estimates) / 0.15, 30)
        found = settle([difference(str(at), p, estimates[at], half) for at, p in enumerate(p_values)])
        stated = np.array([one.grade in ("strong", "moderate", "weak") for one in found])
        false.append((stated & (truth == 0)).sum() / max(stated.sum(), 1))
        power.append(stated[truth > 0].mean())
        covered = [one.low <= value <= one.high for one, value, is_told in zip(found, truth, stated) if is_told]
        missed.append(1 - np.mean(covered) if covered else 0.0)
        told += stated.sum()
    assert np.mean(false) <= 0.05
    assert np.mean(power) >= 0.95
    assert np.mean(missed) <= 0.06  # false coverage rate of 5 %, and the error of 400 studies
    assert told > 1500


def test_p_values_of_what_is_not_told_count_once():
    found = settle([difference("a", 0.01, others=[0.02, 0.9]), difference("b", 0.02)])
    expected = pd.Series([0.01, 0.02, 0.02, 0.9])
    assert [one.compared for one in found] == [4, 4]
    assert found[0].p_adjusted == pytest.approx((expected * 4 / [1, 3, 3, 4]).iloc[1], abs=1e-4)
