"""Bring exports of survey tools into a study; one module per format.

A format is a module here with a ``read(path) -> base.Export`` and a docstring whose first line describes it,
and which names the source of the layout and the day it was checked. It is found by its file name.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from ..problems import did_you_mean, input_error, shown
from ..study import Study
from .base import ImportReport, bring_in

__all__ = ["ImportReport", "formats", "import_file"]


def formats() -> dict[str, str]:
    """Return the formats that can be imported, each with its description in one line."""
    return {name: (module.__doc__ or "").strip().splitlines()[0].rstrip(".") for name, module in _modules().items()}


def import_file(
    format: str, file: str | Path, study: str | Path, mapping: str | Path | None = None, wave: str | None = None
) -> ImportReport:
    """Bring an export into the survey table of a study.

    Parameters
    ----------
    format
        A key of ``formats()``.
    file
        The export.
    study
        Folder of the study.
    mapping
        Mapping file; default: ``mappings/<format>.yaml`` in the study, proposed when it is not there.
    wave
        Name of the survey wave; its rows, if the study has any, are replaced.

    Returns
    -------
    What was taken, what was left out and why.

    Raises
    ------
    InputError
        When the file cannot be read, or when the mapping is uncertain: then a proposal has been written.
    """
    modules = _modules()
    if format not in modules:
        hint = did_you_mean(format, modules)
        raise input_error(str(file), f"there is no format {shown(format)}", f"one of {', '.join(modules)}", hint)
    path = Path(file)
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    export = modules[format].read(path)
    return bring_in(export, format, path, Study.load(study), Path(mapping) if mapping else None, wave)


def _modules() -> dict[str, ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
