"""How much of a practice people took, and what goes with it: they chose it themselves, so this is no effect."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered, units
from helpers.analysis.methods.counts import because, require
from helpers.analysis.methods.counts import people as counted
from helpers.analysis.practice.design import UNITS, Design
from helpers.analysis.practice.effect import FEWEST

if TYPE_CHECKING:
    from helpers.data import Study
    from helpers.data.practices import Capture

CALLS = "customer_call"
#: Hours of customer calls a month that Ulrich advises (evidence: ulrich-advice).
ADVISED = (2.0, 4.0)
BANDS = ("fewer than 2 hours", "2 to 4 hours", "more than 4 hours")
_A_MONTH = 365.25 / 12


def taken(how: Design, rows: pd.DataFrame, log: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Add to everybody who is known to have taken part how many hours they did.

    Parameters
    ----------
    how : Design
        How the practice was allotted.
    rows : pandas.DataFrame
        As :meth:`.Design.rows` gives them.
    log : pandas.DataFrame
        The table practice_log.
    until : pandas.Timestamp
        Day up to which hours count.

    Returns
    -------
    pandas.DataFrame
        Rows of those whose unit had begun and of whom hours are recorded, with hours: of the HR partner where HR
        partners were allotted, else of the manager. Whoever is not in the log may have said no to being counted, which
        is not zero hours. Without rows ``attrs["absent"]`` says why.
    """
    person = "hr_id" if how.unit == UNITS["hr_partner"] else "manager_id"
    own = log[(log["practice"] == how.practice) & (pd.to_datetime(log["date"]) <= until)]
    hours = own.dropna(subset=["hours"]).groupby("person_id")["hours"].sum()
    found = rows.assign(hours=rows[person].map(hours).astype(float))
    found = found[found["hours"].notna() & (found["treated"] == 1) & found["score"].notna()].reset_index(drop=True)
    reason = "Of those whose unit had begun, nobody’s hours are recorded beside an answer."
    if len(found) and found["unit"].nunique() < FEWEST:
        return because(found[:0], f"Hours are known of fewer than {FEWEST} units that had begun, so nothing is tested.")
    if len(found) and found["hours"].nunique() == 1:
        return because(found[:0], "Everybody took part for the same number of hours, so nothing can go with it.")
    return because(found, reason)


def within_and_between(
    how: Design, panel: pd.DataFrame, log: pd.DataFrame, dates: pd.Series, is_complete: bool
) -> pd.DataFrame:
    """Put beside every score the hours a month that the HR partner took since the wave before, split in two.

    Parameters
    ----------
    how : Design
        How the practice was allotted; to HR partners.
    panel : pandas.DataFrame
        As :meth:`.Design.panel` gives it.
    log : pandas.DataFrame
        The table practice_log.
    dates : pandas.Series
        Day in the middle of each wave, by its name.
    is_complete : bool
        Whether the employer records all who took part, so that no entry means no hours.

    Returns
    -------
    pandas.DataFrame
        Rows of all waves but the first, of HR partners with hours in any of them, with between (an HR partner's mean of
        hours a month over those waves) and within (what this wave's differ from it). Without rows ``attrs["absent"]``
        says why.

    Notes
    -----
    ``score ~ between + within + C(wave)``: the first compares HR partners with each other, the second each with
    themselves (Bell, Fairbrother & Jones 2019, *Quality & Quantity*, 53, 1051-1074). They answer different questions,
    and neither is an effect of hours: who listens more may also be who is better at it, or has more time.
    """
    if how.unit != UNITS["hr_partner"]:
        return because(panel[:0], "HR partners were not allotted, so hours are not set beside the waves.")
    if not is_complete:
        return because(panel[:0], "Who is not in the log may have said no to being counted, so no hours may be some.")
    if len(dates) < 3:
        return because(panel[:0], "It takes three waves to compare HR partners with themselves.")
    own = log[log["practice"] == how.practice].dropna(subset=["hours"])
    day, ordered = pd.to_datetime(own["date"]), dates.sort_values()
    parts = []
    for number, (since, until) in enumerate(itertools.pairwise(ordered), start=2):
        hours = own[(day > since) & (day <= until)].groupby("person_id")["hours"].sum()
        here = panel[panel["time"] == number]
        months = (until - since).days / _A_MONTH
        parts.append(here.assign(hours=here["hr_id"].map(hours).astype(float).fillna(0.0) / months))
    found = pd.concat(parts, ignore_index=True)
    of_partner = found.drop_duplicates(["hr_id", "time"]).groupby("hr_id")["hours"].agg(["mean", "max", "count"])
    enough = of_partner[(of_partner["max"] > 0) & (of_partner["count"] == len(ordered) - 1)]
    found = found[found["hr_id"].isin(enough.index) & found["score"].notna()].reset_index(drop=True)
    found = found.assign(between=found["hr_id"].map(enough["mean"]).astype(float))
    found = found.assign(within=found["hours"] - found["between"])
    if 0 < found["hr_id"].nunique() < FEWEST:
        return because(found[:0], f"Fewer than {FEWEST} HR partners with hours were rated in all waves.")
    return because(found, "No HR partner with hours of this practice was rated in all waves.")


def by_month(log: pd.DataFrame, practice: str, is_complete: bool, confidence: float = 0.95) -> pd.DataFrame:
    """Set the hours of each person and month beside what is advised.

    Parameters
    ----------
    log : pandas.DataFrame
        The table practice_log.
    practice : str
        The practice.
    is_complete : bool
        Whether the employer records all who took part, so that a month without an entry is one without hours.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per band: word (hours in a month), estimate, low, high (per cent of persons' months), months,
        respondents, people, method, note.

    Notes
    -----
    A person's months reach from the first to the last with an entry. Months without one count, as none, only where the
    record is complete. Wilson's interval at the effective size: months of one person go together.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> found = by_month(study.table("practice_log"), "customer_call", is_complete(study, "customer_call"))
    >>> found[["word", "estimate", "low", "high"]].round()
                     word  estimate   low  high
    0  fewer than 2 hours      23.0  19.0  28.0
    1        2 to 4 hours      68.0  63.0  73.0
    2   more than 4 hours       9.0   6.0  12.0
    """
    require(log, ["practice", "hours", "person_id", "date"])
    own = log[log["practice"] == practice].dropna(subset=["hours", "person_id"])
    names = ["word", "estimate", "low", "high", "months"]
    if practice != CALLS:
        return because(pd.DataFrame(columns=names), "Hours a month are advised for customer calls only.")
    if not len(own):
        return because(pd.DataFrame(columns=names), "No hours are recorded.")
    month = pd.to_datetime(own["date"]).dt.to_period("M")
    hours = own.groupby(["person_id", month])["hours"].sum().unstack()
    if is_complete:
        hours = hours.reindex(columns=pd.period_range(month.min(), month.max(), freq="M"))
        spans = hours.notna()
        inside = spans.cummax(axis=1) & spans.iloc[:, ::-1].cummax(axis=1).iloc[:, ::-1]
        hours = hours.fillna(0.0).where(inside)
    long = hours.stack().dropna().rename("hours").reset_index().rename(columns={"person_id": "respondent_id"})
    band = np.select([long["hours"] < ADVISED[0], long["hours"] <= ADVISED[1]], BANDS[:2], BANDS[2])
    return pd.DataFrame(
        [
            {"word": name, "months": int((band == name).sum())}
            | _share(long, band == name, f"months with {name}", confidence, of_part=True)
            for name in BANDS
            if (band == name).any()
        ]
    )


def _share(
    rows: pd.DataFrame, hit: pd.Series | np.ndarray, what: str, confidence: float, of_part: bool = False
) -> dict[str, Any]:
    """Estimate a share in per cent, where rows of one person go together.

    Behind a part of a whole stand the people of that part, else all of the rows.
    """
    rows = rows.assign(hit=np.asarray(hit, float))
    found = clustered.proportion(rows, "hit", cluster="respondent_id", confidence=confidence)
    behind = rows[rows["hit"] == 1] if of_part else rows
    return units.per_cent(found).iloc[0].to_dict() | counted(behind, "respondent_id", value=what)


def _slips(answers: pd.DataFrame, sessions: pd.DataFrame, practice: str) -> pd.DataFrame:
    """One row per person and session of a practice: respondent_id, day, and what was noted, by field."""
    held = sessions[sessions["practice"] == practice].drop_duplicates("session_id")
    own = answers[answers["session_id"].isin(held["session_id"]) & answers["person_id"].notna()]
    slips = own.pivot_table(index=["session_id", "person_id"], columns="field", values="value", aggfunc="first")
    slips = slips.reset_index().rename(columns={"person_id": "respondent_id"})
    return slips.assign(day=slips["session_id"].map(pd.to_datetime(held.set_index("session_id")["date"])))


def funnel(
    answers: pd.DataFrame, sessions: pd.DataFrame, capture: Capture, as_of: pd.Timestamp, confidence: float = 0.95
) -> pd.DataFrame:
    """Count how far what was heard went: a practice looked at, a decision, a first step, the customer told, in use.

    Parameters
    ----------
    answers, sessions : pandas.DataFrame
        The tables practice_answers and practice_sessions.
    capture : helpers.data.practices.Capture
        What is recorded of the practice.
    as_of : pandas.Timestamp
        Day of the records.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per step that any slip tells of: stage, estimate, low, high (per cent of slips), slips (that tell of
        it), of (slips in all), respondents, people, method, note. Without rows ``attrs["absent"]`` says why.

    Notes
    -----
    A slip is one person's in one session; those count on which a call was joined or a practice looked at. Of a step
    that is asked for at a later check, only slips so old that its day has come. A step that nobody noted is not
    counted, which does not say that it was not taken. Wilson's interval at the effective size: slips of one person go
    together.

    Examples
    --------
    >>> import pandas as pd
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> slips, held = study.table("practice_answers"), study.table("practice_sessions")
    >>> found = funnel(slips, held, study.practices["customer_call"], pd.Timestamp(study.as_of))
    >>> found[["stage", "estimate", "low", "high"]].round()
                            stage  estimate   low  high
    0               Joined a call      97.0  93.0  98.0
    1  Looked at a practice of HR      96.0  94.0  98.0
    2            Decided: keep it      36.0  30.0  42.0
    3          Decided: change it      51.0  45.0  57.0
    4            Decided: drop it      11.0   8.0  15.0
    5       First step has a date      61.0  54.0  67.0
    6          First step is done      24.0  19.0  30.0
    7       The customer was told      53.0  47.0  59.0
    8  The change is still in use      16.0  11.0  21.0
    """
    slips = _slips(answers, sessions, capture.practice)
    names = ["stage", "estimate", "low", "high", "slips", "of"]
    if "decision" not in slips or "practice_filtered" not in slips:
        return because(pd.DataFrame(columns=names), "This practice records no decisions on practices of HR.")

    def noted(field: str, words: str = "") -> pd.Series:
        values = slips[field] if field in slips else pd.Series(None, slips.index, dtype=object)
        return values.eq(words) if words else values.notna()

    looked = noted("practice_filtered")
    joined = pd.to_numeric(slips["calls_joined"], errors="coerce").gt(0) if "calls_joined" in slips else looked
    changed = noted("decision", "change") | noted("decision", "drop")
    steps = {
        "Joined a call": ("calls_joined", joined),
        "Looked at a practice of HR": ("practice_filtered", looked),
        "Decided: keep it": ("decision", noted("decision", "keep")),
        "Decided: change it": ("decision", noted("decision", "change")),
        "Decided: drop it": ("decision", noted("decision", "drop")),
        "First step has a date": ("action_due_on", changed & noted("action_due_on")),
        "First step is done": ("action_done_on", changed & noted("action_done_on")),
        "The customer was told": ("customer_told", noted("customer_told", "yes")),
        "The change is still in use": ("still_in_use", noted("still_in_use", "yes")),
    }
    rows = []
    for name, (asked, reached) in steps.items():
        field = capture.field(asked)
        wait = int(field.when.removeprefix("day ")) if field and field.when.startswith("day ") else 0
        old = (joined | looked) & (slips["day"] + pd.Timedelta(days=wait) <= as_of)
        base, hit = slips[old], reached[old]
        if hit.any():
            share = _share(base, hit, f"reached {name}", confidence, of_part=True)
            rows.append({"stage": name, "slips": int(hit.sum()), "of": len(base)} | share)
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=names)
    return because(table, "No slip tells of a practice that was looked at.")


def rules_kept(answers: pd.DataFrame, sessions: pd.DataFrame, practice: str, confidence: float = 0.95) -> pd.DataFrame:
    """Count on how many slips consent and boundaries are recorded as kept.

    Parameters
    ----------
    answers, sessions : pandas.DataFrame
        The tables practice_answers and practice_sessions.
    practice : str
        The practice.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per rule: measure, estimate, low, high (per cent of slips that tell), slips, respondents, people,
        method, note. Without rows ``attrs["absent"]`` says why.

    Notes
    -----
    Wilson's interval at the effective size: slips of one person go together.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> slips, held = study.table("practice_answers"), study.table("practice_sessions")
    >>> rules_kept(slips, held, "customer_call")[["estimate", "low", "high"]].head(2).round()
       estimate   low  high
    0      26.0  21.0  32.0
    1      95.0  92.0  97.0
    """
    require(sessions, ["session_id", "practice"])
    slips = _slips(answers, sessions, practice)
    rules = {
        "customers_declined": ("A customer said no, and was not listened to", lambda told: told.ne("0")),
        "notes_destroyed": ("Notes are destroyed", lambda told: told.eq("yes")),
    }
    rows = []
    for field, (name, kept) in rules.items():
        if field in slips and len(told := slips[slips[field].notna()]):
            share = _share(told, kept(told[field].astype(str).str.strip()), field, confidence)
            rows.append({"measure": name, "slips": len(told)} | share)
    names = ["measure", "estimate", "low", "high", "slips"]
    return because(
        pd.DataFrame(rows) if rows else pd.DataFrame(columns=names), "No slip tells whether rules were kept."
    )


def is_complete(study: Study, practice: str) -> bool:
    """Say whether the employer records all who took part in a practice, so that no entry means that nobody did."""
    return practice in study.settings.practices.participation
