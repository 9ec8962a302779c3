"""What Athena says of the catalogue: data catalogs, databases and tables, read in Glue as the caller."""

from __future__ import annotations

import re
import uuid
from functools import wraps
from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local_aws.athena.glue_catalog import GlueCatalog, Table
    from local_aws.calls import Call

CATALOG = {"CatalogName": "AwsDataCatalog", "Type": "GLUE"}
PAGE = 50


def page(call: Call, member: str, items: Sequence[Any]) -> dict[str, Any]:
    """One page of a list; the token is the place where the next one begins."""
    token, size = call.parameters.get("NextToken", "0"), call.parameters.get("MaxResults", PAGE)
    if not token.isdigit() or not 1 <= size <= PAGE:
        raise AwsError("InvalidRequestException", "NextToken or MaxResults is not valid")
    end = int(token) + size
    answer = {member: list(items[int(token) : end])}
    return {**answer, "NextToken": str(end)} if end < len(items) else answer


class Metadata:
    """The operations on the catalogue."""

    def __init__(self, catalog_of: Callable[[Call], GlueCatalog]) -> None:
        self._catalog_of = catalog_of
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "ListDataCatalogs": self.list_data_catalogs,
            "GetDataCatalog": self.get_data_catalog,
            "ListDatabases": _told_by_glue(self.list_databases),
            "GetDatabase": _told_by_glue(self.get_database),
            "ListTableMetadata": _told_by_glue(self.list_table_metadata),
            "GetTableMetadata": _told_by_glue(self.get_table_metadata),
        }

    def list_data_catalogs(self, call: Call) -> dict[str, Any]:
        """ListDataCatalogs: there is one."""
        return page(call, "DataCatalogsSummary", [CATALOG])

    def get_data_catalog(self, call: Call) -> dict[str, Any]:
        """GetDataCatalog."""
        _check_catalog(call.parameters["Name"])
        return {
            "DataCatalog": {
                "Name": CATALOG["CatalogName"],
                "Type": "GLUE",
                "Parameters": {"catalog-id": call.account_id},
            }
        }

    def list_databases(self, call: Call) -> dict[str, Any]:
        """ListDatabases."""
        return page(call, "DatabaseList", [_database(found) for found in self._catalog(call).databases()])

    def get_database(self, call: Call) -> dict[str, Any]:
        """GetDatabase."""
        return {"Database": _database(self._existing_database(call))}

    def list_table_metadata(self, call: Call) -> dict[str, Any]:
        """ListTableMetadata: of the tables whose whole names an expression describes."""
        self._existing_database(call)
        named = _names(call.parameters.get("Expression") or ".*")
        found = self._catalog(call).tables(call.parameters["DatabaseName"].lower())
        tables = [table for table in found if named.fullmatch(table.name)]
        return page(call, "TableMetadataList", [_table(found) for found in tables])

    def get_table_metadata(self, call: Call) -> dict[str, Any]:
        """GetTableMetadata."""
        name = call.parameters["TableName"].lower()
        found = self._catalog(call).table(call.parameters["DatabaseName"].lower(), name)
        if not found:
            raise _of_glue("EntityNotFoundException", "Entity Not Found")
        return {"TableMetadata": _table(found)}

    def _catalog(self, call: Call) -> GlueCatalog:
        _check_catalog(call.parameters["CatalogName"])
        return self._catalog_of(call)

    def _existing_database(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["DatabaseName"].lower()
        found = self._catalog(call).database(name)
        if not found:
            raise _of_glue("EntityNotFoundException", "Entity Not Found")
        return found


def _names(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise AwsError("InvalidRequestException", f"Expression {expression!r}: {error}") from error


def _told_by_glue(operation: Callable[[Call], dict[str, Any]]) -> Callable[[Call], dict[str, Any]]:
    """A grant on the catalogue that is missing is an error of Glue's, which Athena hands on in one of its own."""

    @wraps(operation)
    def answer(call: Call) -> dict[str, Any]:
        try:
            return operation(call)
        except AwsError as error:
            if error.code != "AccessDenied":
                raise
            raise _of_glue("AccessDeniedException", error.message) from error

    return answer


def _of_glue(code: str, message: str) -> AwsError:
    """What Glue answered, in the envelope by which clients know it (SQLAlchemy's dialect: that there is no table)."""
    status = f"Status Code: 400; Error Code: {code}; Request ID: {uuid.uuid4()}; Proxy: null"
    return AwsError("MetadataException", f"{message} (Service: AmazonDataCatalog; {status})")


def _check_catalog(name: str) -> None:
    if name.lower() != "awsdatacatalog":
        raise AwsError(
            "InvalidRequestException", f"Catalog {name} is not found: there is AwsDataCatalog only"
        )


def _database(found: Mapping[str, Any]) -> dict[str, Any]:
    members = {name: found.get(name) for name in ("Name", "Description", "Parameters")}
    return {name: value for name, value in members.items() if value is not None}


def _table(found: Table) -> dict[str, Any]:
    return {
        "Name": found.name,
        "CreateTime": found.raw.get("CreateTime"),
        "TableType": found.raw.get("TableType", "EXTERNAL_TABLE"),
        "Columns": [column.as_glue() for column in found.columns],
        "PartitionKeys": [column.as_glue() for column in found.partition_keys],
        "Parameters": {
            **found.parameters,
            "location": found.location,
            "inputformat": found.input_format,
            "serde.serialization.lib": found.serde,
            **{f"serde.param.{name}": value for name, value in found.serde_parameters.items()},
        },
    }
