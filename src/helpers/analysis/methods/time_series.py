"""Series of months or quarters that hang together: changes of level at a known time, and places of unknown ones.

Neighbouring months are alike, so a series of 60 months tells less than 60 values would. Newey-West errors and
statsmodels' ``GLSAR`` hold the truth too seldom in series as short as an organisation has (Turner et al. 2021): they go
by one autocorrelation, which is estimated too low, as if it were known. Here generalised least squares are averaged
over all autocorrelations, each as far as the series fits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.base.model import Model
from statsmodels.regression.linear_model import GLS

from helpers.analysis.methods.counts import cannot_tell
from helpers.analysis.methods.people import People

#: Fewest points of a series, before and after a change, of which anything is said.
LEAST, LEAST_BEFORE, LEAST_AFTER = 24, 12, 3
#: Autocorrelations that a change of level is averaged over.
AVERAGED = np.round(np.arange(-0.95, 0.971, 0.03), 2)
#: The prior of an autocorrelation rho is 1/(1 - rho) to this power.
PRIOR_POWER = 0.75
#: Autocorrelations that are told apart where one is needed. Negative ones are taken as none.
GRID = np.round(np.arange(0, 0.951, 0.025), 3)
SEED = 20260630
METHOD = "generalised least squares, averaged over autocorrelations of order 1"
_NUMBERS = ("estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value", "autocorrelation")


class _Series:
    """What a design and its times say before any value is looked at: see :func:`change_point`."""

    def __init__(self, design: np.ndarray, times: np.ndarray) -> None:
        self.design = design
        apart = np.subtract.outer(times, times)
        self.apart = np.abs(apart)
        self.leaving = np.eye(len(times)) - design @ np.linalg.pinv(design)
        self.before = (apart == 1).astype(float)
        lagged = self.leaving @ self.before @ self.leaving
        alike = [self.alike(rho) for rho in GRID]
        expected = np.array([np.sum(lagged * one) / np.sum(self.leaving * one) for one in alike])
        self.expected = np.maximum.accumulate(expected)
        self._whitening: dict[int, np.ndarray] = {}
        self._known: dict[tuple[Any, ...], Any] = {}

    def alike(self, rho: float) -> np.ndarray:
        """Return the correlations of the errors."""
        return np.power(rho, self.apart)

    def places(self, values: np.ndarray) -> np.ndarray:
        """Return the place in the grid of the autocorrelation of each column."""
        left = self.leaving @ values
        found = np.einsum("ib,ib->b", left, self.before @ left) / np.maximum(np.square(left).sum(axis=0), 1e-300)
        return np.rint(np.interp(found, self.expected, np.arange(len(GRID)))).astype(int)

    def whitening(self, place: int) -> np.ndarray:
        """Return the matrix that takes the autocorrelation at a place of the grid away."""
        if place not in self._whitening:
            self._whitening[place] = np.linalg.inv(np.linalg.cholesky(self.alike(GRID[place])))
        return self._whitening[place]

    def draws(self, place: int, replicates: int) -> np.ndarray:
        """Draw errors, a series a column."""
        random = np.random.default_rng(SEED)
        return np.linalg.cholesky(self.alike(GRID[place])) @ random.standard_normal((len(self.apart), replicates))

    def by_chance(self, place: int, apart: int, replicates: int) -> np.ndarray:
        """Return the largest F of series without a change."""
        key = ("by chance", place, apart, replicates)
        if key not in self._known:
            self._known[key] = self.best(apart, self.draws(place, replicates))[1]
        return np.asarray(self._known[key])

    def tried(self, apart: int) -> np.ndarray:
        """Return the first points after a change that are tried."""
        return np.arange(apart, len(self.design) - apart + 1)

    def best(self, apart: int, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the first point after the best change of each series, its F and its size.

        Each series goes by the autocorrelation that it has without a change.
        """
        at, largest, size = np.empty(values.shape[1], int), np.empty(values.shape[1]), np.empty(values.shape[1])
        tried, by = self.tried(apart), self.places(values)
        for place in np.unique(by):
            mine, white = by == place, self.whitening(place)
            steps, leaving, width = self._steps(place, apart)
            outcome = leaving @ (white @ values[:, mine])
            along = steps.T @ outcome
            gained = np.square(along) / width
            best, each = gained.argmax(axis=0), np.arange(mine.sum())
            left = np.square(outcome).sum(axis=0) - gained[best, each]
            at[mine], size[mine] = tried[best], along[best, each] / width[best, 0]
            free = len(self.design) - self.design.shape[1] - 1
            largest[mine] = gained[best, each] / np.maximum(left / free, 1e-300)
        return at, largest, size

    def _steps(self, place: int, apart: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return every change that is tried, less what the design says, at an autocorrelation."""
        key = ("steps", place, apart)
        if key not in self._known:
            white = self.whitening(place)
            design = white @ self.design
            leaving = np.eye(len(design)) - design @ np.linalg.pinv(design)
            steps = leaving @ white @ (np.arange(len(design))[:, None] >= self.tried(apart)).astype(float)
            self._known[key] = steps, leaving, np.square(steps).sum(axis=0)[:, None]
        return self._known[key]


@lru_cache(maxsize=32)
def _known_series(design: bytes, times: bytes, columns: int) -> _Series:
    return _Series(np.frombuffer(design).reshape(-1, columns), np.frombuffer(times, dtype=np.int64))


def _series(design: np.ndarray, times: Any) -> _Series:
    """Return the series of a design; items of one pulse share it, and what is drawn for it."""
    numbers = np.ascontiguousarray(times, dtype=np.int64)
    return _known_series(np.ascontiguousarray(design, dtype=float).tobytes(), numbers.tobytes(), design.shape[1])


def level_change(
    models: Model | Mapping[Any, Model],
    term: str,
    time: str,
    *,
    by: str | Sequence[str] = "item",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate a term of models of time series, such as a change of level, with intervals that allow for neighbours.

    Parameters
    ----------
    models : statsmodels OLS model, or a dict of them
        From a formula and a frame, one row per point in time, such as
        ``smf.ols("mean ~ after + years + np.sin(turn) + np.cos(turn)", rows)``.
    term : str
        The term: 0 before a change and 1 after it, or another series that may go with this one.
    time : str
        Column of the frame with the number of the point in time; neighbours differ by 1, gaps may be.
    by : str or sequence of str
        Names of the columns for the labels of a dict.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per model: the columns of ``by``, estimate, standard_error, degrees_of_freedom, low, high, p_value,
        autocorrelation (-0.95 to 0.97), before and after (points), respondents (fewest of a point, by that column of
        the frame), people, method, note. Below :data:`LEAST` points, :data:`LEAST_BEFORE` before or
        :data:`LEAST_AFTER` after, the note begins with ``cannot tell:``; of another series, all points count as before.

    Raises
    ------
    ValueError
        Where a model has no such term, or two rows are of the same time.

    Notes
    -----
    At an autocorrelation rho, errors have the correlations V = rho^|s-t|, and generalised least squares (statsmodels'
    ``GLS``) give an estimate b with standard error s and n - k degrees of freedom. How well rho fits the series y is
    its restricted likelihood \\|V\\|^(-1/2) \\|X'V^(-1)X\\|^(-1/2) RSS^(-(n-k)/2). Where rho has the prior
    (1 - rho)^(-3/4), and the coefficients and the logarithm of the error have flat ones, the coefficient given y is a
    mixture of t distributions with these b and s, weighed by prior times likelihood (Zellner & Tiao 1964). Over
    :data:`AVERAGED`, estimate and autocorrelation are its means, standard_error is the root of the mean of s^2 plus the
    variance of b, low and high are as far from the estimate as holds the share ``confidence`` of it, and
    degrees_of_freedom is that of the t distribution that reaches as far.

    The prior gives weight to what is near 1: under a flat one, and under (1 - rho^2)^(-1/2), intervals of a change near
    the end of a series are too short where neighbours are much alike; under 1/(1 - rho) they are a little too long
    where they are not. How often they hold the truth, ``benchmarks/calibration_outcomes.md`` and
    ``benchmarks/recovery_sample.md`` say.

    Assumptions: errors of order 1; nothing else changed the level at that time; what was before would have gone on.

    References
    ----------
    Turner, S. L., Forbes, A. B., Karahalios, A., Taljaard, M. & McKenzie, J. E. (2021). Evaluation of statistical
    methods used in the analysis of interrupted time series studies: a simulation study. *BMC Medical Research
    Methodology*, 21, 181.

    Zellner, A. & Tiao, G. C. (1964). Bayesian analysis of the regression model with autocorrelated errors. *Journal of
    the American Statistical Association*, 59(307), 763-778.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> rows = pd.DataFrame({"month": range(30), "after": [0] * 20 + [1] * 10})
    >>> rows["mean"] = 3 + 0.5 * rows["after"] + 0.1 * (rows["month"] * 7 % 5 - 2)
    >>> level_change(smf.ols("mean ~ after", rows), "after", "month")[["estimate", "low", "high"]].round(2)
       estimate   low  high
    0       0.5  0.43  0.58
    """
    names = [by] if isinstance(by, str) else list(by)
    entries = models if isinstance(models, Mapping) else {(): models}
    names = names if isinstance(models, Mapping) else []
    rows = []
    for key, model in entries.items():
        labels = key if isinstance(key, tuple) else (key,)
        rows.append(dict(zip(names, labels, strict=True)) | _changed(model, term, time, confidence))
    columns = [*names, *_NUMBERS, "before", "after", "respondents", "people", "method", "note"]
    return pd.DataFrame(rows, columns=columns)


def _changed(model: Model, term: str, time: str, confidence: float) -> dict[str, Any]:
    if term not in model.exog_names:
        raise ValueError(f"the model has no term {term!r}; it has {', '.join(model.exog_names)}")
    column = model.exog_names.index(term)
    frame = model.data.frame.loc[model.data.row_labels]
    is_change = bool(np.isin(model.exog[:, column], (0, 1)).all())
    after = int((model.exog[:, column] > 0).sum()) if is_change else 0
    row = _counts(frame) | {"before": len(frame) - after, "after": after}
    row |= dict.fromkeys(_NUMBERS, np.nan) | {"method": METHOD, "note": ""}
    if why := _too_short(row["before"], after, is_change):
        return row | {"note": cannot_tell(why)}
    if np.linalg.matrix_rank(model.exog) < model.exog.shape[1] or np.ptp(model.endog) == 0:
        return row | {"note": cannot_tell("the series does not vary, or its trend and the change are the same")}
    if len(model.exog) == model.exog.shape[1]:
        return row | {"note": cannot_tell("as many terms as points in time")}
    return row | _averaged(model, column, frame[time].to_numpy(), confidence)


def _averaged(model: Model, column: int, times: np.ndarray, confidence: float) -> dict[str, float]:
    """Average a coefficient over autocorrelations; see :func:`level_change` for the formulas."""
    if len(np.unique(times)) < len(times):
        raise ValueError("two rows of the series are of the same time; keep one row per point in time")
    order = np.argsort(times)
    each, errors, weights = _by_autocorrelation(model.endog[order], model.exog[order], times[order], column)
    free = len(times) - model.exog.shape[1]
    estimate = float(weights @ each)
    error = float(np.sqrt(weights @ (errors**2 + (each - estimate) ** 2)))

    def beyond(reach: float) -> float:
        """Return the share of the mixture that is farther from the estimate; by its tails, so that small ones hold."""
        below, above = (reach + side * (each - estimate) for side in (1, -1))
        return float(weights @ (stats.t.sf(below / errors, free) + stats.t.sf(above / errors, free)))

    def reaching(share: float) -> float:
        """Return how far from the estimate such a share of the mixture reaches."""
        most = error
        while beyond(most) > 1 - share:
            most *= 2
        return float(optimize.brentq(lambda reach: beyond(reach) - (1 - share), 0, most, xtol=1e-12 * error))

    reach = reaching(confidence)
    return {
        "estimate": estimate, "standard_error": error,
        "degrees_of_freedom": _degrees(reaching(0.95) / error, free),
        "low": estimate - reach, "high": estimate + reach,
        "autocorrelation": float(weights @ AVERAGED), "p_value": beyond(abs(estimate)),
    }  # fmt: skip


def _by_autocorrelation(
    values: np.ndarray, design: np.ndarray, times: np.ndarray, column: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a coefficient, its standard error and the weight of each autocorrelation of :data:`AVERAGED`.

    Of errors of order 1, what is new since the point before is independent of all before it, gaps or not.
    """
    carried = np.power(AVERAGED[:, None], np.diff(times))
    new = np.column_stack([np.ones(len(AVERAGED)), np.sqrt(1 - carried**2)])

    def fresh(series: np.ndarray) -> np.ndarray:
        later = series[1:] - carried[..., None] * series[:-1]
        return np.concatenate([np.broadcast_to(series[:1], (len(AVERAGED), 1, series.shape[1])), later], axis=1)

    outcome = fresh(values[:, None]) / new[..., None]
    regressors = fresh(design) / new[..., None]
    crossed = regressors.transpose(0, 2, 1) @ regressors
    inverse = np.linalg.inv(crossed)
    slopes = inverse @ regressors.transpose(0, 2, 1) @ outcome
    left = np.square(outcome - regressors @ slopes).sum(axis=(1, 2))
    left = np.maximum(left, np.finfo(float).eps ** 2 * np.square(outcome).sum(axis=(1, 2)))
    free = len(values) - design.shape[1]
    fits = -np.log(new).sum(axis=1) - np.linalg.slogdet(crossed)[1] / 2 - free / 2 * np.log(left)
    weights = np.exp(fits - fits.max()) / (1 - AVERAGED) ** PRIOR_POWER
    errors = np.sqrt(inverse[:, column, column] * left / free)
    return slopes[:, column, 0], errors, weights / weights.sum()


def _too_short(before: int, after: int, is_change: bool) -> str:
    """Say why a series tells nothing of a term, if so."""
    if before + after < LEAST:
        return f"a change of level takes {LEAST} points in time" if is_change else f"it takes {LEAST} points in time"
    if not is_change:
        return ""
    if before < LEAST_BEFORE:
        return f"fewer than {LEAST_BEFORE} points in time lie before"
    return f"fewer than {LEAST_AFTER} points in time lie after" if after < LEAST_AFTER else ""


def _degrees(reach: float, most: int) -> float:
    """Return the degrees of freedom whose t distribution reaches so far, 19 times in 20."""
    least = 1.0
    if reach <= stats.t.ppf(0.975, most):
        return float(most)
    if reach >= stats.t.ppf(0.975, least):
        return least
    return float(optimize.brentq(lambda degrees: stats.t.ppf(0.975, degrees) - reach, least, most))


def autocorrelation(values: np.ndarray | pd.Series, times: np.ndarray | pd.Series) -> float:
    """Estimate how alike neighbouring values of a series without trend are.

    Parameters
    ----------
    values, times : array of float, array of int
        The values, and the number of the point in time of each; gaps may be.

    Returns
    -------
    float
        Correlation of neighbours without the bias of short series, 0 to 0.95; 0 where the values do not vary.

    Notes
    -----
    With deviations e = My from the mean, r = sum(e_t e_(t-1)) / sum(e_t^2) has about the expectation tr(MLMV) / tr(MV)
    under an autocorrelation rho, V having rho^|s-t| and L picking neighbours; rho is where that is r.

    References
    ----------
    Park, R. E. & Mitchell, B. M. (1980). Estimating the autocorrelated error model with trended data. *Journal of
    Econometrics*, 13(2), 185-201.

    Examples
    --------
    >>> autocorrelation([1, 2, 3, 4, 4, 3, 2, 1, 1, 2, 3, 4], range(12))
    0.85
    >>> autocorrelation([1, 2, 1, 2, 1, 2], range(6))
    0.0
    """
    outcome = np.asarray(values, dtype=float)
    if len(outcome) < 3 or np.ptp(outcome) == 0:
        return 0.0
    series = _series(np.ones((len(outcome), 1)), times)
    return float(GRID[series.places(outcome[:, None])[0]])


def _counts(frame: pd.DataFrame) -> dict[str, Any]:
    """Count the people behind a series; who they are nobody knows, and no series can be taken from another."""
    fewest = int(frame["respondents"].min()) if "respondents" in frame and len(frame) else len(frame)
    return {"respondents": fewest, "people": People(pd.DataFrame(), additive=False)}


def change_point(
    model: Model, time: str, *, confidence: float = 0.95, replicates: int = 499, apart: int = 6
) -> dict[str, Any]:
    """Look for one change of level at an unknown time, and say between which times it lies.

    Parameters
    ----------
    model : statsmodels OLS model
        Of the series without a change, such as ``smf.ols("mean ~ years + np.sin(turn) + np.cos(turn)", rows)``.
    time : str
        Column of the frame with the number of the point in time.
    confidence : float
        Level of the interval of its place, between 0 and 1. What is no change at 1 - confidence has no place.
    replicates : int
        Draws of the test, and of the bootstrap of the place.
    apart : int
        Fewest points before and after it.

    Returns
    -------
    dict
        place (row of the first point after the change), low, high (rows, interval of the place; all three missing where
        there is no change), size (of the change), p_value, autocorrelation, respondents, people, method, note.

    Notes
    -----
    Each place is tried by generalised least squares with the autocorrelation of the series without a change
    (:func:`autocorrelation`); the largest F counts (Andrews 1993). Its p-value is the share of series drawn without a
    change, each with its own autocorrelation, that have an F as large. A true change makes neighbours look alike, so
    the test is cautious. The interval of the place holds the middle share of the
    places found in series drawn with that change (Hinkley & Schechtman 1987). One change is looked for, not several.

    References
    ----------
    Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown change point.
    *Econometrica*, 61(4), 821-856.

    Hinkley, D. & Schechtman, E. (1987). Conditional bootstrap methods in the mean-shift model. *Biometrika*, 74(1),
    85-93.

    Examples
    --------
    The flow of the Nile fell after 1898, its 28th year here:

    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.datasets import nile
    >>> rows = nile.load_pandas().data
    >>> found = change_point(smf.ols("volume ~ 1", rows), "year")
    >>> int(rows["year"][found["place"] - 1]), round(found["size"])
    (1898, -258)
    """
    frame = model.data.frame.loc[model.data.row_labels]
    row = _counts(frame) | dict.fromkeys(("place", "low", "high", "size", "p_value", "autocorrelation"), np.nan)
    row |= {"method": "largest F over all places, bootstrap of the place", "note": ""}
    if len(frame) < LEAST:
        return row | {"note": cannot_tell(f"a change of level takes {LEAST} points in time")}
    if np.ptp(model.endog) == 0 or np.linalg.matrix_rank(model.exog) < model.exog.shape[1]:
        return row | {"note": cannot_tell("the series does not vary")}
    values, series = model.endog[:, None], _series(model.exog, frame[time])
    at, largest, size = (one[0] for one in series.best(apart, values))
    by_chance = series.by_chance(int(series.places(values)[0]), apart, replicates)
    p_value = float((1 + np.sum(by_chance >= largest)) / (1 + replicates))
    row |= {"p_value": p_value, "size": float(size)}
    if p_value > 1 - confidence:
        return row
    full = np.column_stack([model.exog, np.arange(len(frame)) >= at]).astype(float)
    place = int(_series(full, frame[time]).places(values)[0])
    fit = GLS(model.endog, full, sigma=series.alike(GRID[place])).fit()
    again = (full @ np.asarray(fit.params))[:, None] + np.sqrt(fit.scale) * series.draws(place, replicates)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(series.best(apart, again)[0], ends, method="closest_observation")
    return row | {"place": int(at), "low": int(low), "high": int(high), "autocorrelation": float(GRID[place])}
