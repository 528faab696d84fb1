"""Exports of applicant-tracking systems as records: tables, JSON lists, and one JSON object per line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ...convert import YEAR_LAST, YEARS, moment
from ...problems import input_error, shown
from ...read import Source, as_texts, cell_text
from ...read import read as read_table
from ...yaml_files import read_text

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
LINES = (".jsonl", ".ndjson")
SUFFIXES = (*TABLES, ".json", *LINES)
DEPTH = 4
"""Levels of objects within objects that columns are named after: ``start.date_time`` has two."""
EPOCH = r"1\d{12}"
"""Milliseconds since 1970: thirteen digits, for moments from 2001 to 2033."""
INSTANT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})"
OFFSET = re.compile(r":.*(Z|UTC|[+-]\d{2}:?\d{2})$", re.ASCII)
MANY = 0.2


def files(path: Path) -> list[Path]:
    """Return the files of an export.

    Parameters
    ----------
    path
        One file, or a folder of files.

    Returns
    -------
    The readable files, by name.

    Raises
    ------
    InputError
        When there is none.
    """
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            known = ", ".join(suffix[1:] for suffix in SUFFIXES)
            raise input_error(path.name, f"files ending in {shown(path.suffix)} are not read", known)
        return [path]
    if not path.is_dir():
        raise input_error(path.name, f"there is no file or folder {path}")
    found = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES and p.name[0] not in ".~")
    if not found:
        raise input_error(path.name, "the folder holds no export", f"files such as jobs.json or jobs{SUFFIXES[0]}")
    return found


def records(path: Path) -> Iterator[tuple[int, dict]]:
    """Yield the records of a file with their places: row of a table, line, or position in a list.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    Place and record. Records of tables are flat and hold texts; those of JSON are as written.

    Raises
    ------
    InputError
        When the file cannot be read, or holds something else than records.
    """
    suffix = path.suffix.lower()
    if suffix in TABLES:
        frame = _table(path)
        for place, row in zip(frame.index, frame.to_dict("records")):
            yield int(place), row
        return
    content = read_text(path)
    entries: Iterator[tuple[int, Any]]
    lines = [(n, line) for n, line in enumerate(content.split("\n"), 1) if line.strip()]
    by_line = suffix in LINES or (len(lines) > 1 and all(line.strip().startswith("{") for _, line in lines))
    if by_line:
        entries = ((n, _parsed(line, path, n)) for n, line in lines)
    else:
        whole = _parsed(content, path, None)
        entries = enumerate(whole if isinstance(whole, list) else [whole], 1)
    for place, entry in entries:
        if not isinstance(entry, dict):
            where = f"line {place}" if by_line else f"entry {place}"
            found = f"{where} is {shown(json.dumps(entry))}, not a record"
            raise input_error(path.name, found, 'records such as {"id": 1}', "Export the resource again")
        yield place, entry


def frame(path: Path) -> pd.DataFrame:
    """Return a file as a table of texts, indexed by the places of its records.

    Parameters
    ----------
    path
        The file. Objects within objects become columns such as ``start.date_time``; lists of several values are
        left out.

    Returns
    -------
    Texts, empty ones missing.
    """
    if path.suffix.lower() in TABLES:
        return _table(path)
    places, rows = [], []
    for place, record in records(path):
        places.append(place)
        rows.append(dict(_flat(record)))
    if not rows:
        raise input_error(path.name, "the file holds no records", "at least one")
    table = pd.DataFrame(rows, index=pd.Index(places), dtype=object)
    return table.astype("str").where(table.notna()) if len(table.columns) else table


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
    text = " ".join(cell_text(found).split())
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable()).strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    # Tables written by pandas turn ids with gaps into 4080.0.
    return (text[:-2] if re.fullmatch(r"\d+\.0", text, re.ASCII) else text) or None


def times(
    values: pd.Series, zone: ZoneInfo, bare: ZoneInfo, dates: str | None, file: str, sources: pd.Series
) -> pd.Series:
    """Return texts as moments in the study's time zone.

    Parameters
    ----------
    values
        Texts: ISO 8601 with or without an offset, milliseconds since 1970, or dates in the order of ``dates``.
    zone
        The study's time zone, which moments with an offset are told in.
    bare
        Time zone of times without an offset. A day without a time stays that day.
    dates
        ``day-first``, ``month-first``, or None: as the dates themselves tell.
    file, sources
        For messages: the file, and where each value comes from.

    Returns
    -------
    Local times without a time zone; missing where there is none or it cannot be read for certain.

    Raises
    ------
    InputError
        When the order of day and month is open, or more than a fifth of the values cannot be read.
    """
    given = values.dropna()
    epoch, instant = given.str.fullmatch(EPOCH), given.str.fullmatch(INSTANT)
    parts = []
    if epoch.any():
        parts.append(_local(pd.to_datetime(given[epoch].astype("int64"), unit="ms", utc=True), zone))
    if instant.any():
        parts.append(_local(pd.to_datetime(given[instant], format="ISO8601", utc=True, errors="coerce"), zone))
    rest = given[~epoch & ~instant]
    if len(rest):
        order = dates or _order(rest, str(values.name), file)
        known = {text: _moment(text, order, zone, bare) for text in rest.unique()}
        parts.append(pd.Series([known[text] for text in rest], index=rest.index, dtype="datetime64[us]"))
    found = pd.concat([part.astype("datetime64[us]") for part in parts]) if parts else pd.Series(dtype="datetime64[us]")
    found = found.where(found.dt.year.isin(YEARS))
    unread = given[found.reindex(given.index).isna()]
    if len(unread) > MANY * len(given):
        example = f"{values.name}: {shown(unread.iloc[0])} ({sources[unread.index[0]]})"
        raise input_error(file, example, "a time, such as 2026-05-01T10:00:00Z", "Correct the mapping or the file")
    return found.reindex(values.index)


def _table(path: Path) -> pd.DataFrame:
    table = as_texts(read_table(Source(path=path.name), path.parent, "hiring_events"))
    for name in table:
        decimal = table[name].str.fullmatch(r"\d+\.0").fillna(False).astype(bool)
        if decimal.any():
            table[name] = table[name].mask(decimal, table[name].str[:-2])
        odd = table[name].str.contains(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]").fillna(False).astype(bool)
        if odd.any():
            table[name] = table[name].mask(odd, table[name][odd].map(clean))
    return table


def _parsed(text: str, path: Path, line: int | None) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        rows = (line or error.lineno,)
        raise input_error(path.name, f"this is not valid JSON: {error.msg}", fix="Export it again", rows=rows) from None
    except (ValueError, RecursionError) as error:
        raise input_error(path.name, f"this JSON cannot be read: {type(error).__name__}") from None


def _flat(record: dict, before: str = "", depth: int = 1) -> Iterator[tuple[str, str | None]]:
    for name, found in record.items():
        column = f"{before}{clean(name) or '_'}"
        if isinstance(found, dict) and depth < DEPTH:
            yield from _flat(found, f"{column}.", depth + 1)
        elif isinstance(found, list) and len(found) == 1:
            yield column, clean(found[0])
        elif not isinstance(found, dict | list):
            yield column, clean(found)


def _local(moments: pd.Series, zone: ZoneInfo) -> pd.Series:
    return moments.dt.tz_convert(zone).dt.tz_localize(None)


def _moment(text: str, order: str | None, zone: ZoneInfo, bare: ZoneInfo) -> Any:
    found = moment(text, order, zone)
    if found is None or found != found:
        return pd.NaT
    if bare != zone and ":" in text and not OFFSET.search(text):
        found = found.replace(tzinfo=bare).astimezone(zone).replace(tzinfo=None)
    return found


def _order(values: pd.Series, column: str, file: str) -> str | None:
    matches = [match for text in values.unique() if (match := YEAR_LAST.fullmatch(text))]
    if not matches:
        return None
    first, second = (max(int(match[n]) for match in matches) for n in (1, 2))
    if (first > 12) == (second > 12):
        found = f"{column}: which number of {shown(matches[0][0])} is the day?"
        raise input_error(file, found, fix="Write dates: day-first or dates: month-first into the mapping")
    return "day-first" if first > 12 else "month-first"
