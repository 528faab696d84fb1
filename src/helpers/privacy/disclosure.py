"""Cell suppression: hide small groups, and whatever would let a reader compute them.

Every published table and chart passes through :func:`protect`. Three rules apply, in this order.

1. **Small cells.** A cell resting on fewer than ``minimum`` distinct respondents is hidden. So is a cell of a
   breakdown whose answers are *about* fewer than ``minimum`` people: twelve managers rating one HR partner
   describe that one person.
2. **Cells that could be computed.** Totals count as known. If the cells hidden in one line of a breakdown hold
   fewer than ``minimum`` people together, or if row and column totals together determine a hidden cell, further
   cells (the smallest first) are hidden until neither is so.
3. **Unanimous cells.** A mean at the end of its scale, or a share of 0 or 100 per cent, tells each member's
   answer; it is hidden or, for shares, given as a bound.

There is one exception, for what a manager did in hiring: :func:`exempt` names the two audiences that may see figures of
one person, and refuses every other.

References
----------
Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. & de Wolf, P.-P.
(2012). *Statistical Disclosure Control*. Wiley. Chapter 4 (tabular data: primary and secondary suppression).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Fewest people whose answers about them may be averaged company-wide. With three or more, no one who knows one
#: partner's rating can subtract it and be left with another's.
COLLECTIVE_MINIMUM = 3

SMALL = "small"
COMPLEMENTARY = "complementary"
UNANIMOUS = "unanimous"

#: Audiences that may see figures of one person: that person, and whom the study's recorded legal basis names.
SELF, NAMED = "self", "named"
#: The notebooks that may show them: they tell what managers did in hiring, never what anyone answered.
ABOUT_HIRING = ("hiring_manager_engagement", "hiring_manager_self")


@dataclass(frozen=True)
class Published:
    """A table as it may be shown.

    Attributes
    ----------
    frame : pandas.DataFrame
        The input with the values and counts of hidden cells set to missing.
    reasons : pandas.Series
        Per row: "" (shown), "small", "complementary" or "unanimous".
    minimum : int
        Fewest distinct people a cell had to rest on.
    audience : str
        Empty, or the audience for which single people are shown: "self" or "named".
    """

    frame: pd.DataFrame
    reasons: pd.Series
    minimum: int
    audience: str = ""

    def text(self, reason: str) -> str:
        """Say in words why a cell is hidden."""
        return {
            SMALL: f"hidden (fewer than {self.minimum})",
            COMPLEMENTARY: "hidden (protects a small group)",
            UNANIMOUS: "hidden (all answered alike)",
        }.get(reason, "")

    def footnote(self) -> str:
        """Return one sentence for the table's note, empty when nothing is hidden."""
        if not (self.reasons != "").any():
            return ""
        sentence = f"Results for fewer than {self.minimum} people are hidden"
        if (self.reasons == COMPLEMENTARY).any():
            sentence += ", and so is what would let a reader compute them"
        return sentence + "."


def count_columns(frame: pd.DataFrame) -> list[str]:
    """Name the columns that count the distinct people behind each row."""
    return [name for name in frame if name == "rated" or str(name).split("_")[0] == "respondents"]


def protect(
    frame: pd.DataFrame,
    *,
    minimum: int,
    groups: Sequence[str] = (),
    measures: Sequence[str] = (),
    values: Sequence[str] | None = None,
    limits: dict[str, tuple[float, float]] | None = None,
    rated_together: Callable[[pd.DataFrame], int] | None = None,
) -> Published:
    """Hide what describes fewer than ``minimum`` people, and what would reveal it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per cell. Columns ``respondents`` (and any ``respondents_…``) count the distinct people who
        answered; ``rated``, where present, the distinct people the answers are about. A row is hidden when any
        of them is too small.
    minimum : int
        Fewest distinct people a cell may rest on (the study's ``min_group``).
    groups : sequence of str
        Columns that divide the people (department, side). Within them, hidden cells are protected from being
        computed as total minus the rest. ``side`` alone is not a breakdown: its cells stay company-wide.
    measures : sequence of str
        Columns that repeat over the same people (dimension, item, wave). Each combination is protected by itself.
    values : sequence of str, optional
        Columns to hide. Default: every column that is neither group nor measure.
    limits : dict, optional
        Per value column, the ends of its scale. A value at an end says what everyone answered and is hidden.
    rated_together : callable, optional
        Counts the distinct people rated in several rows of the frame together. Without it the largest row is
        taken: one person may be rated in every row, so more cannot be known from the counts alone.

    Returns
    -------
    Published
        The frame with hidden cells missing, and the reason per row.

    Raises
    ------
    ValueError
        When the frame does not say how many respondents stand behind each row.
    """
    if "respondents" not in frame:
        raise ValueError("protect needs a column 'respondents': the distinct people behind each row")
    groups, measures = list(groups), list(measures)
    if values is None:
        values = [name for name in frame if name not in groups + measures]
    frame = frame.reset_index(drop=True)
    reasons = pd.Series("", index=frame.index, dtype=object)

    reasons[_is_small(frame, minimum, groups)] = SMALL
    for name, (low, high) in (limits or {}).items():
        at_end = frame[name].le(low) | frame[name].ge(high)
        reasons[at_end & (reasons == "")] = UNANIMOUS
    # No total over both sides is ever published, so each side is a table of its own.
    divisions = [name for name in groups if name != "side"]
    for _, part in _parts(frame, measures + [name for name in groups if name == "side"]):
        _hide_computable(part, reasons, divisions, minimum, rated_together)

    shown = frame.copy()
    hidden = reasons != ""
    for name in values:
        if hidden.any():
            shown[name] = shown[name].astype(_nullable(shown[name])).mask(hidden)
    return Published(shown, reasons, minimum)


def exempt(people: Iterable[str], *, notebook: str, reader: str, audience: str) -> str:
    """Name the audience for which figures of single people may be shown; refuse where there is none.

    Parameters
    ----------
    people : iterable of str
        Ids of the people of whom a figure would be shown.
    notebook : str
        Unnumbered name of the notebook that would show it; see :data:`ABOUT_HIRING`.
    reader : str
        Id of the one person who will read it; empty for a report that several people read.
    audience : str
        The study's ``hiring.audience``, which is "named" only with a legal basis.

    Returns
    -------
    str
        "self": all are about the reader. "named": the study allows managers to be shown by name.

    Raises
    ------
    ValueError
        In every other case. A reader sees nobody else's figures, whatever the study allows others.
    """
    if notebook not in ABOUT_HIRING:
        raise ValueError(f"{notebook} may not show figures of single people: only notebooks about hiring may")
    if reader:
        if set(people) != {reader}:
            raise ValueError("a report for one person may hold figures of that person only")
        return SELF
    if audience != NAMED:
        raise ValueError(
            "figures of single people may be shown to themselves alone (audience self), or where study.yaml sets "
            "hiring: audience: named with its legal_basis"
        )
    return NAMED


def _nullable(column: pd.Series) -> object:
    """Give whole numbers a type that can be missing; leave every other column as it is."""
    return "Int64" if pd.api.types.is_integer_dtype(column) else column.dtype if column.dtype != bool else object


def _is_small(frame: pd.DataFrame, minimum: int, groups: list[str]) -> pd.Series:
    breakdown = [name for name in groups if name != "side"]
    small = pd.Series(False, index=frame.index)
    for name in count_columns(frame):
        needed = (minimum if breakdown else min(minimum, COLLECTIVE_MINIMUM)) if name == "rated" else minimum
        small |= frame[name].gt(0) & frame[name].lt(needed)
    return small


def _parts(frame: pd.DataFrame, keys: list[str]) -> Iterator[tuple[object, pd.DataFrame]]:
    if not keys:
        yield None, frame
        return
    yield from frame.groupby(keys, dropna=False, sort=False)


def _lines(part: pd.DataFrame, groups: list[str], minimum: int) -> list[pd.Index]:
    """Return the rows of every total a reader may know: all rows, and each shown group of a single column.

    The totals of single columns are tables of their own, protected by the same rules.
    """
    lines = [part.index] if groups else []
    for name in groups if len(groups) > 1 else []:
        totals = part.groupby(name, dropna=False, sort=False)["respondents"].sum().reset_index()
        shown = protect(totals, minimum=minimum, groups=[name]).reasons.eq("")
        lines += [part.index[part[name].eq(value)] for value in totals.loc[shown, name]]
    return lines


def _hide_computable(
    part: pd.DataFrame,
    reasons: pd.Series,
    groups: list[str],
    minimum: int,
    rated_together: Callable[[pd.DataFrame], int] | None,
) -> None:
    """Hide further cells of one table, the smallest first, until no small cell can be computed."""
    people = part["respondents"].fillna(0)
    # A total of too few people is itself never published.
    lines = [line for line in _lines(part, groups, minimum) if people[line].sum() >= minimum]
    if "rated" in part and part["rated"].notna().any():
        count_rated = rated_together or (lambda rows: rows["rated"].max())
    else:
        count_rated = None

    def exposed(line: pd.Index) -> bool:
        hidden = line[(reasons[line] != "") & (people[line] > 0)]
        if hidden.empty:
            return False
        if people[hidden].sum() < minimum or len(hidden) == 1:
            return True
        return count_rated is not None and count_rated(part.loc[hidden]) < minimum

    filled = [index for index in part.index if people[index] > 0]
    inevitable = _determined(filled, lines)
    while True:
        visible = [index for index in filled if reasons[index] == ""]
        hidden = [index for index in filled if reasons[index] != ""]
        at_risk = [line for line in lines if exposed(line)]
        candidates = [index for index in visible if any(index in line for line in at_risk)]
        if not candidates:
            computable = _determined(hidden, lines) - inevitable
            at_risk = [line for line in lines if computable & set(line)]
            near = [index for index in visible if any(index in line for line in at_risk)]
            candidates = near or (visible if computable else [])
        if not candidates:
            return
        reasons[min(candidates, key=lambda index: (people[index], index))] = COMPLEMENTARY


def _determined(hidden: list[int], lines: list[pd.Index]) -> set[int]:
    """Return the hidden cells that the totals determine exactly.

    The hidden cells are unknowns; each total is one equation. A cell is determined when every vector of the null
    space of that system is zero at its place.
    """
    if not hidden or not lines:
        return set()
    system = np.array([[index in line for index in hidden] for line in lines], dtype=float)
    _, singular, right = np.linalg.svd(system)
    null_space = right[(singular > 1e-9).sum() :]
    return {index for index, column in zip(hidden, null_space.T, strict=True) if np.allclose(column, 0)}
