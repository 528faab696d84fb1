"""Colours, type and chart defaults: one look for notebooks, reports and slides."""

from __future__ import annotations

import colorsys
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager

from .scripts import fallbacks

INK = "#1f2933"
QUIET = "#52606d"
GRID = "#d9e0e6"
DEFAULT_ACCENT = "#0b5c6b"
#: Distinguishable with every common colour vision deficiency (Okabe & Ito 2008, darkened for contrast on white).
PALETTE = ["#0b5c6b", "#c8590a", "#3d74b8", "#8a5a9e", "#7a7a1f", "#b03060", "#4d4d4d"]
#: One colour and one marker per side in every exhibit, so that a reader learns them once.
SIDE_COLOURS = {
    "HR partners": "#c8590a",
    "Managers": "#0b5c6b",
    "Employees": "#3d74b8",
    "Respondents": "#0b5c6b",
}
#: What is answered favourably, neutrally and unfavourably; the same for every brand. White can be read on the first and
#: the last, ink on the others.
FAVOURABLE, NEUTRAL, UNFAVOURABLE, REST = "#1f5a94", "#cfd6dd", "#a8480c", "#eef1f4"
#: Below, like, and above what cells are compared with: no brand's colours, and light enough for ink.
BELOW, ALIKE, ABOVE = "#ef9a4d", "#f7f7f7", "#7fb2de"
MARKERS = ["o", "s", "D", "^", "v", "P", "X"]
FONT_FOLDER = Path(__file__).parent / "fonts"


def colours(series: Sequence[str], accent: str = DEFAULT_ACCENT) -> dict[str, str]:
    """Give every series its colour: sides keep theirs, others take the palette in order."""
    names = [str(name) for name in series]
    if len(names) == 1 and names[0] not in SIDE_COLOURS:
        return {names[0]: accent}
    free = iter([colour for colour in PALETTE if colour not in {SIDE_COLOURS.get(name) for name in names}] * 9)
    return {name: SIDE_COLOURS.get(name) or next(free) for name in names}


def sequential(accent: str = DEFAULT_ACCENT):
    """Return a light-to-dark colour map in the accent's hue."""
    red, green, blue = mpl.colors.to_rgb(accent)
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    dark = colorsys.hls_to_rgb(hue, min(lightness, 0.30), saturation)
    return sns.blend_palette(["#f4f7f8", dark], as_cmap=True)


def diverging():
    """Return a colour map from below to above, the same for every brand; ink can be read on all of it."""
    return sns.blend_palette([BELOW, ALIKE, ABOVE], as_cmap=True)


def contrast(one: Any, other: Any) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it: 1 to 21, at least 4.5 for small letters."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(fill: Any) -> str:
    """Return white or ink, whichever can be read better on a colour."""
    return max(("white", INK), key=lambda ink: contrast(ink, fill))


def luminance(colour: Any) -> float:
    """Return the relative luminance of a colour of matplotlib's, 0 (black) to 1 (white), as WCAG 2 defines it."""
    return _luminance(mpl.colors.to_rgb(colour))


@functools.cache  # of every cell of a heatmap two contrasts are computed
def _luminance(parts: tuple[float, float, float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@functools.cache
def font_family() -> str:
    """Register the fonts the project ships and name their family; matplotlib's own where they are absent."""
    files = sorted(FONT_FOLDER.glob("*.[ot]tf"))
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in files:
        if str(file) not in known:
            font_manager.fontManager.addfont(str(file))
    return font_manager.FontProperties(fname=str(files[0])).get_name() if files else "DejaVu Sans"


def families() -> list[str]:
    """Return the fonts that charts are lettered in: each draws what those before it lack."""
    return [font_family(), "DejaVu Sans", *fallbacks()]


def settings() -> dict[Any, Any]:
    """Return the matplotlib settings every chart is drawn with."""
    return {
        **sns.axes_style("whitegrid"),
        "font.family": families(),
        "font.size": 10,
        "axes.edgecolor": GRID,
        "axes.labelcolor": QUIET,
        "axes.labelsize": 10,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "text.color": INK,
        "text.parse_math": False,  # a department called "R&D $ales$" is not a formula
        "xtick.color": QUIET,
        "ytick.color": INK,
        "xtick.bottom": False,
        "ytick.left": False,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "hr-partnership",
    }
