import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from analysis.rosters import roster

from helpers.analysis.methods.few_clusters import few_clusters, term_tests
from helpers.analysis.survey import participation


def test_rates_by_group_with_wilson_intervals():
    found = participation.response_rates(roster({"Sales": (81, 182), "Plant": (15, 133)}), by=["department"])
    assert found["estimate"].tolist() == pytest.approx([100 * 81 / 263, 100 * 15 / 148])
    # Newcombe (1998), Statistics in Medicine 17, 857, table I: .2553 to .3662 and .0624 to .1605
    assert found["low"].tolist() == pytest.approx([25.53, 6.24], abs=0.1)
    assert found["high"].tolist() == pytest.approx([36.62, 16.05], abs=0.1)
    assert found["invited"].tolist() == [263, 148]
    assert found["respondents"].tolist() == [81, 15]


def test_a_person_invited_to_several_waves_counts_once():
    one = roster({"Sales": (30, 20)})
    both = pd.concat([one, one.assign(wave="2026-H2")])
    once, twice = (participation.response_rates(frame).iloc[0] for frame in (one, both))
    assert twice["invited"] == 50
    assert twice["observations"] == 100
    assert (twice["low"], twice["high"]) == pytest.approx((once["low"], once["high"]), abs=0.2)


def test_nobody_and_everybody_keep_an_interval():
    found = participation.response_rates(roster({"Sales": (0, 20), "Plant": (20, 0)}), by=["department"])
    assert found["estimate"].tolist() == [0, 100]
    assert found["high"].iloc[0] == pytest.approx(17, abs=2)
    assert found["respondents"].tolist() == [0, 20]


def test_one_person_is_no_rate():
    assert participation.response_rates(roster({"Sales": (1, 0)}))["note"].iloc[0].startswith("cannot tell")


def responding(formula, given):
    return few_clusters(smf.logit(formula, participation.asked(given, ["department"])), cluster="person_id")


def joint(formula, given):
    return term_tests(smf.logit(formula, participation.asked(given, ["department"])), cluster="person_id")


def test_odds_ratios_agree_with_the_two_by_two_table():
    found = responding("responded ~ department", roster({"A": (30, 20), "B": (15, 35)}))
    slope = found.set_index("term").loc["department[T.B]"]
    assert slope["estimate"] == pytest.approx((15 / 35) / (30 / 20))
    # Woolf's standard error of the log odds ratio
    assert slope["standard_error"] == pytest.approx(np.sqrt(1 / 30 + 1 / 20 + 1 / 15 + 1 / 35), rel=0.03)
    assert slope["low"] < slope["estimate"] < slope["high"] < 1
    assert slope["respondents"] == 100


def test_coefficients_agree_with_statsmodels():
    random = np.random.default_rng(1)
    given = roster({"A": (60, 40), "B": (50, 30), "C": (20, 50)}, tenure=random.gamma(2, 3, 250))
    found = responding("responded ~ department + tenure", given).set_index("term")
    expected = smf.logit("responded ~ department + tenure", given.astype({"responded": float})).fit(disp=0)
    np.testing.assert_allclose(found["log_odds"], expected.params[found.index], atol=1e-6)
    np.testing.assert_allclose(found["standard_error"], expected.bse[found.index], rtol=0.15)


def test_an_attribute_is_tested_as_a_whole():
    different = roster({"A": (40, 10), "B": (25, 25), "C": (10, 40)})
    alike = roster({"A": (25, 25), "B": (26, 24), "C": (24, 26)})
    tests = [joint("responded ~ department", frame).iloc[0] for frame in (different, alike)]
    assert tests[0]["p_value"] < 0.001
    assert tests[1]["p_value"] > 0.5
    assert [test["numerator_degrees"] for test in tests] == [2, 2]


def test_a_group_that_answered_to_a_person_is_said_and_does_not_harm_the_others():
    found = responding("responded ~ department", roster({"A": (30, 20), "B": (15, 35), "C": (9, 0)}))
    found = found.set_index("term")
    assert "same outcome throughout" in found.loc["department[T.C]", "note"]
    assert np.isnan(found.loc["department[T.C]", "estimate"])
    assert found.loc["department[T.B]", "estimate"] == pytest.approx((15 / 35) / (30 / 20))
    tests = joint("responded ~ department", roster({"A": (30, 20), "C": (9, 0)}))
    assert tests["note"].iloc[0].startswith("cannot tell")


def test_where_the_reference_group_answered_to_a_person_other_attributes_are_still_estimated():
    random = np.random.default_rng(2)
    given = roster({"A": (9, 0), "B": (30, 30), "C": (40, 20)})
    given["tenure"] = random.gamma(2, 3, len(given))
    found = responding("responded ~ department + tenure", given).set_index("term")
    assert found.loc[["Intercept", "department[T.B]", "department[T.C]"], "estimate"].isna().all()
    without = responding("responded ~ department + tenure", given[given["department"] != "A"])
    expected = without.set_index("term").loc["tenure"]
    assert found.loc["tenure", ["estimate", "low"]].tolist() == pytest.approx(expected[["estimate", "low"]].tolist())


@pytest.mark.parametrize("counts", [{"A": (30, 0), "B": (12, 0)}, {"A": (10, 0), "B": (0, 10)}])
def test_where_nothing_varies_nothing_is_estimated(counts):
    found = responding("responded ~ department", roster(counts))
    assert found["note"].str.startswith("cannot tell").all()
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
