"""The registry of evidence: what was found where, how, and who looked for it when; each figure stands once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from helpers.data.problems import Problem, shown
from helpers.data.yaml_files import Declared, Mistake, read_text
from helpers.data.yaml_files import load as load_yaml
from helpers.shipped import PLAYBOOKS

from .parse import FrontMatter, Identifier, Named, Text

FILE = "evidence.yaml"
#: Signs of statistics in a finding, and what is printed of each below: trainers need not know them.
SIGNS = {
    r"\bd = ": "d: the difference in standard deviations (.2 is small, .5 medium, .8 large)",
    r"\br = |orrelations": "r, correlation: how closely two things go together (0: not at all; 1 or −1: wholly)",
    "±": "±: add and take away what follows; the true value most likely lies between the two",
    r"\binterval\b": "interval: where the true value most likely lies",
    r"\bk = ": "k: on how many results it rests",
}
_SIGN = re.compile(r"\b[A-Za-zΑ-ω]²? ?[=<>≤≥] ?|±")
_FIGURE = re.compile(r"\{([\w-]+)\}")


class Searched(Declared):
    """When somebody last looked for evidence, and with which words."""

    on: datetime.date
    terms: Text


class Entry(Declared):
    """One study, or the finding that there is none."""

    id: Identifier
    short: Text
    reference: Text
    practice: Text
    design: Text
    size: Text
    result: Literal["positive", "null", "mixed", "association", "advice", "none found"]
    reads_as: Text
    finding: Text
    figures: dict[str, str] = Field(default_factory=dict)
    searched: Searched
    note: Text | None = None
    used_by: list[Identifier]

    def in_words(self) -> str:
        """Return the finding with its figures."""
        return _FIGURE.sub(lambda name: self.figures[name[1]], self.finding)

    def in_a_line(self) -> str:
        """Return the finding with its source, or with the day on which nothing was found."""
        if self.result == "none found":
            words = re.sub(r"^No study\b", "We found no study", self.in_words())
            return f"{words} (searched on {self.searched.on:%Y-%m-%d})"
        return f"{self.in_words()} ({self.short}; {self.reads_as.lower()})"

    def in_full(self) -> str:
        """Return the reference, when it was searched for, and what could not be confirmed."""
        doubt = f"; not confirmed: {self.note}" if self.note else ""
        return f"{self.reference} (searched on {self.searched.on:%Y-%m-%d}: {self.searched.terms}{doubt})"

    def values(self) -> dict[str, str]:
        """Return what the texts may fill in from this entry, by name."""
        own = {"short": self.short, "finding": self.in_words(), "size": self.size, **self.figures}
        return {f"{self.id}.{name}": value for name, value in own.items()}


class Registry(Declared):
    """All that the playbooks say about evidence."""

    entries: list[Entry]
    planning: dict[str, str]

    def mistakes(self) -> list[Mistake]:
        """Return ids that stand twice, and figures that a finding names and nobody declares."""
        ids = [entry.id for entry in self.entries]
        found: list[Mistake] = [
            (("entries", at), f'the id "{entry.id}" stands twice') for at, entry in enumerate(self.entries)
            if entry.id in ids[:at]
        ]  # fmt: skip
        for at, entry in enumerate(self.entries):
            for name in sorted({*_FIGURE.findall(entry.finding)} - {*entry.figures}):
                found.append((("entries", at, "finding"), f"the figure {{{name}}} is not declared"))
            if (entry.result == "null") != bool(re.search(r"\bnull\b|no change", entry.reads_as, re.IGNORECASE)):
                words = (
                    f"the result is {entry.result} and reads as {shown(entry.reads_as)}; say Null or No change of nulls"
                )
                found.append((("entries", at, "reads_as"), words))
            unknown = [one for one in _SIGN.findall(entry.finding) if not signs(one)]
            if unknown:
                words = f"the sign {shown(unknown[0].strip())} is explained nowhere; write it in words, or among SIGNS"
                found.append((("entries", at, "finding"), words))
            loose = re.findall(r"\d[\d.,]*", _FIGURE.sub("", entry.finding))
            if loose:
                found.append((("entries", at, "finding"), f"{loose[0]} stands outside figures; name it there"))
        return found

    def of(self, front: FrontMatter) -> list[Entry]:
        """Return the entries that a playbook names, in its order."""
        known = {entry.id: entry for entry in self.entries}
        return [known[id] for id in front.evidence if id in known]

    def values(self) -> dict[str, str]:
        """Return every figure by its name."""
        planned = {f"planning.{name}": value for name, value in self.planning.items()}
        return planned | {name: value for entry in self.entries for name, value in entry.values().items()}


def signs(text: str) -> list[str]:
    """Return in words what the signs of statistics mean that stand in a text."""
    return [words for sign, words in SIGNS.items() if re.search(sign, text)]


def load(root: Path) -> Registry:
    """Read the registry beside the playbooks.

    Raises
    ------
    InputError
        With every mistake: its line, what was found and what to write.
    """
    return _registry(read_text(root / FILE))


def known_of(playbook: str, root: Path = PLAYBOOKS) -> pd.DataFrame:
    """Return what is known of a practice, nulls and searches without a finding among it.

    Parameters
    ----------
    playbook : str
        Name of its folder, such as ``"role-swap"``.
    root : pathlib.Path
        Where the registry lies.

    Returns
    -------
    pandas.DataFrame
        One row per entry of the registry: short, studied, design, size, reads_as and finding. No rows for a playbook
        that the registry does not name.
    """
    entries = [entry for entry in load(root).entries if playbook in entry.used_by]
    names = ["short", "studied", "design", "size", "reads_as", "finding"]
    rows = [(one.short, one.practice, one.design, one.size, one.reads_as, one.in_words()) for one in entries]
    return pd.DataFrame(rows, columns=names)


def planned_effects(root: Path = PLAYBOOKS) -> list[float]:
    """Return the effects that the registry plans with, in standard deviations, from small to large."""
    planning = load(root).planning
    return sorted(float(value) for name, value in planning.items() if name.startswith("d-"))


@lru_cache(maxsize=8)
def _registry(text: str) -> Registry:
    return load_yaml(Registry, Named(FILE, text))


def check_use(registry: Registry, fronts: Iterable[FrontMatter]) -> list[Problem]:
    """Return where the registry and the playbooks disagree on what is used by whom."""
    problems, fronts = [], list(fronts)
    for front in fronts:
        name, known = f"{front.id}/playbook.md", {entry.id: entry for entry in registry.entries}
        for id in front.evidence:
            if id not in known:
                found = f"the evidence {shown(id)} is not in the registry"
                problems.append(Problem("error", name, found, fix=f"Add it to {FILE}, or correct the id"))
            elif front.id not in known[id].used_by:
                found = f"{id} does not say that {front.id} uses it"
                problems.append(Problem("error", FILE, found, fix="Add it to used_by"))
        results = {entry.result for entry in registry.of(front)}
        if not results & {"null", "none found"}:
            found = "no evidence with result null, and none that says what was searched without a finding"
            problems.append(Problem("error", name, found, fix="List nulls beside successes"))
    for entry in registry.entries:
        for user in entry.used_by:
            if any(front.id == user and entry.id not in front.evidence for front in fronts):
                found = f"{entry.id} is used by {user}, which does not list it"
                problems.append(Problem("error", FILE, found, fix=f"Add it to the evidence of {user}"))
    return problems
