"""Scores of the dimensions, their means by group, and how reliably they are measured.

Scales are data: which items form a dimension, their range, which are reverse-scored and what counts as favourable
stand in the codebook. Answers arrive as ``study.responses()`` gives them, not yet reverse-scored.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.analysis.methods import agreement, clustered, internal_consistency, weighting
from helpers.analysis.methods.counts import NOT_COMPUTABLE, cannot_tell, numeric, people, require
from helpers.analysis.methods.people import People
from helpers.columns import ALIKE
from helpers.data import Codebook, against
from helpers.data.benchmarks import measure_of
from helpers.data.codebook import Item

if TYPE_CHECKING:
    from helpers.data.study import Benchmark

#: People who answered more than the short form, before the short form counts as another question than the whole.
FEWEST_LONG = 10
#: The name under which all items together appear in :func:`reliability`.
WHOLE = "all items"
#: The name under which the mean over all dimensions stands among them.
ALL_DIMENSIONS = "all dimensions"
MEASURES = ("score", "score_100", "favourable")


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
        item.id: sum(_range(item)) - responses[item.id]
        for item in codebook.items
        if item.reverse and item.id in responses
    }
    return responses.assign(**turned)


def _range(item: Item) -> tuple[int, int]:
    """Lowest and highest possible answer."""
    if item.low is None or item.high is None:
        raise ValueError(f"item {item.id} is answered in words, so it has no range")
    return item.low, item.high


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
        items were answered than required; dimensions no item of which was asked are left out, and those with items that
        run against the others (:func:`running_against`): their mean would be one of nothing.

    Raises
    ------
    ValueError
        If ``minimum_answered`` is not a share above 0.

    Notes
    -----
    The mean of the answered items stands for the missing ones (person-mean rule). The favourable cut applies to the
    reverse-scored answer: on a reversed item from 1 to 5 with a cut of 4, the answers 1 and 2 are favourable.
    """
    require(responses, ["side"])
    if not 0 < minimum_answered <= 1:
        raise ValueError(f"minimum_answered is {minimum_answered}; expected a share above 0 and up to 1")
    turned = score_items(responses, codebook)
    short = np.full(len(responses), bool(short_form))
    if short_form is None:
        short = answered_short_form(responses, codebook)
    carried = responses.drop(columns=[item.id for item in codebook.items], errors="ignore")
    parts = [
        _dimension_scores(turned, side, dimension.id, codebook, short, minimum_answered)
        for side in responses["side"].unique()
        for dimension in codebook.dimensions
    ]
    return _joined(carried, parts)


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
                parts.append(_scored(turned, rows, item.id, [item], np.ones((rows.sum(), 1)), 1.0))
    return _joined(carried, parts)


def single_questions(
    responses: pd.DataFrame, codebook: Codebook, short_form: bool = False
) -> dict[tuple[str, str], Item]:
    """Name everything that rests on one question: every item, and the dimensions of which one item was answered.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`scores`.
    codebook : Codebook
        Dimensions and items.
    short_form : bool
        True: name the dimensions that rest on one question for those alone who were given the short form.

    Returns
    -------
    dict
        The item by the id of the item or dimension, and the side that answered.
    """
    found: dict[tuple[str, str], Item] = {}
    for side, answers in responses.groupby("side"):
        given = [
            item for item in codebook.scale_items(None, side) if item.id in answers and answers[item.id].notna().any()
        ]
        if short_form:
            given = [item for item in given if item.short_form] if answered_short_form(answers, codebook).any() else []
        else:
            outcomes = [item for item in codebook.outcomes(side) if item.id in answers and item.low is not None]
            found |= {(item.id, str(side)): item for item in [*given, *outcomes]}
        for dimension in codebook.dimensions:
            own = [item for item in given if item.dimension == dimension.id]
            if len(own) == 1:
                found[dimension.id, str(side)] = own[0]
    return found


def with_question(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Add the wording of items to a table about them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per side and item; the id of the item stands in ``dimension``, as :func:`outcome_scores` puts it.
    codebook : Codebook
        Holds the wording.

    Returns
    -------
    pandas.DataFrame
        The table with question (as this side was asked), lowest and highest (ends of the answer scale).
    """
    items = [codebook.item(item) for item in table["dimension"]]
    return table.assign(
        question=[item.text_for(side) for item, side in zip(items, table["side"], strict=True)],
        lowest=[item.low for item in items],
        highest=[item.high for item in items],
    )


def with_scale(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Say on which scale each dimension of a table was answered.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with dimension, and side where it names one.
    codebook : Codebook
        Its items.

    Returns
    -------
    pandas.DataFrame
        The table with scale: "1–5"; "several" where the items of a dimension have different ends.
    """
    sides = table["side"].astype("str") if "side" in table else pd.Series("respondent", index=table.index)
    keys = list(zip(table["dimension"].astype("str"), sides, strict=True))
    known = {key: _scale(codebook.scale_items(*key)) for key in dict.fromkeys(keys)}
    return table.assign(scale=pd.Series([known[key] for key in keys], index=table.index, dtype=object))


def _scale(items: Sequence[Item]) -> str:
    ends = {f"{item.low}–{item.high}" for item in items}
    return next(iter(ends)) if len(ends) == 1 else "several"


def on_each_scale(table: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Take a table apart by answer scale, for what is drawn on one axis or ranked: scales of different ends are not.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with scale, as :func:`with_scale` adds it.

    Returns
    -------
    list of tuple
        For each scale what is added to names of exhibits and findings, what is added to sentences, and its rows; both
        additions are empty where there is one scale only.
    """
    found = list(table.groupby("scale", sort=False))
    if len(found) < 2:
        return [("", "", table)]
    parts = []
    for scale, rows in found:
        low, dash, high = str(scale).partition("–")
        words = f"answered from {low} to {high}" if dash else "answered on several scales"
        rows.attrs = table.attrs
        parts.append((f"-{low}_{high}" if dash else "-several", f" {words}", rows))
    return parts


def named_on_scale(table: pd.DataFrame, charts: Sequence[tuple[str, str, pd.DataFrame]]) -> pd.DataFrame:
    """Say of each dimension what its answer scale adds to the name of the exhibit that shows it.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with dimension; any other is returned as it is.
    charts : sequence of tuple
        What :func:`on_each_scale` returned.

    Returns
    -------
    pandas.DataFrame
        The table with added.
    """
    if "dimension" not in table:
        return table
    added = {name: words for words, _, rows in charts for name in rows.get("dimension", pd.Series(dtype=object))}
    return table.assign(added=table["dimension"].map(added).fillna(""))


def words_of(item: str, codebook: Codebook, side: str) -> str:
    """Return the wording of an item for a side; empty where there is no such item."""
    return next((known.text_for(side) for known in codebook.items if known.id == item), "")


def both_sides(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Score what HR partners and managers both answered, ready for the model ``score ~ side``.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`scores`.
    codebook : Codebook
        Dimensions and items.

    Returns
    -------
    pandas.DataFrame
        One row per row of answers and dimension, with the columns of :func:`comparable`: HR partners and managers only,
        and the dimensions on which both sides have a score. ``side`` is a category with managers as reference, so that
        ``side[T.hr]`` is HR partners less managers.
    """
    scored = comparable(responses, codebook).dropna(subset="score")
    scored = scored[scored["side"].isin(["manager", "hr"])]
    scored = scored[scored.groupby("dimension")["side"].transform("nunique") == 2]
    return scored.assign(side=pd.Categorical(scored["side"], ["manager", "hr"])).reset_index(drop=True)


def favourable(responses: pd.DataFrame, codebook: Codebook) -> str:
    """Say which answers count as favourable, after reverse scoring.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, one column per item id.
    codebook : Codebook
        Says where the favourable part of a scale begins.

    Returns
    -------
    str
        One part for each answer scale in use: "4 or more from 1 to 5; 6 or more from 1 to 7".
    """
    asked = {(item.low, item.favourable_from, item.high) for item in codebook.scale_items() if item.id in responses}
    return "; ".join(f"{cut} or more from {low} to {high}" for low, cut, high in sorted(asked))


def _items(codebook: Codebook, responses: pd.DataFrame, side: str, dimension: str | None) -> list[Item]:
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


def running_against(responses: pd.DataFrame, codebook: Codebook, side: str, dimension: str) -> list[Item]:
    """Return the items that run against the others of their dimension, though nobody said that they are reversed.

    Parameters
    ----------
    responses, codebook
        As for :func:`scores`.
    side, dimension : str
        Whose answers, and to what.

    Returns
    -------
    list of Item
        See :func:`helpers.data.against.running_against`.
    """
    turned = score_items(responses[responses["side"] == side], codebook)
    items = _items(codebook, turned, side, dimension)
    found = against.running_against(turned[[item.id for item in items]])
    return [item for item in items if item.id in found]


def _dimension_scores(
    turned: pd.DataFrame,
    side: str,
    dimension: str,
    codebook: Codebook,
    short: np.ndarray,
    minimum_answered: float,
) -> _Scored:
    items = _items(codebook, turned, side, dimension)
    if not items:
        return np.zeros(0, int), {}
    in_short = np.array([item.short_form for item in items], bool)
    asked = np.where(short[:, None], in_short, True)
    rows = (turned["side"] == side).to_numpy() & asked.any(axis=1)
    if against.running_against(turned.loc[rows, [item.id for item in items]]):
        rows[:] = False
    return _scored(turned, rows, dimension, items, asked[rows], minimum_answered)


#: Places of rows of answers, and what is told of each.
_Scored = tuple[np.ndarray, dict[str, np.ndarray]]


def _joined(carried: pd.DataFrame, parts: Sequence[_Scored]) -> pd.DataFrame:
    """Put the scores of all dimensions below each other, beside what else is known of their rows."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return carried.iloc[:0].assign(dimension="", items=0, answered=0, **dict.fromkeys(MEASURES, np.nan))
    places = np.concatenate([rows for rows, _ in parts])
    told = {name: np.concatenate([values[name] for _, values in parts]) for name in parts[0][1]}
    return carried.iloc[places].reset_index(drop=True).assign(**told)


def _scored(
    turned: pd.DataFrame,
    rows: np.ndarray,
    dimension: str,
    items: list[Item],
    asked: np.ndarray,
    minimum_answered: float,
) -> _Scored:
    """Score the items of one dimension, already reverse-scored, for some rows."""
    given = turned[[item.id for item in items]].to_numpy(float)[rows]
    answers = np.where(asked, given, np.nan)
    low, high, cut = (
        np.array([getattr(item, name) for item in items], float) for name in ("low", "high", "favourable_from")
    )
    answered = (~np.isnan(answers)).sum(axis=1)
    enough = (answered > 0) & (answered >= minimum_answered * asked.sum(axis=1) - 1e-9)
    same_range = len({*zip(low, high)}) <= 1
    divisor = np.where(enough, answered, np.nan)
    told = {
        "dimension": np.full(len(answers), dimension, object),
        "items": asked.sum(axis=1).astype(int),
        "answered": answered,
        "score": np.nansum(answers, axis=1) / divisor if same_range else np.full(len(answers), np.nan),
        "score_100": np.nansum(100 * (answers - low) / (high - low), axis=1) / divisor,
        "favourable": np.sum(answers >= cut, axis=1) / divisor,
    }
    return np.flatnonzero(rows), told


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
    Means: :func:`helpers.analysis.methods.clustered.mean`; shares:
    :func:`helpers.analysis.methods.clustered.proportion`. No mean lies beyond the ends of its scale, so that no
    interval is told beyond them either: that takes nothing from its coverage.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = summary(scores(answers, study.codebook), by=["side", "dimension"], measures=["score_100"])
    >>> found[["side", "dimension", "estimate", "low", "high"]].round(1).head(2).values.tolist()
    [['manager', 'listening', 70.6, 67.7, 73.4], ['manager', 'shared_goals', 60.5, 56.6, 64.5]]
    """
    weights = "weight" if "weight" in scores else None
    found = []
    for measure in measures:
        estimate = clustered.proportion if measure == "favourable" else clustered.mean
        table = estimate(scores, measure, by=by, weights=weights, confidence=confidence)
        if measure == "favourable":
            table[["estimate", "standard_error", "low", "high"]] *= 100
        table = _within_scale(table, scores, by, measure)
        table.insert(len(by), "measure", measure)
        found.append(table.drop(columns=["p_value", "effective_size"], errors="ignore"))
    return pd.concat(found, ignore_index=True)


def _within_scale(table: pd.DataFrame, scores: pd.DataFrame, by: Sequence[str], measure: str) -> pd.DataFrame:
    """Cut intervals at the ends of the answer scale, which follow from the two ways in which scores stand."""
    if measure == "favourable" or not len(table):
        return table
    if measure == "score_100":
        return table.assign(low=table["low"].clip(lower=0), high=table["high"].clip(upper=100))
    if "dimension" not in by and scores["dimension"].nunique() > 1:
        return table
    both = scores.dropna(subset=["score", "score_100"]).groupby(list(by), dropna=False)[["score", "score_100"]]
    points, mean = both.std()["score"] / both.std()["score_100"], both.mean()
    ends = pd.DataFrame({"least": mean["score"] - points * mean["score_100"]})
    ends["most"] = ends["least"] + 100 * points
    ends = table[list(by)].merge(ends.reset_index(), "left").set_index(table.index)
    least, most = ends["least"].fillna(-np.inf), ends["most"].fillna(np.inf)
    return table.assign(low=table["low"].clip(lower=least), high=table["high"].clip(upper=most))


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
        (``…_low``, ``…_high``) in the measure's unit; respondents, rated, clusters and items (the fewest of the
        measures).
    """
    keys = list(summary.columns[: summary.columns.get_loc("measure")])
    joined = pd.DataFrame()
    for place, measure in enumerate(measures):
        part = summary[summary["measure"] == measure].set_index(keys)
        named = part[["estimate", "low", "high"]].set_axis([measure, f"{measure}_low", f"{measure}_high"], axis=1)
        counts = part[[name for name in ("respondents", "rated", "clusters", "items") if name in part]]
        if place == 0:
            joined = named.join(counts)
        else:
            joined = joined.join(named)
            joined[counts.columns] = np.fmin(joined[counts.columns], counts.reindex(joined.index))
    chosen = summary[summary["measure"].isin(measures)]
    who = {labels: People.together(rows["people"]) for labels, rows in chosen.groupby(keys, dropna=False, sort=False)}
    joined["people"] = pd.Series(who, dtype=object).reindex(joined.index)
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


def with_all_dimensions(scores: pd.DataFrame) -> pd.DataFrame:
    """Add the mean over all dimensions as if it were one more.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`scores` returns.

    Returns
    -------
    pandas.DataFrame
        The rows, and below them those of :func:`across_dimensions` with :data:`ALL_DIMENSIONS` as dimension; where
        there are fewer than two dimensions, the rows alone.
    """
    if scores["dimension"].nunique() < 2:
        return scores
    return pd.concat([scores, across_dimensions(scores).assign(dimension=ALL_DIMENSIONS)], ignore_index=True)


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


def comparable(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Score every dimension on the form that everybody can be compared on.

    Parameters
    ----------
    responses, codebook
        As for :func:`comparable_form`.

    Returns
    -------
    pandas.DataFrame
        As :func:`scores`; where it is the short form, and it differs from what people answered, ``form`` says so.

    Notes
    -----
    A few people may have a score on the whole form and none on the short one. For disclosure control the two are
    different questions, so that the difference of their means tells of nobody, if at least :data:`FEWEST_LONG` people
    answered more than the short form: their scores differ on the two.
    """
    form = comparable_form(responses, codebook)
    found = scores(responses, codebook, form)
    longer = responses.loc[~answered_short_form(responses, codebook), "respondent_id"].nunique()
    return found.assign(form="short form") if form and longer >= FEWEST_LONG else found


def against_benchmarks(
    means: pd.DataFrame, benchmarks: Sequence[Benchmark], measure: str = "score", confidence: float = 0.95
) -> pd.DataFrame:
    """Compare dimensions with figures from elsewhere that are in the same unit.

    Parameters
    ----------
    means : pandas.DataFrame
        What :func:`summary` returns.
    benchmarks : sequence of helpers.data.Benchmark
        Figures from elsewhere; those of questions, and those in another unit, are left out.
    measure : str
        Which of :func:`summary`'s measures is compared: "score" with figures in points of the answer scale,
        "score_100" with those from 0 to 100, "favourable" with per cent favourable.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per figure and group, as :func:`helpers.analysis.methods.weighting.compare_with_benchmark` gives it.
    """
    means = means[means["measure"] == measure]
    known_here = [
        known for known in benchmarks if (means["dimension"] == known.measure).any() and measure_of(known) == measure
    ]
    compared = [
        weighting.compare_with_benchmark(
            means[means["dimension"] == known.measure],
            known.value,
            known.source,
            known.year or "year not given",
            confidence,
        )
        for known in known_here
    ]
    return pd.concat(compared, ignore_index=True) if compared else means.iloc[:0]


# reliability and agreement -----------------------------------------------------------------------------------


def reliability_compared(
    responses: pd.DataFrame, codebook: Codebook, side: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the reliability of dimensions in more than one way, to compare with other programs.

    Parameters
    ----------
    responses, codebook, side, confidence
        As for :func:`reliability`.

    Returns
    -------
    pandas.DataFrame
        Of dimensions with several items, as :func:`coefficients_side_by_side` gives them listwise; beside them
        alpha_pairwise, omega_pairwise (from every pair of answers) and low_feldt, high_feldt (Feldt's interval of
        alpha).
    """
    found = reliability(responses, codebook, side, confidence=confidence)
    pairwise = reliability(responses, codebook, side, missing="pairwise", confidence=confidence)
    feldt = reliability(responses, codebook, side, interval="feldt", confidence=confidence)
    beside = coefficients_side_by_side(found[found["items"] > 1])
    for name in ("alpha", "omega"):
        plain = pairwise[pairwise["coefficient"] == name].set_index("dimension")["estimate"]
        beside[f"{name}_pairwise"] = beside["dimension"].map(plain)
    feldt = feldt[feldt["coefficient"] == "alpha"].set_index("dimension")
    return beside.assign(**{f"{end}_feldt": beside["dimension"].map(feldt[end]) for end in ("low", "high")})


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
    :func:`helpers.analysis.methods.internal_consistency.coefficients` of each dimension's items, reverse-scored. Alpha
    assumes
    that all items measure the dimension equally strongly, omega that one dimension underlies them. Both say nothing
    about validity.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = reliability(answers, study.codebook, "manager")
    >>> found[["dimension", "coefficient", "estimate", "low", "high"]].round(2).head(2).values.tolist()
    [['listening', 'alpha', 0.77, 0.7, 0.83], ['listening', 'omega', 0.78, 0.71, 0.83]]
    """
    require(responses, ["side", "cluster_id"])
    table = [
        (name, internal_consistency.coefficients(answers, items, missing, confidence, interval))
        for name, items, answers in item_sets(responses, codebook, side, short_form)
    ]
    nobody = internal_consistency.coefficients(responses.iloc[:0], [], missing, confidence, interval)
    return _stacked(table, side, nobody)


def coefficients_side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """Put the coefficients of a dimension beside each other.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`reliability` returned, of one side or several.

    Returns
    -------
    pandas.DataFrame
        One row per dimension and side: dimension, side, alpha, omega and, where a dimension has two items,
        spearman_brown, each with its ends (``alpha_low`` …); respondents, rated, clusters, items.
    """
    found = table.rename(columns={"coefficient": "measure"})
    return side_by_side(found, ["alpha", "omega", "spearman_brown"])


def alpha(frame: pd.DataFrame, items: Sequence[str] = (), cluster: str = "", confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the reliability of the items of any frame: the researcher's way in.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person, items already reverse-scored.
    items : sequence of str
        Columns of the items; none: every numeric column.
    cluster : str
        Column of what people have in common, such as a team; empty: people are independent.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.methods.internal_consistency.coefficients`: one row per coefficient (``alpha``,
        ``omega``; for two items also ``spearman_brown``), from rows that answered all items.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers, or confidence is not between 0 and 1.

    Notes
    -----
    See :func:`helpers.analysis.methods.internal_consistency.coefficients`.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4, 5, 4], "b": [2, 2, 3, 5, 5, 3], "c": [1, 3, 3, 4, 4, 5]})
    >>> alpha(frame)[["coefficient", "items", "estimate"]].round(3).values.tolist()
    [['alpha', 3, 0.909], ['omega', 3, 0.937]]
    """
    chosen = numeric(frame, list(items), [cluster])
    require(frame, filter(None, [cluster]))
    named = frame.assign(cluster_id=frame[cluster] if cluster else np.arange(len(frame)))
    return internal_consistency.coefficients(named, chosen, confidence=confidence)


def within_group(
    responses: pd.DataFrame,
    codebook: Codebook,
    group: str,
    side: str,
    short_form: bool | None = None,
    missing: str = "listwise",
    confidence: float = 0.95,
    draws: int = agreement.DRAWS,
    coefficients: Sequence[str] = agreement.COEFFICIENTS,
) -> pd.DataFrame:
    """Estimate how far the members of each group agree: r_wg (one item), r_wg(j) (several) and AD.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored.
    codebook : Codebook
        Dimensions and items.
    group : str
        Column of the groups, such as ``department``.
    side : str
        Whose answers.
    short_form : bool, optional
        As for :func:`reliability`.
    missing : {"listwise", "available"}
        Use only rows that answered every item of the dimension (the default, as version 2.7 of R's ``multilevel``
        does), or for each item whoever answered it.
    confidence : float
        Confidence level, between 0 and 1.
    draws : int
        Groups formed at random from all rows, with which each group is compared; 0: none.
    coefficients : sequence of str
        Which of them.

    Returns
    -------
    pandas.DataFrame
        One row per dimension, group and coefficient: dimension, side, and the columns of
        :func:`helpers.analysis.methods.agreement.within_group`: estimate, low, high, p_value and so on.

    Raises
    ------
    ValueError
        If ``missing`` or ``confidence`` is not as above.

    Notes
    -----
    :func:`helpers.analysis.methods.agreement.within_group` of each dimension's items, reverse-scored.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = within_group(answers, study.codebook, "location", "manager", coefficients=["r_wg"])
    >>> found[["dimension", "location", "estimate", "p_value", "averaging"]].round(2).head(2).values.tolist()
    [['listening', 'Stonefield', 0.77, 0.36, 'not supported'],
     ['listening', 'Eastwater', 0.63, 0.96, 'not supported']]
    """
    require(responses, ["side", group])
    estimate = functools.partial(
        agreement.within_group, missing=missing, confidence=confidence, draws=draws, coefficients=coefficients
    )
    table = [
        (name, estimate(answers, items, [_range(codebook.item(item)) for item in items], group))
        for name, items, answers in item_sets(responses, codebook, side, short_form)
        if name != WHOLE
    ]
    return _stacked(table, side, estimate(responses.iloc[:0], [], [], group))


def group_means(
    responses: pd.DataFrame, codebook: Codebook, group: str, side: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the mean of every group on every dimension, and mark means that do not speak for their group.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored.
    codebook : Codebook
        Dimensions and items.
    group : str
        Column of the groups, such as ``department``; empty: there are none.
    side : str
        Whose answers.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        The 0-100 scores as :func:`summary` gives them, by group and dimension, with averaging: ``not supported`` where
        r_wg lies below .70 (:func:`within_group`), missing elsewhere. Whether groups agree more than people put
        together at random, :func:`helpers.analysis.survey.aggregation.groups_that_agree` says.
    """
    keys = [group, "dimension"] if group else ["dimension"]
    scored = scores(responses[responses["side"] == side] if group else responses.iloc[:0], codebook)
    means = summary(scored, by=keys, measures=["score_100"], confidence=confidence)
    if means.empty:
        return means.assign(averaging=None)
    agree = within_group(responses, codebook, group, side, draws=0, coefficients=["r_wg"])
    agree = agree.set_index(keys)["averaging"]
    return means.join(agree.where(agree == "not supported"), on=keys)


def _stacked(tables: Sequence[tuple[str, pd.DataFrame]], side: str, nobody: pd.DataFrame) -> pd.DataFrame:
    """Put the results of several dimensions into one table; of none, the columns alone."""
    keys = ["dimension", "side"]
    labelled = [table.assign(dimension=name, side=side) for name, table in tables or [("", nobody.iloc[:0])]]
    ordered = [table[[*keys, *table.columns.difference(keys, sort=False)]] for table in labelled]
    return pd.concat(ordered, ignore_index=True)


def item_sets(
    responses: pd.DataFrame, codebook: Codebook, side: str, short_form: bool | None
) -> Iterator[tuple[str, list[str], pd.DataFrame]]:
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
        rated = [item.id for item in codebook.scale_items(None, side) if item.id in answers]
        given = answers[answers[rated].notna().any(axis=1)]
        short_form = bool(len(given)) and bool(answered_short_form(given, codebook).all())
    asked = {dimension.id: _items(codebook, responses, side, dimension.id) for dimension in codebook.dimensions}
    sets = [(name, [item.id for item in items if item.short_form or not short_form]) for name, items in asked.items()]
    sets = [(name, items) for name, items in sets if items]
    whole = [item for _, items in sets for item in items]
    for name, items in [*sets, (WHOLE, whole)] if len(sets) > 1 else sets:
        yield name, items, answers


def worded(frame: pd.DataFrame, codebook: Codebook, width: int = 300) -> pd.DataFrame:
    """Put the words of each question beside its id, numbered in the order of the table.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per item or more, with ``item`` and ``side``.
    codebook : Codebook
        The wordings.
    width : int
        Characters after which a question is cut.

    Returns
    -------
    pandas.DataFrame
        The frame with the column ``question``.
    """
    asked = [codebook.item(name).text_for(side) for name, side in zip(frame["item"], frame["side"], strict=True)]
    numbers = pd.factorize(frame["item"])[0] + 1
    questions = [shorten(f"{at}. {words}", width, placeholder=" …") for at, words in zip(numbers, asked, strict=True)]
    return frame.assign(question=questions)


def ends(items: Iterable[str], codebook: Codebook) -> tuple[int, int]:
    """Return the lowest and the highest possible answer of some items.

    Parameters
    ----------
    items : iterable of str
        Ids of rated items.
    codebook : Codebook
        Their ranges.

    Returns
    -------
    tuple of int
        Lowest and highest; 0 and 1 of no items.
    """
    ranges = [_range(codebook.item(name)) for name in items]
    return min((low for low, _ in ranges), default=0), max((high for _, high in ranges), default=1)


def item_analysis(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    short_form: bool | None = None,
    minimum: int = 1,
    confidence: float = 0.95,
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
    minimum : int
        Fewest distinct people by whom an item may be set apart from its dimension (the study's ``min_group``).
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per item: dimension, item, side, mean, low, high (of the mean), standard_deviation (points,
        reverse-scored), favourable, answered, floor, ceiling (per cent of answers that are favourable; of rows
        answered; of answers at the lowest and highest possible), item_rest (correlation with the sum of the other items
        of the dimension) and alpha_if_dropped (both from rows that answered all items of the dimension), respondents,
        rated (where known), clusters, observations, method, note.

    Notes
    -----
    Floor and ceiling refer to the reverse-scored answer. An item that everybody answered the same is not described,
    since this would tell each person's answer.

    The mean of a dimension is the mean of what each person who answered half of its items answered on average. If all
    answer all items, it follows from the means of the items, and tells nothing more. If K people left one out (or
    answered too few for a score), then n times it, less the sums of the items, is a sum over those K people alone. So
    where K is from 1 to ``minimum`` - 1, the items in which they differ from the dimension are not described: without
    one of the sums, what is left over is a sum over everybody who answered that item.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = item_analysis(answers, study.codebook, "manager")
    >>> found[["item", "mean", "low", "high", "item_rest"]].round(2).head(2).values.tolist()
    [['listening_1', 3.9, 3.79, 4.02, 0.61], ['listening_2', 3.69, 3.53, 3.85, 0.65]]
    """
    require(responses, ["side", "cluster_id"])
    rows: list[dict[str, object]] = []
    for name, items, answers in item_sets(responses, codebook, side, short_form):
        if name == WHOLE:
            continue
        complete = answers[items].dropna().to_numpy(float)
        apart = _set_apart_by_few(answers, items, minimum) if len(items) > 1 else []
        for position, item in enumerate(items):
            described = _item_row(answers, codebook.item(item), confidence)
            related = _within_dimension(complete, position)
            note = related.pop("note")
            if answers[item].nunique() == 1:  # the mean would be everybody's answer
                described, note = dict.fromkeys(described, np.nan), cannot_tell(ALIKE)
            if item in apart:
                described, related = dict.fromkeys(described, np.nan), dict.fromkeys(related, np.nan)
                note = cannot_tell("beside the mean of its dimension it would tell what single people answered")
            counts = {
                **people(answers.dropna(subset=[item]), value=item),
                "observations": int(answers[item].notna().sum()),
            }
            about = {"dimension": name, "item": item, "side": side, **described, **related, **counts}
            rows.append({**about, "method": "cluster-robust mean (CR2); correlations listwise", "note": note})
    columns = ["dimension", "item", "side", "mean", "low", "high", "standard_deviation", "favourable", "answered"]
    columns += ["floor", "ceiling", "item_rest", "alpha_if_dropped", *people(responses), "observations", "method"]
    return pd.DataFrame(rows, columns=None if rows else [*columns, "note"])


def set_apart(responses: pd.DataFrame, codebook: Codebook, side: str, minimum: int) -> set[str]:
    """Name the items that, beside the score of their dimension, would tell of fewer people than the minimum.

    Parameters
    ----------
    responses, codebook, side, minimum
        As for :func:`item_analysis`, whose notes say why.

    Returns
    -------
    set
        Their ids.
    """
    found: set[str] = set()
    for name, items, answers in item_sets(responses, codebook, side, None):
        if name != WHOLE and len(items) > 1:
            found |= {*_set_apart_by_few(answers, items, minimum)}
    return found


def _set_apart_by_few(answers: pd.DataFrame, items: list[str], minimum: int) -> list[str]:
    """Return the items that fewer people than the minimum answered without their dimension, or left out of it."""
    given = answers[items].notna()
    answered = given.any(axis=1)
    counted = answered & (given.mean(axis=1) >= 0.5)
    differs = given.ne(counted, axis=0) & answered.to_numpy()[:, None]
    several = differs.any(axis=1)
    who = people(answers[several])["respondents"]
    return [item for item in items if differs[item].any()] if 0 < who < minimum else []


def _item_row(answers: pd.DataFrame, item: Item, confidence: float) -> dict[str, float]:
    given = answers[item.id].dropna()
    share = 100 / len(given) if len(given) else np.nan
    mean = clustered.mean(answers.dropna(subset=[item.id]), item.id, confidence=confidence).iloc[0]
    return {
        "mean": given.mean(),
        "low": mean["low"],
        "high": mean["high"],
        "standard_deviation": given.std(),
        "favourable": share * (given >= item.favourable_from).sum() if item.favourable_from else np.nan,
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
        return values | {"note": cannot_tell(NOT_COMPUTABLE)}
    values["item_rest"] = np.corrcoef(complete[:, position], rest.sum(axis=1))[0, 1]
    if rest.shape[1] > 1:
        values["alpha_if_dropped"] = internal_consistency.alpha(np.cov(rest.T)[None])[0]
    return values
