-- Staff of one group: each council, and the totals of systems and regions as released
with

given as (

    select
        facts.organisation_code,
        facts.as_at_date,
        facts.return_group,
        arg_max(facts.headcount_status, statuses.sort_order) as headcount_status,
        arg_max(facts.fte_status, fte_statuses.sort_order) as fte_status,
        arg_max(facts.fte_permanent_status, permanent_statuses.sort_order) as fte_permanent_status,
        arg_max(facts.fte_temporary_status, temporary_statuses.sort_order) as fte_temporary_status,
        arg_max(facts.fte_vacant_status, vacant_statuses.sort_order) as fte_vacant_status,
        list(distinct facts.value_note) filter (where facts.value_note is not null)
        || list(distinct facts.transcription_note) filter (where facts.transcription_note is not null) as notes
    from marts.fct_workforce as facts
    left join reference.value_statuses as statuses on facts.headcount_status = statuses.value_status
    left join reference.value_statuses as fte_statuses on facts.fte_status = fte_statuses.value_status
    left join reference.value_statuses as permanent_statuses on facts.fte_permanent_status = permanent_statuses.value_status
    left join reference.value_statuses as temporary_statuses on facts.fte_temporary_status = temporary_statuses.value_status
    left join reference.value_statuses as vacant_statuses on facts.fte_vacant_status = vacant_statuses.value_status
    where facts.source = 'council_returns'
    group by facts.organisation_code, facts.as_at_date, facts.return_group

),

-- What says of a total that it is not what it seems; what is said of every area stands above the table or on its own sheet.
known as (

    select
        geography_type,
        geography_code,
        as_at_date,
        source,
        list(message order by return_group nulls first, caveat, message) as messages
    from quality.area_caveats
    where
        geography_type <> 'council'
        and caveat in ('coverage', 'service_age_scope', 'mixed_sources', 'break_in_series')
        and (return_group is null or return_group = getvariable('return_group'))
    group by geography_type, geography_code, as_at_date, source

)

select
    areas.area_kind,
    workforce.geography_name,
    workforce.geography_code,
    workforce.as_at_date,
    workforce.source,
    workforce.headcount,
    given.headcount_status,
    workforce.fte,
    given.fte_status,
    workforce.fte_permanent,
    given.fte_permanent_status,
    workforce.fte_temporary,
    given.fte_temporary_status,
    workforce.fte_vacant,
    given.fte_vacant_status,
    workforce.councils_returned,
    workforce.councils_expected,
    replace(workforce.value_status, '_', ' ') as value_status,
    coalesce(given.notes, []) || coalesce(known.messages, []) as notes
from marts.regional_workforce as workforce
inner join chosen_areas as areas
    on workforce.geography_type = areas.geography_type and workforce.geography_code = areas.geography_code
left join given
    on
        areas.geography_type = 'council'
        and workforce.geography_code = given.organisation_code
        and workforce.as_at_date = given.as_at_date
        and workforce.return_group = given.return_group
left join known
    on
        workforce.geography_type = known.geography_type
        and workforce.geography_code = known.geography_code
        and workforce.as_at_date = known.as_at_date
        and workforce.source = known.source
where workforce.source = 'council_returns' and workforce.return_group = getvariable('return_group')
order by areas.kind_order, workforce.geography_name, workforce.geography_code, workforce.as_at_date desc
