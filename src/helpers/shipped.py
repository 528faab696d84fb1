"""Where the notebooks, the playbooks and the sample study lie, in a package or a checkout, and what a report can be."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("helpers")))
_INSIDE = _PACKAGE / "_shipped"

#: Whether the package runs from a checkout, so that nothing was copied into it.
IS_CHECKOUT = not _INSIDE.is_dir()
#: The checkout, or the folder the package was installed into.
PROJECT = _PACKAGE.parents[1] if IS_CHECKOUT else _PACKAGE.parent
_ROOT = PROJECT if IS_CHECKOUT else _INSIDE

NOTEBOOKS = _ROOT / "notebooks"
PLAYBOOKS = _ROOT / "playbooks"
#: How notebooks name the sample study, and where it lies.
SAMPLE_NAME = Path("data/sample")
SAMPLE = _ROOT / SAMPLE_NAME

#: What a report is written as.
FORMATS = ("html", "pdf", "docx", "pptx")
