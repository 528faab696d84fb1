"""Disclosure control: nothing published lets a reader compute a value for too few people."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.methods.counts import cannot_tell
from helpers.columns import ALIKE, described, percent, repeats, score, share
from helpers.privacy import NAMED, SELF, exempt, protect


def cells(sizes, **columns):
    frame = pd.DataFrame({"department": list(sizes), "respondents": list(sizes.values())})
    frame["estimate"] = np.linspace(2.1, 3.9, len(frame))
    return frame.assign(**columns)


def hidden(published):
    return set(published.frame.loc[published.reasons != "", "department"])


def test_a_group_below_the_minimum_is_hidden_and_two_such_groups_protect_each_other():
    published = protect(cells({"Sales": 40, "Legal": 3, "Design": 4}), minimum=5, groups=["department"])
    assert hidden(published) == {"Legal", "Design"}
    assert published.frame.set_index("department")["estimate"].isna().to_dict() == {
        "Sales": False,
        "Legal": True,
        "Design": True,
    }


def test_a_single_small_group_takes_the_next_smallest_with_it_because_total_minus_rest_would_reveal_it():
    published = protect(cells({"Sales": 40, "Plant": 9, "Legal": 3}), minimum=5, groups=["department"])
    assert hidden(published) == {"Legal", "Plant"}
    assert dict(zip(published.frame["department"], published.reasons, strict=True)) == {
        "Sales": "",
        "Plant": "complementary",
        "Legal": "small",
    }
    assert "and so is what would let a reader compute them" in published.footnote()


def test_two_small_groups_that_are_too_few_together_take_a_third():
    published = protect(cells({"Sales": 40, "Plant": 9, "Legal": 2, "Design": 2}), minimum=5, groups=["department"])
    assert hidden(published) == {"Legal", "Design", "Plant"}


def test_counts_of_hidden_cells_are_hidden_too():
    published = protect(cells({"Sales": 40, "Plant": 9, "Legal": 3}), minimum=5, groups=["department"])
    assert published.frame.loc[published.reasons != "", "respondents"].isna().all()
    assert published.frame["respondents"].dropna().tolist() == [40]


def test_many_managers_rating_one_hr_partner_describe_that_partner_and_are_hidden():
    frame = cells({"Sales": 40, "Plant": 30, "Stores": 12}, rated=[6, 5, 1])
    published = protect(frame, minimum=5, groups=["department"])
    assert "Stores" in hidden(published)
    # The other rated people must be enough to protect the one: a second group is hidden.
    assert len(hidden(published)) == 2


@pytest.mark.parametrize(
    ("rated", "min_rated", "shown"), [(1, 2, False), (2, 2, True), (2, 3, False), (3, 3, True), (1, 1, True)]
)
def test_a_row_tells_of_at_least_as_many_rated_people_as_the_study_asks_for(rated, min_rated, shown):
    frame = pd.DataFrame({"side": ["manager"], "estimate": [3.4], "respondents": [28], "rated": [rated]})
    published = protect(frame, minimum=5, min_rated=min_rated)
    assert published.frame["estimate"].notna().all() == shown
    assert published.agreed == (rated == min_rated == 1)
    if not shown:
        said = published.text(published.reasons[0], "HR partners", min_rated)
        assert said == f"hidden (about fewer than {min_rated} HR partners)"


def test_by_row_more_rated_people_may_be_asked_for():
    frame = pd.DataFrame({"side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [9, 28], "rated": [2, 2]})
    assert protect(frame, minimum=5, min_rated=pd.Series([3, 2])).reasons.tolist() == ["few rated", ""]


@pytest.mark.parametrize(("share", "reason"), [(0.8, ""), (0.81, "one rated")])
def test_nobody_rated_holds_over_80_per_cent_of_a_rows_answers(share, reason):
    frame = pd.DataFrame({"side": ["manager"], "estimate": [3.4], "respondents": [28], "rated": [2]})
    published = protect(frame.assign(rated_largest=share), minimum=5)
    assert published.reasons.tolist() == [reason]
    assert protect(frame.assign(rated_largest=share), minimum=5, min_rated=1).agreed == (reason != "")
    if reason:
        said = published.text(reason, "HR partners")
        assert said == "hidden (over 80 % of the answers are about one of the HR partners)"


def test_a_row_that_does_not_say_whom_it_is_about_is_hidden_beside_rows_that_do():
    """A file without the ids of HR partners must not pass as a group about whom nothing needs to be asked."""
    published = protect(cells({"Sales": 40, "Plant": 30, "Stores": 12}, rated=[6, 5, np.nan]), minimum=5)
    assert published.reasons.tolist() == ["", "complementary", "few rated"]
    two = cells({"Sales": 40, "Plant": 30, "Stores": 12, "Depot": 9}, rated=[6, 5, np.nan, np.nan])
    assert protect(two, minimum=5).reasons.tolist() == ["", "complementary", "few rated", "few rated"]
    nobody_known = protect(cells({"Sales": 40, "Plant": 30, "Stores": 12}, rated=np.nan), minimum=5)
    assert nobody_known.reasons.eq("").all()


def test_two_rows_about_the_same_person_do_not_protect_each_other():
    frame = cells({"Sales": 40, "Plant": 30, "Stores": 12, "Depot": 9}, rated=[6, 5, 1, 1])
    assert hidden(protect(frame, minimum=5, rated_together=lambda rows: 2)) == {"Stores", "Depot"}
    assert hidden(protect(frame, minimum=5, rated_together=lambda rows: 1)) == {"Stores", "Depot", "Plant"}


def test_a_hidden_side_does_not_hide_the_other_because_no_total_over_sides_exists():
    frame = pd.DataFrame({"side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [3, 28], "rated": [28, 3]})
    published = protect(frame, minimum=5, groups=["side"])
    assert published.frame["estimate"].isna().tolist() == [True, False]


def test_a_gap_needs_enough_people_on_both_sides():
    frame = pd.DataFrame({"estimate": [0.3], "respondents": [31], "respondents_hr": [3], "respondents_manager": [28]})
    assert protect(frame, minimum=5).frame["estimate"].isna().all()


ONE_ANSWER = {
    "the upper end of the scale": ({"estimate": 5.0}, {"estimate": score("Mean", 1, 5)}),
    "the lower end of the scale": ({"estimate": 1.0}, {"estimate": score("Mean", 1, 5)}),
    "a share of 0": ({"estimate": 0.0}, {"estimate": percent("Favourable")}),
    "a share of 100": ({"estimate": 100.0}, {"estimate": percent("Favourable")}),
    "no spread": ({"mean": 2.0, "standard_deviation": 0.0}, {}),
    "an interval without width": ({"estimate": 2.0, "low": 2.0, "high": 2.0}, {}),
    "an interval of another value without width": ({"ratio": 2.0, "ratio_low": 2.0, "ratio_high": 2.0}, {}),
    "what the estimator noticed": ({"estimate": np.nan, "note": cannot_tell(ALIKE)}, {}),
    "one person holds most": ({"largest": 0.9}, {}),
}


@pytest.mark.parametrize("way", ONE_ANSWER)
def test_what_tells_the_answer_of_each_is_hidden_with_another_group_and_no_word_says_why(way):
    told, columns = ONE_ANSWER[way]
    usual = {"low": 1.9, "high": 4.1, "mean": 2.5, "standard_deviation": 1.1, "ratio": 1.0, "ratio_low": 0.5}
    usual |= {"ratio_high": 2.0, "largest": 0.2, "note": ""}
    frame = cells({"Sales": 40, "Plant": 9, "Stores": 20}, **usual)
    for name, value in told.items():
        frame.loc[1, name] = value
    published = protect(frame, minimum=5, columns=columns)
    assert hidden(published) == {"Plant", "Stores"}
    assert len({published.text(reason) for reason in published.reasons if reason}) == 1
    assert published.frame.loc[1, ["estimate", "respondents", "note"]].isna().all()


def test_a_share_that_is_not_of_answers_may_be_0_or_100():
    frame = cells({"Sales": 40, "Plant": 9}).assign(estimate=[0.0, 100.0], low=[0.0, 100.0], high=[0.0, 100.0])
    assert protect(frame, minimum=5, columns={"estimate": share("Filled")}).reasons.eq("").all()


ENDS = pd.DataFrame(
    {
        "end": ["Filled", "Cancelled", "Put on hold", "Open"],
        "openings": [27, 6, 3, 12],
        "respondents": [12, 6, 2, 12],
    }
)


def test_parts_that_add_up_are_hidden_by_twos_because_the_whole_less_the_rest_is_the_part():
    """Of 48 openings 27 were filled, 6 cancelled, 12 are open: 3 are on hold, those of two managers."""
    published = protect(ENDS, minimum=5)
    assert published.frame["openings"].isna().tolist() == [False, True, True, False]
    for told in (described(ENDS, ["end"], {"end": repeats("End")}), {"end": repeats("End")}):
        columns = described(ENDS, ["end"], told)
        assert protect(ENDS, minimum=5, columns=columns).reasons.tolist() == published.reasons.tolist()


def test_small_parts_do_not_protect_each_other_since_one_person_may_stand_behind_both():
    parts = ENDS.assign(respondents=[12, 3, 2, 12])
    assert protect(parts, minimum=5).reasons.tolist() == ["complementary", "small", "small", ""]
    people = parts.rename(columns={"end": "department"})  # three and two different people are five
    assert protect(people, minimum=5).reasons.tolist() == ["", "small", "small", ""]


def test_whose_turn_it_was_does_not_tell_of_the_only_recruiter():
    turns = pd.DataFrame({"holder": ["Manager", "Recruiter", "Candidate"], "estimate": [50.0, 40.0, 10.0]})
    turns = turns.assign(respondents=12, rated=[12, 1, 12])
    published = protect(turns, minimum=5)
    assert published.reasons.tolist() == ["complementary", "few rated", ""]
    stages = pd.DataFrame(
        {"stage": list("abcde"), "holder": ["Manager", "Recruiter", "Manager", "Recruiter", "Candidate"]}
    )
    stages = stages.assign(estimate=3.0, respondents=12, rated=[12, 1, 12, 1, 12])
    assert protect(stages, minimum=5).reasons.tolist() == ["complementary", "few rated", "", "few rated", ""]


def forgetting():
    """Every way not to say that departments divide the people."""
    frame = cells({"Sales": 40, "Operations": 30, "Legal": 3})
    coded = frame.assign(department=[1, 2, 3])
    return {
        "nothing said": (frame, {}),
        "named as a measure": (frame, {"measures": ["department"]}),
        "said to repeat": (frame, {"columns": described(frame, ["department"], {"department": repeats("Department")})}),
        "a column nobody knows": (frame.rename(columns={"department": "squad"}), {}),
        "a column left out": (frame.drop(columns="department"), {}),
        "numbers for names": (coded, {}),
        "numbers named as a measure": (coded, {"measures": ["department"]}),
        "beside a measure": (frame.assign(dimension="trust"), {"measures": ["dimension"]}),
        "true and false": (frame.assign(department=[True, False, True]), {}),
    }


@pytest.mark.parametrize("way", forgetting())
def test_no_caller_can_switch_protection_off_by_forgetting(way):
    frame, said = forgetting()[way]
    published = protect(frame, minimum=5, **said)
    # Where two rows have the same key, the total of both may be known too.
    first = "complementary" if way == "true and false" else ""
    assert published.reasons.tolist() == [first, "complementary", "small"]
    assert published.frame["estimate"].isna().tolist() == [first != "", True, True]


def test_rows_about_the_same_people_stand_side_by_side():
    frame = pd.DataFrame({"dimension": ["trust", "candour"], "estimate": [3.1, 3.2], "respondents": [40, 3]})
    assert protect(frame, minimum=5).reasons.tolist() == ["", "small"]


def test_empty_groups_are_not_hidden_and_protect_nobody():
    published = protect(cells({"Sales": 40, "Plant": 0, "Legal": 3, "Design": 8}), minimum=5, groups=["department"])
    assert hidden(published) == {"Legal", "Design"}


def test_a_frame_without_respondent_counts_is_refused():
    with pytest.raises(ValueError, match="respondents"):
        protect(pd.DataFrame({"estimate": [1.0]}), minimum=5)


def test_whole_number_columns_stay_whole_numbers():
    published = protect(cells({"Sales": 40, "Plant": 9, "Legal": 3}), minimum=5, groups=["department"])
    assert str(published.frame["respondents"].dtype) == "Int64"


sizes = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@given(sizes, st.integers(2, 10))
@settings(max_examples=100)
def test_no_union_of_hidden_groups_that_totals_reveal_has_fewer_people_than_the_minimum(counts, minimum):
    """One-way table: the reader knows the total and every visible cell, so the union of the hidden ones."""
    frame = cells({f"group {place}": size for place, size in enumerate(counts)})
    published = protect(frame, minimum=minimum, groups=["department"])
    kept_back = frame.loc[published.reasons != "", "respondents"]
    visible = frame.loc[published.reasons == "", "respondents"]
    assert not visible.between(1, minimum - 1).any()
    assert kept_back.sum() == 0 or kept_back.sum() >= minimum or not visible.gt(0).any()


def told(counts, unknown, minimum):
    """Return the sets of unknown cells, each a tuple, that the total and the totals of shown groups give away."""
    lines = [[True] * len(unknown)]
    for axis in (0, 1):
        sizes = counts.sum(axis=1 - axis)
        totals = pd.DataFrame({"group": range(len(sizes)), "respondents": sizes, "estimate": 3.0})
        shown = totals.index[protect(totals, minimum=minimum, groups=["group"]).reasons == ""]
        lines += [[place[axis] == group for place in unknown] for group in shown]
    _, singular, right = np.linalg.svd(np.array(lines, dtype=float))
    free = right[(singular > 1e-9).sum() :]
    unions = np.array(list(itertools.product((0, 1), repeat=len(unknown))))[1:]
    given_away = unions[np.abs(unions @ free.T).max(axis=1, initial=0) < 1e-9]
    return {tuple(place for place, inside in zip(unknown, union, strict=True) if inside) for union in given_away}


@given(st.lists(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 7, 12]), min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=60)
def test_two_crossed_attributes_give_no_union_of_fewer_people_than_the_minimum_away(table):
    minimum = 5
    counts = np.array(table)
    places = list(itertools.product(range(counts.shape[0]), range(counts.shape[1])))
    frame = pd.DataFrame(places, columns=["department", "location"])
    frame = frame.assign(respondents=counts.ravel(), estimate=3.0)
    shown = (protect(frame, minimum=minimum).reasons == "").to_numpy().reshape(counts.shape)
    assert not ((counts > 0) & (counts < minimum) & shown).any()
    filled = [place for place in places if counts[place] > 0]
    secret = [place for place in filled if not shown[place]]
    if secret and counts.sum() >= minimum:
        few = {union for union in told(counts, secret, minimum) if sum(counts[place] for place in union) < minimum}
        # What the tables of single attributes give away together, this one cannot take back: see the release plan.
        assert few <= told(counts, filled, minimum)


PEOPLE = st.sets(st.sampled_from(["M1", "M2", "M3"]), min_size=1)


@given(
    people=PEOPLE,
    notebook=st.sampled_from(["hiring_manager_engagement", "hiring_manager_self", "partnership_survey", ""]),
    reader=st.sampled_from(["", "M1", "M2"]),
    audience=st.sampled_from(["shared", NAMED, SELF, ""]),
)
def test_single_people_are_shown_to_themselves_or_by_name_with_a_legal_basis_and_in_no_other_case(
    people, notebook, reader, audience
):
    about_hiring = notebook.startswith("hiring_")
    if about_hiring and reader and people == {reader}:
        assert exempt(people, notebook=notebook, reader=reader, audience=audience) == SELF
    elif about_hiring and not reader and audience == NAMED:
        assert exempt(people, notebook=notebook, reader=reader, audience=audience) == NAMED
    else:
        with pytest.raises(ValueError, match=r"single people|of that person only"):
            exempt(people, notebook=notebook, reader=reader, audience=audience)
