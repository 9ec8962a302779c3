SELECT
    "at",
    "value",
    year,
    month
FROM "account1_data"."events"
