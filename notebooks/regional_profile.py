"""The allied health workforce of one ADASS region, from the latest release, for a reader who writes no SQL.

Belongs here: which numbers are shown, in which words, with which caveats. Does not: working numbers out. They come
from the release as they are and are only formatted; what is added up or picked out (apprentices by funding, the ends
of pay ranges) says so beside its table.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="AHP workforce: regional profile")

with app.setup(hide_code=True):
    import html
    from collections.abc import Sequence
    from datetime import date
    from decimal import ROUND_HALF_UP, Decimal
    from typing import Any

    import marimo as mo

    from dagster_project import present, query
    from dagster_project.home import Home

    DEFAULT_REGION = "East Midlands"

    STYLE = """
    <style>
    .profile { max-width: 60rem; line-height: 1.5; }
    .profile h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 700; margin: 0 0 .4rem; }
    .profile h2 { font-size: 1.35rem; line-height: 1.3; font-weight: 700; margin: 1.2rem 0 .5rem; }
    .profile p { margin: 0 0 .7rem; max-width: 46rem; }
    .profile ul { list-style: disc; margin: 0 0 .7rem 1.3rem; max-width: 46rem; }
    .profile li { margin: 0 0 .3rem; }
    .profile .caution { border-left: .35rem solid #b45309; padding: .3rem 0 .3rem .8rem; font-weight: 600; }
    .profile .cards { display: flex; flex-wrap: wrap; gap: .7rem; margin: 0 0 .8rem; }
    .profile .cards div { flex: 1 1 9.5rem; border: 1px solid #8a9299; border-radius: .3rem; padding: .6rem .8rem; }
    .profile .cards dt { font-weight: 600; }
    .profile .cards dd { margin: 0; font-size: .85rem; line-height: 1.35; }
    .profile .cards dd.number { font-size: 1.8rem; line-height: 1.35; font-weight: 700; }
    .profile .wide { overflow-x: auto; margin: 0 0 1rem; }
    .profile table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.35; }
    .profile caption { text-align: left; font-weight: 600; padding: 0 0 .35rem; }
    .profile th, .profile td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
    .profile th:last-child, .profile td:last-child { padding-right: 0; }
    .profile thead th { border-bottom: 2px solid #4b5563; vertical-align: bottom; font-weight: 600; }
    .profile tbody th { font-weight: 500; }
    .profile tbody tr { border-bottom: 1px solid #c3c8cd; break-inside: avoid; }
    .profile tr.total th, .profile tr.total td { font-weight: 700; }
    .profile .end { text-align: right; font-variant-numeric: tabular-nums; }
    .profile td.end { white-space: nowrap; }
    .profile small { display: block; font-size: .8rem; font-weight: 400; white-space: normal; }
    .profile figure { margin: 0 0 1rem; break-inside: avoid; }
    .profile figcaption { font-weight: 600; padding: 0 0 .3rem; }
    .profile svg { width: 100%; max-width: 50rem; height: auto; }
    .profile h2, .profile caption { break-after: avoid; }
    @media print { .profile thead { display: table-header-group; } .profile .wide { overflow: visible; } }
    </style>
    """

    COMPARING = (
        "Read this first: comparing one council with another is unreliable without knowing how each service is run. "
        "Councils stand in alphabetical order; nothing here is a ranking, and it should not be made into one."
    )

    AS_AT = {
        "publication": "The report does not say on which day its numbers were taken, so the date of its publication, "
        "{day}, stands in (the last day of the month, where only the month is known). The real day may be months "
        "earlier.",
        "collection": "The report gives {day} as the day its numbers stand for.",
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


@app.function(hide_code=True)
def page(*parts: str) -> mo.Html:
    """One section of the profile; the parts are HTML."""
    return mo.Html(f'<section class="profile">{"".join(parts)}</section>')


@app.function(hide_code=True)
def element(tag: str, text: str, css_class: str = "") -> str:
    """One HTML element that holds this text and no markup."""
    return f"<{tag}{f' class={css_class!r}' if css_class else ''}>{html.escape(text)}</{tag}>"


@app.function(hide_code=True)
def bullets(texts: Sequence[str]) -> str:
    """An HTML list of these texts."""
    return f"<ul>{''.join(element('li', text) for text in texts)}</ul>"


@app.function(hide_code=True)
def table(
    caption: str, columns: Sequence[str], lines: Sequence[Sequence[str | tuple[str, str]]], *, total: bool = False
) -> str:
    """An HTML table. A column whose heading ends in `>` holds numbers; of two texts in a cell the second is a note.

    With `total`, the last line is set off from those above it.
    """

    def cell(tag: str, shown: str | tuple[str, str], column: str, scope: str = "") -> str:
        text, note = shown if isinstance(shown, tuple) else (shown, "")
        align = ' class="end"' if column.endswith(">") else ""
        return f"<{tag}{align}{scope}>{html.escape(text)}{element('small', note) if note else ''}</{tag}>"

    def row(line: Sequence[str | tuple[str, str]], kind: str) -> str:
        first, *others = zip(line, columns, strict=True)
        head = cell("th", *first, ' scope="row"')
        return f"<tr{kind}>{head}{''.join(cell('td', *other) for other in others)}</tr>"

    head = "".join(cell("th", column.rstrip(">"), column, ' scope="col"') for column in columns)
    last = ' class="total"' if total else ""
    body = "".join(row(line, last if line is lines[-1] else "") for line in lines)
    return (
        f'<div class="wide"><table>{element("caption", caption)}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


@app.function(hide_code=True)
def words(code: str) -> str:
    """A status as the release names it, such as not_supplied, for people to read."""
    return code.replace("_", " ")


@app.function(hide_code=True)
def number(value: Any, places: int) -> str:
    """Rounded half away from zero, with thousands set apart; an absent value is said in words."""
    if value is None:
        return "not supplied"
    return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


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
    status = row[f"{field}_status"]
    if row[field] is None:
        return words(status or "no_return")
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
def chart(caption: str, drawn: Sequence[str], high: int) -> str:
    """A figure of this height, in units of which it is 700 wide; `drawn` is SVG."""
    return (
        f'<figure>{element("figcaption", caption)}<svg viewBox="0 0 700 {high}" role="img" '
        f'aria-label="{html.escape(caption)} The table below holds the same numbers." font-size="13" '
        f'fill="currentColor">{"".join(drawn)}</svg></figure>'
    )


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


@app.function(hide_code=True)
def day(when: date) -> str:
    """A date in words, such as 30 June 2024."""
    return f"{when.day} {when:%B %Y}"


@app.cell(hide_code=True)
def _():
    try:
        release = query.latest_release(Home.from_environment())
    except query.QueryError as _problem:
        mo.stop(True, page(STYLE, element("p", str(_problem), "caution")))
    return (release,)


@app.cell(hide_code=True)
def _(release):
    def rows(sql: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a query on the release. It is opened for this query alone, so that nobody waits for the notebook."""
        with query.open_release(release) as connection:
            return connection.execute(sql, values or None).to_arrow_table().to_pylist()

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
    _collections = rows(
        """
        select distinct period.*
        from marts.dim_period as period
        inner join marts.regional_workforce as total using (source, source_document, as_at_date)
        where total.geography_type = 'adass_region'
            and total.geography_name = $region
            and source = 'council_returns'
        order by as_at_date desc, source_document
        """,
        region=region_name,
    )
    _named = {f"{day(row['as_at_date'])}, {row['document_title']}": row for row in _collections}
    collection = mo.ui.dropdown(_named, value=next(iter(_named)), label="Collection")
    return (collection,)


@app.cell(hide_code=True)
def _(collection, region, region_name, release):
    _period = collection.value
    mo.vstack(
        [
            page(
                STYLE,
                element("h1", f"Allied health workforce of councils: {region_name}"),
                element(
                    "p",
                    f"As at {day(_period['as_at_date'])}. Numbers that councils returned for "
                    f"{_period['document_title']}. Release {release.release_id}, made "
                    f"{present.moment(release.created_at)}.",
                ),
            ),
            # A choice of one is no choice.
            mo.hstack([region, collection] if len(collection.options) > 1 else [region], justify="start"),
        ]
    )
    return


@app.cell(hide_code=True)
def _(collection):
    _period = collection.value
    _caveats = (
        ("The date.", AS_AT[_period["as_at_basis"]].format(day=day(_period["as_at_date"]))),
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
            "experienced, and managers include principal occupational therapists; the levels within a group cannot be "
            "told apart.",
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
def _(collection, region_name, rows):
    def ask(sql: str) -> list[dict[str, Any]]:
        """Rows of a query that may name `chosen`, the region and collection, and `councils`, those of the region."""
        return rows(
            f"""
            with chosen as (
                select
                    $region as region,
                    $source_document as source_document,
                    $as_at_date as as_at_date
            ),

            councils as (
                select bridge.organisation_code, organisation.organisation_name
                from marts.bridge_organisation_geography as bridge
                inner join marts.dim_organisation as organisation using (organisation_code)
                inner join chosen
                    on
                        bridge.geography_name = chosen.region
                        and chosen.as_at_date between bridge.valid_from and coalesce(bridge.valid_to, chosen.as_at_date)
                where bridge.geography_type = 'adass_region' and bridge.is_main
            )

            {sql}
            """,
            region=region_name,
            source_document=collection.value["source_document"],
            as_at_date=collection.value["as_at_date"],
        )

    return (ask,)


@app.cell(hide_code=True)
def _(ask):
    groups = ask(
        """
        select total.*, coalesce(return_groups.return_group_name, 'All groups together') as return_group_name
        from marts.regional_workforce as total
        inner join chosen using (source_document, as_at_date)
        left join reference.return_groups as return_groups using (return_group)
        where total.geography_type = 'adass_region' and total.geography_name = chosen.region
        order by is_roll_up, return_groups.figure
        """
    )
    measures = ask(
        """
        select value.*, measures.measure_name
        from marts.regional_measures as value
        inner join chosen using (source_document, as_at_date)
        inner join reference.measures as measures using (measure)
        where value.geography_type = 'adass_region' and value.geography_name = chosen.region
        order by measure, return_group
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
            f"{_behind} councils of the {region_name} returned their occupational therapists. They counted "
            f"{number(_total['headcount'], 0)} people who work {number(_total['fte'], 2)} FTE; a further "
            f"{number(_total['fte_vacant'], 2)} FTE of posts stood vacant.",
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
                if not row["is_roll_up"]
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
    _returned = ask(
        """
        select councils.organisation_name as council, workforce.* exclude (organisation_name)
        from councils
        cross join chosen
        left join marts.fct_workforce as workforce
            on
                councils.organisation_code = workforce.organisation_code
                and chosen.source_document = workforce.source_document
                and chosen.as_at_date = workforce.as_at_date
                and workforce.return_group = 'occupational_therapists'
        order by council
        """
    )
    _people = ask(
        """
        select
            councils.organisation_name as council,
            return_groups.return_group_name,
            workforce.headcount,
            workforce.headcount_status,
            workforce.value_note
        from councils
        cross join chosen
        cross join reference.return_groups as return_groups
        left join marts.fct_workforce as workforce
            on
                councils.organisation_code = workforce.organisation_code
                and chosen.source_document = workforce.source_document
                and chosen.as_at_date = workforce.as_at_date
                and return_groups.return_group = workforce.return_group
        order by council, return_groups.figure
        """
    )
    _statuses = ask(
        """
        select distinct statuses.value_status, statuses.meaning
        from marts.fct_workforce as workforce
        inner join councils using (organisation_code)
        inner join chosen using (source_document, as_at_date)
        inner join reference.value_statuses as statuses
            on statuses.value_status in (
                workforce.headcount_status,
                workforce.fte_status,
                workforce.fte_permanent_status,
                workforce.fte_temporary_status,
                workforce.fte_vacant_status
            )
        where statuses.value_status not in ('reported', 'reported_with_note')
        order by statuses.value_status
        """
    )
    _groups = list(dict.fromkeys(row["return_group_name"] for row in _people))
    _by_council: dict[str, list[str | tuple[str, str]]] = {}
    for _row in _people:
        _by_council.setdefault(_row["council"], []).append(council_number(_row, "headcount", 0))
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
                    "" if row["fte_status"] == "reported" else words(row["fte_status"] or "no_return"),
                )
                for row in _returned
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
                for row in _returned
            ],
        ),
        table(
            "People in post by council and group",
            ["Council", *(f"{group}>" for group in _groups)],
            [[council, *numbers] for council, numbers in _by_council.items()],
        ),
        bullets([f"{words(row['value_status']).capitalize()}: {row['meaning']}." for row in _statuses])
        if _statuses
        else "",
    )
    return


@app.cell(hide_code=True)
def _(ask, collection, region_name):
    _totals = ask(
        """
        select
            learner_type,
            sum(pipeline_count) as learners,
            count(distinct organisation_code) filter (pipeline_count is not null) as councils_returned,
            (select count(*) from councils) as councils_expected
        from marts.fct_pipeline
        inner join councils using (organisation_code)
        inner join chosen using (source_document, as_at_date)
        group by learner_type
        """
    )
    _routes = ask(
        """
        select
            funding_route,
            funding_status,
            sum(pipeline_count) as apprentices,
            count(distinct organisation_code) as councils
        from marts.fct_pipeline
        inner join councils using (organisation_code)
        inner join chosen using (source_document, as_at_date)
        where learner_type = 'degree_apprentice' and funding_status != 'not_applicable'
        group by funding_route, funding_status
        order by funding_route nulls last, funding_status
        """
    )
    _councils = ask(
        """
        select
            councils.organisation_name as council,
            sum(pipeline_count) filter (learner_type = 'student') as students,
            sum(pipeline_count) filter (learner_type = 'degree_apprentice') as apprentices,
            any_value(funding_text) as funding_text
        from councils
        cross join chosen
        left join marts.fct_pipeline as pipeline
            on
                councils.organisation_code = pipeline.organisation_code
                and chosen.source_document = pipeline.source_document
                and chosen.as_at_date = pipeline.as_at_date
        group by council
        order by council
        """
    )
    _learners = {row["learner_type"]: row for row in _totals}

    def _behind(learner_type: str) -> str:
        row = _learners.get(learner_type, {})
        return (
            f"{number(row.get('learners'), 0)} "
            f"({row.get('councils_returned', 0)} of {row.get('councils_expected', len(_councils))} councils)"
        )

    page(
        element("h2", "Students and apprentices"),
        element(
            "p",
            f"Student placements offered: {_behind('student')}. Degree apprentices: {_behind('degree_apprentice')}. "
            f"Both stand for the academic year {collection.value['academic_year'] or 'that the report does not name'}, "
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
                    str(row["councils"]),
                ]
                for row in _routes
            ],
        ),
        element("p", COMPARING, "caution"),
        table(
            "Students and degree apprentices by council",
            ["Council", "Student placements>", "Apprentices>", "Funding, as the council wrote it"],
            [
                [row["council"], number(row["students"], 0), number(row["apprentices"], 0), row["funding_text"] or ""]
                for row in _councils
            ],
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask, collection, region_name):
    _pay = ask(
        """
        select
            job_families.job_family_name,
            min(pay.pay_minimum) as lowest,
            max(pay.pay_maximum) as highest,
            count(distinct pay.organisation_code) filter (pay.pay_minimum is not null) as councils_giving_pay,
            (select count(*) from councils) as councils_expected
        from reference.job_families as job_families
        inner join marts.fct_pay_scale as pay using (job_family)
        inner join councils using (organisation_code)
        inner join chosen using (source_document, as_at_date)
        group by job_families.job_family_name, job_families.sort_order
        order by job_families.sort_order
        """
    )

    _given = [(row["job_family_name"], row["lowest"], row["highest"]) for row in _pay if row["lowest"] is not None]

    def _pounds(amount: int | None) -> str:
        return "not supplied" if amount is None else f"£{amount:,}"

    page(
        element("h2", "Pay"),
        element(
            "p",
            "The lowest and the highest yearly pay that any council of the region gives for a job family, supplements "
            "not included, for the pay year "
            f"{collection.value['pay_year'] or 'that the report does not name'}. Councils grade the same work "
            "differently, so the two ends may come from two councils, and the range is no council's own.",
        ),
        ""
        if not _given
        else pay_chart(
            f"Lowest to highest pay by job family, {region_name}, in pounds a year.",
            _given,
        ),
        table(
            f"Pay by job family, {region_name}",
            ["Job family", "Lowest>", "Highest>", "Councils giving pay>"],
            [
                [
                    row["job_family_name"],
                    _pounds(row["lowest"]),
                    _pounds(row["highest"]),
                    f"{row['councils_giving_pay']} of {row['councils_expected']}",
                ]
                for row in _pay
            ],
        ),
    )
    return


@app.cell(hide_code=True)
def _(ask, measures):
    _leadership = ask(
        """
        select
            councils.organisation_name as council,
            leadership.has_principal_ot,
            leadership.value_status,
            leadership.managers_headcount
        from councils
        cross join chosen
        left join marts.fct_leadership as leadership
            on
                councils.organisation_code = leadership.organisation_code
                and chosen.source_document = leadership.source_document
                and chosen.as_at_date = leadership.as_at_date
        order by council
        """
    )
    _without = [value_of(row) for row in measures if row["measure"] == "councils_without_principal_ot"]
    _answers = {True: "yes", False: "no", None: "not known"}
    page(
        element("h2", "Principal occupational therapists"),
        element("p", COMPARING, "caution"),
        *(
            element(
                "p",
                f"Councils without a principal occupational therapist: {without}. The report names only those; that "
                "every other council has one is inferred from its silence.",
            )
            for without in _without
        ),
        table(
            "Principal occupational therapist in post, by council",
            ["Council", "In post", "How it is known", "Managers returned, principals included>"],
            [
                [
                    row["council"],
                    _answers[row["has_principal_ot"]],
                    HOW_KNOWN.get(row["value_status"]) or words(row["value_status"] or "no_return"),
                    number(row["managers_headcount"], 0),
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
                or findings.organisation_name = 'Total ' || chosen.region
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
                    row["organisation_name"] or "The whole report",
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
def _(ask, collection, release):
    _files = ask(
        """
        select submissions.figures, submissions.source_file, submissions.received_at, submissions.sha256
        from quality.submissions as submissions
        where submissions.submission_id in (
            select fact.submission_id
            from (
                select submission_id, organisation_code, source_document, as_at_date from marts.fct_workforce
                union
                select submission_id, organisation_code, source_document, as_at_date from marts.fct_pipeline
                union
                select submission_id, organisation_code, source_document, as_at_date from marts.fct_pay_scale
                union
                select submission_id, organisation_code, source_document, as_at_date from marts.fct_leadership
            ) as fact
            inner join councils using (organisation_code)
            inner join chosen using (source_document, as_at_date)
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
    page(
        element("h2", "Where the numbers come from"),
        element(
            "p",
            f"Release {release.release_id} of the AHP workforce warehouse, made {present.moment(release.created_at)}. "
            f"Document: {collection.value['document_title']}, published {day(collection.value['published_on'])}. "
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
