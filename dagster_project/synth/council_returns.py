"""The invented councils' own returns: workbooks filled in from the same staff that the social care extracts hold.

Belongs here: what a council would return of those staff, and the steps from its count to Skills for Care's. Does not:
the workbook (returns.template).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import polars

from dagster_project.returns.template import fill, write_template
from dagster_project.returns.template_cells import counted_rows
from dagster_project.sources.invented import MARK
from dagster_project.synth.esr import WrittenFile, copy_rows
from dagster_project.synth.faults import Overlap

FOLDER = "council_returns"
GRAINS = {
    "council_returns": "row of a council's return",
    "council_return_edi": "council, characteristic and answer, as written; n/a is not asked",
    "source_bridge": "council and step from its return to Skills for Care's records, in people",
}
COUNCIL_WITH_CHILDREN = 1
COUNCIL_WITH_UNEXPLAINED = 1
UNEXPLAINED_PEOPLE = 3
COUNCIL_WITH_EDI_GAP = 1
_CHILDRENS_THERAPISTS = 3
_ADVERTISED_SHARE_OF_A_POST = 0.85

_THERAPISTS, _OTHERS = "Occupational therapists", "Other allied health professionals"
_ASSESSORS, _SENIORS, _MANAGERS = "Non-registered assessors", "Senior practitioners", "Managers"
_STATED = {
    "has_occupational_therapists": _THERAPISTS,
    "has_other_ahps": _OTHERS,
    "has_non_registered_assessors": _ASSESSORS,
    "has_senior_practitioners": _SENIORS,
    "has_managers": _MANAGERS,
}
# How a council's records of a job role become rows of its return.
_LINES = """
select
    council_number, council_code, council_name,
    case
        when emplstat = '193' and mainjrid = '15' then 'agency'
        when emplstat not in ('190', '191') then 'left out'
        when mainjrid = '15' then if(draw(h, 'senior') < 0.25, 'senior', 'therapist')
        when mainjrid = '17' then 'other' when mainjrid = '36' then 'assistant'
        when mainjrid = '39' and draw(h, 'assesses for equipment') < 0.6 then 'assessor'
        else 'left out'
    end as line,
    count(*) as headcount,
    round(sum(least(hours, 37)) filter (emplstat = '190') / 37, 2) as fte_permanent,
    round(sum(least(hours, 37)) filter (emplstat <> '190') / 37, 2) as fte_temporary
from asc_row
where is_council
group by all
order by all
"""


_THERAPIST, _AGENCY = "Occupational Therapist", "Occupational Therapist (agency)"
_ASSESSOR, _CHILDRENS_THERAPIST = "Community Assessor", "Children's Occupational Therapist"


@dataclass(frozen=True)
class ReturnRow:
    """One row of a return: people and FTE (two places) as the council writes them."""

    job_title: str
    group: str
    headcount: int = 0
    fte_permanent: float = 0.0
    fte_temporary: float = 0.0
    profession: str = "Occupational therapy"
    level: str = "Not known"
    registered: str = "Yes"
    grade: str = ""
    employer: str = "Council"
    funder: str = "Council"
    fte_vacant: float = 0.0
    fte_agency: float = 0.0
    seconded: int = 0

    @property
    def fte(self) -> float:
        return round(self.fte_permanent + self.fte_temporary, 2)

    def answers(self) -> dict[str, str]:
        return {
            "job_title": self.job_title,
            "return_group": self.group,
            "profession": self.profession,
            "level": self.level,
            "grade": self.grade,
            "registered": self.registered,
            "employer": self.employer,
            "funder": self.funder,
            "headcount": str(self.headcount),
            "fte": str(self.fte),
            "fte_permanent": str(self.fte_permanent),
            "fte_temporary": str(self.fte_temporary),
            "fte_vacant": str(self.fte_vacant),
            "fte_agency": str(self.fte_agency),
            "headcount_seconded": str(self.seconded),
            **({"funding_stream": "Better care fund", "funding_end_date": "31/03/2027"} if self.fte_temporary else {}),
        }


# What the return says of each line of records; the numbers come from the records.
_ROW_OF_LINE = {
    "therapist": ReturnRow(_THERAPIST, _THERAPISTS),
    "agency": ReturnRow(_AGENCY, _THERAPISTS, employer="Another organisation"),
    "senior": ReturnRow("Senior Occupational Therapist", _SENIORS, level="Senior"),
    "other": ReturnRow("Physiotherapist", _OTHERS, profession="Physiotherapy", level="Experienced"),
    "assistant": ReturnRow("Occupational Therapy Assistant", _ASSESSORS, level="Assistant", registered="No"),
    "assessor": ReturnRow(_ASSESSOR, _ASSESSORS, level="Assessor", registered="No"),
}


def write_returns(
    connection: duckdb.DuckDBPyConnection, day: date, overlaps: tuple[Overlap, ...], folder: Path
) -> list[WrittenFile]:
    """Writes one workbook a council as at `day` from the records in `asc_row`.

    Keeps what is true of them in the tables return_row, return_edi and source_step.
    """
    (folder / FOLDER).mkdir(parents=True)
    connection.execute(
        """
        create table return_row (
            council_code varchar, as_at_date date, file varchar, job_title varchar, return_group varchar,
            employer varchar, funder varchar, headcount bigint, fte decimal(18, 2), fte_permanent decimal(18, 2),
            fte_temporary decimal(18, 2), fte_vacant decimal(18, 2)
        );
        create table return_edi (
            council_code varchar, as_at_date date, characteristic varchar, category varchar, people varchar
        );
        create table source_step (
            council_code varchar, as_at_date date, step_number integer, step varchar, headcount bigint
        );
        """
    )
    written = []
    for number, code, name in connection.execute(
        "select distinct council_number, council_code, council_name from asc_row order by all"
    ).fetchall():
        lines = connection.execute(f"select * from ({_LINES}) where council_code = ? order by line", [code]).fetchall()
        counted = {line[3]: (line[4], float(line[5] or 0), float(line[6] or 0)) for line in lines}
        rows = _rows(
            connection, number, code, counted, [overlap for overlap in overlaps if overlap.council_code == code]
        )
        equality = _equality(number, sum(row.headcount for row in rows))
        path = f"{FOLDER}/{name.replace(' ', '_')}_{day.isoformat()}.xlsx"
        (folder / path).write_bytes(_workbook(name, day, number, rows, equality))
        _keep_truth(connection, code, day, path, rows, equality, counted)
        written.append(WrittenFile(path, "council_returns", code, day.isoformat(), len(rows)))
    return written


def write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Writes the tables of truth into `folder`, which is there, and gives their names."""
    queries = {
        "council_returns": "from return_row order by all",
        "council_return_edi": "from return_edi order by all",
        "source_bridge": "from source_step order by all",
    }
    for name, query in queries.items():
        copy_rows(connection, query, folder / f"{name}.csv")
    return list(queries)


def planted(councils: polars.DataFrame, overlaps: tuple[Overlap, ...], day: date) -> list[dict[str, object]]:
    """What is wrong in the returns, kind by kind."""
    code = councils["organisation_code"]
    found = [
        (
            "edi_gap_in_return",
            code[COUNCIL_WITH_EDI_GAP],
            "race",
            "edi_incomplete",
            "race is not recorded for six in ten",
        ),
        (
            "bridge_unexplained",
            code[COUNCIL_WITH_UNEXPLAINED],
            "headcount",
            "",
            f"the return counts {UNEXPLAINED_PEOPLE} therapists whom Skills for Care's records do not show",
        ),
    ]
    found += [
        (
            "funder_not_council",
            overlap.council_code,
            "funder",
            "funder_not_council",
            f"{overlap.secondees} secondees whom the NHS employs and pays",
        )
        for overlap in overlaps
        if overlap.secondees
    ]
    return [
        {
            "kind": kind,
            "source": "council_returns",
            "organisation_code": organisation_code,
            "as_at_dates": [day.isoformat()],
            "fields": [field],
            "finding": finding,
            "must": must,
        }
        for kind, organisation_code, field, finding, must in found
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    code: str,
    counted: dict[str, tuple[int, float, float]],
    overlaps: list[Overlap],
) -> list[ReturnRow]:
    vacancies = connection.execute(
        "select vacancies_of_occupational_therapists from asc_vacancies where council_code = ? "
        "and employer = 'council' order by as_at_date desc limit 1",
        [code],
    ).fetchone()
    vacant = round((vacancies[0] if vacancies else 0) * _ADVERTISED_SHARE_OF_A_POST, 2)
    unexplained = UNEXPLAINED_PEOPLE if number == COUNCIL_WITH_UNEXPLAINED else 0
    rows = []
    for line, row in _ROW_OF_LINE.items():
        headcount, permanent, temporary = counted.get(line, (0, 0.0, 0.0))
        if headcount:
            rows.append(
                replace(
                    row,
                    headcount=headcount + (unexplained if line == "therapist" else 0),
                    fte_permanent=permanent,
                    fte_temporary=temporary,
                    fte_vacant=vacant if line == "therapist" else 0.0,
                    fte_agency=temporary if line == "agency" else 0.0,
                )
            )
    managers = 1 + number % 3
    rows.append(ReturnRow("Occupational Therapy Team Manager", _MANAGERS, managers, float(managers), level="Manager"))
    rows.append(ReturnRow("Principal Occupational Therapist", _MANAGERS, 1, 1.0, level="Principal"))
    for overlap in overlaps:
        title, fte = "Occupational Therapist (integrated team)", round(0.8 * overlap.in_return, 2)
        rows.append(ReturnRow(title, _THERAPISTS, overlap.in_return, fte, grade="AfC Band 6", employer="NHS"))
        if seconded := overlap.secondees:
            title, fte = "Senior Occupational Therapist (seconded)", round(0.8 * seconded, 2)
            row = ReturnRow(title, _SENIORS, seconded, fte, level="Senior", employer="NHS", seconded=seconded)
            rows.append(replace(row, funder="NHS"))
    if number == COUNCIL_WITH_CHILDREN:
        rows.append(ReturnRow(_CHILDRENS_THERAPIST, _THERAPISTS, _CHILDRENS_THERAPISTS, 2.4))
    return rows


def _equality(number: int, people: int) -> dict[tuple[str, str], str]:
    """Counts by characteristic and category, as codes of the layout and printed words; n/a where nobody asks."""
    shares = {
        "sex": {"female": 0.86, "not recorded": 0.0},
        "race": {
            "white": 0.84,
            "asian or asian british": 0.06,
            "not recorded": 0.6 if number == COUNCIL_WITH_EDI_GAP else 0.0,
        },
        "disability": {"disabled": 0.06, "prefer not to say": 0.04, "not recorded": 0.0},
    }
    rest = {"sex": "male", "race": "another ethnic group", "disability": "not disabled"}
    equality: dict[tuple[str, str], str] = {}
    for characteristic, category in counted_rows():
        if characteristic not in shares:
            equality[characteristic, category] = "n/a"
            continue
        missing = round(people * shares[characteristic]["not recorded"])
        known = people - missing
        given = {
            name: round(known * share) for name, share in shares[characteristic].items() if name != "not recorded"
        } | {"not recorded": missing}
        given[rest[characteristic]] = people - sum(given.values())
        equality[characteristic, category] = str(given.get(category, 0))
    return equality


def _workbook(name: str, day: date, number: int, rows: list[ReturnRow], equality: dict[tuple[str, str], str]) -> bytes:
    groups = {row.group for row in rows}
    printed = counted_rows()
    return fill(
        write_template(name, day),
        {
            "Cover": [
                {
                    "return_owner_role": "Head of therapy",
                    "principal_ot_input": "Yes",
                    "delivery_model": "Run by the council alone",
                    "service_age_scope": "All ages" if number == COUNCIL_WITH_CHILDREN else "Adults",
                    "academic_year": "2025/26",
                    "pay_year": "2025/26",
                    **{
                        field: "Listed in this return" if group in groups else "None"
                        for field, group in _STATED.items()
                    },
                    "has_students": "Listed in this return",
                    "has_degree_apprentices": "None",
                }
            ],
            "Workforce": [row.answers() for row in rows],
            "Students and apprentices": [
                {
                    "learner_type": "Students on placement",
                    "learner_profession": "Occupational therapy",
                    "learner_count": "4",
                }
            ],
            "Leadership": [{"principal_ot_in_post": "Yes", "principal_ot_grade": "Grade 14", "ahp_lead_in_post": "No"}],
            "Equality": [
                {"characteristic": printed[key][0], "category": printed[key][1], "people": people}
                for key, people in equality.items()
            ],
        },
        line_on_cover=MARK,
    )


def _keep_truth(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    day: date,
    path: str,
    rows: list[ReturnRow],
    equality: dict[tuple[str, str], str],
    counted: dict[str, tuple[int, float, float]],
) -> None:
    connection.executemany(
        "insert into return_row values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (code, day, path, row.job_title, row.group, row.employer, row.funder, row.headcount, row.fte,
             row.fte_permanent, row.fte_temporary, row.fte_vacant)
            for row in rows
        ],
    )  # fmt: skip
    connection.executemany(
        "insert into return_edi values (?, ?, ?, ?, ?)", [(code, day, *key, people) for key, people in equality.items()]
    )
    by_title = {row.job_title: row.headcount for row in rows}
    steps = {
        "council_return": sum(by_title.values()),
        "employed by the NHS": -sum(row.headcount for row in rows if row.employer == "NHS"),
        "managers and principals": -sum(row.headcount for row in rows if row.group == _MANAGERS),
        "assessors": -by_title.get(_ASSESSOR, 0),
        "children's services": -by_title.get(_CHILDRENS_THERAPIST, 0),
        "agency": -by_title.get(_AGENCY, 0),
    }
    recorded = sum(counted.get(line, (0,))[0] for line in ("therapist", "senior", "other", "assistant"))
    steps["unexplained"] = recorded - sum(steps.values())
    steps["skills_for_care: permanent and temporary workers of roles 15, 17 and 36"] = recorded
    connection.executemany(
        "insert into source_step values (?, ?, ?, ?, ?)",
        [(code, day, number, step, headcount) for number, (step, headcount) in enumerate(steps.items(), start=1)],
    )
