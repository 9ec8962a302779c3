"""The Glue catalog: what it says of a table and its partitions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from sightline.catalog import CatalogTable, Partitions
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
        """Read the table.

        Raises:
            TableMissing: if the database or the table does not exist; it says to run provision.
            AccessRefused: if the role may not read it.
        """
        with self._asking("glue:GetTable", account, table):
            return CatalogTable.from_response(
                self.client.get_table(DatabaseName=account.database, Name=table.name)["Table"]
            )

    def partitions(self, account: WorkloadAccount, table: Table) -> Partitions:
        """Read the table's partitions, one request per 1,000.

        Raises:
            As `table`.
        """
        with self._asking("glue:GetPartitions", account, table):
            pages = self.client.get_paginator("get_partitions").paginate(
                DatabaseName=account.database, TableName=table.name
            )
            return Partitions.from_responses(entry for page in pages for entry in page["Partitions"])

    @contextmanager
    def _asking(self, action: str, account: WorkloadAccount, table: Table) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise TableMissing(account.database, table.name, account.name) from error
            raise self.hook.refused(
                error,
                action,
                f"{account.database}.{table.name}",
                "The role needs this action on the catalog, the database and the table.",
            ) from error
