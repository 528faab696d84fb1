"""Says a finding in at most fourteen words, as the title of a slide or of the exhibit that shows it.

A headline is made of the parts a finding was worded from: its sentence, the words in its slots, its size. What has no
place in a title (interval, source, what a share is of) is left out as a whole; nothing is ever cut within.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from helpers.published import Claim, Evidence, Finding, Grade

from .claims import sizes, worded

#: Most words of a headline.
MOST_WORDS = 14
_TOLD = (Grade.STRONG, Grade.MODERATE, Grade.WEAK)
_ONE_QUESTION = "the one question on "


def headline(finding: Finding) -> str:
    """Return a finding in at most :data:`MOST_WORDS` words.

    Parameters
    ----------
    finding : Finding
        Settled, so that its grade and its numbers are final.

    Returns
    -------
    str
        The first of its forms that is short enough, without a full stop; empty where none is.
    """
    forms = (form.strip().removesuffix(".") for form in _forms(finding))
    return next((form for form in forms if form and words(form) <= MOST_WORDS), "")


def words(text: str) -> int:
    """Count the words of a text, signs that stand alone included.

    Examples
    --------
    >>> words("Managers give 63 of 100, 4 % more")
    8
    """
    return len(text.split())


def _forms(finding: Finding) -> Iterator[str]:
    """Yield what could be said, the fullest first."""
    evidence = finding.evidence
    if evidence is not None and finding.grade in _TOLD and finding.estimate is not None:
        unit = {"per cent": "%", "points of 100": "points"}.get(finding.unit, finding.unit)
        for short in dict.fromkeys([unit, unit.partition(" on the ")[0]]):
            yield from _of_difference(finding, evidence, sizes(finding.estimate, evidence.decimals, short))
    elif evidence is not None and finding.grade == Grade.CANNOT_TELL:
        unknown = worded(evidence.unknown, short_slots(evidence))
        yield unknown
        yield unknown.rpartition(", ")[0]
    elif finding.claim == Claim.RANK:
        yield from _of_rank(finding)
    else:
        plain = re.sub(r" \([^()]*\)", "", finding.sentence).replace(_ONE_QUESTION, "").replace(" per cent", " %")
        yield plain
        yield plain.rpartition(", ")[0]


def _of_difference(finding: Finding, evidence: Evidence, plain: Mapping[str, str]) -> Iterator[str]:
    slots, up, size = {**short_slots(evidence), **plain}, (finding.estimate or 0.0) > 0, plain["size"]

    def said(template: str) -> str:
        return worded(template, slots, up)

    if evidence.headline:
        yield said(evidence.headline)
    sentence = re.sub(r" \((?![^()]*\{size\})[^()]*\)", "", evidence.sentence).replace(", all in all", "")
    yield said(sentence)
    first, _, rest = sentence.partition(". ")
    if rest and "{size}" in first:
        sentence = first
        yield said(sentence)
    statement, _, after = sentence.partition(": ")
    if "{size}" in after:
        yield said(statement)
    before, _, _ = sentence.rpartition(", ")
    if "{size}" in before:
        yield said(before)
    direction = re.search(r"\{[^{}|]+\|[^{}|]+\}", sentence)
    who = finding.about.get("compared")  # a group is compared with all of them
    if direction and who and (dimension := finding.about.get("dimension")):
        yield f"{who}: {size}{said(f' {direction[0]}')} on “{dimension}”"


def _of_rank(finding: Finding) -> Iterator[str]:
    sentence = finding.sentence.replace(_ONE_QUESTION, "")
    yield sentence
    yield re.sub(r" of all \d+( \w+)*(?=\.?$)", "", sentence)
    place = next((place for place in ("lowest", "highest") if f" {place}" in sentence), "")
    if place and finding.candidates and (side := finding.about.get("side")):
        names = [f"“{name}”" for name in finding.candidates]
        yield f"{side}, {place}: {' or '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}"


def short_slots(evidence: Evidence) -> dict[str, str]:
    """Return the words in the slots of a finding, without that a dimension is one question."""
    return {name: words.replace(_ONE_QUESTION, "") for name, words in evidence.slots.items()}
