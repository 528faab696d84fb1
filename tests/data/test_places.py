"""Where the files of a study may lie: nothing that study.yaml, firm.yaml or a link names is read from elsewhere."""

import os

import pytest
from click.testing import CliRunner
from small_study import TABLES

from helpers.cli import main
from helpers.data import Study
from helpers.data.places import VARIABLE


@pytest.fixture
def secret(tmp_path):
    """A folder two levels away, with files that a study has no business with."""
    folder = tmp_path / "elsewhere" / "deep"
    folder.mkdir(parents=True)
    for name in ("survey.csv", "codebook.yaml", "logo.png", "identities.csv", "firm.yaml"):
        (folder / name).write_text("secret,words\n1,2\n", encoding="utf-8")
    return folder


def named(folder, key, path):
    """The study with one of its files named elsewhere."""
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    if key == "tables.survey":
        text = text.replace("survey: survey.csv", f"survey: {path}")
    else:
        text += f"brand: {{{key.split('.')[1]}: {path}}}\n" if "brand" in key else f"{key}: {path}\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")


PLACES = {
    "tables.survey": "survey.csv",
    "codebook": "codebook.yaml",
    "brand.logo": "logo.png",
    "brand.firm": "firm.yaml",
    "brand.docx": "survey.csv",
}


@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
@pytest.mark.parametrize("key", PLACES)
def test_a_path_that_leads_out_of_the_study_is_refused(write_study, secret, refusal, key, absolute):
    folder = write_study(**TABLES)
    path = secret / PLACES[key]
    named(folder, key, path.as_posix() if absolute else f"../elsewhere/deep/{path.name}")
    told = refusal(Study.load, folder)
    assert told.startswith(f"study.yaml\n  error: {key}: ") and f"leads out of the study, to {path}" in told
    assert f"expected a file below {folder}" in told and "declare data_root" in told and "secret" not in told
    ended = CliRunner().invoke(main, ["check", str(folder)])
    assert ended.exit_code == 2 and "leads out of the study" in ended.output


@pytest.mark.parametrize("name", ["survey.csv", "codebook.yaml", "identities.csv", "study.yaml", "commentary/a.md"])
def test_a_link_that_leads_out_of_the_study_is_refused(write_study, secret, refusal, name):
    folder = write_study(**TABLES)
    (folder / "commentary").mkdir()
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret / "survey.csv")
    told = refusal(Study.load, folder)
    assert f"leads out of the study, to {secret / 'survey.csv'}" in told and "secret,words" not in told


def test_a_folder_linked_from_elsewhere_is_refused(write_study, secret, refusal):
    folder = write_study(**TABLES)
    (folder / "tables").symlink_to(secret)
    named(folder, "tables.survey", "tables/survey.csv")
    assert f"leads out of the study, to {secret / 'survey.csv'}" in refusal(Study.load, folder)


def test_paths_of_a_firm_stay_below_as_well(write_study, secret, refusal):
    folder = write_study(settings="brand: firm.yaml\n", **TABLES)
    (folder / "firm.yaml").write_text(f"footer: Ours\nlogo: {secret.as_posix()}/logo.png\n", encoding="utf-8")
    assert refusal(Study.load, folder).startswith("firm.yaml\n  error: logo: ")


@pytest.mark.parametrize("path", ['"a\\0b.csv"', f"{'x' * 5000}.csv", "loop.csv", "/dev/zero", "pipe.csv"])
def test_what_is_no_ordinary_file_is_refused_at_once(write_study, refusal, path):
    folder = write_study(**TABLES)
    (folder / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(folder / "pipe.csv")
    for key in ("tables.survey", "codebook"):
        named(folder, key, path)
    told = refusal(Study.load, folder)
    assert "study.yaml" in told and ("cannot be the name of a file" in told or "is a device" in told)


def test_links_and_absolute_paths_within_the_study_are_fine(write_study):
    folder = write_study(**TABLES)
    (folder / "survey.csv").rename(folder / "answers.csv")
    (folder / "survey.csv").symlink_to("answers.csv")
    named(folder, "codebook", (folder / "codebook.yaml").as_posix())
    assert len(Study.load(folder, merged=False).survey) == 3


def test_a_declared_data_root_opens_that_folder_alone(write_study, tmp_path, secret, refusal):
    folder = write_study(settings="data_root: ../shared\n", **TABLES)
    (tmp_path / "shared").mkdir()
    (folder / "survey.csv").rename(tmp_path / "shared" / "survey.csv")
    named(folder, "tables.survey", "../shared/survey.csv")
    assert len(Study.load(folder, merged=False).survey) == 3
    named(folder, "codebook", "../elsewhere/deep/codebook.yaml")
    assert f"below {folder} or {tmp_path / 'shared'}" in refusal(Study.load, folder)


def test_a_data_root_far_away_needs_the_word_of_the_machine(write_study, secret, refusal, monkeypatch):
    folder = write_study(settings="data_root: /\n", **TABLES)
    assert f'data_root: "/" leads to /, away from the study; expected a folder below {folder.parent}' in refusal(
        Study.load, folder
    )
    monkeypatch.setenv(VARIABLE, os.pathsep.join(["/nowhere", "/"]))
    assert len(Study.load(folder, merged=False).survey) == 3
    other = write_study(settings="data_root: ../nowhere\n", **TABLES)
    assert 'there is no folder "../nowhere"' in refusal(Study.load, other)


def test_another_study_is_never_read_from(write_study, tmp_path, refusal):
    folder = write_study(settings="data_root: ..\n", **TABLES)
    other = tmp_path / "other"
    other.mkdir()
    (other / "study.yaml").write_text("title: Other\n", encoding="utf-8")
    (other / "survey.csv").write_text(TABLES["survey"], encoding="utf-8")
    named(folder, "tables.survey", "../other/survey.csv")
    assert f"lies in another study, {other}" in refusal(Study.load, folder)
