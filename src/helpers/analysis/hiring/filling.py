"""Does early engagement go with faster filling: openings that can be compared, and what a model of them assumes.

The model itself is statsmodels' Cox regression, written where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from statsmodels.duration.hazard_regression import PHReg, PHRegResults

from helpers.analysis.hiring import engagement
from helpers.analysis.hiring.metrics import CANCELLED, CLOSED, ENDS, FILLED, LABELS, OPEN, UNKNOWN, followed
from helpers.analysis.methods import survival, units
from helpers.analysis.methods.counts import because, require
from helpers.rounding import rounded

#: Groups by the share of early actions done in time, each with its lowest share.
GROUPS = {"All early actions in time": 1.0, "Half or more": 0.5, "Fewer than half": 0.0}

TOO_FEW = "Fewer than {} openings with early actions are recorded to have lasted beyond the landmark."
NONE_FILLED = "No opening that lasted beyond the landmark is recorded as filled."
NOT_COMPARED = "The openings that lasted beyond the landmark are too few, or too much alike, to be compared."
NO_STEPS = "No early step of managers is recorded, so early engagement cannot be told."
NOT_WATCHED = "No opening was watched for {} days after the landmark, so vacant days cannot be compared."


def after_landmark(
    openings: pd.DataFrame, waits: pd.DataFrame, landmark: float, fewest: int, steps: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Take the openings that lasted beyond a landmark and had early actions, from that day on.

    Parameters
    ----------
    openings, waits : pandas.DataFrame
        As ``records.openings`` and ``records.waits`` return them.
    landmark : float
        Days from approval in which early engagement is read.
    fewest : int
        Openings below which nothing can be compared (the study's ``min_model_n``).
    steps : pandas.DataFrame, optional
        Which steps are recorded in each opening; see :func:`helpers.analysis.hiring.engagement.early_actions`.

    Returns
    -------
    pandas.DataFrame
        What :func:`helpers.analysis.hiring.engagement.early_actions` returns, for openings with a manager and an early
        action, followed for as long as fillings are recorded, with ``landmark``, ``engagement`` (the name of its group
        in :data:`GROUPS`) and ``filled`` (1 or 0); most engaged first. No rows where there are fewer, or none was
        filled. The ``attrs["absent"]`` of this frame and of all that is made of it say why there may be none.
    """
    openings = _followed(openings)
    early = engagement.early_actions(openings, waits, days=landmark, steps=steps)
    early = early.dropna(subset=["early", "hiring_manager_id"]).sort_values("early", ascending=False, kind="stable")
    group = pd.Series("", index=early.index)
    for name, lowest in GROUPS.items():
        group = group.mask((group == "") & (early["early"] >= lowest), name)
    filled = (early["end"] == FILLED).astype(float)
    early = early.assign(landmark=landmark, engagement=group, filled=filled).reset_index(drop=True)
    if not early.attrs["actions"]:
        return because(early[:0], NO_STEPS)
    if len(early) < fewest:
        return because(early[:0], TOO_FEW.format(fewest))
    if not early["filled"].any():
        return because(early[:0], NONE_FILLED)
    return because(early, NOT_COMPARED)


def early_steps(early: pd.DataFrame) -> str:
    """Say which early steps count, where not all are recorded.

    Parameters
    ----------
    early : pandas.DataFrame
        As :func:`after_landmark` returns it.

    Returns
    -------
    str
        A sentence; empty where all count.
    """
    named = _some(early)
    return f"Early steps are these alone, because the others are not recorded everywhere: {named}." if named else ""


def steps_taken(early: pd.DataFrame) -> str:
    """Say what those openings have in common whose managers did everything early, as a clause.

    Parameters
    ----------
    early : pandas.DataFrame
        As :func:`after_landmark` returns it.

    Returns
    -------
    str
        "all early steps are done in time"; where not all are recorded, those that are.
    """
    named = _some(early)
    return f"the early steps on record ({named}) are done in time" if named else "all early steps are done in time"


def _some(early: pd.DataFrame) -> str:
    """Name the early steps that count where not all are recorded; empty where all do."""
    held = early.attrs.get("actions", [])
    return " and ".join(LABELS[step].lower() for step in held) if len(held) < len(engagement.EARLY) else ""


def _followed(openings: pd.DataFrame) -> pd.DataFrame:
    """Follow openings while fillings are recorded; one that shows no end, though it may have had one, is open."""
    if "lost_after" not in openings:
        return openings
    found = followed(openings)
    return found.assign(end=found["end"].mask((found["end"] == UNKNOWN) & found["ended_at"].isna(), OPEN))


def watched(openings: pd.DataFrame) -> pd.DataFrame:
    """Take the openings that were watched for some time, for a model of how fast they are filled.

    Parameters
    ----------
    openings : pandas.DataFrame
        As ``records.openings`` returns them.

    Returns
    -------
    pandas.DataFrame
        Those without a problem, for as long as fillings are recorded, with ``filled`` (1 or 0) and ``what`` ("Filling
        rate").
    """
    openings = _followed(openings)
    kept = openings[(openings["problem"] == "") & openings["days"].notna()]
    return kept.assign(filled=(kept["end"] == FILLED).astype(float), what="Filling rate")


def still_open(early: pd.DataFrame, horizon: float, confidence: float = 0.95) -> pd.DataFrame:
    """Follow the share of openings not filled yet, by early engagement.

    Parameters
    ----------
    early : pandas.DataFrame
        As :func:`after_landmark` returns it.
    horizon : float
        Days to follow, from the landmark.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and day: engagement, day, estimate, low, high (per cent), respondents (hiring managers), and
        the rest of :func:`helpers.analysis.methods.survival.kaplan_meier`; clusters are hiring managers.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> early = after_landmark(hiring.openings, hiring.waits, 14, 100, hiring.steps)
    >>> still_open(early, 120)[["engagement", "time", "estimate", "low", "high"]].iloc[1:3].round()
                      engagement  time  estimate   low  high
    1  All early actions in time  10.0      84.0  80.0  87.0
    2  All early actions in time  20.0      67.0  62.0  72.0
    """
    days = np.linspace(0, horizon, 13).round().tolist()
    found = survival.kaplan_meier(
        early, "days_after", "end", by=["engagement"], cluster=engagement.MANAGER, at=days, cause=FILLED,
        confidence=confidence,
    )  # fmt: skip
    return units.per_cent(found).assign(day=found["time"].astype(int)) if len(found) else early[:0]


def days_occupied(early: pd.DataFrame, horizon: float) -> pd.DataFrame:
    """Compute for every opening the days up to the horizon in which it is not vacant, fit for a linear model.

    Parameters
    ----------
    early, horizon
        As for :func:`still_open`.

    Returns
    -------
    pandas.DataFrame
        The openings with ``occupied``: the horizon less the pseudo-value of
        :func:`helpers.analysis.methods.survival.restricted_mean_values`. No rows where none was watched up to the
        horizon.
    """
    vacant = survival.restricted_mean_values(early, "days_after", "end", horizon, cause=FILLED)
    found = early.assign(occupied=horizon - vacant).dropna(subset=["occupied"])
    return because(found, NOT_WATCHED.format(f"{horizon:g}")) if len(early) else found


def ends(early: pd.DataFrame, horizon: float, confidence: float = 0.95) -> pd.DataFrame:
    """Set the shares of openings filled and cancelled side by side, by early engagement.

    Parameters
    ----------
    early, horizon, confidence
        As for :func:`still_open`.

    Returns
    -------
    pandas.DataFrame
        One row per end and group: cause (in words), engagement, estimate, low, high (per cent by the horizon),
        respondents (hiring managers), and the rest of :func:`helpers.analysis.methods.survival.cumulative_incidence`.

    Examples
    --------
    >>> from helpers.analysis.hiring.hiring_records import HiringRecords
    >>> from helpers.data import Study
    >>> hiring = HiringRecords.of(Study.load("data/sample"))
    >>> early = after_landmark(hiring.openings, hiring.waits, 14, 100, hiring.steps)
    >>> ends(early, 120)[["engagement", "estimate", "low", "high"]].head(2).round()
                      engagement  estimate   low  high
    0  All early actions in time      86.0  82.0  89.0
    1               Half or more      79.0  74.0  84.0
    """
    require(early, ["days_after", "end", "engagement", engagement.MANAGER])
    closed = CLOSED if early["end"].eq(CLOSED).any() else CANCELLED
    known = early[early["end"] == CLOSED]
    words = ENDS | ({CLOSED: known["outcome"].iloc[0]} if len(known) and "outcome" in known else {})
    parts = [
        survival.cumulative_incidence(
            early, "days_after", "end", by=["engagement"], cluster=engagement.MANAGER, at=[horizon], cause=cause,
            confidence=confidence,
        ).assign(cause=words[cause])
        for cause in (FILLED, closed)
        if cause == FILLED or early["end"].eq(closed).any()  # none may be none that is recorded
    ]  # fmt: skip
    return units.per_cent(pd.concat(parts, ignore_index=True)) if len(early) else early


def drift(models: Mapping[object, PHReg | PHRegResults], cluster: str) -> pd.DataFrame:
    """Test whether hazard ratios stay the same as openings grow older.

    Parameters
    ----------
    models : mapping
        Cox models of statsmodels, by landmark.
    cluster : str
        Column that names the cluster.

    Returns
    -------
    pandas.DataFrame
        See :func:`helpers.analysis.methods.survival.proportional_hazards`; with ``landmark``. No rows without a model.
    """
    parts = [survival.proportional_hazards(model, cluster).assign(landmark=day) for day, model in models.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["term", "statistic", "p_value"])


def over_time(models: Mapping[object, PHReg | PHRegResults], term: str, cluster: str) -> pd.DataFrame:
    """Describe how a hazard ratio moves as openings grow older.

    Parameters
    ----------
    models : mapping
        Cox models of statsmodels, by landmark.
    term : str
        The term whose ratio is followed.
    cluster : str
        Column that names the cluster.

    Returns
    -------
    pandas.DataFrame
        See :func:`helpers.analysis.methods.survival.hazard_ratio_over_time`, with estimate, low and high as ratios,
        ``period`` ("day 0 to 11") and ``landmark``. No rows without a model, or where the term does not vary in it.
    """
    parts = []
    for day, model in models.items():
        fit = survival.cox_of(model, cluster, leave_out=False)
        if term in fit.terms:
            moving = survival.hazard_ratio_over_time(fit, term)
            period = [f"day {rounded(row.start):.0f} to {rounded(row.end):.0f}" for row in moving.itertuples()]
            parts.append(units.ratios(moving).assign(period=period, landmark=day))
    nothing = because(pd.DataFrame(), "There is no hazard ratio of early engagement to follow over time.")
    return pd.concat(parts, ignore_index=True) if parts else nothing
