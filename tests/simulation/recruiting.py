"""Requisitions and hiring events: slow and fast managers, and how soon openings are filled.

Times are calendar times. Hours to feedback are log-normal: department + partnership score + manager + requisition +
chance. A candidate may withdraw first, at a random time that has nothing to do with the feedback; then the feedback is
never given and right-censored. From day 14 after approval an opening is filled with a Weibull hazard that depends on
the share of the manager's early actions done in time; it may be cancelled or put on hold instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd

from .answers import Answers
from .company import AS_OF, WAVES, Company, generator, quota

DRAW = 6
"""Which of the hiring tables that belong to one seed; readme.md says why this one."""
REQUISITIONS, RECRUITERS = 900, 12
FIRST_DAY, LAST_DAY = date(2024, 7, 1), date(2026, 6, 22)
END = datetime.combine(AS_OF, time(23, 59))
LEVELS = {"Operative": 0.5, "Specialist": 0.35, "Manager": 0.15}

MANAGER_SD, REQUISITION_SD, CHANCE_SD = 0.5, 0.3, 0.8  # of log hours
FEEDBACK_MEDIAN = 30.0  # hours
SLOW_DEPARTMENT = {"Sales": 0.45}  # log hours
SCORE_EFFECT = -0.45  # log hours per point of the manager's mean answer in the last wave before the opening
SCORE_CENTRE = 3.5
WITHDRAWAL_MEAN = 25 * 24.0  # hours

LANDMARK = 14  # days after approval
# hours allowed by the service level
DUE = {
    "intake_held": 120,
    "brief_received": 120,
    "cv_reviewed": 72,
    "feedback_given": 48,
    "shortlist_sent": 168,
}  # hours
ENGAGEMENT = 1.1  # log hazard ratio: all early actions in time, compared with none
LEVEL_HAZARD = {"Specialist": -0.25, "Manager": -0.5}
SHAPE, SCALE = 1.25, 48.0  # Weibull, days after the landmark
CANCEL_MEAN, HOLD_MEAN = 420.0, 1100.0  # days after the landmark


@dataclass
class HiringTables:
    """The two tables and what is known by design.

    Parameters
    ----------
    requisitions, events
        Tables of the study.
    feedback
        One row per interview held: requisition, manager, department, location, score, log_hours, given.
    """

    requisitions: pd.DataFrame
    events: pd.DataFrame
    feedback: pd.DataFrame


@dataclass
class Opening:
    """One requisition while its events are being written."""

    number: str
    manager: str
    recruiter: str
    approved: datetime
    slowness: float
    rows: list[dict[str, object]] = field(default_factory=list)
    feedback: list[dict[str, object]] = field(default_factory=list)

    def add(self, event: str, at: datetime, actor: str = "", candidate: str = "", due: datetime | None = None) -> None:
        """Write an event, unless it lies after the end of the study."""
        if at <= END:
            row = {"requisition_id": self.number, "candidate_id": candidate, "event": event, "at": at}
            self.rows.append({**row, "actor_id": actor, "due_at": due})


def write_hiring(seed: int, company: Company, answers: Answers) -> HiringTables:
    """Return requisitions and their events."""
    rng = generator(seed, f"hiring {DRAW}")
    managers = company.people[company.people["side"] == "manager"].set_index("person_id")
    slowness = pd.Series(rng.normal(0, MANAGER_SD, len(managers)), index=managers.index)
    pull = rng.gamma(2.0, size=len(managers))
    chosen = rng.choice(managers.index, REQUISITIONS, p=pull / pull.sum())
    levels = quota(rng, REQUISITIONS, LEVELS)
    days = np.sort(rng.integers(0, (LAST_DAY - FIRST_DAY).days + 1, REQUISITIONS))
    scores = manager_scores(company, answers)
    requisitions, events, feedback = [], [], []
    for number, (manager, level, day) in enumerate(zip(chosen, levels, days), start=1):
        opened = _office_hours(rng, FIRST_DAY + timedelta(days=int(day)))
        approved = opened + timedelta(minutes=int(rng.integers(60, 48 * 60)))
        recruiter = f"R{rng.integers(1, RECRUITERS + 1):02d}"
        slow = slowness[manager] + rng.normal(0, REQUISITION_SD)
        opening = Opening(f"Q{number:04d}", str(manager), recruiter, approved, slow)
        score = _score_before(scores, str(manager), opened)
        place = managers.loc[manager]
        closed, reason = _run(rng, opening, str(level), _feedback_level(place["department"], score))
        still_open = closed > END
        requisitions.append(
            {
                "requisition_id": opening.number,
                "hiring_manager_id": opening.manager,
                "recruiter_id": recruiter,
                "department": place["department"],
                "location": place["location"],
                "level": level,
                "opened_at": opened,
                "approved_at": approved if approved <= END else None,
                "closed_at": None if still_open else closed,
                "close_reason": "" if still_open else reason,
            }
        )
        events += sorted(opening.rows, key=lambda row: row["at"])
        known = {"manager": opening.manager, "department": place["department"], "location": place["location"]}
        feedback += [{**row, **known, "requisition": opening.number, "score": score} for row in opening.feedback]
    return HiringTables(_stamped(pd.DataFrame(requisitions)), _stamped(pd.DataFrame(events)), pd.DataFrame(feedback))


def manager_scores(company: Company, answers: Answers) -> pd.DataFrame:
    """Return each manager's mean answer to all items, reverse-scored, one row per wave; NaN where not answered."""
    items = answers.items[:, :, 0]
    count = np.isfinite(items).sum(axis=(-1, -2))
    means = np.where(count > 0, np.nansum(items, axis=(-1, -2)) / np.maximum(count, 1), np.nan)
    frame = pd.DataFrame(means, index=list(WAVES), columns=company.pairs()["manager_id"])
    return frame.T.groupby(level=0).first().T


def _score_before(scores: pd.DataFrame, manager: str, opened: datetime) -> float:
    """Return the score of the last wave that ended before the opening, NaN without one."""
    ended = [wave for wave, day in WAVES.items() if day + timedelta(days=21) < opened.date()]
    return float(scores.loc[ended[-1], manager]) if ended else float("nan")


def _feedback_level(department: str, score: float) -> float:
    partnership = 0.0 if np.isnan(score) else SCORE_EFFECT * (score - SCORE_CENTRE)
    return np.log(FEEDBACK_MEDIAN) + SLOW_DEPARTMENT.get(department, 0.0) + partnership


def _office_hours(rng: np.random.Generator, day: date) -> datetime:
    """Return a time between 8:00 and 17:00 on the day, or on Monday when it is a weekend."""
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(day, time(8)) + timedelta(minutes=int(rng.integers(0, 540)))


def _after(start: datetime, hours: float) -> datetime:
    return start + timedelta(minutes=round(hours * 60))


def _due(event: str, start: datetime) -> datetime:
    return start + timedelta(hours=DUE[event])


def _run(rng: np.random.Generator, opening: Opening, level: str, feedback_level: float) -> tuple[datetime, str]:
    """Write the events of one requisition; return when it closes and why."""
    early = [_after(opening.approved, 24 * day) for day in np.sort(rng.uniform(3, 6, 1 + rng.poisson(0.9)))]
    actions = [("intake_held", opening.approved, 66, ""), ("brief_received", opening.approved, 74, "")]
    actions += [("cv_reviewed", sent, 40, _candidate(opening, n)) for n, sent in enumerate(early)]
    in_time = 0
    done = []
    for event, start, median, candidate in actions:
        at = _after(start, median * np.exp(opening.slowness + rng.normal(0, CHANCE_SD)))
        in_time += at <= _due(event, start)
        done.append((event, at, candidate, _due(event, start)))
    share = in_time / len(actions)
    closed, reason = _close(rng, opening, level, share)
    for event, at, candidate, due in done:
        if at < closed:
            opening.add(event, at, opening.manager, candidate, due)
    shortlist = _after(done[0][1], rng.lognormal(np.log(90), 0.6))
    if shortlist < closed:
        opening.add("shortlist_sent", shortlist, opening.recruiter, due=_due("shortlist_sent", done[0][1]))
    late = rng.uniform(LANDMARK - 2, max(LANDMARK - 1, (closed - opening.approved).days - 9), rng.poisson(1.3))
    sent_on = early + [_after(opening.approved, 24 * day) for day in np.sort(late)]
    for number, sent in enumerate(sent_on):
        _follow(rng, opening, number, sent, number < len(early), closed, reason, feedback_level)
    if reason == "cancelled":
        opening.add("cancelled", closed, opening.manager)
    if rng.random() < 0.03 and closed > opening.approved + timedelta(days=30):
        opening.add("reopened", _after(opening.approved, 24 * rng.uniform(20, 29)), opening.recruiter)
    return closed, reason


def _candidate(opening: Opening, number: int) -> str:
    return f"C{opening.number[1:]}{number + 1:02d}"


def _close(rng: np.random.Generator, opening: Opening, level: str, share: float) -> tuple[datetime, str]:
    """Draw when the opening closes: filled, cancelled or on hold, whichever comes first."""
    predictor = ENGAGEMENT * (share - 0.7) + LEVEL_HAZARD.get(level, 0.0)
    fates = {
        "filled": SCALE * (rng.exponential() / np.exp(predictor)) ** (1 / SHAPE),
        "cancelled": rng.exponential(CANCEL_MEAN),
        "on_hold": rng.exponential(HOLD_MEAN),
    }
    reason = min(fates, key=fates.get)
    return _after(opening.approved, 24 * (LANDMARK + fates[reason])), reason


def _follow(
    rng: np.random.Generator, opening: Opening, number: int, sent: datetime, reviewed: bool,
    closed: datetime, reason: str, feedback_level: float,
) -> None:  # fmt: skip
    """Write the way of one candidate. The first one is hired when the opening is filled."""
    candidate, hired = _candidate(opening, number), number == 0 and reason == "filled"
    opening.add("applied", max(opening.approved, _after(sent, -24 * rng.uniform(0.5, 4))), candidate=candidate)
    opening.add("cv_sent", sent, opening.recruiter, candidate)
    review = _after(sent, 40 * np.exp(opening.slowness + rng.normal(0, CHANCE_SD)))
    if not reviewed and review < closed:
        opening.add("cv_reviewed", review, opening.manager, candidate, _due("cv_reviewed", sent))
    if hired:
        day = max(_after(closed, -24 * rng.uniform(3.5, 7)), _after(sent, 48))
    elif rng.random() < 0.5:
        day = _after(review, 24 * rng.uniform(3, 10))
    else:
        return
    held = _office_hours(rng, day.date())
    if held < _after(closed, -36):
        _interview(rng, opening, candidate, held, hired, closed, feedback_level)
    if hired:
        opening.add("offer_extended", _after(closed, -rng.uniform(6, 30)), opening.recruiter, candidate)
        opening.add("offer_accepted", closed, "", candidate)


def _interview(
    rng: np.random.Generator, opening: Opening, candidate: str, held: datetime, hired: bool,
    closed: datetime, feedback_level: float,
) -> None:  # fmt: skip
    scheduled = max(opening.approved, _after(held, -24 * rng.uniform(2, 6)))
    opening.add("interview_scheduled", scheduled, opening.recruiter, candidate)
    answer = "accepted" if hired else rng.choice(["accepted", "rescheduled", "declined"], p=[0.82, 0.12, 0.06])
    answered = _after(scheduled, rng.uniform(0.2, 0.9) * (held - scheduled) / timedelta(hours=1))
    opening.add(f"interview_{answer}", answered, opening.manager, candidate)
    if answer == "declined":
        return
    if not hired and rng.random() < 0.04:
        opening.add("interview_missed", held, opening.manager, candidate)
        return
    opening.add("interview_held", held, opening.manager, candidate)
    log_hours = feedback_level + opening.slowness + rng.normal(0, CHANCE_SD)
    given = _after(held, np.exp(log_hours))
    withdrawn = END if hired else min(_after(held, rng.exponential(WITHDRAWAL_MEAN)), END)
    stopped = END if hired else min(withdrawn, closed)
    if given <= stopped:
        opening.add("feedback_given", given, opening.manager, candidate, _due("feedback_given", held))
        if not hired:
            opening.add("candidate_rejected", _after(given, rng.uniform(4, 60)), opening.recruiter, candidate)
    elif withdrawn < closed:
        opening.add("candidate_withdrawn", withdrawn, "", candidate)
    if held <= END:
        observed = log_hours if given <= stopped else np.log(max((stopped - held) / timedelta(hours=1), 1 / 60))
        opening.feedback.append({"log_hours": observed, "given": given <= stopped})


def _stamped(table: pd.DataFrame) -> pd.DataFrame:
    """Write times as text, to the minute."""
    for name in table.columns:
        if name.endswith("at"):
            table[name] = pd.to_datetime(table[name]).dt.strftime("%Y-%m-%d %H:%M").fillna("")
    return table


def early_engagement(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Return per requisition the share of the manager's early actions done in time.

    Early actions: holding the intake, sending the brief, and reviewing every CV sent in the first 11 days after
    approval (due 3 days later, so within the first 14 days). In time: ``at`` not after ``due_at``. Only requisitions
    that were still open 14 days after approval are returned.
    """
    approved = pd.to_datetime(requisitions.set_index("requisition_id")["approved_at"].replace("", None))
    table = events.assign(at=pd.to_datetime(events["at"]), due_at=pd.to_datetime(events["due_at"].replace("", None)))
    day = (table["at"] - table["requisition_id"].map(approved)).dt.total_seconds() / 86400
    sent = table[(table["event"] == "cv_sent") & (day <= LANDMARK - 3)]
    asked = 2 + sent.groupby("requisition_id").size().reindex(approved.index, fill_value=0)
    actions = table[table["event"].isin(["intake_held", "brief_received", "cv_reviewed"])]
    early = actions[(actions["at"] <= actions["due_at"]) & (day[actions.index] <= LANDMARK)]
    early = early[(early["event"] != "cv_reviewed") | early["candidate_id"].isin(sent["candidate_id"])]
    share = early.groupby("requisition_id").size().reindex(approved.index, fill_value=0) / asked
    return share[(approved + pd.Timedelta(days=LANDMARK)) <= pd.Timestamp(END)]
