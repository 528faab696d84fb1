"""Marks in a text: what stands once in the front matter or the registry is written between them, and checked.

``within <!--=days-->14<!--/--> days`` reads "within 14 days" wherever Markdown is shown. ``fill`` writes anew what
stands between marks; ``stale`` names what no longer agrees with its source.

``<!--?odd-->In the group of three …<!--/?-->`` holds for an odd number of people alone; ``only`` leaves it out where it
does not apply, so that nobody looks for a third person who is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.data.problems import Problem, did_you_mean, shown

_MARK = re.compile(r"<!--=([^>\n]+?)-->(.*?)<!--/-->", re.DOTALL)
_ONLY = re.compile(r"<!--\?([^>\n]+?)-->(.*?)<!--/\?-->", re.DOTALL)
_ANY = re.compile(r"<!--(?:[=?][^>\n]*|/\??)-->")
#: When a part of a text applies, by the number of people.
CONDITIONS = {"odd": lambda people: people % 2 == 1, "even": lambda people: people % 2 == 0}
#: Markdown takes a line that begins with a comment for HTML and leaves its other marks alone.
_AT_START = re.compile(r"^(?:[>\s]|[-*] |\d+\. )*<!--[=?][^>\n]+-->(?!\n)", re.MULTILINE)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Write the values of all marks anew.

    Parameters
    ----------
    text : str
        Markdown with marks.
    values : mapping of str to str
        What each name stands for. A value of several lines stands on lines of its own. Unknown names stay.

    Returns
    -------
    str
        The text with its marks; ``plain`` takes them away.
    """

    def filled(mark: re.Match[str]) -> str:
        return f"<!--={mark[1]}-->{values.get(mark[1], mark[2])}<!--/-->"

    return _MARK.sub(filled, text)


def only(text: str, people: int) -> str:
    """Leave out the parts of a text that do not apply to so many people; lines keep their numbers."""

    def kept(part: re.Match[str]) -> str:
        applies = part[1] not in CONDITIONS or CONDITIONS[part[1]](people)
        return part[2] if applies else "\n" * part[0].count("\n")

    return _ONLY.sub(kept, text)


def where(text: str, applies: Mapping[str, bool]) -> str:
    """Leave out the parts of a text, lines and all, whose condition does not hold; other conditions stay."""
    return _ONLY.sub(lambda part: part[0] if applies.get(part[1], True) else "", text)


def plain(text: str) -> str:
    """Return a text without its marks; lines keep their numbers."""
    return _ANY.sub("", text)


def unmarked(text: str) -> str:
    """Return a text without marks and without what stands between them; lines keep their numbers."""
    return _ANY.sub("", _MARK.sub(lambda mark: "\n" * mark[0].count("\n"), text))


def names(text: str) -> list[str]:
    """Return the names of the marks in the order in which they stand."""
    return [mark[1] for mark in _MARK.finditer(text)]


def stale(name: str, text: str, values: Mapping[str, str]) -> list[Problem]:
    """Return the marks of a text that do not agree with their source.

    Parameters
    ----------
    name : str
        The file in messages.
    text : str
        Markdown with marks.
    values : mapping of str to str
        What each name stands for.

    Returns
    -------
    list of Problem
        Values that differ, names nobody knows, marks that are not closed, marks at the start of a line.
    """
    problems = []
    for mark in _MARK.finditer(text):
        line = (text.count("\n", 0, mark.start()) + 1,)
        if mark[1] not in values:
            fix = did_you_mean(mark[1], values).capitalize() or "Correct the name"
            problems.append(Problem("error", name, f"nothing is called {shown(mark[1])}", "", fix, rows=line))
        elif mark[2] != values[mark[1]]:
            was, now = _first_difference(mark[2], values[mark[1]])
            fix = "Change it where it is declared, then run: partnership playbook check --fill"
            problems.append(Problem("error", name, f"{mark[1]} reads {shown(was)}", shown(now), fix, rows=line))
    for part in _ONLY.finditer(text):
        if part[1] not in CONDITIONS:
            line = (text.count("\n", 0, part.start()) + 1,)
            fix = f"Write {' or '.join(CONDITIONS)}"
            problems.append(Problem("error", name, f"no part is for {shown(part[1])}", "", fix, rows=line))
    whole = _ONLY.sub(lambda part: part[2], text)
    for lone in _ANY.finditer(_MARK.sub(lambda mark: "\n" * mark[0].count("\n"), whole)):
        line = (text.count("\n", 0, lone.start()) + 1,)
        problems.append(Problem("error", name, f"the mark {shown(lone[0])} has no counterpart", rows=line))
    for start in _AT_START.finditer(text):
        line = (text.count("\n", 0, start.end()) + 1,)
        found = "a line begins with a mark, so Markdown would not read the rest of it"
        problems.append(Problem("error", name, found, "", "Put a word before the mark", rows=line))
    return problems


def _first_difference(one: str, other: str) -> tuple[str, str]:
    """Return the first lines that differ."""
    ours, theirs = one.strip().splitlines() or [""], other.strip().splitlines() or [""]
    for first, second in zip(ours, theirs):
        if first != second:
            at = next((i for i, (a, b) in enumerate(zip(first, second)) if a != b), min(len(first), len(second)))
            start = max(at - 15, 0)
            return first[start : start + 40], second[start : start + 40]
    return f"{len(ours)} lines", f"{len(theirs)} lines"
