"""Cell suppression: hide what tells of too few people, and whatever would let a reader compute it.

Every published table and chart passes through :func:`protect`. Four rules apply, in this order; all are read off the
published row, none can be chosen by whoever publishes it.

1. **Few people answered.** A row that rests on fewer than ``minimum`` distinct people is hidden.
2. **Few people are told about.** So is a row whose answers are *about* fewer than ``min_rated`` people (twelve managers
   rating one HR partner describe that one person; so do the days of one recruiter), or of which over 80 per cent are
   about one of them.
3. **Everybody alike, or nearly one person alone.** A mean at the end of its scale, a share of 0 or 100 per cent, a
   standard deviation or an interval without width, and answers that are all alike tell each member's answer. A sum or
   a mean of which one person holds over 80 per cent tells that person's.
4. **What could be computed.** Totals count as known. If totals and visible rows together give away rows that may not
   be told, further rows (the smallest first) are hidden until they do not; see :mod:`.complement`.

Why rule 3 or 4 has hidden a row is not said: the reason would tell the value.

There is one exception, for what a manager did in hiring: :func:`exempt` names the two audiences that may see figures of
one person, and refuses every other.

References
----------
Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. & de Wolf, P.-P.
(2012). *Statistical Disclosure Control*. Wiley. Chapter 4 (tabular data: sensitivity rules, dominance, primary and
secondary suppression).
Machanavajjhala, A., Kifer, D., Gehrke, J. & Venkitasubramaniam, M. (2007). l-diversity: privacy beyond k-anonymity.
*ACM Transactions on Knowledge Discovery from Data*, 1(1), 3 (groups that answer alike).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from helpers.columns import ALIKE, roles
from helpers.published import Audience, Column

from .complement import further
from .rated import DOMINANT, MIN_RATED

SMALL = "small"
FEW_RATED = "few rated"
ONE_RATED = "one rated"
DOMINATED = "dominated"
UNANIMOUS = "unanimous"
COMPLEMENTARY = "complementary"
#: Reasons that say how many people a row tells about, and nothing of its value.
ABOUT_FEW = (FEW_RATED, ONE_RATED)
#: Printed for every reason that would tell the value.
NEUTRAL = "hidden (protects single people)"

#: Audiences that may see figures of one person: that person, and whom the study's recorded legal basis names.
SELF: Final = "self"
NAMED: Final = "named"
#: The notebooks that may show them: they tell what managers did in hiring, never what anyone answered.
ABOUT_HIRING = ("hiring_manager_engagement", "hiring_manager_self")
#: The notebooks that show no answer to a survey, so that their numbers of people tell nothing of who answered one.
WITHOUT_SURVEY = (
    *ABOUT_HIRING, "practice_session", "business_outcomes", "pulse_trends", "employee_relations", "employer_brand",
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A table as it may be shown.

    Attributes
    ----------
    frame : pandas.DataFrame
        The input with the values and counts of hidden rows set to missing.
    reasons : pandas.Series
        Per row: "" (shown), "small", "few rated", "one rated", "dominated", "unanimous" or "complementary". Only the
        first three may be told apart by a reader; :meth:`text` says what may be said.
    minimum : int
        Fewest distinct people a row had to rest on.
    min_rated : int
        Fewest distinct people a row's answers had to be about.
    agreed : bool
        Whether a row is shown that only a recorded agreement of those rated allows.
    audience : str
        Empty, or the audience for which single people are shown: "self" or "named".
    """

    frame: pd.DataFrame
    reasons: pd.Series
    minimum: int
    min_rated: int = MIN_RATED
    agreed: bool = False
    audience: Audience = ""

    def text(self, reason: str, whom: str = "people", needed: int = 0) -> str:
        """Say in words why a row is hidden.

        Parameters
        ----------
        reason : str
            One of ``reasons``.
        whom : str
            Whom the row's answers are about, in the plural: "HR partners".
        needed : int
            Fewest of them for this row, where it is not ``min_rated``.

        Returns
        -------
        str
            For a reader; the same words for every reason that would tell something of the value.
        """
        return {
            "": "",
            SMALL: f"hidden (fewer than {self.minimum})",
            FEW_RATED: f"hidden (about fewer than {needed or self.min_rated} {whom})",
            ONE_RATED: f"hidden (over {100 * DOMINANT:.0f} % of the answers are about one of the {whom})",
        }.get(reason, NEUTRAL)

    def footnote(self) -> str:
        """Return one sentence for the table's note, empty when nothing is hidden; the same whatever is."""
        if not (self.reasons != "").any():
            return ""
        about = " or about too few" if self.reasons.isin(ABOUT_FEW).any() else ""
        return (
            f"Results for fewer than {self.minimum} people{about} are hidden, and so is what would let a reader "
            "compute them or would tell what single people answered."
        )


def count_columns(frame: pd.DataFrame) -> list[str]:
    """Name the columns that count the distinct people behind each row."""
    return [name for name in frame if name == "rated" or str(name).split("_")[0] == "respondents"]


def protect(
    frame: pd.DataFrame,
    *,
    minimum: int,
    min_rated: int | pd.Series = MIN_RATED,
    columns: Mapping[str, Column] | None = None,
    groups: Sequence[str] = (),
    measures: Sequence[str] = (),
    rated_together: Callable[[pd.DataFrame], int] | None = None,
) -> Published:
    """Hide what tells of too few people, and what would reveal it.

    Rows that differ in nothing but keys that are known to repeat over the same people stand side by side; all others
    are taken to be parts of a whole whose total a reader may know, whatever the caller says or leaves out.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per cell. Columns that decide, each where it is there: ``respondents`` and any ``respondents_…``
        (distinct people who answered), ``rated`` (distinct people the answers are about), ``largest`` and
        ``rated_largest`` (largest share, 0 to 1, that one person has in what the row averages: as who answered or
        acted, as who is told about), ``standard_deviation`` beside ``mean``, the ends of intervals, and ``note``
        (which holds :data:`helpers.columns.ALIKE` where everybody answered alike).
    minimum : int
        Fewest distinct people a row may rest on (the study's ``min_group``).
    min_rated : int or pandas.Series
        Fewest distinct people a row's answers may be about (the study's ``min_rated``); by row where it differs. With
        1, which takes an agreement of those rated, the share of one of them does not count either.
    columns : mapping, optional
        What is known of single columns beyond the dictionary (:func:`helpers.columns.described`): keys that repeat,
        and the ends of answer scales, at which a value says what everyone answered and is hidden.
    groups : sequence of str
        Columns that divide the people although the dictionary does not say so, for instance numbers of departments.
    measures : sequence of str
        Columns that name what a row is about although they hold numbers, for instance days. As every key, they
        divide the people unless the dictionary or ``columns`` says that they repeat.
    rated_together : callable, optional
        Counts the distinct people rated in several rows of the frame together. Without it the largest row is
        taken: one person may be rated in every row, so more cannot be known from the counts alone.

    Returns
    -------
    Published
        The frame with hidden rows' values missing, and the reason per row.

    Raises
    ------
    ValueError
        When the frame does not say how many respondents stand behind each row.

    Notes
    -----
    A total over both sides is never published, so each side is a table of its own.
    """
    if "respondents" not in frame:
        raise ValueError("protect needs a column 'respondents': the distinct people behind each row")
    divides, partition, repeats = roles(frame, columns)
    repeats = [name for name in repeats if name not in groups]
    partition = [name for name in partition if name not in groups]
    divides = list(
        dict.fromkeys([*divides, *groups, *(name for name in measures if name not in [*repeats, *partition])])
    )
    frame = frame.reset_index(drop=True)
    needed = pd.Series(min_rated, index=frame.index) if isinstance(min_rated, int) else min_rated.reset_index(drop=True)
    apart = repeats + [name for name in divides if name == "side"]
    keys = [name for name in (*divides, *partition) if name != "side"]
    table = frame.groupby(apart, dropna=False, sort=False).ngroup() if apart else pd.Series(0, index=frame.index)

    reasons = _primary(frame, minimum, needed, columns, table)
    codes = np.column_stack([pd.factorize(frame[name])[0] for name in keys]) if keys else np.zeros((len(frame), 0), int)
    people = frame["respondents"].fillna(0).to_numpy(int)
    hidden = reasons.ne("").to_numpy()
    for rows in _places(table[table.isin(table[hidden])]):
        if len(rows) > 1:  # one row beside others of the same people: there is no total to work it out from
            close = _about_too_few(frame, rows, reasons, needed, rated_together)
            more = further(
                people[rows], hidden[rows], codes[rows], minimum, overlapping=bool(partition), too_close=close
            )
            reasons.iloc[rows[more]] = COMPLEMENTARY
    shown = frame.copy()
    hidden = reasons.ne("")
    for name in frame if hidden.any() else ():
        if name not in (*divides, *partition, *repeats):
            shown[name] = shown[name].astype(_nullable(shown[name])).mask(hidden)
    least = int(needed.min()) if len(needed) else MIN_RATED
    return Published(shown, reasons, minimum, least, agreed=bool((_one_alone(frame) & ~hidden & needed.lt(2)).any()))


def exempt(people: Iterable[str], *, notebook: str, reader: str, audience: str) -> Audience:
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


def _places(table: pd.Series) -> Iterable[np.ndarray]:
    """Return the positions of the rows of each table."""
    return (rows.to_numpy() for rows in table.groupby(table, sort=False).groups.values())


def _primary(
    frame: pd.DataFrame, minimum: int, needed: pd.Series, columns: Mapping[str, Column] | None, table: pd.Series
) -> pd.Series:
    """Say of each row by itself why it may not be shown; a reader may be told the first reasons."""
    few = pd.Series(False, index=frame.index)
    for name in count_columns(frame):
        few |= name != "rated" and _true(frame[name].gt(0) & frame[name].lt(minimum))
    filled = _true(frame["respondents"].gt(0))
    rated = pd.to_numeric(frame["rated"], errors="coerce") if "rated" in frame else pd.Series(np.nan, index=frame.index)
    # Where a table says whom its rows are about, a row that does not may be about one person.
    rated = rated.fillna(0).where(rated.groupby(table).transform("max").gt(0))
    found = {
        SMALL: few,
        FEW_RATED: filled & _true(rated.lt(needed)) & needed.gt(1),
        ONE_RATED: filled & _over(frame, "rated_largest") & needed.gt(1),
        DOMINATED: filled & _over(frame, "largest"),
        UNANIMOUS: filled & _alike(frame, columns or {}),
    }
    return pd.Series(np.select(list(found.values()), list(found), ""), index=frame.index, dtype=object)


def _alike(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.Series:
    """Say which rows tell that everybody answered the same."""
    found = pd.Series(False, index=frame.index)
    if "note" in frame:
        found |= frame["note"].fillna("").astype(str).str.contains(ALIKE, regex=False)
    if {"mean", "standard_deviation"} <= set(frame):
        found |= _true(frame["standard_deviation"].eq(0))
    for name, column in columns.items():
        if column.limits and name in frame:
            found |= _true(frame[name].le(column.limits[0]) | frame[name].ge(column.limits[1]))
    for low in map(str, frame.columns):
        high = "high".join(low.rsplit("low", 1))
        told = columns.get(low.removesuffix("low").removesuffix("_") or "estimate")
        if (
            low.rsplit("_", 1)[-1] == "low"
            and high in frame
            and not (told and told.type == "percent" and not told.limits)
        ):
            found |= _true(frame[low].eq(frame[high]))
    return found


def _over(frame: pd.DataFrame, name: str) -> pd.Series:
    """Say where one person's share is too large."""
    return _true(frame[name].gt(DOMINANT)) if name in frame else pd.Series(False, index=frame.index)


def _true(found: pd.Series) -> pd.Series:
    return found.fillna(False).astype(bool)


def _one_alone(frame: pd.DataFrame) -> pd.Series:
    """Say which rows tell of one person among those rated."""
    rated = frame["rated"] if "rated" in frame else pd.Series(np.nan, index=frame.index)
    return _true(rated.eq(1)) | _over(frame, "rated_largest")


def _about_too_few(
    frame: pd.DataFrame,
    rows: np.ndarray,
    reasons: pd.Series,
    needed: pd.Series,
    rated_together: Callable[[pd.DataFrame], int] | None,
) -> Callable[[np.ndarray], bool] | None:
    """Return a function that says of positions among ``rows`` whether all of them are about too few people together."""
    about_few = reasons.iloc[rows].isin(ABOUT_FEW).to_numpy()
    if not about_few.any():
        return None
    count = rated_together or (lambda several: several["rated"].fillna(0).max())

    def too_close(cells: np.ndarray) -> bool:
        together = rows[cells]
        return bool(about_few[cells].all() and count(frame.loc[together]) < needed.iloc[together].max())

    return too_close
