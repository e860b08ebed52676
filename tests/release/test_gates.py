"""Each gate lets a sound candidate through and stops one broken on purpose, saying what, where and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_workshop import TABLES, Workshop, tamper

from dagster_project.dbt_documentation import PLACE as DOCUMENTATION
from dagster_project.dbt_documentation import page_of
from dagster_project.home import ABSOLUTE_PATH, PARTS_OF_PATHS, Home
from dagster_project.release import gates
from dagster_project.release.building import Candidate
from dagster_project.release.gates import CheckRun, GateResult


def _assert_failed(result: GateResult, *words: str) -> None:
    assert not result.passed
    for word in words:
        assert word in result.reason


# All gates


def test_a_sound_candidate_passes_every_gate(
    workshop: Workshop, candidate: Candidate, pattern_candidate: Candidate
) -> None:
    results = gates.run_gates(candidate, workshop.context(pattern_candidate, [CheckRun("row counts", 3)]))
    assert tuple(result.name for result in results) == gates.GATE_NAMES
    assert [result.reason for result in results if not result.passed] == []
    assert all(result.evaluated > 0 for result in results)


@pytest.mark.parametrize("name", gates.GATE_NAMES)
def test_a_gate_that_cannot_be_run_has_failed_and_does_not_raise(
    workshop: Workshop, candidate: Candidate, name: str
) -> None:
    candidate.database.write_bytes(b"this is no database")
    result = gates.GATES[name](candidate, workshop.context())
    _assert_failed(result, "could not be run")
    assert result.name == name


def test_a_gate_that_found_nothing_to_look_at_has_failed(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "truncate marts.fct_workforce")
    result = gates.large_changes_explained(candidate, workshop.context())
    _assert_failed(result, "nothing to look at")


def test_a_long_list_of_faults_is_cut_short(workshop: Workshop, candidate: Candidate) -> None:
    for number in range(7):
        tamper(candidate, f"create view marts.view_{number} as select 1")
    _assert_failed(gates.columns_described(candidate, workshop.context()), "marts.view_4 is a view", "And 2 more.")


# nothing_lost


def test_nothing_is_lost_when_landed_rows_are_published_superseded_or_held_back(
    workshop: Workshop, candidate: Candidate
) -> None:
    result = gates.nothing_lost(candidate, workshop.context())
    assert result.passed
    assert result.evaluated == 5120
    assert result.reason.startswith("5,120 landed rows: all are accounted for.")


@pytest.mark.parametrize(
    "change",
    ["rows_published = 4989", "rows_held_back = null", "rows_published = 4993, rows_superseded = -6"],
)
def test_landed_rows_that_do_not_add_up_are_named(workshop: Workshop, candidate: Candidate, change: str) -> None:
    workshop.change(f"update intermediate.int_submissions__rows_accounted set {change} where submission_id = 'sub-1'")
    result = gates.nothing_lost(candidate, workshop.context())
    _assert_failed(result, "council_returns, submission sub-1: 5,000 rows landed", "do not add up")
    assert "sub-2" not in result.reason


def test_no_landed_rows_at_all_is_a_failure(workshop: Workshop, candidate: Candidate) -> None:
    workshop.change("truncate intermediate.int_submissions__rows_accounted")
    _assert_failed(gates.nothing_lost(candidate, workshop.context()), "nothing to look at")


def test_the_missing_account_of_landed_rows_is_a_failure(workshop: Workshop, candidate: Candidate) -> None:
    workshop.change("drop table intermediate.int_submissions__rows_accounted")
    _assert_failed(gates.nothing_lost(candidate, workshop.context()), "could not be run", "rows_accounted")


def test_a_row_lost_on_the_way_into_the_database_is_noticed(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "delete from marts.fct_workforce where return_group = 'managers'")
    _assert_failed(
        gates.nothing_lost(candidate, workshop.context()),
        "marts.fct_workforce",
        "3 in the warehouse, 2 in the release database, 3 in Parquet, 3 in CSV",
    )


def test_a_row_lost_on_the_way_into_parquet_is_noticed(workshop: Workshop, candidate: Candidate) -> None:
    path = candidate.copy_of(candidate.tables[0], "parquet")
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        connection.execute(f"copy (from marts.fct_workforce limit 1) to '{path}' (format parquet)")
    _assert_failed(gates.nothing_lost(candidate, workshop.context()), "1 in Parquet")


def test_a_row_lost_on_the_way_into_csv_is_noticed(workshop: Workshop, candidate: Candidate) -> None:
    path = candidate.copy_of(candidate.tables[0], "csv")
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    _assert_failed(gates.nothing_lost(candidate, workshop.context()), "2 in CSV")


def test_line_breaks_and_quotes_in_text_are_not_taken_for_rows(workshop: Workshop) -> None:
    workshop.change("""insert into quality.findings values ('f', 'a "b", c\n\nd', null), ('g', null, null)""")
    assert gates.nothing_lost(workshop.candidate(), workshop.context()).passed


# large_changes_explained

_THERAPISTS = "organisation_code = 'E10000001' and return_group = 'occupational_therapists'"


@dataclass
class Nights:
    """The present release, and the candidate of the night after, the same until they are changed by SQL."""

    workshop: Workshop
    present: Candidate
    candidate: Candidate

    def start_with(self, sql: str) -> None:
        tamper(self.present, sql)
        tamper(self.candidate, sql)

    def judge(self, sql: str) -> GateResult:
        """Change the candidate only, and compare it with the present release."""
        tamper(self.candidate, sql)
        return gates.large_changes_explained(self.candidate, self.workshop.context(self.present))


@pytest.fixture
def nights(workshop: Workshop, candidate: Candidate) -> Nights:
    return Nights(workshop, workshop.copy_of(candidate), candidate)


def test_the_first_release_has_nothing_to_be_compared_with(workshop: Workshop, candidate: Candidate) -> None:
    result = gates.large_changes_explained(candidate, workshop.context())
    assert result.passed
    assert result.evaluated == 3
    assert "first release" in result.reason


def test_an_unchanged_release_passes_having_compared_every_value(nights: Nights) -> None:
    result = nights.judge("select 1")
    assert result.passed
    assert result.evaluated == 14


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ("headcount = 15", "headcount was 20, now 15"),
        ("headcount = 25", "headcount was 20, now 25"),
        ("fte = 11.5", "fte was 17.5, now 11.5"),
        ("fte_permanent = 10.5", "fte_permanent was 15.5, now 10.5"),
        ("fte_temporary = 7", "fte_temporary was 2, now 7"),
        ("fte_vacant = 6.5", "fte_vacant was 1.5, now 6.5"),
    ],
)
def test_a_large_change_without_a_new_return_is_stopped(nights: Nights, change: str, measure: str) -> None:
    result = nights.judge(f"update marts.fct_workforce set {change} where {_THERAPISTS}")
    _assert_failed(
        result,
        "E10000001, 2024-09-30, council_return, occupational_therapists",
        measure,
        "reference.explained_changes",
    )


@pytest.mark.parametrize("change", ["headcount = 16", "fte = 13", "fte_vacant = 0", "fte_vacant = 5.5"])
def test_a_change_below_the_minimum_passes(nights: Nights, change: str) -> None:
    assert nights.judge(f"update marts.fct_workforce set {change} where {_THERAPISTS}").passed


def test_a_change_below_the_share_passes_however_many_people_it_is(nights: Nights) -> None:
    nights.start_with(f"update marts.fct_workforce set headcount = 1000 where {_THERAPISTS}")
    assert nights.judge(f"update marts.fct_workforce set headcount = 801 where {_THERAPISTS}").passed


def test_a_change_of_exactly_the_share_is_large(nights: Nights) -> None:
    nights.start_with(f"update marts.fct_workforce set headcount = 1000 where {_THERAPISTS}")
    assert not nights.judge(f"update marts.fct_workforce set headcount = 800 where {_THERAPISTS}").passed


def test_a_change_of_exactly_the_minimum_is_large_in_spite_of_floating_point(nights: Nights) -> None:
    nights.start_with(f"update marts.fct_workforce set fte = 10.1 where {_THERAPISTS}")
    assert not nights.judge(f"update marts.fct_workforce set fte = 15.1 where {_THERAPISTS}").passed


def test_a_change_from_nought_is_large_from_the_minimum_on(nights: Nights) -> None:
    group = "return_group = 'managers'"
    assert not nights.judge(f"update marts.fct_workforce set fte_temporary = 5 where {group}").passed


def test_the_limits_are_those_of_the_policies(nights: Nights) -> None:
    nights.start_with("update reference.policies set value = 2 where policy = 'large_change_minimum'")
    nights.start_with("update reference.policies set value = 0.1 where policy = 'large_change_share'")
    assert not nights.judge(f"update marts.fct_workforce set headcount = 18 where {_THERAPISTS}").passed


def test_a_missing_policy_is_a_failure(nights: Nights) -> None:
    _assert_failed(
        nights.judge("delete from reference.policies where policy = 'large_change_share'"),
        "could not be run",
        "large_change_share",
    )


def test_a_value_that_vanishes_is_large_whatever_its_size(nights: Nights) -> None:
    result = nights.judge(f"update marts.fct_workforce set fte_vacant = null where {_THERAPISTS}")
    _assert_failed(result, "fte_vacant was 1.5, now it is gone")


def test_a_nought_that_vanishes_is_not_large(nights: Nights) -> None:
    group = "return_group = 'managers'"
    assert nights.judge(f"update marts.fct_workforce set fte_temporary = null where {group}").passed


def test_a_row_that_vanishes_is_large_whatever_its_size(nights: Nights) -> None:
    result = nights.judge("delete from marts.fct_workforce where return_group = 'managers'")
    _assert_failed(result, "E10000001, 2024-09-30, council_return, managers: headcount was 4, now it is gone")


def test_a_new_return_explains_a_large_change(nights: Nights) -> None:
    result = nights.judge(f"update marts.fct_workforce set headcount = 5, submission_id = 'sub-9' where {_THERAPISTS}")
    assert result.passed
    assert "1 changed by much" in result.reason


def test_a_new_return_of_one_group_does_not_explain_another(nights: Nights) -> None:
    result = nights.judge(
        f"""
            update marts.fct_workforce set headcount = 5 where {_THERAPISTS};
            update marts.fct_workforce set submission_id = 'sub-9' where return_group = 'managers'
        """,
    )
    _assert_failed(result, "occupational_therapists: headcount was 20, now 5")


def test_a_new_return_explains_a_row_it_no_longer_has(nights: Nights) -> None:
    assert nights.judge(
        f"""
            update marts.fct_workforce set submission_id = 'sub-9' where {_THERAPISTS};
            delete from marts.fct_workforce where return_group = 'managers'
        """,
    ).passed


def test_a_row_gone_with_its_submission_is_not_explained(nights: Nights) -> None:
    result = nights.judge("delete from marts.fct_workforce where submission_id = 'sub-2'")
    _assert_failed(result, "E10000002", "headcount was 12, now it is gone")


def test_a_row_gone_is_not_explained_by_a_return_that_was_there_before(nights: Nights) -> None:
    nights.start_with("update marts.fct_workforce set submission_id = 'sub-3' where return_group = 'managers'")
    result = nights.judge("delete from marts.fct_workforce where submission_id = 'sub-3'")
    _assert_failed(result, "managers: headcount was 4, now it is gone")


def test_a_row_gone_is_not_explained_by_a_new_return_of_another_council_or_date(nights: Nights) -> None:
    result = nights.judge(
        """
            delete from marts.fct_workforce where submission_id = 'sub-2';
            update marts.fct_workforce set submission_id = 'sub-9';
            insert into marts.fct_workforce by name select
                'E10000002' as organisation_code, '2025-03-31'::date as as_at_date, 'council_return' as source,
                'sub-10' as submission_id
        """,
    )
    _assert_failed(result, "E10000002, 2024-09-30")


def test_values_are_compared_by_group_and_not_row_by_row(nights: Nights) -> None:
    assert nights.judge(
        f"""
            update marts.fct_workforce
            set headcount = 12, fte = 10, fte_permanent = 8, fte_temporary = 2, fte_vacant = 1.5 where {_THERAPISTS};
            insert into marts.fct_workforce values (
                'E10000001', '2024-09-30', 'council_return', 'occupational_therapists', 'sub-1', 8, 7.5, 7.5, 0, null
            )
        """,
    ).passed


def test_a_group_without_a_name_is_compared_too(nights: Nights) -> None:
    nights.start_with("update marts.fct_workforce set return_group = null where return_group = 'managers'")
    assert nights.judge("select 1").passed
    _assert_failed(
        nights.judge("delete from marts.fct_workforce where return_group is null"),
        "E10000001, 2024-09-30, council_return: headcount was 4",
    )


_EXPLANATION = {
    "organisation_code": "E10000001",
    "as_at_date": "2024-09-30",
    "return_group": "occupational_therapists",
    "measure": "headcount",
}


def _explain_a_change_of_headcount(nights: Nights, explanation: dict[str, str]) -> GateResult:
    values = ", ".join(f"'{value}'" for value in explanation.values())
    return nights.judge(
        f"""
            update marts.fct_workforce set headcount = 5 where {_THERAPISTS};
            insert into reference.explained_changes values ({values}, 'A team moved to the NHS trust.')
        """,
    )


def test_a_person_s_explanation_lets_a_large_change_through(nights: Nights) -> None:
    assert _explain_a_change_of_headcount(nights, _EXPLANATION).passed


@pytest.mark.parametrize(
    "different",
    [
        {"organisation_code": "E10000002"},
        {"as_at_date": "2025-09-30"},
        {"return_group": "managers"},
        {"measure": "fte"},
    ],
)
def test_an_explanation_of_something_else_does_not(nights: Nights, different: dict[str, str]) -> None:
    assert not _explain_a_change_of_headcount(nights, _EXPLANATION | different).passed


def test_a_present_release_that_cannot_be_read_is_a_failure_and_not_a_first_release(nights: Nights) -> None:
    nights.present.database.unlink()
    _assert_failed(
        gates.large_changes_explained(nights.candidate, nights.workshop.context(nights.present)), "could not be run"
    )


# columns_described


def test_described_tables_and_columns_pass(workshop: Workshop, candidate: Candidate) -> None:
    result = gates.columns_described(candidate, workshop.context())
    assert result.passed
    assert result.evaluated == 4 + 21
    assert result.reason.startswith("4 tables and 21 columns")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("comment on table quality.findings is ' '", "quality.findings has no description."),
        ("comment on table quality.findings is null", "quality.findings has no description."),
        ("comment on column quality.findings.message is ''", "quality.findings.message has no description."),
        ("comment on column quality.findings.message is null", "quality.findings.message has no description."),
        ("create view marts.everything as from marts.fct_workforce", "marts.everything is a view"),
        ("create table marts.scratch (a int)", "marts.scratch is in the database and not in the contract."),
        ("drop table quality.findings", "quality.findings is in the contract and not in the database."),
        ("alter table quality.findings add column extra int", "extra INTEGER"),
        ("alter table quality.findings drop column message", "it has finding_id VARCHAR not null, difference"),
        ("alter table quality.findings alter difference type float", "difference FLOAT"),
        ("alter table quality.findings alter finding_id drop not null", "it has finding_id VARCHAR, message"),
        (
            "alter table quality.findings drop column message; alter table quality.findings add column message varchar",
            "difference DOUBLE, message VARCHAR",
        ),
    ],
)
def test_a_database_that_is_not_as_the_contract_says_is_stopped(
    workshop: Workshop, candidate: Candidate, sql: str, reason: str
) -> None:
    tamper(candidate, sql)
    _assert_failed(gates.columns_described(candidate, workshop.context()), reason, "YAML")


def test_types_are_compared_as_duckdb_spells_them(workshop: Workshop) -> None:
    workshop.with_column_type("marts.fct_workforce", "headcount", "int8")
    workshop.with_column_type("quality.findings", "message", "text")
    assert gates.columns_described(workshop.candidate(), workshop.context()).passed


# no_absolute_path


def test_a_candidate_without_paths_passes(workshop: Workshop, candidate: Candidate) -> None:
    result = gates.no_absolute_path(candidate, workshop.context())
    assert result.passed
    assert result.evaluated > 11


_PATHS = [
    "/home/anna/returns/north.xlsx",
    "see /Users/anna/returns",
    "file:///home/anna/north.xlsx",
    "(/root/returns)",
    "/tmp/north.xlsx",
    r"C:\Returns\north.xlsx",
    r"opened D:\north.xlsx",
    "C:/Users/anna/north.xlsx",
    r"\\server\share\north.xlsx",
    r"\\files.council.example\d$\north.xlsx",
]


@pytest.mark.parametrize("text", _PATHS)
def test_a_path_in_a_value_is_found(workshop: Workshop, candidate: Candidate, text: str) -> None:
    tamper(candidate, f"insert into quality.findings values ('f', '{text}', null)")
    result = gates.no_absolute_path(candidate, workshop.context())
    _assert_failed(result, "quality.findings.message: 1 values hold a path", text)


_NOT_PATHS = [
    "he/she",
    "OT /AHP",
    "Residential/home/day care",
    "home /day care",
    "https://www.example.org/home/anna and https://example.org/tmp/x",
    "and/or",
    "n/a",
    "1/2",
    "var/releases and ./var/releases",
    r"\bocc\w* th",
    r"(?:\s|-)\d+\w",
    "Grade: 7/8",
    "NHS: /AHP",
    "//",
]


def test_ordinary_text_is_not_taken_for_a_path(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "; ".join(f"insert into quality.findings values ('f', '{text}', null)" for text in _NOT_PATHS))
    _write_into_dictionary(candidate, "\n".join(_NOT_PATHS))
    result = gates.no_absolute_path(candidate, workshop.context())
    assert result.passed, result.reason


def _documentation(candidate: Candidate, text: str) -> None:
    """dbt's page in the site, whose script holds what looks like a path on every machine."""
    place = candidate.folder / "site" / DOCUMENTATION
    place.parent.mkdir(parents=True)
    script = r'<html><head></head><script>var e="\\\\ud800-\\\\udfff";'
    place.write_text(f"{script}\n{text}\n</script></html>", encoding="utf-8")


@pytest.mark.parametrize(
    ("description", "passes"), [("Read from the landing folder.", True), ("Read from /home/anna/returns.", False)]
)
def test_of_the_page_that_dbt_brings_only_what_it_says_of_the_project_is_searched(
    workshop: Workshop, candidate: Candidate, description: str, passes: bool
) -> None:
    known = {
        "metadata": {"project_name": "ours"},
        "nodes": {"model.ours.one": {"columns": {}, "description": description}},
        **{kind: {} for kind in ("sources", "macros", "unit_tests")},
    }
    filled = page_of(
        '<head></head><link rel="shortcut icon" href="x"><use xlink:href="{{ getIcon(1) }}">'
        '"MANIFEST.JSON INLINE DATA" "CATALOG.JSON INLINE DATA"',
        known,
    )
    _documentation(candidate, filled)
    result = gates.no_absolute_path(candidate, workshop.context())
    assert result.passed == passes
    if not passes:
        _assert_failed(result, "site/dbt/index.html, nodes.model.ours.one.description", "/home/anna")


def test_a_page_in_its_place_that_says_nothing_of_the_project_is_searched_whole(
    workshop: Workshop, candidate: Candidate
) -> None:
    _documentation(candidate, "nothing of the project")
    _assert_failed(
        gates.no_absolute_path(candidate, workshop.context()), "site/dbt/index.html, line 1", "holds the path"
    )


def test_a_path_is_found_among_values_that_the_database_compresses(workshop: Workshop) -> None:
    workshop.change(f"""
        insert into quality.findings
        select i, if(i = 17777, '{workshop.home.root.as_posix()}/landing/north.xlsx', 'north.xlsx ' || i % 1000), null
        from range(20000) as numbers (i)
    """)
    result = gates.no_absolute_path(workshop.candidate(), workshop.context())
    _assert_failed(result, "quality.findings.message: 1 values hold a path")


def test_the_home_is_found_wherever_it_lies(workshop: Workshop, candidate: Candidate) -> None:
    home = Path("/data/ahp")
    tamper(candidate, "insert into quality.findings values ('f', 'from /data/ahp/landing', null)")
    context = replace(workshop.context(), home=home)
    _assert_failed(gates.no_absolute_path(candidate, context), "quality.findings.message")


def test_a_home_right_below_the_root_is_not_found_in_ordinary_text(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "insert into quality.findings values ('f', 'OT /ahp', null)")
    context = replace(workshop.context(), home=Path("/ahp"))
    assert gates.no_absolute_path(candidate, context).passed
    tamper(candidate, "insert into quality.findings values ('g', 'from /ahp/landing', null)")
    assert not gates.no_absolute_path(candidate, context).passed


def test_a_path_in_a_list_of_texts_is_found(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "alter table quality.findings alter message type varchar[] using [message]")
    tamper(candidate, "insert into quality.findings values ('f', ['a', '/tmp/b'], null)")
    _assert_failed(gates.no_absolute_path(candidate, workshop.context()), "quality.findings.message")


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("table quality.findings", "descriptions of tables"),
        ("column quality.findings.message", "descriptions of columns"),
    ],
)
def test_a_path_in_a_description_is_found(workshop: Workshop, candidate: Candidate, target: str, place: str) -> None:
    tamper(candidate, f"comment on {target} is 'Read from /home/anna/returns.'")
    _assert_failed(gates.no_absolute_path(candidate, workshop.context()), place, "/home/anna/returns")


def _write_into_dictionary(candidate: Candidate, text: str) -> str:
    with (candidate.folder / "dictionary.md").open("a", encoding="utf-8") as file:
        file.write(text)
    return "dictionary.md, line "


def _write_into_manifest(candidate: Candidate, text: str) -> str:
    path = candidate.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["submissions"][0]["file_name"] = text
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return "manifest.json, submissions 1.file_name"


@pytest.mark.parametrize("write", [_write_into_dictionary, _write_into_manifest])
def test_a_path_in_a_text_file_is_found(
    workshop: Workshop, candidate: Candidate, write: Callable[[Candidate, str], str]
) -> None:
    place = write(candidate, "/home/anna/returns/north.xlsx")
    _assert_failed(gates.no_absolute_path(candidate, workshop.context()), place, "“/home/anna/returns/north.xlsx”")


@pytest.mark.parametrize("text", _PATHS)
def test_every_kind_of_path_is_found_in_text_files_too(text: str) -> None:
    assert re.search(gates.ABSOLUTE_PATH, text)


@settings(max_examples=500, deadline=None)
@given(st.from_regex(ABSOLUTE_PATH))
def test_every_path_holds_a_part_that_text_files_are_searched_for_first(text: str) -> None:
    assert [part for part in PARTS_OF_PATHS if part in text]


@pytest.mark.parametrize("name", ["csv/quality/findings.csv", "parquet/quality/findings.parquet", "site/extra.bin"])
def test_the_home_or_the_project_in_the_bytes_of_any_file_is_found(
    workshop: Workshop, candidate: Candidate, name: str
) -> None:
    context = workshop.context()
    for folder in (context.home, context.project):
        path = candidate.folder / name
        path.parent.mkdir(exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        path.write_bytes(before + b"\x00" + str(folder).encode() + b"\x00")
        _assert_failed(gates.no_absolute_path(candidate, context), f"{name} holds the path of the home")
        path.write_bytes(before)


def test_an_empty_file_is_searched_without_fuss(workshop: Workshop, candidate: Candidate) -> None:
    (candidate.folder / "empty.txt").touch()
    assert gates.no_absolute_path(candidate, workshop.context()).passed


# no_empty_check


def test_tables_that_may_be_empty_and_checks_that_looked_at_something_pass(
    workshop: Workshop, candidate: Candidate
) -> None:
    result = gates.no_empty_check(candidate, workshop.context(check_runs=[CheckRun("unique keys", 12)]))
    assert result.passed
    assert result.evaluated == 5


def test_an_empty_table_is_named(workshop: Workshop, candidate: Candidate) -> None:
    tamper(candidate, "truncate marts.fct_workforce")
    result = gates.no_empty_check(candidate, workshop.context())
    _assert_failed(result, "marts.fct_workforce holds no rows", "may_be_empty")
    assert not re.search(r"quality\.findings", result.reason)


def test_a_check_that_looked_at_nothing_is_named(workshop: Workshop, candidate: Candidate) -> None:
    runs = [CheckRun("unique keys", 12), CheckRun("fte at most headcount", 0)]
    result = gates.no_empty_check(candidate, workshop.context(check_runs=runs))
    _assert_failed(result, "“fte at most headcount” looked at nothing")
    assert "unique keys" not in result.reason


@pytest.mark.parametrize(("status", "is_fault"), [("superseded", False), ("accepted", True)])
def test_an_empty_table_that_rests_on_one_source_is_a_fault_only_while_that_source_is_in_force(
    tmp_path: Path, status: str, is_fault: bool
) -> None:
    findings = TABLES[1]
    regional = replace(TABLES[0], name="regional_workforce", rests_on="council_returns")
    submissions = replace(
        findings,
        name="submissions",
        columns=tuple(replace(findings.columns[1], name=name) for name in ("source", "status")),
    )
    workshop = Workshop(Home(tmp_path / "home"), (*TABLES, regional, submissions))
    workshop.build_warehouse()
    workshop.change(f"insert into quality.submissions values ('esr', 'accepted'), ('council_returns', '{status}')")
    result = gates.no_empty_check(workshop.candidate(), workshop.context())
    assert result.passed is not is_fault
    assert ("marts.regional_workforce holds no rows" in result.reason) is is_fault
    assert ("marts.regional_workforce does not apply" in result.reason) is not is_fault


def test_gates_leave_the_files_unchanged(workshop: Workshop, candidate: Candidate) -> None:
    before = {path: path.stat().st_mtime_ns for path in candidate.folder.rglob("*")}
    gates.run_gates(candidate, workshop.context(candidate))
    assert {path: path.stat().st_mtime_ns for path in candidate.folder.rglob("*")} == before
