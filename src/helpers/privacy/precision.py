"""How exactly what may be published is told: numbers of people in bands, rates, and answers to single questions.

:func:`helpers.privacy.protect` decides which rows are published. What is left would still tell too much, exact as it
is, for two reasons that have nothing to do with how many people stand behind a row.

1. *Who did not answer.* With a staff directory every number of people is a response rate
   (:mod:`helpers.privacy.participation`): numbers below 30 are told in bands, and a larger one as "30 or more" where
   it would tell who did not answer. A rate is told only of groups in which enough people answered and enough did not.
2. *Who answered what.* Mean, spread and shares of few answers to one question give back every single answer
   (:mod:`helpers.privacy.distributions`). Below 30 people one question is told by its mean, one interval of it, both to
   one decimal, and the share of favourable answers in steps of 5 per cent, as far as at least two distributions of
   answers remain. From 30 to 99 also by spread and ends of the scale, to one decimal and in steps of 5 per cent.

Both are decided from the row alone, before anything is rounded, drawn or written, so that every format has the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.columns import end_of
from helpers.published import Column
from helpers.rounding import rounded

from .bands import EXACT_FROM
from .distributions import DECIMALS, MOST_ANSWERS, Scale, share_to_step, tellable
from .participation import Participation

#: Marks the rows about one question whose numbers are told to one decimal and in steps of 5 per cent.
FEW = "few_answers"
#: Begins the names of columns that keep numbers as they are, for the comparison of sets of people; never published.
COUNTED = "counted_"
#: From this number of people on, numbers about one question are told as those of dimensions.
MANY = 100
#: What stands where a response rate would tell who did not answer.
MOST, NOT_TOLD = "most", "not told"
#: What stands where the share would tell of few people that they left a question out.
NEARLY_ALL = "nearly all"

_COUNTS = ("rated", "clusters", "sheets", "answered", "judged", "partnerships", "asked")
#: Columns of these names hold shares in some tables.
_ALSO_SHARES = ("answered", "judged", "asked")
_SIDE_OF = {"respondents_hr": "hr", "respondents_manager": "manager"}
_ONLY_FROM_30 = (
    "standard_deviation", "floor", "ceiling", "item_rest", "alpha_if_dropped", "favourable_low", "favourable_high",
    "neutral", "unfavourable", "net", "net_low", "net_high", "change", "change_low", "change_high",
)  # fmt: skip
_KINDS = {
    "mean": "points", "plain": "points", "standard_deviation": "points", "score": "points", "score_100": "hundred",
    "favourable": "share", "floor": "share", "ceiling": "share", "neutral": "share", "unfavourable": "share",
    "net": "share", "change": "share",
}  # fmt: skip


@dataclass(frozen=True)
class Precision:
    """How exactly the exhibits of one study are told.

    Attributes
    ----------
    participation : Participation
        What may be told of who answered; without groups where the roster is not known.
    sides : mapping of str to str
        The side of everybody invited, by id.
    questions : mapping
        The answer scale of everything that is measured by one question, by its id (of the item, or of a dimension of
        one item) and the side that answered.
    short_form : mapping
        The same for dimensions that rest on one question for those alone who were given the short form.
    longer : frozenset of tuple
        Respondent and wave of everybody who answered more than the short form.
    attributes : sequence of str
        Columns that may name a group.
    confidence : float
        Level of the intervals, between 0 and 1.
    """

    participation: Participation
    sides: Mapping[str, str]
    questions: Mapping[tuple[str, str], Scale]
    short_form: Mapping[tuple[str, str], Scale]
    longer: frozenset[tuple[str, str]]
    attributes: Sequence[str]
    confidence: float

    def applied(self, frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
        """Return a protected table as exactly as it may be told.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row per cell, as :func:`helpers.privacy.protect` returns it.
        columns : mapping
            How its columns are printed, as :func:`helpers.columns.described` returns it.

        Returns
        -------
        pandas.DataFrame
            A copy with numbers of people in words where they are not told exactly, and with the column
            ``few_answers`` where rows are about single questions.
        """
        frame = self._questions(frame, columns)
        return self._counts(self._left_out(self._rates(frame)))

    @staticmethod
    def restored(frame: pd.DataFrame) -> pd.DataFrame:
        """Return a published table with its numbers of people as they are, to be published in another exhibit."""
        kept = [str(name) for name in frame if str(name).startswith(COUNTED)]
        return frame.assign(**{name.removeprefix(COUNTED): frame[name] for name in kept}).drop(columns=kept)

    def people(self, count: int, **about: object) -> str:
        """Return a number of people as it may stand in a sentence; see :meth:`Participation.words`."""
        return str(self.participation.words(count, about))

    def of_told_waves(self, frame: pd.DataFrame, sides: Sequence[str]) -> pd.DataFrame:
        """Return the rows of the waves in which it may be told how many of each side answered.

        Parameters
        ----------
        frame : pandas.DataFrame
            Rows with ``wave``.
        sides : sequence of str
            The sides whose answers the rows set beside each other.

        Returns
        -------
        pandas.DataFrame
            All rows where nobody knows who was invited.
        """
        if not self.participation.groups:
            return frame
        told = {
            wave: all(self.participation.told(str(wave), side) for side in sides) for wave in frame["wave"].unique()
        }
        return frame[frame["wave"].map(told).astype(bool)]

    @staticmethod
    def note(frame: pd.DataFrame) -> str:
        """Say in a sentence how exactly a table is told; empty where nothing was held back."""
        if FEW not in frame or not frame[FEW].any():
            return ""
        return (
            "A single question answered by few people is told to one decimal and in steps of 5 per cent; what would "
            "give single answers away is left out."
        )

    # numbers of people -------------------------------------------------------------------------------------------

    def _counts(self, frame: pd.DataFrame) -> pd.DataFrame:
        if not self.participation.groups:
            return frame
        counted = [name for name in frame if name in _COUNTS or str(name).split("_")[0] == "respondents"]
        counted = [
            name
            for name in counted
            if pd.api.types.is_integer_dtype(frame[name]) or (name not in _ALSO_SHARES and _is_whole(frame[name]))
        ]
        if not counted:
            return frame
        about = self._about(frame)
        words = {
            name: [
                self._words(int(count), *(each | ({"side": _SIDE_OF[name]} if name in _SIDE_OF else {})).items())
                if pd.notna(count)
                else count
                for count, each in zip(frame[name], about, strict=True)
            ]
            for name in counted
        }
        exact = {COUNTED + name: frame[name].astype("Int64") for name in counted}
        told = {name: pd.Series(values, frame.index, object) for name, values in words.items()}
        return frame.assign(**told, **exact)

    @functools.cached_property
    def _words(self) -> Callable[..., int | str]:
        """What :meth:`Participation.words` says, remembered: many rows count as many of the same side and wave."""
        return functools.cache(lambda count, *about: self.participation.words(count, dict(about)))

    def _about(self, frame: pd.DataFrame) -> list[dict[str, object]]:
        """Return what every row says of whom it counts; where it does not name a side or a wave, its people do."""
        keys = [name for name in ("wave", "side", *self.attributes) if name in frame]
        known = frame[keys].to_dict("records") if keys else [{} for _ in range(len(frame))]
        if "people" not in frame or {"wave", "side"} <= set(keys):
            return known
        return [self._from_people(people) | about for people, about in zip(frame["people"], known, strict=True)]

    def _from_people(self, people: object) -> dict[str, object]:
        sheets: frozenset[tuple[str, str, str, str]] = getattr(people, "sheets", frozenset())
        sides = {self.sides.get(respondent, "") for respondent, *_ in sheets}
        waves = {wave for _, _, wave, _ in sheets}
        named = {"side": sides, "wave": waves}
        return {name: next(iter(values)) for name, values in named.items() if len(values) == 1}

    def _rates(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Tell a response rate only of groups in which enough people answered and enough did not."""
        if not {"invited", "respondents", "estimate"} <= set(frame):
            return frame
        minimum = self.participation.minimum
        frame = frame.astype({"estimate": object})
        for place, about in zip(frame.index, self._about(frame), strict=True):
            invited, answered = frame.at[place, "invited"], frame.at[place, "respondents"]
            if pd.isna(invited) or pd.isna(answered) or self._rate_told(about, int(invited), int(answered)):
                continue
            whole = not any(pd.notna(about.get(name)) for name in self.attributes)
            nearly_all = whole and answered >= minimum > invited - answered
            frame.at[place, "estimate"] = MOST if nearly_all else NOT_TOLD
            frame.loc[place, [name for name in ("low", "high") if name in frame]] = np.nan
            if "note" in frame:
                reason = "the exact share would tell who did not answer"
                frame.at[place, "note"] = f"most did; {reason}" if nearly_all else reason
        return frame

    def _left_out(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Tell what share answered an item only where enough people left it out."""
        if not {"left_out_by", "estimate"} <= set(frame):
            return frame
        few = frame["left_out_by"].lt(self.participation.minimum).fillna(False).astype(bool)
        return frame.assign(estimate=frame["estimate"].astype(object).mask(few, NEARLY_ALL))

    def _rate_told(self, about: Mapping[str, object], invited: int, answered: int) -> bool:
        if min(answered, invited - answered) < self.participation.minimum:
            return False
        named = [(name, str(about[name])) for name in self.attributes if pd.notna(about.get(name))]
        wave, side = str(about.get("wave", "")), str(about.get("side", ""))
        waves = [wave] if wave else sorted({key.wave for key in self.participation.groups})
        group = named[0] if named else ("", "")
        return len(named) < 2 and all(self.participation.told(each, side, *group) for each in waves)

    # answers to one question ---------------------------------------------------------------------------------------

    def _questions(self, frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
        name = next((name for name in ("item", "dimension") if name in frame), "")
        if not name or "respondents" not in frame:
            return frame
        behind = frame["people"] if "people" in frame else [None] * len(frame)
        keys = frame[[each for each in (name, "side") if each in frame]].to_numpy()
        people = pd.to_numeric(frame["respondents"], errors="coerce").fillna(0).to_numpy()
        few = (people > 0) & (people < MANY)
        scales = [self._scale(*about) if known else None for known, *about in zip(few, keys, behind, strict=True)]
        few = np.array([scale is not None for scale in scales], bool)
        if not few.any():
            return frame
        kinds = {column: self._kind(frame, column, columns) for column in frame}
        numbers = [column for column, kind in kinds.items() if any(kind)]
        if not numbers:
            return frame
        frame = frame.assign(**{FEW: few})
        frame = frame.astype(dict.fromkeys(numbers, float))
        values = {name: frame[name].to_numpy(float, copy=True) for name in numbers}
        hidden = {name: np.zeros(len(frame), bool) for name in _ONLY_FROM_30 if name in frame and name not in values}
        for at, row in enumerate(frame.to_dict("records")):
            scale = scales[at]
            if few[at] and scale is not None:
                told = {column: (kinds[column][at], values[column][at]) for column in numbers}
                for column, value in self._row(row, told, scale, int(people[at])).items():
                    if column in values:
                        values[column][at] = value
                    else:
                        hidden[column][at] = True
        return frame.assign(**values, **{name: frame[name].mask(rows) for name, rows in hidden.items() if rows.any()})

    def _scale(self, row: np.ndarray, people: object) -> Scale | None:
        """Return the answer scale of what a row is about, where that is one question."""
        what = str(row[0])
        if not any(what == name for name, _ in (*self.questions, *self.short_form)):
            return None
        side = str(row[1]) if len(row) > 1 else str(self._from_people(people).get("side", ""))
        for questions in (self.questions, {} if self._on_whole_form(people) else self.short_form):
            scales = [scale for (name, whose), scale in questions.items() if name == what and side in (whose, "")]
            if scales:
                return scales[0]
        return None

    def _on_whole_form(self, people: object) -> bool:
        """Say whether of those behind a row enough answered more than the short form, all of which counts in it."""
        sheets: frozenset[tuple[str, str, str, str]] = getattr(people, "sheets", frozenset())
        longer = {respondent for respondent, _, wave, _ in sheets if (respondent, wave) in self.longer}
        return len(longer) >= self.participation.minimum and "short form" not in getattr(people, "question", "")

    @staticmethod
    def _kind(frame: pd.DataFrame, name: str, columns: Mapping[str, Column]) -> list[str]:
        """Say of every row what a column holds: points of the answer scale, of 100, a share, or something else."""
        end = end_of(name)
        base = name.removesuffix(end).removesuffix("_") if end else name
        if end and not base:
            base = "estimate" if "estimate" in frame else "mean"
        if base == "estimate" and "measure" in frame:
            measures = {"score": "points", "score_100": "hundred", "favourable": "share"}
            return [measures.get(str(measure), "") for measure in frame["measure"]]
        unit = columns[base].unit if base in columns else ""
        kind = _KINDS.get(
            base, "hundred" if "0–100" in unit or "of 100" in unit else "points" if "points" in unit else ""
        )
        return [kind if base in frame else ""] * len(frame)

    def _row(
        self, row: Mapping[Any, Any], told: Mapping[str, tuple[str, float]], scale: Scale, people: int
    ) -> dict[str, float]:
        """Return the numbers of a row about one question as exactly as they may be told."""
        found = {name: _coarse(value, kind, scale) for name, (kind, value) in told.items()}
        if people < EXACT_FROM:
            found |= {name: np.nan for name in row if name in _ONLY_FROM_30}
        answers = int(row["observations"]) if pd.notna(row.get("observations")) else people
        level = self._level(row, found, scale)
        if level is None or not people <= answers <= MOST_ANSWERS:
            return found
        mean, interval = level
        verdict = tellable(scale, answers, mean, interval, self.confidence)(float(found.get("favourable", np.nan)))
        if not verdict.favourable:
            found |= {name: np.nan for name in told if name == "favourable"}
        if not verdict.interval:
            found |= {name: np.nan for name in told if name.endswith(("low", "high"))}
        return found if verdict.mean else dict.fromkeys(found, np.nan)

    @staticmethod
    def _level(
        row: Mapping[Any, Any], found: Mapping[str, float], scale: Scale
    ) -> tuple[float, tuple[float, float] | None] | None:
        """Return the mean answer of a row and its interval, in points of the scale, where the row tells them."""
        levels = {"mean": ("low", "high"), "score_100": ("score_100_low", "score_100_high")}
        name = next((each for each in levels if each in found), "estimate" if "measure" in row else "")
        if name not in found or pd.isna(found[name]):
            return None
        hundred = name == "score_100" or row.get("measure") == "score_100"
        ends = [found.get(end, np.nan) for end in levels.get(name, ("low", "high"))]
        if name == "mean" and "estimate" in found:  # an interval of the difference from another figure
            ends = [end + found["mean"] - found["estimate"] for end in ends]
        points = [_points(value, scale) if hundred else value for value in (found[name], *ends)]
        mean, low, high = (rounded(value, DECIMALS) if pd.notna(value) else np.nan for value in points)
        return mean, None if pd.isna(low) or pd.isna(high) else (low, high)


def _is_whole(column: pd.Series) -> bool:
    """Tell whether a column holds numbers of people, whatever its type: a missing one makes fractions of all."""
    numbers = pd.to_numeric(column, errors="coerce")
    return bool(numbers.notna().any() and (numbers.dropna() % 1 == 0).all() and numbers.isna().equals(column.isna()))


def _points(hundred: float, scale: Scale) -> float:
    return scale.low + hundred * (scale.high - scale.low) / 100


def _coarse(value: float, kind: str, scale: Scale) -> float:
    """Round a number of a row about one question: to one decimal of the answer scale, or in steps of 5 per cent."""
    if pd.isna(value) or not kind:
        return value
    if kind == "share":
        return share_to_step(value)
    if kind == "points":
        return rounded(value, DECIMALS)
    points = (scale.high - scale.low) / 100
    return rounded(value * points, DECIMALS) / points
