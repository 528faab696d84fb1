"""Each form has its limits, and what goes beyond them is said: as an error, or as a warning with its reason."""

import re

import pytest
from broken_playbooks import change
from test_new_practice import answered

from helpers.playbooks import check_all, evidence, load
from helpers.playbooks.kit.pages import guide
from helpers.playbooks.limits import card_words, guide_words, most_sides
from helpers.playbooks.new import new_practice
from helpers.playbooks.session import Session


def sentences(root):
    return [f"{one.severity}: {one.sentence()}" for one in check_all(root)]


@pytest.fixture
def made(tmp_path):
    """Return a function that writes an answered practice of a form, with a line of its head changed."""

    def written(form, old="", new=""):
        path = new_practice("coffee-round", tmp_path / form, form)
        answered(tmp_path / form)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
        return tmp_path / form

    return written


def test_a_card_has_at_most_350_words(made):
    root = made("card", "## Steps\n", "## Steps\n\n" + "Go on. " * 180)
    assert re.search(r"error: the card has \d+ words; expected at most 350", " ".join(sentences(root)))


def test_a_line_to_write_on_is_no_word(made):
    card = made("card") / "coffee-round"
    words = card_words(load(card))
    change(card / "playbook.md", "## Steps\n", "## Steps\n\n" + "Day 0: ____ " * 10)
    assert card_words(load(card)) == words + 20


def test_a_routine_fits_on_two_pages_and_starts_in_twenty_minutes(made):
    root = made("routine", "## How it works\n", "## How it works\n\n" + "Go on. " * 450)
    assert "words on its two pages; expected at most 900" in " ".join(sentences(root))


def test_a_routine_that_takes_longer_to_start(made):
    root = made(
        "routine", "minutes: 2, lead: facilitator, kind: reserve", "minutes: 3, lead: facilitator, kind: reserve"
    )
    path = root / "coffee-round" / "playbook.md"
    path.write_text(path.read_text(encoding="utf-8").replace("duration_min: 20", "duration_min: 21"), encoding="utf-8")
    assert "has 21 minutes to start; expected at most 20" in " ".join(sentences(root))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kinds: 16", "kinds: 15", '"Full day" has 16 kinds of sheet; expected at most 15'),
        ("words: 7500", "words: 7000", "words in its guide; expected at most 7,000"),
        ("fields: 11", "fields: 10", "the practice has 11 captured fields; expected at most 10"),
        ("sides: 15", "sides: 14", '"Full day" has 15 sides a person; expected at most 14'),
        ("beyond: {words", "beyond: {minutes: 3, words", "minutes"),
    ],
)
def test_nothing_grows_beyond_what_the_head_admits(root, old, new, said):
    change(root / "role-swap" / "playbook.md", old, new)
    try:
        found = " ".join(one for one in sentences(root) if one.startswith("error"))
    except Exception as error:  # a key that is none
        found = str(error)
    assert said in found


def test_what_is_within_its_limit_is_not_beyond_it(made):
    root = made("card", "reviewed:\n", 'beyond: {words: 400, why: "Long"}\nreviewed:\n')
    assert 'error: beyond names "words", which is within its limit. Take it out of beyond.' in sentences(root)


def test_words_of_a_guide_are_those_that_are_printed(root):
    book = load(root / "role-swap")
    edition = book.front.edition("room")
    session = Session(book, edition, evidence.load(root), 12, 540, "a4", "draft")

    def words(part):
        if isinstance(part, dict):
            return sum(words(value) for key, value in part.items() if key not in ("kind", "mark", "fill"))
        if isinstance(part, list):
            return sum(map(words, part))
        return len(re.findall(r"\w[\w'’-]*", part)) if isinstance(part, str) else 0

    assert guide_words(book, edition) == pytest.approx(words(guide(session)), rel=0.1)


def test_sides_are_counted_for_the_number_of_people_that_needs_most(root):
    book = load(root / "role-swap")
    registry = evidence.load(root)
    edition = book.front.edition("full-day")
    sides = {n: Session(book, edition, registry, n, 540, "a4", "draft").sides / n for n in (2, 12, 24)}
    assert most_sides(book, edition, registry) == pytest.approx(max(sides.values()), abs=0.05)
