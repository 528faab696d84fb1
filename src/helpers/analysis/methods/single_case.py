"""Test an effect in very few cases, each of which started on a day that was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from helpers.analysis.methods.counts import cannot_tell, people, require
from helpers.columns import ALIKE

METHOD = "replicated single-case design with randomised start, permutation test"
#: Fewest combinations of starts: below, no p-value of .05 is possible.
FEWEST_STARTS = 20
#: Fewest measurements of each case before and after every start that could have been drawn.
FEWEST_MEASURED = 2
#: Up to so many combinations, each is looked at; beyond, a sample of them.
ENUMERATED = 20_000
_ZERO = 1e-9


def randomised_start(
    frame: pd.DataFrame,
    value: str,
    case: str,
    time: str,
    starts: Mapping[Any, Any],
    could_start: Mapping[Any, Sequence[Any]],
    *,
    confidence: float = 0.95,
    draws: int = 9999,
    seed: int = 20260630,
) -> pd.DataFrame:
    """Test whether a level changes when something starts, by the starts that could have been drawn.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per case and measurement. Rows in which the value is missing are left out; several of one time are
        averaged first.
    value : str
        What is measured.
    case : str
        Column that names the case, such as the HR partner.
    time : str
        Column with the time of the measurement, in the type of the starts.
    starts : mapping
        First time of each case at which the treatment was under way.
    could_start : mapping
        For each case, the times from which its start was drawn, each alike likely; the start is one of them.
    confidence : float
        Confidence level of the interval, between 0 and 1.
    draws, seed : int
        Size and seed of the sample, where there are more than 20,000 combinations of starts.

    Returns
    -------
    pandas.DataFrame
        One row: estimate (mean over cases of the mean after less the mean before, in units of the value), low, high,
        p_value (two-sided), smallest_p, draws (combinations of starts), cases, measurements, respondents, rated (where
        known), clusters (the cases), people, method, note.

    Raises
    ------
    ValueError
        If a case has no start, or its start is not among those that could have been drawn.

    Notes
    -----
    The sharp null hypothesis is that the treatment moves every measurement from the start on by the same tau; tau = 0
    for the p-value. The statistic of every combination of starts is the absolute difference of levels, averaged over
    cases; p is the share of combinations whose statistic is at least that of the starts that took place (Edgington
    1975; for several cases Marascuilo & Busk 1988). The interval holds every tau that is not rejected (inversion).

    Assumptions: starts were drawn as told, apart from each other; what is measured at one time is not moved by what
    will start later. A trend that was there before is no threat to the p-value, but to the estimate: it then holds
    part of the trend, and the test loses power. Nothing is assumed of other cases, so the result is about these.

    References
    ----------
    Edgington, E. S. (1975). Randomization tests for one-subject operant experiments. *Journal of Psychology*, 90(1),
    57-68.

    Marascuilo, L. A. & Busk, P. L. (1988). Combining statistics for multiple-baseline AB and replicated ABAB designs
    across subjects. *Behavioral Assessment*, 10(1), 1-28.

    Examples
    --------
    >>> import pandas as pd
    >>> waits = pd.DataFrame({"partner": ["a"] * 9 + ["b"] * 9, "month": [*range(1, 10)] * 2})
    >>> waits["days"] = [9, 8, 9, 8, 5, 4, 5, 4, 5] + [7, 6, 7, 7, 7, 3, 3, 2, 3]
    >>> could = {"a": [3, 4, 5, 6, 7], "b": [3, 4, 5, 6, 7]}
    >>> found = randomised_start(waits, "days", "partner", "month", {"a": 5, "b": 6}, could)
    >>> found[["estimate", "low", "high", "p_value", "smallest_p", "draws"]].round(2)
       estimate   low  high  p_value  smallest_p  draws
    0     -3.98 -4.95  -2.4     0.04        0.04     25
    """
    require(frame, [value, case, time])
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    used = frame.dropna(subset=[value, case, time])
    names = ["estimate", "low", "high", "p_value", "smallest_p", "draws"]
    row: dict[str, Any] = dict.fromkeys(names, np.nan)
    ending = {
        "cases": used[case].nunique(),
        "measurements": len(used),
        **people(used, case, value=value, additive=False),
    }
    ending |= {"method": METHOD}
    cases = list(used[case].unique())
    for name in cases:
        if name not in starts or starts[name] not in list(could_start.get(name, ())):
            raise ValueError(f"the start of {name} is not among those that could have been drawn for it")
    ways = math.prod(len(could_start[name]) for name in cases) if cases else 0
    row |= {"draws": ways, "smallest_p": 1 / ways if ways else np.nan}
    series = [used[used[case] == name].groupby(time)[value].mean() for name in cases]
    if reason := _too_few(series, [could_start[name] for name in cases], ways, 1 - confidence):
        return pd.DataFrame([row | ending | {"note": cannot_tell(reason)}])
    tables = [_levels(each, starts[name], could_start[name]) for each, name in zip(series, cases)]
    chosen = _combinations(tables, draws, seed)
    own = np.array([[list(could_start[name]).index(starts[name]) for name in cases]])
    levels, shares = (_averaged(tables, part, chosen) for part in (0, 1))
    estimate = float(_averaged(tables, 0, own)[0])
    row |= {"estimate": estimate, "draws": len(chosen), "smallest_p": 1 / (len(chosen) + (ways > ENUMERATED))}
    if np.ptp(levels) == 0:
        return pd.DataFrame([row | {"estimate": np.nan} | ending | {"note": cannot_tell(ALIKE)}])

    def p_value(tau: float) -> float:
        statistics = np.abs(levels - tau * shares)
        count = np.sum(statistics >= abs(estimate - tau) - _ZERO * max(1.0, abs(estimate)))
        # A sample of combinations may lack the one that took place, which counts itself.
        return float(count / len(chosen) if ways <= ENUMERATED else (count + 1) / (len(chosen) + 1))

    row["p_value"] = p_value(0.0)
    row |= {
        name: _limit(p_value, estimate, side, np.ptp(levels), 1 - confidence)
        for name, side in (("low", -1), ("high", 1))
    }
    return pd.DataFrame([row | ending | {"note": ""}])


def _too_few(series: Sequence[pd.Series], could_start: Sequence[Sequence[Any]], ways: int, level: float) -> str:
    """Why these cases cannot be tested; empty where they can."""
    if ways < FEWEST_STARTS or 1 / ways > level:
        return (
            f"the starts could be drawn in {ways} ways; at least {max(FEWEST_STARTS, math.ceil(1 / level))} are needed"
        )
    for each, days in zip(series, could_start):
        if (each.index < min(days)).sum() < FEWEST_MEASURED or (each.index >= max(days)).sum() < FEWEST_MEASURED:
            return (
                f"fewer than {FEWEST_MEASURED} measurements of a case before its first or after its last possible start"
            )
    return ""


def _levels(series: pd.Series, start: Any, could_start: Sequence[Any]) -> np.ndarray:
    """Return the change of level at every possible start, and the part of it that a unit effect from the start makes.

    Two rows, one column per possible start.
    """
    under_way = np.asarray(series.index >= start, float)
    after = [np.asarray(series.index >= day) for day in could_start]
    values = series.to_numpy(float)
    return np.array([[each[then].mean() - each[~then].mean() for then in after] for each in (values, under_way)])


def _combinations(tables: Sequence[np.ndarray], draws: int, seed: int) -> np.ndarray:
    """Return positions of the starts, combinations x cases."""
    sizes = [table.shape[1] for table in tables]
    if math.prod(sizes) <= ENUMERATED:
        return np.array(list(product(*map(range, sizes))))
    random = np.random.default_rng(seed)
    return np.column_stack([random.integers(0, size, draws) for size in sizes])


def _averaged(tables: Sequence[np.ndarray], part: int, chosen: np.ndarray) -> np.ndarray:
    """Return the mean over cases of a part of their tables, for every combination of starts."""
    return np.mean([table[part, places] for table, places in zip(tables, chosen.T)], axis=0)


def _limit(p_value: Any, estimate: float, side: int, spread: float, level: float) -> float:
    """Return the farthest tau on one side that is not rejected."""
    steps = np.concatenate([np.linspace(0, 3, 121), 3 * 2.0 ** np.arange(1, 8)]) * spread
    kept = [p_value(estimate + side * step) > level for step in steps]
    last = int(np.flatnonzero(kept)[-1])
    if last == len(steps) - 1:
        return side * np.inf
    edge = optimize.bisect(
        lambda step: p_value(estimate + side * step) - level - _ZERO, steps[last], steps[last + 1], xtol=1e-10 * spread
    )
    return float(estimate + side * edge)
