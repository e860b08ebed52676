"""What a check of files not yet sent came to, as data; the terminal, JSON and the page show the same.

Belongs here: the shape of a report. Does not: finding anything (checking), or laying it out (report).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

FileStatus = Literal["nothing_to_mend", "to_mend", "cannot_be_read"]


@dataclass(frozen=True)
class CheckedFinding:
    """One finding, as the night words it. `reference` is what a council copies to accept a warning; '' otherwise.

    `severity` is error, warning or info; `status` open or accepted. `found` is the text met, `looks_like` what it
    should look like. `row` is counted from 1; `sheet` and `cell` are '' where the finding is about the whole file.
    """

    reference: str
    rule_id: str
    title: str
    severity: str
    status: str
    sheet: str
    row: int | None
    cell: str
    field: str
    found: str
    looks_like: str
    message: str
    suggestion: str
    accepted_reason: str = ""
    accepted_by: str = ""


@dataclass(frozen=True)
class CountedGroup:
    """What of a file would count for one group of staff: people and FTE; None where the number is not known."""

    organisation_name: str
    group_name: str
    headcount: int | None
    fte: float | None
    fte_permanent: float | None
    fte_temporary: float | None
    fte_vacant: float | None


@dataclass(frozen=True)
class CheckedFile:
    """One file. `form` is return, collation, extract or table (of a survey or an assessment); '' where it is not known.

    `as_at_date` is in ISO form, or ''.
    """

    file_name: str
    sha256: str
    form: str
    organisation_name: str
    as_at_date: str
    status: FileStatus
    findings: tuple[CheckedFinding, ...]
    counted: tuple[CountedGroup, ...] = ()

    def of_severity(self, severity: str, status: str = "open") -> tuple[CheckedFinding, ...]:
        return tuple(found for found in self.findings if found.severity == severity and found.status == status)


@dataclass(frozen=True)
class CheckReport:
    """A check of one or more files. `checked_at` is UTC, ISO 8601."""

    checked_at: str
    project_version: str
    files: tuple[CheckedFile, ...]

    @property
    def exit_code(self) -> int:
        """0 nothing to mend, 1 something is, 2 a file cannot be read."""
        worst = {"nothing_to_mend": 0, "to_mend": 1, "cannot_be_read": 2}
        return max((worst[file.status] for file in self.files), default=0)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
