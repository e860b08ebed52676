"""How job titles were coded in the latest release, and which wait for a person, for professional leads of AHPs.

Belongs here: which titles are shown, in which order and words. Does not: coding a title, or working numbers out. They
come from the release as they are; what is added up over titles says so beside its table.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="AHP workforce: role coding review")

with app.setup(hide_code=True):
    from typing import Any

    import marimo as mo

    from dagster_project import present, query
    from dagster_project.home import Home
    from dagster_project.notebook_pages import (
        STYLE,
        bar_chart,
        bullets,
        element,
        number,
        rows_of,
        section,
        table,
        words,
    )
    from dagster_project.sources.dates import in_words

    # More rows than anybody decides in one sitting; `ahp roles review` writes them all.
    LONGEST = 60

    EMPLOYERS = {"nhs": "NHS", "independent": "independent employer", "unknown": "employer not known"}

    BASES = {
        "reviewed": "a person decided",
        "band": "the Agenda for Change band says the level",
        "rule": "the words of the title say it",
        "default": "by convention: a plain professional title without a band counts as experienced",
        "esr": "the job role or occupation code of the staff record says it",
    }


@app.function(hide_code=True)
def page(*parts: str) -> mo.Html:
    """One section of the review; the parts are HTML."""
    return mo.Html(section(*parts))


@app.function(hide_code=True)
def staff(value: Any, places: int) -> str:
    """People or FTE, or a dash where nobody who is counted holds the title."""
    return "–" if value is None else number(value, places)


@app.function(hide_code=True)
def title(row: dict[str, Any]) -> tuple[str, str]:
    """A title with what it was coded by: its band and the kind of employer."""
    employer = EMPLOYERS.get(row["employer_type"], words(row["employer_type"]))
    return row["title_raw"], ", ".join(filter(None, (row["band_or_grade"], employer)))


@app.cell(hide_code=True)
def _():
    try:
        release = query.latest_release(Home.from_environment())
    except query.QueryError as problem:
        mo.stop(True, page(STYLE, element("p", str(problem), "caution")))
    rows = rows_of(release)
    return release, rows


@app.cell(hide_code=True)
def _(release):
    _invented = release.manifest.get("invented_sources")
    page(
        STYLE,
        element("h1", "Role coding review"),
        element("p", f"Release {release.release_id}, made {present.moment(release.created_at)}."),
        element("p", present.invented_note(_invented), "caution") if _invented else "",
        element("h2", "Before you judge a role"),
        bullets(
            [
                "A role is a level in the common coding, read from the words of a title, its band or grade and the "
                "kind of employer. It says nothing about a person, or about how well a team is graded.",
                "Uncoded is an answer: the evidence is missing or contradicts itself. Such staff are counted as "
                "uncoded until a person decides, and never guessed.",
                "The same title may mean different work in two organisations. A decision counts for every title with "
                "the same plain words, band and kind of employer.",
                "Headcount and FTE of a title are those of the latest day of each source. A dash means that nobody "
                "who is counted holds it today.",
            ]
        ),
    )
    return


@app.cell(hide_code=True)
def _(rows):
    coded = rows(
        """
        select
            coding.*,
            roles.role_name,
            coalesce(professions.profession_name, coding.profession) as profession_name,
            coding.fte > policies.value as needs_second_reviewer,
            policies.value as second_reviewer_from_fte
        from quality.role_coding as coding
        left join marts.dim_role as roles using (role_code)
        left join marts.dim_profession as professions using (profession)
        cross join reference.policies as policies
        where policies.policy = 'role_decision_second_reviewer_fte'
        order by coding.fte desc nulls last, coding.title_raw, coding.band_or_grade nulls last, coding.employer_type
        """
    )
    mo.stop(
        not coded,
        page(
            element("h2", "Titles"),
            element(
                "p",
                "This release holds no job titles. Regional collations hold groups only; titles come with "
                "councils' own returns and with extracts of the Electronic Staff Record.",
            ),
        ),
    )
    # What follows asks through this, so that nothing of it shows where there are no titles.
    ask = rows
    return ask, coded


@app.cell(hide_code=True)
def _(ask):
    _totals = ask(
        """
        select
            count(*) as titles,
            sum(fte) as fte,
            count(*) filter (role_code = 'uncoded') as uncoded,
            sum(fte) filter (role_code = 'uncoded') as uncoded_fte,
            count(contradiction) as contradictions,
            sum(fte) filter (contradiction is not null) as contradicted_fte
        from quality.role_coding
        """
    )[0]

    def _card(name: str, shown: str, meaning: str) -> str:
        return f"<div>{element('dt', name)}{element('dd', shown, 'number')}{element('dd', meaning)}</div>"

    page(
        element("h2", "At a glance"),
        '<dl class="cards">',
        _card("Titles", f"{_totals['titles']:,}", f"{staff(_totals['fte'], 2)} FTE behind them"),
        _card(
            "Uncoded", f"{_totals['uncoded']:,}", f"titles wait for a person, {staff(_totals['uncoded_fte'], 2)} FTE"
        ),
        _card(
            "Contradictions",
            f"{_totals['contradictions']:,}",
            "titles that something speaks against"
            + (f", {number(_totals['contradicted_fte'], 2)} FTE" if _totals["contradicted_fte"] is not None else ""),
        ),
        "</dl>",
    )
    return


@app.cell(hide_code=True)
def _(ask):
    _bases = ask(
        """
        select
            if(role_code = 'uncoded', 'uncoded', basis) as rests_on,
            if(role_code = 'uncoded', 'none', sureness) as how_sure,
            count(*) as titles,
            sum(headcount) as headcount,
            sum(fte) as fte
        from quality.role_coding
        group by rests_on, how_sure
        order by rests_on = 'uncoded', rests_on, how_sure
        """
    )
    _meaning = BASES | {"uncoded": "nothing decides; a person must"}
    page(
        element("h2", "What the roles rest on"),
        bar_chart(
            "FTE by what the role of the title rests on.",
            [
                (
                    f"{row['rests_on']}, sureness {row['how_sure']}",
                    float(row["fte"] or 0),
                    f"{staff(row['fte'], 2)} FTE",
                )
                for row in _bases
            ],
            max(float(row["fte"] or 0) for row in _bases),
        ),
        table(
            "Titles by what their role rests on",
            ["Rests on", "Sureness", "Titles>", "Headcount>", "FTE>"],
            [
                [
                    (row["rests_on"], _meaning.get(row["rests_on"], "")),
                    row["how_sure"],
                    f"{row['titles']:,}",
                    staff(row["headcount"], 0),
                    staff(row["fte"], 2),
                ]
                for row in _bases
            ],
        ),
        element("p", "Added up over titles. Somebody who holds posts under two titles is counted under both."),
    )
    return


@app.cell(hide_code=True)
def _(coded):
    _waiting = [row for row in coded if row["role_code"] == "uncoded"]
    _limit = number(coded[0]["second_reviewer_from_fte"], 0)
    page(
        element("h2", "Titles that wait for a person, most FTE first"),
        element(
            "p",
            "What a decision would move: the FTE goes from uncoded to the role decided on, in every organisation that "
            f"uses the title. More than {_limit} FTE need a second reviewer.",
        ),
        table(
            f"Uncoded titles ({len(_waiting)})",
            ["Title", "Profession", "FTE>", "Headcount>", "Second reviewer", "Who uses it", "Why nothing decides"],
            [
                [
                    title(row),
                    row["profession_name"] or "not known",
                    staff(row["fte"], 2),
                    staff(row["headcount"], 0),
                    "needed" if row["needs_second_reviewer"] else "no",
                    row["organisation_names"] or "nobody who is counted",
                    row["reason"],
                ]
                for row in _waiting[:LONGEST]
            ],
        )
        if _waiting
        else element("p", "No title waits for a person."),
        element("p", f"The first {LONGEST} of {len(_waiting):,} are shown.") if len(_waiting) > LONGEST else "",
        element("p", "How to decide, in a spreadsheet:"),
        table(
            "Commands",
            ["Command", "What it does"],
            [
                [
                    'ahp roles explain "TITLE" --band "BAND" --employer-type nhs',
                    "why a title has its role, word by word",
                ],
                ["ahp roles review -o queue.xlsx", "the queue as a workbook, with the nearest known titles"],
                ["ahp roles accept queue.xlsx", "the decisions back in, all or none"],
            ],
        ),
        element("p", "A decision counts from the next refresh and is never changed; a later one takes its place."),
    )
    return


@app.cell(hide_code=True)
def _(ask, coded):
    _against = [row for row in coded if row["contradiction"] is not None]
    _rows = ask(
        """
        select findings.organisation_name, findings.message, findings.suggestion
        from quality.findings as findings
        where findings.status = 'open' and findings.rule_id = 'role_contradiction'
        order by findings.organisation_name, findings.field, findings.message, findings.finding_id
        """
    )
    page(
        element("h2", "Titles that something speaks against"),
        table(
            f"Contradictions ({len(_against)})",
            ["Title", "Role", "FTE>", "Counted as", "What speaks against it", "Why the role"],
            [
                [
                    title(row),
                    row["role_name"] or words(row["role_code"]),
                    staff(row["fte"], 2),
                    words(row["role_codes_counted"] or "–"),
                    row["contradiction"],
                    row["reason"],
                ]
                for row in _against[:LONGEST]
            ],
        )
        if _against
        else element("p", "Nothing speaks against the role of any title."),
        element("p", f"The first {LONGEST} of {len(_against):,} are shown.") if len(_against) > LONGEST else "",
        element(
            "p",
            "Where other facts of a row (its job role, occupation code or band) contradict the title, each row is "
            "counted by what decides there, which is why one title can be counted as several roles. Ask the "
            "organisation to mend the record; a decision on the title would not.",
        ),
        table(
            f"Facts of rows that contradict each other ({len(_rows)})",
            ["Organisation", "What was found", "What would mend it"],
            [[row["organisation_name"] or "–", row["message"], row["suggestion"]] for row in _rows[:LONGEST]],
        )
        if _rows
        else element("p", "No fact of any row contradicts another."),
        element("p", f"The first {LONGEST} of {len(_rows):,} are shown.") if len(_rows) > LONGEST else "",
    )
    return


@app.cell(hide_code=True)
def _(coded):
    _conventional = [row for row in coded if row["basis"] == "default" and row["role_code"] != "uncoded"]
    page(
        element("h2", "Coded by convention"),
        table(
            f"Titles whose level nothing says ({len(_conventional)})",
            ["Title", "Role", "FTE>", "Headcount>", "Who uses it", "Why the role"],
            [
                [
                    title(row),
                    row["role_name"] or words(row["role_code"]),
                    staff(row["fte"], 2),
                    staff(row["headcount"], 0),
                    row["organisation_names"] or "nobody who is counted",
                    row["reason"],
                ]
                for row in _conventional[:LONGEST]
            ],
        )
        if _conventional
        else element("p", "No role rests on a convention alone."),
        element("p", "A band or grade in the next return settles these better than a decision does."),
    )
    return


@app.cell(hide_code=True)
def _(ask):
    _changed = ask(
        """
        select changes.*, old_roles.role_name as old_role, new_roles.role_name as new_role
        from quality.role_restatements as changes
        left join marts.dim_role as old_roles on changes.old_role_code = old_roles.role_code
        left join marts.dim_role as new_roles on changes.new_role_code = new_roles.role_code
        order by changes.restated_at desc, changes.fte desc nulls last, changes.title_raw, changes.band_or_grade
        """
    )

    def role_and_profession(row, which):
        """The role before or after; with the profession where that has changed."""
        role = row[f"{which}_role"] or words(row[f"{which}_role_code"])
        if row["old_profession"] is None or row["old_profession"] == row["new_profession"]:
            return role
        return f"{role}, {words(row[f'{which}_profession'])}"

    page(
        element("h2", "Titles whose role has changed"),
        table(
            f"Changes from one release to a later one, the newest first ({len(_changed)})",
            ["Title", "From", "To", "FTE>", "Why", "When"],
            [
                [
                    title(row),
                    role_and_profession(row, "old"),
                    role_and_profession(row, "new"),
                    staff(row["fte"], 2),
                    words(row["cause"]),
                    present.moment(row["restated_at"]),
                ]
                for row in _changed[:LONGEST]
            ],
        )
        if _changed
        else element("p", "No title has changed its role since the first release that is kept."),
        element(
            "p",
            "A role that changed is no change in the workforce: counts by role before and after it are not comparable "
            "for that title.",
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask):
    _known = ask(
        """
        select geography_name, as_at_date, return_group_name, numerator, denominator, value, status
        from marts.regional_measures
        inner join reference.return_groups using (return_group)
        where measure = 'role_known_share' and geography_type = 'adass_region' and value is not null
        order by geography_name, as_at_date, return_group_name
        """
    )
    page(
        element("h2", "How much of councils' staff has a role"),
        *(
            [
                bar_chart(
                    "Share of people whose role is known, by region and group.",
                    [
                        (
                            f"{row['geography_name']}, {row['return_group_name'].lower()}",
                            row["value"],
                            f"{number(row['numerator'], 0)} of {number(row['denominator'], 0)}",
                        )
                        for row in _known
                    ],
                    100,
                ),
                table(
                    "People whose role is known, by region and group",
                    ["Region and group", "As at", "With a role>", "People>", "Share>", "Coverage"],
                    [
                        [
                            f"{row['geography_name']}: {row['return_group_name']}",
                            in_words(row["as_at_date"]),
                            number(row["numerator"], 0),
                            number(row["denominator"], 0),
                            f"{number(row['value'], 1)}%",
                            words(row["status"]),
                        ]
                        for row in _known
                    ],
                ),
            ]
            if _known
            else [element("p", "No council return is in force.")]
        ),
        element(
            "p",
            "A regional collation holds groups and no titles, so most of its roles cannot be known. Councils' own "
            "returns hold titles.",
        ),
    )
    return


@app.cell(hide_code=True)
def _(coded, release):
    page(
        element("h2", "Where this comes from"),
        element(
            "p",
            "Tables: quality.role_coding, quality.role_restatements, quality.findings, marts.dim_role, "
            "marts.dim_profession, marts.regional_measures, reference.return_groups and "
            f"reference.policies of release {release.release_id}, with {len(coded):,} titles. How well titles nobody "
            "has seen are coded is measured in docs/role-coding.md.",
        ),
    )
    return


if __name__ == "__main__":
    app.run()
