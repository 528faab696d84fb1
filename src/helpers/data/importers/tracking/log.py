"""The log of an import from an applicant-tracking system."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 5


@dataclass
class TrackingLog:
    """What an import took, what it left out and why, and what changed in the tables.

    Parameters
    ----------
    file : str
        The file or folder.
    mapping : pathlib.Path, optional
        Mapping file; None where the export needs none.
    read : dict of str to int, optional
        Resource or file to the number of its records.
    tables : dict of str to str, optional
        Table to the number of its rows that were added, changed, unchanged and kept, in words.
    events : dict of str to int, optional
        Event to the number of rows taken.
    skipped : dict of str to list of str, optional
        Reason to the records left out, each named by file and place or id.
    backwards : dict of str to list of str, optional
        What was taken although it ends before it starts: end and start of the wait to the records.
    personal, left_out : list of str, optional
        Columns and fields that were not taken.
    notes : list of str, optional
        Further sentences.
    """

    file: str
    mapping: Path | None = None
    read: dict[str, int] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    backwards: dict[str, list[str]] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Tell whether anything was imported: an import of nothing ends with an error."""
        return True

    def skip(self, reason: str, sources: list[str]) -> None:
        """Note records that are left out."""
        if sources:
            self.skipped.setdefault(reason, []).extend(sources)

    def text(self) -> str:
        """Return the log as text for a terminal."""
        lines = [f"{self.file}: {', '.join(f'{n} {name}' for name, n in self.read.items())} read."]
        lines += [f"{name}: {words}." for name, words in self.tables.items()]
        lines += [f"  {event}: {n}" for event, n in self.events.items()]
        lines += [f"Mapping: {self.mapping}"] if self.mapping else []
        lines += [f"Skipped, {reason}: {_few(sources)}" for reason, sources in self.skipped.items()]
        if self.backwards:
            count = sum(map(len, self.backwards.values()))
            lines.append(
                f"{count} end before they start; they are kept as recorded, and no duration is computed of them:"
            )
            lines += [f"  {wait}: {_few(sources)}" for wait, sources in self.backwards.items()]
        lines += [f"Personal data left out: {', '.join(self.personal)}."] if self.personal else []
        lines += [f"Left out: {', '.join(self.left_out)}."] if self.left_out else []
        return "\n".join([*lines, *self.notes])


def _few(sources: list[str]) -> str:
    more = f" and {len(sources) - SHOWN} more" if len(sources) > SHOWN else ""
    return f"{len(sources)} ({', '.join(sources[:SHOWN])}{more})"
