"""Releases with their sites in seconds: files landed, the rules run in memory, candidates made of that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.contracts import PublicTable, Step, public_tables, steps
from dagster_project.dbt_project import prepare_manifest
from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.release import manifest
from dagster_project.release.building import Candidate, CandidateFacts, build_candidate
from dagster_project.rules import run_rules
from dagster_project.site.building import write_site
from dagster_project.sources.store import now

REFUSED = "derby again.xlsx"
REFUSED_FOR_A_LATER_DAY = "derby autumn.xlsx"
VOID = {"meta", "link", "rect", "path", "circle", "br", "wbr"}


def tables_of(home: Home) -> tuple[PublicTable, ...]:
    prepare_manifest(home)
    return tuple(public_tables(home.dbt_manifest))


def steps_of(home: Home) -> list[Step]:
    prepare_manifest(home)
    return steps(home.dbt_manifest)


def candidate_of(nights: Nights, folder: Path, bundled_inputs: bool = False) -> Candidate:
    """A candidate of what the rules make of the store, without its site."""
    tables = tables_of(nights.home)
    warehouse = folder.with_name(f"{folder.name}.duckdb")
    with run_rules(nights.home.store, [table.full_name for table in tables], now()) as rules:
        rules.execute(f"attach '{warehouse}' as built")
        for schema in dict.fromkeys(table.schema for table in tables):
            rules.execute(f"create schema built.{schema}")
        for table in tables:
            rules.execute(f"create table built.{table.full_name} as from {table.full_name}")
    facts = CandidateFacts(
        release_id=f"2026-04-0{1 if bundled_inputs else 2}T020000Z-{'a' * 6}",
        created_at=datetime(2026, 4, 1 if bundled_inputs else 2, 2, tzinfo=UTC),
        project_version="0.1.0",
        commit=None,
        bundled_inputs=bundled_inputs,
        submissions=(),
        findings={"error": 2, "warning": 31, "info": 19},
    )
    return build_candidate(warehouse, tables, folder, facts)


def in_force(candidate: Candidate, root: Path, **changed: Any) -> Home:
    """A home whose newest release is a copy of the candidate, with parts of its manifest changed."""
    home = Home(root / "home")
    folder = home.releases / candidate.release_id
    shutil.copytree(candidate.folder, folder)
    contents = manifest.read(folder)
    manifest.write(folder, {**contents, "released_at": contents["created_at"], **changed})
    latest = {"release_id": folder.name, "released_at": contents["created_at"], "path": folder.name}
    (home.releases / "latest.json").write_text(json.dumps(latest), encoding="utf-8")
    return home


def eventful(folder: Path) -> tuple[Candidate, Candidate]:
    """Two releases with their sites: the published collation, and a night after it (`an_eventful_night`)."""
    nights = the_collation(folder)
    first = candidate_of(nights, folder / "first", bundled_inputs=True)
    write_site(first, None, steps_of(nights.home))
    second = an_eventful_night(nights, folder)
    write_site(second, first.folder, steps_of(nights.home))
    return first, second


def the_collation(folder: Path) -> Nights:
    """A home whose only night landed the published collation."""
    nights = Nights.begin(folder / "home")
    for file in sorted((BUNDLED_LANDING / FOLDER).iterdir()):
        nights.put(file.name, file.read_bytes())
    nights.night()
    return nights


def an_eventful_night(nights: Nights, folder: Path) -> Candidate:
    """Derby's own return, sent twice, counts; two later files of Derby, one for the same day, are refused."""
    for headcount in ("11", "12"):
        nights.put("derby.xlsx", derby(headcount))
        nights.night()
    for name, day in ((REFUSED, date(2026, 3, 31)), (REFUSED_FOR_A_LATER_DAY, date(2026, 9, 30))):
        nights.put(name, a_return(day=day, workforce=[{**OCCUPATIONAL_THERAPISTS, "return_group": "Cleaners"}]))
    assert len(nights.night().refused) == 2
    return candidate_of(nights, folder / "second")


def derby(headcount: str) -> bytes:
    """A return with something in every part that the page of a council shows."""
    return a_return(
        cover={"has_students": "Listed in this return", "has_managers": "Cannot quantify"},
        workforce=[
            {
                **OCCUPATIONAL_THERAPISTS,
                **{"headcount": headcount, "grade": "PO2", "pay_minimum": "35001", "pay_maximum": "41002"},
            },
            ASSESSORS,
        ],
        learners=[{"learner_type": "Students on placement", "learner_count": "4"}],
        leadership={"principal_ot_in_post": "Yes", "principal_ot_grade": "PO7", "ahp_lead_in_post": "No"},
        equality=[
            {"characteristic": "Sex", "category": "Female", "people": "15"},
            {"characteristic": "Sex", "category": "Prefer not to say", "people": "4"},
        ],
    )


INVENTED_PEOPLE = """
insert into marts.source_bridge by name
select
    unnest(['council', 'council', 'council', 'council', 'council']) as geography_type,
    'E06000015' as geography_code, 'Derby' as geography_name, date '2026-03-31' as as_at_date,
    date '2026-03-31' as social_care_from, date '2026-03-31' as social_care_to, date '2026-02-28' as extract_as_at_date,
    'headcount' as measure, unnest([1, 2, 3, 4, 5]) as step_number,
    unnest(['council_return', 'managers_and_principals', 'agency', 'unexplained', 'skills_for_care']) as step,
    unnest([true, false, false, false, true]) as is_total, unnest([31, -3, null, -4, 24]) as value,
    unnest(['derived', 'derived', 'not_supplied', 'derived', 'derived']) as value_status, 'people' as unit,
    1 as councils_compared;
insert into marts.overlap_ledger by name
select
    'E06000015' as council_code, 'Derby' as council_name, 'RTG' as nhs_organisation_code,
    'Derby Hospitals (invented)' as nhs_organisation_name, date '2026-03-31' as as_at_date,
    date '2026-02-28' as extract_as_at_date, unnest([1, 2, 3, 4]) as entry_number,
    unnest(['in_return', 'in_extract', 'counted_by_council', 'left_out_of_nhs']) as entry,
    unnest([6, 6, -6, -6]) as people, 1 as trusts_naming_the_council;
insert into quality.edi_completeness by name
select
    'esr' as source, 'RTG' as organisation_code, 'Derby Hospitals (invented)' as organisation_name,
    date '2026-02-28' as as_at_date, 'nhs' as employer,
    unnest(['race', 'sex', 'pregnancy_and_maternity']) as characteristic,
    true as is_all_role_groups, 97 as n, unnest([52.577, 100, null]) as recorded_pct,
    unnest([52.577, 100, null]) as disclosed_pct, unnest(['red', 'green', 'not_asked']) as band,
    unnest([31, 400.5, null]) as answer_age_days, unnest(['at_least', 'dated', 'not_asked']) as answer_age_status,
    unnest([true, true, false]) as is_required, 52.577 as score_pct, 'counted' as score_status, 41 as person_complete,
    42.268 as person_complete_pct, 'counted' as person_complete_status, 'made up' as submission_id;
insert into quality.edi_shares by name
select
    'esr' as source, 'RTG' as organisation_code, 'Derby Hospitals (invented)' as organisation_name,
    date '2026-02-28' as as_at_date, 'nhs' as employer, unnest(['race', 'sex', 'sex']) as characteristic,
    unnest(['white', 'female', 'male']) as category, unnest(['White', 'Female', 'Male']) as label, 97 as n,
    unnest([null, 75, 20]) as people_rounded, unnest([null, 75.258, 18.557]) as share_lowest_pct,
    unnest([null, 79.381, 22.68]) as share_highest_pct, unnest([null, 77.32, null]) as share_pct,
    unnest(['hidden', 'shown', 'bounds_only']) as share_status, 'made up' as submission_id;
insert into marts.workforce_movement by name
select
    'esr' as source, 'RTG' as organisation_code, 'Derby Hospitals (invented)' as organisation_name, 'nhs' as employer,
    unnest([date '2026-01-31', date '2026-01-31', date '2025-12-31']) as from_date,
    unnest([date '2026-02-28', date '2026-02-28', date '2026-01-31']) as to_date,
    unnest(['podiatry', 'dietetics', 'podiatry']) as profession, false as is_gap, false as is_doubted,
    unnest([18, 6, 19]) as staff_at_start,
    unnest([15, 6, 18]) as stayers, unnest([1, 0, 0]) as moved_to_other_roles, unnest([2, 0, 1]) as leavers,
    unnest([3, 1, 0]) as joiners, 0 as moved_from_other_roles, unnest([18, 7, 18]) as staff_at_end,
    0 as organisations_missing;
insert into marts.workforce_movement by name
select
    'skills_for_care' as source, 'E06000015' as organisation_code, 'Derby (invented)' as organisation_name,
    unnest(['council', 'independent']) as employer, date '2026-01-31' as from_date, date '2026-03-31' as to_date,
    'occupational_therapy' as profession, true as is_gap, true as is_doubted, unnest([20, 4]) as staff_at_start,
    unnest([17, 4]) as stayers, unnest([3, 0]) as leavers, unnest([2, 1]) as joiners, unnest([19, 5]) as staff_at_end,
    0 as organisations_missing;
insert into marts.workforce_turnover by name
select
    'esr' as source, 'RTG' as organisation_code, 'Derby Hospitals (invented)' as organisation_name, 'nhs' as employer,
    date '2025-02-28' as from_date, date '2026-02-28' as to_date, unnest(['podiatry', 'dietetics']) as profession,
    unnest([20, 5]) as staff_at_start, unnest([18, 7]) as staff_at_end, unnest([15, 5]) as stayers,
    unnest([4, null]) as leavers, unnest([75, 100]) as stability_pct, unnest([22.222, null]) as turnover_pct,
    unnest(['derived', 'not_supplied']) as turnover_status;
insert into marts.workforce_turnover by name
select
    'skills_for_care' as source, 'E06000015' as organisation_code, 'Derby (invented)' as organisation_name,
    unnest(['council', 'independent']) as employer, date '2025-03-31' as from_date, date '2026-03-31' as to_date,
    'occupational_therapy' as profession, unnest([16, 2]) as staff_at_start, unnest([20, 0]) as staff_at_end,
    unnest([12, 0]) as stayers, unnest([5, 2]) as leavers, unnest([75, 0]) as stability_pct,
    unnest([25, null]) as turnover_pct, unnest(['derived', 'not_applicable']) as turnover_status;
"""
# After printed results of the survey of 2023/24 and of the self-assessments of the South East.
PRINTED_RESULTS = """
insert into marts.fct_employer_standards by name
select
    'employer_standards' as source, 'survey' as source_document, date '2024-04-30' as as_at_date,
    'A publisher' as publisher, 'national' as geography_type, 'England' as geography_name,
    'occupational_therapists' as staff_group, unnest(['standard', 'standard', 'question', 'question']) as subject,
    unnest([2, 2, 1, 1]) as standard_number,
    unnest(['Workforce planning', 'Workforce planning', 'A framework', 'A framework']) as standard_name,
    unnest([null, null, 'I feel safe', 'I am new']) as question,
    unnest(['2023/24', '2022/23', '2023/24', '2023/24']) as survey_year,
    unnest([2023, 2022, 2023, 2023]) as survey_year_start, 'score' as unit, unnest([68, 75, 80, null]) as score,
    'survey.csv' as source_file, 2 as source_row,
    unnest(['reported', 'reported', 'reported', 'suppressed']) as score_status,
    unnest([1902, null, 1902, null]) as respondents,
    unnest(['reported', 'not_supplied', 'reported', 'not_supplied']) as respondents_status,
    unnest(['moderate', 'good', 'good', null]) as band,
    unnest(['2022/23', null, '2022/23', '2022/23']) as previous_survey_year,
    unnest([75, null, 74, null]) as previous_score,
    unnest(['reported', 'not_applicable', 'reported', 'not_supplied']) as previous_score_status,
    unnest([-7, null, 6, null]) as change, unnest([true, null, true, null]) as is_significant,
    unnest(['questions_changed', 'no_earlier_survey', 'same_question', 'new_question']) as comparability,
    unnest([false, null, true, false]) as is_comparable, 'table' as figure, 'made up' as submission_id;
insert into marts.fct_maturity by name
select
    'maturity' as source, 'assessment' as source_document, date '2025-11-30' as as_at_date,
    unnest(['Kent', 'Medway', 'Oxfordshire']) as organisation_name, 'council' as organisation_kind, 4 as dimension,
    'Learning' as dimension_name, unnest(['reported', 'no_data', 'unreadable']) as level_status,
    unnest(['emerging', null, null]) as level_from, unnest(['maturing', null, null]) as level_to,
    'made up' as submission_id, 'table' as figure, 'table.csv' as source_file, 2 as source_row,
    unnest(['Table 13: emerging', 'Table 13: no mark', 'Table 13: no mark']) as marks_as_printed;
insert into marts.maturity_distribution by name
select
    'assessment' as source_document, date '2025-11-30' as as_at_date, 4 as dimension, 'Learning' as dimension_name,
    unnest(['pre_emerging', 'emerging', 'developing', 'maturing']) as level, unnest([0, 1, 2, 3]) as level_ordinal,
    unnest([0, 1, 1, 1]) as organisations_at_level, unnest([false, true, true, true]) as is_mode,
    1 as organisations_with_level, 1 as organisations_without_data, 1 as organisations_not_legible, 3 as organisations;
"""


def put_people_into(candidate: Candidate) -> None:
    """Rows, made up, in every table that holds numbers of people in NHS extracts and in Skills for Care's records."""
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute(INVENTED_PEOPLE)


def put_printed_results_into(candidate: Candidate) -> None:
    """Rows in every table of the survey and of the self-assessments."""
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute(PRINTED_RESULTS)


def query(candidate: Candidate, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


class Page(HTMLParser):
    """What a browser makes of a page: whether its tags match, its links, its ids, its tables, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self._open: list[str] = []
        self._table: list[list[str]] | None = None
        self.feed(text)
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self._table = self.tables.setdefault(given.get("id", f"table {len(self.tables)}"), [])
        elif self._table is not None and tag == "tr":
            self._table.append([])
        elif self._table is not None and tag in ("td", "th"):
            self._table[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at line {self.getpos()[0]}")
        if tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)
        if self._table is not None and self._open[-1] != "caption" and self._table and self._table[-1]:
            self._table[-1][-1] = " ".join(f"{self._table[-1][-1]} {data}".split())

    def values(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@cache
def page(file: Path) -> Page:
    return Page(file.read_text(encoding="utf-8"))


class Pages(Mapping[str, Page]):
    """Every page of a site by its path in it, read when it is asked for."""

    def __init__(self, site: Path) -> None:
        self.files = {file.relative_to(site).as_posix(): file for file in sorted(site.rglob("*.html"))}

    def __getitem__(self, path: str) -> Page:
        return page(self.files[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def pages(candidate: Candidate) -> Pages:
    return Pages(candidate.folder / "site")
