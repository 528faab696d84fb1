"""What is left out of an import, and why; what is refused rather than read wrongly."""

import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file

HEAD = "respondent_id,partnership_id,submitted_at,listening_1,listening_2,trust_1\n"


@pytest.fixture
def wide(tmp_path):
    def write(text, head=HEAD):
        path = tmp_path / "answers.csv"
        path.write_text(head + text, encoding="utf-8")
        return path

    return write


def test_the_last_of_repeated_responses_counts_and_the_rule_can_be_edited(wide, write_study):
    folder = write_study()
    path = wide("a,P1,2026-05-02 10:00,5,1,1\na,P1,2026-05-01 10:00,1,1,1\na,P2,2026-05-01 10:00,2,1,1\n")
    report = import_file("wide", path, folder)
    assert report.skipped == {"repeat": [3]} and "Skipped, repeat: 1 (row 3)" in report.text()
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == [5, 2]
    place = folder / "mappings" / "wide.yaml"
    text = place.read_text(encoding="utf-8")
    assert "  - repeat  # flagged by the survey tool, or followed by a later response" in text
    place.write_text("".join(line for line in text.splitlines(True) if "- repeat" not in line), encoding="utf-8")
    report = import_file("wide", path, folder)
    assert report.imported == 3 and "Some respondents answer twice about the same partner" in report.text()


def test_many_answers_of_one_person_without_a_partner_are_refused(wide, write_study, refusal):
    path = wide("a,5,1,1\na,4,1,1\na,3,1,1\nb,5,1,1\n", "respondent_id,listening_1,listening_2,trust_1\n")
    said = refusal(import_file, "wide", path, write_study())
    assert "rows 2, 3 and 4: the same people answer several times, and no column tells about whom" in said


def test_codes_of_recoded_choices_are_refused_until_they_are_explained(wide, write_study, refusal):
    folder = write_study()
    path = wide("a,P1,,1,1,1\nb,P1,,5,3,1\nc,P1,,7,5,2\n")
    said = refusal(import_file, "wide", path, folder)
    assert 'column listening_1, row 4: 1 answer "7": not within 1 to 5; if choices were recoded, say what' in said
    assert not (folder / "survey.csv").exists()
    place = folder / "mappings" / "wide.yaml"
    text = place.read_text(encoding="utf-8").replace('"7": UNSURE', "7: 5\n    5: 4")
    place.write_text(text, encoding="utf-8")
    said = refusal(import_file, "wide", path, folder)  # what one code means leaves the others open
    assert '4 answers "1": the mapping gives another meaning to the code' in said
    place.write_text(text.replace("    5: 4", "    5: 4\n    1: 1\n    2: 2\n    3: 3"), encoding="utf-8")
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == [1, 4, 5]


def test_a_code_for_no_answer_can_be_added(wide, write_study, refusal):
    folder, path = write_study(), wide("a,P1,,-99,1,9\nb,P1,,5,3,1\n")
    assert 'column trust_1, row 2: 1 answer "9": not within 1 to 5' in refusal(import_file, "wide", path, folder)
    place = folder / "mappings" / "wide.yaml"
    text = place.read_text(encoding="utf-8")
    assert 'missing: ["-99"]' in text
    text = text.replace('    "9": UNSURE', "    # 9").replace("  agreement:\n", "").replace("answers:", "answers: {}")
    place.write_text(text.replace('missing: ["-99"]', "missing: [-99, 9]"), encoding="utf-8")
    assert "Left empty because they stand for no answer: 2 cells." in import_file("wide", path, folder).text()
    assert Study.load(folder, merged=False).survey["trust_1"].isna().tolist() == [True, False]


TWICE = "a,P1,2025-11-03,5,1,1\nb,P2,2025-11-04,5,1,1\na,P1,2026-05-03,4,1,1\nb,P2,2026-05-04,4,1,1\n"
ONCE = "".join(f"r{n},P1,{'2025-11' if n < 4 else '2026-05'}-0{n % 7 + 1},5,1,1\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWICE, "answers up to 2025-11-04 and again from 2026-05-03"),
        (TWICE.splitlines(True)[0] + TWICE.splitlines(True)[2], "the same people answer twice, between 2025-11-03"),
        (ONCE, "look like two waves in one file"),
    ],
)
def test_two_waves_in_one_file_are_refused(wide, write_study, refusal, text, said):
    folder = write_study()
    text = text if len(text.splitlines()) != 4 else text + "c,P3,2026-05-04,4,1,1\n"
    answer = refusal(import_file, "wide", wide(text), folder, wave="2026-H1")
    assert said in answer and "export each by itself, or map a column to wave" in answer
    assert not (folder / "survey.csv").exists()


def test_the_wave_of_the_file_and_of_the_command_must_agree(wide, write_study, refusal):
    path = wide("a,2025,5,1,1\nb,2026,5,1,1\n", "respondent_id,wave,listening_1,listening_2,trust_1\n")
    folder = write_study()
    said = refusal(import_file, "wide", path, folder, wave="2026")
    assert 'column wave, row 2: the file holds the wave "2025", not "2026"' in said
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["wave"].tolist() == ["2025", "2026"]


def test_late_answers_are_added_corrected_ones_changed_and_absent_ones_kept(wide, write_study):
    folder = write_study()
    import_file("wide", wide("a,P1,,5,1,1\nb,P1,,4,1,1\nc,P1,,3,1,1\n"), folder, wave="1")
    report = import_file("wide", wide("a,P1,,5,1,1\nb,P1,,4,,1\nd,P1,,3,1,1\n"), folder, wave="1")
    assert (report.added, report.changed, report.unchanged, report.kept) == (1, 1, 1, 1)
    assert "1 added, 1 changed, 1 unchanged, 1 that this file does not hold kept" in report.text()
    survey = Study.load(folder, merged=False).survey.set_index("respondent_id")
    assert sorted(survey.index) == ["a", "b", "c", "d"] and survey["listening_2"].isna().sum() == 1


def test_dates_that_do_not_tell_day_from_month_are_asked_about(wide, write_study, refusal):
    folder = write_study()
    path = wide("a,P1,03/04/2026,5,1,1\nb,P1,04/04/2026,5,1,1\n")
    said = refusal(import_file, "wide", path, folder)
    assert 'rows 2 and 3: dates such as "03/04/2026" do not tell which number is the day' in said
    place = folder / "mappings" / "wide.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "dates: day-first\n", encoding="utf-8")
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["submitted_at"].dt.month.tolist() == [4, 4]


def test_semicolons_bring_decimal_commas(tmp_path, write_study, refusal):
    path = tmp_path / "answers.csv"
    path.write_text(
        "respondent_id;weight;listening_1;listening_2;trust_1\na;0,5;4,0;1;1,0\nb;1,25;5;2;2\n", encoding="utf-8"
    )
    folder = write_study()
    report = import_file("wide", path, folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["weight"].tolist() == [0.5, 1.25] and survey["listening_1"].tolist() == [4, 5]
    assert report.taken == 6
    path.write_text(path.read_text(encoding="utf-8").replace("1,0", "1,5"), encoding="utf-8")
    said = refusal(import_file, "wide", path, folder)
    assert 'column trust_1, row 2: 1 answer "1,5": not a whole number' in said
