"""Engagement: the model of waits against nlme and against brute-force integration, shrinkage against metafor.

``waits.csv`` is a made-up log: 231 waits of 30 managers in up to five openings each, 15 % of them never ended.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special, stats

from helpers.analysis import engagement

REFERENCE = Path(__file__).parent / "reference"


@pytest.fixture(scope="module")
def waits():
    return pd.read_csv(REFERENCE / "waits.csv")


# --- the model of waits ---------------------------------------------------------------------------------------------


def test_without_censoring_the_model_is_restricted_maximum_likelihood(waits):
    # nlme 3.1-162: lme(log(days) ~ department, d[d$done == 1, ], random = ~ 1 | hiring_manager_id/requisition_id)
    fit = engagement.wait_model("department", waits[waits["done"] == 1], horizon=None)
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
        fit.managers["estimate"][:4], [1.27208074, 0.08860832, 0.64918796, -0.49263071], atol=3e-3
    )
    assert (fit.terms["clusters"] == 30).all()


def test_laplace_agrees_with_integrating_the_likelihood_number_by_number():
    used = pd.DataFrame(
        {
            "hiring_manager_id": list("aaaabbbcc"),
            "requisition_id": list("112233345"),
            "_log": [0.1, 0.9, -0.4, 0.6, 1.4, 1.1, 2.0, -0.2, 0.3],
            "_done": [True, True, True, False, True, False, True, True, True],
        }
    )
    problem = engagement._Waits(used, np.ones((len(used), 1)))
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
    for _, manager in used.groupby("hiring_manager_id"):
        given_manager = np.ones((len(intercepts), len(node)))
        for _, opening in manager.groupby("requisition_id"):
            mean = intercepts[:, None, None] + of_manager * node[:, None] + of_opening * node
            likelihood = np.ones_like(mean)
            for row in opening.itertuples():
                z = (row._3 - mean) / chance
                likelihood *= stats.norm.pdf(z) / chance if row._4 else stats.norm.sf(z)
            given_manager *= likelihood @ weight
        total *= given_manager @ weight
    return np.log(total.sum() * (intercepts[1] - intercepts[0]))


@pytest.mark.parametrize("part", engagement.PARTS)
def test_slopes_of_the_likelihood_agree_with_differences(waits, part):
    used = waits.sort_values(["hiring_manager_id", "requisition_id"], ignore_index=True)
    used = used.assign(_log=np.log(used["days"]), _done=used["done"].astype(bool))
    design = np.column_stack([np.ones(len(used)), used["department"] == "B"]).astype(float)
    problem, step = engagement._Waits(used, design), 1e-4

    def value(parameters):
        return problem.mode(engagement._deviations(parameters, part)).value

    for parameters in np.array([[-1.0, 0.5, -0.2], [2.0, -1.0, 0.3], [-4.0, 3.0, 0.0]]):
        slope = problem.mode(engagement._deviations(parameters, part)).slope
        ours = engagement._derivatives_of_deviations(parameters, part).T @ slope
        differences = [(value(parameters + h) - value(parameters - h)) / (2 * step) for h in step * np.eye(3)]
        np.testing.assert_allclose(ours, differences, rtol=1e-5, atol=1e-4)


def test_ends_of_a_share_are_where_the_likelihood_has_fallen_by_half_the_quantile():
    log = simulate(np.random.default_rng(3))
    shares = engagement.wait_model("slow", log).shares.set_index("part")
    used = log.assign(_done=log["done"] & (log["days"] <= 30), _log=np.log(log["days"].clip(engagement.SHORTEST, 30)))
    problem = engagement._Waits(used, np.column_stack([np.ones(len(used)), used["slow"]]))

    def highest(free, part, place=()):
        found = optimize.minimize(
            lambda rest: -problem.mode(engagement._deviations([*place, *rest], part)).value, free, method="Nelder-Mead",
            options={"xatol": 1e-5, "fatol": 1e-7},
        )  # fmt: skip
        return -found.fun

    top = highest([-1.0, -1.0, -0.1], "manager")
    for part, end in (("manager", "low"), ("opening", "high"), ("chance", "low")):
        there = highest([-1.0, -0.1], part, [special.logit(shares.loc[part, end])])
        assert np.sqrt(2 * (top - there)) == pytest.approx(stats.norm.ppf(0.975), abs=0.005)


def simulate(random, managers=150, spread=(0.5, 0.3, 0.8), slope=0.45, never=12.0, groups=None):
    openings = random.integers(1, 6, managers)
    manager = np.repeat(np.arange(managers), openings)
    waits = random.integers(1, 4, len(manager))
    opening = np.repeat(np.arange(len(manager)), waits)
    manager = np.repeat(manager, waits)
    slow = (np.arange(managers) % 4 == 0)[manager].astype(float)
    log = slope * slow + random.normal(0, spread[0], managers)[manager]
    log += random.normal(0, spread[1], openings.sum())[opening] + random.normal(0, spread[2], len(manager))
    until = random.exponential(never, len(manager))
    return pd.DataFrame(
        {
            "hiring_manager_id": manager, "requisition_id": opening, "slow": slow, "partner": manager % 36,
            "days": np.minimum(np.exp(log), until), "done": np.exp(log) <= until,
        }
    )  # fmt: skip


def test_known_effects_and_variances_come_back_over_many_logs():
    random = np.random.default_rng(11)
    found, held = [], []
    for _ in range(12):
        fit = engagement.wait_model("slow", simulate(random))
        slope, shares = fit.terms.iloc[1], fit.shares["estimate"]
        found.append([slope["estimate"], *fit.shares["standard_deviation"]])
        held.append(
            [slope["low"] <= 0.45 <= slope["high"], fit.shares["low"][0] <= 0.25 / 0.98 <= fit.shares["high"][0]]
        )
        assert shares.sum() == pytest.approx(1)
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(12)
    np.testing.assert_array_less(np.abs(mean - [0.45, 0.5, 0.3, 0.8]), 3.3 * error + 0.01)
    assert np.mean(held, axis=0).min() >= 0.75  # the rates themselves are in benchmarks/calibration_hiring.md


def test_leaving_out_what_never_came_makes_waits_look_short():
    log = simulate(np.random.default_rng(2), managers=300, never=2.0)
    honest = engagement.wait_model("slow", log).terms
    finished_only = engagement.wait_model("slow", log[log["done"]]).terms
    for truth, ours, naive in zip((0.0, 0.45), honest.itertuples(), finished_only.itertuples()):
        assert ours.low <= truth <= ours.high
        assert naive.estimate < ours.estimate - 0.05
    assert finished_only["high"][0] < 0


def test_shrinkage_pulls_managers_with_few_waits_harder():
    fit = engagement.wait_model("1", simulate(np.random.default_rng(4)))
    managers = fit.managers
    few, many = managers["observations"] <= 2, managers["observations"] >= 8
    assert managers.loc[few, "standard_error"].mean() > 1.3 * managers.loc[many, "standard_error"].mean()
    assert managers.loc[few, "estimate"].abs().mean() < managers.loc[many, "estimate"].abs().mean()
    assert (managers["ratio_low"] < managers["ratio"]).all()


def test_variance_by_leaving_out_partners_is_close_to_the_models_own_when_partners_do_not_matter():
    log = simulate(np.random.default_rng(6))
    model = engagement.wait_model("slow", log).terms.iloc[1]
    robust = engagement.wait_model("slow", log, cluster="partner").terms.iloc[1]
    assert robust["estimate"] == model["estimate"]
    assert 0.6 < robust["standard_error"] / model["standard_error"] < 1.6
    assert robust["clusters"] == 36
    assert "leaving out" in robust["method"]


def test_openings_with_one_wait_each_cannot_be_told_from_chance(waits):
    single = waits.drop_duplicates("requisition_id")
    shares = engagement.wait_model("1", single).shares.set_index("part")
    assert np.isfinite(shares.loc["manager", "estimate"])
    assert shares.loc[["opening", "chance"], "note"].str.contains("look alike").all()
    assert shares.loc[["opening", "chance"], "estimate"].isna().all()


def test_no_differences_between_managers_reach_down_to_zero():
    log = simulate(np.random.default_rng(8), spread=(0.0, 0.3, 0.8))
    assert engagement.wait_model("slow", log).shares["low"][0] < 0.01


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
    fit = engagement.wait_model("1", change(waits))
    for frame in (fit.terms, fit.shares):
        assert frame["note"].str.startswith("cannot tell: ").all()
        assert reason in frame["note"].iloc[0]
        assert frame["estimate"].isna().all()
    assert fit.managers.empty


def test_a_group_in_which_no_wait_ended_gets_words_instead_of_an_endless_ratio():
    log = simulate(np.random.default_rng(3))
    log["group"] = np.where(np.arange(len(log)) % 3 == 0, "never", "others")
    log.loc[log["group"] == "never", "done"] = False
    terms = engagement.wait_model("slow + C(group, Treatment('others'))", log).terms.set_index("term")
    never = terms.loc["C(group, Treatment('others'))[T.never]"]
    assert never["note"] == "cannot tell: next to no wait of this kind has ended"
    assert never[["estimate", "low", "high", "ratio", "ratio_low", "ratio_high"]].isna().all()
    assert terms.loc["slow", "note"] == "" and np.isfinite(terms.loc["slow", "ratio_high"])


def test_waits_of_no_time_and_managers_without_a_name_do_no_harm(waits):
    odd = waits.copy()
    odd.loc[:2, "days"] = 0.0
    odd.loc[3:5, "hiring_manager_id"] = None
    fit = engagement.wait_model("department + again", odd.assign(again=(odd["department"] == "B").astype(float)))
    assert fit.terms["observations"].iloc[0] == 228
    assert fit.terms["note"].str.contains("not distinguishable").tolist() == [False, False, False, True]
    assert np.isfinite(fit.terms["estimate"].iloc[:3]).all()


def test_a_frame_without_a_needed_column_is_refused(waits):
    with pytest.raises(ValueError, match="no column done"):
        engagement.wait_model("1", waits.drop(columns="done"))


# --- shrinkage ------------------------------------------------------------------------------------------------------


def test_shrinkage_agrees_with_metafor():
    # f <- rma(y, s^2, method = "PM"); f$tau2; blup(f)$pred
    frame = pd.DataFrame({"y": [60, 75, 82, 90, 55, 71, 66, 88.0], "s": [9, 6, 4, 5, 12, 8, 7, 3.0]})
    found = engagement.shrink(frame, "y", "s")
    expected = [66.87333477, 75.20828751, 81.18534292, 87.28134303, 67.01953811, 72.82019719, 69.11562931, 87.04174057]
    np.testing.assert_allclose(found["estimate"], expected, rtol=1e-4)
    np.testing.assert_allclose(found["reliability"], 105.4120335 / (105.4120335 + frame["s"] ** 2), rtol=1e-3)
    # blup(f)$se
    errors = [7.023884078, 5.295976395, 3.770447660, 4.571081918, 8.191138973, 6.518541392, 5.944243025, 2.899613857]
    np.testing.assert_allclose((found["high"] - found["low"]) / 2 / 1.959964, errors, rtol=1e-3)


def test_managers_who_do_not_differ_are_drawn_together():
    frame = pd.DataFrame({"y": [50.0] * 6, "s": [5.0] * 6})
    found = engagement.shrink(frame, "y", "s")
    np.testing.assert_allclose(found["estimate"], 50)
    assert found["reliability"].tolist() == [0] * 6


def test_few_managers_cannot_be_compared():
    found = engagement.shrink(pd.DataFrame({"y": [1.0, 2.0], "s": [1.0, 1.0]}), "y", "s")
    assert found["estimate"].isna().all()
    assert found["note"].iloc[0] == "cannot tell: fewer than 5 managers can be compared"


# --- index ----------------------------------------------------------------------------------------------------------


def promises(rows):
    frame = pd.DataFrame(rows, columns=["hiring_manager_id", "wait", "in_time"])
    return frame.assign(in_time=frame["in_time"].astype("boolean"), problem="")


def meetings(rows):
    return pd.DataFrame(rows, columns=["hiring_manager_id", "declined", "rescheduled", "missed"]).astype(
        dict.fromkeys(["declined", "rescheduled", "missed"], bool)
    )


def test_the_index_is_the_mean_of_its_parts():
    log = promises(
        [("a", "intake", True), ("a", "brief", False), ("a", "cv_review", True), ("a", "feedback", None)]
        + [("a", "shortlist", False)]  # the recruiter's promise
        + [(name, "intake", True) for name in "bcdef"]
    )
    found = engagement.index(log, meetings([("a", 0, 0, 0), ("a", 1, 0, 0)])).set_index("hiring_manager_id")
    assert found.loc["a", ["start", "cv_review", "interviews"]].tolist() == [50, 100, 50]
    assert np.isnan(found.loc["a", "feedback"])
    assert found.loc["a", "index"] == pytest.approx(200 / 3)
    assert found.loc["a", "occasions"] == 5
    assert found.loc["a", "respondents"] == 1
    assert found.loc["b", "estimate"] < 100, "one of one is not certainty"


def test_managers_spread_over_bands_that_hold_their_lower_end():
    index = pd.DataFrame({"estimate": [49.9, 50, 60, 89.9, 90, 100, 101.2, np.nan], "start": np.nan})
    found = engagement.spread(index, {"estimate": "Index", "start": "Start"})
    counts = found[found["part"] == "Index"].set_index("band")["respondents"]
    assert counts.to_dict() == {
        "below 50": 1, "50 to 60": 1, "60 to 70": 1, "70 to 80": 0, "80 to 90": 1, "90 to 100": 3
    }  # fmt: skip
    shares = found.groupby("part", sort=False)["share"].sum(min_count=1)
    assert shares["Index"] == pytest.approx(100)
    assert np.isnan(shares["Start"]), "where no manager has a part, nothing is said of it"
    assert engagement.band(index["estimate"]).isna().sum() == 1


def speeds(count):
    ratio = np.linspace(-1, 1, count)
    return pd.DataFrame(
        {
            "hiring_manager_id": [f"M{n:03d}" for n in range(count)],
            "estimate": ratio,
            "low": ratio - 0.5,
            "high": ratio + 0.5,
        }
    ).sample(frac=1, random_state=1)


@pytest.mark.parametrize(("managers", "groups"), [(19, 0), (20, 4), (34, 6), (49, 9), (332, 10)])
def test_managers_are_grouped_from_fast_to_slow_and_no_group_is_small(managers, groups):
    found = engagement.speed_groups(speeds(managers), minimum=5)
    assert len(found) == groups
    if groups:
        assert found["respondents"].min() >= 5
        assert found["respondents"].sum() == managers
        assert found["ratio"].is_monotonic_increasing
        assert found["group"].iloc[0] == f"Group 1 of {groups} (fastest)"
        assert (found["ratio_low"] < found["ratio"]).all() and (found["ratio"] < found["ratio_high"]).all()


def test_a_groups_ratio_is_the_geometric_mean_of_its_managers():
    four = pd.DataFrame({"hiring_manager_id": list("abcdefgh"), "estimate": np.log([1, 4, 5, 5, 6, 6, 7, 7.0])})
    found = engagement.speed_groups(four.assign(low=0.0, high=0.0), minimum=2)
    assert found["ratio"].tolist() == pytest.approx([2, 5, 6, 7])


# --- formula --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(200, "early + a + c"), (50, "early + a + c"), (49, "early + a"), (39, "early + c"), (19, "early"), (0, "early")],
)
def test_a_model_allows_for_as_many_groups_as_ten_ended_waits_per_term_bear(ended, expected):
    frame = pd.DataFrame({"early": 0.5, "a": list("wxyz") * 50, "b": "one", "c": list("pq") * 100})
    done = pd.Series(range(200)) < ended
    assert engagement.formula(frame, done, ["early"], ["a", "b", "c"]) == expected


def test_a_model_without_groups_has_an_intercept_only():
    assert engagement.formula(pd.DataFrame({"b": ["one"] * 50}), pd.Series([True] * 50), groups=["b"]) == "1"


# --- early actions --------------------------------------------------------------------------------------------------


def test_early_actions_are_those_due_before_the_landmark_of_openings_that_reach_it():
    start = pd.Timestamp("2026-05-01 09:00")
    openings = pd.DataFrame(
        {"requisition_id": ["Q1", "Q2", "Q3"], "started_at": start, "days": [40.0, 10.0, 30.0], "problem": ""}
    )
    rows = [
        ("Q1", "intake", 5, True),
        ("Q1", "cv_review", 14, False),
        ("Q1", "cv_review", 15, True),  # due later
        ("Q1", "feedback", 6, True),  # another kind of wait
        ("Q2", "intake", 5, True),  # closed before the landmark
    ]
    waits = pd.DataFrame(rows, columns=["requisition_id", "wait", "day", "in_time"])
    waits["started_at"] = start
    waits["due_at"] = start + pd.to_timedelta(waits["day"], "D")
    waits["in_time"] = waits["in_time"].astype("boolean")
    found = engagement.early_actions(openings, waits).set_index("requisition_id")
    assert found.index.tolist() == ["Q1", "Q3"]
    assert found.loc["Q1", ["asked", "early", "days_after"]].tolist() == [2, 0.5, 26]
    assert found.loc["Q3", "asked"] == 0
    assert np.isnan(found.loc["Q3", "early"])


# --- attitude and behaviour -----------------------------------------------------------------------------------------


def test_scores_come_from_the_last_wave_that_had_ended():
    answers = pd.DataFrame(
        [
            ("a", "h1", "w1", "2025-01-10", 3.0),
            ("a", "h2", "w1", "2025-01-12", 4.0),  # a second partner: the mean counts
            ("b", "h1", "w1", "2025-01-20", 5.0),  # the wave ends here
            ("b", "h3", "w2", "2025-07-10", 2.0),
        ],
        columns=["manager_id", "hr_id", "wave", "submitted_at", "score"],
    )
    answers["submitted_at"] = pd.to_datetime(answers["submitted_at"])
    rows = [("a", "2025-01-15"), ("a", "2025-01-21"), ("b", "2025-06-01"), ("b", "2025-08-01"), ("a", "2025-08-01")]
    openings = pd.DataFrame(rows, columns=["hiring_manager_id", "opened_at"])
    openings["opened_at"] = pd.to_datetime(openings["opened_at"])
    found = engagement.scores_before(openings, answers)
    assert found["wave_before"].tolist() == ["", "w1", "w1", "w2", "w2"]
    assert found["score"].fillna(0).tolist() == [0, 3.5, 5, 2, 0]
    assert found["hr_id"].fillna("").tolist() == ["", "h2", "h1", "h3", ""]


def test_days_saved_if_all_were_as_fast_as_the_fast_quarter():
    ball = pd.DataFrame(
        {
            "requisition_id": ["Q1", "Q1", "Q2", "Q3"],
            "hiring_manager_id": ["slow", "slow", "fast", "new"],
            "respondent_id": ["slow", "slow", "fast", "new"],
            "holder": ["manager", "recruiter", "manager", "manager"],
            "days": [8.0, 30.0, 8.0, 8.0],
        }
    )
    speeds = pd.DataFrame({"hiring_manager_id": ["fast", "slow"], "estimate": [0.0, np.log(2)], "standard_error": 0.0})
    found = engagement.days_saved(ball, speeds, quantile=0.25).set_index("requisition_id")
    assert found["saved"].to_dict() == pytest.approx({"Q1": 4, "Q2": 0, "Q3": found.loc["Q3", "saved"]}, abs=1e-6)
    assert 0 < found.loc["Q3", "saved"] < 4, "a manager nobody knows may be slow or fast"
    assert found.loc["Q1", ["days", "held"]].tolist() == [38, 8]
    for quantile in (0, 1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            engagement.days_saved(ball, speeds, quantile=quantile)


def test_the_share_saved_is_the_mean_over_what_a_managers_speed_may_be():
    speeds = pd.DataFrame({"hiring_manager_id": list("abc"), "estimate": [0.6, 0.1, -0.5], "standard_error": 0.3})
    ball = pd.DataFrame({"requisition_id": list("abc"), "hiring_manager_id": list("abc"), "respondent_id": list("abc")})
    found = engagement.days_saved(ball.assign(holder="manager", days=1.0), speeds, quantile=0.25)
    drawn = np.array([[0.6], [0.1], [-0.5]]) + 0.3 * np.random.default_rng(1).normal(size=(3, 400_000))
    expected = np.maximum(0, 1 - np.exp(np.quantile(drawn, 0.25) - drawn)).mean(axis=1)
    np.testing.assert_allclose(found["saved"], expected, atol=2e-3)


def test_the_scenario_leaves_out_groups_of_managers_and_fits_anew():
    log = simulate(np.random.default_rng(9), managers=40)
    model = engagement.wait_model("slow", log)
    left_out = ["nobody", *range(0, 40, 7)]
    anew = engagement.wait_model("slow", log[~log["hiring_manager_id"].isin(left_out)]).managers
    np.testing.assert_allclose(model.without(left_out)["estimate"], anew["estimate"], atol=2e-4)
    ball = log.assign(respondent_id=log["hiring_manager_id"], holder="manager")
    found = engagement.scenario(model, ball).iloc[0]
    assert found["estimate"] == pytest.approx(engagement.days_saved(ball, model.managers)["saved"].mean())
    assert 0 < found["low"] < found["estimate"] < found["high"]
    assert (found["clusters"], found["observations"]) == (40, log["requisition_id"].nunique())
    assert engagement.scenario(model, ball, confidence=0.5).iloc[0]["low"] > found["low"]
    assert "fewer than 5 managers filled" in engagement.scenario(model, ball[ball["hiring_manager_id"] < 3])["note"][0]


# --- funnel ---------------------------------------------------------------------------------------------------------


def test_exact_limits_agree_with_r():
    # for (p in c(.025, .001)) { r <- qbinom(p, 20, .7); (r - (pbinom(r, 20, .7) - p) / dbinom(r, 20, .7)) / 20 }
    # and 1 less the same with .3 instead of .7
    frame = pd.DataFrame({"kept": [14, 28, 7], "due": [20, 40, 10]})
    found = engagement.funnel(frame, "kept", "due").iloc[0]
    limits = found[["low_95", "high_95", "low_998", "high_998"]].astype(float)
    np.testing.assert_allclose(limits, [0.4627448534, 0.918823494, 0.3363003207, 0.9985226833], rtol=1e-8)
    assert found["target"] == pytest.approx(0.7)


def test_chance_alone_puts_five_in_a_hundred_outside():
    random = np.random.default_rng(3)
    due = random.integers(5, 60, 4000)
    found = engagement.funnel(pd.DataFrame({"kept": random.binomial(due, 0.7), "due": due}), "kept", "due")
    outside = found["outside"].value_counts(normalize=True)
    assert 0.95 <= outside["inside"] <= 0.98  # whole numbers seldom hit 95 % exactly
    assert outside["outside 99.8 %"] <= 0.003
    assert found["dispersion"].iloc[0] == pytest.approx(1, abs=0.15)


def test_real_differences_widen_the_limits():
    random = np.random.default_rng(3)
    due = random.integers(20, 60, 2000)
    own = random.beta(7, 3, 2000)
    found = engagement.funnel(pd.DataFrame({"kept": random.binomial(due, own), "due": due}), "kept", "due")
    assert found["dispersion"].iloc[0] > 2
    assert (found["low_95_wide"] < found["low_95"]).all()
    narrow = ~found["share"].between(found["low_95"], found["high_95"])
    assert (found["outside"] != "inside").mean() < 0.12 < narrow.mean()


@pytest.mark.parametrize("kept", [[0, 0, 0], [3, 5, 9]])
def test_unanimous_shares_have_no_funnel_and_no_outsiders(kept):
    found = engagement.funnel(pd.DataFrame({"kept": kept, "due": [3, 5, 9]}), "kept", "due")
    assert (found["outside"] == "inside").all()


def test_managers_without_promises_are_left_out():
    found = engagement.funnel(pd.DataFrame({"kept": [0, 2], "due": [0, 4]}), "kept", "due")
    assert len(found) == 1
    assert engagement.funnel(pd.DataFrame({"kept": [0], "due": [0]}), "kept", "due").empty
