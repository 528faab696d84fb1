"""Exports of applicant-tracking systems as records: tables, JSON lists, and one JSON object per line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree
from python_calamine import CalamineWorkbook

from ...convert import YEARS, iso_times, moment, order_told
from ...dates_in_words import plainly
from ...limits import Limits
from ...problems import input_error, shown
from ...query import identifier, query, quoted
from ...read import Source, arrow_texts, as_texts, cell_text, each_text
from ...read import read as read_table
from ...yaml_files import read_text
from . import event_logs

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
LINE_ENDINGS = (".jsonl", ".ndjson")
ENDINGS = (*TABLE_ENDINGS, ".json", *LINE_ENDINGS, ".xes")
WRAPPERS = ("data", "Report_Entry", "results", "items", "records", "entries", "values", "value")
"""Names under which interfaces hold the records of a page, beside words such as ``hasNext``."""
DEPTH = 4
"""Levels of objects within objects that columns are named after: ``start.date_time`` has two."""
EPOCH = r"(?:/Date\()?(1\d{12})(?:(?:[+-]\d{4})?\)/)?"
"""Milliseconds since 1970: thirteen digits, for moments from 2001 to 2033; in OData ``/Date(1767600000000)/``."""
OFFSET = r":.*(?:Z|UTC|[+-]\d{2}:?\d{2})$"
MANY = 0.2
PLAIN = r'^("[!#-\[\]-~]+( [!#-\[\]-~]+)*"|-?(0|[1-9][0-9]*))$'
"""A value of JSON that is its own text, apart from quotation marks."""
UNTIDY = re.compile(r"^[0-9]+\.0$|[\x00-\x1f\x7f-\x9f" + "\u2028\u2029]")
"""Texts of tables that change when they are cleaned."""


def files(path: Path) -> list[Path]:
    """Return the files of an export.

    Parameters
    ----------
    path : pathlib.Path
        One file, or a folder of files.

    Returns
    -------
    list of pathlib.Path
        The readable files, by name.

    Raises
    ------
    InputError
        When there is none.
    """
    if path.is_file():
        if path.suffix.lower() not in ENDINGS:
            known = ", ".join(suffix[1:] for suffix in ENDINGS)
            raise input_error(path.name, f"files ending in {shown(path.suffix)} are not read", known)
        return [path]
    if not path.is_dir():
        raise input_error(path.name, f"there is no file or folder {path}")
    found = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in ENDINGS and p.name[0] not in ".~")
    if not found:
        raise input_error(path.name, "the folder holds no export", f"files such as jobs.json or jobs{ENDINGS[0]}")
    return found


def unread(path: Path) -> list[str]:
    """Return sentences that name what lies in an export and is not read: files of other kinds, folders, sheets.

    Parameters
    ----------
    path : pathlib.Path
        One file, or a folder of files, that could be read.
    """
    beside = sorted(p.name for p in path.iterdir() if p.name[0] not in ".~") if path.is_dir() else []
    read = files(path)
    others = [name for name in beside if name not in {each.name for each in read}]
    told = [f"Not read: {', '.join(others)}."] if others else []
    for each in read:
        if each.suffix.lower() in (".xlsx", ".xlsm"):
            first, *further = CalamineWorkbook.from_path(each).sheet_names
            if further:
                left = ", ".join(map(shown, further))
                told.append(f"{each.name}: only its first sheet, {shown(first)}, was read, not {left}.")
    return told


def records(path: Path, limits: Limits) -> Iterator[tuple[int, dict]]:
    """Yield the records of a file with their places: row of a table, line, or position in a list.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    limits : Limits
        How large it may be.

    Yields
    ------
    tuple of int and dict
        Place and record. Records of tables are flat and hold texts; those of JSON are as written.

    Raises
    ------
    InputError
        When the file cannot be read, or holds something else than records.
    """
    suffix = path.suffix.lower()
    if suffix in TABLE_ENDINGS:
        frame = _table(path, limits)
        for place, row in zip(frame.index, frame.to_dict("records")):
            yield int(place), row
        return
    limits.check_file(path, path.name, "")
    if suffix == ".xes":
        try:
            yield from enumerate(event_logs.xes(path.read_bytes()), 1)
        except etree.XMLSyntaxError as error:
            raise input_error(path.name, f"this is not valid XML: {error.msg}", fix="Export it again") from None
        return
    content = read_text(path)
    entries: Iterator[tuple[int, Any]]
    lines = [(n, line) for n, line in enumerate(content.split("\n"), 1) if line.strip()]
    by_line = suffix in LINE_ENDINGS or (len(lines) > 1 and all(line.strip().startswith("{") for _, line in lines))
    if by_line:
        entries = ((n, _parsed(line, path, n)) for n, line in lines)
    else:
        whole = _parsed(content, path, None)
        entries = enumerate(event_logs.ocel(whole) if event_logs.is_ocel(whole) else _unwrapped(whole), 1)
    for place, entry in entries:
        if not isinstance(entry, dict):
            where = f"line {place}" if by_line else f"entry {place}"
            found = f"{where} is {shown(json.dumps(entry))}, not a record"
            raise input_error(path.name, found, 'records such as {"id": 1}', "Export the resource again")
        yield place, entry


def _unwrapped(whole: Any, depth: int = 1) -> list:
    """Return the records of a file: of a page, or of a report in a wrapper, those within it."""
    if isinstance(whole, dict) and "id" not in whole and depth < DEPTH:
        lists = {name: held for name, held in whole.items() if isinstance(held, list)}
        inside = [lists[name] for name in WRAPPERS if name in lists] or list(lists.values())
        plain = [held for held in whole.values() if not isinstance(held, dict | list)]
        if len(inside) == 1 and (len(lists) == len(whole) - len(plain) or any(name in WRAPPERS for name in lists)):
            return inside[0]
        objects = [held for held in whole.values() if isinstance(held, dict)]
        if not lists and len(objects) == 1 and len(plain) == len(whole) - 1 and len(plain) <= 1:
            return _unwrapped(objects[0], depth + 1)
    return whole if isinstance(whole, list) else [whole]


def more_pages(paths: Sequence[Path]) -> list[Path]:
    """Return the last page of each resource that says that further pages follow.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        The files, by name.

    Returns
    -------
    list of pathlib.Path
        JSON files that say ``hasNext`` or ``has_more``, and that no later page of the same name follows.
    """
    last = {re.sub(r"[_-]?\d+$", "", path.stem): path for path in paths}
    told = []
    for path in last.values():
        if path.suffix.lower() == ".json":
            with path.open("rb") as file:
                size = file.seek(0, 2)
                ends = []
                for start in (0, max(size - 2000, 0)):
                    file.seek(start)
                    ends.append(file.read(2000))
            if re.search(rb'"(hasNext|has_next|hasMore|has_more)"\s*:\s*true', b"\n".join(ends)):
                told.append(path)
    return told


def frame(path: Path, limits: Limits, names: Sequence[str] = ()) -> pd.DataFrame:
    """Return a file as a table of texts, indexed by the places of its records.

    Parameters
    ----------
    path : pathlib.Path
        The file. Objects within objects become columns such as ``start.date_time``, lists their only value.
    limits : Limits
        How large it may be.
    names : sequence of str, optional
        Fields that are wanted, lists among them as their JSON; none: all fields.

    Returns
    -------
    pandas.DataFrame
        Texts, empty ones missing.

    Raises
    ------
    InputError
        When the file cannot be read, or holds something else than records.
    """
    if path.suffix.lower() in TABLE_ENDINGS:
        table = _table(path, limits)
    elif (table := _all_at_once(path, limits, names)) is None:
        columns: set[str] = set()
        places, rows = [], []
        for place, record in records(path, limits):
            places.append(place)
            rows.append(dict(_flat(record, names)))
            columns |= rows[-1].keys()
            limits.check_shape(
                (len(rows), len(columns)), path.name, ""
            )  # a table has a cell for every field and record
        table = pd.DataFrame(rows, index=pd.Index(places), dtype=object)
        table = table.astype("str").where(table.notna()) if len(table.columns) else table
    limits.check_shape(table.shape, path.name, "")
    limits.check_cells(table, path.name, "")
    if names:
        return table.reindex(columns=list(names)).astype("str")
    if table.empty:
        fix = "Take the file out of the folder, or save the sheet that holds them as a file of its own"
        raise input_error(path.name, "the file holds no records", "at least one", fix)
    return table


def _all_at_once(path: Path, limits: Limits, names: Sequence[str]) -> pd.DataFrame | None:
    """Return the table of a JSON file as DuckDB reads it; None: read it record by record."""
    limits.check_file(path, path.name, "")
    with path.open("rb") as file:
        start = file.read(1000).lstrip()[:1]
    layout = {b"{": "newline_delimited", b"[": "array"}.get(start)
    if layout is None or re.search(r"[*?\[\]{}]", str(path)):  # patterns of several files
        return None
    place = f"{quoted(path)}, format = '{layout}'"
    try:
        keys = f"SELECT DISTINCT json_keys(json) AS keys FROM read_json_objects({place})"
        fields = _fields(query(keys, files=[path])["keys"])
        wanted = {name.split(".")[0] for name in names} or set(fields or [])
        fields = [key for key in fields or [] if key in wanted]
        if not fields or len(fields) > limits.columns:
            return None
        columns = ", ".join(f"{quoted(key)}: 'JSON'" for key in fields)
        table = query(
            f"SELECT COLUMNS(*)::VARCHAR FROM read_json({place}, columns = {{{columns}}}, hive_partitioning = false)",
            files=[path],
        )
        if layout == "newline_delimited" and (_lines(path) != len(table) or len(table) == 1):
            return None  # spread over lines; or one object, which may be a page of records
        places = pd.RangeIndex(1, len(table) + 1)
        found: dict[str, pa.Array] = {}
        for key in fields:
            found |= _texts(key, arrow_texts(table.pop(key)), names)
    except (duckdb.Error, TypeError, ValueError, RecursionError):  # damaged, or no records: told record by record
        return None
    told = {name: column.to_pandas().astype("str").set_axis(places) for name, column in found.items()}
    return pd.DataFrame(told, index=places)


def _fields(keys: pd.Series) -> list[str] | None:
    """Return all names that records go by; None when any would change or get lost as the name of a column."""
    names = list(dict.fromkeys(name for held in sorted(keys, key=len, reverse=True) for name in held))
    twice = any(len(set(held)) < len(held) for held in keys) or len({name.lower() for name in names}) < len(names)
    return None if twice or any(clean(name) != name for name in names) else names


def _lines(path: Path) -> int:
    """Return the number of lines, a last one without an end included."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(1 << 24):
            lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


def _texts(name: str, raw: pa.Array, names: Sequence[str], depth: int = 1) -> dict[str, pa.Array]:
    """Return the columns that a field's values in JSON make; what is not plain is parsed, each distinct value once."""
    plain = pc.fill_null(pc.match_substring_regex(raw, PLAIN), False)
    plain = pc.and_not(plain, pc.fill_null(pc.match_substring_regex(raw, r'^"\d+\.0"$'), False))
    texts, rest = pc.utf8_trim(pc.if_else(plain, raw, None), '"'), pc.if_else(plain, None, raw)
    columns: dict[str, pa.Array] = {}
    if name in names:
        lists = pc.fill_null(pc.starts_with(rest, "["), False)
        texts, rest = pc.if_else(lists, rest, texts), pc.if_else(lists, None, rest)
    objects = pc.fill_null(pc.starts_with(rest, "{"), False)
    some = depth < DEPTH and pc.any(objects).as_py()
    if some and (inside := _inside(pc.if_else(objects, rest, None))) is not None:
        for key, found in inside.items():
            columns |= _texts(f"{name}.{key}", found, names, depth + 1)
        rest = pc.if_else(objects, None, rest)
    rest = rest.dictionary_encode()
    parsed = [dict(_flat({name: json.loads(text)}, names)) for text in rest.dictionary.to_pylist()]
    known = [name] if texts.null_count < len(texts) or raw.null_count == len(raw) else []
    for column in dict.fromkeys([*known, *(column for found in parsed for column in found)]):
        told = pa.array([found.get(column) for found in parsed], pa.large_string()).take(rest.indices)
        columns[column] = pc.coalesce(texts, told) if column == name else told
    return columns


def _inside(raw: pa.Array) -> dict[str, pa.Array] | None:
    """Return the values in JSON that objects hold, by their names; None: parse them one by one."""
    rows = pd.DataFrame({"raw": raw.to_pandas().astype("str")})
    fields = _fields(query("SELECT DISTINCT json_keys(raw) AS keys FROM rows WHERE raw IS NOT NULL", rows=rows)["keys"])
    if not fields:
        return None if fields is None else {}
    told = query(f"SELECT {', '.join(f'(raw -> {_pointer(key)})::VARCHAR' for key in fields)} FROM rows", rows=rows)
    return {key: arrow_texts(told.iloc[:, place].astype("str")) for place, key in enumerate(fields)}


def _pointer(key: str) -> str:
    """Return where an object holds a field, as a query writes it."""
    return quoted("/" + key.replace("~", "~0").replace("/", "~1"))


def unfolded(lists: pd.Series, names: Sequence[str]) -> pd.DataFrame:
    """Return the records within lists.

    Parameters
    ----------
    lists : pandas.Series
        Lists of records as JSON; anything else is left out.
    names : sequence of str
        Fields that are wanted.

    Returns
    -------
    pandas.DataFrame
        Texts, one row per record, indexed like the list it is from.
    """
    held = lists.dropna()
    fields = ", ".join(f"entry -> {_pointer(name)} AS {identifier(name)}" for name in names)
    single = ", ".join(
        f"CASE WHEN json_type({n}) NOT IN ('OBJECT', 'ARRAY') THEN {n} ->> '$' END AS {n}"
        for n in map(identifier, names)
    )
    found = query(
        f"""
        SELECT place, {single} FROM (
            SELECT place, {fields} FROM (
                SELECT place, unnest(CASE WHEN json_valid(list) THEN
                    CASE WHEN json_type(list) = 'ARRAY' THEN from_json(list, '["JSON"]') END END) AS entry FROM rows)
            WHERE json_type(entry) = 'OBJECT')
        """,
        rows=pd.DataFrame({"list": held.to_numpy(), "place": range(len(held))}).astype({"list": "str"}),
    )
    texts = {name: each_text(found[name].astype("str"), clean) for name in names}
    return pd.DataFrame(texts, columns=list(names)).set_axis(held.index[found["place"]])


def value(record: dict, *names: str) -> str | None:
    """Return the first text that a record holds under one of several names, such as ``start.date_time``."""
    for name in names:
        found: Any = record.get(name)
        if found is None and "." in name:
            found = record
            for part in name.split("."):
                found = found.get(part) if isinstance(found, dict) else None
        if (text := clean(found)) is not None:
            return text
    return None


def listed(record: dict, name: str) -> list[dict]:
    """Return the records within a record: a list, or its text in a cell of a table."""
    found: Any = record
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None:
        found = record.get(name)
    if isinstance(found, str) and found[:1] == "[":
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def clean(found: Any) -> str | None:
    """Return a value as printable text; missing when it is empty, or no single value."""
    if isinstance(found, dict | list):
        return None
    text = " ".join((found if isinstance(found, str) else cell_text(found)).split())
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable()).strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    # Tables written by pandas turn ids with gaps into 4080.0.
    return (text[:-2] if text.endswith(".0") and re.fullmatch(r"\d+\.0", text, re.ASCII) else text) or None


def times(
    values: pd.Series, zone: ZoneInfo, bare: ZoneInfo, dates: str | None, file: str, sources: pd.Series
) -> pd.Series:
    """Return texts as moments in the study's time zone.

    Parameters
    ----------
    values : pandas.Series
        Texts: ISO 8601 with or without an offset, milliseconds since 1970, or dates in the order of ``dates``.
    zone : zoneinfo.ZoneInfo
        The study's time zone, which moments with an offset are told in.
    bare : zoneinfo.ZoneInfo
        Time zone of times without an offset. A day without a time stays that day.
    dates : str or None
        ``day-first``, ``month-first``, or None: as the dates themselves tell.
    file : str
        For messages.
    sources : pandas.Series
        For messages: where each value comes from.

    Returns
    -------
    pandas.Series
        Local times without a time zone; missing where there is none or it cannot be read for certain.

    Raises
    ------
    InputError
        When the order of day and month is open, or more than a fifth of the values cannot be read.
    """
    given = values.dropna()
    found = iso_times(given, zone)
    epoch = given.str.fullmatch(EPOCH)
    if epoch.any():
        milliseconds = pc.cast(arrow_texts(given[epoch].str.extract(EPOCH)[0]), pa.int64()).to_pandas()
        told = pd.to_datetime(milliseconds, unit="ms", utc=True).dt.tz_convert(zone).dt.tz_localize(None)
        found = found.fillna(told.astype("datetime64[us]").set_axis(given.index[epoch]))
    rest = given[found.isna() & ~epoch]
    if len(rest):
        rest = each_text(rest, plainly)
        given = given.where(~given.index.isin(rest.index), rest.reindex(given.index))
        order = dates or _order(rest, str(values.name), file)
        known = {text: moment(text, order, zone) for text in rest.unique()}
        told = [None if known[text] != known[text] else known[text] for text in rest]
        found = found.fillna(pd.Series(told, index=rest.index, dtype="datetime64[us]"))
    if bare != zone:  # a day without a time stays that day
        clock = given.str.contains(":") & ~given.str.contains(OFFSET) & found.notna()
        told = found[clock].dt.tz_localize(bare, ambiguous=np.ones(clock.sum(), bool), nonexistent="shift_forward")
        found = found.where(~clock, told.dt.tz_convert(zone).dt.tz_localize(None))
    found = found.where(found.dt.year.isin(YEARS))
    unread = given[found.reindex(given.index).isna()]
    if len(unread) > MANY * len(given):
        example = f"{values.name}: {shown(unread.iloc[0])} ({sources[unread.index[0]]})"
        raise input_error(file, example, "a time, such as 2026-05-01T10:00:00Z", "Correct the mapping or the file")
    return found.reindex(values.index)


def _table(path: Path, limits: Limits) -> pd.DataFrame:
    table = as_texts(read_table(Source(path=path.name), path.parent, "hiring_events", limits))
    for name in table:
        if table[name].str.contains(UNTIDY.pattern).any():
            table[name] = each_text(table[name], lambda text: clean(text) if UNTIDY.search(text) else text)
    return table


def _parsed(text: str, path: Path, line: int | None) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        rows = (line or error.lineno,)
        raise input_error(path.name, f"this is not valid JSON: {error.msg}", fix="Export it again", rows=rows) from None
    except (ValueError, RecursionError) as error:
        raise input_error(path.name, f"this JSON cannot be read: {type(error).__name__}") from None


def _flat(
    record: dict, names: Sequence[str] = (), before: str = "", depth: int = 1
) -> Iterator[tuple[str, str | None]]:
    """Yield the columns of a record with their texts; of lists among the names wanted, their JSON."""
    for name, found in record.items():
        column = f"{before}{clean(name) or '_'}"
        if isinstance(found, dict) and depth < DEPTH:
            yield from _flat(found, names, f"{column}.", depth + 1)
        elif isinstance(found, list):
            yield column, json.dumps(found) if column in names else clean(found[0]) if len(found) == 1 else None
        else:
            yield column, clean(found)


def _order(values: pd.Series, column: str, file: str) -> str | None:
    order, example, _ = order_told(values.unique())
    if example and order is None:
        found = f"{column}: which number of {shown(example)} is the day?"
        raise input_error(file, found, fix="Write dates: day-first or dates: month-first into the mapping")
    return order
