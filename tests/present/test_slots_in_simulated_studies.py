"""Every slot of every sentence fits its numbers in sixty simulated studies, half of them with planted effects.

Each runs one chapter in this process; five chapters take turns.
"""

import itertools
from collections import Counter
from functools import cache

import chance
import chance_studies
import in_process
import pytest
from present import slots

from helpers.published import Claim, Grade

pytestmark = pytest.mark.slow
STUDIES = 60


@cache
def told(number, place):
    """What the chapter whose turn it is tells of a study."""
    effects = chance.PLANTED if number % 2 else None
    folder = place / str(number)
    drawn = chance_studies.draw(50_000 + number, folder, effects, partners=(8, 24), loading=0.8, openings=60)
    return list(in_process.chapters(drawn.folder, [chance.CHAPTERS[number % len(chance.CHAPTERS)]]).values())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("studies")


@pytest.mark.parametrize("number", range(STUDIES))
def test_every_slot_fits_its_numbers(number, place):
    chapters = told(number, place)
    for chapter, check in itertools.product(chapters, slots.CHECKS):
        check(chapter.findings, chapter.exhibits)


def test_sentences_of_every_claim_and_grade_were_checked(place):
    findings = [found for number in range(STUDIES) for chapter in told(number, place) for found in chapter.findings]
    grades = Counter(found.grade for found in findings if found.grade)
    assert {found.claim for found in findings} == set(Claim)
    assert set(grades) >= set(Grade) - {Grade.WEAK} and sum(grades.values()) > 200
