"""A report claims little of chance, nothing that was not recorded, and finds what is large: parts of ``chance.py``."""

from pathlib import Path

import chance
import chance_studies
import in_process
import pytest

from helpers.analysis.hiring.recorded import Recorded
from helpers.present.claims import MEASURED

KEPT = chance.kept()


# What the full run found


def test_of_chance_studies_no_more_hold_false_claims_than_are_allowed():
    number, strong, either = chance.counts(list(KEPT["chance"].values()))
    assert strong <= chance.allowed(number, chance.MOST_STRONG)
    assert either <= chance.allowed(number, chance.MOST_EITHER)
    assert number >= 100 and (chance.MOST_STRONG, chance.MOST_EITHER) == (4, 16)


def test_nothing_rested_on_what_was_not_recorded():
    assert [one["what"] for one in KEPT["dropped"].values() if one["resting"]] == []
    assert sum(one["told"] for one in KEPT["dropped"].values()) > 3 * len(KEPT["dropped"])


@pytest.mark.parametrize("name", chance.EFFECTS)
def test_what_has_power_was_found_in_nine_of_ten_studies(name):
    told = [one["told"][name] for one in KEPT["planted"].values()]
    assert chance.power(name, told) >= 0.95
    assert sum(one["found"] for one in told) / len(told) >= 0.9


def test_tables_and_the_closing_page_of_reports_say_what_was_measured():
    assert chance.STORE.with_suffix(".md").read_text(encoding="utf-8") == chance.text_of(KEPT)
    assert chance.stated(KEPT) == MEASURED


# A share of it anew


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 9])
def test_of_chance_nothing_is_called_strong(seed):
    found = chance.chance(seed)
    assert "strong" not in found["false"] and sum(found["grades"].values()) > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 10])
def test_nothing_rests_on_records_that_were_dropped(seed):
    found = chance.dropped(seed)
    assert found["told"] and not found["resting"]


@pytest.mark.slow
def test_without_the_gate_findings_rest_on_what_was_dropped(monkeypatch):
    """Else the benchmark could not fail."""
    monkeypatch.setattr(Recorded, "_gaps_of", lambda self, kinds, requisition: iter(()))
    wrong = [chance.dropped(seed) for seed in (1, 2)]
    assert any(one["resting"] for one in wrong) and all(one["resting"] or one["off"] for one in wrong)


@pytest.mark.slow
def test_large_effects_are_told():
    found = chance.planted(0)["told"]
    assert sum(one["found"] for one in found.values()) >= len(chance.EFFECTS) - 1


@pytest.mark.slow
def test_cells_on_which_no_finding_rests_may_be_left_out(tmp_path):
    drawn = chance_studies.draw(1, Path(tmp_path) / "study", loading=0.75, partners=(12, 20))
    names = ["02_partnership_survey", "06_practice_impact"]
    some, all_ = (in_process.chapters(drawn.folder, names, whole=whole) for whole in (False, True))
    assert some.keys() == all_.keys()
    assert [one.findings for one in some.values()] == [one.findings for one in all_.values()]
    assert sum(len(one.exhibits) for one in some.values()) < sum(len(one.exhibits) for one in all_.values())
