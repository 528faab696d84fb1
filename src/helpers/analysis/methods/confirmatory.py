"""Confirmatory factor analysis by maximum likelihood, of one group or of several with equal loadings and intercepts.

The model of the item means and covariances of group g is

    mean = t_g + L_g k_g,   covariance = L_g P_g L_g' + D_g

with loadings L (which of them are free is told beforehand), factor means k, factor covariances P, intercepts t and
unique variances D. Over the groups the discrepancy

    F = sum_g n_g / N [log|S_g*| + tr(S_g S_g*^-1) - log|S_g| - p + (m_g - m_g*)' S_g*^-1 (m_g - m_g*)]

is minimised; N F is the chi-square of fit. Factors have variance 1 and mean 0 in the first group. Where loadings are
equal, the other groups' factor variances are free; where intercepts are equal too, so are their factor means.

It is written here, not taken from a package: it is a hundred lines, lavaan's published figures test it, and the one
Python package that fits several groups has few maintainers.

Assumptions: people independent, items about normal. Answers in clusters make chi-square too large; CFI and SRMR change
little.

References
----------
Joreskog, K. G. (1971). Simultaneous factor analysis in several populations. *Psychometrika*, 36, 409-426.

Bollen, K. A. (1989). *Structural Equations with Latent Variables*. Wiley. Chapters 7 and 8.

Rosseel, Y. (2012). lavaan: An R package for structural equation modeling. *Journal of Statistical Software*, 48(2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize, stats

#: What may be equal in all groups, each with what stands before it.
LEVELS = ("configural", "metric", "scalar")
#: Smallest unique variance, as a share of the item's.
_LEAST = 1e-4


class Moments(NamedTuple):
    """What the likelihood needs of one group.

    Attributes
    ----------
    size : int
        People.
    mean, covariance : numpy.ndarray
        Of the items; the covariance by n, not n - 1.
    """

    size: int
    mean: np.ndarray
    covariance: np.ndarray


def moments(answers: np.ndarray) -> Moments:
    """Take the moments of complete answers.

    Parameters
    ----------
    answers : numpy.ndarray
        People x items, nothing missing.

    Returns
    -------
    Moments
        See there.
    """
    return Moments(len(answers), answers.mean(axis=0), np.cov(answers.T, bias=True))


@dataclass(frozen=True)
class Confirmatory:
    """A fitted model.

    Attributes
    ----------
    converged : bool
        Whether a minimum was found; if not, the figures mean nothing.
    statistic, degrees_of_freedom : float
        Chi-square of fit, and its degrees of freedom.
    p_value : float
        Of a model that is true.
    cfi, tli : float
        Comparative fit and Tucker-Lewis index against items that have nothing in common.
    rmsea, rmsea_low, rmsea_high : float
        Root mean square error of approximation, with its interval.
    srmr : float
        Standardised root mean square residual of means and covariances.
    loadings, factor_covariances, intercepts, unique, factor_means : list of numpy.ndarray
        Per group, in the units of the items.
    improper : bool
        Whether a unique variance stands at its lower bound (Heywood case).
    """

    converged: bool
    statistic: float
    degrees_of_freedom: int
    p_value: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmr: float
    loadings: list[np.ndarray]
    factor_covariances: list[np.ndarray]
    intercepts: list[np.ndarray]
    unique: list[np.ndarray]
    factor_means: list[np.ndarray]
    improper: bool

    def standardised(self, group: int = 0) -> np.ndarray:
        """Loadings of one group in standard deviations of items and factors.

        Parameters
        ----------
        group : int
            Which group, from 0.

        Returns
        -------
        numpy.ndarray
            Items x factors.
        """
        loadings, factors = self.loadings[group], self.factor_covariances[group]
        spread = np.sqrt(np.diag(loadings @ factors @ loadings.T) + self.unique[group])
        return loadings * np.sqrt(np.diag(factors)) / spread[:, None]


def fit(
    groups: Sequence[Moments],
    pattern: np.ndarray,
    level: str = "configural",
    released: Collection[int] = (),
    orthogonal: bool = False,
    confidence: float = 0.9,
) -> Confirmatory:
    """Fit a confirmatory factor model.

    Parameters
    ----------
    groups : sequence of Moments
        One or more groups with the same items.
    pattern : numpy.ndarray
        Items x factors; True where a loading is free, the others are 0.
    level : {"configural", "metric", "scalar"}
        Nothing but the pattern is equal in the groups; the loadings are; loadings and intercepts are.
    released : collection of int
        Items whose loading and intercept may differ all the same (partial invariance).
    orthogonal : bool
        Whether factors are uncorrelated, as in a bifactor model.
    confidence : float
        Confidence level of the interval of RMSEA, between 0 and 1; most programs print .90.

    Returns
    -------
    Confirmatory
        See there.

    Raises
    ------
    ValueError
        If the level is none of these, or the pattern does not fit the items.

    References
    ----------
    Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index. *Structural Equation Modeling*,
    5, 411-419.

    Byrne, B. M., Shavelson, R. J. & Muthen, B. (1989). Testing for the equivalence of factor covariance and mean
    structures: The issue of partial measurement invariance. *Psychological Bulletin*, 105, 456-466.
    """
    pattern = np.asarray(pattern, bool)
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; expected one of: {', '.join(LEVELS)}")
    if pattern.ndim != 2 or any(len(group.mean) != len(pattern) for group in groups):
        raise ValueError("the pattern needs one row for every item")
    total = sum(group.size for group in groups)
    share = np.array([group.size / total for group in groups])
    # the same shift and scale in every group leave what is equal equal
    centre = sum(part * group.mean for part, group in zip(share, groups))
    scale = np.sqrt(sum(part * np.diag(group.covariance) for part, group in zip(share, groups)))
    standard = [
        Moments(group.size, (group.mean - centre) / scale, group.covariance / np.outer(scale, scale))
        for group in groups
    ]
    layout = _Layout(len(groups), pattern, LEVELS.index(level), set(released), orthogonal)
    best = optimize.minimize(
        _discrepancy, layout.start(standard), args=(layout, standard, share), jac=True, method="L-BFGS-B",
        bounds=layout.bounds, options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 30},
    )  # fmt: skip
    parts = [layout.matrices(best.x, place) for place in range(len(groups))]
    return _described(groups, standard, parts, float(best.fun), layout, bool(best.success), centre, scale, confidence)


class _Parts(NamedTuple):
    """Matrices of one group."""

    loadings: np.ndarray
    factors: np.ndarray
    unique: np.ndarray
    intercepts: np.ndarray
    means: np.ndarray


class _Layout:
    """Where every entry of the matrices stands in the vector of free parameters; -1 where it is fixed."""

    def __init__(self, groups: int, pattern: np.ndarray, level: int, released: set[int], orthogonal: bool) -> None:
        self.count = 0
        self.least: list[float | None] = []
        items, factors = pattern.shape
        own = np.isin(np.arange(items), sorted(released))
        upper = np.triu_indices(factors, 1)
        self.places: list[_Parts] = []
        for group in range(groups):
            first = self.places[0] if group else None
            loadings = np.full(pattern.shape, -1)
            fresh = pattern & (np.ones(items, bool) if first is None or level < 1 else own)[:, None]
            loadings[fresh] = self._new(fresh.sum())
            correlated = np.full((factors, factors), -1)
            if not orthogonal:
                correlated[upper] = self._new(len(upper[0]))
                correlated.T[upper] = correlated[upper]
            if first is not None and level >= 1:
                loadings = np.where(pattern & ~fresh, first.loadings, loadings)
                correlated[np.diag_indices(factors)] = self._new(factors, 1e-3)
            unique = self._new(items, _LEAST)
            intercepts = self._new(items if first is None or level < 2 else own.sum())
            means = np.full(factors, -1)
            if first is not None and level >= 2:
                shared = first.intercepts.copy()
                shared[own] = intercepts
                intercepts, means = shared, self._new(factors)
            self.places.append(_Parts(loadings, correlated, unique, intercepts, means))
        self.bounds = [(low, None) for low in self.least]

    def _new(self, count: int, least: float | None = None) -> np.ndarray:
        """Give the next parameters, with a lower bound."""
        self.least += [least] * int(count)
        self.count += int(count)
        return np.arange(self.count - int(count), self.count)

    def matrices(self, values: np.ndarray, group: int) -> _Parts:
        """Matrices of a group from the free parameters."""
        places = self.places[group]
        fixed = _Parts(*(np.zeros(place.shape) for place in places))
        fixed = fixed._replace(factors=np.eye(len(places.means)))
        return _Parts(*(np.where(place >= 0, values[place], other) for place, other in zip(places, fixed)))

    def start(self, groups: Sequence[Moments]) -> np.ndarray:
        """Where the search begins."""
        values = np.zeros(self.count)
        for places, group in zip(reversed(self.places), reversed(groups)):
            values[places.intercepts] = group.mean
            values[places.unique] = 0.5 * np.diag(group.covariance)
            values[places.factors[places.factors >= 0]] = 0.3
            diagonal = np.diag(places.factors)
            values[diagonal[diagonal >= 0]] = 1.0
            values[places.loadings[places.loadings >= 0]] = 0.6
        return values


def _discrepancy(
    values: np.ndarray, layout: _Layout, groups: Sequence[Moments], share: np.ndarray
) -> tuple[float, np.ndarray]:
    """Discrepancy and its derivatives by the free parameters."""
    total, slope = 0.0, np.zeros(layout.count)
    for place, (group, part) in enumerate(zip(groups, share)):
        found = layout.matrices(values, place)
        mean, covariance = _implied(found)
        try:
            root = linalg.cho_factor(covariance, lower=True)
        except linalg.LinAlgError:  # beyond the space of covariances: the search steps back
            return 1e10, slope
        inverse = linalg.cho_solve(root, np.eye(len(mean)))
        apart = group.mean - mean
        product = inverse @ (group.covariance + np.outer(apart, apart))
        determinant = 2 * np.log(np.diag(root[0])).sum() - np.linalg.slogdet(group.covariance)[1]
        total += part * (determinant + np.trace(product) - len(mean))
        by_covariance = inverse - product @ inverse
        by_mean = -2 * inverse @ apart
        slopes = _Parts(
            2 * by_covariance @ found.loadings @ found.factors + np.outer(by_mean, found.means),
            found.loadings.T @ by_covariance @ found.loadings,
            np.diag(by_covariance),
            by_mean,
            found.loadings.T @ by_mean,
        )
        for where, each in zip(layout.places[place], slopes):
            np.add.at(slope, where[where >= 0], part * each[where >= 0])
    return total, slope


def _implied(parts: _Parts) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the items that the model says."""
    covariance = parts.loadings @ parts.factors @ parts.loadings.T + np.diag(parts.unique)
    return parts.intercepts + parts.loadings @ parts.means, covariance


def _described(
    groups: Sequence[Moments], standard: Sequence[Moments], parts: Sequence[_Parts], discrepancy: float,
    layout: _Layout, converged: bool, centre: np.ndarray, scale: np.ndarray, confidence: float,
) -> Confirmatory:  # fmt: skip
    """Indices of fit, and the matrices in the units of the items."""
    items, count = len(scale), len(groups)
    total = sum(group.size for group in groups)
    statistic = max(0.0, total * discrepancy)
    degrees = count * items * (items + 3) // 2 - layout.count
    apart = sum(
        group.size * (np.log(np.diag(group.covariance)).sum() - np.linalg.slogdet(group.covariance)[1])
        for group in standard
    )
    alone = count * items * (items - 1) // 2
    beyond, beyond_alone = max(statistic - degrees, 0.0), max(apart - alone, statistic - degrees, 0.0)
    errors = [
        np.sqrt(count * max(value, 0.0) / (total * degrees)) if degrees else np.nan
        for value in (beyond, *(_noncentral(statistic, degrees, 0.5 + end * confidence / 2) for end in (1, -1)))
    ]
    residuals = [_residual(group, part) for group, part in zip(standard, parts)]
    return Confirmatory(
        converged=converged,
        statistic=statistic,
        degrees_of_freedom=degrees,
        p_value=float(stats.chi2.sf(statistic, degrees)) if degrees else np.nan,
        cfi=1 - beyond / beyond_alone if beyond_alone > 0 else 1.0,
        tli=(apart / alone - statistic / degrees) / (apart / alone - 1) if degrees else np.nan,
        rmsea=errors[0],
        rmsea_low=errors[1],
        rmsea_high=errors[2],
        srmr=float(sum(group.size / total * each for group, each in zip(groups, residuals))),
        loadings=[part.loadings * scale[:, None] for part in parts],
        factor_covariances=[part.factors for part in parts],
        intercepts=[part.intercepts * scale + centre for part in parts],
        unique=[part.unique * scale**2 for part in parts],
        factor_means=[part.means for part in parts],
        improper=bool(any((part.unique < 2 * _LEAST).any() for part in parts)),
    )


def _noncentral(statistic: float, degrees: int, level: float) -> float:
    """Noncentrality at which the statistic is a quantile of its distribution; 0 where it is one at none."""
    if not degrees or stats.chi2.cdf(statistic, degrees) <= level:
        return 0.0
    return float(
        optimize.brentq(lambda beyond: stats.ncx2.cdf(statistic, degrees, beyond) - level, 1e-9, 4 * statistic + 100)
    )


def _residual(group: Moments, parts: _Parts) -> float:
    """Standardised root mean square residual of one group."""
    mean, covariance = _implied(parts)
    spread = np.sqrt(np.diag(group.covariance))
    items = len(spread)
    below = ((group.covariance - covariance) / np.outer(spread, spread))[np.tril_indices(items)]
    of_means = (group.mean - mean) / spread
    return float(np.sqrt((np.sum(below**2) + np.sum(of_means**2)) / (items * (items + 3) / 2)))


def omega_hierarchical(fitted: Confirmatory, group: int = 0) -> tuple[float, float]:
    """Share of the variance of the sum of all items that the general factor accounts for, and that all factors do.

    Parameters
    ----------
    fitted : Confirmatory
        A bifactor model: uncorrelated factors, the first of which loads on every item.
    group : int
        Which group, from 0.

    Returns
    -------
    tuple of float
        Omega hierarchical and omega total, 0 to 1.

    References
    ----------
    Zinbarg, R. E., Revelle, W., Yovel, I. & Li, W. (2005). Cronbach's alpha, Revelle's beta, and McDonald's omega-h.
    *Psychometrika*, 70, 123-133.
    """
    sums = fitted.loadings[group].sum(axis=0) ** 2
    total = sums.sum() + fitted.unique[group].sum()
    return float(sums[0] / total), float(sums.sum() / total)
