"""Whatever the file, an importer gives the answers that are in it, or an InputError; never anything else."""

import tempfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import vendor_layouts as write
from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import CODEBOOK

from helpers.data import InputError, Study
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

SETTINGS = "title: T\nas_of: 2026-06-30\ntables: {}\n"
SUFFIX = {"msforms": ".xlsx"}
FORMATS = ["qualtrics", "surveymonkey", "msforms", "googleforms", "glint", "limesurvey"]
ITEMS = ["listening_1", "listening_2", "trust_1", "again"]
quick = settings(max_examples=20)

#: What a cell may hold instead of an answer, and what, if anything, it certainly means on a scale of 1 to 5.
odd = st.one_of(
    st.sampled_from(["4,0", "3.0", " 2 ", "5 - Strongly agree", "Neutral", "NA", "-99", "6", "TRUE", "1e0", "٣"]),
    # A workbook holds no control characters, and takes what begins with = for a formula.
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="="), max_size=6),
)
MEANS = {"3.0": 3, "2": 2, "5 - strongly agree": 5, "neutral": 3, "1e0": 1, "4,0": 4}
MEANS |= {str(n): n for n in range(1, 6)} | {"strongly disagree": 1, "not at all": 1, "strongly agree": 5}


def folder_of(place) -> Path:
    folder = Path(place) / "study"
    folder.mkdir()
    (folder / "study.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    return folder


def exported(format, place, folder, answers, first):
    """Write answers in a format's layout; the first respondent's answer to the first item is any text."""
    known = Study.load(folder).codebook
    frame = pd.DataFrame(answers, columns=ITEMS, dtype="float64")
    frame["respondent_id"] = [f"m{n}" for n in range(len(frame))]
    frame["partnership_id"] = "P1"
    original = write.answer
    marked = iter([first])

    def answer(item, value, answers):
        said = next(marked, None) if item.id == ITEMS[0] else None
        return original(item, value, answers) if said is None else said

    write.answer = answer
    try:
        return frame, getattr(write, format)(
            Path(place) / f"e{SUFFIX.get(format, '.csv')}", frame, [known.item(name) for name in ITEMS], "codes"
        )
    finally:
        write.answer = original


@pytest.mark.parametrize("format", FORMATS)
def test_an_answer_is_read_as_what_it_certainly_means_or_reported(format):
    rows = st.lists(st.tuples(*[st.integers(1, 5)] * 3, st.integers(0, 10)), min_size=3, max_size=6)

    @quick
    @given(rows, odd)
    def holds(answers, first):
        with tempfile.TemporaryDirectory() as place:
            folder = folder_of(place)
            frame, path = exported(format, place, folder, answers, first)
            try:
                report = import_file(format, path, folder)
            except InputError as error:
                assert str(error)
                return
            survey = pd.read_csv(folder / "survey.csv", index_col="respondent_id").reindex(frame["respondent_id"])
            assert (survey[ITEMS].to_numpy()[1:] == frame[ITEMS].to_numpy()[1:]).all()
            assert (survey[ITEMS].to_numpy()[0, 1:] == frame[ITEMS].to_numpy()[0, 1:]).all()
            value = survey[ITEMS[0]].iloc[0]
            if pd.isna(value):
                text = " ".join(first.casefold().split())
                assert report.unreadable or not text or first in ("-99", "N/A")
            else:
                assert value == MEANS[" ".join(first.casefold().split()).rstrip(".")]

    holds()


@pytest.mark.parametrize("format", FORMATS)
def test_no_damage_to_a_file_gives_anything_but_answers_or_a_message(format):
    with tempfile.TemporaryDirectory() as place:
        _, path = exported(format, place, folder_of(place), [(5, 1, 2, 9), (4, 2, 2, 8), (1, 5, 4, 3)], "3")
        sound, name = path.read_bytes(), path.name

    @quick
    @given(st.integers(0, len(sound)), st.integers(0, 30), st.binary(max_size=30), st.booleans())
    def holds(start, removed, added, ends):
        with tempfile.TemporaryDirectory() as place:
            folder, path = folder_of(place), Path(place) / name
            path.write_bytes(sound[:start] + added + (b"" if ends else sound[start + removed :]))
            try:
                assert import_file(format, path, folder).text()
            except InputError as error:
                assert str(error) and not (folder / "survey.csv").exists()

    holds()


cells = st.one_of(st.sampled_from(["", "1", "5", "Neutral", "2026-05-20", "Status", "ID", "Respondent ID", "id"]), odd)
leading = st.sampled_from(
    [["ID", "Start time", "Completion time"], ["Respondent ID", "Q"], ["Timestamp"], ["id", "submitdate"],
     ["Q", "Status", "E", "Survey Cycle Completion Date"], []]
)  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(FORMATS), leading, st.lists(st.lists(cells, min_size=1, max_size=6), max_size=6), st.booleans())
def test_any_table_under_any_header(format, head, rows, workbook):
    with tempfile.TemporaryDirectory() as place:
        folder, path = folder_of(place), Path(place) / ("e.xlsx" if workbook else "e.csv")
        width = max(map(len, [head, *rows]))
        table = [[*row, *[""] * (width - len(row))] for row in [head, *rows]]
        write.save(path, table)
        try:
            assert import_file(format, path, folder).text()
        except InputError as error:
            assert str(error)


names = st.from_regex(r"[A-Za-z@][A-Za-z0-9_]{0,5}", fullmatch=True)


@settings(max_examples=20)
@given(st.lists(names, min_size=1, max_size=4, unique_by=str.lower), st.data())
def test_any_spss_file(columns, data):
    frame, labels = pd.DataFrame({"ResponseId": ["a", "b", "c"]}), {}
    values = st.sampled_from([1.0, 2.0, 5.0, 7.5, -99.0, None])
    for name in columns:
        if name.lower() != "responseid" and not name.startswith("@"):
            frame[name] = data.draw(st.lists(values, min_size=3, max_size=3))
            frame[name] = frame[name].astype("float64")
            labels[name] = {1.0: data.draw(st.sampled_from(["Neutral", "x", "1"])), 5.0: "Strongly agree"}
    texts = {name: data.draw(st.sampled_from(["I rely on what my HR partner says.", "?", ""])) for name in labels}
    with tempfile.TemporaryDirectory() as place:
        folder, path = folder_of(place), Path(place) / "e.sav"
        try:
            pyreadstat.write_sav(frame, path, column_labels=texts, variable_value_labels=labels)
        except pyreadstat.PyreadstatError:
            return
        try:
            assert import_file("qualtrics", path, folder).text()
        except InputError as error:
            assert str(error)
