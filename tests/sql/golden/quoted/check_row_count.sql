SELECT
    year,
    month,
    count(*) AS row_count,
    count_if("select" IS NULL OR "select" = '') AS c1_empties,
    count_if("1st" IS NULL OR "1st" = '') AS c2_empties,
    count_if("from" IS NULL) AS c3_empties,
    sum(cast("from" AS DECIMAL(38, 0))) AS c3_total,
    count_if("_x" IS NULL) AS c4_empties,
    sum(cast("_x" AS DECIMAL(38, 18))) AS c4_total,
    count_if("paid" IS NULL) AS c5_empties
FROM "account1_data"."orders"
WHERE
    (year = 2023 AND month = 12)
    OR (year = 2024 AND month = 1)
    OR (year = 2024 AND month = 2)
GROUP BY year, month
ORDER BY year, month
