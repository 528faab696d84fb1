"""The audit follows an interval into the cell of its estimate, into headings, and into the error bars of slides."""

from pathlib import Path

import pytest

from helpers.privacy.audit.canon import Canon, Table
from helpers.privacy.audit.words import tokens, untraced, windows

NAMES = ["dimension", "score_100", "score_100_low", "score_100_high", "respondents"]
LABELS = [("Dimension", ""), ("Mean", "points (1–5)"), ("95 % from", ""), ("to", ""), ("People", "")]
COLUMNS = [
    {"name": name, "label": label, "unit": unit, "type": "text" if name == "dimension" else "number"}
    for name, (label, unit) in zip(NAMES, LABELS, strict=True)
]
TABLE = Table(
    "survey", "scores", "Scores", "", "", "tables/a.csv", NAMES, COLUMNS, rows=[["Trust", 3.42, 3.31, 3.62, 40]],
    texts=[["Trust", "3.42", "3.31", "3.62", "40"]], chart={}, raw={"title": "Scores"},
)  # fmt: skip
CANON = Canon(Path(), 4, {}, [], [], [TABLE])


@pytest.mark.parametrize(
    ("shown", "is_traced"),
    [
        ("Trust 3.42 (3.31 to 3.62) 40", True),
        ("Mean (95 % interval), points (1–5)", True),
        ("Dimension Mean (95 % interval) points (1–5) People", True),
        ("Trust 3.42 (3.31 to 3.99) 40", False),
        ("Mean (80 % interval), points (1–5)", False),
    ],
)
def test_only_what_is_published_may_stand_there(shown, is_traced):
    around = {window for phrase in CANON.phrases() for window in windows(tokens(phrase))}
    assert (untraced(tokens(shown), around) == []) is is_traced


def test_a_chart_of_a_table_may_hold_how_far_the_ends_lie_from_the_estimate():
    values = [round(value, 6) for value in CANON.values()]
    assert 0.11 in values and 0.2 in values and 0.31 not in values
