with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),


pipeline as (

    select
        source,
        as_at_date,
        organisation_code,
        max(case when learner_type = 'student' then learners end) as students,
        max(case when learner_type = 'degree_apprentice' then learners end) as apprentices
    from {{ ref('int_pipeline__learners') }}
    group by source, as_at_date, organisation_code

),

leadership as (

    select * from {{ ref('fct_leadership') }}

),

population as (

    select * from {{ ref('population') }}

),

-- The newest estimate made for a day no later than the numbers.
population_dates as (

    select
        expected.as_at_date,
        max(population.reference_date) as reference_date
    from (select distinct as_at_date from expected) as expected
    inner join (select distinct reference_date from population) as population
        on expected.as_at_date >= population.reference_date
    group by expected.as_at_date

),

-- A council's pay in a job family beside the band of the same pay year; of several ranges the lowest and the highest end.
pay as (

    select
        source,
        as_at_date,
        organisation_code,
        job_family,
        pay_year,
        min(council_pay) filter (where comparison_point = 'entry') as entry_pay,
        min(agenda_for_change_pay) filter (where comparison_point = 'entry') as entry_band_pay,
        max(council_pay) filter (where comparison_point = 'top') as top_pay,
        max(agenda_for_change_pay) filter (where comparison_point = 'top') as top_band_pay
    from {{ ref('pay_parity') }}
    where gap_status in ('reported', 'uncertain')
    group by source, as_at_date, organisation_code, job_family, pay_year

),

pay_families as (

    select distinct
        source,
        as_at_date,
        job_family
    from pay

),

pay_years as (

    select distinct
        source,
        as_at_date,
        pay_year
    from pay
    where job_family = 'entry_ot'

),

policies as (

    select
        max(case when policy = 'reliant_temporary_share' then value end) as reliant_temporary_share,
        max(case when policy = 'edi_smallest_group' then value end) as smallest_group
    from {{ ref('policies') }}

),

definitions as (

    select * from {{ ref('measures') }}

),

-- What the roles of each group rest on; a group whose headcount is not wholly known says nothing of it.
coded as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        coding_basis,
        case when count(headcount) = count(*) then sum(headcount) end as headcount,
        case when count(headcount) = count(*) then coalesce(sum(headcount) filter (where role_code is not null), 0) end
            as headcount_with_role
    from {{ ref('int_workforce__returns') }}
    group by source, as_at_date, organisation_code, return_group, coding_basis

),

coded_groups as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        case when count(headcount) = count(*) then sum(headcount_with_role) end as headcount_with_role
    from coded
    group by source, as_at_date, organisation_code, return_group

),

bases as (

    select distinct
        source,
        as_at_date,
        coding_basis
    from coded

),

-- What the roles of single organisations rest on where records of people say them; who holds two roles counts in both.
organisation_bases as (

    select
        'nhs_organisation' as geography_type,
        organisation_code,
        organisation_name,
        as_at_date,
        source,
        source_document,
        coding_basis,
        count(*) as headcount
    from (
        select distinct
            organisation_code,
            organisation_name,
            as_at_date,
            source,
            source_document,
            coding_basis,
            person_key,
            role_code,
            profession
        from {{ ref('int_esr__assignments') }}
        where is_ahp and is_counted and is_known_organisation
    )
    group by organisation_code, organisation_name, as_at_date, source, source_document, coding_basis
    union all
    select
        'council' as geography_type,
        organisation_code,
        organisation_name,
        as_at_date,
        source,
        source_document,
        coding_basis,
        sum(headcount) as headcount
    from {{ ref('int_asc_wds__workforce') }}
    group by organisation_code, organisation_name, as_at_date, source, source_document, coding_basis

),

organisation_shares as (

    select
        bases.geography_type,
        bases.organisation_code as geography_code,
        bases.organisation_name as geography_name,
        bases.as_at_date,
        bases.source,
        bases.source_document,
        bases.coding_basis as field,
        bases.headcount,
        sum(bases.headcount) over (
            partition by bases.source, bases.organisation_code, bases.as_at_date, bases.source_document
        ) as headcount_of_all
    from organisation_bases as bases

),

-- One row per council of a geography: its groups side by side, for measures that set one group against another.
councils as (

    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.source_document,
        expected.organisation_code,
        {% for group, short in {
            'occupational_therapists': 'ot', 'other_ahps': 'other_ahp', 'non_registered_assessors': 'assessor',
            'senior_practitioners': 'senior'
        }.items() %}
        max(case when expected.return_group = '{{ group }}' then expected.headcount end) as {{ short }}_headcount,
        max(case when expected.return_group = '{{ group }}' then expected.fte end) as {{ short }}_fte,
        {% endfor %}
        max(case when expected.return_group = 'occupational_therapists' then expected.fte_temporary end) as ot_fte_temporary,
        max(pipeline.students) as students,
        max(pipeline.apprentices) as apprentices,
        max(case when leadership.has_principal_ot then 1 when not leadership.has_principal_ot then 0 end) as principal_ots,
        max(case when leadership.has_ahp_lead then 1 when not leadership.has_ahp_lead then 0 end) as ahp_leads
    from expected
    left join pipeline
        on
            expected.source = pipeline.source
            and expected.as_at_date = pipeline.as_at_date
            and expected.organisation_code = pipeline.organisation_code
    left join leadership
        on
            expected.source = leadership.source
            and expected.as_at_date = leadership.as_at_date
            and expected.organisation_code = leadership.organisation_code
    group by
        expected.geography_type, expected.geography_code, expected.geography_name, expected.as_at_date,
        expected.source, expected.source_document, expected.organisation_code

),

-- What each council adds to numerator and denominator of each measure; null where it cannot add to both.
parts as (

    {% for measure, numerator, denominator in [
        ('vacancy_rate', 'fte_vacant', 'fte_vacant + fte'),
        ('temporary_share', 'fte_temporary', 'fte'),
        ('fte_per_head', 'fte', 'headcount'),
    ] %}
    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        organisation_code,
        '{{ measure }}' as measure,
        return_group,
        cast(null as varchar) as field,
        case when {{ denominator }} is not null then {{ numerator }} end as numerator,
        case when {{ numerator }} is not null then {{ denominator }} end as denominator
    from expected
    union all
    {% endfor %}
    {% for field in ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        organisation_code,
        'coverage' as measure,
        return_group,
        '{{ field }}' as field,
        case when {{ field }} is null then 0 else 1 end as numerator,
        1 as denominator
    from expected
    union all
    {% endfor %}
    {% for measure, numerator, denominator in [
        ('non_registered_per_registered_headcount', 'assessor_headcount', 'ot_headcount + other_ahp_headcount + senior_headcount'),
        ('non_registered_per_registered_fte', 'assessor_fte', 'ot_fte + other_ahp_fte + senior_fte'),
        ('practitioners_per_senior_fte', 'ot_fte', 'senior_fte'),
        ('students_per_ot', 'students', 'ot_headcount'),
        ('apprentices_per_ot', 'apprentices', 'ot_headcount'),
        ('councils_with_temporary_funding', 'case when ot_fte_temporary > 0 then 1 else 0 end + 0 * ot_fte_temporary', '1 + 0 * ot_fte_temporary'),
        ('councils_with_students', 'case when students > 0 then 1 else 0 end + 0 * students', '1 + 0 * students'),
        ('councils_without_principal_ot', '1 - principal_ots', '1 + 0 * principal_ots'),
        ('councils_with_ahp_lead', 'ahp_leads', '1 + 0 * ahp_leads'),
    ] %}
    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        organisation_code,
        '{{ measure }}' as measure,
        cast(null as varchar) as return_group,
        cast(null as varchar) as field,
        case when {{ denominator }} is not null then {{ numerator }} end as numerator,
        case when {{ numerator }} is not null then {{ denominator }} end as denominator
    from councils
    union all
    {% endfor %}
    select
        councils.geography_type,
        councils.geography_code,
        councils.geography_name,
        councils.as_at_date,
        councils.source,
        councils.source_document,
        councils.organisation_code,
        'councils_reliant_on_temporary_funding' as measure,
        cast(null as varchar) as return_group,
        cast(null as varchar) as field,
        case
            when councils.ot_fte is null or councils.ot_fte_temporary is null then null
            when councils.ot_fte = 0 then 0
            when councils.ot_fte_temporary / councils.ot_fte >= policies.reliant_temporary_share then 1
            else 0
        end as numerator,
        case when councils.ot_fte is not null and councils.ot_fte_temporary is not null then 1 end as denominator
    from councils
    cross join policies
    union all
    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.source_document,
        expected.organisation_code,
        'fte_per_100000_aged_65_and_over' as measure,
        expected.return_group,
        cast(population_dates.reference_date as varchar) as field,
        case when population.people_65_and_over is not null then expected.fte end as numerator,
        case when expected.fte is not null then population.people_65_and_over end as denominator
    from expected
    inner join population_dates on expected.as_at_date = population_dates.as_at_date
    left join population
        on
            expected.organisation_code = population.organisation_code
            and population_dates.reference_date = population.reference_date
    {% for measure, point in [
        ('councils_paying_below_nhs_at_entry', 'entry'), ('councils_paying_below_nhs_at_top', 'top')
    ] %}
    union all
    select
        councils.geography_type,
        councils.geography_code,
        councils.geography_name,
        councils.as_at_date,
        councils.source,
        councils.source_document,
        councils.organisation_code,
        '{{ measure }}' as measure,
        cast(null as varchar) as return_group,
        pay_families.job_family as field,
        cast(pay.{{ point }}_pay < pay.{{ point }}_band_pay as integer) as numerator,
        case when pay.{{ point }}_pay < pay.{{ point }}_band_pay is not null then 1 end as denominator
    from councils
    inner join pay_families on councils.source = pay_families.source and councils.as_at_date = pay_families.as_at_date
    left join pay
        on
            councils.source = pay.source
            and councils.as_at_date = pay.as_at_date
            and councils.organisation_code = pay.organisation_code
            and pay_families.job_family = pay.job_family
    {% endfor %}
    union all
    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.source_document,
        expected.organisation_code,
        'role_known_share' as measure,
        expected.return_group,
        cast(null as varchar) as field,
        case when expected.headcount is not null then coded_groups.headcount_with_role end as numerator,
        case when coded_groups.headcount_with_role is not null then expected.headcount end as denominator
    from expected
    left join coded_groups
        on
            expected.source = coded_groups.source
            and expected.as_at_date = coded_groups.as_at_date
            and expected.organisation_code = coded_groups.organisation_code
            and expected.return_group = coded_groups.return_group
    union all
    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.source_document,
        expected.organisation_code,
        'role_basis_share' as measure,
        expected.return_group,
        bases.coding_basis as field,
        case
            when expected.headcount is not null and coded_groups.headcount_with_role is not null
                then coalesce(coded.headcount, 0)
        end as numerator,
        case when coded_groups.headcount_with_role is not null then expected.headcount end as denominator
    from expected
    inner join bases on expected.source = bases.source and expected.as_at_date = bases.as_at_date
    left join coded_groups
        on
            expected.source = coded_groups.source
            and expected.as_at_date = coded_groups.as_at_date
            and expected.organisation_code = coded_groups.organisation_code
            and expected.return_group = coded_groups.return_group
    left join coded
        on
            expected.source = coded.source
            and expected.as_at_date = coded.as_at_date
            and expected.organisation_code = coded.organisation_code
            and expected.return_group = coded.return_group
            and bases.coding_basis = coded.coding_basis

),

summed as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        measure,
        return_group,
        field,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        count(*) as councils_expected,
        case when measure = 'coverage' then sum(numerator) else count(denominator) end as councils_returned
    from parts
    group by
        geography_type, geography_code, geography_name, as_at_date, source, source_document, measure, return_group, field
    union all
    -- A difference between employers is no sum over them; the NHS, whose pay is the same everywhere, is one of them.
    select
        councils.geography_type,
        councils.geography_code,
        councils.geography_name,
        councils.as_at_date,
        councils.source,
        councils.source_document,
        'entry_pay_spread' as measure,
        cast(null as varchar) as return_group,
        pay_years.pay_year as field,
        case
            when count(pay.entry_pay) > 0
                then
                    greatest(max(pay.entry_pay), max(pay.entry_band_pay)) - least(min(pay.entry_pay), min(pay.entry_band_pay))
        end as numerator,
        case when count(pay.entry_pay) > 0 then count(pay.entry_pay) + 1 end as denominator,
        count(*) as councils_expected,
        count(pay.entry_pay) as councils_returned
    from councils
    inner join pay_years on councils.source = pay_years.source and councils.as_at_date = pay_years.as_at_date
    left join pay
        on
            councils.source = pay.source
            and councils.as_at_date = pay.as_at_date
            and councils.organisation_code = pay.organisation_code
            and pay_years.pay_year = pay.pay_year
            and pay.job_family = 'entry_ot'
    where councils.geography_type = 'ics'
    group by
        councils.geography_type, councils.geography_code, councils.geography_name, councils.as_at_date, councils.source,
        councils.source_document, pay_years.pay_year
    union all
    select
        shares.geography_type,
        shares.geography_code,
        shares.geography_name,
        shares.as_at_date,
        shares.source,
        shares.source_document,
        'role_basis_share' as measure,
        cast(null as varchar) as return_group,
        shares.field,
        if(shares.headcount_of_all >= policies.smallest_group, shares.headcount, null) as numerator,
        if(shares.headcount_of_all >= policies.smallest_group, shares.headcount_of_all, null) as denominator,
        1 as councils_expected,
        1 as councils_returned
    from organisation_shares as shares
    cross join policies

)

select
    summed.geography_type,
    summed.geography_code,
    summed.geography_name,
    summed.as_at_date,
    summed.source,
    summed.source_document,
    summed.measure,
    summed.return_group,
    summed.field,
    cast(summed.numerator as decimal(18, 4)) as numerator,
    cast(summed.denominator as decimal(18, 4)) as denominator,
    case
        when definitions.unit in ('councils', 'pounds a year') then cast(summed.numerator as double)
        when summed.denominator = 0 then null
        when definitions.unit = 'percent' then 100.0 * cast(summed.numerator as double) / cast(summed.denominator as double)
        when definitions.unit = 'FTE per 100,000 people'
            then 100000.0 * cast(summed.numerator as double) / cast(summed.denominator as double)
        else cast(summed.numerator as double) / cast(summed.denominator as double)
    end as value,
    definitions.unit,
    definitions.definition,
    case
        -- Somebody stands behind it, and too few to be shown a share of.
        when summed.denominator is null and summed.councils_returned > 0 then 'withheld'
        when summed.denominator is null then 'not_supplied'
        when summed.denominator = 0 then 'not_applicable'
        when summed.councils_returned < summed.councils_expected then 'partial'
        else 'complete'
    end as status,
    cast(summed.councils_expected as bigint) as councils_expected,
    cast(summed.councils_returned as bigint) as councils_returned,
    definitions.caveat
from summed
inner join definitions on summed.measure = definitions.measure
