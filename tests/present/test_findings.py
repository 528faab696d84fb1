"""Findings from published rows: differences with their evidence, levels with their precision."""

import math
from types import SimpleNamespace
from typing import ClassVar

import pandas as pd
import pytest
from pydantic import ValidationError

from helpers.present import findings
from helpers.published import Finding


class Codebook:
    dimensions = (
        SimpleNamespace(id="listening", label="Listening {new}", playbook="role-swap"),
        SimpleNamespace(id="trust", label="Trust", playbook=None),
    )
    ends: ClassVar = {"trust": [(1, 7)]}

    @classmethod
    def scale_items(cls, dimension):
        return [SimpleNamespace(low=low, high=high) for low, high in cls.ends.get(dimension, [])]


def gaps(*rows, **how):
    """Findings of rows (estimate, low, high, other columns)."""
    plain = {"respondents": 300, "method": "CR2", "dimension": "listening"}
    frame = [plain | dict(zip(("estimate", "low", "high"), row[:3])) | (row[3] if len(row) > 3 else {}) for row in rows]
    words = {
        "id": "gap-{dimension}",
        "same": "HR partners and managers rate {dimension} alike: any difference is smaller than {smallest}.",
        "unknown": "We cannot tell whether HR partners and managers rate {dimension} differently",
        "smallest": {"listening": 0.2, "trust": 0.2},
        "exhibit": "two-views",
        "playbook": "when lower",
        "group": "all partnerships",
        "caveats": ["In {dimension}."],
    }
    sentence = "HR partners rate {dimension} {size} {higher|lower} than managers do."
    return findings.differences(pd.DataFrame(frame), sentence, Codebook, **words | how)


def gap(estimate, low, high, **row):
    (found,) = gaps((estimate, low, high, row))
    return found


def level(estimate, low, high, sentence="Managers score listening at {value}.", unit="points", **row):
    frame = pd.DataFrame([{"estimate": estimate, "low": low, "high": high, "respondents": 90, **row}])
    words = {"id": "x", "unknown": "We cannot tell how managers score it", "exhibit": "means", "unit": unit}
    return findings.levels(frame, sentence, Codebook, **words)[0]


def test_a_clear_difference_states_size_and_interval():
    finding = gap(0.423, 0.301, 0.545)
    assert finding.sentence == (
        "HR partners rate “Listening {new}” 0.42 points (95 % interval 0.30 to 0.55) higher than managers do."
    )
    assert (finding.id, finding.grade, finding.estimate, finding.n) == ("gap-listening", "strong", 0.42, 300)
    assert (finding.claim, finding.about) == ("difference", {"dimension": "Listening {new}"})
    assert finding.caveats == ["In “Listening {new}”."]
    assert finding.p_value == pytest.approx(1.1e-11, rel=0.1)  # from the interval, where the row has none


def test_a_negative_difference_is_worded_without_minus_signs():
    assert "0.42 points (95 % interval 0.30 to 0.55) lower" in gap(-0.423, -0.545, -0.301).sentence


def test_a_small_difference_is_called_small_and_an_absent_one_absent():
    assert gap(0.1, 0.02, 0.25).sentence.endswith("This is a small difference.")
    assert gap(0.01, -0.1, 0.1).sentence.endswith("any difference is smaller than 0.20 points.")


def test_what_the_data_cannot_tell_is_said_in_words():
    assert gap(0.1, -0.3, 0.5).sentence.endswith("it may lie anywhere from −0.30 to 0.50 points.")
    hidden = gap(pd.NA, pd.NA, pd.NA, respondents=pd.NA, p_value=pd.NA, method=float("nan"))
    assert hidden.sentence.endswith("it would tell of too few people.")
    assert (hidden.estimate, hidden.n, hidden.grade, hidden.p_value) == (None, 0, "cannot tell", None)
    assert hidden.method == ""
    assert gap(None, None, None, note="cannot tell: one HR partner").sentence.endswith(": one HR partner.")


def test_one_of_many_comparisons_is_only_stated_when_it_outlasts_their_number():
    assert gap(0.42, 0.3, 0.54, p_value=0.001).grade == "strong"
    doubtful = gaps((0.42, 0.3, 0.54, {"p_value": 0.03}), (0.01, -0.2, 0.3, {"p_value": 0.9, "dimension": "trust"}))
    assert doubtful[0].grade == "cannot tell"
    assert doubtful[0].sentence.endswith("Among 2 comparisons, chance alone could show one like it.")


def test_rows_that_are_not_told_count_as_compared_and_it_is_said():
    rows = [(0.1 * at, 0.1 * at - 0.05, 0.1 * at + 0.05, {"respondents": at}) for at in range(1, 6)]
    told = gaps(*rows, most=2)
    assert [finding.n for finding in told] == [5, 4]
    assert {finding.compared for finding in told} == {5}
    assert "2 of 5 compared are told here; all stand in the exhibit." in told[0].caveats
    assert [len(finding.evidence.others) for finding in told] == [3, 0]


def test_what_differs_is_told_before_what_is_only_wide():
    sure, wide = (0.3, 0.2, 0.4, {"p_value": 1e-6}), (0.9, -0.4, 2.2, {"p_value": 0.2, "dimension": "trust"})
    assert [finding.id for finding in gaps(wide, sure, most=1)] == ["gap-listening"]
    assert [finding.id for finding in gaps(sure, wide, most=1)] == ["gap-listening"]
    unsure = (0.3, -0.2, 0.8, {"p_value": 0.3})
    assert [finding.id for finding in gaps(unsure, wide, most=1)] == ["gap-trust"]


def test_a_hidden_row_gives_no_p_value():
    hidden = (pd.NA, pd.NA, pd.NA, {"p_value": pd.NA, "dimension": "trust"})
    told = gaps((0.42, 0.3, 0.54), hidden, most=1)
    assert (told[0].compared, told[0].evidence.others) == (1, [])
    assert told[0].caveats == ["In “Listening {new}”."]


def test_an_effect_that_is_printed_as_zero_is_no_finding():
    assert gaps((0.001, 0.0, 0.004)) == []
    assert len(gaps((0.001, -0.01, 0.004))) == 1


def test_few_answers_are_told_by_one_decimal_and_their_p_value_by_one_digit():
    few = gap(0.42, 0.31, 0.54, p_value=0.00234, few_answers=True)
    assert (few.estimate, few.low, few.p_value) == (0.4, 0.3, 0.002)


def test_a_level_has_no_grade_and_says_how_far_off_it_may_be():
    found = level(3.4, 3.3, 3.5)
    assert found.sentence == "Managers score listening at 3.40 points (give or take 0.10 points)."
    assert (found.claim, found.grade, found.precision, found.evidence) == (
        "level", None, "give or take 0.10 points", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "unit", "words"),
    [
        ((75, 72, 78), "per cent", "75 per cent (give or take 3 points)"),
        ((75.4, 72.4, 77.6), "per cent", "75 per cent (give or take 3 points)"),
        ((90, 60, 97), "per cent", "90 per cent (between 60 and 97)"),
        ((3.4, 3.4, 3.4), "days", "3 days (give or take less than 1 day)"),
        ((-0.1, -0.3, 0.1), "", "−0.10 (give or take 0.20)"),
        ((20, 4, 36), "points of 100", "20 points of 100 (give or take 16 points)"),
    ],
)
def test_precision_in_words(numbers, unit, words):
    assert level(*numbers, "{value}.", unit=unit).sentence == f"{words}."


def test_however_wide_its_interval_a_level_is_told():
    assert level(47, 2, 98, "{value}.", "per cent").sentence == "47 per cent (between 2 and 98)."


def test_an_interval_with_an_open_end_is_not_stated():
    finding = level(3.4, 3.1, math.nan, note="cannot tell: too few hires")
    assert finding.sentence == "We cannot tell how managers score it: too few hires."
    assert finding.grade is None


def test_sides_and_other_columns_are_written_into_the_sentence():
    told = level(3.4, 3.3, 3.5, "{Side} of {wave}: {side} say {value}.", side="manager", wave="2026 {value}")
    assert told.sentence.startswith("Managers of 2026 {value}: managers say 3.40 points")
    assert told.about == {"side": "Managers"}


def test_a_caveat_that_names_a_missing_value_is_left_out():
    frame = pd.DataFrame([{"estimate": 3.0, "low": 2.9, "high": 3.1, "respondents": 90, "ratio": None}])
    words = {"id": "x", "unknown": "", "exhibit": "means"}
    caveats = ["As a ratio: {ratio}.", "An association."]
    assert findings.levels(frame, "{value}", Codebook, caveats=caveats, **words)[0].caveats == ["An association."]
    known = findings.levels(frame.assign(ratio="2.8"), "{value}", Codebook, caveats=caveats, **words)
    assert known[0].caveats == ["As a ratio: 2.8.", "An association."]


@pytest.mark.parametrize(("unit", "printed"), [("per cent", "3"), ("days", "3"), ("points", "3.40")])
def test_decimals_follow_the_unit(unit, printed):
    assert level(3.4, 3.4, 3.4, "{value}.", unit).sentence.startswith(f"{printed} {unit} ")


def test_a_playbook_is_named_for_what_is_lower_only_where_the_finding_says_so():
    assert gap(-0.4, -0.5, -0.3).playbook == "role-swap"
    assert gap(0.4, 0.3, 0.5).playbook is None


def test_a_row_that_names_its_playbook_goes_before_its_dimension():
    assert gap(-0.4, -0.5, -0.3, playbook="customer-call-shadowing").playbook == "customer-call-shadowing"


@pytest.mark.parametrize(
    ("sign", "leads", "named", "naming"),
    [
        (1, {"above": "open-door", "below": findings.NOTHING_TO_DO}, "open-door", "when different"),
        (-1, {"above": "open-door", "below": findings.NOTHING_TO_DO}, None, "nothing to do"),
        (1, {"above": "{playbook}", "below": "survey-round"}, "customer-call-shadowing", "when different"),
        (-1, {"above": "{playbook}", "below": "survey-round"}, "survey-round", "when different"),
    ],
)
def test_a_difference_leads_to_the_practice_of_its_direction_or_to_nothing(sign, leads, named, naming):
    row = {"playbook": "customer-call-shadowing"}
    ends = sorted((sign * 0.3, sign * 0.5))
    (found,) = gaps((sign * 0.4, *ends, row), playbook=leads)
    assert (found.playbook, found.evidence.naming) == (named, naming)
    (unsure,) = gaps((sign * 0.4, -1.0, 1.0, row), playbook=leads)
    assert unsure.playbook is None


@pytest.mark.parametrize(
    ("ends", "named"), [((52, 60), "employee-voice"), ((45, 60), None), ((50, 60), None), ((20, 40), None)]
)
def test_a_level_leads_to_a_practice_only_where_its_whole_interval_lies_beyond_the_limit(ends, named):
    frame = pd.DataFrame([{"estimate": sum(ends) / 2, "low": ends[0], "high": ends[1], "respondents": 90}])
    leads = {"above": "employee-voice", "below": findings.NOTHING_TO_DO}
    words = {"id": "x", "unknown": "We cannot tell", "exhibit": "shares", "unit": "per cent"}
    (found,) = findings.levels(frame, "{value}.", Codebook, playbook=leads, limit=50, **words)
    assert found.playbook == named


def test_the_contract_holds_evidence_and_precision_apart():
    level(3.4, 3.3, 3.5).model_validate({"id": "x", "claim": "level", "sentence": "s"})
    for facts in ({"grade": "strong"}, {"claim": "level", "grade": "strong"}, {}):
        with pytest.raises(ValidationError, match="a difference has a grade and its evidence"):
            Finding(id="x", sentence="s", **facts)


def test_without_a_lot_the_evidence_of_a_practice_is_weak_at_most():
    by_lot, chosen = (gap(0.8, 0.6, 1.0, p_value=1e-6, association=association) for association in (False, True))
    assert (by_lot.grade, chosen.grade) == ("strong", "weak")
    assert by_lot.sentence == chosen.sentence  # nor does it become a small difference


def ranked(lowest, estimates=(2.0, 2.1, 3.0, 4.0, 4.2), **how):
    names = ["trust", "listening", "c", "d", "e"]
    rows = {"dimension": names, "estimate": estimates, "low": 1.0, "high": 5.0, "respondents": 40, "side": "hr"}
    frame = pd.DataFrame(rows).assign(**{"lowest": [name in lowest for name in names]} | how.pop("columns", {}))
    words = {"id": "lowest-{side}", "unknown": "Which dimension {side} score lowest cannot be told", "exhibit": "means"}
    sentence = "{Side} score {these} lowest of all {of}."
    return findings.ranks(frame, sentence, Codebook, place="lowest", **words, **how)


@pytest.mark.parametrize(
    ("lowest", "these"),
    [
        ({"trust"}, "“Trust”"),
        ({"trust", "listening"}, "“Trust” or “Listening {new}”"),
        ({"trust", "listening", "c"}, "“Trust”, “Listening {new}” or “c”"),
    ],
)
def test_all_that_could_be_lowest_are_named_the_lowest_first(lowest, these):
    (found,), said = ranked(lowest)
    assert found.sentence == f"HR partners score {these} lowest of all 5 dimensions."
    assert (found.claim, found.grade, found.id, said) == ("rank", None, "lowest-hr", [])
    assert (found.estimate, len(found.candidates)) == (2.0 if len(lowest) == 1 else None, len(lowest))


def test_nothing_is_called_lowest_where_many_could_be_or_one_of_them_is_hidden():
    assert ranked({"trust", "listening", "c", "d"}) == (
        [], ["Which dimension HR partners score lowest cannot be told: any of 4 of the 5 could be it."],
    )  # fmt: skip
    hidden = (None, 2.1, 3.0, 4.0, 4.2)
    assert ranked({"trust"}, hidden)[0] == []
    three = {"dimension": list("cdecd"), "side": list("aaabb")}
    assert ranked(set("cde"), columns=three | {"lowest": True}) == (
        [],
        [
            f"Which dimension {side} score lowest cannot be told: any of the {of} could be it."
            for side, of in ("a3", "b2")
        ],
    )
    assert ranked({"listening"}, hidden, columns={"lowest": [None, True, False, False, False]})[0] == []


@pytest.mark.parametrize(
    ("single", "said"),
    [
        ([True] * 5, "the one question on “Trust” or the one question on “Listening {new}” lowest of all 5 questions."),
        (
            [True, False, False, True, False],
            "the one question on “Trust” or “Listening {new}” lowest of all 5 dimensions and questions.",
        ),
    ],
)
def test_one_question_is_called_a_question(single, said):
    (found,), _ = ranked({"trust", "listening"}, columns={findings.ONE_QUESTION: single})
    assert found.sentence == f"HR partners score {said}"
    assert "rate the one question on “Listening {new}” 0.42" in gap(0.42, 0.3, 0.54, one_question=True).sentence


def test_points_of_a_dimension_name_its_answer_scale():
    points = {"smallest": (0.2, "points"), "most": None}
    (of_trust,) = gaps((0.423, 0.301, 0.545, {"dimension": "trust"}), **points)
    assert "0.42 points on the 1–7 scale (95 % interval 0.30 to 0.55) higher" in of_trust.sentence
    (hundred,) = gaps((4.0, 3.0, 5.0, {"dimension": "trust"}), smallest=(1, "points of 100"))
    assert "4 points of 100 (" in hundred.sentence


def test_what_is_not_told_apart_is_chosen_by_its_p_value():
    wide, sure = (0.9, -0.6, 2.4, {"p_value": 0.3}), (0.3, -0.1, 0.7, {"p_value": 0.2, "dimension": "trust"})
    assert [finding.id for finding in gaps(wide, sure, most=1)] == ["gap-trust"]


def test_a_playbook_is_named_for_the_one_that_is_lowest_where_it_is_low():
    lowest = (2.0, 1.9, 3.0, 4.0, 4.2)

    def named(score, who=("listening",)):
        return ranked(set(who), lowest, columns={"score_100": score}, playbook="when low")[0][0].playbook

    assert (named(40.0), named(74.9), named(75.0), named(90.0)) == ("role-swap", "role-swap", None, None)
    assert named(40.0, ("listening", "c")) is None
    assert ranked({"listening"}, lowest, columns={"score_100": 40.0})[0][0].playbook is None


def test_ranks_are_told_for_each_side_and_not_of_one_item():
    rows = pd.DataFrame({
        "side": ["hr", "hr", "manager"], "dimension": ["trust", "listening", "trust"], "estimate": [1.0, 2.0, 3.0],
        "low": 0.5, "high": 3.5, "respondents": 40, "highest": [False, True, True],
    })  # fmt: skip
    words = {"id": "x-{side}", "unknown": "?", "exhibit": "means", "place": "highest"}
    found, said = findings.ranks(rows, "{Side}: {these}.", Codebook, **words)
    assert ([one.sentence for one in found], said) == (["HR partners: “Listening {new}”."], [])


def test_a_gap_of_sides_on_one_question_is_moderate_at_most():
    assert gap(0.423, 0.301, 0.545).grade == "strong"
    one_side = gap(0.423, 0.301, 0.545, **{findings.ONE_QUESTION: True})
    assert one_side.grade == "strong", "what one side says needs no second to mean the same"
    between = gap(0.423, 0.301, 0.545, **{findings.ONE_QUESTION: True, findings.GAP_UNTESTED: True})
    assert between.grade == "moderate"
    assert (between.estimate, between.low, between.high) == (one_side.estimate, one_side.low, one_side.high)
    weak = gap(0.15, 0.05, 0.25, **{findings.ONE_QUESTION: True, findings.GAP_UNTESTED: True})
    assert weak.grade == gap(0.15, 0.05, 0.25).grade, "nothing is raised"
