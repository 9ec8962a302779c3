"""Athena: actions on workgroups and data catalogs. What a statement reads and writes is asked while it runs.

Lists of workgroups and catalogs are one question about everything (`*`).
"""

from __future__ import annotations

from collections.abc import Callable

from local_aws.calls import Call
from local_aws.iam.needs import Need, NeedsOf, arn, text

WorkgroupsOf = Callable[[Call], set[str]]

ATHENA_ON_WORKGROUP = [
    "CreateWorkGroup",
    "GetWorkGroup",
    "UpdateWorkGroup",
    "DeleteWorkGroup",
    "StartQueryExecution",
    "ListQueryExecutions",
]
ATHENA_ON_EXECUTION = ["GetQueryExecution", "GetQueryResults", "StopQueryExecution", "BatchGetQueryExecution"]
ATHENA_ON_CATALOG = [
    "GetDataCatalog",
    "GetDatabase",
    "ListDatabases",
    "GetTableMetadata",
    "ListTableMetadata",
]
ATHENA_ON_ANYTHING = ["ListWorkGroups", "ListDataCatalogs"]


def athena_needs(workgroups_of: WorkgroupsOf) -> dict[str, NeedsOf]:
    """Return Athena's needs; `workgroups_of` knows where the query executions ran that a call names.

    An execution that nobody knows needs nothing: Athena itself answers that there is none.
    """

    def on_execution(call: Call) -> list[Need]:
        return [
            Need(f"athena:{call.operation}", arn(call, "athena", f"workgroup/{workgroup}"))
            for workgroup in sorted(workgroups_of(call))
        ]

    return {
        **dict.fromkeys(ATHENA_ON_WORKGROUP, _on_workgroup),
        **dict.fromkeys(ATHENA_ON_EXECUTION, on_execution),
        **dict.fromkeys(ATHENA_ON_CATALOG, _on_catalog),
        **dict.fromkeys(ATHENA_ON_ANYTHING, lambda call: [Need(f"athena:{call.operation}", "*")]),
    }


def _on_workgroup(call: Call) -> list[Need]:
    name = text(call, "WorkGroup") or text(call, "Name") or "primary"
    return [Need(f"athena:{call.operation}", arn(call, "athena", f"workgroup/{name}"))]


def _on_catalog(call: Call) -> list[Need]:
    name = text(call, "CatalogName") or text(call, "Name")
    return [Need(f"athena:{call.operation}", arn(call, "athena", f"datacatalog/{name}"))]
