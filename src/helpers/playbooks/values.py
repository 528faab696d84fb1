"""What the marks of a playbook stand for: rules, times, quantities, tables, figures; all from its front matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpers.data.practices import CaptureField
from helpers.data.tables import AUDIENCES, OUTCOMES, PROMISE_KINDS, PROMISED_BY, RECALL_ROUNDS

from .evidence import Registry, signs
from .late import HEAD, choices, how_to_read
from .parse import Edition, FollowUp, FrontMatter, clock_of
from .quantities import copies

#: The example that stands in the texts; a kit has its own.
EXAMPLE_SIZE = 12
EXAMPLE_START = 9 * 60
#: What stands on a sheet until somebody writes on it.
TO_WRITE = "____________________"
PARTICIPATION = (
    "Ticked by the employer beforehand: ☐ no record of who took part. ☐ The employer records anyway who took "
    f"part, on which day and for how many hours. That does not rest on your yes, but on: {TO_WRITE}"
)
#: The same on a card, which nothing else explains.
ON_CARD = (
    "data protection fills in once, before the first use (no tick: no record): ☐ No record of who took part. ☐ The "
    f"employer records who, day, hours. Legal basis in place of your yes: {TO_WRITE}"
)
#: Who gets a card on which something was agreed to be stored, and what becomes of it if nobody keeps a study.
KEEPER = (
    f"to whoever keeps the study (not HR, no boss; no study: shred): {TO_WRITE} Pair code from there: {TO_WRITE} "
    "Withdraw your yes there."
)
#: What a routine says of codes; a kit has a page on them.
CODES = (
    "Codes come beforehand, to each person and pair apart, from whoever keeps the study: not HR, and no boss. Nobody "
    "brings the list. Who has no code leaves the line blank. Before the sheets are copied, whoever starts this ticks "
    "the box of the employer, and writes the basis that the employer names"
)
#: Rows of page one that a card has room for.
ON_A_CARD = ("What", "Why", "When not", "For whom", "Time")
_NUMBERS = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def values(
    front: FrontMatter,
    registry: Registry,
    start: int = EXAMPLE_START,
    people: int = EXAMPLE_SIZE,
    status: str = "",
    contact: str = "",
) -> dict[str, str]:
    """Return what each mark stands for.

    Parameters
    ----------
    front : FrontMatter
        The playbook's head.
    registry : Registry
        The evidence.
    start : int
        Minutes after midnight at which the session begins.
    people : int
        How many take part.
    status : str
        What run records have earned the playbook.
    contact : str
        Name and phone of the privacy contact; a line to write on without one.

    Returns
    -------
    dict of str to str
        Text by name; tables are Markdown on lines of their own.
    """
    found = {"title": front.title, "status": status, "card": _card(front)}
    found |= _rules(front, contact or TO_WRITE) | registry.values()
    for edition in front.editions:
        found |= _edition(front, edition, start, people)
    if front.colours:
        found |= _colours(front)
    for case in front.cases:
        found |= {f"case:{case.round}:odd": str(case.odd), f"case:{case.round}:even": str(case.even)}
    if front.cases:
        found["cases"] = _cases(front)
    for field in front.capture.fields:
        found |= {f"asks:{field.field}": _asks(field), f"ticks:{field.field}": _ticks(field)}
    choices_of = {"outcomes": OUTCOMES, "promised-by": PROMISED_BY, "promise-kinds": PROMISE_KINDS}
    choices_of |= {"audiences": AUDIENCES, "recall-rounds": RECALL_ROUNDS}
    found |= {name: " / ".join(map(printed, words)) for name, words in choices_of.items()}
    found["participation"] = ON_CARD if front.form == "card" else PARTICIPATION
    found["goes-to"] = _goes_to(front.capture.fields)
    used = registry.of(front)
    found["evidence"] = table(
        ("Practice", "What was found", "How", "Reads as", "Source"),
        [(one.practice, one.in_words(), f"{one.design}; {one.size}", one.reads_as, one.short) for one in used],
    )
    told = "; ".join(signs(" ".join(one.in_words() for one in used)))
    found["evidence"] += f"\nIn words: {told}.\n" if told else ""
    found["evidence-line"] = ". ".join(one.in_a_line() for one in used) + "."
    found["evidence-line"] += f" In words: {told}." if told else ""
    found["codes"] = CODES
    found["references"] = "\n" + "\n".join(
        f"- {one.in_full()}" for one in used
    ) + "\n"  # fmt: skip
    found["risks"] = table(("Risk", "What we do about it"), [(one.risk, one.answer) for one in front.risks])
    found["follow-up"] = follow_up_table(front, front.follow_up)
    found["fields"] = fields_table(front.capture.fields)
    return found


def follow_up_table(front: FrontMatter, checks: Sequence[FollowUp]) -> str:
    """Return the table of the checks after a session; a blank line where there are none."""
    if not checks:
        return "\n"
    rows = [(one.day, one.minutes, one.does, one.who.replace("_", " "), _links(front, one.materials)) for one in checks]
    return table(("Day", "Minutes", "What", "Who", "With"), rows)


def fields_table(fields: Iterable[CaptureField]) -> str:
    """Return the table of what is stored."""
    return table(
        ("Field", "On the sheet", "Holds", "Level", "When", "By", "Basis"),
        [
            (one.field, one.label, one.holds(), one.level, one.when, one.filled_by.replace("_", " "), one.basis)
            for one in fields
        ],
    )


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table on lines of its own."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n" + "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def printed(word: str) -> str:
    """Return a word of a declaration as sheets print it: ``kept_late`` is printed "kept late"."""
    return word.replace("_", " ").replace("-", " ")


def _asks(field: CaptureField) -> str:
    """Return the words by which a sheet asks for a field, in one cell."""
    words = field.words if field.type == "choice" else ["yes", "no"] if field.type == "yes_no" else []
    if words:
        return f"{field.label}: {' / '.join(map(printed, words))}"
    return f"{field.label} ({field.least}–{field.most})" if field.type == "whole" else field.label


def _goes_to(fields: Iterable[CaptureField]) -> str:
    """Return who keeps a card until its last day, and who gets it then."""
    fields = list(fields)
    later = [field.when for field in fields if field.when.startswith("day ")]
    to = KEEPER if any(field.basis == "agreed" for field in fields) else f"to: {TO_WRITE}"
    return f"until {later[-1]} with: {TO_WRITE} Then {to}" if later else f"goes {to}"


def _ticks(field: CaptureField) -> str:
    """Return the words of a choice with boxes to tick, on one line."""
    return " &nbsp; ".join(f"☐ {printed(word)}" for word in field.words)


def in_words(number: int) -> str:
    """Return a small number as a word."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def listed(items: Sequence[object]) -> str:
    """Return ``1, 2 and 3``."""
    words = [str(item) for item in items]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _card(front: FrontMatter) -> str:
    card = front.card
    lengths = [f"{edition.title.lower()} {edition.duration_min} minutes" for edition in front.editions]
    checks = (
        f" Then {in_words(len(front.follow_up))} checks of {front.follow_up[0].minutes} minutes."
        if front.follow_up
        else ""
    )
    if front.form == "card":
        edition = front.editions[0]
        lengths = [f"{edition.duration_min} minutes, reading and writing included"]
        lengths = [f"{lengths[0]}; {edition.prep_min} beforehand"] if edition.prep_min else lengths
    time = f"{listed(lengths).capitalize()}.{checks}"
    rows = [
        ("What", card.what), ("Why", card.why), ("For whom", card.for_whom), ("When not", card.when_not),
        ("Time", time), ("People", card.people), ("What you leave with", card.you_leave_with),
    ]  # fmt: skip
    if front.form == "card":
        rows = [("Who" if label == "For whom" else label, words) for label, words in rows if label in ON_A_CARD]
        return table(("", ""), [(f"**{label}**", words) for label, words in rows])
    rows += [("The rule above all", card.rule_above_all)] if card.rule_above_all else []
    return table(("", ""), [(f"**{label}**", words) for label, words in rows])


def _rules(front: FrontMatter, contact: str) -> dict[str, str]:
    rules = front.rules
    found = {
        "privacy-contact": contact,
        "summary": front.summary,
        "kept-sheets": listed([sheet.title for sheet in front.materials if sheet.kept]),
        "word": rules.step_out_word,
        "WORD": rules.step_out_word.upper() if rules.step_out_word else None,
        "days": rules.notes_destroyed_within_days,
        "hours": rules.told_within_hours,
        "authority-hours": rules.authority_within_hours,
        "group": in_words(rules.smallest_group) if rules.smallest_group else None,
        "notice-days": in_words(rules.notice_work_days) if rules.notice_work_days else None,
        "months-kept": rules.counts_kept_months,
        "breach-route": rules.breach_route,
    }
    if rules.counts_kept_months:
        found["kept"] = (
            f"Kept for {rules.counts_kept_months} months; with a no, only until the no is typed in; if nobody keeps a "
            "study, only that day. Then shredded. To ask, to see it, or to withdraw your yes at any time and without "
            f"giving a reason: privacy contact {contact}"
        )
        found["kept-note"] = (
            f"Kept for {rules.counts_kept_months} months, then shredded. To ask or to see it: privacy contact {contact}"
        )
    return {name: str(value) for name, value in found.items() if value is not None}


def _edition(front: FrontMatter, edition: Edition, start: int, people: int) -> dict[str, str]:
    unplanned = sum(block.minutes for block in edition.agenda if block.kind == "reserve")
    found = {
        "minutes": str(edition.duration_min),
        "end": clock_of(start + edition.duration_min),
        "prep": str(edition.prep_min),
        "reserve": str(unplanned),
        "start": clock_of(start),
        "timetable": _timetable(front, edition, start),
        "print-list": _print_list(front, edition, people),
        "late": f"\n{how_to_read(edition)}\n"
        + table(
            HEAD,
            [
                (f"{one.late} minutes", clock_of(one.by), one.leave_out(), one.won(), one.lost())
                for one in choices(edition)
            ],
        ),
    }
    return {f"{name}:{edition.id}": value for name, value in found.items()}


def _timetable(front: FrontMatter, edition: Edition, start: int) -> str:
    weeks = max(block.week for block in edition.agenda) > 1
    rows = []
    for block, begins in zip(edition.agenda, edition.starts()):
        when = block.week if weeks else clock_of(start + begins)
        who = "–" if block.kind != "work" else block.lead.replace("_", " ").capitalize()
        rows.append((clock_of(begins), when, block.block, block.minutes, who))
    return table(("From", "Week" if weeks else "Clock", "Block", "Minutes", "Who leads"), rows)


def _print_list(front: FrontMatter, edition: Edition, people: int) -> str:
    rows = []
    for one in edition.sheets:
        sheet = front.sheet(one.sheet)
        when = {"start": "start", "before": "before"}.get(one.at, one.at)
        number = copies(one.copies, people) * sheet.cards
        formula = one.copies + (f" × {sheet.cards} cards" if sheet.cards > 1 else "")
        to = one.to + (f"; {in_words(one.spares)} in reserve" if one.spares else "")
        rows.append((f"[{sheet.title}]({sheet.file})", formula, number or "–", when, to))
    return table(("Print", "Copies", f"For {people}", "At", "To whom"), rows)


def _colours(front: FrontMatter) -> dict[str, str]:
    colours = front.colours
    assert colours is not None
    found = {
        "colours": table(
            (colours.heading, "Colour", colours.joining, "Notes?", "Leave when"),
            [(one.what, one.colour.capitalize(), one.attend, one.notes, one.leave_when) for one in colours.rows],
        )
    }
    if colours.strips:
        by = {
            colour: [at for at, strip in enumerate(colours.strips, 1) if colours.of(strip) == colour]
            for colour in ("green", "amber", "red")
        }
        found |= {f"strips:{colour}": listed(numbers) for colour, numbers in by.items()}
        opened = len(by["green"]) + len(by["amber"])
        found["strips-open"] = f"{in_words(opened).capitalize()} of the {in_words(len(colours.strips))}"
        found["strips-spoken"] = " … ".join(
            f"{in_words(at).capitalize()}: {strip.text}." for at, strip in enumerate(colours.strips, 1)
        )
        found["strips-number"] = in_words(len(colours.strips))
        found["strips"] = table(
            ("", ""),
            [(f"**{at}**", one.text) for at, one in enumerate(colours.strips, 1)],
        )
    return found


def _cases(front: FrontMatter) -> str:
    header = ("Group", *(f"Round {case.round}" for case in front.cases))
    odd = ("1, 3, 5, 7", *(f"Case {case.odd}" for case in front.cases))
    even = ("2, 4, 6, 8", *(f"Case {case.even}" for case in front.cases))
    return table(header, [odd, even])


def _links(front: FrontMatter, ids: Iterable[str]) -> str:
    return ", ".join(f"[{front.sheet(id).title}]({front.sheet(id).file})" for id in ids)
