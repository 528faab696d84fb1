"""Plan a practice with what a study has: its pairs, how alike managers answer, and the answer in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from helpers.analysis.methods import agreement
from helpers.analysis.methods.counts import require
from helpers.analysis.methods.two_way import crossed
from helpers.analysis.practice.design import UNITS
from helpers.analysis.practice.effect import ENOUGH, FEWEST
from helpers.analysis.practice.power import ASSUMED_ALIKE, ASSUMED_BASELINE, Plan
from helpers.data.practices import teams

if TYPE_CHECKING:
    from helpers.analysis.survey.answers import Answers
    from helpers.data import Study

#: Fewest pairs that answered in both waves for their scores to be correlated.
_FEWEST_PAIRS = 10
#: Most that managers of one unit are taken to be alike, for there to be something left to plan.
_MOST_ALIKE = 0.99


def measured(scores: pd.DataFrame, unit: str, wave: str, before: str = "", confidence: float = 0.95) -> pd.DataFrame:
    """Measure what a plan takes from a survey: how alike managers of one unit are, and how scores go on.

    Parameters
    ----------
    scores : pandas.DataFrame
        Scores of managers: partnership_id, respondent_id, dimension, wave, score and the unit.
    unit : str
        Column of the unit that lots would be drawn for.
    wave : str
        Wave whose scores are taken.
    before : str
        Wave before; empty where there is none.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per dimension: dimension, estimate (intraclass correlation), low, high, baseline (correlation of a
        pair's scores in both waves; missing below 10 pairs), respondents, respondents_both (who answered in both waves;
        missing without a wave before), clusters, people, method, note.

    Notes
    -----
    See :func:`helpers.analysis.methods.agreement.group_reliability`. Negative estimates are chance.

    Examples
    --------
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> managers = study.responses().query("side == 'manager'")
    >>> scores = scales.scores(managers, study.codebook).query("dimension == 'listening'")
    >>> scores = scores.assign(unit=scores["hr_id"])
    >>> first, *_, last = study.waves
    >>> measured(scores, "unit", last, first)[["dimension", "estimate", "low", "high"]].round(2)
       dimension  estimate   low  high
    0  listening      0.04 -0.02  0.15
    """
    require(scores, [unit, "wave", "score", "dimension", "partnership_id", "respondent_id"])
    now = scores[(scores["wave"] == wave) & scores[unit].notna()].assign(cluster_id=lambda rows: rows[unit])
    found = agreement.group_reliability(now, unit, "score", by=["dimension"], confidence=confidence)
    found = found[found["coefficient"] == "ICC(1)"].drop(columns="coefficient").reset_index(drop=True)
    earlier = scores.loc[scores["wave"] == before, ["partnership_id", "dimension", "score"]]
    both = now.merge(earlier, on=["partnership_id", "dimension"], suffixes=("", "_before"))
    both = both.dropna(subset=["score", "score_before"])
    kept = {
        name: (
            own["score"].corr(own["score_before"]) if len(own) >= _FEWEST_PAIRS else np.nan,
            own["respondent_id"].nunique(),
        )
        for name, own in both.groupby("dimension")
    }
    found.insert(4, "baseline", found["dimension"].map({name: pair[0] for name, pair in kept.items()}).astype(float))
    found["respondents_both"] = found["dimension"].map({name: pair[1] for name, pair in kept.items()}).astype(float)
    return found


#: Why nothing can be planned.
NO_PAIRS = "This chapter needs the table survey or partnerships, of which the study has neither."


class Basis(NamedTuple):
    """What a plan takes from a survey, or what it assumes where no survey tells.

    Attributes
    ----------
    alike, low, high : float
        Intraclass correlation, at least 0, and its interval; both ends are the value itself where it is assumed.
    baseline : float
        Correlation of a manager's score with the one before.
    dimension : str
        Dimension that was measured; empty where the value is assumed.
    is_measured, is_baseline_measured : bool
        Whether the survey told either.
    """

    alike: float
    low: float
    high: float
    baseline: float
    dimension: str
    is_measured: bool
    is_baseline_measured: bool

    @classmethod
    def of(cls, table: pd.DataFrame, dimension: str = "") -> Basis:
        """Take one dimension from what was measured: the one named, else the middle one by likeness.

        Fewer than 8 units tell too little: of three, an interval may reach from 0 to .8.

        Parameters
        ----------
        table : pandas.DataFrame
            As :func:`measured` returns it and as it may be shown: hidden values are missing, and numbers of units may
            be words, such as "10–19", of which the first number counts.
        dimension : str
            Dimension that the practice is meant to change.

        Returns
        -------
        Basis
            See there.
        """
        units = pd.to_numeric(table["clusters"].astype("str").str.extract(r"^(\d+)", expand=False))
        known = table[table["estimate"].notna() & (units >= FEWEST)]
        known = known[known["dimension"] == dimension] if dimension else known
        known = known.sort_values("estimate", kind="stable")
        if not len(known):
            return cls(ASSUMED_ALIKE, ASSUMED_ALIKE, ASSUMED_ALIKE, ASSUMED_BASELINE, "", False, False)
        row = known.iloc[len(known) // 2]
        low, high = (row[end] if pd.notna(row[end]) else row["estimate"] for end in ("low", "high"))
        alike, low, high = (float(np.clip(value, 0, _MOST_ALIKE)) for value in (row["estimate"], low, high))
        has_before = bool(pd.notna(row["baseline"]))
        baseline = float(np.clip(row["baseline"], 0, 1)) if has_before else ASSUMED_BASELINE
        return cls(alike, low, high, baseline, str(row["dimension"]), True, has_before)

    def in_words(self, label: str = "") -> str:
        """Say where the numbers are from; ``label`` is what readers call the dimension."""
        if not self.is_measured:
            alike = "No survey tells yet how alike managers of one unit are, or too few units answered; "
            alike += f"{self.alike:.2f} is assumed (ICC)."
        else:
            alike = f"Managers of one unit are alike by {self.alike:.2f} (ICC of “{label or self.dimension}”; interval "
            alike += f"{self.low:.2f} to {self.high:.2f}), as measured in this study."
        source = "as measured in this study" if self.is_baseline_measured else "which is assumed"
        return f"{alike} Scores before and after correlate by {self.baseline:.2f}, {source}."


def waves_of(answers: Answers | None) -> tuple[str, str]:
    """Return the latest wave and the one before it; empty where there is none, or no survey was asked."""
    if answers is None:
        return "", ""
    return answers.wave, answers.earlier[-1] if answers.earlier else ""


def pairs_of(study: Study, answers: Answers | None, kind: str) -> pd.DataFrame:
    """List the pairs there are, with the unit that lots would be drawn for.

    Parameters
    ----------
    study : helpers.data.Study
        With partnerships, else the pairs are those that answered.
    answers : Answers, optional
        Answers to its survey; needed where the study has no partnerships.
    kind : {"hr_partner", "team", "pair"}
        What lots would be drawn for; teams need the tables people and units.

    Returns
    -------
    pandas.DataFrame
        One row per pair that has not ended: partnership_id, hr_id, manager_id, unit (missing for managers of no team).
    """
    columns = ["partnership_id", "hr_id", "manager_id"]
    if study.has("partnerships"):
        pairs = study.table("partnerships")
        ended = pd.to_datetime(pairs["end_date"]) <= pd.Timestamp(study.as_of)
        pairs = pairs.loc[~ended, columns]
    elif answers is None:
        raise ValueError(NO_PAIRS)
    else:
        pairs = answers.now[columns].drop_duplicates()
    pairs = pairs.dropna(subset=["hr_id", "manager_id"]).reset_index(drop=True)
    others = [study.table(name) if study.has(name) else None for name in ("people", "units")]
    units = {"hr_partner": pairs["hr_id"], "pair": pairs["partnership_id"]}
    return pairs.assign(unit=units[kind] if kind in units else teams(pairs["manager_id"], *others))


def planned(pairs: pd.DataFrame, basis: Basis, **chosen: float) -> Plan | None:
    """Plan with all that there is.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As :func:`pairs_of` returns them.
    basis : Basis
        What is taken from the survey.
    **chosen : float
        Further numbers of :class:`Plan`: silent, spillover, lots, confidence, baseline_units.

    Returns
    -------
    Plan or None
        Units, their sizes and their HR partners as they are; None where no pair has a unit.
    """
    known = pairs.dropna(subset=["unit"])
    sizes = known.groupby("unit").size()
    if not len(sizes):
        return None
    across = crossed(known, "unit", "hr_id") or (sizes.max() == 1 and known["hr_id"].duplicated().any())
    numbers: dict[str, float] = {"baseline": basis.baseline, "baseline_units": basis.baseline, "alike": basis.alike}
    return Plan(
        units=len(sizes),
        size=float(sizes.mean()),
        spread=float(sizes.std(ddof=0) / sizes.mean()),
        partners=int(known["hr_id"].nunique()) if across else 0,
        **(numbers | chosen),  # type: ignore[arg-type]
    )


def in_words(plan: Plan, high: float, kind: str, worth: float) -> list[str]:
    """Say what a plan can see, and what could be done.

    Parameters
    ----------
    plan : Plan
        What there is.
    high : float
        Upper end of the interval of the intraclass correlation.
    kind : {"hr_partner", "team", "pair"}
        What lots would be drawn for.
    worth : float
        Smallest effect worth acting on, in standard deviations of scores.

    Returns
    -------
    list of str
        Sentences.
    """
    units, needed = UNITS[kind], plan.needed(worth)
    told = f"{plan.units} {units if plan.units != 1 else units.removesuffix('s')}"
    if not needed:
        return [
            f"With {told}, or any number, no effect can be seen: all of it reaches those who wait. Draw HR partners."
        ]
    cohorts = -(-needed.units // plan.units)
    pool = f"For an effect of {worth:.2f}, pool {cohorts} cohort{'s' * (cohorts != 1)} or clients of this size: "
    pool += f"{needed.units} {units} with {needed.managers} managers, half of which begin by lot while half wait."
    if not plan.testable:
        return [
            f"With {told} no effect on scores can be seen, however large: it takes {FEWEST}, half of which wait.",
            "What you can learn is what took place, what people learned and what they promised (chapter 05), whether "
            "promises are kept (chapter 07), and, if the month in which each begins is drawn, whether monthly figures "
            "such as hiring days change from that month on (below).",
            pool,
        ]
    smallest = plan.smallest()
    sentences = [
        f"With {told} ({plan.managers} managers), half of which begin by lot, no effect below {smallest:.2f} standard "
        f"deviations can be counted on to be seen: {smallest:.2f} is seen in 80 of 100 such studies, {worth:.2f} in "
        f"{100 * plan.power(worth):.0f}."
    ]
    enough = f"That is enough for an effect of {worth:.2f}; {needed.units} {units} would do."
    sentences.append(enough if needed.units <= plan.units else f"{pool} Or plan for an effect of {smallest:.2f}.")
    cautious = replace(plan, alike=high)
    if high > plan.alike and (more := cautious.needed(worth)):
        sentences.append(
            f"Should managers of one unit be as alike as {high:.2f}, the upper end of what this study leaves open, "
            f"{worth:.2f} is seen in {100 * cautious.power(worth):.0f} of 100, and it takes {more.units} {units}."
        )
    return sentences


def registration(
    plan: Plan, practice: str, kind: str, outcomes: Sequence[str], formula: str, worth: float
) -> pd.DataFrame:
    """Draft what is written down before the first start: one page, with gaps for what only people can decide.

    Parameters
    ----------
    plan : Plan
        What is planned.
    practice : str
        The practice, as readers call it.
    kind : {"hr_partner", "team", "pair"}
        What lots are drawn for.
    outcomes : sequence of str
        Dimensions that the practice is meant to change, as readers call them; none: a gap is left.
    formula : str
        The model of chapter 06.
    worth : float
        Smallest effect worth acting on, in standard deviations of scores.

    Returns
    -------
    pandas.DataFrame
        One row per point: part and text.
    """
    units = UNITS[kind]
    crossing = f" and by HR partner, as {units} share them" if plan.partners and kind != "pair" else ""
    many = f"Cluster-robust intervals (CR2) by the {units} drawn{crossing}, two-sided at {1 - plan.confidence:.2f}."
    few = f"The lot is drawn again (randomisation inference), two-sided at {1 - plan.confidence:.2f}."
    none = f"None: fewer than {FEWEST} {units}. Scores are described; monthly figures are tested by drawn starts."
    inference = many if plan.units >= ENOUGH else few if plan.testable else none
    several = ["Benjamini–Hochberg over those named, if there are several.", "One outcome, one test."]
    several += [f"Benjamini–Hochberg over all {len(outcomes)}."]
    spill = (
        f"{100 * plan.spillover:.0f} % of the effect is taken to reach an HR partner’s other pairs."
        if plan.partners
        else ("An HR partner’s pairs begin together, so none waits beside one that began.")
    )
    rows = {
        "Question": f"Does “{practice}” change how managers see the partnership, and by how much?",
        "Outcomes, decided now": ", ".join(outcomes) or "______ (name the dimensions before the first start)",
        "Who": f"{plan.units} {units}, {plan.managers} managers; all are listed before the draw.",
        "Lot": f"Half of the {units} begin, half wait. Drawn on ______ by ______, in front of ______; kept in "
        "practice_draws.csv before the first start on ______.",
        "Measured": "Once before the first start, once before those who wait begin: waves ______ and ______.",
        "Model": formula,
        "Inference": inference,
        "Several outcomes": several[min(len(outcomes), 2)],
        "Who counts": "Everybody as allotted, whether they took part or not. Taking part is reported, not used.",
        "No answer afterwards": f"{100 * plan.silent:.0f} % are expected not to answer. Reported by half; bounds of "
        "Lee (2009) say what that could change.",
        "Spillover": spill,
        "Smallest effect worth acting on": f"{worth:.2f} standard deviations; seen in {100 * plan.power(worth):.0f} of "
        f"100 such studies (ICC {plan.alike:.2f}, correlation with the score before {plan.baseline:.2f}).",
        "What will be said": "An effect, where the interval leaves out 0. No effect worth acting on, where it lies "
        f"within −{worth:.2f} and {worth:.2f}. Else: cannot tell. Whatever comes out is reported.",
        "Stops early if": "______ (harm, complaints, more than ______ who step out). Nobody looks at outcomes before "
        "the end.",
        "Signed": "______, on ______",
    }
    if not plan.testable:
        rows |= {
            "Lot": f"For each of the {units} the month of its start is drawn from those written down as could_start: "
            "______. Drawn on ______ by ______, in front of ______; kept in practice_draws.csv before the first.",
            "Measured": "A figure for every month, before the first start and after the last: ______.",
            "Model": "Mean of the months from the drawn one on, less that of the months before, averaged.",
        }
    return pd.DataFrame({"part": rows.keys(), "text": rows.values()})
