ALTER TABLE `account1_data`.`events` DROP IF EXISTS
PARTITION (year = 2023, month = 12),
PARTITION (year = 2024, month = 1),
PARTITION (year = 2024, month = 2)
