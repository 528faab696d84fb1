"""Every question: how many answered favourably, neutrally and unfavourably, by side and by group, and since last time.

What counts as favourable stands in the codebook (:attr:`helpers.data.codebook.Item.favourable_from`); unfavourable is
as many points from the bottom of the scale as favourable is from its top, and neutral what lies between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered, ranks
from helpers.analysis.methods.counts import as_table, by_group, cannot_tell, groups, people, require
from helpers.analysis.methods.people import QUESTION, SHEET
from helpers.analysis.survey import change, scales
from helpers.columns import ALIKE
from helpers.data import Codebook
from helpers.data.benchmarks import measure_of
from helpers.data.codebook import DETRACTORS_TO, PROMOTERS_FROM, Item

if TYPE_CHECKING:
    from helpers.data.study import Benchmark

#: People in each wave from which the change of a single question is told.
FEWEST_CHANGED = 30
_UNCHANGED = dict.fromkeys(("change", "change_low", "change_high"), np.nan)
_SHARES = ("favourable", "favourable_low", "favourable_high", "neutral", "unfavourable")


def rated(responses: pd.DataFrame, codebook: Codebook, side: str) -> list[Item]:
    """Return the questions that a side rated: those of its dimensions, then those that stand alone.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, one column per item id.
    codebook : Codebook
        The questions.
    side : str
        Whose answers.

    Returns
    -------
    list of Item
        In the order of the codebook; those that nobody on the side answered are left out.
    """
    answers = responses[responses["side"] == side]
    asked = [*codebook.scale_items(None, side), *codebook.outcomes(side)]
    return [item for item in asked if item.id in answers and answers[item.id].notna().any()]


def answered(
    responses: pd.DataFrame, codebook: Codebook, side: str, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Put the answers of a side to its questions below each other.

    Parameters
    ----------
    responses, codebook, side
        As for :func:`rated`.
    only : collection of str, optional
        Ids of the questions; None: all of them.

    Returns
    -------
    pandas.DataFrame
        One row per answer: every column of ``responses`` that is no item, item, dimension, question (the words), scale
        ("1–5"), answer (reverse-scored, points of the scale), and favourable, neutral, unfavourable (0 or 1).
    """
    parts = list(_each(responses, codebook, side, only=only))
    if parts:
        return pd.concat(parts, ignore_index=True)
    columns = ["item", "dimension", "question", "scale", "answer", "favourable", "neutral", "unfavourable"]
    carried = responses.drop(columns=[item.id for item in codebook.items], errors="ignore")[:0]
    return carried.reindex(columns=[*carried, *columns])


def _each(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    needed: Collection[str] | None = None,
    only: Collection[str] | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield what :func:`answered` holds, one question at a time: all of a large survey at once would not fit.

    ``needed`` names the columns of ``responses``, ``only`` the questions that are wanted, where that is not all.
    """
    items = rated(responses, codebook, side)
    words = [item.text_for(side) for item in items]
    turned = scales.score_items(responses[responses["side"] == side], codebook)
    carried = turned.drop(columns=[item.id for item in codebook.items], errors="ignore").reset_index(drop=True)
    if needed is not None:  # what is carried beside is copied for every question
        carried = carried[[name for name in carried if name in needed]]
    for item, text in zip(items, words, strict=True):
        if only is not None and item.id not in only:
            continue
        answer = turned[item.id].to_numpy(float, na_value=np.nan)
        given = ~np.isnan(answer)
        rows = carried if given.all() else carried[given].reset_index(drop=True)
        answer = answer[given]
        good, bad = answer >= (item.favourable_from or np.inf), answer <= _unfavourable_to(item)
        about = {
            "item": item.id,
            "dimension": item.dimension,
            "question": text if words.count(text) == 1 else f"{text} ({item.id})",
            "scale": scale_of(item),
        }
        shares = {"favourable": good, "neutral": ~good & ~bad, "unfavourable": bad}
        yield rows.assign(**about, answer=answer, **{name: share.astype(float) for name, share in shares.items()})


def _unfavourable_to(item: Item) -> float:
    return -np.inf if item.unfavourable_to is None else item.unfavourable_to


def scale_of(item: Item) -> str:
    """Return the ends of an item's answer scale: "1–5"."""
    return f"{item.low}–{item.high}"


def rule(responses: pd.DataFrame, codebook: Codebook) -> str:
    """Say which answers count as favourable and unfavourable, for each answer scale in use.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, one column per item id.
    codebook : Codebook
        Says where favourable begins.

    Returns
    -------
    str
        "from 1 to 5: favourable 4 or more, unfavourable 2 or less; from 0 to 10: …".
    """
    asked = [*codebook.scale_items(), *codebook.outcomes()]
    cuts = {
        (item.low, item.high, item.favourable_from, item.unfavourable_to)
        for item in asked
        if item.id in responses and item.low is not None
    }
    return "; ".join(
        f"from {low} to {high}: favourable {good} or more, unfavourable {bad} or less"
        for low, high, good, bad in sorted(cuts)
    )


def shares(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    *,
    by: Sequence[str] = (),
    before: pd.DataFrame | None = None,
    minimum: int = 1,
    confidence: float = 0.95,
    only: Collection[str] | None = None,
) -> pd.DataFrame:
    """Estimate how many answered each question favourably, neutrally and unfavourably.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored, with the column ``cluster_id``.
    codebook : Codebook
        The questions, their scales, and from where an answer is favourable.
    side : str
        Whose answers.
    by : sequence of str
        Columns that form groups, such as ``department``; rows without a label are left out.
    before : pandas.DataFrame, optional
        Answers of the wave before, for the change of the share favourable.
    minimum : int
        Fewest distinct people by whom a question may be set apart from its dimension (the study's ``min_group``).
    confidence : float
        Level of the intervals, between 0 and 1.
    only : collection of str, optional
        Ids of the questions to describe; None: all of them.

    Returns
    -------
    pandas.DataFrame
        One row per group and question, in the order of the codebook: the columns of ``by``, item, dimension, question,
        scale, side, favourable, favourable_low, favourable_high, neutral, unfavourable (per cent of answers), change,
        change_low, change_high (of favourable, points of 100; where at least :data:`FEWEST_CHANGED` people answered
        in each wave), mean, low, high (of the answer, reverse-scored, points of its scale), lowest, highest (whether
        it could be that among the questions on its scale; not by groups), respondents, rated (where known), clusters,
        observations, people, method, note.

    Notes
    -----
    Share favourable: :func:`helpers.analysis.methods.clustered.proportion` of 1 (favourable) and 0. Change:
    :func:`helpers.analysis.survey.change.between_waves` of the same. Means: what disclosure control asks of few answers
    to one question depends on mean and share together (:mod:`helpers.privacy.precision`), so that both are here even
    where one is printed.

    Where fewer people than ``minimum`` left out a question of a dimension that counted for them, the share of the
    dimension less those of its questions would tell what these people answered
    (:func:`helpers.analysis.survey.scales.item_analysis`), and rounding does not always hide it: such a question is not
    described.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> now, before = study.responses("2026-H1"), study.responses("2025-H1")
    >>> found = shares(now, study.codebook, "manager", before=before)
    >>> found[["item", "favourable", "favourable_low", "favourable_high", "change"]].round(0).head(2)
              item  favourable  favourable_low  favourable_high  change
    0  listening_1        73.0            67.0             78.0    24.0
    1  listening_2        66.0            59.0             72.0    22.0
    """
    require(responses, ["side", "cluster_id", *by])
    apart = set() if by else scales.set_apart(responses, codebook, side, minimum)

    def nobody(part: pd.DataFrame) -> list[dict[str, object]]:
        blank = dict.fromkeys(("question", "scale", "side"), "") | dict.fromkeys(_SHARES, np.nan)
        ends = dict.fromkeys(("mean", "low", "high"), np.nan)
        return [{**blank, **ends, **people(part), "observations": 0, "method": "", "note": cannot_tell("no answers")}]

    def describe(part: pd.DataFrame, about: dict[str, object]) -> dict[str, object]:
        values, note = _described(part, confidence), ""
        counts = people(part, value=str(about["item"])) | {"observations": len(part)}
        if about["item"] in apart:
            note = cannot_tell("beside the score of its dimension it would tell what single people answered")
            values = dict.fromkeys(values, np.nan)
        elif np.ptp(part["answer"].to_numpy(float)) == 0:  # the share would be everybody's answer
            note, values = cannot_tell(ALIKE), dict.fromkeys(values, np.nan)
        return {**about, **values, **counts, "method": "Wilson interval at the effective sample size", "note": note}

    needed = {*by, "cluster_id", *SHEET, *QUESTION}
    before_each = () if before is None else _each(before, codebook, side, needed, only)
    earlier = {str(part["item"].iloc[0]): part for part in before_each}
    rows, could = list[dict[str, object]](), []
    for part in _each(responses, codebook, side, needed, only):
        name, part = str(part["item"].iloc[0]), part.dropna(subset=list(by))
        about = {each: part[each].iloc[0] for each in ("dimension", "item", "question", "scale") if len(part)}
        about = {each: np.nan if pd.isna(word) else word for each, word in about.items()} | {"side": side}
        whose = part.drop(columns=["item", "dimension"])
        told = [{**labels, **describe(each, about)} for labels, each in groups(whose, by)] if len(part) else []
        changed = _change(part, earlier.get(name), confidence)
        rows += [row | (changed if pd.notna(row["favourable"]) else _UNCHANGED) for row in told]
        if not by and any(pd.notna(row["favourable"]) for row in told):
            could.append(part[["scale", "item", "favourable", "cluster_id"]])
    if rows:
        found = as_table(rows)
    else:
        found = by_group(answered(responses[:0], codebook, side), [*by, "dimension", "item"], nobody)
        found = found.assign(**_UNCHANGED)
    found = found[[name for name in found if name not in _UNCHANGED] + list(_UNCHANGED)]
    return found if by else _ranked(found, could)


def of_everybody(responses: pd.DataFrame, codebook: Codebook, side: str, minimum: int = 1) -> pd.DataFrame:
    """Count how many of all who answered each question did so favourably, to set a group beside.

    Parameters
    ----------
    responses, codebook, side, minimum
        As for :func:`shares`.

    Returns
    -------
    pandas.DataFrame
        One row per question, in the order of the codebook: item, favourable (per cent; missing where :func:`shares`
        would not tell it).

    Notes
    -----
    The share alone, without an interval: in a large survey that of everybody would take most of the time of a report
    about a group, and is next to nothing.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> of_everybody(study.responses("2026-H1"), study.codebook, "manager").round(0).head(2).values.tolist()
    [['listening_1', 73.0], ['listening_2', 66.0]]
    """
    require(responses, ["side"])
    apart = scales.set_apart(responses, codebook, side, minimum)
    told = [
        (name, np.nan if name in apart or part["answer"].nunique() == 1 else 100 * part["favourable"].mean())
        for part in _each(responses, codebook, side)
        for name in part["item"].iloc[:1]
    ]
    return pd.DataFrame(told, columns=["item", "favourable"]).astype({"favourable": float})


def of_groups(
    responses: pd.DataFrame, codebook: Codebook, side: str, group: str, order: Iterable[str], confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate how the groups of one attribute answered each question.

    Parameters
    ----------
    responses, codebook, side, confidence
        As for :func:`shares`.
    group : str
        Column of the groups, such as ``department``; empty: there are none.
    order : iterable of str
        Ids of the questions in which the table stands.

    Returns
    -------
    pandas.DataFrame
        As :func:`shares` by group, groups in order of their names; without rows where there are none.
    """
    if not group:
        return pd.DataFrame(columns=["item", "question"])
    found = shares(responses, codebook, side, by=[group], confidence=confidence)
    places = {item: place for place, item in enumerate(order)}
    found = found.assign(place=found["item"].map(places)).sort_values(["place", group], kind="stable")
    return found.drop(columns="place").reset_index(drop=True)


def with_benchmarks(table: pd.DataFrame, benchmarks: Sequence[Benchmark], measure: str = "favourable") -> pd.DataFrame:
    """Put the study's own comparison figures beside the questions they are about.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`shares` or :func:`recommended` returned.
    benchmarks : sequence of helpers.data.Benchmark
        The figures.
    measure : {"favourable", "net"}
        In which unit they have to be.

    Returns
    -------
    pandas.DataFrame
        The table with benchmark; missing where the study has none.
    """
    known = {one.measure: one.value for one in benchmarks if measure_of(one) == measure}
    items = table["item"] if "item" in table else pd.Series(dtype=object)
    return table.assign(benchmark=items.map(known).astype(float))


def _described(part: pd.DataFrame, confidence: float) -> dict[str, float]:
    answers, favourable = part["answer"].to_numpy(float), part["favourable"].to_numpy(float)
    mean, good = clustered.mean_and_share(answers, favourable, part["cluster_id"].to_numpy(), confidence)
    return {
        "favourable": 100 * good["estimate"],
        "favourable_low": 100 * good["low"],
        "favourable_high": 100 * good["high"],
        "neutral": 100 * part["neutral"].to_numpy().mean(),
        "unfavourable": 100 * part["unfavourable"].to_numpy().mean(),
        "mean": mean["estimate"],
        "low": mean["low"],
        "high": mean["high"],
    }


def _change(now: pd.DataFrame, before: pd.DataFrame | None, confidence: float) -> dict[str, float]:
    """Return the change of the share favourable of one question, where enough people answered in each wave."""
    if before is None or min(part["respondent_id"].nunique() for part in (before, now)) < FEWEST_CHANGED:
        return _UNCHANGED
    first, second = str(before["wave"].iloc[0]), str(now["wave"].iloc[0])
    used = pd.concat([before, now], ignore_index=True).assign(share=lambda rows: 100 * rows["favourable"])
    moved = change.between_waves(used, first, second, value="share", by=[], confidence=confidence).iloc[0]
    return {"change": moved["estimate"], "change_low": moved["low"], "change_high": moved["high"]}


def _ranked(found: pd.DataFrame, told: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Say which questions could be the most and the least favourably answered of those on the same scale."""
    rows = pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=["scale", "item", "favourable"])
    rows = rows if told else rows.assign(cluster_id=[])
    sets = ranks.of_means(rows, "favourable", item="item", by=["scale"])
    if found.empty or sets.empty:  # columns without rows have no type of their own
        sets = sets.astype({name: found[name].dtype for name in ("scale", "item")})
    return found.merge(sets, "left", on=["scale", "item"])


def recommended(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    before: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Score the questions whether one would recommend: per cent of promoters less per cent of detractors.

    Parameters
    ----------
    responses, codebook, side, before, confidence
        As for :func:`shares`; questions are those with ``recommend`` in the codebook.

    Returns
    -------
    pandas.DataFrame
        One row per question: label (what the codebook calls its score), item, question, side, net, net_low, net_high
        (−100 to 100), favourable (per cent of promoters), neutral (passives), unfavourable (detractors), change,
        change_low, change_high (of net, points), mean, low, high (of the answer), respondents, rated (where known),
        clusters, observations, people, method, note.

    Notes
    -----
    Promoters answer 9 or 10, detractors 0 to 6. The score is the mean of 100 (promoter), 0 and -100 (detractor), with
    :func:`helpers.analysis.methods.clustered.mean`'s interval, cut at -100 and 100.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. *Harvard Business Review*, 81(12), 46-54.

    Examples
    --------
    >>> item = {"id": "nps", "response": "r", "text": "Would you recommend us?", "recommend": "Recommended"}
    >>> book = {"instrument": {"name": "Pulse"}, "responses": {"r": {"type": "rating", "low": 0, "high": 10}}}
    >>> book = Codebook.model_validate(book | {"items": [item]})
    >>> answers = pd.DataFrame({"nps": [10, 9, 9, 8, 7, 6, 10, 3, 9, 8], "side": "manager", "wave": "1"})
    >>> answers = answers.assign(respondent_id=range(10), cluster_id=range(10))
    >>> recommended(answers, book, "manager")[["label", "net", "net_low", "net_high"]].round(0).values.tolist()
    [['Recommended', 30.0, -29.0, 89.0]]
    """
    require(responses, ["side", "cluster_id"])
    named = {item.id: item.recommend for item in rated(responses, codebook, side) if item.recommend}
    found = shares(responses, codebook, side, confidence=confidence, only=named)
    long = _net(answered(responses, codebook, side, named))
    net = clustered.mean(long, "net", by=["item"], confidence=confidence).set_index("item")
    known = found["favourable"].notna()
    ends = {"net": "estimate", "net_low": "low", "net_high": "high"}
    values = {name: found["item"].map(net[given]).clip(-100, 100).where(known) for name, given in ends.items()}
    earlier = None if before is None else _net(answered(before, codebook, side, named))
    moved = {}
    for name, rows in long.groupby("item", sort=False):
        then = None if earlier is None else earlier[earlier["item"] == name]
        scored = [
            None if part is None or part.empty else part.assign(favourable=part["net"] / 100) for part in (then, rows)
        ]
        moved[name] = _change(scored[1], scored[0], confidence)
    changes = {
        name: found["item"].map({item: each[name] for item, each in moved.items()}).astype(float).where(known)
        for name in _UNCHANGED
    }
    found = found.drop(columns=["lowest", "highest"], errors="ignore")
    return found.assign(label=found["item"].map(named), **values, **changes).reset_index(drop=True)


def _net(asked: pd.DataFrame) -> pd.DataFrame:
    """Return answers as 100 (promoters), 0 and -100 (detractors)."""
    promoter, detractor = asked["answer"] >= PROMOTERS_FROM, asked["answer"] <= DETRACTORS_TO
    return asked.assign(net=100.0 * promoter - 100.0 * detractor)
