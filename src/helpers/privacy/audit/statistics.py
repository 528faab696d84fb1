"""Statistics of a breakdown must be functions of the groups that are shown: tests, ICC, weights, odds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import readings
from .canon import RESULTS, Canon, Table
from .verdict import Leak

#: Chapters on records of their own, in which nobody answered a survey: what they say of a department cannot be taken
#: apart by how its people answered, nor the other way round. Every other chapter, unknown ones too, rests on answers.
RECORDS = {
    "hiring_manager_engagement": "hiring",
    "hiring_manager_self": "hiring",
    "practice_session": "sessions",
    "business_outcomes": "units",
    "pulse_trends": "pulse",
    "employee_relations": "cases",
    "employer_brand": "messages",
}


def leaks(canon: Canon) -> Iterator[Leak]:
    """Yield statistics that depend on groups which the report does not show.

    Parameters
    ----------
    canon : Canon
        What a report publishes.

    Yields
    ------
    Leak
        A table whose number of groups is not that of the groups shown of the same data, or that speaks of a breakdown
        some of whose groups are hidden: a hidden mean can be worked out from an F test, an ICC, a weighted mean or an
        odds ratio.
    """
    shown, hidden = _groups(canon)
    for table in readings.shared(canon):
        words = f"{table.id} {table.title} {table.note}".lower()
        data = _data(table)
        if "weighted" in words and "weighted mean" in str(table.column("estimate").get("label", "")).lower():
            if any(of == data and (side == "" or table.title.startswith(side)) for of, _, side in hidden):
                yield _leak(table, "weighted means")
            continue
        for of, attribute, side in shown:
            if of != data or not _speaks_of(table, attribute, side, canon):
                continue
            counts = _counted(table, attribute)
            of_others = any(count not in shown[of, attribute, side] for count in counts)
            if of_others or (not counts and (of, attribute, side) in hidden):
                yield _leak(table, "a statistic of a breakdown")


def _leak(table: Table, what: str) -> Leak:
    sentence = f"It is {what} with groups that are hidden elsewhere, whose results can be worked out from it."
    return Leak(RESULTS, table.place, "a statistic of hidden groups", sentence)


def _data(table: Table) -> str:
    """Return what a table was made of; empty for answers to a survey."""
    return RECORDS.get(table.notebook, "")


def _groups(canon: Canon) -> tuple[dict[tuple[str, str, str], set[int]], set[tuple[str, str, str]]]:
    """Return, by data, attribute and side, how many groups tables show, and where some are hidden on a dimension."""
    shown: dict[tuple[str, str, str], set[int]] = {}
    hidden: set[tuple[str, str, str]] = set()
    for table in readings.shared(canon):
        data = _data(table)
        for attribute in canon.attributes:
            if attribute not in table.names:
                continue
            seen: dict[str, set[str]] = {}
            for values, texts in table.records():
                side = readings.side_of(canon, table, texts)
                if texts[attribute].casefold() == f"all {side}".casefold():
                    continue  # everybody, with whom the groups are compared
                concealed = any(readings.HIDDEN.search(text) for text in texts.values())
                if concealed and not readings.says_something(table, values):
                    if "question" in table.names:
                        continue  # how a group answered one question does not follow from statistics of dimensions
                    hidden.add((data, attribute, side))
                else:
                    seen.setdefault(side, set()).add(texts[attribute])
            for side, groups in seen.items():
                shown.setdefault((data, attribute, side), set()).add(len(groups))
    return shown, hidden


def _speaks_of(table: Table, attribute: str, side: str, canon: Canon) -> bool:
    """Tell whether a table holds tests, agreement or odds of a breakdown of a side."""
    if attribute in table.names or (
        side and not table.title.startswith(f"{side}:") and len(canon.labels.get("side", [])) > 1
    ):
        return False
    terms = {texts.get("term", "").partition(":")[0].strip() for _, texts in table.records()}
    by_title = re.search(rf"\bby {re.escape(attribute)}\b", table.title, re.IGNORECASE) is not None
    return attribute in terms or (by_title and "coefficient" in table.names)


def _counted(table: Table, attribute: str) -> set[int]:
    """Return how many groups a table itself says it is about: a column of groups, degrees of freedom, or terms."""
    found: set[int] = set()
    levels = 0
    for values, texts in table.records():
        term, _, level = texts.get("term", "").partition(":")
        if isinstance(values.get("groups"), int):
            found.add(int(values["groups"]))
        if term == attribute and level:
            levels += 1
        elif term == attribute and values.get("numerator_degrees") is not None:
            found.add(round(values["numerator_degrees"]) + 1)
    return found | ({levels + 1} if levels else set())
