-- Every decision of a person on a job title: those that come with the code, and those accepted since.
with

shipped as (

    select * from {{ ref('role_decisions') }}

),

accepted as (

    select * from {{ source('landed', 'role_decisions') }}

)

select
    *,
    cast(decided_on as timestamp) as accepted_at,
    0 as source_row,
    cast(null as varchar) as source_file
from shipped
union all by name
select * exclude (submission_id)
from accepted
