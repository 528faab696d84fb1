"""What is recorded of a practice: fields that its playbook declares once, for sheets, checks, imports and notebooks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from .alike import folded
from .convert import YES_NO, moment
from .problems import InputError, did_you_mean, input_error
from .tables import lookup
from .yaml_files import Declared, Mistake, load, read_text, read_yaml

MOST_FIELDS = 12
LAGS = range(1, 9)
"""Periods that a business metric may lie behind the HR metric it is set beside."""
Expectation = Literal["higher", "lower"]
"""What may be expected of a business metric where the HR metric beside it is higher."""
EMPLOYER = "recorded by the employer"
PLAYBOOK = "playbook.md"
UNIT_KINDS = {"team": "team", "hr_id": "hr_partner", "partnership_id": "pair"}
"""Column of practice_draws that is filled, and what was allotted then."""

_METRICS = re.compile(rf"(.+?)\s*(?:->|→)\s*(.+?)\s*:\s*({'|'.join(get_args(Expectation))})", re.IGNORECASE)
Text = Annotated[str, Field(min_length=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


def same_word(text: str) -> str:
    """Return what a word is compared by: without case, and with blanks, hyphens and underscores as one.

    Examples
    --------
    >>> same_word("Full day") == same_word("full-day")
    True
    """
    return re.sub(r"[\s_-]+", "_", folded(text)).strip("_")


def metrics_of(text: str) -> tuple[str, str, str] | None:
    """Return the HR metric, the business metric and what is expected of it; None where a text does not say all three.

    Examples
    --------
    >>> metrics_of("Manager score → Voluntary turnover: LOWER")
    ('manager_score', 'voluntary_turnover', 'lower')
    >>> metrics_of("manager_score -> voluntary_turnover")
    """
    match = _METRICS.fullmatch(text.strip())
    return (same_word(match[1]), same_word(match[2]), match[3].lower()) if match else None


class CaptureField(Declared):
    """One field: what it holds, about whom it speaks, when it is asked, on which sheet, by whom, and on what basis.

    Parameters
    ----------
    field, label : str
        Name in the tables; words on the sheet.
    type : {"whole", "date", "yes_no", "choice", "text", "metrics"}
        What it holds; ``metrics``: an HR metric, a business metric, and what is expected of it.
    least, most : int, optional
        Range of whole numbers.
    words : list of str, optional
        Of a choice.
    not_above : str, optional
        Another field whose number this one cannot exceed.
    level : {"person", "pair", "session", "unit"}
        About whom an answer speaks.
    when : str
        Before, on the day, or on which day of the follow-up.
    sheet, filled_by : str
        The material that asks, and the role that writes.
    basis : {"agreed", "recorded by the employer"}
        Whether it rests on the yes of those it is about.
    outcome : bool
        Whether the practice is meant to change it, so that those who began are compared with those who had not.
    same_as : str, optional
        Of an outcome: the field that asks the same of people before they take part. What those who had not begun note
        there is what the outcome is compared with.
    told_as : str, optional
        What reports call it, where the words of the sheet can be understood on the sheet alone.
    """

    field: Identifier
    label: Text
    type: Literal["whole", "date", "yes_no", "choice", "text", "metrics"]
    least: int | None = None
    most: int | None = None
    words: list[Text] = Field(default_factory=list)
    not_above: Identifier | None = None
    level: Literal["person", "pair", "session", "unit"]
    when: Literal["before", "on the day", "day 30", "day 60", "day 90"]
    sheet: Identifier
    filled_by: Identifier
    basis: Literal["agreed", "recorded by the employer"]
    outcome: bool = False
    same_as: Identifier | None = None
    told_as: Text | None = None

    @property
    def told(self) -> str:
        """What reports call it; of the label without the letter by which a sheet calls a number, "Wrong (N)"."""
        return self.told_as or re.sub(r" \([A-Z]\)$", "", self.label)

    def mistakes(self) -> list[Mistake]:
        """Return that the field does not say what it may hold, or cannot be the outcome that it says it is."""
        if self.outcome and (self.type not in ("whole", "yes_no") or self.level == "session"):
            words = "an outcome holds whole numbers, or yes or no, of a person, a pair or a unit"
            return [((), f'the field "{self.field}" is an outcome; {words}')]
        if self.same_as and not self.outcome:
            return [((), f'the field "{self.field}" has same_as and is no outcome; write outcome: true')]
        if self.type == "choice" and len({same_word(word) for word in self.words}) < 2:
            return [((), f'the field "{self.field}" is a choice of {len(self.words)} words; name at least two')]
        if self.type == "metrics" and self.level != "session":
            return [((), f'the field "{self.field}" holds metrics of the whole study; its level is session')]
        if self.type == "whole" and (self.least is None or self.most is None or self.least >= self.most):
            return [((), f'the field "{self.field}" has no range; write least and most')]
        return []

    def within(self, numbers: range) -> bool:
        """Tell whether both ends of the range lie within some numbers."""
        return self.least in numbers and self.most in numbers

    def holds(self) -> str:
        """Return what may be typed in, in words."""
        words = {"date": "a date, such as 2026-06-30", "yes_no": "yes or no", "text": "words"}
        words["metrics"] = f"HR metric -> business metric: {' or '.join(get_args(Expectation))}"
        ways = {"choice": ", ".join(self.words), "whole": f"{self.least} to {self.most}"}
        return ways.get(self.type) or words[self.type]

    @property
    def expected(self) -> str:
        """What may be typed in, for a message."""
        return {"choice": f"one of {self.holds()}", "whole": f"a whole number from {self.least} to {self.most}"}.get(
            self.type, self.holds()
        )

    def read(self, text: str) -> str | None:
        """Return the value that a text certainly means, as the tables hold it; None where it is none.

        Parameters
        ----------
        text : str
            What stands in a cell.

        Examples
        --------
        >>> told = dict(label="Hits", level="person", when="on the day", sheet="s", filled_by="p", basis="agreed")
        >>> hits = CaptureField(field="hits", type="whole", least=0, most=3, **told)
        >>> hits.read("3"), hits.read("7"), hits.read("two")
        ('3', None, None)
        """
        text = text.strip()
        if self.type == "whole":
            match = re.fullmatch(r"([+-]?\d{1,9})([.,]0+)?", text, re.ASCII)
            if not match or self.least is None or self.most is None:
                return None
            return str(int(match[1])) if self.least <= int(match[1]) <= self.most else None
        if self.type == "yes_no":
            answer = YES_NO.get(folded(text))
            return None if answer is None else "yes" if answer else "no"
        if self.type == "date":
            day = moment(text, None, ZoneInfo("UTC"))
            return f"{day:%Y-%m-%d}" if isinstance(day, datetime.datetime) else None
        if self.type == "choice":
            return next((word for word in self.words if same_word(word) == same_word(text)), None)
        if self.type == "metrics":
            found = metrics_of(text)
            return "{} -> {}: {}".format(*found) if found else None
        return text or None


class Changes(Declared):
    """What a practice is meant to change, beside the fields that are outcomes.

    Parameters
    ----------
    dimensions : list of str
        Of the survey, by their ids in the codebook.
    records : list of {"feedback", "promises", "teams"}
        How soon managers give feedback in hiring, promises kept, and what is recorded of teams.
    feedback_where : dict of str to str
        A choice and one of its words, such as side_visited: talent_acquisition: feedback is compared once more among
        managers who noted it.
    """

    dimensions: list[Identifier] = Field(default_factory=list)
    records: list[Literal["feedback", "promises", "teams"]] = Field(default_factory=list)
    feedback_where: dict[Identifier, Text] = Field(default_factory=dict)


class Capture(Declared):
    """What is recorded of one practice: its name in the tables, its fields, what it changes, and what stands beside.

    ``promises`` says that promises are made, ``messages`` that messages are read for what they say of the company, and
    that people are asked later what its message is: tables of their own hold these, and the capture workbook has
    sheets for them. ``playbook`` is the name of its folder, by which people call the practice too, and ``form`` what
    kind of playbook it is (kit, routine or card); both are filled in on reading. ``lag`` names the field that says, of
    a practice with fields of metrics, how many periods the business metric lies behind.
    """

    practice: Identifier
    playbook: str = ""
    form: str = ""
    promises: bool = False
    messages: bool = False
    lag: Identifier | None = None
    changes: Changes = Field(default_factory=Changes)
    fields: Annotated[list[CaptureField], Field(max_length=MOST_FIELDS)]

    def mistakes(self) -> list[Mistake]:
        """Return fields that do not say what they hold, stand twice, or lean on a field that is not there."""
        found: list[Mistake] = [
            (("fields", at), words) for at, one in enumerate(self.fields) for _, words in one.mistakes()
        ]
        names = [one.field for one in self.fields]
        for at, one in enumerate(self.fields):
            if one.field in names[:at]:
                found.append((("fields", at), f'the field "{one.field}" stands twice'))
            if one.not_above and one.not_above not in names:
                found.append((("fields", at), f'not_above names "{one.not_above}", which is no field'))
            other = self.field(one.same_as) if one.same_as else one
            if other is None or (other.type, other.level, other.least, other.most) != (
                one.type, one.level, one.least, one.most,
            ):  # fmt: skip
                words = f'same_as names "{one.same_as}", which is no field of the same type, level and range'
                found.append((("fields", at), words))
        behind = self.field(self.lag) if self.lag else None
        if behind is None and (self.lag or self.metrics):
            found.append((("lag",), "metrics are agreed on with a lag; name the field that says how many periods"))
        elif behind and not (behind.type == "whole" and behind.level == "session" and behind.within(LAGS)):
            words = f'lag names "{self.lag}"; it holds whole numbers of a session from {LAGS[0]} to {LAGS[-1]}'
            found.append((("lag",), words))
        for name, word in self.changes.feedback_where.items():
            choice = self.field(name)
            if choice is None or word not in choice.words:
                found.append((("changes",), f'feedback_where names "{name}: {word}", which no choice offers'))
        return found

    @property
    def metrics(self) -> list[str]:
        """The names of fields that hold metrics."""
        return [one.field for one in self.fields if one.type == "metrics"]

    def field(self, name: str) -> CaptureField | None:
        """Return a field by its name; None where it is not declared."""
        return next((one for one in self.fields if one.field == name), None)


class Practices(Declared):
    """What a study says of its practices.

    Parameters
    ----------
    playbooks : pathlib.Path, optional
        Folder with playbooks of one's own, beside the shipped ones.
    participation : dict of str to str, optional
        Practice to the basis on which the employer records anyway who took part; without it, only people who agreed
        are in ``practice_log``.
    """

    playbooks: Path | None = None
    participation: dict[str, Text] = Field(default_factory=dict)


class _Head(Declared):
    capture: Capture

    def mistakes(self) -> list[Mistake]:
        return [(("capture", *place), words) for place, words in self.capture.mistakes()]


@dataclass(frozen=True)
class _Part:
    """The lines of a playbook that declare what is captured; blank lines stand for the others."""

    name: str
    text: str

    def read_bytes(self) -> bytes:
        return self.text.encode("utf-8")


def declared(folders: Iterable[Path]) -> dict[str, Capture]:
    """Read what the playbooks of some folders declare.

    Parameters
    ----------
    folders : iterable of pathlib.Path
        Each holds one folder per playbook.

    Returns
    -------
    dict of str to Capture
        By the practice's name in the tables.

    Raises
    ------
    InputError
        When a declaration cannot be read, with its line, or two playbooks declare the same practice.
    """
    found: dict[str, Capture] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/{PLAYBOOK}")):
            name = f"{path.parent.name}/{PLAYBOOK}"
            text = read_text(path)
            capture = _capture(name, _lines(text))
            if capture.practice in found:
                raise input_error(
                    name, f"the practice {capture.practice} is declared twice", fix="Give it another name"
                )
            form = re.search(r"^form:\s*(\w+)", _lines(text, "form"), re.MULTILINE)
            named = {"playbook": path.parent.name, "form": form[1] if form else ""}
            found[capture.practice] = capture.model_copy(update=named)
    return found


def card(folder: Path) -> list[tuple[str, str]]:
    """Return what whoever is told to try a practice must know, from the head of its playbook.

    Parameters
    ----------
    folder : pathlib.Path
        The playbook's.

    Returns
    -------
    list of tuple
        Name and words: its summary, its card, and the length and size of each edition; nothing where there is no
        playbook, or it cannot be read.
    """
    path = folder / PLAYBOOK
    try:
        text = read_text(path) if path.is_file() else ""
        keys = ("summary", "card", "editions")
        head = _OfCard.model_validate(
            read_yaml(_Part(path.name, "\n".join(_lines(text, key) for key in keys)))[0] or {}
        )
    except (InputError, ValidationError):
        return []
    named = {name.replace("_", " ").capitalize(): words for name, words in head.card.items()}
    return [("In short", head.summary), *named.items(), *((one.title, one.in_words()) for one in head.editions)]


class _Size(BaseModel):
    fewest: int
    most: int


class _Length(BaseModel):
    title: str
    duration_min: int
    prep_min: int
    participants: _Size

    def in_words(self) -> str:
        size = f"{self.participants.fewest} to {self.participants.most} people"
        return f"{self.duration_min} minutes, and {self.prep_min or 'none'} to prepare; {size}"


class _OfCard(BaseModel):
    """What a card needs of a head, which holds more."""

    summary: str
    card: dict[str, str]
    editions: list[_Length]


def _lines(text: str, key: str = "capture") -> str:
    """Return the lines of one key alone: to read all of a head takes longer than all checks together."""
    head = text.replace("\r\n", "\n").partition("\n---\n")[0].split("\n")
    first = next((at for at, line in enumerate(head) if line.startswith(f"{key}:")), len(head))
    last = next((at for at in range(first + 1, len(head)) if re.match(r"[^\s#]", head[at])), len(head))
    return "\n" * first + "\n".join(head[first:last])


@lru_cache(maxsize=64)
def _capture(name: str, lines: str) -> Capture:
    return load(_Head, _Part(name, lines)).capture


def closest(practice: str, known: Mapping[str, Capture]) -> str | None:
    """Return the declared practice that a spelling likely means; None where nothing is like it."""
    spelt = {same_word(word): name for name, one in known.items() for word in (one.playbook, name) if word}
    if same_word(practice) in spelt:
        return spelt[same_word(practice)]
    near = did_you_mean(same_word(practice), spelt)
    return spelt[near.split('"')[1]] if near else None


def most_recorded(log: pd.DataFrame, known: Mapping[str, Capture]) -> str:
    """Return the declared practice with most entries in the table practice_log; empty where there is none."""
    counts = log.loc[log["practice"].isin(list(known)), "practice"].value_counts()
    return str(counts.index[0]) if len(counts) else ""


def stored(answers: pd.DataFrame, known: Mapping[str, Capture]) -> pd.DataFrame:
    """Return answers with each value as its field's declaration writes it; what no declaration reads stays.

    Parameters
    ----------
    answers : pandas.DataFrame
        With ``field`` and ``value``.
    known : mapping of str to Capture
        The declarations; two practices may declare a field of one name.
    """
    fields: dict[str, list[CaptureField]] = {}
    for capture in known.values():
        for one in capture.fields:
            fields.setdefault(one.field, []).append(one)

    def written(field: str, value: str) -> str:
        readings = [read for one in fields.get(field, []) if (read := one.read(value)) is not None]
        return readings[0] if readings else value

    pairs = answers[["field", "value"]].dropna().drop_duplicates()
    told = {pair: written(*pair) for pair in pairs.itertuples(index=False, name=None)}
    values = [told.get(pair, pair[1]) for pair in answers[["field", "value"]].itertuples(index=False, name=None)]
    return answers.assign(value=pd.Series(values, index=answers.index, dtype="str"))


def allotted(
    draws: pd.DataFrame, practice: str, pairs: pd.DataFrame, people: pd.DataFrame | None, units: pd.DataFrame | None
) -> pd.DataFrame:
    """Return what a practice's allocation says of every pair.

    Parameters
    ----------
    draws, pairs, people, units : pandas.DataFrame
        Tables of the study; people and units are needed where teams were allotted.
    practice : str
        The practice.

    Returns
    -------
    pandas.DataFrame
        One row a pair: partnership_id, hr_id, manager_id, start_date, end_date, unit_kind (team, hr_partner, pair),
        unit, stratum, arm, cohort, starts_on, allocated_by, drawn_on, could_start. What was allotted is missing for
        pairs whose unit was not.

    Notes
    -----
    A manager belongs to the lowest row of units whose department and location are the manager's; a row that leaves one
    of the two empty fits any. With several of the same depth the first counts.
    """
    found = pairs[["partnership_id", "hr_id", "manager_id", "start_date", "end_date"]].reset_index(drop=True)
    drawn = draws[draws["practice"] == practice]
    column = next((name for name in UNIT_KINDS if drawn[name].notna().any()), None)
    found["unit_kind"] = pd.Series(UNIT_KINDS.get(column or ""), index=found.index, dtype="str")
    told = {"hr_id": found["hr_id"], "partnership_id": found["partnership_id"]}
    if column == "team":
        told["team"] = teams(found["manager_id"], people, units)
    found["unit"] = told[column] if column else pd.Series(None, index=found.index, dtype="str")
    for name in ("stratum", "arm", "cohort", "starts_on", "allocated_by", "drawn_on", "could_start"):
        found[name] = lookup(found["unit"], drawn, column or "team", name)
    found["unit"] = found["unit"].where(found["arm"].notna())
    return found


def teams(persons: pd.Series, people: pd.DataFrame | None, units: pd.DataFrame | None) -> pd.Series:
    """Return for each person the unit that their department and location name; missing where none does."""
    if people is None or units is None:
        return pd.Series(None, index=persons.index, dtype="str")
    lowest: dict[tuple[str | None, str | None], str] = {}
    for unit, department, location in units[["unit", "department", "location"]].astype(object).itertuples(index=False):
        key = (_or_none(department), _or_none(location))
        if key != (None, None):
            lowest.setdefault(key, unit)
    placed = people.drop_duplicates("person_id").set_index("person_id")
    found = {}
    for person, department, location in placed[["department", "location"]].astype(object).itertuples():
        place = (_or_none(department), _or_none(location))
        fits = [lowest.get(key) for key in (place, (place[0], None), (None, place[1]))]
        found[person] = next((unit for unit in fits if unit), None)
    return persons.map(found).astype("str")


def _or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
