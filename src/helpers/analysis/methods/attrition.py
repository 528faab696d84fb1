"""Bounds for an effect when the treatment may have changed who answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.analysis.methods import jackknife
from helpers.analysis.methods.counts import cannot_tell, people, require
from helpers.columns import ALIKE

METHOD = "Lee bounds, jackknife over clusters, interval of Imbens and Manski"


def lee_bounds(
    frame: pd.DataFrame, value: str, treated: str, cluster: str = "cluster_id", confidence: float = 0.95
) -> pd.DataFrame:
    """Bound an average effect for those who would have answered either way.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person who was allotted, whether they answered afterwards or not.
    value : str
        The outcome; missing for those who did not answer.
    treated : str
        Column that says who was allotted the treatment: 1 (or true), else 0.
    cluster : str
        Column that names the unit that was drawn. Rows in which it or ``treated`` is missing are left out.
    confidence : float
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row: answered_treated and answered_others (per cent of those allotted), trimmed (per cent of answers left
        out on the side on which more answered), estimate (difference of means without trimming), lower and upper (the
        bounds, in units of the outcome), low, high (the interval for the effect), respondents, rated (where known),
        clusters, people, method, note.

    Raises
    ------
    ValueError
        If ``treated`` has other values than 0 and 1, or confidence is not between 0 and 1.

    Notes
    -----
    Of those on the side on which the larger share answers, the share p = (q_1 - q_0) / q_1 answered only because of the
    treatment. In the worst case they are the lowest or the highest answers there; the mean of the rest, less the mean
    of the other side, bounds the effect on those who would have answered either way (Lee 2009). The row in which the
    trimming ends is weighted, so that bounds change smoothly.

    The interval is [lower - c s_l, upper + c s_u], where Phi(c + (upper - lower) / max(s_l, s_u)) - Phi(-c) equals the
    confidence level (Imbens & Manski 2004), with t on the clusters less 2 in place of the normal distribution Phi.
    Standard errors come from leaving out one cluster at a time, so that they take in that the share is estimated.

    Assumptions: lots decided who was treated; the treatment makes nobody answer less (or nobody more).

    References
    ----------
    Imbens, G. W. & Manski, C. F. (2004). Confidence intervals for partially identified parameters. *Econometrica*,
    72(6), 1845-1857.

    Lee, D. S. (2009). Training, wages, and sample selection: estimating sharp bounds on treatment effects. *Review of
    Economic Studies*, 76(3), 1071-1102.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"team": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "treated": [1] * 6 + [0] * 6})
    >>> people["score"] = [4.0, 5.0, 3.0, 4.5, 4.0, 3.5, 3.0, None, 3.5, 2.5, None, 3.0]
    >>> found = lee_bounds(people, "score", "treated", "team")
    >>> found[["answered_treated", "answered_others", "trimmed", "estimate", "lower", "upper"]].round(2)
       answered_treated  answered_others  trimmed  estimate  lower  upper
    0             100.0            66.67    33.33       1.0   0.62   1.38
    """
    require(frame, [value, treated, cluster])
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    used = frame.dropna(subset=[treated, cluster])
    arm, score = used[treated].to_numpy(float), used[value].to_numpy(float)
    if not np.isin(arm, (0, 1)).all():
        raise ValueError(f"{treated} has other values than 0 and 1; it has to say who was allotted the treatment")
    names = ["answered_treated", "answered_others", "trimmed", "estimate", "lower", "upper", "low", "high"]
    counts = people(used[np.isfinite(score)], cluster, value=value)
    row: dict[str, Any] = dict.fromkeys(names, np.nan) | counts | {"method": METHOD}
    row |= {"answered_treated": _answered(score, arm == 1), "answered_others": _answered(score, arm == 0)}
    codes, _ = pd.factorize(used[cluster])
    left_out = [_bounds(score[codes != code], arm[codes != code]) for code in range(codes.max(initial=-1) + 1)]
    replicates = np.array(left_out).reshape(-1, 4)
    if len(replicates) < 4 or np.isnan(replicates).any():
        reason = "fewer than 4 clusters, or too few answers on one side without one of them"
        return pd.DataFrame([row | {"note": cannot_tell(reason)}])
    found = dict(zip(["trimmed", "estimate", "lower", "upper"], _bounds(score, arm)))
    errors = jackknife.standard_error(replicates[:, 2:])
    if not errors.max() > 1e-12 * np.abs(replicates[:, 1:]).max(initial=1.0):
        return pd.DataFrame([row | {"note": cannot_tell(ALIKE)}])
    times = _times(found["upper"] - found["lower"], errors.max(), len(replicates) - 2, confidence)
    limits = {"low": found["lower"] - times * errors[0], "high": found["upper"] + times * errors[1]}
    return pd.DataFrame([row | found | limits | {"note": ""}])


def _answered(score: np.ndarray, side: np.ndarray) -> float:
    return 100 * float(np.isfinite(score[side]).mean()) if side.any() else np.nan


def _bounds(score: np.ndarray, arm: np.ndarray) -> tuple[float, float, float, float]:
    """Per cent trimmed, plain difference, lower and upper bound; missing where a side has no answers."""
    sides = [score[arm == code] for code in (0, 1)]
    answers = [np.sort(side[np.isfinite(side)]) for side in sides]
    if min(map(len, answers)) == 0:
        return (np.nan,) * 4
    rates = [len(answered) / len(side) for answered, side in zip(answers, sides)]
    more = int(rates[1] >= rates[0])
    share = (rates[more] - rates[1 - more]) / rates[more]
    lowest, highest = _trimmed(answers[more], share), -_trimmed(-answers[more][::-1], share)
    means = [float(side.mean()) for side in answers]
    other = means[1 - more]
    ends = sorted((lowest - other, highest - other) if more else (other - lowest, other - highest))
    return 100 * share, means[1] - means[0], ends[0], ends[1]


def _trimmed(ordered: np.ndarray, share: float) -> float:
    """Mean of the lowest answers, without the highest share; the answer at the cut counts in part."""
    weight = np.clip((1 - share) * len(ordered) - np.arange(len(ordered)), 0, 1)
    return float(weight @ ordered / weight.sum())


def _times(width: float, error: float, degrees: int, confidence: float) -> float:
    """How many standard errors an interval reaches beyond bounds that lie a width apart."""
    held = lambda times: stats.t.cdf(times + width / error, degrees) - stats.t.cdf(-times, degrees)  # noqa: E731
    return float(optimize.brentq(lambda times: held(times) - confidence, 0, stats.t.ppf(0.5 + confidence / 2, degrees)))
