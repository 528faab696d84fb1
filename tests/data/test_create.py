import csv

import pytest

from helpers.data import Study, create_study
from helpers.data.tables import TABLES


def test_a_new_study_passes_the_check_with_warnings_only(tmp_path):
    folder = create_study(tmp_path / "clients" / "acme")
    problems = Study.load(folder).check()
    assert {problem.severity for problem in problems} == {"warning"}
    assert [(problem.table, problem.found) for problem in problems] == [("survey", "there are no rows yet")]
    assert {path.name for path in folder.iterdir()} == {"README.md", "codebook.yaml", "study.yaml", "survey.csv"}


def test_a_new_study_has_a_header_a_codebook_and_a_page_that_explains_every_column(tmp_path):
    folder = create_study(tmp_path)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    items = {item.id for item in Study.load(folder).codebook.items}
    survey = TABLES["survey"]
    header = next(csv.reader((folder / "survey.csv").open(encoding="utf-8", newline="")))
    assert {c.name for c in survey.columns.values() if c.required} <= set(header) <= set(survey.columns) | items
    for name, table in TABLES.items():
        assert f"## {name}.csv" in readme
        assert all(f"| {column.name}" in readme and column.description for column in table.columns.values())
    assert len(items) == 40


def test_every_commented_example_in_the_settings_works(tmp_path):
    folder = create_study(tmp_path)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "logo.png").write_bytes(b"")
    for commented, used in [
        ("# logo:", "logo:"),
        ("# attributes:", "attributes:"),
        ("# merge:\n#   location", "merge:\n  location"),
        *(
            (f"# {word}", word)
            for word in ("hiring:\n", "  holidays:", "  service_levels:", "  audience:", "  legal_basis:")
        ),
        ("benchmarks: []\n#   - {", "benchmarks:\n  - {"),
        (
            "  # people: people.csv",
            '  people: {path: people.csv, delimiter: ";", decimal: ",", encoding: cp1252, dates: day-first}',
        ),
    ]:
        assert commented in text
        text = text.replace(commented, used)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    study = Study.load(folder, merged=False)
    assert study.hiring.audience == "named" and len(study.hiring.holidays) == 2
    assert study.benchmarks[0].value == 3.8 and study.attributes == ["department", "location", "level"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path, refusal):
    (tmp_path / "thesis.doc").write_text("mine", encoding="utf-8")
    assert "there are files in it already" in refusal(create_study, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]
    assert "this is a file" in refusal(create_study, tmp_path / "thesis.doc")


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_declarations_refer_to_columns_that_exist(table):
    assert set(table.key) | set(table.links) | {name for pair in table.order for name in pair} <= set(table.columns)
    for other, column in table.links.values():
        assert column in TABLES[other].columns
    assert all(name == column.name for name, column in table.columns.items())
