"""The metric tree of a study: whether what it names is in the study's tables."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from .codebook import Codebook
from .practices import same_word
from .problems import Problem, did_you_mean, shown
from .settings import Branch, MetricTree

#: Tables of a study that a tree can name something of.
TABLES = ("outcomes", "pulse", "survey")
#: Columns that hold the names.
NAMED_IN = {"outcomes": "metric", "pulse": "item"}
#: Name of the mean of managers' answers over all dimensions.
MANAGER_SCORE = "manager_score"
#: What results are told for, where the tree does not say: points of 100 for scores, and units of any other metric.
STEP_OF_SCORES, STEP = 10.0, 1.0


def kind(hr: str, codebook: Codebook, items: Collection[str]) -> str:
    """Say where an HR metric comes from.

    Parameters
    ----------
    hr : str
        Its name in the tree.
    codebook : Codebook
        Knows the dimensions.
    items : collection of str
        Items of the table pulse.

    Returns
    -------
    str
        ``"survey"``, ``"pulse"`` or ``"outcomes"``: the first that has it, in this order.
    """
    if hr == MANAGER_SCORE or hr in {dimension.id for dimension in codebook.dimensions}:
        return "survey"
    return "pulse" if hr in items else "outcomes"


def step(branch: Branch, source: str) -> float:
    """Return how much more of its HR metric a branch is told for; ``source`` as :func:`kind` returns it."""
    return branch.step or (STEP_OF_SCORES if source == "survey" else STEP)


def problems(tree: MetricTree, codebook: Codebook, tables: dict[str, pd.DataFrame]) -> list[Problem]:
    """Return what the tree names that the study does not have.

    Parameters
    ----------
    tree : MetricTree
        As study.yaml has it.
    codebook : Codebook
        Knows the dimensions.
    tables : dict of str to pandas.DataFrame
        Tables of the study, as far as they can be read: outcomes, pulse and survey are looked at.

    Returns
    -------
    list of Problem
        An error for each name that nothing has, for a branch that stands twice, and for one whose metrics are the same.
    """
    if any(name in tables and column not in tables[name] for name, column in NAMED_IN.items()):
        return []  # that the column is absent is told with its table
    hr, business = names(codebook, tables)
    found, seen = [], set()
    for place, branch in enumerate(tree.branches, 1):
        where = f"metric_tree, branches, number {place}"
        for key, name, known in (("hr", branch.hr, hr), ("business", branch.business, business)):
            if name not in known:
                hint = did_you_mean(name, known)
                expected = f"one of {', '.join(known)}" if known else "a metric, but the study has no table of outcomes"
                words, fix = f"{key} is {shown(name)}", hint[:1].upper() + hint[1:]
                found.append(Problem("error", "study.yaml", words, expected, fix, column=where))
        if branch.hr == branch.business:
            words = f"hr and business are both {shown(branch.hr)}"
            found.append(Problem("error", "study.yaml", words, "two metrics", column=where))
        if (branch.hr, branch.business) in seen:
            words = f"{branch.hr} and {branch.business} stand here a second time"
            found.append(Problem("error", "study.yaml", words, "every pair once", column=where))
        seen.add((branch.hr, branch.business))
    return found


def names(codebook: Codebook, tables: dict[str, pd.DataFrame]) -> tuple[list[str], list[str]]:
    """Return the HR metrics and the business metrics that a study has; the parameters are those of :func:`problems`."""
    metrics, items = _values(tables, "outcomes", "metric"), _values(tables, "pulse", "item")
    scores = [MANAGER_SCORE, *(dimension.id for dimension in codebook.dimensions)] if "survey" in tables else []
    return [*scores, *items, *metrics], metrics


def joined(tree: MetricTree, agreed: pd.DataFrame, codebook: Codebook, tables: dict[str, pd.DataFrame]) -> MetricTree:
    """Return the tree of study.yaml with the pairs of metrics that people agreed on and the study measures.

    Parameters
    ----------
    tree : MetricTree
        As study.yaml has it.
    agreed : pandas.DataFrame
        Pairs as :func:`helpers.data.agreed_metrics.read` returns them, without conflicts.
    codebook, tables
        As for :func:`problems`.

    Returns
    -------
    MetricTree
        Branches of study.yaml first; what is expected and the lag are taken from where they stand.
    """
    known = [{same_word(name): name for name in some} for some in names(codebook, tables)]
    branches = {(branch.hr, branch.business): branch for branch in tree.branches}
    for row in agreed.itertuples():
        if row.hr in known[0] and row.business in known[1]:
            pair = known[0][row.hr], known[1][row.business]
            branch = branches.get(pair, Branch(hr=pair[0], business=pair[1]))
            branches[pair] = branch.model_copy(update={"expected": row.expected})
    lag = agreed["lag"].dropna()
    told = {"lag": int(lag.iloc[0])} if len(lag) and "lag" not in tree.model_fields_set else {}
    return tree.model_copy(update={"branches": [*branches.values()], **told})


def _values(tables: dict[str, pd.DataFrame], table: str, column: str) -> list[str]:
    return sorted(map(str, tables[table][column].dropna().unique())) if table in tables else []
