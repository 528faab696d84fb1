"""What is not measured well enough is neither drawn nor concluded from, whatever a reader asks for."""

import pytest

from helpers.present import Show

from .cells import run


@pytest.mark.slow
def test_agreement_about_a_dimension_that_is_not_measured_is_not_looked_at(monkeypatch):
    surface = {"surface-parameters", "congruence", "surface"}
    assert surface <= {exhibit.get("id") for exhibit in run("02b", monkeypatch)}

    def none(self, scores, *sides):
        left = scores[:0]
        left.attrs = {"absent": "Nothing is measured well enough here."}
        return left

    monkeypatch.setattr(Show, "reliable", none)
    published = run("02b", monkeypatch)
    assert not surface & {exhibit.get("id") for exhibit in published}
    said = [exhibit["sentence"] for exhibit in published if exhibit.get("kind") == "remark"]
    assert "Nothing is measured well enough here." in said
    assert not [sentence for sentence in said if "better outcome" in sentence]
