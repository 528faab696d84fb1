"""Traces every number in a report's files to its canon, or to text that is the same for every study."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import independent, notebook, office, page, pdf, picture
from .canon import LOG, MANIFEST, RESULTS, Canon, csv_rows
from .passages import Passage
from .verdict import Leak
from .words import Window, before, is_number, tokens, untraced, windows

_PAGES, _OFFICE, _PICTURES = (".html", ".htm"), (".docx", ".pptx", ".xlsx"), (".png", ".jpg", ".jpeg", ".gif")
#: Places of one file that are named before the rest is only counted.
MOST_NAMED = 12


@dataclass
class Known:
    """What numbers may stand where.

    Attributes
    ----------
    around : set
        Every three neighbours in published and study-independent texts.
    values : set of str
        Published values, for editable charts, with six significant digits.
    formulas : set of str
        Numbers in formulas of the notebooks.
    own : set of str
        Cells that the study's author wrote, in notebooks of their own.
    """

    around: set[Window]
    values: set[str]
    formulas: set[str]
    own: set[str] = field(default_factory=set)


def known(canon: Canon) -> Known:
    """Return where numbers of a report may stand.

    Prose and code in the Markdown and code cells of notebooks that are not the shipped ones are their author's words,
    like the consultant's commentary: no analysis vouches for their numbers, and none is looked up.
    """
    shipped = independent.texts()
    around = set(shipped.known)
    for phrase in canon.phrases():
        around.update(windows(tokens(phrase)))
        if "\n" in phrase:
            around.update(window for line in phrase.splitlines() for window in windows(tokens(line)))
    for name in (*canon.manifest.get("notebooks", {}), *(chapter.get("notebook", "") for chapter in canon.chapters)):
        around.update(windows(tokens(name)))
    formulas, own = set(shipped.formulas), set()
    ran_shipped = _ran_shipped(canon)
    for path in sorted((canon.folder / "notebooks").glob("*.ipynb")):
        around.update(windows(tokens(path.name)))
        if path.name in ran_shipped:
            continue
        for kind, source, tags in notebook.sources(path.read_text(encoding="utf-8")):
            if source.strip() not in shipped.cells and "injected-parameters" not in tags:
                own.add(source)
                around.update(independent.markdown_windows(source))
                formulas |= independent.formula_numbers(source) if kind == "markdown" else set()
    return Known(around, {f"{abs(value):.6g}" for value in canon.values()}, formulas, own)


def _ran_shipped(canon: Canon) -> set[str]:
    """Return the notebooks of which the manifest says that the shipped ones were run."""
    recorded = {str(run.get("sha256")) for run in canon.manifest.get("notebooks", {}).values()}
    return {name for name, digest in independent.digests().items() if digest in recorded}


def passages(folder: Path) -> Iterator[Passage]:
    """Yield what stands in a report's files, results.json, manifest.json and log.json aside, and what they are called.

    Parameters
    ----------
    folder : pathlib.Path
        The report folder.

    Yields
    ------
    Passage
        Text and names, file by file. A file of an unknown kind is read as text.
    """
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        file = path.relative_to(folder).as_posix()
        yield Passage(file, "name of the file", file, "name")
        if file not in (RESULTS, MANIFEST, LOG):
            yield from _content(path, file)


def _content(path: Path, file: str) -> Iterator[Passage]:
    kind = path.suffix.lower()
    if kind in _OFFICE:
        yield from office.read(path.read_bytes(), file)
    elif kind == ".pdf":
        yield from pdf.read(path.read_bytes(), file)
    elif kind in _PICTURES:
        yield from picture.pixels(path.read_bytes(), file, "picture")
    elif kind == ".svg":
        yield from picture.drawing(path.read_bytes(), file, "drawing")
    elif kind in _PAGES:
        yield from page.read(path.read_text(encoding="utf-8"), file, style=independent.texts().style)
    elif kind == ".ipynb":
        yield from notebook.read(path.read_text(encoding="utf-8"), file)
    elif kind == ".csv":
        for place, row in enumerate(csv_rows(path), start=1):
            yield Passage(file, f"row {place}", " ".join(row))
    else:
        yield Passage(file, "", path.read_bytes().decode("utf-8", "replace"))


def edited(canon: Canon) -> set[str]:
    """Return the files that are no longer what the manifest says was built."""
    recorded = canon.manifest.get("files", {})
    return {
        name
        for name, digest in recorded.items()
        if (path := canon.folder / name).is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != digest
    }


def _edited(file: str, changed: Collection[str]) -> str:
    return " Somebody changed this file after it was built." if file in changed else ""


def leaks(found: Iterable[Passage], allowed: Known, changed: Collection[str] = ()) -> list[Leak]:
    """Return the passages with a number that is neither published nor study-independent.

    Parameters
    ----------
    found : iterable of Passage
        What stands in the files.
    allowed : Known
        Where numbers may stand.
    changed : collection of str
        Files that were changed since they were built: their numbers may be those of whoever did.

    Returns
    -------
    list of Leak
        One per place of a file, with the words before the number and without it.
    """
    by_place: dict[tuple[str, str, str], None] = {}
    traced: dict[tuple[str, str], list[str]] = {}  # most texts stand in several files
    for passage in found:
        key = passage.kind, passage.text
        if key not in traced:
            traced[key] = list(_untraced(passage, allowed))
        for words in traced[key]:
            by_place[passage.file, passage.place, words] = None
    counted: dict[str, int] = {}
    result = []
    for file, place, words in by_place:
        counted[file] = counted.get(file, 0) + 1
        if counted[file] <= MOST_NAMED:
            said = f"A number after “{words}”" if words else "A number"
            sentence = f"{said} is in no published table or text.{_edited(file, changed)}"
            result.append(Leak(file, place, "not in results.json", sentence))
    for file, count in counted.items():
        if count > MOST_NAMED:
            sentence = f"{count - MOST_NAMED} more numbers are in no published table or text."
            result.append(Leak(file, "other places", "not in results.json", sentence))
    return result


def _untraced(passage: Passage, allowed: Known) -> Iterator[str]:
    sequence = tokens(passage.text)
    if not any(map(is_number, sequence)):
        return
    if passage.kind == "value":
        if f"{abs(float(passage.text)):.6g}" not in allowed.values:
            yield ""
        return
    for place in untraced(sequence, allowed.around):
        if passage.kind == "formula" and sequence[place] in allowed.formulas:
            continue
        if passage.kind == "name" and (place == len(sequence) - 1 or sequence[place + 1] in ("ipynb", "html", "csv")):
            continue
        yield before(passage.text, place)


def cells(folder: Path, allowed: Known) -> list[Leak]:
    """Return the cells of shipped notebooks that are not as shipped, and given parameters that nobody gave.

    Parameters
    ----------
    folder : pathlib.Path
        The report folder.
    allowed : Known
        Where numbers may stand.

    Returns
    -------
    list of Leak
        A cell with a number that is neither shipped, nor written by the study's author, nor a recorded parameter.
    """
    shipped, found = independent.texts().cells, []
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        file = f"notebooks/{path.name}"
        for number, (_, source, tags) in enumerate(notebook.sources(path.read_text(encoding="utf-8")), start=1):
            if source.strip() in shipped or source in allowed.own or "injected-parameters" in tags:
                continue
            found += leaks([Passage(file, f"cell {number}", source)], allowed)
    return found
