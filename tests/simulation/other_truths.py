"""What is true of the other tables: parameters as set, standard errors from the design that was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from . import cases, messages, outcomes, practice, recall, recruiting
from .answers import EMPLOYEE_LEVEL, expected
from .company import Company
from .truths import Truth


def hiring_truths(hired: recruiting.HiringTables) -> list[Truth]:
    """Return the truths of requisitions and events."""
    return [*_fill_truths(hired), *_feedback_truths(hired.feedback)]


def _fill_truths(hired: recruiting.HiringTables) -> list[Truth]:
    requisitions = hired.requisitions.set_index("requisition_id")
    share = recruiting.early_engagement(hired.requisitions, hired.events)
    filled = requisitions.loc[share.index, "close_reason"] == "filled"
    north = requisitions.loc[share.index, "location"] == "Northmill"
    basis = "value: set; standard error: 1 / sqrt(fills x variance of the predictor)"
    df = requisitions["hiring_manager_id"].nunique() - 2
    error = [1 / np.sqrt(filled.sum() * predictor.astype(float).var()) for predictor in (share, north)]
    return [
        Truth("fill_engagement", "effect", recruiting.ENGAGEMENT, error[0], basis, df),
        Truth("fill_location", "null", 0.0, error[1], basis, df),
    ]


def _feedback_truths(feedback: pd.DataFrame) -> list[Truth]:
    """Return truths of time to feedback; standard errors by generalised least squares with the variances set."""
    asked = feedback["score"].notna()
    design = pd.DataFrame(
        {
            "intercept": 1.0,
            "feedback_sales": (feedback["department"] == "Sales") * 1.0,
            "feedback_score": (feedback["score"] - recruiting.SCORE_CENTRE).fillna(0.0),
            "feedback_location": (feedback["location"] == "Northmill") * 1.0,
            "answered": asked * 1.0,
        }
    )
    parts = np.array([recruiting.MANAGER_SD, recruiting.REQUISITION_SD, recruiting.CHANCE_SD]) ** 2
    information, of_variances = np.zeros((design.shape[1],) * 2), np.zeros((3, 3))
    for _, rows in feedback.groupby("manager"):
        x, requisition = design.loc[rows.index].to_numpy(), rows["requisition"].to_numpy()
        same = requisition[:, None] == requisition[None, :]
        shapes = [np.ones(same.shape), same.astype(float), np.eye(len(rows))]
        inverse = np.linalg.inv(sum(part * shape for part, shape in zip(parts, shapes)))
        information += x.T @ inverse @ x
        halves = [inverse @ shape for shape in shapes]
        of_variances += [[0.5 * np.sum(one * other.T) for other in halves] for one in halves]
    errors = dict(zip(design.columns, np.sqrt(np.diag(np.linalg.inv(information)))))
    managers = feedback["manager"].nunique()
    basis = "value: set; standard error: generalised least squares with the set variances, for the interviews drawn"
    slow = recruiting.SLOW_DEPARTMENT["Sales"]
    values = {"feedback_sales": slow, "feedback_score": recruiting.SCORE_EFFECT, "feedback_location": 0.0}
    answering = feedback.loc[asked, "manager"].nunique()
    truths = [
        Truth(id, "effect" if value else "null", value, errors[id], basis, answering - 5)
        for id, value in values.items()
    ]
    return [*truths, _manager_share(parts, of_variances, managers)]


def _manager_share(parts: np.ndarray, information: np.ndarray, managers: int) -> Truth:
    """Return the managers' share of the variance; standard error by the delta method."""
    share = parts[0] / parts.sum()
    slope = (np.array([1.0, 0.0, 0.0]) - share) / parts.sum()
    error = float(np.sqrt(slope @ np.linalg.solve(information, slope)))
    basis = "value: set; standard error: expected information of the variances, delta method, for the interviews drawn"
    return Truth("feedback_manager_share", "quantity", share, error, basis, managers - 1)


def outcome_truths(tables: dict[str, pd.DataFrame], scores: pd.DataFrame) -> list[Truth]:
    """Return the truths of quarterly outcomes; the information of a Poisson slope is sum of mean x (x - mean x)^2."""
    table = tables["outcomes"].astype({"value": float}).query("period >= '2025-Q3'")
    waves = [outcomes.wave_before(pd.Period(period.replace("-", ""), "Q")) for period in table["period"]]
    table["score"] = [scores.at[wave, unit] for wave, unit in zip(waves, table["unit"])]
    table = table.dropna(subset="score")
    size = pd.to_numeric(table["denominator"])
    shift = np.exp(outcomes.TURNOVER_EFFECT * (table["score"] - recruiting.SCORE_CENTRE))
    weight = {
        "voluntary_turnover": outcomes.TURNOVER * size * shift,
        "quality_complaints": outcomes.COMPLAINTS * size / 1000,
        "output_per_employee": pd.Series(outcomes.OUTPUT_SD**-2, index=table.index),
    }
    values = {"turnover_score": outcomes.TURNOVER_EFFECT, "complaints_score": 0.0, "output_score": 0.0}
    truths = []
    for (id, value), (metric, w) in zip(values.items(), weight.items()):
        rows = table["metric"] == metric
        centred = table.loc[rows, "score"] - np.average(table.loc[rows, "score"], weights=w[rows])
        error = float(1 / np.sqrt((w[rows] * centred**2).sum()))
        basis = "value: set; standard error: 1 / sqrt(information) for the teams and quarters drawn"
        truths.append(Truth(id, "effect" if value else "null", value, error, basis, table["unit"].nunique() - 2))
    return truths


def pulse_truths(company: Company) -> list[Truth]:
    """Return the level changes; standard errors by generalised least squares with the set autocorrelation."""
    months, teams = len(outcomes.MONTHS), list(company.unit_arm.values()).count("treated")
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    variance = outcomes.PULSE_SD**2 * outcomes.PERSISTENCE**lag / teams
    step = (outcomes.step_month("treated") <= outcomes.MONTHS).astype(float)
    basis = "value: set; standard error: generalised least squares, autoregressive errors, mean of the teams"

    def error(*terms: np.ndarray) -> float:
        x = np.column_stack([step, np.ones(months), *terms])
        return float(np.sqrt(np.linalg.inv(x.T @ np.linalg.solve(variance, x))[0, 0]))

    plain, trended = error(), error(np.arange(months))
    return [
        Truth("pulse_step", "effect", outcomes.STEP, plain, basis, months - 3),
        Truth("pulse_step_workload", "null", 0.0, plain, basis, months - 3),
        Truth("pulse_step_recommend", "null", 0.0, trended, basis, months - 4),
    ]


def practice_truths(tables: dict[str, pd.DataFrame]) -> list[Truth]:
    """Return the truths of role swaps and of promises; standard errors are binomial, promises of a pair correlated."""
    log, answers = tables["practice_log"], tables["practice_answers"]
    swaps = answers["session_id"].isin(log.loc[log["practice"] == "role_swap", "session_id"])
    people = (swaps & (answers["field"] == "hits_guessed")).sum()
    guessed, asked = practice.GUESSED, practice.ASKED
    spread = [practice.PRIORITIES * p * (1 - p) for p in (guessed, asked)]
    gain = practice.PRIORITIES * (asked - guessed)
    ended = tables["commitments"].query("due_on <= '2026-05-31' and outcome != 'open' and promised_by != 'both'")
    sides = ended["promised_by"].value_counts()
    kept = {side: practice.KEPT[side] for side in ("hr", "manager")}
    variance = {side: chance * (1 - chance) for side, chance in kept.items()}
    alike = 2 * practice.TOGETHER * np.sqrt(variance["hr"] * variance["manager"]) / sides.max()
    by_side = np.sqrt(sum(variance[side] / sides[side] for side in kept) - alike)
    pooled = sum(variance[side] * sides[side] for side in kept) / len(ended)
    pairs = ended["partnership_id"].nunique()
    pooled *= 1 + practice.TOGETHER * (len(ended) / pairs - 1)
    first = ended["partnership_id"].isin(_first_cohort(log)).mean()
    by_cohort = np.sqrt(pooled / len(ended) / (first * (1 - first)))
    basis = "value: set; standard error: binomial"
    promised = f"{basis}, promises of a pair correlated by {practice.TOGETHER:g}"
    return [
        Truth("hits_asking", "effect", gain, float(np.sqrt(sum(spread) / people)), basis, int(people) - 1),
        Truth("hits_side", "null", 0.0, float(np.sqrt(spread[0] * 4 / people)), basis, int(people) - 2),
        Truth("kept_side", "effect", kept["hr"] - kept["manager"], float(by_side), promised, pairs - 1),
        Truth("kept_cohort", "null", 0.0, float(by_cohort), promised, pairs - 2),
    ]


def _first_cohort(log: pd.DataFrame) -> pd.Series:
    return log.loc[(log["practice"] == "role_swap") & (log["arm"] == "treated"), "partnership_id"]


def case_truths(table: pd.DataFrame) -> list[Truth]:
    """Return the truths of employee-relations cases."""
    anonymous = table["anonymous"] == "yes"
    means = {True: cases.REPLY_DAYS * cases.ANONYMOUS_RATIO, False: cases.REPLY_DAYS}
    replied = table["first_reply_on"] != ""
    wait = sum((1 / means[a] + 1 / cases.SHAPE) / (replied & (anonymous == a)).sum() for a in (True, False))
    closed = table["outcome"] != "open"
    upheld = cases.OUTCOMES["upheld"] + cases.OUTCOMES["partly_upheld"]
    share = sum(upheld * (1 - upheld) / (closed & (anonymous == a)).sum() for a in (True, False))
    basis = "value: set; standard error: {} for the cases drawn"
    return [
        Truth("reply_anonymous", "effect", float(np.log(cases.ANONYMOUS_RATIO)), float(np.sqrt(wait)),
              basis.format("negative binomial, (1 / mean + 1 / shape) / cases summed over groups"), len(table) - 2),
        Truth("upheld_anonymous", "null", 0.0, float(np.sqrt(share)), basis.format("binomial"), int(closed.sum()) - 2),
    ]  # fmt: skip


def message_truths() -> list[Truth]:
    """Return the truths of the employer-brand statements, by integration over the statements' latent tone."""
    mean = {True: _rating_moments(True), False: _rating_moments(False)}
    per_cell = messages.STATEMENTS // len(messages.CHANNELS) // len(messages.ATTRIBUTES)
    caring, others = messages.CORRECT, 1 - messages.CORRECT  # each of the four others is miscoded caring at a quarter
    inside = caring * mean[True][0] + others * mean[False][0]
    gap = mean[False][0] - inside
    variance = mean[False][1]
    right = messages.CORRECT**2 + (1 - messages.CORRECT) ** 2 / (len(messages.ATTRIBUTES) - 1)
    chance = 1 / len(messages.ATTRIBUTES)
    n = messages.STATEMENTS
    spread = mean[False][2] + (mean[False][1] - mean[False][2]) / 2  # of the mean of two coders
    correlation = _coder_correlation(mean)
    basis = "value: integrated over the model; standard error: {}"
    return [
        Truth("brand_caring", "effect", gap, float(np.sqrt(variance * (1 / (2 * per_cell) + 1 / per_cell))),
              basis.format("of statements as units, coders counted once"), 3 * per_cell - 2),
        Truth("brand_outside", "null", 0.0, float(np.sqrt(2 * spread / (n / 3))),
              basis.format("of statement means over two coders"), 2 * n // 3 - 2),
        Truth("brand_time", "null", 0.0, float(np.sqrt(spread / (2 * n / 3) / (messages.MONTHS**2 / 12**3))),
              basis.format("of statement means over two coders, on days spread evenly"), 2 * n // 3 - 2),
        Truth("coder_kappa", "quantity", (right - chance) / (1 - chance),
              float(np.sqrt(right * (1 - right) / n) / (1 - chance)), basis.format("binomial"), n - 1),
        Truth("coder_rating", "quantity", correlation, (1 - correlation**2) / np.sqrt(n - 1),
              basis.format("(1 - r squared) / sqrt(n - 1)"), n - 2),
    ]  # fmt: skip


def recall_truths() -> list[Truth]:
    """Return the truths of who can say the message, by integration over the places in which people are asked."""
    basis = "value: {}; standard error: places as units, integrated over the model"
    (more, error), (_, error_of_customers) = recall.change("employee"), recall.change("customer")
    return [
        Truth("recall_employees", "effect", more, error, basis.format("integrated over the model"),
              recall.PLACES["employee"] - 1),
        Truth("recall_customers", "null", 0.0, error_of_customers, basis.format("set"), recall.PLACES["customer"] - 1),
    ]  # fmt: skip


def _rating_moments(inside: bool) -> tuple[float, float, float]:
    """Return mean and variance of a rating, and the covariance of two coders' ratings of a statement."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    theta = messages.LEVEL + (messages.INSIDE["caring"] if inside else 0.0) + messages.STATEMENT_SD * nodes
    above = norm.cdf((theta[:, None] - messages.CUTS) / messages.CODER_SD)
    given = 1 + above.sum(axis=1)
    square = 1 + (above * (2 * np.arange(1, 5) + 1)).sum(axis=1)  # k^2 grows by 2k + 1 from k to k + 1
    mean = weights @ given
    return float(mean), float(weights @ square - mean**2), float(weights @ given**2 - mean**2)


def _coder_correlation(moments: dict[bool, tuple[float, float, float]]) -> float:
    """Return the correlation of two coders' ratings over all statements."""
    inside = 1 / len(messages.CHANNELS) / len(messages.ATTRIBUTES)
    between = inside * (1 - inside) * (moments[True][0] - moments[False][0]) ** 2
    variance = inside * moments[True][1] + (1 - inside) * moments[False][1] + between
    covariance = inside * moments[True][2] + (1 - inside) * moments[False][2] + between
    return covariance / variance


def employee_truths(survey: pd.DataFrame) -> list[Truth]:
    """Return the truths of the employees' items; the items share one trait, so that they correlate."""
    levels = np.array(EMPLOYEE_LEVEL)
    means = np.array([float(expected(level)) for level in levels])
    answers = survey[[f"employee_view_{item}" for item in range(1, 9)]].dropna()
    told = answers["employee_view_4"] - answers.drop(columns="employee_view_4").mean(axis=1)
    fair = answers["employee_view_1"] - answers["employee_view_6"]
    basis = "value: integrated over the model; standard error: standard deviation of the difference over root n"
    n = len(answers)
    return [
        Truth("employee_told", "effect", means[3] - np.delete(means, 3).mean(), told.std() / np.sqrt(n), basis, n - 1),
        Truth("employee_heard_fair", "null", 0.0, fair.std() / np.sqrt(n), basis, n - 1),
    ]
