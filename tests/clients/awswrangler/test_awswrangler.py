"""awswrangler: read_sql_query in its ways, the catalogue read and written, and files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.clients.environments import Ana
from tests.clients.shop import COLUMNS as DECLARED
from tests.clients.shop import DATABASE, HEADER, MONTHS, ROWS_A_MONTH, TABLE, Sale, folder, sales_text
from tests.clients.values import COLUMNS, EVERY_SALE, tagged, with_texts

LAZY_SIMPLE = {"serde_parameters": {"field.delim": ",", "serialization.format": ","}}


def run(ana: Ana, flow: str, profile: str = "analyst", **parameters: Any) -> Any:
    return ana.drive("awswrangler", flow, profile, **parameters)


def as_read(sales: list[Sale]) -> list[list[str | None]]:
    """awswrangler reads an empty text as NULL."""
    return with_texts(None, None, sales)


class TestReading:
    def test_read_sql_query_without_ctas_is_what_the_files_hold(self, ana: Ana) -> None:
        found = run(ana, "read", sql=EVERY_SALE)

        assert found["rows"] == as_read(ana.shop.sales)
        assert found["types"]["quantity"] == "Int32"
        assert found["scanned"] == sum(len(sales_text(month).encode()) for month in MONTHS)

    def test_it_is_read_in_pieces(self, ana: Ana) -> None:
        found = run(ana, "pieces", sql=EVERY_SALE, chunksize=1000)

        assert [len(piece) for piece in found] == [1000, 1000, 800]
        assert [row for piece in found for row in piece] == as_read(ana.shop.sales)

    def test_parameters_are_written_into_the_statement(self, ana: Ana) -> None:
        sql = "SELECT count(*) AS n, sum(total_sales) AS total FROM sales WHERE product = :product"

        found = run(ana, "read", sql=sql, params={"product": "Widget A"})

        sold = [sale for sale in ana.shop.sales if sale.product == "Widget A"]
        total = sum((sale.total_sales for sale in sold if sale.total_sales is not None), Decimal())
        assert found["rows"] == [[tagged(len(sold)), tagged(total)]]

    def test_its_own_cache_finds_the_statement_in_the_history(self, ana: Ana) -> None:
        assert run(ana, "cached", sql="SELECT count(*) AS n FROM sales WHERE month = 2") == 1

    def test_its_default_creates_a_table_and_is_refused_by_that_name(self, ana: Ana) -> None:
        refused = run(ana, "read_by_default", "author", sql=EVERY_SALE)

        assert refused == {"error": "QueryFailed", "message": "NOT_SUPPORTED: the statement CREATE TABLE"}

    def test_its_default_needs_grants_on_the_catalogue_first(self, ana: Ana) -> None:
        refused = run(ana, "read_by_default", "analyst", sql=EVERY_SALE)

        assert refused["error"] == "AccessDeniedException"
        assert "not authorized to perform: glue:DeleteTable" in refused["message"]

    def test_unload_is_refused_by_its_name(self, ana: Ana) -> None:
        target = f"s3://{ana.shop.results}/drafts/unloaded/"

        refused = run(ana, "unload", "author", sql=EVERY_SALE, target=target)

        assert refused == {"error": "QueryFailed", "message": "NOT_SUPPORTED: the statement UNLOAD"}

    @pytest.mark.parametrize(
        ("sql", "reason"),
        [
            ("SELECT 1 FROM gone", "TABLE_NOT_FOUND: Table 'awsdatacatalog.shop.gone' does not exist"),
            ("SELECT gone FROM sales", "COLUMN_NOT_FOUND: Column 'gone' cannot be resolved"),
            ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ],
        ids=("table", "column", "syntax"),
    )
    def test_a_statement_that_fails_says_why(self, ana: Ana, sql: str, reason: str) -> None:
        refused = run(ana, "read", sql=sql)

        assert refused["error"] == "QueryFailed"
        assert reason in refused["message"]

    def test_a_source_that_does_not_name_the_role_fails_the_query(self, ana: Ana) -> None:
        refused = run(ana, "read", "visitor", sql=EVERY_SALE)

        denied = f"Permission denied on S3 path: s3://{ana.shop.source}/sales/year=2024/month=01/"
        assert refused == {"error": "QueryFailed", "message": denied}


class TestCatalogue:
    def test_databases_tables_columns_and_partitions(self, ana: Ana) -> None:
        found = run(ana, "catalog", table=TABLE)

        keys = [["year", "int", True], ["month", "int", True]]
        assert {"Database": DATABASE, "Description": "sales of a shop"} in found["databases"]
        assert found["tables"] == [TABLE]
        assert found["others"] == []
        assert found["table"] == [*([name, kind, False] for name, kind in DECLARED), *keys]
        assert found["there"] == [True, False]
        assert found["partitions"] == {
            f"s3://{ana.shop.source}/{folder(month)}": ["2024", str(month)] for month in MONTHS
        }
        assert found["march"] == {f"s3://{ana.shop.source}/{folder(3)}": ["2024", "3"]}

    def test_a_table_and_its_partitions_are_registered_and_read(self, ana: Ana) -> None:
        source = f"s3://{ana.shop.source}/"
        partitions = {f"{source}{folder(month)}": ["2024", str(month)] for month in (1, 2)}

        registered = run(
            ana,
            "register",
            "author",
            table="registered",
            path=f"{source}sales/",
            columns=dict(DECLARED),
            partitions=partitions,
            **LAZY_SIMPLE,
        )
        found = run(ana, "read", sql=f"SELECT {COLUMNS} FROM drafts.registered ORDER BY id")

        assert registered == partitions
        assert found["rows"] == as_read([sale for month in (1, 2) for sale in Sale.read(month)])

    def test_the_escape_that_it_names_by_default_is_refused(self, ana: Ana) -> None:
        path = f"s3://{ana.shop.source}/sales/"
        run(ana, "register", "author", table="escaped", path=path, columns=dict(DECLARED), partitions={})

        refused = run(ana, "read", sql="SELECT count(*) AS n FROM drafts.escaped")

        assert refused["error"] == "QueryFailed"
        assert "NOT_SUPPORTED" in refused["message"]
        assert "escape" in refused["message"]

    def test_partitions_are_not_added_without_a_grant(self, ana: Ana) -> None:
        refused = run(ana, "add_partitions", table=TABLE, partitions={"s3://anywhere/": ["2024", "5"]})

        assert refused["error"] == "AccessDeniedException"
        assert "glue:BatchCreatePartition" in refused["message"]

    def test_a_search_by_text_is_refused(self, ana: Ana) -> None:
        refused = run(ana, "search", text="sale")

        assert "(NotImplemented) when calling the SearchTables operation" in refused["message"]


class TestFiles:
    def test_objects_across_accounts_are_listed_and_read(self, ana: Ana) -> None:
        found = run(ana, "objects", path=f"s3://{ana.shop.source}/sales/")

        assert found["keys"] == [f"s3://{ana.shop.source}/{folder(month)}sales.csv" for month in MONTHS]
        assert found["sizes"] == [len(sales_text(month).encode()) for month in MONTHS]
        assert found["header"] == list(HEADER)
        assert found["lines"] == len(MONTHS) * ROWS_A_MONTH

    def test_a_file_is_written_read_and_deleted(self, ana: Ana) -> None:
        path = f"s3://{ana.shop.results}/drafts/written/a.csv"
        rows = {"id": [1, 2], "name": ['ä, "b"', "line\nbreak"]}

        assert run(ana, "write_csv", "author", path=path, rows=rows) == rows
        assert run(ana, "delete", "author", path=path) == []

    def test_a_file_is_not_written_where_only_reading_is_granted(self, ana: Ana) -> None:
        refused = run(ana, "write_csv", path=f"s3://{ana.shop.source}/mine.csv", rows={"id": [1]})

        assert refused["error"] == "AccessDenied"
        assert "not authorized to perform: s3:PutObject" in refused["message"]

    def test_a_file_that_may_not_be_deleted_is_named(self, ana: Ana) -> None:
        refused = run(ana, "delete", path=f"s3://{ana.shop.source}/{folder(1)}sales.csv")

        assert refused["error"] == "ServiceApiError"
        assert f"'Key': '{folder(1)}sales.csv', 'Code': 'AccessDenied'" in refused["message"]
