"""A client's own questionnaire, answered by one side on three scales: everything said of it comes from its codebook."""

import numpy as np
import pandas as pd
import pytest

from .cells import run

CODEBOOK = """\
instrument: {name: Service pulse}
responses:
  five: {type: rating, low: 1, high: 5}
  seven: {type: rating, low: 1, high: 7}
  eleven: {type: rating, low: 0, high: 10}
  words: {type: text}
dimensions:
  - {id: speed, label: Speed}
  - {id: advice, label: Advice}
  - {id: trust, label: Trust}
items:
"""
CODEBOOK += "".join(
    f"  - {{id: {name}{n}, dimension: {name}, response: {scale}, text: Statement {n} on {name}.}}\n"
    for name, scale in (("speed", "five"), ("advice", "five"), ("trust", "seven"))
    for n in (1, 2, 3)
)
CODEBOOK += """\
  - {id: nps, role: outcome, response: eleven, recommend: Service NPS, text: Would you recommend us?}
  - {id: remark, role: comment, response: words, text: What should change?}
"""
SETTINGS = """\
title: Service pulse
as_of: 2026-06-30
waves: [2025, 2026]
attributes: [department, site]
releases: false
benchmarks:
  - {measure: speed, value: 55, unit: score 0-100, source: Panel, year: 2025}
  - {measure: speed1, value: 60, unit: per cent favourable, source: Panel, year: 2025}
  - {measure: nps, value: 5, unit: net score, source: Panel, year: 2025}
tables: {survey: survey.csv}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study of 150 people who answered twice; one department is far below the others."""
    place = tmp_path_factory.mktemp("own")
    random = np.random.default_rng(4)
    sheets = []
    for wave in ("2025", "2026"):
        low = np.arange(150) % 5 == 0
        level = random.normal(0, 1, 150) - 1.6 * low
        frame = pd.DataFrame({"respondent_id": [f"P{n:03d}" for n in range(150)], "wave": wave})
        frame["department"] = np.where(low, "Depot", np.where(np.arange(150) % 5 < 3, "Office", "Shop"))
        frame["site"] = np.where(np.arange(150) % 2, "North", "South")
        for name, top in (("speed", 5), ("advice", 5), ("trust", 7)):
            for n in (1, 2, 3):
                answer = (top + 1) / 2 + (top - 1) / 5 * (level + random.normal(0, 0.7, 150))
                frame[f"{name}{n}"] = np.clip(np.round(answer), 1, top).astype(int)
        frame["nps"] = np.clip(np.round(7 + 2 * level + random.normal(0, 1, 150)), 0, 10).astype(int)
        frame["remark"] = [f"Fewer forms, please, number {n}." for n in range(150)]
        sheets.append(frame)
    pd.concat(sheets).to_csv(place / "survey.csv", index=False)
    (place / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (place / "study.yaml").write_text(SETTINGS, encoding="utf-8")
    return place


@pytest.mark.slow
def test_the_survey_chapter_of_a_clients_own_questionnaire(folder, monkeypatch):
    published = run("02", monkeypatch, study=str(folder), bootstrap=200)
    exhibits = {one["id"]: one for one in published if one.get("kind") in ("table", "chart")}
    findings = {one["id"]: one["sentence"] for one in published if one.get("kind") == "finding"}
    remarks = " ".join(one["sentence"] for one in published if one.get("kind") == "remark")

    # what goes with the overall question is told of one side, too
    assert len(exhibits["drivers"]["rows"]) == 3 and {
        "importance-performance-1_5",
        "importance-performance-1_7",
    } <= set(exhibits)
    # the net score has the codebook's name, its interval, change and comparison
    columns = [column["name"] for column in exhibits["recommend"]["columns"]]
    assert {"label", "net", "net_low", "net_high", "change", "benchmark"} <= set(columns)
    assert findings["recommend-respondent-nps"].startswith("Service NPS of respondents is ")
    # every question stands there with its comparison, and the group far below is named under a name of its own
    assert len(exhibits["questions-respondent"]["rows"]) == 10
    assert "benchmark" in [column["name"] for column in exhibits["questions-respondent"]["columns"]]
    assert "“Depot” score" in findings["group-department-depot-all_dimensions"]
    assert "below the company" in findings["group-department-depot-all_dimensions"]
    assert {"group-heatmap-department", "group-heatmap-site"} <= set(exhibits)
    stars = [row for row in exhibits["group-heatmap-department"]["texts"] if "differs" in row]
    assert stars and {row[0] for row in stars} >= {"Depot"}
    # scales of different ends share no axis and no ranking
    assert {"change-chart-1_5", "change-chart-1_7"} <= set(exhibits) and "change-chart" not in exhibits
    assert all("1_5" in id or "1_7" in id for id in findings if id.startswith(("lowest", "highest")))
    # figures to compare with are in the unit that they have
    assert exhibits["benchmarks-score_100"]["rows"] and "benchmarks" not in exhibits
    # without themes no comment is counted, and nothing of the shipped questionnaire is said
    assert "names no themes" in remarks and not [id for id in exhibits if id.startswith("themes")]
    said = " ".join(
        [*findings.values(), remarks, *(f"{e['title']} {e['message']} {e['note']}" for e in exhibits.values())]
    )
    for shipped in ("Listening", "three-item", "36 clusters", "about each other", "HR partner"):
        assert shipped not in said


@pytest.mark.slow
def test_readiness_says_green_where_the_survey_chapter_ranks(folder, monkeypatch):
    published = run("01", monkeypatch, study=str(folder))
    lights = next(one for one in published if one.get("id") == "traffic-lights")
    rows = [dict(zip([c["name"] for c in lights["columns"]], row, strict=True)) for row in lights["rows"]]
    drivers = next(row for row in rows if row["analysis"] == "What goes with the overall rating")
    assert drivers["light"] == "green"
