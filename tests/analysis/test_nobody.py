"""Whatever a chapter calls takes studies in which somebody is missing: it gives its columns, and says what is unknown.

Chapters hold no conditions, so nothing may stop where nobody answered, one side or one HR partner did, or one wave.
"""

import datetime
import functools
import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.hiring import engagement, metrics, records
from helpers.analysis.methods import agreement, between_groups, clustered, dominance, formulas, funnel_plot, weighting
from helpers.analysis.survey import (
    aggregation,
    answer_quality,
    comments,
    dyads,
    errors_in_variables,
    participation,
    questions,
    readiness,
    response_surface,
    scales,
    structure,
)
from helpers.data import Codebook
from helpers.data.tables import TABLES

pytestmark = pytest.mark.slow

RATED = [f"{dimension}_{number}" for dimension in ("trust", "candour") for number in (1, 2, 3)]
BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Two dimensions"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}, "words": {"type": "text"}},
        "dimensions": [{"id": "trust"}, {"id": "candour"}],
        "items": [
            {
                "id": item,
                "dimension": item.split("_")[0],
                "response": "agreement",
                "text": "…",
                "reverse": item[-1] == "3",
            }
            for item in RATED
        ]
        + [
            {"id": "again", "role": "outcome", "response": "agreement", "text": "…"},
            {"id": "comment", "role": "comment", "response": "words", "text": "…"},
        ],
    }
)
WAVES = ["2025", "2026"]
AS_OF = datetime.date(2026, 6, 30)


def survey():
    """Both views of 120 partnerships of 12 HR partners, in two waves."""
    random = np.random.default_rng(4)
    pair = np.arange(120)
    frames = []
    for wave in WAVES:
        for side in ("hr", "manager"):
            frame = pd.DataFrame({"partnership_id": [f"p{i}" for i in pair], "wave": wave, "side": side})
            frame["hr_id"] = frame["cluster_id"] = [f"h{i % 12}" for i in pair]
            frame["manager_id"] = [f"m{i}" for i in pair]
            own, other = ("hr_id", "manager_id") if side == "hr" else ("manager_id", "hr_id")
            frame["respondent_id"], frame["rated_id"] = frame[own], frame[other]
            frame["submitted_at"] = pd.Timestamp(f"{wave}-05-01")
            frame["department"] = np.where(pair % 3 == 0, "Sales", "Plant")
            level = random.normal(size=12)[pair % 12]
            for item in [*RATED, "again"]:
                frame[item] = np.clip(np.round(3.4 + 0.6 * level + random.normal(size=120)), 1, 5)
            frame["comment"] = pd.Series(np.where(pair % 2 == 0, "They listen.", None), dtype="str")
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


SURVEY = survey()
ROSTER = SURVEY.drop_duplicates(["respondent_id", "wave"]).assign(responded=lambda rows: rows.index % 5 > 0)
ROSTER = ROSTER.rename(columns={"respondent_id": "person_id"})[
    ["person_id", "wave", "side", "cluster_id", "department", "responded"]
]


def scored(rows):
    return scales.scores(rows, BOOK)


def pairs(rows):
    return dyads.paired_scores(scored(rows))


def surface(rows):
    joined = dyads.with_outcome(pairs(rows), scales.outcome_scores(rows, BOOK), "again")
    return response_surface.prepare(joined[joined["dimension"] == "trust"], 50)


def weighted(rows):
    return weighting.weighted_mean(scored(rows).assign(weight=1.0), "score", by=["dimension"], raked_to=["department"])


def ranked(rows):
    wide = dyads.ratings_and_outcome(scored(rows), scales.outcome_scores(rows, BOOK), "again", "manager")
    names = [name for name in ("trust", "candour") if name in wide]
    return dominance.importance(wide, "outcome", names, bootstrap=200)


def uncertain(rows):
    known = errors_in_variables.scores_with_error(scored(rows), rows, BOOK)
    return errors_in_variables.with_errors(pairs(rows), known)


OF_ANSWERS = {
    "answer_quality.completeness": lambda rows: answer_quality.completeness(rows, BOOK),
    "answer_quality.careless": lambda rows: answer_quality.careless(rows, BOOK),
    "answer_quality.signs": lambda rows: answer_quality.signs(rows, BOOK, "manager"),
    "answer_quality.with_and_without": lambda rows: answer_quality.with_and_without(rows, BOOK, "manager", 1),
    "answer_quality.least_answered": lambda rows: answer_quality.least_answered(rows, BOOK),
    "agreement.group_reliability": lambda rows: agreement.group_reliability(scored(rows), "department"),
    "clustered.difference": lambda rows: clustered.difference(
        scored(rows), "score", between="side", first="manager", second="hr", by=["dimension"]
    ),
    "comments.theme_shares": lambda rows: comments.theme_shares(rows, "comment", {"ear": ["listen*"]}, by=["side"]),
    "comments.verbatims": lambda rows: comments.verbatims(rows, "comment", True),
    "dominance.importance": ranked,
    "dyads.pairing": dyads.pairing,
    "dyads.paired_scores": pairs,
    "dyads.perception_gap": lambda rows: dyads.perception_gap(pairs(rows)),
    "dyads.similarity": lambda rows: dyads.similarity(pairs(rows)),
    "dyads.profile_similarity": lambda rows: dyads.profile_similarity(pairs(rows)),
    "dyads.accuracy": lambda rows: dyads.accuracy(pairs(rows)),
    "dyads.variance_components": lambda rows: dyads.variance_components(scored(rows)),
    "dyads.reciprocity": lambda rows: dyads.reciprocity(pairs(rows)),
    "between_groups.variance_share": lambda rows: between_groups.variance_share(
        scored(rows), "department", "score_100", by=["dimension"]
    ),
    "questions.shares": lambda rows: questions.shares(rows, BOOK, "manager"),
    "questions.recommended": lambda rows: questions.recommended(rows, BOOK, "manager"),
    "errors_in_variables.error_variance": lambda rows: errors_in_variables.error_variance(rows, BOOK),
    "errors_in_variables.tracking": lambda rows: errors_in_variables.tracking(uncertain(rows)),
    "errors_in_variables.agreement": lambda rows: errors_in_variables.agreement(uncertain(rows)),
    "errors_in_variables.joint_actor_partner": lambda rows: errors_in_variables.joint_actor_partner(
        errors_in_variables.overall(dyads.with_outcome(uncertain(rows), scales.outcome_scores(rows, BOOK), "again"))
    ),
    "dyads.actor_partner": lambda rows: dyads.actor_partner(
        dyads.with_outcome(pairs(rows), scales.outcome_scores(rows, BOOK), "again")
    ),
    "readiness.planned_analyses": lambda rows: readiness.planned_analyses(rows, BOOK, ["department"], WAVES, ROSTER),
    "response_surface.prepare": surface,
    "response_surface.parameters": lambda rows: response_surface.parameters(surface(rows)),
    "response_surface.verdict": lambda rows: response_surface.verdict(response_surface.parameters(surface(rows))),
    "response_surface.grid": lambda rows: response_surface.grid(surface(rows), 5),
    "response_surface.density": lambda rows: response_surface.density(
        surface(rows), response_surface.grid(surface(rows), 5), 5
    ).to_frame(),
    "scales.scores": scored,
    "scales.outcome_scores": lambda rows: scales.outcome_scores(rows, BOOK),
    "scales.summary": lambda rows: scales.summary(scored(rows)),
    "scales.side_by_side": lambda rows: scales.side_by_side(scales.summary(scored(rows)), scales.MEASURES),
    "scales.across_dimensions": lambda rows: scales.across_dimensions(scored(rows)),
    "scales.reliability": lambda rows: scales.reliability(rows, BOOK, "manager"),
    "scales.reliability_compared": lambda rows: scales.reliability_compared(rows, BOOK, "manager"),
    "scales.within_group": lambda rows: scales.within_group(rows, BOOK, "department", "manager"),
    "aggregation.groups_that_agree": lambda rows: aggregation.groups_that_agree(
        rows, BOOK, {"department": "Department"}, "manager"
    ),
    "aggregation.told_apart": lambda rows: aggregation.told_apart(rows, BOOK, "rated_id", "manager"),
    "scales.item_analysis": lambda rows: scales.item_analysis(rows, BOOK, "manager"),
    "structure.parallel_analysis": lambda rows: structure.parallel_analysis(rows, BOOK, "manager", draws=100),
    "structure.factor_analysis": lambda rows: structure.factor_analysis(rows, BOOK, "manager", 2).loadings,
    "structure.invariance": lambda rows: structure.invariance(rows, BOOK, "side", "manager", "hr", draws=100),
    "weighting.weighted_mean": weighted,
    "weighting.compare_with_benchmark": lambda rows: weighting.compare_with_benchmark(weighted(rows), 3.5, "X", 2025),
}  # fmt: skip
ANSWERS = {
    "nobody": SURVEY[:0],
    "HR only": SURVEY[SURVEY["side"] == "hr"],
    "managers only": SURVEY[SURVEY["side"] == "manager"],
    "one wave": SURVEY[SURVEY["wave"] == WAVES[1]],
    "one HR partner": SURVEY[SURVEY["hr_id"] == "h0"],
    "all values missing": SURVEY.assign(**dict.fromkeys([*RATED, "again"], np.nan), comment=None),
}
#: What every result says, or leaves out where nobody is known.
WHERE_KNOWN = {"rated"}


def of(call, rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return call(rows.copy())


@functools.cache
def columns_of_everybody(name):
    return {*of(OF_ANSWERS[name], SURVEY)}


@pytest.mark.parametrize("who", ANSWERS)
@pytest.mark.parametrize("name", OF_ANSWERS)
def test_whoever_is_missing_the_columns_stay(name, who):
    found = of(OF_ANSWERS[name], ANSWERS[who])
    assert {*found} | WHERE_KNOWN == columns_of_everybody(name) | WHERE_KNOWN
    if "note" in found and "estimate" in found and name != "readiness.planned_analyses":  # which has lights
        silent = found["estimate"].isna() & ~found["note"].fillna("").str.startswith("cannot tell")
        assert not silent.any()


OF_ROSTERS = {
    "participation.response_rates": lambda rows: participation.response_rates(rows, ["side", "wave"]),
    "participation.asked": lambda rows: participation.asked(rows, ["department"]),
    "weighting.rake": lambda rows: weighting.rake(rows, weighting.margins(ROSTER, ["department"])).weights.to_frame(),
    "weighting.margins": lambda rows: pd.DataFrame(weighting.margins(rows, ["department"])),
}


@pytest.mark.parametrize("who", ["nobody", "one side", "unknown"])
@pytest.mark.parametrize("name", OF_ROSTERS)
def test_rosters_of_nobody_keep_their_columns(name, who):
    rows = {"nobody": ROSTER[:0], "one side": ROSTER[ROSTER["side"] == "hr"], "unknown": ROSTER.assign(department=None)}
    assert list(of(OF_ROSTERS[name], rows[who])) == list(of(OF_ROSTERS[name], ROSTER))
    assert participation.formula(ROSTER[:0], ["department", "wave"]) == "responded ~ 1"


# hiring --------------------------------------------------------------------------------------------------------


STEPS = ["intake_held", "cv_sent", "cv_reviewed", "interview_scheduled", "interview_held", "feedback_given"]
STEPS += ["offer_extended", "offer_accepted"]


def declared(frame, table):
    """Give a frame the columns and types that a study's table has."""
    frame = frame.reindex(columns=list(TABLES[table].columns))
    moments = [name for name in frame if name == "at" or name.endswith("_at")]
    frame[moments] = frame[moments].apply(lambda times: pd.to_datetime(times).astype("datetime64[us]"))
    return frame.astype({name: "str" for name in frame if name not in moments})


def hiring():
    """Forty openings of ten managers, three in four filled, with a step every two days or so."""
    random = np.random.default_rng(3)
    number = np.arange(40)
    opened = pd.Timestamp("2026-01-05 09:00") + pd.to_timedelta(number, "D")
    openings = pd.DataFrame({"requisition_id": [f"R{i}" for i in number], "opened_at": opened, "approved_at": opened})
    openings["hiring_manager_id"] = [f"M{i % 10}" for i in number]
    openings["department"] = np.where(number % 2, "Plant", "Sales")
    rows = []
    for row in openings.itertuples():
        at = row.approved_at
        for step in STEPS[: 8 - (row.Index % 4 == 0)]:
            at += pd.Timedelta(days=float(random.gamma(2, 1.2)))
            candidate = None if step == "intake_held" else f"C{row.Index}"
            rows.append((row.requisition_id, candidate, step, at, at + pd.Timedelta(days=1)))
    events = pd.DataFrame(rows, columns=["requisition_id", "candidate_id", "event", "at", "due_at"])
    return declared(openings, "requisitions"), declared(events, "hiring_events")


OPENINGS, EVENTS = hiring()
SAID = pd.DataFrame({"manager_id": ["M1"], "hr_id": ["h1"], "wave": ["2025"], "score": [5.0]})
SAID["submitted_at"] = pd.Timestamp("2025-05-01")


def chapter(requisitions, events, said=SAID):
    """Every table that the chapters on hiring compute, by name."""
    openings = records.openings(requisitions, events, AS_OF)
    waits, interviews = records.waits(requisitions, events, AS_OF), records.interviews(requisitions, events)
    turns = records.turns(requisitions, events)
    index = engagement.index(waits, interviews)
    feedback = waits[waits["wait"] == "feedback"]
    formula = formulas.allowed_by_events(feedback, feedback["done"], groups=["department"])
    model = engagement.wait_model(formula, feedback)
    promises = waits.dropna(subset=["in_time", "hiring_manager_id"]).assign(
        kept=lambda rows: rows["in_time"].astype(int)
    )
    promises = promises.groupby("hiring_manager_id", as_index=False).agg(kept=("kept", "sum"), due=("kept", "size"))
    return {
        "openings": openings,
        "waits": waits,
        "interviews": interviews,
        "turns": turns,
        "impossible": records.impossible(openings, waits),
        "summary": metrics.summary(openings, waits, interviews),
        "index": index,
        "spread": engagement.spread(index, {"estimate": "Index"}),
        "early actions": engagement.early_actions(openings, waits),
        "scores before": engagement.scores_before(openings, said),
        "terms": model.terms,
        "intercepts": model.intercepts,
        "shares": model.shares,
        "speed groups": engagement.speed_groups(model.intercepts, 2),
        "scenario": engagement.scenario(model, turns),
        "funnel": funnel_plot.limits(promises, "kept", "due"),
    }


HIRING = {
    "nothing": (OPENINGS[:0], EVENTS[:0]),
    "no openings": (OPENINGS[:0], EVENTS),
    "no events": (OPENINGS, EVENTS[:0]),
    "one manager": (OPENINGS[OPENINGS["hiring_manager_id"] == "M1"], EVENTS),
    "no manager known": (OPENINGS.assign(hiring_manager_id=pd.Series(None, OPENINGS.index, dtype="str")), EVENTS),
    "nobody was asked": (OPENINGS, EVENTS, SAID[:0]),
}


@pytest.mark.parametrize("who", HIRING)
def test_hiring_of_nobody_keeps_its_columns(who):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole, found = chapter(OPENINGS, EVENTS), chapter(*HIRING[who])
    assert len(whole["intercepts"]) > 1
    for name, table in found.items():
        known = [column for column in whole[name] if column in table or column not in WHERE_KNOWN]
        assert list(table) == known, name
        if "note" in table and "estimate" in table:
            silent = table["estimate"].isna() & ~table["note"].fillna("").str.startswith("cannot tell")
            assert not silent.any(), name
