"""What is true of the partnership survey, found by letting 200 companies of the same design answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit

from .answers import CALLS, DIMENSIONS, GAP, OUTCOME, RESPONSE, RESPONSE_EFFECTS, SWAP, Answers, answer, existing
from .company import Company, generator
from .truths import Truth

COPIES = 200


def population(seed: int, company: Company, copies: int = COPIES) -> tuple[pd.DataFrame, list[Answers]]:
    """Let copies of the company answer, each with the same people, pairs and arms; return pairs and answers."""
    pairs = company.pairs()
    exists = existing(company, pairs)
    rng = generator(seed, "population")
    return pairs, [answer(rng, pairs, exists) for _ in range(copies)]


def pooled(pairs: pd.DataFrame, copies: list[Answers]) -> tuple[pd.DataFrame, Answers]:
    """Join copies to one large company with one cluster per HR partner and copy."""
    parts = [pairs.assign(hr_id=pairs["hr_id"] + f"/{number}") for number in range(len(copies))]
    fields = ("items", "outcome", "answered")
    joined = {name: np.concatenate([getattr(copy, name) for copy in copies], axis=1) for name in fields}
    return pd.concat(parts, ignore_index=True), replace(copies[0], **joined)


def measures(pairs: pd.DataFrame, given: Answers) -> dict[str, float]:
    """Estimate everything that the survey was planted with, by the simplest estimator of each estimand."""
    scores = _scores(given.items[:, :, 0])  # managers: wave, pair, dimension
    short = given.items[..., 0]  # wave, pair, side, dimension
    found = _by_dimension("gap", np.nanmean(short[2, :, 1] - short[2, :, 0], axis=0))
    found |= _by_dimension("change", np.nanmean(scores[2], axis=0) - np.nanmean(scores[0], axis=0))
    found |= _by_dimension("mean_manager", np.nanmean(scores[2], axis=0))
    found |= _by_dimension("mean_hr", np.nanmean(short[2, :, 1], axis=0))
    reliability = [_reliability(given.items[2, :, 0, d]) for d in range(len(DIMENSIONS))]
    found |= _by_dimension("alpha", [alpha for alpha, _ in reliability])
    found |= _by_dimension("omega", [omega for _, omega in reliability])
    swap, call = pairs["swap_arm"].to_numpy(), pairs["call_arm"].to_numpy()
    found |= _by_dimension("swap", _contrast(scores[1], swap == "treated", swap == "waitlist", pairs["department"]))
    found |= _by_dimension("call", _contrast(scores[1], call == "treated", call == "waitlist", pairs["department"]))
    overall = scores[2].mean(axis=1)
    logistics, north = (pairs["department"] == "Logistics").to_numpy(), (pairs["location"] == "Northmill").to_numpy()
    found["department_logistics"] = np.nanmean(overall[logistics]) - np.nanmean(overall[~logistics])
    found["location_northmill"] = float(_contrast(overall[:, None], north, ~north, pairs["department"])[0])
    found["icc_hr_partner"] = _icc(overall, pairs["hr_id"].to_numpy())
    found |= _drivers(scores[2], given.outcome[2, :, 0])
    return found | _two_sides(short.mean(axis=-1), given.outcome)


def _by_dimension(name: str, values: np.ndarray | list[float]) -> dict[str, float]:
    return {f"{name}_{dimension}": float(value) for dimension, value in zip(DIMENSIONS, values)}


def _scores(items: np.ndarray) -> np.ndarray:
    """Return scale scores: the mean of the items where at least two of three are answered."""
    count = np.isfinite(items).sum(-1)
    return np.where(count >= 2, np.nansum(items, axis=-1) / np.maximum(count, 1), np.nan)


def _reliability(items: np.ndarray) -> tuple[float, float]:
    """Return Cronbach's alpha and omega of three items; with three items one factor fits the covariances exactly."""
    cov = np.cov(items[np.isfinite(items).all(axis=1)].T)
    alpha = 1.5 * (1 - np.trace(cov) / cov.sum())
    (a, b, c) = cov[0, 1], cov[0, 2], cov[1, 2]
    loadings = np.sqrt([a * b / c, a * c / b, b * c / a])
    return float(alpha), float(loadings.sum() ** 2 / cov.sum())


def _contrast(scores: np.ndarray, one: np.ndarray, other: np.ndarray, strata: pd.Series) -> np.ndarray:
    """Return per column the difference of two groups adjusted for department (regression with department effects)."""
    result = []
    for column in scores.T:
        kept = (one | other) & np.isfinite(column)
        frame = pd.DataFrame({"arm": one[kept].astype(float), "score": column[kept]})
        frame -= frame.groupby(strata.to_numpy()[kept]).transform("mean")
        result.append((frame["arm"] * frame["score"]).sum() / (frame["arm"] ** 2).sum())
    return np.array(result)


def _icc(score: np.ndarray, cluster: np.ndarray) -> float:
    """Return ICC(1) by one-way analysis of variance for unequal groups."""
    groups = pd.Series(score).groupby(cluster)
    size, mean, var = groups.count(), groups.mean(), groups.var()
    size, mean, var = size[size > 1], mean[size > 1], var[size > 1]
    total, groups_n = size.sum(), len(size)
    between = (size * (mean - np.average(mean, weights=size)) ** 2).sum() / (groups_n - 1)
    within = ((size - 1) * var).sum() / (total - groups_n)
    typical = (total - (size**2).sum() / total) / (groups_n - 1)
    return float((between - within) / (between + (typical - 1) * within))


def _drivers(scores: np.ndarray, outcome: np.ndarray) -> dict[str, float]:
    """Return standardised regression weights and relative weights (Johnson 2000) of the ten dimensions."""
    data = np.column_stack([scores, outcome])
    r = np.corrcoef(data[np.isfinite(data).all(axis=1)].T)
    rxx, rxy = r[:-1, :-1], r[:-1, -1]
    values, vectors = np.linalg.eigh(rxx)
    root = vectors * np.sqrt(values) @ vectors.T
    weights = root**2 @ np.linalg.solve(root, rxy) ** 2
    shares = _by_dimension("relative_weight", weights / weights.sum())
    return _by_dimension("driver", np.linalg.solve(rxx, rxy)) | shares


def _two_sides(short: np.ndarray, outcome: np.ndarray) -> dict[str, float]:
    """Return actor and partner effects, congruence slopes and the correlation of the two views, over all waves."""
    own, partner, rating = short[..., 0].ravel(), short[..., 1].ravel(), outcome[..., 0].ravel()
    kept = np.isfinite(own + partner + rating)
    x, y, z = own[kept] - 3, partner[kept] - 3, rating[kept]
    linear = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x, y]), z, rcond=None)[0]
    surface = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y]), z, rcond=None)[0]
    return {
        "actor": float(linear[1]),
        "partner": float(linear[2]),
        "congruence_a1": float(surface[1] + surface[2]),
        "congruence_a2": float(surface[3] + surface[4] + surface[5]),
        "congruence_a3": float(surface[1] - surface[2]),
        "congruence_a4": float(surface[3] - surface[4] + surface[5]),
        "agreement_of_views": float(np.corrcoef(x, y)[0, 1]),
    }


def survey_truths(seed: int, company: Company, copies: int = COPIES) -> list[Truth]:
    """Return what is true of the survey."""
    pairs, answers = population(seed, company, copies)
    each = pd.DataFrame([measures(pairs, one) for one in answers])
    values = measures(*pooled(pairs, answers))
    basis = (
        f"value: {copies} simulated companies of the same design pooled; standard error, with its design effect: "
        "the standard deviation over them"
    )
    truths = []
    for id, value in values.items():
        dimension = next((d for d in DIMENSIONS if id.endswith(f"_{d}")), "")
        text = id.removesuffix(f"_{dimension}") if dimension else id
        kind = _kind(text, dimension)
        label = dimension.replace("_", " ").capitalize()
        value = 0.0 if kind == "null" else value
        truths.append(Truth(id, kind, value, float(each[id].std()), basis, text=text, label=label))
    return truths


def _kind(measure: str, dimension: str) -> str:
    """Return whether a measure was planted as an effect, as zero, or is just a quantity."""
    planted = {
        "gap": GAP.get(dimension, 0.0) != CALLS.get(dimension, 0.0),  # calls close the gap by the last wave
        "change": dimension in SWAP or dimension in CALLS,
        "swap": dimension in SWAP,
        "call": dimension in CALLS,
        "location_northmill": False,
    }
    if measure in planted:
        return "effect" if planted[measure] else "null"
    driving = measure == "driver" and dimension in OUTCOME
    effects = ("actor", "partner", "congruence_a1", "congruence_a3", "department_logistics")
    return "effect" if driving or measure in effects else "quantity"


def response_truths(company: Company) -> list[Truth]:
    """Return the log odds ratios of responding in one wave, with standard errors from the expected information."""
    managers = company.people[company.people["side"] == "manager"]
    terms = [*RESPONSE_EFFECTS, ("location", "Northmill"), ("level", "Team leader")]
    columns = [(managers[attribute] == value).to_numpy(float) for attribute, value in terms]
    design = np.column_stack([np.ones(len(managers)), *columns])
    effects = [RESPONSE_EFFECTS.get(term, 0.0) for term in terms]
    chance = expit(design @ [RESPONSE["manager"], *effects])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (chance * (1 - chance))[:, None]))))[1:]
    basis = "value: set; standard error: inverse of the expected information of the logit"
    df = len(managers) - len(terms) - 1
    return [
        Truth(
            f"response_{attribute}", "effect" if effect else "null", effect, float(error), basis, df, "response", value
        )
        for (attribute, value), effect, error in zip(terms, effects, errors)
    ]
