"""Who answered is told of groups only so far that nobody who did not answer can be named.

Whoever holds a staff directory knows how many were invited in every group; a number of answers is then a response
rate, and the rates of departments, locations and levels together are a system of equations for single people.

A group is *told* (its rate, and its number from 30 on) when

1. at least ``minimum`` of it answered and at least ``minimum`` did not;
2. for each attribute the same holds of all groups together that are not told, whose sum follows from the total;
3. all numbers told and all bands together, as one integer programme with everybody's attributes known, leave it open
   of every single person whether they answered.

Every other group's number is told as a band (:mod:`helpers.privacy.bands`), or as a lower bound where the band would
say that all answered (20–29 of 20 invited); where even the bands name somebody, as "5 or more".

Notes
-----
*Rule 3.* People of one side and wave who have the same labels are of one type; nothing published tells them apart. So
a person who did not answer is only determined where nobody of their type may have answered. With :math:`t_j` answers
among the :math:`N_j` people of type :math:`j`, and :math:`l_g` and :math:`u_g` the limits published of group :math:`g`,
the programme looks for integers

.. math:: 0 \\le t_j \\le N_j, \\qquad l_g \\le \\sum_{j \\in g} t_j \\le u_g

with as many types above zero as possible, until no further type can be raised. What remains at zero is determined, and
the smallest group told that holds it is told no more.

References
----------
Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear constraints.
*Management Science*, 47(7), 1008–1027.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, eye_array, hstack

from .bands import BANDS, EXACT_FROM, at_least, band, or_more

#: Seconds after which what has not been shown to be safe counts as determined.
SECONDS = 5.0


class Detail(IntEnum):
    """How exactly a number of answering people is told, the most exact last."""

    LEAST = 0
    BAND = 1
    TOLD = 2


class Key(NamedTuple):
    """A group of the roster; attribute and label are empty where it is a whole side."""

    wave: str
    side: str
    attribute: str = ""
    label: str = ""


@dataclass(frozen=True)
class Group:
    """A group of people invited to a wave.

    Attributes
    ----------
    invited, answered : int
        Distinct people.
    detail : Detail
        How exactly the number of those who answered may be told.
    """

    invited: int
    answered: int
    detail: Detail


@dataclass(frozen=True)
class Participation:
    """What may be told of who answered.

    Attributes
    ----------
    minimum : int
        Fewest people of whom anything may be told.
    groups : mapping of Key to Group
        Every side in every wave, and its groups by each attribute.
    """

    minimum: int
    groups: Mapping[Key, Group]

    @classmethod
    def of(cls, roster: pd.DataFrame | None, attributes: Sequence[str], minimum: int) -> Participation:
        """Decide for every group of a roster how exactly it may be told who answered.

        Parameters
        ----------
        roster : pandas.DataFrame or None
            One row per person invited and wave: ``person_id``, ``wave``, ``side``, ``responded`` and the attributes, as
            :meth:`helpers.data.Study.roster` gives it. None: nobody knows who was invited.
        attributes : sequence of str
            Those by which anything may be published.
        minimum : int
            The study's ``min_group``.

        Returns
        -------
        Participation
            Without groups where there is no roster.
        """
        groups: dict[Key, Group] = {}
        if roster is not None:
            known = [name for name in attributes if name in roster]
            for (wave, side), rows in roster.groupby(["wave", "side"], sort=False):
                part = _Part(rows, known, minimum)
                part.protect()
                groups |= {
                    Key(str(wave), str(side), *name): Group(int(part.invited[at]), int(part.answered[at]), detail)
                    for at, (name, detail) in enumerate(zip(part.names, part.details, strict=True))
                }
        return cls(minimum, groups)

    def told(self, wave: str, side: str, attribute: str = "", label: str = "") -> bool:
        """Say whether the response rate of a group may be told.

        Parameters
        ----------
        wave, side, attribute, label : str
            The group; without an attribute the whole side.

        Returns
        -------
        bool
            False for a group that the roster does not have.
        """
        group = self.groups.get(Key(wave, side, attribute, label))
        return group is not None and group.detail == Detail.TOLD

    def attributes_told(self, wave: str, side: str) -> list[str]:
        """Return the attributes all of whose groups may be told, so that answers may be weighted to them.

        Parameters
        ----------
        wave, side : str
            Of which side in which wave.

        Returns
        -------
        list of str
            In the order of the study; none where the side as a whole may not be told.
        """
        found: dict[str, bool] = {}
        for key, group in self.groups.items():
            if (key.wave, key.side) == (wave, side) and key.attribute:
                found[key.attribute] = found.get(key.attribute, True) and group.detail == Detail.TOLD
        return [name for name, told in found.items() if told and self.told(wave, side)]

    def words(self, count: int, about: Mapping[str, object]) -> int | str:
        """Return a number of answering people as it may be published.

        Parameters
        ----------
        count : int
            Distinct people who answered, or what counts with them (answer sheets, clusters).
        about : mapping
            What is known of whom it counts: ``wave``, ``side`` and attributes. Where something is missing, the
            group it may be that allows least decides.

        Returns
        -------
        int or str
            The number; or words where the roster is known and the number is below 30 or would tell who did not answer.
        """
        if not self.groups:
            return count
        near = self._may_be(count, about)
        if not count and any(group.answered for group in near):
            return 0  # of something else than answers, such as people rated
        detail = min((group.detail for group in near), default=Detail.TOLD)
        if detail == Detail.LEAST and count >= self.minimum:
            return or_more(self.minimum)
        if count < EXACT_FROM:
            whole = _says_all(count, [one.invited for one in near], self.minimum)
            return or_more(max(count - self.minimum, self.minimum)) if whole else band(count)
        if detail == Detail.TOLD:
            return count
        # A lower bound that leaves open whether all answered.
        fewest = min((one.invited for one in near if one.detail != Detail.TOLD and one.invited >= count), default=0)
        return or_more(min(count, max(fewest - self.minimum, 1)) if fewest else count)

    def _may_be(self, count: int, about: Mapping[str, object]) -> list[Group]:
        """Return the groups whom a number may be about: all of one side, or both sides together."""
        wave, side = (_known(about.get(name), self._values(name)) for name in ("wave", "side"))
        attributes = {key.attribute for key in self.groups if key.attribute}
        labels = {name: str(about[name]) for name in attributes if _present(about.get(name))}
        found = {
            key: group
            for key, group in self.groups.items()
            if wave in ("", key.wave) and side in ("", key.side) and labels.get(key.attribute, "") == key.label
            and (bool(key.attribute) or not labels)
        }  # fmt: skip
        near = list(found.values())
        if not side and not labels:
            by_wave: dict[str, list[Group]] = {}
            for key, group in found.items():
                by_wave.setdefault(key.wave, []).append(group)
            near += [
                Group(sum(one.invited for one in sides), sum(one.answered for one in sides),
                      min(one.detail for one in sides))
                for sides in by_wave.values() if len(sides) > 1
            ]  # fmt: skip
        return [group for group in near if group.invited >= count] or near

    def _values(self, name: str) -> set[str]:
        return {getattr(key, name) for key in self.groups}


def safe_model(
    roster: pd.DataFrame, attributes: Sequence[str], participation: Participation
) -> tuple[pd.DataFrame, list[str]]:
    """Choose what a model of having answered may hold, whose terms give back the rates of its groups.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person and wave of one side, as for :meth:`Participation.of`.
    attributes : sequence of str
        Those that may enter.
    participation : Participation
        What else is told of the same people.

    Returns
    -------
    tuple of pandas.DataFrame and list of str
        The rows of the waves whose rates may be told, and the attributes. The attribute with most groups goes first
        where all together would name somebody.

    Notes
    -----
    The estimates of a logistic regression reproduce, of every term, how many of its rows answered. So the model tells
    these sums over all waves in it, of which at least ``minimum`` people must have answered and as many must not.
    """
    minimum = participation.minimum
    named = zip(roster["wave"].astype(str), roster["side"].astype(str), strict=True)
    kept = [participation.told(wave, side) for wave, side in named]
    rows = roster[np.array(kept, dtype=bool)]
    chosen = [name for name in attributes if name in rows and rows[name].nunique() > 1 and _enough(rows, name, minimum)]
    while chosen and not _nobody_determined(rows, chosen, participation):
        chosen.remove(max(chosen, key=lambda name: rows[name].nunique()))
    return rows, chosen


def _enough(rows: pd.DataFrame, attribute: str, minimum: int) -> bool:
    """Say whether in every group enough people answered and enough did not, over all waves."""
    answered = rows["responded"].astype(bool)
    labels = rows[attribute].astype(object).where(rows[attribute].notna(), "")
    parts = [rows.loc[chosen & (labels == label), "person_id"] for label in set(labels)
             for chosen in (answered, ~answered)]  # fmt: skip
    return all(people.nunique() >= minimum for people in parts)


def _nobody_determined(rows: pd.DataFrame, chosen: list[str], participation: Participation) -> bool:
    """Solve what a model tells over all waves together with what is told of each wave."""
    names = list(dict.fromkeys(key.attribute for key in participation.groups if key.attribute in rows))
    types = _types(rows, ["wave", "side", *names])
    members, low, high = [], [], []

    def limit(inside: pd.Series, fewest: int, most: int) -> None:
        members.append(inside.to_numpy(bool))
        low.append(fewest)
        high.append(most)

    for key, group in participation.groups.items():
        inside = (types["wave"] == key.wave) & (types["side"] == key.side)
        inside &= types[key.attribute] == key.label if key.attribute else True
        if inside.any():
            limit(inside, *_limits(group, participation.minimum))
    for name in chosen:
        for label in set(types[name]) - {""}:
            inside = types[name] == label
            answered = int(types.loc[inside, "answered"].sum())
            limit(inside, answered, answered)
    return not _determined(types, csr_array(np.array(members, float)), np.array(low), np.array(high)).any()


def _present(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _known(value: object, among: Collection[str]) -> str:
    return value if isinstance(value, str) and value in among else ""


def _says_all(count: int, invited: Sequence[int], minimum: int) -> bool:
    """Tell whether the band of a number says that everybody answered: 20–29 of 20 invited.

    Of a group of ``minimum`` that is shown at all, everybody knows as much.
    """
    return count > minimum and at_least(band(count)) in invited


def _limits(group: Group, minimum: int) -> tuple[int, int]:
    """Return the fewest and most answering people that what is told of a group allows."""
    if group.detail == Detail.TOLD:
        return group.answered, group.answered
    if group.answered < minimum:
        return 0, min(minimum - 1, group.invited)
    if group.detail == Detail.LEAST:
        return minimum, group.invited
    if group.answered >= EXACT_FROM:
        return min(group.answered, max(group.invited - minimum, 1)), group.invited
    if _says_all(group.answered, [group.invited], minimum):
        return max(group.answered - minimum, minimum), group.invited
    low, high = next((low, high) for low, high in BANDS if low <= group.answered <= high)
    return low, min(high, group.invited)


def _types(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Count the people of each type: the keys as texts, invited, answered."""
    texts = {name: rows[name].astype(object).where(rows[name].notna(), "").map(str) for name in keys}
    table = pd.DataFrame(texts, index=rows.index).assign(
        answered=rows["responded"].fillna(False).astype(int), invited=1
    )
    if not keys:
        return table.sum().to_frame().T
    return table.groupby(list(keys), sort=False).sum().reset_index()


def _determined(types: pd.DataFrame, inside: csr_array, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Tell of which types it follows that nobody answered.

    Parameters
    ----------
    types : pandas.DataFrame
        What :func:`_types` returns.
    inside : scipy.sparse.csr_array
        Groups x types: 1 where the group holds the type.
    low, high : numpy.ndarray
        Fewest and most answers that are published of each group.

    Returns
    -------
    numpy.ndarray
        By type; also True where this could not be decided in time.
    """
    unsure = (types["answered"].to_numpy() == 0) & ~_exchangeable(types, inside, low, high)
    if unsure.any():
        unsure &= ~_exchangeable_in_pairs(types)
    until = time.monotonic() + SECONDS
    while unsure.any() and (left := until - time.monotonic()) > 0:
        raised = _raised(types["invited"].to_numpy(), inside, low, high, np.flatnonzero(unsure), left)
        if not raised.size:
            break
        unsure[raised] = False
    return unsure


def _exchangeable(types: pd.DataFrame, inside: csr_array, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Tell of which types one more may have answered, alone or in place of one other who did; quick, not exhaustive."""
    answered = types["answered"].to_numpy()
    sums = inside @ answered
    exact = low == high
    room = ((sums >= high) & ~exact) @ inside == 0
    spare = (answered > 0) & (((sums <= low) & ~exact) @ inside == 0)
    within = inside[exact].tocsc()
    signature = np.full((len(types), int(np.diff(within.indptr).max(initial=0))), -1)
    place = np.arange(within.nnz) - np.repeat(within.indptr[:-1], np.diff(within.indptr))
    signature[np.repeat(np.arange(len(types)), np.diff(within.indptr)), place] = within.indices
    _, alike = np.unique(signature, axis=0, return_inverse=True)
    free = np.diff(within.indptr) == 0
    return room & (free | (np.bincount(alike, spare) > 0)[alike])


def _exchangeable_in_pairs(types: pd.DataFrame) -> np.ndarray:
    """Tell of which types one more may have answered when two pairs of people exchange; quick, not exhaustive.

    With (unit, rest) the labels of a type: somebody of (u, S) may have answered in place of (u, R), if in another unit
    (v, R) did in place of (v, S). Then no sum of any label has changed.
    """
    keys = [name for name in types if name not in ("answered", "invited")]
    if len(keys) < 2:
        return np.zeros(len(types), bool)
    unit = max((name for name in keys if name != "wave"), key=lambda name: types[name].nunique())
    rest = types.groupby([name for name in keys if name != unit], sort=False).ngroup().to_numpy()
    place = (pd.factorize(types[unit])[0], rest)
    answered, invited = types["answered"].to_numpy(), types["invited"].to_numpy()
    heard, silent = (csr_array((np.where(yes, 1.0, 0.0), place)) for yes in (answered > 0, answered < invited))
    partners = (silent.T @ heard).tocoo()  # R x S: units in which somebody of R is silent and somebody of S answered
    if "wave" in keys:
        wave = types["wave"].groupby(rest).first().to_numpy()
        same = wave[partners.row] == wave[partners.col]
        partners = coo_array((partners.data * same, (partners.row, partners.col)), shape=partners.shape)
    return np.asarray((heard @ partners.tocsr()).tocsr()[place] > 0).ravel()


def _raised(
    invited: np.ndarray, inside: csr_array, low: np.ndarray, high: np.ndarray, types: np.ndarray, seconds: float
) -> np.ndarray:
    """Return those of the types that may all have answers at once, as many as can be."""
    size, extra = len(invited), len(types)
    groups = hstack([inside, csr_array((len(low), extra))], format="csr")
    # A mark is at most 1 and at most the number of answers of its type.
    picks = csr_array((np.ones(extra), (np.arange(extra), types)), shape=(extra, size))
    result = milp(
        np.r_[np.zeros(size), -np.ones(extra)],
        constraints=[
            LinearConstraint(groups, low, high),
            LinearConstraint(hstack([picks, -eye_array(extra)], format="csr"), 0, np.inf),
        ],
        bounds=Bounds(0, np.r_[invited, np.ones(extra)]),
        integrality=np.ones(size + extra),
        options={"time_limit": seconds, "mip_rel_gap": 0.5},
    )
    return types[result.x[size:] > 0.5] if result.x is not None else types[:0]


class _Part:
    """One side in one wave."""

    def __init__(self, rows: pd.DataFrame, attributes: Sequence[str], minimum: int) -> None:
        self.minimum = minimum
        self.types = _types(rows.drop_duplicates("person_id"), attributes)
        self.names = [("", "")]
        members = [(np.zeros(len(self.types), int), np.arange(len(self.types)))]
        for name in attributes:
            codes, labels = pd.factorize(self.types[name].where(self.types[name] != ""), sort=True)
            members.append((codes[codes >= 0] + len(self.names), np.flatnonzero(codes >= 0)))
            self.names += [(name, str(label)) for label in labels]
        groups, types = (np.concatenate(part) for part in zip(*members, strict=True))
        self.inside = csr_array((np.ones(len(groups)), (groups, types)), shape=(len(self.names), len(self.types)))
        self.invited, self.answered = (
            (self.inside @ self.types[name].to_numpy()).astype(int) for name in ("invited", "answered")
        )
        self.details = [
            Detail.TOLD if min(yes, every - yes) >= minimum else Detail.BAND
            for every, yes in zip(self.invited, self.answered, strict=True)
        ]

    def protect(self) -> None:
        """Tell less, the smallest groups first, until nobody is determined."""
        while True:
            self._complete()
            groups = [Group(*each) for each in zip(self.invited, self.answered, self.details, strict=True)]
            low, high = np.array([_limits(group, self.minimum) for group in groups]).T
            begin = time.monotonic()
            held = self.inside @ _determined(self.types, self.inside, low, high) > 0
            at_risk = [at for at in np.flatnonzero(held) if self.details[at] > Detail.LEAST]
            if not at_risk:
                return
            most = max(self.details[at] for at in at_risk)
            at_risk = [at for at in at_risk if self.details[at] == most]
            smallest = min(at_risk, key=lambda at: self.invited[at])
            undecided = time.monotonic() - begin > SECONDS
            for at in at_risk:  # where time was too short, a whole attribute at once
                if at == smallest or (undecided and self.names[at][0] == self.names[smallest][0]):
                    self.details[at] = Detail(most - 1)

    def _complete(self) -> None:
        """Let the groups that are not told hold enough people together, for their sum follows from the total."""
        for name in dict.fromkeys(name for name, _ in self.names if name):
            own = [at for at, (attribute, _) in enumerate(self.names) if attribute == name]
            while self.details[0] == Detail.TOLD:
                told = [at for at in own if self.details[at] == Detail.TOLD]
                every = self.invited[0] - self.invited[told].sum()
                yes = self.answered[0] - self.answered[told].sum()
                if not every or not told or min(yes, every - yes) >= self.minimum:
                    break
                smallest = min(told, key=lambda at: self.invited[at])
                self.details[smallest] = Detail.BAND
