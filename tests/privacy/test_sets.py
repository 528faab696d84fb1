"""Sets of people behind published rows: what two or more of them, taken together, tell of a few people."""

from fractions import Fraction
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.methods.counts import people
from helpers.analysis.methods.people import People
from helpers.privacy import sets
from helpers.privacy.sets import Row, Told, as_fine_as_can_be, conflicts


def sheets(*names, rated="h", wave="2026"):
    return frozenset((str(name), rated, wave, "") for name in names)


def exhibit(title, *rows, value="trust"):
    return Told(title.lower(), title, tuple(Row(value, row) for row in rows))


EVERYBODY = sheets(*range(30))


def withheld(*exhibits, **how):
    return {exhibits[found.place].title: found.beside for found in conflicts(exhibits, 5, **how)}


def test_the_same_people_in_many_exhibits_tell_of_nobody_else():
    parts = exhibit("Parts", sheets(*range(12)), sheets(*range(12, 30)))
    assert withheld(exhibit("All", EVERYBODY), parts, exhibit("All again", EVERYBODY)) == {}


def test_of_a_table_of_30_beside_one_of_29_the_later_is_withheld_and_names_the_first():
    assert withheld(exhibit("All", EVERYBODY), exhibit("Complete", EVERYBODY - sheets(3))) == {"Complete": ("“All”",)}


def test_a_table_of_25_beside_one_of_30_may_stand():
    assert withheld(exhibit("All", EVERYBODY), exhibit("Complete", sheets(*range(25)))) == {}


def test_another_question_of_other_people_is_another_matter():
    assert withheld(exhibit("All", EVERYBODY), exhibit("Complete", sheets(*range(29)), value="candour")) == {}


def test_nested_breakdowns_single_out_a_group_of_three():
    locations = exhibit("By location", sheets(*range(15)), sheets(*range(15, 30)))
    departments = exhibit("By department", sheets(*range(12)), sheets(*range(15, 30)))
    assert withheld(locations, departments) == {"By department": ("“By location”",)}


def test_three_breakdowns_of_which_no_two_tell_anything_single_out_two_people_together():
    one, two = exhibit("One", sheets(*range(10))), exhibit("Two", sheets(*range(10, 20)))
    three = exhibit("Three", sheets(*range(18)))
    assert withheld(one, three) == {}
    assert withheld(one, two, three) == {"Three": ("“One”", "“Two”")}


def test_people_count_and_not_their_sheets():
    two_people = {(name, rated, wave, "") for name in "ab" for rated in "xyz" for wave in ("1", "2")}
    found = conflicts([exhibit("All", EVERYBODY | two_people), exhibit("Less", EVERYBODY)], 5)
    assert [one.place for one in found] == [1]


def test_one_person_rated_by_many_is_told_of_where_two_are_asked_for():
    of_two = exhibit("Both", sheets(*range(8)) | sheets(*range(8, 16), rated="other"))
    of_one = exhibit("One", sheets(*range(8)))
    assert conflicts([of_two, of_one], 5) == []
    assert [found.rated for found in conflicts([of_two, of_one], 5, rated=2)] == [2]


def test_of_three_rated_people_one_who_reads_their_own_report_would_tell_two_others_apart():
    of_four = exhibit("Four", frozenset().union(*(sheets(*range(9 * i, 9 * i + 9), rated=f"r{i}") for i in range(4))))
    of_two = exhibit("Two", frozenset().union(*(sheets(*range(9 * i, 9 * i + 9), rated=f"r{i}") for i in range(2))))
    assert conflicts([of_four, of_two], 5, rated=2) == []
    assert [found.rated for found in conflicts([of_four, of_two], 5, rated=2, own_reports=["r3"])] == [3]


def test_a_rated_person_of_whom_several_breakdowns_tell_counts_once():
    # One more is rated by 1 to 6 in one half and by 7 to 12 in the other; together with the rest, that is one person.
    rest = sheets(*range(20, 28), rated="x") | sheets(*range(28, 36), rated="y")
    halves = [sheets(*range(6), rated="z"), sheets(*range(6, 12), rated="z")]
    told = [exhibit("All", rest | halves[0] | halves[1]), exhibit("Rest", rest)]
    assert [found.rated for found in conflicts(told, 5, rated=2)] == [2]


def test_somebody_who_reads_of_a_group_of_five_with_themselves_in_it_reads_of_four():
    group = exhibit("Group", sheets(*range(5)))
    assert withheld(group) == {}
    assert withheld(group, own="3") == {"Group": ()}
    assert withheld(exhibit("Group", sheets(*range(6))), own="3") == {}


def test_what_was_published_before_stays_known():
    before = Told("", "All", (Row("trust", EVERYBODY),), report="the report released on 2026-05-01")
    late = exhibit("All", EVERYBODY | sheets("late"))
    assert withheld(late, earlier=[before]) == {"All": ("“All” in the report released on 2026-05-01",)}
    assert withheld(exhibit("All", EVERYBODY | sheets(*"abcde")), earlier=[before]) == {}


def test_an_exhibit_that_does_not_say_who_stands_behind_it_is_withheld():
    assert withheld(exhibit("All", EVERYBODY), Told("x", "Unknown", known=False)) == {"Unknown": ()}


def test_a_number_per_person_is_compared_with_one_per_sheet():
    per_sheet = exhibit("Sheets", frozenset((str(n), f"h{n % 3}", "2026", "") for n in range(20)))
    per_person = exhibit("People", frozenset((str(n), "", "2026", "") for n in range(19)))
    assert withheld(*as_fine_as_can_be([per_sheet, per_person])) == {"People": ("“Sheets”",)}


def test_the_private_file_is_read_as_it_was_written(tmp_path):
    told = [exhibit("Ünïcode “quotes”", EVERYBODY, sheets(1, 2)), Told("x", "Unknown", known=False)]
    for one in told:
        sets.write(one, tmp_path / "sets.jsonl")
    assert sets.read(tmp_path / "sets.jsonl") == told
    assert sets.read(tmp_path / "none.jsonl") == []


def _small_by_brute_force(published, persons, minimum):
    """Find whether the indicator of any few people is a combination of the published sets, by elimination."""
    rows = [[Fraction(person in one) for person in persons] for one in published]

    def rank(matrix):
        matrix, found = [list(row) for row in matrix], 0
        for column in range(len(persons)):
            pivot = next((row for row in matrix[found:] if row[column]), None)
            if pivot is None:
                continue
            matrix.remove(pivot)
            matrix.insert(found, pivot)
            for place, row in enumerate(matrix):
                if place != found and row[column]:
                    times = row[column] / pivot[column]
                    matrix[place] = [mine - times * theirs for mine, theirs in zip(row, pivot, strict=True)]
            found += 1
        return found

    whole = rank(rows)
    return any(
        rank([*rows, [Fraction(person in few) for person in persons]]) == whole
        for size in range(1, minimum)
        for few in combinations(persons, size)
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=1, max_size=5), st.integers(2, 4))
def test_random_sets_tell_of_few_exactly_when_all_combinations_tried_say_so(published, minimum):
    told = [exhibit(f"Exhibit {place}", sheets(*one)) for place, one in enumerate(published)]
    found = conflicts(told, minimum)
    persons = sorted(set().union(*published))
    assert bool(found) == _small_by_brute_force(published, persons, minimum)
    kept = [one for place, one in enumerate(published) if place not in {conflict.place for conflict in found}]
    assert not kept or not _small_by_brute_force(kept, persons, minimum)


# Who stands behind a row of results ----------------------------------------------------------------------------------

ANSWERS = pd.DataFrame(
    {"respondent_id": ["a", "a", "b"], "rated_id": ["x", "y", "x"], "wave": "2026", "dimension": "trust"}
)


def test_people_know_their_sheets_and_show_nobody():
    found = people(ANSWERS, value="score")["people"]
    assert found.sheets == {("a", "x", "2026", ""), ("a", "y", "2026", ""), ("b", "x", "2026", "")}
    assert (len(found), found.question, found.additive) == (2, "score, trust", True)
    assert repr(found) == "<2 people>"


def test_people_stay_who_they_were_when_the_frame_changes_later():
    frame = ANSWERS.copy()
    found = People(frame)
    frame.loc[:, "respondent_id"] = "somebody else"
    assert len(found) == 2


def test_people_of_both_sides_are_additive_only_where_both_results_are():
    both = People(ANSWERS) | People(ANSWERS.assign(respondent_id="c"), additive=False)
    assert (len(both), both.additive) == (3, False)


@pytest.mark.parametrize("frame", [ANSWERS.drop(columns="respondent_id"), ANSWERS.iloc[:0]], ids=["unnamed", "nobody"])
def test_where_nobody_is_named_there_is_nobody(frame):
    assert People(frame).sheets == frozenset()
