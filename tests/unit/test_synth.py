"""Invented inputs: what was planted lies where the truth says, and the truth is what a recount comes to."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project import cli
from dagster_project.sources.invented import MARK
from dagster_project.synth import asc_wds, council_returns, scales
from dagster_project.synth.asc_wds import invent_social_care
from dagster_project.synth.esr import WrittenFile
from dagster_project.synth.facts import facts
from dagster_project.synth.inputs import FolderNotEmpty, write_inputs
from dagster_project.synth.workforce import invent_workforce

MONTHS = 4
CLEAN = "RFS"
SUBSTANTIVE = ("Permanent", "Fixed Term Temp", "Locum")
# Field by field the wordings the three kinds of extracts use.
HEADINGS = {
    "organisation": ("Ocs Code", "ocs_code"),
    "day": ("Tm End Date", "tm_end_date"),
    "person": ("Unique NHS Identifier", "unique_nhs_identifier"),
    "employee": ("Employee Number", "employee_number"),
    "assignment": ("Assignment Number", "assignment_number"),
    "category": ("Assignment Category", "Asg Type Of Contract", "assignment_category"),
    "status": ("Assignment Status", "Status", "assignment_status"),
    "fte": ("Contracted WTE", "CONTRACTED_FTE"),
    "title": ("Position Title", "position_title"),
    "band": ("AfC Band", "afc_band"),
    "gender": ("Gender", "gender"),
    "ethnic_origin": ("Ethnic Origin", "ethnic_origin"),
    "disability": ("Disability / Disabled flag", "disability"),
    "religious_belief": ("Religious Belief", "religious_belief"),
    "sexual_orientation": ("Sexual Orientation", "sexual_orientation"),
    "marital_status": ("Marital Status", "marital_status"),
    "nationality": ("Nationality", "nationality"),
    "date_of_birth": ("Date of Birth", "date_of_birth"),
    "ni_number": ("NI Number", "ni_number"),
    "email": ("Email Address", "email_address"),
    "registration_number": ("Registration Number", "registration_number"),
    "staff_group": ("Staff Group", "staff_group"),
    "job_role": ("Job Role", "job_role"),
    "occupation_code": ("Occupation Code", "occupation_code"),
}
NOT_RECORDED = {"", "Unspecified"}
NOT_KNOWN = {"Unknown", "99 Not Known"}
REFUSED = {
    "Z Not Stated",
    "Not Declared",
    "Prefer Not To Answer",
    "Not Disclosed",
    "I do not wish to disclose my religion/belief",
    "Not stated (person asked but declined to provide a response)",
}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("invented") / "small"
    write_inputs("small", folder, MONTHS)
    return folder


@cache
def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def table(folder: Path, name: str) -> list[dict[str, str]]:
    return rows_of(folder / "truth" / f"{name}.csv")


def told(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text(encoding="utf-8")))


@cache
def assignments(path: Path) -> list[dict[str, str]]:
    """The rows of an extract under one set of names, each once, with the month of the file in place of the day."""
    read, seen = [], set()
    for row in rows_of(path):
        if tuple(row.items()) not in seen:
            seen.add(tuple(row.items()))
            named = {
                name: next((row[wording] for wording in wordings if wording in row), "no column")
                for name, wordings in HEADINGS.items()
            }
            read.append(named | {"month": path.stem[-7:]})
    return read


def extracts(folder: Path) -> list[Path]:
    return sorted((folder / "landing" / "esr").glob("*.csv"))


def in_population(row: dict[str, str], population: str) -> bool:
    return population == "everyone" or row["category"] in SUBSTANTIVE


def test_headcount_and_fte_of_every_organisation_are_what_the_files_add_up_to(invented: Path) -> None:
    people, fte = defaultdict(set), defaultdict(Decimal)
    for path in extracts(invented):
        for row in assignments(path):
            for population in ("everyone", "substantive"):
                if in_population(row, population):
                    key = row["organisation"], row["month"], population
                    people[key].add(row["person"])
                    fte[key] += Decimal(row["fte"])

    stated = {
        (row["organisation_code"], row["as_at_date"][:7], row["population"]): (
            int(row["headcount"]),
            Decimal(row["fte"]),
        )
        for row in table(invented, "esr_headcount")
        if row["counted_by"] == "organisation" and row["population"] != "in_post"
    }
    assert stated == {key: (len(people[key]), fte[key]) for key in people}
    assert len(stated) > MONTHS * 6


def test_roles_in_the_detail_add_up_to_the_assignments_in_the_files(invented: Path) -> None:
    written = Counter(
        (row["organisation"], row["month"], row["title"], row["band"])
        for path in extracts(invented)
        for row in assignments(path)
    )
    stated: Counter[tuple[str, ...]] = Counter()
    roles = defaultdict(set)
    for row in table(invented, "esr_detail"):
        key = row["organisation_code"], row["as_at_date"][:7], row["position_title"], row["afc_band"]
        stated[key] += int(row["assignments"])
        roles[row["position_title"], row["afc_band"]].add((row["profession"], row["role_code"], row["registration"]))

    assert stated == written
    # A title with a band means the same everywhere, or a coding could not be checked against it.
    assert {key: meant for key, meant in roles.items() if len(meant) > 1} == {}


def test_roles_and_professions_are_counted_over_the_same_people(invented: Path) -> None:
    by_role, by_role_and_profession = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in table(invented, "esr_headcount"):
        key = row["organisation_code"], row["as_at_date"], row["population"], row["role_code"]
        match row["counted_by"]:
            case "role_code":
                by_role[key] += int(row["assignments"])
            case "profession and role_code":
                by_role_and_profession[key] += int(row["assignments"])
    assert by_role == by_role_and_profession
    assert by_role


def kind_of(value: str) -> str:
    if value == "no column":
        return "not_asked"
    if value in NOT_RECORDED:
        return "not_recorded"
    if value in NOT_KNOWN:
        return "not_known"
    if value in REFUSED:
        return "prefer_not_to_say"
    return "invalid" if value.startswith("QX ") else "valid"


CHARACTERISTICS = {
    "sex": "gender",
    "race": "ethnic_origin",
    "nationality": "nationality",
    "disability": "disability",
    "religion_or_belief": "religious_belief",
    "sexual_orientation": "sexual_orientation",
    "marriage_and_civil_partnership": "marital_status",
}


def test_every_answer_is_counted_by_its_kind_to_the_person(invented: Path) -> None:
    counted = defaultdict(Counter)
    for path in extracts(invented):
        people = {(row["organisation"], row["person"]): row for row in assignments(path)}
        for (organisation, _), row in people.items():
            for characteristic, name in CHARACTERISTICS.items():
                counted[organisation, row["month"], characteristic][kind_of(row[name])] += 1
            year = re.search(r"\d{4}", row["date_of_birth"])
            kind = "not_recorded" if not year else "invalid" if year[0] == "1850" else "valid"
            counted[organisation, row["month"], "age"][kind] += 1

    stated = {
        (row["organisation_code"], row["as_at_date"][:7], row["characteristic"]): {
            kind: int(row[kind])
            for kind in ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid", "not_asked")
            if int(row[kind])
        }
        for row in table(invented, "esr_edi")
        if row["population"] == "everyone"
        and row["characteristic"] not in ("gender_reassignment", "pregnancy_and_maternity")
    }
    assert stated == {key: dict(kinds) for key, kinds in counted.items()}


def test_the_clean_organisations_have_nothing_wrong(invented: Path) -> None:
    clean = told(invented)["clean_organisations"]

    assert clean == [CLEAN, "E06000015"]
    assert not [row for row in table(invented, "planted_rows") if row["organisation_code"] in clean]
    for name, code in (("esr_edi", "organisation_code"), ("asc_wds_edi", "council_code")):
        of_clean = [row for row in table(invented, name) if row[code] in clean]
        assert of_clean
        assert not [row for row in of_clean if row["not_known"] + row["not_recorded"] + row["invalid"] != "000"]


def test_people_come_go_and_stay_as_a_comparison_of_the_files_says(invented: Path) -> None:
    present = defaultdict(lambda: defaultdict(set))
    for path in extracts(invented):
        for row in assignments(path):
            if row["category"] in SUBSTANTIVE:
                present[row["organisation"]][row["month"]].add(row["person"])

    expected = {}
    for organisation, months in present.items():
        for earlier, later in zip(sorted(months), sorted(months)[1:], strict=False):
            was, now = months[earlier], months[later]
            elsewhere = set().union(
                *(found.get(later, set()) for code, found in present.items() if code != organisation)
            )
            expected[organisation, earlier, later] = (
                len(now - was),
                len(was - now),
                len(was & now),
                len((was - now) & elsewhere),
            )
    stated = {
        (row["organisation_code"], row["earlier_extract"][:7], row["later_extract"][:7]): (
            int(row["joiners"]),
            int(row["leavers"]),
            int(row["stayers"]),
            int(row["leavers_to_another_organisation"]),
        )
        for row in table(invented, "esr_movements")
        if row["population"] == "substantive"
    }
    assert stated == expected


def test_a_month_nobody_sent_is_a_gap_and_not_mass_leaving(invented: Path) -> None:
    [gap] = [fault for fault in told(invented)["faults"] if fault["kind"] == "month_missing"]
    organisation, [day] = gap["organisation_code"], gap["as_at_dates"]

    assert not (invented / "landing" / "esr" / f"esr_{organisation}_{day[:7]}.csv").exists()
    [over_the_gap] = [
        row
        for row in table(invented, "esr_movements")
        if row["organisation_code"] == organisation and row["months_between"] == "2" and row["population"] == "everyone"
    ]
    assert over_the_gap["earlier_extract"] < day < over_the_gap["later_extract"]
    assert int(over_the_gap["leavers"]) < int(over_the_gap["stayers"]) / 10


def test_each_planted_fault_is_on_the_line_the_truth_names(invented: Path) -> None:
    seen = Counter()
    wordings = {row["field"]: set(row.values()) for row in facts("esr_columns").drop("source").iter_rows(named=True)}
    wordings |= {field: {field} for field in ("ethnicity", "disabled", "isbritish", "emplstat", "mainjrid", "age")}
    wordings["gender"].add("gender")
    for row in table(invented, "planted_rows"):
        path = invented / "landing" / row["file"]
        delimiter = "|" if row["source"] == "skills_for_care" else ","
        line = rows_of(path, delimiter)[int(row["line"]) - 2]
        seen[row["kind"]] += 1
        if row["kind"] == "duplicate_row":
            assert rows_of(path)[int(row["line"]) - 3] == line
        elif row["field"] not in ("date_of_birth", "registration_number"):
            [written] = [value for heading, value in line.items() if heading in wordings[row["field"]]]
            assert (row["kind"], written) == (row["kind"], row["value_written"])
    kinds = {fault["kind"] for fault in told(invented)["faults"] if fault["source"] in ("esr", "skills_for_care")}
    assert set(seen) == kinds - {"month_missing", "edi_not_asked"}


def test_a_planted_birth_date_is_blank_or_impossible_and_never_stands_in_the_truth(invented: Path) -> None:
    planted = [row for row in table(invented, "planted_rows") if row["field"] == "date_of_birth"]
    found = {
        (row["kind"], rows_of(invented / "landing" / row["file"])[int(row["line"]) - 2]["Date of Birth"])
        for row in planted
    }
    assert found == {("birth_date_blank", ""), ("birth_date_impossible", "1850-01-01")}
    assert {row["value_written"] for row in planted} == {""}


def test_people_over_one_fte_are_those_that_were_planted(invented: Path) -> None:
    for path in extracts(invented):
        fte = defaultdict(Decimal)
        lines = defaultdict(set)
        for number, row in enumerate(rows_of(path), start=2):
            named = {name: next((row[w] for w in HEADINGS[name] if w in row), "") for name in ("employee", "fte")}
            lines[named["employee"]].add(number)
        for row in assignments(path):
            fte[row["employee"]] += Decimal(row["fte"])
        planted = {
            int(row["line"])
            for row in table(invented, "planted_rows")
            if row["kind"] == "fte_over_one" and row["file"].endswith(path.name)
        }
        over = [lines[employee] for employee, total in fte.items() if total > 1]
        assert len(over) == len(planted)
        assert all(planted & found for found in over)


def test_the_extracts_of_social_care_add_up_to_the_truth(invented: Path) -> None:
    workers, hours = Counter[tuple[str, ...]](), defaultdict(Decimal)
    for path in sorted((invented / "landing").rglob("worker.csv")):
        for row in rows_of(path, "|"):
            key = row["period"], row["cssr"], row["esttype"] in ("1", "3"), row["mainjrid"], row["emplstat"]
            workers[key] += 1
            hours[key] += min(Decimal(row["conthrs"] if row["conthrs"] != "-1" else row["averagehours"]), Decimal(37))

    stated = {
        (
            "M" + row["as_at_date"][:7].replace("-", ""),
            row["cssr_code"],
            row["employer"] == "council",
            row["job_role_code"],
            row["employment_status_code"],
        ): (int(row["workers"]), Decimal(row["hours_up_to_37"]), Decimal(row["fte"]))
        for row in table(invented, "asc_wds_headcount")
    }
    assert stated == {key: (workers[key], hours[key], round(hours[key] / 37, 5)) for key in workers}


def test_the_answers_of_social_care_are_counted_by_their_kind(invented: Path) -> None:
    # Do not know has another code in every field; 48 is no code of any.
    unknown = {"gender": "3", "ethnicity": "99", "disabled": "-2", "isbritish": "2"}
    names = {"gender": "sex", "ethnicity": "race", "disabled": "disability", "isbritish": "nationality"}
    counted = defaultdict(Counter)
    for path in sorted((invented / "landing").rglob("worker.csv")):
        for row in rows_of(path, "|"):
            for name, code in unknown.items():
                kind = {"-1": "not_recorded", code: "not_known", "48": "invalid"}.get(row[name], "valid")
                kind = "prefer_not_to_say" if (name, row[name]) == ("disabled", "2") else kind
                council = {"507": "E06000015", "506": "E10000007"}[row["cssr"]]
                counted[council, row["period"], row["esttype"] in ("1", "3"), names[name]][kind] += 1
    stated = {
        (
            row["council_code"],
            "M" + row["as_at_date"][:7].replace("-", ""),
            row["employer"] == "council",
            row["characteristic"],
        ): {
            k: int(row[k])
            for k in ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid")
            if int(row[k])
        }
        for row in table(invented, "asc_wds_edi")
        if row["population"] == "everyone" and row["characteristic"] in names.values()
    }
    assert stated == {key: dict(kinds) for key, kinds in counted.items()}


def test_the_extract_has_every_column_of_its_layout_and_the_bulk_upload_other_codes(invented: Path) -> None:
    newest = invented / "landing" / asc_wds.extract_path("worker", scales.month_ends(1)[0])
    extract = {row["workerid"]: row for row in rows_of(newest, "|")}
    upload = rows_of(next((invented / "landing").rglob("bulk_upload/*/worker_*.csv")))

    columns = list(next(iter(extract.values())))
    assert (len(columns[:-1]), columns[-1]) == (789, MARK)
    assert upload
    assert {(extract[row["UNIQUEWORKERID"][1:]]["emplstat"], row["EMPLSTATUS"]) for row in upload} <= {
        ("190", "1"), ("191", "2"), ("192", "3"), ("193", "4"), ("196", "7"),
    }  # fmt: skip
    assert len(upload) == sum(row["cssr"] == "507" and row["esttype"] in ("1", "3") for row in extract.values())


def test_the_steps_from_a_return_to_social_care_balance(invented: Path) -> None:
    steps = defaultdict(dict)
    for row in table(invented, "source_bridge"):
        steps[row["council_code"]][row["step"]] = int(row["headcount"])
    returned = Counter[str]()
    for row in table(invented, "council_returns"):
        returned[row["council_code"]] += int(row["headcount"])

    assert {code: found["unexplained"] for code, found in steps.items()} == {
        "E06000015": 0,
        "E10000007": -council_returns.UNEXPLAINED_PEOPLE,
    }
    for code, found in steps.items():
        [recorded] = [value for step, value in found.items() if step.startswith("skills_for_care")]
        assert found["council_return"] == returned[code]
        assert sum(found.values()) - recorded == recorded


def test_the_overlap_is_as_many_people_in_the_extract_as_the_truth_says(invented: Path) -> None:
    for overlap in told(invented)["overlaps"]:
        newest = [path for path in extracts(invented) if overlap["organisation_code"] in path.name][-1]
        marked = {
            row["person"] for row in assignments(newest) if row["title"].endswith(f"- {overlap['council']} Council s75")
        }
        returned = [
            int(row["headcount"])
            for row in table(invented, "council_returns")
            if row["employer"] == "NHS"
            and row["funder"] == "Council"
            and overlap["council"] in row["file"].split("_")[1]
        ]
        assert len(marked) == overlap["people_in_extract"]
        assert overlap["people_in_return"] in returned


def test_every_identifier_is_one_that_nobody_bears(invented: Path) -> None:
    for path in extracts(invented):
        for row in assignments(path):
            assert re.fullmatch(r"QQ\d{6}[A-D]", row["ni_number"])
            assert row["email"].endswith("@invented.example")
            assert re.fullmatch(r"\d{8}", row["employee"])
            assert row["assignment"].startswith(row["employee"])
    for path in (invented / "landing").rglob("bulk_upload/*/worker_*.csv"):
        assert all(row["NINUMBER"].startswith("QQ") and row["POSTCODE"] == "ZZ99 3VZ" for row in rows_of(path))
    assert "All of this is invented" in (invented / "README.txt").read_text(encoding="utf-8")


def test_a_person_has_one_employee_number_in_a_trust_and_one_identifier_everywhere(invented: Path) -> None:
    identifier = defaultdict(set)
    for path in extracts(invented):
        for row in assignments(path):
            identifier[path.name[4:7], row["employee"]].add((row["person"], row["ni_number"]))
    assert {key: found for key, found in identifier.items() if len(found) > 1} == {}


def test_each_faulty_file_has_the_fault_it_is_named_for(invented: Path) -> None:
    faulty = {file["kind"]: invented / file["path"] for file in told(invented)["faulty_files"]}

    assert all(path.exists() for path in faulty.values())
    assert not faulty["truncated"].read_bytes().endswith(b"\n")
    assert "Contracted WTE" not in rows_of(faulty["required_heading_missing"])[0]
    assert "Ethnic Orgin Desc v2" in rows_of(faulty["unknown_header"])[0]
    assert rows_of(faulty["no_rows"]) == []
    assert len({row["Tm End Date"] for row in rows_of(faulty["two_as_at_days"])}) == 2
    shapes = {
        re.sub(r"[A-Z]+", "M", re.sub(r"\d+", "9", row["Latest Start Date"]))
        for row in rows_of(faulty["three_date_formats"])
    }
    assert shapes == {"9-9-9", "9/9/9", "9-M-9"}
    assert {len(row["emplstat"]) for row in rows_of(faulty["mixed_code_systems"], "|")} == {1, 3}
    assert [row["Employee Number"] for row in rows_of(faulty["identity_missing"])][:4].count("") == 3
    half = faulty["half_a_region"]
    trusts = [{row["Ocs Code"] for row in rows_of(half / name)} for name in ("1_whole.csv", "2_half.csv")]
    assert [len(found - {"XZZ"}) for found in trusts] == [3, 1]
    first, corrected = (rows_of(faulty["same_month_twice"] / name) for name in ("1_first.csv", "2_corrected.csv"))
    assert [
        number for number, pair in enumerate(zip(first, corrected, strict=True), start=2) if pair[0] != pair[1]
    ] == [2]


def test_the_list_of_files_is_what_was_written(invented: Path) -> None:
    listed = [WrittenFile(**file) for file in told(invented)["files"]]
    found = {
        path.relative_to(invented / "landing").as_posix()
        for path in (invented / "landing").rglob("*.*")
        if path.is_file()
    }

    assert {file.path for file in listed} == found
    for file in listed:
        if file.source == "esr":
            assert len(rows_of(invented / "landing" / file.path)) == file.rows


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderNotEmpty, match="is not empty"):
        write_inputs("small", tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_refuses_a_folder_that_is_in_use_and_a_scale_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    in_use = CliRunner().invoke(cli.app, ["synth", "--scale", "small", "-o", str(tmp_path)])
    unknown = CliRunner().invoke(cli.app, ["synth", "--scale", "huge", "-o", str(tmp_path / "new")])

    assert (in_use.exit_code, unknown.exit_code) == (2, 2)
    assert "is not empty. Name a new folder" in " ".join(in_use.stderr.split())
    assert "small" in unknown.stderr


def test_the_truth_names_its_tables_and_what_a_row_of_each_stands_for(invented: Path) -> None:
    named = told(invented)["tables"]
    assert {table["path"] for table in named.values()} == {
        path.relative_to(invented).as_posix() for path in (invented / "truth").iterdir()
    }
    assert all(table["one_row_for_each"] for table in named.values())


def test_each_scale_has_the_organisations_it_promises() -> None:
    small, region, national = (scales.SCALES[name] for name in ("small", "region", "national"))

    assert scales.trusts_of(small)["ics_name"].unique().to_list() == [scales.SMALL_ICS]
    assert len(scales.councils_of(region)) == 25
    assert len(scales.councils_of(national)) == 153
    assert [len(scales.month_ends(scale.months)) for scale in (small, region)] == [6, 24]


def test_every_care_system_of_the_region_has_three_trusts_but_for_the_one_that_has_no_third() -> None:
    taken = Counter(scales.trusts_of(scales.SCALES["region"])["ics_name"])
    assert len(taken) == 12
    # The hospitals of Leicester and the partnership trust of Leicestershire are all the trusts of their system; the
    # ambulances that serve it belong to Nottingham.
    of_two = {"Leicester, Leicestershire and Rutland"}
    assert {system for system, trusts in taken.items() if trusts != 3} == of_two
    assert [taken[system] for system in of_two] == [2]
    every = Counter(facts("trusts")["ics_name"])
    assert {system for system in taken if every[system] < 3} == of_two


def test_the_national_scale_has_as_many_rows_a_month_as_the_country_has_staff() -> None:
    """1.5 million assignments of the NHS and 700,000 workers of social care, counted on a small part of it."""
    national = scales.SCALES["national"]
    with duckdb.connect() as connection:
        days = scales.month_ends(1)
        shrunk = dataclasses.replace(
            national, posts_per_trust=national.posts_per_trust // 100, workers=national.workers // 10
        )
        invent_workforce(connection, shrunk, days, 1)
        invent_social_care(connection, shrunk, days, ())
        (assignments,) = connection.execute("select count(*) from assignment").fetchone() or (0,)
        (workers,) = connection.execute("select count(*) from asc_worker").fetchone() or (0,)
    assert 100 * assignments == pytest.approx(1_500_000, rel=0.02)
    assert 10 * workers == pytest.approx(700_000, rel=0.02)
    assert national.months >= 2


def test_the_tickets_of_a_group_are_shared_out_by_weight() -> None:
    import polars

    rows = polars.DataFrame({"group": ["a", "a", "a", "b"], "value": [1, 2, 3, 4], "weight": [1, 2, 0, 5]})
    shared = scales.tickets(rows, ("group",), "weight", 9)

    assert shared.group_by("value").len().sort("value").rows() == [(1, 3), (2, 6), (4, 9)]
    assert shared.filter(group="a")["ticket"].to_list() == list(range(9))


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "again"):
        write_inputs("small", tmp_path / name, 1, 3)
    assert content(tmp_path / "first") == content(tmp_path / "again")


def test_another_seed_gives_other_people() -> None:
    scale = dataclasses.replace(scales.SCALES["small"], posts_per_trust=20)
    people = []
    for seed in (1, 1, 2):
        with duckdb.connect() as connection:
            invent_workforce(connection, scale, scales.month_ends(2), seed)
            people.append(connection.execute("select * from assignment").fetchall())
    assert people[0] == people[1]
    assert not {row[0:1] + row[5:12] for row in people[0]} & {row[0:1] + row[5:12] for row in people[2]}
