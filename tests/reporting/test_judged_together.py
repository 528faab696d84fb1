"""A report judges the differences of all its chapters beside each other, and says the same in every file."""

import json

import nbformat
import pytest
from by_hand import published as contract
from reporting_studies import ONE_TABLE, notebook, published, write_study

from helpers.present.claims import MEASURED
from helpers.published import MIME
from helpers.reporting.build import report

pytestmark = pytest.mark.slow

EVIDENCE = {
    "sentence": "HR partners score trust {size} {higher|lower}.", "same": "Alike.", "unknown": "We cannot tell",
    "low": 0.3, "high": 0.7, "degrees_of_freedom": 30, "caveats": ["One company."],
}  # fmt: skip


def difference(name, p, **evidence):
    """One that is strong by itself: its chapter says so."""
    found = {
        "version": contract.VERSION, "kind": "finding", "id": name, "sentence": f"By itself {name} is strong.",
        "grade": "strong", "estimate": 0.5, "low": 0.3, "high": 0.7, "unit": "points", "n": 40, "smallest": 0.2,
        "p_value": p, "p_adjusted": p, "compared": 1, "exhibit": "one", "evidence": EVIDENCE | evidence,
    }  # fmt: skip
    return published(found)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("together")
    level = {"version": contract.VERSION, "kind": "finding", "id": "level", "claim": "level", "sentence": "A level."}
    notebook(folder / "books" / "01_first.ipynb", "%md # First", published(ONE_TABLE), difference("a", 0.002))
    cells = [published(ONE_TABLE), published(level), difference("b", 0.9, others=[0.6] * 8)]
    notebook(folder / "books" / "02_second.ipynb", "%md # Second", *cells)
    result = report(write_study(folder / "client"), out=folder / "out", notebooks=folder / "books", formats=["html"])
    assert (result.exit_code, result.messages) == (0, [])
    return result.folder


def test_what_is_strong_alone_is_judged_beside_the_comparisons_of_other_chapters(made):
    findings = json.loads((made / "results.json").read_text(encoding="utf-8"))["findings"]
    assert [(one["notebook"], one["id"], one["grade"]) for one in findings] == [
        ("first", "a", "moderate"), ("second", "level", None), ("second", "b", "cannot tell"),
    ]  # fmt: skip
    assert [(one["p_adjusted"], one["compared"]) for one in findings] == [(0.02, 10), (None, None), (0.9, 10)]
    assert findings[0]["sentence"] == "HR partners score trust 0.50 points (99.5 % interval 0.20 to 0.80) higher."
    assert findings[0]["caveats"] == [
        "One company.",
        "Its interval, unlike the exhibit’s, allows for having been selected among 10 comparisons.",
    ]


def test_pages_and_notebooks_say_what_the_results_say(made):
    findings = json.loads((made / "results.json").read_text(encoding="utf-8"))["findings"]
    for number, name in ((1, "first"), (2, "second")):
        page = (made / f"{name}.html").read_text(encoding="utf-8")
        kept = nbformat.read(made / "notebooks" / f"0{number}_{name}.ipynb", as_version=4)
        outputs = [output for cell in kept.cells for output in cell.get("outputs", [])]
        told = [output.data for output in outputs if output.data[MIME].get("kind") == "finding"]
        own = [one for one in findings if one["notebook"] == name]
        assert [data[MIME]["sentence"] for data in told] == [one["sentence"] for one in own]
        for one, data in zip(own, told):
            assert one["sentence"] in page and one["sentence"] in data["text/html"]
        assert "By itself" not in page + json.dumps(outputs)


def test_the_rule_and_the_legend_stand_on_the_closing_page(made):
    page = (made / "index.html").read_text(encoding="utf-8")
    about = json.loads((made / "results.json").read_text(encoding="utf-8"))["report"]
    assert [label for label, _ in about["legend"]] == [
        "Strong evidence", "Moderate evidence", "Weak evidence", "Too small to matter", "Cannot tell",
        "Give or take 3 points", "Lowest, highest, most",
    ]  # fmt: skip
    assert all(label in page and meaning in page for label, meaning in about["legend"])
    assert "adjusted for all differences that this report tests" in page and "How often this goes wrong" in page
    assert all(label in page and words in page for label, words in MEASURED)
    assert about["measured"] == [list(row) for row in MEASURED]
