SELECT
    {%- for column in columns %}
    {{ column.name }},
    {%- endfor %}
    year,
    month
FROM {{ selected_table }}
