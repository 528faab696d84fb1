"""Propose the mapping of a survey export: what each of its columns most likely holds."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from ..problems import InputError, Problem, shown
from ..study import USUAL_ATTRIBUTES, Study
from ..tables import PERSONAL_NAME, TABLES
from ..writing import as_written, put
from ..yaml_files import Declared, load, read_text, scalar
from .answers import UNSURE, Line, pasted, unsettled
from .export import PARTNER, PERSONAL, REASONS, RESPONSE, SKIP, Export
from .mapping import SurveyMapping
from .names import EMAIL, printable, simplified

SURE, POSSIBLE, TIE = 0.9, 0.6, 0.05
"""Similarity of texts: from SURE on a match, below POSSIBLE none; two within TIE of each other are a tie."""
STAMP = re.compile(r"# Proposal ([0-9a-f]{12}): .*\n")
"""First line of a proposal that a failed import left; it holds a digest of the other lines."""
_PEOPLE = {"respondent", "participantid", "participant", "personid", "employeeid", "personnelnumber", "personalnummer"}
_NUMBERS = {"responseid", "responsenumber", "id", "nr", "no"}
"""Names of columns, simplified, that tell people apart, and of those that may only count the answers."""
_BESIDE = re.compile(r"(points|feedback|punkte|comment|topics) - (.+)", re.IGNORECASE | re.DOTALL)


_Mapping = TypeVar("_Mapping", bound=Declared)


class _Proposal:
    """Finds for every column of an export what it most likely holds."""

    def __init__(self, export: Export, study: Study, format: str, known: dict[str, str]) -> None:
        self.export, self.codebook, self.known = export, study.codebook, known
        self.people = study.identities.persons.get(format, {})
        attributes = study.settings.attributes or USUAL_ATTRIBUTES
        self.names = {simplified(n): n for n in [*TABLES["survey"].columns, *attributes]}
        self.items = {simplified(item.id): item.id for item in self.codebook.items}
        self.doubts: list[str] = []
        self.columns: dict[str, tuple[str, str]] = {}  # column: target, comment
        for column in export.columns:
            self.columns[column] = self._target(column)
        self._menus()
        self._one_each()
        self._complete()

    @cached_property
    def _wordings(self) -> list[tuple[str, str]]:
        return [
            (item.id, wording)
            for item in self.codebook.items
            for wording in {
                _words(text) for text in (item.text.values() if isinstance(item.text, dict) else [item.text])
            }
        ]

    @cached_property
    def _person_named(self) -> bool:
        """Tell whether the format, or a column's own name, says who answered."""
        others = [column for column in self.export.responses if column not in self.export.meanings]
        return "respondent_id" in self.export.meanings.values() or "respondentid" in map(simplified, others)

    def _target(self, column: str) -> tuple[str, str]:
        if column in self.known:
            return self.known[column], "drafted from it"
        values = self.export.values(column).dropna()
        if len(values) and column not in self.export.loops and values.isin(list(self.people)).mean() > 0.5:
            return "respondent_id", "found in identities.csv"
        signed = values[values.str.contains("@", regex=False)]  # quick, before the pattern is tried
        if 2 * len(signed) > len(values) and 2 * signed.str.fullmatch(EMAIL).sum() > len(values):
            return PERSONAL, "e-mail addresses"
        if column in self.export.meanings:
            return self.export.meanings[column], ""
        if simplified(column) in self.items:
            return self.items[simplified(column)], "same name"
        codes = [simplified(code) for code in column.split("[")[1:][-2:]]  # Q1[listening_1], Q1[listening_1][2]
        if (coded := next((self.items[code] for code in codes if code in self.items), None)) is not None:
            return coded, "same name"
        if simplified(column) in self.names:
            return self.names[simplified(column)], "same name"
        if (beside := _BESIDE.fullmatch(column)) and beside[2] in self.export.responses:
            return SKIP, "belongs to the question beside it"
        if not self._person_named:
            if simplified(column) in _PEOPLE:
                return "respondent_id", "by its name"
            if simplified(column) in _NUMBERS:
                counts = simplified(column) != "id" or _counts(values)
                return (RESPONSE, "counts the responses") if counts else ("respondent_id", "by its name")
        if (item := self._named_behind(column)) is not None:
            return item, "the end of its name"
        target, comment = self._similar(column)
        if target == SKIP and PERSONAL_NAME.fullmatch(column):
            return PERSONAL, "by its name"
        return target, comment

    def _similar(self, column: str) -> tuple[str, str]:
        question = self.export.questions.get(column, "")
        asked = {_words(question), *(_words(part) for part in question.split(" - ")[1:][-2:])} - {""}
        scores: dict[str, float] = {}
        for text in asked:
            matcher = difflib.SequenceMatcher(autojunk=False)
            matcher.set_seq2(text)
            for item, wording in self._wordings:
                matcher.set_seq1(wording)
                floor = max(POSSIBLE, scores.get(item, 0))
                if matcher.real_quick_ratio() >= floor and matcher.quick_ratio() >= floor:
                    scores[item] = max(scores.get(item, 0), matcher.ratio())
        best = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
        if not best or best[0][1] < POSSIBLE:
            return SKIP, "no item has a similar text"
        (item, score), second = best[0], best[1] if len(best) > 1 else ("", 0)
        if score == 1 > second[1]:
            return item, "same text"
        if score - second[1] < TIE:
            self.doubts.append(f"{column} fits {item} and {second[0]} alike")
        elif score < SURE:
            self.doubts.append(f"{column} resembles {item}, but not closely")
        else:
            return item, f"similar text, {score:.2f}"
        return UNSURE, f"{item} ({score:.2f})" + (f" or {second[0]} ({second[1]:.2f})" if second[0] else "")

    def _named_behind(self, column: str) -> str | None:
        """Return the item whose id ends a name such as ``PARTNER_listens``, as R and SPSS write a statement."""
        name = column.rstrip("._").lower()
        ends = [
            item.id for item in self.codebook.items if name.endswith(("_" + item.id.lower(), "." + item.id.lower()))
        ]
        return max((id for id in ends if not id.isdigit()), key=len, default=None)

    def _menus(self) -> None:
        """Ask about columns of one item that are menus of one statement: each menu is a question of its own."""
        found: dict[tuple, dict[str, str]] = {}
        for column, (target, _) in self.columns.items():
            parts = self.export.questions.get(column, "").split(" - ")
            if target in self.items.values() and len(parts) > 2:
                for place in range(1, len(parts)):
                    rest = (target, place, *parts[:place], *parts[place + 1 :])
                    found.setdefault(rest, {})[column] = parts[place]
        for (item, *_), menus in found.items():
            if len(set(menus.values())) > 1:
                self.doubts.append(
                    f"{', '.join(menus)} are menus of one statement, {item} ({', '.join(map(shown, menus.values()))}): "
                    "map the one that asks for the item, and set the others to skip"
                )
                self.columns |= {column: (UNSURE, f"{item}, or skip: {menu}") for column, menu in menus.items()}

    def _one_each(self) -> None:
        """Keep one column per meaning other than an item: the preferred one that holds something."""
        for name in [*self.names.values(), RESPONSE]:
            rivals = [c for c, (target, _) in self.columns.items() if target == name]
            rivals.sort(
                key=lambda c: (
                    not self.export.values(c).notna().any(),
                    self.columns[c][1] not in ("found in identities.csv", "same name"),
                    _position(self.export.prefer, c),
                )
            )
            for column in rivals[1:]:
                self.columns[column] = SKIP, f"{name} is taken from {rivals[0]}"

    def _complete(self) -> None:
        targets = {target for target, _ in self.columns.values()}
        if not ({"respondent_id", RESPONSE} & targets or self.export.response):
            self.doubts.append(
                "no column tells who answered (respondent_id) or which response it is (response_id): write one of them "
                "behind the column that does; if the file holds neither, add the line anonymous: true"
            )
        if not targets & {*self.items.values(), UNSURE}:
            self.doubts.append("no column is an item of the codebook")
        for side in self.codebook.sides:
            full = {item.id for item in self.codebook.scale_items(side=side)}
            short = {item.id for item in self.codebook.scale_items(side=side, short_form=True)}
            matched = full & targets
            wanted = short if matched <= short else full
            if matched and wanted - matched:
                absent = ", ".join(sorted(wanted - matched))
                self.doubts.append(
                    f"no column for {absent}: map one to each, or delete the first line of the proposal if these "
                    "were not asked"
                )
        if self.export.loops and not any(self.columns[loop][0] in PARTNER for loop in self.export.loops):
            numbers = sorted({n for columns in self.export.loops.values() for n in columns}, key=int)
            self.doubts.append(
                f"no column tells whom loops {numbers[0]} to {numbers[-1]} are about (partnership_id or manager_id): "
                "map one, or say it under loops"
            )
        self.doubts = list(dict.fromkeys(self.doubts))


@dataclass
class Proposal:
    """A proposed mapping: what it says, how it is written, and what is in doubt."""

    mapping: SurveyMapping
    text: str
    doubts: list[str]
    file: str

    def raise_doubts(self, place: Path) -> None:
        """Write the proposal and stop, when any of it is in doubt."""
        if not self.doubts:
            return
        leave(place, self.text)
        fix = (
            f"Look through the proposal {place}, correct what is wrong, delete its first line and run the import "
            "again; nothing was imported"
        )
        raise InputError(
            [
                *(Problem("error", self.file, doubt) for doubt in self.doubts[:-1]),
                Problem("error", self.file, self.doubts[-1], fix=fix),
            ]
        )

    def wait(self, place: Path, lines: list[Line]) -> None:
        """Write the proposal with the answers that nobody has settled as lines to edit."""
        groups = unsettled(lines)
        leave(place, self.text.replace("answers: {}\n", f"{pasted(groups, {}, sure=False)}\n") if groups else self.text)


def standing(place: Path, kind: type[_Mapping]) -> _Mapping | None:
    """Return the mapping that stands in a file.

    Parameters
    ----------
    place : pathlib.Path
        The file.
    kind : type of Declared
        What a mapping of this kind declares.

    Returns
    -------
    Declared or None
        None when there is none, or only a proposal that nobody has touched: what a failed import proposed never rules.
    """
    if not place.is_file():
        return None
    text = read_text(place)
    stamp = STAMP.match(text)
    if stamp and stamp[1] == _digest(text[stamp.end() :]):
        return None
    return load(kind, place)


def propose(export: Export, study: Study, format: str, file: Path, known: dict[str, str] | None = None) -> Proposal:
    """Propose a mapping.

    Parameters
    ----------
    export : Export
        What is to be mapped.
    study : Study
        The study it is for.
    format : str
        Format of the export.
    file : pathlib.Path
        The export.
    known : dict of str to str, optional
        Columns whose targets are known.

    Returns
    -------
    Proposal
        The mapping and every doubt about it.
    """
    proposal = _Proposal(export, study, format, known or {})
    lines = [
        f"# What becomes of the columns of {printable(file.name)}: an item of the codebook, a column of the survey",
        "# table, an attribute, response_id (tells responses apart, not people), skip (left out) or personal (left",
        "# out, because it tells who somebody is). Edit freely: the next import uses this file. Several columns may",
        "# lead to one item, such as one wording per side. A line that says UNSURE has to be settled first.",
        "columns:",
    ]
    for column, (target, comment) in proposal.columns.items():
        question = export.questions.get(column, "")
        about = [f"loops {', '.join(export.loops[column])}"] if column in export.loops else []
        about += [comment] if comment else []
        about += [shown(question, 70)] if question not in ("", column) else []
        note = printable("; ".join(about))
        lines.append(f"  {scalar(column)}: {scalar(target)}{f'  # {note}' if note else ''}")
    lines += [
        "# Wordings and codes of answers that the codebook does not know, per response format, for example:",
        "#   agreement: {Stimme zu: 4, 24: 5}",
        "answers: {}",
    ]
    if export.loops:
        lines += [
            "# Whom a loop is about, where no column tells, for example: manager_id: {1: m7, 2: m9}",
            "loops: {}",
        ]
    lines += [
        "# Responses are left out for these reasons; take a line out to keep them.",
        "exclude:",
        *(f"  - {reason}  # {words}" for reason, words in REASONS.items()),
        "# Texts and codes that stand for no answer, such as the one for seen but unanswered.",
        f"missing: [{', '.join(map(scalar, export.missing))}]",
        "# dates: day-first  # or month-first, where dates such as 03/04/2026 do not tell",
        "# several: first  # or last, where a response answers two columns of one item differently",
    ]
    columns = {column: target for column, (target, _) in proposal.columns.items()}
    mapping = SurveyMapping(columns=columns, missing=list(export.missing))
    return Proposal(mapping, "\n".join(lines) + "\n", proposal.doubts, file.name)


def leave(place: Path, text: str) -> None:
    """Write a proposal that waits to be looked at.

    Parameters
    ----------
    place : pathlib.Path
        The mapping file.
    text : str
        The proposal. The line put above it holds a digest, which tells whether anybody has changed it since.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    stamp = (
        f"# Proposal {_digest(text)}: nothing was imported by it. Settle what says UNSURE, correct what is wrong, then "
        "delete this line.\n"
    )
    put({place: as_written(stamp + text)}, place.parent)


def _digest(text: str) -> str:
    """Return what tells whether somebody changed a text, but for blanks at the ends of its lines."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()[:12]


def _counts(values: pd.Series) -> bool:
    """Tell whether values do nothing but count, from 0 or 1."""
    numbers = values.str.fullmatch(r"\d{1,9}").fillna(False).astype(bool)
    if len(values) < 2 or not numbers.all() or values.duplicated().any():
        return False
    found = values.astype(int)
    return bool(found.min() <= 1 and found.max() <= 2 * len(found))


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", str(text).lower()).split())


def _position(preferred: list[str], column: str) -> int:
    return preferred.index(column) if column in preferred else len(preferred)
