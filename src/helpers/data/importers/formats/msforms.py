"""Microsoft Forms: XLSX export (or the same table as CSV), one row per response.

Layout: one header row. The first five columns are always about the response, whatever their language: ID, Start time,
Completion time, Email, Name; Last modified time may follow. Then comes one column per question, headed by its text,
and one per statement of a Likert question, headed by the statement; a text that stands twice gets a number behind it.
Answers are the wordings of the choices; several choices are divided and ended by semicolons; ratings are numbers.

Source: headers of exports published by users (checked 2026-11-22). Not checked: the time zone of the times (taken as
the study's). The ID counts the responses of a form and tells two responses apart, not two people: to follow people
over waves, map Email to respondent_id and say in identities.csv whom each address means, or name a key for hashes.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...convert import dated
from ...limits import Limits
from ...problems import input_error
from ..export import PERSONAL, RESPONSE, SKIP, Export, decimal_sign, grid, how_read, unique

LEADING = (RESPONSE, SKIP, "submitted_at", PERSONAL, PERSONAL)
MODIFIED = {"last modified time", "zeitpunkt der letzten änderung", "heure de la dernière modification"}


def read(path: Path, limits: Limits) -> Export:
    """Read a Microsoft Forms export.

    Parameters
    ----------
    path : pathlib.Path
        The xlsx or csv file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All responses; those without a completion time are flagged as unfinished.

    Raises
    ------
    InputError
        When the five leading columns are not there.
    """
    found = grid(path, limits)
    names = unique(" ".join(name.split()) or "no name" for name in found.frame.loc[1].fillna(""))
    frame = found.frame.iloc[1:].set_axis(names, axis=1)
    if (
        len(names) < 4
        or names[0].lower().rstrip(".") != "id"
        or not all(_dated(frame.iloc[:, place]) for place in (1, 2))
    ):
        raise input_error(
            path.name,
            f"the first columns are {', '.join(names[:5])}",
            "ID, Start time, Completion time, Email and Name, in any language, as Microsoft Forms writes them",
            "Open the results in Excel from Microsoft Forms and do not change the file; or use the format wide",
            table="survey",
            rows=(1,),
        )
    # An anonymous form may leave Email and Name out altogether.
    leading = [name for name in names[:5] if frame[name].notna().any() or name in names[:3]]
    meanings = dict(zip(names[:3], LEADING))
    meanings |= {name: PERSONAL for name in leading[3:] if _about_a_person(name)}
    meanings |= {name: SKIP for name in names if name.lower() in MODIFIED}
    frame = frame.apply(_choices)
    flags = {"unfinished": list(frame.index[frame.iloc[:, 2].isna()])}
    return Export(
        frame,
        {name: name for name in names},
        meanings,
        flags=flags,
        decimal=decimal_sign(found.delimiter),
        missing=(),
        response=names[:3],
        told=how_read(found),
    )


def _about_a_person(name: str) -> bool:
    words = ("mail", "name", "nom", "nombre", "correo", "courriel", "messagerie", "posta", "nome")
    return len(name) < 30 and any(word in name.lower() for word in words)


def _dated(values: pd.Series) -> bool:
    told = values.dropna()
    return not len(told) or bool(dated(told).mean() > 0.5)


def _choices(values: pd.Series) -> pd.Series:
    """Return lists of choices without the semicolon that ends each of them."""
    told = values.dropna()
    if not len(told) or not told.str.endswith(";").all():
        return values
    return values.str.removesuffix(";").str.replace(";", "; ", regex=False)
