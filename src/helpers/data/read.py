"""Read a table as it lies in its file or database: names, texts and native values, nothing interpreted yet."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import itertools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pyreadstat
from pydantic import Field, model_validator

from .excel import rows_at_once
from .limits import Limits
from .problems import InputError, Problem, input_error, shown
from .yaml_files import Declared

if TYPE_CHECKING:
    import sqlalchemy

# A study is cut into many small groups, and Arrow is slow at taking a few rows of many columns of text.
pd.set_option("mode.string_storage", "python")

TEXT_FILES = (".csv", ".tsv", ".txt")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CHUNK = 20_000  # rows held as Python text at a time, so that memory stays small
NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file",
    b"$FL2": "an SPSS file",
}

RowNumbers = Sequence[int] | np.ndarray

LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
ONE_QUERY = re.compile(r"\s*(select|with|values|table)\b[^;]*;?\s*", re.IGNORECASE)
WEB_PAGE = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|meta|\?xml)", re.IGNORECASE | re.DOTALL)


class Source(Declared):
    """Where a table lies and how it is written.

    Parameters
    ----------
    path : str, optional
        csv, tsv, txt, xlsx, parquet or sav file, relative to the study's folder.
    sheet : str, optional
        Worksheet of an xlsx file; default: the first.
    delimiter : {",", ";", "tab", "|"}, optional
        Of a text file; recognised when absent.
    encoding : str, optional
        Of a text file; recognised when absent.
    decimal : {".", ","}, optional
        Decimal sign of a text file: ``.`` or ``,``.
    dates : {"day-first", "month-first"}, optional
        How dates that are not ISO are written: ``day-first`` or ``month-first``.
    missing : list of str, optional
        Codes that stand for a missing value, such as -99.
    sql, url_env : str, optional
        A query, and the name of the environment variable that holds the database's URL.
    """

    path: str | None = None
    sheet: str | None = None
    delimiter: Literal[",", ";", "\t", "|", "tab"] | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    dates: Literal["day-first", "month-first"] | None = None
    missing: list[str] = Field(default_factory=list)
    sql: str | None = None
    url_env: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_path(cls, data: object) -> object:
        return {"path": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _fits(self) -> Source:
        if bool(self.path) == bool(self.sql):
            raise ValueError("a table needs either a path or sql with url_env")
        if bool(self.sql) != bool(self.url_env):
            raise ValueError("sql and url_env belong together: url_env names the variable with the database URL")
        if not self.is_text and (self.delimiter or self.encoding or self.decimal):
            raise ValueError("delimiter, encoding and decimal are for csv, tsv and txt files only")
        if self.sheet and not self.file.lower().endswith((".xlsx", ".xlsm")):
            raise ValueError("sheet is for xlsx files only")
        if self.encoding:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise ValueError(f"there is no encoding {shown(self.encoding)}; try utf-8 or cp1252") from None
        return self

    @property
    def is_text(self) -> bool:
        """Tell whether this is a delimited text file."""
        return self.file.lower().endswith(TEXT_FILES)

    @property
    def file(self) -> str:
        """The file as study.yaml names it; empty for a query."""
        return self.path or ""

    def name_for(self, table: str) -> str:
        """Return what messages call this source."""
        return self.path or f"SQL query of {table}"


@dataclass
class Raw:
    """A table as read: its index holds the row numbers of the file, the header being row 1.

    Parameters
    ----------
    frame : pandas.DataFrame
        Text columns (empty cells missing), or numbers and dates where the format knows them.
    labels : dict of str to dict, optional
        Column to its value labels (SPSS).
    questions : dict of str to str, optional
        Column to its variable label (SPSS).
    delimiter : str, optional
        Of a text file.
    problems : list of Problem, optional
        Warnings.
    """

    frame: pd.DataFrame
    labels: dict[str, dict] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""
    problems: list[Problem] = field(default_factory=list)


def read(source: Source, folder: Path, table: str, limits: Limits) -> Raw:
    """Read one table.

    Parameters
    ----------
    source : Source
        Where it lies.
    folder : pathlib.Path
        Folder that relative paths start from.
    table : str
        Name of the table, for messages.
    limits : Limits
        How large it may be.

    Returns
    -------
    Raw
        The table, not yet interpreted.

    Raises
    ------
    InputError
        When it cannot be read as a table, or is too large.
    """
    if source.sql and source.url_env:
        return _sql(source.sql, source.url_env, source.name_for(table), table, limits)
    path = folder / source.file
    readers: dict[str, Callable[[Path, Source, str, Limits], Raw]] = {
        ".xlsx": _xlsx,
        ".xlsm": _xlsx,
        ".parquet": _parquet,
        ".sav": _sav,
        ".zsav": _sav,
    }
    readers |= dict.fromkeys(TEXT_FILES, _text)
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(suffix[1:] for suffix in readers)
        raise input_error(source.file, f"files ending in {shown(path.suffix)} are not read", known, table=table)
    if not path.is_file():
        fix = f"Put it there, or correct tables.{table} in study.yaml"
        raise input_error(source.file, f"there is no file {path}", fix=fix, table=table)
    return _opened(reader, path, source, table, limits)


def _content(path: Path, source: Source, table: str) -> tuple[str, str, list[Problem]]:
    """Return text, delimiter and warnings of a delimited text file."""
    file = source.file
    text, problems = _decode(path.read_bytes(), file, table, source.encoding)
    if WEB_PAGE.match(text[:300]):
        raise _web_page(file, "a csv file", table)
    if "\0" in text:
        raise input_error(file, "the file holds binary data", "text", "Export it as csv again", table=table)
    hint = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to name the delimiter
    text = text[hint.end() :] if hint else text
    delimiter = "\t" if source.delimiter == "tab" else source.delimiter or (hint and hint[1])
    return text, delimiter or _sniff(text), problems


def _web_page(file: str, expected: str, table: str) -> InputError:
    fix = "Download the export again; the link may have led to a sign-in page"
    return input_error(file, "this is a web page, not a table", expected, fix, table=table)


def _decode(data: bytes, file: str, table: str, encoding: str | None) -> tuple[str, list[Problem]]:
    if not re.search(rb"\S", data):
        fix = "Export it again, or take the table out of study.yaml"
        raise input_error(file, "the file is empty", "a header and rows", fix, table=table)
    for start, what in NOT_TEXT.items():
        if data.startswith(start):
            raise input_error(
                file, f"this is {what}, whatever its name says", "text", "Give the file its right ending", table=table
            )
    if encoding is None:
        boms = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
        encoding = next((name for bom, name in boms.items() if data.startswith(bom)), None)
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff"), []
    except (UnicodeError, LookupError) as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        row = data[:at].count(b"\n") + 1
        if encoding:
            found = f"the file is not {encoding} throughout: row {row} holds a byte that does not belong"
            raise input_error(file, found, fix="Save it as UTF-8", table=table, rows=(row,)) from None
    mixed = re.search(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", data)
    try:
        text = data.decode("cp1252") if not mixed else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise input_error(
            file,
            "the characters are not all in one encoding (UTF-8 up to here)",
            "one encoding",
            "Export the file again as UTF-8, or declare its encoding in study.yaml",
            table=table,
            rows=(row,),
        )
    example = next(re.finditer(r"\w*[^\x00-\x7f]\w*", text))[0]
    warning = Problem(
        "warning",
        file,
        f"the file is not UTF-8 and was read as Windows-1252, for example {shown(example)}",
        fix="If this looks wrong, declare the encoding in study.yaml; if right, declare encoding: cp1252",
        table=table,
    )
    return text, [warning]


def _sniff(text: str) -> str:
    """Return the delimiter that divides the header, and most of the first rows, alike."""
    sample = text[:100_000].splitlines(keepends=True)[:50]

    def score(delimiter: str) -> tuple[bool, float, int]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            widths = []
        width = widths[0] if widths else 0
        return width > 1, widths.count(width) / max(len(widths), 1), width

    return max(DELIMITERS, key=score)


def _records(text: str, delimiter: str, file: str, table: str) -> Iterator[list[str]]:
    # Lines are cut out of the text one by one: a StringIO would hold four bytes for every letter.
    reader = csv.reader((line[0] for line in LINE.finditer(text)), delimiter=delimiter, strict=True)
    for number in itertools.count(1):
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "end of data" in str(error) or "field larger" in str(error)
            found = "a quotation mark is opened and never closed" if open_quote else "the quotation marks do not fit"
            fix = "Write a quotation mark inside a text twice; if the file ends here, it was cut off: export it again"
            raise input_error(file, found, fix=fix, table=table, rows=(number,)) from None


@dataclass
class _Cells:
    """The cells of a file below its first row, columns named by position, with that first row beside them."""

    header: list
    frame: pd.DataFrame
    numbers: RowNumbers
    delimiter: str = ""
    problems: list[Problem] = field(default_factory=list)


def cells(path: Path, table: str, limits: Limits) -> Raw:
    """Read a text file or workbook as plain cells, without taking any row for the header.

    Parameters
    ----------
    path : pathlib.Path
        A csv, tsv, txt or xlsx file.
    table : str
        Name of the table, for messages.
    limits : Limits
        How large it may be.

    Returns
    -------
    Raw
        Texts in columns "0", "1", …; the index holds the row numbers, the first row being 1. Columns and rows
        that are blank throughout are left out.

    Raises
    ------
    InputError
        When the file cannot be read as a table.
    """
    source = Source(path=path.name)
    reader = {**dict.fromkeys(TEXT_FILES, _text_cells), ".xlsx": _xlsx_cells, ".xlsm": _xlsx_cells}.get(
        path.suffix.lower()
    )
    if reader is None:
        found = f"files ending in {shown(path.suffix)} are not read"
        raise input_error(path.name, found, "csv, tsv, txt, xlsx", table=table)
    found = _opened(reader, path, source, table, limits)
    first = _clean([cell_text(cell) for cell in found.header]).to_pylist()
    first = pd.DataFrame([first], columns=found.frame.columns, dtype="str")
    frame = pd.concat([first, as_texts(Raw(found.frame))])
    frame.index = pd.Index([1, *found.numbers])
    used = frame.notna().any()
    frame = frame.loc[:, used]
    frame.columns = _positions(list(frame.columns))
    return Raw(frame, delimiter=found.delimiter, problems=found.problems)


def _opened(reader: Callable, path: Path, source: Source, table: str, limits: Limits) -> Any:
    try:
        limits.check_file(path, source.file, table)
        found = reader(path, source, table, limits)
    except OSError as error:
        raise input_error(source.file, f"the file cannot be opened ({error.strerror or error})", table=table) from None
    limits.check_shape(found.frame.shape, source.file, table)
    limits.check_cells(found.frame, source.file, table)
    return found


def _text(path: Path, source: Source, table: str, limits: Limits) -> Raw:
    found = _text_cells(path, source, table, limits)
    return Raw(
        _named(found.frame, found.header, found.numbers, source.file, table), {}, {}, found.delimiter, found.problems
    )


def _text_cells(path: Path, source: Source, table: str, limits: Limits) -> _Cells:
    text, delimiter, problems = _content(path, source, table)
    header = next(_records(text, delimiter, source.file, table), [])
    if not any(cell.strip() for cell in header):
        fix = "Put the header into row 1"
        raise input_error(source.file, "the first row is empty", "the names of the columns", fix, table=table)
    separators, width = text.count("\n") + text.count(delimiter), len(header)  # some may stand inside of texts
    limits.check_shape((separators // width if separators > 2 * limits.cells else 0, width), source.file, table)
    found = _regular(text, delimiter, width) or _row_by_row(text, delimiter, width, source.file, table)
    return _Cells(header, *found, delimiter, problems)


def _regular(text: str, delimiter: str, width: int) -> tuple[pd.DataFrame, RowNumbers] | None:
    """Return cells and row numbers of a file whose rows are all of one width; None: look at it row by row."""
    data = text.rstrip("\r\n").encode("utf-8")
    if not (len(delimiter) == 1 and delimiter.isascii() and _quotes_fit(data, delimiter)):
        return None
    columns = _positions(range(width))
    try:
        found = pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(column_names=columns),
            pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data, ignore_empty_lines=False),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
        )
    except pa.ArrowInvalid:  # a row is longer or shorter, or blank
        return None
    frame = pa.table([_clean(column) for column in found.slice(1).columns], names=columns).to_pandas()
    filled = frame.notna().any(axis=1).to_numpy()
    return (frame, range(2, len(frame) + 2)) if filled.all() else (frame[filled], np.flatnonzero(filled) + 2)


def _quotes_fit(data: bytes, delimiter: str) -> bool:
    """Tell whether every quotation mark begins a cell, ends one, or stands twice within."""
    if b'"' not in data:
        return True
    letters = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(letters == ord('"'))
    edges = np.frombuffer(f'{delimiter}\r\n"'.encode("ascii"), np.uint8)
    opening, closing = marks[::2], marks[1::2]
    before, after = letters[opening[opening > 0] - 1], letters[closing[closing < len(data) - 1] + 1]
    return len(marks) % 2 == 0 and bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _row_by_row(text: str, delimiter: str, width: int, file: str, table: str) -> tuple[pd.DataFrame, RowNumbers]:
    """Return cells and row numbers; refuse rows that are not as wide as the header."""
    rows = itertools.islice(_records(text, delimiter, file, table), 1, None)
    chunks, numbers, ragged, number = [], [], [], 1
    while chunk := list(itertools.islice(rows, CHUNK)):
        kept = []
        for row in chunk:
            number += 1
            if not any(row) or not any(cell.strip() for cell in row):
                continue
            if len(row) != width:
                if len(row) < width or any(cell.strip() for cell in row[width:]):
                    ragged.append((number, len(row)))
                    continue
                row = row[:width]
            kept.append(row)
            numbers.append(number)
        if kept:
            chunks.append(pa.table([_clean(column) for column in zip(*kept)], names=_positions(range(width))))
    if ragged:
        widths = " or ".join(str(width) for width in sorted({width for _, width in ragged})[:4])
        raise input_error(
            file,
            f"{widths} columns instead of {width}",
            f"as many {DELIMITERS[delimiter]}s as in the header" if delimiter in DELIMITERS else "",
            "Look for a delimiter inside a text without quotation marks, or for a file that was cut off",
            table=table,
            rows=tuple(number for number, _ in ragged),
        )
    empty = pa.table([pa.array([], pa.string())] * width, names=_positions(range(width)))
    return pa.concat_tables(chunks or [empty]).to_pandas(), numbers


def _positions(header: Sequence) -> list[str]:
    return [str(position) for position in range(len(header))]


def _clean(values: Sequence[str] | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return texts trimmed, in composed Unicode, with empty ones missing."""
    given = values if isinstance(values, pa.ChunkedArray) else pa.array(values, pa.string())
    array = pc.utf8_trim_whitespace(pc.utf8_normalize(given, form="NFC"))
    return pc.if_else(pc.equal(array, ""), None, array)


def _named(frame: pd.DataFrame, header: list, numbers: RowNumbers | None, file: str, table: str) -> pd.DataFrame:
    """Give columns their names and rows their numbers; refuse names that are missing or stand twice."""
    names = ["" if name is None else " ".join(str(name).split()) for name in header]
    used = [bool(name) or bool(frame.iloc[:, i].notna().any()) for i, name in enumerate(names)]
    frame, names = frame.loc[:, used], [name for name, keep in zip(names, used) if keep]
    problems = []
    if "" in names:
        place = names.index("") + 1
        below = _header_below(frame, numbers)
        fix = f"The header seems to stand in row {below}: delete the rows above it" if below else "Name it in row 1"
        problems.append(
            Problem("error", file, f"column number {place} has values but no name", "", fix, table, "", (1,))
        )
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            found, fix = f"stands {names.count(name)} times in the header", "Rename or remove all but one"
            problems.append(Problem("error", file, found, "", fix, table, name, (1,)))
    if problems:
        raise InputError(problems)
    frame.columns = pd.Index(names, dtype="str")
    frame.index = pd.Index(numbers if numbers is not None else range(2, len(frame) + 2))
    return frame


def _header_below(frame: pd.DataFrame, numbers: RowNumbers | None) -> int | None:
    """Return the row below a title that seems to hold the names of the columns."""
    for place, row in enumerate(frame.head(20).itertuples(index=False)):
        words = [cell for cell in row if isinstance(cell, str) and not cell[:1].isdigit()]
        if len(words) == frame.shape[1] > 2:
            return place + 2 if numbers is None else int(list(numbers)[place])
    return None


def _native(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn mixed columns into text; keep columns of numbers and of dates."""
    columns = {}
    for position in range(frame.shape[1]):
        values = frame.iloc[:, position]
        if pd.api.types.is_bool_dtype(values):
            values = values.map({True: "yes", False: "no"}, na_action="ignore").astype("str")
        elif not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)):
            values = as_text(values.astype(object))
        columns[position] = values
    return pd.DataFrame(columns, index=frame.index)


def as_text(values: pd.Series) -> pd.Series:
    """Return a column of native values as the texts that a csv file would hold."""
    if values.dtype == "str":
        return values
    texts = _clean([cell_text(value) for value in values.astype(object)])
    return texts.to_pandas().astype("str").set_axis(values.index)


def arrow_texts(values: pd.Series) -> pa.Array:
    """Return a column of texts as one Arrow array."""
    found = pa.array(values, pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def each_text(values: pd.Series, change: Callable[[str], str | None]) -> pd.Series:
    """Return a column of texts, every distinct one changed once.

    Parameters
    ----------
    values : pandas.Series
        Texts; missing ones stay missing.
    change : callable
        Returns the new text, or None.

    Returns
    -------
    pandas.Series
        Texts with the same index.
    """
    coded = arrow_texts(values).dictionary_encode()
    changed = pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.large_string())
    return changed.take(coded.indices).to_pandas().astype("str").set_axis(values.index)


def as_texts(raw: Raw) -> pd.DataFrame:
    """Return a whole table as texts."""
    return raw.frame.apply(as_text) if len(raw.frame.columns) else raw.frame


def cell_text(value: object) -> str:
    """Return a native value as the text that a csv file would hold."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _whole(read: Callable[[], Any], what: str, source: Source, table: str) -> Any:
    """Return what a library reads from a binary file."""
    try:
        return read()
    except InputError:
        raise
    except Exception:  # a damaged file can fail anywhere inside its library
        found = f"this is not a whole {what}, or it is protected by a password"
        raise input_error(source.file, found, fix="Save it again, without a password", table=table) from None


@dataclass
class _Sheet:
    """The rows of a worksheet that hold anything, by their numbers, without empty cells at their ends."""

    names: list[str]
    name: str
    rows: dict[int, list] = field(default_factory=dict)


def _sheet(path: Path, source: Source, table: str, limits: Limits) -> _Sheet:
    """Read a worksheet; no row when it is not there. What exceeds a limit is refused as soon as it shows."""
    limits.check_workbook(path, source.file, table)
    if (at_once := rows_at_once(path, source.sheet, limits)) is not None:
        for number, row in at_once[2].items():
            limits.check_shape((number, len(row)), source.file, table)
        return _Sheet(*at_once)
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    found = _Sheet(book.sheetnames, source.sheet or book.sheetnames[0])
    if found.name not in found.names:
        return found
    seen = letters = 0  # a sheet of a few letters may claim millions of cells, or repeat one text in all of them
    for number, row in enumerate(book[found.name].iter_rows(values_only=True), 1):
        seen += len(row)
        filled = [place for place, cell in enumerate(row) if cell is not None]
        if number > limits.rows or seen > limits.cells:
            limits.check_shape((number, max(len(row), 1)), source.file, table)
        if filled:
            texts = [len(cell) for cell in row if isinstance(cell, str)]
            letters += sum(texts)
            limits.check_shape((number, filled[-1] + 1), source.file, table)
            limits.check_length(max(texts, default=0), source.file, table)
            limits.check_unpacked(letters, source.file, table)
            found.rows[number] = list(row[: filled[-1] + 1])
    return found


def _xlsx(path: Path, source: Source, table: str, limits: Limits) -> Raw:
    found = _xlsx_cells(path, source, table, limits, titles=True)
    frame = _named(_native(found.frame), found.header, found.numbers, source.file, table)
    return Raw(frame, problems=found.problems)


def _xlsx_cells(path: Path, source: Source, table: str, limits: Limits, titles: bool = False) -> _Cells:
    """Return the cells of a worksheet; with ``titles``, rows above the header are left out, and that is said."""
    start = path.read_bytes()[:300]
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        found = "this workbook is protected by a password, or it is an old Excel workbook (.xls)"
        raise input_error(source.file, found, fix="Save it again as .xlsx, without a password", table=table)
    if WEB_PAGE.match(start.decode("latin-1")):
        raise _web_page(source.file, "an Excel workbook", table)
    sheet = _whole(lambda: _sheet(path, source, table, limits), "Excel workbook", source, table)
    names, name, rows = sheet.names, sheet.name, sheet.rows
    if name not in names:
        found = f"there is no sheet {shown(name)}"
        raise input_error(source.file, found, f"one of {', '.join(names)}", table=table)
    problems = []
    head = _header(rows) if titles and rows else 1
    if head > 1:
        found = f"the header was taken from row {head}, below what looks like a title"
        problems.append(Problem("warning", source.file, found, "", "Delete the rows above it", table, "", (head,)))
        rows = {number: row for number, row in rows.items() if number >= head}
    if head not in rows:
        found, fix = f"the first row of sheet {shown(name)} is empty", "Put the header into row 1"
        raise input_error(source.file, found, "the names of the columns", fix, table=table)
    width = max(map(len, rows.values()))
    limits.check_shape((len(rows), width), source.file, table)
    header, *body = [row + [None] * (width - len(row)) for row in rows.values()]
    numbers = [number for number in rows if number > head]
    frame = pd.DataFrame(body, columns=_positions(header), dtype=object)
    if not source.sheet and len(names) > 1:
        found = f"there are {len(names)} sheets and the first, {shown(name)}, was read"
        fix = "Declare sheet in study.yaml, or save the right one as a file of its own"
        problems.append(Problem("warning", source.file, found, fix=fix, table=table))
    return _Cells(header, frame, numbers, problems=problems)


def _header(rows: dict[int, list]) -> int:
    """Return the row that holds the names of the columns: 1, unless a few cells above a wider table are its title."""
    width = max(map(len, rows.values()))
    filled = {number: [cell for cell in row if cell is not None] for number, row in rows.items()}
    if width < 3 or 2 * len(filled.get(1, [])) > width:
        return 1
    wide = (n for n, cells in filled.items() if 10 * len(cells) >= 8 * width and all(isinstance(c, str) for c in cells))
    return next(wide, 1)


def _weigh_parquet(path: Path, source: Source, table: str, limits: Limits) -> None:
    """Refuse a Parquet file that is too large once it is unpacked; a text that it repeats is not repeated for that."""
    with pq.ParquetFile(path) as file:
        limits.check_shape((file.metadata.num_rows, file.metadata.num_columns), source.file, table)
        texts = [column.name for column in file.schema_arrow if pa.types.is_string(column.type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        size = 0
        for batch in file.iter_batches():
            for column in batch.columns:
                if pa.types.is_dictionary(column.type):
                    limits.check_text(column.dictionary, source.file, table)
                    lengths = pc.cast(pc.binary_length(column.dictionary), pa.int64())
                    size += pc.sum(lengths.take(column.indices)).as_py() or 0
                else:
                    size += column.nbytes
            limits.check_unpacked(size, source.file, table)


def _parquet(path: Path, source: Source, table: str, limits: Limits) -> Raw:
    _whole(lambda: _weigh_parquet(path, source, table, limits), "Parquet file", source, table)
    frame = _whole(lambda: pd.read_parquet(path), "Parquet file", source, table)
    frame = frame.reset_index(drop=isinstance(frame.index, pd.RangeIndex) or frame.index.name in (None, *frame))
    return Raw(_named(_native(frame), list(frame.columns), None, source.file, table))


def _sav(path: Path, source: Source, table: str, limits: Limits) -> Raw:
    _, meta = _whole(lambda: pyreadstat.read_sav(path, metadataonly=True), "SPSS file", source, table)
    rows = meta.number_rows or 0
    limits.check_shape((rows, meta.number_columns), source.file, table)
    limits.check_unpacked(rows * sum(meta.variable_storage_width.values()), source.file, table)
    frame, meta = _whole(lambda: pyreadstat.read_sav(path), "SPSS file", source, table)
    named = _named(_native(frame), list(frame.columns), None, source.file, table)
    questions = {name: label for name, label in meta.column_names_to_labels.items() if label}
    return Raw(named, meta.variable_value_labels, questions)


def _sql(sql: str, variable: str, file: str, table: str, limits: Limits) -> Raw:
    import sqlalchemy  # slow to import, and few studies lie in a database

    if not ONE_QUERY.fullmatch(sql):
        fix = "Leave out what changes the database, and every semicolon"
        raise input_error(file, "this is not a single query", "one that begins with select or with", fix, table=table)
    if not os.environ.get(variable):
        fix = f"Set {variable} to the URL of the database, such as postgresql+psycopg://user@host/name"
        raise input_error(file, f"the environment variable {variable} is not set", fix=fix, table=table)
    try:
        engine = sqlalchemy.create_engine(os.environ[variable])
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError):
        # The error's own text may repeat the URL, which may hold a password.
        fix = "Check its form and that the driver is installed (pip install 'hr-partnership[postgresql]')"
        found = f"the environment variable {variable} holds no database URL that can be used"
        raise input_error(file, found, fix=fix, table=table) from None
    try:
        with _read_only(engine) as connection:
            result = connection.execute(sqlalchemy.text(sql.replace(":", r"\:")))  # no placeholders
            header = list(result.keys())
            most = min(limits.rows, limits.cells // max(len(header), 1))
            rows = [tuple(row) for row in result.fetchmany(most + 1)]
    except sqlalchemy.exc.SQLAlchemyError as error:
        fix = "Check the query, the database and your rights"
        raise input_error(file, _database_words(error, engine.url), fix=fix, table=table) from None
    finally:
        engine.dispose()
    limits.check_shape((len(rows), len(header)), file, table)
    frame = pd.DataFrame(rows, columns=_positions(header), dtype=object)
    frame = _named(_native(frame), header, None, file, table)
    limits.check_cells(frame, file, table)
    return Raw(frame)


def _read_only(engine: sqlalchemy.Engine) -> sqlalchemy.Connection:
    """Return a connection that cannot write, where the database knows such: a study may come from somebody else."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        return connection.execution_options(postgresql_readonly=True, stream_results=True)
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("pragma query_only = on")
    return connection


def _database_words(error: Exception, url: sqlalchemy.URL) -> str:
    """Return what the database said, unless that repeats a part of its URL."""
    words = str(getattr(error, "orig", None) or "").strip().split("\n")[0]
    secrets = [str(part) for part in (url.password, url.username, url.host, url.database) if part]
    if not words or any(secret in words for secret in secrets):
        return "the database refused the query or could not be reached"
    return f"the database answered: {words}"
