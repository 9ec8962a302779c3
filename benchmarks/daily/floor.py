"""The floor: the calls that a load cannot do without, one after the other in boto3, with clients that are ready.

No memory of what was proved (but the ETag of the last file), no retries, no gate: nothing that makes a load safe. What
a way takes beyond this is its own.
"""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_SECONDS = 0.05


class FloorError(Exception):
    """A statement or an ingestion failed, or the figures differ."""


@dataclass
class Floor:
    """One table's load. `source` reads as the workload account's reader role, the others as the pipeline role."""

    source: Any
    athena: Any
    quicksight: Any
    bucket: str
    workgroup: str
    table: str
    analytics_id: str
    data_set_id: str
    etags: dict[str, str] = field(default_factory=dict)

    def load(self, month: str) -> int | None:
        """Load a month and return its rows; None if its file is the one that was loaded before."""
        year, number = month.split("-")
        folder = f"data/sales/year={year}/month={number}/"
        where = {"Bucket": self.bucket, "Key": f"{folder}sales_data_{year}_{number}.csv"}
        etag = self.source.head_object(**where)["ETag"]
        if self.etags.get(month) == etag:
            return None
        text = self.source.get_object(**where)["Body"].read().decode()
        in_file = sum(1 for _ in csv.reader(text.splitlines())) - 1
        partition = f"year = {year}, month = {int(number)}"
        self._run(
            f"ALTER TABLE {self.table} ADD IF NOT EXISTS "
            f"PARTITION ({partition}) LOCATION 's3://{self.bucket}/{folder}'"
        )
        query_id = self._run(f"SELECT count(*) FROM {self.table} WHERE {partition.replace(',', ' AND')}")
        answer = self.athena.get_query_results(QueryExecutionId=query_id)
        in_athena = int(answer["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"])
        if in_file != in_athena:
            raise FloorError(f"{in_file} records in the file, {in_athena} rows in Athena")
        self._ingest(f"{month}-{time.time_ns()}")
        self.etags[month] = etag
        return in_file

    def _run(self, sql: str) -> str:
        started = self.athena.start_query_execution(QueryString=sql, WorkGroup=self.workgroup)
        query_id: str = started["QueryExecutionId"]
        self._await(
            lambda: self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"][
                "State"
            ],
            "SUCCEEDED",
        )
        return query_id

    def _ingest(self, ingestion_id: str) -> None:
        names = {
            "AwsAccountId": self.analytics_id,
            "DataSetId": self.data_set_id,
            "IngestionId": ingestion_id,
        }
        self.quicksight.create_ingestion(**names)
        self._await(
            lambda: self.quicksight.describe_ingestion(**names)["Ingestion"]["IngestionStatus"], "COMPLETED"
        )

    @staticmethod
    def _await(look: Callable[[], str], wanted: str) -> None:
        while (state := look()) != wanted:
            if state in {"FAILED", "CANCELLED"}:
                raise FloorError(state)
            time.sleep(POLL_SECONDS)
