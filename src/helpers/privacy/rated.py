"""Whom answers are about: how many people a result has to tell of, and how little of it may be about one of them."""

from __future__ import annotations

#: Fewest people of whom the answers of a published row tell, unless a study says otherwise.
MIN_RATED = 2
#: The same where one of them gets a report of their own, and so knows their own part.
OWN_REPORT = MIN_RATED + 1
#: Largest share of a published row that may be one person's.
DOMINANT = 0.8


def fewest_rated(least: int, own_report: bool) -> int:
    """Return how many people a result has to tell of.

    Parameters
    ----------
    least : int
        The study's ``min_rated``.
    own_report : bool
        Whether any of those told of can get a report of their own.

    Returns
    -------
    int
        ``least``, but no fewer than :data:`OWN_REPORT` where one has an own report; 1, to which those rated have
        agreed, stays 1.

    Examples
    --------
    >>> [fewest_rated(least, own_report=True) for least in (1, 2, 4)]
    [1, 3, 4]
    """
    return max(least, OWN_REPORT) if own_report and least > 1 else least
