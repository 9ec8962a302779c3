"""PyAthena: its cursors, its readers of result objects, what it says of the catalogue, and its SQLAlchemy dialect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.clients.environments import Ana
from tests.clients.shop import COLUMNS as DECLARED
from tests.clients.shop import DATABASE, DRAFTS, EXTERNAL_ID, MONTHS, TABLE, Sale, sales_text
from tests.clients.values import COLUMNS, EVERY_SALE, tagged, tagged_sales, with_texts

JANUARY = f"SELECT {COLUMNS} FROM sales WHERE month = 1 ORDER BY id"


def run(ana: Ana, flow: str, role: str = "analyst", external_id: str = EXTERNAL_ID, **parameters: Any) -> Any:
    """Run a flow as a role that PyAthena itself assumes with ana's key."""
    who = {"role_arn": ana.shop.roles[role], "external_id": external_id}
    return ana.drive("pyathena", flow, "ana", **who, **parameters)


def as_arrow_reads(sales: list[Sale]) -> list[list[str | None]]:
    """ArrowCursor reads NULL in a text column as the empty text."""
    return with_texts("str:", "str:", sales)


def _as_text(value: str | None) -> str:
    """Its tables have decimals as texts."""
    return "str:" if value is None else f"str:{value.removeprefix('Decimal:')}"


class TestCursors:
    def test_the_cursor_reads_every_page_with_its_types(self, ana: Ana) -> None:
        found = run(ana, "cursor", sql=EVERY_SALE)

        assert found["rows"] == tagged_sales(ana.shop.sales)
        assert found["types"] == ["integer", "date", "varchar", "integer", "decimal", "decimal", "varchar"]
        assert found["scanned"] == sum(len(sales_text(month).encode()) for month in MONTHS)

    def test_parameters_are_written_into_the_statement(self, ana: Ana) -> None:
        sql = "SELECT count(*), sum(total_sales) FROM sales WHERE product = %(product)s AND date < %(day)s"
        product = "O'Brien; & <co>"

        found = run(
            ana, "cursor", sql=sql.replace("%(day)s", "DATE '2024-03-01'"), parameters={"product": product}
        )

        sold = [sale for sale in ana.shop.sales if sale.product == product and sale.date.month < 3]
        total = sum((sale.total_sales for sale in sold if sale.total_sales is not None), Decimal())
        assert found["rows"] == [[tagged(len(sold)), tagged(total)]]

    def test_parameters_that_athena_would_fill_in_are_refused(self, ana: Ana) -> None:
        refused = run(
            ana, "question_marks", sql="SELECT count(*) FROM sales WHERE month = ?", parameters=["1"]
        )

        assert refused["error"] == "DatabaseError"
        assert "ExecutionParameters are not supported by the local AWS" in refused["message"]

    def test_rows_come_by_name(self, ana: Ana) -> None:
        rows = run(ana, "by_name", sql="SELECT count(*) AS n, max(unit_price) AS highest FROM sales")

        highest = max(sale.unit_price for sale in ana.shop.sales)
        assert rows == [{"n": tagged(len(ana.shop.sales)), "highest": tagged(highest)}]

    def test_statements_run_beside_each_other(self, ana: Ana) -> None:
        results = run(ana, "asynchronous", sql=JANUARY)

        assert results == [tagged_sales(Sale.read(1))] * 4

    def test_asking_for_an_older_result_is_answered_and_the_statement_executed(self, ana: Ana) -> None:
        found = run(ana, "reused", sql="SELECT count(*) FROM sales")

        assert found == {"asked": True, "minutes": 60, "reused": False}

    def test_its_own_cache_finds_the_statement_in_the_history(self, ana: Ana) -> None:
        assert run(ana, "cached", sql="SELECT count(*) FROM sales WHERE month = 2") == 1


class TestResultObjects:
    def test_the_arrow_cursor_reads_the_file_by_ranges(self, ana: Ana) -> None:
        table = run(ana, "arrow", sql=EVERY_SALE)

        expected = [
            [*row[:4], *(_as_text(value) for value in row[4:6]), row[6]]
            for row in as_arrow_reads(ana.shop.sales)
        ]
        assert table["rows"] == expected
        assert table["types"]["date"] == "date32[day]"

    def test_the_arrow_cursors_rows_have_decimals(self, ana: Ana) -> None:
        rows = run(ana, "arrow_rows", sql=EVERY_SALE)

        assert rows == as_arrow_reads(ana.shop.sales)

    def test_the_pandas_cursor_reads_in_pieces(self, ana: Ana) -> None:
        pieces = run(ana, "pandas", sql=EVERY_SALE, chunksize=1000)

        assert [len(piece) for piece in pieces] == [1000, 1000, 800]
        prices = [row[4:6] for piece in pieces for row in piece]
        assert prices == [row[4:6] for row in tagged_sales(ana.shop.sales)]

    def test_the_file_is_read_as_the_pages_are(self, ana: Ana) -> None:
        assert run(ana, "from_the_result_object", sql=JANUARY) == tagged_sales(Sale.read(1))


class TestCatalogue:
    def test_database_table_and_columns_are_described(self, ana: Ana) -> None:
        found = run(ana, "metadata")

        assert sorted(found["databases"]) == [DRAFTS, DATABASE]
        assert found["tables"] == [TABLE]
        assert found["columns"] == dict(DECLARED)
        assert found["keys"] == {"year": "int", "month": "int"}
        assert found["location"] == f"s3://{ana.shop.source}/sales/"

    def test_sqlalchemy_reflects_the_table_and_asks_for_sums(self, ana: Ana) -> None:
        found = run(ana, "sqlalchemy")

        assert sorted(found["schemas"]) == [DRAFTS, DATABASE]
        assert (found["tables"], found["there"]) == ([TABLE], [True, False])
        assert found["columns"]["total_sales"] == "DECIMAL(12, 2)"
        assert found["months"] == [self._of_month(month) for month in (3, 4)]

    def _of_month(self, month: int) -> list[str | None]:
        sold = [sale for sale in Sale.read(month) if sale.total_sales is not None]
        total = sum((sale.total_sales or 0 for sale in sold), Decimal())
        return [tagged(value) for value in (month, len(sold), total, max(sale.date for sale in sold))]


class TestRefusals:
    @pytest.mark.parametrize("flow", ["cursor", "arrow", "pandas"])
    def test_a_source_that_does_not_name_the_role_fails_the_query(self, ana: Ana, flow: str) -> None:
        refused = run(ana, flow, "visitor", sql=EVERY_SALE)

        assert refused == {
            "error": "OperationalError",
            "message": f"Permission denied on S3 path: s3://{ana.shop.source}/sales/year=2024/month=01/",
        }

    @pytest.mark.parametrize(
        ("sql", "reason"),
        [
            ("SELECT 1 FROM gone", "TABLE_NOT_FOUND: Table 'awsdatacatalog.shop.gone' does not exist"),
            ("SELECT gone FROM sales", "COLUMN_NOT_FOUND: Column 'gone' cannot be resolved"),
            ("SELECT 1 FROM nowhere.sales", "SCHEMA_NOT_FOUND: Schema 'nowhere' does not exist"),
            (
                "SELECT quantity FROM sales GROUP BY 2",
                "SYNTAX_ERROR: GROUP BY position 2 is not in select list",
            ),
            ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
            ("CREATE TABLE copied AS SELECT 1 AS one", "NOT_SUPPORTED: the statement CREATE TABLE"),
        ],
        ids=("table", "column", "schema", "position", "syntax", "ctas"),
    )
    def test_a_statement_that_fails_says_why(self, ana: Ana, sql: str, reason: str) -> None:
        refused = run(ana, "cursor", sql=sql)

        assert refused["error"] == "OperationalError"
        assert reason in refused["message"]

    def test_another_external_id_is_denied(self, ana: Ana) -> None:
        refused = run(ana, "cursor", external_id="another", sql="SELECT 1")

        assert refused["error"] == "ClientError"
        assert "(AccessDenied) when calling the AssumeRole operation" in refused["message"]
