"""What of a practice an edition has: sheets that it hands out or sends, and with them fields, promises and checks."""

from __future__ import annotations

from helpers.data.practices import CaptureField
from helpers.data.yaml_files import read_text

from .marks import fill, names
from .parse import CARD, Edition, FollowUp, Handout, Playbook, Sheet
from .values import fields_table, follow_up_table, listed

#: By which mark a sheet asks for promises.
PROMISES = "promised-by"


def sheets(book: Playbook, edition: Edition) -> list[Sheet]:
    """Return what is handed out or sent."""
    return [book.front.sheet(one.sheet) for one in edition.sheets]


def is_sent(sheet: Sheet, handout: Handout) -> bool:
    """Tell whether a sheet goes by e-mail and is in no pile."""
    return handout.copies == "–" or sheet.layout == "by e-mail"


def fields(book: Playbook, edition: Edition) -> list[CaptureField]:
    """Return what is stored: what a sheet that is kept asks for, and what is noted of every session.

    A field names one sheet; another edition may ask for it on a sheet of its own, by the same mark.
    """
    own = {CARD, *(one.sheet for one in edition.sheets)}
    marked = {field for sheet in sheets(book, edition) if sheet.kept for field in _asks(book, sheet)}
    declared = book.front.capture.fields
    return [one for one in declared if one.level == "session" or one.sheet in own or one.field in marked]


def promises(book: Playbook, edition: Edition) -> bool:
    """Tell whether promises are stored, which belong to a pair."""
    asked = any(PROMISES in _marks(book, sheet) for sheet in sheets(book, edition))
    return book.front.capture.promises and asked


def pair_codes(book: Playbook, edition: Edition) -> bool:
    """Tell whether anything is stored of a pair, and so under the code of the pair."""
    agreed = [one for one in fields(book, edition) if one.basis == "agreed"]
    return promises(book, edition) or any(one.level == "pair" for one in agreed)


def follow_up(book: Playbook, edition: Edition) -> list[FollowUp]:
    """Return the checks all sheets of which the edition has."""
    own = {one.sheet for one in edition.sheets}
    return [check for check in book.front.follow_up if own.issuperset(check.materials)]


def checks(book: Playbook, edition: Edition) -> bool:
    """Tell whether a sheet that is kept is filled in after the session."""
    followed = {name for check in follow_up(book, edition) for name in check.materials}
    kept = [sheet for sheet in sheets(book, edition) if sheet.kept]
    return any(sheet.id in followed or any(map(_later, _fields_of(book, sheet))) for sheet in kept)


def only_later(book: Playbook, sheet: Sheet) -> bool:
    """Tell whether all that a sheet asks for is asked on a later day: it goes home, or is sent then."""
    asked = _fields_of(book, sheet)
    return bool(asked) and all(map(_later, asked))


def taken_in(book: Playbook, edition: Edition) -> list[Sheet]:
    """Return the sheets that whoever runs the session keeps: not what comes back later, nor the incident note."""
    given = [
        sheet for sheet, one in zip(sheets(book, edition), edition.sheets) if sheet.kept and not is_sent(sheet, one)
    ]
    return [one for one in given if one.file != book.front.rules.incident_note and not only_later(book, one)]


def conditions(book: Playbook, edition: Edition) -> dict[str, bool]:
    """Return which parts of a text that all kits share apply to an edition."""
    return {
        "pairs": pair_codes(book, edition),
        "promises": promises(book, edition),
        "checks": checks(book, edition),
        "names": any(sheet.sign_up for sheet in sheets(book, edition)),
        "pack": bool(book.front.rules.breach_route),
    }


def tables(book: Playbook, edition: Edition) -> dict[str, str]:
    """Return the values of marks that tell of the whole practice in the playbook and of one edition in its kit."""
    return {
        "fields": fields_table([_on_paper(book, edition, one) for one in fields(book, edition)]),
        "follow-up": follow_up_table(book.front, follow_up(book, edition)),
        "kept-sheets": listed(list(dict.fromkeys(sheet.title for sheet in taken_in(book, edition)))),
    }


def _on_paper(book: Playbook, edition: Edition, field: CaptureField) -> CaptureField:
    """Say of a field for which no sheet of the edition asks where it stands: the workbook has it filled in."""
    asked = {field for sheet in sheets(book, edition) for field in _asks(book, sheet)}
    own = {CARD, *(one.sheet for one in edition.sheets)}
    there = field.sheet in own or field.field in asked
    return field if there else field.model_copy(update={"label": "None; stands in capture.xlsx"})


def printed(book: Playbook, edition: Edition) -> Playbook:
    """Return the playbook with the tables of one edition."""
    return Playbook(book.folder, book.front, fill(book.source, tables(book, edition)))


def _marks(book: Playbook, sheet: Sheet) -> set[str]:
    path = book.folder / sheet.file
    return {*names(read_text(path))} if path.is_file() else set()


def _asks(book: Playbook, sheet: Sheet) -> set[str]:
    """Return the fields that the words of a sheet ask for."""
    found = [name.partition(":") for name in _marks(book, sheet)]
    return {field for kind, _, field in found if kind in ("asks", "ticks")}


def _fields_of(book: Playbook, sheet: Sheet) -> list[CaptureField]:
    marked = _asks(book, sheet)
    return [one for one in book.front.capture.fields if one.sheet == sheet.id or one.field in marked]


def _later(field: CaptureField) -> bool:
    return field.when.startswith("day ")
