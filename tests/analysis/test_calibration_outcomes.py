"""Intervals of the metric tree hold the truth as often as they say; full runs are in calibration_outcomes.md."""

import json
from pathlib import Path

import calibration
import calibration_outcomes
import pytest
from scipy import stats

FOLDER = Path(calibration.__file__).parent
REGISTRY = calibration_outcomes.REGISTRY
ROOM = FOLDER.parent / "src/helpers/analysis/business"
MEASURED = {row["name"]: row for row in json.loads((FOLDER / "calibration_outcomes.json").read_text(encoding="utf-8"))}


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_rates_are_those_promised(name):
    entry = REGISTRY[name]
    measured = calibration_outcomes.measure(name, entry.quick)
    # what a rate of 95 % (5 %) gives with 99.8 % certainty
    low, high = stats.binom.ppf([0.001, 0.999], entry.quick, 0.95) / entry.quick
    if measured["coverage"] is not None:
        assert min(low, entry.expected[0]) <= measured["coverage"] <= max(high, entry.expected[1])
    if measured["null_rate"] is not None:
        assert min(1 - high, entry.null[0]) <= measured["null_rate"] <= max(1 - low, entry.null[1])


def test_every_estimator_of_the_room_has_an_entry_that_exists():
    listed = {function for entry in REGISTRY.values() for function in entry.functions}
    of_the_room = {name for name in calibration.estimators() if (ROOM / f"{name.split('.')[0]}.py").exists()}
    assert len(of_the_room) > 3 and not sorted(of_the_room - listed)
    for module, function in (name.split(".") for name in listed):
        assert callable(getattr(calibration.loaded_from_its_room(module), function))


def test_every_entry_is_in_the_written_report():
    absent = [name for name in REGISTRY if name not in MEASURED]
    assert not absent, f"python benchmarks/calibration_outcomes.py --write {' '.join(map(repr, absent))}"
    report = (FOLDER / "calibration_outcomes.md").read_text(encoding="utf-8")
    assert calibration_outcomes.text_of(list(MEASURED.values())) == report


@pytest.mark.parametrize("name", REGISTRY)
def test_what_misses_is_stated(name):
    entry, row = REGISTRY[name], MEASURED[name]
    assert row["replicates"] >= 2000
    for key, aim in (("coverage", (0.93, 0.97)), ("null_rate", (0.04, 0.06))):
        if row[key] is not None:
            error = 1.96 * (0.95 * 0.05 / row["replicates"]) ** 0.5
            holds = aim[0] - error <= row[key] <= aim[1] + error
            assert entry.stated or holds, f"{key} is {row[key]:.3f}, not {aim}: the entry has to say so in stated=…"
