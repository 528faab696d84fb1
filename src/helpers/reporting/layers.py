"""Lays a report out in two layers: what was found, with the charts that carry it, and everything else behind it.

Every chapter opens with its answer: its findings in short, the weightiest first, and the charts that show them, which
leave their place in the notebook for it. The body of a whole report is made of these openings, its appendix of the
rest; a chapter's own page and files hold both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from helpers.analysis.survey.scales import ALL_DIMENSIONS
from helpers.present.headlines import headline
from helpers.present.page_one import MOST_TIMES, SURE
from helpers.published import Claim, Exhibit, Finding, Grade

from .document import Answer, Chapter, Front, Heading, Moved, Part, Placed, slug
from .report import Report

#: Most charts that open a chapter, most findings, and most of one exhibit among these.
MOST_CHARTS, MOST_FINDINGS, MOST_OF_ONE = 3, 8, 3
#: Where an exhibit stands that left a chapter of the appendix.
IN_THE_BODY = "in the body of this report"
#: Order of findings without a weight.
_LATER = {Claim.RANK: 1, Claim.LEVEL: 2, Claim.DIFFERENCE: 3}


def weight(finding: Finding) -> float:
    """Return how much a difference with evidence weighs: its size in smallest effects, at most 3, times its grade."""
    if finding.grade not in SURE or finding.estimate is None:
        return 0.0
    return min(abs(finding.estimate) / (finding.smallest or 1.0), MOST_TIMES) * SURE[finding.grade][0]


def is_told(finding: Finding) -> bool:
    """Tell whether a finding says something: a difference with evidence, a level or a rank that is known."""
    known = finding.estimate is not None or bool(finding.candidates)
    return known and (finding.claim != Claim.DIFFERENCE or finding.grade in SURE)


def by_weight(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings, the weightiest differences first, then ranks and levels, then what nobody can tell."""

    def place(finding: Finding) -> tuple[int, float]:
        if not is_told(finding):
            return (4 if finding.grade == Grade.NONE else 5), 0.0
        return (0, -weight(finding)) if weight(finding) else (_LATER[finding.claim], 0.0)

    return sorted(findings, key=place)


def chart_of(finding: Finding, exhibits: Sequence[Placed]) -> Placed | None:
    """Return the chart that shows a finding.

    Parameters
    ----------
    finding : Finding
        It names its exhibit.
    exhibits : sequence of Placed
        Those of its chapter.

    Returns
    -------
    Placed or None
        Its exhibit where that is a chart; else a chart of the numbers in that table; else, for a group of people, a
        chart on which the group and the dimension stand.
    """
    if (bearer := _bearer(finding, exhibits)) is None or bearer.exhibit.chart:
        return bearer
    if "compared" not in finding.about:
        return None
    about = {finding.about.get(name) for name in ("compared", "dimension")} - {None, ALL_DIMENSIONS}
    charts = [one for one in exhibits if one.exhibit.chart]
    charts.sort(key=lambda one: all(column.name != "dimension" for column in one.exhibit.columns))
    return next((one for one in charts if about <= {text for row in one.exhibit.texts for text in row}), None)


def _bearer(finding: Finding, exhibits: Sequence[Placed]) -> Placed | None:
    """Return the exhibit that shows a finding's number: a chart where one draws the table that it names."""
    named = next((one for one in exhibits if one.exhibit.id == slug(finding.exhibit or "")), None)
    if named is None or named.exhibit.chart:
        return named
    return next((one for one in exhibits if _draws(one.exhibit, named.exhibit)), named)


def _draws(chart: Exhibit, table: Exhibit) -> bool:
    """Tell whether a chart shows numbers that stand in a table: every row of it, by its keys and its value."""
    how = chart.chart
    names = [column.name for column in chart.columns]
    if how is None or how.type == "other" or how.value not in names:
        return False
    wanted = [names.index(name) for name in (how.category, how.series, how.value) if name in names]
    rows = [{row[place] for place in wanted} for row in chart.texts]
    there = [set(row) for row in table.texts]
    return bool(rows) and all(any(row <= cells for cells in there) for row in rows)


def opened(chapter: Chapter) -> Chapter:
    """Return a chapter with its answer before everything but the consultant's own words.

    Parameters
    ----------
    chapter : Chapter
        As its notebook has it.

    Returns
    -------
    Chapter
        Its charts that carry findings, or its first chart, moved to its head; the titles of its exhibits say what the
        weightiest finding on each found.
    """
    found = by_weight(chapter.findings)
    carriers = [chart_of(finding, chapter.exhibits) for finding in found if is_told(finding)]
    first = next((placed for placed in chapter.exhibits if placed.exhibit.chart), None)
    wanted = list(dict.fromkeys(one.exhibit.id for one in carriers if one is not None))[:MOST_CHARTS]
    if not wanted and first is not None:
        wanted = [first.exhibit.id]
    shown = [(_bearer(finding, chapter.exhibits), finding) for finding in found if is_told(finding)]
    titled = {placed.exhibit.id: _titled(placed, shown) for placed in chapter.exhibits}
    answer: list[Part] = [_answer(found)] if found else []
    answer += [titled[name] for name in wanted]
    rest: list[Part] = []
    for part in chapter.parts[len(chapter.commentary) :]:
        if not isinstance(part, Placed):
            rest.append(part)
        else:
            placed = titled[part.exhibit.id]
            rest.append(Moved(placed) if part.exhibit.id in wanted else placed)
    return replace(chapter, parts=[*chapter.commentary, *answer, *rest], answer=answer)


def _answer(found: Sequence[Finding]) -> Answer:
    """Take the weightiest findings, few on one exhibit."""
    counted: Counter[str | None] = Counter()
    shown: list[Finding] = []
    for finding in found:
        counted[finding.exhibit] += 1
        if len(shown) < MOST_FINDINGS and (counted[finding.exhibit] <= MOST_OF_ONE or finding.exhibit is None):
            shown.append(finding)
    return Answer(shown, more=len(shown) < len(found))


def _titled(placed: Placed, shown: Sequence[tuple[Placed | None, Finding]]) -> Placed:
    """Give an exhibit the headline of the weightiest finding that it shows."""
    for bearer, finding in shown:
        if bearer == placed and (said := headline(finding)):
            return replace(placed, headline=said)
    return placed


def numbered(report: Report) -> Report:
    """Number tables and figures through the whole report, so that each has one number wherever it stands."""
    numbers = {"table": count(1), "chart": count(1)}

    def through(chapter: Chapter) -> Chapter:
        known: dict[str, Placed] = {}

        def renumbered(part: Part) -> Part:
            if isinstance(part, Placed):
                known[part.exhibit.id] = replace(part, number=next(numbers[part.exhibit.kind]))
                return known[part.exhibit.id]
            return replace(part, placed=known[part.placed.exhibit.id]) if isinstance(part, Moved) else part

        parts = [renumbered(part) for part in chapter.parts]
        start = len(chapter.commentary)
        return replace(chapter, parts=parts, answer=parts[start : start + len(chapter.answer)])

    return replace(report, summary=through(report.summary), chapters=[through(chapter) for chapter in report.chapters])


def layers(report: Report) -> tuple[list[Chapter], list[Chapter]]:
    """Return the chapters of a report's body, and of its appendix.

    Parameters
    ----------
    report : Report
        Its chapters opened.

    Returns
    -------
    tuple of list
        The body holds page one, the first section behind it (what to do) and every chapter's opening; the appendix the
        rest. A summary that only lists the findings stands in neither, since the openings do.
    """
    body, appendix = _summary(report)
    for chapter in report.chapters:
        if chapter.opening:
            body.append(replace(chapter, parts=chapter.opening))
        if chapter.rest:
            behind = [replace(part, where=IN_THE_BODY) if isinstance(part, Moved) else part for part in chapter.rest]
            appendix.append(replace(chapter, parts=behind, commentary=[], answer=[]))
    return body, appendix


def _summary(report: Report) -> tuple[list[Chapter], list[Chapter]]:
    """Part a summary after the first section that follows page one."""
    summary = report.summary
    if not report.has_own_summary:
        opening = replace(summary, parts=summary.commentary)
        return [opening] if summary.commentary or not report.chapters else [], []
    if summary.front is None:
        return [summary], []
    sections = [place for place, part in enumerate(summary.parts) if isinstance(part, Heading) and part.level == 2]
    start, end = ([*sections, len(summary.parts)] + [len(summary.parts)] * 2)[:2]
    before = [part for part in summary.parts[:start] if part in summary.commentary or isinstance(part, Front)]
    behind = [part for part in summary.parts[:start] if part not in before]
    section = summary.parts[start:end]
    title = section[0].text if section and isinstance(section[0], Heading) else summary.title
    body = [replace(summary, parts=before)]
    if section:
        todo = replace(summary, name=f"{summary.name}--{slug(title)}", title=title, parts=section[1:], commentary=[])
        body.append(todo)
    rest = [*behind, *summary.parts[end:]]
    return body, [replace(summary, parts=rest, commentary=[], answer=[])] if rest else []
