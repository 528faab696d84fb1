"""How exactly exhibits are told: numbers in bands, rates, and questions that few people answered."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods.people import People
from helpers.analysis.survey import answer_quality, participation, scales
from helpers.columns import count, described, number, percent, roles, share
from helpers.data import Codebook
from helpers.present.show import Show
from helpers.privacy import protect
from helpers.privacy.distributions import Scale, interval_of
from helpers.privacy.participation import Participation
from helpers.privacy.precision import FEW, Precision
from helpers.published import Exhibit
from helpers.reporting import manifest

TRUST = Scale(1, 5, 4)


def roster(sizes: dict[str, tuple[int, int]], wave: str = "2026") -> pd.DataFrame:
    """Invite people side by side: how many, and how many of them answered."""
    rows = [
        {"person_id": f"{side}{at}", "wave": wave, "side": side, "responded": at < answered}
        for side, (invited, answered) in sizes.items()
        for at in range(invited)
    ]
    return pd.DataFrame(rows)


def precision(
    people: pd.DataFrame | None = None,
    questions: dict | None = None,
    short_form: dict | None = None,
    longer: frozenset = frozenset(),
) -> Precision:
    sides = {} if people is None else dict(zip(people["person_id"], people["side"], strict=True))
    return Precision(Participation.of(people, [], 5), sides, questions or {}, short_form or {}, longer, [], 0.95)


# numbers of people ---------------------------------------------------------------------------------------------------


def test_every_number_of_people_in_a_row_stands_in_its_band():
    told = precision(roster({"hr": (40, 22), "manager": (200, 120)}))
    frame = pd.DataFrame({"side": ["hr", "manager"], "respondents": [22, 120], "clusters": [12, 30], "items": [3, 3]})
    found = told.applied(frame, {})
    assert found["respondents"].tolist() == ["20–29", 120]
    assert found["clusters"].tolist() == ["10–19", 30]
    assert found["items"].tolist() == [3, 3]


def test_numbers_of_people_that_were_made_fractions_by_a_missing_one_stand_in_their_band_too():
    told = precision(roster({"hr": (40, 22), "manager": (200, 120)}))
    frame = pd.DataFrame({"side": ["hr", "manager"], "respondents": [22.0, 120.0], "rated": [np.nan, 22.0]})
    frame["answered"] = [100.0, 50.0]  # a share in per cent
    found = told.applied(frame, {})
    assert found["respondents"].tolist() == ["20–29", 120]
    assert found["answered"].tolist() == [100.0, 50.0]
    assert found["rated"].tolist()[1] == "20–29"


def test_both_sides_of_a_pair_are_told_as_their_own_side():
    told = precision(roster({"hr": (36, 34), "manager": (200, 120)}))
    frame = pd.DataFrame({"respondents": [150], "respondents_hr": [34], "respondents_manager": [110]})
    found = told.applied(frame, {}).iloc[0]
    # 150 less 110 managers would be more exact than the 34 HR partners may be
    assert found[["respondents", "respondents_hr", "respondents_manager"]].tolist() == [
        "100 or more",
        "30 or more",
        110,
    ]


def test_a_published_table_can_be_published_once_more():
    told = precision(roster({"hr": (40, 22)}))
    frame = pd.DataFrame({"side": ["hr"], "respondents": [22], "estimate": [3.2]})
    once = told.applied(frame, {})
    assert once["respondents"].tolist() == ["20–29"]
    pd.testing.assert_frame_equal(told.applied(told.restored(once), {}), once)
    assert told.restored(once)["respondents"].tolist() == [22]
    assert roles(once) == (["side"], [], []) and roles(frame)[0] == ["side"]  # what is kept beside it divides nobody


def test_a_band_is_the_published_value_in_every_file(tmp_path):
    column = count("Respondents").named("respondents")
    exhibit = Exhibit(
        kind="table", notebook="survey", id="means", title="Means", columns=[column], rows=[["10–19"], [41]],
        texts=[["10–19"], ["41"]],
    )  # fmt: skip
    manifest.write_table(exhibit, tmp_path)
    with (tmp_path / manifest.table_name(exhibit)).open(encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["Respondents", "10–19", "41"]


# who answered --------------------------------------------------------------------------------------------------------


def rates(people: pd.DataFrame) -> pd.DataFrame:
    found = participation.response_rates(people, by=["side", "wave"])
    return precision(people).applied(found, {})


def test_a_rate_is_told_where_enough_answered_and_enough_did_not():
    found = rates(roster({"hr": (36, 33), "manager": (60, 40), "employee": (50, 45)})).set_index("side")
    assert found["estimate"].tolist() == ["most", pytest.approx(200 / 3), 90]
    assert found.loc["hr", ["low", "high"]].isna().all() and found.loc["hr", "respondents"] == "30 or more"
    assert found.loc["manager", ["low", "high"]].notna().all()
    assert found.loc["hr", "invited"] == 36  # which colleagues know anyhow


def test_that_all_answered_is_told_like_that_nearly_all_did():
    people = roster({"hr": (20, 20), "manager": (20, 17)})
    found = participation.response_rates(people, by=["side"])
    assert (protect(found, minimum=5).reasons == "").all()  # it is nobody's answer
    assert rates(people)["estimate"].tolist() == ["most", "most"]


def test_nobody_of_a_group_answering_is_no_rate_either():
    assert rates(roster({"hr": (12, 0)}))["estimate"].tolist() == ["not told"]


def test_an_item_that_few_left_out_is_told_as_nearly_all():
    frame = pd.DataFrame({"left_out_by": [0, 4, 5], "estimate": [100.0, 90.0, 87.5], "respondents": [40, 40, 40]})
    assert precision().applied(frame, {})["estimate"].tolist() == ["nearly all", "nearly all", 87.5]


def test_who_left_an_item_out_is_counted_as_people_and_not_as_sheets(one_item):
    # one HR partner fills in six sheets and leaves the item out of each
    sheets = pd.DataFrame({"respondent_id": ["h1"] * 6 + ["h2"], "side": "hr", "q1": [np.nan] * 6 + [4.0]})
    sheets = sheets.assign(wave="2026", cluster_id=sheets["respondent_id"])
    assert answer_quality.completeness(sheets, one_item)["left_out_by"].tolist() == [1]


def test_rows_about_a_pair_need_waves_in_which_both_sides_may_be_told():
    people = pd.concat([roster({"hr": (40, 30), "manager": (60, 40)}, "1"),
                        roster({"hr": (40, 38), "manager": (60, 40)}, "2")])  # fmt: skip
    answers = pd.DataFrame({"wave": ["1", "2"]})
    assert precision(people).of_told_waves(answers, ["hr", "manager"])["wave"].tolist() == ["1"]
    assert precision().of_told_waves(answers, ["hr", "manager"])["wave"].tolist() == ["1", "2"]


# answers to one question ---------------------------------------------------------------------------------------------


def described_item(answers: list[int]) -> pd.DataFrame:
    given = pd.Series(answers, dtype=float)
    low, high = interval_of(len(given), given.sum(), (given**2).sum(), 0.95)
    return pd.DataFrame([{
        "side": "hr", "item": "q1", "mean": given.mean(), "low": low, "high": high,
        "favourable": 100 * (given >= 4).mean(), "standard_deviation": given.std(), "floor": 100 * (given == 1).mean(),
        "ceiling": 100 * (given == 5).mean(), "alpha_if_dropped": 0.71, "respondents": len(given),
        "observations": len(given),
    }])  # fmt: skip


def told_of(answers: list[int]) -> pd.Series:
    frame = described_item(answers)
    columns = described(frame, list(frame.columns), {"favourable": percent("Favourable"), "mean": number("Mean")})
    return precision(questions={("q1", "hr"): TRUST}).applied(frame, columns).iloc[0]


TWENTY = [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 2, 3]


def test_of_few_answers_stand_the_mean_one_interval_and_a_rough_share():
    row = told_of(TWENTY)
    assert (row["mean"], row["favourable"]) == (3.5, 55)
    assert row["low"] == round(row["low"], 1) and row["high"] == round(row["high"], 1)
    assert row[["standard_deviation", "floor", "ceiling", "alpha_if_dropped"]].isna().all()
    assert row[FEW]


def test_a_share_that_would_give_all_answers_away_goes():
    row = told_of([5, 5, 5, 4, 1])
    assert row["mean"] == 4.0 and pd.isna(row["favourable"])


def test_a_mean_that_gives_all_answers_away_goes_too():
    assert told_of([5, 5, 5, 5, 4])[["mean", "low", "high", "favourable"]].isna().all()


def test_from_thirty_answers_on_spread_and_ends_are_told_roughly_and_from_a_hundred_exactly():
    some, many = told_of(TWENTY * 2), told_of(TWENTY * 5)
    assert (some["mean"], some["standard_deviation"], some["ceiling"], some["alpha_if_dropped"]) == (3.5, 1.1, 20, 0.71)
    assert many["mean"] == pytest.approx(np.mean(TWENTY)) and many["standard_deviation"] != 1.1
    assert not many.get(FEW, False)


def test_of_few_answers_no_further_share_net_score_or_change_is_told_and_of_some_roughly():
    further = {"neutral": 21.0, "unfavourable": 13.0, "net": 12.0, "net_low": -9.0, "change": 3.0, "change_high": 12.9}

    def told(answers):
        frame = described_item(answers).assign(**further)
        columns = described(frame, list(frame.columns), {"mean": number("Mean")})
        return precision(questions={("q1", "hr"): TRUST}).applied(frame, columns).iloc[0][list(further)]

    assert told(TWENTY).isna().all()
    assert told(TWENTY * 2).tolist() == [20, 15, 10, -10, 5, 15]
    assert told(TWENTY * 5).tolist() == list(further.values())


@pytest.mark.parametrize(("measure", "value", "expected"), [("score", 3.47, 3.5), ("score_100", 61.75, 62.5)])
def test_a_dimension_of_one_item_is_told_as_its_item(measure, value, expected):
    # 61.75 of 100 is 3.47 on the answer scale, told as 3.5, which is 62.5 of 100
    frame = pd.DataFrame({"side": ["hr", "hr"], "dimension": ["trust", "clarity"], "measure": measure,
                          "estimate": value, "low": np.nan, "high": np.nan, "respondents": 20})  # fmt: skip
    found = precision(questions={("trust", "hr"): TRUST}).applied(frame, described(frame, ["estimate"]))
    assert found["estimate"].tolist() == [pytest.approx(expected), value]


def test_rows_about_several_items_or_other_figures_stay_as_they_are():
    frame = pd.DataFrame({"dimension": ["trust"], "estimate": [0.713], "respondents": [12]})
    columns = described(frame, ["estimate"], {"estimate": share("Explained")})
    found = precision(questions={("trust", "hr"): TRUST}).applied(frame, columns)
    assert found["estimate"].tolist() == [0.713] and FEW not in found


# one population for a dimension and its items ------------------------------------------------------------------------


ONE_ITEM = """
instrument: {name: Test, version: "1", status: unvalidated, licence: CC BY 4.0}
responses: {five: {type: rating, low: 1, high: 5, favourable_from: 4}}
dimensions: [{id: trust, label: Trust, description: Each trusts the other.}]
items:
"""


def codebook(tmp_path, items: int) -> Codebook:
    lines = [f"  - {{id: q{at}, dimension: trust, response: five, text: Question {at}.}}" for at in range(1, items + 1)]
    path = tmp_path / "codebook.yaml"
    path.write_text(ONE_ITEM + "\n".join(lines) + "\n", encoding="utf-8")
    return Codebook.load(path)


@pytest.fixture
def one_item(tmp_path):
    return codebook(tmp_path, 1)


@pytest.fixture
def three_items(tmp_path):
    return codebook(tmp_path, 3)


def answers_of(people: int, left_out: dict[int, list[str]]) -> pd.DataFrame:
    drawn = np.random.default_rng(2)
    frame = pd.DataFrame(drawn.integers(1, 6, (people, 3)).astype(float), columns=["q1", "q2", "q3"])
    for person, items in left_out.items():
        frame.loc[person, items] = np.nan
    frame["respondent_id"] = [f"P{at}" for at in range(people)]
    return frame.assign(side="hr", wave="2026", cluster_id=frame["respondent_id"])


def few_determine(frame: pd.DataFrame, shown: list[str]) -> bool:
    """Say whether the means of the dimension and of the items shown combine to a sum over fewer than five people.

    Unknown is every answer; each mean is one linear equation. For each set of one to four of those who differ from the
    others, a combination that vanishes for all others is looked for.
    """
    given = frame[["q1", "q2", "q3"]].notna()
    counted = given.mean(axis=1) >= 0.5
    weights = given.div(given.sum(axis=1), axis=0).mul(counted, axis=0).to_numpy()
    equations = [weights] + [np.where(given.columns == item, given, 0) for item in shown]
    odd = given.ne(counted, axis=0).any(axis=1).to_numpy()
    outside = np.array([equation[~odd].ravel() for equation in equations])
    _, singular, right = np.linalg.svd(outside.T)
    combinations = right[(singular > 1e-9).sum() :]
    inside = np.array([equation[odd].ravel() for equation in equations])
    return 0 < odd.sum() < 5 and bool(np.abs(combinations @ inside).max(initial=0) > 1e-9)


@pytest.mark.parametrize("left_out", [{7: ["q2"]}, {7: ["q2"], 9: ["q3"]}, {3: ["q1", "q2"]}, {1: ["q1"], 2: ["q1"]}])
def test_items_that_few_left_out_say_nothing_beside_their_dimension(three_items, left_out):
    frame = answers_of(40, left_out)
    assert few_determine(frame, ["q1", "q2", "q3"])
    shown = scales.item_analysis(frame, three_items, "hr", minimum=5).dropna(subset="mean")["item"].tolist()
    assert len(shown) < 3 and not few_determine(frame, shown)


@pytest.mark.parametrize("left_out", [{}, {at: ["q2"] for at in range(5)}])
def test_items_that_all_answered_or_enough_left_out_are_described(three_items, left_out):
    found = scales.item_analysis(answers_of(40, left_out), three_items, "hr", minimum=5)
    assert found["mean"].notna().all() and found[["low", "high", "favourable"]].notna().all().all()


def test_every_single_question_is_known_by_its_item_and_its_dimension(one_item, three_items):
    frame = answers_of(6, {})
    assert set(scales.single_questions(frame[["q1", "side"]], one_item)) == {("q1", "hr"), ("trust", "hr")}
    assert set(scales.single_questions(frame, three_items)) == {("q1", "hr"), ("q2", "hr"), ("q3", "hr")}


def test_a_dimension_is_one_question_for_those_alone_who_were_given_the_short_form(three_items):
    """Seven of eight answered all three items, so their scores are no single answers; on the short form they are."""
    short = {("trust", "hr"): TRUST}
    rows = pd.DataFrame({"respondent_id": [f"P{at}" for at in range(8)], "wave": "2026", "dimension": "trust"})
    table = pd.DataFrame({"dimension": ["trust"], "side": ["hr"], "mean": [3.123], "low": [2.512], "respondents": [8]})

    def told(people: People, longer: int) -> float:
        known = frozenset((f"P{at}", "2026") for at in range(longer))
        made = precision(short_form=short, longer=known)
        return made.applied(table.assign(people=[people]), {})["mean"].iloc[0]

    assert told(People(rows), longer=7) == 3.123
    assert told(People(rows), longer=4) == 3.1
    assert told(People(rows.assign(form="short form")), longer=7) == 3.1


def test_a_row_without_a_side_is_about_one_question_if_it_is_for_the_side_of_its_people(three_items):
    invited = roster({"hr": (30, 8), "manager": (30, 8)})
    table = pd.DataFrame({"dimension": ["trust"], "mean": [3.123], "low": [2.512], "respondents": [8]})
    for side, told in (("hr", 3.1), ("manager", 3.123)):
        rows = pd.DataFrame({"respondent_id": [f"{side}{at}" for at in range(8)], "wave": "2026"})
        made = precision(invited, questions={("trust", "hr"): TRUST})
        assert made.applied(table.assign(people=[People(rows)]), {})["mean"].iloc[0] == told


def test_the_short_form_names_dimensions_only_where_somebody_was_given_it(three_items):
    whole = answers_of(6, {})
    assert scales.single_questions(whole, three_items, short_form=True) == {}


def test_chapters_about_hiring_tell_numbers_as_they_are():
    class Study:
        privacy = type("Privacy", (), {"min_group": 5})
        attributes = ()

        def has(self, table):
            return True

    assert Show(Study(), "hiring_manager_engagement").precision.people(7) == "7"
