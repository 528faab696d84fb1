"""The same value over two sets of people that differ by a few: what those few answered."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from . import readings
from .canon import RESULTS, Canon, Table
from .readings import Span
from .verdict import Leak


@dataclass(frozen=True)
class Mean:
    """A published mean of known people.

    Attributes
    ----------
    table : Table
        Where it stands.
    value : Span
        Where it lies before rounding, from 0 to 1 of its scale.
    people : int
        How many people it is of.
    """

    table: Table
    value: Span
    people: int


def within(canon: Canon) -> Iterator[Leak]:
    """Yield what tables of one report give together: the mean of a few people, or more digits than are printed."""
    yield from _at_two_levels(canon, {})
    for _, means in by_measure(canon).items():
        for place, first in enumerate(means):
            for second in means[place + 1 :]:
                if first.table is not second.table and _narrowed(first, second, canon.least):
                    sentence = (
                        f"With {second.table.place} it gives the mean of fewer than {canon.least} people, who are "
                    )
                    yield Leak(
                        RESULTS, first.table.place, "two sets of people", sentence + "in one and not in the other."
                    )


class Reports:
    """The reports that somebody holds together, read one after the other.

    Rows are kept by what they are about and by how many people, so that a row is compared only with those of nearly as
    many, and hundreds of reports take little time.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], dict[int, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        self._levels: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, canon: Canon) -> list[Leak]:
        """Add a report, and return what it gives together with those before it.

        Parameters
        ----------
        canon : Canon
            What the report publishes. Only reports of a study with the same title are compared.

        Returns
        -------
        list of Leak
            Tables that an earlier report holds, too, of people who differ by fewer than the minimum, or of as many
            people with other values; intervals at two levels of confidence. Where a report tells the number of people
            in bands, nobody can know by how many they differ.
        """
        levels = self._levels[canon.study]
        found = list(_at_two_levels(canon, levels)) if levels else []
        for table in readings.shared(canon):
            place = canon.study, table.notebook, table.id
            for level in _levels(table):
                levels.setdefault(level, canon.folder.name)
            if other := self._nearly_the_same(table, place, canon):
                sentence = f"{other} holds it for almost the same people: the difference tells what fewer than "
                found.append(Leak(RESULTS, table.place, "two releases", f"{sentence}{canon.least} of them answered."))
        return found

    def _nearly_the_same(self, table: Table, place: tuple[str, ...], canon: Canon) -> str:
        """Keep the rows of a table, and return which report holds one of them for a few people more or fewer."""
        keys = [name for name, column in zip(table.names, table.columns) if column.get("type") == "text"]
        other, own = "", []
        for values, texts in table.records():
            people = values.get("respondents")
            if not isinstance(people, int) or not readings.says_something(table, values):
                continue
            told = json.dumps([values[name] for name in table.names if name not in keys])
            held = self._rows[(*place, *(texts[name] for name in keys))]
            if told not in held[people]:
                near = range(people - canon.least + 1, people + canon.least)
                other = other or next((name for count in near for name in held.get(count, {}).values()), "")
                own.append((held, people, told))
        for held, people, told in own:  # only now: a report is not compared with itself
            held[people][told] = canon.folder.name
        return other


def by_measure(canon: Canon) -> dict[tuple[str, str, str], list[Mean]]:
    """Return the means of whole sides by side, wave and what was measured."""
    found: dict[tuple[str, str, str], list[Mean]] = defaultdict(list)
    attributes = set(canon.attributes)
    for table in readings.shared(canon):
        if attributes & set(table.names):
            continue
        for values, texts in table.records():
            counted = values.get("respondents")
            for name in ("estimate", "plain", "mean", "score_100"):
                value, ends = values.get(name), readings.ends(canon, table, name)
                if not isinstance(counted, int) or not isinstance(value, int | float) or ends is None:
                    continue
                key = readings.key(canon, table, texts)
                if not key[2] or "weighted" in str(table.column(name).get("label", "")).lower():
                    continue
                share = readings.share(readings.rounded(table, name, value, texts.get(name, "")), ends)
                found[key].append(Mean(table, share, counted))
    return found


def _narrowed(first: Mean, second: Mean, least: int) -> bool:
    """Tell whether the sums of two means give that of the few who are in one set only, to less than a point of five."""
    few = abs(first.people - second.people)
    if not 0 < few < least:
        return False
    width = (first.people * first.value.width + second.people * second.value.width) / few
    return width < readings.NARROW


def _at_two_levels(canon: Canon, held: dict[str, str]) -> Iterator[Leak]:
    """Yield the tables whose intervals are at another level of confidence than those held already, or before them.

    ``held`` says by level where it stands. The same answers are told of in many tables, so each is compared with all.
    """
    known = dict(held)
    for table in readings.shared(canon):
        for level in _levels(table):
            if other := next((place for before, place in known.items() if before != level), ""):
                sentence = f"{other} holds intervals at another level of confidence: both give more digits than are "
                yield Leak(RESULTS, table.place, "two levels of confidence", sentence + "printed.")
            known.setdefault(level, table.place)


def _levels(table: Table) -> list[str]:
    """Return the levels of confidence of a table's intervals, such as ["95"]."""
    words = (str(column.get("label", "")) for column in table.columns)
    return sorted({level for label in words for level in re.findall(r"([\d.]+) % from", label)})
