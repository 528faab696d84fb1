"""Control charts: published limits, two charts that must agree, alarms by hand, the rate of false alarms."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import control_charts as charts


def test_limits_of_single_values_are_those_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: 50.81, 45.8159 and 55.8041."""
    flow = pd.DataFrame({"rate": [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]})
    found = charts.individuals(flow, "rate").iloc[0]
    assert (found["centre"], found["lower"], found["upper"]) == pytest.approx((50.81, 45.8159, 55.8041), abs=1e-4)


@pytest.mark.parametrize("kind", ["p", "u"])
def test_with_equal_denominators_and_more_than_chance_the_chart_of_shares_is_that_of_single_values(kind):
    """Laney (2002): p′ and u′ are individuals charts of z; with one denominator they are those of the shares."""
    counts = np.random.default_rng(1).integers(200, 400, 30)
    rows = pd.DataFrame({"count": counts, "asked": 1000, "share": counts / 1000})
    found, single = charts.counts(rows, "count", "asked", kind), charts.individuals(rows, "share")
    for name in ("centre", "lower", "upper", "deviation"):
        assert found[name].to_numpy() == pytest.approx(single[name].to_numpy())


def test_shares_that_vary_as_chance_alone_has_it_get_the_limits_of_the_plain_chart():
    rows = pd.DataFrame({"count": [50, 51, 50, 49, 50, 51] * 4, "asked": [100, 400] * 12})
    rows["count"] = (rows["asked"] * 0.25).round()
    found = charts.counts(rows, "count", "asked", "p")
    assert found["upper"].to_numpy() == pytest.approx((0.25 + 3 * np.sqrt(0.25 * 0.75 / rows["asked"])).to_numpy())


def test_limits_end_where_shares_do():
    rows = pd.DataFrame({"count": [0, 2, 0, 1] * 4, "asked": [2] * 16})
    for kind, most in (("p", 100), ("u", np.inf)):
        found = charts.counts(rows, "count", "asked", kind, per=100)
        assert found["lower"].eq(0).all() and found["upper"].le(most).all()


def test_autocorrelation_widens_limits_by_its_formula():
    rows = pd.DataFrame({"mean": np.random.default_rng(2).normal(size=30)})
    plain, wide = charts.individuals(rows, "mean"), charts.individuals(rows, "mean", autocorrelation=0.75)
    assert wide["upper"][0] - wide["centre"][0] == pytest.approx(2 * (plain["upper"][0] - plain["centre"][0]))


def test_alarms_are_those_a_reader_would_mark():
    deviations = np.array([[3.1] + [0.5] * 7 + [0.1] + [-0.2] * 7 + [0.2, -3.5]]).T
    beyond, run = charts.alarms(deviations)
    assert np.flatnonzero(beyond).tolist() == [0, 17]
    assert np.flatnonzero(run).tolist() == [7, 8]  # eight above zero, and the ninth; seven below are none


def test_false_alarms_come_as_often_as_with_limits_that_are_known():
    """With a long baseline limits are as good as known: 100 (1 - 0.9973 ** 60) = 15 of 100 charts of 60 points."""
    drawn = np.random.default_rng(5).standard_normal((60, 4000))
    beyond, _ = charts.alarms(drawn)
    assert 100 * beyond.any(axis=0).mean() == pytest.approx(100 * (1 - 0.9973**60), abs=1.5)
    outside, _ = charts.false_alarms(60, 24)
    assert outside > 15  # limits from 24 points err, and so give more


def test_false_alarms_rise_where_neighbours_are_alike():
    assert charts.false_alarms(36, 24, 0.6)[1] > 2 * charts.false_alarms(36, 24)[1]


def test_values_that_do_not_vary_have_no_limits_and_no_alarm():
    found = charts.individuals(pd.DataFrame({"mean": [3.0] * 15}), "mean")
    assert found["upper"].isna().all() and found["alarm"].eq("").all()


def test_a_summary_names_the_first_alarm():
    rows = pd.DataFrame({"mean": [3.0, 3.1] * 10 + [9.0], "period": [str(at) for at in range(21)]})
    found = charts.summary(charts.individuals(rows, "mean", 20), "period", 20, 0.0)
    assert (found["first"], found["outside"], found["points"]) == ("20", 1, 21)
