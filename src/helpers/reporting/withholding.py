"""Withholds the exhibits that, beside others, would tell of too few people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from helpers.privacy import sets
from helpers.privacy.sets import Conflict, Told

from . import outputs
from .execute import Run
from .releases import Ledger
from .wording import printable


@dataclass(frozen=True)
class Withheld:
    """An exhibit that is not in the report: its notebook, its place among the exhibits there, and why."""

    notebook: str
    place: int
    sentence: str


def withhold(
    runs: Sequence[Run],
    minimum: int,
    rated: int,
    ledger: Ledger,
    reader: str = "",
    own_reports: Collection[str] = (),
) -> tuple[list[Run], list[Withheld], list[Told]]:
    """Take out of executed notebooks what would tell of too few people.

    Parameters
    ----------
    runs : sequence of Run
        The notebooks that are in the report, in its order.
    minimum, rated : int
        Fewest people of whom, and about whom, anything may be told.
    ledger : Ledger
        What was released before.
    reader : str
        Whoever alone receives this report, and knows what is their own; empty where several people do.
    own_reports : collection of str
        People who can get a report of their own.

    Returns
    -------
    tuple
        The runs, with a sentence in the place of each exhibit that is withheld and without the findings that refer to
        it; what was withheld; and of whom the rest tells, as it stands in the ledger.
    """
    every = [(run, place, told) for run in runs for place, told in _placed(run)]
    hidden = ledger.hidden(sets.as_fine_as_can_be([told for _, _, told in every]))
    found: dict[int, Conflict] = {}
    knowing = {ledger.hashed("person", person) for person in own_reports}
    checks = [(before, "", values) for before, values in ledger.earlier(hidden, reader)]
    checks += [([], ledger.hashed("person", reader), None)] if reader else []
    for before, own, values in checks:
        kept = [number for number in range(len(every)) if number not in found]
        these = [hidden[one].of(values) for one in kept]
        for conflict in sets.conflicts(these, minimum, rated, earlier=before, own=own, own_reports=knowing):
            found[kept[conflict.place]] = conflict
    gone = [
        Withheld(run.source.name, place, _sentence(told, found[number], minimum))
        for number, (run, place, told) in enumerate(every)
        if number in found
    ]
    left = [told for number, told in enumerate(hidden) if number not in found]
    return [_without(run, [one for one in gone if one.notebook == run.source.name]) for run in runs], gone, left


def _without(run: Run, gone: Sequence[Withheld]) -> Run:
    if not gone:
        return run
    kept = [told for place, told in _placed(run) if place not in {one.place for one in gone}]
    notebook = outputs.without(run.notebook, {one.place: one.sentence for one in gone})
    return replace(run, notebook=notebook, told=kept)


def not_compared(runs: Sequence[Run]) -> list[str]:
    """Name the exhibits that no ``Show`` published, of which nobody knows whom they tell of."""
    found = []
    for run in runs:
        compared = {place for place, _ in _placed(run)}
        titles = enumerate(exhibit.title for exhibit in outputs.exhibits(run.notebook))
        found += [f"{run.source.title}: {title}" for place, title in titles if place not in compared]
    return found


def _placed(run: Run) -> list[tuple[int, Told]]:
    """Find for each exhibit of a notebook of whom it tells; one that no ``Show`` published says nothing of that."""
    notes = list(run.told)
    found = []
    for place, exhibit in enumerate(outputs.exhibits(run.notebook)):
        same = (at for at, told in enumerate(notes) if (told.id, printable(told.title)) == (exhibit.id, exhibit.title))
        if (at := next(same, None)) is not None:
            found.append((place, notes[at]))
            notes = notes[at + 1 :]
    return found


def _sentence(told: Told, conflict: Conflict, minimum: int) -> str:
    if not told.known:
        return f"“{told.title}” is withheld: it does not say who stands behind its rows, so nobody can compare them."
    of = f"about fewer than {conflict.rated} people" if conflict.rated else f"of fewer than {minimum} people"
    beside = " and ".join(conflict.beside)
    return f"“{told.title}” is withheld: " + (f"beside {beside} it would tell {of}." if beside else f"it tells {of}.")
