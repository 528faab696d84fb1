"""Several studies in one run: each gets its report, a wrong one stops nobody, one summary closes."""

import lxml.html
import pytest
from click.testing import CliRunner
from reporting_studies import LEAN, notebook, write_study

from helpers import cli, reporting
from helpers.data import InputError
from helpers.reporting import overview, report, reports
from helpers.reporting.index import _headline, _people

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three studies, the second with an answer outside its scale; a notebook that fails on the third."""
    folder = tmp_path_factory.mktemp("batch")
    for name in ("acme", "bolt", "corex"):
        write_study(folder / name, title=f"Study of {name}", logo=False)
    survey = folder / "bolt" / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace(",5\n", ",9\n"), encoding="utf-8")
    notebook(folder / "books" / "03_sparse.ipynb", *LEAN, "assert 'corex' not in study")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The command, as a consultant types it, with the notebooks of this test."""

    def small_report(*arguments, **options):
        return report(*arguments, notebooks=folder / "books", **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.reporting.batch.report", small_report)
        patch.setattr(reporting, "report", small_report)
        studies = [str(folder / name) for name in ("acme", "bolt", "corex")]
        arguments = ["report", *studies, "--formats", "html", "--out", str(folder / "clients")]
        return CliRunner().invoke(cli.main, arguments)


def test_every_study_that_can_be_reported_is(folder, run):
    assert sorted(path.name for path in (folder / "clients").iterdir()) == ["acme", "corex", "corex-log", "index.html"]
    for name in ("acme", "corex"):
        assert f"Study of {name}" in (folder / "clients" / name / "index.html").read_text(encoding="utf-8")


def test_the_worst_study_decides_the_exit_code_and_its_mistake_is_told(run):
    assert run.exit_code == 2
    assert "survey.csv" in run.stderr and "trust_1" in run.stderr and "Traceback" not in run.output
    assert "“One lonely table” is missing because an error stopped it" in run.stderr


def test_one_summary_closes_the_run(folder, run):
    first, *lines = run.stdout.strip().splitlines()
    assert first == "1 of 3 reports are done."
    told = [" ".join(line.split()) for line in lines]
    assert told == [
        f"{folder / 'acme'} done: {folder / 'clients' / 'acme'}",
        f"{folder / 'bolt'} the input is wrong, nothing was written",
        f"{folder / 'corex'} something failed, the rest is there: {folder / 'clients' / 'corex'}",
    ]


def test_a_page_lists_what_became_of_each_and_its_files(folder, run):
    page = lxml.html.fromstring((folder / "clients" / "index.html").read_bytes())
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in page.xpath("//tbody/tr")]
    first, second, third = rows
    assert first == ["acme", "–", "No difference can be told.", "made", "tables"]
    assert second == ["bolt", "–", "–", "failed: the input is wrong: survey.csv", ""]
    assert (
        str(folder) not in page.text_content()
        and third[0] == "corex"
        and third[3:] == ["something failed; do not send it", ""]
    )
    assert page.xpath("//tbody//a/@href") == ["acme/index.html", "acme/tables.xlsx", "corex/index.html"]
    assert "it names several clients" in page.text_content()


def test_a_list_tells_how_many_answered_and_what_was_found_first():
    told = {"findings": [{"facts": [["Respondents", "40"], ["Method", "12"]], "grade": "strong", "sentence": "Two."}]}
    told["findings"].insert(0, {"facts": [["Respondents", "90"]], "grade": "cannot tell", "sentence": "One."})
    assert (_people(told), _headline(told)) == ("90", "Two.")
    assert _headline(told | {"summary": {"headline": "The answer."}}) == "The answer."


def test_a_file_that_another_program_holds_is_one_of_the_outcomes(tmp_path, monkeypatch):
    def held(*arguments, **options):
        raise PermissionError(13, "held open", "survey.xlsx")  # as Windows does for a workbook open in Excel

    monkeypatch.setattr("helpers.reporting.batch.report", held)
    (outcome,) = reports([tmp_path], out=tmp_path / "out")
    assert outcome.exit_code == 2 and outcome.error.startswith("survey.xlsx: cannot be read or written")


def test_two_studies_of_one_name_are_refused_before_anything_runs(tmp_path):
    for place in ("north", "south"):
        write_study(tmp_path / place / "survey", logo=False)
    studies = [tmp_path / place / "survey" for place in ("north", "south")]
    with pytest.raises(InputError, match=r"(?s)north.*south.*would both be reported in"):
        next(reports(studies, out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_study_named_twice_is_reported_once(tmp_path):
    study = write_study(tmp_path / "acme", logo=False)
    notebook(tmp_path / "books" / "03_sparse.ipynb", *LEAN)
    options = {"out": tmp_path / "out", "notebooks": tmp_path / "books", "formats": ["html"]}
    (outcome,) = reports([study, study / "study.yaml"], **options)
    assert (outcome.exit_code, outcome.what, outcome.result.folder) == (0, str(study), tmp_path / "out" / "acme")


def test_a_study_that_does_not_exist_is_one_of_the_outcomes(tmp_path):
    (outcome,) = reports([tmp_path / "nowhere"], out=tmp_path / "out")
    assert outcome.exit_code == 2 and "nowhere" in outcome.error
    assert "0 of 1 reports are done." in overview([outcome])
