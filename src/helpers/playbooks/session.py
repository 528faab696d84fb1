"""One session of an edition: its people, its start, its paper, and the piles of sheets that it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from helpers.data.problems import input_error
from helpers.data.yaml_files import read_text

from . import editions
from .evidence import Registry
from .marks import fill, names, only, plain
from .parse import Edition, Playbook, Sheet, clock_of, minutes_of
from .quantities import copies
from .scenes import HANDED_IN, Scene, Step, scenes, shifted
from .values import in_words, listed, values

PAPERS = {"a4": "a4", "letter": "us-letter"}
CARDS_A_SHEET, HALVES_A_SHEET = 4, 2
#: Words for what people sit in; they are roles of a playbook, too.
FORMATIONS = ("tables", "teams", "groups", "pairs")
IN_RESERVE = "In your folder: for people who come late"
DAY = 24 * 60


def start_minutes(clock: str) -> int:
    """Return the minutes after midnight of a start such as 08:45.

    Raises
    ------
    InputError
        If the text is no time of day.
    """
    if re.fullmatch(r"\d{1,2}:[0-5]\d", clock) and minutes_of(clock) < DAY:
        return minutes_of(clock)
    raise input_error("--start", f'"{clock}" is no time of day', "hours:minutes, such as 08:45")


@dataclass(frozen=True)
class Pile:
    """Copies of one sheet, in the order in which piles are used; only kits number them."""

    number: int
    sheet: Sheet
    copies: int
    at: str
    to: str
    minute: int | None = None

    @property
    def sides(self) -> int:
        """How many printed sides the copies take."""
        per = {"cards": CARDS_A_SHEET, "half": HALVES_A_SHEET}.get(self.sheet.layout, 1)
        return -(-self.copies * self.sheet.pages // per)

    @property
    def called(self) -> str:
        """The pile's number, if any, name and copies."""
        return f"{f'Pile {self.number}: ' if self.number else ''}{self.sheet.title}, {self.copies}"

    @property
    def named(self) -> str:
        """The pile as it is called for in a step: its number, name, copies, and who gets them."""
        return f"{self.called} ({self.to[:1].lower()}{self.to[1:]})"


@dataclass(frozen=True)
class Session:
    """What a kit is made for.

    Parameters
    ----------
    book : Playbook
        The playbook.
    edition : Edition
        One of its editions.
    registry : Registry
        The evidence.
    people : int
        How many take part.
    start : int
        Minutes after midnight.
    paper : str
        ``"a4"`` or ``"letter"``.
    status : str
        What run records have earned the edition.
    client : str
        Title of the study the kit is for; empty without one.
    contact : str
        Name and phone of the privacy contact; empty when somebody writes it on the sheets.
    smallest : int, optional
        Smallest group of which the study shows results, as it promised; without a study the playbook's own.
    """

    book: Playbook
    edition: Edition
    registry: Registry
    people: int
    start: int
    paper: str
    status: str
    client: str = ""
    contact: str = ""
    smallest: int | None = None

    @property
    def name(self) -> str:
        """How every file of the kit begins."""
        return f"{self.book.front.id}-{self.edition.id}"

    @cached_property
    def values(self) -> dict[str, str]:
        """What the marks stand for in this session."""
        found = values(self.book.front, self.registry, self.start, self.people, self.status, self.contact)
        found |= editions.tables(self.book, self.edition)
        return found | ({"group": in_words(self.smallest)} if self.smallest and "group" in found else {})

    def text(self, source: str) -> str:
        """Return a text with marks as it reads in this session."""
        return plain(fill(only(source, self.people), self.values))

    @cached_property
    def filled(self) -> Playbook:
        """The playbook with the numbers of this session."""
        source = only(self.book.source, self.people)
        return Playbook(self.book.folder, self.book.front, fill(source, self.values))

    @cached_property
    def scenes(self) -> list[Scene]:
        """The blocks of the agenda, times counted from the start."""
        return scenes(self.filled, self.edition)

    @property
    def together(self) -> str:
        """What people sit in, as the agenda calls those who work in a breakout; else as the edition is formed."""
        leads = {block.lead for block in self.edition.agenda if block.breakout}
        return next((word for word in FORMATIONS if word in leads), self.edition.groups.split()[0])

    @property
    def sizes(self) -> list[int]:
        """How many sit in each group; the last ones are the larger ones, as the sheets have it for a group of three.

        Where two pairs share a table, no pair is parted: of an odd number of pairs one sits alone, and the three who
        belong together where the number of people is odd sit at the last table.
        """
        if self.edition.groups == "tables of pairs":
            pairs = self.people // 2
            found = [4] * (pairs // 2) + [2] * (pairs % 2)
            return [*found[:-1], found[-1] + self.people % 2]
        number = copies({"pairs": "G", "tables": "Q", "teams": "T"}[self.edition.groups], self.people)
        least, more = divmod(self.people, number)
        return [least + (group >= number - more) for group in range(number)]

    @property
    def in_groups(self) -> str:
        """How many groups there are and how many sit in each, in words."""
        counts = {size: self.sizes.count(size) for size in dict.fromkeys(self.sizes)}
        return f"{len(self.sizes)}, " + listed([f"{number} of {in_words(size)}" for size, number in counts.items()])

    @property
    def weeks(self) -> int:
        """Over how many weeks the edition goes; over several, no time of day can be told."""
        return max(block.week for block in self.edition.agenda)

    def clock(self, minutes: int) -> str:
        """Return the time of day, so many minutes after the start; over several weeks the time spent so far."""
        return clock_of((self.start + minutes) % DAY if self.weeks == 1 else minutes)

    def clocked(self, text: str) -> str:
        """Write the times of a text as times of day."""
        return shifted(text, self.start) if self.weeks == 1 else text

    @property
    def span(self) -> str:
        """From when to when it goes, in words."""
        if self.weeks > 1:
            return f"{self.edition.duration_min} minutes over {self.weeks} weeks"
        return f"from {self.clock(0)} to {self.clock(self.edition.duration_min)} at the latest"

    def _when(self, minutes: int) -> str:
        """Return when something is handed out: the time of day, or the week."""
        if self.weeks == 1:
            return f"at {self.clock(minutes)}"
        begun = [block.week for block, start in zip(self.edition.agenda, self.edition.starts()) if start <= minutes]
        return f"in week {begun[-1]}"

    @cached_property
    def piles(self) -> list[Pile]:
        """What is printed, in the order of use; what goes by e-mail or is not needed is left out."""
        found: list[Pile] = []
        for one in self.edition.sheets:
            sheet = self.book.front.sheet(one.sheet)
            number = copies(one.copies, self.people) * sheet.cards
            if number and sheet.layout != "by e-mail":
                early = {"before": "before the day", "start": "before the start"}.get(one.at)
                minute = None if early else minutes_of(one.at)
                at = early or self._when(minutes_of(one.at))
                place = len(found) + 1 if self.book.front.form == "kit" else 0
                found.append(Pile(place, sheet, number, at, one.to, minute))
        return found

    def handed_out(self, step: Step) -> list[Pile]:
        """Return the piles that are handed out in a step."""
        return [pile for pile in self.piles if pile.minute is not None and step.start <= pile.minute < step.end]

    @cached_property
    def spares(self) -> list[Pile]:
        """What lies in reserve, of each sheet; cards for a round count once for each of its cases."""
        found = []
        for one in self.edition.sheets:
            sheet = self.book.front.sheet(one.sheet)
            if one.spares:
                number = one.spares * (2 if sheet.case_round else 1)
                found.append(Pile(len(self.piles) + 1, sheet, number, "before the day", self.in_reserve))
        return found

    @property
    def in_reserve(self) -> str:
        """What spares are for."""
        cases = any(one.spares and self.book.front.sheet(one.sheet).case_round for one in self.edition.sheets)
        return IN_RESERVE + (", and for a case that is too close to a real one" if cases else "")

    @property
    def spare_sides(self) -> int:
        """How many printed sides the spares take; cards of several sheets share one, and so do halves."""
        of = {
            layout: sum(one.copies for one in self.spares if one.sheet.layout == layout) for layout in ("cards", "half")
        }
        rest = sum(one.sides for one in self.spares if one.sheet.layout not in of)
        return rest - (-of["cards"] // CARDS_A_SHEET) - (-of["half"] // HALVES_A_SHEET)

    @property
    def sides(self) -> int:
        """How many printed sides are handed out or lie in reserve."""
        return sum(pile.sides for pile in self.piles) + self.spare_sides

    @cached_property
    def to_send(self) -> list[tuple[Sheet, str]]:
        """What is not printed in piles but sent, and when: the invitation, the checks of later days."""
        found = []
        for one in self.edition.sheets:
            sheet = self.book.front.sheet(one.sheet)
            if editions.is_sent(sheet, one):
                found.append((sheet, one.to))
        return found

    @property
    def codes(self) -> bool:
        """Whether anything is stored that rests on a yes, and so under a code."""
        return any(field.basis == "agreed" for field in editions.fields(self.book, self.edition))

    @cached_property
    def conditions(self) -> dict[str, bool]:
        """Which parts of the texts that all kits share apply: pairs, promises, checks, slips with names."""
        return editions.conditions(self.book, self.edition)

    @cached_property
    def handed_in(self) -> list[tuple[Sheet, Step]]:
        """The sheets of the session that are kept, each with the step in which it is handed in on the day."""
        found = []
        taken = editions.taken_in(self.book, self.edition)
        for pile in self.piles:
            if pile.sheet in taken and pile.minute is not None:
                steps = [step for scene in self.scenes for step in scene.steps if step.end > pile.minute]
                found += [(pile.sheet, step) for step in steps if HANDED_IN.search(step.what)][:1]
        return found

    @cached_property
    def contact_places(self) -> list[tuple[str, int]]:
        """Sheets that name the privacy contact, and how many copies of each."""
        return self._places("kept", "kept-note", "privacy-contact")

    @cached_property
    def employer_places(self) -> list[tuple[str, int]]:
        """Sheets on which the employer says what it records anyway, and how many copies of each."""
        return self._places("participation")

    def _places(self, *marks: str) -> list[tuple[str, int]]:
        found = []
        for pile in [*self.piles, *self.spares]:
            written = names(read_text(self.book.folder / pile.sheet.file))
            places = sum(map(written.count, marks))
            if places:
                found.append((pile.sheet.title, places * pile.copies))
        return [(title, sum(number for name, number in found if name == title)) for title in dict(found)]
