"""Markdown as plain blocks for the printed page: headings, paragraphs, lists, quotations, tables with blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
#: What a person fills in: a line to write on, a box to tick.
_FILL_IN = re.compile(r"(_{6,}|☐)")
_BLANK = "\u00a0"
#: Characters that fit beside each other, and how many a column of blanks is given at least.
ROOM, TO_WRITE = 106, 14
#: 1 shares room in proportion to what columns lack, so that short texts break; 0 in equal parts, so that long ones do.
EVENLY = 0.75
Block = dict[str, Any]
Run = dict[str, Any]


def blocks(markdown: str) -> list[Block]:
    """Return a Markdown text as blocks.

    Parameters
    ----------
    markdown : str
        Text without marks.

    Returns
    -------
    list of dict
        Each with ``kind``: heading (level, runs), text (runs), item (runs, mark, depth), quote (blocks), table
        (header, rows, shares), rule. A run is text with ``b`` and ``i``, or a line or a box to fill in; a blank cell
        says how many rows of writing it is high.
    """
    return list(_blocks(iter(_PARSER.parse(markdown))))


def cards(markdown: str) -> list[list[Block]]:
    """Return the cards of a text that are parted by rules; without rules the whole is one card."""
    parts = re.split(r"^---$", markdown, flags=re.MULTILINE)
    return [blocks(part) for part in (parts[1:] or parts)]


def _blocks(tokens: Iterator[Token], until: str = "") -> Iterator[Block]:
    lists: list[int | None] = []
    fresh = False
    for token in tokens:
        kind = token.type
        if kind == until:
            return
        if kind == "heading_open":
            yield {"kind": "heading", "level": int(token.tag[1]), "runs": _runs(next(tokens))}
        elif kind == "paragraph_open":
            runs = _runs(next(tokens))
            if lists and fresh:
                number = lists[-1]
                yield {"kind": "item", "mark": f"{number}." if number else "–", "depth": len(lists), "runs": runs}
                lists[-1], fresh = (number + 1 if number else None), False
            else:
                yield {"kind": "text", "runs": runs}
        elif kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if kind.startswith("ordered") else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            fresh = True
        elif kind == "blockquote_open":
            yield {"kind": "quote", "blocks": list(_blocks(tokens, "blockquote_close"))}
        elif kind == "table_open":
            yield _table(tokens)
        elif kind == "hr":
            yield {"kind": "rule"}


def _table(tokens: Iterator[Token]) -> Block:
    rows: list[list[list[Run]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token))
    header, body = rows[0], rows[1:]
    return {
        "kind": "table",
        "header": header if any(map(_length, header)) else [],
        "rows": body,
        "shares": _shares(rows),
    }


def _shares(rows: list[list[list[Run]]]) -> list[int]:
    """Share the width among the columns: wide enough for the longest word, then by what a column lacks, evened out."""
    need, want = [], []
    for column in zip(*rows, strict=False):
        words = [word for runs in column for run in runs for word in str(run.get("t", "")).split()]
        blank = any("blank" in run for runs in column for run in runs)
        need.append(max((len(word) for word in words), default=0) + 3)
        want.append(max(need[-1], TO_WRITE if blank else 0, *map(_length, column)))
    spare = float(max(ROOM - sum(need), 0))
    shares = [float(least) for least in need]
    lacks = [wish - least for least, wish in zip(need, want)]
    weights = [lack**EVENLY for lack in lacks]
    by_lack = sorted(range(len(need)), key=lambda at: lacks[at])
    for done, at in enumerate(by_lack):
        weight = sum(weights[other] for other in by_lack[done:])
        given = min(lacks[at], spare * weights[at] / weight if weight else 0)
        shares[at] += given
        spare -= given
    return [round(share) for share in shares]


def _length(runs: list[Run]) -> int:
    return sum(len(str(run.get("t", ""))) for run in runs)


def _runs(inline: Token) -> list[Run]:
    """Return the pieces of a line; a cell of blanks alone says how high it is."""
    children = inline.children or []
    text = "".join(child.content for child in children)
    if text and not text.strip(_BLANK + " "):
        return [{"blank": text.count(_BLANK)}]
    found: list[Run] = []
    bold = italic = 0
    for child in children:
        bold += {"strong_open": 1, "strong_close": -1}.get(child.type, 0)
        italic += {"em_open": 1, "em_close": -1}.get(child.type, 0)
        if child.type in ("text", "code_inline"):
            for piece in filter(None, _FILL_IN.split(child.content)):
                fill = "box" if piece == "☐" else "line" if piece.startswith("______") else ""
                found.append({"fill": fill} if fill else {"t": piece, "b": bool(bold), "i": bool(italic)})
        elif child.type in ("softbreak", "hardbreak"):
            found.append({"t": " ", "b": False, "i": False})
    return found
