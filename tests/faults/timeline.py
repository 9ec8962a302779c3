"""What happened in a trial, in its order: deliveries, ledgers written, statements and ingestions begun.

Read from the trail of the local AWS, from Athena's and QuickSight's own histories and from the versions of the ledger's
object; nothing of Sightline is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.evidence import ledger_key

if TYPE_CHECKING:
    from demo.cloud import Cloud
    from demo.evidence import Evidence
    from sightline.settings import Settings, Table, WorkloadAccount

MONTHS = re.compile(r"year = (\d+)(?:,| AND) month = (\d+)")
# The evidence looks as the owner's administrator.
OWNERS = ":assumed-role/OrganizationAccountAccessRole/"
Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Scene:
    """Where to look: one account's tables on a cloud. `months` are those that the last load had in sight.

    `is_concurrent`: several loads of a table ran at once, so that one may have begun what it had decided before.
    `is_overtaken`: files were written at any moment, also between the gate's look and the ingestion: nobody sees that.
    """

    settings: Settings
    account_name: str
    evidence: Evidence
    cloud: Cloud
    months: tuple[str, ...]
    is_concurrent: bool = False
    is_overtaken: bool = False

    @property
    def account(self) -> WorkloadAccount:
        """The account's settings."""
        return next(each for each in self.settings.workload_accounts if each.name == self.account_name)


@dataclass(frozen=True)
class Delivery:
    """A file was written or deleted by its owner; no ETag: deleted."""

    key: str
    etag: str


@dataclass(frozen=True)
class Look:
    """A load listed the source bucket: until it looks again, this is what it knows of the files."""


@dataclass(frozen=True)
class LedgerWrite:
    """The ledger's object became this."""

    lines: Lines


@dataclass(frozen=True)
class Statement:
    """A statement was begun, or a start was answered with the execution that there was."""

    id: str
    sql: str
    state: str
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def months(self) -> tuple[str, ...]:
        """The months that its text names."""
        return tuple(f"{int(year):04}-{int(month):02}" for year, month in MONTHS.findall(self.sql))


@dataclass(frozen=True)
class Ingestion:
    """An ingestion of the data set was begun. QuickSight tells its length in whole seconds: `ended` is the earliest."""

    id: str
    state: str
    rows: int
    began: datetime | None = None
    ended: datetime | None = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Ingestion:
        """Read what QuickSight lists."""
        began, seconds = found["CreatedTime"], found.get("IngestionTimeInSeconds")
        return cls(
            found["IngestionId"],
            found["IngestionStatus"],
            found.get("RowInfo", {}).get("RowsIngested", 0),
            began,
            None if seconds is None else began + timedelta(seconds=max(seconds - 0.5, 0)),
        )


Event = Delivery | Look | LedgerWrite | Statement | Ingestion


def timeline(scene: Scene, table: Table) -> list[Event]:
    """Everything since the calls were last reset, in the order in which it took effect.

    What took effect is on the trail without an error: also when its answer was lost on the way.
    """
    found = _Events(scene, table)
    return [event for call in scene.cloud.trail() if not call["error"] for event in found.of(call)]


class _Events:
    def __init__(self, scene: Scene, table: Table) -> None:
        self.scene, self.table = scene, table
        self.bucket = scene.settings.analytics.ledger_bucket
        self.key = ledger_key(scene.account, table)
        self.executions = _executions(scene)
        self.ingestions = {
            each["IngestionId"]: each for each in scene.evidence.ingestions(scene.account, table)
        }

    def of(self, call: dict[str, Any]) -> Iterator[Event]:
        asked, result = call["parameters"], call["result"]
        match call["service"], call["operation"]:
            case "s3", "PutObject" if self._is_ledger(asked):
                look, version = self.scene.evidence, result["VersionId"]
                yield LedgerWrite(look.ledger_lines(self.scene.account, self.table, version=version))
            case "s3", "PutObject" | "DeleteObject" if asked["Bucket"] == self.table.bucket:
                yield Delivery(asked["Key"], result.get("ETag", "").strip('"'))
            case "s3", "ListObjectsV2" if (
                asked["Bucket"] == self.table.bucket and OWNERS not in call["principal"]
            ):
                yield Look()
            case "athena", "StartQueryExecution" if asked.get("WorkGroup") == self.scene.account.workgroup:
                yield self._statement(result["QueryExecutionId"], asked["QueryString"])
            case "quicksight", "CreateIngestion" if asked["DataSetId"] == self.table.quicksight.data_set_id:
                yield Ingestion.of(self.ingestions[asked["IngestionId"]])

    def _statement(self, execution_id: str, sql: str) -> Statement:
        status = self.executions.get(execution_id, {"State": "gone"})
        began, ended = status.get("SubmissionDateTime"), status.get("CompletionDateTime")
        return Statement(execution_id, sql, status["State"], began, ended)

    def _is_ledger(self, asked: Mapping[str, Any]) -> bool:
        return (asked["Bucket"], asked["Key"]) == (self.bucket, self.key)


def statement_states(scene: Scene) -> dict[str, str]:
    """How every statement of the account's workgroup stands now, QuickSight's among them."""
    return {execution_id: status["State"] for execution_id, status in _executions(scene).items()}


def _executions(scene: Scene) -> dict[str, Mapping[str, Any]]:
    athena = scene.evidence.estate.admin("athena")
    ids = sorted(scene.evidence.query_ids(scene.account))
    found: dict[str, Mapping[str, Any]] = {}
    for first in range(0, len(ids), 50):
        answer = athena.batch_get_query_execution(QueryExecutionIds=ids[first : first + 50])
        found |= {each["QueryExecutionId"]: each["Status"] for each in answer["QueryExecutions"]}
    return found
