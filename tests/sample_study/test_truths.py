"""The planted truths are well formed, can be found, and come back from the files of the sample study.

A direct estimate may differ from its truth by ``LIMIT`` standard errors. With about 140 truths a limit of 1.96 would
fail seven tests for no reason; 3.5 fails one in fifteen samples. It was fixed before the sample was looked at.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import yaml
from scipy import optimize, stats
from simulation import study as sample_study
from simulation.recruiting import LANDMARK, early_engagement
from simulation.survey_truths import measures
from simulation.truths import TEXTS
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.power import TTestPower

from helpers.data import Study

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TRUTHS = {row["id"]: row for row in yaml.safe_load((SAMPLE / "truths.yaml").read_text(encoding="utf-8"))["truths"]}
LIMIT = 3.5


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.load(SAMPLE, merged=False)


def assert_recovered(id: str, estimate: float) -> None:
    truth = TRUTHS[id]
    distance = (estimate - truth["value"]) / truth["standard_error"]
    assert abs(distance) < LIMIT, f"{id}: estimate {estimate:.3f}, truth {truth['value']}, {distance:.1f} SE apart"


# Form and power


def test_ids_are_unique():
    rows = yaml.safe_load((SAMPLE / "truths.yaml").read_text(encoding="utf-8"))["truths"]
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_truths_are_well_formed(truth):
    assert truth["kind"] in ("effect", "null", "quantity")
    assert truth["zero"] == (truth["kind"] == "null")
    assert (truth["value"] == 0) == truth["zero"]
    assert truth["standard_error"] > 0
    assert truth["df"] > 0
    assert "{" not in truth["statement"] + truth["estimand"]
    assert ("power" in truth) == (truth["kind"] == "effect")


def test_every_planned_truth_is_written():
    written = {id.rsplit("_", 1)[0] for id in TRUTHS} | set(TRUTHS)
    assert [name for name in TEXTS if name not in written and not any(i.startswith(name) for i in written)] == []


def test_there_are_effects_and_nulls_for_every_practice_question():
    for notebook in {truth["notebook"] for truth in TRUTHS.values()}:
        kinds = {truth["kind"] for truth in TRUTHS.values() if truth["notebook"] == notebook}
        assert {"effect", "null"} <= kinds, notebook


@pytest.mark.parametrize("id", [id for id, truth in TRUTHS.items() if truth["kind"] == "effect"])
def test_effects_can_be_found(id):
    """Recomputed with statsmodels, which parametrises by effect size and number of observations."""
    truth = TRUTHS[id]
    shift, observations = min(abs(truth["value"]) / truth["standard_error"], 8), truth["df"] + 1
    power = TTestPower().power(shift / np.sqrt(observations), observations, 0.05, df=truth["df"])
    assert power == pytest.approx(truth["power"]["value"], abs=0.001)
    assert power >= 0.95


# Survey


@pytest.fixture(scope="module")
def scores(study) -> dict[tuple[str, str], pd.DataFrame]:
    """Scale scores (all items for managers, short form for HR) per side and wave, by partnership."""
    responses, book = study.responses(), study.codebook
    result = {}
    for (side, wave), rows in responses.groupby(["side", "wave"]):
        if side == "employee":
            continue
        columns = {}
        for dimension in [d.id for d in book.dimensions if d.id != "employee_view"]:
            items = book.scale_items(dimension, side, short_form=True if side == "hr" else None)
            turned = pd.concat([6 - rows[i.id] if i.reverse else rows[i.id] for i in items], axis=1)
            columns[dimension] = turned.mean(axis=1).where(turned.notna().sum(axis=1) * 2 >= len(items))
        result[side, wave] = pd.DataFrame(columns).set_index(rows["partnership_id"])
    return result


def test_gaps_come_back(study, scores):
    managers = study.responses(wave="2026-H1").query("side == 'manager'").set_index("partnership_id")
    for dimension in scores["hr", "2026-H1"]:
        gap = scores["hr", "2026-H1"][dimension] - managers[f"{dimension}_1"]
        assert_recovered(f"gap_{dimension}", gap.mean())


def test_means_and_changes_come_back(scores):
    for dimension in scores["hr", "2026-H1"]:
        last = scores["manager", "2026-H1"][dimension].mean()
        assert_recovered(f"mean_manager_{dimension}", last)
        assert_recovered(f"mean_hr_{dimension}", scores["hr", "2026-H1"][dimension].mean())
        assert_recovered(f"change_{dimension}", last - scores["manager", "2025-H1"][dimension].mean())


def test_drivers_come_back(study, scores):
    x = scores["manager", "2026-H1"]
    managers = study.responses(wave="2026-H1").query("side == 'manager'").set_index("partnership_id")
    data = x.assign(y=managers["work_again"]).dropna()
    data = (data - data.mean()) / data.std()
    weights = sm.OLS(data["y"], data[list(x)]).fit().params
    for dimension in x:
        assert_recovered(f"driver_{dimension}", weights[dimension])


def test_all_survey_measures_come_back():
    sample = sample_study.simulate()
    found = measures(sample.company.pairs(), sample.answers)
    assert len(found) > 100
    for id, estimate in found.items():
        assert_recovered(id, estimate)


def test_response_odds_come_back(study):
    roster = study.roster().query("side == 'manager' and wave == '2026-H1'")
    design = pd.DataFrame(
        {
            "department": roster["department"] == "Logistics",
            "tenure": roster["tenure"] == "under 2 years",
            "location": roster["location"] == "Northmill",
            "level": roster["level"] == "Team leader",
        }
    )
    fit = sm.Logit(roster["responded"].astype(float), sm.add_constant(design.astype(float))).fit(disp=False)
    for attribute in design:
        assert_recovered(f"response_{attribute}", fit.params[attribute])


def test_employee_items_come_back(study):
    answers = study.responses(wave="2026-H1").query("side == 'employee'").filter(like="employee_view").dropna()
    told = answers["employee_view_4"] - answers.drop(columns="employee_view_4").mean(axis=1)
    assert_recovered("employee_told", told.mean())
    assert_recovered("employee_heard_fair", (answers["employee_view_1"] - answers["employee_view_6"]).mean())


# Hiring


def test_early_engagement_goes_with_filling_sooner(study):
    requisitions = study.requisitions.set_index("requisition_id")
    share = early_engagement(study.requisitions, study.hiring_events)
    rows = requisitions.loc[share.index]
    end = rows["closed_at"].fillna(pd.Timestamp("2026-06-30 23:59"))
    days = (end - rows["approved_at"]).dt.total_seconds() / 86400 - LANDMARK
    design = pd.DataFrame(
        {
            "fill_engagement": share,
            "fill_location": rows["location"] == "Northmill",
            "specialist": rows["level"] == "Specialist",
            "manager": rows["level"] == "Manager",
        }
    ).astype(float)
    fit = PHReg(days, design, status=(rows["close_reason"] == "filled").astype(int)).fit()
    assert_recovered("fill_engagement", fit.params[0])
    assert_recovered("fill_location", fit.params[1])


@pytest.fixture(scope="module")
def feedback(study) -> pd.DataFrame:
    """One row per interview held: log hours to feedback or to the end of waiting, and what goes with it."""
    events = study.hiring_events.set_index(["requisition_id", "candidate_id"])
    requisitions = study.requisitions.set_index("requisition_id")

    def times(event: str) -> pd.Series:
        return events.loc[events["event"] == event, "at"]

    held = times("interview_held").rename("held").to_frame()
    given = times("feedback_given").reindex(held.index)
    closed = held.index.get_level_values(0).map(requisitions["closed_at"])
    stopped = pd.concat([times("candidate_withdrawn").reindex(held.index), pd.Series(closed, held.index)], axis=1)
    stopped = stopped.min(axis=1).fillna(pd.Timestamp("2026-06-30 23:59"))
    end = given.fillna(stopped)
    rows = requisitions.loc[held.index.get_level_values(0)]
    frame = pd.DataFrame(
        {
            "requisition": rows.index,
            "manager": rows["hiring_manager_id"].to_numpy(),
            "sales": (rows["department"] == "Sales").to_numpy(float),
            "north": (rows["location"] == "Northmill").to_numpy(float),
            "given": given.notna().to_numpy(),
            "log_hours": np.log((end - held["held"]).dt.total_seconds().to_numpy() / 3600),
        }
    )
    score = _scores_before(study, rows)
    return frame.assign(score=np.nan_to_num(score - 3.5), answered=np.isfinite(score))


def _scores_before(study: Study, requisitions: pd.DataFrame) -> np.ndarray:
    responses = study.responses().query("side == 'manager'")
    items = study.codebook.scale_items(side="manager")
    turned = pd.concat([6 - responses[i.id] if i.reverse else responses[i.id] for i in items], axis=1)
    scores = turned.mean(axis=1).groupby([responses["wave"], responses["respondent_id"]]).mean()
    ends = {"2025-H1": "2025-05-26", "2025-H2": "2025-11-24", "2026-H1": "2026-05-25"}
    result = []
    for manager, opened in zip(requisitions["hiring_manager_id"], requisitions["opened_at"]):
        ended = [wave for wave, day in ends.items() if pd.Timestamp(day) < opened.normalize()]
        result.append(scores.get((ended[-1], manager), np.nan) if ended else np.nan)
    return np.array(result, dtype=float)


def test_time_to_feedback_comes_back(feedback):
    """Log-normal maximum likelihood with right-censoring; consistent without modelling the clusters."""
    x = np.column_stack([np.ones(len(feedback)), feedback[["sales", "score", "north", "answered"]].astype(float)])
    y, given = feedback["log_hours"].to_numpy(), feedback["given"].to_numpy()

    def negative(parameters):
        z, spread = (y - x @ parameters[:-1]) / np.exp(parameters[-1]), parameters[-1]
        return -(stats.norm.logpdf(z[given]) - spread).sum() - stats.norm.logsf(z[~given]).sum()

    fit = optimize.minimize(negative, np.r_[y.mean(), np.zeros(5)], method="BFGS").x
    for id, estimate in zip(["feedback_sales", "feedback_score", "feedback_location"], fit[1:4]):
        assert_recovered(id, estimate)


def test_share_of_the_manager_in_time_to_feedback_comes_back(feedback):
    """Mixed model by REML with manager and requisition, of feedback that was given."""
    given = feedback[feedback["given"]]
    fit = sm.MixedLM.from_formula(
        "log_hours ~ sales + score + north + answered", given, groups="manager", re_formula="1",
        vc_formula={"requisition": "0 + C(requisition)"},
    ).fit()  # fmt: skip
    manager, requisition = fit.cov_re.iloc[0, 0], fit.vcomp[0]
    assert_recovered("feedback_manager_share", manager / (manager + requisition + fit.scale))


# Teams


@pytest.mark.parametrize(
    ("id", "metric"),
    [
        ("turnover_score", "voluntary_turnover"),
        ("complaints_score", "quality_complaints"),
        ("output_score", "output_per_employee"),
    ],
)
def test_outcomes_of_teams_come_back(study, id, metric):
    responses = study.responses().query("side == 'manager'")
    items = study.codebook.scale_items(side="manager")
    turned = pd.concat([6 - responses[i.id] if i.reverse else responses[i.id] for i in items], axis=1)
    unit = responses["department"] + " " + responses["location"]
    teams = turned.mean(axis=1).groupby([responses["wave"], unit])
    scores = teams.mean()[teams.size() >= 5]
    wave = {"2025-Q3": "2025-H1", "2025-Q4": "2025-H1", "2026-Q1": "2025-H2", "2026-Q2": "2025-H2"}
    rows = study.outcomes[(study.outcomes["metric"] == metric) & study.outcomes["period"].isin(wave)]
    x = pd.Series([scores.get((wave[p], u), np.nan) for p, u in zip(rows["period"], rows["unit"])], index=rows.index)
    rows, x = rows[x.notna()], sm.add_constant(x.dropna())
    if metric == "output_per_employee":
        fit = sm.OLS(rows["value"], x).fit()
    else:
        fit = sm.GLM(rows["value"], x, family=sm.families.Poisson(), exposure=rows["denominator"]).fit()
    assert_recovered(id, fit.params.iloc[1])


@pytest.mark.parametrize(
    ("id", "item", "trend"),
    [
        ("pulse_step", "hr_and_managers_pull_together", False),
        ("pulse_step_workload", "workload_is_manageable", False),
        ("pulse_step_recommend", "would_recommend_us", True),
    ],
)
def test_level_changes_of_the_pulse_come_back(study, id, item, trend):
    log = study.practice_log.query("practice == 'role_swap' and arm == 'treated'")
    managers = study.people.set_index("person_id").loc[lambda people: people["side"] == "manager"]
    swapped = managers.loc[managers.index.intersection(log["person_id"])]
    teams = set(swapped["department"] + " " + swapped["location"])
    assert len(teams) == 10
    rows = study.pulse[study.pulse["unit"].isin(teams) & (study.pulse["item"] == item)]
    series = rows.groupby("month")["mean"].mean()
    x = pd.DataFrame({"step": (series.index >= pd.Timestamp("2025-10-01")).astype(float), "one": 1.0}, series.index)
    if trend:
        x["month"] = np.arange(len(x))
    assert_recovered(id, sm.GLSAR(series, x, rho=1).iterative_fit(10).params["step"])


# Practices, cases, messages


def test_guessing_and_asking_come_back(study):
    swaps = study.practice_log.query("practice == 'role_swap'")["session_id"]
    answers = study.practice_answers.merge(study.people[["person_id", "side"]])
    hits = answers[answers["field"].isin(["hits_guessed", "hits_asked"]) & answers["session_id"].isin(swaps)]
    hits = hits.assign(value=hits["value"].astype(float))
    means = hits.groupby("field")["value"].mean()
    assert_recovered("hits_asking", means["hits_asked"] - means["hits_guessed"])
    sides = hits[hits["field"] == "hits_guessed"].groupby("side")["value"].mean()
    assert_recovered("hits_side", sides["hr"] - sides["manager"])


def test_promises_kept_come_back(study):
    ended = study.commitments.query("outcome != 'open' and promised_by != 'both' and due_on <= '2026-05-31'")
    log = study.practice_log.query("practice == 'role_swap'").drop_duplicates("partnership_id")
    first = ended["partnership_id"].map(log.set_index("partnership_id")["arm"]) == "treated"
    x = pd.DataFrame({"one": 1.0, "hr": ended["promised_by"] == "hr", "first": first}).astype(float)
    fit = sm.OLS((ended["outcome"] == "kept").astype(float), x).fit()
    assert_recovered("kept_side", fit.params["hr"])
    assert_recovered("kept_cohort", fit.params["first"])


def test_cases_come_back(study):
    cases = study.cases
    days = (cases["first_reply_on"] - cases["opened_on"]).dt.days
    means = days.groupby(cases["anonymous"].astype(bool)).mean()
    assert_recovered("reply_anonymous", np.log(means[True] / means[False]))
    closed = cases[cases["outcome"] != "open"]
    upheld = closed["outcome"].isin(["upheld", "partly_upheld"]).groupby(closed["anonymous"].astype(bool)).mean()
    assert_recovered("upheld_anonymous", upheld[True] - upheld[False])


def test_who_can_say_the_message_comes_back(study):
    counts = study.recall.groupby(["audience", "round"])[["asked", "recalled"]].sum()
    shares = (counts["recalled"] / counts["asked"]).unstack()
    change = shares["day_30"] - shares["before"]
    assert_recovered("recall_employees", change["employee"])
    assert_recovered("recall_customers", change["customer"])


def test_messages_come_back(study):
    messages = study.messages
    caring = messages[messages["attribute"] == "caring"]
    inside = caring["audience"] == "employee"
    assert_recovered("brand_caring", caring.loc[~inside, "rating"].mean() - caring.loc[inside, "rating"].mean())
    means = messages.groupby("audience")["rating"].mean()
    assert_recovered("brand_outside", means["customer"] - means["candidate"])
    outside = messages[messages["audience"] != "employee"]
    years = pd.to_datetime(outside["found_on"]).map(pd.Timestamp.toordinal) / 365.25
    assert_recovered("brand_time", np.polyfit(years, outside["rating"].astype(float), 1)[0])
    coders = messages.pivot(index="message_id", columns="coder_id")
    assert_recovered("coder_rating", coders["rating"].corr().iloc[0, 1])
    table = pd.crosstab(coders["attribute"].iloc[:, 0], coders["attribute"].iloc[:, 1], normalize=True)
    agreed, chance = np.trace(table), table.sum(axis=1) @ table.sum(axis=0)
    assert_recovered("coder_kappa", (agreed - chance) / (1 - chance))
