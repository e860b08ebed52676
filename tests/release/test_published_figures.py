"""The release of the bundled inputs, held against what the Midlands report prints.

The expected numbers are the report's own (Figures 18 to 23), or sums of its printed rows where it prints no total.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from homes import Refreshed

BUNDLED_REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"
REGIONS = ("East Midlands", "West Midlands")
WORKFORCE = {
    # return group: region: headcount, FTE, permanent, temporary, vacant
    "occupational_therapists": {
        "East Midlands": ("323", "263.05", "259.05", "4", "43.12"),
        "West Midlands": ("271", "250.33", "199.03", "51.3", "33.1"),
    },
    "other_ahps": {
        "East Midlands": ("7", "7", "6", "1", "0"),
        "West Midlands": ("25", "23.20", "10.6", "12.6", "0"),
    },
    "senior_practitioners": {
        "East Midlands": ("57", "52.54", "48.54", "4", "3.31"),
        "West Midlands": ("44", "40.49", "39.09", "1.4", "5"),
    },
    "non_registered_assessors": {"East Midlands": ("220", "195.32", "195.32", "0", "20.01")},
    "managers": {"East Midlands": ("49", "46.11", "46.11", "0", "5.2")},
}


@pytest.mark.parametrize(
    ("return_group", "region"), [(group, region) for group, regions in WORKFORCE.items() for region in regions]
)
def test_an_adass_region_adds_up_to_the_printed_rows(bundled: Refreshed, return_group: str, region: str) -> None:
    rows = bundled.query(
        "select headcount, fte, fte_permanent, fte_temporary, fte_vacant, value_status, "
        "councils_returned = councils_expected from marts.regional_workforce "
        f"where geography_type = 'adass_region' and geography_name = '{region}' and return_group = '{return_group}'"
    )
    expected = tuple(map(Decimal, WORKFORCE[return_group][region]))
    assert rows == [(*expected, "complete", True)]


@pytest.mark.parametrize("region", REGIONS)
def test_of_the_groups_of_the_report_only_seniors_have_one_role(bundled: Refreshed, region: str) -> None:
    def shares(measure: str) -> dict[str, list[object]]:
        return {
            group: values
            for group, *values in bundled.query(
                "select return_group, numerator, denominator, value, field from marts.regional_measures "
                f"where geography_type = 'adass_region' and geography_name = '{region}' and measure = '{measure}'"
            )
            if group in WORKFORCE and region in WORKFORCE[group]
        }

    people = {group: Decimal(regions[region][0]) for group, regions in WORKFORCE.items() if region in regions}
    assert shares("role_known_share") == {
        group: ([count, count, 100.0, None] if group == "senior_practitioners" else [0, count, 0.0, None])
        for group, count in people.items()
    }
    # Councils returned numbers of groups, and nothing else says what the people in them are.
    assert shares("role_basis_share") == {
        group: [count, count, 100.0, "declared group"] for group, count in people.items()
    }


def test_the_ons_region_leaves_north_lincolnshire_out_and_the_adass_region_does_not(bundled: Refreshed) -> None:
    totals = dict(
        bundled.query(
            "select geography_type, headcount from marts.regional_workforce where geography_name = 'East Midlands' "
            "and return_group = 'occupational_therapists'"
        )
    )
    assert totals == {"adass_region": 323, "ons_region": 323 - 4}
    elsewhere = bundled.query(
        "select headcount, councils_returned, value_status from marts.regional_workforce where geography_type = "
        "'ons_region' and geography_name = 'Yorkshire and The Humber' and return_group = 'occupational_therapists'"
    )
    assert elsewhere == [(4, 1, "partial")]


@pytest.mark.parametrize(
    ("return_group", "measure", "east", "west"),
    [
        ("occupational_therapists", "vacancy_rate", "14.08", "11.68"),
        ("occupational_therapists", "temporary_share", "1.52", "20.49"),
        ("occupational_therapists", "fte_per_head", "0.8144", "0.9237"),
        (None, "students_per_ot", "0.201", "0.188"),
    ],
)
def test_rates_are_sums_divided_not_means_of_rates(
    bundled: Refreshed, return_group: str | None, measure: str, east: str, west: str
) -> None:
    condition = f"= '{return_group}'" if return_group else "is null"
    for region, expected in zip(REGIONS, (east, west), strict=True):
        decimals = -Decimal(expected).as_tuple().exponent
        rows = bundled.query(
            f"select round(value, {decimals}), status from marts.regional_measures "
            f"where geography_type = 'adass_region' "
            f"and geography_name = '{region}' and measure = '{measure}' and return_group {condition}"
        )
        assert rows == [(float(expected), "complete")]


def test_eight_of_25_councils_rely_on_temporary_funding_and_twelve_have_any(bundled: Refreshed) -> None:
    counted = bundled.query(
        "select measure, sum(numerator), sum(denominator) from marts.regional_measures where geography_type = "
        "'adass_region' and measure in ('councils_reliant_on_temporary_funding', 'councils_with_temporary_funding') "
        "group by measure order by measure"
    )
    assert counted == [
        ("councils_reliant_on_temporary_funding", Decimal(8), Decimal(25)),
        ("councils_with_temporary_funding", Decimal(12), Decimal(25)),
    ]


def test_students_and_apprentices_add_up_and_the_split_cell_keeps_its_parts(bundled: Refreshed) -> None:
    totals = bundled.query(
        "select geography_name, learner_type, sum(pipeline_count) from marts.fct_pipeline "
        "inner join marts.bridge_organisation_geography using (organisation_code) "
        "where geography_type = 'adass_region' group by all order by all"
    )
    assert totals == [
        ("East Midlands", "degree_apprentice", 22),
        ("East Midlands", "student", 65),
        ("West Midlands", "degree_apprentice", 22),
        ("West Midlands", "student", 51),
    ]
    parts = bundled.query(
        "select funding_route, pipeline_count from marts.fct_pipeline where organisation_name = 'Nottinghamshire' "
        "and learner_type = 'degree_apprentice' order by pipeline_count"
    )
    assert parts == [("substantive_non_registered_post", 1), ("supernumerary", 6)]


def test_rows_missing_from_figures_20_and_22_are_null_and_lower_the_coverage(bundled: Refreshed) -> None:
    coverage = bundled.query(
        "select return_group, councils_returned, councils_expected, value_status "
        "from marts.regional_workforce where geography_type = 'adass_region' and geography_name = 'West Midlands' "
        "and return_group in ('non_registered_assessors', 'managers') order by return_group"
    )
    assert coverage == [("managers", 12, 14, "partial"), ("non_registered_assessors", 3, 14, "partial")]
    missing = bundled.query(
        "select count(*), count(headcount), count(fte), count(fte_vacant), "
        "min(headcount_status), max(headcount_status) "
        "from marts.fct_workforce where return_group = 'non_registered_assessors' and organisation_name in ("
        "'Herefordshire', 'Sandwell', 'Shropshire', 'Solihull', 'Staffordshire', 'Stoke-on-Trent', "
        "'Telford and Wrekin', 'Walsall', 'Warwickshire', 'Wolverhampton', 'Worcestershire')"
    )
    assert missing == [(11, 0, 0, 0, "not_supplied", "not_supplied")]
    percentages = bundled.query(
        "select round(value, 1) from marts.regional_measures where measure = 'coverage' and field = 'headcount' "
        "and geography_type = 'adass_region' and geography_name = 'West Midlands' "
        "and return_group in ('non_registered_assessors', 'managers') order by return_group"
    )
    assert percentages == [(85.7,), (21.4,)]


def test_a_group_is_never_pushed_into_one_of_its_levels(bundled: Refreshed) -> None:
    codes = bundled.query(
        "select distinct return_group, role_group, role_code from marts.fct_workforce "
        "where source = 'council_returns' order by return_group"
    )
    assert codes == [
        ("managers", "leadership", None),
        ("non_registered_assessors", "non_registered", None),
        ("occupational_therapists", "practitioner", None),
        ("other_ahps", None, None),
        ("senior_practitioners", "senior", "senior"),
    ]


def test_a_number_with_a_footnote_keeps_both(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select headcount, headcount_status, value_note from marts.fct_workforce "
        "where organisation_name = 'Leicestershire' and return_group = 'non_registered_assessors'"
    )
    assert rows == [(19, "reported_with_note", "inc housing")]


def test_the_kinds_of_nothing_in_pay_cells_stay_apart(bundled: Refreshed) -> None:
    kinds = bundled.query(
        "select organisation_name, job_family, value_status from marts.fct_pay_scale where (organisation_name, "
        "job_family) in (('Leicester', 'team_manager'), ('Derby', 'team_manager'), ('Sandwell', 'team_manager')) "
        "or (organisation_name = 'Wolverhampton' and job_family = 'therapy_unregulated_assessor' "
        "and pay_minimum is null) order by organisation_name"
    )
    assert kinds == [
        ("Derby", "team_manager", "not_applicable"),
        ("Leicester", "team_manager", "queried"),
        ("Sandwell", "team_manager", "not_supplied"),
        ("Wolverhampton", "therapy_unregulated_assessor", "none_stated"),
    ]


@pytest.mark.parametrize(
    ("council", "job_family", "expected"),
    [
        ("North Northamptonshire", "entry_ot", [(29193, 35001, None, None)]),
        (
            "North Northamptonshire",
            "therapy_unregulated_assessor",
            [(26125, 28430, "TI", None), (30115, 33798, "MH Assessor", None)],
        ),
        (
            "West Northamptonshire",
            "therapy_unregulated_assessor",
            [(25147, 27596, None, None), (26516, 28013, None, None), (31869, 34663, None, None)],
        ),
        ("Leicestershire", "experienced_ot", [(31134, 34734, None, None), (35484, 38157, None, None)]),
        ("Staffordshire", "therapy_unregulated_assessor", [(25147, 27596, None, None)]),
        ("Walsall", "entry_ot", [(34834, 39186, None, None)]),
        ("Birmingham", "entry_ot", [(32076, 32076, None, None)]),
        ("Birmingham", "service_manager", [(62986, 81154, None, None)]),
        ("Nottinghamshire", "therapy_unregulated_assessor", [(27803, 31364, None, None)]),
        ("Herefordshire", "experienced_ot", [(36298, 40478, None, "plus market forces supplement of £4,000")]),
        ("Nottingham", "senior_advanced_practitioner", [(43421, 46464, None, "market sup")]),
        ("Leicestershire", "therapy_unregulated_assessor", [(None, None, None, None)]),
    ],
)
def test_pay_cells_are_read_as_printed(
    bundled: Refreshed, council: str, job_family: str, expected: list[tuple[object, ...]]
) -> None:
    rows = bundled.query(
        "select pay_minimum, pay_maximum, grade_as_written, supplement_text from marts.fct_pay_scale "
        f"where organisation_name = '{council}' and job_family = '{job_family}' order by range_number"
    )
    assert rows == expected


def test_the_published_total_rows_are_counted_nowhere(bundled: Refreshed) -> None:
    assert bundled.query("select count(*) from marts.fct_workforce where organisation_name ilike '%total%'") == [(0,)]
    counted = (
        "select count(*), count(distinct organisation_code) from marts.fct_workforce where source = 'council_returns'"
    )
    assert bundled.query(counted) == [(125, 25)]


@pytest.mark.parametrize(
    ("council", "entry", "top"),
    # The gaps of Nottingham City are those of Figure 24 of the report: £30,296 and £33,024 beside £28,407 and £34,581.
    [("Nottingham", 6.6, -4.5), ("Leicester", -2.0, -12.8), ("Staffordshire", 0.0, 0.0)],
)
def test_pay_of_an_entry_occupational_therapist_stands_beside_the_nhs_band_of_its_year(
    bundled: Refreshed, council: str, entry: float, top: float
) -> None:
    rows = bundled.query(
        "select comparison_point, round(gap_pct, 1), agenda_for_change_bands from marts.pay_parity "
        f"where organisation_name = '{council}' and job_family = 'entry_ot' and comparison_point <> 'after_two_years' "
        "order by comparison_point"
    )
    assert rows == [("entry", entry, "5"), ("top", top, "5")]


def test_a_gap_with_supplement_needs_the_amount_of_the_supplement(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select job_family, supplement_pounds, supplement_status, gap_with_supplement_pct is null "
        "from marts.pay_parity where organisation_name = 'Herefordshire' and comparison_point = 'entry' "
        "and supplement_status <> 'not_applicable' order by job_family"
    )
    assert rows == [
        ("entry_ot", None, "cannot_quantify", True),
        ("experienced_ot", 4000, "reported", False),
        ("team_manager", 2000, "reported", True),
    ]


def test_entry_pay_of_one_care_system_is_as_far_apart_as_figure_24_prints(bundled: Refreshed) -> None:
    # Lowest of the three employers £28,407 (NHS), highest £32,076 (Nottinghamshire).
    rows = bundled.query(
        "select value, denominator, field, status, unit from marts.regional_measures "
        "where measure = 'entry_pay_spread' and geography_name = 'Nottingham and Nottinghamshire'"
    )
    assert rows == [(32076 - 28407, 3, "2023/24", "complete", "pounds a year")]


def test_staff_are_set_beside_the_people_of_the_same_councils_only(bundled: Refreshed) -> None:
    with (BUNDLED_REFERENCE / "population.csv").open(encoding="utf-8", newline="") as file:
        aged = {row["organisation_code"]: int(row["people_65_and_over"]) for row in csv.DictReader(file)}
    returned = {
        code: float(fte)
        for code, fte in bundled.query(
            "select organisation_code, fte from marts.fct_workforce "
            "inner join marts.bridge_organisation_geography using (organisation_code) "
            "where return_group = 'managers' and fte is not null "
            "and geography_type = 'adass_region' and geography_name = 'West Midlands'"
        )
    }
    assert 0 < len(returned) < 14
    [(value, councils, status, day)] = bundled.query(
        "select value, councils_returned, status, field from marts.regional_measures "
        "where measure = 'fte_per_100000_aged_65_and_over' and return_group = 'managers' "
        "and geography_type = 'adass_region' and geography_name = 'West Midlands'"
    )
    people = sum(aged[code] for code in returned)
    assert (councils, status, day) == (len(returned), "partial", "2023-06-30")
    assert value == pytest.approx(sum(returned.values()) / people * 100_000)


def test_the_people_of_england_are_counted_once_however_they_are_shared_out(bundled: Refreshed) -> None:
    # England, mid-2023, as the Office for National Statistics publishes it.
    sums = bundled.query(
        "select geography_type, sum(people) from marts.fct_population where age_group = 'all_ages' "
        "group by all order by all"
    )
    assert sums == [(kind, 57_690_323) for kind in ("adass_region", "council", "ics", "ons_region")]


def test_what_is_left_when_temporary_funding_ends_is_the_permanent_fte_of_the_report(bundled: Refreshed) -> None:
    left = {
        (group, region): (in_post, left, ends_on)
        for group, region, in_post, left, ends_on in bundled.query(
            "select return_group, geography_name, fte_in_post, fte_left, ends_on from marts.funding_ending "
            "where geography_type = 'adass_region' and value_status = 'complete'"
        )
    }
    # The report names no day on which any of the funding ends.
    assert left == {
        (group, region): (Decimal(fte), Decimal(permanent), None)
        for group, regions in WORKFORCE.items()
        for region, (_, fte, permanent, _, _) in regions.items()
    }


def test_apprentices_stand_beside_the_vacancies_they_may_fill(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select geography_name, sum(apprentices), max(apprentices_qualified), max(ot_fte_vacant) "
        "from marts.apprentices_qualifying where geography_type = 'adass_region' group by all order by all"
    )
    assert rows == [("East Midlands", 22, 22, Decimal("43.12")), ("West Midlands", 22, 22, Decimal("33.10"))]


@pytest.mark.parametrize(
    ("subject", "printed", "comes_to"),
    [
        ("ot_vacancy_rate", 9.5, 8.57),
        ("social_worker_fte_less_ot_fte", 12700, 12900),
        ("ot_apprenticeships", 1758, 1758),
        ("social_workers_per_ot", 6.7, 6.67),
    ],
)
def test_a_printed_number_is_worked_out_from_those_beside_it(
    bundled: Refreshed, subject: str, printed: float, comes_to: float
) -> None:
    rows = bundled.query(
        "select value_low, worked_out_value from marts.fct_published_figures "
        f"where subject = '{subject}' and worked_out_value is not null"
    )
    assert [(float(value), round(float(again), 2)) for value, again in rows] == [(printed, comes_to)]


def test_social_workers_stand_beside_occupational_therapists_in_posts_and_in_fte_apart(bundled: Refreshed) -> None:
    # Section 3.1 prints 19,300 and 3,500 posts, 15,600 and 2,700 FTE, and no ratio.
    rows = bundled.query(
        "select breakdown, round(value_low, 4), value_status from marts.fct_published_figures "
        "where subject = 'social_workers_per_ot' and geography_name = 'England' order by breakdown"
    )
    assert [(breakdown, float(value), status) for breakdown, value, status in rows] == [
        ("FTE", round(15600 / 2700, 4), "derived"),
        ("posts", round(19300 / 3500, 4), "derived"),
    ]


def test_every_vintage_of_a_national_number_is_kept(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select source_document, period, cast(value_low as double) from marts.fct_published_figures "
        "where subject = 'ot_vacancy_rate' order by period"
    )
    assert rows == [
        ("hee_ahp_workforce_social_care_2022", "2021", 6.7),
        ("hee_ahp_workforce_social_care_2022", "2022", 8.9),
        ("midlands_unlocking_the_potential_2024", "2022/23", 9.5),
    ]


def test_a_label_of_a_chart_that_belongs_to_no_year_is_kept_as_such(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select distinct period, value_status from marts.fct_published_figures where section = 'Figure 15'"
    )
    assert rows == [(None, "uncertain")]


def test_an_area_says_what_its_numbers_lack(bundled: Refreshed) -> None:
    caveats = dict(
        bundled.query(
            "select concat_ws(' of ', caveat, return_group), message from quality.area_caveats "
            "where geography_type = 'adass_region' and geography_name = 'West Midlands'"
        )
    )
    assert caveats["coverage of managers"] == (
        "Headcount of managers: 12 of 14 councils gave it; missing: Wolverhampton, Worcestershire."
    )
    assert caveats["coding of occupational_therapists"].startswith("The role of 271 of 271 occupational therapists")
    # Every council gave the number of its occupational therapists, and seniors have one role.
    assert not {"coverage of occupational_therapists", "coding of senior_practitioners"} & set(caveats)


WORDS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "eighteen": 18,
    "four": 4, "forty": 40, "seventy": 70, "third": 33.3,
}  # fmt: skip
LARGE = {"million": 1_000_000, "m": 1_000_000}


def numbers_in(text: str) -> set[float]:
    """The numbers a person reads in a text, in figures or in words."""
    figures = re.findall(r"([0-9][0-9,]*(?:\.[0-9]+)?) ?(?:(million|M)\b)?", text.replace("3.000", "3,000"))
    found = {float(figure.replace(",", "")) * LARGE.get(large.lower(), 1) for figure, large in figures}
    return found | {float(WORDS[word]) for word in re.findall("[a-z]+", text.lower()) if word in WORDS}


def not_as_printed(rows: list[tuple[str, str, Decimal | None, Decimal | None]]) -> list[tuple[str, str]]:
    return [
        (subject, text)
        for subject, text, *ends in rows
        if not {round(float(end), 1) for end in ends if end is not None} <= {round(n, 1) for n in numbers_in(text)}
    ]


def test_every_printed_number_is_the_one_in_the_words_beside_it(bundled: Refreshed) -> None:
    rows = bundled.query(
        "select subject, value_as_written, value_low, value_high from marts.fct_published_figures "
        "where subject <> 'ahp_heads_of_service' and value_as_written <> 'not printed'"
    )
    assert len(rows) > 190
    # A sum of the three numbers in the words, and the third of 25 councils that they name.
    assert not_as_printed(rows) == [
        ("other_ahps_headcount", "a physiotherapist, a further three and a dietitian"),
        ("occupational_therapists_fte_temporary_councils_with_temporary_funding", "a third of the councils"),
    ]
    assert not_as_printed([("ot_posts", "3,500", Decimal(3050), Decimal(3500))]) == [("ot_posts", "3,500")]


def test_a_printed_count_of_people_has_no_decimals_the_report_does_not_print(bundled: Refreshed) -> None:
    # The summary of the Midlands report: 323 and 271 occupational therapists, 594 in all.
    rows = bundled.query(
        "select value_as_written from marts.fct_published_figures where section = 'Executive summary' "
        "and subject = 'occupational_therapists_headcount' order by value_low"
    )
    assert rows == [("271",), ("323",), ("594",)]
    assert (
        bundled.query(
            "select value_as_written from marts.fct_published_figures "
            "where place between 1001 and 1999 and regexp_matches(value_as_written, '\\.0+$')"
        )
        == []
    )


# Whole tables of the reports, typed from them: section, then subject, what of it, and the numbers in the order printed.
PRINTED_TABLES = {
    "Table 4": [
        ("sfc_permanently_employed", None, 67, 100),
        ("sfc_temporarily_employed", None, 0, 13),
        ("sfc_indirectly_employed", None, 0, 27),
        ("sfc_work_full_time", None, 40, 91),
        ("sfc_work_part_time", None, 9, 60),
        ("sfc_fte_per_filled_post", None, "0.72", "0.98"),
        ("sfc_experience_in_the_sector", None, "4.8", "12.5"),
        ("sfc_experience_in_role", None, "2.4", "8.7"),
        ("sfc_gender", "female", 81, 100),
        ("sfc_ethnicity", "White", 73, 100),
        ("sfc_ethnicity", "Black, African, Caribbean or Black British", 0, 19),
        ("sfc_ethnicity", "Asian or Asian British", 0, 6),
        ("sfc_ethnicity", "Mixed", 0, 9),
        ("sfc_ethnicity", "Other", 0, 1),
        ("sfc_nationality", "British", 78, 100),
        ("sfc_nationality", "Not from the EU", 0, 16),
        ("sfc_nationality", "EU", 0, 12),
        ("sfc_age", "below 25", 0, 8),
        ("sfc_age", "25 to 54", 65, 90),
        ("sfc_age", "55 and over", 10, 34),
    ],
    "Table 12": [
        ("support_workers", "occupational therapy assistants", 5, 5),
        ("support_workers", "occupational therapy assistants of Optalis, contracted in", 2, 2),
        ("support_workers", "occupational therapy assistants", 3, 3),
        ("support_workers", "falls co-ordinator", 1, 1),
        ("support_workers", "social care practitioner or occupational therapy assistant", 1, 1),
        ("support_workers", "on the apprenticeship", 3, 3),
        ("support_workers", "joining the apprenticeship", 1, 1),
        ("support_workers", "retiring soon", 1, 1),
        ("support_workers", "occupational therapy assistants who do not wish to train", 3, 3),
    ],
    "Appendix 5": [
        ("ot_apprenticeships", "academic level 6", number, number) for number in (11, 76, 180, 321, 401, 468, 301, 1758)
    ],
    "Figure 15": [
        ("ot_chart_label", None, number, number) for number in (3000, 3200, 2900, 2700, 2400, 2500, 3200, 3200)
    ],
}
# Table 2 of the South East report: people, and the share aged 65 and over of each part of a system that it names.
POPULATION_AS_PRINTED = {
    "Buckinghamshire, Oxfordshire and Berkshire West": (2_000_000, {None: "20"}),
    "Frimley": (800_000, {None: "15"}),
    "Hampshire and Isle of Wight": (1_900_000, {"Hampshire": "22", "Isle of Wight": "33"}),
    "Kent and Medway": (1_900_000, {"Kent": "20.5", "Medway": "16"}),
    "Surrey Heartlands": (1_900_000, {None: "19.1"}),
    "Sussex": (1_900_000, {"East Sussex": "26", "West Sussex": "23.3", "Brighton and Hove": "13.6"}),
}


@pytest.mark.parametrize("section", PRINTED_TABLES)
def test_a_whole_table_of_a_report_is_as_it_prints_it(bundled: Refreshed, section: str) -> None:
    released = bundled.query(
        "select subject, breakdown, value_low, value_high from marts.fct_published_figures "
        f"where section = '{section}' order by place"
    )
    assert released == [
        (subject, part, Decimal(low), Decimal(high)) for subject, part, low, high in PRINTED_TABLES[section]
    ]


def test_the_population_that_the_south_east_report_prints_is_as_it_prints_it(bundled: Refreshed) -> None:
    released = bundled.query(
        "select geography_name, subject, breakdown, value_low from marts.fct_published_figures "
        "where section = 'Table 2' and value_low = value_high"
    )
    printed = [(system, "population", None, Decimal(people)) for system, (people, _) in POPULATION_AS_PRINTED.items()]
    printed += [
        (system, "population_share_aged_65_and_over", part, Decimal(share))
        for system, (_, shares) in POPULATION_AS_PRINTED.items()
        for part, share in shares.items()
    ]
    assert sorted(released, key=str) == sorted(printed, key=str)
