"""Run the chapters' own cells in this process, without kernels and pictures, and judge their findings together.

A study then takes seconds. Cells on which no finding rests are left out: a cell is run if it tells findings, if an
exhibit stands in it that a finding refers to, or if it sets a name that such a cell reads, and so on back to the
parameters. A test holds that running all cells gives the same findings.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from unittest import mock

import matplotlib
import nbformat
import pandas as pd

from helpers.data import Study
from helpers.present import NotebookNotApplicable, plots, show
from helpers.present.claims import settle
from helpers.published import MIME, Exhibit, Finding, read

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
#: Methods of Show that tell findings.
TELLING = {"differences", "levels", "ranks"}


@dataclass(frozen=True)
class Told:
    """What one chapter tells.

    Attributes
    ----------
    findings : list of Finding
        In order, as the chapter judges them.
    exhibits : dict
        By their ids.
    """

    findings: list[Finding]
    exhibits: dict[str, Exhibit]


def chapters(folder: Path, names: Sequence[str], also: Collection[str] = (), whole: bool = False) -> dict[str, Told]:
    """Run chapters on a study.

    Parameters
    ----------
    folder : Path
        The study.
    names : sequence of str
        Files of notebooks, without their ending.
    also : collection of str
        Exhibits that are wanted beside those that findings refer to.
    whole : bool
        Whether to run all cells.

    Returns
    -------
    dict
        By name; without those that do not apply to the study.
    """
    matplotlib.use("agg")
    found = {}
    with _collected() as shown:
        for name in names:
            shown.clear()
            known: dict[str, object] = {"__name__": "__main__"}
            with contextlib.suppress(NotebookNotApplicable):
                for place, cell in enumerate(code(name, frozenset(also), whole)):
                    exec(cell, known)
                    if place == 0:  # the parameters
                        known["study"] = str(folder)
                items = [read(item) for item in shown]
                exhibits = {item.id: item for item in items if isinstance(item, Exhibit)}
                found[name] = Told([item for item in items if isinstance(item, Finding)], exhibits)
    return found


def judged(told: dict[str, Told]) -> list[Finding]:
    """Judge the findings of all chapters beside each other, as a report does."""
    return settle([finding for chapter in told.values() for finding in chapter.findings])


@functools.cache
def code(name: str, also: frozenset[str] = frozenset(), whole: bool = False) -> list[CodeType]:
    """Return the cells of a chapter that findings rest on, compiled; the parameters first."""
    cells = [cell for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells if cell.cell_type == "code"]
    trees = [ast.parse(cell.source) for cell in cells]
    functions = [part for tree in trees for part in tree.body if isinstance(part, ast.FunctionDef)]
    tellers = {function.name for function in functions if _tells(function, set())}
    kept, wanted, exhibits = [], set[str](), set(also)
    for place in reversed(range(len(cells))):
        needs, sets, changes = _names(trees[place])
        texts = {part.value for part in ast.walk(trees[place]) if isinstance(part, ast.Constant)}
        if whole or place < 2 or _tells(trees[place], tellers) or (sets | changes) & wanted or texts & exhibits:
            kept.append(compile(trees[place], f"{name} {cells[place].id}", "exec"))
            wanted = (wanted - sets) | needs
            exhibits |= _referred_to(trees[place])
    return kept[::-1]


def _tells(tree: ast.AST, tellers: set[str]) -> bool:
    """Say whether code tells findings, itself or by calling a function that does."""
    called = [part.func for part in ast.walk(tree) if isinstance(part, ast.Call)]
    return any(
        function.id in tellers
        if isinstance(function, ast.Name)
        else isinstance(function, ast.Attribute) and function.attr in TELLING
        for function in called
    )


def _referred_to(tree: ast.AST) -> set[str]:
    """Return the exhibits that calls name as those of findings."""
    given = [word for part in ast.walk(tree) if isinstance(part, ast.Call) for word in part.keywords]
    return {
        word.value.value
        for word in given
        if word.arg == "exhibit" and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
    }


def _names(tree: ast.Module) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell reads before it sets them, those it sets, and those it changes in part."""
    needs, sets, changes = set[str](), set[str](), set[str]()
    for part in tree.body:
        names = [name for name in ast.walk(part) if isinstance(name, ast.Name)]
        own: set[str] = set()
        if isinstance(part, ast.FunctionDef):
            own = {given.arg for given in ast.walk(part) if isinstance(given, ast.arg)}
            own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
        needs |= {name.id for name in names if isinstance(name.ctx, ast.Load)} - sets - own
        targets = list(part.targets) if isinstance(part, ast.Assign) else []
        if isinstance(part, ast.AugAssign | ast.AnnAssign):
            targets = [part.target]
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            needs |= {part.target.id} - sets
        for name in (name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)):
            (sets if isinstance(name.ctx, ast.Store) else changes).add(name.id)
        if isinstance(part, ast.FunctionDef):
            sets.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            sets |= {alias.asname or alias.name for alias in part.names}
    return needs, sets, changes


@contextlib.contextmanager
def _collected() -> Iterator[list[dict]]:
    """Collect what is published instead of displaying it; chapters share one study, which reads its files once."""
    shown: list[dict] = []

    def collect(data: dict, metadata: object = None) -> None:
        if MIME in data:
            shown.append(data[MIME])

    with contextlib.ExitStack() as stack:
        stack.enter_context(pd.option_context("mode.string_storage", "python"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for place, name, instead in (
            (plots, "draw", lambda *given, **named: None),
            (plots, "render", lambda figure, kind: b"<svg>"),
            (plots, "undrawn", lambda figure: ""),
            (show, "_display", collect),
            (show._TABLE, "render", lambda **named: ""),
            (Study, "load", functools.cache(Study.load)),
        ):
            stack.enter_context(mock.patch.object(place, name, instead))
        yield shown
