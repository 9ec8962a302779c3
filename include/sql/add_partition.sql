ALTER TABLE {{ table }} ADD IF NOT EXISTS
{%- for partition in partitions %}
PARTITION (year = {{ partition.year }}, month = {{ partition.month }}) LOCATION {{ partition.location }}
{%- endfor %}
