"""How often intervals held the truth in simulated studies of about the size of the one at hand.

The rates are measured by ``benchmarks/calibration_grid.py``, which writes the file that stands beside this module. A
report prints those of its own number of clusters, not those of a larger study.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

STORE = Path(__file__).with_suffix(".json")
#: Hard cases, in a reader's words.
PLAIN, SKEW, ZERO = "unequal clusters", "skewed answers", "clusters that do not differ"
ONE, LARGE = "one cluster in a group", "one cluster with half of all"
SMALL, CLOSE = "clusters that hardly differ", "views that go closely together"
#: Departments above HR partners differ as well: intervals over HR partners, read as speaking of departments in general
#: or of those there are; and intervals over departments, where study.yaml names them as the cluster.
OTHERS = "departments differ, and others than these are meant"
THESE = "departments differ, and these are meant"
DECLARED = "departments differ, and are the clusters"
NESTED = (OTHERS, THESE, DECLARED)
#: Studies a cell must rest on, and the share of them in which there has to be an interval, before it is told.
FEWEST_STUDIES, FEWEST_TOLD = 1000, 0.5
#: Per cent of studies in which an interval has to hold the truth not to fall short; the simulation itself errs too.
PROMISED = 93.0


@functools.cache
def _store() -> list[dict[str, Any]]:
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else []


def kept() -> list[dict[str, Any]]:
    """Return what was measured.

    Returns
    -------
    list of dict
        One per cell: estimator, case, clusters, studies (simulated), told (studies with an interval), held (of them,
        those whose interval held the truth), rejected (of them, true nulls called an effect; None where the truth was
        no null).
    """
    return [dict(row) for row in _store()]


def size_measured(clusters: int) -> int:
    """Return the largest number of clusters measured that is no larger than a study's; 0 where none is.

    Parameters
    ----------
    clusters : int
        Clusters of the study at hand.

    Returns
    -------
    int
        One of 3, 5, 8, 12, 20 and 36.
    """
    sizes = sorted({row["clusters"] for row in _store() if row["studies"] >= FEWEST_STUDIES})
    return max((size for size in sizes if size <= clusters), default=0)


def rates(estimator: str, clusters: int) -> dict[str, float]:
    """Look up how often the intervals of an estimator held the truth in studies of about this size.

    Parameters
    ----------
    estimator : str
        Name in the grid, such as ``"gap in pairs"``.
    clusters : int
        Clusters of the study at hand.

    Returns
    -------
    dict
        Per cent by hard case, at the size of :func:`size_measured`; missing where most studies had no interval. Without
        cells that were not measured.

    Examples
    --------
    >>> rates("no such estimator", 12)
    {}
    """
    size = size_measured(clusters)
    rows = [
        row
        for row in _store()
        if row["estimator"] == estimator and row["clusters"] == size and row["studies"] >= FEWEST_STUDIES
    ]
    told = {row["case"]: row["told"] >= FEWEST_TOLD * row["studies"] for row in rows}
    return {row["case"]: 100 * row["held"] / row["told"] if told[row["case"]] else np.nan for row in rows}


def in_a_table(estimators: Iterable[str], clusters: int) -> pd.DataFrame:
    """Say how often intervals held the truth with about as few clusters as this study has.

    Parameters
    ----------
    estimators : iterable of str
        Names in the grid.
    clusters : int
        Clusters of the study at hand.

    Returns
    -------
    pandas.DataFrame
        One row per estimator of which anything was measured: estimator, held (range over the hard cases, in words),
        short (hard cases in which it holds too seldom, with the rate; a dash where there are none).
    """
    rows = []
    for estimator in estimators:
        found = rates(estimator, clusters)
        known = {case: rate for case, rate in found.items() if np.isfinite(rate)}
        if not found:
            continue
        low, high = (round(end(known.values())) if known else 0 for end in (min, max))
        held = "no interval: too few" if not known else f"{low} %" if low == high else f"{low} to {high} %"
        short = [f"{case}: {rate:.0f} %" for case, rate in known.items() if rate < PROMISED - _error(PROMISED)]
        named = estimator[:1].upper() + estimator[1:]
        rows.append({"estimator": named, "held": held, "short": "; ".join(short) or "–"})
    return pd.DataFrame(rows, columns=["estimator", "held", "short"])


def _error(rate: float) -> float:
    """Error of a simulated rate, per cent, 19 times in 20."""
    return 1.96 * float(np.sqrt(rate * (100 - rate) / FEWEST_STUDIES))
