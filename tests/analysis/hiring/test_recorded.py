"""What the records hold: nothing that is not recorded counts as zero, and no figure changes but by being left out."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.hiring import engagement, filling, metrics, records
from helpers.analysis.hiring.recorded import ENOUGH, EVER, NEVER, STEPS, Recorded, comparable, exhibit

pytestmark = pytest.mark.slow

AS_OF = date(2026, 3, 31)
FIRST = pd.Timestamp("2025-01-01 09:00")
#: How often each step is taken, and after how many hours on the average.
STEPS_OF_ALL = {"intake_held": (0.9, 60), "brief_received": (0.8, 80)}


def records_of(seed, openings=120, managers=24, sources=("north", "south")):
    """Openings and events of made-up managers, of whom some are slow; everything is recorded."""
    rng = np.random.default_rng(seed)
    slow = np.exp(rng.normal(0, 0.4, managers))
    rows, events = [], []
    for number in range(openings):
        who = int(rng.integers(managers))
        began = FIRST + pd.Timedelta(days=float(rng.uniform(0, 400)))
        name, ended = f"Q{number:03d}", began + pd.Timedelta(days=float(rng.uniform(25, 70)))
        log = events_of(rng, name, began, ended, slow[who])
        fate = rng.choice(["filled", "cancelled", "on_hold", "open"], p=[0.75, 0.13, 0.06, 0.06])
        log += {"filled": [(name, f"{name}a", "offer_extended", ended - pd.Timedelta(days=2))]}.get(fate, [])
        log += {"filled": [(name, f"{name}a", "offer_accepted", ended)]}.get(fate, [])
        log += [(name, f"{name}b", "offer_extended", began + pd.Timedelta(days=20))] * int(number % 3 == 0)
        log += [(name, f"{name}b", "offer_declined", began + pd.Timedelta(days=22))] * int(number % 3 == 0)
        events += log
        rows.append(
            {
                "requisition_id": name,
                "hiring_manager_id": f"m{who:02d}",
                "recruiter_id": f"r{number % 4}",
                "department": "ABC"[who % 3],
                "location": "here",
                "level": "one",
                "opened_at": began,
                "approved_at": began,
                "closed_at": pd.NaT if fate == "open" else ended,
                "close_reason": None if fate == "open" else fate,
                "source": sources[who % len(sources)],
            }
        )
    log = pd.DataFrame(events, columns=["requisition_id", "candidate_id", "event", "at"])
    log = log[log["at"] < pd.Timestamp(AS_OF)].assign(actor_id=None, due_at=pd.NaT)
    return pd.DataFrame(rows), log.reset_index(drop=True)


def events_of(rng, name, began, ended, slow):
    """What happens in one opening before its end, with three candidates."""

    def after(at, hours):
        """Some time later, but before what usually comes next."""
        return at + pd.Timedelta(hours=min(float(rng.exponential(hours * slow)), 108.0))

    log = [
        (name, None, kind, after(began, hours)) for kind, (rate, hours) in STEPS_OF_ALL.items() if rng.random() < rate
    ]
    for who in "abc":
        candidate, sent = f"{name}{who}", began + pd.Timedelta(days=float(rng.uniform(4, 8)))
        log += [(name, candidate, "applied", began + pd.Timedelta(days=2)), (name, candidate, "cv_sent", sent)]
        log += [(name, candidate, "cv_reviewed", after(sent, 40))] * int(rng.random() < 0.95)
        made, held = sent + pd.Timedelta(days=5), sent + pd.Timedelta(days=9)
        fate = rng.choice(["accepted", "declined", "rescheduled", "missed"], p=[0.7, 0.1, 0.1, 0.1])
        log += [(name, candidate, "interview_scheduled", made)]
        log += [(name, candidate, f"interview_{fate}", held if fate == "missed" else made + pd.Timedelta(hours=3))]
        if fate in ("accepted", "rescheduled"):
            log += [(name, candidate, "interview_held", held)]
            log += [(name, candidate, "feedback_given", after(held, 40))] * int(rng.random() < 0.85)
    return [row for row in log if row[3] < ended]


class Published:
    """Every number that the chapter on hiring makes of records, by what it is called."""

    def __init__(self, requisitions, events, declared=(), denied=()):
        self.recorded = Recorded.of(requisitions, events, AS_OF, declared, denied)
        agreed = {"intake": 5, "brief": 5, "shortlist": 7, "cv_review": 2, "feedback": 2}
        openings = metrics.told_apart(
            records.openings(requisitions, events, AS_OF, recorded=self.recorded), 5, self.recorded.closings
        )
        waits = records.waits(requisitions, events, AS_OF, service_levels=agreed, recorded=self.recorded)
        meetings = records.interviews(requisitions, events, self.recorded)
        self.openings, self.waits = openings, waits
        self.steps = self.recorded.steps(openings, AS_OF)
        self.figures = metrics.summary(openings, waits, meetings, recorded=self.recorded)
        self.index = engagement.index(waits, meetings, steps=self.steps)
        self.parts = engagement.index_parts(self.index)
        self.turns = records.turns(requisitions, events, recorded=self.recorded)
        self.stages, self.shares = metrics.stages(self.turns), metrics.turn_shares(self.turns)
        self.early = filling.after_landmark(openings, waits, 14, 10, self.steps)

    def numbers(self):
        figures = self.figures.assign(name=self.figures["label"] + self.figures["of"]).set_index("name")
        found = figures["estimate"].dropna().to_dict()
        parts = self.parts.set_index("part")["estimate"] if len(self.parts) else pd.Series(dtype=float)
        return found | {f"part {name}": value for name, value in parts.dropna().items()}

    def days(self):
        """The days of every stage of every opening, where they are known."""
        known = self.turns[self.turns["stage"] != metrics.UNTOLD].dropna(subset=["days"])
        return known.set_index(["requisition_id", "stage"])["days"]


#: Kinds whose absence leaves other figures as they were; of the others, see the tests below.
DROPPED = [
    "intake_held", "brief_received", "cv_reviewed", "interview_scheduled", "interview_accepted", "interview_declined",
    "interview_rescheduled", "interview_missed", "interview_held", "feedback_given", "offer_extended", "offer_declined",
    "applied",
]  # fmt: skip
COMPOSED = ("part Engagement index",)  # is made of what is left, and says so in its parts


@pytest.mark.parametrize("seed", range(5))
def test_a_kind_that_no_source_exports_changes_no_number_but_by_leaving_it_out(seed):
    requisitions, events = records_of(seed)
    rng = np.random.default_rng(seed)
    gone = list(rng.choice(DROPPED, rng.integers(1, 4), replace=False))
    everything = Published(requisitions, events)
    found = Published(requisitions, events[~events["event"].isin(gone)])
    assert found.days().to_numpy() == pytest.approx(everything.days()[found.days().index].to_numpy()), gone
    whole_way = [each.turns.groupby("requisition_id")["days"].sum() for each in (everything, found)]
    assert whole_way[1].to_numpy() == pytest.approx(whole_way[0].to_numpy()), "what is left out is told"
    whole = everything.numbers()
    for name, value in found.numbers().items():
        if name not in COMPOSED and name in whole:
            assert value == pytest.approx(whole[name]), (name, gone)
    assert found.recorded.kinds.set_index("event").loc[gone, "recorded"].eq("no").all()
    assert found.recorded.kinds.set_index("event").loc[gone, "share"].isna().all()
    allowed = set(whole) | {"part Intake in time", "part Brief in time"}
    assert set(found.numbers()) <= allowed, "a figure of other events goes by another name"


@pytest.mark.parametrize("seed", range(2))
def test_what_one_source_does_not_export_makes_figures_those_of_the_other_source(seed):
    requisitions, events = records_of(seed)
    gone = DROPPED[seed]
    south = requisitions.loc[requisitions["source"] == "south", "requisition_id"]
    found = Published(requisitions, events[~((events["event"] == gone) & events["requisition_id"].isin(south))])
    north = requisitions[requisitions["source"] == "north"]
    alone = Published(north, events[~events["requisition_id"].isin(south)]).numbers()
    whole, numbers = Published(requisitions, events).numbers(), found.numbers()
    for name, value in numbers.items():
        # Parts of the index are those of all openings that are alike in what is recorded.
        if not name.startswith("part"):
            assert value in (pytest.approx(whole[name]), pytest.approx(alone.get(name))), (name, gone)
    assert len(found.index) and found.index["index"].notna().all()


@pytest.mark.parametrize("seed", range(2))
def test_what_was_switched_on_in_july_is_not_late_before(seed):
    requisitions, events = records_of(seed, openings=240)
    start = pd.Timestamp("2025-07-01")
    for gone in ("intake_held", "cv_reviewed", "feedback_given"):
        found = Published(requisitions, events[(events["event"] != gone) | (events["at"] >= start)])
        row = found.recorded.kinds[found.recorded.kinds["event"] == gone]
        assert (row["recorded"] == "in part").all() and row["missing"].str.startswith("before 2025-07-0").all()
        kind = {"intake_held": "intake", "cv_reviewed": "cv_review", "feedback_given": "feedback"}[gone]
        assert found.waits.loc[found.waits["wait"] == kind, "started_at"].min() >= start
        later = records.waits(requisitions, events, AS_OF, service_levels={kind: 5 if kind == "intake" else 2})
        later = later[(later["wait"] == kind) & (later["started_at"] >= start + pd.Timedelta(days=7))]
        rows = found.waits[(found.waits["wait"] == kind) & (found.waits["started_at"] >= later["started_at"].min())]
        assert rows["in_time"].mean() == pytest.approx(later["in_time"].mean())


def in_part(recorded):
    """The gaps in kinds that their source holds elsewhere, or at another time."""
    return recorded.gaps[(recorded.gaps["begin"] != EVER) | recorded.gaps["department"].notna()]


def test_a_department_without_an_event_is_left_out_and_one_manager_without_is_late():
    requisitions, events = records_of(3, sources=("north",))
    of, briefs = requisitions.set_index("requisition_id"), events["event"] == "brief_received"
    in_a = events["requisition_id"].map(of["department"]) == "A"
    found = Recorded.of(requisitions, events[~(briefs & in_a)], AS_OF)
    assert in_part(found).drop(columns="source").to_numpy().tolist() == [["brief_received", "A", EVER, NEVER]]
    assert found.kinds.set_index("event").loc["brief_received", "missing"] == "A: never"
    lazy = events["requisition_id"].map(of["hiring_manager_id"]) == "m03"
    assert in_part(Recorded.of(requisitions, events[~(briefs & lazy)], AS_OF)).empty


def test_a_hire_of_whom_no_step_is_recorded_was_not_hired_without_interviews():
    requisitions, events = records_of(3)
    silent = requisitions["opened_at"].between("2025-06-01", "2025-07-31")
    of_silent = events["requisition_id"].isin(requisitions.loc[silent, "requisition_id"])
    kept = events[~of_silent | events["event"].eq("offer_accepted")]
    openings = records.openings(requisitions, kept, AS_OF, recorded=Recorded.of(requisitions, kept, AS_OF))
    filled = openings["end"].eq("filled").to_numpy()
    assert (filled & silent).sum() > 5
    assert openings.loc[filled & silent, ["interviews", "rounds"]].isna().all(axis=None)
    assert openings.loc[filled & ~silent, "interviews"].notna().mean() > 0.9


def test_records_that_hold_a_kind_at_all_have_no_gap_in_it_by_chance():
    assert sum(len(in_part(Recorded.of(*records_of(seed, 200), AS_OF))) > 0 for seed in range(5)) == 0


def test_without_intake_brief_feedback_and_interviews_managers_are_not_said_to_be_idle():
    requisitions, events = records_of(1)
    gone = ["intake_held", "brief_received", "feedback_given", "interview_declined", "interview_missed"]
    found = Published(requisitions, events[~events["event"].isin(gone)])
    assert found.parts["part"].tolist() == ["CVs reviewed in time", "Engagement index"]
    assert (found.index["index"] > 0).any() and found.index["occasions"].gt(0).all()
    assert "Manager" not in set(found.shares["holder"]) and "Not recorded" not in set(found.shares["holder"])
    assert found.stages.set_index("stage").loc["CV review", "estimate"] > 0
    assert "Intake" not in set(found.stages["stage"]) and "per cent of the days" in metrics.untold(found.turns)
    assert filling.early_steps(found.early).endswith("everywhere: cv sent to cv reviewed.")
    assert filling.steps_taken(found.early) == "the early steps on record (cv sent to cv reviewed) are done in time"
    assert "Complete brief" in found.recorded.remark


def test_managers_of_whom_nothing_is_recorded_have_no_index():
    requisitions, events = records_of(2)
    found = Published(requisitions, events[events["event"].isin(["applied", "offer_accepted"])])
    assert found.index.empty and found.parts.empty and found.early.empty
    assert found.parts.attrs["absent"] == engagement.NOTHING_RECORDED
    assert found.early.attrs["absent"] == filling.NO_STEPS
    assert engagement.spread(found.index, {"index": "Index"}).attrs["absent"] == engagement.NOTHING_RECORDED
    assert found.shares.empty and found.shares.attrs["absent"] == metrics.NO_TURNS


def test_all_offers_accepted_is_said_only_of_records_that_would_hold_a_refusal():
    requisitions, events = records_of(4)
    events = events[events["event"] != "offer_declined"]
    assert "offer_acceptance" not in set(Published(requisitions, events).figures["metric"])
    known = Published(requisitions, events, declared=["offer_declined"])
    assert known.figures.set_index("metric").loc["offer_acceptance", "observations"] > 50
    row = known.recorded.kinds.set_index("event").loc["offer_declined"]
    assert (row["recorded"] == "yes").all() and (row["missing"] == "as study.yaml says").all()


def test_what_study_yaml_says_is_not_recorded_is_not_used():
    requisitions, events = records_of(4)
    found = Published(requisitions, events, denied=["brief_received"])
    assert found.parts["part"].iloc[0] == "Intake in time" and "brief" not in set(found.waits["wait"])


def test_closed_without_a_reason_is_closed_with_an_outcome_unknown():
    requisitions, events = records_of(5, openings=200)
    gone = (requisitions["close_reason"] != "filled") & (requisitions.index % 2 != 0)
    found = Published(requisitions.assign(close_reason=requisitions["close_reason"].mask(gone)), events)
    ends = metrics.ends(found.openings).set_index("end")["openings"]
    assert ends["Open"] == requisitions["closed_at"].isna().sum()
    assert ends[ends.index != "Open"].sum() == requisitions["closed_at"].notna().sum()
    assert ends[ends.index.str.contains("not recorded")].sum() >= (gone & requisitions["closed_at"].notna()).sum()
    cancelled = found.figures.set_index("metric").loc["cancelled"]
    assert np.isnan(cancelled["estimate"]) and "it is not recorded why" in cancelled["note"]


def test_ends_of_too_few_managers_are_told_together_with_those_unknown():
    requisitions, events = records_of(5)
    openings = records.openings(requisitions, events, AS_OF)
    few = metrics.told_apart(openings.assign(end=metrics.UNKNOWN), 99)
    assert set(few["outcome"]) == {metrics.NOT_FILLED_OR_UNKNOWN} and (few["end"] == metrics.OPEN).all()
    some = np.where(openings.index < 3, metrics.UNKNOWN, openings["end"])
    together = metrics.told_apart(openings.assign(end=some), 5)
    assert (together.loc[:2, "outcome"] == metrics.CLOSED_OR_UNKNOWN).all()
    assert metrics.ENDS[metrics.CANCELLED] not in set(together["outcome"])


def test_open_is_said_only_where_closings_would_be_recorded():
    requisitions, events = records_of(5)
    only_filled = requisitions["close_reason"] == "filled"
    shut = {name: requisitions[name].where(only_filled) for name in ("closed_at", "close_reason")}
    found = Published(requisitions.assign(**shut), events)
    assert metrics.OPEN_OR_UNKNOWN in set(found.openings["outcome"]) and "Open" not in set(found.openings["outcome"])
    assert "age" not in set(found.figures["metric"])
    known = Published(requisitions.assign(**shut), events, declared=["cancelled"])
    assert "Open" in set(known.openings["outcome"]) and "age" in set(known.figures["metric"])


def test_no_opening_is_said_to_be_cancelled_in_none_of_the_records_that_hold_no_cancellation():
    requisitions, events = records_of(5)
    found = Published(requisitions[requisitions["close_reason"] != "cancelled"], events)
    assert "cancelled" not in set(found.figures["metric"])
    assert filling.ends(found.early[found.early["end"] != "cancelled"], 60)["cause"].unique().tolist() == ["Filled"]


def test_where_neither_offers_nor_closings_are_recorded_no_opening_is_open():
    requisitions, events = records_of(6)
    bare = requisitions.assign(closed_at=pd.NaT, close_reason=None)
    found = Published(bare, events[~events["event"].isin(["offer_accepted", "offer_extended"])])
    assert metrics.ends(found.openings)["end"].tolist() == [metrics.UNSEEN]
    assert not {"time_to_fill", "time_to_hire"} & set(found.figures.dropna(subset=["estimate"])["metric"])
    assert filling.watched(found.openings).empty


def test_time_to_fill_up_to_the_closing_goes_by_that_name():
    requisitions, events = records_of(7)
    found = Published(requisitions, events[events["event"] != "offer_accepted"]).figures
    assert found.set_index("metric").loc["time_to_fill", "label"] == metrics.TO_CLOSING


def test_openings_that_run_into_a_time_without_fillings_were_watched_until_it_begins():
    openings = pd.DataFrame({"days": [40.0, 40.0, 40.0], "lost_after": [np.nan, 30.0, 0.0], "end": "filled"})
    found = metrics.followed(openings)
    assert found["days"].tolist()[:2] == [40, 30] and np.isnan(found["days"][2])
    assert found["end"].tolist() == ["filled", "", ""]


def test_like_is_compared_with_like():
    held = pd.DataFrame(True, index=list("abcd"), columns=list(STEPS))
    steps, openings = comparable(held, list(STEPS))
    assert (steps, list(openings)) == (list(STEPS), list("abcd"))
    held.loc["a", "brief"] = False
    steps, openings = comparable(held, list(STEPS))
    assert steps == [step for step in STEPS if step != "brief"] and list(openings) == list("abcd"), "4 x 4 beats 5 x 3"
    assert [len(part) for part in comparable(held & False, list(STEPS))] == [0, 0]


def test_fields_that_a_source_never_fills_divide_no_openings():
    requisitions, events = records_of(8)
    south = requisitions["source"] == "south"
    found = Recorded.of(requisitions.assign(level=requisitions["level"].mask(south)), events, AS_OF)
    assert found.unfilled_fields(["department", "location", "level"]) == ["level"]


def test_the_rule_is_what_its_sentence_says():
    assert 0.95**ENOUGH < 0.05 < 0.95 ** (ENOUGH - 1)


def test_nothing_and_nobody():
    requisitions, events = records_of(9)
    found = Recorded.of(requisitions[:0], events[:0], AS_OF)
    assert found.kinds.empty and found.remark == ""
    assert exhibit(None).attrs["absent"].startswith("The study has no hiring")
    one = Recorded.of(requisitions[:1], events[:0], AS_OF)
    assert set(one.kinds.loc[one.kinds["event"] == "intake_held", "missing"]) == {
        "never, too few occasions to tell from chance"
    }
