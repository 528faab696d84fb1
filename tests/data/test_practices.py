"""What is recorded of practices is checked: each mistake is told with its row, what is there, what is expected."""

import pytest

from helpers.data import Study
from helpers.data.practices import CaptureField

PEOPLE = "person_id,side\n" + "".join(f"HR-{n},hr\nM-{n},manager\n" for n in (1, 2, 3))
PAIRS = "partnership_id,hr_id,manager_id\n" + "".join(f"P-{n},HR-{n},M-{n}\n" for n in (1, 2, 3))
LOG = "session_id,practice,person_id,partnership_id,date,hours,consent\n"
BOTH = LOG + "RS-1,role_swap,HR-1,P-1,2026-05-12,8,yes\nRS-1,role_swap,M-1,P-1,2026-05-12,8,yes\n"
ANSWERS = "session_id,person_id,partnership_id,field,value\n"
PROMISES = "commitment_id,session_id,partnership_id,promised_by,made_on,due_on,moved_on,moved_to,closed_on,outcome\n"
MADE = "C1,RS-1,P-1,hr,2026-05-12"
SESSIONS = "session_id,practice,date,came,declined\n"
DRAWS = "practice,team,hr_id,partnership_id,stratum,arm,cohort,starts_on,allocated_by,drawn_on,could_start\n"
CALLS = 'practices: {participation: {customer_call: "Works agreement 4, section 2"}}\n'


@pytest.fixture
def errors(write_study):
    """Return a function that checks a study with these tables and returns its errors as sentences."""

    def of(settings: str = "", **tables: str) -> list[str]:
        study = Study.load(write_study(settings=settings, **{"people": PEOPLE, "partnerships": PAIRS, **tables}))
        return [f"{one.table}, {one.sentence()}" for one in study.check() if one.severity == "error"]

    return of


def test_what_was_recorded_as_it_should_be_has_no_errors(errors):
    found = errors(
        practice_log=BOTH, practice_sessions=SESSIONS + "RS-1,role_swap,2026-05-12,3,1\n",
        practice_answers=ANSWERS + "RS-1,,,edition,Full day\nRS-1,HR-1,P-1,hits_guessed,1\nRS-1,,P-1,new_habit,Yes\n",
        commitments=PROMISES + f"{MADE},2026-06-14,,,2026-06-12,Kept\nC2,RS-1,P-1,Both,2026-05-12,2026-05-31,"
        "2026-05-28,2026-06-15,,Moved\nC3,RS-1,P-1,manager,2026-05-12,2026-05-31,,,2026-06-02,Kept late\n",
    )  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            "RS-1,role swap,HR-1,,2026-05-12,8,yes",
            'column practice, row 2: "role swap" is no practice; expected one of',
        ),
        ("RS-1,Role-Swap,HR-1,,2026-05-12,8,yes", 'column practice, row 2: "Role-Swap" is no practice'),
        ("RS-1,Rollentausch,HR-1,,2026-05-12,8,yes", '"Rollentausch" is no practice; expected one of commitment_board'),
        ("RS-1,role_swap,HR-1,,2026-05-12,480,yes", "column hours, row 2: 480; expected a number"),
        (
            "RS-1,role_swap,HR-1,,2026-05-12,8,yes\nRS-1,role_swap,M-1,,2026-05-13,8,yes",
            'column date, row 3: session "RS-1" is on 2026-05-13 here; expected 2026-05-12, as in row 2',
        ),
        (
            "RS-1,role_swap,HR-1,,2026-05-12,8,yes\nRS-1,customer_call,M-1,,2026-05-12,8,yes",
            'session "RS-1" is of role_swap here; expected customer_call',
        ),
        ("RS-1,role_swap,HR-1,,2026-05-12,8,no", "row 2: this person did not agree to be counted; expected no row"),
        ("RS-1,role_swap,HR-1,,2026-05-12,8,", "column consent, row 2: the cell is empty; expected yes"),
        ("RS-1,role_swap,HR-1,P-2,2026-05-12,8,yes", "row 2: this person belongs to neither side of the pair"),
        ("RS-1,role_swap,HR-1,P-1,2026-05-12,8,yes", "row 2: the other person of the pair has no row in this session"),
    ],
)
def test_mistakes_of_the_log(errors, log, told):
    found = errors(practice_log=f"{LOG}{log}\n")
    assert any(told in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("RS-1,HR-1,P-1,hits_gessed,1", 'column field, row 2: "hits_gessed" is no field of role_swap'),
        ("RS-1,HR-1,P-1,hits_asked,7", 'column value, row 2: hits_asked is "7"; expected a whole number from 0 to 3'),
        ("RS-1,HR-1,P-1,hits_day_60,two", 'hits_day_60 is "two"; expected a whole number from 0 to 3'),
        ("RS-1,HR-1,P-1,notes_destroyed,maybe", 'notes_destroyed is "maybe"; expected yes or no'),
        ("RS-1,HR-1,P-1,side_visited,TA", 'side_visited is "TA"; expected one of field'),
        (
            "RS-1,HR-1,P-1,assumptions_written,3\nRS-1,HR-1,P-1,assumptions_wrong,9",
            "row 3: assumptions_wrong is 9, and assumptions_written is 3; expected not above assumptions_written",
        ),
        ("RS-1,M-3,,hits_asked,2", 'column person_id, row 2: "M-3" has no row in session "RS-1" of practice_log'),
        ("RS-9,HR-1,,hits_asked,2", 'column session_id, row 2: "RS-9" not in practice_log'),
        ("RS-1,HR-1,P-1,edition,room", "row 2: the cell is filled; expected no person_id: edition is about a session"),
        ("RS-1,,P-1,hits_asked,2", "row 2: the cell is empty; expected a person_id: hits_asked is about a person"),
        ("RS-1,HR-1,P-1,new_habit,yes", "row 2: the cell is filled; expected no person_id: new_habit is about a pair"),
        ("RS-1,HR-1,P-2,hits_asked,2", 'row 2: "P-2" is not the pair of this person in practice_log'),
        ("RS-1,,P-2,new_habit,yes", '"HR-2" has no row in session "RS-1"'),
        ("RS-1,HR-1,P-1,hits_asked,2\nRS-1,HR-1,P-1,hits_asked,3", "rows 2 and 3: the same session_id, person_id"),
    ],
)
def test_mistakes_of_answers(errors, answer, told):
    found = errors(practice_log=BOTH, practice_answers=f"{ANSWERS}{answer}\n")
    assert any(told in sentence for sentence in found), found


def test_answers_of_somebody_who_did_not_agree(errors):
    log = "session_id,practice,person_id,date,consent\n"
    log += "C1,customer_call,HR-1,2026-05-12,\nC1,customer_call,HR-2,2026-05-12,yes\n"
    (found,) = errors(CALLS, practice_log=log, practice_answers=ANSWERS + "C1,HR-1,,calls_joined,2\n")
    assert (
        'column person_id, row 2: "HR-1" did not agree to be counted; expected answers only of people who agreed'
        in found
    )
    assert errors(CALLS, practice_log=log, practice_answers=ANSWERS + "C1,HR-2,,calls_joined,2\n") == []


def test_an_action_cannot_be_due_before_its_session(errors):
    log = "session_id,practice,person_id,date,consent\nC1,customer_call,HR-1,2026-05-12,yes\n"
    (found,) = errors(practice_log=log, practice_answers=ANSWERS + "C1,HR-1,,action_due_on,2026-05-11\n")
    assert "row 2: action_due_on lies before the session; expected its day or a later one" in found


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (
            "2026-05-31,2026-06-02,2026-06-20,,moved",
            "row 2: it was moved after the date it was due on and is called moved",
        ),
        ("2026-05-31,,,2026-06-20,kept", "row 2: it was closed after the date it was due on and is called kept"),
        ("2026-05-31,,,2026-06-20,open", "column closed_on, row 2: the promise is open and has a closing date"),
        ("2026-05-31,,,2026-05-30,kept_late", "it was closed by the date that counted and is called kept_late"),
        ("2026-05-31,2026-05-20,2026-06-15,2026-06-16,moved", "it was closed after its new date and is called moved"),
        (
            "2026-05-31,2026-05-20,2026-06-15,2026-06-14,kept_late",
            "closed by the date that counted and is called kept_late",
        ),
        ("2026-05-31,,2026-06-15,,open", "only one of moved_on and moved_to is filled; expected both, or neither"),
        ("2026-05-31,,,,moved", "the promise is moved and has no new date; expected moved_on and moved_to"),
        ("2026-05-31,,,,kept", "the promise is kept and the cell is empty; expected the day on which it was done"),
        (
            ",,,2026-05-30,kept_late",
            "column due_on, row 2: the cell is empty; expected the day it was first promised for",
        ),
        ("2026-05-01,,,,open", "due_on lies before made_on"),
        ("2026-05-31,2026-05-20,2026-05-25,,moved", "moved_to lies before due_on"),
        ("2026-05-31,,,,dropped", '"dropped"; expected one of kept, kept_late, moved, broken, open'),
    ],
)
def test_mistakes_of_promises(errors, rest, told):
    found = errors(practice_log=BOTH, commitments=f"{PROMISES}{MADE},{rest}\n")
    assert any(told in sentence for sentence in found), found


@pytest.mark.parametrize(
    "rest",
    [
        "2026-05-31,2026-06-02,2026-06-20,2026-06-10,kept_late", "2026-05-31,2026-05-31,2026-06-15,,moved",
        "2026-05-31,2026-05-20,2026-06-15,,open", "2026-05-31,,,,broken", "2026-05-31,,,,open", ",,,,open",
        "2026-05-31,2026-05-20,2026-06-15,2026-06-16,kept_late", "2026-05-31,,,2026-05-31,kept",
    ],
)  # fmt: skip
def test_promises_that_fit(errors, rest):
    assert errors(practice_log=BOTH, commitments=f"{PROMISES}{MADE},{rest}\n") == []


def test_promises_need_a_session_and_both_of_the_pair(errors):
    found = errors(
        practice_log=BOTH,
        commitments=PROMISES + "C1,RS-1,P-2,hr,2026-05-12,,,,,open\nC2,RS-9,P-1,hr,2026-05-12,,,,,open\n"
        "C3,RS-1,P-1,hr,2026-05-11,,,,,open\n",
    )
    assert "row 2: not both people of the pair took part in the session and agreed to be counted" in found[1]
    assert 'column session_id, row 3: "RS-9" not in practice_log' in found[0]
    assert "column made_on, row 4: made_on lies before the session" in found[2]


def test_totals_hold_everybody(errors):
    found = errors(practice_log=BOTH, practice_sessions=SESSIONS + "RS-1,role_swap,2026-05-12,1,3\n")
    assert any("more declined than came" in sentence for sentence in found)
    assert any("1 came, and there are 2 people of practice_log" in sentence for sentence in found)
    (found,) = errors(practice_log=BOTH, practice_sessions=SESSIONS + "RS-1,role_swap,2026-05-12,2,1\n")
    assert "2 came, and there are 3 people who agreed and people who declined" in found


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "role_swap,,,P-1,,treated,,2026-05-01,lot,,\nrole_swap,,HR-2,,,control,,,lot,,",
            "expected the same for a whole",
        ),
        ("role_swap,,HR-1,P-1,,treated,,2026-05-01,lot,,", "row 2: 2 are filled; expected one of team, hr_id"),
        ("role_swap,,,,,treated,,2026-05-01,lot,,", "row 2: 0 are filled"),
        ("role_swap,,,P-1,,treated,,,lot,,", "column starts_on, row 2: the cell is empty; expected the first day"),
        ("role_swap,,,P-1,,treated,,2026-05-01,lot,2026-05-02,", "starts_on lies before drawn_on"),
        ("role_swap,,M-1,,,treated,,2026-05-01,lot,,", "people calls this person's side manager; expected hr"),
        ("role_swap,,,P-1,,treated,,2026-05-01,lot,,2026-05-02; 2026-05-09", "starts_on is none of these days"),
        ("role_swap,,,P-1,,treated,,2026-05-01,lot,,in May", '"in May"; expected days such as'),
        (
            "role_swap,,,P-1,,treated,a,2026-05-01,lot,,\nrole_swap,,,P-2,,treated,a,2026-05-08,lot,,",
            'rows 2 and 3: the cohort "a" starts on several days',
        ),
        ("role_swap,,,P-1,,treated,,2026-05-01,lot,,\nrole_swap,,,P-2,,control,,,choice,,", "column allocated_by, row"),
        ("swap,,,P-1,,treated,,2026-05-01,lot,,", '"swap" is no practice'),
    ],
)
def test_mistakes_of_the_draw(errors, rows, told):
    found = errors(practice_draws=f"{DRAWS}{rows}\n")
    assert any(told in sentence for sentence in found), found


def test_the_log_calls_the_arm_as_it_was_allotted(errors):
    log = BOTH.replace("consent\n", "consent,arm\n").replace("yes\n", "yes,waitlist\n")
    (found,) = errors(practice_log=log, practice_draws=DRAWS + "role_swap,,,P-1,,treated,,2026-05-01,lot,,\n")
    assert (
        'column arm, rows 2 and 3: "waitlist" is not what was allotted; expected treated, as in practice_draws' in found
    )


def test_teams_are_those_whose_department_and_place_a_manager_has(write_study):
    study = Study.load(
        write_study(
            people="person_id,side,department,location\nHR-1,hr,,\nM-1,manager,Sales,Ulm\nM-2,manager,Sales,Bern\n"
            "M-3,manager,Legal,Bern\n",
            partnerships="partnership_id,hr_id,manager_id\nP-1,HR-1,M-1\nP-2,HR-1,M-2\nP-3,HR-1,M-3\n",
            units="unit,parent,department,location\nAll,,,\nSales,All,Sales,\nSales Ulm,Sales,Sales,Ulm\n",
            practice_draws=DRAWS + "role_swap,Sales Ulm,,,south,treated,first,2026-05-01,lot,,\n"
            "role_swap,Sales,,,south,control,,,lot,,\n",
        )
    )
    found = study.allotted("role_swap").set_index("partnership_id")
    assert list(found["unit"].astype(object).where(found["unit"].notna(), None)) == ["Sales Ulm", "Sales", None]
    assert list(found["arm"].astype(object).where(found["arm"].notna(), None)) == ["treated", "control", None]
    assert study.allotted("customer_call")["arm"].isna().all()


def test_practices_of_ones_own_are_checked_too(write_study):
    folder = write_study(
        people=PEOPLE, settings="practices: {playbooks: mine}\n",
        practice_log=LOG + "T1,tea_round,HR-1,,2026-05-12,1,yes\n",
        practice_answers=ANSWERS + "T1,HR-1,,cups,12\n",
    )  # fmt: skip
    (folder / "mine" / "tea-round").mkdir(parents=True)
    playbook = folder / "mine" / "tea-round" / "playbook.md"
    head = (
        "---\nid: tea-round\ncapture:\n  practice: tea_round\n  fields:\n    - {field: cups, label: Cups, type: whole, "
        "least: 0, most: 9, level: person, when: on the day, sheet: slip, filled_by: participant, basis: agreed}\n"
        "cards: []\n---\n"
    )
    playbook.write_text(head)
    found = [one.sentence() for one in Study.load(folder).check() if one.severity == "error"]
    assert found == ['column value, row 2: cups is "12"; expected a whole number from 0 to 9.']
    playbook.write_text(head.replace("least: 0, ", ""))
    (found,) = [str(one.file) + one.sentence() for one in Study.load(folder).check() if one.severity == "error"]
    assert found.startswith("tea-round/playbook.md") and 'line 6: the field "cups" has no range' in found


def test_words_are_read_whatever_their_case_blanks_and_hyphens():
    one = CaptureField(
        field="edition", label="Edition", type="choice", words=["full-day", "half_day"], level="session",
        when="on the day", sheet="slip", filled_by="facilitator", basis="agreed",
    )  # fmt: skip
    assert [one.read(text) for text in ("Full day", "FULL-DAY", "half day", "half", "")] == [
        "full-day", "full-day", "half_day", None, None,
    ]  # fmt: skip
