"""Who can say the company's message: of employees more after 30 days, of customers as many as before."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import norm

from .company import Company, generator

TOLD_FROM = date(2026, 5, 18)  # first day on which the message was told
PLACES, ASKED = {"employee": 12, "customer": 10, "candidate": 6}, 12
#: Latent mean (probit) of saying it, by round; candidates of before are gone after 30 days and were not asked then.
LEVEL = {
    "employee": {"before": -1.05, "day_30": 0.15},
    "customer": {"before": -0.9, "day_30": -0.9},
    "candidate": {"day_30": -0.3},
}
PLACE_SD = 0.35  # latent; people in one place hear the same
FIRST_DAY = {"before": TOLD_FROM - timedelta(days=7), "day_30": TOLD_FROM + timedelta(days=30)}
ASKING_DAYS = 4  # over which one round is spread


def recall(seed: int, company: Company) -> pd.DataFrame:
    """Return one row per place and round: how many were asked, and how many could say the message."""
    rng = generator(seed, "recall")
    teams = company.units.loc[company.units["location"].ne("") & company.units["location"].notna(), "unit"]
    names = {
        "employee": [str(team) for team in teams[: PLACES["employee"]]],
        "customer": [f"Farm shop {number}" for number in range(1, PLACES["customer"] + 1)],
        "candidate": [f"Assessment day {number}" for number in range(1, PLACES["candidate"] + 1)],
    }
    rows = []
    for audience, levels in LEVEL.items():
        for place in names[audience]:
            shift = rng.normal(0, PLACE_SD)
            for round, level in levels.items():
                day = FIRST_DAY[round] + timedelta(days=int(rng.integers(0, ASKING_DAYS)))
                said = int(rng.binomial(ASKED, norm.cdf(level + shift)))
                rows.append((day.isoformat(), audience, place, round, ASKED, said))
    return pd.DataFrame(rows, columns=["asked_on", "audience", "place", "round", "asked", "recalled"])


def change(audience: str) -> tuple[float, float]:
    """Return the true change of the share from before to day 30, and the standard error of its direct estimate."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    before, later = (norm.cdf(LEVEL[audience][round] + PLACE_SD * nodes) for round in ("before", "day_30"))
    value = float(weights @ (later - before))
    between = float(weights @ (later - before) ** 2) - value**2
    within = float(weights @ (later * (1 - later) + before * (1 - before)))
    return value, float(np.sqrt((between + within / ASKED) / PLACES[audience]))
