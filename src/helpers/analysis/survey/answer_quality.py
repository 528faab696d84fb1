"""How carefully the survey was answered: completeness, straight-lining, duplicates, answers out of range.

Only counts and shares come out, never who. Signs of careless answering are grounds to look closer, not to drop
anyone: a person who agrees with everything may mean it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.methods.counts import by_group, cannot_tell, groups, people
from helpers.analysis.survey.scales import answered_short_form
from helpers.data import Codebook
from helpers.data.codebook import Item
from helpers.rounding import snapped_all

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
    longest = _longest_runs(position)
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


def _longest_runs(position: np.ndarray) -> np.ndarray:
    """Length of the longest run of equal answers in each row, unanswered items skipped."""
    rows = len(position)
    last, run, longest = np.full(rows, np.nan), np.zeros(rows, int), np.zeros(rows, int)
    for answer in position.T:
        given = ~np.isnan(answer)
        run = np.where(given, np.where(np.isclose(answer, last), run + 1, 1), run)
        last = np.where(given, answer, last)
        longest = np.maximum(longest, run)
    return longest


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
