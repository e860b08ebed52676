"""Returns over several nights: what counts, what changed, what is taken back, and what bad input must not cost."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.home import BUNDLED_LANDING
from dagster_project.returns.earlier import last_return
from dagster_project.returns.template import write_template
from dagster_project.sources.councils import council_called
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import now
from dagster_project.sources.withdrawing import NotPossible, reinstate, withdraw

IN_FORCE = """
    select organisation_name, cast(as_at_date as varchar), return_group, headcount
    from marts.fct_workforce
    where as_at_date > date '2025-01-01' and headcount > 0
    order by all
"""
RESTATED = """
    select figure, row_name, field, old_value, new_value, cause
    from quality.restatements
    order by restated_at, figure, row_name, field
"""
RESTATED_AT = """
    select old_value, new_value, strftime(restated_at, '%Y-%m-%dT%H:%M:%S.%gZ'), cause
    from quality.restatements
    order by restated_at
"""
FIRST = [
    ("Derby", "2026-03-31", "non_registered_assessors", 8),
    ("Derby", "2026-03-31", "occupational_therapists", 12),
]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights.begin(tmp_path)
    nights.put("derby.xlsx", a_return())
    nights.night()
    return nights


def therapists(headcount: str, fte: str) -> dict[str, str]:
    return {**OCCUPATIONAL_THERAPISTS, "headcount": headcount, "fte": fte, "fte_permanent": fte}


def saved_later(path: Path, seconds: int) -> None:
    state = path.stat()
    os.utime(path, (state.st_atime, state.st_mtime + seconds))


def test_the_newest_return_of_a_council_and_day_counts_and_every_changed_cell_is_named(nights: Nights) -> None:
    nights.put("derby second.xlsx", a_return(workforce=[therapists("13", "11.25"), ASSESSORS]))
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1] == ("Derby", "2026-03-31", "occupational_therapists", 13)
    row = "occupational therapist"
    assert nights.ask(RESTATED, "quality.restatements") == [
        ("Workforce", row, "fte", "10.5", "11.25", "resubmission"),
        ("Workforce", row, "fte_permanent", "10.5", "11.25", "resubmission"),
        ("Workforce", row, "headcount", "12", "13", "resubmission"),
    ]


def test_another_day_and_another_council_replace_nothing(nights: Nights) -> None:
    nights.put("derby autumn.xlsx", a_return(day=date(2026, 9, 30), workforce=[therapists("14", "12"), ASSESSORS]))
    nights.put("leicester.xlsx", a_return("Leicester"))
    nights.night()
    counted = nights.ask(IN_FORCE, "marts.fct_workforce")
    assert set(FIRST) < set(counted)
    assert ("Derby", "2026-09-30", "occupational_therapists", 14) in counted
    assert ("Leicester", "2026-03-31", "occupational_therapists", 12) in counted
    assert nights.ask(RESTATED, "quality.restatements") == []


def test_the_file_name_says_nothing_about_whose_return_it_is(nights: Nights) -> None:
    nights.put("Leicester 2019.xlsx", a_return(workforce=[therapists("15", "12"), ASSESSORS]))
    nights.night()
    assert {row[0] for row in nights.ask(IN_FORCE, "marts.fct_workforce")} == {"Derby"}


def test_a_refused_return_leaves_the_last_one_in_force_and_is_a_finding(nights: Nights) -> None:
    nights.put("derby.xlsx", a_return(cover={"service_age_scope": "Everybody"}))
    landing = nights.night()
    assert [event.source_file for event in landing.refused] == [f"{FOLDER}/derby.xlsx"]
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST
    found = nights.ask(
        "select rule_id, source_sheet, value from quality.findings where severity = 'error' and status = 'open'",
        "quality.findings",
    )
    assert found == [("answer_not_in_list", "Cover", "Everybody")]


def test_a_file_taken_away_takes_no_numbers_with_it(nights: Nights) -> None:
    (nights.home.own_landing / FOLDER / "derby.xlsx").unlink()
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST


def test_two_files_with_the_same_content_are_one_submission(nights: Nights) -> None:
    nights.put("derby copy.xlsx", (nights.home.own_landing / FOLDER / "derby.xlsx").read_bytes())
    landing = nights.night()
    assert sorted(landing.unchanged) == [f"{FOLDER}/derby copy.xlsx", f"{FOLDER}/derby.xlsx"]
    assert nights.ask("select count(*) from quality.submissions", "quality.submissions") == [(1,)]


def test_of_two_returns_that_come_together_the_one_saved_last_counts_and_is_marked(tmp_path: Path) -> None:
    nights = Nights.begin(tmp_path)
    # In name order the older one comes last, so that order by name would choose wrongly.
    newer = nights.put("a.xlsx", a_return(workforce=[therapists("13", "11"), ASSESSORS]))
    nights.put("b.xlsx", a_return())
    saved_later(newer, 60)
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 13
    found = nights.ask(
        "select severity, source_file from quality.findings where rule_id = 'returns_came_together'", "quality.findings"
    )
    assert found == [("warning", f"{FOLDER}/a.xlsx")]


def test_two_returns_saved_at_one_moment_are_both_refused(nights: Nights) -> None:
    first = nights.put("a.xlsx", a_return(workforce=[therapists("13", "11"), ASSESSORS]))
    second = nights.put("b.xlsx", a_return(workforce=[therapists("14", "11"), ASSESSORS]))
    os.utime(second, (first.stat().st_atime, first.stat().st_mtime))
    landing = nights.night()
    assert {event.problems[0]["rule_id"] for event in landing.refused} == {"returns_came_together"}
    assert len(landing.refused) == 2
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST


def _two_at_one_moment(nights: Nights) -> tuple[Path, Path]:
    first = nights.put("a.xlsx", a_return(workforce=[therapists("13", "11"), ASSESSORS]))
    second = nights.put("b.xlsx", a_return(workforce=[therapists("14", "11"), ASSESSORS]))
    os.utime(second, (first.stat().st_atime, first.stat().st_mtime))
    assert len(nights.night().refused) == 2
    return first, second


def _zipped_again(workbook: bytes) -> bytes:
    """The same cells in other bytes, as when a workbook is saved without a change."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
    return packed.getvalue()


def test_the_same_cells_in_two_files_saved_at_one_moment_are_one_return(nights: Nights) -> None:
    workbook = a_return(workforce=[therapists("13", "11"), ASSESSORS])
    first = nights.put("a.xlsx", workbook)
    second = nights.put("b.xlsx", _zipped_again(workbook))
    assert first.read_bytes() != second.read_bytes()
    os.utime(second, (first.stat().st_atime, first.stat().st_mtime))
    landing = nights.night()
    assert (len(landing.accepted), landing.refused) == (2, [])
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 13
    assert not nights.ask(
        "select message from quality.findings where rule_id = 'returns_came_together'", "quality.findings"
    )


def test_a_third_file_that_differs_refuses_all_that_were_saved_at_one_moment(nights: Nights) -> None:
    workbook = a_return(workforce=[therapists("13", "11"), ASSESSORS])
    paths = [
        nights.put("a.xlsx", workbook),
        nights.put("b.xlsx", a_return(workforce=[therapists("14", "11"), ASSESSORS])),
        nights.put("c.xlsx", _zipped_again(workbook)),
    ]
    for path in paths:
        os.utime(path, (paths[0].stat().st_atime, paths[0].stat().st_mtime))
    assert len(nights.night().refused) == 3
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST


def test_of_two_returns_refused_together_the_one_that_is_saved_again_counts(nights: Nights) -> None:
    first, second = _two_at_one_moment(nights)
    assert len(nights.night().still_refused) == 2
    saved_later(first, 60)
    landing = nights.night()
    assert [event.file_name for event in landing.accepted] == ["a.xlsx"]
    assert [event.file_name for event in landing.still_refused] == ["b.xlsx"]
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 13
    # The other one stays out, also when the one that counts is tidied away.
    first.unlink()
    assert nights.night().accepted == []
    saved_later(second, 120)
    assert [event.file_name for event in nights.night().accepted] == ["b.xlsx"]
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 14


def test_of_two_returns_refused_together_the_one_that_is_left_counts(nights: Nights) -> None:
    first, second = _two_at_one_moment(nights)
    first.unlink()
    landing = nights.night()
    assert ([event.file_name for event in landing.accepted], landing.still_refused) == (["b.xlsx"], [])
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 14
    (open_findings,) = nights.ask(
        "select count(*) from quality.findings where rule_id = 'returns_came_together' and status = 'open'",
        "quality.findings",
    )
    assert open_findings == (0,)
    assert nights.night().unchanged == [f"{FOLDER}/b.xlsx", f"{FOLDER}/derby.xlsx"]
    assert second.exists()


def test_a_return_left_over_from_two_does_not_take_the_place_of_what_came_since(nights: Nights) -> None:
    first, _ = _two_at_one_moment(nights)
    nights.put("c.xlsx", a_return(workforce=[therapists("15", "11"), ASSESSORS]))
    nights.night()
    first.unlink()
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 15


def test_a_return_that_comes_back_under_another_name_counts_again_from_that_night(nights: Nights) -> None:
    derby = nights.home.own_landing / FOLDER / "derby.xlsx"
    nights.put("derby second.xlsx", a_return(workforce=[therapists("13", "10.5"), ASSESSORS]))
    (second,) = nights.night().accepted
    nights.put("derby third.xlsx", derby.read_bytes())
    (third,) = nights.night().accepted
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST
    assert nights.ask(RESTATED_AT, "quality.restatements") == [
        ("12", "13", second.received_at, "resubmission"),
        ("13", "12", third.received_at, "resubmission"),
    ]


def test_a_restatement_is_dated_by_the_act_that_caused_it(nights: Nights) -> None:
    nights.put("derby.xlsx", a_return(workforce=[therapists("13", "10.5"), ASSESSORS]))
    (second,) = nights.night().accepted
    withdrawn = withdraw(nights.home, second.submission_id, "sent too early", "Head of therapy")
    # What is taken back and put back within one millisecond was never out of force.
    while now() == withdrawn.read_at:
        pass
    reinstated = reinstate(nights.home, second.submission_id, "it was right", "Head of therapy")
    # Later nights, and bytes read anew, date nothing.
    nights.night()
    land(nights.home, full=True, expectations=check_lightly)
    assert nights.ask(RESTATED_AT, "quality.restatements") == [
        ("12", "13", second.received_at, "resubmission"),
        ("13", "12", withdrawn.read_at, "withdrawal"),
        ("12", "13", reinstated.received_at, "resubmission"),
    ]


def test_the_template_begins_with_the_last_accepted_return(nights: Nights) -> None:
    """The newest of the latest day, whatever was refused or withdrawn since, and whenever an earlier day was sent."""
    leicester = council_called("Leicester", date(2026, 3, 31))
    assert leicester is not None
    assert last_return(nights.home, leicester.organisation_code) is None
    nights.put("derby autumn.xlsx", a_return(day=date(2026, 9, 30), workforce=[therapists("14", "12"), ASSESSORS]))
    nights.night()
    nights.put("derby autumn.xlsx", a_return(day=date(2026, 9, 30), workforce=[therapists("15", "13"), ASSESSORS]))
    nights.night()
    nights.put("derby autumn.xlsx", a_return(day=date(2026, 9, 30), workforce=[therapists("16", "14"), ASSESSORS]))
    (taken_back,) = nights.night().accepted
    withdraw(nights.home, taken_back.submission_id, "sent too early", "Head of therapy")
    nights.put("derby autumn.xlsx", a_return(day=date(2026, 9, 30), cover={"service_age_scope": "Everybody"}))
    nights.put("derby spring.xlsx", a_return(workforce=[therapists("11", "9"), ASSESSORS]))
    nights.night()
    earlier = last_return(nights.home, taken_back.organisation_code)
    assert earlier is not None
    assert earlier.as_at_date == date(2026, 9, 30)
    assert [row["headcount"] for row in earlier.rows["Workforce"]] == ["15", "8"]


def test_a_template_that_is_sent_as_it_was_begun_counts_the_same_for_the_new_day(nights: Nights) -> None:
    learners = [
        {"learner_type": "Students on placement", "learner_profession": "Occupational therapy", "learner_count": "3"}
    ]
    ending = {**OCCUPATIONAL_THERAPISTS, "fte_permanent": "10", "fte_temporary": "0.5"}
    ending |= {"funding_stream": "Better care fund", "funding_end_date": "2027-03-31"}
    sent = a_return(
        cover={"has_students": "Listed in this return"},
        workforce=[ending, ASSESSORS],
        learners=learners,
        accepted=[{"finding_reference": "W-12345678", "reason": "Shared post", "accepted_by_role": "Head of therapy"}],
    )
    nights.put("derby.xlsx", sent)
    (event,) = nights.night().accepted
    earlier = last_return(nights.home, event.organisation_code)
    assert earlier is not None
    assert "Accepted warnings" not in earlier.rows
    nights.put("derby autumn.xlsx", write_template("Derby", date(2026, 9, 30), earlier.rows, earlier.as_at_date))
    (begun,) = nights.night().accepted
    assert begun.as_at_date == "2026-09-30"
    cells = """
        select
            field, cell_text, date_read, source_sheet,
            -- The sheets of a template that is begun say so above the heading.
            dense_rank() over (partition by source_sheet order by source_row) as row_of_the_sheet
        from read_parquet('{}/*/{}.parquet', union_by_name = true)
        where field not in ('as_at_date', 'finding_reference', 'reason', 'accepted_by_role')
        order by all
    """
    folder = (nights.home.store / "landed").as_posix()
    assert duckdb.sql(cells.format(folder, begun.submission_id)).fetchall() == (
        duckdb.sql(cells.format(folder, event.submission_id)).fetchall()
    )
    counted = nights.ask(IN_FORCE, "marts.fct_workforce")
    assert [row[2:] for row in counted if row[1] == "2026-09-30"] == [row[2:] for row in FIRST]


def test_a_withdrawn_return_gives_way_to_the_one_before_and_is_recorded(nights: Nights) -> None:
    nights.put("derby.xlsx", a_return(workforce=[therapists("13", "11"), ASSESSORS]))
    (second,) = nights.night().accepted
    withdraw(nights.home, second.submission_id[:8], "sent too early", "Head of therapy")
    # It lies there still, and is not taken up again.
    assert nights.night().unchanged == [f"{FOLDER}/derby.xlsx"]
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST
    submissions = nights.ask(
        "select status, withdrawn_reason, withdrawn_by_role from quality.submissions order by status",
        "quality.submissions",
    )
    assert submissions == [("accepted", None, None), ("withdrawn", "sent too early", "Head of therapy")]
    assert {row[5] for row in nights.ask(RESTATED, "quality.restatements")} == {"resubmission", "withdrawal"}
    messages = nights.ask(
        "select message from quality.findings where rule_id = 'submission_withdrawn' and status = 'open'",
        "quality.findings",
    )
    assert len(messages) == 1
    assert "by Head of therapy: sent too early" in messages[0][0]


def test_a_reinstated_return_counts_again(nights: Nights) -> None:
    nights.put("derby.xlsx", a_return(workforce=[therapists("13", "11"), ASSESSORS]))
    (second,) = nights.night().accepted
    withdraw(nights.home, second.submission_id, "sent too early", "Head of therapy")
    reinstate(nights.home, second.submission_id, "it was right", "Head of therapy")
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce")[1][3] == 13


def test_withdrawing_the_only_return_leaves_nothing_and_says_what_went(nights: Nights) -> None:
    (event,) = {entry["submission_id"] for entry in _events(nights)}
    withdraw(nights.home, event, "of another council", "Analyst")
    nights.night()
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == []
    gone = nights.ask(
        "select new_value, cause from quality.restatements where field = 'headcount' and new_submission_id is null",
        "quality.restatements",
    )
    assert gone == [(None, "withdrawal"), (None, "withdrawal")]


@pytest.mark.parametrize(
    ("submission", "reason", "by", "why"),
    [
        ("abc", "a", "b", "too short"),
        ("ffffffff", "a", "b", "No submission's id starts with"),
        (None, " ", "Analyst", "A reason and the role"),
        (None, "a", "", "A reason and the role"),
    ],
)
def test_what_cannot_be_withdrawn_is_said(
    nights: Nights, submission: str | None, reason: str, by: str, why: str
) -> None:
    known = next(entry["submission_id"] for entry in _events(nights))
    with pytest.raises(NotPossible, match=why):
        withdraw(nights.home, submission or known, reason, by)
    assert nights.ask(IN_FORCE, "marts.fct_workforce") == FIRST


def test_an_accepted_warning_carries_its_reason_until_the_numbers_change(nights: Nights) -> None:
    odd = {**therapists("12", "10.5"), "fte_temporary": "1"}
    nights.put("derby.xlsx", a_return(workforce=[odd, ASSESSORS]))
    nights.night()
    references = "select reference, status, accepted_reason from quality.findings where rule_id = '{}'"
    rule = "fte_not_permanent_plus_temporary"
    ((reference, status, _),) = nights.ask(references.format(rule), "quality.findings")
    assert status == "open"
    accepted = [{"finding_reference": reference, "reason": "A post is shared", "accepted_by_role": "Head of therapy"}]
    nights.put("derby.xlsx", a_return(workforce=[odd, ASSESSORS], accepted=accepted))
    nights.night()
    assert nights.ask(references.format(rule), "quality.findings") == [(reference, "accepted", "A post is shared")]
    changed = {**odd, "fte_temporary": "2"}
    nights.put("derby.xlsx", a_return(workforce=[changed, ASSESSORS], accepted=accepted))
    nights.night()
    ((again, status, reason),) = nights.ask(references.format(rule), "quality.findings")
    assert (status, reason) == ("open", None)
    assert again != reference
    assert nights.ask(references.format("acceptance_not_met"), "quality.findings")


def test_an_acceptance_without_a_reason_does_not_count(nights: Nights) -> None:
    odd = {**therapists("12", "10.5"), "fte_temporary": "1"}
    nights.put("derby.xlsx", a_return(workforce=[odd, ASSESSORS]))
    nights.night()
    ((reference,),) = nights.ask(
        "select reference from quality.findings where rule_id = 'fte_not_permanent_plus_temporary'", "quality.findings"
    )
    nights.put("derby.xlsx", a_return(workforce=[odd, ASSESSORS], accepted=[{"finding_reference": reference}]))
    nights.night()
    statuses = nights.ask(
        "select rule_id, status from quality.findings "
        "where status <> 'resolved' and rule_id not in ('funding_end_missing', 'no_senior_post') order by 1",
        "quality.findings",
    )
    assert statuses == [("acceptance_without_reason", "open"), ("fte_not_permanent_plus_temporary", "open")]


def test_a_difference_from_a_collation_that_a_council_has_accepted_stays_accepted_in_its_next_file(
    tmp_path: Path,
) -> None:
    nights = Nights.begin(tmp_path)
    figure_18 = BUNDLED_LANDING / FOLDER / "fig18_occupational_therapists.csv"
    nights.put(figure_18.name, figure_18.read_bytes())
    nights.night()
    day, workforce = date(2024, 6, 30), [therapists("12", "10.5"), ASSESSORS]
    asked = "select reference, status from quality.findings where rule_id = 'large_change' and status <> 'resolved'"
    nights.put("derby.xlsx", a_return(day=day, workforce=workforce))
    nights.night()
    ((reference, status),) = nights.ask(asked, "quality.findings")
    assert status == "open"
    accepted = [{"finding_reference": reference, "reason": "One has left", "accepted_by_role": "Head of therapy"}]
    nights.put("derby again.xlsx", a_return(day=day, workforce=workforce, accepted=accepted))
    nights.night()
    assert nights.ask(asked, "quality.findings") == [(reference, "accepted")]


def test_a_council_s_own_return_takes_the_place_of_its_rows_in_a_collation_of_the_same_day(tmp_path: Path) -> None:
    nights = Nights.begin(tmp_path)
    for path in (BUNDLED_LANDING / FOLDER).glob("*.csv"):
        nights.put(path.name, path.read_bytes())
    nights.night()
    before = nights.ask(_REGION, "marts.regional_workforce")
    nights.put("derby.xlsx", a_return(day=date(2024, 6, 30), workforce=[therapists("12", "10.5"), ASSESSORS]))
    nights.night()
    after = nights.ask(_REGION, "marts.regional_workforce")
    # Derby stands with 13 people in Figure 18.
    assert [row[1] - old[1] for row, old in zip(after, before, strict=True)] == [12 - 13, 0]
    assert {row[2] for row in after} == {11, 14}
    restated = nights.ask(
        "select restated_level, old_number, new_number from quality.restatements "
        "where figure = 'Figure 18' and field = 'headcount'",
        "quality.restatements",
    )
    assert [(level, int(old), int(new)) for level, old, new in restated] == [("group", 13, 12)]


_REGION = """
    select geography_name, sum(headcount), max(councils_expected)
    from marts.regional_workforce
    where geography_type = 'adass_region' and return_group = 'occupational_therapists' and not is_roll_up
    group by geography_name
    order by geography_name
"""


def _events(nights: Nights) -> list[dict[str, str]]:
    from dagster_project.sources.store import Store

    return [{"submission_id": event.submission_id} for event in Store(nights.home).events()]
