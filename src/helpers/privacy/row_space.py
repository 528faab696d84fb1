"""Which few people do published sets single out? Answered in whole numbers.

People are sorted into *types*: two people are of one type when they belong to the same published sets. A reader who
knows the sum of some value over every set knows it over any combination of sets, and so over a set ``X`` of people
exactly when the indicator of ``X`` is a combination of the indicators of the published sets: when it lies in the row
space of the matrix sets × types. :func:`small_sets` finds the ``X`` of fewer than ``minimum`` people that do.

Notes
-----
Let :math:`v` be a vector of the row space and :math:`|v|` the number of people at whom it is not zero. Wanted are the
:math:`v` whose entries are 0 or 1 with :math:`0 < |v| < k`.

*Reduction.* Lay people one by one into :math:`k-1` forests, each a set of people whose columns are linearly
independent; a person goes into the first forest that stays independent. Whoever fits into none depends on each of
the forests. If :math:`v` were not zero at that person it would not be zero at somebody in each forest either, hence at
:math:`k` different people or more. So :math:`v` is zero there. Such people are divided out (the row space is
restricted to the vectors that vanish on them) and the step is repeated until all who are left fit. This is the
forest decomposition of Nagamochi and Ibaraki, for matroids instead of graphs. It decides large studies nearly alone:
of 250,000 people in 9,000 units most depend on all forests.

*Search.* Of the columns left, a basis is chosen, the largest types first. The entries at the basis determine
:math:`v`, and they are 0 or 1 themselves, so a search over few basis types is complete: where an entry is neither 0
nor 1, or where too many people stay in, some basis type in the dependency of such an entry must join. What belongs to
different connected components of the matroid is searched by itself; the smallest sets never span two.

*What is exact.* All of this is in whole numbers and fractions; nothing is rounded. A search that has found nothing
after :data:`STEPS` steps (many sparse attributes and a ``minimum`` of ten or more) is handed to an integer programme. A
set that it finds is checked in fractions; that there is none is then the solver's word, in floating point, over entries
that are 0 or 1 and at least half a person away from the limit. What it cannot decide either is returned as *undecided*:
to be treated as if it were found.

*Whom answers are about.* :func:`about_few` asks the same of those who are rated: which sets in the row space are about
fewer than so many of them? One person may be rated by people of many types, so that numbers of people do not say it.
Each rated person is given to one of the forests, with all types that are about that person alone. A type that depends
on forests without anybody of its own is, if it is in a set, there together with somebody of each; if that makes too
many, it is in no such set. Of what is left, every few rated people are tried: the row space is restricted to the
vectors that vanish on all types about others, and searched.

References
----------
Nagamochi, H. & Ibaraki, T. (1992). A linear-time algorithm for finding a sparse k-connected spanning subgraph of a
k-connected graph. *Algorithmica*, 7, 583–596.
Oxley, J. (2011). *Matroid Theory* (2nd ed.). Oxford University Press. Chapters 1 and 4 (circuits, components).
Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. & de Wolf, P.-P.
(2012). *Statistical Disclosure Control*. Wiley. Chapter 4 (what linked tables reveal).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, gcd, lcm

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

#: Steps of one search (entries looked at) after which an integer programme goes on; one in a hundred of them when
#: something was found.
STEPS = 50_000
#: Nodes of an integer programme after which the types are returned as undecided.
NODES = 2_000
#: Sets found in one connected component after which its search ends.
ENOUGH = 5
#: Choices of rated people that are tried in one connected component; where there are more it is undecided.
CHOICES = 2_000

Vector = dict[int, int]
Entry = int | Fraction


@dataclass(frozen=True)
class SmallSet:
    """A set of few people whose sum the published sets give away.

    Attributes
    ----------
    types : tuple of int
        Positions of its types, ascending.
    decided : bool
        False when it was given up: a small set may lie among these types.
    """

    types: tuple[int, ...]
    decided: bool = True


class _Independent:
    """Linearly independent vectors of whole numbers, in echelon form by their lowest coordinate."""

    def __init__(self, full: int, rows: dict[int, Vector] | None = None, dependent: set | None = None) -> None:
        #: Number of coordinates; with so many rows everything depends on them.
        self.full = full
        self.rows: dict[int, Vector] = rows if rows is not None else {}
        # Vectors seen to reduce to nothing; they go on to do so when rows are added.
        self._dependent: set[frozenset] = dependent if dependent is not None else set()

    def copy(self) -> _Independent:
        return _Independent(self.full, dict(self.rows), set(self._dependent))

    def reduce(self, vector: Vector) -> Vector:
        """Subtract rows until the lowest coordinate of what is left belongs to none; empty when dependent."""
        if len(self.rows) == self.full:
            return {}
        seen = []
        while vector:
            lead = min(vector)
            row = self.rows.get(lead)
            if row is None:
                return vector
            vector = _subtracted(vector, row, lead)
            key = frozenset(vector.items())
            if key in self._dependent:
                break
            seen.append(key)
        self._dependent.update(seen)
        return {}

    def add(self, vector: Vector) -> bool:
        """Take a vector in, unless it depends on those that are in."""
        rest = self.reduce(vector)
        if not rest:
            return False
        self.rows[min(rest)] = rest
        return True


def _subtracted(vector: Vector, row: Vector, lead: int) -> Vector:
    """Return a multiple of the vector minus a multiple of the row, with nothing at the leading coordinate."""
    divisor = gcd(vector[lead], row[lead])
    times, minus = row[lead] // divisor, vector[lead] // divisor
    result = dict(vector) if times == 1 else {key: times * value for key, value in vector.items()}
    for key, value in row.items():
        rest = result.get(key, 0) - minus * value
        if rest:
            result[key] = rest
        else:
            del result[key]
    if times != 1 and result:
        common = gcd(*result.values())
        if common > 1:
            result = {key: value // common for key, value in result.items()}
    return result


def small_sets(types: Sequence[Collection[int]], people: Sequence[int], minimum: int) -> list[SmallSet]:
    """Find sets of 1 to ``minimum`` − 1 people that lie in the row space of the published sets.

    Parameters
    ----------
    types : sequence of collections of int
        For each type of people the numbers of the published sets it belongs to. The search is fastest when the sets
        of the finest division have the lowest numbers.
    people : sequence of int
        Number of people of each type, at least 1.
    minimum : int
        Fewest people a published statement may be about.

    Returns
    -------
    list of SmallSet
        Empty exactly when no such set exists. Otherwise up to :data:`ENOUGH` sets of each connected component (not
        all that exist), or a component that is undecided.

    Examples
    --------
    A department of 12 is published beside its team of 9: three people are singled out.

    >>> small_sets([{0}, {0, 1}, {2}], people=[3, 9, 20], minimum=5)
    [SmallSet(types=(0,), decided=True)]
    >>> small_sets([{0}, {0, 1}, {2}], people=[6, 6, 20], minimum=5)
    []
    """
    columns = [dict.fromkeys(sets, 1) for sets in types]
    zero, left = _reduced(columns, people, minimum)
    found: list[SmallSet] = []
    for part in _components(columns, people, zero, left):
        found += part.search(minimum)
    return sorted(found, key=lambda item: item.types)


def about_few(types: Sequence[Collection[int]], told: Sequence[Collection[int]], fewest: int) -> list[SmallSet]:
    """Find sets in the row space of the published sets whose answers are about fewer than ``fewest`` people.

    Parameters
    ----------
    types : sequence of collections of int
        As for :func:`small_sets`.
    told : sequence of collections of int
        For each type the people whom its answers are about; nobody where that is not known, which counts as few.
    fewest : int
        Fewest people whom a published statement may be about.

    Returns
    -------
    list of SmallSet
        Empty exactly when no such set exists; else some of them, or a component that is undecided.

    Examples
    --------
    A department and its team are published; all others in the department have the same HR partner.

    >>> about_few([{0}, {0}, {0, 1}, {2}], told=[{7}, {7}, {7, 8}, {8, 9}], fewest=2)
    [SmallSet(types=(0, 1), decided=True)]
    >>> about_few([{0}, {0}, {0, 1}, {2}], told=[{6}, {7}, {7, 8}, {8, 9}], fewest=2)
    []
    """
    columns = [dict.fromkeys(sets, 1) for sets in types]
    people = [frozenset(who) for who in told]
    zero, left = _reduced_by_rated(columns, people, fewest)
    alone = [1] * len(columns)
    found: list[SmallSet] = []
    for part in _components(columns, alone, zero, left):
        members = sorted([*part.basis, *part.depends])
        whom = sorted(frozenset().union(*(people[index] for index in members)))
        size = min(fewest - 1, len(whom))
        if comb(len(whom), size) > CHOICES:
            found.append(SmallSet(tuple(members), decided=False))
            continue
        for few in combinations(whom, size):
            without = zero.copy()
            for index in members:
                if not people[index] <= {*few}:
                    without.add(columns[index])
            about = [index for index in members if people[index] <= {*few} and without.reduce(columns[index])]
            for inner in _components(columns, alone, without, about):
                found += inner.search(len(about) + 1)
    return sorted(dict.fromkeys(found), key=lambda item: item.types)


def _reduced_by_rated(
    columns: list[Vector], people: list[frozenset[int]], fewest: int
) -> tuple[_Independent, list[int]]:
    """Divide out the types at which no set about few can be; see the notes of the module."""
    zero = _Independent(_count_sets(columns))
    for column, who in zip(columns, people, strict=True):
        if len(who) >= fewest:
            zero.add(column)
    left = list(range(len(columns)))
    given = {who: number % fewest for number, who in enumerate(sorted(frozenset().union(*people)))}
    while True:
        left = [index for index in left if zero.reduce(columns[index])]
        forests = [zero.copy() for _ in range(fewest)]
        own = {index: {given[who] for who in people[index]} for index in left}
        for index in left:
            if len(own[index]) == 1:
                forests[min(own[index])].add(columns[index])
        beyond = [
            index
            for index in left
            if len(people[index])
            + sum(
                not forest.reduce(columns[index]) for number, forest in enumerate(forests) if number not in own[index]
            )
            >= fewest
        ]
        if not beyond:
            return zero, left
        for index in beyond:
            zero.add(columns[index])


def _count_sets(columns: list[Vector]) -> int:
    return len(set().union(*columns))


def _reduced(columns: list[Vector], people: Sequence[int], minimum: int) -> tuple[_Independent, list[int]]:
    """Divide out the types at which no small set can be; see the notes of the module."""
    zero = _Independent(_count_sets(columns))
    for column, count in zip(columns, people, strict=True):
        if count >= minimum:
            zero.add(column)
    left = list(range(len(columns)))
    while True:
        left = [index for index in left if zero.reduce(columns[index])]
        forests = [zero.copy() for _ in range(minimum - 1)]
        beyond = []
        for index in left:
            count = people[index]
            for forest in forests:
                if count and forest.add(columns[index]):
                    count -= 1
            if count:
                beyond.append(index)
        if not beyond:
            return zero, left
        for index in beyond:
            zero.add(columns[index])


@dataclass
class _Component:
    """A connected part of what is left: basis types, and how every other type depends on them."""

    people: Sequence[int]
    basis: list[int]
    #: Of each other type, its entry as a combination of the entries at the basis.
    depends: dict[int, dict[int, Entry]]

    def search(self, minimum: int) -> list[SmallSet]:
        self._minimum, self._steps, self._found = minimum, 0, list[SmallSet]()
        self._touches: dict[int, dict[int, Entry]] = {index: {} for index in self.basis}
        for other, weights in self.depends.items():
            for index, weight in weights.items():
                self._touches[index][other] = weight
        self._branch(self.basis, frozenset(), {}, set())
        if self._steps > STEPS and not self._found:
            return self._programmed(minimum)
        return self._found

    def _programmed(self, minimum: int) -> list[SmallSet]:
        """Let an integer programme decide: entries 0 or 1 that depend as they must, of 1 to ``minimum`` − 1 people."""
        members = [*self.basis, *self.depends]
        place = {index: number for number, index in enumerate(members)}
        rows = [{place[other]: -1.0} for other in self.depends]
        for row, (other, weights) in zip(rows, self.depends.items(), strict=True):
            common = lcm(*(Fraction(weight).denominator for weight in weights.values()))
            row[place[other]] = -float(common)
            row |= {place[index]: float(weight * common) for index, weight in weights.items()}
        entries = [(i, j, value) for i, row in enumerate(rows) for j, value in row.items()]
        i, j, values = (np.array(part) for part in zip(*entries, strict=True))
        people = np.array([self.people[index] for index in members], dtype=float)
        solution = milp(
            people,
            integrality=np.ones(len(members)),
            bounds=Bounds(0, 1),
            constraints=[
                LinearConstraint(coo_array((values, (i, j)), shape=(len(rows), len(members))).tocsr(), 0, 0),
                LinearConstraint(people[np.newaxis], 1, minimum - 0.5),
            ],
            options={"node_limit": NODES},
        )
        if solution.status == 2:  # there is none
            return []
        inside = set() if solution.x is None else {members[n] for n in np.flatnonzero(solution.x > 0.5)}
        follows = all(
            sum((weight for index, weight in weights.items() if index in inside), Fraction(0)) == (other in inside)
            for other, weights in self.depends.items()
        )
        if inside and follows and sum(self.people[index] for index in inside) < minimum:
            return [SmallSet(tuple(sorted(inside)))]
        return [SmallSet(tuple(sorted(members)), decided=False)]

    def _branch(self, choices: list[int], inside: frozenset[int], entries: dict[int, Entry], out: set[int]) -> None:
        """Let each choice join in turn; those tried stay out of the later ones, so that no set is met twice."""
        out = set(out)
        for index in choices:
            if index in out or index in inside:
                continue
            if self._steps > STEPS or len(self._found) >= ENOUGH or (self._found and self._steps > STEPS // 100):
                return
            joined = inside | {index}
            if sum(self.people[item] for item in joined) < self._minimum:
                sums = dict(entries)
                for other, weight in self._touches[index].items():
                    sums[other] = sums.get(other, 0) + weight
                    if not sums[other]:
                        del sums[other]
                self._visit(joined, sums, out)
            out.add(index)

    def _visit(self, inside: frozenset[int], entries: dict[int, Entry], out: set[int]) -> None:
        self._steps += 1 + len(entries)
        count = sum(self.people[index] for index in inside)
        may_join = {other: [b for b in self.depends[other] if b not in inside and b not in out] for other in entries}
        wrong = [other for other, entry in entries.items() if entry != 1]
        if wrong:
            choices = may_join[min(wrong, key=lambda other: (len(may_join[other]), other))]
        elif count + sum(self.people[other] for other in entries) < self._minimum:
            self._found.append(SmallSet(tuple(sorted([*inside, *entries]))))
            return
        else:
            # Among types of so many people at least one must leave, which another basis type has to bring about.
            choices = []
            for other in sorted(entries, key=lambda other: (len(may_join[other]), other)):
                count += self.people[other]
                choices += may_join[other]
                if count >= self._minimum:
                    break
            choices = list(dict.fromkeys(choices))
        self._branch(choices, inside, entries, out)


def _components(columns: list[Vector], people: Sequence[int], zero: _Independent, left: list[int]) -> list[_Component]:
    """Choose a basis of the types that are left, the largest first, and divide them into connected parts."""
    if not left:
        return []
    beyond = 1 + max(max(column, default=0) for column in columns)
    chosen = zero.copy()
    basis: list[int] = []
    depends: dict[int, dict[int, Entry]] = {}
    for index in sorted(left, key=lambda index: (-people[index], index)):
        # The coordinates from ``beyond`` on record of which types a row is combined; rows of ``zero`` record none.
        rest = dict(columns[index])
        rest[beyond + index] = 1
        while (lead := min(rest)) < beyond and lead in chosen.rows:
            rest = _subtracted(rest, chosen.rows[lead], lead)
        if lead < beyond:
            chosen.rows[lead] = rest
            basis.append(index)
        else:
            own = rest.pop(beyond + index)
            depends[index] = {key - beyond: _entry(-value, own) for key, value in rest.items()}
    parent = {index: index for index in left}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for other, weights in depends.items():
        for index in weights:
            parent[root(index)] = root(other)
    parts: dict[int, _Component] = {}
    for index in basis:
        parts.setdefault(root(index), _Component(people, [], {})).basis.append(index)
    for other, weights in depends.items():
        parts[root(other)].depends[other] = weights
    return list(parts.values())


def _entry(value: int, divisor: int) -> Entry:
    """Return a quotient, as a whole number where it is one: most are, and those are far faster."""
    return Fraction(value, divisor) if value % divisor else value // divisor


def combination(types: Sequence[Collection[int]], members: Collection[int]) -> dict[int, Fraction] | None:
    """Combine the published sets to a given one.

    Parameters
    ----------
    types : sequence of collections of int
        As for :func:`small_sets`.
    members : collection of int
        Positions of the types of which the wanted set consists.

    Returns
    -------
    dict or None
        How often each published set is counted (those not counted are left out); None when the wanted set does not
        follow from them.

    Examples
    --------
    >>> combination([{0}, {0, 1}, {2}], members={0})
    {0: Fraction(1, 1), 1: Fraction(-1, 1)}
    >>> combination([{0, 1}, {0, 1}, {2}], members={0}) is None
    True
    """
    beyond = 1 + max((max(sets, default=0) for sets in types), default=0)
    wanted = _Independent(beyond + 1)
    for index, sets in enumerate(types):
        column = dict.fromkeys(sets, 1)
        if index in members:
            column[beyond] = 1
        wanted.add(column)
        if beyond in wanted.rows:
            return None
    weights: dict[int, Fraction] = {}
    for lead in sorted(wanted.rows, reverse=True):
        row = wanted.rows[lead]
        known = sum((value * weights[key] for key, value in row.items() if key in weights), Fraction(0))
        weights[lead] = (row.get(beyond, 0) - known) / row[lead]
    return {key: value for key, value in sorted(weights.items()) if value}
