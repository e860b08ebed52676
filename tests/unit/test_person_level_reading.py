"""Reading an extract: what lands of a row, which rows and files cannot be used, and what is said about them."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from fixtures.esr import PERSON, extract, people, person
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.person_level import reading
from dagster_project.sources.person_level.cards import NOT_ASKED, RowTable, load_person_level_cards, row_tables
from dagster_project.sources.person_level.dates import age_band_sql, age_sql, day_sql, last_day_of_month_sql
from dagster_project.sources.person_level.examining import examine
from dagster_project.sources.person_level.headings import Heading, recognise
from dagster_project.sources.person_level.identifiers import (
    BLANKS,
    CARE_FOR_NUMBERS_AND_DATES,
    CARE_FOR_TEXTS,
    IDENTIFIER,
    holds_an_identifier,
)
from dagster_project.sources.person_level.keys import PseudonymKey, pseudonym_sql
from dagster_project.sources.person_level.reading import LandedRows, Origin, read_extract
from dagster_project.sources.problems import FileRefused

CARD = next(card for card in load_person_level_cards() if card.source == "esr")
TABLE = row_tables()["esr_assignments"]
KEY = PseudonymKey(b"a key that is only used in tests")
ORIGIN = Origin("0123456789abcdef", "esr", "esr/extract.csv")
EDI = ("gender", "ethnic_origin", "disability", "religious_belief", "sexual_orientation", "marital_status")
EDI += ("nationality",)

Read = Callable[[bytes], tuple[LandedRows, list[dict[str, Any]]]]


def reader(folder: Path) -> Read:
    def reading_of(content: bytes) -> tuple[LandedRows, list[dict[str, Any]]]:
        path = folder / "extract [final].csv"
        path.write_bytes(content)
        landed = read_extract(examine(path), CARD, KEY, ORIGIN, lambda _: folder / "landed" / "rows.parquet.partial")
        assert [one.name for one in landed.file.parent.iterdir()] == [landed.file.name]
        return landed, pl.read_parquet(landed.file).to_dicts()

    return reading_of


@pytest.fixture
def read_with_profile(tmp_path: Path) -> Read:
    return reader(tmp_path)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Leaves out the profile, which takes longer than everything else where there are a few rows."""
    monkeypatch.setattr(reading, "profile_of", lambda *_: (pl.DataFrame(), []))
    return reader(tmp_path)


def refusal(read: Read, content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read(content)
    return " ".join(problem.message for problem in refused.value.problems)


def pseudonym(text: str) -> str:
    return hmac.digest(KEY.secret, text.encode(), "sha256").hex()[:32]


def test_a_row_lands_as_published_by_pseudonym_and_without_what_identifies(read_with_profile: Read) -> None:
    landed, (row,) = read_with_profile(extract([PERSON]))
    assert row == {
        "submission_id": "0123456789abcdef",
        "source": "esr",
        "source_file": "esr/extract.csv",
        "source_row": 2,
        "as_at_date": date(2024, 3, 31),
        "person_key": pseudonym("nhs|91827364"),
        "assignment_key": pseudonym("RXM|assignment|20012345-2"),
        "ocs_code": "RXM",
        "organisation": "307 Derbyshire Healthcare",
        "employing_org_code": "RXM",
        "primary_assignment": "Y",
        "assignment_status": "Active Assignment",
        "assignment_category": "Permanent",
        "user_person_type": "Employee",
        "position_title": "Band 6 Community OT",
        "staff_group": "Allied Health Professionals",
        "job_role": "Occupational Therapist",
        "area_of_work": "Occupational Therapy",
        "occupation_code": "S1C",
        "pay_scale": "XR06",
        "pay_scale_description": "NHS|XR06|Review Body Band 6",
        "grade_step": "3",
        "afc_band": "Band 6",
        "contracted_wte": "0.80000",
        "contracted_hours": "30.00",
        "standard_hours": "37.5",
        "employee_category": "Part Time",
        "latest_start_date": "01/09/2015",
        "start_date_in_position": "2019-02-04",
        "end_date_contract": "",
        "termination_date": "",
        "role_start_date": "",
        "reason_for_leaving": "",
        "destination_on_leaving": "",
        "age_band": "35 to 44",
        "age_answer": "valid",
        "gender": "Female",
        "ethnic_origin": "A White - British",
        "disability": "No",
        "religious_belief": "Christianity",
        "sexual_orientation": "Heterosexual or Straight",
        "marital_status": "Married",
        "nationality": "British",
        "professional_registration_body": "Health and Care Professions Council (HCPC)",
        "registration_prefix": "OT",
        "registration_number_given": "yes",
        "registration_status": "Registered",
        "end_date_registration": "31-OCT-2025",
        "budgeted_fte": "",
        "actual_fte": "",
    }
    assert (landed.table, landed.count, landed.refused) == ("esr_assignments", 1, {})
    assert (landed.as_at_date, landed.problems) == (date(2024, 3, 31), [])
    assert landed.key_fingerprint == hashlib.sha256(KEY.secret).hexdigest()[:8]


def test_every_heading_that_is_known_of_published_code_is_on_the_card() -> None:
    assert all(normalise_heading(heading) in TABLE.field_of_heading for heading in PERSON)


# The forms a file may have.

WAYS_TO_SAVE: list[dict[str, Any]] = [
    {},
    *({"delimiter": sign} for sign in ";\t|"),
    *({"encoding": encoding} for encoding in ("utf-8-sig", "cp1252", "utf-16")),
    *({"line_end": sign} for sign in ("\r\n", "\r")),
    {"above": "Staff in post\n"},
    {"above": '"Staff, in\npost"\n\nRun on,1 April 2024\n'},
]


@pytest.mark.parametrize("way", WAYS_TO_SAVE, ids=str)
def test_a_file_reads_the_same_however_it_is_saved(read: Read, way: dict[str, Any]) -> None:
    rows = [person(0, Position_Title="Caf\u00e9 “OT”, £5 – €6"), person(1, Job_Role='12" ruler; a|b\tc')]
    landed, (first, second) = read(extract(rows, **way))
    assert first["position_title"] == "Caf\u00e9 “OT”, £5 – €6"
    assert second["job_role"] == '12" ruler; a|b\tc'
    assert landed.count == 2
    assert [row["source_row"] for row in (first, second)] == [2 + way.get("above", "").count("\n") + n for n in (0, 1)]


def test_line_ends_of_two_kinds_in_one_file_are_read(read: Read) -> None:
    whole = extract(people(3), line_end="\r\n")
    landed, _ = read(whole + extract(people(5)).split(b"\n", 4)[4])
    assert landed.count == 5


def test_a_line_break_within_a_cell_is_read(read: Read) -> None:
    landed, rows = read(extract([person(0, Position_Title="OT\nneonatal"), person(1)]))
    assert (landed.count, rows[0]["position_title"]) == (2, "OT\nneonatal")


def test_a_last_row_without_a_line_end_is_read(read: Read) -> None:
    assert read(extract(people(3)).rstrip(b"\n"))[0].count == 3


def test_a_file_of_several_parts_is_read_whole_and_in_its_order(read: Read) -> None:
    rows = people(6000)
    landed, found = read(extract(rows))
    assert landed.count == 6000
    assert [row["source_row"] for row in found] == list(range(2, 6002))
    assert [row["person_key"] for row in found[::1000]] == [
        pseudonym(f"nhs|{row['Unique NHS Identifier']}") for row in rows[::1000]
    ]


def test_blanks_around_a_value_are_not_kept(read: Read) -> None:
    _, (row,) = read(extract([person(0, Position_Title="\u00a0 Band 6  OT \t", Gender=" ", Employee_Number=" 2 001 ")]))
    assert (row["position_title"], row["gender"]) == ("Band 6  OT", "")


# Headings.


def test_other_wordings_of_a_heading_are_known(read: Read) -> None:
    wordings = {"Contracted WTE": "contracted_fte", "Ocs Code": "ODS CODE", "Employee Number": "Emp. No"}
    assert read(extract([PERSON], headings=wordings))[1] == read(extract([PERSON]))[1]


def test_a_heading_that_is_not_known_is_named_once_and_nothing_under_it_kept(read: Read) -> None:
    landed, (row,) = read(extract([PERSON | {"Favourite tea": "Lapsang", "zebedee@invented.example": "x"}]))
    (problem,) = landed.problems
    assert problem.rule_id == "unknown_header"
    assert "'Favourite tea', '[withheld]'" in problem.message
    assert "Lapsang" not in str(row)
    assert "zebedee" not in str(problem)


@pytest.mark.parametrize(
    ("without", "says"),
    [
        (["Contracted WTE"], "'Contracted WTE'"),
        (["Assignment Number"], "'Assignment Number'"),
        (["Tm End Date", "Tm Year Month"], "'Tm End Date' or 'Tm Year Month'"),
        (["Employee Number", "Unique NHS Identifier"], "'Unique NHS Identifier' or 'Employee Number'"),
        (["Ocs Code", "Organisation", "Employing Org Code"], "'Ocs Code' or 'Employing Org Code' or 'Organisation'"),
        (["Occupation Code", "Job Role", "Position Title"], "'Occupation Code' or 'Job Role' or 'Position Title'"),
    ],
)
def test_a_file_without_a_column_that_is_needed_is_refused(read: Read, without: Sequence[str], says: str) -> None:
    assert f"The extract has no column {says}, " in refusal(read, extract(people(2), without=without))
    assert read(extract(people(2), without=without[1:]))[0].count == 2


def test_a_heading_that_is_nearly_the_one_needed_is_named(read: Read) -> None:
    said = refusal(read, extract(people(2), headings={"Contracted WTE": "Contractd WTE"}))
    assert "The nearest heading there is 'Contractd WTE'." in said


def test_two_columns_of_one_meaning_are_refused_and_two_that_are_not_read_are_allowed(read: Read) -> None:
    said = refusal(read, extract([PERSON | {"FTE": "1"}]))
    assert "Several columns have the same meaning ('Contracted WTE', 'FTE')" in said
    assert read(extract([PERSON | {"Address Line 1": "a", "Address Line 2": "b"}]))[0].problems == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"\n\n\n", "None of the first 20 rows"),
        (b"council,headcount\nDerby,3\n", "None of the first 20 rows"),
        (b"\n".join(extract(people(3)).splitlines()[1:]), "None of the first 20 rows"),
        (b"\n" * 20 + extract(people(3)), "None of the first 20 rows"),
        (extract([]), "has headings and no row below them"),
        (extract(people(3)) + b'1,"Zebedee', "not a well-formed CSV file: the row at line 5"),
        (extract(people(3))[:-300], "The last line of the file is cut off"),
        (b"PK\x03\x04" + extract(people(3)), "its content is a zipped file"),
        (b"\0" + extract(people(3)), "null bytes"),
        (extract(people(3)) + b"\x81\xff\n", "neither as UTF-8 nor as Windows-1252"),
        (extract([*people(2), person(3, Tm_End_Date="2024-04-30")]), "31 March 2024, 30 April 2024"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_file_that_cannot_be_used_is_refused_whole(read: Read, tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(read, content)
    assert not list(tmp_path.rglob("*.parquet*"))


# Rows.


def test_rows_that_cannot_be_used_are_counted_by_reason_and_all_others_land(read: Read) -> None:
    rows = [
        person(0),
        person(1, Unique_NHS_Identifier="", Employee_Number=" "),
        person(2, Assignment_Number=""),
        person(3, Tm_End_Date="soon", Tm_Year_Month=""),
        person(4, Ocs_Code="", Organisation="", Employing_Org_Code=""),
        person(5, Contracted_WTE="lots", Latest_Start_Date="soon"),
        *people(5),
    ]
    too_long = extract([PERSON]).splitlines()[1] + b",surplus\n"
    landed, found = read(extract(rows) + b"a,b,c\n" + too_long + b"\n" + extract([person(8)]).splitlines()[1])
    assert landed.refused == {
        "no_person_identifier": 1,
        "no_assignment_number": 2,
        "no_as_at_date": 1,
        "wrong_number_of_cells": 2,
    }
    assert landed.count == len(found) == 8
    assert {problem.rule_id for problem in landed.problems} == {"rows_refused"}
    by_reason = {problem.field: problem for problem in landed.problems}
    assert "2 of 14 rows were not used" in by_reason["wrong_number_of_cells"].message
    assert "(lines 13, 14)" in by_reason["wrong_number_of_cells"].message
    assert by_reason["no_person_identifier"].row == 3
    assert found[1]["contracted_wte"] == "lots"


def test_a_row_with_blank_cells_beyond_its_heading_is_used(read: Read) -> None:
    assert read(extract(people(2)).replace(b"900123\n", b"900123,,\n"))[0].count == 2


def test_a_file_of_which_no_row_can_be_used_is_refused_with_the_reasons(read: Read) -> None:
    said = refusal(read, extract(people(7, Assignment_Number="")))
    assert "7 of 7 rows were not used, because they give no assignment number (lines 2, 3, 4, 5, 6 and others)." in said


# Pseudonyms.


@given(st.text(max_size=40), st.binary(min_size=1, max_size=100))
@example("nhs|É\u0301 🙂", b"k" * 64)
@example("", b"k" * 65)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_pseudonym_is_the_beginning_of_the_hmac_that_python_makes(text: str, secret: bytes) -> None:
    made = DATABASE.execute(
        f"select {pseudonym_sql('$text')}", {"text": text, **PseudonymKey(secret).parameters()}
    ).fetchall()
    assert made == [(hmac.digest(secret, text.encode(), "sha256").hex()[:32],)]


DATABASE = duckdb.connect()


@pytest.mark.parametrize(
    ("changes", "made_of"),
    [
        ({}, "nhs|91827364"),
        ({"Unique_NHS_Identifier": " 91 82\u00a07364 "}, "nhs|91827364"),
        ({"Unique_NHS_Identifier": ""}, "RXM|20012345"),
        ({"Unique_NHS_Identifier": "", "Employee_Number": "x20012345"}, "RXM|X20012345"),
        ({"Unique_NHS_Identifier": "", "Ocs_Code": "", "Employing_Org_Code": "rx m"}, "RXM|20012345"),
    ],
)
def test_a_person_is_known_by_the_identifier_of_the_nhs_or_else_the_number_of_the_employer(
    read: Read, changes: dict[str, str], made_of: str
) -> None:
    assert read(extract([person(0, **changes)]))[1][0]["person_key"] == pseudonym(made_of)


def test_a_key_does_not_show_itself() -> None:
    assert "only used in tests" not in repr(KEY)


# What is withheld.

IDENTIFYING = [
    "ask zebedee.quillfeather@invented.example",
    "QQ123456C",
    "qq 12 34 56 c",
    "at ZZ99 3QZ",
    "b1 1aa",
    "07700 900123",
    "0121 496 0000",
    "(020) 7946 0000",
    "+44 7700 900123",
    "+44 (0)121 496 0000",
    "OT98761",
]
HARMLESS = [
    *(
        "Band 6 Community OT",
        "NHS|XR06|Review Body Band 6",
        "S1C",
        "A White - British",
        "XN08a",
        "307 Trust",
        "0.80000",
    ),
    *("12345678|Occupational Therapist|RXM", "37.5", "2024-03-31", "AfC Band 8a 2nd", "OT 4", "Ward 12b", "£45,000"),
]


@pytest.mark.parametrize("text", IDENTIFYING)
def test_a_text_that_identifies_somebody_is_withheld_and_counted(read_with_profile: Read, text: str) -> None:
    landed, rows = read_with_profile(
        extract([person(0, Position_Title=text), person(1, Latest_Start_Date=text), person(2)])
    )
    assert [row["position_title"] for row in rows] == ["[withheld]", "Band 6 Community OT", "Band 6 Community OT"]
    assert rows[1]["latest_start_date"] == "[withheld]"
    assert [(problem.rule_id, problem.field) for problem in landed.problems] == [
        ("identifier_withheld", "position_title"),
        ("identifier_withheld", "latest_start_date"),
    ]
    assert all("1 cells of" in problem.message and text not in str(problem) for problem in landed.problems)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_identifies_nobody_is_kept(read_with_profile: Read, text: str) -> None:
    landed, (row,) = read_with_profile(extract([person(0, Position_Title=text)]))
    assert (row["position_title"], landed.problems) == (text, [])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("OT 20012345", "[withheld]"),
        ("Zebedee Quillfeather, OT", "[withheld]"),
        ("OT (QUILLFEATHER, zebedee)", "[withheld]"),
        ("Quillfeather Ward OT", "Quillfeather Ward OT"),
        ("Quillfeathers and Zebedees", "Quillfeathers and Zebedees"),
        ("OT 20012346", "OT 20012346"),
    ],
)
def test_a_text_that_names_the_rows_own_person_is_withheld(read: Read, text: str, kept: str) -> None:
    assert read(extract([person(0, Position_Title=text)]))[1][0]["position_title"] == kept


DAYS_AND_NUMBERS = ["01/04/2019 00:00:00", "2019-04-01 00:00:00", "0123456789", "012 3456 7890", "31-MAR-2024"]


@pytest.mark.parametrize("text", DAYS_AND_NUMBERS)
def test_a_number_or_day_in_its_own_column_is_no_telephone_number(read: Read, text: str) -> None:
    column = "Contracted_Hours" if text.isdigit() else "Latest_Start_Date"
    _, (row,) = read(extract([person(0, **{column: text})]))
    kept = row["contracted_hours" if text.isdigit() else "latest_start_date"]
    assert kept == ("[withheld]" if text == "012 3456 7890" else text)


@given(st.text(alphabet="aZ09 @.()-+4q\u00a0OTc", max_size=24))
@example("x@y.zz")
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_identifies_somebody_makes_its_row_be_looked_at(text: str) -> None:
    found, looked_at = DATABASE.execute(
        "select regexp_matches($text, $identifier), regexp_matches($text, $care)",
        {"text": text, "identifier": IDENTIFIER, "care": CARE_FOR_TEXTS},
    ).fetchall()[0]
    assert found == holds_an_identifier(text)
    assert looked_at or not found
    assert looked_at or text == text.strip(BLANKS)


@pytest.mark.parametrize("text", IDENTIFYING)
def test_a_telephone_number_in_a_column_of_days_makes_its_row_be_looked_at(text: str) -> None:
    (found,) = DATABASE.execute("select regexp_matches($1, $2)", [text, CARE_FOR_NUMBERS_AND_DATES]).fetchall()
    assert found == (True,)


# Days, ages and what is asked.


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-31", date(2024, 3, 31)),
        ("31/03/2024", date(2024, 3, 31)),
        ("1/3/2024", date(2024, 3, 1)),
        ("31-MAR-2024", date(2024, 3, 31)),
        ("31-Mar-2024 00:00:00", date(2024, 3, 31)),
        ("31 March 2024", date(2024, 3, 31)),
        ("2024-03-31T00:00:00.000", date(2024, 3, 31)),
        (" 31/03/2024 00:00\u00a0", date(2024, 3, 31)),
        ("31/03/2024 09:30", None),
        ("30/02/2024", None),
        ("31/03/24", None),
        ("03/31/2024", None),
        ("45382", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_the_forms_that_are_known(text: str, day: date | None) -> None:
    assert DATABASE.execute(f"select {day_sql('$1')}", [text]).fetchall() == [(day,)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-MARCH", date(2024, 3, 31)),
        ("2024-Feb", date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 28)),
        ("March 2024", date(2024, 3, 31)),
        ("MAR-2024", date(2024, 3, 31)),
        ("2024-MARCHES", None),
        ("March 24", None),
    ],
)
def test_a_month_stands_for_its_last_day(text: str, day: date | None) -> None:
    assert DATABASE.execute(f"select {last_day_of_month_sql('$1')}", [text]).fetchall() == [(day,)]


def test_an_extract_that_names_only_its_month_stands_for_the_last_day(read: Read) -> None:
    landed, _ = read(extract(people(2), without=["Tm End Date"]))
    assert landed.as_at_date == date(2024, 3, 31)


def test_one_day_written_in_several_forms_is_one_day(read: Read) -> None:
    days = ("2024-03-31", "31/03/2024", "31-MAR-2024", "31 March 2024")
    landed, _ = read(extract([person(number, Tm_End_Date=day) for number, day in enumerate(days)]))
    assert (landed.count, landed.as_at_date) == (4, date(2024, 3, 31))


@given(st.dates(date(1920, 1, 1), date(2024, 3, 31)))
@example(date(2008, 2, 29))
@example(date(1999, 3, 31))
@example(date(1999, 4, 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_an_age_is_in_whole_years(born: date) -> None:
    as_at = date(2024, 3, 31)
    years = as_at.year - born.year - ((as_at.month, as_at.day) < (born.month, born.day))
    assert DATABASE.execute(f"select {age_sql('$born', '$as_at')}", {"born": born, "as_at": as_at}).fetchall() == [
        (years,)
    ]


@pytest.mark.parametrize(
    ("age", "band"),
    [
        *(
            (None, ""),
            (15, ""),
            (16, "16 to 24"),
            (24, "16 to 24"),
            (25, "25 to 34"),
            (34, "25 to 34"),
            (35, "35 to 44"),
        ),
        *((45, "45 to 54"), (55, "55 to 64"), (64, "55 to 64"), (65, "65 and over"), (100, "65 and over"), (101, "")),
    ],
)
def test_an_age_belongs_to_one_band(age: int | None, band: str) -> None:
    assert DATABASE.execute(f"select {age_band_sql('cast($1 as integer)')}", [age]).fetchall() == [(band,)]


@pytest.mark.parametrize(
    ("birth_date", "age", "found"),
    [
        ("17/05/1981", "", ("35 to 44", "valid")),
        ("17-MAY-1981", "99", ("35 to 44", "valid")),
        ("", "42", ("35 to 44", "valid")),
        ("", "", ("", "not_recorded")),
        ("01/01/1900", "42", ("", "invalid")),
        ("2030-01-01", "", ("", "invalid")),
        ("unknown", "", ("", "invalid")),
        ("", "old", ("", "invalid")),
    ],
)
def test_a_birth_date_becomes_an_age_band_and_says_how_it_is_known(
    read: Read, birth_date: str, age: str, found: tuple[str, str]
) -> None:
    _, (row,) = read(extract([person(0, Date_of_Birth=birth_date, Age_In_Years=age)]))
    assert (row["age_band"], row["age_answer"]) == found


def test_what_an_extract_has_no_column_for_was_not_asked(read: Read) -> None:
    without = [heading for heading in PERSON if TABLE.field_of_heading[normalise_heading(heading)].field in EDI]
    _, (row,) = read(extract([PERSON], without=[*without, "Date of Birth", "Age In Years", "Registration Number"]))
    assert len(without) == len(EDI)
    assert {row[name] for name in EDI} == {row["registration_number_given"]} == {NOT_ASKED}
    assert (row["age_band"], row["age_answer"], row["registration_prefix"]) == ("", "not_asked", "")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("OT98761", ("OT", "yes")),
        (" pyl 12345", ("PYL", "yes")),
        ("12A3456E", ("", "yes")),
        ("None", ("", "no")),
        ("", ("", "no")),
    ],
)
def test_of_a_registration_number_only_its_letters_and_its_presence_are_kept(
    read: Read, number: str, found: tuple[str, str]
) -> None:
    _, (row,) = read(extract([person(0, Registration_Number=number)]))
    assert (row["registration_prefix"], row["registration_number_given"]) == found


# The profile.


def test_the_profile_counts_how_each_field_is_filled(read_with_profile: Read) -> None:
    rows = [
        person(0, Contracted_WTE="", Latest_Start_Date="soon", Date_of_Birth="", Age_In_Years=""),
        person(
            1, Contracted_WTE="many", Latest_Start_Date="1/9/2015", Date_of_Birth="x", Position_Title="07700 900123"
        ),
        person(2, Contracted_WTE="1,000.5"),
        person(3, Assignment_Number=""),
    ]
    landed, _ = read_with_profile(extract(rows))
    profile = {row["field"]: row for row in landed.profile.to_dicts()}
    assert list(profile) == list(TABLE.described_columns)
    assert {row["rows"] for row in profile.values()} == {3}
    assert {row["rows_refused"] for row in profile.values()} == {1}
    assert {row["rows_refused_share"] for row in profile.values()} == {0.25}
    counts = ("blank", "unreadable", "withheld", "distinct_values")
    assert [profile["contracted_wte"][name] for name in counts] == [1, 1, 0, 2]
    assert [profile["latest_start_date"][name] for name in counts] == [0, 1, 0, 3]
    assert [profile["position_title"][name] for name in counts] == [0, 0, 1, 2]
    assert [profile["age_answer"][name] for name in counts] == [0, 1, 0, 3]
    assert [profile["assignment_key"][name] for name in counts] == [0, 0, 0, 3]
    assert profile["contracted_wte"]["blank_share"] == pytest.approx(1 / 3)


# The card.


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"required": [["no_such_field"]]}, "named and not described: no_such_field"),
        ({"fields": [{"field": "a", "use": "kept", "headings": ["A"]}] * 2}, "landed under one name"),
        (
            {"fields": [{"field": name, "use": "kept", "headings": ["A"]} for name in "ab"]},
            "the heading 'a' has two meanings: a and b",
        ),
    ],
)
def test_a_card_that_contradicts_itself_is_not_loaded(changes: dict[str, Any], says: str) -> None:
    whole = {"table": "t", "title": "t", "grain": "t", "required": [], "organisation": [], "names": [], "keys": {}}
    with pytest.raises(ValueError, match=says):
        RowTable.model_validate(whole | {"fields": []} | changes)


def test_a_file_of_anything_else_is_no_extract() -> None:
    assert recognise("council,headcount,fte\nDerby,3,2.5\n") is None
    heading = recognise(extract([PERSON]).decode())
    assert isinstance(heading, Heading)
    assert heading.tells_people_apart
    assert list(heading.headings) == list(PERSON)
