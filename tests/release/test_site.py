"""The site of a release: whole, complete in itself, equal to the tables, and plain about what was refused."""

from __future__ import annotations

import ast
import csv
import html
import re
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import duckdb
import jinja2
import pytest
from release_workshop import tamper
from site_workshop import (
    REFUSED,
    REFUSED_FOR_A_LATER_DAY,
    Page,
    Pages,
    eventful,
    pages,
    put_people_into,
    put_printed_results_into,
    query,
    steps_of,
)

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.release import manifest
from dagster_project.release.building import Candidate, CandidateError
from dagster_project.release.gates import GATE_NAMES, GateContext, GateResult, no_absolute_path
from dagster_project.release.publishing import publish
from dagster_project.site import words
from dagster_project.site.building import MENU, write_site
from dagster_project.site.guide import as_page
from dagster_project.site.queries import site_queries
from dagster_project.site.serving import serve_site

MEASURES = ("headcount", "fte", "fte_permanent", "fte_temporary", "fte_vacant")
SHOW_NAMES = ("files", "quality", "changes", "areas", "pay", "equality", "sources", "movement")
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


FOLDERS = {"adass_region": "regions", "ons_region": "regions", "ics": "systems", "council": "councils"}
GROUPS = "['occupational_therapists', 'other_ahps', 'non_registered_assessors', 'senior_practitioners', 'managers']"


def copied_from_csv(candidate: Candidate, tables: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """The tables as their CSV files hold them, typed as in the release."""
    connection = duckdb.connect()
    connection.execute(f"attach '{candidate.database}' as released (read_only)")
    for table in candidate.tables:
        if table.full_name in tables:
            file = candidate.copy_of(table, "csv")
            connection.execute(f"create schema if not exists {table.schema}")
            connection.execute(f"create table {table.full_name} as from released.{table.full_name} limit 0")
            connection.execute(
                f"insert into {table.full_name} by name from read_csv('{file}', all_varchar = true, nullstr = '')"
            )
    return connection


def as_on_pages(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], list[list[str]]]:
    """The number cells that the page of each area must show, by the kind and code of the area and the table."""
    expected: dict[tuple[str, str, str], list[list[str]]] = {}
    behind = ", ".join(
        "councils_returned" if field == "headcount" else f"{field}_councils_returned" for field in MEASURES
    )
    for kind, code, roll_up, latest, councils, status, *values in connection.execute(
        f"""
        select geography_type, lower(geography_code), is_roll_up,
            as_at_date = max(as_at_date) over (partition by geography_type, geography_code), councils_expected,
            value_status, {", ".join(MEASURES)}, {behind}
        from marts.regional_workforce
        where source = 'council_returns'
        order by geography_type, geography_code, as_at_date desc, is_roll_up, list_position({GROUPS}, return_group)
        """
    ).fetchall():
        cells = [
            shown(value, number, councils, field, roll_up)
            for field, value, number in zip(MEASURES, values[:5], values[5:], strict=True)
        ]
        mark = {"complete": "complete", "partial": "partial [u]", "not_supplied": "not supplied [x]"}[status]
        expected.setdefault((kind, code, "staff-table" if latest else "earlier-table"), []).append([*cells, mark])
    for kind, code, value, unit, numerator, denominator, returned, councils in connection.execute(
        f"""
        select geography_type, lower(geography_code), value, found.unit, found.numerator, found.denominator,
            councils_returned, councils_expected
        from marts.regional_measures as found inner join reference.measures using (measure)
        where found.source = 'council_returns' and measure <> 'coverage'
        qualify as_at_date = max(as_at_date) over (partition by geography_type, geography_code)
        order by
            geography_type, geography_code, measure = 'vacancy_rate' desc, measure_name,
            list_position({GROUPS}, return_group), field
        """
    ).fetchall():
        parts = ["" if part is None else f"{part:,f}".rstrip("0").rstrip(".") for part in (numerator, denominator)]
        cells = [of_measure(value, unit, parts), *parts, f"{returned} of {councils}"]
        expected.setdefault((kind, code, "measures-table"), []).append(cells)
    for code, *values in connection.execute(
        f"""
        select lower(organisation_code), {", ".join(MEASURES)}
        from marts.fct_workforce left join marts.dim_role using (role_code)
        where source = 'council_returns'
        qualify as_at_date = max(as_at_date) over (partition by organisation_code)
        order by organisation_code, list_position({GROUPS}, return_group), sort_order, source_row
        """
    ).fetchall():
        cells = [
            "" if value is None else shown(value, 1, 1, field, False)
            for field, value in zip(MEASURES, values, strict=True)
        ]
        expected.setdefault(("council", code, "returned-table"), []).append(cells)
    return expected


def of_measure(value: float | None, unit: str, parts: list[str]) -> str:
    """How the value of a measure must read; '' where a sign stands in its place."""
    if value is None:
        return ""
    if unit == "councils":
        return " of ".join(parts)
    if unit == "pounds a year":
        return f"£{value:,.0f}"
    places = "0.01" if unit == "percent" else "0.001"
    return str(Decimal(str(value)).quantize(Decimal(places), ROUND_HALF_UP)) + "%" * (unit == "percent")


def differing_cells(site: Pages, expected: dict[tuple[str, str, str], list[list[str]]]) -> list[tuple[str, ...]]:
    """Page, table, row as shown and row as expected, wherever the two differ."""
    found = []
    for (kind, code, table), rows in expected.items():
        (path,) = [path for path in site if path.startswith(f"{FOLDERS[kind]}/") and path.endswith(f"-{code}.html")]
        for row, wanted in zip(site[path].tables[table][1:], rows, strict=True):
            match table:
                case "staff-table":
                    cells = row[1:]
                case "earlier-table":
                    cells = row[2:]
                case "measures-table":
                    cells = ["" if row[2].startswith("[") else row[2], *row[3:6]]
                case _:
                    cells = ["" if cell.startswith("[") else cell.split(" ")[0] for cell in row[2:7]]
            if cells != wanted:
                found.append((path, table, " | ".join(cells), " | ".join(wanted)))
    return found


def test_every_number_on_the_page_of_an_area_is_that_of_the_release_and_of_its_csv_files(
    second: Candidate, tmp_path: Path
) -> None:
    site = pages(second)
    with duckdb.connect(str(second.database), read_only=True) as connection:
        from_sql = as_on_pages(connection)
    from_csv = as_on_pages(
        copied_from_csv(
            second,
            (
                "marts.regional_workforce",
                "marts.regional_measures",
                "marts.fct_workforce",
                "marts.dim_role",
                "reference.measures",
            ),
        )
    )
    areas = {(kind, code) for kind, code, _ in from_sql}
    assert len(areas) > 40
    assert sum(len(row) for rows in from_sql.values() for row in rows) > 8_000
    assert from_csv == from_sql
    assert differing_cells(site, from_sql) == []
    assert len([path for path in site if path.split("/")[0] in FOLDERS.values()]) == len(areas)
    moved = without_site(second, tmp_path / "moved")
    tamper(
        moved,
        "update marts.regional_measures set value = value + 0.01 "
        "where measure = 'vacancy_rate' and geography_code = 'E06000015' and return_group = 'occupational_therapists'",
    )
    with duckdb.connect(str(moved.database), read_only=True) as connection:
        ((path, table, *_),) = differing_cells(site, as_on_pages(connection))
    assert (path, table) == ("councils/derby-e06000015.html", "measures-table")


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


def tables_before_the_caution(markup: str, councils: set[str]) -> list[str]:
    """The captions of tables with rows of two or more councils that stand before the caution, or on a page without."""
    caution = markup.find("Comparing one council with another is unreliable")
    found = []
    for table in re.finditer(r"<table.*?</table>", markup, re.DOTALL):
        without_small_print = re.sub(r"<small>.*?</small>", "", table[0])
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", without_small_print, re.DOTALL)
        named = {html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells} & councils
        if len(named) > 1 and not 0 <= caution < table.start():
            found.append(re.sub(r".*<caption>(.*?)</caption>.*", r"\1", table[0], flags=re.DOTALL))
    return found


def test_the_caution_stands_before_every_table_that_holds_two_councils(
    second: Candidate, with_people: Pages, first: Candidate
) -> None:
    councils = {
        str(name)
        for (name,) in query(
            second, "select organisation_name from marts.dim_organisation where organisation_type = 'council'"
        )
    }
    for site in (with_people, pages(first), pages(second)):
        for path, file in site.files.items():
            if not path.startswith("dictionary"):
                assert tables_before_the_caution(file.read_text(encoding="utf-8"), councils) == [], path
    page = (second.folder / "site" / "files.html").read_text(encoding="utf-8")
    assert tables_before_the_caution(page.replace("Comparing one council with another", "Beware"), councils) != []
    of_one = "<table><caption>Staff</caption><tr><th>Derby</th></tr></table>"
    of_two = "<table><caption>Staff</caption><tr><th>Derby</th></tr><tr><th>Leicester<small>1</small></th></tr></table>"
    assert tables_before_the_caution(of_one, councils) == []
    assert tables_before_the_caution(of_two, councils) == ["Staff"]


def test_the_page_of_an_area_begins_with_its_vacancy_rate(first: Candidate) -> None:
    """Figure 18 of the Midlands report: 43.12 FTE vacant beside 263.05 in post in the East Midlands."""
    page = pages(first)["regions/east-midlands-adass-em.html"]
    said = "14.08% of the posts of occupational therapists were vacant as at 30 June 2024, in full-time equivalents: "
    assert f"East Midlands {said}43.12 of 306.17; 11 of 11 councils gave both numbers." in page.text
    assert page.tables["measures-table"][1][:3] == ["Vacancy rate", "Occupational therapists", "14.08%"]
    assert "" not in [row[1] for row in page.tables["measures-table"]]


def test_only_signs_that_are_used_are_explained(first: Candidate) -> None:
    site = pages(first)
    partial, missing = "[u]: fewer councils", "[x]: not supplied"

    def explained(path: str) -> tuple[bool, bool]:
        return partial in site[path].text, missing in site[path].text

    # Every council of the East Midlands gave every number; some of the West Midlands did not; Worcestershire gave no
    # managers (Figure 22 of the report).
    assert explained("regions/east-midlands-adass-em.html") == (False, False)
    assert explained("regions/west-midlands-adass-wm.html") == (True, False)
    assert explained("councils/worcestershire-e10000034.html")[1]
    assert explained("index.html") == (False, False)


def test_readers_are_told_whom_to_ask_or_that_nobody_is_named(first: Candidate, tmp_path: Path) -> None:
    named = without_site(first, tmp_path / "named")
    manifest.write(named.folder, manifest.read(named.folder) | {"contact": "AHP faculty <faculty@example.nhs.uk>"})
    write_site(named, None, ())
    for path, page in pages(named).items():
        assert "Questions: AHP faculty <faculty@example.nhs.uk>." in page.text, path
    for path, page in pages(first).items():
        assert "No contact has been set; ask whoever gave you these pages." in page.text, path


def test_whoever_reads_a_page_learns_how_its_tables_are_taken_away(first: Candidate) -> None:
    site = pages(first)
    assert './ahp export --region "West Midlands" -o tables' in site["downloads.html"].text
    assert "(.ods, or .xlsx)" in site["downloads.html"].text
    for path, command in (
        ("regions/west-midlands-adass-wm.html", '--region "West Midlands"'),
        ("systems/derby-and-derbyshire-e54000058.html", '--ics "Derby and Derbyshire"'),
        ("councils/derby-e06000015.html", '--council "Derby"'),
    ):
        assert f"./ahp export {command} -o tables" in site[path].text
    assert "./ahp export" not in site["regions/east-midlands-e12000004.html"].text


def test_the_guide_to_opening_a_release_is_a_page_and_leads_nowhere_outside(first: Candidate) -> None:
    page = pages(first)["opening.html"]
    for program in ("DuckDB’s command line", "Python", "R", "Excel", "Power BI", "DBeaver"):
        assert program.replace("’", "'") in page.text
    assert "opening.html" in pages(first)["downloads.html"].values("href")
    markup, places = as_page(
        "# Title\n\n## One `two`\n\nSee [there](https://a.example/b), [here](x.md), [up](#one-two)."
    )
    assert places == [("one-two", "One two")]
    assert "See there (https://a.example/b), here, " in markup
    assert markup.count("<a ") == 1
    assert "Title" not in markup


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
    assert "0 errors, 31 warnings and 27 for information are open." in pages(first)["index.html"].text
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


# Pay, equality data, sources side by side, joiners and leavers


@pytest.fixture(scope="module")
def with_people(second: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    candidate = without_site(second, tmp_path_factory.mktemp("people") / "release")
    put_people_into(candidate)
    put_printed_results_into(candidate)
    write_site(candidate, None, ())
    return pages(candidate)


def test_pay_shows_each_range_with_its_status_and_what_is_no_range_with_its_sign(first: Candidate) -> None:
    """Cells of Figure 25 of the Midlands report: Nottingham's entry range, Derby's n/a and Rutland's supplement."""
    page = pages(first)["pay.html"]
    tables = [table for name, table in page.tables.items() if name != "given-table"]
    rows = [row for table in tables for row in table[1:]]
    day, year = "30 June 2024", "2023/24"
    assert ["Nottingham", day, year, "not named", "£30,296", "£33,024", "", "reported"] in rows
    assert ["Derby", day, year, "NJC Hay", "[z]", "[z]", "", "not applicable [z]: n/a"] in rows
    written = "reported with note: £35,411 to £42,503 + Market Supplement"
    assert ["Rutland", day, year, "not named", "£35,411", "£42,503", "Market Supplement", written] in rows
    assert query(first, "select count(*) from marts.fct_pay_scale") == [(len(rows),)]
    assert [tag for tag, _ in page.tags].index("table") > [given.get("class") for _, given in page.tags].index(
        "verdict warning"
    )


def test_pay_stands_beside_that_of_the_nhs_at_each_point(first: Candidate) -> None:
    """Nottingham, by hand: 30,296 and 33,024 over the 28,407 and 34,581 between which band 5 lay in 2023/24."""
    page = pages(first)["pay/entry-occupational-therapist.html"]
    rows = [row for table in page.tables.values() for row in table[1:] if row[0] == "Nottingham" and row[3] == "5"]
    assert [(row[1], row[6]) for row in rows][::2] == [("entry", "+6.65%"), ("top", "−4.50%")]
    assert {row[7] for row in rows} == {"no supplement"}


def test_pay_beside_the_nhs_has_a_page_for_each_job_family_and_tells_ranges_of_one_job_apart(first: Candidate) -> None:
    """Figure 25 prints two ranges of North Northamptonshire's assessors: £26,125 to £28,430 and £30,115 to £33,798."""
    site = pages(first)
    families = query(first, "select count(distinct job_family) from marts.pay_parity where range_number is not null")
    to = [href for href in site["pay_parity.html"].values("href") if href.startswith("pay/")]
    assert [(len(to),)] == families
    (table,) = site["pay/therapy-assessor-non-registered.html"].tables.values()
    ranges = {row[0]: row[5] for row in table[1:] if row[0].startswith("North North") and row[1] == "entry"}
    assert ranges == {
        "North Northamptonshire range 1 of 2": "£26,125",
        "North Northamptonshire range 2 of 2": "£30,115",
    }
    assert not any("range" in row[0] for row in table[1:] if row[0].startswith("Derbyshire"))
    shown = sum(len(table) - 1 for path in to for table in site[path].tables.values())
    assert [(shown,)] == query(first, "select count(*) from marts.pay_parity where range_number is not null")


def test_equality_data_show_bands_and_what_nobody_is_asked(with_people: Pages) -> None:
    page = with_people["equality.html"]
    assert "Not asked by this source: pregnancy and maternity." in page.text
    assert "Derby Hospitals (invented) 28 February 2026; 97 people 52.58% red 100.00% green 52.58% 42.27%" in page.text


def test_shares_of_answers_show_their_bounds_and_nothing_of_what_is_hidden(with_people: Pages) -> None:
    page = with_people["organisations/derby-hospitals-invented-rtg.html"]
    assert page.tables["shares-esr-nhs-race"][1:] == [
        ["White", "[c]", "[c]", "[c]", "[c]", "[c] hidden to protect people"]
    ]
    assert page.tables["shares-esr-nhs-sex"][1:] == [
        ["Female", "75", "75.26%", "79.38%", "77.32%", "shown"],
        ["Male", "20", "18.56%", "22.68%", "[u]", "[u] bounds only: too many have not answered"],
    ]
    assert "between 75.26% and 79.38%" in page.text
    assert "at least 31 days" in page.text
    assert "401 days" in page.text


def test_the_way_from_one_source_to_another_names_each_step(with_people: Pages) -> None:
    rows = [row[:2] for row in of_council(with_people, "derby").tables["bridge-headcount"][1:]]
    assert rows == [
        ["Everybody in the council’s return", "31"],
        ["Less managers and principals", "−3"],
        ["Less agency staff", "[x] not known"],
        ["What nothing explains", "−4"],
        ["Counted by Skills for Care", "24"],
    ]
    assert with_people["sources.html"].tables["council-table"][1][3:] == ["31", "24", "−4", "[x]", "1"]
    overlap = of_council(with_people, "derby").text
    assert (
        "On both sides, paid for by the council: counted by it Derby Hospitals (invented) 28 February 2026 −6"
        in overlap
    )


def test_every_step_and_entry_that_the_rules_can_give_has_words() -> None:
    """The codes are those that the models write."""
    models = PROJECT_ROOT / "dbt" / "models"
    bridge = (models / "marts" / "sources" / "source_bridge.sql").read_text(encoding="utf-8")
    ledger = (models / "marts" / "sources" / "overlap_ledger.sql").read_text(encoding="utf-8")
    steps = set(re.findall(r"\('(?:headcount|vacancies)', '(\w+)', ", bridge))
    entries = set(re.findall(r"'(in_\w+|counted_by_\w+|left_out_of_\w+|unmatched_\w+)'", ledger))
    assert len(steps) > 15
    assert len(entries) == 8
    assert steps | entries <= set(words.STEPS)


def test_joiners_and_leavers_add_up_and_turnover_that_is_not_known_says_so(with_people: Pages) -> None:
    name, days = "Derby Hospitals (invented)", "31 January 2026 to 28 February 2026"
    assert with_people["movement.html"].tables["movement-esr-nhs"][1:] == [[name, days, "24", "4", "0", "2", "1", "25"]]
    turnover = with_people["organisations/derby-hospitals-invented-rtg.html"].tables["turnover-esr-nhs-table"]
    assert turnover[1:] == [
        ["Dietetics", "5", "5", "100.00%", "[x]", "7", "[x]", "an extract between is missing or may not be whole [x]"],
        ["Podiatry", "20", "15", "75.00%", "4", "18", "22.22%", "derived [e]"],
    ]


def test_a_councils_own_staff_and_others_in_its_area_come_and_go_in_tables_of_their_own(with_people: Pages) -> None:
    page = with_people["movement.html"]
    days = "31 January 2026 to 31 March 2026 more than a month apart an extract may not be whole"
    for employer, counts in {"council": ["20", "2", "3", "19"], "independent": ["4", "1", "0", "5"]}.items():
        heading, *rows = page.tables[f"movement-skills_for_care-{employer}"]
        # Nobody knows who changed into another role, so there is no column that would say nought.
        assert heading == ["Council area", "Days", "Staff at start", "Joined", "Left", "Staff at end"]
        assert rows == [["Derby (invented)", days, *counts]]
    assert "whoever changes into or out of another role counts as having left or joined" in page.text
    doubted = "Who is shown as having left or joined may only be missing from a file"
    assert page.text.count(doubted) == 2
    assert doubted not in with_people["organisations/derby-hospitals-invented-rtg.html"].text
    own = next(page for path, page in with_people.items() if re.fullmatch(r"organisations/.*e06000015\.html", path))
    assert own.tables["turnover-skills_for_care-council-table"][1:] == [
        ["Occupational therapy", "16", "12", "75.00%", "5", "20", "25.00%", "derived [e]"]
    ]
    assert own.tables["turnover-skills_for_care-independent-table"][1:] == [
        ["Occupational therapy", "2", "0", "0.00%", "2", "0", "[z]", "nobody is there at the end [z]"]
    ]


def test_the_survey_shows_both_years_and_marks_a_change_across_other_questions(with_people: Pages) -> None:
    tables = [table[1:] for table in with_people["survey.html"].tables.values()]
    assert tables[0] == [
        ["2. Workforce planning", "2023/24", "68", "moderate", "2022/23", "75", "−7 [b]", "questions changed", "1,902"]
    ]
    assert tables[1] == [
        ["I am new", "2023/24", "[c] suppressed", "no band", "2022/23", "[x]", "", "new question", "not supplied"],
        ["I feel safe", "2023/24", "80", "good", "2022/23", "74", "+6 called significant", "same question", "1,902"],
    ]


def test_maturity_shows_spans_and_missing_levels_and_never_a_mean(with_people: Pages) -> None:
    page = with_people["maturity.html"]
    assert page.tables["dimension-4-table"][1:] == [
        ["Kent", "council", "emerging", "maturing", "reported", "Table 13: emerging"],
        ["Medway", "council", "[x]", "[x]", "no data, as the report says", "Table 13: no mark"],
        ["Oxfordshire", "council", "[x]", "[x]", "not legible in the text held here", "Table 13: no mark"],
    ]
    assert "1 of 3 organisations have a level that can be read; most stand at emerging and developing" in page.text
    assert "No data, as the report says 1 Level not legible or not given 1" in page.text
    assert "No assessment of the first dimension" in page.text
    assert "can be told from the text" not in page.text


def test_a_dimension_whose_levels_cannot_be_read_is_named_with_the_reason_before_its_tables(
    second: Candidate, tmp_path: Path
) -> None:
    candidate = without_site(second, tmp_path / "illegible")
    put_printed_results_into(candidate)
    tamper(
        candidate,
        "update marts.maturity_distribution set organisations_with_level = 0, dimension = 1, dimension_name = 'Data'; "
        "update marts.fct_maturity set dimension = 1; "
        "update marts.fct_employer_standards set staff_group = 'social_workers_adults'",
    )
    write_site(candidate, None, ())
    before_the_tables = pages(candidate)["maturity.html"].text.partition("On this page")[0]
    assert "No level of “Data” can be told from the text of the report that is held here" in before_the_tables
    assert "No assessment of the first dimension" not in before_the_tables
    assert "England: social workers for adults" in pages(candidate)["survey.html"].text


def test_pages_without_rows_say_what_is_missing(first: Candidate) -> None:
    site = pages(first)
    assert "No organisation in this release has given answers" in site["equality.html"].text
    assert "there is nothing to set side by side yet" in site["sources.html"].text
    assert "there is nothing to follow yet" in site["movement.html"].text


# Sentences with numbers


def test_a_sentence_that_states_a_number_moves_with_the_release_and_leads_to_its_query(
    first: Candidate, tmp_path: Path
) -> None:
    said = "25 of England’s 153 councils with adult social care duties have numbers here, as at 30 June 2024. Query"
    assert said in pages(first)["index.html"].text
    assert "queries.html#sources_in_force" in pages(first)["index.html"].values("href")
    moved = without_site(first, tmp_path / "moved")
    tamper(moved, "delete from marts.fct_workforce where organisation_code = 'E06000015'")
    write_site(moved, None, ())
    assert said.replace("25", "24", 1) in pages(moved)["index.html"].text


def numbers_by_hand(template: str) -> list[str]:
    """What a template says in digits of its own, outside of markup and of what it puts in."""
    said = jinja2.Environment().lex(template)
    text = re.sub(r"<[^>]*>", " ", "\0".join(value for _, kind, value in said if kind == "data"))
    return re.findall(r"[^\s<>]*\d[^\s<>]*", text)


def test_no_page_states_a_number_by_hand() -> None:
    templates = PROJECT_ROOT / "dagster_project" / "site" / "templates"
    found = {
        (file.name, number)
        for file in templates.glob("*.html.j2")
        for number in numbers_by_hand(file.read_text(encoding="utf-8"))
    }
    # A pay band, which is no number of the data.
    assert found == {("roles.html.j2", "5,")}
    assert numbers_by_hand("<p id='h2'>The returns of 25 councils, {{ 3 }}</p>") == ["25"]


def test_the_page_of_the_rules_in_force_lists_every_rule_of_the_seed_in_its_order(first: Candidate) -> None:
    with (PROJECT_ROOT / "seeds" / "reference" / "role_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = sorted(csv.DictReader(file), key=lambda rule: int(rule["rule_order"]))
    (shown,) = [table[1:] for table in pages(first)["roles.html"].tables.values() if table[0][0] == "Rule"]
    # A line may break after an underscore.
    shown = [[cell.replace("_ ", "_") for cell in row] for row in shown]
    assert len(rules) > 100
    assert shown == [
        [
            rule["rule_id"],
            rule["reason"],
            rule["role_code"].replace("_", " "),
            *(rule[name] for name in ("basis", "sureness", "code_book_rule")),
        ]
        for rule in rules
    ]


# Each is a name, a day, a form or the meaning of a scale, and none a number of the data.
NO_NUMBERS_OF_THE_DATA = {
    "[note 1]",
    "0 is a true zero.",
    "poor (0 to 50), moderate (51 to 74) or good (75 to 100)",
    "0.00%",
    "9999-12-31",
    "dimension-1",
    "h2",
    *(f"Figure {number}" for number in (18, 19, 20, 21, 22, 23, 25)),
}


def numbers_in_texts(program: str) -> list[str]:
    """The texts of a program with digits in them, but for its documentation, patterns, formats and names of files."""
    tree = ast.parse(program)
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr)
        for inner in ast.walk(node.body[0])
    }
    skipped |= {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec
        for inner in ast.walk(node.format_spec)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
    ]
    found = []
    for text in texts:
        rest = re.sub(r"<[^>]*>?", "", text)
        for known in NO_NUMBERS_OF_THE_DATA:
            rest = rest.replace(known, "")
        if re.search(r"\d", rest) and not rest.endswith(".j2") and rest != "utf-8" and "0-9" not in rest:
            found.append(text)
    return found


def test_no_text_of_the_pages_and_workbooks_states_a_number_by_hand() -> None:
    package = PROJECT_ROOT / "dagster_project"
    for folder in ("site", "export"):
        for file in sorted((package / folder).glob("*.py")):
            # These say how a file is written or served, and nothing that is read.
            if file.name not in ("ods.py", "xlsx.py", "look.py", "serving.py"):
                assert numbers_in_texts(file.read_text(encoding="utf-8")) == [], file.name
    assert numbers_in_texts('"""The 5."""\nSAID = f"Of {25:.2f} councils 12 have none, Figure 18"\n') == [
        " councils 12 have none, Figure 18"
    ]


def test_the_same_release_makes_the_same_site_to_the_byte(second: Candidate, first: Candidate, tmp_path: Path) -> None:
    again = without_site(second, tmp_path / "again")
    write_site(again, first.folder, steps_of(Home(second.folder.parent / "home")))
    pairs = [(file, second.folder / file.relative_to(again.folder)) for file in (again.folder / "site").rglob("*.*")]
    assert len(pairs) > len(pages(second))
    assert all(made.read_bytes() == before.read_bytes() for made, before in pairs)


def test_a_table_names_what_it_is_made_from_and_who_reads_it(second: Candidate) -> None:
    page = pages(second)["dictionary/marts.dim_role.html"]
    assert (
        "Directly from these tables; each leads on to what it is made from in turn. reference.role_codes" in page.text
    )
    assert "../queries.html#roles" in page.values("href")
    chain = pages(second)["lineage.html"]
    assert "landed.esr_assignments" in chain.values("id")
    assert {f"dictionary/{table.full_name}.html" for table in second.tables} <= set(chain.values("href"))


# What strangers typed, and what is missing


def test_what_strangers_typed_shows_as_text(first: Candidate, second: Candidate, tmp_path: Path) -> None:
    candidate = without_site(second, tmp_path / "hostile")
    put_people_into(candidate)
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
            ("marts.source_bridge", "geography_name"),
            ("marts.overlap_ledger", "nhs_organisation_name"),
            ("quality.edi_completeness", "organisation_name"),
            ("quality.edi_shares", "label"),
            ("marts.workforce_movement", "organisation_name"),
            ("marts.workforce_turnover", "organisation_name"),
        ):
            connection.execute(f"update {table} set {column} = ?", [HOSTILE])
    write_site(candidate, first.folder, ())
    for path, page in pages(candidate).items():
        assert page.faults == [], path
        assert {"script", "img"}.isdisjoint(tag for tag, _ in page.tags), path
        assert "\u202e" not in page.text, path
    site = pages(candidate)
    derby = next(page for path, page in site.items() if path.endswith("-e06000015.html"))
    trust = next(
        page for path, page in site.items() if path.startswith("organisations/") and path.endswith("-rtg.html")
    )
    for page in (derby, trust, *(site[f"{name}.html"] for name in SHOW_NAMES)):
        assert HOSTILE_AS_SHOWN in page.text
    # Every area has the same name now, and each its own page; the trust is one that was not there.
    assert len(site) == len(pages(second)) + 1


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
