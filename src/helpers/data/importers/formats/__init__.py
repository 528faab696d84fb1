"""The layouts of exports that can be imported, one file each; it goes by the name of its file.

A survey tool's file has ``read(path, limits) -> Export``, an applicant-tracking system's ``bring(path, study,
mapping)``. The first line of its docstring describes it; the rest names the layout, its source and the day it was
checked.
"""

from __future__ import annotations

import pkgutil

RENAMED = {"tracking_tables": "hiring"}
"""File to the name on the command line, where the two differ."""


def names() -> dict[str, str]:
    """Return the names of the formats, each with that of its file; none of them is loaded."""
    files = (file.name for file in pkgutil.iter_modules(__path__))
    return dict(sorted((RENAMED.get(file, file), file) for file in files))
