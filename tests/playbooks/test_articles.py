"""What the articles ask for stands in one table; what results lead to, in another; no row is empty without a reason."""

import ast
import json
from pathlib import Path

import pytest
from broken_playbooks import change

from helpers.data import InputError
from helpers.data.codebook import Codebook
from helpers.playbooks import articles, check_all, discover, load
from helpers.playbooks.articles import NOTHING_TO_DO, readers

ROOT = Path(__file__).parents[2] / "playbooks"
INSTRUMENT = ROOT.parent / "src" / "helpers" / "data" / "instrument" / "codebook.yaml"
CHAPTERS = {path.stem.split("_", 1)[1] for path in (ROOT.parent / "notebooks").glob("*.ipynb")}
FORTY_SIX = 46


@pytest.fixture(scope="module")
def known():
    return articles.load(ROOT)


def test_every_practice_of_the_articles_has_a_row_and_no_row_is_empty_without_a_reason(known):
    assert len(known.rows) >= FORTY_SIX and {row.article for row in known.rows} == {*known.articles}
    assert len({row.practice for row in known.rows}) == len(known.rows)
    for row in known.rows:
        assert bool(row.captured) != bool(row.not_measured), row.practice


def test_what_is_captured_is_read_by_a_chapter_that_stands(known):
    books = {folder.name: load(folder) for folder in discover(ROOT)}
    for row in known.rows:
        chapters = readers(row, books.get(row.playbook or ""))
        assert {*chapters} <= CHAPTERS and bool(chapters) == bool(row.captured), row.practice


def test_every_dimension_leads_to_a_practice_or_to_nothing_to_do_in_both_directions(known):
    codebook = Codebook.load(INSTRUMENT)
    leads = {one.dimension: one for one in known.directions}
    assert [*leads] == [dimension.id for dimension in codebook.dimensions]
    practices = {folder.name for folder in discover(ROOT)}
    for dimension in codebook.dimensions:
        lead = leads[dimension.id]
        assert lead.low == dimension.playbook and lead.low in practices
        assert lead.high in {*practices, NOTHING_TO_DO}


def leads_of(chapter):
    """What the sentences of a chapter lead to: by finding, its practices above and below; None where it names none."""
    path = next((ROOT.parent / "notebooks").glob(f"*_{chapter}.ipynb"))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    known, found = {}, {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            shared = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if shared and isinstance(node.value, ast.Dict):  # what several sentences share
                named = {key.value: value for key, value in zip(node.value.keys, node.value.values) if key is not None}
                known[node.targets[0].id] = named
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("differences", "levels"):
                given = {word.arg: word.value for word in node.keywords if word.arg}
                for shared in (word.value.id for word in node.keywords if not word.arg):
                    given = known[shared] | given
                found[given["id"].value] = ast.literal_eval(given["playbook"]) if "playbook" in given else None
    return found


@pytest.mark.parametrize("chapter", ["business_outcomes", "pulse_trends", "employee_relations", "employer_brand"])
def test_findings_lead_where_the_table_says_in_both_directions(known, chapter):
    rows = {one.finding: {"above": one.above, "below": one.below} for one in known.findings if one.chapter == chapter}
    told = leads_of(chapter)
    # how many cases there are for as many people, figures with two meanings, and recall once, are compared with nothing
    assert {id for id, lead in told.items() if lead is None} <= {"volume", "disputed-{practice}", "recall-{whom}"}
    assert {id: lead for id, lead in told.items() if lead} == rows


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("playbook: early-warning, captured", "playbook: earlywarning, captured", 'the playbook "earlywarning"'),
        ("captured: [warnings, came_true]", "captured: [warned]", 'captures "warned", which is no field'),
        (
            "captured: [outcomes.value, pulse.mean], read_by: [business_outcomes]",
            "captured: [pulse.mean]",
            "by no chapter",
        ),
        ("below: open-door", "below: opendoor", 'employee_relations leads to "opendoor", which is no playbook'),
        ("low: rhythm", "low: rythm", 'open_communication leads to "rythm", which is no playbook'),
    ],
)
def test_rows_that_lead_nowhere_are_named(root, old, new, said):
    change(root / "articles.yaml", old, new)
    assert said in " ".join(problem.sentence() for problem in check_all(root))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("captured: [warnings, came_true]}", "captured: []}", "needs captured, or not_measured and why"),
        ("article: talley, where", "article: tally, where", 'no article is called "tally"'),
    ],
)
def test_a_row_is_never_empty_without_a_reason(root, old, new, said):
    change(root / "articles.yaml", old, new)
    with pytest.raises(InputError, match=said):
        articles.load(root)


def test_a_folder_of_ones_own_needs_no_table(root):
    for name in ("articles.yaml", "README.md", "trainers-guide.md"):  # what quotes the table goes with it
        (root / name).unlink()
    assert not [problem for problem in check_all(root) if problem.severity == "error"]
