"""The canon of a report: what its results.json holds, which every other file may only repeat.

Read without the contract's own models, so that an older report, or one that was changed, can be audited too.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from helpers.data.problems import input_error

from .words import as_in_files

RESULTS, MANIFEST = "results.json", "manifest.json"
#: When the report was made and how long that took; nothing of the study.
LOG = "log.json"
KIND = "hr-partnership report"
#: The type under which notebooks display what they publish.
MIME = "application/vnd.hr-partnership.exhibit+json"
#: The first version of results.json that holds every printed text of the report.
COMPLETE = 3
LEAST = 5
USUAL_ATTRIBUTES = {"department", "location", "level", "tenure"}


@dataclass(frozen=True)
class Table:
    """A published table, or the numbers of a chart.

    Attributes
    ----------
    notebook, id, title, note, audience, file : str
        As in results.json.
    names : list of str
        The columns' names in the data.
    columns : list of dict
        The columns as published.
    rows, texts : list of list
        Values, and the same as printed.
    chart : dict
        How a chart is drawn; empty for a table.
    raw : dict
        The whole entry.
    """

    notebook: str
    id: str
    title: str
    note: str
    audience: str
    file: str
    names: list[str]
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    texts: list[list[str]]
    chart: dict[str, Any]
    raw: dict[str, Any]

    @property
    def place(self) -> str:
        """How readers find it."""
        return f"“{self.title}” ({self.notebook}--{self.id})"

    def records(self) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """Yield every row's values and texts by column name."""
        for values, texts in zip(self.rows, self.texts):
            yield dict(zip(self.names, values)), dict(zip(self.names, texts))

    def column(self, name: str) -> dict[str, Any]:
        """Return a column as published; empty where there is none."""
        return next((column for column in self.columns if column.get("name") == name), {})


@dataclass(frozen=True)
class Canon:
    """What a report publishes.

    Attributes
    ----------
    folder : pathlib.Path
        The report folder.
    version : int
        Of its results.json.
    report : dict
        Client, title, date and rules, where results.json holds them.
    chapters, findings : list of dict
        As in results.json.
    tables : list of Table
        As in results.json.
    manifest : dict
        What manifest.json holds; empty where there is none yet.
    extra : list of str
        Texts that an older report holds only in its notebooks.
    summary : dict
        Page one, as in results.json; empty where there is none.
    """

    folder: Path
    version: int
    report: dict[str, Any]
    chapters: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    tables: list[Table]
    manifest: dict[str, Any] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def least(self) -> int:
        """The smallest group the report may show."""
        if "min_group" in self.report:
            return int(self.report["min_group"])
        said = re.search(r"fewer than (\d+) people are hidden", _index(self.folder))
        return int(said.group(1)) if said else LEAST

    @property
    def study(self) -> str:
        """Title of the study."""
        return str(self.report.get("title") or self.manifest.get("study", {}).get("title", ""))

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """The words that stand in each key column, over all tables, in order of appearance."""
        found: dict[str, dict[str, None]] = {}
        for table in self.tables:
            for place, (name, column) in enumerate(zip(table.names, table.columns)):
                if column.get("type") == "text":
                    found.setdefault(name, {}).update(dict.fromkeys(row[place] for row in table.texts))
        return {name: list(words) for name, words in found.items()}

    @cached_property
    def attributes(self) -> list[str]:
        """The attributes by which results are broken down: the usual ones, and those with response rates."""
        rates = {table.id.removeprefix("response-by-") for table in self.tables if table.id.startswith("response-by-")}
        return [name for name in self.labels if name in USUAL_ATTRIBUTES | rates]

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The ends of the answer scale as some column says them; 1 to 5 where none does."""
        units = (str(column.get("unit", "")) for table in self.tables for column in table.columns)
        found = next((found for unit in units if (found := re.search(r"\((\d+)[–-](\d+)\)", unit))), None)
        return (float(found.group(1)), float(found.group(2))) if found else (1.0, 5.0)

    def phrases(self) -> Iterator[str]:
        """Yield every text that the report publishes, and every row as one text."""
        yield from self.extra
        yield from strings(self.report)
        yield from _day(str(self.report.get("as_of", "")))
        yield from strings(self.chapters)
        yield from _summary(self.summary)
        for finding in self.findings:
            yield from _finding(finding)
        for table in self.tables:
            yield from _table(table)

    def values(self) -> Iterator[float]:
        """Yield the numbers an editable chart may hold: published values, ends of axes, lengths of intervals."""
        for table in self.tables:
            yield from (number for row in table.rows for cell in row if (number := _number(cell)) is not None)
            for name in ("value_min", "value_max"):
                if table.chart.get(name) is not None:
                    yield float(table.chart[name])
            yield from _lengths(table, table.chart.get("value"), table.chart.get("low"), table.chart.get("high"))
            for value, low, high in zip(table.names, table.names[1:], table.names[2:]):
                if re.search(r"(?:^|_)low$", low) and high == f"{low[:-3]}high":
                    yield from _lengths(table, value, low, high)


def read(folder: Path) -> Canon:
    """Read the canon of a report.

    Parameters
    ----------
    folder : pathlib.Path
        A finished report folder, or one that only lacks its manifest.

    Returns
    -------
    Canon
        Its findings, tables and texts.

    Raises
    ------
    InputError
        The folder is no report.
    """
    path = folder / RESULTS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tables = [_read_table(entry) for entry in content["tables"]]
        findings = list(content["findings"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        fix = "Name a folder that partnership report made"
        raise input_error(folder, "this is no report", f"a folder with {RESULTS}", fix) from None
    version = content.get("version", 0)
    manifest = _manifest(folder)
    return Canon(
        folder,
        version,
        dict(content.get("report", {})),
        list(content.get("chapters", [])),
        findings,
        tables,
        manifest,
        [
            *strings(content.get("practices", [])),
            *([] if version >= COMPLETE else [*_from_notebooks(folder), *_from_manifest(manifest)]),
        ],
        dict(content.get("summary") or {}),
    )


def csv_rows(path: Path) -> list[list[str]]:
    """Return the rows of a table's file, its heading included."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _read_table(entry: dict[str, Any]) -> Table:
    texts = {name: str(entry.get(name) or "") for name in ("notebook", "id", "title", "note", "audience", "file")}
    columns = list(entry["columns"])
    names = [str(column.get("name", place)) for place, column in enumerate(columns)]
    chart = dict(entry.get("chart") or {})
    return Table(
        **texts, names=names, columns=columns, rows=entry["rows"], texts=entry["texts"], chart=chart, raw=entry
    )


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError):
        return {}


def _index(folder: Path) -> str:
    path = folder / "index.html"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def strings(value: object, with_names: bool = False) -> Iterator[str]:
    """Yield the texts and whole numbers in JSON, a list of texts once more as one; keys too, if they are wanted."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value if with_names else ()
        yield from (text for one in value.values() for text in strings(one, with_names))
    elif isinstance(value, list):
        yield from (text for one in value for text in strings(one, with_names))
        if value and all(isinstance(one, str) for one in value):
            yield " ".join(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


def _finding(finding: dict[str, Any]) -> Iterator[str]:
    yield from strings(finding)
    yield re.sub(r"[^a-z0-9_]+", "-", f"{finding.get('notebook')}--finding-{finding.get('id')}".lower())
    yield " ".join(f"{name} {words}" for name, words in finding.get("facts", []))
    for name, words in finding.get("facts", []):
        yield f"{name}: {words}"
    yield from (as_in_files(number) for number in _decimal_numbers(finding))
    beside = f"beside {finding.get('compared')} comparisons "
    numbers = [finding.get(name) for name in ("estimate", "low", "high")]
    known = [number for number in numbers if number is not None]
    decimals = max((len(f"{number:.6g}".partition(".")[2]) for number in known), default=0)
    printed = [f"{number:.{decimals}f}" for number in known]
    interval = f" interval {printed[1]} to {printed[2]}" if len(printed) == 3 else ""
    yield f"{(printed or [''])[0]} {finding.get('unit', '')}{interval}"
    yield from printed
    yield f"n = {finding.get('n')}"
    counted = f"{finding.get('counted', 'Respondents')} {finding.get('n')}"
    yield f"{counted} About {finding.get('group')} Method {finding.get('method')}"
    yield f"{interval} {counted} Method {finding.get('method')}"
    yield counted
    for among in ("", beside):
        yield f"Evidence {finding.get('grade')} {among}n = {finding.get('n')} {finding.get('method', '')}"


def _summary(page: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of page one, its points numbered, and what stands in one line of it."""
    yield from strings(page)
    for score in page.get("scores", []):
        told = [f"{score.get('score')} of 100", score.get("favourable"), score.get("change")]
        yield f"{score.get('side')}: {' · '.join(filter(None, told))}"
    for place, point in enumerate(page.get("points", []), start=1):
        yield f"{place} {point.get('sentence')}"
        yield " ".join(str(point.get(name)) for name in ("sentence", "where", "sure", "action", "owner", "due"))


def _decimal_numbers(value: object) -> Iterator[float]:
    """Yield the decimal numbers in JSON."""
    if isinstance(value, dict):
        yield from (number for one in value.values() for number in _decimal_numbers(one))
    elif isinstance(value, list):
        yield from (number for one in value for number in _decimal_numbers(one))
    elif isinstance(value, float):
        yield value


def _table(table: Table) -> Iterator[str]:
    yield from strings({name: value for name, value in table.raw.items() if name not in ("rows", "texts", "chart")})
    yield f"{table.notebook}--{table.id}"
    yield from (str(label) for label in table.chart.get("colours", {}))
    yield str(table.chart.get("value_label", ""))
    yield from _across(table)
    headings = []
    for column in table.columns:
        label, unit = str(column.get("label", "")), str(column.get("unit", ""))
        headings.append(f"{label} {unit}" if unit else label)
        yield headings[-1]
    yield " ".join(headings)
    yield from _beside_estimates(table)
    yield " ".join(str(column.get("label", "")) for column in table.columns)
    rows = [" ".join(row) for row in table.texts]
    yield " ".join([table.title, str(table.raw.get("message", "")), *headings, *rows, table.note])
    yield from _in_full(table, headings)
    for values, texts in zip(table.rows, table.texts):
        yield " ".join(texts)
        yield from texts
        for as_words in (False, True):
            yield " ".join(
                text
                if value is None or isinstance(value, str) or (as_words and text.startswith("<"))
                else as_in_files(value)
                for value, text in zip(values, texts)
            )


def _in_full(table: Table, headings: list[str]) -> Iterator[str]:
    """Yield the rows of a table's file that hold figures in full, and its heading."""
    for found in table.raw.get("full", []):
        label = headings[table.names.index("estimate")]
        yield f"{' '.join(headings)} {label}, in full Standard error Degrees of freedom Standard error of"
        values, texts = table.rows[found["row"]], table.texts[found["row"]]
        cells = [
            text if value is None or isinstance(value, str) else as_in_files(value)
            for value, text in zip(values, texts)
        ]
        numbers = [as_in_files(found[name]) for name in ("estimate", "standard_error", "degrees_of_freedom")]
        yield from numbers
        yield " ".join([*cells, *numbers, "the figure" if found.get("scale", "plain") == "plain" else "its logarithm"])


def _beside_estimates(table: Table) -> Iterator[str]:
    """Yield headings and rows as readers see them, both ends of an interval in one cell: "0.31 to 0.53"."""
    lows = [
        place
        for place, (low, high) in enumerate(zip(table.names, table.names[1:]))
        if (low, high) == ("lower", "upper") or (re.search(r"(?:^|_)low$", low) and high == f"{low[:-3]}high")
    ]
    if not lows:
        return
    heads: list[str] = []
    rows = [list(row) for row in table.texts]
    for place, column in enumerate(table.columns):
        label, unit = str(column.get("label", "")), str(column.get("unit", ""))
        if place - 1 in lows:
            continue
        if place in lows:  # what the interval is of, the interval, and the unit of both
            of, in_unit = heads[-2:] if heads else ("", "")
            interval = re.sub(r" from$", " interval", label) if label.endswith(" from") else "interval"
            heads[-2:] = [of, f"{interval} {in_unit}"]
        else:
            heads += [label, unit]
        yield " ".join(heads[-4:])
    yield " ".join(filter(None, heads))
    for row in rows:
        for place in lows:
            row[place] = f"{row[place]} to"
        yield " ".join(row)


def _number(cell: object) -> float | None:
    """Return a cell as a number; names of groups, such as a wave called 2026, may be one."""
    if isinstance(cell, str):
        return float(cell) if cell.isascii() and cell.isdigit() else None
    return float(cell) if isinstance(cell, int | float) else None


def _across(table: Table) -> Iterator[str]:
    """Yield the rows of a chart whose series stand beside each other, as slides show a heatmap."""
    category, series, value = (table.chart.get(name) for name in ("category", "series", "value"))
    if not (category and series and value):
        return
    rows: dict[str, list[str]] = {}
    for _, texts in table.records():
        rows.setdefault(texts.get(category, ""), []).append(texts.get(value, ""))
    yield from (" ".join([name, *cells]) for name, cells in rows.items())
    yield " ".join(dict.fromkeys(texts.get(series, "") for _, texts in table.records()))


def _lengths(table: Table, value: str | None, *ends: str | None) -> Iterator[float]:
    """Yield how far the ends of intervals lie from their estimate, which a chart holds instead of them."""
    for values, _ in table.records():
        for end in ends:
            first, second = (_number(values.get(name)) if name else None for name in (value, end))
            if first is not None and second is not None:
                yield abs(second - first)


def _from_notebooks(folder: Path) -> Iterator[str]:
    """Yield what the notebooks of an older report published in words, which its results.json did not hold."""
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8")).get("cells", []):
            for output in cell.get("outputs", []):
                published = output.get("data", {}).get(MIME, {})
                if isinstance(published, dict):
                    yield from (str(published.get(name, "")) for name in ("sentence", "alt", "title", "message"))


def _from_manifest(manifest: dict[str, Any]) -> Iterator[str]:
    study = manifest.get("study", {})
    yield str(study.get("title", ""))
    yield from _day(str(study.get("as_of", "")))


def _day(written: str) -> Iterator[str]:
    """Yield the study's date in the forms in which files carry it."""
    try:
        day = datetime.date.fromisoformat(written)
    except ValueError:
        return
    yield from (f"{day.day} {day:%B %Y}", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}T00:00:00Z")
