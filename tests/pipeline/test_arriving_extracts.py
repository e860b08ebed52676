"""What a short extract, and the whole one that follows it, leave behind, worked out by hand beside each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from fixtures.esr import extract, people, person

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import now

TABLES = (
    "quality.findings",
    "quality.restatements",
    "quality.submissions",
    "intermediate.int_people__extract_changes",
    "marts.workforce_movement",
)
JANUARY, FEBRUARY = "2024-01-31", "2024-02-29"
OF_RTG = {"Ocs_Code": "RTG", "Employing_Org_Code": "RTG"}


def in_january() -> bytes:
    """Twenty people of RXM and twelve of RTG, somebody with 0.8 FTE in each, and work that no list knows."""
    twenty = people(20, Tm_End_Date=JANUARY)
    for row in twenty[:12]:
        row["Religious Belief"] = ""
    in_both = [person(100, Tm_End_Date=JANUARY), person(100, Tm_End_Date=JANUARY, **OF_RTG)]
    unknown = person(
        101,
        Tm_End_Date=JANUARY,
        Position_Title="",
        Job_Role="Something New",
        Occupation_Code="S1Y",
        Registration_Number="",
    )
    nobody = person(102, Tm_End_Date=JANUARY, Employee_Number="", Unique_NHS_Identifier="")
    rtg = [person(50 + number, Tm_End_Date=JANUARY, **OF_RTG) for number in range(12)]
    return extract([*twenty, *in_both, unknown, *rtg, nobody])


def half_of_february() -> bytes:
    """Ten of the twenty people of RXM and nobody of RTG, with ethnicity under a heading that nobody knows."""
    return extract(people(10, Tm_End_Date=FEBRUARY), headings={"Ethnic Origin": "Ethnic Orgin Desc v2"})


def whole_february() -> bytes:
    """The twenty and the twelve, one of them with other hours; who had not answered on belief has."""
    twenty = people(20, Tm_End_Date=FEBRUARY)
    for number, row in enumerate(twenty[:12]):
        row["Religious Belief"] = ["Christianity", "Atheism", "Islam"][number % 3]
    twenty[0]["Contracted WTE"] = "0.50000"
    return extract([*twenty, *(person(50 + number, Tm_End_Date=FEBRUARY, **OF_RTG) for number in range(12))])


@dataclass(frozen=True)
class Nights:
    """What the rules made of the store after the short extract, and after the whole one."""

    short: duckdb.DuckDBPyConnection
    whole: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    home = Home(tmp_path_factory.mktemp("home"))
    (home.own_landing / "esr").mkdir(parents=True)
    made = []
    for name, content in (
        ("january.csv", in_january()),
        ("february.csv", half_of_february()),
        ("february_again.csv", whole_february()),
    ):
        (home.own_landing / "esr" / name).write_bytes(content)
        assert land(home, expectations=check_lightly).refused == []
        if name != "january.csv":
            made.append(run_rules(home.store, TABLES, now()))
    with made[0], made[1]:
        yield Nights(*made)


def found(tables: duckdb.DuckDBPyConnection, where: str) -> list[tuple[Any, ...]]:
    return tables.execute(f"""
        select organisation_code, cast(as_at_date as varchar), field, severity, value, message
        from quality.findings where {where} order by all
    """).fetchall()


def test_half_a_file_and_a_trust_left_out_are_named_and_doubted(nights: Nights) -> None:
    # RXM had the twenty, somebody with two posts and one with unknown work; RTG the twelve and the other post.
    assert found(nights.short, "rule_id = 'large_change'") == [
        (
            "RTG", FEBRUARY, "assignments", "warning", "0",
            "University Hospitals of Derby and Burton: the file 'february.csv' of 29/02/2024 leaves the organisation "
            "out, which had 13 assignments on 31/01/2024. Nothing is known of it since.",
        ),
        (
            "RXM", FEBRUARY, "assignments", "warning", "10",
            "Derbyshire Healthcare: the extract has 10 assignments, and that of 31/01/2024 had 22. Leavers between the "
            "two days may be people who are only missing from the file.",
        ),
    ]  # fmt: skip
    assert nights.short.execute("""
        select organisation_code, cast(as_at_date as varchar)
        from intermediate.int_people__extract_changes where is_doubted
    """).fetchall() == [("RXM", FEBRUARY)]


def test_the_whole_file_leaves_no_doubt(nights: Nights) -> None:
    assert found(nights.whole, "rule_id = 'large_change' and status = 'open'") == []
    assert nights.whole.execute("select count(*) from intermediate.int_people__extract_changes").fetchall() == [(0,)]


def test_who_is_missing_from_half_a_file_is_no_plain_leaver(nights: Nights) -> None:
    # Of the twenty and the one with two posts, ten stand in the half; the whole file lacks only the one with two posts.
    asked = """
        select profession, staff_at_start, leavers, is_doubted from marts.workforce_movement
        where organisation_code = 'RXM' and profession = 'occupational_therapy'
    """
    assert nights.short.execute(asked).fetchall() == [("occupational_therapy", 21, 11, True)]
    assert nights.whole.execute(asked).fetchall() == [("occupational_therapy", 21, 1, False)]


def test_what_the_second_file_of_a_day_changed_is_kept_in_counts(nights: Nights) -> None:
    # Ten people of 0.8 FTE each; then twenty, of whom one has 0.5: 19 times 0.8 and 0.5 are 15.7.
    changes = nights.whole.execute("""
        select
            source, organisation_code, cast(as_at_date as varchar), restated_level, row_name, field, old_value,
            new_value
        from quality.restatements order by all
    """).fetchall()
    role = "occupational therapy, experienced"
    assert changes == [
        ("esr", "RXM", FEBRUARY, level, name, field, old, new)
        for level, name in (("organisation", None), ("role", role))
        for field, old, new in (("fte", "8", "15.7"), ("headcount", "10", "20"))
    ]
    assert nights.short.execute("select count(*) from quality.restatements").fetchall() == [(0,)]


def test_a_question_that_is_no_longer_asked_is_named(nights: Nights) -> None:
    assert found(nights.short, f"rule_id = 'edi_incomplete' and as_at_date = '{FEBRUARY}'") == [
        (
            "RXM", FEBRUARY, "race", "warning", "10",
            "Derbyshire Healthcare: race was asked of AHP staff in the extract of 31/01/2024, and this one has no "
            "column that is known for it. Nothing is known of the answers of 10 AHP staff now.",
        )
    ]  # fmt: skip
    assert found(nights.whole, f"rule_id = 'edi_incomplete' and as_at_date = '{FEBRUARY}' and status = 'open'") == []


def test_answers_that_came_all_at_once_are_doubted_though_they_differ(nights: Nights) -> None:
    # Of RTG all gave one answer, in both months; that is the other test.
    (finding,) = found(nights.whole, "rule_id = 'edi_default_value' and organisation_code = 'RXM'")
    assert finding == (
        "RXM", FEBRUARY, "religion_or_belief", "warning", "12",
        "Derbyshire Healthcare: religion or belief has an answer now for each of the 12 AHP staff without one in the "
        "extract of 31/01/2024. Default values may stand in for answers.",
    )  # fmt: skip


def test_work_that_no_list_knows_is_named_with_how_many_it_leaves_out(nights: Nights) -> None:
    (finding,) = found(nights.short, "rule_id = 'unknown_code'")
    assert finding[:5] == ("RXM", JANUARY, "occupation_code", "warning", "S1Y")
    assert finding[5].endswith("because they may be of AHPs or not: 1.")


def test_more_than_one_post_over_two_trusts_is_said_to_both_without_a_name(nights: Nights) -> None:
    assert [row[:5] for row in found(nights.short, "rule_id = 'person_fte_above_one'")] == [
        (code, JANUARY, "contracted_wte, organisation", "warning", "1") for code in ("RTG", "RXM")
    ]


def test_the_lines_of_a_file_are_landed_refused_or_out_of_scope(nights: Nights) -> None:
    # Of 36 lines one names nobody.
    assert nights.whole.execute("""
        select rows, rows_refused, rows_out_of_scope from quality.submissions where file_name = 'january.csv'
    """).fetchall() == [(35, 1, 0)]
