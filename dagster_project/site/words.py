"""Numbers, dates and places as the pages say them.

Belongs here: formats. Does not: what the numbers are, or the markup around them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import Markup, escape

from dagster_project.present import SOURCES as SOURCES
from dagster_project.present import counted, moment, number, quantity, safe_text
from dagster_project.sources.dates import in_words

STATUSES = {
    "accepted": "counts",
    "superseded": "replaced by a later file",
    "withdrawn": "taken back",
    "quarantined": "refused; nothing of it counts",
}
SEVERITIES = {
    "error": ("Errors", "The value, row or file is not used, or cannot be right."),
    "warning": ("Warnings", "Used as it stands, and needs a look."),
    "info": ("Information", "Good to know; nothing has to be mended."),
}
AS_AT = {
    "publication": "The document does not say on which day its numbers were taken; the date of its publication stands "
    "in, and the real day may be months earlier.",
    "collection": "The day the document gives for its numbers.",
}
AGES = {"adult": "adults", "children": "children", "all_age": "all ages"}
PARTS = {"fte_permanent": "permanent", "fte_temporary": "temporary", "fte_vacant": "vacant"}

EMPLOYERS = {
    "nhs": "NHS staff",
    "council": "the council’s own staff",
    "independent": "staff of independent employers",
    "other": "staff of other employers",
    "not_known": "staff whose employer is not known",
    "not_stated": "staff whose employer is not stated",
}
BANDS = {
    "green": "green: recorded for nearly all",
    "amber": "amber: some missing",
    "red": "red: too many missing",
    "not_asked": "not asked",
    "not_supplied": "not supplied",
    "not_known": "not known",
    "too_few": "too few people",
}
SHARE_STATUSES = {
    "shown": "shown",
    "low_reliability": "[u] shown with care: many have not answered",
    "bounds_only": "[u] bounds only: too many have not answered",
    "hidden": "[c] hidden to protect people",
    "too_few": "[c] too few people",
}
SCHEMAS = {
    "marts": "Tables for analysis",
    "quality": "The quality of the data",
    "reference": "Reference lists",
}
STAGES = {
    "landed": "What was landed",
    "staging": "Each source, typed and named alike",
    "intermediate": "The rules, step by step",
} | SCHEMAS
BREAK = "[b]"
SUBJECTS = {
    "standard": "Standards",
    "all_standards": "All standards together",
    "question": "Questions",
    "engagement": "Engagement",
    "experience": "Harassment, bullying, abuse, racism or discrimination",
}
# How the level of an assessment was given, where its code does not say it.
LEVEL_STATUSES = {
    "no_data": "no data, as the report says",
    "unreadable": "not legible in the text held here",
}
STAFF_GROUPS = {
    "social_workers_adults": "social workers for adults",
    "social_workers_adults_and_mental_health": "social workers for adults and in mental health",
}
KINDS = {"ics": "integrated care system"}
AGE_STATUSES = {"dated": "", "at_least": "at least "}
# Steps of marts.source_bridge and entries of marts.overlap_ledger as readers call them.
STEPS = {
    "council_return": "Everybody in the council’s return",
    "employed_by_the_nhs": "Less those the NHS employs",
    "managers_and_principals": "Less managers and principals",
    "seniors": "Seniors, who stand among therapists in both",
    "assessors": "Less non-registered assessors",
    "childrens_services": "Less children’s services",
    "agency": "Less agency staff",
    "date": "For the days between the two sources, at most",
    "unexplained": "What nothing explains",
    "skills_for_care": "Counted by Skills for Care",
    "other_ahps": "Less other allied health professionals",
    "therapy_assistants": "Less therapy assistants",
    "skills_for_care_occupational_therapists": "Occupational therapists of Skills for Care",
    "employed_by_the_council": "Less those the council employs, who are in no NHS record",
    "employed_by_the_nhs_in_return": "Those in the return whom the NHS employs",
    "overlap_unmatched": "Those that only one of the two sides knows",
    "nhs_naming_the_council": "NHS staff whose post names the council",
    "on_external_secondment": "Staff out on secondment, who do not count there",
    "own_services_of_the_nhs": "Staff of the NHS’s own services",
    "nhs_extracts": "Everybody in AHP roles in the NHS extracts",
    "vacancies_definition": "Vacant posts less vacant FTE: two definitions",
    "in_return": "In the return of the council",
    "in_extract": "In the extract of the NHS",
    "counted_by_council": "On both sides, paid for by the council: counted by it",
    "left_out_of_nhs": "The same people, left out of the NHS",
    "counted_by_nhs": "On both sides, paid for by the NHS: counted there",
    "left_out_of_council": "The same people, left out of the council",
    "unmatched_in_return": "Only in the return: counted there",
    "unmatched_in_extract": "Only in the extract: counted there",
}


@dataclass(frozen=True)
class Bar:
    """One line of a chart: its label, its parts as (kind, start, width) in percent of the widest, and its text."""

    label: str
    parts: tuple[tuple[str, str, str], ...]
    text: str


def bars(rows: Sequence[Mapping[str, Any]], label: str) -> list[Bar]:
    """Permanent, temporary and vacant FTE of each row, drawn to one scale; a part that is not known is not drawn."""
    widest = max((sum(row[part] or 0 for part in PARTS) for row in rows), default=0)
    drawn = []
    for row in rows:
        start, parts = Decimal(0), []
        for part, kind in PARTS.items():
            if widest and row[part]:
                width = 100 * row[part] / widest
                parts.append((kind, f"{start:.3f}%", f"{width:.3f}%"))
                start += width
        texts = [
            f"{kind} not known" if row[part] is None else f"{quantity(row[part])} {kind}"
            for part, kind in PARTS.items()
        ]
        if row["value_symbol"]:
            texts.append(f"{as_code_says(row['value_status'])} {row['value_symbol']}")
        drawn.append(Bar(row[label], tuple(parts), ", ".join(texts)))
    return drawn


def day(value: date | None) -> str:
    return in_words(value) if value else ""


def as_code_says(value: str | None) -> str:
    """A code of the release, such as not_supplied, for people to read."""
    return (value or "").replace("_", " ")


def percent(value: float | None) -> str:
    return "" if value is None else f"{_rounded(value, 2)}%"


def measure_value(row: Mapping[str, Any]) -> str:
    """The value of a measure in its unit; '' where it has none."""
    if row["value"] is None:
        return ""
    if row["unit"] == "percent":
        return percent(row["value"])
    if row["unit"] == "councils":
        return f"{_rounded(row['numerator'], 0)} of {_rounded(row['denominator'], 0)}"
    if row["unit"] == "pounds a year":
        return amount(row["value"])
    return _rounded(row["value"], 3)


def plain(value: Any) -> str:
    """Any value in a cell of a table: dates in words, times of London, numbers with the digits they need."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value)
        case date():
            return in_words(value)
        case int():
            return f"{value:,}"
        case Decimal() | float():
            return f"{Decimal(number(Decimal(str(value)))):,f}"
        case _:
            return str(value)


def cell(value: Any) -> str | Markup:
    """As plain, for a cell: a long name may be broken after an underscore, and keeps its letters when copied."""
    text = safe_text(plain(value))
    return Markup("_<wbr>").join(escape(part) for part in text.split("_")) if "_" in text else text


def signed(value: Decimal | None) -> str:
    """An adjustment, with its sign."""
    return "" if value is None else f"+{plain(value)}" if value > 0 else plain(value).replace("-", "−")


def signed_percent(value: float | None) -> str:
    text = percent(value).replace("-", "−")
    return f"+{text}" if value and value > 0 and text != "0.00%" else text


def amount(value: Decimal | float | None) -> str:
    """Pounds, with pence only where there are any."""
    return "" if value is None else f"£{_half_up(value, 0 if value == int(value) else 2):,}"


def between(lowest: str, highest: str) -> str:
    """One value where both are the same, else both."""
    return f"{lowest} to {highest}" if highest and highest != lowest else lowest


def days(value: float | None) -> str:
    return "" if value is None else counted(int(_half_up(value, 0)), "day")


def first_sentence(text: str) -> str:
    """Of a description, what stands up to its first full stop."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def after_first_sentence(text: str) -> str:
    return " ".join(text.split()).removeprefix(first_sentence(text)).strip()


def on_scale(value: float) -> str:
    """A share in percent as a length of a drawing."""
    return f"{value:.3f}%"


def pounds(value: int | None) -> str:
    return "" if value is None else f"£{value:,}"


def found_in(finding: Mapping[str, Any]) -> str:
    """File, sheet, and cell or else row of a finding, as far as each is known."""
    cell, row = finding["source_cell"], finding["source_row"]
    parts = [
        finding["source_file"],
        f"sheet {finding['source_sheet']}" if finding["source_sheet"] else None,
        f"cell {cell}" if cell else f"row {row}" if row else None,
    ]
    return ", ".join(part for part in parts if part)


def size(length: int) -> str:
    """For example 812 bytes, 14 kB, 2.1 MB."""
    if length < 1000:
        return counted(length, "byte")
    return f"{length / 1000:,.0f} kB" if length < 1_000_000 else f"{length / 1_000_000:,.1f} MB"


def file_name_for(name: str, code: str = "") -> str:
    """A name for a page that every system and every address takes; with its code, one that no two areas share."""
    readable = re.sub(r"[^a-z0-9]+", "-", f"{name} {code}".lower()).strip("-")
    return f"{readable}.html"


def _rounded(value: float | Decimal, places: int) -> str:
    return f"{_half_up(value, places):,}"


def _half_up(value: float | Decimal, places: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
