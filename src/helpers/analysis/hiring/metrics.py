"""What is measured in hiring: every figure with a written definition, and the figures themselves.

What has not happened yet counts as a wait that is still running (censored), never as done. Durations that end before
they start enter no figure.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from helpers.analysis.hiring.recorded import RARE, Recorded
from helpers.analysis.methods import clustered, survival, units
from helpers.analysis.methods.counts import because, cannot_tell, people, require
from helpers.columns import ALIKE
from helpers.rounding import rounded

#: How an opening can have ended; empty: it is open.
FILLED, CANCELLED, ON_HOLD, OPEN = "filled", "cancelled", "on_hold", ""
#: Closed for no reason that is recorded, or seen neither open nor closed.
UNKNOWN = "unknown"
#: Ends that too few managers had to be told apart.
CLOSED = "cancelled_or_on_hold"
#: Stage of the days of which the records do not tell whose turn it was.
UNTOLD = "Not recorded"


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
WAITS = (
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

    Examples
    --------
    >>> definitions().set_index("metric").loc["feedback", ["label", "unit", "holder"]].tolist()
    ['Interview to feedback', 'days', 'manager']
    """
    return pd.DataFrame([asdict(item) for item in DEFINITIONS])


#: Kinds of events on which each figure rests, all of which a source must hold.
RESTS_ON = {
    **{name: tuple(kind for kind in (start, *ends) if kind != "opening") for name, start, ends, _ in WAITS},
    "time_to_hire": ("applied", "offer_accepted"),
    "intake_held": ("intake_held",),
    **{
        name: ("interview_scheduled", f"interview_{name}") for name in ("accepted", "declined", "rescheduled", "missed")
    },
    "interviews_per_hire": ("interview_held",),
    "rounds": ("interview_held",),
    "offer_acceptance": ("offer_extended", "offer_accepted", "offer_declined"),
    "reopened": ("reopened",),
    "cancelled": ("cancelled",),
    "age": ("unfilled",),
}
FEW_REASONS = "{} of {} openings were closed, and it is not recorded why"
#: What time to fill is where no source records accepted offers.
TO_CLOSING = "Time to fill (until closed as filled: accepted offers are not recorded)"


def followed(openings: pd.DataFrame) -> pd.DataFrame:
    """Follow openings for as long as it is recorded whether they are filled.

    Parameters
    ----------
    openings : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.openings` returns them.

    Returns
    -------
    pandas.DataFrame
        The openings; those that run into a time in which fillings are not recorded are open, and watched until then.
        Those that begin in such a time have no days.
    """
    if "lost_after" not in openings:
        return openings
    lost = openings["lost_after"]
    over = openings["days"] > lost
    days = openings["days"].mask(over, lost).mask(lost <= 0)
    return openings.assign(days=days, end=openings["end"].mask(over, OPEN))


def summary(
    openings: pd.DataFrame,
    waits: pd.DataFrame,
    interviews: pd.DataFrame,
    confidence: float = 0.95,
    recorded: Recorded | None = None,
) -> pd.DataFrame:
    """Compute every metric of :data:`DEFINITIONS`.

    Parameters
    ----------
    openings, waits, interviews : pandas.DataFrame
        As the functions of the same names in :mod:`helpers.analysis.hiring.records` return them.
    confidence : float
        Confidence level of the intervals, between 0 and 1.
    recorded : Recorded, optional
        What the records hold: what no source records has no row. None: everything.

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
    nothing is censored in them. In time to fill, openings cancelled or put on hold are censored: it is the time that
    openings take that stay wanted. The share cancelled cannot be told where more than one closed opening in twenty
    shows no reason.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> found = summary(hiring.openings, hiring.waits, hiring.interviews)
    >>> found[["metric", "estimate", "low", "high"]].head(2).round(2)
       metric  estimate  low  high
    0  intake      2.68  2.4  2.89
    1   brief      3.11  2.8  3.32
    """
    require(openings, ["problem", "end", "days_to_hire"])
    require(waits, ["problem", *_FIGURES])
    openings = openings[openings["problem"] == ""]
    waits = waits.loc[waits["problem"] == "", _FIGURES]  # millions of rows: texts that no figure needs stay behind
    durations = [_duration(kind, waits[waits["wait"] == kind], confidence) for kind, *_ in WAITS]
    filled = followed(openings).assign(done=lambda rows: rows["end"] == FILLED)
    durations.append(_duration("time_to_fill", filled, confidence))
    hired = openings.assign(days=openings["days_to_hire"], done=True).dropna(subset=["days"])
    durations.append(_duration("time_to_hire", hired, confidence))
    still = openings[openings["end"] == OPEN].assign(done=True)
    if recorded is not None:
        still = still[~recorded.missing(("unfilled",), still["requisition_id"], still["started_at"])]
    durations.append(_duration("age", still, confidence))

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
    gone = openings["end"].isin([CANCELLED, CLOSED]).astype("boolean")
    if recorded is not None:
        gone = gone.mask(recorded.missing(("cancelled",), openings["requisition_id"], openings["started_at"]))
    shares.append(_share("cancelled", openings.assign(gone=gone), "gone", confidence))
    unknown, closed = openings["end"].eq(UNKNOWN).sum(), openings["end"].ne(OPEN).sum()
    if unknown > RARE * closed:
        why = cannot_tell(FEW_REASONS.format(unknown, len(openings)))
        shares[-1] |= dict.fromkeys(("estimate", "low", "high"), np.nan) | {"note": why}
    if "outcome" in openings and openings["outcome"].isin([NOT_FILLED, NOT_FILLED_OR_UNKNOWN]).any():
        shares[-1] |= dict.fromkeys(("estimate", "low", "high"), np.nan) | {"note": cannot_tell(TOO_FEW_CLOSED)}

    hires = openings[openings["end"] == FILLED]
    means = [
        _mean("interviews_per_hire", hires, "interviews", confidence),
        _mean("rounds", hires, "rounds", confidence),
    ]
    found = pd.DataFrame(durations + shares + means)
    found["label"] = found["metric"].map(LABELS)
    if openings["end"].eq(CLOSED).any():
        found["label"] = found["label"].mask(found["metric"] == "cancelled", "Openings cancelled or put on hold")
    found["of"] = found["of"].fillna("")
    if recorded is not None:
        of = found["of"].where(found["of"] != "", found["metric"])
        found = found[[not recorded.never(RESTS_ON.get(name, ())) for name in of]]
        if recorded.never(("offer_accepted",)):
            found["label"] = found["label"].mask(found["metric"] == "time_to_fill", TO_CLOSING)
            if recorded.never(("close_reason",)):
                found = found[found["metric"] != "time_to_fill"]
        found = found.reset_index(drop=True)
    order = ["metric", "of", "label", "estimate", "low", "high", "unit", "finished", "business", "done", "running"]
    return found[[*order, "respondents", "clusters", "people", "observations", "method", "note"]]


#: What became of openings, in words, in the order of a table.
ENDS = {
    FILLED: "Filled",
    CANCELLED: "Cancelled",
    ON_HOLD: "Put on hold",
    CLOSED: "Cancelled or put on hold",
    UNKNOWN: "Closed, outcome not recorded",
    OPEN: "Open",
}
#: The same where openings that show no end may have had one, and where an end unknown is taken together with others.
UNSEEN = "Outcome not recorded"
CLOSED_OR_UNKNOWN = "Cancelled, put on hold or outcome not recorded"
#: The same of openings that are open, where too few managers had any cancelled or put on hold.
NOT_FILLED = "Open, cancelled or put on hold"
#: What is open where no source says of any opening that it was closed unfilled.
OPEN_OR_UNKNOWN = "Open, or closed without a record"
NOT_FILLED_OR_UNKNOWN = "Open, cancelled, put on hold or outcome not recorded"
TOO_FEW_CLOSED = "openings cancelled or put on hold are those of too few managers to be told from open ones"


def told_apart(openings: pd.DataFrame, minimum: int, closings: bool = True) -> pd.DataFrame:
    """Take ends together that too few managers had, before anything is counted by them.

    All openings, those filled and those open are counted in many figures. What is left over is then known too, and must
    not be the openings of a few managers.

    Parameters
    ----------
    openings : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.openings` returns them.
    minimum : int
        Fewest managers who may be told of (the study's ``min_group``).
    closings : bool
        Whether openings closed unfilled are recorded; see :attr:`.recorded.Recorded.closings`.

    Returns
    -------
    pandas.DataFrame
        The openings with ``outcome`` (the end in words). Where fewer managers than the minimum, but some, had openings
        cancelled, put on hold, or ended in a way not recorded, the end of all of these is :data:`CLOSED`. Where fewer
        had any of them, these openings count as open and as watched until they were closed (outcome
        :data:`NOT_FILLED`, as of all that are open).
    """
    apart = [CANCELLED, ON_HOLD, UNKNOWN]
    managers = openings.groupby("end")[_CLUSTER].nunique().reindex(apart, fill_value=0)
    end, closed = openings["end"], openings["end"].isin(apart)
    unknown = end.eq(UNKNOWN)
    words = ENDS | {
        UNKNOWN: UNSEEN if unknown.any() and openings.loc[unknown, "ended_at"].isna().any() else ENDS[UNKNOWN]
    }
    words |= {} if closings else {OPEN: OPEN_OR_UNKNOWN}
    if not managers.between(1, minimum - 1).any():
        return openings.assign(outcome=end.map(words))
    if openings.loc[closed, _CLUSTER].nunique() < minimum:
        words |= {OPEN: NOT_FILLED_OR_UNKNOWN if unknown.any() else NOT_FILLED}
        end = end.mask(closed, OPEN)
    else:
        words |= {CLOSED: CLOSED_OR_UNKNOWN if unknown.any() else ENDS[CLOSED]}
        end = end.mask(closed, CLOSED)
    return openings.assign(end=end, outcome=end.map(words))


def ends(openings: pd.DataFrame) -> pd.DataFrame:
    """Count what became of openings.

    Parameters
    ----------
    openings : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.openings` or :func:`told_apart` returns them.

    Returns
    -------
    pandas.DataFrame
        One row per end that occurs: end (in words), openings, share (per cent of all), respondents (distinct hiring
        managers), people.
    """
    outcome = openings["outcome"] if "outcome" in openings else openings["end"].map(ENDS)
    every = [*ENDS.values(), OPEN_OR_UNKNOWN, UNSEEN, CLOSED_OR_UNKNOWN, NOT_FILLED, NOT_FILLED_OR_UNKNOWN]
    parts = {words: openings[outcome == words] for words in every}
    rows = [
        {"end": words, "openings": len(part), "share": 100 * len(part) / len(openings)} | people(part, value=words)
        for words, part in parts.items()
        if len(part)
    ]
    return pd.DataFrame(rows, columns=["end", "openings", "share", "respondents", "people"])


def shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Take the shares from all figures, and say whose promise each tells of.

    Parameters
    ----------
    figures : pandas.DataFrame
        As :func:`summary` returns them.

    Returns
    -------
    pandas.DataFrame
        The figures in per cent with ``whose`` (manager, recruiter, or others: candidates and the organisation); the
        label of a wait done in time names the wait.
    """
    found = figures[figures["unit"] == "per cent"]
    label = found["label"].mask(found["of"] != "", found["of"].map(LABELS) + ": done in time")
    of_others = found["metric"].isin(["offer_acceptance", "reopened", "cancelled"])
    whose = np.select([found["of"] == "shortlist", of_others], ["recruiter", "others"], "manager")
    # That no opening was re-opened, say, is no answer of anybody.
    note = found["note"].mask(of_others & found["note"].str.startswith(ALIKE), "")
    return found.assign(label=label, whose=whose, note=note)


def stages(turns: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the mean days of each stage on the way of the person hired.

    Parameters
    ----------
    turns : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.turns` returns them, with a hiring manager.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per stage, in their order: stage, holder, estimate, low, high (days), respondents (hiring managers),
        clusters, observations, method, note. The estimates add up to the mean time to fill where all is recorded;
        otherwise each is a mean over the openings in which its days are known, and one that never are has no row.

    Notes
    -----
    See :func:`helpers.analysis.methods.clustered.mean`; clusters are hiring managers.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> stages(hiring.turns)[["stage", "estimate", "low", "high"]].head(2).round(1)
                    stage  estimate  low  high
    0              Intake       2.6  2.5   2.7
    1  Finding candidates       1.5  1.4   1.7
    """
    require(turns, ["days", "stage", "holder", _CLUSTER])
    turns = turns[turns["days"].notna()]
    if turns.empty:
        return turns
    return clustered.mean(turns, "days", _CLUSTER, by=["stage", "holder"], confidence=confidence)


NO_TURNS = "Too little is recorded on the way of the persons hired to say whose turn it was."


def untold(turns: pd.DataFrame) -> str:
    """Say for what part of the days the records do not tell whose turn it was.

    Parameters
    ----------
    turns : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.turns` returns them.

    Returns
    -------
    str
        A sentence; empty where they tell it of every day.
    """
    days = turns.groupby("stage")["days"].sum()
    if not days.get(UNTOLD, 0):
        return ""
    part = 100 * days[UNTOLD] / days.sum()
    return (
        f"For {rounded(part):.0f} per cent of the days it cannot be said whose turn it was, because what happened then "
        "is not recorded. They are left out, and so are openings wherever some of the days in question lie among them."
    )


def turn_shares(turns: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate for how large a part of an opening it is whose turn.

    Parameters
    ----------
    turns, confidence
        As for :func:`stages`.

    Returns
    -------
    pandas.DataFrame
        One row per holder, the largest part first: holder (in words), estimate, low, high (per cent of the days of an
        opening, mean over the openings in which all days of the holder are known), respondents (hiring managers),
        clusters, observations, method, note. No rows where no opening was filled, or every one on its first day; none
        for a holder of whom some days are unknown in every opening, and none for days of which nothing is known.

    Notes
    -----
    See :func:`helpers.analysis.methods.clustered.proportion`; clusters are hiring managers.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> turn_shares(hiring.turns)[["holder", "estimate", "low", "high"]].round()
                    holder  estimate   low  high
    3            Recruiter      72.0  70.0  73.0
    1              Manager      16.0  15.0  18.0
    2  Nobody: date agreed      10.0   9.0  10.0
    0            Candidate       2.0   2.0   2.0
    """
    require(turns, ["requisition_id", "days", "holder", _CLUSTER])
    whole = turns.groupby("requisition_id")["days"].transform("sum")
    parts = turns.assign(share=turns["days"] / whole.where(whole > 0))[whole > 0]
    key = [name for name in ("requisition_id", _CLUSTER, "respondent_id", "rated_id", "holder") if name in parts]
    told = parts[parts["stage"] != UNTOLD] if "stage" in parts else parts
    unknown = told["share"].isna().groupby([told[name] for name in key], dropna=False).transform("any")
    parts = told[~unknown].groupby(key, as_index=False, dropna=False)["share"].sum()
    if parts.empty:
        on_one_day = "Every opening was filled on the day it began, so there are no days to divide."
        on_one_day = NO_TURNS if len(told) else on_one_day
        return because(parts, str(turns.attrs.get("absent", "")) if turns.empty else on_one_day)
    parts["share"] = parts["share"].clip(upper=1)
    found = clustered.proportion(parts, "share", _CLUSTER, by=["holder"], confidence=confidence)
    found = found.assign(holder=found["holder"].str.capitalize())
    return units.per_cent(found).sort_values("estimate", ascending=False)


def own_waits(waits: pd.DataFrame, figures: pd.DataFrame, manager: str) -> pd.DataFrame:
    """Set one manager's waits beside those of all managers. Personal data.

    Parameters
    ----------
    waits : pandas.DataFrame
        As :func:`helpers.analysis.hiring.records.waits` returns them.
    figures : pandas.DataFrame
        As :func:`summary` returns them, protected.
    manager : str
        Id of the manager.

    Returns
    -------
    pandas.DataFrame
        One row per wait in which it is the manager's turn and that is recorded: wait, estimate (median days, running
        waits included), observations, events (waits that ended), kept (per cent in time), all, all_kept (the same two
        over all managers), people (those managers), manager, label.
    """
    kinds = [item.metric for item in DEFINITIONS if item.holder == "manager" and item.metric in set(figures["metric"])]
    own = waits[(waits[_CLUSTER] == manager) & waits["wait"].isin(kinds) & waits["days"].notna()]
    found = survival.quantile_time(own, "days", "done", by=["wait"]) if len(own) else pd.DataFrame(columns=["wait"])
    found = found.set_index("wait").reindex(index=kinds, columns=["estimate", "observations", "events"])
    found["kept"] = 100 * own.groupby("wait")["in_time"].mean().astype(float)
    shared = figures.assign(wait=figures["of"].where(figures["metric"] == "in_time", figures["metric"]))
    shared = shared[shared["wait"].isin(kinds)].dropna(subset="unit")  # what is hidden has lost its unit
    shared = shared.pivot(index="wait", columns="unit", values="estimate").reindex(columns=["days", "per cent"])
    found["all"], found["all_kept"] = shared["days"], shared["per cent"]
    found["people"] = figures[figures["metric"] == "in_time"].set_index("of")["people"]
    found[["observations", "events"]] = found[["observations", "events"]].fillna(0)
    return found.reset_index().assign(manager=manager, label=lambda frame: frame["wait"].map(LABELS))


_CLUSTER = "hiring_manager_id"
_FIGURES = [
    "wait",
    _CLUSTER,
    "respondent_id",
    "rated_id",
    "requisition_id",
    "ended_by",
    "done",
    "days",
    "business_days",
    "in_time",
]


def _duration(metric: str, rows: pd.DataFrame, confidence: float) -> dict[str, object]:
    rows = rows[rows[_CLUSTER].notna() & rows["days"].notna()]
    done = rows["done"].astype(bool)
    found = survival.quantile_time(rows, "days", "done", cluster=_CLUSTER, confidence=confidence).iloc[0].to_dict()
    if rows.empty:
        found["note"] = cannot_tell("no such events are recorded")
    kept = ("estimate", "low", "high", "respondents", "clusters", "people", "observations", "method", "note")
    return {name: found[name] for name in kept} | {
        "metric": metric,
        "unit": "days",
        "finished": rows.loc[done, "days"].median(),
        "business": rows.loc[done, "business_days"].median() if "business_days" in rows else np.nan,
        "done": int(done.sum()),
        "running": int((~done).sum()),
    }


def _share(metric: str, rows: pd.DataFrame, flag: str, confidence: float) -> dict[str, object]:
    rows = rows[rows[_CLUSTER].notna()].assign(**{metric: rows[flag].astype(float)})
    found = clustered.proportion(rows, metric, _CLUSTER, confidence=confidence).iloc[0].to_dict()
    scaled = {name: 100 * found[name] for name in ("estimate", "low", "high")}
    kept = ("respondents", "clusters", "people", "observations", "method", "note")
    return scaled | {name: found[name] for name in kept} | {"metric": metric, "unit": "per cent"}


def _mean(metric: str, rows: pd.DataFrame, value: str, confidence: float) -> dict[str, object]:
    found = clustered.mean(rows[rows[_CLUSTER].notna()], value, _CLUSTER, confidence=confidence).iloc[0].to_dict()
    kept = ("estimate", "low", "high", "respondents", "clusters", "people", "observations", "method", "note")
    return {name: found[name] for name in kept} | {"metric": metric, "unit": "interviews"}
