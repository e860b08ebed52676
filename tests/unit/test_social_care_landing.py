"""Worker records and workplaces of social care in a night's landing: both forms, both codes, and nobody's name."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from fixtures.searching import found_below
from fixtures.skills_for_care import (
    BIRTH_DATE,
    GLOBAL_ID,
    NI_NUMBER,
    UPLOAD_FILE,
    UPLOADED_WORKPLACE,
    UPLOADED_WORKPLACES_FILE,
    WORKER_FILE,
    WORKPLACE_FILE,
    csv_of,
    extract_of,
    upload_of,
    uploaded,
    worker,
    workplace,
)

from dagster_project.home import Home
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.person_level.cards import load_person_level_cards
from dagster_project.sources.person_level.headings import must_be_of, recognise, unknown_headings
from dagster_project.sources.person_level.keys import KEY_VARIABLE
from dagster_project.sources.store import Event, Store
from dagster_project.synth.facts import facts

PLANTED = [
    NI_NUMBER,
    "QQ 12 34 56 C",
    "ZZ99 3QZ",
    BIRTH_DATE,
    "1981-05-17",
    GLOBAL_ID,
    "3004711",
    "Quillfeather",
    "39913",
]


class Nights:
    """A home with a landing folder beside it."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root / "home", landing_override=root / "landing")

    def put(self, name: str, content: bytes) -> Path:
        path = self.home.landing / "skills_for_care" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def land(self) -> Landing:
        return land(self.home, expectations=check_lightly)

    def rows(self, table: str = "asc_wds_workers") -> pl.DataFrame:
        return pl.read_parquet(Store(self.home).landed_folder / table / "*.parquet")

    def refusal(self, name: str, content: bytes) -> tuple[str, str]:
        """The rule and the message by which a file is refused."""
        self.put(name, content)
        (event,) = self.land().refused
        return event.problems[0]["rule_id"], event.problems[0]["message"]

    def accepted(self, name: str, content: bytes) -> Event:
        self.put(name, content)
        done = self.land()
        assert done.refused == []
        return done.accepted[-1]


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return Nights(tmp_path)


# Both forms.


def test_an_extract_stands_for_the_day_before_it_was_made_and_lands_ahps_only(nights: Nights) -> None:
    roles = ["15", "17", "36", "8", "6", "41", "22", "99", "-1", ""]
    event = nights.accepted(
        WORKER_FILE, extract_of([worker(number, mainjrid=role) for number, role in enumerate(roles)])
    )
    assert (event.rows, event.rows_out_of_scope, event.rows_refused) == ({"asc_wds_workers": 6}, 4, {})
    assert event.as_at_date == "2026-01-31"
    assert event.problems == []
    assert sorted(nights.rows()["main_job_role"]) == ["", "-1", "15", "17", "36", "99"]
    assert set(nights.rows()["code_system"]) == {"extract"}


def test_the_register_says_how_many_rows_were_out_of_scope(nights: Nights) -> None:
    nights.accepted(WORKER_FILE, extract_of([worker(), worker(1, mainjrid="8")]))
    register = pl.read_parquet(Store(nights.home).landed_folder / "submissions" / "submissions.parquet")
    assert register.select("cells", "rows_refused", "rows_out_of_scope").rows() == [(1, 0, 1)]


def test_a_file_in_which_nobody_is_an_ahp_is_accepted_and_counted(nights: Nights) -> None:
    event = nights.accepted(WORKER_FILE, extract_of([worker(mainjrid="8"), worker(1, mainjrid="6")]))
    assert (event.rows, event.rows_out_of_scope) == ({"asc_wds_workers": 0}, 2)


def test_a_bulk_upload_takes_day_and_council_from_where_it_lies(nights: Nights) -> None:
    event = nights.accepted(UPLOAD_FILE, upload_of([uploaded(), uploaded(1, MAINJOBROLE="8")]))
    assert (event.rows, event.rows_out_of_scope, event.as_at_date) == ({"asc_wds_workers": 1}, 1, "2026-01-31")
    (row,) = nights.rows().to_dicts()
    assert (row["code_system"], row["folder"], row["council_cssr"]) == ("bulk_upload", "Derby", "")
    assert (row["age_band"], row["age_answer"]) == ("35 to 44", "valid")


def test_one_person_has_one_pseudonym_in_both_forms_and_in_every_month(nights: Nights) -> None:
    nights.accepted(WORKER_FILE, extract_of([worker(), worker(1)]))
    nights.accepted("import_date=20260301/worker.csv", extract_of([worker(period="M202602", establishmentid="9")]))
    nights.accepted(UPLOAD_FILE, upload_of([uploaded()]))
    keys = nights.rows().group_by("person_key").len().sort("len")
    assert keys["len"].to_list() == [1, 3]


def test_somebody_without_a_national_insurance_number_is_known_within_the_workplace_only(nights: Nights) -> None:
    nobody_knows = [
        uploaded(NINUMBER="admin"),
        uploaded(1, NINUMBER="admin"),
        uploaded(1, NINUMBER="", LOCALESTID="W2"),
    ]
    nights.accepted(UPLOAD_FILE, upload_of(nobody_knows))
    assert nights.rows()["person_key"].n_unique() == 3


def test_workplaces_land_in_a_table_of_their_own(nights: Nights) -> None:
    nights.put(WORKER_FILE, extract_of([worker()]))
    nights.put(WORKPLACE_FILE, extract_of([workplace(), workplace(1)]))
    nights.put(UPLOADED_WORKPLACES_FILE, upload_of([UPLOADED_WORKPLACE]))
    done = nights.land()
    assert (done.refused, done.rows["asc_wds_workers"], done.rows["asc_wds_workplaces"]) == ([], 1, 3)
    assert [event.problems for event in done.accepted] == [[], [], []]
    places = nights.rows("asc_wds_workplaces")
    assert set(nights.rows()["workplace_key"]) < set(places["workplace_key"])


def test_every_heading_of_the_published_layouts_is_known() -> None:
    card = next(card for card in load_person_level_cards() if card.source == "skills_for_care")
    for layout, delimiter in (("asc_wds_extract_columns", "|"), ("asc_wds_bulk_columns", ",")):
        for dataset in ("worker", "workplace"):
            columns = facts(layout).filter(dataset=dataset)["column"].to_list()
            heading = must_be_of(card, recognise(delimiter.join(columns) + "\n"))
            assert heading.table.table == f"asc_wds_{dataset}s"
            assert heading.table.code_system == ("extract" if delimiter == "|" else "bulk_upload")
            assert unknown_headings(heading) == []


def test_nothing_that_identifies_anybody_is_landed(nights: Nights) -> None:
    nights.put(WORKER_FILE, extract_of([worker(9, workerid=""), *(worker(number) for number in range(5))]))
    nights.put(WORKPLACE_FILE, extract_of([workplace()]))
    nights.put(UPLOAD_FILE, upload_of([uploaded(9, UNIQUEWORKERID=""), *(uploaded(number) for number in range(5))]))
    nights.put(UPLOADED_WORKPLACES_FILE, upload_of([UPLOADED_WORKPLACE]))
    nights.put("refused/worker_2026-01-31.csv", upload_of([uploaded()], without=["EMPLSTATUS"]))
    done = nights.land()
    assert (len(done.accepted), len(done.refused)) == (4, 1)
    assert found_below(nights.home.root, PLANTED) == []


# What is wrong with a file.


def test_codes_of_both_forms_in_one_file_refuse_it(nights: Nights) -> None:
    rule, message = nights.refusal(
        WORKER_FILE, extract_of([worker(), worker(1, emplstat="1"), worker(2, mainjrid="8", emplstat="2")])
    )
    assert rule == "file_refused"
    assert "2 rows hold codes of the bulk upload under 'emplstat'" in message


def test_codes_of_the_extract_in_a_bulk_upload_refuse_it(nights: Nights) -> None:
    rule, message = nights.refusal(UPLOAD_FILE, upload_of([uploaded(), uploaded(1, DISABLED="-2")]))
    assert rule == "file_refused"
    assert "1 rows hold codes of the extract under 'DISABLED'" in message


def test_headings_of_both_forms_in_one_file_refuse_it(nights: Nights) -> None:
    mixed = [worker() | {"LOCALESTID": "W1"}]
    rule, message = nights.refusal(WORKER_FILE, extract_of(mixed))
    assert rule == "unknown_header"
    assert "these belong to the bulk upload: 'LOCALESTID'" in message


def test_a_code_of_no_form_lands_and_is_left_to_the_rules(nights: Nights) -> None:
    event = nights.accepted(WORKER_FILE, extract_of([worker(emplstat="195", ethnicity="48", esttype="9")]))
    assert (event.rows, event.problems) == ({"asc_wds_workers": 1}, [])


def test_a_file_that_is_cut_off_is_refused(nights: Nights) -> None:
    whole = extract_of([worker(number) for number in range(5)])
    _, message = nights.refusal(WORKER_FILE, whole[:-40])
    assert "cut off" in message


def test_a_heading_that_has_drifted_is_named_with_its_nearest(nights: Nights) -> None:
    drifted = [{("mainjrid_v2" if name == "mainjrid" else name): text for name, text in worker().items()}]
    rule, message = nights.refusal(WORKER_FILE, extract_of(drifted))
    assert rule == "unknown_header"
    assert "no column 'mainjrid'" in message
    assert "'mainjrid_v2'" in message


def test_a_heading_that_is_not_needed_and_not_known_is_said(nights: Nights) -> None:
    event = nights.accepted(WORKER_FILE, extract_of([worker() | {"shoesize": "39"}]))
    assert [problem["rule_id"] for problem in event.problems] == ["unknown_header"]
    assert "shoesize" in event.problems[0]["message"]


def test_rows_without_an_identity_are_counted_by_their_reason(nights: Nights) -> None:
    rows = [worker(number) for number in range(9)]
    event = nights.accepted(WORKER_FILE, extract_of([*rows, worker(9, workerid=""), worker(10, mainjrid="8")]))
    assert (event.rows, event.rows_out_of_scope) == ({"asc_wds_workers": 9}, 1)
    assert event.rows_refused == {"no_record_identifier": 1}


def test_a_bulk_upload_whose_name_says_no_day_is_refused_and_told_how(nights: Nights) -> None:
    nights.put("bulk_upload/Derby/worker.csv", upload_of([uploaded()]))
    (event,) = nights.land().refused
    assert event.problems[0]["rule_id"] == "as_at_date_missing"
    assert "worker_2026-03-31.csv" in event.problems[0]["suggestion"]


def test_a_name_with_two_days_is_refused(nights: Nights) -> None:
    rule, message = nights.refusal("bulk_upload/Derby/2026-01-31_to_2026-02-28.csv", upload_of([uploaded()]))
    assert rule == "as_at_date_missing"
    assert "more than one day" in message


def test_a_folder_of_another_month_than_the_rows_refuses_the_file(nights: Nights) -> None:
    _, message = nights.refusal("import_date=20260401/worker.csv", extract_of([worker()]))
    assert "stands for 31 March 2026, by its rows for January 2026" in message


def test_an_extract_without_a_folder_of_its_day_stands_for_the_end_of_its_month(nights: Nights) -> None:
    assert nights.accepted("worker.csv", extract_of([worker()])).as_at_date == "2026-01-31"


def test_rows_of_two_months_refuse_the_file(nights: Nights) -> None:
    _, message = nights.refusal("worker.csv", extract_of([worker(), worker(1, period="M202602")]))
    assert "more than one day" in message


def test_birth_dates_in_three_forms_are_each_read_and_others_are_invalid(nights: Nights) -> None:
    born = ["17/05/1981", "1981-05-17", "17-May-1981", "05-17-1981", "", "admin"]
    rows = [uploaded(number, DOB=text) for number, text in enumerate(born)]
    event = nights.accepted(UPLOAD_FILE, upload_of(rows))
    assert nights.rows()["age_answer"].to_list() == [
        "valid",
        "valid",
        "valid",
        "invalid",
        "not_recorded",
        "not_recorded",
    ]
    assert nights.rows()["age_band"].to_list() == ["35 to 44"] * 3 + [""] * 3
    assert [problem["rule_id"] for problem in event.problems] == ["date_unreadable"]


def test_the_same_month_twice_with_differences_lands_again_and_an_older_one_adds_its_day(nights: Nights) -> None:
    path = nights.put(WORKER_FILE, extract_of([worker()]))
    nights.land()
    path.write_bytes(extract_of([worker(), worker(1)]))
    nights.land()
    nights.accepted("import_date=20260101/worker.csv", extract_of([worker(period="M202512")]))
    days = nights.rows().group_by("as_at_date").len().sort("as_at_date")
    assert [(day.isoformat(), count) for day, count in days.rows()] == [("2025-12-31", 1), ("2026-01-31", 3)]


def test_a_mixed_file_of_the_invented_inputs_is_refused(nights: Nights) -> None:
    rows = [worker(number, emplstat=code) for number, code in enumerate(["190", "1", "191", "2"])]
    assert nights.refusal(WORKER_FILE, csv_of(rows, "|"))[0] == "file_refused"


def test_the_reference_lists_hold_each_code_once_and_every_retired_role_says_what_it_is_read_as() -> None:
    lists = Path(__file__).parents[2] / "seeds" / "reference"
    with (lists / "asc_wds_codes.csv").open(encoding="utf-8", newline="") as file:
        codes = [(row["field"], row["code_system"], row["code"]) for row in csv.DictReader(file)]
    assert len(codes) == len(set(codes)) > 250
    with (lists / "asc_wds_job_roles.csv").open(encoding="utf-8", newline="") as file:
        roles = {row["job_role_code"]: row for row in csv.DictReader(file)}
    assert {code: row["read_as"] for code, row in roles.items() if code != row["read_as"]} == {"22": "27", "41": "40"}
    assert {code for code, row in roles.items() if row["is_ahp"] == "true"} == {"15", "17", "36"}
