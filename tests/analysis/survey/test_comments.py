from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import helpers.data
from helpers.analysis.survey import comments
from helpers.data import Codebook

INSTRUMENT = Path(helpers.data.__file__).parent / "instrument" / "codebook.yaml"
THEMES = {"listening": ["listen*", "hears", "takes time"], "candour": ["honest*", "truth"]}


def answers(texts, **given):
    frame = pd.DataFrame({"comment": texts})
    people = {"respondent_id": range(len(frame)), "cluster_id": np.arange(len(frame)) % 6, "side": "manager"}
    return frame.assign(**people | given)


TEXTS = ["She listened.", "Honest, and LISTENS", "the truth", "Fine", "He takes  time", "takes time", None, "  "]


def test_themes_are_counted_by_whole_words_and_stems():
    found = comments.theme_shares(answers(TEXTS), "comment", THEMES, minimum_comments=5).set_index("theme")
    assert found["comments"].to_dict() == {"listening": 3, "candour": 2, comments.NO_THEME: 2}
    assert found.loc["listening", "estimate"] == pytest.approx(50)
    assert found.loc["listening", "low"] < 50 < found.loc["listening", "high"]
    assert set(found["respondents"]) == {6}


def test_questions_nobody_answered_in_words_are_left_out():
    items = [
        {"id": name, "role": "comment", "response": "words", "text": "?"} for name in ("comment", "blank", "absent")
    ]
    book = Codebook.model_validate(
        {
            "instrument": {"name": "x"},
            "responses": {"words": {"type": "text"}},
            "dimensions": [{"id": "trust"}],
            "items": items,
        }
    )
    assert comments.answered(answers(TEXTS, blank=" "), book) == ["comment"]
    assert comments.answered(answers([None]), book) == []


def test_without_themes_nothing_is_counted():
    assert comments.theme_shares(answers(TEXTS), "comment", {}).empty


def test_a_word_without_a_star_is_that_word():
    found = comments.theme_shares(answers(["truthful"] * 12), "comment", {"candour": ["truth"]}).set_index("theme")
    assert found.loc["candour", "comments"] == 0


def test_words_are_taken_as_they_stand():
    found = comments.theme_shares(answers(["a.b", "axb"] * 6), "comment", {"odd": ["a.b"]}).set_index("theme")
    assert found.loc["odd", "comments"] == 6


def test_too_few_comments_are_not_counted():
    found = comments.theme_shares(answers(TEXTS), "comment", THEMES)
    assert found["note"].str.contains("fewer than 10 people commented").all()
    assert found[["estimate", "comments"]].isna().all(axis=None)


def test_many_comments_of_one_person_are_one_person():
    frame = answers(["She listens"] * 30, respondent_id="a")
    assert comments.theme_shares(frame, "comment", THEMES)["note"].str.startswith("cannot tell").all()
    assert comments.verbatims(frame, "comment", allowed=True).empty


def test_a_theme_without_words_is_refused():
    with pytest.raises(ValueError, match="theme x has no words"):
        comments.theme_shares(answers(TEXTS), "comment", {"x": [" ", "*"]})


def test_names_addresses_and_numbers_are_taken_out():
    text = (
        "Ask ANNA MEIER-LUTZ or anna.meier@firm.example, tel +41 (0)44 123 45 67, see www.firm.example/a. Anna's idea."
    )
    found = comments.redact(text, ["Anna Meier-Lutz"])
    assert not any(part in found.lower() for part in ("anna", "meier", "@", "123", "www"))
    assert found.endswith("idea.")


@pytest.mark.parametrize("text", ["Annapurna was a fine trip", "We met in 2024 and 2025", "Score 8.5 of 10"])
def test_what_is_no_name_and_no_number_stays(text):
    assert comments.redact(text, ["Anna Score-Keeper"]) == text


@given(st.text(), st.lists(st.text(min_size=2, max_size=8), max_size=4))
def test_any_text_can_be_redacted(text, names):
    comments.redact(text, names)


@given(st.sampled_from(["Meier", "O'Neill", "José", "Li"]), st.sampled_from(["{} said so", "as {}, did", "({})", "{}"]))
def test_a_name_never_survives_as_a_word(name, sentence):
    for form in (name, name.upper(), name.lower()):
        assert form not in comments.redact(sentence.format(form), [f"Eve {name}"])


def test_comments_are_shown_only_where_the_study_allows_it():
    frame = answers([f"Comment {letter}" for letter in "abcdefghijkl"])
    assert comments.verbatims(frame, "comment", allowed=False).empty
    shown = comments.verbatims(frame, "comment", allowed=True, seed=1)
    assert sorted(shown["comment"]) == sorted(frame["comment"])
    assert shown["comment"].tolist() != frame["comment"].tolist()
    assert list(shown) == ["comment", "respondents", "people"]


def test_the_shipped_themes_find_what_they_are_named_after():
    shipped = Codebook.load(INSTRUMENT).themes
    assert len(shipped) == 10
    written = {
        "Listening": "She really listens to what I say.",
        "Follow-through": "Promises are kept.",
        "Conflict handling": "We settle disagreements early.",
        "Outward focus": "Too many forms.",
    }
    for theme, comment in written.items():
        frame = pd.DataFrame({"respondent_id": [f"p{n}" for n in range(12)], "cluster_id": range(12), "note": comment})
        found = comments.theme_shares(frame, "note", shipped).set_index("theme")
        assert found.loc[theme, "comments"] == 12
        assert found.loc[theme, "respondents_touching"] == 12
        assert found["comments"].sum() == 12, "one theme each"
