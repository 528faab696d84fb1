"""Findings: what a report says in one sentence, worded by how sure we are.

The grade follows from the interval and from the smallest effect worth acting on (``smallest``), by default .2
standard deviations:

========== ==================================================================================
strong     the whole interval lies beyond the smallest effect of interest
moderate   the interval excludes zero and the estimate lies beyond the smallest effect
weak       the interval excludes zero, the estimate lies below the smallest effect
none       the whole interval lies inside ± the smallest effect: any difference is too small to matter
cannot tell  anything else: the interval holds both zero and effects that would matter
========== ==================================================================================

The rule "none" is an equivalence test by interval inclusion (Schuirmann 1987; Lakens 2017), here with the report's
interval, which is stricter than the usual 90 per cent one.

References
----------
Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability. *Journal of Pharmacokinetics and Biopharmaceutics*, 15, 657–680.
Lakens, D. (2017). Equivalence tests. *Social Psychological and Personality Science*, 8, 355–362.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

from .columns import Column, number

STRONG, MODERATE, WEAK, NONE, CANNOT_TELL = "strong", "moderate", "weak", "none", "cannot tell"
GRADES = {
    STRONG: "The whole interval lies beyond the smallest effect worth acting on.",
    MODERATE: "There is a difference, and our best estimate of it is large enough to act on.",
    WEAK: "There is a difference, but our best estimate of it is small.",
    NONE: "Any difference is too small to matter.",
    CANNOT_TELL: "The data fit both no difference and one that would matter.",
}


@dataclass(frozen=True)
class Finding:
    """One sentence with its evidence.

    Attributes
    ----------
    id : str
        Name within the notebook.
    sentence : str
        The finding in plain words; also a slide's title.
    estimate, low, high : float or None
        Estimate and interval; ``None`` where nothing can be estimated.
    unit : str
        Unit of the estimate.
    n : int
        Distinct respondents behind it.
    method : str
        How it was computed, in one line.
    grade : {"strong", "moderate", "weak", "none", "cannot tell"}
        See the module's table.
    group : str
        Whom it is about.
    playbook : str or None
        The practice that addresses it.
    exhibit : str or None
        The table or chart that shows it.
    caveats : list of str
        What to keep in mind.
    """

    id: str
    sentence: str
    estimate: float | None
    low: float | None
    high: float | None
    unit: str
    n: int
    method: str
    grade: str
    group: str
    playbook: str | None = None
    exhibit: str | None = None
    caveats: list[str] = field(default_factory=list)

    def description(self) -> dict[str, object]:
        """Return the finding as plain data."""
        return asdict(self)


def grade(estimate: float | None, low: float | None, high: float | None, smallest: float) -> str:
    """Grade the evidence for a difference.

    Parameters
    ----------
    estimate, low, high : float or None
        The difference and its interval.
    smallest : float
        Smallest effect worth acting on, in the estimate's unit, above zero.

    Returns
    -------
    str
        One of :data:`GRADES`.
    """
    if any(value is None or not math.isfinite(value) for value in (estimate, low, high)):
        return CANNOT_TELL
    if max(abs(low), abs(high)) < smallest:
        return NONE
    if low <= 0 <= high:
        return CANNOT_TELL
    if min(abs(low), abs(high)) >= smallest:
        return STRONG
    return MODERATE if abs(estimate) >= smallest else WEAK


def interval_words(
    estimate: float, low: float, high: float, column: Column, unit: str = "", confidence: float = 0.95
) -> str:
    """Write an estimate with its interval: ``0.42 points (95 % interval 0.30 to 0.54)``."""
    size = f"{column.printed(estimate)} {unit}".strip()
    return f"{size} ({100 * confidence:g} % interval {column.printed(low)} to {column.printed(high)})"


def difference(
    row: dict[str, object],
    *,
    id: str,
    higher: str,
    lower: str,
    same: str,
    unknown: str,
    smallest: float,
    unit: str,
    group: str,
    decimals: int = 2,
    confidence: float = 0.95,
    playbook: str | None = None,
    exhibit: str | None = None,
    caveats: list[str] | None = None,
) -> Finding:
    """Word a difference by its evidence.

    Parameters
    ----------
    row : mapping
        ``estimate``, ``low``, ``high``, ``respondents``, ``method`` as published (missing where hidden). A
        ``p_adjusted``, where the row is one of many comparisons, must lie below 1 − ``confidence`` too.
    higher, lower : str
        The sentence when the estimate is above or below zero, with ``{size}`` where the size and its interval go,
        for instance "HR partners rate listening {size} higher than managers do."
    same : str
        The sentence when any difference is too small to matter, with ``{smallest}``.
    unknown : str
        The sentence when the data cannot tell, up to the colon; the reason is added.
    smallest : float
        Smallest effect worth acting on, in ``unit``.

    Returns
    -------
    Finding
        The sentence follows the grade: a difference is only stated where the interval excludes zero.
    """
    estimate, low, high = (_finite(row.get(name)) for name in ("estimate", "low", "high"))
    verdict = grade(estimate, low, high, smallest)
    column = number("", decimals)
    by_chance = (_finite(row.get("p_adjusted")) or 0.0) >= 1 - confidence
    if verdict in (STRONG, MODERATE, WEAK) and by_chance:
        verdict = CANNOT_TELL
        sentence = f"{unknown}: among this many comparisons, chance alone would show one like it."
    elif verdict in (STRONG, MODERATE, WEAK):
        small = {WEAK: " This is a small difference.", MODERATE: "", STRONG: ""}[verdict]
        size = interval_words(abs(estimate), *sorted((abs(low), abs(high))), column, unit, confidence)
        sentence = (higher if estimate > 0 else lower).replace("{size}", size) + small
    elif verdict == NONE:
        sentence = same.replace("{smallest}", f"{column.printed(smallest)} {unit}")
    elif None in (estimate, low, high):
        sentence = f"{unknown}: {_reason(row)}."
    else:
        sentence = _may_lie(unknown, column.printed(low), column.printed(high), unit)
    facts = {"unit": unit, "group": group, "playbook": playbook, "exhibit": exhibit, "caveats": list(caveats or [])}
    return _finding(row, id, sentence, verdict, decimals, facts)


def level(
    row: dict[str, object],
    *,
    id: str,
    sentence: str,
    unknown: str,
    smallest: float,
    unit: str,
    group: str,
    decimals: int = 2,
    confidence: float = 0.95,
    playbook: str | None = None,
    exhibit: str | None = None,
    caveats: list[str] | None = None,
) -> Finding:
    """Word a level (a mean, a share). Its grade says how precisely we know it.

    ``strong`` when half the interval is at most ``smallest``, ``moderate`` up to twice, ``weak`` up to four times
    that; beyond, or where nothing could be estimated, ``cannot tell``. ``sentence`` holds ``{value}``.
    """
    estimate, low, high = (_finite(row.get(name)) for name in ("estimate", "low", "high"))
    verdict = CANNOT_TELL
    if None not in (estimate, low, high):
        half = (high - low) / 2
        steps = ((STRONG, 1), (MODERATE, 2), (WEAK, 4))
        verdict = next((name for name, times in steps if half <= times * smallest), CANNOT_TELL)
    column = number("", decimals)
    if None in (estimate, low, high):
        words = f"{unknown}: {_reason(row)}."
    elif verdict == CANNOT_TELL:
        words = _may_lie(unknown, column.printed(low), column.printed(high), unit)
    else:
        words = sentence.replace("{value}", interval_words(estimate, low, high, column, unit, confidence))
    facts = {"unit": unit, "group": group, "playbook": playbook, "exhibit": exhibit, "caveats": list(caveats or [])}
    return _finding(row, id, words, verdict, decimals, facts)


def _may_lie(unknown: str, low: str, high: str, unit: str) -> str:
    return f"{unknown}: it may lie anywhere from {low} to {high} {unit}".rstrip() + "."


def _finding(
    row: dict[str, object], id: str, sentence: str, grade: str, decimals: int, facts: dict[str, object]
) -> Finding:
    numbers = {name: _rounded(_finite(row.get(name)), decimals) for name in ("estimate", "low", "high")}
    n = int(_finite(row.get("respondents")) or 0)
    return Finding(id=id, sentence=sentence, n=n, method=str(row.get("method") or ""), grade=grade, **numbers, **facts)


def _finite(value: object) -> float | None:
    try:
        return float(value) if math.isfinite(float(value)) else None
    except (TypeError, ValueError):
        return None


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals) + 0.0


def _reason(row: dict[str, object]) -> str:
    note = row.get("note")
    note = note.removeprefix("cannot tell: ") if isinstance(note, str) else ""
    return note or "too few people answered to show a result"
