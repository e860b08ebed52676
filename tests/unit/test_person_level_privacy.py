"""What identifies a person never leaves the file it came in: not by landing, by refusal, by a message, or by a log."""

import base64
import logging
import re
from pathlib import Path

import polars as pl
import pytest
from fixtures.collations import write_xlsx
from fixtures.esr import PERSON, extract, people, person
from fixtures.searching import forms, found_below, found_in

from dagster_project.home import Home
from dagster_project.sources import landing
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.person_level import headings, selecting
from dagster_project.sources.person_level.cards import PersonLevelCard, Use, load_person_level_cards
from dagster_project.sources.person_level.keys import KEY_VARIABLE, key_file

NEVER_PASSED_ON = {
    "First Name": "Zebedee",
    "Surname": "Quillfeather",
    "Employee Number": "20012345",
    "Unique NHS Identifier": "91827364",
    "Assignment Number": "20012345-2",
    "NI Number": "QQ123456C",
    "Home Postcode": "ZZ99 3QZ",
    "Email Address": "zebedee.quillfeather@invented.example",
    "Mobile": "07700 900123",
    "Registration Number": "OT98761",
    "Date of Birth": "17/05/1981",
    "Salary": "39912.77",
}
# Other ways of writing the birth date, and what would be left of an identifier in pieces.
PLANTED = [*NEVER_PASSED_ON.values(), "1981-05-17", "17-MAY-1981", "17 May 1981", "QQ 12 34 56 C", "OT 98761"]
TITLES = (
    "Band 6 OT, call 07700 900123",
    "OT (zebedee.quillfeather@invented.example)",
    "OT QQ 12 34 56 C",
    "OT based at ZZ99 3QZ",
    "OT Zebedee QUILLFEATHER",
    "OT 20012345 maternity cover",
    "Senior OT - OT 98761",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return Home(tmp_path / "home", landing_override=tmp_path / "landing")


def put(home: Home, name: str, content: bytes) -> None:
    path = home.own_landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def planted_rows() -> list[dict[str, str]]:
    own = {heading: PERSON[heading] for heading in ("Employee Number", "Unique NHS Identifier", "Assignment Number")}
    with_titles = [person(7) | own | {"Position Title": title} for title in TITLES]
    in_other_columns = [
        person(7) | own | {"Contracted WTE": "QQ123456C"},
        person(7) | own | {"Latest Start Date": "07700 900123"},
        person(7) | own | {"Reason For Leaving": "wrote to zebedee.quillfeather@invented.example"},
    ]
    return [person() | own, *with_titles, *in_other_columns, *people(20)]


def test_what_is_planted_stands_in_the_extract() -> None:
    assert {heading: PERSON[heading] for heading in NEVER_PASSED_ON} == NEVER_PASSED_ON
    whole = extract(planted_rows()).decode()
    assert all(value in whole for value in NEVER_PASSED_ON.values())


def test_nothing_that_identifies_anybody_leaves_the_files_they_came_in(
    home: Home, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = planted_rows()
    put(home, "esr/accepted.csv", extract(rows, headings={"Salary": "Zumba club"}))
    put(home, "esr/accepted_windows.csv", extract(rows, delimiter=";", encoding="utf-16", line_end="\r\n"))
    put(home, "esr/no_fte.csv", extract(rows, without=["Contracted WTE"]))
    put(home, "esr/no_heading.csv", b"\n".join(extract(rows).splitlines()[1:]))
    put(home, "esr/quotation.csv", extract(rows) + b'"Quillfeather,"Zebedee" x\n' * 3)
    put(home, "esr/cut.csv", extract(rows)[:-400])
    put(home, "esr/two_days.csv", extract([*rows, person(90, Tm_End_Date="2024-04-30")]))
    put(home, "esr/nobody_known.csv", extract(rows, without=["Employee Number", "Unique NHS Identifier"]))
    put(home, "esr/short.csv", extract(rows) + b"QQ123456C,Zebedee,Quillfeather\n")
    put(home, "esr/Staff.xlsx", b"PK\x03\x04 Zebedee Quillfeather")
    put(home, "council_returns/in_the_wrong_folder.csv", extract(rows))
    put(home, "council_returns/in_the_wrong_folder.txt", extract(rows, delimiter="|"))
    sheet = [list(rows[0]), *(list(row.values()) for row in rows)]
    write_xlsx({"Staff": sheet}, home.own_landing / "council_returns" / "workbook.xlsx")
    done = land(home, expectations=check_lightly)
    assert sorted(event.file_name for event in done.accepted) == ["accepted.csv", "accepted_windows.csv", "short.csv"]
    assert len(done.refused) == 10
    assert all(not event.bytes_kept for event in [*done.accepted, *done.refused])
    assert done.rows["esr_assignments"] == 3 * len(rows)
    assert found_below(home.root, PLANTED) == []
    said = capfd.readouterr()
    logged = "\n".join([*(record.getMessage() for record in caplog.records), caplog.text, said.out, said.err])
    assert "Refused no_fte.csv" in logged
    assert found_in(logged.encode(), PLANTED) == []


def test_a_refused_file_is_reported_and_neither_copied_nor_kept(home: Home) -> None:
    put(home, "esr/no_fte.csv", extract(people(3), without=["Contracted WTE"]))
    (event,) = land(home, expectations=check_lightly).refused
    assert [path.name for path in home.quarantine.iterdir()] == [Path(event.report).name]
    report = (home.root / event.report).read_text(encoding="utf-8")
    assert "no copy of it was kept" in report
    assert not (home.store / "bytes").exists()


def test_the_key_stands_in_its_own_file_and_nowhere_else(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    put(home, "esr/a.csv", extract(people(3)))
    put(home, "esr/quotation.csv", extract(people(3)) + b'"x,"y" z\n')
    land(home, expectations=check_lightly)
    secret = key_file(home).read_text(encoding="utf-8")
    assert re.fullmatch("[0-9a-f]{64}", secret)
    assert {found.split(":")[0] for found in found_below(home.root, [secret])} == {"store/pseudonym.key"}
    assert found_in(caplog.text.encode(), [secret]) == []


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        ("surname", "Surname"),
        ("national_insurance_number", "NI Number"),
        ("email", "Email Address"),
        ("date_of_birth", "Date of Birth"),
        ("registration_number", "Registration Number"),
    ],
)
def test_a_column_that_is_kept_by_mistake_is_found(
    home: Home, monkeypatch: pytest.MonkeyPatch, field: str, heading: str
) -> None:
    monkeypatch.setattr(landing, "load_person_level_cards", lambda: (card_that_keeps(field),))
    monkeypatch.setattr(headings, "load_person_level_cards", lambda: (card_that_keeps(field),))
    # What identifies a person is recognised by its form also where a card is wrong, so that is switched off.
    monkeypatch.setattr(selecting, "IDENTIFIER", "$.")
    monkeypatch.setattr(selecting, "SHORTEST_IDENTIFIER", 1000)
    put(home, "esr/a.csv", extract(people(20)))
    land(home, expectations=lambda table, landed: [])
    found = found_below(home.root, PLANTED)
    assert {one.split(": ")[1].split(" as ")[0] for one in found} >= {PERSON[heading]}
    assert any(".parquet decoded" in one for one in found)


def card_that_keeps(field: str) -> PersonLevelCard:
    (card,) = (card for card in load_person_level_cards() if card.source == "esr")
    told = card.model_dump()
    # An e-mail address names its person as words do.
    told["tables"][0]["names"] = ()
    for one in told["tables"][0]["fields"]:
        if one["field"] == field:
            one["use"] = Use.KEPT
    return PersonLevelCard.model_validate(told)


@pytest.mark.parametrize(("form", "written"), list(forms("zebedee.quillfeather@invented.example")))
def test_a_planted_value_is_found_in_whatever_form_it_stands(tmp_path: Path, form: str, written: bytes) -> None:
    (tmp_path / "log.txt").write_bytes(b"some words before " + written + b" and after")
    assert any(form in found for found in found_below(tmp_path, ["zebedee.quillfeather@invented.example"]))


def test_a_planted_value_is_found_in_the_middle_of_a_longer_text_in_base64(tmp_path: Path) -> None:
    for number in range(3):
        text = "x" * number + "Zebedee,Quillfeather,20012345"
        (tmp_path / f"{number}.txt").write_bytes(base64.b64encode(text.encode()))
    found = {one.split(":")[0] for one in found_below(tmp_path, ["Quillfeather"])}
    assert found == {"0.txt", "1.txt", "2.txt"}


def test_a_planted_value_is_found_in_parquet_that_is_compressed(tmp_path: Path) -> None:
    pl.DataFrame({"a": ["Quillfeather"] * 1000}).write_parquet(tmp_path / "a.parquet", compression="zstd")
    assert any("decoded" in one for one in found_below(tmp_path, ["Quillfeather"]))
