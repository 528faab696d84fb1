"""What happened in hiring, measured: who waited for whom, for how long, and whether promises were kept.

Everything is built from two tables: requisitions (openings) and hiring events. Three functions turn them into tidy
rows - :func:`openings`, :func:`waits` and :func:`interviews` - and :func:`summary` and :func:`ball` into figures. Each
figure has a written definition in :data:`DEFINITIONS`.

Two rules hold everywhere. What has not happened yet is kept as a wait that is still running (censored), never left
out and never counted as done. A duration that ends before it starts is an error in the records: it is listed and
counted by :func:`impossible`, left out of every figure, and never set to zero.

Notes
-----
Times are local times in the study's time zone, as a study's tables hold them. Durations are elapsed time: on a day
when clocks change, a night has 23 or 25 hours. An hour that exists twice counts as its first occurrence.

DuckDB does the grouping, because pandas takes minutes where it takes seconds for millions of events.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from helpers.analysis import clustered, survival
from helpers.analysis.counts import cannot_tell
from helpers.data.query import query

FILLED, CANCELLED, ON_HOLD, OPEN = "filled", "cancelled", "on_hold", ""
#: Events after which a candidate no longer waits for anyone.
LEFT = ("candidate_withdrawn", "candidate_rejected", "offer_declined")
BACKWARDS = "ends before it starts"
NO_START = "no start recorded"


@dataclass(frozen=True)
class Definition:
    """One metric, in words that leave nothing open.

    Attributes
    ----------
    metric : str
        Name in results.
    label : str
        Name in reports.
    definition : str
        How it is computed.
    unit : str
        Unit of the figure.
    start, end : str
        Event that starts and event that ends it; empty for shares and counts.
    holder : str
        Who has to act: manager, recruiter, candidate, organisation; empty where it is nobody in particular.
    elsewhere : str
        Other names for it, and other things vendors mean by the same name.
    reference : str
        A public figure to compare with, its source and year; empty where none was found.
    """

    metric: str
    label: str
    definition: str
    unit: str
    start: str = ""
    end: str = ""
    holder: str = ""
    elsewhere: str = ""
    reference: str = ""


DEFINITIONS = (
    Definition(
        "intake", "Opening to intake meeting", "From approval (request, where no approval is recorded) to the first "
        "intake meeting.", "days", "opening", "intake_held", "manager",
        "kick-off, briefing or strategy meeting; some count from the request even where approval comes later",
        "kick-off form within 5 business days (public hiring handbooks)",
    ),
    Definition(
        "brief", "Opening to complete brief", "From approval (or request) to the first complete brief.", "days",
        "opening", "brief_received", "manager", "job requirements, role profile; seldom measured by vendors",
    ),
    Definition(
        "shortlist", "Intake to shortlist", "From the first intake meeting to the first shortlist after it.", "days",
        "intake_held", "shortlist_sent", "recruiter", "time to slate, time to first prospects",
        "first prospects within 7 days (public hiring handbooks)",
    ),
    Definition(
        "cv_review", "CV sent to CV reviewed", "From sending a candidate's CV to the manager's answer.", "days",
        "cv_sent", "cv_reviewed", "manager", "time in hiring-manager review, resume review time",
    ),
    Definition(
        "notice", "Interview scheduled to interview held", "From making the appointment to the interview.", "days",
        "interview_scheduled", "interview_held", "", "interview lead time; some vendors' time to schedule ends when "
        "the appointment is made and is not this",
    ),
    Definition(
        "feedback", "Interview to feedback", "From an interview to the first feedback after it and before the next "
        "interview of the same candidate.", "days", "interview_held", "feedback_given", "manager",
        "time to scorecard, scorecard completion, feedback turnaround; most leave out feedback that never came",
        "scorecards within 1 business day, candidate feedback within 24 hours (public hiring handbooks)",
    ),
    Definition(
        "offer_decision", "Offer to the candidate's answer", "From an offer to its acceptance or refusal.", "days",
        "offer_extended", "offer_accepted or offer_declined", "candidate", "time to accept, offer turnaround",
    ),
    Definition(
        "time_to_fill", "Time to fill", "From approval (or request) to the last accepted offer; cancelled openings "
        "count as watched until then.", "days", "opening", "offer_accepted", "",
        "some start at the request or the posting, some end at the first working day",
        "68 days from approval to acceptance, industry medians 36 to 89 (PwC Saratoga, 2022)",
    ),
    Definition(
        "time_to_hire", "Time to hire", "From application to accepted offer, for those hired.", "days", "applied",
        "offer_accepted", "", "some start when the candidate is found or the opening is posted",
        "median 38 days worldwide, 35 in the US, 55 in manufacturing (SmartRecruiters, 2025)",
    ),
    Definition(
        "age", "Age of what is open", "From approval (or request) to the day of the study, for openings neither "
        "filled nor closed.", "days", "opening", "the day of the study", "", "days open, requisition age",
    ),
    Definition(
        "in_time", "Done in time", "Share of waits that ended by the agreed time, of those that ended or whose time "
        "has passed; the agreed time is due_at, or the usual promise of the same kind for what has not happened.",
        "per cent", elsewhere="within SLA, service-level attainment; most vendors leave out what was never done",
    ),
    Definition(
        "intake_held", "Intake meeting held", "Share of openings with an intake meeting, of those opened.",
        "per cent", elsewhere="kick-off rate",
    ),
    Definition(
        "accepted", "Interviews accepted", "Share of scheduled interviews the interviewer accepted.", "per cent",
        elsewhere="calendar acceptance rate",
    ),
    Definition(
        "declined", "Interviews declined", "Share of scheduled interviews the interviewer declined.", "per cent",
    ),
    Definition(
        "rescheduled", "Interviews rescheduled", "Share of scheduled interviews moved at least once.", "per cent",
        elsewhere="reschedule rate; some count moves, not interviews",
    ),
    Definition(
        "missed", "Interviews missed", "Share of scheduled interviews the interviewer missed.", "per cent",
        elsewhere="interviewer no-show",
    ),
    Definition(
        "interviews_per_hire", "Interviews per hire", "Interviews held with all candidates of a filled opening.",
        "interviews", elsewhere="some count interviewers' hours, or candidates interviewed",
    ),
    Definition(
        "rounds", "Rounds per hire", "Interviews held with the person hired.", "interviews",
        elsewhere="interview stages; a panel of three on one day is one round here",
    ),
    Definition(
        "offer_acceptance", "Offers accepted", "Share of answered offers that were accepted.", "per cent",
        elsewhere="offer acceptance rate; some divide by all offers, open ones too",
        reference="79 % in the US, 92 % in manufacturing (SmartRecruiters, 2025)",
    ),
    Definition("reopened", "Openings re-opened", "Share of openings re-opened at least once.", "per cent"),
    Definition(
        "cancelled", "Openings cancelled", "Share of openings cancelled so far.", "per cent",
        elsewhere="some leave open ones out of the denominator, which raises the share",
    ),
)  # fmt: skip

#: Waits from event to event: name, start, ends, and whether they are those of a candidate or of the opening.
_WAITS = (
    ("intake", "opening", ("intake_held",), False),
    ("brief", "opening", ("brief_received",), False),
    ("shortlist", "intake_held", ("shortlist_sent",), False),
    ("cv_review", "cv_sent", ("cv_reviewed",), True),
    ("notice", "interview_scheduled", ("interview_held",), True),
    ("feedback", "interview_held", ("feedback_given",), True),
    ("offer_decision", "offer_extended", ("offer_accepted", "offer_declined"), True),
)
LABELS = {item.metric: item.label for item in DEFINITIONS}
HOLDERS = {item.metric: item.holder for item in DEFINITIONS}


def definitions() -> pd.DataFrame:
    """Return the definition of every metric as a table.

    Returns
    -------
    pandas.DataFrame
        One row per metric: metric, label, definition, unit, start, end, holder, elsewhere, reference; see
        :class:`Definition`.
    """
    return pd.DataFrame([asdict(item) for item in DEFINITIONS])


def openings(
    requisitions: pd.DataFrame, events: pd.DataFrame, as_of: datetime.date, timezone: str = "UTC"
) -> pd.DataFrame:
    """Describe every opening: when it began, how it ended, how long it was watched.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.
    as_of : datetime.date
        Day of the study; what had not happened by its end is still open.
    timezone : str
        Time zone of the local times, for elapsed time across changes of the clocks.

    Returns
    -------
    pandas.DataFrame
        One row per requisition, in their order: requisition_id, hiring_manager_id, respondent_id (the hiring manager
        again: the person whose hiring each row describes), recruiter_id, department, location, level, opened_at,
        approved_at, started_at (approval, else request), ended_at, end (filled, cancelled, on_hold or empty: open),
        days (elapsed, until the end or the day of the study; missing when it ends before it starts), month (of
        started_at), hired_id (candidate), days_to_hire (application to acceptance of the person hired), interviews,
        rounds, reopened (bool), problem (empty, or what is wrong).

    Notes
    -----
    Filled is an opening with an accepted offer that was not re-opened afterwards; it ends with the last such offer.
    Otherwise ``closed_at`` and ``close_reason`` tell; otherwise a cancellation that was not followed by re-opening.
    """
    until = _end_of(as_of)
    found = query(
        """
        WITH opening AS (SELECT *, row_number() OVER () AS place FROM requisitions),
        turned AS (SELECT requisition_id, max("at") AS reopened_at FROM events
                   WHERE event = 'reopened' GROUP BY ALL),
        told AS (
            SELECT requisition_id,
                max("at") FILTER (event = 'offer_accepted') AS accepted_at,
                arg_max(candidate_id, "at") FILTER (event = 'offer_accepted') AS hired_id,
                max("at") FILTER (event = 'cancelled') AS cancelled_at,
                count(*) FILTER (event = 'interview_held') AS interviews
            FROM events LEFT JOIN turned USING (requisition_id)
            WHERE event IN ('offer_accepted', 'cancelled', 'interview_held')
              AND (event = 'interview_held' OR reopened_at IS NULL OR "at" >= reopened_at)
            GROUP BY ALL),
        hired AS (
            SELECT requisition_id, min("at") FILTER (event = 'applied') AS applied_at,
                count(*) FILTER (event = 'interview_held') AS rounds
            FROM events SEMI JOIN told ON events.requisition_id = told.requisition_id
                AND events.candidate_id = told.hired_id
            WHERE event IN ('applied', 'interview_held') GROUP BY ALL)
        SELECT requisition_id, hiring_manager_id, recruiter_id, department, location, level, opened_at, approved_at,
            coalesce(approved_at, opened_at) AS started_at,
            CASE WHEN accepted_at IS NOT NULL THEN accepted_at
                 WHEN close_reason IS NOT NULL THEN closed_at ELSE cancelled_at END AS ended_at,
            CASE WHEN accepted_at IS NOT NULL THEN 'filled'
                 WHEN close_reason IS NOT NULL THEN close_reason
                 WHEN cancelled_at IS NOT NULL THEN 'cancelled' ELSE '' END AS "end",
            hired_id, applied_at, accepted_at, coalesce(interviews, 0) AS interviews,
            CASE WHEN hired_id IS NOT NULL THEN coalesce(rounds, 0) END AS rounds,
            reopened_at IS NOT NULL AS reopened
        FROM opening LEFT JOIN told USING (requisition_id) LEFT JOIN hired USING (requisition_id)
            LEFT JOIN turned USING (requisition_id)
        ORDER BY place
        """,
        requisitions=requisitions,
        events=events,
    )
    found["days"] = _days(found["started_at"], found["ended_at"].fillna(until), timezone)
    found["days_to_hire"] = _days(found["applied_at"], found["accepted_at"], timezone)
    found["month"] = found["started_at"].dt.strftime("%Y-%m")
    found["problem"] = np.where(found["days"] < 0, BACKWARDS, "")
    for name in ("days", "days_to_hire"):
        found[name] = found[name].where(found[name] >= 0)
    found.insert(2, "respondent_id", found["hiring_manager_id"])
    return found.drop(columns=["applied_at", "accepted_at"])


def waits(
    requisitions: pd.DataFrame,
    events: pd.DataFrame,
    as_of: datetime.date,
    timezone: str = "UTC",
    holidays: Sequence[datetime.date | str] = (),
    service_levels: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """List who waited for whom: one row per wait, finished or still running.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.
    as_of : datetime.date
        Day of the study; a wait that had not ended by its end is still running.
    timezone : str
        Time zone of the local times.
    holidays : sequence of datetime.date or str
        Days that are no business days, besides Saturdays and Sundays; texts such as ``"2026-01-01"``.
    service_levels : mapping, optional
        Agreed days (elapsed) per wait, such as ``{"feedback": 2}``, for kinds of wait that never have ``due_at``.

    Returns
    -------
    pandas.DataFrame
        One row per wait: wait (a metric of :data:`DEFINITIONS`), requisition_id, candidate_id, hiring_manager_id,
        respondent_id (the hiring manager again), recruiter_id, department, location, level, holder (manager,
        recruiter, candidate or empty), started_at, ended_at, ended_by (event), done (bool), days (elapsed, until the
        end or until nobody waited any more), business_days (whole days, done waits only), due_at, in_time (True,
        False; missing where no time was agreed or it had not come), problem (empty, or what is wrong; such rows have
        no days and count nowhere).

    Raises
    ------
    ValueError
        If a holiday is no date.

    Notes
    -----
    The end of a wait is the first ending event after its start and before the next start of the same candidate. A
    wait that never ended ran until the candidate left (withdrawn, rejected, offer declined), the opening was closed
    (where no day of closing is given: filled or cancelled and not re-opened since) or the day of the study, whichever
    came first. Where an end was recorded before its start only, the wait runs
    backwards and is marked.

    The agreed time is ``due_at`` of the ending event. What never happened has none: it takes the start plus the
    median promise of the same wait in these data, else plus ``service_levels``.

    Business days count from the start day (the next business day, where it is none) to the end day: an answer on the
    same day is 0, on the next business day 1.
    """
    until = _end_of(as_of)
    kinds = "\nUNION ALL\n".join(_wait_query(*kind) for kind in _WAITS)
    found = query(
        f"""
        WITH all_events AS (
            SELECT requisition_id, candidate_id, event, "at", due_at FROM events
            UNION ALL
            SELECT requisition_id, NULL, 'opening', coalesce(approved_at, opened_at), NULL FROM requisitions),
        over AS (
            SELECT requisition_id, max("at") AS over_at FROM events
            WHERE event IN ('offer_accepted', 'cancelled', 'reopened') GROUP BY ALL
            HAVING arg_max(event, "at") <> 'reopened')
        SELECT wait, requisition_id, candidate_id, hiring_manager_id, recruiter_id, department, location, level,
            started_at, ended_at, ended_by, due_at,
            -- until when somebody waited for what never came
            least(left_at, CASE WHEN coalesce(closed_at, over_at) >= started_at THEN coalesce(closed_at, over_at) END,
                $until) AS stopped_at
        FROM ({kinds}) JOIN requisitions USING (requisition_id) LEFT JOIN over USING (requisition_id)
        ORDER BY wait, requisition_id, candidate_id, coalesce(started_at, ended_at)
        """,
        {"until": until},
        requisitions=requisitions,
        events=events,
    )
    found.insert(4, "respondent_id", found["hiring_manager_id"])
    found.insert(9, "holder", found["wait"].map(HOLDERS))
    found["done"] = found["ended_at"].notna()
    found["days"] = _days(found["started_at"], found["ended_at"].fillna(found["stopped_at"]), timezone)
    found["problem"] = np.select([found["started_at"].isna(), found["days"] < 0], [NO_START, BACKWARDS], "")
    fine = found["problem"] == ""
    found["days"] = found["days"].where(fine)
    found["business_days"] = _business_days(found["started_at"], found["ended_at"].where(fine), holidays)
    found["due_at"] = found["due_at"].fillna(_promised(found, service_levels or {}))
    found["in_time"] = _in_time(found, fine)
    order = ["started_at", "ended_at", "ended_by", "done", "days", "business_days", "due_at", "in_time", "problem"]
    return found[[*found.columns[:10], *order]]


def _wait_query(name: str, start: str, ends: Sequence[str], of_candidate: bool) -> str:
    """SQL of one kind of wait: count the starts so far; a turn is a start and what follows until the next."""
    candidate = "candidate_id" if of_candidate else "NULL"
    stops = LEFT if of_candidate else ()
    listed = ", ".join(f"'{event}'" for event in ends)
    events = ", ".join(f"'{event}'" for event in dict.fromkeys([start, *ends, *stops]))
    left = ", ".join(f"'{event}'" for event in stops if event not in ends) or "''"
    return f"""
        SELECT '{name}' AS wait, requisition_id, candidate_id,
            min("at") FILTER (event = '{start}') AS started_at,
            coalesce(min("at") FILTER (event IN ({listed}) AND turn > 0),
                     min("at") FILTER (event IN ({listed}))) AS ended_at,
            coalesce(arg_min(event, "at") FILTER (event IN ({listed}) AND turn > 0),
                     arg_min(event, "at") FILTER (event IN ({listed}))) AS ended_by,
            coalesce(arg_min(due_at, "at") FILTER (event IN ({listed}) AND turn > 0),
                     arg_min(due_at, "at") FILTER (event IN ({listed}))) AS due_at,
            min("at") FILTER (event IN ({left}) AND turn > 0) AS left_at
        FROM (SELECT requisition_id, {candidate} AS candidate_id, event, "at", due_at,
                  count(*) FILTER (event = '{start}') OVER (
                      PARTITION BY requisition_id, {candidate} ORDER BY "at", event <> '{start}'
                      ROWS UNBOUNDED PRECEDING) AS turn
              FROM all_events WHERE event IN ({events}))
        GROUP BY requisition_id, candidate_id, greatest(turn, 1)
        -- of an opening, the first intake and the first shortlist count
        HAVING (count(*) FILTER (event = '{start}' OR event IN ({listed})) > 0)
            {"" if of_candidate else "AND min(greatest(turn, 1)) = 1"}"""


def interviews(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """List every scheduled interview and what became of it.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.

    Returns
    -------
    pandas.DataFrame
        One row per scheduled interview: requisition_id, candidate_id, hiring_manager_id, respondent_id (the hiring
        manager again), department, location, level, scheduled_at, and whether it was accepted, declined, rescheduled,
        missed, held (bool) before the next one of the same candidate was scheduled.
    """
    told = ("accepted", "declined", "rescheduled", "missed", "held")
    flags = ", ".join(f"bool_or(event = 'interview_{name}') AS {name}" for name in told)
    found = query(
        f"""
        SELECT requisition_id, candidate_id, hiring_manager_id, department, location, level, scheduled_at,
            {", ".join(told)}
        FROM (
            SELECT requisition_id, candidate_id, min("at") AS scheduled_at, {flags}
            FROM (SELECT requisition_id, candidate_id, event, "at",
                      count(*) FILTER (event = 'interview_scheduled') OVER (
                          PARTITION BY requisition_id, candidate_id ORDER BY "at", event <> 'interview_scheduled'
                          ROWS UNBOUNDED PRECEDING) AS turn
                  FROM events WHERE starts_with(event, 'interview_'))
            WHERE turn > 0 GROUP BY requisition_id, candidate_id, turn)
        JOIN requisitions USING (requisition_id)
        ORDER BY requisition_id, candidate_id, scheduled_at
        """,
        requisitions=requisitions,
        events=events,
    )
    found.insert(3, "respondent_id", found["hiring_manager_id"])
    return found


#: What the person hired waited for after each event, and whose turn it was.
_STAGES = {
    "opening": ("Intake", "manager"),
    "intake_held": ("Finding candidates", "recruiter"),
    "cv_sent": ("CV review", "manager"),
    "cv_reviewed": ("Arranging the interview", "recruiter"),
    "interview_scheduled": ("Until the date agreed", "nobody: date agreed"),
    "interview_missed": ("Arranging the interview", "recruiter"),
    "interview_declined": ("Arranging the interview", "recruiter"),
    "interview_held": ("Feedback", "manager"),
    "feedback_given": ("Next round or offer", "recruiter"),
    "offer_extended": ("Decision on the offer", "candidate"),
}
STAGES = tuple(dict.fromkeys(stage for stage, _ in _STAGES.values()))


def ball(requisitions: pd.DataFrame, events: pd.DataFrame, timezone: str = "UTC") -> pd.DataFrame:
    """Tell for every day of a filled opening whose turn it was, along the way of the person hired.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.
    timezone : str
        Time zone of the local times.

    Returns
    -------
    pandas.DataFrame
        One row per filled opening and stage: requisition_id, hiring_manager_id, respondent_id (the hiring manager
        again), department, location, level, stage, holder (manager, recruiter, candidate, or "nobody: date agreed"),
        days (elapsed; 0 where the stage did not occur). The days of an opening add up to its time to fill.

    Notes
    -----
    The last event on the way of the person hired says whose turn it is: after the opening and after a CV was sent the
    manager's, after the intake, a reviewed CV or feedback the recruiter's, after the offer the candidate's. An intake
    after the CV was sent does not count. Waits for candidates who were not hired do not appear.
    """
    names = ", ".join(f"'{event}'" for event in [*_STAGES, "offer_accepted"])
    steps = query(
        f"""
        WITH accepted AS (
            SELECT requisition_id, max("at") AS accepted_at, arg_max(candidate_id, "at") AS hired_id
            FROM events WHERE event = 'offer_accepted' GROUP BY ALL),
        turned AS (SELECT requisition_id, max("at") AS reopened_at FROM events WHERE event = 'reopened' GROUP BY ALL),
        way AS (
            SELECT e.requisition_id, e.event, e."at", accepted_at,
                min(e."at") FILTER (e.event = 'cv_sent') OVER (PARTITION BY e.requisition_id) AS sent_at
            FROM events e JOIN accepted USING (requisition_id)
            WHERE e."at" <= accepted_at AND e.event IN ({names})
              AND (e.candidate_id = hired_id OR e.event = 'intake_held')
            UNION ALL
            SELECT requisition_id, 'opening', coalesce(approved_at, opened_at), accepted_at, NULL
            FROM requisitions JOIN accepted USING (requisition_id))
        SELECT requisition_id, hiring_manager_id, department, location, level, event, "at",
            lead("at") OVER (PARTITION BY requisition_id ORDER BY "at", event = 'offer_accepted') AS until,
            min("at") OVER (PARTITION BY requisition_id) < coalesce(approved_at, opened_at) AS backwards
        FROM way JOIN requisitions USING (requisition_id) LEFT JOIN turned USING (requisition_id)
        WHERE (event <> 'intake_held' OR sent_at IS NULL OR "at" < sent_at)
          AND (reopened_at IS NULL OR accepted_at >= reopened_at)
        ORDER BY requisition_id, "at"
        """,
        requisitions=requisitions,
        events=events,
    )
    steps = steps[steps["until"].notna() & ~steps["backwards"].fillna(True).astype(bool)]
    steps = steps.assign(
        stage=steps["event"].map({event: stage for event, (stage, _) in _STAGES.items()}),
        days=_days(steps["at"], steps["until"], timezone),
    )
    known = ["hiring_manager_id", "department", "location", "level"]
    table = steps.pivot_table(index="requisition_id", columns="stage", values="days", aggfunc="sum")
    table = table.reindex(columns=STAGES).fillna(0.0)
    long = table.rename_axis(columns="stage").stack().rename("days").reset_index()
    about = steps.drop_duplicates("requisition_id").set_index("requisition_id")[known]
    long = long.join(about, on="requisition_id")
    long["respondent_id"] = long["hiring_manager_id"]
    long["holder"] = long["stage"].map(dict(_STAGES.values()))
    return long[["requisition_id", "hiring_manager_id", "respondent_id", *known[1:], "stage", "holder", "days"]]


def impossible(openings: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Count what the records cannot mean; such durations enter no figure.

    Parameters
    ----------
    openings, waits : pandas.DataFrame
        As :func:`openings` and :func:`waits` return them.

    Returns
    -------
    pandas.DataFrame
        One row per metric and problem that occurs: metric, label, problem, count (durations), of (durations of that
        metric, with and without problems), respondents (distinct hiring managers).
    """
    every = pd.concat([waits, openings.assign(wait="time_to_fill")], ignore_index=True)
    sizes = every.groupby("wait").size()
    found = (
        every[every["problem"] != ""]
        .groupby(["wait", "problem"])
        .agg(count=("requisition_id", "size"), respondents=("respondent_id", "nunique"))
        .reset_index()
        .rename(columns={"wait": "metric"})
    )
    found.insert(1, "label", found["metric"].map(LABELS))
    found.insert(4, "of", found["metric"].map(sizes))
    return found


def summary(
    openings: pd.DataFrame, waits: pd.DataFrame, interviews: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """Compute every metric of :data:`DEFINITIONS`.

    Parameters
    ----------
    openings, waits, interviews : pandas.DataFrame
        As the functions of the same names return them.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per metric; for "in_time" one row per wait. Columns: metric, of (the wait, for "in_time"), label,
        estimate, low, high, unit (days, per cent or interviews), finished (median of finished durations alone, days),
        business (the same in business days, for waits), done (finished durations), running (waits not finished),
        respondents (distinct hiring managers), clusters, observations, method, note.

    Notes
    -----
    Durations: the median by Kaplan-Meier, which uses running waits for as long as they ran; beside it the median of
    finished ones alone, which is what most tools show and which is too short whenever slow ones are still running.
    Shares: Wilson intervals at the effective sample size, means: CR2 (see ``clustered``). Clusters are hiring
    managers; rows without one are left out. Time to hire and age exist for hires and open requisitions only, so that
    nothing is censored in them.
    """
    openings = openings[openings["problem"] == ""]
    waits = waits.loc[waits["problem"] == "", _FIGURES]  # millions of rows: texts that no figure needs stay behind
    durations = [_duration(kind, waits[waits["wait"] == kind], confidence) for kind, *_ in _WAITS]
    filled = openings.assign(done=openings["end"] == FILLED)
    durations.append(_duration("time_to_fill", filled, confidence))
    hired = openings.assign(days=openings["days_to_hire"], done=True).dropna(subset=["days"])
    durations.append(_duration("time_to_hire", hired, confidence))
    durations.append(_duration("age", openings[openings["end"] == OPEN].assign(done=True), confidence))

    promised = waits[waits["in_time"].notna()]
    shares = [
        _share("in_time", promised[promised["wait"] == kind], "in_time", confidence) | {"of": kind}
        for kind in ("intake", "brief", "shortlist", "cv_review", "feedback")
    ]
    intakes = waits[waits["wait"] == "intake"]
    shares.append(_share("intake_held", intakes, "done", confidence))
    shares += [_share(name, interviews, name, confidence) for name in ("accepted", "declined", "rescheduled", "missed")]
    answered = waits[(waits["wait"] == "offer_decision") & waits["done"]]
    answered = answered.assign(yes=answered["ended_by"] == "offer_accepted")
    shares.append(_share("offer_acceptance", answered, "yes", confidence))
    shares.append(_share("reopened", openings, "reopened", confidence))
    shares.append(_share("cancelled", openings.assign(gone=openings["end"] == CANCELLED), "gone", confidence))

    hires = openings[openings["end"] == FILLED]
    means = [
        _mean("interviews_per_hire", hires, "interviews", confidence),
        _mean("rounds", hires, "rounds", confidence),
    ]
    found = pd.DataFrame(durations + shares + means)
    found["label"] = found["metric"].map(LABELS)
    found["of"] = found["of"].fillna("")
    order = ["metric", "of", "label", "estimate", "low", "high", "unit", "finished", "business", "done", "running"]
    return found[[*order, "respondents", "clusters", "observations", "method", "note"]]


_CLUSTER = "hiring_manager_id"
_FIGURES = ["wait", _CLUSTER, "respondent_id", "ended_by", "done", "days", "business_days", "in_time"]
_PER_HIRE = (("interviews_per_hire", "interviews"), ("rounds", "rounds"))


def _duration(metric: str, rows: pd.DataFrame, confidence: float) -> dict[str, object]:
    rows = rows[rows[_CLUSTER].notna() & rows["days"].notna()]
    done = rows["done"].astype(bool)
    found = survival.quantile_time(rows, "days", "done", cluster=_CLUSTER, confidence=confidence).iloc[0].to_dict()
    if rows.empty:
        found["note"] = cannot_tell("no such events are recorded")
    kept = ("estimate", "low", "high", "respondents", "clusters", "observations", "method", "note")
    return {name: found[name] for name in kept} | {
        "metric": metric,
        "unit": "days",
        "finished": rows.loc[done, "days"].median(),
        "business": rows.loc[done, "business_days"].median() if "business_days" in rows else np.nan,
        "done": int(done.sum()),
        "running": int((~done).sum()),
    }


def _share(metric: str, rows: pd.DataFrame, flag: str, confidence: float) -> dict[str, object]:
    rows = rows[rows[_CLUSTER].notna()].assign(_flag=rows[flag].astype(float))
    found = clustered.proportion(rows, "_flag", _CLUSTER, confidence=confidence).iloc[0].to_dict()
    scaled = {name: 100 * found[name] for name in ("estimate", "low", "high")}
    kept = ("respondents", "clusters", "observations", "method", "note")
    return scaled | {name: found[name] for name in kept} | {"metric": metric, "unit": "per cent"}


def _mean(metric: str, rows: pd.DataFrame, value: str, confidence: float) -> dict[str, object]:
    found = clustered.mean(rows[rows[_CLUSTER].notna()], value, _CLUSTER, confidence=confidence).iloc[0].to_dict()
    kept = ("estimate", "low", "high", "respondents", "clusters", "observations", "method", "note")
    return {name: found[name] for name in kept} | {"metric": metric, "unit": "interviews"}


# --- time -----------------------------------------------------------------------------------------------------------


def _end_of(day: datetime.date) -> pd.Timestamp:
    return pd.Timestamp(day) + pd.Timedelta(days=1)


def _instants(times: pd.Series, timezone: str) -> pd.Series:
    """Local times as instants. The second passing of an hour counts as the first; a skipped time moves forward."""
    first = np.ones(len(times), bool)
    return times.dt.tz_localize(timezone, ambiguous=first, nonexistent="shift_forward")


def _days(start: pd.Series, end: pd.Series, timezone: str) -> pd.Series:
    """Elapsed days between local times."""
    return (_instants(end, timezone) - _instants(start, timezone)).dt.total_seconds() / 86400


def _business_days(start: pd.Series, end: pd.Series, holidays: Sequence[datetime.date | str]) -> pd.Series:
    """Business days from the start day to the end day; 0 on the same day."""
    try:
        closed = np.array([datetime.date.fromisoformat(str(day)) for day in holidays], "datetime64[D]")
    except ValueError:
        raise ValueError(f"holidays holds {list(holidays)}; expected dates such as 2026-01-01") from None
    both = (start.notna() & end.notna()).to_numpy()
    found = np.full(len(start), np.nan)
    first, last = (times[both].to_numpy().astype("datetime64[D]") for times in (start, end))
    found[both] = np.busday_count(first, last, holidays=closed)
    return pd.Series(found, index=start.index)


def _promised(found: pd.DataFrame, service_levels: Mapping[str, float]) -> pd.Series:
    """When a wait should have ended that has no agreed time of its own."""
    promise = (found["due_at"] - found["started_at"]).groupby(found["wait"]).median()
    agreed = pd.Series({wait: pd.Timedelta(days=days) for wait, days in service_levels.items()}, dtype=promise.dtype)
    level = found["wait"].map(promise.combine_first(agreed)).astype("timedelta64[us]")
    return found["started_at"] + level


def _in_time(found: pd.DataFrame, fine: pd.Series) -> pd.Series:
    """True or False where an agreed time exists and has come; missing elsewhere."""
    kept = found["done"] & (found["ended_at"] <= found["due_at"])
    broken = (found["done"] & (found["ended_at"] > found["due_at"])) | (
        ~found["done"] & (found["stopped_at"] > found["due_at"])
    )
    return pd.Series(pd.NA, index=found.index, dtype="boolean").mask(fine & kept, True).mask(fine & broken, False)
