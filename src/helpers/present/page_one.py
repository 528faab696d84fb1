"""Chooses what page one of a report says: a few findings, what to do about them, what is fine, what nobody can tell.

Page one rests on the report's results.json alone, so that it says nothing that the chapters do not. A finding asks for
something to be done unless it is welcome: above what it is compared with, or what a practice was to bring. Of those on
one topic (a group, else a dimension, else a chapter) the weightiest counts, and the weightiest topics are told:

    weight = min(|effect| ÷ smallest effect worth acting on, 3) × (strong 3, moderate 2, weak 1) × share concerned

The share concerned is that of the people invited to the latest wave whom the finding is about. What is welcome is
chosen by the same rule. How much of all differences lies between groups says where to look, and names nothing high or
low: that is left to the chapters.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.analysis.survey.scales import ALL_DIMENSIONS
from helpers.columns import SIDE_LABELS, number, side_label
from helpers.data import Study
from helpers.data.problems import input_error
from helpers.data.tables import TABLES
from helpers.published import MINUS, Chart, Claim, Finding, Grade, PageOne, Point, Results, Score, StatedFinding, Table
from helpers.shipped import PROJECT

from . import theme
from .claims import TOLD, sizes, worded
from .findings import NOTHING_TO_DO
from .headlines import short_slots

#: What a grade counts, and how sure it is in words.
SURE = {
    Grade.STRONG: (3, "Very sure"),
    Grade.MODERATE: (2, "Fairly sure"),
    Grade.WEAK: (1, "Sure that there is a difference, and that it is small"),
}
#: Beyond so many times the smallest effect, a finding weighs no more.
MOST_TIMES = 3.0
#: Most findings that page one tells, and most sentences on what is fine and on what nobody can tell.
MOST, MOST_BESIDE = 5, 2
#: Beyond three findings, page one tells only what weighs at least this part of the first: it is read in a minute.
ALSO = 0.75
#: With fewer findings that ask for something, page one also says what was answered.
FEW = 3
#: The rule in words, for the page on how to read a report.
RULE = (
    f"Page one tells at most {MOST} findings that ask for something to be done, one on each topic (a group, else a "
    "dimension, else a chapter): those of the largest weight, which is min(|effect| ÷ smallest effect worth acting on, "
    "3) × (strong 3, moderate 2, weak 1) × the share of invited people whom it concerns. What is not about the "
    "partnership itself (business figures, pulse, cases, messages) counts half, and what leads to nothing to do comes "
    "last. Beyond three, a finding is told only if it weighs at least three quarters of the first. How much of all "
    "differences lies between groups is left to the chapters. What is fine is chosen in the same way. Who "
    "acts and by when are proposals."
)
#: Days from the study's date until a proposed action is due.
DAYS = 90
#: Chapters about the data and not about what they say.
_ON_THE_DATA = ("data_readiness", "partnership_measurement", "study_planner")
#: Chapters about what a practice was to bring: there, more is welcome.
_PRACTICES = ("practice_session", "practice_impact", "pulse_trends")
#: Chapters that stand beside the partnership of HR and managers and are not about it: what they find counts half.
_BESIDE = ("business_outcomes", "pulse_trends", "employee_relations", "employer_brand")
#: What is proposed where no playbook is named: action and owner, by chapter.
_PROPOSED = {
    "hiring_manager_engagement": (
        "Agree on times for intake, brief, CV review and feedback",
        "Head of recruiting",
    ),
    "follow_through": ("Give every promise a date, and say in time when it has to move", "Head of HR"),
    "business_outcomes": (
        "Discuss both figures at the next business review, and try one change in two units",
        "Head of HR",
    ),
    "pulse_trends": ("Ask in the units that began what else changed in those months", "Sponsor of the practice"),
    "employee_relations": ("Agree on days to a first reply, and publish each quarter how many are kept", "Head of HR"),
    "employer_brand": (
        "Promise less of it until employees report it, and ask them what would have to change",
        "Head of HR, with the head of marketing",
    ),
    "practice_session": ("Ask those who took part what to change before the next session", "Sponsor of the practice"),
    "practice_impact": ("Stop, ask those who took part, and decide whether to go on", "Sponsor of the practice"),
}


def read(path: str | Path) -> Results:
    """Read the results of a report.

    Parameters
    ----------
    path : str or pathlib.Path
        Of a results.json; a relative one that is not here is looked for in the project.

    Returns
    -------
    Results
        As :mod:`helpers.published` defines them.

    Raises
    ------
    InputError
        There is none.
    """
    found = next((place for place in (Path(path), PROJECT / path) if place.is_file()), None)
    if found is None:
        fix = "Make one with partnership report"
        raise input_error("results", f"there is no file {path}", "a results.json of a report", fix)
    return Results.model_validate_json(found.read_bytes())


def weighed(results: Results, study: Study) -> pd.DataFrame:
    """Weigh the findings of a report.

    Parameters
    ----------
    results : Results
        Its results, its differences judged beside each other.
    study : Study
        Knows who was invited.

    Returns
    -------
    pandas.DataFrame
        One row per difference with evidence, the weightiest first: finding (as in :class:`.Point`), sentence (without
        interval), topic, times (of the smallest effect, at most 3), grade, concerned (per cent of the people invited),
        weight, welcome, idle (bool: it leads to nothing to do), and told: the first of its topic.
    """
    people = _invited(study)
    rows = [
        {
            "finding": finding.key,
            "sentence": sentence(finding),
            "topic": topic(finding),
            "times": min(abs(finding.estimate) / (finding.smallest or math.inf), MOST_TIMES),
            "grade": finding.grade.label,
            "concerned": 100 * concerned(finding, people),
            "counts": SURE[finding.grade][0] * (0.5 if finding.notebook in _BESIDE else 1.0),
            "welcome": _is_welcome(finding),
            "idle": _is_idle(finding),
        }
        for finding in results.findings
        if finding.grade in SURE and finding.estimate is not None and not finding.audience and not _is_share(finding)
    ]
    columns = ["finding", "sentence", "topic", "times", "grade", "concerned", "counts", "welcome", "idle"]
    table = pd.DataFrame(rows, columns=columns)
    table["weight"] = table["times"] * table["counts"] * table["concerned"] / 100
    table = table.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)
    return table.assign(told=~table.duplicated(["topic", "welcome"]))


def _is_share(finding: Finding) -> bool:
    """Tell whether a finding says how much of all differences lies somewhere: it names nothing high or low."""
    return finding.evidence is not None and finding.evidence.scale == "share"


def sentence(finding: Finding) -> str:
    """Say what was found without its interval."""
    evidence = finding.evidence
    if evidence is None or finding.estimate is None or finding.grade not in SURE:
        return finding.sentence
    slots = short_slots(evidence) | sizes(finding.estimate, evidence.decimals, finding.unit)
    return worded(evidence.sentence, slots, finding.estimate > 0)


def topic(finding: Finding) -> str:
    """Name what a finding is about: a group, else a dimension, else its chapter."""
    return finding.about.get("compared") or finding.about.get("dimension") or finding.notebook


def sure(finding: Finding) -> str:
    """Say how sure a difference is, with its interval."""
    if finding.grade not in SURE or finding.low is None or finding.high is None or finding.estimate is None:
        return ""
    ends = (finding.low, finding.high) if finding.estimate > 0 else (-finding.high, -finding.low)
    column, unit = number("", finding.evidence.decimals if finding.evidence else 2), finding.unit
    if finding.evidence and "{times}" in finding.evidence.sentence:  # told as a ratio, and not in per cent
        ends, column, unit = (1 + finding.low / 100, 1 + finding.high / 100), number("", 1), "times"
    between = f"{column.printed(ends[0])} to {column.printed(ends[1])} {unit}".rstrip()
    how = SURE[finding.grade][1]
    if finding.evidence and finding.evidence.association:  # weak for want of lots, however large it is
        how = "Sure that there is a difference, not what lies behind it"
    one = finding.evidence is not None and short_slots(finding.evidence) != finding.evidence.slots
    return f"{how}: {between}" + (", from one question" if one else "")


def concerned(finding: Finding, people: pd.DataFrame) -> float:
    """Return the share of people whom a finding is about, 0 to 1.

    Parameters
    ----------
    finding : Finding
        Its group names a side; where it names none, both sides of the partnership are meant, in chapters on hiring the
        managers. ``about`` may name one group of people.
    people : pandas.DataFrame
        One row per person: ``side`` and attributes. Without rows, everything concerns everybody.
    """
    if not len(people):
        return 1.0
    words = f"{finding.about.get('side', '')} {finding.group}".lower()
    sides = [side for side, label in SIDE_LABELS.items() if label.lower() in words]
    if not sides:
        sides = ["manager"] if finding.notebook.startswith("hiring_") else ["hr", "manager", "respondent"]
    mine = people["side"].isin(sides)
    if group := finding.about.get("compared"):
        mine &= people.drop(columns="side").eq(group).any(axis=1)
    return float(mine.mean())


def page(results: Results, study: Study, table: pd.DataFrame, most: int = MOST) -> PageOne:
    """Write page one.

    Parameters
    ----------
    results, study
        As for :func:`weighed`.
    table : pandas.DataFrame
        What :func:`weighed` returned.
    most : int
        How many findings it tells at most.

    Returns
    -------
    PageOne
        See there.
    """
    known = {finding.key: finding for finding in results.findings}
    well = table[table["told"] & table["welcome"]]
    chosen = [known[name] for name in _asking(table, most)]
    scores = _scores(results)
    points = _explained([_point(finding, results, study) for finding in chosen], results)
    return PageOne(
        headline=_headline(scores, chosen, points),
        scores=scores,
        compared=_compared(results),
        points=points,
        levels=_levels(results) if len(chosen) < FEW else [],
        charts=[chart.key for chart in charts(results, table, most)],
        fine=_fine(results, [known[name] for name in well["finding"]]),
        unknown=_unknown(results),
    )


def _asking(table: pd.DataFrame, most: int) -> list[str]:
    """Name the findings that ask for something to be done, the weightiest first, as many as page one tells.

    Those that lead to nothing to do come after all others.
    """
    asks = table[table["told"] & ~table["welcome"].astype(bool)]
    asks = asks.sort_values("idle", key=lambda idle: idle.astype(bool), kind="stable")
    heavy = asks["weight"] >= ALSO * (asks["weight"].iloc[0] if len(asks) else 0.0)
    return list(asks.loc[heavy | (np.arange(len(asks)) < FEW), "finding"][:most])


def plan(page: PageOne) -> pd.DataFrame:
    """Return what page one proposes: one row per point, with the fields of :class:`.Point`."""
    return pd.DataFrame([dict(point) for point in page.points], columns=list(Point.model_fields))


def agreed(study: Study) -> pd.DataFrame:
    """Return the study's table ``actions``; without rows where it has none."""
    if not study.has("actions"):
        return pd.DataFrame(columns=list(TABLES["actions"].columns), dtype=object)
    return study.table("actions")


def followed(study: Study, results: Results) -> pd.DataFrame:
    """Say what became of every action that was agreed, and of the measure by which it is judged.

    Parameters
    ----------
    study : Study
        Its table ``actions`` and its day.
    results : Results
        Hold the change of each dimension since the first wave.

    Returns
    -------
    pandas.DataFrame
        One row per action: action, owner, due (in words), became (done, under way, planned, overdue, dropped), measure
        (its label) and moved: the change with its interval, called a change where its p-value, adjusted for all
        dimensions, is at most .05.
    """
    labels = {dimension.id: dimension.label for dimension in study.codebook.dimensions}
    changes = {row["dimension"]: row for row in _rows(results, "change")}
    rows = []
    for row in agreed(study).to_dict("records"):
        late = row["status"] in ("planned", "under_way") and pd.notna(row["due_on"])
        late = late and row["due_on"].date() < study.as_of
        label = labels.get(row["measure"], "")
        rows.append(
            {
                "action": row["action"],
                "owner": row["owner"] if pd.notna(row["owner"]) else "–",
                "due": _in_words(row["due_on"]) if pd.notna(row["due_on"]) else "–",
                "became": "overdue" if late else row["status"].replace("_", " "),
                "measure": label or "–",
                "moved": _moved(changes.get(label)),
            }
        )
    return pd.DataFrame(rows, columns=["action", "owner", "due", "became", "measure", "moved"])


def _moved(row: dict[str, str] | None) -> str:
    if row is None or not _is_number(row["estimate"]):
        return "not known"
    size = f"{row['estimate']} points ({row['low']} to {row['high']})"
    if float(row["p_adjusted"].lstrip("< ")) > TOLD:
        return f"cannot tell: {size}"
    return f"{'down' if row['estimate'].startswith(MINUS) else 'up'}: {size}"


def charts(results: Results, table: pd.DataFrame, most: int = MOST, pictures: int = 2) -> list[Table]:
    """Return the charts that carry page one: those of its findings, then of course and views, then of the chapters.

    Where no views are drawn, the scores of all dimensions are, from their table. Only dots, bars and lines of at most a
    dozen categories can be read at half the width of a page.
    """
    known = {finding.key: finding for finding in results.findings}
    wanted = [(known[name].notebook, known[name].exhibit) for name in _asking(table, most)]
    wanted += [("partnership_survey", name) for name in ("course", "two-views", "change-chart")]
    small = [one for one in results.tables if _is_small(one)]
    found = [one for where in wanted for one in small if where in ((one.notebook, one.id), (one.notebook, _drawn(one)))]
    found += [one for one in small if one.notebook not in _ON_THE_DATA]
    if not any(_drawn(one) == "two-views" for one in found):
        found += _dimensions_drawn(results)
    return list({one.key: one for one in found}.values())[:pictures]


def _dimensions_drawn(results: Results) -> list[Table]:
    """Draw the scores of all dimensions, from 0 to 100, from the table that holds them."""
    table = next((one for one in results.tables if one.key == "partnership_survey--dimension-shares"), None)
    if table is None or not any(row[2] is not None for row in table.rows):
        return []
    # Dimensions that were answered on other scales do not share its axis.
    scales = {(row["side"], row["dimension"]): row.get("scale", "") for row in _rows(results, "dimension-means")}
    scale, _ = Counter(scales.values() or [""]).most_common(1)[0]
    kept = [place for place, row in enumerate(table.texts) if scales.get((row[0], row[1]), scale) == scale]
    rows, texts = [table.rows[place] for place in kept], [table.texts[place] for place in kept]
    sides = list(dict.fromkeys(row[0] for row in texts))
    chart = Chart(
        type="dot", category="dimension", series="side", value="score_100", low="score_100_low", high="score_100_high",
        value_label="Score, 0–100", value_min=0, value_max=100, horizontal=True, colours=theme.colours(sides),
    )  # fmt: skip
    words = "Dots with intervals: the score of each dimension, for each side that answered"
    title = "How each dimension is scored" + (f", of those answered on {scale}" if len(rows) < len(table.rows) else "")
    told = {"kind": "chart", "chart": chart, "alt": words, "title": title, "note": "", "rows": rows, "texts": texts}
    drawn = table.model_copy(update=told)
    return [drawn] if _is_small(drawn) else []


def _drawn(chart: Table) -> str:
    """Return the id of a chart without the answer scale, where a chapter draws one for each scale."""
    return re.sub(r"-(\d+_\d+|several)$", "", chart.id)


def _is_small(table: Table) -> bool:
    if table.chart is None or table.chart.type not in ("dot", "bar", "line") or table.audience:
        return False
    place = [column.name for column in table.columns].index(table.chart.category)
    return table.chart.type == "line" or len({row[place] for row in table.texts}) <= 12


def _invited(study: Study) -> pd.DataFrame:
    """Return side and attributes of everybody invited to the latest wave; without a roster, of those who answered."""
    if not study.has("survey") or not study.waves:
        return pd.DataFrame(columns=["side"])
    wave = study.waves[-1]
    people, person = study.roster(wave), "person_id"
    if people is None:
        people, person = study.responses(), "respondent_id"
        people = people[people["wave"] == wave]
    columns = ["side", *(name for name in study.attributes if name in people)]
    return people.drop_duplicates(person)[columns].astype(object).reset_index(drop=True)


def _is_welcome(finding: Finding) -> bool:
    """Say whether a difference is good news: it lies above zero, and higher is better there."""
    higher_is_better = (
        finding.notebook in _PRACTICES
        or "compared" in finding.about
        or (finding.evidence is not None and finding.evidence.naming == "when lower")
    )
    return higher_is_better and (finding.estimate or 0.0) > 0


def _is_idle(finding: Finding) -> bool:
    """Say whether a difference of this direction leads to nothing to do, such as more reports of employees."""
    return finding.evidence is not None and finding.evidence.naming == NOTHING_TO_DO


def _point(finding: StatedFinding, results: Results, study: Study) -> Point:
    action, owner = _proposed(finding)
    told = {"action": action, "owner": owner, "due": _in_words(study.as_of + datetime.timedelta(days=DAYS))}
    told["playbook"] = finding.playbook or ""
    rows = agreed(study)
    mine = rows[rows["finding_id"].eq(finding.key) & rows["status"].ne("dropped")]
    for row in mine.tail(1).to_dict("records"):  # what was agreed takes the place of what is proposed
        told |= {"action": row["action"], "playbook": ""}
        told |= {"owner": row["owner"]} if pd.notna(row["owner"]) else {}
        told |= {"due": _in_words(row["due_on"])} if pd.notna(row["due_on"]) else {}
    where, words = _where(finding, results), sentence(finding)
    return Point(finding=finding.key, sentence=words, where=where, sure=sure(finding), **told)


def _explained(points: list[Point], results: Results) -> list[Point]:
    """Say beside the first point that names a practice what the practice is."""
    short = {one.playbook: dict(one.card).get("In short", "") for one in results.practices}
    first = [point.playbook not in [other.playbook for other in points[:at]] for at, point in enumerate(points)]
    return [
        point.model_copy(update={"explained": short.get(point.playbook, "") if is_first else ""})
        for point, is_first in zip(points, first, strict=True)
    ]


def _in_words(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _where(finding: Finding, results: Results) -> str:
    """Name whom a finding is about, and the group that scores its dimension lowest, where one does."""
    group = f"{finding.group[:1].upper()}{finding.group[1:]}"
    dimension = finding.about.get("dimension")
    if not dimension or "compared" in finding.about:
        return group
    lowest = [
        other
        for other in results.findings
        if other.grade in SURE
        and "compared" in other.about
        and other.about.get("dimension") == dimension
        and (other.estimate or 0.0) < 0
    ]
    if not lowest:
        return group
    first = min(lowest, key=lambda other: other.estimate or 0.0).group
    return f"{group}; scored lowest by {first[:1].lower()}{first[1:]}"


def _proposed(finding: Finding) -> tuple[str, str]:
    """Propose what to do about a finding, and who might."""
    group = finding.about.get("compared", "")
    owner = f"Head of {group}, with their HR partner" if group else "Head of HR"
    if finding.playbook:
        name = finding.playbook.replace("-", " ").capitalize()
        return f"Run the practice “{name}”" + (f" in {group}" if group else ""), owner
    if _is_idle(finding):
        return "Nothing to do now; look at it again in the next report", owner
    if finding.notebook in _PROPOSED:
        return _PROPOSED[finding.notebook]
    if group:
        return f"Ask managers in {group} in one meeting what stands behind it, and agree on two changes", owner
    if finding.evidence is not None and finding.evidence.naming == "when different":
        return "Show both sides their answers in one meeting, and agree on what each will do", owner
    return "Ask those concerned in one meeting what stands behind it, and agree on two changes", owner


def _scores(results: Results) -> list[Score]:
    """Take overall score, share favourable and change of each side from the survey chapter, as printed there."""
    changes = {row["side"]: row for row in _rows(results, "overall-change")}
    return [
        Score(
            side=row["side"], score=row["score_100"], favourable=f"{row['favourable']} of answers favourable",
            change=_change(changes[row["side"]]) if row["side"] in changes else "",
        )
        for row in _rows(results, "overall-score")
        if _is_number(row["score_100"])
    ]  # fmt: skip


def _change(row: dict[str, str]) -> str:
    if not _is_number(row["estimate"]):
        return ""
    low, high = (float(row[end].replace(MINUS, "-")) for end in ("low", "high"))
    size, between = row["estimate"].removeprefix(MINUS), f"{row['low']} to {row['high']}"
    if low <= 0 <= high:
        sign = "" if row["estimate"].startswith(MINUS) else "+"
        return f"no clear change since {row['first']} ({sign}{row['estimate']}, could be {between})"
    return f"{'up' if low > 0 else 'down'} {size} since {row['first']}, could be {between}"


def _is_number(printed: str) -> bool:
    """Tell whether a cell shows a number, and not that it is hidden or missing."""
    return printed.lstrip(MINUS)[:1].isdigit()


def _rows(results: Results, id: str, notebook: str = "partnership_survey") -> list[dict[str, str]]:
    """Return the rows of a published table as printed; none where there is no such table."""
    table = next((one for one in results.tables if (one.notebook, one.id) == (notebook, id)), None)
    if table is None:
        return []
    names = [column.name for column in table.columns]
    return [dict(zip(names, texts, strict=True)) for texts in table.texts]


def _compared(results: Results) -> list[str]:
    """Say which group stands lowest, and on which dimensions scores differ from comparison figures."""
    groups = [
        one for one in results.findings if one.grade in SURE and "compared" in one.about and (one.estimate or 0.0) < 0
    ]
    widest = sorted(groups, key=lambda one: (one.about.get("dimension") != ALL_DIMENSIONS, one.estimate or 0.0))
    lowest = [sentence(one) for one in widest[:1]]
    told = [one for one in results.findings if one.id.startswith("benchmark-") and one.grade in SURE]
    sources: dict[str, list[Finding]] = {}
    for one in told:
        slots = one.evidence.slots if one.evidence else {}
        sources.setdefault(", ".join(filter(None, map(slots.get, ("source", "year")))), []).append(one)
    return [*lowest, *(_beside(source, those) for source, those in sources.items())]


def _beside(source: str, told: list[Finding]) -> str:
    """Say on which dimensions scores differ from the comparison figures of one source."""
    parts = [
        f"{word} on " + " and ".join(names)
        for word, above in (("higher", True), ("lower", False))
        if (names := [f"“{one.about['dimension']}”" for one in told if ((one.estimate or 0.0) > 0) == above])
    ]
    figures = f"the comparison figures ({source})" if source else "the comparison figures"
    return f"Beside {figures}: {'; '.join(parts)}."


def _headline(scores: list[Score], chosen: list[StatedFinding], points: list[Point]) -> str:
    first = ""
    if scores:
        side = scores[0].side
        other = "managers" if side == side_label("hr") else "HR"
        first = f"{side} rate the partnership with {other} {scores[0].score} of 100. "
    if not chosen or _is_idle(chosen[0]):
        return f"{first}No difference that would ask for action is larger than chance explains."
    about = chosen[0].about.get("dimension", "")
    if about and "compared" not in chosen[0].about:
        return f"{first}First to act on: “{about}”."
    return f"{first}First to do: {points[0].action[:1].lower()}{points[0].action[1:]}."


def _levels(results: Results) -> list[str]:
    """Say what stands lowest and highest, then what else was answered."""
    told = [one for one in results.findings if one.notebook not in _ON_THE_DATA and not one.audience]
    told = [one for one in told if one.estimate is not None or one.candidates]
    ranks, levels = ([one.sentence for one in told if one.claim == claim] for claim in (Claim.RANK, Claim.LEVEL))
    return [*ranks, *levels][:MOST_BESIDE]


def _fine(results: Results, welcome: list[StatedFinding]) -> list[str]:
    """Say what is well: what is welcome, then what hardly differs."""
    alike = [finding for finding in results.findings if finding.grade == Grade.NONE]
    return [sentence(finding) for finding in [*welcome, *alike]][:MOST_BESIDE]


def _unknown(results: Results) -> list[str]:
    """Say what nobody can tell: what those think of whom fewer than half answered, and what differs or not."""
    few = [
        f"What the other {side_label(one.id.removeprefix('response-'), within=True)} think: fewer than half answered."
        for one in results.findings
        if one.id.startswith("response-") and one.estimate is not None and one.estimate < 50
    ]
    seen: dict[str, str] = {}
    for finding in results.findings:
        if finding.grade == Grade.CANNOT_TELL and finding.evidence is not None:
            seen.setdefault(topic(finding), f"{worded(finding.evidence.unknown, finding.evidence.slots)}.")
    return [*few, *seen.values()][:MOST_BESIDE]
