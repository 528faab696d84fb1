"""A small study that each test changes in the one place it is about."""

from pathlib import Path

import pytest
from small_study import CODEBOOK, TABLES

from helpers.data import InputError, Study


@pytest.fixture
def codebook_text():
    """The codebook of the small study."""
    return CODEBOOK


@pytest.fixture
def write_study(tmp_path):
    """Return a function that writes a study and its folder; tables are texts, settings replace lines."""

    def write(codebook: str = CODEBOOK, settings: str = "", sources: dict | None = None, **tables: str) -> Path:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        (folder / "codebook.yaml").write_text(codebook, encoding="utf-8")
        named = {}
        for name, content in tables.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (folder / f"{name}.csv").write_bytes(data)
            named[name] = f"{name}.csv"
        named |= sources or {}
        lines = "".join(f"  {name}: {source}\n" for name, source in named.items())
        text = f"title: Small study\nas_of: 2026-06-30\n{settings}tables:\n{lines}"
        (folder / "study.yaml").write_text(text if named else text.replace("tables:", "tables: {}"), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def small(write_study):
    """Return a function that opens the small study, with some tables or settings replaced."""

    def opened(settings: str = "", **changed: str) -> Study:
        return Study.load(write_study(settings=settings, **{**TABLES, **changed}), merged=False)

    return opened


@pytest.fixture
def refusal():
    """Return a function that runs something and returns the text of the InputError it must raise."""

    def of(action, *arguments, **options) -> str:
        with pytest.raises(InputError) as caught:
            action(*arguments, **options)
        return str(caught.value)

    return of
