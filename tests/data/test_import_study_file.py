"""A table is added to study.yaml in whatever way the file is written, and nothing else in it changes."""

import pytest
import yaml

from helpers.data import InputError, Study
from helpers.data.importers._study_file import table_file, with_tables

HEAD = "title: T  # a title\nas_of: 2026-06-30\n"
FILES = {"requisitions": "requisitions.csv", "hiring_events": "hiring_events.csv"}
WAYS = {
    "in braces, none yet": "tables: {}\n",
    "in braces": "tables: { people: people.csv }  # in braces\n",
    "one below the other": "tables:\n  people: people.csv  # who\n",
    "below a comment and an empty line": "tables:  # all of them\n\n  # who works here\n    people: people.csv\n",
    "in the middle": "tables:\n  people: people.csv\nlanguage: en\n",
    "one of the two": "tables:\n  requisitions: requisitions.csv\n",
}


@pytest.fixture
def study_of(tmp_path, codebook_text):
    """Return a function that opens a study whose study.yaml ends in a text."""

    def write(text: str) -> Study:
        (tmp_path / "study.yaml").write_text(HEAD + text, encoding="utf-8")
        (tmp_path / "codebook.yaml").write_text(codebook_text, encoding="utf-8")
        return Study.load(tmp_path)

    return write


@pytest.mark.parametrize("way", WAYS)
def test_tables_are_added_and_all_else_stays(study_of, way):
    study = study_of(WAYS[way])
    text = with_tables(study, FILES)
    before, after = (yaml.safe_load(content) for content in (HEAD + WAYS[way], text))
    assert after.pop("tables") == {**(before.pop("tables") or {}), **FILES} and after == before
    assert text.count("#") == (HEAD + WAYS[way]).count("#")


def test_a_study_that_names_its_tables_needs_no_change(study_of):
    assert with_tables(study_of("tables: {requisitions: a.csv, hiring_events: b.csv}\n"), FILES) == ""


def test_a_file_that_no_line_can_be_added_to_is_told(study_of):
    with pytest.raises(InputError, match=r"Add requisitions: requisitions\.csv and hiring_events: hiring_events\.csv"):
        with_tables(study_of("? tables\n: {people: people.csv}\n"), FILES)


def test_rows_are_only_added_to_plain_csv_files(study_of):
    assert table_file(study_of("tables: {people: a.csv}\n"), "people").name == "a.csv"
    assert table_file(study_of("tables: {}\n"), "people").name == "people.csv"
    for source in ("a.xlsx", "{path: a.csv, decimal: ','}"):
        with pytest.raises(InputError, match="is not a plain csv file"):
            table_file(study_of(f"tables:\n  people: {source}\n"), "people")
