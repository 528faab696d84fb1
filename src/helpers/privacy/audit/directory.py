"""What the reader who has the staff directory can work out: who did not answer, and what a few people answered.

The directory says who works where; a report says how many answered, and what groups answered on average. People whom
the directory describes alike are of one type. What is possible is found by integer programmes over the numbers of
types, solved by HiGHS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.data import Study

from . import readings
from .canon import RESULTS, Canon, Table
from .readings import Span
from .verdict import Leak

#: Seconds that one programme may take; one that is not solved by then has found nothing.
SECONDS = 5.0
#: Largest weight of a published set in a sum from which a small set would follow.
LARGEST_WEIGHT = 3.0
#: Sides as reports name them.
SIDES = {"hr": "HR partners", "manager": "Managers", "employee": "Employees"}


@dataclass(frozen=True)
class Published:
    """A set of people that a report speaks of.

    Attributes
    ----------
    table : Table
        Where.
    types : numpy.ndarray of bool
        Which types are in the set.
    answered : Span
        How many of them answered, at least and at most.
    is_result : bool
        Whether the table shows results of those who answered, and not how many did.
    """

    table: Table
    types: np.ndarray
    answered: Span
    is_result: bool = False


def solve(canon: Canon, study: Study) -> tuple[list[Leak], list[str]]:
    """Solve for what follows from a report and the staff directory.

    Parameters
    ----------
    canon : Canon
        What the report publishes.
    study : Study
        Its table ``people`` is the directory, as it is, without merged groups.

    Returns
    -------
    tuple
        Leaks: somebody who cannot have answered, whatever the numbers that were rounded or banded away, or, with one's
        own answer known, one other; a set of fewer than the minimum that is a sum of published sets. And one sentence
        for every side and wave for which the directory is not the one the report was made with, or time was up.
    """
    found: list[Leak] = []
    unsolved: list[str] = []
    people = study.prepared("people")[0]
    for side, wave in _asked(canon):
        members = people[people["side"].map(lambda name: SIDES.get(name, name)) == side]
        attributes = [name for name in canon.attributes if name in members]
        if not len(members) or not attributes:
            continue
        types = _types(_there(canon, study, members, side, wave), attributes)
        published = list(_sets(canon, side, wave, types, attributes))
        for programme in (_participation, _small_sum):
            leak, solved = programme(canon, side, wave, types, published)
            found += [leak] if leak else []
            if not solved:
                unsolved.append(f"{side}, {wave}: not solved, for the directory does not fit or time was up.")
    return found, list(dict.fromkeys(unsolved))


def _asked(canon: Canon) -> list[tuple[str, str]]:
    """Return every side and wave that has response rates or groups."""
    found = {
        readings.key(canon, table, texts)[:2]: None
        for table in readings.shared(canon)
        if readings.is_rate(table) or set(table.names) & set(canon.attributes)
        for _, texts in table.records()
    }
    return [(side, wave) for side, wave in found if side]


def _types(members: pd.DataFrame, attributes: list[str]) -> pd.DataFrame:
    return members.fillna("").groupby(attributes, dropna=False).size().rename("people").reset_index()


def _there(canon: Canon, study: Study, members: pd.DataFrame, side: str, wave: str) -> pd.DataFrame:
    """Return those who were invited: everybody, or those who were there when the wave began, whichever fits."""
    asked = [
        counted
        for table in readings.shared(canon)
        if readings.is_rate(table) and not set(table.names) & set(canon.attributes)
        for values, texts in table.records()
        if readings.key(canon, table, texts)[:2] == (side, wave)
        and (counted := readings.asked_and_answered(table, values, texts)[0]) is not None
    ]
    if not asked or asked[0].low <= len(members) <= asked[0].high or "start_date" not in members:
        return members
    answers = study.prepared("survey")[0]
    in_wave = answers["wave"].astype(str) == wave if "wave" in answers else pd.Series(True, index=answers.index)
    days: pd.Series = pd.to_datetime(answers.loc[in_wave, "submitted_at"])
    there = ~(pd.to_datetime(members["start_date"]) > days.min())
    if "end_date" in members:
        there &= ~(pd.to_datetime(members["end_date"]) < days.min())
    return members[there]


def _sets(canon: Canon, side: str, wave: str, types: pd.DataFrame, attributes: list[str]) -> Iterator[Published]:
    """Yield the sets of a side and wave; a label the directory does not know stands for the groups not shown."""
    sizes = types["people"].to_numpy()
    for table in readings.shared(canon):
        by = [name for name in attributes if name in table.names]
        if "respondents" not in table.names or len(by) > 1 or (not by and not readings.is_rate(table)):
            continue
        rows = [
            (values, texts)
            for values, texts in table.records()
            if readings.key(canon, table, texts)[:2] == (side, wave)
        ]
        labels = types[by[0]].astype(str) if by else pd.Series("", index=types.index)
        shown = {texts[by[0]] for _, texts in rows} if by else {""}
        for values, texts in rows:
            label = texts[by[0]] if by else ""
            if label in set(labels):
                inside = (labels == label).to_numpy()
            elif len(shown - set(labels)) == 1:
                inside = (~labels.isin(shown)).to_numpy()
            else:
                continue
            if (answered := _answered(table, values, texts, int(sizes[inside].sum()))) is not None:
                is_result = not readings.is_rate(table) and readings.says_something(table, values)
                yield Published(table, inside, answered, is_result)


def _answered(table: Table, values: dict[str, Any], texts: dict[str, str], members: int) -> Span | None:
    """Return how many of a set's members answered, at least and at most; ``None`` where it is said of another set."""
    if not readings.is_rate(table):  # all those behind a result have answered, and others may have, too
        counted = readings.people(values.get("respondents"), texts.get("respondents", ""))
        return None if counted is None or counted.low > members else Span(counted.low, members)
    asked, answered, rate = readings.asked_and_answered(table, values, texts)
    if asked is not None and not asked.low <= members <= asked.high:
        return None
    low, high = (answered.low, min(answered.high, members)) if answered else (0, members)
    if rate is not None:
        low = max(low, np.ceil(members * rate.low / 100 - 1e-6))
        high = min(high, np.floor(members * rate.high / 100 + 1e-6))
    return Span(low, high) if low <= high else None


def _participation(
    canon: Canon, side: str, wave: str, types: pd.DataFrame, published: list[Published]
) -> tuple[Leak | None, bool]:
    """Find types of people nobody of whom, or at most oneself, can have answered."""
    sizes = types["people"].to_numpy(float)
    if not published:
        return None, True
    constraint = LinearConstraint(
        np.array([one.types for one in published], dtype=float),
        [one.answered.low for one in published],
        [one.answered.high for one in published],
    )
    open_ = np.ones(len(sizes), dtype=bool)
    options = {"time_limit": SECONDS, "mip_rel_gap": 0.0}
    while open_.any():
        place = int(np.flatnonzero(open_)[0])
        wanted = np.where(open_, 1e-4, 0.0)  # and of the others as many as can be, so that one solution clears several
        wanted[place] = 1.0
        found = milp(
            -wanted, constraints=constraint, bounds=Bounds(0, sizes), integrality=np.ones(len(sizes)), options=options
        )
        if found.x is None:
            return None, False
        answered = np.round(found.x)
        open_[place] = False
        if answered[place] < min(sizes[place], 2):
            who = "somebody who did not answer" if answered[place] < 1 else "one who answered who else did not"
            sentence = f"Response rates and numbers of people, with a staff directory, tell {who}."
            return Leak(RESULTS, f"tables of {side}, {wave}", "who did not answer", sentence), True
        open_ &= answered < np.minimum(sizes, 2)
    return None, True


def _small_sum(
    canon: Canon, side: str, wave: str, types: pd.DataFrame, published: list[Published]
) -> tuple[Leak | None, bool]:
    """Find fewer people than the minimum that are a sum of published sets, each with a weight.

    Minimise the people of ``z`` with ``sum of c_s A_s = z``, ``z`` of zeros and ones, at least one person in it. The
    whole side counts as published.
    """
    sets = {one.types.tobytes(): one.types for one in published if one.is_result}
    if not sets:
        return None, True
    whole = np.ones(len(types), dtype=bool)
    columns = np.array(list((sets | {whole.tobytes(): whole}).values()), dtype=float).T
    sizes = types["people"].to_numpy(float)
    kinds, weights = columns.shape
    found = milp(
        np.hstack([np.zeros(weights), sizes]),
        constraints=[
            LinearConstraint(np.hstack([columns, -np.eye(kinds)]), 0, 0),
            LinearConstraint(np.hstack([np.zeros(weights), sizes])[None, :], 1, canon.least - 1),
        ],
        bounds=Bounds([-LARGEST_WEIGHT] * weights + [0] * kinds, [LARGEST_WEIGHT] * weights + [1] * kinds),
        integrality=[0] * weights + [1] * kinds,
        options={"time_limit": SECONDS},
    )
    if found.x is None:  # status 2: it is proved that there is none
        return None, found.status == 2
    used = {key for key, weight in zip(sets, found.x) if abs(weight) > 1e-6}
    tables = " and ".join(dict.fromkeys(one.table.place for one in published if one.types.tobytes() in used))
    sentence = f"The results of fewer than {canon.least} people follow from {tables or 'the tables'} by subtraction."
    return Leak(RESULTS, f"tables of {side}, {wave}", "a sum of few people", sentence), True
