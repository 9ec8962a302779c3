"""Athena's operations, and `run` for services that query on somebody's behalf (QuickSight)."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_aws.athena.executions import FINAL, Execution, Executions
from local_aws.athena.glue_catalog import GlueCatalog
from local_aws.athena.metadata import Metadata, page
from local_aws.athena.results import PAGE, rows_between
from local_aws.athena.runner import Runner
from local_aws.athena.starting import new_execution
from local_aws.athena.workgroups import WorkGroups, invalid
from local_aws.calls import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_aws.athena.results import Row
    from local_aws.calls import Call, Caller
    from local_aws.iam.authorizer import Authorizer
    from local_aws.latency import Latency
    from local_aws.s3_access import S3Access

BAD_VALUES = ("null", "fail")


@dataclass(frozen=True)
class FinishedQuery:
    """A query that has ended; rows only when it SUCCEEDED."""

    execution_id: str
    state: str
    reason: str | None
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    bytes_scanned: int


class Region:
    """What Athena holds for one account in one region."""

    def __init__(self) -> None:
        self.workgroups, self.executions = WorkGroups(), Executions()


class AthenaService:
    """Athena; statements run in worker threads, as their callers."""

    name = "athena"

    def __init__(
        self, s3: S3Access, latency: Latency, authorizer: Authorizer, bad_values: str = "null"
    ) -> None:
        self._s3, self._authorizer = s3, authorizer
        self.use_bad_values(bad_values)
        self._runner = Runner(s3, latency, authorizer, lambda: self.bad_values)
        self._regions: dict[tuple[str, str], Region] = {}
        self._lock = threading.Lock()
        metadata = Metadata(lambda call: GlueCatalog(authorizer, call.caller, call.region))
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "CreateWorkGroup": self.create_work_group,
            "GetWorkGroup": self.get_work_group,
            "UpdateWorkGroup": self.update_work_group,
            "DeleteWorkGroup": self.delete_work_group,
            "ListWorkGroups": self.list_work_groups,
            "StartQueryExecution": self.start_query_execution,
            "GetQueryExecution": self.get_query_execution,
            "BatchGetQueryExecution": self.batch_get_query_execution,
            "StopQueryExecution": self.stop_query_execution,
            "ListQueryExecutions": self.list_query_executions,
            "GetQueryResults": self.get_query_results,
            **metadata.operations,
        }

    def use_bad_values(self, bad_values: str) -> None:
        """Say what a field that does not cast is from now on: "null", or "fail" for a HIVE_BAD_DATA failure."""
        if bad_values not in BAD_VALUES:
            raise AwsError(
                "ValidationException", f"bad_values {bad_values!r} is none of {', '.join(BAD_VALUES)}"
            )
        self.bad_values = bad_values

    def _region(self, account_id: str, region: str) -> Region:
        with self._lock:
            return self._regions.setdefault((account_id, region), Region())

    def _of(self, call: Call) -> Region:
        return self._region(call.account_id, call.region)

    def workgroup_of(self, call: Call) -> str | None:
        """The workgroup of the (first) execution that a call names, for its authorization; None if there is none."""
        ids = call.parameters.get("QueryExecutionIds") or [call.parameters.get("QueryExecutionId")]
        found = self._of(call).executions.find(str(ids[0]))
        return found.asked.workgroup if found else None

    def create_work_group(self, call: Call) -> dict[str, Any]:
        """CreateWorkGroup."""
        self._of(call).workgroups.create(call.parameters)
        return {}

    def get_work_group(self, call: Call) -> dict[str, Any]:
        """GetWorkGroup."""
        return {"WorkGroup": self._of(call).workgroups.get(call.parameters.get("WorkGroup")).describe()}

    def update_work_group(self, call: Call) -> dict[str, Any]:
        """UpdateWorkGroup."""
        self._of(call).workgroups.update(call.parameters)
        return {}

    def delete_work_group(self, call: Call) -> dict[str, Any]:
        """DeleteWorkGroup."""
        region, name = self._of(call), call.parameters["WorkGroup"]
        history = bool(region.executions.of_workgroup(name))
        region.workgroups.delete(name, in_use=history and not call.parameters.get("RecursiveDeleteOption"))
        return {}

    def list_work_groups(self, call: Call) -> dict[str, Any]:
        """ListWorkGroups."""
        return page(call, "WorkGroups", [found.summary() for found in self._of(call).workgroups.all()])

    def start_query_execution(self, call: Call) -> dict[str, Any]:
        """StartQueryExecution."""
        return {"QueryExecutionId": self._start(call.caller, call.region, call.parameters).id}

    def _start(
        self, caller: Caller, region: str, parameters: Mapping[str, Any], stop: threading.Event | None = None
    ) -> Execution:
        held, token = self._region(caller.account_id, region), parameters.get("ClientRequestToken")
        execution = new_execution(held.workgroups, caller, region, parameters)
        execution.stop = stop or execution.stop
        admitted = held.executions.admit(execution, token)
        if admitted is execution:
            self._runner.submit(execution)
        return admitted

    def get_query_execution(self, call: Call) -> dict[str, Any]:
        """GetQueryExecution."""
        return {"QueryExecution": self._execution(call).describe()}

    def batch_get_query_execution(self, call: Call) -> dict[str, Any]:
        """BatchGetQueryExecution: up to 50, those that are not there told apart."""
        ids, held = call.parameters["QueryExecutionIds"], self._of(call).executions
        if not 1 <= len(ids) <= 50:
            raise invalid("QueryExecutionIds must have 1 to 50 members")
        found = {one: held.find(one) for one in ids}
        missing = [
            {
                "QueryExecutionId": one,
                "ErrorCode": "INVALID_QUERY_EXECUTION_ID",
                "ErrorMessage": f"{one} was not found",
            }
            for one, execution in found.items()
            if execution is None
        ]
        described = [execution.describe() for execution in found.values() if execution]
        return {"QueryExecutions": described, "UnprocessedQueryExecutionIds": missing}

    def stop_query_execution(self, call: Call) -> dict[str, Any]:
        """StopQueryExecution: a finished one stays as it is."""
        self._execution(call).stop.set()
        return {}

    def list_query_executions(self, call: Call) -> dict[str, Any]:
        """ListQueryExecutions of one workgroup, newest first."""
        region = self._of(call)
        workgroup = region.workgroups.get(call.parameters.get("WorkGroup"))
        return page(call, "QueryExecutionIds", [e.id for e in region.executions.of_workgroup(workgroup.name)])

    def get_query_results(self, call: Call) -> dict[str, Any]:
        """GetQueryResults: read from the result object as the caller; a SELECT's first row is its header."""
        execution, size = self._execution(call), call.parameters.get("MaxResults", PAGE)
        if not 1 <= size <= PAGE:
            raise invalid(f"MaxResults {size} is not within 1 and {PAGE}")
        first = _first_row(execution, call.parameters.get("NextToken"))
        result = _finished_result(execution)
        names = tuple(name for name, _ in execution.columns)
        header = [names] if result.header and first == 0 else []
        last = min(first + size - len(header), result.row_count)
        rows = [*header, *self._rows(execution, call.caller, first, last)]
        answer = {
            "UpdateCount": 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in rows],
                "ResultSetMetadata": {"ColumnInfo": execution.column_infos()},
            },
        }
        return {**answer, "NextToken": f"{execution.id}:{last}"} if last < result.row_count else answer

    def _rows(self, execution: Execution, caller: Caller, first: int, last: int) -> list[Row]:
        result, (bucket, _, key) = _finished_result(execution), execution.output_location[5:].partition("/")
        with self._s3.open(caller, bucket, key) as source:
            return rows_between(source, result.starts, first=first, count=last - first, header=result.header)

    def _execution(self, call: Call) -> Execution:
        return self._of(call).executions.get(call.parameters["QueryExecutionId"])

    def run(
        self,
        *,
        caller: Caller,
        region: str,
        sql: str,
        workgroup: str,
        database: str | None,
        stop: threading.Event | None = None,
    ) -> FinishedQuery:
        """Run a statement as a caller and wait for its end; it is in the history of the caller's account.

        `stop` cancels it when it is set, as StopQueryExecution does.

        Raises AwsError where StartQueryExecution or GetQueryResults would be refused.
        """
        arn = f"arn:aws:athena:{region}:{caller.account_id}:workgroup/{workgroup}"
        self._authorizer.require(caller, "athena:StartQueryExecution", arn)
        context = {"Database": database} if database else {}
        parameters = {"QueryString": sql, "WorkGroup": workgroup, "QueryExecutionContext": context}
        execution = self._start(caller, region, parameters, stop)
        execution.done.wait()
        rows: list[Row] = []
        if execution.state == "SUCCEEDED":
            self._authorizer.require(caller, "athena:GetQueryResults", arn)
            rows = self._rows(execution, caller, 0, _finished_result(execution).row_count)
        return FinishedQuery(
            execution_id=execution.id,
            state=execution.state,
            reason=execution.reason,
            columns=tuple(name for name, _ in execution.columns),
            types=tuple(kind.display for _, kind in execution.columns),
            rows=rows,
            bytes_scanned=execution.scanned,
        )


def _first_row(execution: Execution, token: str | None) -> int:
    if token is None:
        return 0
    found = re.fullmatch(rf"{execution.id}:(\d+)", token)
    if not found:
        raise invalid("NextToken is not valid for this query execution")
    return int(found[1])


def _finished_result(execution: Execution) -> Any:
    if execution.state not in FINAL:
        raise invalid(f"Query has not yet finished. Current state: {execution.state}")
    if execution.result is None:
        raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
    return execution.result


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
