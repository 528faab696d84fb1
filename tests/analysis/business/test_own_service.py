"""HR's own times: counted by hand in a few reports of employees, and absent where nothing is recorded."""

import datetime

import pandas as pd
import pytest
from unit_studies import Units

from helpers.analysis.business import own_service
from helpers.analysis.practice import promises
from helpers.data import Study


def reports(days: list[float | None], opened: str = "2025-06-01") -> Units:
    """Reports of employees of one day, by the days until their first reply."""
    start = pd.Timestamp(opened)
    replied = [pd.NaT if day is None else start + pd.Timedelta(days=day) for day in days]
    cases = pd.DataFrame({"case_id": [f"c{one}" for one in range(len(days))], "opened_on": start})
    return Units({"cases": cases.assign(first_reply_on=replied, resolved_on=pd.NaT)}, [])


def test_replies_in_time_are_a_share_of_all_that_are_due():
    found = own_service.kept(reports([1, 5, 6, None, 2, 3, 4, 9, 1, 1]), 5).iloc[0]
    assert found["estimate"] == pytest.approx(70)
    assert (found["observations"], found["respondents"], found["source"]) == (10, 10, "replies")
    assert found["low"] < 70 < found["high"]


def test_a_report_that_is_not_due_yet_does_not_count():
    study = reports([None, None, 2, 2], opened="2025-12-28")  # three days before the day of the study
    assert not len(own_service.kept(study, 5))
    assert own_service.kept(study, 3).iloc[0]["estimate"] == pytest.approx(50)


def test_half_have_their_answer_after_the_median_and_open_reports_count_as_watched():
    found = own_service.time_to_answer(reports([1, 2, 3, 4, None])).iloc[0]
    assert found["estimate"] == 3
    assert found["observations"] == 5


def test_a_report_that_was_resolved_without_a_reply_was_watched_until_then():
    study = reports([None, 1, 1, 1])
    study.tables["cases"].loc[0, "resolved_on"] = pd.Timestamp("2025-06-03")
    assert own_service._replies(study)["days"].tolist() == [2.0, 1.0, 1.0, 1.0]


def test_nothing_recorded_is_an_empty_table_with_a_reason():
    study = Units({}, [])
    for found in (own_service.kept(study, 5), own_service.time_to_answer(study)):
        assert not len(found) and found.attrs["absent"] == own_service.ABSENT


def test_of_promises_nobody_says_that_they_are_not_recorded():
    study = Units({"commitments": pd.DataFrame({"commitment_id": ["k1"]})}, [])
    found = own_service.time_to_answer(study)
    assert not len(found) and found.attrs["absent"] == own_service.NO_WAITS and "promises" not in own_service.NO_WAITS


def test_no_report_at_all_is_not_told():
    study = reports([])
    assert not len(own_service.kept(study, 5)) and not len(own_service.time_to_answer(study))


def test_the_sample_tells_of_replies_recruiters_and_promises_as_its_tables_have_them():
    study = Study.load("data/sample")
    found = own_service.kept(study, 5).set_index("source")
    cases = study.table("cases")
    due = cases[cases["opened_on"] <= pd.Timestamp(study.as_of) - datetime.timedelta(days=5)]
    in_time = (due["first_reply_on"] - due["opened_on"]).dt.days <= 5
    assert found.loc["replies", "estimate"] == pytest.approx(100 * in_time.mean())
    kept = promises.measures(promises.Promises.of(study, "", 30))
    kept = kept[kept["side"].eq("hr") & kept["measure"].eq(promises.KEPT)]["estimate"].iloc[0]
    assert found.loc["promises", "estimate"] == pytest.approx(kept)
    assert found.loc["steps", "rated"] == study.table("requisitions")["recruiter_id"].nunique()
