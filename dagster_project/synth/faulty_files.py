"""Files with something wrong with the file itself: each must be refused, or taken with what is said about it.

Belongs here: making them out of the last month that was invented. Does not: faults of single rows (faults, asc_wds).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from dagster_project.synth.asc_wds import extract_query
from dagster_project.synth.esr import copy_rows, written_columns

_ROWS = 40


@dataclass(frozen=True)
class FaultyFile:
    """One file, or a folder of files that arrive in order of name.

    `must` is refused, accepted or flagged (accepted, with a finding); `rule_id` is the rule that says so, '' where none
    is needed; `says` is what is wrong, in words.
    """

    path: str
    kind: str
    source: str
    must: str
    rule_id: str
    says: str


def write_faulty_files(
    connection: duckdb.DuckDBPyConnection, days: list[date], clean_organisation: str, folder: Path
) -> list[FaultyFile]:
    """Writes them into `folder` from the rows in `esr_row` and `asc_row`, the last month's."""
    folder.mkdir()
    day = days[-1]
    before = (day.replace(day=1) - timedelta(days=1)).isoformat()
    some = f"from (select * from esr_row where organisation_number = 0 limit {_ROWS})"

    def put(name: str, columns: str, rows: str = some) -> Path:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        copy_rows(connection, f"select {columns} {rows}", path)
        return path

    usual = written_columns("usual")
    made = []

    def add(path: str, kind: str, must: str, rule_id: str, says: str, source: str = "esr") -> None:
        made.append(FaultyFile(f"faulty_files/{path}", kind, source, must, rule_id, says))

    _edit(put("esr_truncated.csv", usual), lambda content: content[: content.rstrip().rfind(b",") - 40])
    add("esr_truncated.csv", "truncated", "refused", "file_refused", "the last line breaks off")

    put("esr_required_heading_missing.csv", written_columns("usual", without={"contracted_wte"}))
    add(
        "esr_required_heading_missing.csv",
        "required_heading_missing",
        "refused",
        "unknown_header",
        "there is no column for Contracted WTE",
    )

    put("esr_required_heading_drifted.csv", written_columns("usual", {"contracted_wte": "Contractd WTE (new)"}))
    add("esr_required_heading_drifted.csv", "required_heading_drifted", "refused", "unknown_header",
        "there is no column for Contracted WTE; the nearest heading is Contractd WTE (new)")  # fmt: skip

    put("esr_heading_drifted.csv", written_columns("usual", {"ethnic_origin": "Ethnic Orgin Desc v2"}))
    add("esr_heading_drifted.csv", "unknown_header", "flagged", "unknown_header",
        "the heading Ethnic Orgin Desc v2 is not known, so ethnicity counts as not asked in this extract")  # fmt: skip

    put("esr_heading_twice.csv", f'{usual}, contracted_wte as "Contracted FTE"')
    add(
        "esr_heading_twice.csv",
        "two_headings_for_one_field",
        "refused",
        "unknown_header",
        "Contracted WTE and Contracted FTE mean the same",
    )

    put("esr_three_date_formats.csv", usual,
        "from (select * replace (written_day(strptime(latest_start_date, '%Y-%m-%d')::date, "
        "['dashes', 'slashes', 'month_name'][1 + (row_number() over ()) % 3]) as latest_start_date) "
        f"{some})")  # fmt: skip
    add("esr_three_date_formats.csv", "three_date_formats", "flagged", "date_forms_mixed",
        "Latest Start Date is written in three ways; each can be read, and none is read as another")  # fmt: skip

    put("esr_two_as_at_days.csv", usual,
        f"from (select * replace (if(row_number() over () % 2 = 0, '{before}', tm_end_date) as tm_end_date) "
        f"{some})")  # fmt: skip
    add(
        "esr_two_as_at_days.csv",
        "two_as_at_days",
        "refused",
        "file_refused",
        "an extract is of one day, and this one names two",
    )

    put("esr_no_rows.csv", usual, "from esr_row where false")
    add("esr_no_rows.csv", "no_rows", "refused", "file_refused", "there is nothing below the headings")

    put("esr_identity_missing.csv", usual,
        "from (select * replace (if(row_number() over () <= 3, '', employee_number) as employee_number, "
        "if(row_number() over () <= 3, '', unique_nhs_identifier) as unique_nhs_identifier) "
        f"{some})")  # fmt: skip
    add("esr_identity_missing.csv", "identity_missing", "flagged", "rows_refused",
        "lines 2, 3 and 4 name nobody and are refused and counted; the other 37 rows are landed")  # fmt: skip

    whole = "from esr_row where organisation_number in (0, 1, 2) and rowid % 7 = 0"
    put("half_a_region/1_whole.csv", written_columns("usual", without={"marital_status"}), whole)
    put("half_a_region/2_half.csv", written_columns("usual", without={"marital_status"}),
        f"{whole.replace('(0, 1, 2)', '(0)')}")  # fmt: skip
    add("half_a_region", "half_a_region", "flagged", "large_change",
        "the second file is of the same day and has lost two of three trusts, which stay as they were")  # fmt: skip

    theirs = "from (select * from esr_row where organisation_number = 0)"
    put("same_month_twice/1_first.csv", usual, theirs)
    put("same_month_twice/2_corrected.csv", usual,
        "from (select * replace (if(row_number() over () = 1, '0.50000', contracted_wte) as contracted_wte) "
        f"{theirs})")  # fmt: skip
    add("same_month_twice", "same_month_twice", "accepted", "",
        f"the second file replaces the first of {clean_organisation}; line 2 now says 0.50000 FTE")  # fmt: skip

    put("older_than_the_last/1_newer.csv", usual)
    put("older_than_the_last/2_older.csv", usual,
        f"from (select * replace ('{before}' as tm_end_date, '' as tm_year_month) {some})")  # fmt: skip
    add(
        "older_than_the_last",
        "older_extract",
        "accepted",
        "",
        "the older extract adds its own day; the newer stays the newest",
    )

    name = "asc_wds_worker_mixed_code_systems.csv"
    copy_rows(
        connection,
        extract_query(
            "worker", day,
            "(select * replace (if(row_number() over () % 2 = 0, emplstat, case emplstat when '190' then '1' "
            "when '191' then '2' when '192' then '3' when '193' then '4' else '7' end) as emplstat) "
            f"from (select * from asc_row limit {_ROWS})) as mixed",
        ),
        folder / name, "|",
    )  # fmt: skip
    add(name, "mixed_code_systems", "refused", "file_refused",
        "employment status is in two systems of codes, line by line", "skills_for_care")  # fmt: skip
    return made


def _edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))
