"""A session may declare the metric tree: with study.yaml, instead of it, and never against it."""

import re

import pytest
from click.testing import CliRunner
from small_study import TABLES

from helpers.cli import main
from helpers.data import Study
from helpers.data.practices import Capture, CaptureField

OUTCOMES = "unit,period,metric,value,denominator\nA,2026-Q1,turnover,3,90\nB,2026-Q1,Sick days,2,80\n"
PULSE = "unit,month,item,n,mean\nA,2026-01,mood,8,3.5\n"
SESSIONS = "session_id,practice,date,came\nS1,joint_scorecard,2026-01-20,4\nS2,joint_scorecard,2026-02-20,4\n"
LOG = "session_id,practice,person_id,partnership_id,date,consent\n" + "".join(
    f"{session},joint_scorecard,{person},{pair},{day},yes\n"
    for session, day in (("S1", "2026-01-20"), ("S2", "2026-02-20"))
    for person, pair in (("007", "P1"), ("m1", "P1"), ("007", "P2"), ("m2", "P2"))
)
ANSWERS = "session_id,person_id,partnership_id,field,value\n"
PROMISES = "commitment_id,session_id,partnership_id,promised_by,kind,made_on,due_on,outcome\n"


@pytest.fixture
def held(small, write_study):
    """Return a function that opens the small study with a tree in study.yaml, answers of sessions, and promises."""

    def opened(*answers: str, settings: str = "", promises: str = "", **tables: str) -> Study:
        rows = ANSWERS + "".join(f"{answer}\n" for answer in answers)
        told = {"commitments": PROMISES + promises} if promises else {}
        tables = {"outcomes": OUTCOMES, "pulse": PULSE, "practice_sessions": SESSIONS, "practice_log": LOG} | tables
        return small(settings, practice_answers=rows, **tables, **told)

    return opened


def said(study: Study) -> list[tuple[str, str]]:
    return [(one.file, one.sentence()) for one in study.check() if one.severity == "error"]


def pairs(study: Study) -> list[tuple[str, str, str | None]]:
    return [(one.hr, one.business, one.expected) for one in study.metric_tree.branches]


YAML = "metric_tree:\n{lag}  branches:\n    - {{hr: mood, business: turnover, step: 0.5, worth: 900{expected}}}\n"


def tree(lag: str = "", expected: str = "") -> str:
    return YAML.format(lag=f"  lag: {lag}\n" if lag else "", expected=f", expected: {expected}" if expected else "")


def test_a_session_alone_declares_the_tree(held):
    study = held("S1,,,metrics_1,Mood → Turnover: LOWER", "S1,,,metrics_2,trust -> sick-days: higher",
                 "S1,,,periods_later,2")  # fmt: skip
    assert said(study) == []
    assert pairs(study) == [("mood", "turnover", "lower"), ("trust", "Sick days", "higher")]
    assert study.metric_tree.lag == 2


def test_study_yaml_alone_declares_it_as_before(held):
    study = held("S1,,P1,figures_compared,4", settings=tree())
    assert said(study) == [] and pairs(study) == [("mood", "turnover", None)]
    assert not len(study.agreed_metrics) and study.metric_tree == study.settings.metric_tree


@pytest.mark.parametrize(("lag", "expected"), [("", ""), ("1", "lower")])
def test_both_that_agree_make_one_branch_with_the_worth_of_the_one_and_the_direction_of_the_other(held, lag, expected):
    study = held("S1,,,metrics_1,mood -> turnover: lower", "S1,,,periods_later,1",
                 "S2,,,metrics_1,mood -> turnover: lower", "S2,,,metrics_2,listening -> turnover: lower",
                 settings=tree(lag, expected))  # fmt: skip
    assert said(study) == []
    assert pairs(study) == [("mood", "turnover", "lower"), ("listening", "turnover", "lower")]
    first = study.metric_tree.branches[0]
    assert (first.step, first.worth, study.metric_tree.lag) == (0.5, 900, 1)


def test_a_lag_that_study_yaml_leaves_open_is_that_of_the_session(held):
    study = held("S1,,,metrics_1,mood -> turnover: lower", "S1,,,periods_later,3", settings=tree())
    assert said(study) == [] and study.metric_tree.lag == 3


def test_what_no_table_measures_is_kept_beside_the_tree_and_is_no_error(held):
    study = held("S1,,,metrics_1,mood -> profit: higher", "S1,,,metrics_2,mood -> turnover: lower")
    assert said(study) == [] and pairs(study) == [("mood", "turnover", "lower")]
    assert study.agreed_metrics["business"].tolist() == ["profit", "turnover"]
    assert study.agreed_metrics["lag"].isna().all() and study.metric_tree.lag == 1


WRONG = {
    "an unknown direction": (
        ["S1,,,metrics_1,mood -> turnover: sideways"], "",
        'column value, row 2: metrics_1 is "mood -> turnover: sideways"; expected HR metric -> business metric: '
        "higher or lower.",
    ),
    "no direction": (
        ["S1,,,metrics_1,mood -> turnover"], "", 'row 2: metrics_1 is "mood -> turnover"; expected HR metric ->',
    ),
    "a lag out of range": (
        ["S1,,,periods_later,9"], "", 'row 2: periods_later is "9"; expected a whole number from 1 to 8.',
    ),
    "a metric beside itself": (
        ["S1,,,metrics_1,Turnover -> turnover: lower"], "",
        'row 2: metrics_1 sets "turnover" beside itself; expected two metrics.',
    ),
    "a pair twice": (
        ["S1,,,metrics_1,mood -> turnover: lower", "S1,,,metrics_2,Mood -> Turnover: higher"], "",
        "row 3: metrics_2 is mood -> turnover a second time; it stands in row 2 too; expected every pair once.",
    ),
    "a field twice": (
        ["S1,,,metrics_1,mood -> turnover: lower", "S1,,,metrics_1,mood -> profit: lower"], "",
        "rows 2 and 3: the same session_id, person_id",
    ),
    "two sessions that expect otherwise": (
        ["S1,,,metrics_1,mood -> turnover: lower", "S2,,,metrics_1,mood -> turnover: higher"], "",
        "row 3: metrics_1 expects turnover to be higher; expected lower, as in row 2. Keep what was agreed first",
    ),
    "two sessions with two lags": (
        ["S1,,,metrics_1,mood -> turnover: lower", "S1,,,periods_later,1",
         "S2,,,metrics_1,trust -> turnover: lower", "S2,,,periods_later,2"], "",
        "row 5: periods_later is 2; expected 1, as in row 3; a tree has one lag. Keep what was agreed first",
    ),
    "study.yaml expects otherwise": (
        ["S1,,,metrics_1,mood -> turnover: lower"], tree(expected="higher"),
        "row 2: metrics_1 expects turnover to be lower; expected higher, as branch 1 of study.yaml has it. Correct",
    ),
    "study.yaml has another lag": (
        ["S1,,,metrics_1,mood -> turnover: lower", "S1,,,periods_later,2"], tree(lag="1"),
        "row 3: periods_later is 2; expected 1, as metric_tree in study.yaml has it. Correct the cell or metric_tree",
    ),
    "more figures disputed than compared": (
        ["S1,,P1,figures_compared,2", "S1,,P1,definitions_disputed,3"], "",
        "row 3: definitions_disputed is 3, and figures_compared is 2; expected not above figures_compared.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_was_typed_wrong_or_says_two_things_is_one_error_with_file_row_and_column(held, case):
    answers, settings, words = WRONG[case]
    ((file, sentence),) = said(held(*answers, settings=settings))
    assert file == "practice_answers.csv" and words in sentence, sentence


@pytest.mark.parametrize("case", [name for name in WRONG if re.search("pair twice|otherwise|lags?$|itself", name)])
def test_the_chapter_refuses_what_the_check_tells(held, refusal, case):
    answers, settings, words = WRONG[case]
    assert words in refusal(lambda: held(*answers, settings=settings).metric_tree)


REVIEWS = {
    "a review before the session": ("R1,S1,P1,manager,time,2026-01-20,2026-01-10,open\n", "due_on"),
    "a promise made before the session": ("R1,S1,P1,manager,time,2026-01-10,2026-03-10,open\n", "made_on"),
    "an owner nobody knows": ("R1,S1,P1,finance,time,2026-01-20,2026-03-10,open\n", "promised_by"),
}


@pytest.mark.parametrize("case", REVIEWS)
def test_owners_and_review_dates_are_checked_as_promises(held, case):
    promise, column = REVIEWS[case]
    ((file, sentence),) = said(held("S1,,P1,figures_compared,4", promises=promise))
    assert file == "commitments.csv" and "row 2" in sentence and column in sentence, sentence


def test_a_conflict_ends_the_check_with_code_2(held):
    answered = held("S1,,,metrics_1,mood -> turnover: lower", settings=tree(expected="higher"))
    done = CliRunner().invoke(main, ["check", str(answered.folder)])
    assert done.exit_code == 2 and "1 error" in done.output, done.output


def test_a_log_without_the_table_of_sessions_is_enough(small):
    answers = {"practice_answers": f"{ANSWERS}S1,,,metrics_1,mood -> turnover: lower\n"}
    tables = {"outcomes": OUTCOMES, "pulse": PULSE, **TABLES, **answers}
    assert pairs(small(**tables, practice_log=LOG)) == [("mood", "turnover", "lower")]


def test_answers_that_cannot_be_read_are_told_once(held):
    study = held(practice_sessions="session_id,practice\nS1,joint_scorecard\n")
    assert not [sentence for _, sentence in said(study) if "metrics" in sentence]


ASKED = {"label": "Line", "when": "on the day", "sheet": "slip", "filled_by": "facilitator", "basis": "agreed"}


@pytest.mark.parametrize(
    ("level", "lag", "words"),
    [
        ("pair", {}, "metrics of the whole study; its level is session"),
        ("session", {}, "name the field that says how many periods"),
        ("session", {"least": 0, "most": 4}, "whole numbers of a session from 1 to 8"),
        ("session", {"least": 1, "most": 12}, "whole numbers of a session from 1 to 8"),
    ],
)
def test_a_declaration_of_metrics_names_its_lag(level, lag, words):
    fields = [CaptureField(field="line", type="metrics", level=level, **ASKED)]
    fields += [CaptureField(field="later", type="whole", level="session", **lag, **ASKED)] if lag else []
    capture = Capture(practice="tea", fields=fields, lag="later" if lag else None)
    assert words in " ".join(found for _, found in capture.mistakes())
