"""What every format says of findings and of the report as a whole, in words."""

from __future__ import annotations

import re

from helpers.present.page_one import sure
from helpers.published import MINUS, UNGRADED, Finding, Grade, confidence_words

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(value: object) -> str:
    """Return text without the control characters and halves of characters that no XML format can hold."""
    text = str(value if value is not None else "")
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


def shortened(text: str, length: int) -> str:
    """Cut a text that has to fit into one place, between words where there are any: half a number is another one."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    whole = cut.rpartition(" ")[0].rstrip(" ·,–-") if not text[length - 1].isspace() else cut
    return (whole or cut).rstrip() + "…"


def grades() -> dict[str, str]:
    """Return the label of every grade and what it means, and how findings without one read; for the closing page."""
    return {grade.label: grade.meaning for grade in Grade} | UNGRADED


def estimate_number(finding: Finding) -> str:
    """Return the estimate alone, with the decimals its interval has; empty where nothing could be estimated."""
    return _numbers(finding)[0] if finding.estimate is not None else ""


def estimate_words(finding: Finding) -> str:
    """Return estimate and interval in one line; empty where nothing could be estimated."""
    if finding.estimate is None:
        return ""
    printed = _numbers(finding)
    level = f" ({confidence_words(finding.confidence)})" if finding.confidence else ""
    interval = f", interval {printed[1]} to {printed[2]}{level}" if len(printed) == 3 else ""
    return f"{printed[0]} {finding.unit}".rstrip() + interval


def interval_words(finding: Finding) -> str:
    """Return the interval alone, with its level; empty where there is none, or where the sentence has it.

    That of a difference is about its size, as the sentence is, whatever its sign.
    """
    if finding.low is None or finding.high is None or finding.estimate is None:
        return ""
    if finding.precision:
        return "" if finding.precision in finding.sentence else finding.precision
    level = confidence_words(finding.confidence) if finding.confidence else ""
    if words := sure(finding).partition(": ")[2]:
        return f"{words} ({level} interval)"
    _, low, high = _numbers(finding)
    return f"interval {low} to {high}" + (f" ({level})" if level else "")


def how_sure(finding: Finding) -> str:
    """Say how sure a finding is, with its interval: what stands below a title that holds none."""
    if words := sure(finding):
        return f"{words} ({confidence_words(finding.confidence)} interval)" if finding.confidence else words
    return estimate_words(finding)


def practice(finding: Finding) -> str:
    """Return the playbook's name as a reader sees it; empty where the finding names none."""
    return named(finding.playbook or "")


def named(practice: str) -> str:
    """Return what readers call a practice, from its name in files or tables.

    Examples
    --------
    >>> named("role-swap"), named("customer_call")
    ('Role swap', 'Customer call')
    """
    return practice.replace("-", " ").replace("_", " ").capitalize()


def _numbers(finding: Finding) -> list[str]:
    known = [value for value in (finding.estimate, finding.low, finding.high) if value is not None]
    decimals = max(len(f"{value:.6g}".partition(".")[2]) for value in known)
    return [f"{value:.{decimals}f}".replace("-", MINUS) for value in known]
