from pathlib import Path

import pytest

import helpers.data
from helpers.data import Codebook, InputError


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "codebook.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_items_know_their_range_wording_and_sides(written, codebook_text):
    codebook = Codebook.load(written(codebook_text))
    item = codebook.item("listening_1")
    assert (item.low, item.high, item.favourable_from) == (1, 5, 4)
    assert item.text_for("hr") == "This manager hears me out to the end."
    assert item.text_for("employee") == "This manager hears me out to the end."
    assert codebook.item("again").favourable_from == 9
    assert codebook.sides == ["hr", "manager"]
    assert [item.id for item in codebook.scale_items("listening", side="manager")] == ["listening_1", "listening_2"]
    assert [item.id for item in codebook.scale_items(short_form=True)] == ["listening_1", "trust_1"]
    assert codebook.scale_items(side="employee") == []
    assert [item.id for item in codebook.outcomes()] == ["again"]
    assert [item.id for item in codebook.comments(side="employee")] == ["remark"]
    assert codebook.dimension("listening").label == "Listening"


@pytest.mark.parametrize(
    ("low", "high", "favourable"),
    [(0, 1, 1), (1, 3, 3), (1, 4, 3), (1, 6, 5), (1, 10, 7), (1, 5, 4), (1, 7, 6), (0, 10, 7), (-2, 2, 1)],
)
def test_the_upper_two_fifths_are_favourable_unless_the_codebook_says_otherwise(written, low, high, favourable):
    text = f"""\
instrument: {{name: x}}
responses: {{r: {{type: rating, low: {low}, high: {high}}}}}
dimensions: [{{id: d}}]
items: [{{id: q1, dimension: d, response: r, text: A question}}]
"""
    codebook = Codebook.load(written(text))
    assert codebook.item("q1").favourable_from == favourable
    assert codebook.sides == ["respondent"]
    assert codebook.scale_items(side="respondent") == codebook.items


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "dimension: trust,",
            "dimension: trusst,",
            'line 15: item trust_1: there is no dimension "trusst" did you mean "trust"?',
        ),
        (
            "response: likelihood",
            "response: likelyhood",
            'there is no response "likelyhood" did you mean "likelihood"?',
        ),
        ("short_form: true", "shortform: true", 'Did you mean "short_form"?'),
        ("high: 5", "high: five", 'responses.agreement.high, line 3: "five"; expected a whole number'),
        ("low: 1, high: 5", "low: 5, high: 1", "a rating needs low and high, with low below high"),
        ("3: Neutral", "7: Neutral", "label for 7 lies outside 1 to 5"),
        ("favourable_from: 9", "favourable_from: 11", "favourable_from must lie above 0 and not above 10"),
        ("id: trust_1", "id: listening_1", 'line 15: "listening_1" stands here a second time'),
        ("id: trust_1", "id: wave", "this name is a column of the survey table"),
        ("role: comment, response: comment", "role: comment, response: agreement", "has a response of type text"),
        (
            "manager: My HR partner interrupts me.",
            "employee: HR interrupts.",
            "line 13: item listening_2: no text for manager",
        ),
        ("instrument: {name", "instrument: {naem", '"name" is missing'),
        ("dimensions:\n", "dimensions:\n  bad", "not valid YAML"),
        ("{id: trust}", "{id: trust, id: trust}", "line 9"),
    ],
)
def test_mistakes_are_named_with_their_remedy(written, codebook_text, refusal, old, new, said):
    assert old in codebook_text
    assert said in refusal(Codebook.load, written(codebook_text.replace(old, new)))


def test_all_mistakes_are_told_at_once(written, codebook_text):
    broken = codebook_text.replace("high: 5", "high: five").replace("short_form", "shortform")
    with pytest.raises(InputError) as caught:
        Codebook.load(written(broken))
    assert {row for problem in caught.value.problems for row in problem.rows} == {3, 11, 15}


def test_words_such_as_no_are_words(written, codebook_text):
    yes_no = codebook_text.replace("3: Neutral", "3: No").replace("name: Small", "name: on")
    codebook = Codebook.load(written(yes_no))
    assert codebook.responses["agreement"].label(3) == "No"
    assert codebook.instrument.name == "on"


def test_the_shipped_instrument_is_a_valid_codebook():
    codebook = Codebook.load(Path(helpers.data.__file__).parent / "instrument" / "codebook.yaml")
    pairs = codebook.scale_items(side="hr")
    assert len(pairs) == 30 and len(codebook.scale_items(side="employee")) == 8
    assert len(codebook.scale_items(side="hr", short_form=True)) == 10
    assert sum(item.reverse for item in pairs) == 3
    assert codebook.instrument.status == "unvalidated"
    assert all(item.text_for("hr") != item.text_for("manager") for item in pairs)
    assert [(item.low, item.high) for item in codebook.outcomes("hr")] == [(0, 10)] and len(
        codebook.comments("hr")
    ) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role: outcome,", "role: outcome, recommend: eNPS,", ""),
        (
            "dimension: trust,",
            "dimension: trust, recommend: eNPS,",
            "recommend belongs to an outcome that is answered from 0 to 10",
        ),
        ("items:\n", "themes: {Trust: ['*']}\nitems:\n", 'theme "Trust" has no words'),
    ],
)
def test_what_a_net_score_and_a_theme_need(written, codebook_text, old, new, said):
    assert old in codebook_text
    path = written(codebook_text.replace(old, new, 1))
    if said:
        with pytest.raises(InputError, match=said.replace('"', ".")):
            Codebook.load(path)
    else:
        item = Codebook.load(path).item("again")
        assert (item.recommend, item.favourable_from, item.unfavourable_to) == ("eNPS", 9, 6)
