"""What a survey tool exports comes back as it was answered, whatever the layout and its variant."""

import importlib

import pandas as pd
import pytest
import vendor_layouts as write
from simulation import partnership_responses

from helpers.data import InputError, Study, create_study
from helpers.data.importers.engine import import_file
from helpers.data.importers.formats import names
from helpers.data.yaml_files import scalar

pytestmark = pytest.mark.slow

MODULES = {
    format: importlib.import_module(f"helpers.data.importers.formats.{file}") for format, file in names().items()
}
SIMULATED = partnership_responses(7, clusters=3, managers=14, response=(0.9, 0.9))
MANAGERS = SIMULATED[SIMULATED["side"] == "manager"].reset_index(drop=True)
GERMAN = {text: value for value, text in write.GERMAN.items()}
CASES = [
    ("qualtrics", "export.csv", write.qualtrics, {}),
    ("qualtrics", "export.tsv", write.qualtrics, {"answers": "codes", "encoding": "utf-16", "delimiter": "\t"}),
    ("qualtrics", "export.csv", write.qualtrics, {"answers": "german", "encoding": "utf-8-sig", "trailing": 2}),
    ("qualtrics", "export.csv", write.qualtrics, {"answers": "comma", "delimiter": ";", "encoding": "cp1252"}),
    ("qualtrics", "export.xlsx", write.qualtrics, {"trailing": 3}),
    ("qualtrics", "export.sav", write.qualtrics_sav, {}),
    ("qualtrics", "export.sav", write.qualtrics_sav, {"codes": (11, 2, 3, 5, 1)}),
    ("surveymonkey", "export.csv", write.surveymonkey, {}),
    ("surveymonkey", "export.csv", write.surveymonkey, {"answers": "codes", "delimiter": ";", "encoding": "utf-16"}),
    ("surveymonkey", "export.xlsx", write.surveymonkey, {"trailing": 2}),
    ("surveymonkey", "export.csv", write.surveymonkey, {"answers": "german", "encoding": "cp1252"}),
    ("msforms", "export.xlsx", write.msforms, {}),
    ("msforms", "export.xlsx", write.msforms, {"answers": "codes", "trailing": 2}),
    ("msforms", "export.csv", write.msforms, {"answers": "comma", "delimiter": ";", "encoding": "cp1252",
     "heads": ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"]}),
    ("msforms", "export.xlsx", write.msforms, {"answers": "german",
     "heads": ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"]}),
    ("googleforms", "export.csv", write.googleforms, {}),
    ("googleforms", "export.csv", write.googleforms, {"answers": "codes", "head": "Zeitstempel", "delimiter": ";"}),
    ("googleforms", "export.xlsx", write.googleforms, {"answers": "german", "trailing": 1}),
    ("glint", "export.csv", write.glint, {}),
    ("glint", "export.csv", write.glint, {"delimiter": ";", "encoding": "cp1252", "answers": "comma"}),
    ("glint", "export.csv", write.glint, {"encoding": "utf-16", "delimiter": "\t", "trailing": 2}),
    ("limesurvey", "export.csv", write.limesurvey, {"headings": "full"}),
    ("limesurvey", "export.csv", write.limesurvey, {"headings": "both", "delimiter": ";", "answers": "codes"}),
    ("limesurvey", "export.csv", write.limesurvey, {"headings": "both", "answers": "german", "encoding": "cp1252"}),
    ("limesurvey", "export.csv", write.limesurvey, {"headings": "full", "delimiter": "\t", "encoding": "utf-16"}),
]  # fmt: skip


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "study")


def items_of(study):
    known = Study.load(study).codebook
    return [item for item in known.items if item.id in MANAGERS and "manager" in (item.answered_by or ["manager"])]


def bring_in(format, path, study):
    """Import; a first proposal that stops for want of wordings gets them, as a user would write them."""
    mapping = study / "mappings" / f"{format}.yaml"
    try:
        return import_file(format, path, study)
    except InputError:
        if not mapping.is_file():
            raise
    text = mapping.read_text(encoding="utf-8")
    assert text.count(": UNSURE") >= 5
    for label, value in GERMAN.items():
        text = text.replace(f"{scalar(label)}: UNSURE", f"{scalar(label)}: {value}")
    mapping.write_text(text, encoding="utf-8")
    return import_file(format, path, study)


@pytest.mark.parametrize(
    ("format", "name", "writer", "variant"), CASES, ids=lambda part: getattr(part, "__name__", str(part)[:40])
)
def test_answers_come_back_as_they_were_given(tmp_path, study, format, name, writer, variant):
    items = items_of(study)
    path = writer(tmp_path / name, MANAGERS, items, **variant)
    report = bring_in(format, path, study)
    assert report.imported == len(MANAGERS) and not report.unreadable
    responses = Study.load(study, merged=False).survey.set_index("respondent_id").loc[MANAGERS["respondent_id"]]
    columns = [item.id for item in items]
    pd.testing.assert_frame_equal(responses[columns].reset_index(drop=True), MANAGERS[columns], check_dtype=False)
    assert responses["partnership_id"].tolist() == MANAGERS["partnership_id"].tolist()
    assert responses["submitted_at"].notna().all() and responses["submitted_at"].dt.month.eq(5).all()
    kept = (study / "survey.csv").read_text(encoding="utf-8")
    assert not any(secret in kept for secret in ("example.com", "192.0.2.7", "Doe", "boss", "cake"))
    assert not [problem for problem in Study.load(study).check() if problem.severity == "error"]


@pytest.mark.parametrize(
    ("format", "name", "writer", "variant"), CASES[::3], ids=lambda part: getattr(part, "__name__", str(part)[:40])
)
def test_a_second_import_changes_nothing_and_a_late_answer_is_added(tmp_path, study, format, name, writer, variant):
    items = items_of(study)
    bring_in(format, writer(tmp_path / name, MANAGERS[:-1], items, **variant), study)
    again = import_file(format, tmp_path / name, study)
    assert (again.added, again.changed, again.unchanged) == (0, 0, len(MANAGERS) - 1)
    late = import_file(format, writer(tmp_path / name, MANAGERS, items, **variant), study)
    assert (late.added, late.changed, late.unchanged) == (1, 0, len(MANAGERS) - 1)
    assert len(Study.load(study, merged=False).survey) == len(MANAGERS)


def test_every_format_names_its_source_and_the_day_it_was_checked():
    for format, module in MODULES.items():
        text = module.__doc__ or ""
        stated = text.partition("\n")[0].endswith(".") and "Source:" in text and "checked 20" in text
        assert stated, (
            f'{format}: its docstring needs a first line that ends with a full stop, "Source:", "checked 20.."'
        )


def test_every_format_of_a_survey_tool_is_tried():
    surveys = {format for format, module in MODULES.items() if hasattr(module, "read")}
    absent = surveys - {format for format, *_ in CASES} - {"wide"}  # which has tests of its own
    assert not absent, f"no case here, with a writer in vendor_layouts.py, tries {', '.join(sorted(absent))}"
    assert {"qualtrics", "surveymonkey", "msforms", "googleforms", "glint", "limesurvey", "wide"} <= surveys
    assert {"greenhouse", "hiring", "practice"} <= set(MODULES) - surveys
