"""Runs the notebooks of a study and writes client-ready HTML, PDF, Word and PowerPoint from what they publish."""

# ruff: noqa: E402

import sys

# jsonschema, under nbformat, reads a grammar of internet addresses for a second and a half where this is installed;
# nothing here asks for it. ``None`` makes an import fail.
_GRAMMAR = "rfc3987_syntax"
if _GRAMMAR not in sys.modules:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    import jsonschema  # noqa: F401

    del sys.modules[_GRAMMAR]

from .batch import Batch, Outcome, count, overview, run
from .build import ReportResult, report
from .group_reports import group_reports, of_groups
from .manager_reports import manager_reports, of_managers
from .own_notebooks import copy_notebooks
from .study_reports import of_one, of_studies, reports

__all__ = [
    "Batch",
    "Outcome",
    "ReportResult",
    "copy_notebooks",
    "count",
    "group_reports",
    "manager_reports",
    "of_groups",
    "of_managers",
    "of_one",
    "of_studies",
    "overview",
    "report",
    "reports",
    "run",
]
