"""Nothing published of studies drawn at random tells of fewer than five people; without the plan much would.

The full run, through every chapter on the survey, is ``benchmarks/random_studies.py``. Half of the studies stand in
``test_more_random_studies.py``, so that two processes share the work.
"""

from itertools import combinations

import numpy as np
import pytest
import random_studies
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_no_sum_over_few_people_follows_from_what_is_published(seed):
    assert not random_studies.outcome(seed, chapters=()).few


@pytest.mark.slow
def test_every_chapter_on_the_survey_passes_the_same_gate():
    found = random_studies.outcome(1_000)
    assert found.exhibits > 20
    assert not found.few


@given(st.lists(st.frozensets(st.sampled_from("abcdefghij"), min_size=1), min_size=1, max_size=5))
def test_the_attack_finds_what_trying_every_set_finds(groups):
    published = [frozenset((person,) for person in group) for group in groups]
    people = sorted(frozenset().union(*published))
    matrix = np.array([[person in group for person in people] for group in published], dtype=float)
    smallest: list[frozenset] = []
    for number in range(1, random_studies.MINIMUM):
        for chosen in combinations(people, number):
            indicator = [person in chosen for person in people]
            follows = np.linalg.matrix_rank(np.vstack([matrix, indicator])) == np.linalg.matrix_rank(matrix)
            if follows and not any(one <= frozenset(chosen) for one in smallest):
                smallest.append(frozenset(chosen))
    found = random_studies.singled_out(published)
    assert {one for one in found if not any(other < one for other in found)} == set(smallest)
