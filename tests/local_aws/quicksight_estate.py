"""What QuickSight's tests stand on: a workload account's bucket, and an analytics account that reads it.

All of it is made through boto3, in accounts that no other test has.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, fresh_id, policy, poll

COLUMNS = [
    {"Name": "product", "Type": "STRING"},
    {"Name": "quantity", "Type": "INTEGER"},
    {"Name": "total_sales", "Type": "DECIMAL"},
]
FINAL = {"COMPLETED", "FAILED", "CANCELLED"}
SERVICE = "quicksight.amazonaws.com"


def sales_csv(records: int) -> str:
    """The text of a source object: a header and as many records."""
    lines = [f"product {n},{n},{Decimal(n) / 4:.2f}" for n in range(records)]
    return "\n".join(["product,quantity,total_sales", *lines]) + "\n"


def records_of(*texts: str) -> list[tuple[str, ...]]:
    """What Python's csv module reads from source objects, headers left out."""
    return [tuple(row) for text in texts for row in list(csv.reader(io.StringIO(text)))[1:]]


def trust_service(service: str) -> str:
    """A trust policy for a service."""
    return policy({"Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


class Estate:
    """One table of a workload account's files, registered in an analytics account, with a data source on it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.analytics, self.workload = Account(cloud, fresh_id()), Account(cloud, fresh_id())
        self.account_id = self.analytics.id
        self.quicksight, self.athena = (self.analytics.client(name) for name in ("quicksight", "athena"))
        self.role_arn = self.role("quicksight")
        self.results = self.analytics.bucket("results")
        self.bucket = self.workload.bucket("sales")
        self.grant_bucket(self.role_arn)
        self._make_table()
        self.source_arn = self.create_data_source("sales")["Arn"]

    def role(self, name: str, path: str = "/", service: str = SERVICE) -> str:
        """Make a role that a service may assume, with all that a data source's role needs."""
        allowed = {"Action": ["athena:*", "glue:*", "s3:*"], "Resource": "*"}
        return self.analytics.role(name, trust_service(service), allowed, path=path)

    def grant_bucket(self, *role_arns: str) -> None:
        """Let exactly these roles read the source bucket."""
        statement = {
            "Principal": {"AWS": list(role_arns)},
            "Action": ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"],
        }
        self.workload.s3.put_bucket_policy(Bucket=self.bucket, Policy=policy(statement))

    def deny_bucket(self) -> None:
        """Take the bucket policy away."""
        self.workload.s3.delete_bucket_policy(Bucket=self.bucket)

    def put(self, name: str, text: str) -> None:
        """Write a source object into the partition of January 2024."""
        key = f"data/year=2024/month=01/{name}"
        self.workload.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def _make_table(self) -> None:
        location = {"ResultConfiguration": {"OutputLocation": f"s3://{self.results}/"}}
        self.athena.create_work_group(Name="sales", Configuration=location)
        self.put("sales_1.csv", sales_csv(7))
        self.statement("CREATE DATABASE sales")
        self.statement(
            "CREATE EXTERNAL TABLE sales.records (product STRING, quantity INT, total_sales DECIMAL(10,2)) "
            "PARTITIONED BY (year INT, month INT) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"STORED AS TEXTFILE LOCATION 's3://{self.bucket}/data/' "
            "TBLPROPERTIES ('skip.header.line.count'='1')"
        )
        self.statement(
            "ALTER TABLE sales.records ADD IF NOT EXISTS PARTITION (year=2024, month=1) "
            f"LOCATION 's3://{self.bucket}/data/year=2024/month=01/'"
        )

    def statement(self, sql: str) -> None:
        """Run a DDL statement as the analytics account's administrator."""
        started = self.athena.start_query_execution(QueryString=sql, WorkGroup="sales")
        execution = poll(
            lambda: self.athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])[
                "QueryExecution"
            ],
            lambda found: found["Status"]["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"},
        )
        assert execution["Status"]["State"] == "SUCCEEDED", execution

    def query_of(self, sql: str, state: str) -> dict[str, Any]:
        """Wait until the newest query of the workgroup is this one, in this state, and return it."""

        def newest() -> dict[str, Any]:
            query_id = self.athena.list_query_executions(WorkGroup="sales")["QueryExecutionIds"][0]
            return dict(self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"])

        return dict(poll(newest, lambda found: (found["Query"], found["Status"]["State"]) == (sql, state)))

    def create_data_source(self, data_source_id: str, **athena: Any) -> Any:
        """Create a data source in the workgroup, read as the role made here unless `RoleArn` says another."""
        parameters = {"WorkGroup": "sales", "RoleArn": self.role_arn, **athena}
        return self.quicksight.create_data_source(
            AwsAccountId=self.account_id,
            DataSourceId=data_source_id,
            Name=data_source_id,
            Type="ATHENA",
            DataSourceParameters={
                "AthenaParameters": {name: value for name, value in parameters.items() if value}
            },
        )

    def describe_data_source(self, data_source_id: str) -> Any:
        """DescribeDataSource."""
        answer = self.quicksight.describe_data_source(
            AwsAccountId=self.account_id, DataSourceId=data_source_id
        )
        return answer["DataSource"]

    def data_set(self, data_set_id: str = "records", **changes: Any) -> dict[str, Any]:
        """The parameters of CreateDataSet and UpdateDataSet; `sql`, `columns` and any member may be changed."""
        sql = changes.pop("sql", "SELECT product, quantity, total_sales FROM sales.records")
        custom = {
            "DataSourceArn": changes.pop("source_arn", self.source_arn),
            "Name": "records",
            "SqlQuery": sql,
            "Columns": changes.pop("columns", COLUMNS),
        }
        return {
            "AwsAccountId": self.account_id,
            "DataSetId": data_set_id,
            "Name": data_set_id,
            "ImportMode": "SPICE",
            "PhysicalTableMap": {"records": {"CustomSql": custom}},
            **changes,
        }

    def create_data_set(self, data_set_id: str = "records", **changes: Any) -> dict[str, Any]:
        """Create a SPICE data set and return its initial ingestion when that has ended."""
        created = self.quicksight.create_data_set(**self.data_set(data_set_id, **changes))
        return self.ended(created["IngestionId"], data_set_id)

    def start(self, ingestion_id: str, data_set_id: str = "records") -> Any:
        """CreateIngestion."""
        return self.quicksight.create_ingestion(
            AwsAccountId=self.account_id, DataSetId=data_set_id, IngestionId=ingestion_id
        )

    def ingest(self, ingestion_id: str, data_set_id: str = "records") -> dict[str, Any]:
        """Start an ingestion and return it when it has ended."""
        self.start(ingestion_id, data_set_id)
        return self.ended(ingestion_id, data_set_id)

    def describe(self, ingestion_id: str, data_set_id: str = "records") -> dict[str, Any]:
        """DescribeIngestion."""
        answer = self.quicksight.describe_ingestion(
            AwsAccountId=self.account_id, DataSetId=data_set_id, IngestionId=ingestion_id
        )
        return dict(answer["Ingestion"])

    def ended(self, ingestion_id: str, data_set_id: str = "records") -> dict[str, Any]:
        """Wait until an ingestion has ended and return it."""
        return poll(
            lambda: self.describe(ingestion_id, data_set_id), lambda found: found["IngestionStatus"] in FINAL
        )

    def running(self, ingestion_id: str, data_set_id: str = "records") -> dict[str, Any]:
        """Wait until an ingestion runs and return it."""
        return poll(
            lambda: self.describe(ingestion_id, data_set_id),
            lambda found: found["IngestionStatus"] == "RUNNING",
        )

    def spice(self, data_set_id: str = "records") -> Counter[tuple[str | None, ...]]:
        """The rows that SPICE holds, as text; they have no order."""
        answer = self.cloud.control("GET", f"spice?account_id={self.account_id}&data_set_id={data_set_id}")
        return Counter(tuple(row) for row in answer["rows"])

    def option(self, name: str, value: Any) -> None:
        """Set an option of the running server."""
        self.cloud.control("PUT", "options", {name: value})

    def next_ingestion(self, option: str, data_set_id: str = "records", **fault: Any) -> None:
        """Ask for a fault of the next ingestion of a data set."""
        self.option(option, {"account_id": self.account_id, "data_set_id": data_set_id, **fault})

    @contextmanager
    def superseding(self) -> Iterator[None]:
        """A second ingestion supersedes the first, as long as this lasts."""
        self.option("second_ingestion", "supersede")
        try:
            yield
        finally:
            self.option("second_ingestion", "queue")
