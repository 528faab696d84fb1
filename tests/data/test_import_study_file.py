"""A table is added to study.yaml in whatever way the file is written, and nothing else in it changes."""

import pytest
import yaml

from helpers.data import InputError, Study
from helpers.data.importers.study_files import table_file, with_tables

HEAD = "# Ours\ntitle:   'T'  # a title\nas_of: 2026-06-30\nbrand: { accent: '#0b5c6b',\n         footer: for you }\n\n"
FILES = {"requisitions": "requisitions.csv", "hiring_events": "hiring_events.csv"}
WAYS = {
    "in braces, none yet": "tables: {}\n",
    "in braces with a space, none yet": "tables: { }\n",
    "in braces": "tables: { people: people.csv }  # in braces\n",
    "in braces over two lines": "tables: {people: people.csv,  # who\n         survey: {path: a.csv, decimal: ','}}\n",
    "in braces below": "tables:\n  { people: people.csv }\n",
    "with an anchor": "tables: &all {people: people.csv}\n",
    "one below the other": "tables:\n  people: people.csv  # who\n",
    "below a comment and an empty line": "tables:  # all of them\n\n  # who works here\n    people: people.csv\n",
    "in the middle": "tables:\n  people: people.csv\n\n# Words\nlanguage: en\n",
    "as a key in quotation marks": '"tables":\n   \'people\': "people.csv"\n',
    "as a key after a question mark": "? tables\n: {people: people.csv}\n",
    "without a last line end": "tables:\n  people: people.csv",
    "with the line ends of Windows": "tables:\r\n  people: people.csv\r\nlanguage: en\r\n",
    "below a text over two lines": "client: a client\n  of ours\ntables:\n  people: people.csv\nwaves: [ a,b ]\n",
    "with the marks of a document": "tables:\n  people: people.csv\n...\n",
    "one of the two": "tables:\n  requisitions: requisitions.csv\n",
}


@pytest.fixture
def study_of(tmp_path, codebook_text):
    """Return a function that opens a study whose study.yaml ends in a text."""

    def write(text: str) -> Study:
        (tmp_path / "study.yaml").write_bytes((HEAD + text).encode("utf-8"))
        (tmp_path / "codebook.yaml").write_text(codebook_text, encoding="utf-8")
        return Study.load(tmp_path, merged=False)

    return write


@pytest.mark.parametrize("way", WAYS)
def test_tables_are_added_and_every_other_letter_stays(study_of, way):
    before, after = HEAD + WAYS[way], with_tables(study_of(WAYS[way]), FILES)
    was, now = yaml.safe_load(before), yaml.safe_load(after)
    assert now.pop("tables") == {**(was.pop("tables") or {}), **FILES} and now == was
    same = next(place for place, letter in enumerate(after) if before[place : place + 1] != letter)
    assert after.endswith(before[same:])  # one piece was put in, and nothing taken out


def test_the_result_is_what_somebody_would_have_written(study_of):
    assert with_tables(study_of(WAYS["in the middle"]), FILES) == (
        f"{HEAD}tables:\n  requisitions: requisitions.csv\n  hiring_events: hiring_events.csv\n  people: people.csv\n"
        "\n# Words\nlanguage: en\n"
    )
    assert "tables: { requisitions: requisitions.csv, hiring_events: hiring_events.csv, people: people.csv }  #" in (
        with_tables(study_of(WAYS["in braces"]), FILES)
    )
    assert "\r\n  hiring_events: hiring_events.csv\r\n  people: people.csv\r\n" in (
        with_tables(study_of(WAYS["with the line ends of Windows"]), FILES)
    )


def test_a_study_that_names_its_tables_needs_no_change(study_of):
    assert with_tables(study_of("tables: {requisitions: a.csv, hiring_events: b.csv}\n"), FILES) == ""


def test_a_file_that_nothing_can_be_added_to_is_told(study_of):
    with pytest.raises(InputError, match=r"Add requisitions: requisitions\.csv and hiring_events: hiring_events\.csv"):
        with_tables(study_of("tables:\n  ? people\n  : people.csv\n"), FILES)


def test_rows_are_only_added_to_plain_csv_files(study_of):
    assert table_file(study_of("tables: {people: a.csv}\n"), "people").name == "a.csv"
    assert table_file(study_of("tables: {}\n"), "people").name == "people.csv"
    for source in ("a.xlsx", "{path: a.csv, decimal: ','}"):
        with pytest.raises(InputError, match="is not a plain csv file"):
            table_file(study_of(f"tables:\n  people: {source}\n"), "people")
