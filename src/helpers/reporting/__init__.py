"""Runs the notebooks of a study and writes client-ready HTML, PDF, Word and PowerPoint from what they publish."""

from .build import FORMATS, ReportResult, report
from .personal import personal_reports
from .several import Outcome, reports, summary

__all__ = ["FORMATS", "Outcome", "ReportResult", "personal_reports", "report", "reports", "summary"]
