"""Files that are not what they should be: one clear message, and nothing is written."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest
import vendor_layouts as write

from helpers.data import InputError, Study
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

PEOPLE = pd.DataFrame(
    {
        "respondent_id": ["m1", "m2", "m3"], "partnership_id": ["P1", "P2", "P3"], "listening_1": [5, 3, 1],
        "listening_2": [5, 3, 1], "trust_1": [1, 3, 5], "again": [10, 0, 7],
    }
)  # fmt: skip
SIGN_IN = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in</body></html>"
WIDE = b"respondent_id,partnership_id,listening_1,listening_2,trust_1\nm1,P1,5,1,1\nm2,P2,3,2,1\n"


def sound(folder, format, name):
    """A sound export of the small study."""
    known = Study.load(folder).codebook
    items = [known.item(name) for name in ("listening_1", "listening_2", "trust_1", "again")]
    return getattr(write, format)(folder / name, PEOPLE, items, "codes")


def cut(folder, format, name, keep):
    data = sound(folder, format, name).read_bytes()
    return data[: int(len(data) * keep)]


def workbook(rows, sheets=()):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for sheet in sheets:
        book.create_sheet(sheet)
    book.save(out)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("answers.csv", WIDE)
    return out.getvalue()


FILES = [
    ("qualtrics", "e.csv", lambda f: cut(f, "qualtrics", "e.csv", 0.97), "columns instead of"),
    ("qualtrics", "e.csv", lambda f: cut(f, "qualtrics", "e.csv", 0.3), "columns instead of"),
    ("qualtrics", "e.csv", lambda f: WIDE, "the ImportId entries of a Qualtrics export are not here"),
    ("qualtrics", "e.sav", lambda f: b"$FL2 cut off", "not a whole SPSS file"),
    ("qualtrics", "e.sav", lambda f: SIGN_IN, "not a whole SPSS file"),
    ("qualtrics", "e.csv", lambda f: sound(f, "qualtrics", "e.csv").read_bytes().replace(b",", b"\t", 300),
     "three header rows"),
    ("surveymonkey", "e.csv", lambda f: WIDE, "this is no SurveyMonkey export"),
    ("surveymonkey", "e.csv", lambda f: SIGN_IN, "this is a web page, not a table"),
    ("surveymonkey", "e.xlsx", lambda f: cut(f, "surveymonkey", "e.xlsx", 0.8), "not a whole Excel workbook"),
    ("surveymonkey", "e.csv", lambda f: b"Respondent ID,Q\n", "a second header row"),
    ("msforms", "e.xlsx", lambda f: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password"),
    ("msforms", "e.xlsx", lambda f: SIGN_IN, "this is a web page, not a table"),
    ("msforms", "e.xlsx", lambda f: workbook([]), "is empty"),
    ("msforms", "e.xlsx", lambda f: workbook([["ID", "Name", "Q"], [1, "Jo", 5]]), "the first columns are ID, Name, Q"),
    ("msforms", "e.csv", lambda f: workbook([["ID"]]), "an Excel workbook or a zip archive, whatever its name says"),
    ("googleforms", "e.zip", lambda f: archive(), 'files ending in ".zip" are not read'),
    ("googleforms", "e.csv", lambda f: archive(), "an Excel workbook or a zip archive"),
    ("googleforms", "e.csv", lambda f: WIDE, "the first column, respondent_id, holds no times"),
    ("glint", "e.csv", lambda f: WIDE, "there is no column survey cycle completion date"),
    ("glint", "e.csv", lambda f: cut(f, "glint", "e.csv", 0.985), "columns instead of"),
    ("limesurvey", "e.csv", lambda f: WIDE, "id, submitdate, lastpage"),
    ("limesurvey", "e.csv", lambda f: b"", "the file is empty"),
    ("limesurvey", "e.csv", lambda f: sound(f, "limesurvey", "e.csv").read_bytes().replace(b"P1", b"\x81\xff"),
     "not all in one encoding"),
    ("wide", "e.csv", lambda f: WIDE + "m3,Z\u00fcrich,5,1,1\n".encode() + b"m4,Z\xfcrich,5,1,1\n",
     "row 5: the characters are not all in one encoding"),
    ("wide", "e.csv", lambda f: WIDE.replace(b",", b"~"), "no column is an item of the codebook"),
    ("wide", "e.csv", lambda f: WIDE + b'm3,"P3,5,1,1\n', "a quotation mark is opened and never closed"),
    ("wide", "e.csv", lambda f: WIDE.replace(b"m2,", b"m2,x,"), "6 columns instead of 5"),
    ("wide", "e.csv", lambda f: WIDE.replace(b"trust_1", b"listening_1"), "stands 2 times in the header"),
    ("wide", "e.csv", lambda f: b"\xff\xfe" + WIDE, "not utf-16 throughout"),
    ("wide", "e.xls", lambda f: b"\xd0\xcf\x11\xe0", 'files ending in ".xls" are not read'),
]  # fmt: skip


@pytest.mark.parametrize(("format", "name", "content", "said"), FILES, ids=range(len(FILES)))
def test_a_bad_file_gets_one_clear_message(tmp_path, write_study, refusal, format, name, content, said):
    folder = write_study()
    data = content(folder)
    path = tmp_path / name
    path.write_bytes(data)
    text = refusal(import_file, format, path, folder)
    assert said in text and name in text.splitlines()[0]
    assert not (folder / "survey.csv").exists() and not list(folder.rglob("*.new"))


@pytest.mark.parametrize(
    ("format", "name"),
    [("qualtrics", "e.csv"), ("surveymonkey", "e.csv"), ("msforms", "e.xlsx"), ("googleforms", "e.csv"),
     ("glint", "e.csv"), ("limesurvey", "e.csv")],
)  # fmt: skip
def test_a_download_that_breaks_off_never_loses_answers_silently(tmp_path, write_study, format, name):
    folder = write_study()
    data = sound(folder, format, name).read_bytes()
    for end in range(len(data) - 1, 0, -max(1, len(data) // 40)):
        path = tmp_path / name
        path.write_bytes(data[:end])
        for left in (folder / "survey.csv", folder / "mappings" / f"{format}.yaml"):
            left.unlink(missing_ok=True)
        try:
            taken = import_file(format, path, folder).done
        except InputError as error:
            assert str(error)
            continue
        if not taken:
            continue
        survey = Study.load(folder, merged=False).survey.merge(PEOPLE, on="respondent_id")
        assert len(survey)
        for item in ("listening_1", "listening_2", "trust_1"):
            # What was cut off inside the last cell may be gone; what is there is what was answered.
            assert (survey[f"{item}_x"] == survey[f"{item}_y"])[:-1].all()
