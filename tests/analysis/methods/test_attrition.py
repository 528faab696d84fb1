import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods.attrition import lee_bounds


def allotted(random, effect=0.4, stays=(0.7, 0.85), clusters=20, size=15):
    """Managers of teams; whoever is better disposed stays more readily, and more so where the practice ran."""
    team = np.repeat(np.arange(clusters), size)
    treated = team % 2
    mood = random.normal(size=len(team)) + random.normal(0, 0.3, clusters)[team]
    rank = pd.Series(mood).rank(pct=True).to_numpy() * 0.5 + random.random(len(team)) * 0.5
    answered = rank > np.quantile(rank, 1 - np.array(stays))[treated]
    frame = pd.DataFrame({"team": team, "treated": treated})
    frame["score"] = np.where(answered, 3 + 0.5 * mood + effect * treated, np.nan)
    return frame


def bounds(frame, **options):
    return lee_bounds(frame, "score", "treated", "team", **options).iloc[0]


def test_bounds_worked_by_hand():
    # 10 of 10 answer with the practice, 5 of 10 without: half of the answers 1 to 10 go, the lowest or the highest
    frame = pd.DataFrame({"team": [*range(10), *range(10, 20)], "treated": [1] * 10 + [0] * 10})
    frame["score"] = [*range(1, 11), 4, 5, 6, 7, 8, *[np.nan] * 5]
    found = bounds(frame)
    assert found["trimmed"] == pytest.approx(50)
    assert (found["lower"], found["upper"]) == pytest.approx((3.0 - 6.0, 8.0 - 6.0))
    assert found["estimate"] == pytest.approx(5.5 - 6.0)
    turned = bounds(frame.assign(treated=1 - frame["treated"]))
    assert (turned["lower"], turned["upper"]) == pytest.approx((-2.0, 3.0))


def test_an_answer_at_the_cut_counts_in_part():
    # 4 of 4 against 3 of 5: 40 % of four answers is 1.6 of them
    frame = pd.DataFrame({"team": range(9), "treated": [1] * 4 + [0] * 5})
    frame["score"] = [1.0, 2, 3, 4, 2, 2, 3, np.nan, np.nan]
    found = bounds(frame)
    assert found["trimmed"] == pytest.approx(40)
    assert found["lower"] == pytest.approx((1 + 2 + 0.4 * 3) / 2.4 - 7 / 3)
    assert found["upper"] == pytest.approx((4 + 3 + 0.4 * 2) / 2.4 - 7 / 3)


def test_where_as_many_answer_the_bounds_meet_in_the_difference():
    frame = allotted(np.random.default_rng(1))
    frame["score"] = np.random.default_rng(1).normal(size=len(frame))
    frame.loc[frame.groupby("treated").head(20).index, "score"] = np.nan
    found = bounds(frame)
    assert found["trimmed"] == pytest.approx(0)
    assert (found["lower"], found["upper"]) == pytest.approx((found["estimate"], found["estimate"]))


def test_a_planted_effect_lies_within_and_the_plain_difference_misses_it():
    random = np.random.default_rng(20260630)
    held, plain, width = [], [], []
    for _ in range(100):
        frame = allotted(random, effect=0.0)
        found = bounds(frame)
        held.append(found["low"] <= 0 <= found["high"])
        plain.append(found["estimate"])
        width.append(found["lower"] <= 0.15 and found["upper"] >= -0.15)
    assert np.mean(held) >= 0.93
    assert np.mean(plain) < -0.04  # the practice kept those of low mood, so its side looks worse
    assert np.mean(width) > 0.9


def test_edges():
    frame = allotted(np.random.default_rng(2))
    for rows in (
        frame[:0],
        frame.head(1),
        frame[frame["treated"] == 1],
        frame.assign(score=np.nan),
        frame[frame["team"] < 3],
    ):
        assert bounds(rows)["note"].startswith("cannot tell: fewer than 4 clusters")
    assert bounds(frame.assign(score=frame["score"] * 0 + 3))["note"] == "cannot tell: everybody answered alike"
    with pytest.raises(ValueError, match="other values than 0 and 1"):
        bounds(frame.assign(treated=2))
    with pytest.raises(ValueError, match="confidence is 95"):
        bounds(frame, confidence=95)
