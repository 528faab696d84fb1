"""Intervals for hiring data hold the truth as often as they say; full runs are in benchmarks/calibration_hiring.md."""

import json
from pathlib import Path

import calibration
import calibration_hiring
import pytest
from scipy import stats

pytestmark = pytest.mark.slow

FOLDER = Path(calibration.__file__).parent
REGISTRY = calibration_hiring.REGISTRY
MEASURED = {row["name"]: row for row in json.loads((FOLDER / "calibration_hiring.json").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", REGISTRY)
def test_rates_are_those_promised(name):
    entry = REGISTRY[name]
    measured = calibration_hiring.measure(name, entry.quick)
    # what a rate of 95 % (5 %) gives with 99.8 % certainty
    low, high = stats.binom.ppf([0.001, 0.999], entry.quick, 0.95) / entry.quick
    if measured["coverage"] is not None:
        assert min(low, entry.expected[0]) <= measured["coverage"] <= max(high, entry.expected[1])
    if measured["null_rate"] is not None:
        assert min(1 - high, entry.null[0]) <= measured["null_rate"] <= max(1 - low, entry.null[1])


def test_entries_name_functions_that_exist():
    listed = {function for entry in REGISTRY.values() for function in entry.functions}
    for module, function in (name.split(".") for name in listed):
        assert callable(getattr(calibration.loaded_from_its_room(module), function))


def test_every_entry_is_in_the_written_report():
    report = (FOLDER / "calibration_hiring.md").read_text(encoding="utf-8")
    for entry in REGISTRY.values():
        assert f"| {entry.estimator} | {entry.estimand} | {entry.design} |" in report
        assert entry.stated in report


@pytest.mark.parametrize("name", REGISTRY)
def test_what_misses_is_stated(name):
    entry, row = REGISTRY[name], MEASURED[name]
    assert row["replicates"] >= 1000
    for key, aim in (("coverage", (0.93, 0.97)), ("null_rate", (0.04, 0.06))):
        if row[key] is not None:
            error = 1.96 * (0.95 * 0.05 / row["replicates"]) ** 0.5
            assert entry.stated or aim[0] - error <= row[key] <= aim[1] + error
