DROP TABLE IF EXISTS `account1_data`.`events`
