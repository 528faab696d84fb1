"""Time until something happens, when for some it has not happened yet: filling an opening, answering a candidate.

Leaving out what is still open, or counting it as done today, makes hiring look faster than it is. The estimators here
use every opening for as long as it was watched. All of them take rows with a duration, what ended it, and a cluster
(the hiring manager): openings of one manager are not independent.

What ended a duration is a column that holds True or False, 1 or 0, or words; empty words, False, 0 and missing values
mean that the end was not seen (censored). Where there are several kinds of end (filled, cancelled), ``cause`` names
the one of interest.

Notes
-----
At the distinct end times t_j with Y_j openings at risk, of which d_j end for any reason and d1_j for the cause of
interest, the Kaplan-Meier estimate is S(t) = prod (1 - d_j / Y_j) and the Aalen-Johansen cumulative incidence
F(t) = sum S(t_(j-1)) d1_j / Y_j. Variances come from the infinitesimal jackknife: the derivative of the estimate with
respect to each opening's weight, summed within clusters, squared and summed over the G clusters, times G / (G - 1).
When every opening is its own cluster and without that factor, this is Greenwood's variance. Intervals are those of
log(-log S), with t quantiles on G - 1 degrees of freedom (normal quantiles without clusters).

Assumption throughout: those no longer watched would have gone on like those still watched.

References
----------
Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. *Journal of the American
Statistical Association*, 53, 457-481.

Aalen, O. O. & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
observations. *Scandinavian Journal of Statistics*, 5, 141-150.

Therneau, T. M. & Grambsch, P. M. (2000). *Modeling Survival Data: Extending the Cox Model*. Springer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg, PHRegResults

from helpers.analysis.methods import jackknife
from helpers.analysis.methods.clustered import sample
from helpers.analysis.methods.counts import cannot_tell, groups, people, require
from helpers.analysis.methods.people import People
from helpers.rounding import rounded

KAPLAN_MEIER = "Kaplan-Meier, log-log interval"
AALEN_JOHANSEN = "cumulative incidence (Aalen-Johansen), log-log interval"
COX = "Cox regression, Efron ties"
ROBUST = ", cluster-robust"
LEFT_OUT = ", leaving out one cluster at a time"

FEW_CLUSTERS = "fewer than 2 clusters"
#: Clusters below which a Cox model's variance comes from leaving out one at a time.
FEW = 50
_VALUES = ("estimate", "standard_error", "low", "high")


# --- curves ---------------------------------------------------------------------------------------------------------


def _ended(values: pd.Series, cause: object) -> np.ndarray:
    """0 where the end was not seen, 1 for the cause of interest, 2 for another end."""
    seen = ~(values.isna() | values.isin([False, 0, ""]))
    of_interest = values.astype(bool) if cause is True else values == cause
    return np.where(~seen, 0, np.where(of_interest.fillna(False), 1, 2))


class _Curve:
    """Aalen-Johansen estimate F with the influence of every row; with one cause, one less Kaplan-Meier.

    ``times`` are the distinct end times and ``share`` is F there. Everything else is indexed by end time, with a 0 in
    front for rows that were watched for less than the first one.
    """

    def __init__(self, duration: np.ndarray, ended: np.ndarray) -> None:
        self.times = np.unique(duration[ended > 0])
        count = len(self.times)
        self.ended = ended
        self.place = np.searchsorted(self.times, duration, side="right")  # end times passed; the last is place - 1
        at_risk = len(duration) - np.cumsum(np.bincount(self.place, minlength=count + 1))[:count]
        ends, causes = (np.bincount(self.place[rows] - 1, minlength=count) for rows in (ended > 0, ended == 1))
        self.before = np.r_[1.0, np.cumprod(1 - ends / at_risk)][:count]
        self.at_risk, self.causes = at_risk, causes
        self.step = self.before * causes / at_risk
        self.share = np.cumsum(self.step)
        left = at_risk - ends  # nobody is left after the last end, and nothing changes any more
        self.lost = np.r_[0.0, np.cumsum(np.divide(ends, at_risk * left, out=np.zeros(count), where=left > 0))]
        self.own = np.r_[0.0, np.divide(1.0, left, out=np.zeros(count), where=left > 0)]

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of sum(weight x steps of F) with respect to the weight of each row.

        With weight 1 up to a time and 0 afterwards this is the influence on F at that time.
        """

        def summed(values: np.ndarray) -> np.ndarray:
            return np.r_[0.0, np.cumsum(weight * values)]

        ended_here = np.r_[0.0, weight * self.before / self.at_risk][self.place] * (self.ended == 1)
        expected = summed(self.step / self.at_risk) - summed(self.lost[:-1] * self.step)
        weighted = summed(self.step)
        lost = self.own[self.place] * (self.ended > 0) - self.lost[self.place]
        return ended_here - expected[self.place] - lost * (weighted[-1] - weighted[self.place])

    def errors(self, passed: Sequence[int] | np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
        """Standard errors of F after each of some numbers of end times."""
        order = np.arange(len(self.times))
        return np.array([_standard_error(self.influence((order < count) * 1.0), cluster) for count in passed])


def _standard_error(influence: np.ndarray, cluster: np.ndarray | None) -> float:
    """Square root of the summed squares of the clusters' influences; clusters are codes from 0."""
    if cluster is None:
        return float(np.sqrt(influence @ influence))
    sums = np.bincount(cluster, weights=influence)
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums))) if len(sums) > 1 else np.nan


def _quantile(confidence: float, cluster: np.ndarray | None) -> float:
    if cluster is None:
        return stats.norm.ppf(0.5 + confidence / 2)
    return stats.t.ppf(0.5 + confidence / 2, max(cluster.max(initial=0), 1))


def _log_log(still: np.ndarray, error: np.ndarray, quantile: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a share through log(-log); missing where the share is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(-np.log(still))
        half = quantile * error / np.abs(still * np.log(still))
        low, high = np.exp(-np.exp(centre + half)), np.exp(-np.exp(centre - half))
    inside = (still > 0) & (still < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _usable(frame: pd.DataFrame, duration: str, event: str, cluster: str | None) -> pd.DataFrame:
    require(frame, filter(None, (duration, event, cluster)))
    used = frame[frame[duration].notna() & (frame[cluster].notna() if cluster else True)]
    if (used[duration] < 0).any():
        raise ValueError(f"column {duration} holds negative durations; list and leave them out first")
    return used


def _codes(frame: pd.DataFrame, cluster: str | None) -> np.ndarray | None:
    return pd.factorize(frame[cluster])[0] if cluster else None


def _counts(frame: pd.DataFrame, cluster: str | None, value: str, additive: bool = True) -> dict[str, Any]:
    return people(frame, cluster or "", value=value, additive=additive) | {"observations": len(frame)}


def _still_watched(frame: pd.DataFrame, duration: str, at: np.ndarray) -> np.ndarray:
    """Distinct people (rows, when no column names them) with something still watched at each time."""
    longest = frame.groupby("respondent_id")[duration].max() if "respondent_id" in frame else frame[duration]
    longest = np.sort(longest.to_numpy(float))
    return len(longest) - np.searchsorted(longest, at, side="left")


def kaplan_meier(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    by: Sequence[str] = (),
    cluster: str | None = None,
    at: Sequence[float] | None = None,
    cause: object = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share for whom it has not happened yet, over time.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per opening (or whatever is waited for).
    duration : str
        Column of durations, at least 0, in any unit; missing values are left out.
    event : str
        Column that says what ended each duration; see the module.
    by : sequence of str
        Columns that form the groups.
    cluster : str, optional
        Column that names the cluster. Without one, rows count as independent.
    at : sequence of float, optional
        Times to report; every time at which something ended, when absent.
    cause : object
        The end of interest. Other ends count as no longer watched: the curve then answers what would be if they did
        not exist. Use :func:`cumulative_incidence` for what does happen.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and time: the columns of ``by``, time (unit of the duration), estimate, standard_error, low,
        high (shares, 0 to 1), at_risk (rows still watched just before), respondents (distinct people still watched),
        clusters, observations (rows of the group), method, note. Low and high are missing where the share is 0 or 1.

    Raises
    ------
    ValueError
        If a column is absent or a duration is negative.

    Notes
    -----
    See the module for formulas and sources.

    Examples
    --------
    >>> import pandas as pd
    >>> openings = pd.DataFrame({
    ...     "days": [12, 20, 31, 45, 60, 38, 25, 90],
    ...     "end": ["filled", "filled", "cancelled", "filled", "", "filled", "filled", ""],
    ...     "manager": list("aabbccdd"),
    ... })
    >>> found = kaplan_meier(openings, "days", "end", cluster="manager", at=[30, 60], cause="filled")
    >>> found[["time", "estimate", "low", "high", "at_risk"]].round(2)
       time  estimate   low  high  at_risk
    0  30.0      0.62  0.00  0.97        5
    1  60.0      0.31  0.02  0.69        2
    """
    return _curves(frame, duration, event, by, cluster, at, cause, confidence, falling=True)


def cumulative_incidence(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    by: Sequence[str] = (),
    cluster: str | None = None,
    at: Sequence[float] | None = None,
    cause: object = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share for whom the cause has come by each time, in a world where other ends happen too.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per opening (or whatever is waited for).
    duration : str
        Column of durations, at least 0, in any unit; missing values are left out.
    event : str
        Column that says what ended each duration; see the module.
    by : sequence of str
        Columns that form the groups.
    cluster : str, optional
        Column that names the cluster. Without one, rows count as independent.
    at : sequence of float, optional
        Times to report; every time at which something ended, when absent.
    cause : object
        The end of interest, for instance ``"filled"`` while ``"cancelled"`` openings are never filled any more.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`kaplan_meier`, with the share for whom the cause has come; respondents are all people of the group.

    Raises
    ------
    ValueError
        If a column is absent or a duration is negative.

    Notes
    -----
    One less Kaplan-Meier is too large wherever other ends exist: it counts cancelled openings as openings that may
    still be filled. See the module for formulas and sources.

    Examples
    --------
    >>> import pandas as pd
    >>> openings = pd.DataFrame({
    ...     "days": [12, 20, 31, 45, 60, 38, 25, 90],
    ...     "end": ["filled", "filled", "cancelled", "filled", "", "filled", "filled", ""],
    ...     "manager": list("aabbccdd"),
    ... })
    >>> found = cumulative_incidence(openings, "days", "end", cluster="manager", at=[30, 60], cause="filled")
    >>> found[["time", "estimate", "low", "high"]].round(2)
       time  estimate   low  high
    0  30.0      0.38  0.03  1.00
    1  60.0      0.62  0.28  0.94
    """
    return _curves(frame, duration, event, by, cluster, at, cause, confidence, falling=False)


def _curves(
    frame: pd.DataFrame, duration: str, event: str, by: Sequence[str], cluster: str | None,
    at: Sequence[float] | None, cause: object, confidence: float, falling: bool,
) -> pd.DataFrame:  # fmt: skip
    parts = []
    for labels, part in groups(_usable(frame, duration, event, cluster), by):
        found = _group_curve(part, duration, event, cluster, at, cause, confidence, falling)
        parts.append(found.assign(**labels)[[*labels, *found.columns]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*by, "time", *_VALUES])


def _group_curve(
    part: pd.DataFrame, duration: str, event: str, cluster: str | None,
    at: Sequence[float] | None, cause: object, confidence: float, falling: bool,
) -> pd.DataFrame:  # fmt: skip
    watched, ended, codes = part[duration].to_numpy(float), _ended(part[event], cause), _codes(part, cluster)
    curve = _Curve(watched, np.where(ended == 2, 0, ended) if falling else ended)
    times = curve.times if at is None else np.asarray(at, float)
    last = watched.max(initial=0.0)
    passed = np.searchsorted(curve.times, times, side="right")
    share = np.where(times > last, np.nan, np.r_[0.0, curve.share][passed])
    error = np.where(times > last, np.nan, curve.errors(passed, codes))
    low, high = _log_log(1 - share, error, _quantile(confidence, codes))
    share, low, high = (1 - share, low, high) if falling else (share, 1 - high, 1 - low)
    counts = _counts(part, cluster, f"{duration} to {event}")
    method = (KAPLAN_MEIER if falling else AALEN_JOHANSEN) + (ROBUST if cluster else "")
    beyond = cannot_tell(f"nothing was watched for longer than {last:g}")
    return pd.DataFrame(
        {
            "time": times,
            "estimate": share,
            "standard_error": error,
            "low": low,
            "high": high,
            "at_risk": len(watched) - np.searchsorted(np.sort(watched), times, side="left"),
            **(counts | ({"respondents": _still_watched(part, duration, times)} if falling else {})),
            "method": method,
            "note": np.where(times > last, beyond, ""),
        }
    )


def quantile_time(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    by: Sequence[str] = (),
    cluster: str | None = None,
    share: float = 0.5,
    cause: object = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate after what time it has happened for a share of all, the median by default.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per opening (or whatever is waited for).
    duration : str
        Column of durations, at least 0, in any unit; missing values are left out.
    event : str
        Column that says what ended each duration; see the module.
    by : sequence of str
        Columns that form the groups.
    cluster : str, optional
        Column that names the cluster. Without one, rows count as independent.
    share : float
        Share for whom it has happened, between 0 and 1.
    cause : object
        The end of interest. Other ends count as no longer watched.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (unit of the duration), respondents, clusters,
        observations, events (rows whose end was seen), method, note. An end of the interval that lies beyond the
        last time watched is missing, and the note says so.

    Raises
    ------
    ValueError
        If a column is absent or a duration is negative.

    Notes
    -----
    The time at which the Kaplan-Meier curve falls below 1 - share (the middle, where it is level there); the interval
    begins and ends where the lower and the upper end of the curve's interval fall below it, found by bisection.

    References
    ----------
    Brookmeyer, R. & Crowley, J. (1982). A confidence interval for the median survival time. *Biometrics*, 38, 29-41.

    Examples
    --------
    >>> import pandas as pd
    >>> openings = pd.DataFrame({
    ...     "days": [12, 20, 31, 45, 60, 38, 25, 90],
    ...     "end": ["filled", "filled", "cancelled", "filled", "", "filled", "filled", ""],
    ...     "manager": list("aabbccdd"),
    ... })
    >>> quantile_time(openings, "days", "end", cause="filled")[["estimate", "low", "high", "events"]]
       estimate   low  high  events
    0      38.0  12.0   NaN       5
    """
    rows = []
    for labels, part in groups(_usable(frame, duration, event, cluster), by):
        ended = np.where(_ended(part[event], cause) == 1, 1, 0)
        codes = _codes(part, cluster)
        curve = _Curve(part[duration].to_numpy(float), ended)
        found = dict.fromkeys(("estimate", "low", "high"), _crossing(curve, share))
        note = ""
        if np.isnan(found["estimate"]):
            reached = curve.share[-1] if len(curve.share) else 0.0
            note = cannot_tell(f"it has happened for {rounded(100 * reached):.0f} % by the end of observation")
        elif codes is not None and codes.max() < 1:
            found, note = dict.fromkeys(found, np.nan), cannot_tell(FEW_CLUSTERS)
        else:
            quantile = _quantile(confidence, codes)
            found["low"], found["high"] = (_limit_crossing(curve, share, codes, quantile, end) for end in (0, 1))
        if not note and np.isnan(found["high"]):
            note = "the upper end of the interval lies beyond the last time observed"
        counts = _counts(part, cluster, duration, additive=False) | {"events": int(ended.sum())}
        method = f"{KAPLAN_MEIER} inverted{ROBUST if cluster else ''}"
        rows.append(labels | found | counts | {"method": method, "note": note})
    return pd.DataFrame(rows)


def _crossing(curve: _Curve, share: float) -> float:
    """Time at which F goes beyond a share; the middle of the stretch where it equals it."""
    beyond = np.searchsorted(curve.share, share + 1e-9, side="right")
    equal = np.searchsorted(curve.share, share - 1e-9, side="left")
    if equal == len(curve.share):
        return np.nan
    return float((curve.times[equal] + curve.times[beyond if beyond < len(curve.times) else equal]) / 2)


def _limit_crossing(curve: _Curve, share: float, cluster: np.ndarray | None, quantile: float, end: int) -> float:
    """First time at which an end of the interval of 1 - F (0: lower, 1: upper) goes below 1 - share, by bisection."""

    def below(place: int) -> bool:
        still = 1 - curve.share[place]
        limit = _log_log(np.array([still]), curve.errors([place + 1], cluster), quantile)[end][0]
        return bool(limit < 1 - share - 1e-9) if np.isfinite(limit) else bool(still < 0.5)

    first, last = 0, len(curve.times)
    while first < last:
        middle = (first + last) // 2
        first, last = (first, middle) if below(middle) else (middle + 1, last)
    return float(curve.times[first]) if first < len(curve.times) else np.nan


# --- restricted mean ------------------------------------------------------------------------------------------------


def _area(curve: _Curve, horizon: float) -> tuple[float, np.ndarray]:
    """Area under one less the share up to a horizon, and the influence of every row on it."""
    width = np.maximum(horizon - curve.times, 0.0)
    return float(horizon - curve.step @ width), -curve.influence(width)


def _reached(watched: np.ndarray, ended: np.ndarray, horizon: float) -> bool:
    """Whether anything was watched up to the horizon, or the longest to its end."""
    return bool(len(watched)) and bool(watched.max() >= horizon or ended[watched == watched.max()].all())


def restricted_mean_values(
    frame: pd.DataFrame, duration: str, event: str, horizon: float, cause: object = True
) -> pd.Series:
    """Return a value per row whose mean is the restricted mean, so that ordinary regression can adjust for others.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per opening (or whatever is waited for).
    duration : str
        Column of durations, at least 0, in any unit; rows without one get a missing value.
    event : str
        Column that says what ended each duration; see the module.
    horizon : float
        Longest time counted, in the unit of the duration. What has not come by then counts as the horizon; so does
        what can no longer come (a cancelled opening is never filled).
    cause : object
        The end of interest.

    Returns
    -------
    pandas.Series
        Pseudo-values in the unit of the duration, indexed as the frame; all missing when nothing was watched up to
        the horizon. Single values may lie below 0 or above the horizon and mean nothing by themselves.

    Raises
    ------
    ValueError
        If a column is absent, a duration is negative, or the horizon is not above 0.

    Notes
    -----
    Restricted mean + n x influence of the row, the restricted mean being the area under 1 - F up to the horizon, where
    F is the cumulative incidence of the cause. Regressing them by least squares gives differences in days that are
    adjusted and cluster-robust (:func:`helpers.analysis.methods.few_clusters.few_clusters`). Assumption: how long an
    opening is watched does not depend on the predictors.

    References
    ----------
    Andersen, P. K., Hansen, M. G. & Klein, J. P. (2004). Regression analysis of restricted mean survival time based
    on pseudo-observations. *Lifetime Data Analysis*, 10, 335-350.

    Royston, P. & Parmar, M. K. B. (2013). Restricted mean survival time: an alternative to the hazard ratio. *BMC
    Medical Research Methodology*, 13, 152.

    Parner, E. T., Andersen, P. K. & Overgaard, M. (2023). Regression models for censored time-to-event data using
    infinitesimal jack-knife pseudo-observations. *Lifetime Data Analysis*, 29, 654-671.

    Examples
    --------
    >>> import pandas as pd
    >>> openings = pd.DataFrame({
    ...     "days": [12, 20, 31, 45, 60, 38, 25, 90],
    ...     "end": ["filled", "filled", "cancelled", "filled", "", "filled", "filled", ""],
    ...     "manager": list("aabbccdd"),
    ... })
    >>> restricted_mean_values(openings, "days", "end", 60, cause="filled").round(1).tolist()
    [12.0, 20.0, 60.0, 45.0, 60.0, 38.0, 25.0, 60.0]
    """
    if not horizon > 0:
        raise ValueError(f"horizon is {horizon:g}; expected a time above 0")
    used = _usable(frame, duration, event, None)
    watched, ended = used[duration].to_numpy(float), _ended(used[event], cause)
    found = pd.Series(np.nan, index=frame.index)
    if _reached(watched, ended, horizon):
        area, influence = _area(_Curve(watched, ended), horizon)
        found[used.index] = area + len(used) * influence
    return found


# --- Cox regression -------------------------------------------------------------------------------------------------


class _RiskSets:
    """Sums over the openings at risk at every end, from which score, information and residuals follow.

    With d ends at one time, Efron's method lets the l-th of them (l = 0 .. d - 1) see a risk set in which the d ends
    count 1 - l / d each. ``share`` holds l / d. Every array per end is in the order of time.
    """

    def __init__(self, design: np.ndarray, duration: np.ndarray, failed: np.ndarray) -> None:
        self.order = np.argsort(duration, kind="stable")
        duration, self.failed = duration[self.order], failed[self.order].astype(bool)
        self.x = design[self.order] - design.mean(axis=0)
        self.times, self.tie, size = np.unique(duration[self.failed], return_inverse=True, return_counts=True)
        self.first = np.searchsorted(duration, self.times, side="left")
        self.starts = np.r_[0, np.cumsum(size)[:-1]]
        self.size = size
        self.share = (np.arange(len(self.tie)) - self.starts[self.tie]) / size[self.tie]
        self.passed = np.searchsorted(self.times, duration, side="right")

    def _at_risk(self, values: np.ndarray) -> np.ndarray:
        """Sums of values over the risk set of every end."""
        from_here = np.cumsum(values[::-1], axis=0)[::-1][self.first]
        tied = np.add.reduceat(values[self.failed], self.starts, axis=0)
        share = self.share if values.ndim == 1 else self.share[:, None]
        return from_here[self.tie] - share * tied[self.tie]

    def at(self, coefficients: np.ndarray) -> None:
        """Compute what depends on the coefficients."""
        predictor = self.x @ coefficients
        self.hazard = np.exp(predictor - predictor.max())
        self.total = self._at_risk(self.hazard)
        self.mean = self._at_risk(self.hazard[:, None] * self.x) / self.total[:, None]

    def _up_to(self, per_end: np.ndarray) -> np.ndarray:
        """Sum a value of every end over the ends each row was at risk of, less its own share of its last one."""
        by_time = np.add.reduceat(per_end, self.starts, axis=0)
        zero = np.zeros((1, *by_time.shape[1:]))
        found = np.concatenate([zero, np.cumsum(by_time, axis=0)])[self.passed]
        share = self.share if per_end.ndim == 1 else self.share[:, None]
        own = np.add.reduceat(share * per_end, self.starts, axis=0)
        found[self.failed] -= own[self.tie]
        return found

    def information(self, weight: np.ndarray | float = 1.0) -> np.ndarray:
        """Sum of the variances of the terms over all ends, each end weighted."""
        weight = np.broadcast_to(weight, self.total.shape)
        row = self.hazard * self._up_to(weight / self.total)
        return self.x.T @ (self.x * row[:, None]) - self.mean.T @ (self.mean * weight[:, None])

    def scores(self, weight: np.ndarray | float = 1.0) -> np.ndarray:
        """Score residuals in the order of the rows: each row's part in the derivative of the log likelihood.

        A weight must be the same for all ends at one time.
        """
        weight = np.broadcast_to(weight, self.total.shape)
        found = -self.x * (self.hazard * self._up_to(weight / self.total))[:, None]
        found += self.hazard[:, None] * self._up_to(self.mean * (weight / self.total)[:, None])
        found[self.failed] += weight[:, None] * self.residuals()
        ordered = np.empty_like(found)
        ordered[self.order] = found
        return ordered

    def residuals(self) -> np.ndarray:
        """Schoenfeld residuals: what ended, less what was expected to end."""
        mean = np.add.reduceat(self.mean, self.starts, axis=0) / self.size[:, None]
        return self.x[self.failed] - mean[self.tie]


@dataclass(frozen=True)
class Cox:
    """A fitted Cox model.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per term; see :func:`cox`.
    terms : list of str
        Terms that could be estimated, in the order of the coefficients.
    coefficients : numpy.ndarray
        Log hazard ratios.
    clusters : numpy.ndarray or None
        Cluster of each row.
    respondents : numpy.ndarray
        Person of each row.
    risk : _RiskSets or None
        Risk sets at the estimate; None where nothing could be estimated.
    """

    table: pd.DataFrame
    terms: list[str]
    coefficients: np.ndarray
    clusters: np.ndarray | None
    respondents: np.ndarray
    risk: _RiskSets | None


def cox(
    formula: str,
    frame: pd.DataFrame,
    duration: str,
    event: str,
    cluster: str | None = None,
    cause: object = True,
    leave_out: bool | None = None,
    confidence: float = 0.95,
) -> Cox:
    """Estimate with what hazard ratios predictors go along.

    Parameters
    ----------
    formula : str
        Right-hand side as statsmodels takes it, such as ``"engaged + department"``.
    frame : pandas.DataFrame
        One row per opening. Rows in which a variable, the duration or the cluster is missing are left out.
    duration : str
        Column of durations, at least 0, in any unit.
    event : str
        Column that says what ended each duration; see the module.
    cluster : str, optional
        Column that names the cluster. Without one, rows count as independent.
    cause : object
        The end of interest. Other ends count as no longer watched: hazard ratios are those of the cause-specific
        hazard.
    leave_out : bool, optional
        Take the variance from fits without each cluster in turn (jackknife) instead of the sandwich. When absent, it is
        taken below 50 clusters, where the sandwich is too sure of itself: with 36 unequal HR partners, some of them
        trained, it calls 7 % of true nulls. With many rows that costs as many fits as there are clusters.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Cox
        With ``table``: one row per term: term, estimate (log hazard ratio per unit), standard_error,
        degrees_of_freedom (infinite without clusters), low, high, p_value (of zero), hazard_ratio,
        hazard_ratio_low, hazard_ratio_high, respondents, clusters, observations, events, method, note.

    Raises
    ------
    ValueError
        If a column is absent, a duration is negative, or leave_out is asked for without a cluster.

    Notes
    -----
    statsmodels' ``PHReg`` fits; ties by Efron's method. The cluster-robust variance is A^-1 B A^-1 G / (G - 1) with
    A the information and B the sum over clusters of the squared sums of score residuals (Lin & Wei 1989), computed
    here from cumulative sums, because PHReg's own loops over every end. The jackknife variance is
    (G - 1) / G sum (b_(-g) - mean)^2, its refits being Newton steps from the full estimate. Both are used with t
    quantiles on G - 1 degrees of freedom. Assumptions: hazards proportional over time (see
    :func:`proportional_hazards`), clusters independent, censoring unrelated to the end given the predictors. A term
    along which everything or nothing ended has no finite estimate and says so.

    References
    ----------
    Cox, D. R. (1972). Regression models and life-tables. *Journal of the Royal Statistical Society B*, 34, 187-220.

    Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. *Journal of the American
    Statistical Association*, 72, 557-565.

    Lin, D. Y. & Wei, L. J. (1989). The robust inference for the Cox proportional hazards model. *Journal of the
    American Statistical Association*, 84, 1074-1078.

    Lipsitz, S. R., Dear, K. B. G. & Zhao, L. (1994). Jackknife estimators of variance for parameter estimates from
    estimating equations with applications to clustered survival data. *Biometrics*, 50, 842-846.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> openings = pd.DataFrame({"manager": np.repeat(range(40), 5), "early": np.repeat([0, 1], 100)})
    >>> openings["days"] = random.exponential(60 / (1 + openings["early"]))
    >>> found = cox("early", openings.assign(filled=True), "days", "filled", cluster="manager")
    >>> found.table[["term", "estimate", "low", "high"]].round(2).values.tolist()
    [['early', 0.65, 0.39, 0.91]]
    """
    used = _usable(frame, duration, event, cluster)
    used = used.assign(_failed=(_ended(used[event], cause) == 1).astype(float))
    if used.empty:
        return _no_rows(formula, used, cluster)
    return cox_of(_model(f"{duration} ~ {formula}", used), cluster, leave_out, confidence)


def _no_rows(formula: str, used: pd.DataFrame, cluster: str | None) -> Cox:
    """Say of every term that there is nothing to tell it from."""
    counts = {**people(used, cluster or ""), "observations": 0, "events": 0}
    terms = [term.strip() for term in formula.split("+")]
    found = [_cox_row(term, None, "no rows", np.nan, None, counts, COX) for term in terms]
    return Cox(pd.DataFrame(found), [], np.zeros(0), None, np.zeros(0), None)


def _model(formula: str, frame: pd.DataFrame) -> PHReg:
    return PHReg.from_formula(formula, frame, status="_failed", ties="efron", missing="drop")


def cox_of(
    fit: PHReg | PHRegResults, cluster: str | None = None, leave_out: bool | None = None, confidence: float = 0.95
) -> Cox:
    """Take a Cox model made by statsmodels, with inference that holds for few clusters.

    Parameters
    ----------
    fit : statsmodels.duration.hazard_regression.PHReg or its results
        Made from a formula and a frame, with ``ties="efron"``, without strata, entry times and offset.
    cluster : str, optional
        Column of that frame that names the cluster. Without one, rows count as independent.
    leave_out : bool, optional
        As for :func:`cox`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Cox
        As :func:`cox`.

    Raises
    ------
    TypeError
        If the model has what this cannot take into account.
    ValueError
        If the frame has no such cluster, or leave_out is asked for without one.

    Notes
    -----
    See :func:`cox`. The coefficients are found again on standardised columns, so that it does not matter whether the
    fit handed over had converged.
    """
    model = getattr(fit, "model", fit)
    if model.ties != "efron":
        raise TypeError('Cox models need ties="efron"; statsmodels\' own choice is "breslow"')
    for name in ("strata", "entry", "offset"):
        if getattr(model, name) is not None:
            raise TypeError(f"a Cox model with {name} is not supported")
    if leave_out and not cluster:
        raise ValueError("leave_out needs a cluster: the column whose values are left out in turn")
    rows = sample(model, cluster)
    design, names, watched = rows.design, rows.names, rows.outcome.astype(float)
    failed = np.asarray(model.status)[rows.kept] == 1
    clusters = pd.factorize(rows.cluster)[0] if cluster else None
    counts = rows.counts | {"events": int(failed.sum())}

    kept = _independent(design)
    risk, coefficients = _fit(design[:, kept], watched, failed)
    notes = dict.fromkeys(names, "not distinguishable from the other terms in these data")
    values = {}
    left_out = bool(cluster) and (counts["clusters"] < FEW if leave_out is None else leave_out)
    if not failed.any():
        notes = dict.fromkeys(names, "nothing ended")
    elif cluster and counts["clusters"] < 2:
        notes = dict.fromkeys(names, FEW_CLUSTERS)
    elif risk is not None:
        errors = _errors(risk, coefficients, design[:, kept], watched, failed, clusters, left_out)
        endless = _endless(risk)
        for place, column in enumerate(kept):
            if not np.isfinite(errors[place]) and not endless[place]:
                notes[names[column]] = jackknife.HINGES
            elif endless[place]:
                notes[names[column]] = "all or nothing ended along this term, so its hazard ratio has no bound"
            elif errors[place] * design[:, column].std() < 1e-9:
                notes[names[column]] = "everything ended at the same time, so nothing was faster"
            else:
                values[names[column]] = coefficients[place], errors[place]
    quantile = _quantile(confidence, clusters)
    method = COX + ((LEFT_OUT if left_out else ROBUST) if cluster else "")
    found = [_cox_row(name, values.get(name), notes[name], quantile, clusters, counts, method) for name in names]
    persons = np.asarray(rows.used.get("respondent_id", rows.kept))
    return Cox(pd.DataFrame(found), [names[c] for c in kept], coefficients, clusters, persons, risk)


def _independent(design: np.ndarray) -> list[int]:
    """Leftmost columns that vary and are not combinations of columns before them."""
    centred = design - design.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    varies = np.flatnonzero(length > 1e-9 * np.maximum(1, np.abs(design).max(axis=0, initial=0)) * len(design) ** 0.5)
    if not len(varies):
        return []
    size = np.abs(np.diag(np.linalg.qr(centred[:, varies] / length[varies], mode="r")))
    return [int(column) for column, left in zip(varies, size) if left > 1e-7]


def _fit(design: np.ndarray, duration: np.ndarray, failed: np.ndarray) -> tuple[_RiskSets | None, np.ndarray]:
    """Fit by statsmodels on standardised columns; return the risk sets at the estimate."""
    if not failed.any() or not design.shape[1]:
        return None, np.zeros(design.shape[1])
    scale = design.std(axis=0)
    risk = _RiskSets(design, duration, failed)
    if (found := _by_newton(_RiskSets((design - design.mean(axis=0)) / scale, duration, failed))) is not None:
        risk.at(found / scale)
        return risk, found / scale
    fit = PHReg(duration, (design - design.mean(axis=0)) / scale, status=failed, ties="efron").fit(
        maxiter=20, skip_hessian=True, warn_convergence=False
    )
    coefficients = np.asarray(fit.params) / scale
    risk.at(coefficients)
    return risk, coefficients


def _by_newton(risk: _RiskSets) -> np.ndarray | None:
    """Find the coefficients of standardised columns by Newton's method; ``None`` where that does not settle."""
    coefficients = np.zeros(risk.x.shape[1])
    for _ in range(_STEPS):
        risk.at(coefficients)
        information = risk.information()
        if not np.isfinite(information).all() or _endless(risk).any():
            return None
        step = np.linalg.pinv(information) @ risk.residuals().sum(axis=0)
        coefficients = coefficients + step
        if not np.abs(risk.x @ coefficients).max() < _FURTHEST:
            return None
        if np.abs(step).max() < 1e-11:
            return coefficients
    return None


def _errors(
    risk: _RiskSets, coefficients: np.ndarray, design: np.ndarray, duration: np.ndarray, failed: np.ndarray,
    clusters: np.ndarray | None, leave_out: bool,
) -> np.ndarray:  # fmt: skip
    """Standard errors: model-based without clusters, else from the sandwich or the jackknife.

    They are missing for terms that the data lose, or that run away, when a single cluster is left out.
    """
    if clusters is None:
        return np.sqrt(np.diag(np.linalg.pinv(risk.information())))
    codes, names = pd.factorize(clusters)
    count = len(names)
    lost = jackknife.lost_terms(np.column_stack([design, np.ones(len(design))]), codes)[:, :-1]
    if leave_out:
        without = np.array([_refit(design, duration, failed, codes != code, coefficients) for code in range(count)])
        return np.where(lost.any(axis=0), np.nan, jackknife.standard_error(without))
    shifts = _cluster_sums(risk.scores(), codes) @ np.linalg.pinv(risk.information())
    return np.where(lost.any(axis=0), np.nan, np.sqrt(count / (count - 1) * (shifts**2).sum(axis=0)))


def _cluster_sums(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values).groupby(codes).sum().to_numpy()


#: Log hazard ratio between two rows beyond which a search has run away.
_FURTHEST = 500.0
#: Newton steps of a fit without one cluster, from the fit of everything.
_STEPS = 25


def _refit(
    design: np.ndarray, duration: np.ndarray, failed: np.ndarray, rows: np.ndarray, coefficients: np.ndarray
) -> np.ndarray:
    """Coefficients without some rows, by Newton's method from the full estimate; missing where there is none."""
    nothing = np.full(len(coefficients), np.nan)
    if not failed[rows].any():
        return nothing
    risk = _RiskSets(design[rows], duration[rows], failed[rows])
    for _ in range(_STEPS):
        risk.at(coefficients)
        endless = _endless(risk)  # these have no bound without the rows; the others are found with them held
        free = np.where(endless, 0.0, 1.0)
        information = risk.information() * np.outer(free, free)
        if not np.isfinite(information).all():  # the step before ran away
            return nothing
        step = np.linalg.pinv(information) @ (free * risk.residuals().sum(axis=0))
        coefficients = coefficients + step
        if not np.isfinite(coefficients).all() or np.abs(risk.x @ coefficients).max() > _FURTHEST:
            return nothing
        if np.abs(step * risk.x.std(axis=0)).max() < 1e-8:
            return np.where(endless, np.nan, coefficients)
    return nothing


def _endless(risk: _RiskSets) -> np.ndarray:
    """Terms whose information has all but vanished at the estimate: the likelihood rises without end."""
    variance = (risk.x**2).mean(axis=0)
    return np.diag(risk.information()) < 1e-4 * variance * risk.failed.sum()


def _cox_row(
    term: str, value: tuple[float, float] | None, note: str, quantile: float, clusters: np.ndarray | None,
    counts: dict[str, int], method: str,
) -> dict[str, object]:  # fmt: skip
    estimate, error = value or (np.nan, np.nan)
    low, high = estimate - quantile * error, estimate + quantile * error
    degrees = np.inf if clusters is None else counts["clusters"] - 1
    return {
        "term": term,
        "estimate": estimate,
        "standard_error": error,
        "degrees_of_freedom": degrees if value else np.nan,
        "low": low,
        "high": high,
        "p_value": 2 * stats.t.sf(abs(estimate) / error, degrees) if value else np.nan,
        "hazard_ratio": np.exp(estimate),
        "hazard_ratio_low": np.exp(low),
        "hazard_ratio_high": np.exp(high),
        **counts,
        "method": method,
        "note": "" if value else cannot_tell(note),
    }


def proportional_hazards(fit: Cox | PHReg | PHRegResults, cluster: str | None = None) -> pd.DataFrame:
    """Test whether each hazard ratio stays the same over time.

    Parameters
    ----------
    fit : Cox, or statsmodels.duration.hazard_regression.PHReg or its results
        Result of :func:`cox`, or a model as :func:`cox_of` takes it.
    cluster : str, optional
        Column that names the cluster, for a model of statsmodels.

    Returns
    -------
    pandas.DataFrame
        One row per term: term, estimate (change of the log hazard ratio from the first to the last end),
        standard_error, statistic (chi-squared, 1 degree of freedom), p_value, respondents, clusters, events, method,
        note. A small p-value speaks against proportional hazards.

    Notes
    -----
    The score test of adding g(t) x term to the model, where g is one less the Kaplan-Meier curve just before t: the
    test by scaled Schoenfeld residuals in its exact form, as R's ``cox.zph`` since survival 3.0. With clusters, the
    variance of the score is that of the clusters' sums of score residuals; without, it is the information.

    References
    ----------
    Grambsch, P. M. & Therneau, T. M. (1994). Proportional hazards tests and diagnostics based on weighted residuals.
    *Biometrika*, 81, 515-526.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> openings = pd.DataFrame({"manager": np.repeat(range(40), 5), "early": np.repeat([0, 1], 100)})
    >>> openings["days"] = random.exponential(60 / (1 + openings["early"]))
    >>> fit = cox("early", openings.assign(filled=True), "days", "filled", cluster="manager")
    >>> proportional_hazards(fit)[["term", "p_value"]].round(2).values.tolist()
    [['early', 0.27]]
    """
    fit = _as_cox(fit, cluster)
    risk = fit.risk
    counts: dict[str, Any] = {
        "respondents": len(set(fit.respondents)),
        "events": 0 if risk is None else int(risk.failed.sum()),
    }
    counts["clusters"] = len(fit.respondents) if fit.clusters is None else len(set(fit.clusters))
    counts["people"] = _in_model(fit)
    method = "score test of scaled Schoenfeld residuals against time" + ("" if fit.clusters is None else ROBUST)
    if risk is None or len(risk.times) < 2:
        empty = dict.fromkeys(("estimate", "standard_error", "statistic", "p_value"), np.nan)
        note = cannot_tell("everything ended at one time" if risk is not None else "nothing ended")
        return pd.DataFrame([{"term": t, **empty, **counts, "method": method, "note": note} for t in fit.terms])
    clock = _clock(risk)
    cross, squared = risk.information(clock), risk.information(clock**2)
    project = np.linalg.pinv(risk.information()) @ cross
    left = np.diag(squared - cross @ project)  # information on the slopes, the coefficients being estimated
    scores = risk.scores(clock) - risk.scores() @ project
    score = scores.sum(axis=0)
    variance = left
    if fit.clusters is not None:
        variance = (_cluster_sums(scores, pd.factorize(fit.clusters)[0]) ** 2).sum(axis=0)
    statistic = score**2 / variance
    span = clock.max() - clock.min()
    return pd.DataFrame(
        {
            "term": fit.terms,
            "estimate": span * score / left,
            "standard_error": span * np.sqrt(variance) / left,
            "statistic": statistic,
            "p_value": stats.chi2.sf(statistic, 1),
            **counts,
            "method": method,
            "note": "",
        }
    )


def _as_cox(fit: Cox | PHReg | PHRegResults, cluster: str | None) -> Cox:
    return fit if isinstance(fit, Cox) else cox_of(fit, cluster, leave_out=False)


def _clock(risk: _RiskSets) -> np.ndarray:
    """One less Kaplan-Meier just before each end, centred: time that runs as things end."""
    at_risk = len(risk.x) - risk.first
    before = np.r_[1.0, np.cumprod(1 - risk.size / at_risk)[:-1]]
    clock = (1 - before)[risk.tie]
    return clock - clock.mean()


def hazard_ratio_over_time(
    fit: Cox | PHReg | PHRegResults, term: str, periods: int = 5, cluster: str | None = None
) -> pd.DataFrame:
    """Describe how a hazard ratio moves over time, by scaled Schoenfeld residuals averaged over periods.

    Parameters
    ----------
    fit : Cox, or statsmodels.duration.hazard_regression.PHReg or its results
        Result of :func:`cox`, or a model as :func:`cox_of` takes it.
    term : str
        One of its terms.
    periods : int
        Number of periods, with about as many ends in each.
    cluster : str, optional
        Column that names the cluster, for a model of statsmodels.

    Returns
    -------
    pandas.DataFrame
        One row per period: start, end (unit of the duration), estimate (mean log hazard ratio), standard_error, low,
        high (95 %), events, respondents (distinct people whose ends fall in the period), method, note.

    Raises
    ------
    ValueError
        If the model has no such term.

    Notes
    -----
    Scaled residual = coefficient + d x A^-1 x Schoenfeld residual, d being the number of ends. Its mean over a period
    with d_k ends, b + d / d_k x A^-1 U_k, estimates the coefficient in that period, U_k being the score of the period.
    The standard error without clusters takes the residuals as uncorrelated. With clusters it is the sandwich: cluster
    g moves the mean by A^-1 (s_g + d / d_k (s_gk - I_k A^-1 s_g)), with s_g and s_gk the sums of its score residuals
    over all ends and over those of the period, and I_k the period's information; t quantiles on G - 1 degrees of
    freedom.

    References
    ----------
    Grambsch, P. M. & Therneau, T. M. (1994). *Biometrika*, 81, 515-526.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> openings = pd.DataFrame({"manager": np.repeat(range(40), 5), "early": np.repeat([0, 1], 100)})
    >>> openings["days"] = random.exponential(60 / (1 + openings["early"]))
    >>> fit = cox("early", openings.assign(filled=True), "days", "filled", cluster="manager")
    >>> found = hazard_ratio_over_time(fit, "early", periods=3)
    >>> found[["estimate", "low", "high"]].round(2).values.tolist()
    [[0.47, -0.04, 0.99], [0.58, 0.06, 1.09], [0.91, 0.5, 1.33]]
    """
    fit = _as_cox(fit, cluster)
    if term not in fit.terms:
        raise ValueError(f"the model has no term {term}; it has {', '.join(fit.terms)}")
    risk, place = fit.risk, fit.terms.index(term)
    method = "means of scaled Schoenfeld residuals"
    if risk is None:
        return pd.DataFrame(columns=["start", "end", *_VALUES, "events", "respondents", "people", "method", "note"])
    inverse = np.linalg.pinv(risk.information())
    count = len(risk.tie)
    scaled = fit.coefficients[place] + count * risk.residuals() @ inverse[:, place]
    period = np.minimum(risk.starts[risk.tie] * periods // count, periods - 1)
    ends = pd.DataFrame({"period": period, "time": risk.times[risk.tie], "scaled": scaled})
    ends["person"] = fit.respondents[risk.order][risk.failed]
    found = ends.groupby("period").agg(
        start=("time", "min"), end=("time", "max"), estimate=("scaled", "mean"),
        events=("scaled", "size"), respondents=("person", "nunique"),
    )  # fmt: skip
    if fit.clusters is None:
        found["standard_error"] = np.sqrt(count * inverse[place, place] / found["events"])
    else:
        found["standard_error"] = [
            _error_of_period(risk, fit.clusters, period == one, inverse, place) for one in found.index
        ]
        method += ROBUST
    half = _quantile(0.95, fit.clusters) * found["standard_error"]
    found["low"], found["high"] = found["estimate"] - half, found["estimate"] + half
    return found.reset_index(drop=True).assign(people=_in_model(fit), method=method, note="")


def _in_model(fit: Cox) -> People:
    return People(pd.DataFrame({"respondent_id": fit.respondents}), additive=False)


def _error_of_period(
    risk: _RiskSets, clusters: np.ndarray, inside: np.ndarray, inverse: np.ndarray, place: int
) -> float:
    """Standard error of the mean scaled residual of some ends, from what each cluster moves it by."""
    codes = pd.factorize(clusters)[0]
    every, here = (_cluster_sums(risk.scores(weight), codes) for weight in (1.0, inside.astype(float)))
    own = here - every @ inverse @ risk.information(inside.astype(float))
    moves = (every + len(inside) / inside.sum() * own) @ inverse[:, place]
    return float(np.sqrt(len(moves) / max(len(moves) - 1, 1) * (moves @ moves)))
