SELECT
    "date",
    "product",
    "quantity",
    "unit_price",
    "total_sales",
    year,
    month
FROM "account1_data"."account1_table"
