"""Confirmatory factor analysis by maximum likelihood, of one group or of several with equal loadings and intercepts.

The model of the item means and covariances of group g is

    mean = t_g + L_g k_g,   covariance = L_g P_g L_g' + D_g

with loadings L (which of them are free is told beforehand), factor means k, factor covariances P, intercepts t and
unique variances D. Over the groups the discrepancy

    F = sum_g n_g / N [log|S_g*| + tr(S_g S_g*^-1) - log|S_g| - p + (m_g - m_g*)' S_g*^-1 (m_g - m_g*)]

is minimised; N F is the chi-square of fit. Factors have variance 1 and mean 0 in the first group. Where loadings are
equal, the other groups' factor variances are free; where intercepts are equal too, so are their factor means. In a
second-order model one further factor stands behind all others, P = b b' + diag(1 - b^2).

It is written here, not taken from a package. For Python there is semopy; its analysis of several groups (2.3.11) fits
each by itself, so that it cannot hold loadings and intercepts equal, which every comparison of waves and groups rests
on, and it has no score tests of single items. What is here is short, and lavaan's figures test all of it.

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
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize, stats

#: What may be equal in all groups, each with what stands before it.
LEVELS = ("configural", "metric", "scalar")
#: Smallest unique variance, as a share of the item's.
_LEAST = 1e-4
#: Correlation with the factor behind all from which a factor is nothing but that one.
_ALL = 0.999


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
        Whether a unique variance stands at its lower bound (Heywood case), or a factor is but the one behind all.
    above : numpy.ndarray
        Of a second-order model: how each factor correlates with the one behind all; else empty.
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
    above: np.ndarray

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
    second_order: bool = False,
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
    second_order : bool
        Whether one further factor accounts for all that the factors share; of one group and three factors or more.
    confidence : float
        Confidence level of the interval of RMSEA, between 0 and 1; most programs print .90.

    Returns
    -------
    Confirmatory
        See there.

    Raises
    ------
    ValueError
        If the level is none of these, the pattern does not fit the items, or a second-order model is asked for in
        several groups or behind fewer than three factors.

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
    if second_order and (len(groups) > 1 or pattern.shape[1] < 3):
        raise ValueError("a second-order model takes one group, and three factors or more")
    standard, centre, scale = _standard(groups)
    layout = _Layout(len(groups), pattern, LEVELS.index(level), set(released), orthogonal, second_order)
    best = _smallest(layout, standard, layout.start(standard))
    parts = [layout.matrices(best.x, place) for place in range(len(groups))]
    above = best.x[layout.above]
    found = _described(groups, standard, parts, float(best.fun), layout, bool(best.success), centre, scale, confidence)
    return replace(found, above=above, improper=found.improper or bool((np.abs(above) >= _ALL).any()))


def _standard(groups: Sequence[Moments]) -> tuple[list[Moments], np.ndarray, np.ndarray]:
    """Moments with the same shift and scale in every group, which leave what is equal equal; the shift, the scale."""
    share = _shares(groups)
    centre = sum(part * group.mean for part, group in zip(share, groups))
    scale = np.sqrt(sum(part * np.diag(group.covariance) for part, group in zip(share, groups)))
    standard = [
        Moments(group.size, (group.mean - centre) / scale, group.covariance / np.outer(scale, scale))
        for group in groups
    ]
    return standard, centre, scale


def _shares(groups: Sequence[Moments]) -> np.ndarray:
    return np.array([group.size for group in groups]) / sum(group.size for group in groups)


def _smallest(layout: _Layout, standard: Sequence[Moments], start: np.ndarray) -> optimize.OptimizeResult:
    """Search for the smallest discrepancy."""
    return optimize.minimize(
        _discrepancy, start, args=(layout, standard, _shares(standard)), jac=True, method="L-BFGS-B",
        bounds=layout.bounds, options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 30},
    )  # fmt: skip


class ItemTest(NamedTuple):
    """What letting one item differ between two groups would change.

    Attributes
    ----------
    statistic, p_value : float
        Score test of an item that measures the same in both groups: F of Hotelling's test over clusters on 2 and
        clusters - 2 degrees of freedom; missing where there are fewer than four clusters, or no minimum was found.
    independent : tuple of float
        Score statistics (chi-square) of the loading, of the intercept (1 degree of freedom each) and of both (2), were
        all people independent.
    intercept, loading : float
        Expected change: second group less first, in standard deviations of the item; the intercept at the same level of
        the factor, the loading per unit of it.
    """

    statistic: float
    p_value: float
    independent: tuple[float, float, float]
    intercept: float
    loading: float


def item_tests(
    answers: Sequence[np.ndarray], clusters: Sequence[np.ndarray], pattern: np.ndarray, released: Collection[int] = ()
) -> list[ItemTest]:
    """Test item by item whether it measures the same in two groups, all others taken to do so.

    Parameters
    ----------
    answers : sequence of numpy.ndarray
        People x items of the first and of the second group, nothing missing.
    clusters : sequence of numpy.ndarray
        Cluster of each of these people; one that both groups name is the same.
    pattern : numpy.ndarray
        Items x factors; True where a loading is free. Each item loads on one factor.
    released : collection of int
        Items that may differ already.

    Returns
    -------
    list of ItemTest
        One per item.

    Raises
    ------
    ValueError
        If there are not two groups, or an item does not load on exactly one factor.

    Notes
    -----
    At the fit with equal loadings and intercepts, the score of an item's two further parameters, less what follows from
    the scores of all others by the expected information, says how far the fit would improve (Lagrange multiplier), and
    times the inverse of their information by how much they would move. Scores are added up within clusters; the mean of
    these sums is held to zero by Hotelling's test, because people of a cluster answer alike: taken for independent, 17
    per cent of items that do not differ would be said to (36 clusters of 12, intraclass correlation .10). Where several
    items differ, each is tested as if the others did not: release the furthest, and test again.

    References
    ----------
    Satorra, A. (1989). Alternative test criteria in covariance structure analysis: A unified approach. *Psychometrika*,
    54, 131-151.

    Stark, S., Chernyshenko, O. S. & Drasgow, F. (2006). Detecting differential item functioning with confirmatory
    factor analysis and item response theory: Toward a unified strategy. *Journal of Applied Psychology*, 91, 1292-1306.
    """
    pattern = np.asarray(pattern, bool)
    if len(answers) != 2 or (pattern.sum(axis=1) != 1).any():
        raise ValueError("expected two groups, and items that load on one factor each")
    standard, centre, scale = _standard([moments(part) for part in answers])
    layout = _Layout(2, pattern, LEVELS.index("scalar"), set(released), False)
    best = _smallest(layout, standard, layout.start(standard))
    both = np.unique(np.concatenate(clusters), return_inverse=True)[1]
    codes = [both[: len(answers[0])], both[len(answers[0]) :]]
    count = both.max() + 1
    # the loading and the intercept of every item in the second group stand behind all free parameters
    items = len(pattern)
    size = layout.count + 2 * items
    information, scores = np.zeros((size, size)), np.zeros((count, size))
    for group, (part, code) in enumerate(zip(answers, codes)):
        found = layout.matrices(best.x, group)
        by_mean, by_covariance = _slopes(found, layout.places[group], layout.count, pattern if group else None)
        mean, covariance = _implied(found)
        inverse = np.linalg.inv(covariance)
        root = np.linalg.cholesky(inverse)
        turned = (root.T @ by_covariance @ root).reshape(size, -1)
        information += len(part) * (by_mean @ inverse @ by_mean.T + turned @ turned.T / 2)
        apart = ((part - centre) / scale - mean) @ inverse
        for one in np.unique(code):
            own = apart[code == one]
            squares = own.T @ own - len(own) * inverse
            scores[one] += by_mean @ own.sum(axis=0) + by_covariance.reshape(size, -1) @ squares.ravel() / 2
    free = slice(layout.count)
    rest = np.linalg.lstsq(information[free, free], information[free, layout.count :], rcond=None)[0]
    left = information[layout.count :, layout.count :] - information[layout.count :, free] @ rest
    own_scores = scores[:, layout.count :] - scores[:, free] @ rest
    tests = []
    for item in range(items):
        pair = [item, items + item]
        tests.append(_item_test(own_scores[:, pair], left[np.ix_(pair, pair)], best.success and item not in released))
    return tests


def _slopes(found: _Parts, places: _Parts, count: int, pattern: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of a group's mean and covariance by all parameters, and by those of each item in the second group."""
    items = len(found.loadings)
    by_mean, by_covariance = np.zeros((count + 2 * items, items)), np.zeros((count + 2 * items, items, items))

    def loading(where: int, item: int, factor: int) -> None:
        both = found.loadings @ found.factors[factor]
        by_covariance[where, item] += both
        by_covariance[where, :, item] += both
        by_mean[where, item] += found.means[factor]

    for (item, factor), where in np.ndenumerate(places.loadings):
        if where >= 0:
            loading(where, item, factor)
        if pattern is not None and pattern[item, factor]:
            loading(count + item, item, factor)
    for (one, other), where in np.ndenumerate(places.factors):
        if where >= 0:
            by_covariance[where] += np.outer(found.loadings[:, one], found.loadings[:, other])
    for factor, where in enumerate(places.means):
        if where >= 0:
            by_mean[where] += found.loadings[:, factor]
    for item in range(items):
        by_covariance[places.unique[item], item, item] += 1
        by_mean[places.intercepts[item], item] += 1
        if pattern is not None:
            by_mean[count + items + item, item] += 1
    return by_mean, by_covariance


def _item_test(scores: np.ndarray, information: np.ndarray, told: bool) -> ItemTest:
    """Test of one item from the scores of its loading and intercept in every cluster."""
    if not told or np.linalg.matrix_rank(information) < 2:
        return ItemTest(np.nan, np.nan, (np.nan, np.nan, np.nan), np.nan, np.nan)
    total, count = scores.sum(axis=0), len(scores)
    moved = np.linalg.solve(information, total)
    single = total**2 / np.diag(information)
    statistic = p_value = np.nan
    spread = np.cov(scores.T) if count > 3 else np.zeros((2, 2))
    if np.linalg.matrix_rank(spread) == 2:
        squared = total @ np.linalg.solve(spread, total) / count
        statistic = float((count - 2) / (2 * (count - 1)) * squared)
        p_value = float(stats.f.sf(statistic, 2, count - 2))
    independent = float(single[0]), float(single[1]), float(total @ moved)
    return ItemTest(statistic, p_value, independent, float(moved[1]), float(moved[0]))


class _Parts(NamedTuple):
    """Matrices of one group."""

    loadings: np.ndarray
    factors: np.ndarray
    unique: np.ndarray
    intercepts: np.ndarray
    means: np.ndarray


class _Layout:
    """Where every entry of the matrices stands in the vector of free parameters; -1 where it is fixed."""

    def __init__(
        self, groups: int, pattern: np.ndarray, level: int, released: set[int], orthogonal: bool,
        second_order: bool = False,
    ) -> None:  # fmt: skip
        self.count = 0
        self.least: list[float | None] = []
        items, factors = pattern.shape
        self.above = self._new(factors, -1.0) if second_order else np.zeros(0, int)
        own = np.isin(np.arange(items), sorted(released))
        upper = np.triu_indices(factors, 1)
        self.places: list[_Parts] = []
        for group in range(groups):
            first = self.places[0] if group else None
            loadings = np.full(pattern.shape, -1)
            fresh = pattern & (np.ones(items, bool) if first is None or level < 1 else own)[:, None]
            loadings[fresh] = self._new(fresh.sum())
            correlated = np.full((factors, factors), -1)
            if not orthogonal and not second_order:
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
        self.bounds = [(low, 1.0 if place < len(self.above) else None) for place, low in enumerate(self.least)]

    def _new(self, count: int, least: float | None = None) -> np.ndarray:
        """Give the next parameters, with a lower bound."""
        self.least += [least] * int(count)
        self.count += int(count)
        return np.arange(self.count - int(count), self.count)

    def matrices(self, values: np.ndarray, group: int) -> _Parts:
        """Matrices of a group from the free parameters."""
        places = self.places[group]
        fixed = _Parts(*(np.zeros(place.shape) for place in places))
        factors = np.outer(values[self.above], values[self.above]) if len(self.above) else np.eye(len(places.means))
        np.fill_diagonal(factors, 1)
        fixed = fixed._replace(factors=factors)
        return _Parts(*(np.where(place >= 0, values[place], other) for place, other in zip(places, fixed)))

    def start(self, groups: Sequence[Moments]) -> np.ndarray:
        """Where the search begins."""
        values = np.zeros(self.count)
        values[self.above] = np.sqrt(0.3)
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
        if len(layout.above):
            apart = slopes.factors - np.diag(np.diag(slopes.factors))
            slope[layout.above] += part * 2 * apart @ values[layout.above]
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
        above=np.zeros(0),
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
        A second-order model; or a bifactor model: uncorrelated factors, the first of which loads on every item.
    group : int
        Which group, from 0.

    Returns
    -------
    tuple of float
        Omega hierarchical and omega total, 0 to 1.

    Notes
    -----
    Behind factors that correlate b with a further one, an item's general loading is its own times b, and what its
    factor holds beside is its own times the root of 1 - b^2 (Schmid & Leiman 1957).

    References
    ----------
    Zinbarg, R. E., Revelle, W., Yovel, I. & Li, W. (2005). Cronbach's alpha, Revelle's beta, and McDonald's omega-h.
    *Psychometrika*, 70, 123-133.

    Schmid, J. & Leiman, J. M. (1957). The development of hierarchical factor solutions. *Psychometrika*, 22, 53-61.
    """
    own = fitted.loadings[group].sum(axis=0)
    shared = float((own @ fitted.above if len(fitted.above) else own[0]) ** 2)
    common = float(own @ fitted.factor_covariances[group] @ own)
    total = common + float(fitted.unique[group].sum())
    return shared / total, common / total
