"""Dagster's web page as a person sees it, in a real browser: groups, counts, reasons, and no outside request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import duckdb
import pytest
from homes import AHP, Refreshed
from playwright.sync_api import Page, sync_playwright
from programs import chromium

GROUPS = ("landing", "reference", "staging", "intermediate", "marts", "quality", "release")


@pytest.fixture(scope="module")
def served(bundled: Refreshed) -> Iterator[str]:
    """The address of `ahp serve` on the refreshed home."""
    chromium()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"AHP_HOME": str(bundled.home.root)}
    server = subprocess.Popen(
        [*AHP, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            assert server.poll() is None, "ahp serve ended by itself"
            try:
                urllib.request.urlopen(f"{address}/server_info", timeout=2)
                break
            except OSError:
                time.sleep(1)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def browser_page() -> Iterator[tuple[Page, list[str]]]:
    outside: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.on("request", lambda request: outside.append(request.url))
        yield page, outside
        browser.close()


@pytest.mark.slow
def test_the_graph_shows_a_group_for_each_layer(served: str, browser_page: tuple[Page, list[str]]) -> None:
    page, _ = browser_page
    page.goto(f"{served}/asset-groups")
    for group in GROUPS:
        page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
    assert page.get_by_text("Join the Dagster community").count() == 0


@pytest.mark.slow
def test_a_table_shows_its_description_and_row_count(
    served: str, bundled: Refreshed, browser_page: tuple[Page, list[str]]
) -> None:
    page, _ = browser_page
    copy = bundled.release_folder / "parquet" / "marts" / "fct_workforce.parquet"
    rows = duckdb.sql(f"select count(*) from read_parquet('{copy.as_posix()}')").fetchall()[0][0]
    page.goto(f"{served}/assets/marts/fct_workforce")
    page.get_by_text("Row count").first.wait_for(timeout=60_000)
    page.get_by_text(f"{rows:,}", exact=True).first.wait_for(timeout=60_000)
    page.get_by_text("One row per source, organisation, as-at date, return group").first.wait_for(timeout=60_000)


@pytest.mark.slow
def test_a_gate_shows_its_reason(served: str, browser_page: tuple[Page, list[str]]) -> None:
    page, _ = browser_page
    page.goto(f"{served}/assets/release/candidate?view=checks&checkDetail=nothing_lost")
    page.get_by_text("are accounted for").first.wait_for(timeout=60_000)


@pytest.mark.slow
def test_the_schedule_is_on(served: str, browser_page: tuple[Page, list[str]]) -> None:
    page, _ = browser_page
    page.goto(f"{served}/automation")
    page.get_by_text("nightly_refresh").first.wait_for(timeout=60_000)
    page.get_by_text("At 02:00 AM").first.wait_for(timeout=60_000)


@pytest.mark.slow
def test_the_page_asks_nothing_of_the_outside(served: str, browser_page: tuple[Page, list[str]]) -> None:
    _, requests = browser_page
    assert requests
    assert [url for url in requests if not url.startswith((served, "data:", "blob:", "ws://127.0.0.1"))] == []
