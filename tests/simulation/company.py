"""The fictional company: who works there, who is paired with whom, and which units practise when."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pandas as pd
import yaml

NAME = "Brambleford Foods"
AS_OF = date(2026, 6, 30)
WAVES = {"2025-H1": date(2025, 5, 5), "2025-H2": date(2025, 11, 3), "2026-H1": date(2026, 5, 4)}  # first day
DEPARTMENTS = {  # managers, HR partners; the last two fall below the minimum group and share others' HR partners
    "Production": (118, 8),
    "Logistics": (84, 7),
    "Sales": (84, 7),
    "Finance and IT": (65, 7),
    "Product Development": (62, 7),
    "Communications": (4, 0),
    "Legal": (3, 0),
}
HOST = "Product Development"  # its HR partners also serve the two small departments
LOCATIONS = {"Northmill": 0.26, "Eastwater": 0.22, "Harbourside": 0.20, "Stonefield": 0.18, "Upland": 0.14}
LEVELS = {"Team leader": 0.55, "Middle manager": 0.33, "Senior manager": 0.12}
PARTNER_LEVELS = {"HR partner": 0.7, "Senior HR partner": 0.3}
TENURES = {"under 2 years": (0.25, 60, 729), "2 to 9 years": (0.45, 730, 3649), "10 years or more": (0.30, 3650, 9000)}
EMPLOYEES = 600
CHANGED = 10  # managers who get another HR partner between the second and the third wave
CHANGE_DAY = date(2026, 2, 1)
SWAP_DAYS = {"treated": date(2025, 9, 1), "waitlist": date(2026, 2, 2)}  # first day of a cohort's role swaps
CALL_DAYS = {"treated": date(2025, 6, 2), "waitlist": date(2025, 12, 1)}  # first day of a cohort's customer calls

TEXTS = yaml.safe_load(files("simulation").joinpath("texts.yaml").read_text(encoding="utf-8"))


def generator(seed: int, domain: str) -> np.random.Generator:
    """Return the random numbers of one domain, so that a change in one table leaves the others as they were."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(domain.encode())]))


@dataclass(frozen=True)
class Company:
    """The roster and what is known about it by design.

    Parameters
    ----------
    people, partnerships, units
        Tables of the study.
    unit_arm
        Unit to ``treated``, ``waitlist`` or ``""``: when its pairs swap roles.
    caller_arm
        HR partner to ``treated`` or ``waitlist``: when customer calls begin.
    """

    people: pd.DataFrame
    partnerships: pd.DataFrame
    units: pd.DataFrame
    unit_arm: dict[str, str]
    caller_arm: dict[str, str]

    def pairs(self) -> pd.DataFrame:
        """Return the partnerships with the manager's attributes, unit, arms and role-swap arm of the pair."""
        managers = self.people.set_index("person_id")
        pairs = self.partnerships.copy()
        for column in ("department", "location", "level", "tenure"):
            pairs[column] = pairs["manager_id"].map(managers[column])
        pairs["unit"] = [unit_name(*place) for place in zip(pairs["department"], pairs["location"])]
        arm = pairs["unit"].map(self.unit_arm)
        old = pairs["end_date"] != ""
        new = pairs["start_date"] == CHANGE_DAY.isoformat()
        pairs["swap_arm"] = arm.mask(((arm == "treated") & new) | ((arm == "waitlist") & old), "")
        pairs["call_arm"] = pairs["hr_id"].map(self.caller_arm)
        return pairs

    def pairs_in(self, wave: str) -> pd.DataFrame:
        """Return the pairs that exist when a wave begins."""
        pairs, day = self.pairs(), WAVES[wave].isoformat()
        return pairs[(pairs["start_date"] <= day) & ((pairs["end_date"] == "") | (pairs["end_date"] > day))]


def unit_name(department: str, location: str) -> str:
    """Return the name of a team: the department at a location."""
    return f"{department} {location}"


def found(seed: int) -> Company:
    """Found the company: 36 HR partners, 420 managers in unequal clusters of 6 to 20, and employees."""
    rng = generator(seed, "company")
    managing = {name: count for name, (count, _) in DEPARTMENTS.items()}
    advising = {name: count for name, (_, count) in DEPARTMENTS.items()}
    working = {name: round(count * EMPLOYEES / sum(managing.values())) for name, count in managing.items()}
    partners = _side(rng, "hr", advising, PARTNER_LEVELS, range(36))
    managers = _side(rng, "manager", managing, LEVELS, range(36, 456))
    employees = _side(rng, "employee", working, {"Employee": 1.0}, None)
    people = pd.concat([partners, managers, employees], ignore_index=True)
    partnerships = _partnerships(rng, partners, managers)
    units, arms = _units(rng)
    halves = rng.permutation(np.repeat(["treated", "waitlist"], len(partners) // 2))
    return Company(people, partnerships, units, arms, dict(zip(partners["person_id"], halves.tolist())))


def quota(rng: np.random.Generator, count: int, shares: dict[str, float]) -> np.ndarray:
    """Return ``count`` labels in random order, each as often as its share says."""
    ends = np.round(np.cumsum(list(shares.values())) * count).astype(int)
    return rng.permutation(np.repeat(list(shares), np.diff(ends, prepend=0)))


def _attributes(rng: np.random.Generator, department: str, count: int, levels: dict[str, float]) -> pd.DataFrame:
    frame = pd.DataFrame({"department": [department] * count})
    small = DEPARTMENTS[department][1] == 0  # the small departments sit at head office
    frame["location"] = quota(rng, count, {next(iter(LOCATIONS)): 1.0} if small else LOCATIONS)
    frame["level"] = quota(rng, count, levels)
    frame["tenure"] = quota(rng, count, {tenure: share for tenure, (share, _, _) in TENURES.items()})
    days = [rng.integers(TENURES[tenure][1], TENURES[tenure][2] + 1) for tenure in frame["tenure"]]
    frame["start_date"] = [(WAVES["2025-H1"] - timedelta(days=int(day))).isoformat() for day in days]
    return frame


def _side(
    rng: np.random.Generator, side: str, counts: dict[str, int], levels: dict[str, float], names: range | None
) -> pd.DataFrame:
    parts = [_attributes(rng, department, count, levels) for department, count in counts.items() if count]
    frame = pd.concat(parts, ignore_index=True)
    width = len(str(len(frame)))
    frame.insert(0, "person_id", [f"{side[0].upper()}{number:0{width}d}" for number in range(1, len(frame) + 1)])
    frame.insert(1, "side", side)
    first, last = TEXTS["first_names"], TEXTS["last_names"]
    named = [f"{first[n % 40]} {last[(7 * n + n // 40) % 25]}" for n in names or ()]  # no two alike below 1,000
    frame["name"] = named or ""
    frame["email"] = [name and f"{name.lower().replace(' ', '.')}@brambleford.example" for name in frame["name"]]
    return frame


def cluster_sizes(rng: np.random.Generator, managers: int, partners: int, low: int = 6, high: int = 20) -> np.ndarray:
    """Divide managers among HR partners unequally, between ``low`` and ``high`` each."""
    sizes = np.full(partners, low)
    pull = rng.gamma(1.5, size=partners)
    while sizes.sum() < managers:
        open_to = pull * (sizes < high)
        sizes[rng.choice(partners, p=open_to / open_to.sum())] += 1
    return sizes


def _partnerships(rng: np.random.Generator, partners: pd.DataFrame, managers: pd.DataFrame) -> pd.DataFrame:
    served = managers["department"].where(managers["department"].map(lambda d: DEPARTMENTS[d][1] > 0), HOST)
    hr = pd.Series(index=managers.index, dtype=object)
    for department, ids in partners.groupby("department", sort=False)["person_id"]:
        rows = np.flatnonzero(served == department)
        slots = np.repeat(ids.to_numpy(), cluster_sizes(rng, len(rows), len(ids)))
        # Managers of the small departments each have another HR partner, so that their few answers together never
        # describe only one or two partners.
        guests = rows[managers["department"].iloc[rows] != department]
        first = np.flatnonzero(np.r_[True, slots[1:] != slots[:-1]])[: len(guests)]
        hr.iloc[guests] = slots[first]
        hr.iloc[rng.permutation(np.setdiff1d(rows, guests))] = np.delete(slots, first)
    frame = pd.DataFrame({"hr_id": hr, "manager_id": managers["person_id"], "department": served})
    began = partners.set_index("person_id")["start_date"]
    frame["start_date"] = np.maximum(frame["hr_id"].map(began), managers["start_date"])
    frame["end_date"] = ""
    frame = pd.concat([frame, _changes(rng, frame)], ignore_index=True)
    frame.insert(0, "partnership_id", [f"P{number:03d}" for number in range(1, len(frame) + 1)])
    return frame.drop(columns="department")


def _changes(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """End some partnerships in place and return those that follow; clusters stay between 6 and 20."""
    rows = []
    for index in rng.permutation(len(frame)):
        old = frame.loc[index]
        sizes = frame.loc[frame["department"] == old["department"], "hr_id"].value_counts().sort_index()
        others = sizes[(sizes < 18) & (sizes.index != old["hr_id"])]
        if sizes[old["hr_id"]] < 10 or others.empty or old["hr_id"] in [row["left"] for row in rows]:
            continue
        frame.loc[index, "end_date"] = (CHANGE_DAY - timedelta(days=1)).isoformat()
        rows.append({**old, "left": old["hr_id"], "hr_id": rng.choice(others.index)})
        if len(rows) == CHANGED:
            break
    new = pd.DataFrame(rows).drop(columns="left")
    return new.assign(start_date=CHANGE_DAY.isoformat(), end_date="").sort_values("manager_id")


def _units(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    rows = [{"unit": NAME, "parent": "", "department": "", "location": ""}]
    arms: dict[str, str] = {}
    for department, (_, partners) in DEPARTMENTS.items():
        rows.append({"unit": department, "parent": NAME, "department": department, "location": ""})
        places = list(LOCATIONS) if partners else list(LOCATIONS)[:1]
        teams = [unit_name(department, place) for place in places]
        # two teams of each department swap early, two late, one does not: arms are balanced by department
        drawn = rng.permutation(["treated", "treated", "waitlist", "waitlist", ""]) if partners else [""]
        arms.update(zip(teams, map(str, drawn)))
        rows += [
            {"unit": team, "parent": department, "department": department, "location": place}
            for team, place in zip(teams, places)
        ]
    return pd.DataFrame(rows), arms
