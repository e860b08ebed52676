"""The release of the bundled survey and self-assessments, held against what the reports print.

The expected numbers are typed from the reports: the Employer Standards Survey for Occupational Therapists 2023/24
(tables and Appendices A to C), Halton's report on its result of 2022 (Appendix 1), and the ALIGNS report of November
2025 (Tables 5 to 19).
"""

from __future__ import annotations

from collections import Counter

import pytest
from homes import Refreshed

REPORT = "lga_employer_standards_ot_2023_24"
# Standard: 2022/23, 2023/24, change.
STANDARDS = {1: (83, 80, -3), 2: (75, 68, -7), 3: (85, 73, -12), 4: (82, 80, -2)}
STANDARDS |= {5: (80, 82, 2), 6: (71, 71, 0), 7: (84, 83, -1), 8: (73, 73, 0)}
REGIONS = {
    "East Midlands": (81, 73, -8, "moderate"),
    "East of England": (80, 77, -3, "good"),
    "London": (78, 76, -2, "good"),
    "North East": (83, 79, -4, "good"),
    "North West": (80, 78, -2, "good"),
    "South East": (80, 77, -3, "good"),
    "South West": (76, 78, 2, "good"),
    "West Midlands": (74, 77, 3, "good"),
    "Yorkshire and The Humber": (79, 71, -8, "moderate"),
}
# Breakdown, group: score 2023/24, respondents.
GROUPS = {
    ("age", "24 and below"): (85, 25),
    ("age", "25-34"): (77, 232),
    ("age", "35-44"): (77, 493),
    ("age", "45-54"): (78, 554),
    ("age", "55-64"): (75, 416),
    ("age", "65+"): (76, 36),
    ("age", "Prefer not to say"): (68, 98),
    ("gender", "Female"): (77, 1584),
    ("gender", "Male"): (79, 184),
    ("gender", "Non-binary"): (None, 3),
    ("gender", "Transgender"): (None, None),
    ("gender", "Other"): (None, None),
    ("gender", "Prefer not to say"): (66, 79),
    ("ethnicity", "Arab"): (None, None),
    ("ethnicity", "Asian"): (83, 53),
    ("ethnicity", "Black"): (83, 66),
    ("ethnicity", "Mixed race"): (77, 26),
    ("ethnicity", "White"): (77, 1544),
    ("ethnicity", "Other ethnic group"): (75, 23),
    ("ethnicity", "Prefer not to say"): (66, 134),
    ("physical_condition", "Yes"): (73, 446),
    ("physical_condition", "No"): (79, 1289),
    ("physical_condition", "Prefer not to say"): (70, 109),
    ("mental_condition", "Yes"): (69, 128),
    ("mental_condition", "No"): (79, 1491),
    ("mental_condition", "Prefer not to say"): (69, 224),
    ("service_area", "Adults"): (76, None),
    ("service_area", "Children"): (78, None),
    ("service_area", "Integrated adults and children"): (78, None),
    ("employer_type", "Local authority"): (77, None),
    ("employer_type", "NHS trust"): (85, None),
    ("length_of_service", "Less than one year"): (82, None),
    ("length_of_service", "Other lengths of service"): (None, None),
}
# Standard of the question: scores of 2023/24, the new questions last.
QUESTIONS = {
    7: ([80, 86, 87, 81, 84], []),
    3: ([80, 84, 77, 85, 81], [66, 37]),
    2: ([78, 68], [67, 68, 60]),
    None: ([89, 90, 80, 68, 54, 69, 77, 78], [60, 85, 51, 69]),
}
# Standard: all 2022, all 2021, adults 2022, adults 2021, national.
HALTON = {
    1: (85, 89, 83, 86, 80),
    2: (87, 88, 83, 91, 82),
    3: (76, 82, 70, 82, 77),
    4: (82, 81, 78, 81, 79),
    5: (78, 82, 74, 80, 77),
    6: (69, 69, 66, 74, 74),
    7: (81, 83, 79, 83, 80),
    8: (88, 82, 84, 80, 77),
}
# Dimension 4 and dimension 5: where each arrow begins and ends.
SPANS = {
    "Berkshire West": ("emerging to maturing", "pre_emerging to maturing"),
    "Buckinghamshire": ("emerging to maturing", "developing to maturing"),
    "Frimley Health": ("pre_emerging to developing", "emerging to developing"),
    "Hampshire and Isle of Wight": ("developing to maturing", "emerging to developing"),
    "Kent": ("emerging to developing", "pre_emerging to maturing"),
    "Medway": ("emerging to maturing", "emerging to developing"),
    "Oxfordshire": ("pre_emerging to developing", "developing to maturing"),
    "Surrey Heartlands": ("emerging to maturing", "emerging to developing"),
    "East Sussex": ("emerging to maturing", "emerging to maturing"),
    "West Sussex": ("emerging to maturing", "emerging to maturing"),
}


def test_the_standards_are_as_printed_and_no_change_of_them_is_like_for_like(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select standard_number, previous_score, score, change, change_printed, is_significant, is_comparable, "
        f"respondents from marts.fct_employer_standards where source_document = '{REPORT}' and subject = 'standard' "
        "and survey_year = '2023/24' order by 1"
    )
    assert rows == [
        (number, before, now, change, change, number in (2, 3), False, 1902)
        for number, (before, now, change) in STANDARDS.items()
    ]


def test_the_regions_are_as_printed_with_the_bands_of_the_publisher(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select geography_name, previous_score, score, change, band, is_significant from marts.fct_employer_standards "
        "where geography_type = 'region' and survey_year = '2023/24'"
    )
    assert {name: values[:4] for name, *values in rows} == {name: list(values) for name, values in REGIONS.items()}
    assert {name for name, *_, significant in rows if significant} == {"East Midlands", "Yorkshire and The Humber"}


def test_the_groups_have_their_scores_and_respondents_or_a_reason(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select breakdown, group_name, score, respondents, score_status from marts.fct_employer_standards "
        "where breakdown <> 'region' and survey_year = '2023/24'"
    )
    assert {(breakdown, group): (score, people) for breakdown, group, score, people, _ in rows} == GROUPS
    assert {group: status for _, group, score, _, status in rows if score is None} == {
        **dict.fromkeys(("Non-binary", "Transgender", "Other", "Arab"), "suppressed"),
        "Other lengths of service": "unreadable",
    }


def test_the_questions_are_as_printed_and_new_ones_are_a_break(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select standard_number, is_comparable, question_version, list(score order by source_row) "
        "from marts.fct_employer_standards where subject = 'question' and survey_year = '2023/24' group by 1, 2, 3"
    )
    expected: list[tuple[object, ...]] = []
    for number, (repeated, new) in QUESTIONS.items():
        expected += [(number, True, "2022/23", repeated)] + [(number, False, "2023/24", new)] * bool(new)
    assert Counter(map(repr, rows)) == Counter(map(repr, expected))


def test_experience_of_harm_is_a_share_and_has_no_band(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select question like '%racism%', list(score order by source_row), any_value(unit), count(band) "
        "from marts.fct_employer_standards where subject = 'experience' group by 1 order by 1"
    )
    assert rows == [(False, [18, 5, 3, 78], "percent", 0), (True, [17, 6, 5, 75], "percent", 0)]


@pytest.mark.parametrize("number", HALTON)
def test_haltons_result_stands_beside_the_national_mean(bundled: Refreshed, number: int) -> None:
    rows = bundled.query(
        "select geography_name, staff_group, survey_year, score, respondents from marts.fct_employer_standards "
        f"where source_document = 'halton_health_check_2024' and standard_number = {number}"
    )
    whole, part = "social_workers_adults_and_mental_health", "social_workers_adults"
    now, before, adults_now, adults_before, national = HALTON[number]
    assert set(rows) == {
        ("Halton", whole, "2022", now, 20),
        ("Halton", whole, "2021", before, 17),
        ("Halton", part, "2022", adults_now, 15),
        ("Halton", part, "2021", adults_before, 12),
        ("England", "registered_social_workers", "2022/23", national, None),
    }
    assert len(rows) == 5


def test_no_result_is_silently_missing(bundled: Refreshed) -> None:
    assert bundled.query(
        "select score_status, count(*) from marts.fct_employer_standards where score is null group by 1 order by 1"
    ) == [("suppressed", 7), ("unreadable", 2)]
    assert bundled.query("select sum(rows) from quality.submissions where source = 'employer_standards'") == [(139,)]


def test_the_levels_are_those_the_report_puts_into_words(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select organisation_name, dimension, level_from || ' to ' || level_to from marts.fct_maturity "
        "where level_status = 'reported'"
    )
    assert {(name, dimension): span for name, dimension, span in rows} == {
        (name, dimension): spans[dimension - 4] for name, spans in SPANS.items() for dimension in (4, 5)
    }


def test_a_level_that_cannot_be_read_is_not_guessed(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select organisation_name, dimension, level_status from marts.fct_maturity "
        "where level_from is null and level_to is null and level_from_ordinal is null and level_to_ordinal is null"
    )
    statuses = {(name, dimension): status for name, dimension, status in rows}
    assert statuses == {
        (name, dimension): "no_data" if (name, dimension) == ("Buckinghamshire", 2) else "unreadable"
        for name in SPANS
        for dimension in (2, 3)
    }


def test_the_distribution_counts_the_arrows_of_table_13(bundled: Refreshed) -> None:
    """Counted by hand: two begin at pre-emerging, seven at emerging and one at developing; seven end at maturing."""
    rows = bundled.query(
        "select level, organisations_at_level, is_mode from marts.maturity_distribution where dimension = 4 "
        "order by level_ordinal"
    )
    assert rows == [
        ("pre_emerging", 2, False),
        ("emerging", 9, False),
        ("developing", 10, True),
        ("maturing", 7, False),
    ]
    assert bundled.query("select bool_or(is_mode) from marts.maturity_distribution where dimension in (2, 3)") == [
        (None,)
    ]


SURVEY_FINDINGS = [
    # The text gives 84 for standard 7 and no change, the table 83 and -1; and 83 for standard 5, the table 82.
    *("standard_7_score", "standard_7_change", "standard_5_score"),
    # 75 for engagement, whose cell in the table cannot be assigned to a year.
    "engagement_score",
    # Eleven questions of which five moderate, 60 to 85 for the new ones; the table has twelve, six and 51.
    *("engagement_questions", "engagement_questions_moderate", "engagement_new_questions_lowest"),
    # 67 and 86 in the text; 66 and 87 in Appendix B. A question that no table prints.
    *("caseload_policy", "ethical_practice", "able_to_cope"),
    # '7 out of the 8 regions': the table has nine.
    "regions",
    # 128 of 1,902 is 6.7 per cent, printed 6.3; 184 of 1,902 is 9.7, printed 9.
    *("mental_condition_share", "male_share"),
    # 20 of 59 is 33.9 per cent, printed 33; 5 of 12 is 41.7, printed 41.
    *("response_rate", "response_rate_mental_health"),
]


def test_every_contradiction_of_the_survey_reports_is_named_and_no_other(bundled: Refreshed) -> None:
    found = bundled.query(
        "select field from quality.findings where source = 'employer_standards' and rule_id = 'stated_figure_differs'"
    )
    assert Counter(field for (field,) in found) == Counter(SURVEY_FINDINGS)


def test_what_else_is_said_of_the_survey_and_the_self_assessments(bundled: Refreshed) -> None:
    found = bundled.query(
        "select rule_id, coalesce(organisation_name, ''), count(*) from quality.findings "
        "where status = 'open' and source in ('employer_standards', 'maturity') "
        "and rule_id not in ('stated_figure_differs', 'maturity_level_unreadable', 'maturity_level_doubtful') "
        "group by all order by all"
    )
    assert found == [
        # The ALIGNS report gives no day.
        ("as_at_date_missing", "", 1),
        # 20 and 15 respondents in 2022, 17 and 12 in 2021: five are left each time.
        ("survey_complement_disclosed", "Halton", 2),
        # The cell of engagement, and 75/76 for the other lengths of service.
        ("value_unreadable", "", 2),
    ]
    counted = bundled.query(
        "select rule_id, count(*) from quality.findings where source = 'maturity' and rule_id like 'maturity%' "
        "group by 1 order by 1"
    )
    # Eight arrows of Table 19 and one of Table 13 stand elsewhere than their words begin, and two marks of Figure 20
    # lie outside the arrow of Table 19. Ten rows of Table 8 and nine of Table 5 have no legible level.
    assert counted == [("maturity_level_doubtful", 11), ("maturity_level_unreadable", 19)]
