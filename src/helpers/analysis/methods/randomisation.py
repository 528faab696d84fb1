"""Test an effect by the lot itself: what would the same answers have shown had other clusters been drawn?

With 8 to 19 clusters the interval from t is at the edge of what it can do. The lot needs no model of the answers: every
way in which it could have fallen is known, and under the hypothesis that is tested so is every answer that would then
have been given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, optimize
from statsmodels.base.model import Model, Results
from statsmodels.regression.linear_model import WLS

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import cannot_tell
from helpers.columns import ALIKE

METHOD = "randomisation inference, cluster-robust (CR2) statistic"
#: The hypothesis that is tested, in words for readers.
SHARP_NULL = "the practice changed nobody’s answer (sharp null hypothesis)"
#: Fewest clusters with and without the treatment; with fewer, one cluster's own course decides.
FEWEST_EACH = 3
#: Up to so many ways in which the lot can fall, each is looked at; beyond, a sample of them.
ENUMERATED = 5000
#: Permutations that are computed at once, so that memory stays small.
_AT_ONCE = 250
_ZERO = 1e-9


class Lot(NamedTuple):
    """How a lot fell, and in how many ways it could have.

    Attributes
    ----------
    treated : numpy.ndarray
        Per cluster, whether it was drawn.
    stratum : numpy.ndarray
        Per cluster, the code of the stratum within which lots were drawn.
    """

    treated: np.ndarray
    stratum: np.ndarray

    @property
    def ways(self) -> int:
        """Number of ways in which it could have fallen, with as many drawn in each stratum."""
        return math.prod(math.comb(len(own), int(own.sum())) for own in self._strata())

    @property
    def smallest_p(self) -> float:
        """Smallest two-sided p-value: the draw and, where half of every stratum was drawn, its mirror image."""
        mirrored = all(2 * own.sum() == len(own) for own in self._strata())
        return (2 if mirrored else 1) / self.ways

    def draws(self, most: int, seed: int) -> np.ndarray:
        """Return the ways in which it could have fallen: each one, or a sample that holds the one that took place.

        Parameters
        ----------
        most : int
            Size of a sample, where there are more than :data:`ENUMERATED` ways.
        seed : int
            Seed of the sample.

        Returns
        -------
        numpy.ndarray
            Draws x clusters, true or false; in a sample the first is the one that took place.
        """
        if self.ways <= ENUMERATED:
            return np.array(list(self._every()))
        random = np.random.default_rng(seed)
        drawn = np.tile(self.treated, (most + 1, 1))
        for code in np.unique(self.stratum):
            own = np.flatnonzero(self.stratum == code)
            drawn[1:, own] = random.permuted(drawn[1:, own], axis=1)
        return drawn

    def _strata(self) -> list[np.ndarray]:
        return [self.treated[self.stratum == code] for code in np.unique(self.stratum)]

    def _every(self) -> Iterator[np.ndarray]:
        places = [np.flatnonzero(self.stratum == code) for code in np.unique(self.stratum)]
        for chosen in product(*(combinations(own, int(self.treated[own].sum())) for own in places)):
            drawn = np.zeros(len(self.treated), bool)
            drawn[[place for part in chosen for place in part]] = True
            yield drawn


def randomisation_test(
    fit: Results | Model,
    term: str,
    cluster: str,
    strata: str | None = None,
    *,
    confidence: float = 0.95,
    draws: int = 1999,
    seed: int = 20260630,
) -> pd.DataFrame:
    """Test the effect of something that clusters were drawn for, by drawing again.

    Parameters
    ----------
    fit : statsmodels results or model
        Least squares from a formula and a frame, such as ``smf.ols("score ~ treated + baseline", rows)``.
    term : str
        Term of the formula that was drawn: 1 (or true) for the clusters drawn, 0 for the others.
    cluster : str
        Column of the frame that names the unit that was drawn. Rows in which it is missing are left out.
    strata : str, optional
        Column within whose groups lots were drawn, such as the department; one for all unless given.
    confidence : float
        Confidence level of the interval, between 0 and 1.
    draws, seed : int
        Size and seed of the sample of draws, where there are more than 5,000 of them.

    Returns
    -------
    pandas.DataFrame
        One row: term, estimate (difference in units of the outcome), low, high, p_value, smallest_p (the smallest
        p-value that this lot could give), draws, respondents, rated (where known), clusters, clusters_treated, people,
        observations, method, note. The estimate is there whenever it can be computed; what the lot is too small to
        test has no interval, and the note says so.

    Raises
    ------
    TypeError
        If the model is not least squares without weights.
    ValueError
        If the term is not in the formula or not 0 and 1 throughout, or differs within a cluster; if a stratum does.

    Notes
    -----
    The sharp null hypothesis is that the treatment moved every answer by the same tau; tau = 0 for the p-value. Under
    it y - tau T is what everybody would have answered without treatment, whatever the draw. For each draw T' the
    statistic is |b| / se(b) of T' in the same regression, se by CR2 (a studentised statistic holds its level also
    for the weak null hypothesis of no average effect; Wu & Ding 2021). p is the share of draws whose statistic is at
    least that of the draw that took place, which counts itself. The interval holds every tau that is not rejected at
    1 - confidence (inversion).

    Assumptions: lots were drawn as ``strata`` says, every way alike likely; nobody's answer depends on whether others
    were drawn (see :mod:`helpers.analysis.practice.exposure` where it may); clusters that nobody answered from
    would have been silent under any draw. Clusters are exchangeable by the lot, not by assumption, so covariates need
    not be right.

    References
    ----------
    Fisher, R. A. (1935). *The Design of Experiments*. Oliver & Boyd.

    Rosenbaum, P. R. (2002). Covariance adjustment in randomized experiments and observational studies. *Statistical
    Science*, 17(3), 286-327.

    Wu, J. & Ding, P. (2021). Randomization tests for weak null hypotheses in randomized experiments. *Journal of the
    American Statistical Association*, 116(536), 1898-1913.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> teams = pd.DataFrame({"team": range(8), "treated": [0, 1] * 4, "score": [3.0, 4, 3.2, 4.1, 3.1, 4.4, 2.9, 4.2]})
    >>> found = randomisation_test(smf.ols("score ~ treated", teams), "treated", "team")
    >>> found[["estimate", "low", "high", "p_value", "smallest_p", "draws"]].round(3)
       estimate  low  high  p_value  smallest_p  draws
    0     1.125  0.8   1.5    0.029       0.029     70
    """
    rows, place = _taken(fit, term, cluster)
    base: dict[str, Any] = dict.fromkeys(["estimate", "low", "high", "p_value", "smallest_p", "draws"], np.nan)
    lot = _lot(rows, place, strata)
    ending = rows.counts | {"clusters_treated": int(lot.treated.sum()), "method": METHOD}
    fitted = clustered.linear(rows)
    if place in fitted.reasons:
        note = cannot_tell(fitted.reasons[place])
        return _row(term, base, ending, note)
    # Terms that cannot be told apart from the others take no part.
    others = rows.design[:, [column for column in fitted.columns if column != place]]
    base["estimate"] = float(fitted.place(place)[0].coefficients[fitted.place(place)[1], 0])
    base |= {"smallest_p": lot.smallest_p, "draws": min(lot.ways, draws + 1) if lot.ways > ENUMERATED else lot.ways}
    if reason := _too_small(lot, 1 - confidence):
        return _row(term, base, ending, cannot_tell(reason))
    if np.ptp(rows.outcome) == 0:
        return _row(term, base | {"estimate": np.nan}, ending, cannot_tell(ALIKE))
    found = _Statistics.of(others, rows, place, lot, lot.draws(draws, seed))
    low, high = found.interval(1 - confidence)
    base |= {"low": low, "high": high, "p_value": found.p_value(0.0)}
    return _row(term, base, ending, "")


def _row(term: str, values: dict[str, Any], ending: dict[str, Any], note: str) -> pd.DataFrame:
    return pd.DataFrame([{"term": term} | values | ending | {"note": note}])


def _too_small(lot: Lot, level: float) -> str:
    """Why a lot cannot be tested; empty where it can."""
    fewest = int(min(lot.treated.sum(), (~lot.treated).sum()))
    if fewest < FEWEST_EACH:
        return (
            f"fewer than {FEWEST_EACH} clusters with or without the practice: their own course cannot be told from it"
        )
    if lot.smallest_p > level:
        return (
            f"the lot can fall in {lot.ways} ways only, so that no p-value below {lot.smallest_p:.2f} is possible; "
            "this describes, and tests nothing"
        )
    return ""


def _taken(fit: Results | Model, term: str, cluster: str) -> tuple[clustered.Sample, int]:
    """Rows of a model, and the column of the term that was drawn."""
    model = getattr(fit, "model", fit)
    if not isinstance(model, WLS) or np.ptp(np.asarray(model.weights)) > 0:
        raise TypeError("randomisation inference takes least squares without weights: smf.ols(formula, frame)")
    rows = clustered.sample(model, cluster)
    if term not in rows.names:
        raise ValueError(f"no formula has the term {term}; the terms are {', '.join(rows.names)}")
    place = rows.names.index(term)
    if not np.isin(rows.design[:, place], (0, 1)).all():
        raise ValueError(f"{term} has other values than 0 and 1; it has to say who was drawn")
    return rows, place


def _lot(rows: clustered.Sample, place: int, strata: str | None) -> Lot:
    """How the lot fell over the clusters of these rows."""
    frame = pd.DataFrame({"cluster": rows.cluster, "treated": rows.design[:, place] == 1, "stratum": 0})
    if strata is not None:
        frame["stratum"] = pd.factorize(rows.used[strata], use_na_sentinel=False)[0]
    each = frame.groupby("cluster", sort=False)
    for name, what in (("treated", rows.names[place]), ("stratum", strata)):
        if (each[name].nunique() > 1).any():
            raise ValueError(f"{what} differs within a cluster, which is then not the unit that was drawn")
    first = each.first()
    return Lot(first["treated"].to_numpy(bool), first["stratum"].to_numpy(int))


class _Statistics(NamedTuple):
    """For every draw, what its statistic is made of, for any tau: slopes and parts of variances."""

    outcome: np.ndarray  # slope of the draw for the outcome
    treatment: np.ndarray  # the same for the treatment that took place
    squares: np.ndarray  # draws x 3: sums over clusters of c_y^2, c_y c_T, c_T^2
    estimate: float
    error: float

    @classmethod
    def of(cls, others: np.ndarray, rows: clustered.Sample, place: int, lot: Lot, drawn: np.ndarray) -> _Statistics:
        """Fit every draw."""
        codes, _ = pd.factorize(rows.cluster)
        outcomes = np.column_stack([rows.outcome, rows.design[:, place]]).astype(float)
        parts = [
            studentised(others, part[:, codes].astype(float), outcomes, codes)
            for part in np.array_split(drawn, -(-len(drawn) // _AT_ONCE))
        ]
        slopes, squares = (np.concatenate(part) for part in zip(*parts))
        own, ownsquares = studentised(others, lot.treated[None, codes].astype(float), outcomes, codes)
        return cls(slopes[:, 0], slopes[:, 1], squares, float(own[0, 0]), float(np.sqrt(max(ownsquares[0, 0], 0.0))))

    def p_value(self, tau: float) -> float:
        """Share of draws whose statistic is at least that of the draw that took place."""
        variance = np.maximum(self.squares @ np.array([1.0, -2 * tau, tau**2]), 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistics = np.abs(self.outcome - tau * self.treatment) / np.sqrt(variance)
            own = abs(self.estimate - tau) / self.error
        # What a draw cannot tell counts as extreme: the test errs on the careful side.
        statistics = np.where(np.isnan(statistics), np.inf, statistics)
        return float(np.mean(statistics >= own * (1 - _ZERO)))

    def interval(self, level: float) -> tuple[float, float]:
        """Limits beyond which no tau is compatible with the draws."""
        if not self.error > 0:
            return np.nan, np.nan
        return self._limit(-1, level), self._limit(1, level)

    def _limit(self, direction: int, level: float) -> float:
        """Farthest tau on one side that is not rejected."""
        steps = np.concatenate([np.linspace(0, 8, 65), 8 * 2.0 ** np.arange(1, 12)]) * self.error
        kept = [self.p_value(self.estimate + direction * step) > level for step in steps]
        last = int(np.flatnonzero(kept)[-1])
        if last == len(steps) - 1:
            return direction * np.inf
        excess = lambda step: self.p_value(self.estimate + direction * step) - level - _ZERO  # noqa: E731
        edge = optimize.bisect(excess, steps[last], steps[last + 1], xtol=1e-10 * max(self.error, _ZERO), rtol=1e-12)
        return float(self.estimate + direction * edge)


def studentised(
    others: np.ndarray, drawn: np.ndarray, outcomes: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one term many times with its CR2 variance, as it would have been under each draw.

    Parameters
    ----------
    others : numpy.ndarray
        Rows x terms: the rest of the design, of full column rank.
    drawn : numpy.ndarray
        Draws x rows: the term under each draw.
    outcomes : numpy.ndarray
        Rows x 2: two outcomes.
    cluster : numpy.ndarray
        Code of each row's cluster, from 0.

    Returns
    -------
    tuple of numpy.ndarray
        Slopes, draws x outcomes; and sums over clusters of the products of contributions, draws x 3: of the first
        outcome with itself, of both, of the second with itself. The variance of the first slope is the first of them.

    Notes
    -----
    With an orthonormal basis z of the whole design, (I - H)_g (I - H)_g' = I - z_g z_g', so that a cluster contributes
    (I - z_g'z_g)^(-1/2) z_g'e_g to the coefficients in that basis (:mod:`helpers.analysis.methods.clustered`). The
    term comes last in z, so that only the last column, divided by its length, is its own.
    """
    q, _ = linalg.qr(others, mode="economic")
    rest = drawn - (drawn @ q) @ q.T
    length = np.linalg.norm(rest, axis=1)
    told = length > 1e-7 * np.sqrt(len(q))  # the others do not tell who was drawn
    unit, left = rest[told] / length[told, None], outcomes - q @ (q.T @ outcomes)
    scores = unit @ outcomes  # draws x outcomes
    size, contributions = q.shape[1], []
    for own in (cluster == code for code in range(cluster.max() + 1)):
        gram = np.empty((len(unit), size + 1, size + 1))  # z_g'z_g
        gram[:, :size, :size] = q[own].T @ q[own]
        gram[:, :size, size] = gram[:, size, :size] = beside = unit[:, own] @ q[own]
        gram[:, size, size] = length_in = (unit[:, own] ** 2).sum(axis=1)
        errors = np.concatenate(  # z_g'e_g
            [
                q[own].T @ left[own] - beside[:, :, None] * scores[:, None, :],
                (unit[:, own] @ left[own] - length_in[:, None] * scores)[:, None, :],
            ],
            axis=1,
        )
        values, vectors = np.linalg.eigh(np.eye(size + 1) - gram)
        root = np.where(values > 1e-12, np.maximum(values, 1e-12) ** -0.5, 0.0)
        last = (vectors * (root * vectors[:, -1])[:, None, :]).sum(axis=2)  # last row of the inverse root
        contributions.append(np.einsum("dk,dko->do", last, errors))
    each = np.array(contributions) / length[told, None]
    slopes, squares = np.full((len(drawn), outcomes.shape[1]), np.nan), np.full((len(drawn), 3), np.nan)
    slopes[told] = scores / length[told, None]
    pairs = ((0, 0), (0, 1), (1, 1))
    squares[told] = np.stack([(each[..., a] * each[..., b]).sum(axis=0) for a, b in pairs], axis=1)
    return slopes, squares
