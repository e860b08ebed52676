"""dbt's own documentation beside the site: it opens from a folder, asks for nothing, and shows how a table is made."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from homes import Refreshed
from playwright.sync_api import Page, sync_playwright
from programs import chromium

from dagster_project.contracts import public_tables
from dagster_project.dbt_documentation import PageNotUnderstood, page_of
from dagster_project.home import PROJECT_ROOT

DBTS_PAGE = '<head></head><link rel="shortcut icon" href="x"><use xlink:href="{{ getIcon(1) }}">'
INLINE = '<script>"MANIFEST.JSON INLINE DATA" "CATALOG.JSON INLINE DATA"</script>'


@pytest.fixture(scope="module")
def opened(bundled: Refreshed) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page of a release, what it asks for and what the browser says of it."""
    requests: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((bundled.release_folder / "site" / "lineage.html").as_uri())
        page.get_by_role("link", name="dbt’s own documentation").click()
        yield page, requests, complaints
        browser.close()


def test_it_opens_from_the_site_and_shows_the_description_the_types_and_the_sql_of_a_table(
    bundled: Refreshed, opened: tuple[Page, list[str], list[str]]
) -> None:
    page, requests, complaints = opened
    address = (bundled.release_folder / "site" / "dbt" / "index.html").as_uri()
    (table,) = [t for t in public_tables(bundled.home.dbt_manifest) if t.full_name == "marts.regional_workforce"]
    page.goto(f"{address}#!/model/model.ahp_workforce.regional_workforce")
    page.get_by_text(table.description.split("\n")[0]).first.wait_for()
    assert page.locator("td", has_text="decimal").count() > 3
    assert "rolled_up as" in page.locator("code").first.inner_text()
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} == {
        address,
        *((bundled.release_folder / "site" / name).as_uri() for name in ("lineage.html", "style.css")),
    }
    assert complaints == []


def test_nothing_can_be_fetched_from_it(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _, complaints = opened
    said = len(complaints)
    assert page.evaluate("fetch('https://example.invalid').then(() => 'fetched', error => error.name)") == "TypeError"
    assert any("Content Security Policy" in complaint for complaint in complaints[said:])
    del complaints[said:]


def test_it_holds_nothing_of_the_machine_or_the_moment(bundled: Refreshed) -> None:
    page = (bundled.release_folder / "site" / "dbt" / "index.html").read_text(encoding="utf-8")
    assert PROJECT_ROOT.as_posix() not in page
    assert bundled.home.root.as_posix() not in page
    known = json.loads(bundled.home.dbt_manifest.read_text(encoding="utf-8"))
    later = {**known, "metadata": {**known["metadata"], "generated_at": "2031-01-01", "invocation_id": "another"}}
    assert page_of(DBTS_PAGE + INLINE, known) == page_of(DBTS_PAGE + INLINE, later)


def test_a_description_cannot_end_the_script_it_stands_in(bundled: Refreshed) -> None:
    known = json.loads(bundled.home.dbt_manifest.read_text(encoding="utf-8"))
    name = "model.ahp_workforce.regional_workforce"
    hostile = {**known["nodes"][name], "description": "</script><script>alert(1)</script><!--"}
    made = page_of(DBTS_PAGE + INLINE, {**known, "nodes": {**known["nodes"], name: hostile}})
    assert made.count("</script") == 1
    assert "<!--" not in made


def test_a_page_of_another_dbt_is_refused_and_not_shown_half_made(bundled: Refreshed) -> None:
    known = json.loads(bundled.home.dbt_manifest.read_text(encoding="utf-8"))
    with pytest.raises(PageNotUnderstood, match="CATALOG"):
        page_of(DBTS_PAGE + INLINE.replace("CATALOG.JSON", "CATALOGUE.JSON"), known)
