"""How far coders who read the same texts agree, beyond what chance would do.

Assumptions: coders work independently of each other, and the texts were drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from statsmodels.stats import inter_rater

from helpers.analysis.methods import jackknife
from helpers.analysis.methods.counts import cannot_tell, people, require

COHEN, FLEISS, KRIPPENDORFF = "Cohen’s kappa", "Fleiss’ kappa", "Krippendorff’s alpha"
METHOD = "delete-one-text jackknife on the inverse hyperbolic tangent of the shrunken coefficient, t"
METHOD_PERFECT = "all coders agreed; lower limit from the exact binomial limit of the share of disagreements"
#: Texts coded more than once below which no interval is given: with six of them skewed scales miss it too often.
FEWEST = 10
#: From these values of alpha on, conclusions may be drawn, and tentative ones (Krippendorff 2004, p. 241).
RELIABLE, TENTATIVE = 0.800, 0.667
ONE_CODER = "no text was coded by two people"
TOO_FEW = f"fewer than {FEWEST} texts were coded by two people"
ONE_VALUE = "the coders used one value throughout, so chance alone would make them agree"

Coefficient = Callable[[np.ndarray], float]


def agreement(
    frame: pd.DataFrame, text: str, coder: str, value: str, *, ordered: bool = False, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate how far coders agree.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per text and coder. Rows without a value are left out, and texts that only one coder coded.
    text, coder, value : str
        Columns: which text, who coded it, and as what.
    ordered : bool
        Whether the values are in order, such as ratings from 1 to 5; nearer values then disagree less, and only
        Krippendorff's alpha (ordinal) is computed. Otherwise values are names.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per coefficient: measure, estimate, low, high (1 = all agree, 0 = as often as chance), texts and coders
        (those that count), respondents and clusters (texts), people, method, note. Cohen's kappa where there are two
        coders and both coded every text that counts; Fleiss' where more coded each text, the same number of times;
        Krippendorff's alpha always.

    Raises
    ------
    ValueError
        If a column is absent, a coder coded a text twice, or confidence is not between 0 and 1.

    Notes
    -----
    Alpha is 1 - D_o / D_e. With n_uc the times that text u was given value c, and m_u their sum, the coincidences are
    o_ck = sum_u n_uc (n_uk - [c = k]) / (m_u - 1), n_c = sum_k o_ck and n = sum_c n_c;
    D_o = sum o_ck d_ck / n and D_e = sum n_c n_k d_ck / (n (n - 1)). Of names d_ck = [c != k]; of ordered values
    d_ck = (sum of n_g for g from c to k - (n_c + n_k) / 2)^2. Cohen's and Fleiss' kappa are those of statsmodels.
    Intervals: texts are left out one at a time, and arctanh((1 - 1/texts) coefficient) is taken as t distributed; the
    shrinking keeps it finite where without one text all agree. Where all agreed, that shows nothing; the upper limit of
    the share of disagreements u = 1 - ((1 - confidence) / 2)^(1/texts) then gives 1 - u / D_e as lower limit, with D_e
    as for names.

    How often the intervals hold the truth is measured in ``benchmarks/calibration_outcomes.md``.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. *Educational and Psychological Measurement*, 20,
    37-46.

    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological Bulletin*, 76, 378-382.

    Krippendorff, K. (2004). *Content Analysis: An Introduction to Its Methods* (2nd ed.). Sage. Chapter 11.

    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> import pandas as pd
    >>> said = pd.DataFrame({"text": [*range(12)] * 2, "coder": ["a"] * 12 + ["b"] * 12})
    >>> said["quality"] = list("ffhhffhhffhh") + list("ffhhffhhfhhh")
    >>> agreement(said, "text", "coder", "quality")[["measure", "estimate", "low", "high", "texts"]].round(2)
                    measure  estimate   low  high  texts
    0         Cohen’s kappa      0.83 -0.22   1.0     12
    1  Krippendorff’s alpha      0.84 -0.17   1.0     12
    """
    require(frame, [text, coder, value])
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    coded = frame.dropna(subset=[text, coder, value])
    if coded.duplicated([text, coder]).any():
        raise ValueError("a coder coded the same text twice; expected one row per text and coder")
    coded = coded[coded.groupby(text)[coder].transform("size") > 1]
    values, codes = np.unique(coded[value].to_numpy(), return_inverse=True)
    wide = pd.Series(codes, index=pd.MultiIndex.from_frame(coded[[text, coder]].astype(str))).unstack()
    given = wide.to_numpy(dtype=float) if len(coded) else np.empty((0, 0))
    known = {"texts": len(given), "coders": given.shape[1], **people(coded, text, additive=False)}
    rows = []
    for measure, coefficient, table in _coefficients(given, len(values), ordered):
        rows.append({"measure": measure, **_estimate(coefficient, table, confidence), **known})
    names = ["measure", "estimate", "low", "high", "texts", "coders", "respondents", "clusters", "people"]
    return pd.DataFrame(rows)[[*names, "method", "note"]]


def _coefficients(given: np.ndarray, values: int, ordered: bool) -> list[tuple[str, Coefficient, np.ndarray]]:
    """Return the coefficients that these codings allow, each with the table (texts first) it is computed of."""
    counts = (given[:, :, None] == np.arange(values)).sum(axis=1) if given.size else np.zeros((0, 0), dtype=int)
    found: list[tuple[str, Coefficient, np.ndarray]] = []
    complete = given.size > 0 and not np.isnan(given).any()
    if complete and not ordered and given.shape[1] == 2:
        pairs = (given[:, 0] * values + given[:, 1])[:, None] == np.arange(values**2)
        found.append((COHEN, lambda cells: _cohen(cells, values), pairs.astype(int)))
    elif not ordered and given.size > 0 and len(set(counts.sum(axis=1))) == 1 and counts[0].sum() > 2:
        found.append((FLEISS, lambda cells: float(inter_rater.fleiss_kappa(cells[cells.any(axis=1)])), counts))
    return [*found, (KRIPPENDORFF, lambda cells: alpha(cells, ordered), counts)]


def _cohen(cells: np.ndarray, values: int) -> float:
    return float(inter_rater.cohens_kappa(cells.sum(axis=0).reshape(values, values), return_results=False))


def alpha(counts: np.ndarray, ordered: bool) -> float:
    """Return Krippendorff's alpha alone; see :func:`agreement` for the formula.

    Parameters
    ----------
    counts : numpy.ndarray
        How many times each text (row) was given each value (column, in order).
    ordered : bool
        Whether the values are in order.

    Returns
    -------
    float
        Missing where one value was given throughout.

    Examples
    --------
    >>> import numpy as np
    >>> round(alpha(np.array([[2, 0], [2, 0], [0, 2], [1, 1]]), ordered=False), 3)
    0.533
    """
    times = counts.sum(axis=1)
    pairs = (counts / np.maximum(times - 1, 1)[:, None]).T @ counts
    found = pairs - np.diag((counts / np.maximum(times - 1, 1)[:, None]).sum(axis=0))
    margins = found.sum(axis=0)
    middle = np.cumsum(margins) - margins / 2
    apart = np.subtract.outer(middle, middle) ** 2 if ordered else 1.0 - np.eye(len(margins))
    expected = margins @ apart @ margins / (margins.sum() - 1)
    return float(1 - (found * apart).sum() / expected) if expected > 0 else np.nan


def _estimate(coefficient: Coefficient, table: np.ndarray, confidence: float) -> dict[str, object]:
    """Return estimate, low, high, method and note of a coefficient."""
    absent = {"estimate": np.nan, "low": np.nan, "high": np.nan, "method": METHOD}
    if not len(table):
        return {**absent, "note": cannot_tell(ONE_CODER)}
    if len(table) < FEWEST:
        return {**absent, "note": cannot_tell(TOO_FEW)}
    with np.errstate(all="ignore"):
        point = coefficient(table)
        # Texts that were coded alike leave the same behind.
        kinds, which = np.unique(table, axis=0, return_index=True)
        left = {tuple(kind): coefficient(np.delete(table, at, axis=0)) for kind, at in zip(kinds, which, strict=True)}
    if not np.isfinite(point):
        return {**absent, "note": cannot_tell(ONE_VALUE)}
    if point > 1 - 1e-12:
        share = np.bincount(table.argmax(axis=1)) / len(table)
        unseen = 1 - ((1 - confidence) / 2) ** (1 / len(table))
        low = max(1 - unseen / (1 - (share**2).sum()), -1.0)
        return {"estimate": 1.0, "low": low, "high": 1.0, "method": METHOD_PERFECT, "note": ""}
    replicates = np.array([left[tuple(row)] for row in table])
    if not np.isfinite(replicates).all():
        return {**absent, "note": cannot_tell(jackknife.HINGES)}
    kept = 1 - 1 / len(table)
    low, high = jackknife.interval(
        point, replicates, confidence, lambda value: np.arctanh(kept * value), lambda scaled: np.tanh(scaled) / kept
    )
    return {"estimate": point, "low": max(low, -1.0), "high": min(high, 1.0), "method": METHOD, "note": ""}
