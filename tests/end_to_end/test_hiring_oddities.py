"""Recruiting records as they come: too few, unfinished, all alike. The notebooks say so and never stop."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from helpers.present import NotebookNotApplicable, show
from helpers.published import MIME

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
TABLES = ("people", "requisitions", "hiring_events")


@pytest.fixture(scope="module")
def records():
    """The openings of forty managers of the sample, and what happened in them."""
    tables = {name: pd.read_csv(SAMPLE / f"{name}.csv", dtype=str) for name in TABLES}
    openings = tables["requisitions"]
    managers = openings["hiring_manager_id"].value_counts().sort_index().sort_values(kind="stable").index[-40:]
    return kept(tables, openings["hiring_manager_id"].isin(managers))


def kept(tables, rows):
    openings = tables["requisitions"][rows].reset_index(drop=True)
    events = tables["hiring_events"]
    events = events[events["requisition_id"].isin(openings["requisition_id"])].reset_index(drop=True)
    return tables | {"requisitions": openings, "hiring_events": events}


def without(tables, *names):
    events = tables["hiring_events"]
    return tables | {"hiring_events": events[~events["event"].isin(names)].reset_index(drop=True)}


def one_opening_each(tables):
    return kept(tables, ~tables["requisitions"]["hiring_manager_id"].duplicated())


def none_closed(tables):
    openings = tables["requisitions"].assign(closed_at=None, close_reason=None)
    return without(tables | {"requisitions": openings}, "offer_extended", "offer_accepted", "cancelled", "reopened")


def all_on_one_day(tables):
    openings, events = tables["requisitions"].copy(), tables["hiring_events"].copy()
    openings[["opened_at", "approved_at"]] = "2026-03-02 09:00"
    openings["closed_at"] = openings["closed_at"].where(openings["closed_at"].isna(), "2026-03-02 09:00")
    events["at"] = "2026-03-02 09:00"
    events["due_at"] = events["due_at"].where(events["due_at"].isna(), "2026-03-02 09:00")
    return tables | {"requisitions": openings, "hiring_events": events}


def feedback_never_given(tables):
    return without(tables, "feedback_given")


def openings_without_manager(tables):
    openings = tables["requisitions"].copy()
    openings.loc[::3, "hiring_manager_id"] = None
    return tables | {"requisitions": openings}


def one_department(tables):
    return tables | {"requisitions": tables["requisitions"].assign(department="Sales", location=None, level=None)}


def five_managers(tables):
    five = tables["requisitions"]["hiring_manager_id"].unique()[:5]
    return kept(tables, tables["requisitions"]["hiring_manager_id"].isin(five))


def nine_managers(tables):
    nine = tables["requisitions"]["hiring_manager_id"].unique()[:9]
    return kept(tables, tables["requisitions"]["hiring_manager_id"].isin(nine))


def only_applications(tables):
    events = tables["hiring_events"]
    return tables | {"hiring_events": events[events["event"] == "applied"].reset_index(drop=True)}


def nothing_agreed(tables):
    return tables | {"hiring_events": tables["hiring_events"].assign(due_at=None)}


def everything_in_time(tables):
    events = tables["hiring_events"]
    events = events.assign(due_at=events["due_at"].where(events["due_at"].isna(), "2026-06-30 23:00"))
    return without(
        tables | {"hiring_events": events}, "interview_declined", "interview_missed", "interview_rescheduled"
    )


def feedback_before_its_interview(tables):
    events = tables["hiring_events"].copy()
    given = (events["event"] == "feedback_given") & (np.arange(len(events)) % 2 == 0)
    events.loc[given, "at"] = "2020-01-01 10:00"
    return tables | {"hiring_events": events}


def one_manager_has_all_but_four(tables):
    openings = tables["requisitions"].copy()
    managers = openings["hiring_manager_id"].unique()
    openings["hiring_manager_id"] = [managers[min(place, 4)] for place in range(len(openings))]
    return tables | {"requisitions": openings}


ODDITIES = [
    one_opening_each, none_closed, all_on_one_day, feedback_never_given, openings_without_manager, one_department,
    five_managers, nine_managers, only_applications, nothing_agreed, everything_in_time, feedback_before_its_interview,
    one_manager_has_all_but_four,
]  # fmt: skip
#: With five managers, whoever reads their own figures is left with four others.
FIVE = (five_managers, one_manager_has_all_but_four)


@pytest.fixture
def write_study(tmp_path):
    """Return a function that writes a study of some tables."""

    def write(tables, hiring=""):
        for name in TABLES:
            tables[name].to_csv(tmp_path / f"{name}.csv", index=False)
        shutil.copy(SAMPLE / "codebook.yaml", tmp_path)
        named = "".join(f"  {name}: {name}.csv\n" for name in TABLES)
        text = f"title: Odd\nas_of: 2026-06-30\ntimezone: Europe/Zurich\n{hiring}tables:\n{named}"
        (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a notebook's code here and returns what it displays: exhibits, and remarks."""
    shown = []
    monkeypatch.setattr(show, "display", lambda data, raw, metadata: shown.append(data))

    def execute(name, **parameters):
        shown.clear()
        names = {}
        for cell in nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, name, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
        published = [data[MIME] for data in shown if MIME in data]
        remarks = [item["sentence"] for item in published if item["kind"] == "remark"]
        return [item for item in published if item["kind"] != "remark"], remarks

    return execute


def assert_honest(exhibits, minimum=5):
    """Nothing that is no number is printed as one, and no group is small."""
    for exhibit in exhibits:
        words = json.dumps(exhibit, ensure_ascii=False)
        assert not re.search(r"\b(nan|inf|None|NaT|NA)\b", " ".join(map(" ".join, exhibit.get("texts", [])))), words
        json.loads(json.dumps(exhibit, allow_nan=False))
        if exhibit["kind"] == "finding":
            said = " ".join([exhibit["sentence"], *exhibit["caveats"]])
            assert not re.search(r"\bnan\b|\binf\b|  ", said), said
            continue
        names = [column["name"] for column in exhibit["columns"]]
        if "respondents" in names and not exhibit.get("audience"):
            counts = [row[names.index("respondents")] for row in exhibit["rows"]]
            assert all(count is None or count == 0 or count >= minimum for count in counts), words


@pytest.mark.filterwarnings("error::RuntimeWarning", "error::FutureWarning")
@pytest.mark.parametrize("odd", ODDITIES, ids=lambda odd: odd.__name__)
def test_the_shared_notebook_says_what_it_cannot_tell_and_names_only_whom_it_can_tell_of(
    records, write_study, run, odd
):
    settings = "hiring: {audience: named, legal_basis: Works agreement 12 of 2026}\n"
    exhibits, remarks = run("03_hiring_manager_engagement", study=str(write_study(odd(records), settings)))
    if odd is only_applications:  # of whose kinds of event none is a step of managers
        assert "No step of managers is recorded with a time agreed, so there is no index." in remarks
    elif odd is not everything_in_time:  # of which every part is 100, which would tell of each manager
        assert any(exhibit["id"] == "index-parts" for exhibit in exhibits)
    assert_honest(exhibits)
    for exhibit in exhibits:
        assert bool(exhibit["audience"]) == bool(re.fullmatch(r"managers-\d+|funnel-points", exhibit["id"]))
        if exhibit["audience"]:
            values = [value for row in exhibit["rows"] for value in row]
            assert values and None not in values, "nobody is listed without estimate and limits"


@pytest.mark.filterwarnings("error::RuntimeWarning", "error::FutureWarning")
@pytest.mark.parametrize("odd", [odd for odd in ODDITIES[::2] if odd not in FIVE], ids=lambda odd: odd.__name__)
def test_the_notebook_for_one_manager_says_what_it_cannot_tell(records, write_study, run, odd):
    tables = odd(records)
    managers = tables["requisitions"]["hiring_manager_id"].dropna()
    fewest = managers.value_counts().sort_index().sort_values(kind="stable").index[0]
    exhibits, remarks = run("03b_hiring_manager_self", study=str(write_study(tables)), manager=fewest)
    assert any(exhibit["id"] == "own-waits" for exhibit in exhibits) == (odd is not only_applications)
    assert any(f"This report is for {fewest} alone." in remark for remark in remarks)
    assert_honest(exhibits)


@pytest.mark.parametrize("odd", FIVE, ids=lambda odd: odd.__name__)
def test_a_manager_among_five_gets_no_report_since_it_would_tell_of_the_other_four(records, write_study, run, odd):
    tables = odd(records)
    reader = tables["requisitions"]["hiring_manager_id"].dropna().iloc[0]
    with pytest.raises(NotebookNotApplicable, match="at least 5 others"):
        run("03b_hiring_manager_self", study=str(write_study(tables)), manager=reader)


@pytest.mark.parametrize("name", ["03_hiring_manager_engagement", "03b_hiring_manager_self"])
def test_four_managers_are_too_few(records, write_study, run, name):
    four = records["requisitions"]["hiring_manager_id"].unique()[:4]
    study = write_study(kept(records, records["requisitions"]["hiring_manager_id"].isin(four)))
    own = {"manager": four[0]} if "self" in name else {}
    with pytest.raises(NotebookNotApplicable, match="at least 5"):
        run(name, study=str(study), **own)


def test_a_manager_with_a_single_opening_just_opened_is_told_there_is_nothing_yet(records, write_study, run):
    new = records["requisitions"].iloc[[0]].assign(
        requisition_id="NEW", hiring_manager_id="newcomer", opened_at="2026-06-30 08:00",
        approved_at="2026-06-30 09:00", closed_at=None, close_reason=None,
    )  # fmt: skip
    study = write_study(records | {"requisitions": pd.concat([records["requisitions"], new])})
    exhibits, remarks = run("03b_hiring_manager_self", study=str(study), manager="newcomer")
    assert "Nothing was due from you in these records, so you have no index." in remarks
    assert "The records are too few to tell your feedback from chance." in remarks
    assert [exhibit["id"] for exhibit in exhibits] == ["own-waits"]
