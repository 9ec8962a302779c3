ALTER TABLE `account1_data`.`events` PARTITION (year = 2023, month = 12)
SET LOCATION 's3://account1-athena-test-111111111111/account1/data/sales/y=2023/m=12/'
