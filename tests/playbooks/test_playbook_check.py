"""What is broken in a playbook is reported once, in one clear sentence."""

import re
import shutil

import pytest
from broken_playbooks import change

from helpers.data import InputError
from helpers.data.problems import errors
from helpers.playbooks import check, check_all, copies, discover, load

pytestmark = pytest.mark.slow


def sentences(folder):
    return [f"{problem.file}: {problem.sentence()}" for problem in errors(check(load(folder)))]


def refused(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return [f"{problem.file}: {problem.sentence()}" for problem in error.value.problems]


def test_minutes_that_do_not_add_up(swap):
    change(swap / "playbook.md", "duration_min: 240", "duration_min: 235")
    assert (
        'role-swap/playbook.md: the blocks of edition "Half-day reciprocal" add up to 240 minutes; '
        "expected 235, its duration_min. Correct the blocks or the duration."
    ) in sentences(swap)


def test_a_gap_in_the_timing_is_found_on_its_line(swap):
    change(swap / "playbook.md", "| 0:10–0:14 | Groups sort", "| 0:11–0:14 | Groups sort")
    (sentence,) = [one for one in sentences(swap) if "the row runs" in one]
    assert sentence.endswith("the row runs 0:11–0:14; expected a start at 0:10 and a later end.")
    line = int(sentence.split("line ")[1].split(":")[0])
    assert "0:11–0:14" in (swap / "playbook.md").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("| 0:10–0:14 | Groups sort", "| soon | Groups sort", 'the time "soon"; expected hours:minutes–hours:minutes'),
        ("| 1:17–1:21 | Everyone", "| 1:17–1:22 | Everyone", "the block ends at 1:22; expected 1:21"),
        ("| Groups sort the strips under the three labels, 3 minutes | Facilitator, then groups |", "| Sort | |",
         'nothing stands under "Who speaks"; expected words, or Nothing or Nobody.'),
        ("labels, 3 minutes | Facilitator", "labels, 6 minutes | Facilitator", "seconds; expected at most 240"),
        ("labels, 3 minutes | Facilitator, then groups", "labels, 3 minutes | Groups",
         'the facilitator has words to speak at 0:10–0:14 of "Room edition", and who speaks is "Groups"'),
        ("observation form](materials/observation-form.md) | Visitor, in silence |",
         "observation form](materials/observation-form.md) | Nobody |",
         'there are no words to speak at 1:07–1:15 of "Full day", and who speaks is "Nobody"'),
        ("<!--?odd--> With an odd number", "<!--?weird--> With an odd number", 'no part is for "weird"'),
        ("{block: Orient, minutes: 45, lead: host", "{block: Orient, minutes: 45, lead: boss",
         'block "Orient" is led by "boss"; expected one of the roles'),
        ("### Full day 7: Ask (15 minutes)", "### Full day 7: Ask (10 minutes)",
         'block "7: Ask (15 minutes)" of edition "Full day" has no section'),
        ("| [Sign-up slips](materials/sign-up-slip.md), one sheet each |", "| Slips |",
         "sign-up-slip.md is handed out at 1:14"),
        ("## Adaptation", "## Other places", 'there is no section "Adaptation"'),
        ("fields: [hits_guessed, hits_asked", "fields: [guesses, hits_asked", 'a measure uses the field "guesses"'),
        ("table: commitments, read_by", "table: promises, read_by", 'a measure uses the table "promises"'),
        ("columns: [kind, due_on, moved_on", "columns: [kind, due, moved_on",
         'a measure uses the column "due" of commitments'),
        ("{block: Debrief, saves: 5", "{block: Debriefing, saves: 5", 'a cut of "Room edition" names "Debriefing"'),
        ('saves: 13, steps: ["0:52", "0:56", "1:02"]', 'saves: 13, steps: ["0:52", "0:56"]',
         'a cut of "Case: round two" in edition "Room edition" saves 13 minutes; expected 10, those of its steps.'),
        ('steps: ["0:52", "0:56", "1:02"]', 'steps: ["0:53"]', "names the step 0:53; expected one of 0:52, 0:56, 1:02"),
        ("tears them apart and puts them into the box on the way out", "tears them apart",
         'no step of "Room edition" says when "sign-up-slip" is handed in'),
        ("minutes: 9, lead: facilitator, kind: reserve", "minutes: 8, lead: facilitator, kind: reserve",
         'edition "Room edition" keeps 8 of 90 minutes unplanned; expected at least 9'),
        ("0–15 | Print the kit", "0–5 | Print the kit", 'the preparation reads "15–35"'),
        ("| 35–55 | Read all **Say**", "| 35–38 | Read all **Say**", "what is to be read aloud for"),
    ],
)  # fmt: skip
def test_what_does_not_hold(swap, old, new, reported):
    change(swap / "playbook.md", old, new)
    assert any(reported in sentence for sentence in sentences(swap)), sentences(swap)


@pytest.mark.parametrize("part", ["Purpose.", "Facilitator:", "Watch for:", "Remote:"])
def test_a_block_without_one_of_its_parts(swap, part):
    text = (swap / "playbook.md").read_text(encoding="utf-8")
    head, tail = text.split("### Room 6: Debrief (9 minutes)")
    tail = tail.replace(f"**{part}**", "**Note**", 1)
    (swap / "playbook.md").write_text(head + "### Room 6: Debrief (9 minutes)" + tail, encoding="utf-8", newline="\n")
    (sentence,) = sentences(swap)
    assert f'of edition "Room edition" has no part "{part}"' in sentence


def test_a_missing_material(swap):
    (swap / "materials" / "debrief-sheet.md").unlink()
    found = sentences(swap)
    assert (
        "role-swap/playbook.md: the material materials/debrief-sheet.md does not exist. "
        "Write it, or correct the name." in found
    )
    assert all("debrief-sheet.md" in sentence for sentence in found)  # the links to it are dead, too


def test_an_orphan(swap):
    (swap / "materials" / "spare.md").write_text("# Spare\n", encoding="utf-8", newline="\n")
    assert sentences(swap) == [
        "role-swap/playbook.md: materials/spare.md is orphaned: no material names it. Declare it, or delete the file."
    ]


def test_a_form_that_is_kept_and_does_not_say_how_long(swap):
    text = (swap / "materials" / "count-slip.md").read_text(encoding="utf-8").split("How long this sheet")[0]
    (swap / "materials" / "count-slip.md").write_text(text, encoding="utf-8", newline="\n")
    (sentence,) = sentences(swap)
    assert "materials/count-slip.md is kept and does not say how long, whom to ask and how to withdraw" in sentence


@pytest.mark.parametrize(
    ("target", "reported"),
    [
        ("materials/gone.md", "the link materials/gone.md is dead: no such file."),
        ("#no-such-section", "the link #no-such-section is dead: no such heading."),
        ("https://example.org", "https://example.org leads to the internet."),
    ],
)
def test_a_dead_link(swap, target, reported):
    change(swap / "playbook.md", "## Risks", f"[Read on]({target}).\n\n## Risks")
    (sentence,) = sentences(swap)
    assert reported in sentence


def test_a_mark_that_begins_a_line_or_is_not_closed(swap):
    change(swap / "playbook.md", "## Risks", "<!--=days-->14<!--/--> days.\n\nIt is <!--=days-->14 days.\n\n## Risks")
    found = " ".join(sentences(swap))
    assert "a line begins with a mark" in found
    assert 'the mark "<!--=days-->" has no counterpart' in found or "days reads" in found


@pytest.mark.parametrize(
    ("file", "old", "reported"),
    [
        (
            "count-slip.md",
            "asks:hits_asked",
            'does not ask for "hits_asked"; expected words taken from its declaration',
        ),
        ("count-slip.md", "ticks:side_visited", "Add <!--=asks:side_visited--><!--/-->, or ticks:side_visited"),
        ("commitments-sheet.md", "promised-by", 'no sheet fills in "promised-by"'),
        ("commitments-sheet.md", "promise-kinds", 'no sheet fills in "promise-kinds"'),
    ],
)
def test_a_sheet_that_words_what_is_recorded_by_hand(swap, file, old, reported):
    change(swap / "materials" / file, f"<!--={old}-->", "<!--=word-->")
    assert any(reported in sentence for sentence in sentences(swap)), sentences(swap)


def test_sheets_that_do_not_say_what_the_employer_records(swap):
    for name in ("eligibility-and-agreement.md", "sign-up-slip.md"):
        change(swap / "materials" / name, "<!--=participation-->", "<!--=word-->")
    assert any('no sheet fills in "participation"' in sentence for sentence in sentences(swap))


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("duration_min: 480", "duration_min: all day", '"all day"; expected a whole number'),
        ("summary: An HR", "sumary: An HR", 'unknown key "sumary"'),
        ("  - Sort meetings into", "  - Understand meetings into", '"understand" cannot be observed'),
        ("{day: 60, minutes: 15", "{day: 45, minutes: 15", "the checks are on days [30, 45, 90]"),
        ("\neditions:\n", "\neditions: [\n", "this is not valid YAML"),
        ("  date: 2026-11-30", "  date: last autumn", '"last autumn"'),
        ("id: role-swap\n", "id: role-swap\nid: role-swap\n", "stands here a second time"),
        (
            'at: "0:14", to: "One per group, after',
            'at: "14", to: "One per group, after',
            '"14" is no time; write hours:minutes',
        ),
        (
            "{sheet: meeting-strips, copies: G",
            "{sheet: meeting-strips, copies: some",
            '"some" is no formula of N, G, T, Q',
        ),
        ("{sheet: observer-card, copies: O", "{sheet: observers, copies: O", 'no material has the id "observers"'),
        (
            'two", type: whole, least: 0, most: 3',
            'two", type: whole, least: 0',
            'the field "facts_round_two" has no range',
        ),
        (
            "not_above: assumptions_written",
            "not_above: assumptions",
            'not_above names "assumptions", which is no field',
        ),
        ("same_as: hits_guessed", "same_as: hits", 'same_as names "hits", which is no field of the same type'),
        ("same_as: hits_guessed", "same_as: assumptions_wrong", "which is no field of the same type, level and range"),
        ("outcome: true, same_as", "same_as", 'the field "hits_day_60" has same_as and is no outcome'),
        (
            "sheet: count-slip, filled_by: facilitator",
            "outcome: true, sheet: count-slip, filled_by: facilitator",
            'the field "edition" is an outcome; an outcome holds whole numbers, or yes or no, of a person, a pair or '
            "a unit",
        ),
        ("side_visited: talent_acquisition", "side_visited: moon", 'feedback_where names "side_visited: moon"'),
        ("records: [feedback,", "records: [moods,", "expected feedback, promises or teams"),
        ('row: "Job interview"}', 'row: "Interview"}', 'no row is called "Interview"'),
        ("smallest_group: 5", "smallest_group: 3", "greater than or equal to 5"),
    ],
)
def test_front_matter_that_is_ill_typed(swap, old, new, reported):
    change(swap / "playbook.md", old, new)
    found = refused(swap)
    assert any(reported in sentence for sentence in found), found
    assert all(sentence.startswith("role-swap/playbook.md: ") for sentence in found)


def test_a_sign_of_statistics_that_nobody_explains(root):
    change(root / "evidence.yaml", 'finding: "d = {d} over', 'finding: "η² = {d} over')
    with pytest.raises(InputError) as error:
        check_all(root)
    assert 'the sign "η² =" is explained nowhere' in str(error.value)


def test_a_routine_that_does_not_say_who_gives_out_codes(root):
    path = root / "rhythm" / "playbook.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"- \*\*Codes\.\*\*.*\n", "", text), encoding="utf-8", newline="\n")
    assert any("the text does not say who gives out codes" in sentence for sentence in sentences(path.parent))


def test_evidence_without_its_nulls(root):
    change(root / "role-swap" / "playbook.md", "[shadowing-2021, huddles-2025,", "[shadowing-2021,")
    change(root / "role-swap" / "playbook.md", "eyal-2018, tannenbaum-2013, kluger-2024, kleingeld", "kleingeld")
    change(root / "role-swap" / "playbook.md", "coutifaris-2022, hr-swap-none]", "coutifaris-2022]")
    found = [problem.sentence() for problem in errors(check_all(root))]
    assert any("no evidence with result null" in sentence for sentence in found)
    assert any("huddles-2025 is used by role-swap, which does not list it" in sentence for sentence in found)


def test_line_ends_of_windows_are_read_alike(swap):
    for path in [swap / "playbook.md", *swap.glob("*/*.csv")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert sentences(swap) == []


def test_a_file_without_front_matter(swap):
    (swap / "playbook.md").write_text("# Role swap\n", encoding="utf-8", newline="\n")
    assert refused(swap) == [
        "role-swap/playbook.md: there is no front matter; expected YAML between two lines of ---. "
        "Begin the file with it."
    ]


def test_a_folder_without_a_playbook(tmp_path):
    assert discover(tmp_path) == []
    with pytest.raises(InputError, match=r"there is no file .*playbook\.md"):
        load(tmp_path)


def test_an_index_that_forgets_a_playbook(root):
    shutil.rmtree(root / "customer-call-shadowing")
    (root / "README.md").write_text("# Playbooks\n[gone](gone.md)\n", encoding="utf-8", newline="\n")
    found = [problem.sentence() for problem in errors(check_all(root))]
    assert "line 2: the link gone.md is dead: no such file." in found
    assert "the index does not link to role-swap/playbook.md. Add it to the table." in found


@pytest.mark.parametrize(
    ("formula", "people", "expected"),
    [("N", 12, 12), ("2 × G", 13, 12), ("T", 9, 5), ("Q", 13, 4), ("O", 13, 1), ("O", 12, 0), ("N + T + 1", 12, 19),
     ("3", 9, 3), ("–", 9, 0), ("G ÷ 2", 9, 2), ("G ÷ 2", 15, 4), ("2 × G ÷ 4 + 1", 12, 5)],
)  # fmt: skip
def test_copies(formula, people, expected):
    assert copies(formula, people) == expected
