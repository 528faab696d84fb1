"""The release plan: which groups of people are published, merged so that none singles out a few.

Small groups are merged, not hidden. The plan is made once per study, from who answered and never from what was
answered, and every analysis gets the merged labels. No statistic of any kind is then a function of a group that is
not shown.

Notes
-----
*Which sets are published.* For one side and one wave: the side's total, and of every attribute the groups after
merging; once of those who answered, once of those invited (response rates, models of answering, margins of weights).
Different waves, and different questions, are different values and therefore never combine.

*What is safe.* With :math:`k` = ``min_group``, no set of 1 to :math:`k-1` answering people has an indicator in the row
space of these sets (:mod:`helpers.privacy.row_space` decides that exactly). This contains the other rules. A published
group is itself in the row space, so in every wave in which anyone of it answered, at least :math:`k` did, and at least
as many were invited. Nor is there a group of which people were invited and nobody answered: of all of them it would be
known. Where one published set contains another, their difference is in the row space, so it is empty or
has at least :math:`k`. Sets that merely overlap are free. Statements that pool waves need no rule of their own: a
combination that singled out few people over all waves would single them or some of them out in a wave in which they
answered. Statements about a narrower population (those who answered in both of two waves) are not covered by the plan;
whoever publishes them has to check them.

*Whom answers are about.* Twelve managers who answer about one HR partner describe that one person. In every wave each
published group is therefore about at least ``min_rated`` people, and not over 80 % of its answers are about one; nor
does a set in the row space tell of fewer. Groups that fail only this are merged like small ones. A sheet that does not
say whom it is about counts as about nobody where others of its side and wave do say it. Where a side as a whole is
about too few people in a wave, no merging helps; the plan says so, and what would be published of that wave is hidden.

*Openings.* Groups of openings tell of hiring managers, and one manager may have openings in several groups. A manager
whose openings are of :math:`c` kinds counts as about :math:`1/c` in each. The shares over any set of openings add up to
no more than the managers behind it, so a set that counts :math:`k` has at least :math:`k` managers. This never errs on
the unsafe side; where managers hire for many kinds of openings it merges more than it must.

*The best plan* is found in :mod:`helpers.privacy.choice`, which states what is maximised and how.

*Where a merged label goes.* To the nearest unit above it at which the merged people are enough (parents of any depth),
else to "Other …". The units are added after the labels are chosen and never cost one.

References
----------
Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. & de Wolf, P.-P.
(2012). *Statistical Disclosure Control*. Wiley. Sections 3.2 (global recoding) and 4.3 (linked tables).
Willenborg, L. & de Waal, T. (2001). *Elements of Statistical Disclosure Control*. Springer. Chapters 1 and 5 (global
recoding, chosen to lose least).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.columns import side_label, told_of

from .choice import About, Attribute, Circuit, Element, Groups, Search
from .rated import MIN_RATED

#: The group of those whose attribute is missing; merged or left out like any other.
NOT_RECORDED = "not recorded"
#: The side that openings make. What is said of them tells of their hiring managers.
OPENINGS = "openings"
#: Parts into which a manager with openings of several kinds is divided, at least.
SHARES = 6


@dataclass(frozen=True)
class Steer:
    """What a consultant asks of one attribute (``merge:`` in study.yaml).

    Attributes
    ----------
    together : mapping of str to sequence of str
        Name of a group, and the labels to merge in it.
    keep : sequence of str
        Labels to keep before all others, in order of importance, where that is safe.
    """

    together: Mapping[str, Sequence[str]] = field(default_factory=dict)
    keep: Sequence[str] = ()


@dataclass(frozen=True)
class MergedGroup:
    """A published group of several labels.

    Attributes
    ----------
    label : str
        Its published name.
    reasons : mapping of str to str
        Each label in it, and in words why it does not stand by itself.
    """

    label: str
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class AttributePlan:
    """How one attribute is published for one side.

    Attributes
    ----------
    labels : mapping of str to str
        Label in the data → published label; empty when the attribute is left out.
    groups : tuple of str
        Published labels with answering people, by name.
    merged : tuple of MergedGroup
        The groups of several labels.
    kept, respondents : int
        Answering people, once per wave, who keep their own label; and all. Of openings: openings.
    left_out : str
        Empty, or the sentence that says why the attribute is not published for this side.
    recorded : bool
        Whether anybody of this side has a label; without any the attribute is left out.
    notes : tuple of str
        Sentences on what was asked for and could not be done.
    """

    labels: Mapping[str, str]
    groups: tuple[str, ...]
    merged: tuple[MergedGroup, ...]
    kept: int
    respondents: int
    left_out: str = ""
    recorded: bool = True
    notes: tuple[str, ...] = ()

    @property
    def share_kept(self) -> float:
        """Share of respondents who keep their own label, 0 to 1."""
        return self.kept / self.respondents if self.respondents else 0.0


@dataclass(frozen=True)
class SidePlan:
    """The plan of one side.

    Attributes
    ----------
    waves : tuple of str
        Waves in which at least ``min_group`` answered; nothing of this side is published of another.
        Openings have none.
    too_few : str
        Empty, or why nothing is published of this side alone.
    attributes : mapping of str to AttributePlan
        All attributes, also those left out.
    objective : int
        Person-attributes (answering people once per wave and attribute) that keep their label; a group that the
        consultant named counts as a label.
    bound : int
        No safe plan keeps more than this. Equal to the objective when the plan is proved to be the best.
    min_rated : int
        Fewest people whom the answers of a group are about; 1 where that is not asked for.
    about_few : tuple of str
        Waves in which the side as a whole is about fewer, or nearly all of it about one of them.
    """

    waves: tuple[str, ...]
    too_few: str
    attributes: Mapping[str, AttributePlan]
    objective: int
    bound: int
    min_rated: int = 1
    about_few: tuple[str, ...] = ()

    @property
    def share_kept(self) -> float:
        """Share of person-attributes that keep their own label, 0 to 1; attributes nobody has do not count."""
        recorded = [item for item in self.attributes.values() if item.recorded]
        people = sum(item.respondents for item in recorded)
        return sum(item.kept for item in recorded) / people if people else 0.0

    @property
    def gap(self) -> float:
        """Share of the bound that the plan may fall short of the best one, 0 to 1."""
        return (self.bound - self.objective) / self.bound if self.bound else 0.0


@dataclass(frozen=True)
class Plan:
    """Which groups are published of whom.

    Attributes
    ----------
    min_group : int
        Fewest people that anything published may single out.
    sides : mapping of str to SidePlan
        By side, in order of name.
    """

    min_group: int
    sides: Mapping[str, SidePlan]

    def labels(self, attribute: str, side: str | Collection[str]) -> dict[str, str] | None:
        """Return label → published label of an attribute.

        Parameters
        ----------
        attribute : str
            One of the plan's attributes.
        side : str or collection of str
            One side; or several sides that are compared, which gives the finest groups that are safe in all of them:
            labels merged on any of the sides are merged on all.

        Returns
        -------
        dict or None
            None when the attribute is left out on a side, or nothing but one group of several labels remains.

        Raises
        ------
        ValueError
            When the plan knows no such side or attribute.
        """
        names = [side] if isinstance(side, str) else sorted(set(side))
        for name in names:
            if attribute not in self._attributes([name]):
                raise ValueError(f"the release plan knows no attribute {attribute!r} of {name}")
        plans = [self.sides[name].attributes[attribute] for name in names]
        if any(plan.left_out for plan in plans):
            return None
        if len(plans) == 1:
            return dict(plans[0].labels)
        joined: dict[str, set[str]] = {}
        for plan in plans:
            for members in _by_group(plan.labels).values():
                together = set(members).union(*(joined.get(label, ()) for label in members))
                joined |= dict.fromkeys(together, together)
        return _joined_names(attribute, joined, plans)

    def apply(self, frame: pd.DataFrame, side: str | Collection[str]) -> pd.DataFrame:
        """Give the rows of one side, or of sides that are compared, the published labels.

        Parameters
        ----------
        frame : pandas.DataFrame
            Any table with columns named as the attributes; others stay as they are.
        side : str or collection of str
            As for :meth:`labels`.

        Returns
        -------
        pandas.DataFrame
            A copy. Columns of attributes that are left out are gone.

        Raises
        ------
        ValueError
            When the frame holds a label that the plan has not seen: it would be published unchecked.
        """
        result = frame.copy()
        for attribute in self._attributes([side] if isinstance(side, str) else side):
            labels = self.labels(attribute, side)
            if attribute not in frame:
                continue
            if labels is None:
                del result[attribute]
                continue
            texts = _texts(frame[attribute])
            unknown = sorted(set(texts) - set(labels))
            if unknown:
                raise ValueError(f"{attribute}: the release plan has not seen {', '.join(map(repr, unknown[:5]))}")
            result[attribute] = texts.map(labels).astype("str")
        return result

    def apply_each(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give every row the published labels of its own side.

        Parameters
        ----------
        frame : pandas.DataFrame
            Any table with ``side`` and columns named as the attributes.

        Returns
        -------
        pandas.DataFrame
            A copy with the same columns. An attribute that is left out of a side, or of a side that the plan does not
            know, is missing there.

        Raises
        ------
        ValueError
            As for :meth:`apply`.
        """
        names = [name for name in self._attributes(self.sides) if name in frame]
        result = frame.assign(**{name: pd.Series(None, index=frame.index, dtype="str") for name in names})
        for side, rows in frame.groupby("side"):
            if side in self.sides:
                labelled = self.apply(rows[names], str(side))
                result.loc[rows.index, list(labelled)] = labelled
        return result

    def compared(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give rows of several sides, which carry the published labels of their own, those in which all are compared.

        Parameters
        ----------
        frame : pandas.DataFrame
            As :meth:`apply_each` returns it.

        Returns
        -------
        pandas.DataFrame
            A copy in which an attribute has the finest groups that are safe in all sides there of which anything is
            published; where there are none, it is missing.
        """
        sides = [str(side) for side in frame["side"].unique() if side in self.sides and not self.sides[side].too_few]
        result = frame.copy()
        for attribute in self._attributes(sides) if len(sides) > 1 else []:
            if attribute not in frame:
                continue
            together = self.labels(attribute, sides)
            result[attribute] = pd.Series(None, index=frame.index, dtype="str")
            for side in sides if together else []:
                own = self.sides[side].attributes[attribute].labels
                names = {own[label]: group for label, group in (together or {}).items() if label in own}
                rows = frame["side"] == side
                result.loc[rows, attribute] = frame.loc[rows, attribute].map(names)
        return result

    def _attributes(self, sides: Collection[str]) -> list[str]:
        if unknown := sorted({*sides} - {*self.sides}):
            raise ValueError(f"the release plan knows no side {unknown[0]!r}; it has {', '.join(self.sides)}")
        return list(dict.fromkeys(name for side in sides for name in self.sides[side].attributes))


def release_plan(
    people: pd.DataFrame,
    attributes: Sequence[str],
    *,
    min_group: int,
    parents: Mapping[str, str | Mapping[str, str]] | None = None,
    merge: Mapping[str, Steer] | None = None,
    answered_only: Collection[str] = (),
    openings: pd.DataFrame | None = None,
    sheets: pd.DataFrame | None = None,
    min_rated: int | Mapping[str, int] = MIN_RATED,
) -> Plan:
    """Choose the groups to publish: as many as possible under their own label, none that singles out a few.

    Parameters
    ----------
    people : pandas.DataFrame
        One row per person, wave and side: ``person_id``, ``wave``, ``side``, ``responded`` (bool) and the attributes,
        as ``Study.roster`` gives; ``invited`` (bool) where somebody answered who was not. A missing label is the group
        "not recorded".
    attributes : sequence of str
        Columns by which people are divided; earlier ones win ties.
    min_group : int
        Fewest people of whom anything is said, at least 2.
    parents : mapping, optional
        For an attribute that holds units: each unit's parent (a mapping, of any depth), or the name of the column of
        ``people`` that holds the parent.
    merge : mapping of str to Steer, optional
        A consultant's instructions by attribute.
    answered_only : collection of str, optional
        Attributes that are known of those who answered and of nobody else, so that nothing is published by them of
        those invited.
    openings : pandas.DataFrame, optional
        One row per opening: ``person_id`` (the hiring manager) and the attributes of openings. They make a side of
        their own, :data:`OPENINGS`.
    sheets : pandas.DataFrame, optional
        One row per answer sheet of those people: ``person_id``, ``wave``, ``side`` and ``rated_id``, whom it is about.
    min_rated : int or mapping of str to int
        Fewest people whom the answers of a group may be about, or by side; 1 asks for nothing, and neither does it
        matter then how many of the answers are about one.

    Returns
    -------
    Plan
        The same for the same people in any order.

    Raises
    ------
    ValueError
        When a column is missing, somebody stands twice in a wave and side, parents form a circle or a unit has two,
        or an instruction names what does not exist.

    Examples
    --------
    >>> people = pd.DataFrame({
    ...     "person_id": range(30), "wave": "2026", "side": "manager", "responded": True,
    ...     "team": ["Sales"] * 14 + ["Production"] * 10 + ["Legal"] * 3 + ["Audit"] * 3})
    >>> plan = release_plan(people, ["team"], min_group=5)
    >>> plan.labels("team", "manager")
    {'Audit': 'Other team', 'Legal': 'Other team', 'Production': 'Production', 'Sales': 'Sales'}
    >>> plan.sides["manager"].share_kept
    0.8
    """
    attributes, steers = list(dict.fromkeys(attributes)), dict(merge or {})
    missing = [name for name in ("person_id", "wave", "side", "responded", *attributes) if name not in people]
    if missing:
        raise ValueError(f"the release plan needs the columns {', '.join(missing)}")
    if min_group < 2:
        raise ValueError("min_group must be at least 2")
    if people.duplicated(["person_id", "wave", "side"]).any():
        raise ValueError("the release plan needs one row per person, wave and side")
    openings = pd.DataFrame(columns=["person_id"]) if openings is None else openings
    of_openings = [str(name) for name in openings if name != "person_id"]
    everything = list(dict.fromkeys([*attributes, *of_openings]))
    for name in {*steers, *(parents or {})} - set(everything):
        raise ValueError(f"{name!r} is not an attribute of the study")
    table = people[["person_id", "wave", "side"]].astype({"wave": str, "side": str})
    table["responded"] = people["responded"].fillna(False).astype(bool)
    table["invited"] = people["invited"].astype(bool) if "invited" in people else True
    opened = openings[["person_id"]].copy()
    for name in everything:
        for frame, given, names in ((table, people, attributes), (opened, openings, of_openings)):
            if name in names:
                frame[name] = _texts(given[name])
    trees = {name: _tree(name, people, table, given) for name, given in (parents or {}).items()}
    named: dict[str, dict[str, str]] = {}
    taken: dict[str, set[str]] = {}
    for name in everything:
        frames = [frame for frame in (table, opened) if name in frame]
        known = {label for frame in frames for label in frame[name].unique()}
        named[name] = _named(name, known, steers.get(name, Steer()))
        trees[name] = _tree_of_named(trees.get(name, {}), named[name])
        for frame in frames:
            frame[name] = frame[name].replace(named[name])
        taken[name] = {*known, *named[name].values(), *trees[name], *trees[name].values()}

    drafts = {
        str(side): _of_people(
            rows, attributes, set(answered_only), trees, steers, min_group, _about(str(side), sheets, min_rated)
        )
        for side, rows in table.groupby("side")
    }
    if len(opened):
        drafts[OPENINGS] = _of_openings(opened, of_openings, trees, steers, min_group)
    sides = {side: _written(side, draft, named, taken, min_group) for side, draft in sorted(drafts.items())}
    return Plan(min_group, _distinct(sides, everything, trees))


# -- what the plan is made from ---------------------------------------------------------------------------------------


@dataclass
class _Layer:
    """People or openings of one side whose sums combine with each other and with nothing else."""

    #: What the people in it did, in words, and in which wave.
    did: tuple[str, str]
    #: The attributes' labels, one row per person; of openings one row per share of a manager.
    rows: pd.DataFrame
    #: Of those invited, the place of the layer of those of them who answered.
    answered: int | None = None
    #: Attributes that divide nobody in it.
    without: Collection[str] = ()


@dataclass
class _Draft:
    """The choice for one side, before it has names."""

    waves: tuple[str, ...]
    too_few: str
    attributes: list[Attribute]
    groups: list[Groups]
    objective: int
    bound: int
    reasons: dict[Element, str]
    notes: list[list[str]]
    min_rated: int = 1
    about_few: tuple[str, ...] = ()


@dataclass
class _RatedBy:
    """Whom the answers of one side are about."""

    #: Person, wave, and the number of whoever is rated, by sheet.
    sheets: pd.DataFrame
    fewest: int
    whom: str

    def of(self, answered: list[pd.DataFrame]) -> About:
        """Find the sheets of those who answered, in the order of the first rows of the search."""
        rows = pd.concat([pd.DataFrame(columns=["person_id", "wave"]), *answered])[["person_id", "wave"]]
        rows = rows.assign(row=np.arange(len(rows)))
        found = self.sheets.merge(rows, on=["person_id", "wave"])
        return About(found["row"].to_numpy(np.int64), found["who"].to_numpy(np.int64), self.fewest, self.whom)


def _about(side: str, sheets: pd.DataFrame | None, min_rated: int | Mapping[str, int]) -> _RatedBy | None:
    """Return whom the answers of a side are about; None where that is not known of anybody, or not asked for."""
    fewest = min_rated if isinstance(min_rated, int) else min_rated.get(side, MIN_RATED)
    if sheets is None or fewest < 2:
        return None
    own = sheets.loc[sheets["side"].astype(str) == side]
    if own["rated_id"].isna().all():
        return None
    own = own[["person_id"]].assign(wave=own["wave"].astype(str), who=pd.factorize(own["rated_id"])[0])
    return _RatedBy(own, fewest, told_of(side))


def _texts(column: pd.Series) -> pd.Series:
    """Return labels as texts; a missing one is a label of its own."""
    return column.astype(object).where(column.notna(), NOT_RECORDED).map(str)


def _by_group(labels: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for label, group in labels.items():
        groups.setdefault(group, []).append(label)
    return groups


def _tree(name: str, people: pd.DataFrame, table: pd.DataFrame, given: str | Mapping[str, str]) -> dict[str, str]:
    """Return the parent of every unit that has one."""
    if isinstance(given, str):
        if given not in people:
            raise ValueError(f"the release plan needs the column {given}, the parent of {name}")
        pairs = pd.DataFrame({"unit": table[name], "parent": people[given]}).dropna().drop_duplicates()
        twice = sorted(pairs.loc[pairs["unit"].duplicated(), "unit"])
        if twice:
            raise ValueError(f"{name}: {twice[0]!r} has two parents in the column {given}")
        given = dict(zip(pairs["unit"], pairs["parent"], strict=True))
    tree = {str(unit): str(parent) for unit, parent in given.items() if pd.notna(parent) and str(parent) != str(unit)}
    safe: set[str] = set()
    for unit in tree:
        path: list[str] = []
        while unit in tree and unit not in safe:
            if unit in path:
                raise ValueError(f"{name}: the parents of {unit!r} form a circle")
            path.append(unit)
            unit = tree[unit]
        safe.update(path)
    return tree


def _named(name: str, labels: set[str], steer: Steer) -> dict[str, str]:
    """Return label → name that the consultant gave; refuse what cannot be meant."""
    named: dict[str, str] = {}
    for group, members in steer.together.items():
        for label in members:
            if label not in labels:
                raise ValueError(f"merge: {name}: no group is called {label!r}")
            if label in named:
                raise ValueError(f"merge: {name}: {label!r} stands in two groups")
            named[label] = group
    for group in steer.together:
        if group in labels and named.get(group) != group:
            raise ValueError(f"merge: {name}: {group!r} is the name of a group that is not merged")
    for label in steer.keep:
        if label not in labels - set(named) | set(named.values()):
            raise ValueError(f"merge: {name}: no group is called {label!r}")
    return named


def _tree_of_named(tree: dict[str, str], named: dict[str, str]) -> dict[str, str]:
    """Hang a named group below the parent that all its units share, if they do."""
    shared: dict[str, set[str | None]] = {}
    for label, group in named.items():
        shared.setdefault(group, set()).add(tree.get(label))
    result = {unit: parent for unit, parent in tree.items() if unit not in named}
    for group, over in shared.items():
        parent = next(iter(over))
        if len(over) == 1 and parent is not None and parent != group:
            result[group] = parent
    return result


def _paths(labels: list[str], tree: dict[str, str]) -> list[list[str]]:
    above = set(tree.values())
    paths = []
    for label in labels:
        path = [label] if label in above else []
        while label in tree:
            label = tree[label]
            path.append(label)
        paths.append(path)
    return paths


# -- the choice -------------------------------------------------------------------------------------------------------


def _of_people(
    rows: pd.DataFrame,
    names: list[str],
    answered_only: set[str],
    trees: Mapping[str, dict[str, str]],
    steers: Mapping[str, Steer],
    minimum: int,
    about: _RatedBy | None,
) -> _Draft:
    """Choose the groups of people of one side: in every wave of those who answered, and of those invited."""
    answered = rows[rows["responded"]]
    sizes = answered["wave"].value_counts()
    waves = tuple(sorted(sizes.index[sizes >= minimum]))
    answered = answered[answered["wave"].isin(waves)]
    layers = [_Layer(("answered in", wave), answered[answered["wave"] == wave]) for wave in waves]
    for wave in waves:
        invited = rows[(rows["wave"] == wave) & rows["invited"]]
        if len(invited) < minimum or (invited["responded"].all() and len(invited) == sizes[wave]):
            continue  # nothing is published of so few; or they are those who answered
        # What is known of those who answered alone divides nobody invited: all have one label.
        everybody = {name: min(rows[name]) for name in names if name in answered_only}
        layers.append(_Layer(("were invited in", wave), invited.assign(**everybody), waves.index(wave), answered_only))
    draft = _draft(layers, answered, rows[names], trees, steers, minimum, about=about)
    return replace(draft, waves=waves, too_few="" if waves else f"fewer than {minimum} answered")


def _of_openings(
    openings: pd.DataFrame,
    names: list[str],
    trees: Mapping[str, dict[str, str]],
    steers: Mapping[str, Steer],
    minimum: int,
) -> _Draft:
    """Choose the groups of openings, so that they tell of enough hiring managers; see the notes of the module."""
    if openings["person_id"].nunique() < minimum:
        draft = _draft([], openings[:0], openings[names], trees, steers, minimum)
        return replace(draft, too_few=f"fewer than {minimum} managers hire")
    kinds = openings.dropna(subset=["person_id"]).drop_duplicates().sort_values(["person_id", *names])
    by_manager = kinds.groupby("person_id")["person_id"]
    several = by_manager.transform("size")
    shares = max(SHARES, int(several.max()))
    # What does not divide evenly goes to the first kinds: all shares of a manager make one person.
    divided = kinds.loc[kinds.index.repeat(shares // several + (by_manager.cumcount() < shares % several))]
    layers = [_Layer(("hiring managers", ""), divided)]
    return _draft(layers, openings, openings[names], trees, steers, minimum, shares)


def _draft(
    layers: list[_Layer],
    kept: pd.DataFrame,
    rows: pd.DataFrame,
    trees: Mapping[str, dict[str, str]],
    steers: Mapping[str, Steer],
    minimum: int,
    shares: int = 1,
    about: _RatedBy | None = None,
) -> _Draft:
    """Choose the groups of one side.

    ``layers`` say what must be safe, ``kept`` whose labels are to be kept, ``rows`` all labels that there are.
    """
    attributes, codes = [], []
    place = np.repeat(np.arange(len(layers)), [len(layer.rows) for layer in layers])
    for name in rows:
        labels = sorted(set(rows[name]))
        code = [pd.Categorical(layer.rows[name], labels).codes.astype(np.int64) for layer in layers]
        codes.append(np.concatenate([np.zeros(0, dtype=np.int64), *code]))
        counts = [np.bincount(part, minlength=len(labels)) for part in code]
        count = np.array(counts, dtype=np.int64).reshape(-1, len(labels)).T
        weights = kept[name].value_counts().reindex(labels, fill_value=0).to_numpy(dtype=np.int64)
        possible = (weights > 0) & ((count == 0) | (count >= minimum * shares)).all(axis=1)
        waves = [
            (layer.answered, column)
            for column, layer in enumerate(layers)
            if layer.answered is not None and name not in layer.without
        ]
        for said, asked in waves:
            possible &= (count[:, said] > 0) | (count[:, asked] == 0)
        paths = _paths(labels, trees[str(name)])
        attributes.append(Attribute(str(name), labels, paths, count, weights, possible, waves))
    told = about.of([layer.rows for layer in layers if layer.did[0] == "answered in"]) if about else None
    search = Search(attributes, np.column_stack([place, *codes]), minimum, shares, told)

    notes: list[list[str]] = [[] for _ in attributes]
    forced = Circuit()
    for number, item in enumerate(attributes):
        for label in steers.get(item.name, Steer()).keep:
            if label not in item.labels:
                continue
            position = item.labels.index(label)
            wanted = forced | {(number, position)}
            if item.possible[position] and not search.violated(wanted):
                forced = wanted
            else:
                would = too_few(minimum, about.fewest if about else 1, about.whom if about else "")
                notes[number].append(f"{label!r} was to be kept, which would {would}.")
    chosen, bound = search.best(forced)
    chosen |= search.units(chosen)
    objective = search.weight(chosen)
    return _Draft(
        waves=(),
        too_few="",
        attributes=attributes,
        groups=search.groups(chosen),
        objective=objective,
        bound=max(bound, objective),
        reasons=search.reasons(chosen, [layer.did for layer in layers]),
        notes=notes,
        min_rated=about.fewest if about else 1,
        about_few=tuple(layers[layer].did[1] for layer in search.about_few_throughout()),
    )


# -- names ------------------------------------------------------------------------------------------------------------


def _written(
    side: str, draft: _Draft, named: Mapping[str, dict[str, str]], taken_by: Mapping[str, set[str]], minimum: int
) -> SidePlan:
    """Give the groups of one side their names, and the labels their reasons."""
    written: dict[str, AttributePlan] = {}
    for number, (item, groups) in enumerate(zip(draft.attributes, draft.groups, strict=True)):
        originals: dict[str, list[str]] = {label: [label] for label in item.labels}
        for group in {named[item.name][label] for label in named[item.name]} & set(item.labels):
            originals[group] = sorted(label for label, name in named[item.name].items() if name == group)
        taken = _folded(taken_by[item.name])
        labels: dict[str, str] = {}
        merged, filled, kept = [], [], 0
        for code in sorted(set(groups.of_label.tolist())):
            members = np.flatnonzero(groups.of_label == code).tolist()
            texts = [item.labels[position] for position in members]
            name = _name(item, groups.element[code], texts, taken)
            taken |= _folded([name])
            people = int(item.weights[members].sum())
            inside = sorted(original for text in texts for original in originals[text])
            labels |= dict.fromkeys(inside, name)
            if people:
                filled.append(name)
            if len(inside) == 1:
                kept += people
                continue
            reasons = {
                original: draft.reasons.get((number, position), "merged as the study asks")
                if original == item.labels[position]
                else "merged as the study asks"
                for position in members
                for original in originals[item.labels[position]]
            }
            merged.append(MergedGroup(name, dict(sorted(reasons.items()))))
        recorded = item.labels != [NOT_RECORDED]
        left_out = _left_out(side, item, filled, merged, draft, minimum)
        written[item.name] = AttributePlan(
            labels={} if left_out else dict(sorted(labels.items())),
            groups=() if left_out else tuple(sorted(filled)),
            merged=() if left_out else tuple(merged),
            kept=0 if left_out else kept,
            respondents=int(item.weights.sum()),
            left_out=left_out,
            recorded=recorded,
            notes=tuple(draft.notes[number]),
        )
    return SidePlan(draft.waves, draft.too_few, written, draft.objective, draft.bound, draft.min_rated, draft.about_few)


def _left_out(
    side: str, item: Attribute, filled: list[str], merged: list[MergedGroup], draft: _Draft, minimum: int
) -> str:
    name = side_label(side, within=True)
    if item.labels == [NOT_RECORDED]:
        return f"{item.name} of {name} is not recorded."
    if draft.too_few:
        return f"Nothing is published of {name} alone: {draft.too_few}."
    if len(filled) == 1 and any(group.label == filled[0] for group in merged):
        would = too_few(minimum, draft.min_rated, told_of(side))
        return f"{item.name} of {name} is not reported: its groups would {would}."
    return ""


def too_few(min_group: int, min_rated: int, whom: str) -> str:
    """Say in words what groups that are too small would do; ``min_rated`` is 1 where it is not asked for."""
    single_out = f"single out fewer than {min_group} people"
    return f"{single_out}, or tell of fewer than {min_rated} {whom}" if min_rated > 1 else single_out


def _name(item: Attribute, element: int | str | None, texts: list[str], taken: set[str]) -> str:
    """Name a group: its only label, its unit when it is the whole of it, else "Other …"."""
    if len(texts) == 1:
        return texts[0]
    if isinstance(element, str):
        if texts == [label for label, path in zip(item.labels, item.paths, strict=True) if element in path]:
            return element
        return _free(f"Other in {element}", taken)
    return _free(f"Other {item.name.replace('_', ' ')}", taken)


def _folded(names: Collection[str]) -> set[str]:
    """Return names so that those that differ in letters' case only are one."""
    return {text.strip().casefold() for text in names}


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number when it is taken; ``taken`` are folded."""
    number, free = 2, name
    while free.strip().casefold() in taken:
        free = f"{name} {number}"
        number += 1
    return free


def _distinct(
    sides: dict[str, SidePlan], attributes: list[str], trees: Mapping[str, dict[str, str]]
) -> dict[str, SidePlan]:
    """Add the side to the name of merged groups that hold other labels on another side."""
    for attribute in attributes:
        # Openings never stand beside people.
        having = {side: plan for side, plan in sides.items() if attribute in plan.attributes and side != OPENINGS}
        members: dict[str, set[tuple[str, ...]]] = {}
        for plan in having.values():
            for group, labels in _by_group(plan.attributes[attribute].labels).items():
                members.setdefault(group, set()).add(tuple(labels))
        units = set(trees[attribute].values())
        for side, plan in having.items():
            item = plan.attributes[attribute]
            whose = side_label(side, within=True)
            names = {
                group.label: _free(f"{group.label} ({whose})", _folded([*item.labels, *members]))
                for group in item.merged
                if len(members[group.label]) > 1 and group.label not in units
            }
            renamed = replace(
                item,
                labels={label: names.get(group, group) for label, group in item.labels.items()},
                groups=tuple(sorted(names.get(group, group) for group in item.groups)),
                merged=tuple(replace(group, label=names.get(group.label, group.label)) for group in item.merged),
            )
            sides[side] = replace(plan, attributes={**plan.attributes, attribute: renamed})
    return sides


def _joined_names(attribute: str, joined: dict[str, set[str]], plans: list[AttributePlan]) -> dict[str, str] | None:
    """Name groups that are merged over several sides: as on a side where all of one is a group, else "Other …"."""
    several = {tuple(sorted(group)) for group in joined.values()}
    if len(several) == 1 and len(joined) > 1:
        return None
    held = {tuple(inside): name for plan in plans for name, inside in _by_group(plan.labels).items()}
    taken = _folded([*joined, *held.values()])
    labels: dict[str, str] = {}
    for group in sorted(several):
        name = held.get(group) or _free(f"Other {attribute.replace('_', ' ')}", taken)
        taken |= _folded([name])
        labels |= dict.fromkeys(group, name)
    return dict(sorted(labels.items()))
