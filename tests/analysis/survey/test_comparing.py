"""Dimensions are ranked and compared where their questions go together, and one question is called a question."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.survey import comparing, scales
from helpers.analysis.survey.comparing import LOW, UNKNOWN, UNSURE, Comparing
from helpers.data.codebook import Codebook

ITEMS = {"sure": 4, "chance": 4, "unsure": 3, "one": 1}
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Made up"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": name, "label": name.capitalize()} for name in ITEMS],
        "items": [
            {
                "id": f"{name}{at}",
                "dimension": name,
                "response": "agreement",
                "text": "So it is.",
                "short_form": at == 0,
            }
            for name, count in ITEMS.items()
            for at in range(count)
        ],
    }
)


def answers(seed=3, people=80, clusters=80, side="manager"):
    """Answers to four questions that go together, four drawn at random, three of 6 clusters, and one alone."""
    random = np.random.default_rng(seed)
    common = random.normal(size=people)
    found = {
        f"{name}{at}": 3 + (common if name != "chance" else 0) + {"sure": 0.7, "unsure": 0.9}.get(name, 1) * noise
        for name, count in ITEMS.items()
        for at, noise in enumerate(random.normal(size=(count, people)))
    }
    frame = pd.DataFrame(found).round().clip(1, 5).assign(side=side, wave="now", respondent_id=range(people))
    return frame.assign(cluster_id=frame["respondent_id"] % clusters)


def test_questions_drawn_at_random_are_neither_ranked_nor_compared():
    found = Comparing.of(answers(), BOOK)
    assert found.why_not("sure", ["manager"]) == "" and found.why_not("chance", ["manager"]) == LOW
    assert found.is_question("one", ["manager"]) and not found.is_question("sure", ["manager"])
    assert found.why_not("one", ["manager"]) == "", "a question is compared as one"


@pytest.mark.parametrize(
    ("people", "name", "testable"), [(80, "sure", False), (120, "sure", True), (120, "one", False)]
)
def test_sides_of_a_hundred_with_three_questions_can_be_tested_for_meaning_the_same(people, name, testable):
    both = pd.concat([answers(people=120), answers(seed=4, people=people, side="hr")])
    found = Comparing.of(both, BOOK)
    assert found.is_testable(name, ["manager", "hr"]) == testable
    assert not found.is_testable(scales.ALL_DIMENSIONS, ["manager", "hr"]), "of some of them nothing can be tested"


def test_chance_dimensions_pass_seldom():
    passed = [Comparing.of(answers(seed), BOOK).why_not("chance", ["manager"]) == "" for seed in range(20)]
    assert not any(passed)


def test_the_lower_end_of_the_interval_counts_too():
    few = answers(seed=5, people=30, clusters=3)
    alpha = (
        scales.reliability(few, BOOK, "manager").query("coefficient == 'alpha'").set_index("dimension").loc["unsure"]
    )
    assert alpha["estimate"] > comparing.LEAST and alpha["low"] <= comparing.LEAST_LOW
    assert Comparing.of(few, BOOK).why_not("unsure", ["manager"]) == UNSURE


def test_what_is_compared_on_the_form_of_all_is_judged_on_it():
    both = pd.concat([answers(), answers(4, side="hr")], ignore_index=True)
    found = Comparing.of(both, BOOK, short_form=True)
    assert all(found.is_question(name, ["manager", "hr"]) for name in ITEMS)
    assert found.why_not(scales.ALL_DIMENSIONS, ["manager"]) == "", "ten questions of one thing go together"
    assert not Comparing.of(both, BOOK).is_question("sure", ["manager", "hr"])


def test_edges():
    nobody = Comparing.of(answers()[:0], BOOK)
    assert nobody.why_not("sure", ["manager"]) == "" and not nobody.is_question("one", [])
    alike = answers().assign(**{f"sure{at}": 4.0 for at in range(4)})
    assert Comparing.of(alike, BOOK).why_not("sure", ["manager"]) == UNKNOWN
    assert Comparing.of(answers()[:1], BOOK).why_not("sure", ["manager"]) == UNKNOWN


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, ""),
        ({LOW: ["“A”", "“B”", "“C”"]}, "Not ranked, nor compared: “A”, “B” and “C” (reliability below 0.60)."),
        (
            {LOW: ["“A”"], UNKNOWN: ["“B”"]},
            "Not ranked, nor compared: “A” (reliability below 0.60); “B” (reliability that cannot be told).",
        ),
    ],
)
def test_the_reason_stands_in_the_sentence(named, said):
    assert comparing.sentence(named) == said
