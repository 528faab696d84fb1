"""What stands on the pages of a kit's PDF files, as data for the template."""

from __future__ import annotations

import re
from typing import Any

from helpers.data.yaml_files import read_text
from helpers.present.paper.blocks import Block, blocks, cards

from ..late import HEAD as LATE_HEAD
from ..late import choices, how_to_read
from ..limits import BEHIND, CODES_TEXT, TEXT, shared
from ..markdown import passages
from ..marks import where
from ..parse import Sheet
from ..scenes import Scene, Step, section
from ..session import CARDS_A_SHEET, HALVES_A_SHEET, Pile, Session
from ..values import listed

Page = dict[str, Any]
SPARES_CUT = "Cut at the marks, strips along the dashed lines, and nothing else; slips stay uncut. "
PRIVACY_CONTACT = "Privacy contact (a slip of the tongue, a question on what is kept)"
CODES = "Codes: sent with the invitation by who keeps the study. No list is in the room."
#: So many piles of one step are told in full on the run sheet.
FEW = 3
#: How sheets are cut, by their layout.
CUT = {
    "cards": "Cut at the marks: four cards a sheet.",
    "half": "Cut in two at the marks.",
    "strips": "Cut along the dashed lines.",
}


def print_me(session: Session) -> list[Page]:
    """Return the pages of everything that is handed out: a list, then each pile behind its separator, then spares."""
    pages: list[Page] = [_contents(session)]
    for pile in session.piles:
        pages += [_separator(pile), *_sheets(session, pile)]
    pages += _spares(session) if session.spares else []
    return pages + [page for sheet, when in session.to_send for page in _for_you(session, sheet, when)]


def _for_you(session: Session, sheet: Sheet, when: str) -> list[Page]:
    """Return a text that is sent, once, for whoever runs the session."""
    text = session.text(read_text(session.book.folder / sheet.file))
    name = f"For you, not to hand out · {when} · to copy: {session.name}-forms.docx"
    return [{"kind": "sent", "name": name, "blocks": blocks(text)}]


def run_sheet(session: Session) -> list[Page]:
    """Return the two pages that a facilitator keeps in sight: the minutes, and what to do when late."""
    rows = []
    for scene in session.scenes:
        rows += _rows(session, scene)
    late = [
        [f"{one.late} minutes", session.clock(one.by), one.leave_out(), one.won(), one.lost()]
        for one in choices(session.edition)
    ]
    rules = session.book.front.rules
    numbers = [
        "Reporting channel (harassment, other misconduct)",
        PRIVACY_CONTACT,
        "Emergency number (accident, fire, danger to life: call first)",
        "People who came",
        "Of these, said no to being counted (with a study)",
    ]
    facts = [["Step-out word", rules.step_out_word]] if rules.step_out_word else []
    surfaces = session.edition.confidential or rules.breach_route
    facts += [["If something confidential surfaces", surfaces]] if surfaces else []
    facts.append([session.together.capitalize(), session.in_groups])
    if session.contact:
        numbers.remove(PRIVACY_CONTACT)
        facts.append([PRIVACY_CONTACT, session.contact])
    piles = [row[:5] for row in _pile_rows(session)]
    return [
        {"kind": "minutes", "rows": rows},
        {
            "kind": "late", "late": late, "late_head": list(LATE_HEAD), "how": how_to_read(session.edition),
            "piles": piles, "numbers": numbers, "facts": facts, "before": _before(session), "after": _after(session),
        },
    ]  # fmt: skip


def _before(session: Session) -> list[str]:
    """Return what must be done when people come in, to be ticked."""
    written = [words for words in (_to_write(session), _to_tick(session)) if words]
    sent = [f"Sent: {sheet.title} ({when[:1].lower()}{when[1:]})." for sheet, when in session.to_send[:1]]
    coded = [CODES] if session.codes else []
    room = ["Room, flip charts and cards: second page of the guide."]
    return [*sent, *coded, *room, *written, "A box for slips at the door; three numbers on this page."]


def _after(session: Session) -> list[str]:
    """Return what is done when people have gone, to be ticked."""
    applies = session.conditions
    shred = (
        "shred slips with numbers today; a slip with a name, by which somebody signed up, only when you have written "
        "to them."
        if applies["names"]
        else "shred them today."
    )
    done = [f"Empty the box alone; lock the slips away. No study kept: type nothing; {shred}"] if session.codes else []
    both = " What is told of a pair counts only if both said yes: see the pair code." if applies["pairs"] else ""
    return [
        *done,
        *session.edition.after,
        "Within a week, for a study: type into capture.xlsx: slips with a yes; of a no only the no, then shred it "
        f"(sheet People).{both} How many came and said no (Session); the real minutes (Blocks). Counts of hands are "
        "for the room and not typed in.",
        "Then you shred this run sheet, lists of names (who sat where, who reports to whom), and the flip chart.",
    ]


def guide(session: Session) -> list[Page]:
    """Return the facilitator's pages: the card, the preparation, one page a block, then what stands behind them."""
    book, front = session.filled, session.book.front
    about = _lines(session, section(book, session.edition.title, 2))
    about = about[: about.index("\n### ")] if "\n### " in about else about
    late = session.clocked(session.values[f"late:{session.edition.id}"]).strip()
    about = about.replace(late, "The table stands on the second page of the run sheet.")
    pages: list[Page] = [
        {"kind": "flow", "title": f"{front.title}: {session.edition.title}", "blocks": _card(session), "fit": 1},
        {"kind": "flow", "title": "Before the day", "blocks": blocks(_unlinked(session, about)), "fit": 1},
    ]
    pages += _codes(session)
    pages += [
        {**_scene(session, scene), "then": _break_after(session, scene)} for scene in session.scenes if scene.steps
    ]
    behind: list[Block] = []
    for name in BEHIND:
        lines = section(book, name, 2)
        if lines:
            behind += blocks(f"# {name}\n\n" + _unlinked(session, _lines(session, lines)))
    return [*pages, {"kind": "flow", "title": "", "blocks": behind, "fit": 0}]


def _codes(session: Session) -> list[Page]:
    """Return the page on codes, slips and numbers, which all kits share; none where nothing rests on a yes."""
    source = shared(session.book, CODES_TEXT)
    if not session.codes or not source:
        return []
    text = session.text(where(source, session.conditions))
    text += "".join(f"\n\n**{name}** {words}" for name, words in _handed_in(session))
    return [{"kind": "flow", "title": "", "blocks": blocks(text), "fit": 1}]


def _handed_in(session: Session) -> list[tuple[str, str]]:
    """Say when each sheet that is kept is handed in, and where the texts lie that are sent."""
    found = []
    given = [
        f"{sheet.title}, at {session.clock(step.start)} ({step.what[:1].lower()}{step.what[1:]})"
        for sheet, step in session.handed_in
    ]
    if given and session.weeks == 1:
        found.append(("Handed in:", "; ".join(given) + "."))
    sent = [f"{sheet.title} ({when[:1].lower()}{when[1:]})" for sheet, when in session.to_send]
    if sent:
        where = f"They stand at the end of {session.name}-print-me.pdf, and to copy in {session.name}-forms.docx."
        found.append(("To send:", f"{'; '.join(sent)}. {where}"))
    return found


def routine(session: Session) -> list[Page]:
    """Return all of a routine: its two pages, the script to start it with, each sheet once per copy, what is sent."""
    pages: list[Page] = [{"kind": "text", "blocks": _text(session), "fit": 2}]
    pages += [_scene(session, scene) for scene in session.scenes if scene.steps]
    pages += [page for pile in session.piles for page in _sheets(session, pile)]
    return pages + [page for sheet, when in session.to_send for page in _for_you(session, sheet, when)]


def card(session: Session) -> list[Page]:
    """Return the one page of a card."""
    return [{"kind": "text", "blocks": _text(session), "fit": 1}]


def _text(session: Session) -> list[Block]:
    """Return page one of a practice and the sections that its form prints."""
    book, front = session.filled, session.book.front
    own = [f"# {front.title}", session.values["card"]]
    for name in TEXT[front.form]:
        own += [f"## {name}", _lines(session, section(book, name, 2))]
    return blocks(_unlinked(session, "\n\n".join(own)))


def pack(session: Session) -> list[Page]:
    """Return the pack for the works council and the data protection officer; empty where no rules are declared."""
    source = session.book.folder.parent / "shared" / "works-council-pack.md"
    if not session.book.front.rules.breach_route or not source.is_file():
        return []
    text = session.text(where(read_text(source), session.conditions))
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    first = {"kind": "flow", "title": "", "blocks": blocks(parts[0]), "fit": 1}
    rest = zip(parts[1::2], parts[2::2])
    return [first, *({"kind": "flow", "title": title, "blocks": blocks(body), "fit": 1} for title, body in rest)]


def _contents(session: Session) -> Page:
    last = [len(session.piles) + 1] if any(pile.sheet.layout in CUT for pile in session.spares) else []
    to_cut = [*(pile.number for pile in session.piles if pile.sheet.layout in CUT), *last]
    return {
        "kind": "contents", "piles": _pile_rows(session), "sides": session.sides, "people": session.people,
        "title": f"{session.book.front.title}: {session.edition.title}", "span": session.span,
        "status": session.status, "client": session.client, "grey": len(_pile_rows(session)),
        "to_cut": listed(to_cut), "to_write": " ".join(filter(None, (_to_write(session), _to_tick(session)))),
        "to_send": listed([sheet.title for sheet, _ in session.to_send]),
    }  # fmt: skip


def _pile_rows(session: Session) -> list[list[str]]:
    """Return number, name, time, copies, to whom and sides of each pile; the spares are the last one."""
    rows = [
        [str(one.number), one.sheet.title, one.at, str(one.copies), one.to, str(one.sides)] for one in session.piles
    ]
    if session.spares:
        copies = sum(pile.copies for pile in session.spares)
        last = [
            str(len(rows) + 1),
            "Spares",
            "before the day",
            str(copies),
            session.in_reserve,
            str(session.spare_sides),
        ]
        rows.append(last)
    return rows


def _to_write(session: Session) -> str:
    """Say on which sheets somebody has to write the privacy contact before they are handed out."""
    places = session.contact_places
    if session.contact or not places:
        return ""
    sheets = listed([f"{title} ({number})" for title, number in places])
    total = sum(number for _, number in places)
    return f"Write the privacy contact (name, phone) in {total} places before you hand out: {sheets}."


def _to_tick(session: Session) -> str:
    """Say on which sheets the box of the employer has to be ticked before they are handed out."""
    places = session.employer_places
    if not places:
        return ""
    sheets = listed([f"{title} ({number})" for title, number in places])
    return f"Tick the employer's box (no record, or a record and its legal basis) on: {sheets}."


def _separator(pile: Pile) -> Page:
    return {
        "kind": "separator", "number": pile.number, "title": pile.sheet.title, "at": pile.at, "to": pile.to,
        "copies": pile.copies, "note": CUT.get(pile.sheet.layout, ""),
    }  # fmt: skip


def _spares(session: Session) -> list[Page]:
    """Return the last pile: cards of all sheets together, then halves, then whole sheets, with a list before them."""
    name = f"{len(session.piles) + 1} · Spares"
    held = [f"{pile.sheet.title}: {pile.copies}" for pile in session.spares]
    total = sum(pile.copies for pile in session.spares)
    cut = any(pile.sheet.layout in CUT for pile in session.spares)
    pages: list[Page] = [
        {
            "kind": "separator", "number": len(session.piles) + 1, "title": "Spares", "at": "before the day",
            "to": session.in_reserve, "copies": total, "note": f"{SPARES_CUT if cut else ''}{'; '.join(held)}.",
        }
    ]  # fmt: skip
    for layout, per in (("cards", CARDS_A_SHEET), ("half", HALVES_A_SHEET)):
        parts = [part for pile in session.spares if pile.sheet.layout == layout for part in _parts(session, pile)]
        pages += _in_parts([{**part, "label": "Spare"} for part in parts], per, name)
    whole = [pile for pile in session.spares if pile.sheet.layout not in ("cards", "half")]
    sheets = [page for pile in whole for page in _sheets(session, pile)]
    marked = blocks("**Spare**")
    return pages + [{**page, "blocks": [*marked, *page["blocks"]]} if "blocks" in page else page for page in sheets]


def _sheets(session: Session, pile: Pile) -> list[Page]:
    sheet = pile.sheet
    name = f"{pile.number} · {sheet.title}" if pile.number else sheet.title
    if sheet.layout in ("cards", "half"):
        per = CARDS_A_SHEET if sheet.layout == "cards" else HALVES_A_SHEET
        return _in_parts(_parts(session, pile), per, name)
    text = session.text(read_text(session.book.folder / sheet.file))
    if sheet.layout == "script":
        return [{"kind": "script", "name": name, "copies": pile.copies, "parts": _script(text)}]
    kind = sheet.layout if sheet.layout in ("columns", "strips") else "sheet"
    return [{"kind": kind, "name": name, "copies": pile.copies, "fit": sheet.pages, "blocks": blocks(text)}]


def _parts(session: Session, pile: Pile) -> list[dict[str, Any]]:
    """Return what is cut from the sheets of a pile: the case that each group plays, or each card as often as needed."""
    text = session.text(read_text(session.book.folder / pile.sheet.file))
    if pile.sheet.layout == "half":
        return [{"label": "", "blocks": blocks(text)}] * pile.copies
    found = cards(text)
    if pile.sheet.case_round is None:
        return [{"label": "", "blocks": found[at % len(found)]} for at in range(pile.copies)]
    return [{"label": f"Group {group}", "blocks": found[0 if group % 2 else 1]} for group in range(1, pile.copies + 1)]


def _script(text: str) -> list[list[Block]]:
    """Return the pages of a text that is read aloud: rules part them, and what stands before the first goes with it."""
    parts: list[list[Block]] = [[]]
    for block in blocks(text):
        if block["kind"] == "rule":
            parts.append([])
        else:
            parts[-1].append(block)
    return [parts[0] + parts[1], *parts[2:]] if len(parts) > 1 else parts


def _in_parts(items: list[dict[str, Any]], per: int, name: str) -> list[Page]:
    return [{"kind": f"parts-{per}", "name": name, "parts": items[at : at + per]} for at in range(0, len(items), per)]


def _rows(session: Session, scene: Scene) -> list[dict[str, Any]]:
    name = scene.block.block if session.weeks == 1 else f"{scene.block.block}, week {scene.block.week}"
    together = session.together if scene.block.breakout else ""
    head = {"block": name, "minutes": scene.block.minutes, "breakout": together}
    if not scene.steps:
        what = {"break": "Break", "reserve": "Nothing is planned. Use it where you ran late, or end earlier"}
        said = what.get(scene.block.kind, scene.block.block)
        return [{**head, "clock": session.clock(scene.start), "what": said, "who": "–", "hand": "", "cue": ""}]
    rows = []
    for at, step in enumerate(scene.steps):
        row = head if at == 0 else {"block": "", "minutes": 0, "breakout": ""}
        cues = " / ".join(f"{speech.note}: {speech.cue}" if speech.note else speech.cue for speech in step.speeches)
        rows.append(
            {
                **row, "clock": session.clock(step.start), "what": step.what, "who": step.who,
                "hand": hand_out(session, step), "cue": cues or step.silence,
            }
        )  # fmt: skip
    return rows


def hand_out(session: Session, step: Step) -> str:
    """Return what is handed out in a step: each pile by its number, name, copies, and of few also who gets them."""
    piles = session.handed_out(step)
    return "; ".join(pile.called if len(piles) > FEW else pile.named for pile in piles)


def _scene(session: Session, scene: Scene) -> Page:
    parts = {name.rstrip(":."): session.clocked(words) for name, words in scene.parts.items()}
    notes = [[name, parts[name]] for name in ("Facilitator", "Watch for", "Remote") if name in parts]
    return {
        "kind": "scene", "number": scene.number, "title": scene.block.block, "minutes": scene.block.minutes,
        "from": session.clock(scene.start), "to": session.clock(scene.end), "lead": parts.get("Lead", ""),
        "purpose": parts.get("Purpose", ""), "steps": [_step(session, step) for step in scene.steps], "notes": notes,
    }  # fmt: skip


def _break_after(session: Session, scene: Scene) -> str:
    """Return the heading of a break that follows a block, which has no page of its own; else nothing."""
    then = next((one for one in session.scenes if one.number == scene.number + 1), None)
    if then is None or then.block.kind != "break":
        return ""
    name = f"{then.number}. {then.block.block} ({then.block.minutes} minutes)"
    return f"{session.clock(then.start)}–{session.clock(then.end)} · {name}"


def _step(session: Session, step: Step) -> dict[str, Any]:
    says = [[speech.note, speech.text] for speech in step.speeches]
    clock = f"{session.clock(step.start)}–{session.clock(step.end)}"
    return {
        "clock": clock, "minutes": step.minutes, "what": step.what, "who": step.who, "says": says,
        "hand": [pile.named for pile in session.handed_out(step)], "silence": step.silence,
    }  # fmt: skip


def _card(session: Session) -> list[Block]:
    own = passages(session.filled.body)
    start = next(one.line for one in own if one.level == 1)
    end = next((one.line for one in own if one.level == 2), session.filled.body.count("\n") + 2)
    text = session.text("\n".join(session.filled.source.splitlines()[start : end - 1]))
    card = text[text.index("\n| ") :] if "\n| " in text else text
    facts = f"**Status: {session.status}** (draft → rehearsed → piloted → stable; earned by run records).\n\n"
    who = f"For {session.people} people, {session.span}.\n\n"
    signs = _signs(session)
    return blocks(facts + who + card + f"\n\n## How to read this guide\n\n{signs}\n\n{_kit_files(session)}")


def _signs(session: Session) -> str:
    """Return the list in which a playbook explains its signs; a kit shows times of day, so times go without it."""
    source = session.filled.body.splitlines()
    start = next((at for at, line in enumerate(source) if line.startswith("- **Say:**")), len(source))
    end = next((at for at in range(start, len(source)) if not source[at].startswith("- ")), len(source))
    return "\n".join(line for line in source[start:end] if not line.startswith("- Times"))


def _kit_files(session: Session) -> str:
    """Say what lies beside the guide, so that nobody looks in it for what is elsewhere."""
    name = session.name
    beside = [
        f"**{name}-print-me.pdf**: all that is handed out, in {len(_pile_rows(session))} piles with grey sheets; then "
        "what you send.",
        f"**{name}-run-sheet.pdf**: two pages to keep in your hand.",
        f"**{name}-run-sheet.html**: the same with clocks, in a browser; the key P shows it to the room.",
        f"**{name}-forms.docx**: every sheet in Word, to change it, and what you send.",
        f"**{name}-capture.xlsx**: to type in what was counted.",
    ]
    if session.book.front.rules.breach_route:
        beside.append(f"**{name}-works-council-pack.pdf**: for the works council and the data protection officer.")
    return "## What lies beside it\n\n" + "\n".join(f"- {line}" for line in beside)


def _lines(session: Session, lines: range) -> str:
    """Return the text of a section below its heading, with times of day."""
    text = "\n".join(session.filled.body.splitlines()[lines.start : lines.stop - 1])
    return session.clocked(text)


def _unlinked(session: Session, markdown: str) -> str:
    """Return a text with the words of its links alone: paper cannot follow them, so it says what is not printed."""
    printed = {pile.sheet.file for pile in [*session.piles, *session.spares]}
    in_word = {session.book.front.sheet(one.sheet).file for one in session.edition.sheets}

    def named(link: re.Match[str]) -> str:
        if not link[2].startswith("materials/") or link[2] in printed:
            return link[1]
        return f"{link[1]} ({'at the end of print-me.pdf' if link[2] in in_word else 'not part of this edition'})"

    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", named, markdown)
