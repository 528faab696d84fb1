"""Control charts: what of a series lies outside what is usual, by rules with names and a stated rate of false alarms.

A chart says where to look. It tests nothing: how often it gives an alarm where nothing has changed follows from its
length, its rules and how alike neighbouring points are, and is simulated for the chart at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from helpers.analysis.methods.counts import require

#: Fewest points of which a chart is drawn.
LEAST = 12
#: Mean of the range of two normal values, in standard deviations.
RANGE_OF_TWO = 1.128
#: Points in a row on one side of the centre that are an alarm.
RUN = 8
#: What alarms are called: a point outside the limits, and the last of a run.
BEYOND, IN_A_ROW = "outside the limits", f"{RUN} in a row on one side"
COLUMNS = ["centre", "lower", "upper", "deviation", "alarm"]
_REPLICATES, _SEED = 2000, 20260630


def individuals(frame: pd.DataFrame, value: str, baseline: int = 24, autocorrelation: float = 0.0) -> pd.DataFrame:
    """Chart single values (XmR).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per point in time, in order.
    value : str
        Column of the values.
    baseline : int
        First points from which centre and limits come; all, where there are fewer.
    autocorrelation : float
        Of neighbouring points, 0 to below 1; see :func:`helpers.analysis.methods.time_series.autocorrelation`.

    Returns
    -------
    pandas.DataFrame
        The rows with centre, lower and upper (limits), deviation (from the centre, in standard deviations) and alarm
        (:data:`BEYOND`, :data:`IN_A_ROW`, or empty). Where the values of the baseline do not vary, these are missing.

    Notes
    -----
    Limits lie at centre ± 3 sigma with sigma = mean moving range / (1.128 sqrt(1 - rho)): neighbours with the
    autocorrelation rho differ less than others (Maragah & Woodall 1992); with rho = 0 this is the chart of Wheeler &
    Chambers (1992). The second rule is the fourth of the Western Electric handbook (1956).

    References
    ----------
    Maragah, H. D. & Woodall, W. H. (1992). The effect of autocorrelation on the retrospective X-chart. *Journal of
    Statistical Computation and Simulation*, 40(1-2), 29-42.

    Wheeler, D. J. & Chambers, D. S. (1992). *Understanding Statistical Process Control* (2nd ed.). SPC Press.

    Examples
    --------
    The flow rates of the NIST handbook of statistical methods, 6.3.2.2:

    >>> flow = pd.DataFrame({"rate": [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]})
    >>> individuals(flow, "rate")[["lower", "centre", "upper"]].iloc[0].round(3).tolist()
    [45.816, 50.81, 55.804]
    """
    require(frame, [value])
    values = frame[value].astype(float)
    first = values.iloc[:baseline]
    sigma = first.diff().abs().mean() / RANGE_OF_TWO / np.sqrt(1 - autocorrelation)
    return _charted(frame, values, float(first.mean()), np.full(len(frame), sigma), np.inf)


def counts(
    frame: pd.DataFrame,
    count: str,
    out_of: str,
    kind: Literal["p", "u"],
    baseline: int = 24,
    autocorrelation: float = 0.0,
    *,
    per: float = 1.0,
) -> pd.DataFrame:
    """Chart shares (p′) or rates (u′) of unequal denominators that may vary more than chance alone would have it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per point in time, in order.
    count, out_of : str
        Columns of the count, and of what it is out of: people asked (p), or employees, orders, months (u).
    kind : {"p", "u"}
        Whether each of the denominator counts once at most, or may be counted several times.
    baseline, autocorrelation
        As for :func:`individuals`.
    per : float
        What the values are told for, such as 100 employees.

    Returns
    -------
    pandas.DataFrame
        The rows with value (per so many), and as :func:`individuals`. Lower limits end at zero.

    Notes
    -----
    With the share or rate c of the baseline, s_i = sqrt(c (1 - c) / n_i) for p and sqrt(c / n_i) for u; z_i =
    (x_i / n_i - c) / s_i. Limits lie at c ± 3 s_i sigma_z, where sigma_z is that of the z_i of the baseline as for
    :func:`individuals` (Laney 2002), and at least 1: less than chance alone is luck.

    References
    ----------
    Laney, D. B. (2002). Improved control charts for attributes. *Quality Engineering*, 14(4), 531-537.

    Examples
    --------
    >>> asked = pd.DataFrame({"answered": [12, 9, 11, 10], "people": [50, 40, 50, 60]})
    >>> counts(asked, "answered", "people", "p", per=100)[["value", "lower", "upper"]].round(1).iloc[0].tolist()
    [24.0, 3.7, 38.3]
    """
    require(frame, [count, out_of])
    n = frame[out_of].astype(float)
    share = frame[count] / n
    first = slice(0, baseline)
    centre = float(frame[count].iloc[first].sum() / n.iloc[first].sum())
    spread = np.sqrt(centre * (1 - centre if kind == "p" else 1) / n)
    z = ((share - centre) / spread).iloc[first]
    wide = max(1.0, float(z.diff().abs().mean() / RANGE_OF_TWO / np.sqrt(1 - autocorrelation)))
    most = per if kind == "p" else np.inf
    return _charted(
        frame.assign(value=per * share), per * share, per * centre, (per * wide * spread).to_numpy(), most, 0
    )


def _charted(
    frame: pd.DataFrame, values: pd.Series, centre: float, sigma: np.ndarray, most: float, least: float = -np.inf
) -> pd.DataFrame:
    known = bool(np.all(sigma > 0)) and len(values) > 1
    sigma = sigma if known else np.full(len(values), np.nan)
    deviation = (values.to_numpy() - centre) / sigma
    beyond, run = alarms(deviation[:, None])
    words = np.select([beyond[:, 0], run[:, 0]], [BEYOND, IN_A_ROW], "")
    return frame.assign(
        centre=centre if known else np.nan, lower=np.maximum(centre - 3 * sigma, least),
        upper=np.minimum(centre + 3 * sigma, most), deviation=deviation, alarm=words,
    )  # fmt: skip


def alarms(deviations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say of points (rows) of charts (columns) which lie outside the limits, and which end a run on one side."""
    run = np.zeros(deviations.shape, bool)
    for sign in (1, -1):
        side = np.vstack([np.zeros((1, deviations.shape[1]), int), np.cumsum(sign * deviations > 0, axis=0)])
        run[RUN - 1 :] |= side[RUN:] - side[:-RUN] == RUN
    return np.abs(deviations) > 3, run


@lru_cache
def false_alarms(points: int, baseline: int, autocorrelation: float = 0.0) -> tuple[float, float]:
    """Return how many charts of 100 give an alarm although nothing has changed, by simulation.

    Parameters
    ----------
    points, baseline : int
        Points of the chart, and those from which its limits come.
    autocorrelation : float
        Of neighbouring points, which the limits allow for as they do in :func:`individuals`.

    Returns
    -------
    tuple of float
        Per cent of 2,000 simulated charts of normal values with at least one point outside the limits, and with at
        least one run on one side.

    Examples
    --------
    With known limits the first would be 100 (1 - 0.9973 ** 24) = 6.3 of 100:

    >>> [round(rate) for rate in false_alarms(24, 24)]
    [6, 3]
    """
    random = np.random.default_rng(_SEED)
    drawn = random.standard_normal((points, _REPLICATES))
    for at in range(1, points):
        drawn[at] = autocorrelation * drawn[at - 1] + np.sqrt(1 - autocorrelation**2) * drawn[at]
    first = drawn[: min(baseline, points)]
    sigma = np.abs(np.diff(first, axis=0)).mean(axis=0) / RANGE_OF_TWO / np.sqrt(1 - autocorrelation)
    beyond, run = (found.any(axis=0).mean() for found in alarms((drawn - first.mean(axis=0)) / sigma))
    return float(100 * beyond), float(100 * run)


def summary(
    charted: pd.DataFrame, period: str, baseline: int, autocorrelation: float, by_label: Sequence[str] = ()
) -> dict[str, object]:
    """Say of one chart what is usual, where its alarms lie and how often it would give one by chance.

    Parameters
    ----------
    charted : pandas.DataFrame
        Rows of :func:`individuals` or :func:`counts`.
    period : str
        Column with the name of each point in time.
    baseline : int
        As given there.
    autocorrelation : float
        Of the baseline; see :func:`helpers.analysis.methods.time_series.autocorrelation`.
    by_label : sequence of str
        Columns to keep.

    Returns
    -------
    dict
        Those columns, points, centre, lower, upper (limits of the last point), outside and runs (points with an alarm
        of each rule), first (period of the first alarm, else empty), outside_by_chance and runs_by_chance (see
        :func:`false_alarms`).
    """
    last = charted.iloc[-1]
    alarmed = charted[charted["alarm"] != ""]
    by_chance = false_alarms(len(charted), min(baseline, len(charted)), autocorrelation)
    return {name: last[name] for name in by_label} | {
        "points": len(charted), "centre": last["centre"], "lower": last["lower"], "upper": last["upper"],
        "outside": int((charted["alarm"] == BEYOND).sum()), "runs": int((charted["alarm"] == IN_A_ROW).sum()),
        "first": str(alarmed[period].iloc[0]) if len(alarmed) else "",
        "outside_by_chance": by_chance[0], "runs_by_chance": by_chance[1],
    }  # fmt: skip
