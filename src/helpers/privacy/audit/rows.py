"""What single published rows tell: too few people behind them, everybody's answer, a reason that gives the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil, floor

from . import readings
from .canon import RESULTS, Canon, Table
from .readings import Span
from .verdict import Leak

_SAME = re.compile(r"\b(same|identical|unanim\w*|alike)\b", re.IGNORECASE)

#: Fewest people behind a figure that files may hold in full, and the digits that a row of them tells.
_FEWEST_IN_FULL, _DIGITS_OF_A_ROW = 100, 14

_TOLD = re.compile(r"every answer is the same|all answer(s|ed) (are )?(alike|the same)", re.IGNORECASE)


def leaks(canon: Canon) -> Iterator[Leak]:
    """Yield rows that must not be published as they are.

    Parameters
    ----------
    canon : Canon
        What a report publishes.

    Yields
    ------
    Leak
        Results of fewer people than the report's own rule allows; a rate of which fewer than that did, or did not,
        answer; a value at an end of its scale, which is everybody's; a reason for hiding that tells what is hidden; a
        figure with all its digits of few people or of a group, or too many of them; a comparison in one person's own
        report from which fewer than that rule, that person apart, can be worked out.
    """
    for table in canon.tables:
        for values, texts in table.records():
            for kind, sentence in (
                *_few(canon, table, values),
                *_rates(canon, table, values, texts),
                *_ends(table, values),
            ):
                yield Leak(RESULTS, table.place, kind, sentence)
            if any(readings.HIDDEN.search(text) and _SAME.search(text) for text in texts.values()):
                sentence = "The reason for which a value is hidden says that all answers agree."
                yield Leak(RESULTS, table.place, "a reason that tells", sentence)
        if _TOLD.search(table.note):
            sentence = "The note says that all answers agree, which tells every one of them."
            yield Leak(RESULTS, table.place, "a reason that tells", sentence)
        yield from _others(canon, table)
        yield from _in_full(canon, table)
    for finding in canon.findings:
        counted = readings.people(finding.get("n"))
        if (
            finding.get("estimate") is not None
            and counted
            and counted.low < canon.least
            and not finding.get("audience")
        ):
            sentence = f"It rests on fewer than {canon.least} people."
            yield Leak(RESULTS, f"finding {finding.get('id')}", "too few people", sentence)


def _in_full(canon: Canon, table: Table) -> Iterator[Leak]:
    """Find figures with many digits of few people, of a group, or so many that they would tell what was answered."""
    told: dict[str, list[float]] = {}
    groups = {word for name in canon.attributes for word in canon.labels.get(name, [])}
    for found in table.raw.get("full", []):
        values, texts = (dict(zip(table.names, row[found["row"]])) for row in (table.rows, table.texts))
        counted = readings.people(values.get("respondents")) if "respondents" in values else None
        words = [text for text in texts.values() if text in groups or text.partition(": ")[0] in canon.attributes]
        if words:
            sentence = "A figure of a group is told with more digits than it is printed with."
            yield Leak(RESULTS, table.place, "too exact", sentence)
        if counted:
            told.setdefault(texts.get("dimension", ""), []).append(counted.low)
            if counted.high < _FEWEST_IN_FULL:
                sentence = f"A figure of fewer than {_FEWEST_IN_FULL} people is told with all its digits."
                yield Leak(RESULTS, table.place, "too exact", sentence)
    for counts in told.values():
        # fourteen digits a row, and no more than one for every three people
        if len(counts) * _DIGITS_OF_A_ROW * 3 > max(counts) and len(counts) > 1:
            sentence = "So many figures are told in full that they hold most of what these people answered."
            yield Leak(RESULTS, table.place, "too exact", sentence)


def _few(canon: Canon, table: Table, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    if table.audience or not readings.says_something(table, values):
        return
    told = values.get("rated")
    if isinstance(told, int) and 0 < told < int(canon.report.get("min_rated", 0)):
        yield "too few people rated", "A row shows a result about fewer people than the report's own rule asks for."
    for name in readings.PEOPLE:
        counted = readings.people(values.get(name)) if name in values else None
        if counted and 0 < counted.low < canon.least and name != "answered":
            yield "too few people", f"A row shows a result of fewer than {canon.least} people."


def _rates(canon: Canon, table: Table, values: dict[str, object], texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Find shares of invited people of whom fewer than the minimum did or did not answer."""
    if not readings.is_rate(table):
        return
    asked, answered, rate = readings.asked_and_answered(table, values, texts)
    fits = list(_possible(asked, answered, rate)) if asked or rate else []
    # Of a number in words it may follow that few are silent, as long as nobody need be: it names no one.
    nobody_need_be = rate is None and len(fits) > 1 and any(min(parts) == 0 for parts in fits)
    # A group of just the minimum is told of only where all of it answered: any result about it says so.
    smallest = rate is None and asked is not None and asked.low == asked.high == canon.least
    if fits and all(min(parts) < canon.least for parts in fits) and not (nobody_need_be or smallest):
        sentence = f"From a response rate and a number of people it follows that fewer than {canon.least} people "
        yield "who did not answer", sentence + "did, or did not, answer."


def _possible(asked: Span | None, answered: Span | None, rate: Span | None) -> Iterator[tuple[int, int]]:
    """Yield how many can have answered, and how many not; nothing where a number is open and could be any."""
    if asked is None and (answered is None or rate is None):
        return
    share = rate or Span(0, 100)
    if asked is None and answered is not None:
        top = answered.low * 10 if answered.high == float("inf") else answered.high
        asked = Span(answered.low * 100 / min(share.high, 100), top * 100 / max(share.low, 1))
    assert asked is not None
    most = asked.low * 10 if asked.high == float("inf") else asked.high
    for invited in range(ceil(asked.low), floor(most) + 1):
        low, high = ceil(invited * share.low / 100), min(floor(invited * share.high / 100), invited)
        if answered is not None:
            low, high = max(low, int(answered.low)), int(min(high, answered.high))
        yield from ((count, invited - count) for count in range(max(low, 0), high + 1))


def _ends(table: Table, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in ("favourable", "estimate", "mean", "score_100"):
        value, column = values.get(name), table.column(name)
        unit = re.search(r"\((\d+)[–-](\d+)\)", str(column.get("unit", "")))
        ends = {float(end) for end in unit.groups()} if unit else {0.0, 100.0} if name in ("favourable",) else set()
        if isinstance(value, int | float) and float(value) in ends:
            yield "everybody's answer", "A value at an end of its scale is the answer of everybody behind it."


def _others(canon: Canon, table: Table) -> Iterator[Leak]:
    """Find comparisons in a person's own report that speak of too few others."""
    if table.audience != "self":
        return
    for values, _ in table.records():
        counted = readings.people(values.get("respondents"))
        # One person's own row is theirs to know; in any other the reader may be one of those counted.
        if counted and 1 < counted.low <= canon.least and readings.says_something(table, values):
            sentence = f"With the reader's own value, the others are fewer than {canon.least}."
            yield Leak(RESULTS, table.place, "too few others", sentence)
