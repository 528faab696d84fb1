"""Answers to the partnership instrument from a graded response model, and the survey table made of them.

Samejima's graded response model: ``P(answer >= k) = logistic(a (theta - b_k))`` with one latent trait ``theta`` per
dimension, pair, side and wave. A trait is the sum of a planned part (dimension, side, department, practices) and of
three random parts with variances that add up to 1: the HR partner, the pair, and the occasion. Each random part is
shared between the two sides and between the dimensions to a stated degree.

References
----------
Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
Psychometrika Monograph 17.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr

from .company import TEXTS, WAVES, Company, generator

DIMENSIONS = (
    "listening", "shared_goals", "follow_through", "candour", "open_communication", "conflict", "respect_trust",
    "knowledge", "outward_focus", "ownership",
)  # fmt: skip
SIDES = ("manager", "hr")
ITEMS = 3
REVERSED = {("follow_through", 3), ("open_communication", 3), ("conflict", 3)}
TURNED = np.array([[(dimension, item) in REVERSED for item in range(1, ITEMS + 1)] for dimension in DIMENSIONS])
STEPS = np.array([-2.4, -1.3, -0.2, 1.4])  # thresholds b_k of the first item
DISCRIMINATION = np.array([2.3, 1.9, 1.6])  # a of the three items of a dimension
HARDER = np.array([0.0, 0.2, -0.1])  # added to the thresholds of the three items
VARIANCE = {"partner": 0.10, "pair": 0.55, "occasion": 0.35}
BETWEEN_SIDES = {"partner": 0.3, "pair": 0.4, "occasion": 0.2}  # correlation of the two sides' parts
GENERAL = 0.55  # correlation between dimensions within every part

MANAGER_LEVEL = dict(zip(DIMENSIONS, (-0.1, 0.0, -0.2, 0.2, -0.1, 0.1, 0.3, -0.4, -0.5, 0.3)))
GAP = {  # HR minus managers before any practice; outward focus closes once every HR partner has been on calls
    "listening": 0.85, "shared_goals": 0.75, "follow_through": 0.85, "candour": 0.0, "open_communication": 0.75,
    "conflict": 0.0, "respect_trust": 0.0, "knowledge": 0.0, "outward_focus": 0.9, "ownership": -0.85,
}  # fmt: skip
DEPARTMENT = {"Logistics": -0.9}
SWAP = {"listening": 0.9, "follow_through": 0.9}  # role swap, both sides
CALLS = {"outward_focus": 0.9}  # customer calls of the HR partner, as managers see it
OUTCOME = {"listening": 0.45, "follow_through": 0.45, "respect_trust": 0.40}  # own traits; all others have none
PARTNER = 0.40  # weight of the other side's mean trait
OUTCOME_CENTRE, OUTCOME_SCALE, OUTCOME_NOISE = 6.6, 1.4, 0.45
EMPLOYEE_LEVEL = (0.0, 0.2, -0.3, -0.8, 0.1, 0.0, 0.4, -0.4)  # of the eight items about HR

RESPONSE = {"manager": 1.45, "hr": 2.3}  # log odds of answering
RESPONSE_EFFECTS = {("department", "Logistics"): -1.1, ("tenure", "under 2 years"): -1.0}  # of managers, log odds
PERSISTENCE = 0.5  # correlation over waves of a person's inclination to answer
SKIPPED, STRAIGHT = 0.015, 0.02  # shares of items left out and of questionnaires answered with one value
STRAIGHT_VALUES = {3: 0.3, 4: 0.5, 5: 0.2}


@dataclass(frozen=True)
class Answers:
    """Answers of all pairs.

    Parameters
    ----------
    items
        Wave, pair, side (``SIDES``), dimension, item; reverse-scored already; NaN where not answered.
    outcome
        Wave, pair, side; 0 to 10.
    answered
        Wave, pair, side; whether a questionnaire was sent in.
    """

    items: np.ndarray
    outcome: np.ndarray
    answered: np.ndarray


def planned(pairs: pd.DataFrame, wave: str) -> np.ndarray:
    """Return the planned part of the traits: pair, side, dimension."""
    order = list(WAVES)
    levels = np.array([MANAGER_LEVEL[d] for d in DIMENSIONS])
    theta = np.stack([levels, levels + np.array([GAP[d] for d in DIMENSIONS])])[None].repeat(len(pairs), axis=0)
    theta += pairs["department"].map(DEPARTMENT).fillna(0.0).to_numpy()[:, None, None]
    reached = {"treated": order.index(wave) >= 1, "waitlist": order.index(wave) >= 2, "": False}
    swapped = pairs["swap_arm"].map(reached).to_numpy(float)
    called = pairs["call_arm"].map(reached).to_numpy(float)
    theta += swapped[:, None, None] * np.array([SWAP.get(d, 0.0) for d in DIMENSIONS])
    theta[:, 0] += called[:, None] * np.array([CALLS.get(d, 0.0) for d in DIMENSIONS])
    return theta


def random_part(rng: np.random.Generator, count: int, source: str) -> np.ndarray:
    """Draw one random part of the traits: unit of ``source``, side, dimension."""
    between = BETWEEN_SIDES[source]

    def two_sides(width: int) -> np.ndarray:
        common = rng.standard_normal((count, 1, width))
        return np.sqrt(between) * common + np.sqrt(1 - between) * rng.standard_normal((count, 2, width))

    part = np.sqrt(GENERAL) * two_sides(1) + np.sqrt(1 - GENERAL) * two_sides(len(DIMENSIONS))
    return np.sqrt(VARIANCE[source]) * part


def traits(rng: np.random.Generator, cluster: np.ndarray, plans: list[np.ndarray]) -> np.ndarray:
    """Return the traits: wave, pair, side, dimension. ``cluster`` is the number of each pair's HR partner."""
    stable = random_part(rng, cluster.max() + 1, "partner")[cluster] + random_part(rng, len(cluster), "pair")
    return np.stack([plan + stable + random_part(rng, len(cluster), "occasion") for plan in plans])


def graded(rng: np.random.Generator, theta: np.ndarray) -> np.ndarray:
    """Draw answers 1 to 5 to the three items of each dimension (last axis of the result)."""
    uniform = rng.random((*theta.shape, ITEMS))
    answers = np.ones(uniform.shape)
    for step in STEPS:
        answers += uniform < expit(DISCRIMINATION * (theta[..., None] - step - HARDER))
    return answers


def expected(theta: np.ndarray, item: int = 0) -> np.ndarray:
    """Return the expected answer over the random parts (variance 1) by Gauss-Hermite quadrature with 40 nodes."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    steps = STEPS + HARDER[item]
    chances = expit(DISCRIMINATION[item] * (np.asarray(theta)[..., None, None] + nodes[:, None] - steps))
    return 1 + (chances.sum(-1) * weights).sum(-1) / weights.sum()


def outcomes(rng: np.random.Generator, theta: np.ndarray) -> np.ndarray:
    """Draw the overall rating 0 to 10 from both sides' traits; the residual is logistic."""
    own = theta @ np.array([OUTCOME.get(d, 0.0) for d in DIMENSIONS])
    partner = PARTNER * theta[..., ::-1, :].mean(axis=-1)
    noise = rng.logistic(scale=OUTCOME_NOISE, size=own.shape)
    return np.clip(np.rint(OUTCOME_CENTRE + OUTCOME_SCALE * (own + partner + noise)), 0, 10)


def responding(rng: np.random.Generator, pairs: pd.DataFrame, cluster: np.ndarray, waves: int) -> np.ndarray:
    """Draw who answers: wave, pair, side. An HR partner answers about all managers or not at all."""
    logit = np.full(len(pairs), RESPONSE["manager"])
    for (attribute, value), effect in RESPONSE_EFFECTS.items():
        logit += effect * (pairs[attribute] == value).to_numpy()
    managers = _persistent(rng, pd.factorize(pairs["manager_id"])[0], waves) < expit(logit)
    partners = _persistent(rng, cluster, waves) < expit(RESPONSE["hr"])
    return np.stack([managers, partners], axis=-1)


def _persistent(rng: np.random.Generator, person: np.ndarray, waves: int) -> np.ndarray:
    """Return uniform numbers, wave by person, alike over waves (Gaussian copula), so that margins stay exact."""
    people = person.max() + 1
    common, own = rng.standard_normal(people), rng.standard_normal((waves, people))
    return ndtr(np.sqrt(PERSISTENCE) * common + np.sqrt(1 - PERSISTENCE) * own)[:, person]


def answer(rng: np.random.Generator, pairs: pd.DataFrame, exists: np.ndarray, full: bool = False) -> Answers:
    """Let all pairs answer in all waves.

    Parameters
    ----------
    rng
        Random numbers.
    pairs
        Pairs with attributes and arms, as ``Company.pairs``.
    exists
        Wave by pair: whether the pair exists.
    full
        HR partners answer all 30 items; otherwise the short form.
    """
    cluster = pd.factorize(pairs["hr_id"])[0]
    theta = traits(rng, cluster, [planned(pairs, wave) for wave in WAVES])
    items, outcome = graded(rng, theta), outcomes(rng, theta)
    answered = responding(rng, pairs, cluster, len(WAVES)) & exists[..., None]
    straight = rng.random(answered.shape) < STRAIGHT
    value = rng.choice(list(STRAIGHT_VALUES), answered.shape, p=list(STRAIGHT_VALUES.values()))
    same = np.broadcast_to(value[..., None, None], items.shape).astype(float)
    items = np.where(straight[..., None, None], np.where(TURNED, 6 - same, same), items)
    items[rng.random(items.shape) < SKIPPED] = np.nan
    outcome[rng.random(outcome.shape) < SKIPPED] = np.nan
    items[~answered], outcome[~answered] = np.nan, np.nan
    if not full:
        items[:, :, 1, :, 1:] = np.nan
    return Answers(items, outcome, answered)


def existing(company: Company, pairs: pd.DataFrame) -> np.ndarray:
    """Return wave by pair: whether the pair exists when the wave begins."""
    return np.stack([pairs["partnership_id"].isin(company.pairs_in(w)["partnership_id"]) for w in WAVES])


def item_columns() -> list[str]:
    """Return the ids of the 30 items in the order of the codebook."""
    return [f"{dimension}_{item}" for dimension in DIMENSIONS for item in range(1, ITEMS + 1)]


def as_answered(items: np.ndarray) -> np.ndarray:
    """Return scored items (row, dimension, item) as they were answered: reverse-scored ones turned back, flat."""
    return np.where(TURNED, 6 - items, items).reshape(len(items), -1)


def survey(seed: int, company: Company) -> tuple[pd.DataFrame, Answers]:
    """Return the survey table and the answers behind it."""
    pairs = company.pairs()
    given = answer(generator(seed, "answers"), pairs, existing(company, pairs))
    rng = generator(seed, "survey")
    parts = [_questionnaires(rng, pairs, given, wave, side) for wave in range(len(WAVES)) for side in range(len(SIDES))]
    table = pd.concat([*parts, _employees(rng, company)], ignore_index=True)
    table["comment"] = _comments(rng, table, company)
    table = table.sort_values(["submitted_at", "respondent_id", "partnership_id"], ignore_index=True)
    return table, given


def _questionnaires(
    rng: np.random.Generator, pairs: pd.DataFrame, given: Answers, wave: int, side: int
) -> pd.DataFrame:
    rows = np.flatnonzero(given.answered[wave, :, side])
    frame = pd.DataFrame(as_answered(given.items[wave, rows, side]), columns=item_columns())
    frame["work_again"] = given.outcome[wave, rows, side]
    respondent = pairs["manager_id" if SIDES[side] == "manager" else "hr_id"].to_numpy()[rows]
    frame.insert(0, "respondent_id", respondent)
    frame.insert(1, "partnership_id", pairs["partnership_id"].to_numpy()[rows])
    frame.insert(2, "wave", list(WAVES)[wave])
    frame.insert(3, "submitted_at", _submitted(rng, pd.Series(respondent), list(WAVES)[wave]))
    return frame


def _submitted(rng: np.random.Generator, respondent: pd.Series, wave: str) -> list[str]:
    """Return times in the three weeks of a wave; one sitting per respondent, three minutes per partner rated."""
    workdays = [0, 1, 2, 3, 4, 7, 8, 9, 10, 14, 15]
    people = respondent.unique()
    days, minutes = rng.choice(workdays, len(people)), rng.integers(8 * 60, 17 * 60, len(people))
    first = datetime.combine(WAVES[wave], time())
    start = {
        person: first + timedelta(days=int(day), minutes=int(minute))
        for person, day, minute in zip(people, days, minutes)
    }
    nth = respondent.groupby(respondent).cumcount()
    return [(start[p] + timedelta(minutes=3 * int(n))).isoformat(" ", "minutes") for p, n in zip(respondent, nth)]


def _employees(rng: np.random.Generator, company: Company) -> pd.DataFrame:
    """Let about half of the employees answer the eight items about HR in the last wave."""
    people = company.people[company.people["side"] == "employee"]
    people = people[rng.random(len(people)) < 0.5]
    theta = rng.standard_normal((len(people), 1)) + np.array(EMPLOYEE_LEVEL)
    answers = graded(rng, theta)[..., 0]
    answers[rng.random(answers.shape) < SKIPPED] = np.nan
    frame = pd.DataFrame(answers, columns=[f"employee_view_{item}" for item in range(1, 9)])
    frame.insert(0, "respondent_id", people["person_id"].to_numpy())
    frame.insert(1, "partnership_id", "")
    frame.insert(2, "wave", list(WAVES)[-1])
    frame.insert(3, "submitted_at", _submitted(rng, frame["respondent_id"], list(WAVES)[-1]))
    return frame


def _comments(rng: np.random.Generator, table: pd.DataFrame, company: Company) -> pd.Series:
    """Write comments: about one manager in eight and a few HR partners, most often on what scores low."""
    people = company.people.set_index("person_id")
    side = table["respondent_id"].map(people["side"])
    chance = side.map({"manager": 0.12, "hr": 0.03, "employee": 0.0})
    comments = pd.Series("", index=table.index)
    for row in np.flatnonzero(rng.random(len(table)) < chance):
        themes = TEXTS["comments"][side[row]]
        theme = str(rng.choice(list(themes)))
        comments[row] = _filled(rng, str(rng.choice(themes[theme])), people)
    special = [*TEXTS["identifying_comments"] * 2, *TEXTS["markup_comments"]]
    for text in special:
        row = rng.choice(np.flatnonzero((side == "manager") & (comments == "")))
        comments[row] = _filled(rng, text, people)
    return comments


def _filled(rng: np.random.Generator, text: str, people: pd.DataFrame) -> str:
    person = people[people["name"] != ""].iloc[rng.integers(0, 456)]
    month = str(rng.choice(["January", "March", "April", "September", "October"]))
    return text.format(
        month=month, name=person["name"], first=person["name"].split()[0], email=person["email"],
        number=f"{rng.integers(100, 1000)}",
    )  # fmt: skip
