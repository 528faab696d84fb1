"""Exhibits: guarded, rounded, labelled, and the same numbers for people and machines."""

import base64
import json

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from helpers.data import InputError
from helpers.present import NotebookNotApplicable, Show, count, findings, number, percent, plots, score, text
from helpers.present import show as module

COLUMNS = {
    "department": text("Department"),
    "estimate": score("Mean score", 1, 5),
    "low": score("Lower end", 1, 5),
    "high": score("Upper end", 1, 5),
    "respondents": count("Respondents"),
}
FRAME = pd.DataFrame(
    {
        "department": ["Sales", "Plant", "Legal", "<script>alert(1)</script> $x$ **b**"],
        "estimate": [3.4567, 3.2, 2.1, 4.0],
        "low": [3.3, 3.0, 1.1, 3.8],
        "high": [3.6, 3.4, 3.1, 4.2],
        "respondents": [1240, 9, 3, 60],
    }
)


class Privacy:
    min_group = 5


class Brand:
    accent = "#0b5c6b"


class Dimension:
    id, label = "trust", "Respect and trust"


class Hiring:
    audience, legal_basis = "shared", ""


class Named:
    audience, legal_basis = "named", "Works agreement 12 <of> 2026."


class SmallStudy:
    """The part of a study that exhibits use."""

    privacy, brand, hiring = Privacy, Brand, Hiring
    codebook = type("Codebook", (), {"dimensions": [Dimension]})

    def has(self, table):
        return table == "survey"


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed."""
    outputs = []
    monkeypatch.setattr(module, "display", lambda data, raw, metadata: outputs.append((data, metadata)))
    return outputs


@pytest.fixture
def show():
    return Show(SmallStudy(), "partnership_survey")


def body(shown):
    return [data[module.EXHIBIT_MIME] for data, _ in shown if module.EXHIBIT_MIME in data][-1]


def test_a_table_shows_rounded_grouped_and_hidden_values_alike_to_people_and_machines(show, shown):
    published = show.table(FRAME, id="means", title="Means", columns=COLUMNS, groups=["department"])
    exhibit = body(shown)
    assert exhibit["rows"][0] == ["Sales", 3.46, 3.3, 3.6, 1240]
    assert exhibit["texts"][0] == ["Sales", "3.46", "3.30", "3.60", "1 240"]
    assert exhibit["texts"][1] == ["Plant", "hidden (protects a small group)", "–", "–", "–"]
    assert exhibit["texts"][2] == ["Legal", "hidden (fewer than 5)", "–", "–", "–"]
    assert exhibit["rows"][2] == ["Legal", None, None, None, None]
    assert "Results for fewer than 5 people are hidden" in exhibit["note"]
    assert published["estimate"].isna().tolist() == [False, True, True, False]
    assert "2.1" not in json.dumps([data for data, _ in shown])


def test_text_from_data_is_escaped_on_the_screen(show, shown):
    show.table(FRAME, id="means", title="Means <b>", columns=COLUMNS, groups=["department"])
    html = shown[0][0]["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Means &lt;b&gt;" in html


def test_only_named_columns_are_published(show, shown):
    frame = FRAME.assign(respondent_ids="p1, p2", note="")
    show.table(frame, id="means", title="Means", columns=COLUMNS, groups=["department"])
    assert [column["name"] for column in body(shown)["columns"]] == list(COLUMNS)
    assert "p1" not in json.dumps([data for data, _ in shown])


def test_what_cannot_be_estimated_is_said_in_words_and_explained_in_the_note(show, shown):
    frame = pd.DataFrame(
        {"dimension": ["trust"], "estimate": [None], "respondents": [80], "note": ["cannot tell: one item"]}
    )
    columns = {"dimension": text("Dimension"), "estimate": percent("Alpha")}
    show.table(frame, id="alpha", title="Reliability", columns=columns, measures=["dimension"])
    assert body(shown)["texts"] == [["Respect and trust", "cannot tell"]]
    assert body(shown)["note"] == "Cannot tell: one item."


def test_a_chart_draws_only_what_is_published_and_describes_it(show, shown):
    show.chart(
        FRAME, id="means", title="Means by department", kind="dot", category="department", value="estimate", low="low",
        high="high", span=(1, 5), columns=COLUMNS, groups=["department"], note="Source: survey.",
    )  # fmt: skip
    exhibit = body(shown)
    assert exhibit["chart"]["value_label"] == "Mean score, points (1–5)"
    assert "highest <script>alert(1)</script> $x$ **b** (4.00); lowest Sales (3.46)" in exhibit["alt"]
    assert "2 values are hidden" in exhibit["alt"]
    picture = next(data["image/png"] for data, _ in shown if "image/png" in data)
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    assert all(metadata.get("hr_partnership", {}).get("screen_only") for data, metadata in shown if "text/html" in data)


@pytest.fixture
def drawn(show, shown, monkeypatch):
    """Return the figure a chart call draws, and what was displayed."""
    figures = []
    draw = plots.draw
    monkeypatch.setattr(plots, "draw", lambda *arguments: figures.append(draw(*arguments)) or figures[-1])

    def call(frame, **options):
        show.chart(frame, id="x", title="X", **options)
        return figures[-1].axes[0]

    return call


def test_dots_stand_at_the_rounded_published_values_with_their_intervals(drawn):
    axes = drawn(
        FRAME, kind="dot", category="department", value="estimate", low="low", high="high", span=(1, 5),
        columns=COLUMNS, groups=["department"],
    )  # fmt: skip
    points = axes.lines[0].get_xdata()
    assert [round(value, 2) for value in points if value == value] == [3.46, 4.0]
    assert axes.get_xlabel() == "Mean score, points (1–5)"
    assert [label.get_text() for label in axes.get_yticklabels()][:3] == ["Sales", "Plant", "Legal"]
    assert [label.get_text() for label in axes.texts] == ["hidden", "hidden"]
    ends = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments() if segment.ndim == 2]
    assert [3.3, 3.6] in ends


def test_bars_of_two_sides_keep_the_colours_of_their_sides(drawn):
    frame = pd.DataFrame(
        {"dimension": ["trust"] * 2, "side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [36, 300]}
    )
    columns = {"dimension": text("Dimension"), "side": text("Side"), "estimate": score("Mean score", 1, 5)}
    axes = drawn(frame, kind="bar", category="dimension", series="side", value="estimate", span=(1, 5), columns=columns)
    assert [bar.get_x() + bar.get_width() for bar in axes.patches] == pytest.approx([3.9, 3.4])
    assert [label.get_text() for label in axes.get_legend().get_texts()] == ["HR partners", "Managers"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Respect and trust"]


def test_a_line_runs_over_waves_in_their_order(drawn):
    frame = pd.DataFrame({"wave": ["2025-H1", "2025-H2", "2026-H1"], "estimate": [3.1, 3.2, 3.4], "respondents": 90})
    columns = {"wave": text("Wave"), "estimate": score("Mean score", 1, 5)}
    axes = drawn(frame, kind="line", category="wave", value="estimate", span=(1, 5), columns=columns, measures=["wave"])
    assert axes.lines[0].get_ydata().tolist() == [3.1, 3.2, 3.4]
    assert axes.get_xlabel() == "Wave"


def test_a_heatmap_leaves_hidden_cells_grey_and_marked(drawn):
    frame = pd.DataFrame(
        [
            {"department": name, "dimension": "trust", "estimate": value, "respondents": size}
            for name, value, size in [("Sales", 3.4, 40), ("Plant", 3.1, 9), ("Legal", 2.2, 2)]
        ]
    )
    columns = {"department": text("Department"), "dimension": text("Dimension"), "estimate": score("Mean score", 1, 5)}
    axes = drawn(
        frame, kind="heatmap", category="department", series="dimension", value="estimate", columns=columns,
        groups=["department"], measures=["dimension"],
    )  # fmt: skip
    assert [label.get_text() for label in axes.texts] == ["3.40", "–", "–"]


def test_drawings_are_the_same_bytes_on_every_run():
    frame = pd.DataFrame({"wave": ["a", "b"], "estimate": [3.1, 3.2]})
    chart = plots.Chart("line", "wave", "estimate", score("Mean", 1, 5), colours={"Mean": "#0b5c6b"})
    first, second = (plots.render(plots.draw(frame, chart, "Wave", "#0b5c6b"), "svg") for _ in range(2))
    assert first == second


def test_a_finding_about_too_few_people_is_refused(show, shown):
    row = {"estimate": 3.0, "low": 2.9, "high": 3.1, "respondents": 4}
    words = {"sentence": "{value}", "unknown": "unknown"}
    finding = findings.level(row, id="x", smallest=0.2, unit="points", group="all", **words)
    with pytest.raises(ValueError, match="fewer than 5"):
        show.finding(finding)
    assert shown == []


def test_a_notebook_whose_table_is_missing_says_so(show):
    show.needs("survey")
    with pytest.raises(NotebookNotApplicable, match="needs the table requisitions"):
        show.needs("survey", "requisitions")


def test_a_parameter_the_study_does_not_know_is_refused_with_what_it_has(show):
    assert show.choice("wave", "", ["2025", "2026"], default="2026") == "2026"
    assert show.choice("wave", "2025", ["2025", "2026"], default="2026") == "2025"
    with pytest.raises(InputError, match="2025, 2026"):
        show.choice("wave", "2027", ["2025", "2026"], default="2026")


@pytest.mark.parametrize("value", [0, 1, 95, float("nan"), -0.1])
def test_a_number_that_makes_no_sense_is_refused_in_words(show, value):
    show.between(0, 1, confidence=0.95, fast=0.25)
    with pytest.raises(InputError, match=f"fast is {value:g}; expected a number above 0 and below 1"):
        show.between(0, 1, confidence=0.95, fast=value)
    with pytest.raises(InputError, match="landmark is -1; expected a number above 0"):
        show.between(0, float("inf"), landmark=-1)


def test_a_figure_of_another_kind_gets_only_protected_rounded_rows(show, shown):
    seen = []
    show.figure(
        FRAME, id="other", title="Other", paint=lambda frame, axes: seen.append(frame), alt="Points.", columns=COLUMNS,
        groups=["department"],
    )  # fmt: skip
    assert seen[0]["estimate"].tolist()[0] == 3.46
    assert seen[0]["estimate"].isna().tolist() == [False, True, True, False]
    assert body(shown)["chart"] == {"type": "other"}
    assert body(shown)["alt"].endswith("Points.")


def test_importance_is_drawn_against_performance_and_a_surface_with_its_two_lines():
    points = pd.DataFrame({"dimension": ["Trust"], "mean": [61.0], "part": [12.0], "low": [8.0], "high": [16.0]})
    axes = plots.painted(points, plots.importance_performance).axes[0]
    assert [label.get_text() for label in axes.texts] == ["Trust"]
    assert axes.get_ylabel() == "Importance, per cent of the differences"
    grid = pd.DataFrame([{"x": x, "y": y, "estimate": x + y} for x in (-1, 0, 1) for y in (-1, 0, 1)])
    axes = plots.painted(grid.assign(pairs=[None] * 8 + [6]), plots.surface).axes[0]
    assert [label.get_text() for label in axes.get_legend().get_texts()] == ["both agree", "they disagree"]
    circles = axes.collections[-1].get_offsets()
    assert circles.tolist() == [[1, 1]]


def test_a_chapter_about_pairs_needs_pairs(show):
    with pytest.raises(NotebookNotApplicable, match="about each other"):
        show.needs_pairs(pd.DataFrame(columns=["hr", "manager"]))
    with pytest.raises(NotebookNotApplicable, match="Fewer than 5 HR partners"):
        show.needs_pairs(pd.DataFrame({"hr_id": list("abcd"), "hr": 3.0, "manager": 4.0}))
    show.needs_pairs(pd.DataFrame({"hr_id": list("abcde"), "hr": 3.0, "manager": 4.0}))


def test_a_side_with_too_few_people_is_named_once_instead_of_filling_rows(show, shown):
    frame = pd.DataFrame({"side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [3, 28]})
    columns = {"side": text("Side"), "estimate": score("Mean", 1, 5)}
    published = show.table(frame, id="means", title="Means", columns=columns, groups=["side"])
    assert body(shown)["texts"] == [["Managers", "3.40"]]
    assert body(shown)["note"] == "Not shown, because fewer than 5 people stand behind it: HR partners."
    assert published["estimate"].isna().tolist() == [True, False]


@pytest.mark.parametrize("method", ["table", "chart"])
def test_an_exhibit_of_which_nothing_may_be_shown_is_a_sentence(show, shown, method):
    frame = pd.DataFrame({"wave": ["2026"], "estimate": [3.9], "respondents": [3]})
    columns = {"wave": text("Wave"), "estimate": score("Mean", 1, 5)}
    options = {"kind": "line", "category": "wave", "value": "estimate"} if method == "chart" else {}
    getattr(show, method)(frame, id="means", title="Means", columns=columns, measures=["wave"], **options)
    assert [list(data) for data, _ in shown] == [["text/html", "text/plain"]]
    assert shown[0][0]["text/plain"] == "“Means” is not shown: it would tell about fewer than 5 people."


def test_a_published_table_does_not_display_itself_again(show, shown):
    published = show.table(FRAME, id="means", title="Means", columns=COLUMNS, groups=["department"])
    assert DisplayFormatter().format(published) == ({}, {})
    assert type(published.head(1)) is pd.DataFrame


SINGLE = pd.DataFrame(
    {
        "who": ["You", "Group 1", "Group 2"],
        "manager": ["M1", None, None],
        "ratio": [1.234, 0.8, 0.6],
        "low": [0.9, 0.7, 0.5],
        "high": [1.6, 0.9, 0.7],
        "respondents": [1, 9, 3],
    }
)
WHO = {"who": text("Manager"), "ratio": number("Times"), "respondents": count("Managers")}
METHODS = {
    "table": {},
    "chart": {"kind": "dot", "category": "who", "value": "ratio"},
    "figure": {"paint": lambda frame, axes: None, "alt": "Points."},
}


def publish(show, method, frame=SINGLE, **options):
    options = {"groups": ["who"], "person": "manager", **METHODS[method], **options}
    return getattr(show, method)(frame, id="own", title="Own", columns=WHO, **options)


def study_for(hiring):
    return type("Study", (SmallStudy,), {"hiring": hiring})()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_a_reader_sees_their_own_row_beside_guarded_groups(shown, method, hiring):
    publish(Show(study_for(hiring), "hiring_manager_self", reader="M1"), method)
    exhibit = body(shown)
    assert exhibit["audience"] == "self"
    assert exhibit["texts"][0][:2] == ["You", "1.23"]
    assert [row[1] for row in exhibit["rows"]] == [1.23, None, None]  # nine managers alone would tell of the three
    assert "Your own figures are for you alone." in exhibit["note"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_a_reader_sees_nobody_else(shown, method, hiring):
    show = Show(study_for(hiring), "hiring_manager_self", reader="M2")
    with pytest.raises(ValueError, match="of that person only"):
        publish(show, method)
    with pytest.raises(ValueError, match="of that person only"):
        publish(show, method, SINGLE.assign(manager=["M2", "M1", None]))
    assert not shown


@pytest.mark.parametrize("method", METHODS)
def test_single_managers_are_shown_by_name_only_with_a_legal_basis_which_is_printed(shown, method):
    everyone = SINGLE.assign(manager=["M1", "M2", "M3"], who=["Ada", "Bela", "Cato"], respondents=1)
    with pytest.raises(ValueError, match="audience: named with its legal_basis"):
        publish(Show(study_for(Hiring), "hiring_manager_engagement"), method, everyone)
    assert not shown
    publish(Show(study_for(Named), "hiring_manager_engagement"), method, everyone)
    exhibit = body(shown)
    assert exhibit["audience"] == "named"
    assert [row[0] for row in exhibit["rows"]] == ["Ada", "Bela", "Cato"]
    assert exhibit["note"].endswith("Single managers are shown on this legal basis: Works agreement 12 <of> 2026.")
    assert "12 &lt;of&gt; 2026" in "".join(data.get("text/html", "") for data, _ in shown)


@pytest.mark.parametrize("reader", ["", "M1"])
@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_no_legal_basis_opens_notebooks_about_answers(shown, reader, hiring):
    with pytest.raises(ValueError, match="only notebooks about hiring may"):
        publish(Show(study_for(hiring), "partnership_survey", reader), "table")
    assert not shown


@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_without_naming_a_person_a_single_row_is_hidden_whatever_the_audience(shown, hiring):
    for show in (
        Show(study_for(hiring), "hiring_manager_engagement"),
        Show(study_for(hiring), "hiring_manager_self", "M1"),
    ):
        publish(show, "table", SINGLE.assign(respondents=[1, 9, 20]), person="")
        assert body(shown)["rows"][0][1] is None
        assert "audience" not in body(shown)


def test_a_finding_about_one_person_is_for_that_person_alone(shown):
    row = {"estimate": 30.0, "low": 12.0, "high": 50.0, "respondents": 1, "method": "model"}
    words = dict.fromkeys(("higher", "lower", "same"), "You: {size}.") | {"unknown": "We cannot tell"}
    found = findings.difference(row, id="own", smallest=10, unit="per cent", group="you", **words)
    Show(study_for(Hiring), "hiring_manager_self", "M1").finding(found, person="M1")
    assert body(shown)["audience"] == "self"
    for show, person in [
        (Show(study_for(Hiring), "hiring_manager_self", "M1"), "M2"),
        (Show(study_for(Hiring), "hiring_manager_self", "M1"), ""),
        (Show(study_for(Named), "hiring_manager_engagement"), "M1"),
        (Show(study_for(Named), "partnership_survey", "M1"), "M1"),
    ]:
        with pytest.raises(ValueError, match=r"single|that person only|fewer than 5"):
            show.finding(found, person=person)


def test_a_caterpillar_has_a_line_per_manager_and_one_axis_for_every_page():
    frame = pd.DataFrame({"manager": ["Ada", "Bela"], "ratio": [0.5, 2.0]})
    frame["ratio_low"], frame["ratio_high"] = frame["ratio"] / 2, frame["ratio"] * 2
    axes = plots.painted(frame, plots.caterpillar).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Ada", "Bela"]
    assert [line[:, 0].tolist() for line in axes.collections[0].get_segments()] == [[0.25, 1.0], [1.0, 4.0]]
    assert axes.get_xscale() == "log" and axes.get_xlim() == (0.1, 10)
    wide = plots.painted(frame.assign(ratio_high=40.0), plots.caterpillar).axes[0]
    assert wide.get_xlim() == (0.1, 40)
    long = pd.concat([frame] * 20, ignore_index=True)
    assert plots.painted(long, plots.caterpillar).get_figheight() > 8


def test_a_funnel_draws_its_limits_in_order_and_names_only_who_lies_far_outside():
    frame = pd.DataFrame({"manager": ["Ada", "Bela", "Cato"], "due": [30, 10, 20], "share": [70.0, 0.0, 75.0]})
    frame["target"], frame["outside"] = 72.0, ["inside", "outside 99.8 %", "outside 95 %"]
    for end in ("low", "high"):
        for kind in ("95", "998", "95_wide", "998_wide"):
            frame[f"{end}_{kind}"] = frame["due"] if end == "low" else 100 - frame["due"]
    axes = plots.painted(frame, plots.funnel).axes[0]
    assert [label.get_text() for label in axes.texts] == ["Bela"]
    limits = [line for line in axes.lines if len(line.get_xdata()) == 3 and line.get_linestyle() in ("-", ":")]
    assert len(limits) == 8
    assert all(list(line.get_xdata()) == [10, 20, 30] for line in limits)


def test_a_line_over_numbers_stands_at_them_with_its_interval_as_a_band(drawn):
    frame = pd.DataFrame({"day": [0, 8, 90], "estimate": [100.0, 80.0, 20.0], "respondents": 40})
    frame["low"], frame["high"] = frame["estimate"] - [np.nan, 5, 5], frame["estimate"] + [np.nan, 5, 5]
    columns = {"day": count("Day"), "estimate": percent("Open", of_answers=False)}
    axes = drawn(
        frame, kind="line", category="day", value="estimate", low="low", high="high", columns=columns, measures=["day"]
    )
    assert axes.lines[0].get_xdata().tolist() == [0, 8, 90]
    band = axes.collections[0].get_paths()[0].vertices
    assert {tuple(point) for point in band.tolist()} >= {(8, 75), (8, 85), (90, 15), (90, 25), (0, 100)}
