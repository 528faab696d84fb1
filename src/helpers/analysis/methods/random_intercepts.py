"""Model waits that may not have ended, when waits of one group, and of one subgroup within it, are alike.

What never ended counts as "longer than we watched", groups with few waits are drawn towards the average (shrinkage),
and group, subgroup and chance are told apart.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, special, stats

from helpers.analysis.methods import jackknife
from helpers.analysis.methods.counts import cannot_tell, people, require

METHOD = "log-normal model with random {}s and {}s, what was never done censored (REML, Laplace)"
#: What neither group nor subgroup accounts for.
CHANCE = "chance"
#: Shortest wait in days: records go to the minute, and a logarithm needs more than nothing.
SHORTEST = 1 / 1440
FEWEST_GROUPS = 5
#: Standard error, in log days, beyond which a term has run away: where no wait of a kind ended, it has no end either.
ENDLESS = 10.0
#: Logit beyond which a share of variance counts as 0 or 1.
EDGE = 9.0
#: Bounds of the logits of two shares and of the logarithm of the standard deviation in all.
LIMITS = np.array([EDGE, EDGE, 6.0])


@dataclass(frozen=True)
class RandomIntercepts:
    """A fitted model of waits with random intercepts.

    Attributes
    ----------
    terms : pandas.DataFrame
        One row per term: term, estimate (difference in log days), standard_error, low, high, p_value (of zero), ratio,
        ratio_low, ratio_high (times as long), respondents, clusters, observations, done, method, note.
    intercepts : pandas.DataFrame
        One row per group: its name (in the column that names groups), respondents (1), observations, estimate (log
        ratio of the group's typical wait to that of the average group, shrunken), standard_error, low, high, ratio,
        ratio_low, ratio_high.
    """

    terms: pd.DataFrame
    intercepts: pd.DataFrame
    _find_shares: Callable[[], pd.DataFrame] = field(repr=False)
    _find_without: Callable[[Sequence[object]], pd.DataFrame] = field(repr=False)

    @property
    def observations(self) -> int:
        """Waits in the model."""
        return int(self.terms["observations"].max()) if len(self.terms) else 0

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares of the variance, found when asked for: their intervals cost more than all the rest.

        One row per part (the two names and ``chance``): part, standard_deviation (of log days), estimate, low, high
        (share of the variance, 0 to 1), p_value (of no such part; none of chance), respondents, clusters,
        observations, method, note.
        """
        return self._find_shares()

    def without(self, groups: Sequence[object]) -> pd.DataFrame:
        """Return what :attr:`intercepts` would be had some groups not been observed."""
        return self._find_without(groups)


def log_normal(
    formula: str,
    waits: pd.DataFrame,
    group: str,
    subgroup: str,
    names: tuple[str, str] = ("group", "subgroup"),
    cluster: str | None = None,
    horizon: float | None = 30,
    confidence: float = 0.95,
) -> RandomIntercepts:
    """Model how long things take, with what never ended as censored and with random intercepts of nested groups.

    Parameters
    ----------
    formula : str
        Right-hand side, such as ``"department + location"``; ``"1"`` for none.
    waits : pandas.DataFrame
        One row per wait, with ``days`` (until it ended or was last seen) and ``done`` (whether it ended). Rows with
        anything missing are left out.
    group, subgroup : str
        Columns of the groups and of the subgroups within them, such as managers and their openings.
    names : tuple of str
        What a group and a subgroup are called in results.
    cluster : str, optional
        Column whose values are left out in turn for the terms' variance, for predictors that vary between few
        clusters; default: the groups, and the variance of the model.
    horizon : float, optional
        Days after which a wait counts as "longer than this" (censored), so that one forgotten case of a year does not
        stretch the model. None: no limit.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    RandomIntercepts
        Terms (with low, high and p_value), shares of variance, and shrunken groups.

    Raises
    ------
    ValueError
        If the frame lacks a column that is needed.

    Notes
    -----
    log(days) = terms + group + subgroup + chance, the last three normal with mean 0. A wait that ended after d days
    contributes the density at log d, one that never did the probability of more than d days (accelerated failure
    time). The random groups and subgroups and the terms are integrated out by Laplace's method around their joint
    mode, found by Newton's method; the three standard deviations maximise the result. Without censoring this is
    exactly restricted maximum likelihood. Shares of variance get profile-likelihood intervals; terms get t intervals
    with groups less terms as degrees of freedom (where ``cluster`` is another column: clusters less the terms, with the
    constant, that are the same throughout each of them); a term that the data lose without a single cluster has none.
    Intervals of single groups take the standard deviations as known.

    Assumptions: waits are log-normal given group and subgroup; that a wait was last seen unfinished is unrelated to
    how long it would have taken. Waits under one minute count as one minute.

    References
    ----------
    Wei, L. J. (1992). The accelerated failure time model: a useful alternative to the Cox regression model in survival
    analysis. *Statistics in Medicine*, 11, 1871-1879.

    Lambert, P., Collett, D., Kimber, A. & Johnson, R. (2004). Parametric accelerated failure time models with random
    effects and an application to kidney transplant survival. *Statistics in Medicine*, 23, 3177-3192.

    Tierney, L. & Kadane, J. B. (1986). Accurate approximations for posterior moments and marginal densities. *Journal
    of the American Statistical Association*, 81, 82-86.

    Self, S. G. & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio tests
    under nonstandard conditions. *Journal of the American Statistical Association*, 82, 605-610.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> manager = np.repeat(range(20), 6)
    >>> slow = 0.5 * random.normal(size=20)[manager]
    >>> waits = pd.DataFrame({"manager": manager, "opening": np.arange(120) // 3, "done": True})
    >>> waits["days"] = np.exp(1 + slow + 0.7 * random.normal(size=120))
    >>> model = log_normal("1", waits, "manager", "opening", ("manager", "opening"))
    >>> model.shares[["part", "estimate", "low", "high"]].round(2).values.tolist()
    [['manager', 0.14, 0.0, 0.35], ['opening', 0.0, 0.0, 0.19], ['chance', 0.86, 0.65, 1.0]]
    """
    cluster = cluster or group
    needed = [group, subgroup, "days", "done", cluster]
    require(waits, needed)
    used = waits[waits[needed].notna().all(axis=1)].sort_values([group, subgroup], kind="stable")
    used = used.reset_index(drop=True)
    done, days = used["done"].astype(bool), used["days"]
    if horizon is not None:
        done, days = done & (days <= horizon), days.clip(upper=horizon)
    used = used.assign(_group=used[group], _subgroup=used[subgroup])
    used = used.assign(_log=np.log(days.clip(lower=SHORTEST)), _done=done)
    if used.empty:
        counts = people(used, cluster, additive=False) | {"observations": 0, "done": 0}
        return _no_model(["Intercept"], counts, group, names, "nothing was observed")
    design = smf.ols(f"_log ~ {formula}", used, missing="drop")
    used = used.loc[design.data.row_labels]
    terms = list(design.exog_names)
    counts = people(used, cluster, additive=False) | {"observations": len(used), "done": int(used["_done"].sum())}
    if reason := _not_estimable(used, len(terms), names):
        return _no_model(terms, counts, group, names, reason)

    matrix = np.asarray(design.exog, float)
    kept = _independent(matrix)
    problem = _Waits(used, matrix[:, kept])
    start = np.array([0.0, -1.0, -1.0])  # logits of the group's share, of the subgroup's of the rest; log total
    best, maximum = _maximise(problem, start, np.diag([0.5, 0.5, 0.05]))
    deviations = _deviations(best)
    mode = problem.mode(deviations)
    method = METHOD.format(*names)
    errors, degrees, how = np.sqrt(np.diag(mode.covariance)), counts["clusters"] - len(terms), method
    if cluster != group:
        errors = _left_out(problem, mode, deviations, used, cluster)
        alike = pd.DataFrame(problem.x).groupby(pd.factorize(used[cluster])[0]).nunique().eq(1).all()
        degrees = counts["clusters"] - int(alike.sum())
        how = method + "; variance by leaving out one cluster at a time"
    values = {terms[column]: (mode.terms[place], errors[place]) for place, column in enumerate(kept)}
    table = _terms(terms, values, max(degrees, 1), confidence, counts | {"method": how})
    shares = partial(_shares, problem, deviations, maximum, confidence, counts | {"method": method}, names)
    intercepts = _intercepts(problem, mode, used, group, confidence)
    return RandomIntercepts(table, intercepts, shares, _Refits(problem, deviations, used, group, confidence))


def _not_estimable(used: pd.DataFrame, terms: int, names: tuple[str, str]) -> str:
    groups = used["_group"].nunique()
    if groups < max(FEWEST_GROUPS, terms + 1):
        return f"{groups} {names[0]}s are too few for {terms} terms"
    if not used["_done"].any():
        return "no wait has ended"
    if used["_log"][used["_done"]].nunique() < 2:
        return "every wait that ended took the same time"
    if len(used) <= groups:
        return f"no {names[0]} has more than one wait"
    return ""


_LIMITS = ("estimate", "standard_error", "low", "high")
_RATIOS = ("ratio", "ratio_low", "ratio_high")


def _no_model(
    terms: Sequence[str], counts: Mapping[str, int], group: str, names: tuple[str, str], reason: str
) -> RandomIntercepts:
    absent = dict.fromkeys((*_LIMITS, "p_value", *_RATIOS), np.nan)
    rest = {**counts, "method": METHOD.format(*names), "note": cannot_tell(reason)}
    share = dict.fromkeys(("standard_deviation", "estimate", "low", "high", "p_value"), np.nan)
    nobody = pd.DataFrame(columns=[group, "respondents", "observations", *_LIMITS, *_RATIOS])
    return RandomIntercepts(
        pd.DataFrame([{"term": name, **absent, **rest} for name in terms]),
        nobody,
        lambda: pd.DataFrame([{"part": part, **share, **rest} for part in (*names, CHANCE)]),
        lambda _: nobody.copy(),
    )


@dataclass
class _Mode:
    """Joint mode of terms, groups and subgroups at given standard deviations."""

    value: float  # Laplace approximation of the restricted log likelihood
    slope: np.ndarray  # its derivatives by the logarithms of the three standard deviations
    terms: np.ndarray
    covariance: np.ndarray  # of the terms
    group: np.ndarray
    group_variance: np.ndarray


class _Waits:
    """Sorted waits and what the likelihood needs of them."""

    def __init__(self, used: pd.DataFrame, design: np.ndarray) -> None:
        done = used["_done"].to_numpy(bool)
        self.y, self.done, self.running = used["_log"].to_numpy(float), np.flatnonzero(done), np.flatnonzero(~done)
        self.x, self.counted = design, np.ones(len(design))
        group = pd.factorize(used["_group"])[0]
        subgroup = used.groupby(["_group", "_subgroup"], sort=False).ngroup().to_numpy()
        self.subgroup_starts = np.flatnonzero(np.r_[True, np.diff(subgroup) != 0])
        self.subgroup_of = np.cumsum(np.r_[False, np.diff(subgroup) != 0])
        of_subgroup = group[self.subgroup_starts]
        self.group_starts = np.flatnonzero(np.r_[True, np.diff(of_subgroup) != 0])
        self.group_of = of_subgroup
        #: Terms, groups and subgroups at the mode found last, where the next search begins.
        self.last: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def without(self, rows: np.ndarray) -> _Waits:
        """Return the same waits, some of which count for nothing, without the terms that only these tell."""
        found = copy.copy(self)
        found.counted = np.where(rows, 0.0, self.counted)
        kept = _independent(self.x[~rows])
        if len(kept) < self.x.shape[1]:
            found.x, found.last = self.x[:, kept], None
        return found

    def by_subgroup(self, values: np.ndarray) -> np.ndarray:
        """Sum values of rows over subgroups."""
        return np.add.reduceat(values, self.subgroup_starts, axis=0)

    def by_group(self, values: np.ndarray) -> np.ndarray:
        """Sum values of subgroups over groups."""
        return np.add.reduceat(values, self.group_starts, axis=0)

    def predict(self, terms: np.ndarray, group: np.ndarray, subgroup: np.ndarray) -> np.ndarray:
        """Sum terms, group and subgroup for every row."""
        return self.x @ terms + (group[self.group_of] + subgroup)[self.subgroup_of]

    def mode(self, deviations: np.ndarray) -> _Mode:
        """Find the joint mode by Newton's method, and Laplace's approximation there."""
        of_group, of_subgroup, chance = deviations
        terms, group, subgroup = self.last or (
            np.linalg.lstsq(self.x, self.y, rcond=None)[0],
            np.zeros(len(self.group_starts)), np.zeros(len(self.subgroup_starts)),
        )  # fmt: skip
        value, z = self._penalised(terms, group, subgroup, deviations)
        for _ in range(50):
            slope, weight, _ = self._derivatives(z, chance)
            hessian = _Hessian(self, weight, of_group, of_subgroup)
            step = hessian.solve(slope, group / of_group**2, subgroup / of_subgroup**2)
            size = 1.0
            while True:
                moved = (terms + size * step[0], group + size * step[1], subgroup + size * step[2])
                better, z = self._penalised(*moved, deviations)
                if better >= value - 1e-10 or size < 1e-4:
                    break
                size /= 2
            (terms, group, subgroup), value = moved, better
            # each step leaves about the square of its size
            if max(np.abs(change).max() for change in step) < 1e-5:
                break
        self.last = terms, group, subgroup
        slope, weight, bend = self._derivatives(z, chance)
        hessian = _Hessian(self, weight, of_group, of_subgroup)
        value -= len(group) * np.log(of_group) + len(subgroup) * np.log(of_subgroup) + hessian.log_determinant / 2
        by_deviation = self._by_deviation(hessian, group, subgroup, deviations, z, slope, weight, bend)
        return _Mode(value, by_deviation, terms, hessian.covariance, group, hessian.variances()[0])

    def _penalised(
        self, terms: np.ndarray, group: np.ndarray, subgroup: np.ndarray, deviations: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Log likelihood with the densities of groups and subgroups, and the standardised rows."""
        of_group, of_subgroup, chance = deviations
        z = (self.y - self.predict(terms, group, subgroup)) / chance
        each = -0.5 * z**2 - np.log(chance)
        each[self.running] = special.log_ndtr(-z[self.running])
        random = (group @ group) / of_group**2 + (subgroup @ subgroup) / of_subgroup**2
        return self.counted @ each - random / 2, z

    def _derivatives(self, z: np.ndarray, chance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First derivative of each row's log likelihood by its predictor, minus the second, and minus the third."""
        slope, weight, bend = z.copy(), np.ones(len(z)), np.zeros(len(z))
        left = z[self.running]
        mills = np.exp(-0.5 * left**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(-left))
        curve = np.maximum(mills * (mills - left), 1e-12)
        slope[self.running], weight[self.running] = mills, curve
        bend[self.running] = mills - curve * (2 * mills - left)
        return self.counted * slope / chance, self.counted * weight / chance**2, self.counted * bend / chance**3

    def _by_deviation(
        self, hessian: _Hessian, group: np.ndarray, subgroup: np.ndarray, deviations: np.ndarray,
        z: np.ndarray, slope: np.ndarray, weight: np.ndarray, bend: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Derivatives of Laplace's approximation by the logarithms of the standard deviations.

        Each is direct, or through the weights of the rows still running, which move with the mode.
        """
        of_group, of_subgroup, chance = deviations
        group_variance, subgroup_variance, variance = hessian.variances()
        scale = -slope - weight * z * chance  # how a row's first derivative moves with log chance
        moved = hessian.solve(-0.5 * variance * bend)
        by_group = (group @ group + group_variance.sum() + 2 * group @ moved[1]) / of_group**2
        by_subgroup = (subgroup @ subgroup + subgroup_variance.sum() + 2 * subgroup @ moved[2]) / of_subgroup**2
        by_chance = slope @ z * chance - self.counted[self.done].sum()
        by_chance += variance @ weight - 0.5 * variance @ (bend * z) * chance + self.predict(*moved) @ scale
        return np.array([by_group - len(group), by_subgroup - len(subgroup), by_chance])


class _Hessian:
    """Minus the second derivatives of the penalised log likelihood at given weights of the rows.

    Subgroups are eliminated first, then groups, which leaves the terms: nothing larger than terms x terms is inverted.
    """

    def __init__(self, waits: _Waits, weight: np.ndarray, of_group: float, of_subgroup: float) -> None:
        self.waits, x = waits, waits.x
        self.weight = waits.by_subgroup(weight)
        self.subgroup = self.weight + 1 / of_subgroup**2
        self.taken = self.weight / self.subgroup  # what an subgroup takes; its group gets the rest
        self.group = waits.by_group(self.weight * (1 - self.taken)) + 1 / of_group**2
        weighted = weight[:, None] * x
        self.x_subgroup = waits.by_subgroup(weighted)
        self.x_group = waits.by_group((1 - self.taken)[:, None] * self.x_subgroup)
        self.per_subgroup = self.x_subgroup / self.subgroup[:, None]
        self.per_group = self.x_group / self.group[:, None]
        terms = x.T @ weighted - self.x_subgroup.T @ self.per_subgroup - self.x_group.T @ self.per_group
        self.covariance = np.linalg.inv(terms)
        self.log_determinant = np.linalg.slogdet(terms)[1] + np.log(self.subgroup).sum() + np.log(self.group).sum()

    def solve(
        self, slope: np.ndarray, group: np.ndarray | float = 0.0, subgroup: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps of terms, groups and subgroups for derivatives by row, less those of groups and subgroups."""
        by_subgroup = self.waits.by_subgroup(slope)
        right_subgroup = by_subgroup - subgroup
        right_group = self.waits.by_group(by_subgroup - self.taken * right_subgroup) - group
        right = self.waits.x.T @ slope - self.per_subgroup.T @ right_subgroup - self.per_group.T @ right_group
        terms = self.covariance @ right
        groups = right_group / self.group - self.per_group @ terms
        subgroups = (
            right_subgroup / self.subgroup - self.per_subgroup @ terms - self.taken * groups[self.waits.group_of]
        )
        return terms, groups, subgroups

    def variances(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Variances of groups, subgroups and the rows' predictors."""

        def spread(influence: np.ndarray) -> np.ndarray:
            return ((influence @ self.covariance) * influence).sum(axis=1)

        waits = self.waits
        of_group, per_group = self.group[waits.group_of], self.per_group[waits.group_of]
        groups = 1 / self.group + spread(self.per_group)
        subgroups = 1 / self.subgroup + self.taken**2 / of_group
        subgroups += spread(self.per_subgroup - self.taken[:, None] * per_group)
        both = 1 / self.subgroup + (1 - self.taken) ** 2 / of_group
        shift = self.per_subgroup + (1 - self.taken)[:, None] * per_group
        return groups, subgroups, both[waits.subgroup_of] + spread(waits.x - shift[waits.subgroup_of])


def _order(first: int) -> list[int]:
    return [first, *(part for part in range(3) if part != first)]


def _deviations(parameters: np.ndarray, first: int = 0) -> np.ndarray:
    """Standard deviations from the logits of one part's share and of the next part's share of the rest."""
    share, rest, total = parameters
    own, others = special.expit(share), special.expit(-share)
    found = np.empty(3)
    found[_order(first)] = np.sqrt([own, others * special.expit(rest), others * special.expit(-rest)])
    return np.exp(total) * found


def _parameters(deviations: np.ndarray, first: int) -> np.ndarray:
    """Undo :func:`_deviations`."""
    own, second, third = deviations[_order(first)] ** 2
    whole = own + second + third
    logits = special.logit([own / whole, second / (second + third)])
    return np.clip([*logits, np.log(whole) / 2], -LIMITS, LIMITS)


def _derivatives_of_deviations(parameters: np.ndarray, first: int) -> np.ndarray:
    """Derivatives of the logarithms of the standard deviations (rows) by the parameters (columns)."""
    share, rest = special.expit(parameters[:2])
    found = np.empty((3, 3))
    found[_order(first)] = [[1 - share, 0, 2], [-share, 1 - rest, 2], [-share, -rest, 2]]
    return found / 2


def _maximise(problem: _Waits, start: np.ndarray, scale: np.ndarray, first: int = 0) -> tuple[np.ndarray, float]:
    """Maximise over the parameters start + scale x free numbers; return parameters and log likelihood."""

    def place(free: np.ndarray) -> np.ndarray:
        return np.clip(start + scale @ free, -LIMITS, LIMITS)

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = place(free)
        mode = problem.mode(_deviations(parameters, first))
        slope = _derivatives_of_deviations(parameters, first).T @ mode.slope
        return -mode.value, -scale.T @ np.where(np.abs(parameters) < LIMITS, slope, 0)

    best = optimize.minimize(loss, np.zeros(scale.shape[1]), jac=True, method="L-BFGS-B", options={"ftol": 1e-9})
    return place(best.x), -best.fun


def _shares(
    problem: _Waits, deviations: np.ndarray, maximum: float, confidence: float, rest: Mapping[str, object],
    names: tuple[str, str],
) -> pd.DataFrame:  # fmt: skip
    """Shares of variance with profile-likelihood intervals."""
    shares = deviations**2 / (deviations**2).sum()
    alone = len(problem.subgroup_starts) == len(problem.y)
    information = _information(problem, deviations)
    rows = []
    for place, (part, deviation, share) in enumerate(zip((*names, CHANCE), deviations, shares)):
        row = {"part": part, "standard_deviation": deviation, "estimate": share}
        profile = _profile(problem, deviations, maximum, information, place, confidence)
        row["low"], row["high"], row["p_value"] = profile if place < len(names) else (*profile[:2], np.nan)
        note = ""
        if alone and place > 0:
            numbers = ("standard_deviation", "estimate", "low", "high", "p_value")
            row = {"part": part} | dict.fromkeys(numbers, np.nan)
            note = cannot_tell(f"no {names[1]} has more than one wait, so {names[1]} and {CHANCE} look alike")
        rows.append({**row, **rest, "note": note})
    return pd.DataFrame(rows)


def _information(problem: _Waits, deviations: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """Minus the second derivatives by the logarithms of the standard deviations: where to search, and how far."""
    here = problem.mode(deviations).slope
    there = [problem.mode(deviations * np.exp(step * move)).slope for move in np.eye(3)]
    found = (here - np.array(there)) / step
    return (found + found.T) / 2


def _around(deviations: np.ndarray, information: np.ndarray, part: int) -> tuple[np.ndarray, np.ndarray]:
    """Parameters at the maximum and about their covariance, which says how far to search."""
    best = _parameters(deviations, part)
    best[0] = np.clip(best[0], 1 - EDGE, EDGE - 1)
    bend = _derivatives_of_deviations(best, part)
    values, vectors = np.linalg.eigh(bend.T @ information @ bend)
    return best, (vectors / np.maximum(values, 1.0)) @ vectors.T


def _profile(
    problem: _Waits, deviations: np.ndarray, maximum: float, information: np.ndarray, part: int, confidence: float
) -> tuple[float, float, float]:
    """Ends of the profile-likelihood interval of one part's share, and the p-value of none.

    An end is 0 or 1 where the data do not exclude it. A share of 0 lies at the edge of what is possible, so that half
    of all deviances are 0 where it is true: p is half of chi-squared's on one degree of freedom (Self & Liang 1987).
    """
    best, covariance = _around(deviations, information, part)
    along = covariance[:, 0] / covariance[0, 0]  # how the other two parameters move with the share
    scale = np.linalg.cholesky(covariance[1:, 1:] - np.outer(along[1:], covariance[0, 1:]))
    scale = np.vstack([np.zeros(2), scale])
    wanted = stats.norm.ppf(0.5 + confidence / 2)

    def distance(place: float) -> float:
        """Root of the deviance, in standard errors: close to a straight line over the logit."""
        start = best + along * (place - best[0])
        return np.sqrt(max(2 * (maximum - _maximise(problem, start, scale, part)[1]), 0.0)) - wanted

    ends = []
    for direction in (-1, 1):
        near, at_near = best[0], -wanted
        far = best[0] + direction * np.clip(wanted * np.sqrt(covariance[0, 0]), 0.05, 1.0)
        for _ in range(12):
            at_far = distance(far)
            if abs(at_far) < 0.003 or (abs(far) == EDGE and at_far < 0):
                break
            slope = (at_far - at_near) / (far - near)
            ahead = far - at_far / slope if direction * slope > 1e-6 else direction * EDGE
            # never back past the estimate, never more than four times as far
            stretch = np.clip(direction * (ahead - best[0]), 0.05, 4 * direction * (far - best[0]))
            near, at_near = far, at_far
            far = float(np.clip(best[0] + direction * stretch, -EDGE, EDGE))
        ends.append(float(special.expit(far)) if abs(far) < EDGE else max(0.0, float(direction)))
    return ends[0], ends[1], float(stats.norm.sf(distance(-EDGE) + wanted))


def _terms(
    names: Sequence[str], values: Mapping[str, tuple[float, float]], degrees: int, confidence: float,
    rest: Mapping[str, object],
) -> pd.DataFrame:  # fmt: skip
    quantile = stats.t.ppf(0.5 + confidence / 2, degrees)
    rows = []
    for name in names:
        estimate, error = values.get(name, (np.nan, np.nan))
        note = "" if name in values else cannot_tell("not distinguishable from the other terms in these data")
        if name in values and np.isnan(error):
            estimate, note = np.nan, cannot_tell(jackknife.HINGES)
        if error > ENDLESS:
            estimate, error, note = np.nan, np.nan, cannot_tell("next to no wait of this kind has ended")
        low, high = estimate - quantile * error, estimate + quantile * error
        figures = {"estimate": estimate, "standard_error": error, "low": low, "high": high}
        figures["p_value"] = 2 * stats.t.sf(abs(estimate) / error, degrees)
        figures |= {"ratio": np.exp(estimate), "ratio_low": np.exp(low), "ratio_high": np.exp(high)}
        rows.append({"term": name, **figures, **rest, "note": note})
    return pd.DataFrame(rows)


def _independent(design: np.ndarray) -> list[int]:
    """Leftmost columns that are no combination of columns before them."""
    length = np.linalg.norm(design, axis=0)
    present = np.flatnonzero(length > 0)
    size = np.abs(np.diag(np.linalg.qr(design[:, present] / length[present], mode="r")))
    return [int(column) for column, left in zip(present, size) if left > 1e-7]


def _left_out(problem: _Waits, mode: _Mode, deviations: np.ndarray, used: pd.DataFrame, cluster: str) -> np.ndarray:
    """Jackknife standard errors of the terms, the standard deviations being kept; missing where a cluster decides."""
    codes, names = pd.factorize(used[cluster])
    lost = jackknife.lost_terms(problem.x, codes)
    without = np.full((len(names), len(mode.terms)), np.nan)
    for code in range(len(names)):
        told = _independent(problem.x[codes != code])
        without[code, told] = problem.without(codes == code).mode(deviations).terms
    return np.where(lost.any(axis=0), np.nan, jackknife.standard_error(without))


def _intercepts(problem: _Waits, mode: _Mode, used: pd.DataFrame, group: str, confidence: float) -> pd.DataFrame:
    half = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(mode.group_variance)
    found = pd.DataFrame(
        {
            group: used[group].drop_duplicates().to_numpy(),
            "respondents": 1,
            "observations": used.groupby(group, sort=False).size().to_numpy(),
            "estimate": mode.group,
            "standard_error": np.sqrt(mode.group_variance),
            "low": mode.group - half,
            "high": mode.group + half,
        }
    )
    for name, source in zip(_RATIOS, ("estimate", "low", "high")):
        found[name] = np.exp(found[source])
    return found


class _Refits:
    """The model without some groups: standard deviations, terms and the other groups found anew."""

    def __init__(
        self, problem: _Waits, deviations: np.ndarray, used: pd.DataFrame, group: str, confidence: float
    ) -> None:
        self.problem, self.deviations, self.used = problem, deviations, used
        self.group, self.confidence = group, confidence

    @cached_property
    def _search(self) -> tuple[np.ndarray, np.ndarray]:
        best, covariance = _around(self.deviations, _information(self.problem, self.deviations), 0)
        return best, np.linalg.cholesky(covariance)

    def __call__(self, groups: Sequence[object]) -> pd.DataFrame:
        left_out = self.used[self.group].isin(groups).to_numpy()
        problem = self.problem.without(left_out)
        best, _ = _maximise(problem, *self._search)
        found = _intercepts(problem, problem.mode(_deviations(best)), self.used, self.group, self.confidence)
        return found[~found[self.group].isin(groups)]
