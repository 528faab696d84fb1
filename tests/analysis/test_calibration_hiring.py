"""Intervals for hiring data hold the truth as often as they say; full runs are in benchmarks/calibration_hiring.md."""

import importlib
import sys
from pathlib import Path

import pytest
from scipy import stats

FOLDER = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(FOLDER))
calibration_hiring = importlib.import_module("calibration_hiring")
sys.path.remove(str(FOLDER))


#: The model of waits takes half a second per fit: test_engagement.py recovers its truths, the report holds its rates.
AFFORDED = [name for name, entry in calibration_hiring.REGISTRY.items() if entry.quick]


@pytest.mark.parametrize("name", AFFORDED)
def test_rates_are_those_promised(name):
    entry = calibration_hiring.REGISTRY[name]
    measured = calibration_hiring.measure(name, entry.quick)
    # what a rate of 95 % (5 %) gives with 99.8 % certainty
    low, high = stats.binom.ppf([0.001, 0.999], entry.quick, 0.95) / entry.quick
    if measured["coverage"] is not None:
        assert min(low, entry.expected[0]) <= measured["coverage"] <= max(high, entry.expected[1])
    if measured["null_rate"] is not None:
        assert min(1 - high, entry.null[0]) <= measured["null_rate"] <= max(1 - low, entry.null[1])


def test_every_entry_is_in_the_written_report():
    report = (FOLDER / "calibration_hiring.md").read_text(encoding="utf-8")
    for entry in calibration_hiring.REGISTRY.values():
        assert f"| {entry.estimator} | {entry.estimand} | {entry.design} |" in report
