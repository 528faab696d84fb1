"""What the checks need of a Markdown text: its headings, links, tables and pieces of text, with their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "quote", "cell"]
_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Passage:
    """One piece of running text: a heading, a paragraph, a list item or a table cell.

    Parameters
    ----------
    kind : Kind
        ``"quote"`` is a paragraph of a block quotation: words to speak.
    text : str
        Without marks; what a reader sees.
    links : tuple of str
        Targets of the links and images in it, as written.
    line : int
        Line of the text, counted from 1.
    level : int, optional
        Level of a heading, 0 for all others.
    """

    kind: Kind
    text: str
    links: tuple[str, ...]
    line: int
    level: int = 0


@dataclass(frozen=True)
class Table:
    """A table: its header, its rows and the line it begins on."""

    header: tuple[str, ...]
    rows: tuple[tuple[Passage, ...], ...]
    line: int


@lru_cache(maxsize=1024)
def passages(markdown: str) -> tuple[Passage, ...]:
    """Return the pieces of text in the order in which they stand."""
    found: list[Passage] = []
    quotes, line = 0, 1
    tokens = _PARSER.parse(markdown)
    for token, inline in pairwise(tokens):
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        line = token.map[0] + 1 if token.map else line
        if inline.type == "inline":
            level = int(token.tag[1]) if token.type == "heading_open" else 0
            cell = token.type in ("td_open", "th_open")
            kind: Kind = "heading" if level else "cell" if cell else "quote" if quotes else "paragraph"
            found.append(Passage(kind, _text(inline), _links(inline), line, level))
    return tuple(found)


@lru_cache(maxsize=1024)
def tables(markdown: str) -> tuple[Table, ...]:
    """Return the tables in the order in which they stand."""
    found: list[Table] = []
    rows: list[list[Passage]] = []
    line = start = 1
    for token in _PARSER.parse(markdown):
        line = token.map[0] + 1 if token.map else line
        if token.type == "table_open":
            rows, start = [], line
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(Passage("cell", _text(token), _links(token), line))
        elif token.type == "table_close":
            found.append(Table(tuple(cell.text for cell in rows[0]), tuple(map(tuple, rows[1:])), start))
            rows = []
    return tuple(found)


@lru_cache(maxsize=1024)
def headings_of(markdown: str) -> tuple[Passage, ...]:
    """Return the headings in the order in which they stand."""
    return tuple(passage for passage in passages(markdown) if passage.level)


def anchor(heading: str) -> str:
    """Return the anchor that GitHub and JupyterLab give to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _text(inline: Token) -> str:
    parts = [" " if part.type in ("softbreak", "hardbreak") else part.content for part in inline.children or ()]
    return " ".join("".join(parts).split())


def _links(inline: Token) -> tuple[str, ...]:
    targets = [part.attrGet("href") or part.attrGet("src") for part in inline.children or ()]
    return tuple(str(target) for target in targets if target)
