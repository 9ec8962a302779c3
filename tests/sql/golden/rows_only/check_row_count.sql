SELECT
    year,
    month,
    count(*) AS row_count
FROM "account1_data"."events"
WHERE
    (year = 2023 AND month = 12)
    OR (year = 2024 AND month = 1)
    OR (year = 2024 AND month = 2)
GROUP BY year, month
ORDER BY year, month
