"""What is wrong with an input, in words its holder can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

ROWS_SHOWN = 3


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or doubtful, in one place of one file.

    Parameters
    ----------
    severity : {"error", "warning"}
        ``"error"``: the table cannot be used until it is mended; ``"warning"``: it can, but look at it.
    file : str
        The file as the study names it, or ``"SQL query of <table>"``.
    found, expected, fix : str
        What stands there, what should, and what to do about it.
    table : str, optional
        The study's table, empty for study.yaml and codebook.yaml.
    column : str, optional
        The column, or the key of a YAML file.
    rows : tuple of int, optional
        All rows concerned, counted as a spreadsheet does: the header is row 1. For YAML files: lines.
    """

    severity: Literal["error", "warning"]
    file: str
    found: str
    expected: str = ""
    fix: str = ""
    table: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()

    def sentence(self) -> str:
        """Return the problem as readable text, with a long list of rows shortened."""
        where = [f"column {self.column}" if self.table else self.column] if self.column else []
        if self.rows:
            where.append(rows_in_words(self.rows, "row" if self.table else "line"))
        text = f"{', '.join(where)}: {self.found}" if where else self.found
        text += f"; expected {self.expected}" if self.expected else ""
        text += f". {self.fix}" if self.fix else ""
        return text if text.endswith(("?", ".")) else f"{text}."


class InputError(Exception):
    """The user's input is wrong; its text lists every problem, grouped by file.

    Parameters
    ----------
    problems : iterable of Problem
        All that was found, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return render_text(self.problems)


def input_error(
    file: object,
    found: str,
    expected: str = "",
    fix: str = "",
    *,
    table: str = "",
    column: str = "",
    rows: tuple[int, ...] = (),
) -> InputError:
    """Return an InputError that holds a single error; its parts are those of a Problem."""
    return InputError([Problem("error", str(file), found, expected, fix, table, column, rows)])


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stop the work."""
    return [problem for problem in problems if problem.severity == "error"]


def render_text(problems: Iterable[Problem]) -> str:
    """Return the problems as text for a terminal: grouped by file, errors before warnings."""
    problems = list(problems)
    if not problems:
        return "No problems found."
    lines = []
    for file in dict.fromkeys(problem.file for problem in problems):
        lines.append(f"{file}")
        here = [problem for problem in problems if problem.file == file]
        lines += [f"  {p.severity}: {p.sentence()}" for p in sorted(here, key=lambda p: p.severity)]
    return "\n".join([*lines, summary(problems)])


def summary(problems: Iterable[Problem]) -> str:
    """Return how many errors and warnings there are, as one sentence."""
    problems = list(problems)
    bad = len(errors(problems))
    return f"{_count(bad, 'error')}, {_count(len(problems) - bad, 'warning')}."


def to_json(problems: Iterable[Problem]) -> list[dict]:
    """Return the problems as plain dictionaries with all rows, ready for ``json.dumps``."""
    return [{**asdict(problem), "rows": list(problem.rows)} for problem in problems]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x"?`` for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.7)
    return f'did you mean "{near[0]}"?' if near else ""


def shown(value: object, limit: int = 40) -> str:
    r"""Return a value as quoted text on one line, cut when it is long; signs that cannot be seen as ``\u200b``."""
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
    return f'"{text[:limit]}…"' if len(text) > limit else f'"{text}"'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def rows_in_words(rows: tuple[int, ...], noun: str = "row") -> str:
    """Return rows as text, a long list shortened."""
    if len(rows) == 1:
        return f"{noun} {rows[0]}"
    if len(rows) <= ROWS_SHOWN + 1:
        return f"{noun}s {', '.join(map(str, rows[:-1]))} and {rows[-1]}"
    return f"{noun}s {', '.join(map(str, rows[:ROWS_SHOWN]))} and {len(rows) - ROWS_SHOWN} more"
