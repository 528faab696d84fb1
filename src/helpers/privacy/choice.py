"""Which labels stay as they are: the choice that keeps most and singles nobody out.

Notes
-----
*The best plan.* Let :math:`K` be the labels that stay as they are. The row space is spanned by the total and the
indicators of :math:`K`, because a merged rest is the total minus what was kept; so it grows with :math:`K`, and the
safe :math:`K` are a downward closed family. One rest per attribute loses nothing. Maximised is

.. math:: \\sum_{(a, l) \\in K} n_{al} \\quad\\text{subject to}\\quad \\sum_{f \\in C} x_f \\le |C| - 1
          \\text{ for every circuit } C,

with :math:`n_{al}` the answering people, once per wave, who have label :math:`l` of attribute :math:`a`, and a
*circuit* a set of labels that together single somebody out. Circuits are found as they are met: the best plan under
those known is checked exactly, and what it violates is added. Up to :data:`ENUMERATED` labels per attribute all plans
are enumerated (those that cannot win or hold a known circuit are passed over); ties go to the plan that keeps labels of
earlier attributes and earlier names. Beyond, each round is an integer programme; the plan states the bound.

*Whom answers are about.* A second rule of the same form: in every wave, each group tells of at least so many rated
people, none of whom has more than :data:`helpers.privacy.rated.DOMINANT` of its answers, and no set in the row space is
about fewer (:func:`helpers.privacy.row_space.about_few`). What holds of disjoint groups holds of their union, for the
largest share in a union is at most the largest of its parts; so here, too, what is safe stays safe when less is kept. A
wave of which not even the total is about enough people binds nothing by this rule; what it forbids is hidden when it is
published.

*Exactness.* A choice counts as safe only after :func:`helpers.privacy.row_space.small_sets` found nothing. The integer
programme here only proposes; rounding in it can cost a label, never a secret.

References
----------
Huangfu, Q. & Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. *Mathematical Programming
Computation*, 10, 119–142 (the solver HiGHS, in ``scipy.optimize.milp``).
Willenborg, L. & de Waal, T. (2001). *Elements of Statistical Disclosure Control*. Springer. Chapter 5 (global recoding,
chosen to lose least).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from .rated import DOMINANT
from .row_space import SmallSet, about_few, combination, small_sets

#: Most labels per attribute for which all plans are enumerated.
ENUMERATED = 8
#: Steps of an enumeration, and rounds of the integer programme, after which the next simpler way is taken.
STEPS, ROUNDS = 20_000, 60
#: Labels of a study up to which the reason of every merge is worked out exactly.
EXPLAINED = 300

#: A label that stays (attribute, position of the label) or a unit that holds merged labels (attribute, its name).
Element = tuple[int, int | str]
Circuit = frozenset[Element]


@dataclass
class Attribute:
    """The labels of one attribute on one side."""

    name: str
    labels: list[str]
    #: Of each label the units it may be merged into, the nearest first.
    paths: list[list[str]]
    #: People by label (rows) and layer (columns); in layers of openings, shares of managers.
    counts: np.ndarray
    #: Answering people, once per wave, by label; or openings: what is kept with it.
    weights: np.ndarray
    #: Labels that may stay by themselves.
    possible: np.ndarray
    #: Columns of ``counts`` that go together: those who answered in a wave, and those invited to it.
    waves: Sequence[tuple[int, int]] = ()


@dataclass
class About:
    """Whom the answers of one side are about: one entry per answer sheet."""

    #: Row of the people (and layer) whose sheet it is.
    person: np.ndarray
    #: Number of whoever it is about; -1 where that is not known.
    who: np.ndarray
    #: Fewest people whom a published group may be about.
    fewest: int
    #: What those are called.
    whom: str


class Rated:
    """Whom the answers of each label, and of each kind of people, are about."""

    def __init__(self, about: About, attributes: Sequence[Attribute], kind: np.ndarray, cells: np.ndarray) -> None:
        self.fewest, self.whom, self._cells = about.fewest, about.whom, cells
        known = about.who >= 0
        # Kinds of people, and whom they answer about; sorted, so that those of a layer stand together.
        pairs = np.column_stack([kind[about.person[known]], about.who[known]])
        self._pairs, sheets = np.unique(pairs, axis=0, return_counts=True)
        self._layer = cells[self._pairs[:, 0], 0]
        self._counts = [item.counts for item in attributes]
        self._of_label: dict[tuple[int, int], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        #: Layers of which it is known of anybody whom answers are about; those in which the side as a whole is about
        #: enough people, where alone the rule can be kept.
        self.told: list[int] = sorted({*self._layer.tolist()}) if attributes else []
        self.layers: list[int] = []
        for layer in self.told:
            here = self._layer == layer
            for number, item in enumerate(attributes):
                labels = cells[self._pairs[here, 0], 1 + number]
                rows, place = np.unique(np.column_stack([labels, self._pairs[here, 1]]), axis=0, return_inverse=True)
                starts = np.searchsorted(rows[:, 0], np.arange(len(item.labels) + 1))
                self._of_label[number, layer] = starts, rows[:, 1], np.bincount(place.ravel(), weights=sheets[here])
            if not self.few(0, layer, np.arange(len(attributes[0].labels))):
                self.layers.append(layer)

    def few(self, number: int, layer: int, labels: Sequence[int] | np.ndarray) -> bool:
        """Say whether the answers of some labels of an attribute, taken together, are about too few people."""
        if not self._counts[number][labels, layer].any():
            return False
        starts, who, sheets = self._of_label[number, layer]
        every = np.concatenate([np.arange(starts[label], starts[label + 1]) for label in labels])
        whom, place = np.unique(who[every], return_inverse=True)
        held = np.bincount(place, weights=sheets[every])
        return len(whom) < self.fewest or bool(held.max() / held.sum() > DOMINANT)

    def held(self, number: int, layer: int, label: int) -> Counter[int]:
        """Return how many answers of a label are about whom."""
        starts, who, sheets = self._of_label[number, layer]
        part = slice(starts[label], starts[label + 1])
        return Counter(dict(zip(who[part].tolist(), sheets[part].tolist(), strict=True)))

    def of_types(self, layer: int, kind: np.ndarray) -> list[set[int]]:
        """Return whom the answers of each type are about; ``kind`` is the type of each kind of people in a layer."""
        here = self._layer == layer
        first = int(np.flatnonzero(self._cells[:, 0] == layer)[0])
        told: list[set[int]] = [set() for _ in range(int(kind.max()) + 1)]
        for number, who in zip(kind[self._pairs[here, 0] - first].tolist(), self._pairs[here, 1].tolist(), strict=True):
            told[number].add(who)
        return told


@dataclass
class Groups:
    """A division of the labels of one attribute."""

    #: Group of each label. Group 0 is the rest that no unit holds.
    of_label: np.ndarray
    #: Of each group the label that stays or the unit that holds the merged; None for the rest.
    element: list[int | str | None]
    #: Of each group the next wider one.
    wider: list[int]


class Search:
    """The search for the labels of one side that stay."""

    def __init__(
        self,
        attributes: list[Attribute],
        people: np.ndarray,
        fewest: int,
        shares: int = 1,
        about: About | None = None,
    ) -> None:
        self.attributes, self.fewest = attributes, fewest
        #: Fewest rows of ``people`` that make up so many people, each of whom stands in up to ``shares`` rows.
        self.minimum = fewest * shares
        #: Kinds of people: layer and label of every attribute (columns); and how many there are of each.
        self.cells, kind, self.people = np.unique(people, axis=0, return_inverse=True, return_counts=True)
        self.rated = Rated(about, attributes, kind.ravel(), self.cells) if about is not None and len(people) else None
        for number, item in enumerate(attributes):
            for position in np.flatnonzero(item.possible).tolist():
                item.possible[position] = not self._told_of_few(number, [position])
        self.weights: dict[Element, int] = {
            (number, position): int(item.weights[position])
            for number, item in enumerate(attributes)
            for position in np.flatnonzero(item.possible).tolist()
        }
        #: Of labels that may stay those of other attributes that may and lie wholly within; only where it is asked.
        self.inside = self._inside() if self.rated else {}
        self.circuits: list[Circuit] = []
        #: Those of them that single out nobody who answered, but tell of too few of those whom answers are about.
        self.about_few: set[Circuit] = set()
        self.safe: set[Circuit] = set()
        #: Whether a circuit was taken for one without proof; what is best under it may not be the best there is.
        self.undecided = False

    def _inside(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for number in range(len(self.attributes)):
            for other in range(len(self.attributes)):
                for label, holder in _within(self.attributes, self.cells, number, other) if other != number else ():
                    found.setdefault((other, holder), []).append((number, label))
        return found

    def about_few_throughout(self) -> list[int]:
        """Return the layers in which the whole side is about too few people, which no merging changes."""
        return [layer for layer in self.rated.told if layer not in self.rated.layers] if self.rated else []

    def weight(self, kept: Iterable[Element]) -> int:
        return sum(self.weights.get(element, 0) for element in kept)

    # what is published under a choice

    def groups(self, kept: Collection[Element]) -> list[Groups]:
        """Divide the labels of every attribute: a label stays, or goes to the nearest unit chosen, or to the rest."""
        result = []
        for number, item in enumerate(self.attributes):
            units = {name for attribute, name in kept if attribute == number and isinstance(name, str)}
            element: list[int | str | None] = [None]
            wider, where = [0], dict[str, int]()
            for path in item.paths:
                above = [unit for unit in path if unit in units]
                for place in range(len(above) - 1, -1, -1):
                    if above[place] not in where:
                        where[above[place]] = len(element)
                        element.append(above[place])
                        wider.append(where[above[place + 1]] if place + 1 < len(above) else 0)
            of_label = np.zeros(len(item.labels), dtype=np.int64)
            for position, path in enumerate(item.paths):
                nearest = next((where[unit] for unit in path if unit in where), 0)
                of_label[position] = nearest
                if (number, position) in kept:
                    of_label[position] = len(element)
                    element.append(position)
                    wider.append(nearest)
            result.append(Groups(of_label, element, wider))
        return result

    def violated(self, kept: Collection[Element]) -> list[Circuit]:
        """Return circuits within a choice: none exactly when it is safe. They are remembered."""
        choice = Circuit(kept)
        if choice in self.safe:
            return []
        groups = self.groups(choice)
        # What a look at single groups tells is told first: it takes no time, and the row space a long one.
        found = self._new_about_few([*self._groups_about_few(groups), *self._left_over_about_few(choice)], [])
        for layer in () if found else np.unique(self.cells[:, 0]):
            here = self.cells[:, 0] == layer
            found += self._violated(int(layer), self.cells[here, 1:], self.people[here], groups)
        found = list(dict.fromkeys([*found, *self._silent(groups)]))
        if not found:
            self.safe.add(choice)
        self.circuits += [circuit for circuit in found if circuit not in self.circuits]
        return found

    def _new_about_few(self, about: list[Circuit], others: list[Circuit]) -> list[Circuit]:
        """Note that circuits were found for what they tell of those whom answers are about, and by nothing else."""
        self.about_few |= {*about} - {*others}
        return about

    def _violated(self, layer: int, cells: np.ndarray, people: np.ndarray, groups: list[Groups]) -> list[Circuit]:
        codes = {number: item.of_label[cells[:, number]] for number, item in enumerate(groups)}
        numbers = _finest({number: code for number, code in codes.items() if (code != code[0]).any()})
        if not numbers:
            return []
        ends = np.cumsum([len(groups[number].element) for number in numbers])
        starts = dict(zip(numbers, [0, *ends[:-1].tolist()], strict=True))
        sets, kind = _kinds(np.column_stack([codes[number] + starts[number] for number in numbers]))
        # All groups of one attribute are the total. So of every other attribute the largest group follows from the
        # rest, and is left out.
        told = {starts[number] + int(np.bincount(codes[number]).argmax()) for number in numbers[1:]}
        types = [tuple(code for code in row if code not in told) for row in sets.tolist()]
        counts = np.bincount(kind, weights=people).astype(np.int64).tolist()

        def circuit(small: SmallSet) -> Circuit:
            inside = np.isin(kind, small.types)
            if small.decided:
                shares = combination(types, small.types) or {}
                used = self._used(shares, set(sets.ravel().tolist()), groups, starts)
                return self._shrunk(used, cells, inside)
            touched = [(number, code) for number in numbers for code in set(codes[number][inside].tolist()) if code]
            every = [(number, code) for number in numbers for code in range(1, len(groups[number].element))]
            elements = [(number, groups[number].element[code]) for number, code in touched or every]
            self.undecided = True
            return Circuit((number, name) for number, name in elements if name is not None)

        found = [circuit(small) for small in small_sets(types, counts, self.minimum)]
        if self.rated and layer in self.rated.layers and len(numbers) > 1:
            whom = self.rated.of_types(layer, kind)
            about = [circuit(small) for small in about_few(types, whom, self.rated.fewest)]
            found += self._new_about_few(about, found)
        return found

    def _told_of_few(self, number: int, labels: Sequence[int]) -> list[int]:
        """Return the layers in which the answers of some labels, taken together, are about too few people."""
        return [layer for layer in self.rated.layers if self.rated.few(number, layer, labels)] if self.rated else []

    def _groups_about_few(self, groups: list[Groups]) -> list[Circuit]:
        """Return what makes a group of which the answers are about too few people: itself, and what stands within."""
        found = []
        for number, division in enumerate(groups) if self.rated else ():
            order = np.argsort(division.of_label, kind="stable")
            ends = np.cumsum(np.bincount(division.of_label, minlength=len(division.element)))
            members = np.split(order, ends[:-1])
            for code, labels in enumerate(members):
                if len(labels) and (isinstance(division.element[code], str) or code == 0):
                    for layer in self._told_of_few(number, labels.tolist()):
                        found.append(self._needed(number, division, layer, code, members))
        return found

    def _needed(self, number: int, division: Groups, layer: int, code: int, members: list[np.ndarray]) -> Circuit:
        """Return a group and those within it, without those that may as well be merged with it: it is still too few."""
        within = [other for other, wider in enumerate(division.wider) if wider == code and other not in (0, code)]
        labels = members[code]
        if len(within) <= 40 and self.rated:
            for other in sorted(within, key=lambda other: len(members[other])):
                together = np.concatenate([labels, members[other]])
                if self.rated.few(number, layer, together):
                    within.remove(other)
                    labels = together
        every = [division.element[other] for other in (code, *within)]
        return Circuit((number, name) for name in every if name is not None)

    def _left_over_about_few(self, kept: Circuit) -> list[Circuit]:
        """Return what makes the rest of a label be about too few people, beside what another attribute tells within it.

        The same follows from the row space, but this takes no time.
        """
        found = []
        for (number, holder), members in self.inside.items() if self.rated else ():
            told = [(other, label) for other, label in members if (other, label) in kept]
            for layer in self.rated.layers if told and (number, holder) in kept and self.rated else ():
                for other in dict.fromkeys(other for other, _ in told):
                    within = [label for attribute, label in told if attribute == other]
                    left = self._left_over(layer, number, holder, other, within)
                    if left is not None:
                        found.append(Circuit([(number, holder), *((other, label) for label in left)]))
        return found

    def _left_over(self, layer: int, number: int, holder: int, other: int, within: list[int]) -> list[int] | None:
        """Return labels that leave too little of a wider one, without those that may as well be part of the rest."""
        assert self.rated
        counts = self.attributes[other].counts[:, layer]
        people = self.attributes[number].counts[holder, layer] - counts[within].sum()
        rest = self.rated.held(number, layer, holder)
        for label in within:
            rest -= self.rated.held(other, layer, label)
        if not people or len(rest) >= self.rated.fewest:
            return None
        left = list(within)
        for label in sorted(within, key=lambda label: self.weights.get((other, label), 0)):
            more = rest + self.rated.held(other, layer, label)
            if len(more) < self.rated.fewest:
                rest = more
                left.remove(label)
        return left

    def _silent(self, groups: list[Groups]) -> list[Circuit]:
        """Return what makes a merged group of which nobody answered in a wave, so that all of it are known not to have.

        It is what holds all others: one of these has to be merged with it.
        """
        found = []
        for number, (item, division) in enumerate(zip(self.attributes, groups, strict=True)):
            for answered, invited in item.waves:
                size = len(division.element)
                said, asked = (
                    np.bincount(division.of_label, weights=item.counts[:, column], minlength=size)
                    for column in (answered, invited)
                )
                for code in np.flatnonzero((asked > 0) & (said == 0)).tolist():
                    name = division.element[code]
                    if name is None:
                        others = [division.element[other] for other in np.flatnonzero(said).tolist()]
                        found.append(Circuit((number, other) for other in others if other is not None))
                    elif isinstance(name, str):
                        found.append(Circuit([(number, name)]))
        return found

    @staticmethod
    def _used(shares: dict[int, Fraction], filled: set[int], groups: list[Groups], starts: dict[int, int]) -> Circuit:
        """Write a combination of groups as one of the total, the labels that stay and the units: which take part?

        A group of merged labels is its unit minus what stays within it, and the rest is the total minus what stays; so
        the share of an element is that of its group minus that of the next wider one. A group that is empty in this
        layer may be given any share: that of the wider one, or for the rest the most frequent.
        """
        used = set()
        for number, start in starts.items():
            item = groups[number]
            share = [shares.get(start + code, Fraction(0)) for code in range(len(item.element))]
            if start not in filled:
                top = Counter(
                    share[code] for code in range(1, len(share)) if item.wider[code] == 0 and start + code in filled
                )
                share[0] = max(top, key=lambda value: (top[value], value)) if top else Fraction(0)
            for code in range(1, len(share)):
                if start + code not in filled:
                    share[code] = share[item.wider[code]]
                name = item.element[code]
                if name is not None and share[code] != share[item.wider[code]]:
                    used.add((number, name))
        return Circuit(used)

    def _shrunk(self, circuit: Circuit, cells: np.ndarray, inside: np.ndarray) -> Circuit:
        """Leave out of a circuit what is not needed to single out the same people."""
        members = {element: self._labels(element)[cells[:, element[0]]] for element in circuit}

        def determined(elements: Collection[Element]) -> bool:
            columns = [np.ones(len(cells), dtype=bool), *(members[element] for element in elements), inside]
            rows, _ = _kinds(np.column_stack(columns).astype(np.int64))
            types = [set(np.flatnonzero(row[:-1]).tolist()) for row in rows]
            return combination(types, set(np.flatnonzero(rows[:, -1]).tolist())) is not None

        if len(circuit) <= 40:
            # What says least to the reader goes first: small labels; units stay, because giving one up costs nothing.
            order = sorted(circuit, key=lambda e: (isinstance(e[1], str), self.weights.get(e, 0), e[0], str(e[1])))
            for element in order:
                if len(circuit) > 1 and determined(circuit - {element}):
                    circuit -= {element}
        return circuit

    def _labels(self, element: Element) -> np.ndarray:
        """Say of each label of an attribute whether it belongs to an element."""
        item, name = self.attributes[element[0]], element[1]
        if isinstance(name, str):
            return np.array([name in path for path in item.paths])
        return np.arange(len(item.labels)) == name

    # the best choice

    def best(self, forced: Circuit) -> tuple[Circuit, int]:
        """Return the labels that stay, and how many person-attributes no safe choice exceeds."""
        kept, bound = self._best(forced)
        return kept, self.weight(self.weights) if self.undecided else bound

    def _best(self, forced: Circuit) -> tuple[Circuit, int]:
        if not self.weights or max(item.possible.sum() for item in self.attributes) <= ENUMERATED:
            chosen = self._enumerated(forced)
            if chosen is not None:
                return chosen, self.weight(chosen)
        return self._programmed(forced)

    def _safe(self, chosen: Circuit, forced: Circuit) -> Circuit:
        """Give up the lightest label of every circuit, of those not forced if any, until the choice is safe."""
        while circuits := self.violated(chosen):
            for circuit in circuits:
                if circuit <= chosen:
                    choices = circuit - forced or circuit
                    chosen -= {min(choices, key=lambda e: (self.weights.get(e, 0), e[0], str(e[1])))}
        return chosen

    def _enumerated(self, forced: Circuit) -> Circuit | None:
        """Go through all choices, by name, except those that cannot be the best; None when there are too many."""
        elements = [element for element in self.weights if element not in forced]
        behind = np.cumsum([0, *(self.weights[element] for element in reversed(elements))])[::-1].tolist()
        # One less than a safe choice has, so that ties with it are decided by name as well.
        best_weight = self.weight(self._safe(forced | set(elements), forced)) - 1
        best: Circuit | None = None
        stack: list[tuple[int, Circuit, int]] = [(0, forced, self.weight(forced))]
        steps = 0
        while stack:
            steps += 1
            if steps > STEPS:
                return None
            place, kept, weight = stack.pop()
            if weight + behind[place] <= best_weight or any(circuit <= kept for circuit in self.circuits):
                continue
            if place < len(elements):
                element = elements[place]
                stack.append((place + 1, kept, weight))
                stack.append((place + 1, kept | {element}, weight + self.weights[element]))
            elif not self.violated(kept):
                best, best_weight = kept, weight
        return best

    def _programmed(self, forced: Circuit) -> tuple[Circuit, int]:
        """Solve integer programmes under the circuits known, until the solution is safe."""
        programme = _Programme(self.attributes, self.cells, self.weights, self.minimum, forced)
        bound = self.weight(self.weights)
        kept = forced
        for _ in range(ROUNDS):
            kept, bound = programme.solve(self.circuits)
            # With the units the sets are finer, so what is safe with them is safe; and it is decided faster.
            if not self.violated(kept | self._near_units(kept)) or not self.violated(kept):
                return kept, bound
        kept = self._safe(kept, forced)
        for element in sorted(self.weights, key=lambda e: (-self.weights[e], e[0], str(e[1])))[: 4 * ROUNDS]:
            wider = kept | {element}
            if element not in kept and not any(c <= wider for c in self.circuits) and not self.violated(wider):
                kept = wider
        return kept, bound

    def units(self, kept: Circuit) -> Circuit:
        """Choose the units that hold what is merged: the nearest at which the merged people are enough."""
        chosen = set(self._near_units(kept))
        while circuits := self.violated(kept | chosen):
            before = len(chosen)
            for circuit in circuits:
                units = [element for element in circuit if element in chosen]
                if units:
                    chosen.discard(min(units, key=lambda element: str(element[1])))
            if len(chosen) == before:
                chosen.clear()  # only undecided circuits without a unit lead here
        return Circuit(chosen)

    def _near_units(self, kept: Circuit) -> Circuit:
        """Choose the units of every attribute by itself."""
        return Circuit().union(*(self._units(number, item, kept) for number, item in enumerate(self.attributes)))

    def _units(self, number: int, item: Attribute, kept: Circuit) -> set[Element]:
        above: dict[str, str | None] = {}
        depth: dict[str, int] = {}
        rest: dict[str | None, list[int]] = {None: []}
        for position, path in enumerate(item.paths):
            for place, unit in enumerate(path):
                above[unit] = path[place + 1] if place + 1 < len(path) else None
                depth[unit] = len(path) - place
                rest.setdefault(unit, [])
            if (number, position) not in kept:
                rest[path[0] if path else None].append(position)

        def few(labels: list[int]) -> bool:
            count = item.counts[labels].sum(axis=0)
            return bool(((count > 0) & (count < self.minimum)).any() or self._told_of_few(number, labels))

        holding: set[str] = set()
        for unit in sorted(above, key=lambda unit: (-depth[unit], unit)):
            if item.counts[rest[unit]].any() and not few(rest[unit]):
                holding.add(unit)
            else:
                rest[above[unit]] += rest[unit]

        def outermost(unit: str) -> bool:
            over = above[unit]
            while over is not None and over not in holding:
                over = above[over]
            return over is None

        while holding and few(rest[None]):
            given_up = min(filter(outermost, holding), key=lambda unit: (int(item.counts[rest[unit]].sum()), unit))
            holding.remove(given_up)
            rest[None] += rest[given_up]
        return {(number, unit) for unit in holding}

    # why

    def reasons(self, kept: Circuit, layers: Sequence[tuple[str, str]]) -> dict[Element, str]:
        """Say of each label that does not stay why; a layer is what people did in it, and its wave."""
        labels = Circuit(element for element in kept if isinstance(element[1], int))
        return {
            (number, position): self._reason_itself(number, position, layers) or self._reason(number, position, labels)
            for number, item in enumerate(self.attributes)
            for position in range(len(item.labels))
            if (number, position) not in kept
        }

    def _reason_itself(self, number: int, position: int, layers: Sequence[tuple[str, str]]) -> str:
        """Say why a label cannot stay whatever else does; empty when it could."""
        item = self.attributes[number]
        count = item.counts[position]
        small = [layer for layer, people in zip(layers, count, strict=True) if 0 < people < self.minimum]
        if small:
            waves = ", ".join(wave for did, wave in small if did == small[0][0])
            return f"fewer than {self.fewest} {small[0][0]} {waves}".strip()
        if silent := [layers[said][1] for said, asked in item.waves if count[asked] and not count[said]]:
            return f"nobody answered in {', '.join(silent)}"
        if not item.weights[position]:
            return "nobody answered"
        about = self._told_of_few(number, [position])
        if not about or not self.rated:
            return ""
        few = [layer for layer in about if len(self.rated.held(number, layer, position)) < self.rated.fewest]
        words = f"about fewer than {self.rated.fewest}" if few else f"over {100 * DOMINANT:.0f} % about one of the"
        return f"answers are {words} {self.rated.whom} in {', '.join(layers[layer][1] for layer in few or about)}"

    def _reason(self, number: int, position: int, labels: Circuit) -> str:
        """Say why a label that could stay by itself does not stay beside others."""
        element = (number, position)
        exact = sum(len(item.labels) for item in self.attributes) <= EXPLAINED
        if exact and not any(element in c and c <= labels | {element} for c in self.circuits):
            self.violated(labels | {element})
        circuits = [c for c in self.circuits if element in c and c <= labels | {element}]
        if exact and circuits and circuits[0] in self._silent(self.groups(labels | {element})):
            return "merged with a group of which nobody answered in a wave"
        others = sorted({a for c in circuits[:1] for a, _ in c if a != number})
        beside = " and ".join(self.attributes[a].name for a in others)
        if self.rated and circuits and circuits[0] in self.about_few:
            few = f"about fewer than {self.rated.fewest} {self.rated.whom}, or over {100 * DOMINANT:.0f} % about one"
            return (
                f"beside the groups of {beside} answers left over would be {few}"
                if others
                else (f"without it the answers left over would be {few}")
            )
        few = f"fewer than {self.fewest} people"
        return (
            f"beside the groups of {beside} it would single out {few}"
            if others
            else (f"without it {few} would be left over")
        )


def _finest(codes: dict[int, np.ndarray]) -> list[int]:
    """Leave out divisions that follow from a finer one, as departments do from teams; the most groups come first."""
    sizes = {number: len(np.unique(code)) for number, code in codes.items()}
    finest: list[int] = []
    for number in sorted(codes, key=lambda number: (-sizes[number], number)):
        follows = any(
            len(_kinds(np.column_stack([codes[finer], codes[number]]))[0]) == sizes[finer] for finer in finest
        )
        if not follows:
            finest.append(number)
    return finest


def _kinds(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different rows of a table of small whole numbers, and which of them each row is."""
    kind = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        kind = np.unique(kind * (int(column.max()) + 1) + column, return_inverse=True)[1]
    first = np.unique(kind, return_index=True)[1]
    return rows[first], kind


def _within(attributes: list[Attribute], cells: np.ndarray, number: int, other: int) -> list[tuple[int, int]]:
    """Return the labels of an attribute that lie wholly within one of another, and it; both only if they may stay."""
    pairs, _ = _kinds(cells[:, [1 + number, 1 + other]])
    labels, first, times = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    held = zip(labels[times == 1].tolist(), pairs[first[times == 1], 1].tolist(), strict=True)
    narrow, wide = attributes[number].possible, attributes[other].possible
    return [(label, holder) for label, holder in held if narrow[label] and wide[holder]]


class _Programme:
    """The integer programme: which labels stay, under the rules that can be written down at once and the circuits met.

    With :math:`x` the labels that stay (0 or 1) and :math:`z` a switch per attribute and layer, the rest
    :math:`R = N - \\sum n x` is empty or large: :math:`kz \\le R \\le Nz`. Within a label :math:`D` of another
    attribute the same holds where :math:`D` stays: :math:`kz - k(1 - x_D) \\le R_D \\le n_D (z + 1 - x_D)`.
    """

    def __init__(
        self,
        attributes: list[Attribute],
        cells: np.ndarray,
        weights: dict[Element, int],
        minimum: int,
        forced: Circuit,
    ) -> None:
        self.elements = list(weights)
        self.place = {element: place for place, element in enumerate(self.elements)}
        self.weights = np.array(list(weights.values()), dtype=float)
        self.forced = forced
        self.rows: list[dict[int, float]] = []
        self.limits: list[float] = []
        self.size = len(self.elements)
        for number, item in enumerate(attributes):
            inside = [(self.place[number, p], item.counts[p]) for p in range(len(item.labels)) if item.possible[p]]
            self._rest(inside, item.counts.sum(axis=0), None, minimum)
        for number, item in enumerate(attributes):
            for other in range(len(attributes)):
                if other != number:
                    self._within(number, item, other, attributes[other], cells, minimum)

    def _within(
        self, number: int, item: Attribute, other: int, wider: Attribute, cells: np.ndarray, minimum: int
    ) -> None:
        holders: dict[int, list[int]] = {}
        for label, holder in _within([item, wider], cells[:, [0, 1 + number, 1 + other]], 0, 1):
            holders.setdefault(holder, []).append(label)
        for holder, members in sorted(holders.items()):
            inside = [(self.place[number, label], item.counts[label]) for label in members]
            self._rest(inside, wider.counts[holder], self.place[other, holder], minimum)

    def _rest(self, inside: list[tuple[int, np.ndarray]], total: np.ndarray, holder: int | None, minimum: int) -> None:
        """Add the rule on what is left of a whole, for every layer."""
        for layer, whole in enumerate(total.tolist()):
            row = {place: float(count[layer]) for place, count in inside if count[layer]}
            if not row or not whole:
                continue
            switch = self.size
            self.size += 1
            free = 0 if holder is None else 1
            # k z + Σ n x <= N + k (1 - x_D), and N - Σ n x <= N (z + 1 - x_D)
            low = {**row, switch: float(minimum)}
            high = {place: -count for place, count in row.items()} | {switch: -float(whole)}
            if holder is not None:
                low[holder] = low.get(holder, 0.0) + minimum
                high[holder] = high.get(holder, 0.0) + whole
            self.rows += [low, high]
            self.limits += [float(whole + free * minimum), float(free * whole - whole)]

    def solve(self, circuits: list[Circuit]) -> tuple[Circuit, int]:
        """Return the best choice, and the bound that the solver proves."""
        rows, limits = list(self.rows), list(self.limits)
        for circuit in circuits:
            if all(element in self.place for element in circuit):
                rows.append({self.place[element]: 1.0 for element in circuit})
                limits.append(len(circuit) - 1.0)
        cost = np.zeros(self.size)
        cost[: len(self.elements)] = -self.weights
        lower = np.zeros(self.size)
        lower[[self.place[element] for element in self.forced]] = 1
        entries = [(i, j, value) for i, row in enumerate(rows) for j, value in row.items()]
        i, j, values = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
        matrix = coo_array((values, (i, j)), shape=(max(len(rows), 1), self.size)).tocsr()
        solution = milp(
            cost,
            integrality=np.ones(self.size),
            bounds=Bounds(lower, np.ones(self.size)),
            constraints=LinearConstraint(matrix, -np.inf, np.array(limits or [0.0])),
            options={"mip_rel_gap": 1e-6, "node_limit": 2000},
        )
        if solution.x is None:
            return self.forced, int(self.weights.sum())
        kept = Circuit(element for place, element in enumerate(self.elements) if solution.x[place] > 0.5)
        return kept, int(np.floor(-solution.mip_dual_bound + 1e-3))
