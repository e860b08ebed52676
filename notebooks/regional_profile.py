"""The allied health workforce of one ADASS region, from the latest release, for a reader who writes no SQL.

Belongs here: which numbers are shown, in which words, with which caveats. Does not: working numbers out. They come
from the release as they are and are only formatted; what is added up or picked out (students and apprentices, the ends
of pay ranges) says so beside its table.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="AHP workforce: regional profile")

with app.setup(hide_code=True):
    import html
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    import marimo as mo

    from dagster_project import present, query
    from dagster_project.home import Home
    from dagster_project.notebook_pages import (
        STYLE,
        bullets,
        chart,
        element,
        joined,
        number,
        rows_of,
        section,
        table,
        words,
    )
    from dagster_project.sources.dates import in_words

    DEFAULT_REGION = "East Midlands"

    COMPARING = (
        "Read this first: comparing one council with another is unreliable without knowing how each service is run. "
        "Councils stand in alphabetical order; nothing here is a ranking, and it should not be made into one."
    )

    AS_AT = {
        "publication": "The report does not say on which day its numbers were taken, so the date of its publication, "
        "{day}, stands in (the last day of the month, where only the month is known). The real day may be months "
        "earlier.",
        "collection": "The report gives {day} as the day its numbers stand for.",
        "own_return": "A council's own return gives {day} as the day its numbers stand for.",
    }

    FUNDING_ROUTES = {
        "supernumerary": "Supernumerary: paid for on top of the establishment, no post given up",
        "substantive_ot_post": "An occupational therapist's post was converted",
        "substantive_non_registered_post": "A non-registered post, such as an assistant's, was converted",
        "substantive_not_stated": "A post was converted, the council does not say which kind",
    }

    HOW_KNOWN = {
        "reported": "the report says so",
        "derived": "inferred, as the report names only councils without one",
    }

    SEVERITIES = {
        "error": "not used",
        "warning": "used, and needs a look",
        "info": "good to know",
    }

    AGES = {"adult": "adults only", "children": "children only", "all_age": "all ages"}

    MEASURES = ("headcount", "fte", "fte_permanent", "fte_temporary", "fte_vacant")

    RETURNED = " union ".join(
        f"select source, source_document, as_at_date, organisation_code, submission_id from marts.{table}"
        for table in ("fct_workforce", "fct_pipeline", "fct_pay_scale", "fct_leadership")
    )

    # Every query about the region begins with its councils and with what they returned: one row of `returned` per
    # council, day, document and file.
    REGION = f"""
    with members as (
        select
            bridge.organisation_code,
            organisation.organisation_name,
            bridge.valid_from,
            coalesce(bridge.valid_to, date '9999-12-31') as valid_to
        from marts.bridge_organisation_geography as bridge
        inner join marts.dim_organisation as organisation using (organisation_code)
        where bridge.geography_type = 'adass_region' and bridge.geography_name = $region and bridge.is_main
    ),

    returned as (
        select fact.*
        from ({RETURNED}) as fact
        inner join members
            on
                fact.organisation_code = members.organisation_code
                and fact.as_at_date between members.valid_from and members.valid_to
        where fact.source = 'council_returns'
    )
    """


@app.function(hide_code=True)
def page(*parts: str) -> mo.Html:
    """One section of the profile; the parts are HTML."""
    return mo.Html(section(*parts))


@app.function(hide_code=True)
def document_name(document: dict[str, Any]) -> str:
    """What a document is called inside a sentence."""
    return "councils' own returns" if document["is_own_return"] else document["document_title"]


@app.function(hide_code=True)
def worst(status: str, lines: str = "true") -> str:
    """SQL for what a sum over several lines is worth: the worst of their statuses; null where there is no line."""
    order = "(select list(value_status order by sort_order) from reference.value_statuses)"
    return f"arg_max({status}, list_position({order}, {status})) filter ({lines})"


@app.function(hide_code=True)
def sum_status(measure: str) -> str:
    """SQL for how the sum of a number of fct_workforce over several lines is known."""
    status = f"{measure}_status"
    if measure in ("headcount", "fte"):
        return worst(status)
    # A part of the FTE that does not apply to a line adds nothing to the sum.
    applies = worst(status, f"{status} != 'not_applicable'")
    return f"coalesce({applies}, 'not_applicable')"


@app.function(hide_code=True)
def status_of(row: dict[str, Any], field: str) -> str:
    """How a council's own number is known, or why it is not."""
    return row[f"{field}_status"] or row["status_if_absent"]


@app.function(hide_code=True)
def years(kind: str, named: Sequence[str | None]) -> str:
    """The academic or pay years that numbers stand for, inside a sentence."""
    if len(named) > 1:
        return f"the {kind} years {joined([year or 'one that is not named' for year in named])}"
    return f"the {kind} year {named[0] if any(named) else 'that no document names'}"


@app.function(hide_code=True)
def value_of(measure: dict[str, Any]) -> str:
    """The value of a row of regional_measures in its unit, or in words why there is none."""
    if measure["value"] is None:
        return words(measure["status"])
    if measure["unit"] == "percent":
        return f"{number(measure['value'], 2)}%"
    if measure["unit"] == "councils":
        return f"{number(measure['numerator'], 0)} of {number(measure['denominator'], 0)}"
    return number(measure["value"], 3)


@app.function(hide_code=True)
def council_number(row: dict[str, Any], field: str, places: int) -> str | tuple[str, str]:
    """A council's own number, with what was noted about it, or in words why there is none."""
    status = status_of(row, field)
    if row[field] is None:
        return words(status)
    shown = number(row[field], places)
    if status == "reported":
        return shown
    return shown, row["value_note"] or words(status)


@app.function(hide_code=True)
def total_number(row: dict[str, Any], field: str, places: int) -> str | tuple[str, str]:
    """A number of regional_workforce; where councils are missing from it, with how many are behind it."""
    returned = row["councils_returned" if field == "headcount" else f"{field}_councils_returned"]
    shown = number(row[field], places)
    return shown if returned == row["councils_expected"] else (shown, f"{returned} of {row['councils_expected']}")


@app.function(hide_code=True)
def staff_chart(name: str, caption: str, lines: Sequence[tuple[str, tuple[Any, Any, Any], str]]) -> str:
    """One bar by label, made of permanent, temporary and vacant FTE, with a note at its end.

    The parts differ in pattern as well as colour, so they stay apart in a grey print. `name` is the chart's own.
    """
    left, across, high = 190, 400, 30
    scale = across / (max((float(sum(filter(None, values))) for _, values, _ in lines), default=0) or 1)
    key = (("Permanent funding", "#1d4f91"), ("Temporary funding", f"url(#hatched-{name})"), ("Vacant", "none"))
    drawn = [
        f'<defs><pattern id="hatched-{name}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f6c571"/>'
        '<rect width="2" height="6" fill="#7a4a00"/></pattern></defs>'
    ]
    for position, (meaning, fill) in enumerate(key):
        x = left + position * 160
        drawn.append(f'<rect x="{x}" y="4" width="16" height="14" fill="{fill}" stroke="#1d4f91"/>')
        drawn.append(f'<text x="{x + 22}" y="16">{meaning}</text>')
    for position, (label, values, note) in enumerate(lines):
        x, y = float(left), 32 + position * high
        drawn.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{html.escape(label)}</text>')
        for value, (_, fill) in zip(values, key, strict=True):
            if value:
                width = float(value) * scale
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="20" fill="{fill}" stroke="#1d4f91"/>'
                )
                x += width
        drawn.append(f'<text x="{x + 8:.1f}" y="{y + 15}">{html.escape(note)}</text>')
    return chart(caption, drawn, 36 + len(lines) * high)


@app.function(hide_code=True)
def pay_chart(caption: str, lines: Sequence[tuple[str, int, int]]) -> str:
    """One bar by label from the lowest to the highest pay, on a scale that begins at nothing."""
    left, across, high = 215, 410, 30
    scale = across / max((highest for _, _, highest in lines), default=1)
    drawn = []
    for position, (label, lowest, highest) in enumerate(lines):
        y, start, end = 4 + position * high, left + lowest * scale, left + highest * scale
        drawn.append(
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{html.escape(label)}</text>'
            f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="20" fill="#1d4f91" stroke="#1d4f91"/>'
            f'<text x="{start - 6:.1f}" y="{y + 15}" text-anchor="end">£{lowest:,}</text>'
            f'<text x="{end + 6:.1f}" y="{y + 15}">£{highest:,}</text>'
        )
    return chart(caption, drawn, 8 + len(lines) * high)


@app.cell(hide_code=True)
def _():
    try:
        release = query.latest_release(Home.from_environment())
    except query.QueryError as _problem:
        mo.stop(True, page(STYLE, element("p", str(_problem), "caution")))
    return (release,)


@app.cell(hide_code=True)
def _(release):
    rows = rows_of(release)
    return (rows,)


@app.cell(hide_code=True)
def _(rows):
    _names = [
        row["geography_name"]
        for row in rows(
            "select distinct geography_name from marts.regional_workforce "
            "where geography_type = 'adass_region' and source = 'council_returns' order by geography_name"
        )
    ]
    mo.stop(not _names, page(STYLE, element("p", "The release holds no council returns of any ADASS region.")))
    _asked = mo.cli_args().get("region")
    mo.stop(
        _asked is not None and _asked not in _names,
        page(STYLE, element("p", f"No ADASS region is called {_asked}. Regions: {', '.join(_names)}.", "caution")),
    )
    _first = DEFAULT_REGION if DEFAULT_REGION in _names else _names[0]
    region = mo.ui.dropdown(_names, value=_asked or _first, label="ADASS region")
    return (region,)


@app.cell(hide_code=True)
def _(region):
    region_name = region.value
    return (region_name,)


@app.cell(hide_code=True)
def _(region_name, rows):
    collections: dict[date, list[dict[str, Any]]] = {}
    for _document in rows(
        f"""
        {REGION}

        select
            total.as_at_date,
            total.councils_expected,
            period.* exclude (source, as_at_date),
            period.source_document in (select source_document from marts.dim_council_return) as is_own_return,
            count(distinct returned.organisation_code) as councils
        from marts.regional_workforce as total
        inner join returned using (source, as_at_date)
        inner join marts.dim_period as period
            on total.source = period.source and returned.source_document = period.source_document
        where total.geography_type = 'adass_region'
            and total.geography_name = $region
            and total.is_roll_up
            and total.return_group is null
        group by all
        order by total.as_at_date desc, is_own_return, period.document_title
        """,
        region=region_name,
    ):
        collections.setdefault(_document["as_at_date"], []).append(_document)
    _labels = {
        f"{in_words(day)}: "
        # A list of choices has no room for subtitles.
        + joined(
            [
                f"{document_name(row).partition(':')[0]} ({row['councils']} of {row['councils_expected']} councils)"
                for row in documents
            ]
        ): day
        for day, documents in collections.items()
    }
    collection = mo.ui.dropdown(_labels, value=next(iter(_labels)), label="Collection")
    return collection, collections


@app.cell(hide_code=True)
def _(collection):
    as_at_date = collection.value
    return (as_at_date,)


@app.cell(hide_code=True)
def _(as_at_date, collections):
    documents = collections[as_at_date]
    return (documents,)


@app.cell(hide_code=True)
def _(as_at_date, collection, documents, region, region_name, release):
    _where = joined(
        ["in returns of their own" if row["is_own_return"] else f"for {row['document_title']}" for row in documents]
    )
    mo.vstack(
        [
            page(
                STYLE,
                element("h1", f"Allied health workforce of councils: {region_name}"),
                element(
                    "p",
                    f"As at {in_words(as_at_date)}. Numbers that councils gave {_where}. "
                    f"Release {release.release_id}, made {present.moment(release.created_at)}.",
                ),
            ),
            # A choice of one is no choice.
            mo.hstack([region, collection] if len(collection.options) > 1 else [region], justify="start", wrap=True),
        ]
    )
    return


@app.cell(hide_code=True)
def _(as_at_date, ask, documents):
    _dates = dict.fromkeys(
        AS_AT["own_return" if row["is_own_return"] else row["as_at_basis"]].format(day=in_words(as_at_date))
        for row in documents
    )
    _ages = ask(
        """
        select distinct workforce.service_age_scope
        from marts.fct_workforce as workforce
        inner join councils using (organisation_code)
        inner join chosen using (source, as_at_date)
        order by workforce.service_age_scope
        """
    )
    _caveats = (
        ("The date.", " ".join(_dates)),
        (
            "Councils.",
            "Comparing one council with another is unreliable without knowing how each service is run: whether it is "
            "integrated with the NHS, separate or bought in changes what a number means.",
        ),
        (
            "Coverage.",
            "Every council of the region is expected. A total with fewer councils behind it than expected is too low "
            "by an unknown amount; quote it only with both numbers.",
        ),
        (
            "Groups, not roles.",
            "Councils return groups of staff. Occupational therapists are one group from newly qualified to "
            "experienced, and managers include principal occupational therapists; the levels within a group are not "
            "told apart here.",
        ),
        (
            "Missing is not zero.",
            "Where a council gave no number, the table says so in words, such as not supplied. A 0 is a 0 that the "
            "council gave.",
        ),
        (
            "Whose staff.",
            "People count where the council pays for the post, whoever employs them. Do not add NHS numbers to these "
            "without taking out those whom a council funds.",
        ),
        *(
            [
                (
                    "Several documents.",
                    f"The numbers of this day come from {joined([document_name(row) for row in documents])}. Where two "
                    "of them speak of one council, only what arrived last counts, so nobody is counted twice.",
                )
            ]
            if len(documents) > 1
            else []
        ),
        *(
            [
                (
                    "Ages served.",
                    "Councils do not all count staff for the same ages. Numbers of staff who serve "
                    f"{joined([AGES[row['service_age_scope']] for row in _ages])} are added up here.",
                )
            ]
            if len(_ages) > 1
            else []
        ),
    )
    page(
        element("h2", "Before you use these numbers"),
        "<ul>",
        *(f"<li>{element('strong', subject)} {html.escape(caveat)}</li>" for subject, caveat in _caveats),
        "</ul>",
        element(
            "p",
            "FTE is full-time equivalent: two people who each work half the week are 1 FTE. "
            "The end of this page lists every caveat and where the numbers come from.",
        ),
    )
    return


@app.cell(hide_code=True)
def _(as_at_date, region_name, rows):
    def ask(sql: str) -> list[dict[str, Any]]:
        """Rows of a query about the region on the day chosen.

        It may name `chosen`, the source and the day; `councils`, those of the region; and `totals`, one row of
        regional_workforce per area and group, and one over all groups.
        """
        return rows(
            f"""
            {REGION},

            chosen as (
                select
                    'council_returns' as source,
                    $as_at_date as as_at_date
            ),

            councils as (
                select
                    members.organisation_code,
                    members.organisation_name,
                    case
                        when members.organisation_code in (
                            select returned.organisation_code
                            from returned
                            inner join chosen using (source, as_at_date)
                        ) then 'not_supplied'
                        else 'no_return'
                    end as status_if_absent
                from members
                inner join chosen on chosen.as_at_date between members.valid_from and members.valid_to
            ),

            totals as (
                select total.*
                from marts.regional_workforce as total
                inner join chosen using (source, as_at_date)
            )

            {sql}
            """,
            region=region_name,
            as_at_date=as_at_date,
        )

    return (ask,)


@app.cell(hide_code=True)
def _(ask):
    groups = ask(
        """
        select total.*, coalesce(return_groups.return_group_name, 'All groups together') as return_group_name
        from totals as total
        left join reference.return_groups as return_groups using (return_group)
        where total.geography_type = 'adass_region' and total.geography_name = $region
        order by return_groups.figure nulls last
        """
    )
    measures = ask(
        """
        select
            value.*,
            measures.measure_name
            || coalesce(': ' || coalesce(families.job_family_name, value.field), '') as measure_name
        from marts.regional_measures as value
        inner join chosen using (source, as_at_date)
        inner join reference.measures as measures using (measure)
        left join reference.job_families as families on value.field = families.job_family
        where value.geography_type = 'adass_region' and value.geography_name = $region
        order by measure, return_group, families.sort_order, value.field
        """
    )
    return groups, measures


@app.cell(hide_code=True)
def _(groups, measures, region_name):
    _total = next((row for row in groups if row["return_group"] == "occupational_therapists"), None)
    mo.stop(_total is None, page(element("p", f"No council of the {region_name} returned occupational therapists.")))
    _rates = {row["measure"]: row for row in measures if row["return_group"] == "occupational_therapists"}
    _vacancy, _temporary = _rates["vacancy_rate"], _rates["temporary_share"]
    _behind = f"{_total['councils_returned']} of {_total['councils_expected']}"

    def _card(name: str, shown: str, meaning: str) -> str:
        return f"<div>{element('dt', name)}{element('dd', shown, 'number')}{element('dd', meaning)}</div>"

    def _behind_rate(rate: dict[str, Any]) -> str:
        return f"{rate['definition']} {rate['councils_returned']} of {rate['councils_expected']} councils."

    page(
        element("h2", "Occupational therapists at a glance"),
        element(
            "p",
            f"{_behind} councils of the {region_name} returned their occupational therapists."
            + (
                ""
                if None in (_total["headcount"], _total["fte"], _total["fte_vacant"])
                else f" They counted {number(_total['headcount'], 0)} people who work {number(_total['fte'], 2)} FTE; "
                f"a further {number(_total['fte_vacant'], 2)} FTE of posts stood vacant."
            ),
        ),
        '<dl class="cards">',
        _card("People in post", number(_total["headcount"], 0), "Each counted once, whatever their hours."),
        _card("FTE in post", number(_total["fte"], 2), "Permanent and temporary funding together."),
        _card("Vacancy rate", value_of(_vacancy), _behind_rate(_vacancy)),
        _card("On temporary funding", value_of(_temporary), _behind_rate(_temporary)),
        _card("Coverage", _behind, "Councils that returned, of those expected."),
        "</dl>",
        element("p", f"Vacancy rate: {_vacancy['caveat']}"),
        element("p", f"Temporary funding: {_temporary['caveat']}"),
    )
    return


@app.cell(hide_code=True)
def _(groups, measures, region_name):
    _vacancy = {
        row["return_group"]: (
            value_of(row),
            "" if row["status"] == "complete" else f"{row['councils_returned']} of {row['councils_expected']}",
        )
        for row in measures
        if row["measure"] == "vacancy_rate"
    }
    page(
        element("h2", "Workforce by group"),
        element(
            "p",
            "Permanent and temporary say how the FTE in post is funded; vacant FTE comes on top. A small note below a "
            "number, such as 12 of 14, says how many councils are behind it where some are missing; the parts of such "
            "a line need not add up to its whole.",
        ),
        staff_chart(
            "groups",
            f"FTE in post by funding, and vacant FTE, {region_name}.",
            [
                (
                    row["return_group_name"],
                    (row["fte_permanent"], row["fte_temporary"], row["fte_vacant"]),
                    f"{row['councils_returned']} of {row['councils_expected']} councils",
                )
                for row in groups
                if row["return_group"]
            ],
        ),
        table(
            f"Workforce by group as returned, {region_name}",
            [
                "Group",
                "People>",
                "FTE in post>",
                "Permanent FTE>",
                "Temporary FTE>",
                "Vacant FTE>",
                "Vacancy rate>",
                "Councils>",
            ],
            [
                [
                    row["return_group_name"],
                    total_number(row, "headcount", 0),
                    total_number(row, "fte", 2),
                    total_number(row, "fte_permanent", 2),
                    total_number(row, "fte_temporary", 2),
                    total_number(row, "fte_vacant", 2),
                    _vacancy.get(row["return_group"], ""),
                    f"{row['councils_returned']} of {row['councils_expected']}",
                ]
                for row in groups
            ],
            total=True,
        ),
        element(
            "p",
            "The last line adds up whatever is known; the councils beside it are those that returned every group.",
        ),
    )
    return


@app.cell(hide_code=True)
def _(measures, region_name, rows):
    _reliant = rows("select value from reference.policies where policy = 'reliant_temporary_share'")
    page(
        element("h2", "Balance of the workforce"),
        *(
            element(
                "p",
                "A council counts as reliant on temporary funding when at least "
                f"{number(100 * policy['value'], 0)}% of its occupational therapists' FTE is paid that way.",
            )
            for policy in _reliant
        ),
        table(
            f"Ratios and counts of councils, {region_name}",
            ["Measure", "Value>", "Councils behind it>", "What it says, and what it does not"],
            [
                [
                    row["measure_name"],
                    value_of(row),
                    f"{row['councils_returned']} of {row['councils_expected']}",
                    f"{row['definition']} {row['caveat']}",
                ]
                for row in measures
                if row["return_group"] is None
            ],
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask, region_name):
    _statuses = ", ".join(f"{sum_status(measure)} as {measure}_status" for measure in MEASURES)
    _lines = ask(
        f"""
        select
            councils.organisation_name as council,
            councils.status_if_absent,
            return_groups.return_group,
            return_groups.return_group_name,
            {", ".join(f"total.{measure}" for measure in MEASURES)},
            statuses.* exclude (organisation_code, return_group)
        from councils
        cross join reference.return_groups as return_groups
        left join totals as total
            on
                total.geography_type = 'council'
                and councils.organisation_code = total.geography_code
                and return_groups.return_group = total.return_group
        left join (
            select
                organisation_code,
                return_group,
                {_statuses},
                string_agg(distinct value_note, '; ' order by value_note) as value_note
            from marts.fct_workforce
            inner join chosen using (source, as_at_date)
            group by organisation_code, return_group
        ) as statuses
            on
                councils.organisation_code = statuses.organisation_code
                and return_groups.return_group = statuses.return_group
        order by council, return_groups.figure
        """
    )
    _therapists = [row for row in _lines if row["return_group"] == "occupational_therapists"]
    _groups = list(dict.fromkeys(row["return_group_name"] for row in _lines))
    _by_council: dict[str, list[str | tuple[str, str]]] = {}
    for _row in _lines:
        _by_council.setdefault(_row["council"], []).append(council_number(_row, "headcount", 0))
    _met = {status_of(row, measure) for row in _lines for measure in MEASURES}
    _legend = [
        f"{words(row['value_status']).capitalize()}: {row['meaning']}."
        for row in ask(
            """
            select value_status, meaning
            from reference.value_statuses
            where value_status not in ('reported', 'reported_with_note')
            union all
            select 'no_return', 'The council returned nothing for this day; missing, not zero'
            order by value_status
            """
        )
        if row["value_status"] in _met
    ]

    def _bar_note(row: dict[str, Any]) -> str:
        if status_of(row, "fte") != "reported":
            return words(status_of(row, "fte"))
        parts = {"fte_permanent": "permanent", "fte_temporary": "temporary", "fte_vacant": "vacant"}
        return ", ".join(f"{name} {words(status_of(row, part))}" for part, name in parts.items() if row[part] is None)

    page(
        element("h2", "Council by council"),
        element("p", COMPARING, "caution"),
        staff_chart(
            "councils",
            f"Occupational therapists: FTE in post by funding, and vacant FTE, councils of the {region_name}.",
            [
                (
                    row["council"],
                    (row["fte_permanent"], row["fte_temporary"], row["fte_vacant"]),
                    _bar_note(row),
                )
                for row in _therapists
            ],
        ),
        table(
            "Occupational therapists by council",
            ["Council", "People>", "FTE in post>", "Permanent FTE>", "Temporary FTE>", "Vacant FTE>"],
            [
                [
                    row["council"],
                    council_number(row, "headcount", 0),
                    council_number(row, "fte", 2),
                    council_number(row, "fte_permanent", 2),
                    council_number(row, "fte_temporary", 2),
                    council_number(row, "fte_vacant", 2),
                ]
                for row in _therapists
            ],
        ),
        table(
            "People in post by council and group",
            ["Council", *(f"{group}>" for group in _groups)],
            [[council, *numbers] for council, numbers in _by_council.items()],
        ),
        bullets(_legend) if _legend else "",
    )
    return


@app.cell(hide_code=True)
def _(ask, region_name):
    _learners = {"students": "learner_type = 'student'", "apprentices": "learner_type = 'degree_apprentice'"}
    _numbers = ", ".join(
        f"case when count(pipeline_count) filter ({kind}) = count(*) filter ({kind}) "
        f"then sum(pipeline_count) filter ({kind}) end as {name}, {worst('value_status', kind)} as {name}_status"
        for name, kind in _learners.items()
    )
    _councils = ask(
        f"""
        select
            councils.organisation_name as council,
            councils.status_if_absent,
            null as value_note,
            {_numbers},
            string_agg(distinct funding_text, '; ' order by funding_text) as funding_text
        from councils
        left join (
            select pipeline.*
            from marts.fct_pipeline as pipeline
            inner join chosen using (source, as_at_date)
        ) as pipeline using (organisation_code)
        group by council, status_if_absent
        order by council
        """
    )
    _routes = ask(
        """
        select
            funding_route,
            funding_status,
            sum(apprentices) as apprentices,
            count(apprentices) as councils_known,
            count(*) as councils
        from (
            select
                organisation_code,
                funding_route,
                funding_status,
                case when count(pipeline_count) = count(*) then sum(pipeline_count) end as apprentices
            from marts.fct_pipeline
            inner join councils using (organisation_code)
            inner join chosen using (source, as_at_date)
            where learner_type = 'degree_apprentice' and funding_status != 'not_applicable'
            group by organisation_code, funding_route, funding_status
        ) as by_council
        group by funding_route, funding_status
        order by funding_route nulls last, funding_status
        """
    )
    _years = ask(
        """
        select distinct academic_year
        from marts.fct_pipeline
        inner join councils using (organisation_code)
        inner join chosen using (source, as_at_date)
        order by academic_year nulls last
        """
    )

    def _behind(name: str) -> str:
        known = [row[name] for row in _councils if row[name] is not None]
        return f"{number(sum(known) if known else None, 0)} ({len(known)} of {len(_councils)} councils)"

    page(
        element("h2", "Students and apprentices"),
        element(
            "p",
            f"Student placements offered: {_behind('students')}. Degree apprentices: {_behind('apprentices')}. "
            "Both add up the councils' numbers and stand for "
            f"{years('academic', [row['academic_year'] for row in _years])}, "
            "not for the day of the staff numbers. Placements are not people in post. An apprentice in a converted "
            "post must not be counted among the staff too, and the returns do not show whether one is.",
        ),
        table(
            f"Degree apprentices by funding, {region_name}: the councils' numbers added up",
            ["How they are paid for", "Apprentices>", "Councils>"],
            [
                [
                    FUNDING_ROUTES.get(row["funding_route"])
                    or words(row["funding_route"] or row["funding_status"]).capitalize(),
                    (
                        number(row["apprentices"], 0),
                        "" if row["funding_status"] == "reported" else words(row["funding_status"]),
                    ),
                    str(row["councils"])
                    if row["councils_known"] == row["councils"]
                    else f"{row['councils_known']} of {row['councils']}",
                ]
                for row in _routes
            ],
        )
        if _routes
        else "",
        element("p", COMPARING, "caution"),
        table(
            "Students and degree apprentices by council",
            ["Council", "Student placements>", "Apprentices>", "Funding, as the council wrote it"],
            [
                [
                    row["council"],
                    council_number(row, "students", 0),
                    council_number(row, "apprentices", 0),
                    row["funding_text"] or "",
                ]
                for row in _councils
            ],
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask, region_name):
    _pay = ask(
        """
        select
            pay.pay_year,
            job_families.job_family_name,
            -- A range of which only one end is given is known at that end.
            min(least(pay.pay_minimum, pay.pay_maximum)) as lowest,
            max(greatest(pay.pay_minimum, pay.pay_maximum)) as highest,
            count(distinct pay.organisation_code) filter (coalesce(pay.pay_minimum, pay.pay_maximum) is not null)
                as councils_giving_pay,
            (select count(*) from councils) as councils_expected
        from reference.job_families as job_families
        inner join marts.fct_pay_scale as pay using (job_family)
        inner join councils using (organisation_code)
        inner join chosen using (source, as_at_date)
        group by pay.pay_year, job_families.job_family_name, job_families.sort_order
        order by pay.pay_year desc nulls last, job_families.sort_order
        """
    )
    _by_year: dict[str | None, list[dict[str, Any]]] = {}
    for _row in _pay:
        _by_year.setdefault(_row["pay_year"], []).append(_row)

    def _pounds(amount: int | None) -> str:
        return "not supplied" if amount is None else f"£{amount:,}"

    def _of_year(pay_year: str | None, families: list[dict[str, Any]]) -> str:
        given = [
            (row["job_family_name"], row["lowest"], row["highest"]) for row in families if row["lowest"] is not None
        ]
        place = region_name if len(_by_year) == 1 else f"{region_name}, pay year {pay_year or 'not named'}"
        return (
            pay_chart(f"Lowest to highest pay by job family, {place}, in pounds a year.", given) if given else ""
        ) + table(
            f"Pay by job family, {place}",
            ["Job family", "Lowest>", "Highest>", "Councils giving pay>"],
            [
                [
                    row["job_family_name"],
                    _pounds(row["lowest"]),
                    _pounds(row["highest"]),
                    f"{row['councils_giving_pay']} of {row['councils_expected']}",
                ]
                for row in families
            ],
        )

    page(
        element("h2", "Pay"),
        element(
            "p",
            "The lowest and the highest yearly pay that any council of the region gives for a job family, supplements "
            f"not included, for {years('pay', list(_by_year))}. Councils grade the same work "
            "differently, so the two ends may come from two councils, and the range is no council's own."
            + (" Pay of different years is not put together." if len(_by_year) > 1 else ""),
        )
        if _pay
        else element("p", f"No council of the {region_name} gave pay."),
        *(_of_year(pay_year, families) for pay_year, families in _by_year.items()),
    )
    return


@app.cell(hide_code=True)
def _(ask, measures):
    _leadership = ask(
        """
        select
            councils.organisation_name as council,
            councils.status_if_absent,
            leadership.has_principal_ot,
            leadership.value_status,
            leadership.managers_headcount,
            leadership.source_document in (select source_document from marts.dim_council_return) as is_own_return
        from councils
        left join (
            select leadership.*
            from marts.fct_leadership as leadership
            inner join chosen using (source, as_at_date)
        ) as leadership using (organisation_code)
        order by council
        """
    )
    _without = [value_of(row) for row in measures if row["measure"] == "councils_without_principal_ot"]
    _answers = {True: "yes", False: "no", None: "not known"}
    _silence = (
        " The report names only those; that every other council has one is inferred from its silence."
        if any(row["value_status"] == "derived" for row in _leadership)
        else ""
    )

    def _how_known(row: dict[str, Any]) -> str:
        if row["is_own_return"] and row["value_status"] == "reported":
            return "the council says so"
        return HOW_KNOWN.get(row["value_status"]) or words(row["value_status"] or row["status_if_absent"])

    page(
        element("h2", "Principal occupational therapists"),
        element("p", COMPARING, "caution"),
        *(
            element("p", f"Councils without a principal occupational therapist: {without}.{_silence}")
            for without in _without
        ),
        table(
            "Principal occupational therapist in post, by council",
            ["Council", "In post", "How it is known", "Managers returned, principals included>"],
            [
                [
                    row["council"],
                    _answers[row["has_principal_ot"]],
                    _how_known(row),
                    words(row["status_if_absent"])
                    if row["managers_headcount"] is None
                    else number(row["managers_headcount"], 0),
                ]
                for row in _leadership
            ],
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask, region_name):
    _findings = ask(
        """
        select findings.*
        from quality.findings as findings
        cross join chosen
        where findings.status = 'open'
            and findings.source = 'council_returns'
            and (findings.as_at_date = chosen.as_at_date or findings.as_at_date is null)
            and (
                findings.organisation_name is null
                or findings.organisation_name in (select organisation_name from councils)
                or findings.organisation_name = 'Total ' || $region
            )
        order by
            list_position(['error', 'warning', 'info'], severity),
            findings.organisation_name nulls first, findings.figure, findings.source_row, findings.finding_id
        """
    )

    def _of(severity: str, meaning: str) -> str:
        found = [row for row in _findings if row["severity"] == severity]
        if not found:
            return ""
        return table(
            f"{severity.capitalize()}: {meaning} ({len(found)})",
            ["About", "Where", "What was found", "What would mend it"],
            [
                [
                    row["organisation_name"] or row["source_file"] or "The whole report",
                    row["figure"] or "",
                    row["message"],
                    row["suggestion"],
                ]
                for row in found
            ],
        )

    page(
        element("h2", "What is known to be wrong or in doubt"),
        element(
            "p",
            f"Open findings about the councils of the {region_name}, the region's own totals, and the report as a "
            "whole. A finding is a question to whoever can answer it; it changes no number by itself. Few findings do "
            "not mean good data, and their number is no measure of a council.",
        ),
        *(_of(severity, meaning) for severity, meaning in SEVERITIES.items()),
        "" if _findings else element("p", "There are no open findings."),
    )
    return


@app.cell(hide_code=True)
def _(ask, documents, release):
    _files = ask(
        """
        select submissions.figures, submissions.source_file, submissions.received_at, submissions.sha256
        from quality.submissions as submissions
        where submissions.submission_id in (
            select returned.submission_id
            from returned
            inner join chosen using (source, as_at_date)
        )
        order by submissions.figures, submissions.source_file
        """
    )
    _used = (
        "marts.regional_workforce",
        "marts.regional_measures",
        "marts.fct_workforce",
        "marts.fct_pipeline",
        "marts.fct_pay_scale",
        "marts.fct_leadership",
        "marts.bridge_organisation_geography",
        "quality.findings",
    )
    _caveats = dict.fromkeys(
        caveat
        for name in _used
        for table_of_release in release.manifest["tables"]
        if f"{table_of_release['schema']}.{table_of_release['name']}" == name
        for caveat in table_of_release.get("caveats", ())
    )
    _documents = "; ".join(
        document_name(row)
        if row["is_own_return"] or row["published_on"] is None
        else f"{document_name(row)}, published {in_words(row['published_on'])}"
        for row in documents
    )
    page(
        element("h2", "Where the numbers come from"),
        element(
            "p",
            f"Release {release.release_id} of the AHP workforce warehouse, made {present.moment(release.created_at)}. "
            f"{'Document' if len(documents) == 1 else 'Documents'}: {_documents}. "
            f"Tables: {', '.join(_used)}. The release holds each of them as CSV and Parquet, and dictionary.md says "
            "what every column means.",
        ),
        element("p", "This release was built from the inputs that come with the warehouse.")
        if release.manifest.get("bundled_inputs")
        else "",
        table(
            "Files behind this page",
            ["Figure", "File", "Received", "SHA-256 begins"],
            [
                [row["figures"] or "", row["source_file"], present.moment(row["received_at"]), row["sha256"][:12]]
                for row in _files
            ],
        ),
        element("h2", "Every caveat of these tables"),
        element("p", "In the words of the release; names with underscores are columns of its tables."),
        bullets(list(_caveats)),
    )
    return


if __name__ == "__main__":
    app.run()
