import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods.single_case import randomised_start

MONTHS = range(1, 13)
COULD = {"a": [4, 5, 6, 7, 8], "b": [4, 5, 6, 7, 8], "c": [5, 6, 7]}
STARTS = {"a": 5, "b": 7, "c": 6}


def measured(effect=0.0, seed=1, cases="abc", starts=STARTS):
    random = np.random.default_rng(seed)
    rows = [(case, month) for case in cases for month in MONTHS]
    frame = pd.DataFrame(rows, columns=["partner", "month"])
    begun = frame["month"] >= frame["partner"].map(starts)
    return frame.assign(days=8 + random.normal(size=len(frame)) + effect * begun)


def result(frame, starts=STARTS, could=COULD, **options):
    return randomised_start(frame, "days", "partner", "month", starts, could, **options).iloc[0]


def level(frame, starts):
    """Mean over cases of the change of level at these starts, one case after another."""
    changes = []
    for case, start in starts.items():
        own = frame[frame["partner"] == case]
        changes.append(own.loc[own["month"] >= start, "days"].mean() - own.loc[own["month"] < start, "days"].mean())
    return np.mean(changes)


def p_by_hand(frame, tau=0.0):
    begun = frame["month"] >= frame["partner"].map(STARTS)
    left = frame.assign(days=frame["days"] - tau * begun)
    ways = [dict(zip("abc", each)) for each in itertools.product(*COULD.values())]
    own = abs(level(left, STARTS))
    return np.mean([abs(level(left, way)) >= own - 1e-9 for way in ways])


def test_it_is_the_permutation_test_done_by_hand():
    frame = measured(effect=-1.2)
    found = result(frame)
    assert found["draws"] == 75 and found["smallest_p"] == pytest.approx(1 / 75)
    assert found["estimate"] == pytest.approx(level(frame, STARTS))
    assert found["p_value"] == pytest.approx(p_by_hand(frame))
    for end, step in (("low", -1e-4), ("high", 1e-4)):
        assert p_by_hand(frame, found[end] + step) <= 0.05 < p_by_hand(frame, found[end] - step)


def test_a_published_way_of_counting():
    # Edgington (1975): the p-value of one case is the place of its statistic among all possible starts
    frame = measured(cases="a", effect=50.0)
    could = {"a": list(range(3, 12))}
    found = result(frame, {"a": 5}, could)
    assert found["note"] == "cannot tell: the starts could be drawn in 9 ways; at least 20 are needed"


def test_null_and_power():
    random = np.random.default_rng(7)
    rejected = {0.0: [], 3.0: []}
    for seed in range(60):
        starts = {case: int(random.choice(days)) for case, days in COULD.items()}
        for effect, found in rejected.items():
            found.append(result(measured(effect, seed, starts=starts), starts)["p_value"] <= 0.05)
    assert np.mean(rejected[0.0]) <= 0.12  # .05 and what 60 studies leave to chance
    assert np.mean(rejected[3.0]) >= 0.8


def test_many_combinations_are_sampled():
    could = {case: list(range(3, 11)) for case in "abcdef"}
    starts = dict.fromkeys("abcdef", 6)
    found = result(measured(2.0, cases="abcdef", starts=starts), starts, could, draws=1999)
    assert found["draws"] == 1999 and found["smallest_p"] == pytest.approx(1 / 2000)
    assert found["p_value"] < 0.01 and found["low"] < 2.0 < found["high"]


def test_edges():
    frame = measured()
    assert result(frame[:0])["note"].startswith("cannot tell: the starts could be drawn in 0 ways")
    assert result(frame[frame["month"] > 3])["note"].startswith(
        "cannot tell: fewer than 2 measurements of a case before"
    )
    assert result(frame.assign(days=2.0))["note"] == "cannot tell: everybody answered alike"
    assert result(frame.assign(days=np.nan))["note"].startswith("cannot tell")
    twice = pd.concat([frame, frame])
    assert result(twice)["estimate"] == pytest.approx(result(frame)["estimate"])
    with pytest.raises(ValueError, match="the start of a is not among those"):
        result(frame, STARTS | {"a": 9})
