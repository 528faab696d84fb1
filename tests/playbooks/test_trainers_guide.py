"""The trainer's guide: twelve pages whose days cannot drift from the kits they are composed of."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from helpers import cli
from helpers.data import InputError
from helpers.pdfium import opened
from helpers.playbooks import grade, programmes
from helpers.playbooks.check import GUIDE, Shelf, refill
from helpers.playbooks.kit.trainers_guide import trainers_guide
from helpers.playbooks.marks import plain

ROOT = Path(__file__).parents[2] / "playbooks"


@pytest.fixture(scope="module")
def books():
    return Shelf.read(ROOT).books


@pytest.fixture
def own(tmp_path):
    """Return a copy of the playbooks, without what is printed."""
    return Path(shutil.copytree(ROOT, tmp_path / "playbooks", ignore=shutil.ignore_patterns("kits")))


def found(root):
    return [problem.found for problem in Shelf.read(root).check_guide()]


def changed(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_days_add_up_to_the_minutes_of_the_agendas(books):
    editions = {(book.front.id, one.id): one for book in books for one in book.front.editions}
    days = programmes.load(ROOT)
    assert [day.id for day in days] == ["half-day", "day-one", "day-two", "day-three"]
    assert programmes.check(days, books) == []
    for day in days:
        hours, minutes = map(int, day.starts.split(":"))
        at = 60 * hours + minutes
        for step in day.steps:
            agenda = editions[step.playbook, step.edition].agenda if step.playbook else []
            at += step.minutes or sum(block.minutes for block in agenda)
        assert day.ends == f"{at // 60}:{at % 60:02d}"


def test_a_kit_that_takes_longer_makes_the_days_wrong_until_they_are_announced_anew(own):
    playbook = own / "hard-talks" / "playbook.md"
    changed(playbook, "duration_min: 75", "duration_min: 85")
    said = found(own)
    assert any("day-two is announced to end at 15:50, and its minutes come to 16:00" in words for words in said)
    assert any("programme:day-two reads" in words for words in said), "and the text is stale"
    changed(own / programmes.FILE, 'ends: "15:50"', 'ends: "16:00"')
    assert own / GUIDE in refill(own)
    assert not any("day-two" in words for words in found(own))
    assert "13:20–14:45" in (own / GUIDE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("edition: room}", "edition: rooom}", "role-swap, edition rooom"),
        ("playbook: role-swap", "playbook: role-swop", "role-swop, edition room"),
        ("Break, minutes: 20, pause: true", "Talk, minutes: 20", "200 minutes without a pause"),
        ('Read the board aloud: kept, moved or broken", minutes: 20', 'Read the board", minutes: 43', "91 minutes"),
        (
            "playbook: partnership-kickoff, edition: room",
            "playbook: conflict-steps, edition: card",
            "different numbers",
        ),
    ],
)
def test_what_does_not_fit_in_a_day_is_named(own, old, new, said):
    changed(own / programmes.FILE, old, new)
    assert any(said in words for words in found(own))


def test_a_step_is_an_edition_or_something_of_its_own(own):
    changed(own / programmes.FILE, "{what: Break, minutes: 20, pause: true}", "{what: Break, playbook: rhythm}")
    with pytest.raises(InputError, match="a step needs playbook and edition, or what and minutes"):
        programmes.load(own)


def test_a_folder_without_a_guide_has_nothing_to_check(own):
    (own / GUIDE).unlink()
    (own / programmes.FILE).unlink()
    assert found(own) == [] and programmes.load(own) == []
    run = CliRunner().invoke(cli.main, ["playbook", "guide", "--playbooks", str(own), "--out", str(own / "out")])
    assert run.exit_code == 2 and "trainers-guide.md" in run.output and not (own / "out").exists()


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_it_is_twelve_pages_that_can_be_read_and_those_committed_are_these(paper):
    content = trainers_guide(ROOT, paper)
    with opened(content) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert len(texts) == 12 and all(len(text.split()) > 200 for text in texts)
    assert (ROOT / "kits" / paper / "trainers-guide.pdf").read_bytes() == content, (
        "run python dev.py kits trainers-guide"
    )
    headings = re.findall(r"^## (.+)$", (ROOT / GUIDE).read_text(encoding="utf-8"), re.MULTILINE)
    assert all(text.startswith(heading) for heading, text in zip(headings, texts[1:], strict=True))


def test_each_page_is_easy_to_read():
    text = plain((ROOT / GUIDE).read_text(encoding="utf-8"))
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        prose = " ".join(line for line in part.splitlines() if not line.startswith("|"))
        assert grade(re.sub(r"\[([^\]]+)\]\([^)]*\)|[*`]", r"\1", prose)) <= 10


def test_what_it_says_of_results_is_what_reports_do():
    text = (ROOT / GUIDE).read_text(encoding="utf-8")
    known = yaml.safe_load((ROOT / "articles.yaml").read_text(encoding="utf-8"))["directions"]
    assert all(f"| {one['dimension'].replace('_', ' ')} | " in text for one in known)


def test_the_command_writes_it(tmp_path):
    run = CliRunner().invoke(cli.main, ["playbook", "guide", "--out", str(tmp_path)])
    assert run.exit_code == 0 and (tmp_path / "trainers-guide.pdf").read_bytes() == trainers_guide(ROOT)
