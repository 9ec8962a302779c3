{%- set partition = partitions[0] -%}
ALTER TABLE {{ table }} PARTITION (year = {{ partition.year }}, month = {{ partition.month }})
SET LOCATION {{ partition.location }}
