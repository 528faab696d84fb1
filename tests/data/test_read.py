import datetime
import os

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import sqlalchemy

from helpers.data import Study, render_text

PEOPLE = "person_id,side,department\n007,hr,Zürich\nm1,manager,Genève\n"
EXPECTED = {"person_id": ["007", "m1"], "side": ["hr", "manager"], "department": ["Zürich", "Genève"]}


def people(folder):
    return Study.load(folder, merged=False).people[list(EXPECTED)].to_dict("list")


def written(study):
    return render_text(study.check())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_recognised(write_study, encoding, delimiter):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert people(write_study(people=(mark + PEOPLE.replace(",", delimiter)).encode(encoding))) == EXPECTED


def test_a_recognised_windows_encoding_is_told_with_an_example(write_study):
    text = written(Study.load(write_study(people=PEOPLE.encode("cp1252")), merged=False))
    assert 'read as Windows-1252, for example "Zürich"' in text
    declared = write_study(people=PEOPLE.encode("cp1252"), sources={"people": "{path: people.csv, encoding: cp1252}"})
    assert "Windows-1252" not in written(Study.load(declared, merged=False))


def test_a_mark_at_the_start_is_no_part_of_the_first_name(write_study):
    source = {"people": "{path: people.csv, encoding: utf-8}"}
    assert people(write_study(people="\ufeff" + PEOPLE, sources=source)) == EXPECTED


def test_whole_numbers_with_gaps_in_a_parquet_file(write_study):
    folder = write_study(sources={"survey": "survey.parquet"})
    answers = pd.array([5, None, 1], dtype="Int64")
    pd.DataFrame({"respondent_id": [7, 8, 9], "listening_1": answers}).to_parquet(folder / "survey.parquet")
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].tolist() == ["7", "8", "9"]
    assert survey["listening_1"].fillna(0).tolist() == [5, 0, 1]


def test_decomposed_letters_become_composed_ones(write_study):
    assert people(write_study(people=PEOPLE.replace("ü", "u\u0308"))) == EXPECTED


def test_quotes_line_breaks_and_blank_rows_keep_row_numbers(write_study):
    text = 'person_id,side,department\r\n007,hr,"A ""big"",\nname"\r\n\r\n,,\r\nm1,boss,x\r\n'
    study = Study.load(write_study(people=text), merged=False)
    assert "column side, row 5" in written(study)
    assert study.prepared("people")[0]["department"].tolist() == ['A "big", name', "x"]  # a label is one line


def test_excel_names_the_delimiter_in_a_first_line(write_study):
    assert people(write_study(people="sep=;\r\n" + PEOPLE.replace(",", ";"))) == EXPECTED


def test_ids_keep_leading_zeros_and_cells_lose_spaces(write_study):
    frame = Study.load(write_study(people="person_id , side\n 007 , hr \n1e3,hr\nNA,hr\n"), merged=False).people
    assert frame["person_id"].tolist() == ["007", "1e3", "NA"]


def test_thousands_of_columns(write_study):
    header = ",".join(["person_id", "side", *(f"c{n}" for n in range(2000))])
    frame = Study.load(write_study(people=f"{header}\n1,hr,{','.join(['7'] * 2000)}\n"), merged=False).people
    assert frame.shape == (1, 2000 + 6) and frame["c1999"].tolist() == [7.0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"\n1,hr\n", "the first row is empty"),
        (b"person_id,side\n1,hr\n2\n3,hr,x\n4,hr,\n", "rows 3 and 4: 1 or 3 columns instead of 2"),
        (b"person_id,side,person_id\n1,hr,1\n", "column person_id, row 1: stands 2 times in the header"),
        (b"person_id,,side\n1,x,hr\n", "column number 2 has values but no name"),
        (b'person_id,side\n1,"hr\n2,hr\n', "row 2: a quotation mark is opened and never closed"),
        (b'person_id,side\n1,"h"r\n2,hr\n', "row 2: the quotation marks do not fit"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "this is a web page"),
        (b"PK\x03\x04whatever", "this is an Excel workbook or a zip archive"),
        (b"person_id,side\n\x00\x01,hr\n", "the file holds binary data"),
        (
            "person_id,side,department\n1,hr,Zürich\n".encode() + b"2,hr,Z\xfcrich\n",
            "row 3: the characters are not all",
        ),
        (b"person_id,side\n1,\x81\xff\n", "row 2: the characters are not all in one encoding"),
        (b"\xff\xfep\x00e\x00", "the column person_id is missing"),
        (b"\xff\xfep\x00e\x00\x00\xd8", "not utf-16 throughout"),
    ],
)
def test_broken_files_are_described(write_study, content, said):
    assert said in written(Study.load(write_study(people=content), merged=False))


def test_an_empty_column_without_a_name_is_no_matter(write_study):
    assert people(write_study(people=PEOPLE.replace("\n", ",\n"))) == EXPECTED


def test_an_excel_workbook(write_study, tmp_path):
    folder = write_study(sources={"people": "{path: people.xlsx, sheet: Roster}"})
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("Roster")
    sheet.append(["person_id", "side", "department", "start_date", "span"])
    sheet.append(["007", "hr", "Zürich", datetime.date(2020, 5, 1), 3])
    sheet.append([])
    sheet.append([12, "manager", True, datetime.datetime(2021, 5, 1), 4.5])
    book.save(folder / "people.xlsx")
    frame = Study.load(folder, merged=False).people
    assert frame["person_id"].tolist() == ["007", "12"] and frame["department"].tolist() == ["Zürich", "yes"]
    assert frame["start_date"].dt.strftime("%Y-%m-%d").tolist() == ["2020-05-01", "2021-05-01"]
    assert frame["span"].tolist() == [3.0, 4.5]
    sheet["B4"] = "boss"
    book.save(folder / "people.xlsx")
    assert 'column side, row 4: "boss"' in written(Study.load(folder, merged=False))


def test_the_first_of_several_sheets_is_read_with_a_warning(write_study):
    folder = write_study(sources={"people": "people.xlsx"})
    book = openpyxl.Workbook()
    book.active.append(["person_id", "side"])
    book.active.append(["1", "hr"])
    book.create_sheet("More")
    book.save(folder / "people.xlsx")
    assert 'there are 2 sheets and the first, "Sheet", was read' in written(Study.load(folder, merged=False))
    (folder / "people.xlsx").write_bytes(b"PK\x03\x04 cut off")
    assert "this is not a whole Excel workbook" in written(Study.load(folder, merged=False))


def test_a_sheet_that_is_not_there(write_study):
    folder = write_study(sources={"people": "{path: people.xlsx, sheet: Rooster}"})
    openpyxl.Workbook().save(folder / "people.xlsx")
    assert 'there is no sheet "Rooster"; expected one of Sheet' in written(Study.load(folder, merged=False))


def test_a_parquet_file(write_study):
    folder = write_study(sources={"people": "people.parquet"})
    frame = pd.DataFrame(EXPECTED | {"start_date": pd.to_datetime(["2020-05-01", None]), "ok": [True, False]})
    frame["department"] = frame["department"].astype("category")
    frame.to_parquet(folder / "people.parquet")
    assert people(folder) == EXPECTED
    read = Study.load(folder, merged=False).people
    assert read["start_date"].dt.year.tolist()[0] == 2020 and read["ok"].tolist() == ["yes", "no"]
    (folder / "people.parquet").write_bytes(b"PAR1 cut off")
    assert "this is not a whole Parquet file" in written(Study.load(folder, merged=False))


def test_times_with_a_zone_in_a_parquet_file(write_study):
    folder = write_study(settings="timezone: Asia/Tokyo\n", sources={"survey": "survey.parquet"})
    at = pd.to_datetime(["2026-05-01 23:30"]).tz_localize("UTC")
    pd.DataFrame({"respondent_id": ["a"], "submitted_at": at, "listening_1": [5]}).to_parquet(folder / "survey.parquet")
    assert str(Study.load(folder, merged=False).survey["submitted_at"][0]) == "2026-05-02 08:30:00"


def test_an_spss_file_gives_numbers_for_items_and_labels_for_groups(write_study):
    folder = write_study(sources={"survey": "survey.sav"})
    frame = pd.DataFrame(
        {"respondent_id": ["007", "2", "3"], "department": [1.0, 2.0, 9.0], "listening_1": [5.0, np.nan, 1.0]}
    )
    labels = {"department": {1.0: "Sales", 2.0: "Zürich"}, "listening_1": {1.0: "Never", 5.0: "Always"}}
    pyreadstat.write_sav(frame, folder / "survey.sav", variable_value_labels=labels)
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].tolist() == ["007", "2", "3"]
    assert survey["department"].tolist() == ["Sales", "Zürich", "9"]
    assert survey["listening_1"].tolist()[::2] == [5.0, 1.0] and np.isnan(survey["listening_1"][1])
    (folder / "survey.sav").write_bytes(b"$FL2 cut off")
    assert "this is not a whole SPSS file" in written(Study.load(folder, merged=False))


QUERY = '{sql: "select * from people", url_env: TEST_DATABASE}'


def fill(url):
    engine = sqlalchemy.create_engine(url)
    rows = [{"person_id": i, "side": s, "department": d} for i, s, d in zip(*EXPECTED.values())]
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists people")
        connection.exec_driver_sql("create table people (person_id text, side text, department text, start_date date)")
        insert = "insert into people values (:person_id, :side, :department, '2020-05-01')"
        connection.execute(sqlalchemy.text(insert), rows)
    engine.dispose()


def test_a_query_on_sqlite(write_study, tmp_path, monkeypatch):
    folder = write_study(sources={"people": QUERY})
    assert "the environment variable TEST_DATABASE is not set" in written(Study.load(folder, merged=False))
    url = f"sqlite:///{(tmp_path / 'hr.db').as_posix()}"
    fill(url)
    monkeypatch.setenv("TEST_DATABASE", url)
    assert people(folder) == EXPECTED
    assert Study.load(folder, merged=False).people["start_date"].dt.year.tolist() == [2020, 2020]
    assert folder / "people.csv" not in Study.load(folder).inputs()


@pytest.mark.skipif("HR_PARTNERSHIP_TEST_POSTGRESQL" not in os.environ, reason="no PostgreSQL server named")
def test_a_query_on_postgresql(write_study, monkeypatch):
    folder = write_study(sources={"people": QUERY})
    fill(os.environ["HR_PARTNERSHIP_TEST_POSTGRESQL"])
    monkeypatch.setenv("TEST_DATABASE", os.environ["HR_PARTNERSHIP_TEST_POSTGRESQL"])
    assert people(folder) == EXPECTED
    assert str(Study.load(folder, merged=False).people["start_date"][0].date()) == "2020-05-01"


SIGNS = "select person_id, side, '50%' || ' 12:30 ' || department as department from people where side like '%'"


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_signs_in_a_query_are_no_placeholders(write_study, tmp_path, monkeypatch, name):
    url = f"sqlite:///{(tmp_path / 'hr.db').as_posix()}"
    if name == "postgresql":
        url = os.environ.get("HR_PARTNERSHIP_TEST_POSTGRESQL") or pytest.skip("no PostgreSQL server named")
    fill(url)
    monkeypatch.setenv("TEST_DATABASE", url)
    folder = write_study(sources={"people": f'{{sql: "{SIGNS}", url_env: TEST_DATABASE}}'})
    assert Study.load(folder, merged=False).people["department"].tolist() == ["50% 12:30 Zürich", "50% 12:30 Genève"]


@pytest.mark.parametrize("query", ["select * from nothing", "nonsense", "create table x (y)"])
def test_a_query_that_fails_is_explained(write_study, tmp_path, monkeypatch, query):
    folder = write_study(sources={"people": f'{{sql: "{query}", url_env: TEST_DATABASE}}'})
    monkeypatch.setenv("TEST_DATABASE", f"sqlite:///{(tmp_path / 'hr.db').as_posix()}")
    assert "SQL query of people" in written(Study.load(folder, merged=False))


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://anna:s3cret@db.invalid/hr", "nonsense://anna:s3cret@db", "s3cret"]
)
def test_a_database_url_is_never_shown(write_study, monkeypatch, url):
    folder = write_study(sources={"people": QUERY})
    monkeypatch.setenv("TEST_DATABASE", url)
    text = written(Study.load(folder, merged=False))
    assert "SQL query of people" in text and "s3cret" not in text and "db.invalid" not in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("people.doc", 'files ending in ".doc" are not read; expected xlsx'),
        ("nothing.csv", "there is no file"),
        ("{path: a.csv, sql: select 1, url_env: X}", "either a path or sql"),
        ("{sql: select 1}", "sql and url_env belong together"),
        ("{path: a.xlsx, decimal: ','}", "for csv, tsv and txt files only"),
        ("{path: a.csv, sheet: One}", "sheet is for xlsx files only"),
        ("{path: a.csv, encoding: utf-9}", 'there is no encoding "utf-9"'),
        ("{path: a.csv, delimeter: ';'}", 'Did you mean "delimiter"?'),
        ("{path: a.csv, dates: us}", "day-first"),
        ("[a.csv]", "a list or a group of keys"),
    ],
)
def test_sources_that_make_no_sense_are_refused(write_study, source, said):
    from helpers.data import InputError

    try:
        text = written(Study.load(write_study(sources={"people": source}), merged=False))
    except InputError as error:
        text = str(error)
    assert said in text
