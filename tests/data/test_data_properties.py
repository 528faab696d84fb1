"""Whatever the file, the answer is a result or an InputError, and a value that comes out is the value put in."""

import csv
import io
import json
import math
import re
import tempfile
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyreadstat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import Codebook, InputError, Study, read, render_text, to_json
from helpers.data.convert import iso_times, moment
from helpers.data.importers.engine import import_file
from helpers.data.tables import TABLES

pytestmark = pytest.mark.slow

QUESTIONS = ["listening_1", "trust_1", "again", "remark"]
CODEBOOK = """\
instrument: {name: Small}
responses:
  agreement: {type: rating, low: 1, high: 5, labels: {1: Never, 5: [Always, "7"]}}
  likelihood: {type: rating, low: 0, high: 10}
  comment: {type: text}
dimensions: [{id: listening}]
items:
  - {id: listening_1, dimension: listening, response: agreement, text: Listens}
  - {id: trust_1, dimension: listening, response: agreement, text: Trusts}
  - {id: again, role: outcome, response: likelihood, text: Again}
  - {id: remark, role: comment, response: comment, text: Remark}
"""
SETTINGS = "title: T\nas_of: 2026-06-30\ntables: {survey: survey.csv}\n"

odd = st.sampled_from(
    [
        "1,5",
        "1.234",
        "٣",
        "1e3",
        "0x10",
        " 3 ",
        "3.0",
        "TRUE",
        "",
        "NA",
        "-1",
        "6",
        "5 - Always",
        "=1+1",
        "1_0",
        '"',
        "\ufeff4",
    ]
)
cells = st.one_of(odd, st.integers(-2, 12).map(str), st.floats(allow_nan=False).map(str), st.text(max_size=8))
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
)
quick = settings(max_examples=60)


def study_with(folder, survey: bytes, settings_text=SETTINGS, codebook=CODEBOOK) -> Path:
    for name, content in {"study.yaml": settings_text, "codebook.yaml": codebook, "survey.csv": survey}.items():
        (Path(folder) / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return Path(folder)


def as_csv(rows, delimiter=",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def certain(text: str) -> Decimal | None:
    """The number a person would read: written independently of the code under test."""
    text = text.strip().replace("\u2212", "-")
    plain = re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?", text) and re.search(r"^[+-]?\.?[0-9]", text)
    return Decimal(text) if plain else None


SOUND = b'respondent_id;listening_1;again\n007;5;10\n"a;\nb";1;0\n'
texts = st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))


@st.composite
def damaged(draw, sound: bytes):
    """A sound file, cut off or with some bytes replaced."""
    start = draw(st.integers(0, len(sound)))
    end = start + draw(st.integers(0, 4))
    return sound[:start] + draw(st.binary(max_size=4)) + draw(st.sampled_from([sound[end:], b""]))


@quick
@given(st.one_of(st.binary(max_size=300), texts, damaged(SOUND)))
def test_any_bytes_as_a_survey(data):
    with tempfile.TemporaryDirectory() as folder:
        problems = Study.load(study_with(folder, data)).check()
        assert all(problem.file and problem.found for problem in problems)
        assert json.dumps(to_json(problems)) and render_text(problems)


def written(suffix: str) -> bytes:
    """The bytes of a sound file of a format."""
    frame = pd.DataFrame({"respondent_id": ["007", "b"], "department": [1.0, 2.0], "listening_1": [5.0, 1.0]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"survey{suffix}"
        if suffix == ".xlsx":
            frame.to_excel(path, index=False)
        elif suffix == ".parquet":
            frame.to_parquet(path)
        else:
            pyreadstat.write_sav(frame, path, variable_value_labels={"department": {1.0: "Sales"}})
        return path.read_bytes()


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".sav"])
def test_damaged_binary_files(suffix):
    sound = written(suffix)

    @quick
    @given(st.one_of(st.binary(max_size=50), damaged(sound)))
    def hold(data):
        with tempfile.TemporaryDirectory() as folder:
            place = study_with(folder, b"", SETTINGS.replace("survey.csv", f"survey{suffix}"))
            (place / f"survey{suffix}").write_bytes(data)
            assert render_text(Study.load(place).check())

    hold()


@quick
@given(tables, st.sampled_from(",;\t|"))
def test_any_table_of_answers_gives_the_values_put_in_or_an_error(rows, delimiter):
    header = ["respondent_id", *QUESTIONS][: len(rows[0])]
    with tempfile.TemporaryDirectory() as folder:
        study = Study.load(study_with(folder, as_csv([header, *rows], delimiter)), merged=False)
        try:
            frame, problems = study.prepared("survey")
        except InputError:
            return
        bad = {(p.column, row) for p in problems if p.severity == "error" for row in p.rows}
        for row in frame.index:
            for column, text in zip(header, rows[row - 2]):
                if column in QUESTIONS[:3] and (column, row) not in bad:
                    value = frame.at[row, column]
                    assert certain(text) is None if math.isnan(value) else float(certain(text)) == value


ids = st.sampled_from(["A", "B", "007", ""])
days = st.sampled_from(
    ["2026-01-02", "2026-01", "2027-01-01", "03/04/2026", "13/04/2026 10:00", "2026-01-02T10:00Z", ""]
)


@st.composite
def whole_studies(draw):
    """Some tables with some of their columns and cells that fit more or less."""
    chosen = {}
    for table in map(TABLES.get, draw(st.lists(st.sampled_from(list(TABLES)), min_size=1, max_size=5, unique=True))):
        names = [*table.columns, *(QUESTIONS if table.name == "survey" else ["further"])]
        columns = [name for name in names if draw(st.integers(0, 9))]
        fitting = {
            name: st.sampled_from(table.columns[name].allowed) if name in table.columns and table.columns[name].allowed
            else days if name in table.columns and table.columns[name].kind in ("date", "time", "month")
            else ids
            for name in columns
        }  # fmt: skip
        rows = [
            [draw(cells if draw(st.integers(0, 30)) == 0 else fitting[name]) for name in columns]
            for _ in range(draw(st.integers(0, 4)))
        ]
        chosen[table.name] = as_csv([columns, *rows])
    return chosen


@quick
@given(whole_studies())
def test_any_set_of_tables_is_checked_and_joined_or_refused(chosen):
    with tempfile.TemporaryDirectory() as folder:
        place = study_with(
            folder, b"", "title: T\nas_of: 2026-06-30\ntables:\n" + "".join(f"  {n}: {n}.csv\n" for n in chosen)
        )
        for name, data in chosen.items():
            (place / f"{name}.csv").write_bytes(data)
        study = Study.load(place, merged=False)
        assert isinstance(render_text(study.check()), str)
        for use in (lambda: study.attributes, lambda: study.waves, study.responses, study.roster):
            try:
                use()
            except InputError as error:
                assert str(error)


@quick
@given(st.text(max_size=200))
def test_any_text_as_a_yaml_file(text):
    with tempfile.TemporaryDirectory() as folder:
        for settings_text, codebook in ((text, CODEBOOK), (SETTINGS, text), (SETTINGS + text, CODEBOOK + text)):
            try:
                Study.load(
                    study_with(
                        folder,
                        b"respondent_id\n",
                        settings_text.encode("utf-8", "surrogatepass"),
                        codebook.encode("utf-8", "surrogatepass"),
                    ),
                    merged=False,
                )
            except InputError as error:
                assert str(error)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates()),
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=6,
)


@quick
@given(
    st.sampled_from(["instrument", "responses", "dimensions", "items"]),
    st.sampled_from(["title", "as_of", "brand", "privacy", "waves", "attributes", "tables", "benchmarks", "timezone"]),
    values,
)
def test_any_value_under_a_known_key(key, setting, value):
    with tempfile.TemporaryDirectory() as folder:
        for changed_settings, changed_codebook in (({setting: value}, {}), ({}, {key: value})):
            settings_text = yaml.safe_dump(yaml.safe_load(SETTINGS) | changed_settings)
            codebook = yaml.safe_dump(yaml.safe_load(CODEBOOK) | changed_codebook)
            try:
                Study.load(study_with(folder, b"respondent_id,listening_1\na,5\n", settings_text, codebook)).check()
            except InputError as error:
                assert str(error)


@quick
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.binary(max_size=30))
def test_any_qualtrics_export_gives_the_answers_put_in_or_reports_them(rows, noise):
    header = ["Finished", "ResponseId", "ExternalReference", "Q1", "Q2", "Q3"]
    texts = ["Finished", "Response ID", "External Data Reference", "Listens", "Trusts", "Again"]
    ids = ("finished", "_recordId", "externalDataReference", "QID1", "QID2", "QID3")
    imports = [json.dumps({"ImportId": i}) for i in ids]
    responses = [["True", f"R_{n}", f"m{n}", *row] for n, row in enumerate(rows)]
    labels = {"never": 1, "always": 5, "7": 5}
    with tempfile.TemporaryDirectory() as folder:
        place = study_with(folder, b"", "title: T\nas_of: 2026-06-30\ntables: {}\n")
        (place / "survey.csv").unlink()
        export = place / "export.csv"
        export.write_bytes(as_csv([header, texts, imports, *responses]))
        try:
            report = import_file("qualtrics", export, place)
        except InputError:
            return
        assert report.text()
        unread = {(column, row) for column, _, bad in report.unreadable for row in bad}
        skipped = {row for bad in report.skipped.values() for row in bad}
        assert report.imported == len(rows) - len(skipped)
        survey = Study.load(place, merged=False).survey.set_index("respondent_id") if report.imported else None
        for n, row in enumerate(rows):
            for item, text in zip(QUESTIONS, row):
                if n + 4 in skipped or (item, n + 4) in unread:
                    continue
                value, text = survey.loc[f"m{n}", item], text.strip()
                if math.isnan(value):
                    assert text == "" or not re.search("[0-9]", text)
                elif text == "5 - Always" and item != "again":
                    assert value == 5
                else:
                    known = labels if item != "again" else {}
                    assert value == known.get(text.lower(), certain(text))
        export.write_bytes(export.read_bytes()[: len(noise)] + noise)
        try:
            import_file("qualtrics", export, place)
        except InputError as error:
            assert str(error)


@quick
@given(tables)
def test_any_wide_table_is_imported_or_refused(rows):
    with tempfile.TemporaryDirectory() as folder:
        place = study_with(folder, b"respondent_id,wave,listening_1\nz,1,5\n")
        export = place / "export.csv"
        export.write_bytes(as_csv(rows))
        try:
            assert import_file("wide", export, place, wave="2").text()
        except InputError as error:
            assert str(error)
        assert "z" in Study.load(place, merged=False).survey["respondent_id"].tolist()


def test_the_codebook_of_the_properties_is_sound(tmp_path):
    assert len(Codebook.load(study_with(tmp_path, b"") / "codebook.yaml").items) == 4


scraps = st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", "a", " ", "é", "e\u0301", '"a"', '"b,\n"', ",,"])


@settings(max_examples=400)
@given(st.lists(scraps, max_size=14).map("".join), st.integers(1, 3))
def test_rows_read_all_at_once_are_those_read_one_by_one(text, width):
    text = ",".join("xyz"[:width]) + "\n" + text
    at_once = read._regular(text, ",", width)
    if at_once is not None:
        frame, numbers = read._row_by_row(text, ",", width, "a.csv", "people")
        assert at_once[0].fillna("").to_numpy().tolist() == frame.fillna("").to_numpy().tolist()
        assert list(at_once[1]) == list(numbers)


@given(tables)
def test_regular_tables_are_read_all_at_once(rows):
    text = as_csv([["x"] * len(rows[0]), *rows]).decode("utf-8", "replace").replace("\0", "")
    assert read._regular(text, ",", len(rows[0])) is not None or "\n\n" in text.replace("\r", "\n")


@st.composite
def moments(draw):
    """Texts that are ISO 8601 or nearly so, clock changes and leap days among them."""
    day = draw(st.sampled_from(["2026-03-29", "2026-10-25", "2024-02-29", "2026-02-29", "1899-12-31", "2026-6-1"]))
    time = draw(st.sampled_from(["", "T02:30", " 01:15:59", "T23:59:60", "T24:00", "T10", " 00:00:00.1", "T3:00"]))
    return day + time + draw(st.sampled_from(["", "Z", "+00:00", "-0530", "+14:00", "+25:00", "UTC", "+02"]))


@settings(max_examples=300)
@given(st.lists(st.none() | moments(), min_size=1, max_size=4))
def test_times_read_all_at_once_are_those_read_one_by_one(texts):
    zone = ZoneInfo("Europe/Zurich")
    found = iso_times(pd.Series(texts, dtype="str"), zone)
    for text, at in zip(texts, found):
        assert pd.isna(at) or at == moment(text, None, zone)


def test_usual_times_are_read_all_at_once():
    told = iso_times(
        pd.Series(["2026-03-29T01:30:00Z", None, "2024-02-29", "2026-10-25 02:30:00"]), ZoneInfo("Europe/Zurich")
    )
    expected = ["2026-03-29 03:30:00", None, "2024-02-29 00:00:00", "2026-10-25 02:30:00"]
    assert told.equals(pd.Series(pd.to_datetime(expected)).astype("datetime64[us]"))
