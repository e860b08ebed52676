"""The tables of an export: which there are, and their rows out of a release.

Belongs here: one entry for each table, beside one file in queries/, and running them. Does not: layout or file formats.
To add a table, write its query and its entry; columns named `notes` (a list of texts), `source`, `as_at_date` and
`<number>_status` are understood as such wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.export.areas import Area
from dagster_project.present import MEASURES
from dagster_project.site.queries import SiteQuery

if TYPE_CHECKING:
    import duckdb
    import pyarrow

FOLDER = Path(__file__).parent / "queries"
NOTES = "notes"
# Said above a table rather than in each of its rows.
SOURCE = "source"
# Columns that say of a whole row how its numbers came to be.
ROW_STATUSES = ("value_status", "share_status", "band")


@dataclass(frozen=True)
class ExportTable:
    """One table: its sheet, what its title begins with, its query, and the released tables whose caveats it carries.

    `variables` are what its query reads with getvariable. `missing` are the columns that are empty because nothing was
    supplied, where the row's status does not say so; in all others empty means not applicable. A table that
    `is_background` goes with others and is no reason for a workbook by itself.
    """

    sheet: str
    title: str
    query: str
    about: tuple[str, ...]
    figure: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    is_background: bool = False
    # Its rows are of organisations that lie in no area a workbook could be of.
    is_of_no_area: bool = False


def _staff(sheet: str, title: str, return_group: str, figure: str) -> ExportTable:
    about = ("marts.regional_workforce",)
    return ExportTable(sheet, title, "workforce", about, figure, {"return_group": return_group}, frozenset(MEASURES))


def _measures(sheet: str, title: str, about: str) -> ExportTable:
    return ExportTable(sheet, title, "regional_measures", ("marts.regional_measures",), variables={"about": about})


DATA_QUALITY = ExportTable("Data_quality", "Open findings by organisation", "data_quality", ("quality.findings",))
TABLES = (
    _staff("Occupational_therapists", "Occupational therapists", "occupational_therapists", "Figure 18"),
    _staff("Other_AHPs", "Other allied health professionals", "other_ahps", "Figure 19"),
    _staff("Assessors", "Non-registered assessors", "non_registered_assessors", "Figure 20"),
    _staff("Senior_practitioners", "Senior practitioners", "senior_practitioners", "Figure 21"),
    _staff("Managers", "Managers", "managers", "Figure 22"),
    ExportTable(
        "Students_apprentices",
        "Student placements and degree apprentices",
        "students_apprentices",
        ("marts.fct_pipeline",),
        "Figure 23",
        missing=frozenset({"academic_year"}),
    ),
    ExportTable(
        "Pay_scales",
        "Pay ranges by job",
        "pay_scales",
        ("marts.fct_pay_scale",),
        "Figure 25",
        missing=frozenset({"job_family_name", "scale_as_written", "grade_as_written", "cell_text"}),
    ),
    ExportTable(
        "Principal_OT",
        "Principal occupational therapists and AHP leads in post",
        "principal_ot",
        ("marts.fct_leadership",),
        missing=frozenset({"principal_ot_grade", "has_principal_ot", "has_ahp_lead"}),
    ),
    _measures(
        "Regional_measures",
        "Rates and ratios: vacancies, funding, skill mix, students, apprentices and leadership",
        "staff",
    ),
    _measures("Pay_measures", "Rates and ratios: pay beside that of the NHS and of other councils", "pay"),
    _measures("Role_measures", "Rates and ratios: how many roles are known, and on what evidence", "roles"),
    ExportTable(
        "Pay_beside_NHS",
        "Pay beside the NHS band for the same work",
        "pay_parity",
        ("marts.pay_parity",),
        missing=frozenset({"job_family_name", "pay_year"}),
    ),
    ExportTable(
        "Temporary_funding_ending",
        "What if temporary funding ends",
        "funding_ending",
        ("marts.funding_ending",),
        missing=frozenset({"funding_stream", "ends_on"}),
    ),
    ExportTable(
        "Apprentices_qualifying",
        "What if degree apprentices qualify",
        "apprentices_qualifying",
        ("marts.apprentices_qualifying",),
        missing=frozenset({"qualifying_year", "funding_route"}),
    ),
    ExportTable(
        "Population",
        "People who live in each area, by age",
        "population",
        ("marts.fct_population",),
        is_background=True,
    ),
    ExportTable(
        "Survey",
        "Results of the survey of employer standards",
        "survey",
        ("marts.fct_employer_standards",),
        is_background=True,
    ),
    ExportTable(
        "Maturity",
        "How mature organisations judge their integration to be",
        "maturity",
        ("marts.fct_maturity",),
        missing=frozenset({"level_from", "level_to"}),
        is_background=True,
        is_of_no_area=True,
    ),
    ExportTable(
        "Published_figures",
        "Numbers that reports print",
        "published_figures",
        ("marts.fct_published_figures",),
    ),
    ExportTable(
        "Area_caveats", "What to know before quoting a number of an area", "area_caveats", ("quality.area_caveats",)
    ),
    ExportTable("Coverage", "Councils behind each total", "coverage", ("marts.regional_workforce",)),
    ExportTable("Findings", "Findings in the data, open or accepted", "findings", ("quality.findings",)),
    ExportTable(
        "EDI_completeness",
        "Completeness of answers on protected characteristics",
        "edi_completeness",
        ("quality.edi_completeness",),
    ),
    ExportTable(
        "EDI_shares",
        "Shares of answers on protected characteristics, between bounds",
        "edi_shares",
        ("quality.edi_shares",),
    ),
)


@dataclass(frozen=True)
class Asked:
    """A query as it ran: what it asks in one line, its SQL with the variables it needs, and the tables it reads."""

    question: str
    sql: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """What the query of a table gave."""

    table: ExportTable
    answer: pyarrow.Table
    query: Asked

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.answer.column_names)

    @cached_property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(zip(*(column.to_pylist() for column in self.answer.columns), strict=True))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The columns of a sheet. The others say where a number comes from or why it is not there."""
        unseen = {SOURCE, *self.statuses_of_numbers.values()}
        return tuple(name for name in self.names if name not in unseen)

    @cached_property
    def statuses_of_numbers(self) -> dict[str, str]:
        """The columns that have one beside them saying how each value came to be, with the name of that one."""
        pairs = ((name, f"{name}_status") for name in self.names)
        return {name: status for name, status in pairs if status in self.names and status not in ROW_STATUSES}

    def status_of(self, name: str, values: Mapping[str, Any]) -> object:
        """How the value of a column in a row came to be, or why it is missing; None where nothing says so."""
        own = values.get(self.statuses_of_numbers.get(name, ""))
        of_the_row = (values[status] for status in ROW_STATUSES if status in values)
        return own if own is not None else next(of_the_row, None)

    def is_numeric(self, name: str) -> bool:
        """Whether a column holds numbers, by its type."""
        import pyarrow

        kind, types = self.answer.schema.field(name).type, pyarrow.types
        return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))

    def values(self, name: str) -> list[Any]:
        """One column, from the first row to the last."""
        position = self.names.index(name)
        return [row[position] for row in self.rows]

    def distinct(self, name: str) -> list[Any]:
        """What stands in a column, each once, in order; nothing where there is no such column."""
        return sorted({value for value in self.values(name) if value is not None}) if name in self.names else []


def choose(connection: duckdb.DuckDBPyConnection, area: Area) -> Asked:
    """Make the areas and organisations of an area known to the queries, by the query that is given back."""
    query = _query("chosen", {"geography_type": area.kind, "geography_code": area.code})
    connection.execute(query.sql)
    return query


def read(connection: duckdb.DuckDBPyConnection, table: ExportTable) -> Rows:
    """The rows of a table, for what was chosen."""
    query = _query(table.query, table.variables)
    return Rows(table, connection.execute(query.sql).to_arrow_table(), query)


def _query(name: str, variables: Mapping[str, str]) -> Asked:
    written = SiteQuery(name, (FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    quoted = {variable: value.replace("'", "''") for variable, value in variables.items()}
    settings = "".join(f"set variable {variable} = '{value}';\n" for variable, value in quoted.items())
    return Asked(written.title, f"{settings}{written.sql.partition(chr(10))[2]}", written.tables)
