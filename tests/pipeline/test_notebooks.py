"""The notebooks on releases, with and without councils' own returns: same numbers, same caveats, nothing written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from homes import Refreshed
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, a_return
from notebook_reading import NOTEBOOKS, Page, load, ran, run, text_of
from site_workshop import candidate_of, in_force, the_collation

from dagster_project import query
from dagster_project.release import publishing

PROFILE = "regional_profile"
NOTEBOOK = NOTEBOOKS / f"{PROFILE}.py"
COUNCILS_EXPECTED = {"East Midlands": 11, "West Midlands": 14}
REGIONS = tuple(COUNCILS_EXPECTED)
BUNDLED_DAY, LATER_DAY = date(2024, 6, 30), date(2026, 3, 31)
REPORT = "Unlocking the Potential: Optimising Occupational Therapy as a High-Impact Resource"
COMPARING = "comparing one council with another is unreliable without knowing how each service is run"


@pytest.fixture(scope="module")
def pages(bundled: Refreshed) -> dict[str, Page]:
    """The page of each region: East Midlands as it opens, West Midlands as chosen from the list."""
    home = bundled.home.root
    return {"East Midlands": run(PROFILE, home), "West Midlands": run(PROFILE, home, {"region_name": "West Midlands"})}


@pytest.fixture(scope="module")
def with_returns(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """The bundled collation, with Derby's own return for the same day and Leicester's for a later one.

    Derby lists its occupational therapists in two rows, and cannot count all of its assessors and students.
    """
    root = tmp_path_factory.mktemp("with_returns")
    nights = the_collation(root)
    derby = a_return(
        "Derby",
        BUNDLED_DAY,
        cover={"pay_year": "2024/25", "academic_year": "2023/24", "has_students": "Listed in this return"},
        workforce=[
            {**OCCUPATIONAL_THERAPISTS, "grade": "PO2", "pay_minimum": "20001", "pay_maximum": "60001"},
            {
                **OCCUPATIONAL_THERAPISTS,
                "job_title": "Newly Qualified Occupational Therapist",
                "level": "Entry",
                "headcount": "3",
                "fte": "2",
                "fte_permanent": "1.5",
                "fte_temporary": "0.5",
                "fte_vacant": "n/a",
            },
            ASSESSORS,
            {**ASSESSORS, "job_title": "Community Assessor, Nights", "headcount": "cannot quantify"},
        ],
        learners=[
            {"learner_type": "Students on placement", "learner_count": "4"},
            {"learner_type": "Students on placement", "learner_count": "cannot quantify"},
        ],
    )
    for name, content in {"derby.xlsx": derby, "leicester.xlsx": a_return("Leicester", LATER_DAY)}.items():
        nights.put(name, content)
    assert nights.night().refused == []
    return Refreshed(in_force(candidate_of(nights, root / "candidate"), root / "released"), {}, 0)


@pytest.fixture(scope="module")
def several_documents(with_returns: Refreshed) -> Page:
    """The East Midlands on the day of which the collation and Derby's own return speak."""
    return run(PROFILE, with_returns.home.root, {"as_at_date": BUNDLED_DAY})


@pytest.mark.parametrize(
    ("region", "shown"),
    [
        ("East Midlands", ["323", "263.05", "14.08%", "1.52%", "11 of 11"]),
        ("West Midlands", ["271", "250.33", "11.68%", "20.49%", "14 of 14"]),
    ],
)
def test_the_headline_numbers_are_those_of_the_report(pages: dict[str, Page], region: str, shown: list[str]) -> None:
    cards = pages[region].section("Occupational therapists at a glance").findall(".//dd[@class='number']")
    assert [text_of(card) for card in cards] == shown


@pytest.mark.parametrize("region", REGIONS)
def test_the_workforce_by_group_is_that_of_the_release(bundled: Refreshed, pages: dict[str, Page], region: str) -> None:
    lines = pages[region].table("Workforce by group as returned")
    released = bundled.query(
        "select coalesce(return_group_name, 'All groups together'), headcount, fte, fte_permanent, fte_temporary, "
        "fte_vacant, councils_returned || ' of ' || councils_expected from marts.regional_workforce "
        "left join reference.return_groups using (return_group) "
        f"where geography_type = 'adass_region' and geography_name = '{region}'"
    )
    assert len(lines) == len(released) == 6
    for group, *numbers, coverage in released:
        *shown, _, councils = lines[group]
        assert [Decimal(cell.split()[0]) for cell in shown] == numbers
        assert councils == coverage


def test_a_total_that_lacks_councils_says_so_beside_every_number(pages: dict[str, Page]) -> None:
    lines = pages["West Midlands"].table("Workforce by group as returned")
    assert lines["Managers"] == [
        "36 12 of 14",
        "33.65 12 of 14",
        "36.65 13 of 14",
        "0.00 11 of 14",
        "1.80 13 of 14",
        "3.44% 12 of 14",
        "12 of 14",
    ]
    assert lines["Senior practitioners"] == ["44", "40.49", "39.09", "1.40", "5.00", "10.99%", "14 of 14"]


@pytest.mark.parametrize("region", REGIONS)
def test_the_councils_of_the_region_stand_in_alphabetical_order_after_the_caution(
    bundled: Refreshed, pages: dict[str, Page], region: str
) -> None:
    councils = [
        name
        for (name,) in bundled.query(
            "select organisation_name from marts.bridge_organisation_geography "
            "inner join marts.dim_organisation using (organisation_code) "
            f"where geography_type = 'adass_region' and geography_name = '{region}' "
            "and date '2024-06-30' <= coalesce(bridge_organisation_geography.valid_to, date '9999-12-31') "
            "order by organisation_name"
        )
    ]
    captions = (
        "Occupational therapists by council",
        "People in post by council and group",
        "Students and degree apprentices by council",
        "Principal occupational therapist in post, by council",
    )
    page = pages[region]
    for caption in captions:
        assert list(page.table(caption)) == councils
        (section,) = [part for part in page.sections if caption in text_of(part)]
        assert COMPARING in text_of(section).partition(caption)[0]


def test_the_numbers_of_a_council_are_those_of_the_release(bundled: Refreshed, pages: dict[str, Page]) -> None:
    released = bundled.query(
        "select organisation_name, headcount, fte, fte_permanent, fte_temporary, fte_vacant from marts.fct_workforce "
        "where return_group = 'occupational_therapists'"
    )
    shown = pages["East Midlands"].table("Occupational therapists by council") | pages["West Midlands"].table(
        "Occupational therapists by council"
    )
    assert {name: [Decimal(cell) for cell in cells] for name, cells in shown.items()} == {
        name: numbers for name, *numbers in released
    }


def test_a_missing_number_is_said_in_words_and_a_note_stays_with_its_number(pages: dict[str, Page]) -> None:
    west = pages["West Midlands"].table("People in post by council and group")
    assert west["Herefordshire"] == ["7", "6", "not supplied", "4", "3"]
    assert west["Coventry"] == ["24", "0", "18", "0", "4 uncertain"]
    assert pages["East Midlands"].table("People in post by council and group")["Leicestershire"][2] == "19 inc housing"


@pytest.mark.parametrize(
    ("region", "students", "routes"),
    [
        ("East Midlands", "65 (11 of 11 councils)", [("3", "2"), ("2", "2"), ("11", "2"), ("6", "1")]),
        ("West Midlands", "51 (14 of 14 councils)", [("16", "5"), ("2", "1"), ("4", "2")]),
    ],
)
def test_students_and_apprentices_by_funding_add_up(
    pages: dict[str, Page], region: str, students: str, routes: list[tuple[str, str]]
) -> None:
    page = pages[region]
    assert f"Student placements offered: {students}. Degree apprentices: 22" in page.text
    assert list(map(tuple, page.table("Degree apprentices by funding").values())) == routes


@pytest.mark.parametrize("region", REGIONS)
def test_pay_runs_from_the_lowest_to_the_highest_with_the_councils_that_gave_it(
    bundled: Refreshed, pages: dict[str, Page], region: str
) -> None:
    released = bundled.query(
        "select job_family_name, min(pay_minimum), max(pay_maximum), "
        "count(distinct organisation_code) filter (pay_minimum is not null) from marts.fct_pay_scale "
        "inner join reference.job_families using (job_family) "
        "inner join marts.bridge_organisation_geography using (organisation_code) "
        f"where geography_type = 'adass_region' and geography_name = '{region}' group by job_family_name"
    )
    expected = COUNCILS_EXPECTED[region]
    assert pages[region].table("Pay by job family") == {
        family: [f"£{lowest:,}", f"£{highest:,}", f"{councils} of {expected}"]
        for family, lowest, highest, councils in released
    }


def test_councils_without_a_principal_occupational_therapist_are_named(pages: dict[str, Page]) -> None:
    without = {
        region: [name for name, line in page.table("Principal occupational therapist").items() if line[0] == "no"]
        for region, page in pages.items()
    }
    assert without["East Midlands"] == ["Derby", "Nottingham"]
    assert len(without["West Midlands"]) == 8


@pytest.mark.parametrize("region", REGIONS)
def test_open_findings_of_the_region_are_told_in_their_own_words_and_no_others(
    bundled: Refreshed, pages: dict[str, Page], region: str
) -> None:
    (other,) = set(REGIONS) - {region}
    text = text_of(pages[region].section("What is known to be wrong or in doubt"))
    findings = bundled.query(
        "select message, geography_name, organisation_name from quality.findings left join ("
        "select organisation_name, geography_name from marts.bridge_organisation_geography "
        "inner join marts.dim_organisation using (organisation_code) where geography_type = 'adass_region') "
        "using (organisation_name) where status = 'open' and findings.source = 'council_returns'"
    )
    assert findings
    for message, lies_in, organisation in findings:
        elsewhere = other in (lies_in, (organisation or "").removeprefix("Total "))
        assert (" ".join(message.split()) in text) is not elsewhere


@pytest.mark.parametrize("region", REGIONS)
def test_the_caveats_travel_with_the_numbers(bundled: Refreshed, pages: dict[str, Page], region: str) -> None:
    first = text_of(pages[region].section("Before you use these numbers"))
    for caveat in (
        "The report does not say on which day its numbers were taken",
        "Comparing one council with another is unreliable without knowing how each service is run",
        "A total with fewer councils behind it than expected is too low by an unknown amount",
        "Councils return groups of staff",
        "Missing is not zero.",
    ):
        assert caveat in first
    used = {"regional_workforce", "regional_measures", "fct_workforce", "fct_pipeline", "fct_pay_scale"}
    caveats = [caveat for table in query.tables(bundled.home) if table.name in used for caveat in table.caveats]
    assert caveats
    assert [caveat for caveat in caveats if " ".join(caveat.split()) not in pages[region].text] == []


def test_release_and_files_are_named(bundled: Refreshed, pages: dict[str, Page]) -> None:
    page = pages["East Midlands"]
    assert f"Release {bundled.outcome['release_id']}" in page.text
    released = bundled.query(
        "select source_file from quality.submissions where status = 'accepted' and source = 'council_returns'"
    )
    assert sorted(cells[0] for cells in page.table("Files behind this page").values()) == sorted(
        name for (name,) in released
    )


@pytest.mark.parametrize("region", REGIONS)
def test_every_chart_has_words_for_those_who_do_not_see_it(pages: dict[str, Page], region: str) -> None:
    charts = [chart for section in pages[region].sections for chart in section.iter("svg")]
    assert len(charts) == 3
    for chart in charts:
        assert chart.get("role") == "img"
        assert (chart.get("aria-label") or "").endswith("The table below holds the same numbers.")


def test_a_page_fetches_nothing_from_elsewhere(pages: dict[str, Page]) -> None:
    for page in pages.values():
        markup = "".join(ElementTree.tostring(section, encoding="unicode") for section in page.sections)
        assert not re.search(r"(src|href)=|@import|url\((?!#)", markup)


@pytest.mark.slow
def test_a_group_that_a_council_lists_in_several_rows_is_shown_once_as_the_release_has_it(
    with_returns: Refreshed, several_documents: Page
) -> None:
    listed = with_returns.query(
        "select count(*) from marts.fct_workforce where organisation_name = 'Derby' "
        "and as_at_date = date '2024-06-30' and return_group = 'occupational_therapists'"
    )
    assert listed == [(2,)]
    released = with_returns.query(
        """
        select
            coalesce(return_group_name, 'All groups together'),
            arg_max(headcount, is_roll_up),
            arg_max(fte, is_roll_up),
            arg_max(fte_permanent, is_roll_up),
            arg_max(fte_temporary, is_roll_up),
            arg_max(fte_vacant, is_roll_up),
            arg_max(councils_returned || ' of ' || councils_expected, is_roll_up)
        from marts.regional_workforce
        left join reference.return_groups using (return_group)
        where geography_type = 'adass_region' and geography_name = 'East Midlands' and as_at_date = date '2024-06-30'
        group by all
        """
    )
    rates = dict(
        with_returns.query(
            "select return_group_name, format('{:.2f}%', value) from marts.regional_measures "
            "inner join reference.return_groups using (return_group) "
            "where geography_type = 'adass_region' and geography_name = 'East Midlands' "
            "and as_at_date = date '2024-06-30' and measure = 'vacancy_rate'"
        )
    )
    lines = several_documents.table("Workforce by group as returned")
    assert len(lines) == len(released) == 6
    for group, *numbers, coverage in released:
        *shown, vacancy, councils = lines[group]
        assert [Decimal(cell.split()[0]) for cell in shown] == numbers
        assert vacancy.partition(" ")[0] == rates.get(group, "")
        assert councils == coverage
    [(measures,)] = with_returns.query(
        "select count(*) from marts.regional_measures where geography_type = 'adass_region' "
        "and geography_name = 'East Midlands' and as_at_date = date '2024-06-30' and return_group is null"
    )
    ratios = several_documents.table("Ratios and counts of councils")
    assert len(ratios) == measures
    assert "Councils paying less than the NHS at entry: Entry occupational therapist" in ratios
    chart = next(several_documents.section("Workforce by group").iter("svg"))
    assert [text for text in map(text_of, chart.iter("text")) if text in lines] == list(lines)[:-1]


@pytest.mark.slow
def test_nobody_is_counted_twice_where_a_collation_and_a_return_speak_of_one_council(
    with_returns: Refreshed, several_documents: Page
) -> None:
    councils = several_documents.table("Occupational therapists by council")
    # The collation has 13 people in Derby; its own return has 12 and 3 in their place.
    assert councils["Derby"] == ["15", "12.50", "12.00", "0.50", "2.00"]
    *region, _, _ = several_documents.table("Workforce by group as returned")["Occupational therapists"]
    added_up = [sum(map(Decimal, column)) for column in zip(*councils.values(), strict=True)]
    assert list(map(Decimal, region)) == added_up
    ((in_force,),) = with_returns.query(
        "select sum(headcount) from marts.fct_workforce "
        "inner join marts.bridge_organisation_geography using (organisation_code) "
        "where geography_type = 'adass_region' and geography_name = 'East Midlands' "
        "and return_group = 'occupational_therapists' and as_at_date = date '2024-06-30'"
    )
    assert added_up[0] == in_force == 323 - 13 + 15


@pytest.mark.slow
def test_a_sum_with_a_part_missing_is_not_known(several_documents: Page) -> None:
    assert several_documents.table("People in post by council and group")["Derby"] == [
        "15",
        "0 zero stated",
        "cannot quantify",
        "0 zero stated",
        "0 zero stated",
    ]
    assert several_documents.table("Workforce by group as returned")["Non-registered assessors"][0] == "220 10 of 11"
    assert several_documents.table("Students and degree apprentices by council")["Derby"][0] == "cannot quantify"
    assert "Student placements offered: 65 (10 of 11 councils)." in several_documents.text


@pytest.mark.slow
def test_pay_of_two_years_is_never_put_into_one_range(several_documents: Page) -> None:
    family = "Experienced occupational therapist"
    own = several_documents.table("Pay by job family, East Midlands, pay year 2024/25")
    assert own[family] == ["£20,001", "£60,001", "1 of 11"]
    # Ten councils give pay in the collation; Derby's own return stands in place of one of them.
    others = several_documents.table("Pay by job family, East Midlands, pay year 2023/24")
    assert others[family] == ["£31,134", "£49,132", "9 of 11"]


@pytest.mark.slow
def test_the_documents_of_a_day_are_named_in_words(with_returns: Refreshed, several_documents: Page) -> None:
    _, defined = ran(PROFILE, with_returns.home.root)
    assert list(defined["collection"].options) == [
        "31 March 2026: councils' own returns (1 of 11 councils)",
        "30 June 2024: Unlocking the Potential (10 of 11 councils) and councils' own returns (1 of 11 councils)",
    ]
    assert f"As at 30 June 2024. Numbers that councils gave for {REPORT} and in returns of their own." in (
        several_documents.text
    )
    before = text_of(several_documents.section("Before you use these numbers"))
    assert "The report does not say on which day its numbers were taken" in before
    assert "A council's own return gives 30 June 2024 as the day its numbers stand for." in before
    assert "Numbers of staff who serve adults only and all ages are added up here." in before
    files = [cells[0] for cells in several_documents.table("Files behind this page").values()]
    assert files.count(f"{FOLDER}/derby.xlsx") == 1
    assert f"{FOLDER}/leicester.xlsx" not in files


@pytest.mark.slow
def test_another_day_shows_its_own_returns_and_no_others(with_returns: Refreshed) -> None:
    page = run(PROFILE, with_returns.home.root)
    assert "As at 31 March 2026. Numbers that councils gave in returns of their own." in page.text
    cards = page.section("Occupational therapists at a glance").findall(".//dd[@class='number']")
    assert [text_of(card) for card in cards] == ["12", "10.50", "16.00%", "0.00%", "1 of 11"]
    returned = page.table("Occupational therapists by council")
    assert returned.pop("Leicester") == ["12", "10.50", "10.50", "0.00", "2.00"]
    assert len(returned) == 10
    assert {cell for cells in returned.values() for cell in cells} == {"no return"}
    assert "No return: The council returned nothing for this day; missing, not zero." in page.text
    assert [cells[0] for cells in page.table("Files behind this page").values()] == [f"{FOLDER}/leicester.xlsx"]
    assert "Derby" not in text_of(page.section("What is known to be wrong or in doubt"))


def test_text_of_a_release_is_never_taken_for_markup() -> None:
    notebook = load(PROFILE)
    shown = notebook.table("Caption", ["Column"], [["<script>alert(1)</script>"]]) + notebook.element("p", "<b>")
    assert "<script" not in shown
    assert "<b>" not in shown


def test_without_a_release_the_page_says_so_and_nothing_else(tmp_path: Path) -> None:
    (section,) = run(PROFILE, tmp_path).sections
    assert text_of(section.find("p")) == query.NO_RELEASE
    assert [part.tag for part in section] == ["style", "p"]


def test_a_region_can_be_named_when_the_notebook_is_started(
    bundled: Refreshed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["regional_profile.py", "--region", "West Midlands"])
    assert "Allied health workforce of councils: West Midlands" in run(PROFILE, bundled.home.root).text
    monkeypatch.setattr(sys, "argv", ["regional_profile.py", "--region", "Wessex"])
    assert (
        "No ADASS region is called Wessex. Regions: East Midlands, West Midlands."
        in run(PROFILE, bundled.home.root).text
    )


def test_the_notebook_runs_as_a_script_and_leaves_the_release_as_it_was(bundled: Refreshed) -> None:
    done = _python(str(NOTEBOOK), home=bundled.home.root)
    assert (done.returncode, done.stderr) == (0, "")
    release = publishing.latest_release(bundled.home)
    assert release
    assert publishing.verify(release) == []


def test_marimo_finds_nothing_to_mend_in_the_notebook(tmp_path: Path) -> None:
    done = _python("-m", "marimo", "check", "--strict", str(NOTEBOOK), home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def _python(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"AHP_HOME": str(home), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
