SELECT
    "select",
    "1st",
    "from",
    "_x",
    "paid",
    year,
    month
FROM "account1_data"."orders"
