"""The AWS CLI, version 1: S3's commands, Athena and Glue, as roles that its configuration file names."""

from __future__ import annotations

import json
import secrets
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import Ana, Run
from tests.clients.shop import DATABASE, DRAFTS, MONTHS, TABLE, WORKGROUP, folder, sales_text
from tests.local_aws.conftest import OPENER

EVERY_SALE = f"SELECT * FROM {DATABASE}.{TABLE} ORDER BY id"
MULTIPART = 20 * 2**20  # the CLI begins with parts at 8 MiB


class Cli:
    """`aws`, as one of ana's profiles."""

    def __init__(self, ana: Ana, profile: str) -> None:
        self.ana, self.profile = ana, profile

    def run(self, *arguments: str, **how: Any) -> Run:
        return self.ana.run("awscli", "aws", *arguments, profile=self.profile, **how)

    def text(self, *arguments: str, **how: Any) -> str:
        done = self.run(*arguments, **how)
        assert done.code == 0, done.errors
        return done.output

    def json(self, *arguments: str) -> Any:
        return json.loads(self.text(*arguments, "--output", "json"))

    def refusal(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.code != 0, done.output
        return done.errors.strip()

    def query(self, sql: str) -> dict[str, Any]:
        """Start a statement and ask until it has ended: the CLI has no waiter for Athena."""
        started = self.json(
            *("athena", "start-query-execution", "--work-group", WORKGROUP, "--query-string", sql)
        )
        asked = ("athena", "get-query-execution", "--query-execution-id", started["QueryExecutionId"])
        deadline = time.monotonic() + 60
        while True:
            execution: dict[str, Any] = self.json(*asked)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            assert time.monotonic() < deadline, execution


@pytest.fixture
def analyst(ana: Ana) -> Cli:
    return Cli(ana, "analyst")


@pytest.fixture
def keeper(ana: Ana) -> Cli:
    return Cli(ana, "keeper")


@pytest.fixture
def bucket(keeper: Cli) -> str:
    name = f"{keeper.ana.shop.workload.id}-{secrets.token_hex(4)}"
    keeper.text("s3", "mb", f"s3://{name}")
    return name


class TestRoles:
    def test_a_profile_with_an_external_id_becomes_its_role(self, analyst: Cli) -> None:
        who = analyst.json("sts", "get-caller-identity")

        assert who["Account"] == analyst.ana.shop.analytics.id
        assert "assumed-role/analyst/" in who["Arn"]

    def test_another_external_id_is_denied(self, ana: Ana) -> None:
        said = Cli(ana, "stranger").refusal("sts", "get-caller-identity")

        assert "An error occurred (AccessDenied) when calling the AssumeRole operation" in said
        assert f"not authorized to perform: sts:AssumeRole on resource: {ana.shop.roles['analyst']}" in said


class TestS3:
    def test_sync_copies_a_tree_once_and_back_again(self, keeper: Cli, bucket: str, tmp_path: Path) -> None:
        tree, back = tmp_path / "tree", tmp_path / "back"
        (tree / "a b/ü").mkdir(parents=True)
        (tree / "a b/ü/small.txt").write_text("small")
        (tree / "large.bin").write_bytes(bytes(range(256)) * (MULTIPART // 256))

        first = keeper.text("s3", "sync", str(tree), f"s3://{bucket}/t", "--no-progress")
        again = keeper.text("s3", "sync", str(tree), f"s3://{bucket}/t", "--no-progress")
        keeper.text("s3", "sync", f"s3://{bucket}/t", str(back), "--no-progress")

        assert first.count("upload: ") == 2
        assert again == ""
        for file in ("a b/ü/small.txt", "large.bin"):
            assert (back / file).read_bytes() == (tree / file).read_bytes()

    def test_what_was_synced_and_deleted_is_deleted(self, keeper: Cli, bucket: str, tmp_path: Path) -> None:
        for name in ("kept", "gone"):
            (tmp_path / name).write_text(name)
        keeper.text("s3", "sync", str(tmp_path), f"s3://{bucket}")
        (tmp_path / "gone").unlink()

        keeper.text("s3", "sync", str(tmp_path), f"s3://{bucket}", "--delete")

        assert keeper.text("s3", "ls", f"s3://{bucket}").split()[-1:] == ["kept"]

    def test_a_stream_is_copied_moved_listed_and_removed(self, keeper: Cli, bucket: str) -> None:
        keeper.text("s3", "cp", "-", f"s3://{bucket}/x/one.txt", input="from a pipe")
        keeper.text("s3", "mv", f"s3://{bucket}/x/one.txt", f"s3://{bucket}/y/two.txt")

        listed = keeper.text("s3", "ls", f"s3://{bucket}", "--recursive")
        folders = keeper.text("s3", "ls", f"s3://{bucket}")
        read = keeper.text("s3", "cp", f"s3://{bucket}/y/two.txt", "-")
        refused = keeper.refusal("s3", "rb", f"s3://{bucket}")
        keeper.text("s3", "rb", f"s3://{bucket}", "--force")

        assert [line.split()[2:] for line in listed.splitlines()] == [["11", "y/two.txt"]]
        assert folders.split() == ["PRE", "y/"]
        assert read == "from a pipe"
        assert "(BucketNotEmpty) when calling the DeleteBucket operation" in refused
        assert "NoSuchBucket" in keeper.refusal("s3", "ls", f"s3://{bucket}")

    def test_pages_of_a_listing_are_put_together(self, analyst: Cli) -> None:
        keys = analyst.json(
            *("s3api", "list-objects-v2", "--bucket", analyst.ana.shop.source, "--page-size", "1"),
            *("--query", "Contents[].Key"),
        )

        assert keys == [f"{folder(month)}sales.csv" for month in MONTHS]

    def test_a_copy_across_accounts_holds_what_the_file_holds(self, analyst: Cli, tmp_path: Path) -> None:
        source = f"s3://{analyst.ana.shop.source}/{folder(1)}sales.csv"

        analyst.text("s3", "cp", source, str(tmp_path / "sales.csv"))

        assert (tmp_path / "sales.csv").read_text() == sales_text(1)

    def test_an_object_is_put_once_with_a_condition(self, keeper: Cli, bucket: str, tmp_path: Path) -> None:
        (tmp_path / "body").write_text("x")
        put = ("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", str(tmp_path / "body"))
        written = keeper.json(*put, "--if-none-match", "*")

        again = keeper.refusal(*put, "--if-none-match", "*")

        assert "(PreconditionFailed) when calling the PutObject operation" in again
        assert (
            keeper.json("s3api", "head-object", "--bucket", bucket, "--key", "k")["ETag"] == written["ETag"]
        )

    def test_a_presigned_url_is_read_without_a_key(self, keeper: Cli, bucket: str) -> None:
        keeper.text("s3", "cp", "-", f"s3://{bucket}/one.txt", input="signed")
        keeper.text("configure", "set", "s3.signature_version", "s3v4")

        url = keeper.text("s3", "presign", f"s3://{bucket}/one.txt").strip()

        assert OPENER.open(url, timeout=10).read() == b"signed"

    @pytest.mark.parametrize(
        ("profile", "arguments", "said"),
        [
            (
                "visitor",
                ("s3", "ls", "s3://{source}"),
                "(AccessDenied) when calling the ListObjectsV2 operation",
            ),
            (
                "visitor",
                ("s3", "cp", "s3://{source}/{key}", "-"),
                "An error occurred (403) when calling the HeadObject operation: Forbidden",
            ),
            (
                "analyst",
                ("s3", "rm", "s3://{source}/{key}"),
                "is not authorized to perform: s3:DeleteObject",
            ),
            ("analyst", ("s3", "mb", "s3://a-bucket-of-mine"), "not authorized to perform: s3:CreateBucket"),
            ("analyst", ("s3", "ls"), "not authorized to perform: s3:ListAllMyBuckets"),
        ],
        ids=("list", "read", "remove", "make", "list-buckets"),
    )
    def test_what_is_not_granted_is_denied(
        self, ana: Ana, profile: str, arguments: tuple[str, ...], said: str
    ) -> None:
        names = {"source": ana.shop.source, "key": f"{folder(1)}sales.csv"}

        refused = Cli(ana, profile).refusal(*(argument.format(**names) for argument in arguments))

        assert said in refused


class TestAthena:
    def test_all_pages_of_a_result_are_what_the_files_hold(self, analyst: Cli) -> None:
        execution = analyst.query(EVERY_SALE)

        results = analyst.json(
            "athena", "get-query-results", "--query-execution-id", execution["QueryExecutionId"]
        )

        header, *rows = [
            [datum.get("VarCharValue") for datum in row["Data"]] for row in results["ResultSet"]["Rows"]
        ]
        assert header == [
            *("id", "date", "product", "quantity", "unit_price", "total_sales", "note", "year", "month")
        ]
        assert rows == [
            [None if value is None else str(value) for value in (*sale.columns, 2024, sale.month)]
            for sale in analyst.ana.shop.sales
        ]

    def test_one_page_and_the_next_are_asked_for(self, analyst: Cli) -> None:
        execution = analyst.query(EVERY_SALE)
        asked = ("athena", "get-query-results", "--query-execution-id", execution["QueryExecutionId"])

        first = analyst.json(*asked, "--max-items", "700")
        second = analyst.json(*asked, "--max-items", "1000", "--starting-token", first["NextToken"])

        sales = analyst.ana.shop.sales
        assert [row["Data"][0]["VarCharValue"] for row in first["ResultSet"]["Rows"][1:]] == [
            str(sale.id) for sale in sales[:699]
        ]
        assert second["ResultSet"]["Rows"][0]["Data"][0]["VarCharValue"] == str(sales[699].id)

    def test_exact_sums_and_the_bytes_of_the_partitions_that_were_asked_for(self, analyst: Cli) -> None:
        sql = f"SELECT sum(total_sales), count(quantity), count(*) FROM {DATABASE}.{TABLE} WHERE month = 2"

        execution = analyst.query(sql)

        results = analyst.text(
            *("athena", "get-query-results", "--query-execution-id", execution["QueryExecutionId"]),
            *("--query", "ResultSet.Rows[1].Data[].VarCharValue", "--output", "text"),
        )
        sold = [sale.total_sales for sale in analyst.ana.shop.sales if sale.month == 2]
        total = sum((value for value in sold if value is not None), Decimal())
        assert results.split() == [str(total), str(len(sold) - sold.count(None)), str(len(sold))]
        assert execution["Statistics"]["DataScannedInBytes"] == len(sales_text(2).encode())

    def test_the_result_object_is_downloaded(self, analyst: Cli) -> None:
        location = analyst.query(f"SELECT count(*) AS n FROM {DATABASE}.{TABLE}")["ResultConfiguration"]

        assert analyst.text("s3", "cp", location["OutputLocation"], "-") == '"n"\n"2800"\n'

    def test_the_history_of_the_workgroup_has_it(self, analyst: Cli) -> None:
        done = analyst.query("SELECT 1")["QueryExecutionId"]

        history = analyst.json("athena", "list-query-executions", "--work-group", WORKGROUP)
        found = analyst.json("athena", "batch-get-query-execution", "--query-execution-ids", done)

        assert done in history["QueryExecutionIds"]
        assert [each["Query"] for each in found["QueryExecutions"]] == ["SELECT 1"]

    def test_catalog_database_and_table_are_described(self, analyst: Cli) -> None:
        catalog = ("--catalog-name", "AwsDataCatalog")

        databases = analyst.json("athena", "list-databases", *catalog)["DatabaseList"]
        table = analyst.json(
            *("athena", "get-table-metadata", *catalog, "--database-name", DATABASE, "--table-name", TABLE)
        )["TableMetadata"]

        assert sorted(found["Name"] for found in databases) == [DRAFTS, DATABASE]
        assert {found["Name"]: found["Type"] for found in table["PartitionKeys"]} == {
            "year": "int",
            "month": "int",
        }
        assert {"Name": "unit_price", "Type": "decimal(10,2)"} in table["Columns"]

    @pytest.mark.parametrize(
        ("profile", "sql", "reason"),
        [
            ("visitor", EVERY_SALE, "Permission denied on S3 path: s3://{source}/sales/year=2024/month=01/"),
            (
                "analyst",
                "SELECT 1 FROM shop.gone",
                "TABLE_NOT_FOUND: Table 'awsdatacatalog.shop.gone' does not",
            ),
            ("analyst", "SELECT gone FROM shop.sales", "COLUMN_NOT_FOUND: Column 'gone' cannot be resolved"),
            ("analyst", "SELEC 1", "mismatched input 'SELEC'"),
            (
                "analyst",
                "CREATE TABLE shop.copied AS SELECT 1 AS one",
                "NOT_SUPPORTED: the statement CREATE TABLE",
            ),
            ("analyst", "DROP TABLE shop.sales", "not authorized to perform: glue:DeleteTable"),
        ],
        ids=("bucket", "table", "column", "syntax", "ctas", "drop"),
    )
    def test_a_statement_that_fails_says_why(self, ana: Ana, profile: str, sql: str, reason: str) -> None:
        status = Cli(ana, profile).query(sql)["Status"]

        assert status["State"] == "FAILED"
        assert reason.format(source=ana.shop.source) in status["StateChangeReason"]

    def test_another_workgroup_is_denied(self, analyst: Cli) -> None:
        start = ("athena", "start-query-execution", "--work-group", "primary", "--query-string", "SELECT 1")

        assert "(AccessDeniedException) when calling the StartQueryExecution operation" in analyst.refusal(
            *start
        )


class TestGlue:
    def test_databases_and_tables_are_listed(self, analyst: Cli) -> None:
        databases = analyst.json("glue", "get-databases", "--query", "DatabaseList[].[Name,Description]")
        tables = analyst.json("glue", "get-tables", "--database-name", DATABASE, "--expression", "sal.*")

        assert sorted(databases) == [[DRAFTS, None], [DATABASE, "sales of a shop"]]
        assert [table["Name"] for table in tables["TableList"]] == [TABLE]

    @pytest.mark.parametrize(
        ("expression", "months"),
        [
            ("month >= 3", [3, 4]),
            ("year = 2024 AND month IN (1, 2)", [1, 2]),
            ("year = 2025", []),
        ],
    )
    def test_partitions_are_found_by_their_values(
        self, analyst: Cli, expression: str, months: list[int]
    ) -> None:
        partitions = analyst.json(
            *("glue", "get-partitions", "--database-name", DATABASE, "--table-name", TABLE),
            *("--expression", expression, "--page-size", "1", "--query", "Partitions[].Values"),
        )

        assert sorted(partitions) == [["2024", str(month)] for month in months]

    def test_a_partition_that_is_not_there_is_not_found(self, analyst: Cli) -> None:
        of_table = ("--database-name", DATABASE, "--table-name", TABLE)

        said = analyst.refusal("glue", "get-partition", *of_table, "--partition-values", "2024", "9")

        assert "(EntityNotFoundException) when calling the GetPartition operation" in said

    def test_who_may_not_delete_a_table_is_denied(self, analyst: Cli) -> None:
        said = analyst.refusal("glue", "delete-table", "--database-name", DATABASE, "--name", TABLE)

        assert "(AccessDeniedException) when calling the DeleteTable operation" in said
        assert "glue:DeleteTable" in said
