"""The Glue catalog: what it says of a table and its partitions."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from sightline.catalog import CatalogTable
from sightline.errors import TableMissing
from sightline.hooks.account import AccountHook, error_code
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount


class Catalog:
    """The analytics account's data catalog, read with the pipeline role."""

    def __init__(self, analytics: AnalyticsAccount, hook: AccountHook | None = None) -> None:
        self.hook = hook or AccountHook.of_analytics(analytics)
        self.analytics = analytics

    @cached_property
    def client(self) -> Any:
        """The Glue client of the pipeline role."""
        return self.hook.client("glue")

    def table(self, account: WorkloadAccount, table: Table) -> CatalogTable:
        """Read the table with all its partitions.

        Raises:
            TableMissing: if the database or the table does not exist; it says to run provision.
            AccessRefused: if the role may not read it.
        """
        name = {"DatabaseName": account.database, "TableName": table.name}
        try:
            found = self.client.get_table(DatabaseName=account.database, Name=table.name)["Table"]
            pages = list(self.client.get_paginator("get_partitions").paginate(**name))
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise TableMissing(account.database, table.name, account.name) from error
            raise self._refused(error, account, table) from error
        return CatalogTable.from_responses(found, [entry for page in pages for entry in page["Partitions"]])

    def _refused(self, error: ClientError, account: WorkloadAccount, table: Table) -> Exception:
        return self.hook.refused(
            error,
            "glue:GetTable, glue:GetPartitions",
            f"{account.database}.{table.name}",
            "The role needs both actions on the catalog, the database and the table.",
        )
