"""SELECT answers what csv and Decimal say of the files; what is not done is refused."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import Account, Cloud, fresh_id

PRODUCTS = ["Widget A", "Gadget B", "Tool C", "道具"]


def month_of_sales(month: str, records: int) -> str:
    """A generated file of the article's form."""
    chance = random.Random(month)
    lines = ["date,product,quantity,unit_price,total_sales"]
    for n in range(records):
        quantity, price = chance.randrange(1, 200), Decimal(chance.randrange(1, 10**6)) / 100
        lines.append(
            f"{month}-{n % 28 + 1:02},{chance.choice(PRODUCTS)},{quantity},{price:.2f},{quantity * price:.2f}"
        )
    return "\n".join(lines) + "\n"


FILES = {
    "2024-01": month_of_sales("2024-01", 150),
    "2024-02": month_of_sales("2024-02", 80),
    "2023-12": month_of_sales("2023-12", 40),
}
ROWS = [
    {**row, "year": month[:4], "month": str(int(month[5:]))}
    for month, text in FILES.items()
    for row in csv.DictReader(io.StringIO(text))
]


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture(scope="module")
def sales(estate: Estate) -> str:
    return estate.sales(FILES)


def total(name: str, rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def rounded(value: Decimal, places: int = 2) -> str:
    return str(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def test_every_value_of_every_row_is_what_the_file_holds(estate: Estate, sales: str) -> None:
    found = estate.select(f"SELECT * FROM {sales}")

    assert sorted(found) == sorted(tuple(row.values()) for row in ROWS)


def test_the_check_of_a_load_gets_exact_figures(estate: Estate, sales: str) -> None:
    found = estate.select(
        f"""SELECT year, month, count(*) AS row_count, count_if("date" IS NULL) AS c1_empties,
            count_if(product IS NULL OR product = '') AS c2_empties,
            sum(cast(quantity AS DECIMAL(38, 0))) AS c3_total, sum(cast(total_sales AS DECIMAL(38, 2))) AS c5_total
            FROM {sales.replace("d.", '"d"."')}" WHERE (year = 2024 AND month = 1) OR (year = 2023 AND month = 12)
            GROUP BY year, month ORDER BY year, month"""
    )

    expected = []
    for year, month in (("2023", "12"), ("2024", "1")):
        rows = [row for row in ROWS if (row["year"], row["month"]) == (year, month)]
        figures = (str(total("quantity", rows)), rounded(total("total_sales", rows)))
        expected.append((year, month, str(len(rows)), "0", "0", *figures))
    assert found == expected


def test_groups_have_sums_averages_and_extremes(estate: Estate, sales: str) -> None:
    found = estate.select(
        f'SELECT product, sum(quantity), avg(unit_price), min(total_sales), max("date"), count(DISTINCT "date"), '
        f"sum(total_sales) / sum(quantity) FROM {sales} GROUP BY product ORDER BY product"
    )

    groups = defaultdict(list)
    for row in ROWS:
        groups[row["product"]].append(row)
    assert found == [
        (
            product,
            str(total("quantity", rows)),
            rounded(total("unit_price", rows) / len(rows)),
            rounded(min(Decimal(row["total_sales"]) for row in rows)),
            max(row["date"] for row in rows),
            str(len({row["date"] for row in rows})),
            rounded(total("total_sales", rows) / total("quantity", rows)),
        )
        for product, rows in sorted(groups.items())
    ]


@pytest.mark.parametrize(
    ("condition", "keep"),
    [
        ("product = 'Tool C'", lambda r: r["product"] == "Tool C"),
        ("product LIKE '%e%' AND quantity > 100", lambda r: "e" in r["product"] and int(r["quantity"]) > 100),
        (
            "quantity BETWEEN 10 AND 20 OR month IN (2, 12)",
            lambda r: 10 <= int(r["quantity"]) <= 20 or r["month"] != "1",
        ),
        ("NOT (unit_price >= 5000.00)", lambda r: Decimal(r["unit_price"]) < 5000),
        ("\"date\" < DATE '2024-01-10'", lambda r: r["date"] < "2024-01-10"),
        ("product IS NULL", lambda r: False),
        ("product NOT LIKE 'W%'", lambda r: not r["product"].startswith("W")),
    ],
)
def test_where_keeps_what_meets_the_condition(estate: Estate, sales: str, condition: str, keep: Any) -> None:
    (found,) = estate.one(f"SELECT count(*) FROM {sales} WHERE {condition}")

    assert found == str(sum(map(keep, ROWS)))


def test_queries_nest_join_and_unite(estate: Estate, sales: str) -> None:
    found = estate.select(
        f"""WITH per_product AS (SELECT product, sum(quantity) AS q FROM {sales} WHERE month = 1 GROUP BY product)
        SELECT a.product, b.q FROM (SELECT DISTINCT product FROM {sales}) a LEFT JOIN per_product b
        ON a.product = b.product WHERE b.q > (SELECT min(q) FROM per_product)
        UNION ALL SELECT 'all', sum(q) FROM per_product ORDER BY product"""
    )

    january = [row for row in ROWS if row["month"] == "1"]
    sums = {p: sum(int(row["quantity"]) for row in january if row["product"] == p) for p in PRODUCTS}
    expected = [(p, str(q)) for p, q in sums.items() if q > min(sums.values())] + [
        ("all", str(sum(sums.values())))
    ]
    assert found == sorted(expected)


def test_before_add_partition_there_are_no_rows(estate: Estate) -> None:
    table = estate.sales({"2024-01": FILES["2024-01"]}, registered=False)
    count = f"SELECT count(*) FROM {table}"

    before = estate.one(count)
    estate.succeed(
        f"ALTER TABLE {table} ADD PARTITION (year=2024, month=01) "
        f"LOCATION 's3://{estate.source}/sales{estate.tables - 1}/year=2024/month=01/'"
    )

    assert (before, estate.one(count)) == (("0",), ("150",))


def test_a_wrong_location_has_no_rows_and_is_no_error(estate: Estate) -> None:
    table = estate.sales({"2024-01": FILES["2024-01"]})
    estate.succeed(
        f"ALTER TABLE {table} PARTITION (year=2024, month=1) SET LOCATION 's3://{estate.source}/wrong/'"
    )

    assert estate.one(f"SELECT count(*) FROM {table}") == ("0",)


def test_hidden_objects_and_folder_markers_are_not_read(estate: Estate) -> None:
    table = estate.table("a STRING", "hidden/")
    for key in (
        "hidden/",
        "hidden/_SUCCESS",
        "hidden/.part",
        "hidden/_temporary/f.csv",
        "hidden/sub/.x/f.csv",
    ):
        estate.put(key, "no\n")
    estate.put("hidden/sub/f.csv", "yes\n")

    execution = estate.succeed(f"SELECT a FROM {table}")

    assert estate.pages(execution["QueryExecutionId"]) == [[("a",), ("yes",)]]
    assert execution["Statistics"]["DataScannedInBytes"] == 4


@pytest.mark.parametrize(
    ("where", "months"),
    [
        ("", FILES),
        ("WHERE year = 2024 AND month = 01", ["2024-01"]),
        ("WHERE (year = 2024 AND month = 1) OR (year = 2023 AND month = 12)", ["2024-01", "2023-12"]),
        ("WHERE year * 100 + month >= 202402", ["2024-02"]),
        ("WHERE month IN (1, 2) AND quantity > 0", ["2024-01", "2024-02"]),
        ("WHERE month = 1 OR quantity > 0", FILES),
        ("WHERE year = 2025", []),
        ("WHERE quantity > 0", FILES),
    ],
)
def test_only_partitions_that_where_leaves_are_scanned(
    estate: Estate, sales: str, where: str, months: Any
) -> None:
    execution = estate.succeed(f"SELECT count(*) FROM {sales} {where}")

    assert execution["Statistics"]["DataScannedInBytes"] == sum(
        len(FILES[month].encode()) for month in months
    )


def test_an_outer_joins_other_side_is_not_pruned(estate: Estate, sales: str) -> None:
    rows = estate.select(
        f"SELECT count(*) FROM (SELECT 2024 AS y) a LEFT JOIN {sales} b ON a.y = b.year WHERE b.year IS NULL"
    )

    assert rows == [("0",)]


def test_results_come_in_pages_of_a_thousand_with_one_header(estate: Estate) -> None:
    table = estate.table("n INT, t STRING", "pages/")
    estate.put("pages/file.csv", "".join(f"{n},row {n}\n" for n in range(2500)))
    execution = estate.succeed(f"SELECT n, t FROM {table} ORDER BY n")["QueryExecutionId"]

    pages = estate.pages(execution)

    assert [len(page) for page in pages] == [1000, 1000, 501]
    expected = [("n", "t"), *((str(n), f"row {n}") for n in range(2500))]
    assert [row for page in pages for row in page] == expected
    small = estate.pages(execution, PaginationConfig={"PageSize": 700})
    assert [len(page) for page in small] == [700, 700, 700, 401]
    assert [row for page in small for row in page] == expected


def test_a_token_of_another_execution_gives_no_page(estate: Estate) -> None:
    one, other = (estate.succeed("SELECT 1")["QueryExecutionId"] for _ in range(2))

    with pytest.raises(ClientError, match="NextToken"):
        estate.athena.get_query_results(QueryExecutionId=one, NextToken=f"{other}:1")


def test_the_result_object_is_csv_as_athena_writes_it(estate: Estate) -> None:
    execution = estate.succeed(
        "SELECT 'say \"x\", y' AS a, '' AS empty, CAST(NULL AS varchar) AS nothing, 1 AS n"
    )

    key = execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{estate.results}/")
    body = estate.account.s3.get_object(Bucket=estate.results, Key=key)["Body"].read()

    assert body == b'"a","empty","nothing","n"\n"say ""x"", y","",,"1"\n'
    assert estate.pages(execution["QueryExecutionId"])[0][1] == ('say "x", y', "", None, "1")


def test_types_are_athenas(estate: Estate, sales: str) -> None:
    execution = estate.succeed(
        f'SELECT "date", product, quantity, unit_price, year, count(*), sum(unit_price) AS s, 1e0 AS d, true AS b, '
        f"timestamp '2024-01-01 00:00:00' AS ts, CAST('x' AS varchar(5)) FROM {sales} GROUP BY 1, 2, 3, 4, 5 LIMIT 1"
    )

    answer = estate.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])

    columns = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(c["Name"], c["Type"], c["Precision"], c["Scale"]) for c in columns] == [
        ("date", "date", 0, 0),
        ("product", "varchar", 2147483647, 0),
        ("quantity", "integer", 10, 0),
        ("unit_price", "decimal", 10, 2),
        ("year", "integer", 10, 0),
        ("_col5", "bigint", 19, 0),
        ("s", "decimal", 38, 2),
        ("d", "double", 17, 0),
        ("b", "boolean", 0, 0),
        ("ts", "timestamp", 3, 0),
        ("_col10", "varchar", 5, 0),
    ]


@pytest.mark.parametrize("sql", ["SELECT * FROM (SELECT 1, 2 AS b, 3)", "SELECT 1, 2 AS b, 3"])
def test_columns_without_a_name_are_numbered_by_their_place(estate: Estate, sql: str) -> None:
    execution = estate.succeed(sql)

    assert estate.pages(execution["QueryExecutionId"])[0][0] == ("_col0", "b", "_col2")


def test_names_keep_their_capitals_as_written(estate: Estate) -> None:
    execution = estate.succeed(
        'SELECT 1 AS One, x AS "Two Words", X, x.X FROM (SELECT 2 AS x) AS x UNION SELECT 1, 2, 3, 4'
    )

    assert estate.pages(execution["QueryExecutionId"])[0][0] == ("One", "Two Words", "X", "X")


@pytest.mark.parametrize(
    "tail", ["ORDER BY quantity DESC", "ORDER BY q DESC", "ORDER BY 1 DESC", "ORDER BY quantity + 0 DESC"]
)
def test_order_by_takes_columns_names_and_places(estate: Estate, sales: str, tail: str) -> None:
    found = estate.select(f"SELECT quantity AS q FROM {sales} {tail} LIMIT 5")

    assert [int(row[0] or 0) for row in found] == sorted(
        (int(row["quantity"]) for row in ROWS), reverse=True
    )[:5]


def test_partition_keys_that_two_hands_wrote_are_read_typed(estate: Estate) -> None:
    table = estate.sales({"2024-01": FILES["2024-01"]}, registered=False)
    estate.succeed(
        f"MSCK REPAIR TABLE {table}",
        f"ALTER TABLE {table} ADD PARTITION (year=2024, month=01) "
        f"LOCATION 's3://{estate.source}/sales{estate.tables - 1}/year=2024/month=01/'",
    )

    assert estate.one(f"SELECT count(*) FROM {table} WHERE month = 1") == (
        "300",
    )  # counted twice, as in Athena
