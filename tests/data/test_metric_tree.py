"""The metric tree names what the study has, or one error says what is wrong; nothing else is written or shown."""

import pandas as pd
import pytest
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Study
from helpers.data.problems import InputError

OUTCOMES = "unit,period,metric,value,denominator\nA,2026-Q1,turnover,3,90\nB,2026-Q1,turnover,2,80\n"
PULSE = "unit,month,item,n,mean\nA,2026-01,mood,8,3.5\n"
GOOD = "{hr: mood, business: turnover}"


@pytest.fixture
def study(study_folder):
    """Return a function that writes a study with branches of a tree."""

    def write(*branches: str, more: str = "") -> str:
        folder = study_folder()
        for name, text in (("outcomes", OUTCOMES), ("pulse", PULSE)):
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        settings = folder / "study.yaml"
        text = settings.read_text(encoding="utf-8").replace(
            "tables:", "tables:\n  outcomes: outcomes.csv\n  pulse: pulse.csv", 1
        )
        tree = "".join(f"\n    - {branch}" for branch in branches)
        settings.write_text(f"{text}\nmetric_tree:\n  branches:{tree}\n{more}", encoding="utf-8")
        return str(folder)

    return write
