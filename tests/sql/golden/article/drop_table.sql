DROP TABLE IF EXISTS `account1_data`.`account1_table`
