"""Employer-brand statements, each rated by two coders: one attribute promises more outside than it holds inside.

Nothing changes over the two years in which they were found.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .company import TEXTS, generator

STATEMENTS, CODERS = 300, ("coder_1", "coder_2")
CHANNELS = {
    "customer": ["packaging", "website", "advertisement"],
    "candidate": ["job advertisement", "careers page", "recruiter e-mail"],
    "employee": ["intranet", "exit interview", "review site"],
}
ATTRIBUTES = tuple(TEXTS["statements"])
LEVEL = 0.4  # latent mean; every audience, every attribute
INSIDE = {"caring": -1.3}  # latent shift of what employees say
CUTS = np.array([-1.5, -0.6, 0.3, 1.2])  # between ratings 1 to 5
STATEMENT_SD, CODER_SD = 0.9, 0.45
FIRST_MONTH, MONTHS = "2024-07", 24
CORRECT = 0.93  # chance that a coder names the intended attribute; else one of the others


def messages(seed: int) -> pd.DataFrame:
    """Return one row per statement and coder."""
    rng = generator(seed, "messages")
    found_on = days(generator(seed, "days of messages"))
    audiences, count = list(CHANNELS), STATEMENTS // len(CHANNELS)
    rows = []
    for number in range(STATEMENTS):
        audience = audiences[number // count]
        attribute = ATTRIBUTES[number % len(ATTRIBUTES)]
        theta = LEVEL + rng.normal(0, STATEMENT_SD) + (INSIDE.get(attribute, 0.0) if audience == "employee" else 0.0)
        channel = str(rng.choice(CHANNELS[audience]))
        text = str(rng.choice(TEXTS["statements"][attribute])) + str(rng.choice(TEXTS["endings"]))
        for coder in CODERS:
            rating = 1 + int((theta + rng.normal(0, CODER_SD) > CUTS).sum())
            coded = attribute if rng.random() < CORRECT else str(rng.choice([a for a in ATTRIBUTES if a != attribute]))
            rows.append((f"B{number + 1:03d}", audience, channel, found_on[number], text, coded, rating, coder))
    columns = ["message_id", "audience", "channel", "found_on", "text", "attribute", "rating", "coder_id"]
    return pd.DataFrame(rows, columns=columns)


def days(rng: np.random.Generator) -> list[str]:
    """Return the day on which each statement was found: every audience in every month, as evenly as they divide."""
    count = STATEMENTS // len(CHANNELS)
    months = np.concatenate([rng.permutation(np.arange(count) % MONTHS) for _ in CHANNELS])
    starts = pd.period_range(FIRST_MONTH, periods=MONTHS, freq="M").start_time[months]
    return list((starts + pd.to_timedelta(rng.integers(0, 28, len(months)), unit="D")).strftime("%Y-%m-%d"))
