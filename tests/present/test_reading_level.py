"""Findings are sentences a manager understands: school grade 10 or lower."""

import json
import re
from pathlib import Path

import pytest

from helpers.playbooks import grade

ROOT = Path(__file__).parents[2]
EXHIBIT = "application/vnd.hr-partnership.exhibit+json"
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("tests/golden/*.ipynb")])


def findings(path: Path) -> list[str]:
    """The sentences of an executed notebook; names a study has chosen count as one plain word."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [output.get("data", {}).get(EXHIBIT, {}) for cell in cells for output in cell.get("outputs", [])]
    sentences = [exhibit["sentence"] for exhibit in shown if exhibit.get("kind") == "finding"]
    return [re.sub(r"“[^”]*”", "trust", sentence) for sentence in sentences]


def test_the_committed_notebooks_state_findings():
    assert sum(len(findings(path)) for path in NOTEBOOKS) > 30


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_finding_reads_at_grade_ten_or_lower(path):
    hard = {sentence: round(grade(sentence), 1) for sentence in findings(path) if grade(sentence) > 10}
    assert not hard
