"""How carefully the survey was answered: completeness, straight-lining, duplicates, answers out of range.

Only counts and shares come out, never who. Signs of careless answering are grounds to look closer, not to drop
anyone: a person who agrees with everything may mean it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.methods import careless as careless_signs
from helpers.analysis.methods.counts import by_group, cannot_tell, groups, people, require
from helpers.analysis.survey import scales
from helpers.analysis.survey.scales import answered_short_form
from helpers.data import Codebook
from helpers.data.codebook import Item
from helpers.rounding import snapped_all

#: Seconds an answer below which nobody can have read the question (Huang et al., 2012; Bowling et al., 2021).
FASTEST = 2.0
#: Probability of so unusual a combination of answers: on its own, and beside another sign.
UNUSUAL, RATHER_UNUSUAL = 0.001, 0.01
#: Pairs of synonyms from which a sheet is judged.
FEWEST_SYNONYMS = 5
STRAIGHT, LONG, FAST, ODD = "straight-lining", "long string", "too fast to read", "unusual combination of answers"
CONTRADICTS, FLAGGED = "contradicts itself, and unusual", "any of these signs"
#: Fewest answers from which a pattern may be read: fewer are easily alike by chance.
MINIMUM_ANSWERS = 6


def _rating_items(responses: pd.DataFrame, codebook: Codebook, side: str | None = None) -> list[Item]:
    return [item for item in codebook.scale_items(side=side) if item.id in responses]


def completeness(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Count how many of those asked answered each item.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them.
    codebook : Codebook
        Items, and which sides answer them.

    Returns
    -------
    pandas.DataFrame
        One row per side and item: side, item, dimension, asked, answered (rows of answers), estimate (per cent
        answered of asked), left_out_by (distinct people who left it out), out_of_range (answers below the lowest or
        above the highest possible), respondents, rated (where known), clusters, method, note. On the short form the
        other items were not asked, and one that nobody on a side answered in a wave was not asked of it then.
    """

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        side = part["side"].iloc[0] if len(part) else None
        short = answered_short_form(part, codebook)
        rows = []
        for item in [*codebook.scale_items(side=side), *codebook.outcomes(side)]:
            if item.id not in responses:
                continue
            asked = part if item.short_form or item.role == "outcome" else part[~short]
            asked = asked[_asked(asked, item.id)]
            given = asked[item.id].notna()
            out = given & ~asked[item.id].between(item.low, item.high)
            share = 100 * given.mean() if len(asked) else np.nan
            rows.append(
                {"item": item.id, "dimension": item.dimension}
                | {"asked": len(asked), "answered": int(given.sum()), "estimate": share}
                | {"left_out_by": people(asked[~given])["respondents"], "out_of_range": int(out.sum())}
                | {**people(asked, value=f"{item.id} answered"), "method": "count"}
                | {"note": "" if len(asked) else cannot_tell("nobody was asked")}
            )
        return rows

    return by_group(responses, ["side"], describe)


def _asked(part: pd.DataFrame, item: str) -> pd.Series:
    """Tell which rows of one side were asked an item: those of waves in which anybody on it answered it."""
    given = part[item].notna()
    return given.groupby(part["wave"]).transform("any") if "wave" in part else given | given.any()


def patterns(responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Describe every row of answers by the signs of careless answering. For further counting, not for showing.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them, not reverse-scored.
    codebook : Codebook
        Items.

    Returns
    -------
    pandas.DataFrame
        Index as ``responses``: answers (ratings given), longest_run (ratings in the longest unbroken run of the same
        answer, in the order of the codebook, skipping unanswered items), long_string (longest_run as a share of
        answers, 0 to 1), straight_line (every rating the same, reversed items included), spread (standard deviation
        of the ratings on a scale from 0 to 1), duplicate (the same person rated the same partner in the same wave
        before). Signs are missing where fewer than 6 ratings were given.

    Notes
    -----
    The long-string index is that of Johnson (2005); a cut at half of the answers follows Curran (2016). Items are
    compared by their position in their range, so that formats may differ. Straight-lining is only a sign where
    reversed items make the same answer contradict itself, or where items are many.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality inventories.
    *Journal of Research in Personality*, 39, 103-129.

    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data. *Journal of
    Experimental Social Psychology*, 66, 4-19.
    """
    items = _rating_items(responses, codebook)
    low = np.array([item.low for item in items], float)
    high = np.array([item.high for item in items], float)
    position = (responses[[item.id for item in items]].to_numpy(float) - low) / (high - low)
    answered = (~np.isnan(position)).sum(axis=1)
    longest = careless_signs.long_string(pd.DataFrame(position)).to_numpy() if items else np.zeros(len(position), int)
    keys = [name for name in ("respondent_id", "rated_id", "wave") if name in responses]
    with np.errstate(invalid="ignore"):
        mean = np.nansum(position, axis=1) / np.maximum(answered, 1)
        spread = np.sqrt(np.nansum((position - mean[:, None]) ** 2, axis=1) / np.maximum(answered, 1))
    found = pd.DataFrame(
        {
            "answers": answered,
            "longest_run": longest,
            "long_string": longest / np.maximum(answered, 1),
            "straight_line": longest == answered,
            "spread": spread,
            "duplicate": responses.duplicated(keys).to_numpy(),
        },
        index=responses.index,
    ).astype({"straight_line": "boolean"})
    signs = ["long_string", "straight_line", "spread"]
    found.loc[answered < MINIMUM_ANSWERS, signs] = pd.NA
    return found


def least_answered(responses: pd.DataFrame, codebook: Codebook, most: int = 8) -> pd.DataFrame:
    """List the items most often left out, on either side.

    Parameters
    ----------
    responses, codebook
        As for :func:`completeness`.
    most : int
        How many at most.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`completeness` with the lowest share of answers, the lowest first, and ``wording``, the item
        as it was put to that side.
    """
    items = completeness(responses, codebook)
    items = items[items["asked"] > 0].sort_values("estimate", key=snapped_all, kind="stable").head(most)
    return items.assign(
        wording=[codebook.item(item).text_for(side) for item, side in zip(items["item"], items["side"], strict=True)]
    )


def careless(
    responses: pd.DataFrame,
    codebook: Codebook,
    by: Sequence[str] = ("side",),
    long_string: float = 0.5,
    long_form: int = 20,
) -> pd.DataFrame:
    """Count rows of answers that show a sign of careless answering.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them, not reverse-scored.
    codebook : Codebook
        Items.
    by : sequence of str
        Columns that form the groups.
    long_string : float
        Share of a row's ratings, above 0 and up to 1, that in one unbroken run count as a long string.
    long_form : int
        Fewest ratings of a row in which a long string is looked for.

    Returns
    -------
    pandas.DataFrame
        One row per group and sign: the columns of ``by``, sign (``straight-lining``, ``long string``, ``duplicate``,
        ``incomplete``), rows (that show it), judged (rows of which it can be said), estimate (per cent), respondents,
        rated (where known), clusters, method, note.

    Notes
    -----
    See :func:`patterns`. On a short form half of the answers in a row are often alike because people mean them, so
    long strings are judged on long forms only. ``incomplete``: fewer than half of the ratings asked for were given.
    """
    found = patterns(responses, codebook)
    signs = {
        "straight-lining": found["straight_line"],
        "long string": (found["long_string"] >= long_string).astype("boolean").mask(found["answers"] < long_form),
        "duplicate": found["duplicate"].astype("boolean"),
        "incomplete": _incomplete(responses, codebook),
    }

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        rows = []
        for sign, of_all in signs.items():
            shown = of_all[part.index].dropna()
            judged = part.loc[shown.index]
            fewest = long_form if sign == "long string" else MINIMUM_ANSWERS
            note = "" if len(judged) else cannot_tell(f"no row has {fewest} ratings")
            rows.append(
                {"sign": sign, "rows": int(shown.sum()), "judged": len(judged)}
                | {"estimate": 100 * float(shown.mean()) if len(judged) else np.nan}
                | {**people(judged, value=sign), "method": "count", "note": note}
            )
        return rows

    return by_group(responses, by, describe)


def _incomplete(responses: pd.DataFrame, codebook: Codebook) -> pd.Series:
    short = pd.Series(answered_short_form(responses, codebook), index=responses.index)
    incomplete = pd.Series(False, index=responses.index, dtype="boolean")
    for labels, part in groups(responses, ["side"]):
        items = _rating_items(responses, codebook, str(labels["side"]))
        every = [item.id for item in items]
        asked = pd.DataFrame({item.id: _asked(part, item.id) for item in items}, index=part.index)
        of_short = asked[[item.id for item in items if item.short_form]].sum(axis=1)
        count = np.where(short[part.index], of_short, asked.sum(axis=1))
        incomplete[part.index] = part[every].notna().sum(axis=1).to_numpy() < count / 2
    return incomplete


def signs(
    responses: pd.DataFrame, codebook: Codebook, side: str, long_string: float = 0.5, long_form: int = 20
) -> pd.DataFrame:
    """Tell of every answer sheet of a side which signs of careless answering it shows. For counting, not for showing.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, as ``study.responses()`` gives them, not reverse-scored; ``seconds`` (how long answering
        took) where it is known.
    codebook : Codebook
        Items.
    side : str
        Whose answers.
    long_string, long_form
        As for :func:`careless`.

    Returns
    -------
    pandas.DataFrame
        One row per sheet of the side, index as ``responses``, one column per sign (boolean, missing where it cannot be
        judged): straight-lining; long string; too fast to read (less than 2 seconds an answer); unusual combination of
        answers (Mahalanobis distance, p below .001); contradicts itself, and unusual (two of: even-odd consistency
        below 0, psychometric synonyms below 0, p below .01); any of these signs.

    Notes
    -----
    :mod:`helpers.analysis.methods.careless`. Alone, even-odd consistency and synonyms flag one attentive sheet in ten
    where dimensions go closely together, so that neither counts by itself. In simulated studies of 300 managers, ten
    dimensions of three items that correlate .55 and one sheet in twenty answered at random, more than half of the
    latter and at most 3 per cent of the attentive sheets were flagged.

    References
    ----------
    Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M. & DeShon, R. P. (2012). Detecting and deterring insufficient
    effort responding to surveys. *Journal of Business and Psychology*, 27, 99-114.

    Meade & Craig (2012) and Curran (2016), as for :mod:`helpers.analysis.methods.careless`.
    """
    own = responses[responses["side"] == side]
    found = patterns(own, codebook)
    turned = _positions(scales.score_items(own, codebook), codebook, side)
    sets = {name: items for name, items, _ in scales.item_sets(own, codebook, side, None) if name != scales.WHOLE}
    items = [item for part in sets.values() for item in part]
    nothing = pd.Series(np.nan, own.index)
    halves = careless_signs.even_odd(turned, sets) if items else nothing
    pairs = careless_signs.pairs_alike(turned, items) if len(items) > 1 else []
    alike = careless_signs.synonyms(turned, pairs) if len(pairs) >= FEWEST_SYNONYMS else nothing
    odds = careless_signs.mahalanobis(turned, items)["p_value"] if len(items) > 1 else nothing
    odds = odds.where(found["answers"] >= MINIMUM_ANSWERS)
    table = pd.DataFrame(index=own.index)
    table[STRAIGHT] = found["straight_line"]
    table[LONG] = _known(found["long_string"] >= long_string, found["answers"] >= long_form)
    seconds = pd.to_numeric(own["seconds"]) if "seconds" in own else nothing
    enough = seconds.notna() & (found["answers"] >= MINIMUM_ANSWERS)
    table[FAST] = _known(seconds < FASTEST * found["answers"], enough)
    table[ODD] = _known(odds < UNUSUAL, odds.notna())
    several = (halves < 0).astype(int) + (alike < 0).astype(int) + (odds < RATHER_UNUSUAL).astype(int)
    judged = halves.notna().astype(int) + alike.notna().astype(int) + odds.notna().astype(int)
    table[CONTRADICTS] = _known(several >= 2, judged >= 2)
    table[FLAGGED] = _known(table.fillna(False).any(axis=1), table.notna().any(axis=1))
    return table


def _known(sign: pd.Series, judged: pd.Series) -> pd.Series:
    return sign.astype("boolean").mask(~judged)


def _positions(answers: pd.DataFrame, codebook: Codebook, side: str) -> pd.DataFrame:
    """Answers to rated items on a common range, 0 to 1."""
    ranges = {item.id: scales.ends([item.id], codebook) for item in _rating_items(answers, codebook, side)}
    return answers.assign(**{item: (answers[item] - low) / (high - low) for item, (low, high) in ranges.items()})


def counted(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Count the sheets that show each sign, over the whole side and never fewer than may be told.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`signs` returned.
    minimum : int
        Fewest people of whom a number is told (the study's ``min_group``).

    Returns
    -------
    pandas.DataFrame
        One row per sign: sign, flagged (a number, "fewer than 5", "nearly all", "none", or "not known").
    """
    rows = []
    for sign in table:
        known = table[sign].dropna()
        shown, left = int(known.sum()), int((~known.astype(bool)).sum())
        told = f"{shown:,}" if shown >= minimum and (left >= minimum or not left) else f"fewer than {minimum}"
        if shown >= minimum and 0 < left < minimum:
            told = "nearly all"
        if not shown:
            told = "none" if len(known) else "not known"
        rows.append({"sign": str(sign).capitalize(), "flagged": told})
    return pd.DataFrame(rows, columns=["sign", "flagged"])


def with_and_without(
    responses: pd.DataFrame,
    codebook: Codebook,
    side: str,
    minimum: int,
    minimum_rated: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Set the mean of every dimension beside the one without the sheets that show a sign of careless answering.

    Parameters
    ----------
    responses, codebook, side
        As for :func:`signs`, with ``cluster_id``.
    minimum : int
        Fewest people who have to be flagged, and left, before results without them are given, on every dimension.
    minimum_rated : int
        Fewest people whom those flagged have to have rated, where it is known whom.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.survey.scales.summary` of the 0-100 scores, one row per dimension and part: part
        (``All sheets``, ``Without those flagged``), dimension, estimate, low, high and so on. Without the dimensions on
        which too few are flagged: the difference of both means would tell what these few answered.

    Notes
    -----
    Nothing is dropped from any other result. The difference is what carelessness could explain, were every flagged
    sheet careless.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = with_and_without(answers, study.codebook, "manager", minimum=5)
    >>> found[["part", "dimension", "estimate"]].round(1).iloc[[0, 10]].values.tolist()
    [['All sheets', 'listening', 70.6], ['Without those flagged', 'listening', 70.8]]
    """
    require(responses, ["side", "respondent_id", "cluster_id"])
    own = responses[responses["side"] == side]
    flagged = signs(responses, codebook, side)[FLAGGED].fillna(False).astype(bool)
    scored = scales.scores(own.assign(flagged=flagged), codebook)
    known = scored.dropna(subset="score_100").groupby(["dimension", "flagged"])
    counts = known["respondent_id"].nunique().unstack(fill_value=0).reindex(columns=[False, True], fill_value=0)
    rated = known["rated_id"].nunique().unstack(fill_value=0) if "rated_id" in scored else pd.DataFrame()
    told = counts.min(axis=1) >= minimum
    if len(rated) and rated.to_numpy().any():
        told &= rated.reindex(columns=[False, True], fill_value=0).min(axis=1) >= minimum_rated
    scored = scored[scored["dimension"].isin(told.index[told])]
    parts = {"All sheets": scored, "Without those flagged": scored[~scored["flagged"]]}
    found = [
        scales.summary(rows, ["dimension"], ["score_100"], confidence).assign(part=part) for part, rows in parts.items()
    ]
    return pd.concat(found, ignore_index=True)


def difference_in_words(table: pd.DataFrame) -> str:
    """Say how far means move without the sheets flagged.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`with_and_without` returned, as far as it may be shown.

    Returns
    -------
    str
        Empty where nothing may be told.
    """
    wide = table.pivot_table(index="dimension", columns="part", values="estimate", observed=True)
    if wide.shape[1] < 2:
        return ""
    moved = (wide["Without those flagged"] - wide["All sheets"]).dropna().abs()
    most = moved.max()
    if most < 0.05:
        return "Without the sheets flagged, no mean moves by as much as 0.1 points of 100."
    return f"Without the sheets flagged, no mean moves by more than {most:.1f} points of 100."
