"""Glue: an operation needs its action on the catalog, the database and the table, all of them.

Lists are one question about everything of their kind (`table/<database>/*`).
"""

from __future__ import annotations

from local_aws.calls import AwsError, Call
from local_aws.iam.needs import Need, NeedsOf, arn, text

GLUE_ON_CATALOG = ["GetDatabases"]
GLUE_ON_DATABASE = ["CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase"]
GLUE_ON_TABLE = [
    "CreateTable",
    "GetTable",
    "GetTables",
    "UpdateTable",
    "DeleteTable",
    "GetTableVersions",
    "GetPartition",
    "GetPartitions",
    "CreatePartition",
    "UpdatePartition",
    "DeletePartition",
    "BatchCreatePartition",
    "BatchDeletePartition",
    "BatchGetPartition",
    "BatchUpdatePartition",
]


def _glue_on_table(call: Call) -> list[Need]:
    table = text(call, "TableName") or _name_or_input(call, "TableInput") or "*"
    database = text(call, "DatabaseName")
    return _glue(call, f"database/{database}", f"table/{database}/{table}")


def _glue_on_database(call: Call) -> list[Need]:
    return _glue(call, f"database/{_name_or_input(call, 'DatabaseInput')}")


def _glue_on_tables(call: Call) -> list[Need]:
    database, tables = text(call, "DatabaseName"), call.parameters.get("TablesToDelete") or []
    return _glue(call, f"database/{database}", *(f"table/{database}/{table}" for table in tables))


def _name_or_input(call: Call, member: str) -> str:
    """Return the one name of a call; where Glue would take a second name for a new one, there is no new one."""
    name, written = text(call, "Name"), str((call.parameters.get(member) or {}).get("Name") or "")
    if name and written and name != written:
        raise AwsError("InvalidInputException", f"Name {name} and {member}'s Name {written} are not the same")
    return name or written


def _glue(call: Call, *resources: str) -> list[Need]:
    """Every Glue operation needs the catalog and all that lies above what it is about."""
    if (catalog := text(call, "CatalogId")) and catalog != call.account_id:
        raise AwsError("AccessDenied", f"The local AWS does not share the catalog of account {catalog}", 403)
    return [Need(f"glue:{call.operation}", arn(call, "glue", name)) for name in ("catalog", *resources)]


GLUE_NEEDS: dict[str, NeedsOf] = {
    **dict.fromkeys(GLUE_ON_CATALOG, lambda call: _glue(call, "database/*")),
    **dict.fromkeys(GLUE_ON_DATABASE, _glue_on_database),
    **dict.fromkeys(GLUE_ON_TABLE, _glue_on_table),
    "BatchDeleteTable": _glue_on_tables,
}
