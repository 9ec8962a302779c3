CREATE EXTERNAL TABLE IF NOT EXISTS `account1_data`.`events` (
    `at` TIMESTAMP,
    `value` DOUBLE
)
PARTITIONED BY (year INT, month INT)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ';'
STORED AS TEXTFILE
LOCATION 's3://account1-athena-test-111111111111/account1/data/sales/'
TBLPROPERTIES ('skip.header.line.count' = '1')
