"""All tables as one Excel workbook: numbers are numbers, words are words, nothing is a formula."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from reporting_studies import HOSTILE

from helpers.published import Column, Exhibit
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, Placed
from helpers.reporting.formats.workbook import sheet_name, workbook
from helpers.reporting.report import Report
from helpers.reporting.wording import printable

pytestmark = pytest.mark.slow

DAY = date(2026, 6, 30)
COVER = Cover("R&D Söhne", "Study & more", DAY, "30 June 2026", "Confidential", "en", "#0b5c6b", 5)
COLUMNS = [
    Column(name="d", label="Department"),
    Column(name="m", label="Mean", type="number", decimals=2, unit="points (1–5)"),
    Column(name="s", label="Favourable", type="percent"),
    Column(name="n", label="n", type="integer"),
    Column(name="p", label="p", type="number", decimals=3),
]
ROWS = [["Sales", 3.5, 62.0, 1240, 0.0], ["Plant", None, None, 3, 0.25]]
TEXTS = [
    ["Sales", "3.50", "62 %", "1 240", "< 0.001"],
    ["Plant", "hidden (fewer than 5)", "hidden (fewer than 5)", "3", "0.250"],
]
SCORES = Exhibit(
    kind="table", notebook="survey", id="scores", title="Scores", message="Sales is ahead.", note="Source: survey.",
    columns=COLUMNS, rows=ROWS, texts=TEXTS,
)  # fmt: skip


def changed(number=1, **facts):
    return Placed(SCORES.model_copy(update=facts), number)


def opened(*exhibits):
    book = workbook(Report(COVER, Chapter("index", "In short", []), [Chapter("survey", "The survey", list(exhibits))]))
    return load_workbook(io.BytesIO(book))


@pytest.fixture(scope="module")
def sheet():
    return opened(changed())["Table 1 Scores"]


def test_a_sheet_says_what_it_shows(sheet):
    above = [sheet.cell(row, 1).value for row in range(1, 5)]
    assert above == ["Table 1. Scores", "Sales is ahead.", "Chapter: The survey", "Back to the contents"]
    assert sheet.cell(9, 1).value == "Source: survey."


def test_units_stand_in_the_header(sheet):
    assert [cell.value for cell in sheet[5]][:4] == ["Department", "Mean, points (1–5)", "Favourable", "n"]


def test_numbers_are_numbers_with_their_decimals(sheet):
    assert [cell.value for cell in sheet[6]][:4] == ["Sales", 3.5, 62.0, 1240]
    assert [cell.number_format for cell in sheet[6]][1:4] == ["#,##0.00", '#,##0" %"', "#,##0"]


def test_hidden_and_very_small_numbers_are_their_words(sheet):
    assert [cell.value for cell in sheet[7]][1:3] == ["hidden (fewer than 5)"] * 2
    assert (sheet["E6"].value, sheet["E7"].value) == ("< 0.001", 0.25)


def test_sheets_are_ready_to_scroll_and_to_print(sheet):
    assert sheet.freeze_panes == "B6"
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.page_setup.fitToWidth == 1 and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddHeader.left.text == "R&&D Söhne" and sheet.oddFooter.right.text == "page &P of &N"
    assert sheet.column_dimensions["A"].width >= len("Department")


def test_contents_lead_to_every_sheet_and_back():
    book = opened(changed(), changed(2, title="It's [odd]: a/b?"))
    contents = book.worksheets[0]
    links = [contents.cell(row, 1).hyperlink.location for row in (6, 7)]
    assert links == ["'Table 1 Scores'!A1", "'Table 2 It s odd a b'!A1"]
    assert [link.strip("'").split("'!")[0] for link in links] == book.sheetnames[1:]
    assert [cell.value for cell in contents[7]] == ["Table 2", "The survey", "It's [odd]: a/b?", "Sales is ahead."]
    assert all(sheet["A4"].hyperlink.location == "'Contents'!A1" for sheet in book.worksheets[1:])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.org","x")', *HOSTILE])
def test_no_text_is_a_formula_wherever_it_stands(text):
    words = " ".join(text.split())
    columns = [COLUMNS[0].named("d", text), COLUMNS[1]]
    told = {"title": text, "message": text, "note": text}
    book = opened(changed(columns=columns, rows=[[text, 1]], texts=[[text, "1"]], **told))
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type in ("s", "n")
            assert cell.quotePrefix or not str(cell.value or "").startswith(("=", "+", "-", "@"))
    assert " ".join(str(book.worksheets[1]["A6"].value).split()) == words


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=12))
def test_sheet_names_are_allowed_and_unique(titles):
    exhibits = [changed(place, title=printable(title)) for place, title in enumerate(titles, start=1)]
    names = [sheet_name(exhibit).casefold() for exhibit in exhibits]
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_a_report_ships_the_workbook_with_every_exhibit_numbered_through(built):
    book = load_workbook(built.folder / "tables.xlsx")
    labels = [" ".join(name.split()[:2]) for name in book.sheetnames[1:]]
    assert labels == ["Figure 1", "Figure 2", "Figure 3", "Table 1", "Figure 4", "Table 2", "Table 3", "Table 4"]
    scores = book.worksheets[4]
    assert [scores.cell(row, 1).value for row in range(11, 19)] == HOSTILE
    with zipfile.ZipFile(built.folder / "tables.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())
