"""The reading grade is the published formula on counts that a person can repeat by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.playbooks import grade, prose
from helpers.playbooks.reading import syllables

# Counted by hand with a pronouncing dictionary.
WORDS = {
    1: "cat the rates changed played through eight strengths good stopped walked names fetched asked",
    2: "table people wanted boxes places letter hr cv action being quiet something safety people create",
    3: "manager recruiter idea animal anyone timetable area employee however together interview",
    4: "observation information material priority january undertaking confidential",
    5: "university opportunity organisation",
}


@pytest.mark.parametrize(("count", "words"), WORDS.items(), ids=lambda value: str(value)[:10])
def test_syllables_of_words_counted_by_hand(count, words):
    counted = [syllables(word.upper() if word in {"hr", "cv"} else word) for word in words.split()]
    right = sum(value == count for value in counted)
    assert right >= 0.85 * len(counted), dict(zip(words.split(), counted, strict=True))


def test_grade_follows_the_published_formula():
    # Two sentences, 8 words, 9 syllables: the-cat-sat-on-the-mat, it-slept, with "cattle" for one more.
    text = "The cattle sat on the mat. It slept."
    assert grade(text) == pytest.approx(0.39 * 8 / 2 + 11.8 * 9 / 8 - 15.59)


def test_hard_prose_is_refused_at_grade_nine():
    hard = (
        "Notwithstanding organisational considerations, participants acknowledge that confidentiality obligations "
        "regarding individually identifiable information continue indefinitely following termination."
    )
    assert grade(hard) > 20
    assert grade("We keep this to us. You may stop at any time.") < 4


def test_a_line_ends_a_sentence():
    assert grade("Write one promise here\nAdd a date for it") < grade("Write one promise here add a date for it")


def test_a_text_without_words_has_no_grade():
    with pytest.raises(ValueError, match="no words"):
        grade("12 – 14 · ☐")


def test_labels_and_headings_are_left_out():
    markdown = (
        "# A very long heading of a form\n\n| Name | Date |\n|---|---|\n| Write the date of your swap here | &nbsp; |\n"
    )
    assert prose(markdown) == "Write the date of your swap here"


@given(st.text())
def test_any_text_has_a_grade_or_says_why_not(text):
    try:
        assert grade(prose(text)) > -16
    except ValueError as error:
        assert str(error) == "the text holds no words"


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_every_word_has_between_one_syllable_and_one_per_letter(word):
    assert 1 <= syllables(word) <= max(len(word), 1)
