"""What happened in hiring, as tidy rows: openings, waits, interviews, and whose turn it was.

Everything is built from two tables: requisitions (openings) and hiring events. What the rows amount to is computed by
:mod:`helpers.analysis.hiring.metrics`, where each figure is defined.

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

import numpy as np
import pandas as pd

from helpers.analysis.hiring.metrics import FILLED, HOLDERS, LABELS, OPEN, UNKNOWN, UNTOLD, WAITS
from helpers.analysis.hiring.recorded import Recorded
from helpers.analysis.methods.counts import because
from helpers.analysis.methods.people import People
from helpers.data.query import identifier, query, quoted
from helpers.data.tables import TABLES

#: Events after which a candidate no longer waits for anyone.
LEFT = ("candidate_withdrawn", "candidate_rejected", "offer_declined")
BACKWARDS = "ends before it starts"
NO_START = "no start recorded"


def openings(
    requisitions: pd.DataFrame,
    events: pd.DataFrame,
    as_of: datetime.date,
    timezone: str = "UTC",
    recorded: Recorded | None = None,
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
    recorded : Recorded, optional
        What the records hold; None: everything, so that what is not there did not happen.

    Returns
    -------
    pandas.DataFrame
        One row per requisition, in their order: requisition_id, hiring_manager_id, respondent_id (the hiring manager
        again: the person whose hiring each row describes), recruiter_id, department, location, level, opened_at,
        approved_at, started_at (approval, else request), ended_at, end (filled, cancelled, on_hold, unknown or empty:
        open), days (elapsed, until the end or the day of the study; missing when it ends before it starts), month (of
        started_at), hired_id (candidate), days_to_hire (application to acceptance of the person hired), interviews,
        rounds, reopened (these three missing where they are not recorded), lost_after (days from which on it would not
        be recorded that the opening is filled; 0: never was; missing: always is), problem (empty, or what is wrong).

    Notes
    -----
    Filled is an opening with an accepted offer that was not re-opened afterwards; it ends with the last such offer.
    Otherwise ``closed_at`` and ``close_reason`` tell; otherwise a cancellation that was not followed by re-opening.
    What was closed for no reason given ended in a way unknown; so did, perhaps, what shows no end where neither
    accepted offers nor days of closing are recorded.
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
            WHERE event IN ('applied', 'interview_held') GROUP BY ALL),
        walked AS (SELECT DISTINCT requisition_id, TRUE AS walked FROM events
                   WHERE candidate_id IS NOT NULL AND event NOT LIKE 'offer%')
        SELECT requisition_id, hiring_manager_id, recruiter_id, department, location, level, opened_at, approved_at,
            coalesce(approved_at, opened_at) AS started_at,
            CASE WHEN accepted_at IS NOT NULL THEN accepted_at
                 WHEN close_reason IS NOT NULL THEN closed_at
                 ELSE coalesce(cancelled_at, gone_at) END AS ended_at,
            CASE WHEN accepted_at IS NOT NULL THEN 'filled'
                 WHEN close_reason IS NOT NULL THEN close_reason
                 WHEN cancelled_at IS NOT NULL THEN 'cancelled'
                 WHEN gone_at IS NOT NULL THEN 'unknown' ELSE '' END AS "end",
            hired_id, applied_at, accepted_at, coalesce(interviews, 0) AS interviews,
            CASE WHEN hired_id IS NOT NULL THEN coalesce(rounds, 0) END AS rounds,
            reopened_at IS NOT NULL AS reopened, coalesce(walked, FALSE) AS walked
        FROM (SELECT *, CASE WHEN reopened_at IS NULL OR closed_at > reopened_at THEN closed_at END AS gone_at
              FROM opening LEFT JOIN turned USING (requisition_id)) LEFT JOIN told USING (requisition_id)
            LEFT JOIN hired USING (requisition_id) LEFT JOIN walked USING (requisition_id)
        ORDER BY place
        """,
        **_declared(requisitions, events),
    )
    found["days"] = _days(found["started_at"], found["ended_at"].fillna(until), timezone)
    found["days_to_hire"] = _days(found["applied_at"], found["accepted_at"], timezone)
    found["month"] = found["started_at"].dt.strftime("%Y-%m")
    found["problem"] = np.where(found["days"] < 0, BACKWARDS, "")
    for name in ("days", "days_to_hire"):
        found[name] = found[name].where(found[name] >= 0)
    found["lost_after"] = np.nan
    if recorded is not None:
        found = _as_recorded(found, recorded, until, timezone)
    found.insert(2, "respondent_id", found["hiring_manager_id"])
    return found.drop(columns=["applied_at", "accepted_at", "walked"])


def _as_recorded(found: pd.DataFrame, recorded: Recorded, until: pd.Timestamp, timezone: str) -> pd.DataFrame:
    """Take back of openings what the records do not hold."""
    requisition, started = found["requisition_id"], found["started_at"]
    ended = found["ended_at"].fillna(until)

    def missing(*kinds: str) -> pd.Series:
        return recorded.missing(kinds, requisition, started, ended)

    # Openings are filled when an offer is accepted; where no source says when, when they were closed as filled.
    tells = ("close_reason",) if recorded.never(("offer_accepted",)) else ("offer_accepted",)
    before = _days(started, recorded.cut(tells, requisition, started), timezone)
    lost = before.mask(recorded.missing(tells, requisition, started), 0.0).where(missing(*tells))
    unseen = (found["end"] == OPEN) & missing("offer_accepted") & missing("closed_at")
    # Nobody is hired without a step: where a filled opening shows none of any candidate, none was recorded.
    meetings = missing("interview_held") | (found["end"].eq(FILLED) & ~found["walked"])
    return found.assign(
        end=found["end"].mask(unseen, UNKNOWN),
        lost_after=lost,
        interviews=found["interviews"].astype(float).mask(meetings),
        rounds=found["rounds"].astype(float).mask(meetings),
        reopened=found["reopened"].astype("boolean").mask(missing("reopened")),
    )


def waits(
    requisitions: pd.DataFrame,
    events: pd.DataFrame,
    as_of: datetime.date,
    timezone: str = "UTC",
    holidays: Sequence[datetime.date | str] = (),
    service_levels: Mapping[str, float] | None = None,
    recorded: Recorded | None = None,
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
    recorded : Recorded, optional
        What the records hold. Waits that begin where their start or end is not recorded are left out, and what runs
        into such a stretch was watched until it begins. None: everything is recorded.

    Returns
    -------
    pandas.DataFrame
        One row per wait: wait (a metric of :data:`helpers.analysis.hiring.metrics.DEFINITIONS`), requisition_id,
        candidate_id,
        hiring_manager_id, respondent_id (the hiring manager again), recruiter_id, department, location, level, holder
        (manager, recruiter, candidate or empty), rated_id (of whom the wait tells: the recruiter where it is the
        recruiter's turn, else the hiring manager), started_at, ended_at, ended_by (event), done (bool), days (elapsed,
        until the end or until nobody waited any more), business_days (whole days, done waits only), due_at, in_time
        (True, False; missing where no time was agreed or it had not come), problem (empty, or what is wrong; such rows
        have no days and count nowhere).

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
    kinds = "\nUNION ALL\n".join(_wait_query(*kind) for kind in WAITS)
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
        **_declared(requisitions, events),
    )
    if recorded is not None:
        found = _recorded_waits(found, recorded)
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
    found["rated_id"] = _told_of(found)
    order = ["started_at", "ended_at", "ended_by", "done", "days", "business_days", "due_at", "in_time", "problem"]
    return found[[*found.columns[:10], "rated_id", *order]]


def _recorded_waits(found: pd.DataFrame, recorded: Recorded) -> pd.DataFrame:
    """Leave out waits whose start or end is not recorded, and cut those that run into such a stretch."""
    gone = pd.Series(False, index=found.index)
    cut = pd.Series(pd.NaT, index=found.index, dtype=found["started_at"].dtype)
    for name, start, ends, _ in WAITS:
        rows = found[found["wait"] == name]
        began = rows["started_at"].fillna(rows["ended_at"])
        gone |= recorded.missing((start, *ends), rows["requisition_id"], began).reindex(found.index, fill_value=False)
        cut = cut.fillna(recorded.cut(ends, rows["requisition_id"], rows["started_at"]))
    found, cut = found[~gone].reset_index(drop=True), cut[~gone].reset_index(drop=True)
    over = found["ended_at"].fillna(found["stopped_at"]) > cut
    found = found.assign(stopped_at=found["stopped_at"].mask(over, cut), ended_by=found["ended_by"].mask(over))
    return found.assign(ended_at=found["ended_at"].mask(over), due_at=found["due_at"].mask(over))


def _declared(requisitions: pd.DataFrame, events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables with the columns that queries speak of; others might go by the name of a result."""
    given = {"requisitions": requisitions, "events": events}
    declared = {"requisitions": TABLES["requisitions"].columns, "events": TABLES["hiring_events"].columns}
    return {name: table[[column for column in declared[name] if column in table]] for name, table in given.items()}


def _wait_query(name: str, start: str, ends: Sequence[str], of_candidate: bool) -> str:
    """SQL of one kind of wait: count the starts so far; a turn is a start and what follows until the next."""
    candidate = "candidate_id" if of_candidate else "NULL"
    stops = LEFT if of_candidate else ()
    listed = ", ".join(map(quoted, ends))
    events = ", ".join(map(quoted, dict.fromkeys([start, *ends, *stops])))
    left = ", ".join(quoted(event) for event in stops if event not in ends) or "''"
    start = quoted(start)
    return f"""
        SELECT {quoted(name)} AS wait, requisition_id, candidate_id,
            min("at") FILTER (event = {start}) AS started_at,
            coalesce(min("at") FILTER (event IN ({listed}) AND turn > 0),
                     min("at") FILTER (event IN ({listed}))) AS ended_at,
            coalesce(arg_min(event, "at") FILTER (event IN ({listed}) AND turn > 0),
                     arg_min(event, "at") FILTER (event IN ({listed}))) AS ended_by,
            coalesce(arg_min(due_at, "at") FILTER (event IN ({listed}) AND turn > 0),
                     arg_min(due_at, "at") FILTER (event IN ({listed}))) AS due_at,
            min("at") FILTER (event IN ({left}) AND turn > 0) AS left_at
        FROM (SELECT requisition_id, {candidate} AS candidate_id, event, "at", due_at,
                  count(*) FILTER (event = {start}) OVER (
                      PARTITION BY requisition_id, {candidate} ORDER BY "at", event <> {start}
                      ROWS UNBOUNDED PRECEDING) AS turn
              FROM all_events WHERE event IN ({events}))
        GROUP BY requisition_id, candidate_id, greatest(turn, 1)
        -- of an opening, the first intake and the first shortlist count
        HAVING (count(*) FILTER (event = {start} OR event IN ({listed})) > 0)
            {"" if of_candidate else "AND min(greatest(turn, 1)) = 1"}"""


def interviews(requisitions: pd.DataFrame, events: pd.DataFrame, recorded: Recorded | None = None) -> pd.DataFrame:
    """List every scheduled interview and what became of it.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.
    recorded : Recorded, optional
        What the records hold; None: everything.

    Returns
    -------
    pandas.DataFrame
        One row per scheduled interview: requisition_id, candidate_id, hiring_manager_id, respondent_id (the hiring
        manager again), department, location, level, scheduled_at, and whether it was accepted, declined, rescheduled,
        missed, held before the next one of the same candidate was scheduled (missing where that is not recorded).
    """
    told = ("accepted", "declined", "rescheduled", "missed", "held")
    flags = ", ".join(f"bool_or(event = {quoted(f'interview_{name}')}) AS {identifier(name)}" for name in told)
    found = query(
        f"""
        SELECT requisition_id, candidate_id, hiring_manager_id, department, location, level, scheduled_at,
            {", ".join(map(identifier, told))}
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
        **_declared(requisitions, events),
    )
    found.insert(3, "respondent_id", found["hiring_manager_id"])
    if recorded is None:
        return found
    for name in told:
        unknown = recorded.missing((f"interview_{name}",), found["requisition_id"], found["scheduled_at"])
        found[name] = found[name].astype("boolean").mask(unknown)
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
#: Place of each event on that way; events 4 to 7 are a round of interviews and may come again.
_PLACE = {
    "opening": 0, "intake_held": 1, "cv_sent": 2, "cv_reviewed": 3, "interview_scheduled": 4, "interview_missed": 5,
    "interview_declined": 5, "interview_held": 6, "feedback_given": 7, "offer_extended": 8, "offer_accepted": 9,
}  # fmt: skip
_ROUND = (4, 7)


def turns(
    requisitions: pd.DataFrame, events: pd.DataFrame, timezone: str = "UTC", recorded: Recorded | None = None
) -> pd.DataFrame:
    """Tell for every day of a filled opening whose turn it was, along the way of the person hired.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        The tables ``requisitions`` and ``hiring_events`` of a study.
    timezone : str
        Time zone of the local times.
    recorded : Recorded, optional
        What the records hold; None: everything.

    Returns
    -------
    pandas.DataFrame
        One row per filled opening and stage: requisition_id, hiring_manager_id, respondent_id (the hiring manager
        again), department, location, level, stage, holder (manager, recruiter, candidate, or "nobody: date agreed"),
        rated_id (as :func:`waits` returns it), days (elapsed; 0 where the stage did not occur, missing where the
        records do not tell how long it lasted). Days of which they do not tell whose turn it was are those of the stage
        :data:`~helpers.analysis.hiring.metrics.UNTOLD`. The days of an opening add up to its time to fill.

    Notes
    -----
    The last event on the way of the person hired says whose turn it is: after the opening and after a CV was sent the
    manager's, after the intake, a reviewed CV or feedback the recruiter's, after the offer the candidate's. An intake
    after the CV was sent does not count. Waits for candidates who were not hired do not appear. What is not recorded is
    taken to have come, if at all, in the usual order: intake, CV sent, CV reviewed, rounds of interviews, offer.
    """
    names = ", ".join(map(quoted, [*_STAGES, "offer_accepted"]))
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
        SELECT requisition_id, hiring_manager_id, recruiter_id, department, location, level, event, "at",
            lead("at") OVER (PARTITION BY requisition_id ORDER BY "at", event = 'offer_accepted') AS until,
            lead(event) OVER (PARTITION BY requisition_id ORDER BY "at", event = 'offer_accepted') AS next_event,
            min("at") OVER (PARTITION BY requisition_id) < coalesce(approved_at, opened_at) AS backwards
        FROM way JOIN requisitions USING (requisition_id) LEFT JOIN turned USING (requisition_id)
        WHERE (event <> 'intake_held' OR sent_at IS NULL OR "at" < sent_at)
          AND (reopened_at IS NULL OR accepted_at >= reopened_at)
        ORDER BY requisition_id, "at"
        """,
        **_declared(requisitions, events),
    )
    steps = steps[steps["until"].notna() & ~steps["backwards"].fillna(True).astype(bool)]
    steps = steps.assign(
        stage=steps["event"].map({event: stage for event, (stage, _) in _STAGES.items()}),
        days=_days(steps["at"], steps["until"], timezone),
    )
    known = ["hiring_manager_id", "recruiter_id", "department", "location", "level"]
    hidden = _hidden(steps, recorded) if recorded is not None else pd.DataFrame(index=steps.index)
    untold = hidden.any(axis=1)
    steps["stage"] = steps["stage"].mask(untold, UNTOLD)
    table = steps.pivot_table(index="requisition_id", columns="stage", values="days", aggfunc="sum")
    table = table.reindex(columns=[*STAGES, UNTOLD] if untold.any() else STAGES).fillna(0.0)
    for stage in hidden:
        concerned = table.index.isin(steps.loc[hidden[stage], "requisition_id"])
        table[UNTOLD] += table[stage].where(concerned, 0.0)
        table[stage] = table[stage].mask(concerned)
    long = table.rename_axis(columns="stage").stack(future_stack=True).rename("days").reset_index()
    about = steps.drop_duplicates("requisition_id").set_index("requisition_id")[known]
    long = long.join(about, on="requisition_id")
    long["respondent_id"] = long["hiring_manager_id"]
    long["holder"] = long["stage"].map(dict(_STAGES.values()) | {UNTOLD: UNTOLD.lower()})
    long["rated_id"] = _told_of(long)
    order = ["department", "location", "level", "stage", "holder", "rated_id", "days"]
    return long[["requisition_id", "hiring_manager_id", "respondent_id", *order]]


def _hidden(steps: pd.DataFrame, recorded: Recorded) -> pd.DataFrame:
    """Tell for every stretch between two events which stages lie in it unseen, one column per stage.

    What may have happened between the two events lies between their places, or, where the second comes no later on the
    way, in the rest of one round of interviews and the beginning of the next.
    """
    hidden: dict[str, pd.Series] = {}
    # After an interview that did not take place, the next one is to be arranged, as after a review.
    here = steps["event"].map(_PLACE).mask(steps["event"].isin(["interview_missed", "interview_declined"]), 3)
    there = steps["next_event"].map(_PLACE)
    again = there <= here
    for kind, place in _PLACE.items():
        in_round = _ROUND[0] <= place <= _ROUND[1]
        between = (again & in_round & ((place > here) | (place < there))) | (~again & (here < place) & (place < there))
        lost = between & recorded.missing((kind,), steps["requisition_id"], steps["at"], steps["until"])
        for at in steps.loc[lost, "event"].unique():
            for stage in {_STAGES[at][0], _STAGES[kind][0]}:
                old = hidden.get(stage, pd.Series(False, index=steps.index))
                hidden[stage] = old | (lost & (steps["event"] == at))
    return pd.DataFrame(hidden, index=steps.index)


def _told_of(rows: pd.DataFrame) -> pd.Series:
    """Return whom each wait tells of. Where no opening names its recruiter, all may be those of one."""
    recruiters = rows["recruiter_id"] if rows["recruiter_id"].notna().any() else rows["recruiter_id"].fillna("unknown")
    return rows["hiring_manager_id"].mask(rows["holder"].eq("recruiter"), recruiters)


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
    wrong = every[every["problem"] != ""]
    rows = [
        {"metric": wait, "problem": problem, "count": len(part), "respondents": part["respondent_id"].nunique()}
        | {"people": People(part, value=problem)}
        for (wait, problem), part in wrong.groupby(["wait", "problem"])
    ]
    found = pd.DataFrame(rows, columns=["metric", "problem", "count", "respondents", "people"])
    found.insert(1, "label", found["metric"].map(LABELS))
    found.insert(4, "of", found["metric"].map(sizes))
    return because(found, "No duration in the records runs backwards, and none lacks its start.")


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
    if found.empty:  # pandas knows no median of no durations
        return found["due_at"]
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
