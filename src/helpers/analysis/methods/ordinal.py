"""Outcomes with ordered answers: proportional odds, a test of their assumption, and what matters most.

The model says that one set of odds ratios holds at every cut between answers: P(outcome <= j) =
1 / (1 + exp(-(t_j - x'b))). It is fitted by statsmodels' ``OrderedModel``; where hundreds of fits are needed, by our
own Newton steps, which tests hold to it. Association, not cause.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, special, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from helpers.analysis.methods import clustered, jackknife
from helpers.analysis.methods.counts import NOT_COMPUTABLE, cannot_tell, people, require
from helpers.analysis.methods.dominance import FEWEST_CLUSTERS, RESPONDENTS_PER_PREDICTOR, dominance_coefficients
from helpers.rounding import snapped

METHOD = "proportional odds, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_PARALLEL = "Brant's comparison of cuts, delete-one-cluster jackknife, Hotelling's T-squared"
METHOD_DOMINANCE = "general dominance of McFadden's R-squared, delete-one-cluster jackknife, t"
#: Most predictors (columns of one factor count as one) whose every combination is fitted.
MOST_PREDICTORS = 6

_VALUES = ("estimate", "standard_error", "degrees_of_freedom", "low", "high", "coefficient", "p_value")
_STEPS = 50
_TOLERANCE = 1e-9
_MOST_GROUPS = 40
#: What a further step may still gain of the log-likelihood, where no more than that is needed.
_CLOSE = 1e-5


class Prepared(NamedTuple):
    """Rows ready for a fit.

    Attributes
    ----------
    design : numpy.ndarray
        Rows x terms: numbers as they are, factors as indicators of all but their first level.
    terms : list of str
        Names of the columns, such as ``tenure`` or ``position[M]``.
    owner : list of str
        Predictor of each column.
    outcome : numpy.ndarray
        Answer of each row, 0 to answers - 1.
    answers : list
        The answers that were given, in order.
    used : pandas.DataFrame
        The rows.
    """

    design: np.ndarray
    terms: list[str]
    owner: list[str]
    outcome: np.ndarray
    answers: list
    used: pd.DataFrame


def prepare(frame: pd.DataFrame, outcome: str, predictors: Sequence[str], cluster: str = "cluster_id") -> Prepared:
    """Bring a frame into the form of the model.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer. Rows with anything missing are left out.
    outcome : str
        Column to explain: numbers, or an ordered categorical.
    predictors : sequence of str
        Columns that may explain it: numbers, or text and categoricals (factors).
    cluster : str
        Column that names the cluster.

    Returns
    -------
    Prepared
        See there.

    Raises
    ------
    ValueError
        If the outcome is text without an order.
    """
    require(frame, [outcome, *predictors, cluster])
    order = frame[outcome].dtype
    if not (pd.api.types.is_numeric_dtype(order) or getattr(order, "ordered", False)):
        raise ValueError(f"{outcome} is text without an order; expected numbers or an ordered categorical")
    used = frame.dropna(subset=[outcome, cluster, *predictors])
    given = used[outcome].cat.remove_unused_categories() if getattr(order, "ordered", False) else used[outcome]
    levels = list(given.cat.categories) if getattr(order, "ordered", False) else sorted(given.unique())
    columns: list[np.ndarray] = []
    terms: list[str] = []
    owner: list[str] = []
    for name in predictors:
        if pd.api.types.is_numeric_dtype(used[name]):
            found = {name: used[name].to_numpy(float)}
        else:
            kinds = used[name].astype("category").cat.remove_unused_categories().cat.categories
            found = {f"{name}[{kind}]": (used[name] == kind).to_numpy(float) for kind in kinds[1:]}
        columns += found.values()
        terms += found
        owner += [name] * len(found)
    design = np.column_stack(columns) if columns else np.zeros((len(used), 0))
    codes = given.map({level: position for position, level in enumerate(levels)}).to_numpy(int)
    return Prepared(design, terms, owner, codes, levels, used)


def _not_told(prepared: Prepared, cluster: str, minimum: int = 0) -> str:
    counts = people(prepared.used, cluster, additive=False)
    needed = max(minimum, RESPONDENTS_PER_PREDICTOR * max(1, len(prepared.terms)))
    if counts["respondents"] < needed:
        return f"fewer than {needed} respondents for {len(prepared.terms)} terms"
    if counts["clusters"] < FEWEST_CLUSTERS:
        return f"fewer than {FEWEST_CLUSTERS} clusters answered"
    if len(prepared.answers) < 2:
        return NOT_COMPUTABLE
    if any(prepared.used[name].nunique() < 2 for name in set(prepared.used) & set(prepared.owner)):
        return NOT_COMPUTABLE
    if not prepared.terms:
        return "no predictor differs between respondents"
    if np.linalg.matrix_rank(prepared.design - prepared.design.mean(axis=0)) < len(prepared.terms):
        return "predictors cannot be told apart in these data"
    return ""


class Fit(NamedTuple):
    """A fitted model: thresholds, coefficients, log-likelihood."""

    thresholds: np.ndarray
    coefficients: np.ndarray
    likelihood: float


def newton(design: np.ndarray, outcome: np.ndarray, answers: int, start: Fit | None = None) -> Fit | None:
    """Fit proportional odds by Newton steps.

    Parameters
    ----------
    design : numpy.ndarray
        Rows x terms.
    outcome : numpy.ndarray
        0 to ``answers`` - 1; each occurs.
    answers : int
        Number of answers.
    start : Fit, optional
        Solution of a similar problem; speeds up the fit.

    Returns
    -------
    Fit or None
        None where a coefficient has no finite value.

    Notes
    -----
    The log-likelihood is concave in thresholds and coefficients (Pratt, 1981), so that Newton steps, halved where
    they go too far, find its one maximum.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. *Journal of the Royal Statistical Society B*, 42, 109-142.

    Pratt, J. W. (1981). Concavity of the log likelihood. *Journal of the American Statistical Association*, 76,
    103-106.
    """
    cuts = answers - 1
    if len(np.unique(outcome)) < answers:
        return None
    shares = np.cumsum(np.bincount(outcome, minlength=answers))[:-1] / len(outcome)
    point = np.concatenate([special.logit(shares), np.zeros(design.shape[1])])
    if start is not None:
        point = np.concatenate([start.thresholds, start.coefficients])
    value = _likelihood(point, design, outcome, cuts)
    if not np.isfinite(value):
        return newton(design, outcome, answers)
    for _ in range(_STEPS):
        ((gradient, information),) = _derivatives(point, design, outcome, cuts)
        try:
            step = linalg.cho_solve(linalg.cho_factor(information), gradient)
        except (linalg.LinAlgError, ValueError):
            return None
        length = 1.0
        while length > 1e-6 and not (reached := _likelihood(point + length * step, design, outcome, cuts)) >= value:
            length /= 2
        if length <= 1e-6:
            break
        point, gain, value = point + length * step, reached - value, reached
        if gain < _TOLERANCE and np.abs(step).max() < 1e-5:
            break
    else:
        return None
    if _unbounded(point[cuts:], design):
        return None
    return Fit(point[:cuts], point[cuts:], value)


def _unbounded(coefficients: np.ndarray, design: np.ndarray) -> bool:
    """Separated answers drive a coefficient to infinity while the likelihood hardly moves."""
    return bool(np.abs(coefficients * design.std(axis=0)).max(initial=0) > 15)


def _derivatives(
    point: np.ndarray, design: np.ndarray, outcome: np.ndarray, cuts: int, parts: Sequence[slice] = (slice(None),)
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Gradient of the log-likelihood of each part of the rows, and its second derivatives with the sign turned.

    Thresholds first.
    """
    high, low, chance = _chances(point, design, outcome, cuts)
    slope_high, slope_low = high * (1 - high), low * (1 - low)
    upper, lower = slope_high / chance, slope_low / chance
    # the last answer has no upper, the first no lower threshold: their slopes are 0
    at = outcome[:, None] == np.arange(cuts)
    above = outcome[:, None] == np.arange(1, cuts + 1)
    curved, curved_below, beside = upper * (upper + 2 * high - 1), lower * (lower + 1 - 2 * low), upper * lower
    slopes, pull = at * slope_high[:, None] + above * slope_low[:, None], high + low - 1
    weighted = design * (slope_high + slope_low)[:, None]
    steps = np.arange(cuts)
    found = []
    for part in parts:
        x, here, over = design[part], at[part], above[part]
        information = np.zeros((cuts + x.shape[1],) * 2)
        information[steps, steps] = curved[part] @ here + curved_below[part] @ over
        information[steps[1:], steps[:-1]] = information[steps[:-1], steps[1:]] = -(beside[part] @ here)[1:]
        information[:cuts, cuts:] = mixed = -slopes[part].T @ x
        information[cuts:, :cuts] = mixed.T
        information[cuts:, cuts:] = weighted[part].T @ x
        gradient = np.concatenate([upper[part] @ here - lower[part] @ over, pull[part] @ x])
        found.append((gradient, information))
    return found


def _chances(point: np.ndarray, design: np.ndarray, outcome: np.ndarray, cuts: int) -> tuple[np.ndarray, ...]:
    """Chance of an answer up to the given one, up to the one below it, and of the given one."""
    edges = np.concatenate([[-np.inf], point[:cuts], [np.inf]])
    linear = design @ point[cuts:]
    high, low = special.expit(edges[outcome + 1] - linear), special.expit(edges[outcome] - linear)
    return high, low, np.maximum(high - low, 1e-300)


def _likelihood(point: np.ndarray, design: np.ndarray, outcome: np.ndarray, cuts: int) -> float:
    if (np.diff(point[:cuts]) <= 0).any():
        return -np.inf
    return float(_logs(point, design, outcome, cuts).sum())


def _logs(point: np.ndarray, design: np.ndarray, outcome: np.ndarray, cuts: int) -> np.ndarray:
    """Log-likelihood of every row."""
    return np.log(_chances(point, design, outcome, cuts)[2])


def ordered_model(prepared: Prepared) -> Fit | None:
    """Fit proportional odds by statsmodels.

    Parameters
    ----------
    prepared : Prepared
        What :func:`prepare` returns.

    Returns
    -------
    Fit or None
        Thresholds on the scale of the linear predictor: statsmodels holds the first, and the logs of the distances of
        the others from the one before. None where the fit did not converge.
    """
    start = newton(prepared.design, prepared.outcome, len(prepared.answers))
    if start is None:
        return None
    gaps = np.log(np.diff(start.thresholds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what they warn, convergence, is looked at below
        model = OrderedModel(prepared.outcome, prepared.design, distr="logit")
        first = np.concatenate([start.coefficients, start.thresholds[:1], gaps])
        found = model.fit(first, method="bfgs", disp=False, skip_hessian=True)
    terms = len(prepared.terms)
    thresholds = model.transform_threshold_params(found.params[terms:])[1:-1]
    if not np.isfinite(found.llf) or found.llf < start.likelihood - 1e-4:
        return None
    return Fit(np.asarray(thresholds), np.asarray(found.params[:terms]), float(found.llf))


def _in_parts(prepared: Prepared, cluster: str, most: int) -> tuple[np.ndarray, np.ndarray, list[slice]]:
    """Design and outcome sorted by cluster, and the rows of each cluster, or of each of ``most`` groups of them."""
    group = pd.factorize(prepared.used[cluster])[0] % most
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], range(group.max() + 2))
    return prepared.design[order], prepared.outcome[order], [slice(*pair) for pair in pairwise(ends)]


def _refitted(
    design: np.ndarray, outcome: np.ndarray, answers: int, parts: Sequence[slice], close: float = 0.0
) -> list[Fit] | None:
    """Fit to everything, then with each part of the rows left out; None if a fit fails.

    One Newton step from the fit to everything comes near the fit without the part. How near is seen from how far the
    likelihood gained is from what the step promised: that surprise, squared and divided by the promise, is about
    what a further step would gain. Where that is not below ``close``, the model is fitted to the end from there.
    """
    cuts, given = answers - 1, np.bincount(outcome)
    fit = newton(design, outcome, answers)
    if fit is None or any((np.bincount(outcome[part], minlength=answers) == given).any() for part in parts):
        return None
    point = np.concatenate([fit.thresholds, fit.coefficients])
    pieces = _derivatives(point, design, outcome, cuts, parts)
    gradient, information = (sum(piece) for piece in zip(*pieces))
    fits, at_point = [fit], _logs(point, design, outcome, cuts)
    for part, (own_gradient, own_information) in zip(parts, pieces):
        pull = gradient - own_gradient
        try:
            step = linalg.cho_solve(linalg.cho_factor(information - own_information), pull)
        except (linalg.LinAlgError, ValueError):
            return None
        before, after = float(at_point.sum() - at_point[part].sum()), -np.inf
        if (np.diff((point + step)[:cuts]) > 0).all():
            logs = _logs(point + step, design, outcome, cuts)
            after = float(logs.sum() - logs[part].sum())
        stepped = Fit(point[:cuts] + step[:cuts], point[cuts:] + step[cuts:], after)
        promise = pull @ step / 2
        near = (after - before - promise) ** 2 < close * promise
        without: Fit | None = stepped
        if not near or _unbounded(stepped.coefficients, design):
            rows = np.ones(len(outcome), bool)
            rows[part] = False
            without = newton(design[rows], outcome[rows], answers, stepped)
        if without is None:
            return None
        fits.append(without)
    return fits


def banded(frame: pd.DataFrame, outcome: str, most: int = 5, bands: int = 3) -> pd.DataFrame:
    """Put an outcome with many different answers into a few ordered bands of like size.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer.
    outcome : str
        Column of the outcome.
    most : int
        With this many different answers or fewer it stays as it is.
    bands : int
        Number of bands; ties may leave fewer.

    Returns
    -------
    pandas.DataFrame
        A copy; without rows where fewer than two different answers were given, so that nothing has an order.
    """
    different = frame[outcome].nunique()
    if different < 2:
        return frame[:0].copy()
    if different <= most:
        return frame.copy()
    return frame.assign(**{outcome: pd.qcut(frame[outcome], bands, labels=False, duplicates="drop")})


def proportional_odds(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    cluster: str = "cluster_id",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate odds ratios of a higher answer.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer. Rows with anything missing are left out.
    outcome : str
        Column to explain: numbers, or an ordered categorical.
    predictors : sequence of str
        Columns that may explain it: numbers, or text and categoricals (factors).
    cluster : str
        Column that names the cluster.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per term and per threshold: term (``threshold None|Yellow`` and so on for thresholds), kind
        (``odds ratio`` or ``threshold``), estimate (odds ratio per unit of the term; log odds for thresholds),
        standard_error (of the coefficient), degrees_of_freedom, low, high, coefficient (log odds ratio, or the
        threshold), p_value (of an odds ratio of 1; missing for thresholds), respondents, rated
        (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If the outcome has no order, or confidence is not between 0 and 1.

    Notes
    -----
    statsmodels' ``OrderedModel``, see the module. The variance is CR2 of the last scoring step, written as least
    squares: with p_k the chance of answer k in a row and y_k whether it was given, the rows of the design are
    (dp_k / d thresholds and coefficients) / sqrt(p_k), those of the outcome (y_k - p_k) / sqrt(p_k), one per answer.
    Leaving out clusters in turn calls 7 % of nulls of an HR partner's attribute. Nothing is told with fewer than 15
    respondents per term or 20 clusters.

    References
    ----------
    McCullagh (1980), as for :func:`newton`.

    Pustejovsky & Tipton (2018), as for :mod:`helpers.analysis.methods.clustered`.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> team = np.repeat(range(30), 8)
    >>> frame = pd.DataFrame({"cluster_id": team, "respondent_id": range(240), "trust": random.normal(size=240)})
    >>> frame["tenure"] = random.normal(size=240)
    >>> latent = frame["trust"] + random.logistic(size=240)
    >>> frame["stay"] = np.searchsorted([-1, 0, 1], latent)
    >>> found = proportional_odds(frame, "stay", ["trust", "tenure"])
    >>> found[["term", "estimate", "low", "high"]].round(2).values.tolist()
    [['trust', 2.77, 1.88, 4.07], ['tenure', 1.14, 0.87, 1.51], ['threshold 0|1', -1.1, -1.53, -0.67],
     ['threshold 1|2', -0.05, -0.34, 0.24], ['threshold 2|3', 1.11, 0.7, 1.51]]
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    return odds_ratios(prepare(frame, outcome, predictors, cluster), cluster, confidence)


def taken(model: OrderedModel, cluster: str) -> Prepared:
    """Take from a model made by statsmodels what :func:`prepare` takes from a frame.

    Parameters
    ----------
    model : statsmodels.miscmodels.ordinal_model.OrderedModel
        Made from a formula and a frame, with ``distr="logit"`` and without offset.
    cluster : str
        Column of that frame that names the cluster. Rows in which it is missing are left out.

    Returns
    -------
    Prepared
        See there; an answer that none of the rows gave is left out.

    Raises
    ------
    TypeError
        If the model has another distribution, or an offset.
    """
    if model.distr is not stats.logistic or model.offset is not None:
        raise TypeError('ordered models need distr="logit" (statsmodels\' own choice is "probit") and no offset')
    rows = clustered.sample(model, cluster)
    given, codes = np.unique(rows.outcome.astype(int), return_inverse=True)
    spans = clustered.term_columns(model)
    owner = [name for name, columns in spans.items() for _ in columns]
    return Prepared(rows.design, rows.names, owner, codes, [model.labels[code] for code in given], rows.used)


def odds_ratios(prepared: Prepared, cluster: str, confidence: float) -> pd.DataFrame:
    """Fit proportional odds and give the odds ratios.

    Parameters
    ----------
    prepared : Prepared
        What :func:`prepare` or :func:`taken` returns.
    cluster : str
        Column that names the cluster.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`proportional_odds`.
    """
    shared = {**people(prepared.used, cluster, additive=False), "observations": len(prepared.used), "method": METHOD}
    levels = [str(answer) for answer in prepared.answers]
    thresholds = [f"threshold {low}|{high}" for low, high in pairwise(levels)]
    reason = _not_told(prepared, cluster)
    fit = None if reason else ordered_model(prepared)
    if not reason and fit is None:
        reason = "an odds ratio has no finite value"
    found = _scoring_step(prepared, fit, cluster) if fit else None
    clusters = prepared.used.groupby(prepared.outcome)[cluster].nunique().to_numpy()
    hinging = [name for name, *both in zip(thresholds, clusters, clusters[1:]) if min(both) < 2]
    rows = []
    for position, name in enumerate([*prepared.terms, *thresholds] or list(dict.fromkeys(prepared.owner))):
        kind = "threshold" if name in thresholds else "odds ratio"
        values: dict[str, float] = dict.fromkeys(_VALUES, np.nan)
        said = reason
        if fit and found and (not (degrees := found.degrees_of_freedom[position]) >= 1 or name in hinging):
            said = "fewer than 2 clusters bear on this"
        elif fit and found:
            point = np.concatenate([fit.coefficients, fit.thresholds])[position]
            values = _odds_ratio(point, found.standard_errors[position, 0], degrees, kind, confidence)
        rows.append({"term": name, "kind": kind, **values, **shared, "note": cannot_tell(said) if said else ""})
    return pd.DataFrame(rows, columns=None if rows else ["term", "kind", *_VALUES, *shared, "note"])


def _scoring_step(prepared: Prepared, fit: Fit, cluster: str) -> clustered.LeastSquares:
    """Write the last step of the fit as least squares, coefficients first; see :func:`proportional_odds`."""
    size, answers = len(prepared.outcome), len(prepared.answers)
    below = special.expit(fit.thresholds - (prepared.design @ fit.coefficients)[:, None])
    slope = np.pad(below * (1 - below), ((0, 0), (1, 1)))
    chance = np.maximum(np.diff(np.pad(below, ((0, 0), (1, 1)), constant_values=(0, 1))), 1e-300)
    edges = np.eye(answers + 1)[:, 1:-1]
    # thresholds move the upper and the lower edge of an answer, the coefficients both at once
    moved = slope[:, 1:, None] * edges[1:] - slope[:, :-1, None] * edges[:-1]
    shifted = -np.diff(slope)[:, :, None] * prepared.design[:, None, :]
    rows = np.concatenate([shifted, moved], axis=2) / np.sqrt(chance)[:, :, None]
    given = (np.arange(answers) == prepared.outcome[:, None]).astype(float)
    left = (given - chance) / np.sqrt(chance)
    who = np.repeat(prepared.used[cluster].to_numpy(), answers)
    return clustered.least_squares(rows.reshape(size * answers, -1), left.ravel(), who)


def _odds_ratio(point: float, error: float, degrees: float, kind: str, confidence: float) -> dict[str, float]:
    half = error * stats.t.ppf(0.5 + confidence / 2, degrees)
    figures = np.array([point, point - half, point + half])
    ratio = kind == "odds ratio"
    estimate, low, high = np.exp(figures) if ratio else figures
    p_value = 2 * stats.t.sf(abs(point) / error, degrees) if ratio else np.nan
    return dict(zip(_VALUES, (estimate, error, degrees, low, high, point, p_value)))


def parallel_lines(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], cluster: str = "cluster_id"
) -> pd.DataFrame:
    """Test whether one set of odds ratios holds at every cut between answers.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer. Rows with anything missing are left out.
    outcome : str
        Column to explain: numbers, or an ordered categorical.
    predictors : sequence of str
        Columns that may explain it: numbers, or text and categoricals (factors).
    cluster : str
        Column that names the cluster.

    Returns
    -------
    pandas.DataFrame
        One row per predictor, and ``all predictors`` first: predictor, statistic (F), degrees_of_freedom (numerator),
        p_value, verdict (``no sign against it``: p of .05 or more; ``does not hold``; ``cannot tell``), respondents,
        rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If the outcome has no order.

    Notes
    -----
    Brant's comparison: a binary logistic regression of "above the cut" at every cut, and a Wald test that its
    coefficients are the same at all of them. In place of his covariance for independent rows, that of the
    delete-one-cluster jackknife (beyond 100 clusters in 100 groups), referred to Hotelling's T-squared:
    F = (G - q) / (q (G - 1)) d'V^-1 d on q and G - q degrees of freedom.

    References
    ----------
    Brant, R. (1990). Assessing proportionality in the proportional odds model for ordinal logistic regression.
    *Biometrics*, 46, 1171-1178.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> team = np.repeat(range(30), 8)
    >>> frame = pd.DataFrame({"cluster_id": team, "respondent_id": range(240), "trust": random.normal(size=240)})
    >>> frame["tenure"] = random.normal(size=240)
    >>> latent = frame["trust"] + random.logistic(size=240)
    >>> frame["stay"] = np.searchsorted([-1, 0, 1], latent)
    >>> found = parallel_lines(frame, "stay", ["trust", "tenure"])
    >>> found[["predictor", "p_value"]].round(2).values.tolist()
    [['all predictors', 0.6], ['trust', 0.42], ['tenure', 0.45]]
    """
    prepared = prepare(frame, outcome, predictors, cluster)
    shared = {
        **people(prepared.used, cluster, additive=False),
        "observations": len(prepared.used),
        "method": METHOD_PARALLEL,
    }
    reason = _not_told(prepared, cluster)
    if not reason and len(prepared.answers) < 3:
        reason = "an outcome with two answers has one cut"
    differences = None if reason else _differences(prepared, cluster)
    reason = reason or ("at some cut an odds ratio has no finite value" if differences is None else "")
    rows = []
    for name in ["all predictors", *predictors]:
        values = {"statistic": np.nan, "degrees_of_freedom": np.nan, "p_value": np.nan}
        said = reason
        if differences is not None:
            chosen = [name in ("all predictors", owner) for owner in prepared.owner]
            values = _hotelling(differences[:, :, chosen].reshape(len(differences), -1))
            said = "too few clusters for so many coefficients" if np.isnan(values["p_value"]) else ""
        verdict = (
            "cannot tell" if said else "does not hold" if snapped(values["p_value"]) < 0.05 else "no sign against it"
        )
        note = cannot_tell(said) if said else ""
        rows.append({"predictor": name, **values, "verdict": verdict, **shared, "note": note})
    return pd.DataFrame(rows)


def _differences(prepared: Prepared, cluster: str) -> np.ndarray | None:
    """Coefficients at every further cut less those at the first: of everything, then with clusters left out."""
    design, outcome, parts = _in_parts(prepared, cluster, 100)
    found = []
    for cut in range(1, len(prepared.answers)):
        fits = _refitted(design, (outcome >= cut).astype(int), 2, parts)
        if fits is None:
            return None
        found.append([fit.coefficients for fit in fits])
    coefficients = np.array(found).swapaxes(0, 1)
    return coefficients[:, 1:] - coefficients[:, :1]


def _hotelling(estimates: np.ndarray) -> dict[str, float]:
    """Test that everything is zero, from the estimate of everything and those with a group left out."""
    point, others = estimates[0], estimates[1:]
    groups, size = others.shape
    deviations = others - others.mean(axis=0)
    covariance = (groups - 1) / groups * deviations.T @ deviations
    if groups <= size + 1 or np.linalg.matrix_rank(covariance) < size:
        return {"statistic": np.nan, "degrees_of_freedom": size, "p_value": np.nan}
    statistic = (groups - size) / (size * (groups - 1)) * point @ np.linalg.solve(covariance, point)
    p_value = stats.f.sf(statistic, size, groups - size)
    return {"statistic": float(statistic), "degrees_of_freedom": size, "p_value": float(p_value)}


def dominance(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    cluster: str = "cluster_id",
    confidence: float = 0.95,
    minimum_model_n: int = 20,
) -> pd.DataFrame:
    """Divide McFadden's R-squared between the predictors of an ordered outcome.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer. Rows with anything missing are left out.
    outcome : str
        Column to explain: numbers, or an ordered categorical.
    predictors : sequence of str
        Columns that may explain it: numbers, or text and categoricals (factors). Two to six; a factor
        counts as one.
    cluster : str
        Column that names the cluster.
    confidence : float
        Confidence level, between 0 and 1.
    minimum_model_n : int
        Fewest respondents for whom a ranking may be published.

    Returns
    -------
    pandas.DataFrame
        One row per predictor, most important first: predictor, estimate (its part of R-squared, 0 to 1), low, high,
        share (per cent of R-squared), rank, r_squared (McFadden's, of the whole model), respondents, rated (where
        known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    McFadden's R-squared is 1 - log L / log L0 with L0 the thresholds alone. General dominance as in
    :func:`helpers.analysis.methods.dominance.general_dominance`, with every combination of predictors fitted by
    :func:`newton`; clusters are left out in turn, beyond 40 in 40 groups. Parts cannot be told from nothing by
    their interval, since even chance gives a positive one.

    References
    ----------
    Azen, R. & Traxel, N. (2009). Using dominance analysis to determine predictor importance in logistic regression.
    *Journal of Educational and Behavioral Statistics*, 34, 319-347.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> team = np.repeat(range(30), 8)
    >>> frame = pd.DataFrame({"cluster_id": team, "respondent_id": range(240), "trust": random.normal(size=240)})
    >>> frame["tenure"] = random.normal(size=240)
    >>> latent = frame["trust"] + random.logistic(size=240)
    >>> frame["stay"] = np.searchsorted([-1, 0, 1], latent)
    >>> found = dominance(frame, "stay", ["trust", "tenure"])
    >>> found[["predictor", "estimate", "low", "high"]].round(3).values.tolist()
    [['trust', 0.082, 0.028, 0.136], ['tenure', 0.003, 0.0, 0.011]]
    """
    predictors = list(predictors)
    if len(predictors) > MOST_PREDICTORS:
        raise ValueError(f"{len(predictors)} predictors; expected {MOST_PREDICTORS} at most")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    prepared = prepare(frame, outcome, predictors, cluster)
    counts = people(prepared.used, cluster, additive=False)
    reason = _not_told(prepared, cluster, minimum_model_n)
    weights = None if reason else _all_weights(prepared, predictors, cluster)
    if not reason and weights is None:
        reason = "an answer or an odds ratio hinges on a single cluster, or has no finite value"
    shared = {**counts, "observations": len(prepared.used), "method": METHOD_DOMINANCE}
    numbers = ("estimate", "low", "high", "share", "rank", "r_squared")
    if len(predictors) < 2:  # one alone has nothing to be ranked against
        return pd.DataFrame(columns=["predictor", *numbers, *shared, "note"])
    if weights is None:
        absent = dict.fromkeys(numbers, np.nan) | shared | {"note": cannot_tell(reason)}
        return pd.DataFrame([{"predictor": name, **absent} for name in predictors])
    point, others = weights[0], weights[1:]
    half = stats.t.ppf(0.5 + confidence / 2, len(others) - 1) * jackknife.standard_error(others)
    rows = []
    for rank, i in enumerate(np.argsort(-point, kind="stable"), start=1):
        limits = (point[i], max(0.0, point[i] - half[i]), point[i] + half[i])
        values = dict(zip(numbers, (*limits, 100 * point[i] / point.sum(), rank, point.sum())))
        rows.append({"predictor": predictors[i], **values, **shared, "note": ""})
    return pd.DataFrame(rows)


def _all_weights(prepared: Prepared, predictors: list[str], cluster: str) -> np.ndarray | None:
    """General dominance weights of everything, then with each group of clusters left out; None if a fit fails."""
    design, outcome, parts = _in_parts(prepared, cluster, _MOST_GROUPS)
    owner = np.array(prepared.owner)
    likelihoods = []
    for mask in range(2 ** len(predictors)):
        chosen = design[:, np.isin(owner, [name for i, name in enumerate(predictors) if mask >> i & 1])]
        fits = _refitted(chosen, outcome, len(prepared.answers), parts, _CLOSE)
        if fits is None:
            return None
        likelihoods.append([fit.likelihood for fit in fits])
    explained = 1 - np.array(likelihoods) / likelihoods[0]
    return (dominance_coefficients(len(predictors)) @ explained).T
