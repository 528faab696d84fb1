"""The dictionary of columns: how each is labelled and printed, and whether it divides people.

Tables name their columns ("dimension estimate low high respondents"); what stands here does the rest. A column nobody
knows is labelled by its name, printed by its type and, if it is made of words, taken to divide the people: the safe
side, because rows that divide people are protected from being worked out of a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from helpers.published import RESPONDENTS, Column, Role

#: What a note holds where everybody answered the same, which tells each person's answer: the row is hidden, and the
#: sentence is never published.
ALIKE = "everybody answered alike"
#: What readers call the sides.
SIDE_LABELS = {
    "hr": "HR partners",
    "manager": "Managers",
    "employee": "Employees",
    "respondent": "Respondents",
}

#: Whom the answers of each side are about.
_TOLD_OF = {"hr": "managers", "manager": "HR partners", "employee": "HR partners"}


def told_of(side: object, otherwise: str = "people") -> str:
    """Name those whom the answers of a side are about, in the plural."""
    return _TOLD_OF.get(str(side), otherwise)


def side_label(side: str, within: bool = False) -> str:
    """Name a side of the partnership as a reader does; ``within`` a sentence, "managers". Others keep their name."""
    label = SIDE_LABELS.get(side, str(side))
    return label if not within or label.startswith("HR") else label[:1].lower() + label[1:]


def text(label: str, role: Role = "") -> Column:
    """Return a column of words; say ``role="value"`` where they are a result and not what the row is about."""
    return Column(label=label, role=role)


def repeats(label: str) -> Column:
    """Return a key column that repeats over the same people: each of them stands behind each of its values."""
    return Column(label=label, role="repeats")


def partition(label: str) -> Column:
    """Return a key column whose rows add up to a whole, behind whose parts the same people may stand."""
    return Column(label=label, role="partition")


def number(label: str, decimals: int = 2, unit: str = "") -> Column:
    """Return a column of numbers with decimals."""
    return Column(label=label, type="number", decimals=decimals, unit=unit, role="value")


def count(label: str, unit: str = "") -> Column:
    """Return a column of whole numbers of things or people."""
    return Column(label=label, type="integer", unit=unit, role="value")


def percent(label: str, decimals: int = 0, *, of_answers: bool = True) -> Column:
    """Return a column of shares in per cent.

    Shares of answers are hidden at 0 and 100, where they tell each person's answer.
    """
    limits = (0.0, 100.0) if of_answers else None
    return Column(label=label, type="percent", decimals=decimals, limits=limits, role="value")


def share(label: str, decimals: int = 0) -> Column:
    """Return a column of shares in per cent that are not shares of people's answers, so 0 and 100 may be shown."""
    return percent(label, decimals, of_answers=False)


def score(label: str, low: float, high: float, decimals: int = 2) -> Column:
    """Return a column of means on an answer scale from ``low`` to ``high``."""
    unit = f"points ({low:g}–{high:g})"
    return Column(label=label, type="number", decimals=decimals, unit=unit, limits=(low, high), role="value")


def days(label: str, decimals: int = 1) -> Column:
    """Return a column of durations in days."""
    return number(label, decimals, "days")


def probability(label: str) -> Column:
    """Return a column of p-values; below .001 they are printed as "< 0.001"."""
    return Column(label=label, type="number", decimals=3, least=0.001, role="value")


def _words(role: Role, **labels: str) -> dict[str, Column]:
    return {name: text(label, role) for name, label in labels.items()}


KNOWN: dict[str, Column] = {
    # Keys that divide the people: whatever a caller says of these, they are protected as parts of a whole.
    **_words(
        "divides",
        side="Side",
        group="Group",
        band="Band",
        engagement="Early engagement",
        where="Limits",
        department="Department",
        location="Location",
        level="Level",
        tenure="Tenure",
        manager="Manager",
        who="Line",
    ),
    # Keys that repeat over the same people.
    **_words(
        "repeats",
        dimension="Dimension",
        item="Item",
        question="Question",
        wording="Item",
        wave="Wave",
        coefficient="Coefficient",
        term="Compared",
        measure="Measure",
        metric="Figure",
        label="Figure",
        of="Of",
        wait="Wait",
        what="What",
        part="Part",
        component="Part",
        effect="Whose rating",
        theme="Theme",
        sign="Sign",
        attribute="Attribute",
        source="Source",
        factor="Factor",
        other="With",
        series="Of",
        compared="Compared",
        aspect="Aspect",
        problem="Problem",
        whose="Whose promise",
        period="Period",
        reading="Reading",
        when="When",
        model="Model",
        step="Equal",
        scale="Scale",
    ),
    # Keys that divide a whole (openings, partnerships, days, people who changed) whose parts add up to something that
    # is published too, while the same people may stand behind several parts.
    **_words(
        "partition",
        pairing="Who answered",
        direction="Change",
        end="End",
        cause="End",
        stage="Stage",
        holder="Turn",
        became="What became of it",
        breaks="Promises broken",
        planned="Planned",
        practice="Practice",
        word="Answer",
    ),
    # Numbers that say where on an axis a row stands; keys like the words above.
    "day": count("Day").model_copy(update={"role": "repeats"}),
    "time": number("Time").model_copy(update={"role": "repeats"}),
    "x": number("HR’s view", unit="standard deviations").model_copy(update={"role": "repeats"}),
    "y": number("Manager’s view").model_copy(update={"role": "repeats"}),
    # Words that are a result, hidden with it.
    **_words(
        "value",
        method="Method",
        note="Note",
        unit="Unit",
        verdict="Verdict",
        fit="Fit",
        holds="Holds",
        released="Questions let go",
        answer="Answer",
        meaning="What it says",
        averaging="Averaging",
        supported="Differs",
        tied="Tied with next",
        lowest="Could be lowest",
        highest="Could be highest",
        beats="Above random",
        at_every_cut="Against one odds ratio",
        outside="Beside the wide limits",
        year="Year",
        comment="Comment",
        definition="Definition",
        elsewhere="Elsewhere",
        reference="Public figure, source, year",
        analysis="Analysis",
        about="For",
        light="Light",
        needs="What it takes",
        table="Table",
        few_answers="Few answers",
        people="People",
        merged="Merged",
    ),
    # Results.
    "estimate": number("Estimate"),
    "mean": number("Mean"),
    "plain": number("Plain mean"),
    "benchmark": number("Theirs"),
    "standardised": number("Standardised"),
    "statistic": number("F"),
    "numerator_degrees": number("Degrees", 0),
    "p_value": probability("p"),
    "p_adjusted": probability("p, adjusted"),
    "score_100": number("Score 0–100", 0),
    "favourable": percent("Favourable"),
    "neutral": share("Neutral"),
    "unfavourable": share("Unfavourable"),
    "difference": number("Difference", 0, "points of 100"),
    "net": number("Score", 0, "−100 to 100"),
    "change": number("Change", 0, "points of 100"),
    "share": share("Share"),
    "ratio": number("Ratio"),
    "hazard_ratio": number("Hazard ratio"),
    "standard_deviation": number("SD"),
    "floor": share("Lowest"),
    "ceiling": share("Highest"),
    "item_rest": number("Item–rest"),
    "alpha": number("Alpha"),
    "omega": number("Omega"),
    "spearman_brown": number("Spearman–Brown"),
    "alpha_if_dropped": number("Alpha without"),
    "pairwise": number("Pairwise"),
    "rank": count("Rank"),
    "low_feldt": number("Feldt from"),
    "high_feldt": number("to"),
    "filled": share("Cells filled"),
    "cfi": number("CFI", 3),
    "tli": number("TLI", 3),
    "rmsea": number("RMSEA", 3),
    "srmr": number("SRMR", 3),
    "change_cfi": number("CFI, change", 3),
    "change_rmsea": number("RMSEA, change", 3),
    # Counts of people and of things.
    "respondents": count(RESPONDENTS),
    "respondents_hr": count("HR partners"),
    "respondents_manager": count("Managers"),
    "respondents_first": count("People, first"),
    "respondents_second": count("People, second"),
    "rated": count("People rated"),
    "largest": share("Largest share of one person"),
    "rated_largest": share("Largest share about one person"),
    "clusters": count("Clusters"),
    "observations": count("Of"),
    "items": count("Items"),
    "sheets": count("Answer sheets"),
    "invited": count("Invited"),
    "answered": count("Answered"),
    "partnerships": count("Partnerships"),
    "openings": count("Openings"),
    "rows": count("Rows"),
    "columns": count("Columns in use"),
    "groups": count("Groups"),
    "group_size": number("Group size (k)", 1),
    "mean_reliability": number("ICC(2) of k"),
    "within": number("Alpha within groups"),
    "between": number("Alpha between groups"),
    "means": count("Means"),
    "enough": percent("r_wg of .70", of_answers=False),
    "out_of_range": count("Out of range"),
    "judged": count("Sheets judged"),
    "pairs": count("Pairs nearby"),
    "before": count("Rank above"),
    "done": count("Finished"),
    "running": count("Running"),
    "finished": days("Median of finished"),
    "business": days("Business days, finished", 0),
    "occasions": number("Occasions per manager, median", 0),
    "by_chance": share("By chance", 1),
}

#: What the ends of an interval are called, and whose they are: ``low``, ``ratio_low``, ``low_feldt`` are not words.
_ENDS = {"low": "from", "high": "to"}


def described(
    frame: pd.DataFrame,
    names: Iterable[str],
    told: Mapping[str, Column | str] | None = None,
    confidence: float = 0.95,
) -> dict[str, Column]:
    """Return how columns are labelled and printed, from what the caller says, the dictionary and the data.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; the type of an unknown column decides how it is printed.
    names : iterable of str
        Columns in the order of printing.
    told : mapping, optional
        What the caller says of single columns: a label alone (the format stays), or a whole column. Nobody can say
        of a column the dictionary knows to divide people, or a whole, that it does not.
    confidence : float
        Level of the intervals, between 0 and 1: the end ``low`` is labelled "95 % from".

    Returns
    -------
    dict
        Column by name. The ends of an interval are printed as the estimate before them is.

    Raises
    ------
    KeyError
        The table has no column of that name.
    """
    told = dict(told or {})
    found: dict[str, Column] = {}
    before = number("Estimate")
    for name in names:
        if name not in frame:
            raise KeyError(f"the table has no column {name!r}; it has {', '.join(map(str, frame.columns))}")
        said = told.get(name)
        if isinstance(said, Column):
            column = said.named(name)
        elif (end := name.rsplit("_", 1)[-1]) in _ENDS:
            column = Column(name=name, label=_end(end, confidence), type=before.type, decimals=before.decimals)
            column = column.model_copy(update={"role": "value"})
        else:
            column = known(frame, name)
        if isinstance(said, str):
            column = column.named(name, said)
        if name in KNOWN and (not column.role or KNOWN[name].role in ("divides", "partition")):
            column = column.model_copy(update={"role": KNOWN[name].role})
        found[name] = column
        if column.type in ("number", "percent") and end_of(name) is None:
            before = column
    return found


def end_of(name: str) -> str | None:
    """Say which end of an interval a column holds: "low", "high" or, for every other column, ``None``."""
    end = name.rsplit("_", 1)[-1]
    return end if end in _ENDS else None


def _end(end: str, confidence: float) -> str:
    return f"{100 * confidence:g} % from" if end == "low" else "to"


def known(frame: pd.DataFrame, name: str) -> Column:
    """Return the dictionary's column, or one made from the column's name and data."""
    if name in KNOWN:
        return KNOWN[name].named(name)
    label = name.replace("_", " ").capitalize()
    values = frame[name]
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return text(label).named(name)
    return (count(label) if pd.api.types.is_integer_dtype(values) else number(label)).named(name)


def roles(frame: pd.DataFrame, columns: Mapping[str, Column] | None = None) -> tuple[list[str], list[str], list[str]]:
    """Tell the keys of a table apart by what they do to the people behind its rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; all its columns count, printed or not.
    columns : mapping, optional
        Columns as :func:`described` returned them, where a caller has said more than the dictionary knows.

    Returns
    -------
    tuple of list of str
        Columns that divide the people; that divide a whole behind whose parts the same people may stand; that repeat
        over the same people. A column of words that nobody knows divides.
    """
    columns = columns or {}
    found: dict[str, list[str]] = {"divides": [], "partition": [], "repeats": [], "value": []}
    for name in map(str, frame.columns):
        column = columns.get(name) or known(frame, name)
        found[column.role or "divides"].append(name)
    return found["divides"], found["partition"], found["repeats"]
