"""The log of an import into the survey table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..problems import rows_in_words
from .answers import BARE, Line

FOLDER = "imports"
"""Folder of a study that holds the log of its imports."""


@dataclass
class ImportLog:
    """What an import took, what it left out and why, and what changed in the survey table."""

    file: str
    mapping: Path
    survey: Path
    wave: str | None
    read: int = 0
    imported: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    identity: str = ""
    answers: int = 0
    taken: int = 0
    ledger: list[Line] = field(default_factory=list)
    twice: dict[str, list[int]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, list[int]] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str, list[int]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Tell whether anything was imported."""
        return self.imported > 0

    def text(self) -> str:
        """Return the log as text for a terminal."""
        wave = f" as wave {self.wave}" if self.wave else ""
        lines = [f"{self.file}: {self.read} responses read, {self.imported} imported{wave} into {self.survey}."]
        lines.append(
            f"Rows of the survey table: {self.added} added, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.kept} that this file does not hold kept."
        )
        if self.identity:
            lines.append(f"A row is the answer of {self.identity}, in its wave, about its partner where one is named.")
        lines.append(self._counted())
        lines.append(f"Mapping: {self.mapping}")
        lines += [f"  {item} ← {', '.join(columns)}" for item, columns in self.items.items()]
        lines += [f"Skipped, {reason}: {len(rows)} ({_rows(rows)})" for reason, rows in self.skipped.items()]
        if self.personal:
            lines.append(f"Personal columns left out: {', '.join(self.personal)}.")
        if self.left_out:
            lines.append(f"Columns left out: {', '.join(self.left_out)}.")
        for column, values, rows in self.unreadable:
            lines.append(f"Not readable and left empty, {column}: {values} ({_rows(rows)})")
        lines += [
            f"Answered in several columns, taken once, {item}: {len(rows)} ({_rows(rows)})"
            for item, rows in self.twice.items()
        ]
        return "\n".join([*lines, *self.notes])

    def _counted(self) -> str:
        """Return how many answers came in, and on what ground those were read that no label explains."""
        words = f"Answers: {self.answers} in the responses that count, {self.taken} taken"
        bare = sum(line.count for line in self.ledger if line.ground == BARE)
        if bare:
            words += (
                f"; {bare} were read as the numbers they are, and nothing in the file says what these mean: an export "
                "of the wordings tells, and so does the survey's definition (.qsf, .lss) beside the file"
            )
        return f"{words}. The log in {FOLDER} lists each answer with its meaning and its ground."


def _rows(rows: list[int]) -> str:
    return rows_in_words(tuple(dict.fromkeys(rows)))
