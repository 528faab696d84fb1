"""Exhibits: guarded, rounded, labelled, and the same numbers for people and machines."""

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from helpers import published as contract
from helpers.analysis.methods.counts import because, cannot_tell
from helpers.analysis.methods.people import People
from helpers.columns import ALIKE
from helpers.data import InputError, Study
from helpers.data.codebook import Codebook
from helpers.data.settings import Inference
from helpers.present import (
    NotebookNotApplicable,
    Show,
    all_shown,
    named,
    number,
    percent,
    plots,
    repeats,
    score,
    share,
    theme,
)
from helpers.present import show as module
from helpers.privacy.participation import Participation
from helpers.published import Chart, Finding

ROOT = Path(__file__).parents[2]
NAMES = "department estimate low high respondents"
MEANS = {"estimate": score("Mean score", 1, 5)}
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
    min_group, min_rated, rated_agreement = 5, 2, ""


class Brand:
    accent = "#0b5c6b"


class Hiring:
    audience, legal_basis = "shared", ""


class Declared:
    inference = Inference()


class Named:
    audience, legal_basis = "named", "Works agreement 12 <of> 2026."


class SmallStudy:
    """The part of a study that exhibits use."""

    privacy, brand, hiring, settings = Privacy, Brand, Hiring, Declared
    codebook = Codebook.model_validate(
        {
            "instrument": {"name": "Trust"},
            "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
            "dimensions": [{"id": "trust", "label": "Respect and trust"}],
            "items": [{"id": "t1", "dimension": "trust", "response": "agreement", "text": "I trust them."}],
        }
    )
    attributes = ("department", "region")

    def has(self, table):
        return table == "survey"

    def responses(self):
        return pd.DataFrame({"respondent_id": [], "wave": [], "side": [], "t1": []})

    def roster(self):
        return None

    min_rated, min_clusters = Study.min_rated, Study.min_clusters


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
    published = [data[contract.MIME] for data, _ in shown if contract.MIME in data][-1]
    assert contract.dump(contract.read(published)) == published
    return published


def test_a_table_shows_rounded_grouped_and_hidden_values_alike_to_people_and_machines(show, shown):
    published = show.table(FRAME, NAMES, "means", "Means", **MEANS)
    exhibit = body(shown)
    assert exhibit["rows"][0] == ["Sales", 3.46, 3.3, 3.6, 1240]
    assert exhibit["texts"][0] == ["Sales", "3.46", "3.30", "3.60", "1 240"]
    assert exhibit["texts"][1] == ["Plant", "hidden (protects single people)", "–", "–", "–"]
    assert exhibit["texts"][2] == ["Legal", "hidden (fewer than 5)", "–", "–", "–"]
    assert exhibit["rows"][2] == ["Legal", None, None, None, None]
    assert "Results for fewer than 5 people are hidden" in exhibit["note"]
    assert published["estimate"].isna().tolist() == [False, True, True, False]
    assert "2.1" not in json.dumps([data for data, _ in shown])


def test_text_from_data_is_escaped_on_the_screen(show, shown):
    show.table(FRAME, NAMES, "means", "Means <b>", **MEANS)
    html = shown[0][0]["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Means &lt;b&gt;" in html


def test_only_named_columns_are_published(show, shown):
    frame = FRAME.assign(respondent_ids="p1, p2", note="")
    show.table(frame, NAMES, "means", "Means", **MEANS)
    assert [column["name"] for column in body(shown)["columns"]] == NAMES.split()
    assert "p1" not in json.dumps([data for data, _ in shown])


def test_what_cannot_be_estimated_is_said_in_words_and_explained_in_the_note(show, shown):
    frame = pd.DataFrame(
        {"dimension": ["trust"], "estimate": [None], "respondents": [80], "note": ["cannot tell: one item"]}
    )
    show.table(frame, "dimension estimate", "alpha", "Reliability", estimate=percent("Alpha"))
    assert body(shown)["texts"] == [["Respect and trust", "cannot tell"]]
    assert body(shown)["note"] == "Cannot tell: one item."


def test_a_chart_draws_only_what_is_published_and_describes_it(show, shown):
    show.dots(FRAME, "department", "means", "Means by department", "", "Source: survey.", span=(1, 5), **MEANS)
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

    def call(kind, frame, names, **options):
        getattr(show, kind)(frame, names, "x", "X", **options)
        return figures[-1].axes[0]

    return call


def test_dots_stand_at_the_rounded_published_values_with_their_intervals(drawn):
    axes = drawn("dots", FRAME, "department", span=(1, 5), **MEANS)
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
    axes = drawn("bars", frame, "dimension side", span=(1, 5), **MEANS)
    assert [bar.get_x() + bar.get_width() for bar in axes.patches] == pytest.approx([3.9, 3.4])
    assert [label.get_text() for label in axes.get_legend().get_texts()] == ["HR partners", "Managers"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Respect and trust"]


def test_a_line_runs_over_waves_in_their_order(drawn):
    frame = pd.DataFrame({"wave": ["2025-H1", "2025-H2", "2026-H1"], "estimate": [3.1, 3.2, 3.4], "respondents": 90})
    axes = drawn("lines", frame, "wave", span=(1, 5), **MEANS)
    assert axes.lines[0].get_ydata().tolist() == [3.1, 3.2, 3.4]
    assert axes.get_xlabel() == "Wave"


def test_a_heatmap_leaves_hidden_cells_grey_and_marked(drawn):
    frame = pd.DataFrame(
        [
            {"department": name, "dimension": "trust", "estimate": value, "respondents": size}
            for name, value, size in [("Sales", 3.4, 40), ("Plant", 3.1, 9), ("Legal", 2.2, 2)]
        ]
    )
    axes = drawn("heatmap", frame, "department dimension", **MEANS)
    assert [label.get_text() for label in axes.texts] == ["3.40", "–", "–"]


GROUPS = pd.DataFrame(
    [
        {"department": name, "dimension": "trust", "estimate": value, "respondents": size, "sure": sure}
        for name, value, size, sure in [
            ("Sales", 70.4, 40, "differs"),
            ("Plant", 51.4, 30, None),
            ("Legal", 20, 2, None),
        ]
    ]
)
OF_ALL = pd.DataFrame({"dimension": ["trust"], "estimate": [61.0], "respondents": [72]})
BESIDE = {"whole": OF_ALL, "called": "All managers", "mark": "sure", "estimate": number("Mean score", 0, "0–100")}


def test_a_heatmap_beside_everybody_shows_them_first_and_differences_below(drawn, shown):
    axes = drawn("heatmap", GROUPS, "department dimension", **BESIDE)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["All managers", "Sales", "Plant", "Legal"]
    assert [label.get_text() for label in axes.texts] == ["61", "+9°", "−10", "–"] or [
        label.get_text() for label in axes.texts
    ] == ["61", "+9°", "–", "–"]
    exhibit = body(shown)
    names = [column["name"] for column in exhibit["columns"]]
    assert names[:4] == ["department", "dimension", "difference", "estimate"]
    assert exhibit["texts"][0][:4] == ["All managers", "Respect and trust", "61", "61"]
    assert exhibit["rows"][0][2] == 0 and exhibit["rows"][1][2] == 9


def test_a_heatmap_numbers_its_rows_even_where_one_picture_holds_them(show, shown):
    frame = GROUPS[["department", "dimension", "estimate", "respondents"]]
    show.heatmap(frame, "department dimension", "rows-{first}", "Rows {first} to {last} of {of}", most=18)
    assert (body(shown)["id"], body(shown)["title"]) == ("rows-1", "Rows 1 to 3 of 3")


def test_rows_of_which_nothing_may_be_told_are_left_out_together(show):
    frame = GROUPS.assign(question=["a", "a", "b"])
    kept = show.with_told(frame, "estimate", "department dimension question estimate respondents", by="question")
    assert list(kept["department"]) == ["Sales", "Plant"]


def test_colours_of_a_comparison_are_no_brands_and_can_be_read(drawn, show):
    axes = drawn("heatmap", GROUPS, "department dimension", **BESIDE)
    before = np.asarray(axes.collections[0].get_facecolor())
    show.study.brand = replace_accent("#ff00ff")
    after = np.asarray(drawn("heatmap", GROUPS, "department dimension", **BESIDE).collections[0].get_facecolor())
    assert np.allclose(before, after)
    for place in np.linspace(0, 1, 21):
        assert theme.contrast(theme.INK, theme.diverging()(place)) >= 4.5


def replace_accent(colour):
    brand = Brand()
    brand.accent = colour
    return brand


def test_parts_of_answers_can_be_read_and_fill_the_bar(show, shown, monkeypatch):
    for colour in (theme.FAVOURABLE, theme.NEUTRAL, theme.UNFAVOURABLE):
        assert theme.contrast(theme.ink_on(colour), colour) >= 4.5
    frame = pd.DataFrame({"question": ["A", "B"], "favourable": [35.0, 60.0], "respondents": [31, 20]})
    frame = frame.assign(neutral=[35.0, np.nan], unfavourable=[35.0, np.nan])
    figure = plots.painted(frame, plots.stacked)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["35", "60", "35", "35"]  # as printed, though they
    assert max(bar.get_x() + bar.get_width() for bar in axes.patches) == pytest.approx(100)  # add up to 105


def test_findings_keep_their_names_between_runs():
    rows = pd.DataFrame(
        {"by": "department", "compared": ["R&D", "Sales", "R D"], "dimension": ["trust", "all dimensions", "trust"]}
    )
    first = named(rows, "by compared dimension")["called"].tolist()
    assert first == ["department-r_d-trust", "department-sales-all_dimensions", "department-r_d-trust_2"]
    assert named(rows[1:2], "by compared dimension")["called"].tolist() == first[1:2]


def test_what_chapters_told_before_counts_among_the_comparisons_of_a_mark(show):
    rows = pd.DataFrame({"p_value": [0.01, 0.04, np.nan]})
    assert show.adjusted(rows)["p_adjusted"].tolist()[:2] == pytest.approx([0.02, 0.04])


def test_the_interval_of_another_value_stands_in_columns_of_its_name(drawn):
    frame = pd.DataFrame({"group": ["Fast", "Slow"], "ratio": [0.5, 2.0], "respondents": 9})
    frame["ratio_low"], frame["ratio_high"] = frame["ratio"] / 2, frame["ratio"] * 2
    axes = drawn("dots", frame, "group", value="ratio")
    assert [line[:, 0].tolist() for line in axes.collections[0].get_segments()] == [[0.25, 1.0], [1.0, 4.0]]


def test_drawings_are_the_same_bytes_on_every_run():
    frame = pd.DataFrame({"wave": ["a", "b"], "estimate": [3.1, 3.2]})
    chart = Chart(type="line", category="wave", value="estimate", colours={"Mean": "#0b5c6b"})
    drawings = (
        plots.draw(frame, chart, {"estimate": score("Mean", 1, 5), "wave": repeats("Wave")}, "#0b5c6b")
        for _ in range(2)
    )
    first, second = (plots.render(drawing, "svg") for drawing in drawings)
    assert first == second


def test_pixels_and_vectors_show_the_same_layout():
    def figure():
        return plots.painted(None, lambda _, axes: axes.set(title="Trust", xlabel="Points", yticks=[1, 2.5]))

    png, svg = (plots.render(figure(), kind) for kind in ("png", "svg"))
    width, height = (float(part.removesuffix("pt")) for part in re.findall(rb'(?:width|height)="([\d.]+pt)"', svg)[:2]
                     for part in [part.decode()])  # fmt: skip
    pixels = Image.open(io.BytesIO(png)).size
    assert pixels == pytest.approx((width / 72 * plots.DOTS, height / 72 * plots.DOTS), abs=1)


def test_a_finding_about_too_few_people_is_refused(show, shown):
    finding = Finding(id="x", claim="level", sentence="3.0", estimate=3.0, low=2.9, high=3.1, n=4)
    with pytest.raises(ValueError, match="fewer than 5"):
        show.finding(finding)
    assert shown == []


def test_a_finding_says_what_its_number_counts(shown):
    finding = Finding(id="x", claim="level", sentence="3.0", estimate=3.0, low=2.9, high=3.1, n=30)
    Show(SmallStudy(), "partnership_survey").finding(finding)
    Show(SmallStudy(), "business_outcomes", respondents="Units").finding(finding)
    assert [contract.read(one).counted for one in told_of(shown)] == ["Respondents", "Units"]


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
    show.figure(FRAME, NAMES, "other", "Other", paint=lambda frame, axes: seen.append(frame), alt="Points.", **MEANS)
    assert seen[0]["estimate"].tolist()[0] == 3.46
    assert seen[0]["estimate"].isna().tolist() == [False, True, True, False]
    assert body(shown)["chart"]["type"] == "other"
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


def test_a_chapter_stops_in_words_where_what_it_rests_on_does_not_hold(show):
    show.needs_that(True, "never said")
    with pytest.raises(NotebookNotApplicable, match="Nobody has answered in 2027 yet"):
        show.needs_that(False, "Nobody has answered in 2027 yet.")


def test_a_chapter_about_pairs_needs_pairs(show):
    with pytest.raises(NotebookNotApplicable, match="about each other"):
        show.needs_pairs(pd.DataFrame(columns=["hr", "manager"]))
    pairs = pd.DataFrame({"hr_id": list("abcabcab"), "manager_id": range(8), "hr": 3.0, "manager": 4.0})
    for few in (pairs[pairs["hr_id"] != "c"], pairs.assign(manager_id=1)):
        with pytest.raises(NotebookNotApplicable, match="Fewer than 3 HR partners or 5 managers"):
            show.needs_pairs(few)


def test_what_few_hr_partners_said_is_not_told_but_their_managers_are(show, shown):
    pairs = pd.DataFrame({"hr_id": list("abcdeabc"), "manager_id": range(8), "hr": 3.0, "manager": 4.0})
    assert show.needs_pairs(pairs) is pairs
    assert not shown
    none = show.needs_pairs(pairs[pairs["hr_id"] < "d"])
    assert none.empty and "Fewer than 5 HR partners" in none.attrs["absent"]
    assert "Fewer than 5 HR partners answered" in str(shown[-1]) and "both-sides" in str(shown[-1])


@pytest.mark.parametrize("kind", ["table", "facts", "dots", "bars", "lines", "heatmap", "figure"])
def test_a_table_without_rows_publishes_the_sentence_that_says_why_and_says_it_once(show, shown, kind):
    options = {"paint": lambda frame, axes: None, "alt": "Points."} if kind == "figure" else {}
    for absent in ("Nobody was asked.", "Nobody was asked.", ""):
        published = getattr(show, kind)(FRAME[:0], NAMES, "means", "Means", absent=absent, **options)
        assert list(published.columns) == list(FRAME.columns)
    assert [data["text/plain"] for data, _ in shown] == [
        "Nobody was asked.",
        "“Means” is not shown: the study holds nothing to show there.",
    ]
    assert body(shown)["kind"] == "remark"


def test_findings_of_no_rows_are_none_and_of_hidden_rows_one_remark(show, shown):
    words = {"id": "x", "unknown": "We cannot tell", "exhibit": "means"}
    show.levels(FRAME[:0], "{department}: {value}", **words)
    assert not shown
    show.levels(FRAME.assign(estimate=None), "{department}: {value}", hidden="Too few people answered.", **words)
    assert [data["text/plain"] for data, _ in shown] == ["Too few people answered."]


def test_a_table_without_rows_says_what_its_maker_knows_of_the_reason(show, shown):
    empty = because(FRAME[:0], "Nobody was asked this year.")
    published = show.table(empty, NAMES, "means", "Means")
    show.dots(published, "department", "dots", "Dots", absent="Nobody was asked at all.")
    show.model(because(FRAME[:0], "There is no model."), "model", "Model", absent="There are no terms.")
    assert [data["text/plain"] for data, _ in shown] == [
        "Nobody was asked this year.",
        "Nobody was asked at all.",
        "There is no model.",
    ]
    assert published.attrs["absent"] == "Nobody was asked this year."


def test_a_finding_refers_to_the_exhibit_its_rows_were_taken_from(show, shown):
    words = {"id": "x", "unknown": "We cannot tell"}
    with pytest.raises(ValueError, match="name the one that shows them"):
        show.levels(FRAME.head(1), "{value}", **words)
    published = show.dots(FRAME, "department", "means", "Means")
    show.levels(published[published["department"] == "Sales"].assign(method="CR2"), "{value}", **words)
    assert body(shown)["exhibit"] == "means"
    show.levels(published.head(1), "{value}", exhibit="elsewhere", **words)
    assert body(shown)["exhibit"] == "elsewhere"


def test_what_a_notebook_calls_a_column_holds_in_all_its_exhibits(shown):
    show = Show(SmallStudy(), "partnership_survey", respondents="Hiring managers")
    show.table(FRAME, "department respondents", "means", "Means")
    assert body(shown)["columns"][-1]["label"] == "Hiring managers"
    show.dots(FRAME, "department", "means", "Means", respondents="People")
    assert body(shown)["columns"][-1]["label"] == "People"


def test_an_open_end_of_an_axis_is_the_next_whole_number_beyond_what_is_drawn(show, shown):
    frame = FRAME.assign(ratio=[1.1, 1.2, 9.9, 1.4], ratio_low=1.0, ratio_high=[1.5, 1.6, 12.0, 2.3])
    show.dots(frame, "department", "ratios", "Ratios", value="ratio", span=(0, None))
    assert (body(shown)["chart"]["value_min"], body(shown)["chart"]["value_max"]) == (0, 3), "Legal is hidden"


TERMS = pd.DataFrame(
    {
        "term": ["Intercept", "month[T.2026-02]", "site[T.Bern]", "early"],
        "estimate": [1.0, 2.0, 3.0, 4.0],
        "low": 0.0,
        "high": 9.0,
        "respondents": 90,
        "clusters": 12,
        "method": "cox regression",
    }
)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["month: 2026-02", "site: Bern", "early"]),
        ({"terms": {"early": "Early", "Intercept": "Constant"}}, ["Early", "Constant"]),
        ({"terms": {"early": "Early"}, "rest": True}, ["Early", "month: 2026-02", "site: Bern"]),
    ],
)
def test_terms_of_a_model_stand_in_the_order_and_words_asked_for(show, shown, options, expected):
    show.model(TERMS, "model", "Model", columns={"term": "Compared"}, **options)
    assert [row[0] for row in body(shown)["rows"]] == expected
    assert body(shown)["columns"][0]["label"] == "Compared"
    assert body(shown)["note"] == "Cox regression; 12 clusters."


def test_a_model_whose_frame_names_nobody_does_not_take_rows_for_people(show, shown):
    """Three managers with four promises each, of three HR partners, are no twelve people."""
    rows = pd.DataFrame({"cluster_id": np.repeat(["H1", "H2", "H3"], 4), "x": range(12)})
    fit = smf.ols("y ~ x", rows.assign(y=rows["x"] + np.tile([0.0, 1.0, 0.5], 4))).fit()
    show.model(fit, "model", "Model")
    assert body(shown)["kind"] == "remark"
    assert "fewer than 5 people" in body(shown)["sentence"]


def test_a_column_nobody_knows_is_labelled_by_its_name_and_divides_the_people(show, shown):
    frame = FRAME.rename(columns={"department": "squad"})
    show.table(frame, "squad estimate respondents", "means", "Means", **MEANS)
    assert [column["label"] for column in body(shown)["columns"]] == ["Squad", "Mean score", "Respondents"]
    assert [row[1] for row in body(shown)["rows"]] == [3.46, None, None, 4.0]


def test_nobody_can_say_that_an_attribute_of_the_study_repeats_over_the_same_people(show, shown):
    for told in ({}, {"department": repeats("Department")}, {"region": repeats("Region")}):
        frame = FRAME.rename(columns={"department": next(iter(told), "department")})
        show.table(frame, f"{frame.columns[0]} estimate respondents", "means", "Means", **MEANS, **told)
        assert [row[1] for row in body(shown)["rows"]] == [3.46, None, None, 4.0]


def test_facts_refuse_what_would_tell_of_single_people(show, shown):
    for name in ("respondent_id", "hr_id", "t1", "comment"):
        with pytest.raises(ValueError, match=f"{name} would tell of single people"):
            show.facts(pd.DataFrame({name: ["p1"], "rows": [3]}), "rows", "tables", "Tables")
    assert not shown


def test_every_number_is_taken_at_ten_digits_before_anything_is_decided_from_it(show, shown):
    """Sums differ in their last bits from processor to processor; what is published may not."""
    ties = pd.DataFrame({"dimension": ["a", "b", "c"], "estimate": [62.5, 0.285, 1.005], "respondents": 40})
    noise = np.random.default_rng(1)
    texts = []
    for _ in range(30):
        noisy = ties.assign(estimate=ties["estimate"] * (1 + 1e-11 * noise.uniform(-1, 1, len(ties))))
        shares = share("Share")
        published = show.table(noisy, "dimension estimate", "x", "X", estimate=shares)
        texts.append((json.dumps(body(shown)), published["estimate"].tolist()))
    assert len({text for text, _ in texts}) == 1
    assert texts[0][1] == ties["estimate"].tolist()
    assert [row[1] for row in body(shown)["rows"]] == [63.0, 0.0, 1.0]


def test_a_side_with_too_few_people_is_named_once_instead_of_filling_rows(show, shown):
    frame = pd.DataFrame({"side": ["hr", "manager"], "estimate": [3.9, 3.4], "respondents": [3, 28]})
    published = show.table(frame, "side estimate", "means", "Means", **MEANS)
    assert body(shown)["texts"] == [["Managers", "3.40"]]
    assert body(shown)["note"] == "Not shown, because it would tell about fewer than 5 people: HR partners."
    assert published["estimate"].isna().tolist() == [True, False]


@pytest.mark.parametrize("kind", ["table", "lines"])
def test_an_exhibit_of_which_nothing_may_be_shown_is_a_sentence(show, shown, kind):
    frame = pd.DataFrame({"wave": ["2026"], "estimate": [3.9], "respondents": [3]})
    getattr(show, kind)(frame, "wave estimate" if kind == "table" else "wave", "means", "Means", **MEANS)
    assert [data["text/plain"] for data, _ in shown] == [
        "“Means” is not shown: it would tell about fewer than 5 people."
    ]
    assert body(shown) == {
        "version": 4,
        "kind": "remark",
        "sentence": "“Means” is not shown: it would tell about fewer than 5 people.",
    }


def test_a_published_table_does_not_display_itself_again(show, shown):
    published = show.table(FRAME, NAMES, "means", "Means", **MEANS)
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
WHO = {"columns": {"who": "Manager", "ratio": number("Times"), "respondents": "Managers"}}
METHODS = {
    "table": ("who ratio respondents", {}),
    "dots": ("who", {"value": "ratio"}),
    "figure": ("who ratio respondents", {"paint": lambda frame, axes: None, "alt": "Points."}),
}


def publish(show, method, frame=SINGLE, **options):
    names, how = METHODS[method]
    return getattr(show, method)(frame, names, "own", "Own", **{"person": "manager", **how, **WHO, **options})


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


def test_a_long_list_takes_several_pictures_that_number_their_rows(shown):
    show = Show(study_for(Named), "hiring_manager_engagement")
    everyone = pd.concat([SINGLE.assign(manager=["M1", "M2", "M3"], respondents=1)] * 3, ignore_index=True)
    names, how = METHODS["figure"]
    title = "Managers {first} to {last} of {of}"
    show.figure(everyone, names, "list-{first}", title, most=4, person="manager", **how, **WHO)
    pages = [data[contract.MIME] for data, _ in shown if contract.MIME in data]
    assert [page["id"] for page in pages] == ["list-1", "list-4", "list-7"]
    assert [page["title"] for page in pages] == [f"Managers {n} to {n + 2} of 9" for n in (1, 4, 7)]
    assert {page["audience"] for page in pages} == {"named"}


class Requisitions(SmallStudy):
    """A study of some hiring managers."""

    def __init__(self, managers):
        self.managers = managers

    def has(self, table):
        return table in ("requisitions", "hiring_events") and bool(self.managers)

    def table(self, name):
        return pd.DataFrame({"hiring_manager_id": [*self.managers, None]})


@pytest.mark.parametrize(
    ("managers", "reader", "said"),
    [
        ([], "", "needs the table requisitions and hiring_events"),
        (["M1", "M2", "M3", "M4"], "", "needs at least 5 hiring managers; none is described alone"),
        (["M1", "M2", "M3", "M4", "M5"], "M1", "compares with at least 5 others; there are fewer"),
    ],
)
def test_a_chapter_on_hiring_stops_where_single_managers_would_be_described(managers, reader, said):
    show = Show(Requisitions(managers), "hiring_manager_self", reader=reader)
    with pytest.raises(NotebookNotApplicable, match=said):
        show.hiring()


def test_a_reader_who_is_no_hiring_manager_is_refused():
    with pytest.raises(InputError, match=r"no hiring manager.*did you mean"):
        Show(Requisitions(["M1", "M2", "M3"]), "hiring_manager_self", reader="M1x").hiring()


@pytest.mark.parametrize("reader", ["", "M1"])
@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_no_legal_basis_opens_notebooks_about_answers(shown, reader, hiring):
    with pytest.raises(ValueError, match="only notebooks about hiring may"):
        publish(Show(study_for(hiring), "partnership_survey", reader=reader), "table")
    assert not shown


@pytest.mark.parametrize("hiring", [Hiring, Named])
def test_without_naming_a_person_a_single_row_is_hidden_whatever_the_audience(shown, hiring):
    for show in (
        Show(study_for(hiring), "hiring_manager_engagement"),
        Show(study_for(hiring), "hiring_manager_self", reader="M1"),
    ):
        publish(show, "table", SINGLE.assign(respondents=[1, 9, 20]), person="")
        assert body(shown)["rows"][0][1] is None
        assert body(shown)["audience"] == ""


def test_a_finding_about_one_person_is_for_that_person_alone(shown):
    found = Finding(id="own", claim="level", sentence="You: 30.", estimate=30.0, low=12.0, high=50.0, n=1)
    Show(study_for(Hiring), "hiring_manager_self", reader="M1").finding(found, person="M1")
    assert body(shown)["audience"] == "self"
    for show, person in [
        (Show(study_for(Hiring), "hiring_manager_self", reader="M1"), "M2"),
        (Show(study_for(Hiring), "hiring_manager_self", reader="M1"), ""),
        (Show(study_for(Named), "hiring_manager_engagement"), "M1"),
        (Show(study_for(Named), "partnership_survey", reader="M1"), "M1"),
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
    axes = drawn("lines", frame, "day", estimate=share("Open"))
    assert axes.lines[0].get_xdata().tolist() == [0, 8, 90]
    band = axes.collections[0].get_paths()[0].vertices
    assert {tuple(point) for point in band.tolist()} >= {(8, 75), (8, 85), (90, 15), (90, 25), (0, 100)}


# Whom a row tells about, and what its words tell ----------------------------------------------------------------------


def study_with(**privacy):
    """Return a small study with other privacy settings; ``tables`` names the tables it has."""
    tables = privacy.pop("tables", ("survey",))
    has = {"has": lambda self, table: table in tables}
    return type("Study", (SmallStudy,), {"privacy": type("Privacy", (Privacy,), privacy)} | has)()


RATED = FRAME.assign(department=list("ABCD"), respondents=30, side="manager")
RATED_NAMES = "side department estimate low high respondents"


def test_the_true_reason_is_printed_where_answers_are_about_too_few_hr_partners(show, shown):
    show.table(RATED.assign(rated=[1, 3, 2, 4]), RATED_NAMES, "means", "Means", **MEANS)
    texts = [row[2] for row in body(shown)["texts"]]
    # All groups hold as many people: the first of the others is hidden with it, which the total would give away.
    assert texts == ["hidden (about fewer than 2 HR partners)", "hidden (protects single people)", "2.10", "4.00"]
    show.table(RATED.assign(rated=[4, 4, np.nan, np.nan]), RATED_NAMES, "nobody", "Nobody", **MEANS)
    assert [row[2] for row in body(shown)["texts"]][2:] == ["hidden (about fewer than 2 HR partners)"] * 2
    show.table(RATED.assign(rated=1), RATED_NAMES, "none", "None", **MEANS)
    assert body(shown)["sentence"] == "“None” is not shown: it would tell about fewer than 2 HR partners."


def test_three_rated_people_are_asked_for_where_one_of_them_can_get_a_report_of_their_own(shown):
    by_hr = RATED.assign(side="hr", rated=[2, 3, 3, 3])
    for study, reader, first in (
        (study_with(), "", "3.46"),
        (study_with(tables=("survey", "requisitions")), "", "hidden (about fewer than 3 managers)"),
        (study_with(), "M1", "hidden (about fewer than 3 managers)"),
        (study_with(min_rated=4), "", "hidden (about fewer than 4 managers)"),
    ):
        Show(study, "partnership_survey", reader=reader).table(by_hr, RATED_NAMES, "means", "Means", **MEANS)
        published = body(shown)
        said = published.get("sentence", "") or published["texts"][0][2]
        assert first.removeprefix("hidden (").removesuffix(")") in said


@pytest.mark.parametrize(
    ("study", "least"),
    [
        (study_with(), 3),
        (study_with(min_rated=3), 4),
        (
            type(
                "Study", (SmallStudy,), {"settings": type("Declared", (), {"inference": Inference(cluster="region")})}
            )(),
            5,
        ),
    ],
)
def test_an_interval_over_so_few_clusters_that_it_tells_each_is_not_told(shown, study, least):
    clustered = RATED.assign(clusters=[least - 1, least, 12, 12], rated=4, p_value=0.01)
    found = Show(study, "partnership_survey").table(clustered, f"{RATED_NAMES} p_value", "means", "Means", **MEANS)
    texts = body(shown)["texts"]
    assert texts[0][2:5] == ["3.46", "cannot tell", "–"] and texts[0][6] == "–"
    assert texts[1][2:5] != ["3.46", "cannot tell", "–"] and "cannot tell" not in texts[1]
    assert f"Cannot tell: an interval over fewer than {least} clusters would tell of each." in body(shown)["note"]
    assert found[["low", "high", "p_value"]].isna().all(axis=1).tolist() == [True, False, False, False]


def test_an_agreement_of_those_rated_is_printed_with_what_rests_on_it_and_nowhere_else(shown):
    show = Show(study_with(min_rated=1, rated_agreement="All four, 2026-03-02."), "partnership_survey")
    said = "Answers about single people are shown as those rated agreed: All four, 2026-03-02."
    show.table(RATED.assign(rated=[1, 3, 2, 4]), RATED_NAMES, "means", "Means", **MEANS)
    assert body(shown)["note"] == said and body(shown)["texts"][0][2] == "3.46"
    show.table(RATED.assign(rated=[3, 3, 2, 4]), RATED_NAMES, "means", "Means", **MEANS)
    assert body(shown)["note"] == ""


def test_a_row_knows_its_people_so_that_nobody_need_count_whom_it_tells_of(show, shown):
    def sheets(partners):
        return People(pd.DataFrame({"respondent_id": [f"m{n}" for n in range(30)], "rated_id": partners}))

    one, nearly, four = sheets("H1"), sheets(["H1"] * 25 + ["H2"] * 5), sheets(["H1", "H2", "H3"] * 10)
    show.table(RATED.assign(people=[one, nearly, four, four]), RATED_NAMES, "means", "Means", **MEANS)
    assert [row[2] for row in body(shown)["texts"]] == [
        "hidden (about fewer than 2 HR partners)",
        "hidden (over 80 % of the answers are about one of the HR partners)",
        "2.10",
        "4.00",
    ]


def test_a_mean_of_days_of_which_one_manager_holds_most_is_hidden_without_a_word_why(shown):
    def waits(longest):
        rows = pd.DataFrame({"respondent_id": [f"m{n}" for n in range(6)], "days": [longest, 1, 1, 1, 1, 1]})
        return People(rows, value="days")

    rows = pd.DataFrame({"label": ["a", "b"], "estimate": [9.0, 1.2], "respondents": 6})
    show = Show(SmallStudy(), "hiring_manager_engagement")
    show.table(rows.assign(people=[waits(90.0), waits(2.0)]), "label estimate respondents", "waits", "Waits")
    assert [row[1] for row in body(shown)["texts"]] == ["hidden (protects single people)", "1.20"]


def test_no_note_remark_fact_or_finding_says_that_everybody_answered_alike(show, shown):
    """Six people of Finance all answered 2: the note beside n = 6 and the total would tell all six answers."""
    note = cannot_tell(f"{ALIKE}, so no interval can be computed")
    frame = RATED.assign(estimate=[3.4, np.nan, 3.1, 3.9], note=["", note, "", ""], method="CR2")
    published = show.table(frame, RATED_NAMES, "means", "Means", **MEANS)
    assert published["estimate"].notna().sum() == 2
    words = {"id": "x-{department}", "unknown": "We cannot tell"}
    show.levels(published, "{department}: {value}", **words)
    show.levels(frame, "{department}: {value}", exhibit="means", **words)
    show.remark(f"Not computed: {ALIKE}.")
    show.facts(pd.DataFrame({"what": [f"cannot tell: {ALIKE}"]}), "what", "facts", "Facts")
    everything = json.dumps([data for data, _ in shown])
    assert ALIKE not in everything and "alike" not in everything


def test_a_finding_from_rows_that_no_table_published_is_protected_first(show, shown):
    words = {"id": "x-{department}", "unknown": "We cannot tell", "exhibit": "means"}
    show.levels(FRAME.assign(method="CR2"), "{department}: {value}", **words)
    told = [data[contract.MIME] for data, _ in shown]
    assert [finding["estimate"] for finding in told] == [3.46, None, None, 4.0]
    assert told[2]["sentence"] == "We cannot tell: it would tell of too few people."


def test_a_finding_of_an_exhibit_that_is_withheld_is_refused(show, shown):
    show.table(RATED.assign(rated=1), RATED_NAMES, "means", "Means", **MEANS)
    finding = Finding(id="x", claim="level", sentence="3.0", estimate=3.0, low=2.9, high=3.1, n=30, exhibit="means")
    with pytest.raises(ValueError, match="may not show"):
        show.finding(finding)


def test_facts_do_not_count_few_people(show, shown):
    frame = pd.DataFrame({"table": ["people", "survey"], "rows": [80, 3], "duplicates": [1, 0], "warnings": [2, 0]})
    returned = show.facts(frame, "table rows duplicates warnings", "tables", "Tables")
    assert body(shown)["texts"] == [["people", "80", "fewer than 5", "2"], ["survey", "fewer than 5", "0", "0"]]
    assert returned["rows"].tolist() == [80, 3]


def test_statistics_over_groups_are_shown_only_where_every_group_is():
    groups = pd.DataFrame({"dimension": ["trust", "trust", "candour"], "estimate": [3.0, None, 3.5]})
    tests = pd.DataFrame({"dimension": ["trust", "candour", "unheard"], "estimate": [0.3, 0.1, 0.2]})
    assert all_shown(tests, groups)["dimension"].tolist() == ["candour"]


@pytest.mark.parametrize(("others", "is_hidden"), [(4, True), (5, False)])
def test_who_reads_of_a_group_that_holds_them_reads_of_at_least_five_others(others, is_hidden):
    show = Show(Requisitions([]), "hiring_manager_self", reader="M1")
    mean = show.protected(pd.DataFrame({"metric": ["feedback"], "estimate": [2.5], "respondents": [others + 1]}))
    assert mean["estimate"].isna().all() == is_hidden


def small_client(shown):
    """A chapter on a company of three HR partners, and a table of all its dimensions: of managers six do not hold."""
    study = Study.load(ROOT / "tests" / "studies" / "small_client")
    show = Show(study, "partnership_survey")
    show.survey()
    names = [dimension.id for dimension in study.codebook.dimensions][:10]
    rows = {"dimension": names, "side": "manager", "estimate": np.linspace(2, 4, 10), "low": 1.0, "high": 5.0}
    frame = pd.DataFrame(rows).assign(respondents=28, lowest=[True] + 9 * [False])
    frame.attrs["exhibit"] = "means"
    shown.clear()
    return show, frame


LOWEST = {"id": "lowest", "unknown": "The lowest cannot be told", "place": "lowest"}
HIGHER = {"id": "{dimension}", "same": "{dimension}.", "unknown": "{dimension}", "smallest": 0.1}


def told_of(shown):
    return [data[contract.MIME] for data, _ in shown if contract.MIME in data]


def test_dimensions_whose_questions_do_not_go_together_are_not_compared_and_it_is_said_once(shown):
    show, frame = small_client(shown)
    show.differences(frame, "{dimension} is {size} {higher|lower}.", **HIGHER)
    remark, *told = told_of(shown)
    assert remark["sentence"].startswith(
        "Not ranked, nor compared: “Shared goals and metrics” of managers (reliability"
    )
    assert [one["id"] for one in told] == ["listening", "follow_through", "conflict", "knowledge"]
    assert {one["compared"] for one in told} == {4}, "what is not compared is no test"
    show.levels(frame, "{dimension}: {value}.", id="l", unknown="?")
    assert len(told_of(shown)) == 5 + len(frame), "a level is no comparison"


def test_of_dimensions_that_were_ranked_beside_such_nobody_knows_which_is_lowest(shown):
    show, frame = small_client(shown)
    show.ranks(frame, "{these} is lowest of all {of}.", **LOWEST)
    assert told_of(shown)[-1]["sentence"] == "The lowest cannot be told: any of the 4 could be it."
    alone = show.reliable(frame)
    show.ranks(alone, "{these} is lowest of all {of}.", **LOWEST)
    assert told_of(shown)[-1]["sentence"] == "“Listening” is lowest of all 4 dimensions."


def test_reliability_itself_is_ranked_of_all(shown):
    show, frame = small_client(shown)
    show.ranks(frame, "{these} is lowest of all {of}.", sides=None, **LOWEST)
    assert [one["sentence"] for one in told_of(shown)] == ["“Listening” is lowest of all 10 dimensions."]


def test_what_both_sides_answered_with_one_question_is_called_one(shown):
    show, frame = small_client(shown)
    show.differences(frame.drop(columns="side"), "{dimension}: {size}.", sides=["hr", "manager"], **HIGHER)
    told = told_of(shown)
    assert len(told) == 10 and all(one["sentence"].startswith("The one question on “") for one in told)


def test_where_nothing_may_be_compared_the_reason_is_at_hand(shown):
    show, frame = small_client(shown)
    none = show.reliable(frame[frame["dimension"] == "shared_goals"])
    assert none.empty and none.attrs["absent"].startswith("Not ranked, nor compared: “Shared goals and metrics”")


def test_a_finding_from_rows_made_of_a_published_table_tells_no_number_of_people_more_exactly(shown):
    show, frame = small_client(shown)
    invited = {"person_id": [f"M{at}" for at in range(30)], "wave": "2026", "side": "manager"}
    nearly_all = Participation.of(pd.DataFrame(invited).assign(responded=[at > 1 for at in range(30)]), [], 5)
    show.precision = replace(show.precision, participation=nearly_all)
    published = show.table(frame.iloc[[0, 2]], "side dimension estimate respondents", "means", "Means")
    assert set(published["respondents"]) == {"20–29"}, "28 would tell who did not answer"
    made = pd.DataFrame(published)
    made.attrs = {}
    for rows in (published, made):
        show.levels(rows, "{dimension}: {value}", id="x-{dimension}", unknown="We cannot tell", exhibit="means")
    assert [one["n"] for one in told_of(shown) if one["kind"] == "finding"] == ["20–29"] * 4
