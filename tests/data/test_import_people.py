"""A roster becomes the table of people: nobody named, nobody twice, and what is open is asked."""

import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file
from helpers.data.importers.history import undo

ROSTER = (
    "Employee ID;Last name;E-mail;Role;Department;Office;Hire date;Shoe size\n"
    "1;Doe;jo@example.com;HR Business Partner;Sales;Bern;03.02.2020;44\n"
    "2;Poe;al@example.com;Manager;Sales;Bern;15.02.2021;40\n3;Roe;b@example.com;Contractor;Law;Bern;16.02.2021;41\n"
)


def roster(tmp_path, text=ROSTER):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    return tmp_path / "roster.csv"


def test_a_roster_is_read_renewed_and_taken_back(tmp_path, write_study, refusal):
    folder, path = write_study(), roster(tmp_path)
    said = refusal(import_file, "people", path, folder)
    assert 'no side is known by the words "Contractor"' in said and not (folder / "people.csv").exists()
    place = folder / "mappings" / "people.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("Contractor: UNSURE", "Contractor: skip"), "utf-8")
    log = import_file("people", path, folder)
    assert log.personal == ["Last name", "E-mail"] and log.left_out == ["Shoe size"]
    assert log.skipped == {"side the mapping skips": ["row 4"]}
    people = Study.load(folder, merged=False).people
    assert people[["person_id", "side", "department", "location"]].astype(str).values.tolist() == [
        ["1", "hr", "Sales", "Bern"],
        ["2", "manager", "Sales", "Bern"],
    ]
    assert people["start_date"].astype(str).tolist() == ["2020-02-03", "2021-02-15"]
    assert "Doe" not in (folder / "people.csv").read_text(encoding="utf-8")
    moved = roster(tmp_path, ROSTER.replace("Manager;Sales", "Manager;Care"))
    assert import_file("people", moved, folder).tables["people"] == "0 rows added, 2 renewed, 0 kept"
    assert Study.load(folder, merged=False).people["department"].tolist() == ["Sales", "Care"]
    undo(folder)
    assert Study.load(folder, merged=False).people["department"].tolist() == ["Sales", "Sales"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,role\n1,hr\n1,manager\n", "the same person in several rows that differ"),
        ("id,department\n1,Sales\n", "nothing tells the side of a person"),
        ("who,role\n1,hr\n", "no column becomes person_id"),
        ("id,role\n,hr\n", "nobody in it can be taken"),
    ],
)
def test_a_roster_that_leaves_something_open_is_refused(tmp_path, write_study, refusal, text, said):
    folder = write_study()
    assert said in refusal(import_file, "people", roster(tmp_path, text), folder)
    assert not (folder / "people.csv").exists()


def test_departments_that_are_written_alike_are_said(tmp_path, write_study):
    log = import_file("people", roster(tmp_path, "id,role,department\n1,hr,Sales\n2,manager,sales \n"), write_study())
    assert any("look alike and count as one" in note for note in log.notes)


@pytest.mark.parametrize("head", ["Rolle", "Tätigkeit im Haus"])
def test_a_german_roster_is_read_by_its_headings_and_by_its_words(tmp_path, write_study, head):
    text = (
        f"Personalnummer;Vorname;E-Mail;{head};Abteilung;Standort;Führungsebene;Eintritt\n"
        "E1;Jo;jo@example.com;HR Business Partner;Personal;Bern;3;1. Februar 2019\n"
        "E2;Al;al@example.com;Teamleiter;Sales;Ulm;4;15. März 2020\n"
    )
    folder = write_study()
    log = import_file("people", roster(tmp_path, text), folder)
    people = Study.load(folder, merged=False).people
    assert people[["person_id", "side", "location", "level"]].astype(str).values.tolist() == [
        ["E1", "hr", "Bern", "3"], ["E2", "manager", "Ulm", "4"],
    ]  # fmt: skip
    assert people["start_date"].astype(str).tolist() == ["2019-02-01", "2020-03-15"]
    assert log.personal == ["Vorname", "E-Mail"]
