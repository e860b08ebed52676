"""One council's records in the form in which councils send them: the bulk upload, in its own codes.

Belongs here: how a record of an extract is written in that form. Does not: what the records are like (asc_wds).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.synth.asc_wds import CLEAN_COUNCIL, FOLDER
from dagster_project.synth.esr import MARK_COLUMN, WrittenFile, copy_rows
from dagster_project.synth.facts import facts


def write_bulk_upload(connection: duckdb.DuckDBPyConnection, day: date, folder: Path) -> list[WrittenFile]:
    """Writes the records of the clean council's own workplaces, as they stand in `asc_row`, as a bulk upload."""
    whose = f"where is_council and council_number = {CLEAN_COUNCIL}"
    of_whom = connection.execute(f"select council_code, council_name from asc_place_row {whose} limit 1").fetchone()
    code, council = of_whom or ("", "")
    # A bulk upload names no council, so its folder does.
    (folder / FOLDER / "bulk_upload" / council).mkdir(parents=True)
    written = []
    for dataset, table, columns in (
        ("workplace", "asc_place_row", _workplace_columns()),
        ("worker", "asc_row", _worker_columns()),
    ):
        name = f"{FOLDER}/bulk_upload/{council}/{dataset}_{day.isoformat()}.csv"
        listed = ", ".join(
            f'{columns.get(column, "null")} as "{column}"'
            for column in facts("asc_wds_bulk_columns").filter(dataset=dataset)["column"]
        )
        copy_rows(connection, f"select {listed}, {MARK_COLUMN} from {table} {whose}", folder / name)
        counted = connection.execute(f"select count(*) from {table} {whose}").fetchone()
        written.append(WrittenFile(name, "skills_for_care", code, day.isoformat(), counted[0] if counted else 0))
    return written


def _in_bulk_code(field: str) -> str:
    codes = facts("asc_wds_answers").filter(field=field).unique(["extract_code"]).sort("extract_code")
    cases = " ".join(f"when '{row['extract_code']}' then '{row['bulk_code']}'" for row in codes.iter_rows(named=True))
    return f"nullif(case {field} {cases} end, '')"


def _worker_columns() -> dict[str, str]:
    is_contracted = "emplstat in ('190', '191') and zerohours = '0'"
    return {
        "LOCALESTID": "'W' || establishmentid",
        "UNIQUEWORKERID": "'S' || workerid",
        "STATUS": "'UPDATE'",
        "DISPLAYID": "'Record ' || workerid",
        "NINUMBER": "ni_number",
        "POSTCODE": "'ZZ99 3VZ'",
        "DOB": "strftime(date_of_birth, '%d/%m/%Y')",
        "GENDER": _in_bulk_code("gender"),
        "ETHNICITY": _in_bulk_code("ethnicity"),
        "NATIONALITY": _in_bulk_code("isbritish"),
        "BRITISHCITIZENSHIP": "if(isbritish = '0', '2', null)",
        "COUNTRYOFBIRTH": _in_bulk_code("isbritish"),
        "DISABLED": _in_bulk_code("disabled"),
        "STARTDATE": "strftime(started, '%d/%m/%Y')",
        "APPRENTICE": "'2'",
        "EMPLSTATUS": _in_bulk_code("emplstat"),
        "ZEROHRCONT": _in_bulk_code("zerohours"),
        "DAYSSICK": "ticket(h, 'sick', 15)",
        "SALARYINT": "'1'",
        "MAINJOBROLE": "mainjrid",
        "MAINJRDESC": "if(mainjrid in ('23', '27'), 'Other work', null)",
        "CONTHOURS": f"if({is_contracted}, hours, null)",
        "AVGHOURS": f"if({is_contracted}, null, hours)",
        "SCQUAL": "if(mainjrid in ('6', '15'), '1;6', '2')",
        "NONSCQUAL": "'2'",
    }


def _workplace_columns() -> dict[str, str]:
    return {
        "LOCALESTID": "'W' || establishmentid",
        "STATUS": "'UPDATE'",
        "ESTNAME": "establishmentname",
        "ADDRESS1": "'1 Invented Street'",
        "POSTTOWN": "'Invented Town'",
        "POSTCODE": "'ZZ99 3VZ'",
        "ESTTYPE": "esttype",
        "PERMCQC": "1",
        "PERMLA": "1",
        "REGTYPE": "regtype",
        "MAINSERVICE": "mainstid",
        "ALLSERVICES": "mainstid",
        "TOTALPERMTEMP": "jr28emp",
        "ALLJOBROLES": "'15'",
        "STARTERS": "(jr15work * 0.15)::integer",
        "LEAVERS": "(jr15work * 0.14)::integer",
        "VACANCIES": "(jr15work * 0.1 + draw(place_h, 'vacant jr15') * 0.6)::integer",
    }
