"""The model of waits against nlme and against brute-force integration.

``waits.csv`` is a made-up log: 231 waits of 30 managers in up to five openings each, 15 % of them never ended.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import optimize, special, stats

from helpers.analysis.hiring.engagement import wait_model
from helpers.analysis.methods import random_intercepts as model

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def waits():
    return pd.read_csv(REFERENCE / "waits.csv")


def test_without_censoring_the_model_is_restricted_maximum_likelihood(waits):
    # nlme 3.1-162: lme(log(days) ~ department, d[d$done == 1, ], random = ~ 1 | hiring_manager_id/requisition_id)
    fit = wait_model("department", waits[waits["done"] == 1], horizon=None)
    terms = fit.terms.set_index("term")
    expected = {
        "Intercept": (-0.04043148227, 0.2523405308),
        "department[T.B]": (0.41289479775, 0.3608677133),
        "department[T.C]": (-0.02120612476, 0.3575081558),
    }
    for term, (estimate, error) in expected.items():
        assert terms.loc[term, "estimate"] == pytest.approx(estimate, abs=2e-4)
        assert terms.loc[term, "standard_error"] == pytest.approx(error, rel=1e-3)
    np.testing.assert_allclose(fit.shares["standard_deviation"], [0.69988, 0.13470, 0.80797], rtol=0.01)
    variances = np.array([0.48983356741, 0.01814429488, 0.65282313654])
    np.testing.assert_allclose(fit.shares["estimate"], variances / variances.sum(), atol=2e-3)
    # head(ranef(f)$hiring_manager_id, 4)
    np.testing.assert_allclose(
        fit.intercepts["estimate"][:4], [1.27208074, 0.08860832, 0.64918796, -0.49263071], atol=3e-3
    )
    assert (fit.terms["clusters"] == 30).all()


def test_laplace_agrees_with_integrating_the_likelihood_number_by_number():
    used = pd.DataFrame(
        {
            "_group": list("aaaabbbcc"),
            "_subgroup": list("112233345"),
            "_log": [0.1, 0.9, -0.4, 0.6, 1.4, 1.1, 2.0, -0.2, 0.3],
            "_done": [True, True, True, False, True, False, True, True, True],
        }
    )
    problem = model._Waits(used, np.ones((len(used), 1)))
    compared = []
    for deviations in ((0.5, 0.3, 0.8), (0.8, 0.2, 0.6), (0.3, 0.6, 1.0)):
        ours = problem.mode(deviations).value
        compared.append(ours - brute_force(used, deviations))
    # up to a constant that does not depend on the standard deviations
    np.testing.assert_allclose(np.diff(compared), 0, atol=0.02)


def brute_force(used, deviations):
    """Logarithm of the likelihood, integrated over intercept, managers and openings on grids."""
    of_manager, of_opening, chance = deviations
    node, weight = np.polynomial.hermite_e.hermegauss(40)
    weight = weight / weight.sum()
    intercepts = np.linspace(-4, 5, 181)
    total = np.ones(len(intercepts))
    for _, manager in used.groupby("_group"):
        given_manager = np.ones((len(intercepts), len(node)))
        for _, opening in manager.groupby("_subgroup"):
            mean = intercepts[:, None, None] + of_manager * node[:, None] + of_opening * node
            likelihood = np.ones_like(mean)
            for row in opening.itertuples():
                z = (row._3 - mean) / chance
                likelihood *= stats.norm.pdf(z) / chance if row._4 else stats.norm.sf(z)
            given_manager *= likelihood @ weight
        total *= given_manager @ weight
    return np.log(total.sum() * (intercepts[1] - intercepts[0]))


@pytest.mark.parametrize("part", range(3))
def test_slopes_of_the_likelihood_agree_with_differences(waits, part):
    used = waits.sort_values(["hiring_manager_id", "requisition_id"], ignore_index=True)
    used = used.assign(_group=used["hiring_manager_id"], _subgroup=used["requisition_id"])
    used = used.assign(_log=np.log(used["days"]), _done=used["done"].astype(bool))
    design = np.column_stack([np.ones(len(used)), used["department"] == "B"]).astype(float)
    problem, step = model._Waits(used, design), 1e-4

    def value(parameters):
        return problem.mode(model._deviations(parameters, part)).value

    for parameters in np.array([[-1.0, 0.5, -0.2], [2.0, -1.0, 0.3], [-4.0, 3.0, 0.0]]):
        slope = problem.mode(model._deviations(parameters, part)).slope
        ours = model._derivatives_of_deviations(parameters, part).T @ slope
        differences = [(value(parameters + h) - value(parameters - h)) / (2 * step) for h in step * np.eye(3)]
        np.testing.assert_allclose(ours, differences, rtol=1e-5, atol=1e-4)


def test_ends_of_a_share_are_where_the_likelihood_has_fallen_by_half_the_quantile(simulate):
    log = simulate(np.random.default_rng(3))
    shares = wait_model("slow", log).shares.set_index("part")
    used = log.assign(_group=log["hiring_manager_id"], _subgroup=log["requisition_id"])
    used = used.assign(_done=log["done"] & (log["days"] <= 30), _log=np.log(log["days"].clip(1 / 1440, 30)))
    problem = model._Waits(used, np.column_stack([np.ones(len(used)), used["slow"]]))

    def highest(free, part, place=()):
        found = optimize.minimize(
            lambda rest: -problem.mode(model._deviations([*place, *rest], part)).value, free, method="Nelder-Mead",
            options={"xatol": 1e-5, "fatol": 1e-7},
        )  # fmt: skip
        return -found.fun

    top = highest([-1.0, -1.0, -0.1], 0)
    for place, (part, end) in enumerate((("manager", "low"), ("opening", "high"), ("chance", "low"))):
        there = highest([-1.0, -0.1], place, [special.logit(shares.loc[part, end])])
        assert np.sqrt(2 * (top - there)) == pytest.approx(stats.norm.ppf(0.975), abs=0.005)


@pytest.mark.slow
def test_known_effects_and_variances_come_back_over_many_logs(simulate):
    random = np.random.default_rng(11)
    found, held = [], []
    for _ in range(12):
        fit = wait_model("slow", simulate(random))
        slope, shares = fit.terms.iloc[1], fit.shares["estimate"]
        found.append([slope["estimate"], *fit.shares["standard_deviation"]])
        held.append(
            [slope["low"] <= 0.45 <= slope["high"], fit.shares["low"][0] <= 0.25 / 0.98 <= fit.shares["high"][0]]
        )
        assert shares.sum() == pytest.approx(1)
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(12)
    np.testing.assert_array_less(np.abs(mean - [0.45, 0.5, 0.3, 0.8]), 3.3 * error + 0.01)
    assert np.mean(held, axis=0).min() >= 0.75  # the rates themselves are in benchmarks/calibration_hiring.md


def test_leaving_out_what_never_came_makes_waits_look_short(simulate):
    log = simulate(np.random.default_rng(2), managers=300, never=2.0)
    honest = wait_model("slow", log).terms
    finished_only = wait_model("slow", log[log["done"]]).terms
    for truth, ours, naive in zip((0.0, 0.45), honest.itertuples(), finished_only.itertuples()):
        assert ours.low <= truth <= ours.high
        assert naive.estimate < ours.estimate - 0.05
    assert finished_only["high"][0] < 0


def test_shrinkage_pulls_managers_with_few_waits_harder(simulate):
    fit = wait_model("1", simulate(np.random.default_rng(4)))
    managers = fit.intercepts
    few, many = managers["observations"] <= 2, managers["observations"] >= 8
    assert managers.loc[few, "standard_error"].mean() > 1.3 * managers.loc[many, "standard_error"].mean()
    assert managers.loc[few, "estimate"].abs().mean() < managers.loc[many, "estimate"].abs().mean()
    assert (managers["ratio_low"] < managers["ratio"]).all()


def test_variance_by_leaving_out_partners_is_close_to_the_models_own_when_partners_do_not_matter(simulate):
    log = simulate(np.random.default_rng(6))
    model = wait_model("slow", log).terms.iloc[1]
    robust = wait_model("slow", log, cluster="partner").terms.iloc[1]
    assert robust["estimate"] == model["estimate"]
    assert 0.6 < robust["standard_error"] / model["standard_error"] < 1.6
    assert robust["clusters"] == 36
    assert "leaving out" in robust["method"]


def test_openings_with_one_wait_each_cannot_be_told_from_chance(waits):
    single = waits.drop_duplicates("requisition_id")
    shares = wait_model("1", single).shares.set_index("part")
    assert np.isfinite(shares.loc["manager", "estimate"])
    assert shares.loc[["opening", "chance"], "note"].str.contains("look alike").all()
    assert shares.loc[["opening", "chance"], "estimate"].isna().all()


def test_no_differences_between_managers_reach_down_to_zero(simulate):
    log = simulate(np.random.default_rng(8), spread=(0.0, 0.3, 0.8))
    assert wait_model("slow", log).shares["low"][0] < 0.01


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d[d["hiring_manager_id"].isin(["M00", "M01", "M02"])], "3 managers are too few"),
        (lambda d: d.assign(done=0), "no wait has ended"),
        (lambda d: d.assign(days=2.0, done=1), "every wait that ended took the same time"),
        (lambda d: d.drop_duplicates("hiring_manager_id"), "no manager has more than one wait"),
        (lambda d: d.iloc[:0], "nothing was observed"),
        (lambda d: d.assign(days=np.nan), "nothing was observed"),
    ],
)
def test_what_cannot_be_estimated_is_said_in_words(waits, change, reason):
    fit = wait_model("1", change(waits))
    for frame in (fit.terms, fit.shares):
        assert frame["note"].str.startswith("cannot tell: ").all()
        assert reason in frame["note"].iloc[0]
        assert frame["estimate"].isna().all()
    assert fit.intercepts.empty


def test_a_group_in_which_no_wait_ended_gets_words_instead_of_an_endless_ratio(simulate):
    log = simulate(np.random.default_rng(3))
    log["group"] = np.where(np.arange(len(log)) % 3 == 0, "never", "others")
    log.loc[log["group"] == "never", "done"] = False
    terms = wait_model("slow + C(group, Treatment('others'))", log).terms.set_index("term")
    never = terms.loc["C(group, Treatment('others'))[T.never]"]
    assert never["note"] == "cannot tell: next to no wait of this kind has ended"
    assert never[["estimate", "low", "high", "ratio", "ratio_low", "ratio_high"]].isna().all()
    assert terms.loc["slow", "note"] == "" and np.isfinite(terms.loc["slow", "ratio_high"])


def test_waits_of_no_time_and_managers_without_a_name_do_no_harm(waits):
    odd = waits.copy()
    odd.loc[:2, "days"] = 0.0
    odd.loc[3:5, "hiring_manager_id"] = None
    fit = wait_model("department + again", odd.assign(again=(odd["department"] == "B").astype(float)))
    assert fit.terms["observations"].iloc[0] == 228
    assert fit.terms["note"].str.contains("not distinguishable").tolist() == [False, False, False, True]
    assert np.isfinite(fit.terms["estimate"].iloc[:3]).all()


def test_a_frame_without_a_needed_column_is_refused(waits):
    with pytest.raises(ValueError, match="no column done"):
        wait_model("1", waits.drop(columns="done"))


def test_the_p_value_of_no_managers_is_that_of_the_likelihood_ratio(waits):
    done = waits[waits["done"] == 1].assign(y=lambda rows: np.log(rows["days"].clip(lower=model.SHORTEST)))
    fit = wait_model("department", done, horizon=None)
    parts = {"requisition": "0 + C(requisition_id)"}
    one = done.assign(all=1)
    without = smf.mixedlm("y ~ department", one, groups="all", vc_formula=parts).fit(reml=True)
    with_managers = smf.mixedlm(
        "y ~ department", one, groups="all", vc_formula=parts | {"manager": "0 + C(hiring_manager_id)"}
    ).fit(reml=True)
    deviance = 2 * (with_managers.llf - without.llf)
    assert fit.shares["p_value"].iloc[0] == pytest.approx(stats.norm.sf(np.sqrt(deviance)), rel=0.05)
    assert np.isnan(fit.shares["p_value"].iloc[2])


def test_a_quality_of_few_partners_has_the_degrees_of_freedom_of_partners(simulate):
    log = simulate(np.random.default_rng(6), managers=24)
    managers = pd.factorize(log["hiring_manager_id"])[0]
    log = log.assign(partner=managers // 6, of_partner=(managers < 12).astype(float))

    def reach(formula, term):
        row = wait_model(formula, log, cluster="partner").terms.set_index("term").loc[term]
        return (row["high"] - row["estimate"]) / row["standard_error"]

    assert reach("of_partner", "of_partner") == pytest.approx(stats.t.ppf(0.975, 2)), "two groups of two partners each"
    assert reach("slow", "slow") == pytest.approx(stats.t.ppf(0.975, 3)), "what differs within partners"
