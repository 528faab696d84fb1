"""What was planted in the sample comes back when it is drawn anew; all 2,000 are in benchmarks/recovery_sample.md."""

import numpy as np
import pytest
import recovery_sample
import yaml

from helpers.data import Study

SAMPLE = recovery_sample.SAMPLE
KEPT = recovery_sample.kept()
ROWS = recovery_sample.table(KEPT).set_index("quantity")
CHAPTERS = ("business_outcomes", "pulse_trends", "employee_relations", "employer_brand", "follow_through")
LIVE = 10


@pytest.mark.parametrize("name", KEPT)
def test_intervals_hold_what_was_planted_as_often_as_they_say_or_a_methods_page_tells(name):
    row, kept = ROWS.loc[name], KEPT[name]
    assert kept["samples"] == 2000 and row["told"] >= 1900
    assert row["inside"] or any(name in names for names in recovery_sample.STATED.values())


def test_nothing_is_stated_of_what_holds():
    told = recovery_sample.STATED.items()
    assert [sentence for sentence, names in told if ROWS.loc[list(names), "inside"].all()] == []


def test_the_band_is_that_of_99_runs_of_100():
    # Clopper and Pearson: 95 % of 2,000 are 1,900 give or take 2.576 * sqrt(2000 * .95 * .05) = 25
    assert recovery_sample.band(2000) == pytest.approx((1874, 1924), abs=2)


def test_every_truth_of_these_chapters_is_measured():
    truths = yaml.safe_load((SAMPLE / "truths.yaml").read_text(encoding="utf-8"))["truths"]
    asked = {row["id"] for row in truths if row["notebook"] in CHAPTERS} | {"hits_asking", "hits_side"}
    measured = {name.split(", ")[1] for name in KEPT}
    # the correlation of ratings is not told: alpha of ratings in order stands in its place
    assert asked - measured == {"coder_rating"}
    assert measured - asked == {"turnover and workload (null)"}


def test_the_page_says_what_was_measured():
    assert recovery_sample.STORE.with_suffix(".md").read_text(encoding="utf-8") == recovery_sample.text_of(KEPT)


@pytest.mark.slow
def test_the_first_samples_miss_what_the_full_run_says_they_miss():
    """Else the results are those of other code, and the full run is due again."""
    found = recovery_sample.measure(LIVE)
    assert found.keys() == KEPT.keys()
    for name, row in found.items():
        assert row["first"] == pytest.approx(KEPT[name]["first"], rel=1e-3, abs=1e-3), name
        for what in ("missed", "untold"):
            assert row[what] == [seed for seed in KEPT[name][what] if seed <= LIVE], name


@pytest.mark.slow
def test_a_drawn_sample_tells_what_its_files_tell():
    sample = Study.load(SAMPLE)
    written, drawn = (recovery_sample.estimated(study) for study in (sample, recovery_sample.Drawn(sample, 20260630)))
    assert written.keys() == drawn.keys()
    assert all(np.allclose(written[name], drawn[name], rtol=1e-6) for name in written)


@pytest.mark.slow
def test_a_truth_that_is_not_so_is_missed(monkeypatch):
    """Else the benchmark could not fail."""
    monkeypatch.setitem(recovery_sample.TRUTHS, "turnover_score", 0.0)
    monkeypatch.setattr(recovery_sample, "CHAPTERS", {"04": recovery_sample.business})
    assert len(recovery_sample.measure(2)["04, turnover_score, between units"]["missed"]) == 2
