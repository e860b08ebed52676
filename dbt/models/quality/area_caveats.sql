with

expected as (

    select
        expected.*,
        organisations.organisation_name,
        {{ in_a_sentence('return_groups.return_group_name') }} as group_in_words
    from {{ ref('int_geography__expected_returns') }} as expected
    inner join {{ ref('organisations') }} as organisations on expected.organisation_code = organisations.organisation_code
    inner join {{ ref('return_groups') }} as return_groups on expected.return_group = return_groups.return_group

),

returns as (

    select * from {{ ref('int_workforce__returns') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

trend as (

    select * from {{ ref('workforce_trend') }}

),

areas as (

    select distinct
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source
    from expected

),

-- Rows of the councils of each area, each with what it rests on.
rows_of_area as (

    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.return_group,
        expected.group_in_words,
        expected.organisation_name,
        returns.* exclude (as_at_date, source, return_group, organisation_name),
        documents.title,
        documents.as_at_basis
    from expected
    inner join returns
        on
            expected.source = returns.source
            and expected.as_at_date = returns.as_at_date
            and expected.organisation_code = returns.organisation_code
            and expected.return_group = returns.return_group
    inner join documents
        on
            returns.source = documents.source
            and returns.source_document = documents.source_document
            and returns.as_at_date = documents.as_at_date

),

council_against_council as (

    select
        *,
        cast(null as varchar) as return_group,
        'council_against_council' as caveat,
        'Comparing one council with another is unreliable without an evaluation of the service behind each number.' as message
    from areas

),

coverage as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        return_group,
        'coverage' as caveat,
        format(
            'Headcount of {}: {} of {} councils gave it; missing: {}.',
            group_in_words,
            count(headcount),
            count(*),
            string_agg(organisation_name, ', ' order by organisation_name) filter (where headcount is null)
        ) as message
    from expected
    group by geography_type, geography_code, geography_name, as_at_date, source, return_group, group_in_words
    having count(headcount) < count(*)

),

scopes as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        service_age_scope,
        replace(service_age_scope, '_', ' ') || ' ('
        || string_agg(distinct organisation_name, ', ' order by organisation_name) || ')' as named
    from rows_of_area
    group by geography_type, geography_code, geography_name, as_at_date, source, service_age_scope

),

ages as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        cast(null as varchar) as return_group,
        'service_age_scope' as caveat,
        'Services of different ages stand in one total: ' || string_agg(named, '; ' order by named) || '.' as message
    from scopes
    group by geography_type, geography_code, geography_name, as_at_date, source
    having count(*) > 1

),

coding as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        return_group,
        'coding' as caveat,
        format(
            'The role of {} of {} {} is not known, only their group.',
            cast(sum(headcount) filter (where role_code is null) as bigint),
            cast(sum(headcount) as bigint),
            group_in_words
        ) as message
    from rows_of_area
    group by geography_type, geography_code, geography_name, as_at_date, source, return_group, group_in_words
    having sum(headcount) filter (where role_code is null) > 0

),

{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
doubt as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        return_group,
        'read_with_doubt' as caveat,
        format(
            'Numbers of {} read with doubt: {}.',
            group_in_words,
            string_agg(distinct organisation_name, ', ' order by organisation_name)
        ) as message
    from rows_of_area
    where 'uncertain' in ({{ measures | join('_status, ') }}_status)
    group by geography_type, geography_code, geography_name, as_at_date, source, return_group, group_in_words

),

mixed_documents as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        cast(null as varchar) as return_group,
        'mixed_sources' as caveat,
        'Numbers of several collections stand in one total: ' || string_agg(distinct title, '; ' order by title) || '.' as message
    from rows_of_area
    group by geography_type, geography_code, geography_name, as_at_date, source
    having count(distinct source_document) > 1

),

dates as (

    select distinct
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        cast(null as varchar) as return_group,
        'day_not_stated' as caveat,
        'The day is that of publication: ' || title || ' does not say on which day its numbers were taken.' as message
    from rows_of_area
    where as_at_basis = 'publication'

),

breaks as (

    select
        trend.geography_type,
        trend.geography_code,
        trend.geography_name,
        trend.as_at_date,
        trend.source,
        trend.return_group,
        'break_in_series' as caveat,
        format(
            'Change of {} since {}: {}.',
            {{ in_a_sentence('return_groups.return_group_name') }},
            coalesce(strftime(max(trend.previous_as_at_date), '%-d %B %Y'), 'the day before'),
            string_agg(distinct trend.breaks, '; ' order by trend.breaks)
        ) as message
    from trend
    inner join {{ ref('return_groups') }} as return_groups on trend.return_group = return_groups.return_group
    where trend.breaks is not null and trend.comparability <> 'comparable'
    group by
        trend.geography_type, trend.geography_code, trend.geography_name, trend.as_at_date, trend.source, trend.return_group,
        return_groups.return_group_name

)

{% for caveat in [
    'council_against_council', 'coverage', 'ages', 'coding', 'doubt', 'mixed_documents', 'dates', 'breaks'
] %}
select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    source,
    return_group,
    caveat,
    message
from {{ caveat }}
{{ 'union all' if not loop.last }}
{% endfor %}
