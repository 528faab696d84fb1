"""Intervals hold the truth as often as they say, and true nulls are rejected as seldom, at 36 unequal clusters.

The registry and the full runs are in benchmarks/calibration.py; here each entry runs on fewer seeded replicates.
"""

import importlib.util
import sys
from pathlib import Path

import pytest
from scipy import stats

PATH = Path(__file__).parents[2] / "benchmarks" / "calibration.py"
_spec = importlib.util.spec_from_file_location("calibration", PATH)
calibration = importlib.util.module_from_spec(_spec)
sys.modules["calibration"] = calibration
_spec.loader.exec_module(calibration)


@pytest.mark.parametrize("name", calibration.REGISTRY)
def test_rates_are_those_promised(name):
    entry = calibration.REGISTRY[name]
    measured = calibration.measure(name, entry.quick)
    # what a rate of 95 % (5 %) gives with 99.8 % certainty; of 1,000 true nulls, 29 to 73 rejected
    low, high = stats.binom.ppf([0.001, 0.999], entry.quick, 0.95) / entry.quick
    if measured["coverage"] is not None:
        assert min(low, entry.expected[0]) <= measured["coverage"] <= max(high, entry.expected[1])
    if measured["null_rate"] is not None:
        assert min(1 - high, entry.null[0]) <= measured["null_rate"] <= max(1 - low, entry.null[1])


def test_every_entry_is_in_the_written_report():
    report = PATH.with_suffix(".md").read_text(encoding="utf-8")
    for entry in calibration.REGISTRY.values():
        assert f"| {entry.estimator} | {entry.estimand} | {entry.design} |" in report
