"""A new practice says what must be answered, and a card or a routine is as valid as a full kit."""

import re

import pytest

from helpers.data import InputError
from helpers.playbooks import check_all
from helpers.playbooks.check import refill
from helpers.playbooks.new import new_practice


def answered(root):
    """Answer every question of the template."""
    for path in root.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"ANSWER: [^\"|\n<]+", "Some words ", text), encoding="utf-8", newline="\n")
    refill(root)


@pytest.mark.parametrize("form", ["card", "routine"])
def test_a_small_practice_is_valid_once_its_questions_are_answered(tmp_path, form):
    path = new_practice("coffee-round", tmp_path / "own", form)
    assert path == tmp_path / "own" / "coffee-round" / "playbook.md"
    open_ = [problem.sentence() for problem in check_all(tmp_path / "own")]
    assert len(open_) >= 10 and all("not answered yet" in sentence for sentence in open_)
    answered(tmp_path / "own")
    assert [problem.sentence() for problem in check_all(tmp_path / "own")] == []


def test_a_kit_needs_scripts_and_answers_to_sceptics(tmp_path):
    new_practice("coffee-round", tmp_path, "kit")
    answered(tmp_path)
    found = " ".join(problem.sentence() for problem in check_all(tmp_path))
    assert "has no words to speak" in found and 'has no part "Watch for:"' in found


def test_a_second_practice_joins_the_registry(tmp_path):
    new_practice("coffee-round", tmp_path, "card")
    new_practice("tea-round", tmp_path, "card")
    assert (tmp_path / "evidence.yaml").read_text(encoding="utf-8").count("-none\n") == 2
    answered(tmp_path)
    assert check_all(tmp_path) == []


@pytest.mark.parametrize("id", ["Coffee", "../up", "coffee round", ""])
def test_a_name_that_is_none(tmp_path, id):
    with pytest.raises(InputError, match="small letters, digits and hyphens"):
        new_practice(id, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_practice_that_exists_is_not_overwritten(tmp_path):
    new_practice("coffee-round", tmp_path)
    with pytest.raises(InputError, match="there is such a practice already"):
        new_practice("coffee-round", tmp_path)
