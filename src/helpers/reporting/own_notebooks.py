"""Notebooks of a researcher's own: copies of the shipped ones to change, and reports that hold them beside ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import nbformat

from helpers import shipped
from helpers.data.problems import input_error

from .execute import Source, defaults, find, source

OPTION = "--notebooks"
_NUMBERED = re.compile(r"[0-9]+[a-z]?_\w+")
#: Names of files that every report folder holds.
_TAKEN = ("index", "report")


def copy_notebooks(folder: str | Path) -> list[Path]:
    """Copy the shipped notebooks, without their results, into a folder where they can be changed.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if it is not there.

    Returns
    -------
    list of pathlib.Path
        The copies.

    Raises
    ------
    InputError
        A file of such a name is there already, or the folder lies in a study. Nothing was written then.
    """
    folder = Path(folder)
    _refuse_study(folder, str(folder))
    if folder.exists() and not folder.is_dir():
        raise input_error(folder, "this is a file", "a folder", "Choose another name")
    texts = {folder / ours.path.name: _without_results(ours.path) for ours in find(shipped.NOTEBOOKS)}
    if there := sorted(path.name for path in texts if path.exists()):
        found = f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already, and nothing was copied"
        raise input_error(folder, found, fix="Choose another folder, or move your files away first")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        for path, text in texts.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError:
        for path in written:
            path.unlink()
        raise
    return written


def with_own(ours: list[Source], folders: Sequence[str | Path]) -> tuple[list[Source], list[str]]:
    """Put a researcher's own notebooks beside ours.

    Parameters
    ----------
    ours : list of Source
        The shipped notebooks.
    folders : sequence of str or pathlib.Path
        Folders with numbered notebooks of one's own.

    Returns
    -------
    tuple
        All notebooks by number, ours first where two have the same, the summary last; and one sentence that names
        ours whose place was taken by one of the same unnumbered name.

    Raises
    ------
    InputError
        A folder lies in a study, holds no notebook or one without a number, or two notebooks want the same place.
    """
    own: dict[str, Source] = {}
    for folder in map(Path, folders):
        for one in _own(folder):
            if one.name in own:
                found = f"{own[one.name].path} and {one.path} are both called {one.name}"
                raise input_error(OPTION, found, "a name of its own for each", "Rename one of them")
            own[one.name] = one
    replaced = [one.name for one in ours if one.name in own]
    every = sorted([*(one for one in ours if one.name not in own), *own.values()], key=_place)
    if len(first := [str(one.path) for one in every if one.is_summary]) > 1:
        found = f"{' and '.join(first)} would both be the first page"
        raise input_error(OPTION, found, "one notebook numbered 00", "Give one of them another number")
    words = "Notebooks of your own take the place of the shipped ones of the same name: "
    return every, [words + ", ".join(replaced) + "."] if replaced else []


def _own(folder: Path) -> list[Source]:
    """Return the notebooks of a folder, every one of which must be fit for a report."""
    _refuse_study(folder, OPTION)
    if not folder.is_dir():
        raise input_error(OPTION, f"there is no folder {folder}")
    sources = []
    for path in sorted(folder.glob("[!.~]*.ipynb")):
        _refuse_study(path, OPTION)
        if not _NUMBERED.fullmatch(path.stem) or _name(path) in _TAKEN:
            found = f"{path.name} cannot have a place in a report"
            expected = "a number, an underscore and a name of letters, digits and underscores other than "
            raise input_error(OPTION, found, expected + " and ".join(_TAKEN), "Call it, say, 07_my_question.ipynb")
        try:
            sources.append(source(path))
            parameters = defaults(sources[-1])
        except (ValueError, nbformat.ValidationError):
            found = f"{path.name} is not a notebook, or was cut off"
            raise input_error(OPTION, found, fix="Open it in JupyterLab and save it again") from None
        if "study" not in parameters:  # it would report on whatever study it names itself
            fix = 'Begin a cell tagged "parameters" with study: str = "data/sample"'
            raise input_error(OPTION, f"{path.name} does not take the study it reports on", fix=fix)
    if not sources:
        raise input_error(OPTION, f"there is no notebook in {folder}", "files like 07_my_question.ipynb")
    return sources


def _refuse_study(place: Path, where: str) -> None:
    """Refuse what lies in the folder of a study, by its path or by where links lead."""
    for path in (place.absolute(), place.resolve()):
        if study := next((folder for folder in (path, *path.parents) if (folder / "study.yaml").is_file()), None):
            found = f"{place} lies in the study {study}; a study's folder comes from a client, and no code in it is run"
            raise input_error(where, found, "a folder outside every study", "Keep notebooks in a folder of their own")


def _name(path: Path) -> str:
    return path.stem.split("_", 1)[1]


def _place(one: Source) -> tuple[bool, int, str]:
    """Return where a notebook stands: by number, then letter; the summary last."""
    number = one.path.stem.split("_", 1)[0]
    letter = number.lstrip("0123456789")
    return one.is_summary, int(number.removesuffix(letter)), letter


def _without_results(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"
