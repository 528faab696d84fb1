"""Make a kit: everything that a trainer prints and opens for one session of a playbook."""

from .make import Kit, make_kit

__all__ = ["Kit", "make_kit"]
