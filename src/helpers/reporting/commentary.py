"""Finds the consultant's own Markdown in a study: ``commentary/<notebook>.md`` opens that notebook's chapter.

``commentary/summary.md`` is the consultant's own page one: it opens the index, the PDF, the Word file and the deck. It
may also bear the name of the notebook that writes the summary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import UnidentifiedImageError

from helpers.data import InputError
from helpers.data.problems import did_you_mean, input_error
from helpers.data.yaml_files import read_text

from .document import Part, Picture, read_commentary
from .pictures import rasterized

FOLDER = "commentary"
#: What opens the whole report.
SUMMARY = "summary"
PICTURES = (".png", ".svg")


def openings(
    study: Path, notebooks: Sequence[str], summaries: Sequence[str] = ()
) -> tuple[dict[str, list[Part]], list[str]]:
    """Read every commentary of a study.

    Parameters
    ----------
    study : pathlib.Path
        Folder of the study.
    notebooks : sequence of str
        Unnumbered names of all notebooks.
    summaries : sequence of str
        Those of them that write the summary.

    Returns
    -------
    tuple
        What opens each chapter, by notebook name, and the whole report, as :data:`SUMMARY`; and one sentence for every
        file that opens none.

    Raises
    ------
    InputError
        A file is not UTF-8 text, or a picture in it is broken.
    """
    found: dict[str, list[Part]] = {}
    stray = []
    for path in sorted((study / FOLDER).glob("[!.~]*")):
        is_markdown = path.suffix.lower() == ".md"
        name = SUMMARY if path.stem in summaries else path.stem
        if is_markdown and name in found:
            stray.append(f"{FOLDER}/{path.name} is not in the report: another file opens it already")
        elif is_markdown and (name in notebooks or name == SUMMARY):
            found[name] = _opening(path)
        elif path.suffix.lower() not in PICTURES:
            hint = did_you_mean(path.stem, notebooks) or f"the notebooks are {', '.join(notebooks)}"
            reason = (
                f"no notebook has this name; {hint}" if is_markdown else f"only Markdown is read, in {path.stem}.md"
            )
            stray.append(f"{FOLDER}/{path.name} is not in the report: {reason}")
    return found, stray


def _opening(path: Path) -> list[Part]:
    name = f"{FOLDER}/{path.name}"
    try:
        parts = read_commentary("\n".join(read_text(path).splitlines()), path.stem, path.parent)
        for picture in (part for part in parts if isinstance(part, Picture)):
            rasterized(picture.drawing.as_svg(), width_cm=1)
    except InputError as error:
        raise InputError(replace(problem, file=name) for problem in error.problems) from None
    except (UnicodeDecodeError, UnidentifiedImageError, RuntimeError) as error:
        raise input_error(
            name, "a picture in it cannot be read", "PNG or SVG files", "Save the picture again"
        ) from error
    return parts
