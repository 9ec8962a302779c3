"""Athena: statements started once, waited for, and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook as ProviderAthenaHook
from botocore.exceptions import ClientError

from sightline.errors import QueryExecutionFailed, QueryRefused, ScanCutoffReached, SightlineError
from sightline.hooks.account import SharedSession, error_code
from sightline.polling import poll
from sightline.settings import WorkloadAccount
from sightline.source_grants import source_refused
from sightline.sources import digest

FINAL_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
CUTOFF_REASON = "Bytes scanned limit was exceeded"
# Athena states times in milliseconds, HTTP's Date header in whole seconds.
_CLOCK_GRAIN = timedelta(seconds=2)


@dataclass(frozen=True)
class QueryExecution:
    """Athena's answer about one statement, wrapped once. Sizes in bytes."""

    id: str
    state: str
    reason: str
    is_retryable: bool
    workgroup: str
    submitted_at: datetime
    bytes_scanned: int
    output_location: str

    @classmethod
    def from_response(cls, answer: Mapping[str, Any]) -> QueryExecution:
        """Wrap GetQueryExecution's answer."""
        execution = answer["QueryExecution"]
        status = execution["Status"]
        return cls(
            id=execution["QueryExecutionId"],
            state=status["State"],
            reason=status.get("StateChangeReason", ""),
            is_retryable=status.get("AthenaError", {}).get("Retryable", True),
            workgroup=execution.get("WorkGroup", ""),
            submitted_at=status["SubmissionDateTime"],
            bytes_scanned=execution.get("Statistics", {}).get("DataScannedInBytes", 0),
            output_location=execution.get("ResultConfiguration", {}).get("OutputLocation", ""),
        )

    @property
    def is_final(self) -> bool:
        """Tell whether the state changes no more."""
        return self.state in FINAL_STATES

    @property
    def has_failed(self) -> bool:
        """Tell whether it ended without success."""
        return self.state in {"FAILED", "CANCELLED"}

    def error(self, account: WorkloadAccount, role_arn: str) -> SightlineError:
        """Return what to raise for a failed execution, run as this role: a refusal where a retry cannot help."""
        if self.state == "CANCELLED" and CUTOFF_REASON in self.reason:
            return ScanCutoffReached(self.id, self.workgroup, account.scan_cutoff_bytes, self.bytes_scanned)
        what = f"Query execution {self.id} in workgroup {self.workgroup}, {self.state}"
        if denial := source_refused(what, self.reason, account, role_arn):
            return denial
        failed = QueryRefused if self.state == "FAILED" and not self.is_retryable else QueryExecutionFailed
        return failed(self.id, self.state, self.reason, self.workgroup, self.bytes_scanned)


class AthenaHook(SharedSession, ProviderAthenaHook):
    """The provider's hook, extended by idempotent starts and adaptive waiting."""

    def start(
        self, sql: str, work: Mapping[str, object], account: WorkloadAccount, catalog: str, awaited: str = ""
    ) -> QueryExecution:
        """Start a statement, or attach to the execution that the same work already has.

        The client request token is a hash of the work and an attempt, so the same work started twice, by a retry or a
        second Dag, is one execution. The attempt goes up only past an execution that had failed for good before this
        start; `awaited` is one whose end the caller waited for, and is therefore never passed over.

        Args:
            work: what the statement does, as JSON-like content: account, table, months with fingerprints, revisions.

        Raises:
            AccessRefused, QueryRefused: if Athena does not take the statement.
        """
        attempt, where = 0, {"workgroup": account.workgroup, "catalog": catalog}
        while True:
            token = digest({**work, **where, "sql": sql, "attempt": attempt})
            execution, is_earlier = self._start(sql, token, account, catalog)
            if not (execution.has_failed and is_earlier) or execution.id == awaited:
                return execution
            self.log.info("Attempt %d of this work had ended %s (%s)", attempt, execution.state, execution.id)
            attempt += 1

    def _start(
        self, sql: str, token: str, account: WorkloadAccount, catalog: str
    ) -> tuple[QueryExecution, bool]:
        try:
            answer = self.client.start_query_execution(
                QueryString=sql,
                ClientRequestToken=token,
                QueryExecutionContext={"Catalog": catalog},
                WorkGroup=account.workgroup,
            )
        except ClientError as error:
            raise self._refused(error, account) from error
        execution = self.look(answer["QueryExecutionId"])
        answered_at = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        # Both times are AWS's own, so this worker's clock does not matter.
        return execution, answered_at - execution.submitted_at > _CLOCK_GRAIN

    def look(self, query_execution_id: str) -> QueryExecution:
        """Ask once how a statement stands.

        Raises:
            AccessRefused: if the role may not ask.
        """
        try:
            answer = self.client.get_query_execution(QueryExecutionId=query_execution_id)
        except ClientError as error:
            raise self._denied(error, "athena:GetQueryExecution", query_execution_id) from error
        return QueryExecution.from_response(answer)

    def wait(self, execution: QueryExecution, seconds: float) -> QueryExecution:
        """Wait up to `seconds` for the final state and return the last answer.

        Raises:
            AccessRefused: if the role may not ask.
        """
        return poll(lambda: self.look(execution.id), lambda answer: answer.is_final, seconds, execution)

    def rows(self, query_execution_id: str) -> list[list[str | None]]:
        """Return the rows of a SELECT without its header row; every value is text, or None for NULL.

        Raises:
            AccessRefused: if the role may not read them.
        """
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=query_execution_id)
        try:
            rows = [
                [cell.get("VarCharValue") for cell in row["Data"]]
                for page in pages
                for row in page["ResultSet"]["Rows"]
            ]
        except ClientError as error:
            raise self._denied(error, "athena:GetQueryResults", query_execution_id) from error
        return rows[1:]

    def _denied(self, error: ClientError, action: str, query_execution_id: str) -> Exception:
        hint = "The role needs this action on the workgroup, and s3:GetObject on the results location."
        return self.account.refused(error, action, f"query execution {query_execution_id}", hint)

    def _refused(self, error: ClientError, account: WorkloadAccount) -> Exception:
        if error_code(error) == "InvalidRequestException":
            reason = error.response["Error"].get("Message", "")
            return QueryRefused("none", "not started", reason, account.workgroup)
        return self.account.refused(
            error,
            "athena:StartQueryExecution",
            f"workgroup {account.workgroup}",
            "The role needs this action on the workgroup.",
        )
