"""A check laid out for people and programs: on the terminal, as JSON, and as one page to keep or pass on.

Belongs here: the words all three share, and their layout. Does not: finding anything (checking), or the shape of a
report (checked). The markup of the page is in report.html.j2.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dagster_project.pages import environment
from dagster_project.present import MEASURES, NOT_KNOWN, SEVERITY_STYLES, counted, moment, quantity, safe_text
from dagster_project.returns.checked import CheckedFile, CheckedFinding, CheckReport, CountedGroup
from dagster_project.sources.dates import in_words
from dagster_project.sources.problems import shortened

TEMPLATE = "report.html.j2"

# The words that all forms share


@dataclass(frozen=True)
class Section:
    """A kind of finding under one heading: what it is called, what it means, and how it looks."""

    key: str
    name: str
    heading: str
    meaning: str
    style: str


SECTIONS = (
    Section(
        "error",
        "Error",
        "Errors",
        "Cannot be right as it stands. What the message says is not used does not count; mend it before sending.",
        SEVERITY_STYLES["error"],
    ),
    Section(
        "warning",
        "Warning",
        "Warnings",
        "May be right, but needs a look. The file counts with it as it stands.",
        SEVERITY_STYLES["warning"],
    ),
    Section(
        "info",
        "Information",
        "Information",
        "Good to know. It need not be mended before the file is sent.",
        SEVERITY_STYLES["info"],
    ),
    Section(
        "accepted",
        "Accepted warning",
        "Accepted warnings",
        "Looked at and right as it stands, for the reason given. Nothing to do.",
        "green",
    ),
)

STATUSES = {
    "nothing_to_mend": "with nothing to mend",
    "to_mend": "with something to look at",
    "cannot_be_read": "that cannot be read",
}

ACCEPTANCE_SHEET = "Accepted warnings"
ACCEPTANCE_HEADINGS = {
    "reference": "Reference",
    "reason": "Why it stands",
    "role": "Accepted by (role)",
}
HOW_TO_ACCEPT = f"If it is right as it stands, copy the reference to the sheet '{ACCEPTANCE_SHEET}' and say why."
ACCEPTANCE_LIMITS = "An error cannot be accepted, and a warning comes back when its numbers change."

FOUND = "Found"
LOOKS_LIKE = "Should look like"
WHAT_TO_DO = "What to do"
REFERENCE = "Reference"
TO_ACCEPT = "To accept it"
REASON = "Reason given"
ACCEPTED_BY = "Accepted by"

WHAT_COUNTS = "What would count"
WHAT_IS_COUNTED = "Headcount (people) and full-time equivalents (FTE) by group of staff, as the file stands."
NOT_KNOWN_MEANS = f"{NOT_KNOWN.capitalize()} means that no usable number was given; it does not count as 0."
NOTHING_COUNTS_UNREAD = "Nothing of this file counts until it can be read."
NOTHING_COUNTS = "No number of staff was found that would count."

WHAT_HAPPENS_NEXT = (
    "Once sent, it counts at the next nightly refresh as shown here; a file that cannot be used changes nothing."
)
NOTHING_SENT = "This check sent nothing and changed nothing."


def verdict(file: CheckedFile) -> str:
    """What is to be done about a file, in a sentence. Accepted warnings and information leave nothing to mend."""
    if file.status == "cannot_be_read":
        return "The file cannot be read."
    to_mend = [
        counted(count, severity) for severity in ("error", "warning") if (count := len(file.of_severity(severity)))
    ]
    if not to_mend:
        return "Nothing to mend: it can be sent."
    return f"{' and '.join(to_mend)} to look at before it is sent."


def verdict_key(file: CheckedFile) -> str:
    """Which section's look the verdict takes: error, warning, or accepted where nothing is to mend."""
    if file.status == "cannot_be_read" or file.of_severity("error"):
        return "error"
    return "warning" if file.of_severity("warning") else "accepted"


def verdict_on_all(report: CheckReport) -> str:
    """The verdict of the only file, or how many files came to what."""
    if len(report.files) == 1:
        return verdict(report.files[0])
    came_to: Counter[str] = Counter(file.status for file in report.files)
    parts = [f"{came_to[status]:,} {words}" for status, words in STATUSES.items() if came_to[status]]
    return f"{counted(len(report.files), 'file')} checked: {', '.join(parts)}."


def whose_and_when(file: CheckedFile) -> str:
    """For example: Derby, as at 31 March 2026."""
    nobody = {
        "collation": "Regional collation",
        "return": "Council not known",
        "extract": "Extract of staff",
        "table": "Published table",
    }
    whose = file.organisation_name or nobody.get(file.form, "Whose return it is could not be told")
    when = f"as at {in_words(date.fromisoformat(file.as_at_date))}" if file.as_at_date else "day not known"
    return f"{whose}, {when}"


def place(finding: CheckedFinding) -> str:
    """For example: Workforce, cell G7."""
    within = f"cell {finding.cell}" if finding.cell else f"row {finding.row}" if finding.row is not None else ""
    if finding.sheet:
        return f"{finding.sheet}, {within}" if within else finding.sheet
    return f"{within[:1].upper()}{within[1:]}" or "The whole file"


def details(finding: CheckedFinding) -> list[tuple[str, str]]:
    """What stands below the message, each with its label; what is not known is left out.

    An accepted finding gives its reason in place of what to do, since nothing is left to do.
    """
    rows = [(FOUND, shortened(finding.found)), (LOOKS_LIKE, finding.looks_like)]
    if finding.status == "accepted":
        rows += [(REASON, finding.accepted_reason), (ACCEPTED_BY, finding.accepted_by)]
    else:
        rows.append((WHAT_TO_DO, finding.suggestion))
    rows.append((REFERENCE, finding.reference))
    if can_be_accepted(finding):
        rows.append((TO_ACCEPT, HOW_TO_ACCEPT))
    return [(label, text) for label, text in rows if text]


def can_be_accepted(finding: CheckedFinding) -> bool:
    return finding.severity == "warning" and finding.status == "open" and bool(finding.reference)


def sections(file: CheckedFile) -> list[tuple[Section, list[tuple[int, CheckedFinding]]]]:
    """The findings by section, the gravest first, numbered through the file; sections without any are left out."""
    found, number = [], 0
    for section in SECTIONS:
        belonging = (
            [finding for finding in file.findings if finding.status == "accepted"]
            if section.key == "accepted"
            else file.of_severity(section.key)
        )
        if belonging:
            found.append((section, list(enumerate(belonging, start=number + 1))))
            number += len(belonging)
    return found


def counted_by_organisation(file: CheckedFile) -> list[tuple[str, list[CountedGroup]]]:
    """What would count, by organisation in the order first met. A name is '' where it is the one the file is of."""
    by_name: dict[str, list[CountedGroup]] = {}
    for group in file.counted:
        by_name.setdefault(group.organisation_name, []).append(group)
    if list(by_name) == [file.organisation_name]:
        return [("", list(file.counted))]
    return list(by_name.items())


def counted_note(file: CheckedFile) -> str:
    """What the numbers that would count are; or, where there are none, why."""
    if file.status == "cannot_be_read":
        return NOTHING_COUNTS_UNREAD
    if not file.counted:
        return NOTHING_COUNTS
    some_unknown = any(getattr(group, measure) is None for group in file.counted for measure in MEASURES)
    return f"{WHAT_IS_COUNTED} {NOT_KNOWN_MEANS}" if some_unknown else WHAT_IS_COUNTED


# The terminal

# Below this the columns of what would count no longer stand side by side.
NARROWEST_TABLE = 72
INDENT = " " * 3
LABEL_WIDTH = max(len(label) for label in (FOUND, LOOKS_LIKE, WHAT_TO_DO, REFERENCE, TO_ACCEPT, REASON, ACCEPTED_BY))

_STYLES = {section.key: section.style for section in SECTIONS}


def terminal(report: CheckReport, console_width: int) -> RenderableType:
    """The check for a terminal of so many columns; nothing is told by colour alone."""
    parts: list[RenderableType] = []
    for number, file in enumerate(report.files, start=1):
        if len(report.files) > 1:
            parts += [Text(f"File {number} of {len(report.files)}", style="dim")]
        parts += [*_file_on_terminal(file, console_width), Text()]
    if len(report.files) > 1:
        parts += [*_wrapped(verdict_on_all(report), console_width, style="bold"), Text()]
    return Group(*parts, *_wrapped(f"{WHAT_HAPPENS_NEXT} {NOTHING_SENT}", console_width))


def _file_on_terminal(file: CheckedFile, width: int) -> Iterator[RenderableType]:
    yield from _wrapped(file.file_name, width, style="bold")
    yield from _wrapped(whose_and_when(file), width)
    yield from _wrapped(verdict(file), width, style=_STYLES[verdict_key(file)])
    for section, findings in sections(file):
        yield Text()
        yield Text(f"{section.heading} ({len(findings):,})", style=f"{section.style} underline")
        yield from _wrapped(section.meaning, width)
        for number, finding in findings:
            yield Text()
            heading = f"{place(finding)}: {finding.title}" if finding.title else place(finding)
            yield from _wrapped(heading, width, first=f"{number}. ", later=INDENT, style="bold")
            yield from _wrapped(finding.message, width, first=INDENT, later=INDENT)
            for label, text in details(finding):
                before = f"{INDENT}{label:<{LABEL_WIDTH}}  "
                yield from _wrapped(text, width, first=before, later=" " * len(before))
    yield Text()
    yield Text(WHAT_COUNTS, style="bold underline")
    yield from _wrapped(counted_note(file), width)
    if file.counted:
        yield Text()
        if width >= NARROWEST_TABLE:
            yield _counted_side_by_side(file)
        else:
            yield from _counted_one_below_the_other(file)


def _counted_side_by_side(file: CheckedFile) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Group", overflow="fold")
    for heading in MEASURES.values():
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for organisation, groups in counted_by_organisation(file):
        if organisation:
            table.add_section()
            table.add_row(Text(safe_text(organisation), style="bold"))
        for group in groups:
            name = Padding(Text(safe_text(group.group_name)), (0, 0, 0, 2 if organisation else 0), expand=False)
            table.add_row(name, *(quantity(getattr(group, measure)) for measure in MEASURES))
    return table


def _counted_one_below_the_other(file: CheckedFile) -> Iterator[Text]:
    for organisation, groups in counted_by_organisation(file):
        for group in groups:
            yield Text(safe_text(f"{organisation}, {group.group_name}" if organisation else group.group_name))
            for measure, heading in MEASURES.items():
                yield Text(f"{INDENT}{heading:<{LABEL_WIDTH}}  {quantity(getattr(group, measure))}")


def _wrapped(text: str, width: int, *, first: str = "", later: str = "", style: str = "") -> list[Text]:
    """Lines of their own, since a table or a frame would fill each line with blanks up to the width of a pipe."""
    lines = textwrap.wrap(safe_text(text), width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    return [Text(line, style=style) for line in lines]


# Programs


def as_json(report: CheckReport) -> bytes:
    """UTF-8 JSON, indented, with a line break at the end. Characters that do not print are written as \\u escapes.

    The object holds `checked_at` (UTC, ISO 8601), `project_version`, `exit_code` (0 nothing to mend, 1 something is,
    2 a file cannot be read), `verdict` (a sentence) and `files`. Each file holds:

    - `file_name`, `sha256`, `form` (return, collation, extract or ''), `organisation_name`, `as_at_date` (ISO 8601
      or '')
    - `status` (nothing_to_mend, to_mend or cannot_be_read) and `verdict`, the same in a sentence
    - `findings`, each with `reference`, `rule_id`, `title`, `severity` (error, warning or info), `status` (open or
      accepted), `sheet`, `row` (counted from 1, or null), `cell`, `field`, `found`, `looks_like`, `message`,
      `suggestion`, `accepted_reason`, `accepted_by`; a text that is not known is ''
    - `counted`, one for each organisation and group: `organisation_name`, `group_name`, `headcount` (people), `fte`,
      `fte_permanent`, `fte_temporary`, `fte_vacant` (full-time equivalents); a number that is not known is null

    Keys keep their name and meaning; new ones may be added.
    """
    document: dict[str, Any] = report.as_dict() | {"exit_code": report.exit_code, "verdict": verdict_on_all(report)}
    document["files"] = [
        laid_out | {"verdict": verdict(file)} for laid_out, file in zip(document["files"], report.files, strict=True)
    ]
    written = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    # Outside its texts JSON holds nothing but printable characters and line breaks.
    safe = "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in written
    )
    return f"{safe}\n".encode()


# The page


def as_html(report: CheckReport) -> bytes:
    """One page, complete in itself: it asks for nothing from elsewhere and runs no script."""
    templates = environment(Path(__file__).parent)
    for function in (
        counted_by_organisation,
        counted_note,
        details,
        place,
        quantity,
        sections,
        verdict,
        verdict_key,
        verdict_on_all,
        whose_and_when,
    ):
        templates.globals[function.__name__] = function
    page = templates.get_template(TEMPLATE).render(
        report=report,
        checked_at=moment(datetime.fromisoformat(report.checked_at)),
        kinds=SECTIONS,
        measures=MEASURES,
        acceptance_sheet=ACCEPTANCE_SHEET,
        acceptance_headings=ACCEPTANCE_HEADINGS,
        can_accept=any(can_be_accepted(finding) for file in report.files for finding in file.findings),
        words={
            "reference": REFERENCE,
            "what_counts": WHAT_COUNTS,
            "acceptance_limits": ACCEPTANCE_LIMITS,
            "what_happens_next": WHAT_HAPPENS_NEXT,
            "nothing_sent": NOTHING_SENT,
        },
    )
    return page.encode()
