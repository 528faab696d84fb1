"""Practice sessions, what their capture templates hold, and the promises made in them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from .company import AS_OF, CALL_DAYS, SWAP_DAYS, TEXTS, Company, generator

CONSENT = 0.94
COHORTS = {"treated": "first cohort", "waitlist": "second cohort"}
PRIORITIES = 3  # of the partner
GUESSED, ASKED, DAY_60 = 0.42, 0.78, 0.66  # chance to name a priority before asking, after asking, 60 days later
CALLS_MADE = 0.88  # share of the monthly customer calls that take place
ACTIONS_DONE = 0.6  # share of the actions decided after a call that are done
KEPT = {"hr": 0.76, "manager": 0.58}  # share of promises kept
RENEGOTIATED = 0.12


def role_swaps(seed: int, company: Company) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return log and captured answers: every pair of a cohort swaps once, both of them take part."""
    rng = generator(seed, "role swaps")
    log, answers = [], []
    pairs = company.pairs()
    for number, pair in enumerate(pairs[pairs["swap_arm"] != ""].itertuples(), start=1):
        day = SWAP_DAYS[pair.swap_arm] + timedelta(days=int(rng.integers(0, 4) * 7 + rng.integers(0, 5)))
        full = rng.random() < 0.4
        for person in (pair.hr_id, pair.manager_id):
            consent = rng.random() < CONSENT
            where = {"session_id": f"S{number:04d}", "person_id": person, "partnership_id": pair.partnership_id}
            log.append(_entry(where, "role_swap", day, 8.0 if full else 4.0, pair.swap_arm, consent))
            fields = {
                "edition": "full-day" if full else "half-day",
                "hits_guessed": str(rng.binomial(PRIORITIES, GUESSED)),
                "hits_asked": str(rng.binomial(PRIORITIES, ASKED)),
                "hits_day_60": str(rng.binomial(PRIORITIES, DAY_60)),
            }
            answers += [{**where, "field": name, "value": value} for name, value in fields.items() if consent]
    return pd.DataFrame(log), pd.DataFrame(answers)


def customer_calls(seed: int, company: Company) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return log and captured answers: HR partners join customer calls every month from their cohort's first day."""
    rng = generator(seed, "customer calls")
    log, answers = [], []
    for partner, arm in company.caller_arm.items():
        first = CALL_DAYS[arm]
        for month in range((AS_OF.year - first.year) * 12 + AS_OF.month - first.month + 1):
            day = first + timedelta(days=30 * month + int(rng.integers(0, 5)))
            if rng.random() > CALLS_MADE or day > AS_OF:
                continue
            where = {"session_id": f"K{len(log) + 1:04d}", "person_id": partner, "partnership_id": ""}
            log.append(_entry(where, "customer_call", day, rng.integers(4, 9) / 2, arm, rng.random() < CONSENT))
            fields = {"edition": "session", **_call_fields(rng, day)}
            if log[-1]["consent"] == "yes":
                answers += [{**where, "field": name, "value": value} for name, value in fields.items()]
    return pd.DataFrame(log), pd.DataFrame(answers)


def _call_fields(rng: np.random.Generator, day: date) -> dict[str, str]:
    """Return what was captured of one customer call; only a practice to change or drop leads to an action."""
    decision = str(rng.choice(["keep", "change", "drop"], p=[0.35, 0.5, 0.15]))
    fields = {
        "calls_joined": str(rng.integers(1, 3)),
        "practice_filtered": str(rng.choice(TEXTS["practices_filtered"])),
        "decision": decision,
    }
    due, done = day + timedelta(days=60), day + timedelta(days=int(rng.integers(20, 80)))
    if decision == "keep":
        return fields
    fields["action_due_on"] = due.isoformat()
    if rng.random() < ACTIONS_DONE and done <= AS_OF:
        fields["action_done_on"] = done.isoformat()
    return fields


def _entry(where: dict[str, str], practice: str, day: date, hours: float, arm: str, consent: bool) -> dict[str, object]:
    return {
        "session_id": where["session_id"],
        "practice": practice,
        "person_id": where["person_id"],
        "partnership_id": where["partnership_id"],
        "date": day.isoformat(),
        "hours": f"{hours:.1f}",
        "cohort": COHORTS[arm],
        "arm": arm,
        "consent": "yes" if consent else "no",
    }


def commitments(seed: int, swaps: pd.DataFrame) -> pd.DataFrame:
    """Return the promises made at the end of the role swaps, one to three by each side."""
    rng = generator(seed, "commitments")
    rows = []
    for session in swaps.drop_duplicates("session_id").itertuples():
        for side in ("hr", "manager"):
            for _ in range(rng.integers(1, 4)):
                rows.append(_promise(rng, session.partnership_id, side, date.fromisoformat(session.date)))
    table = pd.DataFrame(rows)
    table.insert(0, "commitment_id", [f"T{number:04d}" for number in range(1, len(table) + 1)])
    return table


def _promise(rng: np.random.Generator, pair: str, side: str, made: date) -> dict[str, str]:
    due = made + timedelta(days=int(rng.choice([30, 60, 90])))
    drawn = rng.random()
    kept, moved = drawn < KEPT[side], KEPT[side] <= drawn < KEPT[side] + RENEGOTIATED
    outcome = "kept" if kept else "renegotiated" if moved else "broken"
    early = due - timedelta(days=int(rng.integers(0, 15)))
    closed = early if kept else due + timedelta(days=int(rng.integers(1, 21)))
    if due > AS_OF:  # still running
        outcome = "renegotiated" if moved and early <= AS_OF else "open"
    ended = outcome != "open" and closed <= AS_OF
    return {
        "partnership_id": pair,
        "made_by_side": side,
        "made_on": made.isoformat(),
        "due_on": due.isoformat(),
        "renegotiated_on": early.isoformat() if outcome == "renegotiated" else "",
        "closed_on": closed.isoformat() if ended else "",
        "outcome": outcome,
    }
