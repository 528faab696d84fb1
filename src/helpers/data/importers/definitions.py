"""Definitions of surveys: what was asked, and what the codes of the answers are called.

Qualtrics writes .qsf (JSON: ``SurveyElements``, of these ``SQ`` with choices, answers and recoded values), LimeSurvey
.lss (XML: tables of questions, subquestions and answers, texts in tables of their own from version 4 on), and many
tools Triple-S (XML: variables with values). Source: files published by users of the tools, and the Triple-S XML
Standard 2.0 (checked 2026-11-29). Not checked: quotas, scales of two axes, filters of Triple-S.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from ..limits import Limits
from ..problems import InputError, input_error

MATRIX = ("F", "A", "B", "C", "E", "H", "1")
"""Types of LimeSurvey's questions whose statements each have an answer."""
POINTS = {"5": 5, "A": 5, "B": 10}
"""Types of LimeSurvey's questions that are answered by a number from 1."""


@dataclass(frozen=True)
class Question:
    """One question of a survey.

    Parameters
    ----------
    id, name, text : str
        Number within the survey, name in exports, and text.
    statements : dict of str to str
        Code and text of each statement that is answered by itself; none: the question is one.
    labels : dict of str to str
        Code of an answer, as exports write it, to what it is called, in their order.
    open : bool, optional
        It is answered in words.
    """

    id: str
    name: str
    text: str
    statements: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    open: bool = False


def read_definition(path: Path, limits: Limits) -> list[Question]:
    """Return the questions of a survey.

    Parameters
    ----------
    path : pathlib.Path
        A file that ends in .qsf, .lss, .sss or .xml.
    limits : Limits
        How large it may be.

    Returns
    -------
    list of Question
        In the order of the file.

    Raises
    ------
    InputError
        When it is no definition of a survey.
    """
    limits.check_file(path, path.name, "")
    readers: dict[str, Callable[[bytes], Iterator[Question]]] = {".qsf": _qualtrics, ".lss": _limesurvey}
    try:
        found = list(readers.get(path.suffix.lower(), _triple_s)(path.read_bytes()))
    except (ValueError, RecursionError, TypeError, AttributeError, etree.XMLSyntaxError):
        found = []
    if not found:
        expected = "a definition of a survey: Qualtrics .qsf, LimeSurvey .lss or Triple-S .sss"
        raise input_error(path.name, "no question of a survey is in it", expected, "Export the definition again")
    return found


def labels_beside(
    folder: Path, suffix: str, names: set[str], limits: Limits, by: Callable[[Question], str]
) -> tuple[dict[str, dict[str, str]], str]:
    """Return what the codes of an export are called, from a definition that lies beside it.

    Parameters
    ----------
    folder : pathlib.Path
        Where the export lies.
    suffix : str
        Ending of the definition.
    names : set of str
        The export's questions.
    limits : Limits
        How large the definition may be.
    by : callable
        What names a question in the export: its id, or its name.

    Returns
    -------
    tuple of dict and str
        Question to its codes and their labels, recoded as the survey says; and the name of the definition. Both empty
        where no definition holds most of the questions: it is of another survey then.
    """
    best: tuple[int, dict[str, dict[str, str]], str] = (0, {}, "")
    for path in sorted(folder.glob(f"*{suffix}")):
        try:
            told = {by(question): question.labels for question in read_definition(path, limits)}
        except InputError:  # of another kind, or broken: it explains nothing
            continue
        both = len(names & set(told))
        if 2 * both > len(names) and both > best[0]:
            best = both, told, path.name
    return best[1], best[2]


def _qualtrics(content: bytes) -> Iterator[Question]:
    survey = json.loads(content.decode("utf-8-sig"))
    elements = survey.get("SurveyElements", [])
    asked, deleted = _blocks(elements)
    places = {id: place for place, id in enumerate(asked)}
    for element in sorted(elements, key=lambda element: places.get(_id(element), len(places))):
        if _id(element) in deleted:
            continue
        told = element.get("Payload") if isinstance(element, dict) and element.get("Element") == "SQ" else None
        if not isinstance(told, dict) or not told.get("QuestionID") or told.get("QuestionType") in ("DB", "Timing"):
            continue
        # The choices of a matrix are its statements; what is answered stands under Answers.
        matrix = told.get("QuestionType") == "Matrix"
        choices = _ordered(told.get("Choices"), told.get("ChoiceOrder"))
        answers = _ordered(told.get("Answers"), told.get("AnswerOrder")) if matrix else choices
        recoded = told.get("RecodeValues")
        recoded = recoded if isinstance(recoded, dict) else {}
        tag = str(told.get("DataExportTag") or told["QuestionID"])
        yield Question(
            told["QuestionID"], tag, plain(str(told.get("QuestionText", ""))),
            {f"{tag}_{number}": text for number, text in choices.items()} if matrix else {},
            {str(recoded.get(number, number)): text for number, text in answers.items()},
            told.get("QuestionType") == "TE",
        )  # fmt: skip


def _id(element: Any) -> str:
    told = element.get("Payload") if isinstance(element, dict) else None
    return str(told.get("QuestionID", "")) if isinstance(told, dict) else ""


def _blocks(elements: list[Any]) -> tuple[list[str], set[str]]:
    """Return the questions in the order of their blocks, and those that were deleted: they lie in the trash."""
    asked: list[str] = []
    deleted: set[str] = set()
    for element in elements:
        held = element.get("Payload") if isinstance(element, dict) and element.get("Element") == "BL" else None
        for block in held.values() if isinstance(held, dict) else held or []:
            inside = [part.get("QuestionID") for part in block.get("BlockElements") or [] if isinstance(part, dict)]
            ids = [str(id) for id in inside if id]
            if block.get("Type") == "Trash":
                deleted.update(ids)
            else:
                asked += ids
    return asked, deleted - set(asked)


def _ordered(told: Any, order: Any) -> dict[str, str]:
    """Return choices with their texts, in the order in which the survey shows them."""
    held = told if isinstance(told, dict) else dict(enumerate(told, 1)) if isinstance(told, list) else {}
    found = {str(number): plain(str(choice.get("Display", ""))) for number, choice in held.items()
             if isinstance(choice, dict)}  # fmt: skip
    wanted = [str(number) for number in order if str(number) in found] if isinstance(order, list) else []
    return {number: found[number] for number in [*wanted, *(number for number in found if number not in wanted)]}


def _limesurvey(content: bytes) -> Iterator[Question]:
    root = _xml(content)
    rows = {
        table: [{cell.tag: cell.text or "" for cell in row} for row in root.iterfind(f"{table}/rows/row")]
        for table in ("questions", "subquestions", "answers", "question_l10ns", "answer_l10ns")
    }
    texts = {row.get("qid"): row.get("question", "") for row in reversed(rows["question_l10ns"])}
    labels = {row.get("aid"): row.get("answer", "") for row in reversed(rows["answer_l10ns"])}
    seen: set[str] = set()
    for row in sorted(rows["questions"], key=lambda row: _places(row, "gid", "question_order")):
        id, kind = row.get("qid", ""), row.get("type", "")
        if row.get("parent_qid", "0") not in ("", "0") or id in seen or kind in ("X", "*"):
            continue  # a second language repeats each question
        seen.add(id)
        name = row.get("title", "")
        below = [sub for sub in [*rows["subquestions"], *rows["questions"]] if sub.get("parent_qid") == id]
        below.sort(key=lambda sub: _places(sub, "question_order"))
        told = [answer for answer in rows["answers"] if answer.get("qid") == id]
        told.sort(key=lambda answer: _places(answer, "sortorder"))
        statements = {f"{name}[{sub.get('title', '')}]": plain(sub.get("question") or texts.get(sub.get("qid"), ""))
                      for sub in reversed(below)}  # fmt: skip
        codes = {answer.get("code", ""): plain(answer.get("answer") or labels.get(answer.get("aid"), ""))
                 for answer in told}  # fmt: skip
        codes = codes or {str(point): str(point) for point in range(1, POINTS.get(kind, 0) + 1)}
        yield Question(
            id, name, plain(row.get("question") or texts.get(id, "")),
            dict(reversed(statements.items())) if kind in MATRIX else {}, codes, kind in ("S", "T", "U", "Q"),
        )  # fmt: skip


def _places(row: dict[str, str], *names: str) -> tuple[int, ...]:
    return tuple(int(row.get(name) or 0) for name in names)


def _triple_s(content: bytes) -> Iterator[Question]:
    root = _xml(content)
    if root.tag != "sss":
        return
    for variable in root.iterfind(".//variable"):
        kind = variable.get("type", "")
        values = {
            value.get("code", ""): plain("".join(value.itertext())) for value in variable.iterfind("values/value")
        }
        span = variable.find("values/range")
        # The codes of a single choice that has no words but at its ends are points of a scale.
        if span is not None and (kind != "single" or len(values) < 3) and _narrow(span):
            values = {str(n): str(n) for n in range(int(span.get("from", "")), int(span.get("to", "")) + 1)} | values
        name = variable.findtext("name") or variable.get("ident", "")
        label = variable.find("label")
        text = plain("".join(label.itertext())) if label is not None else name
        if kind in ("single", "quantity", "character"):
            yield Question(variable.get("ident", ""), name, text, {}, values, kind == "character")


def _narrow(span: etree._Element) -> bool:
    low, high = span.get("from", ""), span.get("to", "")
    return low.isdigit() and high.isdigit() and 1 <= int(high) - int(low) <= 10


def _xml(content: bytes) -> etree._Element:
    """Return the root of a document; nothing outside of it is read."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def plain(text: str) -> str:
    """Return a text without HTML."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text)).split())
