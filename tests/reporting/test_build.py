"""The report folder: whole or not there, honest about what is missing, the same bytes from the same inputs."""

import csv
import hashlib
import json

import lxml.html
import nbformat
import pytest
from pptx import Presentation
from reporting_studies import HOSTILE, LEAN, notebook, write_study

from helpers.data import InputError
from helpers.reporting import report

TEXTS = (".html", ".json", ".csv", ".log")


def results(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def page(folder, name="index"):
    return lxml.html.parse(str(folder / f"{name}.html")).getroot()


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "client")


@pytest.fixture
def books(tmp_path):
    notebook(tmp_path / "books" / "03_sparse.ipynb", *LEAN)
    return tmp_path / "books"


def test_folder_holds_all_that_was_promised(built):
    present = {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file()}
    chapters = {f"{name}.{kind}" for name in ("rich_survey", "sparse", "report") for kind in ("html", "pdf", "docx")}
    assert chapters - {"report.html"} <= present
    assert {"index.html", "deck.pptx", "tables.xlsx", "results.json", "manifest.json", "logs/broken.log"} <= present
    assert {f"notebooks/{n}.ipynb" for n in ("02_rich_survey", "03_sparse", "04_broken", "05_needless")} <= present
    assert {"tables/rich_survey--scores.csv", "tables/rich_survey--bars.csv", "tables/sparse--one.csv"} <= present


def test_failure_is_one_sentence_and_the_rest_is_built(built):
    assert built.exit_code == 1
    words = page(built.folder).text_content()
    assert "“The broken one” is missing because an error stopped it; the details are in logs/broken.log." in words
    assert "“The needless one” is left out. It needs the table cases." in words
    assert "ValueError" in (built.folder / "logs" / "broken.log").read_text(encoding="utf-8")
    closing = Presentation(str(built.folder / "deck.pptx")).slides[-1]
    assert any("“The broken one” is missing" in s.text_frame.text for s in closing.shapes if s.has_text_frame)


def test_no_machine_path_is_in_the_folder(built):
    for path in built.folder.rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".ipynb", ".log"):
            text = path.read_text(encoding="utf-8")
            assert str(built.folder.parent) not in text, path.name


def test_index_links_to_every_file(built):
    links = set(page(built.folder).xpath("//section//a/@href"))
    assert all((built.folder / link).is_file() for link in links)
    files = {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file()}
    assert files - links == {"index.html"}


def test_results_hold_findings_and_tables(built):
    collected = results(built.folder)
    assert [finding["grade"] for finding in collected["findings"]][:3] == ["strong", "moderate", "weak"]
    assert {finding["notebook"] for finding in collected["findings"]} == {"rich_survey"}
    assert collected["findings"][0]["low"] == -0.42
    assert [table["notebook"] for table in collected["tables"]] == ["rich_survey"] * 7 + ["sparse"]
    assert all((built.folder / table["file"]).is_file() for table in collected["tables"])


def test_tables_hold_what_was_published_and_no_formulas(built):
    with (built.folder / "tables" / "rich_survey--scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Department <b>", "Mean, points (1–5)", "n"]
    assert rows[1] == ["Listening", "3.0", "40"]
    assert [row[0] for row in rows[6:]] == [*HOSTILE[:-1], "'=1+1"]


def test_manifest_tells_what_the_report_was_made_from(built):
    manifest = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    survey = (built.folder.parent / "client" / "survey.csv").read_bytes()
    assert manifest["inputs"]["survey.csv"] == hashlib.sha256(survey).hexdigest()
    assert {name: notebook["state"] for name, notebook in manifest["notebooks"].items()} == {
        "rich_survey": "done",
        "sparse": "done",
        "broken": "failed",
        "needless": "left out",
    }
    assert manifest["notebooks"]["rich_survey"]["seconds"] > 0
    assert manifest["packages"]["pandas"][0].isdigit()
    assert manifest["privacy"] == {"verdict": "not audited"}
    files = {name: hashlib.sha256((built.folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    assert manifest["files"] == files and {"index.html", "deck.pptx", "tables/sparse--one.csv"} <= set(files)


def test_kept_notebooks_open_and_hold_no_vector_copies(built):
    kept = nbformat.read(built.folder / "notebooks" / "02_rich_survey.ipynb", as_version=4)
    nbformat.validate(kept)
    assert "<svg" not in nbformat.writes(kept)


def test_same_inputs_give_the_same_bytes(study, books, tmp_path):
    folders = [report(study, out=tmp_path / name, notebooks=books, formats=["html"]).folder for name in ("a", "b")]
    for name in ("results.json", "tables/sparse--one.csv", "index.html", "sparse.html"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_formats_asked_for_and_no_others(study, books, tmp_path):
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["pdf"])
    assert {path.name for path in made.folder.glob("*.*")} == {
        "index.html", "sparse.pdf", "report.pdf", "tables.xlsx", "results.json", "manifest.json",
    }  # fmt: skip
    assert made.exit_code == 0
    assert not page(made.folder).xpath("//nav[@class='chapters']")


def test_a_report_without_findings_says_so(study, books, tmp_path):
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["pptx"])
    titles = [slide.shapes.title.text_frame.text for slide in Presentation(str(made.folder / "deck.pptx")).slides]
    assert titles == ["Partnership study 2026", "No findings to present", "How to read these findings"]
    assert "state no finding" in page(made.folder).text_content()


def test_empty_and_hidden_exhibits_come_out_in_every_format(tmp_path):
    study = write_study(tmp_path / "client", client="", logo=False)
    columns = [{"name": "d", "label": "Group", "type": "text"}, {"name": "m", "label": "Mean", "type": "number"}]
    cells = ["%md # Little to see", "mime = 'application/vnd.hr-partnership.exhibit+json'"]
    chart = {"type": "bar", "category": "d", "series": None, "value": "m", "low": None, "high": None, "decimals": 1}
    chart |= {"value_label": "Mean", "value_min": None, "value_max": None, "horizontal": True, "colours": {}}
    for number, rows in enumerate([[], [["Sales", None], ["Legal", None]]]):
        texts = [[name, "hidden (fewer than 5)"] for name, _ in rows]
        exhibit = {
            "version": 1,
            "title": "T",
            "message": "",
            "note": "",
            "columns": columns,
            "rows": rows,
            "texts": texts,
        }
        shown = exhibit | {"kind": "chart", "id": f"c{number}", "alt": "a", "chart": chart}
        finding = {
            "version": 1,
            "kind": "finding",
            "id": f"f{number}",
            "sentence": "Cannot tell.",
            "grade": "cannot tell",
        }
        cells += [
            f"display({{mime: {exhibit | {'kind': 'table', 'id': f't{number}'}}}}, raw=True)",
            f"import matplotlib.pyplot as plt, io, base64; f = io.BytesIO(); plt.figure().savefig(f); plt.close()\n"
            f"display({{mime: {shown}, 'image/png': base64.b64encode(f.getvalue()).decode()}}, raw=True)",
            f"display({{mime: {finding | {'exhibit': f'c{number}'}}}}, raw=True)",
            f"display({{mime: {finding | {'id': f'g{number}', 'exhibit': f't{number}'}}}}, raw=True)",
        ]
    notebook(tmp_path / "books" / "01_little.ipynb", *cells)
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books")
    assert (made.messages, made.exit_code) == ([], 0)
    assert len(Presentation(str(made.folder / "deck.pptx")).slides) == 6


def test_endless_names_and_a_pale_accent_come_out_in_every_format(books, tmp_path):
    study = write_study(tmp_path / "client", title="T" * 300, client="Client " * 60, accent="#ffe600")
    assert report(study, out=tmp_path / "out", notebooks=books).messages == []


def test_own_summary_runs_last_sees_the_results_and_becomes_the_index(study, books, tmp_path):
    notebook(
        books / "00_executive_summary.ipynb",
        "%md # In short",
        "import json, pathlib\ncollected = json.loads(pathlib.Path(results).read_text(encoding='utf-8'))\n"
        "print(len(collected['tables']), 'table was published')",
        parameters="study: str = 's'\nresults: str = ''",
    )
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"])
    words = page(made.folder).text_content()
    assert "In short" in words and "1 table was published" in words
    assert not (made.folder / "executive_summary.html").exists()
    assert len(results(made.folder)["tables"]) == 1


def test_parameters_reach_the_notebook_and_the_manifest(study, tmp_path):
    books = tmp_path / "books"
    parameters = "study: str = 's'\nseed: int = 7\nlevel: float = 0.95"
    notebook(books / "01_p.ipynb", "%md # P", "print('level', level)", parameters=parameters)
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"], parameters={"level": "0.8"})
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"] == {"p": {"seed": 7, "level": 0.8}}
    assert manifest["seeds"] == {"p": 7}
    assert "level 0.8" in page(made.folder, "p").text_content()


def test_audit_sees_the_whole_folder_and_its_verdict_is_kept(study, books, tmp_path):
    seen = []

    def audit(folder):
        seen.extend(path.name for path in folder.iterdir())
        return {"verdict": "passed"}

    made = report(study, out=tmp_path / "out", notebooks=books, formats=["pdf"], audit=audit)
    assert {"index.html", "sparse.pdf", "results.json"} <= set(seen)
    assert json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["privacy"] == {"verdict": "passed"}


def test_an_exhibit_nobody_knows_fails_its_notebook_only(study, books, tmp_path):
    exhibit = "{'application/vnd.hr-partnership.exhibit+json': {'version': 1, 'kind': 'hologram'}}"
    notebook(books / "04_odd.ipynb", "%md # Odd", f"display({exhibit}, raw=True)")
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"])
    assert made.exit_code == 1
    assert "“Odd” is missing" in page(made.folder).text_content()
    assert (made.folder / "sparse.html").exists()


def test_a_folder_that_is_no_report_is_left_alone(study, books, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="is not a report"):
        report(study, out=tmp_path / "out", notebooks=books)
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_interrupted_run_leaves_the_earlier_report(study, books, tmp_path):
    first = report(study, out=tmp_path / "out", notebooks=books, formats=["html"]).folder
    before = (first / "manifest.json").read_bytes()

    def interrupted(folder):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report(study, out=tmp_path / "out", notebooks=books, formats=["html"], audit=interrupted)
    assert (first / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.glob(".out*")] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"only": ["nothing"]}, "no notebook"),
        ({"formats": ["odt"]}, 'no format "odt"'),
        ({"parameters": {"unknown": "1"}}, "-p unknown"),
    ],
)
def test_wrong_wishes_are_refused_before_anything_is_written(study, books, tmp_path, arguments, words):
    with pytest.raises(InputError, match=words):
        report(study, out=tmp_path / "out", notebooks=books, **arguments)
    assert not list(tmp_path.glob("*out*"))


def test_a_study_with_errors_is_refused_with_all_of_them(study, books, tmp_path):
    survey = study / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace(",5\n", ",9\n"), encoding="utf-8")
    with pytest.raises(InputError, match=r"survey\.csv"):
        report(study, out=tmp_path / "out", notebooks=books)
    assert not (tmp_path / "out").exists()


def test_default_folder_lies_below_the_working_directory(study, books, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = report(study, notebooks=books, formats=["html"])
    assert made.folder == tmp_path / "reports" / "client" and (made.folder / "index.html").exists()


def test_figures_of_one_person_do_not_get_into_a_report_for_others_whatever_the_notebook_calls_itself(study, books):
    own = LEAN[1].replace('"rows"', '"audience": "self", "rows"').replace("3.00", "3.14159")
    notebook(books / "04_smuggled.ipynb", "%md # Somebody", own)
    made = report(study, out=books.parent / "out", notebooks=books, formats=["html"])
    assert made.exit_code == 1
    assert "“Somebody” is missing because an error stopped it" in page(made.folder).text_content()
    written = [path.read_text(encoding="utf-8") for path in made.folder.rglob("*") if path.suffix in TEXTS]
    assert written and not any("3.14159" in text for text in written)
    assert "which only a report for that person may hold" in (made.folder / "logs" / "smuggled.log").read_text("utf-8")
    assert [table["notebook"] for table in results(made.folder)["tables"]] == ["sparse"]
    kept = nbformat.read(made.folder / "notebooks" / "04_smuggled.ipynb", as_version=4)
    assert not any(cell.outputs for cell in kept.cells if cell.cell_type == "code")
