"""Google Forms: responses as CSV, or the linked sheet downloaded as CSV or XLSX.

Layout: one header row. The first column is the time of the response, headed Timestamp in the language of the form;
Email Address or Username follows where addresses are collected, Score in a quiz; then one column per question, headed
by its text. A row of a grid is headed "question [row]". Checkboxes are listed in one cell, divided by commas (sheet)
or semicolons (CSV). Times read 2026/05/01 5:01:02 PM GMT+2 in the CSV, and as the sheet's locale has it otherwise.

Source: exports and scripts published by users (checked 2026-11-22). Not checked: the heading of the first column in
every language; a column of times is what counts. Nothing in the file tells who answered: unless a question asks for
it, a response is told from others by its time and its content, so that a later export of the form finds it again.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...convert import dated
from ...dates_in_words import plainly
from ...limits import Limits
from ...problems import input_error
from ..export import PERSONAL, SKIP, ZONE, Export, decimal_sign, grid, how_read, unique

ADDRESSES = {"email address", "username", "e-mail-adresse", "adresse e-mail", "dirección de correo electrónico"}


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
        All responses.

    Raises
    ------
    InputError
        When the first column holds no times.
    """
    found = grid(path, limits)
    names = unique(" ".join(name.split()) or "no name" for name in found.frame.loc[1].fillna(""))
    frame = found.frame.iloc[1:].set_axis(names, axis=1)
    unknown: set[str] = set()
    zoned = frame.iloc[:, 0].map(lambda text: _zoned(text, unknown), na_action="ignore").astype("str")
    times = zoned.dropna()
    if not dated(times).mean() > 0.5:
        raise input_error(
            path.name,
            f"the first column, {names[0]}, holds no times",
            "the time of each response first, as Google Forms writes it",
            "Download the responses again; or use the format wide",
            table="survey",
            rows=(1,),
        )
    frame = frame.assign(**{names[0]: zoned})
    meanings = {names[0]: "submitted_at"}
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
        response=names[:1],
        told=how_read(found),
        notes=[f"The time zone {zone} is unknown; its times are taken as local." for zone in sorted(unknown)],
    )


def _zoned(text: str, unknown: set[str]) -> str:
    """Return a time with its offset as digits; note names of zones that are not known, and leave them out."""
    text = plainly(text)
    if (match := ZONE.fullmatch(text)) and match[2] != "UTC":
        unknown.add(match[2])
        return match[1]
    return text
