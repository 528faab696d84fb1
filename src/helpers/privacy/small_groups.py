"""Which breakdowns would single people out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd


def small_groups(responses: pd.DataFrame, attributes: Sequence[str], minimum: int) -> pd.DataFrame:
    """Count the groups below the minimum for every attribute and every pair of attributes.

    Parameters
    ----------
    responses : pandas.DataFrame
        One row per answer sheet, with ``respondent_id``, ``side`` and the attributes.
    attributes : sequence of str
        Group attributes, for instance department and location.
    minimum : int
        Fewest distinct respondents a published group may have.

    Returns
    -------
    pandas.DataFrame
        One row per side and attribute or pair: ``side``, ``breakdown``, ``groups`` (number of groups with answers),
        ``below_minimum`` (groups with fewer respondents than the minimum), ``share_hidden`` (per cent of
        respondents who sit in such a group), ``respondents`` (all respondents of the side).
    """
    rows = []
    for side, people in responses.groupby("side", sort=True):
        people = people.drop_duplicates("respondent_id")
        choices = [[name] for name in attributes] + [list(pair) for pair in combinations(attributes, 2)]
        for names in choices:
            sizes = people.groupby(names, dropna=False, observed=True)["respondent_id"].nunique()
            below = sizes[sizes < minimum]
            rows.append(
                {
                    "side": side,
                    "breakdown": " × ".join(names),
                    "groups": len(sizes),
                    "below_minimum": len(below),
                    "share_hidden": 100 * below.sum() / max(len(people), 1),
                    "respondents": len(people),
                }
            )
    columns = ["side", "breakdown", "groups", "below_minimum", "share_hidden", "respondents"]
    return pd.DataFrame(rows, columns=columns)
