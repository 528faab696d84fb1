"""A small study that each test changes in the one place it is about."""

from pathlib import Path

import pytest

from helpers.data import InputError, Study

CODEBOOK = """\
instrument: {name: Small, version: "1"}
responses:
  agreement: {type: rating, low: 1, high: 5,
              labels: {1: [Strongly disagree, Not at all], 3: Neutral, 5: Strongly agree}}
  likelihood: {type: rating, low: 0, high: 10, favourable_from: 9}
  comment: {type: text}
dimensions:
  - {id: listening, playbook: role-swap}
  - {id: trust}
items:
  - {id: listening_1, dimension: listening, response: agreement, answered_by: [hr, manager], short_form: true,
     text: {hr: This manager hears me out to the end., manager: My HR partner hears me out to the end.}}
  - {id: listening_2, dimension: listening, response: agreement, answered_by: [hr, manager], reverse: true,
     text: {hr: This manager interrupts me., manager: My HR partner interrupts me.}}
  - {id: trust_1, dimension: trust, response: agreement, answered_by: [hr, manager], short_form: true,
     text: {hr: I rely on what this manager says., manager: I rely on what my HR partner says.}}
  - {id: again, role: outcome, response: likelihood, text: "Would you choose to work together again?"}
  - {id: remark, role: comment, response: comment, text: "What should change?"}
"""

TABLES = {
    "people": """\
person_id,side,department,location,start_date
007,hr,HR,Bern,2019-01-01
m1,manager,Sales,Bern,2020-01-01
m2,manager,Logistics,Ulm,2021-01-01
""",
    "partnerships": """\
partnership_id,hr_id,manager_id,start_date,end_date
P1,007,m1,2022-01-01,
P2,007,m2,2022-01-01,
""",
    "survey": """\
respondent_id,partnership_id,wave,submitted_at,listening_1,listening_2,trust_1,again,remark
007,P1,2026-H1,2026-05-01 10:00,5,1,4,9,
007,P2,2026-H1,2026-05-02 10:00,4,2,3,7,
m1,P1,2026-H1,2026-05-03 10:00,3,2,4,10,more time
""",
}


@pytest.fixture
def codebook_text():
    """The codebook of the small study."""
    return CODEBOOK


@pytest.fixture
def write_study(tmp_path):
    """Return a function that writes a study and its folder; tables are texts, settings replace lines."""

    def write(codebook: str = CODEBOOK, settings: str = "", sources: dict | None = None, **tables: str) -> Path:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        (folder / "codebook.yaml").write_text(codebook, encoding="utf-8")
        named = {}
        for name, content in tables.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (folder / f"{name}.csv").write_bytes(data)
            named[name] = f"{name}.csv"
        named |= sources or {}
        lines = "".join(f"  {name}: {source}\n" for name, source in named.items())
        text = f"title: Small study\nas_of: 2026-06-30\n{settings}tables:\n{lines}"
        (folder / "study.yaml").write_text(text if named else text.replace("tables:", "tables: {}"), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def small(write_study):
    """Return a function that opens the small study, with some tables or settings replaced."""

    def opened(settings: str = "", **changed: str) -> Study:
        return Study.load(write_study(settings=settings, **{**TABLES, **changed}))

    return opened


@pytest.fixture
def refusal():
    """Return a function that runs something and returns the text of the InputError it must raise."""

    def of(action, *arguments, **options) -> str:
        with pytest.raises(InputError) as caught:
            action(*arguments, **options)
        return str(caught.value)

    return of
