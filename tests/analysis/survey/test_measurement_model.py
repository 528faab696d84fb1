"""What the questionnaire measures, and whether it measures the same in two groups."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.survey import measurement_model
from helpers.data import Codebook

NAMES = ("trust", "candour", "goals")
ITEMS = [f"{name}{i}" for name in NAMES for i in range(3)]
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "made up"},
        "responses": {"r": {"type": "rating", "low": 0, "high": 10}},
        "dimensions": [{"id": name} for name in NAMES],
        "items": [{"id": item, "dimension": item[:-1], "response": "r", "text": item} for item in ITEMS],
    }
)


def answers(wave, size=300, shift=None, weak=None, correlated=0.4, seed=1):
    """Nine items of three factors; ``shift`` moves answers to items, ``weak`` takes items off their factor."""
    random = np.random.default_rng(seed)
    factors = random.multivariate_normal(
        np.full(3, 0.3 * (wave == "2")), correlated + (1 - correlated) * np.eye(3), size
    )
    table = 0.8 * np.repeat(factors, 3, axis=1)
    for item in weak or ():
        table[:, ITEMS.index(item)] *= 0.2
    table = 5 + table + 0.6 * random.normal(size=table.shape)
    frame = pd.DataFrame(table, columns=ITEMS).assign(side="manager", wave=wave)
    for item, by in (shift or {}).items():
        frame[item] += by
    names = [f"{wave}-{place}" for place in range(size)]
    return frame.assign(respondent_id=names, cluster_id=np.arange(size) % 30, rated_id=None)


def both(**second):
    return pd.concat([answers("1"), answers("2", seed=2, **second)], ignore_index=True)


def steps(rows):
    return measurement_model.invariance(rows, BOOK, "wave", "1", "2").set_index("step")


def test_three_dimensions_fit_and_one_does_not():
    found = measurement_model.compare(answers("1"), BOOK, "manager").set_index("model")
    assert found["fit"].to_dict() == {
        "one factor": "poor", "the dimensions": "good", "a general factor and the dimensions": "good",
    }  # fmt: skip
    assert found.loc["the dimensions", "degrees_of_freedom"] == 24
    assert (found["rmsea_low"] <= found["rmsea"]).all() and (found["rmsea"] <= found["rmsea_high"]).all()
    assert measurement_model.in_a_sentence(found.reset_index()).startswith("The dimensions of the questionnaire fit")


def test_what_all_items_share():
    # general loadings .8 x sqrt(.4), specific .8 x sqrt(.6): omega_h = 20.7 / (20.7 + 10.4 + 3.2)
    shares = measurement_model.general_share(answers("1"), BOOK, "manager")
    assert shares["model"].tolist() == ["a general factor and the dimensions", "one factor behind the dimensions"]
    for _, share in shares.iterrows():
        assert share["estimate"] == pytest.approx(0.60, abs=0.08)
        assert share["low"] < 0.60 < share["high"] and share["high"] - share["low"] < 0.25


def test_where_dimensions_share_nothing_no_general_factor_is_made_of_it():
    general, behind = measurement_model.general_share(answers("1", correlated=0.0), BOOK, "manager").to_dict("records")
    assert general["low"] == 0 <= general["estimate"] < general["high"], "no share is below none"
    assert np.isnan(behind["estimate"])
    assert behind["note"] == "cannot tell: the dimensions share too little for one factor behind them"


def test_dimensions_of_two_questions_have_a_factor_behind_them_and_two_dimensions_have_none():
    short = answers("1").drop(columns=["trust0", "candour0", "goals0"])
    found = measurement_model.general_share(short, BOOK, "manager")
    assert found["model"].tolist() == ["one factor behind the dimensions"]
    # .8 x .8 x .4 between the six, .64 within pairs: 6 items, omega_h = 36 x .256 / (36 x .256 + 12 x .384 + 6 x .36)
    assert found["low"].iloc[0] < 0.576 < found["high"].iloc[0]
    two = answers("1").drop(columns=["goals0", "goals1", "goals2"])
    alone = measurement_model.general_share(two, BOOK, "manager")
    assert np.isnan(alone["estimate"].iloc[0]) and "it takes 3 dimensions" in alone["note"].iloc[0]
    assert measurement_model.compare(two, BOOK, "manager")["model"].tolist() == ["one factor", "the dimensions"]


@pytest.mark.parametrize(
    ("correlated", "weak", "said"),
    [
        (0.99, (), "One factor for all questions fits the answers too"),
        (0.4, (), "The dimensions of the questionnaire fit the answers, and one factor"),
    ],
)
def test_what_the_models_show_is_said_in_words(correlated, weak, said):
    found = measurement_model.compare(answers("1", correlated=correlated, weak=weak), BOOK, "manager")
    assert measurement_model.in_a_sentence(found).startswith(said)


def test_one_factor_behind_four_dimensions_is_held_against_the_dimensions():
    names = ("trust", "candour", "goals", "respect")
    items = [f"{name}{i}" for name in names for i in range(3)]
    book = Codebook.model_validate(
        BOOK.model_dump(mode="json", include={"instrument", "responses"})
        | {
            "dimensions": [{"id": name} for name in names],
            "items": [{"id": item, "dimension": item[:-1], "response": "r", "text": item} for item in items],
        }
    )
    random = np.random.default_rng(6)
    pairs = np.kron(np.eye(2), np.full((2, 2), 0.7)) + 0.1
    for between, holds in ((0.5, True), (pairs, False)):
        factors = random.multivariate_normal(np.zeros(4), np.where(np.eye(4), 1, between), 400)
        table = 5 + 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * random.normal(size=(400, 12))
        rows = pd.DataFrame(table, columns=items).assign(side="manager", cluster_id=np.arange(400) % 30, rated_id=None)
        found = measurement_model.compare(rows.assign(respondent_id=np.arange(400)), book, "manager")
        found = found.set_index("model")
        behind, apart = found.loc["one factor behind the dimensions"], found.loc["the dimensions"]
        assert behind["degrees_of_freedom"] == apart["degrees_of_freedom"] + 2
        assert (behind["statistic"] - apart["statistic"] < 10) == holds
        assert (behind["fit"] == "good") == holds


def test_dimensions_that_do_not_fit_need_care():
    mixed = {f"{a}{i}": f"{b}{i}" for a, b, i in [("trust", "goals", 0), ("goals", "trust", 0)]}
    found = measurement_model.compare(answers("1", correlated=0.1).rename(columns=mixed), BOOK, "manager")
    assert measurement_model.in_a_sentence(found).startswith("The dimensions of the questionnaire do not fit")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (answers("1", size=80), "fewer than 100 raters"),
        (answers("1").assign(cluster_id=1), "fewer than 3 clusters"),
        (answers("1").drop(columns=["trust0", "trust1"]), "it takes 3 dimensions or more, of two items or more"),
        (answers("1").assign(trust1=lambda frame: frame["trust0"]), "follow from others"),
        (answers("2").query("wave == '1'"), "no dimension has 3 items"),
    ],
)
def test_what_all_items_share_cannot_be_told_from_such_answers(rows, said):
    share = measurement_model.general_share(rows, BOOK, "manager").iloc[0]
    assert np.isnan(share["estimate"]) and said in share["note"]
    assert measurement_model.in_a_sentence(measurement_model.compare(rows.head(50), BOOK, "manager")) == ""


def test_equal_items_hold_to_the_intercepts_although_the_factors_moved():
    assert steps(both())["holds"].to_dict() == {"configural": "yes", "metric": "yes", "scalar": "yes"}
    found = steps(both()).reset_index().assign(compared="May and June")
    assert measurement_model.comparable(found) == "may be compared"
    assert measurement_model.comparable_in_words(found) == "Means may be compared: May and June."


def test_an_item_that_moved_alone_is_found_and_released():
    found = steps(both(shift={"candour1": 0.8}))
    assert found["holds"].tolist() == ["yes", "yes", "no", "yes"]
    assert found.loc[measurement_model.PARTIAL, "released"] == "candour1"
    assert measurement_model.comparable(found.reset_index()) == "may be compared, but for questions let go"
    told = measurement_model.worded(found.reset_index(), BOOK)
    assert told["step"].iloc[-1].endswith("let go") and told["released"].tolist() == ["", "", "", "“candour1”"]


def test_an_item_that_left_its_factor_stops_at_the_loadings():
    found = steps(both(weak=["goals0", "trust2"]))
    assert found["holds"].to_dict() == {"configural": "yes", "metric": "no", "scalar": "no"}
    assert measurement_model.comparable(found.reset_index()) == "may not be compared"


def test_people_who_answered_twice_are_named():
    rows = both()
    rows["respondent_id"] = rows["respondent_id"].str[2:]
    assert (steps(rows)["note"] == measurement_model.SAME_PEOPLE).all()
    assert (steps(both())["note"] == "").all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (both(size=80), "fewer than 100 raters"),
        (both().drop(columns=["trust0", "candour0", "goals0"]), "no dimension has 3 items"),
        (both().assign(trust1=lambda frame: frame["trust0"]), "follow from others"),
        (both().query("wave == '1'"), "no dimension has 3 items"),
    ],
)
def test_what_cannot_be_told_says_so(rows, said):
    found = steps(rows)
    assert set(found["holds"]) == {"cannot tell"}
    assert measurement_model.comparable(found.reset_index()) == "cannot tell"
    assert measurement_model.comparable_in_words(found.reset_index()) == ""
    assert found["note"].str.contains(said).all()
    assert found[["cfi", "change_cfi"]].isna().all(axis=None)


def test_an_item_that_means_something_else_is_named_and_a_real_change_is_not():
    # every factor moved by .3, which is no difference of any item; trust1 moved by .6 of about 1 beside
    found = measurement_model.differential(both(shift={"trust1": 0.6}), BOOK, "wave", "1", "2").set_index("item")
    assert found.index[found["verdict"] == "differs"].tolist() == ["trust1"]
    assert found.loc["trust1", "estimate"] == pytest.approx(0.6, abs=0.15)
    assert found["p_adjusted"].ge(found["p_value"]).all()
    said = measurement_model.differential_in_words(found.reset_index())
    assert said.startswith("Of 9 questions, 1 means something else in 1 and 2")
    alike = measurement_model.differential(both(), BOOK, "wave", "1", "2")
    assert alike["verdict"].eq("no difference seen").all()
    assert measurement_model.differential_in_words(alike) == (
        "Of 9 questions, none was seen to mean something else in 1 and 2."
    )
    off = measurement_model.differential(both(weak=["goals0"]), BOOK, "wave", "1", "2").set_index("item")
    assert off.loc["goals0", "verdict"] == "differs"
    assert off.loc["goals0", "loading"] < -0.2


@pytest.mark.parametrize("rows", [answers("1"), pd.concat([answers("1"), answers("2", size=60)]), answers("1")[:0]])
def test_where_items_cannot_be_compared_nothing_is_said(rows):
    found = measurement_model.differential(rows, BOOK, "wave", "1", "2")
    assert found["verdict"].eq("cannot tell").all()
    assert found["note"].str.startswith("cannot tell").all()
    assert measurement_model.differential_in_words(found) == ""


def test_groups_of_managers_are_compared_where_both_are_large():
    rows = answers("1").assign(site=["A"] * 140 + ["B"] * 130 + ["C"] * 30, level=["low"] * 250 + ["high"] * 50)
    labels = {"site": "Site", "level": "Level"}
    assert measurement_model.largest_groups(rows, labels, "manager") == [("Site: A and B", "site", "A", "B")]
    assert measurement_model.largest_groups(rows[:0], labels, "manager") == []


def test_answers_taken_for_ordered_categories_give_the_same_picture():
    rows = answers("1")
    rows[ITEMS] = np.clip(rows[ITEMS].round(), 3, 7)
    found = measurement_model.ordered(rows, BOOK, "manager")
    assert (found["estimate"] - found["as_number"]).abs().max() < 0.08
    assert found["estimate"].mean() > found["as_number"].mean(), "numbers make loadings a little too small"
    assert measurement_model.ordered_in_words(found).startswith(
        "With answers taken for ordered categories instead of numbers, the dimensions fit, too (SRMR 0.0"
    )
    apart = measurement_model.ordered_in_words(found.assign(srmr=0.12))
    assert apart.endswith("do not fit (SRMR 0.12): scores of dimensions need care.")


@pytest.mark.parametrize("rows", [answers("1")[:0], answers("1", size=60)])
def test_too_few_answers_are_not_taken_for_anything(rows):
    found = measurement_model.ordered(rows, BOOK, "manager")
    assert found["estimate"].isna().all()
    assert measurement_model.ordered_in_words(found) == ""
