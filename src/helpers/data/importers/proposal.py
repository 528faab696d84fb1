"""Propose the mapping of a survey export: what each of its columns most likely holds."""

from __future__ import annotations

import difflib
import re
from functools import cached_property
from pathlib import Path

from ..problems import InputError, Problem, shown
from ..study import USUAL_ATTRIBUTES, Study
from ..tables import PERSONAL_NAME, TABLES
from ..writing import as_written, put
from ..yaml_files import scalar
from .export import PARTNER, PERSONAL, REASONS, SKIP, Export
from .names import EMAIL, printable, simplified
from .translate import answer_number

SURE, POSSIBLE, TIE = 0.9, 0.6, 0.05
"""Similarity of texts: from SURE on a match, below POSSIBLE none; two within TIE of each other are a tie."""
_RESPONDENT = {"respondent", "respondentid", "participantid", "personid", "employeeid", "responseid", "id"}


class _Proposal:
    """Finds for every column of an export what it most likely holds."""

    def __init__(self, export: Export, study: Study, format: str) -> None:
        self.export, self.codebook = export, study.codebook
        self.people = study.identities.persons.get(format, {})
        attributes = study.settings.attributes or USUAL_ATTRIBUTES
        self.names = {simplified(n): n for n in [*TABLES["survey"].columns, *attributes]}
        self.items = {simplified(item.id): item.id for item in self.codebook.items}
        self.doubts: list[str] = []
        self.columns: dict[str, tuple[str, str]] = {}  # column: target, comment
        for column in export.columns:
            self.columns[column] = self._target(column)
        self._one_each()
        self._complete()

    @cached_property
    def _wordings(self) -> list[tuple[str, str]]:
        return [
            (item.id, wording)
            for item in self.codebook.items
            for wording in {_words(item.text_for(side)) for side in [None, *self.codebook.sides]}
        ]

    def _target(self, column: str) -> tuple[str, str]:
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
        if simplified(column.rsplit("[", 1)[-1]) in self.items:  # Q1[listening_1]: the code of a statement
            return self.items[simplified(column.rsplit("[", 1)[-1])], "same name"
        if simplified(column) in self.names:
            return self.names[simplified(column)], "same name"
        if simplified(column) in _RESPONDENT and "respondentid" not in map(simplified, self.export.responses):
            return "respondent_id", "by its name"
        target, comment = self._similar(column)
        if target == SKIP and PERSONAL_NAME.fullmatch(column):
            return PERSONAL, "by its name"
        return target, comment

    def _similar(self, column: str) -> tuple[str, str]:
        question = self.export.questions.get(column, "")
        asked = {_words(question), _words(question.rsplit(" - ", 1)[-1])} - {""}
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
        return SKIP, f"UNSURE: {item} ({score:.2f})" + (f" or {second[0]} ({second[1]:.2f})" if second[0] else "")

    def _one_each(self) -> None:
        """Keep one column per meaning other than an item: the preferred one that holds something."""
        for name in self.names.values():
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
        if "respondent_id" not in targets:
            self.doubts.append(
                "no column tells who answered (respondent_id): write respondent_id behind the one that does"
            )
        if not targets & set(self.items.values()):
            self.doubts.append("no column is an item of the codebook")
        for side in self.codebook.sides:
            full = {item.id for item in self.codebook.scale_items(side=side)}
            short = {item.id for item in self.codebook.scale_items(side=side, short_form=True)}
            matched = full & targets
            wanted = short if matched <= short else full
            if matched and wanted - matched:
                absent = ", ".join(sorted(wanted - matched))
                self.doubts.append(f"no column for {absent}: map one to each, or go on if these were not asked")
        if self.export.loops and not any(self.columns[loop][0] in PARTNER for loop in self.export.loops):
            numbers = sorted({n for columns in self.export.loops.values() for n in columns}, key=int)
            self.doubts.append(
                f"no column tells whom loops {numbers[0]} to {numbers[-1]} are about (partnership_id or manager_id): "
                "map one, or say it under loops"
            )
        self._codes()
        self.doubts = list(dict.fromkeys(self.doubts))

    def _codes(self) -> None:
        """Propose what wordings mean that only the codes in the file explain."""
        self.answers: dict[str, dict[str, int]] = {}
        for column, codes in self.export.codes.items():
            target = self.columns.get(column, (SKIP, ""))[0]
            item = next((item for item in self.codebook.items if item.id == target), None)
            if item is None or item.low is None or item.high is None:
                continue
            unknown = {label: code for label, code in codes.items() if answer_number(label, item.format, {}) is None}
            if unknown and sorted(codes.values()) == list(range(item.low, item.high + 1)):
                self.answers.setdefault(item.response, {}).update(unknown)
                self.doubts.append(
                    f"the meaning of {', '.join(map(shown, unknown))} is taken from the codes of {column}"
                )


def propose(export: Export, study: Study, format: str, file: Path, place: Path) -> None:
    """Write a proposed mapping; stop when any of it is in doubt.

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
    place : pathlib.Path
        Where the mapping goes.

    Raises
    ------
    InputError
        With every doubt; the proposal has been written.
    """
    proposal = _Proposal(export, study, format)
    lines = [
        f"# What becomes of the columns of {printable(file.name)}: an item of the codebook, a column of the survey",
        "# table, an attribute, skip (left out) or personal (left out, because it tells who somebody is). Edit freely:",
        "# the next import uses this file. Several columns may lead to one item, such as one wording per side.",
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
        f"answers:{'' if proposal.answers else ' {}'}",
    ]
    for response, wordings in proposal.answers.items():
        lines.append(f"  {scalar(response)}:")
        lines += [f"    {scalar(wording)}: {answer}" for wording, answer in wordings.items()]
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
    ]
    place.parent.mkdir(parents=True, exist_ok=True)
    put({place: as_written("\n".join(lines) + "\n")}, place.parent)
    if proposal.doubts:
        fix = f"Look through the proposal {place}, correct what is wrong and run the import again; nothing was imported"
        raise InputError(
            [
                *(Problem("error", file.name, doubt) for doubt in proposal.doubts[:-1]),
                Problem("error", file.name, proposal.doubts[-1], fix=fix),
            ]
        )


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", str(text).lower()).split())


def _position(preferred: list[str], column: str) -> int:
    return preferred.index(column) if column in preferred else len(preferred)
