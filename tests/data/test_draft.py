"""A study is begun from what a survey tool holds: codebook, attributes and mapping are drafted, guesses are named."""

import json

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import vendor_layouts as write
import yaml
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Study
from helpers.data.importers.draft import study_from
from helpers.data.importers.engine import import_file

TEXTS = ["My HR partner listens.", "My HR partner keeps deadlines.", "My HR partner knows us.", "I have to chase HR."]
WORDS = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]


def answers(n=40):
    """Numbers of n people: three items that go together, and one that runs against them."""
    random = np.random.default_rng(5)
    level = random.integers(1, 6, n)
    near = [np.clip(level + random.integers(-1, 2, n), 1, 5) for _ in TEXTS]
    return [*near[:3], 6 - near[3]]


def form(path, words=WORDS, texts=TEXTS):
    rows = [["ID", "Start time", "Completion time", "Email", "Name", *texts, "Department", "What should change?"]]
    for n, told in enumerate(zip(*answers())):
        wish = f"More time for people, and fewer forms: this is wish number {n}."
        rows.append(
            [n + 1, write.DAY, write.DAY, "anonymous", "", *(words[a - 1] for a in told), ["Sales", "Law"][n % 2], wish]
        )
    return write.save(path, rows)


def test_a_form_becomes_a_study_whose_first_import_needs_no_hand(tmp_path):
    path = form(tmp_path / "form.xlsx")
    said = study_from(tmp_path / "s", path)
    assert "i_have_to_chase_hr may be reversed" in said and "Attributes: department." in said
    study = Study.load(tmp_path / "s")
    scale = study.codebook.scale_items()
    assert [item.text for item in scale] == TEXTS and [item.reverse for item in scale] == [False] * 3 + [True]
    assert list(scale[0].format.labels.values()) == WORDS and (scale[0].low, scale[0].high) == (1, 5)
    assert "reverse: true  # GUESS: it runs against the others" in (tmp_path / "s" / "codebook.yaml").read_text("utf-8")
    log = import_file("msforms", path, tmp_path / "s")
    survey = Study.load(tmp_path / "s", merged=False).survey
    assert log.imported == 40 and survey["department"].tolist()[:2] == ["Sales", "Law"]
    assert survey[[item.id for item in scale]].to_numpy().tolist() == np.array(answers()).T.tolist()
    assert survey["what_should_change"].str.startswith("More time").all()


def test_wordings_whose_numbers_nobody_knows_are_asked_about_never_guessed(tmp_path, refusal):
    path = form(tmp_path / "form.xlsx", ["gar nicht so", "kaum", "geht so", "ziemlich", "und wie"])
    assert "Nobody knows yet which number" in study_from(tmp_path / "s", path)
    said = refusal(import_file, "msforms", path, tmp_path / "s")
    assert said.count(": UNSURE") == 5 and '"und wie": UNSURE' in said


def test_a_question_whether_one_would_recommend_is_drafted_as_a_guess_with_a_net_score(tmp_path):
    asked = "How likely are you to recommend your HR partner to another manager?"
    rows = [["respondent_id", asked, "How often do you talk to HR in a month?"]]
    rows += [[f"m{n}", 3 + n % 8, 1 + n % 10] for n in range(40)]  # nobody chose 0, 1 or 2
    said = study_from(tmp_path / "s", write.save(tmp_path / "e.csv", rows))
    recommend, other = Study.load(tmp_path / "s").codebook.items
    assert f"Guess to look at: {recommend.id} may ask from 0 to 10 whether one would recommend." in said
    assert (recommend.role, recommend.low, recommend.high) == ("outcome", 0, 10) and recommend.recommend
    assert (recommend.favourable_from, recommend.unfavourable_to) == (9, 6) and not other.recommend
    text = (tmp_path / "s" / "codebook.yaml").read_text(encoding="utf-8")
    assert "recommend: Net promoter score  # GUESS" in text


def test_a_scale_of_which_only_the_ends_are_named(tmp_path, refusal):
    told = ["Not at all likely", *range(1, 10), "Very likely"] * 2
    rows = [["respondent_id", "again"], *([f"m{n}", answer] for n, answer in enumerate(told))]
    path = write.save(tmp_path / "e.csv", rows)
    study_from(tmp_path / "s", path)
    item = Study.load(tmp_path / "s").codebook.item("again")
    assert (item.role, item.low, item.high) == ("outcome", 0, 10)
    said = refusal(import_file, "wide", path, tmp_path / "s")
    assert '2 answers "Very likely"' in said and said.count(": UNSURE") == 2


def test_the_labels_of_an_spss_file_tell_the_range(tmp_path):
    frame = pd.DataFrame(
        {"respondent_id": [f"E{n}" for n in range(40)], **{f"q{n}": a for n, a in enumerate(answers())}}
    )
    labels = {f"q{n}": dict(enumerate(WORDS, 1)) | {9: "Don't know"} for n in range(4)}
    texts = {f"q{n}": text for n, text in enumerate(TEXTS)}
    pyreadstat.write_sav(frame, tmp_path / "e.sav", column_labels=texts, variable_value_labels=labels)
    study_from(tmp_path / "s", tmp_path / "e.sav")
    item = Study.load(tmp_path / "s").codebook.item("q0")
    assert (item.low, item.high, item.text) == (1, 5, TEXTS[0]) and item.format.label(5) == "Strongly agree"


QSF = {
    "SurveyElements": [
        {"Element": "SQ", "Payload": {
            "QuestionID": "QID1", "DataExportTag": "Q1", "QuestionType": "Matrix", "QuestionText": "<b>How far?</b>",
            "Choices": {"2": {"Display": TEXTS[1]}, "1": {"Display": TEXTS[0]}}, "ChoiceOrder": ["1", "2"],
            "Answers": {str(n): {"Display": word} for n, word in enumerate(WORDS, 1)},
            "RecodeValues": {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}}},
        {"Element": "SQ", "Payload": {"QuestionID": "QID2", "DataExportTag": "Q2", "QuestionType": "TE",
                                      "QuestionText": "What should change?"}},
    ]
}  # fmt: skip
LSS = "<document><questions><rows>" + "".join(
    f"<row><qid>{qid}</qid><parent_qid>{parent}</parent_qid><gid>1</gid><type>{kind}</type><title>{title}</title>"
    f"<question><![CDATA[{text}]]></question><question_order>{order}</question_order></row>"
    for qid, parent, kind, title, text, order in [
        (1, 0, "F", "Q1", "How far?", 1), (2, 1, "T", "SQ002", TEXTS[1], 2), (3, 1, "T", "SQ001", TEXTS[0], 1),
        (4, 0, "T", "Q2", "What should change?", 2),
    ]
) + "</rows></questions><answers><rows>" + "".join(
    f"<row><qid>1</qid><code>A{n}</code><answer><![CDATA[{word}]]></answer><sortorder>{n}</sortorder></row>"
    for n, word in enumerate(WORDS, 1)
) + "</rows></answers></document>"  # fmt: skip
SSS = "<sss version='2.0'><survey><record ident='A'>" + "".join(
    f"<variable ident='{n}' type='single'><name>q{n}</name><label>{text}</label><values>"
    + "".join(f"<value code='{n}'>{word}</value>" for n, word in enumerate(WORDS, 1)) + "</values></variable>"
    for n, text in enumerate(TEXTS[:2], 1)
) + (
    "<variable ident='9' type='character'><name>q9</name><label>What should change?</label></variable>"
    "</record></survey></sss>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "tool"),
    [("e.qsf", json.dumps(QSF), "qualtrics"), ("e.lss", LSS, "limesurvey"), ("e.sss", SSS, "wide")],
)
def test_a_definition_tells_texts_labels_and_order(tmp_path, name, text, tool):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert f"partnership import {tool} export.csv" in study_from(tmp_path / "s", tmp_path / name)
    known = Study.load(tmp_path / "s").codebook
    assert [item.text for item in known.items] == [*TEXTS[:2], "What should change?"]
    assert [item.role for item in known.items] == ["scale", "scale", "comment"]
    assert [known.items[0].format.label(n) for n in range(1, 6)] == WORDS  # whatever the codes say


def test_codes_of_limesurvey_go_by_the_definition_beside_the_export(tmp_path, write_study):
    folder = write_study()
    (tmp_path / "e.lss").write_text(LSS, encoding="utf-8")
    head = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "token",
        "Q1[listening_1]",
        "Q1[listening_2]",
        "Q1[trust_1]",
    ]
    rows = [head, ["1", "2026-05-10 09:00:00", "3", "en", "E1", "A5", "A1", "A1"]]
    log = import_file("limesurvey", write.save(tmp_path / "e.csv", rows), folder, wave="1")
    assert {line.called for line in log.ledger} >= {"Strongly agree", "Strongly disagree"}
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == [5]


def test_init_from_an_export_on_the_command_line(tmp_path):
    ran = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(form(tmp_path / "form.xlsx"))])
    assert ran.exit_code == 0 and "4 ratings, 1 comments" in ran.output
    (tmp_path / "odd.csv").write_text("name,town\nJo,Bern\n", encoding="utf-8")
    ran = CliRunner().invoke(main, ["init", str(tmp_path / "t"), "--from", str(tmp_path / "odd.csv")])
    assert ran.exit_code == 2 and "no question is answered by a rating" in ran.output
    assert not (tmp_path / "t").exists()
    assert yaml.safe_load((tmp_path / "s" / "study.yaml").read_text("utf-8"))["attributes"] == ["department"]


def test_a_labelled_variable_of_groups_is_an_attribute_and_labelled_ends_are_a_scale(tmp_path):
    given = answers()
    frame = pd.DataFrame({"respondent_id": [f"E{n}" for n in range(40)], "q0": given[0], "q1": given[1]})
    frame["dept"] = [float(1 + n % 4) for n in range(40)]
    frame["overall"] = [float(1 + n % 7) for n in range(40)]
    labels = {name: dict(enumerate(WORDS, 1)) for name in ("q0", "q1")}
    labels |= {"dept": dict(enumerate(["Sales", "Finance", "Care", "IT"], 1)),
               "overall": {1: "Not at all satisfied", 7: "Completely satisfied"}}  # fmt: skip
    pyreadstat.write_sav(frame, tmp_path / "e.sav", variable_value_labels=labels)
    said = study_from(tmp_path / "s", tmp_path / "e.sav")
    assert "Attributes: dept." in said and "3 ratings" in said
    overall = Study.load(tmp_path / "s").codebook.item("overall")
    assert (overall.low, overall.high, overall.format.label(7)) == (1, 7, "Completely satisfied")
    import_file("wide", tmp_path / "e.sav", tmp_path / "s")
    survey = Study.load(tmp_path / "s", merged=False).survey
    assert set(survey["dept"]) == {"Sales", "Finance", "Care", "IT"} and survey["overall"].max() == 7


def test_comments_of_a_small_survey_are_comments_and_statements_go_by_question_and_code(tmp_path):
    said = [f"More time for conversations about staffing, {n}." for n in range(12)]
    head = ["id", "submitdate", "lastpage", "token", *(f"G{g}[SQ00{n + 1}]. Block {g} [{TEXTS[n]}]" for g in (1, 2)
            for n in (0, 1)), "C1. What should change?"]  # fmt: skip
    rows = [[n, "2026-05-10 09:00:00", 3, f"E{n}", *(WORDS[(n + k) % 5] for k in range(4)), said[n]] for n in range(12)]
    study_from(tmp_path / "s", write.save(tmp_path / "e.csv", [head, *rows]))
    known = Study.load(tmp_path / "s").codebook
    assert [item.id for item in known.items] == ["g1_sq001", "g1_sq002", "g2_sq001", "g2_sq002", "c1"]
    assert known.item("c1").role == "comment"


FOUR = ["Strongly disagree", "Disagree", "Agree", "Strongly agree"]


def test_a_scale_without_a_middle_has_one_point_fewer_or_is_asked_about(tmp_path, refusal):
    codes = pd.DataFrame({"respondent_id": [f"E{n}" for n in range(40)], "q0": [1 + n % 4 for n in range(40)],
                          "q1": [4 - n % 4 for n in range(40)]}).astype({"q0": float, "q1": float})  # fmt: skip
    labels = {name: dict(enumerate(FOUR, 1)) for name in ("q0", "q1")}
    pyreadstat.write_sav(codes, tmp_path / "e.sav", variable_value_labels=labels)
    study_from(tmp_path / "s", tmp_path / "e.sav")
    item = Study.load(tmp_path / "s").codebook.item("q0")
    assert (item.low, item.high, item.format.label(4)) == (1, 4, "Strongly agree")
    import_file("wide", tmp_path / "e.sav", tmp_path / "s")
    assert Study.load(tmp_path / "s", merged=False).survey["q0"].head(4).tolist() == [1, 2, 3, 4]
    ends = {name: {1: FOUR[0], 5: FOUR[3]} for name in ("q0", "q1")}
    pyreadstat.write_sav(codes, tmp_path / "ends.sav", variable_value_labels=ends)
    study_from(tmp_path / "u", tmp_path / "ends.sav")
    assert Study.load(tmp_path / "u").codebook.item("q0").high == 5  # only its ends are named
    words = codes.replace({name: labels[name] for name in ("q0", "q1")})
    words.to_csv(tmp_path / "e.csv", index=False)
    assert "Nobody knows yet which number" in study_from(tmp_path / "t", tmp_path / "e.csv")
    assert refusal(import_file, "wide", tmp_path / "e.csv", tmp_path / "t").count(": UNSURE") == 4


def test_usual_german_scales_need_no_word(tmp_path):
    points = ["Trifft gar nicht zu", "Trifft eher nicht zu", "Teils/teils", "Trifft eher zu", "Trifft voll zu"]
    rows = [["respondent_id", "a", "b"], *([f"E{n}", points[n % 5], points[(n + 1) % 5]] for n in range(10))]
    path = write.save(tmp_path / "e.csv", rows)
    study_from(tmp_path / "s", path)
    import_file("wide", path, tmp_path / "s")
    assert Study.load(tmp_path / "s", merged=False).survey["a"].head(5).tolist() == [1, 2, 3, 4, 5]
