"""Query executions: what each was asked, how it stands, and the history of an account's region."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local_aws.athena.results import column_info
from local_aws.athena.workgroups import ENGINE, invalid
from local_aws.calls import AwsError
from local_aws.s3_keys import KMS, Encryption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local_aws.athena.results import Result
    from local_aws.athena.types import Type
    from local_aws.calls import Caller

FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
LIMITS = {"DDL": 20, "DML": 200}


@dataclass(frozen=True)
class Asked:
    """What StartQueryExecution was asked; equal for a repeated request."""

    sql: str
    database: str | None
    catalog: str
    workgroup: str
    location: str
    expected_owner: str | None


@dataclass
class Execution:
    """One query execution. Its worker changes it; `lock` makes a final state final."""

    asked: Asked
    caller: Caller
    region: str
    statement_type: str
    cutoff: int | None
    result_configuration: dict[str, Any]
    reuse: Mapping[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    reason: str | None = None
    error: dict[str, Any] | None = None
    submitted: datetime = field(default_factory=lambda: datetime.now(UTC))
    completed: datetime | None = None
    scanned: int = 0
    columns: Sequence[tuple[str, Type]] = ()
    result: Result | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _clock: float = field(default_factory=time.monotonic)
    _started: float | None = None
    _ended: float | None = None

    @property
    def kind(self) -> str:
        """DDL or DML, as quotas have it."""
        return "DML" if self.statement_type == "DML" else "DDL"

    @property
    def output_location(self) -> str:
        """The result object: .csv of a SELECT, .txt of everything else."""
        return f"{self.asked.location}{self.id}.{'csv' if self.statement_type == 'DML' else 'txt'}"

    @property
    def encryption(self) -> Encryption | None:
        """How its results are asked to be encrypted: with SSE_S3, or with SSE_KMS and a key."""
        asked = self.result_configuration.get("EncryptionConfiguration")
        if not asked:
            return None
        return (
            Encryption(KMS, asked["KmsKey"]) if asked.get("EncryptionOption") == "SSE_KMS" else Encryption()
        )

    def begin(self) -> None:
        """The worker has it: RUNNING."""
        with self.lock:
            if self.state == "QUEUED":
                self.state, self._started = "RUNNING", time.monotonic()

    def finish(self, state: str, reason: str | None = None, error: dict[str, Any] | None = None) -> None:
        """Reach a final state, once: everything else is set before it."""
        with self.lock:
            if self.state in FINAL:
                return
            self._ended, self.completed = time.monotonic(), datetime.now(UTC)
            self.reason, self.error, self.state = reason, error, state
        self.done.set()

    def describe(self) -> dict[str, Any]:
        """What GetQueryExecution answers."""
        with self.lock:
            status = {
                "State": self.state,
                "SubmissionDateTime": self.submitted,
                "CompletionDateTime": self.completed,
                "StateChangeReason": self.reason,
                "AthenaError": self.error,
            }
            return {
                "QueryExecutionId": self.id,
                "Query": self.asked.sql,
                "StatementType": self.statement_type,
                "ResultConfiguration": {**self.result_configuration, "OutputLocation": self.output_location},
                "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": dict(self.reuse)},
                "QueryExecutionContext": _given(Database=self.asked.database, Catalog=self.asked.catalog),
                "Status": _given(**status),
                "Statistics": self._statistics(),
                "WorkGroup": self.asked.workgroup,
                "EngineVersion": ENGINE,
                "SubstatementType": self.asked.sql.split(None, 1)[0].upper()
                if self.asked.sql.split()
                else "",
            }

    def _statistics(self) -> dict[str, Any]:
        ended = self._ended or time.monotonic()
        started = self._started or ended
        return {
            "DataScannedInBytes": self.scanned,
            "EngineExecutionTimeInMillis": _milliseconds(ended - started),
            "QueryQueueTimeInMillis": _milliseconds(started - self._clock),
            "TotalExecutionTimeInMillis": _milliseconds(ended - self._clock),
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": False},
        }

    def column_infos(self) -> list[dict[str, Any]]:
        """The result's columns as ResultSetMetadata has them."""
        return [column_info(name, kind) for name, kind in self.columns]


class Executions:
    """The history of one account and region, newest last, and the tokens that were used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Execution] = {}
        self._tokens: dict[str, Execution] = {}

    def admit(self, execution: Execution, token: str | None) -> Execution:
        """Take a new execution into the history; for a token used before, return the execution it began then."""
        with self._lock:
            known = self._tokens.get(token) if token else None
            if known and known.asked != execution.asked:
                raise invalid("Idempotent parameters do not match")
            if known:
                return known
            self._check_limit(execution)
            self._held[execution.id] = execution
            if token:
                self._tokens[token] = execution
            return execution

    def _check_limit(self, execution: Execution) -> None:
        active = sum(e.state not in FINAL and e.kind == execution.kind for e in self._held.values())
        if active >= LIMITS[execution.kind]:
            raise AwsError(
                "TooManyRequestsException",
                "You have exceeded the limit for the number of queries you can run concurrently. Reduce the number of "
                "concurrent queries submitted by this account.",
                Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED",
            )

    def get(self, execution_id: str) -> Execution:
        """An execution by its id."""
        found = self._held.get(execution_id)
        if not found:
            raise invalid(f"QueryExecution {execution_id} was not found")
        return found

    def find(self, execution_id: str) -> Execution | None:
        """An execution by its id, or None."""
        return self._held.get(execution_id)

    def of_workgroup(self, name: str) -> list[Execution]:
        """A workgroup's executions, newest first."""
        with self._lock:
            return [e for e in reversed(self._held.values()) if e.asked.workgroup == name]


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
