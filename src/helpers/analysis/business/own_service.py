"""How well HR keeps its own times: a page that HR publishes about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.hiring import records
from helpers.analysis.methods import clustered, survival, units
from helpers.analysis.methods.counts import because
from helpers.analysis.practice import promises

if TYPE_CHECKING:
    from helpers.data import Study

#: Days after its date by which the end of a promise should be written down.
DAYS_TO_RECORD = 30
_REPLY, _STEPS, _PROMISES = "Reports from staff with a first reply", "Steps of recruiters", "Promises of HR partners"
#: Which practice trains what HR keeps too seldom, by source.
PLAYBOOKS = {"replies": "open-door", "steps": "hiring-intake", "promises": "commitment-board"}
ABSENT = "The study records neither reports of employees, nor steps of recruiters, nor promises of HR partners."
#: The same of a study that records promises: nobody waits for these.
NO_WAITS = "The study records neither reports of employees nor steps of recruiters."


def kept(study: Study, reply_days: float, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how often HR kept a time.

    Parameters
    ----------
    study : helpers.data.Study
        With cases, hiring records or commitments, as far as it has them.
    reply_days : float
        Days by which a report of an employee has to have a first reply.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per measure the study records: measure, source (replies, steps, promises), playbook (that trains it),
        estimate, low, high (per cent), observations (of how many), respondents, clusters, people, method, note.
        Without rows ``attrs["absent"]`` says why.

    Notes
    -----
    Reports count that are at least ``reply_days`` old, each as one by itself; steps in hiring where it was the
    recruiter's turn and a time was agreed, by recruiter; promises as in chapter 07. Wilson intervals at the effective
    sample size.

    Examples
    --------
    >>> from helpers.data import Study
    >>> kept(Study.load("data/sample"), reply_days=5)[["source", "estimate", "low", "high"]].round()
         source  estimate   low  high
    0   replies      66.0  60.0  71.0
    1     steps      86.0  83.0  89.0
    2  promises      75.0  69.0  80.0
    """
    parts = []
    asked = _replies(study)
    asked = asked[asked["watched"] >= reply_days]
    if len(asked):
        asked = asked.assign(hit=(asked["replied"] & (asked["days"] <= reply_days)).astype(float))
        found = units.per_cent(clustered.proportion(asked, "hit", "case_id", confidence=confidence))
        parts.append(found.assign(measure=f"{_REPLY} within {reply_days:g} days", source="replies"))
    steps = _steps(study).dropna(subset=["in_time"])
    if len(steps):
        steps = steps.assign(hit=steps["in_time"].astype(float))
        found = units.per_cent(clustered.proportion(steps, "hit", "recruiter_id", confidence=confidence))
        parts.append(found.assign(measure=f"{_STEPS} in the agreed time", source="steps"))
    if study.has("commitments") and study.has("partnerships"):
        made = promises.Promises.of(study, "", DAYS_TO_RECORD)
        found = promises.measures(made, confidence)
        found = found[found["side"].eq("hr") & found["measure"].eq(promises.KEPT)] if "side" in found else found[:0]
        named = {"measure": f"{_PROMISES} kept by the first date", "source": "promises"}
        parts.append(found.assign(**named, observations=found.get("promises")))
    return because(_together([part.assign(playbook=part["source"].map(PLAYBOOKS)) for part in parts]), ABSENT)


def time_to_answer(study: Study, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate after how many days half of those who wait for HR have their answer.

    Parameters
    ----------
    study : helpers.data.Study
        With cases or hiring records, as far as it has them.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per kind of wait: measure, estimate, low, high (days, median), observations, respondents, clusters,
        people, method, note. Without rows ``attrs["absent"]`` says why.

    Notes
    -----
    Kaplan-Meier; what has no answer yet counts for as long as it was watched.

    Examples
    --------
    >>> from helpers.data import Study
    >>> time_to_answer(Study.load("data/sample"))[["measure", "estimate", "low", "high"]].round(1)
                                      measure  estimate  low  high
    0  First reply to a report of an employee       4.0  3.0   4.0
    1            A recruiter’s step in hiring       3.6  3.4   3.8
    """
    parts = []
    for name, rows, end, cluster in (
        ("First reply to a report of an employee", _replies(study), "replied", "case_id"),
        ("A recruiter’s step in hiring", _steps(study), "done", "recruiter_id"),
    ):
        if len(rows):
            found = survival.quantile_time(rows, "days", end, cluster=cluster, confidence=confidence)
            parts.append(found.assign(measure=name))
    return because(_together(parts), NO_WAITS if study.has("commitments") else ABSENT)


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    names = ["measure", "estimate", "low", "high", "observations", "respondents", "clusters"]
    known = ("source", "playbook", "rated", "people", "method", "note")
    further = [name for name in known if any(name in part for part in parts)]
    told = [part.reindex(columns=[*names, *further]) for part in parts if len(part)]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=names)


def _replies(study: Study) -> pd.DataFrame:
    """Return days to the first reply of every case, and for how long it was watched."""
    if not study.has("cases"):
        return pd.DataFrame(columns=["case_id", "days", "replied", "watched"])
    cases, until = study.table("cases"), pd.Timestamp(study.as_of)
    opened, replied = pd.to_datetime(cases["opened_on"]), pd.to_datetime(cases["first_reply_on"])
    resolved = pd.to_datetime(cases["resolved_on"]) if "resolved_on" in cases else pd.Series(pd.NaT, cases.index)
    ended = replied.fillna(resolved.clip(upper=until)).fillna(until)
    return cases[["case_id"]].assign(
        days=(ended - opened).dt.days.astype(float), replied=replied.notna(), watched=(until - opened).dt.days
    )


def _steps(study: Study) -> pd.DataFrame:
    """Return the waits in hiring in which it was a recruiter's turn."""
    if not (study.has("requisitions") and study.has("hiring_events")):
        return pd.DataFrame(columns=["recruiter_id", "in_time", "days", "done"])
    agreed = study.hiring.service_levels.model_dump()
    seen = (study.table("requisitions"), study.table("hiring_events"), study.as_of, study.timezone)
    waits = records.waits(*seen, study.hiring.holidays, agreed)
    waits = waits[waits["holder"].eq("recruiter") & waits["problem"].eq("") & waits["recruiter_id"].notna()]
    return waits.astype({"done": bool})
