import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import sensitivity, staggered


def test_robustness_values_are_the_published_ones():
    # Cinelli & Hazlett (2020), table 1: directlyharmed .097 (.023), df 783: partial R2 2.2 %, 13.9 %, 7.6 %
    found = sensitivity.robustness(0.09732 / 0.02326, 783)
    assert tuple(round(100 * value, 1) for value in found) == (2.2, 13.9, 7.6)


def test_a_confounder_like_female_leaves_what_was_published():
    # sensemakr: bounds for 1, 2 and 3 times as strong as female: .0752 (.0219), .0529 (.0204), .0304 (.0187)
    bounds = [sensitivity.as_strong_as(0.09731582, 0.02325654, 783, -9.788837, -2.680448, times) for times in (1, 2, 3)]
    assert [round(estimate, 4) for estimate, _ in bounds] == [0.0752, 0.0529, 0.0304]
    assert [round(error, 4) for _, error in bounds] == [0.0219, 0.0204, 0.0187]


def test_something_as_strong_as_the_robustness_value_takes_the_estimate_away():
    random = np.random.default_rng(5)
    rows = pd.DataFrame(random.normal(size=(400, 2)), columns=["left_out", "noise"])
    rows["treated"] = 0.5 * rows["left_out"] + random.normal(size=400)
    rows["score"] = 0.7 * rows["left_out"] + rows["noise"]
    short = smf.ols("score ~ treated", rows).fit()
    value = sensitivity.robustness(short.tvalues["treated"], short.df_resid).to_zero
    whole = smf.ols("score ~ treated + left_out", rows).fit()
    t_treatment = smf.ols("treated ~ left_out", rows).fit().tvalues["left_out"]
    shares = [t**2 / (t**2 + degrees) for t, degrees in ((whole.tvalues["left_out"], 397), (t_treatment, 398))]
    assert max(shares) > value > 0  # what was left out here explained all of it


def test_edges_of_the_robustness_value():
    assert sensitivity.robustness(0.0, 50).to_zero == 0
    assert sensitivity.robustness(1.0, 50).to_doubt == 0
    assert sensitivity.robustness(1e6, 50).to_zero == pytest.approx(1, abs=1e-6)
    assert np.isnan(sensitivity.robustness(np.nan, 50).to_zero)
    assert np.isnan(sensitivity.as_strong_as(0.1, 0.02, 100, 3.0, 40.0)[0])  # nothing can be as strong
    with pytest.raises(ValueError, match="0 degrees of freedom"):
        sensitivity.robustness(2.0, 0)
    with pytest.raises(ValueError, match="confidence is 95"):
        sensitivity.robustness(2.0, 50, 95)


def study(estimates, error=0.1):
    """Effects at horizons -3, -2, 0 and 1 that are independent of each other."""
    table = pd.DataFrame({"horizon": ["-3", "-2", "0", "1"], "estimate": estimates, "degrees_of_freedom": 40.0})
    table = table.assign(respondents=100, clusters=20, people=None)
    return staggered.EventStudy(table, np.eye(4) * error**2)


def test_bounds_worked_by_hand():
    # from -3 to -2 the cohorts departed by .3, from -2 to the base by .1: the larger counts, once or twice as far
    found = sensitivity.relative_magnitudes(study([-0.2, 0.1, 1.0, 1.0]), 0, (0, 1, 2))
    assert found["lower"].tolist() == pytest.approx([1.0, 0.7, 0.4])
    assert found["upper"].tolist() == pytest.approx([1.0, 1.3, 1.6])
    later = sensitivity.relative_magnitudes(study([-0.2, 0.1, 1.0, 1.0]), 1, (1,))
    assert later["lower"].tolist() == pytest.approx([0.4])
    # M = 0 is the interval of parallel trends; .3 is a difference of two estimates, so its error counts twice
    t = 2.0210754
    assert found["low"].iloc[0] == pytest.approx(1.0 - t * 0.1)
    assert found["low"].iloc[1] == pytest.approx(0.7 - t * 0.1 * np.sqrt(3), abs=1e-6)


def test_bounds_hold_an_effect_beside_a_drift_that_goes_on():
    random = np.random.default_rng(3)
    held = []
    for _ in range(300):
        drift = np.array([-2, -1, 1, 2]) * 0.2  # relative to the base, a steady drift: M = 1 is true
        estimates = drift + np.array([0, 0, 0.5, 0.5]) + random.normal(0, 0.1, 4)
        found = sensitivity.relative_magnitudes(study(estimates), 0, (0, 1))
        held.append(((found["low"] <= 0.5) & (found["high"] >= 0.5)).tolist())
    parallel, allowed = np.mean(held, axis=0)
    assert allowed >= 0.95 and parallel < 0.6


def test_without_two_times_before_nothing_is_bounded():
    table = study([0.0, 0.0, 1.0, 1.0]).table.iloc[2:]
    found = sensitivity.relative_magnitudes(staggered.EventStudy(table, np.eye(2)))
    assert found["note"].str.startswith("cannot tell: the cohorts were not measured at two times").all()
    whole = study([-0.2, 0.1, 1.0, 1.0])
    for name in ("estimate", "degrees_of_freedom"):
        unknown = whole.table.assign(**{name: whole.table[name].where(whole.table["horizon"].astype(str) != "-2")})
        found = sensitivity.relative_magnitudes(staggered.EventStudy(unknown, whole.covariance))
        assert found["note"].str.startswith("cannot tell").all() and found["low"].isna().all()
    with pytest.raises(ValueError, match="horizon is -1"):
        sensitivity.relative_magnitudes(study([0, 0, 1, 1]), -1)
