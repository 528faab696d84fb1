"""Say everything in which two reports of one study differ.

``python benchmarks/compare_reports.py OLD NEW`` compares two folders that ``partnership report`` wrote: findings and
tables in ``results.json``, the files in ``tables/``, the chapters, and of each page its exhibits, headings, paragraphs
and number of findings. Each difference is one line. The exit code is 0 if every difference is listed with its reason in
``allowed_differences.yaml`` and every entry there that concerns the report is needed, 1 if not, and 2 if the input is
wrong. PDF, Word and slides are made from the same pages and are not compared.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from lxml import html
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

ALLOWED = Path(__file__).with_name("allowed_differences.yaml")
ABSENT = "(absent)"


class Allowance(BaseModel):
    """A difference that is meant: globs for where and what, and the reason."""

    model_config = ConfigDict(extra="forbid")

    report: str = "*"
    notebook: str = "*"
    id: str = "*"
    what: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def concerns(self, report: str) -> bool:
        """Tell whether the entry is about this report."""
        return fnmatchcase(report, self.report)

    def covers(self, difference: Difference) -> bool:
        """Tell whether the entry names this difference; ``rows`` covers ``rows.low`` too."""
        names = (difference.what, difference.what.partition(".")[0])
        return (
            fnmatchcase(difference.place.notebook, self.notebook)
            and fnmatchcase(difference.place.id, self.id)
            and any(fnmatchcase(name, self.what) for name in names)
        )


class Place(NamedTuple):
    """Where a difference is: the file, and in it the notebook and the exhibit, finding, heading or paragraph."""

    source: str
    notebook: str = ""
    id: str = ""


@dataclass(frozen=True)
class Difference:
    """One difference; ``detail`` says where in the cells of a table."""

    place: Place
    what: str
    old: str
    new: str
    detail: str = ""

    def __str__(self) -> str:
        """Say where, what, and both values in one line."""
        what = f"{self.what}, {self.detail}" if self.detail else self.what
        return " ".join(f"{' / '.join(filter(None, self.place))}: {what}: {self.old} → {self.new}".split())


@dataclass
class Page:
    """What is compared of one page."""

    title: str
    exhibits: list[str]
    headings: list[str]
    paragraphs: list[str]
    findings: int


@dataclass
class Report:
    """What is compared of one report."""

    results: dict[str, Any]
    tables: list[str]
    chapters: list[str]
    pages: dict[str, Page]


def read_report(folder: Path) -> Report:
    """Read a report folder.

    Raises
    ------
    ValueError
        If the folder holds no report.
    """
    for name in ("results.json", "index.html"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is not a report: it has no {name}")
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    if not isinstance(results, dict) or not {"findings", "tables"} <= set(results):
        raise ValueError(f"{folder / 'results.json'} holds no findings and tables")
    pages = {path.stem: html.document_fromstring(path.read_bytes()) for path in sorted(folder.glob("*.html"))}
    return Report(
        results=results,
        tables=sorted(path.stem for path in (folder / "tables").glob("*.csv")),
        chapters=[Path(link).stem for link in pages["index"].xpath("//nav[@class='chapters']//a/@href")],
        pages={name: read_page(page) for name, page in pages.items()},
    )


def read_page(page: html.HtmlElement) -> Page:
    """Take from a page what a reader sees of it, apart from the cells of tables."""

    def texts(path: str) -> list[str]:
        return [" ".join(element.text_content().split()) for element in page.xpath(path)]

    prose = "//main//*[@class='prose' or @class='missing']"
    return Page(
        title=" ".join(texts("//h1")),
        exhibits=page.xpath("//main//figure[contains(@class, 'exhibit')]/@id"),
        headings=texts("//main//*[self::h2 or self::h3 or self::h4 or self::h5 or self::h6]"),
        paragraphs=texts(f"{prose}//p | {prose}//li[not(.//p)]"),
        findings=len(page.xpath("//main//article[contains(@class, 'finding')]")),
    )


def compare(old: Report, new: Report) -> Iterator[Difference]:
    """Yield every difference between two reports."""
    yield from compare_results(old.results, new.results)
    for name, change in changes(old.tables, new.tables):
        notebook, _, exhibit = name.partition("--")
        yield presence(Place("tables", notebook, exhibit), change)
    yield from compare_lists(old.chapters, new.chapters, lambda name: Place("chapters", name))
    for name, change in changes(list(old.pages), list(new.pages)):
        yield presence(Place(f"{name}.html", name), change)
    for name in old.pages:
        if name in new.pages:
            yield from compare_pages(name, old.pages[name], new.pages[name])


def compare_results(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    """Yield what differs in ``results.json``."""
    yield from compare_keys(Place("results.json"), old, new, {"findings", "tables"})
    for kind, cells in (("findings", set()), ("tables", {"columns", "rows", "texts"})):
        before, after = by_place(old[kind]), by_place(new[kind])
        yield from compare_lists(list(before), list(after), lambda place: place)
        for place in before:
            if place in after:
                yield from compare_keys(place, before[place], after[place], cells)
                if cells:
                    yield from compare_cells(place, before[place], after[place])


def by_place(entries: list[dict[str, Any]]) -> dict[Place, dict[str, Any]]:
    """Return findings or tables by notebook and id.

    Raises
    ------
    ValueError
        If one stands twice.
    """
    places = [Place("results.json", entry["notebook"], entry["id"]) for entry in entries]
    twice = [" / ".join(place) for place, count in Counter(places).items() if count > 1]
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return dict(zip(places, entries, strict=True))


def compare_keys(place: Place, old: dict[str, Any], new: dict[str, Any], without: set[str]) -> Iterator[Difference]:
    """Yield the keys whose values differ, or that one side lacks."""
    for key in dict.fromkeys([*old, *new]):
        before, after = (written(entry[key]) if key in entry else ABSENT for entry in (old, new))
        if before != after and key not in without:
            yield Difference(place, key, before, after)


def compare_cells(place: Place, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    """Yield what differs in the columns of a table, and in the cells of the columns that both have."""
    before, after = ({column["name"]: column for column in table["columns"]} for table in (old, new))
    for name, change in changes(list(before), list(after)):
        yield replace(presence(place, change), what=f"columns.{name}")
    shared = [name for name in before if name in after]
    if shared != [name for name in after if name in before]:
        yield Difference(place, "columns", written(list(before)), written(list(after)), "order")
    for name in shared:
        for key in compare_keys(place, before[name], after[name], set()):
            yield replace(key, what=f"columns.{name}", detail=key.what)
    for what in ("rows", "texts"):
        rows = [
            [[written(dict(zip(columns, row, strict=True))[name]) for name in shared] for row in table[what]]
            for columns, table in ((before, old), (after, new))
        ]
        yield from compare_rows(place, what, shared, *rows)


def compare_rows(
    place: Place, what: str, columns: list[str], old: list[list[str]], new: list[list[str]]
) -> Iterator[Difference]:
    """Yield cells that differ where both have as many rows, otherwise the rows that were taken out or put in."""
    if len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True), start=1):
            for column, first, second in zip(columns, before, after, strict=True):
                if first != second:
                    yield Difference(place, f"{what}.{column}", first, second, f"row {number} ({before[0]})")
        return
    matcher = SequenceMatcher(None, [*map(tuple, old)], [*map(tuple, new)], autojunk=False)
    for kind, start, stop, new_start, new_stop in matcher.get_opcodes():
        if kind != "equal":
            for number, row in enumerate(old[start:stop], start=start + 1):
                yield Difference(place, what, ", ".join(row), ABSENT, f"row {number}")
            for number, row in enumerate(new[new_start:new_stop], start=new_start + 1):
                yield Difference(place, what, ABSENT, ", ".join(row), f"row {number}")


def compare_pages(name: str, old: Page, new: Page) -> Iterator[Difference]:
    """Yield what differs on a page."""
    page = Place(f"{name}.html", name)
    if old.title != new.title:
        yield Difference(page, "title", old.title, new.title)
    yield from compare_lists(old.exhibits, new.exhibits, lambda id: page._replace(id=id.removeprefix(f"{name}--")))
    for what, before, after in (("heading", old.headings, new.headings), ("prose", old.paragraphs, new.paragraphs)):
        for difference in compare_lists(before, after, lambda text: page._replace(id=text)):
            yield replace(difference, what=what, detail="order" if difference.what == "order" else "")
    if old.findings != new.findings:
        yield Difference(page, "findings", str(old.findings), str(new.findings))


def compare_lists(old: list[Any], new: list[Any], place: Callable[[Any], Place]) -> Iterator[Difference]:
    """Yield what a list has lost and gained, and where the order of what both have first differs."""
    for name, change in changes(old, new):
        yield presence(place(name), change)
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    differing = ((first, second) for first, second in zip(before, after, strict=False) if first != second)
    for first, second in islice(differing, 1):  # those that follow are out of step for the same reason
        yield Difference(place(first), "order", place(first).id or first, place(second).id or second)


def changes(old: list[Any], new: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield what a list has lost and what it has gained, each as often as it did."""
    yield from ((name, "removed") for name in (Counter(old) - Counter(new)).elements())
    yield from ((name, "added") for name in (Counter(new) - Counter(old)).elements())


def presence(place: Place, change: str) -> Difference:
    """Say that something was added or removed."""
    return Difference(place, change, *((ABSENT, "present") if change == "added" else ("present", ABSENT)))


def written(value: object) -> str:
    """Write a value of ``results.json`` exactly, so that 1 and 1.0 differ."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def read_allowances(path: Path) -> list[Allowance]:
    """Read the list of differences that are meant.

    Raises
    ------
    ValueError
        If it is not such a list.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return TypeAdapter(list[Allowance]).validate_python(content)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """Print the differences between two reports, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--allow", type=Path, default=ALLOWED, metavar="FILE", help="differences that are meant")
    wanted = parser.parse_args(arguments)
    try:
        report = wanted.new.resolve().name
        allowances = [entry for entry in read_allowances(wanted.allow) if entry.concerns(report)]
        differences = list(compare(read_report(wanted.old), read_report(wanted.new)))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    unlisted = [one for one in differences if not any(entry.covers(one) for entry in allowances)]
    stale = [entry for entry in allowances if not any(entry.covers(one) for one in differences)]
    for entry in allowances:
        if entry not in stale:
            print(f"allowed: {entry.reason}")
            print(*(f"  {one}" for one in differences if entry.covers(one)), sep="\n")
    for entry in stale:
        print(f"allowed but not found: {entry.model_dump_json(exclude_defaults=True)}")
    for one in unlisted:
        print(f"NOT ALLOWED: {one}")
    allowed = len(differences) - len(unlisted)
    print(f"{report}: {allowed} differences allowed, {len(unlisted)} not allowed, {len(stale)} allowances stale")
    return 1 if unlisted or stale else 0


if __name__ == "__main__":
    sys.exit(main())
