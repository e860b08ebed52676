"""The site of a release as a person meets it: opened from a folder, on any width, on paper, and by a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from programs import chromium
from site_workshop import an_eventful_night, put_people_into, put_printed_results_into, steps_of, the_collation

from dagster_project.site.building import write_site

pytestmark = pytest.mark.slow

NARROW, NARROWEST_WITH_TABLES, WIDE = 320, 1060, 1280
# One of each layout.
PAGES = (
    "index.html",
    "areas.html",
    "pay.html",
    "equality.html",
    "sources.html",
    "movement.html",
    "pay_parity.html",
    "pay/entry-occupational-therapist.html",
    "survey.html",
    "maturity.html",
    "published.html",
    "quality.html",
    "other_findings.html",
    "downloads.html",
    "changes.html",
    "files.html",
    "roles.html",
    "method.html",
    "dictionary.html",
    "lineage.html",
    "queries.html",
    "opening.html",
    "dictionary/marts.regional_workforce.html",
    "organisations/derby-hospitals-invented-rtg.html",
    "regions/west-midlands-adass-wm.html",
    "systems/staffordshire-and-stoke-on-trent-e54000010.html",
    "councils/derby-e06000015.html",
    "councils/telford-and-wrekin-e06000020.html",
)
LOOKED_INTO_NARROW = ("index.html", "organisations/derby-hospitals-invented-rtg.html", "councils/derby-e06000015.html")
# WCAG 2.2 up to AA, and axe's own good practice. Its look at style sheets would itself be a request.
AXE = {"preload": False, "resultTypes": ["violations"]}


@dataclass
class Opened:
    """A page in the browser, what it asked for, and what the browser had to say about it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, file: Path) -> None:
        self.requests.clear()
        self.page.goto(file.as_uri())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a trend, refused files, people of a trust, and every part that a page can have."""
    folder = tmp_path_factory.mktemp("site")
    nights = the_collation(folder)
    candidate = an_eventful_night(nights, folder)
    put_people_into(candidate)
    put_printed_results_into(candidate)
    write_site(candidate, None, steps_of(nights.home))
    return candidate.folder / "site"


def opened(browser: Browser, width: int, scheme: str = "light", javascript: bool = True) -> Opened:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=javascript,
    )
    seen = Opened(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen


# Takes out rows and items that hold no kind of element that one before them did not hold, and gives the kinds left:
# each element with its classes and role, in its parent. What two places share of these, axe finds alike.
KINDS_OF_ELEMENTS = """(() => {
    const named = one => one ? [one.tagName, one.getAttribute('class'), one.getAttribute('role'),
        one.getAttribute('aria-current')].join(' ') : '';
    const kind = element => named(element.parentElement) + ' > ' + named(element);
    const seen = new Set();
    for (const row of document.querySelectorAll('tbody tr, li')) {
        const kinds = [row, ...row.querySelectorAll('*')].map(kind);
        if (kinds.every(one => seen.has(one))) row.remove();
        kinds.forEach(one => seen.add(one));
    }
    return [...document.querySelectorAll('*')].map(kind);
})()"""
# What can be scrolled in its own box and cannot be reached with the keyboard.
OUT_OF_REACH = """[...document.querySelectorAll('pre, div, section, table, nav, figure, dd')].filter(element =>
    /auto|scroll/.test(getComputedStyle(element).overflow) && element.tabIndex < 0 &&
    (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)).length"""


def all_pages(site: Path) -> list[str]:
    return sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))


def test_every_page_opens_within_320_pixels_and_asks_for_nothing_outside(browser: Browser, site: Path) -> None:
    seen = opened(browser, NARROW)
    style = (site / "style.css").as_uri()
    titles = set()
    for path in all_pages(site):
        seen.go(site / path)
        assert seen.requests == [(site / path).as_uri(), style], path
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
        assert seen.page.evaluate(OUT_OF_REACH) == 0, path
        titles.add(seen.page.title())
    assert seen.complaints == []
    assert len(titles) == len(all_pages(site)) > 120
    seen.page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_kind_of_element_on_every_page_meets_the_guidelines_for_accessibility(
    browser: Browser, site: Path, width: int, scheme: str
) -> None:
    """axe takes seconds for a page, so it is asked where a page holds something that no page before it held."""
    seen = opened(browser, width, scheme)
    known: set[str] = set()
    looked_into = []
    for path in [*PAGES, *all_pages(site)] if width == WIDE else LOOKED_INTO_NARROW:
        seen.go(site / path)
        kinds = set(seen.page.evaluate(KINDS_OF_ELEMENTS))
        if kinds <= known:
            continue
        known |= kinds
        looked_into.append(path)
        outcome = Axe().run(seen.page, options=AXE)
        assert len(outcome.response["passes"]) > 15, path
        assert outcome.violations_count == 0, f"{path}: {outcome.generate_report()}"
    assert len(looked_into) >= (15 if width == WIDE else 3)
    assert seen.complaints == []
    seen.page.context.close()


def test_a_page_that_does_not_meet_the_guidelines_is_found(browser: Browser, site: Path) -> None:
    seen = opened(browser, WIDE)
    seen.go(site / "movement.html")
    seen.page.evaluate("document.documentElement.lang = ''; document.querySelector('th').style.color = '#ccc'")
    found = {violation["id"] for violation in Axe().run(seen.page, options=AXE).response["violations"]}
    assert found == {"html-has-lang", "color-contrast"}
    seen.page.context.close()


def test_no_page_has_to_be_scrolled_sideways_where_tables_are_widest(browser: Browser, site: Path) -> None:
    seen = opened(browser, NARROWEST_WITH_TABLES)
    for path in PAGES:
        seen.go(site / path)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST_WITH_TABLES, path
    seen.page.context.close()


def test_whatever_has_the_focus_is_seen_to_have_it(browser: Browser, site: Path) -> None:
    seen = opened(browser, WIDE)
    for path in ("index.html", "queries.html"):
        seen.go(site / path)
        for _ in range(25):
            seen.page.keyboard.press("Tab")
            width = seen.page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
            drawn = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert (width >= 2, drawn) == (True, "solid"), seen.page.evaluate("document.activeElement.outerHTML")
    seen.page.context.close()


def test_charts_can_be_told_apart_where_the_reader_forces_colours(browser: Browser, site: Path) -> None:
    seen = opened(browser, WIDE)
    seen.page.emulate_media(forced_colors="active")
    seen.go(site / "regions/west-midlands-adass-wm.html")
    fills = seen.page.evaluate(
        "['permanent', 'vacant'].map(kind => getComputedStyle(document.querySelector(`.bars .${kind}`)).fill)"
    )
    page_colour = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert fills[0] not in (fills[1], page_colour)
    assert seen.page.evaluate("getComputedStyle(document.querySelector('.bars .vacant')).stroke") != page_colour
    seen.page.context.close()


def test_the_site_is_read_without_javascript_and_gone_through_by_keyboard(browser: Browser, site: Path) -> None:
    seen = opened(browser, WIDE, javascript=False)
    seen.go(site / "index.html")
    page = seen.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.get_by_role("navigation", name="Main pages").get_by_role("link", name="Areas", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas.html")
    page.get_by_role("link", name="Derby", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/derby-e06000015.html")
    assert page.get_by_role("heading", level=1).inner_text() == "Derby"
    seen.page.context.close()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_table_is_a_table_to_a_screen_reader_on_every_width(browser: Browser, site: Path, width: int) -> None:
    seen = opened(browser, width)
    seen.go(site / "regions/west-midlands-adass-wm.html")
    table = seen.page.get_by_role("table", name="Headcount (people) and full-time equivalents")
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader").count() == 6
    assert table.get_by_role("cell").count() == 36
    seen.page.context.close()


def test_bars_are_drawn_to_one_scale_and_say_their_numbers_beside_them(browser: Browser, site: Path) -> None:
    """West Midlands occupational therapists: 199.03 permanent, 51.3 temporary, 33.1 vacant; the page's longest bar."""
    seen = opened(browser, WIDE)
    seen.go(site / "regions/west-midlands-adass-wm.html")
    first = seen.page.locator(".bars li").first
    assert first.locator(".text").inner_text() == "199.03 permanent, 51.30 temporary, 33.10 vacant"
    widths = [box["width"] for part in first.locator(".part").all() if (box := part.bounding_box())]
    whole = first.locator("svg").bounding_box()
    assert whole
    # A line of the drawing is half a pixel to either side.
    for width, fte in zip(widths, (199.03, 51.3, 33.1), strict=True):
        assert abs(width - whole["width"] * fte / 283.43) < 3
    seen.page.context.close()


def test_pages_print_their_tables_as_tables_within_the_paper_and_dark_on_light(browser: Browser, site: Path) -> None:
    # A4 less its margins, at 96 pixels an inch.
    seen = opened(browser, 680, "dark")
    seen.page.emulate_media(media="print", color_scheme="dark")
    for path in PAGES:
        seen.go(site / path)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 680, path
        assert seen.page.evaluate("getComputedStyle(document.body).color") == "rgb(21, 32, 43)"
        assert seen.page.locator("table").count() == seen.page.evaluate(
            "[...document.querySelectorAll('table')].filter(table => getComputedStyle(table).display == 'table').length"
        )
    assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    seen.page.context.close()
