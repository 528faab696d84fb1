"""What is too large is refused at once, whatever it claims to be: in seconds, and without the memory it asks for."""

import io
import resource
import subprocess
import sys
import time
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file

SHEET = "xl/worksheets/sheet1.xml"
START = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
HEAD = "respondent_id,wave,side,listening_1"


def workbook(path, sheet, **parts):
    """A workbook with a sheet of one's own: blocks of its XML, written one after the other."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            if name != SHEET:
                made.writestr(name, parts.get(name, given.read(name)))
        with made.open(SHEET, "w", force_zip64=True) as file:
            for block in sheet:
                file.write(block)


def blocks():
    """1.2 GB of rows."""
    row = b'<row><c t="inlineStr"><is><t>' + b"A" * 1000 + b"</t></is></c></row>"
    yield START + b"<sheetData>"
    yield from [row * 2000] * 600
    yield b"</sheetData></worksheet>"


CLAIMED = [START + b'<dimension ref="A1:XFD1048576"/><sheetData>'
           b'<row r="1"><c r="A1" t="inlineStr"><is><t>respondent_id</t></is></c></row>'
           b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>']  # fmt: skip


def lying(path):
    """A workbook whose directory gives a small size for a part of 200 MB."""
    workbook(path, [START + b"<sheetData>", *[b" " * 1_000_000] * 200, b"</sheetData></worksheet>"])
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(size) >= 1
    path.write_bytes(content.replace(size, (1000).to_bytes(4, "little")))


BOMBS = {
    "1.2 GB in 3 MB": (lambda path: workbook(path, blocks()), "unpacked, it has 1,258 megabytes; expected at most 500"),
    "200 MB of blanks": (
        lambda path: workbook(path, [START + b"<sheetData>", *[b" " * 1_000_000] * 200, b"</sheetData></worksheet>"]),
        "times as large; expected at most 200",
    ),
    "17 billion cells claimed": (lambda path: workbook(path, CLAIMED), "; expected at most "),
    "a lying directory": (lying, "this is not a whole Excel workbook"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_workbook_bomb_is_refused_in_seconds_and_little_memory(write_study, name):
    make, words = BOMBS[name]
    folder = write_study(sources={"survey": "survey.xlsx"})
    make(folder / "survey.xlsx")
    code = "import sys; from helpers.cli import main; main(['check', sys.argv[1]])"
    room = 3 << 30  # of addresses, libraries included

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (room, room))

    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=120, preexec_fn=limited
    )
    assert time.monotonic() - started < 60
    assert ended.returncode == 2 and words in ended.stdout and "Traceback" not in ended.stderr


def refused(folder):
    """What is said of the survey."""
    return " ".join(problem.sentence() for problem in Study.load(folder).check() if problem.severity == "error")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("rows: 3", "there are 4 rows; expected at most 3"),
        ("columns: 3", "there are 4 columns; expected at most 3"),
        ("cells: 15", "there are 16 cells; expected at most 15"),
        ("cell_length: 20", "a cell holds 21 characters; expected at most 20"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "sav"])
def test_every_limit_holds_for_every_format(write_study, limit, said, ending):
    table = pd.DataFrame([[f"r{n}", "w", "hr", "é" * (21 if n == 3 else 2)] for n in range(4)], columns=HEAD.split(","))
    folder = write_study(settings=f"limits: {{{limit}}}\n", sources={"survey": f"survey.{ending}"})
    path = folder / f"survey.{ending}"
    if ending == "sav":
        import pyreadstat

        pyreadstat.write_sav(table, path)
    else:
        {"csv": table.to_csv, "xlsx": table.to_excel, "parquet": table.to_parquet}[ending](path, index=False)
    told = refused(folder)
    assert said in told and f"raise limits.{limit.split(':')[0]} in study.yaml" in told


def test_a_file_is_weighed_before_it_is_read(write_study):
    folder = write_study(settings="limits: {file_megabytes: 1}\n", sources={"survey": "survey.csv"})
    with (folder / "survey.csv").open("wb") as file:
        file.truncate(5_000_000_000)  # takes no space on the disk
    started = time.monotonic()
    assert "the file has 5,000 megabytes; expected at most 1" in refused(folder) and time.monotonic() - started < 5


def test_a_text_that_a_parquet_file_repeats_is_weighed_as_often_as_it_stands(write_study):
    folder = write_study(settings="limits: {workbook_megabytes: 100}\n", sources={"survey": "survey.parquet"})
    texts = pa.DictionaryArray.from_arrays(np.zeros(2_000_000, "int32"), pa.array(["x" * 90_000]))
    table = pa.table({"respondent_id": pa.array(map(str, range(2_000_000))), "remark": texts})
    schema = pa.schema([("respondent_id", pa.string()), ("remark", pa.string())])
    pq.write_table(table, folder / "survey.parquet")
    with pq.ParquetFile(folder / "survey.parquet") as file:
        assert file.schema_arrow.names == schema.names and (folder / "survey.parquet").stat().st_size < 30_000_000
    assert "unpacked, it has" in refused(folder)


def test_records_with_a_field_of_their_own_each_are_refused(write_study, refusal, tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "a key for this test alone")
    folder = write_study(settings="pseudonyms: {key_env: A_KEY}\n")
    lines = "".join(f'{{"id": {n}, "field {n}": 1}}\n' for n in range(20_000))
    (tmp_path / "records.jsonl").write_text(lines, encoding="utf-8")
    started = time.monotonic()
    told = refusal(import_file, "hiring", tmp_path / "records.jsonl", folder)
    assert "columns; expected at most 5,000" in told and time.monotonic() - started < 30


def test_limits_make_sense(write_study, refusal):
    for text in ("rows: 0", "rows: -1", "rows: .nan", "rows: many", "lines: 5"):
        assert "limits." in refusal(Study.load, write_study(settings=f"limits: {{{text}}}\n"))
