DROP TABLE IF EXISTS `account1_data`.`orders`
