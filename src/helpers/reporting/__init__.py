"""Runs the notebooks of a study and writes client-ready HTML, PDF, Word and PowerPoint from what they publish."""

from .build import FORMATS, ReportResult, report

__all__ = ["FORMATS", "ReportResult", "report"]
