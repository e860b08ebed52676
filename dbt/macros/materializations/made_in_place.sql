{# Tables and views made under their own names at once. The warehouse is private and has one writer, and every night begins #}
{# with a file that does not hold them, so nobody reads an older one meanwhile that would have to be moved aside. dbt's own #}
{# way makes each under another name and renames it, which takes a fifth of a night's building. What is not used here is #}
{# left out: grants, indexes, comments (the release has the descriptions), and hooks, which a test refuses. #}

{% materialization table, adapter='duckdb' %}
    {{ return(made_in_place(this.incorporate(type='table'))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(made_in_place(this.incorporate(type='view'))) }}
{% endmaterialization %}

{% macro made_in_place(target) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is not none %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% call statement('main') %}
        {{ get_create_view_as_sql(target, sql) if target.type == 'view' else create_table_as(False, target, sql) }}
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmacro %}
