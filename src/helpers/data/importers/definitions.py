"""Definitions of surveys that lie beside an export: what its codes are called."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..limits import Limits


def qualtrics_labels(folder: Path, questions: set[str], limits: Limits) -> tuple[dict[str, dict[str, str]], str]:
    """Return what the codes of a Qualtrics survey are called, from a definition (.qsf) in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Where the export lies.
    questions : set of str
        Its questions, such as ``QID1``.
    limits : Limits
        How large the definition may be.

    Returns
    -------
    tuple of dict and str
        Question to its codes and their labels, recoded as the survey says; and the name of the definition. Both empty
        where no definition holds most of the questions: it is of another survey then.
    """
    best: tuple[int, dict[str, dict[str, str]], str] = (0, {}, "")
    for path in sorted(folder.glob("*.qsf")):
        limits.check_file(path, path.name, "")
        try:
            found = dict(_questions(json.loads(path.read_text(encoding="utf-8-sig"))))
        except (ValueError, RecursionError):
            continue
        both = len(questions & set(found))
        if 2 * both > len(questions) and both > best[0]:
            best = both, found, path.name
    return best[1], best[2]


def _questions(survey: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the questions of a definition with their codes and labels."""
    elements = survey.get("SurveyElements", []) if isinstance(survey, dict) else []
    for element in elements:
        payload = element.get("Payload") if isinstance(element, dict) and element.get("Element") == "SQ" else None
        if not isinstance(payload, dict) or not payload.get("QuestionID"):
            continue
        # The choices of a matrix are its statements; what is answered stands under Answers.
        told = payload.get("Answers") if payload.get("QuestionType") == "Matrix" else payload.get("Choices")
        choices = told if isinstance(told, dict) else dict(enumerate(told or [], 1)) if isinstance(told, list) else {}
        recoded = payload.get("RecodeValues")
        recoded = recoded if isinstance(recoded, dict) else {}
        yield (
            payload["QuestionID"],
            {
                str(recoded.get(str(number), number)): plain(str(choice.get("Display", "")))
                for number, choice in choices.items()
                if isinstance(choice, dict)
            },
        )


def plain(text: str) -> str:
    """Return a text without HTML."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text)).split())
