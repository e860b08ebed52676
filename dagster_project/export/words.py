"""The words of the exported tables: headings, symbols, and meanings that the release does not describe.

Belongs here: wording. Does not: descriptions of released columns, which come from the release itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from dagster_project.present import MEASURES

# Headings that the name of a column does not give by itself.
HEADINGS = {
    **MEASURES,
    "area_kind": "Kind of area",
    "geography_name": "Area",
    "geography_code": "Area code",
    "organisation_name": "Organisation",
    "as_at_date": "As at",
    "value_status": "Status",
    "share_status": "Status",
    "councils_returned": "Councils that returned",
    "fte_councils_returned": "Councils that gave FTE",
    "fte_permanent_councils_returned": "Councils that gave permanent FTE",
    "fte_temporary_councils_returned": "Councils that gave temporary FTE",
    "fte_vacant_councils_returned": "Councils that gave vacant FTE",
    "return_group_name": "Group of staff",
    "measure_name": "Measure",
    "field": "Part of the measure",
    "learner_type": "Learners",
    "pipeline_count": "Count",
    "profession_name": "Profession",
    "job_family_name": "Job family",
    "scale_as_written": "Pay scale as written",
    "grade_as_written": "Grade as written",
    "pay_minimum": "Lowest pay (pounds a year)",
    "pay_maximum": "Highest pay (pounds a year)",
    "supplement_text": "Supplement as written",
    "funding_text": "Funding as written",
    "cell_text": "Pay as written",
    "has_principal_ot": "Principal OT in post",
    "principal_ot_grade": "Grade of the principal OT",
    "has_ahp_lead": "AHP lead in post",
    "title": "What was found, in short",
    "message": "What was found",
    "suggestion": "What to do",
    "source_file": "File",
    "source_sheet": "Sheet",
    "source_cell": "Cell or row",
    "n": "People in scope",
    "recorded_pct": "Recorded (percent)",
    "disclosed_pct": "Disclosed (percent)",
    "refusal_pct": "Prefer not to say (percent)",
    "label": "Answer",
    "people_rounded": "People, rounded",
    "share_lowest_pct": "Share at least (percent)",
    "share_highest_pct": "Share at most (percent)",
    "share_pct": "Share of those who answered (percent)",
    "caveat": "Kind of caveat",
    "comparison_point": "Point of the range",
    "agenda_for_change_bands": "NHS bands",
    "agenda_for_change_pay": "NHS pay (pounds a year)",
    "agenda_for_change_evidence": "NHS pay is",
    "council_pay": "Council pay (pounds a year)",
    "council_pay_at_most": "Council pay at most (pounds a year)",
    "supplement_pounds": "Supplement (pounds a year)",
    "gap_pct": "Gap (percent)",
    "gap_at_most_pct": "Gap at most (percent)",
    "gap_with_supplement_pct": "Gap with supplement (percent)",
    "gap_with_supplement_at_most_pct": "Gap with supplement at most (percent)",
    "fte_in_post": "FTE in post",
    "ended_pct": "FTE ended (percent)",
    "ot_fte_vacant": "Vacant FTE of OTs",
    "score_band": "Band of the score",
    "group_name": "Group",
    "standard_or_question": "Standard or question",
    "subject_name": "What is counted",
    "words_as_written": "Words as printed",
    "value_low": "Number, or lower end",
    "value_high": "Number, or upper end",
    "errors": "Open errors",
    "warnings": "Open warnings",
    "last_seen_date": "Last looked at",
}

# Columns that the queries make or rename, which no released table describes.
MEANINGS = {
    "area_kind": "Council, integrated care system, ADASS region (directors of adult social services) or ONS region "
    "(Office for National Statistics). Each kind holds the same councils again: never add up across kinds.",
    "score_band": "poor (0 to 50), moderate (51 to 74) or good (75 to 100), as the publisher names rounded scores.",
    "standard_or_question": "The question; for the result of a whole standard, the standard.",
    "errors": "Findings that are open and keep a value, row or file from being used.",
    "warnings": "Findings that are open; the value is used as it stands and needs a look.",
    "information": "Findings that are open and good to know; nothing has to be mended.",
    "last_seen_date": "The day of the last refresh that met an open finding of the organisation.",
    "source_of_findings": "The source of the files with the findings; not applicable where nothing is open.",
    "field": "What the value is of, where a measure has several: a job family, a pay year, the day of the population "
    "or the evidence for a role.",
    "words_as_written": "The number as printed, with the words around it; not applicable where a number stands alone.",
    "what_to_know": "The caveat in one sentence, with the councils and numbers it is about.",
    "notes": "References to the sheet Notes.",
    "value_status": "How complete the number is, or why it is missing; each status is explained below.",
}

# What each sign says in short; reference.value_statuses says more.
SHORTHAND = {
    "[b]": "break in the series",
    "[c]": "hidden to protect people",
    "[e]": "worked out by this warehouse from other values",
    "[low]": "rounds to zero and is not zero",
    "[p]": "provisional: a finding is open that would change it",
    "[r]": "restated since it was first released",
    "[u]": "low reliability: read with doubt, or over fewer councils than expected",
    "[x]": "not supplied; missing, not zero",
    "[z]": "not applicable",
}
# Statuses of columns that have words of their own beside those of reference.value_statuses.
OTHER_SYMBOLS = {
    "hidden": "[c]",
    "too few": "[c]",
    "low reliability": "[u]",
    "bounds only": "[u]",
    "not known": "[x]",
    "not asked": "[z]",
}
NOT_SUPPLIED, NOT_APPLICABLE = "[x]", "[z]"

SMALL_NUMBERS = (
    "For use inside the organisations that share this data: small numbers are shown as they are, and nothing here has "
    "been protected for publication."
)

NO_CONTACT = "No contact has been set; ask whoever sent you this file."

_CONDITIONS_OF_SQL = re.compile(r" ?\(where [^)]*\)")
_TABLES = re.compile(r"\b(?:(?:marts|quality|reference)\.|(?=(?:fct|dim|bridge)_))(\w+)(?:\.(\w+))?")
_NAMES = re.compile(r"(?<!the table )\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
_FTE = re.compile(r"\bfte\b")
# What columns are called in sentences, where their name alone would not be understood.
_IN_SENTENCES = {
    "geography_type": "kind of area",
    "as_at_date": "the as-at date",
    "is_roll_up": "roll-up",
    "gap_pct": "the gap",
    "gap_at_most_pct": "the gap at most",
    "gap_status": "“Status”",
    "level_status": "“Status”",
    "is_comparable": "“Comparability”",
    "pre_emerging": "pre-emerging",
}
_ABBREVIATIONS = (("fte", "FTE"), ("ot", "OT"), ("ahp", "AHP"), ("ics", "ICS"))


def heading(name: str) -> str:
    """What a column is called above a table."""
    if name in HEADINGS:
        return HEADINGS[name]
    written = _spelt_out(name.replace("_pct", "_(percent)"))
    return written[:1].upper() + written[1:]


def plain(text: str, called: Mapping[str, str] = MappingProxyType({})) -> str:
    """A description or caveat of the release for people who do not write SQL: columns in words, tables as such.

    `called` says what a name stands under in the workbook; any other is spelt out.
    """

    def in_words(name: str) -> str:
        return _IN_SENTENCES.get(name) or (f"“{called[name]}”" if name in called else _spelt_out(name))

    def table(found: re.Match[str]) -> str:
        column = f"{in_words(found[2])} in " if found[2] else ""
        return f"{column}the table {found[1]} of the release"

    text = _TABLES.sub(table, _CONDITIONS_OF_SQL.sub("", " ".join(text.split())))
    return _FTE.sub("FTE", _NAMES.sub(lambda name: in_words(name[0]), text))


def _spelt_out(name: str) -> str:
    return " ".join(dict(_ABBREVIATIONS).get(word, word) for word in name.split("_"))
