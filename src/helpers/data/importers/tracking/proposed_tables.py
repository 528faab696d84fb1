"""Propose the mapping of an export of tables, from the words of its headers, its values, and what its files share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...problems import InputError, Problem, shown
from ...tables import EVENTS
from ...writing import as_written, put
from ...yaml_files import scalar
from ..answers import UNSURE
from ..export import PERSONAL, SKIP
from ..names import printable, simplified
from ..proposal import leave
from .headers import DECIDED, OUTCOME, RENEWED, Guess, event_of, guessed, kind, tells_who, tokens, unread_time
from .mapping import TARGETS, TIMES, MappedFile, TrackingMapping, doubts

SEVERAL = ("interview_held", "interview_scheduled", "feedback_given", "cv_sent", "cv_reviewed")
"""Events that happen more than once to a candidate: each of their columns is taken."""
PEOPLE = ("hiring_manager_id", "recruiter_id", "actor_id", "candidate_id")
OWN_NAMES = {simplified(target): target for target in TARGETS if target not in (SKIP, PERSONAL, "source")}
WORDS = 200
"""Distinct words of a column that a proposal lists."""
SHARED = 0.9
"""Share of the values of a column that another file must hold, to be where its rows are looked up."""
OTHER_NAMES = {
    "owner": "recruiter_id", "postingowner": "recruiter_id", "supervisoryorganization": "department",
    "userid": "actor_id", "managementlevel": "level", "jobprofilelevel": "level", "hiringmanager": "hiring_manager_id",
    "posting": "requisition_id", "requisition": "requisition_id", "jobrequisition": "requisition_id",
    "conceptname": "event", "timetimestamp": "at", "orgresource": "actor_id", "caseconceptname": "candidate_id",
    "scorecardsubmittedby": "feedback_given.actor_id", "submittedby": "feedback_given.actor_id",
}  # fmt: skip
"""Usual names of columns, simplified, that their words alone do not tell."""


class File:
    """One file of an export, and what its columns most likely hold."""

    def __init__(self, path: Path, frame: pd.DataFrame) -> None:
        self.path, self.frame = path, frame
        self.looks = {column: kind(frame[column]) for column in frame}
        whole = [set(tokens(column)) for column in frame]
        stem = set(tokens(path.stem))
        named = any({"candidate", "id"} <= had or {"application", "id"} <= had for had in whole)
        self.of_candidates = named or bool({"candidate", "application"} & stem)
        self.columns: dict[str, tuple[str, str]] = {}
        self._choose({column: self._guess(column) for column in frame})
        self._log_or_dates()
        self.looked_up: dict[str, str] = {}
        self.doubts: list[str] = []

    def _guess(self, column: str) -> Guess:
        looks, name = self.looks[column], simplified(column)
        target = OWN_NAMES.get(name) or OTHER_NAMES.get(name, "")
        timed = target in EVENTS or target in TIMES or target.endswith(".due_at")
        if target and looks in (("none", "time") if timed else ("none", "ids", "text")):
            guess = Guess(target, 9 if name in OWN_NAMES else 2)
        else:
            guess = guessed(column, looks, self.path.stem, self.of_candidates)
        told = self.frame[column].dropna()
        if guess.target in ("event", OUTCOME) and len(told) and told.str.fullmatch(r"[\d.,]+").all():
            guess = Guess(SKIP, 0, "numbers are no words for what happened")
        if (
            guess.target.split(".")[-1] in PEOPLE
            and len(told)
            and told.str.fullmatch("(?i)yes|no|true|false|y|n").all()
        ):
            guess = Guess(SKIP, 0, "a yes or no names nobody")
        if looks != "time" and guess.target.split(".")[-1] not in PEOPLE and tells_who(column, self.frame[column]):
            return Guess(PERSONAL, 0, "tells who somebody is")
        return guess

    def _choose(self, guesses: dict[str, Guess]) -> None:
        """Keep the best column for every target, and all for events that happen more than once."""
        filled = {column: self.frame[column].notna().mean() for column in self.frame}
        for column, guess in guesses.items():
            target, note = guess.target, guess.ground
            if target not in (SKIP, PERSONAL, *SEVERAL):
                rivals = [other for other, its in guesses.items() if its.target == target]
                best = max(rivals, key=lambda c: (guesses[c].weight, filled[c] > 0, -list(guesses).index(c)))
                if best != column:
                    target, note = SKIP, f"{target} is taken from {best}"
                    if guess.target in PEOPLE and tells_who(column, self.frame[column]):
                        target = PERSONAL
            self.columns[column] = (target, note or ("no known name" if target == SKIP else ""))

    def _log_or_dates(self) -> None:
        """Tell a log of events, with a word and a time in each row, from rows with a column for each event."""
        word, at, candidate = self.column("event"), self.column("at"), self.column("candidate_id")
        others = len(set(self.targets()) & set(EVENTS))
        once = candidate is not None and not self.frame[candidate].dropna().duplicated().any()
        if others > 1 or (others and once):  # a row per candidate: where they stand today is no event
            for column in (word, at):
                if column:
                    self.columns[column] = (SKIP, "the other columns tell the events")
            word = at = None
        if word and not at:
            times = [c for c, (target, _) in self.columns.items() if target in (DECIDED, RENEWED) and self._timed(c)]
            alone = [c for c in times if not set(self.targets()) & set(EVENTS)]
            if alone:
                self.columns[alone[0]] = ("at", "the only time in the row")
            else:
                self.columns[word] = (SKIP, "where candidates stand today: no event with a time")
        elif at and not word:
            state = self.column(OUTCOME)
            if state and not set(self.targets()) & set(EVENTS):
                self.columns[state] = ("event", "by its words")
            else:
                self.columns[at] = (SKIP, "nothing tells what happened then")
        if self.column("event") and self.column("at"):
            for column, (target, _) in self.columns.items():
                if target in EVENTS or target == DECIDED:
                    self.columns[column] = (SKIP, "the log tells the events")
        elif self.column(OUTCOME) and not {DECIDED, "offer_accepted"} & set(self.targets()):
            self.columns[str(self.column(OUTCOME))] = (SKIP, "no event hangs on it")
        if self.column(DECIDED) and not self.column(OUTCOME):
            self.columns[str(self.column(DECIDED))] = (SKIP, "nothing tells how it was decided")
        if self.column("opened_at") and self.of_candidates and not self.column("requisition_id"):
            self.columns[str(self.column("opened_at"))] = (SKIP, "no column names the opening")

        if not {"requisition_id", "candidate_id", "opened_at", "event", DECIDED, *EVENTS} & set(self.targets()):
            for column, (target, _) in self.columns.items():
                if target not in (SKIP, PERSONAL):
                    self.columns[column] = (SKIP, "no opening, candidate or event is in the file")

    def _timed(self, column: str) -> bool:
        return self.looks[column] == "time"

    def targets(self) -> list[str]:
        return [target for target, _ in self.columns.values()]

    def column(self, target: str) -> str | None:
        return next((column for column, (given, _) in self.columns.items() if given == target), None)

    def words(self, target: str) -> dict[str, str]:
        """Return what the words in the column of a target mean; those on which an event hangs and that are open are."""
        column = self.column(target)
        if column is None:
            return {}
        told = self.frame[column].dropna()
        about = column if target == OUTCOME else ""
        found = {word: event_of(word, {}, about) for word in told.unique()[:WORDS]}
        open_words = set(found)
        if target == OUTCOME:
            hangs = [c for c in (self.column(DECIDED), self.column("offer_accepted")) if c]
            open_words = set(told[self.frame[hangs].notna().any(axis=1)])
        return {word: event or (UNSURE if word in open_words else SKIP) for word, event in found.items()}


def proposed(frames: dict[Path, pd.DataFrame], place: Path) -> TrackingMapping:
    """Propose a mapping, and write it; stop when any of it is in doubt.

    Parameters
    ----------
    frames : dict of pathlib.Path to pandas.DataFrame
        The files.
    place : pathlib.Path
        The mapping file.

    Returns
    -------
    TrackingMapping
        What was proposed.

    Raises
    ------
    InputError
        With every doubt; then nothing is imported.
    """
    files = [File(path, frame) for path, frame in frames.items()]
    _link(files)
    lines = [
        "# What becomes of the columns: a column of requisitions or hiring_events; an event, for a column that holds",
        "# its time; <event>.actor_id or <event>.due_at; outcome, a word for how it ended, and decided_at, the time of",
        "# that; updated_at, which tells versions of a row apart; skip (left out) or personal (tells who somebody is).",
        "# Edit freely: the next import uses this file. Ids of people and candidates are replaced by keyed hashes.",
        "files:",
    ]
    mapped: dict[str, MappedFile] = {}
    problems: list[Problem] = []
    for file in files:
        told, mapping = _written(file)
        mapped[file.path.stem] = mapping
        lines += told
        problems += [Problem("error", file.path.name, doubt) for doubt in file.doubts]
    if all(mapping.empty for mapping in mapped.values()) and not problems:
        problems.append(Problem("error", place.name, "the columns make neither requisitions nor events"))
    text = "\n".join(lines) + "\n"
    if problems:
        leave(place, text)
        fix = (
            f"Look through the proposal {place}, correct it, delete its first line and run the import again; nothing "
            "was imported"
        )
        last = problems.pop()
        raise InputError([*problems, Problem("error", last.file, last.found, fix=fix)])
    place.parent.mkdir(parents=True, exist_ok=True)
    put({place: as_written(text)}, place.parent)
    return TrackingMapping(files=mapped)


def _written(file: File) -> tuple[list[str], MappedFile]:
    """Return the lines of a proposal about one file, and what they say; note the doubts about it."""
    columns = {column: target for column, (target, _) in file.columns.items()}
    lines = [f"  {scalar(file.path.stem)}:", f"    columns:{'' if columns else ' {}'}"]
    for column, (target, comment) in file.columns.items():
        lines.append(f"      {scalar(column)}: {scalar(target)}{f'  # {printable(comment)}' if comment else ''}")
    parts = {"events": file.words("event"), "outcomes": file.words(OUTCOME)}
    for part, words in parts.items():
        if words:
            told = "event" if part == "events" else OUTCOME
            lines.append(f"    {part}:  # word in the column {told}: an event, or skip")
            lines += [f"      {scalar(word)}: {event}" for word, event in words.items()]
    if file.looked_up:
        lines.append("    looked_up:  # where the row is found that tells the opening and the candidate")
        lines += [f"      {scalar(column)}: {scalar(where)}" for column, where in file.looked_up.items()]
    if "close_reason" in columns.values():
        lines.append("    reasons: {}  # further words for how a requisition ended, such as Freeze: on_hold")
    lines.append("    # timezone: Europe/Zurich  # of times without an offset; default: the study's")
    lines.append("    # dates: day-first  # or month-first, where dates such as 03/04/2026 do not tell")
    mapping = MappedFile(columns=columns, looked_up=file.looked_up, events=parts["events"], outcomes=parts["outcomes"])
    for column in (column for column, target in columns.items() if target == SKIP):
        if (value := unread_time(column, file.frame[column])) is not None:
            file.doubts.append(
                f"{column} should hold times, and {shown(value)} is none that can be read: write them as "
                "2026-05-01 14:30 in the file, or leave the column at skip"
            )
    named = [column for column, looks in file.looks.items() if looks == "time"]
    if not mapping.empty:
        file.doubts += [doubt for doubt, _ in doubts(mapping)]
    if named and not {"opened_at", "event", DECIDED, *EVENTS} & set(columns.values()):
        told = ", ".join(named)
        file.doubts.append(
            f"it holds times ({told}), and none is known by its name: say what they are, or leave them at skip"
        )
    for part, words in parts.items():
        if unknown := [word for word, event in words.items() if event == UNSURE]:
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            file.doubts.append(f"{part}: no event is known by the words {', '.join(map(shown, unknown[:5]))}{more}")
    return lines, mapping


def _link(files: list[File]) -> None:
    """Propose where rows that name no opening, or no candidate, are looked up in another file."""
    known = [file for file in files if file.column("requisition_id")]
    waiting = [file for file in files if not file.column("requisition_id") and _of_events(file)]
    while waiting:
        found = {file: link for file in waiting if (link := _best_link(file, known))}
        if not found:
            return
        for file, (column, where) in found.items():
            file.looked_up = {column: where}
            known.append(file)
        waiting = [file for file in waiting if file not in found]


def _of_events(file: File) -> bool:
    return bool({"event", "at", DECIDED, *EVENTS} & set(file.targets())) or "candidate_id" in file.targets()


def _best_link(file: File, known: list[File]) -> tuple[str, str] | None:
    """Return the column of a file whose values another file holds once each, under a name of the same sense."""
    best: tuple[float, int, str, str] | None = None
    for other in known:
        stem = " ".join(word for word in tokens(other.path.stem))
        for column in file.frame:
            values = file.frame[column].dropna().drop_duplicates()
            if values.empty or file.looks[column] == "time":
                continue
            for key in other.frame:
                alike = simplified(key) == simplified(column)
                within = simplified(key) == "id" and tokens(column) == [*stem.split(), "id"]
                if not (alike or within) or other.frame[key].dropna().duplicated().any():
                    continue
                share = float(values.isin(other.frame[key]).mean())
                if share >= SHARED and (best is None or (share, len(other.frame)) > best[:2]):
                    best = (share, len(other.frame), column, f"{other.path.stem}.{key}")
    return (best[2], best[3]) if best else None
