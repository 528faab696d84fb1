"""Every question: what counts as favourable, with interval and change, by group; and net scores of recommending."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.analysis.survey import questions
from helpers.data import Codebook
from helpers.data.settings import Benchmark


def codebook(points=(1, 5), recommend="", **further):
    low, high = points
    return Codebook.model_validate(
        {
            "instrument": {"name": "Own"},
            "responses": {
                "scale": {"type": "rating", "low": low, "high": high},
                "eleven": {"type": "rating", "low": 0, "high": 10},
            },
            "dimensions": [{"id": "trust"}],
            "items": [
                {"id": "q1", "dimension": "trust", "response": "scale", "text": "HR keeps its word."},
                {"id": "q2", "dimension": "trust", "response": "scale", "text": "I chase HR.", "reverse": True},
                {"id": "again", "role": "outcome", "response": "eleven", "text": "Recommend?", "recommend": recommend},
            ],
        }
        | further
    )


def answers(q1, q2=None, again=None, **given):
    people = np.arange(len(q1))
    frame = pd.DataFrame({"q1": q1, "q2": q2 if q2 is not None else q1, "again": again}, dtype=float)
    return frame.assign(
        respondent_id=[f"p{one}" for one in people], cluster_id=people, side="manager", wave="2026", **given
    )


def test_shares_add_up_and_the_interval_is_wilsons_where_nobody_is_in_a_cluster():
    found = questions.shares(answers([5] * 30 + [3] * 50 + [1] * 20), codebook(), "manager").set_index("item")
    first = found.loc["q1"]
    assert first[["favourable", "neutral", "unfavourable"]].tolist() == pytest.approx([30, 50, 20])
    wilson = proportion_confint(30, 100, method="wilson")  # with the normal quantile: t of 99 is hardly wider
    assert first[["favourable_low", "favourable_high"]].tolist() == pytest.approx(
        [100 * one for one in wilson], abs=0.4
    )
    assert found.loc["q2", "favourable"] == pytest.approx(20)  # reverse-scored


def test_ranks_say_which_question_could_be_the_most_favourable():
    high, low = [5] * 60 + [4] * 30 + [2] * 10, [5] * 60 + [2] * 10 + [1] * 30
    found = questions.shares(answers(high, low), codebook(), "manager")
    assert found["item"].tolist() == ["q1", "q2"]
    assert found["highest"].tolist() == [True, False] and found["lowest"].tolist() == [False, True]
    alike = questions.shares(answers([5, 1] * 50, [1, 5] * 50), codebook(), "manager")
    assert alike["highest"].all() and alike["lowest"].all()  # a tie: it could be either


@pytest.mark.parametrize(
    ("points", "favourable", "unfavourable"),
    [((1, 4), 3, 2), ((1, 5), 4, 2), ((1, 6), 5, 2), ((1, 7), 6, 2), ((1, 10), 7, 4), ((0, 10), 7, 3)],
)
def test_what_counts_as_favourable_follows_the_points_as_the_page_on_codebooks_says(points, favourable, unfavourable):
    item = codebook(points).item("q1")
    assert (item.favourable_from, item.unfavourable_to) == (favourable, unfavourable)
    said = questions.rule(answers([1]), codebook(points))
    assert (
        f"from {points[0]} to {points[1]}: favourable {favourable} or more, unfavourable {unfavourable} or less" in said
    )


def test_change_is_that_of_everybody_who_answered_either_wave():
    before = answers([5] * 20 + [1] * 30).assign(wave="2025")
    now = answers([5] * 30 + [1] * 20)
    found = questions.shares(now, codebook(), "manager", before=before).set_index("item").loc["q1"]
    assert found["change"] == pytest.approx(20, abs=0.1) and found["change_low"] < 20 < found["change_high"]
    few = questions.shares(now, codebook(), "manager", before=before[:29])
    assert few["change"].isna().all()  # of fewer than 30 people the change of one question is not told


@pytest.mark.parametrize("people", [20, 300])
def test_a_question_that_few_left_out_is_not_told(people):
    # Two left the second question out: beside the dimension, its share would tell of these two.
    given = answers([5, 4, 2] * people, [4, 2, 1] * (people - 1) + [4, None, None])
    found = questions.shares(given, codebook(), "manager", minimum=5).set_index("item")
    assert found.loc["q2", "note"].startswith("cannot tell: beside the score of its dimension")
    assert found["favourable"].notna().tolist() == [True, False]
    assert questions.shares(given, codebook(), "manager", minimum=2)["favourable"].notna().all()


def test_a_question_everybody_answered_alike_is_not_told():
    found = questions.shares(answers([5] * 40, [1, 5] * 20), codebook(), "manager").set_index("item")
    assert np.isnan(found.loc["q1", "favourable"]) and "alike" in found.loc["q1", "note"]


def test_groups_stand_in_the_order_of_the_questions_of_all():
    frame = answers([5, 1] * 30, [1, 5] * 30, department=["Sales", "Plant", "Sales"] * 20)
    found = questions.of_groups(frame, codebook(), "manager", "department", ["q2", "q1"])
    assert found[["item", "department"]].to_numpy().tolist() == [
        ["q2", "Plant"], ["q2", "Sales"], ["q1", "Plant"], ["q1", "Sales"]
    ]  # fmt: skip
    assert found["respondents"].tolist() == [20, 40] * 2
    assert questions.of_groups(frame, codebook(), "manager", "", ["q1"]).empty


def test_a_net_score_is_promoters_less_detractors():
    told = [10] * 30 + [9] * 10 + [8] * 30 + [3] * 20 + [0] * 10
    found = questions.recommended(answers([1, 5] * 50, again=told), codebook(recommend="eNPS"), "manager").iloc[0]
    assert found["label"] == "eNPS" and found["net"] == pytest.approx(40 - 30)
    assert found[["favourable", "neutral", "unfavourable"]].tolist() == pytest.approx([40, 30, 30])
    spread = np.std([100] * 40 + [0] * 30 + [-100] * 30, ddof=1) / 10
    assert found["net_high"] - found["net_low"] == pytest.approx(2 * 1.984 * spread, rel=0.01)


def test_a_net_score_has_its_change_and_the_studys_own_comparison():
    book, own = codebook(recommend="eNPS"), [Benchmark(measure="again", value=12, unit="net score", source="Panel")]
    before = answers([1, 5] * 20, again=[10] * 10 + [0] * 30).assign(wave="2025")
    now = answers([1, 5] * 20, again=[10] * 30 + [0] * 10)
    found = questions.recommended(now, book, "manager", before).pipe(questions.with_benchmarks, own, "net").iloc[0]
    assert found["change"] == pytest.approx(100, abs=0.1) and found["benchmark"] == 12


def test_without_such_a_question_there_is_no_net_score():
    assert questions.recommended(answers([1, 5], again=[9, 10]), codebook(), "manager").empty
