"""What StartQueryExecution refuses at once, and the execution that it begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_aws.athena.executions import Asked, Execution
from local_aws.athena.workgroups import PRIMARY, WorkGroups, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.calls import Caller

LONGEST_QUERY = 262_144
LONGEST_REUSE = 10_080
TOKEN = re.compile(r".{32,128}", re.DOTALL)
LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*(\w*)", re.DOTALL)
STATEMENT_TYPES = {
    **dict.fromkeys(("SELECT", "WITH", "INSERT", "UNLOAD", "VALUES", "TABLE", "FROM"), "DML"),
    **dict.fromkeys(("SHOW", "DESCRIBE", "DESC", "EXPLAIN"), "UTILITY"),
    **dict.fromkeys(("CREATE", "DROP", "ALTER", "MSCK"), "DDL"),
}


def new_execution(
    workgroups: WorkGroups, caller: Caller, region: str, parameters: Mapping[str, Any]
) -> Execution:
    """Read StartQueryExecution's parameters; AwsError for what Athena does not even begin."""
    _check(parameters)
    workgroup = workgroups.get(parameters.get("WorkGroup") or PRIMARY)
    if workgroup.state != "ENABLED":
        raise invalid(f"WorkGroup {workgroup.name} is disabled.")
    configuration = workgroup.result_configuration(parameters.get("ResultConfiguration") or {})
    context, sql = parameters.get("QueryExecutionContext") or {}, parameters["QueryString"]
    catalog = context.get("Catalog") or "AwsDataCatalog"
    if catalog.lower() != "awsdatacatalog":
        raise invalid(f"Catalog {catalog} is not found: the local AWS has AwsDataCatalog only")
    word = (LEADING.match(sql) or [""])[1].upper()
    location, owner = configuration["OutputLocation"], configuration.get("ExpectedBucketOwner")
    return Execution(
        asked=Asked(sql, context.get("Database"), catalog, workgroup.name, location, owner),
        caller=caller,
        region=region,
        statement_type=STATEMENT_TYPES.get(word, "DML" if sql.strip().startswith("(") else "DDL"),
        cutoff=workgroup.cutoff,
        result_configuration=configuration,
        reuse=_result_reuse(parameters),
    )


def _check(parameters: Mapping[str, Any]) -> None:
    sql, token = parameters["QueryString"], parameters.get("ClientRequestToken")
    if not sql.strip() or len(sql.encode()) > LONGEST_QUERY:
        raise invalid(f"The query string must have 1 to {LONGEST_QUERY} bytes")
    if token is not None and not TOKEN.fullmatch(token):
        raise invalid("ClientRequestToken must have 32 to 128 characters")
    if parameters.get("ExecutionParameters"):
        raise invalid("ExecutionParameters are not supported by the local AWS")


def _result_reuse(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """How old a result may be that is given again. It is kept and answered; here every statement is executed."""
    asked = parameters.get("ResultReuseConfiguration") or {}
    by_age: Mapping[str, Any] = asked.get("ResultReuseByAgeConfiguration") or {"Enabled": False}
    minutes = by_age.get("MaxAgeInMinutes", 0)
    if not 0 <= minutes <= LONGEST_REUSE:
        raise invalid(f"MaxAgeInMinutes {minutes} is not within 0 and {LONGEST_REUSE}")
    return by_age
