"""The panel sets side by side what was measured then and before, once per person and unit."""

import numpy as np
import pandas as pd
import pytest
from unit_studies import QUARTERS, Units, outcomes, pulse

from helpers.analysis.business import panel as panels


@pytest.fixture
def two_units() -> Units:
    """Leavers of two teams and their department, and a pulse of two months."""
    teams = outcomes(["a", "b"], ["2025-Q1", "2025-Q2"], "left", [2.0, 4.0, 6.0, 8.0], 100.0)
    above = outcomes(["all"], ["2025-Q1", "2025-Q2"], "left", [8.0, 12.0], 200.0)
    mood = pulse(["a", "b"], ["2025-02", "2025-03"], "mood", [3.0, 3.4, 4.0, 4.4])
    units = pd.DataFrame({"unit": ["all", "a", "b"], "parent": [None, "all", "all"]})
    tables = {"outcomes": pd.concat([teams, above], ignore_index=True), "pulse": mood, "units": units}
    return Units(tables, [{"hr": "mood", "business": "left", "step": 0.5}])


def test_units_above_others_are_left_out_and_what_is_expected_adds_up_to_what_was_counted(two_units):
    found = panels.metrics(two_units)
    assert set(found["unit"]) == {"a", "b"}
    assert found["expected"].tolist() == [5.0] * 4  # 20 leavers of 400
    assert found["expected"].sum() == found["value"].sum()


def test_the_same_period_takes_the_mean_and_before_takes_the_period_before(two_units):
    found = panels.panel(two_units).set_index(["timing", "unit", "period"])
    same = found.loc[panels.SAME]
    assert same.index.tolist() == [("a", "2025-Q1"), ("b", "2025-Q1")]  # the pulse was not asked in the second
    assert same["score"].tolist() == pytest.approx([6.4, 8.4])  # 3.2 and 4.2 in steps of .5
    later = found.loc[panels.lagged(1)]
    assert later.index.tolist() == [("a", "2025-Q2"), ("b", "2025-Q2")]
    assert later["score"].tolist() == pytest.approx([6.4, 8.4])
    assert later["value"].tolist() == [4.0, 8.0]


def test_what_was_measured_before_counts_for_a_year_and_nothing_of_the_same_period_does():
    rows = outcomes(["a"], QUARTERS, "left", np.arange(8.0), 100.0)
    mood = pulse(["a"], ["2024-02", "2025-05"], "mood", [1.0, 5.0])
    study = Units({"outcomes": rows, "pulse": mood}, [{"hr": "mood", "business": "left"}])
    later = panels.panel(study).query("timing != @panels.SAME").set_index("period")["score"]
    # the first of 2024-02 is known in the quarter after and carried to 2025-Q1, the second from 2025-Q3 on
    assert later.to_dict() == {
        "2024-Q2": 1.0, "2024-Q3": 1.0, "2024-Q4": 1.0, "2025-Q1": 1.0, "2025-Q3": 5.0, "2025-Q4": 5.0,
    }  # fmt: skip


def test_two_lags_take_what_was_known_two_periods_earlier():
    rows = outcomes(["a"], QUARTERS[:4], "left", np.arange(4.0), 100.0)
    mood = pulse(["a"], ["2024-01", "2024-04"], "mood", [1.0, 5.0])
    study = Units({"outcomes": rows, "pulse": mood}, [{"hr": "mood", "business": "left"}], lag=2)
    later = panels.panel(study).query("timing != @panels.SAME")
    assert later["timing"].unique().tolist() == ["2 periods later"]
    assert later.set_index("period")["score"].to_dict() == {"2024-Q3": 1.0, "2024-Q4": 5.0}


def test_deviations_add_up_to_zero_within_each_unit(two_units):
    found = panels.panel(two_units)
    sums = found.groupby(["hr", "business", "timing", "unit"])["deviation"].sum()
    assert np.allclose(sums, 0)
    assert np.allclose(found["usual"] + found["deviation"], found["score"].astype(float))


def test_a_pulse_of_fewer_than_the_minimum_is_not_used(two_units):
    two_units.privacy.min_group = 2
    assert len(panels.panel(two_units)) == 4
    two_units.tables["pulse"] = two_units.tables["pulse"].assign(n=1.0)
    found = panels.panel(two_units)
    assert not len(found) and found.attrs["absent"] == panels.NOTHING


def test_a_branch_of_fewer_units_than_the_minimum_is_left_out_with_its_reason(two_units):
    two_units.privacy.min_group = 3
    found = panels.panel(two_units)
    assert not len(found) and found.attrs["absent"] == panels.FEW.format(least=3)
    assert panels.extent(found).attrs["absent"] == panels.FEW.format(least=3)


def test_scores_are_those_of_managers_of_a_unit_of_whom_enough_answered():
    people = pd.DataFrame({"person_id": [f"m{one}" for one in range(9)], "side": "manager"})
    people = people.assign(department=["X"] * 4 + ["Y"] + ["Z"] * 4, location="here")
    survey = pd.DataFrame({"respondent_id": people["person_id"], "side": "manager", "wave": "w", "trust_1": 4.0})
    survey = survey.assign(
        submitted_at=pd.Timestamp("2024-02-10"), cluster_id="h", rated_id="h", weight=1.0, hr_id="h",
        manager_id=people["person_id"], partnership_id=None,
    )  # fmt: skip
    units = pd.DataFrame({"unit": ["ux", "uy", "uz"], "parent": None, "department": list("XYZ"), "location": "here"})
    rows = outcomes(["ux", "uy", "uz"], QUARTERS[:3], "left", 1.0, 100.0)
    tables = {"outcomes": rows, "people": people, "survey": survey, "units": units}
    study = Units(tables, [{"hr": name, "business": "left"} for name in ("manager_score", "trust")])
    study.privacy.min_group = 2
    found = panels.panel(study)
    assert set(found["unit"]) == {"ux", "uz"}  # one of the other answered
    assert found["score"].unique().tolist() == [7.5]  # 4 of 1 to 5 is 75 of 100, in steps of ten
    assert set(found["hr"]) == {"manager_score", "trust"}
    assert found.groupby("timing")["period"].unique().map(list).to_dict() == {
        panels.SAME: ["2024-Q1"],
        "one period later": ["2024-Q2", "2024-Q3"],
    }


def test_a_metric_beside_a_metric_is_taken_in_per_cent_of_its_denominator():
    absent = outcomes(["a"], QUARTERS[:2], "absent", [3.0, 6.0], 60.0)
    left = outcomes(["a"], QUARTERS[:2], "left", [1.0, 2.0], 100.0)
    study = Units({"outcomes": pd.concat([absent, left])}, [{"hr": "absent", "business": "left"}])
    same = panels.panel(study).query("timing == @panels.SAME")
    assert same["score"].tolist() == [5.0, 10.0]


def test_metrics_below_zero_are_left_out_and_named():
    rows = outcomes(["a"], QUARTERS[:2], "profit", [-3.0, 6.0])
    found = panels.metrics(Units({"outcomes": rows}, []))
    assert not len(found)
    assert found.attrs["left_out"] == "Not set beside HR metrics, since it lies below zero at times: profit."


def test_a_count_without_its_denominator_is_not_used():
    rows = outcomes(["a"], QUARTERS[:3], "left", [1.0, 2.0, 3.0], [100.0, np.nan, 0.0])
    assert panels.metrics(Units({"outcomes": rows}, []))["period"].tolist() == QUARTERS[:1]


def test_nothing_measured_leaves_the_columns_and_says_so():
    rows = outcomes(["a", "b"], QUARTERS, "left", np.nan, 100.0)
    study = Units(
        {"outcomes": rows, "pulse": pulse(["a"], ["2024-01"], "mood", np.nan)}, [{"hr": "mood", "business": "left"}]
    )
    found = panels.panel(study)
    assert list(found) == panels.COLUMNS and not len(found)
    assert not len(panels.extent(found)) and not len(panels.course(study))


def test_the_course_leaves_out_periods_of_few_units():
    rows = outcomes(list("abcdef"), QUARTERS[:2], "left", 2.0, 100.0)
    rows.loc[[1, 3], "value"] = np.nan  # two units say nothing of the second quarter
    study = Units({"outcomes": rows}, [{"hr": "left", "business": "left"}])
    study.privacy.min_group = 5
    assert panels.course(study)["period"].unique().tolist() == QUARTERS[:1]


def test_extent_counts_units_and_periods(two_units):
    found = panels.extent(panels.panel(two_units))
    assert found["what"].tolist() == ["Left: “mood” +0.5"] * 2
    assert found[["units", "periods"]].to_numpy().tolist() == [[2, 1], [2, 1]]
