"""What the shown rows of a whole leave for the one that is hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from . import readings
from .canon import RESULTS, Canon, Table
from .differences import Mean, by_measure
from .readings import Span
from .verdict import Leak


def leaks(canon: Canon) -> Iterator[Leak]:
    """Yield tables whose hidden rows follow from those shown.

    Parameters
    ----------
    canon : Canon
        What a report publishes.

    Yields
    ------
    Leak
        Parts of a whole of which one alone is hidden; a breakdown whose shown groups leave fewer than the minimum of
        the whole, where that narrows the mean of the rest to less than a point of five.
    """
    totals = by_measure(canon)
    for table in readings.shared(canon):
        if _one_part_hidden(table):
            sentence = "One row alone is hidden, and the shown shares leave it what is missing from 100 %."
            yield Leak(RESULTS, table.place, "the rest of a whole", sentence)
        for attribute in canon.attributes:
            if attribute in table.names and _rest_of_breakdown(canon, table, attribute, totals):
                sentence = f"The shown groups leave the mean of fewer than {canon.least} people of the whole."
                yield Leak(RESULTS, table.place, "the rest of a whole", sentence)


def _one_part_hidden(table: Table) -> bool:
    column = "share" if "share" in table.names else ""
    if not column:
        return False
    keys = [name for name, one in zip(table.names, table.columns) if one.get("type") == "text"]
    wholes: dict[tuple[str, ...], list[tuple[float | None, str]]] = defaultdict(list)
    for values, texts in table.records():
        whole = tuple(texts[name] for name in keys[:-1])  # the last key divides the whole
        wholes[whole].append((values.get(column), " ".join(texts.values())))
    for parts in wholes.values():
        hidden = [words for value, words in parts if value is None and readings.HIDDEN.search(words)]
        if len(hidden) == 1 and sum(value for value, _ in parts if value is not None) < 100:
            return True
    return False


def _rest_of_breakdown(
    canon: Canon, table: Table, attribute: str, totals: dict[tuple[str, str, str], list[Mean]]
) -> bool:
    shown: dict[tuple[str, str, str], list[tuple[Span, int]]] = defaultdict(list)
    hidden: set[tuple[str, str, str]] = set()
    for values, texts in table.records():
        key = readings.key(canon, table, texts)
        value, counted, ends = (
            values.get("estimate"),
            values.get("respondents"),
            readings.ends(canon, table, "estimate"),
        )
        if value is None:
            hidden.add(key)
        elif isinstance(counted, int) and ends is not None and texts.get(attribute):
            shown[key].append(
                (readings.share(readings.rounded(table, "estimate", value, texts["estimate"]), ends), counted)
            )
        else:
            return False
    return any(_narrow(whole, shown[key], canon.least) for key in hidden & set(shown) for whole in totals.get(key, []))


def _narrow(whole: Mean, groups: list[tuple[Span, int]], least: int) -> bool:
    """Tell whether whole less groups is the mean of a few people, known to less than a point of five.

    The mean of the rest lies between ``(N low - sum n high) / m`` and ``(N high - sum n low) / m``, with m people left.
    """
    rest = whole.people - sum(people for _, people in groups)
    if not 0 < rest < least:
        return False
    width = whole.people * whole.value.width + sum(people * span.width for span, people in groups)
    return width / rest < readings.NARROW
