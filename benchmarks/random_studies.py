"""Studies drawn at random, published through the real chapters, and attacked: does anything single out a few people?

Run ``python benchmarks/random_studies.py`` (500 studies, half an hour on two cores); it writes ``random_studies.md``
beside itself. ``random_studies.py 20 1`` runs 20 studies in one process. Each study has two sides, one to three waves,
two to four attributes of unequal groups (one leans on another), and questions that some skip. The cells of the survey
chapters run in this process, so everything passes the gate that a report's exhibits pass; the dimensions are shown by
every attribute besides. With the plan switched off these breakdowns are shown alone: that is leak enough.

The attack shares nothing with the gate. What is published of one question in one wave are sums over sets of answer
sheets; a reader can add and subtract them. Every set of sheets of one to four people whose sum follows is looked for by
trying all such sets: with ``N`` a basis of the null space of the matrix sets × sheets, the sum over ``X`` follows
exactly when the columns of ``N`` at ``X`` add up to zero. With the plan switched off the same attack must succeed
often, or it would be no attack.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path
from types import CodeType
from unittest import mock

import matplotlib
import nbformat
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.linalg import null_space

from helpers import published
from helpers.analysis.methods import internal_consistency
from helpers.analysis.methods.counts import by_group, people
from helpers.analysis.survey import scales
from helpers.data import Study
from helpers.present import NotebookNotApplicable, plots, show
from helpers.privacy import sets

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks"
#: Chapters on the survey; the others tell of hiring.
CHAPTERS = ("01_data_readiness", "02_partnership_survey", "02b_partnership_dyads", "02c_partnership_measurement")
STUDIES = 500
MINIMUM = 5
DIMENSIONS = ("trust", "service", "clarity")
ITEMS = tuple(f"{dimension}_{number}" for dimension in DIMENSIONS for number in (1, 2, 3))
SIZES = {"department": 9, "location": 6, "level": 4, "tenure": 4}

CODEBOOK = """\
instrument: {name: Drawn form, version: "1", status: unvalidated, licence: CC BY 4.0}
responses:
  five: {type: rating, low: 1, high: 5, favourable_from: 4}
dimensions:
  - {id: trust, label: Trust, description: Each trusts the other.}
  - {id: service, label: Service, description: Help comes when it is needed.}
  - {id: clarity, label: Clarity, description: It is clear who does what.}
items:
"""
CODEBOOK += "".join(
    f"  - {{id: {item}, dimension: {item[:-2]}, response: five, text: Statement {item[-1]} on {item[:-2]}.}}\n"
    for item in ITEMS
)


def draw(random: np.random.Generator, folder: Path) -> Path:
    """Write a study of 25 to 160 managers and 3 to 16 HR partners, and return its folder."""
    managers, partners = int(random.integers(25, 161)), int(random.integers(3, 17))
    attributes = list(SIZES)[: int(random.integers(2, len(SIZES) + 1))]
    waves = [f"2026-{number}" for number in range(1, int(random.integers(1, 4)) + 1)]
    people = _people(random, managers, partners, attributes)
    pairs = pd.DataFrame({"manager_id": people.loc[people["side"] == "manager", "person_id"]})
    pairs["hr_id"] = [f"H{number:03d}" for number in random.integers(0, partners, managers)]
    pairs.insert(0, "partnership_id", [f"P{number:03d}" for number in range(managers)])
    survey = pd.concat([_sheets(random, pairs, wave, number) for number, wave in enumerate(waves)], ignore_index=True)

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("people", people), ("partnerships", pairs), ("survey", survey)):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (folder / "study.yaml").write_text(
        f"title: Drawn study\nas_of: 2026-12-31\nprivacy: {{min_group: {MINIMUM}}}\nwaves: [{', '.join(waves)}]\n"
        f"attributes: [{', '.join(attributes)}]\n"
        "tables: {people: people.csv, partnerships: partnerships.csv, survey: survey.csv}\n",
        encoding="utf-8",
    )
    return folder


def _people(random: np.random.Generator, managers: int, partners: int, attributes: list[str]) -> pd.DataFrame:
    """Draw who is invited, in groups of very unequal size; locations lean on departments."""
    ids = [f"M{number:03d}" for number in range(managers)] + [f"H{number:03d}" for number in range(partners)]
    people = pd.DataFrame({"person_id": ids, "side": ["manager"] * managers + ["hr"] * partners})
    drawn: dict[str, np.ndarray] = {}
    for name in attributes:
        share = random.dirichlet(np.full(int(random.integers(2, SIZES[name] + 1)), 0.8))
        drawn[name] = random.choice(len(share), len(ids), p=share)
        if name == "location":
            leans = random.random(len(ids)) < 0.7
            drawn[name] = np.where(leans, drawn["department"] % len(share), drawn[name])
        people[name] = [f"{name} {number + 1}" for number in drawn[name]]
    return people


def _sheets(random: np.random.Generator, pairs: pd.DataFrame, wave: str, number: int) -> pd.DataFrame:
    """Draw the answers of one wave, of managers about HR partners and the other way round; some skip a question."""
    answering = random.uniform(0.5, 1.0)
    by_manager = pairs[random.random(len(pairs)) < answering]
    partners = pairs["hr_id"].unique()
    by_hr = pairs[pairs["hr_id"].isin(partners[random.random(len(partners)) < answering])]
    sheets = pd.concat(
        [by_manager.assign(respondent_id=by_manager["manager_id"]), by_hr.assign(respondent_id=by_hr["hr_id"])],
        ignore_index=True,
    )
    level = random.normal(3.4, 0.7, (len(sheets), 1)) + random.normal(0, 0.9, (len(sheets), len(ITEMS)))
    answers = pd.DataFrame(np.clip(np.round(level), 1, 5), columns=list(ITEMS)).astype("Int64")
    answers = answers.mask(random.random(answers.shape) < random.choice([0.0, 0.01, 0.05]))
    told = sheets.assign(wave=wave, submitted_at=f"2026-{3 * number + 2:02d}-10")
    return pd.concat([told[["respondent_id", "partnership_id", "wave", "submitted_at"]], answers], axis=1)


@dataclass(frozen=True)
class Outcome:
    """What came of one study.

    Attributes
    ----------
    exhibits : int
        Exhibits published.
    withheld : int
        Exhibits that the comparison of all with all took out.
    values : int
        Values (questions in a wave) published of more than one set.
    few : list of str
        Values of which the sum over fewer than the minimum follows.
    kept, respondents : int
        Person-attributes that keep their own label, and all.
    """

    exhibits: int
    withheld: int
    values: int
    few: list[str]
    kept: int
    respondents: int


@functools.cache
def code(chapter: str) -> list[tuple[bool, CodeType]]:
    """Return the code cells of a chapter, compiled, and which of them holds its parameters."""
    cells = nbformat.read(NOTEBOOKS / f"{chapter}.ipynb", as_version=4).cells
    return [
        ("parameters" in cell.metadata.get("tags", []), compile(cell.source, f"{chapter} {cell.id}", "exec"))
        for cell in cells
        if cell.cell_type == "code"
    ]


@contextlib.contextmanager
def _unmerged() -> Iterator[None]:
    """Let every study hand out its labels as they are."""
    load = Study.load.__func__
    with mock.patch.object(Study, "load", classmethod(lambda cls, path: load(cls, path, merged=False))):
        yield


def publish(folder: Path, chapters: Sequence[str] = CHAPTERS) -> list[sets.Told]:
    """Run the cells of chapters on a study, in this process, and return of whom each exhibit tells."""
    notes = folder / "sets.jsonl"
    notes.unlink(missing_ok=True)
    private_file = mock.patch.dict(os.environ, {published.SETS_VARIABLE: str(notes)})
    with private_file, contextlib.redirect_stderr(None):
        for chapter in chapters:
            names: dict[str, object] = {"__name__": "__main__"}
            with contextlib.suppress(NotebookNotApplicable):
                for holds_parameters, cell in code(chapter):
                    exec(cell, names)
                    if holds_parameters:
                        names["study"] = str(folder)
        _publish_breakdowns(Study.load(folder))
    return sets.read(notes)


@contextlib.contextmanager
def _without_what_tells_of_no_set() -> Iterator[None]:
    """Leave out what takes time and has no part in whom an exhibit tells of.

    Those are pictures, displays, and coefficients of reliability with their jackknife, which are no sums of answers.
    Chapters share one study, which reads its files once; texts are kept as Python's, which are faster in small tables.
    """
    coefficient = {"estimate": 0.8, "low": 0.7, "high": 0.9}, ""
    with contextlib.ExitStack() as stack:
        stack.enter_context(pd.option_context("mode.string_storage", "python"))
        for place, name, instead in (
            (plots, "draw", lambda *given, **named: Figure()),
            (plots, "render", lambda figure, kind: b"<svg>"),
            (show, "_display", lambda data, metadata=None: None),
            (internal_consistency, "_jackknifed", lambda *given: coefficient),
            (Study, "load", functools.cache(Study.load)),
        ):
            stack.enter_context(mock.patch.object(place, name, instead))
        yield


def _publish_breakdowns(study: Study) -> None:
    """Show the dimensions by every attribute, side and wave, as reports with other parameters would."""
    publisher = show.Show(study, "breakdowns")
    for wave in study.waves:
        answers = publisher.survey(wave)
        scored = scales.scores(answers.now, study.codebook).dropna(subset=["score_100"])
        for side, name in product(answers.sides, study.attributes):
            means = by_group(scored[scored["side"] == side], [name, "dimension"], _mean)
            publisher.table(means, f"{name} dimension estimate respondents", f"{wave}-{side}-{name}", "Means")


def _mean(scored: pd.DataFrame) -> list[dict[str, object]]:
    counted = people(scored, value="score_100")
    return [{"estimate": scored["score_100"].mean(), **counted, "method": "mean", "note": ""}]


def outcome(seed: int, merged: bool = True, chapters: Sequence[str] = CHAPTERS) -> Outcome:
    """Draw a study, publish it through the gate and the comparison of all exhibits, or without both; attack it."""
    matplotlib.use("agg")
    with tempfile.TemporaryDirectory() as place:
        folder = draw(np.random.default_rng(seed), Path(place) / "study")
        with contextlib.nullcontext() if merged else _unmerged(), _without_what_tells_of_no_set():
            told = sets.as_fine_as_can_be(publish(folder, chapters))
            plan = Study.load(folder).plan
    gone = {conflict.place for conflict in sets.conflicts(told, MINIMUM, rated=2)} if merged else set()
    by_value: dict[str, set[frozenset]] = defaultdict(set)
    for place, one in enumerate(told):
        for row in one.rows if place not in gone else ():
            by_value[row.value].add(row.sheets)
    few = [value for value, sheets in by_value.items() if singled_out(sheets)]
    parts = [item for side in plan.sides.values() for item in side.attributes.values()]
    return Outcome(
        exhibits=len(told) - len(gone),
        withheld=len(gone),
        values=sum(len(sheets) > 1 for sheets in by_value.values()),
        few=few,
        kept=sum(part.kept for part in parts),
        respondents=sum(part.respondents for part in parts),
    )


def singled_out(given: Iterable[frozenset], minimum: int = MINIMUM) -> list[frozenset]:
    """Return sets of fewer than ``minimum`` people of whom a sum follows from the sums over the given sets.

    Parameters
    ----------
    given : iterable of frozenset
        Answer sheets (tuples; the first entry is the person) of whom one question is published, as sums: means with
        their numbers of people.
    minimum : int
        Sets of one person up to one fewer than this are looked for.

    Returns
    -------
    list of frozenset
        Sets of sheets; none holds another.

    Notes
    -----
    Sheets that stand in the same sets cannot be told apart, so they enter a set together. All unions of one to four
    such types are tried, by sums of a random projection of the null space (those of three and four by looking for the
    pair that balances another type or pair); what agrees there is checked on the whole of it. Then the differences of
    all pairs of sets of which one contains the other.
    """
    given = [part for part in dict.fromkeys(given) if part]
    by_sheet: dict[tuple, list[int]] = defaultdict(list)
    for number, part in enumerate(given):
        for sheet in part:
            by_sheet[sheet].append(number)
    by_type: dict[tuple, set] = defaultdict(set)
    for sheet, numbers in by_sheet.items():
        by_type[tuple(numbers)].add(sheet)
    types = list(by_type.values())
    matrix = np.zeros((len(given), len(types)))
    for place, numbers in enumerate(by_type):
        matrix[list(numbers), place] = 1
    basis = null_space(matrix).T if types else np.zeros((0, 0))
    found: list[frozenset] = []

    def note(union: frozenset) -> None:
        if union and len({sheet[0] for sheet in union}) < minimum and not any(one <= union for one in found):
            found.append(union)

    few = [place for place, sheets in enumerate(types) if len({sheet[0] for sheet in sheets}) < minimum]
    for places in _balanced(basis[:, few]):
        note(frozenset().union(*(types[few[place]] for place in places)))
    for larger, smaller in permutations(given, 2):
        if smaller < larger:
            note(larger - smaller)
    return found


def _balanced(columns: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Yield every set of one to four columns that add up to zero, the smaller sets first and not again in larger."""
    seen = np.random.default_rng(0).normal(size=len(columns)) @ columns
    alone = np.flatnonzero(np.abs(columns).max(axis=0, initial=0.0) < 1e-8)
    yield from ((int(place),) for place in alone)
    left = np.setdiff1d(np.arange(columns.shape[1]), alone)
    first, second = (left[index] for index in np.triu_indices(len(left), 1))
    order = np.argsort(seen[first] + seen[second])
    first, second = first[order], second[order]
    pairs = seen[first] + seen[second]
    for others in ([()], [(place,) for place in left], list(zip(first, second, strict=True))):
        sums = np.array([seen[list(other)].sum() for other in others])
        starts, ends = np.searchsorted(pairs, -sums - 1e-7), np.searchsorted(pairs, -sums + 1e-7)
        for number in np.flatnonzero(starts < ends):
            for at in range(starts[number], ends[number]):
                places = tuple(sorted({int(first[at]), int(second[at]), *map(int, others[number])}))
                is_new = len(places) == 2 + len(others[number])
                if is_new and np.abs(columns[:, places].sum(axis=1)).max(initial=0.0) < 1e-8:
                    yield places


def table(outcomes: Sequence[Outcome], without: Sequence[Outcome], seconds: float) -> str:
    """Write the results."""
    kept = sum(one.kept for one in outcomes) / sum(one.respondents for one in outcomes)

    def line(name: str, those: Sequence[Outcome]) -> str:
        leaking = sum(bool(one.few) for one in those)
        few, values = sum(len(one.few) for one in those), sum(one.values for one in those)
        exhibits, withheld = sum(one.exhibits for one in those), sum(one.withheld for one in those)
        return f"| {name} | {len(those)} | {exhibits:,} | {withheld} | {values:,} | {few:,} | {leaking} |"

    return f"""# Does anything published single out a few people?

Written by `python benchmarks/random_studies.py` in {seconds / 60:.0f} minutes. Studies drawn at random
(seeds 0 to {len(outcomes) - 1}; two sides, one to three waves, two to four attributes) go through the cells of the
survey chapters, and their dimensions are shown by every attribute, side and wave. Then every set of one to
{MINIMUM - 1} people is looked for of whom a sum follows from what is published of one question in one wave.

| | studies | exhibits | withheld | values of several sets | values that tell of few | studies that leak |
|---|---|---|---|---|---|---|
{line("as published", outcomes)}
{line("plan and comparison switched off, breakdowns alone", without)}

{kept:.1%} of person-attributes (respondents, once per wave and attribute) keep their own label. Withheld are exhibits
that would have told of few beside others; a report names both.
"""


def main(studies: int = STUDIES, processes: int = os.cpu_count() or 1) -> None:
    """Run both, and write the table beside this file."""
    start = time.perf_counter()
    with ProcessPoolExecutor(max_workers=processes) as pool:
        outcomes = list(pool.map(outcome, range(studies), chunksize=5))
        without = list(pool.map(functools.partial(outcome, merged=False, chapters=()), range(studies), chunksize=5))
    text = table(outcomes, without, time.perf_counter() - start)
    (HERE / "random_studies.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
