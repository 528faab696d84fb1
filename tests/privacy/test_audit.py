"""The audit reads what a report publishes as an attacker would: each rule finds what breaks it, and nothing else."""

import io
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from helpers.cli import main
from helpers.data import InputError, Study
from helpers.privacy.audit import Reports, audit, audit_numbers, canon, directory, distributions, page, picture
from helpers.privacy.audit.readings import Span, people
from helpers.privacy.audit.words import tokens, untraced, windows

ABOUT = {
    "client": "Testco", "title": "Study", "date": "30 June 2026", "as_of": "2026-06-30", "footer": "", "reader": "",
    "min_group": 5, "notes": [], "missing": [],
}  # fmt: skip
#: How columns are published, by name; all others are words.
KINDS = {
    "respondents": ("Respondents", "integer", 0, ""),
    "answered": ("Answered", "integer", 0, ""),
    "rated": ("People rated", "integer", 0, ""),
    "groups": ("Groups", "integer", 0, ""),
    "estimate": ("Mean", "number", 2, "points (1–5)"),
    "mean": ("Mean", "number", 2, "points (1–5)"),
    "plain": ("Plain mean", "number", 2, ""),
    "standard_deviation": ("SD", "number", 2, ""),
    "numerator_degrees": ("Degrees", "number", 0, ""),
    "share": ("Share", "percent", 0, ""),
    "favourable": ("Favourable", "percent", 0, ""),
    "floor": ("Lowest", "percent", 0, ""),
    "ceiling": ("Highest", "percent", 0, ""),
}
RATE = {"estimate": ("Response rate", "percent", 0, ""), "respondents": ("Invited", "integer", 0, "")}
SCORE = {"estimate": ("Mean score", "number", 0, "0–100")}


def printed(cell, column):
    if cell is None:
        return "hidden (fewer than 5)"
    return f"{cell:.{column['decimals']}f}" if column["type"] == "number" and not isinstance(cell, str) else str(cell)


def table(id, names, *rows, title="A table, 2026", note="", audience="", told=None):
    """Return a table as results.json holds it; ``None`` is hidden, unless a text stands in its place."""
    names = names.split()
    kinds = {**KINDS, **(told or {})}
    columns = []
    for name in names:
        label, kind, decimals, unit = kinds.get(name, (name.capitalize(), "text", 0, ""))
        columns.append({"name": name, "label": label, "type": kind, "decimals": decimals, "unit": unit})
    texts = [[printed(cell, column) for cell, column in zip(row, columns)] for row in rows]
    return {
        "notebook": "n", "id": id, "kind": "table", "title": title, "message": "", "note": note, "audience": audience,
        "file": f"tables/n--{id}.csv", "columns": columns, "rows": [list(row) for row in rows], "texts": texts,
        "alt": "", "chart": None,
    }  # fmt: skip


@pytest.fixture
def report(tmp_path):
    def write(*tables, name="report", findings=(), **about):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        content = {"version": 4, "report": ABOUT | about, "chapters": [], "findings": list(findings)}
        content["tables"] = list(tables)
        (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")
        return folder

    return write


def kinds(verdict):
    return [leak.kind for leak in verdict.found]


TRUST = ("Managers", "Trust")
SIDE = table("answers", "side wave respondents", ["Managers", "2026", 40])


@pytest.mark.parametrize(
    ("people", "found"),
    [(4, ["too few people"]), ("1–4", ["too few people"]), (5, []), ("5–9", []), ("30 or more", [])],
)
def test_rows_of_too_few_people_are_found(report, people, found):
    made = report(table("means", "side dimension estimate respondents", [*TRUST, 3.4, people]))
    assert kinds(audit_numbers(made)) == found


def test_the_minimum_is_the_reports_own(report):
    means = table("means", "side dimension estimate respondents", [*TRUST, 3.4, 7])
    assert kinds(audit_numbers(report(means, min_group=8))) == ["too few people"]


def test_a_row_that_shows_nothing_but_how_few_there_are_is_no_result(report):
    hidden = table("means", "side dimension estimate respondents", [*TRUST, None, 3])
    assert audit_numbers(report(hidden)).passed


def test_findings_of_too_few_people_are_found(report):
    finding = {"id": "gap", "sentence": "A gap.", "grade": "strong", "estimate": 0.4, "n": 3}
    assert kinds(audit_numbers(report(findings=[finding]))) == ["too few people"]
    assert audit_numbers(report(findings=[finding | {"n": "10–19"}])).passed


@pytest.mark.parametrize(
    ("rate", "invited", "found"),
    [
        (38, 8, True),  # 3 answered
        (92, 36, True),  # 3 did not
        (100, 50, True),
        (60, 20, False),
        (70, "20–29", False),
        (97, "20–29", True),  # at most one did not, whatever the number
    ],
)
def test_rates_of_which_few_did_or_did_not_answer_are_found(report, rate, invited, found):
    rates = table("response-by-x", "side estimate respondents", ["Managers", rate, invited], told=RATE)
    assert kinds(audit_numbers(report(rates))) == ["who did not answer"] * found


def test_rates_beside_how_many_answered_are_found(report):
    told = {"estimate": RATE["estimate"], "invited": ("Invited", "integer", 0, ""), "respondents": KINDS["answered"]}

    def rates(*row, names="side invited estimate respondents"):
        return kinds(audit_numbers(report(table("response-rates", names, row, told=told))))

    assert rates("Managers", 36, "most", "30 or more") == []
    assert rates("Managers", 36, "most", 33) == ["who did not answer"]
    assert rates("Managers", 24, "most", "20–29") == []  # four at most are silent, and nobody need be
    assert rates("Managers", 20, "most", "20–29") == ["who did not answer"]  # all answered
    assert rates("Managers", 5, "most", "5–9") == []  # of a group of the minimum any result says that all answered
    assert rates("Managers", 5, 100, "5–9") == ["who did not answer"]
    assert rates("Managers", 24, 96, "20–29") == ["who did not answer"]
    assert rates("Managers", 36, 86, 31) == []
    assert rates("Managers", 94, 33, names="side estimate respondents") == ["who did not answer"]
    assert rates("Managers", 72, 47, names="side estimate respondents") == []
    assert rates("Managers", "not told", "5–9", names="side estimate respondents") == []


@pytest.mark.parametrize("words", ["hidden (all answered alike)", "hidden (the same answer throughout)"])
def test_a_reason_for_hiding_that_tells_the_value_is_found(report, words):
    made = table("means", "side estimate respondents", ["Managers", None, 6])
    made["texts"][0][1] = words
    assert kinds(audit_numbers(report(made))) == ["a reason that tells"]
    note = "Cannot tell: every answer is the same, so no interval can be computed."
    told = table("means", "side estimate respondents", ["Managers", None, 6], note=note)
    assert kinds(audit_numbers(report(told))) == ["a reason that tells"]


@pytest.mark.parametrize(("value", "found"), [(5.0, True), (1.0, True), (4.9, False)])
def test_everybodys_answer_is_found(report, value, found):
    means = table("means", "side dimension estimate respondents", [*TRUST, value, 12])
    assert kinds(audit_numbers(report(means))) == ["everybody's answer"] * found


def test_in_ones_own_report_the_others_must_be_enough(report):
    def own(people):
        return report(table("own", "label own respondents", ["Index", "97", people], audience="self",
                            told={"own": ("You", "number", 0, "")}))  # fmt: skip

    made = own(5)
    content = json.loads((made / "results.json").read_text(encoding="utf-8"))
    content["tables"][0]["rows"][0][1] = 97
    (made / "results.json").write_text(json.dumps(content), encoding="utf-8")
    assert kinds(audit_numbers(made)) == ["too few others"]
    content["tables"][0]["rows"][0][2] = 6
    (made / "results.json").write_text(json.dumps(content), encoding="utf-8")
    assert audit_numbers(made).passed


GROUPS = [["Ops", "Trust", 58, 16], ["Sales", "Trust", 54, 12]]
BY = "department dimension estimate respondents"


def breakdown(*rows):
    return table("heatmap", BY, *rows, title="Managers: scores by department, 2026", told=SCORE)


@pytest.mark.parametrize("hidden", [True, False])
def test_statistics_of_groups_that_are_hidden_are_found(report, hidden):
    rows = [*GROUPS, ["Legal", "Trust", None, None]] if hidden else GROUPS
    agreement = table("icc", "dimension coefficient estimate respondents", ["Trust", "ICC(1)", 0.24, 46],
                      title="Managers: do groups by department differ at all?",
                      told={"estimate": ("Estimate", "number", 2, "")})  # fmt: skip
    weighted = table("weighted", "dimension plain estimate respondents", ["Trust", 3.2, 3.3, 46],
                     title="Managers: mean scores weighted to the roster, 2026",
                     told={"estimate": ("Weighted mean", "number", 2, "")})  # fmt: skip
    found = kinds(audit_numbers(report(SIDE, breakdown(*rows), agreement, weighted)))
    assert found == ["a statistic of hidden groups"] * (2 if hidden else 0)


def test_groups_hidden_in_a_survey_say_nothing_of_statistics_of_hiring(report):
    """Records of openings and answers are other data; hidden groups of the records themselves still count."""
    terms = [["department: Sales", 1.2, 28], ["department: Ops", 0.8, 28]]
    hazards = table("hazards", "term estimate respondents", *terms,
                    title="What goes with faster filling", told={"estimate": ("Ratio", "number", 2, "")})  # fmt: skip
    survey = breakdown(*GROUPS, ["Legal", "Trust", None, None])
    assert kinds(audit_numbers(report(survey, hazards))) == ["a statistic of hidden groups"]
    hazards["notebook"] = "hiring_manager_engagement"
    assert kinds(audit_numbers(report(survey, hazards))) == []
    times = table("times", BY.replace("dimension ", ""), ["Ops", 58, 16], ["Sales", 54, 12], told=SCORE)
    times["notebook"] = "hiring_manager_engagement"
    assert kinds(audit_numbers(report(survey, hazards, times))) == ["a statistic of hidden groups"]


def test_neither_everybody_nor_how_a_group_answered_one_question_counts_as_a_hidden_group(report):
    everybody = ["All managers", "Trust", 56, 46]
    question = table("questions", "department question estimate respondents", ["Legal", "I trust HR.", None, None],
                     title="Managers: questions by department, 2026", told=SCORE)  # fmt: skip
    question["texts"][0][2] = "hidden (protects single people)"
    weighted = table("weighted", "dimension plain estimate respondents", ["Trust", 3.2, 3.3, 46],
                     title="Managers: mean scores weighted to the roster, 2026",
                     told={"estimate": ("Weighted mean", "number", 2, "")})  # fmt: skip
    agreement = table("icc", "dimension coefficient estimate groups respondents", ["Trust", "ICC(1)", 0.24, 2, 46],
                      title="Managers: do groups by department differ at all?",
                      told={"estimate": ("Estimate", "number", 2, "")})  # fmt: skip
    made = report(SIDE, breakdown(everybody, *GROUPS), question, weighted, agreement)
    assert "a statistic of hidden groups" not in kinds(audit_numbers(made))


@pytest.mark.parametrize(("groups", "passed"), [(2, True), (3, False)])
def test_a_statistic_that_counts_its_groups_must_count_those_shown(report, groups, passed):
    agreement = table("icc", "dimension coefficient estimate groups respondents", ["Trust", "ICC(1)", 0.24, groups, 46],
                      title="Managers: do groups by department differ at all?",
                      told={"estimate": ("Estimate", "number", 2, "")})  # fmt: skip
    tests = table("tests", "term statistic numerator_degrees respondents", ["department", 1.2, groups - 1, 46],
                  title="Managers: does answering differ between groups?",
                  told={"statistic": ("F", "number", 2, "")})  # fmt: skip
    for statistic in (agreement, tests):
        assert audit_numbers(report(SIDE, breakdown(*GROUPS), statistic)).passed is passed


def test_a_mean_that_is_told_to_one_decimal_is_read_as_such(report):
    means = table("means", "side dimension estimate respondents", [*TRUST, 3.4, 20])
    means["texts"][0][2] = "3.4"
    weighted = table("weighted", "dimension plain respondents", ["Trust", 3.53, 19], title="Managers: weighted, 2026")
    assert audit_numbers(report(means, weighted)).passed


def test_rows_about_too_few_people_are_found(report):
    means = table("means", "side dimension estimate rated respondents", [*TRUST, 3.4, 1, 12])
    assert kinds(audit_numbers(report(means, min_rated=2))) == ["too few people rated"]
    assert audit_numbers(report(means, min_rated=1)).passed


def test_one_value_over_two_sets_that_differ_by_few_is_found(report):
    means = table("means", "side dimension estimate respondents", [*TRUST, 3.43, 20])
    weighted = table("weighted", "dimension plain respondents", ["Trust", 3.53, 19],
                     title="Managers: weighted, 2026")  # fmt: skip
    assert kinds(audit_numbers(report(means, weighted))) == ["two sets of people"]
    far = table("weighted", "dimension plain respondents", ["Trust", 3.53, 14], title="Managers: weighted, 2026")
    assert audit_numbers(report(means, far)).passed


def test_of_many_people_a_rounded_mean_tells_nothing_of_one(report):
    means = table("means", "side dimension estimate respondents", [*TRUST, 3.43, 500])
    other = table("weighted", "dimension plain respondents", ["Trust", 3.43, 499], title="Managers: weighted, 2026")
    assert audit_numbers(report(means, other)).passed


def test_the_rest_of_a_breakdown_is_found(report):
    means = table("means", "side dimension estimate respondents", [*TRUST, 3.30, 31])
    rows = [*GROUPS, ["Legal", "Trust", None, None]]
    assert kinds(audit_numbers(report(means, breakdown(*rows)))) == ["the rest of a whole"]
    enough = table("means", "side dimension estimate respondents", [*TRUST, 3.30, 34])
    assert audit_numbers(report(enough, breakdown(*rows))).passed


def test_one_hidden_part_of_a_whole_is_found(report):
    parts = [["Filled", 56, 11], ["Cancelled", 13, 6], ["On hold", None, None], ["Open", 25, 12]]
    assert kinds(audit_numbers(report(table("openings", "end share respondents", *parts)))) == ["the rest of a whole"]
    parts[3] = ["Open", None, None]
    assert audit_numbers(report(table("openings", "end share respondents", *parts))).passed


ITEM = "dimension question mean standard_deviation floor ceiling"


def test_a_distribution_that_only_one_set_of_answers_fits_is_found(report):
    answers = [1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5]
    row = [round(float(np.mean(answers)), 2), round(float(np.std(answers, ddof=1)), 2), 8, 33]
    whole = table("items", ITEM, ["Trust", "I trust them.", *row])
    counted = table("answers", "side wave respondents", ["Managers", "2026", len(answers)])
    assert kinds(audit_numbers(report(counted, whole))) == ["a whole distribution"]
    brief = table("items", "dimension question mean", ["Trust", "I trust them.", row[0]])
    assert audit_numbers(report(counted, brief)).passed


@pytest.mark.parametrize("size", [1, 3, 6])
def test_all_distributions_are_listed(size):
    listed = {tuple(row) for row in distributions._compositions(size, 4)}
    assert listed == {parts for parts in itertools.product(range(size + 1), repeat=4) if sum(parts) == size}


def test_two_reports_of_almost_the_same_people_are_found(report):
    def means(name, people, value, level="95"):
        made = table("means", "side dimension estimate low respondents", [*TRUST, value, 3.1, people],
                     told={"low": (f"{level} % from", "number", 2, "")})  # fmt: skip
        return report(made, name=name)

    def found(*reports):
        held = Reports()
        return [kinds(audit_numbers(one, held=held)) for one in reports]

    first = means("may", 100, 3.40)
    assert found(first, means("june", 101, 3.41)) == [[], ["two releases"]]
    assert found(first, means("corrected", 100, 3.41)) == [[], ["two releases"]]
    assert found(first, means("wave", 120, 3.41)) == [[], []]
    assert found(first, means("again", 100, 3.40)) == [[], []]
    assert found(first, means("level", 100, 3.40, "90")) == [[], ["two levels of confidence"]]


def test_intervals_at_two_levels_are_found_wherever_they_stand_in_a_report(report):
    def means(id, *levels):
        told = {f"low{place}": (f"{level} % from", "number", 2, "") for place, level in enumerate(levels)}
        return table(id, " ".join(["side dimension estimate", *told]), [*TRUST, 3.4, *([3.1] * len(levels))], told=told)

    assert audit_numbers(report(means("dimensions", 95), means("questions", 95))).passed
    assert kinds(audit_numbers(report(means("dimensions", 95), means("questions", 90)))) == ["two levels of confidence"]
    assert kinds(audit_numbers(report(means("dimensions", 90, 95)))) == ["two levels of confidence"]


# With the staff directory ---------------------------------------------------------------------------------------------

CODEBOOK = """\
instrument: {name: Test, version: "1", status: unvalidated, licence: CC BY 4.0}
responses: {five: {type: rating, low: 1, high: 5, favourable_from: 4}}
dimensions: [{id: trust, label: Trust, description: Trust, source: original}]
items: [{id: trust_1, dimension: trust, response: five, role: scale, text: Trust., answered_by: [manager],
  source: original, licence: CC BY 4.0}]
"""


def study_of(folder, roster, answered):
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(
        "title: Study\nclient: Testco\nas_of: 2026-06-30\nattributes: [department, location]\n"
        "tables: {people: people.csv, survey: survey.csv}\n", encoding="utf-8",
    )  # fmt: skip
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    rows = [f"M{place:03d},manager,{department},{location}" for place, (department, location) in enumerate(roster)]
    (folder / "people.csv").write_text("\n".join(["person_id,side,department,location", *rows]), encoding="utf-8")
    sheets = [f"M{place:03d},2026,2026-05-01,manager,4" for place in answered]
    (folder / "survey.csv").write_text(
        "\n".join(["respondent_id,wave,submitted_at,side,trust_1", *sheets]), encoding="utf-8"
    )
    return Study.load(folder)


def rates_by(name, groups):
    rows = [[label, "Managers", "2026", rate, invited] for label, rate, invited in groups]
    return table(f"response-by-{name}", f"{name} side wave estimate respondents", *rows, told=RATE)


ROSTER = [("Ops", "North")] * 12 + [("Ops", "South")] * 8 + [("Sales", "North")] + [("Sales", "South")] * 19


def test_who_did_not_answer_is_solved_for(report, tmp_path):
    study = study_of(tmp_path / "study", ROSTER, range(20))
    # 8 of 13 in the north and 8 of 12 in Ops there: the one of Sales in the north …
    departments = rates_by("department", [("Ops", 100, 20), ("Sales", 50, 20)])
    locations = rates_by("location", [("North", 92, 13), ("South", 67, 27)])
    made = canon.read(report(departments, locations))
    assert [leak.kind for leak in directory.solve(made, study)[0]] == ["who did not answer"]
    half = [rates_by("department", [("Ops", 60, 20), ("Sales", 50, 20)]), rates_by("location", [("South", 56, 27)])]
    assert directory.solve(canon.read(report(*half)), study) == ([], [])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), st.booleans()), min_size=3, max_size=9),
    st.sampled_from([0, 1, 2]),
)
def test_the_programme_finds_what_trying_every_way_to_answer_finds(members, coarse):
    types = pd.DataFrame(members, columns=["department", "location", "answered"])
    sizes = types.groupby(["department", "location"]).size().rename("people").reset_index()
    published, told = [], table("response-by-department", "department estimate respondents", told=RATE)
    whole = canon._read_table(told)
    for name in ("department", "location"):
        for label, rows in types.groupby(name):
            answered = rows["answered"].sum()
            inside = (sizes[name] == label).to_numpy()
            span = Span(max(answered - coarse, 0), min(answered + coarse, len(rows)))
            published.append(directory.Published(whole, inside, span))
    possible = [
        counts
        for counts in itertools.product(*(range(size + 1) for size in sizes["people"]))
        if all(one.answered.low <= np.dot(counts, one.types) <= one.answered.high for one in published)
    ]
    most = np.max(possible, axis=0)
    told = any(most < np.minimum(sizes["people"], 2))
    found, solved = directory._participation(canon.Canon(None, 3, ABOUT, [], [], []), "S", "w", sizes, published)
    assert solved and bool(found) == told


def test_a_sum_of_few_people_in_crossed_breakdowns_is_solved_for(report, tmp_path):
    roster = [("Ops", "North")] * 20 + [("Sales", "South")] * 20 + [("Legal", "South")] * 2
    study = study_of(tmp_path / "study", roster, range(42))
    told = {"respondents": ("Respondents", "integer", 0, ""), **SCORE}
    side = table("rates", "side wave estimate respondents", ["Managers", "2026", 60, 42], told=RATE)
    by_department = table("d", "department side wave dimension estimate respondents",
                          ["Sales", "Managers", "2026", "Trust", 60, 20], told=told)  # fmt: skip
    by_location = table("l", "location side wave dimension estimate respondents",
                        ["South", "Managers", "2026", "Trust", 60, 22], told=told)  # fmt: skip
    made = canon.read(report(side, by_department, by_location))
    assert [leak.kind for leak in directory.solve(made, study)[0]] == ["a sum of few people"]
    assert directory.solve(canon.read(report(side, by_department)), study) == ([], [])


# Words and numbers ----------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@given(WORDS)
def test_every_text_is_traced_in_itself(text):
    assert untraced(tokens(text), set(windows(tokens(text)))) == []


@given(st.lists(st.sampled_from(["sales", "mean", "of", "3.4", "12", "hr", "0.05"]), min_size=3, max_size=9), st.data())
def test_another_number_in_a_text_is_not(words, data):
    known = set(windows(words))
    place = data.draw(st.integers(0, len(words) - 1))
    other = [*words[:place], "2.7182", *words[place + 1 :]]
    assert place in untraced(other, known)


@pytest.mark.parametrize(
    ("cell", "span"),
    [(7, Span(7, 7)), ("5–9", Span(5, 9)), ("hidden (fewer than 5)", None), (None, None), ("", None)],
)
def test_counts_are_read_as_numbers_and_as_bands(cell, span):
    assert people(cell) == span


# The command ----------------------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def test_a_link_is_read_with_the_sentence_it_stands_in_and_by_itself_elsewhere():
    """An address with a number in commentary stands so in results.json; a menu holds nothing but links."""
    link = '<a href="https://example.org/2024">https://example.org/2024</a>'
    read = [passage.text for passage in page.read(f"<p>See {link}, page 2.</p><nav>{link}</nav>", "survey.html")]
    assert "See https://example.org/2024 , page 2." in read
    assert read.count("https://example.org/2024") == 3  # two addresses, one link by itself


def test_the_command_says_what_was_found(report):
    good = report(table("means", "side dimension estimate respondents", [*TRUST, 3.4, 12]), name="good")
    bad = report(table("means", "side dimension estimate respondents", [*TRUST, 3.46, 3]), name="bad")
    passed = run(good)
    assert (passed.exit_code, passed.output.count("\n")) == (0, 1) and "nothing found" in passed.output
    failed = run(good, bad)
    assert failed.exit_code == 1 and "too few people" in failed.output and "3.46" not in failed.output


def test_the_command_refuses_what_is_no_report(tmp_path):
    assert run(tmp_path).exit_code == 2 and "no report" in run(tmp_path).output
    with pytest.raises(InputError):
        audit(tmp_path)


def test_a_report_of_the_version_before_is_read(report):
    folder = report(table("means", "side dimension estimate respondents", [*TRUST, 3.4, 3]))
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    del content["report"], content["chapters"]
    (folder / "results.json").write_text(json.dumps(content | {"version": 2}), encoding="utf-8")
    verdict = audit(folder)
    assert kinds(verdict) == ["too few people"] and "older version" in verdict.text("report")


# Pictures -------------------------------------------------------------------------------------------------------------


def said(content):
    return {passage.text for passage in picture.pixels(content, "a.png", "picture")}


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_what_pictures_carry_beside_their_pixels_is_read(form):
    file, noted = io.BytesIO(), Image.Exif()
    noted[0x010E] = "Legal 2.7182"  # the description
    Image.new("RGB", (4, 4)).save(file, form, exif=noted)
    assert "Legal 2.7182" in said(file.getvalue())


def test_texts_of_a_png_are_read_wherever_they_stand():
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("a", "plain 1.1")
    info.add_text("b", "packed 2.2", zip=True)
    info.add_itxt("c", "Größe 3.3", zip=True)
    info.add_itxt("d", "open 4.4")
    info.add(b"prVt", b"private 5.5", True)
    Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=info)
    assert said(file.getvalue() + b"behind 6.6") == {
        "plain 1.1", "packed 2.2", "Größe 3.3", "open 4.4", "private 5.5", "behind 6.6",
    }  # fmt: skip
    assert said(b"\x89PNG\r\n\x1a\n" + b"\xff" * 9) and said(b"no picture 7.7") == {"no picture 7.7"}


def test_heads_of_a_table_that_runs_over_two_pages_are_no_running_header():
    from helpers.privacy.audit.pdf import _edges

    cover, contents = ["Acme", "Study 2026"], ["Acme Study 2026", "Contents", "Scores 3", "Acme, page 2 of 5"]
    head, foot = ["95 %", "from to"], "Acme, page {} of 5"
    first = ["Acme Study 2026", "Scores", "Everybody", *head, "Trust 3.1", "Candour 3.2", "Ease 3.3", foot.format(3)]
    second = ["Acme Study 2026", *head, "Pace 3.4", "Care 3.5", "Wit 3.6", foot.format(4)]
    third = ["Acme Study 2026", *head, "Poise 3.7", "Tact 3.8", "Zeal 3.9", foot.format(5)]
    assert _edges([cover, contents, first, second, third]) == {"Acme Study #", "Acme, page # of #"}
