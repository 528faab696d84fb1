"""A finding in at most fourteen words, made of its parts and never cut."""

import pytest

from helpers.present.claims import settle
from helpers.present.headlines import MOST_WORDS, headline, words
from helpers.published import Claim, Evidence, Finding, Grade


def difference(sentence, estimate=-18.0, unit="points of 100", slots=None, about=None, **evidence):
    """Return a settled difference of strong evidence."""
    made = Evidence(
        sentence=sentence, same="S", unknown="We cannot tell the gap on {dimension}, all in all", slots=slots or {},
        low=estimate - 4, high=estimate + 4, decimals=0, **evidence,
    )  # fmt: skip
    found = Finding(
        id="f", sentence="", grade=Grade.CANNOT_TELL, estimate=estimate, smallest=5, p_value=1e-6, unit=unit,
        evidence=made, about=about or {},
    )  # fmt: skip
    return settle([found])[0]


DIMENSION = {"dimension": "the one question on “Manager ownership of people work”", "side": "managers"}


def test_it_says_the_size_without_its_interval():
    found = difference("HR partners score {dimension} {size} {higher|lower} than managers do.", slots=DIMENSION)
    assert "interval" in found.sentence
    assert headline(found) == "HR partners score “Manager ownership of people work” 18 points lower than managers do"
    assert words(headline(found)) == MOST_WORDS


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "Managers of the department “Logistics” score {size} {higher|lower} than all others do, all in all.",
            "Managers of the department “Logistics” score 18 points lower than all others do",
        ),
        (
            "Managers score “Listening” {size} {higher|lower} than the comparison figure. It comes from: A panel.",
            "Managers score “Listening” 18 points lower than the comparison figure",
        ),
        (
            "Managers score “Business acumen” {size} {higher|lower} than the comparison figure ({source}, 2025).",
            "Managers score “Business acumen” 18 points lower than the comparison figure",
        ),
        (
            "How managers rate the trust they meet depends on the HR partner: {size} of the differences.",
            "How managers rate the trust they meet depends on the HR partner",
        ),
    ],
)
def test_what_has_no_place_in_a_title_is_left_out_as_a_whole(sentence, said):
    assert headline(difference(sentence)) == said


def test_what_is_too_long_even_so_is_said_from_its_slots():
    about = {"compared": "Logistics", "dimension": "Open communication"}
    long = (
        "Managers of the department “Logistics” score {size} {higher|lower} than all others do on “Open communication”."
    )
    assert headline(difference(long, about=about)) == "Logistics: 18 points lower on “Open communication”"


def test_a_headline_that_the_notebook_gives_comes_first():
    found = difference("A. {size}.", headline="{Side} give {size} {more|less}", slots={"Side": "Managers"})
    assert headline(found) == "Managers give 18 points less"


def test_nothing_is_cut_within_where_no_form_is_short_enough():
    assert headline(difference("One " * 20 + "{size}.")) == ""


def test_what_nobody_can_tell_is_said_up_to_the_reason():
    found = difference("S", slots={"dimension": "“Trust”"}).model_copy(update={"grade": Grade.CANNOT_TELL})
    assert headline(found) == "We cannot tell the gap on “Trust”, all in all"


def test_a_level_loses_its_precision_and_a_rank_what_is_compared():
    level = Finding(
        id="l", claim=Claim.LEVEL, sentence="58 per cent (give or take 7 points) of promises were kept, of those ended."
    )
    assert headline(level) == "58 % of promises were kept, of those ended"
    names = ["Manager ownership of people work", "Business acumen and HR knowledge"]
    rank = Finding(
        id="r", claim=Claim.RANK, about={"side": "HR partners"}, candidates=names,
        sentence="HR partners score the one question on “Manager ownership of people work” or the one question on "
        "“Business acumen and HR knowledge” lowest of all 10 questions.",
    )  # fmt: skip
    assert headline(rank) == f"HR partners, lowest: “{names[0]}” or “{names[1]}”"
    assert words(headline(rank)) <= MOST_WORDS
