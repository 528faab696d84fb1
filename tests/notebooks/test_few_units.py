"""Chapters about units and messages where there are few of them: they say so, and tell nothing of them."""

import re
import shutil

import pandas as pd
import pytest

from .cells import ROOT, run

UNITS = ROOT / "tests" / "studies" / "units_only"
MESSAGES = ROOT / "tests" / "studies" / "messages_only"


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


# Chapter 11


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Return what chapter 11 publishes of the messages as a function has changed them."""

    def run_on(change):
        folder = tmp_path / "study"
        shutil.copytree(MESSAGES, folder)
        change(pd.read_csv(folder / "messages.csv")).to_csv(folder / "messages.csv", index=False)
        return run("11", monkeypatch, study=str(folder))

    return run_on


def test_messages_alone_are_enough_and_no_coder_is_named(monkeypatch):
    published = run("11", monkeypatch, study=str(MESSAGES))
    assert [one["id"] for one in published if one["kind"] == "chart"] == ["coverage", "coverage-channels", "promise"]
    lower = [
        one["sentence"] for one in published if one["kind"] == "finding" and " lower on “Modern”" in one["sentence"]
    ]
    assert len(lower) == 1, "planted: employees do not find the shop modern"
    assert "reader " not in str(published)


@pytest.mark.parametrize(
    ("change", "absent", "said"),
    [
        (lambda rows: rows[rows["coder_id"] == "reader A"], {"coders": "cannot tell"}, ""),
        (lambda rows: rows.drop(columns="attribute"), {}, "No message was read for what it says"),
        (lambda rows: rows.drop(columns="rating"), {}, "No message has a rating"),
        (lambda rows: rows.drop(columns="channel"), {}, "Messages have no channel"),
        (lambda rows: rows[rows["audience"] == "employee"], {}, "are absent, so they are not set side by side"),
        (lambda rows: rows[["message_id", "audience", "coder_id"]], {}, "No message was read for what it says"),
        (lambda rows: rows.assign(attribute="fair", rating=3), {"coders": "cannot tell"}, "Messages have no day"),
    ],
)
def test_what_messages_lack_is_said_in_words(told, change, absent, said):
    published = told(change)
    assert any(said in one["sentence"] for one in published if one["kind"] == "remark")
    for id, words in absent.items():
        assert all(words in row for one in published if one.get("id") == id for row in one["texts"][:1])


def test_four_messages_are_nothing_to_tell_of(told):
    published = told(lambda rows: rows[rows["message_id"].isin(["S01", "S02", "S03", "S06"])])
    assert [one for one in published if one["kind"] in ("table", "chart")] == []
    assert all(one["estimate"] is None for one in published if one["kind"] == "finding")
