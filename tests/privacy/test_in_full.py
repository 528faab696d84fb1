"""Figures that files hold in full: of models over many people, and of nobody who can be worked out from them."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.analysis.methods.people import People
from helpers.columns import number
from helpers.privacy.audit import audit_numbers
from helpers.privacy.in_full import OF_A_ROW, PEOPLE_PER_DIGIT, in_full
from helpers.published import Exhibit, InFull, dump, read
from helpers.reporting import manifest

GROUPS = {"department": {"Sales", "Law"}}
ESTIMATE, ERROR, DEGREES = 0.1273412345, 0.0309876543, 17.28
HALF = stats.t.ppf(0.975, DEGREES) * ERROR


def rows(*dimensions, people=200, additive=False, scale=None, **changed):
    """A table of one coefficient for each dimension."""
    estimate, low, high = ESTIMATE, ESTIMATE - HALF, ESTIMATE + HALF
    if scale == "ratio":
        estimate, low, high = np.exp([estimate, low, high])
    row = {"estimate": estimate, "low": low, "high": high, "standard_error": ERROR, "degrees_of_freedom": DEGREES}
    row |= {"respondents": people} | changed
    behind = pd.DataFrame({"respondent_id": range(people)})
    table = [row | {"people": People(behind.assign(dimension=name), additive=additive)} for name in dimensions]
    return pd.DataFrame(table).assign(dimension=dimensions)


def test_a_coefficient_of_many_people_is_told_with_its_error_and_whole_degrees_of_freedom():
    told = in_full(rows("trust"), 0.95, GROUPS, {})
    assert told == [InFull(row=0, estimate=0.127341, standard_error=0.0309877, degrees_of_freedom=17)]
    ratio = in_full(rows("trust", scale="ratio"), 0.95, GROUPS, {})
    assert ratio[0].scale == "ratio" and ratio[0].estimate == pytest.approx(np.exp(ESTIMATE), rel=1e-5)


@pytest.mark.parametrize(
    "table",
    [
        rows("trust", people=99),
        rows("trust", respondents="30 or more"),
        rows("trust", additive=True),
        rows("trust", few_answers=True),
        rows("trust", term="department: Sales"),
        rows("trust", term="side[T.hr]"),
        rows("trust", term="cohort: second cohort"),
        rows("trust", compared="Law"),
        rows("trust", department="Sales"),
        rows("trust", respondents_treated=60, respondents_others=140),
        rows("trust", low=np.nan),
        rows("trust", estimate=np.nan),
        rows("trust", high=ESTIMATE + 2 * HALF),
        rows("trust", standard_error=ERROR / 100),
        rows("trust", standard_error=0.0),
        rows("trust").drop(columns="people"),
        rows("trust").drop(columns="standard_error"),
        rows("trust")[:0],
    ],
)
def test_what_is_no_coefficient_of_many_people_stays_as_printed(table):
    assert in_full(table, 0.95, GROUPS, {}) == []


def test_rows_that_are_hidden_stand_beside_others():
    table = pd.concat([rows("trust"), rows("goals")], ignore_index=True).astype({"respondents": "Int64"})
    hidden = table.assign(few_answers=pd.array([False, None], "boolean"))
    hidden.loc[1, ["estimate", "low", "high", "standard_error", "degrees_of_freedom", "respondents", "people"]] = pd.NA
    assert [found.row for found in in_full(hidden, 0.95, GROUPS, {})] == [0]
    assert in_full(hidden[1:], 0.95, GROUPS, {}) == []


def test_a_number_told_in_words_counts_as_it_is():
    assert in_full(rows("trust", respondents="100 or more", counted_respondents=200), 0.95, GROUPS, {})
    assert not in_full(rows("trust", respondents="50 or more", counted_respondents=60), 0.95, GROUPS, {})


def test_a_chapter_tells_no_more_digits_of_the_same_answers_than_leave_most_of_them_open():
    # six digits twice and two: 14 a row; of 200 people at most 66 digits, so four rows but not five
    spent = {}
    assert len(in_full(rows(*["trust"] * 4), 0.95, GROUPS, spent)) == 4 and spent == {"trust": 56}
    assert in_full(rows("trust"), 0.95, GROUPS, spent) == [] and spent == {"trust": 56}
    assert len(in_full(rows("goals"), 0.95, GROUPS, spent)) == 1, "other answers"
    assert in_full(rows(*["trust"] * 5), 0.95, GROUPS, {}) == []
    # what is about several dimensions counts with each of them
    several = rows("trust").assign(people=[People(pd.DataFrame({"respondent_id": range(200)}), additive=False)])
    assert in_full(several, 0.95, GROUPS, dict(spent)) == []
    assert len(in_full(several, 0.95, GROUPS, {})) == 1
    assert OF_A_ROW * 4 * PEOPLE_PER_DIGIT <= 200 < OF_A_ROW * 5 * PEOPLE_PER_DIGIT


def exhibit(full):
    columns = [number("Slope", 2).named("estimate"), number("People", 0).named("respondents")]
    return Exhibit(
        kind="table", notebook="n", id="slopes", title="Slopes", columns=columns, rows=[[0.13, 200.0], [None, 200.0]],
        texts=[["0.13", "200"], ["cannot tell", "200"]], full=full,
    )  # fmt: skip


def test_a_table_s_file_holds_them_in_columns_of_their_own(tmp_path):
    told = exhibit([InFull(row=0, estimate=0.127341, standard_error=0.0309877, degrees_of_freedom=17)])
    manifest.write_table(told, tmp_path)
    with (tmp_path / manifest.table_name(told)).open(encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found == [
        ["Slope", "People", "Slope, in full", "Standard error", "Degrees of freedom", "Standard error of"],
        ["0.13", "200.0", "0.127341", "0.0309877", "17", "the figure"],
        ["cannot tell", "200.0", "", "", "", ""],
    ]
    manifest.write_table(exhibit([]), tmp_path)
    assert (tmp_path / manifest.table_name(told)).read_text(encoding="utf-8").splitlines()[0] == "Slope,People"


def test_what_a_notebook_displays_names_them_only_where_there_are_any():
    assert "full" not in dump(exhibit([]))
    told = exhibit([InFull(row=0, estimate=0.127341, standard_error=0.0309877, degrees_of_freedom=17)])
    assert read(dump(told)).full == told.full


@pytest.mark.parametrize(
    ("respondents", "term", "rows", "leak"),
    [(200, "slope", 1, False), (60, "slope", 1, True), (200, "Sales", 1, True), (200, "slope", 6, True)],
)
def test_the_audit_has_a_rule_of_its_own(tmp_path, respondents, term, rows, leak):
    columns = [
        {"name": name, "label": name, "type": kind, "decimals": 2, "unit": ""}
        for name, kind in (("term", "text"), ("estimate", "number"), ("respondents", "integer"))
    ]
    one = {"kind": "table", "title": "T", "message": "", "note": "", "audience": "", "alt": "", "chart": None}
    slopes = one | {"notebook": "n", "id": "slopes", "file": "tables/n--slopes.csv", "columns": columns}
    slopes |= {"rows": [[term, 0.13, respondents]] * rows, "texts": [[term, "0.13", str(respondents)]] * rows}
    figures = {"estimate": 0.127341, "standard_error": 0.03, "degrees_of_freedom": 17, "scale": "plain"}
    slopes["full"] = [figures | {"row": row} for row in range(rows)]
    named = [{"name": "department", "label": "Department", "type": "text", "decimals": 0, "unit": ""}, *columns[1:]]
    groups = one | {"notebook": "n", "id": "groups", "file": "tables/n--groups.csv", "columns": named}
    groups |= {"rows": [["Sales", 3.1, 40]], "texts": [["Sales", "3.10", "40"]]}
    content = {"version": 4, "report": {"min_group": 5}, "chapters": [], "findings": [], "tables": [slopes, groups]}
    (tmp_path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    assert any(found.kind == "too exact" for found in audit_numbers(tmp_path).found) == leak
