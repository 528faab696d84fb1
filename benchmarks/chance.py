"""How often does a report claim what is not there, rest on what nobody recorded, or miss what is?

Run ``python benchmarks/chance.py`` (500 studies, half an hour on two idle cores; ``--minutes 10`` stops, and the same
command goes on); it writes ``chance.json`` and ``chance.md`` beside itself. The cells of the chapters run in this
process (``in_process.py``), and the differences of a study are judged beside each other as in a report. Three kinds:

- **chance**: items are independent or share one factor; no group, side, wave, manager or practice makes a difference,
  and whether somebody acts early has nothing to do with filling. Whatever is called strong or moderate is false, and so
  is every rank. The study is the unit: one false claim counts as much as five.
- **dropped**: kinds of events, fields, sources or periods are taken at random out of hiring records. A finding or
  figure rests on what was not recorded if it is told though all records of a kind it needs are gone, or if what the
  complete records say lies outside its 99.9 per cent interval.
- **planted**: seven effects. Found is one that is told with the right sign and at least weak evidence; a silent report
  has found nothing. The power of each is that of a t test at the limit that Benjamini–Hochberg sets, from mean and
  standard deviation of its estimates over the studies.
"""

from __future__ import annotations

import argparse
import functools
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import chance_studies
import in_process
import numpy as np
import pandas as pd
from chance_studies import Effects
from scipy import stats

from helpers.analysis.hiring.recorded import KINDS
from helpers.present.claims import TOLD, widened
from helpers.published import Claim, Evidence, Exhibit, Finding, Grade

STORE = Path(__file__).with_suffix(".json")
STUDIES = {"chance": 200, "dropped": 100, "planted": 200}
HIRING = "03_hiring_manager_engagement"
CHAPTERS = ("02_partnership_survey", "02b_partnership_dyads", HIRING, "06_practice_impact", "07_follow_through")
#: Numbers of HR partners that are counted apart.
BANDS = {"3 to 7": (3, 7), "8 to 15": (8, 15), "16 to 36": (16, 36)}
FOUND = (Grade.STRONG, Grade.MODERATE, Grade.WEAK)
#: Of 200 chance studies so many at most may hold a false strong claim, and any false strong or moderate one: one and
#: five per cent, and what chance may add.
MOST_STRONG, MOST_EITHER = 4, 16
PLANTED = Effects(gap=0.9, change=-0.75, practice=0.9, group=-1.0, manager=1.0, score=-1.6, engagement=2.0)
#: Level at which the power of what is planted is reckoned: seven of about seventy differences are there.
LIMIT = TOLD * 7 / 70


def _about(start: str, **about: str) -> Callable[[Finding], bool]:
    return lambda found: found.id.startswith(start) and about.items() <= found.about.items()


#: What is planted: in words, which finding tells it, and the sign.
EFFECTS: dict[str, tuple[Callable[[Finding], bool], int]] = {
    "HR partners score Trust higher": (_about("gap-trust"), 1),
    "Service has fallen since the first wave": (_about("change-service"), -1),
    "The practice raised Goals": (_about("effect-goals"), 1),
    "Logistics lies below the others": (_about("group-", compared="Logistics"), -1),
    "Feedback time hangs on the manager": (_about("manager-share"), 1),
    "Feedback is faster at a higher score": (_about("attitude-feedback"), -1),
    "Early action goes with faster filling": (_about("engagement-filling"), 1),
}
RATIOS = ("Feedback is faster at a higher score", "Early action goes with faster filling")


# --- chance and planted -----------------------------------------------------------------------------------------------


def chance(seed: int) -> dict[str, object]:
    """Draw a chance study, and say what its report claims."""
    with tempfile.TemporaryDirectory() as place:
        drawn = chance_studies.draw(seed, Path(place) / "study")
        findings = in_process.judged(in_process.chapters(drawn.folder, CHAPTERS))
    false = [found for found in findings if found.grade in (Grade.STRONG, Grade.MODERATE)]
    return {
        "partners": drawn.partners,
        "loading": drawn.loading,
        "grades": _grades(findings),
        "false": {str(found.grade.value): found.id for found in reversed(false) if found.grade},
        "ranks": sorted(found.id for found in findings if found.claim == Claim.RANK),
    }


def planted(seed: int) -> dict[str, object]:
    """Draw a study with effects, and say which of them its report tells, and with which sign and evidence."""
    with tempfile.TemporaryDirectory() as place:
        drawn = chance_studies.draw(10_000 + seed, Path(place) / "study", PLANTED, (20, 36), 0.85, openings=220)
        findings = in_process.judged(in_process.chapters(drawn.folder, CHAPTERS))
    told = {}
    for name, (is_about, sign) in EFFECTS.items():
        found = next((one for one in findings if is_about(one) and one.estimate is not None), None)
        graded = found and found.grade and found.grade.value
        told[name] = {"grade": graded or "silent", "estimate": found and found.estimate}
        told[name]["found"] = bool(found and found.grade in FOUND and np.sign(found.estimate) == sign)
    return {"partners": drawn.partners, "grades": _grades(findings), "told": told}


def _grades(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(Counter(found.grade.value for found in findings if found.grade))


# --- dropped ----------------------------------------------------------------------------------------------------------

#: Kinds without all of which a finding cannot be; of alternatives one is enough.
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "feedback-time": (("interview_held",), ("feedback_given",)),
    "manager-share": (("interview_held",), ("feedback_given",)),
    "attitude-feedback": (("interview_held",), ("feedback_given",)),
    "attitude-filling": (("offer_accepted", "closed_at"),),
    "engagement-filling": (("offer_accepted", "closed_at"), ("intake_held", "brief_received", "cv_reviewed")),
    "days-earlier": (("offer_accepted", "closed_at"), ("intake_held", "brief_received", "cv_reviewed")),
    "managers-turn": (("offer_accepted", "closed_at"), ("feedback_given", "cv_reviewed")),
}
#: Exhibits whose figures are compared with those of the complete records, beside the findings.
FIGURES = ("durations", "promises", "outcomes", "interviews", "turns")
FIELDS = ("closed_at", "close_reason", "approved_at", "recruiter_id", "due_at")
#: Fields without which figures are others by definition: waits begin when the opening was opened, and promises are
#: kept by the usual time. These exhibits are then not compared.
DEFINING = {"approved_at": ("durations",), "due_at": ("promises",)}
EVENTS = tuple(kind for kind in KINDS if kind not in (*FIELDS, "department", "location", "level", "unfilled"))
#: A difference between parts and whole that is no chance.
FAR = 0.999


def dropped(seed: int) -> dict[str, object]:
    """Take records out of a study, and say what its report tells that rests on them."""
    random = np.random.default_rng([seed, 13])
    with tempfile.TemporaryDirectory() as place:
        some = Effects(manager=0.5, score=-0.45, engagement=1.1)
        drawn = chance_studies.draw(20_000 + seed, Path(place) / "study", some, (8, 30), 0.75, openings=250)
        whole = in_process.chapters(drawn.folder, [HIRING], FIGURES)
        tables, what, gone = drop(random, drawn.tables)
        chance_studies.write(tables, Path(place) / "dropped")
        part = in_process.chapters(Path(place) / "dropped", [HIRING], FIGURES)
    findings, figures = in_process.judged(part), _figures(part[HIRING].exhibits) if HIRING in part else {}
    told = [found for found in findings if found.estimate is not None]
    resting = [found.id for found in told if any(set(kinds) <= gone for kinds in NEEDS.get(found.id, ()))]
    complete = {(found.id, _steps(found)): found.estimate for found in in_process.judged(whole)}
    resting += [found.id for found in told if _far(found, complete.get((found.id, _steps(found))))]
    before = _figures(whole[HIRING].exhibits)
    other = [exhibit for field, those in DEFINING.items() if field in " ".join(what) for exhibit in those]
    figures = {name: values for name, values in figures.items() if name in before and name.split(":")[0] not in other}
    off = [name for name, values in figures.items() if _off(*values, before[name][0])]
    return {"what": what, "told": len(told), "figures": len(figures), "resting": sorted(set(resting)), "off": off}


def drop(
    random: np.random.Generator, tables: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], list[str], set[str]]:
    """Take records out at random.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of random numbers.
    tables : mapping
        The study's.

    Returns
    -------
    tuple
        The tables that are left, what was taken in words, and the kinds of which nothing is left.
    """
    openings, events = tables["requisitions"].copy(), tables["hiring_events"].copy()
    said = []
    for _ in range(int(random.integers(1, 4))):
        where, within = _somewhere(random, openings)
        rows = events["requisition_id"].map(where.set_axis(openings["requisition_id"])).astype(bool)
        rows &= pd.to_datetime(events["at"]).between(*within)
        how = random.choice(["kinds", "field", "all events"], p=[0.6, 0.25, 0.15])
        place = f" {where.name}" + (f", {within[0]:%Y-%m} to {within[1]:%Y-%m}" if within[0] > BEGIN else "")
        if how == "kinds":
            kinds = list(random.choice(EVENTS, int(random.integers(1, 5)), replace=False))
            events = events[~(rows & events["event"].isin(kinds))]
            said.append(f"{', '.join(kinds)}:{place}")
        elif how == "field":
            field = str(random.choice(FIELDS))
            opened = where & pd.to_datetime(openings["opened_at"]).between(*within)
            table, here = (events, rows) if field in events else (openings, opened)
            table.loc[here & table[field].notna(), field] = None
            said.append(f"{field}:{place}")
        elif where.all() and within[0] <= BEGIN:
            continue  # nothing would be left
        else:
            events = events[~rows]
            said.append(f"all events:{place}")
    gone = {kind for kind in EVENTS if kind not in set(events["event"])}
    gone |= {
        field for field in FIELDS if (events if field in events else openings)[field].replace("", None).isna().all()
    }
    return {**tables, "requisitions": openings, "hiring_events": events.reset_index(drop=True)}, said, gone


BEGIN, END = pd.Timestamp("2020-01-01"), pd.Timestamp("2030-01-01")


def _somewhere(
    random: np.random.Generator, openings: pd.DataFrame
) -> tuple[pd.Series, tuple[pd.Timestamp, pd.Timestamp]]:
    """Draw where records are missing: everywhere, in a source, in a department, or in a stretch of time."""
    everywhere, always = pd.Series(True, index=openings.index, name="everywhere"), (BEGIN, END)
    how = random.choice(["everywhere", "source", "department", "time"], p=[0.4, 0.25, 0.1, 0.25])
    if how == "time":
        first = pd.Timestamp("2024-07-01") + pd.Timedelta(days=int(random.integers(0, 480)))
        return everywhere, (first, first + pd.Timedelta(days=int(random.integers(120, 400))))
    if how == "everywhere":
        return everywhere, always
    name = random.choice(openings[how].unique())
    return openings[how].eq(name).rename(f"in {name}"), always


def _steps(found: Finding) -> str:
    """Return the early steps that a finding says it is about: of others the figure is another one."""
    return found.evidence.slots.get("steps", "") if found.evidence else ""


def _far(found: Finding, complete: float | None) -> bool:
    """Say whether the figure of the complete records lies outside a finding's interval at :data:`FAR`."""
    if found.evidence:
        return complete is not None and _outside(found.estimate, found.evidence, complete)
    known = (found.estimate, found.low, found.high)
    return complete is not None and None not in known and _off(*known, complete, 0.5)


def _off(estimate: float, low: float, high: float, complete: float, rounding: float = 0.05) -> bool:
    """The same of a figure with a 95 per cent interval; ``rounding``: how far off rounding makes an end at most."""
    evidence = Evidence(sentence="", same="", unknown="", low=low, high=high, degrees_of_freedom=10)
    return _outside(estimate, evidence, complete, rounding)


def _outside(estimate: float | None, evidence: Evidence, complete: float, rounding: float = 0.5) -> bool:
    if estimate is None or evidence.low is None or evidence.high is None:
        return False
    if evidence.scale == "share" and not 0 < estimate < 100:
        evidence = evidence.model_copy(update={"scale": "plain"})  # nothing is as long on either side of 0 per cent
    low, high = (widened(estimate, end, evidence, FAR) for end in (evidence.low, evidence.high))
    return not low - rounding <= complete <= high + rounding


def _figures(exhibits: Mapping[str, Exhibit]) -> dict[str, tuple[float, float, float]]:
    """Return estimates with intervals of the exhibits that are compared, by exhibit and labels."""
    found = {}
    for name in (name for name in FIGURES if name in exhibits):
        columns = [column.name for column in exhibits[name].columns]
        for row in exhibits[name].rows:
            record = dict(zip(columns, row, strict=True))
            values = tuple(record.get(key) for key in ("estimate", "low", "high"))
            labels = [str(value) for key, value in record.items() if key in ("label", "whose", "holder")]
            if all(isinstance(value, int | float) for value in values):
                found[": ".join([name, *labels])] = values
    return found


# --- the run ----------------------------------------------------------------------------------------------------------

STUDY: dict[str, Callable[[int], dict[str, object]]] = {"chance": chance, "dropped": dropped, "planted": planted}


def kept() -> dict[str, dict[str, dict]]:
    """Return what was measured so far: by kind, then by seed."""
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {kind: {} for kind in STUDIES}


def keep(known: Mapping[str, Mapping[str, dict]]) -> None:
    """Write what was measured, and the tables."""
    lines = []
    for kind, studies in known.items():
        rows = [f'  "{seed}": {json.dumps(studies[seed], ensure_ascii=False)}' for seed in sorted(studies, key=int)]
        lines.append(f' "{kind}": {{\n' + ",\n".join(rows) + "\n }")
    STORE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    STORE.with_suffix(".md").write_text(text_of(known), encoding="utf-8", newline="\n")


def text_of(known: Mapping[str, Mapping[str, dict]]) -> str:
    """Write the tables."""
    return "\n".join(
        [
            "# What a report claims of chance, of records with gaps, and of planted effects",
            "",
            "Written by `python benchmarks/chance.py`; how studies are drawn and what counts stands there and in",
            "`chance_studies.py`.",
            "",
            *_of_chance(list(known["chance"].values())),
            *_of_dropped(list(known["dropped"].values())),
            *_of_planted(list(known["planted"].values())),
        ]
    )


def allowed(studies: int, of_200: int) -> int:
    """Return how many of so many studies may be wrong."""
    return of_200 * studies // 200


def counts(studies: list[dict]) -> tuple[int, int, int]:
    """Count studies, those with a false strong claim, and those with a false strong or moderate one."""
    strong = sum("strong" in one["false"] for one in studies)
    return len(studies), strong, sum(bool(one["false"]) for one in studies)


def stated(known: Mapping[str, Mapping[str, dict]]) -> tuple[tuple[str, str], ...]:
    """Say what was measured, for the closing page of reports: :data:`helpers.present.claims.MEASURED`."""
    studies = list(known["chance"].values())
    parts = [(f"{name} HR partners", _in_band(studies, name)) for name in BANDS] + [("all", studies)]
    gaps, effects = list(known["dropped"].values()), list(known["planted"].values())
    least = min(sum(one["told"][name]["found"] for one in effects) for name in EFFECTS)
    resting = sum(bool(one["resting"]) for one in gaps)
    return (
        *((f"Nothing but chance, {name}", _false(*counts(some))) for name, some in parts),
        (
            "Gaps in hiring records",
            f"Of {len(gaps)} studies, {resting} told a finding that rested on what was not recorded.",
        ),
        ("Seven large effects", f"In {len(effects)} studies, each was told with the right sign in at least {least}."),
    )


def _false(studies: int, strong: int, either: int) -> str:
    return f"Of {studies} studies, {strong} held a false “strong”, {either} one or a false “moderate”."


def _in_band(studies: list[dict], name: str) -> list[dict]:
    low, high = BANDS[name]
    return [one for one in studies if low <= one["partners"] <= high]


def _of_chance(studies: list[dict]) -> list[str]:
    lines = ["## Chance", "", "| | studies | with a false strong | with a false strong or moderate | with a rank |"]
    lines += ["|---|---|---|---|---|"]

    def line(name: str, those: list[dict]) -> str:
        return f"| {name} | {' | '.join(map(str, counts(those)))} | {sum(bool(one['ranks']) for one in those)} |"

    lines += [line("all", studies)]
    for name in BANDS:
        lines += [line(f"{name} HR partners", _in_band(studies, name))]
    for loading in sorted({one["loading"] for one in studies}):
        name = f"items load {loading:g} on one factor" if loading else "items independent"
        lines += [line(name, [one for one in studies if one["loading"] == loading])]
    false = Counter(f"{grade}: {found}" for one in studies for grade, found in one["false"].items())
    ranks = Counter(found for one in studies for found in one["ranks"])
    return [
        *lines,
        "",
        f"At most {allowed(len(studies), MOST_STRONG)} and {allowed(len(studies), MOST_EITHER)} of so many are allowed "
        f"({MOST_STRONG} and {MOST_EITHER} of 200). Differences: {_spread(studies)}.",
        "",
        f"False: {_listed(false)}. Ranks: {_listed(ranks)}.",
        "",
    ]


def _of_dropped(studies: list[dict]) -> list[str]:
    told, figures = (sum(one[name] for one in studies) for name in ("told", "figures"))
    resting = Counter(found for one in studies for found in one["resting"])
    off = Counter(found for one in studies for found in one["off"])
    return [
        "## Records with gaps",
        "",
        "| studies | findings told | resting on what was not recorded | figures told | resting on it |",
        "|---|---|---|---|---|",
        f"| {len(studies)} | {told} | {resting.total()} | {figures} | {off.total()} |",
        "",
        f"Findings: {_listed(resting)}. Figures: {_listed(off)}.",
        "",
    ]


def _of_planted(studies: list[dict]) -> list[str]:
    grades = [grade.value for grade in Grade]
    lines = ["## Planted effects", "", f"| | power | found | {' | '.join(grades)} | silent |"]
    lines += ["|---" * (4 + len(grades)) + "|"]
    for name in EFFECTS if studies else ():
        told = [one["told"][name] for one in studies]
        given = Counter(one["grade"] for one in told)
        share = sum(one["found"] for one in told) / len(told)
        cells = [f"{power(name, told):.2f}", f"{share:.1%}"]
        lines.append(f"| {name} | {' | '.join([*cells, *(str(given[grade]) for grade in [*grades, 'silent'])])} |")
    return [
        *lines,
        "",
        f"{len(studies)} studies of 20 to 36 HR partners. Power: of a two-sided test at {LIMIT:g}, from mean and "
        f"spread of the estimates told. Differences: {_spread(studies)}.",
        "",
    ]


def power(name: str, told: list[dict]) -> float:
    """Return the power of a normal test at :data:`LIMIT`; ratios count by their logarithm."""
    known = np.array([one["estimate"] for one in told if one["estimate"] is not None], dtype=float)
    known = np.log1p(known / 100) if name in RATIOS else known
    if len(known) < 2:
        return float("nan")
    return float(stats.norm.cdf(abs(known.mean()) / known.std(ddof=1) - stats.norm.ppf(1 - LIMIT / 2)))


def _spread(studies: list[dict]) -> str:
    grades = functools.reduce(lambda one, other: one + other, (Counter(one["grades"]) for one in studies), Counter())
    return ", ".join(f"{grades[grade.value]} {grade.value}" for grade in Grade)


def _listed(counted: Counter) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counted.most_common()) or "none"


def main() -> None:
    """Measure the kinds named on the command line, or all, from where the last run stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", help=f"{', '.join(STUDIES)}; all by default")
    parser.add_argument("--studies", type=int, help="so many of each kind")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many; run again to go on")
    parser.add_argument("--anew", action="store_true", help="forget what was measured of these kinds")
    given = parser.parse_args()
    if unknown := sorted(set(given.kinds) - STUDIES.keys()):
        parser.error(f"no kind {', '.join(unknown)}; there are {', '.join(STUDIES)}")
    end = time.monotonic() + 60 * given.minutes
    with ProcessPoolExecutor(max_workers=given.processes) as pool:
        for kind in given.kinds or STUDIES:
            if given.anew:
                keep(kept() | {kind: {}})
            wanted = range(given.studies or STUDIES[kind])
            left = [seed for seed in wanted if str(seed) not in kept()[kind]]
            while left and time.monotonic() < end:
                some, left = left[: 3 * given.processes], left[3 * given.processes :]
                found = dict(zip(map(str, some), pool.map(STUDY[kind], some), strict=True))
                keep((known := kept()) | {kind: known[kind] | found})
            print(f"{kind}: {len(kept()[kind])} studies", flush=True)


if __name__ == "__main__":
    main()
