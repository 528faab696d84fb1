"""From respondents to the population: weights from known margins, and means whose errors allow for them.

Notes
-----
statsmodels' ``DescrStatsW`` treats weights as counts of people; its standard errors are not those of a survey. Here
they are linearised (Taylor series), from what each cluster contributes within its stratum. Where no strata are named,
what each cluster contributes is bias-reduced as in :mod:`.clustered`: residuals of few clusters are too small.

References
----------
Deville, J.-C., Sarndal, C.-E. & Sautory, O. (1993). Generalized raking procedures in survey sampling. *Journal of the
American Statistical Association*, 88, 1013-1020.

Lumley, T. (2010). *Complex Surveys: A Guide to Analysis Using R*. Wiley.

Bell & McCaffrey (2002), Pustejovsky & Tipton (2018), as for :mod:`.clustered`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods.clustered import ROUGH, ROUGH_BELOW
from helpers.analysis.methods.counts import by_group, cannot_tell, people, require
from helpers.columns import ALIKE

METHOD = "weighted mean, linearised standard error, t"
METHOD_CR2 = "weighted mean, linearised, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
_ROUNDS = 500
_TOLERANCE = 1e-10


class Raked(NamedTuple):
    """Weights that reproduce the margins of the population.

    Attributes
    ----------
    weights : pandas.Series
        One per respondent, adding up to the population; missing where a margin's label is missing or not in the
        population.
    design_effect : float
        Kish's 1 + squared coefficient of variation of the weights: how much the weights cost in precision.
    effective_size : float
        Respondents divided by the design effect.
    trimmed : int
        Respondents whose weight was cut.
    note : str
        What could not be represented, in words; empty when everything was.
    """

    weights: pd.Series
    design_effect: float
    effective_size: float
    trimmed: int
    note: str


def margins(roster: pd.DataFrame, attributes: Sequence[str]) -> dict[str, pd.Series]:
    """Count the population by each attribute.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person of the population (one wave).
    attributes : sequence of str
        Columns that weights are to reproduce.

    Returns
    -------
    dict
        People per label, by attribute. Missing labels are left out.
    """
    return {name: roster[name].value_counts().sort_index() for name in attributes}


def rake(
    frame: pd.DataFrame,
    population: Mapping[str, pd.Series],
    start: str | None = None,
    trim: float | None = 5.0,
) -> Raked:
    """Weight respondents so that their margins are those of the population (raking, iterative proportional fitting).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per respondent, with a column per margin.
    population : mapping
        People per label, by column, as :func:`margins` gives them.
    start : str, optional
        Column of weights to begin with, such as design weights; equal weights otherwise.
    trim : float, optional
        Largest weight allowed, as a multiple of the mean weight, 1 or more; None: no limit. Margins are fitted again
        after trimming, as far as the limit allows.

    Returns
    -------
    Raked
        See there. A label of the population nobody of whom answered cannot be weighted up: it is left out and named
        in the note.

    Raises
    ------
    ValueError
        If a column is absent or ``trim`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> answered = pd.DataFrame({"site": ["Bern", "Bern", "Bern", "Chur"]})
    >>> raked = rake(answered, {"site": pd.Series({"Bern": 30, "Chur": 30})})
    >>> raked.weights.round(1).tolist(), round(float(raked.design_effect), 2)
    ([10.0, 10.0, 10.0, 30.0], 1.33)
    """
    require(frame, filter(None, (*population, start)))
    if trim is not None and trim < 1:
        raise ValueError(f"trim is {trim}; expected 1 or more, or None")
    known = np.ones(len(frame), bool)
    notes, targets = [], {}
    for name, counts in population.items():
        answered = frame[name].isin(counts.index[counts > 0])
        known &= answered.to_numpy()
        missed = [label for label in counts.index[counts > 0] if not (frame[name] == label).any()]
        targets[name] = counts[(counts > 0) & ~counts.index.isin(missed)]
        if missed:
            notes.append(f"nobody answered of {name}: {', '.join(map(str, missed))}")
    weights = pd.Series(np.nan, index=frame.index)
    if not known.any() or not targets:
        return Raked(weights, np.nan, 0.0, 0, cannot_tell("no respondent belongs to the margins of the population"))
    size = float(next(iter(targets.values())).sum())
    codes = [pd.Categorical(frame.loc[known, name], target.index).codes for name, target in targets.items()]
    shares = [target.to_numpy(float) / target.sum() for target in targets.values()]
    begin = np.ones(known.sum()) if start is None else frame.loc[known, start].to_numpy(float)
    found, cut, fitted = _fit(begin / begin.sum(), codes, shares, trim)
    if not fitted:
        notes.append("the margins could not be met exactly" + (" within the limit on weights" if cut.any() else ""))
    weights[known] = found * size
    effect = len(found) * np.sum(found**2) / np.sum(found) ** 2
    return Raked(weights, effect, len(found) / effect, int(cut.sum()), "; ".join(notes))


def _fit(
    weights: np.ndarray, codes: list[np.ndarray], shares: list[np.ndarray], trim: float | None
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Scale to each margin in turn until all are met; cut what exceeds the limit before each round."""
    limit = np.inf if trim is None else trim / len(weights)
    cut = np.zeros(len(weights), bool)
    for _ in range(_ROUNDS):
        for code, share in zip(codes, shares):
            now = np.bincount(code, weights, len(share))
            weights = weights * (share / np.where(now > 0, now, 1))[code]
        cut |= weights > limit
        weights = np.minimum(weights, limit)
        gap = max(np.abs(np.bincount(c, weights, len(s)) / weights.sum() - s).max() for c, s in zip(codes, shares))
        if gap < _TOLERANCE:
            break
    weights = weights / weights.sum()
    while weights.max() > limit * (1 + 1e-9):
        weights = np.minimum(weights, limit)
        weights = weights / weights.sum()
    return weights, cut, gap < 1e-6


def weighted_mean(
    frame: pd.DataFrame,
    value: str,
    weights: str = "weight",
    by: Sequence[str] = (),
    cluster: str | None = "cluster_id",
    strata: str | None = None,
    population: str | None = None,
    raked_to: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the population's mean, with a standard error that allows for weights, clusters and margins.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per respondent.
    value : str
        Column to average; missing values are left out.
    weights : str
        Column of positive weights.
    by : sequence of str
        Columns that form the groups.
    cluster : str, optional
        Column that names the cluster; None: every respondent by itself.
    strata : str, optional
        Column of the strata sampled from.
    population : str, optional
        Column with the number of clusters in the stratum's population, for the finite population correction.
    raked_to : sequence of str
        Columns whose margins the weights reproduce: what they explain of the value does not vary.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, standard_error, degrees_of_freedom (clusters less strata;
        Satterthwaite's where no strata are named),
        low, high (units of ``value``), plain (the mean without weights), respondents, rated (where known), clusters,
        observations, method, note.

    Raises
    ------
    ValueError
        If confidence is not between 0 and 1, or a weight is not positive.

    Notes
    -----
    With u_i = w_i e_i / sum w, e_i the residual of the value from the raked margins (or from its mean), and cluster
    totals t, the variance is the sum over strata of (1 - n/N) n/(n - 1) sum (t - mean t)^2. As in R's ``survey``, the
    residuals come from an unweighted regression; a weighted one changes the published example by .04 %. Groups are
    domains: respondents outside count as zero, so that their number is allowed to vary.

    Without strata and finite population, the mean is w'y with an error of w'e. With H the projection on the margins
    and A_g = [(I - H)_g (I - H)_g']^(-1/2) over the rows of cluster g in the domain, the variance is
    sum_g (w_g' A_g e_g)^2, unbiased when errors are independent with equal variance, with degrees of freedom
    (tr P)^2 / ||P||^2 for P_gh = w_g' A_g (I - H)_g (I - H)_h' A_h w_h.

    References
    ----------
    See the module.

    Examples
    --------
    >>> frame = pd.DataFrame({"site": list("AAAABB"), "score": [4, 5, 3, 4, 2, 1], "weight": [1, 1, 1, 1, 3, 3]})
    >>> found = weighted_mean(frame.assign(cluster_id=range(6)), "score")
    >>> found[["estimate", "low", "high"]].round(2).values.tolist()
    [[2.5, -0.36, 5.36]]
    """
    require(frame, filter(None, [value, weights, *by, cluster, strata, population, *raked_to]))
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    frame = frame.assign(_row=np.arange(len(frame)))
    used = frame.dropna(subset=[name for name in (value, weights, cluster, strata) if name]).reset_index(drop=True)
    if (used[weights] <= 0).any():
        raise ValueError(f"column {weights} holds {used[weights].min():g}; weights are expected to be positive")

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        inside = used["_row"].isin(part["_row"]).to_numpy()
        values = _domain_mean(used, inside, value, weights, cluster, strata, population, raked_to, confidence)
        counted = {**people(used[inside], cluster or "", additive=False), "observations": int(inside.sum())}
        return [{**values, **counted, "method": METHOD if strata or population else METHOD_CR2}]

    return by_group(frame, by, describe)


def weighted_to(scores: pd.DataFrame, roster: pd.DataFrame, attributes: Sequence[str]) -> tuple[pd.DataFrame, Raked]:
    """Weight those who answered until every attribute is represented as it is on the roster.

    Parameters
    ----------
    scores : pandas.DataFrame
        Rows of those who answered, with ``respondent_id``.
    roster : pandas.DataFrame
        One row per person invited: ``person_id``, ``responded`` (bool) and the attributes.
    attributes : sequence of str
        Columns of the roster whose margins the weights reproduce.

    Returns
    -------
    pandas.DataFrame
        The rows of ``scores`` with weight and the attributes as they stand on the roster. Whoever the roster does not
        place has the mean weight of the others, so that weighted and plain means are of the same people: the difference
        of two means of 20 and of 19 people is what the twentieth answered. No rows where nobody has a weight.
    Raked
        How the weights came about; see :func:`rake`.
    """
    heard = roster[roster["responded"]].rename(columns={"person_id": "respondent_id"})
    raked = rake(heard, margins(roster, attributes))
    weights = heard[["respondent_id", *attributes]].assign(weight=raked.weights).dropna(subset="weight")
    if weights.empty:
        return scores.iloc[:0].assign(weight=np.nan), raked
    weighted = scores.drop(columns=["weight", *attributes], errors="ignore").merge(
        weights, on="respondent_id", how="left"
    )
    return weighted.assign(weight=weighted["weight"].fillna(weights["weight"].mean())), raked


def _domain_mean(
    used: pd.DataFrame,
    inside: np.ndarray,
    value: str,
    weights: str,
    cluster: str | None,
    strata: str | None,
    population: str | None,
    raked_to: Sequence[str],
    confidence: float,
) -> dict[str, object]:
    absent = dict.fromkeys(("estimate", "standard_error", "degrees_of_freedom", "low", "high", "plain"), np.nan)
    if not inside.any():
        return absent | {"note": cannot_tell("no answers")}
    units = used[cluster] if cluster else pd.Series(used.index)
    if units[inside].nunique() < 2:
        return absent | {"note": cannot_tell("fewer than 2 clusters answered")}
    if "respondent_id" in used:  # who answered in the group is not outside it with other rows
        again = used["respondent_id"].isin(used.loc[inside, "respondent_id"]) | used["respondent_id"].duplicated()
        chosen = inside | ~again.to_numpy()
        used, units, inside = used[chosen], units[chosen], inside[chosen]
    weight = used[weights].to_numpy(float)
    y = used[value].to_numpy(float)
    mean = np.average(y[inside], weights=weight[inside])
    share = weight / weight[inside].sum()
    basis = _basis(used, raked_to)
    apart = np.where(inside, y - mean, 0.0)
    left = apart - basis @ (basis.T @ apart)
    if strata or population:
        layer = used[strata] if strata else pd.Series(0, index=used.index)
        known = used[population] if population else pd.Series(np.inf, index=used.index)
        variance, degrees, reason = _by_stratum(share * (left if raked_to else apart), layer, units, known)
    else:
        variance, degrees = _bias_reduced(share, left, basis, inside, pd.factorize(units)[0])
        reason = ""
    if reason:
        return absent | {"note": cannot_tell(reason)}
    error = np.sqrt(variance)
    if not error > 1e-12 * max(1.0, abs(mean)):
        return absent | {"note": cannot_tell(ALIKE)}
    if not degrees >= 1 - 1e-6:
        return absent | {"note": cannot_tell("fewer than 2 clusters bear on this")}
    half = stats.t.ppf(0.5 + confidence / 2, degrees) * error
    figures = (mean, error, float(degrees), mean - half, mean + half, y[inside].mean())
    return dict(zip(absent, figures)) | {"note": ROUGH if degrees < ROUGH_BELOW else ""}


def _by_stratum(pull: np.ndarray, layer: pd.Series, units: pd.Series, known: pd.Series) -> tuple[float, float, str]:
    """Variance, degrees of freedom, and why there are none."""
    table = pd.DataFrame({"layer": layer, "unit": units, "pull": pull, "known": known})
    totals = table.groupby(["layer", "unit"], observed=True).agg(pull=("pull", "sum"), known=("known", "first"))
    variance, degrees = 0.0, 0
    for label, part in totals.groupby(level=0):
        size = len(part)
        if size < 2:
            return np.nan, 0, f"stratum {label} has one cluster"
        unseen = 1 - size / part["known"].iloc[0]
        variance += unseen * size / (size - 1) * np.sum((part["pull"] - part["pull"].mean()) ** 2)
        degrees += size - 1
    return variance, degrees, ""


def _bias_reduced(
    share: np.ndarray, left: np.ndarray, basis: np.ndarray, inside: np.ndarray, unit: np.ndarray
) -> tuple[float, float]:
    """Variance and degrees of freedom from clusters, each corrected for what the fit took from its residuals."""
    spread = basis[inside].T @ basis[inside]
    own, onto, contributions = [], [], []
    for code in np.unique(unit[inside]):
        rows = np.flatnonzero(inside & (unit == code))
        near = basis[rows]
        # (I - H) F (I - H)' of the rows, F being 1 inside the domain and 0 outside
        seen = np.eye(len(rows)) - near @ (2 * np.eye(len(spread)) - spread) @ near.T
        values, vectors = np.linalg.eigh(seen)
        root = np.where(values > 1e-10, np.where(values > 1e-10, values, 1) ** -0.5, 0)
        pull = vectors @ (root * (vectors.T @ share[rows]))
        own.append(pull @ pull)
        onto.append(pull @ near)
        contributions.append(pull @ left[rows])
    reach = np.array(onto)
    overlap = np.diag(own) - reach @ (2 * np.eye(len(spread)) - spread) @ reach.T
    return float(np.sum(np.square(contributions))), float(np.trace(overlap) ** 2 / np.sum(overlap**2))


def _basis(used: pd.DataFrame, raked_to: Sequence[str]) -> np.ndarray:
    """Orthonormal columns that span the margins; the constant where there are none."""
    if not raked_to:
        return np.full((len(used), 1), len(used) ** -0.5)
    design = pd.get_dummies(used[list(raked_to)].astype(str), dtype=float).to_numpy()
    left, size, _ = np.linalg.svd(design, full_matrices=False)
    return left[:, size > 1e-9 * size[0]]


def compare_with_benchmark(
    found: pd.DataFrame, value: float, source: str, year: int | str, confidence: float = 0.95
) -> pd.DataFrame:
    """Compare means with an external figure.

    Parameters
    ----------
    found : pandas.DataFrame
        Means with standard_error and degrees_of_freedom, as :func:`weighted_mean` or
        :func:`helpers.analysis.methods.clustered.mean` give them.
    value : float
        The external figure, in the same units.
    source : str
        Where it comes from.
    year : int or str
        When it was measured.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        ``found`` with mean (ours), benchmark, source, year, and with estimate, low, high and p_value for the
        difference (ours less the benchmark).

    Notes
    -----
    The benchmark is taken as exact: its own sampling error, and whether its population is comparable, is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"score": [4, 5, 3, 4, 2, 3], "weight": 1.0, "cluster_id": range(6)})
    >>> found = compare_with_benchmark(weighted_mean(frame, "score"), 3.0, "a survey of the trade", 2025)
    >>> found[["estimate", "low", "high"]].round(2).values.tolist()
    [[0.5, -0.6, 1.6]]
    """
    require(found, ["estimate", "standard_error", "degrees_of_freedom"])
    half = stats.t.ppf(0.5 + confidence / 2, found["degrees_of_freedom"]) * found["standard_error"]
    gap = found["estimate"] - value
    return found.assign(
        mean=found["estimate"],
        benchmark=value,
        source=source,
        year=year,
        estimate=gap,
        low=gap - half,
        high=gap + half,
        p_value=2 * stats.t.sf(np.abs(gap) / found["standard_error"], found["degrees_of_freedom"]),
    )
