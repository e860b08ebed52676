"""A check laid out: the same words on the terminal, as JSON and as a page, and what strangers typed stays text."""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console
from toy_check import (
    ACCEPTED,
    COUNTED,
    ERROR,
    HOSTILE,
    INFORMATION,
    WARNING,
    checked,
    collation,
    hostile,
    of_every_kind,
    report_of,
)

from dagster_project.present import WIDTH_OF_A_PIPE, safe_text
from dagster_project.returns import report as report_module
from dagster_project.returns.checked import CheckedFile, CheckedFinding, CheckReport, CountedGroup
from dagster_project.returns.report import (
    ACCEPTANCE_HEADINGS,
    ACCEPTANCE_LIMITS,
    ACCEPTANCE_SHEET,
    HOW_TO_ACCEPT,
    NOTHING_COUNTS,
    NOTHING_COUNTS_UNREAD,
    SECTIONS,
    WHAT_HAPPENS_NEXT,
    as_html,
    as_json,
    place,
    quantity,
    terminal,
    verdict,
    verdict_on_all,
    whose_and_when,
)
from dagster_project.sources.return_layout import return_layout


def on_terminal(report: CheckReport, width: int = WIDTH_OF_A_PIPE) -> str:
    written = io.StringIO()
    console = Console(
        file=written, width=width, highlight=False, markup=False, emoji=False, no_color=True, force_terminal=False
    )
    console.print(terminal(report, width))
    return written.getvalue()


class Page(HTMLParser):
    """What a browser makes of a page: its tags with their attributes, and its text."""

    def __init__(self, report: CheckReport) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.title = ""
        self._within: list[str] = []
        self.feed(as_html(report).decode())
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._within:
            self.text += data
        if "title" in self._within:
            self.title += data

    def attributes_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def every_text(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.values() for text in every_text(item)]
        case list():
            return [text for item in value for text in every_text(item)]
        case _:
            return []


def forms(report: CheckReport) -> dict[str, str]:
    return {
        "terminal": on_terminal(report),
        "JSON": "\n".join(every_text(json.loads(as_json(report)))),
        "page": Page(report).text,
    }


# The same words in all forms


@pytest.mark.parametrize("form", ["terminal", "page"])
@pytest.mark.parametrize("finding", [ERROR, WARNING, INFORMATION], ids=lambda finding: finding.severity)
def test_an_open_finding_says_where_what_and_what_to_do(form: str, finding: CheckedFinding) -> None:
    said = forms(of_every_kind())[form]
    for text in (
        place(finding),
        finding.title,
        finding.message,
        finding.found,
        finding.looks_like,
        finding.suggestion,
        finding.reference,
    ):
        assert text in said


@pytest.mark.parametrize("finding", [ERROR, WARNING, INFORMATION, ACCEPTED], ids=lambda finding: finding.title)
def test_json_holds_a_finding_whole(finding: CheckedFinding) -> None:
    (file,) = json.loads(as_json(of_every_kind()))["files"]
    assert {field.name: getattr(finding, field.name) for field in fields(finding)} in file["findings"]


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_the_place_comes_before_the_message_and_the_message_before_what_to_do(form: str) -> None:
    said = forms(of_every_kind())[form]
    positions = [
        said.index(text)
        for text in (place(WARNING), WARNING.message, WARNING.looks_like, WARNING.suggestion, WARNING.reference)
    ]
    assert positions == sorted(positions)


@pytest.mark.parametrize("form", ["terminal", "JSON", "page"])
def test_the_verdict_is_the_same_in_all_forms(form: str) -> None:
    report = report_of(checked(ERROR, WARNING), collation())
    said = forms(report)[form]
    assert "1 error and 1 warning to look at before it is sent." in said
    assert "2 files checked: 2 with something to look at." in said


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_findings_stand_under_their_kind_the_gravest_first_and_numbered_through(form: str) -> None:
    said = forms(report_of(checked(ACCEPTED, INFORMATION, WARNING, ERROR)))[form]
    headings = ["Errors (1)", "Warnings (1)", "Information (1)", "Accepted warnings (1)"]
    positions = [said.rindex(heading) for heading in headings]
    assert positions == sorted(positions)
    for number, finding in enumerate((ERROR, WARNING, INFORMATION, ACCEPTED), start=1):
        assert f"{number}. {place(finding)}: {finding.title}" in said


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_a_kind_without_findings_has_no_heading(form: str) -> None:
    said = forms(report_of(checked(WARNING)))[form]
    assert "Warnings (1)" in said
    assert not re.search(r"(Errors|Information|Accepted warnings) \(\d", said)


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_a_file_without_errors_is_said_to_count_at_the_next_refresh(form: str) -> None:
    assert WHAT_HAPPENS_NEXT in forms(report_of(checked()))[form]


def test_the_page_says_what_each_kind_of_finding_means() -> None:
    text = Page(report_of(checked())).text
    for section in SECTIONS:
        assert section.meaning in text


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_a_long_text_that_was_found_is_cut_short(form: str) -> None:
    said = forms(report_of(checked(replace(ERROR, found="ab " * 400))))[form]
    assert "ab ab" in said
    assert "…" in said
    assert "ab " * 30 not in said


# Verdicts


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (checked(), "Nothing to mend: it can be sent."),
        (checked(INFORMATION), "Nothing to mend: it can be sent."),
        (checked(ACCEPTED), "Nothing to mend: it can be sent."),
        (checked(ERROR), "1 error to look at before it is sent."),
        (checked(WARNING), "1 warning to look at before it is sent."),
        (checked(ERROR, ERROR, WARNING), "2 errors and 1 warning to look at before it is sent."),
        (checked(*[WARNING] * 1204, ACCEPTED, INFORMATION), "1,204 warnings to look at before it is sent."),
        (checked(ERROR, status="cannot_be_read"), "The file cannot be read."),
    ],
)
def test_a_verdict_counts_what_is_to_be_looked_at(file: CheckedFile, sentence: str) -> None:
    assert verdict(file) == sentence
    assert verdict_on_all(report_of(file)) == sentence


def test_the_verdict_on_several_files_counts_them_by_what_came_of_them() -> None:
    report = report_of(checked(), checked(ERROR), checked(WARNING), checked(ERROR, status="cannot_be_read"))
    assert verdict_on_all(report) == (
        "4 files checked: 1 with nothing to mend, 2 with something to look at, 1 that cannot be read."
    )


# Places, days and numbers in words


@pytest.mark.parametrize(
    ("sheet", "row", "cell", "words"),
    [
        ("Workforce", 7, "G7", "Workforce, cell G7"),
        ("Workforce", 7, "", "Workforce, row 7"),
        ("Workforce", None, "", "Workforce"),
        ("", 7, "G7", "Cell G7"),
        ("", 7, "", "Row 7"),
        ("", None, "", "The whole file"),
    ],
)
def test_a_place_is_named_as_far_as_it_is_known(sheet: str, row: int | None, cell: str, words: str) -> None:
    assert place(replace(ERROR, sheet=sheet, row=row, cell=cell)) == words


@pytest.mark.parametrize(
    ("form", "organisation", "day", "words"),
    [
        ("return", "Derby", "2026-03-31", "Derby, as at 31 March 2026"),
        ("return", "Derby", "", "Derby, day not known"),
        ("return", "", "2026-03-31", "Council not known, as at 31 March 2026"),
        ("collation", "", "2026-03-31", "Regional collation, as at 31 March 2026"),
        ("", "", "", "Whose return it is could not be told, day not known"),
    ],
)
def test_a_file_says_whose_it_is_and_of_which_day(form: str, organisation: str, day: str, words: str) -> None:
    file = checked(form=form, organisation_name=organisation, as_at_date=day)
    assert whose_and_when(file) == words
    for said in (on_terminal(report_of(file)), Page(report_of(file)).text):
        assert words in said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not known"),
        (0, "0"),
        (1204, "1,204"),
        (0.0, "0.00"),
        (36.5, "36.50"),
        (1.125, "1.125"),
        (2.0001, "2.0001"),
    ],
)
def test_a_number_keeps_its_digits_and_the_unknown_is_never_zero(value: float | None, words: str) -> None:
    assert quantity(value) == words


# What would count


@pytest.mark.parametrize("width", [WIDTH_OF_A_PIPE, 80, 50])
def test_the_terminal_shows_five_numbers_for_each_group(width: int) -> None:
    said = " ".join(on_terminal(report_of(checked()), width).split())
    for word in ("1,041", "36.25", "30.25", "6.00", "2.50"):
        assert said.count(word) == 1
    assert said.count("not known") == 5
    assert "Not known means" in said


def test_the_page_shows_five_numbers_for_each_group_in_a_table_with_caption_and_scopes() -> None:
    page = Page(report_of(checked()))
    assert len(page.attributes_of("td")) == 5 * len(COUNTED)
    assert len(page.attributes_of("caption")) == 1
    scopes = [attributes["scope"] for attributes in page.attributes_of("th")]
    assert scopes == ["col"] * 6 + ["row"] * len(COUNTED)
    for words in ("Occupational therapists 1,041 36.25 30.25 6.00 2.50", "Managers" + " not known" * 5):
        assert words in page.text


def test_the_unknown_is_explained_only_where_there_is_some() -> None:
    known = report_of(checked(counted=COUNTED[:1]))
    for said in (on_terminal(known), Page(known).text):
        assert "full-time equivalents (FTE)" in said
        assert "ot known" not in said


def test_a_collation_shows_each_council_with_its_groups() -> None:
    report = report_of(collation())
    page = Page(report)
    assert [attributes["scope"] for attributes in page.attributes_of("th")].count("rowgroup") == 2
    assert "Derbyshire Occupational therapists 1,041" in page.text
    assert re.search(r"^Derbyshire\s*$\s+Occupational therapists +1,041", on_terminal(report, 100), re.MULTILINE)
    assert "Derbyshire, Occupational therapists" in on_terminal(report, 50)


def test_a_collation_of_one_council_names_it() -> None:
    report = report_of(replace(collation(), counted=COUNTED))
    assert "Derby Occupational therapists 1,041" in Page(report).text
    assert "Derby, Occupational therapists" in on_terminal(report, 50)


def test_the_groups_of_a_council_stand_together_wherever_they_came() -> None:
    counted = (COUNTED[0], replace(COUNTED[1], organisation_name="Leicester"), COUNTED[2])
    page = Page(report_of(replace(collation(), counted=counted)))
    assert [attributes["scope"] for attributes in page.attributes_of("th")].count("rowgroup") == 2
    assert "2.50 Managers" in page.text


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (checked(counted=()), NOTHING_COUNTS),
        (checked(ERROR, counted=(), status="cannot_be_read"), NOTHING_COUNTS_UNREAD),
    ],
)
def test_a_file_of_which_nothing_counts_says_so(file: CheckedFile, sentence: str) -> None:
    page = Page(report_of(file))
    assert sentence in page.text
    assert not page.attributes_of("table")
    assert sentence in on_terminal(report_of(file))


# Accepting warnings


@pytest.mark.parametrize("form", ["terminal", "page"])
@pytest.mark.parametrize(
    ("finding", "is_told"),
    [
        (WARNING, True),
        (replace(WARNING, reference=""), False),
        (replace(ERROR, reference="E-00000001"), False),
        (INFORMATION, False),
        (ACCEPTED, False),
    ],
)
def test_only_an_open_warning_with_a_reference_is_told_how_to_accept_it(
    form: str, finding: CheckedFinding, is_told: bool
) -> None:
    said = forms(report_of(checked(finding)))[form]
    assert (HOW_TO_ACCEPT in said) == is_told
    if form == "page":
        assert (ACCEPTANCE_LIMITS in said) == is_told


@pytest.mark.parametrize("form", ["terminal", "JSON", "page"])
def test_an_accepted_warning_shows_its_reason_and_who_accepted_it(form: str) -> None:
    said = forms(report_of(checked(ACCEPTED)))[form]
    for text in (ACCEPTED.message, ACCEPTED.reference, ACCEPTED.accepted_reason, ACCEPTED.accepted_by):
        assert text in said


@pytest.mark.parametrize("form", ["terminal", "page"])
def test_an_accepted_warning_leaves_nothing_to_do(form: str) -> None:
    assert ACCEPTED.suggestion not in forms(report_of(checked(ACCEPTED)))[form]


def test_the_sheet_and_headings_named_for_accepting_are_those_of_the_workbook() -> None:
    part = next(part for part in return_layout().parts if part.landed_table == "return_acceptances")
    assert part.sheet_names[0] == ACCEPTANCE_SHEET
    assert {
        "reference": part.column("finding_reference").heading,
        "reason": part.column("reason").heading,
        "role": part.column("accepted_by_role").heading,
    } == ACCEPTANCE_HEADINGS


# The terminal


@pytest.mark.parametrize("width", [100, 80, 60, 40])
@pytest.mark.parametrize("report", [of_every_kind(), report_of(checked(), collation()), hostile()])
def test_no_line_is_wider_than_the_terminal(report: CheckReport, width: int) -> None:
    lines = on_terminal(report, width).splitlines()
    assert max(map(len, lines)) <= width


def test_in_a_pipe_each_text_is_one_line_and_no_line_is_filled_up_to_the_width_of_a_pipe() -> None:
    lines = on_terminal(of_every_kind()).splitlines()
    assert any(line.endswith(WARNING.suggestion) for line in lines)
    assert max(map(len, lines)) < 200


def test_each_of_several_files_is_numbered_on_the_terminal() -> None:
    said = on_terminal(report_of(checked(), collation()))
    assert "File 1 of 2\nderby.xlsx\n" in said
    assert "File 2 of 2\neast_midlands.ods\n" in said


# JSON


FILE_KEYS = {field.name for field in fields(CheckedFile)} | {"verdict"}
REPORT_KEYS = {field.name for field in fields(CheckReport)} | {"exit_code", "verdict"}


def test_json_has_the_documented_keys_and_no_others() -> None:
    document = json.loads(as_json(of_every_kind()))
    (file,) = document["files"]
    documented = set(re.findall(r"`(\w+)`", report_module.as_json.__doc__ or ""))
    keys = {*document, *file, *file["findings"][0], *file["counted"][0]}
    assert keys == documented
    assert (set(document), set(file)) == (REPORT_KEYS, FILE_KEYS)
    assert set(file["counted"][0]) == {field.name for field in fields(CountedGroup)}


def test_json_holds_numbers_as_numbers_and_the_unknown_as_null() -> None:
    document = json.loads(as_json(of_every_kind()))
    assert document["exit_code"] == 1
    groups = document["files"][0]["counted"]
    assert groups[0]["headcount"] == 1041
    assert groups[0]["fte_temporary"] == 6.0
    assert groups[2]["fte"] is None


def test_json_is_indented_and_readable_as_it_is() -> None:
    written = as_json(report_of(checked(replace(WARNING, found="£35,001 – Ynys Môn")))).decode("utf-8")
    assert '\n  "files": [\n' in written
    assert "£35,001 – Ynys Môn" in written
    assert written.endswith("}\n")


# What strangers typed


def test_hostile_text_moves_nothing_on_the_terminal() -> None:
    said = on_terminal(hostile())
    assert "\\x1b[31m" in said
    assert all(line.isprintable() for line in said.splitlines())
    assert safe_text(HOSTILE) in said


def test_hostile_text_is_kept_in_json_and_does_not_reach_a_terminal_that_prints_it() -> None:
    written = as_json(hostile()).decode("utf-8")
    assert all(line.isprintable() for line in written.split("\n"))
    file, _ = json.loads(written)["files"]
    assert file["file_name"] == HOSTILE
    assert file["findings"][0]["message"] == HOSTILE


def test_hostile_text_is_text_on_the_page() -> None:
    page = Page(hostile())
    shown = " ".join(safe_text(HOSTILE).split())
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "object", "link", "form", "base"})
    assert page.text.count(shown) > 30
    assert {name for _, attributes in page.tags for name in attributes if name.startswith("on")} == set()
    assert all(str(attributes["href"]).startswith("#file-") for attributes in page.attributes_of("a"))
    assert all(line.isprintable() for line in as_html(hostile()).decode("utf-8").split("\n"))


def test_a_hostile_file_name_stays_within_the_title() -> None:
    page = Page(report_of(checked(file_name=HOSTILE)))
    assert page.title == f"{safe_text(HOSTILE)} – Nothing to mend: it can be sent."


# The page


def test_the_page_names_file_and_verdict_in_its_title_and_its_language() -> None:
    page = Page(of_every_kind())
    assert page.title == "derby.xlsx – 1 error and 1 warning to look at before it is sent."
    assert page.attributes_of("html") == [{"lang": "en-GB"}]


def test_the_page_forbids_itself_scripts_and_requests() -> None:
    policies = [
        attributes["content"]
        for attributes in Page(of_every_kind()).attributes_of("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert not re.search(r"https?:|url\(|@import|@font-face", as_html(of_every_kind()).decode())


@pytest.mark.parametrize("report", [of_every_kind(), report_of(checked(), collation(), checked(ERROR))])
def test_headings_of_the_page_go_down_one_level_at_a_time(report: CheckReport) -> None:
    levels = [int(tag[1]) for tag, _ in Page(report).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("report", [of_every_kind(), report_of(checked(WARNING), collation(), checked(ERROR))])
def test_links_of_the_page_lead_to_one_place_each_that_is_there(report: CheckReport) -> None:
    page = Page(report)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    targets = [str(attributes["href"]) for attributes in page.attributes_of("a")]
    assert targets
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in targets} <= set(ids)
