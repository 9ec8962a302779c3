ALTER TABLE `account1_data`.`orders` PARTITION (year = 2023, month = 12)
SET LOCATION 's3://account1-athena-test-111111111111/data/2023/12/'
