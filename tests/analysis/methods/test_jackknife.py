import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.analysis.methods import jackknife
from helpers.analysis.survey import change, dyads, scales
from helpers.data import Codebook


def same(x):
    return x


def test_the_jackknife_of_a_mean_is_students_interval():
    values = np.array([1.0, 4, 2, 8, 5, 7])
    left_out = np.array([np.delete(values, i).mean() for i in range(6)])
    assert jackknife.standard_error(left_out) == pytest.approx(stats.sem(values))
    expected = stats.t.interval(0.9, 5, values.mean(), stats.sem(values))
    assert jackknife.interval(values.mean(), left_out, 0.9, same, same) == pytest.approx(expected)


def test_a_decreasing_transformation_keeps_the_limits_in_order():
    low, high = jackknife.interval(0.5, np.array([0.4, 0.5, 0.6]), 0.95, lambda x: -np.log(x), lambda x: np.exp(-x))
    assert 0 < low < 0.5 < high


# whatever is left out by its sums gives what estimating the rest anew gives ---------------------------------------

ITEMS = [f"trust_{i}" for i in range(3)]
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Trust"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "trust"}],
        "items": [{"id": item, "dimension": "trust", "response": "agreement", "text": "..."} for item in ITEMS],
    }
)


def partnerships():
    """Both views of 60 partnerships of 9 and more HR partners, three items of the managers, two waves."""
    random = np.random.default_rng(5)
    cluster = np.repeat(np.arange(12), [2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7])
    size = len(cluster)
    names = {
        "partnership_id": range(size),
        "cluster_id": cluster,
        "hr_id": cluster,
        "manager_id": range(100, 100 + size),
    }
    level, frames = random.normal(size=12)[cluster] + random.normal(size=size), []
    for wave in "12":
        frame = pd.DataFrame(names).assign(wave=wave, dimension="trust", side="manager")
        frame = frame.assign(respondent_id=frame["manager_id"], rated_id=frame["hr_id"])
        frame["hr"], frame["manager"] = (60 + 8 * level + 6 * random.normal(size=size) for _ in range(2))
        answers = 3 + 0.5 * level[:, None] + 0.7 * random.normal(size=(size, 3))
        frame[ITEMS] = np.clip(np.round(answers), 1, 5)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


SUMMED = {
    "agreement of two sides": (lambda f: dyads.similarity(f), np.arctanh, np.tanh),
    "average deviation": (
        lambda f: scales.within_group(f, BOOK, "side", "manager").query("coefficient == 'AD'"), np.log, np.exp,
    ),
    "standardised response mean": (
        lambda f: change.standardised_response_mean(change.panel(f, "1", "2", "manager"), ["dimension"]), same, same,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMMED)
def test_leaving_out_by_sums_is_leaving_out(name):
    estimate, forward, backward = SUMMED[name]
    frame = partnerships()
    found = estimate(frame)
    rest = np.array([estimate(frame[frame["cluster_id"] != cluster])["estimate"] for cluster in range(12)])
    for position, point in enumerate(found["estimate"]):
        limits = jackknife.interval(point, rest[:, position], 0.95, forward, backward)
        assert found[["low", "high"]].iloc[position].tolist() == pytest.approx(limits, rel=1e-9)
