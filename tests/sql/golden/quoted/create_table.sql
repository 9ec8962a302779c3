CREATE EXTERNAL TABLE IF NOT EXISTS `account1_data`.`orders` (
    `select` STRING,
    `1st` VARCHAR(20),
    `from` BIGINT,
    `_x` DECIMAL(38,18),
    `paid` BOOLEAN
)
PARTITIONED BY (year INT, month INT)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
WITH SERDEPROPERTIES ('separatorChar' = '\t', 'quoteChar' = '"', 'escapeChar' = '\\')
STORED AS TEXTFILE
LOCATION 's3://account1-athena-test-111111111111/'
