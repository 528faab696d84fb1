"""Publishes by the contract alone, in the notebooks of these tests: a report must not need more than the contract.

``notebook()`` puts this file beside every notebook it writes.
"""

import base64
import io

import matplotlib.pyplot as plt
from IPython.display import display

from helpers import published
from helpers.published import Chart, Column, Exhibit, Finding, Remark

ALT = {"bar": "Bar chart", "dot": "Dot chart with intervals", "line": "Line chart", "heatmap": "Heatmap"}


def show(item, metadata=None, **forms):
    """Display one item of the contract."""
    data = {published.MIME: published.dump(item), "text/plain": type(item).__name__, "text/html": "<p>On screen</p>"}
    display(data | {name.replace("_", "/"): form for name, form in forms.items()}, raw=True, metadata=metadata or {})


def text(label):
    return Column(label=label)


def number(label, decimals=2, unit=""):
    return Column(label=label, type="number", decimals=decimals, unit=unit)


def count(label):
    return Column(label=label, type="integer")


def exhibit(kind, frame, columns, **facts):
    named = [column.named(name) for name, column in columns.items()]
    records = frame[list(columns)].to_dict("records")
    return Exhibit(
        kind=kind,
        columns=named,
        rows=[[column.rounded(record[column.name]) for column in named] for record in records],
        texts=[[column.printed(record[column.name]) for column in named] for record in records],
        **facts,
    )


def table(frame, columns, **facts):
    show(exhibit("table", frame, columns, **facts))


def chart(frame, columns, kind, category, value, title, series=None, low=None, high=None, span=(None, None), **facts):
    """Publish a chart; its picture is a plain plot."""
    ends = {name: number(f"{columns[value].label}, {word}") for name, word in ((low, "lower"), (high, "upper")) if name}
    listed = {name: columns[name] for name in (category, series, value) if name} | ends
    listed["respondents"] = count("Respondents")
    spec = Chart(
        type=kind, category=category, series=series, value=value, low=low, high=high, value_min=span[0],
        value_max=span[1], value_label=columns[value].heading, decimals=columns[value].decimals, horizontal=True,
    )  # fmt: skip
    alt = f"{ALT[kind]}: {title}. {facts.get('message', '')}"
    plt.rcParams["svg.hashsalt"] = "by hand"  # else every drawing has names of its own
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.plot(range(len(frame)), frame[value])
    axes.set_title(title, parse_math=False)
    png, svg = (io.BytesIO(), io.BytesIO())
    figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    drawing = svg.getvalue().decode("utf-8")
    show(
        exhibit("chart", frame, listed, title=title, alt=alt, chart=spec, **facts),
        {published.METADATA: {"svg": drawing[drawing.index("<svg") :]}},
        image_png=base64.b64encode(png.getvalue()).decode(),
    )


def finding(**facts):
    show(Finding(**facts))


def remark(sentence):
    show(Remark(sentence=sentence))
