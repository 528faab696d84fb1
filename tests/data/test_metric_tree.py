"""The metric tree names what the study has, or one error says what is wrong."""

import re

import pandas as pd
import pytest
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Study

OUTCOMES = "unit,period,metric,value,denominator\nA,2026-Q1,turnover,3,90\nB,2026-Q1,turnover,2,80\n"
PULSE = "unit,month,item,n,mean\nA,2026-01,mood,8,3.5\n"


def tree(*branches: str, more: str = "") -> str:
    """The lines of study.yaml."""
    return f"metric_tree:\n{more}  branches:\n" + "".join(f"    - {branch}\n" for branch in branches)


@pytest.mark.parametrize("hr", ["manager_score", "trust", "mood"])
def test_a_tree_may_name_scores_a_pulse_and_metrics(small, hr):
    study = small(tree(f"{{hr: {hr}, business: turnover}}"), outcomes=OUTCOMES, pulse=PULSE)
    assert [branch.hr for branch in study.metric_tree.branches] == [hr]
    assert not [problem for problem in study.check() if "metric_tree" in problem.column]


WRONG = {
    "a metric misspelt": (
        ["{hr: mood, business: turnovr}"],
        'metric_tree, branches, number 1: business is "turnovr"; expected one of turnover. Did you mean "turnover"?',
    ),
    "an item misspelt": (
        ["{hr: moood, business: turnover}"],
        'number 1: hr is "moood"; expected one of manager_score, listening, trust, mood, turnover. '
        'Did you mean "mood"?',
    ),
    "a pair twice": (
        ["{hr: mood, business: turnover}", "{hr: mood, business: turnover, step: 0.5}"],
        "number 2: mood and turnover stand here a second time; expected every pair once.",
    ),
    "a metric beside itself": (
        ["{hr: turnover, business: turnover}"],
        'number 1: hr and business are both "turnover"; expected two metrics.',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_the_study_does_not_have_is_one_error_of_the_check_and_of_the_chapter(small, refusal, case):
    branches, words = WRONG[case]
    study = small(tree(*branches), outcomes=OUTCOMES, pulse=PULSE)
    told = [problem.sentence() for problem in study.check() if problem.severity == "error"]
    assert len(told) == 1 and words in told[0]
    assert words in refusal(lambda: study.metric_tree)


def test_a_tree_without_outcomes_says_that_there_is_no_such_table(small, refusal):
    study = small(tree("{hr: trust, business: turnover}"))
    assert "a metric, but the study has no table of outcomes" in refusal(lambda: study.metric_tree)


@pytest.mark.parametrize(
    ("more", "branch"),
    [
        ("  lag: 0\n", "{hr: mood, business: turnover}"),
        ("  lag: 9\n", "{hr: mood, business: turnover}"),
        ("", "{hr: mood, business: turnover, step: 0}"),
        ("", "{hr: mood, business: turnover, worth: -1}"),
        ("", "{hr: mood}"),
        ("", "{hr: mood, business: turnover, lag: 2}"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_line_and_exit_code_2(write_study, more, branch):
    folder = write_study(settings=tree(branch, more=more), outcomes=OUTCOMES, pulse=PULSE)
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert done.exit_code == 2, done.output
    assert re.search(r"line [45]: ", done.output) and "1 error, 0 warnings" in done.output


def test_a_table_that_cannot_be_read_is_told_once_and_no_name_of_it_is_missed(small):
    study = small(tree("{hr: mood, business: turnover}"), outcomes="unit,period\nA,2026-Q1\n", pulse=PULSE)
    told = [problem for problem in study.check() if problem.severity == "error"]
    assert told and not [problem for problem in told if "metric_tree" in problem.column]


def test_a_study_without_a_tree_has_none(small):
    assert small().metric_tree.branches == []


def test_the_sample_declares_one_lag_and_names_what_it_has():
    study = Study.load("data/sample")
    declared = study.metric_tree
    assert declared.lag == 1 and len(declared.branches) == 4
    metrics = set(pd.unique(study.table("outcomes")["metric"]))
    assert {branch.business for branch in declared.branches} <= metrics
