"""Draw the estimates of many units towards their mean by as much as each is uncertain."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.meta_analysis import combine_effects

from helpers.analysis.methods.counts import cannot_tell

FEWEST_UNITS = 5
#: Points at which the distribution of the true values is computed.
_GRID = 2000


def shrink(
    frame: pd.DataFrame, value: str, standard_error: str, confidence: float = 0.95, unit: str = "units"
) -> pd.DataFrame:
    """Draw estimates towards their mean by as much as they are uncertain (empirical Bayes).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit, such as a manager.
    value, standard_error : str
        Columns of the estimate and its standard error.
    confidence : float
        Confidence level, between 0 and 1.
    unit : str
        What a row is about, in the plural, for the note.

    Returns
    -------
    pandas.DataFrame
        The frame with ``estimate`` (shrunken), ``low``, ``high``, ``reliability`` (0: all chance, 1: all real),
        ``spread`` (see :func:`triple_goal`) and ``note``; missing where fewer than 5 units can be compared.

    Notes
    -----
    With value y_i, variance s_i^2, mean mu and between-unit variance tau^2 (Paule & Mandel's method, statsmodels),
    the reliability is B_i = tau^2 / (tau^2 + s_i^2) and the estimate mu + B_i (y_i - mu), with variance
    B_i s_i^2 + (1 - B_i)^2 var(mu).

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. *Journal of the American
    Statistical Association*, 78, 47-55.

    Paule, R. C. & Mandel, J. (1982). Consensus values and weighting factors. *Journal of Research of the National
    Bureau of Standards*, 87, 377-385.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.DataFrame({"index": [60.0, 75, 82, 90, 55], "standard_error": [9.0, 6, 4, 5, 12]})
    >>> shrink(index, "index", "standard_error")[["index", "estimate", "low", "high"]].round(1)
       index  estimate   low  high
    0   60.0      65.3  50.5  80.1
    1   75.0      75.0  64.2  85.8
    2   82.0      81.3  73.8  88.8
    3   90.0      87.8  78.5  97.0
    4   55.0      64.9  47.1  82.6
    """
    names = ["estimate", "low", "high", "reliability", "spread"]
    known = frame[value].notna() & (frame[standard_error] > 0)
    if known.sum() < FEWEST_UNITS:
        note = cannot_tell(f"fewer than {FEWEST_UNITS} {unit} can be compared")
        return frame.assign(**dict.fromkeys(names, np.nan), note=note)
    y, variance = frame.loc[known, value].to_numpy(float), frame.loc[known, standard_error].to_numpy(float) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):  # its heterogeneity index divides by 0 for equal values
        between = combine_effects(y, variance, method_re="iterated").tau2
    weight = 1 / (variance + between)
    mean = np.average(y, weights=weight)
    reliability = between / (between + variance)
    error = np.sqrt(reliability * variance + (1 - reliability) ** 2 / weight.sum())
    half = stats.norm.ppf(0.5 + confidence / 2) * error
    estimate = mean + reliability * (y - mean)
    apart = triple_goal(estimate, reliability * variance)
    shrunken = pd.DataFrame(
        np.column_stack([estimate, estimate - half, estimate + half, reliability, apart]), frame.index[known], names
    )
    return frame.assign(**shrunken.reindex(frame.index), note="")


def triple_goal(estimate: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Estimate units such that their spread is that of the true values, for a histogram.

    Parameters
    ----------
    estimate, variance : numpy.ndarray
        Mean and variance of each unit's posterior distribution, taken as normal.

    Returns
    -------
    numpy.ndarray
        One value per unit, in their order.

    Notes
    -----
    Estimates vary more than the true values, by their error; shrunken ones vary less, since each is the mean of what
    it may be. The distribution of the true values is best estimated by G(t) = mean of P(value_i <= t). Its K quantiles
    at (2j - 1) / 2K are given to the units by their expected ranks, the mean of P(value_k <= value_i) over k. For a
    single unit the shrunken estimate is better. Assumption: errors are normal, and independent between units.

    References
    ----------
    Shen, W. & Louis, T. A. (1998). Triple-goal estimates in two-stage hierarchical models. *Journal of the Royal
    Statistical Society, Series B*, 60, 455-471.

    Examples
    --------
    >>> (triple_goal(np.array([-1.0, 0.0, 1.0]), np.array([1.0, 1.0, 1.0])) + 60).round(2)
    array([58.72, 60.  , 61.28])
    """
    error = np.sqrt(variance)
    if not (error > 0).all():
        return np.asarray(estimate, dtype=float)
    grid = np.linspace((estimate - 6 * error).min(), (estimate + 6 * error).max(), _GRID)
    below = np.array([special.ndtr((at - estimate) / error).mean() for at in grid])
    apart = np.sqrt(variance[:, None] + variance)
    expected = special.ndtr((estimate[:, None] - estimate) / apart).mean(axis=1)
    place = np.argsort(np.argsort(expected, kind="stable"), kind="stable")
    return np.asarray(np.interp((2 * place + 1) / (2 * len(estimate)), below, grid))
