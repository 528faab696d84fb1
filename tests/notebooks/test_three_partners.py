"""What chapter 02b says with three HR partners and 28 managers: what managers said, and nothing that the three did."""

import pytest

from .cells import run

SMALL = "tests/studies/small_client"


@pytest.mark.slow
def test_three_partners_and_28_managers_are_told_what_managers_said(monkeypatch):
    published = run("02b", monkeypatch, study=SMALL)
    tables = {each["id"]: each for each in published if each.get("kind") == "table"}
    assert set(tables) == {"pairing", "these-partners", "one-with-many", "variance-components", "trust-in-intervals"}
    names = [column["name"] for column in tables["these-partners"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in tables["these-partners"]["rows"]]
    assert len(rows) == 11 and {row["rated"] for row in rows} == {3}
    assert all(row["low"] <= row["estimate"] <= row["high"] < 60 for row in rows), "not anything from 0 to 100"
    assert {row[0] for row in tables["one-with-many"]["rows"]} == {"Managers"}
    said = [each["sentence"] for each in published if each.get("kind") == "remark"]
    assert said[0] == "Intervals speak of others like these 3 HR partners, which are few, so intervals are wide."
    assert said[1].startswith("Fewer than 5 HR partners answered, so nothing that they said is told here.")
    assert not [sentence for sentence in said if "is not shown" in sentence]
    assert "with 3 HR partners" in tables["trust-in-intervals"]["title"]
