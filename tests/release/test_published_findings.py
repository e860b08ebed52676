"""Every inconsistency of the published tables is found, once, at its place; and nothing is said of rows that are right.

The list is drawn up by hand from the report's figures: which printed totals differ from their rows, which cells are
garbled, blank or irregular, and where the text of the report and its tables disagree.
"""

from __future__ import annotations

from collections import Counter

import pytest
from homes import Refreshed

# rule, sheet, row of the bundled file, council or total
EXPECTED = [
    # The report does not say on which day its figures were taken.
    ("as_at_date_missing", None, None, None),
    # Printed totals that are not the sum of their rows: 43 for 43.12, and 20 for 20.01.
    ("total_differs_from_rows", "Figure 18", 13, "Total East Midlands"),
    ("total_differs_from_rows", "Figure 20", 13, "Total East Midlands"),
    # Totals that the report's text layer does not hold.
    ("total_not_given", "Figure 20", 28, "Total West Midlands"),
    ("total_not_given", "Figure 22", 28, "Total West Midlands"),
    # 44 managers in the summary, 45 in the section.
    ("stated_figures_disagree", "Figure 22", 28, "Total West Midlands"),
    # Numbers of the report's text that its tables do not bear out.
    ("stated_figure_differs", "Figure 18", None, None),
    ("stated_figure_differs", "Figure 19", 26, "Wolverhampton"),
    ("stated_figure_differs", "Figure 23", None, None),
    ("stated_figure_differs", "Figure 23", 3, "Derbyshire"),
    # No managers at all, yet not among the councils without a principal occupational therapist.
    ("principal_ot_contradicts_managers", "Figure 22", 18, "Sandwell"),
    ("principal_ot_contradicts_managers", "Figure 22", 22, "Stoke-on-Trent"),
    # Figure 21 prints no senior practitioner for councils that have occupational therapists.
    ("no_senior_post", "Figure 21", 5, "North Lincolnshire"),
    ("no_senior_post", "Figure 21", 6, "Leicester"),
    ("no_senior_post", "Figure 21", 12, "Rutland"),
    ("no_senior_post", "Figure 21", 15, "Coventry"),
    ("no_senior_post", "Figure 21", 20, "Solihull"),
    ("no_senior_post", "Figure 21", 21, "Staffordshire"),
    ("no_senior_post", "Figure 21", 25, "Warwickshire"),
    ("no_senior_post", "Figure 21", 26, "Wolverhampton"),
    ("text_in_number", "Figure 20", 7, "Leicestershire"),
    # Figure 20 from Herefordshire down is garbled, Telford's headcount of 7.5 among it.
    ("value_missing", "Figure 20", 17, "Herefordshire"),
    ("value_missing", "Figure 20", 18, "Sandwell"),
    ("value_missing", "Figure 20", 19, "Shropshire"),
    ("value_missing", "Figure 20", 20, "Solihull"),
    ("value_missing", "Figure 20", 21, "Staffordshire"),
    ("value_missing", "Figure 20", 22, "Stoke-on-Trent"),
    ("value_missing", "Figure 20", 23, "Telford and Wrekin"),
    ("value_missing", "Figure 20", 24, "Walsall"),
    ("value_missing", "Figure 20", 25, "Warwickshire"),
    ("value_missing", "Figure 20", 26, "Wolverhampton"),
    ("value_missing", "Figure 20", 27, "Worcestershire"),
    # Figure 22: a misprinted name with a blank cell, a merged row, a row half there, a row not there.
    ("organisation_name_misprint", "Figure 22", 14, "Birmingham"),
    ("value_missing", "Figure 22", 14, "Birmingham"),
    ("transcription_uncertain", "Figure 22", 15, "Coventry"),
    ("transcription_uncertain", "Figure 22", 26, "Wolverhampton"),
    ("value_missing", "Figure 22", 26, "Wolverhampton"),
    ("value_missing", "Figure 22", 27, "Worcestershire"),
    # Figure 25.
    ("pay_number_irregular", "Figure 25", 8, "North Northamptonshire"),
    ("pay_number_irregular", "Figure 25", 16, "Herefordshire"),
    ("pay_number_irregular", "Figure 25", 20, "Staffordshire"),
    ("pay_number_irregular", "Figure 25", 27, "Worcestershire"),
    ("pay_separator_irregular", "Figure 25", 23, "Walsall"),
    ("pay_sign_missing", "Figure 25", 13, "Birmingham"),
    ("pay_sign_missing", "Figure 25", 26, "Wolverhampton"),
    ("pay_several_ranges", "Figure 25", 7, "Leicestershire"),
    ("pay_several_ranges", "Figure 25", 8, "North Northamptonshire"),
    ("pay_several_ranges", "Figure 25", 9, "West Northamptonshire"),
    ("pay_unreadable", "Figure 25", 7, "Leicestershire"),
    ("transcription_uncertain", "Figure 25", 7, "Leicestershire"),
    ("value_missing", "Figure 25", 6, "Leicester"),
    ("value_missing", "Figure 25", 27, "Worcestershire"),
    # Councils that gave no pay at all.
    ("value_missing", "Figure 25", 5, "North Lincolnshire"),
    ("value_missing", "Figure 25", 17, "Sandwell"),
    ("value_missing", "Figure 25", 19, "Solihull"),
    ("value_missing", "Figure 25", 21, "Stoke-on-Trent"),
    ("value_missing", "Figure 25", 22, "Telford and Wrekin"),
    ("value_missing", "Figure 25", 24, "Warwickshire"),
]


def test_the_findings_are_these_and_no_others(bundled: Refreshed) -> None:
    found = Counter(
        bundled.query(
            "select rule_id, source_sheet, source_row, organisation_name from quality.findings "
            "where status = 'open' and source = 'council_returns'"
        )
    )
    expected = Counter(EXPECTED)
    assert found - expected == Counter(), "said of rows that are right"
    assert expected - found == Counter(), "not found"


def test_nothing_but_faults_that_were_planted_is_said_of_the_invented_extracts(bundled: Refreshed) -> None:
    """Faults that `ahp synth` plants in the extracts of this trust and council; see its truth.json."""
    found = bundled.query(
        "select source, rule_id, coalesce(field, ''), message from quality.findings "
        "where status = 'open' and source in ('esr', 'skills_for_care') order by all"
    )
    assert {(source, rule_id) for source, rule_id, _, _ in found} == {
        ("esr", "duplicate_row"),
        ("esr", "edi_incomplete"),
        ("esr", "role_contradiction"),
    }
    assert all(message.startswith("Invented example. ") for _, _, _, message in found)
    published = bundled.query("select message from quality.findings where source = 'council_returns'")
    assert not any("nvented" in message for (message,) in published)


def test_figures_19_and_21_agree_with_their_totals_so_nothing_is_said_of_their_rows(bundled: Refreshed) -> None:
    """That a council counts no senior is a fact about the council, and no fault of the row."""
    assert bundled.query("select distinct rule_id from quality.findings where source_sheet = 'Figure 21'") == [
        ("no_senior_post",)
    ]
    assert (
        bundled.query(
            "select organisation_name from quality.findings where source_sheet = 'Figure 19' and rule_id <> "
            "'stated_figure_differs'"
        )
        == []
    )


@pytest.mark.parametrize(
    ("rule_id", "organisation", "printed", "in_message"),
    [
        ("total_differs_from_rows", "Total East Midlands", "43", ["43", "43.12", "11 rows"]),
        ("total_differs_from_rows", "Total East Midlands", "20", ["20", "20.01"]),
        ("text_in_number", "Leicestershire", "19*inc housing", ["read as 19", "inc housing"]),
        ("stated_figures_disagree", "Total West Midlands", None, ["44 (Executive summary)", "45 (3.1 f))"]),
        ("value_missing", "Telford and Wrekin", None, ["7.5", "people are counted whole"]),
        ("pay_number_irregular", "Herefordshire", "£32,020 to £36, 298", ["H16", "read as £32,020 to £36,298"]),
        ("pay_number_irregular", "Staffordshire", "£25.147 to £27,596", ["read as £25,147 to £27,596"]),
        ("pay_sign_missing", "Birmingham", None, ["I13", "£32,076 to £39,186", "L13", "£62,986 to £81,154"]),
        ("pay_several_ranges", "West Northamptonshire", None, ["3 ranges"]),
        ("organisation_name_misprint", "Birmingham", "Dirmingham City", ["misprint"]),
        ("stated_figure_differs", "Wolverhampton", "5", ["give 4"]),
    ],
)
def test_a_finding_says_what_is_printed_and_what_to_do(
    bundled: Refreshed, rule_id: str, organisation: str, printed: str | None, in_message: list[str]
) -> None:
    findings = bundled.query(
        "select value, message, suggestion, source_file from quality.findings "
        f"where rule_id = '{rule_id}' and organisation_name = '{organisation}'"
    )
    matching = [found for found in findings if printed is None or found[0] == printed]
    assert any(all(part in message for part in in_message) for _, message, _, _ in matching), findings
    assert all(suggestion and source_file for _, _, suggestion, source_file in matching)


def test_every_finding_reads_as_a_sentence(bundled: Refreshed) -> None:
    messages = bundled.query("select message, suggestion from quality.findings")
    assert messages
    for message, suggestion in messages:
        for text in (message, suggestion):
            assert text[0].isupper() or text[0] in "'£0123456789", text
            assert text.endswith("."), text
            assert "  " not in text, text
            assert "None" not in text, text
            assert "null" not in text.casefold().split(), text
