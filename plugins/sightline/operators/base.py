"""What all of Sightline's operators share: errors in Airflow's terms, and the sessions of a load's two accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypedDict

from airflow.sdk.exceptions import AirflowFailException

from sightline import sql
from sightline.catalog import CatalogTable, PartitionState
from sightline.errors import CatalogMismatch, Refusal
from sightline.hooks.account import AccountHook
from sightline.hooks.glue import Catalog
from sightline.hooks.ledger import LedgerStore
from sightline.hooks.s3 import SourceBucket
from sightline.partitions import Month
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount


@contextmanager
def refusals_end_the_task() -> Iterator[None]:
    """Fail the task without a retry where a retry cannot help; anything else is left to Airflow's retries."""
    try:
        yield
    except Refusal as refusal:
        raise AirflowFailException(str(refusal)) from refusal


class TableScope(TypedDict):
    """The arguments that say where a stage works; every stage of a table takes them."""

    analytics: AnalyticsAccount
    account: WorkloadAccount
    table: Table


class Accounts:
    """The two accounts that a load of one table works in; each role is assumed at most once, and only when needed."""

    def __init__(self, analytics: AnalyticsAccount, account: WorkloadAccount, table: Table) -> None:
        self.analytics, self.account, self.table = analytics, account, table

    @cached_property
    def pipeline(self) -> AccountHook:
        """The analytics account, as the pipeline role."""
        return AccountHook.of_analytics(self.analytics)

    @cached_property
    def source(self) -> SourceBucket:
        """The workload account's source bucket, as its reader role."""
        return SourceBucket(self.account, self.table)

    @cached_property
    def ledger(self) -> LedgerStore:
        """The table's ledger."""
        return LedgerStore(self.analytics, self.account, self.table, self.pipeline)

    @cached_property
    def catalog(self) -> Catalog:
        """The Glue catalog."""
        return Catalog(self.analytics, self.pipeline)

    def declared_table(self) -> CatalogTable:
        """Return the table with its partitions, as the catalog has it.

        Raises:
            TableMissing: if there is none.
            CatalogMismatch: if it is not what the settings declare.
        """
        found = self.catalog.table(self.account, self.table)
        differences = found.differences(self.table)
        if differences:
            drop = sql.render("drop_table", **sql.statement_values(self.account, self.table, []))
            raise CatalogMismatch(f"{self.account.database}.{self.table.name}", differences, drop)
        return found

    def registered(self) -> dict[Month, PartitionState]:
        """Return every month that the catalog has registered, and whether its partition is where its files are.

        Raises:
            CatalogMismatch: if partitions cannot be told apart or read.
        """
        found = self.declared_table()
        return {month: found.partition_state(self.table, month) for month in found.partitions}
