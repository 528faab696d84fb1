"""A study with hostile texts in every place, and notebooks that publish every kind of exhibit."""

import inspect
import json

import nbformat
import pytest
from PIL import Image

HOSTILE = [
    "<script>alert(1)</script>",
    "**bold** _under_ | pipes |",
    "$x$ #set page() @ref \\newline",
    "[link](javascript:x) {{jinja}} {% raw %}",
    "quotes \" ' and\nnew line",
    "emoji 🎉 and עברית العربية",
    "W" * 200,
    "=1+1",
]

CODEBOOK = """\
instrument: {name: Test instrument, version: "1.0", status: unvalidated, licence: CC BY 4.0}
responses:
  agreement: {type: rating, low: 1, high: 5, favourable_from: 4, labels: {1: No, 2: Rather no, 3: Mixed, 4: Rather yes, 5: Yes}}
dimensions:
  - {id: trust, label: Trust, description: Trust in the partner, source: original}
items:
  - {id: trust_1, dimension: trust, response: agreement, answered_by: [manager], role: scale, text: "I trust my partner.", source: original, licence: CC BY 4.0}
  - {id: trust_2, dimension: trust, response: agreement, answered_by: [manager], role: scale, text: "My partner trusts me.", source: original, licence: CC BY 4.0}
"""


def write_study(folder, title="Partnership study 2026", client="Fictional Foods", accent="#0b5c6b", logo=True):
    """Write a one-sided study of 40 respondents."""
    folder.mkdir(parents=True)
    lines = [
        f"title: {_quoted(title)}",
        f"client: {_quoted(client)}",
        "as_of: 2026-06-30",
        "language: en",
        "timezone: UTC",
        f'brand: {{accent: "{accent}", footer: Confidential{", logo: logo.png" if logo else ""}}}',
        "codebook: codebook.yaml",
        "tables: {survey: survey.csv}",
    ]
    (folder / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    rows = [f"r{i},,w1,2026-05-01,{1 + i % 5},{1 + (i * 3) % 5}" for i in range(40)]
    header = "respondent_id,partnership_id,wave,submitted_at,trust_1,trust_2"
    (folder / "survey.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    if logo:
        Image.new("RGB", (240, 80), accent).save(folder / "logo.png")
    return folder


def _quoted(text):
    return json.dumps(text, ensure_ascii=False)


def notebook(path, *cells, parameters="study: str = 'data/sample'  # folder of the study"):
    """Write a notebook: strings that begin with ``%md`` become Markdown cells, others code cells."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "nowhere", "display_name": "x", "language": "python"}})
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    for cell in cells:
        if cell.startswith("%md"):
            made.cells.append(nbformat.v4.new_markdown_cell(inspect.cleandoc(cell[3:])))
        else:
            made.cells.append(nbformat.v4.new_code_cell(inspect.cleandoc(cell)))
    made.cells.insert(1 if made.cells and made.cells[0].cell_type == "markdown" else 0, first)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


SETUP = """
    import pandas as pd
    from helpers.data import Study
    from helpers.present import Show, findings, number, text, count, score
    from helpers.present.findings import Finding
    show = Show(Study.load(study), "rich")
    hostile = %r
    names = ["Listening", "Shared goals", "Follow-through", "Candour", "Respect and trust", *hostile]
    frame = pd.DataFrame({
        "department": names,
        "estimate": [3.0 + place / 10 for place in range(len(names))],
        "respondents": 40,
        "rated": 12,
    })
    frame["low"], frame["high"] = frame["estimate"] - 0.3, frame["estimate"] + 0.4
    columns = {"department": text("Department <b>"), "estimate": number("Mean", 2, "points (1–5)"), "respondents": count("n")}
""" % (HOSTILE,)  # noqa: UP031 – the code is full of braces

RICH = [
    """%md
    # What the *survey* says

    How well do HR partners and managers work together? The model is $y_{ij} = \\mu + u_j + e_{ij}$.

    - a list with **bold** text and `code`
    - cost $5 and $6, <b>raw</b>, {{jinja}}, @ref, [bad](javascript:alert(1)), [good](https://example.org)

    | a | b |
    |---|--:|
    | 1 | 2 |
    """,
    SETUP,
    "%md ## Scores by department\n\nEvery exhibit tells the reader what to look at.",
    """show.facts(frame, id="scores", title="Scores of " + hostile[0], columns=columns,
           message="Managers rate " + hostile[1], note="Source: survey, " + hostile[2])""",
    """show.chart(frame.head(5), id="bars", title="Means <i>by</i> department", kind="dot", category="department", value="estimate",
           low="low", high="high", span=(1, 5), columns=columns, message="All lie near the middle.", note="Source: survey 2026, n = 40.")""",
    """two = pd.concat([frame.head(4).assign(wave=w, estimate=frame["estimate"] + k / 4) for k, w in enumerate(["2025", "2026"])])
two["low"], two["high"] = two["estimate"] - .2, two["estimate"] + .2
wave = {**columns, "wave": text("Wave")}
show.chart(two, id="lines", title="Change", kind="line", category="wave", series="department", value="estimate", low="low", high="high", columns=wave)
show.chart(two, id="heat", title="Heatmap", kind="heatmap", category="department", series="wave", value="estimate", columns=wave)
show.chart(frame.head(3), id="columns", title="Bars", kind="bar", category="department", value="estimate", columns=columns)""",
    "%md ### Tables that stretch",
    """wide = pd.DataFrame({f"c{i}": [1.5, 2.5] for i in range(11)}); wide.insert(0, "name", hostile[:2])
show.facts(wide, id="wide", title="Twelve columns", columns={"name": text("Department"), **{f"c{i}": number(f"Dimension {i}") for i in range(11)}})
long = pd.DataFrame({"name": [f"Department {i}" for i in range(70)], "estimate": [i / 7 for i in range(70)]})
show.facts(long, id="long", title="Seventy rows", columns={"name": text("Department"), "estimate": number("Mean")})""",
    "%md ## What we found",
    """for grade, exhibit in [("strong", "bars"), ("moderate", "lines"), ("weak", "heat"), ("none", "scores"), ("cannot tell", None), ("strong", "columns")]:
    show.finding(Finding(id=grade + str(exhibit), sentence=f"HR partners rate {hostile[0]} higher than managers do ({grade}), by about a third of a point.",
        estimate=-0.31, low=-0.42, high=-0.2, unit="points (1–5)", n=384, method="Mixed model, HR partner as cluster", grade=grade,
        group="all managers", playbook="active-listening", exhibit=exhibit, caveats=["One company.", hostile[3]]))
show.finding(Finding(id="long", sentence=" ".join(hostile), estimate=None, low=None, high=None, unit="", n=40, method="", grade="cannot tell", group=hostile[6]))""",
    "%md ## The analyst's own",
    """display(pd.DataFrame({hostile[0]: hostile}))
print(hostile[0], hostile[6])
import sys; print("to stderr", file=sys.stderr)
from IPython.display import HTML, Markdown
display(HTML("<p onclick='x()'>kept</p><script>window.hacked = 1</script><img src='http://example.org/x.png' alt='remote'>"))
display(Markdown("# A heading in an output\\n\\n" + hostile[3]))
import seaborn as sns
grid = sns.lineplot(x=[1, 2, 3], y=[1, 4, 9]); grid.set_title(hostile[0])""",
]

SPARSE = ["%md # One lonely table", SETUP, """show.facts(frame.head(1), id="one", title="One row", columns=columns)"""]


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """One whole report with everything in it, made once: a rich, a sparse, a failing and a needless notebook."""
    from helpers.reporting import report

    folder = tmp_path_factory.mktemp("built")
    hostile_study = write_study(folder / "client", title=" ".join(HOSTILE[:4]), client=HOSTILE[0] + " & Söhne")
    books = folder / "notebooks"
    notebook(books / "02_rich_survey.ipynb", *RICH)
    notebook(books / "03_sparse.ipynb", *SPARSE)
    notebook(books / "04_broken.ipynb", "%md # The broken one", "raise ValueError('boom ' + study)")
    notebook(
        books / "05_needless.ipynb",
        "%md # The needless one",
        "from helpers.present import NotebookNotApplicable\nraise NotebookNotApplicable('It needs the table cases.')",
    )
    return report(hostile_study, out=folder / "out", notebooks=books)
