"""Returns as a spreadsheet in the wild saves them read right, to the last number, or are refused with their place."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fixtures.damaged import FIGURE_18, figure_18
from fixtures.returns import (
    AS_AT,
    CLEAN,
    COVER,
    EQUALITY,
    GROUPS,
    LEADERSHIP,
    LEARNERS,
    MEASURES,
    WORKFORCE,
    Paper,
    Return,
    filled,
)
from fixtures.wild import (
    GONE,
    NATIONAL_INSURANCE_NUMBER,
    PERSON,
    Case,
    Cell,
    Reads,
    Refused,
    Wild,
    at,
    every_case,
    with_empty_formatting,
)
from programs import libreoffice

from dagster_project.home import Home
from dagster_project.returns.checked import CheckedFile
from dagster_project.returns.checking import FOLDER, check_files
from dagster_project.rules import compiled_rules, run_rules
from dagster_project.sources.catalogue import load_card
from dagster_project.sources.councils import councils_on
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landed import LandedCell
from dagster_project.sources.landing import land
from dagster_project.sources.opening import open_bytes
from dagster_project.sources.reading import read_sheets
from dagster_project.sources.return_reading import read_return
from dagster_project.sources.store import now

RECEIVED_ON, EARLIER = date(2026, 11, 1), date(2025, 9, 30)
CASES = every_case()
READING = [case for case in CASES if isinstance(case.expected, Reads)]
REFUSED = [case for case in CASES if isinstance(case.expected, Refused)]


def written(files: Sequence[Wild], folder: Path) -> list[Path]:
    """Each in a folder of its own, since most are called the same."""
    paths = [folder / str(number) / file.name for number, file in enumerate(files)]
    for path, file in zip(paths, files, strict=True):
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
    return paths


@pytest.fixture(scope="module")
def wild() -> dict[str, Wild]:
    """Every file, every second one of another council and day, so that none takes another's place."""
    own = {case.council for case in CASES if case.council}
    names = [council.organisation_name for council in councils_on(AS_AT) if council.organisation_name not in own]
    return {
        case.name: case.made(case.council or names[number // 2 % len(names)], day)
        for cases, day in ((READING, AS_AT), (REFUSED, EARLIER))
        for number, case in enumerate(cases)
    }


@pytest.fixture(scope="module")
def checked(wild: dict[str, Wild], tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckedFile]:
    """What the check of half of them at once says of each; there are more of them than councils."""
    checked: dict[str, CheckedFile] = {}
    for cases in (READING[::2] + REFUSED[::2], READING[1::2] + REFUSED[1::2]):
        folder = tmp_path_factory.mktemp("wild")
        files = [wild[case.name] for case in cases]
        report = check_files(written(files, folder / "files"), Home(folder / "home"))
        checked |= zip((case.name for case in cases), report.files, strict=True)
    return checked


@pytest.fixture(scope="module")
def clean() -> dict[Cell, str]:
    """The landed cells of the clean return."""
    cells = landed(read_return(open_bytes(filled(CLEAN), "clean.xlsx"), RECEIVED_ON).cells)
    assert len(cells) > 300
    return cells


def place(file_place: tuple[str, str, int | None]) -> str:
    sheet, cell, row = file_place
    return f"{sheet} {cell or row or ''}".strip()


def found(file: CheckedFile) -> list[tuple[str, str]]:
    return sorted((finding.rule_id, place((finding.sheet, finding.cell, finding.row))) for finding in file.findings)


def counted(file: CheckedFile) -> dict[str, tuple[float | None, ...]]:
    return {group.group_name: tuple(getattr(group, measure) for measure in MEASURES) for group in file.counted}


def expected_numbers(means: Return) -> dict[str, tuple[float | None, ...]]:
    return {
        group: tuple(None if number is None else float(number) for number in means.numbers_of(group))
        for group in GROUPS.values()
    }


def landed(cells: Sequence[LandedCell]) -> dict[Cell, str]:
    """The text of every landed cell, by the row of its part that it stands in."""
    shape_of_answers = {COVER, LEADERSHIP}
    rows = {
        part: {
            row: number
            for number, row in enumerate(sorted({cell.source_row for cell in cells if cell.figure == part}), 1)
        }
        for part in {cell.figure for cell in cells}
    }
    return {
        (
            cell.figure,
            0 if cell.figure in shape_of_answers else rows[cell.figure][cell.source_row],
            cell.field,
        ): cell.cell_text
        for cell in cells
        if cell.landed_table != "return_totals"
    }


def test_the_files_are_many_and_of_both_kinds() -> None:
    assert len(READING) >= 60
    assert len(REFUSED) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", READING, ids=lambda case: case.name[:60])
def test_a_file_that_counts_gives_the_numbers_of_its_plain_form_and_says_what_is_odd(
    case: Case, wild: dict[str, Wild], checked: dict[str, CheckedFile]
) -> None:
    assert isinstance(case.expected, Reads)
    file = checked[case.name]
    assert found(file) == sorted(case.expected.found)
    assert (file.form, file.organisation_name, file.as_at_date) == (
        "return",
        wild[case.name].council,
        AS_AT.isoformat(),
    )
    assert counted(file) == expected_numbers(case.expected.means)
    assert len(file.counted) == len(GROUPS)


@pytest.mark.parametrize("case", READING, ids=lambda case: case.name[:60])
def test_a_file_that_counts_lands_as_it_was_typed(case: Case, wild: dict[str, Wild], clean: dict[Cell, str]) -> None:
    assert isinstance(case.expected, Reads)
    file = wild[case.name]
    expected = clean | {(COVER, 0, "council"): file.council} | case.expected.typed
    reading = read_return(open_bytes(file.content, file.name), RECEIVED_ON)
    assert landed(reading.cells) == {cell: text for cell, text in expected.items() if text != GONE}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name[:60])
def test_a_file_that_does_not_count_is_refused_with_the_reason_and_the_place(
    case: Case, checked: dict[str, CheckedFile]
) -> None:
    assert isinstance(case.expected, Refused)
    file = checked[case.name]
    assert (file.form, file.counted) == ("", ())
    assert found(file) == sorted(case.expected.found)
    assert any(case.expected.says in finding.message for finding in file.findings)
    for finding in file.findings:
        assert finding.severity == "error"
        assert finding.message.endswith((".", "?"))
        assert finding.suggestion.endswith(".")


def test_nothing_that_is_said_of_a_file_names_a_person_or_a_place_on_a_computer(
    checked: dict[str, CheckedFile],
) -> None:
    said = [text for file in checked.values() for finding in file.findings for text in vars(finding).values()]
    assert len(said) > 1000
    for text in map(str, said):
        assert PERSON not in text
        assert NATIONAL_INSURANCE_NUMBER not in text
        assert "Jane Doe" not in text


def test_what_is_said_names_what_was_found_and_what_to_do(tmp_path: Path) -> None:
    paper = Paper(CLEAN)
    paper.put(WORKFORCE, 1, "fte_agency", 13)
    paper.put(WORKFORCE, 1, "headcount_seconded", 15)
    paper.rows(WORKFORCE).append(list(paper.rows(WORKFORCE)[-1]))
    paper.rows(LEARNERS).append(list(paper.rows(LEARNERS)[-1]))
    total: list[object] = [None] * 23
    total[0], total[11] = "Total", "about 1500"
    paper.rows(WORKFORCE).append(total)
    path = tmp_path / "return.xlsx"
    path.write_bytes(paper.saved())
    (file,) = check_files([path], Home(tmp_path / "home")).files
    said = {(each.severity, each.message.removeprefix("Derby: "), each.suggestion) for each in file.findings}
    assert said == {
        (
            "error",
            "the agency FTE of 'Occupational Therapist' is 13, more than the FTE of 12.6 it is part of.",
            "Check both; the part is among the FTE and no larger.",
        ),
        (
            "error",
            "the number of seconded people of 'Occupational Therapist' is 15, more than the headcount of 14 it is part "
            "of.",
            "Check both; the part is among the headcount and no larger.",
        ),
        (
            "error",
            "Row 13 repeats row 12 in every cell, so it does not count again.",
            "Remove one of the two. Where both are right, give each something of its own under 'Job title', such as "
            "the name of its team.",
        ),
        (
            "error",
            "Row 8 repeats row 7 in every cell, so it does not count again.",
            "Remove one of the two. Where both are right, put their numbers together in one row.",
        ),
        (
            "warning",
            "headcount: 'about 1500' is given as the total and cannot be read as one number, so the rows cannot be "
            "held against it. The rows are counted, the total is not.",
            "Give the total as one number, or leave it out; totals are worked out here.",
        ),
    }
    assert counted(file) == expected_numbers(CLEAN)


# One council in several files


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckedFile]:
    """Files that came on one day, two for each of four councils, and a regional collation saved in an unusual way."""
    folder = tmp_path_factory.mktemp("together")
    larger = replace(CLEAN, posts=(*CLEAN.posts[:5], {**CLEAN.posts[5], "headcount": "3"}))

    def plain(council: str, *, parts: Sequence[str] = (), made: Return = CLEAN) -> bytes:
        paper = Paper(replace(made, council=council))
        paper.grid = {name: rows for name, rows in paper.grid.items() if not parts or name in parts}
        return paper.saved()

    same = plain("Nottingham")
    files = {
        "first half.xlsx": plain("Derby", parts=[COVER, WORKFORCE]),
        "second half.xlsx": plain("Derby", parts=[COVER, LEARNERS, LEADERSHIP, EQUALITY]),
        "earlier.xlsx": plain("Leicester"),
        "later.xlsx": plain("Leicester", made=larger),
        "one version.xlsx": plain("Rutland"),
        "another version.xlsx": plain("Rutland", made=larger),
        "of the year before.xlsx": Paper(replace(larger, council="Derbyshire", as_at=EARLIER)).saved(),
        "of this year.xlsx": plain("Derbyshire"),
        "return.xlsx": same,
        "return - Copy.xlsx": same,
        "Figure 18.csv": b"\xff\xfe" + figure_18().decode().replace(",", "\t").encode("utf-16-le"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_790_000_000, 1_790_000_000 - (600 if name == "earlier.xlsx" else 0)))
    report = check_files([folder / name for name in files], Home(folder / "home"))
    return dict(zip(files, report.files, strict=True))


@pytest.mark.parametrize(("name", "missing"), [("first half.xlsx", "'Equality'"), ("second half.xlsx", "'Workforce'")])
def test_half_a_return_is_refused_with_the_sheets_that_are_missing(
    name: str, missing: str, together: dict[str, CheckedFile]
) -> None:
    file = together[name]
    (finding,) = file.findings
    assert (file.form, file.counted, finding.rule_id) == ("", (), "file_refused")
    assert missing in finding.message


def test_of_two_versions_saved_at_the_same_time_neither_counts(together: dict[str, CheckedFile]) -> None:
    for name, other in (("one version.xlsx", "another version.xlsx"), ("another version.xlsx", "one version.xlsx")):
        file = together[name]
        assert (file.form, file.counted, found(file)) == ("", (), [("returns_came_together", "")])
        assert other in file.findings[0].message


def test_of_two_versions_the_one_saved_last_counts_and_says_so(together: dict[str, CheckedFile]) -> None:
    later, earlier = together["later.xlsx"], together["earlier.xlsx"]
    assert found(later) == [("equality_differs_from_headcount", "Equality C54"), ("returns_came_together", "")]
    assert counted(later)["Managers"] == (3.0, 1.9, 1.9, 0.0, 0.1)
    assert earlier.counted == ()


def test_two_days_of_a_council_are_two_returns_and_each_shows_its_own_numbers(together: dict[str, CheckedFile]) -> None:
    before, after = together["of the year before.xlsx"], together["of this year.xlsx"]
    assert (before.as_at_date, after.as_at_date) == (EARLIER.isoformat(), AS_AT.isoformat())
    assert len(before.counted) == len(after.counted) == len(GROUPS)
    assert (counted(before)["Managers"][0], counted(after)["Managers"][0]) == (3, 2)


def test_the_same_bytes_twice_are_one_return(together: dict[str, CheckedFile]) -> None:
    for name in ("return.xlsx", "return - Copy.xlsx"):
        assert counted(together[name]) == expected_numbers(CLEAN)
        assert together[name].findings == ()


def test_a_collation_saved_in_an_unusual_way_counts_and_says_so(together: dict[str, CheckedFile]) -> None:
    file = together["Figure 18.csv"]
    assert file.form == "collation"
    unusual = [finding.severity for finding in file.findings if finding.rule_id == "file_form_unusual"]
    assert unusual == ["info", "info"]
    derby = next(
        group
        for group in file.counted
        if (group.organisation_name, group.group_name) == ("Derby", GROUPS["has_occupational_therapists"])
    )
    assert (derby.headcount, derby.fte) == (13, 7.85)


# Numbers beyond all reason


def test_a_number_beyond_all_reason_is_named_and_keeps_nobody_from_counting(tmp_path: Path) -> None:
    """One council's slip of the finger must not stop the night of all the others."""
    slips: list[tuple[str, int, str, int]] = [
        (WORKFORCE, 1, "pay_maximum", 99_999_999_999),
        (WORKFORCE, 2, "headcount", 99_999_999_999_999),
        (WORKFORCE, 3, "headcount", 99_999_999_999_999),
        (LEARNERS, 1, "learner_count", 99_999_999_999_999),
        (LEARNERS, 2, "learner_count", 99_999_999_999_999),
        (EQUALITY, 49, "people", 99_999_999_999_999),
        (EQUALITY, 50, "people", 99_999_999_999_999),
    ]
    paper, home = Paper(CLEAN), Home(tmp_path / "home")
    for part, row, field, number in slips:
        paper.put(part, row, field, number)
    landing = home.own_landing / FOLDER
    landing.mkdir(parents=True)
    paths = [landing / "slipped.xlsx", landing / "right.xlsx"]
    for path, each in zip(paths, (paper, Paper(replace(CLEAN, council="Leicester"))), strict=True):
        path.write_bytes(each.saved())
    land(home, expectations=check_lightly)
    with run_rules(home.store, compiled_rules().relations, now()) as rules:
        places = {
            (sheet, cell)
            for sheet, cell in rules.execute("select source_sheet, source_cell from quality.findings").fetchall()
        }
        assert places >= {tuple(at(part, row, field).rsplit(" ", 1)) for part, row, field, _ in slips}
    slipped, right = check_files(paths, Home(tmp_path / "nobody")).files
    assert (slipped.form, right.form) == ("return", "return")
    assert counted(right) == expected_numbers(CLEAN)
    assert right.findings == ()


# Text files of a collation


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("utf-8 with a mark", b"\xef\xbb\xbf" + figure_18()),
        ("windows-1252", figure_18().decode().replace("Derby City", "Derby City\u2019s").encode("cp1252")),
        ("utf-16", figure_18().decode().encode("utf-16")),
        ("semicolons", figure_18().replace(b",", b";")),
        ("tabs", figure_18().replace(b",", b"\t")),
        ("tabs in utf-16", figure_18().decode().replace(",", "\t").encode("utf-16")),
        ("unix line ends", figure_18().replace(b"\r\n", b"\n")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_text_file_of_a_collation_lands_the_same_in_every_form(form: str, content: bytes) -> None:
    card = load_card("council_returns")
    plain = read_sheets(open_bytes(figure_18(), "plain.csv"), card, RECEIVED_ON)
    reading = read_sheets(open_bytes(content, "figure.csv"), card, RECEIVED_ON)
    texts = [replace(cell, council_as_written=cell.council_as_written.replace("\u2019s", "")) for cell in reading.cells]
    assert len(texts) > 100
    assert {cell.figure for cell in texts} == {FIGURE_18}
    assert texts == plain.cells


# Large files, and one that LibreOffice saved


@pytest.mark.slow
def test_a_hundred_megabytes_of_formatted_cells_are_no_obstacle(tmp_path: Path) -> None:
    content = with_empty_formatting(Paper(CLEAN), 100)
    assert len(content) < 20_000_000
    clean = read_return(open_bytes(Paper(CLEAN).saved(), "clean.xlsx"), RECEIVED_ON)
    assert read_return(open_bytes(content, "formatted.xlsx"), RECEIVED_ON).cells == clean.cells


@pytest.mark.slow
def test_five_thousand_rows_count_to_the_last(tmp_path: Path) -> None:
    paper = Paper(CLEAN)
    row = paper.rows(WORKFORCE)[paper.heading(WORKFORCE) + 6]
    paper.rows(WORKFORCE).extend([f"{row[0]} {number}", *row[1:]] for number in range(5000))
    path = tmp_path / "long.xlsx"
    path.write_bytes(paper.saved())
    (file,) = check_files([path], Home(tmp_path / "home")).files
    # The counts of answers are still those of the short return.
    assert found(file) == [("edi_incomplete", "Equality C54"), ("equality_differs_from_headcount", "Equality C54")]
    assert counted(file)["Managers"] == (10002.0, 9501.9, 9501.9, 0.0, 500.1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_return_that_libreoffice_saved_gives_the_same_cells(kind: str, tmp_path: Path) -> None:
    made = tmp_path / "return.xlsx"
    made.write_bytes(filled(CLEAN))
    subprocess.run(
        [
            *(libreoffice(), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"),
            *("--convert-to", kind, "--outdir", str(tmp_path / "saved"), str(made)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    saved = tmp_path / "saved" / f"return.{kind}"
    before = read_return(open_bytes(made.read_bytes(), made.name), RECEIVED_ON)
    after = read_return(open_bytes(saved.read_bytes(), saved.name), RECEIVED_ON)
    assert len(before.cells) > 300
    assert after.cells == before.cells
    assert after.problems == before.problems == []
