"""A roster: who is on which side of the partnership, and in which department, place and level.

Layout: one header row, one row per person, as csv, xlsx, parquet, JSON or SPSS; any headings. The first import
proposes ``mappings/people.yaml`` from the headings and the words for the sides. Source: this project's own table of
people, in ``helpers.data.tables`` (checked 2026-11-29). Names and e-mail addresses are left out.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field

from ...alike import in_words, spellings
from ...problems import InputError, Problem, did_you_mean, input_error, shown
from ...query import write_csv
from ...study import Study
from ...tables import SIDES, TABLES
from ...writing import Writer, as_written, put
from ...yaml_files import Declared, scalar
from ..answers import UNSURE
from ..export import PERSONAL, SKIP, texts
from ..history import Change, next_entry, written
from ..names import printable, simplified
from ..proposal import leave, standing
from ..study_files import table_file, with_tables
from ..tracking import records
from ..tracking.headers import tells_who, tokens
from ..tracking.log import TrackingLog

SOURCE = "hr_system"
"""Source of the ids, in identities.csv."""
NAMES: dict[str, str] = {
    "person_id": "employee id, employee number, worker id, personnel number, personalnummer, staff id, user id, id, "
    "person number, employee, exid, matricule, personal-nr, pers-nr, mitarbeiter-id, mitarbeiternummer",
    "side": "role, side of the partnership, partnership role, function in the partnership, group, rolle, seite, rôle",
    "start_date": "hire date, start, entry date, date of entry, joined, joining date, eintrittsdatum, eintritt, "
    "eintritt am, first day",
    "level": "ebene, stufe, führungsebene, niveau, échelon",
}
"""Column of the table to the names it goes by in rosters, besides its own."""
WORDS: dict[str, str] = {
    "hr": "hr, hr partner, hrbp, hr business partner, human resources, people partner, personal, rh",
    "manager": "manager, people manager, line manager, leader, supervisor, head, fuehrungskraft, führungskraft, "
    "teamleiter, teamleitung, abteilungsleiter, abteilungsleitung, vorgesetzte, vorgesetzter, responsable",
    "employee": "employee, staff, individual contributor, mitarbeiter, mitarbeitende, worker",
}
"""Side to the words it goes by."""
KNOWN = {simplified(name): column for column, line in NAMES.items() for name in line.split(",")}
SAID = {simplified(word): side for side, line in WORDS.items() for word in line.split(",")}
OF_GROUPS = ("department", "location", "level")


class PeopleMapping(Declared):
    """What becomes of the columns and words of a roster; saved in the study and edited by hand.

    Parameters
    ----------
    columns : dict of str to str
        Column to one of the table of people, an attribute of study.yaml, ``skip`` or ``personal``.
    sides : dict of str to str, optional
        Word in the column ``side`` to ``hr``, ``manager``, ``employee`` or ``skip``: rows of people on no side.
    side : {"hr", "manager", "employee"}, optional
        The side of everybody, where no column tells.
    dates : {"day-first", "month-first"}, optional
        Order of day and month.
    """

    columns: dict[str, str]
    sides: dict[str, str] = Field(default_factory=dict)
    side: Literal["hr", "manager", "employee"] | None = None
    dates: Literal["day-first", "month-first"] | None = None


def bring(path: Path, study: Study, mapping: Path | None = None) -> TrackingLog:
    """Bring a roster into the table of people.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    study : Study
        The study.
    mapping : pathlib.Path, optional
        Mapping file; default: ``mappings/people.yaml`` in the study, proposed when it is not there.

    Returns
    -------
    TrackingLog
        What was taken, what was left out, and what changed.

    Raises
    ------
    InputError
        When the file or its mapping cannot be used; then the table is as it was.

    Notes
    -----
    A person who is there already is renewed; the others stay, and so do columns that the roster does not hold.
    """
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    frame = records.frame(path, study.settings.limits)
    place = mapping or study.folder / "mappings" / "people.yaml"
    told = standing(place, PeopleMapping) or _proposed(frame, study, path, place)
    if problems := _problems(frame, told, study, place):
        raise InputError(problems)
    log = TrackingLog(path.name, place, read={"rows": len(frame)})
    log.personal = [column for column, target in told.columns.items() if target == PERSONAL]
    log.left_out = [column for column, target in told.columns.items() if target == SKIP]
    new = _people(frame, told, study, path, log)
    _store(new, study, path, place, log)
    return log


def _people(frame: pd.DataFrame, told: PeopleMapping, study: Study, path: Path, log: TrackingLog) -> pd.DataFrame:
    columns = {target: column for column, target in told.columns.items() if target not in (SKIP, PERSONAL)}
    new = pd.DataFrame({target: frame[column] for target, column in columns.items()})
    row = "row " + pd.Series(new.index, new.index).astype("str")
    if "side" in new:
        words = SAID | {simplified(word): side for word, side in told.sides.items()}
        sides = new["side"].map(lambda word: words.get(simplified(word)), na_action="ignore").astype("str")
        if (open_still := sides.isna() & new["side"].notna()).any():
            unknown = ", ".join(map(shown, new.loc[open_still, "side"].unique()[:5]))
            fix = f"Say under sides in {log.mapping and log.mapping.name} what it means, or skip"
            at = tuple(int(place) for place in new.index[open_still])
            raise input_error(path.name, unknown, ", ".join(SIDES), fix, table="people", column="side", rows=at)
        new["side"] = sides
    else:
        new["side"] = told.side
    if "start_date" in new:
        new["start_date"] = _days(new["start_date"], told.dates, study, path, row, log)
    side = new["side"]
    for reason, gone in (
        ("no id", new["person_id"].isna()),
        ("no side", side.isna()),
        ("side the mapping skips", side == SKIP),
    ):
        log.skip(reason, list(row[gone]))
    new = new[new["person_id"].notna() & side.notna() & (side != SKIP)]
    if unmatched := study.identities.unmatched(new["person_id"], SOURCE):
        log.notes.append(f"In no line of identities.csv: {', '.join(map(shown, list(unmatched)[:5]))}.")
    new = new.assign(person_id=study.identities.resolve(new["person_id"], SOURCE))
    new = new[~new.duplicated()]
    twice = new.duplicated("person_id", keep=False)
    if twice.any():
        at = tuple(int(place) for place in new.index[twice])
        fix = "Keep one row per person; where somebody is on both sides, keep the side they answer for"
        raise input_error(path.name, "the same person in several rows that differ", "one row per person", fix,
                          table="people", column="person_id", rows=at)  # fmt: skip
    for name in set(new) - {"person_id", "side", "start_date"}:
        for group in spellings(new[name]):
            log.notes.append(f"{name}: {in_words(group)} look alike and count as one; write them alike.")
    return new


def _days(
    values: pd.Series, order: Literal["day-first", "month-first"] | None, study: Study, path: Path, row: pd.Series,
    log: TrackingLog,
) -> pd.Series:  # fmt: skip
    zone = ZoneInfo(study.timezone)
    found = records.times(values, zone, zone, order, path.name, row)
    log.skip("start date not readable, left empty", list(row[values.notna() & found.isna()]))
    return found.dt.strftime("%Y-%m-%d").astype("str")


def _store(new: pd.DataFrame, study: Study, path: Path, place: Path, log: TrackingLog) -> None:
    target = table_file(study, "people")
    if new.empty:
        why = "; ".join(f"{reason}: {len(rows)}" for reason, rows in log.skipped.items())
        raise input_error(path.name, "nobody in it can be taken", fix=f"Skipped, {why}" if why else "")
    old = texts(target, study.settings.limits) if target.is_file() else pd.DataFrame()
    goes = old["person_id"].isin(new["person_id"]) if len(old) else pd.Series(dtype=bool)
    further = [name for name in old if name not in new]
    if len(old) and further:
        new = new.merge(old[["person_id", *further]].drop_duplicates("person_id"), on="person_id", how="left")
    merged = pd.concat([old[~goes], new], ignore_index=True) if len(old) else new.reset_index(drop=True)
    known = [*TABLES["people"].columns]
    merged = merged[[*(name for name in known if name in merged), *(name for name in merged if name not in known)]]
    added = len(new) - int(goes.sum())
    log.tables["people"] = f"{added} rows added, {len(new) - added} renewed, {int((~goes).sum())} kept"
    files: dict[Path, Writer] = {}
    if settings := with_tables(study, {"people": target.name}):
        files[study.folder / "study.yaml"] = as_written(settings)
        log.notes.append("study.yaml now names people.")
    log.notes.append(f"Next: partnership check {study.folder}")
    entry = next_entry(study, "people", path, mapping=place)
    entry.identity, entry.text = "the person", log.text()
    written(study, entry, {"people": Change(target, old, goes, partial(write_csv, merged))}, files)


def _problems(frame: pd.DataFrame, told: PeopleMapping, study: Study, place: Path) -> list[Problem]:
    problems = []
    known = [*TABLES["people"].columns, *(study.settings.attributes or []), SKIP, PERSONAL]
    for column, target in told.columns.items():
        if target not in known:
            expected, fix = (
                "a column of people, an attribute of study.yaml, skip or personal",
                did_you_mean(target, known),
            )
            problems.append(Problem("error", place.name, shown(target), expected, fix, "", f"columns.{column}"))
        if column not in frame and target not in (SKIP, PERSONAL):
            fix = did_you_mean(column, list(frame)) or "Remove the line"
            problems.append(
                Problem("error", place.name, "the file has no such column", "", fix, "", f"columns.{column}")
            )
    problems += [
        Problem("error", place.name, f"nothing is said about column {shown(column)}", "", f"Add {column}: skip")
        for column in frame
        if column not in told.columns
    ]
    used = [target for target in told.columns.values() if target not in (SKIP, PERSONAL)]
    problems += [
        Problem(
            "error", place.name, f"{target} is the target of several columns", fix="Keep one; set the others to skip"
        )
        for target in dict.fromkeys(used)
        if used.count(target) > 1
    ]
    problems += [
        Problem("error", place.name, shown(side), "hr, manager, employee or skip", "", "", f"sides.{word}")
        for word, side in told.sides.items()
        if side not in (*SIDES, SKIP)
    ]
    return problems + [Problem("error", place.name, doubt, fix=fix) for doubt, fix in _doubts(told)]


def _doubts(told: PeopleMapping) -> list[tuple[str, str]]:
    targets = set(told.columns.values())
    found = []
    if "person_id" not in targets:
        found.append(("no column becomes person_id", "Say which column names the person"))
    if "side" not in targets and told.side is None:
        found.append(("nothing tells the side of a person", "Map a column to side, or add side: manager for everybody"))
    return found


def _proposed(frame: pd.DataFrame, study: Study, path: Path, place: Path) -> PeopleMapping:
    """Propose a mapping, and write it; stop when any of it is in doubt."""
    attributes = {simplified(name): name for name in [*TABLES["people"].columns, *(study.settings.attributes or [])]}
    columns: dict[str, str] = {}
    for column in frame:
        words = tokens(column)
        target = attributes.get(simplified(column)) or KNOWN.get(simplified(column))
        target = target or next((name for name in OF_GROUPS if name in words and "id" not in words), SKIP)
        if target != "person_id" and tells_who(column, frame[column]):
            target = PERSONAL
        columns[column] = target if target in (SKIP, PERSONAL) or target not in columns.values() else SKIP
    side = next((column for column, target in columns.items() if target == "side"), None)
    if side is None:  # no heading says so: then the column whose words do
        plain = {column: frame[column].dropna().map(simplified) for column in frame if columns[column] == SKIP}
        share = {column: words.isin(SAID).mean() for column, words in plain.items() if len(words)}
        if share and max(share.values()) > 0.5:
            side = max(share, key=lambda column: share[column])
            columns[side] = "side"
    sides = {} if side is None else {w: SAID.get(simplified(w), UNSURE) for w in frame[side].dropna().unique()[:200]}
    told = PeopleMapping(columns=columns, sides=sides)
    lines = [
        f"# What becomes of the columns of {printable(path.name)}: a column of people (person_id, side, department,",
        "# location, level, start_date), an attribute of study.yaml, skip, or personal (tells who somebody is).",
        "columns:",
        *(f"  {scalar(column)}: {scalar(target)}" for column, target in columns.items()),
        *(["sides:  # word to hr, manager, employee, or skip: people on no side"] if sides else []),
        *(f"  {scalar(word)}: {given}" for word, given in sides.items()),
        "# side: manager  # of everybody, where no column tells",
        "# dates: day-first  # or month-first, where dates such as 03/04/2026 do not tell",
    ]
    doubts = [doubt for doubt, _ in _doubts(told)]
    if unknown := [word for word, given in sides.items() if given == UNSURE]:
        doubts.append(f"no side is known by the words {', '.join(map(shown, unknown[:5]))}")
    text = "\n".join(lines) + "\n"
    if doubts:
        leave(place, text)
        fix = f"Look through the proposal {place}, correct it, delete its first line and run the import again"
        raise InputError([*(Problem("error", path.name, doubt) for doubt in doubts[:-1]),
                          Problem("error", path.name, doubts[-1], fix=fix)])  # fmt: skip
    place.parent.mkdir(parents=True, exist_ok=True)
    put({place: as_written(text)}, place.parent)
    return told
