"""The run sheet in a browser: clocks, colours, keys, ticks that stay, what to do when late; nothing from elsewhere."""

import datetime
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from helpers.playbooks import evidence, load
from helpers.playbooks.kit.run_sheet import run_sheet_page
from helpers.playbooks.session import Session

ROOT = Path(__file__).parents[2] / "playbooks"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-component-update"]
NINE = datetime.datetime(2026, 12, 1, 9, 0, 0)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent; on Debian: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    book = load(ROOT / "role-swap")
    session = Session(book, book.front.edition("room"), evidence.load(ROOT), 13, 540, "a4", "draft")
    path = tmp_path_factory.mktemp("run") / "run-sheet.html"
    path.write_text(run_sheet_page(session), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, address):
    opened = browser.new_page()
    opened.clock.set_fixed_time(NINE)
    opened.goto(address)
    yield opened
    opened.close()


def now(page):
    return page.locator("#now h2").inner_text()


def test_it_asks_for_nothing_from_elsewhere(browser, address):
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    assert asked == [address]
    page.close()


def test_clocks_turn_amber_at_20_percent_and_red_at_5(page):
    left = page.locator("#left")
    assert (page.locator("#wall").inner_text(), left.inner_text()) == ("9:00", "4:00")
    for seconds, shown, colour in (
        (190, "0:50", ""),
        (194, "0:46", " amber"),
        (230, "0:10", " red"),
        (250, "−0:10", " red"),
    ):
        page.clock.set_fixed_time(NINE + datetime.timedelta(seconds=seconds))
        expect(left).to_have_text(shown)
        assert left.get_attribute("class") == f"clock{colour}"


def test_keys_lead_on_and_back_and_show_the_script(page):
    assert now(page) == "9:00–9:04 · Open"
    page.keyboard.press("ArrowRight")
    assert now(page) == "9:04–9:07 · Open"
    page.keyboard.press("ArrowLeft")
    assert page.locator(".say").first.inner_text().endswith("…")
    page.keyboard.press("s")
    assert "I will give you the failures too." in page.locator("#now").inner_text()


def test_ticks_and_the_place_survive_a_reload(page):
    page.keyboard.press("ArrowRight")
    page.locator("#list input").nth(4).check()
    page.reload()
    assert now(page) == "9:04–9:07 · Open"
    assert [page.locator("#list input").nth(at).is_checked() for at in (0, 1, 4)] == [True, False, True]


def test_the_projector_shows_the_instruction_and_the_time_alone(page):
    page.keyboard.press("p")
    assert page.locator("#wall").is_visible() and page.locator("#now .what").is_visible()
    assert not any(page.locator(part).first.is_visible() for part in ("nav", "#list", ".say", ".next"))


def test_all_groups_of_a_breakout_are_shown_with_their_cases(page):
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    assert "Case: round one" in now(page)
    groups = page.locator(".groups button")
    assert groups.count() == 6
    assert groups.nth(0).inner_text() == "Group 1 (two; case 1, then case 2)"
    assert groups.nth(5).inner_text() == "Group 6 (three; case 3, then case 4)"
    groups.nth(1).click()
    assert page.locator(".groups button").nth(1).get_attribute("aria-pressed") == "true"


def test_tables_and_teams_are_filled_evenly():
    book, known = load(ROOT / "customer-call-shadowing"), evidence.load(ROOT)
    for edition, people, sizes in (("room", 13, "three three three four"), ("session", 5, "one two two")):
        session = Session(book, book.front.edition(edition), known, people, 540, "a4", "draft")
        data = json.loads(re.search(r'id="data">(.*?)</script>', run_sheet_page(session), re.DOTALL)[1])
        assert [group["size"] for group in data["groups"]] == sizes.split()


def test_six_minutes_late_offers_the_cuts_and_says_what_is_lost(page):
    page.keyboard.press("l")
    assert page.locator("#minutes").input_value() == "6"
    offers = page.locator("#offers").inner_text()
    assert "9 minutes are left unplanned." in offers
    assert "Debrief in one round: only Now what, one line per group. (5 minutes)" in offers
    assert "Saves 10 of 6 minutes." in offers and "Groups do not say why facts stayed locked." in offers
    page.get_by_role("button", name="Leave out what the playbook marks as safe").click()
    rows = page.locator("#list li").all_inner_texts()
    close = next(text for text in rows if "What a real swap is" in text)
    assert "10:10" in close, "14 minutes past ten, six later, ten saved"


def test_squeezing_keeps_the_end(page):
    page.keyboard.press("l")
    page.get_by_role("button", name="Squeeze what follows").click()
    reserve = page.locator("#list li").last.inner_text()
    assert "10:21" in reserve, "the reserve begins when it would have"
