"""Read a playbook: a folder with ``playbook.md``, its materials and its capture templates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from helpers.data.problems import input_error
from helpers.data.yaml_files import Declared, read_text
from helpers.data.yaml_files import load as load_yaml

FILE = "playbook.md"
CHECK_DAYS = [30, 60, 90]
# Nobody can see a person do these, so nobody can tell whether the objective was reached.
UNOBSERVABLE = {
    "appreciate", "be", "become", "believe", "feel", "know", "learn", "like", "realise", "see", "trust", "understand",
    "value",
}  # fmt: skip

Text = Annotated[str, Field(min_length=1)]
Minutes = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


def _observable(objective: str) -> str:
    verb = objective.split()[0].lower()
    if verb in UNOBSERVABLE:
        raise ValueError(f'"{verb}" cannot be observed; begin with what a person does, such as "Sort" or "Write"')
    return objective


def _three_checks(follow_up: list[FollowUp]) -> list[FollowUp]:
    days = [check.day for check in follow_up]
    if days != CHECK_DAYS:
        raise ValueError(f"the checks are on days {days}; expected one each on days {CHECK_DAYS}")
    return follow_up


def _both_ways(evidence: list[Evidence]) -> list[Evidence]:
    missing = {"positive", "null"} - {entry.result for entry in evidence}
    if missing:
        raise ValueError(f"no entry with result: {', '.join(sorted(missing))}; list nulls beside successes")
    return evidence


class Participants(Declared):
    """Who takes part and under which conditions."""

    who: Text
    eligibility: Annotated[list[Text], Field(min_length=1)]


class Role(Declared):
    """A part somebody plays in a session."""

    id: Identifier
    does: Text


class Confidentiality(Declared):
    """The rules that keep what is confidential where it belongs."""

    step_out_word: Text
    notes_destroyed_within_days: Count
    breach_route: Text
    undertaking: Text
    colour_table: Text
    incident_note: Text


class Size(Declared):
    """How many people an edition is made for."""

    fewest: Count
    most: Count


class Block(Declared):
    """A stretch of the agenda with one purpose."""

    block: Text
    minutes: Minutes
    lead: Identifier
    materials: list[Text]


class Edition(Declared):
    """One way to run the practice, of its own length."""

    id: Identifier
    title: Text
    duration_min: Minutes
    prep_min: Minutes
    participants: Size
    timetable: Text
    prepare: list[Text]
    agenda: Annotated[list[Block], Field(min_length=1)]

    def materials(self) -> list[str]:
        """Return what a trainer brings to this edition, each file once."""
        return list(dict.fromkeys([*self.prepare, *(name for block in self.agenda for name in block.materials)]))


class CaptureField(Declared):
    """One field of the capture template."""

    field: Identifier
    holds: Text
    when: Text


class Capture(Declared):
    """What is counted, under which name of the practice, in which files."""

    practice: Identifier
    files: Annotated[list[Text], Field(min_length=1)]
    fields: Annotated[list[CaptureField], Field(min_length=1)]


class Measure(Declared):
    """What a study can say about the practice, from columns of a table or from captured fields."""

    what: Text
    table: Identifier
    columns: list[Identifier] = Field(default_factory=list)
    fields: list[Identifier] = Field(default_factory=list)
    when: Text


class FollowUp(Declared):
    """A check some days after the session."""

    day: Count
    minutes: Minutes
    who: Identifier
    does: Text
    materials: list[Text]


class Evidence(Declared):
    """What is known about a practice, with its source."""

    practice: Text
    finding: Text
    result: Literal["positive", "null", "mixed", "association", "advice"]
    source: Text


class Risk(Declared):
    """What may go wrong, and what is done about it."""

    risk: Text
    answer: Text


class Reviewed(Declared):
    """When the playbook was last read as a whole, by whom and how."""

    date: datetime.date
    by: Text
    how: Text


class FrontMatter(Declared):
    """The typed head of a playbook."""

    id: Identifier
    title: Text
    summary: Text
    participants: Participants
    roles: Annotated[list[Role], Field(min_length=1)]
    confidentiality: Confidentiality
    objectives: Annotated[list[Annotated[Text, AfterValidator(_observable)]], Field(min_length=1)]
    editions: Annotated[list[Edition], Field(min_length=1)]
    participant_materials: list[Text]
    facilitator_materials: list[Text]
    capture: Capture
    measures: Annotated[list[Measure], Field(min_length=1)]
    follow_up: Annotated[list[FollowUp], AfterValidator(_three_checks)]
    evidence: Annotated[list[Evidence], AfterValidator(_both_ways)]
    risks: Annotated[list[Risk], Field(min_length=1)]
    reviewed: Reviewed


@dataclass(frozen=True)
class _Head:
    """The front matter as a file of its own, for the reader of YAML files; its lines are those of the playbook."""

    name: str
    text: str

    def read_bytes(self) -> bytes:
        return self.text.encode("utf-8")


@dataclass(frozen=True)
class Playbook:
    """A playbook as read.

    Parameters
    ----------
    folder
        Its folder, whose name is the playbook's id.
    front
        The typed front matter.
    body
        The Markdown below it. Blank lines stand for the front matter, so that lines count as in the file.
    """

    folder: Path
    front: FrontMatter
    body: str

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
    folder
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
    return Playbook(folder, load_yaml(FrontMatter, _Head(name, head)), "\n" * (head.count("\n") + 2) + body)


def named_materials(front: FrontMatter) -> Iterable[str]:
    """Yield every material that an edition, a check or a rule names, once for each time."""
    for edition in front.editions:
        yield edition.timetable
        yield from edition.materials()
    for check in front.follow_up:
        yield from check.materials
    rules = front.confidentiality
    yield from (rules.undertaking, rules.colour_table, rules.incident_note)
