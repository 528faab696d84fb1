import math
from zoneinfo import ZoneInfo

import pytest

from helpers.data import Study, render_text
from helpers.data.convert import moment
from helpers.data.dates_in_words import DAYS, MONTHS


@pytest.fixture
def outcomes(write_study):
    """Read texts as the value column of outcomes; returns values and the report."""

    def read(*texts, options="", delimiter=","):
        rows = "".join(f'A{delimiter}2026{delimiter}m{n}{delimiter}"{text}"\n' for n, text in enumerate(texts))
        header = delimiter.join(["unit", "period", "metric", "value"])
        source = f"{{path: outcomes.csv{options}}}"
        study = Study.load(write_study(outcomes=f"{header}\n{rows}", sources={"outcomes": source}), merged=False)
        return study.prepared("outcomes")[0]["value"].tolist(), render_text(study.check())

    return read


@pytest.fixture
def dates(write_study):
    """Read texts as the start_date column of people; returns values and the report."""

    def read(*texts, options="", settings=""):
        rows = "".join(f'{n},hr,"{text}"\n' for n, text in enumerate(texts))
        source = f"{{path: people.csv{options}}}"
        folder = write_study(people=f"person_id,side,start_date\n{rows}", sources={"people": source}, settings=settings)
        study = Study.load(folder, merged=False)
        values = study.prepared("people")[0]["start_date"]
        problems = [problem.sentence() for problem in study.check() if problem.table]
        return values.dt.strftime("%Y-%m-%d").tolist(), problems

    return read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("3.0", 3),
        ("-2.5", -2.5),
        ("\u22122", -2),
        ("+4", 4),
        (".5", 0.5),
        ("1e3", 1000),
        ("007", 7),
    ],
)
def test_numbers_mean_what_they_say(outcomes, text, value):
    assert outcomes(text)[0] == [value]


@pytest.mark.parametrize(
    "text",
    ["٣", "0x10", "1_000", "TRUE", "1 000", "1'000", "1,234.5", "inf", "1e999", "3 points", "1.234.567", "½", "2-3"],
)
def test_what_is_no_certain_number_is_refused(outcomes, text):
    values, report = outcomes(text)
    assert math.isnan(values[0]) and f'row 2: "{text}"; expected a number' in report


def test_words_for_nothing_are_missing(outcomes):
    values, report = outcomes("NA", "n/a", "", "null", "5")
    assert values[4] == 5 and all(value != value for value in values[:4]) and "error:" not in report


def test_a_decimal_comma_is_read_where_it_cannot_be_anything_else(outcomes):
    values, report = outcomes("1,5", "2", "1,234")
    assert values == [1.5, 2, 1.234]
    assert 'numbers such as "1,5" were read with a decimal comma' in report


def test_a_comma_that_may_divide_thousands_is_refused(outcomes):
    values, report = outcomes("1,234", "2")
    assert values[0] != values[0] and "If the comma is a decimal sign, declare decimal" in report
    assert outcomes("1,234", "2", options=', decimal: ","')[0] == [1.234, 2]


def test_comma_and_point_together_are_refused(outcomes):
    values, report = outcomes("1,5", "2.5")
    assert values[0] != values[0] and values[1] == 2.5 and 'row 2: "1,5"' in report


def test_a_point_that_may_divide_thousands_is_refused_in_semicolon_files(outcomes):
    values, report = outcomes("1.234", "500", delimiter=";")
    assert values[0] != values[0] and 'declare decimal: "." or ","' in report
    assert outcomes("1.234", "500", delimiter=";", options=', decimal: "."')[0] == [1.234, 500]
    assert outcomes("1.234", "0.5", delimiter=";")[0] == [1.234, 0.5]
    values, report = outcomes("1.234", "1,5", delimiter=";", options=', decimal: ","')
    assert values[0] != values[0] and values[1] == 1.5 and "numbers hold no point" in report


def test_declared_codes_are_missing(outcomes):
    values, report = outcomes("-99", "5", options=", missing: [-99]")
    assert values[0] != values[0] and values[1] == 5 and "error:" not in report


@pytest.mark.parametrize(
    "text",
    ["2025-03-04", "2025-3-4", "2025/03/04", "2025-03-04 10:05", "2025-03-04T10:05:07.123Z", "2025-03-04 10:05 PM",
     "4 Mar 2025", "March 4, 2025 2:30 PM", "4. März 2025", "4-MAR-25", "Tue, 04 Mar 2025 14:30:00 +0000"],
)  # fmt: skip
def test_dates_with_the_year_first_or_a_named_month_are_certain(dates, text):
    assert dates(text) == (["2025-03-04"], [])


def test_ambiguous_dates_are_refused_unless_declared(dates):
    values, report = dates("03/04/2025", "05.06.2025")
    assert values[0] != values[0] and values[1] != values[1]
    assert "rows 2 and 3" in report[0] and "declare dates: day-first or dates: month-first" in report[0]
    assert dates("03/04/2025", options=", dates: day-first") == (["2025-04-03"], [])
    assert dates("03/04/2025", options=", dates: month-first") == (["2025-03-04"], [])


@pytest.mark.parametrize(
    ("texts", "values", "order"),
    [
        (("13/04/2025", "05/06/2025"), ["2025-04-13", "2025-06-05"], "day-first"),
        (("04/13/2025", "05/06/2025"), ["2025-04-13", "2025-05-06"], "month-first"),
    ],
)
def test_a_day_after_the_twelfth_settles_the_order_with_a_warning(dates, texts, values, order):
    read, report = dates(*texts)
    assert read == values and f"were read {order}. Declare dates: {order}" in report[0]


def test_dates_in_both_orders_are_refused(dates):
    values, report = dates("13/04/2025", "04/13/2025")
    assert values[0] != values[0] and "Day and month stand in both orders" in report[0]


@pytest.mark.parametrize(
    "text",
    ["03/04/25", "2025-02-30", "0025-01-01", "31 Feb 2025", "Mar 4", "20250304", "2025-03-04 25:00", "٢٠٢٥-٠٣-٠٤"],
)
def test_what_is_no_certain_date_is_refused(dates, text):
    values, report = dates(text)
    assert values[0] != values[0] and f'row 2: "{text}"' in report[0]


def test_a_date_as_excel_counts_days_is_explained(dates):
    assert "how Excel stores a date" in dates("45823")[1][0]


def test_an_offset_may_change_the_day(dates):
    assert dates("2025-03-04 23:30+00:00", settings="timezone: Asia/Tokyo\n")[0] == ["2025-03-05"]


def test_months_and_periods(write_study):
    pulse = "unit,month,item,n,mean\nA,2026-01,x,3,2\nB,2026-02-15,x,0,\n"
    outcomes = "unit,period,metric,value\nA,2026q1,m,1\nA,2026 H2,m,1\nA,2026-03,m,1\nA,2026,m,1\n"
    study = Study.load(write_study(pulse=pulse, outcomes=outcomes), merged=False)
    assert study.pulse["month"].astype(str).tolist() == ["2026-01-01", "2026-02-01"]
    assert study.outcomes["period"].tolist() == ["2026-Q1", "2026-H2", "2026-03", "2026"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("15 Mar 2026", 0), ("March 15, 2026 2:30 PM", 14), ("15. März 2026, 14:30 Uhr", 14),
        ("15-MAR-26 02.30.00 PM", 14),
        ("So., 15. Mrz. 2026 14:30", 14), ("Sun Mar 15 2026 14:30:00 GMT+0100 (Central European Standard Time)", 14),
        ("Sun Mar 15 14:30:00 CET 2026", 14), ("15MAR2026:14:30:00", 14), ("15 de marzo de 2026", 0),
        ("dim. 15 mars 2026 à 14:30", 14), ("Mar. 15, 2026, 2:30 p.m.", 14), ("2026 Mar 15", 0),
        ("15th of March 2026", 0),
        ("Sun, 15 Mar 2026 08:30:00 EST", 14), ("2026-03-15 14:30 Uhr", 14), ("2026/03/15 8:30:00 AM GMT-5", 14),
    ],
)  # fmt: skip
def test_words_for_months_days_and_zones_are_read_where_they_are_certain(text, hour):
    found = moment(text, None, ZoneInfo("Europe/Zurich"))
    assert (found.year, found.month, found.day, found.hour, found.minute) == (2026, 3, 15, hour, 30 * bool(hour))


@pytest.mark.parametrize(
    "text",
    ["Mar 2026", "15 Mar", "Mar 15 26", "31 Feb 2026", "15 Foo 2026", "5 jui 2026", "15 Mar 2026 14:30 IST",
     "Interview on 15 Mar 2026", "3/4/2026 5:00 PM EST", "15 Mar 2026 25:00", "15 Mar 20266"],
)  # fmt: skip
def test_what_words_leave_open_is_no_time(text):
    assert moment(text, None, ZoneInfo("UTC")) is None


def test_every_name_of_a_month_is_read_in_full():
    for place, names in enumerate(MONTHS, 1):
        for name in names.split():
            assert moment(f"4 {name} 2026", None, ZoneInfo("UTC")).month == place
    assert len(DAYS.split()) == len(set(DAYS.split()))
