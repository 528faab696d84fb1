"""What to leave out when a session runs late: which cuts, by when each set must be chosen, what is lost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from .parse import Cut, Edition

LATE = (5, 10, 20)
#: Sessions of at least so many minutes have a row for 15, too.
LONG, BETWEEN = 75, 15
#: The head of the table of choices.
HEAD = ("Late by", "Decide by", "Leave out", "Minutes won", "What is lost")


@dataclass(frozen=True)
class Choice:
    """What to leave out when so many minutes late; it can be chosen until the first of its blocks begins."""

    late: int
    by: int
    cuts: tuple[Cut, ...]
    reserve: int

    @property
    def saved(self) -> int:
        """Minutes that the cuts save."""
        return sum(cut.saves for cut in self.cuts)

    @property
    def from_reserve(self) -> int:
        """Minutes that the reserve gives: those that cuts do not save, as far as it has them."""
        return max(0, min(self.reserve, self.late - self.saved))

    @property
    def later(self) -> int:
        """By how many minutes the session ends later all the same."""
        return max(0, self.late - self.saved - self.from_reserve)

    def leave_out(self) -> str:
        """Return what is left out, each cut with the minutes that it saves."""
        return " ".join(f"{cut.leave_out} ({_minutes(cut)})" for cut in self.cuts)

    def won(self) -> str:
        """Return the sum of the minutes that cuts and reserve give, and by how much the end is later."""
        parts = [str(cut.saves) for cut in self.cuts]
        parts += [f"{self.from_reserve} of the reserve"] if self.from_reserve else []
        total = self.saved + self.from_reserve
        sum_ = f"{' + '.join(parts)} = {total}" if len(parts) > 1 else parts[0]
        return f"{sum_}; the end is {self.later} later, say so" if self.later else sum_

    def lost(self) -> str:
        """Return what is lost."""
        return " ".join(cut.lost for cut in self.cuts)


def choices(edition: Edition) -> list[Choice]:
    """Return what to leave out when 5, 10 or 20 minutes late, for as long as there is something to leave out.

    Of long sessions, when 15 minutes late, too.

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
    reserve = reserve_of(edition)
    found = []
    for late in sorted((*LATE, BETWEEN) if edition.duration_min >= LONG else LATE):
        left = [cut for cut in edition.cuts if cut.block in begins]  # the check reports those of no block
        while left:
            chosen = _least(left, late)
            by = min(begins[cut.block] for cut in chosen)
            found.append(Choice(late, by, chosen, reserve))
            left = [cut for cut in left if begins[cut.block] > by]
    return found


def _minutes(cut: Cut) -> str:
    """Return the minutes that a cut saves; of a step that becomes shorter, those before and after."""
    if cut.instead:
        return f"{cut.saves + cut.instead} minutes become {cut.instead}"
    return f"{cut.saves} minutes"


def _least(cuts: list[Cut], late: int) -> tuple[Cut, ...]:
    """Return the cuts that save enough with the least to spare; all of them where they do not save enough."""
    places = range(len(cuts))
    sets = [some for size in range(1, len(cuts) + 1) for some in combinations(places, size)]
    saved = {some: sum(cuts[at].saves for at in some) for some in sets}
    enough = [some for some in sets if saved[some] >= late]
    chosen = min(enough, key=lambda some: (saved[some], some)) if enough else tuple(places)
    return tuple(cuts[at] for at in chosen)


def reserve_of(edition: Edition) -> int:
    """Return the minutes that nothing is planned for."""
    return sum(block.minutes for block in edition.agenda if block.kind == "reserve")


def how_to_read(edition: Edition) -> str:
    """Return what a facilitator has to know to use the table of choices."""
    return (
        "“Decide by” is the clock of the plan: there the first block begins that you would cut. Take the first row of "
        "your delay whose minute is still ahead in the plan, even if your watch is past it. The reserve of "
        f"{reserve_of(edition)} minutes comes last: a row takes from it only what its cuts do not save. You may also "
        "use it first and cut nothing; then it is gone."
    )
