"""A kit is all that a trainer needs on the day: the right pages, in the right number, at the right time."""

import io
import json
import re
import zipfile
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner
from docx import Document
from openpyxl import load_workbook

from helpers.cli import main
from helpers.data import InputError
from helpers.playbooks import discover, evidence, load
from helpers.playbooks.kit import make_kit
from helpers.playbooks.kit.pages import card, guide, pack, print_me, routine, run_sheet
from helpers.playbooks.kit.pdf import pdf
from helpers.playbooks.late import choices, reserve_of
from helpers.playbooks.runs import read_runs, status
from helpers.playbooks.session import Session
from helpers.present.paper.blocks import blocks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2] / "playbooks"
SAMPLE = ROOT.parent / "data" / "sample"


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    return make_kit(ROOT, "role-swap", "room", 13, "08:45", out=tmp_path_factory.mktemp("kits"), study=SAMPLE)


@pytest.fixture(scope="module")
def pages(kit):
    """The pages of each PDF file as text."""
    files = {path.name.removeprefix("role-swap-room-"): path for path in kit.files if path.suffix == ".pdf"}
    return {name: [page.extract_text() for page in pypdf.PdfReader(path).pages] for name, path in files.items()}


@pytest.fixture(scope="module")
def session():
    """What a kit of the role swap in a room is made for, by its number of people; start at 8:45."""
    book = load(ROOT / "role-swap")
    return lambda people: Session(book, book.front.edition("room"), evidence.load(ROOT), people, 525, "a4", "draft")


def test_every_file_bears_the_name_of_practice_and_edition(kit):
    assert kit.folder.name == "role-swap-room"
    assert {path.name.removeprefix("role-swap-room-") for path in kit.files} == {
        "print-me.pdf", "run-sheet.pdf", "run-sheet.html", "guide.pdf", "forms.docx", "capture.xlsx", "README.txt",
        "works-council-pack.pdf",
    }  # fmt: skip
    assert len((kit.folder / "role-swap-room-README.txt").read_text(encoding="utf-8").splitlines()) == 6


def test_piles_stand_in_the_order_of_use_with_their_minute_and_number(pages):
    separators = [text for text in pages["print-me.pdf"] if re.match(r"Pile \d+\n", text)]
    assert [int(re.match(r"Pile (\d+)", text)[1]) for text in separators] == list(range(1, len(separators) + 1))
    strips = next(text for text in separators if "Meeting strips" in text)
    assert "at 8:52" in strips and "6 copies" in strips
    clocks = [re.search(r"at (\d+):(\d\d)", text) for text in separators]
    minutes = [60 * int(clock[1]) + int(clock[2]) for clock in clocks if clock]
    assert minutes == sorted(minutes) and len(minutes) >= 10


def test_each_sheet_is_there_as_often_as_its_pile_says(pages, kit):
    printed = pages["print-me.pdf"]
    for title in ("Perspective sheet", "Sign-up slips"):
        own = [text for text in printed if re.match(rf"(?:Spare\s+)?{title}", text)]
        assert len(own) == 13 + 1, "one in reserve"
        assert sum(text.startswith("Spare") for text in own) == 1
    cards = "\n".join(text for text in printed if "locked" in text.lower() and "Group" in text)
    assert [len(re.findall(rf"Case {case}, HR seat", cards)) for case in (1, 3, 2, 4)] == [3, 3, 3, 3]
    spare = "\n".join(text for text in printed if text.startswith("Spare"))
    assert [len(re.findall(rf"Case {case}, HR seat", spare)) for case in (1, 3, 2, 4)] == [1, 1, 1, 1]
    separators = sum(bool(re.match(r"Pile \d+\n", text)) for text in printed)
    sent = sum(text.startswith("For you, not to hand out") for text in printed)
    assert sent == 2, "the invitations, and the form for those who sign up"
    assert next(at for at, text in enumerate(printed) if text.startswith("For you")) == kit.sides + separators + 1
    assert kit.sides <= 6 * 13


def test_a_card_of_an_even_group_is_the_case_of_even_groups(pages):
    first = next(text for text in pages["print-me.pdf"] if "Group 1" in text and "manager's seat" in text)
    assert re.search(r"Group 2\s*Case 3", first) and re.search(r"Group 1\s*Case 1", first)


def test_times_of_day_fit_the_start(pages):
    timetable = next(text for text in pages["print-me.pdf"] if text.startswith("Timetable"))
    assert "8:45" in timetable and "out at 10:15" in timetable and "9:00" not in timetable
    guide = "\n".join(pages["guide.pdf"])
    assert 'At 9:30 say "three minutes"' in guide and "At 0:45" not in guide


def test_the_run_sheet_has_two_pages_with_cues_and_cuts(pages):
    first, second = pages["run-sheet.pdf"]
    assert "Good morning. You did not ask" in first and "10:06" in first
    assert "20 minutes" in second and "Leave out round two." in second and "Lighthouse" in second


def test_each_step_names_its_piles_by_number_name_and_copies(pages):
    called = "Pile 3: Meeting strips, 6 (one set per group, cut)"
    assert called in " ".join(pages["run-sheet.pdf"][0].split())
    assert called in " ".join(" ".join(pages["guide.pdf"]).split())


def test_every_row_of_the_run_sheet_has_words_or_says_who_starts(session):
    (minutes, _) = run_sheet(session(13))
    for row in minutes["rows"][:-1]:
        assert row["cue"], row
        assert row["who"].startswith("Facilitator") or row["cue"].startswith("Nothing to say. Who starts:"), row


def test_what_is_for_three_alone_stands_only_where_the_number_is_odd(session):
    def text(people):
        return json.dumps([guide(session(people))[2:10], run_sheet(session(people))], ensure_ascii=False)

    assert "group of three" in text(13) and "Observer card, 1" in text(13)
    assert not re.search(r"group of three|trio|[Oo]bserver", text(12))


def test_times_by_which_a_cut_is_decided_run_on_the_clock(session):
    late = run_sheet(session(12))[1]["late"]
    assert [row[:2] for row in late if row[0] == "10 minutes"] == [
        ["10 minutes", "8:52"], ["10 minutes", "9:37"], ["10 minutes", "9:50"],
    ]  # fmt: skip
    assert late[-1][3] == "5 + 9 of the reserve = 14; the end is 6 later, say so"


ROOMS = [load(folder) for folder in discover(ROOT) if load(folder).front.form == "kit"]


@pytest.mark.parametrize("book", ROOMS, ids=lambda book: book.front.id)
def test_minutes_won_make_up_for_the_delay_or_the_end_is_later(book):
    for edition in book.front.editions:
        for one in choices(edition):
            parts, _, later = one.won().partition("; the end is ")
            numbers = [int(number) for number in re.findall(r"\d+", parts.partition(" = ")[0])]
            assert sum(numbers) == int(re.findall(r"\d+", parts)[-1]), "the sum is that of its parts"
            assert sum(numbers) + int("".join(re.findall(r"\d+", later)) or 0) >= one.late
            assert not later or one.from_reserve == reserve_of(edition), "the reserve is used up before the end moves"
        assert all(cut.steps for cut in edition.cuts)


@pytest.mark.parametrize("book", ROOMS, ids=lambda book: book.front.id)
def test_long_sessions_say_what_to_leave_out_when_a_quarter_of_an_hour_late(book):
    for edition in book.front.editions:
        late = {one.late: one for one in reversed(choices(edition))}
        assert list(sorted(late)) == ([5, 10, 15, 20] if edition.duration_min >= 75 else [5, 10, 20])
        first = late.get(15)
        assert first is None or first.saved + first.from_reserve + first.later >= 15


def test_a_break_has_a_heading_at_the_foot_of_the_block_before_it():
    book = load(ROOT / "one-message")
    session = Session(book, book.front.edition("room"), evidence.load(ROOT), 12, 540, "a4", "draft")
    pages = [page for page in guide(session) if page["kind"] == "scene"]
    (page,) = [page for page in pages if page["then"]]
    at = next(number for number, block in enumerate(session.edition.agenda, 1) if block.kind == "break")
    assert page["number"] == at - 1 and page["then"].endswith(f"{at}. Break (10 minutes)")
    assert page["then"].startswith(f"{page['to']}–")
    printed = pypdf.PdfReader(io.BytesIO(pdf(session, [page], "guide"))).pages
    assert len(printed) == 1 and page["then"] in printed[0].extract_text()


@pytest.mark.parametrize("book", ROOMS, ids=lambda book: book.front.id)
def test_the_printed_kit_says_who_gives_out_codes_and_who_takes_in_slips(book):
    """A trainer who holds paper alone asks for codes, boxes to tick, slips, the second page, what is sent and when."""
    for edition in book.front.editions:
        session = Session(book, edition, evidence.load(ROOT), edition.participants.most, 540, "a4", "draft")
        page = json.dumps(guide(session)[2], ensure_ascii=False)
        assert "Send each person their own code" in page and "Empty the box, alone" in page
        asked = {field.sheet for field in book.front.capture.fields if field.when == "on the day"}
        given = [pile.sheet for pile in session.piles if pile.minute is not None and pile.sheet.kept]
        if session.weeks == 1:
            assert all(f"{sheet.title}, at " in page for sheet in given if sheet.id in asked)
        late = run_sheet(session)[1]
        assert any("No list is in the room" in words for words in late["before"])
        assert all(sheet.title in page and when[1:] in page for sheet, when in session.to_send)
        assert bool(session.employer_places) == any("Tick the employer's box" in words for words in late["before"])
        assert any("shred this run sheet" in words for words in late["after"])
        sent = [one["name"] for one in print_me(session) if one["kind"] == "sent"]
        assert len(sent) == len(session.to_send) and all("not to hand out" in name for name in sent)


@pytest.mark.parametrize(("id", "pairs", "checks"), [("joint-scorecard", True, True), ("one-message", False, False)])
def test_a_kit_speaks_of_pair_codes_and_checks_where_it_has_them_and_marks_its_spares(id, pairs, checks):
    session = Session(load(ROOT / id), load(ROOT / id).front.editions[0], evidence.load(ROOT), 12, 540, "a4", "draft")
    page = json.dumps(guide(session)[2], ensure_ascii=False)
    assert ("the code of the pair" in page, "to everybody invited" in page) == (pairs, checks)
    assert any("see the pair code" in words for words in run_sheet(session)[1]["after"]) == pairs
    made = print_me(session)
    first = next(at for at, one in enumerate(made) if one["kind"] == "separator" and one["title"] == "Spares")
    spare = [one for one in made[first + 1 :] if one["kind"] != "sent"]
    assert spare and all('"Spare"' in json.dumps(one) for one in spare)


def of(id, edition, people=12):
    book = load(ROOT / id)
    return Session(book, book.front.edition(edition), evidence.load(ROOT), people, 540, "a4", "draft")


def told(pages):
    return json.dumps(pages, ensure_ascii=False)


@pytest.mark.parametrize(
    ("id", "edition", "pairs", "checks"),
    [
        ("role-swap", "full-day", True, True),
        ("role-swap", "room", False, False),
        ("customer-call-shadowing", "session", False, True),
        ("customer-call-shadowing", "room", False, True),
    ],
)
def test_an_edition_speaks_of_its_own_pair_codes_and_checks_alone(id, edition, pairs, checks):
    session = of(id, edition)
    page = told(guide(session)[2])
    assert ("the code of the pair" in page, "in two pairs two" in page, "Day of a check" in page) == (
        pairs, pairs, checks,
    )  # fmt: skip
    assert ("see the pair code" in told(run_sheet(session))) == pairs
    retained = told(pack(session))
    assert ("Code of the person and of the pair" in retained, "of each promise its number" in retained) == (pairs,) * 2
    assert ("What comes back at a check" in retained) == ("confirmed at the check on day 30" in retained) == checks


@pytest.mark.parametrize("book", ROOMS, ids=lambda book: book.front.id)
def test_a_slip_with_a_name_waits_until_somebody_has_written_and_is_spoken_of_where_there_is_one(book):
    for edition in book.front.editions:
        session = of(book.front.id, edition.id, edition.participants.most)
        signed = any(pile.sheet.id == "sign-up-slip" for pile in session.piles)
        page, done = told(guide(session)[2]), told(run_sheet(session)[1]["after"])
        assert ("slips with numbers stay blank and are shredded that day. Say so. A slip with a name" in page) == signed
        assert ("slips stay blank and are shredded that day." in page) == ("shred them today" in done) == (not signed)
        assert ("a slip with a name, by which somebody signed up, only when you have written to them" in done) == signed
        assert ("Sign-up slip A" in told(pack(session))) == signed


def test_the_run_sheet_says_what_is_kept_before_it_says_what_is_shredded():
    done = run_sheet(of("customer-call-shadowing", "room"))[1]["after"]
    (copied,) = [at for at, words in enumerate(done) if "Copy the flip chart into the log" in words]
    (shredded,) = [at for at, words in enumerate(done) if "shred this run sheet" in words]
    assert copied < shredded and "type nothing" in done[0]


@pytest.mark.parametrize(("edition", "label"), [("room", "None; stands in capture.xlsx"), ("full-day", "Edition")])
def test_a_field_that_no_sheet_of_an_edition_asks_for_is_not_said_to_stand_on_one(edition, label):
    session = of("role-swap", edition)
    assert f"| edition | {label} |" in session.values["fields"]


def test_letter_and_privacy_notice_have_a_step_where_there_is_a_pack():
    assert "parts 1 and 3 of the pack" in told(guide(of("role-swap", "room"))[2])
    assert "parts 1 and 3 of the pack" not in told(guide(of("hiring-intake", "room"))[2])


def test_what_goes_home_or_is_sent_later_is_not_among_what_is_handed_in():
    page = told(guide(of("role-swap", "full-day"))[2]).partition("Handed in:")[2].partition("To send:")[0]
    assert "Commitments sheet, at 16:20" in page and "Count slip, at 16:20" in page and "Follow-up checks" not in page


@pytest.mark.parametrize(
    ("id", "edition", "sheets"),
    [
        ("role-swap", "full-day", "Eligibility form, Commitments sheet and Count slip"),
        ("role-swap", "room", "Sign-up slips (slip B; slip A: see below)"),
        ("customer-call-shadowing", "session", "Count slip"),
        ("customer-call-shadowing", "room", "Sign-up slips (slip B; slip A: see below)"),
    ],
)
def test_the_pack_names_as_kept_by_the_facilitator_what_is_taken_in_alone(id, edition, sheets):
    assert f'"Sheets that are kept: {sheets}"' in told(pack(of(id, edition)))


def test_a_pack_and_a_guide_hold_the_fields_and_the_checks_of_their_edition():
    def stored(id, edition):
        session = of(id, edition)
        names = [field.field for field in session.book.front.capture.fields]
        found = [
            {name for name in names if f'[{{"t": "{name}", "b": false' in told(pages)}
            for pages in (pack(session), guide(session))
        ]
        assert found[0] == found[1]
        return found[0], re.findall(r'"(30|60|90)"', told(guide(session)[-1]))

    assert stored("role-swap", "room") == (
        {"edition", "hits_guessed", "hits_asked", "facts_round_one", "facts_round_two"}, [],
    )  # fmt: skip
    assert stored("customer-call-shadowing", "room") == (
        {"edition", "guesses_heard", "sentences_noted", "notes_destroyed"}, [],
    )  # fmt: skip
    fields, days = stored("role-swap", "full-day")
    assert {"new_habit", "side_visited"} <= fields and "facts_round_one" not in fields and days == ["30", "60", "90"]


def test_people_sit_in_what_the_agenda_calls_them_and_pairs_stay_together():
    def seats(id, people):
        session = of(id, "room", people)
        return session.together, session.sizes

    assert seats("partnership-kickoff", 13) == ("pairs", [2, 2, 2, 2, 2, 3])
    assert seats("role-swap", 12)[0] == "groups"
    assert [seats("conflict-protocol", people) for people in (4, 5, 6, 7, 13)] == [
        ("tables", [4]), ("tables", [5]), ("tables", [4, 2]), ("tables", [4, 3]), ("tables", [4, 4, 5]),
    ]  # fmt: skip


@pytest.mark.parametrize("entry", evidence.load(ROOT).entries, ids=lambda entry: entry.id)
def test_signs_of_statistics_are_printed_in_words(entry):
    told = " ".join(evidence.signs(entry.in_words()))
    for sign, words in (("d = ", "standard deviations"), ("r = ", "go together"), ("±", "add and take away")):
        assert (sign in entry.in_words()) <= (words in told)
    for id in entry.used_by:
        printed = (ROOT / id / "playbook.md").read_text(encoding="utf-8")
        assert all(words in printed for words in evidence.signs(entry.in_words()))


def test_the_privacy_contact_is_printed_or_the_places_to_write_it_are_counted(session, tmp_path):
    without = next(words for words in run_sheet(session(12))[1]["before"] if words.startswith("Write"))
    assert without.startswith("Write the privacy contact (name, phone) in 17 places")
    assert "Undertaking (3)" in without and "Sign-up slips (13)" in without
    wish = ["role-swap", "--edition", "room", "--participants", "12", "--out", str(tmp_path)]
    done = CliRunner().invoke(main, ["playbook", "kit", *wish, "--privacy-contact", "Kim Hale, 555-0100"])
    assert done.exit_code == 0, done.output
    texts = {
        part: " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())
        for part in ("print-me", "run-sheet", "works-council-pack")
        for path in [tmp_path / "role-swap-room" / f"role-swap-room-{part}.pdf"]
    }
    assert texts["print-me"].count("Kim Hale, 555-0100") == 17 + 1, "and once on the form that is sent"
    assert all("Kim Hale" in text and "Write the privacy contact (name" not in text for text in texts.values())


def test_a_sheet_that_is_not_printed_is_said_to_be_elsewhere(pages):
    text = " ".join(" ".join(pages["guide.pdf"]).split())
    assert "invitations (at the end of print-me.pdf)" in text
    assert "Call B (not part of this edition)" in told(guide(of("customer-call-shadowing", "room")))


def test_a_text_to_read_aloud_begins_each_part_on_its_own_page():
    book = load(ROOT / "customer-call-shadowing")
    session = Session(book, book.front.edition("room"), evidence.load(ROOT), 9, 525, "letter", "draft")
    assert session.sides <= 6 * 9
    pages = pypdf.PdfReader(io.BytesIO(pdf(session, print_me(session), "test"))).pages
    copies = [text for text in (page.extract_text() for page in pages) if "of this copy" in text]
    heads = [re.search(r"^Part (\d):", text, re.MULTILINE)[1] for text in copies]
    assert heads == ["1", "2", "3", "4"] * 3
    assert all(f"STOP {head}" in text for head, text in zip(heads, copies))


def test_no_block_of_the_guide_runs_over_its_page(pages):
    heads = [re.match(r"\d+:\d\d–\d+:\d\d\s+(\d+)\.", text) for text in pages["guide.pdf"]]
    numbers = [int(head[1]) for head in heads if head]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    first = next(at for at, head in enumerate(heads) if head)
    assert all(heads[first : first + 7])
    assert "Status: rehearsed" in pages["guide.pdf"][0]


def test_the_pack_holds_all_five_parts_and_every_field_of_the_edition(pages):
    text = "\n".join(pages["works-council-pack.pdf"])
    for part in ("employer's letter", "Model clause", "Privacy notice", "Retention table", "Record of processing"):
        assert part in text
    assert "within 14 days" in text and "facts_round_two" in text and "24 months" in text


def test_the_workbook_is_made_from_the_declared_fields(kit):
    book = load_workbook(kit.folder / "role-swap-room-capture.xlsx")
    assert book.sheetnames == ["Read me", "Lists", "Session", "People", "Promises", "Blocks", "Fields"]
    head = [cell.value for cell in book["People"][1]]
    assert head[:3] == ["person_id", "partnership_id", "consent"] and "hits_day_60" in head and "edition" not in head
    assert [cell.value for cell in book["Session"][1]][-1] == "edition" and book["Session"]["H2"].value == "room"
    rules = {str(rule.sqref): rule for rule in book["People"].data_validations.dataValidation}
    letter = book["People"].cell(1, head.index("hits_guessed") + 1).column_letter
    hits = rules[f"{letter}2:{letter}61"]
    assert (hits.type, hits.formula1, hits.formula2) == ("whole", "0", "3")
    assert rules["A2:A61"].formula1.startswith("Lists!$A$2:$A$"), "the codes of the study are offered"
    names = [cell.value for cell in book["Promises"][1]]
    letter = book["Promises"].cell(1, names.index("outcome") + 1).column_letter
    rules = {str(rule.sqref): rule for rule in book["Promises"].data_validations.dataValidation}
    outcome = rules[f"{letter}2:{letter}61"]
    assert outcome.formula1 == '"kept,kept_late,moved,broken,open"'


def test_forms_keep_their_lines(kit):
    document = Document(kit.folder / "role-swap-room-forms.docx")
    assert len(document.tables) > 20
    assert {table.style.name for table in document.tables} == {"Lines"}
    blank = [row for table in document.tables for row in table.rows if any(not cell.text.strip() for cell in row.cells)]
    assert len(blank) > 20 and all(row.height.mm >= 9.9 for row in blank)


def test_columns_of_forms_are_as_wide_as_what_they_hold(kit):
    document = Document(kit.folder / "role-swap-room-forms.docx")
    section = document.sections[0]
    room = section.page_width.mm - section.left_margin.mm - section.right_margin.mm
    for table in document.tables:
        assert sum(column.width.mm for column in table.columns) == pytest.approx(room, abs=1)
    numbered = [table for table in document.tables if [row.cells[0].text for row in table.rows][1:] == ["1", "2", "3"]]
    assert len(numbered) == 3 and all(table.columns[0].width.mm < 10 for table in numbered)
    (colours,) = [table for table in document.tables if "Colour" in [cell.text for cell in table.rows[0].cells]]
    assert colours.columns[1].width.mm > 19, "its longest word stands on one line"


def test_the_same_input_gives_the_same_bytes(kit, tmp_path):
    again = make_kit(ROOT, "role-swap", "room", 13, "08:45", out=tmp_path, study=SAMPLE)
    assert [path.name for path in again.files if path.read_bytes() != (kit.folder / path.name).read_bytes()] == []


@pytest.mark.parametrize("name", ["forms.docx", "capture.xlsx"])
def test_office_files_hold_no_time_of_making(kit, name):
    archive = zipfile.ZipFile(io.BytesIO((kit.folder / f"role-swap-room-{name}").read_bytes()))
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["role-swop", "--edition", "room", "--participants", "12"], 'Did you mean "role-swap"?'),
        (["role-swap", "--edition", "hall", "--participants", "12"], "expected full-day, half-day, room"),
        (["role-swap", "--edition", "room", "--participants", "40"], "expected 8 to 16, for edition room"),
        (["role-swap", "--edition", "room", "--participants", "12", "--start", "9"], "expected hours:minutes"),
        (["role-swap", "--edition", "room", "--participants", "12", "--start", "25:00"], "is no time of day"),
        (["role-swap", "--edition", "room", "--participants", "12", "--study", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_wish_is_one_clear_message_and_nothing_is_written(arguments, message, tmp_path):
    done = CliRunner().invoke(main, ["playbook", "kit", *arguments, "--out", str(tmp_path / "kits")])
    assert done.exit_code == 2, done.output
    assert message in done.output
    assert not (tmp_path / "kits").exists()


def test_a_playbook_with_errors_makes_no_kit(root, tmp_path):
    path = root / "role-swap" / "materials" / "step-out-card.md"
    path.write_text(path.read_text(encoding="utf-8").replace("LIGHTHOUSE", "BANANA"), encoding="utf-8", newline="\n")
    with pytest.raises(InputError, match="BANANA"):
        make_kit(root, "role-swap", "room", 12, out=tmp_path / "kits")
    assert not (tmp_path / "kits").exists()


def test_list_show_and_check(root):
    run = CliRunner().invoke
    assert "room         90 minutes, 8 to 16 people, rehearsed" in run(main, ["playbook", "list"]).output
    assert "Perspective sheet: 12 (N), One each" in run(main, ["playbook", "show", "role-swap"]).output
    done = run(main, ["playbook", "check", "rhythm", "--playbooks", str(root)])
    assert (done.exit_code, done.output) == (0, "No problems found.\n")
    done = run(main, ["playbook", "check", "role-swap", "--playbooks", str(root)])
    assert done.exit_code == 0 and '"Room edition" has 13 kinds of sheet; expected at most 8. Known: ' in done.output
    head = root / "role-swap" / "playbook.md"
    text = head.read_text(encoding="utf-8").replace("step_out_word: Lighthouse", "step_out_word: Harbour")
    head.write_text(text, encoding="utf-8", newline="\n")
    assert run(main, ["playbook", "check", "role-swap", "--playbooks", str(root)]).exit_code == 2
    done = run(main, ["playbook", "check", "role-swap", "--fill", "--playbooks", str(root)])
    assert (done.exit_code, "step-out-card.md" in done.output) == (0, True)
    assert "HARBOUR" in (root / "role-swap" / "materials" / "step-out-card.md").read_text(encoding="utf-8")


def test_blanks_boxes_and_lines_are_kept():
    found = blocks("- ☐ Yes ____________________\n\n| A | B |\n|---|---|\n| &nbsp;&nbsp; | x |\n")
    assert found[0]["runs"] == [
        {"fill": "box"}, {"t": " Yes ", "b": False, "i": False}, {"fill": "line"},
    ]  # fmt: skip
    assert found[1]["rows"] == [[[{"blank": 2}], [{"t": "x", "b": False, "i": False}]]]


#: Characters on the last page of a guide; a full one has about 4,000.
LEAST_OF_A_PAGE = 900
KITS = [
    (id, paper, part)
    for id in ("role-swap", "customer-call-shadowing")
    for paper in ("a4", "letter")
    for part in ("print-me", "run-sheet", "guide", "works-council-pack")
]


@pytest.mark.parametrize(("id", "paper"), sorted({(id, paper) for id, paper, _ in KITS}))
def test_committed_kits_are_those_of_the_texts(id, paper, tmp_path):
    made = make_kit(ROOT, id, "room", 12, "09:00", paper, out=tmp_path)
    for part in ("print-me", "run-sheet", "guide", "works-council-pack"):
        name = f"{id}-room-{part}.pdf"
        ours, theirs = (pypdf.PdfReader(path / name).pages for path in (made.folder, ROOT / id / "kits" / paper))
        assert len(ours) == len(theirs), f"{name} for {paper}: make it again with dev.py kits"
        assert [page.extract_text() for page in ours] == [page.extract_text() for page in theirs], name
        if part == "guide":
            assert len(ours[-1].extract_text()) > LEAST_OF_A_PAGE, "the last page is nearly empty"
    assert made.sides <= 6 * 12


FRONTS = [load(folder).front for folder in discover(ROOT)]
EDITIONS = [(front.id, edition.id) for front in FRONTS if front.form == "kit" for edition in front.editions]
LATER = [front.id for front in FRONTS if front.id not in {id for id, _, _ in KITS}]


@pytest.mark.parametrize("id", LATER)
def test_what_is_committed_of_later_practices_is_what_the_texts_say(id):
    """The guide and run sheet of a kit, all of a routine (two pages, its script, its sheets), the page of a card."""
    book = load(ROOT / id)
    edition, form = book.front.editions[0], book.front.form
    people = min(max(12, edition.participants.fewest), edition.participants.most)
    earned = status(read_runs(ROOT / id, book.front)[0], edition)
    session = Session(book, edition, evidence.load(ROOT), people, 540, "a4", earned)
    parts = {"kit": {"guide": guide, "run-sheet": run_sheet}, "routine": {"print-me": routine}, "card": {"card": card}}
    for part, pages in parts[form].items():
        ours = pypdf.PdfReader(io.BytesIO(pdf(session, pages(session), "", part == "run-sheet"))).pages
        theirs = pypdf.PdfReader(ROOT / id / "kits" / "a4" / f"{session.name}-{part}.pdf").pages
        told = [[re.sub(r" · [\w -]* · status", "", page.extract_text()) for page in one] for one in (ours, theirs)]
        assert told[0] == told[1], f"{part}: make it again with dev.py kits"
        if part == "guide":
            assert len(told[0][-1]) > LEAST_OF_A_PAGE, "the last page is nearly empty"


@pytest.mark.parametrize("id", [front.id for front in FRONTS if front.form != "kit"])
def test_small_forms_are_short_on_the_shorter_paper_too(id):
    book = load(ROOT / id)
    edition, form = book.front.editions[0], book.front.form
    session = Session(book, edition, evidence.load(ROOT), edition.participants.fewest, 540, "letter", "draft")
    pages = pypdf.PdfReader(io.BytesIO(pdf(session, (routine if form == "routine" else card)(session), ""))).pages
    scripted = sum(block.kind == "work" for block in edition.agenda) if form == "routine" else 0
    sent = [page for page in pages if page.extract_text().startswith("For you, not to hand out")]
    assert len(sent) == len(session.to_send)
    about = len(pages) - scripted - len(sent) - (session.sides if form == "routine" else 0)
    assert 1 <= about <= (2 if form == "routine" else 1)
    assert all(len(page.extract_text().split()) > 100 for page in pages[:about]), "no page of a few lines"


def test_the_foot_of_a_card_names_it_once():
    book = load(ROOT / "fit-test")
    session = Session(book, book.front.editions[0], evidence.load(ROOT), 8, 540, "a4", "draft")
    page = pypdf.PdfReader(io.BytesIO(pdf(session, card(session), "card"))).pages[0].extract_text()
    assert "Fit test · card · status: draft" in page


@pytest.mark.parametrize(("id", "edition"), EDITIONS)
def test_every_edition_fits_its_pages_on_the_shorter_paper(id, edition):
    book = load(ROOT / id)
    chosen = book.front.edition(edition)
    session = Session(book, chosen, evidence.load(ROOT), chosen.participants.fewest, 540, "letter", "draft")

    def texts(pages, landscape=False):
        made = pypdf.PdfReader(io.BytesIO(pdf(session, pages, "test", landscape)))
        return [page.extract_text() for page in made.pages]

    assert len(texts(run_sheet(session), landscape=True)) == 2
    heads = [re.match(r"\d+:\d\d–\d+:\d\d\s+\d+\.", text) for text in texts(guide(session))]
    blocks_ = [scene for scene in session.scenes if scene.steps]
    assert sum(map(bool, heads)) == len(blocks_) and all(
        heads[heads.index(next(filter(None, heads))) :][: len(blocks_)]
    )
    separators = len(session.piles) + bool(session.spares)
    printed = texts(print_me(session))
    firsts = [at for at, text in enumerate(printed) if text.startswith("For you, not to hand out")]
    assert len(firsts) == len(session.to_send)
    assert firsts[0] == session.sides + separators + 1
