"""``partnership export``: answers of single people leave the study only when that is spelled out."""

import csv

import pytest
from click.testing import CliRunner
from reporting_studies import write_study

from helpers.cli import main


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "client", logo=False)


def run(*arguments):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_export_writes_the_formats_asked_for_with_a_notice(study, tmp_path):
    done = run(study, "--to", "csv, SAV", "--respondent-level", "--out", tmp_path / "clean")
    assert done.exit_code == 0
    assert "answers of single people" in done.stderr
    assert done.stdout.startswith("40 responses: ") and str(tmp_path / "clean" / "responses.sav") in done.stdout
    names = {path.name for path in (tmp_path / "clean").iterdir()}
    assert names == {"responses.csv", "responses.sav", "variables.csv", "NOTICE.txt"}
    with (tmp_path / "clean" / "responses.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["trust_1"] for row in csv.DictReader(file)][:5] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--respondent-level"),
        (["--to", "xls", "--respondent-level"], "no format xls"),
        (["--to", ",", "--respondent-level"], "no format is named"),
    ],
)
def test_export_refuses_in_words_and_writes_nothing(study, tmp_path, options, words):
    refused = run(study, *options, "--out", tmp_path / "clean")
    assert refused.exit_code == 2 and words in refused.stderr
    assert not (tmp_path / "clean").exists()


def test_export_into_a_file_is_refused(study, tmp_path):
    (tmp_path / "clean").write_text("a file", encoding="utf-8")
    refused = run(study, "--respondent-level", "--out", tmp_path / "clean")
    assert refused.exit_code == 2 and "clean: cannot be read or written" in refused.stderr
    assert (tmp_path / "clean").read_text(encoding="utf-8") == "a file"
