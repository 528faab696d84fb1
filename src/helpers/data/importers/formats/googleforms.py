"""Google Forms: responses as CSV, or the linked sheet downloaded as CSV or XLSX.

Layout: one header row. The first column is the time of the response, headed Timestamp in the language of the form;
Email Address or Username follows where addresses are collected, Score in a quiz; then one column per question, headed
by its text. A row of a grid is headed "question [row]". Checkboxes are listed in one cell, divided by commas (sheet)
or semicolons (CSV). Times read 2026/05/01 5:01:02 PM GMT+2 in the CSV, and as the sheet's locale has it otherwise.

Source: exports and scripts published by users (checked 2026-11-22). Not checked: the heading of the first column in
every language; a column of times is what counts. Nothing in the file tells who answered: unless a question asks for
it, a response is named by its time, so that a later export of the same form finds it again.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...convert import YEAR_FIRST, YEAR_LAST
from ...limits import Limits
from ...problems import input_error
from ..export import PERSONAL, SKIP, Export, decimal_sign, grid, unique

ADDRESSES = {"email address", "username", "e-mail-adresse", "adresse e-mail", "dirección de correo electrónico"}
RESPONSE = "(response)"
ZONE = re.compile(r"\s*(?:GMT|UTC)\s*([+-])(\d{1,2})(?::?(\d{2}))?$")


def read(path: Path, limits: Limits) -> Export:
    """Read responses of a Google form.

    Parameters
    ----------
    path : pathlib.Path
        The csv or xlsx file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All responses, with a column that names each by its time.

    Raises
    ------
    InputError
        When the first column holds no times.
    """
    found = grid(path, limits)
    names = unique(" ".join(name.split()) or "no name" for name in found.frame.loc[1].fillna(""))
    frame = found.frame.iloc[1:].set_axis(names, axis=1)
    told = frame.iloc[:, 0].map(_zoned, na_action="ignore").astype("str")
    times = told.dropna()
    if not (times.str.fullmatch(YEAR_FIRST) | times.str.fullmatch(YEAR_LAST)).mean() > 0.5:
        raise input_error(
            path.name,
            f"the first column, {names[0]}, holds no times",
            "the time of each response first, as Google Forms writes it",
            "Download the responses again; or use the format wide",
            table="survey",
            rows=(1,),
        )
    frame = frame.assign(**{names[0]: told})
    stamp = told.str.replace(r"\D+", "", regex=True)
    count = stamp.groupby(stamp).cumcount() + 1
    frame[RESPONSE] = (stamp + "-" + count.astype("str")).astype("str")
    meanings = {names[0]: "submitted_at", RESPONSE: "respondent_id"}
    meanings |= {name: PERSONAL for name in names if name.lower() in ADDRESSES}
    meanings |= {name: SKIP for name in names[1:4] if name.lower() == "score"}
    questions = {name: re.sub(r"^(.*\S)\s*\[(.*)\]$", r"\1 - \2", name) for name in names}
    return Export(
        frame,
        questions,
        meanings,
        prefer=[name for name in names if name.lower() not in ADDRESSES],
        decimal=decimal_sign(found.delimiter),
        missing=(),
    )


def _zoned(text: str) -> str:
    """Return a time with its offset as two digits each."""
    return ZONE.sub(lambda m: f" {m[1]}{int(m[2]):02d}{m[3] or '00'}", text)
