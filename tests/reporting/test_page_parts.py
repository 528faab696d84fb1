"""Small parts of pages: column widths, long words, what the deck keeps of a long table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.published import Finding
from helpers.reporting.document import combine
from helpers.reporting.formats.pdf import WORD_BREAK, breakable, column_shares
from helpers.reporting.formats.slides import _closeness
from helpers.reporting.wording import shortened

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.text(max_size=200))
def test_breaks_change_nothing_but_where_a_line_may_end(text):
    assert breakable(text).replace(WORD_BREAK, "") == text.replace(WORD_BREAK, "")


def test_long_words_can_break_and_short_ones_stay():
    assert WORD_BREAK in breakable("W" * 200)
    assert breakable("Business acumen / HR knowledge") == "Business acumen / HR knowledge"


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.lists(words, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_columns_fit_the_page(table):
    shares = column_shares(table[0], table[1:])
    assert len(shares) == len(table[0])
    assert 0 < sum(shares) <= 1.000001 and min(shares) > 0


def test_every_column_holds_its_longest_word():
    long = "a sentence of more than forty characters in every row of the column"
    shares = column_shares(["Analysis", "Light", "What it takes", "And more"], [[long, "amber", long, long]])
    assert round(shares[1] * 90) >= len("amber") + 2
    assert sum(shares) == pytest.approx(1)


def test_a_small_table_is_not_stretched_over_the_page():
    assert sum(column_shares(["Wave", "n"], [["2026-H1", "40"]])) < 0.3


def test_a_shortened_table_keeps_the_rows_a_finding_is_about():
    words = "Managers score “Outward focus” 0.5 points higher."
    finding = Finding(id="f", claim="level", sentence=words, group="Managers")
    rows = [["HR partners", "Listening", "3"], ["Managers", "Listening", "3"], ["Managers", "Outward focus", "4"]]
    closeness = [_closeness(row, [False, False, True], finding) for row in rows]
    assert closeness == [0, 1, 2]


def test_many_pieces_are_converted_in_one_call():
    calls = []
    assert combine(
        ["<p>a</p>", "<p>b</p>"], lambda html: calls.append(html) or html.replace("<p>", "").replace("</p>", "")
    ) == ["a", "b"]
    assert len(calls) == 1
    assert combine([], calls.append) == []


def test_shortened_text_says_that_it_is():
    assert shortened("a  b\nc", 10) == "a b c"
    assert shortened("x" * 20, 10) == "x" * 9 + "…"
    assert shortened("grew by 125 in 2026", 11) == "grew by…", "half a number is another number"
