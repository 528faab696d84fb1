"""How large an effect of a practice has to be to be seen, by formula and by the functions that chapter 06 calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS

from helpers.analysis.methods import single_case, staggered
from helpers.analysis.methods.counts import because, people
from helpers.analysis.practice import effect as effects
from helpers.analysis.practice.design import Design

#: What managers of one unit are taken to be alike (intraclass correlation), where no survey tells.
ASSUMED_ALIKE = 0.10
#: Correlation of a manager's score with the one before, where no survey tells.
ASSUMED_BASELINE = 0.60
#: Power that is planned for.
ENOUGH = 0.80
#: Most units that are looked at: more than there are.
MOST = 20_000_000
FIRST_START = pd.Timestamp("2000-01-03")
_SEED = 20260630


@dataclass(frozen=True)
class Plan:
    """A lot that is to be drawn: half of the units begin with a practice, half wait.

    Attributes
    ----------
    units : int
        Units that lots are drawn for (HR partners, teams, or pairs), both halves together.
    size : float
        Managers of a unit, on average.
    spread : float
        Coefficient of variation of that number (standard deviation / mean), 0 where all are alike.
    alike : float
        Intraclass correlation: share of the variance of scores that lies between units, from 0 to below 1.
    baseline, baseline_units : float
        Correlation of scores before and after, of managers within a unit and of the true means of units.
    silent : float
        Share of managers who do not answer afterwards, from 0 to below 1; by chance.
    spillover : float
        Share of the effect that reaches the other pairs of an HR partner one of whose pairs began, 0 to 1.
    partners : int
        HR partners, where they work with several units each (teams were drawn); 0 where each unit has its own.
    lots : int
        Cohorts with a lot of their own, which are analysed together; 1 unless several are pooled.
    confidence : float
        Confidence level of the interval, between 0 and 1.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    units: int
    size: float
    spread: float = 0.0
    alike: float = ASSUMED_ALIKE
    baseline: float = ASSUMED_BASELINE
    baseline_units: float = ASSUMED_BASELINE
    silent: float = 0.0
    spillover: float = 0.0
    partners: int = 0
    lots: int = 1
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        shares = {"alike": self.alike, "silent": self.silent}
        closed = {"spillover": self.spillover}
        for name, value in shares.items():
            if not 0 <= value < 1:
                raise ValueError(f"{name} is {value:g}; expected a share from 0 to below 1")
        closed |= {"baseline": self.baseline, "baseline_units": self.baseline_units}
        for name, value in closed.items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} is {value:g}; expected a number from 0 to 1")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence is {self.confidence:g}; expected a number between 0 and 1, such as 0.95")
        if self.units < 1 or self.size < 1 or self.spread < 0 or self.lots < 1 or self.partners < 0:
            raise ValueError("a plan takes at least one unit, one manager a unit and one lot, and no negative numbers")

    @property
    def answers(self) -> float:
        """Managers of a unit who answer afterwards, on average."""
        return self.size * (1 - self.silent)

    @property
    def managers(self) -> int:
        """Managers in all."""
        return round(self.units * self.size)

    @property
    def design_effect(self) -> float:
        """By how much units enlarge the variance: 1 + ((cv² + 1) m − 1) ρ, at least 1."""
        return max(1.0, 1 + ((self.spread**2 + 1) * self.answers - 1) * self.alike)

    @property
    def left(self) -> float:
        """Share of the variance that the score before leaves, at the level of unit means.

        Notes
        -----
        With the correlations of true unit means r_c and of managers within units r_s, unit means before and after
        correlate by r = (m ρ r_c + (1 − ρ) r_s) / (1 + (m − 1) ρ) (Teerenstra et al. 2012). Chapter 06 adjusts each
        manager by the slope over managers, b = ρ r_c + (1 − ρ) r_s; that leaves 1 − 2 b r + b² = 1 − r² + (r − b)².
        Where both correlations are equal, this is 1 − r².
        """
        size = (self.spread**2 + 1) * self.answers
        between, within = self.alike * self.baseline_units, (1 - self.alike) * self.baseline
        of_means = (size * between + within) / (1 + (size - 1) * self.alike)
        slope = between + within
        return 1 - 2 * slope * of_means + slope**2

    @property
    def error(self) -> float:
        """Standard error of the effect, in standard deviations of scores; infinite where one half is empty."""
        first = self.units // 2
        if not first:
            return np.inf
        halves = 1 / first + 1 / (self.units - first)
        return float(np.sqrt(halves / self.answers * self.design_effect * self.left))

    @property
    def degrees(self) -> float:
        """Degrees of freedom of t: units, fewer where they differ in size, less one per half and further lot."""
        return self.units / (1 + self.spread**2) - 1 - self.lots

    @property
    def reached(self) -> float:
        """Chance that a pair which waits has an HR partner one of whose other pairs began."""
        return 1 - 0.5 ** max(self.managers / self.partners - 1, 0) if self.partners else 0.0

    @property
    def testable(self) -> bool:
        """Whether chapter 06 tests an effect with so many units, and so many on either side."""
        return self.units >= effects.FEWEST

    def seen(self, effect: float) -> float:
        """Return what is estimated on average of an effect, when some of it reaches those who wait."""
        return effect * (1 - self.spillover * self.reached)

    def power(self, effect: float) -> float:
        """Compute the chance to see an effect.

        Parameters
        ----------
        effect : float
            In standard deviations of scores.

        Returns
        -------
        float
            From 0 to 1; 0 where chapter 06 tests nothing.

        Notes
        -----
        Two-sided test by t: with the standard error and the degrees of freedom of this plan, the statistic follows a
        noncentral t. From 8 to 19 units chapter 06 draws the lot again instead of using t; its power is nearly the
        same.

        References
        ----------
        Eldridge, S. M., Ashby, D. & Kerry, S. (2006). Sample size for cluster randomized trials: effect of coefficient
        of variation of cluster size and analysis method. *International Journal of Epidemiology*, 35(5), 1292-1300.

        Teerenstra, S., Eldridge, S., Graff, M., de Hoop, E. & Borm, G. F. (2012). A simple sample size formula for
        analysis of covariance in cluster randomized trials. *Statistics in Medicine*, 31(20), 2169-2178.

        Examples
        --------
        >>> plan = Plan(units=36, size=7)
        >>> [round(plan.power(effect), 2) for effect in (0.25, 0.40)]
        [0.48, 0.86]
        """
        return self._power(effect) if self.testable else 0.0

    def _power(self, effect: float) -> float:
        if self.degrees <= 0 or not np.isfinite(self.error):
            return 0.0
        limit = stats.t.ppf(0.5 + self.confidence / 2, self.degrees)
        shift = abs(self.seen(effect)) / self.error
        found = stats.nct.sf(limit, self.degrees, shift) + stats.nct.cdf(-limit, self.degrees, shift)
        return float(np.nan_to_num(found, nan=1.0))  # scipy gives up far beyond certainty

    def smallest(self, power: float = ENOUGH) -> float:
        """Return the smallest effect that is seen with a power, in standard deviations; infinite where none is."""
        if not self.testable or self.degrees <= 0 or self.seen(1.0) <= 0:
            return np.inf
        return float(optimize.brentq(lambda effect: self.power(effect) - power, 1e-6, 50 * self.error / self.seen(1)))

    def needed(self, effect: float, power: float = ENOUGH) -> Plan | None:
        """Return the smallest plan of this kind that sees an effect with a power.

        Parameters
        ----------
        effect : float
            In standard deviations of scores.
        power : float
            Between 0 and 1.

        Returns
        -------
        Plan or None
            With an even number of units of the same size, and HR partners in proportion; None where no number is
            enough, because all of the effect reaches those who wait.

        Examples
        --------
        >>> plan = Plan(units=2, size=6).needed(0.25)
        >>> plan.managers // 2
        252
        """
        fewest, most = effects.FEWEST // 2, MOST // 2
        if self.of(2 * most).power(effect) < power:
            return None
        while fewest < most:
            middle = (fewest + most) // 2
            if self.of(2 * middle).power(effect) >= power:
                most = middle
            else:
                fewest = middle + 1
        return self.of(2 * most)

    def of(self, units: int) -> Plan:
        """Return a plan of this kind with another number of units, and HR partners in proportion."""
        partners = max(1, round(self.partners * units / self.units)) if self.partners else 0
        return replace(self, units=units, partners=partners)


def alone(effect: float, baseline: float = ASSUMED_BASELINE, power: float = ENOUGH, confidence: float = 0.95) -> int:
    """Return how many managers of each half see an effect, were they drawn one by one and not alike.

    Parameters
    ----------
    effect : float
        In standard deviations of scores.
    baseline : float
        Correlation of a manager's score with the one before.
    power, confidence : float
        Between 0 and 1.

    Returns
    -------
    int
        Managers of each half.

    Notes
    -----
    Analysis of covariance: variance left 1 − r², t on 2n − 2 degrees of freedom.

    Examples
    --------
    >>> [alone(effect) for effect in (0.25, 0.30, 0.40)]
    [162, 113, 64]
    """
    one_by_one = Plan(2, 1, 0, 0, baseline, baseline, confidence=confidence)
    found = one_by_one.needed(effect, power)
    return found.units // 2 if found else MOST


def table(plan: Plan, sizes: Sequence[float], power: float = ENOUGH) -> pd.DataFrame:
    """Say for several effects what a plan sees, and what it would take.

    Parameters
    ----------
    plan : Plan
        What there is.
    sizes : sequence of float
        Effects, in standard deviations of scores.
    power : float
        Power that is planned for, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per effect: effect, power (per cent of studies in which this plan sees it), alone (managers of each
        half, were they drawn one by one), needed (units in all), managers (in all), lots (cohorts as large as this plan
        that hold as many units); these are missing where no number is enough.
    """
    rows = []
    for size in sizes:
        needed = plan.needed(size, power)
        rows.append(
            {
                "effect": size,
                "power": 100 * plan.power(size),
                "alone": alone(size, plan.baseline, power, plan.confidence),
                "needed": needed.units if needed else np.nan,
                "managers": needed.managers if needed else np.nan,
                "lots": -(-needed.units // plan.units) if needed else np.nan,
            }
        )
    return pd.DataFrame(rows)


def curve(plan: Plan, sizes: Sequence[float], most: int = 0) -> pd.DataFrame:
    """Compute the power of plans of this kind, from few to many units.

    Parameters
    ----------
    plan : Plan
        What there is.
    sizes : sequence of float
        Effects, in standard deviations of scores.
    most : int
        Largest number of units; by default three times what there is, at least 60, and as many as it takes to see the
        largest effect.

    Returns
    -------
    pandas.DataFrame
        One row per effect and number of units: of (the effect), units, estimate (power in per cent),
        respondents and people: nobody's, since these are computed.
    """
    enough = plan.needed(max(sizes)) if not most else None
    most = most or max(60, 3 * plan.units, enough.units if enough else 0)
    counts = sorted({*np.linspace(effects.FEWEST, most, 14).round().astype(int) // 2 * 2})
    nobody = people(pd.DataFrame({"respondent_id": []}), "respondent_id", additive=False)
    return pd.DataFrame(
        {"of": f"{size:.2f}", "units": units, "estimate": 100 * plan.of(int(units)).power(size), **nobody}
        for size in sizes
        for units in counts
    )


class Simulated(NamedTuple):
    """Power as it was simulated.

    Attributes
    ----------
    power : float
        Share of simulated studies in which the interval did not hold zero, 0 to 1.
    margin : float
        By how much that share may be off, 19 times in 20.
    mean : float
        Mean of the estimates, in standard deviations of scores; missing where nothing could be estimated.
    studies : int
        Simulated studies.
    """

    power: float
    margin: float
    mean: float
    studies: int

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Simulated:
        """Count in how many studies the effect was seen."""
        seen = (rows["low"] > 0) | (rows["high"] < 0)
        power, count = float(seen.mean()), len(rows)
        return cls(
            power, 1.96 * float(np.sqrt(max(power * (1 - power), 1 / count) / count)), rows["estimate"].mean(), count
        )


def studies(plan: Plan, effect: float, count: int, seed: int = _SEED) -> Iterator[tuple[pd.DataFrame, Design]]:
    """Draw studies as a plan says: rows as :meth:`.Design.rows` gives them, and their design.

    Parameters
    ----------
    plan : Plan
        What is to be drawn.
    effect : float
        True effect, in standard deviations of scores.
    count, seed : int
        Number of studies, and seed of the first.

    Yields
    ------
    tuple
        The rows and the design that chapter 06 takes.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        sizes = _sizes(plan, random)
        unit = np.repeat(np.arange(plan.units), sizes)
        lot = np.arange(plan.units) % plan.lots
        begun = np.zeros(plan.units, bool)
        for own in (random.permutation(np.flatnonzero(lot == code)) for code in range(plan.lots)):
            begun[own[: len(own) // 2]] = True
        manager, treated = np.arange(len(unit)), begun[unit].astype(int)
        partner = random.integers(plan.partners, size=len(unit)) if plan.partners else unit
        before, after = _scores(plan, unit, partner, random)
        others = np.bincount(partner, treated)[partner] - treated
        reached = (treated == 0) & (others > 0) & (plan.partners > 0)
        after = after + effect * treated + effect * plan.spillover * reached
        score = np.where(random.random(len(unit)) < plan.silent, np.nan, after)
        who = {"unit": unit, "manager_id": manager, "partnership_id": manager, "respondent_id": manager}
        told = {"treated": treated, "baseline": before, "score": score, "unknown": 0, "dimension": "score"}
        frame = pd.DataFrame({**who, "hr_id": partner, **told, "stratum": lot[unit].astype(str)})
        yield frame, Design("planned", "lot", "units", frame, [FIRST_START])


def simulated(plan: Plan, effect: float, formula: str, count: int = 400, seed: int = _SEED) -> Simulated:
    """Simulate a plan, and test each study as chapter 06 does.

    Parameters
    ----------
    plan : Plan
        What is to be drawn.
    effect : float
        True effect, in standard deviations of scores.
    formula : str
        The model of chapter 06.
    count, seed : int
        Number of simulated studies, and seed of the first.

    Returns
    -------
    Simulated
        See there.

    Notes
    -----
    Every study goes through :func:`helpers.analysis.practice.effect.of_one`, so what is simulated is what will be
    computed: the lot drawn again from 8 to 19 units, CR2 from 20 on, two-way where units and HR partners cross.
    Sizes of units are drawn from a gamma distribution, scores are normal; where HR partners cross units, managers of
    one HR partner are as alike as those of one unit.
    """
    drawn = list(studies(plan, effect, count, seed))
    models = _models(formula, [rows for rows, _ in drawn])
    found = [effects.of_one(model, design, plan.confidence) for model, (_, design) in zip(models, drawn, strict=True)]
    return Simulated.of(pd.DataFrame(found))


def _models(formula: str, drawn: Sequence[pd.DataFrame]) -> Iterator[OLS]:
    """Make the model of each study; the formula is read once for all of them, which costs more than a fit."""
    every = smf.ols(formula, pd.concat(drawn, ignore_index=True).astype({"stratum": "category"}))
    present = np.ones(len(every.data.frame), bool)
    present[list(every.data.missing_row_idx or [])] = False
    ends = np.cumsum([len(rows) for rows in drawn])
    known = np.r_[0, np.cumsum(present)[ends - 1]]
    for place, rows in enumerate(drawn):
        own = slice(known[place], known[place + 1])
        missing = ~present[ends[place] - len(rows) : ends[place]]
        endog, exog = (part.iloc[own].reset_index(drop=True) for part in (every.data.orig_endog, every.data.orig_exog))
        how = {"missing": "drop", "missing_idx": missing, "formula": formula, "model_spec": every.data.model_spec}
        model = OLS(endog, exog, **how)
        model.formula, model.data.frame = formula, rows
        yield model


def simulated_cohorts(
    plan: Plan, effect: float, starts: int = 2, waves: int = 4, count: int = 100, seed: int = _SEED
) -> Simulated:
    """Simulate cohorts that begin one after the other, and average over them as chapter 06 does.

    Parameters
    ----------
    plan : Plan
        Units, which are divided by lot into the cohorts and as many that never begin as a cohort has.
    effect : float
        True effect from the first wave on, in standard deviations of scores.
    starts : int
        Cohorts that begin, one after each wave from the first on; at least 2.
    waves : int
        Waves in all, more than ``starts``.
    count, seed : int
        Number of simulated studies, and seed of the first.

    Returns
    -------
    Simulated
        See there.

    Raises
    ------
    ValueError
        If there are fewer than two cohorts, or not more waves than cohorts.

    Notes
    -----
    Every study goes through :func:`helpers.analysis.methods.staggered.changes` and ``overall``. Any two waves of a
    manager correlate by ``baseline``, those of a unit's mean by ``baseline_units``.
    """
    if starts < staggered.FEWEST_COHORTS or waves <= starts:
        raise ValueError(f"{starts} cohorts in {waves} waves; expected at least 2 cohorts and more waves than cohorts")
    random, found = np.random.default_rng(seed), []
    for _ in range(count):
        unit = np.repeat(np.arange(plan.units), _sizes(plan, random))
        began = random.permutation(np.resize([*range(2, starts + 2), np.nan], plan.units))[unit]
        levels = _course(plan.alike, plan.baseline_units, plan.units, waves, random)[unit]
        levels = levels + _course(1 - plan.alike, plan.baseline, len(unit), waves, random)
        person, time = np.repeat(np.arange(len(unit)), waves), np.tile(np.arange(1, waves + 1), len(unit))
        score = levels.ravel() + effect * (began[person] <= time)
        score[(random.random(len(score)) < plan.silent) & (time > 1)] = np.nan
        who = {"unit": unit[person], "partnership_id": person, "respondent_id": person, "began": began[person]}
        rows = pd.DataFrame({**who, "time": time, "score": score})
        cells = staggered.changes(rows, "score", "partnership_id", "time", "began")
        found.append(staggered.overall({"score": cells}, "partnership_id", "unit", plan.confidence).iloc[0])
    return Simulated.of(pd.DataFrame(found))


def simulated_both(plan: Plan, effect: float, formula: str, waves: int = 4, count: int = 200) -> pd.DataFrame:
    """Set power by formula beside simulated power, for one lot and for two cohorts that begin one after the other.

    Parameters
    ----------
    plan : Plan
        What is planned.
    effect : float
        True effect, in standard deviations of scores.
    formula : str
        The model of chapter 06.
    waves : int
        Waves of the survey, where two cohorts begin; at least 3.
    count : int
        Simulated studies; half as many for cohorts, which take longer.

    Returns
    -------
    pandas.DataFrame
        One row per design: aspect (the design), formula (power by formula, per cent; missing for cohorts), power
        (simulated, per cent), margin (points by which that may be off, 19 times in 20), mean (of the estimates),
        studies. No rows where chapter 06 tests nothing.
    """
    names = ["aspect", "formula", "power", "margin", "mean", "studies"]
    if not plan.testable:
        reason = f"Nothing is simulated: chapter 06 tests no effect with fewer than {effects.FEWEST} units."
        return because(pd.DataFrame(columns=names), reason)
    found = {
        "One lot: half begin, half wait": (100 * plan.power(effect), simulated(plan, effect, formula, count)),
        f"Two cohorts and a third that waits, {waves} waves": (
            np.nan,
            simulated_cohorts(plan, effect, 2, waves, count // 2),
        ),
    }
    return pd.DataFrame(
        [
            (name, by_formula, 100 * one.power, 100 * one.margin, one.mean, one.studies)
            for name, (by_formula, one) in found.items()
        ],
        columns=names,
    )


def simulated_cases(
    cases: int, effect: float, months: int = 12, starts: int = 5, following: float = 0.3, count: int = 200,
    seed: int = _SEED, confidence: float = 0.95,
) -> Simulated:  # fmt: skip
    """Simulate a few HR partners whose month of beginning is drawn, and test them as chapter 06 does.

    Parameters
    ----------
    cases : int
        HR partners.
    effect : float
        Change of level, in standard deviations of a month's figure.
    months, starts : int
        Months of which a figure is known, and months in the middle of them among which the start is drawn.
    following : float
        Correlation of a month's figure with the one before.
    count, seed : int
        Number of simulated studies, and seed of the first.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Simulated
        See there; without a mean where the starts can fall in too few ways to be tested.

    Notes
    -----
    Every study goes through :func:`helpers.analysis.methods.single_case.randomised_start`.
    """
    random, found = np.random.default_rng(seed), []
    first = (months - starts) // 2 + 1
    could = {case: range(first, first + starts) for case in range(cases)}
    for _ in range(count):
        drawn = {case: int(random.choice(days)) for case, days in could.items()}
        noise = random.normal(size=(cases, months))
        for month in range(1, months):
            noise[:, month] = following * noise[:, month - 1] + (1 - following**2) ** 0.5 * noise[:, month]
        rows = pd.DataFrame({"hr_id": np.repeat(range(cases), months), "month": np.tile(range(1, months + 1), cases)})
        rows["figure"] = noise.ravel() + effect * (rows["month"] >= rows["hr_id"].map(drawn))
        test = single_case.randomised_start(rows, "figure", "hr_id", "month", drawn, could, confidence=confidence)
        found.append(test.iloc[0])
    return Simulated.of(pd.DataFrame(found))


def cases_seen(
    cases: int, months: int, starts: int, sizes: Sequence[float] = (0.5, 1.0, 1.5, 2.0, 3.0), count: int = 100,
    confidence: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Simulate for several changes of level how often a few HR partners show them.

    Parameters
    ----------
    cases, months, starts, count, confidence
        As for :func:`simulated_cases`.
    sizes : sequence of float
        Changes, in standard deviations of a month's figure.

    Returns
    -------
    pandas.DataFrame
        One row per change: effect, power (per cent), margin (points, 19 times in 20), ways (in which the starts can
        fall).
    """
    names, ways = ["effect", "power", "margin", "ways"], starts**cases
    if cases >= effects.FEWEST:
        return because(pd.DataFrame(columns=names), "There are enough HR partners to draw lots among them.")
    if ways < single_case.FEWEST_STARTS:
        reason = f"The starts of {cases} HR partner{'s' * (cases != 1)} can fall in {ways} ways among {starts} months; "
        reason += f"it takes {single_case.FEWEST_STARTS} for any change to be tested."
        return because(pd.DataFrame(columns=names), reason)
    rows = []
    for size in sizes:
        found = simulated_cases(cases, size, months, starts, count=count, confidence=confidence)
        rows.append({"effect": size, "power": 100 * found.power, "margin": 100 * found.margin, "ways": ways})
    return pd.DataFrame(rows)


def _sizes(plan: Plan, random: np.random.Generator) -> np.ndarray:
    """Draw how many managers each unit has; whole numbers around the mean, at least one."""
    shape = plan.spread**-2 if plan.spread else 0
    size = random.gamma(shape, plan.size / shape, plan.units) if shape else np.full(plan.units, plan.size)
    return np.maximum(1, np.floor(size + random.random(plan.units))).astype(int)


def _scores(
    plan: Plan, unit: np.ndarray, partner: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw everybody's score before and after, without an effect; variance 1."""
    of_partners = min(plan.alike, (1 - plan.alike) / 2) if plan.partners else 0.0
    two = _course(1 - plan.alike - of_partners, plan.baseline, len(unit), 2, random)
    two = two + _course(plan.alike, plan.baseline_units, plan.units, 2, random)[unit]
    if plan.partners:
        two = two + _course(of_partners, plan.baseline_units, plan.partners, 2, random)[partner]
    return two[:, 0], two[:, 1]


def _course(variance: float, correlation: float, count: int, waves: int, random: np.random.Generator) -> np.ndarray:
    """Draw values at several waves, of which any two correlate alike; count x waves."""
    stays = correlation**0.5 * random.normal(size=(count, 1))
    return variance**0.5 * (stays + (1 - correlation) ** 0.5 * random.normal(size=(count, waves)))
