SELECT
    year,
    month,
    count(*) AS row_count
    {%- for column in checked_columns %},
    count_if(
        {{ column.name }} IS NULL{{ " OR " ~ column.name ~ " = ''" if column.is_text }}
    ) AS c{{ loop.index }}_empties
    {%- if column.scale is not none %},
    sum(cast({{ column.name }} AS DECIMAL(38, {{ column.scale }}))) AS c{{ loop.index }}_total
{%- endif %}{% endfor %}
FROM {{ selected_table }}
WHERE
{%- for partition in partitions %}
    {{ "OR " if not loop.first }}(year = {{ partition.year }} AND month = {{ partition.month }})
{%- endfor %}
GROUP BY year, month
ORDER BY year, month
