"""Tracking, agreement and the actor-partner model without the errors of measurement in the ratings.

A rating of a few questions holds error. Error in the manager's rating hides that HR follows it: a perfectly informed
HR partner "tracks" .5 of what one question of reliability .5 says. Error in one's own rating lets the other's rating
stand in for it, so that partner effects appear where there are none. The functions here take the variance of the error
from how differently a person answers the questions of one dimension, or one question in several waves, and subtract it
wherever ratings are squared.

Notes
-----
With x the rating of a pair, v its known variance of error and y what it is related to, sums of x y are unbiased and
sums of x x exceed what they should be by v. Assumptions: the questions of a dimension measure the same thing with
errors that are independent of each other and of the other side's; what a single question measures beside that counts
as error. Where both sides answered the same wording, its own meaning may be shared, and the corrected figure is then
somewhat too high.

References
----------
Fuller, W. A. (1987). *Measurement Error Models*. Wiley. Sections 1.2 and 2.2.

Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. *Psychometrika*, 16, 297-334.

Fieller, E. C. (1954). Some problems in interval estimation. *Journal of the Royal Statistical Society B*, 16, 175-185.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import jackknife, ranks
from helpers.analysis.methods.counts import by_group, cannot_tell, require
from helpers.analysis.survey import scales
from helpers.analysis.survey.dyads import FEWEST_PARTNERS, TOO_FEW_PARTNERS, count_people
from helpers.data import Codebook

METHOD_TRACKING = "slope within HR partners less error of measurement, Fieller interval over clusters, t"
METHOD_AGREEMENT = "less error of measurement, delete-one-cluster jackknife on Fisher's z, t"
METHOD_JOINT = "actor-partner model of both outcomes less error of measurement, delete-one-cluster jackknife, t"
UNKNOWN_ERROR = "each rating is a single question, so its error is not known"
TOO_MUCH_ERROR = "the ratings hold too much error of measurement to be corrected"
FEW_CLUSTERS = "fewer than 3 clusters answered"
_SIDES = ("hr", "manager")


def error_variance(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Estimate how much error one answer to a question of a dimension holds.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`; all waves, where a side answers one item only.
    codebook : Codebook
        Dimensions and items.

    Returns
    -------
    pandas.DataFrame
        One row per side and dimension: side, dimension, error (variance, squared points of 0 to 100; missing where
        nobody answered two of its items, or one item about the same partner in two waves).

    Notes
    -----
    Variance of a person's answers around their mean once the items' means are taken out, averaged over sheets:
    the mean variance of the items less their mean covariance, as in coefficient alpha. All items that the side
    answered are used, also those outside the short form. Where every sheet holds one item, the waves of a pair stand in
    for the items: what truly changed between them then counts as error, and what is corrected by it may come out too
    high.
    """
    turned = scales.score_items(responses, codebook)
    rows = []
    for side in dict.fromkeys(responses["side"]):
        own = turned[(responses["side"] == side).to_numpy()]
        for dimension in codebook.dimensions:
            items = [item for item in codebook.scale_items(dimension.id, side) if item.id in own]
            answers = np.column_stack(
                [
                    100 * (own[item.id].to_numpy(float) - item.low) / (item.high - item.low)
                    for item in items
                    if item.low is not None and item.high is not None
                ]
                or [np.empty((len(own), 0))]
            )
            error = _around_own_mean(answers)
            if np.isnan(error) and len(items):
                error = _around_own_mean(_by_wave(own, answers))
            rows.append({"side": side, "dimension": dimension.id, "error": error})
    return pd.DataFrame(rows, columns=["side", "dimension", "error"])


def _by_wave(own: pd.DataFrame, answers: np.ndarray) -> np.ndarray:
    """The single answer of every pair in every wave; pairs x waves."""
    single = pd.Series(np.where((~np.isnan(answers)).sum(axis=1) == 1, np.nansum(answers, axis=1), np.nan), own.index)
    table = own[["partnership_id", "wave"]].assign(answer=single).dropna()
    return table.pivot_table("answer", "partnership_id", "wave", "mean", observed=True).to_numpy(float)


def _around_own_mean(answers: np.ndarray) -> float:
    """Mean variance within rows, items' means taken out, by degrees of freedom."""
    known = ~np.isnan(answers)
    used = known & (known.sum(axis=1) > 1)[:, None]
    used &= (used.sum(axis=0) > 1)[None]
    degrees = used.sum() - used.any(axis=1).sum() - max(used.any(axis=0).sum() - 1, 0)
    if degrees < 1:
        return np.nan
    table = pd.DataFrame(np.where(used, answers, np.nan))
    apart = table - table.mean()
    apart = apart.sub(apart.mean(axis=1), axis=0)
    return float(np.nansum(apart.to_numpy() ** 2) / degrees)


def scores_with_error(scores: pd.DataFrame, responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Add to every score the variance of its error.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`helpers.analysis.survey.scales.scores` returns.
    responses, codebook
        As for :func:`error_variance`; the answers that the scores were made of.

    Returns
    -------
    pandas.DataFrame
        ``scores`` with error: variance of error of ``score_100`` (squared points), that of one answer divided by the
        number of answers; missing where not known.
    """
    errors = error_variance(responses, codebook)
    found = scores.merge(errors, on=["side", "dimension"], how="left")
    return found.assign(error=found["error"] / found["answered"].where(found["answered"] > 0))


def with_errors(pairs: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Add to every pair the variance of error of both ratings.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`helpers.analysis.survey.dyads.paired_scores` returns for ``score_100``.
    scores : pandas.DataFrame
        What :func:`scores_with_error` returns for the scores that the pairs were made of.

    Returns
    -------
    pandas.DataFrame
        ``pairs`` with hr_error and manager_error (squared points of 0 to 100; missing where not known).
    """
    keys = ["partnership_id", "wave", "dimension"]
    known = scores[scores["side"].isin(_SIDES)].dropna(subset=["error", "partnership_id"])
    wide = known.pivot_table("error", keys, "side", "mean", observed=True).reindex(columns=list(_SIDES))
    named = wide.rename(columns={side: f"{side}_error" for side in _SIDES}).reset_index()
    return pairs.merge(named, on=keys, how="left")


def across_dimensions(scores: pd.DataFrame) -> pd.DataFrame:
    """Average the dimensions of every row of answers, with the error of that mean.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`scores_with_error` returns.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.survey.scales.across_dimensions`, with error: variance of error of ``score_100``,
        errors being independent between dimensions (missing where that of a dimension is not known).
    """
    row = ["respondent_id", "partnership_id", "wave"]
    known = scores.dropna(subset=["score_100"]).groupby(row, dropna=False, sort=False)["error"]
    error = (known.sum(min_count=1) / known.size() ** 2).where(known.count() == known.size())
    return scales.across_dimensions(scores.drop(columns="error")).merge(error.reset_index(), "left", on=row)


def overall(pairs: pd.DataFrame) -> pd.DataFrame:
    """Average the dimensions of every pair.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_errors` returns, with the outcomes that
        :func:`helpers.analysis.survey.dyads.with_outcome` adds.

    Returns
    -------
    pandas.DataFrame
        One row per pair and wave, with the columns of ``pairs`` but dimension: hr and manager are means over the
        dimensions that both sides have, hr_error and manager_error their variances of error.
    """
    keys = ["partnership_id", "wave", "hr_id", "manager_id", "cluster_id", "hr_outcome", "manager_outcome"]
    of_pair = pairs.groupby(keys, sort=False, observed=True)
    found = of_pair[list(_SIDES)].mean()
    count = of_pair.size()
    for side in _SIDES:
        found[f"{side}_error"] = of_pair[f"{side}_error"].sum(min_count=1) / count**2
        found.loc[of_pair[f"{side}_error"].count() < count, f"{side}_error"] = np.nan
    return found.reset_index()


def tracking(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how far HR's view follows what managers mean, not only what they ticked.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_errors` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (points of HR's view per point by which the views
        of two managers of one HR partner differ), reliability (share of managers' variance within HR partners that is
        not error, 0 to 1), respondents, respondents_hr, respondents_manager, clusters, observations (pairs), people,
        method, note.

    Notes
    -----
    Within HR partners, with deviations dx and dy from the partner's means of n managers and v the variance of error:
    b = sum dx dy / sum (dx^2 - v (n - 1) / n). The interval holds every b at which the sums of
    dx dy - b (dx^2 - v (n - 1) / n) over clusters do not differ from zero by a t test, because a ratio with an
    uncertain denominator has no symmetric interval. The variance of error itself is taken as known. Where the
    denominator is not clearly above zero there is no interval.

    References
    ----------
    West, T. V. & Kenny, D. A. (2011). The truth and bias model of judgment. *Psychological Review*, 118, 357-378.

    Fuller (1987) and Fieller (1954), as for the module.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import dyads
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> both = scales.comparable(answers, study.codebook)
    >>> known = scores_with_error(both, study.responses(), study.codebook)
    >>> pairs = with_errors(dyads.paired_scores(both), known)
    >>> found = tracking(pairs[pairs["dimension"] == "listening"])
    >>> found[["estimate", "low", "high", "reliability"]].round(2).values.tolist()
    [[0.15, -0.2, 0.44, 0.45]]
    """
    require(pairs, ["hr", "manager", "manager_error", "hr_id", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        both, true, x = _within_partners(part)
        shared = {**count_people(part), "method": METHOD_TRACKING}
        values = {"estimate": np.nan, "low": np.nan, "high": np.nan, "reliability": np.nan}
        if not len(part) or part["manager_error"].isna().any():
            return [values | shared | {"note": cannot_tell(UNKNOWN_ERROR if len(part) else "no answers")}]
        sums = pd.DataFrame({"both": both, "true": true}).groupby(part["cluster_id"]).sum()
        found, reason = _ratio(sums["both"].to_numpy(), sums["true"].to_numpy(), confidence)
        if not reason:
            values |= dict(zip(("estimate", "low", "high"), found))
            values["reliability"] = float(sums["true"].sum() / np.sum(x * x))
        return [values | shared | {"note": cannot_tell(reason) if reason else ""}]

    return by_group(pairs, by, describe)


def _within_partners(part: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Products of both views' deviations from the HR partner's means, squares less error, and managers' deviations."""
    of_partner = part.groupby("hr_id")
    size = of_partner["manager"].transform("size")
    x, y = (part[side] - of_partner[side].transform("mean") for side in ("manager", "hr"))
    return x * y, x * x - part["manager_error"] * (size - 1) / size, x


def tracking_ranks(pairs: pd.DataFrame, by: str = "dimension") -> pd.DataFrame:
    """Say which dimensions HR partners could notice least, or most, by the slope of :func:`tracking`.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_errors` returns, several dimensions.
    by : str
        Column of what is ranked.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.methods.ranks.of_left_out`: one cluster is left out of all dimensions at once. Where
        the error is not known, or leaves nothing, a dimension could be either.
    """
    codes, names = pd.factorize(pairs[by])
    labels = pd.unique(pairs["cluster_id"])
    found = np.full((len(labels) + 1, len(names)), np.nan)
    for place in range(len(names)):
        part = pairs[codes == place]
        both, true, _ = _within_partners(part)
        sums = (
            pd.DataFrame({"both": both, "true": true}).groupby(part["cluster_id"]).sum().reindex(labels, fill_value=0)
        )
        if part["manager_error"].notna().all():
            above, below = (sums[name].sum() - np.r_[0.0, sums[name]] for name in ("both", "true"))
            found[:, place] = np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
    return ranks.of_left_out(names, found[0], found[1:], by)


def _ratio(above: np.ndarray, below: np.ndarray, confidence: float) -> tuple[tuple[float, float, float], str]:
    """Ratio of two sums over clusters with Fieller's interval, or why there is none."""
    nothing = (np.nan, np.nan, np.nan)
    count = len(above)
    if count < 3:
        return nothing, FEW_CLUSTERS
    squared = stats.t.ppf(0.5 + confidence / 2, count - 1) ** 2 / count
    (of_above, both), (_, of_below) = np.cov(above, below)
    mean_above, mean_below = above.mean(), below.mean()
    # a b^2 - 2 c b + d <= 0 holds for the ratios b that a t test does not reject
    a, c = mean_below**2 - squared * of_below, mean_above * mean_below - squared * both
    d = mean_above**2 - squared * of_above
    if not (a > 0 and mean_below > 0):
        return nothing, TOO_MUCH_ERROR
    half = np.sqrt(max(c * c - a * d, 0.0))
    if half <= 1e-12 * max(abs(c), a):
        return nothing, "both sides fit perfectly, so no interval can be computed"
    return (mean_above / mean_below, (c - half) / a, (c + half) / a), ""


def agreement(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how far what the two sides mean agrees, beyond the noise in what they ticked.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_errors` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and coefficient (``ICC(A,1)``, ``correlation``; see
        :func:`helpers.analysis.survey.dyads.similarity`): the columns of ``by``, coefficient, estimate, low, high
        (-1 to 1), respondents, respondents_hr, respondents_manager, clusters, observations (pairs), people, method,
        note.

    Notes
    -----
    As :func:`helpers.analysis.survey.dyads.similarity`, with both variances less the mean variance of error. The
    interval leaves out one cluster at a time; the variance of error is taken as known.

    References
    ----------
    McGraw, K. O. & Wong, S. P. (1996). *Psychological Methods*, 1, 30-46.

    Spearman, C. (1904). The proof and measurement of association between two things. *American Journal of
    Psychology*, 15, 72-101.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import dyads
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> both = scales.comparable(answers, study.codebook)
    >>> known = scores_with_error(both, study.responses(), study.codebook)
    >>> pairs = with_errors(dyads.paired_scores(both), known)
    >>> found = agreement(pairs[pairs["dimension"] == "listening"])
    >>> found[["coefficient", "estimate", "low", "high"]].round(2).values.tolist()
    [['ICC(A,1)', 0.25, -0.2, 0.61], ['correlation', 0.37, -0.32, 0.8]]
    """
    require(pairs, ["hr", "manager", "hr_error", "manager_error", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**count_people(part), "method": METHOD_AGREEMENT}
        values = dict.fromkeys(("ICC(A,1)", "correlation"), (np.nan, np.nan, np.nan, ""))
        if not len(part) or part[["hr_error", "manager_error"]].isna().any(axis=None):
            values = dict.fromkeys(values, (np.nan, np.nan, np.nan, UNKNOWN_ERROR if len(part) else "no answers"))
        else:
            sums = _sums(part, ["hr", "manager"], ["hr_error", "manager_error"])
            values = {name: _on_z(_agreement(sums, name), confidence) for name in values}
        return [
            {"coefficient": name, "estimate": point, "low": low, "high": high, **shared}
            | {"note": cannot_tell(reason) if reason else _few(part)}
            for name, (point, low, high, reason) in values.items()
        ]

    return by_group(pairs, by, describe)


def _few(part: pd.DataFrame) -> str:
    return f"rough: {TOO_FEW_PARTNERS}" if part["cluster_id"].nunique() < FEWEST_PARTNERS else ""


def _sums(part: pd.DataFrame, columns: Sequence[str], errors: Sequence[str]) -> tuple[np.ndarray, ...]:
    """Size, means, covariances (n - 1) and mean errors: of everything, then with each cluster left out."""
    codes = pd.factorize(part["cluster_id"])[0]
    values = part[list(columns)].to_numpy(float)
    values = values - values.mean(axis=0)
    clusters = codes.max() + 1

    def left_out(each: np.ndarray) -> np.ndarray:
        own = np.array([each[codes == code].sum(axis=0) for code in range(clusters)])
        return np.concatenate([own.sum(axis=0, keepdims=True), own.sum(axis=0) - own])

    size = left_out(np.ones(len(part)))
    products = left_out(values[:, :, None] * values[:, None, :])
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody is left where there is one cluster
        mean = left_out(values) / size[:, None]
        covariance = (products - size[:, None, None] * mean[:, :, None] * mean[:, None, :]) / (size - 1)[:, None, None]
        error = left_out(part[list(errors)].to_numpy(float)) / size[:, None]
    # the means were moved by those of everybody
    return size, mean + part[list(columns)].mean().to_numpy(), covariance, error


def _agreement(sums: tuple[np.ndarray, ...], name: str) -> np.ndarray:
    _, mean, covariance, error = sums
    of_hr, of_manager = (covariance[:, place, place] - error[:, place] for place in (0, 1))
    both = covariance[:, 0, 1]
    possible = (of_hr > 0) & (of_manager > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (
            2 * both / (of_hr + of_manager + (mean[:, 0] - mean[:, 1]) ** 2)
            if name == "ICC(A,1)"
            else both / np.sqrt(of_hr * of_manager)
        )
    return np.where(possible, found, np.nan)


def _on_z(found: np.ndarray, confidence: float) -> tuple[float, float, float, str]:
    if len(found) < 4:
        return np.nan, np.nan, np.nan, FEW_CLUSTERS
    if not np.isfinite(found).all() or not (np.abs(found) < 1).all():
        return np.nan, np.nan, np.nan, TOO_MUCH_ERROR
    low, high = jackknife.interval(found[0], found[1:], confidence, np.arctanh, np.tanh)
    return float(found[0]), low, high, ""


#: Names of the rows of the joint model: whose outcome, and which effect.
_EFFECTS = ("actor", "partner", "actor less partner", "partner over actor (k)")
BOTH = "both"
RESIDUAL = "correlation of what is left"


def joint_actor_partner(pairs: pd.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pd.DataFrame:
    """Relate both sides' outcomes to both ratings at once, without the errors of measurement in the ratings.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`overall` returns, or the rows of one dimension with ``by``.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group, side and effect: the columns of ``by``, side (whose outcome; ``both`` for the last), effect
        (``actor``: own rating; ``partner``: the other's; ``actor less partner``; ``partner over actor (k)``: 0 actor
        only, 1 couple, -1 contrast; ``correlation of what is left``: of the two outcomes beyond both ratings),
        estimate, low, high (points of outcome per standard deviation of the ratings without error; k and correlation
        without unit), standard_error, degrees_of_freedom, p_value (of zero), respondents, respondents_hr,
        respondents_manager, clusters, observations (pairs), people, method, note.

    Notes
    -----
    With S the covariance of the two ratings, E the diagonal of their mean variances of error and s the covariances with
    an outcome: b = (S - E)^-1 s. Both outcomes share S and E, and what is left of them may correlate. Each cluster is
    left out in turn for all figures together, so that differences and ratios of effects have intervals; that of k is
    Fieller's. Errors in the outcomes widen intervals and pull the correlation of what is left towards zero. What
    colours all answers of one person at one time counts as an actor effect. Association, not cause.

    References
    ----------
    Kenny, D. A., Kashy, D. A. & Cook, W. L. (2006). *Dyadic Data Analysis*. Guilford. Chapters 7 and 10.

    Kenny, D. A. & Ledermann, T. (2010). Detecting, measuring, and testing dyadic patterns in the actor-partner
    interdependence model. *Journal of Family Psychology*, 24, 359-366.

    Fuller (1987), as for the module.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import dyads
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> both = scales.comparable(answers, study.codebook)
    >>> known = scores_with_error(both, study.responses(), study.codebook)
    >>> pairs = with_errors(dyads.paired_scores(both), known)
    >>> joined = dyads.with_outcome(pairs, scales.outcome_scores(answers, study.codebook), "work_again")
    >>> found = joint_actor_partner(overall(joined))
    >>> found[["side", "effect", "estimate", "low", "high"]].round(2).head(4).values.tolist()
    [['hr', 'actor', 1.09, 0.88, 1.29], ['hr', 'partner', 0.55, 0.41, 0.7],
     ['hr', 'actor less partner', 0.54, 0.24, 0.83], ['hr', 'partner over actor (k)', 0.51, 0.34, 0.73]]
    """
    require(pairs, ["hr", "manager", "hr_outcome", "manager_outcome", "hr_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**count_people(part), "method": METHOD_JOINT}
        found, reason = _joint(part, confidence)
        names = [(side, effect) for side in _SIDES for effect in _EFFECTS] + [(BOTH, RESIDUAL)]
        rows = []
        for side, effect in names:
            values = found.get((side, effect), {"note": cannot_tell(reason)})
            numbers = {name: values.get(name, np.nan) for name in _NUMBERS}
            rows.append({"side": side, "effect": effect, **numbers, **shared, "note": values["note"]})
        return rows

    return by_group(pairs, by, describe)


_NUMBERS = ("estimate", "low", "high", "standard_error", "degrees_of_freedom", "p_value")


def _joint(part: pd.DataFrame, confidence: float) -> tuple[dict[tuple[str, str], dict[str, object]], str]:
    """All figures of the joint model, or why there are none."""
    if not len(part):
        return {}, "no answers"
    if part[["hr_error", "manager_error"]].isna().any(axis=None):
        return {}, UNKNOWN_ERROR
    if part["cluster_id"].nunique() < 4:
        return {}, "fewer than 4 clusters answered"
    columns = ["hr", "manager", "hr_outcome", "manager_outcome"]
    _, _, covariance, error = _sums(part.astype(dict.fromkeys(columns, float)), columns, ["hr_error", "manager_error"])
    ratings = covariance[:, :2, :2] - error[:, :, None] * np.eye(2)
    if not np.isfinite(ratings).all() or not (np.linalg.eigvalsh(ratings)[:, 0] > 0.05 * covariance[0, 0, 0]).all():
        return {}, TOO_MUCH_ERROR
    unit = np.sqrt(np.trace(ratings, axis1=1, axis2=2) / 2)
    slopes = np.linalg.solve(ratings, covariance[:, :2, 2:])
    left = covariance[:, 2:, 2:] - np.swapaxes(covariance[:, :2, 2:], 1, 2) @ slopes
    if not (np.diagonal(left, axis1=1, axis2=2) > 1e-9 * np.diagonal(covariance[0])[2:]).all():
        return {}, "the ratings tell the outcomes without error"
    found: dict[tuple[str, str], dict[str, object]] = {}
    quantile = stats.t.ppf(0.5 + confidence / 2, len(unit) - 2)
    for place, side in enumerate(_SIDES):
        actor, partner = slopes[:, place, place] * unit, slopes[:, 1 - place, place] * unit
        for effect, values in zip(_EFFECTS, (actor, partner, actor - partner)):
            found[side, effect] = _with_t(values, quantile, np.asarray)
        found[side, _EFFECTS[3]] = _over(partner, actor, quantile)
    correlation = left[:, 0, 1] / np.sqrt(left[:, 0, 0] * left[:, 1, 1])
    of_z = _with_t(np.arctanh(np.clip(correlation, -1 + 1e-9, 1 - 1e-9)), quantile, np.tanh)
    found[BOTH, RESIDUAL] = of_z
    return found, ""


def _with_t(values: np.ndarray, quantile: float, backward: jackknife.Transform) -> dict[str, object]:
    """Point and t interval from the figure of everything followed by those with a cluster left out."""
    point, error, degrees = values[0], float(jackknife.standard_error(values[1:])), len(values) - 2
    low, estimate, high = (float(backward(point + half)) for half in (-quantile * error, 0.0, quantile * error))
    test = 2 * stats.t.sf(abs(point) / error, degrees) if error > 0 else np.nan
    named = dict(zip(_NUMBERS, (estimate, low, high, error, float(degrees), test)))
    return named | {"note": ""}


def _over(above: np.ndarray, below: np.ndarray, quantile: float) -> dict[str, object]:
    """Ratio of two figures with Fieller's interval from their jackknife covariance."""
    count = len(above) - 1
    apart = np.array([above[1:] - above[1:].mean(), below[1:] - below[1:].mean()])
    (of_above, both), (_, of_below) = quantile**2 * (count - 1) / count * apart @ apart.T
    a, c, d = below[0] ** 2 - of_below, above[0] * below[0] - both, above[0] ** 2 - of_above
    if a <= 0:
        return {"note": cannot_tell("the actor effect may be none, so nothing can be set in proportion to it")}
    half = np.sqrt(max(c * c - a * d, 0.0))
    return {"estimate": above[0] / below[0], "low": (c - half) / a, "high": (c + half) / a, "note": ""}
