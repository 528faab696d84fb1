"""Write files of a study whole or not at all, and put in order what a killed process left."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says of a full disk, or of a person's share of one."""
Writer = Callable[[Path], object]
"""Writes a new file at the path it is given."""

BESIDE = re.compile(r"\.(.+)\.([0-9a-f]{8})\.new")
"""Name of an unfinished file: the name it will have, and the mark of those that belong together."""


def as_written(content: str) -> Writer:
    """Return what writes a text in UTF-8."""
    return lambda path: path.write_text(content, encoding="utf-8", newline="\n")


def put(files: Mapping[Path, Writer], study: Path) -> None:
    """Write files beside their places, then put all of them there.

    Parameters
    ----------
    files : mapping of pathlib.Path to callable
        Where each belongs, and what writes it.
    study : pathlib.Path
        The study's folder: a mark in it says that all are written.

    Raises
    ------
    OSError
        When one cannot be written, with its place; nothing has changed then.

    Notes
    -----
    Whoever is killed before the mark stands has changed nothing; after it, :func:`put_in_order` finishes the work.
    """
    mark = secrets.token_hex(4)
    whole = study / f".{mark}.whole"
    moves = {}
    try:
        for path, write in files.items():
            path = path.resolve()  # a link within the study stays one
            moves[path] = path.with_name(f".{path.name}.{mark}.new")
            _write(write, moves[path], path)
        if len(moves) > 1:
            _write(lambda path: path.touch(), whole, whole)
        for path, beside in moves.items():
            beside.replace(path)
    except BaseException:
        if all(beside.exists() for beside in moves.values()) or not whole.exists():
            for beside in [whole, *moves.values()]:
                beside.unlink(missing_ok=True)
        raise  # else the first of several are in place, and the others follow at the next import
    whole.unlink(missing_ok=True)


def _write(write: Writer, beside: Path, path: Path) -> None:
    try:
        write(beside)
        with beside.open("r+b") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    with suppress(FileNotFoundError):
        shutil.copymode(path, beside)


def unfinished(study: Path, folders: Iterable[Path]) -> list[Path]:
    """Return the files that an import left which was stopped, or is at work.

    Parameters
    ----------
    study : pathlib.Path
        The study's folder.
    folders : iterable of pathlib.Path
        Folders of its files.
    """
    every = dict.fromkeys(folder.resolve() for folder in [study, *folders])
    found = [path for folder in every if folder.is_dir() for path in sorted(folder.iterdir())]
    return [path for path in found if BESIDE.fullmatch(path.name) and path.is_file() and not path.is_symlink()]


def put_in_order(study: Path, folders: Iterable[Path]) -> list[str]:
    """Finish what a killed import had written in full, and remove what it had not; to be alone at the study for this.

    Parameters
    ----------
    study : pathlib.Path
        The study's folder.
    folders : iterable of pathlib.Path
        Folders of its files.

    Returns
    -------
    list of str
        One sentence about each that was found.
    """
    finished, removed = [], []
    for beside in unfinished(study, folders):
        match = BESIDE.fullmatch(beside.name)
        if match and (study / f".{match[2]}.whole").is_file():
            beside.replace(beside.with_name(match[1]))
            finished.append(match[1])
        elif match:
            beside.unlink()
            removed.append(match[1])
    for whole in study.glob(f".{'[0-9a-f]' * 8}.whole"):
        whole.unlink()
    said = []
    if finished:
        words = "An earlier import was stopped while it put its files in place; that is finished now"
        said.append(f"{words}: {', '.join(finished)}.")
    if removed:
        words = "An earlier import was stopped before it changed anything; its unfinished copies are removed"
        said.append(f"{words}: {', '.join(removed)}.")
    return said
