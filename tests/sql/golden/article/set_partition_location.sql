ALTER TABLE `account1_data`.`account1_table` PARTITION (year = 2023, month = 12)
SET LOCATION 's3://account1-athena-test-111111111111/account1/data/sales/year=2023/month=12/'
