"""Checks that every slot of a finding's sentence fits its exhibit: numbers, signs, names, counts, ranks, thresholds."""

import math
import re

import pytest

from helpers.columns import number
from helpers.present.claims import grade, widened, worded
from helpers.published import Claim, Exhibit, Finding, Grade, read
from helpers.rounding import rounded

#: From a cell to the number a sentence tells: as it is, days in hours, ratios as differences in per cent.
UNITS = {
    "as it is": lambda cell: cell,
    "hours": lambda cell: 24 * cell,
    "from a ratio": lambda cell: 100 * (cell - 1),
    "from its logarithm": lambda cell: 100 * math.expm1(min(cell, 20.0)),
}
TOLD = (Grade.STRONG, Grade.MODERATE, Grade.WEAK)


def told(shown):
    """Findings, and exhibits by their ids, of what was displayed under :data:`MIME`."""
    items = [read(data) for data in shown if data]
    exhibits = {item.id: item for item in items if isinstance(item, Exhibit)}
    return [item for item in items if isinstance(item, Finding)], exhibits


def rows_about(finding, exhibit):
    """The exhibit's rows that the finding names, by the columns both have."""
    names = [column.name for column in exhibit.columns]
    records = [(dict(zip(names, row)), dict(zip(names, texts))) for row, texts in zip(exhibit.rows, exhibit.texts)]
    about = {name: label for name, label in finding.about.items() if name in names}
    return [record for record in records if all(record[0][name] == label for name, label in about.items())]


def decimals_of(value):
    return len(f"{value:.6g}".partition(".")[2])


def shows(exhibit, rows, finding):
    """Whether a cell of the rows is the estimate, within what both were rounded by."""
    unit = {column.name: 10.0**-column.decimals for column in exhibit.columns}
    for row, _ in rows:
        for name, cell in row.items():
            if isinstance(cell, int | float):
                for convert in UNITS.values():
                    slack = abs(convert(cell + unit[name]) - convert(cell)) + 10.0 ** -decimals_of(finding.estimate)
                    if abs(convert(cell) - finding.estimate) <= slack:
                        return True
    return False


def counts_in(rows):
    return {texts["respondents"] for _, texts in rows if "respondents" in texts}


def numbers_and_counts(findings, exhibits):
    """In the exhibit it refers to, or in the table beside that chart. Of the reader alone, no table tells the count."""
    for finding in (one for one in findings if one.estimate is not None and not one.audience):
        own = exhibits[finding.exhibit]
        assert rows_about(finding, own), finding.id
        printed = f"{finding.n:,d}".replace(",", " ") if isinstance(finding.n, int) else finding.n
        places = [
            place for place in exhibits.values() if (rows := rows_about(finding, place)) and shows(place, rows, finding)
        ]
        counted = [
            place for place in places if not (counts := counts_in(rows_about(finding, place))) or printed in counts
        ]
        assert counted, finding.id
        assert own in counted or own.kind == "chart", finding.id


def differences(findings, exhibits):
    for finding in findings:
        if not (evidence := finding.evidence):
            continue
        column = number("", evidence.decimals)
        for label in (label for name, label in evidence.slots.items() if f"{{{name}}}" in evidence.unknown):
            assert label in finding.sentence or finding.grade in TOLD, finding.id
        if finding.grade in TOLD:
            ratio = "{times}" in evidence.sentence
            one = number("", 1).printed if ratio else column.printed
            size = one(1 + finding.estimate / 100) if ratio else one(abs(finding.estimate))
            words = evidence.slots | {"times" if ratio else "size": size}
            said = re.escape(worded(evidence.sentence, words, finding.estimate > 0))
            size = re.escape(size)
            assert re.match(said.replace(size, f"{size}.*?", 1), finding.sentence), finding.id
            ends = sorted((finding.low, finding.high), key=lambda end: end * math.copysign(1, finding.estimate))
            towards, away = (one(end * math.copysign(1, finding.estimate)) for end in ends)
            towards, away = (one(1 + end / 100) for end in (finding.low, finding.high)) if ratio else (towards, away)
            assert f"interval {towards} to {away})" in finding.sentence, finding.id
            assert finding.low <= finding.estimate <= finding.high
        if finding.grade == Grade.NONE:
            assert max(abs(finding.low), abs(finding.high)) < finding.smallest, finding.id
        wide = [finding.low, finding.high]
        if finding.estimate is not None and evidence.low is not None:
            level = finding.confidence if finding.grade in TOLD else evidence.confidence
            ends = (widened(finding.estimate, end, evidence, level) for end in (evidence.low, evidence.high))
            assert wide == [rounded(end, evidence.decimals) for end in ends], finding.id
        verdict = grade(
            finding.estimate, (evidence.low, evidence.high), tuple(wide), finding.smallest or 0.0, finding.p_adjusted
        )
        capped = Grade.WEAK if evidence.association and verdict in TOLD else verdict
        capped = Grade.MODERATE if evidence.one_question and capped == Grade.STRONG else capped
        assert finding.grade == capped, finding.id


def all_tested(findings, exhibits):
    differences = [finding for finding in findings if finding.evidence]
    tested = sum((finding.p_value is not None) + len(finding.evidence.others) for finding in differences)
    assert [finding.compared for finding in differences[-1:]] == [tested] * bool(differences)


def rank_rows(findings, exhibits):
    for finding in (finding for finding in findings if finding.claim == Claim.RANK):
        exhibit = exhibits[finding.exhibit]
        rows = [row for row, _ in rows_about(finding, exhibit)]
        value = next(name for name in ("estimate", "favourable") if name in rows[0])
        rows = [row for row in rows if row[value] is not None]
        key = next(
            column.name for column in exhibit.columns if {row[column.name] for row in rows} >= {*finding.candidates}
        )
        lowest = any(word in finding.sentence for word in ("lowest", "least"))
        ordered = sorted(rows, key=lambda row: row[value], reverse=not lowest)
        places = [[row[key] for row in ordered].index(name) for name in finding.candidates]
        stated = [int(count) for count in re.findall(r"of (?:all |the )?(\d+) ", finding.sentence)] or [len(rows)]
        left_out = len(rows) - stated[0]  # the table shows what may not be ranked, too
        assert left_out >= 0 and places == sorted(places) and places[-1] < len(places) + left_out, finding.id
        assert all(f"“{name}”" in finding.sentence for name in finding.candidates)


def levels(findings, exhibits):
    for finding in (finding for finding in findings if finding.claim == Claim.LEVEL):
        assert (finding.grade, finding.p_value, finding.evidence) == (None, None, None)
        if finding.estimate is not None:
            assert f"({finding.precision})" in finding.sentence
            numbers = [float(one.replace("−", "-")) for one in re.findall(r"−?\d+\.?\d*", finding.precision)]
            if finding.precision.startswith("between"):
                assert numbers == [finding.low, finding.high], finding.id
            elif "less than" not in finding.precision:
                furthest = max(finding.estimate - finding.low, finding.high - finding.estimate)
                assert numbers == [pytest.approx(furthest)], finding.id


def playbooks_and_names(findings, exhibits):
    for finding in findings:
        if finding.playbook and finding.evidence:
            assert finding.grade in TOLD
            assert finding.evidence.naming == "when different" or finding.estimate < 0, finding.id
        if finding.playbook and finding.claim == Claim.RANK:
            assert len(finding.candidates) == 1
        outside_quotes = re.sub(r"“[^”]*”", "", finding.sentence)
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", outside_quotes), finding.sentence


def intervals(findings, exhibits):
    """An estimate lies within its interval, a percentage within a hundred, and all are printed as they are rounded."""
    for finding in (one for one in findings if one.estimate is not None):
        numbers = [one for one in (finding.low, finding.estimate, finding.high) if one is not None]
        assert numbers == sorted(numbers), finding.id
        evidence = finding.evidence
        if evidence:
            assert numbers == [rounded(one, evidence.decimals) for one in numbers], finding.id
            assert finding.smallest == rounded(finding.smallest, evidence.decimals) > 0, finding.id
        if finding.unit == "per cent" and (evidence is None or evidence.scale == "share"):
            assert numbers[0] >= 0 and numbers[-1] <= 100, finding.id
        if finding.unit == "points of 100":
            assert max(map(abs, (finding.estimate, *numbers[1:-1]))) <= 100, finding.id


def thresholds(findings, exhibits):
    """What a sentence says of the smallest effect is the finding's, and small is what lies below it."""
    for finding in (one for one in findings if one.evidence and one.estimate is not None):
        column = number("", finding.evidence.decimals)
        if finding.grade == Grade.NONE and "{smallest}" in finding.evidence.same:
            assert f"{column.printed(finding.smallest)} {finding.unit}".rstrip() in finding.sentence, finding.id
        is_small = abs(finding.estimate) < finding.smallest
        assert finding.sentence.endswith("This is a small difference.") == (is_small and finding.grade in TOLD)
        if finding.grade == Grade.CANNOT_TELL and finding.low is not None and "may lie" in finding.sentence:
            between = f"from {column.printed(finding.low)} to {column.printed(finding.high)} {finding.unit}".rstrip()
            assert between in finding.sentence, finding.id


def named_groups(findings, exhibits):
    """What is named in quotation marks stands in the chapter; a group that is named is the one the number is of."""
    rows = [row for exhibit in exhibits.values() for row in exhibit.rows]
    cells = {cell.casefold().replace("_", " ") for row in rows for cell in row if isinstance(cell, str)}
    for finding in (one for one in findings if one.exhibit in exhibits or one.estimate is not None):
        for name in re.findall(r"“([^”]*)”", finding.sentence):
            assert any(name.casefold() in cell for cell in cells), (finding.id, name)
        for name in {"compared", "dimension"} & set(finding.about):
            if finding.evidence and f"{{{name}}}" in finding.evidence.unknown:
                assert finding.about[name] in finding.sentence, finding.id


CHECKS = (
    numbers_and_counts, differences, all_tested, rank_rows, levels, playbooks_and_names, intervals, thresholds,
    named_groups,
)  # fmt: skip
