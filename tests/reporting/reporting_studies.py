"""A study with hostile texts in every place, and notebooks that publish every kind of exhibit."""

import base64
import inspect
import io
import json
import shutil
from pathlib import Path

import nbformat
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
  agreement: {type: rating, low: 1, high: 5, favourable_from: 4}
dimensions:
  - {id: trust, label: Trust, description: Trust in the partner, source: original}
items:
  - id: trust_1
    dimension: trust
    response: agreement
    answered_by: [manager]
    role: scale
    text: I trust my partner.
    source: original
    licence: CC BY 4.0
"""


def write_study(folder, title="Partnership study 2026", client="Fictional Foods", accent="#0b5c6b", logo=True):
    """Write a one-sided study of 40 respondents."""
    folder.mkdir(parents=True)
    lines = [
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"client: {json.dumps(client, ensure_ascii=False)}",
        "as_of: 2026-06-30",
        "language: en",
        "timezone: UTC",
        f'brand: {{accent: "{accent}", footer: Confidential{", logo: logo.png" if logo else ""}}}',
        "codebook: codebook.yaml",
        "tables: {survey: survey.csv}",
    ]
    (folder / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    rows = [f"r{i},,w1,2026-05-01,{1 + i % 5}" for i in range(40)]
    survey = "\n".join(["respondent_id,partnership_id,wave,submitted_at,trust_1", *rows]) + "\n"
    (folder / "survey.csv").write_text(survey, encoding="utf-8")
    if logo:
        Image.new("RGB", (240, 80), accent).save(folder / "logo.png")
    return folder


def notebook(path, *cells, parameters="study: str = 'data/sample'  # folder of the study"):
    """Write a notebook: strings that begin with ``%md`` become Markdown cells, others code cells.

    Its kernel is one that no machine has: reports run in the Python that makes them.
    """
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "nowhere", "display_name": "Nowhere", "language": "python"}}
    )
    for cell in cells:
        if cell.startswith("%md"):
            made.cells.append(nbformat.v4.new_markdown_cell(inspect.cleandoc(cell[3:])))
        else:
            made.cells.append(nbformat.v4.new_code_cell(inspect.cleandoc(cell)))
    made.cells.insert(1, nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("by_hand.py"), path.parent)
    nbformat.write(made, path)
    return path


def picture():
    """Return a small picture as Markdown holds one."""
    file = io.BytesIO()
    Image.new("RGB", (60, 20), "#0b5c6b").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


SETUP = f"""
    import pandas as pd
    import by_hand as show
    from by_hand import count, number, text

    hostile = {HOSTILE!r}
    names = ["Listening", "Shared goals", "Follow-through", "Candour", "Respect and trust", *hostile]
    frame = pd.DataFrame({{"department": names, "estimate": 3.0, "respondents": 40, "rated": 12}})
    frame["estimate"] += frame.index / 10
    frame["low"], frame["high"] = frame["estimate"] - 0.3, frame["estimate"] + 0.4
    columns = {{
        "department": text("Department <b>"), "estimate": number("Mean", 2, "points (1–5)"), "respondents": count("n")
    }}
"""

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
    """
    show.table(frame, id="scores", title="Scores of " + hostile[0], columns=columns,
               message="Managers rate " + hostile[1], note="Source: survey, " + hostile[2])
    """,
    """
    where = dict(category="department", value="estimate", columns=columns)
    show.chart(frame.head(5), id="bars", title="Means <i>by</i> department", kind="dot", low="low", high="high",
               span=(1, 5), message="All lie near the middle.", note="Source: survey 2026, n = 40.", **where)
    show.chart(frame.iloc[4:8], id="hostile", title=hostile[3], kind="bar", **where)
    """,
    """
    waves = [frame.head(4).assign(wave=year, estimate=frame["estimate"] + year / 4 - 506) for year in (2025, 2026)]
    two = pd.concat(waves).assign(wave=lambda rows: rows["wave"].astype(str))
    two["low"], two["high"] = two["estimate"] - .2, two["estimate"] + .2
    columns["wave"] = text("Wave")
    show.chart(two, id="lines", title="Change", kind="line", category="wave", series="department", value="estimate",
               low="low", high="high", columns=columns)
    show.chart(two, id="heat", title="Heatmap", kind="heatmap", series="wave", **where)
    """,
    "%md ### Tables that stretch",
    """
    many = [f"c{place}" for place in range(11)]
    wide = pd.DataFrame({"name": hostile[:2], **{name: [1.5, 2.5] for name in many}})
    show.table(wide, id="wide", title="Twelve columns", columns={
        "name": text("Department"), **{name: number(f"Dimension {place}") for place, name in enumerate(many)}})
    long = pd.DataFrame({"name": [f"Department {i}" for i in range(70)], "estimate": [i / 7 for i in range(70)]})
    show.table(long, id="long", title="Seventy rows", columns={"name": text("Department"), "estimate": number("Mean")})
    """,
    "%md ## What we found",
    """
    words = "HR partners rate " + hostile[0] + " higher than managers do, by about a third of a point."
    numbers = dict(estimate=-0.31, low=-0.42, high=-0.2, unit="points (1–5)", n=384, method="Mixed model",
                   group="all managers")
    rests_on = dict(sentence="{said} {size}.", same="{said}", unknown="{said}", slots={"said": words}, low=-0.42,
                    high=-0.2, playbook="active-listening", naming="when different",
                    caveats=["One company.", hostile[3]])
    for smallest, p_value, exhibit in [(0.1, 0.0001, "bars"), (0.25, 0.001, "lines"), (0.35, 0.001, "heat"),
                                       (0.5, 0.001, "scores"), (0.1, 0.4, None), (0.1, 0.0001, "hostile")]:
        show.finding(id=f"{smallest} {exhibit}", exhibit=exhibit, sentence=words, grade="cannot tell",
                     smallest=smallest, p_value=p_value, evidence=rests_on, **numbers)
    show.finding(id="level", sentence=" ".join(hostile), n=40, claim="level", group=hostile[6])
    show.finding(id="long", sentence=" ".join(hostile), n=40, claim="rank", candidates=hostile[:3], group=hostile[6])
    show.remark("The study has no data on " + hostile[0])
    """,
    f"%md ## The analyst's own\n\n![A plan]({picture()}) Words beside it.",
    """
    import sys
    print("to stderr", file=sys.stderr)
    """,
]

SPARSE = [
    "%md # One lonely table",
    SETUP,
    "show.table(frame.head(1), id='one', title='One row', columns=columns)",
]
#: The same table, written out: a notebook that imports nothing starts at once.
ONE_TABLE = {
    "version": 4, "kind": "table", "id": "one", "title": "One row",
    "columns": [{"name": "d", "label": "Department"}, {"name": "m", "label": "Mean", "type": "number", "decimals": 2}],
    "rows": [["Listening", 3.0]], "texts": [["Listening", "3.00"]],
}  # fmt: skip
MIME = "application/vnd.hr-partnership.exhibit+json"


def published(item, **forms):
    """Return the line of code that displays an item of the contract."""
    return f"display({ ({MIME: item} | forms)!r}, raw=True)"


LEAN = ["%md # One lonely table", published(ONE_TABLE)]
BROKEN = ["%md # The broken one", "raise ValueError('boom in ' + study)"]
NEEDLESS = [
    "%md # The needless one",
    "from helpers.present import NotebookNotApplicable\nraise NotebookNotApplicable('It needs the table cases.')",
]
