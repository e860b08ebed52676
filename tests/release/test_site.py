"""The site of a release: whole, complete in itself, equal to the tables, and plain about what was refused."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import duckdb
import pytest
from release_workshop import tamper
from site_workshop import REFUSED, REFUSED_FOR_A_LATER_DAY, Page, Pages, eventful, pages, query

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.release import manifest
from dagster_project.release.building import Candidate, CandidateError
from dagster_project.release.gates import GATE_NAMES, GateContext, GateResult, no_absolute_path
from dagster_project.release.publishing import publish
from dagster_project.site.building import MENU, write_site
from dagster_project.site.queries import site_queries
from dagster_project.site.serving import serve_site

MEASURES = ("headcount", "fte", "fte_permanent", "fte_temporary", "fte_vacant")
HOSTILE = "<script>alert('x')</script>=cmd|' /C calc'!A0\"><img src=x onerror=y>\u202e"
HOSTILE_AS_SHOWN = "<script>alert('x')</script>=cmd|' /C calc'!A0\"><img src=x onerror=y>\\u202e"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Candidate, Candidate]:
    return eventful(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def first(releases: tuple[Candidate, Candidate]) -> Candidate:
    return releases[0]


@pytest.fixture(scope="module")
def second(releases: tuple[Candidate, Candidate]) -> Candidate:
    return releases[1]


def without_site(candidate: Candidate, folder: Path) -> Candidate:
    """A copy to change and to make the site of."""
    shutil.copytree(candidate.folder, folder, ignore=shutil.ignore_patterns("site"))
    return Candidate(candidate.release_id, folder, candidate.tables)


def of_council(site: Pages, name: str) -> Page:
    (path,) = [path for path in site if path.startswith(f"councils/{name}-e")]
    return site[path]


# The pages as files


def test_every_page_is_well_formed_and_names_nothing_twice(second: Candidate) -> None:
    site = pages(second)
    assert set(MENU) < set(site)
    for path, page in site.items():
        assert page.faults == [], path
        ids = page.values("id")
        assert len(ids) == len(set(ids)), path
        assert [tag for tag, _ in page.tags].count("h1") == 1, path


def test_every_link_leads_to_a_file_of_the_release_and_to_a_place_in_it(second: Candidate) -> None:
    site, folder = pages(second), second.folder / "site"
    places = {path: set(page.values("id")) for path, page in site.items()}
    links = {(path, href) for path, page in site.items() for href in page.values("href")}
    assert len(links) > 1000
    for path, href in links:
        to = urlsplit(href)
        assert (to.scheme, to.netloc, to.path[:1] == "/") == ("", "", False), (path, href)
        target = (folder / path).parent / unquote(to.path) if to.path else folder / path
        assert target.is_file(), (path, href)
        if to.fragment:
            linked = target.resolve().relative_to(folder.resolve()).as_posix()
            assert unquote(to.fragment) in places[linked], (path, href)


def test_no_page_asks_for_anything_but_the_stylesheet_beside_it(second: Candidate) -> None:
    for path, page in pages(second).items():
        assert {"script", "img", "iframe", "form", "object", "embed", "style"}.isdisjoint(tag for tag, _ in page.tags)
        assert page.values("src") == [], path
        assert page.values("style") == [], path
        assert [attributes["href"] for tag, attributes in page.tags if tag == "link"] == [
            "../" * path.count("/") + "style.css"
        ]
        policy = [attributes for tag, attributes in page.tags if "http-equiv" in attributes]
        assert policy[0]["content"].startswith("default-src 'none'; style-src 'self' file:")
    style = (second.folder / "site" / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_the_site_is_hashed_with_the_release_and_passes_the_gate_on_paths(second: Candidate, tmp_path: Path) -> None:
    listed = {file["path"] for file in manifest.files_of(second.folder)}
    assert {"site/index.html", "site/style.css"} < listed
    context = GateContext(tmp_path, None, home=tmp_path, project=PROJECT_ROOT, check_runs=())
    assert no_absolute_path(second, context).passed


# The numbers


def shown(value: object, behind: int, expected: int, field: str, is_roll_up: bool) -> str:
    """How a cell of the staff table must read, worked out here anew."""
    if value is None:
        return "[x] not supplied"
    assert isinstance(value, (int, Decimal))
    number = f"{value:,}" if field == "headcount" else f"{value:,.4f}".removesuffix("0").removesuffix("0")
    return number if behind == expected else f"{number} [u] {behind} of {expected}" + " gave every group" * is_roll_up


def test_every_number_of_staff_on_every_page_is_that_of_the_release(second: Candidate) -> None:
    site = pages(second)
    behind = ", ".join(
        "councils_returned" if field == "headcount" else f"{field}_councils_returned" for field in MEASURES
    )
    expected: dict[tuple[str, str], list[list[str]]] = {}
    for kind, code, roll_up, councils, status, *values in query(
        second,
        f"""
        select geography_type, lower(geography_code), is_roll_up, councils_expected, value_status,
            {", ".join(MEASURES)}, {behind}
        from marts.regional_workforce
        where source = 'council_returns'
        qualify as_at_date = max(as_at_date) over (partition by geography_type, geography_code)
        order by geography_type, geography_code, is_roll_up, list_position(
            ['occupational_therapists', 'other_ahps', 'non_registered_assessors', 'senior_practitioners', 'managers'],
            return_group
        )
        """,
    ):
        assert isinstance(councils, int)
        cells = [
            shown(value, int(str(number)), councils, field, bool(roll_up))
            for field, value, number in zip(MEASURES, values[:5], values[5:], strict=True)
        ]
        mark = {"complete": "complete", "partial": "partial [u]", "not_supplied": "not supplied [x]"}[str(status)]
        expected.setdefault((str(kind), str(code)), []).append([*cells, mark])
    folders = {"adass_region": "regions", "ons_region": "regions", "ics": "systems", "council": "councils"}
    assert len(expected) > 40
    for (kind, code), rows in expected.items():
        (path,) = [path for path in site if path.startswith(f"{folders[kind]}/") and path.endswith(f"-{code}.html")]
        heading, *found = site[path].tables["staff-table"]
        assert len(heading) == 7
        assert [row[1:] for row in found] == rows, path
    assert len([path for path in site if path.split("/")[0] in folders.values()]) == len(expected)


def test_the_overview_shows_the_published_totals_of_the_regions(first: Candidate) -> None:
    """Occupational therapists as published in Figure 18 of the Midlands report, summed by region; rates by hand."""
    assert pages(first)["index.html"].tables["regions-table"][1:] == [
        ["East Midlands", "30 June 2024", "323", "263.05", "259.05", "4.00", "43.12", "14.08%", "complete"],
        ["West Midlands", "30 June 2024", "271", "250.33", "199.03", "51.30", "33.10", "11.68%", "complete"],
    ]


def test_a_measure_stands_on_a_page_with_its_parts_its_councils_and_its_status(first: Candidate) -> None:
    rows = pages(first)["regions/west-midlands-adass-wm.html"].tables["measures-table"]
    assert [
        "Temporary share of FTE",
        "Occupational therapists",
        "20.49%",
        "51.3",
        "250.33",
        "14 of 14",
        "complete",
    ] in rows
    assert ["Vacancy rate", "Non-registered assessors", "6.06%", "3", "49.5", "3 of 14", "partial [u]"] in rows
    shown_measures = len(rows) - 1
    assert query(
        first,
        "select count(*) from marts.regional_measures where geography_code = 'ADASS-WM' and measure <> 'coverage'",
    ) == [(shown_measures,)]


def test_every_finding_that_is_not_mended_stands_on_one_page(second: Candidate) -> None:
    with_a_page = "select geography_code from marts.regional_workforce where geography_type = 'council'"
    expected = query(
        second,
        f"""
        select count(*) filter (organisation_code in ({with_a_page})), count(*)
        from quality.findings
        where status <> 'resolved'
        """,
    )
    site = pages(second)
    shown_on = {path: sum(tag == "h4" for tag, _ in page.tags) for path, page in site.items()}
    on_councils = sum(count for path, count in shown_on.items() if path.startswith("councils/"))
    assert shown_on["other_findings.html"] > 0
    assert [(on_councils, on_councils + shown_on["other_findings.html"])] == expected


def test_every_section_with_a_table_of_numbers_names_the_query_it_comes_from(second: Candidate) -> None:
    names, named = set(site_queries()), set()
    folder = second.folder / "site"
    for path, page in pages(second).items():
        if path.startswith("dictionary") or path in ("lineage.html", "downloads.html"):
            continue
        sections = (folder / path).read_text(encoding="utf-8").split("<section")[1:]
        for section in sections:
            assert "<table" not in section or 'class="source"' in section, (path, section[:80])
        named |= {href.partition("#")[2] for href in page.values("href") if "queries.html#" in href}
    assert names - named == set()


# What a reader must not miss


def test_the_caution_stands_first_on_the_page_of_every_council(second: Candidate) -> None:
    councils = [page for path, page in pages(second).items() if path.startswith("councils/")]
    assert len(councils) == 25
    for page in councils:
        heading = [tag for tag, _ in page.tags].index("h1")
        assert page.tags[heading + 1] == ("p", {"class": "verdict warning"})
        _, _, after = page.text.partition("Council ")
        assert "Comparing one council with another is unreliable" in after[:120]


def test_caveats_of_the_tables_stand_on_the_pages_that_show_them(second: Candidate) -> None:
    page = of_council(pages(second), "derby")
    for table in ("marts.regional_workforce", "marts.fct_workforce", "marts.fct_pay_scale", "marts.workforce_trend"):
        (caveats,) = [public.caveats for public in second.tables if public.full_name == table]
        assert caveats
        for caveat in caveats:
            assert " ".join(caveat.split()) in page.text


def test_bundled_numbers_are_marked_as_an_example_on_every_page_and_own_ones_are_not(
    first: Candidate, second: Candidate
) -> None:
    texts = {
        candidate: [file.read_text(encoding="utf-8") for file in (candidate.folder / "site").rglob("*.html")]
        for candidate in (first, second)
    }
    assert len(texts[first]) == len(pages(first))
    assert all("Example data." in text for text in texts[first])
    assert not any("Example data." in text for text in texts[second])


@pytest.mark.parametrize("path", ["quality.html", "councils/derby-e06000015.html"])
def test_a_refused_file_shows_its_reason_and_what_stays_in_force(second: Candidate, path: str) -> None:
    text = pages(second)[path].text
    of_one = text.partition(f"Refused: {REFUSED} ")[2]
    assert "'Cleaners'" in of_one[:500]
    assert "It was to be the return of Derby as at 31 March 2026." in of_one[:300]
    assert "Nothing of it counts. derby.xlsx stays in force." in of_one
    of_a_later_day = text.partition(f"Refused: {REFUSED_FOR_A_LATER_DAY} ")[2]
    assert "It was to be the return of Derby as at 30 September 2026." in of_a_later_day[:300]
    assert (
        "Nothing of it counts. Derby has no return for 30 September 2026 yet; the last one before it, derby.xlsx as at "
        "31 March 2026, stays in force." in of_a_later_day
    )


def test_the_first_page_says_that_files_were_refused(first: Candidate, second: Candidate) -> None:
    assert "2 files refused and waiting to be mended." in pages(second)["index.html"].text
    assert "2 errors, " in pages(second)["index.html"].text
    assert "0 errors, 31 warnings and 19 for information are open." in pages(first)["index.html"].text
    assert "refused" not in pages(first)["index.html"].text


def test_every_council_and_day_names_the_file_that_counts(second: Candidate) -> None:
    files = pages(second)["files.html"]
    counts = [row[:4] for row in next(iter(files.tables.values()))[1:]]
    assert ["Derby", "31 March 2026", "Council returns", "derby.xlsx"] in counts
    assert len([row for row in counts if row[1] == "30 June 2024"]) == 25
    assert "refused; nothing of it counts" in files.text
    assert "replaced by a later file" in files.text


def test_a_restatement_shows_what_was_and_what_is(second: Candidate) -> None:
    text = of_council(pages(second), "derby").text
    assert "headcount occupational therapist 31 March 2026 11 12" in text


# What changed


def test_what_changed_since_the_release_before_is_listed(second: Candidate) -> None:
    page = pages(second)["changes.html"]
    assert "Compared with release 2026-04-01T020000Z-aaaaaa" in page.text
    numbers = list(page.tables.values())[1]
    assert ["Derby", "31 March 2026", "Occupational therapists", "Headcount", "", "12"] in numbers
    assert {row[1] for row in numbers[1:]} == {"31 March 2026"}
    assert "derby.xlsx Derby 31 March 2026 not there counts" in page.text


def test_a_first_release_says_that_there_is_nothing_to_compare_with(first: Candidate) -> None:
    for path in ("index.html", "changes.html"):
        assert "There is no earlier release to compare with" in pages(first)[path].text


def test_a_release_before_with_other_tables_is_not_compared(
    second: Candidate, first: Candidate, tmp_path: Path
) -> None:
    older = without_site(first, tmp_path / "older")
    tamper(older, "alter table marts.regional_workforce drop column fte_vacant")
    candidate = without_site(second, tmp_path / "candidate")
    write_site(candidate, older.folder, ())
    assert "There is no earlier release to compare with" in pages(candidate)["changes.html"].text


# What strangers typed, and what is missing


def test_what_strangers_typed_shows_as_text(first: Candidate, second: Candidate, tmp_path: Path) -> None:
    candidate = without_site(second, tmp_path / "hostile")
    with duckdb.connect(str(candidate.database)) as connection:
        for table, column in (
            ("marts.regional_workforce", "geography_name"),
            ("marts.dim_organisation", "organisation_name"),
            ("marts.fct_workforce", "organisation_name"),
            ("marts.fct_workforce", "value_note"),
            ("marts.fct_pay_scale", "scale_as_written"),
            ("quality.submissions", "file_name"),
            ("quality.findings", "message"),
            ("quality.restatements", "new_value"),
            ("reference.finding_rules", "title"),
        ):
            connection.execute(f"update {table} set {column} = ?", [HOSTILE])
    write_site(candidate, first.folder, ())
    for path, page in pages(candidate).items():
        assert page.faults == [], path
        assert {"script", "img"}.isdisjoint(tag for tag, _ in page.tags), path
        assert "\u202e" not in page.text, path
    site = pages(candidate)
    derby = next(page for path, page in site.items() if path.endswith("-e06000015.html"))
    for page in (derby, site["files.html"], site["quality.html"], site["changes.html"], site["areas.html"]):
        assert HOSTILE_AS_SHOWN in page.text
    # Every area has the same name now, and each its own page.
    assert len(site) == len(pages(second))


def test_a_release_the_pages_cannot_be_made_of_is_refused_with_the_reason(second: Candidate, tmp_path: Path) -> None:
    candidate = without_site(second, tmp_path / "short")
    tamper(candidate, "drop table marts.fct_pay_scale")
    with pytest.raises(CandidateError, match=r"The site cannot be made: .*fct_pay_scale"):
        write_site(candidate, None, ())


def test_a_site_without_the_caution_is_refused(second: Candidate, tmp_path: Path) -> None:
    bare = without_site(second, tmp_path / "bare")
    with pytest.raises(CandidateError, match="Comparing one council with another"):
        write_site(Candidate(bare.release_id, bare.folder, ()), None, ())


def test_the_queries_page_holds_every_query_to_the_letter(second: Candidate) -> None:
    page = pages(second)["queries.html"]
    for item in site_queries().values():
        assert " ".join(item.sql.split()) in page.text
        assert item.tables


# Served


def test_the_site_of_the_latest_release_is_served_and_nothing_beside_it(second: Candidate, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (home.root / "secret.txt").write_text("not for readers", encoding="utf-8")
    server = serve_site(home, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        assert "There is no release yet" in _answer(address)[1]
        candidate = Candidate(second.release_id, home.candidates / "tonight", second.tables)
        shutil.copytree(second.folder, candidate.folder)
        publish(candidate, home, [GateResult(name, True, 1, "Looked at.") for name in GATE_NAMES])
        code, text = _answer(address)
        assert code == 200
        assert "<h1>Allied health professionals" in text
        assert _answer(f"{address}/site/councils/derby-e06000015.html")[0] == 200
        assert _answer(f"{address}/dictionary.md")[1].startswith("# Data dictionary")
        for path in (
            "/site/councils/",
            "/csv",
            "/../secret.txt",
            "/%2e%2e/%2e%2e/secret.txt",
            "/site/../../../secret.txt",
        ):
            assert _answer(address + path)[0] == 404, path
    finally:
        server.shutdown()
        server.server_close()


def _answer(address: str) -> tuple[int, str]:
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
