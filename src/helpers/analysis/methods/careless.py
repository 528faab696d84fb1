"""Signs that a questionnaire was answered without reading: same answers in a row, contradictions, odd combinations.

Each function takes a plain frame with one row per answer sheet and returns one figure per row. None of them tells
carelessness from a person who means what they answered; together they say how far results hinge on such sheets.

References
----------
Meade, A. W. & Craig, S. B. (2012). Identifying careless responses in survey data. *Psychological Methods*, 17, 437-455.

Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data. *Journal of
Experimental Social Psychology*, 66, 4-19.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods.counts import numeric

#: Pairs of values from which a correlation within one sheet is computed.
FEWEST_PAIRS = 3


def long_string(frame: pd.DataFrame, items: Sequence[str] = ()) -> pd.Series:
    """Length of the longest run of the same answer, unanswered items skipped.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sheet, answers as given, not reverse-scored.
    items : sequence of str
        Columns of the items in the order in which they were asked; none: every numeric column.

    Returns
    -------
    pandas.Series
        Answers in the longest run, 0 where nothing was answered; index as ``frame``.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality inventories.
    *Journal of Research in Personality*, 39, 103-129.

    Examples
    --------
    >>> sheets = pd.DataFrame([[4, 4, 4, 2], [1, 2, 1, 2], [3, None, 3, 3]], columns=list("abcd"))
    >>> long_string(sheets).tolist()
    [3, 1, 3]
    """
    answers = frame[numeric(frame, list(items))].to_numpy(float)
    rows = len(answers)
    last, run, longest = np.full(rows, np.nan), np.zeros(rows, int), np.zeros(rows, int)
    for answer in answers.T:
        given = ~np.isnan(answer)
        run = np.where(given, np.where(np.isclose(answer, last), run + 1, 1), run)
        last = np.where(given, answer, last)
        longest = np.maximum(longest, run)
    return pd.Series(longest, frame.index)


def even_odd(frame: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> pd.Series:
    """Consistency of a sheet: how closely both halves of every scale go together within it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sheet, items reverse-scored, all on the same range.
    scales : mapping of str to sequence of str
        Items of every scale; those of one item say nothing.

    Returns
    -------
    pandas.Series
        Correlation over the scales of the means of even and odd items, stepped up by Spearman-Brown, -1 to 1; missing
        where fewer than 3 scales have both halves, or a half is the same in all of them. Index as ``frame``.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers.

    Notes
    -----
    2 r / (1 + r), at least -1. R's ``careless`` gives the same figure with the opposite sign. A sheet whose scales are
    truly alike is low, too: where scales go closely together, the index says little.

    References
    ----------
    Johnson (2005), as for :func:`long_string`.

    Examples
    --------
    >>> scales = {"trust": ["a", "b"], "candour": ["c", "d"], "conflict": ["e", "f"]}
    >>> sheets = pd.DataFrame([[5, 4, 3, 3, 1, 2], [5, 1, 3, 3, 1, 5], [4, 4, 4, 4, 4, 4]], columns=list("abcdef"))
    >>> even_odd(sheets, scales).tolist()
    [1.0, -1.0, nan]
    """
    numeric(frame, [item for items in scales.values() for item in items])
    halves = [
        [frame[list(items[start::2])].mean(axis=1).to_numpy(float) for start in (0, 1)]
        for items in scales.values()
        if len(items) > 1
    ]
    if not halves:
        return pd.Series(np.nan, frame.index)
    odd, even = np.array(halves).transpose(1, 2, 0)
    related = _within_rows(odd, even)
    with np.errstate(divide="ignore", invalid="ignore"):
        stepped = np.where(related <= -1 / 3, -1.0, 2 * related / (1 + related))
    return pd.Series(np.where(np.isnan(related), np.nan, stepped), frame.index)


def pairs_alike(
    frame: pd.DataFrame, items: Sequence[str] = (), least: float = 0.6, opposite: bool = False
) -> list[tuple[str, str]]:
    """Find psychometric synonyms: pairs of items that everybody answers alike, or the other way round.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sheet.
    items : sequence of str
        Columns of the items; none: every numeric column.
    least : float
        Correlation that a pair must exceed, between 0 and 1.
    opposite : bool
        Whether to look for antonyms, which correlate below ``-least``.

    Returns
    -------
    list of tuple of str
        The pairs.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers, or ``least`` is not between 0 and 1.

    Examples
    --------
    >>> sheets = pd.DataFrame({"a": [1, 2, 4, 5], "b": [1, 3, 4, 5], "c": [3, 1, 1, 3]})
    >>> pairs_alike(sheets)
    [('a', 'b')]
    """
    if not 0 < least < 1:
        raise ValueError(f"least is {least}; expected a number between 0 and 1, such as 0.6")
    chosen = numeric(frame, list(items))
    related = frame[chosen].corr(min_periods=10 if len(frame) >= 10 else 2).to_numpy() * (-1 if opposite else 1)
    rows, columns = np.where(np.triu(np.nan_to_num(related, nan=-1.0), 1) > least)
    return [(str(chosen[row]), str(chosen[column])) for row, column in zip(rows, columns)]


def synonyms(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.Series:
    """Correlation within a sheet over pairs of items that others answer alike (or, for antonyms, the opposite way).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sheet.
    pairs : sequence of tuple of str
        What :func:`pairs_alike` returns.

    Returns
    -------
    pandas.Series
        -1 to 1; of attentive people near 1 (antonyms: near -1). Missing where fewer than 3 pairs were answered, or
        all answers of one place are the same. Index as ``frame``.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers.

    References
    ----------
    Meade & Craig (2012), as for the module.

    Examples
    --------
    >>> sheets = pd.DataFrame([[1, 2, 4, 4, 5, 5], [1, 5, 3, 3, 5, 1]], columns=list("abcdef"))
    >>> synonyms(sheets, [("a", "b"), ("c", "d"), ("e", "f")]).round(2).tolist()
    [1.0, -1.0]
    """
    if not pairs:
        return pd.Series(np.nan, frame.index)
    first, second = ([pair[place] for pair in pairs] for place in (0, 1))
    numeric(frame, [*first, *second])
    return pd.Series(_within_rows(frame[first].to_numpy(float), frame[second].to_numpy(float)), frame.index)


def mahalanobis(frame: pd.DataFrame, items: Sequence[str] = ()) -> pd.DataFrame:
    """How unusual a sheet's combination of answers is.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sheet.
    items : sequence of str
        Columns of the items; none: every numeric column.

    Returns
    -------
    pandas.DataFrame
        distance (squared), answered (items), p_value (of so large a distance, chi-square on the items answered); index
        as ``frame``. Missing where fewer than three sheets per item are complete, or items follow from others.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers.

    Notes
    -----
    (x - m)' S^-1 (x - m) with mean and covariance of the complete sheets, over the items that the sheet answered.
    Answers on five steps are not normal: more than one attentive sheet in a thousand lies beyond p = .001.

    References
    ----------
    Mahalanobis, P. C. (1936). On the generalised distance in statistics. *Proceedings of the National Institute of
    Sciences of India*, 2, 49-55.

    Examples
    --------
    >>> sheets = pd.DataFrame({"a": [1, 2, 3, 4, 5, 1, 3, 4], "b": [1, 2, 3, 4, 5, 5, 2, 5]})
    >>> mahalanobis(sheets)["distance"].round(2).tolist()[:2]
    [2.58, 0.77]
    """
    chosen = numeric(frame, list(items))
    answers = frame[chosen].to_numpy(float)
    known = ~np.isnan(answers)
    complete = answers[known.all(axis=1)]
    found = np.full(len(answers), np.nan)
    if len(complete) >= 3 * len(chosen):
        mean, covariance = complete.mean(axis=0), np.atleast_2d(np.cov(complete.T))
        if np.linalg.eigvalsh(covariance)[0] > 1e-9 * np.trace(covariance):
            patterns, place = np.unique(known, axis=0, return_inverse=True)
            for code, given in enumerate(patterns):
                rows = place.ravel() == code
                if given.any():
                    apart = answers[rows][:, given] - mean[given]
                    inverse = np.linalg.inv(covariance[np.ix_(given, given)])
                    found[rows] = np.einsum("ri,ij,rj->r", apart, inverse, apart)
    count = known.sum(axis=1)
    p_value = np.where(count > 0, stats.chi2.sf(found, np.maximum(count, 1)), np.nan)
    return pd.DataFrame({"distance": found, "answered": count, "p_value": p_value}, index=frame.index)


def _within_rows(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of two sets of values within every row, where three or more pairs are known."""
    known = ~(np.isnan(first) | np.isnan(second))
    count = known.sum(axis=1)
    x, y = (np.where(known, each, 0.0) for each in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (np.where(known, each - (each.sum(axis=1) / count)[:, None], 0.0) for each in (x, y))
        spread = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
        related = (x * y).sum(axis=1) / spread
    return np.where((count >= FEWEST_PAIRS) & (spread > 1e-9), np.clip(related, -1.0, 1.0), np.nan)
