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
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from calibration import SEED, Entry, Outcome, report
from calibration_hiring import described
from scipy import stats

from helpers.analysis.methods import sensitivity, single_case, staggered, two_way
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.practice import design, dose, effect, exposure, planning, promises, session
from helpers.data.practices import declared

REGISTRY: dict[str, Entry] = {}
STORE = Path(__file__).with_suffix(".json")
CAPTURES = declared([Path(__file__).resolve().parents[1] / "playbooks"])
#: Studies that are simulated from one seed.
AT_ONCE = 100
FULL = 2000
ICC, BASELINE = 0.1, 0.6
CAREFUL = (
    "With 8 units the lot can fall in few ways, so its test is cautious: it found an effect in {null_rate} of "
    "{replicates} simulated studies without one, and its intervals held the truth in {coverage}."
)
BOUNDS = "Bounds for those who do not answer are cautious: they held the truth in {coverage} of {replicates} studies."
REACHED = (
    "What reaches a pair through its HR partner is told cautiously, as the largest of several variances is taken: of "
    "{replicates} studies without such an effect {null_rate} found one."
)
#: What is told cautiously of few, by entry.
FEW = {
    "hours, 8 units": "With 8 units, what goes with hours is told cautiously: of {replicates} studies in which nothing "
    "does, {null_rate} found something.",
    "hours within HR partners, 8": "With 8 HR partners, what goes with hours within them is told cautiously: of "
    "{replicates} studies in which nothing does, {null_rate} found something.",
    "hours within HR partners, 20": "With 20 HR partners, what goes with hours within them was found in {null_rate} of "
    "{replicates} studies in which nothing does.",
    "funnel, 8 listeners": "With 8 listeners, intervals of the steps after calls held the truth in {coverage} of "
    "{replicates} studies.",
    "rules kept, 8 listeners": "With 8 listeners, intervals of rules kept held the truth in {coverage} of {replicates} "
    "studies.",
    "by month, 8 listeners": "With 8 listeners, intervals of hours a month held the truth in {coverage} of "
    "{replicates} studies.",
    "funnel, 12 listeners": "With 12 listeners, intervals of the steps after calls held the truth in {coverage} of "
    "{replicates} studies.",
}
TRENDS = "Bounds for cohorts that drift apart are cautious: they held the truth in {coverage} of {replicates} studies."


def register(name: str, estimator: str, estimand: str, design: str, **options) -> Callable:
    """Add a simulation to the registry under a name."""

    def add(simulate: Callable) -> Callable:
        REGISTRY[name] = Entry(estimator, estimand, design, simulate, **options)
        return simulate

    return add


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


def rates(rows: list[pd.Series], true: float = 0.0) -> Outcome:
    """Whether each interval holds the truth, and whether zero is rejected where it is the truth."""
    table = pd.DataFrame(rows)
    held = ((table["low"] <= true) & (true <= table["high"])).to_numpy(bool)
    return held, ((table["low"] > 0) | (table["high"] < 0)).to_numpy(bool) if true == 0 else None


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
        quick=150,
        expected=(0.93, 1.0),
        null=(0.0, 0.06),
        functions=("randomisation.randomisation_test", "effect.effect"),
        stated=CAREFUL if count == 8 else "",
    )(_effect(count))
for count in (20, 36):
    register(
        f"effect of a lot, {count} units",
        "analysis of covariance (CR2)",
        "effect of a practice, truly 0",
        f"{count} unequal units, half of them drawn, baseline",
        quick=60,
        functions=("effect.effect",),
    )(_effect(count))


@register(
    "baseline before a lot",
    "difference of baselines (CR2)",
    "difference before the practice, truly 0",
    "20 unequal units, half of them drawn",
    quick=60,
    functions=("effect.balance",),
)
def _balance(random: np.random.Generator, replicates: int) -> Outcome:
    return rates([effect.balance(drawn(random, 20)[0]).iloc[0] for _ in range(replicates)])


@register(
    "likeness planned with",
    "ICC(1) (analysis of variance, F interval)",
    "likeness within units, .10",
    "36 unequal units of about 8 managers",
    quick=100,
    functions=("planning.measured",),
)
def _alike(random: np.random.Generator, replicates: int) -> Outcome:
    scores = (drawn(random, 36)[0].assign(score=lambda rows: rows["baseline"], wave="1") for _ in range(replicates))
    return rates([planning.measured(rows, "unit", "1").iloc[0] for rows in scores], ICC)


@register(
    "teams and HR partners that cross",
    "two-way clusters (CR2)",
    "difference of two kinds of teams, truly 0",
    "28 teams and 36 HR partners that cross, ICC .10 each",
    quick=60,
    expected=(0.93, 0.985),
    null=(0.015, 0.07),
    functions=("two_way.two_way",),
)
def _two_way(random: np.random.Generator, replicates: int) -> Outcome:
    rows = []
    for _ in range(replicates):
        team, partner = random.integers(0, 28, 330), random.integers(0, 36, 330)
        frame = pd.DataFrame({"team": team, "partner": partner, "treated": (random.permutation(28) < 14)[team] * 1})
        alike = random.normal(size=28)[team] * 0.1**0.5 + random.normal(size=36)[partner] * 0.1**0.5
        frame["score"] = alike + random.normal(size=330) * 0.8**0.5
        rows.append(two_way.two_way(smf.ols("score ~ treated", frame), ("team", "partner"), "treated").iloc[0])
    return rates(rows)


def crossing(random: np.random.Generator, partners: int = 40, each: int = 6) -> pd.DataFrame:
    """Draw a third of 40 teams that cross with HR partners, both alike, and let managers answer without any effect."""
    partner = np.repeat(np.arange(partners), each)
    unit = (partner + 8 * (np.arange(len(partner)) % each // 3)) % partners
    begun = random.permutation(np.arange(partners) < partners // 3)[unit]
    frame = pd.DataFrame({"hr_id": partner, "unit": unit, "stratum": "", "treated": begun * 1})
    frame["respondent_id"] = frame.index
    alike = random.normal(size=(2, partners))[:, unit] + random.normal(size=(2, partners))[:, partner]
    frame["baseline"], rest = alike * ICC**0.5 + random.normal(size=(2, len(unit))) * (1 - 2 * ICC) ** 0.5
    return frame.assign(score=BASELINE * frame["baseline"] + (1 - BASELINE**2) ** 0.5 * rest)


def _exposure(term: str) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        rows = []
        for _ in range(replicates):
            reached = exposure.compared(exposure.exposure(crossing(random)), 5)
            model = smf.wls("score ~ own + others + baseline", reached, weights=reached["weight"])
            found = exposure.effects({"trust": model}).set_index("term")
            rows.append(found.loc[term])
        return rates(rows)

    return simulate


for _term, _words in ((exposure.OWN, "an own start"), (exposure.OTHERS, "a start of the HR partner with others")):
    register(
        f"exposure, {_term}",
        "inverse probability of exposure (two-way CR2)",
        f"effect of {_words}, against neither, truly 0",
        "40 HR partners with 6 pairs in two of 40 teams, a third drawn, ICC .10 each, baseline",
        quick=60,
        expected=(0.93, 0.98),
        null=(0.02, 0.07),
        functions=("exposure.effects",),
        stated=REACHED if _term == exposure.OTHERS else "",
    )(_exposure(_term))


@register(
    "attrition",
    "Lee bounds (jackknife, Imbens-Manski)",
    "effect of 0 on those who answer either way",
    "20 unequal units; the practice keeps one in seven answering who would have left",
    quick=60,
    expected=(0.93, 1.0),
    null=(0.0, 0.07),
    functions=("attrition.lee_bounds", "effect.attrition"),
    stated=BOUNDS,
)
def _lee(random: np.random.Generator, replicates: int) -> Outcome:
    rows = []
    for _ in range(replicates):
        frame, _ = drawn(random, 20)
        rank = frame["score"].rank(pct=True) + random.random(len(frame))
        frame["score"] = frame["score"].where(rank > rank.quantile(0.3) * np.where(frame["treated"] == 1, 0.7, 1.0))
        fits = {"trust": smf.ols("score ~ treated + baseline", frame).fit()}
        rows.append(effect.attrition(frame, fits).iloc[0])
    return rates(rows)


@register(
    "single cases",
    "permutation of starts",
    "change of level in three HR partners, truly 0",
    "3 HR partners, 12 months, 5, 5 and 4 possible starts, autocorrelation .3",
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


def cohorts(random: np.random.Generator) -> pd.DataFrame:
    """Five waves of 24 teams: eight begin at the third, eight at the fourth, eight never; changes drift together."""
    began = random.permutation(np.repeat([3.0, 4.0, np.nan], 8))
    frame = pd.DataFrame({"team": np.repeat(np.arange(24), 8), "person": np.arange(192)})
    frame = frame.assign(began=began[frame["team"]]).merge(pd.DataFrame({"wave": np.arange(1, 6)}), how="cross")
    level = random.normal(size=192)[frame["person"]]
    course = random.normal(size=(24, 5)).cumsum(axis=1) * 0.15
    frame["score"] = level + course[frame["team"], frame["wave"] - 1] + random.normal(size=len(frame)) * 0.6
    return staggered.changes(frame, "score", "person", "wave", "began")


@register(
    "group-time effects",
    "group-time effect (CR2)",
    "effect on the first cohort at its first wave, truly 0",
    "24 teams of 8, two cohorts and a third that never began, five waves",
    quick=30,
    functions=("staggered.group_time",),
)
def _group_time(random: np.random.Generator, replicates: int) -> Outcome:
    found = [
        staggered.group_time(cells[cells["cell"] == "3 in 3"], "team") for cells in map(cohorts, [random] * replicates)
    ]
    return rates([table.iloc[0] for table in found])


@register(
    "averaged over cohorts",
    "average of group-time effects (CR2)",
    "effect over all cohorts and waves since they began, truly 0",
    "24 teams of 8, two cohorts and a third that never began, five waves",
    quick=20,
    functions=("staggered.event_study", "staggered.overall"),
)
def _event_study(random: np.random.Generator, replicates: int) -> Outcome:
    found = [staggered.overall({"trust": cohorts(random)}, "person", "team") for _ in range(replicates)]
    return rates([table.iloc[0] for table in found])


@register(
    "departures from parallel trends",
    "relative magnitudes, M = 1",
    "effect of 0 beside a steady drift of .15 a wave",
    "effects at four horizons with standard errors of .1, 40 degrees of freedom",
    quick=400,
    expected=(0.93, 1.0),
    null=(0.0, 0.06),
    functions=("sensitivity.relative_magnitudes", "effect.drifting"),
    stated=TRENDS,
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
#: What the simulated promises come to: per cent of managers' promises kept, of managers who kept all of theirs, of
#: pairs without a broken promise, days until half are done, and per cent open on day 60; from 8,000 studies pooled.
PROMISED = {"kept": 60.0, "people": 55.8, "pairs": 63.7, "days": 67.0, "open": 38.9}


def promised(random: np.random.Generator, partners: int = 24) -> promises.Promises:
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


def shares(
    random: np.random.Generator, replicates: int, estimate: Callable[[promises.Promises], pd.Series], truth: float
) -> Outcome:
    """Whether each interval holds the truth; of the rest nothing is null."""
    return rates([estimate(promised(random)) for _ in range(replicates)], truth)


def _promises(
    name: str, method: str, estimand: str, truth: str, function: str, quick: int = 40, **options
) -> Callable[[Callable[[promises.Promises], pd.Series]], Callable]:
    """Register how often an interval about promises holds the truth."""
    design = "24 HR partners with 3 to 12 pairs, two or three promises each, alike within pairs and HR partners"

    def add(estimate: Callable[[promises.Promises], pd.Series]) -> Callable:
        functions = (f"promises.{function}", *options.pop("also", ()))
        entry = register(name, method, estimand, design, quick=quick, functions=functions, **options)
        return entry(lambda random, replicates: shares(random, replicates, estimate, PROMISED[truth]))

    return add


@_promises(
    "promises kept",
    "proportion (Wilson, CR2)",
    "share of managers' promises kept, .60",
    "kept",
    "outcomes",
    also=(
        "promises.measures",
        "promises.readings",
        "promises.kept_by_practice",
        "promises.outcomes_by_kind",
        "promises.kept_by_kind",
    ),
)
def _kept(made: promises.Promises) -> pd.Series:
    return promises.outcomes(made.due).set_index(["side", "became"]).loc[("manager", promises.STATUS["kept"])]


@_promises("managers who kept all", "proportion (Wilson, CR2)", "share of people", "people", "in_people")
def _in_people(made: promises.Promises) -> pd.Series:
    found = promises.in_people(made.due).set_index(["side", "measure"])
    return found.loc[("manager", "Kept all their promises by the first date")]


@_promises("pairs without a break", "proportion (Wilson, CR2)", "share of pairs", "pairs", "repeated")
def _repeated(made: promises.Promises) -> pd.Series:
    return promises.repeated(made.ended).set_index("breaks").loc["None"]


@_promises(
    "days until done",
    "Kaplan-Meier inverted, cluster-robust",
    "median days",
    "days",
    "real_days",
    quick=60,
    expected=(0.93, 1.0),
)
def _real_days(made: promises.Promises) -> pd.Series:
    whole = promises.Promises(made.everything.assign(planned=1.0), made.due, made.ended, "", "")
    return promises.real_days(whole).set_index("side").loc["manager"]


@_promises(
    "promises still open",
    "Turnbull (jackknife, log-log)",
    "share not closed on day 60; one in ten known by a window",
    "open",
    "still_open",
    quick=15,
    also=("interval_censored.turnbull",),
)
def _still_open(made: promises.Promises) -> pd.Series:
    rows = made.everything[made.everything["side"] == "manager"]
    return promises.still_open(promises.Promises(rows, rows, rows, "", ""), [60]).iloc[0]


@register(
    "trust before and since",
    "mean (CR2)",
    "mean score of pairs whose promises were kept, 0",
    "24 HR partners with 3 to 12 pairs, ICC .10",
    quick=60,
    functions=("promises.course",),
)
def _course(random: np.random.Generator, replicates: int) -> Outcome:
    rows = []
    for _ in range(replicates):
        frame = promised(random).everything.query("side == 'manager'")
        codes = pd.factorize(frame["hr_id"])[0]
        alike = random.normal(size=(2, codes.max() + 1))[:, codes] * ICC**0.5
        before, after = alike + random.normal(size=(2, len(frame))) * (1 - ICC) ** 0.5
        frame = frame.assign(before=before, after=after, wave="2", wave_before="1", respondent_id=frame["manager_id"])
        group = (frame["status"] == "kept").map(promises.GROUPS)
        found = promises.course(frame.assign(group=group, rated_id=frame["hr_id"], dimension="trust"))
        rows.append(found.set_index(["group", "period"]).loc[(promises.GROUPS[True], "Since")])
    return rates(rows)[0], None


# hours, and what came of what was heard -------------------------------------------------------------------------------

COUNTS = (8, 12, 20, 36)


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
        quick=40,
        functions=("dose.taken",),
        stated=FEW.get(f"hours, {count} units", ""),
    )(_hours(count))
    for term in ("between", "within"):
        register(
            f"hours {term} HR partners, {count}",
            "least squares (CR2)",
            f"score that goes with an hour a month more, {term} HR partners, truly 0",
            f"{count} HR partners with 4 to 12 managers, four waves, alike within HR partners and their waves",
            quick=25,
            functions=("dose.within_and_between",),
            stated=FEW.get(f"hours {term} HR partners, {count}", ""),
        )(_apart(count, term))
    for figure, words in (
        ("funnel", "share of slips that led to a change, .50"),
        ("rules_kept", "share of slips with notes destroyed, .80"),
        ("by_month", "share of months with 2 to 4 hours, .60"),
    ):
        register(
            f"{figure.replace('_', ' ')}, {count} listeners",
            "proportion (Wilson, CR2)",
            words,
            f"{count} listeners with 3 to 9 slips each, alike within a listener",
            quick=40,
            functions=(f"dose.{figure}",),
            stated=FEW.get(f"{figure.replace('_', ' ')}, {count} listeners", ""),
        )(_slips(count, figure))


# sessions -------------------------------------------------------------------------------------------------------------


def attended(random: np.random.Generator) -> session.Sessions:
    """Let the pairs of 12 HR partners swap once, note hits of three, promise, and say whether their notes are gone."""
    hr = np.repeat(np.arange(12), np.resize([2, 3, 4, 6], 12))
    pair = pd.DataFrame({"partnership_id": np.arange(len(hr)), "cluster_id": [f"H{one}" for one in hr]})
    pair = pair.assign(hr_id=pair["cluster_id"], manager_id="M" + pair["partnership_id"].astype(str))
    alike = random.normal(size=12)[hr] * 0.1**0.5 + random.normal(size=len(hr)) * 0.1**0.5
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
    return session.Sessions(CAPTURES["role_swap"], nothing, nothing, people, answers, made, 5, "HR partners", AS_OF)


def _sessions(name: str, estimand: str, estimate: Callable[[session.Sessions], pd.DataFrame], truth: float) -> None:
    """Register how often an interval of the page about sessions holds the truth, for managers."""
    method = "mean (CR2)" if estimate is session.numbers else "proportion (Wilson, CR2)"
    how = "12 HR partners with 2 to 6 pairs, alike within pairs and HR partners"

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        tables = [estimate(attended(random)) for _ in range(replicates)]
        return rates([table[table["side"] == "manager"].iloc[0] for table in tables], truth)

    register(name, method, estimand, how, quick=60, functions=(f"session.{estimate.__name__}",))(simulate)


_sessions("counts noted", "mean hits of three, 1.3", session.numbers, 1.3)
_sessions("answers of yes or no", "share of notes destroyed, .80", session.shares, 80.0)
_sessions("people who promised", "share of people who promised, .70", session.promised, 70.0)


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
    text = report(rows).replace("# Calibration", "# Calibration, practice effects")
    return text.replace("calibration.py", Path(__file__).name)


def keep(row: dict[str, object]) -> None:
    """Put what was measured of one entry beside the rest, in the order and with the words of the registry."""
    latest = kept() | {row["name"]: row}
    rows = [latest[name] | described(name, REGISTRY) for name in REGISTRY if name in latest]
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
