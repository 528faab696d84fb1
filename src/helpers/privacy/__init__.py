"""Disclosure control: what must not be published, and how it is kept back."""

from .disclosure import COLLECTIVE_MINIMUM, NAMED, SELF, Published, exempt, protect
from .small_groups import small_groups

__all__ = ["COLLECTIVE_MINIMUM", "NAMED", "SELF", "Published", "exempt", "protect", "small_groups"]
