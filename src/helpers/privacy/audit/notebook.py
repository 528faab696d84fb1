"""Reads executed notebooks: the prose and code that are the same for every study, and what the cells show."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from . import page, picture
from .canon import MIME
from .passages import Passage
from .words import as_in_files

#: What in an exhibit's JSON is layout: numbers of decimals, ends of axes, the version of the contract.
_LAYOUT = {"version", "decimals", "value_min", "value_max", "colours", "grade", "kind", "type", "rows"}


def sources(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield kind, source and tags of every cell of a notebook."""
    for cell in json.loads(text).get("cells", []):
        yield cell.get("cell_type", ""), _joined(cell.get("source", "")), cell.get("metadata", {}).get("tags", [])


def read(text: str, file: str) -> Iterator[Passage]:
    """Yield what the outputs, attachments and metadata of a notebook say; its cells are :func:`sources`.

    Parameters
    ----------
    text : str
        The notebook's JSON.
    file : str
        Its name, for the passages.

    Yields
    ------
    Passage
        Texts of outputs in every form, rows of exhibits, texts of pictures.
    """
    content = json.loads(text)
    own = {
        name: one for name, one in content.get("metadata", {}).items() if name not in ("kernelspec", "language_info")
    }
    yield from _json(own, file, "metadata of the notebook")
    number = 0
    for cell in content.get("cells", []):
        number += cell.get("cell_type") == "code"
        place = f"In [{number}]"
        yield from _json({k: v for k, v in cell.get("metadata", {}).items() if k != "tags"}, file, f"{place}, metadata")
        for name, forms in cell.get("attachments", {}).items():
            yield Passage(file, f"{place}, attachment", name, "name")
            yield from _forms(forms, file, f"{place}, attachment")
        for output in cell.get("outputs", []):
            yield from _forms(output.get("data", {}), file, f"{place}, output")
            metadata = {k: v for k, v in output.get("metadata", {}).items() if k != "image/png" or "alt" in v}
            alt = metadata.pop("image/png", {}).get("alt", "")
            yield Passage(file, f"{place}, alternative text", alt)
            yield from _json(metadata, file, f"{place}, metadata of an output")
            for name in ("text", "evalue", "traceback"):
                if output.get(name):
                    words = output[name] if name == "traceback" else [_joined(output[name])]
                    yield from (Passage(file, f"{place}, printed text", one) for one in words)


def _forms(forms: dict[str, Any], file: str, place: str) -> Iterator[Passage]:
    for form, content in forms.items():
        if form == MIME:
            yield from _json(content, file, f"{place}, published data")
            rows = content.get("rows", []) if isinstance(content, dict) else []
            for row, texts in zip(rows, content.get("texts", []) if rows else []):
                cells = [
                    text if value is None or isinstance(value, str) else as_in_files(value)
                    for value, text in zip(row, texts)
                ]
                yield Passage(file, f"{place}, published data", " ".join(cells))
        elif form == "image/svg+xml":
            yield from picture.drawing(_joined(content).encode(), file, place)
        elif form.startswith("image/"):
            yield from _image(_joined(content), file, place)
        elif form == "text/html":
            yield from page.read(_joined(content), file, place)
        elif isinstance(content, str | list):
            yield Passage(file, f"{place}, {form}", _joined(content))
        else:
            yield from _json(content, file, f"{place}, {form}")


def _image(encoded: str, file: str, place: str) -> Iterator[Passage]:
    try:
        yield from picture.pixels(base64.b64decode(encoded), file, place)
    except (binascii.Error, ValueError):
        yield Passage(file, place, encoded)


def _json(value: object, file: str, place: str) -> Iterator[Passage]:
    """Yield the texts and numbers of JSON; lists of words, such as a row, as one text."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in _LAYOUT:
                yield from _json(one, file, place)
    elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        yield Passage(file, place, " ".join(value))
    elif isinstance(value, list):
        for one in value:
            yield from _json(one, file, place)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, str):
        yield Passage(file, place, value)
    elif isinstance(value, int | float):
        yield Passage(file, place, as_in_files(value))


def formulas(markdown: str) -> list[str]:
    """Return the formulas of a Markdown text."""
    return re.findall(r"\$\$?(.+?)\$\$?", markdown, re.DOTALL)


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
