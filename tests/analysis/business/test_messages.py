"""Messages of the company: what is read from the table, what goes with it, and where nothing can be told."""

import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.business import messages
from helpers.analysis.methods import coders, time_series
from helpers.data import Study

AUDIENCES = ("customer", "candidate", "employee")


def study_of(**tables: pd.DataFrame) -> SimpleNamespace:
    return SimpleNamespace(has=tables.__contains__, table=tables.__getitem__, as_of=datetime.date(2026, 6, 30))


def told(months: int = 24, each: int = 2) -> pd.DataFrame:
    """Messages to candidates, so many in each month from July 2024, whose rating is 2 or 4 by turns."""
    starts = pd.date_range("2024-07-01", periods=months, freq="MS").repeat(each) + pd.Timedelta(days=9)
    ids = [f"m{number}" for number in range(len(starts))]
    rating = np.where(np.arange(len(starts)) // each % 2, 4, 2)
    return pd.DataFrame({"message_id": ids, "audience": "candidate", "found_on": starts, "rating": rating})


def recruiting(months: int = 25) -> dict[str, pd.DataFrame]:
    """One opening for good; 10 apply in every second month and 20 in the others, one of two offers is taken."""
    events = []
    for number, month in enumerate(pd.date_range("2024-07-01", periods=months, freq="MS")):
        people = [f"c{number}-{one}" for one in range(20 if number % 2 else 10)]
        events += [(one, "applied", month) for one in people]
        events += [(people[0], "offer_extended", month), (people[1], "offer_extended", month)]
        events += [(people[0], "offer_accepted", month + pd.Timedelta(days=3))]
    table = pd.DataFrame(events, columns=["candidate_id", "event", "at"]).assign(requisition_id="r1")
    openings = pd.DataFrame({"requisition_id": ["r1"], "opened_at": ["2024-01-01"], "closed_at": [None]})
    return {"hiring_events": table, "requisitions": openings}


def test_rows_say_who_is_told_and_what_is_not_recorded_is_missing():
    table = pd.DataFrame({"message_id": ["a", "b", "c"], "audience": AUDIENCES, "channel": ["e-mail", None, "web"]})
    rows = messages.coded(study_of(messages=table))
    assert rows["audience"].tolist() == ["Customers", "Candidates", "Employees"]
    assert rows["inside"].tolist() == [0, 0, 1]
    np.testing.assert_array_equal(rows["to_customers"], [1, 0, np.nan])
    assert rows["channel"].tolist()[0] == "E-mail" and rows["channel"].isna().tolist() == [False, True, False]
    assert rows[["attribute", "rating", "coder_id", "years"]].isna().all(axis=None)
    assert messages.hits(rows).empty and messages.rated(rows).attrs["absent"] == messages.NOT_RATED
    assert messages.agreement(rows).attrs["absent"] == messages.NOT_CODED


def test_a_message_that_two_coders_read_differently_counts_half_for_each():
    table = pd.DataFrame({"message_id": list("aabbccdd"), "audience": "candidate", "coder_id": list("xy") * 4})
    table["attribute"] = ["fair", "fair", "fair", "warm", "warm", "warm", "warm", "warm"]
    found = messages.coverage(messages.hits(messages.coded(study_of(messages=table))), "audience").set_index(
        "attribute"
    )
    assert found["estimate"].round(6).to_dict() == {"Fair": 37.5, "Warm": 62.5}
    assert found["respondents"].tolist() == [4, 4], "messages count, not readings"


def test_the_verdict_follows_the_limits_of_krippendorff():
    def verdict_of(alpha, note=""):
        row = {"column": "attribute", "measure": coders.KRIPPENDORFF, "estimate": alpha, "note": note}
        return messages.verdict(pd.DataFrame([row]))

    assert "rely" in verdict_of(0.80) and "first conclusions" in verdict_of(0.79)
    assert "first conclusions" in verdict_of(0.667) and "too little" in verdict_of(0.666)
    assert verdict_of(np.nan).startswith("One reading")
    assert "the same" in verdict_of(np.nan, f"cannot tell: {coders.ONE_VALUE}")
    assert messages.verdict(pd.DataFrame()).startswith("One reading")


def test_months_set_applications_and_decided_offers_beside_the_tone():
    found = messages.by_month(study := study_of(messages=told(), **recruiting()), messages.coded(study))
    assert len(found) == 24 and found["month"].iloc[[0, -1]].tolist() == ["2024-07", "2026-06"]
    assert found["tone"].tolist() == [2, 4] * 12
    np.testing.assert_allclose(np.exp(found["log_applications"]), [10, 20] * 12)
    assert found["accepted"].tolist()[:-1] == [50] * 23, "of two offers one is taken"
    uneven = found.assign(log_applications=found["log_applications"] + np.resize([0.1, 0.1, -0.1, -0.1], 24))
    models = {what: smf.ols(f"{what} ~ tone + at", uneven.dropna(subset=[what])) for what in messages.OUTCOMES}
    told_of = time_series.level_change(models, "tone", "at", by="outcome")
    rows = messages.over_months(told_of, found).set_index("outcome")
    assert rows.loc["log_applications", "estimate"] == pytest.approx(41.4, abs=1), "twice as many for two points more"
    assert rows.loc["log_applications", ["months", "respondents"]].tolist() == [24, 48]
    assert rows.loc["accepted", ["estimate", "low", "high"]].isna().all()
    assert rows.loc["accepted", "note"].startswith("cannot tell: ")


def test_an_offer_of_the_last_days_is_not_yet_refused():
    tables = recruiting()
    events = tables["hiring_events"]
    late = events["event"].eq("offer_extended") & events["at"].eq(pd.Timestamp("2026-06-01"))
    tables["hiring_events"] = events.assign(at=events["at"].mask(late, pd.Timestamp("2026-06-25")))
    found = messages.by_month(study := study_of(messages=told(), **tables), messages.coded(study))
    assert np.isnan(found["accepted"].iloc[-1])


@pytest.mark.parametrize(
    ("table", "tables", "reason"),
    [
        (told(), {}, messages.NO_HIRING),
        (told(23), recruiting(), "in 23 months; with fewer than 24"),
        (told().drop(columns="found_on"), recruiting(), messages.NOT_DATED),
        (told().assign(audience="customer"), recruiting(), "in 0 months"),
    ],
)
def test_why_nothing_is_set_beside_recruiting(table, tables, reason):
    found = messages.by_month(study := study_of(messages=table, **tables), messages.coded(study))
    assert found.empty and reason in found.attrs["absent"]
    nothing = messages.over_months(time_series.level_change({}, "tone", "at", by="outcome"), found)
    assert nothing.empty and nothing.attrs["absent"] == found.attrs["absent"]


def test_the_sample_is_read_whole():
    study = Study.load("data/sample")
    rows = messages.coded(study)
    assert rows.notna().drop(columns="to_customers").all(axis=None) and len(rows) == len(study.table("messages"))
    assert len(messages.by_month(study, rows)) == 24
