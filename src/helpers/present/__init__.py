"""What a person sees: tables, charts and findings, each passed through disclosure control first."""

from . import findings
from .columns import Column, count, days, number, percent, probability, score, text
from .show import NotebookNotApplicable, Show

__all__ = [
    "Column",
    "NotebookNotApplicable",
    "Show",
    "count",
    "days",
    "findings",
    "number",
    "percent",
    "probability",
    "score",
    "text",
]
