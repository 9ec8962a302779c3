"""Why an ingestion failed, in QuickSight's own kinds (IngestionErrorType), from what Athena and IAM said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.service import FinishedQuery
    from local_aws.calls import AwsError

# The first that fits decides; else SQL_EXCEPTION. Athena's COLUMN_NOT_FOUND speaks of authorization too.
BY_TEXT = (
    (r"^COLUMN_NOT_FOUND", "SQL_EXCEPTION"),
    (r"access.?denied|permission denied|not authorized|insufficient permission", "PERMISSION_DENIED"),
    (r"(table|schema|database)([ _]?not[ _]?found| .*does not exist)", "SQL_TABLE_NOT_FOUND"),
    (r"out_of_range|overflow", "SQL_NUMERIC_OVERFLOW"),
    (r"bytes scanned|exceeded_?.*(limit|memory)", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
    (r"too ?many ?requests|throttl", "SOURCE_API_LIMIT_EXCEEDED_FAILURE"),
    (r"timed out|timeout|exceeded_time_limit", "QUERY_TIMEOUT"),
    (r"workgroup", "INVALID_DATA_SOURCE_CONFIG"),
)


class IngestionFailed(Exception):  # noqa: N818 - a failed ingestion is an answer of the service, not an error of ours
    """The ingestion ends FAILED with this ErrorInfo."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(f"{error_type}: {message}")
        self.error_type, self.message = error_type, message

    @classmethod
    def at_role(cls, error: AwsError) -> IngestionFailed:
        """The data source's role is not there, or does not trust QuickSight."""
        missing = error.code == "NoSuchEntity" or "does not exist" in error.message
        return cls("IAM_ROLE_NOT_AVAILABLE" if missing else "FAILURE_TO_ASSUME_ROLE", error.message)

    @classmethod
    def at_start(cls, error: AwsError) -> IngestionFailed:
        """Athena did not take the query."""
        return cls(_kind(f"{error.code} {error.message}"), error.message)

    @classmethod
    def in_query(cls, query: FinishedQuery) -> IngestionFailed:
        """Athena ran the query and it did not succeed."""
        reason = query.reason or f"The query was {query.state}."
        return cls(_kind(reason), f"{reason} [Execution ID: {query.execution_id}]")


def _kind(text: str) -> str:
    matches = (kind for pattern, kind in BY_TEXT if re.search(pattern, text, re.IGNORECASE | re.DOTALL))
    return next(matches, "SQL_EXCEPTION")
