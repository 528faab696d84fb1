"""Looks for what names people: ids, names, addresses, and words of their comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import pandas as pd

from helpers.data import Study

from .passages import Passage
from .verdict import Leak

#: Words of a comment that stand together are its own when they are this many.
WORDS_OF_A_COMMENT = 5
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAMES = ("name", "first_name", "last_name", "full_name", "email")
#: The shortest id that is looked for: shorter ones stand in any text.
SHORTEST = 3


@dataclass(frozen=True)
class People:
    """What of a study's people must stand in no report.

    Attributes
    ----------
    ids : frozenset of str
        Ids of people and of records about them, in small letters.
    names : dict
        Words of names and addresses by their first word.
    comments : frozenset of tuple
        Every run of five words of a comment.
    """

    ids: frozenset[str]
    names: dict[str, list[tuple[str, ...]]]
    comments: frozenset[tuple[str, ...]]


_KNOWN: WeakKeyDictionary[Study, People] = WeakKeyDictionary()


def of(study: Study) -> People:
    """Return what names or quotes the people of a study, from all of its tables.

    A study that shows managers by name on a recorded basis has their names looked for nowhere, and one that lets
    comments be quoted none of their words. They are read once for all reports of a batch.
    """
    if study not in _KNOWN:
        _KNOWN[study] = _of(study)
    return _KNOWN[study]


def _of(study: Study) -> People:
    ids: set[str] = set()
    names: set[tuple[str, ...]] = set()
    comments: set[tuple[str, ...]] = set()
    for table in study.tables:
        if table == "actions":  # what was agreed, told in reports: no person, and no record about one
            continue
        frame, _ = study.prepared(table)
        for column in map(str, frame.columns):
            values = _texts(frame[column])
            if column.endswith("_id"):
                ids.update(value.casefold() for value in values if _is_id(value))
            elif column in _NAMES and study.hiring.audience != "named":
                names.update(words for value in values if len("".join(words := tuple(_words(value)))) > SHORTEST)
            elif "comment" in column and not study.privacy.verbatims:
                comments.update(run for value in values for run in _runs(_words(value)))
    asked = {run for text in _asked(study) for run in _runs(_words(text))}
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for words in sorted(names):
        by_first.setdefault(words[0], []).append(words)
    return People(frozenset(ids), by_first, frozenset(comments - asked))


def _asked(study: Study) -> Iterator[str]:
    for item in study.codebook.items:
        yield from [item.text] if isinstance(item.text, str) else item.text.values()


def leaks(passages: Iterable[Passage], people: People | None, allowed: Iterable[str] = ()) -> list[Leak]:
    """Return the places where people are named or quoted.

    Parameters
    ----------
    passages : iterable of Passage
        What stands in a report's files.
    people : People or None
        Of the study; without it only e-mail addresses can be recognised.
    allowed : iterable of str
        Ids of those the report is for, and names the study shows on a recorded basis.

    Returns
    -------
    list of Leak
        One per file, place and kind. What was found is not repeated.
    """
    allowed = {word for name in allowed for word in (name.casefold(), *_words(name))}
    found: dict[Leak, None] = {}
    looked: dict[str, list[tuple[str, str]]] = {}
    for passage in passages:
        if passage.text not in looked:
            looked[passage.text] = list(_found(passage.text, people, allowed))
        for kind, sentence in looked[passage.text]:
            found[Leak(passage.file, passage.place, kind, sentence)] = None
    return list(found)


def _found(text: str, people: People | None, allowed: set[str]) -> Iterator[tuple[str, str]]:
    if MAIL.search(text):
        yield "an e-mail address", "It names a person."
    if people is None:
        return
    words = _words(text)
    whole = set(re.findall(r"[\w@.+-]+", text.casefold())) | set(words)
    if (whole & people.ids) - allowed:
        yield "a person's or a record's id", "Whoever knows the ids can tell who is meant."
    if any(
        tuple(words[place : place + len(name)]) == name and not allowed.issuperset(name)
        for place, word in enumerate(words)
        for name in people.names.get(word, ())
    ):
        yield "a person's name", "It stands in the study's tables."
    if not people.comments.isdisjoint(_runs(words)):
        yield "words of a comment", f"{WORDS_OF_A_COMMENT} words in a row are those of somebody's comment."


def _texts(values: pd.Series) -> list[str]:
    return [str(value).strip() for value in values.dropna().unique()]


def _is_id(value: str) -> bool:
    """Tell whether an id can be told from ordinary text: long enough, and with a digit or a sign in it."""
    return len(value) >= SHORTEST and not value.isdigit() and not value.isalpha()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(WORDS_OF_A_COMMENT)))
