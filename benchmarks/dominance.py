"""Time a ranking of 10 predictors of 5,000 answers with 2,000 bootstrap samples, and the memory it takes.

Run ``python benchmarks/dominance.py``. Aim: under 5 seconds and 1 GB for either method.
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pandas as pd

from helpers.analysis.methods import dominance

ROWS, PREDICTORS, CLUSTERS = 5000, 10, 400


def answers() -> tuple[pd.DataFrame, list[str]]:
    """Draw answers whose predictors overlap."""
    random = np.random.default_rng(20260630)
    names = [f"predictor_{number}" for number in range(PREDICTORS)]
    values = random.normal(size=(ROWS, PREDICTORS)) + random.normal(size=(ROWS, 1))
    frame = pd.DataFrame(values, columns=names)
    frame["outcome"] = values @ np.linspace(0, 0.5, PREDICTORS) + 2 * random.normal(size=ROWS)
    return frame.assign(cluster_id=np.arange(ROWS) % CLUSTERS), names


def main() -> None:
    """Print seconds and peak memory of each method, and their ratio."""
    frame, names = answers()
    seconds = {}
    for method in ("general dominance", "relative weights"):
        started = time.perf_counter()
        dominance.importance(frame, "outcome", names, method=method, bootstrap=2000)
        seconds[method] = time.perf_counter() - started
        tracemalloc.start()
        dominance.importance(frame, "outcome", names, method=method, bootstrap=2000)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"{method}: {seconds[method]:.2f} s, {peak:.0f} MB at the peak")
    print(f"general dominance / relative weights: {seconds['general dominance'] / seconds['relative weights']:.1f}")


if __name__ == "__main__":
    main()
