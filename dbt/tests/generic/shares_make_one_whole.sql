{# On every day on which a council's rows begin, its shares within one kind of geography sum to 1 and one of them is the main. #}
{% test shares_make_one_whole(model, share_column, main_column, belongs_to, valid_from_column, valid_to_column) %}

with

first_days as (

    select distinct
        {{ belongs_to | join(', ') }},
        {{ valid_from_column }} as first_day
    from {{ model }}

),

on_the_day as (

    select
        {% for column in belongs_to %}
        first_days.{{ column }},
        {% endfor %}
        first_days.first_day,
        sum(parts.{{ share_column }}) as share_total,
        count(*) filter (where parts.{{ main_column }}) as main_parts
    from first_days
    inner join {{ model }} as parts
        on
            first_days.first_day >= parts.{{ valid_from_column }}
            and (parts.{{ valid_to_column }} is null or first_days.first_day <= parts.{{ valid_to_column }})
            {% for column in belongs_to %}
            and first_days.{{ column }} = parts.{{ column }}
            {% endfor %}
    group by {% for column in belongs_to %}first_days.{{ column }}, {% endfor %}first_days.first_day

)

select * from on_the_day
where share_total <> 1 or main_parts <> 1

{% endtest %}
