"""Sets, not tables: does what is published of some sets of people, taken together, tell of a few of them?

Every published row that is a mean, a share, a count or a sum is about a set of answer sheets and a *value*: one
question, asked in one way (:class:`helpers.analysis.methods.people.People` says which). A reader who knows such rows of
one value may add and subtract them. :func:`conflicts` looks for what that could tell, over all exhibits of a report and
of the reports before it:

1. Where one set contains another of the same value, the remainder is empty or at least ``minimum`` people.
2. No set of 1 to ``minimum`` − 1 people lies in the row space of types of sheets × sets
   (:mod:`helpers.privacy.row_space`), in whole numbers.
3. The same holds of the people who are rated, with ``rated``, or one more where one of them can get a report of their
   own and so knows their part.

Of two exhibits that conflict the later one is to be withheld.

Notes
-----
A sheet is one person's answers about one other in one wave, or one opening of a hiring manager; an answer that is
corrected makes another sheet. Sheets that belong to the same sets form a type, which counts with its distinct people.
Somebody who answered with sheets of several types counts in each, so that rule 2 may miss a set of many sheets by few
people which no single set contains; rule 1, and rule 3 throughout, count distinct people.

Different questions are different values: from the mean of one nobody learns that of another. The exception, a
dimension's mean beside those of its items, is guarded within the dimension.
"""

from __future__ import annotations

import functools
import json
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .rated import fewest_rated
from .row_space import about_few, combination, small_sets

#: Whose sheet it is, about whom, and what tells it from their others.
Sheet = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A published number: what it is of, and the sheets it is over."""

    value: str
    sheets: frozenset[Sheet]


@dataclass(frozen=True)
class Told:
    """What an exhibit tells of whom.

    Attributes
    ----------
    id, title : str
        The exhibit's.
    rows : tuple of Row
        Its shown rows that are additive.
    known : bool
        False where a row does not say who stands behind it.
    report : str
        The earlier report in which it stands, in words; empty for the one that is being made.
    """

    id: str
    title: str
    rows: tuple[Row, ...] = ()
    known: bool = True
    report: str = ""

    @property
    def name(self) -> str:
        """What sentences call it."""
        return f"“{self.title}”" + (f" in {self.report}" if self.report else "")

    def of(self, values: Collection[str] | None) -> Told:
        """Return what it tells of some values; of all, where none are named."""
        return self if values is None else replace(self, rows=tuple(row for row in self.rows if row.value in values))


@dataclass(frozen=True)
class Conflict:
    """An exhibit that cannot be published: its place, and the exhibits beside which it would tell of too few.

    ``rated`` is how many people it would have to be about, where that is what is missing; else 0.
    """

    place: int
    beside: tuple[str, ...] = ()
    rated: int = 0


def conflicts(
    exhibits: Sequence[Told],
    minimum: int,
    rated: int = 1,
    *,
    earlier: Sequence[Told] = (),
    own: str = "",
    own_reports: Collection[str] = (),
) -> list[Conflict]:
    """Find the exhibits that must be withheld.

    Parameters
    ----------
    exhibits : sequence of Told
        In the order of the report.
    minimum : int
        Fewest people of whom anything may be told.
    rated : int
        Fewest people about whom anything may be told.
    earlier : sequence of Told
        What was published before and stays known.
    own : str
        Whoever receives the report, whose own sheets count as known to them; empty where several people read it.
    own_reports : collection of str
        People who can get a report of their own.

    Returns
    -------
    list of Conflict
        In the order of the report; empty when all may be published.

    Examples
    --------
    >>> everybody = frozenset((f"p{i}", "", "2026") for i in range(20))
    >>> first = Told("a", "All", (Row("trust", everybody),))
    >>> second = Told("b", "Complete sheets", (Row("trust", everybody - {("p3", "", "2026")}),))
    >>> conflicts([first, second], minimum=5)
    [Conflict(place=1, beside=('“All”',), rated=0)]
    """
    check = _Check(minimum, rated, own, frozenset(own_reports))
    known = [told.rows for told in earlier]
    if not check.found([row for told in (*earlier, *exhibits) for row in told.rows]) and all(
        told.known for told in exhibits
    ):
        return []
    names = [told.name for told in earlier]
    out = []
    for place, told in enumerate(exhibits):
        before = [row for rows in known for row in rows]
        if not told.known:
            out.append(Conflict(place))
        elif new := check.found([*before, *told.rows], {row.value for row in told.rows}) - check.found(
            before, {row.value for row in told.rows}
        ):
            first = min(new, key=lambda found: (len(found.people), found.value, sorted(found.sheets)))
            out.append(Conflict(place, _beside(first, names, known, len(earlier)), first.rated))
        else:
            known.append(told.rows)
            names.append(told.name)
    return out


@dataclass(frozen=True)
class _Few:
    """Some sheets of a value that the published sets single out, and how."""

    value: str
    sheets: frozenset[Sheet]
    rated: int
    of: tuple[frozenset[Sheet], ...] = field(compare=False)

    @property
    def people(self) -> set[str]:
        return {sheet[self.rated > 0] for sheet in self.sheets}


def _beside(few: _Few, names: Sequence[str], known: Sequence[Iterable[Row]], earlier: int) -> tuple[str, ...]:
    """Name the exhibits of whose sets it is made, each the first that shows the set, of this report if it can be."""
    places = [*range(earlier, len(names)), *range(earlier)]
    shows = (
        next(
            (place for place in places if any(row.value == few.value and row.sheets == one for row in known[place])),
            None,
        )
        for one in few.of
    )
    return tuple(dict.fromkeys(names[place] for place in sorted(place for place in shows if place is not None)))


class _Check:
    """The rules, and what they have found of sets that were looked at already."""

    def __init__(self, minimum: int, rated: int, own: str, own_reports: frozenset[str]) -> None:
        self.minimum, self.rated, self.own, self.own_reports = minimum, rated, own, own_reports
        self._seen: dict[frozenset[frozenset[Sheet]], list[tuple[frozenset[Sheet], int, tuple[frozenset[Sheet], ...]]]]
        self._seen = {}

    def found(self, rows: Iterable[Row], values: Collection[str] | None = None) -> set[_Few]:
        """Return what the rows of each value, taken together, tell of too few."""
        sets: dict[str, set[frozenset[Sheet]]] = defaultdict(set)
        for row in rows:
            if values is None or row.value in values:
                sets[row.value].add(self._of_others(row.sheets))
        few = set()
        for value, different in sets.items():
            key = frozenset(different) - {frozenset()}
            if key not in self._seen:
                self._seen[key] = list(self._of(_by_size(key)))
            few |= {_Few(value, *one) for one in self._seen[key]}
        return few

    def _of_others(self, sheets: frozenset[Sheet]) -> frozenset[Sheet]:
        """Leave out the sheets of whoever receives the report."""
        return frozenset(sheet for sheet in sheets if sheet[0] != self.own) if self.own else sheets

    def _of(self, sets: list[frozenset[Sheet]]) -> Iterator[tuple[frozenset[Sheet], int, tuple[frozenset[Sheet], ...]]]:
        by_type = _by_type(sets)
        types = sorted(by_type)
        about = {sheet[1] for some in by_type.values() for sheet in some}
        knowing = not self.own_reports.isdisjoint(about)
        for about_rated, least in ((False, self.minimum), (True, fewest_rated(self.rated, knowing))):
            if least < 2 or (about_rated and "" in about):
                continue
            for within in self._within(sets, types, by_type, about_rated, least):
                together = frozenset(sheet for place in within for sheet in by_type[types[place]])
                used = combination(types, within) or {}
                yield together, least if about_rated else 0, tuple(sets[number] for number in used)

    @staticmethod
    def _within(
        sets: list[frozenset[Sheet]],
        types: list[tuple[int, ...]],
        by_type: Mapping[tuple[int, ...], Collection[Sheet]],
        about_rated: bool,
        least: int,
    ) -> Iterator[tuple[int, ...]]:
        """Yield the types of which too few people's sheets consist: by the row space, then by containment."""
        people = [{sheet[about_rated] for sheet in by_type[one]} for one in types]
        if about_rated:
            number = {who: place for place, who in enumerate(sorted(set().union(*people)))}
            small = about_few(types, [{number[who] for who in few} for few in people], least)
        else:
            small = small_sets(types, [len(few) for few in people], least)
        yield from (found.types for found in small)
        contains = [{place for place, one in enumerate(types) if number in one} for number in range(len(sets))]
        for larger in contains:
            for smaller in contains:
                if smaller < larger and len(larger - smaller) > 1:
                    rest = larger - smaller
                    if len(set().union(*(people[place] for place in rest))) < least:
                        yield tuple(sorted(rest))


def _by_type(sets: Sequence[frozenset[Sheet]]) -> dict[tuple[int, ...], Collection[Sheet]]:
    """Return sheets by the places of the sets that hold them, the largest set first.

    Most sheets of a large survey are in that one alone, and are not gone through one by one.
    """
    if not sets:
        return {}
    largest, *others = sets
    within: dict[Sheet, list[int]] = {sheet: [0] if sheet in largest else [] for one in others for sheet in one}
    for number, one in enumerate(others, start=1):
        for sheet in one:
            within[sheet].append(number)
    found: dict[tuple[int, ...], Collection[Sheet]] = {}
    if alone := largest.difference(within):
        found[(0,)] = alone
    by_type: dict[tuple[int, ...], list[Sheet]] = defaultdict(list)
    for sheet, numbers in within.items():
        by_type[tuple(numbers)].append(sheet)
    return found | by_type


def _by_size(sets: Collection[frozenset[Sheet]]) -> list[frozenset[Sheet]]:
    """Sort sets, the largest first; those of one size, by their sheets."""
    sizes = Counter(map(len, sets))
    return sorted(sets, key=lambda one: (-len(one), sorted(one) if sizes[len(one)] > 1 else []))


def as_fine_as_can_be(exhibits: Sequence[Told]) -> list[Told]:
    """Let a sheet that says less (a person, about nobody in particular) stand for all of the value that say more.

    Some results are made of one number per person, others of one per sheet; only so can the two be compared.

    Parameters
    ----------
    exhibits : sequence of Told
        Everything a report shows.

    Returns
    -------
    list of Told
        The same, as fine as each value is known anywhere.
    """
    every: dict[str, set[frozenset[Sheet]]] = defaultdict(set)
    for told in exhibits:
        for row in told.rows:
            every[row.value].add(row.sheets)
    finer = {sets: _finer(sets) for sets in set(map(frozenset, every.values()))}
    stand_for = {value: finer[frozenset(sets)] for value, sets in every.items()}

    def fine(row: Row) -> Row:
        if not (instead := stand_for[row.value]):
            return row
        return Row(row.value, frozenset(part for sheet in row.sheets for part in instead.get(sheet, [sheet])))

    return [replace(told, rows=tuple(map(fine, told.rows))) for told in exhibits]


@functools.lru_cache(maxsize=64)
def _kinds(sheets: frozenset[Sheet]) -> frozenset[tuple[bool, ...]]:
    """Return what the sheets of a set say: whose they are, about whom, and so on."""
    return frozenset(tuple(map(bool, sheet)) for sheet in sheets)


def _finer(sets: Collection[frozenset[Sheet]]) -> dict[Sheet, list[Sheet]]:
    """Return for each sheet that says less than others of the same person those that say most."""
    if len(frozenset().union(*map(_kinds, sets))) == 1:
        return {}
    sheets = frozenset().union(*sets)
    by_person: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_person[sheet[0]].append(sheet)
    found = {}
    for sheet in sheets:
        more = [other for other in by_person[sheet[0]] if other != sheet and _says_more(other, sheet)]
        if most := [one for one in more if not any(_says_more(other, one) for other in more if other != one)]:
            found[sheet] = most
    return found


def _says_more(one: Sheet, other: Sheet) -> bool:
    return all(not theirs or mine == theirs for mine, theirs in zip(one, other, strict=True))


# The private file by which a notebook tells its report who stands behind what it shows --------------------------------


#: Sheets from which on a set is kept for the other reports of a batch.
LONG = 5_000
#: Long sets that are held for the next report, and where.
_KEPT = 16
_SETS: dict[frozenset[Sheet], frozenset[Sheet]] = {}
_READING = threading.Lock()
_WRITTEN: dict[Path, dict[frozenset[Sheet], int]] = {}


def write(told: Told, path: Path, beside: Path | None = None) -> None:
    """Add an exhibit to the private file of a run; it lies in the run's work folder and is deleted with it.

    Each set of sheets is written once for all exhibits: in a large survey everybody stands behind many rows. A long one
    is written once for all reports of a batch, where there is a folder ``beside`` them, deleted with the batch.
    """
    written = _WRITTEN.setdefault(path, {})
    lines: list[dict] = []
    rows = []
    for row in told.rows:
        if (number := written.get(row.sheets)) is None:  # looked up once: of a large set that takes long
            number = written[row.sheets] = len(written)
            if beside is not None and len(row.sheets) >= LONG:
                lines.append({"file": str(_written_beside(row.sheets, beside))})
            else:
                lines.append({"sheets": list(row.sheets)})
        rows.append([row.value, number])
    lines.append({"id": told.id, "title": told.title, "known": told.known, "rows": rows})
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _written_beside(sheets: frozenset[Sheet], folder: Path) -> Path:
    """Write a long set once for all runs; forks of one process agree on the hashes of texts, others on no file."""
    file = folder / f"sheets {len(sheets)} {hash(sheets):x} {hash('seed'):x}.json"
    if not file.exists():
        own = file.with_suffix(f".{os.getpid()}")
        own.write_text(json.dumps(list(sheets), ensure_ascii=False), encoding="utf-8", newline="\n")
        own.replace(file)
    return file


def _read_beside(file: str) -> frozenset[Sheet]:
    """Read a long set once; of equal sets everybody gets the same, since comparing two goes through all sheets."""
    with _READING:
        return _same(file)


@functools.lru_cache(maxsize=_KEPT)
def _same(file: str) -> frozenset[Sheet]:
    found = frozenset(map(tuple, json.loads(Path(file).read_text(encoding="utf-8"))))
    for name in list(_SETS)[: max(0, len(_SETS) - _KEPT)]:
        del _SETS[name]
    return _SETS.setdefault(found, found)


def read(path: Path) -> list[Told]:
    """Read the private file of a run, in the order in which exhibits were shown."""
    if not path.exists():
        return []
    known: list[frozenset[Sheet]] = []
    found = []
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            if "sheets" in line:
                known.append(frozenset(map(tuple, line["sheets"])))
                continue
            if "file" in line:
                known.append(_read_beside(line["file"]))
                continue
            rows = tuple(Row(value, known[number]) for value, number in line["rows"])
            found.append(Told(line["id"], line["title"], rows, line["known"]))
    return found
