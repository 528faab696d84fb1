"""The pulse: series by hand, who is compared with whom, what came before, and studies that have little."""

import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from unit_studies import Units, outcomes
from unit_studies import pulse as pulse_of

from helpers.analysis.business import pulse
from helpers.analysis.methods import time_series
from helpers.data.problems import InputError

MONTHS = [f"{2024 + at // 12}-{at % 12 + 1:02d}" for at in range(36)]
UNITS = ["A", "B", "C"]


def study_of(months=MONTHS, units=UNITS, step=0.0, *, least=5, **tables) -> Units:
    random = np.random.default_rng(7)
    means = 3 + random.normal(0, 0.05, (len(units), len(months)))
    means[0, 24:] += step  # unit A changes with 2026-01
    found = Units({"pulse": pulse_of(units, months, "hr_helps", means.ravel()), **tables}, [])
    found.privacy = SimpleNamespace(min_group=least)
    found.practices = {"role_swap": SimpleNamespace(playbook="role-swap")}
    found.as_of = datetime.date(2026, 12, 31)
    return found


def draws(**began) -> pd.DataFrame:
    return pd.DataFrame(
        {"practice": "role_swap", "team": list(began), "starts_on": pd.to_datetime(list(began.values()))}
    )


def changes(study, began="") -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pulse.interrupted(study, began)
    by = ["item", "since", "aspect"]
    models = {key: smf.ols("mean ~ after + years", part) for key, part in rows.groupby(by, sort=False)}
    return time_series.level_change(models, "after", "month", by=by), rows


def test_a_series_is_the_mean_of_all_answers_and_a_missing_unit_does_not_move_it():
    table = pulse_of(["A", "B"], MONTHS[:2], "mood", [2.0, 2.0, 4.0, 4.0], 10)
    study = study_of()
    study.tables["pulse"] = table.drop(index=3)  # B is missing in the second month
    found = pulse.series(study)
    assert found["respondents"].tolist() == [20, 10]
    assert found["mean"].tolist() == pytest.approx([8 / 3, 8 / 3])


def test_a_month_in_which_too_few_answered_counts_nowhere():
    study = study_of()
    study.tables["pulse"].loc[0, ["n", "mean"]] = [4, 1.0]  # A in the first month
    found = pulse.series(study)
    assert found["respondents"].tolist()[:2] == [40, 60]
    assert pulse.charts(study, 24)["value"].min() > 2.5


def test_units_above_others_do_not_count_twice():
    units = pd.DataFrame({"unit": [*UNITS, "All"], "parent": ["All"] * 3 + [None]})
    study = study_of(units=[*UNITS, "All"], **{})
    study.tables["units"] = units
    assert pulse.series(study)["respondents"].eq(60).all()


def test_a_change_is_found_in_units_that_began_beside_themselves_and_beside_others():
    study = study_of(step=0.4, practice_draws=draws(A="2025-12-01", B=None, C=None))
    found, rows = changes(study)
    assert found["since"].unique().tolist() == ["role swap, from 2026-01"]
    assert found.set_index("aspect")["low"].gt(0).all()
    told = pulse.for_sentences(pulse.in_words(found, rows))
    assert told["who"].tolist() == ["units that began a role swap"] and told["playbook"].tolist() == ["role-swap"]
    assert told["beside"].iloc[0].startswith("Less units that did not begin, it is 0.4")
    assert told["association"].all()


def test_units_that_begin_later_are_compared_with_none_who_began():
    study = study_of(practice_draws=draws(A="2025-06-10", B="2026-02-01", C="2030-01-01"))
    rows = pulse.interrupted(study)
    firsts = rows.groupby("since")["month"].min()
    assert firsts.index.tolist() == ["role swap, from 2025-07", "role swap, from 2026-03", "role swap, from 2030-02"]
    beside = rows[(rows["aspect"] == pulse.BESIDE) & (rows["since"] == "role swap, from 2025-07")]
    assert beside["respondents"].eq(20).all()  # C alone, which begins after the last month
    assert rows.loc[rows["since"] == "role swap, from 2025-07", "after"].sum() == 2 * 18


def test_a_named_month_divides_all_units_and_is_compared_with_none():
    found, rows = changes(study_of(), "2026-01")
    assert found["aspect"].unique().tolist() == [pulse.OWN]
    assert pulse.for_sentences(pulse.in_words(found, rows))["who"].tolist() == ["all units"]


@pytest.mark.parametrize("month", ["2026", "2026-13", "next", "2026-1"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(InputError, match="month"):
        pulse.month(month)


def test_what_began_before_a_change_stands_in_order_of_time_alone():
    acts = pd.DataFrame(
        {
            "action": ["Ask", "Old", "Late"],
            "status": "done",
            "due_on": pd.to_datetime(["2025-12-15", "2024-02-01", "2026-08-01"]),
        }
    )
    study = study_of(practice_draws=draws(A="2026-01-20", B=None), actions=acts)
    moved = pd.DataFrame({"what": ["Mood"], "changed": ["2026-01"], "earliest": ["2026-01"], "latest": ["2026-03"]})
    found = pulse.came_before(study, moved)
    assert found[["happened", "order"]].to_numpy().tolist() == [
        ["Ask (due, done)", "before the change"],
        ["Role swap: start", "cannot tell which came first"],
    ]
    assert "No change" in pulse.came_before(study, moved.assign(changed="")).attrs["absent"]


def test_a_study_without_starts_or_pulse_is_answered_in_a_sentence():
    bare = study_of()
    assert pulse.interrupted(bare).attrs["absent"] == pulse.NO_START
    found, rows = changes(bare)
    assert pulse.in_words(found, rows).attrs["absent"] == pulse.NO_START
    empty = study_of(least=50)
    assert pulse.series(empty).attrs["absent"] == pulse.NO_PULSE and not len(pulse.series(empty))
    assert pulse.charts(empty, 24).attrs["absent"] and pulse.alarms(pulse.charts(empty, 24), 24).attrs["absent"]
    assert not len(pulse.change_points({}))


@pytest.mark.parametrize(("units", "months"), [(["A"], MONTHS), (UNITS, MONTHS[:1]), (["A"], MONTHS[:11])])
def test_one_unit_and_one_month_do_not_stop_the_chapter(units, months):
    study = (
        study_of(months=months, units=units)
        if len(months) > 24
        else Units({"pulse": pulse_of(units, months, "mood", np.linspace(3, 4, len(units) * len(months)))}, [])
    )
    study.practices, study.as_of = {}, datetime.date(2026, 12, 31)
    charted = pulse.charts(study, 24)
    assert bool(charted.attrs["left_out"]) == (len(months) < 12)
    found, _ = changes(study, "2024-06")
    assert found["note"].str.startswith("cannot tell:").all() or len(months) > 24
    steady = {"mood": smf.ols("mean ~ years", pulse.series(study))}
    assert len(pulse.change_points(steady)) == 1


def test_answers_and_counts_are_charted_where_they_are_long_enough_and_of_enough():
    periods = [f"{year}-Q{quarter}" for year in range(2021, 2026) for quarter in range(1, 5)]
    random = np.random.default_rng(1)
    leavers = outcomes(UNITS, periods, "leavers", random.poisson(8, 60).astype(float), 100.0)
    few = outcomes(UNITS, periods, "accidents", 1.0, 100.0)
    heads = pd.DataFrame(
        [(unit, month, 80.0) for unit in UNITS for month in MONTHS], columns=["unit", "month", "employees"]
    )
    found = pulse.charts(study_of(headcount=heads, outcomes=pd.concat([leavers, few])), 24)
    kinds = found.groupby("measure")["kind"].first()
    assert kinds.to_dict() == {"HR helps": "XmR", pulse.ANSWERED: "p′", "Leavers": "u′"}
    assert found.loc[found["measure"] == pulse.ANSWERED, "value"].eq(25).all()
