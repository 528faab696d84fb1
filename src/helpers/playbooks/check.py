"""Check a playbook: that a trainer who prints it finds every minute, sheet, link and column it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from helpers.data.problems import Problem, did_you_mean, shown
from helpers.data.tables import TABLES
from helpers.data.yaml_files import read_text

from . import articles, evidence, programmes
from .evidence import Registry
from .limits import TEXT, check_limits
from .markdown import Passage, anchor, passages, tables
from .marks import fill, names, plain, stale, unmarked
from .parse import CARD, FILE, TIME, Edition, Handout, Playbook, Sheet, clock_of, discover, load, minutes_of
from .runs import read_runs, status, status_in_words
from .scenes import HANDED_IN, PARTS, TIMING, block_lines, scenes, section
from .timing import check_timing
from .values import table, values

#: Sections that each form has, beside those of the parts it declares.
SECTIONS = {"kit": ("If someone says …", "Adaptation", "Risks"), **TEXT}
#: The trainer's guide, beside the index.
GUIDE = "trainers-guide.md"
#: What the template of a new practice writes before a question.
QUESTION = "ANSWER:"
_TIMES = re.compile(rf"({TIME.pattern})–({TIME.pattern})")
#: A figure from research: ``.40``, ``d = −1.75``, ``Harkin et al. 2016``, ``Grant 2007``, ``25 experiments``.
_FIGURE = re.compile(
    r"(?<![\d.])[−-]?\.\d\d\b|\b[dr] = [−-]?\d|\b[A-Z]\w+ (?:et al\. )?\(?(?:19|20)\d\d\b"
    r"|\b\d+ (?:experiments|studies|samples)\b"
)
_MONTH = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d")
#: A term that a rule sets: written between marks, or it is stated twice.
_TERM = re.compile(
    r"(?:\d+|one|two|three|four|five|six|ten|fourteen) (?:work )?(?:days|weeks|hours|months)\b|\w+ or more people"
)
_ABOUT_TERM = re.compile(
    r"destroy|shred|to the privacy contact|tells the privacy|to the authority|or more people|stored|withdraw",
    re.IGNORECASE,
)


def check(playbook: Playbook, registry: Registry | None = None) -> list[Problem]:
    """Return everything that is wrong with a playbook beyond the types of its front matter.

    Parameters
    ----------
    playbook : Playbook
        The playbook as read.
    registry : Registry, optional
        The evidence; read from beside the playbook's folder when left out.

    Returns
    -------
    list of Problem
        Empty when minutes add up and can be kept, every section and part is there, every material and template named
        exists, none is left over, every link leads somewhere, quantities can be calculated, every rule, figure and
        table agrees with its source, run records are whole, the capture template fits the study's tables, and all of
        it keeps within the limits of its form. A limit that the head says it goes beyond is a warning.
    """
    return _Check(playbook, registry or evidence.load(playbook.folder.parent)).run()


@dataclass(frozen=True)
class Shelf:
    """All playbooks of a folder with the registry of their evidence, read once."""

    root: Path
    registry: Registry
    books: tuple[Playbook, ...]

    @classmethod
    def read(cls, root: Path) -> Shelf:
        """Read a folder that holds ``evidence.yaml`` and one folder per playbook."""
        return cls(root, evidence.load(root), tuple(load(folder) for folder in discover(root)))

    def index_values(self) -> dict[str, str]:
        """Return what the marks of the index stand for: those of every playbook behind its id, and all editions."""
        found, rows = self.registry.values(), []
        for book in self.books:
            id, runs = book.front.id, read_runs(book.folder, book.front)[0]
            found |= {f"{id}.{name}": value for name, value in values_of(book, self.registry).items()}
            for edition in book.front.editions:
                who = f"{edition.participants.fewest} to {edition.participants.most}"
                place = "" if book.front.form == "card" else f"#{anchor(edition.title)}"
                link = f"[{edition.title}]({book.file}{place})"
                command = f"`partnership playbook kit {id} --edition {edition.id}`"
                rows.append((book.front.title, link, edition.duration_min, who, status(runs, edition), command))
        known = articles.load(self.root)
        found |= articles.values(known, self.books) if known else {}
        found |= programmes.values(programmes.load(self.root), self.books)
        found["editions"] = table(("Practice", "Edition", "Minutes", "People", "Status", "Kit"), rows)
        return found

    def check_index(self) -> list[Problem]:
        """Return dead links of ``README.md``, playbooks it does not link to, and what does not agree with them."""
        text = read_text(self.root / "README.md")
        linked = {target.partition("#")[0] for passage in passages(plain(text)) for target in passage.links}
        found = dead_links(self.root / "README.md", "README.md", plain(text))
        found += stale("README.md", text, self.index_values())
        return found + [
            Problem("error", "README.md", f"the index does not link to {book.file}", fix="Add it to the table")
            for book in self.books
            if book.file not in linked
        ]

    def check_guide(self) -> list[Problem]:
        """Return what is wrong with the trainer's guide and its programmes; nothing where there is none."""
        found = programmes.check(programmes.load(self.root), self.books)
        path = self.root / GUIDE
        if not path.is_file():
            return found
        text = read_text(path)
        found += dead_links(path, GUIDE, plain(text)) + terms_by_hand(GUIDE, text)
        return found + stale(GUIDE, text, self.index_values())

    def check_shared(self) -> list[Problem]:
        """Return what is wrong with the texts that several practices fill in with rules of their own."""
        problems = []
        known = {name for book in self.books for name in values_of(book, self.registry)}
        for path in sorted((self.root / "shared").glob("*.md")):
            text, name = read_text(path), f"shared/{path.name}"
            problems += terms_by_hand(name, text)
            for mark in dict.fromkeys(names(text)):
                if mark not in known:
                    problems.append(Problem("error", name, f"nothing is called {shown(mark)}", "", "Correct the name"))
        return problems


def check_all(root: Path) -> list[Problem]:
    """Return the problems of a folder of playbooks: each of them, their index, and the registry of evidence.

    Parameters
    ----------
    root : pathlib.Path
        Folder that holds ``evidence.yaml``, one folder per playbook and, if there is an index, ``README.md``.

    Returns
    -------
    list of Problem
        Empty when nothing is wrong.
    """
    shelf = Shelf.read(root)
    found = [problem for book in shelf.books for problem in check(book, shelf.registry)]
    found += evidence.check_use(shelf.registry, [book.front for book in shelf.books])
    found += shelf.check_shared() + shelf.check_guide()
    known = articles.load(root)
    found += articles.check(known, shelf.books) if known else []
    found += unanswered(evidence.FILE, read_text(root / evidence.FILE))
    return found + (shelf.check_index() if (root / "README.md").exists() else [])


def values_of(book: Playbook, registry: Registry) -> dict[str, str]:
    """Return what the marks of a playbook stand for in the example that its texts show."""
    earned = status_in_words(read_runs(book.folder, book.front)[0], book.front)
    return values(book.front, registry, status=earned)


def refill(root: Path) -> list[Path]:
    """Write anew what stands between marks in all texts below a folder of playbooks.

    Returns
    -------
    list of Path
        The files that changed.
    """
    shelf, changed = Shelf.read(root), []
    known, beside = shelf.index_values(), (root / "README.md", root / GUIDE)
    jobs = [(path, known) for path in beside if path.exists()]
    for book in shelf.books:
        known = values_of(book, shelf.registry)
        jobs += [(path, known) for path in [book.folder / FILE, *sorted((book.folder / "materials").glob("*.md"))]]
    for path, known in jobs:
        before = read_text(path)
        after = fill(before, known)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def terms_by_hand(name: str, text: str) -> list[Problem]:
    """Return the terms of rules (days, hours, months, sizes of groups) that are not filled in."""
    problems = []
    for line, words in enumerate(unmarked(text).splitlines(), 1):
        for sentence in re.split(r"(?<=[.?!]) ", words):
            term = _TERM.search(sentence)
            if term and _ABOUT_TERM.search(sentence):
                found = f"{shown(term[0])} is written by hand"
                problems.append(Problem("error", name, found, "", "Fill it in from the rules", rows=(line,)))
    return problems


def unanswered(name: str, text: str) -> list[Problem]:
    """Return the questions of the template that nobody has answered yet."""
    lines = [(line, words.partition(QUESTION)[2].strip(' "|')) for line, words in enumerate(text.splitlines(), 1)]
    return [
        Problem("error", name, f"not answered yet: {shown(words, 60)}", rows=(line,)) for line, words in lines if words
    ]


def dead_links(path: Path, name: str, text: str) -> list[Problem]:
    """Return the links of a Markdown text that lead nowhere.

    Parameters
    ----------
    path : pathlib.Path
        The file; relative links start from its folder.
    name : str
        The file in messages.
    text : str
        Its Markdown.

    Returns
    -------
    list of Problem
        Missing files and headings, and links to the internet, which paper and a room without it cannot follow.
    """
    problems = []
    for passage in passages(text):
        for target in passage.links:
            file, _, heading = target.partition("#")
            line = (passage.line,)
            if re.match(r"[a-z]+:", target):
                fix = "Write out the source, so that it can be read on paper"
                problems.append(Problem("error", name, f"{target} leads to the internet", fix=fix, rows=line))
            elif not (path.parent / file).exists():
                problems.append(Problem("error", name, f"the link {target} is dead: no such file", rows=line))
            elif heading and heading not in _anchors(text if not file else plain(read_text(path.parent / file))):
                problems.append(Problem("error", name, f"the link {target} is dead: no such heading", rows=line))
    return problems


def _anchors(text: str) -> set[str]:
    return {anchor(passage.text) for passage in passages(text) if passage.kind == "heading"}


class _Check:
    """The checks of one playbook; collects what they find."""

    def __init__(self, playbook: Playbook, registry: Registry) -> None:
        self.book, self.front, self.registry = playbook, playbook.front, registry
        self.passages, self.tables = passages(playbook.body), tables(playbook.body)
        self.values = values_of(playbook, registry)
        self.problems: list[Problem] = []
        paths = sorted((playbook.folder / "materials").glob("*.md"))
        #: Every text of the playbook with its marks, by the name that messages use.
        self.texts = {path.relative_to(playbook.folder).as_posix(): read_text(path) for path in paths}

    def error(self, found: str, expected: str = "", fix: str = "", line: int = 0, file: str = "") -> None:
        rows = (line,) if line else ()
        self.problems.append(Problem("error", file or self.book.file, found, expected, fix, rows=rows))

    def run(self) -> list[Problem]:
        if self.front.id != self.book.folder.name:
            self.error(f"the id is {self.front.id}", f"the name of the folder, {self.book.folder.name}")
        steps: list[Callable[[], None]] = [
            self.answers, self.marks, self.sections, self.people, self.materials, self.links, self.rules,
            self.figures, self.cases, self.capture, self.measures,
        ]  # fmt: skip
        for step in steps:
            step()
        for edition in self.front.editions:
            self.edition(edition)
        self.problems += read_runs(self.book.folder, self.front)[1]
        return self.problems + check_limits(self.book, self.registry)

    def answers(self) -> None:
        for name, text in {FILE: read_text(self.book.folder / FILE), **self.texts}.items():
            self.problems += unanswered(f"{self.front.id}/{name}", unmarked(text))

    def marks(self) -> None:
        self.problems += stale(self.book.file, self.book.source, self.values)
        for name, text in self.texts.items():
            self.problems += stale(f"{self.front.id}/{name}", text, self.values)

    def sections(self) -> None:
        headings = {passage.text for passage in self.passages if passage.level == 2}
        parts = {
            "When something confidential surfaces": self.front.rules.breach_route,
            "Follow-up": self.front.follow_up,
            "Measurement": self.front.measures and self.front.form != "card",
            "Evidence": True,
            **dict.fromkeys(SECTIONS[self.front.form], True),
        }
        for name in (name for name, needed in parts.items() if needed and name not in headings):
            self.error(f"there is no section {shown(name)}", fix="Add the heading and its text")
        card = self.front.form == "card"
        marks, rows = names(self.book.source), {"card": True, "status": True}
        rows |= {"evidence-line" if card else "evidence": True}
        rows |= {"risks": bool(self.front.risks), "follow-up": bool(self.front.follow_up)}
        rows["fields"] = bool(self.front.capture.fields) and not card
        for name in (name for name, needed in rows.items() if needed and name not in marks):
            self.error(f"the text does not fill in {shown(name)}", fix=f"Add <!--={name}--><!--/-->")

    def people(self) -> None:
        roles = {role.id for role in self.front.roles}
        leads = [(f"block {shown(b.block)}", b.lead) for e in self.front.editions for b in e.agenda]
        leads += [(f"the field {shown(field.field)}", field.filled_by) for field in self.front.capture.fields]
        for place, role in [*leads, *((f"the check on day {f.day}", f.who) for f in self.front.follow_up)]:
            if role not in roles:
                self.error(f"{place} is led by {shown(role)}", f"one of the roles {', '.join(sorted(roles))}")

    def materials(self) -> None:
        """Compare the files in materials/ with those that are declared, and those with what uses them."""
        front, folder = self.front, self.book.folder
        handed = {one.sheet for edition in front.editions for one in edition.sheets}
        handed |= {name for check in front.follow_up for name in check.materials}
        declared = [sheet.file for sheet in front.materials]
        for sheet in front.materials:
            if not (folder / sheet.file).is_file():
                self.error(f"the material {sheet.file} does not exist", fix="Write it, or correct the name")
            if sheet.id not in handed and sheet.file not in front.rules.sheets():
                self.error(f"no edition and no check uses {shown(sheet.id)}", fix="Add it to one, or remove it")
            if sheet.kept and not {"kept", "kept-note"} & set(names(self.texts.get(sheet.file, ""))):
                self.error(
                    f"{sheet.file} is kept and does not say how long, whom to ask and how to withdraw",
                    fix="Add a paragraph with <!--=kept--><!--/-->",
                )
            self.printed(sheet)
        for path in sorted((folder / "materials").glob("*")):
            name = path.relative_to(folder).as_posix()
            if name not in declared:
                self.error(f"{name} is orphaned: no material names it", fix="Declare it, or delete the file")
        for name in front.rules.sheets():
            if name not in declared:
                self.error(f"the rules name {name}, which is no material", fix="Declare it under materials")

    def printed(self, sheet: Sheet) -> None:
        """Check that cards and parts of a sheet are as many as it declares, as its sides are counted by them."""
        parts = len(re.findall(r"^---$", plain(self.texts.get(sheet.file, "")), re.MULTILINE)) or 1
        if sheet.layout == "cards" and not sheet.case_round and parts != sheet.cards:
            self.error(f"{sheet.file} holds {parts} cards", f"{sheet.cards}, its cards", f"Write cards: {parts}")
        if sheet.layout == "script" and parts != sheet.pages:
            self.error(f"{sheet.file} has {parts} parts", f"{sheet.pages}, its pages", f"Write pages: {parts}")

    def links(self) -> None:
        self.problems += dead_links(self.book.folder / FILE, self.book.file, self.book.body)
        for name, text in self.texts.items():
            self.problems += dead_links(self.book.folder / name, f"{self.front.id}/{name}", plain(text))

    def rules(self) -> None:
        """Check that each rule is filled in where it must stand, and written by hand nowhere."""
        rules, texts = self.front.rules, {FILE: self.book.source, **self.texts}
        for rule, files in rules.stated_on.items():
            for name in files:
                if rule not in names(texts.get(name, "")):
                    self.error(f"{name} does not state {shown(rule)}", fix=f"Add <!--={rule}--><!--/-->")
        for name, text in texts.items():
            file = f"{self.front.id}/{name}"
            self.problems += terms_by_hand(file, text)
            for line, words in enumerate(unmarked(text).splitlines(), 1):
                if rules.step_out_word and rules.step_out_word.lower() in words.lower():
                    self.error("the step-out word is written by hand", "", "Write <!--=word--><!--/-->", line, file)

    def figures(self) -> None:
        """Check that figures from research are filled in from the registry, and no other number stands beside them."""
        for name, text in {FILE: self.book.source, **self.texts}.items():
            file, sources = f"{self.front.id}/{name}", unmarked(text).splitlines()
            for line, (words, marked) in enumerate(zip(sources, text.splitlines()), 1):
                figure = _FIGURE.search(_MONTH.sub("", words))
                cites = any(one.endswith((".short", ".finding")) for one in names(marked))
                number = re.search(r"(?<![:\d])\d[\d.,]*(?![:\d])", TIME.sub("", words)) if cites else None
                found = figure or number
                if found:
                    self.error(f"{shown(found[0])} is written by hand", "", "Fill it in from evidence.yaml", line, file)

    def cases(self) -> None:
        """Check that printed cases are those that the agenda gives to the groups."""
        for sheet in self.front.materials:
            if not sheet.case_round or sheet.file not in self.texts:
                continue
            round_ = next((case for case in self.front.cases if case.round == sheet.case_round), None)
            if round_ is None:
                self.error(f"{sheet.id} is for the round {shown(sheet.case_round)}, which no case has")
                continue
            headings = [one.text for one in passages(plain(self.texts[sheet.file])) if one.level == 2]
            printed = [int(number) for text in headings for number in re.findall(r"^Case (\d+)\b", text)]
            if printed != [round_.odd, round_.even]:
                file = f"{self.front.id}/{sheet.file}"
                self.error(f"the cases are {printed}", f"{[round_.odd, round_.even]}, as cases declares", file=file)
        numbers = [number for case in self.front.cases for number in (case.odd, case.even)]
        if len(set(numbers)) != len(numbers):
            self.error(f"a case is played twice: {numbers}", "each once")

    def edition(self, edition: Edition) -> None:
        total = sum(block.minutes for block in edition.agenda)
        if total != edition.duration_min:
            self.error(
                f"the blocks of edition {shown(edition.title)} add up to {total} minutes",
                f"{edition.duration_min}, its duration_min",
                "Correct the blocks or the duration",
            )
        blocks = {block.block for block in edition.agenda}
        for cut in edition.cuts:
            if cut.block not in blocks:
                fix = did_you_mean(cut.block, blocks).capitalize()
                self.error(f"a cut of {shown(edition.title)} names {shown(cut.block)}", "one of its blocks", fix)
        for block in edition.agenda:
            other = next((one for one in self.front.editions if one.id == block.same_as), None)
            if block.same_as and (other is None or other.duration_min != block.minutes):
                self.error(f"block {shown(block.block)} is not as long as edition {shown(block.same_as)}")
                return
        self.problems += check_timing(self.book, edition)
        if self.front.form == "card":
            return
        lines = section(self.book, edition.title, level=2)
        if not lines:
            self.error(f"there is no section for the edition {shown(edition.title)}", fix="Add the heading")
            return
        marks = names("\n".join(self.book.source.splitlines()[lines.start - 1 : lines.stop - 1]))
        for name in ("print-list", "late") if edition.cuts else ("print-list",):
            if f"{name}:{edition.id}" not in marks:
                fix = f"Add <!--={name}:{edition.id}--><!--/-->"
                self.error(f"the section of {shown(edition.title)} does not fill in its {name}", fix=fix)
        for number, block in enumerate(edition.agenda, 1):
            if block.kind == "work":
                self.block(edition, number)
        if self.front.form == "kit":
            self.handed_in(edition)
        for one, following in pairwise([one for one in edition.sheets if one.at not in ("before", "start")]):
            if minutes_of(following.at) < minutes_of(one.at):
                self.error(f"{following.sheet} stands behind {one.sheet}", "the order in which sheets are handed out")

    def handed_in(self, edition: Edition) -> None:
        """Check that some step says when each sheet with answers of the day is handed in."""
        asked = {field.sheet for field in self.front.capture.fields if field.when == "on the day"}
        for one in edition.sheets:
            if one.sheet not in asked or one.at in ("before", "start") or not self.front.sheet(one.sheet).kept:
                continue
            steps = [step for scene in scenes(self.book, edition) for step in scene.steps]
            if not any(HANDED_IN.search(step.what) for step in steps if step.end > minutes_of(one.at)):
                found = f"no step of {shown(edition.title)} says when {shown(one.sheet)} is handed in"
                self.error(found, "such as: into the box", "Say it under What happens")

    def block(self, edition: Edition, number: int) -> None:
        """Check the section of one block: its parts, its minutes without a gap, its materials."""
        block, start = edition.agenda[number - 1], edition.starts()[number - 1]
        heading = f"{number}: {block.block} ({block.minutes} minutes)"
        place = f"block {shown(heading)} of edition {shown(edition.title)}"
        lines = block_lines(self.book, edition, number)
        if not lines:
            self.error(f"{place} has no section", f'a heading that ends in "{heading}"')
            return
        here = [passage for passage in self.passages if passage.line in lines]
        for part in PARTS if self.front.form == "kit" else ("Steps and timing.",):
            if not any(passage.text.startswith(part) for passage in here):
                self.error(f"{place} has no part {shown(part)}", line=lines.start)
        if self.front.form == "kit" and not any(passage.kind == "quote" for passage in here):
            self.error(f"{place} has no words to speak", "a block quotation below Say:", line=lines.start)
        lead = next((passage.text for passage in here if passage.text.startswith("Lead:")), "")
        if lead and block.lead.replace("_", " ") not in lead.lower():
            self.error(f"{place} says {shown(lead)}", f"{block.lead}, as the agenda has it", line=lines.start)
        linked = {target for passage in here for target in passage.links}
        for name in self.handed_out(edition, start, start + block.minutes):
            if name not in linked:
                self.error(f"{place} does not say when {name} is used", fix="Link to it", line=lines.start)
        timing = [table for table in self.tables if table.line in lines and table.header == TIMING]
        if len(timing) != 1:
            self.error(f"{place} has {len(timing)} timing tables", f"one with {', '.join(TIMING)}", "", lines.start)
            return
        self.timing(edition, timing[0].rows, timing[0].line, start, start + block.minutes)
        for passage in here:
            for time in TIME.finditer(passage.text if passage.kind == "paragraph" else ""):
                if not start <= minutes_of(time[0]) <= start + block.minutes:
                    ends = f"{clock_of(start)} to {clock_of(start + block.minutes)}"
                    self.error(f"{place} speaks of {time[0]}", f"a time from {ends}", line=passage.line)

    def handed_out(self, edition: Edition, start: int, end: int) -> list[str]:
        """Return the files that are handed out between two minutes."""

        def inside(one: Handout) -> bool:
            at = {"before": -1, "start": 0}.get(one.at)
            return start <= (minutes_of(one.at) if at is None else at) < end

        return [self.front.sheet(one.sheet).file for one in edition.sheets if inside(one)]

    def timing(self, edition: Edition, rows: tuple[tuple[Passage, ...], ...], line: int, start: int, end: int) -> None:
        now = start
        for row in rows:
            match = _TIMES.fullmatch(row[0].text)
            if not match:
                expected = "hours:minutes–hours:minutes, such as 0:05–0:12"
                self.error(f"the time {shown(row[0].text)}", expected, "", row[0].line)
                return
            begins, ends = minutes_of(match[1]), minutes_of(match[4])
            if begins != now or ends <= begins:
                expected = f"a start at {clock_of(now)} and a later end"
                self.error(f"the row runs {row[0].text}", expected, "", row[0].line)
                return
            now = ends
            for cell, label in zip(row[1:], TIMING[1:]):
                if not cell.text:
                    self.error(f"nothing stands under {shown(label)}", "words, or Nothing or Nobody", "", cell.line)
            linked = {target for cell in row for target in cell.links}
            due = {
                self.front.sheet(one.sheet).file: one.at
                for one in edition.sheets
                if one.at not in ("before", "start") and begins <= minutes_of(one.at) < ends
            }
            for file in sorted({*due} - linked):
                self.error(f"{file} is handed out at {due[file]} and not in this row", "", "Link to it", row[0].line)
        if now != end:
            self.error(f"the block ends at {clock_of(now)}", f"{clock_of(end)}, as the agenda has it", "", line)

    def capture(self) -> None:
        """Check that each field is printed on its sheet as it is declared, and so are other words of the tables."""
        for field in self.front.capture.fields:
            sheet = FILE if field.sheet == CARD else self.front.sheet(field.sheet).file
            texts = {**self.texts, FILE: self.book.source}
            if not {f"asks:{field.field}", f"ticks:{field.field}"} & {*names(texts.get(sheet, ""))}:
                fix = f"Add <!--=asks:{field.field}--><!--/-->, or ticks:{field.field}"
                self.error(f"{sheet} does not ask for {shown(field.field)}", "words taken from its declaration", fix)
        own = [self.book.source] if self.front.form == "card" else []
        everywhere = {name for text in [*self.texts.values(), *own] for name in names(text)}
        needed = {"outcomes", "promised-by", "promise-kinds"} if self.front.capture.promises else set()
        needed |= {"audiences", "recall-rounds"} if self.front.capture.messages else set()
        if any(field.basis == "agreed" for field in self.front.capture.fields):
            needed |= {"participation"}
        for name in sorted(needed - everywhere):
            self.error(f"no sheet fills in {shown(name)}", fix=f"Add <!--={name}--><!--/-->")
        if self.front.form == "card" and self.front.capture.fields and "goes-to" not in everywhere:
            self.error("the card does not say who gets it", fix="Add: Sheet <!--=goes-to--><!--/-->")
        if self.front.form == "routine" and "participation" in needed and "codes" not in names(self.book.source):
            self.error("the text does not say who gives out codes", fix="Add <!--=codes--><!--/--> to its rules")

    def measures(self) -> None:
        declared = {entry.field for entry in self.front.capture.fields}
        measured = {field for measure in self.front.measures for field in measure.fields}
        for measure in self.front.measures:
            target = TABLES.get(measure.table)
            if target is None:
                self.error(f"a measure uses the table {shown(measure.table)}", f"one of {', '.join(TABLES)}")
                continue
            for column in measure.columns:
                if column not in target.columns:
                    expected = f"one of {', '.join(target.columns)}"
                    self.error(f"a measure uses the column {shown(column)} of {target.name}", expected)
        for field in sorted(measured - declared):
            self.error(f"a measure uses the field {shown(field)}", fix="Declare it under capture")
        for field in sorted(declared - measured) if self.front.measures else []:
            self.error(f"no measure uses the field {shown(field)}", fix="Add it to one, or do not ask for it")
