"""Six pages for the talk of a team about its results: strengths, focus questions, words, and one promise.

Whatever they say of the group is taken from what its report publishes, so that they tell nothing that the release plan
hides there. A dimension is a strength, or a focus, where the report tells the group and everybody apart on it; what
nobody can tell apart is not ranked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any

from helpers.columns import side_label
from helpers.data import Study
from helpers.present.claims import TOLD
from helpers.present.page_one import SURE, sentence
from helpers.published import MINUS, StatedFinding, Table

from .document import Placed
from .manifest import results
from .report import Report

#: The chapter that the pages are made of, and what the files are called.
CHAPTER, FILE = "group_results", "team-kit"
#: Rows of the tables that the pages print, so that each stays one page.
MOST_ROWS = 24
#: Questions of the focus that are printed, of all its dimensions together.
MOST_QUESTIONS = 12
Row = dict[str, str]


@dataclass(frozen=True)
class TeamKit:
    """What stands on the six pages, its texts escaped for Markdown.

    Attributes
    ----------
    title, team, attribute, wave, first : str
        Of the study; the group and what it is one of; the wave reported, and the first one (empty where it is that).
    answered, promised, differences, strengths, focus, open, questions : list of dict
        Rows of tables as published: who answered; what was promised; the group less everybody on each dimension, and
        those told apart above and below; what the team may choose among; questions of the focus.
    measures : list of tuple of str
        All dimensions, two beside each other.
    moved, promises_moved : list of str
        Sentences of findings.
    difference, heads : dict
        How columns are headed.
    pictures : list of Placed
        Charts of the report.
    cut : bool
        Whether there are more dimensions than the pages have room for.
    """

    title: str
    team: str
    attribute: str
    wave: str
    first: str
    answered: list[Row]
    promised: list[Row]
    differences: list[Row]
    strengths: list[Row]
    focus: list[Row]
    open: list[Row]
    questions: list[Row]
    measures: list[tuple[str, str]]
    moved: list[str]
    promises_moved: list[str]
    difference: Row
    heads: Row
    pictures: list[Placed]
    cut: bool = False

    @classmethod
    def of(cls, report: Report, study: Study, group: tuple[str, str]) -> TeamKit:
        """Take what the pages say from a report about one group.

        Parameters
        ----------
        report : Report
            Made of the release plan's groups, with all that had to be withheld taken out.
        study : helpers.data.Study
            Its questions, waves and dimensions; no answers are read.
        group : tuple of str
            The attribute, and the group as published.
        """
        published = results(report)
        tables = {one.id: one for one in published.tables if one.notebook == CHAPTER}
        told = [one for one in published.findings if one.notebook == CHAPTER]
        everything = _rows(tables.get("group-and-everybody"))
        higher, lower = apart(everything, told)
        differences = [row | {"told": _verdict(row["dimension"], higher, lower)} for row in everything][:MOST_ROWS]
        strengths, focus = ([row for row in differences if row["dimension"] in those] for those in (higher, lower))
        asked = _questions_of(study, _voice(study, _rows(tables.get("answered"))))
        names = [row["dimension"] for row in strengths + focus]
        chosen = [row["dimension"] for row in focus]
        return cls(
            title=_plain(study.title),
            team=_plain(group[1]),
            attribute=_plain(group[0]),
            wave=_plain(study.waves[-1]),
            first=_plain(study.waves[0]) if len(study.waves) > 1 else "",
            answered=_escaped(_rows(tables.get("answered"))),
            promised=_escaped(_rows(tables.get("promised"))),
            differences=_escaped(differences),
            strengths=_escaped(strengths),
            focus=_escaped(focus),
            open=_escaped(
                [
                    {"dimension": label, "question": questions[0]}
                    for label, questions in asked.items()
                    if label not in names
                ][:MOST_ROWS]
                if len(focus) < 3
                else []
            ),
            questions=_escaped(_asked_of_focus(_rows(tables.get("questions")), [asked.get(one, []) for one in chosen])),
            measures=_in_pairs([_plain(label) for label in asked][:MOST_ROWS]),
            moved=[_plain(sentence(one)) for one in told if one.id.startswith("changed-") and one.grade in SURE],
            promises_moved=[_plain(one.sentence) for one in told if one.id.startswith("promised-")],
            difference=_heads(tables.get("group-and-everybody"), label="estimate", low="low", high="high"),
            heads=_heads(
                tables.get("questions"),
                favourable="favourable",
                low="favourable_low",
                high="favourable_high",
                all="favourable_of_all",
            ),
            pictures=[
                placed
                for chapter in report.chapters
                if chapter.name == CHAPTER
                for placed in chapter.exhibits
                if re.fullmatch(r"dimensions(-.*)?", placed.exhibit.id) and placed.exhibit.kind == "chart"
            ][:1],
            cut=len(everything) > MOST_ROWS,
        )


def apart(differences: Sequence[Row], findings: Sequence[StatedFinding]) -> tuple[set[str], set[str]]:
    """Say on which dimensions a group can be told apart from everybody.

    Parameters
    ----------
    differences : sequence of dict
        Rows of the table of the group less everybody, as printed: dimension, estimate, p_adjusted.
    findings : sequence of StatedFinding
        Those of the chapter, judged beside all others of the report.

    Returns
    -------
    tuple of set of str
        Dimensions on which it stands higher, and lower: those whose finding is graded as a difference. Of a dimension
        that no finding tells, the adjusted p of the table decides, and only where every finding on a dimension is a
        difference: what is not told lies nearer to zero than what is.
    """
    judged = {one.about.get("dimension"): one for one in findings if one.id.startswith("group-")}
    all_sure = all(one.grade in SURE for one in judged.values())
    higher: set[str] = set()
    lower: set[str] = set()
    for row in differences:
        found = judged.get(row["dimension"])
        sure = found.grade in SURE if found else all_sure and _p(row["p_adjusted"]) <= TOLD
        if sure:
            (lower if row["estimate"].startswith(MINUS) else higher).add(row["dimension"])
    return higher, lower


def files(
    report: Report, study: Study, group: tuple[str, str], formats: Sequence[str]
) -> dict[str, Callable[[], bytes]]:
    """Return what makes each file of the pages, by name: those of the formats asked for that are paper or Word.

    A report without the chapter on its group has none.
    """
    if all(chapter.name != CHAPTER for chapter in report.chapters):
        return {}
    from .formats.team_kit import docx, pdf  # slow to import, and asked for in reports about groups alone

    kit = TeamKit.of(report, study, group)
    makers = {"pdf": pdf, "docx": docx}
    return {f"{FILE}.{kind}": partial(makers[kind], kit, report.cover) for kind in formats if kind in makers}


def _verdict(dimension: str, higher: set[str], lower: set[str]) -> str:
    return "higher" if dimension in higher else "lower" if dimension in lower else "cannot tell"


def _p(printed: str) -> float:
    """Return a printed p-value; 1 where it is hidden."""
    try:
        return float(printed.lstrip("< "))
    except ValueError:
        return 1.0


def _rows(table: Table | None) -> list[Row]:
    """Return the rows of a table as printed, by the names of its columns."""
    if table is None:
        return []
    names = [column.name for column in table.columns]
    return [dict(zip(names, texts, strict=True)) for texts in table.texts]


def _heads(table: Table | None, **columns: str) -> Row:
    """Return what stands above columns of a table, and its note."""
    if table is None:
        return dict.fromkeys([*columns, "note"], "")
    heads = {column.name: column.heading for column in table.columns}
    return {name: _plain(heads.get(column, "")) for name, column in columns.items()} | {"note": _plain(table.note)}


def _asked_of_focus(published: Sequence[Row], wordings: Sequence[Sequence[str]]) -> list[Row]:
    """Return the published shares of the first questions of each focus, as many of each as a page has room for."""
    each = max(MOST_QUESTIONS // max(len(wordings), 1), 1)
    asked = {row["question"]: row for row in published}
    found = [[asked[words] for words in those if words in asked][:each] for those in wordings]
    return [
        {
            "question": row["question"],
            "favourable": row["favourable"],
            "low": row["favourable_low"],
            "high": row["favourable_high"],
            "all": row["favourable_of_all"],
        }
        for rows in found
        for row in rows
    ][:MOST_ROWS]


def _voice(study: Study, answered: Sequence[Row]) -> str:
    """Return the side whose answers the report shows: everybody is called by it."""
    everybody = answered[-1]["part"] if answered else ""
    sides = study.codebook.sides
    return next((side for side in sides if everybody == f"All {side_label(side, within=True)}"), sides[0])


def _questions_of(study: Study, side: str) -> dict[str, list[str]]:
    """Return the wordings of the questions of each dimension that a side was asked, by the dimension's label."""
    found: dict[str, list[str]] = {}
    for item in study.codebook.scale_items(None, side):
        if item.dimension:
            label = study.codebook.dimension(item.dimension).label
            found.setdefault(label, []).append(item.text_for(side))
    return found


def _in_pairs(labels: Sequence[str]) -> list[tuple[str, str]]:
    half = (len(labels) + 1) // 2
    return list(zip_longest(labels[:half], labels[half:], fillvalue=""))


def _escaped(rows: Sequence[dict[str, Any]]) -> list[Row]:
    return [{name: _plain(words) for name, words in row.items()} for row in rows]


def _plain(words: object) -> str:
    """Write text so that Markdown takes nothing in it for markup, on one line."""
    text = re.sub(r"([\\`*_{}\[\]()<>#+!|~&$^@])", r"\\\1", " ".join(str(words).split()))
    text = re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-=])", r"\\\1", text))
    return text.replace(" %", "\u00a0%")
