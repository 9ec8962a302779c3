"""What is really there, found out by means that the load does not use: csv, Decimal, own queries."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from demo.estate import Estate
    from sightline.settings import Table, WorkloadAccount

QUERY_SECONDS = 60
GZIP_MAGIC = b"\x1f\x8b"


class QueryFailedError(Exception):
    """A query of our own did not succeed."""


@dataclass(frozen=True)
class Answer:
    """The rows of a query, all values as text or None, and what it read."""

    rows: list[list[str | None]]
    bytes_scanned: int


@dataclass(frozen=True)
class Evidence:
    """A look at files, Athena, SPICE and ledger of an estate."""

    estate: Estate

    def records(
        self, account: WorkloadAccount, month: str, table: Table | None = None
    ) -> list[dict[str, str]]:
        """The records of a month's source objects, read as the files' owner."""
        table, s3 = table or account.tables[0], self.estate.admin("s3", account)
        keys = [entry["Key"] for entry in self.objects(account, month, table)]
        bodies = [s3.get_object(Bucket=table.bucket, Key=key)["Body"].read() for key in keys]
        return [record for body in bodies for record in _records(body, table)]

    def objects(
        self, account: WorkloadAccount, month: str, table: Table | None = None
    ) -> list[dict[str, Any]]:
        """The listing of a month's source objects: Key, Size, ETag, LastModified."""
        table, s3 = table or account.tables[0], self.estate.admin("s3", account)
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=table.bucket, Prefix=month_folder(table, month)
        )
        return [entry for page in pages for entry in page.get("Contents", [])]

    def query(self, sql: str, account: WorkloadAccount) -> Answer:
        """Run a SELECT in the account's workgroup. Raises QueryFailedError with Athena's reason if it fails."""
        athena = self.estate.as_pipeline("athena")
        query_id = athena.start_query_execution(QueryString=sql, WorkGroup=account.workgroup)[
            "QueryExecutionId"
        ]

        def look() -> dict[str, Any] | None:
            execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)[
                "QueryExecution"
            ]
            return execution if execution["Status"]["State"] not in {"QUEUED", "RUNNING"} else None

        execution = wait_until(look, what=f"the end of query {query_id}", timeout_seconds=QUERY_SECONDS)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise QueryFailedError(
                f"{execution['Status']['State']}: {execution['Status'].get('StateChangeReason')}\n{sql}"
            )
        pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        rows = [row for page in pages for row in page["ResultSet"]["Rows"]]
        cells = [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows[1:]]
        return Answer(cells, execution["Statistics"]["DataScannedInBytes"])

    def query_ids(self, account: WorkloadAccount) -> set[str]:
        """All queries that the account's workgroup has had."""
        pages = self.estate.admin("athena").get_paginator("list_query_executions")
        return {
            query_id
            for page in pages.paginate(WorkGroup=account.workgroup)
            for query_id in page["QueryExecutionIds"]
        }

    def bytes_scanned(self, query_id: str) -> int:
        """What a query read, as Athena counts it."""
        found = self.estate.admin("athena").get_query_execution(QueryExecutionId=query_id)
        return int(found["QueryExecution"]["Statistics"]["DataScannedInBytes"])

    def ingestions(self, account: WorkloadAccount, table: Table | None = None) -> list[dict[str, Any]]:
        """All ingestions of a table's data set, the newest first."""
        table = table or account.tables[0]
        analytics = self.estate.settings.analytics
        names = {"AwsAccountId": analytics.account_id, "DataSetId": table.quicksight.data_set_id}
        pages = self.estate.admin("quicksight").get_paginator("list_ingestions").paginate(**names)
        found = [ingestion for page in pages for ingestion in page["Ingestions"]]
        return sorted(found, key=lambda ingestion: ingestion["CreatedTime"], reverse=True)

    def spice_records(
        self, account: WorkloadAccount, table: Table | None = None
    ) -> list[dict[str, str | None]]:
        """The rows that SPICE serves, not what an ingestion says of them; none before the first."""
        table = table or account.tables[0]
        owner, data_set = self.estate.settings.analytics.account_id, table.quicksight.data_set_id
        found = self.estate.cloud.control(
            "GET", "spice", params={"account_id": owner, "data_set_id": data_set}
        )
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]

    def spice_rows(self, account: WorkloadAccount, table: Table | None = None) -> int:
        """How many rows SPICE serves."""
        return len(self.spice_records(account, table))

    def ledger_lines(
        self, account: WorkloadAccount, table: Table | None = None, *, version: str | None = None
    ) -> dict[str, dict[str, Any]]:
        """The ledger's lines by month, as they are stored now or in a version; none before the first load."""
        bucket = self.estate.settings.analytics.ledger_bucket
        wanted = {"Key": ledger_key(account, table or account.tables[0])}
        if version is not None:
            wanted["VersionId"] = version
        try:
            document = self.estate.admin("s3").get_object(Bucket=bucket, **wanted)["Body"].read().decode()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket"}:
                return {}
            raise
        lines = [json.loads(line) for line in document.split("\n") if line]
        return {_month(line["month"]): line for line in lines}

    def partitions(self, account: WorkloadAccount, table: Table | None = None) -> dict[str, str]:
        """The catalog's partitions: month to location."""
        table = table or account.tables[0]
        names = {"DatabaseName": account.database, "TableName": table.name}
        pages = self.estate.admin("glue").get_paginator("get_partitions").paginate(**names)
        found = [partition for page in pages for partition in page["Partitions"]]
        return {
            f"{int(each['Values'][0]):04}-{int(each['Values'][1]):02}": each["StorageDescriptor"]["Location"]
            for each in found
        }


def ledger_key(account: WorkloadAccount, table: Table) -> str:
    """The key of a table's ledger."""
    return f"ledger/account={account.name}/table={table.name}/months.jsonl"


def month_folder(table: Table, month: str) -> str:
    """The folder of a month's source objects."""
    year, number = month.split("-")
    folder = table.objects.rpartition("/")[0] + "/"
    return table.prefix + folder.format(year=year, month=number)


def column_total(records: Iterable[Mapping[str, str | None]], column: str) -> Decimal:
    """The exact sum of a column's values; empty ones count as nothing."""
    values = (record[column] for record in records)
    return sum((Decimal(value) for value in values if value), Decimal(0))


def _records(body: bytes, table: Table) -> list[dict[str, str]]:
    text = (gzip.decompress(body) if body.startswith(GZIP_MAGIC) else body).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=table.text_format.delimiter))
    names = [column.name for column in table.columns]
    records = lines[1:] if table.text_format.header else lines
    return [dict(zip(names, record, strict=True)) for record in records]


def _month(stored: Any) -> str:
    """The ledger may hold a month as text or as its two numbers."""
    return stored if isinstance(stored, str) else f"{stored['year']:04}-{stored['month']:02}"
