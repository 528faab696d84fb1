"""Limits of a funnel plot: how far the shares of many units may lie from their average by chance alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods.people import People
from helpers.columns import share


def limits(frame: pd.DataFrame, good: str, asked: str) -> pd.DataFrame:
    """Set every unit's share beside what chance alone would do with that few occasions.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit, such as a manager.
    good, asked : str
        Columns: promises kept, and promises due (counts).

    Returns
    -------
    pandas.DataFrame
        The frame's rows with at least one promise due: share (0 to 1), target (share over all), low_95, high_95,
        low_998, high_998 (exact binomial limits around the target), the same with ``_wide`` (limits that allow for
        overdispersion), ``outside`` ("inside", "outside 95 %" or "outside 99.8 %", by the wide limits) and
        ``dispersion`` (1 when units differ no more than by chance).

    Notes
    -----
    The lower limit for probability p at n promises is (r - a) / n with r the smallest number whose binomial
    distribution function reaches p and a = (P(R <= r) - p) / P(R = r); the upper one is that of promises broken,
    so that no more than p lies beyond either. The dispersion is the mean of squared z-scores,
    winsorised at their 10th and 90th percentiles; where it exceeds 1, the wide limits add the between-unit
    variance tau^2 = max(0, (I phi - (I - 1)) / (sum w - sum w^2 / sum w)), w = 1 / s^2.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. *Statistics in Medicine*, 24,
    1185-1202.

    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. *Quality and Safety in Health
    Care*, 14, 347-351.

    Examples
    --------
    >>> import pandas as pd
    >>> found = limits(pd.DataFrame({"kept": [19, 12, 5], "due": [20, 20, 10]}), "kept", "due")
    >>> found[["share", "target", "low_95", "high_95", "outside"]].round(2)
       share  target  low_95  high_95 outside
    0   0.95    0.72    0.49     0.93  inside
    1   0.60    0.72    0.49     0.93  inside
    2   0.50    0.72    0.37     1.00  inside
    """
    found = frame[frame[asked] > 0].copy()
    size = found[asked].to_numpy(float)
    found["share"] = found[good] / found[asked]
    target = found[good].sum() / found[asked].sum() if len(found) else np.nan
    found["target"] = target
    variance = target * (1 - target) / size
    if len(found) < 2 or not target * (1 - target) > 0:
        dispersion = between = 0.0
    else:
        z = ((found["share"] - target) / np.sqrt(variance)).to_numpy(float)
        dispersion = float(np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2))
        weight = 1 / variance
        spare = weight.sum() - (weight**2).sum() / weight.sum()
        between = max(0.0, (len(z) * dispersion - (len(z) - 1)) / spare)
    found["dispersion"] = max(1.0, dispersion)
    for name, level in (("95", 0.95), ("998", 0.998)):
        low, high = _lowest(level, size, target), 1 - _lowest(level, size, 1 - target)
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(variance + between)
        found[f"low_{name}"], found[f"high_{name}"] = low, high
        found[f"low_{name}_wide"] = np.maximum(0, np.minimum(low, target - half)) if between else low
        found[f"high_{name}_wide"] = np.minimum(1, np.maximum(high, target + half)) if between else high
    share = found["share"]
    far, near = (
        ~share.between(found[f"low_{name}_wide"] - 1e-12, found[f"high_{name}_wide"] + 1e-12) for name in ("998", "95")
    )
    found["outside"] = np.select([far, near], ["outside 99.8 %", "outside 95 %"], "inside")
    return found.reset_index(drop=True)


#: Columns of the limits, in per cent.
LIMITS = {
    f"{end}_{name}": share(f"{label} {word}", 1)
    for name, label in {
        "95": "95 %, chance",
        "998": "99.8 %, chance",
        "95_wide": "95 %, wide",
        "998_wide": "99.8 %, wide",
    }.items()
    for end, word in {"low": "from", "high": "to"}.items()
}


def in_per_cent(funnel: pd.DataFrame) -> pd.DataFrame:
    """Turn the shares and limits of :func:`limits` into per cent."""
    return funnel.assign(**{name: 100 * funnel[name] for name in ("share", "target", *LIMITS)})


#: Per cent of units that chance alone puts inside and outside of the limits.
BY_CHANCE = {"inside": 95.0, "outside 95 %": 4.8, "outside 99.8 %": 0.2}


def outside(funnel: pd.DataFrame) -> pd.DataFrame:
    """Count the units inside and outside of the limits.

    Parameters
    ----------
    funnel : pandas.DataFrame
        As :func:`limits` returns it; ``respondent_id``, where it exists, names the units.

    Returns
    -------
    pandas.DataFrame
        One row per place of :data:`BY_CHANCE`: where, respondents (units), share (per cent of all), by_chance (per
        cent that chance alone would put there), people (the units). No rows where there are no units.
    """
    found = pd.DataFrame({"where": list(BY_CHANCE), "by_chance": list(BY_CHANCE.values())})
    found["respondents"] = [int((funnel["outside"] == where).sum()) for where in BY_CHANCE]
    found["share"] = 100 * found["respondents"] / max(len(funnel), 1)
    found["people"] = [People(funnel[funnel["outside"] == where], value=f"{where} the funnel") for where in BY_CHANCE]
    found.attrs = funnel.attrs
    return found if len(funnel) else found[:0]


def _lowest(level: float, size: np.ndarray, target: float) -> np.ndarray:
    """Share below which one half of what lies outside the level falls, interpolated between whole numbers."""
    if not 0 < target < 1:
        return np.full(len(size), target)
    probability = (1 - level) / 2
    count = stats.binom.ppf(probability, size, target)
    excess = (stats.binom.cdf(count, size, target) - probability) / stats.binom.pmf(count, size, target)
    return np.maximum(count - excess, 0) / size
