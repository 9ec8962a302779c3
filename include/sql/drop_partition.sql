ALTER TABLE {{ table }} DROP IF EXISTS
{%- for partition in partitions %}
PARTITION (year = {{ partition.year }}, month = {{ partition.month }}){{ "," if not loop.last }}
{%- endfor %}
