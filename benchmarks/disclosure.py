"""How long it takes to protect a large heatmap, and how much of it stays.

Run ``python benchmarks/disclosure.py`` (seconds); it writes ``disclosure.md`` beside itself. Aim: a heatmap of 200
groups and 40 measures on two levels, teams within departments, in under 2 seconds.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.privacy import protect

HERE = Path(__file__).resolve().parent
GROUPS, MEASURES, DEPARTMENTS, MINIMUM = 200, 40, 20, 5
#: Runs of which the fastest counts: other work on the machine only makes them slower.
RUNS = 5


def heatmap(random: np.random.Generator) -> pd.DataFrame:
    """Return a cell per team and measure; of each measure a few more or fewer have answered."""
    sizes = random.integers(2, 60, GROUPS)
    teams = pd.DataFrame({"team": [f"team {n}" for n in range(GROUPS)], "size": sizes})
    teams["department"] = [f"department {n % DEPARTMENTS}" for n in range(GROUPS)]
    cells = teams.merge(pd.DataFrame({"dimension": [f"measure {n}" for n in range(MEASURES)]}), how="cross")
    skipped = random.integers(0, 3, len(cells))
    return cells.assign(
        respondents=np.maximum(cells.pop("size") - skipped, 0), estimate=random.uniform(1.5, 4.5, len(cells))
    )


def main() -> None:
    """Measure, print and write."""
    cells = heatmap(np.random.default_rng(20261128))
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        reasons = protect(cells, minimum=MINIMUM).reasons
        times.append(time.perf_counter() - start)
    shares = [f"{reasons.eq(name).mean():.1%} {words}" for name, words in
              (("", "shown"), ("small", "too small"), ("complementary", "hidden to protect these"))]  # fmt: skip
    text = (
        "# Protecting a large heatmap\n\nWritten by `python benchmarks/disclosure.py`.\n\n"
        f"{GROUPS} teams in {DEPARTMENTS} departments, {MEASURES} measures: {min(times):.2f} s on one core (aim: under "
        f"2 s). Of the {len(cells)} cells {', '.join(shares)}.\n"
    )
    print(text)
    (HERE / "disclosure.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
