"""Where an interval or a test misses its rate in simulations, the methods section of a chapter says so."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def words(text: str) -> str:
    """The words alone, whatever the line breaks and quotation marks."""
    return " ".join(re.sub(r"[“”\"’']", "", text).split())


def misses(report: Path) -> list[str]:
    """What a calibration report says under its last heading."""
    text = report.read_text(encoding="utf-8")
    return [line.removeprefix("- ") for line in text.partition("## What misses")[2].splitlines() if line[:2] == "- "]


METHODS = words(
    " ".join(
        "".join(cell["source"])
        for path in ROOT.glob("notebooks/*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown" and "## How this was computed" in "".join(cell["source"])
    )
)


CALIBRATED = ["calibration", "calibration_hiring", "calibration_practice", "calibration_outcomes"]


@pytest.mark.parametrize("name", [*CALIBRATED, "recovery_sample"])
def test_what_misses_stands_on_a_methods_page(name):
    stated = misses(ROOT / "benchmarks" / f"{name}.md")
    assert stated
    assert [sentence for sentence in stated if words(sentence) not in METHODS] == []
