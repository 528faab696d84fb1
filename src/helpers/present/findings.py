"""Makes findings from published rows: differences with their evidence, levels with their precision, ranks.

What may be claimed of a difference is decided in :mod:`.claims`, and what may be claimed of a rank in
:mod:`helpers.analysis.methods.ranks`; here the rows become sentences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

from helpers.analysis.methods import multiplicity
from helpers.columns import number, side_label
from helpers.privacy.precision import FEW
from helpers.published import Claim, Column, Evidence, Finding, Grade
from helpers.rounding import rounded, snapped

from .claims import TOLD, p_value, settle, significant, worded

if TYPE_CHECKING:
    from helpers.data import Codebook
    from helpers.data.codebook import Dimension

#: A smallest effect: in the finding's unit, by dimension, or with its unit, ``(5, "per cent")``.
Smallest: TypeAlias = float | tuple[float, str] | Mapping[Any, float] | pd.Series
#: When a finding names the playbook of its dimension.
Naming: TypeAlias = Literal["never", "when different", "when lower"]
#: Which practice a finding leads to above and below what it is compared with; :data:`NOTHING_TO_DO` where to none, and
#: ``"{playbook}"`` for the row's column of that name.
Leads: TypeAlias = Mapping[Literal["above", "below"], str]
NOTHING_TO_DO = "nothing to do"
Row: TypeAlias = Mapping[Any, Any]
#: Decimal places of numbers by their unit; two for every other.
DECIMALS = {"per cent": 0, "points of 100": 0, "days": 0, "hours": 0}
#: From this score of 100 on nothing needs a practice: it stands for a favourable answer, 4 of 1 to 5.
HIGH = 75.0
#: Column that says of a row whether its dimension was answered by one question alone: then it is called one.
ONE_QUESTION = "one_question"
#: Column that says of a row whether it is a gap between two sides of whom nothing tests that they mean the same by the
#: dimension: then it is moderate at most.
GAP_UNTESTED = "gap_untested"
#: How many items a sentence about a rank names at most.
MOST_NAMED = 3


def differences(
    rows: pd.DataFrame,
    sentence: str,
    codebook: Codebook,
    *,
    id: str,
    same: str,
    unknown: str,
    smallest: Smallest,
    exhibit: str,
    unit: str = "points",
    group: str = "",
    decimals: int | None = None,
    confidence: float = 0.95,
    playbook: Naming | Leads = "never",
    caveats: Sequence[str] = (),
    most: int | None = None,
    scale: Literal["plain", "ratio", "share"] = "plain",
    headline: str = "",
    beside: Sequence[Finding] = (),
) -> list[Finding]:
    """Make a finding of each difference, graded and worded by its evidence.

    Parameters
    ----------
    rows : pandas.DataFrame
        All that were tested: ``estimate``, ``low``, ``high``, ``respondents``, ``method`` as published (missing where
        hidden), ``p_value`` and ``degrees_of_freedom`` where they are known, and whatever the sentences name. Without a
        p-value it follows from the interval (:func:`.claims.p_value`). Where ``association`` is true, nobody drew
        lots for what is compared as the doing of a practice, and the grade is weak at most.
    sentence : str
        What is said of a difference, with ``{size}`` where the size and its interval go, and ``{higher|lower}`` for
        the words above and below zero: "HR partners score {dimension} {size} {higher|lower} than managers do."
        Of a ratio, ``{times}`` says size and interval as one: "filled {times} as fast".
        ``{dimension}`` is written as its label in quotation marks (as "the one question on" it where
        :data:`ONE_QUESTION` is true), ``{side}`` as readers call the side (``{Side}`` at
        the beginning of a sentence), any other column as it stands.
    codebook : Codebook
        Labels of dimensions and their playbooks.
    id : str
        Name of the finding, with columns in braces: "gap-{dimension}".
    same : str
        The sentence when any difference is too small to matter, with ``{smallest}``.
    unknown : str
        The sentence when the data cannot tell, up to the colon; the reason is added.
    smallest : float or mapping
        Smallest effect worth acting on, in ``unit``; a mapping by dimension, or by side.
    exhibit : str
        The table or chart that shows it, with columns in braces where there are several.
    unit, group : str
        Unit of the estimate; whom it is about.
    decimals : int, optional
        Decimal places of the numbers; by default those of :data:`DECIMALS`, else 2.
    confidence : float
        Level of the intervals, between 0 and 1.
    playbook : {"never", "when different", "when lower"} or mapping
        When the finding names the playbook of the row's column of that name, else of its dimension: where there is a
        difference, or only where it lies below zero. A mapping says for ``"above"`` and ``"below"`` zero which
        playbook a difference leads to, or :data:`NOTHING_TO_DO`.
    caveats : sequence of str
        What to keep in mind; columns in braces. One with a missing value is left out.
    most : int, optional
        How many to tell: first those that differ when all rows are allowed for, of these those furthest from zero in
        units of the smallest effect; then those with the smallest p-value. What is not told counts as tested.
    scale : {"plain", "ratio", "share"}
        Where intervals are as long on either side: see :class:`helpers.published.Evidence`.
    headline : str
        What is said of a difference in a title, in at most fourteen words, with slots as in ``sentence``; by default
        the sentence is made shorter (:mod:`.headlines`).
    beside : sequence of Finding
        What the chapter has told before, beside which these are judged.

    Returns
    -------
    list of Finding
        One for each row told. One whose numbers are all printed as zero is none.
    """
    smallest, unit = smallest if isinstance(smallest, tuple) else (smallest, unit)
    decimals = DECIMALS.get(unit, 2) if decimals is None else decimals
    made = []
    for row in rows.to_dict("records"):
        places = _decimals(decimals, row)
        estimate, low, high = _numbers(row, places)
        if estimate == low == high == 0:
            continue
        named, naming = (
            (_practice(row, codebook), playbook)
            if isinstance(playbook, str)
            else _led(playbook, (estimate or 0.0) > 0, row)
        )
        evidence = Evidence(
            sentence=sentence,
            same=same,
            unknown=unknown,
            slots=_slots((sentence, same, unknown, headline), row, codebook),
            reason=_reason(row) if None in (estimate, low, high) else "",
            low=low,
            high=high,
            confidence=confidence,
            degrees_of_freedom=_finite(row.get("degrees_of_freedom")),
            scale=scale,
            decimals=places,
            playbook=named,
            naming=naming,
            association=row.get("association") is True,
            one_question=row.get(GAP_UNTESTED) is True,
            caveats=_caveats(caveats, row, codebook),
            headline=headline,
        )
        known = _tested(row, estimate, evidence)
        least = rounded(_smallest(smallest, row), places) or 10**-places
        made.append(
            Finding(
                sentence="", grade=Grade.CANNOT_TELL, estimate=estimate, smallest=least, p_value=known,
                evidence=evidence, **_facts(row, codebook, id, unit, group, exhibit),
            )
        )  # fmt: skip
    told = _chosen(made, most)
    return settle([*beside, *told])[len(beside) :]


def levels(
    rows: pd.DataFrame,
    sentence: str,
    codebook: Codebook,
    *,
    id: str,
    unknown: str,
    exhibit: str,
    unit: str = "points",
    group: str = "",
    decimals: int | None = None,
    confidence: float = 0.95,
    playbook: Leads | None = None,
    limit: float | None = None,
    caveats: Sequence[str] = (),
) -> list[Finding]:
    """Make a finding of each level (a mean, a share), with its precision in words.

    Parameters
    ----------
    sentence : str
        What is said, with ``{value}`` where the estimate and its precision go.
    playbook, limit : mapping, float
        Which playbook a level leads to whose whole interval lies above or below ``limit``; by default none is named.
    rows, codebook, id, unknown, exhibit, unit, group, decimals, confidence, caveats
        As for :func:`differences`.

    Returns
    -------
    list of Finding
        One for each row. A level has no grade; it cannot be told only where nothing could be estimated.
    """
    decimals = DECIMALS.get(unit, 2) if decimals is None else decimals
    made = []
    for row in rows.to_dict("records"):
        places = _decimals(decimals, row)
        estimate, low, high = _numbers(row, places)
        slots = _slots((sentence, unknown), row, codebook)
        words = f"{worded(unknown, slots)}: {_reason(row)}."
        precision, lead = "", None
        if estimate is not None and low is not None and high is not None:
            precision = precision_words(estimate, low, high, number("", places), unit)
            if playbook is not None and limit is not None and not low <= limit <= high:
                lead, _ = _led(playbook, low > limit, row)
            value = f"{number('', places).printed(estimate)} {unit}".rstrip() + f" ({precision})"
            words = worded(sentence, slots | {"value": value})
        made.append(
            Finding(
                claim=Claim.LEVEL, sentence=words, estimate=estimate, low=low, high=high, precision=precision,
                confidence=confidence, playbook=lead, caveats=_caveats(caveats, row, codebook),
                **_facts(row, codebook, id, unit, group, exhibit),
            )
        )  # fmt: skip
    return made


def ranks(
    rows: pd.DataFrame,
    sentence: str,
    codebook: Codebook,
    *,
    id: str,
    unknown: str,
    exhibit: str,
    place: Literal["lowest", "highest"],
    item: str = "dimension",
    by: str = "estimate",
    unit: str = "points",
    group: str = "",
    decimals: int | None = None,
    confidence: float = 0.95,
    playbook: Literal["never", "when low"] = "never",
    caveats: Sequence[str] = (),
) -> tuple[list[Finding], list[str]]:
    """Make findings of which item is lowest or highest, for each side, where few could be.

    Parameters
    ----------
    rows : pandas.DataFrame
        All items, published, with ``lowest`` and ``highest`` of :mod:`helpers.analysis.methods.ranks`, ``estimate``,
        ``low``, ``high``, ``respondents``; ``score_100`` where a playbook is to be named; ``side``, where there are
        several.
    sentence : str
        What is said, with ``{these}`` for the items that could be it, and ``{of}`` for what is compared and how many:
        "10 dimensions", or the number alone where these are no dimensions.
    unknown : str
        What is said, up to the colon, where more than :data:`MOST_NAMED`, or all, could be it.
    place : {"lowest", "highest"}
        Which rank.
    item, by : str
        Columns that name what is ranked, and by which it is; the estimates of dimensions may have several scales.
    playbook : {"never", "when low"}
        Whether the playbook of a dimension that alone is lowest is named, where its score lies below :data:`HIGH`.
    codebook, id, exhibit, unit, group, decimals, confidence, caveats
        As for :func:`differences`.

    Returns
    -------
    tuple of list
        Findings, and sentences where nothing can be claimed: too many could be it, or one of them is hidden.
    """
    decimals = DECIMALS.get(unit, 2) if decimals is None else decimals
    made, said = [], []
    parts = [part for _, part in rows.groupby("side", sort=False)] if "side" in rows else [rows]
    for part in (part for part in parts if len(part) > 1):
        could = part[part[place].fillna(True).astype(bool)]
        could = could.sort_values(by, ascending=place == "lowest", kind="stable")
        row = could.iloc[0].to_dict()
        slots = _slots((sentence, unknown), row, codebook) | {"of": _of_all(part, item)}
        if len(could) > MOST_NAMED or len(could) == len(part) or could["estimate"].isna().any():
            which = f"{len(could)} of the {len(part)}" if len(could) < len(part) else f"the {len(part)}"
            said.append(f"{worded(unknown, slots)}: any of {which} could be it.")
            continue
        records = could.to_dict("records")
        names = [_label(one[item], codebook) if item == "dimension" else str(one[item]) for one in records]
        quoted = [_quoted(one, codebook) if item == "dimension" else f"“{one[item]}”" for one in records]
        facts = _facts(row, codebook, id, unit, group, exhibit)
        if len(could) == 1:
            estimate, low, high = _numbers(row, places := _decimals(decimals, row))
            facts |= {"estimate": estimate, "low": low, "high": high, "confidence": confidence}
            if estimate is not None and low is not None and high is not None:
                facts["precision"] = precision_words(estimate, low, high, number("", places), unit)
            score = _finite(row.get("score_100"))
            is_low = playbook == "when low" and score is not None and score < HIGH
            facts["playbook"] = _practice(row, codebook) if is_low else None
        facts["about"] = {name: words for name, words in facts["about"].items() if name != item}
        these = " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
        made.append(
            Finding(
                claim=Claim.RANK, sentence=worded(sentence, slots | {"these": these}), candidates=names,
                caveats=_caveats(caveats, row, codebook), **facts,
            )
        )  # fmt: skip
    return made, said


def precision_words(estimate: float, low: float, high: float, column: Column, unit: str = "") -> str:
    """Say how far off a level may be.

    Parameters
    ----------
    estimate, low, high : float
        The level and its interval, as printed.
    column : Column
        How its numbers are printed.
    unit : str
        Its unit; what is told in per cent, or of 100, is off by points.

    Returns
    -------
    str
        "give or take 3 points" where both ends are as far away, but for rounding; else "between 40 and 52".
    """
    below, above, least = (snapped(value) for value in (estimate - low, high - estimate, 10**-column.decimals))
    if snapped(abs(below - above)) > least:
        return f"between {column.printed(low)} and {column.printed(high)}"
    off = "points" if unit in ("per cent", "points of 100") else unit
    furthest = max(below, above)
    size = column.printed(furthest) if furthest else f"less than {column.printed(least)}"
    return f"give or take {size} {off.removesuffix('s') if size.split()[-1] == '1' else off}".rstrip()


def _chosen(made: Sequence[Finding], most: int | None) -> list[Finding]:
    """Choose those told apart from zero, the widest first, then the surest; the first carries the others' p-values."""
    if most is None or len(made) <= most:
        return list(made)
    adjusted = multiplicity.adjusted(pd.Series([found.p_value for found in made], dtype=float)).map(snapped)
    by = [
        (False, -abs(found.estimate or 0.0) / (found.smallest or 1.0))
        if adjusted[at] <= TOLD
        else (True, 1.0 if found.p_value is None else found.p_value)
        for at, found in enumerate(made)
    ]
    order = [made[at] for at in sorted(range(len(made)), key=by.__getitem__)]
    told, rest = order[:most], order[most:]
    others = [found.p_value for found in rest if found.p_value is not None]
    if not others:
        return told
    tested = len(others) + sum(found.p_value is not None for found in told)
    caveat = f"{most} of {tested} compared {'is' if most == 1 else 'are'} told here; all stand in the exhibit."
    return [
        found.model_copy(
            update={
                "evidence": found.evidence.model_copy(
                    update={"caveats": [*found.evidence.caveats, caveat], "others": others if found is told[0] else []}
                )
            }
        )
        for found in told
        if found.evidence
    ]


def _tested(row: Row, estimate: float | None, evidence: Evidence) -> float | None:
    """Return the p-value of a row, from its interval where it has none, as exactly as the row may be told."""
    if estimate is None or evidence.low is None or evidence.high is None:
        return None
    known = _finite(row.get("p_value"))
    if known is None:
        exact, low, high = (_finite(row.get(name)) or 0.0 for name in ("estimate", "low", "high"))
        known = p_value(exact, low, high, evidence)
    return float(f"{known:.1g}") if row.get(FEW) is True else significant(known)


def _facts(row: Row, codebook: Codebook, id: str, unit: str, group: str, exhibit: str) -> dict[str, Any]:
    """Return what every finding says beside its numbers."""
    return {
        "id": _filled(id, row),
        "unit": _on_scale(unit, row, codebook),
        "about": _about(row, codebook),
        "n": _counted(row.get("respondents")),
        "method": method if isinstance(method := row.get("method"), str) else "",
        "group": worded(group, _slots((group,), row, codebook)),
        "exhibit": _filled(exhibit, row),
    }


def _on_scale(unit: str, row: Row, codebook: Codebook) -> str:
    """Name the answer scale beside "points" of a dimension: 0.5 of four is much, 0.5 of a hundred is nothing.

    A row may say itself what it is ``measured_in``.
    """
    if isinstance(row.get("measured_in"), str):
        return str(row["measured_in"])
    known = {dimension.id for dimension in codebook.dimensions}
    if unit != "points" or str(row.get("dimension")) not in known:
        return unit
    ends = {(item.low, item.high) for item in codebook.scale_items(str(row["dimension"]))}
    return f"points on the {'{}–{}'.format(*ends.pop())} scale" if len(ends) == 1 else unit


def _filled(name: str, row: Row) -> str:
    """Fill the columns in braces in the name of a finding or of an exhibit."""
    return re.sub(r"\{(\w+)\}", lambda found: str(row[found[1]]), name)


def _about(row: Row, codebook: Codebook) -> dict[str, str]:
    """Name the row by side, dimension, group and part, as its exhibit does."""
    names: dict[str, Callable[[Any], str]] = {
        "side": lambda side: side_label(str(side)),
        "dimension": lambda name: _label(name, codebook),
        "compared": str,
        "part": str,
    }
    return {name: words(row[name]) for name, words in names.items() if name in row and not pd.isna(row[name])}


def _slots(templates: Sequence[str], row: Row, codebook: Codebook) -> dict[str, str]:
    """Return the words for the columns that sentences name."""
    found = {}
    for name in re.findall(r"\{(\w+)\}", " ".join(templates)):
        if name == "dimension" and name in row:
            found[name] = _quoted(row, codebook)
        elif name in ("side", "Side") and "side" in row:
            found[name] = side_label(str(row["side"]), within=name == "side")
        elif name in row:
            found[name] = str(row[name])
    return found


def _quoted(row: Row, codebook: Codebook) -> str:
    """Name the dimension of a row within a sentence; what one question asked is called a question."""
    label = f"“{_label(row['dimension'], codebook)}”"
    return f"the one question on {label}" if row.get(ONE_QUESTION) is True else label


def _of_all(part: pd.DataFrame, item: str) -> str:
    """Say among how many something is lowest or highest: "10 dimensions", "4 questions", "6"."""
    if item != "dimension":
        return str(len(part))
    single = part.get(ONE_QUESTION, pd.Series(False, index=part.index)).astype(bool)
    kinds = "dimensions" if not single.any() else "questions" if single.all() else "dimensions and questions"
    return f"{len(part)} {kinds}"


def _caveats(caveats: Sequence[str], row: Row, codebook: Codebook) -> list[str]:
    """Fill caveats; leave out those that name a column without a value."""

    def missing(text: str) -> bool:
        return any(name in row and pd.isna(row[name]) for name in re.findall(r"\{(\w+)\}", text))

    known = [text for text in caveats if not missing(text)]
    return [worded(text, _slots((text,), row, codebook)) for text in known]


def _dimension(row: Row, codebook: Codebook) -> Dimension | None:
    return next((known for known in codebook.dimensions if known.id == row.get("dimension")), None)


def _practice(row: Row, codebook: Codebook) -> str | None:
    if isinstance(named := row.get("playbook"), str):
        return named
    dimension = _dimension(row, codebook)
    return dimension.playbook if dimension else None


def _led(leads: Leads, is_above: bool, row: Row) -> tuple[str | None, Literal["when different", "nothing to do"]]:
    """Return the playbook of a direction and when it is named: none, where there is nothing to do."""
    lead = leads["above" if is_above else "below"]
    if lead == NOTHING_TO_DO:
        return None, "nothing to do"
    if lead == "{playbook}":
        own = row.get("playbook")
        return own if isinstance(own, str) else None, "when different"
    return lead, "when different"


def _label(dimension: object, codebook: Codebook) -> str:
    return next((known.label for known in codebook.dimensions if known.id == dimension), str(dimension))


def _smallest(smallest: float | Mapping[Any, float] | pd.Series, row: Row) -> float:
    if not isinstance(smallest, Mapping | pd.Series):
        return snapped(float(smallest))
    key = next(row[name] for name in ("dimension", "side") if name in row and row[name] in smallest)
    return snapped(float(smallest[key]))


def _numbers(row: Row, places: int) -> tuple[float | None, float | None, float | None]:
    """Return estimate and interval as printed."""
    estimate, low, high = (_rounded(_finite(row.get(name)), places) for name in ("estimate", "low", "high"))
    return estimate, low, high


def _decimals(decimals: int, row: Row) -> int:
    """Return the decimal places of a row's numbers: at most one where they are about few answers to one question."""
    return min(decimals, 1) if row.get(FEW) is True else decimals


def _counted(respondents: object) -> int | str:
    """Return a number of people as published: a number, or the words that stand for it."""
    return respondents if isinstance(respondents, str) else int(_finite(respondents) or 0)


def _finite(value: object) -> float | None:
    try:
        known = float(value)  # type: ignore[arg-type]  # whatever a cell holds: what is no number is caught below
    except (TypeError, ValueError):
        return None
    return snapped(known) if math.isfinite(known) else None


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else rounded(value, decimals)


def _reason(row: Row) -> str:
    note = row.get("note")
    note = note.removeprefix("cannot tell: ") if isinstance(note, str) else ""
    return note or "it would tell of too few people"
