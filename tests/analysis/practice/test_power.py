"""How many it takes: figures that were published or worked out by hand, and what chapter 06 itself then sees."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from helpers.analysis.practice import effect, power
from helpers.analysis.practice.power import Plan

FORMULA = "score ~ treated + baseline + unknown + C(stratum)"


@pytest.mark.parametrize(("size", "arm", "by_design_effect", "whole"), [
    (0.25, 162, 243, 252), (0.30, 113, 169, 174), (0.40, 64, 96, 102),
])  # fmt: skip
def test_sizes_that_the_playbooks_plan_with(size, arm, by_design_effect, whole):
    """Correlation .6, power .80, two-sided .05; clusters of six with an ICC of .10; t on whole clusters."""
    assert power.alone(size) == arm
    exact = 2 * (1 - 0.6**2) * ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / size) ** 2 + 1
    assert round(exact * Plan(2, 6).design_effect) == by_design_effect
    assert Plan(2, 6).needed(size).managers / 2 == whole


def test_eighteen_and_eighteen_partners():
    """Power .48 and .86 are those of seven managers each; with six, fewer studies see the effect."""
    seven, six = Plan(36, 7), Plan(36, 6)
    assert [round(seven.power(size), 2) for size in (0.25, 0.40)] == [0.48, 0.86]
    assert [round(six.power(size), 2) for size in (0.25, 0.40)] == [0.45, 0.83]


def test_without_units_and_without_a_score_before_it_is_the_power_of_a_t_test():
    plan = Plan(100, 1, alike=0, baseline=0, baseline_units=0)
    assert plan.power(0.5) == pytest.approx(TTestIndPower().power(0.5, 50, 0.05), abs=1e-6)
    assert power.alone(0.5, baseline=0) == 64  # Cohen (1988), table 2.4.1


def test_unequal_units_count_as_eldridge_says():
    assert Plan(10, 6).design_effect == pytest.approx(1.5)
    assert Plan(10, 6, 0.65).design_effect == pytest.approx(1 + ((0.65**2 + 1) * 6 - 1) * 0.1)
    assert Plan(10, 6, 0.65).degrees < Plan(10, 6).degrees
    assert Plan(10, 1, alike=0.3).design_effect == 1


def test_what_the_score_before_leaves_is_that_of_unit_means():
    """Variances of the means of many units, drawn as they are told apart: r_c .3 of units, r_s .8 within."""
    plan = Plan(40_000, 5, alike=0.3, baseline=0.8, baseline_units=0.3)
    rows, _ = next(power.studies(plan, 0, 1, seed=1))
    slope = 0.3 * 0.3 + 0.7 * 0.8
    means = (rows["score"] - slope * rows["baseline"]).groupby(rows["unit"]).mean()
    assert means.var() == pytest.approx(plan.left * plan.design_effect / 5, rel=0.03)
    by_unit = rows.groupby("unit")[["score", "baseline"]].mean().corr().iloc[0, 1]
    assert by_unit == pytest.approx((5 * 0.3 * 0.3 + 0.7 * 0.8) / (1 + 4 * 0.3), abs=0.02)  # Teerenstra et al. (2012)
    assert Plan(10, 5).left == pytest.approx(1 - 0.6**2)


def test_simulated_studies_go_through_the_function_of_the_chapter(monkeypatch):
    """Change what chapter 06 computes, and the simulation changes with it."""
    plan = Plan(12, 4)
    seen = power.simulated(plan, 5.0, FORMULA, 5)
    assert seen.power == 1 and seen.mean == pytest.approx(5, abs=0.5)
    real = effect.of_one
    monkeypatch.setattr(effect, "of_one", lambda *given: real(*given) | {"low": -1.0, "high": 1.0})
    assert power.simulated(plan, 5.0, FORMULA, 5).power == 0
    ((rows, design),) = power.studies(plan, 5.0, 1)
    assert effect.effect({"score": smf.ols(FORMULA, rows)}, design)[["low", "high"]].values.tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("plan", [Plan(24, 4, lots=2, silent=0.3), Plan(24, 4, partners=20), Plan(10, 4, silent=0.2)])
def test_a_formula_read_once_for_all_studies_gives_what_it_gives_for_each(plan):
    one_by_one = [
        effect.effect({"score": smf.ols(FORMULA, rows)}, design, plan.confidence).iloc[0]
        for rows, design in power.studies(plan, 0.4, 3)
    ]
    assert power.simulated(plan, 0.4, FORMULA, 3) == power.Simulated.of(pd.DataFrame(one_by_one))


@pytest.mark.slow
@pytest.mark.parametrize("plan", [
    Plan(36, 7), Plan(30, 8, 0.5, silent=0.2), Plan(36, 7, alike=0.2, baseline=0.7, baseline_units=0.3), Plan(16, 6),
])  # fmt: skip
def test_formula_and_simulation_agree(plan):
    found = power.simulated(plan, 0.4, FORMULA, 200 if plan.units >= effect.ENOUGH else 60)
    assert found.power == pytest.approx(plan.power(0.4), abs=1.7 * found.margin)


def test_spillover_within_partners_is_taken_off_what_is_seen():
    """An own effect of .40 of which half reaches an HR partner's other pairs looks like .20."""
    plan = Plan(30, 8, partners=30, spillover=0.5)
    assert plan.seen(0.4) == pytest.approx(0.2, abs=0.01)
    estimates = [
        smf.ols("score ~ treated + baseline", rows).fit().params["treated"]
        for rows, _ in power.studies(plan, 0.4, 60, seed=2)
    ]
    assert np.mean(estimates) == pytest.approx(0.2, abs=0.04)
    assert Plan(30, 8, spillover=0.5).seen(0.4) == 0.4  # HR partners drawn: none of their pairs waits


@pytest.mark.parametrize("units", [1, 2, 3, 7])
def test_below_eight_units_nothing_is_seen_however_large(units):
    plan = Plan(units, 10)
    assert (plan.power(5.0), plan.smallest()) == (0.0, np.inf)
    assert plan.needed(0.4).units >= effect.FEWEST
    both = power.simulated_both(plan, 0.4, FORMULA)
    assert both.empty and "fewer than 8 units" in both.attrs["absent"]


def test_smallest_and_needed_are_the_edge_of_power():
    plan = Plan(36, 7, 0.4, silent=0.1)
    assert plan.power(plan.smallest()) == pytest.approx(0.8, abs=1e-6)
    needed = plan.needed(0.25)
    assert needed.power(0.25) >= 0.8 > needed.of(needed.units - 2).power(0.25)
    assert replace(plan, spillover=1.0, partners=2).needed(0.25) is None
    rows = power.table(replace(plan, spillover=1.0, partners=2), [0.25])
    assert rows[["needed", "lots"]].isna().all(axis=None)


@pytest.mark.parametrize("changes", [
    {"alike": 1.0}, {"silent": -0.1}, {"baseline": 1.2}, {"spillover": 2}, {"confidence": 1.0}, {"units": 0},
    {"lots": 0},
])  # fmt: skip
def test_numbers_out_of_range_are_refused(changes):
    with pytest.raises(ValueError, match=r"expected|takes"):
        Plan(**({"units": 10, "size": 5} | changes))


def test_several_lots_are_strata():
    rows, how = next(power.studies(Plan(12, 3, lots=3), 0.0, 1))
    assert how.stratified and (rows.groupby("stratum")["treated"].mean().between(0.4, 0.6)).all()
    assert Plan(12, 3, lots=3).degrees == Plan(12, 3).degrees - 2


def test_cohorts_that_begin_one_after_the_other():
    assert power.simulated_cohorts(Plan(18, 5), 3.0, count=3).power == 1
    for starts, waves in ((1, 4), (3, 3)):
        with pytest.raises(ValueError, match="cohorts"):
            power.simulated_cohorts(Plan(18, 5), 0.4, starts, waves)


def test_few_partners_are_tested_by_their_drawn_months():
    found = power.cases_seen(3, 12, 5, (0.0, 4.0), count=20)
    assert found["power"].iloc[0] <= 20 and found["power"].iloc[1] > 80
    assert found["ways"].unique().tolist() == [125]
    assert "2 HR partners can fall in 4 ways" in power.cases_seen(2, 12, 2).attrs["absent"]
    assert "enough HR partners" in power.cases_seen(8, 12, 5).attrs["absent"]


def test_the_curve_reaches_the_number_it_takes_for_the_largest_effect():
    few = power.curve(Plan(6, 2), [0.25, 0.4])
    assert few.loc[few["of"] == "0.40", "estimate"].max() >= 79 and few["units"].max() > 60
    assert power.curve(Plan(6, 2), [0.25, 0.4], most=40)["units"].max() == 40


def test_the_curve_tells_of_nobody():
    rows = power.curve(Plan(20, 6), [0.25, 0.4])
    assert rows["respondents"].eq(0).all() and rows["units"].min() == effect.FEWEST
    assert (rows.groupby("of")["estimate"].diff().dropna() > 0).all()
    assert isinstance(rows, pd.DataFrame)
