import csv
import io
import json

import pytest
import yaml

from helpers.data import InputError, Study
from helpers.data.identities import RESPONSE
from helpers.data.importers.engine import import_file

BEFORE = {  # columns of a Qualtrics export, the text of their second header row, their ImportId
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientLastName": ("Recipient Last Name", "recipientLastName"),
    "RecipientFirstName": ("Recipient First Name", "recipientFirstName"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "LocationLatitude": ("Location Latitude", "locationLatitude"),
    "LocationLongitude": ("Location Longitude", "locationLongitude"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
}
QUESTIONS = {
    "Q1_1": ("How far do you agree? - My HR partner hears me out to the end.", "QID1_1"),
    "Q1_2": ("How far do you agree? - My HR partner <b>interrupts</b> me.", "QID1_2"),
    "Q1_3": ("How far do you agree? - I rely on what my HR partner&nbsp;says.", "QID1_3"),
    "Q2_NPS_GROUP": ("Would you choose to work together again? - Group", "QID2_NPS_GROUP"),
    "Q2": ("Would you choose to work together again?", "QID2"),
    "Q3": ("What should change?", "QID3_TEXT"),
    "Q4": ("How did you hear about this survey?", "QID4"),
    "partnership_id": ("partnership_id", "partnership_id"),
}


class Exporter:
    """Writes a file as Qualtrics does."""

    def __init__(self, path):
        self.path, self.columns, self.rows = path, {**BEFORE, **QUESTIONS}, []

    def respond(self, **cells):
        person = f"m{len(self.rows) + 1}"
        usual = {
            "StartDate": "2026-05-01 17:01:02", "EndDate": "2026-05-01 17:05:06", "Status": "IP Address",
            "IPAddress": "192.0.2.7", "Progress": "100", "Duration (in seconds)": "244", "Finished": "True",
            "RecordedDate": "2026-05-01 17:05:07", "ResponseId": f"R_{len(self.rows)}", "RecipientLastName": "Doe",
            "RecipientEmail": "jo@example.com", "ExternalReference": person, "LocationLatitude": "47.1",
            "DistributionChannel": "email", "UserLanguage": "EN", "Q1_1": "Strongly agree", "Q1_2": "Neutral",
            "Q1_3": "not at all", "Q2_NPS_GROUP": "Passive", "Q2": "8", "Q3": "",
            "partnership_id": f"P{len(self.rows) + 1}",
        }  # fmt: skip
        self.rows.append(usual | cells)
        return self

    def save(self, encoding="utf-8-sig", delimiter=","):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        zone = {"timeZone": "America/Denver"}
        writer.writerow(self.columns)
        writer.writerow(text for text, _ in self.columns.values())
        writer.writerow(
            json.dumps({"ImportId": i, **(zone if "Date" in i else {})}, separators=(",", ":"))
            for _, i in self.columns.values()
        )
        writer.writerows([row.get(column, "") for column in self.columns] for row in self.rows)
        self.path.write_bytes(out.getvalue().encode(encoding))
        return self.path


@pytest.fixture
def export(tmp_path):
    return Exporter(tmp_path / "export.csv")


@pytest.fixture
def study(write_study):
    return write_study(settings="timezone: Europe/Zurich\n")


def test_choice_text_becomes_numbers_in_the_survey_table(export, study):
    report = import_file("qualtrics", export.respond().respond(Q3="more\ntime, please").save(), study, wave="2026-H1")
    survey = Study.load(study, merged=False).survey
    assert survey["respondent_id"].tolist() == ["m1", "m2"] and survey["partnership_id"].tolist() == ["P1", "P2"]
    answers = survey[["listening_1", "listening_2", "trust_1", "again"]]
    assert answers.values.tolist() == [[5, 3, 1, 8], [5, 3, 1, 8]]
    assert survey["remark"].tolist()[1] == "more\ntime, please"
    assert survey["wave"].tolist() == ["2026-H1"] * 2
    assert str(survey["submitted_at"][0]) == "2026-05-02 01:05:07"  # Denver told in the study's time zone
    text = report.text()
    assert "2 responses read, 2 imported as wave 2026-H1" in text and "listening_1 ← Q1_1" in text
    assert "Answers to listening_2 are reversed later" in text


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-16", "\t")])
def test_numeric_values_csv_and_tsv(export, study, encoding, delimiter):
    export.respond(Q1_1="5", Q1_2="3", Q1_3="1", Status="0", Finished="1")
    import_file("qualtrics", export.save(encoding, delimiter), study)
    assert Study.load(study, merged=False).survey[["listening_1", "listening_2", "trust_1"]].values.tolist() == [
        [5, 3, 1]
    ]


def test_personal_columns_are_left_out_and_named(export, study):
    text = import_file("qualtrics", export.respond().save(), study).text()
    line = next(line for line in text.splitlines() if line.startswith("Personal"))
    for column in ("IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "LocationLatitude"):
        assert column in line
    kept = (study / "survey.csv").read_text(encoding="utf-8")
    assert not any(secret in kept for secret in ("192.0.2.7", "Doe", "example.com", "47.1"))


def test_what_is_skipped_is_counted_with_reason_and_rows(export, study):
    export.respond().respond(Status="Survey Preview").respond(Status="Spam").respond(Finished="False")
    export.respond(Status="9").respond(Status="8", Finished="0").respond(ExternalReference="")
    export.respond(Q1_1="", Q1_2="", Q1_3="", Q2="", Q3="").respond(Q1_2="-99")
    report = import_file("qualtrics", export.save(), study)
    assert report.skipped == {
        "preview": [5, 8],
        "spam": [6, 9],
        "unfinished": [7],
        "no item answered": [11],
    }
    assert (report.read, report.imported) == (9, 3)
    assert "the person; the response where nobody is named (1)" in report.text()
    assert "Skipped, preview: 2 (rows 5 and 8)" in report.text()
    assert "Left empty because they stand for no answer: 1 cells." in report.text()
    assert "Answers: 11 in the responses that count, 11 taken" in report.text()
    assert "Columns left out: StartDate" in report.text() and "Q4" in report.text()
    people = Study.load(study, merged=False).survey["respondent_id"].tolist()
    assert people[::2] == ["m1", "m9"] and RESPONSE.fullmatch(people[1])


def test_the_mapping_is_saved_explained_and_can_be_edited(export, study):
    path = export.respond().respond(Finished="False").save()
    import_file("qualtrics", path, study)
    place = study / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8")
    assert 'Q1_1: listening_1  # same text; "How far do you agree? - My HR partner hears me out to the end."' in text
    assert "ExternalReference: respondent_id" in text and "IPAddress: personal" in text
    place.write_text(
        text.replace("Q1_2: listening_2", "Q1_2: skip")
        .replace("Q4: skip", "Q4: department")
        .replace("  - unfinished  # not sent off\n", ""),
        encoding="utf-8",
    )
    report = import_file("qualtrics", path, study)
    assert report.imported == 2 and "listening_2" not in report.items and "Q1_2" in report.left_out


def test_further_wordings_of_answers_can_be_added(export, study, refusal):
    path = export.respond(Q1_1="Stimme zu").respond(Q1_1="Stimme zu").save()
    said = refusal(import_file, "qualtrics", path, study)
    assert 'column listening_1, rows 4 and 5: 2 answers "Stimme zu": not a label of the codebook' in said
    assert 'agreement:\n    "Stimme zu": UNSURE' in said and not (study / "survey.csv").exists()
    place = study / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8").replace('"Stimme zu": UNSURE', "stimme zu: 5")
    place.write_text(text, encoding="utf-8")
    import_file("qualtrics", path, study)
    assert Study.load(study, merged=False).survey["listening_1"].tolist() == [5, 5]


def test_the_responses_of_both_sides_may_have_their_own_columns(export, study, refusal):
    export.columns |= {
        f"Q9_{n}": (text, f"QID9_{n}")
        for n, text in enumerate(
            [
                "This manager hears me out to the end.",
                "This manager interrupts me.",
                "I rely on what this manager says.",
            ]
        )
    }
    empty = {"Q1_1": "", "Q1_2": "", "Q1_3": ""}
    export.respond().respond(**empty, Q9_0="Neutral", Q9_1="Neutral", Q9_2="Neutral").respond(Q9_0="Neutral")
    said = refusal(import_file, "qualtrics", export.save(), study)
    assert "column listening_1, row 6: different answers in more than one of Q1_1, Q9_0" in said
    place = study / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8").replace("# several: first  # or last,", "several: last  #")
    place.write_text(text, encoding="utf-8")
    report = import_file("qualtrics", export.path, study)
    assert report.items["listening_1"] == ["Q1_1", "Q9_0"]
    assert Study.load(study, merged=False).survey["listening_1"].tolist() == [5, 3, 3]
    assert "Answered in several columns, taken once, listening_1: 1 (row 6)" in report.text()


def test_a_response_that_rates_several_partners_is_not_taken_for_one(export, study, refusal):
    export.columns |= {f"Q9_{name}": (text, f"QID9_{i}") for name, (text, i) in QUESTIONS.items() if name[:2] == "Q1"}
    second = {"Q9_Q1_1": "Neutral", "Q9_Q1_2": "Neutral", "Q9_Q1_3": "Neutral"}
    said = refusal(import_file, "qualtrics", export.respond(**second).respond(**second).respond().save(), study)
    assert "column listening_1, rows 4 and 5: different answers in more than one of Q1_1, Q9_Q1_1" in said
    assert "export one row per partner" in said and not (study / "survey.csv").exists()


def test_odd_names_of_columns_come_back_from_the_mapping_as_they_were(export, study):
    odd = ["1e3", "007", "no", "null", "a: b", "# c", "- d", "é", "x'y\"z", "\U0001f600", "\x07bell", "{e}", "a\u2028b"]
    export.columns |= {name: (f"text of \x07 {name}", f"QID_{n}") for n, name in enumerate(odd)}
    report = import_file("qualtrics", export.respond().save(), study)
    assert len(report.left_out) > len(odd)
    assert import_file("qualtrics", export.path, study).left_out == report.left_out


def test_without_an_external_reference_the_response_id_identifies(export, study):
    import_file("qualtrics", export.respond(ExternalReference="").respond(ExternalReference="").save(), study)
    people = Study.load(study, merged=False).survey["respondent_id"]
    assert people.is_unique and people.str.fullmatch(RESPONSE).all()


def test_an_e_mail_address_as_reference_stays_out(export, study):
    import_file("qualtrics", export.respond(ExternalReference="a@example.com").save(), study)
    assert Study.load(study, merged=False).survey["respondent_id"].str.fullmatch(RESPONSE).all()


def test_waves_are_added_and_a_repeated_response_replaced(export, study, tmp_path, refusal):
    import_file("qualtrics", export.respond().respond().save(), study, wave="2025-H2")
    export.rows = [row | {"ResponseId": f"{row['ResponseId']}_again"} for row in export.rows]
    import_file("qualtrics", export.save(), study, wave="2026-H1")
    export.rows[0]["Q1_1"] = "Neutral"
    report = import_file("qualtrics", export.save(), study, wave="2026-H1")
    assert (report.added, report.changed, report.unchanged, report.kept) == (0, 1, 1, 2)
    assert "Rows of the survey table: 0 added, 1 changed, 1 unchanged" in report.text()
    survey = Study.load(study, merged=False).survey
    assert survey["wave"].tolist() == ["2025-H2"] * 2 + ["2026-H1"] * 2
    assert survey["listening_1"].tolist() == [5, 5, 3, 5]
    before = (study / "survey.csv").read_bytes()
    export.rows.pop()
    assert "Name the wave with --wave" in refusal(import_file, "qualtrics", export.save(), study)
    assert (study / "survey.csv").read_bytes() == before
    assert not list(study.rglob("*.new"))


def test_study_yaml_gets_the_table_and_keeps_its_comments(export, study):
    place = study / "study.yaml"
    place.write_text("# precious\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
    import_file("qualtrics", export.respond().save(), study)
    assert place.read_text(encoding="utf-8").startswith("# precious\n")
    assert yaml.safe_load(place.read_text(encoding="utf-8"))["tables"] == {"survey": "survey.csv"}


@pytest.mark.parametrize(
    "tables", ["tables:\n    people: people.csv  # roster\n", "tables: {people: people.csv}\n", "tables: { }\n"]
)
def test_every_way_to_write_the_tables_is_kept(export, study, tables):
    place = study / "study.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("tables: {}\n", tables), encoding="utf-8")
    import_file("qualtrics", export.respond().save(), study)
    assert list(Study.load(study).tables) == (["people", "survey"] if "people" in tables else ["survey"])


def test_a_doubtful_mapping_is_proposed_and_nothing_is_imported(export, study, refusal):
    export.columns["Q1_1"] = ("My HR partner nearly always hears me out until the end", "QID1_1")
    said = refusal(import_file, "qualtrics", export.respond().save(), study)
    assert "Q1_1 resembles listening_1, but not closely" in said and "nothing was imported" in said
    place = study / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8")
    assert "Q1_1: UNSURE  # listening_1" in text and not (study / "survey.csv").exists()
    assert refusal(import_file, "qualtrics", export.path, study) == said  # to repeat it settles nothing
    place.write_text(text.replace("missing: [", "missing: [seen, "), encoding="utf-8")
    assert "columns.Q1_1: UNSURE: the line is not settled" in refusal(import_file, "qualtrics", export.path, study)
    place.write_text(text.replace("Q1_1: UNSURE", "Q1_1: listening_1"), encoding="utf-8")
    assert import_file("qualtrics", export.path, study).imported == 1


def test_a_missing_item_is_a_doubt_but_the_short_form_is_whole(export, study, refusal):
    del export.columns["Q1_3"]
    assert "no column for trust_1" in refusal(import_file, "qualtrics", export.respond().save(), study)
    (study / "mappings" / "qualtrics.yaml").unlink()
    export.columns = {**BEFORE, **QUESTIONS}
    del export.columns["Q1_2"]  # listening_1 and trust_1 are the short form
    assert import_file("qualtrics", export.save(), study).imported == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Q1_1: listening_1", "Q1_1: listenig_1", 'did you mean "listening_1"?'),
        ("Q1_1: listening_1", "Q1_7: listening_1", "the file has no such column"),
        ("Q1_1: listening_1", "Q1_7: listening_1", 'nothing is said about column "Q1_1"'),
        ("Q4: skip", "Q4: partnership_id", "partnership_id is the target of several columns"),
        ("answers: {}", "answers: {agremeent: {x: 1}}", '"agremeent"'),
        ("missing: [", "mising: [", 'Did you mean "missing"?'),
        ("  - spam ", "  - spma ", '"spma"'),
        ("answers: {}", "answers: {}\nloops: {boss: {1: x}}", '"boss"'),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(export, study, refusal, old, new, said):
    path = export.respond().save()
    import_file("qualtrics", path, study)
    place = study / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")
    assert said.lower() in refusal(import_file, "qualtrics", path, study).lower()


def test_a_file_without_the_three_header_rows_is_refused(tmp_path, study, refusal):
    path = tmp_path / "plain.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    assert "row 3: the ImportId entries of a Qualtrics export are not here" in refusal(
        import_file, "qualtrics", path, study
    )
    assert "there is no file" in refusal(import_file, "qualtrics", tmp_path / "none.csv", study)
    assert 'did you mean "qualtrics"?' in refusal(import_file, "qualtrix", path, study)


def test_a_survey_that_is_not_plain_csv_is_left_alone(export, write_study, refusal):
    folder = write_study(sources={"survey": "survey.xlsx"})
    assert "the survey table is not a plain csv file" in refusal(
        import_file, "qualtrics", export.respond().save(), folder
    )


def test_another_mapping_file_serves_another_questionnaire(export, study, tmp_path):
    place = tmp_path / "maps" / "managers.yaml"
    report = import_file("qualtrics", export.respond().save(), study, mapping=place)
    assert report.mapping == place and place.is_file() and not (study / "mappings").exists()


def test_input_errors_leave_nothing_behind(export, study):
    export.respond().save()
    export.path.write_bytes(export.path.read_bytes()[:-30])
    with pytest.raises(InputError):
        import_file("qualtrics", export.path, study)
    assert sorted(path.name for path in study.iterdir()) == ["codebook.yaml", "study.yaml"]


def test_how_long_answering_took_is_kept(export, study):
    export.respond(**{"Duration (in seconds)": "61"}).respond(**{"Duration (in seconds)": ""})
    import_file("qualtrics", export.save(), study, wave="2026-H1")
    loaded = Study.load(study, merged=False)
    assert loaded.survey["seconds"].tolist()[0] == 61
    given = loaded.responses().set_index("respondent_id")["seconds"]
    assert given["m1"] == 61 and given.isna()["m2"]


def test_a_survey_without_times_has_no_column_of_them(export, study):
    export.respond(**{"Duration (in seconds)": ""})
    import_file("qualtrics", export.save(), study, wave="2026-H1")
    assert "seconds" not in Study.load(study, merged=False).responses()
