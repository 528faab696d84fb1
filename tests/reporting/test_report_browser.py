"""Report pages in a real browser: no network, no scripts, readable on a phone, within WCAG A and AA."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PAGES = ["index", "rich_survey", "sparse"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent; on Debian: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(params=PAGES)
def address(request, built):
    return (built.folder / f"{request.param}.html").as_uri()


def test_pages_ask_for_nothing_but_themselves(browser, address):
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [address]
    page.close()


def test_no_injected_script_runs(browser, address):
    page, dialogs = browser.new_page(), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address, wait_until="networkidle")
    assert dialogs == [] and page.evaluate("typeof window.hacked") == "undefined"
    page.close()


def test_pages_work_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("h1").is_visible() and page.locator("main").is_visible()
    context.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_pages_never_scroll_sideways(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_nothing_of_a_table_or_a_chart_lies_beyond_the_screen_of_a_phone(browser, built):
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto((built.folder / "rich_survey.html").as_uri())
    boxes = page.locator(".exhibit .scroll").all()
    assert boxes and all(box.evaluate("box => box.scrollWidth <= box.clientWidth") for box in boxes)
    # each cell stands after the head of its column
    cell = page.locator("figure:has-text('Twelve columns') td").first
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") not in ("none", "normal", '""')
    page.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_pages_meet_wcag_a_and_aa(browser, address, width):
    # Rules are read from a script that axe adds, which the page's own policy would refuse.
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(address)
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=options)
    assert [(rule["id"], node["target"]) for rule in found.response["violations"] for node in rule["nodes"]] == []
    assert len(found.response["passes"]) > 10
    context.close()


def test_figures_are_seen_and_described(browser, built):
    page = browser.new_page()
    page.goto((built.folder / "rich_survey.html").as_uri())
    for image in page.locator("img").all():
        assert image.get_attribute("alt")
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    page.close()


def test_pages_print(browser, address, tmp_path):
    page = browser.new_page()
    page.goto(address)
    page.pdf(path=tmp_path / "print.pdf", prefer_css_page_size=True)
    assert (tmp_path / "print.pdf").read_bytes().startswith(b"%PDF")
    page.close()


def test_chapters_lead_to_each_other(browser, built):
    page = browser.new_page()
    page.goto((built.folder / "index.html").as_uri())
    page.get_by_role("navigation", name="Chapters").get_by_role("link", name="One lonely table").click()
    assert page.locator("h1").inner_text() == "One lonely table"
    page.close()
