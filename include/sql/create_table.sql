CREATE EXTERNAL TABLE IF NOT EXISTS {{ table }} (
    {%- for column in columns %}
    {{ column.ddl_name }} {{ column.type }}{{ "," if not loop.last }}
    {%- endfor %}
)
PARTITIONED BY (year INT, month INT)
{%- if serde == "open_csv" %}
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
WITH SERDEPROPERTIES ('separatorChar' = {{ delimiter }}, 'quoteChar' = '"', 'escapeChar' = '\\')
{%- else %}
ROW FORMAT DELIMITED
FIELDS TERMINATED BY {{ delimiter }}
{%- endif %}
STORED AS TEXTFILE
LOCATION {{ location }}
{%- if header %}
TBLPROPERTIES ('skip.header.line.count' = '1')
{%- endif %}
