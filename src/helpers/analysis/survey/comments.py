"""What comments are about: themes counted by a dictionary, and wording made safe to show.

No judgement of mood is made: counting words tells what people write about, not how they feel about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import by_group, cannot_tell, people, require
from helpers.data import Codebook

#: What a removed name, address or number is replaced with.
REDACTED = "[removed]"
NO_THEME = "none of these"

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+\.\w+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\w)(?:\+|\(?0)\d(?:[\s()/.\-]*\d){5,}(?!\w)|(?<!\w)\d(?:[\s()/\-]*\d){6,}(?!\w)")


def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
    """Match any of the terms from the start of a word; a term that ends in * may continue."""
    parts = [
        re.escape(term.strip().removesuffix("*")) + (r"\w*" if term.strip().endswith("*") else r"\b") for term in terms
    ]
    return re.compile(r"\b(?:" + "|".join(parts) + ")", re.IGNORECASE)


def answered(responses: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Name the questions to which somebody wrote a comment.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, with comments as text.
    codebook : Codebook
        Says which items are answered in words.

    Returns
    -------
    list of str
        Ids of items, columns of ``responses``.
    """
    asked = [item.id for item in codebook.comments() if item.id in responses]
    return [item for item in asked if _written(responses[item]).any()]


def theme_shares(
    responses: pd.DataFrame,
    item: str,
    themes: Mapping[str, Sequence[str]],
    by: Sequence[str] = (),
    minimum_comments: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how many of those who commented wrote about each theme.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, with the comments as text in the column ``item``.
    item : str
        Id of the comment.
    themes : mapping
        Words and phrases by theme, as the codebook names them; ``listen*`` also finds "listened". A comment may belong
        to several themes. Without themes nothing is counted.
    by : sequence of str
        Columns that form the groups.
    minimum_comments : int
        Fewest people whose comments may be counted.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and theme (``none of these`` last): the columns of ``by``, theme, comments (that touch it),
        estimate, low, high (per cent of comments), respondents (distinct people who commented), respondents_touching
        (distinct people whose comments touch the theme), rated (where known),
        clusters, observations (comments), method, note.

    Raises
    ------
    ValueError
        If a theme has no words.

    Notes
    -----
    :func:`helpers.analysis.methods.clustered.proportion`. A dictionary misses what is said in other words: shares are
    lower bounds of what people meant.

    Examples
    --------
    >>> frame = pd.DataFrame({"comment": ["She listens", "All is well", "He listened", "No time"] * 5})
    >>> frame = frame.assign(respondent_id=range(20), cluster_id=range(20))
    >>> found = theme_shares(frame, "comment", {"listening": ["listen*"]})
    >>> found[["theme", "estimate", "low", "high"]].round().values.tolist()
    [['listening', 50.0, 28.0, 72.0], ['none of these', 50.0, 28.0, 72.0]]
    """
    require(responses, [item, "cluster_id", *by])
    if empty := [theme for theme, words in themes.items() if not [word for word in words if word.strip(" *")]]:
        raise ValueError(f"theme {empty[0]} has no words")
    if not themes:
        return pd.DataFrame()
    patterns = {theme: _pattern(word for word in words if word.strip(" *")) for theme, words in themes.items()}
    written = responses[_written(responses[item])]

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        rows = []
        text = part[item].astype(str)
        hits = pd.DataFrame({theme: text.str.contains(pattern) for theme, pattern in patterns.items()}, part.index)
        hits[NO_THEME] = ~hits.any(axis=1)
        for theme in hits:
            frame = part.assign(hit=hits[theme].astype(float))
            row = clustered.proportion(frame, "hit", confidence=confidence).iloc[0]
            row = row.drop(["standard_error", "degrees_of_freedom", "effective_size"]).to_dict()
            row |= {name: 100 * row[name] for name in ("estimate", "low", "high")}
            row["people"] = row["people"].behind(f"{theme} in {item}")
            touched = int(hits[theme].sum())
            row["respondents_touching"] = part.loc[hits[theme], "respondent_id"].nunique()
            enough = row["respondents"] >= minimum_comments
            if not enough:
                row |= dict.fromkeys(("estimate", "low", "high"), np.nan)
                row["note"] = cannot_tell(f"fewer than {minimum_comments} people commented")
            rows.append({"theme": theme, "comments": touched if enough else pd.NA, **row})
        return rows

    return by_group(written, by, describe)


def _written(comments: pd.Series) -> pd.Series:
    return comments.notna() & (comments.astype(str).str.strip() != "")


def redact(text: str, names: Iterable[str] = ()) -> str:
    """Take names, e-mail addresses, links and telephone numbers out of a comment.

    Parameters
    ----------
    text : str
        The comment.
    names : iterable of str
        Names from the roster. Each word of two letters or more is removed wherever it stands as a word, whatever its
        case; so is a possessive s.

    Returns
    -------
    str
        The comment with ``[removed]`` in their place.

    Notes
    -----
    What a reader could still recognise a person by, such as an event, no rule finds: somebody has to read verbatim
    comments before they are published.

    Examples
    --------
    >>> redact("Ask Ann's team or write to ann@example.org today", ["Ann Lee"])
    'Ask [removed] team or write to [removed] today'
    """
    for pattern in (_ADDRESS, _LINK, _NUMBER):
        text = pattern.sub(REDACTED, text)
    words = {word for name in names for word in re.split(r"[\s,]+", str(name)) if len(word.strip(".-'")) > 1}
    if words:
        longest_first = sorted(map(re.escape, words), key=len, reverse=True)
        text = re.sub(rf"(?<!\w)(?:{'|'.join(longest_first)})(?:['’]s)?(?!\w)", REDACTED, text, flags=re.IGNORECASE)
    return re.sub(rf"(?:{re.escape(REDACTED)}\s*)+(?=\S)", REDACTED + " ", text).strip()


def verbatims(
    responses: pd.DataFrame,
    item: str,
    allowed: bool,
    names: Iterable[str] = (),
    minimum_comments: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """List comments, without who wrote them, in random order.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, with the comments as text in the column ``item``.
    item : str
        Id of the comment.
    allowed : bool
        Whether the study allows comments to be shown (``privacy.verbatims`` in study.yaml).
    names : iterable of str
        Names to take out, see :func:`redact`.
    minimum_comments : int
        Fewest people whose comments may be shown.
    seed : int
        Seed of the order.

    Returns
    -------
    pandas.DataFrame
        comment, respondents (distinct people who commented) and people; empty when comments are not allowed or too
        few.
    """
    written = responses[_written(responses[item])]
    counted = {name: people(written, additive=False)[name] for name in ("respondents", "people")}
    if not allowed or counted["respondents"] < minimum_comments:
        return pd.DataFrame({"comment": pd.Series(dtype=str)}).assign(respondents=0, people=None)
    names = list(names)
    texts = sorted(redact(text, names) for text in written[item].astype(str))
    order = np.random.default_rng(seed).permutation(len(texts))
    return pd.DataFrame({"comment": [texts[i] for i in order]}).assign(**counted)
