"""How hard a text is to read: the Flesch-Kincaid grade of English prose."""

from __future__ import annotations

import re

from .markdown import passages

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"'”’)*]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
# Written and not spoken: "rate", "rates", "changed", "safely", "movement".
_SILENT = re.compile(r"[^aeiouy](?:e|es|ed|ely|ement|eless)$")
# … unless the ending is heard after all: "table", "boxes", "places", "wanted".
_HEARD = re.compile(r"(?:[^aeiouyl]le[sd]?|(?:[sxzcg]|sh|ch)es|[td]ed)$")
# An "e" before a second part of the word: "something", "timetable", "safety".
_INNER = re.compile(r"(?<=som)e(?=[a-z]{2})|(?<=tim)e(?=t)|(?<=saf)e(?=ty)|(?<=sal)e(?=s)")
# Neighbours that are spoken apart: "create", "idea", "diet", "area", "usual", "being", "biology".
_APART = re.compile(r"creat|idea|erial|prio|quiet|diet|area|ual|uat|[eoy]ing|[ao]ye|io[lm]|iou?[^nu]|ia[^ln]|ien|uou")
LABEL_WORDS = 4


def syllables(word: str) -> int:
    """Estimate the number of syllables of an English word.

    Parameters
    ----------
    word : str
        One word of letters; an apostrophe and capitals are allowed. Capitals without a vowel are an
        abbreviation that is spelt out: ``HR`` has two.

    Returns
    -------
    int
        At least 1.

    Notes
    -----
    Groups of vowels, less endings that are written and not spoken. This rule of thumb is right for about 19
    of 20 words of the playbooks (compared with the CMU pronouncing dictionary), and its mistakes go both ways.
    """
    if word.isupper() and not _VOWELS.search(word.lower()):
        return len(word)
    word = _INNER.sub("", re.sub(r"[^a-z]", "", word.lower()))
    silent = _SILENT.search(word) and not _HEARD.search(word)
    return max(len(_VOWELS.findall(word)) + len(_APART.findall(word)) - bool(silent), 1)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade level of a text.

    Parameters
    ----------
    text : str
        Plain English prose; a line break ends a sentence.

    Returns
    -------
    float
        School grade in years (United States). May lie below 0 for very short words.

    Raises
    ------
    ValueError
        If the text holds no words.

    Notes
    -----
    ``0.39 * words / sentences + 11.8 * syllables / words - 15.59``.

    References
    ----------
    Kincaid, Fishburne, Rogers & Chissom (1975). Derivation of new readability formulas for Navy enlisted
    personnel. Research Branch Report 8-75.
    """
    sentences = [part for line in text.splitlines() for part in _SENTENCE_END.split(line) if _WORD.search(part)]
    words = _WORD.findall(text)
    if not words:
        raise ValueError("the text holds no words")
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


def prose(markdown: str) -> str:
    """Return the sentences of a Markdown text, one paragraph, list item or table cell per line.

    Parameters
    ----------
    markdown : str
        The text. Headings and labels of fewer than four words are left out: they are no sentences, and
        counting them as short ones would make any form look easy.

    Returns
    -------
    str
        Plain text for ``grade``.
    """
    texts = [passage.text for passage in passages(markdown) if passage.kind != "heading"]
    return "\n".join(text for text in texts if len(_WORD.findall(text)) >= LABEL_WORDS)
