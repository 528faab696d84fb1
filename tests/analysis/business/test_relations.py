"""Employee-relations cases: rates by hand and by another implementation, what may be told, edges."""

import datetime
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.genmod.families import Poisson

from helpers.analysis.business import relations


class Relations:
    """What the chapter asks of a study: tables, its day, and its minimum."""

    def __init__(self, cases: pd.DataFrame, least: int = 5, **tables: pd.DataFrame) -> None:
        self.tables = {"cases": cases, **tables}
        self.privacy, self.as_of = SimpleNamespace(min_group=least), datetime.date(2025, 12, 31)

    def has(self, name: str) -> bool:
        return name in self.tables

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name]


def made(number: int = 200, seed: int = 1, **columns) -> pd.DataFrame:
    """Cases of two years, in order of time."""
    random = np.random.default_rng(seed)
    opened = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(random.integers(0, 731, number)), unit="D")
    replied = opened + pd.to_timedelta(random.poisson(4, number), unit="D")
    ended = replied + pd.to_timedelta(random.poisson(20, number) + 1, unit="D")
    until = pd.Timestamp("2025-12-31")
    rows = pd.DataFrame(
        {
            "case_id": [f"c{at}" for at in range(number)],
            "category": random.choice(["pay", "conduct", "hours"], number),
            "department": random.choice(["Sales", "Works"], number),
            "channel": random.choice(["hotline", "manager"], number),
            "anonymous": random.choice(["yes", "no"], number),
            "opened_on": opened,
            "first_reply_on": pd.Series(replied).where(replied <= until),
            "resolved_on": pd.Series(ended).where(ended <= until),
        }
    )
    rows["outcome"] = np.where(rows["resolved_on"].isna(), "open", random.choice(["upheld", "not_upheld"], number))
    return rows.assign(**columns)


def heads(**departments: float) -> dict[str, pd.DataFrame]:
    """Headcount of one unit a department, the same in every month."""
    months = pd.date_range("2024-01-01", "2025-12-01", freq="MS")
    units = pd.DataFrame([(f"{name} A", name, None) for name in departments], columns=["unit", "department", "parent"])
    rows = [(f"{name} A", month, n) for name, n in departments.items() for month in months]
    return {"units": units, "headcount": pd.DataFrame(rows, columns=["unit", "month", "employees"])}


def test_rates_are_cases_over_employees_and_years_with_the_exact_interval_of_their_count():
    found = relations.rates(relations.prepared(Relations(made(200), **heads(Sales=400.0, Works=600.0)))).iloc[0]
    exposure = 1000 * 2 / 100
    exact = stats.chi2.ppf([0.025, 0.975], [2 * 200, 2 * 200 + 2]) / 2 / exposure  # Garwood (1936)
    assert (found["cases"], found["employees"], found["estimate"]) == (200, 1000, 200 / exposure)
    assert (found["low"], found["high"]) == pytest.approx(tuple(exact))


def test_departments_stand_beside_their_own_employees_and_categories_beside_all():
    cases = relations.prepared(Relations(made(), **heads(Sales=400.0, Works=600.0)))
    by = relations.rates(cases, "department").set_index("raised_in")
    assert by["employees"].to_dict() == {"Sales": 400, "Works": 600}
    assert relations.rates(cases, "category")["employees"].eq(1000).all()
    assert by["cases"].sum() == relations.rates(cases, "channel")["cases"].sum() == 200
    assert by["share"].sum() == pytest.approx(100)


def test_few_cases_and_few_employees_are_merged_and_no_difference_leaves_a_few():
    rare = np.array(["pay", "conduct"] * 100, dtype=object)
    rare[:3], rare[3:5] = "harassment", "theft"
    where = np.array(["Sales", "Works"] * 100, dtype=object)
    where[10:18], where[20:26] = "Board", "Legal"  # enough cases, too few employees
    study = Relations(made(category=rare, department=where), **heads(Sales=400.0, Works=600.0, Board=3.0, Legal=4.0))
    cases = relations.prepared(study)
    assert "harassment" in cases.told and "theft" in cases.told and "Board" in cases.told
    for by in ("category", "department", "channel"):
        found = relations.rates(cases, by)
        assert found["cases"].min() >= 5
        assert found["employees"].min() >= 5
    labels = [cases.rows[name] == label for name in ("category", "department", "channel", "anonymity", "period")
              for label in cases.rows[name].unique()]  # fmt: skip
    few = [(one & ~other).sum() for one, other in combinations(labels, 2) if (one & other).sum() == other.sum()]
    assert all(left == 0 or left >= 5 for left in few)


@pytest.mark.parametrize("employees", [{"Board": 3.0}, {}], ids=["three employees", "nobody counted"])
def test_a_single_small_department_is_never_told_of_alone(employees):
    where = np.array(["Sales", "Works"] * 100, dtype=object)
    where[10:40] = "Board"
    study = Relations(made(department=where), **heads(Sales=400.0, Works=600.0, **employees))
    found = relations.rates(relations.prepared(study), "department")
    assert sorted(found["raised_in"]) == ["Other departments", "Works"]
    assert found["employees"].min() >= 400


@pytest.mark.parametrize(("number", "length"), [(600, "month"), (110, "quarter"), (50, "half-year"), (22, "year")])
def test_periods_are_as_long_as_it_takes_for_each_to_have_enough_cases(number, length):
    cases = relations.prepared(Relations(made(number)))
    assert cases.length == length
    assert cases.periods["cases"].min() >= 5
    assert cases.periods["cases"].sum() == len(cases.rows)


def test_cases_outside_whole_periods_count_nowhere():
    study = Relations(made(60, 3))
    study.as_of = datetime.date(2025, 11, 15)
    cases = relations.prepared(study)
    assert cases.periods["period"].iloc[-1].endswith("2025-10")
    assert len(cases.rows) < 60 and cases.rows["case_id"].nunique() == relations.rates(cases)["cases"].iloc[0]


def test_open_cases_count_in_waits_for_as_long_as_they_were_watched():
    never = made(200, first_reply_on=pd.NaT, resolved_on=pd.NaT, outcome="open")
    waits = relations.waiting(relations.prepared(Relations(never)))
    assert waits["estimate"].isna().all()
    assert waits["note"].str.startswith("cannot tell:").all()


def test_no_step_of_a_curve_tells_of_fewer_cases_than_the_minimum():
    cases = relations.prepared(Relations(made(300)))
    for who, found in relations.still_waiting(cases, "days_to_end", "ended").groupby("anonymity"):
        rows = cases.rows[cases.rows["anonymity"] == who]
        ends = [((rows["days_to_end"] <= day) & rows["ended"]).sum() for day in found["day"]]
        assert min(np.diff(ends)) >= 5
        assert (rows["days_to_end"] > found["day"].max()).sum() >= 5


def test_anonymous_and_named_are_compared_only_where_nobody_is_left_alone():
    cases = relations.prepared(Relations(made(300)))
    (rows,) = relations.settled(cases).values()
    left = cases.rows[~cases.rows["case_id"].isin(rows["case_id"])]["anonymity"].value_counts()
    assert left.empty or left.min() >= 5
    some = made(300, anonymous=["yes"] * 4 + ["no"] * 296)
    few = relations.prepared(Relations(some))
    assert relations.settled(few) == {} and set(relations.waiting(few)["anonymity"]) == {"all"}
    assert not len(relations.anonymous_share(few))


def test_a_trend_is_poisson_where_counts_vary_as_chance_has_it():
    rows = pd.DataFrame({"years": np.arange(24) / 12, "exposure": 500.0})
    rows["cases"] = np.round(10 * np.exp(0.2 * rows["years"]))
    model = smf.glm("cases ~ years", rows, family=Poisson(), exposure=rows["exposure"])
    found = relations.trend(model).iloc[0]
    assert found["method"] == "Poisson regression" and found["dispersion"] < 1
    assert found["estimate"] == pytest.approx(model.fit().params["years"])
    assert found["respondents"] == rows["cases"].sum()


def test_a_trend_of_counts_that_vary_more_is_that_of_a_negative_binomial_by_maximum_likelihood():
    random = np.random.default_rng(2)
    rows = pd.DataFrame({"years": np.arange(60) / 12, "exposure": 500.0})
    rows["cases"] = random.poisson(20 * np.exp(0.1 * rows["years"]) * random.gamma(5, 0.2, 60))
    model = smf.glm("cases ~ years", rows, family=Poisson(), exposure=rows["exposure"])
    found = relations.trend(model).iloc[0]
    other = sm.NegativeBinomial(rows["cases"], model.exog, exposure=rows["exposure"]).fit(disp=0)
    assert found["method"] == "negative binomial regression" and found["dispersion"] > 2
    assert found["estimate"] == pytest.approx(other.params.iloc[1], abs=0.01)
    reach = (found["high"] - found["low"]) / 2 / stats.t.ppf(0.975, 58)
    assert reach == pytest.approx(other.bse.iloc[1], rel=0.1)


def test_an_exceedance_is_seen_and_told_of_enough_cases():
    rows = made(480)
    extra = made(60, 9, opened_on=pd.Timestamp("2025-06-10")).assign(case_id=[f"x{at}" for at in range(60)])
    study = Relations(pd.concat([rows, extra], ignore_index=True), **heads(Sales=400.0, Works=600.0))
    found = relations.exceedance(relations.prepared(study), 12)
    assert found.loc[found["alarm"] == "outside the limits", "period"].tolist() == ["2025-06"]
    assert found["respondents"].min() >= 5 and found["measure"].eq("Cases per 100 employees").all()


@pytest.mark.parametrize(
    "cases",
    [
        made(200)[:0],
        made(200)[:4],
        made(200, anonymous="yes"),
        made(200)[["case_id", "category", "opened_on"]],
        made(200, category="pay", channel=None, department=None, anonymous=None, outcome=None),
        made(200, opened_on=pd.Timestamp("2025-12-01")),
        made(200, opened_on=pd.Timestamp("2027-01-01")),
    ],
    ids=["none", "four", "all anonymous", "least columns", "nothing else", "one period", "after the day"],
)
def test_whatever_is_missing_is_said_in_a_sentence(cases):
    found = relations.prepared(Relations(cases))
    if not len(found.rows):
        assert found.told.startswith("Fewer than 5 cases")
        return
    for by in ("", "category", "channel", "department"):
        rates = relations.rates(found, by)
        assert len(rates) or rates.attrs["absent"]
    assert relations.settled(found) == {}
    for table in (relations.anonymous_share(found), relations.waiting(found), relations.exceedance(found, 12)):
        assert len(table) or table.attrs["absent"]
    curve = relations.still_waiting(found, "days_to_reply", "replied")
    assert len(curve) or curve.attrs["absent"]
    model = smf.glm("cases ~ years + sin1 + cos1", found.periods, family=Poisson(), exposure=found.periods["exposure"])
    assert len(relations.trend(model)) == 1


def test_cases_that_were_opened_again_count_where_the_study_records_them():
    again = pd.Series(pd.NaT, range(200))
    again[:40] = pd.Timestamp("2025-12-30")
    found = relations.anonymous_share(relations.prepared(Relations(made(200, reopened_on=again))))
    assert found.set_index("source").loc["reopened", "estimate"] == pytest.approx(20)
