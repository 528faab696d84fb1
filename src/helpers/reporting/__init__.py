"""Runs the notebooks of a study and writes client-ready HTML, PDF, Word and PowerPoint from what they publish."""

from .batch import Outcome, overview, reports
from .build import ReportResult, report
from .manager_reports import manager_reports
from .own_notebooks import copy_notebooks

__all__ = ["Outcome", "ReportResult", "copy_notebooks", "manager_reports", "overview", "report", "reports"]
