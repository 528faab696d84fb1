"""Time-to-event estimators against R's survival 3.5-3 (R 4.2.2), against statsmodels, and at their edges.

The R calls that gave the figures stand above them. ``d`` is reference/openings.csv, a made-up log of 276 openings of
40 managers with days in whole numbers; ``d$filled <- as.integer(d$end == "filled")``.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg

from helpers.analysis.methods import clustered, survival

TIMES = [20, 40, 60, 90, 120]
#: The published variance has no factor G / (G - 1); there are 40 managers.
WITHOUT_FACTOR = np.sqrt(39 / 40)


@pytest.fixture(scope="module")
def openings():
    return pd.read_csv(Path(__file__).parents[1] / "reference" / "openings.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def retention():
    """Published data: Keith McNulty, Handbook of Regression Modeling in People Analytics, chapter 9."""
    folder = Path(importlib.util.find_spec("peopleanalyticsdata").submodule_search_locations[0])
    return pd.read_csv(folder / "data" / "job_retention.csv")


# --- Kaplan-Meier and cumulative incidence --------------------------------------------------------------------------


def test_kaplan_meier_agrees_with_r(openings):
    # summary(survfit(Surv(days, filled) ~ 1, d, conf.type = "log-log"), times = c(20, 40, 60, 90, 120))
    expected = [
        [0.70390611049, 0.02822592689, 0.64455591058, 0.7552604383],
        [0.48803890003, 0.03218135648, 0.42359633734, 0.5493095661],
        [0.36261105805, 0.03295888362, 0.29844432898, 0.4269694474],
        [0.19380757827, 0.03174330385, 0.13595097472, 0.2594162242],
        [0.07854566507, 0.02899304741, 0.03401692144, 0.1474333799],
    ]
    found = survival.kaplan_meier(openings, "days", "end", at=TIMES, cause="filled")
    np.testing.assert_allclose(found[["estimate", "standard_error", "low", "high"]], expected, rtol=1e-8)


def test_kaplan_meier_of_the_published_data_agrees_with_r(retention):
    # summary(survfit(Surv(month, left) ~ gender, j, conf.type = "log-log"), times = c(3, 6, 12))
    expected = {
        "F": [[0.933340, 0.00738862], [0.818980, 0.01154167], [0.603282, 0.01501164]],
        "M": [[0.928710, 0.00507923], [0.824391, 0.00756464], [0.622640, 0.00983263]],
    }
    found = survival.kaplan_meier(retention, "month", "left", by=["gender"], at=[3, 6, 12])
    for gender, rows in found.groupby("gender"):
        np.testing.assert_allclose(rows[["estimate", "standard_error"]], expected[gender], rtol=1e-5)


def test_clustered_kaplan_meier_agrees_with_r(openings):
    # summary(survfit(Surv(days, filled) ~ 1, d, cluster = manager), times = c(20, 40, 60, 90, 120))$std.err
    expected = [0.03120604825, 0.03850211477, 0.04278086497, 0.03960734839, 0.02408164831]
    found = survival.kaplan_meier(openings, "days", "end", cluster="manager", at=TIMES, cause="filled")
    np.testing.assert_allclose(found["standard_error"] * WITHOUT_FACTOR, expected, rtol=1e-8)
    assert set(found["clusters"]) == {40}


def test_cumulative_incidence_agrees_with_r(openings):
    # d$state <- factor(d$end, c("", "filled", "cancelled"))
    # summary(survfit(Surv(days, state) ~ 1, d), times = c(20, 40, 60, 90, 120)): pstate and std.err of "filled";
    # the estimates are also those of cmprsk 2.2-11: timepoints(cuminc(d$days, d$end, cencode = ""), ...)
    expected = [
        [0.2833070449, 0.02716684247],
        [0.4741204021, 0.03053584799],
        [0.5737594226, 0.03097879707],
        [0.6956741849, 0.03042551847],
        [0.7728960248, 0.02983520767],
    ]
    found = survival.cumulative_incidence(openings, "days", "end", at=TIMES, cause="filled")
    np.testing.assert_allclose(found[["estimate", "standard_error"]], expected, rtol=1e-8)


def test_clustered_cumulative_incidence_agrees_with_r(openings):
    # r <- residuals(survfit(Surv(days, state) ~ 1, d), times = c(20, 40, 60, 90, 120), type = "pstate")
    # sqrt(sum(rowsum(r[, i, 2], d$manager)^2))
    expected = [0.03042681968, 0.03918084873, 0.04265812321, 0.04490622334, 0.03059859163]
    found = survival.cumulative_incidence(openings, "days", "end", cluster="manager", at=TIMES, cause="filled")
    np.testing.assert_allclose(found["standard_error"] * WITHOUT_FACTOR, expected, rtol=1e-8)


def test_counting_cancelled_openings_as_still_fillable_overstates_the_share_filled(openings):
    incidence = survival.cumulative_incidence(openings, "days", "end", at=TIMES, cause="filled")["estimate"]
    as_if = 1 - survival.kaplan_meier(openings, "days", "end", at=TIMES, cause="filled")["estimate"]
    assert (as_if > incidence).all()


def test_median_and_quartile_agree_with_r(openings):
    # quantile(survfit(Surv(days, filled) ~ 1, d, conf.type = "log-log"))
    for share, expected in ((0.25, (18, 15, 21)), (0.5, (37, 30, 49)), (0.75, (81, 69, 93))):
        found = survival.quantile_time(openings, "days", "end", share=share, cause="filled").iloc[0]
        assert (found["estimate"], found["low"], found["high"]) == expected


def test_the_median_of_a_level_stretch_is_its_middle():
    # survfit(Surv(c(1, 2, 4, 5), rep(1, 4)) ~ 1): median 3
    days = pd.DataFrame({"days": [1, 2, 4, 5], "end": True})
    assert survival.quantile_time(days, "days", "end")["estimate"].item() == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["", "filled", "cancelled"]), st.integers(0, 4)),
        min_size=1,
        max_size=40,
    )
)
def test_shares_stay_between_0_and_1_fall_and_add_up(rows):
    frame = pd.DataFrame(rows, columns=["days", "end", "manager"])
    both = [
        survival.cumulative_incidence(frame, "days", "end", cluster="manager", cause=cause, at=range(10))["estimate"]
        for cause in ("filled", "cancelled")
    ]
    open_still = survival.kaplan_meier(frame, "days", "end", cluster="manager", at=range(10))
    np.testing.assert_allclose(sum(both) + open_still["estimate"], np.where(both[0].isna(), np.nan, 1))
    assert (open_still["estimate"].dropna().diff().dropna() <= 1e-12).all()
    interval = open_still.dropna(subset=["low"])
    assert (interval["low"] <= interval["estimate"]).all()
    assert (interval["estimate"] <= interval["high"]).all()
    assert interval[["low", "high"]].stack().between(0, 1).all()


def test_people_still_watched_are_counted_once():
    frame = pd.DataFrame({"days": [5, 9, 9, 3], "end": True, "respondent_id": ["a", "a", "b", "c"]})
    found = survival.kaplan_meier(frame, "days", "end", cluster="respondent_id", at=[0, 4, 6, 9])
    assert found["respondents"].tolist() == [3, 2, 2, 2]
    assert found["at_risk"].tolist() == [4, 3, 2, 2]


# --- restricted mean ------------------------------------------------------------------------------------------------


def error(values: pd.Series, cluster: pd.Series | np.ndarray) -> float:
    """Standard error of the mean of the values by the infinitesimal jackknife, without the factor G / (G - 1)."""
    sums = (values - values.mean()).groupby(np.asarray(cluster)).sum() / len(values)
    return float(np.sqrt((sums**2).sum()))


def test_restricted_mean_values_agree_with_r(openings):
    # pseudo(survfit(Surv(days, filled) ~ 1, d), times = 100, type = "rmst")
    # print(survfit(Surv(days, filled) ~ 1, d), rmean = 100): 48.0068, se 2.22271
    # r <- residuals(survfit(Surv(days, filled) ~ 1, d), times = 100, type = "rmst"); sqrt(sum(rowsum(r, d$manager)^2))
    openings = openings.assign(filled=openings["end"] == "filled")
    found = survival.restricted_mean_values(openings, "days", "filled", 100)
    np.testing.assert_allclose(found[:5], [58.56381576, 17.96434980, 120.47283402, 115.26856235, 11.90016111])
    assert found.mean() == pytest.approx(48.0068258)
    assert error(found, np.arange(len(found))) == pytest.approx(2.222707707)
    assert error(found, openings["manager"]) == pytest.approx(3.02317591)


def test_restricted_mean_values_with_cancelled_openings_agree_with_r(openings):
    # pseudo(survfit(Surv(days, state) ~ 1, d), times = 100, type = "sojourn"): states open and cancelled
    # r <- residuals(survfit(Surv(days, state) ~ 1, d), times = 100, type = "sojourn")
    found = survival.restricted_mean_values(openings, "days", "end", 100, cause="filled")
    np.testing.assert_allclose(found[:2], [62.70841544 - 1.557080619, 21.26007173 - 0.1825432192])
    assert found.mean() == pytest.approx(41.39218427 + 11.87457635)
    assert error(found, openings["manager"]) == pytest.approx(3.274283872)


def test_regressing_restricted_mean_values_gives_the_difference_of_restricted_means(openings):
    openings = openings.assign(engaged=openings["engagement"] > 0.6)
    openings["value"] = survival.restricted_mean_values(openings, "days", "end", 60, cause="filled")
    slope = clustered.regression("value ~ engaged", openings, "manager").iloc[1]
    means = [
        survival.restricted_mean_values(part, "days", "end", 60, cause="filled").mean()
        for _, part in openings.groupby("engaged")
    ]
    # equal where nothing is censored before the horizon; 45 of 276 openings are still open
    assert slope["estimate"] == pytest.approx(means[1] - means[0], abs=0.6)


def test_without_censoring_the_values_are_the_days_themselves():
    frame = pd.DataFrame({"days": [3.0, 8, 20, 5, 11], "end": True})
    found = survival.restricted_mean_values(frame, "days", "end", 10)
    np.testing.assert_allclose(found, [3, 8, 10, 5, 10])


# --- Cox ------------------------------------------------------------------------------------------------------------

#: summary(coxph(Surv(month, left) ~ gender + field + level + sentiment, j))$coefficients, and, with
#: j$g <- (seq_len(nrow(j)) - 1) %% 97, the robust se of coxph(..., cluster = g)
RETENTION = {
    "gender[T.M]": (-0.04548463389, 0.05885776411, 0.06473661910),
    "field[T.Finance]": (0.22334080638, 0.06680991308, 0.06994990418),
    "field[T.Health]": (0.27830458269, 0.12890379045, 0.15433870358),
    "field[T.Law]": (0.10532232165, 0.14515262880, 0.13186833758),
    "field[T.Public/Government]": (0.11499157142, 0.08898681474, 0.09314524330),
    "field[T.Sales/Marketing]": (0.08776369405, 0.10211389559, 0.10345659089),
    "level[T.Low]": (0.14813142089, 0.09000411988, 0.09855730741),
    "level[T.Medium]": (0.17666478226, 0.10202958901, 0.09935832022),
    "sentiment": (-0.11756194016, 0.01397115742, 0.01489040073),
}


def test_cox_agrees_with_the_published_figures_and_r(retention):
    formula = "gender + field + level + sentiment"
    alone = survival.cox(formula, retention, "month", "left").table
    robust = survival.cox(formula, retention.assign(g=np.arange(3770) % 97), "month", "left", "g").table
    expected = np.array([RETENTION[term] for term in alone["term"]])
    np.testing.assert_allclose(alone[["estimate", "standard_error"]], expected[:, :2], rtol=1e-6)
    np.testing.assert_allclose(robust["standard_error"] * np.sqrt(96 / 97), expected[:, 2], rtol=1e-6)
    assert (alone["observations"][0], alone["events"][0], robust["clusters"][0]) == (3770, 1354, 97)
    sentiment = alone.set_index("term").loc["sentiment"]
    assert round(sentiment["estimate"], 5) == -0.11756
    assert round(sentiment["standard_error"], 5) == 0.01397


def test_clustered_cox_agrees_with_r(openings):
    # summary(coxph(Surv(days, filled) ~ engagement + department, d, cluster = manager))$coefficients
    # f <- coxph(Surv(days, filled) ~ engagement + department, d)
    # b <- t(sapply(unique(d$manager), function(g) coef(update(f, data = d[d$manager != g, ]))))
    # sqrt(39 / 40 * colSums(sweep(b, 2, colMeans(b))^2))
    expected = {
        "engagement": (0.7688627526, 0.3394658351, 0.3737294092),
        "department[T.B]": (-0.1593370461, 0.2015416669, 0.2330035427),
        "department[T.C]": (-0.3937410933, 0.2509018065, 0.2874441997),
    }
    formula = "engagement + department"
    sandwich = survival.cox(formula, openings, "days", "end", "manager", cause="filled", leave_out=False).table
    jackknife = survival.cox(
        "engagement + department", openings, "days", "end", "manager", cause="filled", leave_out=True
    ).table
    expected = np.array([expected[term] for term in sandwich["term"]])
    np.testing.assert_allclose(sandwich["estimate"], expected[:, 0], rtol=1e-7)
    np.testing.assert_allclose(sandwich["standard_error"] * WITHOUT_FACTOR, expected[:, 1], rtol=1e-7)
    np.testing.assert_allclose(jackknife["standard_error"], expected[:, 2], rtol=1e-6)


def test_few_clusters_are_left_out_one_at_a_time_unless_told_otherwise(openings, retention):
    def fitted(frame, duration, event, cluster, term, **options):
        return survival.cox(term, frame, duration, event, cluster, **options).table.iloc[0]

    few = fitted(openings, "days", "end", "manager", "engagement", cause="filled")
    asked = fitted(openings, "days", "end", "manager", "engagement", cause="filled", leave_out=True)
    assert few["clusters"] == 40
    assert few["low"] == asked["low"]
    assert "leaving out" in few["method"]
    many = fitted(retention.assign(g=np.arange(3770) % 50), "month", "left", "g", "sentiment")
    assert "leaving out" not in many["method"]


def test_untied_times_agree_with_statsmodels_own_sandwich(openings):
    # PHReg's clustered variance is that of Breslow's method, which is Efron's where there are no ties
    untied = openings.assign(days=openings["days"] + np.random.default_rng(3).uniform(0, 0.9, len(openings)))
    failed = (untied["end"] == "filled").astype(int)
    theirs = PHReg(untied["days"], untied[["engagement"]], failed, ties="efron")
    theirs = theirs.fit(groups=pd.factorize(untied["manager"])[0])
    ours = survival.cox("engagement", untied, "days", "end", "manager", cause="filled", leave_out=False).table.iloc[0]
    assert ours["estimate"] == pytest.approx(theirs.params[0], rel=1e-6)
    assert ours["standard_error"] * WITHOUT_FACTOR == pytest.approx(theirs.bse[0], rel=1e-6)


def test_proportional_hazards_agrees_with_r(openings):
    # cox.zph(coxph(Surv(days, filled) ~ engagement + department, d), terms = FALSE)
    fit = survival.cox("engagement + department", openings, "days", "end", cause="filled")
    found = survival.proportional_hazards(fit).set_index("term")
    expected = {"engagement": 0.00224063, "department[T.B]": 0.21508478, "department[T.C]": 0.39322292}
    for term, statistic in expected.items():
        assert found.loc[term, "statistic"] == pytest.approx(statistic, rel=1e-4)
    assert found.loc["department[T.B]", "p_value"] == pytest.approx(0.64281, abs=1e-5)


def test_proportional_hazards_of_the_published_data_agrees_with_r(retention):
    # cox.zph(coxph(Surv(month, left) ~ gender + sentiment, j))
    found = survival.proportional_hazards(survival.cox("gender + sentiment", retention, "month", "left"))
    np.testing.assert_allclose(found["statistic"], [0.717294, 1.761671], rtol=1e-5)
    np.testing.assert_allclose(found["p_value"], [0.39703, 0.18442], atol=1e-5)


def test_residuals_agree_with_r(openings):
    # f <- coxph(Surv(days, filled) ~ engagement + department, d); head(resid(f, "score"), 4)
    # head(resid(f, "schoenfeld"), 2)
    risk = survival.cox("engagement + department", openings, "days", "end", cause="filled").risk
    scores = [
        [0.007545001373, -0.05067192087, 0.007906220516],
        [0.310865820870, -0.17810272316, 0.049470155765],
        [-0.995611544525, 0.64481279210, 0.015716112536],
        [-1.071388027906, 0.67457016024, -0.697119314491],
    ]
    np.testing.assert_allclose(risk.scores()[:4], scores, atol=1e-7)
    first = [[-0.4995523992, 0.6976410730, -0.37570664408], [0.5004476008, -0.3023589270, -0.05570664408]]
    np.testing.assert_allclose(risk.residuals()[:2], first, atol=1e-7)


def test_a_hazard_ratio_that_fades_is_noticed_and_shown():
    random = np.random.default_rng(5)
    x = random.integers(0, 2, 1500)
    # log hazard ratio 1.5 up to day 20, 0 afterwards
    early = random.exponential(40 / np.exp(1.5 * x))
    days = np.ceil(np.where(early < 20, early, 20 + random.exponential(40, 1500)))
    frame = pd.DataFrame({"x": x, "days": days, "end": True, "manager": random.integers(0, 100, 1500)})
    for cluster in (None, "manager"):
        fit = survival.cox("x", frame, "days", "end", cluster)
        assert survival.proportional_hazards(fit)["p_value"].item() < 1e-6
    periods = survival.hazard_ratio_over_time(fit, "x", periods=4)
    assert periods["low"].iloc[0] > 0.8
    assert abs(periods["estimate"].iloc[-1]) < 0.4
    assert periods["events"].sum() == 1500


# --- edges ----------------------------------------------------------------------------------------------------------


def test_one_manager_cannot_tell():
    frame = pd.DataFrame({"days": [3, 5, 9], "end": True, "x": [0, 1, 0], "manager": "a"})
    table = survival.cox("x", frame, "days", "end", "manager").table
    assert table["note"].item() == "cannot tell: fewer than 2 clusters"
    assert table[["estimate", "low", "high"]].isna().all(axis=None)


def test_nothing_filled_yet_cannot_tell():
    frame = pd.DataFrame({"days": [3, 5, 9, 9], "end": "", "x": [0, 1, 0, 1], "manager": list("aabb")})
    fit = survival.cox("x", frame, "days", "end", "manager", cause="filled")
    assert fit.table["note"].item() == "cannot tell: nothing ended"
    assert survival.proportional_hazards(fit).empty or "nothing ended" in survival.proportional_hazards(fit)["note"][0]
    assert survival.hazard_ratio_over_time(fit, "x").empty
    curve = survival.kaplan_meier(frame, "days", "end", cluster="manager", at=[0, 5, 20])
    assert curve["estimate"].tolist()[:2] == [1, 1]
    assert curve["note"].tolist() == ["", "", "cannot tell: nothing was watched for longer than 9"]
    median = survival.quantile_time(frame, "days", "end", cluster="manager").iloc[0]
    assert median["note"] == "cannot tell: it has happened for 0 % by the end of observation"
    assert np.isnan(median["estimate"])


def test_everything_on_one_day():
    frame = pd.DataFrame({"days": 7, "end": True, "x": [0, 1, 0, 1, 1], "manager": list("aabbc")})
    curve = survival.kaplan_meier(frame, "days", "end", cluster="manager", at=[0, 6, 7])
    assert curve["estimate"].tolist() == [1, 1, 0]
    assert curve[["low", "high"]].isna().all(axis=None)
    assert survival.quantile_time(frame, "days", "end", cluster="manager")["estimate"].item() == 7
    assert survival.restricted_mean_values(frame, "days", "end", 5).tolist() == [5] * 5
    fit = survival.cox("x", frame, "days", "end", "manager")
    assert "everything ended at the same time" in fit.table["note"].item()
    assert fit.table[["estimate", "low", "high", "p_value"]].isna().all(axis=None)
    assert "one time" in survival.proportional_hazards(fit)["note"].item()


def test_a_department_without_any_filled_opening_has_no_bounded_hazard_ratio(openings):
    openings = openings.assign(end=openings["end"].mask(openings["department"] == "C", ""))
    table = survival.cox("engagement + department", openings, "days", "end", "manager", cause="filled").table
    table = table.set_index("term")
    assert "no bound" in table.loc["department[T.C]", "note"]
    assert np.isnan(table.loc["department[T.C]", "estimate"])
    assert np.isfinite(table.loc[["engagement", "department[T.B]"], "standard_error"]).all()


def test_terms_that_do_not_vary_or_repeat_others_say_so(openings):
    twice = openings.assign(one=1.0, again=2 * openings["engagement"])
    table = survival.cox("engagement + again + one", twice, "days", "end", "manager", cause="filled").table
    assert table["note"].str.contains("not distinguishable").tolist() == [False, True, True]
    alone = survival.cox("engagement", openings, "days", "end", "manager", cause="filled").table
    assert table["estimate"][0] == pytest.approx(alone["estimate"][0])


def test_a_search_without_a_cluster_that_runs_away_ends_without_an_estimate():
    random = np.random.default_rng(1)
    design, days = random.normal(size=(60, 2)), random.exponential(size=60)
    start = np.array([900.0, -700.0])  # where exp() has no finite value, so that the information has none
    with np.errstate(all="ignore"):
        found = survival._refit(design, days, np.ones(60, bool), np.arange(60) > 4, start)
    assert np.isnan(found).all()


def test_rows_with_missing_values_are_left_out(openings):
    holes = openings.copy()
    holes.loc[:9, "engagement"] = np.nan
    holes.loc[10:19, "days"] = np.nan
    holes.loc[20:29, "manager"] = None
    found = survival.cox("engagement", holes, "days", "end", "manager", cause="filled").table
    expected = survival.cox("engagement", openings[30:], "days", "end", "manager", cause="filled").table
    assert found["observations"].item() == 246
    assert found["estimate"].item() == pytest.approx(expected["estimate"].item())
    assert found["standard_error"].item() == pytest.approx(expected["standard_error"].item())


def test_a_horizon_beyond_what_was_watched_has_no_values():
    frame = pd.DataFrame({"days": [3, 5, 9], "end": [True, True, False], "manager": list("abc")})
    assert survival.restricted_mean_values(frame, "days", "end", 10).isna().all()
    assert survival.restricted_mean_values(frame.iloc[:0], "days", "end", 10).empty
    # where the longest was watched to its end, the curve is 0 from there on
    assert survival.restricted_mean_values(frame.assign(end=True), "days", "end", 10).tolist() == [3, 5, 9]


def test_the_upper_end_of_a_median_may_lie_beyond_what_was_watched():
    frame = pd.DataFrame({"days": [1, 2, 3, 4, 5, 6], "end": [True, True, True, False, False, False]})
    found = survival.quantile_time(frame, "days", "end").iloc[0]
    assert found["estimate"] == 3
    assert np.isnan(found["high"])
    assert "beyond" in found["note"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": [-1, 2]}, "negative durations"),
        ({"end": None}, "no column end"),
    ],
)
def test_unusable_frames_are_refused(change, message):
    frame = pd.DataFrame({"days": [1, 2], "end": [True, False]}).assign(**change)
    frame = frame.drop(columns=[name for name, value in change.items() if value is None])
    with pytest.raises(ValueError, match=message):
        survival.kaplan_meier(frame, "days", "end")


def test_leaving_out_clusters_needs_a_cluster(openings):
    with pytest.raises(ValueError, match="needs a cluster"):
        survival.cox("engagement", openings, "days", "end", cause="filled", leave_out=True)


def test_a_term_that_the_model_does_not_have_is_refused(openings):
    fit = survival.cox("engagement", openings, "days", "end", cause="filled")
    with pytest.raises(ValueError, match="no term department; it has engagement"):
        survival.hazard_ratio_over_time(fit, "department")


# --- one cluster decides --------------------------------------------------------------------------------------------


def test_one_treated_cluster_is_refused_as_by_least_squares():
    random = np.random.default_rng(1)
    group = np.repeat(np.arange(8), 12)
    days = random.exponential(50 * np.exp(-random.normal(size=8) * 0.3)[group])
    frame = pd.DataFrame({"days": days, "end": True, "treated": (group == 0) * 1.0, "age": random.normal(size=96)})
    frame = frame.assign(partner=group.astype(str), log=np.log(days))
    of_logs = clustered.regression("log ~ treated + age", frame, "partner").set_index("term")["note"]
    for leave_out in (True, False):
        found = survival.cox("treated + age", frame, "days", "end", "partner", leave_out=leave_out).table
        found = found.set_index("term")
        assert found["note"].str.startswith("cannot tell").tolist() == [True, False]
        assert np.isnan(found.loc["treated", ["estimate", "low", "high", "p_value"]].astype(float)).all()
        assert found.loc["age", "standard_error"] > 0
    assert of_logs[["treated", "age"]].str.startswith("cannot tell").tolist() == [True, False]


def test_a_cluster_without_which_nothing_ended_on_one_side_is_refused():
    # all ends of the trained fall in one cluster: without it their hazard ratio has no bound
    random = np.random.default_rng(2)
    group = np.repeat(np.arange(4), 15)
    frame = pd.DataFrame({"x": np.isin(group, [0, 1]) * 1.0, "partner": group, "days": random.exponential(40, 60)})
    frame["end"] = (group != 1).astype(int)
    found = survival.cox("x", frame, "days", "end", "partner").table
    assert "hinges on one cluster" in found["note"].item()


def test_a_frame_without_rows_cannot_tell():
    frame = pd.DataFrame({"days": [], "end": [], "x": [], "partner": []}, dtype=float)
    found = survival.cox("x", frame, "days", "end", "partner").table
    assert found["note"].tolist() == ["cannot tell: no rows"]
    assert found["term"].tolist() == ["x"]
