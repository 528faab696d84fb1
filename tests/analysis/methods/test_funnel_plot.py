import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import funnel_plot


def test_exact_limits_agree_with_r():
    # for (p in c(.025, .001)) { r <- qbinom(p, 20, .7); (r - (pbinom(r, 20, .7) - p) / dbinom(r, 20, .7)) / 20 }
    # and 1 less the same with .3 instead of .7
    frame = pd.DataFrame({"kept": [14, 28, 7], "due": [20, 40, 10]})
    found = funnel_plot.limits(frame, "kept", "due").iloc[0]
    limits = found[["low_95", "high_95", "low_998", "high_998"]].astype(float)
    np.testing.assert_allclose(limits, [0.4627448534, 0.918823494, 0.3363003207, 0.9985226833], rtol=1e-8)
    assert found["target"] == pytest.approx(0.7)


def test_chance_alone_puts_five_in_a_hundred_outside():
    random = np.random.default_rng(3)
    due = random.integers(5, 60, 4000)
    found = funnel_plot.limits(pd.DataFrame({"kept": random.binomial(due, 0.7), "due": due}), "kept", "due")
    outside = found["outside"].value_counts(normalize=True)
    assert 0.95 <= outside["inside"] <= 0.98  # whole numbers seldom hit 95 % exactly
    assert outside["outside 99.8 %"] <= 0.003
    assert found["dispersion"].iloc[0] == pytest.approx(1, abs=0.15)


def test_real_differences_widen_the_limits():
    random = np.random.default_rng(3)
    due = random.integers(20, 60, 2000)
    own = random.beta(7, 3, 2000)
    found = funnel_plot.limits(pd.DataFrame({"kept": random.binomial(due, own), "due": due}), "kept", "due")
    assert found["dispersion"].iloc[0] > 2
    assert (found["low_95_wide"] < found["low_95"]).all()
    narrow = ~found["share"].between(found["low_95"], found["high_95"])
    assert (found["outside"] != "inside").mean() < 0.12 < narrow.mean()


@pytest.mark.parametrize("kept", [[0, 0, 0], [3, 5, 9]])
def test_unanimous_shares_have_no_funnel_and_no_outsiders(kept):
    found = funnel_plot.limits(pd.DataFrame({"kept": kept, "due": [3, 5, 9]}), "kept", "due")
    assert (found["outside"] == "inside").all()


def test_managers_without_promises_are_left_out():
    found = funnel_plot.limits(pd.DataFrame({"kept": [0, 2], "due": [0, 4]}), "kept", "due")
    assert len(found) == 1
    assert funnel_plot.limits(pd.DataFrame({"kept": [0], "due": [0]}), "kept", "due").empty


def test_units_inside_and_outside_are_counted_beside_what_chance_would_do():
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"kept": [*random.binomial(40, 0.7, 99), 2], "due": 40})
    funnel = funnel_plot.limits(frame, "kept", "due")
    found = funnel_plot.outside(funnel).set_index("where")
    assert found["respondents"].sum() == 100
    assert found["share"].sum() == pytest.approx(100)
    assert found.loc["outside 99.8 %", "respondents"] == 1
    assert found["by_chance"].sum() == 100
    points = funnel_plot.in_per_cent(funnel)
    assert points["low_95"].tolist() == (100 * funnel["low_95"]).tolist()
    assert set(funnel_plot.LIMITS) <= set(funnel), "every limit is a column"


def test_where_there_are_no_units_nothing_is_counted_and_the_reason_stays():
    frame = pd.DataFrame({"kept": [0], "due": [0]})
    frame.attrs["absent"] = "Nothing has fallen due."
    found = funnel_plot.outside(funnel_plot.limits(frame, "kept", "due"))
    assert found.empty
    assert found.attrs["absent"] == "Nothing has fallen due."
