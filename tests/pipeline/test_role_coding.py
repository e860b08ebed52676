"""Job titles are coded as the role code book says, whatever they look like and whatever else is coded beside them."""

from __future__ import annotations

import csv
import re

import pytest
import role_titles
from role_titles import Coding, Title, code, confusion, figures, labelled

from dagster_project.home import PROJECT_ROOT

# For each rule of the code book titles from its own text, and beside them what the rule must leave alone.
EXAMPLES = [
    (2, Title("Senior Physiotherapist", "Band 6", "nhs"), "experienced"),
    (2, Title("Highly Specialist Dietitian", "Band 6", "nhs"), "experienced"),
    (2, Title("Rotational Podiatrist", "Band 5", "nhs"), "entry"),
    (2, Title("Junior Physiotherapist", "Band 7", "nhs"), "senior"),
    (3, Title("Occupational Therapist", None, "council"), "experienced"),
    (4, Title("Specialist Speech and Language Therapist", None, "nhs"), "experienced"),
    (4, Title("Highly Specialist Physiotherapist", None, "nhs"), "senior"),
    (4, Title("Clinical Specialist Dietitian", None, "nhs"), "senior"),
    (4, Title("First Contact Physiotherapist", None, "independent"), "senior"),
    (4, Title("Extended Scope Podiatrist", None, "nhs"), "senior"),
    (5, Title("Senior Occupational Therapist", None, "council"), "senior"),
    (5, Title("Senior Occupational Therapist", None, "nhs"), "uncoded"),
    (5, Title("Senior Radiographer"), "uncoded"),
    (6, Title("Rotational Physiotherapist", None, "nhs"), "uncoded"),
    (6, Title("Newly Qualified Occupational Therapist", None, "council"), "entry"),
    (6, Title("Preceptee Dietitian", None, "nhs"), "entry"),
    (7, Title("Band 5/6 Occupational Therapist", None, "nhs"), "uncoded"),
    (7, Title("Band 5/6 Occupational Therapist Development Post", None, "nhs"), "entry"),
    (7, Title("Physiotherapist 5/6", None, "nhs"), "uncoded"),
    (7, Title("Physiotherapist (5/6)", None, "nhs"), "uncoded"),
    (7, Title("OT 5-6", None, "independent"), "uncoded"),
    (7, Title("OT 5-6", None, "council"), "experienced"),
    (7, Title("Physiotherapist Ward 7/6", None, "nhs"), "experienced"),
    (8, Title("Occupational Therapist Level 1", None, "council"), "entry"),
    (8, Title("OT Lvl 1", None, "council"), "entry"),
    (8, Title("OT Lev 3", None, "council"), "senior"),
    (8, Title("OT Lvl3", None, "council"), "senior"),
    (8, Title("Occupational Therapist Level 2", None, "council"), "experienced"),
    (8, Title("Occupational Therapist Level 3", None, "council"), "senior"),
    (8, Title("Occupational Therapist", "PO4", "council"), "experienced"),
    (8, Title("Occupational Therapist", "Band 7", "council"), "experienced"),
    (9, Title("REQ001734 Physiotherapist - Locality East - Bank 22.5 hrs"), "experienced"),
    (10, Title("Occupational Therapy Technical Instructor", "Band 5", "nhs"), "assistant"),
    (10, Title("Physiotherapy Associate Practitioner", None, "nhs"), "assistant"),
    (10, Title("Senior OTA", None, "council"), "assistant"),
    (11, Title("Assistant Director of Therapies", None, "nhs"), "manager"),
    (11, Title("Assistant Lead Physiotherapist", None, "nhs"), "senior"),
    (12, Title("Occupational Therapist", "Band 3", "nhs"), "uncoded"),
    (12, Title("Physiotherapy Assistant", "Band 7", "nhs"), "uncoded"),
    (12, Title("OT/OTA", None, "council"), "uncoded"),
    (13, Title("Assessor (OT)", None, "council"), "assessor"),
    (13, Title("Equipment Assessor", None, "council"), "assessor"),
    (13, Title("Care Assessor", None, "council"), "out_of_scope"),
    (13, Title("Financial Assessor", None, "council"), "out_of_scope"),
    (14, Title("Independent Living Officer", None, "council"), "uncoded"),
    (14, Title("Independent Living Assessor", None, "council"), "assessor"),
    (15, Title("Blue Badge Assessor", None, "council"), "uncoded"),
    (15, Title("Expert Blue Badge Assessor", "Scale 4", "council"), "uncoded"),
    (15, Title("Non-registered Blue Badge Assessor", None, "council"), "assessor"),
    (15, Title("Blue Badge Assessor", "Scale 4", "council"), "assessor"),
    (16, Title("Moving and Handling OT", None, "council"), "experienced"),
    (16, Title("Senior Equipment OT", None, "council"), "senior"),
    (17, Title("Reablement Worker", None, "council"), "out_of_scope"),
    (17, Title("Reablement Worker (Therapy)", None, "council"), "assistant"),
    (17, Title("Rehabilitation Support Worker", None, "council"), "assistant"),
    (17, Title("Home First Worker", None, "council"), "uncoded"),
    (18, Title("NVQ Assessor"), "out_of_scope"),
    (18, Title("PIP Assessor (Physiotherapist)"), "out_of_scope"),
    (18, Title("Best Interests Assessor", None, "council"), "out_of_scope"),
    (18, Title("AMHP", None, "council"), "out_of_scope"),
    (19, Title("Rehabilitation Officer (Visual Impairment)", None, "council"), "out_of_scope"),
    (19, Title("Sports Therapist"), "out_of_scope"),
    (19, Title("Occupational Health Adviser"), "out_of_scope"),
    (19, Title("Art Psychotherapist", None, "nhs"), "experienced"),
    (20, Title("Physiotherapy Team Lead", None, "nhs"), "senior"),
    (20, Title("Physiotherapy Team Lead", "Band 8a", "nhs"), "uncoded"),
    (20, Title("Therapy Service Lead", None, "nhs"), "manager"),
    (20, Title("Deputy Team Manager (OT)", None, "council"), "manager"),
    (21, Title("Practice Consultant Occupational Therapist", None, "council"), "senior"),
    (21, Title("Consultant Podiatrist", None, "nhs"), "principal"),
    (21, Title("Principal Physiotherapist (Hands)", None, "nhs"), "principal"),
    (22, Title("Head of AHPs", None, "nhs"), "manager"),
    (22, Title("Head of Physiotherapy and Consultant Physiotherapist", None, "nhs"), "principal"),
    (22, Title("Director of AHPs", None, "nhs"), "principal"),
    (22, Title("Lead AHP", None, "nhs"), "principal"),
    (22, Title("Professional Lead for Occupational Therapy", None, "council"), "principal"),
    (23, Title("Service Manager", None, "council"), "uncoded"),
    (23, Title("Therapy Services Manager", None, "nhs"), "manager"),
    (23, Title("Business Manager Therapies", None, "nhs"), "out_of_scope"),
    (24, Title("Superintendent Radiographer", None, "nhs"), "manager"),
    (25, Title("Therapist", None, "nhs"), "uncoded"),
    (25, Title("Multi Therapist", None, "nhs"), "uncoded"),
    (25, Title("Dietitian Specialist Practitioner", None, "nhs"), "uncoded"),
    (26, Title("Senior Occupational Therapist or Physiotherapist", None, "council"), "senior"),
    (26, Title("Physiotherapist or Nurse", "Band 6", "nhs"), "uncoded"),
    (26, Title("Occupational Therapist / Social Worker", None, "council"), "uncoded"),
    (26, Title("Theatre Practitioner", "Band 5", "nhs"), "uncoded"),
    (27, Title("Trainee Occupational Therapist", None, "council"), "apprentice"),
    (27, Title("Apprentice Therapy Assistant Level 3", None, "nhs"), "assistant"),
    (28, Title("ASYE", None, "council"), "out_of_scope"),
    (28, Title("OT ASYE", None, "council"), "entry"),
    (28, Title("Principal Social Worker", None, "council"), "out_of_scope"),
    (30, Title("Therapist, Occupational"), "experienced"),
    (30, Title("Ocupational Therpaist"), "experienced"),
    (30, Title("Snr Physio", None, "council"), "senior"),
    (30, Title("Occupational Therapists â€“ Adults"), "experienced"),
    (30, Title("OccupationalTherapist"), "experienced"),
    (30, Title("Physio AP", "Band 4", "nhs"), "assistant"),
    (30, Title("Physio AP", "Band 7", "nhs"), "senior"),
    (30, Title("Physio AP", None, "nhs"), "uncoded"),
]

PROFESSIONS = [
    (26, Title("Senior Occupational Therapist or Physiotherapist", None, "council"), "generic_therapy"),
    (29, Title("Radiographer"), "radiography_diagnostic"),
    (29, Title("Radiographer (Radiotherapy)"), "radiography_therapeutic"),
    (29, Title("Arts Therapist"), "art_therapy"),
    (29, Title("Sports Therapist"), "none"),
    (30, Title("SaLT"), "speech_and_language_therapy"),
    (30, Title("Senior PT"), "physiotherapy"),
    (30, Title("PSLOT", None, "council"), "occupational_therapy"),
]

# Words beside a profession that are another occupation's must not make a title a counted one.
OTHER_OCCUPATIONS = [
    Title("OT Stores Assistant", None, "council"),
    Title("Personal Assistant to the Principal Occupational Therapist", None, "council"),
    Title("Secretary to Consultant Podiatric Surgeon", None, "nhs"),
    Title("Rehabilitation Engineering Technician", None, "nhs"),
    Title("Consultant in Stroke Rehabilitation Medicine", None, "nhs"),
    Title("Activities Manager / Senior Occupational Therapist", None, "nhs"),
    Title("Orthoptist/Optometrist Principal", None, "nhs"),
    Title("AHP Workforce Lead", None, "nhs"),
    Title("OT Wrangler", None, "council"),
    Title("Paramedic Toxicologist", None, "nhs"),
]

# A title that says what a post is not, or that nobody holds it, leaves open what somebody does.
NOT_HELD = ["Not an OT", "ex-OT", "Retired OT", "OT Vacancy", "Senior OT (vacant)", "Former Physiotherapist"]
HELD = {
    "Physiotherapist (Ex-Forces)": "experienced",
    "OT (Retire and Return)": "experienced",
    "Senior OT - Vacancy Ref 123": "senior",
    "Not qualified OT Assessor": "assessor",
}

# What a rule may ask for besides kinds of wordings: facts of the grade, the employer and the title as a whole.
FACTS = {
    "annex_21",
    "assistant_alone",
    "band_2_to_4",
    "band_5",
    "band_6",
    "band_7",
    "band_8_or_9",
    "band_range",
    "bands_differ",
    "employer_council",
    "employer_independent",
    "employer_nhs",
    "letters_not_read",
    "low_grade",
    "radiography_or_theatre",
    "registrant_or_assistant",
    "title_missing",
    "title_too_long",
}

NO_TITLES = [
    None,
    "",
    "   ",
    "\t\r\n",
    "Occupational Therapist " * 435,
    "x" * 10_000,
    "معالج وظيفي",
    "\u202eTO\u202c\u200f",
    "\x00\x01\x07\x1b[31m",
    "\u200b\ufeff\u00ad",
    "🩺🏃‍♀️💪",
    "=CMD|'/C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "'; drop table int_roles__titles; --",
    "%s {0} ${jndi:ldap://x} <script>alert(1)</script>",
    "\\1 \\b(a+)+$ [[:alpha:]] (?i)",
    "N/A",
    "-",
    "12345",
]


@pytest.fixture(scope="module")
def codings() -> dict[Title, Coding]:
    """Every title of this file and of the labelled ones, coded in one run."""
    rows = [row for name in ("developed.csv", "tuning.csv", "measuring.csv") for row in labelled(name)]
    titles = [row.title for row in rows] + [title for _, title, _ in EXAMPLES + PROFESSIONS] + OTHER_OCCUPATIONS
    titles += [Title(title, None, "council") for title in [*NOT_HELD, *HELD]]
    return code(titles + [Title(title) for title in NO_TITLES])


@pytest.mark.parametrize(("rule", "title", "role_code"), EXAMPLES)
def test_a_title_gets_the_role_its_rule_of_the_code_book_says(
    codings: dict[Title, Coding], rule: int, title: Title, role_code: str
) -> None:
    assert codings[title].role_code == role_code, f"rule {rule}: {codings[title]}"


@pytest.mark.parametrize(("rule", "title", "profession"), PROFESSIONS)
def test_a_title_gets_the_profession_its_rule_of_the_code_book_says(
    codings: dict[Title, Coding], rule: int, title: Title, profession: str
) -> None:
    assert codings[title].profession == profession, f"rule {rule}: {codings[title]}"


def test_only_a_plain_title_rests_on_the_convention(codings: dict[Title, Coding]) -> None:
    assert codings[Title("Occupational Therapist", None, "council")].basis == "default"
    assert codings[Title("Senior Physiotherapist", "Band 6", "nhs")].basis == "band"
    assert codings[Title("Consultant Podiatrist", None, "nhs")].basis == "rule"


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rules_ask_for_kinds_that_some_wording_has() -> None:
    kinds = {row["kind"]: row["kind_group"] for row in seed("role_word_kinds")}
    assert {row["kind"] for row in seed("role_words")} == kinds.keys()
    for rule in seed("role_rules"):
        asked_for = set(re.findall(r"\w+", f"{rule['has']} {rule['lacks']}"))
        assert asked_for <= kinds.keys() | set(kinds.values()) | FACTS, rule["rule_id"]


def test_occupation_codes_of_support_staff_say_so_also_where_they_name_no_profession() -> None:
    registrations = {row["occupation_code"]: row["registration"] for row in seed("nhs_occupation_codes")}
    support = [code for code in registrations if re.match(r"H[12]|S[59][KU]", code)]
    assert {"H1A", "H2F", "S5K", "S9K", "S5U", "S9U"} <= set(support)
    assert {registrations[code] for code in support} == {"non_registered"}
    assert {registrations[code] for code in ("S1K", "S1U", "SAK")} == {"registered"}


@pytest.mark.parametrize("title", OTHER_OCCUPATIONS)
def test_another_occupation_beside_a_profession_is_not_counted(codings: dict[Title, Coding], title: Title) -> None:
    assert codings[title].role_code not in role_titles.COUNTED


@pytest.mark.parametrize("title", NOT_HELD)
def test_a_post_that_nobody_holds_is_left_to_a_person(codings: dict[Title, Coding], title: str) -> None:
    assert codings[Title(title, None, "council")].role_code == "uncoded"


@pytest.mark.parametrize(("title", "role_code"), HELD.items())
def test_a_word_of_a_post_that_somebody_holds_is_not_taken_for_one_of_absence(
    codings: dict[Title, Coding], title: str, role_code: str
) -> None:
    assert codings[Title(title, None, "council")].role_code == role_code


@pytest.mark.parametrize("title", NO_TITLES, ids=lambda title: ascii(title)[:30])
def test_what_is_no_title_is_uncoded_and_breaks_nothing(codings: dict[Title, Coding], title: str | None) -> None:
    coding = codings[Title(title)]
    assert (coding.role_code, coding.sureness) == ("uncoded", "none")


def test_titles_nobody_tuned_on_reach_the_goal(codings: dict[Title, Coding]) -> None:
    rows = labelled("measuring.csv")
    found = figures(rows, codings)
    print(confusion(rows, codings))
    assert found.titles >= 300
    assert found.exact / found.titles >= 0.95
    assert found.wrongly_counted / found.titles <= 0.01
    assert found.decided / found.decidable >= 0.95
    assert found.profession / found.titles >= 0.97


def test_no_title_that_measures_is_one_that_rules_were_tuned_on() -> None:
    tuned_on = {row.title for name in ("developed.csv", "tuning.csv") for row in labelled(name)}
    assert not tuned_on & {row.title for row in labelled("measuring.csv")}


def test_the_page_on_role_coding_is_that_of_the_rules_in_force() -> None:
    """When this fails, run `uv run python tests/role_titles.py`."""
    assert role_titles.PAGE.read_text(encoding="utf-8") == role_titles.page()


def test_a_title_is_coded_alike_alone_and_among_100_000_others(codings: dict[Title, Coding]) -> None:
    titles = [row.title for row in labelled("tuning.csv")]
    # Words one letter apart from those of the titles, and from each other, so that any that lean on others would move.
    others = """
        select
            ['Ocupational', 'Occuptional', 'Phisiotherapist', 'Theraapist', 'Assisstant', 'Senoir'][1 + i % 6]
            || ' ' || chr(97 + cast(i % 26 as integer)) || 'erapist Podiatrisst Manger' || i as title_raw,
            null as band_or_grade,
            'council' as employer_type
        from range(100000) as numbers (i)
    """
    assert code(titles, others) == {title: codings[title] for title in titles}
    for title in titles[:: len(titles) // 4]:
        assert code([title]) == {title: codings[title]}
