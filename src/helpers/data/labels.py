"""The labels of groups that are published: what a study's release plan is made from, and who gets which of them.

The plan itself is the business of :mod:`helpers.privacy.plan`, which knows no study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.privacy.plan import NOT_RECORDED, OPENINGS, Plan, Steer, release_plan

from .problems import InputError, Problem, did_you_mean, shown
from .settings import Settings

OF_OPENINGS = ("department", "location", "level")
"""Attributes of an opening, the most important first."""
KEYS = ["person_id", "wave", "side"]


@dataclass(frozen=True)
class Groups:
    """The groups of a study as they are in its data.

    Attributes
    ----------
    settings : Settings
        Of the study.
    attributes : list of str
        By which its people are divided.
    sheets : pandas.DataFrame or None
        Answers, as ``Study.responses`` gives them; None without a survey.
    roster : pandas.DataFrame or None
        Who was invited, as ``Study.roster`` gives it.
    requisitions, units : pandas.DataFrame or None
        The tables.
    min_rated : mapping of str to int
        Fewest people whom the answers of a group are about, by side.
    """

    settings: Settings
    attributes: list[str]
    sheets: pd.DataFrame | None
    roster: pd.DataFrame | None
    requisitions: pd.DataFrame | None
    units: pd.DataFrame | None
    min_rated: Mapping[str, int]

    def plan(self) -> Plan:
        """Make the release plan.

        Returns
        -------
        helpers.privacy.plan.Plan
            For every side that was invited or answered, and for openings.

        Raises
        ------
        InputError
            When ``merge`` names an attribute or a group that does not exist.
        """
        if problems := self.steering_problems():
            raise InputError(problems)
        return release_plan(
            self._people,
            self.attributes,
            min_group=self.settings.privacy.min_group,
            parents=self._parents(),
            merge={name: Steer(asked.together, asked.keep) for name, asked in self.settings.merge.items()},
            answered_only=self._answered_only,
            openings=self._openings,
            sheets=None if self.sheets is None else self.sheets.rename(columns={"respondent_id": "person_id"}),
            min_rated=self.min_rated,
        )

    def steering_problems(self) -> list[Problem]:
        """Return what ``merge`` in study.yaml asks for that cannot be meant."""
        return [problem for name in self.settings.merge for problem in self._steering_problems(name)]

    def _steering_problems(self, name: str) -> list[Problem]:
        asked, known = self.settings.merge[name], self._labels(name)
        if not known:
            having = sorted({*self.attributes, *OF_OPENINGS} - {name})
            fix = did_you_mean(name, having) or "Name an attribute by which results are broken down"
            return [_problem(name, f"{shown(name)} is no attribute of the study", fix, f"one of {', '.join(having)}")]
        merged = [label for labels in asked.together.values() for label in labels]
        kept = [label for label in asked.keep if label not in asked.together]
        problems = []
        for label in dict.fromkeys([*merged, *kept]):
            if label not in known:
                fix = did_you_mean(label, known) or "Write it as it stands in the data"
                problems.append(_problem(name, f"no group of {name} is called {shown(label)}", fix))
        for label in sorted({label for label in merged if merged.count(label) > 1}):
            problems.append(_problem(name, f"{shown(label)} stands in two groups", "Name it once"))
        for group, labels in asked.together.items():
            if group in known and group not in labels:
                fix = "Choose another name, or add it to the groups that are merged"
                problems.append(_problem(name, f"{shown(group)} is the name of a group that is not merged", fix))
        for label in sorted({*merged} & {*kept}):
            problems.append(_problem(name, f"{shown(label)} is to be merged and to be kept", "Ask for one of them"))
        return problems

    def _labels(self, name: str) -> list[str]:
        """Return all labels of an attribute, wherever the plan meets them."""
        columns = [frame[name].dropna() for frame in (self._people, self._openings) if name in frame]
        return sorted({str(label) for column in columns for label in column})

    def above(self, attribute: str, group: str, published: Mapping[str, str]) -> tuple[str, list[str]]:
        """Return the nearest unit above a published group, and the published groups that make it up.

        Parameters
        ----------
        attribute, group : str
            An attribute, and one of its published labels.
        published : mapping of str to str
            Label in the data to published label, of a side.

        Returns
        -------
        tuple of str and list of str
            Both empty where no unit above it is made up of published groups, or only the whole is above it.
        """
        tree = self._parents().get(attribute, {})
        own = {label for label, told in published.items() if told == group}
        line = _line(min(own), tree) if own else []
        for unit in line[1:]:
            inside = {label for label in published if unit in _line(label, tree)}
            groups = {published[label] for label in inside}
            if own < inside and inside == {label for label, told in published.items() if told in groups}:
                return unit, sorted(groups)
        return "", []

    @property
    def _answered_only(self) -> list[str]:
        """The attributes that only answers tell."""
        return [name for name in self.attributes if self.roster is not None and name not in self.roster]

    @cached_property
    def _people(self) -> pd.DataFrame:
        """Who was invited or answered, once per wave and side."""
        if self.sheets is None:
            return pd.DataFrame(columns=[*KEYS, "responded", *self.attributes])
        answered = self.sheets.rename(columns={"respondent_id": "person_id"})[[*KEYS, *self.attributes]]
        answered = answered.drop_duplicates(KEYS).assign(responded=True, invited=self.roster is None)
        if self.roster is None:
            return answered
        keys = pd.MultiIndex.from_frame(self.roster[KEYS])
        told = answered.set_index(KEYS).reindex(keys).set_axis(self.roster.index)
        invited = self.roster[KEYS].assign(responded=told["responded"].notna(), invited=True)
        for name in self.attributes:  # as they answered: answers and roster have one label
            invited[name] = told[name].fillna(self.roster[name]) if name in self.roster else told[name]
        strangers = ~pd.MultiIndex.from_frame(answered[KEYS]).isin(keys)
        return pd.concat([invited, answered[strangers]], ignore_index=True)

    @cached_property
    def _openings(self) -> pd.DataFrame:
        if self.requisitions is None:
            return pd.DataFrame(columns=["person_id"])
        names = [name for name in OF_OPENINGS if self.requisitions[name].notna().any()]
        return self.requisitions[["hiring_manager_id", *names]].rename(columns={"hiring_manager_id": "person_id"})

    def _parents(self) -> dict[str, dict[str, str]]:
        """Return the tree of units for every attribute whose labels all are units.

        The one unit that holds all others is not in it: what is merged into the whole has no need of its name.
        """
        if self.units is None:
            return {}
        units = self.units.dropna(subset="unit").drop_duplicates("unit").set_index("unit")["parent"]
        parents = units.dropna()
        tops = {*units.index} - {*parents.index}
        tree = {unit: parent for unit, parent in parents.items() if len(tops) > 1 or parent not in tops}
        labels = {name: {*self._people[name].dropna()} for name in self.attributes}
        return {name: tree for name, held in labels.items() if held & {*tree} and held <= {*units.index}}


def _line(unit: str, tree: Mapping[str, str]) -> list[str]:
    """Return a unit and all above it."""
    line = [unit]
    while line[-1] in tree:
        line.append(tree[line[-1]])
    return line


def _problem(attribute: str, found: str, fix: str, expected: str = "") -> Problem:
    return Problem("error", "study.yaml", found, expected, fix, "", f"merge.{attribute}")


def clusters(plan: Plan, attribute: str, answers: pd.DataFrame, min_group: int) -> dict[str, str]:
    """Say which groups of an attribute count as one cluster, where intervals are made over its groups.

    A mean, and an interval over groups most of which are known, tell each of the others. Groups that are merged
    therefore count as one, unless in every wave at least ``min_group`` of them answered (or one, which is then all).

    Parameters
    ----------
    plan : Plan
        Of the study.
    attribute : str
        One of the plan's attributes.
    answers : pandas.DataFrame
        Answer sheets with ``side``, ``wave`` and the attribute as it is in the data.
    min_group : int
        Fewest groups that are not shown over which a variance is told.

    Returns
    -------
    dict
        Group in the data → cluster, of the groups that are not a cluster of their own. The same for all sides: what one
        side has to merge is one cluster in all.
    """
    together: dict[str, set[str]] = {}
    texts = answers[attribute].astype(object).where(answers[attribute].notna(), NOT_RECORDED).astype("str")
    for side, part in plan.sides.items():
        if side == OPENINGS or part.too_few or attribute not in part.attributes:
            continue
        of_side = answers["side"].eq(side)
        told = part.attributes[attribute].labels or dict.fromkeys(texts[of_side], "")
        counts = texts[of_side].groupby([texts[of_side].map(told), answers.loc[of_side, "wave"]]).nunique()
        for group in counts[counts.gt(1) & counts.lt(min_group)].index.unique(0):
            members = {label for label, of in told.items() if of == group}
            members = members.union(*(together.get(label, ()) for label in members))
            together |= dict.fromkeys(members, members)
    return {label: " or ".join(sorted(members)) for label, members in together.items()}


def of_people(plan: Plan, people: pd.DataFrame) -> pd.DataFrame:
    """Give people the published labels of their side.

    Parameters
    ----------
    plan : Plan
        Of their study.
    people : pandas.DataFrame
        With ``side``; anybody, also people who were never invited.

    Returns
    -------
    pandas.DataFrame
        A copy. A label that no group of the plan holds, such as that of people never invited, is missing.
    """
    result = people.copy()
    for name in {name for side, part in plan.sides.items() if side != OPENINGS for name in part.attributes}:
        if name not in people:
            continue
        result[name] = pd.Series(None, index=people.index, dtype="str")
        for side, part in plan.sides.items():
            rows = people["side"] == side
            if rows.any():
                result.loc[rows, name] = _given(people.loc[rows, name], part.attributes[name].labels)
    return result


def of_openings(plan: Plan, openings: pd.DataFrame) -> pd.DataFrame:
    """Give openings their published labels; an attribute that is left out is missing."""
    part = plan.sides.get(OPENINGS)
    labels = {name: item.labels for name, item in part.attributes.items()} if part else {}
    found = {name: _given(openings[name], labels.get(name, {})) for name in OF_OPENINGS if name in openings}
    return openings.assign(**found)


def of_cases(
    cases: pd.DataFrame, names: Sequence[str], least: int, together: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[dict[str, dict[str, str] | None], dict[str, dict[str, list[str]]]]:
    """Merge labels of cases by a release plan of their own, in which every case counts as one person.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case: case_id and the columns named.
    names : sequence of str
        What divides them, the most important first.
    least : int
        Fewest cases of which anything is told.
    together : mapping
        By column, the name of a group and the labels that are to be merged in it whatever their numbers.

    Returns
    -------
    tuple of dict
        By column: label to published label, None where nothing may be told by it; and published label to the labels
        that are merged in it.
    """
    rows = cases[list(names)].assign(person_id=cases["case_id"], wave="", side="cases", responded=True)
    steers = {name: Steer(together=groups) for name, groups in together.items()}
    plan = release_plan(rows, names, min_group=least, merge=steers)
    merged = {
        name: {group.label: sorted(group.reasons) for group in plan.sides["cases"].attributes[name].merged}
        for name in names
    }
    return {name: plan.labels(name, "cases") for name in names}, merged


def _given(column: pd.Series, labels: Mapping[str, str]) -> pd.Series:
    return column.astype(object).where(column.notna(), NOT_RECORDED).map(dict(labels)).astype("str")
