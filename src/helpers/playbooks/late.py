"""What to leave out when a session runs late: which cuts, by when each set must be chosen, what is lost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from .parse import Cut, Edition

LATE = (5, 10, 20)


@dataclass(frozen=True)
class Choice:
    """What to leave out when so many minutes late; it can be chosen until the first of its blocks begins."""

    late: int
    by: int
    cuts: tuple[Cut, ...]
    rest: str

    def leave_out(self) -> str:
        """Return what is left out with the minutes that it saves, and what makes up for the rest."""
        cuts = " ".join(f"{cut.leave_out} ({cut.saves} minutes)" for cut in self.cuts)
        return f"{cuts} {self.rest}".strip()

    def lost(self) -> str:
        """Return what is lost."""
        return " ".join(cut.lost for cut in self.cuts)


def choices(edition: Edition) -> list[Choice]:
    """Return what to leave out when 5, 10 or 20 minutes late, for as long as there is something to leave out.

    Parameters
    ----------
    edition : Edition
        With its agenda and what it marks as safe to cut.

    Returns
    -------
    list of Choice
        For each number of minutes, in the order of time: as soon as one choice comes too late, the next one holds.
        The cuts that save enough with the least to spare are chosen; of several, those that stand first.
    """
    begins = {block.block: start for block, start in reversed(list(zip(edition.agenda, edition.starts())))}
    found = []
    for late in LATE:
        left = [cut for cut in edition.cuts if cut.block in begins]  # the check reports those of no block
        while left:
            chosen = _least(left, late)
            by = min(begins[cut.block] for cut in chosen)
            found.append(Choice(late, by, chosen, _rest(edition, late - sum(cut.saves for cut in chosen))))
            left = [cut for cut in left if begins[cut.block] > by]
    return found


def _least(cuts: list[Cut], late: int) -> tuple[Cut, ...]:
    """Return the cuts that save enough with the least to spare; all of them where they do not save enough."""
    places = range(len(cuts))
    sets = [some for size in range(1, len(cuts) + 1) for some in combinations(places, size)]
    saved = {some: sum(cuts[at].saves for at in some) for some in sets}
    enough = [some for some in sets if saved[some] >= late]
    chosen = min(enough, key=lambda some: (saved[some], some)) if enough else tuple(places)
    return tuple(cuts[at] for at in chosen)


def _rest(edition: Edition, missing: int) -> str:
    """Say what makes up for the minutes that cuts do not save."""
    reserve = sum(block.minutes for block in edition.agenda if block.kind == "reserve")
    if missing <= 0:
        return ""
    if missing <= reserve:
        return f"The reserve takes the other {missing}."
    return f"The reserve takes {reserve} more; say by how much you end later: {missing - reserve}."
