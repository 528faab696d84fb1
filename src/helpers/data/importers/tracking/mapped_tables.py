"""Tables whose columns a mapping file explains: one row per requisition, per candidate, or per event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from ...problems import InputError, Problem, input_error, shown
from ...read import each_text
from ...study import Study
from ...tables import EVENTS, TABLES
from ..export import PERSONAL, SKIP
from ..names import simplified
from ..proposal import standing
from . import records
from .headers import DECIDED, OUTCOME, RENEWED, event_of
from .log import TrackingLog
from .mapping import ENDED, FROM_ELSEWHERE, OF_OPENING, TIMES, MappedFile, TrackingMapping, check
from .proposed_tables import proposed
from .store import SINCE, SOURCE

PAGE = re.compile(r"[ _.-]+(page|part)?[ _-]*\d+$", re.IGNORECASE)
"""The number of a page, or of a year, at the end of a file's name."""
CLOSE_REASONS = {
    "filled": "filled", "hired": "filled", "closed_filled": "filled", "cancelled": "cancelled",
    "canceled": "cancelled", "not_filled": "cancelled", "on_hold": "on_hold", "hold": "on_hold",
    "open": "", "active": "", "published": "", "draft": "",
}  # fmt: skip
"""Words for how a requisition stands, to a close_reason; empty: it is open."""


def read_mapped(paths: list[Path], study: Study, place: Path, log: TrackingLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read files by their mapping, or propose one.

    Parameters
    ----------
    paths : list of pathlib.Path
        The files.
    study : Study
        The study they are for.
    place : pathlib.Path
        The mapping file.
    log : TrackingLog
        Takes what was read and left out.

    Returns
    -------
    tuple of pandas.DataFrame
        Requisitions and events, as ``store`` takes them.

    Raises
    ------
    InputError
        When a file or the mapping is wrong, or a proposal is in doubt: then it has been written.
    """
    frames = {path: records.frame(path, study.settings.limits) for path in paths}
    log.mapping = place
    pages = list(paths)
    mapping = standing(place, TrackingMapping)
    frames = _together(frames, mapping)
    paths = list(frames)
    if mapping is None:
        mapping = proposed(frames, place)
    named = {path: _mapped(path, mapping, place, len(paths)) for path in paths}
    problems = [p for path in paths for p in check(frames[path], named[path], path, place, named)]
    if not problems and all(each.empty for each in named.values()):
        fix = "Say what the columns hold, such as requisition_id, opened_at, candidate_id, applied"
        problems = [Problem("error", place.name, "no file makes requisitions or events", fix=fix)]
    if problems:
        raise InputError(problems)
    for path in records.more_pages(pages):
        log.notes.append(f"{path.name} says that further pages follow: export them, too.")
    read = {path: _File(path.name, frames[path], named[path], study, log) for path in paths if not named[path].empty}
    if unused := [path.name for path in paths if path not in read]:
        log.notes.append(f"Read, and nothing in it used: {', '.join(unused)}.")
    for path in read:
        _look_up(path, read, named, frames, [])
    requisitions, events = [], []
    for path, file in read.items():
        log.read[path.name] = len(frames[path])
        requisitions += file.requisitions()
        events += file.events()
    return tuple(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame() for parts in (requisitions, events))


def _together(frames: dict[Path, pd.DataFrame], mapping: TrackingMapping | None) -> dict[Path, pd.DataFrame]:
    """Put the pages of a resource together: files whose names differ in a number behind, with columns in common."""
    bases: dict[Path, list[Path]] = {}
    for path in frames:
        base = path.with_stem(PAGE.sub("", path.stem) or path.stem)
        alone = mapping is not None and path.stem in mapping.files
        bases.setdefault(path if alone else base, []).append(path)
    found: dict[Path, pd.DataFrame] = {}
    for base, parts in bases.items():
        columns = [set(frames[path].columns) for path in parts]
        if len(parts) > 1 and 2 * len(set.intersection(*columns)) > len(set.union(*columns)):
            whole = pd.concat([frames[path] for path in parts], ignore_index=True)
            found[base] = whole.astype("str").set_axis(range(1, len(whole) + 1))
        else:
            found |= {path: frames[path] for path in parts}
    return found


def _look_up(path: Path, read: dict[Path, _File], named: dict[Path, MappedFile], frames: dict, above: list) -> None:
    """Give a file the openings and candidates that others tell of its rows."""
    file = read[path]
    for column, where in named[path].looked_up.items():
        stem, _, key = where.rpartition(".")
        other = next((p for p in named if p.stem == stem), None)
        if other is None or other not in read or other in above:
            continue
        _look_up(other, read, named, frames, [*above, path])
        told = pd.DataFrame({name: read[other].get(name) for name in FROM_ELSEWHERE}).set_axis(frames[other][key])
        told = told[told.index.notna() & ~told.index.duplicated(keep="last")]
        for name in FROM_ELSEWHERE:
            if name not in file.data:
                file.data[name] = frames[path][column].map(told[name]).astype("str")


class _File:
    """One file, read by its mapping."""

    def __init__(self, name: str, frame: pd.DataFrame, mapping: MappedFile, study: Study, log: TrackingLog) -> None:
        self.name, self.mapping, self.log = name, mapping, log
        self.columns: dict[str, list[str]] = {}
        for column, target in mapping.columns.items():
            if target not in (SKIP, PERSONAL):
                self.columns.setdefault(target, []).append(column)
        prefix = f"{name} " if log.file != name else ""
        self.source = f"{prefix}row " + pd.Series(frame.index, frame.index).astype("str")
        log.personal += [c for c, target in mapping.columns.items() if target == PERSONAL and c in frame]
        log.left_out += [c for c, target in mapping.columns.items() if target == SKIP and c in frame]
        zone = ZoneInfo(study.timezone)
        bare = ZoneInfo(mapping.timezone) if mapping.timezone else zone
        self.data: dict[str, pd.Series] = {}
        self.times: dict[str, list[pd.Series]] = {}  # of events, one for each column
        for target, columns in self.columns.items():
            for column in columns:
                values = frame[column]
                if target in TIMES or target in EVENTS or target.endswith(".due_at"):
                    found = records.times(values, zone, bare, mapping.dates, name, self.source)
                    unread = values.notna() & found.isna()
                    log.skip(f"time not readable, {column}", list(self.source[unread]))
                    values = found
                    self.times.setdefault(target, []).append(found)
                self.data.setdefault(target, values)
        if RENEWED in self.data:
            self._latest()

    def get(self, target: str) -> pd.Series:
        """Return what the file says of a target, missing where it says nothing."""
        return self.data.get(target, pd.Series(None, index=self.source.index, dtype="str"))

    def _latest(self) -> None:
        """Keep the latest version of each opening, or of each candidate, where rows are no events."""
        names = [name for name in FROM_ELSEWHERE if name in self.data]
        if "event" in self.data or not names:
            return
        key = pd.DataFrame({name: self.data[name] for name in names})
        order = key.assign(at=self.data[RENEWED]).sort_values("at", kind="stable", na_position="first")
        earlier = order.duplicated(names, keep="last").reindex(key.index) & key.notna().all(axis=1)
        if earlier.any():
            self.log.notes.append(f"{self.name}: earlier versions of rows that are there again: {int(earlier.sum())}.")
            self.source = self.source[~earlier]
            self.data = {name: values[~earlier] for name, values in self.data.items()}
            self.times = {name: [values[~earlier] for values in each] for name, each in self.times.items()}

    def requisitions(self) -> list[pd.DataFrame]:
        if "opened_at" not in self.data or "requisition_id" not in self.columns:
            return []
        table = pd.DataFrame({name: self.get(name) for name in TABLES["requisitions"].columns if name in self.data})
        if "close_reason" in table:
            words = {word.lower(): reason for word, reason in self.mapping.reasons.items()}
            reasons = {word: _reason(word, words) for word in table["close_reason"].dropna().unique()}
            if unknown := [word for word, reason in reasons.items() if reason is None]:
                told = ", ".join(map(shown, unknown[:5]))
                self.log.notes.append(f"{self.name}: how it ended is left empty for {told}; say it under reasons.")
            table["close_reason"] = table["close_reason"].map(reasons).replace("", None).astype("str")
        elif "closed_at" in table:
            self.log.notes.append(f"{self.name}: nothing tells why requisitions were closed; accepted offers do.")
        first = self.get("hiring_manager_id").str.replace(r"(?s)\s*[;|].*", "", regex=True)
        several = first.notna() & (first != self.get("hiring_manager_id"))
        if several.any():
            table["hiring_manager_id"] = first
            self.log.notes.append(f"{self.name}: of several hiring managers the first is taken: {several.sum()} rows.")
        table[SOURCE] = self.source
        return [table]

    def events(self) -> list[pd.DataFrame]:
        outcome = self._outcome()
        parts = []
        if "event" in self.columns:
            event = self._event_words()
            part = {name: self.get(name) for name in TABLES["hiring_events"].columns if name in self.data}
            parts.append(pd.DataFrame(part | {"event": event, SOURCE: self.source}))
            self.log.skip("event the mapping skips", list(self.source[event == SKIP]))
            parts[-1] = parts[-1][event.notna() & (event != SKIP)]
        if DECIDED in self.data:
            open_still = self.data[DECIDED].notna() & ~outcome.isin(EVENTS)
            self.log.skip("decision whose outcome is no event", list(self.source[open_still]))
            parts.append(self._part(outcome, self.data[DECIDED].where(outcome.isin(EVENTS))))
        for name in (name for name in EVENTS if name in self.times):
            event = pd.Series(name, self.source.index, dtype="str")
            if name == "offer_accepted" and (other := outcome.isin(ENDED)).any():
                # A date beside "offer declined" is that of declining; beside "rejected" it is no acceptance either.
                event = event.mask(other & (outcome == "offer_declined"), "offer_declined")
                event = event.mask(other & (outcome != "offer_declined"), None)
                at = self.data[name].notna()
                self.log.skip(
                    "time of acceptance beside an outcome that is none", list(self.source[at & other & event.isna()])
                )
            parts += [self._part(event, at, name) for at in self.times[name]]
        return parts

    def _part(self, event: pd.Series, at: pd.Series, name: str = "") -> pd.DataFrame:
        part = pd.DataFrame(
            {
                "requisition_id": self.get("requisition_id"),
                "candidate_id": None if name in OF_OPENING else self.get("candidate_id"),
                "event": event,
                "at": at,
                "actor_id": self.get(f"{name}.actor_id"),
                SOURCE: self.source,
            }
        )
        if f"{name}.due_at" in self.data:
            part["due_at"] = self.data[f"{name}.due_at"]
        if name == "feedback_given" and "interview_held" in self.times:
            part[SINCE] = pd.concat(self.times["interview_held"], axis=1).min(axis=1)
        return part[part["at"].notna() & part["event"].notna()]

    def _event_words(self) -> pd.Series:
        """Return the event of each row; refuse words that have no meaning yet."""
        words, column = _simple(self.mapping.events), self.columns["event"][0]
        told = self.get("event")
        if OUTCOME in self.columns:  # "Offer" beside "Declined" is one word for both
            both = told + " " + self.get(OUTCOME).fillna("")
            ended = each_text(both, lambda word: event_of(word, words))
            told = told.mask(ended.isin(ENDED), both)
        event = each_text(told, lambda word: event_of(word, words))
        self._refuse(told, event, column, "events")
        return event

    def _outcome(self) -> pd.Series:
        """Return what the words for how it ended mean; refuse those on which an event hangs and that are open."""
        if OUTCOME not in self.columns or "event" in self.columns:
            return pd.Series(None, index=self.source.index, dtype="str")
        words, column = _simple(self.mapping.outcomes), self.columns[OUTCOME][0]
        told = self.get(OUTCOME)
        outcome = each_text(told, lambda word: event_of(word, words, column))
        hangs = self.get(DECIDED).notna() | self.get("offer_accepted").notna()
        self._refuse(told.where(hangs), outcome, column, "outcomes")
        return outcome

    def _refuse(self, told: pd.Series, event: pd.Series, column: str, part: str) -> None:
        unknown = told[event.isna()].dropna()
        if len(unknown):
            counts = unknown.value_counts()
            words = ", ".join(f"{shown(word)} ({count})" for word, count in counts.head(5).items())
            fix = f"Say under {part} of {self.name} in {self.log.mapping.name if self.log.mapping else 'the mapping'}"
            raise input_error(
                self.name, f"words without a meaning: {words}", "an event, or skip", fix,
                table="hiring_events", column=column,
            )  # fmt: skip


def _simple(words: Mapping[str, str]) -> dict[str, str]:
    return {simplified(word): event for word, event in words.items()}


def _reason(word: str, words: Mapping[str, str]) -> str | None:
    """Return how a requisition ended, empty when it is open; None for an unknown word."""
    simple = re.sub(r"\W+", "_", word.lower()).strip("_")
    found = words.get(word.lower(), CLOSE_REASONS.get(simple))
    return "" if found == "open" else found


def _mapped(path: Path, mapping: TrackingMapping, place: Path, number: int) -> MappedFile:
    for stem in (path.stem, PAGE.sub("", path.stem)):  # next month's page goes by the same line
        if stem in mapping.files:
            return mapping.files[stem]
    if number == 1 and len(mapping.files) == 1:  # next month's file of the same export
        return next(iter(mapping.files.values()))
    fix = "Add it under files, or name another file with --mapping to get a new proposal"
    raise input_error(place.name, f"nothing is said about the file {shown(path.stem)}", fix=fix, column="files")
