"""Who is who: join the ids of several systems to one person, and replace ids by keyed hashes.

``identities.csv`` in the study's folder says which person an id of a source means. A source is ``survey``,
``applicant_tracking`` or ``hr_system`` (applied whenever a table of that source is read) or a format of
``partnership import`` (applied once, when an export is brought in).
"""

from __future__ import annotations

import difflib
import hmac
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import Field

from .limits import Limits
from .problems import InputError, Problem, input_error, shown
from .read import Source, as_texts, read
from .yaml_files import Declared

FILE = "identities.csv"
COLUMNS = ("source", "source_id", "person_id")
PEOPLE = {  # table: its source and its columns that name people
    "people": ("hr_system", ("person_id",)),
    "partnerships": ("hr_system", ("hr_id", "manager_id")),
    "survey": ("survey", ("respondent_id", "hr_id", "manager_id")),
    "requisitions": ("applicant_tracking", ("hiring_manager_id", "recruiter_id")),
    "hiring_events": ("applicant_tracking", ("actor_id",)),
    "practice_log": ("hr_system", ("person_id",)),
    "practice_answers": ("hr_system", ("person_id",)),
    "practice_draws": ("hr_system", ("hr_id",)),
}
SOURCES = tuple(dict.fromkeys(source for source, _ in PEOPLE.values()))
PSEUDONYM = re.compile(r"p-[0-9a-f]{20}")
RESPONSE = re.compile(r"r-[0-9a-f]{16}")
"""Ids of responses of which nobody knows who gave them; no two responses have one in common."""
CANDIDATES, NAMED, COMPARED = 3, 20, 5000


class Pseudonyms(Declared):
    """Replace the ids of people by keyed hashes.

    Parameters
    ----------
    key_env : str
        Name of the environment variable that holds the key, at least 16 characters, kept outside the study.
    """

    key_env: str = Field(pattern=r"^[A-Za-z_]\w*$")


def pseudonym(id: str, key: str) -> str:
    """Return the keyed hash that stands for an id.

    Parameters
    ----------
    id : str
        The id; one that is a pseudonym already, or names a response instead of a person, comes back unchanged.
    key : str
        The secret key.

    Returns
    -------
    str
        ``p-`` and the first 80 bits of HMAC-SHA-256 in hexadecimal.

    References
    ----------
    Krawczyk, H., Bellare, M., Canetti, R. (1997). HMAC: Keyed-hashing for message authentication. RFC 2104.
    """
    if PSEUDONYM.fullmatch(id) or RESPONSE.fullmatch(id):
        return id
    return f"p-{hmac.digest(key.encode('utf-8'), id.encode('utf-8'), 'sha256').hex()[:20]}"


@dataclass(frozen=True)
class Identities:
    """What is known about who is who.

    Parameters
    ----------
    persons : dict of str to dict of str to str
        Source to its ids and the person each means.
    key : str, optional
        Key of the hashes; None: ids stay as they are.
    """

    persons: dict[str, dict[str, str]]
    key: str | None = None

    @classmethod
    def load(cls, folder: Path, pseudonyms: Pseudonyms | None, limits: Limits) -> Identities:
        """Read identities.csv, where the folder holds one, and the key, where the study names one.

        Parameters
        ----------
        folder : pathlib.Path
            The study's folder.
        pseudonyms : Pseudonyms or None
            Setting of the study.
        limits : Limits
            How large the file may be.

        Returns
        -------
        Identities
            Who is who.

        Raises
        ------
        InputError
            When the file is incomplete or an id means two people, or the key is not set.
        """
        key = None
        if pseudonyms:
            key = os.environ.get(pseudonyms.key_env, "")
            if len(key) < 16:
                found = f"the environment variable {pseudonyms.key_env} is {'too short' if key else 'not set'}"
                fix = f"Set {pseudonyms.key_env} to the secret key of this study, the same one every time"
                raise input_error("study.yaml", found, "a key of 16 characters or more", fix, column="pseudonyms")
        return cls(_persons(folder, limits) if (folder / FILE).is_file() else {}, key)

    def resolve(self, ids: pd.Series, source: str) -> pd.Series:
        """Return for every id the person it means, as a keyed hash where the study has a key.

        Parameters
        ----------
        ids : pandas.Series
            Texts; missing ones stay missing. Ids that are hashes already, or unknown, keep their meaning.
        source : str
            The source they come from.

        Returns
        -------
        pandas.Series
            Texts with the same index.
        """
        known = self.persons.get(source, {})
        if not known and self.key is None:
            return ids
        told = {id: known.get(id, id) for id in ids.dropna().unique()}
        if self.key is not None:
            told = {id: pseudonym(person, self.key) for id, person in told.items()}
        return ids.map(told).astype("str")

    def unmatched(self, ids: pd.Series, source: str) -> dict[str, list[str]]:
        """Return the ids of a source that no line of identities.csv knows, each with the nearest known ids.

        Parameters
        ----------
        ids : pandas.Series
            Texts as they stand in the source.
        source : str
            The source; without a line of it in the file nothing is returned.

        Returns
        -------
        dict of str to list of str
            Id to up to three ids of the same source, the most similar first.
        """
        known = self.persons.get(source, {})
        persons = {person for persons in self.persons.values() for person in persons.values()}
        if not known:
            return {}
        strange = [id for id in ids.dropna().unique() if id not in known and id not in persons]
        strange = [id for id in strange if not (PSEUDONYM.fullmatch(id) or RESPONSE.fullmatch(id))]
        compared = list(known)[:COMPARED]
        return {
            id: difflib.get_close_matches(id, compared, CANDIDATES, 0.6) if place < NAMED else []
            for place, id in enumerate(strange)
        }


def in_words(unmatched: dict[str, list[str]]) -> str:
    """Return unmatched ids with their nearest candidates as text."""
    told = [
        f"{shown(id)} (nearest: {', '.join(map(shown, near))})" if near else f"{shown(id)} (nothing similar)"
        for id, near in list(unmatched.items())[:NAMED]
    ]
    more = f" and {len(unmatched) - NAMED} more" if len(unmatched) > NAMED else ""
    return ", ".join(told) + more


def _persons(folder: Path, limits: Limits) -> dict[str, dict[str, str]]:
    table = as_texts(read(Source(path=FILE), folder, "identities", limits))
    absent = [name for name in COLUMNS if name not in table]
    if absent:
        found, fix = f"there is no column {', '.join(absent)}", "Add it; one row says which person an id means"
        raise input_error(FILE, found, f"the columns {', '.join(COLUMNS)}", fix, table="identities", rows=(1,))
    problems = []
    for name in COLUMNS:
        if len(rows := table.index[table[name].isna()]):
            problems.append(Problem("error", FILE, "the cell is empty", "", "", "identities", name, tuple(rows)))
    pairs = table[list(COLUMNS)].drop_duplicates()
    twice = pairs[pairs.duplicated(["source", "source_id"], keep=False)]
    if len(twice):
        found = f"{shown(twice['source_id'].iloc[0])} means more than one person"
        fix = "Keep one line for every id of a source"
        problems.append(Problem("error", FILE, found, "", fix, "identities", "source_id", tuple(twice.index)))
    if problems:
        raise InputError(problems)
    return {
        source: dict(zip(lines["source_id"], lines["person_id"]))
        for source, lines in pairs.groupby("source", sort=False)
    }
