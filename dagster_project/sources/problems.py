"""What can be wrong with a file, in words a person can act on.

Belongs here: the shape of a problem and of a refusal. Does not: deciding that there is one.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from dagster_project.home import ABSOLUTE_PATH

# To the end of the value or of its quotation, since folders' names hold spaces.
_WHOLE_PATH = re.compile(rf"(?=(?P<before>[\s'\"(]?))(?:{ABSOLUTE_PATH})[^'\"|\n]*")


@dataclass(frozen=True)
class Problem:
    """One thing found in a file. `rule_id` and its severity are those of seeds/reference/finding_rules.csv."""

    rule_id: str
    message: str
    suggestion: str
    sheet: str = ""
    row: int | None = None
    cell: str = ""
    field: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        # A problem is shown to people and released as a finding, so it must not carry a place on anybody's computer.
        for name in ("message", "value", "sheet"):
            object.__setattr__(self, name, _WHOLE_PATH.sub(r"\g<before>[a path]", getattr(self, name)))

    @property
    def where(self) -> str:
        place = f"sheet '{self.sheet}'" if self.sheet else ""
        if self.cell:
            return f"{place}, cell {self.cell}" if place else f"cell {self.cell}"
        if self.row is not None:
            return f"{place}, row {self.row}" if place else f"row {self.row}"
        return place or "the file"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class FileRefused(Exception):
    """The file cannot be used as it is. It is quarantined with these problems; nothing of it is counted."""

    def __init__(self, *problems: Problem, organisation_code: str = "", as_at_date: date | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        # Whose return it was to be, and of which day, where the cover says so.
        self.organisation_code = organisation_code
        self.as_at_date = as_at_date


def refused(message: str, suggestion: str, *, rule_id: str = "file_refused", **place: Any) -> FileRefused:
    return FileRefused(Problem(rule_id, message, suggestion, **place))


def shortened(text: str) -> str:
    """A text short enough to stand inside a sentence."""
    return text if len(text) <= 80 else f"{text[:80]}…"
