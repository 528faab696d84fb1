"""The playbooks in a folder of their own, which a test may break."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "playbooks"


@pytest.fixture
def root(tmp_path):
    """Return a copy of all playbooks, their evidence and their index."""
    ignored = shutil.ignore_patterns("kits")
    return Path(shutil.copytree(ROOT, tmp_path / "playbooks", ignore=ignored))


@pytest.fixture
def swap(root):
    """Return the copy of the role swap."""
    return root / "role-swap"
