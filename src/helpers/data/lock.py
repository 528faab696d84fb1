"""Who works on a study, or on a report: many may read it at a time, one alone may change it."""

from __future__ import annotations

import datetime
import errno
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .problems import input_error

FILE = ".partnership-lock"
PATIENCE = 60.0
"""Seconds to wait for others; an import takes less, a report more."""
PLACES_AT_ONCE = 1000
"""On Windows: readers lock one byte each, of as many as this; who changes the study locks them all."""


@contextmanager
def locked(
    folder: Path, work: str, *, alone: bool, patience: float | None = None, file: str = FILE, what: str = "this study"
) -> Iterator[str]:
    """Hold a study's lock while something is done with it; the lock of a process that was killed is free.

    Parameters
    ----------
    folder : pathlib.Path
        The study's folder.
    work : str
        What is done, in a word or two, for those who wait.
    alone : bool
        True: the study is changed, and nobody else may be at it. False: it is read, and others may read it too.
    patience : float, optional
        Seconds to wait for others; default: ``PATIENCE``.
    file, what : str, optional
        Name of the lock's file in the folder, and what it guards, in words.

    Yields
    ------
    str
        What somebody was doing who was stopped in the middle of a change; usually empty.

    Raises
    ------
    InputError
        When others are still at it after that time.

    Notes
    -----
    The system's own locks are used (``flock``; on Windows ``msvcrt.locking``), which end with their process. Where the
    folder cannot be written to, nobody can change the study from here, and reading needs no lock.
    """
    path = folder / file
    try:
        lock = _acquire(path, alone, PATIENCE if patience is None else patience, what)
    except OSError as error:
        if alone or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
            raise
        lock = None
    if lock is None:
        yield ""
        return
    try:
        stopped = _holder(lock) if alone else ""
        if alone:
            with suppress(OSError):  # a full disk: the words are for others alone, the lock holds without
                now = f"{datetime.datetime.now():%Y-%m-%d %H:%M}"
                _describe(lock, f"{work} (process {os.getpid()} on {platform.node()}, since {now})")
        yield stopped
    finally:
        # Only who is alone with the file may remove it: others would go on holding a lock that nobody sees.
        if alone or _lock(lock, True):
            with suppress(OSError):
                path.unlink()
        os.close(lock)


def _acquire(path: Path, alone: bool, patience: float, what: str) -> int:
    until, told = time.monotonic() + patience, False
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            if _lock(lock, alone):
                with suppress(FileNotFoundError):  # its last holder may have removed it meanwhile
                    if os.path.samestat(os.fstat(lock), path.stat()):
                        return lock
            elif time.monotonic() > until:
                fix = "Run the same command again when that is done"
                raise input_error(path.parent, f"somebody else is at {what}: {_holder(lock) or 'a report'}", "", fix)
            elif not told and until - time.monotonic() < patience - 1:
                print(f"Waiting for others at {what}: {_holder(lock) or 'a report'}.", file=sys.stderr)
                told = True
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)
        time.sleep(0.05)


def _holder(lock: int) -> str:
    """Return what is written in the lock's file."""
    try:
        os.lseek(lock, 0, os.SEEK_SET)
        return os.read(lock, 500).decode("utf-8", "replace").strip("\0")
    except OSError:  # so says Windows of a part that is locked
        return ""


def _describe(lock: int, words: str) -> None:
    os.ftruncate(lock, 0)
    os.lseek(lock, 0, os.SEEK_SET)
    os.write(lock, words.encode("utf-8"))


if sys.platform == "win32":
    import msvcrt

    def _lock(lock: int, alone: bool) -> bool:
        """Tell whether the lock could be had at once; bytes far behind the words stand for it."""
        place, number = (0, PLACES_AT_ONCE) if alone else (os.getpid() % PLACES_AT_ONCE, 1)
        os.lseek(lock, 10_000 + place, os.SEEK_SET)
        try:
            msvcrt.locking(lock, msvcrt.LK_NBLCK, number)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(lock: int, alone: bool) -> bool:
        """Tell whether the lock could be had at once; a lock that is held already changes its kind."""
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
