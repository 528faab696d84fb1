"""Headcount, monthly pulse and quarterly outcomes of the teams."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import Answers
from .company import AS_OF, WAVES, Company, generator
from .recruiting import SCORE_CENTRE, manager_scores

MONTHS = pd.period_range(end=pd.Period(AS_OF, "M"), periods=60, freq="M")
QUARTERS = pd.period_range(end=pd.Period(AS_OF, "Q"), periods=10, freq="Q")
SPAN_OF_CONTROL, PULSE_SHARE = 10, 0.25  # employees per manager; share of a team asked each month
STEP_ITEM = "hr_and_managers_pull_together"
PULSE = {STEP_ITEM: 3.3, "workload_is_manageable": 3.1, "would_recommend_us": 3.6}
STEP = 0.30  # points, from the month after the month of the team's role swaps
TREND = {"would_recommend_us": 0.004}  # points a month
PULSE_SD, PERSISTENCE = 0.12, 0.4  # stationary standard deviation of a team's months, autocorrelation
MINIMUM_N = 5

TURNOVER, TURNOVER_EFFECT = 0.05, -0.85  # leavers per employee and quarter; log rate per point of team score
COMPLAINTS = 0.9  # per 1,000 deliveries
OUTPUT, OUTPUT_SD = 100.0, 5.0


def step_month(arm: str) -> pd.Period | None:
    """Return the first month of the planted level change for a role-swap arm."""
    return {"treated": pd.Period("2025-10", "M"), "waitlist": pd.Period("2026-03", "M")}.get(arm)


def headcount(seed: int, company: Company) -> pd.DataFrame:
    """Return employees per team and month: a slow random walk around ten per manager."""
    rng = generator(seed, "headcount")
    managers = company.pairs().groupby("unit")["manager_id"].nunique()
    frames = []
    for unit in company.unit_arm:
        walk = np.exp(np.cumsum(rng.normal(0, 0.006, len(MONTHS))))
        employees = np.rint(SPAN_OF_CONTROL * managers[unit] * walk / walk.mean()).astype(int)
        frames.append(pd.DataFrame({"unit": unit, "month": MONTHS.astype(str), "employees": employees}))
    return pd.concat(frames, ignore_index=True)


def pulse(seed: int, company: Company, employees: pd.DataFrame) -> pd.DataFrame:
    """Return monthly means per team and item; months with fewer than five answers are left out, as tools do."""
    rng = generator(seed, "pulse")
    frames = []
    for unit, arm in company.unit_arm.items():
        size = employees.loc[employees["unit"] == unit, "employees"].to_numpy()
        n = rng.binomial(size, PULSE_SHARE)
        changed = step_month(arm) <= MONTHS if arm else np.zeros(len(MONTHS))
        for item, level in PULSE.items():
            mean = level + rng.normal(0, 0.15) + TREND.get(item, 0.0) * np.arange(len(MONTHS)) + _noise(rng)
            mean = mean + (STEP * changed if item == STEP_ITEM else 0.0)
            frames.append(pd.DataFrame({"unit": unit, "month": MONTHS.astype(str), "item": item, "n": n, "mean": mean}))
    table = pd.concat(frames, ignore_index=True)
    table["mean"] = table["mean"].map("{:.2f}".format)
    return table[table["n"] >= MINIMUM_N]


def _noise(rng: np.random.Generator) -> np.ndarray:
    """Return a stationary first-order autoregressive series."""
    shocks = rng.normal(0, PULSE_SD, len(MONTHS))
    series = shocks.copy()
    for month in range(1, len(series)):
        series[month] = PERSISTENCE * series[month - 1] + np.sqrt(1 - PERSISTENCE**2) * shocks[month]
    return series


def team_scores(company: Company, answers: Answers) -> pd.DataFrame:
    """Return the mean manager score per wave and team; NaN where fewer than five managers answered."""
    scores = manager_scores(company, answers)
    people = company.people.set_index("person_id").loc[scores.columns]
    units = (people["department"] + " " + people["location"]).to_numpy()
    groups = scores.T.groupby(units)
    return groups.mean().where(groups.count() >= MINIMUM_N).T


def wave_before(quarter: pd.Period) -> str:
    """Return the last wave that ended before a quarter; the first wave for earlier quarters."""
    ended = [wave for wave, day in WAVES.items() if pd.Timestamp(day) + pd.Timedelta(days=21) < quarter.start_time]
    return ended[-1] if ended else next(iter(WAVES))


def outcomes(seed: int, company: Company, employees: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return quarterly outcomes per team: leavers go with the team score, complaints and output do not."""
    rng = generator(seed, "outcomes")
    quarter = pd.PeriodIndex(employees["month"], freq="M").asfreq("Q")
    mean_size = employees.groupby(["unit", quarter])["employees"].mean().round().astype(int)
    rows = []
    for unit in company.unit_arm:
        for period in QUARTERS:
            size, score = mean_size[unit, period], scores.at[wave_before(period), unit]
            shift = 0.0 if np.isnan(score) else TURNOVER_EFFECT * (score - SCORE_CENTRE)
            leavers = rng.poisson(TURNOVER * size * np.exp(shift))
            deliveries = rng.integers(20, 41) * size
            complaints = rng.poisson(COMPLAINTS * deliveries / 1000)
            output = rng.normal(OUTPUT, OUTPUT_SD)
            name = f"{period.year}-Q{period.quarter}"
            rows.append((unit, name, "voluntary_turnover", str(leavers), str(size)))
            rows.append((unit, name, "quality_complaints", str(complaints), str(deliveries)))
            rows.append((unit, name, "output_per_employee", f"{output:.1f}", ""))
    return pd.DataFrame(rows, columns=["unit", "period", "metric", "value", "denominator"])
