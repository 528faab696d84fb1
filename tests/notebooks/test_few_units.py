"""Chapter 04 with fewer units than the minimum: it says so, and tells nothing of them."""

import re
import shutil

import pandas as pd
import pytest

from .cells import ROOT, run

UNITS = ROOT / "tests" / "studies" / "units_only"


@pytest.fixture
def three_sites(tmp_path):
    """The study of ten sites with three of them."""
    folder = tmp_path / "study"
    shutil.copytree(UNITS, folder)
    for name in ("outcomes", "pulse"):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str)
        table[table["unit"].isin(["Site A", "Site B", "Site C"])].to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_three_units_are_not_compared_and_the_chapter_says_so(monkeypatch, three_sites):
    published = run("04", monkeypatch, study=str(three_sites))
    assert [one for one in published if one["kind"] in ("table", "chart", "finding")] == []
    remarks = [one["sentence"] for one in published if one["kind"] == "remark"]
    assert any(re.match(r"Fewer than 5 units have both metrics", sentence) for sentence in remarks)
    assert not any("people" in sentence and "fewer than 5" in sentence for sentence in remarks)


def test_ten_units_are_compared_and_no_unit_is_named(monkeypatch):
    published = run("04", monkeypatch, study=str(UNITS))
    assert [one["id"] for one in published if one["kind"] == "table"] == ["tree", "associations", "explained"]
    assert [one["id"] for one in published if one["kind"] == "chart"] == ["course", "later"]
    assert "Site " not in str(published)
