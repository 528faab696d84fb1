"""A piece of text in a delivered file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a passage is traced: running text and rows of tables by their neighbours; the values of an editable chart and
#: the numbers in a formula, which have none, by themselves; names (of files, links, parts) by their neighbours, a
#: number at the end, which makes them unique, aside.
Kind = Literal["text", "value", "formula", "name"]


@dataclass(frozen=True)
class Passage:
    """Text that stands together in a file.

    Attributes
    ----------
    file : str
        The file, below the report folder.
    place : str
        Where in it, in words: "page 3", "speaker notes of slide 4", "attribute alt".
    text : str
        What stands there.
    kind : {"text", "value", "formula", "name"}
        How it is traced.
    """

    file: str
    place: str
    text: str
    kind: Kind = "text"
