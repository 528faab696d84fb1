"""What a person sees: tables, charts and findings, each passed through disclosure control first."""

from helpers.columns import count, days, number, percent, probability, repeats, score, share, text

from .choosing import all_shown, named, together
from .show import NotebookNotApplicable, Show

__all__ = [
    "NotebookNotApplicable",
    "Show",
    "all_shown",
    "count",
    "days",
    "named",
    "number",
    "percent",
    "probability",
    "repeats",
    "score",
    "share",
    "text",
    "together",
]
