"""The answers ledger of a study: what each code or wording stands for, how often it was given, and on what ground."""

from __future__ import annotations

import pandas as pd

from ..read import cell_text, read
from ..study import Study
from .answers import Line, settled
from .history import Entry, entries

COLUMNS = ["item", "column", "answer", "called", "count", "number", "ground", "file", "wave"]


def answers_ledger(study: Study) -> pd.DataFrame:
    """Return what the answers of the survey table were before they became numbers.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    pandas.DataFrame
        One row per item, column of an export and distinct answer: item, column, answer (the code or wording as the
        file has it), called (what the file calls a code; empty where it does not say), count (cells), number (what it
        becomes), ground (why), file, wave (as the import named it; empty where the file does). Of several imports of
        one file in one wave the last counts. No rows where no import is in the log and the survey is no SPSS file.
    """
    last: dict[tuple[str, str, str | None], Entry] = {}
    for entry in entries(study):
        last[entry.format, entry.file, entry.wave] = entry
    rows = [line | {"file": entry.file, "wave": entry.wave or ""} for entry in last.values() for line in entry.ledger]
    rows += [told(line) | {"file": study.tables["survey"].file, "wave": ""} for line in _of_spss(study)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"count": "int64", "number": "Int64"})


def told(line: Line) -> dict[str, str | int | None]:
    """Return a line as the log of imports keeps it."""
    return {
        "item": line.item, "column": line.column, "answer": line.answer, "called": line.called, "count": line.count,
        "number": line.number, "ground": line.ground,
    }  # fmt: skip


def _of_spss(study: Study) -> list[Line]:
    """Return the lines of a survey that study.yaml names as an SPSS file."""
    source = study.tables.get("survey")
    if source is None or not source.file.lower().endswith((".sav", ".zsav")):
        return []
    raw = read(source, study.folder, "survey", study.settings.limits)
    lines: list[Line] = []
    for item in study.codebook.items:
        if item.id in raw.frame and item.role != "comment":
            texts = raw.frame[item.id].map(cell_text).replace("", None).astype("str")
            called = {cell_text(code): str(label) for code, label in raw.labels.get(item.id, {}).items()}
            given = texts.mask(texts.isin(source.missing))
            lines += settled(given, item, item.id, called, {}, ".", pd.Series(given.index, given.index))
    return lines
