"""Converts texts with pandoc: what was converted before is not converted again, and a lost process is started anew."""

from __future__ import annotations

import functools
import subprocess
import threading
from collections.abc import Sequence

import pypandoc

_SEARCHING = threading.Lock()


def converted(text: str, to: str, source: str, options: Sequence[str] = ()) -> str:
    """Return a text in another format.

    Parameters
    ----------
    text : str
        What to convert.
    to, source : str
        Formats as pandoc calls them, with their extensions.
    options : sequence of str
        Other options of pandoc. They name no files: the same call gives the same text.

    Raises
    ------
    RuntimeError
        Pandoc cannot convert it; with what it says.
    """
    return _converted(text, to, source, tuple(options))


@functools.lru_cache(maxsize=256)  # reports of a batch hold the same words
def _converted(text: str, to: str, source: str, options: tuple[str, ...]) -> str:
    return run([f"--from={source}", f"--to={to}", *options], text).decode("utf-8")


@functools.cache
def reference() -> bytes:
    """Return pandoc's own Word document, which holds its styles."""
    return run(["--print-default-data-file", "reference.docx"])


def run(options: Sequence[str], text: str = "") -> bytes:
    """Run pandoc on a text and return what it prints.

    One that the system ended, as it does where memory is short, is run once more.
    """
    with _SEARCHING:  # what looks for the program was not made for several threads
        program = pypandoc.get_pandoc_path()
    for _ in range(2):
        done = subprocess.run([program, *options], input=text.encode("utf-8"), capture_output=True, check=False)
        if done.returncode >= 0:
            break
    if done.returncode:
        raise RuntimeError(f"pandoc ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout
