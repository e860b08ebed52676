-- Every decision that was known when the warehouse was made, with the days from and to which it holds.
with

decisions as (

    select *
    from {{ ref('stg_store__role_decisions') }}
    -- A night of the past, made again, knows no more than it did.
    where greatest(accepted_at, cast(decided_on as timestamp)) <= cast(getvariable('refreshed_at') as timestamp)

),

texts as (

    select * from {{ ref('int_roles__texts') }}

)

select
    decisions.*,
    texts.title_plain,
    texts.afc_band_level,
    decisions.decided_on as valid_from,
    lead(decisions.decided_on) over (
        partition by texts.title_plain, texts.afc_band_level, decisions.employer_type
        order by decisions.decided_on, decisions.accepted_at, decisions.source_row
    ) as valid_to
from decisions
inner join texts
    on
        decisions.title_raw = texts.title_raw
        and decisions.band_or_grade is not distinct from texts.band_or_grade
        and coalesce(decisions.employer_type, 'unknown') = texts.employer_type
