"""Odd records go the whole way, from the log to the models: each is told in words, and none becomes a wrong figure."""

import datetime

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.hiring import engagement, metrics, records
from helpers.analysis.methods import clustered, survival

AS_OF = datetime.date(2026, 6, 30)
HOURS = {  # usual hours after approval
    "intake_held": 30, "brief_received": 40, "shortlist_sent": 55, "cv_sent": 60, "cv_reviewed": 90,
    "interview_scheduled": 100, "interview_held": 200, "feedback_given": 240,
    "offer_extended": 600, "offer_accepted": 640,
}  # fmt: skip
DUE = {"intake_held": 120, "brief_received": 120, "cv_reviewed": 132, "feedback_given": 248}
OF_CANDIDATES = set(HOURS) - {"intake_held", "brief_received", "shortlist_sent"}


def log(managers: int = 8, openings: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw an ordinary log: every opening is filled, after hours that vary."""
    random = np.random.default_rng(1)
    requisitions, events = [], []
    for number in range(managers * openings):
        approved = pd.Timestamp("2026-01-12 09:00") + pd.Timedelta(days=3 * (number % 13))
        name, manager = f"Q{number:02d}", f"M{number % managers}"
        requisitions.append({"requisition_id": name, "hiring_manager_id": manager, "department": "AB"[number % 2]})
        requisitions[-1] |= {"opened_at": approved, "approved_at": approved}
        slow = random.lognormal(0, 0.3)
        for event, hours in HOURS.items():
            at = approved + pd.Timedelta(hours=round(hours * slow, 1))
            due = approved + pd.Timedelta(hours=DUE[event]) if event in DUE else pd.NaT
            candidate = "C1" if event in OF_CANDIDATES else None
            events.append({"requisition_id": name, "candidate_id": candidate, "event": event, "at": at, "due_at": due})
    requisitions = pd.DataFrame(requisitions).assign(
        recruiter_id="R1", location="Northmill", level="Operative", closed_at=pd.NaT, close_reason=None
    )
    times = dict.fromkeys(("opened_at", "approved_at", "closed_at"), "datetime64[us]")
    events = pd.DataFrame(events).astype(dict.fromkeys(("at", "due_at"), "datetime64[us]"))
    return requisitions.astype(times), events.assign(actor_id=None)


class Figures:
    """Everything computed from one log."""

    def __init__(self, requisitions: pd.DataFrame, events: pd.DataFrame) -> None:
        self.openings = records.openings(requisitions, events, AS_OF, "Europe/Zurich")
        self.waits = records.waits(requisitions, events, AS_OF, "Europe/Zurich")
        interviews = records.interviews(requisitions, events)
        summary = metrics.summary(self.openings, self.waits, interviews)
        self.durations = summary[summary["unit"] == "days"].set_index("metric")
        self.wrong = records.impossible(self.openings, self.waits)
        self.turns = records.turns(requisitions, events, "Europe/Zurich")
        self.early = engagement.early_actions(self.openings, self.waits)
        self.index = engagement.index(self.waits, interviews)
        feedback = self.waits[self.waits["wait"] == "feedback"]
        self.model = engagement.wait_model("department", feedback)
        self.scenario = engagement.scenario(self.model, self.turns).iloc[0]
        watched = self.openings.dropna(subset=["days", "hiring_manager_id"])
        self.curve = survival.kaplan_meier(watched, "days", "end", cluster="hiring_manager_id", cause="filled")
        self.cox = survival.cox("department", watched, "days", "end", "hiring_manager_id", cause="filled").table.iloc[0]


def test_the_ordinary_log_has_nothing_odd():
    found = Figures(*log())
    assert found.wrong.empty
    assert (found.openings["end"] == "filled").all()
    assert np.isfinite(found.cox[["estimate", "low", "high"]].astype(float)).all()
    assert (found.model.terms["note"] == "").all()
    assert found.scenario["low"] < found.scenario["estimate"] < found.scenario["high"]


def test_managers_with_one_requisition_each_are_not_told_from_chance():
    requisitions, events = log()
    requisitions = requisitions.drop_duplicates("hiring_manager_id")
    found = Figures(requisitions, events[events["requisition_id"].isin(requisitions["requisition_id"])])
    assert found.model.terms["note"].str.contains("no manager has more than one wait").all()
    assert found.model.intercepts.empty
    assert "cannot tell" in found.scenario["note"]
    assert found.index["estimate"].between(0, 100).all()
    assert found.cox["clusters"] == 8


def test_one_manager_with_one_requisition_stands_among_others():
    requisitions, events = log()
    requisitions.loc[0, "hiring_manager_id"] = "once"
    found = Figures(requisitions, events)
    once = found.model.intercepts.set_index("hiring_manager_id")
    assert once.loc["once", "observations"] == 1
    assert once.loc["once", "standard_error"] >= once.drop(index="once")["standard_error"].max() - 1e-9


def test_no_requisition_closed_yet():
    requisitions, events = log()
    found = Figures(requisitions, events[~events["event"].str.startswith("offer")])
    assert (found.openings["end"] == "").all()
    filling = found.durations.loc["time_to_fill"]
    assert np.isnan(filling["estimate"])
    assert filling["note"].startswith("cannot tell")
    assert found.turns.empty
    assert found.curve.empty
    assert "nothing ended" in found.cox["note"]
    assert "cannot tell" in found.scenario["note"]


def test_everything_on_one_day():
    requisitions, events = log()
    start = pd.Timestamp("2026-02-02 09:00")
    requisitions = requisitions.assign(opened_at=start, approved_at=start)
    found = Figures(
        requisitions, events.assign(at=start, due_at=events["due_at"].where(events["due_at"].isna(), start))
    )
    assert (found.openings["days"] == 0).all()
    assert (found.waits.dropna(subset="days")["days"] == 0).all()
    assert found.early.empty, "nothing lasted until the landmark"
    assert found.model.terms["note"].str.contains("every wait that ended took the same time").all()
    assert "everything ended at the same time" in found.cox["note"]


def test_feedback_never_given_is_a_wait_that_runs_on():
    requisitions, events = log()
    found = Figures(requisitions, events[events["event"] != "feedback_given"])
    feedback = found.waits[found.waits["wait"] == "feedback"]
    assert len(feedback) == 32
    assert not feedback["done"].any()
    assert (feedback["days"] > 0).all()
    assert np.isnan(found.durations.loc["feedback", "estimate"])
    assert found.durations.loc["feedback", "note"].startswith("cannot tell")
    assert found.model.terms["note"].str.contains("no wait has ended").all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("held", "given", "days"),
    [
        ("2026-03-28 12:00", "2026-03-29 12:00", 23 / 24),  # clocks go forward
        ("2025-10-25 12:00", "2025-10-26 12:00", 25 / 24),  # clocks go back
        ("2024-02-28 12:00", "2024-03-01 12:00", 2.0),  # a leap day lies between
        ("2024-02-29 08:00", "2024-02-29 20:00", 0.5),
        ("2025-02-28 12:00", "2025-03-01 12:00", 1.0),
    ],
)
def test_clock_changes_and_leap_days_count_as_the_time_that_passed(held, given, days):
    requisitions, events = log()
    requisitions.loc[0, ["opened_at", "approved_at"]] = pd.Timestamp(held) - pd.Timedelta(days=5)
    mine = events["requisition_id"] == "Q00"
    times = {"interview_scheduled": pd.Timestamp(held) - pd.Timedelta(days=1), "interview_held": held}
    times |= {"feedback_given": given}
    events = events[~mine | events["event"].isin(list(times))].reset_index(drop=True)
    for event, at in times.items():
        events.loc[(events["requisition_id"] == "Q00") & (events["event"] == event), "at"] = pd.Timestamp(at)
    found = Figures(requisitions, events)
    waited = found.waits[(found.waits["wait"] == "feedback") & (found.waits["requisition_id"] == "Q00")]
    assert waited["days"].item() == pytest.approx(days)
    assert found.wrong.empty
    assert found.model.terms["observations"].iloc[0] == 32


def test_a_requisition_without_a_manager_stays_in_the_lists_and_out_of_the_models():
    requisitions, events = log()
    requisitions.loc[:3, "hiring_manager_id"] = None
    found = Figures(requisitions, events)
    assert len(found.openings) == 32
    assert found.model.terms["observations"].iloc[0] == 28
    assert found.cox["observations"] == 28
    assert found.index["hiring_manager_id"].notna().all()
    assert found.scenario["observations"] == 28
    assert np.isfinite(found.scenario["estimate"])


def test_an_event_before_the_opening_is_listed_and_left_out():
    requisitions, events = log()
    early = (events["requisition_id"] == "Q00") & (events["event"] == "intake_held")
    events.loc[early, "at"] = requisitions.loc[0, "approved_at"] - pd.Timedelta(days=2)
    found = Figures(requisitions, events)
    assert found.wrong.set_index("metric").loc["intake", "count"] == 1
    row = found.waits[(found.waits["wait"] == "intake") & (found.waits["requisition_id"] == "Q00")]
    assert row["problem"].tolist() == [records.BACKWARDS]
    assert row["days"].isna().all()
    assert (found.waits["days"].dropna() >= 0).all()
    assert found.early.set_index("requisition_id").loc["Q00", "asked"] == 2, "brief and CV remain"


def test_an_opening_filled_before_it_was_opened_is_listed_and_left_out():
    requisitions, events = log()
    requisitions.loc[0, ["opened_at", "approved_at"]] = pd.Timestamp("2026-06-01 09:00")
    found = Figures(requisitions, events)
    assert (found.openings["problem"] == records.BACKWARDS).sum() == 1
    assert found.wrong.set_index("metric").loc["time_to_fill", "count"] == 1
    assert found.cox["observations"] == 31


def test_shares_of_one_manager_alone_have_no_interval():
    requisitions, events = log(managers=1)
    found = Figures(requisitions, events)
    assert found.cox["note"].startswith("cannot tell")
    kept = clustered.proportion(found.early, "early", "hiring_manager_id").iloc[0]
    assert kept["note"].startswith("cannot tell")


def test_nobody_waits_once_an_opening_without_a_day_of_closing_is_filled():
    requisitions, events = log()
    filled = events.loc[(events["requisition_id"] == "Q00") & (events["event"] == "offer_accepted"), "at"].item()
    events = events[(events["requisition_id"] != "Q00") | (events["event"] != "shortlist_sent")]
    waits = records.waits(requisitions, events, AS_OF, "Europe/Zurich")
    shortlist = waits[(waits["requisition_id"] == "Q00") & (waits["wait"] == "shortlist")].iloc[0]
    assert not shortlist["done"]
    assert shortlist["days"] == pytest.approx((filled - shortlist["started_at"]) / pd.Timedelta(days=1), abs=0.05)


def test_after_a_re_opening_the_wait_runs_on():
    requisitions, events = log()
    filled = events.loc[(events["requisition_id"] == "Q00") & (events["event"] == "offer_accepted")]
    again = filled.assign(event="reopened", candidate_id=None, at=filled["at"] + pd.Timedelta(days=2))
    events = events[(events["requisition_id"] != "Q00") | (events["event"] != "shortlist_sent")]
    waits = records.waits(requisitions, pd.concat([events, again]), AS_OF, "Europe/Zurich")
    shortlist = waits[(waits["requisition_id"] == "Q00") & (waits["wait"] == "shortlist")].iloc[0]
    until = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    assert shortlist["days"] == pytest.approx((until - shortlist["started_at"]) / pd.Timedelta(days=1), abs=0.1)
