"""Rates with 3 to 36 HR partners: kept cell by cell, told by the size of the study at hand."""

import json

import calibration_grid
import numpy as np
import pytest
from scipy import stats

from helpers.analysis.methods import calibrated

KEPT = {(row["estimator"], row["case"], row["clusters"]): row for row in calibrated.kept()}


def test_the_page_says_what_is_kept_and_no_cell_is_unknown():
    assert set(KEPT) <= set(calibration_grid.cells())
    assert calibration_grid.text_of(KEPT) == calibration_grid.REPORT.read_text(encoding="utf-8")
    for row in KEPT.values():
        assert row["held"] <= row["told"] <= row["studies"]


def test_no_cell_is_left_unrun():
    assert set(KEPT) == set(calibration_grid.cells())
    assert min(row["studies"] for row in KEPT.values()) >= calibration_grid.FULL
    assert "not run" not in calibration_grid.REPORT.read_text(encoding="utf-8")


def test_where_departments_differ_intervals_hold_what_the_study_says_it_means():
    """Over departments, those of others; over HR partners, those there are. Else they miss, and it is said."""
    for (estimator, case, clusters), row in KEPT.items():
        least = 91.0 if clusters < 8 or estimator == "reliability (alpha)" else 92.0
        if case in (calibrated.THESE, calibrated.DECLARED) and row["told"] > 500:
            assert 100 * row["held"] / row["told"] >= least, (estimator, case, clusters)
    short = calibrated.in_a_table(["mean", "gap in pairs"], 36)["short"]
    assert short.str.contains(calibrated.OTHERS).all() and not short.str.contains(calibrated.DECLARED).any()


def test_every_estimator_has_at_most_five_hard_cases_and_the_plain_one():
    for cases, _ in calibration_grid.REGISTRY.values():
        assert cases[0] == calibrated.PLAIN
        assert 2 <= len(cases) <= 6 and len(set(cases)) == len(cases)


@pytest.mark.parametrize("name", calibration_grid.REGISTRY)
def test_a_hundred_studies_go_on_where_the_last_stopped(name):
    first = calibration_grid.measure(name, calibrated.PLAIN, 8)
    again = calibration_grid.measure(name, calibrated.PLAIN, 8)
    assert first == again, "the same seed"
    more = calibration_grid.measure(name, calibrated.PLAIN, 8, first)
    assert more["studies"] == 200
    assert more["told"] >= first["told"]
    if first["told"] > 50:
        low = stats.binom.ppf(0.0005, first["told"], 0.93)
        assert first["held"] >= low, "an interval that falls far short of what it promises"


def test_one_treated_cluster_is_refused():
    for count in (36, 12, 3):
        found = calibration_grid.measure("difference between HR partners", calibrated.ONE, count)
        assert found["told"] == 0


def test_what_is_drawn_is_what_the_case_says():
    random = np.random.default_rng(1)
    for case in (calibrated.PLAIN, calibrated.SKEW, *calibrated.NESTED, calibrated.ZERO):
        study = calibration_grid.Study.of(calibration_grid.people(36, case), case)
        values = study.noise(random, 400)
        assert values.mean() == pytest.approx(0, abs=0.06)
        assert values.var() == pytest.approx(1, abs=0.1)
        if case == calibrated.SKEW:
            assert stats.skew(values.ravel()) < -1
    large = calibration_grid.people(12, calibrated.LARGE)
    assert np.bincount(large).max() == len(large) / 2


def store(monkeypatch, rows):
    monkeypatch.setattr(calibrated, "_store", lambda: rows)


def cell(estimator="gap", case=calibrated.PLAIN, clusters=12, studies=1000, told=1000, held=950):
    return {"estimator": estimator, "case": case, "clusters": clusters, "studies": studies, "told": told, "held": held}


def test_a_report_reads_the_cell_of_its_own_size(monkeypatch):
    store(monkeypatch, [cell(), cell(clusters=36, held=800), cell(clusters=5, held=990), cell(clusters=3, studies=100)])
    assert [calibrated.size_measured(count) for count in (2, 5, 11, 12, 35, 36, 99)] == [0, 5, 5, 12, 12, 36, 36]
    assert calibrated.rates("gap", 14) == {calibrated.PLAIN: 95.0}
    assert calibrated.rates("gap", 60) == {calibrated.PLAIN: 80.0}
    assert calibrated.in_a_table(["gap"], 4).empty, "nothing is known of so few"


def test_what_falls_short_is_said_and_what_refuses_too(monkeypatch):
    rows = [cell(), cell(case=calibrated.OTHERS, held=830), cell("share", held=921), cell("slope", told=20, held=20)]
    store(monkeypatch, rows)
    found = calibrated.in_a_table(["gap", "share", "slope", "no such"], 12).set_index("estimator")
    assert found.loc["Gap"].tolist() == ["83 to 95 %", f"{calibrated.OTHERS}: 83 %"]
    assert found.loc["Share"].tolist() == ["92 %", "–"], "within the error of the simulation"
    assert found.loc["Slope"].tolist() == ["no interval: too few", "–"]
    store(monkeypatch, [])
    assert calibrated.in_a_table(["gap"], 12).empty and calibrated.size_measured(12) == 0


def test_the_store_is_a_list_of_cells_one_a_line():
    text = calibrated.STORE.read_text(encoding="utf-8")
    assert len(json.loads(text)) == len(text.splitlines()) - 2
