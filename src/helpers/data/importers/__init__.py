"""Bring exports of survey tools into a study; one module per format.

A format is a module here whose name does not begin with an underscore, with a ``read(path) -> base.Export`` and a
docstring whose first line describes it, and which names the source of the layout and the day it was checked. It is
found by its file name.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from ..problems import did_you_mean, input_error, shown
from ..study import Study
from ..yaml_files import load
from ._proposal import check, propose
from ._study_file import table_file
from ._survey_file import merge
from ._tracking.report import HiringReport
from ._translate import translate
from .base import ImportReport, Mapping

__all__ = ["ImportReport", "formats", "import_file"]


def formats() -> dict[str, str]:
    """Return the formats that can be imported, each with its description in one line."""
    return {name: (module.__doc__ or "").strip().splitlines()[0].rstrip(".") for name, module in _modules().items()}


def import_file(
    format: str, file: str | Path, study: str | Path, mapping: str | Path | None = None, wave: str | None = None
) -> ImportReport | HiringReport:
    """Bring an export into the survey table of a study, or into its tables of hiring.

    Parameters
    ----------
    format
        A key of ``formats()``.
    file
        The export; of an applicant-tracking system also a folder of files.
    study
        Folder of the study.
    mapping
        Mapping file; default: ``mappings/<format>.yaml`` in the study, proposed when it is not there.
    wave
        Name of the survey wave.

    Returns
    -------
    What was taken, what was left out and why, and how many rows of the survey table were added, changed and
    unchanged. Rows that are there already are updated, those the file does not hold are kept.

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
    if hasattr(modules[format], "bring"):  # applicant tracking: a file or a folder, without waves
        if wave is not None:
            raise input_error(path.name, "hiring data have no waves", fix="Leave --wave out")
        return modules[format].bring(path, Study.load(study), Path(mapping) if mapping else None)
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    export, study = modules[format].read(path), Study.load(study)
    target = table_file(study, "survey")
    place = Path(mapping) if mapping else study.folder / "mappings" / f"{format}.yaml"
    if not place.is_file():
        propose(export, study, format, path, place)
    chosen = load(Mapping, place)
    check(chosen, place.name, export, study)
    report = ImportReport(path.name, place, target, wave, read=len(export.responses))
    merge(translate(export, chosen, study, format, report), target, study, report)
    return report


def _modules() -> dict[str, ModuleType]:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base" and m.name[0] != "_")
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
