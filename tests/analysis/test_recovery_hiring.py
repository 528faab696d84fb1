"""What was planted in hiring comes back; the run over 200 studies is benchmarks/recovery_hiring.py."""

from pathlib import Path

import numpy as np
import pytest
import recovery_hiring
from scipy import stats

pytestmark = pytest.mark.slow

STUDIES = 5


@pytest.fixture(scope="module")
def measured():
    return recovery_hiring.measure(STUDIES).set_index("quantity")


def test_estimates_centre_on_the_truth(measured):
    # 8.6 standard errors on 4 degrees of freedom: once in 1,000 runs by chance
    distance = measured["bias"].abs() / measured["standard_error"]
    assert (distance < stats.t.ppf(0.9995, STUDIES - 1)).all(), distance


def test_intervals_hold_the_truth(measured):
    # of 55 intervals; each quantity misses 3 or more of 5 in 1 of 860 runs
    assert (measured["coverage"] >= 0.4).all()
    assert np.mean(measured["coverage"]) > 0.8


def test_every_quantity_is_in_the_written_result(measured):
    report = Path(recovery_hiring.__file__).with_suffix(".md").read_text(encoding="utf-8")
    assert "200 simulated studies" in report
    for quantity in measured.index:
        assert f"| {quantity} |" in report
