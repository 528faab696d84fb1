"""How many things do the items measure, which, and is it the same on both sides and in every wave?

Parallel analysis says how many factors the answers hold, maximum likelihood factor analysis which items belong to them,
and congruence of loadings whether two groups mean the same by the same items. With fewer than 100 raters nothing is
told.

Assumptions: answers are near enough to continuous and linear in the factors (five answers or more, not too skewed);
clusters are independent of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, stats

from helpers.analysis.methods import factor, jackknife
from helpers.analysis.methods.counts import cannot_tell, people, require, told
from helpers.analysis.methods.factor import HEYWOOD
from helpers.analysis.survey import scales
from helpers.data import Codebook

#: Fewest distinct raters from whom a structure is told.
FEWEST_RATERS = 100
ROTATIONS = ("oblimin", "promax", "varimax")
METHOD_PARALLEL = "parallel analysis; interval: delete-one-cluster jackknife on log(eigenvalue), t"
METHOD_FACTORS = "maximum likelihood, {rotation}; interval: delete-one-cluster jackknife, t"
METHOD_CONGRUENCE = "Tucker's congruence after Procrustes rotation; delete-one-cluster jackknife on Fisher's z, t"

_MOST_GROUPS = 40
_ZERO = 1e-8


def against_random(eigenvalues: pd.DataFrame, most: int) -> pd.DataFrame:
    """Lay the eigenvalues of the answers and of unrelated items one below the other, to be drawn.

    Parameters
    ----------
    eigenvalues : pandas.DataFrame
        What :func:`parallel_analysis` returned.
    most : int
        How many factors at most.

    Returns
    -------
    pandas.DataFrame
        Its first rows twice, with ``series`` ("Answers", "Unrelated questions") and ``factor`` as words; unrelated
        items have no interval. Without rows where nothing could be told.
    """
    first = told(eigenvalues.head(most))
    unrelated = first.assign(estimate=first["random"], low=np.nan, high=np.nan)
    both = pd.concat([first.assign(series="Answers"), unrelated.assign(series="Unrelated questions")])
    return both.assign(factor=both["factor"].astype(str))


def counted(eigenvalues: pd.DataFrame, responses: pd.DataFrame, codebook: Codebook, side: str) -> str:
    """Say how many factors were told from chance beside how many dimensions, and what that does not show.

    Parameters
    ----------
    eigenvalues : pandas.DataFrame
        What :func:`parallel_analysis` returned for the side.
    responses, codebook, side
        As for :func:`parallel_analysis`.

    Returns
    -------
    str
        Empty where nothing could be told. That no further factor was told from chance does not show that there is none:
        of ten dimensions that correlate by .8, parallel analysis finds one.
    """
    if not told(eigenvalues)["estimate"].notna().any():
        return ""
    kept = int(eigenvalues["kept"].fillna(False).astype(bool).sum())
    scored = scales.scores(responses[responses["side"] == side], codebook)
    dimensions = scored["dimension"].nunique()
    named = f"The questionnaire names {dimensions} dimension{'s' * (dimensions != 1)}"
    if not kept:
        return f"{named}; no factor of the answers lies above the line of unrelated questions."
    lie = "1 factor of the answers lies" if kept == 1 else f"{kept} factors of the answers lie"
    said = f"{named}; {lie} above the line of unrelated questions."
    if kept >= dimensions:
        return said
    together = np.corrcoef(
        scored.pivot_table(index="respondent_id", columns="dimension", values="score_100").dropna().T
    )
    alike = float(together[np.triu_indices(dimensions, 1)].mean())
    if not np.isfinite(alike):
        return said
    return (
        f"{said} That does not show that there are no others: fewer are found the closer dimensions go together, and "
        f"their scores correlate by {alike:.2f} on average."
    )


def parallel_analysis(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    short_form: bool | None = None,
    draws: int = 500,
    percentile: float = 95,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the eigenvalues of the items' correlations with those of unrelated items.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`, with the column ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    side : str
        Whose answers.
    short_form : bool, optional
        As for :func:`helpers.analysis.survey.scales.reliability`.
    draws : int
        Number of sets of unrelated items, 100 or more.
    percentile : float
        Percentile of their eigenvalues that a real one must exceed, above 50 and below 100.
    seed : int
        Seed of the draws.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per eigenvalue, largest first: factor (1, 2, ...), side, items, estimate (eigenvalue), low, high,
        random (percentile of the unrelated items' eigenvalue), kept (whether it and all before it exceed theirs;
        missing where nothing can be told), respondents, rated (where known), clusters, observations (rows that answered
        every item), method, note.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    The unrelated items are normal, as many and of as many rows as the real ones, and each as alike within clusters
    as the real item is (its ICC(1)): answers that come in clusters make large eigenvalues likelier. Without clusters
    of several rows this is Horn's method, with the 95th percentile in place of the mean.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. *Psychometrika*, 30,
    179-185.

    Glorfeld, L. W. (1995). An improvement on Horn's parallel analysis methodology. *Educational and Psychological
    Measurement*, 55, 377-393.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = parallel_analysis(answers, study.codebook, "manager", draws=100)
    >>> found[["factor", "estimate", "random", "kept"]].round(1).head(2).values.tolist()
    [[1, 10.6, 2.1, True], [2, 1.6, 1.8, False]]
    """
    require(responses, ["side", "cluster_id"])
    if draws < 100 or not 50 < percentile < 100:
        raise ValueError("expected 100 draws or more, and a percentile above 50 and below 100")
    _check(confidence)
    items, used = _complete(responses, codebook, side, short_form)
    shared = {"side": side, "items": len(items), **people(used, additive=False)}
    shared |= {"observations": len(used), "method": METHOD_PARALLEL}
    absent = {"estimate": np.nan, "low": np.nan, "high": np.nan, "random": np.nan, "kept": pd.NA}
    note, found = "", [absent] * max(1, len(items))
    if reason := _not_told(used, items):
        note = cannot_tell(reason)
    else:
        eigenvalues = np.linalg.eigvalsh(_correlations(used, items))[:, ::-1]
        point, others = eigenvalues[0], np.maximum(eigenvalues[1:], _ZERO)
        random = factor.percentile(factor.unrelated_eigenvalues(used, items, draws, seed), percentile)
        kept = np.logical_and.accumulate(point > random)
        for number in range(len(items)):
            low, high = jackknife.interval(point[number], others[:, number], confidence, np.log, np.exp)
            found[number] = {"estimate": point[number], "low": low, "high": high}
            found[number] |= {"random": random[number], "kept": bool(kept[number])}
    rows = [{"factor": number, **values, **shared, "note": note} for number, values in enumerate(found, start=1)]
    return pd.DataFrame(rows).astype({"kept": "boolean"})


def _check(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")


def _complete(
    responses: pd.DataFrame, codebook: Codebook, side: str, short_form: bool | None
) -> tuple[list[str], pd.DataFrame]:
    """All items of a side, and the rows that answered every one of them."""
    sets = list(scales.item_sets(responses, codebook, side, short_form))
    # the last set holds the items of all dimensions
    _, items, answers = sets[-1] if sets else ("", [], responses.iloc[:0])
    return items, answers.dropna(subset=items)


def _not_told(used: pd.DataFrame, items: Sequence[str]) -> str:
    raters = people(used)["respondents"]
    if len(items) < 3:
        return "fewer than 3 items"
    if raters < FEWEST_RATERS:
        return f"fewer than {FEWEST_RATERS} raters answered every item"
    if len(used) <= len(items):
        return f"{len(used)} rows of answers are too few for {len(items)} items"
    if used["cluster_id"].nunique() < 3:
        return "fewer than 3 clusters answered"
    if constant := [item for item in items if used[item].nunique() < 2]:
        return f"{constant[0]} was answered the same by everybody"
    if np.linalg.eigvalsh(used[list(items)].corr())[0] < _ZERO:
        return "some items follow from others"
    return ""


def _correlations(used: pd.DataFrame, items: Sequence[str]) -> np.ndarray:
    """Correlations of the items: of everything, then with each of up to 40 groups of clusters left out."""
    group = pd.factorize(used["cluster_id"])[0] % _MOST_GROUPS
    return _left_out(used[list(items)].to_numpy(float), group, group.max() + 1)


def _left_out(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Correlations of everything, then with each of ``count`` groups of rows left out, from the sums of each group."""
    values = values - values.mean(axis=0)
    parts = [values[group == label] for label in range(count)]
    sizes, sums = np.array([len(part) for part in parts]), np.array([part.sum(axis=0) for part in parts])
    products = np.array([part.T @ part for part in parts])
    size, total, product = (
        np.concatenate([each.sum(axis=0, keepdims=True), each.sum(axis=0) - each]) for each in (sizes, sums, products)
    )
    covariance = product - total[:, :, None] * total[:, None, :] / size[:, None, None]
    spread = np.sqrt(np.einsum("bii->bi", covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(covariance / (spread[:, :, None] * spread[:, None, :]))


class Structure(NamedTuple):
    """A factor solution.

    Attributes
    ----------
    loadings, correlations : pandas.DataFrame
        See :func:`factor_analysis`.
    """

    loadings: pd.DataFrame
    correlations: pd.DataFrame


def factor_analysis(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    factors: int,
    rotation: str = "oblimin",
    short_form: bool | None = None,
    confidence: float = 0.95,
) -> Structure:
    """Estimate which items belong to which factor.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`, with the column ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    side : str
        Whose answers.
    factors : int
        Number of factors, such as :func:`parallel_analysis` suggests; 1 or more.
    rotation : {"oblimin", "promax", "varimax"}
        See :func:`helpers.analysis.methods.factor.rotate`.
    short_form : bool, optional
        As for :func:`helpers.analysis.survey.scales.reliability`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Structure
        ``loadings``: one row per item and factor: item, dimension, factor (1, 2, ...), side, estimate (pattern loading,
        in standard deviations), low, high, communality (share of the item's variance due to the factors).
        ``correlations``: one row per pair of factors: factor, other, side, estimate, low, high (-1 to 1; always 0 after
        varimax). Both end with respondents, rated (where known), clusters, observations (rows that answered every
        item), method, note.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    statsmodels' ``Factor``. With each cluster left out (beyond 40 in 40 groups), unique variances are found by Newton
    steps from those of the whole solution, loadings turned towards its own, and the rotation searched from there, so
    that factors keep their order and sign.

    References
    ----------
    Joreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. *Psychometrika*, 32, 443-482.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = factor_analysis(answers, study.codebook, "manager", factors=1)
    >>> found.loadings[["item", "estimate", "low", "high"]].round(2).head(2).values.tolist()
    [['listening_1', 0.56, 0.44, 0.68], ['listening_2', 0.55, 0.43, 0.66]]
    """
    require(responses, ["side", "cluster_id"])
    _check(confidence)
    if rotation not in ROTATIONS or factors < 1:
        raise ValueError(f"expected one factor or more, and a rotation of: {', '.join(ROTATIONS)}")
    items, used = _complete(responses, codebook, side, short_form)
    method = METHOD_FACTORS.format(rotation=rotation)
    counts = {**people(used, additive=False), "observations": len(used), "method": method}
    numbers, pairs = range(1, factors + 1), [(i, j) for j in range(factors) for i in range(j)]
    reason = _not_told(used, items) or _too_many(len(items), factors)
    solutions = None if reason else _solutions(_correlations(used, items), factors, rotation)
    if reason or solutions is None:
        note = cannot_tell(reason or "the solution did not converge")
        absent = np.full((3, len(items), factors), np.nan), np.full((3, factors, factors), np.nan)
        (loading, related), communality = absent, np.full(len(items), np.nan)
    else:
        fit, patterns, correlations = solutions
        note = "an item carries a factor almost alone (Heywood case)" if (fit.unique < HEYWOOD).any() else ""
        communality = 1 - fit.unique
        loading = _limits(patterns, confidence)
        related = np.clip(_limits(correlations, confidence), -1, 1)
    shared = {"side": side} | counts | {"note": note}
    loadings = [
        {"item": item, "dimension": codebook.item(item).dimension, "factor": number}
        | dict(zip(("estimate", "low", "high"), loading[:, i, number - 1]))
        | {"communality": communality[i], **shared}
        for number in numbers
        for i, item in enumerate(items)
    ]
    correlated = [
        {"factor": i + 1, "other": j + 1, **dict(zip(("estimate", "low", "high"), related[:, i, j])), **shared}
        for i, j in pairs
    ]
    limits = ["estimate", "low", "high"]
    return Structure(
        pd.DataFrame(loadings, columns=["item", "dimension", "factor", *limits, "communality", *shared]),
        pd.DataFrame(correlated, columns=["factor", "other", *limits, *shared]),
    )


def _too_many(items: int, factors: int) -> str:
    if (items - factors) ** 2 < items + factors:
        return f"{items} items do not determine {factors} factors"
    return ""


def _solutions(
    correlations: np.ndarray, factors: int, rotation: str
) -> tuple[factor.Fit, np.ndarray, np.ndarray] | None:
    """Fit to everything, and the patterns and factor correlations of everything and of what is left."""
    whole = factor.fit(correlations[0], factors)
    if whole is None:
        return None
    pattern, related = factor.rotate(whole.loadings, rotation)
    # the turn that leads to the factors in their order and with their signs
    turn = np.linalg.lstsq(whole.loadings, pattern, rcond=None)[0]
    begin = np.linalg.inv(turn).T
    patterns, correlated = [pattern], [related]
    for each in correlations[1:]:
        fit = factor.fit_from(each, factors, whole.unique)
        if fit is None:
            return None
        near = fit.loadings @ linalg.orthogonal_procrustes(fit.loadings, whole.loadings)[0]
        pattern, related = factor.rotate_from(near, rotation, begin)
        patterns.append(pattern)
        correlated.append(related)
    return whole, np.array(patterns), np.array(correlated)


def _limits(estimates: np.ndarray, confidence: float) -> np.ndarray:
    """Estimate, low and high from the estimate of everything followed by those with a group left out."""
    point, others = estimates[0], estimates[1:]
    half = stats.t.ppf(0.5 + confidence / 2, len(others) - 1) * jackknife.standard_error(others)
    return np.array([point, point - half, point + half])


def invariance(
    responses: pd.DataFrame,
    codebook: Codebook,
    across: str,
    first: str,
    second: str,
    factors: int | None = None,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare what the items measure in two groups: number of factors, pattern, loadings.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`, with the column ``cluster_id``. To compare
        waves, hand in one side only.
    codebook : Codebook
        Dimensions and items.
    across : str
        Column that tells the groups apart, such as ``side`` or ``wave``.
    first, second : str
        Its two labels.
    factors : int, optional
        Number of factors compared; default: as many as parallel analysis finds in ``first``.
    draws, seed
        As for :func:`parallel_analysis`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per aspect (``number of factors``; ``pattern``: whether every item loads most, and in the same
        direction, on the same factor; ``loadings of factor 1`` and so on): aspect, first, second, estimate (loadings:
        Tucker's congruence, -1 to 1; else missing), low, high, verdict (in words), items (that more than half of either
        group's rows answered), respondents_first, respondents_second, respondents, rated (where known), clusters,
        observations, method, note.

    Raises
    ------
    ValueError
        If confidence is not between 0 and 1.

    Notes
    -----
    Configural and loading comparison, not a test of equal intercepts: that loadings are alike does not yet make
    means comparable. Varimax loadings of ``first`` are the target to which those of ``second`` are turned
    (orthogonal Procrustes). Clusters, which may hold rows of both groups, are left out of both at once.

    References
    ----------
    Lorenzo-Seva & ten Berge (2006), as for :func:`helpers.analysis.methods.factor.congruence_words`.

    Schonemann, P. H. (1966). A generalized solution of the orthogonal Procrustes problem. *Psychometrika*, 31, 1-10.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> managers = study.responses().query("side == 'manager'")
    >>> found = invariance(managers, study.codebook, "wave", "2025-H1", "2026-H1", draws=100)
    >>> found[["aspect", "estimate", "verdict"]].round(2).values.tolist()
    [['number of factors', nan, 'same: 1'], ['pattern', nan, 'same'], ['loadings of factor 1', 1.0, 'equal']]
    """
    require(responses, [across, "cluster_id"])
    _check(confidence)
    turned = scales.score_items(responses, codebook).reset_index(drop=True)
    parts = [turned[turned[across] == label] for label in (first, second)]
    scale = [item.id for item in codebook.scale_items() if item.id in turned]
    items = [item for item in scale if all(len(part) and part[item].notna().mean() > 0.5 for part in parts)]
    used = [part.dropna(subset=items) for part in parts]
    both = pd.concat(used)
    shared = {"first": first, "second": second}
    counts = {
        "items": len(items),
        "respondents_first": people(used[0])["respondents"],
        "respondents_second": people(used[1])["respondents"],
        **people(both, additive=False),
        "observations": len(both),
        "method": METHOD_CONGRUENCE,
    }
    absent = {"estimate": np.nan, "low": np.nan, "high": np.nan}

    def row(aspect: str, verdict: str, note: str = "", **values: float) -> dict[str, object]:
        return {"aspect": aspect, **shared, **(absent | values), "verdict": verdict, **counts, "note": note}

    reason = next(
        (f"{said} ({label})" for label, part in zip((first, second), used) if (said := _not_told(part, items))), ""
    )
    counted = row("number of factors", "cannot tell", cannot_tell(reason))
    if not reason:
        found = [_kept(part, items, draws, seed) for part in used]
        verdict = f"same: {found[0]}" if found[0] == found[1] else f"differ: {found[0]} and {found[1]}"
        counted = row("number of factors", verdict)
        factors = factors or found[0]
        reason = "the items have no factor in common" if not factors else _too_many(len(items), factors)
    count = factors or 1
    replicates = None if reason else _target_rotated(used, both, items, count)
    if replicates is None:
        note = cannot_tell(reason or "the solution did not converge")
        names = ["pattern", *(f"loadings of factor {i + 1}" for i in range(count))]
        return pd.DataFrame([counted, *(row(name, "cannot tell", note) for name in names)])
    target, other = replicates[0]
    moved = [
        item
        for item, x, y in zip(items, target, other)
        if np.argmax(np.abs(x)) != np.argmax(np.abs(y)) or x[np.argmax(np.abs(x))] * y[np.argmax(np.abs(x))] < 0
    ]
    rows = [counted, row("pattern", f"differs: {', '.join(moved)}" if moved else "same")]
    alike = np.array([np.diag(factor.congruence(*pair)) for pair in replicates]).clip(-1 + 1e-9, 1 - 1e-9)
    for number in range(count):
        low, high = jackknife.interval(alike[0, number], alike[1:, number], confidence, np.arctanh, np.tanh)
        values = {"estimate": alike[0, number], "low": low, "high": high}
        rows.append(row(f"loadings of factor {number + 1}", factor.congruence_words(alike[0, number]), **values))
    return pd.DataFrame(rows)


def _kept(used: pd.DataFrame, items: Sequence[str], draws: int, seed: int) -> int:
    """Number of factors by parallel analysis."""
    real = np.linalg.eigvalsh(used[list(items)].corr())[::-1]
    random = factor.percentile(factor.unrelated_eigenvalues(used, items, draws, seed), 95)
    return int(np.logical_and.accumulate(real > random).sum())


def _target_rotated(
    used: Sequence[pd.DataFrame], both: pd.DataFrame, items: Sequence[str], factors: int
) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """Loadings of both groups, the second turned to the first: of everything, then with clusters left out of both."""
    labels = pd.Series(pd.factorize(both["cluster_id"])[0] % _MOST_GROUPS, both.index)
    groups = [labels.loc[part.index].to_numpy() for part in used]
    count = labels.max() + 1
    correlations = [_left_out(part[list(items)].to_numpy(float), group, count) for part, group in zip(used, groups)]
    whole = [factor.fit(each[0], factors) for each in correlations]
    if whole[0] is None or whole[1] is None:
        return None
    unrotated = whole[0].loadings
    target = factor.rotate(unrotated, "varimax")[0]
    begin = linalg.orthogonal_procrustes(unrotated, target)[0]
    pairs = [(target, whole[1].loadings @ linalg.orthogonal_procrustes(whole[1].loadings, target)[0])]
    for of_first, of_second in zip(correlations[0][1:], correlations[1][1:]):
        one = factor.fit_from(of_first, factors, whole[0].unique)
        two = factor.fit_from(of_second, factors, whole[1].unique)
        if one is None or two is None:
            return None
        near = one.loadings @ linalg.orthogonal_procrustes(one.loadings, unrotated)[0]
        target = factor.rotate_from(near, "varimax", begin)[0]
        pairs.append((target, two.loadings @ linalg.orthogonal_procrustes(two.loadings, target)[0]))
    return pairs
