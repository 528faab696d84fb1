"""Pairs of metrics that people agreed on in sessions: HR metric, business metric, what is expected, and the lag."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from .practices import Capture, closest, metrics_of, same_word
from .problems import Problem, shown
from .settings import MetricTree

COLUMNS = ["row", "session_id", "field", "hr", "business", "expected", "lag", "lag_row", "lag_field"]
NOT_LATER = "Keep what was agreed first: a tree that changes once results can be known tests nothing"
ONE_PLACE = "Correct the cell or metric_tree in study.yaml, whichever was not agreed"


def read(frames: Mapping[str, pd.DataFrame], known: Mapping[str, Capture]) -> pd.DataFrame:
    """Return what sessions agreed on, one row a pair of metrics.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        Tables of a study, each indexed by row number: practice_answers, and practice_sessions or practice_log.
    known : mapping of str to Capture
        What playbooks declare.

    Returns
    -------
    pandas.DataFrame
        row (of the answers), session_id, field, hr, business (names in small letters, with underscores), expected
        (higher, lower), lag (periods; missing where nobody noted it), lag_row and lag_field (where it stands), in the
        order of the days of the sessions. What cannot be read is left out; the check of the answers tells it.
    """
    answers = frames.get("practice_answers", pd.DataFrame())
    sessions = frames.get("practice_sessions", frames.get("practice_log", pd.DataFrame()))
    if not {"session_id", "field", "value"} <= {*answers} or not {"session_id", "practice", "date"} <= {*sessions}:
        return pd.DataFrame(columns=COLUMNS)
    of = sessions.dropna(subset=["session_id", "practice"]).drop_duplicates("session_id").sort_values("date")
    rows = []
    for session, practice in of[["session_id", "practice"]].itertuples(index=False):
        capture = known.get(closest(practice, known) or "")
        if capture is None or not capture.metrics:
            continue
        own = answers[answers["session_id"] == session]
        behind = capture.field(str(capture.lag))
        lags = own[own["field"] == capture.lag].dropna(subset=["value"])
        lag = behind.read(lags["value"].iloc[0]) if behind and len(lags) else None
        told = (float(lag), int(lags.index[0]), capture.lag) if lag else (float("nan"), 0, "")
        for row, field, value in own[own["field"].isin(capture.metrics)][["field", "value"]].dropna().itertuples():
            if found := metrics_of(value):
                rows.append((int(row), session, field, *found, *told))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"lag": float})


def problems(tree: MetricTree, agreed: pd.DataFrame, file: str) -> list[Problem]:
    """Return where sessions contradict themselves, each other, or study.yaml.

    Parameters
    ----------
    tree : MetricTree
        As study.yaml has it.
    agreed : pandas.DataFrame
        As :func:`read` returns it.
    file : str
        Where practice_answers lies.

    Returns
    -------
    list of Problem
        Errors: a metric beside itself, a pair twice in one session, a direction or a lag that was agreed otherwise
        before or stands otherwise in study.yaml.
    """
    found: list[Problem] = []

    def tell(words: str, expected: str, fix: str, row: int) -> None:
        found.append(Problem("error", file, words, expected, fix, "practice_answers", "value", (row,)))

    declared = {
        (same_word(branch.hr), same_word(branch.business)): (branch.expected, f"branch {place} of study.yaml has it")
        for place, branch in enumerate(tree.branches, 1)
    }
    before: dict[tuple[str, str], tuple[str, str]] = {}
    within: dict[tuple[str, str, str], int] = {}
    for one in agreed.itertuples():
        pair = one.hr, one.business
        words = f"{one.field} expects {one.business} to be {one.expected}"
        if one.hr == one.business:
            tell(f"{one.field} sets {shown(one.hr)} beside itself", "two metrics", "", one.row)
        elif (one.session_id, *pair) in within:
            there = f"it stands in row {within[(one.session_id, *pair)]} too"
            tell(f"{one.field} is {one.hr} -> {one.business} a second time; {there}", "every pair once", "", one.row)
        elif (stands := declared.get(pair)) and stands[0] not in (None, one.expected):
            tell(words, f"{stands[0]}, as {stands[1]}", ONE_PLACE, one.row)
        elif pair in before and before[pair][0] != one.expected:
            tell(words, f"{before[pair][0]}, {before[pair][1]}", NOT_LATER, one.row)
        within.setdefault((one.session_id, *pair), one.row)
        before.setdefault(pair, (one.expected, f"as in row {one.row}"))
    lags = agreed.dropna(subset=["lag"]).drop_duplicates("lag_row")
    for place, one in enumerate(lags.itertuples()):
        first = lags.iloc[0]
        if "lag" in tree.model_fields_set and one.lag != tree.lag:
            tell(
                f"{one.lag_field} is {one.lag:g}",
                f"{tree.lag}, as metric_tree in study.yaml has it",
                ONE_PLACE,
                one.lag_row,
            )
        elif place and one.lag != first["lag"]:
            there = f"{first['lag']:g}, as in row {first['lag_row']}; a tree has one lag"
            tell(f"{one.lag_field} is {one.lag:g}", there, NOT_LATER, one.lag_row)
    return found
