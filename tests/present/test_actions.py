"""Actions: what was agreed takes the place of proposals, and the next report says what became of it."""

import pandas as pd
from test_page_one import Client, difference, results

from helpers.columns import number
from helpers.data import Study
from helpers.present import page_one
from helpers.privacy.audit import people
from helpers.published import Column, Table

GAP = "partnership_survey--trust"
#: When the study's day is 2026-06-30.
ROWS = [
    {"action_id": "A1", "finding_id": GAP, "action": "Meet", "owner": "Sponsor", "due_on": "2026-12-01",
     "measure": "trust", "status": "under_way"},
    {"action_id": "A2", "finding_id": GAP, "action": "Write", "status": "dropped"},
    {"action_id": "A3", "action": "Ask", "due_on": "2026-06-29", "measure": "candour", "status": "planned"},
    {"action_id": "A4", "action": "Tell", "due_on": "2026-06-29", "measure": "goals", "status": "done"},
]  # fmt: skip


class Dimension:
    """One dimension of the codebook."""

    def __init__(self, id):
        self.id, self.label = id, id.capitalize()


class Codebook:
    """The dimensions by which actions are judged."""

    dimensions = (Dimension("trust"), Dimension("candour"), Dimension("goals"))


class Acting(Client):
    """A study that holds actions."""

    codebook = Codebook()

    def has(self, table):
        return table == "actions" or super().has(table)

    def table(self, name):
        found = pd.DataFrame(ROWS).reindex(columns=list(page_one.TABLES[name].columns))
        return found.assign(due_on=pd.to_datetime(found["due_on"]))


def changes():
    columns = [Column(name="dimension", label="Dimension")]
    columns += [number(name).named(name) for name in ("estimate", "low", "high", "p_adjusted")]
    texts = [["Trust", "−0.40", "−0.60", "−0.20", "< 0.001"], ["Candour", "0.10", "−0.20", "0.40", "0.410"]]
    return Table(
        notebook="partnership_survey", id="change", kind="table", title="T", message="", note="", audience="", file="f",
        alt="", chart=None, columns=columns, rows=[[None] * 5] * 2, texts=texts,
    )  # fmt: skip


def test_what_was_agreed_and_not_dropped_stands_on_page_one():
    made, study = results(difference("trust", playbook="role-swap"), difference("goals")), Acting()
    mine, other = page_one.page(made, study, page_one.weighed(made, study)).points
    assert (mine.action, mine.owner, mine.due, mine.playbook) == ("Meet", "Sponsor", "1 December 2026", "")
    assert (other.owner, other.due) == ("Head of HR", "28 September 2026")


def test_the_next_report_says_what_was_done_and_what_has_moved():
    found = page_one.followed(Acting(), results(tables=[changes()])).set_index("action")
    assert found["became"].to_dict() == {"Meet": "under way", "Write": "dropped", "Ask": "overdue", "Tell": "done"}
    assert found["moved"].to_dict() == {
        "Meet": "down: −0.40 points (−0.60 to −0.20)", "Write": "not known",
        "Ask": "cannot tell: 0.10 points (−0.20 to 0.40)", "Tell": "not known",
    }  # fmt: skip
    assert found["due"].tolist() == ["1 December 2026", "–", "29 June 2026", "29 June 2026"]


def test_a_study_without_the_table_has_agreed_nothing():
    assert page_one.agreed(Client()).empty


def test_ids_of_findings_in_the_table_are_not_taken_for_people():
    ids = people.of(Study.load("data/sample")).ids
    assert "partnership_survey--gap-listening" not in ids
    assert len(ids) > 1000
