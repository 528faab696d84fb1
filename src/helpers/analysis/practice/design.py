"""How a practice was allotted, read from the study: what may be said of its effect follows from that alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from helpers.analysis.methods.counts import by_group
from helpers.analysis.methods.counts import people as counted

if TYPE_CHECKING:
    from helpers.data import Study

Kind = Literal["lot", "wait list", "staggered start", "single cases", "comparison", "none"]
#: What readers call the unit that was allotted.
UNITS = {"team": "teams", "hr_partner": "HR partners", "pair": "pairs"}
#: Designs in which chance decided, so that a difference may be called an effect.
BY_CHANCE = ("lot", "wait list", "staggered start", "single cases")
BEGUN, NOT_BEGUN, ALL_PAIRS = "had begun", "had not begun", "all pairs"
NEXT_TIME = (
    "To learn what the practice does, draw lots before it begins: write down every team (or HR partner), its group and "
    "the day of the draw in practice_draws.csv, and measure once before the first start and once before the second."
)
#: What was done, and what follows for what may be said.
_WORDS: dict[str, str] = {
    "lot": "Lots decided which {unit} began{within}, and which did not. Differences are effects.",
    "wait list": "Lots decided which {unit} began first{within} and which waited. Until those began, differences are "
    "effects.",
    "staggered start": "Lots decided when each of the {unit} began{within}. Those who began are compared with those "
    "who had not yet; differences are effects.",
    "single cases": "Lots decided on which day each of the {unit} began. Changes of level at that day are effects, in "
    "these cases.",
    "comparison": "Somebody chose which {unit} began. Whoever was chosen may have differed before, so differences are "
    "associations, and the evidence is weak at most.",
}
#: What of an allocation is read, of a study that records none.
_ALLOTTED = [
    "partnership_id", "hr_id", "manager_id", "start_date", "end_date", "unit_kind", "unit", "stratum", "arm",
    "starts_on", "allocated_by", "drawn_on", "could_start",
]  # fmt: skip


@dataclass(frozen=True)
class Design:
    """How one practice was allotted.

    Attributes
    ----------
    practice : str
        The practice.
    kind : {"lot", "wait list", "staggered start", "single cases", "comparison", "none"}
        See :func:`of_allotted`.
    unit : str
        What was allotted, in the plural: teams, HR partners or pairs; "pairs" where nothing was.
    pairs : pandas.DataFrame
        The pairs that were in the allocation and existed at the first start, one row each: partnership_id, hr_id,
        manager_id, unit, stratum (empty text where there is none), arm, starts_on, could_start.
    starts : list of pandas.Timestamp
        Days on which cohorts began, in order.
    reason : str
        Why a stricter kind was not recognised; empty where there is nothing to say.
    """

    practice: str
    kind: Kind
    unit: str
    pairs: pd.DataFrame
    starts: list[pd.Timestamp]
    reason: str = ""

    @property
    def by_chance(self) -> bool:
        """Whether chance decided who began (or when), so that a difference may be called an effect."""
        return self.kind in BY_CHANCE

    @property
    def compares(self) -> bool:
        """Whether some had begun while others had not, or the day of each start was drawn."""
        return self.kind != "none"

    @property
    def stratified(self) -> bool:
        """Whether lots were drawn within groups."""
        return self.pairs["stratum"].nunique() > 1

    def in_words(self) -> str:
        """Say what was done, and what follows from it for what may be said.

        Returns
        -------
        str
            One to three sentences.
        """
        if self.kind == "none":
            why = self.reason or "Nothing is recorded of who was allotted to the practice."
            return f"{why} So this chapter tells of no effect. {NEXT_TIME}"
        within = " within groups" if self.stratified else ""
        size = f"{self.pairs['unit'].nunique()} {self.unit} were allotted."
        return " ".join(filter(None, [self.reason, _WORDS[self.kind].format(unit=self.unit, within=within), size]))

    @property
    def claims(self) -> dict[str, str]:
        """Sentences of findings about a dimension, as far as the design goes: ``sentence``, ``same``, ``unknown``."""
        if self.by_chance:
            name = self.practice.replace("_", " ")
            return {
                "sentence": f"{name.capitalize()} {{raised|lowered}} {{dimension}} by {{size}}.",
                "same": f"{name.capitalize()} did not move {{dimension}} by as much as {{smallest}}.",
                "unknown": f"We cannot tell whether {name} moved {{dimension}}",
            }
        return {
            "sentence": "Where the practice had begun, managers score {dimension} {size} {higher|lower} than where it "
            "had not. Nobody drew lots, so this may have been so before.",
            "same": "Where the practice had begun, managers score {dimension} as elsewhere: any gap is below "
            "{smallest}.",
            "unknown": "We cannot tell whether managers score {dimension} otherwise where the practice had begun",
        }

    def waves(self, dates: pd.Series) -> tuple[str, str]:
        """Choose the waves that compare those who began with those who had not.

        Parameters
        ----------
        dates : pandas.Series
            Day in the middle of each wave, by its name.

        Returns
        -------
        tuple of str
            The last wave before the first start, and the last one between the first start and the second; empty
            where there is none.
        """
        if not self.starts:
            return "", ""
        until = self.starts[1] if len(self.starts) > 1 else pd.Timestamp.max
        dates = dates.sort_values()
        before, between = dates[dates < self.starts[0]], dates[(dates >= self.starts[0]) & (dates < until)]
        return (str(before.index[-1]) if len(before) else "", str(between.index[-1]) if len(between) else "")

    def panel(self, scores: pd.DataFrame, dates: pd.Series, value: str = "score") -> pd.DataFrame:
        """Put together what :func:`helpers.analysis.methods.staggered.changes` takes: every pair at every wave.

        Parameters
        ----------
        scores : pandas.DataFrame
            As for :meth:`rows`.
        dates : pandas.Series
            Day in the middle of each wave, by its name.
        value : str
            Column with the outcome.

        Returns
        -------
        pandas.DataFrame
            One row per pair, wave and dimension: the columns of :attr:`pairs`, respondent_id, dimension, score, time
            (number of the wave, from 1) and began (number of the first wave after the pair's start; missing for those
            who had not begun by the last).
        """
        dates = dates.sort_values()
        numbers = pd.Series(range(1, len(dates) + 1), dates.index)
        columns = ["partnership_id", "respondent_id", "dimension", "wave", value]
        rows = self.pairs.merge(scores[columns].rename(columns={value: "score"}), on="partnership_id")
        began = [numbers[dates >= day].min() if pd.notna(day) else np.nan for day in rows["starts_on"]]
        return rows.assign(time=rows["wave"].map(numbers), began=np.array(began, float))

    def comparable(self, scores: pd.DataFrame, before: str, after: str) -> tuple[pd.DataFrame, list[str]]:
        """Keep the outcomes that are known of both: of pairs whose unit had begun and of pairs whose unit had not.

        Parameters
        ----------
        scores : pandas.DataFrame
            As for :meth:`rows`.
        before, after : str
            As for :meth:`rows`.

        Returns
        -------
        tuple
            The rows of those outcomes (a baseline known of one kind alone is left out), and the names of the others.
        """
        begun = (
            set(self.pairs.loc[self.pairs["starts_on"] == self.starts[0], "partnership_id"]) if self.starts else set()
        )
        known = scores[scores["partnership_id"].isin(self.pairs["partnership_id"]) & scores["score"].notna()]
        kinds = known["partnership_id"].isin(begun).groupby([known["dimension"], known["wave"]]).nunique()
        both = {tuple(key) for key, number in kinds.items() if number == 2}
        names = list(dict.fromkeys(known["dimension"]))
        kept = [name for name in names if (name, after) in both]
        usable = [key in both for key in zip(known["dimension"], known["wave"])]
        rows = known[known["dimension"].isin(kept) & pd.Series(usable, known.index, dtype=bool)]
        return rows.reset_index(drop=True), [name for name in names if name not in kept]

    def rows(self, scores: pd.DataFrame, before: str, after: str, value: str = "score") -> pd.DataFrame:
        """Put together what the model of an effect takes: every pair that was allotted, as it was allotted.

        Parameters
        ----------
        scores : pandas.DataFrame
            Outcomes, one row per pair, wave and dimension: partnership_id, respondent_id, wave, dimension and the
            value.
        before, after : str
            Waves with the baseline and with the outcome; an empty ``before`` means no baseline.
        value : str
            Column with the outcome.

        Returns
        -------
        pandas.DataFrame
            One row per dimension and pair: those columns of :attr:`pairs`, respondent_id (the manager, where nobody
            answered), dimension, score (missing for those who did not answer), baseline (the mean of all where it is
            unknown), unknown (1 where the baseline is, else 0) and treated (1 where the unit had begun, else 0).

        Notes
        -----
        Intention to treat: whether a pair took part does not matter. A baseline that is unknown is filled with the mean
        and marked, which keeps the lot intact (White & Thompson 2005, *Statistics in Medicine*, 24, 993-1007).
        """
        columns = ["partnership_id", "dimension", value]
        after_ = scores.loc[scores["wave"] == after, ["respondent_id", *columns]].rename(columns={value: "score"})
        before_ = scores.loc[scores["wave"] == before, columns].rename(columns={value: "baseline"})
        dimensions = pd.DataFrame({"dimension": after_["dimension"].unique()})
        rows = self.pairs.merge(dimensions, how="cross")
        for part in (after_, before_):
            rows = rows.merge(part, on=["partnership_id", "dimension"], how="left")
        rows = rows[rows.groupby("dimension")["score"].transform("count") > 0].reset_index(drop=True)
        rows["respondent_id"] = rows["respondent_id"].fillna(rows["manager_id"])
        rows["unknown"] = rows["baseline"].isna().astype(int)
        rows["baseline"] = rows["baseline"].fillna(rows.groupby("dimension")["baseline"].transform("mean")).fillna(0.0)
        begun = (
            rows["starts_on"].notna() & (rows["starts_on"] <= self.starts[0]) if self.starts else rows["unknown"] < 0
        )
        return rows.assign(treated=begun.astype(int), score=rows["score"].astype(float))


def design_of(study: Study, practice: str) -> Design:
    """Read from a study how a practice was allotted.

    Parameters
    ----------
    study : helpers.data.Study
        With or without the table practice_draws.
    practice : str
        As its playbook declares it, such as ``"role_swap"``.

    Returns
    -------
    Design
        See there. Its kind is *lot* (by lot, some began and others did not), *wait list* (by lot, two starts),
        *staggered start* (by lot, three starts or more), *single cases* (the day of each start was drawn),
        *comparison* (somebody chose) or *none* (nothing is recorded, or everybody began at once).

    Notes
    -----
    What is recorded is checked: lots that were drawn after the first start decided nothing, so that counts as a
    comparison.
    """
    allotted = study.allotted(practice) if study.has("practice_draws") else pd.DataFrame(columns=_ALLOTTED)
    return of_allotted(allotted, practice)


def uptake(
    design: Design, log: pd.DataFrame, until: pd.Timestamp, smallest: int, pairs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Say how many pairs took part, of those whose unit had begun and of those whose unit had not.

    Parameters
    ----------
    design : Design
        How the practice was allotted.
    log : pandas.DataFrame
        The table practice_log.
    until : pandas.Timestamp
        Day up to which taking part counts.
    smallest : int
        Fewest people of whom a number may tell.
    pairs : pandas.DataFrame, optional
        The table partnerships: what is described where nothing was allotted.

    Returns
    -------
    pandas.DataFrame
        One row per arm ("had begun", "had not begun"; "all pairs", where nothing was allotted): arm, estimate (per cent
        of pairs that took part), units (HR partners, where nothing was allotted), respondents (managers), people, note.

    Notes
    -----
    A pair took part where a session names it or its manager; where HR partners were allotted, also where it names the
    HR partner. Only those are known who agreed to be counted, or whom the employer records anyway, so the figure is at
    least this high. Where fewer than ``smallest`` managers took part, or did not, it is the one that as many would
    give, or zero: a lower bound as before, which tells of nobody. Of pairs that had not begun, those who took part all
    the same make the effect look smaller.
    """
    of_practice = log[(log["practice"] == design.practice) & (pd.to_datetime(log["date"]) <= until)]
    took_part, people = set(of_practice["partnership_id"].dropna()), set(of_practice["person_id"].dropna())
    rows = design.pairs
    if design.kind == "none" and pairs is not None:
        rows = pairs.assign(unit=pairs["hr_id"], starts_on=pd.NaT)
    took = rows["partnership_id"].isin(took_part) | rows["manager_id"].isin(people)
    if design.unit == UNITS["hr_partner"]:
        took |= rows["hr_id"].isin(people)
    begun = pd.to_datetime(rows["starts_on"]) <= until
    arms = ALL_PAIRS if design.kind == "none" else np.where(begun, BEGUN, NOT_BEGUN)
    rows = rows.assign(respondent_id=rows["manager_id"], took=took, arm=arms)
    return by_group(
        rows.sort_values("arm"),
        ["arm"],
        lambda own: [
            {"estimate": _at_least(own, smallest), "units": own["unit"].nunique(), **counted(own, "unit", value="took")}
            | {"method": "share of pairs", "note": ""}
        ],
    )


def _at_least(rows: pd.DataFrame, smallest: int) -> float:
    """Return the per cent of pairs that took part, or less where that would tell of a few managers."""
    if not len(rows):
        return np.nan
    did, did_not = (rows.loc[own, "manager_id"].nunique() for own in (rows["took"], ~rows["took"]))
    if 0 < did_not < smallest:
        return float(100 * max(len(rows) - smallest, 0) / len(rows)) if did >= smallest else 0.0
    return 0.0 if 0 < did < smallest else float(100 * rows["took"].mean())


def middle_of(answers: pd.DataFrame) -> pd.Series:
    """Return the day in the middle of each wave: half of the answers came before it.

    Parameters
    ----------
    answers : pandas.DataFrame
        Answer sheets with wave and submitted_at.

    Returns
    -------
    pandas.Series
        Day by wave, in order; without waves of which no sheet has a day.
    """
    return pd.to_datetime(answers["submitted_at"]).groupby(answers["wave"]).median().dropna().sort_values()


def of_allotted(allotted: pd.DataFrame, practice: str) -> Design:
    """Read a design from what an allocation says of every pair.

    Parameters
    ----------
    allotted : pandas.DataFrame
        One row per pair, as :meth:`helpers.data.Study.allotted` gives it.
    practice : str
        The practice.

    Returns
    -------
    Design
        Its kind is *lot* (by lot, some began and others did not), *wait list* (by lot, two starts), *staggered start*
        (by lot, three starts or more), *single cases* (the day of each start was drawn), *comparison* (somebody
        chose) or *none* (nothing is recorded, or everybody began at once).

    Notes
    -----
    What is recorded is checked: lots that were drawn after the first start decided nothing, so that counts as a
    comparison.
    """
    known = allotted[allotted["arm"].notna()]
    starts = sorted(pd.to_datetime(known["starts_on"]).dropna().unique())
    pairs = known.assign(
        starts_on=pd.to_datetime(known["starts_on"]), stratum=known["stratum"].fillna("").astype(str)
    ).reset_index(drop=True)
    if starts:
        began, ended = pd.to_datetime(pairs["start_date"]), pd.to_datetime(pairs["end_date"])
        there = (began.isna() | (began <= starts[0])) & (ended.isna() | (ended > starts[0]))
        pairs = pairs[there].reset_index(drop=True)
    unit = UNITS.get(str(known["unit_kind"].iloc[0]), "pairs") if len(known) else "pairs"
    kind, reason = _kind(pairs, starts)
    return Design(practice, kind, unit, pairs, [pd.Timestamp(start) for start in starts], reason)


def _kind(pairs: pd.DataFrame, starts: list[pd.Timestamp]) -> tuple[Kind, str]:
    """Tell the kind of a design, and why it is not a stricter one."""
    if not len(pairs) or not starts:
        return "none", ""
    waiting = pairs["starts_on"].isna() | (pairs["starts_on"] > starts[0])
    by_lot = set(pairs["allocated_by"].dropna()) == {"lot"}
    if by_lot and (pd.to_datetime(pairs["drawn_on"]) > starts[0]).any():
        return "comparison", "Lots are recorded, but of a day after the first start: they decided nothing."
    if by_lot and pairs["could_start"].notna().any():
        return "single cases", ""
    if not waiting.any() or waiting.all():
        return "none", "Everybody began at the same time, so nobody is left to compare with."
    if not by_lot:
        return "comparison", ""
    if len(starts) > 2:
        return "staggered start", ""
    return ("wait list" if len(starts) == 2 else "lot"), ""
