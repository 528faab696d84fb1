"""Read a playbook: a folder with ``playbook.md``, its materials and its capture templates."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from helpers.data.practices import PLAYBOOK as FILE
from helpers.data.practices import Capture, Identifier, Text
from helpers.data.problems import did_you_mean, input_error, shown
from helpers.data.yaml_files import Declared, Mistake, Place, read_text
from helpers.data.yaml_files import load as load_yaml

from .marks import plain
from .quantities import copies

#: What a card's own page is called where a field says on which sheet it stands.
CARD = "card"
CHECK_DAYS = [30, 60, 90]
#: Nobody can see a person do these, so nobody can tell whether the objective was reached.
UNOBSERVABLE = {
    "appreciate", "be", "become", "believe", "feel", "know", "learn", "like", "realise", "see", "trust", "understand",
    "value",
}  # fmt: skip
TIME = re.compile(r"(\d+):([0-5]\d)")

Minutes = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Form = Literal["kit", "routine", "card"]
Colour = Literal["green", "amber", "red"]


def minutes_of(clock: str) -> int:
    """Return minutes from hours:minutes; ValueError where the text is none."""
    match = TIME.fullmatch(clock)
    if not match:
        raise ValueError(f'"{clock}" is no time; write hours:minutes, such as 0:08')
    return 60 * int(match[1]) + int(match[2])


def clock_of(minutes: int) -> str:
    """Return hours:minutes."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def _observable(objective: str) -> str:
    verb = objective.split()[0].lower()
    if verb in UNOBSERVABLE:
        raise ValueError(f'"{verb}" cannot be observed; begin with what a person does, such as "Sort" or "Write"')
    return objective


def _time(at: str) -> str:
    minutes_of(at)
    return at


def _handed_out_at(at: str) -> str:
    return at if at in ("before", "start") else _time(at)


def _formula(text: str) -> str:
    copies(text, 1)
    return text


class Card(Declared):
    """Page one: what a person who chooses a practice must know."""

    what: Text
    why: Text
    for_whom: Text
    when_not: Text
    people: Text
    you_leave_with: Text
    rule_above_all: Text | None = None


class Participants(Declared):
    """Who takes part and under which conditions."""

    who: Text
    eligibility: Annotated[list[Text], Field(min_length=1)]


class Role(Declared):
    """A part somebody plays in a session."""

    id: Identifier
    does: Text


class Rules(Declared):
    """Rules that sheets state: each stands here once and is filled in. A practice declares those it needs."""

    step_out_word: Text | None = None
    notes_destroyed_within_days: Annotated[int, Field(ge=1, le=31)] | None = None
    told_within_hours: Count | None = None
    authority_within_hours: Count | None = None
    smallest_group: Annotated[int, Field(ge=5)] | None = None
    notice_work_days: Count | None = None
    counts_kept_months: Count | None = None
    breach_route: Text | None = None
    undertaking: Text | None = None
    colour_table: Text | None = None
    incident_note: Text | None = None
    stated_on: dict[str, list[Text]] = Field(default_factory=dict)

    def sheets(self) -> list[str]:
        """Return the sheets that hold the rules themselves."""
        return [name for name in (self.undertaking, self.colour_table, self.incident_note) if name]


class ColourRow(Declared):
    """One kind of meeting, task or call, and whether a visitor may be there."""

    what: Text
    colour: Colour
    attend: Text
    notes: Text
    leave_when: Text

    def mistakes(self) -> list[Mistake]:
        """Return that red has an exception, where it has one."""
        if self.colour == "red" and not (self.attend == "No" and self.notes == "No"):
            return [((), f'red has no exceptions: attend and notes of "{self.what}" must be No')]
        return []


class Strip(Declared):
    """One printed case to sort; its colour is that of its row in the table."""

    text: Text
    row: Text


class Colours(Declared):
    """The green, amber and red table, and the cases that are sorted with it."""

    heading: Text
    joining: Text
    rows: Annotated[list[ColourRow], Field(min_length=3)]
    strips: list[Strip] = Field(default_factory=list)

    def mistakes(self) -> list[Mistake]:
        """Return rows whose red has exceptions, and strips that belong to no row."""
        found = [(("rows", at), words) for at, row in enumerate(self.rows) for _, words in row.mistakes()]
        known = {row.what for row in self.rows}
        lost = [at for at, strip in enumerate(self.strips) if strip.row not in known]
        return [*found, *((("strips", at), f'no row is called "{self.strips[at].row}"') for at in lost)]

    def of(self, strip: Strip) -> Colour:
        """Return the colour of a strip."""
        return next(row.colour for row in self.rows if row.what == strip.row)


class CaseRound(Declared):
    """Which printed case goes to groups with odd and with even numbers."""

    round: Identifier
    odd: Count
    even: Count


class Size(Declared):
    """How many people an edition is made for."""

    fewest: Count
    most: Count


class Block(Declared):
    """A stretch of the agenda with one purpose."""

    block: Text
    minutes: Minutes
    lead: Identifier
    kind: Literal["work", "break", "reserve"] = "work"
    breakout: bool = False
    week: Count = 1
    same_as: Identifier | None = None


class Handout(Declared):
    """A sheet of an edition: how many copies, from when on it is used, who gets it, and how many lie in reserve.

    Of cards for a round, a spare is one of each case.
    """

    sheet: Identifier
    copies: Annotated[Text, AfterValidator(_formula)]
    at: Annotated[Text, AfterValidator(_handed_out_at)]
    to: Text
    spares: Annotated[int, Field(ge=0)] = 0


class Cut(Declared):
    """What may be left out when a session runs late, and what is lost by it.

    ``steps`` are the starts of the steps that it leaves out or shortens; ``instead``, the minutes they keep together.
    """

    block: Text
    saves: Minutes
    steps: list[Annotated[Text, AfterValidator(_time)]] = Field(default_factory=list)
    instead: Annotated[int, Field(ge=0)] = 0
    leave_out: Text
    lost: Text


class Edition(Declared):
    """One way to run the practice, of its own length; ``confidential`` is what to do where nobody can leave a call.

    ``after`` is what the run sheet names first when people have gone, before anything is typed in or shredded.
    """

    id: Identifier
    title: Text
    duration_min: Minutes
    prep_min: Annotated[int, Field(ge=0)]
    participants: Size
    groups: Literal["pairs", "tables", "teams", "tables of pairs"] = "pairs"
    confidential: Text | None = None
    after: list[Text] = Field(default_factory=list)
    agenda: Annotated[list[Block], Field(min_length=1)]
    sheets: list[Handout] = Field(default_factory=list)
    cuts: list[Cut] = Field(default_factory=list)

    def starts(self) -> list[int]:
        """Return the minute at which each block begins."""
        return list(accumulate((block.minutes for block in self.agenda[:-1]), initial=0))


class Sheet(Declared):
    """A sheet: where it lies, who reads it, and how it is put on paper.

    ``half`` is two to a page, ``cards`` four; a ``script`` begins each of its parts on a page of its own. On one to
    ``sign_up`` people give their name, so that it waits until they have been written to.
    """

    id: Identifier
    file: Text
    title: Text
    reader: Literal["participants", "facilitator"] = "participants"
    layout: Literal["page", "half", "cards", "columns", "strips", "script", "by e-mail"] = "page"
    pages: Count = 1
    cards: Count = 1
    case_round: Identifier | None = None
    kept: bool = False
    sign_up: bool = False


class Measure(Declared):
    """What a study can say about the practice, from columns or captured fields, and which chapters say it."""

    what: Text
    table: Identifier
    read_by: Annotated[list[Identifier], Field(min_length=1)]
    columns: list[Identifier] = Field(default_factory=list)
    fields: list[Identifier] = Field(default_factory=list)
    when: Text


class FollowUp(Declared):
    """A check some days after the session."""

    day: Count
    minutes: Minutes
    who: Identifier
    does: Text
    materials: list[Identifier]


class Risk(Declared):
    """What may go wrong, and what is done about it."""

    risk: Text
    answer: Text


class Beyond(Declared):
    """Limits of its form that a practice goes beyond: up to how many, and why."""

    words: Count | None = None
    kinds: Count | None = None
    sides: Count | None = None
    fields: Count | None = None
    why: Text


class Reviewed(Declared):
    """When the playbook was last read as a whole, by whom and how."""

    date: datetime.date
    by: Text
    how: Text


class FrontMatter(Declared):
    """The typed head of a playbook: a core that every practice has, and parts that some need."""

    id: Identifier
    title: Text
    summary: Text
    form: Form
    card: Card
    participants: Participants
    roles: Annotated[list[Role], Field(min_length=1)]
    objectives: list[Annotated[Text, AfterValidator(_observable)]] = Field(default_factory=list)
    editions: Annotated[list[Edition], Field(min_length=1)]
    materials: list[Sheet] = Field(default_factory=list)
    capture: Capture
    evidence: Annotated[list[Identifier], Field(min_length=1)]
    rules: Rules = Rules()
    colours: Colours | None = None
    cases: list[CaseRound] = Field(default_factory=list)
    measures: list[Measure] = Field(default_factory=list)
    follow_up: list[FollowUp] = Field(default_factory=list)
    risks: list[Risk] = Field(default_factory=list)
    beyond: Beyond | None = None
    reviewed: Reviewed

    def mistakes(self) -> list[Mistake]:
        """Return what the parts do not agree on."""
        found = [(("capture", *place), words) for place, words in self.capture.mistakes()]
        found += [(("colours", *place), words) for place, words in (self.colours.mistakes() if self.colours else [])]
        days = [check.day for check in self.follow_up]
        if days not in ([], CHECK_DAYS):
            found.append((("follow_up",), f"the checks are on days {days}; expected one each on days {CHECK_DAYS}"))
        known = [sheet.id for sheet in self.materials]
        twice = [at for at, id in enumerate(known) if id in known[:at]]
        found += [(("materials", at), f'the id "{known[at]}" stands twice') for at in twice]
        used: list[tuple[Place, str]] = [
            (("editions", at), one.sheet) for at, edition in enumerate(self.editions) for one in edition.sheets
        ]
        used += [(("follow_up", at), name) for at, check in enumerate(self.follow_up) for name in check.materials]
        used += [(("capture", "fields", at), one.sheet) for at, one in enumerate(self.capture.fields)]
        known += [CARD] if self.form == "card" else []
        return found + [(place, f'no material has the id "{name}"') for place, name in used if name not in known]

    def sheet(self, id: str) -> Sheet:
        """Return a material by its id."""
        return next(sheet for sheet in self.materials if sheet.id == id)

    def edition(self, id: str) -> Edition:
        """Return an edition by its id.

        Raises
        ------
        InputError
            If there is none; names those that exist.
        """
        for edition in self.editions:
            if edition.id == id:
                return edition
        known = [edition.id for edition in self.editions]
        fix = did_you_mean(id, known).capitalize() or "Choose one of them"
        raise input_error(f"{self.id}/{FILE}", f"there is no edition {shown(id)}", ", ".join(known), fix)


@dataclass(frozen=True)
class Named:
    """A text as a file of its own, for the reader of YAML files; its lines are those of the file it is part of."""

    name: str
    text: str

    def read_bytes(self) -> bytes:
        return self.text.encode("utf-8")


@dataclass(frozen=True)
class Playbook:
    """A playbook as read.

    Parameters
    ----------
    folder : pathlib.Path
        Its folder, whose name is the playbook's id.
    front : FrontMatter
        The typed front matter.
    source : str
        The Markdown below it, with its marks. Blank lines stand for the front matter, so that lines count as in
        the file.
    """

    folder: Path
    front: FrontMatter
    source: str

    @cached_property
    def body(self) -> str:
        """The text as a reader sees it, without marks; lines count as in the file."""
        return plain(self.source)

    @property
    def file(self) -> str:
        """Name of the file in messages."""
        return f"{self.folder.name}/{FILE}"


def discover(root: Path) -> list[Path]:
    """Return the folders below ``root`` that hold a playbook, by name."""
    return sorted(path.parent for path in root.glob(f"*/{FILE}"))


def load(folder: Path) -> Playbook:
    """Read a playbook and the types of its front matter.

    Parameters
    ----------
    folder : pathlib.Path
        Folder that holds ``playbook.md``.

    Returns
    -------
    Playbook

    Raises
    ------
    InputError
        With every mistake in the front matter: its line, what was found and what to write.
    """
    text = read_text(folder / FILE).replace("\r\n", "\n")
    name = f"{folder.name}/{FILE}"
    head, fence, body = text.partition("\n---\n")
    if not text.startswith("---\n") or not fence:
        raise input_error(name, "there is no front matter", "YAML between two lines of ---", "Begin the file with it")
    return Playbook(folder, _front(name, head), "\n" * (head.count("\n") + 2) + body)


@lru_cache(maxsize=128)
def _front(name: str, head: str) -> FrontMatter:
    """Return the front matter; YAML takes longer to read than all checks together, and it does not change."""
    return load_yaml(FrontMatter, Named(name, head))
