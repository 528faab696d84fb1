"""Disclosure control: what must not be published, and how it is kept back."""

from .disclosure import COLLECTIVE_MINIMUM, Published, protect
from .small_groups import small_groups

__all__ = ["COLLECTIVE_MINIMUM", "Published", "protect", "small_groups"]
