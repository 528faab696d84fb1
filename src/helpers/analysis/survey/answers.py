"""The answers a chapter speaks of, and what their number allows: the one place where that is decided.

Twelve managers who rate one HR partner are not twelve independent voices, so answers about one HR partner are one
cluster, or what ``inference: cluster`` in study.yaml names. Intervals speak of others like these, however few there
are: with three HR partners they are wide, with thirty-six narrow, and nothing jumps between. A study may say instead
(``inference: about``) that these are all there are; then intervals rest on respondents, at any number of partners,
and err on the wide side by what the partners differ. One or two HR partners say nothing of others, so that is
then the only question left. Every chapter says which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from helpers.data.problems import did_you_mean, input_error, shown

if TYPE_CHECKING:
    from helpers.data import Study

#: HR partners below which nothing can be said of others like them.
FEWEST_PARTNERS = 3
#: Clusters up to which readers are told that intervals are wide.
FEW_CLUSTERS = 12
#: Whose answers stand first where one side is shown.
VOICES = ("manager", "respondent", "employee", "hr")


@dataclass(frozen=True)
class Answers:
    """The answers to a survey, seen from one wave.

    Attributes
    ----------
    wave : str
        The wave reported.
    earlier : list of str
        The waves before it.
    everything, now : pandas.DataFrame
        Answer sheets of all waves, and of this one, as :meth:`helpers.data.Study.responses` gives them;
        ``cluster_id`` is what belongs together.
    roster : pandas.DataFrame
        Who was invited, to all waves, as :meth:`helpers.data.Study.roster` gives it; without rows where the study has
        no people.
    sides : list of str
        The sides that answered in this wave, managers before HR partners.
    voice : str
        The side whose answers stand where one side is shown; empty when nobody answered.
    compared : pandas.DataFrame
        As ``now``, with the groups by which sides are compared: the finest that are published of all of them.
    attributes, on_roster : list of str
        By what the answers of that side may be broken down; and what of it the roster knows.
    clusters : str
        What intervals are made over, in words: "HR partners", "respondents", or groups of an attribute.
    remark : str
        What readers must know of the intervals; empty when nothing.
    """

    wave: str
    earlier: list[str]
    everything: pd.DataFrame
    now: pd.DataFrame
    roster: pd.DataFrame
    sides: list[str]
    voice: str
    compared: pd.DataFrame
    attributes: list[str]
    on_roster: list[str]
    clusters: str
    remark: str

    @classmethod
    def of(cls, study: Study, wave: str, coded: bool = False) -> Answers:
        """Read a study's answers.

        Parameters
        ----------
        study : helpers.data.Study
            With a survey.
        wave : str
            One of its waves.
        coded : bool
            As for :meth:`helpers.data.Study.responses`.

        Returns
        -------
        Answers
            See there.

        Raises
        ------
        InputError
            study.yaml names a cluster that is no attribute of the study.
        """
        everything = study.responses(coded=coded).sort_values("side", ascending=False, kind="stable")
        found = study.roster()
        columns = ["person_id", "wave", "side", "cluster_id", *study.attributes, "responded"]
        roster = pd.DataFrame(columns=columns) if found is None else found.reindex(columns=columns)
        roster = roster.astype({"responded": bool}).sort_values("side", ascending=False, kind="stable")
        clusters = _Clusters.of(study, wave)
        of_answers, of_roster = study.cluster_labels(clusters.column) if clusters.is_attribute else (None, None)
        everything = clusters.named(everything, "respondent_id", of_answers)
        roster = clusters.named(roster, "person_id", of_roster)
        now = everything[everything["wave"] == wave]
        sides = list(dict.fromkeys(now["side"]))
        voice = min(sides, key=VOICES.index, default="")
        attributes = study.attributes_of(voice)
        invited = roster[(roster["side"] == voice) & (roster["wave"] == wave)]
        return cls(
            wave=wave,
            earlier=study.waves[: study.waves.index(wave)],
            everything=everything,
            now=now,
            roster=roster,
            sides=sides,
            voice=voice,
            compared=study.plan.compared(now) if study.merged else now,
            attributes=attributes,
            on_roster=[name for name in attributes if invited[name].notna().any()],
            clusters=clusters.words,
            remark=clusters.remark,
        )

    @property
    def cluster(self) -> str:
        """What belongs together, one of it, in words."""
        return self.clusters.removesuffix("s")

    @property
    def first(self) -> str:
        """The first wave, with which the one reported is compared; the one reported where there is none before it."""
        return next(iter(self.earlier), self.wave)

    @property
    def before(self) -> pd.DataFrame | None:
        """Answer sheets of the wave before the one reported; ``None`` where it is the first."""
        return self.everything[self.everything["wave"] == self.earlier[-1]] if self.earlier else None

    @property
    def so_far(self) -> pd.DataFrame:
        """Answer sheets of all waves up to the one reported; none where it is the first, so nothing has changed."""
        return self.everything[self.everything["wave"].isin([*self.earlier, self.wave] if self.earlier else [])]

    @property
    def voices(self) -> list[str]:
        """The sides that answered in this wave, the one whose answers stand first before the others."""
        return sorted(self.sides, key=VOICES.index)

    def of_side(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the side whose answers stand where one side is shown."""
        return frame[frame["side"] == self.voice]


@dataclass(frozen=True)
class _Clusters:
    """What belongs together.

    ``column`` names it: empty for the respondent, ``cluster_id`` for what the study knows, else an attribute.
    """

    column: str
    words: str
    remark: str

    @classmethod
    def of(cls, study: Study, wave: str) -> _Clusters:
        """Decide from what study.yaml says and from who answered in a wave."""
        answers = study.responses(coded=True)
        in_wave = answers["wave"] == wave
        declared, partners = study.settings.inference, answers.loc[in_wave, "hr_id"].nunique()
        attribute, known = declared.cluster, study.all_attributes
        if attribute and attribute not in known:
            expected = f"one of the study's attributes: {', '.join(known) or 'it has none'}"
            found = f"cluster is {shown(attribute)}"
            raise input_error("study.yaml: inference", found, expected, did_you_mean(attribute, known))
        noun = "HR partner" if partners == 1 else "HR partners"
        if declared.about == "these alone" and (partners or attribute):
            these = f"these {attribute} groups" if attribute else "these partnerships"
            return cls("", "respondents", f"Intervals speak of {these} only, not of others like them.")
        if not attribute and 0 < partners < FEWEST_PARTNERS:
            words = f"With {partners} {noun}, intervals speak of these partnerships only, not of others like them."
            return cls("", "respondents", words)
        words = f"{attribute} groups" if attribute else "HR partners" if partners else "respondents"
        count = study.cluster_labels(attribute)[0][in_wave].nunique() if attribute else partners
        merged = ""
        if attribute and study.merged:
            if count < study.privacy.min_group:
                found = f"With {count} {words}, of which those too small to be shown count as one"
                if partners < FEWEST_PARTNERS:
                    return cls("", "respondents", f"{found}, intervals speak of these only, not of others like them.")
                told = f"intervals are made over {partners} HR partners and speak of these {words} only."
                return cls("cluster_id", "HR partners", f"{found}, {told}")
            if count < study.groups_answering(attribute, wave):
                merged = f" Groups of {attribute} that are too small to be shown count as one."
        wide = f"Intervals speak of others like these {count} {words}, which are few, so intervals are wide."
        return cls(attribute or "cluster_id", words, ((wide if 0 < count <= FEW_CLUSTERS else "") + merged).strip())

    @property
    def is_attribute(self) -> bool:
        """Whether study.yaml names an attribute."""
        return self.column not in ("", "cluster_id")

    def named(self, frame: pd.DataFrame, person: str, labels: pd.Series | None) -> pd.DataFrame:
        """Put it into ``cluster_id``; a person without it is by itself."""
        if not self.column or (self.is_attribute and labels is None):
            return frame.assign(cluster_id=frame[person])
        found = frame["cluster_id"] if labels is None else labels.reindex(frame.index)
        return frame.assign(cluster_id=found.fillna(frame[person]))
