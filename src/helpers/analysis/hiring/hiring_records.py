"""The hiring records a chapter speaks of, and what they allow: the one place where that is decided.

Groups of openings of too few managers are taken together before anything is computed, as the release plan of the study
says. Single managers are named only where the
study records a legal basis for it. What managers said of their HR partner is joined under the policy of
:mod:`helpers.analysis.survey.answers`, so that few HR partners mean the same here as in the chapters on the survey.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.hiring import engagement, metrics, records
from helpers.analysis.hiring.recorded import Recorded
from helpers.analysis.methods.counts import because
from helpers.analysis.survey import scales
from helpers.analysis.survey.answers import Answers
from helpers.data.labels import OF_OPENINGS

if TYPE_CHECKING:
    from helpers.data import Study

NOT_NAMED = "Single managers are not shown; each can ask for a report of their own figures, which goes to them alone."
NONE_FILLED = "No opening is recorded as filled, so there is no way of a person hired to follow."
NO_PAIRS = "Without a survey of pairs, attitudes and hiring cannot be joined."
NOTHING_JOINED = "No opening began after a wave in which its manager answered, so there is nothing to join yet."


@dataclass(frozen=True)
class HiringRecords:
    """What happened in hiring, ready for analysis.

    Attributes
    ----------
    requisitions, events : pandas.DataFrame
        The tables of the study; requisitions carry the labels of the release plan.
    as_of : datetime.date
        Day of the study.
    timezone : str
        Time zone of the local times.
    attributes : list of str
        Attributes of openings that a model may allow for, the most important first.
    managers : list of str
        Ids of the hiring managers, sorted. Personal data.
    names : pandas.Series or None
        Their names by id, where the study records a legal basis for naming them; without names, the ids.
    agreed : dict of str to float
        Days agreed per kind of wait.
    openings, waits, interviews : pandas.DataFrame
        As the functions of the same names in :mod:`helpers.analysis.hiring.records` return them.
    recorded : Recorded
        What the records hold; what they do not is in none of these.
    """

    requisitions: pd.DataFrame
    events: pd.DataFrame
    as_of: datetime.date
    timezone: str
    attributes: list[str]
    managers: list[str]
    names: pd.Series | None
    agreed: dict[str, float]
    openings: pd.DataFrame
    waits: pd.DataFrame
    interviews: pd.DataFrame
    recorded: Recorded

    @classmethod
    def of(
        cls, study: Study, holidays: Sequence[str] = (), agreed_days: Mapping[str, float] | None = None
    ) -> HiringRecords:
        """Read a study's hiring records.

        Parameters
        ----------
        study : helpers.data.Study
            With the tables requisitions and hiring_events.
        holidays : sequence of str
            Days nobody works, such as ``"2026-01-01"``; empty: the study's.
        agreed_days : mapping, optional
            Days agreed by kind of wait, such as ``{"feedback": 2}``, in place of the study's.

        Returns
        -------
        HiringRecords
            See there.

        Raises
        ------
        InputError
            A holiday is no date, or a kind of wait does not exist.
        """
        settings = study.hiring.with_given(holidays, agreed_days)
        agreed = settings.service_levels.model_dump()
        requisitions = study.table("requisitions")
        requisitions = requisitions.assign(person_id=requisitions["hiring_manager_id"])
        seen = (requisitions, study.table("hiring_events"), study.as_of, study.timezone)
        recorded = Recorded.of(*seen[:3], settings.recorded, settings.not_recorded)
        unfilled = recorded.unfilled_fields(OF_OPENINGS)
        attributes = [name for name in OF_OPENINGS if name not in unfilled]
        return cls(
            *seen,
            attributes=attributes,
            managers=sorted(requisitions["hiring_manager_id"].dropna().unique()),
            names=_names(study) if settings.audience == "named" else None,
            agreed=agreed,
            openings=metrics.told_apart(records.openings(*seen, recorded), study.privacy.min_group, recorded.closings),
            waits=records.waits(*seen, settings.holidays, agreed, recorded),
            interviews=records.interviews(*seen[:2], recorded),
            recorded=recorded,
        )

    @property
    def steps(self) -> pd.DataFrame:
        """Which steps of managers are recorded in each opening; see :meth:`.recorded.Recorded.steps`."""
        return self.recorded.steps(self.openings, self.as_of)

    def figures(self, confidence: float) -> pd.DataFrame:
        """Compute every metric that is recorded; see :func:`.metrics.summary`."""
        return metrics.summary(self.openings, self.waits, self.interviews, confidence, self.recorded)

    @property
    def remark(self) -> str:
        """What readers must know of single managers; empty where they are named."""
        return NOT_NAMED if self.names is None else ""

    @property
    def feedback(self) -> pd.DataFrame:
        """The waits for feedback."""
        return self.waits[self.waits["wait"] == "feedback"]

    @property
    def of_managers(self) -> pd.DataFrame:
        """The waits in which it was the manager's turn."""
        return self.waits[self.waits["holder"] == "manager"]

    @cached_property
    def turns(self) -> pd.DataFrame:
        """Whose turn it was on every day of filled openings with a manager; see :func:`records.turns`."""
        turns = records.turns(self.requisitions, self.events, self.timezone, self.recorded)
        return because(turns.dropna(subset=["hiring_manager_id"]), NONE_FILLED)

    def named(self, frame: pd.DataFrame, by: str, ascending: bool = True) -> pd.DataFrame:
        """Name the managers of a frame. Personal data.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row per manager, with hiring_manager_id.
        by : str
            Column to sort by; ties stand in the order of ids.
        ascending : bool
            Whether the lowest value stands first.

        Returns
        -------
        pandas.DataFrame
            The frame's rows with ``manager``: the name, with the id where two have the same; the id where there is no
            name. No rows where the study has no legal basis to name managers.
        """
        if self.names is None or frame.empty:
            return because(frame[:0], self.remark or str(frame.attrs.get("absent", "")))
        ids = frame["hiring_manager_id"]
        known = ids.map(self.names).fillna(ids)
        named = frame.assign(manager=known.where(~known.duplicated(keep=False), known + " (" + ids + ")"))
        return named.sort_values([by, "hiring_manager_id"], ascending=[ascending, True], ignore_index=True)

    def attitudes(self, study: Study) -> Attitudes:
        """Join every opening with what its manager had said of the HR partner before it began.

        Parameters
        ----------
        study : helpers.data.Study
            The study of these records.

        Returns
        -------
        Attitudes
            See there.
        """
        nothing = self.openings[:0].assign(score=0.0, cluster_id="")
        sheets = study.responses() if study.has("survey") and study.has("partnerships") else pd.DataFrame()
        if sheets.empty:
            return Attitudes(nothing, NO_PAIRS)
        answers = Answers.of(study, [wave for wave in study.waves if (sheets["wave"] == wave).any()][-1])
        scores = scales.across_dimensions(scales.scores(answers.everything, study.codebook))
        scores = scores[(scores["side"] == "manager") & scores["score_100"].notna() & scores["submitted_at"].notna()]
        scores = scores[["manager_id", "hr_id", "cluster_id", "wave", "submitted_at"]].assign(
            score=scores["score_100"] / 10
        )
        joined = engagement.scores_before(self.openings, scores)
        joined = joined.dropna(subset=["score", "hr_id", "hiring_manager_id"])
        if joined["cluster_id"].nunique() < 2:
            return Attitudes(nothing, NOTHING_JOINED)
        return Attitudes(joined, answers.remark, few=answers.clusters != "HR partners")


@dataclass(frozen=True)
class Attitudes:
    """What managers had said of their HR partner before an opening began.

    Attributes
    ----------
    openings : pandas.DataFrame
        Openings as :func:`helpers.analysis.hiring.engagement.scores_before` returns them, with ``score`` (mean of the
        manager's answers, 0–10: tens of points of 100) and ``cluster_id``; without rows where nothing can be joined.
    remark : str
        Why nothing is joined, or what readers must know of the intervals; empty when nothing.
    few : bool
        Whether there are too few HR partners to be clusters, so that every hiring manager is one.
    """

    openings: pd.DataFrame
    remark: str
    few: bool = False

    @property
    def clusters(self) -> str:
        """What a column that counts clusters is called."""
        return "Clusters" if self.few else "HR partners"

    @property
    def note(self) -> str:
        """How variances are found."""
        if self.few:
            return "Leave-one-out variance over hiring managers: these few HR partners are taken as all there are."
        return "Leave-one-out variance over HR partners, because managers of one partner answer alike."

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a frame that belong to these openings, with ``score`` and ``cluster_id``."""
        return frame.merge(self.openings[["requisition_id", "score", "cluster_id"]], on="requisition_id")


def _names(study: Study) -> pd.Series:
    people = study.table("people") if study.has("people") else pd.DataFrame()
    return people.set_index("person_id")["name"] if "name" in people else pd.Series(dtype=str)
