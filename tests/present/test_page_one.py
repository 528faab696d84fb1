"""Page one: what is chosen, from whose weight, and what is said of it."""

import nbformat
import pandas as pd
import pytest

from helpers.columns import number
from helpers.data import InputError, Study
from helpers.present import page_one
from helpers.published import (
    About,
    Chart,
    Claim,
    Column,
    Evidence,
    Grade,
    PageOne,
    Results,
    StatedFinding,
    Table,
)

ABOUT = About(
    client="C", title="T", date="30 June 2026", as_of="2026-06-30", footer="", reader="", min_group=5, min_rated=2,
    legend=[], measured=[], notes=[], missing=[],
)  # fmt: skip
#: 10 HR partners, 80 managers of whom 20 in Logistics, 10 employees.
PEOPLE = pd.DataFrame(
    {"side": ["hr"] * 10 + ["manager"] * 80 + ["employee"] * 10, "department": ["Sales"] * 70 + ["Logistics"] * 30}
)


class Client:
    """A study of which page one needs to know who was invited, and its day."""

    as_of = pd.Timestamp("2026-06-30").date()
    waves = ("w1", "w2")
    attributes = ("department",)

    def __init__(self, people=PEOPLE):
        self.people = people

    def has(self, table):
        return table == "survey" or (table == "people" and self.people is not None)

    def roster(self, wave):
        return None if self.people is None else self.people.assign(person_id=range(len(self.people)), wave=wave)

    def responses(self):
        return PEOPLE.head(50).assign(respondent_id=range(50), wave="w2")


def difference(id, estimate=10.0, smallest=5.0, grade="strong", notebook="partnership_survey", **more):
    evidence = {"naming": "when different", "decimals": 0} | more.pop("evidence", {})
    kept = {"sentence": "HR partners score {dimension} {size} {higher|lower}.", "same": "{dimension} is alike.",
            "unknown": "We cannot tell {dimension} apart"}  # fmt: skip
    about = more.pop("about", {"dimension": id})
    slots = {"dimension": f"“{about.get('dimension', id)}”"}
    ends = sorted([estimate - 3, estimate + 4])
    facts = {"unit": "points of 100", "group": "all partnerships", "low": ends[0], "high": ends[1], "facts": []} | more
    return StatedFinding(
        notebook=notebook, id=id, sentence="With its interval.", grade=Grade(grade), estimate=estimate,
        smallest=smallest, about=about, evidence=Evidence(**kept | evidence, slots=slots), **facts,
    )  # fmt: skip


def results(*findings, tables=()):
    return Results(report=ABOUT, chapters=[], findings=list(findings), practices=[], tables=list(tables))


def told(*findings, study=None, tables=()):
    made, study = results(*findings, tables=tables), study or Client()
    return page_one.page(made, study, page_one.weighed(made, study))


def test_the_weight_is_size_times_evidence_times_share_of_people():
    table = page_one.weighed(
        results(
            difference("a", -10.0, 5.0),
            difference("b", 40.0, 5.0, "moderate", group="Managers"),
            difference("c", 6.0, 5.0, "weak", group="HR partners"),
            difference("d", 50.0, 5.0, "none"),
            difference("e", 50.0, 5.0, "cannot tell"),
        ),
        Client(),
    ).set_index("topic")
    # 90 of 100 are HR partners and managers; more than three times the smallest effect counts as three times.
    assert table["weight"].round(6).to_dict() == {
        "a": round(2 * 3 * 0.9, 6), "b": round(3 * 2 * 0.8, 6), "c": round(1.2 * 1 * 0.1, 6),
    }  # fmt: skip
    assert list(table.index) == ["a", "b", "c"]


@pytest.mark.parametrize("notebook", ["business_outcomes", "pulse_trends", "employee_relations", "employer_brand"])
def test_what_is_not_about_the_partnership_itself_counts_half(notebook):
    table = page_one.weighed(
        results(difference("a"), difference("b", notebook=notebook, about={"of": "cases"})), Client()
    ).set_index("topic")
    assert table.loc["a", "weight"] == 2 * table.loc[notebook, "weight"]


@pytest.mark.parametrize(
    ("finding", "share"),
    [
        (difference("a"), 0.9),
        (difference("a", group="Managers"), 0.8),
        (difference("a", group="employees"), 0.1),
        (difference("a", group="all openings", notebook="hiring_manager_engagement"), 0.8),
        (difference("a", group="Managers of …", about={"compared": "Logistics"}), 0.2),
    ],
)
def test_a_finding_concerns_the_side_and_group_that_it_names(finding, share):
    assert page_one.concerned(finding, PEOPLE) == pytest.approx(share)


def test_without_a_roster_those_who_answered_stand_for_those_invited_and_without_a_survey_everybody():
    table = page_one.weighed(results(difference("a", group="HR partners")), Client(people=None))
    assert table["concerned"].tolist() == [20.0]
    assert page_one.concerned(difference("a"), PEOPLE[:0]) == 1.0


def test_one_finding_on_each_topic_the_weightiest_first_and_at_most_five():
    page = told(
        *(difference(f"d{n}", 11.4 + n / 10) for n in range(7)),
        difference("again", 15.0, about={"dimension": "d6"}),
        difference("group", -30.0, about={"dimension": "d6", "compared": "Logistics"}),
    )
    assert [point.finding for point in page.points] == [
        f"partnership_survey--{id}" for id in ("again", "d5", "d4", "d3", "d2")
    ]


def test_beyond_three_only_what_weighs_nearly_as_much_as_the_first_is_told():
    page = told(*(difference(f"d{n}", size) for n, size in enumerate((12.0, 5.0, 4.0, 3.0, 3.0))))
    assert [point.finding for point in page.points] == [f"partnership_survey--d{n}" for n in range(3)]


def test_a_share_of_differences_is_left_to_the_chapters():
    page = told(difference("shared", 14.0, evidence={"scale": "share"}), difference("low", 5.0))
    assert [point.finding for point in page.points] == ["partnership_survey--low"]


def test_what_is_welcome_is_fine_and_asks_for_nothing():
    lower = {"evidence": {"naming": "when lower"}}
    page = told(
        difference("risen", 20.0, **lower),
        difference("fallen", -20.0, **lower),
        difference("raised", 9.0, notebook="practice_impact"),
        difference("harmed", -9.0, notebook="practice_impact"),
        difference("alike", 0.5, grade="none"),
    )
    assert [point.finding.rpartition("-")[2] for point in page.points] == ["fallen", "harmed"]
    assert page.fine[:2] == ["HR partners score “risen” 20 points of 100 higher.",
                             "HR partners score “raised” 9 points of 100 higher."]  # fmt: skip


def test_what_leads_to_nothing_to_do_comes_last_and_says_so():
    more = difference("more", 40.0, notebook="employee_relations", about={}, evidence={"naming": "nothing to do"})
    page = told(more, difference("low", -9.0))
    assert [point.finding.rpartition("-")[2] for point in page.points] == ["low", "more"]
    assert page.points[1].action == "Nothing to do now; look at it again in the next report"
    assert page.headline == "First to act on: “low”."
    assert told(more).headline == "No difference that would ask for action is larger than chance explains."


def test_a_point_says_what_where_how_sure_what_to_do_who_and_when():
    group = difference("g", -16.0, about={"dimension": "trust", "compared": "Logistics"}, grade="moderate",
                       group="Managers of the department “Logistics”")  # fmt: skip
    page = told(difference("trust", -20.0, playbook="role-swap"), group)
    first, second = page.points
    assert first.sentence == "HR partners score “trust” 20 points of 100 lower."
    assert first.where == "All partnerships; scored lowest by managers of the department “Logistics”"
    assert first.sure == "Very sure: 16 to 23 points of 100"
    assert (first.action, first.playbook) == ("Run the practice “Role swap”", "role-swap")
    assert (first.owner, first.due) == ("Head of HR", "28 September 2026")
    assert second.owner == "Head of Logistics, with their HR partner"
    assert page.compared == ["HR partners score “trust” 16 points of 100 lower."]
    assert page.headline == "First to act on: “trust”."


def test_a_ratio_is_told_as_one_and_what_has_no_dimension_is_headed_by_what_to_do():
    sentence = {"sentence": "With early steps, openings are filled {times} as fast.", "scale": "ratio"}
    faster = difference("fast", 180.0, notebook="hiring_manager_engagement", about={"side": "Managers"},
                        evidence=sentence, unit="per cent", low=100.0, high=300.0)  # fmt: skip
    page = told(faster)
    assert page.points[0].sentence == "With early steps, openings are filled 2.8 times as fast."
    assert page.points[0].sure == "Very sure: 2.0 to 4.0 times"
    assert page.headline == "First to do: agree on times for intake, brief, CV review and feedback."


def test_what_is_weak_for_want_of_lots_is_not_called_small_and_a_fall_asks_for_no_practice():
    weak = difference("since", -30.0, grade="weak", notebook="pulse_trends", about={}, evidence={"association": True})
    (point,) = told(weak).points
    assert point.sure.startswith("Sure that there is a difference, not what lies behind it")
    assert point.playbook == "" and point.action.startswith("Ask in the units that began")
    assert told(difference("since", 30.0, grade="weak", notebook="pulse_trends", about={})).points == []


def test_comparison_figures_name_their_source_where_it_is_known():
    def beside(**slots):
        found = difference("benchmark-trust", 9.0, about={"dimension": "trust"})
        evidence = found.evidence.model_copy(update={"slots": {**found.evidence.slots, **slots}})
        return told(found.model_copy(update={"evidence": evidence})).compared

    assert beside(source="Panel", year="2025") == ["Beside the comparison figures (Panel, 2025): higher on “trust”."]
    assert beside() == ["Beside the comparison figures: higher on “trust”."]


def test_what_nobody_can_tell_is_said_once_a_topic_after_whom_few_answered_for():
    level = StatedFinding(notebook="data_readiness", id="response-employee", sentence="46 per cent answered.",
                          claim=Claim.LEVEL, estimate=46.0, facts=[])  # fmt: skip
    page = told(
        level, difference("x", grade="cannot tell"), difference("y", grade="cannot tell", about={"dimension": "x"})
    )
    assert page.unknown == [
        "What the other employees think: fewer than half answered.", "We cannot tell “x” apart.",
    ]  # fmt: skip
    assert page.headline == "No difference that would ask for action is larger than chance explains."


def test_scores_are_those_of_the_survey_chapter_as_printed():
    side = Column(name="side", label="Side")
    level = [side, number("Score", 0).named("score_100"), number("Favourable", 0).named("favourable")]
    change = [side, *(number(name, 0).named(name) for name in ("first", "estimate", "low", "high"))]
    kept = {"notebook": "partnership_survey", "kind": "table", "title": "T", "message": "", "note": "", "audience": "",
            "file": "f", "alt": "", "chart": None}  # fmt: skip
    rows = [["Managers", "68", "62 %"], ["HR partners", "hidden (fewer than 5)", "–"]]
    scores = Table(id="overall-score", columns=level, rows=[[None] * 3] * 2, texts=rows, **kept)
    changed = Table(id="overall-change", columns=change, rows=[[None] * 5],
                    texts=[["Managers", "w1", "4", "1", "7"]], **kept)  # fmt: skip
    untold = changed.model_copy(update={"texts": [["Managers", "w1", "–", "–", "–"]]})
    assert [score.change for score in told(tables=[scores, untold]).scores] == [""]
    page = told(tables=[scores, changed])
    assert [score.words for score in page.scores] == [
        "68 of 100 · 62 % of answers favourable · up 4 since w1, could be 1 to 7"
    ]
    assert page.headline.startswith("Managers rate the partnership with HR 68 of 100. ")


def test_charts_of_the_findings_come_first_and_only_those_that_can_be_read_small():
    def chart(id, rows, notebook="partnership_survey", type="dot"):
        columns = [Column(name="d", label="D"), number("Mean").named("m")]
        return Table(
            notebook=notebook, id=id, kind="chart", title="T", message="", note="", audience="", file="f", alt="",
            columns=columns, rows=[[str(n), 1.0] for n in range(rows)], texts=[[str(n), "1"] for n in range(rows)],
            chart=Chart(type=type, category="d", value="m"),
        )  # fmt: skip

    tables = [chart("course", 3, type="line"), chart("mine", 10), chart("long", 40), chart("power", 3, "study_planner")]
    made = results(difference("a", exhibit="long"), difference("b", exhibit="mine"), tables=tables)
    assert [one.id for one in page_one.charts(made, page_one.weighed(made, Client()))] == ["mine", "course"]


def test_the_committed_results_are_those_of_the_committed_chapters(tmp_path):
    from golden import execute

    execute.collect(tmp_path / "results.json")
    assert (tmp_path / "results.json").read_bytes() == (execute.HERE / "results.json").read_bytes()


def test_the_committed_summary_is_what_these_results_make():
    from golden import execute

    study, made = Study.load("data/sample"), page_one.read("tests/golden/results.json")
    page = page_one.page(made, study, page_one.weighed(made, study))
    cells = nbformat.read(execute.NOTEBOOKS / "00_executive_summary.ipynb", as_version=4).cells
    shown = [
        output.data[execute.MIME] for cell in cells for output in cell.get("outputs", []) if execute.MIME in output.data
    ]
    assert [PageOne.model_validate(one) for one in shown if one["kind"] == "page one"] == [page]
    assert 3 <= len(page.points) <= 5 and len(page.charts) == 2 and len(page.scores) >= 2
    assert "Logistics" in " ".join([*page.compared, *(point.where for point in page.points)])


def test_results_that_are_not_there_are_named():
    with pytest.raises(InputError, match=r"there is no file nowhere/results\.json"):
        page_one.read("nowhere/results.json")


def test_one_sided_studies_have_the_scores_of_their_dimensions_drawn():
    columns = [Column(name="side", label="Side"), Column(name="dimension", label="Dimension")]
    columns += [number(name, 0).named(name) for name in ("score_100", "score_100_low", "score_100_high")]
    table = Table(
        notebook="partnership_survey", id="dimension-shares", kind="table", title="T", message="", note="", audience="",
        file="f", alt="", chart=None, columns=columns, rows=[["Respondents", "Service", 64.0, 60.0, 68.0]],
        texts=[["Respondents", "Service", "64", "60", "68"]],
    )  # fmt: skip
    made = results(tables=[table])
    (drawn,) = page_one.charts(made, page_one.weighed(made, Client()))
    assert (drawn.chart.category, drawn.chart.value, drawn.rows) == ("dimension", "score_100", table.rows)
    assert page_one.charts(results(), page_one.weighed(results(), Client())) == []
