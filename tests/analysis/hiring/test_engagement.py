"""Engagement of hiring managers: the index, its bands, and what would be saved if all were fast."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.hiring import engagement

# --- index -----------------------------------------------------------------------------------------------------------


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


def test_a_part_in_which_all_managers_share_a_band_is_not_divided_into_bands():
    frame = pd.DataFrame({"hiring_manager_id": list("abcdef"), "estimate": 95.0, "index": [95.0] * 3 + [55.0] * 3})
    assert set(engagement.spread(frame, {"estimate": "All alike", "index": "Apart"})["part"]) == {"Apart"}
    nothing = engagement.spread(frame, {"estimate": "All alike"})
    assert nothing.empty and nothing.attrs["absent"] == engagement.ONE_BAND


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


def index_of(managers):
    log = promises([(name, wait, name > "c") for name in managers for wait in ("intake", "cv_review", "feedback")])
    return engagement.index(log, meetings([(name, 0, 0, 0) for name in managers]), confidence=0.9)


def test_every_manager_counts_the_same_in_the_mean_of_a_part():
    found = engagement.index_parts(index_of("abcdefgh")).set_index("part")
    assert list(found.index) == list(engagement.LABELS.values())
    assert found.loc["Feedback in time", "estimate"] == pytest.approx(100 * 5 / 8)
    assert found.loc["Engagement index", "estimate"] == pytest.approx((3 * 25 + 5 * 100) / 8)
    assert found.loc["Engagement index", ["low", "high"]].between(0, 100).all()
    assert found.loc["Engagement index", "occasions"] == 4
    assert (found["respondents"] == 8).all()


def test_one_managers_parts_stand_beside_the_averages():
    index = index_of("abcdefgh")
    averages = engagement.average_parts(index)
    found = engagement.own_parts(index, "a", averages).set_index("part")
    assert found.loc["feedback", ["own", "all", "occasions"]].tolist() == [0, 62.5, 1]
    assert found.loc["index", ["own", "occasions"]].tolist() == [25, 4]
    assert set(found["manager"]) == {"a"}
    nothing = engagement.own_parts(index, "z", averages)
    assert nothing.empty
    assert nothing.attrs["absent"] == engagement.NOTHING_DUE


def test_the_interval_of_the_index_follows_the_confidence():
    log = promises([(name, "intake", name > "c") for name in "abcdefgh"])
    narrow, wide = (engagement.index(log, meetings([]), confidence=level) for level in (0.5, 0.95))
    assert (narrow["high"] - narrow["low"] < wide["high"] - wide["low"]).all()


def test_promises_are_counted_where_they_fell_due_and_somebody_made_them():
    log = promises([("a", "intake", True), ("a", "brief", False), ("b", "brief", None), (None, "brief", True)])
    found = engagement.promises_kept(log)
    assert found.to_dict("records") == [{"hiring_manager_id": "a", "kept": 1, "due": 2, "respondent_id": "a"}]
    assert "no funnel" in engagement.promises_kept(log[:0]).attrs["absent"]


def test_a_managers_own_line_stands_among_the_groups_from_fast_to_slow():
    managers = speeds(24).assign(observations=7, respondents=1)
    managers[["ratio", "ratio_low", "ratio_high"]] = np.exp(managers[["estimate", "low", "high"]])
    found = engagement.speed_beside_groups(managers, 5, "M023")
    assert found["group"].tolist()[-1] == "You"
    assert found.loc[found["group"] == "You", ["manager", "observations"]].values.tolist() == [["M023", 7]]
    assert found["manager"].notna().sum() == 1
    assert len(found) == 5
    assert engagement.speed_beside_groups(managers, 5, "nobody").empty


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


@pytest.mark.parametrize(("managers", "groups"), [(23, 0), (24, 4), (41, 6), (59, 9), (332, 10)])
def test_managers_are_grouped_from_fast_to_slow_and_no_group_is_small(managers, groups):
    found = engagement.speed_groups(speeds(managers), minimum=5)
    assert len(found) == groups
    if groups:
        assert found["respondents"].min() > 5
        assert found["respondents"].sum() == managers
        assert found["ratio"].is_monotonic_increasing
        assert found["group"].iloc[0] == f"Group 1 of {groups} (fastest)"
        assert (found["ratio_low"] < found["ratio"]).all() and (found["ratio"] < found["ratio_high"]).all()


def test_a_groups_ratio_is_the_geometric_mean_of_its_managers():
    four = pd.DataFrame({"hiring_manager_id": list("abcdefgh"), "estimate": np.log([1, 4, 5, 5, 6, 6, 7, 7.0])})
    found = engagement.speed_groups(four.assign(low=0.0, high=0.0), minimum=1)
    assert found["ratio"].tolist() == pytest.approx([2, 5, 6, 7])


# --- early actions ---------------------------------------------------------------------------------------------------


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


# --- attitude and behaviour ------------------------------------------------------------------------------------------


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
    with_cluster = engagement.scores_before(openings, answers.assign(cluster_id=answers["manager_id"]))
    assert with_cluster["cluster_id"].fillna("").tolist() == ["", "a", "b", "b", ""]


def test_days_saved_if_all_were_as_fast_as_the_fast_quarter():
    turns = pd.DataFrame(
        {
            "requisition_id": ["Q1", "Q1", "Q2", "Q3"],
            "hiring_manager_id": ["slow", "slow", "fast", "new"],
            "respondent_id": ["slow", "slow", "fast", "new"],
            "holder": ["manager", "recruiter", "manager", "manager"],
            "days": [8.0, 30.0, 8.0, 8.0],
        }
    )
    speeds = pd.DataFrame({"hiring_manager_id": ["fast", "slow"], "estimate": [0.0, np.log(2)], "standard_error": 0.0})
    found = engagement.days_saved(turns, speeds, quantile=0.25).set_index("requisition_id")
    assert found["saved"].to_dict() == pytest.approx({"Q1": 4, "Q2": 0, "Q3": found.loc["Q3", "saved"]}, abs=1e-6)
    assert 0 < found.loc["Q3", "saved"] < 4, "a manager nobody knows may be slow or fast"
    assert found.loc["Q1", ["days", "held"]].tolist() == [38, 8]
    for quantile in (0, 1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            engagement.days_saved(turns, speeds, quantile=quantile)


def test_the_share_saved_is_the_mean_over_what_a_managers_speed_may_be():
    speeds = pd.DataFrame({"hiring_manager_id": list("abc"), "estimate": [0.6, 0.1, -0.5], "standard_error": 0.3})
    turns = pd.DataFrame(
        {"requisition_id": list("abc"), "hiring_manager_id": list("abc"), "respondent_id": list("abc")}
    )
    found = engagement.days_saved(turns.assign(holder="manager", days=1.0), speeds, quantile=0.25)
    drawn = np.array([[0.6], [0.1], [-0.5]]) + 0.3 * np.random.default_rng(1).normal(size=(3, 400_000))
    expected = np.maximum(0, 1 - np.exp(np.quantile(drawn, 0.25) - drawn)).mean(axis=1)
    np.testing.assert_allclose(found["saved"], expected, atol=2e-3)


def test_the_scenario_leaves_out_groups_of_managers_and_fits_anew(simulate):
    log = simulate(np.random.default_rng(9), managers=40)
    model = engagement.wait_model("slow", log)
    left_out = ["nobody", *range(0, 40, 7)]
    anew = engagement.wait_model("slow", log[~log["hiring_manager_id"].isin(left_out)]).intercepts
    np.testing.assert_allclose(model.without(left_out)["estimate"], anew["estimate"], atol=2e-4)
    turns = log.assign(respondent_id=log["hiring_manager_id"], holder="manager")
    found = engagement.scenario(model, turns).iloc[0]
    assert found["estimate"] == pytest.approx(engagement.days_saved(turns, model.intercepts)["saved"].mean())
    assert 0 < found["low"] < found["estimate"] < found["high"]
    assert (found["clusters"], found["observations"]) == (40, log["requisition_id"].nunique())
    assert engagement.scenario(model, turns, confidence=0.5).iloc[0]["low"] > found["low"]
    assert (
        "fewer than 5 managers filled" in engagement.scenario(model, turns[turns["hiring_manager_id"] < 3])["note"][0]
    )


def test_more_days_than_managers_held_cannot_be_saved(simulate):
    log = simulate(np.random.default_rng(0), managers=8)
    turns = log.assign(respondent_id=log["hiring_manager_id"], holder="manager")
    found = engagement.scenario(engagement.wait_model("slow", log), turns)
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
    assert "cannot tell: the interval reaches beyond all the days" in found["note"][0]
    assert engagement.priced(found, 400).empty


def test_days_saved_are_priced_or_not_told():
    gain = pd.DataFrame({"estimate": [2.0], "low": [1.0], "high": [4.0], "respondents": [9]})
    found = engagement.priced(gain, 250)
    assert found["what"].tolist() == ["Days per opening", "At 250 a vacant day"]
    assert found[["estimate", "low", "high"]].values.tolist() == [[2, 1, 4], [500, 250, 1000]]
    nothing = engagement.priced(gain.assign(estimate=np.nan), 250)
    assert nothing.empty
    assert nothing.attrs["absent"] == engagement.NO_SCENARIO


def test_a_model_of_fewer_interviews_than_asked_for_tells_nothing(simulate):
    log = simulate(np.random.default_rng(9), managers=12)
    enough = engagement.wait_model("slow", log, fewest=len(log))
    assert enough.observations == len(log)
    assert enough.terms.attrs["formula"] == "log(days) ~ slow + manager + opening"
    shares = engagement.variance_shares(enough)
    assert shares["part"].tolist() == ["The manager", "The opening", "Chance, candidate, all else"]
    assert shares["estimate"].sum() == pytest.approx(100)
    few = engagement.wait_model("slow", log, fewest=len(log) + 1)
    for table in (few.terms, few.intercepts, engagement.variance_shares(few)):
        assert table.empty
        assert (
            table.attrs["absent"] == f"Fewer than {len(log) + 1} interviews are too few to tell managers from chance."
        )
