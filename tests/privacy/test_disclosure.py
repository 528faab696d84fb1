"""Disclosure control: nothing published lets a reader compute a value for too few people."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.privacy import NAMED, SELF, exempt, protect, small_groups


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


@pytest.mark.parametrize(("rated", "shown"), [(1, False), (2, False), (3, True), (36, True)])
def test_company_wide_ratings_need_three_rated_people(rated, shown):
    frame = pd.DataFrame({"side": ["manager"], "estimate": [3.4], "respondents": [28], "rated": [rated]})
    published = protect(frame, minimum=5, groups=["side"])
    assert published.frame["estimate"].notna().all() == shown


def test_a_hidden_side_does_not_hide_the_other_because_no_total_over_sides_exists():
    frame = pd.DataFrame({"side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [3, 28], "rated": [28, 3]})
    published = protect(frame, minimum=5, groups=["side"])
    assert published.frame["estimate"].isna().tolist() == [True, False]


def test_a_gap_needs_enough_people_on_both_sides():
    frame = pd.DataFrame({"estimate": [0.3], "respondents": [31], "respondents_hr": [3], "respondents_manager": [28]})
    assert protect(frame, minimum=5).frame["estimate"].isna().all()


def test_unanimous_groups_are_hidden_because_the_mean_tells_each_answer():
    published = protect(
        cells({"Sales": 40, "Plant": 9, "Stores": 20}).assign(estimate=[3.2, 5.0, 3.9]),
        minimum=5,
        groups=["department"],
        limits={"estimate": (1, 5)},
    )
    assert "Plant" in hidden(published)
    assert len(hidden(published)) == 2


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
@settings(max_examples=300, deadline=None)
def test_no_union_of_hidden_groups_that_totals_reveal_has_fewer_people_than_the_minimum(counts, minimum):
    """One-way table: the reader knows the total and every visible cell, so the union of the hidden ones."""
    frame = cells({f"group {place}": size for place, size in enumerate(counts)})
    published = protect(frame, minimum=minimum, groups=["department"])
    kept_back = frame.loc[published.reasons != "", "respondents"]
    visible = frame.loc[published.reasons == "", "respondents"]
    assert not visible.between(1, minimum - 1).any()
    assert kept_back.sum() == 0 or kept_back.sum() >= minimum or not visible.gt(0).any()


def known_totals(sizes, minimum):
    totals = pd.DataFrame({"group": range(len(sizes)), "respondents": sizes, "estimate": 3.0})
    return totals.index[protect(totals, minimum=minimum, groups=["group"]).reasons == ""]


def determined(counts, unknown, minimum):
    """Return the unknown cells that a reader computes from the totals other tables of the same people publish."""
    rows = [[place[0] == row for place in unknown] for row in known_totals(counts.sum(axis=1), minimum)]
    columns = [[place[1] == column for place in unknown] for column in known_totals(counts.sum(axis=0), minimum)]
    system = np.array(rows + columns + [[True] * len(unknown)], dtype=float)
    rank = np.linalg.matrix_rank(system)
    alone = np.eye(len(unknown))
    return {
        place
        for position, place in enumerate(unknown)
        if np.linalg.matrix_rank(np.vstack([system, alone[position]])) == rank
    }


@given(st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=200, deadline=None)
def test_cells_of_a_two_way_table_never_help_to_determine_a_hidden_cell(table):
    minimum = 5
    counts = np.array(table)
    places = list(itertools.product(range(counts.shape[0]), range(counts.shape[1])))
    frame = pd.DataFrame(places, columns=["department", "location"])
    frame = frame.assign(respondents=counts.ravel(), estimate=3.0)
    published = protect(frame, minimum=minimum, groups=["department", "location"])
    shown = (published.reasons == "").to_numpy().reshape(counts.shape)
    assert not ((counts > 0) & (counts < minimum) & shown).any()
    filled = [place for place in places if counts[place] > 0]
    hidden = [place for place in filled if not shown[place]]
    if hidden and counts.sum() >= minimum:
        # What one-way tables reveal together, this table cannot take back.
        assert determined(counts, hidden, minimum) <= determined(counts, filled, minimum)


def test_small_groups_counts_every_attribute_and_pair_without_naming_a_group():
    people = pd.DataFrame(
        {
            "respondent_id": [f"p{number}" for number in range(20)] * 2,
            "side": "manager",
            "department": (["Sales"] * 12 + ["Legal"] * 3 + ["Plant"] * 5) * 2,
            "location": (["North", "South"] * 10) * 2,
        }
    )
    table = small_groups(people, ["department", "location"], minimum=5).set_index("breakdown")
    assert table.loc["department", ["groups", "below_minimum", "share_hidden", "respondents"]].tolist() == [
        3,
        1,
        15,
        20,
    ]
    assert table.loc["location", "below_minimum"] == 0
    assert table.loc["department × location", "below_minimum"] == 4
    assert not table.reset_index().astype(str).apply(lambda row: row.str.contains("Legal").any(), axis=1).any()


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
