"""An interval stands beside its estimate where people read, and in columns of its own where machines do."""

import pytest

from helpers.columns import count, described, number, percent, text
from helpers.published import Column
from helpers.reporting.cells import joined

SPACE = "\u00a0"


def low(name="low"):
    return Column(name=name, label="95 % from", type="number", decimals=2)


def high(name="high"):
    return Column(name=name, label="to", type="number", decimals=2)


def shown(columns, *rows):
    """Return headings and rows with plain spaces."""
    cells = joined(columns, rows)
    return cells.headings, [[cell.replace(SPACE, " ") for cell in row] for row in cells.rows]


SCORES = [
    text("Dimension").named("dimension"),
    number("Mean", 2, "points (1–5)").named("estimate"),
    low(),
    high(),
    count("Respondents").named("respondents"),
]


def test_estimate_and_interval_stand_in_one_cell_under_one_heading():
    headings, rows = shown(SCORES, ["Listening", "0.42", "0.31", "0.53", "40"])
    assert headings == ["Dimension", "Mean (95 % interval), points (1–5)", "Respondents"]
    assert rows == [["Listening", "0.42 (0.31 to 0.53)", "40"]]


def test_no_line_breaks_within_it():
    (row,) = joined(SCORES, [["Listening", "−0.42", "−0.53", "−0.31", "40"]]).rows
    assert " " not in row[1]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("hidden (fewer than 5)", "–", "–"), "hidden (fewer than 5)"),
        (("–", "–", "–"), "–"),
        (("2.02", "–", "–"), "2.02"),
        (("154", "137", "–"), "154 (137 to –)"),
        (("0", "0", "0"), "0 (0 to 0)"),
    ],
)
def test_what_is_not_told_is_said_once(cells, words):
    assert shown(SCORES, ["Listening", *cells, "40"])[1][0][1] == words


def test_every_estimate_takes_its_own_interval_and_per_cent_is_said_once_inside():
    columns = [
        number("Score 0–100", 0).named("score_100"),
        low("score_100_low"),
        high("score_100_high"),
        percent("Favourable").named("favourable"),
        low("favourable_low").model_copy(update={"type": "percent"}),
        high("favourable_high").model_copy(update={"type": "percent"}),
    ]
    headings, rows = shown(columns, ["63", "61", "65", "56 %", "51 %", "61 %"])
    assert headings == ["Score 0–100 (95 % interval)", "Favourable (95 % interval)"]
    assert rows == [["63 (61 to 65)", "56 % (51 to 61 %)"]]


def test_bounds_stand_together_with_the_interval_around_them():
    columns = [
        number("Difference").named("estimate"),
        number("Lower bound").named("lower"),
        number("Upper bound").named("upper"),
        low(),
        high(),
    ]
    headings, rows = shown(columns, ["0.3", "0.1", "0.5", "0.0", "0.6"])
    assert headings == ["Difference", "Bounds (95 % interval)"]
    assert rows == [["0.3", "0.1 to 0.5 (0.0 to 0.6)"]]


def test_ends_behind_another_kind_of_number_keep_to_themselves():
    columns = [percent("Importance").named("part"), low(), high()]
    assert shown(columns, ["23 %", "0.1", "0.3"]) == (["Importance", "95 % interval"], [["23 %", "0.1 to 0.3"]])


def test_columns_of_the_dictionary_are_understood():
    import pandas as pd

    frame = pd.DataFrame({"dimension": ["a"], "hazard_ratio": [1.5], "hazard_ratio_low": [1.1], "hazard_ratio_high": 2})
    columns = list(described(frame, frame.columns, confidence=0.9).values())
    assert joined(columns, [["a", "1.50", "1.10", "2.00"]]).headings == ["Dimension", "Hazard ratio (90 % interval)"]
