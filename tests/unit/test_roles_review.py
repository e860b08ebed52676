"""`ahp roles review` and `ahp roles accept`: what waits for a person, and decisions that are kept and never changed."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from toy_release import MADE_AT, make_release
from typer.testing import CliRunner, Result

from dagster_project.cli import app
from dagster_project.home import Home
from dagster_project.lock import refresh_lock
from dagster_project.roles.coding import DECIDED, titles_given
from dagster_project.roles.reviewing import COLUMNS, DECISION, effect, review_queue
from dagster_project.rules import run_rules
from dagster_project.sources.role_decisions import decision_files, prepare_table
from dagster_project.sources.store import Store

# Title, band, employer, words as read, role, basis and sureness.
KNOWN = [
    ("Lead Wellbeing Practitioner", None, "council", "lead wellbeing practitioner", "senior", "rule", "high"),
    ("Wellbeing Lead", None, "council", "wellbeing lead", "senior", "reviewed", "medium"),
    ("Lead Practitioner", "Band 7", "nhs", "lead practitioner", "senior", "band", "high"),
    ("Wellbeing Gardener", None, "council", "wellbeing _", "out_of_scope", "rule", "high"),
    ("Wellbeing Practitioner Manager", None, "council", "wellbeing practitioner manager", "manager", "rule", "low"),
]
# Title, band, employer, words as read, role, what contradicts it, headcount, FTE and organisations.
WAITING: list[tuple[str, str | None, str, str | None, str, str | None, int | None, str | None, int]] = [
    ("Wellbeing Lead Practitioner", None, "council", "wellbeing lead practitioner", "uncoded", None, 9, "7.0", 2),
    ("Occupational Therapist", None, "nhs", "occupational therapist", "experienced", None, 13, "12.5", 1),
    ("OT Assistant", "Band 8a", "nhs", "ot assistant", "assistant", "the band contradicts it", 20, None, 1),
    ("=cmd|' /C calc'!A0", None, "council", None, "uncoded", None, 1, None, 1),
    ("Seen long ago", None, "council", "_ _ _", "uncoded", None, None, None, 0),
    ("Big Wizard", None, "council", "_ _", "uncoded", None, 31, "30.25", 11),
    # Its job role says that it is no therapy role.
    ("Ward Host", None, "nhs", "_ _", "uncoded", None, 60, "55.5", 3),
    ("Therapy Wizard", "Band 3", "nhs", "therapy _", "uncoded", None, 4, "3.0", 1),
    ("Therapy Wizard", "Band 7", "nhs", "therapy _", "uncoded", None, 3, "2.5", 1),
    ("Therapy Wizard", None, "nhs", "therapy _", "entry", None, 1, "1.0", 1),
]
REASON = "The rule in words."


def _tables(changed_from: str = "senior") -> str:
    rows = [
        (*title[:3], title[0].lower(), title[3], "none", role, basis, sureness, None, 1, 1, 1)
        for *title, role, basis, sureness in KNOWN
    ]
    for title, band, employer, read, role, contradiction, headcount, fte, organisations in WAITING:
        basis = "default" if role == "experienced" else "rule"
        found = (read, "none", role, basis, "none", contradiction, headcount, fte, organisations)
        rows.append((title, band, employer, title.lower(), *found))
    rows.append(("Turned", None, "council", "turned", "turned", "none", changed_from, "rule", "high", None, 1, 1, 1))
    values = ", ".join(f"({', '.join('null' if cell is None else _text(cell) for cell in row)})" for row in rows)
    return f"""
        create table quality.role_coding as
        select
            * replace (
                headcount::bigint as headcount, fte::decimal(18, 4) as fte, organisations::integer as organisations
            ),
            '{REASON}' as reason,
            'Derby' as organisation_names,
            array_to_string(list_transform(range(organisations::integer), lambda number: 'E' || number), ', ')
                as organisation_codes,
            case when title_raw = 'Ward Host' then 'out_of_scope' end as role_codes_counted
        from (values {values}) as coding(
            title_raw, band_or_grade, employer_type, title_plain, title_read, profession, role_code, basis, sureness,
            contradiction, headcount, fte, organisations
        );
        create table reference.role_decisions (
            title_raw varchar, band_or_grade varchar, employer_type varchar, role_code varchar
        );
        insert into reference.role_decisions values ('Experienced Wellbeing', null, 'council', 'experienced');
    """


def _text(cell: object) -> str:
    return "'" + str(cell).replace("'", "''") + "'"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("AHP_HOME", str(tmp_path / "home"))
    home = Home(tmp_path / "home")
    make_release(home, MADE_AT - timedelta(days=1), "111111", _tables(changed_from="experienced"))
    make_release(home, change=_tables())
    return home


def roles(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["roles", *arguments], prog_name="ahp")


def decision(title: str = "Wellbeing Lead Practitioner", **said: str) -> dict[str, str]:
    """A decision that can be accepted, but for what the test says otherwise."""
    return {
        "title_raw": title,
        "band_or_grade": "",
        "employer_type": "council",
        "role_code": "senior",
        "profession": "generic_therapy",
        "equivalence": "equal",
        "reason": "The council leads practice by it.",
        "reviewer": "Principal OT",
        "second_reviewer": "",
        "decided_on": "20/11/2026",
        **said,
    }


def written(*rows: Mapping[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(decision()))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def accept(tmp_path: Path, content: bytes, name: str = "decisions.csv") -> Result:
    (tmp_path / name).write_bytes(content)
    return roles("accept", str(tmp_path / name))


def coded(home: Home, title: str, refreshed_at: str, employer: str = "council", band: str = "") -> tuple[Any, ...]:
    """Role, basis, sureness and rule of a title on a night."""
    grade = _text(band) if band else "null::varchar"
    titles = f"select {_text(title)} as title_raw, {grade} as band_or_grade, {_text(employer)} as employer_type"
    with run_rules(home.store, [DECIDED], refreshed_at, given=[titles_given(titles)]) as connection:
        (row,) = connection.execute(f"select role_code, basis, sureness, rule_role_code from {DECIDED}").fetchall()
    return row


def after(home: Home) -> str:
    """A night after all that has been accepted."""
    return (datetime.now(UTC) + timedelta(minutes=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Review


def test_the_queue_holds_what_is_uncoded_defaulted_contradicted_or_changed_most_fte_first(home: Home) -> None:
    queue = review_queue(home)
    assert [row["title_raw"] for row in queue] == [
        "Big Wizard",
        "OT Assistant",
        "Occupational Therapist",
        "Wellbeing Lead Practitioner",
        *["Therapy Wizard"] * 2,
        "=cmd|' /C calc'!A0",
        "Turned",
    ]
    assert {row["title_raw"]: row["why"] for row in queue} == {
        **dict.fromkeys(
            ("Big Wizard", "Therapy Wizard", "Wellbeing Lead Practitioner", "=cmd|' /C calc'!A0"), f"Uncoded: {REASON}"
        ),
        "OT Assistant": "Contradictory: the band contradicts it.",
        "Occupational Therapist": f"By convention: {REASON}",
        "Turned": "Changed: it was experienced in the last release.",
    }


def test_a_title_has_its_nearest_known_titles_with_the_words_they_share_and_what_deciding_moves(home: Home) -> None:
    (row,) = [row for row in review_queue(home) if row["title_raw"] == "Wellbeing Lead Practitioner"]
    assert [row[f"nearest_{number}"] for number in (1, 2, 3)] == [
        "Lead Wellbeing Practitioner (council): senior, firmly coded; shares wellbeing, lead, practitioner",
        "Wellbeing Lead (council): senior, decided by a person; shares wellbeing, lead",
        "Lead Practitioner (Band 7, nhs): senior, firmly coded; shares lead, practitioner",
    ]
    assert row["suggested_role_code"] == "senior"
    assert row["effect"] == "moves 7.0 FTE from uncoded to senior in two councils"


def test_neighbours_that_disagree_suggest_nothing(home: Home) -> None:
    change = _tables().replace("'lead practitioner', 'none', 'senior'", "'lead practitioner', 'none', 'manager'")
    make_release(home, MADE_AT + timedelta(days=1), "333333", change)
    (row,) = [row for row in review_queue(home) if row["title_raw"] == "Wellbeing Lead Practitioner"]
    assert row["suggested_role_code"] is None
    assert row["effect"] == "7.0 FTE in two councils stay uncoded until somebody decides"


def test_the_queue_as_csv_is_harmless_and_has_room_for_decisions(home: Home, tmp_path: Path) -> None:
    assert roles("review", "-o", str(tmp_path / "queue.csv")).exit_code == 0
    with (tmp_path / "queue.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert {row[name] for row in rows for name in DECISION} == {""}
    assert "'=cmd|' /C calc'!A0" in {row["title_raw"] for row in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_queue_as_a_workbook_has_drop_downs_a_heading_that_stays_and_no_formula(home: Home, tmp_path: Path) -> None:
    assert roles("review", "-o", str(tmp_path / "queue.xlsx")).exit_code == 0
    sheet = load_workbook(tmp_path / "queue.xlsx").worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:V9")
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    offered = {rule.formula1: str(rule.sqref) for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert offered == {"Lists!$A$2:$A$12": "P2:P9", "Lists!$B$2:$B$18": "Q2:Q9", "Lists!$C$2:$C$5": "R2:R9"}
    formula_like = next(cell for cell in sheet["A"] if cell.value == "=cmd|' /C calc'!A0")
    assert (formula_like.data_type, formula_like.quotePrefix) == ("s", True)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_the_queue_on_a_terminal_shows_titles_reasons_and_effects(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = " ".join(roles("review").stdout.split())
    for words in ("Wellbeing Lead Practitioner", "moves 7.0 FTE from uncoded to senior", "8 titles to look at"):
        assert words in shown


def test_where_nothing_waits_it_says_so(home: Home, tmp_path: Path) -> None:
    make_release(home, MADE_AT + timedelta(days=1), "444444", f"{_tables()}; delete from quality.role_coding")
    assert "Nothing waits" in roles("review").stdout
    assert "Nothing waits" in roles("review", "-o", str(tmp_path / "queue.csv")).stderr


@pytest.mark.parametrize(
    ("headcount", "fte", "said"),
    [
        (1, None, "1 person in one council stays uncoded"),
        (2, None, "2 people in one council stay uncoded"),
        (1, Decimal("0.8"), "0.8 FTE in one council stay uncoded"),
    ],
)
def test_an_effect_is_said_as_people_say_it(headcount: int, fte: Decimal | None, said: str) -> None:
    assert effect(fte, headcount, "uncoded", None, 1, "council").startswith(said)


def test_a_queue_is_written_in_two_forms_only_and_needs_a_release(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert roles("review", "-o", str(tmp_path / "queue.pdf")).exit_code == 2
    monkeypatch.setenv("AHP_HOME", str(tmp_path / "empty"))
    assert (roles("review").exit_code, "There is no release yet" in roles("review").stderr) == (1, True)


# Accept


def test_a_decision_counts_from_the_next_night_and_is_kept_with_the_bytes_it_came_in(
    home: Home, tmp_path: Path
) -> None:
    before = after(home)
    prepare_table(home.store)
    assert coded(home, "Wellbeing Lead Practitioner", before)[0] != "senior"
    content = written(decision(), decision("Big Wizard", role_code="", reason="", equivalence="", profession=""))
    done = accept(tmp_path, content)
    assert done.exit_code == 0, done.stderr
    assert "moves 7.0 FTE from uncoded to senior in two councils." in done.stdout
    night = after(home)
    assert coded(home, "wellbeing LEAD practitioners", night)[0] != "senior", "other words are another title"
    assert coded(home, "Wellbeing  lead-practitioner", night)[:3] == ("senior", "reviewed", "high")
    assert coded(home, "Wellbeing Lead Practitioner", night, employer="nhs")[1] != "reviewed"
    (landed,) = decision_files(home.store)
    store = Store(home)
    assert [path.read_bytes() for path in store.bytes_folder.rglob("*") if path.is_file()] == [content]
    assert landed.name.endswith(f"{next(p for p in store.bytes_folder.rglob('*') if p.is_file()).name[:12]}.parquet")


def test_the_same_decisions_twice_change_nothing(home: Home, tmp_path: Path) -> None:
    assert accept(tmp_path, written(decision())).exit_code == 0
    again = accept(tmp_path, written(decision()) + b"\n", "saved again.csv")
    assert (again.exit_code, "Nothing changes. 1 decision had been recorded before." in again.stdout) == (0, True)
    assert len(decision_files(home.store)) == 1


def test_an_explanation_says_how_sure_a_decision_is_in_its_own_words(home: Home, tmp_path: Path) -> None:
    rows = [
        decision("Wellbeing Guide", equivalence="wider"),
        decision("Wellbeing Angel", role_code="uncoded", profession=""),
    ]
    assert accept(tmp_path, written(*rows)).exit_code == 0
    wider, uncoded = (
        " ".join(roles("explain", row["title_raw"], "--employer-type", "council").stdout.split()) for row in rows
    )
    assert "medium: the title covers more than the role, by the decision" in wider
    assert "none: the decision leaves it uncoded" in uncoded
    before = roles("explain", "Wellbeing Guide", "--employer-type", "council", "--as-at", "2026-11-19").stdout
    assert "Decision" not in before


def test_a_later_decision_ends_the_earlier_and_a_night_of_the_past_keeps_its_own(home: Home, tmp_path: Path) -> None:
    title = "Wellbeing Lead Practitioner"
    assert accept(tmp_path, written(decision(decided_on="2026-11-01"))).exit_code == 0
    first_night = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    later = decision(role_code="manager", decided_on="2026-11-02", equivalence="wider")
    assert accept(tmp_path, written(later)).exit_code == 0
    second_night = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert accept(tmp_path, written(decision(role_code="", equivalence="", decided_on="2026-11-03"))).exit_code == 0
    assert coded(home, title, "2026-10-31T02:00:00Z")[1] != "reviewed"
    assert coded(home, title, first_night)[:3] == ("senior", "reviewed", "high")
    assert coded(home, title, second_night)[:3] == ("manager", "reviewed", "medium")
    role, basis, _, by_rules = coded(home, title, after(home))
    assert (role, basis != "reviewed") == (by_rules, True)
    assert len(decision_files(home.store)) == 3


def test_the_closest_decision_counts(home: Home, tmp_path: Path) -> None:
    rows = [
        decision(employer_type="", role_code="experienced", equivalence="inexact"),
        decision(employer_type="nhs", role_code="manager"),
        decision(employer_type="nhs", band_or_grade="Band 8a", role_code="principal", equivalence="narrower"),
    ]
    done = accept(tmp_path, written(*rows))
    assert done.exit_code == 0, done.stderr
    night = after(home)
    title = "Wellbeing Lead Practitioner"
    assert coded(home, title, night, "independent")[:3] == ("experienced", "reviewed", "low")
    assert coded(home, title, night, "nhs")[0] == "manager"
    assert coded(home, title, night, "nhs", "8a")[:3] == ("principal", "reviewed", "medium")


def test_decisions_can_come_back_in_the_workbook_they_were_made_in(home: Home, tmp_path: Path) -> None:
    roles("review", "-o", str(tmp_path / "queue.xlsx"))
    workbook = load_workbook(tmp_path / "queue.xlsx")
    sheet = workbook.worksheets[0]
    row = next(cell.row for cell in sheet["A"] if cell.value == "Wellbeing Lead Practitioner")
    for name, value in decision(decided_on="").items():
        if name in DECISION and value:
            sheet.cell(row, COLUMNS.index(name) + 1, value)
    sheet.cell(row, COLUMNS.index("decided_on") + 1, date(2026, 11, 20))
    workbook.save(tmp_path / "queue.xlsx")
    done = roles("accept", str(tmp_path / "queue.xlsx"))
    assert (done.exit_code, "Recorded 1 decision." in done.stdout) == (0, True), done.stderr
    assert coded(home, "Wellbeing Lead Practitioner", after(home))[0] == "senior"


WRONG: list[tuple[dict[str, str], str]] = [
    ({"role_code": "seniour"}, "the role_code 'seniour' is not known. Choose one of assistant,"),
    ({"profession": "wizardry"}, "the profession 'wizardry' is not known"),
    ({"employer_type": "hospital"}, "the employer_type 'hospital' is not known"),
    ({"equivalence": "similar"}, "the equivalence 'similar' is not known"),
    ({"equivalence": ""}, "no equivalence is given"),
    ({"reason": ""}, "no reason is given"),
    ({"reviewer": ""}, "no reviewer is given"),
    ({"reviewer": "jo@derby.gov.uk"}, "holds an e-mail address"),
    ({"decided_on": ""}, "no day of the decision is given"),
    ({"decided_on": "soon"}, "the day 'soon' cannot be read"),
    ({"decided_on": "2999-01-01"}, "has not come yet"),
    ({"title_raw": "!!!"}, "nothing is left of the title"),
    ({"role_code": ""}, "no earlier decision to take back"),
    ({"profession": "none"}, "the role senior needs a profession"),
    ({"role_code": "out_of_scope", "profession": "physiotherapy"}, "the role out_of_scope has no profession"),
    ({"role_code": "uncoded", "profession": "physiotherapy"}, "the role uncoded has no profession"),
    (
        {"employer_type": "nhs", "band_or_grade": "Band 3"},
        "the role senior can stand at band 7 or 8, and the post is at",
    ),
    ({"employer_type": "nhs", "band_or_grade": "8b", "role_code": "assistant"}, "and the post is at band 8."),
    (
        {"title_raw": "Band 5 OT", "employer_type": "nhs", "band_or_grade": "Band 6", "profession": ""},
        "the post is at band 6. Settle the band first",
    ),
    ({"title_raw": "OT Assistant", "profession": ""}, "says assistant, which is a support role"),
    ({"title_raw": "Senior OT", "role_code": "assistant", "profession": ""}, "which is a role for registered staff"),
    (
        {"title_raw": "NVQ Assessor", "role_code": "principal", "profession": "dietetics"},
        "says out_of_scope, which is no therapy role",
    ),
    ({"title_raw": "OT Wizard", "profession": "physiotherapy"}, "the title names occupational_therapy"),
    ({"title_raw": "Apprentice", "role_code": "student"}, "the title says apprentice, and the decision says student"),
    ({"title_raw": "Student OT", "role_code": "apprentice", "profession": ""}, "the title says student"),
    ({"title_raw": "Degree Apprentice OT", "profession": ""}, "says apprentice, which is a role for apprentices"),
]
# What looks alike and contradicts nothing: two branches of one register, and an assistant at Band 5 or 6.
RIGHT: list[dict[str, str]] = [
    {"title_raw": "Radiographer Wizard", "profession": "radiography_therapeutic"},
    {"title_raw": "OT Assistant", "role_code": "assessor", "profession": "occupational_therapy"},
    {
        "title_raw": "OT Assistant",
        "employer_type": "nhs",
        "band_or_grade": "5",
        "role_code": "assistant",
        "profession": "",
    },
    {"title_raw": "OT/OTA", "role_code": "assistant", "profession": ""},
    {"title_raw": "OT Assistant", "employer_type": "unknown", "role_code": "uncoded", "profession": ""},
    {"title_raw": "Advanced OT Wizard", "employer_type": "nhs", "band_or_grade": "8a", "profession": ""},
]


def test_a_file_with_decisions_that_cannot_be_accepted_names_each_and_nothing_is_recorded(
    home: Home, tmp_path: Path
) -> None:
    rows = [{**decision(f"Wellbeing Guide {chr(65 + number)}"), **said} for number, (said, _) in enumerate(WRONG)]
    done = accept(tmp_path, written(decision("Wellbeing Guide"), *rows))
    assert (done.exit_code, decision_files(home.store)) == (1, [])
    nothing, *problems = done.stderr.splitlines()
    assert nothing == "Nothing was recorded."
    assert len(problems) == len(WRONG)
    for row, ((said, wrong), problem) in enumerate(zip(WRONG, problems, strict=True), start=3):
        assert problem.startswith(f"Row {row}, "), said
        assert wrong in problem, said


def test_decisions_that_contradict_nothing_are_accepted(home: Home, tmp_path: Path) -> None:
    done = accept(tmp_path, written(*({**decision(), **said} for said in RIGHT)))
    assert (done.exit_code, f"Recorded {len(RIGHT)} decisions." in done.stdout) == (0, True), done.stderr


def test_a_decision_of_any_band_is_held_back_at_a_band_its_role_cannot_have(home: Home, tmp_path: Path) -> None:
    title = "Therapy Wizard"
    done = accept(tmp_path, written(decision(title, employer_type="nhs")))
    assert done.exit_code == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "moves 3.5 FTE from entry and uncoded to senior in one NHS organisation." in said
    assert "At band 3 it is held back, since the band contradicts it, and nothing changes for 3.0 FTE" in said
    night = after(home)
    assert coded(home, title, night, "nhs")[:2] == ("senior", "reviewed")
    assert coded(home, title, night, "nhs", "Band 7")[:2] == ("senior", "reviewed")
    role, basis, _, by_rules = coded(home, title, night, "nhs", "Band 3")
    assert (role, basis == "reviewed") == (by_rules, False)


def test_a_decision_that_ends_another_says_so_and_one_that_comes_too_late_does_too(home: Home, tmp_path: Path) -> None:
    assert accept(tmp_path, written(decision())).exit_code == 0
    same_day = accept(tmp_path, written(decision(role_code="manager")))
    assert "It takes the place of the decision of the same day that says senior." in same_day.stdout
    before = accept(tmp_path, written(decision(role_code="principal", decided_on="2026-11-01")))
    assert "the decision of 20 November 2026 that says manager is later and stays in force" in before.stdout
    assert coded(home, "Wellbeing Lead Practitioner", after(home))[0] == "manager"


def test_two_rows_that_decide_one_title_differently_are_both_named(home: Home, tmp_path: Path) -> None:
    done = accept(tmp_path, written(decision(), decision("WELLBEING lead practitioner", role_code="manager")))
    assert (done.exit_code, "Rows 2 and 3 decide the same title differently" in done.stderr) == (1, True)
    assert decision_files(home.store) == []


@pytest.mark.parametrize("second", ["", "principal ot"])
def test_what_moves_more_than_ten_fte_needs_a_second_pair_of_eyes(home: Home, tmp_path: Path, second: str) -> None:
    done = accept(tmp_path, written(decision("Big Wizard", second_reviewer=second)))
    assert (done.exit_code, "moves 30.25 FTE, more than 10," in done.stderr) == (1, True)
    assert decision_files(home.store) == []
    assert accept(tmp_path, written(decision("Big Wizard", second_reviewer="Head of therapy"))).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (written(), "No row of the file decides anything"),
        (b"a,b\n1,2\n", "No row of the file has the headings title_raw"),
        (b"title_raw,role_code,reason,reviewer\nOT,senior,x,y\n", "is missing"),
        (b"", "The file is empty"),
    ],
)
def test_a_file_without_decisions_is_a_usage_error(home: Home, tmp_path: Path, content: bytes, said: str) -> None:
    done = accept(tmp_path, content)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert decision_files(home.store) == []


def test_no_decision_is_taken_while_a_refresh_runs(home: Home, tmp_path: Path) -> None:
    (tmp_path / "decisions.csv").write_bytes(written(decision()))
    with refresh_lock(home):
        # The lock may be taken again within a process, so another one asks.
        done = subprocess.run(
            [sys.executable, "-c", "from dagster_project.cli import main; main()", "roles", "accept", "decisions.csv"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, "Another refresh is running" in done.stderr) == (3, True)
    assert decision_files(home.store) == []
