"""An account with a workgroup, its results, a database and source objects, spoken to by boto3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, poll

FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
SALES_COLUMNS = (
    "`date` DATE, product STRING, quantity INT, unit_price DECIMAL(10,2), total_sales DECIMAL(10,2)"
)
HEADER = "TBLPROPERTIES ('skip.header.line.count'='1')"


@dataclass
class Estate:
    """What a test of Athena works with."""

    account: Account
    athena: Any = None
    source: str = ""
    results: str = ""
    workgroup: str = "group"
    tables: int = field(default=0)
    patience_seconds: float = 30

    @classmethod
    def of(cls, account: Account) -> Estate:
        """Make it."""
        estate = cls(account, account.client("athena"), account.bucket("source"), account.bucket("results"))
        estate.create_work_group(estate.workgroup)
        estate.succeed("CREATE DATABASE d")
        return estate

    def create_work_group(self, name: str, **configuration: Any) -> None:
        """A workgroup whose results go below its name."""
        location = {"OutputLocation": f"s3://{self.results}/{name}/"}
        self.athena.create_work_group(
            Name=name, Configuration={"ResultConfiguration": location, **configuration}
        )

    def put(self, key: str, body: bytes | str) -> None:
        """A source object."""
        data = body.encode() if isinstance(body, str) else body
        self.account.s3.put_object(Bucket=self.source, Key=key, Body=data)

    def start(self, sql: str, client: Any = None, **parameters: Any) -> str:
        """Start a statement; return its id."""
        given = {"WorkGroup": self.workgroup, "QueryExecutionContext": {"Database": "d"}, **parameters}
        started: str = (client or self.athena).start_query_execution(QueryString=sql, **given)[
            "QueryExecutionId"
        ]
        return started

    def finished(self, execution_id: str) -> dict[str, Any]:
        """Wait for a statement's end."""

        def look() -> dict[str, Any]:
            return dict(self.athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"])

        return dict(poll(look, lambda found: found["Status"]["State"] in FINAL, self.patience_seconds))

    def run(self, sql: str, client: Any = None, **parameters: Any) -> dict[str, Any]:
        """Run a statement to its end."""
        return self.finished(self.start(sql, client, **parameters))

    def succeed(self, *statements: str) -> dict[str, Any]:
        """Run statements that must succeed; return the last one's execution."""
        for sql in statements:
            execution = self.run(sql)
            assert execution["Status"]["State"] == "SUCCEEDED", (sql, execution["Status"])
        return execution

    def refused(self, sql: str, client: Any = None, **parameters: Any) -> str:
        """Run a statement that must fail; return the reason."""
        status = self.run(sql, client, **parameters)["Status"]
        assert status["State"] == "FAILED", status
        assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]
        reason: str = status["StateChangeReason"]
        return reason

    def pages(self, execution_id: str, **parameters: Any) -> list[list[tuple[str | None, ...]]]:
        """A statement's rows, page by page; of a SELECT the header is the first."""
        pages = self.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution_id, **parameters
        )
        return [
            [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in page["ResultSet"]["Rows"]]
            for page in pages
        ]

    def select(self, sql: str) -> list[tuple[str | None, ...]]:
        """A SELECT's rows without the header."""
        execution = self.succeed(sql)
        return [row for page in self.pages(execution["QueryExecutionId"]) for row in page][1:]

    def one(self, sql: str) -> tuple[str | None, ...]:
        """A SELECT's only row."""
        (row,) = self.select(sql)
        return row

    def table(self, columns: str, prefix: str, row_format: str = "", tail: str = "", keys: str = "") -> str:
        """A table over a prefix of the source bucket; return its name."""
        self.tables += 1
        name = f"d.t{self.tables}"
        partitioned = f"PARTITIONED BY ({keys})" if keys else ""
        delimited = row_format or "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        self.succeed(
            f"CREATE EXTERNAL TABLE {name} ({columns}) {partitioned} {delimited} STORED AS TEXTFILE "
            f"LOCATION 's3://{self.source}/{prefix}' {tail}"
        )
        return name

    def sales(self, months: dict[str, str], *, registered: bool = True) -> str:
        """The article's table over one file a month (`2024-01` → text), partitioned by year and month."""
        prefix = f"sales{self.tables}/"
        name = self.table(SALES_COLUMNS, prefix, tail=HEADER, keys="year INT, month INT")
        for month, text in months.items():
            folder = f"{prefix}year={month[:4]}/month={month[5:]}/"
            self.put(f"{folder}sales.csv", text)
            if registered:
                self.succeed(
                    f"ALTER TABLE {name} ADD IF NOT EXISTS PARTITION (year={month[:4]}, month={month[5:]}) "
                    f"LOCATION 's3://{self.source}/{folder}'"
                )
        return name


def invalid(estate: Estate, sql: str = "SELECT 1", **parameters: Any) -> str:
    """What Athena says of a start that it refuses as invalid."""
    with pytest.raises(ClientError) as refused:
        estate.start(sql, **parameters)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
    return str(refused.value.response["Error"]["Message"])
