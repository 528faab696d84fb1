"""Opens the templates of a brand, and says in one sentence what is wrong with one that cannot be used."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from typst import TypstError

from helpers.data import InputError
from helpers.data.problems import input_error
from helpers.published import Column, Evidence, Exhibit, Finding, Grade

from ..cover import Cover
from ..document import Chapter, Heading, Part, Placed, Prose
from ..report import Report

_PROGRAMS = {"docx": ("Word", "wordprocessingml", "document"), "pptx": ("PowerPoint", "presentationml", "presentation")}


def opened(path: Path, kind: str) -> io.BytesIO:
    """Open a Word or PowerPoint template.

    Parameters
    ----------
    path : pathlib.Path
        The file: .docx or .dotx, .pptx or .potx.
    kind : {"docx", "pptx"}
        What it has to be.

    Returns
    -------
    io.BytesIO
        The file as a document: a .dotx or .potx is one in all but its declared type.

    Raises
    ------
    InputError
        It is something else, or holds macros, which must not get into a report.
    """
    program, family, document = _PROGRAMS[kind]
    declared = f"application/vnd.openxmlformats-officedocument.{family}.%s.main+xml"
    result = io.BytesIO()
    try:
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                content = source.read(entry)
                if entry.filename == "[Content_Types].xml":
                    content = content.replace((declared % "template").encode(), (declared % document).encode())
                    if (declared % document).encode() not in content:
                        raise unfit(path, kind, f"this is no {program} document, or one with macros")
                target.writestr(entry.filename, content)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise unfit(path, kind, f"this is no {program} file") from error
    result.seek(0)
    return result


def check(cover: Cover, makers: dict[str, Callable[[Report], bytes]]) -> None:
    """Make a small report with every template that is named, before anything else runs.

    Parameters
    ----------
    cover : Cover
        Holds the templates.
    makers : dict
        For "docx", "pptx" and "typst" the function that makes a file of a report.

    Raises
    ------
    InputError
        A template is not what it has to be; says which and why.
    """
    for kind, make in makers.items():
        path = getattr(cover, kind)
        if path is None:
            continue
        try:
            make(_trial(cover))
        except InputError:
            raise
        except TypstError as error:
            place = re.search(re.escape(path.name) + r":(\d+):", getattr(error, "diagnostic", "") or "")
            raise unfit(path, kind, error.message, rows=(int(place.group(1)),) if place else ()) from error
        except Exception as error:  # these libraries name no errors of their own for what a broken file can hold
            raise unfit(path, kind, f"the file is damaged ({type(error).__name__})") from error


def unfit(path: Path, kind: str, found: str, rows: Sequence[int] = ()) -> InputError:
    """Return the error that refuses a template: what is wrong with it and what it should be."""
    expected = {
        "docx": "a Word document or template (.docx, .dotx)",
        "pptx": "a PowerPoint presentation or template (.pptx, .potx) with a layout that has a title",
        "typst": "a Typst module that defines style(report, body), cover(report) or both",
    }[kind]
    fix = f"Correct it, or take {kind} out of brand"
    return input_error(path.name, found, expected, fix, column=f"brand.{kind}", rows=tuple(rows))


def _trial(cover: Cover) -> Report:
    """Return a report with a part of every kind that a template dresses."""
    exhibit = Exhibit(
        kind="table",
        notebook="trial",
        id="one",
        title="Title",
        message="Message",
        note="Note",
        columns=[Column(name="d", label="Group"), Column(name="m", label="Mean", type="number", decimals=1)],
        rows=[["All", 1.0]],
        texts=[["All", "1.0"]],
    )
    finding = Finding(
        notebook="trial",
        id="f",
        sentence="A sentence.",
        grade=Grade.STRONG,
        evidence=Evidence(sentence="A sentence.", same="A sentence.", unknown="A sentence"),
        estimate=1.0,
        low=0.5,
        high=1.5,
        n=40,
        exhibit="one",
        caveats=["A caveat."],
    )
    prose = Prose("<p>Words <strong>and</strong> more.</p>")
    parts: list[Part] = [prose, Heading(2, "Section", "trial--s"), prose, Placed(exhibit, 1), finding]
    chapter = Chapter("trial", "Chapter", parts, [prose])
    return Report(cover, Chapter("index", "Summary", [prose]), [chapter])
