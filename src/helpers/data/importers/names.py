"""Names of columns: compared whatever their signs and case, and written so that anybody can read them."""

from __future__ import annotations

import re

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"


def simplified(name: str) -> str:
    """Return a name without signs and in lower case: names that differ in nothing else are the same."""
    return re.sub(r"[\W_]+", "", name).lower()


def printable(text: str) -> str:
    """Return a text without line ends and other letters that cannot be seen."""
    return "".join(letter for letter in text if letter.isprintable())
