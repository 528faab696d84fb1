"""Time until something happens, where for some only a window is known in which it happened.

A promise that was given up in silence ended some day between the last day on which it was known to be open and its
date. To set it on either end moves the curve; Turnbull's estimate uses the window as it is. Where every end is known to
the day, or not seen yet, it is the Kaplan-Meier estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.analysis.methods import jackknife
from helpers.analysis.methods.counts import by_group, cannot_tell, people, require

METHOD = "Turnbull, log-log interval, leaving out one cluster at a time"
#: The search stops where no share moves by more than this, or after so many steps.
_CLOSE, _STEPS = 1e-8, 20_000


def turnbull(
    frame: pd.DataFrame,
    low: str,
    high: str,
    at: Sequence[float],
    cluster: str = "cluster_id",
    by: Sequence[str] = (),
    strata: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share for whom it has not happened yet, at some times.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per promise (or whatever is waited for).
    low, high : str
        Columns with the window: it happened after ``low`` and not after ``high``, both at least 0 and in one unit.
        The same number twice: exactly then. ``high`` infinite: not seen. Rows with a missing end are left out.
    at : sequence of float
        Times to report.
    cluster : str
        Column that names the cluster.
    by : sequence of str
        Columns that form the groups.
    strata : str, optional
        Column on whose values windows and times both depend, such as the time that was planned: the estimate is made
        for each value and averaged over all rows. Without it, a window from 0 to day 60 is filled like those of others,
        most of whom had planned 30 days.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and time: the columns of ``by``, time, estimate, low, high (shares, 0 to 1), windows (rows of
        which only a window is known), respondents, clusters, people, method, note. The estimate is missing beyond the
        longest time watched, low and high where it is 0 or 1, or where without one cluster it would be.

    Raises
    ------
    ValueError
        If a window begins below 0 or ends before it begins.

    Notes
    -----
    The likelihood is a product of P(low_i < T <= high_i), and only the innermost intervals can carry a share p_j: those
    between a beginning and an end of windows with neither between (Peto 1973; Turnbull 1976). With a_ij = 1 where
    window i holds interval j, p_j = 1/n sum_i a_ij p_j / sum_k a_ik p_k is repeated until it stands (self-consistency,
    an EM step). Where within an innermost interval a share lies is not known; it counts as at its end.

    The interval comes from leaving out one cluster at a time, on log(-log S), with t quantiles on G - 1 degrees of
    freedom. Assumptions: clusters are independent, and when it is looked tells nothing of when it happened. Where most
    ends are known by windows only, the estimate converges more slowly than intervals of this kind suppose (Groeneboom &
    Wellner 1992); how often they hold the truth where one in twelve is a window is measured in
    ``benchmarks/calibration_practice.md``.

    References
    ----------
    Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped, censored and truncated data.
    *Journal of the Royal Statistical Society, Series B*, 38, 290-295.

    Peto, R. (1973). Experimental survival curves for interval-censored data. *Applied Statistics*, 22, 86-91.

    Groeneboom, P. & Wellner, J. A. (1992). *Information Bounds and Nonparametric Maximum Likelihood Estimation*.
    Birkhaeuser.

    Examples
    --------
    >>> import pandas as pd
    >>> promises = pd.DataFrame({
    ...     "after": [12, 20, 31, 0, 60, 38], "by": [12, 20, 31, 40, float("inf"), 60], "cluster_id": list("aabbcc"),
    ... })
    >>> turnbull(promises, "after", "by", at=[15, 30, 45])[["time", "estimate", "windows"]].round(2)
       time  estimate  windows
    0    15      0.79        2
    1    30      0.58        2
    2    45      0.17        2
    """
    require(frame, [low, high, cluster, *by, *filter(None, [strata])])
    used = frame.dropna(subset=[low, high, cluster, *([strata] if strata else [])])
    ends = used[[low, high]].to_numpy(float)
    if (ends[:, 0] < 0).any() or (ends[:, 1] < ends[:, 0]).any():
        raise ValueError(f"a window begins below 0, or its end {high} lies before its beginning {low}")

    def describe(part: pd.DataFrame) -> list[dict[str, Any]]:
        codes = pd.factorize(part[strata])[0] if strata else np.zeros(len(part), int)
        return _curve(part, part[[low, high]].to_numpy(float), codes, at, cluster, confidence)

    return by_group(used, by, describe)


def _curve(
    part: pd.DataFrame,
    windows: np.ndarray,
    strata: np.ndarray,
    at: Sequence[float],
    cluster: str,
    confidence: float,
) -> list[dict[str, Any]]:
    counts = people(part, cluster) | {
        "windows": int((np.isfinite(windows[:, 1]) & (np.ptp(windows, axis=1) > 0)).sum())
    }
    missing = dict.fromkeys(("estimate", "low", "high"), np.nan)
    if not len(part):
        reason = cannot_tell("there is nothing to wait for")
        return [{"time": time} | missing | counts | {"method": METHOD, "note": reason} for time in at]
    codes = pd.factorize(part[cluster])[0]
    groups = codes.max() + 1 if codes.max() > 0 else 0
    times = np.asarray(at, float)
    still, without = np.zeros(len(times)), np.zeros((groups, len(times)))
    rest = len(part) - np.bincount(codes)
    for stratum in range(strata.max() + 1):
        own = strata == stratum
        places = _Places(windows[own])
        by_cluster = places.counts(codes[own], codes.max() + 1)
        whole = by_cluster.sum(axis=0)
        shares = places.shares(whole[None])
        still += own.mean() * places.still(shares, times)[0]
        if groups:
            left = np.repeat(shares, groups, axis=0)
            others = whole - by_cluster
            changed = (by_cluster.sum(axis=1) > 0) & (others.sum(axis=1) > 0)
            left[changed] = places.shares(others[changed], shares)
            without += (others.sum(axis=1) / rest)[:, None] * places.still(left, times)
    watched = np.where(np.isfinite(windows[:, 1]), windows[:, 1], windows[:, 0]).max()
    rows = []
    for place, time in enumerate(at):
        found, note = missing | {"estimate": float(still[place])}, ""
        if time > watched:
            found, note = missing, cannot_tell(f"nothing was watched for longer than {watched:g}")
        elif not len(without):
            found, note = missing, cannot_tell("fewer than 2 clusters")
        elif ((without[:, place] > 0) & (without[:, place] < 1)).all():
            ends = jackknife.interval(float(still[place]), without[:, place], confidence, _log_log, _back)
            found |= dict(zip(("low", "high"), ends))
        rows.append({"time": time} | found | counts | {"method": METHOD, "note": note})
    return rows


class _Places:
    """The innermost intervals of some windows, and which window holds which of them."""

    def __init__(self, windows: np.ndarray) -> None:
        exact = windows[:, 0] == windows[:, 1]
        # In the order of the numbers, an end or an exact time at x comes before a beginning after x.
        starts = np.column_stack([windows[:, 0], ~exact])
        stops_at = np.column_stack([windows[:, 1], np.zeros(len(windows))])
        values, codes = np.unique(np.concatenate([starts, stops_at]), axis=0, return_inverse=True)
        start, end = np.split(codes.ravel(), 2)
        begins, stops = np.zeros(len(values), bool), np.zeros(len(values), bool)
        begins[start], stops[end] = True, True
        # A place both begins and stops where something happened exactly then.
        last = np.maximum.accumulate(np.where(begins, np.arange(len(values)), -1))
        previous = np.r_[-1, np.maximum.accumulate(np.where(stops, np.arange(len(values)), -1))[:-1]]
        right = np.flatnonzero(stops & (last > previous))
        left = last[right]
        self.left, self.right = values[left], values[right, 0]
        holds = (start[:, None] <= left) & (right <= end[:, None])
        patterns, self.pattern = np.unique(holds, axis=0, return_inverse=True)
        self.held = patterns.astype(float)

    def counts(self, groups: np.ndarray, number: int) -> np.ndarray:
        """Count the windows of each group (0 to number - 1) that hold the same places; groups x patterns."""
        found = np.zeros((number, len(self.held)))
        np.add.at(found, (groups, self.pattern.ravel()), 1)
        return found

    def shares(self, counts: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """Return the share of each innermost interval, a row for each row of counts; ``start`` is where to begin."""
        size = self.held.shape[1]
        shares = np.full((1, size), 1 / size) if start is None else (start + 1e-4) / (start + 1e-4).sum()
        shares = np.repeat(shares, len(counts), axis=0)
        total, moved = counts.sum(axis=1, keepdims=True), shares
        for _ in range(_STEPS):
            seen = shares @ self.held.T
            ratio = np.divide(counts, seen, out=np.zeros_like(seen), where=counts > 0)
            moved = shares * (ratio @ self.held) / total
            if np.abs(moved - shares).max(initial=0.0) < _CLOSE:
                break
            shares = moved
        return moved

    def still(self, shares: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return the share left after each time, a row for each row of shares; an interval counts until its end."""
        return np.clip(shares @ (self.right[:, None] > times), 0.0, 1.0)


def _log_log(still: np.ndarray) -> np.ndarray:
    return np.log(-np.log(still))


def _back(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.exp(values))
