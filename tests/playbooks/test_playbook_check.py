"""What is broken in a playbook is reported once, in one clear sentence."""

import shutil
from pathlib import Path

import pytest

from helpers.data import InputError
from helpers.playbooks import check, check_index, copies, discover, load

ROOT = Path(__file__).parents[2] / "playbooks"


@pytest.fixture
def swap(tmp_path):
    """Return a copy of the role swap that a test may break."""
    return Path(shutil.copytree(ROOT / "role-swap", tmp_path / "role-swap"))


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def sentences(folder):
    return [f"{problem.file}: {problem.sentence()}" for problem in check(load(folder))]


def refused(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return [f"{problem.file}: {problem.sentence()}" for problem in error.value.problems]


def test_the_untouched_copy_is_clean(swap):
    assert sentences(swap) == []


def test_minutes_that_do_not_add_up(swap):
    change(swap / "playbook.md", "duration_min: 240", "duration_min: 235")
    assert sentences(swap) == [
        'role-swap/playbook.md: the blocks of edition "Half-day reciprocal" add up to 240 minutes; '
        "expected 235, its duration_min. Correct the blocks or the duration."
    ]


def test_a_gap_in_the_timing(swap):
    change(swap / "playbook.md", "| 0:10–0:15 | Groups sort", "| 0:11–0:15 | Groups sort")
    (sentence,) = sentences(swap)
    assert sentence.endswith("the row runs 0:11–0:15; expected a start at 0:10 and a later end.")
    line = int(sentence.split("line ")[1].split(":")[0])
    assert "0:11–0:15" in (swap / "playbook.md").read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_block_that_ends_early(swap):
    change(swap / "playbook.md", "| 1:29–1:30 | Slips", "| 1:29–1:31 | Slips")
    (sentence,) = sentences(swap)
    assert "the block ends at 1:31; expected 1:30, as the agenda has it." in sentence


def test_a_time_that_is_none(swap):
    change(swap / "playbook.md", "| 0:10–0:15 | Groups sort", "| soon | Groups sort")
    (sentence,) = sentences(swap)
    assert 'the time "soon"; expected hours:minutes–hours:minutes' in sentence


def test_a_minute_in_which_nobody_is_said_to_speak(swap):
    change(swap / "playbook.md", "| 0:33–0:34 | Write part C again, in silence | Nobody |", "| 0:33–0:34 | Write | |")
    assert any('nothing stands under "Who speaks"; expected words, or Nothing or Nobody.' in s for s in sentences(swap))


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
        "role-swap/playbook.md: materials/spare.md is orphaned: no block, list or check names it. "
        "Name it in a block, under prepare or in a check, or delete the file."
    ]


def test_a_material_nobody_is_said_to_read(swap):
    change(
        swap / "playbook.md",
        "participant_materials:\n  - materials/timetable-full-day.md\n",
        "participant_materials:\n",
    )
    (sentence,) = sentences(swap)
    assert "materials/timetable-full-day.md stands 0 times in the lists of who reads it" in sentence


@pytest.mark.parametrize(
    ("target", "reported"),
    [
        ("materials/gone.md", "the link materials/gone.md is dead: no such file."),
        ("#no-such-section", "the link #no-such-section is dead: no such heading."),
        ("../README.md", "the link ../README.md is dead: no such file."),
        ("https://example.org", "https://example.org leads to the internet."),
    ],
)
def test_a_dead_link(swap, target, reported):
    change(swap / "playbook.md", "## Risks", f"[Read on]({target}).\n\n## Risks")
    (sentence,) = sentences(swap)
    assert reported in sentence


def test_a_dead_link_in_a_material(swap):
    change(swap / "materials" / "step-out-card.md", "Keep this card", "See [this](nowhere.md). Keep this card")
    assert sentences(swap) == [
        "role-swap/materials/step-out-card.md: line 3: the link nowhere.md is dead: no such file."
    ]


def test_a_column_no_table_has(swap):
    change(swap / "capture" / "commitments.csv", "made_by_side", "made_by_sides")
    found = sentences(swap)
    assert found[0].startswith("role-swap/capture/commitments.csv: line 1: the table commitments has no column")
    assert '"made_by_sides"; expected one of commitment_id, partnership_id' in found[0]
    assert found[0].endswith("Rename or remove it.")
    assert "the column made_by_side of commitments is missing" in found[1]


def test_a_template_for_no_table(swap):
    (swap / "capture" / "commitments.csv").rename(swap / "capture" / "promises.csv")
    change(swap / "playbook.md", "capture/commitments.csv]", "capture/promises.csv]")
    assert any(
        "promises.csv: no table of the study has this name; expected one of people" in s for s in sentences(swap)
    )


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("hits_asked,3\n", "hits_asked,3,7\n", "line 3: the row has 6 cells; expected 5"),
        ("hits_asked,3\n", "mood,3\n", 'line 3: the field "mood" is not declared'),
        ("RS-2026-05-12,HR-014,P-0123,hits_asked,3\n", "", "there are 1 example rows; expected 2"),
    ],
)
def test_example_rows_that_do_not_fit(swap, old, new, reported):
    change(swap / "capture" / "practice_answers.csv", old, new)
    (sentence,) = sentences(swap)
    assert reported in sentence


def test_the_name_of_another_practice(swap):
    change(swap / "capture" / "practice_log.csv", "RS-2026-05-12,role_swap", "RS-2026-05-12,swap")
    (sentence,) = sentences(swap)
    assert "line 2: the practice is swap; expected role_swap." in sentence


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        (
            "table: commitments, columns: [made_by_side",
            "table: promises, columns: [made_by_side",
            'the table "promises"',
        ),
        ("columns: [made_by_side, made_on", "columns: [made_by, made_on", 'the column "made_by" of commitments'),
        ("fields: [hits_guessed, hits_asked", "fields: [guesses, hits_asked", 'the field "guesses"'),
    ],
)
def test_a_measure_of_what_no_study_holds(swap, old, new, reported):
    change(swap / "playbook.md", old, new)
    (sentence,) = sentences(swap)
    assert reported in sentence


def test_a_leader_without_a_role(swap):
    change(swap / "playbook.md", "{block: Orient, minutes: 60, lead: host", "{block: Orient, minutes: 60, lead: boss")
    (sentence,) = sentences(swap)
    assert 'block "Orient" is led by "boss"; expected one of the roles' in sentence


def test_a_block_without_its_section(swap):
    change(swap / "playbook.md", "### Full day 4: Lunch (45 minutes)", "### Full day 4: Lunch (40 minutes)")
    (sentence,) = sentences(swap)
    assert 'block "4: Lunch (45 minutes)" of edition "Full day" has no section' in sentence


@pytest.mark.parametrize("part", ["Purpose.", "Facilitator:", "Watch for:", "Remote:"])
def test_a_block_without_one_of_its_parts(swap, part):
    text = (swap / "playbook.md").read_text(encoding="utf-8")
    head, tail = text.split("### Room 8: Close (2 minutes)")
    tail = tail.replace(f"**{part}**", "**Note**", 1)
    (swap / "playbook.md").write_text(head + "### Room 8: Close (2 minutes)" + tail, encoding="utf-8", newline="\n")
    (sentence,) = sentences(swap)
    assert f'of edition "Room edition" has no part "{part}"' in sentence


def test_a_material_the_block_never_mentions(swap):
    change(swap / "playbook.md", "| [Sign-up slips](materials/sign-up-slip.md), one sheet each |", "| Slips |")
    (sentence,) = sentences(swap)
    assert "does not say when materials/sign-up-slip.md is used" in sentence


def test_a_card_or_section_that_is_missing(swap):
    change(swap / "playbook.md", "| **When not** |", "| **Never** |")
    change(swap / "playbook.md", "## Adaptation", "## Other places")
    found = " ".join(sentences(swap))
    assert 'the card on page one has no row "When not"' in found
    assert 'there is no section "Adaptation"' in found


def test_a_timetable_that_tells_another_story(swap):
    change(swap / "materials" / "timetable-room.md", "| Debrief | 10 |", "| Debrief | 12 |")
    (sentence,) = sentences(swap)
    assert sentence.startswith(
        "role-swap/materials/timetable-room.md: line 12: 1:09 Debrief 12; expected 1:09 Debrief 10"
    )


def test_a_clock_that_runs_wrong(swap):
    change(swap / "materials" / "timetable-room.md", "| 1:09 | 10:09 |", "| 1:09 | 10:19 |")
    assert sentences(swap) == [
        "role-swap/materials/timetable-room.md: the clock does not run with the minutes; "
        "expected the same start on every line."
    ]


def test_a_clock_that_is_none(swap):
    change(swap / "materials" / "timetable-room.md", "| 1:09 | 10:09 |", "| 1:09 | ten |")
    (sentence,) = sentences(swap)
    assert sentence.endswith('line 12: the clock shows "ten"; expected hours:minutes.')


def test_a_capture_file_with_an_open_quotation_mark(swap):
    change(swap / "capture" / "practice_log.csv", "RS-2026-05-12,role_swap", '"RS-2026-05-12,role_swap')
    (sentence,) = sentences(swap)
    assert "practice_log.csv: this is not a valid CSV file" in sentence


def test_a_playbook_without_materials(swap):
    shutil.rmtree(swap / "materials")
    assert any("the material materials/undertaking.md does not exist" in sentence for sentence in sentences(swap))


def test_a_quantity_that_is_wrong(swap):
    change(
        swap / "playbook.md",
        "| [Meeting strips](materials/meeting-strips.md) | G | 6 |",
        "| [Meeting strips](materials/meeting-strips.md) | G | 12 |",
    )
    (sentence,) = sentences(swap)
    assert "Meeting strips: 12 copies for 12; expected 6 by G." in sentence


def test_a_quantity_nobody_can_calculate(swap):
    change(
        swap / "playbook.md",
        "| [Meeting strips](materials/meeting-strips.md) | G | 6 |",
        "| [Meeting strips](materials/meeting-strips.md) | some | 6 |",
    )
    (sentence,) = sentences(swap)
    assert '"some" is no formula of N, G, T, S or Q; expected such as N, 2 × G or N + 1.' in sentence


def test_a_sheet_that_is_not_on_the_print_list(swap):
    change(swap / "playbook.md", "| [Observer card](materials/observer-card.md) | 1 | 1 | Used when N is odd |\n", "")
    (sentence,) = sentences(swap)
    assert 'materials/observer-card.md is not in the list of what to print for "Room edition". Add it.' in sentence


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("duration_min: 480", "duration_min: all day", '"all day"; expected a whole number'),
        ("summary: An HR", "sumary: An HR", 'unknown key "sumary"'),
        ("  - Sort meetings into", "  - Understand meetings into", '"understand" cannot be observed'),
        ("{day: 60, minutes: 15", "{day: 45, minutes: 15", "the checks are on days [30, 45, 90]"),
        ("\neditions:\n", "\neditions: [\n", "this is not valid YAML"),
        ("  date: 2026-11-22", "  date: last autumn", '"last autumn"'),
        ("  date: 2026-11-22", "  date: 2026-13-45", "this is not valid YAML"),
        ("id: role-swap\n", "id: role-swap\nid: role-swap\n", "stands here a second time"),
    ],
)
def test_front_matter_that_is_ill_typed(swap, old, new, reported):
    change(swap / "playbook.md", old, new)
    found = refused(swap)
    assert any(reported in sentence for sentence in found)
    assert all(sentence.startswith("role-swap/playbook.md: ") for sentence in found)


def test_evidence_without_its_nulls(swap):
    text = (swap / "playbook.md").read_text(encoding="utf-8").replace('result: "null"', "result: positive")
    (swap / "playbook.md").write_text(text, encoding="utf-8", newline="\n")
    (sentence,) = refused(swap)
    assert "no entry with result: null; list nulls beside successes" in sentence


def test_an_empty_front_matter(swap):
    (swap / "playbook.md").write_text("---\n\n---\n# Role swap\n", encoding="utf-8", newline="\n")
    (sentence,) = refused(swap)
    assert "role-swap/playbook.md: the file holds nothing; expected keys such as id, title, summary" in sentence


def test_line_ends_of_windows_are_read_alike(swap):
    for path in [swap / "playbook.md", *swap.glob("*/*.*")]:
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


def test_an_index_that_forgets_a_playbook(swap):
    (swap.parent / "README.md").write_text("# Playbooks\n[gone](gone.md)\n", encoding="utf-8", newline="\n")
    assert [problem.sentence() for problem in check_index(swap.parent)] == [
        "line 2: the link gone.md is dead: no such file.",
        "the index does not link to role-swap/playbook.md. Add it to the table.",
    ]


@pytest.mark.parametrize(
    ("formula", "people", "expected"),
    [
        ("N", 12, 12),
        ("2 × G", 13, 12),
        ("S", 16, 4),
        ("S", 9, 2),
        ("T", 9, 5),
        ("Q", 13, 4),
        ("N + T + 1", 12, 19),
        ("–", 9, 0),
    ],
)
def test_copies(formula, people, expected):
    assert copies(formula, people) == expected
