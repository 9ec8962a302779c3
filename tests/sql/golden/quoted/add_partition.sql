ALTER TABLE `account1_data`.`orders` ADD IF NOT EXISTS
PARTITION (year = 2023, month = 12) LOCATION 's3://account1-athena-test-111111111111/data/2023/12/'
PARTITION (year = 2024, month = 1) LOCATION 's3://account1-athena-test-111111111111/data/2024/01/'
PARTITION (year = 2024, month = 2) LOCATION 's3://account1-athena-test-111111111111/data/2024/02/'
