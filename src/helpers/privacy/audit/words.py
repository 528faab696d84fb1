"""Cuts text into words and numbers, and tells whether a number stands where the published texts have it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

#: Signs that only steer how a line breaks.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
#: Numbers, and words in pieces of six letters: where a long word is broken over two lines, its pieces stay the same.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{1,6}")
#: Letters that run from right to left: a PDF holds them, and what stands beside them, in another order.
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]+")
#: Numbers that layout makes: of exhibits, pages and slides, and the leaders of a table of contents.
_LAYOUT = re.compile(
    r"\b(?:Table|Figure)\s+\d+\b|\bpage\s+\d+(?:\s+of\s+\d+)?\b|(?:\.[  ]?){4,}\s*\d+\b|&[PN]\b|&\d+|…", re.IGNORECASE
)
START, END = "^", "$"
Window = tuple[str, str, str]


def plain(text: str) -> str:
    """Return text in one form: compatible signs made equal, unseen ones and layout's own numbers left out."""
    text = unicodedata.normalize("NFKC", text.translate(_UNSEEN))
    return _LAYOUT.sub(" ", _RIGHT_TO_LEFT.sub(" ", text))


@functools.lru_cache(maxsize=2**14)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words, in pieces of six letters, and the unsigned numbers of a text in order, in small letters.

    Examples
    --------
    >>> tokens("Figure 3. Sales: −0.310 points, 2026-H1")
    ('sales', '0.31', 'points', '2026', 'h', '1')
    """
    found = tuple(_shortest(match.group()) for match in _matches(text))
    return found[:-1] if _is_cut(text) else found


def as_in_files(value: float) -> str:
    """Return a number as files hold it: at most six significant digits, or all whole ones.

    Examples
    --------
    >>> as_in_files(0.1234567), as_in_files(4925636.7), as_in_files(12293112480.0), as_in_files(12)
    ('0.123457', '4925636.7', '12293112480.0', '12')
    """
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e5 else str(value)
    return str(value)


def before(text: str, place: int) -> str:
    """Return a few words that stand before a token of a text, numbers left out."""
    words = plain(text)
    start = [match.start() for match in _matches(text)][place]
    return " ".join(re.sub(r"\S*\d\S*", "", words[:start]).split()[-4:])


def _matches(text: str) -> list[re.Match[str]]:
    return list(_TOKEN.finditer(plain(text).casefold()))


def _is_cut(text: str) -> bool:
    """Tell whether a text was shortened: its last word may be half of one."""
    return text.rstrip().endswith("…")


def _shortest(token: str) -> str:
    """Return a number without the zeros that only show its decimals: 72.0 and 72 are one."""
    return re.sub(r"(\.\d*?)0+\Z", r"\1", token).removesuffix(".") if "." in token else token


def is_number(token: str) -> bool:
    """Tell whether a token is a number."""
    return token[0].isdigit()


def windows(sequence: Iterable[str]) -> Iterator[Window]:
    """Yield every three neighbours of a sequence, its start and end included."""
    marked = [START, *sequence, END]
    return zip(marked, marked[1:], marked[2:])


def untraced(sequence: Sequence[str], known: set[Window]) -> list[int]:
    """Return the places of the numbers that stand in none of the known surroundings.

    Parameters
    ----------
    sequence : sequence of str
        Tokens of one passage.
    known : set
        Every three neighbours of the published and of the study-independent texts.

    Returns
    -------
    list of int
        A number is traced when it and two of its neighbours, before, around or after it, stand so in a known text.
    """
    marked = [START, *sequence, END]
    missing = []
    for place, token in enumerate(sequence, start=1):
        if is_number(token) and not any(
            tuple(marked[first : first + 3]) in known
            for first in range(max(place - 2, 0), min(place, len(marked) - 3) + 1)
        ):
            missing.append(place - 1)
    return missing
