"""Which practice of the source articles has which playbook, what is captured of it, and which chapter reads that."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from helpers.data.problems import Problem, shown
from helpers.data.tables import TABLES
from helpers.data.yaml_files import Declared, Mistake, read_text
from helpers.data.yaml_files import load as load_yaml

from .parse import Identifier, Named, Playbook, Text
from .runs import read_runs, status
from .values import listed, table

FILE = "articles.yaml"
NOTHING_TO_DO = "nothing to do"
#: What leads to the practice that the finding itself is about, such as that which units began.
OWN, OWN_IN_WORDS = "{playbook}", "the practice it is about"


class Row(Declared):
    """One practice, claim or system of an article.

    Parameters
    ----------
    practice, article, where : str
        What is told there; the article's key; the part of it.
    playbook : str, optional
        The playbook that serves it.
    captured : list of str, optional
        Fields of that playbook, or columns of tables such as ``commitments.outcome``.
    read_by : list of str, optional
        Chapters that read these columns where no playbook's measures name them.
    not_measured : str, optional
        Why nothing is captured of it.
    """

    practice: Text
    article: Identifier
    where: Text
    playbook: Identifier | None = None
    captured: list[Text] = Field(default_factory=list)
    read_by: list[Identifier] = Field(default_factory=list)
    not_measured: Text | None = None

    def mistakes(self) -> list[Mistake]:
        """Return that a row is empty without a reason, or measured and not measured at once."""
        if bool(self.captured) == bool(self.not_measured):
            return [((), f"{shown(self.practice)} needs captured, or not_measured and why; one of the two")]
        return []


class Direction(Declared):
    """What a result on a dimension leads to, where it is low and where it is high, for each side that is asked.

    Parameters
    ----------
    dimension : str
        Its id in the codebook.
    low : str
        The playbook that trains it.
    high : str
        A playbook, or ``nothing to do``.
    """

    dimension: Identifier
    low: Text
    high: Text
    why: Text


class Lead(Declared):
    """What a finding of a chapter leads to that is about no dimension, in either direction.

    Parameters
    ----------
    chapter, finding : str
        Unnumbered name of the notebook; the finding's id there, with columns in braces.
    says : str
        What it is about, in words.
    above, below : str
        A playbook, ``nothing to do``, or ``{playbook}`` for the practice that the finding is about: where it lies above
        what it is compared with, and below.
    """

    chapter: Identifier
    finding: Text
    says: Text
    above: Text
    below: Text
    why: Text


class Articles(Declared):
    """The articles by their keys, what each asks for, and where results lead."""

    articles: dict[Identifier, Text]
    rows: list[Row]
    directions: list[Direction]
    findings: list[Lead] = Field(default_factory=list)

    def mistakes(self) -> list[Mistake]:
        """Return rows that are wrong, or of an article that nobody names."""
        found: list[Mistake] = [
            (("rows", at), words) for at, row in enumerate(self.rows) for _, words in row.mistakes()
        ]
        unknown = [at for at, row in enumerate(self.rows) if row.article not in self.articles]
        return found + [(("rows", at), f"no article is called {shown(self.rows[at].article)}") for at in unknown]


def load(root: Path) -> Articles | None:
    """Read the table beside the playbooks; None where there is none.

    Raises
    ------
    InputError
        With every mistake and its line.
    """
    path = root / FILE
    return _articles(read_text(path)) if path.is_file() else None


@lru_cache(maxsize=8)
def _articles(text: str) -> Articles:
    return load_yaml(Articles, Named(FILE, text))


def readers(row: Row, book: Playbook | None) -> list[str]:
    """Return the chapters that read what is captured of a practice, as the measures of its playbook name them."""
    found = list(row.read_by)
    for measure in book.front.measures if book else []:
        named = {*measure.fields, *(f"{measure.table}.{column}" for column in measure.columns)}
        found += measure.read_by if named & {*row.captured} else []
    return list(dict.fromkeys(found))


def values(known: Articles, books: Sequence[Playbook]) -> dict[str, str]:
    """Return the tables of the index: practices of the articles, and where results lead."""
    by_id = {book.front.id: book for book in books}
    rows = []
    for row in known.rows:
        book = by_id.get(row.playbook or "")
        link = f"[{book.front.title}]({book.file})" if book else "–"
        captured = listed([f"`{one}`" for one in row.captured]) or f"not measured, because {row.not_measured}"
        chapters = listed([one.replace("_", " ") for one in readers(row, book)]) or "–"
        rows.append(
            (row.practice, f"{known.articles[row.article]}: {row.where}", link, captured, chapters, _state(book))
        )
    return {
        "articles": table(("Practice", "Where in the articles", "Playbook", "Captured", "Read by", "Status"), rows),
        "directions": table(
            ("Dimension", "Low, or lower than the other side sees it", "High", "Why"),
            [(one.dimension.replace("_", " "), _lead(one.low, by_id), _lead(one.high, by_id), one.why)
             for one in known.directions],
        ),
        "findings": table(
            ("Chapter", "Finding", "More, or longer", "Less, or shorter", "Why"),
            [(one.chapter.replace("_", " "), one.says, _lead(one.above, by_id), _lead(one.below, by_id), one.why)
             for one in known.findings],
        ),
    }  # fmt: skip


def _lead(to: str, by_id: dict[str, Playbook]) -> str:
    return f"[{by_id[to].front.title}]({by_id[to].file})" if to in by_id else OWN_IN_WORDS if to == OWN else to


def _state(book: Playbook | None) -> str:
    """Return the furthest status that an edition has earned; a dash without a playbook."""
    if book is None:
        return "–"
    runs = read_runs(book.folder, book.front)[0]
    order = ("draft", "rehearsed", "piloted", "stable")
    return max((status(runs, edition) for edition in book.front.editions), key=order.index)


def check(known: Articles, books: Sequence[Playbook]) -> list[Problem]:
    """Return rows that name a playbook, a field, a column or a practice that is not there.

    Returns
    -------
    list of Problem
        Also what is captured and read by no chapter, and playbooks that no row names.
    """
    by_id = {book.front.id: book for book in books}
    words = []
    for row in known.rows:
        book = by_id.get(row.playbook or "")
        if row.playbook and book is None:
            words.append(f"{shown(row.practice)} names the playbook {shown(row.playbook)}, which is not there")
        fields = {field.field for field in book.front.capture.fields} if book else set()
        for one in row.captured:
            name, _, column = one.partition(".")
            if one not in fields and (name not in TABLES or column not in TABLES[name].columns):
                words.append(f"{shown(row.practice)} captures {shown(one)}, which is no field and no column")
        if row.captured and not readers(row, book):
            words.append(f"what is captured of {shown(row.practice)} is read by no chapter")
    for id in sorted(by_id.keys() - {row.playbook for row in known.rows}):
        words.append(f"no practice of the articles has the playbook {shown(id)}")
    for lead in known.directions:
        for to in (lead.low, lead.high):
            if to not in by_id and to != NOTHING_TO_DO:
                words.append(f"{lead.dimension} leads to {shown(to)}, which is no playbook")
    for told in known.findings:
        for to in (told.above, told.below):
            if to not in by_id and to not in (NOTHING_TO_DO, OWN):
                words.append(f"{told.finding} of {told.chapter} leads to {shown(to)}, which is no playbook")
    return [Problem("error", FILE, found, fix="Correct it, or say why it is not measured") for found in words]
