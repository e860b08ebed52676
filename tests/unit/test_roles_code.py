"""`ahp roles code` and `ahp roles explain`: a list comes back whole and safe, and a title's path is told in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dagster_project.cli import app
from dagster_project.roles.coding import ADDED
from dagster_project.rules import Relation, run_rules

REFRESHED_AT = "2026-11-22T02:00:00.000Z"
TITLES = "intermediate.int_roles__titles"
CODED = "intermediate.int_roles__coded"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AHP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def ahp(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["roles", *arguments], prog_name="ahp")


def coded(tmp_path: Path, content: bytes) -> list[dict[str, str]]:
    (tmp_path / "titles.csv").write_bytes(content)
    result = ahp("code", str(tmp_path / "titles.csv"), "-o", str(tmp_path / "coded.csv"))
    assert result.exit_code == 0, result.stderr
    with (tmp_path / "coded.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "titles.csv").write_bytes(content)
    result = ahp("code", str(tmp_path / "titles.csv"), "-o", str(tmp_path / "coded.csv"))
    assert result.exit_code == 2
    assert not list(tmp_path.glob("coded.csv*"))
    return " ".join(result.stderr.split())


def explained(*arguments: str) -> str:
    result = ahp("explain", *arguments)
    assert result.exit_code == 0, result.stderr
    return " ".join(result.stdout.split())


def test_rules_given_a_list_of_titles_need_nothing_that_was_landed(tmp_path: Path) -> None:
    title = "select 'Band 6 OT' as title_raw, null::varchar as band_or_grade, 'nhs' as employer_type"
    given = [Relation(TITLES, title)]
    with run_rules(tmp_path / "no store", [CODED], REFRESHED_AT, given=given) as connection:
        found = connection.execute(f"select role_code, basis from {CODED}").fetchall()
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert found == [("experienced", "band")]
    assert ("staging",) not in schemas


def test_only_a_relation_of_the_warehouse_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"The warehouse has no marts\.fct_weather\."):
        run_rules(tmp_path, [CODED], REFRESHED_AT, given=[Relation("marts.fct_weather", "select 1")])


def test_a_list_keeps_its_order_its_duplicates_and_its_own_columns(tmp_path: Path) -> None:
    rows = coded(
        tmp_path,
        b"\xef\xbb\xbfref,Title Raw,band_or_grade,employer_type,role_code\r\n"
        b'7,OT,Band 6,NHS,mine\r\n9,"Wizard, grand",,,\r\n7,OT,Band 6,NHS,mine\r\n8,OT,Band 6,council\r\n',
    )
    assert list(rows[0]) == ["ref", "Title Raw", "band_or_grade", "employer_type", "role_code_as_sent", *ADDED]
    assert [row["ref"] for row in rows] == ["7", "9", "7", "8"]
    assert [row["role_code"] for row in rows] == ["experienced", "uncoded", "experienced", "experienced"]
    assert [row["basis"] for row in rows] == ["band", "default", "band", "default"]
    assert rows[0]["role_code_as_sent"] == "mine"
    assert rows[1]["Title Raw"] == "Wizard, grand"
    assert rows[0] == rows[2]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ","), ("utf-16", "\t")]
)
def test_a_list_may_be_saved_as_spreadsheets_save_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"site{delimiter}title_raw\nCaf\xe9 \xa3{delimiter}Occupational Therapist \u2013 Caf\xe9\n"
    rows = coded(tmp_path, text.encode(encoding))
    assert [(row["site"], row["title_raw"], row["profession"]) for row in rows] == [
        ("Caf\xe9 \xa3", "Occupational Therapist \u2013 Caf\xe9", "occupational_therapy")
    ]


def test_what_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path) -> None:
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", " =2", "\u202e=3"]
    rows = coded(tmp_path, "\n".join(["title_raw,note", *(f"{start},{start}" for start in starts)]).encode())
    assert [(row["title_raw"], row["note"]) for row in rows] == [(f"'{start}", f"'{start}") for start in starts]
    assert {row["role_code"] for row in rows} == {"uncoded"}


def test_titles_that_are_no_titles_are_uncoded_and_break_nothing(tmp_path: Path) -> None:
    titles = ["", "x" * 10_000, "\u202eOT", "\x1b[31mred", "'; drop table titles; --", "\u0645\u0639\u0627\u0644\u062c"]
    (tmp_path / "titles.csv").touch()
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["title_raw", "n"], *([title, "1"] for title in titles)])
    rows = coded(tmp_path, (tmp_path / "list.csv").read_bytes())
    assert [row["title_raw"] for row in rows] == titles
    assert [row["role_code"] for row in rows] == ["uncoded", "uncoded", "experienced", *["uncoded"] * 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"title,band\nOT,6\n", "The first row does not name a column title_raw; it holds: title, band."),
        (b"title_raw\n", "no title below"),
        (b"title_raw,Title Raw\nOT,OT\n", "names 2 columns title_raw"),
        (b"title_raw,employer_type\nOT,nhs\nOT,hospital\n", "Row 3 has the employer_type 'hospital'"),
        (b'title_raw,b\nOT,1\n"OT,2\n', "not a well-formed CSV file"),
        (b'title_raw\nOT\n"SLT\nPT\n', "not a well-formed CSV file"),
        (b"title_raw,b\nOT,1,2\n", "not a well-formed CSV file: the row at line 2"),
        (b"PK\x03\x04 a workbook", "a zipped file such as a workbook"),
        (b"title_raw\nOT\n" + b"x" * 2_000_000 + b"\n", "is longer than 1 MB, and no row with a job title is"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_plain_words(tmp_path: Path, content: bytes, said: str) -> None:
    message = refused(tmp_path, content)
    assert said in message
    assert "Error" not in message
    assert "Traceback" not in message


def test_a_workbook_is_named_as_one_and_a_list_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "queue.xlsx").write_bytes(b"PK\x03\x04 a workbook")
    workbook = ahp("code", str(tmp_path / "queue.xlsx"), "-o", str(tmp_path / "coded.csv"))
    assert (workbook.exit_code, "is a workbook, and a list of titles is read as CSV alone" in workbook.stderr) == (
        2,
        True,
    )
    (tmp_path / "titles.csv").write_bytes(b"title_raw\nOT\n")
    itself = ahp("code", str(tmp_path / "titles.csv"), "-o", str(tmp_path / "." / "titles.csv"))
    assert (itself.exit_code, "is the list itself" in itself.stderr) == (2, True)
    assert (tmp_path / "titles.csv").read_bytes() == b"title_raw\nOT\n"


def test_the_first_answer_after_a_change_of_the_code_says_that_it_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    preparing = "Preparing the rules, once for this version"
    assert preparing not in ahp("explain", "OT").stderr
    monkeypatch.setattr("dagster_project.rules.rules_are_compiled", lambda: False)
    assert preparing in ahp("explain", "OT").stderr


def test_a_day_that_cannot_be_read_or_has_not_come_is_named() -> None:
    for day, said in (("soon", "soon"), ("2999-01-01", "has not come yet")):
        done = ahp("explain", "OT", "--as-at", day)
        assert (done.exit_code, said in done.stderr) == (2, True)


def test_letters_that_are_not_read_are_told_from_no_title() -> None:
    assert "written in letters other than the Latin ones" in explained("\u0645\u0639\u0627\u0644\u062c")
    assert "There is no title to read." in explained(" - ")


def test_a_long_title_is_not_printed_in_full_anywhere() -> None:
    assert len(explained("therapist " + "y" * 10_000)) < 3_000


def test_a_list_that_is_not_there_and_a_place_that_cannot_be_written_to_are_named(tmp_path: Path) -> None:
    missing = ahp("code", str(tmp_path / "none.csv"), "-o", str(tmp_path / "coded.csv"))
    assert (missing.exit_code, "none.csv could not be read" in missing.stderr) == (2, True)
    (tmp_path / "titles.csv").write_bytes(b"title_raw\nOT\n")
    nowhere = ahp("code", str(tmp_path / "titles.csv"), "-o", str(tmp_path / "no" / "coded.csv"))
    assert (nowhere.exit_code, "could not be written" in nowhere.stderr) == (2, True)


def test_an_explanation_tells_the_words_their_meaning_the_rule_and_the_role() -> None:
    path = explained("Snr Ocupational Therapst (Xyzzy) - Level 3", "--employer-type", "council")
    for words in (
        "written out: snr as senior",
        "corrected: ocupational to occupational, therapst to therapist",
        "not known, so they say nothing of the role: xyzzy",
        "The employer is a council",
        "council_level_3:",
        "senior: Senior or advanced practitioner, in the group senior",
        "Occupational therapy, registered with a regulator",
    ):
        assert words in path


def test_a_band_in_an_explanation_decides_as_it_does_at_night() -> None:
    assert "Agenda for Change band 5" in explained("Physiotherapist", "--band", "Band 5", "--employer-type", "nhs")
    path = json.loads(explained("Physiotherapist", "--band", "Band 5", "--employer-type", "nhs", "--json"))
    assert (path["result"]["role_code"], path["result"]["basis"]) == ("entry", "band")


@pytest.mark.parametrize("title", ["", "\u202eOT\x1b[31m", "=cmd|' /C calc'!A0", "'; drop table x; --", "y" * 10_000])
def test_a_title_that_is_none_is_explained_and_shown_escaped(title: str) -> None:
    path = explained(title)
    assert "Role" in path
    assert path.isprintable()
