SELECT
    year,
    month,
    count(*) AS row_count,
    count_if("date" IS NULL) AS c1_empties,
    count_if("product" IS NULL OR "product" = '') AS c2_empties,
    count_if("quantity" IS NULL) AS c3_empties,
    sum(cast("quantity" AS DECIMAL(38, 0))) AS c3_total,
    count_if("unit_price" IS NULL) AS c4_empties,
    sum(cast("unit_price" AS DECIMAL(38, 2))) AS c4_total,
    count_if("total_sales" IS NULL) AS c5_empties,
    sum(cast("total_sales" AS DECIMAL(38, 2))) AS c5_total
FROM "account1_data"."account1_table"
WHERE
    (year = 2023 AND month = 12)
    OR (year = 2024 AND month = 1)
    OR (year = 2024 AND month = 2)
GROUP BY year, month
ORDER BY year, month
