"""Nobody is lost, doubled or taken for somebody else, whatever is imported again, beside, or taken back."""

import pandas as pd
import pytest
import vendor_layouts as write
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Study
from helpers.data.identities import RESPONSE
from helpers.data.importers.engine import import_file
from helpers.data.importers.history import entries, undo

pytestmark = pytest.mark.slow

TEXTS = ["My HR partner hears me out to the end.", "My HR partner interrupts me.", "I rely on what my HR partner says."]
HR = ["This manager hears me out to the end.", "This manager interrupts me.", "I rely on what this manager says."]
FORM = ["ID", "Start time", "Completion time", "Email", "Name"]


def form(path, answers, texts=TEXTS, further=()):
    """Write a Microsoft form whose responses are numbered from 1 and sent in the same minutes as those of any other."""
    rows = [
        [n, write.DAY, write.DAY, "anonymous", "", *told, *([further[n - 1]] if further else [])]
        for n, told in enumerate(answers, 1)
    ]
    return write.save(path, [[*FORM, *texts, *(["Site"] if further else [])], *rows])


def survey(folder):
    return pd.read_csv(folder / "survey.csv")


@pytest.fixture
def wide(tmp_path):
    def written(text, name="answers.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def test_two_forms_that_both_count_from_1_keep_everybody(tmp_path, write_study):
    folder = write_study()
    import_file("msforms", form(tmp_path / "a.xlsx", [(5, 1, 2), (4, 2, 2), (3, 3, 3)]), folder, wave="1")
    other = form(tmp_path / "b.xlsx", [(5, 1, 1), (1, 2, 2)], HR)
    log = import_file("msforms", other, folder, folder / "mappings" / "hr.yaml", "1")
    assert (log.added, log.changed, log.kept) == (2, 0, 3) and "nobody is taken to have answered twice" in log.text()
    assert len(survey(folder)) == 5 and survey(folder)["respondent_id"].is_unique


def test_copies_of_one_form_at_two_sites_keep_everybody(tmp_path, write_study):
    folder, same = write_study(), [(5, 1, 2), (4, 2, 2)]
    import_file("msforms", form(tmp_path / "a.xlsx", same, further=["North", "North"]), folder, wave="1")
    log = import_file("msforms", form(tmp_path / "b.xlsx", same, further=["South", "South"]), folder, wave="1")
    assert len(survey(folder)) == 4 and "taken for those of another form, and both are kept" in log.text()


def test_anonymous_waves_share_no_respondent(tmp_path, write_study):
    folder = write_study()
    for wave, day in (("1", 1), ("2", 2)):
        import_file("msforms", form(tmp_path / f"{day}.xlsx", [(5, 1, day), (4, 2, day)]), folder, wave=wave)
    respondents = survey(folder)["respondent_id"]
    assert len(respondents) == 4 and respondents.is_unique and respondents.str.fullmatch(RESPONSE).all()


def test_a_later_export_of_a_form_renews_its_responses_and_a_further_question_changes_none(tmp_path, write_study):
    folder = write_study()
    import_file("msforms", form(tmp_path / "a.xlsx", [(5, 1, 2), (4, 2, 2)]), folder, wave="1")
    later = form(tmp_path / "a (1).xlsx", [(5, 1, 2), (4, 2, 2), (1, 1, 1)], further=["", "", "North"])
    log = import_file("msforms", later, folder, folder / "mappings" / "b.yaml", "1")
    assert (log.added, log.changed, log.unchanged, log.kept) == (1, 0, 2, 0)


def test_a_response_that_names_somebody_else_than_before_is_told(tmp_path, write_study):
    folder = write_study()
    items = [Study.load(folder).codebook.item(name) for name in ("listening_1", "listening_2", "trust_1")]
    logs = []
    for name, people in (("a.csv", ["m1", "m2"]), ("b.csv", ["m1", "m3"])):
        frame = pd.DataFrame({"respondent_id": people, "partnership_id": "P1"} | {item.id: 4.0 for item in items})
        logs.append(import_file("qualtrics", write.qualtrics(tmp_path / name, frame, items), folder, wave="1").text())
    assert ["name another respondent" in log for log in logs] == [False, True]
    assert "count as that one's now: 1." in logs[1] and survey(folder)["respondent_id"].tolist() == ["m1", "m3"]


def test_the_number_of_a_response_is_no_person_whatever_the_mapping_says(tmp_path, write_study):
    folder, path = write_study(), form(tmp_path / "a.xlsx", [(5, 1, 2), (4, 2, 2)])
    import_file("msforms", path, folder)
    place = folder / "mappings" / "msforms.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("ID: response_id", "ID: respondent_id"), "utf-8")
    assert "ID tells responses apart, not people" in import_file("msforms", path, folder).text()
    assert len(survey(folder)) == 2 and survey(folder)["respondent_id"].str.fullmatch(RESPONSE).all()


@pytest.mark.parametrize(
    ("old", "new"),
    [("boss: skip", "boss: hr_id"), ("respondent_id: respondent_id", "respondent_id: skip\n  nr: respondent_id")],
)
def test_a_mapping_that_has_changed_doubles_nobody(wide, write_study, old, new):
    folder = write_study()
    path = wide("respondent_id,nr,boss,listening_1,listening_2,trust_1\na,71,h1,5,1,1\nb,72,h2,4,2,2\n")
    import_file("wide", path, folder, wave="1")
    place = folder / "mappings" / "wide.yaml"
    text = "\n".join(line.split("  #")[0] for line in place.read_text(encoding="utf-8").splitlines())
    assert old in text
    text = text.replace("  nr: skip\n", "") if "nr:" in new else text
    place.write_text(text.replace(old, new), encoding="utf-8")
    log = import_file("wide", path, folder, wave="1")
    assert len(survey(folder)) == 2 and log.added + log.changed == 2


def test_pairs_that_are_told_later_renew_rows_that_told_none_in_a_later_export_too(wide, write_study):
    folder = write_study()
    head = "respondent_id,hr_id,listening_1,listening_2,trust_1\n"
    import_file("wide", wide(head + "a,,5,1,1\nb,,4,2,2\n"), folder, wave="1")
    import_file("wide", wide(head + "a,h1,5,1,1\nb,h2,4,2,2\nc,h1,3,3,3\n"), folder, wave="1")
    assert survey(folder)["hr_id"].tolist() == ["h1", "h2", "h1"]


def test_a_key_that_is_named_later_doubles_nobody(wide, write_study, monkeypatch):
    monkeypatch.setenv("KEY", "k" * 20)
    folder = write_study()
    path = wide("respondent_id,listening_1,listening_2,trust_1\na,5,1,1\nb,4,2,2\n")
    import_file("wide", path, folder, wave="1")
    place = folder / "study.yaml"
    place.write_text("pseudonyms: {key_env: KEY}\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
    path = wide("respondent_id,listening_1,listening_2,trust_1\na,5,1,1\nb,4,2,2\nc,3,3,3\n", "later.csv")
    import_file("wide", path, folder, wave="1")
    assert len(survey(folder)) == 3 and survey(folder)["respondent_id"].str.startswith("p-").all()


def test_a_half_empty_id_of_people_loses_no_response(tmp_path, write_study):
    rows = [["Respondent ID", "Collector ID", "Personnel number", *TEXTS], ["", "", *["Response"] * 4]]
    rows += [["11200000001", "4", "m1", 5, 1, 2], ["11200000002", "4", "", 4, 1, 2], ["11200000003", "4", "", 4, 1, 2]]
    folder = write_study()
    log = import_file("surveymonkey", write.save(tmp_path / "e.csv", rows), folder)
    assert log.imported == 3 and "the response where nobody is named (2)" in log.text()
    assert survey(folder)["respondent_id"].tolist()[0] == "m1" and survey(folder)["respondent_id"].is_unique


def test_the_same_responses_in_two_waves_are_refused(tmp_path, write_study, refusal):
    folder, path = write_study(), form(tmp_path / "a.xlsx", [(5, 1, 2), (4, 2, 2)])
    import_file("msforms", path, folder, wave="1")
    said = refusal(import_file, "msforms", path, folder, wave="2")
    assert '2 of these responses were imported as wave "1" before' in said and "--undo" in said


def test_two_questionnaires_of_the_same_people_complete_each_other(wide, write_study):
    folder = write_study()
    path = wide("respondent_id,listening_1,listening_2,trust_1\na,5,1,1\n", "one.csv")
    import_file("wide", path, folder, wave="1")
    place = folder / "mappings" / "two.yaml"
    place.write_text("columns: {respondent_id: respondent_id, again: again}\n", encoding="utf-8")
    import_file("wide", wide("respondent_id,again\na,9\n", "two.csv"), folder, place, "1")
    assert survey(folder)[["listening_1", "again"]].values.tolist() == [[5, 9]]


def test_an_earlier_state_of_a_response_never_replaces_a_later_one(wide, write_study):
    folder = write_study()
    head = "respondent_id,submitted_at,listening_1,listening_2,trust_1\n"
    import_file("wide", wide(head + "a,2026-05-20,5,1,1\n", "new.csv"), folder, wave="1")
    log = import_file("wide", wide(head + "a,2026-05-10,1,1,1\nb,2026-05-10,2,2,2\n", "old.csv"), folder, wave="1")
    assert (
        survey(folder)["listening_1"].tolist() == [5, 2] and "a later state is there already, left out: 1" in log.text()
    )


def test_rows_that_nothing_names_are_kept_apart_on_request(wide, write_study, refusal):
    folder, path = write_study(), wide("listening_1,listening_2,trust_1\n5,1,1\n5,1,1\n4,1,1\n")
    assert "add the line anonymous: true" in refusal(import_file, "wide", path, folder)
    place = folder / "mappings" / "wide.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "anonymous: true\n", encoding="utf-8")
    import_file("wide", path, folder, wave="1")
    log = import_file("wide", path, folder, wave="1")
    assert len(survey(folder)) == 3 and log.unchanged == 3


def test_every_import_can_be_taken_back(wide, write_study, refusal):
    folder = write_study()
    head = "respondent_id,listening_1,listening_2,trust_1\n"
    import_file("wide", wide(head + "a,5,1,1\nb,4,2,2\nc,3,3,3\n"), folder, wave="1")
    first = (folder / "survey.csv").read_bytes()
    import_file("wide", wide(head + "b,1,2,2\nd,1,1,1\n"), folder, wave="1")
    second = (folder / "survey.csv").read_bytes()
    import_file("wide", wide(head + "a,2,2,2\n"), folder, wave="2")
    assert [entry.number for entry in entries(Study.load(folder))] == [1, 2, 3]
    assert "survey: 4 rows again" in undo(folder) and (folder / "survey.csv").read_bytes() == second
    undo(folder)
    assert (folder / "survey.csv").read_bytes() == first
    undo(folder)
    assert len(survey(folder)) == 0
    assert "there is no import to undo" in refusal(undo, folder)


def test_a_table_that_was_changed_since_is_not_taken_back(wide, write_study, refusal):
    folder = write_study()
    import_file("wide", wide("respondent_id,listening_1,listening_2,trust_1\na,5,1,1\n"), folder)
    with (folder / "survey.csv").open("a", encoding="utf-8") as file:
        file.write("b,4,4,4\n")
    before = (folder / "survey.csv").read_bytes()
    assert "survey.csv was changed after the import of answers.csv" in refusal(undo, folder)
    assert (folder / "survey.csv").read_bytes() == before


def test_an_import_of_nothing_fails_and_changes_no_file(wide, write_study):
    folder = write_study(survey="respondent_id,wave,listening_1,remark\n")
    path = wide("respondent_id,listening_1,listening_2,trust_1\na,,,\n")
    ran = CliRunner().invoke(main, ["import", "wide", str(path), "--study", str(folder)])
    assert ran.exit_code == 1 and "Nothing was imported, and no file was changed." in ran.output
    assert (folder / "survey.csv").read_text(encoding="utf-8") == "respondent_id,wave,listening_1,remark\n"
    assert not (folder / "imports").exists() and not (folder / "mappings").exists()


def test_undo_on_the_command_line(wide, write_study):
    folder = write_study()
    path = wide("respondent_id,listening_1,listening_2,trust_1\na,5,1,1\n")
    for options, code, said in (
        (["wide", str(path)], 0, "1 added"),
        (["--undo"], 0, "Undone: import 1 of answers.csv (wide)."),
        (["--undo"], 2, "there is no import to undo"),
        ([], 2, "Name a format and a file"),
    ):
        ran = CliRunner().invoke(main, ["import", *options, "--study", str(folder)])
        assert ran.exit_code == code and said in ran.output


def test_an_untouched_proposal_of_a_failed_import_never_rules(wide, write_study, codebook_text, refusal):
    folder, path = write_study(), wide("respondent_id,q1,listening_2,trust_1\na,5,1,1\n")
    assert "no column for listening_1" in refusal(import_file, "wide", path, folder)
    (folder / "codebook.yaml").write_text(codebook_text.replace("listening_1", "q1"), encoding="utf-8")
    import_file("wide", path, folder)
    assert survey(folder)["q1"].tolist() == [5]


def test_groups_and_waves_that_look_alike_are_said(wide, write_study):
    folder = write_study()
    head = "respondent_id,department,listening_1,listening_2,trust_1\n"
    import_file("wide", wide(head + "a,Sales,5,1,1\n"), folder, wave="2026-H1")
    log = import_file("wide", wide(head + "b,SALES,5,1,1\n"), folder, wave="2026 H1")
    assert 'department: "SALES" and "Sales" look alike' in log.text() or '"Sales" and "SALES" look alike' in log.text()
    assert 'The wave "2026 H1" resembles "2026-H1", and counts as another.' in log.text()
