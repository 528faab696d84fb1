"""What a plan takes from a study, and what it says."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from helpers.analysis.practice import planning
from helpers.analysis.practice.planning import Basis
from helpers.analysis.practice.power import Plan
from helpers.playbooks import evidence

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
FORMULA = "score ~ treated + baseline + unknown + C(stratum)"


def scores(units=30, size=8, alike=0.3, seed=1):
    """Scores of managers in two waves that correlate by .5 within units."""
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), size)
    level = random.normal(size=units)[unit] * alike**0.5
    stays = random.normal(size=len(unit))
    waves = []
    for wave in ("1", "2"):
        own = 0.5**0.5 * stays + 0.5**0.5 * random.normal(size=len(unit))
        rows = pd.DataFrame({"partnership_id": unit * size + np.arange(len(unit)) % size, "unit": unit, "wave": wave})
        waves.append(rows.assign(score=level + own * (1 - alike) ** 0.5, dimension="trust"))
    return pd.concat(waves).assign(respondent_id=lambda rows: rows["partnership_id"])


def test_likeness_and_correlation_are_measured():
    row = planning.measured(scores(), "unit", "2", "1").iloc[0]
    assert row["low"] < 0.3 < row["high"] and row["low"] < row["estimate"] < row["high"]
    assert row["baseline"] == pytest.approx(0.3 + 0.7 * 0.5, abs=0.12)
    assert (row["respondents"], row["respondents_both"], row["clusters"]) == (240, 240, 30)
    alone = planning.measured(scores(), "unit", "2").iloc[0]
    assert np.isnan(alone["baseline"]) and alone["estimate"] == row["estimate"]


def test_the_interval_of_likeness_is_that_of_searle():
    """F limits of Searle (1971), worked out apart: MSB / MSW over the quantiles of F."""
    from scipy import stats
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    rows = scores().query("wave == '2'")
    table = anova_lm(ols("score ~ C(unit)", rows).fit())
    ratio = table.loc["C(unit)", "F"]
    limits = [ratio / stats.f.ppf(tail, 29, 210) for tail in (0.975, 0.025)]
    row = planning.measured(scores(), "unit", "2").iloc[0]
    assert [row["low"], row["high"]] == pytest.approx([(limit - 1) / (limit + 7) for limit in limits])


@pytest.mark.parametrize(
    ("shown", "is_measured"), [("10–19", True), ("100 or more", True), ("5–9", False), ("–", False)]
)
def test_numbers_of_units_that_are_shown_in_bands_count_as_their_least(shown, is_measured):
    """Where one more or less would tell of single people, the table that a plan takes holds words for counts."""
    table = planning.measured(scores(), "unit", "2", "1").assign(clusters=shown)
    assert Basis.of(table).is_measured is is_measured


@pytest.mark.parametrize("rows", [scores()[:0], scores(units=3), scores(size=1), scores().assign(score=np.nan)])
def test_what_no_survey_tells_is_assumed_and_said(rows):
    basis = Basis.of(planning.measured(rows, "unit", "2", "1"))
    assert (basis.alike, basis.low, basis.high, basis.is_measured) == (0.1, 0.1, 0.1, False)
    assert "0.10 is assumed" in basis.in_words() and "0.60, which is assumed" in basis.in_words()


def test_the_dimension_named_is_planned_with_else_the_one_in_the_middle():
    table = pd.DataFrame(
        {"dimension": list("abc"), "estimate": [0.3, -0.05, 0.1], "low": -0.1, "high": [0.5, 0.1, 0.2]}
    )
    table = table.assign(baseline=[0.4, np.nan, 0.7], clusters=12)
    assert Basis.of(table).dimension == "c" and Basis.of(table).baseline == 0.7
    named = Basis.of(table, "b")
    assert (named.alike, named.low, named.baseline) == (0.0, 0.0, 0.6)  # below zero is chance
    assert "measured in this study. Scores before and after correlate by 0.60, which is assumed" in named.in_words()
    assert not Basis.of(table, "unknown").is_measured


def test_a_plan_has_the_sizes_there_are():
    pairs = pd.DataFrame({"unit": list("aaabbc"), "hr_id": list("aaabbc"), "manager_id": range(6)})
    basis = Basis.of(pd.DataFrame({"dimension": [], "estimate": [], "clusters": []}))
    plan = planning.planned(pairs, basis, silent=0.1)
    assert (plan.units, plan.size, plan.partners, plan.silent) == (3, 2.0, 0, 0.1)
    assert plan.spread == pytest.approx(np.std([3, 2, 1]) / 2)
    across = planning.planned(pairs.assign(unit=list("xyxyxy")), basis)
    assert across.partners == 3
    by_pair = planning.planned(pairs.assign(unit=range(6)), basis)
    assert (by_pair.units, by_pair.partners) == (6, 3)
    assert planning.planned(pairs.assign(unit=None), basis) is None


def test_three_partners_are_told_what_they_can_learn():
    told = " ".join(planning.in_words(Plan(3, 9), 0.3, "hr_partner", 0.25))
    assert "With 3 HR partners no effect on scores can be seen, however large" in told
    assert "What you can learn is what took place" in told
    assert re.search(r"pool \d+ cohorts or clients of this size: \d+ HR partners", told)
    one = " ".join(planning.in_words(Plan(1, 9), 0.3, "hr_partner", 0.25))
    assert one.startswith("With 1 HR partner no effect")


def test_many_partners_are_told_what_they_see_and_how_many_cohorts_it_takes():
    told = planning.in_words(Plan(36, 7), 0.3, "hr_partner", 0.25)
    assert "no effect below 0.37" in told[0] and "0.25 in 48" in told[0]
    assert "pool 3 cohorts" in told[1] and told[1].endswith("Or plan for an effect of 0.37.")
    assert "as alike as 0.30" in told[2]
    assert "That is enough for an effect of 0.50" in planning.in_words(Plan(36, 7), 0.1, "team", 0.5)[1]
    lost = planning.in_words(Plan(36, 7, partners=2, spillover=1.0), 0.3, "team", 0.25)
    assert len(lost) == 1 and "all of it reaches those who wait" in lost[0]


def test_the_draft_says_what_will_be_computed():
    def text(plan, outcomes=("Trust", "Candour"), kind="team"):
        rows = planning.registration(plan, "role swap", kind, outcomes, FORMULA, 0.25)
        return rows.set_index("part")["text"]

    many = text(Plan(36, 7, partners=20))
    assert many["Model"] == FORMULA and "CR2" in many["Inference"] and "by HR partner" in many["Inference"]
    assert "over all 2" in many["Several outcomes"] and "seen in" in many["Smallest effect worth acting on"]
    assert "randomisation" in text(Plan(12, 7))["Inference"]
    few = text(Plan(3, 7))
    assert few["Inference"].startswith("None") and "month of its start is drawn" in few["Lot"]
    assert "Half of the teams begin" in many["Lot"] and few["Model"] != FORMULA
    undecided, one = text(Plan(12, 7), ()), text(Plan(12, 7), ("Trust",))
    assert "______" in undecided["Outcomes, decided now"] and "if there are several" in undecided["Several outcomes"]
    assert one["Several outcomes"] == "One outcome, one test."


def test_the_model_planned_with_is_that_of_chapter_06():
    sources = {
        name: "".join(cell.source for cell in nbformat.read(next(NOTEBOOKS.glob(f"{name}_*.ipynb")), 4).cells)
        for name in ("06", "08")
    }
    assert all(f'formula = "{FORMULA}"' in source for source in sources.values())


def test_evidence_lists_nulls_and_effects_planned_with():
    known = evidence.known_of("role-swap")
    assert known["reads_as"].str.contains("Null").any() and (known["short"] == "None found").any()
    assert evidence.planned_effects() == [0.2, 0.25, 0.3, 0.4]
    assert evidence.known_of("no-such-practice").empty
