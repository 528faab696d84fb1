"""The capture workbook: what the sheets of a practice ask for, one column a field, checked while it is typed."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from helpers.data.practices import CaptureField
from helpers.data.tables import ARMS, AUDIENCES, OUTCOMES, PROMISE_KINDS, PROMISED_BY, RECALL_ROUNDS, TABLES

from ..runs import COLUMNS as RUN_COLUMNS
from ..session import Session
from .steady import steady

#: Rows that are checked while they are typed; a session has fewer people than that.
ROWS = 60
#: Rows of the sheet Messages that are checked: sixteen people read six messages each.
MOST_READINGS = 120
#: Columns of the sheet Promises: a promise has one line, and dates in this order.
PROMISES = tuple(name for name in TABLES["commitments"].columns if name != "session_id")
#: Columns of the sheet Messages; the words of a message stay on paper.
MESSAGES = tuple(name for name in TABLES["messages"].columns if name != "text")
#: Columns of the sheet Recall: a row is one place on one day.
RECALL = tuple(TABLES["recall"].columns)
#: Columns of the sheet Session before those of the practice.
SESSION = tuple(TABLES["practice_sessions"].columns)
#: Columns of the sheet People before those of the practice.
PEOPLE = ("person_id", "partnership_id", "consent", "hours", "cohort", "arm")
_HEAD = PatternFill("solid", fgColor="0B5C6B")


def capture(session: Session, people: Sequence[str] = (), pairs: Sequence[str] = ()) -> bytes:
    """Return the workbook into which one session is typed.

    Parameters
    ----------
    session : Session
        Names the practice, the edition and its fields.
    people, pairs : sequence of str
        Codes of a study, to choose from; without them any code can be typed.

    Returns
    -------
    bytes
        An Excel file: Read me, Session, People (one row a person), Promises (one row each, where the practice has
        any), Messages (one row a message and reader) and Recall (one row a place and day, where the practice is about
        messages), Blocks (planned and real minutes), Fields (the declaration). Row 1 holds names as a study has them.
    """
    book = Workbook()
    front = session.book.front
    _read_me(book.active, session)
    lists = book.create_sheet("Lists")
    for column, (name, codes) in enumerate((("person_id", people), ("partnership_id", pairs)), 1):
        for row, code in enumerate((name, *codes), 1):
            lists.cell(row, column, code)
    lists.sheet_state = "hidden"
    chosen = {"person_id": _codes("A", people), "partnership_id": _codes("B", pairs)}
    fields = front.capture.fields
    whole = [field for field in fields if field.level in ("session", "unit")]
    sheet = _sheet(book, "Session", [*SESSION, *(one.field for one in whole)])
    sheet.cell(2, 2, front.capture.practice)
    _dates(sheet, "C", "Day of the session")
    sheet.cell(2, SESSION.index("planned_minutes") + 1, session.edition.duration_min)
    for name in ("came", "declined", "planned_minutes", "real_minutes"):
        rule = DataValidation("whole", operator="between", formula1="0", formula2="6000")
        _rule(
            sheet,
            get_column_letter(SESSION.index(name) + 1),
            rule,
            TABLES["practice_sessions"].columns[name].description,
        )
    for place, field in enumerate(whole, len(SESSION) + 1):
        _field(sheet, place, field)
        if field.field == "edition":
            sheet.cell(2, place, session.edition.id)
    own = [field for field in fields if field.level in ("person", "pair")]
    sheet = _sheet(book, "People", [*PEOPLE, *(one.field for one in own)])
    _choice(sheet, "C", ("yes", "no"), "Agreed to be counted. Of a no, type nothing but this")
    _choice(sheet, "F", ARMS, "Only where people were drawn by lot or wait")
    for place, field in enumerate(own, len(PEOPLE) + 1):
        _field(sheet, place, field)
    _pick(sheet, "A", chosen["person_id"])
    _pick(sheet, "B", chosen["partnership_id"])
    if front.capture.promises:
        sheet = _sheet(book, "Promises", PROMISES)
        _pick(sheet, "B", chosen["partnership_id"])
        _choice(sheet, "C", PROMISED_BY, "Who promises")
        _choice(sheet, "D", PROMISE_KINDS, "What kind of promise it is, as the sheet says")
        for letter, words in zip("EFGHI", ("Made on", "Due on (first date)", "Moved on", "Moved to", "Closed on")):
            _dates(sheet, letter, f"{words}, as the sheet or the check that came back has it")
        _choice(sheet, "J", OUTCOMES, "An open promise has no closing date")
    if front.capture.messages:
        _messages(book)
    sheet = _sheet(book, "Blocks", RUN_COLUMNS)
    for row, block in enumerate((one for one in session.edition.agenda if one.kind == "work"), 2):
        for place, value in ((2, session.edition.id), (3, "live"), (5, block.block), (6, block.minutes)):
            sheet.cell(row, place, value)
    sheet = _sheet(book, "Fields", ["field", "label", "holds", "level", "when", "sheet", "filled_by", "basis"])
    for row, one in enumerate(fields, 2):
        told = (one.field, one.label, one.holds(), one.level, one.when, one.sheet, one.filled_by, one.basis)
        for place, word in enumerate(told, 1):
            sheet.cell(row, place, word)
    book.properties.title = f"{front.title}: what was counted"
    book.properties.creator = "HR Partnership Lab"
    saved = io.BytesIO()
    book.save(saved)
    return steady(saved.getvalue())


def _messages(book: Workbook) -> None:
    """Add the sheets on messages: how they were read, and who could say the message later."""
    sheet = _sheet(book, "Messages", MESSAGES)
    _choice(
        sheet,
        _letter(MESSAGES, "audience"),
        AUDIENCES,
        "Whom it tells; employee where employees tell it",
        MOST_READINGS,
    )
    _dates(sheet, _letter(MESSAGES, "found_on"), "Day on which it was sent, published or found", MOST_READINGS)
    rating = DataValidation("whole", operator="between", formula1="1", formula2="5")
    _rule(sheet, _letter(MESSAGES, "rating"), rating, "How strongly it says so: 1 to 5", MOST_READINGS)
    sheet = _sheet(book, "Recall", RECALL)
    _dates(sheet, _letter(RECALL, "asked_on"), "Day on which they were asked")
    _choice(sheet, _letter(RECALL, "audience"), AUDIENCES, "Who was asked")
    _choice(sheet, _letter(RECALL, "round"), RECALL_ROUNDS, "Before the message was told, or the days since")
    for name in ("asked", "recalled"):
        rule = DataValidation("whole", operator="between", formula1="0", formula2="9999")
        _rule(sheet, _letter(RECALL, name), rule, TABLES["recall"].columns[name].description)


def _letter(columns: Sequence[str], name: str) -> str:
    return get_column_letter(columns.index(name) + 1)


def _read_me(sheet: Worksheet, session: Session) -> None:
    sheet.title = "Read me"
    lines = [
        f"{session.book.front.title}, {session.edition.title}: what was counted in one session",
        "Type one row a person into People, and one row a promise into Promises. Codes, never names.",
        *["Messages: one row a message and reader; number both, as on the sheets. Recall: one row a place and day."]
        * session.book.front.capture.messages,
        "Of a person who did not agree, type nothing but the no. Leave blank what the slip leaves blank.",
        "Blocks: the minutes that each block really took, what was cut, what confused people; it is a run record.",
        "Fields: what each column may hold. The cells say so while you type.",
    ]
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1, line).font = Font(name="Calibri", bold=row == 1, size=14 if row == 1 else 11)
    sheet.column_dimensions["A"].width = 110


def _sheet(book: Workbook, title: str, columns: Sequence[str]) -> Worksheet:
    sheet = book.create_sheet(title)
    for place, name in enumerate(columns, 1):
        cell = sheet.cell(1, place, name)
        cell.font, cell.fill = Font(name="Calibri", bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = max(len(name) + 3, 14)
    sheet.freeze_panes = "A2"
    return sheet


def _field(sheet: Worksheet, place: int, field: CaptureField) -> None:
    letter, words = get_column_letter(place), f"{field.label}: {field.holds()} ({field.when})"
    if field.type == "choice":
        _choice(sheet, letter, field.words, words)
    elif field.type == "yes_no":
        _choice(sheet, letter, ("yes", "no"), words)
    elif field.type == "date":
        _dates(sheet, letter, words)
    elif field.type == "whole":
        rule = DataValidation("whole", operator="between", formula1=str(field.least), formula2=str(field.most))
        _rule(sheet, letter, rule, words)
    else:
        _rule(sheet, letter, DataValidation("textLength", operator="lessThan", formula1="200"), words)


def _choice(sheet: Worksheet, letter: str, words: Sequence[str], prompt: str, rows: int = ROWS) -> None:
    _rule(sheet, letter, DataValidation("list", formula1=f'"{",".join(words)}"'), prompt, rows)


def _dates(sheet: Worksheet, letter: str, prompt: str, rows: int = ROWS) -> None:
    rule = DataValidation("date", operator="greaterThan", formula1="DATE(2000,1,1)")
    _rule(sheet, letter, rule, prompt, rows)
    for row in range(2, rows + 2):
        sheet[f"{letter}{row}"].number_format = "yyyy-mm-dd"


def _codes(letter: str, codes: Sequence[str]) -> str:
    return f"Lists!${letter}$2:${letter}${len(codes) + 1}" if codes else ""


def _pick(sheet: Worksheet, letter: str, cells: str) -> None:
    if cells:
        _rule(sheet, letter, DataValidation("list", formula1=cells), "A code of the study")


def _rule(sheet: Worksheet, letter: str, rule: DataValidation, prompt: str, rows: int = ROWS) -> None:
    rule.allow_blank = True
    rule.showErrorMessage = rule.showInputMessage = True
    rule.prompt, rule.error = prompt[:250], f"This does not fit: {prompt}"[:220]
    rule.add(f"{letter}2:{letter}{rows + 1}")
    sheet.add_data_validation(rule)
