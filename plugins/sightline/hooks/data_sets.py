"""QuickSight's data sources and data sets: made when missing, updated when they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from sightline import sql
from sightline.errors import DataSourceFailed
from sightline.hooks.account import AccountHook, error_code
from sightline.polling import poll
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount

PHYSICAL_TABLE = "athena"
CONNECTION_SECONDS = 60
# What QuickSight calls the types that Athena returns; what is not listed arrives as text.
QUICKSIGHT_TYPES = {
    "tinyint": "INTEGER",
    "smallint": "INTEGER",
    "int": "INTEGER",
    "bigint": "INTEGER",
    "float": "DECIMAL",
    "double": "DECIMAL",
    "decimal": "DECIMAL",
    "boolean": "BOOLEAN",
    "date": "DATETIME",
    "timestamp": "DATETIME",
}
DATA_SOURCE_ACTIONS = ["quicksight:DescribeDataSource", "quicksight:PassDataSource"]
DATA_SET_ACTIONS = ["quicksight:DescribeDataSet", "quicksight:PassDataSet", "quicksight:DescribeIngestion"]


class QuickSightAssets:
    """One table's data source and data set in the analytics account."""

    def __init__(self, analytics: AnalyticsAccount, account: WorkloadAccount, table: Table) -> None:
        self.analytics, self.account, self.table = analytics, account, table
        self.hook = AccountHook.of_analytics(analytics)
        self.client = self.hook.client("quicksight")

    def ensure_data_source(self) -> str:
        """Return "created", "updated" or "unchanged". The source reads with a role of its own, not the service role.

        Raises:
            AccessRefused: if the role may not make it, or may not pass the data source's role on.
            DataSourceFailed: if QuickSight could not connect with it.
        """
        names = self.table.quicksight
        wanted = {
            "Name": names.data_source_name,
            "DataSourceParameters": {
                "AthenaParameters": {
                    "WorkGroup": self.account.workgroup,
                    "RoleArn": self.analytics.quicksight.data_source_role_arn,
                }
            },
        }
        found = self._describe("data_source", DataSourceId=names.data_source_id)
        if found is None:
            self._call(
                "create_data_source",
                DataSourceId=names.data_source_id,
                Type="ATHENA",
                Permissions=self._shared(DATA_SOURCE_ACTIONS),
                **wanted,
            )
            self._require_connection()
            return "created"
        if _contains(found, wanted) and not found["Status"].endswith("FAILED"):
            return "unchanged"
        self._call("update_data_source", DataSourceId=names.data_source_id, **wanted)
        self._require_connection()
        return "updated"

    def _require_connection(self) -> None:
        """Wait until QuickSight has tried the connection of the data source."""
        data_source_id = self.table.quicksight.data_source_id
        found = poll(
            lambda: self._describe("data_source", DataSourceId=data_source_id) or {},
            lambda answer: not str(answer.get("Status", "")).endswith("IN_PROGRESS"),
            CONNECTION_SECONDS,
        )
        if str(found.get("Status", "")).endswith("FAILED"):
            error = found.get("ErrorInfo", {})
            raise DataSourceFailed(data_source_id, error.get("Type", ""), error.get("Message", ""))

    def ensure_data_set(self) -> str:
        """Return "created", "updated" or "unchanged". Creating and updating start an ingestion of QuickSight's own.

        Raises:
            AccessRefused: if the role may not make it.
        """
        names = self.table.quicksight
        wanted = {
            "Name": names.data_set_name,
            "ImportMode": "SPICE",
            "PhysicalTableMap": {PHYSICAL_TABLE: {"CustomSql": self._custom_sql()}},
        }
        found = self._describe("data_set", DataSetId=names.data_set_id)
        if found is None:
            self._call(
                "create_data_set",
                DataSetId=names.data_set_id,
                Permissions=self._shared(DATA_SET_ACTIONS),
                **wanted,
            )
            return "created"
        if _contains(found, wanted):
            return "unchanged"
        self._call("update_data_set", DataSetId=names.data_set_id, **wanted)
        return "updated"

    def _custom_sql(self) -> dict[str, Any]:
        values = sql.statement_values(self.account, self.table, [])
        types = [(column.name, _quicksight_type(column.type)) for column in self.table.columns]
        return {
            "DataSourceArn": self._arn(f"datasource/{self.table.quicksight.data_source_id}"),
            "Name": self.table.quicksight.data_set_name,
            "SqlQuery": sql.render("data_set", **values),
            "Columns": [
                {"Name": name, "Type": kind}
                for name, kind in (*types, ("year", "INTEGER"), ("month", "INTEGER"))
            ],
        }

    def _describe(self, kind: str, **identity: str) -> Mapping[str, Any] | None:
        member = {"data_source": "DataSource", "data_set": "DataSet"}[kind]
        try:
            answer = getattr(self.client, f"describe_{kind}")(
                AwsAccountId=self.analytics.account_id, **identity
            )
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise self._refused(error, f"describe_{kind}") from error
        found: Mapping[str, Any] = answer[member]
        return found

    def _call(self, operation: str, **parameters: Any) -> None:
        given = {name: value for name, value in parameters.items() if value != []}
        try:
            getattr(self.client, operation)(AwsAccountId=self.analytics.account_id, **given)
        except ClientError as error:
            raise self._refused(error, operation) from error

    def _refused(self, error: ClientError, operation: str) -> Exception:
        action = "".join(word.capitalize() for word in operation.split("_"))
        return self.hook.refused(
            error,
            f"quicksight:{action}",
            self._arn("*"),
            "The role needs this action, and iam:PassRole on "
            f"{self.analytics.quicksight.data_source_role_arn} for a data source.",
        )

    def _arn(self, resource: str) -> str:
        return f"arn:aws:quicksight:{self.analytics.region}:{self.analytics.account_id}:{resource}"

    def _shared(self, actions: list[str]) -> list[dict[str, Any]]:
        return [{"Principal": arn, "Actions": actions} for arn in self.analytics.quicksight.share_with]


def _quicksight_type(athena_type: str) -> str:
    return QUICKSIGHT_TYPES.get(athena_type.partition("(")[0], "STRING")


def _contains(found: object, wanted: object) -> bool:
    """Tell whether an answer has everything that is wanted, whatever else it has."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_contains(found.get(key), wanted[key]) for key in wanted)
    return found == wanted
