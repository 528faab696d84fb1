"""The sheets of a filled-in capture workbook, or one csv file, as texts under the columns they stand for."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd

from ...limits import Limits
from ...practices import Capture, same_word
from ...problems import InputError, Problem, did_you_mean, input_error, shown
from ...read import cell_text, cells
from ...tables import PERSONAL_NAME, TABLES
from ..export import SKIP

SESSION, PEOPLE, PROMISES, MESSAGES, RECALL = "Session", "People", "Promises", "Messages", "Recall"
TYPED = (SESSION, PEOPLE, PROMISES, MESSAGES, RECALL)
MADE = ("Read me", "Lists", "Blocks", "Fields")
"""Sheets of the workbook that hold nothing for a study."""
HEADER_WITHIN = 10
MEANT = {
    "my_code": "person_id", "code": "person_id", "person": "person_id", "code_of_our_pair": "partnership_id",
    "pair": "partnership_id", "pair_code": "partnership_id", "no": "commitment_id", "promise_no": "commitment_id",
    "who_promises": "promised_by", "agreed": "consent",
}  # fmt: skip
"""Further headings: how the printed sheets call a column."""
OF_MESSAGES = {
    "no": "message_id", "no.": "message_id", "message_no.": "message_id", "to_whom": "audience", "quality": "attribute",
    "how_strongly": "rating", "reader_number": "coder_id", "when": "round", "day": "asked_on", "who": "audience",
    "where": "place", "said_it": "recalled",
}  # fmt: skip
"""Headings of the printed sheets on messages."""
OWN_WORDS = {"comment", "comments", "note", "notes", "remark", "remarks"}
"""Headings of columns that people add for words of their own; none is a misspelt one."""
TABLE_OF = {
    SESSION: "practice_sessions", PEOPLE: "practice_log", PROMISES: "commitments", MESSAGES: "messages",
    RECALL: "recall",
}  # fmt: skip
"""The table whose columns a sheet of the workbook holds, beside the fields."""
OWN_TABLE = (MESSAGES, RECALL)
"""Sheets that hold columns of their table and the session alone, which no other sheet may hold."""


@dataclass(frozen=True)
class Row:
    """One row of a sheet: its number, and its filled cells by column of the study's tables or by field."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name : str
        ``Session``, ``People``, ``Promises``, ``Messages`` or ``Recall``.
    label : str
        What messages call it.
    rows : list of Row
        Those that hold anything.
    headings : dict of str to str
        Column to the heading it stands under.
    """

    name: str
    label: str
    rows: list[Row]
    headings: dict[str, str]


@dataclass
class Typed:
    """What a file holds, and what was noticed on reading it.

    Parameters
    ----------
    sheets : dict of str to Sheet
        By name.
    left_out : list of str
        Columns and sheets that are not taken.
    notes : list of str
        Sentences.
    """

    sheets: dict[str, Sheet] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(path: Path, known: Mapping[str, Capture], columns: Mapping[str, str], limits: Limits) -> Typed:
    """Read a workbook or a csv file.

    Parameters
    ----------
    path : pathlib.Path
        An xlsx file made by ``partnership playbook kit``, or a csv file with one row a person or one row a promise.
    known : mapping of str to Capture
        What the playbooks declare.
    columns : mapping of str to str
        Heading to the column it stands for, or ``skip``, where somebody said so.
    limits : Limits
        How large it may be.

    Returns
    -------
    Typed
        Texts under known columns.

    Raises
    ------
    InputError
        When the file is none, or with every heading that looks like a known one and is not.
    """
    found = Typed()
    grids = _workbook(path, limits, found) if path.suffix.lower() in (".xlsx", ".xlsm") else _text(path, limits)
    problems: list[Problem] = []
    for title, grid in grids.items():
        label = f"{path.name}, sheet {title}" if title else path.name
        sheet = _under_headings(title, label, grid, known, columns, found, problems)
        if sheet is not None:
            found.sheets[sheet.name] = sheet
    if problems:
        raise InputError(problems)
    if not found.sheets:
        expected = f"the sheets {SESSION} and {PEOPLE} of a capture workbook, or a csv file with one row a person"
        raise input_error(path.name, "nothing here is of a practice", expected)
    return found


def _text(path: Path, limits: Limits) -> dict[str, pd.DataFrame]:
    grid = cells(path, "practice", limits).frame
    return {"": grid.set_axis([int(place) for place in grid.columns], axis=1)}


def _workbook(path: Path, limits: Limits, found: Typed) -> dict[str, pd.DataFrame]:
    """Return the cells of the sheets that are typed into; merged cells are written into each of their rows."""
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    limits.check_file(path, path.name, "practice")
    try:
        limits.check_workbook(path, path.name, "practice")
        content = path.read_bytes()
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content))
    except InputError:
        raise
    except Exception:  # a damaged file can fail anywhere inside the library
        what = "this is not a whole Excel workbook, or it is protected by a password"
        raise input_error(path.name, what, fix="Save it again, without a password") from None
    names = {same_word(name): name for name in book.sheetnames}
    grids: dict[str, pd.DataFrame] = {}
    for title in TYPED:
        if same_word(title) in names:
            sheet, formulas = book[names[same_word(title)]], written[names[same_word(title)]]
            limits.check_shape((sheet.max_row, sheet.max_column), path.name, "practice")
            grids[title] = _unmerged(sheet, formulas, f"{path.name}, sheet {title}", found)
    known = {same_word(name) for name in (*TYPED, *MADE)}
    found.left_out += [f"sheet {shown(name)}" for word, name in names.items() if word not in known]
    return grids


def _unmerged(sheet, formulas, label: str, found: Typed) -> pd.DataFrame:
    rows = {cell[0].row: [cell_text(one.value).strip() for one in cell] for cell in sheet.iter_rows()}
    for cell in (one for row in formulas.iter_rows() for one in row):
        if isinstance(cell.value, str) and cell.value.startswith("=") and not rows[cell.row][cell.column - 1]:
            what = f"{cell.coordinate} holds a formula whose value was not saved"
            raise input_error(label, what, "a value", "Open the file in a spreadsheet program and save it again")
    for area in sheet.merged_cells.ranges:
        value = rows[area.min_row][area.min_col - 1]
        if not value:
            continue
        if area.max_col > area.min_col and any(any(rows[row]) for row in rows if row < area.min_row):
            what = f"the cells {area.coord} are merged over several columns and hold {shown(value)}"
            raise input_error(label, what, "one cell for each column", "Unmerge them", rows=(area.min_row,))
        for row in range(area.min_row + 1, area.max_row + 1):
            rows[row][area.min_col - 1] = value
        if area.max_row > area.min_row:
            told = f"the merged cells {area.coord} were read as {shown(value)} in each of their rows"
            found.notes.append(f"{label}: {told}.")
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    return frame.map(lambda text: text or None)


def _under_headings(
    title: str,
    label: str,
    grid: pd.DataFrame,
    known: Mapping[str, Capture],
    columns: Mapping[str, str],
    found: Typed,
    problems: list[Problem],
) -> Sheet | None:
    """Give the cells below the row of headings the columns they stand for."""
    meant = _meant(known, title)
    chosen = {same_word(heading): column for heading, column in columns.items()}
    head = next(
        (
            row
            for row in grid.index[:HEADER_WITHIN]
            if sum(_column(text, meant) is not None for text in grid.loc[row]) >= 2
        ),
        None,
    )
    if head is None:
        if title:
            what = f"no row among the first {HEADER_WITHIN} names columns such as session_id or person_id"
            problems.append(Problem("error", label, what, "the headings of the capture workbook"))
        return None
    headings: dict[str, str] = {}
    frame: dict[str, pd.Series] = {}
    unknown: list[str] = []
    for place, text in grid.loc[head].items():
        values = grid.loc[grid.index > head, place]
        if not isinstance(text, str):
            if values.notna().any():
                at = tuple(int(row) for row in values.index[values.notna()])
                problems.append(
                    Problem("error", label, "cells without a heading", "a heading in every column", "", "", "", at)
                )
            continue
        heading = " ".join(text.split())
        column = chosen.get(same_word(heading)) or _column(heading, meant)
        if column == SKIP:
            found.left_out.append(f"column {shown(heading)}")
        elif column is None:
            unknown.append(heading)
        elif column in frame:
            what = f"the columns {shown(headings[column])} and {shown(heading)} both stand for {column}"
            problems.append(
                Problem("error", label, what, "one of them", "Rename or remove the other", "", "", (int(head),))
            )
        else:
            headings[column], frame[column] = heading, values
    # Misspelt is only what this sheet may hold and has no column for yet.
    others = {name for sheet, table in TABLE_OF.items() for name in TABLES[table].columns if title and sheet != title}
    others -= {*TABLES[TABLE_OF[title]].columns} if title else set()
    absent = {words: column for words, column in meant.items() if column not in {*frame, *others}}
    for heading in unknown:
        _unknown(heading, absent, label, int(head), found, problems)
    rows = [
        Row(int(number), cells)
        for number in grid.index[grid.index > head]
        if (cells := {column: text for column in frame if isinstance(text := frame[column][number], str)})
    ]
    return Sheet(title or (PROMISES if "promised_by" in headings else PEOPLE), label, rows, headings)


def _unknown(
    heading: str, meant: Mapping[str, str], label: str, row: int, found: Typed, problems: list[Problem]
) -> None:  # fmt: skip
    """Leave a column out, unless its heading is likely a misspelt one."""
    near = did_you_mean(same_word(heading), meant)
    if same_word(heading) in OWN_WORDS:
        near = ""
    if PERSONAL_NAME.fullmatch(heading):
        found.left_out.append(f"personal column {shown(heading)}")
    elif near:
        column = meant[near.split('"')[1]]
        fix = f"If it means {column}, write that; else say columns: {{{heading}: skip}} in mappings/practice.yaml"
        problems.append(Problem("error", label, f"unknown column {shown(heading)}", "", fix, "", "", (row,)))
    else:
        found.left_out.append(f"column {shown(heading)}")


def _column(heading: object, meant: Mapping[str, str]) -> str | None:
    """Return what a heading stands for: a column, a field, or a label as the sheets print it."""
    if not isinstance(heading, str):
        return None
    printed = re.sub(r"\s*(\([^)]*\)|:.*)\s*$", "", heading)
    return meant.get(same_word(heading)) or meant.get(same_word(printed))


def _meant(known: Mapping[str, Capture], title: str) -> dict[str, str]:
    if title in OWN_TABLE:
        return {same_word(name): name for name in ("session_id", *TABLES[TABLE_OF[title]].columns)} | OF_MESSAGES
    names: Iterable[str] = (
        name for table in ("practice_sessions", "practice_log", "commitments") for name in TABLES[table].columns
    )
    meant = {same_word(name): name for name in names} | MEANT
    for capture in known.values():
        for one in capture.fields:
            printed = re.sub(r"\s*\([^)]*\)\s*$", "", one.label)
            meant |= {same_word(name): one.field for name in (one.field, one.label, printed)}
    return meant
