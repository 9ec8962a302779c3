"""QuickSight's data sources: the Athena of one workgroup, reached as one role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError, Call
from local_aws.quicksight import refusals
from local_aws.quicksight.connection import SERVICE_PRINCIPAL, Connection
from local_aws.quicksight.names import require_resource_id, resource_arn
from local_aws.quicksight.permissions import Permissions
from local_aws.quicksight.shelf import Shelf, page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from local_aws.athena.service import AthenaService
    from local_aws.callers import Callers
    from local_aws.iam.authorizer import Authorizer


@dataclass
class DataSource:
    """One data source; `status` and `error` (an ErrorInfo) are the outcome of its creation or last update."""

    arn: str
    data_source_id: str
    name: str
    connection: Connection
    created: datetime
    updated: datetime
    status: str
    error: Mapping[str, str] | None
    permissions: Permissions = field(default_factory=Permissions)

    def described(self) -> dict[str, Any]:
        """Return the data source as DescribeDataSource answers it."""
        return {
            "Arn": self.arn,
            "DataSourceId": self.data_source_id,
            "Name": self.name,
            "Type": "ATHENA",
            "Status": self.status,
            "CreatedTime": self.created,
            "LastUpdatedTime": self.updated,
            "DataSourceParameters": self.connection.described(),
            **({"ErrorInfo": dict(self.error)} if self.error else {}),
        }

    def named(self, arn_member: str = "Arn") -> dict[str, Any]:
        """Return the members that every answer about the data source begins with."""
        return {arn_member: self.arn, "DataSourceId": self.data_source_id}


class DataSources:
    """The operations on data sources."""

    def __init__(
        self, athena: AthenaService, callers: Callers, authorizer: Authorizer, clock: Callable[[], datetime]
    ) -> None:
        self.shelf: Shelf[DataSource] = Shelf("DATA_SOURCE")
        self._athena, self._callers, self._authorizer, self._clock = athena, callers, authorizer, clock
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "CreateDataSource": self._create,
            "DescribeDataSource": lambda call: {"DataSource": self._get(call).described()},
            "UpdateDataSource": self._update,
            "DeleteDataSource": lambda call: self.shelf.remove(call, call.parameters["DataSourceId"]).named(),
            "ListDataSources": self._list,
            "DescribeDataSourcePermissions": self._describe_permissions,
            "UpdateDataSourcePermissions": self._update_permissions,
        }

    def by_arn(self, call: Call, arn: str) -> DataSource:
        """Return the data source that a physical table names, or raise ResourceNotFoundException."""
        source = self.find(call.account_id, call.region, arn)
        if source is None:
            raise refusals.not_found("DATA_SOURCE", arn)
        return source

    def find(self, account_id: str, region: str, arn: str) -> DataSource | None:
        """Return a data source of an account and Region by its ARN, or None."""
        source = self.shelf.find(account_id, region, arn.rpartition("/")[2])
        return source if source is not None and source.arn == arn else None

    def _get(self, call: Call) -> DataSource:
        return self.shelf.get(call, call.parameters["DataSourceId"])

    def _create(self, call: Call) -> dict[str, Any]:
        source_id = require_resource_id("DataSourceId", call.parameters["DataSourceId"])
        if call.parameters["Type"] != "ATHENA":
            raise refusals.unsupported(f"A data source of type {call.parameters['Type']}")
        connection = self._passed_connection(call)
        error, now = self._connection_error(call, connection), self._clock()
        source = DataSource(
            arn=resource_arn(call, f"datasource/{source_id}"),
            data_source_id=source_id,
            name=call.parameters["Name"],
            connection=connection,
            created=now,
            updated=now,
            status="CREATION_FAILED" if error else "CREATION_SUCCESSFUL",
            error=error,
            permissions=Permissions(call.parameters.get("Permissions") or ()),
        )
        self.shelf.add(call, source_id, source)
        return {**source.named(), "CreationStatus": "CREATION_IN_PROGRESS", "Status": 202}

    def _update(self, call: Call) -> dict[str, Any]:
        source = self._get(call)
        connection = self._passed_connection(call)
        error = self._connection_error(call, connection)
        source.name, source.connection, source.error = call.parameters["Name"], connection, error
        source.status, source.updated = "UPDATE_FAILED" if error else "UPDATE_SUCCESSFUL", self._clock()
        return {**source.named(), "UpdateStatus": "UPDATE_IN_PROGRESS", "Status": 202}

    def _passed_connection(self, call: Call) -> Connection:
        """The connection that the call asks for; the caller must be allowed to pass its role."""
        connection = Connection.from_call(call)
        if connection.own_role_arn:
            context = {"iam:PassedToService": SERVICE_PRINCIPAL}
            self.require(call, "iam:PassRole", connection.own_role_arn, context)
        return connection

    def require(
        self, call: Call, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDeniedException unless the caller may do the action on the resource."""
        try:
            self._authorizer.require(call.caller, action, resource, context or {})
        except AwsError as error:
            raise refusals.access_denied(error.message) from error

    def _connection_error(self, call: Call, connection: Connection) -> dict[str, str] | None:
        """Try the connection as QuickSight does when a data source is created or updated; None: it works."""
        try:
            role = connection.principal(self._callers)
        except AwsError as error:
            return {"Type": "ACCESS_DENIED", "Message": error.message}
        look = Call("athena", "GetWorkGroup", {"WorkGroup": connection.workgroup}, role, call.region)
        try:
            state = self._athena.operations["GetWorkGroup"](look)["WorkGroup"].get("State")
        except AwsError as error:
            return {"Type": "GENERIC_SQL_FAILURE", "Message": error.message}
        if state == "DISABLED":
            return {
                "Type": "GENERIC_SQL_FAILURE",
                "Message": f"WorkGroup {connection.workgroup} is disabled.",
            }
        return None

    def _list(self, call: Call) -> dict[str, Any]:
        return page(call, "DataSources", [source.described() for source in self.shelf.all(call)])

    def _describe_permissions(self, call: Call) -> dict[str, Any]:
        source = self._get(call)
        return {**source.named("DataSourceArn"), "Permissions": source.permissions.described()}

    def _update_permissions(self, call: Call) -> dict[str, Any]:
        source = self._get(call)
        source.permissions.update(
            call.parameters.get("GrantPermissions") or (), call.parameters.get("RevokePermissions") or ()
        )
        return source.named("DataSourceArn")
