"""Exports that were once read wrongly, each in its own folder of import_cases: the commands, and the right values."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from helpers.analysis.hiring import engagement, metrics
from helpers.analysis.hiring.hiring_records import HiringRecords
from helpers.cli import main
from helpers.data import InputError, Study
from helpers.present import plots
from helpers.privacy import protect

pytestmark = pytest.mark.slow

CASES = Path(__file__).parent / "import_cases"
PSEUDONYMS = r"(?m)^# pseudonyms: ", "pseudonyms: "


class Case:
    """A new study beside the files of one case, and the command line."""

    def __init__(self, name):
        shutil.copytree(CASES / name, ".", dirs_exist_ok=True)
        self.run("init s")
        if Path("codebook.yaml").exists():
            shutil.copy("codebook.yaml", "s/codebook.yaml")

    def run(self, line, code=0):
        """Run a command that ends with this code; return what it says."""
        ran = CliRunner().invoke(main, line.split())
        assert ran.exit_code == code, ran.output
        return ran.output

    def edit(self, file, pattern, becomes):
        """Change a file of the study as its reader does, by hand."""
        text, times = re.subn(pattern, becomes, Path("s", file).read_text(encoding="utf-8"))
        assert times, f"{pattern} does not stand in {file}"
        Path("s", file).write_text(text, encoding="utf-8")

    @property
    def survey(self):
        """The survey table as it was written."""
        return pd.read_csv("s/survey.csv")

    def openings(self, *columns):
        """Cells of the openings, as texts."""
        return pd.read_csv("s/requisitions.csv", dtype=str)[list(columns)].fillna("").values.tolist()

    def events(self):
        """How many events of each kind there are."""
        return pd.read_csv("s/hiring_events.csv")["event"].value_counts().to_dict()


@pytest.fixture
def case(tmp_path, monkeypatch):
    """Return a function that begins the study of a case."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HR_PARTNERSHIP_KEY", "0123456789abcdef0123")
    return Case


def table(name):
    """A table of the report as it was published."""
    return pd.read_csv(next(Path("rep/tables").glob(f"*--{name}.csv")))


# answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tool", "file", "rows", "mean"),
    [
        ("sav-codes-run-backwards", "wide", "answers.sav", 30, 3.433),
        ("half-came-by-link", "qualtrics", "export.csv", 30, 2.800),
        ("choice-column-for-item", "surveymonkey", "responses.csv", 24, 3.042),
        ("forms-with-points", "msforms", "form.xlsx", 24, 3.042),
        ("years-of-two-digits", "msforms", "form.csv", 24, 3.042),
        ("zones-by-name", "googleforms", "form.csv", 24, 3.042),
        ("glint-as-documented", "glint", "raw.csv", 24, 3.042),
        ("older-export-by-wide", "qualtrics", "legacy.csv", 20, 4.250),
        ("limesurvey-for-r-and-spss", "limesurvey", "survey_911_R_data_file.csv", 24, 3.042),
        ("text-codes-with-labels", "wide", "answers.sav", 24, 3.042),
        ("second-wording-not-seen", "msforms", "managers.xlsx", 30, 2.167),
    ],
)
def test_every_row_comes_in_and_its_answers_mean_what_was_said(case, name, tool, file, rows, mean):
    of = case(name)
    of.run(f"import {tool} {file} --study s")
    assert len(of.survey) == rows and of.survey["listens"].mean() == pytest.approx(mean, abs=0.0005)
    before = of.survey
    assert f"{rows} unchanged" in of.run(f"import {tool} {file} --study s")  # to repeat it changes nothing
    pd.testing.assert_frame_equal(of.survey, before)


def test_two_forms_of_one_wave_are_42_people_and_nobody_is_overwritten(case):
    of = case("two-forms-one-wave")
    of.run("import msforms managers.xlsx --study s --wave 2026-H1")
    managers = of.survey
    said = of.run("import msforms hr.xlsx --study s --wave 2026-H1 --mapping s/mappings/hr.yaml")
    assert "12 added, 0 changed" in said and len(managers) == 30 and len(of.survey) == 42
    pd.testing.assert_frame_equal(of.survey.head(30), managers)


def test_two_anonymous_waves_are_two_samples_and_nobody_has_answered_twice(case):
    of = case("anonymous-waves-paired")
    of.run("import msforms spring.xlsx --study s --wave 2026-H1")
    of.run("import msforms autumn.xlsx --study s --wave 2026-H2")
    assert of.survey.groupby("wave").size().tolist() == [40, 40] and of.survey["respondent_id"].is_unique
    of.run("report s --only partnership_survey --formats html --out rep")
    page = Path("rep/partnership_survey.html").read_text(encoding="utf-8")
    assert not re.search("per cent[^.<]* of those who answered twice", page)
    assert "Nobody answered in both waves." in page
    assert not list(Path("rep/tables").glob("*reliable-change*")) + list(Path("rep/tables").glob("*response-mean*"))
    assert table("change")["Respondents"].tolist() == [80]


def test_attributes_are_called_as_the_file_calls_their_codes(case):
    of = case("sav-group-codes-shown")
    of.edit("study.yaml", "(?m)^# attributes: .*", "attributes: [dept]")
    of.run("import wide answers.sav --study s")
    assert set(of.survey["dept"]) == {"Sales", "Finance", "Operations"}


def test_a_misspelt_label_is_asked_about_until_somebody_says_what_it_means(case):
    of = case("one-label-misspelt")
    said = of.run("import qualtrics export.csv --study s", code=2)
    assert '54 answers "Stronlgy disagree": not a label of the codebook' in said
    assert '    "Stronlgy disagree": 1  # the most similar label is that of 1' in said and of.survey.empty
    of.edit("mappings/qualtrics.yaml", '"Stronlgy disagree": UNSURE', '"Stronlgy disagree": 1')
    of.run("import qualtrics export.csv --study s")
    assert of.survey["listens"].mean() == pytest.approx(2.650) and of.survey["listens"].notna().all()


def test_bare_codes_are_said_to_be_bare_and_the_definition_beside_them_tells(case):
    of = case("recoded-inside-the-range")
    said = of.run("import qualtrics export.csv --study s")
    assert "120 were read as the numbers they are, and nothing in the file says what these mean" in said
    assert "an export of the wordings tells, and so does the survey's definition (.qsf" in said
    assert of.survey["listens"].mean() == pytest.approx(2.567, abs=0.0005)
    # The right mean, 3.267, needs the file's own word for its codes, 1, 6, 2, 3, 4 from the lowest to the highest.
    labels = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
    choices = {str(n): {"Display": label} for n, label in enumerate(labels, 1)}
    question = {"QuestionID": "QID1", "QuestionType": "Matrix", "Choices": {}, "Answers": choices}
    question["RecodeValues"] = dict(zip("12345", "16234"))
    pd.Series({"SurveyElements": [{"Element": "SQ", "Payload": question}]}).to_json("export.qsf")
    said = of.run("import qualtrics export.csv --study s")
    assert "What codes are called was read from export.qsf" in said
    assert of.survey["listens"].mean() == pytest.approx(3.267, abs=0.0005)


def test_an_export_that_holds_no_item_changes_no_file(case):
    of = case("nothing-imported")
    before = Path("s/survey.csv").read_bytes()
    for _ in range(2):
        assert "resembles listens, but not closely" in of.run("import googleforms form.csv --study s", code=2)
        assert Path("s/survey.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "tool", "file", "first"),
    [
        ("years-of-two-digits", "msforms", "form.csv", "2026-05-13 09:05:10"),
        ("zones-by-name", "googleforms", "form.csv", "2026-05-10 13:00:29"),  # 9 o'clock AST
        ("glint-as-documented", "glint", "raw.csv", "2026-05-10 09:00:00"),
    ],
)
def test_times_are_those_of_the_file(case, name, tool, file, first):
    of = case(name)
    of.run(f"import {tool} {file} --study s")
    assert of.survey["submitted_at"][0] == first


def test_the_personnel_number_is_the_person(case):
    of = case("glint-as-documented")
    of.run("import glint raw.csv --study s")
    assert of.survey["respondent_id"].tolist() == [f"E{n:03d}" for n in range(24)]


def test_an_older_export_keeps_its_rules_whatever_format_is_named(case):
    of = case("older-export-by-wide")
    assert "Skipped, preview: 2" in of.run("import qualtrics legacy.csv --study s")
    said = of.run("import wide legacy.csv --study s", code=2)
    assert "this is an export of Qualtrics. Import it with partnership import qualtrics" in said
    assert len(of.survey) == 20


def test_items_that_run_against_their_scale_are_named(case):
    of = case("reverse-not-declared")
    of.run("import wide answers.csv --study s")
    said = of.run("check s")
    for item in ("blames", "late"):
        assert f"column {item}: it runs against the other items of partner: correlation -0.7" in said
    of.run("report s --only partnership_survey --formats html --out rep")
    page = Path("rep/partnership_survey.html").read_text(encoding="utf-8")
    odd = "“My HR partner blames me when things go wrong.” and “My HR partner answers too late.”"
    assert f"No mean of “Partner” is told (Respondents): {odd} run against the other questions." in page
    assert not list(Path("rep/tables").glob("*means*")), "what runs against each other has no mean"
    assert table("reliability")[["Alpha", "Omega"]].iloc[0].tolist() == [-0.1, 0.6]
    assert "partner" not in str(pd.read_json("rep/results.json", typ="series")["findings"]).lower()


def test_names_in_any_script_are_drawn_or_named(case):
    of = case("department-names-as-boxes")
    of.edit("study.yaml", "(?m)^# attributes: .*", "attributes: [department]")
    of.run("import wide answers.csv --study s")
    names = list(Study.load("s", merged=False).survey["department"].unique())
    assert names == ["人事部", "생산", "Sales North", "Производство"]  # a control sign parted two words
    boxes = plots.undrawn(plots.painted(None, lambda _, axes: axes.set_yticks(range(4), names)))
    assert boxes == "" or ("Boxes in the figure" in boxes and {"CJK", "HANGUL"} & set(re.findall(r"[A-Z]+", boxes)))


# applicant tracking ---------------------------------------------------------------------------------------------


def test_what_is_closed_without_a_reason_is_not_open(case):
    of = case("closed-without-reason")
    of.edit("study.yaml", *PSEUDONYMS)
    of.run("import hiring ats --study s")
    ends = metrics.ends(HiringRecords.of(Study.load("s")).openings).set_index("end")["openings"]
    assert ends.to_dict() == {"Filled": 30, "Closed, outcome not recorded": 24, "Open": 6}
    of.run("report s --only hiring_manager_engagement --formats html --out rep")
    told = table("openings").set_index("End")["Openings"]
    # Only 2 managers have something open, so the table keeps the 6 and, lest they follow from the sum, the 24.
    assert told["Filled"] == "30" and told["Open"] == "hidden (fewer than 5)"
    assert told["Closed, outcome not recorded"].startswith("hidden")
    page = Path("rep/hiring_manager_engagement.html").read_text(encoding="utf-8")
    assert "60 openings" in page and "30 openings, median" not in page


def test_the_latest_version_of_a_record_counts(case):
    of = case("versions-of-a-record")
    of.edit("study.yaml", *PSEUDONYMS)
    said = of.run("import greenhouse harvest --study s")
    assert "jobs: earlier versions of records that are there again: 2." in said
    assert of.openings("requisition_id", "closed_at", "close_reason") == [
        ["1", "2026-03-02 09:00:00", "filled"],
        ["2", "", ""],
    ]
    assert of.events() == {"applied": 2, "offer_extended": 1, "offer_accepted": 1, "candidate_rejected": 1}
    events = pd.read_csv("s/hiring_events.csv").set_index("event")
    rejected = events.loc["candidate_rejected"]
    assert rejected["requisition_id"] == 2 and rejected["at"].startswith("2026-02-10")


def test_the_link_tables_of_a_warehouse_are_read_and_what_is_not_is_named(case):
    of = case("greenhouse-from-a-warehouse")
    of.edit("study.yaml", *PSEUDONYMS)
    assert "Left out: interview.csv." in of.run("import greenhouse warehouse --study s")
    assert of.openings("requisition_id", "department", "closed_at", "close_reason") == [
        ["1", "Finance", "2026-03-02 09:00:00", "filled"],
        ["2", "Care", "", ""],
    ]
    assert of.openings("hiring_manager_id") == [["p-587a4381bd186fa24b0d"], ["p-7c5c3c22a03967ad2233"]]  # 11 and 12
    kinds = ["interview_held", "feedback_given", "offer_extended", "offer_accepted", "candidate_rejected"]
    assert of.events() == dict.fromkeys([*kinds, "interview_scheduled"], 1) | {"applied": 2}


def test_records_inside_a_wrapper_and_dates_with_a_zone(case):
    of = case("workday-report-as-json")
    of.edit("study.yaml", *PSEUDONYMS)
    right = [["R-1", "2026-01-05 00:00:00", "2026-03-02 00:00:00", "filled"], ["R-2", "2026-01-07 00:00:00", "", ""]]
    names = ["requisition_id", "opened_at", "closed_at", "close_reason"]
    of.run("import hiring recruiting.json --study s")
    assert of.openings(*names) == right
    assert "2 unchanged" in of.run("import hiring recruiting.csv --study s --mapping s/mappings/csv.yaml")
    assert of.openings(*names) == right


def test_a_report_with_title_rows(case):
    of = case("report-with-title-rows")
    of.edit("study.yaml", *PSEUDONYMS)
    of.run("import hiring report.xlsx --study s")
    names = ["requisition_id", "opened_at", "closed_at", "close_reason"]
    assert of.openings(*names) == [["R-1", "2026-01-05 00:00:00", "2026-03-02 00:00:00", "filled"]]
    assert of.openings("hiring_manager_id") == [["p-929396bfaa25387de4c5"]]  # E11, as its key writes it


def test_tables_that_refer_to_each_other(case):
    of = case("linked-tables")
    of.edit("study.yaml", *PSEUDONYMS)
    of.run("import hiring ats --study s")
    assert of.events() == {"applied": 2, "interview_held": 1, "offer_accepted": 1}
    events = pd.read_csv("s/hiring_events.csv")
    assert events.groupby("requisition_id").size().to_dict() == {"R-1": 3, "R-2": 1}
    assert events.groupby("requisition_id")["candidate_id"].nunique().tolist() == [1, 1]


def test_openings_without_a_manager_and_words_that_nobody_knows(case):
    of = case("no-manager-column")
    of.edit("study.yaml", *PSEUDONYMS)
    said = of.run("import hiring ats --study s", code=2)
    assert "pipeline_events.csv\n" in said
    assert 'no event is known by the words "CV Screening", "Offer & Approval"' in said
    assert not Path("s/requisitions.csv").exists()
    of.edit("mappings/hiring.yaml", '"CV Screening": UNSURE', '"CV Screening": cv_reviewed')
    of.edit("mappings/hiring.yaml", '"Offer & Approval": UNSURE', '"Offer & Approval": offer_extended')
    of.run("import hiring ats --study s")
    assert of.openings("hiring_manager_id") == [[""]] * 3
    assert of.events() == dict.fromkeys(["applied", "cv_reviewed", "interview_held", "offer_extended"], 1)


# a client's own questionnaire, two tools, two waves ----------------------------------------------------------------


def test_a_proposal_of_a_failed_import_never_rules(case):
    of = case("acme")
    shutil.copy(CASES / "reverse-not-declared" / "codebook.yaml", "s/codebook.yaml")
    of.run("import qualtrics acme_2025H2_qualtrics.csv --study s", code=2)
    shutil.copy("codebook.yaml", "s/codebook.yaml")
    said = of.run("import qualtrics acme_2025H2_qualtrics.csv --study s")
    assert "123 responses read, 119 imported" in said and len(of.survey) == 119


def test_an_import_replaces_its_rows_whatever_the_mapping_has_become(case):
    of = case("acme")
    line = "import qualtrics acme_2025H2_qualtrics.csv --study s --wave 2025-H2"
    Path("s/mappings").mkdir()
    shutil.copy("mappings/qualtrics.yaml", "s/mappings")
    of.edit("study.yaml", "(?m)^# attributes: .*", "attributes: [department, location, tenure]")
    of.edit("mappings/qualtrics.yaml", "HRBP_ID: hr_id", "HRBP_ID: skip")
    of.run(line)
    first = of.survey
    of.edit("mappings/qualtrics.yaml", "HRBP_ID: skip", "HRBP_ID: hr_id")
    assert "0 added, 119 changed" in of.run(line) and of.survey["hr_id"].notna().all()
    of.edit("study.yaml", *PSEUDONYMS)
    assert "0 added, 119 changed" in of.run(line) and len(of.survey) == 119
    assert not set(of.survey["respondent_id"]) & set(first["respondent_id"].astype(str))
    of.run("import --undo --study s")
    of.run("import --undo --study s")
    pd.testing.assert_frame_equal(of.survey.dropna(axis=1, how="all"), first.dropna(axis=1, how="all"))
    of.run("import --undo --study s")
    assert of.survey.empty and "no import to undo" in of.run("import --undo --study s", code=2)


def test_two_sites_with_forms_of_their_own_keep_all_their_people(case):
    of = case("acme")
    of.run("import msforms acme_forms.xlsx --study s --wave 2026-H1")
    first = of.survey
    assert "9 added, 0 changed" in of.run("import msforms acme_forms_siteB.xlsx --study s --wave 2026-H1")
    assert len(first) == 13 and len(of.survey) == 22
    pd.testing.assert_frame_equal(of.survey.head(13), first)


def test_an_unknown_label_stops_the_import(case):
    of = case("acme")
    text = Path("acme_2026H1_qualtrics.csv").read_text(encoding="utf-8")
    Path("unknown.csv").write_text(text.replace("Somewhat agree", "Rather agree"), encoding="utf-8")
    said = of.run("import qualtrics unknown.csv --study s --wave 2026-H1", code=2)
    assert '236 answers "Rather agree": not a label of the codebook' in said and of.survey.empty
    assert '  agree7:\n    "Rather agree": UNSURE' in said


def test_a_client_s_own_questionnaire_comes_in_with_its_own_mappings(case):
    of = case("acme")
    shutil.copytree("mappings", "s/mappings")
    for name in ("study.yaml", "people.csv", "partnerships.csv"):
        shutil.copy(name, "s")
    of.edit("study.yaml", "brand: firm.yaml", "")
    Path("s/survey.csv").unlink()
    of.run("import qualtrics acme_2025H2_qualtrics.csv --study s --wave 2025-H2")
    of.run("import qualtrics acme_2026H1_qualtrics.csv --study s --wave 2026-H1")
    of.run("import msforms acme_forms.xlsx --study s --wave 2026-H1")
    said = of.run("import greenhouse greenhouse_report.csv --study s")
    assert of.survey.groupby("wave").size().to_dict() == {"2025-H2": 119, "2026-H1": 113}
    assert "study.yaml now names requisitions and hiring_events" in said
    assert of.run("check s") == "No problems found.\n"


def test_what_an_export_does_not_hold_is_not_recorded_rather_than_missed(case):
    of = case("acme")
    of.edit("study.yaml", *PSEUDONYMS)
    of.edit("study.yaml", "as_of: [0-9-]+", "as_of: 2026-07-01")
    of.run("import greenhouse greenhouse_report.csv --study s")
    hiring = HiringRecords.of(Study.load("s"))
    assert "Not recorded, and in no figure: Complete brief, Shortlist, Interview accepted" in hiring.recorded.remark
    parts = engagement.index_parts(engagement.index(hiring.waits, hiring.interviews, steps=hiring.steps))["part"]
    assert parts.tolist() == ["Intake in time", "CVs reviewed in time", "Feedback in time", "Engagement index"]


def test_a_wave_that_nobody_has_answered_yet_is_said_in_a_sentence(case):
    of = case("acme")
    of.edit("study.yaml", "(?m)^# waves: .*|^waves: .*", "waves: [2025-H2, 2026-H1]")
    of.run("import qualtrics acme_2025H2_qualtrics.csv --study s --wave 2025-H2")
    assert 'no answers yet in "2026-H1". Reports leave them out until there are some' in of.run("check s")
    assert Study.load("s").waves == ["2025-H2"]


@pytest.mark.parametrize(
    ("value", "unit", "same"),
    [(4.2, "points (1–5)", "5.80"), (71, "points (1-7)", ""), (60, "per thousand", ""), (9, "", "")],
)
def test_a_figure_from_elsewhere_on_another_scale_is_refused(case, value, unit, same):
    of = case("acme")
    figure = f'benchmarks: [{{measure: trust, value: {value}, unit: "{unit}", source: Panel, year: 2025}}]'
    of.edit("study.yaml", r"(?m)^benchmarks: \[\]", figure)
    said = of.run("check s", code=2)
    assert "points (1-7), score 0-100, per cent favourable" in said
    assert (f'write value: {same}, unit: "points (1-7)"' in said) == bool(same)
    with pytest.raises(InputError):
        Study.load("s")
    for right, its in ((5.26, "points (1-7)"), (71, "score 0-100"), (60, "% favourable")):
        of.edit("study.yaml", 'value: [^,]*, unit: ".*?"', f'value: {right}, unit: "{its}"')
        assert Study.load("s").benchmarks[0].value == right


@pytest.mark.parametrize("how", [{"groups": ["department"]}, {}, {"measures": ["department"]}])
def test_a_small_group_is_hidden_whatever_a_caller_forgets(how):
    found = protect(
        pd.DataFrame(
            {"department": ["Sales", "Operations", "Legal"], "respondents": [40, 30, 3], "estimate": [3.4, 3.9, 1.6]}
        ),
        minimum=5,
        **how,
    )
    assert found.reasons.tolist() == ["", "complementary", "small"] and found.frame["estimate"].count() == 1
