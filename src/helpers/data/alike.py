"""Names that look alike: the same to a reader, different to a computer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .problems import shown

PLAIN = r"^[!-~]+( [!-~]+)*$"
"""Texts of visible ASCII signs with single blanks: only their case can differ from what they look like."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Control signs: line breaks and tabs inside a cell, and others that nothing can print."""


def folded(name: str) -> str:
    """Return what a name looks like: without case, signs that cannot be seen, and blanks at its ends or doubled.

    Parameters
    ----------
    name : str
        Any text.

    Returns
    -------
    str
        The same text for all names that look alike. Zero-width signs, marks of the direction of writing, soft hyphens
        and control signs are left out; wide, narrow and composed forms of a letter are one.

    Examples
    --------
    >>> folded("SALES\u200b ") == folded("Sales")
    True
    """
    # Signs that say how to draw or to order the others are of the categories Cf (format) and Cc (control).
    letters = [" " if letter.isspace() else letter for letter in unicodedata.normalize("NFKC", name)]
    seen = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Cf", "Cc"))
    return unicodedata.normalize("NFC", " ".join(seen.split()).casefold())


def spellings(values: pd.Series, preferred: Sequence[str] = ()) -> list[list[str]]:
    """Find names in a column that look alike.

    Parameters
    ----------
    values : pandas.Series
        Texts; missing ones count for nothing.
    preferred : sequence of str, optional
        Spellings that go before all others.

    Returns
    -------
    list of list of str
        For every name that is spelt in several ways these spellings: a preferred one first, else the most frequent;
        of those the one whose signs can all be seen, then the first in the alphabet.
    """
    texts = pa.array(values, pa.large_string(), from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    counts = pc.value_counts(texts.drop_null())
    known = counts.field("values")
    plain = pc.match_substring_regex(known, PLAIN)
    if pc.all(plain).as_py() is not False and pc.count_distinct(pc.utf8_lower(known)).as_py() == len(known):
        return []
    names: dict[str, list[tuple[bool, int, bool, str]]] = {}
    for name, count in zip(known.to_pylist(), counts.field("counts").to_pylist()):
        names.setdefault(folded(name), []).append((name not in preferred, -count, not name.isprintable(), name))
    return [[name for *_, name in sorted(alike)] for alike in names.values() if len(alike) > 1]


def unified(values: pd.Series, alike: list[list[str]]) -> pd.Series:
    """Return a column with one spelling of every name: the first of each group that ``spellings`` found."""
    if not alike:
        return values
    first = {name: group[0] for group in alike for name in group[1:]}
    return values.map(lambda name: first.get(name, name), na_action="ignore").astype("str")


def printed(values: pd.Series) -> pd.Series:
    """Return a column of names without control signs: a blank where one parts words, nothing where it does not.

    Parameters
    ----------
    values : pandas.Series
        Texts.

    Returns
    -------
    pandas.Series
        The same names; what could not be printed would be left out by each format in a way of its own.

    Examples
    --------
    >>> printed(pd.Series(["Sales\x0bNorth", "Care"])).tolist()
    ['Sales North', 'Care']
    """
    found = {name: "" for name in values.dropna().unique() if CONTROL.search(name)}
    for name in found:
        parted = "".join(" " if sign.isspace() else sign for sign in name)
        found[name] = " ".join(CONTROL.sub("", parted).split())
    return values.map(lambda name: found.get(name, name), na_action="ignore").astype("str") if found else values


def in_words(group: list[str]) -> str:
    """Return spellings as text in which every sign can be seen."""
    told = [shown(name) for name in group]
    if len(told) > 6:
        told = [*told[:5], f"{len(told) - 5} more"]
    return f"{', '.join(told[:-1])} and {told[-1]}"
