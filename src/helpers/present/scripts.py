"""Scripts that the shipped font lacks: fonts of the machine stand in, and what none of them can draw is said."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

FILES = (
    "NotoSansCJK", "NotoSansSC", "NotoSansKR", "NotoSansJP", "NotoSansTC", "SourceHanSans", "DroidSansFallback", "wqy",
    "msyh", "malgun", "meiryo", "simsun", "PingFang", "AppleSDGothicNeo", "NanumGothic", "Hiragino", "Arial Unicode",
    "NotoSansArabic", "NotoSansHebrew", "NotoSansThai", "NotoSansDevanagari", "unifont",
)  # fmt: skip
"""Starts of the names of files of fonts with many signs, the better ones first."""
STYLES = ("bold", "light", "thin", "black", "mono", "italic")
SHOWN = 12


@functools.cache
def fallbacks() -> tuple[str, ...]:
    """Return the families of such fonts on this machine."""
    found: dict[str, None] = {}
    paths = sorted(map(Path, font_manager.findSystemFonts()))
    for start in FILES:
        for path in paths:
            plain = not any(
                style in path.stem.lower() for style in ("bold", "light", "thin", "black", "mono", "italic")
            )
            if path.name.lower().startswith(start.lower()) and plain:
                try:
                    font_manager.fontManager.addfont(str(path))
                    found[font_manager.FontProperties(fname=str(path)).get_name()] = None
                except (OSError, RuntimeError):  # a font that cannot be read draws nothing
                    continue
    return tuple(found)


def undrawn(figure: Figure) -> str:
    """Return a sentence on the signs of a figure that no font can draw; an empty text where there are none.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure, drawn with the project's settings.

    Returns
    -------
    str
        Which signs stand as boxes, and what to install.
    """
    texts = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
    signs = {sign for text in texts for sign in text if sign > "\u024f" and not sign.isspace()}
    return _told(_left(signs, map(_path, mpl.rcParams["font.family"])), "figure")


def narrowed(figure: Figure, families: list[str]) -> list[str]:
    """Let texts whose signs the first font has look in no other, and return the families for texts yet to come.

    Matplotlib looks up every family of a text whenever it measures it. Texts yet to come are numbers on an axis.
    """
    known = _drawn(_path(families[0])) | {"\n"}
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_fontfamily() == families and known.issuperset(text.get_text()):
            text.set_fontfamily(families[0])
    return families[:1] if known.issuperset("0123456789.−") else families


def unprinted(texts: Iterable[str], fonts: Iterable[str]) -> str:
    """Return a sentence on the letters of a typeset text that no font can draw; an empty text where there are none.

    Parameters
    ----------
    texts : iterable of str
        What is typeset.
    fonts : iterable of str
        Files of fonts, besides matplotlib's own.

    Returns
    -------
    str
        Which letters stand as boxes, and what to install.
    """
    letters = {sign for text in texts for sign in text if sign > "\u024f" and unicodedata.category(sign)[0] in "LM"}
    return _told(_left(letters, (path for part in ([_path("DejaVu Sans")], fonts) for path in part)), "text")


def _left(signs: set[str], fonts: Iterable[str]) -> set[str]:
    """Return the signs that none of the fonts has; a font is only opened while any are left."""
    fonts = iter(fonts)
    while signs and (path := next(fonts, None)) is not None:
        signs = signs - _drawn(path)
    return signs


def _told(signs: set[str], where: str) -> str:
    if not signs:
        return ""
    told = "".join(sorted(signs)[:SHOWN]) + ("…" if len(signs) > SHOWN else "")
    # Their names say in letters that can be drawn what the boxes stand for.
    of = ", ".join(sorted({unicodedata.name(sign, "unnamed").split()[0] for sign in signs}))
    return (
        f"Boxes in the {where} stand for signs that no font of this machine can draw: {told} ({of}). With a font that "
        "has them, such as Noto Sans CJK for Chinese, Japanese and Korean, the report comes out whole."
    )


def _path(family: str) -> str:
    return font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=True)


@functools.cache
def _drawn(path: str) -> frozenset[str]:
    try:
        return frozenset(map(chr, font_manager.get_font(path).get_charmap()))
    except (OSError, RuntimeError):  # a font that cannot be read draws nothing
        return frozenset()
