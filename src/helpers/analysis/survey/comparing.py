"""Which dimensions may be ranked and compared: the one place where a report decides it.

A dimension whose questions do not go together has a mean of something, but nobody knows of what; that it is the lowest,
or differs between groups, says nothing. One question alone is no dimension: it is compared, and called a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
import pandas as pd

from helpers.analysis.survey import scales
from helpers.analysis.survey.measurement_model import FEWEST_ITEMS, FEWEST_RATERS
from helpers.columns import side_label
from helpers.data import Codebook
from helpers.rounding import snapped

#: Least alpha of a dimension that is compared, and what the lower end of its interval has to lie above.
LEAST, LEAST_LOW = 0.60, 0.20
LOW = f"reliability below {LEAST:.2f}"
UNSURE = f"reliability that may be {LEAST_LOW:.2f} or less"
UNKNOWN = "reliability that cannot be told"
#: Letters of a question that a reason quotes.
WIDTH = 80


@dataclass(frozen=True)
class Comparing:
    """What the answers of one wave allow to be compared.

    Attributes
    ----------
    against : mapping
        Why a dimension is not compared, by dimension and side; empty words where it is.
    single : set
        The dimensions, by dimension and side, that rest on one question.
    testable : set
        Those with enough questions and raters to test whether two groups mean the same by them.
    """

    against: Mapping[tuple[str, str], str]
    single: frozenset[tuple[str, str]]
    testable: frozenset[tuple[str, str]]

    @classmethod
    def of(
        cls, responses: pd.DataFrame, codebook: Codebook, short_form: bool | None = None, confidence: float = 0.95
    ) -> Comparing:
        """Judge every dimension of every side by Cronbach's alpha.

        Parameters
        ----------
        responses : pandas.DataFrame
            Answers of one wave, as for :func:`.scales.scores`, with the column ``cluster_id``.
        codebook : Codebook
            Dimensions and items.
        short_form : bool, optional
            As for :func:`.scales.reliability`: on which form sides are compared.
        confidence : float
            Level of the intervals, between 0 and 1.

        Returns
        -------
        Comparing
            The mean over all dimensions is compared where all items together, or all dimensions, are reliable.
        """
        against: dict[tuple[str, str], str] = {}
        single, testable = set(), set()
        for side in map(str, responses["side"].unique()):
            found = scales.reliability(responses, codebook, side, short_form, confidence=confidence)
            alphas = found[found["coefficient"] == "alpha"].set_index("dimension")
            single |= {(str(name), side) for name in alphas.index[alphas["items"] == 1]}
            reasons = {
                str(name): "" if (name, side) in single else _against(row["estimate"], row["low"])
                for name, row in alphas.iterrows()
            }
            together = reasons.pop(scales.WHOLE, "")
            against |= {(name, side): reason for name, reason in reasons.items()}
            alone = any((name, side) in single for name in reasons)
            enough = (alphas["items"] >= FEWEST_ITEMS) & (alphas["respondents"] >= FEWEST_RATERS)
            testable |= {(str(name), side) for name in alphas.index[enough] if name != scales.WHOLE}
            if all((name, side) in testable for name in reasons):
                testable.add((scales.ALL_DIMENSIONS, side))
            against[scales.ALL_DIMENSIONS, side] = together if alone or any(reasons.values()) else ""
        return cls(against, frozenset(single), frozenset(testable))

    def why_not(self, dimension: object, sides: Sequence[str]) -> str:
        """Say why a dimension is not compared, as these sides answered it; empty where it is."""
        return next((why for side in sides if (why := self.against.get((str(dimension), side), ""))), "")

    def is_question(self, dimension: object, sides: Sequence[str]) -> bool:
        """Say whether a dimension rests on one question, as these sides answered it."""
        return bool(sides) and all((str(dimension), side) in self.single for side in sides)

    def is_testable(self, dimension: object, sides: Sequence[str]) -> bool:
        """Say whether it can be tested that these sides mean the same by a dimension; chapter 02c does."""
        return all((str(dimension), side) in self.testable for side in sides)


def _against(estimate: float, low: float) -> str:
    if not np.isfinite(estimate):
        return UNKNOWN
    if snapped(estimate) < LEAST:
        return LOW
    if not np.isfinite(low):
        return UNKNOWN
    return UNSURE if snapped(low) <= LEAST_LOW else ""


def no_mean(responses: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Say of which dimensions no mean is told, because questions run against the others of it.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave.
    codebook : Codebook
        Dimensions and items.

    Returns
    -------
    list of str
        A sentence for each.
    """
    said = []
    for side in map(str, responses["side"].unique()):
        for dimension in codebook.dimensions:
            items = scales.running_against(responses, codebook, side, dimension.id)
            texts = [f"“{shorten(item.text_for(side), WIDTH, placeholder='…')}”" for item in items]
            if texts:
                said.append(
                    f"No mean of “{dimension.label}” is told ({side_label(side)}): {_listed(texts)} "
                    f"{'runs' if len(texts) == 1 else 'run'} against the other questions. If that is their wording, "
                    "the codebook has to say so (reverse: true)."
                )
    return said


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def sentence(named: Mapping[str, Sequence[str]]) -> str:
    """Say which dimensions are not compared, and why.

    Parameters
    ----------
    named : mapping
        Their names, as they stand in a sentence, by the reason as :meth:`Comparing.why_not` gives it.

    Returns
    -------
    str
        One sentence; empty where there are none.

    Examples
    --------
    >>> sentence({LOW: ["“Trust”", "“Conflict”"]})
    'Not ranked, nor compared: “Trust” and “Conflict” (reliability below 0.60).'
    """
    parts = []
    for reason, names in named.items():
        parts.append(f"{_listed(names)} ({reason})")
    return f"Not ranked, nor compared: {'; '.join(parts)}." if parts else ""
