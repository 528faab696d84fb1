"""Check a playbook: that a trainer who prints it finds every minute, sheet, link and column it speaks of."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

from helpers.data.problems import Problem, shown
from helpers.data.tables import TABLES
from helpers.data.yaml_files import read_text

from .markdown import Block, Table, anchor, blocks, tables
from .parse import Edition, Playbook, discover, named_materials

CARD = ("What", "Why", "For whom", "When not", "Time", "People", "What you leave with")
SECTIONS = (
    "When something confidential surfaces", "If someone says …", "Follow-up", "Measurement", "Evidence", "Adaptation",
    "Risks",
)  # fmt: skip
PARTS = ("Lead:", "Purpose.", "Steps and timing.", "Say:", "Facilitator:", "Watch for:", "Remote:")
TIMING = ("Time", "What happens", "Who speaks", "Handed out")
PRINT_LIST = ("Print", "Copies", "For 12", "Remark")
EXAMPLE_ROWS = 2
EXAMPLE_SIZE = 12
_TIME = re.compile(r"\d+:\d\d")
_TIMES = re.compile(rf"({_TIME.pattern})–({_TIME.pattern})")


def check(playbook: Playbook) -> list[Problem]:
    """Return everything that is wrong with a playbook beyond the types of its front matter.

    Parameters
    ----------
    playbook
        The playbook as read.

    Returns
    -------
    list of Problem
        Empty when minutes add up and stand in the timing tables without a gap, every section and part is there,
        every material and template named exists, none is left over, every link leads somewhere, quantities are
        right and the capture template fits the study's tables.
    """
    return _Check(playbook).run()


def check_index(root: Path) -> list[Problem]:
    """Return the problems of the index ``README.md`` of a folder of playbooks.

    Parameters
    ----------
    root
        Folder that holds the index and one folder per playbook.

    Returns
    -------
    list of Problem
        Dead links, and playbooks the index does not link to.
    """
    text = read_text(root / "README.md")
    linked = {target for block in blocks(text) for target in block.links}
    missing = [folder.name for folder in discover(root) if f"{folder.name}/playbook.md" not in linked]
    return dead_links(root / "README.md", "README.md", text) + [
        Problem("error", "README.md", f"the index does not link to {name}/playbook.md", fix="Add it to the table")
        for name in missing
    ]


def copies(formula: str, people: int) -> int:
    """Return how many copies of a sheet a session needs.

    Parameters
    ----------
    formula
        Sum of numbers and of N (people), G (pairs: N ÷ 2 rounded down), T (teams: N ÷ 2 rounded up), S (card
        sets: G ÷ 2 rounded up) or Q (tables: N ÷ 4 rounded up), each with a factor: ``2 × G + 1``. A dash: none.
    people
        N, at least 1.

    Returns
    -------
    int
        Number of copies.

    Raises
    ------
    ValueError
        If the formula is none of these.
    """
    if formula == "–":
        return 0
    pairs = people // 2
    sizes = {"N": people, "G": pairs, "T": -(-people // 2), "S": -(-pairs // 2), "Q": -(-people // 4)}
    total = 0
    for term in formula.split(" + "):
        factor, _, letter = term.rpartition(" × ")
        if letter not in sizes and not letter.isdigit():
            raise ValueError(f"{shown(formula)} is no formula of N, G, T, S or Q")
        total += int(factor or 1) * (sizes[letter] if letter in sizes else int(letter))
    return total


def dead_links(path: Path, name: str, text: str) -> list[Problem]:
    """Return the links of a Markdown text that lead nowhere.

    Parameters
    ----------
    path
        The file; relative links start from its folder.
    name
        The file in messages.
    text
        Its Markdown.

    Returns
    -------
    list of Problem
        Missing files and headings, and links to the internet, which paper and a room without it cannot follow.
    """
    problems = []
    for block in blocks(text):
        for target in block.links:
            file, _, heading = target.partition("#")
            where = {"rows": (block.line,)}
            if re.match(r"[a-z]+:", target):
                fix = "Write out the source, so that it can be read on paper"
                problems.append(Problem("error", name, f"{target} leads to the internet", fix=fix, **where))
            elif not (path.parent / file).exists():
                problems.append(Problem("error", name, f"the link {target} is dead: no such file", **where))
            elif heading and heading not in _anchors(text if not file else read_text(path.parent / file)):
                problems.append(Problem("error", name, f"the link {target} is dead: no such heading", **where))
    return problems


def _anchors(text: str) -> set[str]:
    return {anchor(block.text) for block in blocks(text) if block.kind == "heading"}


class _Check:
    """The checks of one playbook; collects what they find."""

    def __init__(self, playbook: Playbook) -> None:
        self.book, self.front = playbook, playbook.front
        self.blocks, self.tables = blocks(playbook.body), tables(playbook.body)
        self.problems: list[Problem] = []

    def error(self, found: str, expected: str = "", fix: str = "", line: int = 0, file: str = "") -> None:
        rows = (line,) if line else ()
        self.problems.append(Problem("error", file or self.book.file, found, expected, fix, rows=rows))

    def run(self) -> list[Problem]:
        if self.front.id != self.book.folder.name:
            self.error(f"the id is {self.front.id}", f"the name of the folder, {self.book.folder.name}")
        self.card()
        self.people()
        self.materials()
        self.links()
        for edition in self.front.editions:
            self.edition(edition)
        self.capture()
        self.measures()
        return self.problems

    def card(self) -> None:
        labels = [row[0].text for row in self.tables[0].rows] if self.tables else []
        for label in CARD:
            if label not in labels:
                self.error(f"the card on page one has no row {shown(label)}", fix="Add it to the first table")
        headings = [block.text for block in self.blocks if block.level == 2]
        for section in SECTIONS:
            if section not in headings:
                self.error(f"there is no section {shown(section)}", fix="Add the heading and its text")

    def people(self) -> None:
        roles = {role.id for role in self.front.roles}
        leads = [(f"block {shown(b.block)}", b.lead) for e in self.front.editions for b in e.agenda]
        for place, role in [*leads, *((f"the check on day {f.day}", f.who) for f in self.front.follow_up)]:
            if role not in roles:
                self.error(f"{place} is led by {shown(role)}", f"one of the roles {', '.join(sorted(roles))}")

    def materials(self) -> None:
        """Compare the files in materials/ with those that editions, checks and rules name."""
        front, folder = self.front, self.book.folder
        used = set(named_materials(front))
        readers = Counter([*front.participant_materials, *front.facilitator_materials])
        for name in sorted(used | {*readers}):
            if not (folder / name).is_file():
                self.error(f"the material {name} does not exist", fix="Write it, or correct the name")
            elif readers[name] != 1:
                expected = "once in participant_materials or facilitator_materials"
                self.error(f"{name} stands {readers[name]} times in the lists of who reads it", expected)
        for path in sorted((folder / "materials").glob("*")):
            name = path.relative_to(folder).as_posix()
            if name not in used:
                fix = "Name it in a block, under prepare or in a check, or delete the file"
                self.error(f"{name} is orphaned: no block, list or check names it", fix=fix)

    def links(self) -> None:
        self.problems += dead_links(self.book.folder / "playbook.md", self.book.file, self.book.body)
        for path in sorted((self.book.folder / "materials").glob("*.md")):
            name = path.relative_to(self.book.folder.parent).as_posix()
            self.problems += dead_links(path, name, read_text(path))

    def edition(self, edition: Edition) -> None:
        total = sum(block.minutes for block in edition.agenda)
        if total != edition.duration_min:
            self.error(
                f"the blocks of edition {shown(edition.title)} add up to {total} minutes",
                f"{edition.duration_min}, its duration_min",
                "Correct the blocks or the duration",
            )
        section = self.section(edition.title, level=2)
        if not section:
            self.error(f"there is no section for the edition {shown(edition.title)}", fix="Add the heading")
            return
        start = 0
        for number, block in enumerate(edition.agenda, 1):
            heading = f"{number}: {block.block} ({block.minutes} minutes)"
            self.block(edition, heading, block.materials, start, start + block.minutes, section)
            start += block.minutes
        self.timetable(edition)
        self.print_list(edition, section)

    def block(self, edition: Edition, heading: str, materials: list[str], start: int, end: int, within: range) -> None:
        """Check the section of one block: its parts, its minutes without a gap, its materials."""
        place = f"block {shown(heading)} of edition {shown(edition.title)}"
        lines = self.section(heading, level=3, within=within)
        if not lines:
            self.error(f"{place} has no section", f'a heading that ends in "{heading}"')
            return
        here = [block for block in self.blocks if block.line in lines]
        for part in PARTS:
            if not any(block.text.startswith(part) for block in here):
                self.error(f"{place} has no part {shown(part)}", line=lines.start)
        if not any(block.kind == "quote" for block in here):
            self.error(f"{place} has no words to speak", "a block quotation below Say:", line=lines.start)
        linked = {target for block in here for target in block.links}
        for name in materials:
            if name not in linked:
                self.error(f"{place} does not say when {name} is used", fix="Link to it", line=lines.start)
        timing = [table for table in self.tables if table.line in lines and table.header == TIMING]
        if len(timing) != 1:
            self.error(f"{place} has {len(timing)} timing tables", f"one with {', '.join(TIMING)}", "", lines.start)
            return
        self.timing(timing[0], start, end)

    def timing(self, table: Table, start: int, end: int) -> None:
        now = start
        for row in table.rows:
            match = _TIMES.fullmatch(row[0].text)
            if not match:
                self.error(
                    f"the time {shown(row[0].text)}", "hours:minutes–hours:minutes, such as 0:05–0:12", "", row[0].line
                )
                return
            begins, ends = map(_minutes, match.groups())
            if begins != now or ends <= begins:
                self.error(f"the row runs {row[0].text}", f"a start at {_clock(now)} and a later end", "", row[0].line)
                return
            now = ends
            for cell, label in zip(row[1:], TIMING[1:]):
                if not cell.text:
                    self.error(f"nothing stands under {shown(label)}", "words, or Nothing or Nobody", "", cell.line)
        if now != end:
            self.error(f"the block ends at {_clock(now)}", f"{_clock(end)}, as the agenda has it", "", table.line)

    def timetable(self, edition: Edition) -> None:
        """Compare the timetable that is handed out with the agenda."""
        path = self.book.folder / edition.timetable
        if not path.is_file():
            return  # reported with the materials
        name = path.relative_to(self.book.folder.parent).as_posix()
        found = [table for table in tables(read_text(path)) if {"From", "Block", "Minutes"} <= {*table.header}]
        if len(found) != 1:
            self.error(f"there are {len(found)} timetables", "one with From, Block and Minutes", file=name)
            return
        rows = [dict(zip(found[0].header, row)) for row in found[0].rows]
        start, starts = 0, set()
        for row, block in zip(rows, edition.agenda):
            printed = " ".join(row[column].text for column in ("From", "Block", "Minutes"))
            planned = f"{_clock(start)} {block.block} {block.minutes}"
            if printed != planned:
                self.error(printed, f"{planned}, as the agenda has it", "", row["From"].line, name)
            if "Clock" in row and not _TIME.fullmatch(row["Clock"].text):
                self.error(f"the clock shows {shown(row['Clock'].text)}", "hours:minutes", "", row["From"].line, name)
            elif "Clock" in row:
                starts.add(_minutes(row["Clock"].text) - start)
            start += block.minutes
        if len(starts) > 1:
            self.error("the clock does not run with the minutes", "the same start on every line", file=name)
        if len(rows) != len(edition.agenda):
            self.error(f"the timetable has {len(rows)} blocks", f"{len(edition.agenda)}, as the agenda has", file=name)

    def print_list(self, edition: Edition, section: range) -> None:
        """Check that the list of what to print is complete and its example is calculated right."""
        lists = [table for table in self.tables if table.line in section and table.header == PRINT_LIST]
        if len(lists) != 1:
            expected = f"one with {', '.join(PRINT_LIST)}"
            self.error(f"edition {shown(edition.title)} has {len(lists)} lists of what to print", expected)
            return
        listed = {target for row in lists[0].rows for target in row[0].links}
        for name in edition.materials():
            if name not in listed:
                self.error(f"{name} is not in the list of what to print for {shown(edition.title)}", fix="Add it")
        for row in lists[0].rows:
            self.quantity(row)

    def quantity(self, row: tuple[Block, ...]) -> None:
        formula, example = row[1].text, row[2].text
        try:
            right = copies(formula, EXAMPLE_SIZE)
        except ValueError as error:
            self.error(str(error), "such as N, 2 × G or N + 1", line=row[0].line)
            return
        if example != ("–" if formula == "–" else str(right)):
            self.error(f"{row[0].text}: {example} copies for {EXAMPLE_SIZE}", f"{right} by {formula}", "", row[0].line)

    def capture(self) -> None:
        """Check each capture file against the study's table of the same name."""
        declared = {entry.field for entry in self.front.capture.fields}
        for name in self.front.capture.files:
            path = self.book.folder / name
            if not path.is_file():
                self.error(f"the capture template {name} does not exist", fix="Write it, or correct the name")
                continue
            file = path.relative_to(self.book.folder.parent).as_posix()
            table = TABLES.get(path.stem)
            if table is None:
                self.error("no table of the study has this name", f"one of {', '.join(TABLES)}", file=file)
                continue
            try:
                rows = list(csv.reader(io.StringIO(read_text(path)), strict=True))
            except csv.Error as error:
                self.error(f"this is not a valid CSV file: {error}", fix="Check the quotation marks", file=file)
                continue
            header = rows[0] if rows else []
            for column in header:
                if column not in table.columns:
                    expected = f"one of {', '.join(table.columns)}"
                    fix = "Rename or remove it"
                    self.error(f"the table {table.name} has no column {shown(column)}", expected, fix, 1, file)
            for column in table.columns.values():
                if column.required and column.name not in header:
                    self.error(f"the column {column.name} of {table.name} is missing", "", "Add it", 1, file)
            if len(rows) != 1 + EXAMPLE_ROWS:
                self.error(f"there are {max(len(rows) - 1, 0)} example rows", str(EXAMPLE_ROWS), file=file)
            for line, row in enumerate(rows[1:], 2):
                entry = dict(zip(header, row))
                if len(row) != len(header):
                    self.error(f"the row has {len(row)} cells", f"{len(header)}, as the header has", "", line, file)
                elif entry.get("practice", self.front.capture.practice) != self.front.capture.practice:
                    self.error(f"the practice is {entry['practice']}", self.front.capture.practice, "", line, file)
                elif "field" in entry and entry["field"] not in declared:
                    self.error(
                        f"the field {shown(entry['field'])} is not declared", "", "Add it under capture", line, file
                    )

    def measures(self) -> None:
        declared = {entry.field for entry in self.front.capture.fields}
        measured = {field for measure in self.front.measures for field in measure.fields}
        for measure in self.front.measures:
            table = TABLES.get(measure.table)
            if table is None:
                self.error(f"a measure uses the table {shown(measure.table)}", f"one of {', '.join(TABLES)}")
                continue
            for column in measure.columns:
                if column not in table.columns:
                    expected = f"one of {', '.join(table.columns)}"
                    self.error(f"a measure uses the column {shown(column)} of {table.name}", expected)
        for field in sorted(measured - declared):
            self.error(f"a measure uses the field {shown(field)}", fix="Declare it under capture")

    def section(self, heading: str, level: int, within: range | None = None) -> range:
        """Return the lines below a heading that ends in these words, up to the next of its level or above."""
        headings = [block for block in self.blocks if 0 < block.level <= level]
        for block, following in zip(headings, [*headings[1:], None]):
            if block.level == level and block.text.endswith(heading) and (not within or block.line in within):
                return range(block.line, following.line if following else self.book.body.count("\n") + 2)
        return range(0)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)
