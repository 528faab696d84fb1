"""Writes pages as PDF with Typst. Everything they say reaches the template as data, not as markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from ..theme import FONT_FOLDER

TEMPLATE = Path(__file__).with_name("kit.typ")


def typeset(document: dict[str, Any]) -> bytes:
    """Typeset pages.

    Parameters
    ----------
    document : dict
        title, name, paper, landscape and pages, as ``kit.typ`` takes them; status, or a footer of its own; accent.

    Returns
    -------
    bytes
        A PDF file; the same pages give the same bytes.
    """
    fonts = [str(FONT_FOLDER)]
    return typst.compile(str(TEMPLATE), font_paths=fonts, sys_inputs={"kit": json.dumps(document)})
