"""Playbooks: read them, check them, measure how hard their texts are to read."""

from .check import check, check_index, copies
from .parse import Playbook, discover, load
from .reading import grade, prose

__all__ = ["Playbook", "check", "check_index", "copies", "discover", "grade", "load", "prose"]
