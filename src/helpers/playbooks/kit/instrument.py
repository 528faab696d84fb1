"""The questionnaire of a study, made from its codebook: on paper in Word, as text for an online form, as a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from helpers.data import Study
from helpers.data.codebook import Item
from helpers.data.problems import input_error, shown

from .steady import steady

#: Questions before those of the codebook, by the names under which imports know them: who answers, and about whom.
CODES = {
    "Respondent ID": "Your code, from the invitation",
    "Partnership ID": "The code of the pair, from the invitation",
}
#: Sides that answer about several people, and so say about whom.
SEVERAL = ("hr",)
WHO = {"hr": "HR partners", "manager": "managers", "employee": "employees", "respondent": "everybody"}
AGREED = "Answering is voluntary. No result is shown of fewer than {least} people."
COLUMNS = ("number", "item", "question", "help", "type", "answers")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARGIN_MM, SIZE_PT = 18, 10
#: So many answers stand side by side on paper.
SIDE_BY_SIDE = 5


def write_instrument(study: Path, out: Path, short: bool = False, side: str = "") -> list[Path]:
    """Write the questionnaire of every side that the codebook asks.

    Parameters
    ----------
    study : pathlib.Path
        Folder of the study.
    out : pathlib.Path
        Folder to write into.
    short : bool
        The short form: one question a dimension, the overall question and the comment.
    side : str
        This side alone; empty: all.

    Returns
    -------
    list of pathlib.Path
        Per side a Word file for paper or e-mail, a text that online forms read when it is pasted, and a CSV table. The
        wording of questions and answers is that of the codebook, so that imports know them again.

    Raises
    ------
    InputError
        If the study cannot be read, or its codebook asks nothing of the side.
    """
    found = Study.load(study)
    sides = found.codebook.sides
    if side and side not in sides:
        raise input_error("--side", f"nothing is asked of {shown(side)}", ", ".join(sides))
    files: dict[Path, bytes] = {}
    for one in [side] if side else sides:
        asked = questions(found, one, short)
        if not asked:
            raise input_error("--short", f"the codebook has no short form for {one}", fix="Leave --short out")
        name = f"{one}-{'short' if short else 'long'}"
        head = _head(found, one)
        files[out / f"{name}.docx"] = _word(head, asked)
        files[out / f"{name}.txt"] = _text(head, asked).encode("utf-8")
        files[out / f"{name}.csv"] = _table(head, asked).encode("utf-8-sig")
    out.mkdir(parents=True, exist_ok=True)
    for path, written in files.items():
        path.write_bytes(written)
    return [*files]


def questions(study: Study, side: str, short: bool) -> list[Item]:
    """Return what one side is asked, in the order of the codebook: of the short form its own items alone."""
    return [one for one in study.codebook.items if one.asked_of(side) and (one.short_form or not short)]


def answers(item: Item) -> list[str]:
    """Return the answers that may be chosen; none of a comment, or where there are more than letters.

    Where the codebook names only the ends, the numbers between stand alone.
    """
    if item.low is None or item.high is None or item.high - item.low >= len(LETTERS):
        return []
    return [item.format.label(number) for number in range(item.low, item.high + 1)]


def free(item: Item) -> str:
    """Return what is typed where no answer is chosen from a list of them: a number, or nothing for a comment."""
    return "" if answers(item) or item.low is None else f"A whole number from {item.low} to {item.high}"


def _head(study: Study, side: str) -> dict[str, Any]:
    least = study.privacy.promised_min_group or study.privacy.min_group
    codes = dict(list(CODES.items())[: 2 if side in SEVERAL else 1])
    return {
        "title": f"{study.title}: questions for {WHO.get(side, side)}",
        "agreed": AGREED.format(least=least),
        "instrument": " ".join(filter(None, [study.codebook.instrument.name, study.codebook.instrument.version])),
        "status": study.codebook.instrument.status,
        "codes": codes,
        "side": side,
    }


def _text(head: dict[str, Any], asked: list[Item]) -> str:
    """Return numbered questions with lettered answers, as online forms take over pasted text."""
    lines = [head["title"], "", head["agreed"], ""]
    for at, (name, words) in enumerate(head["codes"].items(), 1):
        lines += [f"{at}. {name}", f"({words})", ""]
    for at, item in enumerate(asked, len(head["codes"]) + 1):
        lines += [f"{at}. {item.text_for(head['side'])}"]
        lines += [f"{LETTERS[place]}) {words}" for place, words in enumerate(answers(item))]
        lines += [*([f"({free(item)})"] if free(item) else []), ""]
    return "\n".join(lines)


def _table(head: dict[str, Any], asked: list[Item]) -> str:
    """Return one row a question, for tools that take a table."""
    saved = io.StringIO()
    writer = csv.writer(saved, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    rows = [("", name, words, "text", "") for name, words in head["codes"].items()]
    for item in asked:
        kind = "choice" if answers(item) else "text"
        rows.append((item.id, item.text_for(head["side"]), free(item), kind, ";".join(answers(item))))
    writer.writerows((at, *row) for at, row in enumerate(rows, 1))
    return saved.getvalue()


def _word(head: dict[str, Any], asked: list[Item]) -> bytes:
    """Return a sheet to answer on paper: questions with the same answers share a table with a box under each answer."""
    document = Document()
    for part in document.sections:
        part.page_width, part.page_height = Mm(210), Mm(297)
        part.left_margin = part.right_margin = part.top_margin = part.bottom_margin = Mm(MARGIN_MM)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Calibri", Pt(SIZE_PT)
    document.add_heading(head["title"], level=1)
    document.add_paragraph(head["agreed"])
    for name, words in head["codes"].items():
        document.add_paragraph(f"{name} ({words[:1].lower()}{words[1:]}): {'_' * 30}")
    group: list[tuple[int, Item]] = []
    for numbered in enumerate(asked, 1):
        if group and numbered[1].response != group[0][1].response:
            _group(document, group, head["side"])
            group = []
        group.append(numbered)
    _group(document, group, head["side"])
    status = f", {head['status']}" if head["status"] else ""
    document.add_paragraph(f"{head['instrument']}{status}").runs[0].font.size = Pt(8)
    document.core_properties.title = head["title"]
    saved = io.BytesIO()
    document.save(saved)
    return steady(saved.getvalue())


def _group(document: Any, group: list[tuple[int, Item]], side: str) -> None:
    """Add questions that are answered alike."""
    words = answers(group[0][1])
    if not words or len(words) > SIDE_BY_SIDE:
        for number, item in group:
            told = f" ({free(item)[:1].lower()}{free(item)[1:]})" if free(item) else ""
            document.add_paragraph(f"{number}. {item.text_for(side)}{told}")
            line = "   ".join(f"☐ {word}" for word in words) if words else "_" * 90 + "\n\n" + "_" * 90
            document.add_paragraph(line)
        return
    table = document.add_table(rows=1, cols=2 + len(words))
    table.style, table.autofit = "Table Grid", False
    for cell, word in zip(table.rows[0].cells[2:], words):
        cell.text = word
    heading = table.rows[0]._tr.get_or_add_trPr()
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    heading.append(repeated)
    for number, item in group:
        row = table.add_row()
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
        row.cells[0].text, row.cells[1].text = str(number), item.text_for(side)
        for cell in row.cells[2:]:
            cell.text = "☐"
            cell.paragraphs[0].alignment = 1
    widths = [9, 80, *[(174 - 89) / len(words)] * len(words)]
    for column, width in zip(table.columns, widths):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths):
            cell.width = Mm(width)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(1)
                for run in paragraph.runs:
                    run.font.size = Pt(SIZE_PT - 1)
    document.add_paragraph()
