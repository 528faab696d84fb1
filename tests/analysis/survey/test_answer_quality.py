import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.survey import answer_quality, scales
from helpers.data import Codebook

RESPONSES = {
    "agreement": {"type": "rating", "low": 1, "high": 5},
    "ten": {"type": "rating", "low": 0, "high": 10},
}
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Test"},
        "responses": RESPONSES,
        "dimensions": [{"id": "trust"}],
        "items": [
            {"id": name, "dimension": "trust", "response": "agreement", "text": "...", "short_form": name < "g"}
            | {"reverse": name == "b"}
            for name in "abcdefgh"
        ]
        + [{"id": "again", "response": "ten", "role": "outcome", "text": "..."}],
    }
)
ITEMS = list("abcdefgh")


def answers(rows, **given):
    frame = pd.DataFrame(rows, columns=ITEMS, dtype=float)
    people = {"respondent_id": range(len(frame)), "cluster_id": range(len(frame)), "side": "manager", "again": 7.0}
    return frame.assign(**people | given)


def longest_run(row):
    best, run, last = 0, 0, None
    for answer in row:
        if np.isnan(answer):
            continue
        run = run + 1 if answer == last else 1
        best, last = max(best, run), answer
    return best


@given(st.lists(st.lists(st.sampled_from([1, 2, 3, 4, 5, np.nan]), min_size=8, max_size=8), min_size=1, max_size=8))
def test_runs_are_those_a_reader_would_count(rows):
    found = answer_quality.patterns(answers(rows), BOOK)
    assert found["longest_run"].tolist() == [longest_run(row) for row in rows]
    assert found["answers"].tolist() == [sum(not np.isnan(x) for x in row) for row in rows]
    assert found["straight_line"].isna().tolist() == (found["answers"] < 6).tolist()


def test_one_row_of_each_kind():
    nan = np.nan
    rows = [[4] * 8, [4, 4, nan, 4, 4, 4, 4, 4], [1, 2, 3, 4, 5, 4, 3, 2], [3, 3, nan, nan, nan, nan, nan, nan]]
    found = answer_quality.patterns(answers(rows), BOOK)
    assert found["straight_line"].tolist() == [True, True, False, pd.NA]
    assert found["long_string"].tolist() == pytest.approx([1, 1, 1 / 8, nan], nan_ok=True)
    assert found["spread"].iloc[0] == 0


def test_straight_lining_includes_reversed_items_as_answered():
    agreeable_but_attentive = [4, 2, 4, 4, 4, 4, 4, 4]
    found = answer_quality.patterns(answers([agreeable_but_attentive]), BOOK)
    assert found["straight_line"].tolist() == [False]
    assert found["long_string"].tolist() == [6 / 8]


def test_careless_answering_is_counted_and_nobody_named():
    rows = [[4] * 8, [1, 2, 3, 4, 5, 4, 3, 2], [5, 4, 4, 2, 1, 3, 2, 4], [1, 2, 3, 4, 5, 4, 3, 2]]
    given = answers(rows, respondent_id=["p", "q", "r", "q"], rated_id=["x"] * 4, wave="w")
    found = answer_quality.careless(given, BOOK, long_form=8).set_index("sign")
    assert found["rows"].to_dict() == {"straight-lining": 1, "long string": 1, "duplicate": 1, "incomplete": 0}
    assert found["estimate"].to_dict() == {"straight-lining": 25, "long string": 25, "duplicate": 25, "incomplete": 0}
    assert set(found["respondents"]) == {3}
    assert "respondent_id" not in found


def test_the_cut_of_a_long_string_is_the_callers():
    row = [4, 4, 4, 1, 2, 3, 2, 1]
    counts = [
        answer_quality.careless(answers([row]), BOOK, long_string=cut, long_form=8)
        .set_index("sign")
        .loc["long string", "rows"]
        for cut in (0.3, 0.5)
    ]
    assert counts == [1, 0]


def test_long_strings_are_not_looked_for_on_a_short_form():
    found = answer_quality.careless(answers([[4] * 8]), BOOK).set_index("sign").loc["long string"]
    assert np.isnan(found["estimate"])
    assert found["note"] == "cannot tell: no row has 20 ratings"


def test_the_short_form_is_complete_when_its_items_are_answered():
    nan = np.nan
    rows = [[4, 3, 4, 2, 4, 1, nan, nan], [4, 3, nan, nan, nan, nan, nan, nan], [4, 3, 4, nan, nan, nan, 2, nan]]
    found = answer_quality.careless(answers(rows), BOOK).set_index("sign").loc["incomplete"]
    assert (found["rows"], found["judged"]) == (1, 3)
    items = answer_quality.completeness(answers(rows), BOOK).set_index("item")
    assert items.loc["a", ["asked", "answered"]].tolist() == [3, 3]
    assert items.loc["g", ["asked", "answered"]].tolist() == [1, 1]
    assert items.loc["again", "estimate"] == 100


def test_answers_out_of_range_are_counted():
    found = answer_quality.completeness(answers([[0, 6, 3, 3, 3, 3, 3, 3]]), BOOK).set_index("item")
    assert found["out_of_range"].sum() == 2


def test_nobody_asked_and_nobody_to_judge_is_said():
    nan = np.nan
    short = answers([[4, 3, 4, 2, 4, nan, nan, nan]])
    found = answer_quality.completeness(short, BOOK).set_index("item")
    assert found.loc["h", "note"] == "cannot tell: nobody was asked"
    signs = answer_quality.careless(short, BOOK).set_index("sign")
    assert signs.loc["straight-lining", "note"].startswith("cannot tell")
    assert np.isnan(signs.loc["straight-lining", "estimate"])


def test_no_answers_at_all():
    empty = answers([[np.nan] * 8]).iloc[:0]
    assert answer_quality.careless(empty, BOOK).empty
    assert answer_quality.completeness(empty, BOOK).empty


def test_an_item_that_nobody_answered_in_a_wave_was_not_asked_then():
    nan = np.nan
    both = pd.concat(
        [
            answers([[1, 2, 3, 4, 5, 4, 3, nan]] * 3).assign(wave="1"),
            answers([[1, 2, 3, 4, 5, 4, 3, 2]] * 4).assign(wave="2"),
        ],
        ignore_index=True,
    )
    found = answer_quality.completeness(both, BOOK).set_index("item")
    assert found.loc["h", ["asked", "answered", "estimate"]].tolist() == [4, 4, 100]
    first = both[both["wave"] == "1"]
    assert np.isnan(answer_quality.completeness(first, BOOK).set_index("item").loc["h", "estimate"])
    assert "h" not in set(answer_quality.least_answered(first, BOOK)["item"])
    few = answers([[1, 2, 3, nan, nan, nan, nan, 4], [1, 2, 3, nan, nan, nan, nan, nan]])
    assert answer_quality.careless(few, BOOK).set_index("sign").loc["incomplete", "rows"] == 0, "four were asked"


# signs taken together, and what hinges on them ---------------------------------------------------------------

LONG = Codebook.model_validate(
    {
        "instrument": {"name": "Test"},
        "responses": RESPONSES,
        "dimensions": [{"id": name} for name in "abcdefghij"],
        "items": [
            {"id": f"{name}{place}", "dimension": name, "response": "agreement", "text": "...", "reverse": place == 2}
            for name in "abcdefghij"
            for place in range(3)
        ],
    }
)


def managers(seed=1, count=300, careless=15, straight=8):
    """Ten dimensions that correlate .55; the last sheets are random, those before them the same answer throughout."""
    random = np.random.default_rng(seed)
    own = np.sqrt(0.55) * random.normal(size=(count, 1, 1)) + np.sqrt(0.45) * random.normal(size=(count, 10, 1))
    latent = np.sqrt(0.6) * own + np.sqrt(0.4) * random.normal(size=(count, 10, 3))
    rows = 1.0 + np.searchsorted([-2.0, -1.2, -0.3, 0.9], latent)
    rows[:, :, 2] = 6 - rows[:, :, 2]
    rows = rows.reshape(count, 30)
    kind = np.array(["attentive"] * (count - careless - straight) + ["straight"] * straight + ["random"] * careless)
    rows[kind == "random"] = random.integers(1, 6, (careless, 30))
    rows[kind == "straight"] = 4
    frame = pd.DataFrame(rows, columns=[item.id for item in LONG.items])
    people = {"respondent_id": range(count), "cluster_id": np.arange(count) % 36, "side": "manager", "kind": kind}
    return frame.assign(**people)


def test_planted_carelessness_is_found_and_few_others_are_flagged():
    shares = []
    for seed in range(8):
        frame = managers(seed)
        flagged = answer_quality.signs(frame, LONG, "manager")[answer_quality.FLAGGED].fillna(False)
        shares.append(flagged.groupby(frame["kind"]).mean())
    mean = pd.DataFrame(shares).mean()
    assert mean["straight"] == 1
    assert mean["random"] > 0.5
    assert mean["attentive"] <= 0.03, "what the docstring says"


def test_nobody_reads_a_question_in_less_than_two_seconds():
    frame = managers(careless=0, straight=0).assign(seconds=240.0)
    frame.loc[:9, "seconds"], frame.loc[10:19, "seconds"] = 40.0, np.nan
    fast = answer_quality.signs(frame, LONG, "manager")[answer_quality.FAST]
    assert fast[:10].all() and fast[10:20].isna().all() and not fast[20:].any()
    without = answer_quality.signs(frame.drop(columns="seconds"), LONG, "manager")[answer_quality.FAST]
    assert without.isna().all()


def test_numbers_below_the_smallest_group_are_not_told():
    table = answer_quality.signs(managers(straight=3), LONG, "manager")
    told = answer_quality.counted(table, 5).set_index("sign")["flagged"]
    assert told[answer_quality.STRAIGHT.capitalize()] == "fewer than 5"
    assert told[answer_quality.FAST.capitalize()] == "not known"
    assert int(told[answer_quality.FLAGGED.capitalize()]) == table[answer_quality.FLAGGED].fillna(False).sum()
    clean = answer_quality.signs(managers(straight=0, careless=0), LONG, "manager")
    assert (
        answer_quality.counted(clean, 5).set_index("sign").loc[answer_quality.STRAIGHT.capitalize(), "flagged"]
        == "none"
    )
    nearly = table.assign(**{answer_quality.STRAIGHT: [False] * 3 + [True] * 297})
    assert answer_quality.counted(nearly, 5)["flagged"].iloc[0] == "nearly all", "the others would be counted"


def test_means_with_and_without_are_given_only_where_enough_are_flagged():
    frame = managers(straight=20)
    frame.loc[frame["kind"] == "straight", [item.id for item in LONG.items]] = 5.0
    table = answer_quality.with_and_without(frame, LONG, "manager", 5)
    wide = table.pivot(index="dimension", columns="part", values="estimate")
    # by hand: 5 5 and, turned round, 1 are a mean of 3.67, 66.7 of 100; the flagged lie elsewhere than the rest
    flagged = answer_quality.signs(frame, LONG, "manager")[answer_quality.FLAGGED].fillna(False).astype(bool)
    left = scales.summary(scales.scores(frame[~flagged], LONG), ["dimension"], ["score_100"]).set_index("dimension")
    assert wide["Without those flagged"].to_dict() == pytest.approx(left["estimate"].to_dict())
    said = answer_quality.difference_in_words(table)
    most = (wide["All sheets"] - wide["Without those flagged"]).abs().max()
    assert said == f"Without the sheets flagged, no mean moves by more than {most:.1f} points of 100."
    few = answer_quality.with_and_without(managers(careless=0, straight=2), LONG, "manager", 20)
    assert few.empty and answer_quality.difference_in_words(few) == ""


@pytest.mark.parametrize("rows", [managers()[:0], managers()[:3], managers().assign(side="hr")])
def test_few_sheets_say_what_is_not_known(rows):
    table = answer_quality.signs(rows, LONG, "manager")
    assert len(table) == (rows["side"] == "manager").sum()
    assert answer_quality.counted(table, 5)["flagged"].isin(["none", "not known", "fewer than 5"]).all()
    assert answer_quality.with_and_without(rows, LONG, "manager", 5).empty


def test_dimensions_that_few_of_those_flagged_answered_are_left_out():
    frame = managers(straight=20)
    frame.loc[frame.index[frame["kind"] == "straight"][3:], ["a0", "a1", "a2"]] = np.nan
    frame.loc[frame["kind"] == "random", ["a0", "a1", "a2"]] = np.nan
    flagged = answer_quality.signs(frame, LONG, "manager")[answer_quality.FLAGGED].fillna(False).astype(bool)
    few = frame.loc[flagged, "a0"].notna().sum()
    found = answer_quality.with_and_without(frame, LONG, "manager", int(few) + 1)
    assert few > 0 and set(found["dimension"]) == set("bcdefghij")
    about_one = frame.assign(rated_id=np.where(flagged, "h1", "h2"))
    assert answer_quality.with_and_without(about_one, LONG, "manager", 5, minimum_rated=2).empty
