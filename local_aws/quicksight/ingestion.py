"""One SPICE ingestion: its state, its figures and what made it fail."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_aws.quicksight.faults import NO_FAULT, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from local_aws.quicksight.spice import SpiceTable

FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED"})


@dataclass
class Ingestion:
    """INITIALIZED → QUEUED → RUNNING → COMPLETED, FAILED or CANCELLED; `stop` is set at the end and stops its query."""

    arn: str
    ingestion_id: str
    request_type: str
    created: datetime
    status: str = "INITIALIZED"
    fault: Fault = NO_FAULT
    started: bool = False
    error: Mapping[str, str] | None = None
    row_info: Mapping[str, int] | None = None
    size_in_bytes: int | None = None
    finished: datetime | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def is_final(self) -> bool:
        """Whether the state will not change any more."""
        return self.status in FINAL

    def complete(self, table: SpiceTable, now: datetime) -> None:
        """End it well, with the figures of what it loaded: a full refresh, so the total is its own."""
        ingested = len(table.rows)
        self.row_info = {
            "RowsIngested": ingested,
            "RowsDropped": table.dropped,
            "TotalRowsInDataset": ingested,
        }
        self.size_in_bytes = table.size_in_bytes
        self._end("COMPLETED", now)

    def fail(self, error_type: str, message: str, now: datetime) -> None:
        """End it with an ErrorInfo."""
        self.error = {"Type": error_type, "Message": message}
        self._end("FAILED", now)

    def cancel(self, now: datetime) -> None:
        """End it as somebody's wish."""
        self.error = {"Type": "INGESTION_CANCELED", "Message": "The ingestion was cancelled."}
        self._end("CANCELLED", now)

    def _end(self, status: str, now: datetime) -> None:
        self.finished, self.status = now, status
        self.stop.set()

    def described(self, running: Ingestion | None = None) -> dict[str, Any]:
        """Return it as DescribeIngestion answers it; `running` is the one that it may be waiting for."""
        answer: dict[str, Any] = {
            "Arn": self.arn,
            "IngestionId": self.ingestion_id,
            "IngestionStatus": self.status,
            "CreatedTime": self.created,
            "RequestSource": "MANUAL",
            "RequestType": self.request_type,
            "ErrorInfo": self.error,
            "RowInfo": self.row_info,
            "QueueInfo": self._queue_info(running),
            "IngestionSizeInBytes": self.size_in_bytes,
            "IngestionTimeInSeconds": self._seconds(),
        }
        return {member: value for member, value in answer.items() if value is not None}

    def _queue_info(self, running: Ingestion | None) -> dict[str, str] | None:
        """AWS's reference explains the two members the wrong way round: here they hold what they say."""
        if self.started or self.is_final or running is None:
            return None
        return {"WaitingOnIngestion": running.ingestion_id, "QueuedIngestion": self.ingestion_id}

    def _seconds(self) -> int | None:
        return None if self.finished is None else round((self.finished - self.created).total_seconds())
