"""The rows of a worksheet, read at once where that is safe: a small file may claim millions of cells."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from .limits import MEGABYTE, Limits

CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
TEXT = re.compile(rb"<si\b.*?</si>", re.DOTALL)


def rows_at_once(path: Path, sheet: str | None, limits: Limits) -> tuple[list[str], str, dict[int, list]] | None:
    """Read a worksheet as a whole.

    Parameters
    ----------
    path : pathlib.Path
        The workbook, whose unpacked size has been looked at.
    sheet : str or None
        Name of the worksheet; None: the first.
    limits : Limits
        How large it may be.

    Returns
    -------
    tuple or None
        Names of the worksheets, the name of the one read, and its rows by their numbers, without empty cells at their
        ends; no rows where there is no such worksheet. None: read it cell by cell, because it may need more memory
        than its cells are worth, or holds errors such as #N/A, which would come out as empty cells.
    """
    data = path.read_bytes()
    if not _safe(data, limits):
        return None
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    name = sheet or book.sheet_names[0]
    if name not in book.sheet_names:
        return book.sheet_names, name, {}
    found: dict[int, list] = {}
    worksheet = book.get_sheet_by_name(name)
    rows = worksheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in worksheet.merged_cell_ranges or []:
        if top and left == right and bottom < len(rows):  # one value for several rows; Excel keeps it in the first
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    for number, row in enumerate(rows, 1):
        filled = len(row)
        while filled and row[filled - 1] == "":
            filled -= 1
        if filled:
            found[number] = [_cell(cell) for cell in row[:filled]]
    return book.sheet_names, name, found


def _cell(cell: object) -> object:
    """Return a cell as the other reader has it: nothing for an empty one, midnight for a day."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return datetime.datetime(cell.year, cell.month, cell.day)
    return cell


def _safe(data: bytes, limits: Limits) -> bool:
    """Tell whether no worksheet spans more cells, or repeats longer texts, than the limits allow."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = book.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else b""
        longest = max(map(len, TEXT.findall(shared)), default=0)
        for part in book.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
                continue
            sheet = book.read(part)
            cells = CELL.findall(sheet)
            if len(cells) != sheet.count(b"<c ") or b't="e"' in sheet or b"<x:c " in sheet:
                return False
            if not cells:
                continue
            rows, columns = max(int(row) for _, row in cells), max(_place(letters) for letters in {c for c, _ in cells})
            many = rows > limits.rows or columns > limits.columns or rows * columns > limits.cells
            if many or longest > limits.cell_length or rows * columns > 50 * len(cells) + 100_000:
                return False
            if longest * sheet.count(b't="s"') > 4 * limits.workbook_megabytes * MEGABYTE:
                return False
    return True


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place
