"""Openings compared from a landmark on."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.hiring import filling
from helpers.analysis.methods import survival

LANDMARK = 14
START = pd.Timestamp("2026-01-01")


def openings(days, end):
    count = len(days)
    return pd.DataFrame(
        {
            "requisition_id": [f"Q{place:03d}" for place in range(count)],
            "hiring_manager_id": [f"M{place % 9}" for place in range(count)],
            "started_at": START,
            "days": days,
            "end": end,
            "problem": "",
        }
    ).assign(respondent_id=lambda frame: frame["hiring_manager_id"])


def waits(requisitions, in_time):
    return pd.DataFrame(
        {
            "requisition_id": requisitions,
            "wait": "intake",
            "in_time": pd.array(in_time, "boolean"),
            "started_at": START,
            "due_at": START + pd.Timedelta(days=7),
        }
    )


@pytest.fixture
def early():
    random = np.random.default_rng(5)
    kept = random.random((120, 2)) < 0.6
    days = LANDMARK + random.exponential(40 / (1 + kept.mean(axis=1)))
    table = openings(days, np.where(random.random(120) < 0.8, "filled", "cancelled"))
    log = pd.concat([waits(table["requisition_id"], kept[:, place]) for place in (0, 1)])
    return filling.after_landmark(table, log, LANDMARK, fewest=20)


def test_openings_are_grouped_by_what_was_done_in_time_the_most_engaged_first():
    table = openings([20, 30, 40, 50, 10], ["filled", "", "cancelled", "filled", "filled"])
    ids = table["requisition_id"]
    log = waits([*ids, *ids[:4]], [True, True, False, None, True, True, False, False, None])
    found = filling.after_landmark(table, log, LANDMARK, fewest=1)
    assert found["requisition_id"].tolist() == ["Q000", "Q001", "Q002"], "the rest was over or had nothing due"
    assert found["engagement"].tolist() == ["All early actions in time", "Half or more", "Fewer than half"]
    assert found["days_after"].tolist() == [6, 16, 26]
    assert found["filled"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("fewest", "end", "why"), [(4, "filled", filling.TOO_FEW.format(4)), (3, "", filling.NONE_FILLED)]
)
def test_too_few_openings_or_none_filled_are_not_compared_and_it_is_said_which(fewest, end, why):
    table = openings([20, 30, 40], [end] * 3)
    log = waits(table["requisition_id"], [True, False, True])
    found = filling.after_landmark(table, log, LANDMARK, fewest)
    assert found.empty
    for table in (found, filling.still_open(found, 90), filling.ends(found, 90), filling.days_occupied(found, 90)):
        assert table.empty
        assert table.attrs["absent"] == why
    assert filling.drift({}, "hiring_manager_id").empty
    assert filling.over_time({}, "early", "hiring_manager_id").empty


def test_the_curve_and_the_ends_are_those_of_the_estimators_in_per_cent(early):
    curve = filling.still_open(early, 90).set_index(["engagement", "day"])
    group = early[early["engagement"] == "Half or more"]
    plain = survival.kaplan_meier(
        group, "days_after", "end", at=[30], cause="filled", cluster="hiring_manager_id"
    ).iloc[0]
    assert curve.loc[("Half or more", 30), "estimate"] == pytest.approx(100 * plain["estimate"])
    assert curve.loc[("Half or more", 30), "low"] == pytest.approx(100 * plain["low"])
    both = filling.ends(early, 30).groupby("engagement")["estimate"].sum()
    gone = early[early["days_after"] <= 30].groupby("engagement").size() / early.groupby("engagement").size()
    np.testing.assert_allclose(both, 100 * gone[both.index], err_msg="all watched to the end: the shares that ended")


def test_days_occupied_have_the_mean_of_the_horizon_less_the_vacant_days(early):
    gone_or_horizon = early["days_after"].where(early["filled"] == 1, 90).clip(upper=90)
    found = filling.days_occupied(early, 90)["occupied"]
    assert found.mean() == pytest.approx(90 - gone_or_horizon.mean())
    too_short = filling.days_occupied(early[early["filled"] == 0].assign(end=""), 5000)
    assert too_short.empty
    assert too_short.attrs["absent"] == filling.NOT_WATCHED.format(5000)


def test_drift_and_ratios_over_time_are_those_of_the_model(early):
    models = {LANDMARK: smf.phreg("days_after ~ early", early, "filled", ties="efron")}
    drift = filling.drift(models, "hiring_manager_id").iloc[0]
    fit = survival.cox_of(models[LANDMARK], "hiring_manager_id", leave_out=False)
    assert drift["p_value"] == survival.proportional_hazards(fit)["p_value"].item()
    assert drift["landmark"] == LANDMARK
    moving = filling.over_time(models, "early", "hiring_manager_id")
    plain = survival.hazard_ratio_over_time(fit, "early")
    np.testing.assert_allclose(moving["estimate"], np.exp(plain["estimate"]))
    assert moving["period"].iloc[0] == f"day {plain['start'][0]:.0f} to {plain['end'][0]:.0f}"


def test_a_term_that_does_not_vary_has_no_ratio_to_follow(early):
    models = {LANDMARK: smf.phreg("days_after ~ early", early.assign(early=1.0), "filled", ties="efron")}
    assert filling.over_time(models, "early", "hiring_manager_id").empty


def test_openings_with_a_problem_or_without_a_duration_are_not_watched():
    table = openings([20, np.nan, 40], ["filled", "", ""]).assign(problem=["", "", "ends before it starts"])
    found = filling.watched(table)
    assert found["requisition_id"].tolist() == ["Q000"]
    assert found["filled"].tolist() == [1]
