"""Every answer is settled on a ground that is stated, or the import stops and asks."""

import pandas as pd
import pyreadstat
import pytest
import yaml

from helpers.data import Study
from helpers.data.importers.engine import import_file
from helpers.data.importers.ledger import answers_ledger

HEAD = "respondent_id,listening_1,listening_2,trust_1\n"


@pytest.fixture
def wide(tmp_path):
    def written(text, name="answers.csv"):
        (tmp_path / name).write_text(HEAD + text, encoding="utf-8")
        return tmp_path / name

    return written


def spss(path, codes, labels, further=None):
    """Write answers of three people under codes that the file names."""
    names = ["listening_1", "listening_2", "trust_1"]
    frame = pd.DataFrame({"respondent_id": ["a", "b", "c"]} | dict.fromkeys(names, codes) | (further or {}))
    values = dict.fromkeys(names, labels) | ({"department": {1.0: "Sales", 2.0: "Law"}} if further else {})
    pyreadstat.write_sav(frame, path, variable_value_labels=values)
    return path


def test_the_ledger_states_count_number_and_ground_of_every_answer(wide, write_study):
    folder = write_study()
    import_file("wide", wide("a,5,neutral,1 - never\nb,5,1,3 - Neutral\nc,Not at all,1,-99\n"), folder, wave="1")
    ledger = answers_ledger(Study.load(folder))
    assert list(ledger) == ["item", "column", "answer", "called", "count", "number", "ground", "file", "wave"]
    told = {(row.item, row.answer): (row.count, row.number, row.ground) for row in ledger.itertuples(index=False)}
    assert told == {
        ("listening_1", "5"): (2, 5, "a number within the range"),
        ("listening_1", "Not at all"): (1, 1, "a label of the codebook"),
        ("listening_2", "neutral"): (1, 3, "a label of the codebook"),
        ("listening_2", "1"): (2, 1, "a number within the range"),
        ("trust_1", "1 - never"): (1, 1, "the number beside its label"),
        ("trust_1", "3 - Neutral"): (1, 3, "the number beside its label"),
    }


def test_a_label_in_brackets_stands_beside_its_number(wide, write_study, refusal):
    folder = write_study()
    import_file("wide", wide("a,5 (Strongly agree),1 (never),Neutral (3)\n"), folder, wave="1")
    assert Study.load(folder, merged=False).survey[["listening_1", "trust_1"]].values.tolist() == [[5, 3]]
    said = refusal(import_file, "wide", wide("b,5 (Strongly disagree),1,3\n"), folder, wave="1")
    assert "its label means 1 in the codebook" in said


def test_bare_numbers_are_counted_and_what_would_tell_is_named(wide, write_study):
    said = import_file("wide", wide("a,5,1,1\nb,4,2,Neutral\n"), write_study(), wave="1").text()
    assert "5 were read as the numbers they are" in said and "an export of the wordings tells" in said


def test_an_unknown_label_stops_the_import_with_a_line_to_paste(wide, write_study, refusal):
    folder, path = write_study(), wide("a,Stronlgy disagree,1,1\nb,Stronlgy disagree,2,2\nc,Ja,1,1\n")
    said = refusal(import_file, "wide", path, folder)
    assert 'column listening_1, rows 2 and 3: 2 answers "Stronlgy disagree": not a label of the codebook' in said
    assert not (folder / "survey.csv").exists()
    lines = yaml.safe_load(said[said.index("answers:\nanswers:") + 9 : said.index("\n2 errors")])
    assert lines == {"answers": {"agreement": {"Stronlgy disagree": 1, "Ja": "UNSURE"}}}
    assert refusal(import_file, "wide", path, folder) == said  # to repeat it settles nothing
    place = folder / "mappings" / "wide.yaml"
    text = place.read_text(encoding="utf-8")
    assert '"Stronlgy disagree": UNSURE' in text and "Ja: UNSURE" in text
    place.write_text(text.replace('"Stronlgy disagree": UNSURE', '"Stronlgy disagree": 1'), encoding="utf-8")
    assert "answers.agreement.Ja: UNSURE: the line is not settled" in refusal(import_file, "wide", path, folder)
    place.write_text(place.read_text(encoding="utf-8").replace("Ja: UNSURE", "Ja: 4"), encoding="utf-8")
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == [1, 1, 4]


@pytest.mark.parametrize(
    ("codes", "labels", "becomes"),
    [
        ([1.0, 3.0, 5.0], {1.0: "Strongly agree", 3.0: "Neutral", 5.0: "Strongly disagree"}, [5, 3, 1]),
        ([2.0, 4.0, 6.0], {2.0: "Strongly disagree", 4.0: "Neutral", 6.0: "Strongly agree"}, [1, 3, 5]),
        ([1.0, 6.0, 5.0], {1.0: "Strongly disagree", 6.0: "Neutral", 5.0: "Strongly agree"}, [1, 3, 5]),
        ([1.0, 2.0, 5.0], {1.0: "Strongly disagree", 2.0: ".", 3.0: ".", 5.0: "Strongly agree"}, [1, 2, 5]),
        ([1.0, 4.0, 5.0], {1.0: "Strongly disagree", 4.0: "Fairly", 5.0: "Strongly agree"}, [1, 4, 5]),
        (["A1", "A2", "A3"], {"A1": "Strongly disagree", "A2": "Neutral", "A3": "Strongly agree"}, [1, 3, 5]),
    ],
)
def test_codes_mean_what_the_file_says_of_them(tmp_path, write_study, codes, labels, becomes):
    folder = write_study()
    import_file("wide", spss(tmp_path / "e.sav", codes, labels), folder)
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == becomes


@pytest.mark.parametrize(
    ("codes", "labels", "doubt"),
    [
        (
            [1.0, 2.0, 5.0],
            {1.0: "Strongly agree", 5.0: "Strongly disagree"},
            'the file calls 1 "Strongly agree", which',
        ),
        ([1.0, 2.0, 5.0], {1.0: "Ganz", 5.0: "Gar nicht"}, "the file's labels seem to run backwards"),
        ([1.0, 2.0, 5.0], {1.0: "Rot", 5.0: "Blau"}, "none of the file's labels stands in the codebook"),
        ([0.0, 2.0, 4.0], {}, '3 answers "0": not within 1 to 5'),
    ],
)
def test_codes_that_the_file_contradicts_are_asked_about(tmp_path, write_study, refusal, codes, labels, doubt):
    assert doubt in refusal(import_file, "wide", spss(tmp_path / "e.sav", codes, labels), write_study())


def test_groups_go_by_what_the_file_calls_them(tmp_path, write_study):
    folder = write_study()
    path = spss(tmp_path / "e.sav", [1.0, 2.0, 3.0], {}, {"department": [1.0, 2.0, 1.0]})
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["department"].tolist() == ["Sales", "Law", "Sales"]


def test_a_file_that_is_named_directly_is_read_by_its_labels_too(tmp_path, write_study, refusal):
    folder = write_study(sources={"survey": "survey.sav"})
    backwards = {1.0: "Strongly agree", 3.0: "Neutral", 5.0: "Strongly disagree"}
    spss(folder / "survey.sav", [1.0, 3.0, 5.0], backwards)
    study = Study.load(folder, merged=False)
    assert study.survey["listening_1"].tolist() == [5, 3, 1]
    assert answers_ledger(study)["ground"].str.contains("a label of the codebook").all()
    spss(folder / "survey.sav", [1.0, 2.0, 5.0], backwards)
    said = "\n".join(problem.sentence() for problem in Study.load(folder).check())
    assert 'column listening_1, row 3: 1 answer "2": the file calls 1 "Strongly agree"' in said


def test_the_number_of_answers_never_changes_without_a_word(wide, write_study):
    folder, others = write_study(), "".join(f"c{n},5,1,1\n" for n in range(10))
    log = import_file("wide", wide("a,5,1,1\na,4,,1\nb,-99,2,2\n" + others), folder, wave="1")
    assert log.answers == 37 and log.taken == 34
    said = log.text()
    assert "Answers: 37 in the responses that count, 34 taken" in said
    assert "stand for no answer: 1 cells" in said and "Skipped, repeat: 1 (row 2)" in said
