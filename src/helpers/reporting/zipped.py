"""Packs a report into one ZIP file beside its folder, for whoever gets it."""

from __future__ import annotations

import json
import zipfile
from contextlib import AbstractContextManager, suppress
from datetime import date
from pathlib import Path

from helpers.data.lock import locked

from .folder import put_anew
from .manifest import KIND, MANIFEST, sha256


def zip_of(folder: Path) -> Path:
    """Return where the ZIP file of a report lies: beside its folder, called like it."""
    return folder.with_name(f"{folder.name}.zip")


def pack(folder: Path) -> Path:
    """Write the ZIP file of a report, unless it holds this very report already.

    Parameters
    ----------
    folder : pathlib.Path
        A finished report.

    Returns
    -------
    pathlib.Path
        The file. All lies in one folder in it, called like the report's; the same report gives the same bytes.
    """
    target, mark = zip_of(folder), _mark(folder)
    with _alone(folder):
        if _marked(target) != mark:
            put_anew(target, lambda path: _write(folder, path, mark))
    return target


def remove(folder: Path) -> None:
    """Remove a ZIP file that holds an earlier report than the folder does; one that no report wrote stays."""
    target = zip_of(folder)
    if target.is_file():
        with _alone(folder):
            if _marked(target).startswith(KIND.encode()) and _marked(target) != _mark(folder):
                target.unlink(missing_ok=True)


def _alone(folder: Path) -> AbstractContextManager[str]:
    """Let nobody make this report meanwhile."""
    lock, what = f".{folder.name}.lock", f"the report {folder}"
    return locked(folder.parent, "partnership report", alone=True, file=lock, what=what)


def _mark(folder: Path) -> bytes:
    """Return what the comment of a ZIP file says of the report in it."""
    path = folder / MANIFEST
    return f"{KIND} {sha256(path)}".encode() if path.is_file() else b""


def _marked(path: Path) -> bytes:
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as file:
        return file.comment
    return b""


def _write(folder: Path, path: Path, mark: bytes) -> None:
    """Write all files in their order, with the study's date; no date in a ZIP lies before 1980."""
    as_of = date.fromisoformat(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["study"]["as_of"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = mark
        for part in sorted(folder.rglob("*")):
            if part.is_file():
                name = f"{folder.name}/{part.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, (max(as_of.year, 1980), as_of.month, as_of.day, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                file.writestr(entry, part.read_bytes())
