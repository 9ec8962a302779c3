SELECT
    year,
    month,
    count(*) AS row_count
    {%- for c in checked_columns %},
    count_if({{ c.name }} IS NULL{{ " OR " ~ c.name ~ " = ''" if c.is_text }}) AS c{{ loop.index }}_empties
    {%- if c.scale is not none %},
    sum(cast({{ c.name }} AS DECIMAL(38, {{ c.scale }}))) AS c{{ loop.index }}_total
{%- endif %}{% endfor %}
FROM {{ selected_table }}
WHERE
{%- for partition in partitions %}
    {{ "OR " if not loop.first }}(year = {{ partition.year }} AND month = {{ partition.month }})
{%- endfor %}
GROUP BY year, month
ORDER BY year, month
