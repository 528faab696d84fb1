"""Practice sessions as facilitators type them from the printed sheets: who agreed, answers, promises, lots."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import stats

from helpers.data.tables import PROMISE_KINDS

from .company import AS_OF, CALL_DAYS, SWAP_DAYS, TEXTS, Company, generator

CONSENT = 0.94
COHORTS = {"treated": "first cohort", "waitlist": "second cohort"}
DRAWN_ON = {"role_swap": date(2025, 6, 16), "customer_call": date(2025, 5, 19)}
PARTICIPATION = "Works agreement 7 of 2025-04-14, section 3: hours of customer calls are recorded as work time"
MINUTES = {"full-day": 480, "half-day": 240, "session": 180, "month": 235, "room": 90}
FULL_DAYS = 0.4  # share of swap sessions
MOST_PAIRS = 12  # a session
SWAP_WEEKS = 5
LATE, LEFT, BLANK, CODELESS = (
    0.06,
    0.03,
    0.03,
    0.15,
)  # arrive late; stop after the day; leave a field blank; know no code
FOLLOWED = {30: 0.88, 60: 0.8, 90: 0.75}  # share of pairs whose slip came in
PRIORITIES = 3  # of the partner
GUESSED, ASKED, DAY_60 = 0.42, 0.78, 0.66  # chance to name a priority before asking, after asking, 60 days later
CALLS_MADE = 0.88  # share of the monthly customer calls that take place
ACTIONS_DONE = 0.6  # share of the actions decided after a call that are done
KEPT = {"hr": 0.76, "manager": 0.58, "both": 0.7}  # share of promises kept, of those whose end was recorded
TOGETHER = 0.15  # correlation of promises of one pair
NOT_KEPT = {"kept_late": 0.35, "moved": 0.30, "broken": 0.35}
KINDS = (0.4, 0.3, 0.15, 0.15)  # shares of the kinds of promises
UNRECORDED = 0.07  # ends that nobody wrote down
MOVED_LATE = 0.3  # share of late, broken and unrecorded promises that were moved after their date


@dataclass
class Records:
    """What was typed: rows of the five tables."""

    sessions: list[dict[str, object]] = field(default_factory=list)
    log: list[dict[str, object]] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    promises: list[dict[str, object]] = field(default_factory=list)
    draws: list[dict[str, object]] = field(default_factory=list)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the rows as tables of a study."""
        return {
            "practice_sessions": pd.DataFrame(self.sessions),
            "practice_log": pd.DataFrame(self.log),
            "practice_answers": pd.DataFrame(self.answers),
            "commitments": pd.DataFrame(self.promises),
            "practice_draws": pd.DataFrame(self.draws),
        }


class Session:
    """One session: who came, who agreed, and what is typed of them."""

    def __init__(
        self, rng: np.random.Generator, records: Records, id: str, practice: str, edition: str, day: date, arm: str
    ) -> None:
        self.rng, self.records, self.id, self.practice = rng, records, id, practice
        self.edition, self.day, self.arm = edition, day, arm
        self.came = self.declined = 0
        self.answer("edition", edition)

    def agrees(self) -> bool:
        """Let one more person come, and tell whether they agree to be counted; a no is one more in the total."""
        agreed = self.rng.random() < CONSENT
        self.came, self.declined = self.came + 1, self.declined + (not agreed)
        return agreed

    def person(self, person: str, pair: str = "", agreed: bool = True) -> bool:
        """Type a person's line; return whether they came in time."""
        late = self.rng.random() < LATE
        hours = MINUTES[self.edition] / 60 - (self.rng.integers(1, 4) / 2 if late and self.edition != "room" else 0)
        self.records.log.append({
            "session_id": self.id, "practice": self.practice, "person_id": person, "partnership_id": pair,
            "date": self.day.isoformat(), "hours": f"{hours:.1f}", "cohort": COHORTS[self.arm], "arm": self.arm,
            "consent": "yes" if agreed else "",
        })  # fmt: skip
        return not late

    def answer(self, name: str, value: object, person: str = "", pair: str = "") -> None:
        """Type an answer, unless its cell was left blank."""
        if name == "edition" or self.rng.random() >= BLANK:
            self.records.answers.append(
                {"session_id": self.id, "person_id": person, "partnership_id": pair, "field": name, "value": str(value)}
            )

    def close(self) -> None:
        """Type the session's own line; two in ten were not timed."""
        planned = MINUTES[self.edition]
        real = planned + int(self.rng.integers(-2, 6)) * 5
        self.records.sessions.append({
            "session_id": self.id, "practice": self.practice, "date": self.day.isoformat(), "came": self.came,
            "declined": self.declined, "planned_minutes": planned,
            "real_minutes": "" if self.rng.random() < 0.2 else real,
        })  # fmt: skip


def practices(seed: int, company: Company) -> dict[str, pd.DataFrame]:
    """Return the five tables of practices: role swaps, then customer calls."""
    records = Records()
    role_swaps(generator(seed, "role swaps"), generator(seed, "commitments"), company, records)
    _kinds(generator(seed, "kinds of promises"), records)
    customer_calls(generator(seed, "customer calls"), company, records)
    _draws(company, records)
    return records.tables()


def draws(company: Company) -> pd.DataFrame:
    """Return the table of draws alone, which takes no session to draw."""
    records = Records()
    _draws(company, records)
    return records.tables()["practice_draws"]


def _draws(company: Company, records: Records) -> None:
    """Type what was drawn: teams for swaps, within departments; HR partners for calls."""
    teams = company.units[company.units["location"] != ""]
    drawn = [("role_swap", row.unit, "", row.department, company.unit_arm[row.unit]) for row in teams.itertuples()
             if company.unit_arm[row.unit] or teams["department"].value_counts()[row.department] > 1]  # fmt: skip
    drawn += [("customer_call", "", partner, "", arm) for partner, arm in company.caller_arm.items()]
    for practice, team, partner, stratum, arm in drawn:
        days = SWAP_DAYS if practice == "role_swap" else CALL_DAYS
        records.draws.append({
            "practice": practice, "team": team, "hr_id": partner, "partnership_id": "", "stratum": stratum,
            "arm": arm or "control", "cohort": COHORTS.get(arm, ""),
            "starts_on": days[arm].isoformat() if arm else "", "allocated_by": "lot",
            "drawn_on": DRAWN_ON[practice].isoformat(),
        })  # fmt: skip


def role_swaps(rng: np.random.Generator, promising: np.random.Generator, company: Company, records: Records) -> None:
    """Type role swaps: room editions for managers first, then every pair of a cohort swaps once."""
    pairs = company.pairs()
    for arm, first in SWAP_DAYS.items():
        for place, (_, managers) in enumerate(pairs[pairs["swap_arm"] == arm].groupby("department", sort=False)):
            _room(rng, records, arm, first - timedelta(days=14 - place), managers["manager_id"].to_numpy())
        booked: dict[str, set[int]] = {}
        for _, team in pairs[pairs["swap_arm"] == arm].groupby("unit", sort=False):
            for group in _groups(rng, team):
                busy = set().union(*(booked.get(partner, set()) for partner in group["hr_id"]))
                slot = int(rng.choice([slot for slot in range(5 * SWAP_WEEKS) if slot not in busy]))
                for partner in group["hr_id"]:
                    booked.setdefault(partner, set()).add(slot)
                day = first + timedelta(days=7 * (slot // 5) + slot % 5)
                _swap(rng, promising, records, arm, day, group)


def _groups(rng: np.random.Generator, team: pd.DataFrame) -> list[pd.DataFrame]:
    """Divide the pairs of a team into sessions in which every HR partner is once."""
    team = team.iloc[rng.permutation(len(team))]
    turn = team.groupby("hr_id").cumcount()
    return [
        group.iloc[at : at + MOST_PAIRS] for _, group in team.groupby(turn) for at in range(0, len(group), MOST_PAIRS)
    ]


def _room(rng: np.random.Generator, records: Records, arm: str, day: date, managers: np.ndarray) -> None:
    """Type a room edition: managers among themselves; who knows no code is counted and not stored."""
    session = Session(rng, records, _id(records, "RS"), "role_swap", "room", day, arm)
    for manager in rng.permutation(managers)[: rng.integers(9, 17)]:
        if session.agrees() and rng.random() >= CODELESS:
            early = session.person(manager)
            _hits(session, manager, "", early)
            for name in ("facts_round_one", "facts_round_two"):
                session.answer(name, rng.binomial(3, 0.55), manager)
    session.close()


def _hits(session: Session, person: str, pair: str, early: bool) -> None:
    """Type hits; who came late was not there when people guessed."""
    guessed, asked = session.rng.binomial(PRIORITIES, GUESSED), session.rng.binomial(PRIORITIES, ASKED)
    if early:
        session.answer("hits_guessed", guessed, person, pair)
    session.answer("hits_asked", asked, person, pair)


def _swap(
    rng: np.random.Generator, promising: np.random.Generator, records: Records, arm: str, day: date, group: pd.DataFrame
) -> None:
    """Type one swap session, its follow-up and its promises."""
    edition = "full-day" if rng.random() < FULL_DAYS else "half-day"
    hr_visits = rng.random() < 0.5  # in a full day one of the two visits
    session = Session(rng, records, _id(records, "RS"), "role_swap", edition, day, arm)
    for pair in group.itertuples():
        sides = {"hr": pair.hr_id, "manager": pair.manager_id}
        agreed = {side: session.agrees() for side in sides}
        both = pair.partnership_id if all(agreed.values()) else ""
        left = rng.random() < LEFT
        slips = {check for check, share in FOLLOWED.items() if rng.random() < share and not left}
        for side, person in sides.items():
            if agreed[side]:
                visits = edition == "half-day" or (side == "hr") == hr_visits
                _one(session, side, person, both, visits, slips)
        if both and 90 in slips:
            session.answer("new_habit", "yes" if rng.random() < 0.6 else "no", pair=both)
        if both:
            records.promises += _promises(promising, session, both, left, pair.end_date)
    session.close()


def _one(session: Session, side: str, person: str, pair: str, visits: bool, slips: set[int]) -> None:
    """Type the count slip of one person of a pair, and their part of the follow-up slip."""
    rng, early = session.rng, session.person(person, pair)
    there = "field" if side == "hr" else str(rng.choice(["talent_acquisition", "talent_development"]))
    session.answer("side_visited", there if visits else "host", person, pair)
    _hits(session, person, pair, early)
    if visits:
        written = int(rng.poisson(6)) + 1
        if rng.random() >= BLANK:  # the two stand in one row of the slip
            session.records.answers += [
                {"session_id": session.id, "person_id": person, "partnership_id": pair, "field": name, "value": str(n)}
                for name, n in (("assumptions_written", written), ("assumptions_wrong", rng.binomial(written, 0.35)))
            ]
        if 30 in slips:
            session.answer("notes_destroyed", "yes" if rng.random() < 0.95 else "no", person, pair)
    if 60 in slips:
        session.answer("hits_day_60", rng.binomial(PRIORITIES, DAY_60), person, pair)


def _id(records: Records, letters: str) -> str:
    return f"{letters}{sum(str(row['session_id']).startswith(letters) for row in records.sessions) + 1:03d}"


def _promises(rng: np.random.Generator, session: Session, pair: str, left: bool, ended: str) -> list[dict[str, object]]:
    """Return what one pair promised: one each, and often one they share."""
    likely = rng.random()  # a pair that keeps one promise is likelier to keep the others
    rows = []
    for number, side in enumerate(["hr", "manager", *(["both"] if rng.random() < 0.5 else [])], start=1):
        mean = KEPT[side]
        chance = stats.beta.ppf(likely, mean * (1 / TOGETHER - 1), (1 - mean) * (1 / TOGETHER - 1))
        row = _promise(rng, session.day, float(chance), left, date.fromisoformat(ended) if ended else AS_OF)
        rows.append({
            "commitment_id": f"{session.id}-{pair}-{number}", "session_id": session.id, "partnership_id": pair,
            "promised_by": side, **{name: str(value) for name, value in row.items()},
        })  # fmt: skip
    return rows


def _promise(rng: np.random.Generator, made: date, kept: float, left: bool, last: date) -> dict[str, date | str]:
    """Return the dates and the outcome of one promise, as far as they are known on the last day of the pair."""
    due = made + timedelta(days=int(rng.choice([30, 60, 90, 150], p=[0.35, 0.3, 0.25, 0.1])))
    outcome = "kept" if rng.random() < kept else str(rng.choice(list(NOT_KEPT), p=list(NOT_KEPT.values())))
    lost = rng.random() < UNRECORDED or left
    before, behind, new = (int(number) for number in (rng.integers(1, 15), rng.integers(1, 21), rng.integers(14, 31)))
    moved_on, moved_to = due - timedelta(days=before), due + timedelta(days=new)
    late, done = rng.random() < MOVED_LATE, rng.random() < 0.7
    closed: date | None = due - timedelta(days=before - 1)
    if outcome == "moved":
        closed = due + timedelta(days=min(behind, new)) if done else None
    elif outcome != "kept":
        moved_on, closed = due + timedelta(days=min(behind, 7)), due + timedelta(days=behind + 7)
        closed = closed if outcome == "kept_late" or done else None  # some break in silence
    moves = outcome == "moved" or (outcome != "kept" and late)
    known = min(last, AS_OF)
    row: dict[str, date | str] = {"made_on": made, "due_on": due, "moved_on": "", "moved_to": "", "closed_on": ""}
    if moves and moved_on <= known and not left:
        row |= {"moved_on": moved_on, "moved_to": moved_to}
    ended = closed if closed is not None else moved_to if outcome == "broken" else moved_on
    if lost or ended > known:
        return row | {"outcome": "moved" if outcome == "moved" and row["moved_on"] and not lost else "open"}
    return row | {"closed_on": closed or "", "outcome": outcome}


def _kinds(rng: np.random.Generator, records: Records) -> None:
    """Type the kind of each promise; some leave it blank. The outcome does not depend on it."""
    for place, row in enumerate(records.promises):
        kind = str(rng.choice(PROMISE_KINDS, p=KINDS)) if rng.random() >= BLANK else ""
        told = list(row.items())
        records.promises[place] = dict([*told[:4], ("kind", kind), *told[4:]])


def customer_calls(rng: np.random.Generator, company: Company, records: Records) -> None:
    """Type customer calls: a room edition before the start, then two days a month, from the cohort's first day."""
    for arm, first in CALL_DAYS.items():
        callers = [partner for partner, own in company.caller_arm.items() if own == arm]
        _listen(rng, records, arm, "room", first - timedelta(days=7), callers[: rng.integers(9, 17)])
        for month in range((AS_OF.year - first.year) * 12 + AS_OF.month - first.month + 1):
            there = [partner for partner in rng.permutation(callers) if rng.random() < CALLS_MADE]
            for part, group in enumerate((there[::2], there[1::2])):
                day = first + timedelta(days=30 * month + 7 * part + int(rng.integers(0, 5)))
                if day <= AS_OF:
                    _listen(rng, records, arm, "session" if month < 3 else "month", day, group)


def _listen(rng: np.random.Generator, records: Records, arm: str, edition: str, day: date, people: list[str]) -> None:
    session = Session(rng, records, _id(records, "CC"), "customer_call", edition, day, arm)
    for person in people:
        agreed = session.agrees()  # the employer records these hours anyway
        session.person(person, agreed=agreed)
        if agreed:
            session.answer("guesses_heard", rng.binomial(3, 0.45), person)
            session.answer("sentences_noted", min(int(rng.poisson(7)), 50), person)
            if edition != "room":
                _slip(session, person)
    session.close()


def _slip(session: Session, person: str) -> None:
    """Type a listener's count slip and follow-up slip; only a practice to change or drop leads to an action."""
    rng, day = session.rng, session.day
    session.answer("calls_joined", rng.integers(1, 3), person)
    session.answer("customers_declined", rng.binomial(2, 0.15), person)
    session.answer("practice_filtered", rng.choice(TEXTS["practices_filtered"]), person)
    decision = str(rng.choice(["keep", "change", "drop"], p=[0.35, 0.5, 0.15]))
    session.answer("decision", decision, person)
    reached = {check for check, share in FOLLOWED.items() if rng.random() < share}
    reached = {check for check in reached if day + timedelta(days=check) <= AS_OF}
    done = day + timedelta(days=int(rng.integers(20, 80)))
    if decision != "keep":
        session.answer("action_due_on", (day + timedelta(days=60)).isoformat(), person)
        if 90 in reached and rng.random() < ACTIONS_DONE:
            session.answer("action_done_on", done.isoformat(), person)
            if decision == "change":
                session.answer("still_in_use", "yes" if rng.random() < 0.8 else "no", person)
    if 30 in reached:
        session.answer("notes_destroyed", "yes" if rng.random() < 0.96 else "no", person)
    if 60 in reached:
        session.answer("customer_told", "yes" if rng.random() < 0.7 else "no", person)
