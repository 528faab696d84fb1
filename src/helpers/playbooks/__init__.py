"""Playbooks: read them, check them, measure how hard their texts are to read, make them a kit to print."""

from .check import check, check_all
from .parse import Playbook, discover, load
from .quantities import copies
from .reading import grade, prose

__all__ = ["Playbook", "check", "check_all", "copies", "discover", "grade", "load", "prose"]
