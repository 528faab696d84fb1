"""Do the people of a group share a view, so that their mean speaks for the group?

Two questions come first: do members agree more than people put together at random, and are groups told apart by their
means? Where they are not, a mean still says what those who answered think on average; it is no property of the group.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.analysis.methods import agreement, internal_consistency
from helpers.analysis.methods.counts import cannot_tell, people, require
from helpers.analysis.methods.units import per_cent
from helpers.analysis.survey import scales
from helpers.data import Codebook

METHOD_AGREE = "r_wg of .70 or more, and random group resampling at 5 per cent"


def groups_that_agree(
    responses: pd.DataFrame, codebook: Codebook, attributes: Mapping[str, str], side: str, minimum: int = 1
) -> pd.DataFrame:
    """Count how often the members of a group agree more than people put together at random.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored, with ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    attributes : mapping of str to str
        Columns of groups, such as ``department``, and what they are called.
    side : str
        Whose answers.
    minimum : int
        Fewest people of a group that is judged (the study's ``min_group``).

    Returns
    -------
    pandas.DataFrame
        One row per attribute: compared (what it is called), groups, means (groups times dimensions), estimate (per
        cent of them that reach r_wg .70 and agree more closely than 95 of 100 groups formed at random do), enough (per
        cent that reach r_wg .70), respondents, rated (where known), clusters, people, method, note.

    Notes
    -----
    See :func:`helpers.analysis.methods.agreement.within_group`. Where groups are no more than chance, up to 5 per cent
    are expected to agree more than groups formed at random.
    """
    require(responses, ["side", "respondent_id", *attributes])
    own = responses[responses["side"] == side]
    rows = []
    for attribute, called in attributes.items():
        size = own.groupby(attribute)["respondent_id"].transform("nunique")
        part = own[own[attribute].notna() & (size >= minimum)]
        found = scales.within_group(part, codebook, attribute, side, coefficients=["r_wg"])
        found = found.dropna(subset=["estimate", "p_value"])
        judged = len(found)
        good = found["estimate"] >= agreement.ENOUGH_AGREEMENT
        row = {"compared": called, "groups": part[attribute].nunique(), "means": judged}
        row["estimate"] = 100 * float((found["averaging"] == "supported").mean()) if judged else np.nan
        row["enough"] = 100 * float(good.mean()) if judged else np.nan
        note = "" if judged else cannot_tell("fewer than two groups are large enough")
        rows.append(row | {**people(part, additive=False), "method": METHOD_AGREE, "note": note})
    columns = ["compared", "groups", "means", "estimate", "enough", *people(own), "method", "note"]
    return pd.DataFrame(rows, columns=None if rows else columns)


def agreed_in_words(agreed: pd.DataFrame) -> str:
    """Say what :func:`groups_that_agree` found.

    Parameters
    ----------
    agreed : pandas.DataFrame
        What it returned.

    Returns
    -------
    str
        Empty where nothing could be judged.
    """
    known = agreed.dropna(subset="estimate")
    judged = int(known["means"].sum())
    if not judged:
        return ""
    agree = round(float((known["estimate"] * known["means"]).sum()) / 100)
    said = f"Of {judged:,} means of groups, {agree:,} rest on closer agreement than people put together at random reach"
    expected = 0.05 * judged
    if agree <= expected + 2 * np.sqrt(0.95 * expected):
        return f"{said}; chance alone gives up to {expected:.0f}. Read such means as averages, not as shared views."
    return f"{said}; chance alone gives up to {expected:.0f}."


def told_apart(
    responses: pd.DataFrame, codebook: Codebook, group: str, side: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate how alike the people of a group answer each dimension, and how reliable the means of groups are.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored, with ``cluster_id``.
    codebook : Codebook
        Dimensions and items.
    group : str
        Column of the groups, such as ``rated_id``.
    side : str
        Whose answers.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per dimension: dimension, estimate (ICC(1): share of differences between people that lies between
        groups, per cent), low, high, mean_reliability (ICC(2) of a group of group_size), group_size (k of both), within
        and between (alpha of the items among members, and among groups), groups, respondents, rated (where known),
        clusters, observations, people, method, note.

    Notes
    -----
    :func:`helpers.analysis.methods.agreement.group_reliability` of the 0-100 scores, and
    :func:`helpers.analysis.methods.internal_consistency.within_and_between` of the items.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> found = told_apart(answers, study.codebook, "rated_id", "manager")
    >>> found[["dimension", "estimate", "mean_reliability", "group_size"]].round(2).head(2).values.tolist()
    [['listening', 4.42, 0.27, 7.87], ['shared_goals', 14.39, 0.57, 7.87]]
    """
    require(responses, ["side", "cluster_id"])
    own = responses[responses["side"] == side]
    scored = scales.scores(own, codebook)
    found = agreement.group_reliability(scored, group if group in own else "", by=["dimension"], confidence=confidence)
    one, two = (found[found["coefficient"] == name].drop(columns="coefficient") for name in ("ICC(1)", "ICC(2)"))
    table = one.merge(two[["dimension", "estimate"]].rename(columns={"estimate": "mean_reliability"}), on="dimension")
    levels = {
        name: internal_consistency.within_and_between(answers, items, group, "cluster_id", confidence)
        for name, items, answers in scales.item_sets(own, codebook, side, None)
        if name != scales.WHOLE and group in own
    }
    for level in ("within", "between"):
        alphas = {
            name: rows.loc[rows["level"].eq(level) & rows["coefficient"].eq("alpha"), "estimate"].iloc[0]
            for name, rows in levels.items()
        }
        table[level] = table["dimension"].map(alphas).astype(float)
    return per_cent(table)
