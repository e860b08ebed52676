"""The page of a check as a person meets it: opened from a file, on any width, on paper, and by a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from programs import chromium
from toy_check import ERROR, checked, collation, hostile, of_every_kind, report_of

from dagster_project.returns.checked import CheckReport
from dagster_project.returns.report import as_html

pytestmark = pytest.mark.slow

REPORTS = {
    "every kind of finding": of_every_kind(),
    "nothing to mend": report_of(checked()),
    "several files": report_of(checked(ERROR), collation(), checked(ERROR, counted=(), status="cannot_be_read")),
    "hostile text": hostile(),
}
NARROW, WIDE = 320, 1280


@dataclass
class Opened:
    """A page in the browser, what it asked for, and what the browser had to say about it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> CheckReport:
    return REPORTS[request.param]


def opened(browser: Browser, folder: Path, report: CheckReport, width: int, scheme: str = "light") -> Opened:
    file = folder / "check.html"
    file.write_bytes(as_html(report))
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen = Opened(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    return seen


def test_the_page_opens_from_a_file_and_asks_for_nothing_else(
    browser: Browser, tmp_path: Path, report: CheckReport
) -> None:
    seen = opened(browser, tmp_path, report, WIDE)
    assert seen.page.get_by_role("heading", level=1).is_visible()
    assert seen.requests == [(tmp_path / "check.html").as_uri()]
    assert seen.complaints == []
    seen.page.close()


@pytest.mark.parametrize("width", [NARROW, 600, WIDE])
def test_nothing_has_to_be_scrolled_sideways(browser: Browser, tmp_path: Path, report: CheckReport, width: int) -> None:
    page = opened(browser, tmp_path, report, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "light"), (WIDE, "dark")])
def test_the_page_meets_the_guidelines_for_accessibility(
    browser: Browser, tmp_path: Path, report: CheckReport, width: int, scheme: str
) -> None:
    page = opened(browser, tmp_path, report, width, scheme).page
    outcome = Axe().run(page)
    assert len(outcome.response["passes"]) > 15
    assert outcome.violations_count == 0, outcome.generate_report()
    page.close()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_what_would_count_is_a_table_to_a_screen_reader_on_every_width(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    page = opened(browser, tmp_path, of_every_kind(), width).page
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    assert (roles.count("table"), roles.count("columnheader"), roles.count("rowheader")) == (1, 6, 3)
    assert roles.count("cell") == 15
    page.close()


def test_a_dark_screen_prints_dark_on_light(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, of_every_kind(), WIDE, "dark").page
    on_screen = page.evaluate("getComputedStyle(document.body).color")
    page.emulate_media(media="print", color_scheme="dark")
    on_paper = page.evaluate("getComputedStyle(document.body).color")
    assert (on_screen, on_paper) == ("rgb(238, 242, 245)", "rgb(21, 32, 43)")
    page.close()


def test_the_page_prints_on_paper(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, of_every_kind(), WIDE).page
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
