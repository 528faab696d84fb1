"""The sample study is what the simulation writes, is sound, and has the shape that the notebooks rely on."""

from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
import simulation

from helpers.data import Study
from helpers.data.tables import TABLES
from helpers.playbooks import discover
from helpers.shipped import PLAYBOOKS

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.load(SAMPLE, merged=False)


def test_the_simulation_writes_the_same_bytes(tmp_path):
    again = simulation.write(tmp_path / "sample")
    committed = {path.name: path.read_bytes() for path in SAMPLE.glob("[!.]*")}  # a report may hold its lock there
    written = {path.name: path.read_bytes() for path in again.iterdir()}
    assert written.keys() == committed.keys()
    assert [name for name in written if written[name] != committed[name]] == []


def test_another_seed_gives_another_study():
    one, other = simulation.simulate(1), simulation.simulate(2)
    differing = [name for name in one.tables if not one.tables[name].equals(other.tables[name])]
    assert set(differing) == set(one.tables) - {"units", "actions", "team_commitments"}  # which nothing is drawn for


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*")) < 6_000_000


def test_the_data_layer_finds_nothing_wrong(study):
    assert [problem.sentence() for problem in study.check()] == []


def test_every_table_of_the_design_is_there(study):
    assert [name for name in TABLES if not study.has(name)] == []


def test_the_codebook_is_the_shipped_instrument():
    shipped = files("helpers.data").joinpath("instrument", "codebook.yaml").read_bytes()
    assert (SAMPLE / "codebook.yaml").read_bytes() == shipped


def test_the_instrument_has_three_items_per_dimension_and_one_of_them_in_the_short_form(study):
    book = study.codebook
    for dimension in book.dimensions:
        items = book.scale_items(dimension.id)
        assert len(items) == (8 if dimension.id == "employee_view" else 3)
        assert sum(item.short_form for item in items) == (dimension.id != "employee_view")
    assert sum(item.reverse for item in book.items) == 3
    assert not any(item.reverse and item.short_form for item in book.items)
    assert [item.id for item in book.outcomes("hr")] == ["work_again"]
    assert (book.item("work_again").low, book.item("work_again").high) == (0, 10)
    assert [item.id for item in book.comments("manager")] == ["comment"]


def test_the_simulation_knows_which_items_are_reversed(study):
    from simulation.answers import REVERSED

    reversed_items = {item.id for item in study.codebook.items if item.reverse}
    assert {f"{dimension}_{item}" for dimension, item in REVERSED} == reversed_items


def test_both_sides_answer_about_each_other_in_words_of_their_own(study):
    for item in study.codebook.scale_items(side="hr"):
        assert item.text_for("hr") != item.text_for("manager")
        assert "manager" in item.text_for("hr")
        assert "HR" in item.text_for("manager")


def test_playbooks_named_by_the_instrument_exist(study):
    named = {dimension.playbook for dimension in study.codebook.dimensions}
    assert {"role-swap", "customer-call-shadowing", "commitment-board"} < named
    assert named <= {folder.name for folder in discover(PLAYBOOKS)}


def test_company_has_the_planned_size(study):
    sides = study.people.groupby("side").size()
    assert (sides["manager"], sides["hr"]) == (420, 36)
    managers = study.people.query("side == 'manager'")
    assert managers["location"].nunique() == 5
    departments = managers.groupby("department").size()
    assert len(departments) == 7
    assert sorted(departments[departments < study.privacy.min_group]) == [3, 4]


def test_large_departments_have_at_least_seven_hr_partners(study):
    partners = study.people.query("side == 'hr'").groupby("department").size()
    assert sorted(partners) == [7, 7, 7, 7, 8]


@pytest.mark.parametrize("day", ["2025-05-05", "2025-11-03", "2026-05-04"])
def test_every_manager_has_one_partner_and_clusters_are_unequal(study, day):
    pairs = study.partnerships
    day = pd.Timestamp(day)
    current = pairs[(pairs["start_date"] <= day) & (pairs["end_date"].isna() | (pairs["end_date"] > day))]
    assert sorted(current["manager_id"]) == sorted(study.people.query("side == 'manager'")["person_id"])
    sizes = current.groupby("hr_id").size()
    assert len(sizes) == 36
    assert (sizes.min(), sizes.max()) == (6, 20)
    assert sizes.std() > 3


def test_some_managers_change_partner(study):
    assert len(study.partnerships) == 430
    assert study.partnerships["end_date"].notna().sum() == 10


def test_managers_answer_all_items_and_hr_the_short_form(study):
    responses = study.responses()
    short = [item.id for item in study.codebook.scale_items(short_form=True)]
    long = [item.id for item in study.codebook.scale_items(side="hr") if not item.short_form]
    hr, managers = (responses[responses["side"] == side] for side in ("hr", "manager"))
    assert hr[long].isna().all(axis=None)
    assert 0.97 < hr[short].notna().mean(axis=None) < 0.995
    assert 0.97 < managers[short + long].notna().mean(axis=None) < 0.995


def test_not_everybody_answers(study):
    roster = study.roster()
    rates = roster.groupby(["side", "wave"])["responded"].mean()
    assert rates["manager"].between(0.60, 0.75).all()
    assert rates["hr"].between(0.75, 1.0).all()


def test_some_questionnaires_carry_one_value_throughout(study):
    managers = study.responses().query("side == 'manager'")
    items = [item.id for item in study.codebook.scale_items(side="manager")]
    assert 3 <= (managers[items].nunique(axis=1) == 1).sum() <= 40


def test_comments_hold_something_to_redact(study):
    comments = study.survey["comment"].dropna()
    assert 80 <= len(comments) <= 200
    names = study.people["name"].dropna()
    assert sum(any(name in comment for name in names) for comment in comments) >= 4
    assert comments.str.contains("@brambleford.example", regex=False).sum() >= 2
    assert comments.str.contains("+44 20 7946 0", regex=False).sum() >= 2


def test_no_address_can_be_real(study):
    addresses = study.people["email"].dropna()
    assert addresses.str.endswith("@brambleford.example").all()


def test_time_series_are_long_enough(study):
    team = study.pulse.query("unit == 'Production Northmill'")
    assert (team.groupby("item").size() == 60).all()
    assert (study.pulse["n"] >= 5).all()
    assert (study.outcomes.groupby(["unit", "metric"]).size() >= 8).all()
    assert (study.headcount.groupby("unit").size() >= 24).all()


def test_hiring_has_the_planned_size(study):
    assert len(study.requisitions) == 900
    assert 15_000 <= len(study.hiring_events) <= 22_000
    assert set(study.requisitions["close_reason"].dropna()) == {"filled", "cancelled", "on_hold"}
    assert study.requisitions["closed_at"].isna().sum() > 20


def test_practices_have_two_arms(study):
    log = study.practice_log
    assert set(log["practice"]) == {"role_swap", "customer_call"}
    for _, sessions in log.groupby("practice"):
        first = sessions.groupby("arm")["date"].min()
        assert first["treated"] < first["waitlist"]


def test_nothing_is_stored_of_people_who_said_no_but_one_more_in_a_total(study):
    log, sessions = study.practice_log, study.practice_sessions.set_index("session_id")
    assert not (log["consent"] == False).any()  # noqa: E712 - missing is neither
    swaps = log[log["practice"] == "role_swap"]
    assert swaps["consent"].all()
    counted = swaps.groupby("session_id")["person_id"].nunique()
    declined = sessions.loc[counted.index, "declined"]
    assert declined.sum() > 20 and (counted + declined <= sessions.loc[counted.index, "came"]).all()
    agreed = log[log["consent"].eq(True).fillna(False)]
    own = study.practice_answers.dropna(subset=["person_id"])
    assert len(own.merge(agreed[["session_id", "person_id"]].drop_duplicates())) == len(own)
    pairs = agreed.dropna(subset=["partnership_id"]).groupby("partnership_id")["person_id"].nunique()
    assert (pairs == 2).all()
    assert set(study.commitments["partnership_id"]) <= set(pairs.index)


def test_the_tables_hold_what_happens_in_practice(study):
    log, answers, promises = study.practice_log, study.practice_answers, study.commitments
    editions = answers[answers["field"] == "edition"].merge(study.practice_sessions, on="session_id")
    assert set(zip(editions["practice"], editions["value"])) == {
        *(("role_swap", edition) for edition in ("full-day", "half-day", "room")),
        *(("customer_call", edition) for edition in ("session", "month", "room")),
    }
    assert log["hours"].nunique() > 8, "late arrivals have fewer hours"
    assert set(promises["outcome"]) == {"kept", "kept_late", "moved", "broken", "open"}
    ended = study.partnerships.dropna(subset=["end_date"])["partnership_id"]
    assert (promises[promises["partnership_id"].isin(ended)]["outcome"] == "open").any(), "a pair that left"
    assert set(promises["promised_by"]) == {"hr", "manager", "both"}


def test_lots_are_recorded_for_every_unit_that_was_in_the_draw(study):
    swaps, calls = study.allotted("role_swap"), study.allotted("customer_call")
    assert set(swaps["unit_kind"]) == {"team"} and set(calls["unit_kind"]) == {"hr_partner"}
    assert swaps["unit"].nunique() == 25 and calls["unit"].nunique() == 36
    assert swaps["arm"].isna().sum() == 7, "two small departments were in no draw"
    by_unit = swaps.dropna(subset=["arm"]).groupby(["stratum", "arm"])["unit"].nunique().unstack()
    assert (by_unit == pd.Series({"control": 1, "treated": 2, "waitlist": 2})).all(axis=None)


def test_every_statement_has_two_coders(study):
    assert (study.messages.groupby("message_id").size() == 2).all()
    assert study.messages["message_id"].nunique() == 300


@pytest.mark.parametrize(
    ("arguments", "written"), [([], ["sample", "small_client", "one_wave"]), (["elsewhere"], ["elsewhere"])]
)
def test_the_studies_are_written_from_the_command_line(monkeypatch, capsys, arguments, written):
    from simulation import __main__ as command

    seeds = []
    monkeypatch.setattr(command, "write", lambda folder, seed: seeds.append(seed) or Path(folder))
    monkeypatch.setattr(command.small_client, "write", lambda folder: folder)
    monkeypatch.setattr(command.small_client, "write_one_wave", lambda folder: folder)
    monkeypatch.setattr("sys.argv", ["simulation", *arguments, "--seed", "7"])
    command.main()
    assert seeds == [7]
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == written
