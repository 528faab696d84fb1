import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.survey import answer_quality
from helpers.data import Codebook

RESPONSES = {
    "agreement": {"type": "rating", "low": 1, "high": 5},
    "ten": {"type": "rating", "low": 0, "high": 10},
}
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Test"},
        "responses": RESPONSES,
        "dimensions": [{"id": "trust"}],
        "items": [
            {"id": name, "dimension": "trust", "response": "agreement", "text": "...", "short_form": name < "g"}
            | {"reverse": name == "b"}
            for name in "abcdefgh"
        ]
        + [{"id": "again", "response": "ten", "role": "outcome", "text": "..."}],
    }
)
ITEMS = list("abcdefgh")


def answers(rows, **given):
    frame = pd.DataFrame(rows, columns=ITEMS, dtype=float)
    people = {"respondent_id": range(len(frame)), "cluster_id": range(len(frame)), "side": "manager", "again": 7.0}
    return frame.assign(**people | given)


def longest_run(row):
    best, run, last = 0, 0, None
    for answer in row:
        if np.isnan(answer):
            continue
        run = run + 1 if answer == last else 1
        best, last = max(best, run), answer
    return best


@given(st.lists(st.lists(st.sampled_from([1, 2, 3, 4, 5, np.nan]), min_size=8, max_size=8), min_size=1, max_size=8))
def test_runs_are_those_a_reader_would_count(rows):
    found = answer_quality.patterns(answers(rows), BOOK)
    assert found["longest_run"].tolist() == [longest_run(row) for row in rows]
    assert found["answers"].tolist() == [sum(not np.isnan(x) for x in row) for row in rows]
    assert found["straight_line"].isna().tolist() == (found["answers"] < 6).tolist()


def test_one_row_of_each_kind():
    nan = np.nan
    rows = [[4] * 8, [4, 4, nan, 4, 4, 4, 4, 4], [1, 2, 3, 4, 5, 4, 3, 2], [3, 3, nan, nan, nan, nan, nan, nan]]
    found = answer_quality.patterns(answers(rows), BOOK)
    assert found["straight_line"].tolist() == [True, True, False, pd.NA]
    assert found["long_string"].tolist() == pytest.approx([1, 1, 1 / 8, nan], nan_ok=True)
    assert found["spread"].iloc[0] == 0


def test_straight_lining_includes_reversed_items_as_answered():
    agreeable_but_attentive = [4, 2, 4, 4, 4, 4, 4, 4]
    found = answer_quality.patterns(answers([agreeable_but_attentive]), BOOK)
    assert found["straight_line"].tolist() == [False]
    assert found["long_string"].tolist() == [6 / 8]


def test_careless_answering_is_counted_and_nobody_named():
    rows = [[4] * 8, [1, 2, 3, 4, 5, 4, 3, 2], [5, 4, 4, 2, 1, 3, 2, 4], [1, 2, 3, 4, 5, 4, 3, 2]]
    given = answers(rows, respondent_id=["p", "q", "r", "q"], rated_id=["x"] * 4, wave="w")
    found = answer_quality.careless(given, BOOK, long_form=8).set_index("sign")
    assert found["rows"].to_dict() == {"straight-lining": 1, "long string": 1, "duplicate": 1, "incomplete": 0}
    assert found["estimate"].to_dict() == {"straight-lining": 25, "long string": 25, "duplicate": 25, "incomplete": 0}
    assert set(found["respondents"]) == {3}
    assert "respondent_id" not in found


def test_the_cut_of_a_long_string_is_the_callers():
    row = [4, 4, 4, 1, 2, 3, 2, 1]
    counts = [
        answer_quality.careless(answers([row]), BOOK, long_string=cut, long_form=8)
        .set_index("sign")
        .loc["long string", "rows"]
        for cut in (0.3, 0.5)
    ]
    assert counts == [1, 0]


def test_long_strings_are_not_looked_for_on_a_short_form():
    found = answer_quality.careless(answers([[4] * 8]), BOOK).set_index("sign").loc["long string"]
    assert np.isnan(found["estimate"])
    assert found["note"] == "cannot tell: no row has 20 ratings"


def test_the_short_form_is_complete_when_its_items_are_answered():
    nan = np.nan
    rows = [[4, 3, 4, 2, 4, 1, nan, nan], [4, 3, nan, nan, nan, nan, nan, nan], [4, 3, 4, nan, nan, nan, 2, nan]]
    found = answer_quality.careless(answers(rows), BOOK).set_index("sign").loc["incomplete"]
    assert (found["rows"], found["judged"]) == (1, 3)
    items = answer_quality.completeness(answers(rows), BOOK).set_index("item")
    assert items.loc["a", ["asked", "answered"]].tolist() == [3, 3]
    assert items.loc["g", ["asked", "answered"]].tolist() == [1, 1]
    assert items.loc["again", "estimate"] == 100


def test_answers_out_of_range_are_counted():
    found = answer_quality.completeness(answers([[0, 6, 3, 3, 3, 3, 3, 3]]), BOOK).set_index("item")
    assert found["out_of_range"].sum() == 2


def test_nobody_asked_and_nobody_to_judge_is_said():
    nan = np.nan
    short = answers([[4, 3, 4, 2, 4, nan, nan, nan]])
    found = answer_quality.completeness(short, BOOK).set_index("item")
    assert found.loc["h", "note"] == "cannot tell: nobody was asked"
    signs = answer_quality.careless(short, BOOK).set_index("sign")
    assert signs.loc["straight-lining", "note"].startswith("cannot tell")
    assert np.isnan(signs.loc["straight-lining", "estimate"])


def test_no_answers_at_all():
    empty = answers([[np.nan] * 8]).iloc[:0]
    assert answer_quality.careless(empty, BOOK).empty
    assert answer_quality.completeness(empty, BOOK).empty


def test_an_item_that_nobody_answered_in_a_wave_was_not_asked_then():
    nan = np.nan
    both = pd.concat(
        [
            answers([[1, 2, 3, 4, 5, 4, 3, nan]] * 3).assign(wave="1"),
            answers([[1, 2, 3, 4, 5, 4, 3, 2]] * 4).assign(wave="2"),
        ],
        ignore_index=True,
    )
    found = answer_quality.completeness(both, BOOK).set_index("item")
    assert found.loc["h", ["asked", "answered", "estimate"]].tolist() == [4, 4, 100]
    first = both[both["wave"] == "1"]
    assert np.isnan(answer_quality.completeness(first, BOOK).set_index("item").loc["h", "estimate"])
    assert "h" not in set(answer_quality.least_answered(first, BOOK)["item"])
    few = answers([[1, 2, 3, nan, nan, nan, nan, 4], [1, 2, 3, nan, nan, nan, nan, nan]])
    assert answer_quality.careless(few, BOOK).set_index("sign").loc["incomplete", "rows"] == 0, "four were asked"
