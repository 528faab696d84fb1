"""Measure how often the intervals and tests of practice effects hold what they promise.

Run ``python benchmarks/calibration_practice.py`` for a table of every estimator, or name some of them; ``--write``
keeps the results in ``calibration_practice.json`` and ``calibration_practice.md`` beside this file. Studies are
simulated a hundred at a time, each hundred from its own seed, and kept as they come, so that the command can stop
(``--minutes 4``) and go on where it stopped: the rates are those of one long run. Designs are those of practices: 8,
12, 20 or 36 unequal units (teams), half of which were drawn, of about 8 managers each who were measured before
(correlation .6) and are alike within a unit (intraclass correlation .10).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from calibration import SEED, Entry, Outcome, report
from calibration_hiring import described
from scipy import stats

from helpers.analysis.methods import randomisation, sensitivity, single_case, staggered, two_way
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.practice import design, dose, effect, exposure, planning, promises, session, team_promises
from helpers.data.practices import declared

REGISTRY: dict[str, Entry] = {}
STORE = Path(__file__).with_suffix(".json")
CAPTURES = declared([Path(__file__).resolve().parents[1] / "playbooks"])
#: Studies that are simulated from one seed.
AT_ONCE = 100
FULL = 2000
#: Sizes of study: units, teams, HR partners or listeners.
COUNTS = (8, 12, 20, 36)
ICC, BASELINE = 0.1, 0.6
#: Of each entry what its intervals are of, and the size of study, for the sentence about rates that miss the band.
TOLD: dict[str, tuple[str, str]] = {}


def register(name: str, estimator: str, estimand: str, design: str, told: str, size: str = "", **options) -> Callable:
    """Add a simulation to the registry under a name; ``told`` names its intervals, for readers of reports."""

    def add(simulate: Callable) -> Callable:
        TOLD[name] = (told, size)
        REGISTRY[name] = Entry(estimator, estimand, design, simulate, **options)
        return simulate

    return add


def band(replicates: int) -> tuple[float, float]:
    """Between which rates 99 of 100 runs of so many studies lie where an interval holds the truth 95 times of 100."""
    low, high = stats.binom.ppf([0.005, 0.995], replicates, 0.95) / replicates
    return float(low), float(high)


def misses(row: Mapping[str, Any]) -> bool:
    """Whether the rates of an entry lie outside the band of chance; where zero is the truth, one follows the other."""
    low, high = band(int(row["replicates"]))
    return row["coverage"] is not None and not low <= row["coverage"] <= high


def drawn(random: np.random.Generator, units: int, true: float = 0.0) -> tuple[pd.DataFrame, design.Design]:
    """Draw half of the units, and let their managers answer."""
    sizes = np.resize([4, 6, 7, 8, 9, 10, 12], units)
    unit = np.repeat(np.arange(units), sizes)
    begun = random.permutation(np.arange(units) < units // 2)[unit]
    frame = pd.DataFrame({"unit": unit, "manager_id": np.arange(len(unit)), "hr_id": unit, "treated": begun * 1})
    frame["partnership_id"] = frame["respondent_id"] = frame["manager_id"]
    own = random.normal(size=(2, len(unit))) * (1 - ICC) ** 0.5 + (random.normal(size=(2, units)) * ICC**0.5)[:, unit]
    frame["baseline"], rest = own
    frame["score"] = BASELINE * frame["baseline"] + (1 - BASELINE**2) ** 0.5 * rest + true * frame["treated"]
    frame = frame.assign(stratum="", dimension="trust", unknown=0)
    return frame, design.Design("role_swap", "lot", "teams", frame, [pd.Timestamp("2026-01-05")])


def figures(once: Callable[[np.random.Generator], Mapping[str, pd.Series]]) -> Callable[..., Callable]:
    """Take several figures of the same simulated studies: drawn for the entry that asks first, kept for the others.

    ``once`` draws a study and returns its figures by name; where one of them may not be told, or is not there, another
    study is drawn. What is returned takes a name and the true value, and returns what simulates an entry.
    """
    kept: dict[tuple[int, int], list[dict[str, dict[str, float]]]] = {}

    def drawn_once(random: np.random.Generator, replicates: int) -> list[dict[str, dict[str, float]]]:
        key = (int(random.bit_generator.state["state"]["state"]), replicates)
        if key not in kept:
            kept[key] = []
            for _ in range(20 * replicates):
                ends = {name: {end: row[end] for end in ("low", "high")} for name, row in once(random).items()}
                kept[key] += [ends] if ends and not any(pd.isna(row["low"]) for row in ends.values()) else []
                if len(kept[key]) == replicates:
                    break
            if len(kept[key]) < replicates:
                raise ValueError(f"of {20 * replicates} studies {len(kept[key])} were told of; expected {replicates}")
        return kept[key]

    def entry(name: str, true: float = 0.0) -> Callable[[np.random.Generator, int], Outcome]:
        return lambda random, replicates: rates([found[name] for found in drawn_once(random, replicates)], true)

    return entry


def rates(rows: Sequence[Mapping[str, float] | pd.Series], true: float = 0.0) -> Outcome:
    """Whether each interval holds the truth, and whether zero is rejected where it is the truth.

    An upper end that is missing beside a lower one lies beyond the last time observed.
    """
    table = pd.DataFrame(rows)
    high = table["high"].astype(float).fillna(np.inf).where(table["low"].notna())
    held = ((table["low"] <= true) & (true <= high)).to_numpy(bool)
    return held, ((table["low"] > 0) | (high < 0)).to_numpy(bool) if true == 0 else None


def _effect(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        rows = []
        for _ in range(replicates):
            frame, how = drawn(random, units)
            rows.append(effect.effect({"trust": smf.ols("score ~ treated + baseline", frame)}, how).iloc[0])
        return rates(rows)

    return simulate


for count in (8, 12):
    register(
        f"effect of a lot, {count} units",
        "randomisation inference (CR2 statistic)",
        "effect of a practice, truly 0",
        f"{count} unequal units, half of them drawn, baseline",
        "Intervals of effects where few units are in a lot",
        f"{count} units",
        quick=150,
        expected=(0.93, 1.0),
        null=(0.0, 0.06),
        functions=("randomisation.randomisation_test", "effect.effect"),
    )(_effect(count))
for count in (20, 36):
    register(
        f"effect of a lot, {count} units",
        "analysis of covariance (CR2)",
        "effect of a practice, truly 0",
        f"{count} unequal units, half of them drawn, baseline",
        "Intervals of effects of a lot with many units",
        f"{count} units",
        quick=60,
        functions=("effect.effect",),
    )(_effect(count))


def _comparison(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    def once(random: np.random.Generator) -> pd.Series:
        frame, how = drawn(random, units)
        how = dataclasses.replace(how, kind="comparison")
        return effect.effect({"trust": smf.ols("score ~ treated + baseline", frame)}, how).iloc[0]

    return lambda random, replicates: rates([once(random) for _ in range(replicates)])


def in_strata(random: np.random.Generator, units: int) -> pd.Series:
    """Estimate the effect of a lot that was drawn in two groups of units whose scores differ by 1."""
    frame, how = drawn(random, units)
    stratum = np.arange(units) * 2 // units
    begun = np.concatenate([random.permutation(np.arange(units // 2) < units // 4) for _ in range(2)])
    frame = frame.assign(treated=begun[frame["unit"]] * 1, stratum=stratum[frame["unit"]])
    frame["score"] += frame["stratum"]
    how = dataclasses.replace(how, pairs=frame)
    return effect.effect({"trust": smf.ols("score ~ treated + baseline + C(stratum)", frame)}, how).iloc[0]


def _in_strata(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    return lambda random, replicates: rates([in_strata(random, units) for _ in range(replicates)])


for count in (8, 12):
    register(
        f"comparison without a lot, {count} units",
        "analysis of covariance (CR2)",
        "difference that goes with a practice, truly 0",
        f"{count} unequal units, half of which began, baseline",
        "Intervals of differences without a lot",
        f"{count} units",
        quick=60,
        functions=("effect.effect",),
    )(_comparison(count))


register(
    "effect of a lot in strata, 12 units",
    "randomisation inference (CR2 statistic)",
    "effect of a practice, truly 0",
    "12 unequal units in two strata that differ by 1, half of each drawn, baseline",
    "Intervals of effects of a lot in two groups",
    "12 units",
    quick=150,
    expected=(0.93, 1.0),
    null=(0.0, 0.06),
    functions=("randomisation.randomisation_test", "effect.effect"),
)(_in_strata(12))


def _balance(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        return rates([effect.balance(drawn(random, units)[0]).iloc[0] for _ in range(replicates)])

    return simulate


def _alike(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        scores = (drawn(random, units)[0].assign(score=lambda rows: rows["baseline"]) for _ in range(replicates))
        return rates([planning.measured(rows.assign(wave="1"), "unit", "1").iloc[0] for rows in scores], ICC)

    return simulate


def _two_way(teams: int) -> Callable[[np.random.Generator, int], Outcome]:
    partners, managers = teams * 9 // 7, 12 * teams

    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        team, partner = random.integers(0, teams, managers), random.integers(0, partners, managers)
        begun = random.permutation(np.arange(teams) < teams // 2)[team]
        frame = pd.DataFrame({"team": team, "partner": partner, "treated": begun * 1})
        alike = random.normal(size=teams)[team] + random.normal(size=partners)[partner]
        frame["score"] = alike * ICC**0.5 + random.normal(size=managers) * (1 - 2 * ICC) ** 0.5
        found = two_way.two_way(smf.ols("score ~ treated", frame), ("team", "partner"), "treated")
        return {"treated": found.iloc[0]}

    return figures(once)("treated")


def crossing(random: np.random.Generator, partners: int = 40, each: int = 6) -> pd.DataFrame:
    """Draw a third of the teams that cross with HR partners, both alike, and let managers answer without any effect."""
    partner = np.repeat(np.arange(partners), each)
    unit = (partner + partners // 5 * (np.arange(len(partner)) % each // 3)) % partners
    begun = random.permutation(np.arange(partners) < max(partners // 3, randomisation.FEWEST_EACH))[unit]
    frame = pd.DataFrame({"hr_id": partner, "unit": unit, "stratum": "", "treated": begun * 1})
    frame["respondent_id"] = frame.index
    alike = random.normal(size=(2, partners))[:, unit] + random.normal(size=(2, partners))[:, partner]
    frame["baseline"], rest = alike * ICC**0.5 + random.normal(size=(2, len(unit))) * (1 - 2 * ICC) ** 0.5
    return frame.assign(score=BASELINE * frame["baseline"] + (1 - BASELINE**2) ** 0.5 * rest)


def _exposure(partners: int) -> Callable[..., Callable]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        reached = exposure.compared(exposure.exposure(crossing(random, partners)), 5)
        if not len(reached):
            return {}
        model = smf.wls("score ~ own + others + baseline", reached, weights=reached["weight"])
        return {row["term"]: row for _, row in exposure.effects({"trust": model}).iterrows()}

    return figures(once)


def _lee(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        frame, _ = drawn(random, units)
        rank = frame["score"].rank(pct=True) + random.random(len(frame))
        frame["score"] = frame["score"].where(rank > rank.quantile(0.3) * np.where(frame["treated"] == 1, 0.7, 1.0))
        fits = {"trust": smf.ols("score ~ treated + baseline", frame).fit()}
        return {"bounds": effect.attrition(frame, fits).iloc[0]}

    return figures(once)("bounds")


for count in COUNTS:
    half = f"{count} unequal units, half of them drawn"
    register(
        f"baseline before a lot, {count} units",
        "difference of baselines (CR2)",
        "difference before the practice, truly 0",
        half,
        "Intervals of differences before the start",
        f"{count} units",
        quick=60,
        functions=("effect.balance",),
    )(_balance(count))
    register(
        f"likeness planned with, {count} units",
        "ICC(1) (analysis of variance, F interval)",
        "likeness within units, .10",
        f"{count} unequal units of about 8 managers",
        "Intervals of likeness (ICC)",
        f"{count} units",
        quick=100,
        functions=("planning.measured",),
    )(_alike(count))
    register(
        f"teams and HR partners that cross, {count} teams",
        "two-way clusters (CR2)",
        "difference of two kinds of teams, truly 0",
        f"{count} teams and {count * 9 // 7} HR partners that cross, ICC .10 each",
        "Intervals of differences where teams and HR partners cross",
        f"{count} teams",
        quick=60,
        expected=(0.93, 0.985),
        null=(0.015, 0.07),
        functions=("two_way.two_way",),
    )(_two_way(count))
    of_exposure = _exposure(count)
    for _term, _words in ((exposure.OWN, "an own start"), (exposure.OTHERS, "a start of the HR partner with others")):
        register(
            f"exposure, {_term}, {count} teams",
            "inverse probability of exposure (two-way CR2)",
            f"effect of {_words}, against neither, truly 0",
            f"{count} HR partners with 6 pairs in two of {count} teams, a third or 3 drawn, ICC .10 each, baseline",
            f"Intervals of {_words}",
            f"{count} teams",
            quick=60,
            expected=(0.93, 0.98),
            null=(0.02, 0.07),
            functions=("exposure.effects",),
        )(of_exposure(_term))
    register(
        f"attrition, {count} units",
        "Lee bounds (jackknife, Imbens-Manski)",
        "effect of 0 on those who answer either way",
        f"{half}; the practice keeps one in seven answering who would have left",
        "Bounds for those who do not answer",
        f"{count} units",
        quick=60,
        expected=(0.93, 1.0),
        null=(0.0, 0.07),
        functions=("attrition.lee_bounds", "effect.attrition"),
    )(_lee(count))


@register(
    "single cases",
    "permutation of starts",
    "change of level in three HR partners, truly 0",
    "3 HR partners, 12 months, 5, 5 and 4 possible starts, autocorrelation .3",
    "Intervals of single cases",
    quick=150,
    expected=(0.93, 1.0),
    null=(0.0, 0.06),
    functions=("single_case.randomised_start", "behaviour.single_cases"),
)
def _single_case(random: np.random.Generator, replicates: int) -> Outcome:
    could = {"a": range(4, 9), "b": range(4, 9), "c": range(5, 9)}
    rows = []
    for _ in range(replicates):
        parts = []
        for case in could:
            noise = random.normal(size=12)
            for month in range(1, 12):
                noise[month] += 0.3 * noise[month - 1]
            parts.append(pd.DataFrame({"partner": case, "month": range(1, 13), "days": noise}))
        starts = {case: int(random.choice(days)) for case, days in could.items()}
        found = single_case.randomised_start(pd.concat(parts), "days", "partner", "month", starts, could)
        rows.append(found.iloc[0])
    return rates(rows)


def cohorts(random: np.random.Generator, teams: int) -> pd.DataFrame:
    """Five waves of teams of 8: a third begin at the third, a third at the fourth, the rest never; changes drift."""
    began = random.permutation(np.resize([3.0, 4.0, np.nan], teams))
    person = np.arange(8 * teams)
    frame = pd.DataFrame({"unit": person // 8, "partnership_id": person, "respondent_id": person})
    frame = frame.assign(began=began[frame["unit"]]).merge(pd.DataFrame({"wave": np.arange(1, 6)}), how="cross")
    level = random.normal(size=len(person))[frame["partnership_id"]]
    course = random.normal(size=(teams, 5)).cumsum(axis=1) * 0.15
    frame["score"] = level + course[frame["unit"], frame["wave"] - 1] + random.normal(size=len(frame)) * 0.6
    return staggered.changes(frame, "score", "partnership_id", "wave", "began")


def _of_cohorts(teams: int) -> Callable[..., Callable]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        cells = cohorts(random, teams)
        # what staggered.overall and effect.drifting make of one event study
        study = staggered.event_study(cells, "partnership_id", "unit")
        return {
            "first": staggered.group_time(cells[cells["cell"] == "3 in 3"], "unit").iloc[0],
            "overall": study.table.iloc[-1],
            "drift": sensitivity.relative_magnitudes(study, 0, (1.0,)).iloc[0],
        }

    return figures(once)


for count in COUNTS:
    of_cohorts = _of_cohorts(count)
    how = f"{count} teams of 8, two cohorts and a third that never began, five waves"
    register(
        f"group-time effects, {count} teams",
        "group-time effect (CR2)",
        "effect on the first cohort at its first wave, truly 0",
        how,
        "Intervals of one cohort at one wave",
        f"{count} teams",
        quick=30,
        functions=("staggered.group_time",),
    )(of_cohorts("first"))
    register(
        f"averaged over cohorts, {count} teams",
        "average of group-time effects (CR2)",
        "effect over all cohorts and waves since they began, truly 0",
        how,
        "Intervals over all cohorts",
        f"{count} teams",
        quick=20,
        functions=("staggered.event_study", "staggered.overall"),
    )(of_cohorts("overall"))
    register(
        f"cohorts that may drift, {count} teams",
        "relative magnitudes, M = 1",
        "effect at the first wave, truly 0",
        how,
        "Bounds for cohorts that drift apart",
        f"{count} teams",
        quick=20,
        expected=(0.93, 1.0),
        null=(0.0, 0.06),
        functions=("sensitivity.relative_magnitudes", "effect.drifting"),
    )(of_cohorts("drift"))


@register(
    "departures from parallel trends",
    "relative magnitudes, M = 1",
    "effect of 0 beside a steady drift of .15 a wave",
    "effects at four horizons with standard errors of .1, 40 degrees of freedom",
    "Bounds for a steady drift",
    quick=400,
    expected=(0.93, 1.0),
    null=(0.0, 0.06),
    functions=("sensitivity.relative_magnitudes", "effect.drifting"),
)
def _trends(random: np.random.Generator, replicates: int) -> Outcome:
    rows = []
    for _ in range(replicates):
        estimates = np.array([-2, -1, 1, 2]) * 0.15 + random.normal(0, 0.1, 4)
        table = pd.DataFrame({"horizon": ["-3", "-2", "0", "1"], "estimate": estimates, "degrees_of_freedom": 40.0})
        study = staggered.EventStudy(table.assign(respondents=100, clusters=20, people=None), np.eye(4) * 0.01)
        rows.append(sensitivity.relative_magnitudes(study, 0, (1,)).iloc[0])
    return rates(rows)


# promises -------------------------------------------------------------------------------------------------------------

AS_OF = pd.Timestamp("2026-06-30")
WILSON = "proportion (Wilson, CR2)"
#: What the simulated promises come to: per cent of managers' promises kept, of managers who kept all of theirs, of
#: pairs without a broken promise, days until half are done, and per cent open on day 60; from 8,000 studies pooled.
PROMISED = {"kept": 60.0, "people": 55.8, "pairs": 63.7, "days": 67.0, "open": 38.9}


def promised(random: np.random.Generator, partners: int) -> promises.Promises:
    """Let the pairs of some HR partners promise: one promise each, and every other pair one together."""
    pairs = np.resize([3, 5, 6, 8, 10, 12], partners)
    pair = np.arange(pairs.sum())
    hr = np.repeat(np.arange(partners), pairs)
    makers = np.array(["manager", "hr", "both"])
    place = np.concatenate([pair, pair, pair[random.random(len(pair)) < 0.5]])
    maker = makers[np.minimum(np.arange(len(place)) // len(pair), 2)]
    alike = random.normal(size=partners)[hr[place]] * 0.1**0.5 + random.normal(size=len(pair))[place] * 0.15**0.5
    luck = stats.norm.cdf(alike + random.normal(size=len(place)) * 0.75**0.5)
    outcome = np.select([luck < 0.6, luck < 0.75, luck < 0.92], ["kept", "kept_late", "broken"], "open")
    planned = random.choice([30, 60, 90], len(place))
    early = np.isin(outcome, ["kept", "broken"])  # who gives up does so before the date
    days = planned + np.where(early, -random.integers(0, 20, len(place)), random.integers(1, 30, len(place)))
    silent = (outcome == "open") | ((outcome == "broken") & (random.random(len(place)) < 0.5))
    made = AS_OF - pd.Timedelta(days=200)
    day = made + pd.to_timedelta(days, "D")
    rows = pd.DataFrame({"partnership_id": place, "hr_id": hr[place], "manager_id": place, "promised_by": maker})
    rows["made_on"], rows["due_on"] = made, made + pd.to_timedelta(planned, "D")
    rows = rows.assign(outcome=outcome, closed_on=pd.Series(day).mask(silent), practice="role_swap", cohort="first")
    rows = promises.dated(rows.assign(moved_on=pd.NaT, moved_to=pd.NaT, end_date=pd.NaT), AS_OF)
    rows["hr_id"], rows["manager_id"] = "H" + rows["hr_id"].astype(str), "M" + rows["manager_id"].astype(str)
    rows = rows.assign(cluster_id=rows["hr_id"])
    return promises.Promises(rows, rows, rows[rows["ended"]].reset_index(drop=True), "HR partners", "")


def _of_promises(partners: int) -> Callable[..., Callable]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        made = promised(random, partners)
        rows = made.everything[made.everything["side"] == "manager"].reset_index(drop=True)
        kept, alone = promises.STATUS["kept"], promises.Promises(rows, rows, rows, "", "")
        only_kept = rows.assign(status=rows["status"].where(rows["status"] == "kept", "another end"))
        return {
            "kept": promises.outcomes(only_kept).set_index("became").loc[kept],
            "people": promises.in_people(made.due[made.due["side"] != "hr"].assign(side="manager")).iloc[0],
            "pairs": promises.repeated(made.ended).set_index("breaks").loc["None"],
            "open": promises.still_open(alone, [60]).iloc[0],
            "since": _since(random, rows),
        }

    return figures(once)


def _of_days(partners: int) -> Callable[..., Callable]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        made = promised(random, partners).everything
        rows = made[made["side"] == "manager"].assign(planned=1.0).reset_index(drop=True)
        return {"days": promises.real_days(promises.Promises(rows, rows, rows, "", "")).iloc[0]}

    return figures(once)


def _since(random: np.random.Generator, rows: pd.DataFrame) -> pd.Series:
    """Score pairs of HR partners (ICC .10), whose mean is 0 whatever was kept; take those where all was, since then."""
    codes = pd.factorize(rows["hr_id"])[0]
    alike = random.normal(size=(2, codes.max() + 1))[:, codes] * ICC**0.5
    before, after = alike + random.normal(size=(2, len(rows))) * (1 - ICC) ** 0.5
    rows = rows.assign(before=before, after=after, wave="2", wave_before="1", respondent_id=rows["manager_id"])
    rows = rows.assign(group=(rows["status"] == "kept").map(promises.GROUPS))
    rows = rows[rows["group"] == promises.GROUPS[True]]
    found = promises.course(rows.assign(rated_id=rows["hr_id"], dimension="trust"))
    return found.set_index(["group", "period"]).loc[(promises.GROUPS[True], "Since")]


OF_PROMISES = tuple(
    f"promises.{name}"
    for name in ("outcomes", "measures", "readings", "kept_by_practice", "outcomes_by_kind", "kept_by_kind")
)
KAPLAN_MEIER, TURNBULL = "Kaplan-Meier inverted, cluster-robust", "Turnbull (jackknife, log-log)"
OPEN = "share not closed on day 60; one in ten known by a window"

for count in COUNTS:
    of_promises, of_days = _of_promises(count), _of_days(count)
    how = f"{count} HR partners with 3 to 12 pairs, two or three promises each, alike within pairs and HR partners"
    for _name, _method, _estimand, _part, _functions in (
        ("promises kept", WILSON, "share of managers' promises kept, .60", "kept", OF_PROMISES),
        ("managers who kept all", WILSON, "share of people", "people", ("promises.in_people",)),
        ("pairs without a break", WILSON, "share of pairs", "pairs", ("promises.repeated",)),
        ("days until done", KAPLAN_MEIER, "median days", "days", ("promises.real_days",)),
        ("promises still open", TURNBULL, OPEN, "open", ("promises.still_open", "interval_censored.turnbull")),
        ("trust since", "mean (CR2)", "mean score since promises were kept, 0", "since", ("promises.course",)),
    ):
        register(
            f"{_name}, {count} HR partners",
            _method,
            _estimand,
            how,
            f"Intervals of {_name}",
            f"{count} HR partners",
            quick=25,
            functions=_functions,
        )((of_days if _part == "days" else of_promises)(_part, PROMISED.get(_part, 0.0)))


def _read_back(random: np.random.Generator, replicates: int) -> Outcome:
    """A team's managers with 20 HR partners, three of four in both waves, in which nothing has moved."""
    partner = np.repeat(np.arange(20), np.resize([2, 3, 4], 20))
    made = pd.DataFrame({"promise": ["a"], "owner": [""], "measure": ["trust"], "wave": ["1"], "status": ["kept"]})
    made = made.assign(made_on=AS_OF, due_on=AS_OF)
    rows = []
    for _ in range(replicates):
        frames = []
        person = random.normal(size=len(partner)) * 0.5**0.5
        for wave in ("1", "2"):
            alike = random.normal(size=20)[partner] * ICC**0.5
            told = pd.DataFrame({"respondent_id": np.arange(len(partner)), "cluster_id": partner, "wave": wave})
            told["score_100"] = person + alike + random.normal(size=len(partner)) * 0.4**0.5
            frames.append(told[random.random(len(partner)) < 0.75].assign(dimension="trust"))
        rows.append(team_promises.read_back(made, pd.concat(frames, ignore_index=True), "2").iloc[0])
    return rates(rows)


register(
    "change since a promise of a team",
    "mixed model by least squares (CR2)",
    "change of a team's score since the wave before its promise, truly 0",
    "20 HR partners with 2 to 4 managers of the team, three of four answered a wave, ICC .10",
    "Intervals of change since a promise of a team",
    quick=40,
    functions=("team_promises.read_back",),
)(_read_back)


# hours, and what came of what was heard -------------------------------------------------------------------------------


def _hours(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    """Scores by hours, among units that had begun; hours are alike within a unit."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        rows = []
        for _ in range(replicates):
            frame, _ = drawn(random, units)
            usual = random.uniform(2, 8, units)[frame["unit"]]
            frame["hours"] = usual + random.choice([0, 0, -1, -0.5], len(frame))
            model = smf.ols("score ~ hours + baseline", frame)
            rows.append(few_clusters(model, "unit", "hours").iloc[0])
        return rates(rows)

    return simulate


def listening(random: np.random.Generator, partners: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """HR partners with 4 to 12 managers, four waves, and hours of calls a month that no score follows."""
    frame, _ = drawn(random, partners)
    dates = pd.Series(pd.to_datetime(["2024-12-31", "2025-06-30", "2025-12-31", "2026-06-30"]), list("abcd"))
    usual = random.uniform(1, 6, partners)[:, None] + random.uniform(-1, 1, (partners, 3))
    log = pd.DataFrame({"hr_id": np.repeat(np.arange(partners), 3), "wave": np.tile([1, 2, 3], partners)})
    log["date"], log["hours"] = dates.to_numpy()[log["wave"]] - pd.Timedelta(days=20), 6 * usual.ravel()
    log = log.rename(columns={"hr_id": "person_id"}).assign(practice=dose.CALLS)
    manager, noise = random.normal(size=len(frame)) * 0.6, random.normal(size=(4, len(frame))) * 0.7
    own = random.normal(size=(2, partners, 4)) * (ICC / 2) ** 0.5  # of an HR partner, and of a wave there
    own = own[0] + own[1][:, :1]
    parts = [frame.assign(time=wave + 1, score=manager + noise[wave] + own[frame["unit"], wave]) for wave in range(4)]
    return pd.concat(parts, ignore_index=True), log, dates


def _apart(partners: int, term: str) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        rows = []
        for _ in range(replicates):
            panel, log, dates = listening(random, partners)
            how = design.Design(dose.CALLS, "lot", "HR partners", panel, [])
            beside = dose.within_and_between(how, panel, log, dates, True)
            fit = smf.ols("score ~ between + within + C(time)", beside)
            rows.append(few_clusters(fit, "hr_id", term).iloc[0])
        return rates(rows)

    return simulate


def slips(random: np.random.Generator, listeners: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Answers, sessions and log of listeners with 3 to 9 slips each, alike within a listener (ICC .10)."""
    person = np.repeat(np.arange(listeners), np.resize([3, 5, 6, 7, 9], listeners))
    day = pd.Timestamp("2026-01-05") + pd.to_timedelta(30 * pd.Series(person).groupby(person).cumcount(), "D")
    sessions = pd.DataFrame({"session_id": day.astype(str), "practice": dose.CALLS, "date": day})
    alike = random.normal(size=(3, listeners))[:, person] * ICC**0.5
    looked, gone, long = stats.norm.cdf(alike + random.normal(size=(3, len(person))) * (1 - ICC) ** 0.5)
    noted = {
        "calls_joined": np.repeat("1", len(person)), "practice_filtered": np.where(looked < 0.8, "Rota", None),
        "decision": np.where(looked < 0.5, "change", np.where(looked < 0.8, "keep", None)),
        "notes_destroyed": np.where(gone < 0.8, "yes", "no"),
    }  # fmt: skip
    rows = pd.DataFrame({"session_id": sessions["session_id"], "person_id": [f"H{one}" for one in person]})
    answers = pd.concat([rows.assign(field=name, value=values) for name, values in noted.items()], ignore_index=True)
    log = rows.assign(practice=dose.CALLS, date=day, hours=np.where(long < 0.6, 3.0, 1.0))
    return answers.dropna(subset=["value"]), sessions, log


def _slips(listeners: int, figure: str) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        rows = []
        for _ in range(replicates):
            answers, sessions, log = slips(random, listeners)
            if figure == "funnel":
                table = dose.funnel(answers, sessions, CAPTURES[dose.CALLS], AS_OF).set_index("stage")
                rows.append(table.loc["Decided: change it"])
            elif figure == "rules_kept":
                rows.append(dose.rules_kept(answers, sessions, dose.CALLS).iloc[0])
            else:
                rows.append(dose.by_month(log, dose.CALLS, False).set_index("word").loc[dose.BANDS[1]])
        return rates(rows, {"funnel": 50.0, "rules_kept": 80.0, "by_month": 60.0}[figure])

    return simulate


for count in COUNTS:
    register(
        f"hours, {count} units",
        "analysis of covariance (CR2)",
        "score that goes with an hour more, truly 0",
        f"{count} unequal units that had begun, hours alike within a unit, baseline",
        "Intervals of what goes with hours",
        f"{count} units",
        quick=40,
        functions=("dose.taken",),
    )(_hours(count))
    for term in ("between", "within"):
        register(
            f"hours {term} HR partners, {count}",
            "least squares (CR2)",
            f"score that goes with an hour a month more, {term} HR partners, truly 0",
            f"{count} HR partners with 4 to 12 managers, four waves, alike within HR partners and their waves",
            f"Intervals of what goes with hours {term} HR partners",
            f"{count} HR partners",
            quick=25,
            functions=("dose.within_and_between",),
        )(_apart(count, term))
    for figure, words, _told in (
        ("funnel", "share of slips that led to a change, .50", "the steps after calls"),
        ("rules_kept", "share of slips with notes destroyed, .80", "rules kept"),
        ("by_month", "share of months with 2 to 4 hours, .60", "hours a month"),
    ):
        register(
            f"{figure.replace('_', ' ')}, {count} listeners",
            WILSON,
            words,
            f"{count} listeners with 3 to 9 slips each, alike within a listener",
            f"Intervals of {_told}",
            f"{count} listeners",
            quick=40,
            functions=(f"dose.{figure}",),
        )(_slips(count, figure))


# sessions -------------------------------------------------------------------------------------------------------------


def attended(random: np.random.Generator, partners: int) -> session.Sessions:
    """Let the pairs of HR partners swap once, note hits of three, promise, and say whether their notes are gone."""
    hr = np.repeat(np.arange(partners), np.resize([2, 3, 4, 6], partners))
    pair = pd.DataFrame({"partnership_id": np.arange(len(hr)), "cluster_id": [f"H{one}" for one in hr]})
    pair = pair.assign(hr_id=pair["cluster_id"], manager_id="M" + pair["partnership_id"].astype(str))
    alike = random.normal(size=partners)[hr] * 0.1**0.5 + random.normal(size=len(hr)) * 0.1**0.5
    parts = []
    for side in ("hr", "manager"):
        hits, gone, made = stats.norm.cdf(alike + random.normal(size=(3, len(hr))) * 0.8**0.5)
        answers = {"hits": np.searchsorted([0.2, 0.6, 0.9], hits), "gone": np.where(gone < 0.8, "yes", "no")}
        parts.append(pair.assign(side=side, respondent_id=pair[f"{side}_id"], **answers, made=made < 0.7))
    people = pd.concat(parts, ignore_index=True).assign(session_id="S", date="2026-03-02", hours=8.0)
    noted = {"hits_asked": people["hits"].astype(str), "notes_destroyed": people["gone"]}
    answers = pd.concat([people.assign(field=name, value=told) for name, told in noted.items()], ignore_index=True)
    made = people[people["made"]].assign(promised_by=people["side"], made_on="2026-03-02", due_on="2026-04-02")
    answers, nothing = answers.assign(answer=answers.index), pd.DataFrame()
    swap = CAPTURES["role_swap"]
    swap = swap.model_copy(update={"fields": [swap.field(name) for name in noted]})
    return session.Sessions(swap, nothing, nothing, people, answers, made, 5, "HR partners", AS_OF)


def _sessions(partners: int) -> Callable[..., Callable]:
    def once(random: np.random.Generator) -> dict[str, pd.Series]:
        told = attended(random, partners)
        managers = told.answers[told.answers["side"] == "manager"]
        told = dataclasses.replace(told, answers=managers, log=told.log[told.log["side"] == "manager"])
        tables = {"numbers": session.numbers(told), "shares": session.shares(told), "promised": session.promised(told)}
        return {name: table.iloc[0] for name, table in tables.items()}

    return figures(once)


for count in COUNTS:
    of_sessions = _sessions(count)
    for _name, _method, _estimand, _part, _value in (
        ("counts noted", "mean (CR2)", "mean hits of three, 1.3", "numbers", 1.3),
        ("answers of yes or no", WILSON, "share of notes destroyed, .80", "shares", 80.0),
        ("people who promised", WILSON, "share of people who promised, .70", "promised", 70.0),
    ):
        register(
            f"{_name}, {count} HR partners",
            _method,
            _estimand,
            f"{count} HR partners with 2 to 6 pairs, alike within pairs and HR partners",
            f"Intervals of {_name}",
            f"{count} HR partners",
            quick=60,
            functions=(f"session.{_part}",),
        )(of_sessions(_part, _value))


# the run --------------------------------------------------------------------------------------------------------------


def measure(name: str, replicates: int, known: dict[str, object] | None = None) -> dict[str, object]:
    """Run one entry, beyond the studies that are known already: what it is, replicates, coverage and null rate."""
    row = known or {"replicates": 0, "coverage": 0.0, "null_rate": 0.0}
    while (done := int(row["replicates"])) < replicates:
        some = min(AT_ONCE, replicates - done)
        outcomes = REGISTRY[name].simulate(np.random.default_rng([SEED, done // AT_ONCE]), some)
        rates = {
            key: None if held is None else (row[key] * done + float(np.sum(held))) / (done + some)
            for key, held in zip(("coverage", "null_rate"), outcomes, strict=True)
        }
        row = described(name, REGISTRY) | {"replicates": done + some} | rates
    return row


def kept() -> dict[str, dict[str, object]]:
    """What was measured so far, by name of the entry."""
    return {row["name"]: row for row in json.loads(STORE.read_text(encoding="utf-8"))} if STORE.exists() else {}


def text_of(rows: list[dict[str, object]]) -> str:
    """Write what was measured as a page."""
    low, high = (100 * rate for rate in band(FULL))
    aims = {
        "# Calibration": "# Calibration, practice effects",
        "(aim 93 to 97 %)": f"(aim {low:.1f} to {high:.1f} %: where 99 of 100 runs of {FULL:,} studies would lie)",
        "(aim 4 to 6 %)": f"(aim {100 - high:.1f} to {100 - low:.1f} %; for randomisation at most that)",
    }
    text = report(rows)
    for old, new in aims.items():
        text = text.replace(old, new)
    return text.replace("calibration.py", Path(__file__).name)


def sentences(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Say what misses the band, sizes of one kind together; by the place of the first of them among the rows."""
    missing: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if misses(row):
            missing.setdefault(TOLD[row["name"]][0], []).append(place)
    found = {}
    for told, places in missing.items():
        sizes = [TOLD[rows[place]["name"]][1] for place in places]
        shares = [f"{100 * rows[place]['coverage']:.1f} %" for place in places]
        each = [f"{share} with {size}" if size else share for share, size in zip(shares, sizes, strict=True)]
        counts = [int(rows[place]["replicates"]) for place in places]
        studies = f"{min(counts):,} studies{' or more' if max(counts) > min(counts) else ''}"
        found[places[0]] = f"{told} are cautious: of {studies} they held the truth in {', '.join(each)}."
    return found


def keep(row: dict[str, object]) -> None:
    """Put what was measured of one entry beside the rest, in the order and with the words of the registry."""
    latest = kept() | {row["name"]: row}
    rows = [latest[name] | described(name, REGISTRY) for name in REGISTRY if name in latest]
    for place, told in sentences(rows).items():
        rows[place]["stated"] = told
    STORE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")
    STORE.with_suffix(".md").write_text(text_of(rows), encoding="utf-8", newline="\n")


def main() -> None:
    """Measure the entries named on the command line, or all, from where the last run stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="entries to run; all when none is named")
    parser.add_argument("--replicates", type=int, default=FULL, help=f"simulated studies per entry (default {FULL:,})")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after so many minutes; run again to go on")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {STORE.name} and .md")
    parser.add_argument("--anew", action="store_true", help="forget what was measured of these entries")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - REGISTRY.keys()):
        parser.error(f"no entry {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    end = time.monotonic() + 60 * arguments.minutes
    rows = {} if arguments.anew or not arguments.write else kept()
    for name in arguments.names or REGISTRY:
        row = rows.get(name)
        while (done := int(row["replicates"]) if row else 0) < arguments.replicates:
            if time.monotonic() > end:
                print("stopped; run the same command without --anew to go on", flush=True)
                return
            row = measure(name, min(done + AT_ONCE, arguments.replicates), row)
            if arguments.write:
                keep(row)
        print(f"{name}: {done} studies, coverage {row['coverage']}, null rate {row['null_rate']}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore", RuntimeWarning)
    main()
