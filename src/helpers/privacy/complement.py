"""Which further cells of a table have to be hidden, so that totals give no hidden cell away.

The cells of a table are its finest groups. A reader who knows the value of some of them and of totals (of the whole
table, and of every group of one of its columns) knows every combination of these. :func:`further` hides cells, the
smallest first, until no combination of totals and visible cells leaves a set of hidden cells that may not be told.

Notes
-----
What may be told is decided by weights. A set of hidden cells may be told when their weights reach the minimum:

* the cells of groups of people weigh as much as people they hold;
* a cell that is hidden for another reason than its size (everybody answered alike, one person holds most of it) weighs
  half the minimum: alone it may not be told, two of them may;
* where the same people may stand behind several cells (a table of *cases*, such as openings by how they ended), small
  cells may all be about one and the same person. They weigh next to nothing, however many there are.

Which combinations there are is decided in whole numbers; see :mod:`helpers.privacy.row_space`.

References
----------
Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. & de Wolf, P.-P.
(2012). *Statistical Disclosure Control*. Wiley. Chapter 4 (secondary suppression).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .row_space import combination, small_sets


def further(
    people: np.ndarray,
    hidden: np.ndarray,
    keys: np.ndarray,
    minimum: int,
    *,
    overlapping: bool = False,
    too_close: Callable[[np.ndarray], bool] | None = None,
) -> np.ndarray:
    """Choose the cells that have to be hidden besides those that are.

    Parameters
    ----------
    people : numpy.ndarray
        Distinct people behind each cell; 0 where there are none, which hides nothing and protects nobody.
    hidden : numpy.ndarray
        Whether each cell is hidden already.
    keys : numpy.ndarray
        Cells × columns: the numbers of the groups to which each cell belongs. Without columns only the total of all
        cells is known.
    minimum : int
        Fewest people who may be told of.
    overlapping : bool
        Whether the same people may stand behind several cells.
    too_close : callable, optional
        Says of the positions of hidden cells whether they may not be told together for another reason, such as that
        their answers are all about one person.

    Returns
    -------
    numpy.ndarray
        Whether each cell has to be hidden besides; never one that is hidden already or holds nobody.

    Examples
    --------
    Three people are hidden: the nine of the next smallest group go with them.

    >>> import numpy as np
    >>> further(np.array([40, 9, 3]), np.array([False, False, True]), np.array([[0], [1], [2]]), minimum=5)
    array([False,  True, False])
    """
    weights, least = _weights(people, hidden, minimum, overlapping)
    lines = _lines(people, keys, minimum, overlapping, too_close)
    taken = hidden & (people > 0)
    lost: set[tuple[int, ...]] = set()

    def may_not(cells: np.ndarray) -> bool:
        close = too_close is not None and too_close(cells)
        return bool(len(cells) and tuple(cells) not in lost and (weights[cells].sum() < least or close))

    def protect(cells: np.ndarray, counted: np.ndarray) -> None:
        """Hide the smallest cell that is counted in what gives these cells away."""
        candidates = np.flatnonzero(counted & ~taken)
        if not len(candidates):
            lost.add(tuple(cells))  # totals alone give them away, whatever this table hides
            return
        taken[candidates[np.argmin(people[candidates])]] = True

    while True:
        for line in lines:
            while may_not(cells := np.flatnonzero(line & taken)):
                protect(cells, line)
        exposed = [cells for cells in _combined(taken, lines, weights, least) if tuple(cells) not in lost]
        if not exposed:
            return taken & ~hidden
        protect(exposed[0], _counted(exposed[0], taken, lines, people > 0))


def _weights(people: np.ndarray, hidden: np.ndarray, minimum: int, overlapping: bool) -> tuple[np.ndarray, int]:
    """Return what each cell weighs, and the least a set of hidden cells has to weigh."""
    scale = len(people) + 1 if overlapping else 1
    weights = people * scale
    if overlapping:
        weights = np.where(people < minimum, np.minimum(people, 1), minimum * scale)
    return np.where(hidden & (people >= minimum), -(-minimum * scale // 2), weights), minimum * scale


def _together(people: np.ndarray, overlapping: bool) -> int:
    """Count the people who stand behind several cells, at the least."""
    return int(people.max(initial=0) if overlapping else people.sum())


def _lines(
    people: np.ndarray,
    keys: np.ndarray,
    minimum: int,
    overlapping: bool,
    too_close: Callable[[np.ndarray], bool] | None,
) -> list[np.ndarray]:
    """Return the cells of every total a reader may know: of all, and of each group of a single column that is shown.

    The totals of a single column are a table of their own, protected by the same rules. A column whose groups are
    single cells has none: they are this table.
    """
    filled = people > 0
    codes = [column for column in keys.T if len(np.unique(column[filled])) < filled.sum()]
    tables = [[filled], *([column == code for code in np.unique(column)] for column in codes)]
    lines = []
    for groups in tables:
        totals = np.array([_together(people[group], overlapping) for group in groups])
        gone = (totals > 0) & (totals < minimum)
        if too_close is not None:
            gone |= [bool(total) and too_close(np.flatnonzero(group & filled)) for group, total in zip(groups, totals)]
        nothing = np.zeros((len(totals), 0), dtype=int)
        gone |= further(totals, gone, nothing, minimum, overlapping=overlapping) if len(groups) > 1 else False
        lines += [group & filled for group, hidden in zip(groups, gone, strict=True) if not hidden]
    return lines


def _combined(taken: np.ndarray, lines: list[np.ndarray], weights: np.ndarray, least: int) -> list[np.ndarray]:
    """Return sets of hidden cells that several totals and visible cells give away though they may not be told."""
    cells = np.flatnonzero(taken)
    if len(lines) < 2 or not len(cells):
        return []
    found = small_sets(_crossing(cells, lines), [int(weight) for weight in weights[cells]], least)
    return [cells[list(item.types)] for item in found]


def _counted(cells: np.ndarray, taken: np.ndarray, lines: list[np.ndarray], filled: np.ndarray) -> np.ndarray:
    """Say which cells are counted in what gives some cells away; none where the totals alone do."""
    every, hidden = np.flatnonzero(filled), np.flatnonzero(taken)
    if combination(_crossing(every, lines), set(np.searchsorted(every, cells))) is not None:
        return np.zeros(len(filled), dtype=bool)
    weights = combination(_crossing(hidden, lines), set(np.searchsorted(hidden, cells)))
    if weights is None:  # undecided: what might be given away, by whatever totals
        return np.any([line for line in lines if line[cells].any()], axis=0)
    counts = sum((float(weight) * lines[number] for number, weight in weights.items()), np.zeros(len(filled)))
    return np.abs(counts) > 1e-9


def _crossing(cells: np.ndarray, lines: list[np.ndarray]) -> list[list[int]]:
    """Return for each cell the numbers of the totals in which it stands."""
    return [[number for number, line in enumerate(lines) if line[cell]] for cell in cells]
