"""What was planted comes back; the run over 200 studies is benchmarks/recovery.py, its result recovery.md."""

from pathlib import Path

import numpy as np
import pytest
import recovery
from scipy import stats

pytestmark = pytest.mark.slow

PATH = Path(recovery.__file__)

STUDIES = 8


@pytest.fixture(scope="module")
def measured():
    return recovery.measure(STUDIES).set_index("quantity")


def test_estimates_centre_on_the_truth(measured):
    # 5.4 standard errors on 7 degrees of freedom: once in 1,000 runs by chance
    distance = measured["bias"].abs() / measured["standard_error"]
    assert (distance < stats.t.ppf(0.9995, STUDIES - 1)).all(), distance


def test_intervals_hold_the_truth(measured):
    # of 8 intervals that hold the truth at 95 %, 4 or fewer do in 1 of 2,700 runs
    assert (measured["coverage"] >= 0.6).all()
    # of 96, in 12 groups of related ones
    assert np.mean(measured["coverage"]) > 0.85


def test_every_quantity_is_in_the_written_result(measured):
    report = PATH.with_suffix(".md").read_text(encoding="utf-8")
    for quantity in measured.index:
        assert f"| {quantity} |" in report
