"""The faults planted in the staff-in-post extracts: where, in which months, what is written, and what must come of it.

Belongs here: choosing the rows and changing them. Does not: counting what is then true (truth), and faults of whole
files (faulty_files).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import polars

from dagster_project.synth.scales import Scale, councils_of, trusts_of

UNKNOWN_ORGANISATION = "XZZ"
_FEWEST_MONTHS_WITH_A_GAP = 4

_STEADY = "from_month = 0 and to_month = {last} and sequence = 1 and assignment_category = 'Permanent'"
_OTS = "profession = 'occupational_therapy' and role_code in ('entry', 'experienced')"


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one trust. `changes` gives, field by field, the SQL of what is written instead.

    `rows` is how many assignments are taken (all that `among` selects where it is None); a fault of the whole person
    changes every assignment of that person with the trust. `finding` is the rule that must say so; '' where nothing
    must be said.
    """

    kind: str
    organisation_number: int
    months: tuple[int, ...]
    among: str
    changes: dict[str, str]
    finding: str
    must: str
    rows: int | None = None
    is_of_whole_person: bool = False
    chosen_from_steady: bool = True
    fields_shown: tuple[str, ...] = field(default=())

    @property
    def written(self) -> list[str]:
        """The fields of the extract in which it can be seen."""
        hidden = {"role_code", "registration", "age_kind", "organisation_number"}
        shown = self.fields_shown or tuple(name for name in self.changes if name not in hidden)
        return list(shown)


@dataclass(frozen=True)
class Overlap:
    """Staff a trust employs and a council pays for: how many the extract shows, and how many the return counts.

    `secondees` are employed and paid by the trust and managed by the council; both count them.
    """

    council: str
    council_code: str
    organisation_number: int
    in_extract: int
    in_return: int
    secondees: int

    @property
    def kind(self) -> str:
        return "overlap_nhs_employed" if self.in_extract == self.in_return else "overlap_nhs_employed_unmatched"


def overlaps_of(scale: Scale) -> tuple[Overlap, ...]:
    """One pair that agrees and one that does not, each of a trust and a council of its own integrated care system."""
    trusts, councils = trusts_of(scale), councils_of(scale)
    overlaps: list[Overlap] = []
    for number, in_extract, in_return, secondees in ((1, 4, 4, 2), (2, 3, 5, 0)):
        taken = [overlap.council for overlap in overlaps]
        near = councils.filter(
            polars.col("ics_name") == trusts["ics_name"][number], ~polars.col("council_name").is_in(taken)
        )
        name, code = near.select("council_name", "organisation_code").row(0)
        overlaps.append(Overlap(name, code, number, in_extract, in_return, secondees))
    return tuple(overlaps)


def missing_months(months: int) -> dict[int, tuple[int, ...]]:
    """The months (numbered from 0) a trust sent nothing for, by number of organisation."""
    return {3: (1,)} if months >= _FEWEST_MONTHS_WITH_A_GAP else {}


def faults_of(scale: Scale, months: int) -> tuple[Fault, ...]:
    """Every fault of single rows or people, in the order in which they are planted."""
    every, last, middle = tuple(range(months)), months - 1, months // 2
    pay_of_band_3 = {
        "afc_band": "'Band 3'",
        "pay_scale": "'XR03'",
        "pay_scale_description": "'NHS|XR03|Review Body Band 3'",
    }
    planted = [
        *(
            Fault(
                "overlap_secondee",
                overlap.organisation_number,
                every,
                "profession = 'occupational_therapy' and role_code = 'senior'",
                {
                    "assignment_status": "'Out on External Secondment - Paid'",
                    "position_title": f"'Highly Specialist Occupational Therapist - {overlap.council} Council'",
                },
                "",
                "stays in the trust's count; the council's return counts it as seconded, employer NHS, funder NHS",
                overlap.secondees,
            )
            for overlap in overlaps_of(scale)
            if overlap.secondees
        ),
        *(
            Fault(
                overlap.kind,
                overlap.organisation_number,
                every,
                _OTS,
                {"position_title": f"'Occupational Therapist - {overlap.council} Council s75'"},
                "overlap_nhs_employed",
                f"counted once between the trust and {overlap.council}; the return counts {overlap.in_return}",
                overlap.in_extract,
            )
            for overlap in overlaps_of(scale)
        ),
        Fault(
            "miscoded_staff_group",
            2,
            every,
            _OTS,
            {"staff_group": "'Additional Clinical Services'", "job_role": "'Helper/Assistant'"},
            "role_contradiction",
            "title, band and occupation code are a registered therapist's, the staff group is not; the coding stands",
            6,
        ),
        Fault(
            "miscoded_band",
            3,
            every,
            _OTS,
            {
                "position_title": "'Occupational Therapist'",
                **pay_of_band_3,
                "role_code": "'uncoded'",
                "registration": "'unknown'",
            },
            "role_contradiction",
            "a registered title at Band 3: uncoded",
            5,
        ),
        Fault(
            "miscoded_occupation_code",
            1,
            every,
            "profession = 'physiotherapy' and registration = 'registered'",
            {"occupation_code": "'S1C'"},
            "role_contradiction",
            "the occupation code is occupational therapy's, the title physiotherapy's; the coding stands",
            7,
        ),
        Fault(
            "miscoded_support_code",
            2,
            every,
            "profession = 'physiotherapy' and role_code = 'experienced'",
            {"occupation_code": "'S9E'"},
            "role_contradiction",
            "an assistant's occupation code at Band 6; the coding stands",
            4,
        ),
        Fault(
            "registration_missing",
            3,
            every,
            "registration = 'registered' and profession <> 'osteopathy'",
            {"registration_number": "''", "registration_status": "''", "professional_registration_body": "''"},
            "role_contradiction",
            "a registered role without a registration number; the coding stands",
            5,
        ),
        Fault(
            "registration_of_another_profession",
            1,
            every,
            _OTS,
            {"registration_number": "'PH' || substr(registration_number, 3)"},
            "role_contradiction",
            "the registration number has the prefix of physiotherapists; the coding stands",
            4,
        ),
        Fault(
            "registration_of_non_registered",
            2,
            every,
            "role_code = 'assistant'",
            {
                "registration_number": "'OT' || substr(unique_nhs_identifier, 5)",
                "professional_registration_body": "'Health and Care Professions Council (HCPC)'",
            },
            "role_contradiction",
            "a non-registered role with a registration number; the coding stands",
            3,
        ),
        Fault(
            "fte_over_one",
            2,
            every,
            f"profession <> 'none' and sequence = 2 and from_month = 0 and to_month = {last}",
            {"contracted_wte": "'0.80000'", "contracted_hours": "'30.00'"},
            "person_fte_above_one",
            "the assignments of the person add up to more than 1.0 FTE; they are summed as written",
            3,
            chosen_from_steady=False,
            fields_shown=("contracted_wte",),
        ),
        Fault(
            "unknown_organisation",
            2,
            every,
            "profession = 'physiotherapy'",
            {
                "ocs_code": f"'{UNKNOWN_ORGANISATION}'",
                "employing_org_code": f"'{UNKNOWN_ORGANISATION}'",
                "organisation": "'999 Invented Community Partnership'",
                "organisation_number": "-1",
            },
            "unknown_organisation",
            "the rows count for no trust of the list, and not for the trust that sent the file",
            5,
            is_of_whole_person=True,
            fields_shown=("ocs_code",),
        ),
        Fault(
            "birth_date_blank",
            1,
            every,
            "profession <> 'none'",
            {"date_of_birth_written": "''", "age_in_years": "''", "age_band": "''", "age_kind": "'not_recorded'"},
            "edi_incomplete",
            "age is not recorded",
            5,
            is_of_whole_person=True,
            fields_shown=("date_of_birth",),
        ),
        Fault(
            "birth_date_impossible",
            1,
            every,
            "profession <> 'none'",
            {
                "date_of_birth_written": "written_day(date '1850-01-01', day_style)",
                "age_in_years": "''",
                "age_band": "''",
                "age_kind": "'invalid'",
            },
            "edi_incomplete",
            "age is invalid",
            4,
            is_of_whole_person=True,
            fields_shown=("date_of_birth",),
        ),
        Fault(
            "edi_blank_block",
            1,
            every,
            "try_cast(employee_number as integer) % 10000000 < {share} * 100",
            {"ethnic_origin": "''"},
            "edi_incomplete",
            "ethnicity is not recorded for two people in five",
            None,
            is_of_whole_person=True,
            chosen_from_steady=False,
        ),
        Fault(
            "edi_invalid",
            1,
            every,
            "profession <> 'none' and try_cast(employee_number as integer) % 10000000 >= {share} * 100",
            {"ethnic_origin": "'QX Local value 12'"},
            "edi_incomplete",
            "an answer that is not in the list of values is invalid",
            6,
            is_of_whole_person=True,
        ),
        Fault(
            "edi_refused",
            2,
            every,
            "spell_h % 2 = 0",
            {"disability": "'Not Declared'"},
            "",
            "a refusal is recorded: nothing is found",
            None,
            is_of_whole_person=True,
            chosen_from_steady=False,
        ),
        Fault(
            "edi_default_value",
            3,
            (middle,),
            f"from_month <= {middle} and to_month >= {middle}",
            {"sexual_orientation": "'Heterosexual or Straight'"},
            "edi_default_value",
            "everybody gives the same answer in this one month",
            None,
            is_of_whole_person=True,
            chosen_from_steady=False,
        ),
    ]
    if months > 1:
        planted.append(
            Fault(
                "edi_overwritten",
                2,
                (last,),
                f"from_month < {last} and to_month = {last} and spell_h % 5 < 3",
                {"religious_belief": "''"},
                "edi_incomplete",
                "answers that were there the month before are blank",
                None,
                is_of_whole_person=True,
                chosen_from_steady=False,
            )
        )
    return tuple(planted)


def choose_rows(
    connection: duckdb.DuckDBPyConnection, faults: tuple[Fault, ...], months: int, duplicates: int = 6
) -> None:
    """The table `chosen` (fault, assignment_id): the rows of each fault, none of them in two faults that name a number.

    Marks the assignments that are written twice in the middle month.
    """
    connection.execute("create table chosen (fault varchar, assignment_id varchar, takes_part boolean)")
    for fault in faults:
        conditions = [
            f"organisation_number = {fault.organisation_number}",
            "sequence <> 5",
            _settled(connection, fault),
        ]
        if fault.chosen_from_steady:
            conditions.append(_STEADY.format(last=months - 1))
        if fault.rows is not None:
            conditions.append("assignment_id not in (select assignment_id from chosen where takes_part)")
        limit = "" if fault.rows is None else f"order by spell_h, assignment_id limit {fault.rows}"
        picked = f"select assignment_id, employee_number from assignment where {' and '.join(conditions)} {limit}"
        if fault.is_of_whole_person:
            picked = (
                "select assignment_id from assignment where organisation_number = "
                f"{fault.organisation_number} and employee_number in (select employee_number from ({picked}))"
            )
        connection.execute(
            f"insert into chosen select ?, assignment_id, ? from ({picked})", [fault.kind, fault.rows is not None]
        )
    connection.execute(
        f"""
        update assignment set copies = 2, copied_in_month = {months // 2}
        where assignment_id in (
            select assignment_id from assignment
            where organisation_number = 1 and {_STEADY.format(last=months - 1)} and profession <> 'none'
                and assignment_id not in (select assignment_id from chosen where takes_part)
            order by spell_h, assignment_id limit {duplicates}
        )
        """
    )


def _settled(connection: duckdb.DuckDBPyConnection, fault: Fault) -> str:
    if "{share}" not in fault.among:
        return f"({fault.among})"
    row = connection.execute(
        "select (posts * 0.4)::integer from organisation where organisation_number = ?", [fault.organisation_number]
    ).fetchone()
    return f"({fault.among.format(share=row[0] if row else 0)})"
