"""Scores of the dimensions, their means by group, and how reliably they are measured.

Scales are data: which items form a dimension, their range, which are reverse-scored and what counts as favourable
stand in the codebook. Answers arrive as ``study.responses()`` gives them, not yet reverse-scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis import clustered, jackknife
from helpers.analysis.counts import cannot_tell, people
from helpers.analysis.factor import HEYWOOD, one_factor
from helpers.data import Codebook

#: The name under which all items together appear in :func:`reliability`.
WHOLE = "all items"
MEASURES = ("score", "score_100", "favourable")
METHOD_RELIABILITY = "delete-one-cluster jackknife on log(1 - coefficient), t"
METHOD_FELDT = "Feldt's F interval"
INDEPENDENT_RATERS = "the interval assumes independent raters; with clusters it is too narrow"

_MOST_GROUPS = 200


def score_items(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Turn reverse-scored answers round, so that a high answer always means much of the dimension.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, one column per item id.
    codebook : Codebook
        Says which items are reverse-scored and their range.

    Returns
    -------
    pandas.DataFrame
        A copy; an answer x of a reverse-scored item with range low to high is now low + high - x.
    """
    turned = {
        item.id: item.low + item.high - responses[item.id]
        for item in codebook.items
        if item.reverse and item.id in responses
    }
    return responses.assign(**turned)


def scores(
    responses: pd.DataFrame,
    codebook: Codebook,
    short_form: bool | None = None,
    minimum_answered: float = 0.5,
) -> pd.DataFrame:
    """Score every dimension for every row of answers.

    Parameters
    ----------
    responses : pandas.DataFrame
        One row per respondent, partner rated and wave: ``side`` and one column per item id (NaN: not answered).
    codebook : Codebook
        Dimensions and items.
    short_form : bool, optional
        True: use the items of the short form only, for everybody, which makes sides comparable that answered
        different forms. False: count every item as asked. None: a row without any answer outside the short form
        was given the short form, all others the whole.
    minimum_answered : float
        Smallest share, above 0 and up to 1, of a dimension's items that must be answered for a score.

    Returns
    -------
    pandas.DataFrame
        One row per row of answers and dimension: every column of ``responses`` that is not an item, then dimension,
        items (asked), answered, score (mean of the answered items, reverse-scored, in points of their range; missing
        when items differ in range), score_100 (the same with 0 the lowest and 100 the highest possible) and
        favourable (share of answered items at or above the favourable cut, 0 to 1). Values are missing where fewer
        items were answered than required; dimensions no item of which was asked are left out.

    Raises
    ------
    ValueError
        If ``minimum_answered`` is not a share above 0.

    Notes
    -----
    The mean of the answered items stands for the missing ones (person-mean rule). The favourable cut applies to the
    reverse-scored answer: on a reversed item from 1 to 5 with a cut of 4, the answers 1 and 2 are favourable.
    """
    if not 0 < minimum_answered <= 1:
        raise ValueError(f"minimum_answered is {minimum_answered}; expected a share above 0 and up to 1")
    turned = score_items(responses, codebook)
    short = np.full(len(responses), bool(short_form))
    if short_form is None:
        short = answered_short_form(responses, codebook)
    carried = responses.drop(columns=[item.id for item in codebook.items], errors="ignore")
    parts = [
        _dimension_scores(turned, carried, side, dimension.id, codebook, short, minimum_answered)
        for side in responses["side"].unique()
        for dimension in codebook.dimensions
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        columns = [*carried, "dimension", "items", "answered", *MEASURES]
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)


def outcome_scores(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Put rated items that stand alone, such as the overall rating, in the form of :func:`scores`.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`scores`.
    codebook : Codebook
        Items with the role ``outcome``.

    Returns
    -------
    pandas.DataFrame
        As :func:`scores`, with the id of the item as dimension.
    """
    turned = score_items(responses, codebook)
    carried = responses.drop(columns=[item.id for item in codebook.items], errors="ignore")
    parts = []
    for side in responses["side"].unique():
        rows = (responses["side"] == side).to_numpy()
        for item in codebook.outcomes(side):
            if item.id in turned:
                parts.append(_scored(turned[rows], carried[rows], item.id, [item], np.ones((rows.sum(), 1)), 1.0))
    return pd.concat(parts, ignore_index=True) if parts else scores(responses.iloc[:0], codebook)


def _items(codebook: Codebook, responses: pd.DataFrame, side: str, dimension: str | None) -> list:
    return [item for item in codebook.scale_items(dimension, side) if item.id in responses]


def answered_short_form(responses: pd.DataFrame, codebook: Codebook) -> np.ndarray:
    """Tell which rows of answers hold no answer outside the short form.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, one column per item id.
    codebook : Codebook
        Says which items belong to the short form.

    Returns
    -------
    numpy.ndarray
        True where at least one item of the short form, and no other, was answered.
    """
    items = [item for item in codebook.scale_items() if item.id in responses]
    short = [item.id for item in items if item.short_form]
    others = [item.id for item in items if not item.short_form]
    return (responses[short].notna().any(axis=1) & ~responses[others].notna().any(axis=1)).to_numpy()


def _dimension_scores(
    turned: pd.DataFrame,
    carried: pd.DataFrame,
    side: str,
    dimension: str,
    codebook: Codebook,
    short: np.ndarray,
    minimum_answered: float,
) -> pd.DataFrame:
    items = _items(codebook, turned, side, dimension)
    in_short = np.array([item.short_form for item in items], bool)
    asked = np.where(short[:, None], in_short, True) if items else np.zeros((len(turned), 0), bool)
    rows = (turned["side"] == side).to_numpy() & asked.any(axis=1)
    return _scored(turned[rows], carried[rows], dimension, items, asked[rows], minimum_answered)


def _scored(
    turned: pd.DataFrame,
    carried: pd.DataFrame,
    dimension: str,
    items: list,
    asked: np.ndarray,
    minimum_answered: float,
) -> pd.DataFrame:
    """Score the items of one dimension, already reverse-scored."""
    answers = np.where(asked, turned[[item.id for item in items]].to_numpy(float), np.nan)
    low, high, cut = (
        np.array([getattr(item, name) for item in items], float) for name in ("low", "high", "favourable_from")
    )
    answered = (~np.isnan(answers)).sum(axis=1)
    enough = (answered > 0) & (answered >= minimum_answered * asked.sum(axis=1) - 1e-9)
    same_range = len({*zip(low, high)}) <= 1
    divisor = np.where(enough, answered, np.nan)
    return carried.assign(
        dimension=dimension,
        items=asked.sum(axis=1).astype(int),
        answered=answered,
        score=np.nansum(answers, axis=1) / divisor if same_range else np.nan,
        score_100=np.nansum(100 * (answers - low) / (high - low), axis=1) / divisor,
        favourable=np.sum(answers >= cut, axis=1) / divisor,
    )


def summary(
    scores: pd.DataFrame,
    by: Sequence[str] = ("side", "dimension", "wave"),
    measures: Sequence[str] = MEASURES,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Summarise scores by group, each figure with an interval that respects the clusters.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`scores` returns. ``weight``, where it exists, weights the rows.
    by : sequence of str
        Columns that form the groups.
    measures : sequence of str
        Any of ``score`` (points of the item's range), ``score_100`` (points, 0 to 100) and ``favourable`` (per cent
        of answered items that are favourable).
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and measure: the columns of ``by``, measure, estimate, low, high (units of the measure;
        ``favourable`` in per cent, 0 to 100), standard_error, degrees_of_freedom, respondents, rated (where known),
        clusters, observations, method, note.

    Notes
    -----
    Means: :func:`helpers.analysis.clustered.mean`; shares: :func:`helpers.analysis.clustered.proportion`.
    """
    weights = "weight" if "weight" in scores else None
    found = []
    for measure in measures:
        estimate = clustered.proportion if measure == "favourable" else clustered.mean
        table = estimate(scores, measure, by=by, weights=weights, confidence=confidence)
        if measure == "favourable":
            table[["estimate", "standard_error", "low", "high"]] *= 100
        table.insert(len(by), "measure", measure)
        found.append(table.drop(columns=["p_value", "effective_size"], errors="ignore"))
    return pd.concat(found, ignore_index=True)


def side_by_side(summary: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Put several measures of the same groups beside each other.

    Parameters
    ----------
    summary : pandas.DataFrame
        What :func:`summary` returns.
    measures : sequence of str
        Measures to keep, such as ``["score_100", "favourable"]``.

    Returns
    -------
    pandas.DataFrame
        One row per group: the group columns; for each measure its estimate (under the measure's name) and interval
        (``…_low``, ``…_high``) in the measure's unit; respondents and rated (the fewest of the measures).
    """
    keys = list(summary.columns[: summary.columns.get_loc("measure")])
    joined = None
    for measure in measures:
        part = summary[summary["measure"] == measure].set_index(keys)
        named = part[["estimate", "low", "high"]].set_axis([measure, f"{measure}_low", f"{measure}_high"], axis=1)
        counts = part[[name for name in ("respondents", "rated") if name in part]]
        if joined is None:
            joined = named.join(counts)
        else:
            joined = joined.join(named)
            joined[counts.columns] = np.minimum(joined[counts.columns], counts)
    return joined.reset_index()


def across_dimensions(scores: pd.DataFrame) -> pd.DataFrame:
    """Average the 0–100 scores of all dimensions, one figure per row of answers.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`scores` returns.

    Returns
    -------
    pandas.DataFrame
        One row per respondent, partner rated and wave: every column that belongs to the row of answers, and score_100
        (points, 0 to 100; mean of the dimensions that have a score, each with the same weight).
    """
    own = [name for name in scores if name not in ("dimension", "items", "answered", *MEASURES)]
    return scores.groupby(own, dropna=False, sort=False, observed=True)["score_100"].mean().reset_index()


def comparable_form(responses: pd.DataFrame, codebook: Codebook) -> bool | None:
    """Say on which form everybody can be compared.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of all who are to be compared.
    codebook : Codebook
        Says which items make up the short form.

    Returns
    -------
    bool or None
        True when anybody was given the short form only; None when all answered the whole questionnaire. To be passed
        to :func:`scores` as ``short_form``.
    """
    rated = [item.id for item in codebook.scale_items() if item.id in responses]
    given = responses[responses[rated].notna().any(axis=1)]
    return True if answered_short_form(given, codebook).any() else None


# reliability -------------------------------------------------------------------------------------------------


class _Moments(NamedTuple):
    """Sums per group of clusters, from which the covariance of any union of groups follows."""

    both: np.ndarray  # answers to both items of a pair
    first: np.ndarray  # sum of the first item where both are answered
    product: np.ndarray


def _moments(answers: np.ndarray, group: np.ndarray) -> _Moments:
    present = ~np.isnan(answers)
    centred = np.where(present, answers - np.nanmean(answers, axis=0), 0.0)
    items = answers.shape[1]
    sums = [np.zeros((group.max() + 1, items, items)) for _ in range(3)]
    for label in range(group.max() + 1):
        x, m = centred[group == label], present[group == label].astype(float)
        for total, value in zip(sums, (m.T @ m, x.T @ m, x.T @ x)):
            total[label] = value
    return _Moments(*sums)


def _covariances(moments: _Moments, leave_out: bool) -> np.ndarray:
    """Pairwise covariance matrices: of everything, or with each group left out in turn."""
    both, first, product = (total.sum(axis=0, keepdims=True) - (total if leave_out else 0) for total in moments)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (product - first * first.swapaxes(1, 2) / both) / (both - 1)


def _alpha(covariances: np.ndarray) -> np.ndarray:
    items = covariances.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        explained = 1 - np.einsum("bii->b", covariances) / covariances.sum(axis=(1, 2))
    return items / (items - 1) * explained


def _spearman_brown(covariances: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariances[:, 0, 1] / np.sqrt(covariances[:, 0, 0] * covariances[:, 1, 1])
    return 2 * correlation / (1 + correlation)


def _omega(covariances: np.ndarray) -> np.ndarray:
    loadings, unique = one_factor(covariances)
    common = loadings.sum(axis=1) ** 2
    return common / (common + unique.sum(axis=1))


def reliability(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    short_form: bool | None = None,
    missing: str = "listwise",
    confidence: float = 0.95,
    interval: str = "jackknife",
) -> pd.DataFrame:
    """Estimate Cronbach's alpha and omega total for each dimension and for all items, with intervals.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`scores`, with the column ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    side : str
        Whose answers: ``hr``, ``manager``, ``employee`` or ``respondent``.
    short_form : bool, optional
        True: only the items of the short form; False: every item the side answers; None: the short form if nobody
        on this side was given more.
    missing : {"listwise", "pairwise"}
        Use rows that answered all items, or for each covariance the rows that answered both.
    confidence : float
        Confidence level of the intervals, between 0 and 1.
    interval : {"jackknife", "feldt"}
        ``feldt``: for alpha, the interval that assumes independent raters, as most programs print it; its note says so.
        The other coefficients keep the jackknife.

    Returns
    -------
    pandas.DataFrame
        One row per dimension (``all items`` last) and coefficient (``alpha``, ``omega``; for two items also
        ``spearman_brown``): dimension, side, coefficient, items, estimate, low, high (no unit, up to 1), respondents,
        rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If ``missing``, ``confidence`` or ``interval`` is not as above, or Feldt's interval is asked for pairwise.

    Notes
    -----
    alpha = k/(k-1) (1 - sum of item variances / variance of the sum). Omega total fits one factor by maximum
    likelihood: (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances), in the items' own units.
    Spearman-Brown = 2r / (1 + r) is the better coefficient of two items (Eisinga et al., 2013).

    The interval is a delete-one-cluster jackknife of -log(1 - coefficient) with t on clusters - 1; beyond 200
    clusters they are left out in 200 groups. With 36 unequal clusters of about 12 it covers 94 to 96 %, where the
    cluster bootstrap covers 88 to 93 % (percentile and BCa alike) and Feldt's interval, made for independent
    raters, less still (84 %). Feldt's limits for n raters and k items are 1 - (1 - alpha) F, with F the quantiles of
    the F distribution on n - 1 and (n - 1)(k - 1) degrees of freedom. Alpha assumes that all items measure the
    dimension equally strongly, omega that one dimension underlies them. Both say nothing about validity.

    References
    ----------
    Cronbach, L. J. (1951). *Psychometrika*, 16, 297-334.

    McDonald, R. P. (1999). *Test Theory: A Unified Treatment*. Erlbaum.

    Eisinga, R., te Grotenhuis, M. & Pelzer, B. (2013). *International Journal of Public Health*, 58, 637-642.

    Shao, J. & Tu, D. (1995). *The Jackknife and Bootstrap*. Springer.

    Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Statistical inference for coefficient alpha. *Applied
    Psychological Measurement*, 11, 93-103.
    """
    if interval not in ("jackknife", "feldt"):
        raise ValueError(f"interval is {interval!r}; expected 'jackknife' or 'feldt'")
    if interval == "feldt" and missing != "listwise":
        raise ValueError("Feldt's interval is defined for rows that answered all items; expected missing='listwise'")
    if missing not in ("listwise", "pairwise"):
        raise ValueError(f"missing is {missing!r}; expected 'listwise' or 'pairwise'")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    rows = []
    for name, items, answers in item_sets(responses, codebook, side, short_form):
        used = answers.dropna(subset=items, how="any" if missing == "listwise" else "all")
        shared = {"dimension": name, "side": side}
        counts = {**people(used), "observations": len(used)}
        for coefficient, estimate in _coefficients(len(items)):
            values = _jackknifed(used, items, estimate, confidence)
            method = METHOD_RELIABILITY
            if interval == "feldt" and coefficient == "alpha":
                values, method = values | _feldt(values, len(used), len(items), confidence), METHOD_FELDT
            note = values.pop("note")
            rows.append(
                shared
                | {"coefficient": coefficient, "items": len(items)}
                | values
                | counts
                | {"method": f"{method}; {missing}", "note": note}
            )
    return pd.DataFrame(rows)


def _feldt(values: dict[str, object], raters: int, items: int, confidence: float) -> dict[str, object]:
    """Feldt's limits of an alpha that could be estimated."""
    if np.isnan(values["estimate"]):
        return {}
    degrees = raters - 1, (raters - 1) * (items - 1)
    tails = stats.f.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], *degrees)
    low, high = 1 - (1 - values["estimate"]) * tails
    return {"low": low, "high": high, "note": "; ".join(filter(None, [values["note"], INDEPENDENT_RATERS]))}


def item_sets(responses: pd.DataFrame, codebook: Codebook, side: str, short_form: bool | None):
    """Walk through the items of each dimension that a side answers, and all items together at the end.

    Parameters
    ----------
    responses, codebook, side, short_form
        As for :func:`reliability`.

    Yields
    ------
    tuple
        Name of the dimension (or ``all items``), ids of its items, and the reverse-scored answers of the side.
    """
    answers = score_items(responses[responses["side"] == side], codebook)
    if short_form is None:
        items = [item.id for item in codebook.scale_items(None, side) if item.id in answers]
        given = answers[answers[items].notna().any(axis=1)]
        short_form = bool(len(given)) and bool(answered_short_form(given, codebook).all())
    sets = [(dimension.id, _items(codebook, responses, side, dimension.id)) for dimension in codebook.dimensions]
    sets = [(name, [item.id for item in items if item.short_form or not short_form]) for name, items in sets]
    sets = [(name, items) for name, items in sets if items]
    whole = [item for _, items in sets for item in items]
    for name, items in [*sets, (WHOLE, whole)] if len(sets) > 1 else sets:
        yield name, items, answers


def _coefficients(items: int) -> list[tuple]:
    two = [("spearman_brown", _spearman_brown)] if items == 2 else []
    return [("alpha", _alpha), ("omega", _omega), *two]


def _jackknifed(used: pd.DataFrame, items: list[str], estimate, confidence: float) -> dict[str, object]:
    """Estimate with its jackknife interval, or words."""
    absent = {"estimate": np.nan, "low": np.nan, "high": np.nan}
    if reason := _not_estimable(used, items, estimate):
        return absent | {"note": cannot_tell(reason)}
    codes = pd.factorize(used["cluster_id"])[0]
    clusters = min(codes.max() + 1, _MOST_GROUPS)
    moments = _moments(used[items].to_numpy(float), codes % clusters)
    point = estimate(_covariances(moments, leave_out=False))[0]
    if not np.isfinite(point):
        return absent | {"note": cannot_tell("the answers to these items do not allow the computation")}
    replicates = estimate(_covariances(moments, leave_out=True))
    if not np.isfinite(replicates).all() or point >= 1:
        return absent | {"note": cannot_tell("the coefficient hinges on a single cluster")}
    low, high = jackknife.interval(
        point, np.minimum(replicates, 1 - 1e-12), confidence, lambda x: -np.log1p(-x), lambda x: -np.expm1(-x)
    )
    return {"estimate": point, "low": low, "high": high, "note": _reliability_note(moments, estimate, point, clusters)}


def _not_estimable(used: pd.DataFrame, items: list[str], estimate) -> str:
    if len(items) == 1:
        return "one item has no internal consistency"
    if used.empty:
        return "nobody answered all of these items"
    if used["cluster_id"].nunique() < 2:
        return clustered.FEW_CLUSTERS
    if empty := [item for item in items if used[item].isna().all()]:
        return f"nobody answered {empty[0]}"
    if constant := [item for item in items if used[item].nunique() < 2]:
        return f"{constant[0]} was answered the same by everybody"
    if estimate is _omega and len(items) == 2:
        return "two items do not determine a factor"
    if estimate is _omega and len(used) <= len(items):
        return f"{len(used)} rows of answers are too few for a factor of {len(items)} items"
    return ""


def _reliability_note(moments: _Moments, estimate, point: float, clusters: int) -> str:
    notes = []
    if point < 0:
        notes.append("below zero: the items do not measure one thing in common; check reverse scoring")
    if estimate is _omega:
        covariances = _covariances(moments, leave_out=False)
        unique = one_factor(covariances)[1][0] / np.diag(covariances[0])
        if (unique <= HEYWOOD * 1.001).any():
            notes.append("one item carries the factor almost alone (Heywood case); prefer alpha")
    if clusters < 10:
        notes.append("rough: fewer than 10 clusters")
    return "; ".join(notes)


def item_analysis(
    responses: pd.DataFrame, codebook: Codebook, side: str, short_form: bool | None = None
) -> pd.DataFrame:
    """Describe every item within its dimension.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`scores`, with the column ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    side : str
        Whose answers.
    short_form : bool, optional
        True: only the items of the short form; False and None: every item the side answers.

    Returns
    -------
    pandas.DataFrame
        One row per item: dimension, item, side, mean, standard_deviation (points, reverse-scored), answered, floor,
        ceiling (per cent of rows answered; of answers at the lowest and highest possible), item_rest (correlation
        with the sum of the other items of the dimension) and alpha_if_dropped (both from rows that answered all
        items of the dimension), respondents, rated (where known), clusters, observations, method, note.

    Notes
    -----
    Floor and ceiling refer to the reverse-scored answer. Point estimates: they describe the items in hand, without
    intervals. An item that everybody answered the same is not described, since this would tell each person's answer.
    """
    rows = []
    for name, items, answers in item_sets(responses, codebook, side, short_form):
        if name == WHOLE:
            continue
        complete = answers[items].dropna().to_numpy(float)
        for position, item in enumerate(items):
            rows.append({"dimension": name, "item": item, "side": side} | _item_row(answers, codebook.item(item)))
            rows[-1] |= _within_dimension(complete, position)
            rows[-1] |= {**people(answers.dropna(subset=[item])), "observations": int(answers[item].notna().sum())}
            if answers[item].nunique() == 1:  # the mean would be everybody's answer
                rows[-1] |= dict.fromkeys(("mean", "standard_deviation", "floor", "ceiling"), np.nan)
                rows[-1]["note"] = cannot_tell("everybody answered the same")
            rows[-1] |= {"method": "descriptive; correlations listwise", "note": rows[-1].pop("note")}
    return pd.DataFrame(rows)


def _item_row(answers: pd.DataFrame, item) -> dict[str, float]:
    given = answers[item.id].dropna()
    share = 100 / len(given) if len(given) else np.nan
    return {
        "mean": given.mean(),
        "standard_deviation": given.std(),
        "answered": 100 * len(given) / len(answers) if len(answers) else np.nan,
        "floor": share * (given <= item.low).sum(),
        "ceiling": share * (given >= item.high).sum(),
    }


def _within_dimension(complete: np.ndarray, position: int) -> dict[str, object]:
    """Item-rest correlation and alpha without the item."""
    rest = np.delete(complete, position, axis=1)
    values = {"item_rest": np.nan, "alpha_if_dropped": np.nan, "note": ""}
    if rest.shape[1] == 0:
        return values | {"note": cannot_tell("the only item of its dimension")}
    if len(complete) < 3 or np.ptp(complete[:, position]) == 0 or np.ptp(rest.sum(axis=1)) == 0:
        return values | {"note": cannot_tell("too few different answers")}
    values["item_rest"] = np.corrcoef(complete[:, position], rest.sum(axis=1))[0, 1]
    if rest.shape[1] > 1:
        values["alpha_if_dropped"] = _alpha(np.cov(rest.T)[None])[0]
    return values
