"""Employee-relations cases: anonymous reports wait longer for a first reply and are upheld as often as others."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from .company import AS_OF, DEPARTMENTS, generator, quota

CASES, FIRST_DAY = 260, date(2024, 7, 1)
CATEGORIES = {"working time": 0.28, "conduct": 0.24, "pay": 0.2, "health and safety": 0.16, "discrimination": 0.12}
CHANNELS = {"HR partner": 0.4, "manager": 0.25, "hotline": 0.35}
ANONYMOUS = 0.75  # of hotline cases
REPLY_DAYS, ANONYMOUS_RATIO, SHAPE = 4.0, 1.9, 2.0  # mean; ratio of means; gamma shape of the Poisson mean
OUTCOMES = {"upheld": 0.3, "partly_upheld": 0.2, "not_upheld": 0.3, "resolved_informally": 0.2}


def cases(seed: int) -> pd.DataFrame:
    """Return the cases. Days to first reply are negative binomial."""
    rng = generator(seed, "cases")
    managers = {name: count for name, (count, _) in DEPARTMENTS.items()}
    shares = {name: count / sum(managers.values()) for name, count in managers.items()}
    table = pd.DataFrame({"category": quota(rng, CASES, CATEGORIES), "department": quota(rng, CASES, shares)})
    table["channel"] = quota(rng, CASES, CHANNELS)
    anonymous = (table["channel"] == "hotline") & (rng.random(CASES) < ANONYMOUS)
    table["anonymous"] = np.where(anonymous, "yes", "no")
    span = (AS_OF - FIRST_DAY).days
    opened = [FIRST_DAY + timedelta(days=int(day)) for day in np.sort(rng.integers(0, span + 1, CASES))]
    mean = REPLY_DAYS * np.where(anonymous, ANONYMOUS_RATIO, 1.0)
    wait = rng.poisson(rng.gamma(SHAPE, mean / SHAPE))
    length = wait + 1 + rng.poisson(rng.gamma(2.0, 15.0, CASES))
    ends = rng.choice(list(OUTCOMES), CASES, p=list(OUTCOMES.values()))
    dates = [_dates(day, int(reply), int(end)) for day, reply, end in zip(opened, wait, length)]
    table["opened_on"], table["first_reply_on"], table["resolved_on"] = zip(*dates)
    table["outcome"] = np.where(table["resolved_on"] == "", "open", ends)
    table.insert(0, "case_id", [f"CASE-{number:03d}" for number in range(1, CASES + 1)])
    return table


def _dates(opened: date, reply: int, end: int) -> tuple[str, str, str]:
    """Return the three dates; what lies after the end of the study has not happened yet."""
    days = (opened, opened + timedelta(days=reply), opened + timedelta(days=end))
    first, second, third = (day.isoformat() if day <= AS_OF else "" for day in days)
    return first, second, third
