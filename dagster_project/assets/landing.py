"""Landing assets: one for each landed table, made by one step that reads whatever is new in the landing folder."""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from dagster_project import beside, checks
from dagster_project.dbt_assets import landed_key
from dagster_project.dbt_project import load_ahead
from dagster_project.resources import RefreshHome
from dagster_project.sources import expecting
from dagster_project.sources.landing import land
from dagster_project.sources.released_roles import RELEASED_ROLES_TABLE
from dagster_project.sources.role_decisions import DECISIONS_TABLE
from dagster_project.sources.store import LANDED_TABLES, REGISTER_TABLES

DESCRIPTIONS = {
    "council_workforce": "Cells of the councils' workforce rows (Figures 18 to 22), text as published.",
    "council_pipeline": "Cells of the councils' students and apprentices (Figure 23), text as published.",
    "council_pay": "Cells of the councils' pay scales (Figure 25), text as published.",
    "council_leadership": "Cells of the list of principal occupational therapists, text as published.",
    "council_totals": "Cells of the printed Total rows: held against the rows, never counted.",
    "employer_standards": "Cells of the survey of employer standards, text as published.",
    "maturity": "Cells of self-assessments of integration maturity, text as published.",
    "return_answers": "Answers on the cover and the sheet Leadership of councils' own returns, text as written.",
    "return_workforce": "Cells of the sheet Workforce of councils' own returns, text as written.",
    "return_learners": "Cells of the sheet Students and apprentices of councils' own returns, text as written.",
    "return_equality": "Cells of the sheet Equality of councils' own returns, text as written; never released.",
    "return_acceptances": "Warnings that councils accepted in their own returns, with the reasons.",
    "return_totals": "Cells of Total rows in councils' own returns: held against the rows, never counted.",
    "esr_assignments": "Assignments in extracts of NHS staff in post, by pseudonym; never released.",
    "asc_wds_workers": "Workers in allied health professions in social care, by pseudonym; never released.",
    "asc_wds_workplaces": "Workplaces in social care, by pseudonym; never released.",
    "asc_wds_return_progress": "Accounts in Skills for Care's report on councils' yearly returns.",
    "asc_wds_published_rates": "Rates by council, sector, service and job role, as Skills for Care publishes them.",
    "role_decisions": "Decisions of people on job titles, as they were accepted.",
    "released_role_coding": "Roles that job titles had in past releases.",
    "submissions": "Every arrival of a file, accepted or refused.",
    "landing_problems": "What was found while files were read.",
    "documents": "The documents that may be landed, with the date their numbers stand for.",
    "return_questions": "The questions of the return workbook, with the lists their answers come from.",
}

TABLES = (*LANDED_TABLES, DECISIONS_TABLE, RELEASED_ROLES_TABLE, *REGISTER_TABLES)


class LandingConfig(dg.Config):
    """`full` reads every stored file anew, as if it had just arrived."""

    full: bool = False


@dg.multi_asset(
    name="land_files",
    specs=[
        dg.AssetSpec(landed_key(table), description=DESCRIPTIONS[table], group_name="landing", kinds={"parquet"})
        for table in TABLES
    ],
    check_specs=checks.landing_check_specs(),
)
def land_files(config: LandingConfig, refresh_home: RefreshHome) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    landing = land(
        refresh_home.home,
        full=config.full,
        expectations=partial(beside.ask, beside.GREAT_EXPECTATIONS, expecting.check),
    )
    beside.let_go(beside.GREAT_EXPECTATIONS)
    beside.get_ready(beside.DBT, load_ahead, refresh_home.home)
    for table in TABLES:
        yield dg.MaterializeResult(
            asset_key=landed_key(table),
            metadata={"dagster/row_count": landing.rows[table]},
            check_results=checks.landing_results(table, landing),
        )
