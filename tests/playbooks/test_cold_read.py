"""The comparison of a cold read finds what was read wrongly, and nothing else."""

import cold_read
import pytest


@pytest.fixture(scope="module")
def right():
    return cold_read.expected(cold_read.session_of("role-swap", "room", 13, "08:45"))


def test_a_perfect_reader_agrees_wholly(right):
    hits, total, wrong = cold_read.compare(right, [dict(row) for row in right])
    assert (hits, wrong) == (total, []) and total == 4 * len(right) >= 90


def test_who_read_nothing_agrees_in_nothing(right):
    hits, total, wrong = cold_read.compare(right, [])
    assert (hits, total, len(wrong)) == (0, 4 * len(right), len(right))


def test_sheets_and_their_number_are_expected_where_they_are_handed_out(right):
    row = next(row for row in right if row["clock"] == "9:23")
    assert "Seat cards, HR, round one: 6" in row["sheets"] and "Observer card: 1" in row["sheets"]


def test_what_was_read_wrongly_is_listed(right):
    answers = [dict(row) for row in right]
    answers[2]["sheets"] = "Meeting strips: 13"
    answers[4]["clock"] = "9:00"
    answers[6]["what"] = "Coffee"
    hits, total, wrong = cold_read.compare(right, answers)
    assert "read 'Meeting strips: 13'" in wrong[0]
    assert any(words.endswith("a step that the playbook does not have") for words in wrong)
    assert any("read 'Coffee'" in words for words in wrong)
    assert hits < cold_read.WANTED * total
