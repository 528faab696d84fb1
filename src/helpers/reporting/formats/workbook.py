"""Writes every published table and the numbers behind every chart as one Excel workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from copy import copy
from functools import partial
from itertools import accumulate

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from helpers.published import Column

from ..cover import Cover
from ..document import Placed
from ..report import Report
from ..wording import shortened
from .properties import signed

#: A typeface every office program has, or replaces by one of the same widths.
_font = partial(Font, name="Calibri")

INK, QUIET, LINE, TINT = "1F2933", "52606D", "D9E0E6", "F4F7F8"
CONTENTS = "Contents"
HEADER_ROW = 5
#: Characters beside each other that titles, messages and notes may take.
LINE_LENGTH = 90
#: Styles of cells by what makes them: whether columns and cells are numbers, their format, words a formula might begin.
Looks = dict[tuple[bool, bool, str, bool], StyleArray]
MOST_CHARACTERS = 32_767  # in a cell, by Excel's limits


def workbook(report: Report) -> bytes:
    """Write the workbook.

    Parameters
    ----------
    report : Report
        The whole report, its exhibits numbered through.

    Returns
    -------
    bytes
        An Excel file: contents with links, then one sheet per exhibit with title, message, table and note. Numbers are
        numbers, shown with their decimals; hidden ones are the words that stand for them; no text is a formula.
    """
    book = Workbook()
    contents = book.active
    contents.title = CONTENTS
    sheets, looks = [], Looks({})
    for chapter in report.chapters:
        for placed in chapter.exhibits:
            sheet = book.create_sheet(sheet_name(placed))
            _exhibit(sheet, placed, chapter.title, report.cover, looks)
            sheets.append((sheet.title, chapter.title, placed))
    _contents(contents, report, sheets)
    for sheet in book:
        _print_set_up(sheet, report.cover)
    file = io.BytesIO()
    book.save(file)
    return signed(file.getvalue(), report.cover, report.cover.title)


def sheet_name(placed: Placed) -> str:
    """Name a sheet as Excel allows: at most 31 characters, none of ``[]:*?/\\``; the number makes it unique."""
    words = re.sub(r"[^\w .,()&–-]", " ", placed.exhibit.title)
    name = " ".join(f"{placed.label} {words}".split())
    if len(name) > 31 and " " in name[len(placed.label) + 1 : 32]:
        return name[:32].rpartition(" ")[0].rstrip(" ,.–-")
    return name[:31].strip()


def _exhibit(sheet: Worksheet, placed: Placed, chapter: str, cover: Cover, looks: Looks) -> None:
    exhibit = placed.exhibit
    headings = [column.heading for column in exhibit.columns]
    widths = [
        min(max(8, *map(len, (*heading.split(), *(row[place] for row in exhibit.texts)))) + 3, 48)
        for place, heading in enumerate(headings)
    ]
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    # What stands above and below the table runs over as many columns as a line of text needs.
    across = next((n for n, total in enumerate(accumulate(widths), start=1) if total >= LINE_LENGTH), 0)
    across = across or len(widths) + -(-int(LINE_LENGTH - sum(widths)) // 13)
    _line(sheet, 1, across, f"{placed.label}. {placed.title}", _font(bold=True, size=14, color=cover.accent[1:]), 70)
    message = "\n".join(filter(None, [placed.subtitle, exhibit.message]))
    _line(sheet, 2, across, message, _font(color=QUIET))
    _line(sheet, 3, across, f"Chapter: {chapter}", _font(color=QUIET, size=9))
    _link(sheet.cell(HEADER_ROW - 1, 1), "Back to the contents", CONTENTS, cover)
    for place, heading in enumerate(headings, start=1):
        cell = _words(sheet.cell(HEADER_ROW, place), heading)
        cell.font, cell.fill = _font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=cover.accent[1:])
        side = "right" if exhibit.columns[place - 1].is_number else "left"
        cell.alignment = Alignment(horizontal=side, vertical="bottom", wrap_text=True)
    lines = max(-(-len(heading) // int(width - 3)) for heading, width in zip(headings, widths))
    sheet.row_dimensions[HEADER_ROW].height = 15.5 * lines
    for down, (values, texts) in enumerate(zip(exhibit.rows, exhibit.texts), start=HEADER_ROW + 1):
        for place, (value, words, column) in enumerate(zip(values, texts, exhibit.columns), start=1):
            _value(sheet.cell(down, place), value, words, column, looks)
        _fit(sheet, down, texts, widths)
    _line(sheet, HEADER_ROW + len(exhibit.rows) + 2, across, exhibit.note, _font(color=QUIET, size=9))
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 1 if exhibit.columns[0].is_number else 2)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _fit(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row as high as its longest wrapped text; Excel does so by itself, other programs do not."""
    lines = max(-(-len(text) // int(width - 2)) for text, width in zip(texts, widths))
    sheet.row_dimensions[row].height = 15.5 * max(lines, 1)


def _value(cell: Cell, value: str | int | float | None, words: str, column: Column, looks: Looks) -> None:
    """Write a number as a number; what is hidden, missing or in words as its words.

    Cells of one look share what the first of them was given: looking fonts and borders up costs more than writing.
    """
    numeric = column.is_number
    is_number = numeric and isinstance(value, int | float) and not isinstance(value, bool)
    as_number = is_number and not words.startswith("<")
    if as_number:
        cell.value = value
    else:
        _words(cell, words)
    look = (numeric, is_number, _number_format(column) if as_number else "", bool(cell.quotePrefix))
    if look in looks:
        cell._style = copy(looks[look])
        return
    if as_number:
        cell.number_format = _number_format(column)
    cell.font = _font(color=QUIET, italic=True) if numeric and not is_number else _font(color=INK)
    cell.alignment = Alignment(horizontal="right" if numeric else "left", vertical="top", wrap_text=True)
    cell.border = Border(bottom=Side("thin", color=LINE))
    looks[look] = copy(cell._style)


def _number_format(column: Column) -> str:
    digits = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    return digits + ('" %"' if column.type == "percent" else "")


def _words(cell: Cell, text: str) -> Cell:
    """Write text so that it is never read as a formula, not even when somebody edits the cell."""
    cell.value = text[:MOST_CHARACTERS]
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@")
    return cell


def _line(sheet: Worksheet, row: int, across: int, text: str, font: Font, length: int = LINE_LENGTH) -> None:
    """Write a line over several columns, as high as its words need."""
    cell = _words(sheet.cell(row, 1), text)
    cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
    if across > 1:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=across)
    lines = sum(-(-max(len(part), 1) // length) for part in text.split("\n"))
    sheet.row_dimensions[row].height = min((font.size or 11) * 1.4 * lines, 400)


def _contents(sheet: Worksheet, report: Report, sheets: list[tuple[str, str, Placed]]) -> None:
    cover = report.cover
    widths = (14, 34, 46, 70)
    for letter, width in zip("ABCD", widths):
        sheet.column_dimensions[letter].width = width
    _line(sheet, 1, 4, cover.title, _font(bold=True, size=18, color=cover.accent[1:]), 95)
    _line(sheet, 2, 4, " · ".join(filter(None, [cover.client, cover.date, cover.footer])), _font(color=QUIET), 160)
    for place, heading in enumerate(("Sheet", "Chapter", "Title", "What it shows"), start=1):
        cell = _words(sheet.cell(HEADER_ROW, place), heading)
        cell.font, cell.fill = _font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=cover.accent[1:])
    for row, (name, chapter, placed) in enumerate(sheets, start=HEADER_ROW + 1):
        _link(sheet.cell(row, 1), placed.label, name, cover)
        texts = (chapter, placed.exhibit.title, placed.exhibit.message)
        for place, text in enumerate(texts, start=2):
            cell = _words(sheet.cell(row, place), text)
            cell.font, cell.alignment = _font(color=INK), Alignment(wrap_text=True, vertical="top")
        _fit(sheet, row, texts, widths[1:])
        for cell in sheet[row]:
            cell.border = Border(bottom=Side("thin", color=LINE))
    for row, note in enumerate(report.notes, start=HEADER_ROW + len(sheets) + 2):
        _line(sheet, row, 4, note, _font(color=QUIET, size=9), 190)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 1)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _link(cell: Cell, text: str, sheet: str, cover: Cover) -> None:
    _words(cell, text)
    quoted = sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!A1", display=text)
    cell.font = _font(color=cover.accent[1:], underline="single")
    cell.alignment = Alignment(vertical="top")


def _print_set_up(sheet: Worksheet, cover: Cover) -> None:
    """Fit the width on one page; an ampersand would begin a code in a header."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    left, right = (shortened(text, 60).replace("&", "&&") for text in (cover.client, cover.title))
    sheet.oddHeader.left.text, sheet.oddHeader.right.text = left, right
    line = " · ".join(filter(None, [cover.date, cover.footer]))
    sheet.oddFooter.left.text = shortened(line, 120).replace("&", "&&")
    sheet.oddFooter.right.text = "page &P of &N"
