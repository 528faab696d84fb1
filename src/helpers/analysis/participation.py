"""Who answered, and who did not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.analysis import clustered
from helpers.analysis.counts import groups

#: Label under which groups too small to be told apart are taken together.
OTHER = "other small groups"


def response_rates(
    roster: pd.DataFrame, by: Sequence[str] = (), cluster: str = "person_id", confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the response rate of each group.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person invited to a wave: ``person_id``, ``responded`` (True or False) and the columns of ``by``.
    by : sequence of str
        Columns that form the groups, such as ``["wave", "side"]``; empty for one rate.
    cluster : str
        Column that names what responds together: the person, or the HR partner.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (per cent of those invited), invited (distinct
        people), respondents (distinct people who answered), clusters, observations (invitations), method, note.

    Notes
    -----
    Wilson's interval at the effective sample size, see :func:`helpers.analysis.clustered.proportion`. The roster is
    complete, so the rate itself is exact: the interval says how far chance alone could have moved it, which is
    what a comparison of groups needs.
    """
    frame = roster.assign(answered=roster["responded"].astype(float))
    found = clustered.proportion(frame, "answered", cluster, by, confidence=confidence)
    found[["estimate", "low", "high"]] *= 100
    people = [
        (part["person_id"].nunique(), part.loc[part["responded"].astype(bool), "person_id"].nunique())
        for _, part in groups(frame, by)
    ]
    found["invited"], found["respondents"] = zip(*people)
    counts = ["invited", "respondents", "clusters", "observations"]
    return found[[*by, "estimate", "low", "high", *counts, "method", "note"]]


def merge_small(roster: pd.DataFrame, attributes: Sequence[str], minimum_group: int) -> pd.DataFrame:
    """Take groups of too few people together, so that a model neither breaks on them nor tells on them.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person and wave, with ``person_id``.
    attributes : sequence of str
        Columns whose groups are looked at, each by itself.
    minimum_group : int
        Fewest distinct people a group may have.

    Returns
    -------
    pandas.DataFrame
        A copy in which smaller groups, and missing labels, are called "other small groups". Where these are
        still too few together, the next smallest group joins them.
    """
    merged = roster.copy()
    for attribute in attributes:
        labels = merged[attribute].astype(object).where(merged[attribute].notna(), OTHER)
        sizes = merged["person_id"].groupby(labels).nunique().sort_values(kind="stable")
        small = [label for label, size in sizes.items() if size < minimum_group or label == OTHER]
        rest = [label for label in sizes.index if label not in small]
        while small and rest and sizes[small].sum() < minimum_group:
            small.append(rest.pop(0))
        merged[attribute] = labels.where(~labels.isin(small), OTHER)
    return merged


def formula(roster: pd.DataFrame, attributes: Sequence[str]) -> str:
    """Write the model of having responded on every attribute that differs between people.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person and wave.
    attributes : sequence of str
        Columns to enter; one with a single group is left out.

    Returns
    -------
    str
        For instance ``"responded ~ side + department"``; ``"responded ~ 1"`` when nothing differs.
    """
    varying = [name for name in attributes if roster[name].nunique() > 1]
    terms = [name if name.isidentifier() else f'Q("{name}")' for name in varying]
    return "responded ~ " + (" + ".join(terms) or "1")


def responding(
    formula: str, roster: pd.DataFrame, cluster: str = "person_id", confidence: float = 0.95
) -> pd.DataFrame:
    """Regress having responded on attributes of the roster.

    Parameters
    ----------
    formula : str
        Model formula, such as ``"responded ~ side + department + level"``.
    roster : pandas.DataFrame
        One row per person invited to a wave; see :func:`merge_small` for groups of few people.
    cluster : str
        Column that names what responds together: the person (who may be invited to several waves), or the HR
        partner.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per term: term, estimate, low, high (odds ratios), log_odds, standard_error, degrees_of_freedom,
        p_value, respondents (distinct people on the roster that enter), clusters, observations, method, note.

    Notes
    -----
    See :func:`helpers.analysis.clustered.logit`.
    """
    return clustered.logit(formula, _person_counts(roster), cluster, confidence)


def responding_tests(formula: str, roster: pd.DataFrame, cluster: str = "person_id") -> pd.DataFrame:
    """Test each attribute of the roster as a whole: do its groups respond differently?

    Parameters
    ----------
    formula, roster, cluster
        As for :func:`responding`.

    Returns
    -------
    pandas.DataFrame
        One row per attribute: term, statistic (F), numerator_degrees, denominator_degrees, p_value, respondents,
        clusters, observations, method, note.

    Notes
    -----
    See :func:`helpers.analysis.clustered.term_tests`.
    """
    return clustered.term_tests(formula, _person_counts(roster), cluster, logistic=True)


def _person_counts(roster: pd.DataFrame) -> pd.DataFrame:
    return roster.assign(respondent_id=roster["person_id"])
