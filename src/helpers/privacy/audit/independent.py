"""Text that is the same whatever study a report is about: prose and code of the shipped notebooks, templates, items."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from helpers.shipped import NOTEBOOKS

from . import notebook
from .words import Window, is_number, tokens, windows

_PACKAGE = Path(str(files("helpers")))
_TEMPLATES = _PACKAGE / "reporting" / "formats" / "templates"
_INSTRUMENT = _PACKAGE / "data" / "instrument" / "codebook.yaml"


@dataclass(frozen=True)
class Independent:
    """What does not depend on the study.

    Attributes
    ----------
    cells : frozenset of str
        Sources of the shipped notebooks' cells.
    known : frozenset
        Every three neighbours of their words, of the templates and of the shipped questionnaire.
    formulas : frozenset of str
        Numbers in formulas.
    style : str
        The style sheet of the pages.
    """

    cells: frozenset[str]
    known: frozenset[Window]
    formulas: frozenset[str]
    style: str


@functools.cache
def texts() -> Independent:
    """Read them from the package, once."""
    cells: set[str] = set()
    known: set[Window] = set()
    numbers: set[str] = set()
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        known.update(windows(tokens(path.name)))
        for kind, source, _ in notebook.sources(path.read_text(encoding="utf-8")):
            cells.add(source.strip())
            known.update(markdown_windows(source))
            if kind == "markdown":
                numbers.update(formula_numbers(source))
    for path in (*sorted(_TEMPLATES.glob("*.j2")), _INSTRUMENT):
        for line in path.read_text(encoding="utf-8").splitlines():
            known.update(windows(tokens(line)))
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    return Independent(frozenset(cells), frozenset(known), frozenset(numbers), style)


def markdown_windows(source: str) -> set[Window]:
    """Return every three neighbours of a Markdown text, as a whole, by line and by cell of its tables."""
    found = set(windows(tokens(source)))
    for line in source.splitlines():
        found.update(windows(tokens(line)))
        for part in line.split("|"):
            found.update(windows(tokens(part)))
    return found


def formula_numbers(source: str) -> set[str]:
    """Return the numbers in the formulas of a Markdown text."""
    return {token for formula in notebook.formulas(source) for token in tokens(formula) if is_number(token)}


@functools.cache
def digests() -> dict[str, str]:
    """Return the SHA-256 of every shipped notebook, by file name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in NOTEBOOKS.glob("*.ipynb")}
