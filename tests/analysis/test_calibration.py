"""Intervals hold the truth as often as they say, and true nulls are rejected as seldom, at 36 unequal clusters.

The registry and the full runs are in benchmarks/calibration.py; here each entry runs on fewer seeded replicates.
"""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from scipy import stats

PATH = Path(__file__).parents[2] / "benchmarks" / "calibration.py"
_spec = importlib.util.spec_from_file_location("calibration", PATH)
calibration = importlib.util.module_from_spec(_spec)
sys.modules["calibration"] = calibration
_spec.loader.exec_module(calibration)

MEASURED = {row["name"]: row for row in json.loads(PATH.with_suffix(".json").read_text(encoding="utf-8"))}


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


def test_every_estimator_is_calibrated():
    listed = {function for entry in calibration.REGISTRY.values() for function in entry.functions}
    absent = sorted(set(calibration.estimators()) - listed)
    assert not absent, f"no entry in benchmarks/calibration.py measures {', '.join(absent)}"
    assert not sorted(listed - set(calibration.estimators())), "an entry names a function that does not exist"


def test_estimators_are_told_by_what_they_return():
    found = calibration.estimators()
    assert {"clustered.mean", "clustered.mixed_mean", "ordinal.parallel_lines", "drivers.importance"} <= set(found)
    # an interval's ingredients, scores and counts are no estimators
    assert not {"clustered.wilson_interval", "scales.score_items", "dyads.pairing"} & set(found)


def test_every_entry_is_in_the_written_report():
    report = PATH.with_suffix(".md").read_text(encoding="utf-8")
    for entry in calibration.REGISTRY.values():
        assert f"| {entry.estimator} | {entry.estimand} | {entry.design} |" in report
    assert calibration.report(list(MEASURED.values()), calibration.NOT_HERE) == report
    assert "was called better than a random one in 0.0 % of 4,000 simulated studies" in report


@pytest.mark.parametrize("name", calibration.REGISTRY)
def test_what_misses_is_stated(name):
    entry, row = calibration.REGISTRY[name], MEASURED[name]
    for key, aim in (("coverage", (0.93, 0.97)), ("null_rate", (0.04, 0.06))):
        if row[key] is not None:
            error = 1.96 * (0.95 * 0.05 / row["replicates"]) ** 0.5
            assert entry.stated or aim[0] - error <= row[key] <= aim[1] + error
