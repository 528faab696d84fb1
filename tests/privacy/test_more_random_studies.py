"""More studies drawn at random, and the same attack where the plan is switched off; see ``test_random_studies.py``."""

import pytest
import random_studies


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 60))
def test_no_sum_over_few_people_follows_from_what_is_published(seed):
    assert not random_studies.outcome(seed, chapters=()).few


@pytest.mark.slow
def test_the_attack_succeeds_where_the_plan_is_switched_off():
    leaking = [seed for seed in range(12) if random_studies.outcome(seed, merged=False, chapters=()).few]
    assert len(leaking) >= 3
