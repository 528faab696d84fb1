"""The study as kernels take it: read and checked, in one private folder for all reports that a process makes of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.data import Study
from helpers.published import SHARED_PREFIX

#: Folders that nobody uses are kept for the next report of the same study, so many of them.
KEPT = 1
FILE = "study"


@dataclass
class _Folder:
    """A folder, and how many reports are using it."""

    place: tempfile.TemporaryDirectory[str]
    users: int = 0


_LOCK = threading.Lock()
_KNOWN: dict[Any, _Folder] = {}


@contextmanager
def shared(study: Study, files: dict[str, str], in_batch: bool) -> Iterator[Path]:
    """Share a study with kernels.

    Parameters
    ----------
    study : Study
        As it was read and checked.
    files : dict of str to str
        Its files and their hashes.
    in_batch : bool
        Whether other reports of the study may follow: what the first of them computed of everybody is kept for them.

    Yields
    ------
    pathlib.Path
        The file that ``STUDY_VARIABLE`` names to kernels. It holds all answers; what a process that was killed left of
        them is removed by the next.
    """
    key = (study.folder, tuple(sorted(files.items())), study.waiting)
    with _LOCK:
        if key not in _KNOWN:
            _sweep()
            _KNOWN[key] = _Folder(
                tempfile.TemporaryDirectory(prefix=f"{SHARED_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
            )
            study.share(Path(_KNOWN[key].place.name) / FILE)
        folder = _KNOWN[key]
        folder.users += 1
    try:
        yield Path(folder.place.name) / FILE
    finally:
        with _LOCK:
            folder.users -= 1
            unused = [key for key, one in _KNOWN.items() if not one.users]
            for key in unused[: max(0, len(unused) - KEPT)] if in_batch else unused:
                _KNOWN.pop(key).place.cleanup()


def _sweep() -> None:
    """Remove the folders of processes of this user that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SHARED_PREFIX}*"):
        number = re.match(rf"{SHARED_PREFIX}(\d+)-", folder.name)
        if number and not _runs(int(number[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(number: int) -> bool:
    if os.name != "posix":  # where signal 0 would end it
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return True
