"""A plain table: one header row, one row per response.

Layout: the first row holds the names of the columns or the texts of the questions; csv, tsv, xlsx, parquet or
SPSS sav, as written by hand or by any survey tool's plain export. Source: this project's own definition, in
``helpers.data.read`` (checked 2026-11-22).
"""

from __future__ import annotations

from pathlib import Path

from ...limits import Limits
from ...problems import input_error
from ...read import as_texts, cell_text
from ..export import Export, decimal_sign, how_read, table
from ..names import simplified
from . import qualtrics

NOT_TOLD = (
    "The columns are those of Qualtrics; previews and responses that were not sent off are in here too. partnership "
    "import qualtrics leaves them out."
)


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
    if qualtrics.headed(frame):
        found = "rows 2 and 3 are no responses: this is an export of Qualtrics"
        fix = "Import it with partnership import qualtrics, which knows previews and responses that were not sent off"
        raise input_error(path.name, found, fix=fix, table="survey")
    labels = {name: {cell_text(code): str(label) for code, label in told.items()} for name, told in raw.labels.items()}
    notes = [NOT_TOLD] if {"status", "finished", "responseid"} <= set(map(simplified, frame)) else []
    questions = {name: raw.questions.get(name, name) for name in frame}
    return Export(frame, questions, decimal=decimal_sign(raw.delimiter), labels=labels, notes=notes, told=how_read(raw))
