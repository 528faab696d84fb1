"""How much the release plan keeps, beside hiding and beside merging the next smallest group; and how fast it is.

Run ``python benchmarks/release_plan.py`` (a few minutes); it writes ``release_plan.md`` beside itself. Times are of the
processor, so that what else runs does not count. Aims: a plan for 9,000 units and 250,000 people in under 60 seconds;
at least 97 % of the optimum.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data import Study
from helpers.privacy import choice, protect
from helpers.privacy.plan import Plan, release_plan
from helpers.privacy.row_space import small_sets

HERE = Path(__file__).resolve().parent
MINIMUM = 5
STUDIES = 40
PEOPLE, UNITS, DEPARTMENTS, DIVISIONS, PARTNERS = 250_000, 9_000, 600, 12, 2_400


def random_study(random: np.random.Generator) -> tuple[pd.DataFrame, list[str]]:
    """Draw 25 to 250 people with four attributes of unequal groups, the second of which leans on the first."""
    size = int(random.integers(25, 250))
    frame = pd.DataFrame({"person_id": range(size), "wave": "2026", "side": "manager"})
    for name, most in (("department", 12), ("location", 8), ("level", 5), ("tenure", 4)):
        share = random.dirichlet(np.full(int(random.integers(2, most + 1)), 0.8))
        drawn = random.choice(len(share), size, p=share)
        if name == "location":
            department = frame["department"].str[1:].astype(int)
            drawn = np.where(random.random(size) < 0.7, department % len(share), drawn)
        frame[name] = [f"{name[0]}{number}" for number in drawn]
    return frame.assign(responded=random.random(size) < 0.8), ["department", "location", "level", "tenure"]


def hidden(frame: pd.DataFrame, attributes: list[str]) -> tuple[int, int, int, int]:
    """Hide small cells table by table, as without a plan: people shown, all; sets of tables that leak, all."""
    shown = everybody = leaks = sets = 0
    for _, rows in frame[frame["responded"]].groupby(["side", "wave"]):
        if len(rows) < MINIMUM:
            continue
        published = {}
        for name in attributes:
            table = rows.groupby(name, dropna=False).size().rename("respondents").reset_index()
            reasons = protect(table, minimum=MINIMUM, groups=[name]).reasons
            published[name] = set(table.loc[reasons == "", name])
            shown += int(table.loc[reasons == "", "respondents"].sum())
            everybody += int(table["respondents"].sum())
        sets += 1
        leaks += singles_out(rows, published)
    return shown, everybody, leaks, sets


def singles_out(rows: pd.DataFrame, published: dict[str, set[str]]) -> bool:
    """Say whether total and published groups together determine a set of fewer than the minimum."""
    numbers = {
        (name, label): 1 + place
        for place, (name, label) in enumerate((name, label) for name in published for label in sorted(published[name]))
    }
    types = rows.groupby(list(published), dropna=False).size()
    columns = [
        {0} | {numbers[pair] for pair in zip(published, labels, strict=True) if pair in numbers}
        for labels in types.index
    ]
    return bool(small_sets(columns, types.tolist(), MINIMUM))


def drop_next_smallest(frame: pd.DataFrame, attributes: list[str]) -> tuple[int, int]:
    """Merge the smallest group of the study that is still by itself until the plan is safe: people kept, all."""
    kept = everybody = 0
    for _, rows in frame.groupby("side"):
        answered = rows[rows["responded"]]
        sizes = answered["wave"].value_counts()
        answered = answered[answered["wave"].isin(sizes.index[sizes >= MINIMUM])]
        groups = [(int(n), name, label) for name in attributes for label, n in answered[name].value_counts().items()]
        for position in range(len(groups) + 1):
            groups = sorted(groups)
            stay = {name: {label for _, a, label in groups[position:] if a == name} for name in attributes}
            if not any(singles_out(part, stay) for _, part in answered.groupby("wave")):
                break
        kept += sum(n for n, _, _ in groups[position:])
        everybody += len(answered) * len(attributes)
    return kept, everybody


def kept(plan: Plan) -> tuple[int, int]:
    """Return person-attributes that keep their own label, and all."""
    items = [item for part in plan.sides.values() for item in part.attributes.values()]
    return sum(item.kept for item in items), sum(item.respondents for item in items)


def sheets_of(frame: pd.DataFrame, unit: str, partners: int, shared: float, seed: int) -> pd.DataFrame:
    """Draw whom the answers are about: of each unit one HR partner, or with a probability two, who may serve others."""
    random = np.random.default_rng(seed)
    number = pd.factorize(frame[unit], sort=True)[0]
    first, second = (random.integers(partners, size=number.max() + 1) for _ in range(2))
    second = np.where(random.random(len(second)) < shared, second, first)
    who = np.where(random.random(len(frame)) < 0.5, first[number], second[number])
    return frame[["person_id", "wave", "side"]].assign(rated_id=who)[frame["responded"]]


def compared(name: str, cases: list[tuple[pd.DataFrame, list[str]]]) -> str:
    """Return one line of the table: shares kept by each way, over all cases."""
    counts = np.zeros(6)
    leaks = sets = 0
    for frame, attributes in cases:
        shown, everybody, leaking, tables = hidden(frame, attributes)
        counts += [*kept(release_plan(frame, attributes, min_group=MINIMUM)), shown, everybody, 0, 0]
        counts += [0, 0, 0, 0, *drop_next_smallest(frame, attributes)]
        leaks, sets = leaks + leaking, sets + tables
    planned, hiding, smallest = counts[0] / counts[1], counts[2] / counts[3], counts[4] / counts[5]
    return (
        f"| {name} | {planned:.1%} | {hiding:.1%} | {smallest:.1%} | {planned / hiding:.3f} | {planned / smallest:.3f} "
        f"| {leaks} of {sets} |"
    )


def optimum(cases: list[tuple[pd.DataFrame, list[str]]], rated: bool) -> str:
    """Compare the integer programme with the enumeration where both can be had, and say how many are proved best."""
    ratios, proved, kept_here = [], 0, 0.0
    for number, (frame, attributes) in enumerate(cases):
        sheets = sheets_of(frame, "department", partners=6, shared=0.7, seed=number) if rated else None
        best = release_plan(frame, attributes, min_group=MINIMUM, sheets=sheets).sides["manager"]
        enumerated, choice.ENUMERATED = choice.ENUMERATED, -1
        programmed = release_plan(frame, attributes, min_group=MINIMUM, sheets=sheets).sides["manager"]
        choice.ENUMERATED = enumerated
        ratios.append(programmed.objective / best.objective if best.objective else 1.0)
        proved += best.gap == 0
        kept_here += best.share_kept / len(cases)
    about = f" each group about two of six HR partners or more ({kept_here:.1%} kept);" if rated else ""
    return (
        f"Integer programme over enumeration:{about} {min(ratios):.3f} at the least, {np.mean(ratios):.3f} on average; "
        f"proved to be the best possible: {proved} of {len(cases)}."
    )


def large_study() -> tuple[pd.DataFrame, dict[str, str]]:
    """Draw a company of units in departments in divisions, of very unequal sizes."""
    random = np.random.default_rng(11)
    tree = {f"division {number:02}": "company" for number in range(DIVISIONS)}
    tree |= {f"department {number:03}": f"division {number % DIVISIONS:02}" for number in range(DEPARTMENTS)}
    tree |= {f"unit {number:04}": f"department {number % DEPARTMENTS:03}" for number in range(UNITS)}
    share = random.lognormal(0, 0.9, UNITS)
    unit = random.choice(UNITS, PEOPLE, p=share / share.sum())
    place = random.choice(30, DEPARTMENTS)[unit % DEPARTMENTS]
    place = np.where(random.random(PEOPLE) < 0.1, random.choice(30, PEOPLE), place)
    frame = pd.DataFrame(
        {
            "person_id": range(PEOPLE),
            "wave": "2026",
            "side": "employee",
            "responded": random.random(PEOPLE) < 0.7,
            "division": [f"division {number % DEPARTMENTS % DIVISIONS:02}" for number in unit],
            "department": [f"department {number % DEPARTMENTS:03}" for number in unit],
            "unit": [f"unit {number:04}" for number in unit],
            "location": [f"location {number:02}" for number in place],
            "level": random.choice(["staff", "lead", "manager", "head"], PEOPLE, p=[0.8, 0.15, 0.049, 0.001]),
            "tenure": random.choice(["under 2 years", "2 to 9 years", "10 years or more"], PEOPLE),
        }
    )
    return frame, tree


def large(rated: bool) -> str:
    """Plan the large study and say how long it took and what it keeps; ``rated``: it knows whom answers are about."""
    frame, tree = large_study()
    names = ["division", "department", "unit", "location", "level", "tenure"]
    sheets = sheets_of(frame, "unit", PARTNERS, shared=0.9, seed=1) if rated else None
    started = time.process_time()
    plan = release_plan(frame, names, min_group=MINIMUM, parents={"unit": tree}, sheets=sheets)
    seconds = time.process_time() - started
    part = plan.sides["employee"]
    units = part.attributes["unit"]
    shown = everybody = 0
    for name in names:
        sizes = frame.loc[frame["responded"], name].value_counts()
        shown, everybody = shown + int(sizes[sizes >= MINIMUM].sum()), everybody + int(sizes.sum())
    if rated:
        return (
            f"The same with {PARTNERS:,} HR partners, of whom each unit has one or two: {seconds / 60:.2f} of the "
            f"minute; {part.share_kept:.2%} of person-attributes keep their own label, "
            f"{units.kept / units.respondents:.2%} of respondents that of their unit ({len(units.groups):,} groups); "
            f"at most {part.gap:.4%} below the best."
        )
    return (
        f"{UNITS:,} units in {DEPARTMENTS} departments in {DIVISIONS} divisions, each level published, "
        "and three more attributes; "
        f"{PEOPLE:,} people of whom {part.attributes['unit'].respondents:,} answered: "
        f"{seconds / 60:.2f} of the minute allowed (processor time); "
        f"{part.share_kept:.2%} of person-attributes keep their own label, "
        f"{units.kept / units.respondents:.2%} of respondents that of their unit ({len(units.groups):,} groups); "
        f"at most {part.gap:.4%} below the best; {part.share_kept / (shown / everybody):.4f} times what hiding cells "
        f"below {MINIMUM} alone would show (which protects nothing by itself)."
    )


def main() -> None:
    """Measure, print and write."""
    study = Study.load(HERE.parent / "data" / "sample", merged=False)
    sample = (study.roster(), study.attributes)
    random = np.random.default_rng(20261125)
    cases = [random_study(random) for _ in range(STUDIES)]
    lines = [
        "# What the release plan keeps",
        "",
        "Written by `python benchmarks/release_plan.py`, in one run. Share of person-attributes (respondents, once per "
        "wave and attribute) whose own group is shown: by the plan; by hiding small cells in each table "
        "(`privacy.protect`), which is not safe across tables; by merging the next smallest group until all is safe. "
        "The last column counts the sets of tables from which a group of fewer than five follows when small cells are "
        "only hidden; with the plan it is none, which the tests prove by trying all.",
        "",
        "| studies | plan | hiding | next smallest | plan / hiding | plan / next smallest | hiding leaks |",
        "|---|---|---|---|---|---|---|",
        compared("sample", [sample]),
        compared(f"{STUDIES} random", cases),
        "",
        optimum(cases, rated=False),
        "",
        optimum(cases, rated=True),
        "",
        large(rated=False),
        "",
        large(rated=True),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (HERE / "release_plan.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
