"""How often intervals held the truth in simulated studies of about the size of the one at hand.

The rates are measured by ``benchmarks/calibration_grid.py``, which writes the file that stands beside this module. A
report prints those of its own number of clusters, not those of a larger study.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

STORE = Path(__file__).with_suffix(".json")
#: Hard cases, in a reader's words.
PLAIN, SKEW, ZERO = "unequal clusters", "skewed answers", "clusters that do not differ"
NESTING, ONE, LARGE = "clusters alike within departments", "one cluster in a group", "one cluster with half of all"
SMALL, CLOSE = "clusters that hardly differ", "views that go closely together"
#: Studies a cell must rest on, and the share of them in which there has to be an interval, before it is told.
FEWEST_STUDIES, FEWEST_TOLD = 1000, 0.5
#: Coverage within which intervals hold what they promise, in per cent; the simulation itself errs by up to 1.4.
PROMISED = (93.0, 97.0)


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
        Per cent by hard case, of the largest size measured that is no larger than the study's (the smallest where all
        are larger); without cells that were not measured, or in which most studies had no interval.

    Examples
    --------
    >>> rates("no such estimator", 12)
    {}
    """
    rows = [row for row in _store() if row["estimator"] == estimator and row["studies"] >= FEWEST_STUDIES]
    sizes = sorted({row["clusters"] for row in rows})
    if not sizes:
        return {}
    size = max((each for each in sizes if each <= clusters), default=sizes[0])
    own = [row for row in rows if row["clusters"] == size and row["told"] >= FEWEST_TOLD * row["studies"]]
    return {row["case"]: 100 * row["held"] / row["told"] for row in own}


def in_words(estimators: Iterable[str], clusters: int, called: str = "HR partners") -> str:
    """Say how often intervals held the truth with as few clusters as this study has.

    Parameters
    ----------
    estimators : iterable of str
        Names in the grid.
    clusters : int
        Clusters of the study at hand.
    called : str
        What a reader calls clusters.

    Returns
    -------
    str
        Of every estimator the range of its rates over the hard cases, and what case falls short; empty where nothing of
        them was measured.
    """
    sizes = sorted({row["clusters"] for row in _store() if row["studies"] >= FEWEST_STUDIES})
    if not sizes:
        return ""
    size = max((each for each in sizes if each <= clusters), default=sizes[0])
    parts = [said for name in estimators if (said := _said(name, rates(name, clusters)))]
    if not parts:
        return ""
    begin = f"In {FEWEST_STUDIES:,} simulated studies each with {size} {called}, intervals held the truth as often as "
    return f"{begin}follows; 95 % is what they promise. {' '.join(parts)}"


def _said(estimator: str, found: dict[str, float]) -> str:
    if not found:
        return ""
    low, high = round(min(found.values())), round(max(found.values()))
    said = f"{estimator[0].upper()}{estimator[1:]}: {low}" + (f" to {high} %" if high > low else " %")
    short: Sequence[str] = [
        f"{case} ({rate:.0f} %)" for case, rate in found.items() if rate < PROMISED[0] - _error(rate)
    ]
    return f"{said}; too seldom with {', '.join(short)}." if short else f"{said}."


def _error(rate: float) -> float:
    return 1.96 * float(np.sqrt(rate * (100 - rate) / FEWEST_STUDIES))
