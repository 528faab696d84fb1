"""Intervals hold the truth as often as they say, and true nulls are rejected as seldom, at 36 unequal clusters.

The registry and the full runs are in benchmarks/calibration.py; here each entry runs on fewer seeded replicates.
"""

import json
from pathlib import Path

import calibration
import calibration_hiring
import calibration_outcomes
import calibration_practice
import pytest
from scipy import stats

PATH = Path(calibration.__file__)

MEASURED = {row["name"]: row for row in json.loads(PATH.with_suffix(".json").read_text(encoding="utf-8"))}


@pytest.mark.slow
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
    of_hiring = {function for entry in calibration_hiring.REGISTRY.values() for function in entry.functions}
    of_practice = {function for entry in calibration_practice.REGISTRY.values() for function in entry.functions}
    of_outcomes = {function for entry in calibration_outcomes.REGISTRY.values() for function in entry.functions}
    absent = sorted(set(calibration.estimators()) - listed - of_hiring - of_practice - of_outcomes)
    assert not absent, (
        f"no entry measures {', '.join(absent)}: register one in benchmarks/calibration.py (hiring data: "
        "calibration_hiring.py; effects of practices: calibration_practice.py; the metric tree: "
        "calibration_outcomes.py) with these names in functions=(...)"
    )
    assert not sorted(listed - set(calibration.estimators())), "an entry names a function that does not exist"


def test_estimators_are_told_by_what_they_return():
    found = calibration.estimators()
    assert {"clustered.mean", "clustered.mixed_mean", "ordinal.parallel_lines", "dominance.importance"} <= set(found)
    # an interval's ingredients, scores and counts are no estimators
    assert not {"clustered.wilson_interval", "scales.score_items", "dyads.pairing"} & set(found)


def test_every_entry_is_in_the_written_report():
    absent = [name for name in calibration.REGISTRY if name not in MEASURED]
    assert not absent, f"not measured yet: python benchmarks/calibration.py --write {' '.join(map(repr, absent))}"
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
            holds = aim[0] - error <= row[key] <= aim[1] + error
            assert entry.stated or holds, f"{key} is {row[key]:.3f}, not {aim}: the entry has to say so in stated=…"
