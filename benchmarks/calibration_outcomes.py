"""Measure how often intervals and tests of the metric tree and of messages hold what they promise, with few units.

Run ``python benchmarks/calibration_outcomes.py`` for a table of every estimator, or name some of them; ``--write``
keeps the results in ``calibration_outcomes.json`` and ``calibration_outcomes.md`` beside this file. Panels are
simulated a hundred at a time, each hundred from its own seed, and kept as they come, so that the command can stop
(``--minutes 4``) and go on where it stopped: the rates are those of one long run. Units have 20 to
300 employees over 8 quarters. Of a hundred, five leave in a quarter, with units that differ for good, quarters that
differ for all, and counts that spread more than Poisson's. Series of the pulse are means over units of months that hang
together, with a trend and a season.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from calibration import SEED, Entry, Outcome, report
from calibration_hiring import described
from scipy import stats
from statsmodels.genmod.families import Poisson

from helpers.analysis.business import associations, messages, own_service, pulse, relations
from helpers.analysis.methods import clustered, coders, time_series
from helpers.analysis.methods.few_clusters import few_clusters

REGISTRY: dict[str, Entry] = {}
STORE = Path(__file__).with_suffix(".json")
#: Panels that are simulated from one seed.
AT_ONCE = 100
FULL = 2000
PERIODS, RATE = 8, 0.05
EFFECT = -0.3  # log ratio for one step of the HR metric
BETWEEN, AT_TIMES, SPREAD = 0.2, 0.1, 0.15  # standard deviations: of units, of quarters, and beyond Poisson
FORMULAS = {"score": "value ~ score + unit + period", "usual": "value ~ usual + deviation + period"}
COUNTS = (6, 12, 20, 36)


def panel(random: np.random.Generator, units: int, effect: float = 0.0) -> pd.DataFrame:
    """Draw the leavers of units by quarter, and an HR metric that goes with them by ``effect``."""
    size = np.resize([20, 45, 300, 80, 120, 30, 200, 60, 150], units)
    unit, period = np.divmod(np.arange(units * PERIODS), PERIODS)
    score = random.normal(0, 1, units)[unit] + random.normal(0, 0.6, len(unit))
    at = random.normal(0, AT_TIMES, PERIODS)
    level = random.normal(0, BETWEEN, units)[unit] + at[period]
    mean = RATE * size[unit] * np.exp(effect * score + level + random.normal(0, SPREAD, len(unit)))
    rows = pd.DataFrame({"unit": [f"unit {one}" for one in unit], "period": [f"2025-{one}" for one in period]})
    rows = rows.assign(value=random.poisson(mean).astype(float), expected=RATE * size[unit], score=score)
    usual = rows.groupby("unit")["score"].transform("mean")
    rows = rows.assign(usual=usual, deviation=score - usual)
    rows.attrs["index"] = 100 * np.exp(at) / np.exp(at).mean()
    return rows


def estimate(rows: pd.DataFrame, term: str) -> pd.Series:
    """Fit the model of chapter 04 that has a term, and return its row."""
    model = smf.glm(FORMULAS[term], rows, family=Poisson(), exposure=rows["expected"])
    return few_clusters(model, cluster="unit", term=term).iloc[0]


def of_tree(term: str, units: int) -> Callable[[np.random.Generator, int], Outcome]:
    """Return a simulation: intervals where there is an effect, and what is found where there is none."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held, found = [], []
        for _ in range(replicates):
            row = estimate(panel(random, units, EFFECT), term)
            held.append(row["low"] <= EFFECT <= row["high"])
            found.append(estimate(panel(random, units), term)["p_value"] < 0.05)
        return np.array(held), np.array(found)

    return simulate


WORDS = {
    "score": ("within units", "Poisson regression with effects of units and quarters (CR2 by unit)"),
    "usual": ("between units", "Poisson regression on units' means, with effects of quarters (CR2 by unit)"),
}
for _units in COUNTS:
    for _term, (_where, _estimator) in WORDS.items():
        # The scenario in money is the interval within units times what is taken as known.
        _functions = ("few_clusters.few_clusters", "associations.in_per_cent")
        REGISTRY[f"{_where}, {_units} units"] = Entry(
            _estimator,
            f"log ratio for one step of the HR metric, {_where}",
            f"{_units} unequal units, {PERIODS} quarters",
            of_tree(_term, _units),
            quick=100,
            functions=(*_functions, "scenario.a_year") if _term == "score" else _functions,
        )


def _index(random: np.random.Generator, replicates: int) -> Outcome:
    held = []
    for _ in range(replicates):
        rows = panel(random, 20)
        expected = rows["expected"] * rows["value"].sum() / rows["expected"].sum()
        model = smf.glm("value ~ 0 + period", rows, family=Poisson(), exposure=expected)
        found = associations.index(few_clusters({"leavers": model}, cluster="unit", by="metric")).iloc[0]
        held.append(found["low"] <= rows.attrs["index"][0] <= found["high"])
    return np.array(held), None


def cases(random: np.random.Generator, number: int = 120) -> SimpleNamespace:
    """Return what own_service asks of a study that records reports of employees alone."""
    opened = pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 150, number), unit="D")
    days = random.negative_binomial(2, 2 / 8, number)
    replied = pd.Series(opened + pd.to_timedelta(days, unit="D"))
    as_of = datetime.date(2026, 6, 30)
    table = pd.DataFrame({"case_id": [f"c{one}" for one in range(number)], "opened_on": opened})
    table["first_reply_on"] = replied.where(replied <= pd.Timestamp(as_of))
    return SimpleNamespace(has=lambda name: name == "cases", table=lambda name: table, as_of=as_of)


def _kept(random: np.random.Generator, replicates: int) -> Outcome:
    truth = 100 * stats.nbinom.cdf(5, 2, 2 / 8)
    found = [own_service.kept(cases(random), 5).iloc[0] for _ in range(replicates)]
    return np.array([row["low"] <= truth <= row["high"] for row in found]), None


def _answered(random: np.random.Generator, replicates: int) -> Outcome:
    truth = stats.nbinom.ppf(0.5, 2, 2 / 8)
    found = [own_service.time_to_answer(cases(random)).iloc[0] for _ in range(replicates)]
    return np.array([row["low"] <= truth <= row["high"] for row in found]), None


REGISTRY["index of a quarter"] = Entry(
    "Poisson regression on quarters (CR2 by unit)",
    "index of a quarter, 100 the mean of all",
    f"20 unequal units, {PERIODS} quarters",
    _index,
    quick=200,
    functions=("associations.index",),
)
REGISTRY["first replies in time"] = Entry(
    "Wilson’s interval (CR2)",
    "share of reports with a first reply within 5 days",
    "120 reports",
    _kept,
    quick=200,
    functions=("own_service.kept",),
)
REGISTRY["days to a first reply"] = Entry(
    "Kaplan–Meier, inverted",
    "median days to a first reply, whole days",
    "120 reports",
    _answered,
    quick=200,
    expected=(0.93, 1.0),
    functions=("own_service.time_to_answer",),
    stated="Medians of whole days are told cautiously: intervals of days to a first reply held the truth in {coverage} "
    "of {replicates} simulated studies.",
)

# Messages, read by two coders: chapter 11.

QUALITIES = np.array(["Fair", "Honest", "Inventive", "Reliable", "Warm"])
RIGHT = 0.93  # chance that a coder names the quality that is meant; else one of the others
CUTS = np.array([-1.5, -0.6, 0.3, 1.2])  # between ratings 1 to 5


def read(random: np.random.Generator, number: int, inside: float = 0.0) -> pd.DataFrame:
    """Draw messages as two coders read them; a third of them are of employees, whose tone is lower by ``inside``."""
    meant = random.integers(0, len(QUALITIES), number)
    of_employees = np.arange(number) % 3 == 0
    tone = 0.4 + random.normal(0, 0.9, number) - inside * of_employees
    parts = []
    for coder in ("coder 1", "coder 2"):
        other = (meant + random.integers(1, len(QUALITIES), number)) % len(QUALITIES)
        seen = np.where(random.random(number) < RIGHT, meant, other)
        rating = 1.0 + (tone + random.normal(0, 0.45, number) > CUTS[:, None]).sum(axis=0)
        rows = {"message_id": np.arange(number), "coder_id": coder, "attribute": QUALITIES[seen], "rating": rating}
        parts.append(pd.DataFrame(rows).assign(inside=of_employees.astype(float), audience="Customers", channel="Web"))
    return pd.concat(parts, ignore_index=True)


def _of_ratings(shift: float) -> float:
    """Return how much lower ratings are whose tone is lower by ``shift``."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    tones = np.stack([0.4 - shift + 0.9 * nodes, 0.4 + 0.9 * nodes])
    above = stats.norm.cdf((tones[:, :, None] - CUTS) / 0.45).sum(axis=2)
    of_each = above @ (weights / weights.sum())
    return float(of_each[0] - of_each[1])


@functools.cache
def _truths() -> dict[str, float]:
    """Return Cohen's kappa, of which the alpha of many texts is the same, and the alpha of ratings in a large draw."""
    right = RIGHT**2 + (1 - RIGHT) ** 2 / (len(QUALITIES) - 1)
    large = read(np.random.default_rng(SEED), 200_000)
    given = large["rating"].to_numpy().reshape(2, -1).astype(int) - 1
    counts = sum(np.eye(5, dtype=int)[one] for one in given)
    kappa = (right - 1 / len(QUALITIES)) / (1 - 1 / len(QUALITIES))
    return {coders.COHEN: kappa, "attribute": kappa, "rating": coders.alpha(counts, ordered=True)}


def _agreed(column: str, measure: str, number: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        truth, held = _truths()[coders.COHEN if measure == coders.COHEN else column], []
        for _ in range(replicates):
            found = messages.agreement(read(random, number))
            row = found[found["column"].eq(column) & found["measure"].eq(measure)].iloc[0]
            held.append(row["low"] <= truth <= row["high"])
        return np.array(held), None

    return simulate


def _promised(number: int) -> Callable[[np.random.Generator, int], Outcome]:
    def row_of(rows: pd.DataFrame) -> pd.Series:
        return few_clusters(smf.ols("rating ~ inside", rows), cluster="message_id", term="inside").iloc[0]

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        truth, held, found = _of_ratings(1.0), [], []
        for _ in range(replicates):
            row = row_of(read(random, number, 1.0))
            held.append(row["low"] <= truth <= row["high"])
            found.append(row_of(read(random, number))["p_value"] < 0.05)
        return np.array(held), np.array(found)

    return simulate


def _covered(number: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held = []
        for _ in range(replicates):
            row = messages.coverage(messages.hits(read(random, number)), "audience").iloc[0]
            held.append(row["low"] <= 100 / len(QUALITIES) <= row["high"])
        return np.array(held), None

    return simulate


PLACE_SD, PEOPLE = 0.35, 12  # latent, people of one place hear the same; asked in each place


def _places(random: np.random.Generator, number: int, levels: tuple[float, ...]) -> pd.DataFrame:
    """Draw who can say a message, by place and round; ``levels`` are latent means of the rounds."""
    shift = random.normal(0, PLACE_SD, number)
    chance = stats.norm.cdf(np.add.outer(shift, levels))
    said = random.random((PEOPLE, number, len(levels))) < chance
    _, place, later = (one.ravel() for one in np.indices(said.shape))
    return pd.DataFrame({"recalled": said.ravel().astype(float), "later": later, "asked_in": place, "all": "all"})


def _share(level: float) -> float:
    """Return the share of all people of all places whose latent mean is this."""
    return float(stats.norm.cdf(level / np.sqrt(1 + PLACE_SD**2)))


def _remembered(number: int) -> Callable[[np.random.Generator, int], Outcome]:
    def row_of(rows: pd.DataFrame) -> pd.Series:
        return few_clusters(smf.ols("recalled ~ later", rows), cluster="asked_in", term="later").iloc[0]

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        truth, held, found = _share(0.15) - _share(-1.05), [], []
        for _ in range(replicates):
            row = row_of(_places(random, number, (-1.05, 0.15)))
            held.append(row["low"] <= truth <= row["high"])
            found.append(row_of(_places(random, number, (-0.9, -0.9)))["p_value"] < 0.05)
        return np.array(held), np.array(found)

    return simulate


def _said(number: int) -> Callable[[np.random.Generator, int], Outcome]:
    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        truth, held = _share(-0.9), []
        for _ in range(replicates):
            row = clustered.proportion(_places(random, number, (-0.9,)), "recalled", "asked_in", by=["all"]).iloc[0]
            held.append(row["low"] <= truth <= row["high"])
        return np.array(held), None

    return simulate


def _in_months(months: int, carried: float) -> Callable[[np.random.Generator, int], Outcome]:
    def series(random: np.random.Generator) -> np.ndarray:
        steps, found = random.normal(0, 1, months + 50), np.zeros(months + 50)
        for at in range(1, len(steps)):
            found[at] = carried * found[at - 1] + steps[at]
        return found[50:]

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held, found = [], []
        for _ in range(replicates):
            rows = pd.DataFrame({"tone": series(random), "at": np.arange(months, dtype=float)})
            rows["null"] = series(random)
            rows["effect"] = rows["null"] + 0.5 * rows["tone"]
            models = {name: smf.ols(f"{name} ~ tone + at", rows) for name in ("effect", "null")}
            told = time_series.level_change(models, "tone", "at", by="outcome").set_index("outcome")
            held.append(told.loc["effect", "low"] <= 0.5 <= told.loc["effect", "high"])
            found.append(told.loc["null", "p_value"] < 0.05)
        return np.array(held), np.array(found)

    return simulate


for _number in (12, 20, 36):
    for _column, _measure in (
        ("attribute", coders.COHEN),
        ("attribute", coders.KRIPPENDORFF),
        ("rating", coders.KRIPPENDORFF),
    ):
        _what = "what is said" if _column == "attribute" else "ratings in order"
        REGISTRY[f"{_measure} of {_what}, {_number} messages"] = Entry(
            f"{_measure} (jackknife over messages)",
            f"agreement of two coders, {_what}",
            f"{_number} messages",
            _agreed(_column, _measure, _number),
            quick=50,
            expected=(0.93, 0.99),
            functions=("coders.agreement", "messages.agreement"),
            stated=f"{_measure} of what is said is told cautiously with few messages: with {_number}, intervals held "
            "the truth in {coverage} of {replicates} simulated studies."
            if (_column, _number) in {("attribute", 12), ("attribute", 20)}
            else "",
        )
for _number in COUNTS:
    REGISTRY[f"promise and report, {_number} messages"] = Entry(
        "Least squares (CR2 by message)",
        "rating of employees less that of messages to others",
        f"{_number} messages, each read twice",
        _promised(_number),
        quick=50,
        functions=("few_clusters.few_clusters",),
        stated=f"Promise and report are compared cautiously with few messages: with {_number}, "
        "{null_rate} of differences that were none were found in {replicates} simulated studies."
        if _number == 6
        else "",
    )
    REGISTRY[f"share of a quality, {_number} messages"] = Entry(
        "Wilson’s interval (CR2)",
        "share of messages that speak of a quality",
        f"{_number} messages, each read twice",
        _covered(_number),
        quick=50,
        expected=(0.93, 0.99),
        functions=("messages.coverage",),
        stated=f"Shares of messages that speak of a quality are told cautiously with few messages: with {_number}, "
        "intervals held the truth in {coverage} of {replicates} simulated studies."
        if _number == 6
        else "",
    )
for _number in COUNTS:
    REGISTRY[f"change of recall, {_number} places"] = Entry(
        "Least squares (CR2 by place)",
        "share of people who can say a message after it was told, less the share before",
        f"{_number} places, in each 12 people asked twice",
        _remembered(_number),
        quick=50,
        functions=("few_clusters.few_clusters",),
    )
    REGISTRY[f"share that can say it, {_number} places"] = Entry(
        "Wilson’s interval (CR2)",
        "share of people who can say a message",
        f"{_number} places, in each 12 people asked",
        _said(_number),
        quick=50,
        expected=(0.93, 0.99),
        functions=("clustered.proportion",),
        stated=f"Shares of people who can say a message are told cautiously with few places: with {_number}, intervals "
        "held the truth in {coverage} of {replicates} simulated studies."
        if _number == 6
        else "",
    )
for _months in (24, 36, 60):
    for _carried in (0.0, 0.5):
        REGISTRY[f"association over {_months} months, {_carried:g} carried over"] = Entry(
            "Generalised least squares, averaged over autocorrelations of order 1",
            "slope of one series on another, beside a trend",
            f"{_months} months, of both series {_carried:g} carried over to the next month",
            _in_months(_months, _carried),
            quick=50,
            functions=("time_series.level_change", "messages.over_months"),
            stated=""
            if _months > 24
            else "Intervals of what goes with what over 24 months are a little short: they held the truth in "
            f"{{coverage}} of {{replicates}} simulated series of which {'half' if _carried else 'nothing'} is carried "
            "over.",
        )


SEASON = "years + sin1 + cos1 + sin2 + cos2"
SHIFT = 0.05  # points, a third of a standard deviation of a unit's months
ALIKE = 0.4  # correlation of neighbouring months of a unit


def months(
    random: np.random.Generator, units: int, number: int, before: int, shift: float, alike: float = ALIKE
) -> pd.DataFrame:
    """Draw the mean of units' pulses, month by month, with a change of level after some of them."""
    month = np.arange(number)
    errors = random.normal(0, 0.15, (units, number))
    for at in month[1:]:
        errors[:, at] = alike * errors[:, at - 1] + np.sqrt(1 - alike**2) * errors[:, at]
    turn, after = 2 * np.pi * month / 12, (month >= before).astype(float)
    rows = pd.DataFrame(
        {"item": "mood", "month": month, "period": month.astype(str), "years": month / 12, "after": after}
    )
    rows = rows.assign(sin1=np.sin(turn), cos1=np.cos(turn), sin2=np.sin(2 * turn), cos2=np.cos(2 * turn))
    mean = 3.5 + 0.05 * rows["years"] + 0.05 * rows["sin1"] + shift * after + errors.mean(axis=0)
    return rows.assign(mean=mean, respondents=10 * units)


def of_level(units: int, number: int, before: int, alike: float) -> Callable[[np.random.Generator, int], Outcome]:
    """Return a simulation of a change of level at a known month: held where there is one, found where there is none."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held, found = [], []
        for _ in range(replicates):
            drawn = [months(random, units, number, before, shift, alike) for shift in (SHIFT, 0.0)]
            models = {at: smf.ols(f"mean ~ after + {SEASON}", rows) for at, rows in enumerate(drawn)}
            rows = time_series.level_change(models, "after", "month", by="draw")
            held.append(rows["low"][0] <= SHIFT <= rows["high"][0])
            found.append(rows["p_value"][1] < 0.05)
        return np.array(held), np.array(found)

    return simulate


def of_place(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    """Return a simulation of a change of level at an unknown month, which is large enough to be seen."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held, found = [], []
        for _ in range(replicates):
            drawn = [months(random, units, 60, 40, shift) for shift in (0.8 / np.sqrt(units), 0.0)]
            models = {at: smf.ols(f"mean ~ {SEASON}", rows) for at, rows in enumerate(drawn)}
            rows = pulse.change_points({str(at): model for at, model in models.items()})
            held.append(rows["changed"][0] != "" and int(rows["earliest"][0]) <= 40 <= int(rows["latest"][0]))
            found.append(rows["p_value"][1] < 0.05)
        return np.array(held), np.array(found)

    return simulate


for _units in COUNTS:
    REGISTRY[f"change of level, {_units} units"] = Entry(
        "Generalised least squares, averaged over autocorrelations of order 1",
        "change of level from a known month on",
        f"mean of {_units} units, 60 months, 12 after, autocorrelation {ALIKE}",
        of_level(_units, 60, 48, ALIKE),
        quick=100,
        functions=("time_series.level_change",),
    )
REGISTRY["change of level, short"] = Entry(
    "Generalised least squares, averaged over autocorrelations of order 1",
    "change of level from a known month on",
    "mean of 12 units, 24 months, 8 after, autocorrelation 0.6",
    of_level(12, 24, 16, 0.6),
    quick=100,
    functions=("time_series.level_change",),
)
REGISTRY["month of a change"] = Entry(
    "Largest F over all months, bootstrap of the place",
    "first month of another level",
    "mean of 12 units, 60 months, 20 after, a change of 5 standard deviations",
    of_place(12),
    quick=60,
    functions=("time_series.change_point", "pulse.change_points"),
)


CASES, GROWTH, REPLY = 3.0, 0.15, 4.0  # per 100 employees in a year; log ratio from year to year; mean days to a reply
BY_CHANCE = 0.08  # variance of the rate of a month, relative to its square


def made(random: np.random.Generator, units: int, growth: float = 0.0, varies: float = 0.0) -> relations.Cases:
    """Draw two years of cases of so many units, some of them anonymous, as :func:`relations.prepared` returns them."""
    size = np.resize([20, 45, 300, 80, 120, 30, 200, 60, 150], units).sum()
    month = np.arange(24)
    turn = 2 * np.pi * month / 12
    periods = pd.DataFrame({"period": month.astype(str), "at": month, "years": month / 12, "exposure": float(size)})
    periods = periods.assign(sin1=np.sin(turn), cos1=np.cos(turn), employees=float(size))
    mean = CASES / 1200 * size * np.exp(growth * (periods["years"] - 1) + 0.1 * periods["sin1"])
    shock = random.gamma(1 / varies, varies, 24) if varies else 1.0
    periods["cases"] = random.poisson(mean * shock)
    number = int(periods["cases"].sum())
    anonymous = random.random(number) < 0.3
    days = random.poisson(random.gamma(2, REPLY / 2, number)).astype(float)
    watched = random.integers(5, 700, number)
    rows = pd.DataFrame(
        {"case_id": np.arange(number).astype(str), "period": np.repeat(periods["period"], periods["cases"])}
    )
    rows = rows.assign(anonymity=np.where(anonymous, relations.ANONYMOUS, relations.NAMED), reopened=np.nan)
    rows = rows.assign(days_to_reply=np.minimum(days, watched), replied=days <= watched)
    rows = rows.assign(days_to_end=rows["days_to_reply"], ended=rows["replied"])
    return relations.Cases(rows, periods, "month", pd.Series({"all": float(size)}), 2.0, 5, "")


def of_cases(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    """Return a simulation of cases per 100 employees that come one by one."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        truth = CASES * np.exp(0.1 * np.sin(2 * np.pi * np.arange(24) / 12)).mean()
        found = [relations.rates(made(random, units)).iloc[0] for _ in range(replicates)]
        return np.array([row["low"] <= truth <= row["high"] for row in found]), None

    return simulate


def of_trend(units: int) -> Callable[[np.random.Generator, int], Outcome]:
    """Return a simulation of the change from year to year, where months vary more than chance alone has it."""

    def simulate(random: np.random.Generator, replicates: int) -> Outcome:
        held, found = [], []
        for _ in range(replicates):
            drawn = [made(random, units, growth, BY_CHANCE).periods for growth in (GROWTH, 0.0)]
            design = sm.add_constant(drawn[0][["years", "sin1", "cos1"]])  # of "cases ~ years + sin1 + cos1"
            models = [sm.GLM(rows["cases"], design, family=Poisson(), exposure=rows["exposure"]) for rows in drawn]
            rows = [relations.trend(model).iloc[0] for model in models]
            held.append(rows[0]["low"] <= GROWTH <= rows[0]["high"])
            found.append(rows[1]["p_value"] < 0.05)
        return np.array(held), np.array(found)

    return simulate


for _units in COUNTS:
    REGISTRY[f"cases per 100 employees, {_units} units"] = Entry(
        "Exact interval of a Poisson count",
        "cases per 100 employees in a year",
        f"{_units} unequal units, 24 months",
        of_cases(_units),
        quick=300,
        functions=("relations.rates",),
    )
    REGISTRY[f"trend of cases, {_units} units"] = Entry(
        "Poisson or negative binomial regression, by dispersion",
        "log ratio of cases from one year to the next",
        f"{_units} unequal units, 24 months that vary beyond chance",
        of_trend(_units),
        quick=100,
        expected=(0.91, 0.98),
        functions=("relations.trend",),
    )


def _anonymous(random: np.random.Generator, replicates: int) -> Outcome:
    found = [relations.anonymous_share(made(random, 20)).iloc[0] for _ in range(replicates)]
    return np.array([row["low"] <= 30 <= row["high"] for row in found]), None


def _half(random: np.random.Generator, replicates: int) -> Outcome:
    truth = stats.nbinom.ppf(0.5, 2, 2 / (2 + REPLY))
    found = [relations.waiting(made(random, 20)).iloc[0] for _ in range(replicates)]
    return np.array([row["low"] <= truth <= row["high"] for row in found]), None


def _curve(random: np.random.Generator, replicates: int) -> Outcome:
    held = []
    for _ in range(replicates):
        found = relations.still_waiting(made(random, 20), "days_to_reply", "replied").set_index("day")
        row = found.loc[found.index[found.index >= 3][0]]
        truth = 100 * stats.nbinom.sf(row.name, 2, 2 / (2 + REPLY))
        held.append(row["low"] <= truth <= row["high"])
    return np.array(held), None


for _name, (_words, _simulate, _function, _expected) in {
    "anonymous cases": ("share of cases raised anonymously", _anonymous, "anonymous_share", (0.93, 0.97)),
    "days to a reply of cases": ("median days to a first reply, whole days", _half, "waiting", (0.93, 1.0)),
    "cases without a reply": ("share of cases without a reply after some days", _curve, "still_waiting", (0.92, 0.97)),
}.items():
    REGISTRY[_name] = Entry(
        "Wilson’s interval" if _function == "anonymous_share" else "Kaplan–Meier",
        _words,
        "20 unequal units, 24 months, some cases still open",
        _simulate,
        quick=200,
        expected=_expected,
        functions=(f"relations.{_function}",),
        stated="Medians of whole days of cases are told cautiously: their intervals held the truth in {coverage} of "
        "{replicates} simulated studies."
        if _function == "waiting"
        else "",
    )


def measure(name: str, replicates: int, known: dict[str, object] | None = None) -> dict[str, object]:
    """Run one entry, beyond the panels that are known already: what it is, replicates, coverage and null rate."""
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
    text = report(rows).replace("# Calibration", "# Calibration, metric tree and messages")
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
    parser.add_argument("--replicates", type=int, default=FULL, help=f"simulated panels per entry (default {FULL:,})")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after so many minutes; run again to go on")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {STORE.name} and .md")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - REGISTRY.keys()):
        parser.error(f"no entry {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    end = time.monotonic() + 60 * arguments.minutes
    rows = kept() if arguments.write else {}
    for name in arguments.names or REGISTRY:
        row = rows.get(name)
        while (done := int(row["replicates"]) if row else 0) < arguments.replicates:
            if time.monotonic() > end:
                print("stopped; run the same command to go on", flush=True)
                return
            row = measure(name, min(done + AT_ONCE, arguments.replicates), row)
            if arguments.write:
                keep(row)
        print(f"{name}: {done} panels, coverage {row['coverage']}, null rate {row['null_rate']}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore", RuntimeWarning)
    main()
