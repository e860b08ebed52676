"""The reviews of data quality and of role coding say what the release holds, in its numbers, and write nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
from homes import Refreshed
from notebook_reading import NOTEBOOKS, Page, run, text_of

from dagster_project import query
from dagster_project.home import BUNDLED_LANDING
from dagster_project.release import publishing

QUALITY, ROLES = "data_quality_review", "role_coding_review"
REVIEWS = (QUALITY, ROLES)


@pytest.fixture(scope="module")
def pages(bundled: Refreshed) -> dict[str, Page]:
    return {review: run(review, bundled.home.root) for review in REVIEWS}


@pytest.fixture(scope="module")
def other_release(bundled: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """The bundled release with what it lacks put into its file: a refused file, a contradiction, a changed role, and
    a release of the week before with two findings more."""
    root = tmp_path_factory.mktemp("other") / "home"
    shutil.copytree(bundled.home.root / "releases", root / "releases", symlinks=True)
    other = Refreshed(type(bundled.home)(root), bundled.outcome, 0)
    earlier = root / "releases" / "2026-01-05T020000Z-000000"
    shutil.copytree(other.release_folder, earlier)
    manifest = json.loads((earlier / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"release_id": earlier.name, "created_at": "2026-01-05T02:00:00Z"}
    manifest["findings"]["warning"] += 2
    (earlier / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with duckdb.connect(other.release_folder / "ahp_workforce.duckdb") as release:
        release.execute("update quality.submissions set status = 'quarantined' where file_name like 'fig25%'")
        release.execute(
            "update quality.findings set severity = 'error', message = 'The sheet lacks a heading.' "
            "where submission_id in (select submission_id from quality.submissions where status = 'quarantined') "
            "and rule_id = 'pay_unreadable'"
        )
        release.execute(
            "update quality.role_coding set contradiction = 'the title contradicts itself or its band', fte = 12 "
            "where title_raw = 'Advanced Occupational Therapist'"
        )
        release.execute(
            "update quality.role_coding set role_code = 'uncoded' where title_raw = 'Head of Occupational Therapy'"
        )
        release.execute(
            "insert into quality.role_restatements by name select 'Advanced Occupational Therapist' as title_raw, "
            "'Band 7' as band_or_grade, 'nhs' as employer_type, 'experienced' as old_role_code, "
            "'senior' as new_role_code, 'rule_changed' as cause, 'one' as old_rule_id, 'another' as new_rule_id, "
            "12 as headcount, 12 as fte, timestamp '2026-01-05 02:00:00' as old_released_at, "
            "timestamp '2026-11-22 02:00:00' as restated_at, 'a' as release_id"
        )
    return other


def numbers(shown: str) -> list[str]:
    return re.findall(r"\d[\d,.]*", shown)


# Both


@pytest.mark.parametrize("review", REVIEWS)
def test_invented_numbers_are_said_to_be_so_before_any_number_is_shown(review: str, pages: dict[str, Page]) -> None:
    first = text_of(pages[review].sections[0])
    assert "Invented numbers, of nobody real: Electronic Staff Record (NHS) and Skills for Care." in first


@pytest.mark.parametrize("review", REVIEWS)
def test_every_chart_has_a_table_that_holds_what_it_shows(review: str, pages: dict[str, Page]) -> None:
    charts = 0
    for section in pages[review].sections:
        cells = {
            text_of(cell).lower() for table in section.iter("table") for cell in table.iter() if cell.tag != "table"
        }
        for chart in section.iter("svg"):
            charts += 1
            assert chart.get("role") == "img"
            assert (chart.get("aria-label") or "").endswith("The table below holds the same numbers.")
            shown = [text_of(text) for text in chart.iter("text")]
            values = [number for label, value in zip(shown[::2], shown[1::2], strict=True) for number in numbers(value)]
            assert values
            held = {number for cell in cells for number in numbers(cell)}
            assert [value for value in values if value not in held] == []
    assert charts == {QUALITY: 3, ROLES: 2}[review]


@pytest.mark.parametrize("review", REVIEWS)
def test_a_review_fetches_nothing_from_elsewhere(review: str, pages: dict[str, Page]) -> None:
    markup = "".join(ElementTree.tostring(section, encoding="unicode") for section in pages[review].sections)
    assert not re.search(r"(src|href)=|@import|url\((?!#)", markup)


@pytest.mark.parametrize("review", REVIEWS)
def test_without_a_release_a_review_says_so_and_nothing_else(review: str, tmp_path: Path) -> None:
    (section,) = run(review, tmp_path).sections
    assert text_of(section.find("p")) == query.NO_RELEASE


@pytest.mark.parametrize("review", REVIEWS)
def test_a_review_runs_as_a_script_and_leaves_the_release_as_it_was(review: str, bundled: Refreshed) -> None:
    done = _python(str(NOTEBOOKS / f"{review}.py"), home=bundled.home.root)
    assert (done.returncode, done.stderr) == (0, "")
    release = publishing.latest_release(bundled.home)
    assert release
    assert publishing.verify(release) == []


def test_marimo_finds_nothing_to_mend_in_the_reviews(tmp_path: Path) -> None:
    done = _python(
        "-m", "marimo", "check", "--strict", *(str(NOTEBOOKS / f"{review}.py") for review in REVIEWS), home=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_of_the_notebooks_names_each_of_them() -> None:
    readme = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in NOTEBOOKS.glob("*.py") if f"`{path.name}`" not in readme] == []


# Data quality


def test_findings_and_files_at_a_glance_are_those_of_the_release(bundled: Refreshed, pages: dict[str, Page]) -> None:
    found = dict(
        bundled.query("select severity, count(*) from quality.findings where status = 'open' group by severity")
    )
    assert pages[QUALITY].cards("At a glance") == {
        "Errors": str(found["error"]),
        "Warnings": str(found["warning"]),
        "Good to know": str(found["info"]),
        "Files in force": str(sum(path.is_file() for path in BUNDLED_LANDING.rglob("*"))),
        "Refused files": "0",
    }


def test_every_rule_is_shown_with_its_findings_and_what_to_do(bundled: Refreshed, pages: dict[str, Page]) -> None:
    released = bundled.query(
        "select title || ' ' || rule_id, count(*)::varchar, count(distinct organisation_name)::varchar, what_to_do "
        "from quality.findings inner join reference.finding_rules using (rule_id) where findings.status = 'open' "
        "group by all"
    )
    shown = [line for caption in ("Errors", "Warnings", "Good to know") for line in pages[QUALITY].lines(caption)]
    assert sorted((line[0], line[1], line[2], line[4]) for line in shown) == sorted(released)


def test_organisations_stand_in_alphabetical_order_and_what_is_invented_says_so(pages: dict[str, Page]) -> None:
    names = [line[0] for line in pages[QUALITY].lines("Open findings of each organisation")]
    assert names == [*sorted(names[:-1]), "No organisation"]
    assert "University Hospitals of Derby and Burton invented" in names
    assert "Herefordshire" in names
    assert "Total East Midlands" in names


def test_every_open_finding_is_told_in_its_own_words(bundled: Refreshed, pages: dict[str, Page]) -> None:
    told = [
        " ".join(message.split())
        for (message,) in bundled.query("select message from quality.findings where status = 'open'")
    ]
    assert sorted(line[3] for line in pages[QUALITY].lines("All organisations: open findings")) == sorted(told)


def test_one_organisation_can_be_chosen(bundled: Refreshed, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = run(QUALITY, bundled.home.root, {"chosen_organisation": "Leicestershire"})
    assert {line[0] for line in chosen.lines("Leicestershire: open findings (4)")} == {"Leicestershire"}
    monkeypatch.setattr(sys, "argv", [f"{QUALITY}.py", "--organisation", "Nowhere"])
    [(first,), (second,)] = bundled.query(
        "select distinct organisation_name from quality.findings "
        "where status = 'open' and organisation_name is not null order by all limit 2"
    )
    assert (
        f"Nowhere has no open findings. Organisations with some: {first}, {second}"
        in run(QUALITY, bundled.home.root).text
    )


def test_what_councils_did_not_give_is_named(pages: dict[str, Page]) -> None:
    """Figure 20 is garbled for 11 councils of the West Midlands, and Figure 22 lacks the managers of two."""
    missing = pages[QUALITY].lines("Groups of staff for which a council gave no number (13)")
    assert len([line for line in missing if line[1] == "Non-registered assessors"]) == 11
    assert [line[0] for line in missing if line[1] == "Managers"] == [
        "Wolverhampton 30 June 2024",
        "Worcestershire 30 June 2024",
    ]
    coverage = pages[QUALITY].table("Councils with a headcount")
    assert coverage["West Midlands: Non-registered assessors"] == ["30 June 2024", "3 of 14", "21.4%"]


def test_completeness_of_equality_data_is_that_of_the_release(bundled: Refreshed, pages: dict[str, Page]) -> None:
    shown = pages[QUALITY].table("Answers by characteristic: University Hospitals of Derby and Burton (invented)")
    released = bundled.query(
        "select replace(characteristic, '_', ' '), n, valid, format('{:.1f}%', recorded_pct) "
        "from quality.edi_completeness where is_all_role_groups and source = 'esr' and as_at_date = date '2026-03-31'"
    )
    assert len(released) == len(shown) == 10
    for characteristic, people, valid, recorded in released:
        line = shown[characteristic.capitalize()]
        # Of what an extract has no field for, nobody knows how many answered.
        assert (line[0], line[1], line[6]) == (str(people), "–" if valid is None else str(valid), recorded or "–")


def test_what_a_source_does_not_ask_is_said_to_be_so(pages: dict[str, Page]) -> None:
    section = pages[QUALITY].section("How complete equality data are")
    shown = [text_of(text) for chart in section.iter("svg") for text in chart.iter("text")]
    assert shown[shown.index("gender reassignment") + 1] == "not asked"
    assert shown[shown.index("nationality") + 1] == "100.0%"
    captions = [text_of(caption) for caption in section.iter("caption")]
    assert [caption.rpartition(", ")[2] for caption in captions] == ["staff of the council", "staff of the NHS"]


def test_a_trend_needs_two_releases(pages: dict[str, Page], other_release: Refreshed) -> None:
    assert "One release is kept so far" in pages[QUALITY].text
    page = run(QUALITY, other_release.home.root)
    assert "One release is kept so far" not in page.text
    earlier, latest = page.lines("Open findings by release")
    assert earlier[0] == "5 January 2026, 02:00 GMT 2026-01-05T020000Z-000000"
    assert int(earlier[2]) == int(latest[2]) + 2
    assert len(list(page.section("Open findings from release to release").iter("svg"))) == 1


def test_a_refused_file_is_named_with_its_reason(pages: dict[str, Page], other_release: Refreshed) -> None:
    assert "No file that came was refused." in pages[QUALITY].text
    (refused,) = run(QUALITY, other_release.home.root).lines("Files of which nothing counts")
    assert "fig25_pay_scales.csv" in refused[0]
    assert refused[3] == "The sheet lacks a heading."


# Role coding


def test_titles_at_a_glance_are_those_of_the_release(bundled: Refreshed, pages: dict[str, Page]) -> None:
    ((titles, uncoded, contradictions),) = bundled.query(
        "select count(*), count(*) filter (role_code = 'uncoded'), count(contradiction) from quality.role_coding"
    )
    assert pages[ROLES].cards("At a glance") == {
        "Titles": str(titles),
        "Uncoded": str(uncoded),
        "Contradictions": str(contradictions),
    }
    lines = pages[ROLES].lines("Titles by what their role rests on")
    assert sum(int(line[2]) for line in lines) == titles


def test_uncoded_titles_stand_first_by_fte_with_what_a_decision_would_move(other_release: Refreshed) -> None:
    page = run(ROLES, other_release.home.root)
    released = other_release.query(
        "select title_raw, fte from quality.role_coding where role_code = 'uncoded' "
        "order by fte desc nulls last, title_raw"
    )
    shown = page.lines(f"Uncoded titles ({len(released)})")
    assert len(released) > 1
    assert [float(line[2]) for line in shown] == [float(fte) for _, fte in released]
    assert [line[4] for line in shown] == ["no" for _ in shown]
    assert "More than 10 FTE need a second reviewer." in page.text
    for command in ("ahp roles explain", "ahp roles review -o queue.xlsx", "ahp roles accept queue.xlsx"):
        assert command in page.text


def test_a_decision_that_moves_much_needs_a_second_reviewer(other_release: Refreshed, tmp_path: Path) -> None:
    root = tmp_path / "home"
    shutil.copytree(other_release.home.root, root, symlinks=True)
    with duckdb.connect(next(root.glob("releases/latest/*.duckdb"))) as release:
        release.execute("update quality.role_coding set role_code = 'uncoded' where fte = 12")
    first, *others = run(ROLES, root).lines("Uncoded titles")
    assert (first[0], first[2], first[4]) == ("Advanced Occupational Therapist Band 7, NHS", "12.00", "needed")
    assert {line[4] for line in others} == {"no"}


def test_a_contradiction_and_a_changed_role_are_told(pages: dict[str, Page], other_release: Refreshed) -> None:
    page = run(ROLES, other_release.home.root)
    contradicted = page.table("Contradictions")["Advanced Occupational Therapist Band 7, NHS"]
    assert contradicted[3] == "the title contradicts itself or its band"
    (changed,) = page.lines("Changes from one release to a later one")
    assert changed[1:5] == ["Experienced practitioner", "Senior or advanced practitioner", "12.00", "rule changed"]
    assert "No title has changed its role" in pages[ROLES].text


def test_facts_of_rows_that_contradict_each_other_are_told_in_their_own_words(
    bundled: Refreshed, pages: dict[str, Page]
) -> None:
    found = bundled.query("select message from quality.findings where rule_id = 'role_contradiction'")
    assert found
    shown = pages[ROLES].lines(f"Facts of rows that contradict each other ({len(found)})")
    assert sorted(line[1] for line in shown) == sorted(" ".join(message.split()) for (message,) in found)
    assert all(line[1].startswith("Invented example.") for line in shown)


def test_a_release_without_titles_says_so(other_release: Refreshed, tmp_path: Path) -> None:
    root = tmp_path / "home"
    shutil.copytree(other_release.home.root, root, symlinks=True)
    with duckdb.connect(next(root.glob("releases/latest/*.duckdb"))) as release:
        release.execute("delete from quality.role_coding")
    page = run(ROLES, root)
    assert "This release holds no job titles." in page.text
    assert not [title for section in page.sections for title in section.iter("h2") if text_of(title) == "At a glance"]


def _python(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"AHP_HOME": str(home), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
