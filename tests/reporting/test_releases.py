"""The ledger of releases: what a second report of the same people may add to the first."""

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from click.testing import CliRunner
from reporting_studies import notebook, write_study
from scipy import stats

from helpers.analysis.methods.people import People
from helpers.cli import main
from helpers.data import InputError, Study
from helpers.privacy.sets import Row, Told, conflicts
from helpers.reporting import report
from helpers.reporting.releases import Ledger, forget, listed, refuse_two_levels

THRESHOLDS = {"min_group": 5, "min_rated": 2, "min_comments": 10, "confidence": {"survey": 0.95}}


@pytest.fixture
def folder(tmp_path):
    return write_study(tmp_path / "study", logo=False)


def answers(folder):
    return (folder / "survey.csv").read_text(encoding="utf-8").splitlines()


def put_answers(folder, lines):
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def late(count):
    return [f"late{number},,w1,2026-05-20,{1 + number % 5}" for number in range(count)]


def exhibit(study, people=None, title="All"):
    """An exhibit of the mean of trust over all who answered, or over those that are named."""
    rows = study.responses()
    rows = rows if people is None else rows[rows["respondent_id"].isin(people)]
    return Told(title.lower(), title, (Row("score, trust", People(rows).sheets),))


def released(folder, *exhibits, reader="", report="0123456789abcdef", **thresholds):
    """Record a report of a study as released, by default of one exhibit of everybody."""
    study = Study.load(folder)
    ledger = Ledger(study)
    return ledger.record(report, ledger.hidden(exhibits or [exhibit(study)]), reader, THRESHOLDS | thresholds)


def compared(folder, *exhibits, reader=""):
    """Return the titles that a new report may not show, each beside what."""
    ledger = Ledger(Study.load(folder))
    hidden = ledger.hidden(exhibits)
    earlier = ledger.earlier(hidden, reader)
    found = [conflicts([one.of(values) for one in hidden], 5, earlier=before) for before, values in earlier]
    return {exhibits[one.place].title: one.beside for conflict in found for one in conflict}


def test_the_ledger_holds_neither_ids_nor_answers_and_the_key_stays_beside_it(folder):
    path = released(folder)
    text = path.read_text(encoding="utf-8")
    assert not any(f'"{person}"' in text for person in Study.load(folder).responses()["respondent_id"])
    assert set(json.loads(text)) == {
        "version", "id", "date", "reader", "thresholds", "waves", "sheets", "sets", "exhibits",
    }  # fmt: skip
    assert sorted(file.name for file in (folder / "releases").iterdir()) == [path.name, "key"]
    first = Ledger(Study.load(folder)).hashed("person", "r1")
    (folder / "releases" / "key").write_text("00" * 32)
    assert Ledger(Study.load(folder)).hashed("person", "r1") != first


def test_reports_made_at_the_same_time_call_a_person_by_one_hash(folder, monkeypatch):
    """With two keys one person would count as two, and fewer people than the least could be told of."""
    study, draw = Study.load(folder), secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda size: (time.sleep(0.05), draw(size))[1])
    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(lambda _: Ledger(study), range(4)))
    assert len({ledger.hide(("r1", "", "w1", "")) for ledger in ledgers}) == 1
    assert len({ledger.hashed("person", "r1") for ledger in ledgers}) == 1
    assert Ledger(Study.load(folder)).hashed("person", "r1") != ledgers[0].hashed("person", "r1")  # of no key on disk


def test_what_is_hashed_once_for_a_batch_is_hashed_anew_under_another_key(folder):
    study, sheet = Study.load(folder), ("r1", "", "w1", "")
    draft = Ledger(study).hide(sheet)
    assert Ledger(study).hide(sheet) == draft
    (folder / "releases").mkdir()
    (folder / "releases" / "key").write_text("00" * 32, encoding="ascii")
    after, plain = Ledger(study), Ledger(Study.load(folder))
    assert after.hide(sheet) == plain.hide(sheet) != draft


def test_the_same_report_may_be_released_again_and_stands_there_once(folder):
    assert released(folder) and released(folder) is None
    ledger = Ledger(Study.load(folder))
    ledger.refuse_other_thresholds(THRESHOLDS)
    assert compared(folder, exhibit(ledger.study)) == {}


def waiting(folder):
    return Ledger(Study.load(folder)).waiting()


@pytest.mark.parametrize("number", [1, 4])
def test_late_answers_of_few_people_wait_and_the_wave_stays_as_it_was(folder, number):
    released(folder)
    before = Study.load(folder).responses()
    put_answers(folder, [*answers(folder), *late(number)])
    waits = waiting(folder)
    assert (len(waits.rows), waits.late, waits.left_out) == (number, {"w1": number}, {})
    assert f"w1: {number} late answer sheet" in waits.sentences()[0] and "at least 5 people" in waits.sentences()[0]
    assert waits.for_readers() == ["Answers to w1 that came late are not in this report yet."]
    assert Study.load(folder).without(waits.rows).responses().equals(before)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-1], lines[-1][:-1] + "1"],
        lambda lines: [*lines[:-1], *late(2)],
    ],
    ids=["a withdrawal", "a correction", "a withdrawal and two late answers"],
)
def test_a_wave_of_which_few_answers_were_withdrawn_or_corrected_is_left_out(folder, change):
    released(folder)
    put_answers(folder, [*change(answers(folder)), *(f"r{number},,w2,2026-06-01,3" for number in range(20))])
    waits = waiting(folder)
    assert (waits.late, list(waits.left_out)) == ({}, ["w1"])
    assert "w1 is left out" in waits.sentences()[0]
    kept = Study.load(folder).without(waits.rows)
    assert (kept.waves, len(kept.responses())) == (["w2"], 20)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines,
        lambda lines: [*lines, *late(5)],
        lambda lines: lines[:-5],
        lambda lines: [*lines[:-2], *late(3)],
    ],
    ids=["nothing", "five late answers", "five withdrawals", "two withdrawals and three late answers"],
)
def test_where_nothing_has_changed_or_enough_nothing_waits(folder, change):
    released(folder)
    put_answers(folder, change(answers(folder)))
    assert waiting(folder).rows == []
    assert compared(folder, exhibit(Study.load(folder))) == {}


def test_one_late_answer_after_five_waits_for_the_second_release(folder):
    released(folder)
    put_answers(folder, [*answers(folder), *late(5)])
    released(folder, report="f" * 16)
    put_answers(folder, [*answers(folder), "latest,,w1,2026-05-21,2"])
    assert waiting(folder).late == {"w1": 1}


def test_a_group_in_which_one_late_answer_stands_is_withheld_though_five_have_come(folder):
    group = [f"r{number}" for number in range(10)]
    released(folder, exhibit(Study.load(folder), group, "Sales"))
    put_answers(folder, [*answers(folder), *late(5)])
    found = compared(folder, exhibit(Study.load(folder), [*group, "late0"], "Sales"))
    assert list(found) == ["Sales"]
    assert found["Sales"][0].startswith("“Sales” in the report released on ")


def test_a_corrected_sheet_is_another_one(folder):
    released(folder)
    lines = answers(folder)
    put_answers(folder, [*lines[:-1], lines[-1][:-1] + "1"])
    assert list(compared(folder, exhibit(Study.load(folder)))) == ["All"]
    put_answers(folder, [*lines[:-5], *(line[:-1] + str(6 - int(line[-1])) for line in lines[-5:])])
    assert list(compared(folder, exhibit(Study.load(folder)))) == ["All"]  # one of the five answered 3 and still does
    put_answers(folder, [*lines[:-6], *(line[:-1] + str(1 + int(line[-1]) % 5) for line in lines[-6:])])
    assert compared(folder, exhibit(Study.load(folder))) == {}


def test_a_department_beside_the_company_and_another_breakdown_are_noticed(folder):
    study = Study.load(folder)
    people = list(study.responses()["respondent_id"])
    released(folder, exhibit(study, people[:20], "Plant"), exhibit(study, people[20:], "Office"))
    assert compared(folder, exhibit(study, people[:10], "Night shift")) == {}
    assert list(compared(folder, exhibit(study, people[:17], "Line"))) == ["Line"]
    assert list(compared(folder, exhibit(study, people[3:], "Without apprentices"))) == ["Without apprentices"]


def test_a_report_for_one_manager_is_compared_with_the_shared_one_and_with_no_other_managers(folder):
    study = Study.load(folder)
    people = list(study.responses()["respondent_id"])
    released(folder, exhibit(study, people[:20], "For A"), reader="A")
    assert list(compared(folder, exhibit(study, people[:19], "For A again"), reader="A")) == ["For A again"]
    assert compared(folder, exhibit(study, people[:19], "For B"), reader="B") == {}
    assert list(compared(folder, exhibit(study, people[:19], "For all"))) == ["For all"]


@pytest.mark.parametrize("name", ["min_group", "min_rated", "min_comments"])
def test_thresholds_may_rise_and_not_fall(folder, name):
    released(folder)
    ledger = Ledger(Study.load(folder))
    ledger.refuse_other_thresholds(THRESHOLDS | {name: THRESHOLDS[name] + 1})
    with pytest.raises(InputError, match=f"{name} is {THRESHOLDS[name] - 1}, but the report released on"):
        ledger.refuse_other_thresholds(THRESHOLDS | {name: THRESHOLDS[name] - 1})


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize("notebook", ["survey", "another notebook of the same answers"])
def test_a_second_level_of_confidence_is_refused(folder, notebook, level):
    released(folder)
    ledger = Ledger(Study.load(folder))
    ledger.refuse_other_thresholds(THRESHOLDS | {"confidence": {notebook: 0.95}})
    with pytest.raises(InputError, match="two intervals of one result tell more than either"):
        ledger.refuse_other_thresholds(THRESHOLDS | {"confidence": {notebook: level}})


def test_a_mean_with_intervals_at_two_levels_would_tell_its_spread_and_on_how_much_it_rests():
    """Both half widths are SD / √n times a quantile of t: their ratio gives n, and then each gives the SD."""
    count, deviation = 14, 0.83
    quantiles = {level: stats.t.ppf(0.5 + level / 2, range(1, 40)) for level in (0.9, 0.95)}
    wide, narrow = (quantiles[level][count - 2] * deviation / np.sqrt(count) for level in (0.95, 0.9))
    fitting = 2 + np.flatnonzero(np.isclose(quantiles[0.95] / quantiles[0.9], wide / narrow, rtol=1e-6))
    assert list(fitting) == [count]
    assert wide / quantiles[0.95][fitting[0] - 2] * np.sqrt(fitting[0]) == pytest.approx(deviation)
    refuse_two_levels({"survey": 0.95, "items": 0.95})
    with pytest.raises(InputError, match=r"0\.95, but items in the same report has 0\.9"):
        refuse_two_levels({"survey": 0.95, "items": 0.9})


def test_notebooks_of_other_levels_stop_a_report_before_anything_runs(folder, tmp_path):
    for number, level in ((1, 0.95), (2, 0.9)):
        parameters = f"study: str = 'data/sample'  # folder\nconfidence: float = {level}  # level"
        notebook(tmp_path / "notebooks" / f"{number:02}_part{number}.ipynb", "%md # A part", parameters=parameters)
    with pytest.raises(InputError, match=r"Give all the same: -p confidence 0\.9"):
        report(folder, out=tmp_path / "out", notebooks=tmp_path / "notebooks", formats=["html"])
    assert not (tmp_path / "out").exists()


def test_a_ledger_without_its_key_or_with_a_broken_file_is_one_clear_error(folder):
    path = released(folder)
    path.with_name("broken.json").write_text("{}")
    with pytest.raises(InputError, match="is no record of a release"):
        Ledger(Study.load(folder))
    path.with_name("broken.json").unlink()
    path.with_name("key").unlink()
    with pytest.raises(InputError, match="the key of the releases is missing"):
        Ledger(Study.load(folder))


def test_a_study_of_made_up_people_records_nothing(folder):
    settings = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(settings + "releases: false\n", encoding="utf-8")
    assert released(folder) is None
    assert not (folder / "releases").exists()


def test_releases_are_listed_and_one_that_nobody_was_given_is_forgotten(folder):
    released(folder)
    run = CliRunner().invoke(main, ["releases", str(folder)])
    assert run.exit_code == 0
    assert "0123456789ab  shared; 1 exhibits of 40 people; waves: w1" in run.output
    wrong = CliRunner().invoke(main, ["releases", str(folder), "--forget", "0123456789ac"])
    assert (wrong.exit_code, "0123456789ab" in wrong.output) == (2, True)
    forget(Study.load(folder), "0123456789ab")
    assert list(listed(Study.load(folder))) == []


def test_openings_are_sheets_whose_events_are_their_content(tmp_path):
    folder = write_study(tmp_path / "hiring", logo=False)
    settings = (folder / "study.yaml").read_text(encoding="utf-8")
    names = "tables: {survey: survey.csv, requisitions: requisitions.csv, hiring_events: hiring_events.csv}"
    (folder / "study.yaml").write_text(settings.replace("tables: {survey: survey.csv}", names), encoding="utf-8")
    openings = ["requisition_id,hiring_manager_id,opened_at", *(f"q{n},m{n},2026-01-05" for n in range(6))]
    (folder / "requisitions.csv").write_text("\n".join(openings) + "\n", encoding="utf-8")
    events = ["requisition_id,event,at", *(f"q{n},intake_held,2026-01-1{n}T10:00:00" for n in range(6))]
    (folder / "hiring_events.csv").write_text("\n".join(events) + "\n", encoding="utf-8")

    def hidden():
        ledger = Ledger(Study.load(folder))
        return [ledger.hide((f"m{n}", "", "", f"q{n}")) for n in range(6)]

    released(folder)
    before = hidden()
    events[3] = events[3].replace("T10", "T11")
    (folder / "hiring_events.csv").write_text("\n".join([events[0], *reversed(events[1:])]) + "\n", encoding="utf-8")
    assert [one == other for one, other in zip(before, hidden(), strict=True)] == [True, True, False, True, True, True]
    assert all(sheet[3] for sheet in before)


# Whole reports -------------------------------------------------------------------------------------------------------

TWO_TABLES = [
    "%md # The survey",
    """
    from helpers.analysis.methods import clustered
    from helpers.data import Study
    from helpers.present import Show, number

    study = Study.load(study)
    show = Show(study, "survey", confidence)
    answers = show.survey().now
    """,
    """
    def mean_of(rows, id, title):
        found = clustered.mean(rows, "trust_1")
        shown = show.table(found, "estimate low high respondents", id, title)
        how = {"id": f"level-{id}", "unknown": "We cannot tell"}
        show.levels(shown.assign(place=title), "{place}: the mean is {value}.", **how)
        return show.dots(found.assign(what=title), "what", f"{id}-drawn", f"{title}, drawn")
    """,
    'drawn = mean_of(answers, "all", "Everybody")',
    'drawn = mean_of(answers[answers["respondent_id"] != "r3"], "complete", "Complete sheets")',
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A study of which one notebook shows everybody and everybody but one, reported twice and then as a draft."""
    base = tmp_path_factory.mktemp("releases")
    study = write_study(base / "study", logo=False)
    parameters = "study: str = 'data/sample'  # folder\nconfidence: float = 0.95  # level"
    notebook(base / "notebooks" / "01_survey.ipynb", *TWO_TABLES, parameters=parameters)
    how = {"notebooks": base / "notebooks", "formats": ["html"]}
    first = report(study, out=base / "first", **how)
    again = report(study, out=base / "again", **how)
    put_answers(study, [*answers(study), *late(1)])
    return {"study": study, "how": how, "first": first, "again": again}


@pytest.mark.slow
def test_of_two_tables_that_differ_by_one_person_the_later_goes_from_every_file(reports):
    result = reports["first"]
    assert result.exit_code == 0
    gone = [
        f"The survey: “{title}” is withheld: beside “Everybody” it would tell of fewer than 5 people."
        for title in ("Complete sheets", "Complete sheets, drawn")
    ]
    assert [message for message in result.messages if "withheld" in message] == gone
    manifest = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["withheld"], manifest["draft"], manifest["not_compared"]) == (gone, False, [])
    results = json.loads((result.folder / "results.json").read_text(encoding="utf-8"))
    assert [table["id"] for table in results["tables"]] == ["all-drawn", "all"]  # as a reader meets them
    assert [finding["id"] for finding in results["findings"]] == ["level-all"]
    page = (result.folder / "survey.html").read_text(encoding="utf-8")
    assert "“Complete sheets” is withheld" in page and "Complete sheets: the mean" not in page
    assert page.count("<figure") == 2  # a table and a chart
    kept = json.loads((result.folder / "notebooks" / "01_survey.ipynb").read_text(encoding="utf-8"))
    shown = [output["data"] for cell in kept["cells"] for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in data for data in shown) == 1
    assert not any("Complete sheets: the mean" in json.dumps(data, ensure_ascii=False) for data in shown)


@pytest.mark.slow
def test_the_same_report_again_is_the_same_release(reports):
    one, two = (json.loads((reports[name].folder / "manifest.json").read_text()) for name in ("first", "again"))
    assert one["files"] == two["files"]
    assert len(list(listed(Study.load(reports["study"])))) == 1


@pytest.mark.slow
def test_a_report_after_one_late_answer_shows_the_wave_as_it_was_and_a_draft_shows_all(reports, tmp_path):
    held = report(reports["study"], out=tmp_path / "late", **reports["how"])
    assert any("w1: 1 late answer sheet waits" in message for message in held.messages)
    assert "came late are not in this report yet" in (held.folder / "index.html").read_text(encoding="utf-8")
    one, two = (json.loads((made.folder / "results.json").read_bytes()) for made in (held, reports["first"]))
    assert (one["tables"], one["findings"]) == (two["tables"], two["findings"])
    draft = report(reports["study"], out=tmp_path / "draft", is_draft=True, **reports["how"])
    assert "This draft shows them all the same." in draft.messages
    assert sum("in the report released on" in message for message in draft.messages) == 2
    for page in ("index.html", "survey.html"):
        assert "Draft – not for distribution" in (draft.folder / page).read_text(encoding="utf-8")
    assert len(list(listed(Study.load(reports["study"])))) == 1


def test_a_report_that_fails_at_the_end_was_not_released(folder, tmp_path):
    parameters = "study: str = 'data/sample'  # folder\nconfidence: float = 0.95  # level"
    notebook(tmp_path / "notebooks" / "01_survey.ipynb", "%md # Nothing", parameters=parameters)

    def stop(folder, study):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report(folder, out=tmp_path / "out", notebooks=tmp_path / "notebooks", formats=["html"], audit=stop)
    assert list(listed(Study.load(folder))) == []
