"""Nobody who did not answer can be named from rates and numbers, whatever the staff directory says of everybody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.data import Study
from helpers.privacy.bands import at_least
from helpers.privacy.participation import Detail, Participation, safe_model
from helpers.privacy.plan import release_plan
from helpers.shipped import SAMPLE

pytestmark = pytest.mark.slow

MINIMUM = 5


def roster_of(people: int, labels: dict[str, list[str]], answered: list[bool], wave: str = "2026") -> pd.DataFrame:
    columns = {"person_id": [f"P{at:03d}" for at in range(people)], "wave": wave, "side": "hr", "responded": answered}
    return pd.DataFrame(columns | labels)


def random_roster(seed: int, people: int, rate: float, sizes: tuple[int, ...] = (3, 2, 3)) -> pd.DataFrame:
    drawn = np.random.default_rng(seed)
    labels = {f"a{at}": drawn.integers(0, size, people).astype(str).tolist() for at, size in enumerate(sizes)}
    return roster_of(people, labels, (drawn.random(people) < rate).tolist())


def merged(roster: pd.DataFrame, attributes: list[str]) -> pd.DataFrame:
    """Give everybody the labels of the release plan, as every chapter does."""
    plan = release_plan(roster, attributes, min_group=MINIMUM)
    labels = {name: plan.labels(name, "hr") or {} for name in attributes}
    return roster.assign(**{name: roster[name].map(labels[name]) for name in attributes})


def said(words: int | str, invited: int) -> tuple[int, int]:
    """Read a published number as anybody would: its lowest and highest value."""
    if isinstance(words, int):
        return words, words
    least = at_least(words)
    return least, invited if "more" in words else int(words.split("–")[1])


def named(roster: pd.DataFrame, published: list[tuple[pd.Series, int, int]]) -> list[str]:
    """Solve for everybody who did not answer: whose answer is excluded by everything published together?"""
    inside = np.array([members for members, _, _ in published], float)
    low, high = (np.array([limits[at] for limits in published]) for at in (1, 2))
    found = []
    for at, answered in enumerate(roster["responded"]):
        if not answered:
            wanted = np.zeros(len(roster))
            wanted[at] = -1
            result = milp(
                wanted, constraints=LinearConstraint(inside, low, high), integrality=np.ones(len(roster)),
                bounds=Bounds(0, 1),
            )  # fmt: skip
            assert result.status == 0
            if round(-result.fun) == 0:
                found.append(roster["person_id"].iloc[at])
    return found


def everything_told(roster: pd.DataFrame, attributes: list[str], exact: bool) -> list[tuple[pd.Series, int, int]]:
    """Return what is published of every group: as it is, or as it may be told."""
    told = Participation.of(roster, attributes, MINIMUM)
    published = []
    for key, group in told.groups.items():
        members = roster[key.attribute].eq(key.label) if key.attribute else pd.Series(True, roster.index)
        about = {"wave": key.wave, "side": key.side} | ({key.attribute: key.label} if key.attribute else {})
        limits = said(told.words(group.answered, about), group.invited)
        if exact or told.told(*key):  # the rate beside the number of invited people is the number of answers
            limits = group.answered, group.answered
        published.append((members, *limits))
    return published


# three of 36 do not answer, as in many surveys of HR partners -------------------------------------------------------


@pytest.fixture
def three_silent() -> pd.DataFrame:
    drawn = np.random.default_rng(15)
    labels = {
        "department": list("ABCDEF" * 6),
        "location": drawn.permutation(list("XYZW" * 9)).tolist(),
        "level": drawn.permutation(list("123" * 12)).tolist(),
    }
    return roster_of(36, labels, [at not in (3, 17, 20) for at in range(36)])


def test_exact_rates_of_a_few_groups_name_those_who_did_not_answer(three_silent):
    attributes = ["department", "location", "level"]
    assert named(three_silent, everything_told(three_silent, attributes, exact=True)) == ["P003", "P017", "P020"]


def test_what_may_be_told_of_them_names_nobody(three_silent):
    attributes = ["department", "location", "level"]
    told = Participation.of(three_silent, attributes, MINIMUM)
    assert named(three_silent, everything_told(three_silent, attributes, exact=False)) == []
    # 33 of 36 would tell that three did not answer
    assert told.words(33, {"wave": "2026", "side": "hr"}) == "30 or more"
    assert not told.told("2026", "hr")


def test_of_a_few_more_who_did_not_answer_the_side_may_be_told():
    roster = roster_of(36, {}, [at >= 5 for at in range(36)])
    told = Participation.of(roster, [], MINIMUM)
    assert told.told("2026", "hr") and told.words(31, {"wave": "2026", "side": "hr"}) == 31


@pytest.mark.parametrize("silent", [0, 1, 4])
def test_nobody_learns_whether_all_answered_or_nearly_all(silent):
    roster = roster_of(60, {}, [at >= silent for at in range(60)])
    assert Participation.of(roster, [], MINIMUM).words(60 - silent, {"side": "hr"}) == "50 or more"


def test_a_number_below_thirty_stands_in_its_band():
    told = Participation.of(roster_of(40, {}, [at < 20 for at in range(40)]), [], MINIMUM)
    assert [told.words(count, {"side": "hr"}) for count in (5, 12, 20)] == ["5–9", "10–19", "20–29"]


@pytest.mark.parametrize(("invited", "told"), [(20, "10 or more"), (10, "5 or more"), (24, "20–29"), (5, "5–9")])
def test_a_band_does_not_say_that_all_answered(invited, told):
    """20–29 of 20 invited are all. Of a group as small as the smallest that is shown, everybody knows as much."""
    everybody = Participation.of(roster_of(invited, {}, [True] * invited), [], MINIMUM)
    assert everybody.words(invited, {"wave": "2026", "side": "hr"}) == told


def test_that_nobody_or_few_answered_is_not_told_either():
    nobody = Participation.of(roster_of(12, {}, [False] * 12), [], MINIMUM)
    few = Participation.of(roster_of(12, {}, [at < 3 for at in range(12)]), [], MINIMUM)
    assert nobody.words(0, {"side": "hr"}) == few.words(3, {"side": "hr"}) == "0–4"
    # nobody was rated: that is no number of answers
    assert few.words(0, {"side": "hr"}) == 0


def test_without_a_roster_numbers_stand_as_they_are():
    told = Participation.of(None, ["department"], MINIMUM)
    assert (told.words(7, {}), told.words(33, {"side": "hr"})) == (7, 33)


def test_the_sum_of_what_is_not_told_is_not_told_either():
    labels = {"department": ["A"] * 20 + ["B"] * 20 + ["C"] * 20}
    silent = {0, 1, 20, 21, 22, 23, 24, 40, 41, 42, 43, 44, 45}  # two of A, five of B, six of C
    told = Participation.of(roster_of(60, labels, [at not in silent for at in range(60)]), ["department"], MINIMUM)
    # the total less B and C would tell of A, which may not be told
    assert told.told("2026", "hr")
    assert [told.told("2026", "hr", "department", label) for label in "ABC"] == [False, False, True]
    assert told.attributes_told("2026", "hr") == []


def test_a_number_that_may_be_about_several_groups_is_told_as_the_one_that_allows_least():
    few = roster_of(36, {}, [at >= 2 for at in range(36)])
    many = few.assign(side="manager", person_id=few["person_id"] + "m", responded=[at >= 9 for at in range(36)])
    told = Participation.of(pd.concat([few, many]), [], MINIMUM)
    assert told.words(34, {"side": "hr"}) == told.words(34, {}) == "30 or more"
    # both sides together, less the managers, are the HR partners
    assert told.words(34 + 27, {}) == "50 or more"


# anything at all -----------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(12, 45), st.floats(0.3, 0.97))
@example(seed=379, people=12, rate=0.3125)  # nobody answered
def test_nobody_is_ever_named(seed, people, rate):
    attributes = ["a0", "a1", "a2"]
    roster = merged(random_roster(seed, people, rate, (6, 5, 3)), attributes)
    assert named(roster, everything_told(roster, attributes, exact=False)) == []


def test_exact_numbers_of_unmerged_groups_would_have_named_somebody_in_several():
    rosters = [random_roster(seed, 30, 0.92, (6, 5, 3)) for seed in range(5)]
    attacked = [len(named(roster, everything_told(roster, ["a0", "a1", "a2"], exact=True))) for roster in rosters]
    assert sum(count > 0 for count in attacked) >= 3


def test_a_group_of_enough_silent_people_may_still_name_one_beside_others():
    # A1: six silent, one of them in B1. B2: five silent, all in A1. So the sixth must be the one in B1.
    rows = [("A1", "B1", False)] + [("A1", "B2", False)] * 5 + [("A1", "B2", True)] * 14 + [("A2", "B2", True)] * 5
    rows += [("A2", "B1", at % 2 == 0) for at in range(20)]
    a, b, answered = (list(column) for column in zip(*rows, strict=True))
    roster = roster_of(len(rows), {"a": a, "b": b}, answered)
    assert named(roster, everything_told(roster, ["a", "b"], exact=True)) == ["P000"]
    assert named(roster, everything_told(roster, ["a", "b"], exact=False)) == []


def test_the_sample_names_nobody_in_any_wave():
    study = Study.load(SAMPLE)
    roster = study.roster()
    told = Participation.of(roster, study.attributes, study.privacy.min_group)
    assert any(group.detail == Detail.TOLD for key, group in told.groups.items() if key.attribute)
    for (_, side), rows in roster.groupby(["wave", "side"]):
        known = [name for name in study.attributes if rows[name].notna().any()]
        silent_types = rows.groupby(known, dropna=False)["responded"].transform("sum").eq(0)
        # of all others somebody of the same labels answered, so that nothing tells them apart
        doubtful = rows[silent_types].drop_duplicates(known)
        published = everything_told(rows.reset_index(drop=True), known, exact=False)
        if side == "hr":
            assert named(rows.reset_index(drop=True), published) == []
        else:
            one_of_each = rows.reset_index(drop=True)
            one_of_each["responded"] = ~one_of_each["person_id"].isin(doubtful["person_id"])
            assert named(one_of_each, published) == []


# models of having answered -------------------------------------------------------------------------------------------


def test_a_model_holds_only_attributes_and_waves_whose_rates_may_be_told():
    drawn = np.random.default_rng(1)
    waves = [random_roster(seed, 200, 0.6, (3, 2)).assign(wave=str(seed)) for seed in (1, 2)]
    whole = waves[0].assign(wave="3", responded=[at >= 3 for at in range(200)])
    roster = pd.concat([*waves, whole], ignore_index=True)
    roster["rare"] = np.where(drawn.random(len(roster)) < 0.5, "yes", "no")
    roster.loc[roster["a0"] == "0", "tiny"] = "few"
    roster["tiny"] = roster["tiny"].where(roster["tiny"].notna() & (roster.index < 3), "many")
    attributes = ["a0", "a1", "tiny"]
    told = Participation.of(roster, attributes, MINIMUM)
    rows, chosen = safe_model(roster, attributes, told)
    assert set(rows["wave"]) == {"1", "2"}  # in the third nearly all answered
    assert chosen == ["a0", "a1"]


def test_of_nobody_there_is_no_model():
    nobody = roster_of(0, {"a": []}, [])
    rows, chosen = safe_model(nobody, ["a"], Participation.of(nobody, ["a"], MINIMUM))
    assert (len(rows), chosen, list(rows)) == (0, [], list(nobody))


def test_a_model_never_tells_of_one_wave_what_its_rates_may_not():
    rows = [("A1", "B1", False)] + [("A1", "B2", False)] * 5 + [("A1", "B2", True)] * 14 + [("A2", "B2", True)] * 5
    rows += [("A2", "B1", at % 2 == 0) for at in range(10)]
    a, b, answered = (list(column) for column in zip(*rows, strict=True))
    roster = roster_of(len(rows), {"a": a, "b": b}, answered)
    told = Participation.of(roster, ["a", "b"], MINIMUM)
    rows, chosen = safe_model(roster, ["a", "b"], told)
    exact = [(roster[name] == label, *[roster.loc[roster[name] == label, "responded"].sum()] * 2)
             for name in chosen for label in roster[name].unique()]  # fmt: skip
    assert named(roster, [*everything_told(roster, ["a", "b"], exact=False), *exact]) == []
    assert set(chosen) < {"a", "b"}
