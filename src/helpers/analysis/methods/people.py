"""The people behind a row of results: who answered, about whom, and when; never displayed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
import pandas as pd

#: Whose answer or deed a row of data is, about whom, and in which wave or which opening.
SHEET = ("respondent_id", "rated_id", "wave", "requisition_id")
#: Columns that say which question, or which step of hiring, the numbers of a row of data belong to.
QUESTION = ("dimension", "form", "item", "wait", "stage", "holder")
#: Values that add up over the rows of data of one person: of such a sum somebody may hold nearly all.
AMOUNTS = ("days", "days_after", "share")
Sheet = tuple[str, str, str, str]


class People:
    """The set of answer sheets behind a row of results; immutable, and nothing is looked up until somebody asks.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows of data that went into the result. Of these it refers to the columns :data:`SHEET` and
        :data:`QUESTION`, as far as they exist; what happens to the frame later does not reach it.
    respondent, rated : str
        Columns that name whose data they are, and about whom.
    value : str
        What is averaged, counted or summed, where no column of the question says it.
    additive : bool
        Whether the result is a mean, a share, a count or a sum, so that the results of two sets give that of what lies
        between them. Correlations, coefficients of models, tests and medians are none of these.

    Notes
    -----
    Results of the same question over two sets of people may be subtracted; disclosure control must therefore know the
    sets (:mod:`helpers.privacy.sets`). What is not declared otherwise is taken to be additive, which is the safe side.

    Examples
    --------
    >>> answers = pd.DataFrame({"respondent_id": ["a", "a", "b"], "rated_id": ["x", "y", "x"], "dimension": "trust"})
    >>> People(answers)
    <2 people>
    >>> People(answers).question
    'trust'
    >>> len(People(answers) | People(answers.assign(respondent_id="c")))
    3
    """

    __slots__ = ("_largest", "_parts", "_sheets", "_value", "additive")

    def __init__(
        self,
        frame: pd.DataFrame,
        respondent: str = "respondent_id",
        rated: str = "rated_id",
        value: str = "",
        additive: bool = True,
    ) -> None:
        columns = {name: frame[name] for name in (*SHEET, *QUESTION) if name in frame}
        named = {"respondent_id": respondent, "rated_id": rated}
        columns |= {name: frame[given] for name, given in named.items() if given in frame}
        if value in AMOUNTS and value in frame:
            columns["amount"] = frame[value]
        self._parts: tuple[dict[str, pd.Series], ...] = (columns,)
        self._sheets: frozenset[Sheet] | None = None
        self._largest: dict[str, float] = {}
        self._value = value
        self.additive = additive

    @property
    def sheets(self) -> frozenset[Sheet]:
        """Respondent, person rated, wave and opening of every sheet; empty text where the data do not say."""
        if self._sheets is None:
            each = [_sheets(part) for part in self._parts]
            self._sheets = each[0] if len(each) == 1 else frozenset().union(*each)
        return self._sheets

    @property
    def question(self) -> str:
        """What the result is about: what is averaged, and of which dimension, item or step of hiring."""
        words = [self._value]
        for name in QUESTION:
            named = self._named(name)
            words.append(min(named) if len(named) == 1 else "several" if named else "")
        return ", ".join(word for word in words if word)

    @property
    def dimension(self) -> str:
        """The dimension, question or step of hiring that the result is about; empty where it is several, or none."""
        named = [self._named(name) for name in QUESTION if name != "form"]
        single = [min(labels) for labels in named if len(labels) == 1]
        return single[0] if single else ""

    def _named(self, name: str) -> set[str]:
        return {str(label) for part in self._parts if name in part for label in part[name].dropna().unique()}

    @property
    def rated(self) -> int:
        """Number of distinct people whom the sheets are about; 0 where the data do not say."""
        if self._sheets is None and len(self._parts) == 1:  # no need to list the sheets of a large survey
            return _rated(self._parts[0])
        return len({sheet[1] for sheet in self.sheets} - {""})

    def largest(self, who: str = "respondent_id") -> float:
        """Return the largest part that one person has in the rows of data, or in the days they add up to.

        Parameters
        ----------
        who : {"respondent_id", "rated_id"}
            Those who answered or acted, or those who are told about.

        Returns
        -------
        float
            From 0 to 1; 0 where the data do not name anybody.

        Examples
        --------
        >>> waits = pd.DataFrame({"respondent_id": ["a", "b", "b", None], "days": [8.0, 1.0, 1.0, 40.0]})
        >>> People(waits, value="days").largest(), round(People(waits).largest(), 2)
        (0.8, 0.67)
        """
        if who not in self._largest:  # a table is protected more than once
            self._largest[who] = self._part_of_largest(who)
        return self._largest[who]

    def _part_of_largest(self, who: str) -> float:
        known = [part for part in self._parts if who in part]
        if not known:
            return 0.0
        codes, _ = pd.factorize(pd.concat([part[who] for part in known]))
        sizes = [
            part["amount"].fillna(0).clip(lower=0) if "amount" in part else np.ones(len(part[who])) for part in known
        ]
        named = codes >= 0
        held = np.bincount(codes[named], np.concatenate(sizes)[named])
        return float(held.max() / held.sum()) if held.sum() > 0 else 0.0

    def __len__(self) -> int:
        """Count the distinct people who answered."""
        return len({sheet[0] for sheet in self.sheets})

    def __or__(self, other: People) -> People:
        """Return the people of both, for a result that sets one beside the other."""
        return self.together([self, other])

    @staticmethod
    def together(parts: Iterable[People]) -> People:
        """Return the people of several rows, for a result made of all of them."""
        parts = list(parts)
        found = People(pd.DataFrame(), additive=all(part.additive for part in parts))
        found._parts = tuple(columns for part in parts for columns in part._parts)
        found._value = next((part._value for part in parts if part._value), "")
        return found

    def behind(self, value: str = "", additive: bool = True) -> People:
        """Return the same people behind another result."""
        found = People(pd.DataFrame(), value=value, additive=additive)
        found._parts, found._sheets = self._parts, self._sheets
        return found

    def __eq__(self, other: object) -> bool:
        """Tell whether the same people stand behind both."""
        return isinstance(other, People) and self.sheets == other.sheets

    def __hash__(self) -> int:
        return hash(self.sheets)

    def __repr__(self) -> str:
        """Say how many there are, and nobody's id."""
        return f"<{len(self)} people>"


#: The sets of the same rows of data, which results about several questions have; as many as one report may need.
_KNOWN: OrderedDict[tuple[object, ...], frozenset[Sheet]] = OrderedDict()
_MOST_KNOWN = 32
_CATEGORIES: dict[int, tuple[pd.Index, int]] = {}
#: Rows from which on looking a set up is quicker than making it again.
_MANY = 5_000
#: Rows up to which Python's own sets count faster than pandas.
_FEW_ROWS = 2_000


def _sheets(columns: dict[str, pd.Series]) -> frozenset[Sheet]:
    if "respondent_id" not in columns:
        return frozenset()
    if len(columns["respondent_id"]) < _MANY:
        return _listed(columns)
    key = tuple((name, _digest(columns[name])) for name in SHEET if name in columns)
    if key not in _KNOWN:
        _KNOWN[key] = _listed(columns)
        while len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.popitem(last=False)
    _KNOWN.move_to_end(key)
    return _KNOWN[key]


def _digest(column: pd.Series) -> tuple[int, int]:
    """Digest the texts of a column, in their order; Python knows the hash of each already."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return len(column), hash((column.cat.codes.to_numpy().tobytes(), _digest_of(column.cat.categories)))
    return len(column), hash(tuple(column.tolist()))


def _digest_of(categories: pd.Index) -> int:
    """Digest categories once for all columns and parts of columns that share them."""
    if id(categories) not in _CATEGORIES:
        if len(_CATEGORIES) == _MOST_KNOWN:
            _CATEGORIES.clear()
        _CATEGORIES[id(categories)] = categories, hash(tuple(categories))  # held, so that no other gets its number
    return _CATEGORIES[id(categories)][1]


def _listed(columns: dict[str, pd.Series]) -> frozenset[Sheet]:
    nothing = [""] * len(columns["respondent_id"])
    found = zip(*(_texts(columns[name]) if name in columns else nothing for name in SHEET), strict=True)
    return frozenset(sheet for sheet in found if sheet[0])


def _rated(columns: dict[str, pd.Series]) -> int:
    """Count the distinct people whom the rows of data are about."""
    if not {"respondent_id", "rated_id"} <= set(columns):
        return 0
    who = columns["respondent_id"]
    named = columns["rated_id"][who.notna() & who.ne("")].dropna()
    return named[named.ne("")].nunique()


def distinct(column: pd.Series) -> int:
    """Count the different values of a column, without those missing; of few rows pandas takes ten times as long."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return int(np.count_nonzero(np.bincount(column.cat.codes.to_numpy() + 1)[1:]))
    if len(column) > _FEW_ROWS:
        return int(column.nunique())
    return sum(value is not None and value is not pd.NA and value == value for value in set(column.tolist()))


def keys_of(column: pd.Series) -> np.ndarray:
    """Return what tells the rows of a column apart: of categories their codes, else the values."""
    return column.cat.codes.to_numpy() if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()


def _texts(column: pd.Series) -> list[str]:
    """Return a column as texts, empty where it is missing."""
    if isinstance(column.dtype, pd.StringDtype):
        return [text if isinstance(text, str) else "" for text in column.tolist()]
    texts = column.astype("str").to_numpy(object, copy=True)
    texts[column.isna().to_numpy()] = ""
    return texts.tolist()
