"""The one group a report is about, what it lies in, and everybody: what its figures are set beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.survey import questions, scales
from helpers.analysis.survey.answers import Answers
from helpers.data.problems import input_error

if TYPE_CHECKING:
    from helpers.data import Study

    from .show import Show

#: Instead of an attribute: one group is those who answered about one HR partner.
HR_PARTNER = "hr_partner"


@dataclass(frozen=True)
class OneGroup:
    """One group and what it is set beside.

    Attributes
    ----------
    attribute, name : str
        What people are divided by, and the group as published.
    column : str
        Column of answers that holds the groups.
    parts : dict of str to list of str or None
        The group, the unit above it where there is one, and everybody: name, and the groups in it (None: all).
    everybody, people : str
        What readers call everybody, and those who answered.
    """

    attribute: str
    name: str
    column: str
    parts: dict[str, list[str] | None]
    everybody: str
    people: str

    def rows(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Return answers for intervals that speak of this group: about one HR partner, each respondent is a cluster."""
        return answers.assign(cluster_id=answers["respondent_id"]) if self.attribute == HR_PARTNER else answers

    @property
    def whole(self) -> dict[str, list[str] | None]:
        """The group and everybody."""
        return {self.name: [self.name], self.everybody: None}


def groups_of(study: Study, answers: Answers, attribute: str) -> list[str]:
    """Return the groups of whose answers a report may tell by itself.

    Parameters
    ----------
    study : helpers.data.Study
        Its release plan has merged the groups that are too small.
    answers : Answers
        Of the wave reported.
    attribute : str
        One of ``answers.attributes``; or ``hr_partner``, for the HR partners about whom enough people answered.

    Returns
    -------
    list of str
        By name.
    """
    column = column_of(attribute)
    told = answers.of_side(answers.now)
    people = told.groupby(column)["respondent_id"].nunique()
    least = study.privacy.min_group if attribute == HR_PARTNER else 1
    return sorted(map(str, people[people >= least].index))


def column_of(attribute: str) -> str:
    """Return the column of answers that holds the groups of an attribute."""
    return "rated_id" if attribute == HR_PARTNER else attribute


def choose(show: Show, answers: Answers, attribute: str, group: str) -> OneGroup:
    """Choose the group a chapter is about.

    Parameters
    ----------
    show : Show
        Of the chapter.
    answers : Answers
        Of the wave reported.
    attribute, group : str
        As the parameters of the chapter say; empty: the first attribute of the study, and its first group.

    Returns
    -------
    OneGroup
        See there.

    Raises
    ------
    NotebookNotApplicable
        Results are not broken down.
    InputError
        The study has no such attribute or group, or answers about single HR partners may not be told.
    """
    study, about_one = show.study, attribute == HR_PARTNER
    if about_one and study.privacy.min_rated > 1:
        found = "answers about single HR partners may not be told: min_rated in study.yaml is above 1"
        raise input_error(
            f"notebook {show.notebook}", found, fix="Record the agreement of those rated, or choose another"
        )
    first = next(iter(answers.attributes), "")
    attribute = HR_PARTNER if about_one else show.choice("attribute", attribute, answers.attributes, default=first)
    show.needs_that(bool(attribute), "Results are not broken down: no attribute has groups that are large enough.")
    groups = groups_of(study, answers, attribute)
    show.needs_that(bool(groups), "Results are not broken down: too few people answered about each HR partner.")
    name = show.choice("group", group, groups, default=groups[0])
    unit, inside = ("", []) if about_one else study.above(attribute, name, answers.voice)
    people = show.side(answers.voice, within=True)
    above = {unit: inside} if unit and unit != name else {}
    everybody = f"All {people}"
    parts: dict[str, list[str] | None] = {name: [name], **above, everybody: None}
    return OneGroup(attribute, name, column_of(attribute), parts, everybody, people)


def all_asked(show: Show, answers: Answers, now: pd.DataFrame) -> pd.DataFrame:
    """Return how favourably everybody answered each question, the most favourable first; the same for every group.

    Parameters
    ----------
    show : Show
        Of the chapter.
    answers : Answers
        Of the wave reported.
    now : pandas.DataFrame
        Those of the side shown.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.survey.questions.of_everybody`.
    """
    study, side = show.study, answers.voice
    found = study.once(
        f"everybody {side} {answers.wave}",
        lambda: questions.of_everybody(now, study.codebook, side, study.privacy.min_group),
    )
    return found.sort_values("favourable", ascending=False, kind="stable", na_position="last")


def all_scored(show: Show, answers: Answers, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of everybody; the same for every group of a batch of reports.

    Parameters
    ----------
    show : Show
        Of the chapter.
    answers : Answers
        Of the wave reported.
    rows : pandas.DataFrame
        Answers of the side shown, of that wave or of all so far.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.survey.scales.scores`.
    """
    study, of_respondents = show.study, rows["cluster_id"].equals(rows["respondent_id"])
    what = f"scores {answers.voice} {sorted(rows['wave'].unique())} {of_respondents}"
    return study.once(what, lambda: scales.scores(rows, study.codebook))
