"""Checks made up for the tests of their layout: one of every kind of finding, and one full of hostile text."""

from dataclasses import replace
from typing import Any

from dagster_project.returns.checked import CheckedFile, CheckedFinding, CheckReport, CountedGroup, FileStatus

ERROR = CheckedFinding(
    reference="",
    rule_id="headcount_not_whole",
    title="Headcount is not a whole number",
    severity="error",
    status="open",
    sheet="Workforce",
    row=7,
    cell="G7",
    field="headcount",
    found="12.5",
    looks_like="a whole number, such as 12",
    message="Derby: Headcount of managers is '12.5', but people are counted whole. It is not used.",
    suggestion="Put the number of people in this column.",
)
WARNING = replace(
    ERROR,
    reference="W-3F9A2C1D",
    rule_id="fte_not_permanent_plus_temporary",
    title="FTE is not permanent plus temporary FTE",
    severity="warning",
    row=12,
    cell="H12",
    field="fte",
    found="10.4",
    looks_like="the sum of permanent and temporary FTE",
    message="Derby: FTE of managers is 10.4, but permanent 8 and temporary 2 add up to 10.",
    suggestion="Check the three numbers.",
)
INFORMATION = replace(
    ERROR,
    rule_id="sheet_not_read",
    title="A sheet is not part of the return",
    severity="info",
    sheet="Scratch",
    row=None,
    cell="",
    field="",
    found="Scratch",
    looks_like="a sheet of the template",
    message="The sheet 'Scratch' is not part of the return, so it was not read.",
    suggestion="Nothing to do when it is for your own use.",
)
ACCEPTED = replace(
    WARNING,
    reference="W-77CC88DD",
    rule_id="large_change",
    title="A number changed much since the last return",
    status="accepted",
    row=16,
    cell="G16",
    found="41",
    looks_like="about 22",
    message="Derby: headcount of occupational therapists is 41, and was 22 in September.",
    suggestion="Confirm the new number.",
    accepted_reason="The reablement team moved over on 1 January 2026.",
    accepted_by="Head of Service",
)
COUNTED = (
    CountedGroup("Derby", "Occupational therapists", 1041, 36.25, 30.25, 6.0, 2.5),
    CountedGroup("Derby", "Other allied health professionals", 0, 0.0, 0.0, 0.0, 0.0),
    CountedGroup("Derby", "Managers", None, None, None, None, None),
)

# A script, a picture, a link, a formula, a template's braces, escape sequences, a reversal of the line, half of a
# character, and a word without end.
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=http://outside.example/x onerror=alert(2)><a href=javascript:alert(3)> "
    f'=HYPERLINK("http://outside.example") {{{{ 7 * 7 }}}} &lt; \x1b[31m \x9b2J \x00 \u202e \udc80 \n {"W" * 300}'
)


def checked(*findings: CheckedFinding, **facts: Any) -> CheckedFile:
    """Derby's return with these findings; its status follows from them unless it is given."""
    to_mend = any(finding.status == "open" and finding.severity != "info" for finding in findings)
    status: FileStatus = "to_mend" if to_mend else "nothing_to_mend"
    derby: dict[str, Any] = {
        "file_name": "derby.xlsx",
        "sha256": "9f2c" * 16,
        "form": "return",
        "organisation_name": "Derby",
        "as_at_date": "2026-03-31",
        "status": status,
        "findings": findings,
        "counted": COUNTED,
    }
    return CheckedFile(**(derby | facts))


def report_of(*files: CheckedFile) -> CheckReport:
    return CheckReport("2026-11-22T14:05:00Z", "0.1.0", files)


def of_every_kind() -> CheckReport:
    return report_of(checked(ERROR, WARNING, INFORMATION, ACCEPTED))


def collation() -> CheckedFile:
    """A collation of two councils."""
    derbyshire = tuple(replace(group, organisation_name="Derbyshire") for group in COUNTED)
    return checked(
        WARNING,
        file_name="east_midlands.ods",
        form="collation",
        organisation_name="",
        counted=(*COUNTED, *derbyshire),
    )


def hostile() -> CheckReport:
    """Every text that a stranger may have typed is hostile, in a finding of every kind and of a file not read."""
    texts = (
        "reference",
        "title",
        "sheet",
        "cell",
        "found",
        "looks_like",
        "message",
        "suggestion",
        "accepted_reason",
        "accepted_by",
    )
    typed = dict.fromkeys(texts, HOSTILE)
    findings = tuple(replace(finding, **typed) for finding in (ERROR, WARNING, INFORMATION, ACCEPTED))
    names = {"file_name": HOSTILE, "organisation_name": HOSTILE}
    counted = tuple(
        replace(group, organisation_name=f"{position} {HOSTILE}", group_name=HOSTILE)
        for position, group in enumerate(COUNTED)
    )
    return report_of(
        checked(*findings, counted=counted, **names),
        checked(findings[0], counted=(), form="", as_at_date="", status="cannot_be_read", **names),
    )
