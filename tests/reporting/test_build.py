"""The report folder: whole or not there, honest about what is missing, the same bytes from the same inputs."""

import csv
import hashlib
import json

import jsonschema
import lxml.html
import nbformat
import pypdf
import pytest
from pptx import Presentation
from reporting_studies import HOSTILE, LEAN, ONE_TABLE, RICH, SPARSE, notebook, picture, published, write_study

from helpers import published as contract
from helpers.data import InputError
from helpers.privacy.audit import Leak, Verdict
from helpers.reporting import report

pytestmark = pytest.mark.slow

TEXTS = (".html", ".json", ".csv")


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
    assert {"index.html", "deck.pptx", "tables.xlsx", "results.json", "manifest.json"} <= present
    assert {f"notebooks/{n}.ipynb" for n in ("02_rich_survey", "03_sparse", "04_broken", "05_needless")} <= present
    assert not any(name.endswith(".log") for name in present)
    assert {"tables/rich_survey--scores.csv", "tables/rich_survey--bars.csv", "tables/sparse--one.csv"} <= present


def test_failure_is_one_sentence_and_the_rest_is_built(built):
    assert built.exit_code == 1
    words = page(built.folder).text_content()
    assert "“The broken one” is missing because an error stopped it; whoever made this report has the details." in words
    assert "“The needless one” is left out. It needs the table cases." in words
    log = built.folder.parent / "out-log" / "broken.log"
    assert f"“The broken one” is missing because an error stopped it; the details are in {log}." in built.messages
    assert log.read_text(encoding="utf-8").rstrip().splitlines()[-1].startswith("ValueError: boom in ")
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
    log = json.loads((built.folder / "log.json").read_text(encoding="utf-8"))
    assert log["notebooks"]["rich_survey"]["seconds"] > 0 and log["notebooks"]["sparse"]["retries"] == 0
    assert manifest["packages"]["pandas"][0].isdigit()
    assert manifest["privacy"]["audit"] == "passed"
    files = {name: hashlib.sha256((built.folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    pages = pypdf.PdfReader(built.folder / "report.pdf").pages
    assert 1 < manifest["body_pages"] < len(pages)
    assert pages[manifest["body_pages"]].extract_text().find("Appendix") > 0
    assert manifest["files"] == files and {"index.html", "deck.pptx", "tables/sparse--one.csv"} <= set(files)


def test_kept_notebooks_open_and_display_the_exhibits_without_vector_copies(built):
    kept = nbformat.read(built.folder / "notebooks" / "02_rich_survey.ipynb", as_version=4)
    nbformat.validate(kept)
    assert "<svg" not in nbformat.writes(kept)
    shown = [output for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.output_type for output in shown] == ["display_data"] * 16  # tables, charts, findings, a remark
    assert all("text/html" in output.data for output in shown)
    assert sum("image/png" in output.data for output in shown) == 4


def test_warnings_are_in_the_log_and_nowhere_in_the_report(built):
    log = built.folder.parent / "out-log" / "rich_survey.log"
    assert log.read_text(encoding="utf-8") == "to stderr\n"
    texts = [path.read_text(encoding="utf-8") for path in built.folder.rglob("*") if path.suffix in (*TEXTS, ".ipynb")]
    assert not any('"to stderr\\n"' in text for text in texts)  # the code that wrote it is kept with its cell


def test_same_inputs_give_the_same_bytes(study, books, tmp_path):
    notebook(tmp_path / "books" / "02_rich_survey.ipynb", *RICH)
    notebook(tmp_path / "books" / "03_sparse.ipynb", *SPARSE)
    one, two = (report(study, out=tmp_path / name, notebooks=tmp_path / "books").folder for name in ("a", "b"))
    names = {path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file()}
    assert {"report.pdf", "report.docx", "deck.pptx", "tables.xlsx", "manifest.json"} <= names
    assert names == {path.relative_to(two).as_posix() for path in two.rglob("*") if path.is_file()}
    assert {name for name in names if (one / name).read_bytes() != (two / name).read_bytes()} == {"log.json"}


def test_formats_asked_for_and_no_others(study, books, tmp_path):
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["pdf"])
    assert {path.name for path in made.folder.glob("*.*")} == {
        "index.html", "sparse.pdf", "report.pdf", "tables.xlsx", "results.json", "manifest.json", "log.json",
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
    chart = {"type": "bar", "category": "d", "value": "m", "decimals": 1, "value_label": "Mean", "horizontal": True}
    png = picture().removeprefix("data:image/png;base64,")
    cells = ["%md # Little to see"]
    for number, rows in enumerate([[], [["Sales", None], ["Legal", None]]]):
        texts = [[name, "hidden (fewer than 5)"] for name, _ in rows]
        empty = ONE_TABLE | {"title": "T", "rows": rows, "texts": texts}
        shown = empty | {"kind": "chart", "id": f"c{number}", "alt": "a", "chart": chart}
        finding = {"version": 4, "kind": "finding", "claim": "level", "sentence": "Cannot tell."}
        cells += [
            published(empty | {"id": f"t{number}"}),
            published(shown, **{"image/png": png}),
            published(finding | {"id": f"f{number}", "exhibit": f"c{number}"}),
            published(finding | {"id": f"g{number}", "exhibit": f"t{number}"}),
        ]
    notebook(tmp_path / "books" / "01_little.ipynb", *cells)
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books", full_deck=True)
    assert (made.messages, made.exit_code) == ([], 0)
    assert len(Presentation(str(made.folder / "deck.pptx")).slides) == 6
    assert not (tmp_path / "out-log").exists()


def test_endless_names_and_a_pale_accent_come_out_in_every_format(books, tmp_path):
    study = write_study(tmp_path / "client", title="T" * 300, client="Client " * 60, accent="#ffe600")
    assert report(study, out=tmp_path / "out", notebooks=books).messages == []


def test_own_summary_runs_last_sees_the_results_and_becomes_the_index(study, books, tmp_path):
    notebook(
        books / "00_executive_summary.ipynb",
        "%md # In short",
        "import json, pathlib, by_hand\ncollected = json.loads(pathlib.Path(results).read_text(encoding='utf-8'))\n"
        "by_hand.remark(f\"{len(collected['tables'])} table was published\")",
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
    notebook(books / "01_p.ipynb", "%md # P", "import by_hand\nby_hand.remark(f'level {level}')", parameters=parameters)
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"], parameters={"level": "0.8"})
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"] == {"p": {"seed": 7, "level": 0.8}}
    assert manifest["seeds"] == {"p": 7}
    assert "level 0.8" in page(made.folder, "p").text_content()


def test_audit_sees_the_whole_folder_and_its_verdict_is_kept(study, books, tmp_path):
    seen = []

    def audit(folder, study):
        seen.extend(path.name for path in folder.iterdir())
        return Verdict(["All of it."], [Leak("sparse.pdf", "page 1", "a leak", "It tells.")])

    made = report(study, out=tmp_path / "out", notebooks=books, formats=["pdf"], audit=audit)
    assert {"index.html", "sparse.pdf", "results.json", "manifest.json"} <= set(seen)
    assert json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["privacy"] == {
        "audit": "failed",
        "checked": ["All of it."],
        "found": ["sparse.pdf, page 1: a leak. It tells."],
    }
    assert made.exit_code == 1 and "Do not pass this report on" in made.messages[-1]


def test_an_audit_that_stops_has_not_been_passed(study, books, tmp_path):
    def audit(folder, study):
        raise ZeroDivisionError

    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"], audit=audit)
    assert made.exit_code == 1 and "the audit is not finished" in made.messages[-1]
    assert "ZeroDivisionError" in (tmp_path / "out-log" / "audit.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"version": 4, "kind": "hologram"}, "kind: Input should be 'table' or 'chart'"),
        (ONE_TABLE | {"version": 1}, "version: Input should be 4"),
        (ONE_TABLE | {"hue": "blue"}, "hue: Extra inputs are not permitted"),
        (ONE_TABLE | {"texts": [["Listening", 3]]}, "texts.0.1: Input should be a valid string"),
        ("nothing", "an exhibit that is not one"),
    ],
)
def test_an_exhibit_nobody_knows_fails_its_notebook_only(study, books, tmp_path, item, words):
    notebook(books / "04_odd.ipynb", "%md # Odd", published(item))
    made = report(study, out=tmp_path / "out", notebooks=books, formats=["html"])
    assert made.exit_code == 1
    assert "“Odd” is missing" in page(made.folder).text_content()
    (message,) = made.messages
    assert "In [2]" in message and words in message
    assert (made.folder / "sparse.html").exists()
    states = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["notebooks"]
    assert (states["odd"]["state"], states["sparse"]["state"]) == ("failed", "done")


def test_a_folder_that_is_no_report_is_left_alone(study, books, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="is not a report"):
        report(study, out=tmp_path / "out", notebooks=books)
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_interrupted_run_leaves_the_earlier_report(study, books, tmp_path):
    first = report(study, out=tmp_path / "out", notebooks=books, formats=["html"]).folder
    before = (first / "manifest.json").read_bytes()

    def interrupted(folder, study):
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
    own = ONE_TABLE | {"audience": "self", "texts": [["Listening", "3.14159"]]}
    notebook(books / "04_smuggled.ipynb", "%md # Somebody", published(own))
    made = report(study, out=books.parent / "out", notebooks=books, formats=["html"])
    assert made.exit_code == 1
    assert "“Somebody” is missing because it shows figures of one person" in page(made.folder).text_content()
    written = [path.read_text(encoding="utf-8") for path in made.folder.rglob("*") if path.suffix in TEXTS]
    assert written and not any("3.14159" in text for text in written)
    assert "which only a report for that person may hold" in made.messages[0]
    assert [table["notebook"] for table in results(made.folder)["tables"]] == ["sparse"]
    kept = nbformat.read(made.folder / "notebooks" / "04_smuggled.ipynb", as_version=4)
    assert not any(cell.outputs for cell in kept.cells if cell.cell_type == "code")


def test_results_obey_the_schema_that_is_shipped(built):
    schema = json.loads(contract.SCHEMA.read_text(encoding="utf-8"))
    assert schema == contract.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(results(built.folder), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(results(built.folder) | {"version": 1}, schema)


def test_logs_take_the_place_of_earlier_ones_and_other_files_are_left_alone(study, books, tmp_path):
    notebook(books / "04_broken.ipynb", "%md # Broken", "raise ValueError('first')")
    options = {"out": tmp_path / "out", "notebooks": books, "formats": ["html"]}
    assert report(study, **options).exit_code == 1
    log = tmp_path / "out-log" / "broken.log"
    assert "first" in log.read_text(encoding="utf-8")
    notebook(books / "04_broken.ipynb", "%md # Broken", "raise ValueError('second')")
    report(study, **options)
    assert "first" not in log.read_text(encoding="utf-8") and "second" in log.read_text(encoding="utf-8")
    (books / "04_broken.ipynb").unlink()
    assert report(study, **options).exit_code == 0
    assert not log.parent.exists()
    log.parent.mkdir()
    (log.parent / "diary.txt").write_text("own", encoding="utf-8")
    with pytest.raises(InputError, match="holds something else"):
        report(study, **options)
    assert (log.parent / "diary.txt").read_text(encoding="utf-8") == "own"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["books", "client", "out", "out-log"]
