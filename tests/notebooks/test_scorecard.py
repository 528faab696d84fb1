"""Chapters 04 and 07 read what a joint scorecard captured: the tree, figures in dispute, reviews and their owners."""

import re
import shutil

import pytest

from helpers.playbooks import grade

from .cells import ROOT, run

UNITS = ROOT / "tests" / "studies" / "units_only"
TREE = re.compile(r"metric_tree:\n(  .+\n)+")
LINES = ("S1,,,metrics_1,Team mood → Absence days: lower", "S1,,,metrics_2,team_mood -> profit: higher",
         "S1,,,periods_later,2")  # fmt: skip


@pytest.fixture
def scorecard(tmp_path):
    """Return a function that writes ten sites and one session of so many pairs, and its folder."""

    def written(pairs: int, *lines: str, disputed=lambda pair: pair % 3, tree: bool = False):
        folder = tmp_path / "study"
        shutil.copytree(UNITS, folder, dirs_exist_ok=True)
        settings = (UNITS / "study.yaml").read_text(encoding="utf-8")
        names = ("partnerships", "practice_sessions", "practice_log", "practice_answers", "commitments")
        settings += "".join(f"  {name}: {name}.csv\n" for name in names)
        (folder / "study.yaml").write_text(settings if tree else TREE.sub("", settings), encoding="utf-8")
        numbers = range(pairs)
        rows = {
            "partnerships": ["partnership_id,hr_id,manager_id", *(f"P{n},H{n},M{n}" for n in numbers)],
            "practice_sessions": ["session_id,practice,date,came,declined",
                                  f"S1,joint_scorecard,2025-01-20,{2 * pairs},0"],
            "practice_log": ["session_id,practice,person_id,partnership_id,date,hours,consent",
                             *(f"S1,joint_scorecard,{side}{n},P{n},2025-01-20,2,yes"
                               for n in numbers for side in "HM")],
            "practice_answers": ["session_id,person_id,partnership_id,field,value", *lines,
                                 *(f"S1,,P{n},figures_compared,4" for n in numbers),
                                 *(f"S1,,P{n},definitions_disputed,{disputed(n)}" for n in numbers)],
            "commitments": ["commitment_id,session_id,partnership_id,promised_by,kind,made_on,due_on,closed_on,outcome",
                            *(f"R{n},S1,P{n},{('hr', 'manager')[n % 2]},time,2025-01-20,2025-04-01,"
                              f"{('2025-03-30,kept', ',broken')[n % 4 // 2]}" for n in numbers)],
        }  # fmt: skip
        for name, told in rows.items():
            (folder / f"{name}.csv").write_text("\n".join(told) + "\n", encoding="utf-8")
        return str(folder)

    return written


def of(published, kind, id=""):
    return [one for one in published if one["kind"] == kind and one.get("id", "").startswith(id)]


def test_a_scorecard_alone_gives_the_tree_and_what_nothing_measures_is_named(monkeypatch, scorecard):
    published = run("04", monkeypatch, study=scorecard(12, *LINES))
    tree, agreed, disputed = (of(published, "table", id)[0] for id in ("tree", "agreed", "disputed"))
    assert [row[:2] for row in tree["texts"]] == [
        ["Absence days: “team mood” +1", "at the same time"], ["Absence days: “team mood” +1", "2 periods later"],
    ]  # fmt: skip
    assert agreed["message"] == "2 pairs of metrics agreed in 1 session; the study measures 1 of them."
    assert [row[1:] for row in agreed["texts"]] == [["lower", "yes"], ["higher", "no"]]
    told = [one["sentence"] for one in of(published, "remark")]
    assert "Agreed on, and measured by no table of the study, so nothing is said of it: “profit”." in told
    # 4 pairs each define 0, 1 and 2 of 4 figures differently: 12 of 48
    assert disputed["texts"][0][1].startswith("25 %") and disputed["texts"][0][-1] == "24"
    assert "profit" not in str([*of(published, "finding"), *of(published, "chart")])


def test_findings_say_what_was_expected_and_how_many_figures_mean_two_things(monkeypatch, scorecard):
    published = run("04", monkeypatch, study=scorecard(12, *LINES))
    found = of(published, "finding")
    caveats = [caveat for one in found if one["id"].startswith(("within", "between")) for caveat in one["caveats"]]
    assert caveats.count("Agreed beforehand: “absence days” would be lower.") >= 2
    (disputed,) = of(published, "finding", "disputed-joint_scorecard")
    assert disputed["sentence"].startswith("25 per cent") and disputed["counted"] == "People"
    assert grade(disputed["sentence"]) <= 10
    nobody = run("04", monkeypatch, study=str(UNITS))
    assert "beforehand" not in str(of(nobody, "finding"))
    assert [one["sentence"] for one in of(nobody, "remark")].count(
        "No session agreed on pairs of metrics: all of the tree stands in study.yaml."
    ) == 1


def test_a_scorecard_and_study_yaml_make_one_tree(monkeypatch, scorecard):
    published = run("04", monkeypatch, study=scorecard(12, *LINES, tree=True))
    what = {row[0] for row in of(published, "table", "tree")[0]["texts"]}
    assert what == {"Absence days: “team mood” +0.5", "Customer rating: “team mood” +0.5"}


@pytest.mark.parametrize("number", [0, 4])
def test_that_all_or_none_are_in_dispute_would_tell_what_each_pair_noted(monkeypatch, scorecard, number):
    published = run("04", monkeypatch, study=scorecard(12, *LINES, disputed=lambda _: number))
    assert not of(published, "table", "disputed")
    assert [one.get("estimate") for one in of(published, "finding", "disputed")] in ([], [None])


def test_of_three_pairs_nothing_is_told_but_the_tree(monkeypatch, scorecard):
    published = run("04", monkeypatch, study=scorecard(3, *LINES))
    assert of(published, "table", "agreed") and not of(published, "table", "disputed")
    assert not of(published, "finding", "disputed")
    assert any("Fewer than 8 people who agreed to be counted" in one["sentence"] for one in of(published, "remark"))


def test_if_nothing_agreed_on_is_measured_the_chapter_says_so_and_stops(monkeypatch, scorecard):
    study = scorecard(12, "S1,,,metrics_1,training days -> profit: higher")
    with pytest.raises(Exception, match=r"measured by no table of the study.*“training days”, “profit”"):
        run("04", monkeypatch, study=study)


def test_reviews_and_their_owners_are_read_as_promises(monkeypatch, scorecard):
    """Of 24 reviews 12 fall to each side, and half of these were held on their day."""
    published = run("07", monkeypatch, study=scorecard(24, *LINES), practice="joint_scorecard")
    kept = of(published, "table", "kept-by-kind")[0]["texts"]
    assert {row[1]: row[2] for row in kept if row[0] == "Time"} == {"Managers": "50 %", "HR partners": "50 %"}
    assert not [row for row in kept if row[0] != "Time"]
