"""The rule by which a report claims a difference, the same for every chapter and again for all chapters together.

=========== =====================================================================================================
strong      adjusted p at most .005, and the whole interval, widened for the selection, beyond the smallest effect
moderate    adjusted p at most .05, and the estimate at or beyond the smallest effect
weak        adjusted p at most .05, and the estimate below the smallest effect
none        the whole interval inside ± the smallest effect: any difference is too small to matter
cannot tell anything else: the data fit both no difference and one that would matter
=========== =====================================================================================================

Where nobody drew lots for a practice, the evidence of what it did is weak at most, whatever its size. A gap between two
sides is moderate at most where it rests on fewer than three questions, or fewer than 100 people a side: whether these
mean the same by it cannot be tested.

P-values are adjusted by Benjamini & Hochberg's step-up over all differences that were tested, told or not. The
intervals of those found to differ allow for their selection (false coverage rate, Benjamini & Yekutieli 2005).
"None" is an equivalence test by interval inclusion (Schuirmann 1987; Lakens 2017), with the exhibit's interval, which
is stricter than the usual 90 per cent one. Everything is decided on the numbers as printed.

References
----------
Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the Royal Statistical Society,
Series B*, 57, 289–300.
Benjamini, Y. & Yekutieli, D. (2005). False discovery rate-adjusted multiple confidence intervals for selected
parameters. *Journal of the American Statistical Association*, 100, 71–81.
Lakens, D. (2017). Equivalence tests. *Social Psychological and Personality Science*, 8, 355–362.
Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability. *Journal of Pharmacokinetics and Biopharmaceutics*, 15, 657–680.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import special, stats

from helpers.analysis.methods import multiplicity
from helpers.columns import number
from helpers.published import Column, Evidence, Finding, Grade, confidence_words
from helpers.rounding import rounded, snapped

#: Largest adjusted p-value of a difference, and of one that is told as strong.
TOLD, STRONG = 0.05, 0.005
#: The rule in words, for the page on how to read a report.
RULE = (
    "A difference is told where its p-value, adjusted for all differences that this report tests (Benjamini–Hochberg), "
    f"is at most {TOLD:g}. It is called strong where that p-value is at most {STRONG:g} and the whole interval lies "
    "beyond the smallest effect worth acting on; a gap between two sides on fewer than three questions, or of fewer "
    "than 100 people a side, is moderate at most: nothing tests whether it means the same to both. Intervals in these "
    "sentences are wider than in the tables: they allow for having been selected (Benjamini–Yekutieli). A difference "
    "is too small to matter where the interval of the table lies inside the smallest effect."
)

#: How often it errs, as ``benchmarks/chance.py`` measured it: of which simulated studies, and what was found.
MEASURED = (
    ("Nothing but chance, 3 to 7 HR partners", "Of 91 studies, 0 held a false “strong”, 7 one or a false “moderate”."),
    ("Nothing but chance, 8 to 15 HR partners", "Of 47 studies, 0 held a false “strong”, 1 one or a false “moderate”."),
    (
        "Nothing but chance, 16 to 36 HR partners",
        "Of 62 studies, 0 held a false “strong”, 3 one or a false “moderate”.",
    ),
    ("Nothing but chance, all", "Of 200 studies, 0 held a false “strong”, 11 one or a false “moderate”."),
    ("Gaps in hiring records", "Of 100 studies, 0 told a finding that rested on what was not recorded."),
    ("Seven large effects", "In 200 studies, each was told with the right sign in at least 196."),
)

Transform = Callable[[float], float]


def _log_ratio(per_cent: float) -> float:
    return math.log1p(per_cent / 100) if per_cent > -100 else -math.inf


def _log_odds(per_cent: float) -> float:
    return float(special.logit(min(max(per_cent / 100, 0.0), 1.0)))


#: By scale, to where an interval is as long on either side of its estimate, and back.
_SCALES: dict[str, tuple[Transform, Transform]] = {
    "plain": (float, float),
    "ratio": (_log_ratio, lambda value: 100 * math.expm1(value)),
    "share": (_log_odds, lambda value: 100 * float(special.expit(value))),
}


def settle(findings: Sequence[Finding]) -> list[Finding]:
    """Grade and word differences beside each other; levels and ranks stay as they are.

    Parameters
    ----------
    findings : sequence of Finding
        Those of a chapter, or of a whole report. Differences carry their evidence, and with it the p-values of those
        that were tested and not told.

    Returns
    -------
    list of Finding
        In the same order: differences with grade, sentence, interval, adjusted p-value, playbook and caveats of this
        family. Settling once more, beside more findings, needs nothing else.
    """
    of = {place: finding.evidence for place, finding in enumerate(findings) if finding.evidence}
    tested = [place for place in of if findings[place].p_value is not None]
    others = [value for evidence in of.values() for value in evidence.others]
    p_values = pd.Series([*(findings[place].p_value for place in tested), *others], dtype=float)
    adjusted = multiplicity.adjusted(p_values).map(snapped)
    selected = int((adjusted <= TOLD).sum())
    of_told = dict(zip(tested, adjusted, strict=False))
    return [
        _settled(finding, of[place], of_told.get(place), selected, len(p_values)) if place in of else finding
        for place, finding in enumerate(findings)
    ]


def grade(
    estimate: float | None,
    interval: tuple[float | None, float | None],
    selected: tuple[float | None, float | None],
    smallest: float,
    p_adjusted: float | None,
) -> Grade:
    """Grade the evidence for a difference.

    Parameters
    ----------
    estimate : float or None
        The difference.
    interval, selected : tuple of float or None
        Its interval by itself, and widened for having been selected.
    smallest : float
        Smallest effect worth acting on, in the estimate's unit, above zero.
    p_adjusted : float or None
        Adjusted for all differences that were tested.

    Returns
    -------
    Grade
        See the module's table.
    """
    ends = [snapped(end) for end in (*interval, *selected) if end is not None]
    if estimate is None or len(ends) < 4 or not all(map(math.isfinite, (estimate, *ends))):
        return Grade.CANNOT_TELL
    smallest, low, high = snapped(smallest), *ends[2:]
    if max(abs(ends[0]), abs(ends[1])) < smallest:
        return Grade.NONE
    p_adjusted = 1.0 if p_adjusted is None else snapped(p_adjusted)
    if p_adjusted > TOLD:
        return Grade.CANNOT_TELL
    if abs(snapped(estimate)) < smallest:
        return Grade.WEAK
    beyond = low * high > 0 and min(abs(low), abs(high)) >= smallest
    return Grade.STRONG if beyond and p_adjusted <= STRONG else Grade.MODERATE


def widened(estimate: float, end: float, evidence: Evidence, confidence: float) -> float:
    """Return the end of an interval at a higher level.

    Parameters
    ----------
    estimate, end : float
        The estimate, and the end at ``evidence.confidence``.
    evidence : Evidence
        Holds level, degrees of freedom and scale.
    confidence : float
        The level wanted, between 0 and 1.

    Returns
    -------
    float
        The end.

    Notes
    -----
    The distance from the estimate, on the scale where the interval is as long on either side, grows by the ratio of
    the t quantiles. That is the interval itself where it came from t, and an approximation for profile likelihoods,
    bootstraps and jackknives on other scales.
    """
    forward, backward = _SCALES[evidence.scale]
    distance = forward(end) - forward(estimate)
    if not math.isfinite(distance) or evidence.confidence == confidence:
        return end
    wider, given = (_quantile(level, evidence.degrees_of_freedom) for level in (confidence, evidence.confidence))
    return snapped(backward(forward(estimate) + distance * wider / given))


def p_value(estimate: float, low: float, high: float, evidence: Evidence) -> float:
    """Return the p-value of no difference that belongs to an interval.

    Parameters
    ----------
    estimate, low, high : float
        The estimate and its interval at ``evidence.confidence``.
    evidence : Evidence
        Holds level, degrees of freedom and scale. A share has no log odds of zero: it is taken as it is, and a test of
        its own is better.

    Returns
    -------
    float
        Two-sided, from the t distribution (normal without degrees of freedom) in which the distance from the estimate
        to the end towards zero is the quantile of the interval's level.
    """
    forward, _ = _SCALES["ratio" if evidence.scale == "ratio" else "plain"]
    arm = abs(forward(estimate) - forward(low if estimate > 0 else high))
    size = abs(forward(estimate) - forward(0.0))
    if not size:
        return 1.0
    degrees = evidence.degrees_of_freedom or math.inf
    quantile = _quantile(evidence.confidence, evidence.degrees_of_freedom)
    return float(2 * stats.t.sf(size / arm * quantile, degrees)) if arm > 0 else 0.0


def worded(template: str, slots: Mapping[str, str], up: bool = True) -> str:
    """Fill a sentence in one pass, so that nothing in a name is taken for a slot.

    Parameters
    ----------
    template : str
        With names in braces, and words for above and below zero: ``{higher|lower}``.
    slots : mapping
        Words by name; unknown names stay as they are.
    up : bool
        Whether the estimate is above zero.

    Returns
    -------
    str
        The sentence; a name that stands first begins with a capital letter.
    """

    def word(found: re.Match[str]) -> str:
        above, bar, below = found[1].partition("|")
        return (above if up else below) if bar else slots.get(above, found[0])

    filled = re.sub(r"\{([^{}]*)\}", word, template)
    return filled[:1].upper() + filled[1:] if template.startswith("{") else filled


def interval_words(
    estimate: float, low: float, high: float, column: Column, unit: str = "", confidence: float = 0.95
) -> str:
    """Write an estimate with its interval: ``0.42 points (95 % interval 0.30 to 0.54)``."""
    size = f"{column.printed(estimate)} {unit}".strip()
    return f"{size} ({confidence_words(confidence)} interval {column.printed(low)} to {column.printed(high)})"


def sizes(estimate: float, decimals: int, unit: str) -> dict[str, str]:
    """Return what stands for ``{size}`` and ``{times}`` where a difference is told without its interval."""
    size = f"{number('', decimals).printed(abs(estimate))} {unit}".strip()
    return {"size": size, "times": f"{number('', 1).printed(1 + estimate / 100)} times"}


def times(estimate: float, low: float, high: float, confidence: float = 0.95) -> str:
    """Write a difference in per cent as a ratio, with its interval: ``2.8 times (95 % interval 2.0 to 4.0)``."""
    estimate, low, high = (1 + per_cent / 100 for per_cent in (estimate, low, high))
    return interval_words(estimate, low, high, number("", 1), "times", confidence)


def _settled(finding: Finding, evidence: Evidence, p_adjusted: float | None, selected: int, tested: int) -> Finding:
    estimate, low, high = finding.estimate, evidence.low, evidence.high
    level = multiplicity.confidence_of_selected(evidence.confidence, selected, tested)
    wide: tuple[float | None, float | None] = (low, high)
    if estimate is not None and low is not None and high is not None:
        from_, to = (rounded(widened(estimate, end, evidence, level), evidence.decimals) for end in (low, high))
        wide = (from_, to)
    smallest = finding.smallest or 0.0
    verdict = grade(estimate, (low, high), wide, smallest, p_adjusted)
    if evidence.association and verdict in (Grade.STRONG, Grade.MODERATE):
        verdict = Grade.WEAK
    if evidence.one_question and verdict == Grade.STRONG:
        verdict = Grade.MODERATE
    is_told = verdict in (Grade.STRONG, Grade.MODERATE, Grade.WEAK)
    ends, level = (wide, level) if is_told else ((low, high), evidence.confidence)
    lower = estimate is not None and estimate < 0
    named = is_told and (evidence.naming == "when different" or (evidence.naming == "when lower" and lower))
    caveats = list(evidence.caveats)
    if is_told and level > evidence.confidence:
        caveats.append(
            f"Its interval, unlike the exhibit’s, allows for having been selected among {tested} comparisons."
        )
    return finding.model_copy(
        update={
            "sentence": _sentence(finding, evidence, verdict, ends, level, tested),
            "grade": verdict,
            "low": ends[0],
            "high": ends[1],
            "confidence": level,
            "p_adjusted": None if p_adjusted is None else significant(p_adjusted),
            "compared": tested,
            "playbook": evidence.playbook if named else None,
            "caveats": caveats,
        }
    )


def _sentence(
    finding: Finding,
    evidence: Evidence,
    verdict: Grade,
    ends: tuple[float | None, float | None],
    level: float,
    tested: int,
) -> str:
    column, unit, estimate, (low, high) = number("", evidence.decimals), finding.unit, finding.estimate, ends
    unknown = worded(evidence.unknown, evidence.slots)
    if estimate is None or low is None or high is None:
        return f"{unknown}: {evidence.reason}."
    if verdict == Grade.NONE:
        least = f"{column.printed(finding.smallest)} {unit}".rstrip()
        return worded(evidence.same, evidence.slots | {"smallest": least})
    if verdict == Grade.CANNOT_TELL:
        if finding.p_value is not None and finding.p_value <= TOLD:
            return f"{unknown}. Among {tested} comparisons, chance alone could show one like it."
        between = f"from {column.printed(low)} to {column.printed(high)} {unit}".rstrip()
        return f"{unknown}: it may lie anywhere {between}."
    towards, away = (low, high) if estimate > 0 else (-high, -low)
    size = interval_words(abs(estimate), towards, away, column, unit, level)
    said = worded(
        evidence.sentence, evidence.slots | {"size": size, "times": times(estimate, low, high, level)}, estimate > 0
    )
    return said + (" This is a small difference." if snapped(abs(estimate)) < snapped(finding.smallest or 0.0) else "")


def significant(value: float) -> float:
    """Return a p-value with three significant digits."""
    return float(f"{value:.3g}")


def _quantile(confidence: float, degrees: float | None) -> float:
    return float(stats.t.ppf(0.5 + confidence / 2, degrees or np.inf))
