"""What people agreed on of metrics before results were known: pairs for the metric tree, and figures in dispute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.business.panel import NO_TREE, name_of, score_of
from helpers.analysis.methods.counts import because
from helpers.analysis.practice import session
from helpers.data.practices import same_word

if TYPE_CHECKING:
    from helpers.data import Study

NOBODY = "No session agreed on pairs of metrics: all of the tree stands in study.yaml."
NOT_COMPARED = "No pair of an HR partner and a manager noted how many figures they define differently."
MEASURED, NOT_MEASURED = "yes", "no"


def agreed(study: Study) -> pd.DataFrame:
    """List the pairs of metrics that people agreed on in sessions, and which of them the study measures.

    Parameters
    ----------
    study : helpers.data.Study
        With practice_answers, as far as sessions agreed on metrics.

    Returns
    -------
    pandas.DataFrame
        One row per pair: what (both metrics), beforehand (what is expected of the business metric), measured (yes,
        no). ``attrs["message"]`` counts them, ``attrs["unmeasured"]`` names in a sentence the metrics that no table of
        the study has, and without rows ``attrs["absent"]`` says why.
    """
    found = study.agreed_metrics
    if not len(found):
        return because(pd.DataFrame(columns=["what", "beforehand", "measured"]), NOBODY)
    tree = {(same_word(one.hr), same_word(one.business)) for one in study.metric_tree.branches}
    rows = found[["hr", "business", "expected"]].drop_duplicates().reset_index(drop=True)
    in_tree = [pair in tree for pair in rows[["hr", "business"]].itertuples(index=False, name=None)]
    rows = rows.assign(
        what=[f"{name_of(row.business).capitalize()}: {score_of(row.hr)}" for row in rows.itertuples()],
        beforehand=rows["expected"],
        measured=pd.Series(in_tree).map({True: MEASURED, False: NOT_MEASURED}),
    )
    held = found["session_id"].nunique()
    rows.attrs["message"] = (
        f"{_count(len(rows), 'pair')} of metrics agreed in {_count(held, 'session')}; "
        f"the study measures {sum(in_tree)} of them."
    )
    rows.attrs["unmeasured"] = _unmeasured(study, rows[[not one for one in in_tree]])
    return rows


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _unmeasured(study: Study, rows: pd.DataFrame) -> str:
    """Name the metrics that nothing has; each once."""
    hr, business = study.measured_metrics
    absent = [name for name in rows["hr"] if name not in hr] + [
        name for name in rows["business"] if name not in business
    ]
    names = ", ".join(f"“{name_of(name)}”" for name in dict.fromkeys(absent))
    return f"Agreed on, and measured by no table of the study, so nothing is said of it: {names}." if names else ""


def no_tree(study: Study) -> str:
    """Say why there is no branch of a tree: nobody declared one, or no table measures what people agreed on."""
    return agreed(study).attrs.get("unmeasured", "") or NO_TREE


def disputed(study: Study, confidence: float = 0.95) -> pd.DataFrame:
    """Return how many of the figures that both of a pair defined they define differently.

    Parameters
    ----------
    study : helpers.data.Study
        With the tables of practices.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`helpers.analysis.practice.session.shares` about numbers out of others, of the practices whose
        sessions agree on metrics, with practice. Without rows ``attrs["absent"]`` says why.
    """
    if not len(study.agreed_metrics):
        return because(pd.DataFrame(), NOBODY)
    parts, absent = [], NOT_COMPARED
    for practice in session.practices_recorded(study) if study.has("practice_sessions") else []:
        capture = study.practices[practice]
        if not capture.metrics:
            continue
        told = session.Sessions.of(study, practice)
        if not told.enough:
            absent = told.too_few
            continue
        of_others = {field.told for field in capture.fields if field.not_above}
        found = session.shares(told, confidence)
        parts.append(found[found["label"].isin(of_others)].assign(practice=practice))
    return because(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), absent)
