"""Effects of practices hold their level with 8, 12, 20 and 36 units; full runs are in calibration_practice.md."""

import json
from pathlib import Path

import calibration
import calibration_practice
import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from helpers.analysis.methods import staggered
from helpers.analysis.practice import effect, exposure

FOLDER = Path(calibration.__file__).parent
REGISTRY = calibration_practice.REGISTRY
ROOM = FOLDER.parent / "src/helpers/analysis/practice"
MEASURED = {row["name"]: row for row in json.loads((FOLDER / "calibration_practice.json").read_text(encoding="utf-8"))}


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_rates_are_those_promised(name):
    entry = REGISTRY[name]
    measured = calibration_practice.measure(name, entry.quick)
    # what a rate of 95 % (5 %) gives with 99.8 % certainty
    low, high = stats.binom.ppf([0.001, 0.999], entry.quick, 0.95) / entry.quick
    if measured["coverage"] is not None:
        assert min(low, entry.expected[0]) <= measured["coverage"] <= max(high, entry.expected[1])
    if measured["null_rate"] is not None:
        assert min(1 - high, entry.null[0]) <= measured["null_rate"] <= max(1 - low, entry.null[1])


def test_every_estimator_of_practices_has_an_entry_that_exists():
    listed = {function for entry in REGISTRY.values() for function in entry.functions}
    of_the_room = {name for name in calibration.estimators() if (ROOM / f"{name.split('.')[0]}.py").exists()}
    assert len(of_the_room) > 10 and not sorted(of_the_room - listed)
    for module, function in (name.split(".") for name in listed):
        assert callable(getattr(calibration.loaded_from_its_room(module), function))


def test_every_entry_is_in_the_written_report():
    absent = [name for name in REGISTRY if name not in MEASURED]
    assert not absent, f"python benchmarks/calibration_practice.py --write {' '.join(map(repr, absent))}"
    report = (FOLDER / "calibration_practice.md").read_text(encoding="utf-8")
    assert calibration_practice.text_of(list(MEASURED.values())) == report
    for entry in REGISTRY.values():
        assert f"| {entry.estimator} | {entry.estimand} | {entry.design} |" in report


SIZED = [name for name, (_, size) in calibration_practice.TOLD.items() if size]
KINDS = {}
for _name in SIZED:
    KINDS.setdefault(calibration_practice.TOLD[_name][0], set()).add(calibration_practice.TOLD[_name][1].split()[0])
#: Designs of which one size is all there is: the lot itself is tested up to 19 units, in groups from 12 on, and a
#: difference without a lot above 19 units is the same model as an effect.
FEWER = {
    "Intervals of effects where few units are in a lot": {"8", "12"},
    "Intervals of effects of a lot with many units": {"20", "36"},
    "Intervals of effects of a lot in two groups": {"12"},
    "Intervals of differences without a lot": {"8", "12"},
}


@pytest.mark.parametrize("name", REGISTRY)
def test_rates_lie_in_the_band_of_chance_or_are_stated_and_cautious(name):
    """99 % binomial band of .95 over as many studies; nothing may lie below it."""
    row = MEASURED[name]
    low, high = calibration_practice.band(row["replicates"])
    assert row["replicates"] == 2000 and row["coverage"] >= low
    if row["null_rate"] is not None:
        assert row["null_rate"] == pytest.approx(1 - row["coverage"], abs=1e-9) and row["null_rate"] <= 1 - low
    kind, size = calibration_practice.TOLD[name]
    said = [one["stated"] for one in MEASURED.values() if one["stated"].startswith(f"{kind} are cautious")]
    assert bool(said and f"{100 * row['coverage']:.1f} %{f' with {size}' if size else ''}" in said[0]) == (
        row["coverage"] > high
    )


def test_the_band_is_that_of_99_of_100_runs():
    assert calibration_practice.band(2000) == (0.937, 0.962)


@pytest.mark.parametrize("kind", KINDS)
def test_every_estimator_is_measured_at_8_12_20_and_36_clusters(kind):
    assert KINDS[kind] == FEWER.get(kind, {"8", "12", "20", "36"})


def test_only_what_has_no_clusters_is_measured_at_one_size():
    team = "change since a promise of a team"  # of one team, whose people are no clusters of others
    assert set(REGISTRY) - set(SIZED) == {"single cases", "departures from parallel trends", team}


@pytest.mark.parametrize("units", [8, 12, 20, 36])
def test_effects_of_a_lot_stay_within_the_band_of_chance(units):
    """Randomisation at most that, as it rejects less often where few lots can fall."""
    row = MEASURED[f"effect of a lot, {units} units"]
    low, high = stats.binom.ppf([0.005, 0.995], row["replicates"], 0.05) / row["replicates"]
    assert row["null_rate"] <= high and (units < 20 or row["null_rate"] >= low)


# What is refused, since it takes more clusters


@pytest.mark.parametrize("units", [4, 6, 7])
def test_of_fewer_than_eight_units_no_effect_is_told(units):
    frame, how = calibration_practice.drawn(np.random.default_rng(1), units)
    model = smf.ols("score ~ treated + baseline", frame)
    for told in (effect.effect({"trust": model}, how), effect.attrition(frame, {"trust": model})):
        assert told[["low", "high"]].isna().all(axis=None) and told["note"].item().startswith("cannot tell")


def test_with_eight_units_in_two_groups_the_lot_can_fall_in_too_few_ways():
    found = calibration_practice.in_strata(np.random.default_rng(1), 8)
    assert np.isnan(found["low"]) and "no p-value below 0.06 is possible" in found["note"]
    assert not np.isnan(calibration_practice.in_strata(np.random.default_rng(1), 12)["low"])


@pytest.mark.parametrize("begun", [1, 2])
def test_of_one_or_two_units_that_began_no_difference_before_is_bounded(begun):
    frame, _ = calibration_practice.drawn(np.random.default_rng(1), 20)
    row = effect.balance(frame.assign(treated=(frame["unit"] < begun) * 1)).iloc[0]
    assert np.isnan([row["low"], row["high"]]).all() and row["note"] == "cannot tell: fewer than 3 units of either kind"


def test_of_seven_teams_no_average_over_cohorts_and_no_drift_is_told():
    cells = calibration_practice.cohorts(np.random.default_rng(1), 7)
    row = staggered.overall({"trust": cells}, "partnership_id", "unit").iloc[0]
    assert np.isnan([row["low"], row["high"]]).all() and "it takes 2 cohorts and 8 clusters" in row["note"]
    assert len(effect.drifting({"trust": cells})) == 0


def test_of_a_cohort_of_two_teams_no_effect_is_tested():
    cells = calibration_practice.cohorts(np.random.default_rng(1), 7)
    first = cells[cells["cell"] == "3 in 3"]
    assert first[first["treated"] == 1]["unit"].nunique() == 3
    assert staggered.group_time(first, "unit")["low"].notna().all()
    gone = first.loc[first["treated"] == 1, "unit"].iloc[0]
    row = staggered.group_time(first[first["unit"] != gone], "unit").iloc[0]
    assert np.isnan([row["low"], row["p_value"]]).all() and "fewer than 3 clusters had begun" in row["note"]


def test_of_seven_teams_nothing_is_told_of_what_reached_pairs_through_others():
    reached = exposure.exposure(calibration_practice.crossing(np.random.default_rng(1), 7))
    told = exposure.compared(reached, 5)
    assert len(told) == 0 and "Fewer than 8 units" in told.attrs["absent"]


def test_a_run_that_was_stopped_goes_on_where_it_stopped(tmp_path, monkeypatch):
    """Two runs of 100 and 200 simulated studies tell what one of 200 does, and a page is written each time."""
    name = "departures from parallel trends"
    monkeypatch.setattr(calibration_practice, "STORE", tmp_path / "rates.json")
    for replicates in ("100", "200"):
        monkeypatch.setattr("sys.argv", ["calibrate", name, "--replicates", replicates, "--write"])
        calibration_practice.main()
    row = calibration_practice.kept()[name]
    assert row | {"stated": ""} == calibration_practice.measure(name, 200)
    assert "| 200 |" in (tmp_path / "rates.md").read_text(encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["calibrate", name, "--replicates", "300", "--minutes", "0", "--write"])
    calibration_practice.main()
    assert calibration_practice.kept()[name] == row
