"""Promises of teams: what became of them, and how what they were about has moved since the wave before them."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.practice import team_promises
from helpers.analysis.survey import change
from helpers.data import Study

HEAD = "commitment_id,wave,attribute,team,promise,owner,measure,made_on,due_on,moved_on,moved_to,closed_on,outcome\n"
ROWS = (
    "1,w1,department,Sales,Kept,Head,trust,2025-02-01,2025-03-01,,,2025-03-01,kept\n"
    "2,w1,department,Sales,Moved,Head,,2025-02-02,2025-03-01,2025-02-20,2025-04-01,2025-04-01,moved\n"
    "3,w1,department,Sales,Silent,,trust,2025-02-03,2025-03-01,,,,open\n"
    "4,w2,department,Sales,Ahead,,trust,2026-02-01,2026-12-01,,,,open\n"
    "5,w1,department,Depot,Broken,,trust,2025-02-01,2025-03-01,,,,broken\n"
)


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study.yaml").write_text(
        "title: T\nclient: C\nas_of: 2026-06-30\ncodebook: codebook.yaml\nwaves: [w1, w2]\nattributes: [department]\n"
        "tables: {survey: survey.csv, team_commitments: team.csv}\n",
        encoding="utf-8",
    )
    (tmp_path / "codebook.yaml").write_text(
        "instrument: {name: T}\nresponses:\n  r: {type: rating, low: 1, high: 5}\n"
        "dimensions: [{id: trust}]\nitems: [{id: one, dimension: trust, response: r, text: Trust}]\n",
        encoding="utf-8",
    )
    rows = [f"{d}{n},{w},{d},{3 + (w == 'w2')}" for d in ("Sales", "Depot") for w in ("w1", "w2") for n in range(8)]
    survey = "\n".join(["respondent_id,wave,department,one", *rows]) + "\n"
    (tmp_path / "survey.csv").write_text(survey, encoding="utf-8")
    (tmp_path / "team.csv").write_text(HEAD + ROWS, encoding="utf-8")
    return Study.load(tmp_path)


def scores(before, after, people=40, seed=1):
    """Draw scores of a team in two waves, those of one person alike."""
    draw = np.random.default_rng(seed)
    person = draw.normal(0, 8, people)
    told = {"w1": before + person + draw.normal(0, 8, people), "w2": after + person + draw.normal(0, 8, people)}
    rows = pd.DataFrame(told).rename_axis("respondent_id").reset_index()
    rows = rows.melt("respondent_id", var_name="wave", value_name="score_100").assign(dimension="trust")
    return rows.assign(cluster_id=rows["respondent_id"])


def test_what_became_of_a_promise_follows_from_its_dates(study):
    found = team_promises.recorded(study).set_index("promise")["status"]
    assert found.to_dict() == {
        "Kept": "kept by the first date", "Moved": "moved in time", "Silent": "end not recorded",
        "Ahead": team_promises.RUNNING, "Broken": "broken",
    }  # fmt: skip


def test_a_team_is_read_what_it_promised_before_the_wave_and_nobody_elses(study):
    assert list(team_promises.of_team(study, "department", "Sales", "w2")["promise"]) == ["Kept", "Moved", "Silent"]
    assert team_promises.of_team(study, "department", "Sales", "w1").empty
    assert team_promises.of_team(study, "department", "Elsewhere", "w2").empty


def test_the_change_since_is_that_between_the_two_waves(study):
    rows = scores(50, 62)
    found = team_promises.read_back(team_promises.of_team(study, "department", "Sales", "w2"), rows, "w2")
    direct = change.between_waves(rows, "w1", "w2", by=["dimension"]).iloc[0]
    assert found.loc[0, ["estimate", "low", "high"]].tolist() == direct[["estimate", "low", "high"]].tolist()
    assert found.loc[0, "low"] < 12 < found.loc[0, "high"]
    assert pd.isna(found.loc[1, "dimension"]) and found.loc[1, "note"] == "no dimension was named"
    assert found.loc[1, "respondents"] == 40


def test_where_nothing_moved_the_interval_holds_zero_as_often_as_it_says(study):
    promised = team_promises.of_team(study, "department", "Sales", "w2").head(1)
    found = pd.concat([team_promises.read_back(promised, scores(50, 50, 30, seed), "w2") for seed in range(120)])
    assert 0.89 <= ((found["low"] <= 0) & (found["high"] >= 0)).mean() <= 0.99


def test_teams_are_counted_by_what_became_of_their_promises(study):
    answered = study.responses().query("wave == 'w2'")
    found = team_promises.kept(study, answered).set_index("became")
    assert found["promises"].to_dict() == {
        "kept by the first date": 1, "moved in time": 1, "broken": 1, "end not recorded": 1, "still running": 1,
    }  # fmt: skip
    assert (found["respondents"] == 8).all()


def test_a_study_without_the_table_has_none(study):
    study.settings.tables.__dict__["team_commitments"] = None
    assert team_promises.recorded(study).empty and team_promises.kept(study, study.responses()).empty
