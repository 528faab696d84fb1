"""Studies for ``chance.py``: nothing but chance in them, or effects that are large enough to be found.

A study has two waves, two sides, two attributes, hiring records of two sources, a practice for which lots were drawn,
and promises. What is common to one HR partner's sheets, to one person's two waves, and to the events of one opening is
in all of them: that is no effect, but it makes answers and events alike.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the simulation is no part of the package
from simulation import recruiting

DIMENSIONS = {"trust": "Trust", "service": "Service", "clarity": "Clarity", "candour": "Candour", "goals": "Goals"}
ITEMS = [f"{dimension}_{number}" for dimension in DIMENSIONS for number in (1, 2, 3)]
WAVES = list(recruiting.WAVES)[:2]
DAYS = [day.isoformat() for day in recruiting.WAVES.values()][:2]
DEPARTMENTS = ("Logistics", "Production", "Sales", "Research", "Finance")
PLACES = ("Northmill", "Eastwater", "Upland")
SOURCES = ("ats_north", "ats_south")
#: Smallest and largest number of HR partners, and how many managers one has.
PARTNERS, MANAGERS = (3, 36), (2, 14)
#: Correlations: of one person's two waves, of one HR partner's sheets, and of two items on one factor (loading).
SAME_PERSON, SAME_PEN, LOADINGS = 0.5, 0.2, (0.0, 0.5, 0.75, 0.75)
#: From a standard normal answer to 1 to 5, and of the overall question to 0 to 10.
CUTS, OVERALL_CUTS = (-1.6, -0.7, 0.2, 1.2), np.linspace(-2.4, 2.1, 10)

CODEBOOK = """\
instrument: {name: Drawn form, version: "1", status: unvalidated, licence: CC BY 4.0}
responses:
  five: {type: rating, low: 1, high: 5, favourable_from: 4}
  eleven: {type: rating, low: 0, high: 10, favourable_from: 9}
dimensions:
"""
CODEBOOK += "".join(f"  - {{id: {name}, label: {label}, description: Drawn.}}\n" for name, label in DIMENSIONS.items())
CODEBOOK += "items:\n" + "".join(
    f"  - {{id: {item}, dimension: {item[:-2]}, response: five, text: Statement {item[-1]} on {item[:-2]}.}}\n"
    for item in ITEMS
)
CODEBOOK += "  - {id: again, dimension: null, response: eleven, role: outcome, text: Would you work together again?}\n"


@dataclass(frozen=True)
class Effects:
    """What is planted, in standard deviations of an answer's factor, or log hours and log hazards; chance has none.

    Attributes
    ----------
    gap, change, practice, group : float
        HR partners more than managers, on trust; managers’ second wave more than the first, on service; where the
        practice had begun, on goals; Logistics more than others, on all dimensions, of managers.
    manager, score, engagement : float
        Standard deviation of log hours to feedback between managers; log hours per point of the score of the wave
        before; log hazard of filling where all early steps are in time, against none.
    """

    gap: float = 0.0
    change: float = 0.0
    practice: float = 0.0
    group: float = 0.0
    manager: float = 0.0
    score: float = 0.0
    engagement: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """A study as written, and what tells studies apart."""

    folder: Path
    partners: int
    loading: float
    tables: dict[str, pd.DataFrame]


def draw(
    seed: int,
    folder: Path,
    effects: Effects | None = None,
    partners: tuple[int, int] = PARTNERS,
    loading: float | None = None,
    openings: int = 150,
) -> Drawn:
    """Write a study, and return what is in it.

    Parameters
    ----------
    seed : int
        Of all random numbers.
    folder : Path
        Where to write.
    effects : Effects, optional
        What is planted; nothing by default.
    partners : tuple of int
        Smallest and largest number of HR partners; drawn evenly on a log scale.
    loading : float, optional
        Of all items on one factor, 0 for independent items; drawn from :data:`LOADINGS` by default.
    openings : int
        Number of openings.

    Returns
    -------
    Drawn
        With its tables.
    """
    effects, random = effects or Effects(), np.random.default_rng([seed, 12])
    count = int(np.round(np.exp(random.uniform(np.log(partners[0] - 0.5), np.log(partners[1] + 0.5)))))
    loading = float(random.choice(LOADINGS)) if loading is None else loading
    people, pairs = _company(random, count, 0.3 if effects.group else None)
    draws = _lots(random, pairs)
    survey, means = _survey(random, people, pairs, draws, loading, effects)
    tables = {"people": people, "partnerships": pairs, "survey": survey, "practice_draws": draws}
    tables |= _hiring(seed, people, means, effects, openings) | _practice(random, pairs, draws)
    return Drawn(write(tables, folder), count, loading, tables)


def write(tables: dict[str, pd.DataFrame], folder: Path) -> Path:
    """Write a study folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    files = ", ".join(f"{name}: {name}.csv" for name in tables)
    (folder / "study.yaml").write_text(
        f"title: Drawn study\nas_of: {recruiting.AS_OF}\nprivacy: {{min_group: 5, min_model_n: 20}}\n"
        f"waves: [{', '.join(WAVES)}]\nattributes: [department, location]\nreleases: false\ntables: {{{files}}}\n",
        encoding="utf-8",
    )
    return folder


def _company(random: np.random.Generator, partners: int, first: float | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw who is there: HR partners with very unequal numbers of managers, and groups, the first of a given share."""
    low, high = MANAGERS
    sizes = np.minimum(low + random.geometric(0.2, partners) - 1, high)
    hr = [f"H{number:02d}" for number in range(partners)]
    managers = [f"M{number:03d}" for number in range(int(sizes.sum()))]
    pairs = pd.DataFrame({"hr_id": np.repeat(hr, sizes), "manager_id": managers})
    pairs.insert(0, "partnership_id", [f"P{number:03d}" for number in range(len(managers))])
    people = pd.DataFrame({"person_id": managers + hr})
    people["side"] = ["manager"] * len(managers) + ["hr"] * partners
    for name, labels in (("department", DEPARTMENTS), ("location", PLACES)):
        share = random.dirichlet(np.full(len(labels), 4.0))
        if first:
            share = np.r_[first, share[1:] / share[1:].sum() * (1 - first)]
        people[name] = random.choice(labels, len(people), p=share)
    return people, pairs.assign(start_date="2020-01-01", end_date="")


def _lots(random: np.random.Generator, pairs: pd.DataFrame) -> pd.DataFrame:
    """Draw half of the HR partners for a practice that begins between the waves."""
    hr = random.permutation(pairs["hr_id"].unique())
    begun = np.arange(len(hr)) < len(hr) // 2
    frame = pd.DataFrame({"practice": "role_swap", "hr_id": hr, "stratum": ""})
    frame["arm"] = np.where(begun, "treated", "control")
    frame["cohort"] = np.where(begun, "first", "")
    frame["starts_on"] = np.where(begun, "2025-09-01", "")
    return frame.assign(allocated_by="lot", drawn_on="2025-06-16")


def _survey(
    random: np.random.Generator,
    people: pd.DataFrame,
    pairs: pd.DataFrame,
    draws: pd.DataFrame,
    loading: float,
    effects: Effects,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the sheets of both waves; return them, and each manager's mean answer in each wave."""
    number = len(pairs)
    in_group = pairs["manager_id"].map(people.set_index("person_id")["department"]).eq("Logistics").to_numpy()
    begun = pairs["hr_id"].map(draws.set_index("hr_id")["arm"]).eq("treated").to_numpy()
    partner = pd.factorize(pairs["hr_id"])[0]
    shared = random.normal(size=partner.max() + 1)[partner]
    lasting = random.normal(size=(2, number))
    sheets, means = [], {}
    for wave, day in zip(WAVES, DAYS, strict=True):
        later = wave == WAVES[1]
        for place, side in enumerate(("manager", "hr")):
            is_hr = side == "hr"
            now = SAME_PERSON**0.5 * lasting[place] + (1 - SAME_PERSON) ** 0.5 * random.normal(size=number)
            if is_hr:
                now = (1 - SAME_PEN) ** 0.5 * now + SAME_PEN**0.5 * shared
            factor = loading * now[:, None] + (1 - loading**2) ** 0.5 * random.normal(size=(number, len(ITEMS) + 1))
            on = {dimension: [item.startswith(dimension) for item in [*ITEMS, ""]] for dimension in DIMENSIONS}
            if is_hr:
                factor[:, on["trust"]] += effects.gap
            else:
                factor += effects.group * in_group[:, None]
                factor[:, on["service"]] += later * effects.change
                factor[:, on["goals"]] += later * effects.practice * begun[:, None]
            answers = pd.DataFrame(np.searchsorted(CUTS, factor[:, :-1]) + 1, columns=ITEMS)
            answers["again"] = np.searchsorted(OVERALL_CUTS, factor[:, -1])
            if not is_hr:
                means[wave] = pd.Series(answers[ITEMS].mean(axis=1).to_numpy(), pairs["manager_id"])
            who = pairs[["partnership_id"]].assign(respondent_id=pairs[f"{side}_id"], wave=wave, submitted_at=day)
            there = random.random(number) < random.uniform(0.7, 0.95)
            sheets.append(pd.concat([who, answers], axis=1)[there])
    return pd.concat(sheets, ignore_index=True), pd.DataFrame(means)


def _hiring(
    seed: int, people: pd.DataFrame, means: pd.DataFrame, effects: Effects, openings: int
) -> dict[str, pd.DataFrame]:
    """Draw openings and their events as for the sample study, with these effects, in two sources."""
    planted = {
        "REQUISITIONS": openings,
        "MANAGER_SD": effects.manager,
        "SLOW_DEPARTMENT": {},
        "SCORE_EFFECT": effects.score,
        "ENGAGEMENT": effects.engagement,
        "LEVEL_HAZARD": {},
        "WAVES": {wave: recruiting.WAVES[wave] for wave in WAVES},
    }
    with mock.patch.multiple(recruiting, **planted, manager_scores=lambda company, answers: means.T):
        drawn = recruiting.write_hiring(seed, SimpleNamespace(people=people), None)
    recruiter = drawn.requisitions["recruiter_id"].str[1:].astype(int)
    sources = np.array(SOURCES)[(recruiter % 2).to_numpy()]
    return {"requisitions": drawn.requisitions.assign(source=sources), "hiring_events": drawn.events}


def _practice(random: np.random.Generator, pairs: pd.DataFrame, draws: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Let the pairs that were drawn take part, and promise one another something; chance decides what is kept."""
    took = pairs[pairs["hr_id"].isin(draws.loc[draws["arm"] == "treated", "hr_id"])]
    sides = ["hr", "manager"]
    rows = [took.assign(person_id=took[f"{side}_id"], session_id="S1") for side in sides]
    log = pd.concat(rows)[["session_id", "person_id", "partnership_id"]]
    log = log.assign(practice="role_swap", date="2025-09-08", hours=4.0, cohort="first", arm="treated", consent="yes")
    promised = pd.concat([took.assign(promised_by=side) for side in sides])[["partnership_id", "promised_by"]]
    promised = promised.loc[promised.index.repeat(2)].reset_index(drop=True)
    due = pd.Timestamp("2025-09-08") + pd.to_timedelta(random.integers(20, 60, len(promised)), "D")
    outcome = random.choice(["kept", "kept_late", "broken"], len(promised), p=[0.6, 0.25, 0.15])
    days = random.integers(1, 15, len(promised))
    closed = due + pd.to_timedelta(np.where(outcome == "kept", -days, days), "D")
    promised = promised.assign(session_id="S1", made_on="2025-09-08", due_on=due.strftime("%Y-%m-%d"), moved_on="")
    promised = promised.assign(moved_to="", closed_on=closed.strftime("%Y-%m-%d"), outcome=outcome)
    promised.insert(0, "commitment_id", [f"C{number:04d}" for number in range(len(promised))])
    held = {"session_id": "S1", "practice": "role_swap", "date": "2025-09-08", "came": len(log), "declined": 0}
    return {"practice_log": log, "commitments": promised, "practice_sessions": pd.DataFrame([held])}
