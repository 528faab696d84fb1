"""Every slot of a finding's sentence fits its exhibit: numbers, signs, names, counts, ranks and thresholds."""

import json
from pathlib import Path

import pytest
from present import slots

from helpers.published import MIME, Claim

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("tests/golden/*.ipynb")])


def published(path):
    """Findings, and exhibits by their ids."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return slots.told(output.get("data", {}).get(MIME) for cell in cells for output in cell.get("outputs", []))


def test_findings_of_every_kind_stand_in_the_committed_notebooks():
    findings = [finding for path in NOTEBOOKS for finding in published(path)[0]]
    assert {finding.claim for finding in findings} == set(Claim)
    assert len(findings) > 25


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_number_and_a_count_are_those_of_a_row_that_the_finding_names(path):
    slots.numbers_and_counts(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_difference_says_its_sign_its_interval_and_its_threshold(path):
    slots.differences(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_last_difference_stands_beside_all_that_were_tested(path):
    slots.all_tested(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_rank_names_the_rows_at_that_end(path):
    slots.rank_rows(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_level_says_its_value_and_how_far_off_it_may_be_and_no_more(path):
    slots.levels(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_interval_holds_its_estimate_and_a_sentence_names_the_threshold_and_the_group(path):
    slots.intervals(*published(path))
    slots.thresholds(*published(path))
    slots.named_groups(*published(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_playbook_is_named_for_nothing_that_rose_and_no_column_by_its_name(path):
    slots.playbooks_and_names(*published(path))
