"""What is missing or in doubt in the latest release, and what would mend it, for whoever asks councils for their data.

Belongs here: which findings and gaps are shown, in which words. Does not: deciding what is a finding, or working
numbers out. They come from the release as they are and are only counted and formatted.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="AHP workforce: data quality review")

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
    from dagster_project.release import publishing
    from dagster_project.sources.dates import in_words

    SEVERITIES = {"error": "Errors: not used", "warning": "Warnings: used, need a look", "info": "Good to know"}
    EMPLOYERS = {
        "council": "staff of the council",
        "nhs": "staff of the NHS",
        "independent": "staff of independent employers",
        "other": "staff of other employers",
        "not_known": "employer not known",
        "not_stated": "employer not stated",
    }
    EVERYBODY, NOBODY = "All organisations", "No organisation"
    # More rows than anybody reads on a page; `ahp findings` gives the rest.
    LONGEST = 300
    RELEASES_SHOWN = 12


@app.function(hide_code=True)
def page(*parts: str) -> mo.Html:
    """One section of the review; the parts are HTML."""
    return mo.Html(section(*parts))


@app.function(hide_code=True)
def about(finding: dict[str, Any]) -> str | tuple[str, str]:
    """Whom or what a finding is about; what is invented says so."""
    name = finding["organisation_name"] or finding["source_file"] or NOBODY
    return (name, "invented") if finding["is_invented"] else name


@app.function(hide_code=True)
def place(finding: dict[str, Any]) -> str:
    """Where a finding lies, as far as it is known."""
    row = f"row {finding['source_row']}" if finding["source_row"] is not None else None
    return ", ".join(filter(None, (finding["figure"] or finding["source_sheet"], finding["source_cell"] or row)))


@app.function(hide_code=True)
def percent(value: float | None) -> str:
    """A share with one decimal, or a dash where there is none."""
    return "–" if value is None else f"{number(value, 1)}%"


@app.cell(hide_code=True)
def _():
    home = Home.from_environment()
    try:
        release = query.latest_release(home)
    except query.QueryError as problem:
        mo.stop(True, page(STYLE, element("p", str(problem), "caution")))
    rows = rows_of(release)
    return home, release, rows


@app.cell(hide_code=True)
def _(release):
    _invented = release.manifest.get("invented_sources")
    page(
        STYLE,
        element("h1", "Data quality review"),
        element("p", f"Release {release.release_id}, made {present.moment(release.created_at)}."),
        element("p", present.invented_note(_invented), "caution") if _invented else "",
        element("h2", "Before you write to anybody"),
        bullets(
            [
                "A finding is a question to whoever can answer it. It changes no number by itself.",
                "How many findings an organisation has is no measure of it: who sends more detail can be asked about "
                "more. Names stand in alphabetical order; nothing here is a ranking.",
                "A number that is missing is not zero. A total without it is too low by an unknown amount.",
                "Ask for the return or file to be sent again, whole. Nothing is ever mended here by hand.",
            ]
        ),
    )
    return


@app.cell(hide_code=True)
def _(rows):
    findings = rows(
        """
        select
            findings.*,
            rules.title,
            rules.what_to_do,
            rules.why_it_matters,
            rules.owner,
            coalesce(submissions.is_invented, false) as is_invented
        from quality.findings as findings
        inner join reference.finding_rules as rules using (rule_id)
        left join quality.submissions as submissions using (submission_id)
        where findings.status = 'open'
        order by
            list_position(['error', 'warning', 'info'], findings.severity),
            findings.organisation_name nulls first, findings.figure, findings.source_row, findings.finding_id
        """
    )
    files = rows("select status, count(*) as files from quality.submissions group by status")
    return files, findings


@app.cell(hide_code=True)
def _(files, findings):
    _files = {row["status"]: row["files"] for row in files}

    def _card(name: str, shown: int, meaning: str) -> str:
        return f"<div>{element('dt', name)}{element('dd', f'{shown:,}', 'number')}{element('dd', meaning)}</div>"

    page(
        element("h2", "At a glance"),
        '<dl class="cards">',
        *(
            _card(name.partition(":")[0], sum(row["severity"] == severity for row in findings), meaning)
            for severity, name, meaning in (
                ("error", "Errors", "open; the row is not used"),
                ("warning", "Warnings", "open; used, and need a look"),
                ("info", "Good to know", "open; nothing need be done"),
            )
        ),
        _card("Files in force", _files.get("accepted", 0), "with numbers that count"),
        _card("Refused files", _files.get("quarantined", 0), "nothing of them counts"),
        "</dl>",
    )
    return


@app.cell(hide_code=True)
def _(home, release):
    _releases = [
        (kept, {severity: kept.manifest["findings"].get(severity, 0) for severity in SEVERITIES})
        for kept in publishing.releases(home)
        if kept.created_at <= release.created_at
    ][:RELEASES_SHOWN][::-1]
    _most = max(sum(counts.values()) for _, counts in _releases)
    page(
        element("h2", "Open findings from release to release"),
        *(
            [
                bar_chart(
                    "Open findings in each of the latest releases, all severities together.",
                    [
                        (present.moment(kept.created_at), sum(counts.values()), f"{sum(counts.values()):,}")
                        for kept, counts in _releases
                    ],
                    _most,
                )
            ]
            if len(_releases) > 1
            else [element("p", "One release is kept so far, so there is nothing to compare it with.")]
        ),
        table(
            "Open findings by release",
            ["Release", "Errors>", "Warnings>", "Good to know>", "Together>"],
            [
                [
                    (present.moment(kept.created_at), kept.release_id),
                    *(f"{count:,}" for count in counts.values()),
                    f"{sum(counts.values()):,}",
                ]
                for kept, counts in _releases
            ],
        ),
        element(
            "p",
            "More findings may mean worse data, more data, or a new rule; the changelog tells which rules are new.",
        ),
    )
    return


@app.cell(hide_code=True)
def _(rows):
    _coverage = rows(
        """
        select geography_name, as_at_date, return_group_name, councils_returned, councils_expected, value
        from marts.regional_measures
        inner join reference.return_groups using (return_group)
        where measure = 'coverage' and field = 'headcount' and geography_type = 'adass_region'
        order by geography_name, as_at_date, return_group_name
        """
    )
    _missing = rows(
        """
        select
            workforce.organisation_name,
            workforce.as_at_date,
            groups.return_group_name,
            workforce.headcount_status,
            workforce.fte_status,
            workforce.fte_vacant_status,
            coalesce(workforce.value_note, workforce.transcription_note) as note
        from marts.fct_workforce as workforce
        inner join reference.return_groups as groups using (return_group)
        where workforce.source = 'council_returns'
            and (workforce.headcount is null or workforce.fte is null or workforce.fte_vacant is null)
        order by workforce.organisation_name, workforce.as_at_date, groups.return_group_name
        """
    )

    def _behind(row: dict[str, Any]) -> str:
        return f"{row['councils_returned']} of {row['councils_expected']}"

    page(
        element("h2", "What is missing"),
        *(
            [
                bar_chart(
                    "Share of a region's councils with a headcount, by group of staff.",
                    [
                        (f"{row['geography_name']}, {row['return_group_name'].lower()}", row["value"], _behind(row))
                        for row in _coverage
                    ],
                    100,
                ),
                table(
                    "Councils with a headcount, by region and group",
                    ["Region and group", "As at", "Councils>", "Share>"],
                    [
                        [
                            f"{row['geography_name']}: {row['return_group_name']}",
                            in_words(row["as_at_date"]),
                            _behind(row),
                            percent(row["value"]),
                        ]
                        for row in _coverage
                    ],
                ),
            ]
            if _coverage
            else [element("p", "No council return is in force.")]
        ),
        table(
            f"Groups of staff for which a council gave no number ({len(_missing)})",
            ["Council", "Group", "Headcount", "FTE", "Vacant FTE", "What is known"],
            [
                [
                    (row["organisation_name"], in_words(row["as_at_date"])),
                    row["return_group_name"],
                    words(row["headcount_status"]),
                    words(row["fte_status"]),
                    words(row["fte_vacant_status"]),
                    row["note"] or "",
                ]
                for row in _missing[:LONGEST]
            ],
        )
        if _missing
        else element("p", "Every council gave every number for the groups it returned."),
        element("p", f"The first {LONGEST} of {len(_missing):,} are shown.") if len(_missing) > LONGEST else "",
    )
    return


@app.cell(hide_code=True)
def _(findings):
    _rules: dict[str, list[dict[str, Any]]] = {}
    for _finding in findings:
        _rules.setdefault(_finding["rule_id"], []).append(_finding)
    page(
        element("h2", "Open findings by rule, and what to do"),
        *(
            table(
                name,
                ["What is wrong", "Findings>", "Organisations>", "Why it matters", "What to do", "Who can"],
                [
                    [
                        (found[0]["title"], rule),
                        f"{len(found):,}",
                        f"{len({row['organisation_name'] for row in found} - {None}):,}",
                        found[0]["why_it_matters"],
                        found[0]["what_to_do"],
                        words(found[0]["owner"]),
                    ]
                    for rule, found in _rules.items()
                    if found[0]["severity"] == severity
                ],
            )
            for severity, name in SEVERITIES.items()
            if any(found[0]["severity"] == severity for found in _rules.values())
        ),
        "" if findings else element("p", "There are no open findings."),
    )
    return


@app.cell(hide_code=True)
def _(findings):
    _named = sorted({row["organisation_name"] for row in findings} - {None})
    _asked = mo.cli_args().get("organisation")
    mo.stop(
        _asked is not None and _asked not in _named,
        page(
            element("h2", "Open findings by organisation"),
            element("p", f"{_asked} has no open findings. Organisations with some: {', '.join(_named)}.", "caution"),
        ),
    )
    organisation = mo.ui.dropdown([EVERYBODY, *_named], value=_asked or EVERYBODY, label="Organisation")
    return (organisation,)


@app.cell(hide_code=True)
def _(organisation):
    chosen_organisation = organisation.value
    return (chosen_organisation,)


@app.cell(hide_code=True)
def _(chosen_organisation, findings, organisation):
    _by_name: dict[str | tuple[str, str], list[str]] = {}
    for _row in sorted(findings, key=lambda row: (row["organisation_name"] is None, row["organisation_name"])):
        _name = about(_row) if _row["organisation_name"] else NOBODY
        _by_name.setdefault(_name, []).append(_row["severity"])
    _found = [row for row in findings if chosen_organisation in (EVERYBODY, row["organisation_name"])]
    mo.vstack(
        [
            page(
                element("h2", "Open findings by organisation"),
                table(
                    "Open findings of each organisation, in alphabetical order",
                    ["Organisation", "Errors>", "Warnings>", "Good to know>"],
                    [
                        [name, *(f"{severities.count(severity):,}" for severity in SEVERITIES)]
                        for name, severities in _by_name.items()
                    ],
                )
                if _by_name
                else element("p", "There are no open findings."),
            ),
            organisation,
            page(
                table(
                    f"{chosen_organisation}: open findings ({len(_found)})",
                    ["About", "Severity", "Where", "What was found", "What would mend it"],
                    [
                        [
                            about(row),
                            row["severity"],
                            place(row),
                            row["message"],
                            row["suggestion"],
                        ]
                        for row in _found[:LONGEST]
                    ],
                ),
                element(
                    "p",
                    f"The first {LONGEST} of {len(_found):,} are shown. All of them, as a file for a spreadsheet: "
                    "ahp findings --format csv -o findings.csv",
                )
                if len(_found) > LONGEST
                else "",
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(rows):
    _complete = rows(
        """
        select
            completeness.source,
            completeness.organisation_name,
            completeness.as_at_date,
            completeness.employer,
            completeness.characteristic,
            completeness.n,
            completeness.valid,
            completeness.prefer_not_to_say,
            completeness.not_known + completeness.not_recorded as unknown,
            completeness.invalid,
            completeness.not_asked,
            completeness.recorded_pct,
            completeness.band
        from quality.edi_completeness as completeness
        where completeness.is_all_role_groups
        qualify
            completeness.as_at_date
            = max(completeness.as_at_date) over (partition by completeness.source, completeness.organisation_code)
        order by completeness.organisation_name, completeness.source, completeness.employer, completeness.characteristic
        """
    )
    _groups: dict[str, list[dict[str, Any]]] = {}
    for _line in _complete:
        _name = (
            f"{_line['organisation_name']}, {present.SOURCES.get(_line['source'], _line['source'])}, "
            f"{in_words(_line['as_at_date'])}, {EMPLOYERS.get(_line['employer'], words(_line['employer']))}"
        )
        _groups.setdefault(_name, []).append(_line)

    def _count(value: int | None) -> str:
        return "–" if value is None else f"{value:,}"

    page(
        element("h2", "How complete equality data are"),
        element(
            "p",
            "Recorded means that something was answered; prefer not to say is an answer. What a source has no question "
            "for is not the organisation's gap. A complete field may still hold defaults.",
        ),
        *(
            bar_chart(
                f"Recorded answers by characteristic: {name}.",
                [
                    (
                        words(row["characteristic"]),
                        row["recorded_pct"],
                        words(row["band"]) if row["recorded_pct"] is None else percent(row["recorded_pct"]),
                    )
                    for row in lines
                ],
                100,
            )
            + table(
                f"Answers by characteristic: {name}",
                [
                    "Characteristic",
                    "Staff>",
                    "Answered>",
                    "Prefer not to say>",
                    "Unknown>",
                    "Invalid>",
                    "Not asked>",
                    "Recorded>",
                    "Band",
                ],
                [
                    [
                        words(row["characteristic"]).capitalize(),
                        _count(row["n"]),
                        *(
                            _count(row[field])
                            for field in ("valid", "prefer_not_to_say", "unknown", "invalid", "not_asked")
                        ),
                        percent(row["recorded_pct"]),
                        words(row["band"] or ""),
                    ]
                    for row in lines
                ],
            )
            for name, lines in _groups.items()
        ),
        "" if _groups else element("p", "No file in force holds equality data."),
    )
    return


@app.cell(hide_code=True)
def _(rows):
    _refused = rows(
        """
        select
            submissions.source_file,
            submissions.organisation_name,
            submissions.as_at_date,
            submissions.received_at,
            findings.message,
            findings.suggestion
        from quality.submissions as submissions
        left join quality.findings as findings
            on
                submissions.submission_id = findings.submission_id
                and findings.severity = 'error'
                and findings.status = 'open'
        where submissions.status = 'quarantined'
        order by submissions.received_at desc, submissions.source_file, findings.finding_id
        """
    )
    page(
        element("h2", "Refused files"),
        table(
            "Files of which nothing counts, the newest first",
            ["File", "Received", "Whose", "Why", "What would mend it"],
            [
                [
                    row["source_file"],
                    present.moment(row["received_at"]),
                    row["organisation_name"] or "not known",
                    row["message"] or "see its report in the folder quarantine",
                    row["suggestion"] or "",
                ]
                for row in _refused
            ],
        )
        if _refused
        else element("p", "No file that came was refused."),
        element(
            "p", "What was in force before a refused file came stays in force. The file's own report names every cell."
        ),
    )
    return


@app.cell(hide_code=True)
def _(release):
    page(
        element("h2", "Where this comes from"),
        element(
            "p",
            "Tables: quality.findings, quality.submissions, quality.edi_completeness, reference.finding_rules, "
            f"marts.fct_workforce and marts.regional_measures of release {release.release_id}; the counts of earlier "
            "releases are those "
            "of their manifests. ahp findings shows the same in a terminal and writes it to a file.",
        ),
    )
    return


if __name__ == "__main__":
    app.run()
