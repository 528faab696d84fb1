"""The release plan: nobody is singled out, as much as possible stays, and it always comes out the same."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from fractions import Fraction
from itertools import chain, combinations, product
from math import lcm
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

from helpers.data import Study
from helpers.privacy import choice, row_space
from helpers.privacy import plan as plans
from helpers.privacy.plan import NOT_RECORDED, Plan, Steer, release_plan
from helpers.privacy.plan_words import explain, remarks

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def people(side: str = "manager", wave: str = "2026", **attributes: list) -> pd.DataFrame:
    """Everybody invited answered."""
    size = len(next(iter(attributes.values())))
    return pd.DataFrame({"person_id": range(size), "wave": wave, "side": side, "responded": True, **attributes})


def groups(**sizes: int) -> list[str]:
    return [name for name, size in sizes.items() for _ in range(size)]


# -- an attack that shares no code with the plan ----------------------------------------------------------------------


def silent(rows: list[list[int]]) -> np.ndarray:
    """Whole numbers that span what the sets do not tell: the null space over the rational numbers, by elimination."""
    matrix = [[Fraction(value) for value in row] for row in rows]
    pivots: list[int] = []
    for column in range(len(rows[0])):
        at = next((row for row in range(len(pivots), len(matrix)) if matrix[row][column]), None)
        if at is None:
            continue
        place = len(pivots)
        matrix[place], matrix[at] = matrix[at], matrix[place]
        matrix[place] = [value / matrix[place][column] for value in matrix[place]]
        for row in range(len(matrix)):
            if row != place and matrix[row][column]:
                factor = matrix[row][column]
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[place], strict=True)]
        pivots.append(column)
    vectors = []
    for free in (column for column in range(len(rows[0])) if column not in pivots):
        vector = [Fraction(int(column == free)) for column in range(len(rows[0]))]
        for place, column in enumerate(pivots):
            vector[column] = -matrix[place][free]
        common = lcm(*(value.denominator for value in vector))
        vectors.append([int(value * common) for value in vector])
    return np.array(vectors, dtype=np.int64).reshape(-1, len(rows[0]))


def determined(sets: list[list[int]], counts: list[int], minimum: int) -> list[tuple[int, ...]]:
    """Try every set of fewer than ``minimum`` people: it follows from the sets when nothing silent is in it."""
    unknown = silent(sets)
    found: list[tuple[int, ...]] = []
    for size in range(1, minimum):
        tried = np.array(list(combinations(range(len(counts)), size)), dtype=int).reshape(-1, size)
        tried = tried[np.array(counts)[tried].sum(axis=1) < minimum]
        told = (unknown[:, tried].sum(axis=2) == 0).all(axis=0)
        found += [tuple(chosen) for chosen in tried[told].tolist()]
    return found


def singled_out(frame: pd.DataFrame, attributes: list[str], minimum: int) -> list[tuple]:
    """Return all sets of fewer than ``minimum`` people that follow from totals and groups of those who answered."""
    found: list[tuple] = []
    for (side, wave), rows in frame[frame["responded"]].groupby(["side", "wave"]):
        if len(rows) < minimum:
            continue
        there = [name for name in attributes if name in rows]
        types = rows.groupby(there, dropna=False).size() if there else pd.Series({(): len(rows)})
        labels = [label if isinstance(label, tuple) else (label,) for label in types.index]
        sets = [[1] * len(labels)]
        for place in range(len(there)):
            sets += [[int(label[place] == value) for label in labels] for value in {label[place] for label in labels}]
        few = determined(sets, types.tolist(), minimum)
        found += [(side, wave, [labels[place] for place in chosen]) for chosen in few]
    return found


def published(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([plan.apply(rows, side) for side, rows in frame.groupby("side")])


@st.composite
def studies(draw, most: int = 30, labels: int = 4, waves: int = 3) -> tuple[pd.DataFrame, list[str], int]:
    """Up to three attributes that may depend on each other, with people who join, leave and do not answer."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(4, most))
    names = ["team", "place", "level"][: draw(st.integers(1, 3))]
    frame = pd.DataFrame({"person_id": range(size), "side": "manager"})
    for place, name in enumerate(names):
        share = random.dirichlet(np.full(draw(st.integers(1, labels)), 1.0))
        drawn = random.choice(len(share), size, p=share)
        if place and draw(st.booleans()):
            drawn = np.where(random.random(size) < 0.8, frame[names[0]].str[1:].astype(int) % len(share), drawn)
        frame[name] = [f"{name[0]}{value}" for value in drawn]
    parts = [
        frame[random.random(size) < 0.9].assign(wave=f"wave {number}") for number in range(draw(st.integers(1, waves)))
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(responded=random.random(len(frame)) < 0.85), names, draw(st.integers(2, 5))


@settings(max_examples=60, deadline=None)
@given(studies())
def test_no_few_people_are_singled_out(study):
    frame, names, minimum = study
    plan = release_plan(frame, names, min_group=minimum)
    if plan.sides:
        assert not tells_too_much(published(plan, frame), names, minimum)


def test_without_the_plan_many_are_singled_out():
    random = np.random.default_rng(5)
    attacked = 0
    for _ in range(20):
        share = random.dirichlet(np.ones(5))
        frame = people(team=list(random.choice(list("abcde"), 40, p=share)), place=list(random.choice(list("xyz"), 40)))
        attacked += bool(singled_out(frame, ["team", "place"], 5))
        plan = release_plan(frame, ["team", "place"], min_group=5)
        assert singled_out(published(plan, frame), ["team", "place"], 5) == []
    assert attacked >= 10


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_small_sets_are_found_exactly_when_there_are_any(seed):
    random = np.random.default_rng(seed)
    types = sorted({tuple(sorted(random.choice(7, random.integers(1, 4), replace=False).tolist())) for _ in range(9)})
    counts = random.integers(1, random.integers(2, 12), len(types)).tolist()
    minimum = int(random.integers(2, 6))
    sets = [[int(number in kind) for kind in types] for number in range(7)]
    sets = [row for row in sets if any(row)]
    truth = set(determined(sets, counts, minimum))
    for steps in (row_space.STEPS, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(row_space, "STEPS", steps)
            found = row_space.small_sets(types, counts, minimum)
        assert all(item.decided and item.types in truth for item in found)
        assert bool(found) == bool(truth)


def test_a_search_that_is_given_up_counts_as_found(monkeypatch):
    cells = ["aku", "akv", "alv", "amt", "amu", "amv", "bku", "bkv", "blt", "blv", "bmt", "bmu"]
    types = [[ord(label) for label in cell] for cell in cells]
    counts = [1, 1, 2, 3, 3, 3, 2, 2, 2, 3, 1, 1]
    assert row_space.small_sets(types, counts, 6) == []
    monkeypatch.setattr(row_space, "STEPS", 0)
    assert row_space.small_sets(types, counts, 6) == []  # the integer programme says so
    monkeypatch.setattr(row_space, "milp", lambda *_, **__: OptimizeResult(x=None, status=1))
    assert [item.decided for item in row_space.small_sets(types, counts, 6)] == [False]


def test_the_plan_keeps_nothing_that_is_undecided(monkeypatch):
    frame = people(team=groups(a=10, b=10), place=["x"] * 9 + ["y"] + ["x"] * 2 + ["y"] * 8)

    def gives_up(types: list, counts: list[int], minimum: int) -> list[row_space.SmallSet]:
        few = tuple(place for place, count in enumerate(counts) if count < minimum)
        return [row_space.SmallSet(few, decided=False)] if few else []

    assert release_plan(frame, ["team", "place"], min_group=5).sides["manager"].share_kept == 1
    monkeypatch.setattr(choice, "small_sets", gives_up)
    plan = release_plan(frame, ["team", "place"], min_group=5)
    assert plan.labels("team", "manager") == {"a": "a", "b": "b"}
    assert plan.labels("place", "manager") is None
    assert plan.sides["manager"].bound == 40  # it is not said to be the best


def tells_too_much(frame: pd.DataFrame, attributes: list[str], minimum: int) -> bool:
    """Say whether few people follow, of those who answered or were invited, or a group did not answer at all."""
    sizes = frame[frame["responded"]].groupby(["side", "wave"]).size()
    large = pd.MultiIndex.from_frame(frame[["side", "wave"]]).isin(sizes.index[sizes >= minimum])
    invited = frame[large]
    silent = any(
        not invited.groupby(["side", "wave", name])["responded"].any().all() for name in attributes if name in invited
    )
    return bool(
        silent
        or singled_out(frame, attributes, minimum)
        or singled_out(invited.assign(responded=True), attributes, minimum)
    )


# -- the best plan ----------------------------------------------------------------------------------------------------


def best_by_trying_all(
    frame: pd.DataFrame, names: list[str], minimum: int, refused: Callable[[pd.DataFrame], bool] = lambda merged: False
) -> int:
    """The most person-attributes that any plan keeps: every choice of labels of every attribute is tried."""
    answered = frame[frame["responded"]]
    sizes = answered["wave"].value_counts()
    frame = frame[frame["wave"].isin(sizes.index[sizes >= minimum])]
    answered = frame[frame["responded"]]
    choices = []
    for name in names:
        labels = sorted(set(answered[name]))
        choices.append(list(chain.from_iterable(combinations(labels, size) for size in range(len(labels) + 1))))
    by_value = {}
    for kept in product(*choices):
        value = sum(int(answered[name].isin(labels).sum()) for name, labels in zip(names, kept, strict=True))
        by_value.setdefault(value, []).append(kept)
    for value in sorted(by_value, reverse=True):
        for kept in by_value[value]:
            merged = frame.copy()
            for name, labels in zip(names, kept, strict=True):
                merged[name] = merged[name].where(merged[name].isin(labels), "rest")
            if not tells_too_much(merged, names, minimum) and not refused(merged):
                return value
    return 0


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(studies(most=22, labels=4, waves=2))
def test_nothing_better_exists(study):
    frame, names, minimum = study
    plan = release_plan(frame, names, min_group=minimum)
    best = best_by_trying_all(frame, names, minimum)
    part = plan.sides["manager"] if plan.sides else None
    assert (part.objective if part else 0) == best
    assert not part or sum(item.kept for item in part.attributes.values()) == best


@settings(max_examples=25, deadline=None)
@given(studies(most=40, labels=6))
def test_the_integer_programme_finds_what_enumeration_finds(study):
    frame, names, minimum = study
    by_name = release_plan(frame, names, min_group=minimum)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "ENUMERATED", -1)
        programmed = release_plan(frame, names, min_group=minimum)
    for side, part in by_name.sides.items():
        assert programmed.sides[side].objective >= 0.97 * part.objective
        assert programmed.sides[side].bound >= part.objective
        assert not tells_too_much(published(programmed, frame), names, minimum)


@settings(max_examples=15, deadline=None)
@given(studies(), st.integers(0, 100))
def test_the_order_of_people_does_not_matter(study, seed):
    frame, names, minimum = study
    shuffled = frame.sample(frac=1, random_state=seed)
    assert release_plan(frame, names, min_group=minimum) == release_plan(shuffled, names, min_group=minimum)


def test_ties_go_to_earlier_names():
    plan = release_plan(people(team=groups(Alpha=3, Beta=6, Gamma=6)), ["team"], min_group=5)
    assert plan.labels("team", "manager") == {"Alpha": "Other team", "Beta": "Beta", "Gamma": "Other team"}


# -- whom answers are about -------------------------------------------------------------------------------------------


def sheets(frame: pd.DataFrame, rated: list) -> pd.DataFrame:
    """One sheet per row of those who answered, about whom the list says."""
    return frame[["person_id", "wave", "side"]].assign(rated_id=rated)[frame["responded"]]


def about_few(frame: pd.DataFrame, about: pd.DataFrame, names: list[str], fewest: int) -> bool:
    """Say whether any group tells of too few rated people, or any set that follows: every set about few is tried."""
    told = frame[frame["responded"]].merge(about, on=["person_id", "wave", "side"])
    for _, rows in told.groupby("wave"):
        known = rows.dropna(subset="rated_id")
        everybody = known["rated_id"].value_counts()
        if len(everybody) < fewest or everybody.max() / len(known) > 0.8:
            continue  # no merging helps
        for name in names:
            for _, group in rows.groupby(name):
                of_group = group["rated_id"].dropna().value_counts()
                if len(of_group) < fewest or of_group.max() / of_group.sum() > 0.8:
                    return True
        types = list(rows.groupby(names))
        labels = [kind if isinstance(kind, tuple) else (kind,) for kind, _ in types]
        whom = [set(part["rated_id"].dropna()) for _, part in types]
        sets = [[1] * len(types)]
        for place in range(len(names)):
            sets += [[int(kind[place] == value) for kind in labels] for value in {kind[place] for kind in labels}]
        unknown = silent(sets)
        for few in combinations(everybody.index, fewest - 1):
            members = [place for place, who in enumerate(whom) if who <= set(few)]
            for size in range(1, len(members) + 1):
                for chosen in combinations(members, size):
                    if (unknown[:, list(chosen)].sum(axis=1) == 0).all():
                        return True
    return False


@st.composite
def rated_studies(draw, most: int = 30, waves: int = 2) -> tuple[pd.DataFrame, list[str], int, pd.DataFrame, int]:
    """As ``studies``; teams are served by one or two of a few HR partners, and some sheets do not say by whom."""
    frame, names, minimum = draw(studies(most=most, waves=waves))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    partners = draw(st.integers(2, 6))
    of_team = {team: random.choice(partners, 2) for team in sorted(frame["team"].unique())}
    rated = [f"H{random.choice(of_team[team])}" if random.random() < 0.9 else None for team in frame["team"]]
    return frame, names, minimum, sheets(frame, rated), draw(st.integers(2, 3))


@settings(max_examples=40, deadline=None)
@given(rated_studies())
def test_nothing_tells_of_few_rated_people(study):
    frame, names, minimum, about, fewest = study
    plan = release_plan(frame, names, min_group=minimum, sheets=about, min_rated=fewest)
    merged = published(plan, frame)
    shown = [name for name in names if name in merged]
    sizes = frame[frame["responded"]]["wave"].value_counts()
    large = merged[merged["wave"].isin(sizes.index[sizes >= minimum])]
    assert not shown or not about_few(large, about, shown, fewest)
    assert not tells_too_much(merged, names, minimum)


@settings(max_examples=20, deadline=None)
@given(rated_studies(most=18, waves=1), st.booleans())
def test_no_plan_about_enough_people_keeps_more(study, programmed):
    frame, names, minimum, about, fewest = study
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "ENUMERATED", -1 if programmed else choice.ENUMERATED)
        plan = release_plan(frame, names, min_group=minimum, sheets=about, min_rated=fewest)
    part = plan.sides["manager"]
    best = best_by_trying_all(frame, names, minimum, lambda merged: about_few(merged, about, names, fewest))
    assert part.bound >= best
    assert 0.97 * best <= part.objective <= best


def test_without_the_rule_many_plans_tell_of_few_rated_people():
    random = np.random.default_rng(3)
    told = 0
    for _ in range(20):
        team = random.choice(list("abcd"), 40)
        frame = people(team=list(team), place=list(random.choice(list("xyz"), 40)))
        about = sheets(frame, [f"H{'abcd'.index(name) % 3}" for name in team])
        plan = release_plan(frame, ["team", "place"], min_group=5)
        told += about_few(published(plan, frame), about, ["team", "place"], 2)
    assert told >= 15


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sets_about_few_are_found_exactly_when_there_are_any(seed):
    random = np.random.default_rng(seed)
    types = sorted({tuple(sorted(random.choice(7, random.integers(1, 4), replace=False).tolist())) for _ in range(9)})
    most, fewest = int(random.integers(2, 7)), int(random.integers(2, 5))
    told = [
        set(random.choice(most, random.integers(random.random() > 0.2, min(3, most) + 1), replace=False).tolist())
        for _ in types
    ]
    sets = [[int(number in kind) for kind in types] for number in range(7)]
    unknown = silent([row for row in sets if any(row)])
    truth = {
        chosen
        for size in range(1, len(types) + 1)
        for chosen in combinations(range(len(types)), size)
        if len(set().union(*(told[place] for place in chosen))) < fewest
        and (unknown[:, list(chosen)].sum(axis=1) == 0).all()
    }
    found = row_space.about_few(types, told, fewest)
    assert all(item.decided and item.types in truth for item in found)
    assert bool(found) == bool(truth)


def test_where_there_are_too_many_choices_of_rated_people_it_is_undecided(monkeypatch):
    types, told = [{0}, {0}, {0, 1}, {2}], [{7}, {7}, {7, 8}, {8, 9}]
    monkeypatch.setattr(row_space, "CHOICES", 0)
    assert [item.decided for item in row_space.about_few(types, told, 2)] == [False]


#: Eight departments, most of which have an HR partner of their own.
DEPARTMENTS = groups(Sales=22, Care=17, Tech=16, Field=13, Finance=8, Legal=6, Stores=6, Labs=6)
PARTNERS = groups(H1=11, H2=11, H3=17, H4=16, H5=13, H6=8, H7=6, H8=6, H9=6)


def test_departments_about_one_hr_partner_are_merged_and_shown():
    frame = people(department=DEPARTMENTS)
    plan = release_plan(frame, ["department"], min_group=5, sheets=sheets(frame, PARTNERS))
    part = plan.sides["manager"].attributes["department"]
    assert part.groups == ("Other department", "Sales")
    one = "answers are about fewer than 2 HR partners in 2026"
    assert part.merged[0].reasons == dict.fromkeys(sorted({*DEPARTMENTS} - {"Sales"}), one)
    assert any("Each group is about at least 2 HR partners" in line for line in explain(plan))


@pytest.mark.parametrize(
    ("asked", "kept"),
    [(1, "abcd"), (2, "cd"), ({"manager": 1}, "abcd"), ({"hr": 1}, "cd"), ({"hr": 2, "manager": 3}, "d")],
)
def test_how_many_people_a_group_tells_of_is_asked_for_by_side(asked, kept):
    frame = people(team=groups(a=10, b=9, c=11, d=12))
    rated = [*groups(H1=10), *groups(H1=5, H2=4), *groups(H2=4, H3=7), *groups(H1=4, H2=4, H3=4)]
    plan = release_plan(frame, ["team"], min_group=5, sheets=sheets(frame, rated), min_rated=asked)
    assert plan.labels("team", "manager") == {team: team if team in kept else "Other team" for team in "abcd"}


def test_a_group_of_whose_answers_one_partner_has_nearly_all_is_merged():
    frame = people(team=groups(a=10, b=10, c=10))
    rated = [*groups(H1=9, H2=1), *groups(H1=5, H2=5), *groups(H2=8, H3=2)]
    plan = release_plan(frame, ["team"], min_group=5, sheets=sheets(frame, rated))
    assert plan.labels("team", "manager") == {"a": "Other team", "b": "b", "c": "Other team"}
    assert plan.sides["manager"].attributes["team"].merged[0].reasons == {
        "a": "answers are over 80 % about one of the HR partners in 2026",
        "c": "without it the answers left over would be about fewer than 2 HR partners, or over 80 % about one",
    }


def test_what_is_left_of_a_place_beside_its_teams_is_about_enough_people():
    frame = people(team=groups(a=10, b=10, c=10), place=["x"] * 20 + ["y"] * 10)
    crossed = frame.assign(place=["x"] * 18 + ["y"] * 12)
    rated = [*["H1", "H2"] * 9, *["H3"] * 2, *["H1", "H2"] * 5]
    kept = {}
    for name, these in (("nested", frame), ("crossed", crossed)):
        about = sheets(these, rated)
        plan = release_plan(these, ["place", "team"], min_group=2, sheets=about)
        assert not about_few(published(plan, these), about, ["place", "team"], 2)
        kept[name] = plan.sides["manager"].share_kept
    # Of b two are at y, both about H3: place y less team c would tell of H3 alone.
    assert kept == {"nested": 1.0, "crossed": pytest.approx(40 / 60)}
    told = [reason for line in explain(plan) for reason in [line.strip()] if "beside the groups of place" in reason]
    assert told and "about fewer than 2 HR partners" in told[0]


def test_a_sheet_that_names_nobody_is_about_nobody_where_others_name_somebody():
    frame = people(team=groups(a=10, b=10, c=10))
    named = [*[None] * 10, *["H1", "H2"] * 10]
    plan = release_plan(frame, ["team"], min_group=5, sheets=sheets(frame, named))
    assert plan.labels("team", "manager")["a"] == "Other team"
    plan = release_plan(frame, ["team"], min_group=5, sheets=sheets(frame, [None] * 30))
    assert plan.labels("team", "manager") == {"a": "a", "b": "b", "c": "c"}


def test_a_wave_about_one_partner_throughout_binds_no_other_and_is_told():
    frame = pd.concat([people(wave=wave, team=groups(a=10, b=10)) for wave in ("1", "2")], ignore_index=True)
    about = sheets(frame, ["H1"] * 20 + ["H1", "H2"] * 10)
    plan = release_plan(frame, ["team"], min_group=5, sheets=about)
    assert plan.labels("team", "manager") == {"a": "a", "b": "b"}
    assert plan.sides["manager"].about_few == ("1",)
    assert any(line.startswith("  Not in 1: even all answers are about fewer than 2") for line in explain(plan))


def test_an_attribute_whose_groups_tell_of_few_rated_people_is_left_out_and_why_is_said():
    frame = people(team=groups(a=10, b=10))
    about = sheets(frame, ["H1"] * 10 + ["H2"] * 10)
    plan = release_plan(frame, ["team"], min_group=5, sheets=about, merge={"team": Steer(keep=["a"])})
    part, told = plan.sides["manager"].attributes["team"], "single out fewer than 5 people, or tell of fewer than 2"
    assert part.left_out == f"team of managers is not reported: its groups would {told} HR partners."
    assert part.notes == (f"'a' was to be kept, which would {told} HR partners.",)
    assert remarks(plan) == [f"Managers are not divided by team: the groups would {told} HR partners."]


def test_units_about_one_partner_go_to_the_nearest_unit_about_enough():
    unit = [*["Line 1"] * 8, *["Line 2"] * 8, *["Line 3"] * 9, *["Office"] * 10]
    rated = [*["H1"] * 8, *["H1"] * 8, *["H1", "H2", "H3"] * 3, *["H2", "H3"] * 5]
    frame = people(unit=unit)
    plan = release_plan(frame, ["unit"], min_group=5, parents={"unit": UNITS}, sheets=sheets(frame, rated))
    # Lines 1 and 2 together are about H1 alone, so Line 3 goes with them, and the three are the plant.
    labels = plan.labels("unit", "manager")
    assert labels == {**dict.fromkeys(["Line 1", "Line 2", "Line 3"], "Plant"), "Office": "Office"}


# -- edges ------------------------------------------------------------------------------------------------------------


def test_one_group_of_everybody_stays():
    plan = release_plan(people(team=groups(Sales=9)), ["team"], min_group=5)
    assert plan.labels("team", "manager") == {"Sales": "Sales"}
    assert plan.sides["manager"].share_kept == 1


def test_an_attribute_of_small_groups_only_may_be_left_out():
    frame = people(team=groups(a=3, b=3), place=groups(x=6))
    plan = release_plan(frame, ["team", "place"], min_group=5)
    part = plan.sides["manager"].attributes["team"]
    assert part.left_out == "team of managers is not reported: its groups would single out fewer than 5 people."
    assert plan.labels("team", "manager") is None
    assert list(plan.apply(frame, "manager")) == ["person_id", "wave", "side", "responded", "place"]
    assert any(part.left_out in line for line in explain(plan))


def test_a_side_below_the_minimum_publishes_nothing_and_binds_nobody():
    frame = pd.concat([people("hr", team=groups(Sales=4)), people("manager", team=groups(Sales=5, Legal=6))])
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.sides["hr"].waves == ()
    assert plan.labels("team", "hr") is None and plan.labels("team", ["hr", "manager"]) is None
    assert plan.labels("team", "manager") == {"Legal": "Legal", "Sales": "Sales"}
    assert "HR partners: fewer than 5 answered; nothing is published of this side alone." in explain(plan)


def test_a_wave_below_the_minimum_binds_no_other():
    frame = pd.concat([people(wave="pilot", team=["Sales", "Legal"]), people(wave="w1", team=groups(Sales=5, Legal=5))])
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.sides["manager"].waves == ("w1",)
    assert plan.labels("team", "manager") == {"Legal": "Legal", "Sales": "Sales"}


def test_teams_within_departments_leave_no_few():
    frame = people(
        department=groups(Sales=16, Legal=15),
        team=groups(North=7, South=6, East=3, Law=8, Tax=7),
    )
    plan = release_plan(frame, ["department", "team"], min_group=5)
    # East alone would be the department less its other two teams: the smaller of these goes with it.
    assert plan.labels("team", "manager") == {
        "East": "Other team",
        "Law": "Law",
        "North": "North",
        "South": "Other team",
        "Tax": "Tax",
    }
    assert plan.sides["manager"].attributes["department"].groups == ("Legal", "Sales")


def test_sets_that_merely_overlap_are_free():
    frame = people(team=groups(a=10, b=10), place=["x"] * 11 + ["y"] * 9)
    plan = release_plan(frame, ["team", "place"], min_group=5)
    # a is contained in x: the one person left over would be told of.
    assert plan.labels("place", "manager") is None or plan.labels("team", "manager") is None
    crossed = people(team=groups(a=10, b=10), place=["x"] * 9 + ["y"] + ["x"] * 2 + ["y"] * 8)
    assert release_plan(crossed, ["team", "place"], min_group=5).sides["manager"].share_kept == 1


def test_three_waves_with_people_who_join_and_leave():
    frame = pd.concat(
        [
            people(wave="1", team=groups(Sales=8, Legal=6, Audit=9)),
            people(wave="2", team=groups(Sales=8, Legal=4, Audit=9)),
            people(wave="3", team=groups(Sales=8, Audit=9, New=7)),
        ]
    )
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.labels("team", "manager") == {
        "Audit": "Audit",
        "Legal": "Other team",
        "New": "New",
        "Sales": "Other team",
    }
    reasons = plan.sides["manager"].attributes["team"].merged[0].reasons
    assert reasons == {
        "Legal": "fewer than 5 answered in 2",
        "Sales": "without it fewer than 5 people would be left over",
    }


def test_a_reason_names_the_attribute_beside_which_a_group_would_tell_too_much():
    frame = people(department=groups(Sales=16, Legal=12), team=groups(North=7, South=6, East=3, Law=8, Tax=4))
    merged = release_plan(frame, ["department", "team"], min_group=5).sides["manager"].attributes["team"].merged[0]
    beside = "beside the groups of department it would single out fewer than 5 people"
    assert merged.reasons == {
        "East": "fewer than 5 answered in 2026",
        "Law": beside,
        "South": beside,
        "Tax": "fewer than 5 answered in 2026",
    }


def test_missing_labels_are_a_group():
    frame = people(team=[*groups(Sales=9, Legal=8), None, np.nan])
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.labels("team", "manager") == {NOT_RECORDED: "Other team", "Legal": "Other team", "Sales": "Sales"}
    assert plan.apply(frame, "manager")["team"].value_counts().to_dict() == {"Other team": 10, "Sales": 9}


def test_nobody_of_a_group_answered():
    frame = people(team=groups(Sales=9, Legal=8, Audit=6))
    frame["responded"] = frame["team"] != "Audit"
    plan = release_plan(frame, ["team"], min_group=5)
    part = plan.sides["manager"].attributes["team"]
    # By itself Audit would tell of six people that they did not answer.
    assert plan.labels("team", "manager") == {"Audit": "Other team", "Legal": "Other team", "Sales": "Sales"}
    assert part.merged[0].reasons == {
        "Audit": "nobody answered in 2026",
        "Legal": "merged with a group of which nobody answered in a wave",
    }


def test_a_group_that_did_not_answer_in_one_wave_is_merged_in_all():
    second = people(wave="2", team=groups(Sales=9, Legal=8, Audit=6))
    frame = pd.concat([people(wave="1", team=groups(Sales=9, Legal=8, Audit=6)), second.assign(responded=True)])
    frame.loc[(frame["wave"] == "2") & (frame["team"] == "Audit"), "responded"] = False
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.sides["manager"].attributes["team"].groups == ("Other team", "Sales")
    # Where nothing is said of those invited by it, nobody learns who was not there.
    assert len(release_plan(frame, ["team"], min_group=5, answered_only=["team"]).labels("team", "manager")) == 3


def test_a_unit_of_which_nobody_answered_is_not_published():
    unit = [*["Line 1"] * 6, *["Line 2"] * 6, *["Office"] * 8]
    frame = people(unit=unit)
    frame["responded"] = frame["unit"] != "Line 1"
    plan = release_plan(frame, ["unit"], min_group=5, parents={"unit": UNITS})
    assert not tells_too_much(published(plan, frame), ["unit"], 5)


def test_the_name_of_the_rest_collides_with_nothing():
    frame = people(team=[*groups(Sales=9, a=2, b=3), *["other TEAM"] * 7])
    assert release_plan(frame, ["team"], min_group=5).labels("team", "manager")["a"] == "Other team 2"


def test_equal_names_on_two_sides_mean_equal_groups():
    frame = pd.concat(
        [
            people("hr", team=groups(Sales=9, Legal=3, Audit=3)),
            people("manager", team=groups(Sales=9, Legal=9, Audit=3, Tax=3)),
        ]
    )
    plan = release_plan(frame, ["team"], min_group=5)
    assert plan.labels("team", "hr")["Legal"] == "Other team (HR partners)"
    assert plan.labels("team", "manager")["Tax"] == "Other team (managers)"
    # What is merged on one side is merged in a comparison.
    compared = plan.labels("team", ["manager", "hr"])
    assert compared["Sales"] == "Sales"
    assert len({compared[label] for label in ("Legal", "Audit", "Tax")}) == 1
    assert singled_out(plan.apply(frame, ["hr", "manager"]), ["team"], 5) == []


# -- units ------------------------------------------------------------------------------------------------------------

UNITS = {"Plant": "Company", "Office": "Company", "Line 1": "Plant", "Line 2": "Plant", "Line 3": "Plant"}


def test_small_units_go_to_the_nearest_unit_where_they_are_enough():
    unit = [*["Line 1"] * 3, *["Line 2"] * 3, *["Line 3"] * 9, *["Office"] * 8]
    plan = release_plan(people(unit=unit), ["unit"], min_group=5, parents={"unit": UNITS})
    assert plan.labels("unit", "manager") == {
        "Line 1": "Other in Plant",
        "Line 2": "Other in Plant",
        "Line 3": "Line 3",
        "Office": "Office",
    }


def test_a_unit_merged_whole_has_its_own_name():
    unit = [*["Line 1"] * 3, *["Line 2"] * 3, *["Line 3"] * 2, *["Plant"] * 1, *["Office"] * 8]
    plan = release_plan(people(unit=unit), ["unit"], min_group=5, parents={"unit": UNITS})
    assert {plan.labels("unit", "manager")[label] for label in unit if label != "Office"} == {"Plant"}
    assert plan.sides["manager"].attributes["unit"].kept == 8


def test_small_units_climb_when_their_parent_is_small_too():
    unit = [*["Line 1"] * 2, *["Line 3"] * 9, *["Office"] * 8, *["Company"] * 4]
    plan = release_plan(people(unit=unit), ["unit"], min_group=5, parents={"unit": UNITS})
    labels = plan.labels("unit", "manager")
    assert labels["Line 1"] == labels["Company"] == "Other in Company"
    assert labels["Line 3"] == "Line 3" and labels["Office"] == "Office"


def test_parents_may_stand_in_a_column():
    frame = people(team=groups(a=3, b=3, c=8, d=9), department=groups(Sales=14, Legal=9))
    plan = release_plan(frame, ["team"], min_group=5, parents={"team": "department"})
    assert plan.labels("team", "manager") == {"a": "Other in Sales", "b": "Other in Sales", "c": "c", "d": "d"}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_units_single_nobody_out(seed):
    random = np.random.default_rng(seed)
    tree = {f"t{number}": f"d{number % 4}" for number in range(10)} | {f"d{n}": f"v{n % 2}" for n in range(4)}
    unit = random.choice([*tree, "v0"], 45, p=random.dirichlet(np.full(len(tree) + 1, 0.7)))
    frame = people(unit=list(unit), level=list(random.choice(list("xyz"), 45)))
    frame["wave"] = random.choice(["w1", "w2"], 45)
    plan = release_plan(frame, ["unit", "level"], min_group=4, parents={"unit": tree})
    assert singled_out(published(plan, frame), ["unit", "level"], 4) == []


# -- instructions -----------------------------------------------------------------------------------------------------


def test_a_consultant_merges_and_keeps():
    frame = people(place=groups(North=6, South=7, East=9, West=3))
    asked = {"place": Steer(together={"Coast": ["East", "West"]}, keep=["North"])}
    plan = release_plan(frame, ["place"], min_group=5, merge=asked)
    assert plan.labels("place", "manager") == {"East": "Coast", "North": "North", "South": "South", "West": "Coast"}
    part = plan.sides["manager"].attributes["place"]
    assert (part.kept, part.respondents) == (13, 25)
    assert part.merged[0].reasons == {"East": "merged as the study asks", "West": "merged as the study asks"}


def test_keeping_a_group_costs_another_one():
    frame = people(place=groups(North=6, South=7, East=9, West=3))
    assert release_plan(frame, ["place"], min_group=5).labels("place", "manager")["North"] == "Other place"
    plan = release_plan(frame, ["place"], min_group=5, merge={"place": Steer(keep=["North"])})
    labels = plan.labels("place", "manager")
    assert labels["North"] == "North" and labels["South"] == labels["West"] == "Other place"


def test_a_group_that_is_not_safe_is_not_kept_and_the_plan_says_so():
    frame = people(place=groups(North=6, South=7, West=3))
    plan = release_plan(frame, ["place"], min_group=5, merge={"place": Steer(keep=["West"])})
    assert plan.labels("place", "manager")["West"] == "Other place"
    note = "'West' was to be kept, which would single out fewer than 5 people."
    assert plan.sides["manager"].attributes["place"].notes == (note,)
    assert f"    {note}" in explain(plan)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attributes": ["nothing"]}, "needs the columns nothing"),
        ({"min_group": 1}, "at least 2"),
        ({"merge": {"level": Steer()}}, "'level' is not an attribute"),
        ({"merge": {"place": Steer(keep=["Nowhere"])}}, "no group is called 'Nowhere'"),
        ({"merge": {"place": Steer(together={"x": ["Nowhere"]})}}, "no group is called 'Nowhere'"),
        ({"merge": {"place": Steer(together={"x": ["North"], "y": ["North"]})}}, "stands in two groups"),
        ({"merge": {"place": Steer(together={"South": ["North"]})}}, "a group that is not merged"),
        ({"parents": {"place": {"North": "South", "South": "North"}}}, "form a circle"),
        ({"parents": {"place": "over"}}, "'North' has two parents"),
        ({"parents": {"place": "nothing"}}, "needs the column nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, message):
    frame = people(place=groups(North=6, South=7), over=["a", "b"] * 5 + ["c"] * 3)
    with pytest.raises(ValueError, match=message):
        release_plan(frame, **{"attributes": ["place"], "min_group": 5} | arguments)


def test_somebody_twice_is_refused():
    frame = people(place=groups(North=6))
    with pytest.raises(ValueError, match="one row per person"):
        release_plan(pd.concat([frame, frame]), ["place"], min_group=5)


def test_a_label_that_the_plan_has_not_seen_is_refused():
    frame = people(place=groups(North=6, South=7))
    plan = release_plan(frame, ["place"], min_group=5)
    with pytest.raises(ValueError, match="has not seen 'East'"):
        plan.apply(frame.assign(place="East"), "manager")
    with pytest.raises(ValueError, match="knows no side 'hr'"):
        plan.apply(frame, "hr")
    with pytest.raises(ValueError, match="knows no attribute 'team'"):
        plan.labels("team", "manager")


def test_the_sample_study_keeps_nearly_everything():
    study = Study.load(SAMPLE)
    count = {side: [len(item.groups) for item in part.attributes.values()] for side, part in study.plan.sides.items()}
    assert count == {"employee": [5, 5, 1, 3], "hr": [5, 4, 2, 3], "manager": [6, 5, 3, 3], "openings": [6, 5, 3]}
    assert study.plan.sides["hr"].waves == tuple(study.waves)
    assert all(part.gap == 0 for part in study.plan.sides.values())
    raw, published = Study.load(SAMPLE, merged=False).roster(), study.roster()
    for frame in (published, published.assign(responded=True)):  # who answered, and who was invited
        assert singled_out(frame[frame["side"] == "hr"], study.attributes, 5) == []
    assert singled_out(raw[raw["side"] == "hr"], study.attributes, 5) != []


@pytest.mark.parametrize("module", [plans, row_space], ids=["plan", "row_space"])
def test_the_examples_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
