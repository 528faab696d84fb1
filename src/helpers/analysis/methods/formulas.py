"""Write the formula of a model from what is asked and from what the data can bear."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

#: Ends that each term of a model needs, so that its estimate is not far off and its interval holds.
ENDS_PER_TERM = 10


def allowed_by_events(
    frame: pd.DataFrame, ended: pd.Series, asked: Sequence[str] = (), groups: Sequence[str] = ()
) -> str:
    """Write the right-hand side of a model: what is asked about, and the groups that the data can allow for.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the model.
    ended : pandas.Series
        Whether each row's wait ended (bool).
    asked : sequence of str
        Columns that are in the model whatever happens.
    groups : sequence of str
        Columns of groups to allow for, the most important first.

    Returns
    -------
    str
        Such as ``"early + department + level"``; ``"1"`` for none. A group comes in where it varies and where 10 ended
        waits remain for every term.

    References
    ----------
    Peduzzi, P., Concato, J., Feinstein, A. R. & Holford, T. R. (1995). Importance of events per independent variable
    in proportional hazards regression analysis II. *Journal of Clinical Epidemiology*, 48, 1503-1510.

    Examples
    --------
    >>> import pandas as pd
    >>> waits = pd.DataFrame({"early": [0.0, 1.0] * 15, "site": ["Bern", "Chur", "Sion"] * 10})
    >>> allowed_by_events(waits, pd.Series([True] * 30), ["early"], ["site"])
    'early + site'
    >>> allowed_by_events(waits, pd.Series([True, False] * 15), ["early"], ["site"])
    'early'
    """
    room = int(ended.sum()) // ENDS_PER_TERM
    terms = {
        name: frame[name].nunique() - 1 if frame[name].dtype.kind not in "fiu" else 1 for name in [*asked, *groups]
    }
    room -= sum(terms[name] for name in asked)
    names = list(asked)
    for name in groups:
        if 0 < terms[name] <= room:
            names.append(name)
            room -= terms[name]
    return " + ".join(names) or "1"
