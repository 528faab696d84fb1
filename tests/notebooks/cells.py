"""Runs a notebook's cells in this process and collects what they publish, without kernels and pictures."""

from __future__ import annotations

from pathlib import Path

import nbformat

from helpers import published as contract
from helpers.present import plots
from helpers.present import show as module

ROOT = Path(__file__).resolve().parents[2]


def run(name: str, monkeypatch, **parameters) -> list[dict]:
    """Return every exhibit, remark and finding of ``notebooks/<name>*.ipynb``, in order."""
    published: list[dict] = []
    path = next((ROOT / "notebooks").glob(f"{name}_*.ipynb"))

    def collect(data, metadata=None):
        if contract.MIME in data:
            published.append(data[contract.MIME])

    monkeypatch.setattr(module, "_display", collect)
    monkeypatch.setattr(plots, "render", lambda figure, kind: b"<svg>")
    monkeypatch.chdir(ROOT)
    names: dict = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{path.name} {cell.id}", "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(parameters)
    return published
