"""Whether a session can be held in its minutes: words, hand-outs, counts, breaks, reserve, what to leave out."""

from __future__ import annotations

import re

from helpers.data.problems import Problem, shown

from .card_clock import card_steps, minutes_before
from .markdown import passages, tables
from .parse import Cut, Edition, Playbook, clock_of
from .scenes import Scene, Step, block_lines, scenes, section

#: Pace of slow speech in a room, and of silent reading.
WORDS_A_MINUTE = 130
READ_A_MINUTE = 220
HANDING_OUT_SECONDS = 20
COUNT_SECONDS = 5
LEAST_STEP = 3
LONGEST_STRETCH = 90
LEAST_BREAK = 10
UNPLANNED = 0.10
LATE_BY = 20
_WORK = re.compile(r"(?:(\d+) × )?(\d+) minutes?\b")
_NOTHING = re.compile(r"(?:Nothing|Already)\b")


def needed_seconds(step: Step) -> float:
    """Return how long a step takes at least.

    Parameters
    ----------
    step : Step
        A row of a timing table with what is said in it.

    Returns
    -------
    float
        Seconds: words ÷ 130 a minute, 20 seconds where sheets are handed out, 5 seconds for each question that hands
        answer, and the minutes of work that the row itself names ("4 minutes", "2 × 3 minutes").
    """
    spoken = 60 * sum(speech.words for speech in step.speeches) / WORDS_A_MINUTE
    return spoken + work_seconds(step) + handing_seconds(step)


def work_seconds(step: Step) -> float:
    """Return the seconds of work that a step's row names, and of counting hands."""
    work = 60 * sum(int(times or 1) * int(minutes) for times, minutes in _WORK.findall(step.what))
    hands = "hands" in step.what.lower()
    return work + (COUNT_SECONDS * sum(speech.text.count("?") for speech in step.speeches) if hands else 0)


def handing_seconds(step: Step) -> float:
    """Return the seconds in which a step's sheets are handed out."""
    return 0 if _NOTHING.match(step.handed_out) else HANDING_OUT_SECONDS


def check_timing(book: Playbook, edition: Edition) -> list[Problem]:
    """Return what cannot be done in the minutes that an edition gives it.

    Returns
    -------
    list of Problem
        Steps that are too short for their words, hand-outs and counts, or too short to be told apart, or that nobody
        starts; a reserve
        below 10 percent; stretches over 90 minutes without a break; cuts that do not make up for 20 minutes; a
        preparation that its reading does not fit into. Of a card: steps that name no minutes, minutes beforehand that
        are not its ``prep_min``, and a sum of what is read aloud, of the minutes of its steps and of lines to fill in
        that is more than the card has.
    """
    kit = book.front.form == "kit"
    if book.front.form == "card":
        return _card(book, edition)
    found = [*_reserve(book, edition), *_breaks(book, edition), *(_cuts(book, edition) if kit else [])]
    for scene in scenes(book, edition):
        found += _steps(book, edition, scene)
    return found + (_preparation(book, edition) if kit else [])


def _card(book: Playbook, edition: Edition) -> list[Problem]:
    steps = card_steps(book)
    problems = []
    for step in steps[:-2]:
        if not step.work:
            found = f"the step {shown(step.text, 40)} names no minutes"
            problems.append(_error(book, found, "such as 5 minutes, or 2 × 3 minutes", "Name them", step.line))
    before = minutes_before(book)
    if before != edition.prep_min:
        found = f'what begins with "Beforehand" takes {before:g} minutes'
        problems.append(_error(book, found, f"{edition.prep_min}, its prep_min", "Change the one that is wrong"))
    needed = sum(60 * step.words / WORDS_A_MINUTE + step.work + step.fill_in for step in steps) / 60
    if needed > edition.duration_min:
        found = f"reading the card aloud, its work and its lines take {needed:.1f} minutes"
        problems.append(_error(book, found, f"at most {edition.duration_min}", "Name fewer minutes, or give it more"))
    return problems


def _error(book: Playbook, found: str, expected: str = "", fix: str = "", line: int = 0) -> Problem:
    return Problem("error", book.file, found, expected, fix, rows=(line,) if line else ())


def _steps(book: Playbook, edition: Edition, scene: Scene) -> list[Problem]:
    problems = []
    for step in scene.steps:
        times = f"{clock_of(step.start)}–{clock_of(step.end)}"
        if step.minutes < LEAST_STEP and scene.block.minutes >= LEAST_STEP:
            found = f"the step {times} of {shown(edition.title)} lasts {step.minutes} minutes"
            problems.append(_error(book, found, f"at least {LEAST_STEP}", "Merge it with its neighbour", step.line))
        late = next((speech for speech in step.speeches if speech.at != step.start), None)
        if late:
            found = f"words to speak at {clock_of(late.at)} of {shown(edition.title)}"
            problems.append(_error(book, found, f"{clock_of(step.start)}, where their step begins", line=late.line))
        if book.front.form == "kit":
            problems += _speaker(book, edition, step)
        needed = needed_seconds(step)
        if needed > 60 * step.minutes:
            found = f"what happens at {times} of {shown(edition.title)} takes {needed:.0f} seconds"
            problems.append(_error(book, found, f"at most {60 * step.minutes}", "Shorten it, or move times", step.line))
    spoken = [speech for step in scene.steps for speech in step.speeches]
    lines = block_lines(book, edition, scene.number)
    quotes = [one for one in passages(book.body) if one.line in lines and one.kind == "quote"]
    if scene.steps and len(spoken) != len(quotes):
        found = (
            f"{len(quotes) - len(spoken)} words to speak of block {shown(scene.block.block)} are in none of its minutes"
        )
        problems.append(_error(book, found, "", "Correct the time behind Say:", lines.start))
    return problems


def _speaker(book: Playbook, edition: Edition, step: Step) -> list[Problem]:
    """Check that who speaks agrees with the words: whoever runs a step from paper must know who starts it."""
    times, place = f"{clock_of(step.start)}–{clock_of(step.end)}", f"of {shown(edition.title)}"
    ours = any(not speech.note for speech in step.speeches)
    if ours and not step.who.startswith("Facilitator"):
        found = f"the facilitator has words to speak at {times} {place}, and who speaks is {shown(step.who)}"
        return [_error(book, found, "Facilitator first", "Write Facilitator, then who speaks afterwards", step.line)]
    if not step.speeches and step.who.startswith(("Facilitator", "Nobody")):
        found = f"there are no words to speak at {times} {place}, and who speaks is {shown(step.who)}"
        return [_error(book, found, "words, or who starts without them", "Write them below Say:", step.line)]
    return []


def agenda(book: Playbook, edition: Edition) -> list[tuple[int, str, int]]:
    """Return week, kind and minutes of every stretch; a block that is another edition counts with its own."""
    rows: list[tuple[int, str, int]] = []
    for block in edition.agenda:
        inner = book.front.edition(block.same_as).agenda if block.same_as else [block]
        rows += [(block.week, one.kind, one.minutes) for one in inner]
    return rows


def _reserve(book: Playbook, edition: Edition) -> list[Problem]:
    unplanned = sum(minutes for _, kind, minutes in agenda(book, edition) if kind == "reserve")
    least = UNPLANNED * edition.duration_min
    if unplanned >= least:
        return []
    found = f"edition {shown(edition.title)} keeps {unplanned} of {edition.duration_min} minutes unplanned"
    return [_error(book, found, f"at least {least:.0f}", "Add a block of kind: reserve")]


def _breaks(book: Playbook, edition: Edition) -> list[Problem]:
    problems: list[Problem] = []
    stretch, week = 0, 1
    for this, kind, minutes in agenda(book, edition):
        if kind == "break" and minutes < LEAST_BREAK:
            found = f"a break of edition {shown(edition.title)} lasts {minutes} minutes"
            problems.append(_error(book, found, f"at least {LEAST_BREAK}"))
        stretch = 0 if kind == "break" else minutes + (stretch if this == week else 0)
        week = this
        if stretch > LONGEST_STRETCH:
            found = f"edition {shown(edition.title)} has a stretch of {stretch} minutes without a break"
            problems.append(_error(book, found, f"at most {LONGEST_STRETCH}", "Add a block of kind: break"))
    return problems


def _cuts(book: Playbook, edition: Edition) -> list[Problem]:
    problems: list[Problem] = []
    saved = sum(cut.saves for cut in edition.cuts)
    if saved < min(LATE_BY, edition.duration_min // 4):
        found = f"what edition {shown(edition.title)} may leave out saves {saved} minutes"
        problems.append(_error(book, found, f"at least {LATE_BY}", "Name more under cuts"))
    for name in dict.fromkeys(cut.block for cut in edition.cuts):
        saves = sum(cut.saves for cut in edition.cuts if cut.block == name)
        minutes = sum(block.minutes for block in edition.agenda if block.block == name)
        if saves > minutes:
            found = f"{saves} minutes may be cut from block {shown(name)} of edition {shown(edition.title)}"
            problems.append(_error(book, found, f"at most its {minutes}"))
    return problems + [one for cut in edition.cuts if cut.steps for one in _cut_steps(book, edition, cut)]


def _cut_steps(book: Playbook, edition: Edition, cut: Cut) -> list[Problem]:
    """Check that a cut saves the minutes of the steps that it names, less those it leaves them."""
    steps = [step for scene in scenes(book, edition) if scene.block.block == cut.block for step in scene.steps]
    minutes = {clock_of(step.start): step.minutes for step in steps}
    lost = [at for at in cut.steps if at not in minutes]
    if lost:
        found = f"a cut of {shown(cut.block)} in edition {shown(edition.title)} names the step {lost[0]}"
        return [_error(book, found, f"one of {', '.join(minutes)}")]
    saves = sum(minutes[at] for at in dict.fromkeys(cut.steps)) - cut.instead
    if saves == cut.saves:
        return []
    found = f"a cut of {shown(cut.block)} in edition {shown(edition.title)} saves {cut.saves} minutes"
    return [_error(book, found, f"{saves}, those of its steps", "Correct saves, steps or instead")]


def _preparation(book: Playbook, edition: Edition) -> list[Problem]:
    """Check that the facilitator can read in the time of preparation what is to be read."""
    lines = section(book, edition.title, 2)
    table = next((one for one in tables(book.body) if one.line in lines and one.header == ("Minutes", "What")), None)
    if table is None:
        return []
    problems: list[Problem] = []
    now = 0
    spoken = sum(speech.words for scene in scenes(book, edition) for step in scene.steps for speech in step.speeches)
    here = [one for one in passages(book.body) if one.line in lines]
    silent = sum(len(re.findall(r"\w+", one.text)) for one in here) - spoken
    for row in table.rows:
        begins, _, ends = row[0].text.partition("–")
        if not (begins.isdigit() and ends.isdigit()) or int(begins) != now or int(ends) <= now:
            expected = f"minutes from {now} on, such as {now}–{now + 10}"
            return [*problems, _error(book, f"the preparation reads {shown(row[0].text)}", expected, "", row[0].line)]
        minutes, now = int(ends) - int(begins), int(ends)
        wanted = {"aloud": spoken / WORDS_A_MINUTE, "in silence": silent / READ_A_MINUTE}
        for way, needed in wanted.items():
            if f"{way}" in row[1].text and needed > minutes:
                found = f"what is to be read {way} for {shown(edition.title)} takes {needed:.0f} minutes"
                problems.append(_error(book, found, f"at most {minutes}", "Give it more time", row[0].line))
    if now != edition.prep_min:
        found = f"the preparation of {shown(edition.title)} ends after {now} minutes"
        problems.append(_error(book, found, f"{edition.prep_min}, its prep_min", "", table.line))
    return problems
