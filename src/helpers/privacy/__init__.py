"""Disclosure control: what must not be published, and how it is kept back."""

from .disclosure import ABOUT_FEW, NAMED, SELF, SMALL, Published, exempt, protect
from .participation import safe_model
from .plan_words import breakdowns, remarks

__all__ = [
    "ABOUT_FEW",
    "NAMED",
    "SELF",
    "SMALL",
    "Published",
    "breakdowns",
    "exempt",
    "protect",
    "remarks",
    "safe_model",
]
