"""A plain table: one header row, one row per response.

Layout: the first row holds the names of the columns or the texts of the questions; csv, tsv, xlsx, parquet or
SPSS sav, as written by hand or by any survey tool's plain export. Source: this project's own definition, in
``helpers.data.read`` (checked 2026-11-22).
"""

from __future__ import annotations

from pathlib import Path

from ...limits import Limits
from ...read import as_texts, cell_text
from ..export import Export, decimal_sign, table


def read(path: Path, limits: Limits) -> Export:
    """Read a plain table.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        Its rows; the names of the columns serve as the texts of the questions.
    """
    raw = table(path, limits)
    frame = as_texts(raw)
    labels = {name: {cell_text(code): str(label) for code, label in told.items()} for name, told in raw.labels.items()}
    questions = {name: raw.questions.get(name, name) for name in frame}
    return Export(frame, questions, decimal=decimal_sign(raw.delimiter), labels=labels)
