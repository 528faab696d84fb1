"""Numbers from elsewhere to compare with: whether a study asked what they are about, on the scale they are on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .codebook import Codebook, Item
from .problems import Problem, did_you_mean, shown
from .settings import Benchmark

#: What the units of a benchmark are, by the measure of ours they are compared with.
UNITS = {
    "score": r"points \((-?\d+) ?[-–] ?(-?\d+)\)",
    "score_100": r"(?:score|points)? ?\(?0 ?[-–] ?100\)?",
    "favourable": r"(?:per cent|percent|%) favourable",
    "net": "net score",
}


def measure_of(benchmark: Benchmark) -> str:
    """Return the measure that a benchmark's unit names: score, score_100, favourable, net; empty where it is none."""
    return next((name for name, unit in UNITS.items() if re.fullmatch(unit, benchmark.unit.strip())), "")


def problems(benchmarks: Sequence[Benchmark], codebook: Codebook) -> list[Problem]:
    """Return what does not fit between benchmarks and codebook.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
        As study.yaml has them.
    codebook : Codebook
        What was asked, on which scales.

    Returns
    -------
    list of Problem
        An error for each measure that is no dimension and no rated question, each unit that is not one of its scale,
        and each value beyond the ends of its unit.
    """
    found = []
    rated = {item.id: [item] for item in codebook.items if item.low is not None}
    known = {dimension.id: codebook.scale_items(dimension.id) for dimension in codebook.dimensions} | rated
    for place, benchmark in enumerate(benchmarks, 1):
        wrong = _problem(benchmark, known, codebook)
        if wrong:
            words, expected, fix = wrong
            found.append(Problem("error", "study.yaml", words, expected, fix, column=f"benchmarks, number {place}"))
    return found


def _problem(benchmark: Benchmark, known: dict[str, list[Item]], codebook: Codebook) -> tuple[str, str, str] | None:
    """Say what was found, what was expected, and how to mend it."""
    if benchmark.measure not in known:
        dimensions = ", ".join(dimension.id for dimension in codebook.dimensions)
        expected = f"a dimension of the codebook ({dimensions}) or the id of a rated question"
        hint = did_you_mean(benchmark.measure, known)
        return f"measure is {shown(benchmark.measure)}", expected, hint[:1].upper() + hint[1:]
    items = known[benchmark.measure]
    ends = _ends(items)
    units = _units(benchmark.measure, items, ends, codebook)
    allowed = f"one of: {', '.join(units)}"
    unit = _unit(benchmark)
    if unit not in units:
        scale = f"from {ends[0]} to {ends[1]}" if ends else "on scales of several ranges"
        found = f"unit of {benchmark.measure} is {shown(benchmark.unit)}, and it was answered {scale}"
        return found, allowed, _fix(benchmark, ends)
    low, high = units[unit]
    if not low <= benchmark.value <= high:
        found = f"value of {benchmark.measure} is {benchmark.value:g}"
        return found, f"{low} to {high}, the ends of {unit}", f"Give the unit it is in, {allowed}"
    return None


def _fix(benchmark: Benchmark, ends: tuple[int, int] | None) -> str:
    """Say how to write a figure: what it is on the scale that was answered, where it is on another."""
    given = re.fullmatch(UNITS["score"], benchmark.unit.strip())
    if given and ends:
        low, high = int(given[1]), int(given[2])
        if low <= benchmark.value <= high > low:
            same = ends[0] + (benchmark.value - low) / (high - low) * (ends[1] - ends[0])
            return f'If it is a mean, write value: {same:.2f}, unit: "points ({ends[0]}-{ends[1]})"; else take it out'
    return "Give the number in one of these units, or take it out"


def _units(
    measure: str, items: list[Item], ends: tuple[int, int] | None, codebook: Codebook
) -> dict[str, tuple[int, int]]:
    """Return the units in which a figure can be compared, each with its ends; questions are told by shares."""
    units = {"per cent favourable": (0, 100)}
    if measure in {dimension.id for dimension in codebook.dimensions}:
        units = {"score 0-100": (0, 100), **units}
        if ends:
            units = {f"points ({ends[0]}-{ends[1]})": ends, **units}
    elif items[0].recommend:
        units["net score"] = (-100, 100)
    return units


def _unit(benchmark: Benchmark) -> str:
    """Return a benchmark's unit as this module writes it; empty where it is none."""
    points = re.fullmatch(UNITS["score"], benchmark.unit.strip())
    if points:
        return f"points ({points[1]}-{points[2]})"
    written = {"score_100": "score 0-100", "favourable": "per cent favourable", "net": "net score"}
    return written.get(measure_of(benchmark), "")


def _ends(items: list[Item]) -> tuple[int, int] | None:
    """Return the ends that all items have, where they have the same."""
    ranges = {(item.low, item.high) for item in items}
    low, high = next(iter(ranges)) if len(ranges) == 1 else (None, None)
    return None if low is None or high is None else (low, high)
