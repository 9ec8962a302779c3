"""How a statement ends when it does not succeed.

    QueryError             the statement ends FAILED, with Athena's kind of reason
    QueryCancelledError    it ends CANCELLED: stopped by a person, or by the workgroup's scan cutoff

Error types are from AWS's error catalogue (docs.aws.amazon.com/athena/latest/ug/error-reference.html); which one a
given reason gets there is an assumption.
"""

from __future__ import annotations

RESULTS_NOT_WRITTEN, USER_ERROR, DATA_ERROR, DDL_FAILED = 401, 1000, 1001, 1003
INTERNAL_ERROR = 200


class QueryError(Exception):
    """The statement ends FAILED with this reason."""

    def __init__(self, reason: str, error_type: int = USER_ERROR) -> None:
        super().__init__(reason)
        self.reason, self.error_type = reason, error_type

    @property
    def category(self) -> int:
        """1 when the engine is to blame, 2 when the statement, its data or its permissions are."""
        return 1 if self.error_type == INTERNAL_ERROR else 2


class QueryCancelledError(Exception):
    """The statement ends CANCELLED; what it has read is billed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def not_supported(what: str) -> QueryError:
    """The refusal of what the local engine does not do: it does not guess what Athena would answer."""
    return QueryError(f"NOT_SUPPORTED: {what}")


def ddl_failed(message: str) -> QueryError:
    """A failure as Hive's DDL task words it."""
    return QueryError(
        f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}",
        DDL_FAILED,
    )
