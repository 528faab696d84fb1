"""Hiring metrics on small logs worked out by hand, and against a plain Python reading of the same definitions."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.hiring import metrics, records
from helpers.data.tables import EVENTS, TABLES

AS_OF = datetime.date(2026, 6, 30)


def requisitions(*rows):
    """One opening per row: id, and any columns that differ from the usual."""
    usual = {"hiring_manager_id": "M1", "opened_at": "2026-06-01 09:00"}
    frame = pd.DataFrame([usual | row for row in rows]).reindex(columns=list(TABLES["requisitions"].columns))
    for name in ("opened_at", "approved_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame.astype({name: "str" for name in frame if not name.endswith("_at")})


def events(*rows):
    """Events as (requisition, candidate, event, at) or with due_at as a fifth part."""
    rows = [(*row, None)[:5] for row in rows]
    frame = pd.DataFrame(rows, columns=["requisition_id", "candidate_id", "event", "at", "due_at"])
    for name in ("at", "due_at"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame["actor_id"] = None
    return frame.astype({"requisition_id": "str", "candidate_id": "str", "event": "str", "actor_id": "str"})


def wait(name, log, *, opened=None, timezone="Europe/Zurich", **options):
    table = requisitions({"requisition_id": "Q1"} | (opened or {}))
    found = records.waits(table, events(*log), AS_OF, timezone, **options)
    return found[found["wait"] == name].reset_index(drop=True)


def test_every_event_used_is_in_the_vocabulary():
    used = {event for _, start, ends, _ in metrics.WAITS for event in (start, *ends)} - {"opening"}
    used |= {*records.LEFT, *records._STAGES} - {"opening"}
    assert used <= set(EVENTS)


def test_every_metric_that_is_computed_is_defined_and_every_definition_is_complete():
    table = metrics.definitions()
    assert table["metric"].is_unique
    assert {kind for kind, *_ in metrics.WAITS} <= set(table["metric"])
    assert (table[["label", "definition", "unit"]] != "").all(axis=None)
    for row in table[table["reference"] != ""].itertuples():
        assert any(word in row.reference for word in ("2022", "2025", "handbooks")), "a reference names its source"


# --- waits ----------------------------------------------------------------------------------------------------------


def test_feedback_in_elapsed_and_business_days():
    # Friday 5 June 16:00 to Monday 8 June 10:00
    log = [("Q1", "C1", "interview_held", "2026-06-05 16:00"), ("Q1", "C1", "feedback_given", "2026-06-08 10:00")]
    found = wait("feedback", log).iloc[0]
    assert found["days"] == pytest.approx(2.75)
    assert found["business_days"] == 1
    assert found["holder"] == "manager"
    assert found["done"]
    assert wait("feedback", log, holidays=[datetime.date(2026, 6, 5)])["business_days"].item() == 0


def test_a_holiday_that_is_no_date_is_refused():
    with pytest.raises(ValueError, match="expected dates such as 2026-01-01"):
        wait("feedback", [], holidays=["1 January"])


def test_each_interview_has_its_own_feedback():
    log = [
        ("Q1", "C1", "interview_held", "2026-06-02 10:00"),
        ("Q1", "C1", "feedback_given", "2026-06-03 10:00"),
        ("Q1", "C1", "feedback_given", "2026-06-04 10:00"),  # a second voice: the first counts
        ("Q1", "C1", "interview_held", "2026-06-10 10:00"),
        ("Q1", "C1", "feedback_given", "2026-06-14 10:00"),
        ("Q1", "C2", "interview_held", "2026-06-02 10:00"),
        ("Q1", "C2", "interview_held", "2026-06-09 10:00"),
        ("Q1", "C2", "feedback_given", "2026-06-09 22:00"),
    ]
    found = wait("feedback", log)
    assert found["days"].round(2).tolist() == [1, 4, 28.58, 0.5]
    assert found["done"].tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("then", "opened", "days"),
    [
        ([], {}, 28 + 14 / 24),  # until the end of the day of the study
        ([("Q1", "C1", "candidate_withdrawn", "2026-06-07 10:00")], {}, 5),
        ([("Q1", "C1", "candidate_rejected", "2026-06-04 10:00")], {}, 2),
        ([("Q1", "C2", "candidate_withdrawn", "2026-06-07 10:00")], {}, 28 + 14 / 24),  # somebody else
        ([], {"closed_at": "2026-06-12 10:00", "close_reason": "cancelled"}, 10),
        ([], {"closed_at": "2026-06-01 12:00", "close_reason": "filled"}, 28 + 14 / 24),  # closed before: no matter
    ],
)
def test_feedback_never_given_waits_until_nobody_waits_any_more(then, opened, days):
    found = wait("feedback", [("Q1", "C1", "interview_held", "2026-06-02 10:00"), *then], opened=opened).iloc[0]
    assert not found["done"]
    assert found["days"] == pytest.approx(days)
    assert np.isnan(found["business_days"])


def test_feedback_dated_before_its_interview_is_marked_and_never_clipped():
    log = [("Q1", "C1", "interview_held", "2026-06-05 16:00"), ("Q1", "C1", "feedback_given", "2024-06-05 16:00")]
    found = wait("feedback", log).iloc[0]
    assert found["problem"] == "ends before it starts"
    assert np.isnan(found["days"])
    assert found["in_time"] is pd.NA


def test_feedback_without_an_interview_is_marked():
    found = wait("feedback", [("Q1", "C1", "feedback_given", "2026-06-05 16:00")]).iloc[0]
    assert found["problem"] == "no start recorded"


def test_an_intake_before_the_opening_is_listed_counted_and_left_out():
    table = requisitions({"requisition_id": "Q1"}, {"requisition_id": "Q2"})
    log = events(("Q1", None, "intake_held", "2026-05-20 10:00"), ("Q2", None, "intake_held", "2026-06-03 09:00"))
    openings, waits = records.openings(table, log, AS_OF), records.waits(table, log, AS_OF)
    listed = records.impossible(openings, waits)
    assert listed[["metric", "problem", "count", "of"]].values.tolist() == [["intake", "ends before it starts", 1, 2]]
    intake = metrics.summary(openings, waits, records.interviews(table, log)).iloc[0]
    assert (intake["metric"], intake["finished"], intake["done"]) == ("intake", 2, 1)


@pytest.mark.parametrize(
    ("start", "end", "timezone", "days"),
    [
        ("2026-03-28 12:00", "2026-03-29 12:00", "Europe/Zurich", 23 / 24),  # clocks go forward
        ("2025-10-25 12:00", "2025-10-26 12:00", "Europe/Zurich", 25 / 24),  # clocks go back
        ("2025-10-25 12:00", "2025-10-26 12:00", "Asia/Tokyo", 1),
        ("2025-10-26 02:30", "2025-10-26 03:30", "Europe/Zurich", 2 / 24),  # an hour that exists twice: its first
        ("2026-03-29 02:30", "2026-03-29 03:30", "Europe/Zurich", 0.5 / 24),  # a time that does not exist
        ("2024-02-28 12:00", "2024-03-01 12:00", "Europe/Zurich", 2),  # leap day
    ],
)
def test_elapsed_time_follows_the_clocks_of_the_place(start, end, timezone, days):
    log = [("Q1", "C1", "cv_sent", start), ("Q1", "C1", "cv_reviewed", end)]
    assert wait("cv_review", log, timezone=timezone)["days"].item() == pytest.approx(days)


def test_leap_day_is_a_business_day():
    log = [("Q1", "C1", "cv_sent", "2024-02-28 12:00"), ("Q1", "C1", "cv_reviewed", "2024-03-01 12:00")]
    assert wait("cv_review", log)["business_days"].item() == 2


def test_promises_are_kept_broken_or_not_yet_due():
    sent, due = "2026-06-02 10:00", "2026-06-04 10:00"
    log = [("Q1", f"C{n}", "cv_sent", sent) for n in range(1, 6)]
    log += [
        ("Q1", "C1", "cv_reviewed", "2026-06-04 10:00", due),
        ("Q1", "C2", "cv_reviewed", "2026-06-04 10:01", due),
        # never reviewed: due two days after sending, as promised for the others; C3 waits in vain
        ("Q1", "C4", "candidate_withdrawn", "2026-06-03 10:00"),
        ("Q1", "C5", "candidate_withdrawn", "2026-06-05 10:00"),
    ]
    found = wait("cv_review", log)
    assert found["in_time"].tolist() == [True, False, False, pd.NA, False]
    assert (found["due_at"] == pd.Timestamp(due)).all()


def test_without_an_agreed_time_nothing_is_late_unless_a_service_level_is_given():
    log = [("Q1", "C1", "cv_sent", "2026-06-02 10:00"), ("Q1", "C1", "cv_reviewed", "2026-06-06 10:00")]
    assert wait("cv_review", log)["in_time"].tolist() == [pd.NA]
    assert wait("cv_review", log, service_levels={"cv_review": 3})["in_time"].tolist() == [False]
    assert wait("cv_review", log, service_levels={"cv_review": 4})["in_time"].tolist() == [True]


def test_the_clock_starts_at_approval_where_it_is_recorded():
    log = [("Q1", None, "intake_held", "2026-06-05 09:00")]
    assert wait("intake", log)["days"].item() == 4
    assert wait("intake", log, opened={"approved_at": "2026-06-03 09:00"})["days"].item() == 2


def test_of_an_opening_the_first_intake_and_shortlist_count():
    log = [
        ("Q1", None, "intake_held", "2026-06-02 09:00"),
        ("Q1", None, "shortlist_sent", "2026-06-07 09:00"),
        ("Q1", None, "intake_held", "2026-06-10 09:00"),
        ("Q1", None, "shortlist_sent", "2026-06-11 09:00"),
    ]
    assert wait("intake", log)["days"].tolist() == [1]
    shortlist = wait("shortlist", log)
    assert shortlist["days"].tolist() == [5]
    assert shortlist["holder"].tolist() == ["recruiter"]


MOMENTS = st.integers(0, 20).map(lambda hours: pd.Timestamp("2026-06-02") + pd.Timedelta(hours=hours))
RELEVANT = ["cv_sent", "cv_reviewed", "interview_held", "feedback_given", "candidate_withdrawn", "offer_extended"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from("ab"), st.sampled_from(RELEVANT), MOMENTS)))
def test_waits_are_those_that_a_plain_reading_of_the_definition_finds(rows):
    log = [(f"Q{number}", candidate, event, at) for number, candidate, event, at in rows]
    table = requisitions({"requisition_id": "Q1"}, {"requisition_id": "Q2", "closed_at": "2026-06-02 12:00"})
    found = records.waits(table, events(*log), AS_OF)
    for kind, start, end in (("cv_review", "cv_sent", "cv_reviewed"), ("feedback", "interview_held", "feedback_given")):
        ours = found[found["wait"] == kind]
        ours = [
            (row.requisition_id, row.candidate_id, row.problem, None if row.problem else round(24 * row.days))
            for row in ours.itertuples()
        ]
        assert sorted(ours, key=str) == sorted(plain(log, start, end), key=str)


def plain(log, start, end):
    """The definition, read word by word for one candidate after the other."""
    for key in sorted({(row[0], row[1]) for row in log}):
        mine = [(at, event) for *who, event, at in log if tuple(who) == key]
        starts = sorted(at for at, event in mine if event == start)
        ends = sorted(at for at, event in mine if event == end)
        if not starts and ends:
            yield (*key, "no start recorded", None)
        for number, at in enumerate(starts):
            following = starts[number + 1] if number + 1 < len(starts) else pd.Timestamp.max
            mine_ends = [moment for moment in ends if at <= moment < following]
            if mine_ends:
                yield (*key, "", round((mine_ends[0] - at).total_seconds() / 3600))
            elif number == 0 and ends and ends[0] < at:
                yield (*key, "ends before it starts", None)
            else:
                left = [moment for moment, event in mine if event == "candidate_withdrawn" and at <= moment < following]
                closed = [pd.Timestamp("2026-06-02 12:00")] if key[0] == "Q2" else []
                stop = min([*left, *(moment for moment in closed if moment >= at), pd.Timestamp("2026-07-01")])
                yield (*key, "", round((stop - at).total_seconds() / 3600))


# --- openings and interviews ----------------------------------------------------------------------------------------


def opening(log, **row):
    table = requisitions({"requisition_id": "Q1"} | row)
    return records.openings(table, events(*log), AS_OF, "Europe/Zurich").iloc[0]


def test_a_filled_opening():
    log = [
        ("Q1", "C1", "applied", "2026-06-03 09:00"),
        ("Q1", "C1", "interview_held", "2026-06-08 09:00"),
        ("Q1", "C2", "interview_held", "2026-06-08 10:00"),
        ("Q1", "C1", "interview_held", "2026-06-10 09:00"),
        ("Q1", "C1", "offer_accepted", "2026-06-13 09:00"),
    ]
    found = opening(log, approved_at="2026-06-02 09:00", closed_at="2026-06-15 09:00", close_reason="filled")
    assert (found["end"], found["hired_id"]) == ("filled", "C1")
    assert (found["days"], found["days_to_hire"]) == (11, 10)
    assert (found["interviews"], found["rounds"]) == (3, 2)
    assert found["month"] == "2026-06"


def test_an_opening_re_opened_after_acceptance_is_filled_by_the_next_acceptance_or_still_open():
    log = [("Q1", "C1", "offer_accepted", "2026-06-05 09:00"), ("Q1", None, "reopened", "2026-06-08 09:00")]
    found = opening(log)
    assert (found["end"], found["reopened"]) == ("", True)
    assert found["days"] == pytest.approx(29 + 15 / 24)
    found = opening([*log, ("Q1", "C2", "offer_accepted", "2026-06-20 09:00")])
    assert (found["end"], found["days"], found["hired_id"]) == ("filled", 19, "C2")


def test_cancelled_on_hold_and_open():
    assert opening([], closed_at="2026-06-11 09:00", close_reason="on_hold")[["end", "days"]].tolist() == [
        "on_hold",
        10,
    ]
    assert opening([("Q1", None, "cancelled", "2026-06-04 09:00")])[["end", "days"]].tolist() == ["cancelled", 3]
    assert opening([])["end"] == ""


def test_what_became_of_interviews():
    table = requisitions({"requisition_id": "Q1"})
    log = events(
        ("Q1", "C1", "interview_scheduled", "2026-06-02 09:00"),
        ("Q1", "C1", "interview_declined", "2026-06-02 10:00"),
        ("Q1", "C1", "interview_scheduled", "2026-06-03 09:00"),
        ("Q1", "C1", "interview_accepted", "2026-06-03 10:00"),
        ("Q1", "C1", "interview_held", "2026-06-05 10:00"),
        ("Q1", "C2", "interview_scheduled", "2026-06-03 09:00"),
        ("Q1", "C2", "interview_rescheduled", "2026-06-03 12:00"),
        ("Q1", "C2", "interview_missed", "2026-06-05 12:00"),
    )
    found = records.interviews(table, log)[["accepted", "declined", "rescheduled", "missed", "held"]]
    assert found.astype(int).values.tolist() == [[0, 1, 0, 0, 0], [1, 0, 0, 0, 1], [0, 0, 1, 1, 0]]


def test_the_days_of_a_filled_opening_are_divided_among_those_whose_turn_it_was():
    log = [
        ("Q1", None, "intake_held", "2026-06-03 09:00"),
        ("Q1", "C1", "cv_sent", "2026-06-07 09:00"),
        ("Q1", "C2", "cv_sent", "2026-06-04 09:00"),  # not hired: not on the way
        ("Q1", None, "intake_held", "2026-06-07 12:00"),  # after the CV: does not count
        ("Q1", "C1", "cv_reviewed", "2026-06-10 09:00"),
        ("Q1", "C1", "interview_scheduled", "2026-06-11 09:00"),
        ("Q1", "C1", "interview_held", "2026-06-16 09:00"),
        ("Q1", "C1", "feedback_given", "2026-06-18 09:00"),
        ("Q1", "C1", "offer_extended", "2026-06-19 09:00"),
        ("Q1", "C1", "offer_accepted", "2026-06-22 09:00"),
    ]
    table = requisitions({"requisition_id": "Q1"}, {"requisition_id": "Q2"})
    found = records.turns(table, events(*log), "Europe/Zurich").set_index("stage")
    assert found["days"].to_dict() == {
        "Intake": 2,
        "Finding candidates": 4,
        "CV review": 3,
        "Arranging the interview": 1,
        "Until the date agreed": 5,
        "Feedback": 2,
        "Next round or offer": 1,
        "Decision on the offer": 3,
    }
    by_holder = found.groupby("holder")["days"].sum().to_dict()
    assert by_holder == {"manager": 7, "recruiter": 6, "nobody: date agreed": 5, "candidate": 3}


# --- figures --------------------------------------------------------------------------------------------------------


def test_the_median_of_finished_waits_alone_is_too_short():
    table = requisitions(*({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n % 4}"} for n in range(12)))
    log = []
    for n in range(12):
        log.append((f"Q{n}", "C", "interview_held", "2026-06-02 09:00"))
        if n < 7:  # feedback after 1 to 7 days, for five never
            log.append((f"Q{n}", "C", "feedback_given", f"2026-06-{3 + n:02d} 09:00"))
    found = figures(table, log).set_index("metric").loc["feedback"]
    assert (found["finished"], found["business"]) == (4, 4)
    assert found["estimate"] == 6.5  # six of twelve after 6 days, seven after 7
    assert (found["done"], found["running"], found["respondents"]) == (7, 5, 4)


def figures(table, log):
    log = events(*log)
    return metrics.summary(
        records.openings(table, log, AS_OF), records.waits(table, log, AS_OF), records.interviews(table, log)
    )


def test_shares_and_rates():
    table = requisitions(*({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n % 5}"} for n in range(10)))
    log = []
    for n in range(10):
        log.append((f"Q{n}", "C", "offer_extended", "2026-06-10 09:00"))
        log.append((f"Q{n}", "C", "offer_accepted" if n < 8 else "offer_declined", "2026-06-11 09:00"))
    log.append(("Q9", None, "cancelled", "2026-06-12 09:00"))
    found = figures(table, log).set_index("metric")
    assert found.loc["offer_acceptance", "estimate"] == pytest.approx(80)
    assert found.loc["cancelled", "estimate"] == pytest.approx(10)
    assert found.loc["offer_decision", ["estimate", "done"]].tolist() == [1, 10]
    assert found.loc["interviews_per_hire", "note"].startswith("cannot tell")


def openings_of(**ends):
    """Openings by end, each with the manager's number."""
    rows = [(end, f"M{manager}") for end, managers in ends.items() for manager in managers]
    found = pd.DataFrame(rows, columns=["end", "hiring_manager_id"]).replace({"end": {"open": metrics.OPEN}})
    return found.assign(respondent_id=found["hiring_manager_id"], problem="")


@pytest.mark.parametrize(
    ("on_hold", "cancelled", "counted"),
    [
        ([], range(6), {"Filled": 9, "Cancelled": 6, "Open": 8}),
        (range(5), range(6), {"Filled": 9, "Cancelled": 6, "Put on hold": 5, "Open": 8}),
        ([1, 1, 2], range(3, 9), {"Filled": 9, "Cancelled or put on hold": 9, "Open": 8}),
        (range(6), [1, 1], {"Filled": 9, "Cancelled or put on hold": 8, "Open": 8}),
        ([1, 1], [2], {"Filled": 9, "Open, cancelled or put on hold": 11}),
        ([], [2], {"Filled": 9, "Open, cancelled or put on hold": 9}),
    ],
)
def test_openings_of_too_few_managers_do_not_follow_from_all_those_filled_and_those_open(on_hold, cancelled, counted):
    openings = openings_of(filled=range(9), open=range(8), on_hold=on_hold, cancelled=cancelled)
    apart = metrics.told_apart(openings, 5)
    assert dict(metrics.ends(apart)[["end", "openings"]].itertuples(index=False)) == counted
    assert (metrics.ends(apart)["respondents"] >= 5).all()
    closed = set(apart["end"]) & {metrics.CANCELLED, metrics.ON_HOLD, metrics.CLOSED}
    assert (apart["end"] == metrics.OPEN).sum() == 8 + (0 if closed else len(on_hold) + len(cancelled))


def test_the_share_cancelled_is_not_told_where_too_few_managers_cancelled():
    table = requisitions(
        *({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n}", "recruiter_id": "R1"} for n in range(9)),
    )
    log = events(
        *((f"Q{n}", None, "intake_held", "2026-06-03 09:00") for n in range(9)),
        ("Q1", None, "cancelled", "2026-06-09 09:00"),
    )
    openings = metrics.told_apart(records.openings(table, log, AS_OF), 5)
    figures = metrics.summary(openings, records.waits(table, log, AS_OF), records.interviews(table, log))
    cancelled = figures.set_index("metric").loc["cancelled"]
    assert np.isnan(cancelled["estimate"]) and cancelled["note"] == f"cannot tell: {metrics.TOO_FEW_CLOSED}"
    assert figures.set_index("metric").loc["age", "done"] == 9


@pytest.mark.parametrize(("recruiter", "told_of"), [("R1", "R1"), (None, "unknown")])
def test_a_wait_tells_of_the_recruiter_where_it_is_the_recruiters_turn(recruiter, told_of):
    log = [("Q1", None, "intake_held", "2026-06-03 09:00"), ("Q1", None, "shortlist_sent", "2026-06-08 09:00")]
    assert wait("shortlist", log, opened={"recruiter_id": recruiter})["rated_id"].tolist() == [told_of]
    assert wait("intake", log, opened={"recruiter_id": recruiter})["rated_id"].tolist() == ["M1"]


def test_openings_are_counted_by_their_end_in_words():
    ends = pd.DataFrame({"end": ["", "filled", "filled", "cancelled"], "respondent_id": ["M1", "M1", "M1", "M2"]})
    found = metrics.ends(ends)
    assert found["end"].tolist() == ["Filled", "Cancelled", "Open"]
    assert found[["openings", "share", "respondents"]].values.tolist() == [[2, 50, 1], [1, 25, 1], [1, 25, 1]]


def test_a_share_says_whose_promise_it_tells_of_and_which_wait():
    table = requisitions(*({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n % 5}"} for n in range(10)))
    found = metrics.shares(figures(table, [])).set_index(["metric", "of"])
    assert found.loc[("in_time", "shortlist"), ["label", "whose"]].tolist() == [
        "Intake to shortlist: done in time",
        "recruiter",
    ]
    assert found.loc[("in_time", "feedback"), "whose"] == "manager"
    assert found.loc[("cancelled", ""), ["label", "whose"]].tolist() == ["Openings cancelled", "others"]
    assert set(found["unit"]) == {"per cent"}


def turns_of(days):
    """The same stages for every opening, each of a manager of its own; days of manager, recruiter and candidate."""
    stages = [("Intake", "manager"), ("CV review", "manager"), ("Finding candidates", "recruiter")]
    rows = [
        {"requisition_id": place, "hiring_manager_id": place, "stage": stage, "holder": holder, "days": value}
        for place, values in enumerate(days)
        for (stage, holder), value in zip(stages, values)
    ]
    columns = ["requisition_id", "hiring_manager_id", "stage", "holder", "days"]
    return pd.DataFrame(rows, columns=columns).assign(respondent_id=lambda frame: frame["hiring_manager_id"])


def test_stages_add_up_to_the_time_to_fill_and_turns_to_all_of_it():
    turns = turns_of([[1, 1, 2], [3, 0, 3], [2, 1, 9], [0, 0, 5], [4, 1, 15]])
    stages = metrics.stages(turns)
    assert stages["stage"].tolist() == ["Intake", "CV review", "Finding candidates"]
    assert stages["estimate"].sum() == pytest.approx(turns["days"].sum() / 5)
    shares = metrics.turn_shares(turns)
    assert shares["holder"].tolist() == ["Recruiter", "Manager"]
    assert shares["estimate"].tolist() == pytest.approx([70, 30])
    assert (shares["low"] < shares["estimate"]).all() and (shares["estimate"] < shares["high"]).all()


def test_where_no_opening_took_any_time_there_are_no_days_to_divide():
    assert len(metrics.stages(turns_of([[0, 0, 0]] * 5))) == 3
    none = metrics.turn_shares(turns_of([[0, 0, 0]] * 5))
    assert none.empty
    assert "no days to divide" in none.attrs["absent"]
    assert metrics.stages(turns_of([])).empty
    assert metrics.turn_shares(turns_of([])).empty


def test_one_managers_waits_stand_beside_those_of_all():
    table = requisitions(*({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n}"} for n in range(6)))
    log = []
    for n in range(6):
        log.append((f"Q{n}", "C", "interview_held", "2026-06-02 09:00"))
        log.append((f"Q{n}", "C", "feedback_given", f"2026-06-{3 + n:02d} 09:00", "2026-06-04 09:00"))
    log.append(("Q0", "D", "interview_held", "2026-06-02 09:00"))
    waits = records.waits(table, events(*log), AS_OF)
    found = metrics.own_waits(waits, figures(table, log), "M0").set_index("wait")
    assert found.index.tolist() == ["intake", "brief", "cv_review", "feedback"]
    assert found.loc["feedback", ["observations", "events", "kept"]].tolist() == [2, 1, 50]
    assert found.loc["feedback", "all_kept"] == pytest.approx(100 * 2 / 7)
    assert found.loc["cv_review", ["observations", "events"]].tolist() == [0, 0]
    assert np.isnan(found.loc["cv_review", "estimate"])
    assert metrics.own_waits(waits, figures(table, log), "nobody")["observations"].tolist() == [0, 0, 0, 0]


def test_no_events_at_all_cannot_tell():
    found = figures(requisitions({"requisition_id": "Q1"}, {"requisition_id": "Q2", "hiring_manager_id": "M2"}), [])
    feedback = found.set_index("metric").loc["feedback"]
    assert feedback["note"] == "cannot tell: no such events are recorded"
    assert np.isnan(feedback["estimate"])
    assert found["note"].str.startswith("cannot tell").sum() > 10


def test_openings_without_a_manager_stay_in_the_lists_and_out_of_the_figures():
    table = requisitions({"requisition_id": "Q1"}, {"requisition_id": "Q2", "hiring_manager_id": None})
    log = [(f"Q{n}", None, "intake_held", "2026-06-03 09:00") for n in (1, 2)]
    assert len(records.waits(table, events(*log), AS_OF).query("wait == 'intake'")) == 2
    assert figures(table, log).iloc[0]["observations"] == 1


def test_everything_on_one_day():
    table = requisitions(*({"requisition_id": f"Q{n}", "hiring_manager_id": f"M{n}"} for n in range(6)))
    log = [(f"Q{n}", None, "intake_held", "2026-06-01 09:00") for n in range(6)]
    intake = figures(table, log).iloc[0]
    assert (intake["estimate"], intake["done"]) == (0, 6)
