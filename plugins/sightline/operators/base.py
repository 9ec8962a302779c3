"""What all of Sightline's operators share: errors in Airflow's terms, and what a stage reaches of its table."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypedDict

from airflow.sdk.exceptions import AirflowFailException
from botocore.exceptions import BotoCoreError, ClientError

from sightline import sql
from sightline.catalog import Partitions
from sightline.errors import CatalogMismatch, Killed, PartitionsUnclear, Refusal, named
from sightline.hooks.account import AccountHook
from sightline.hooks.glue import Catalog
from sightline.hooks.ledger import LedgerStore
from sightline.hooks.s3 import SourceBucket
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount

logger = logging.getLogger(__name__)


@contextmanager
def refusals_end_the_task() -> Iterator[None]:
    """Fail the task without a retry where a retry cannot help; anything else is left to Airflow's retries."""
    try:
        yield
    except Refusal as refusal:
        # Name and text are the refusal's own; as a cause it would stand in the log twice.
        raise AirflowFailException(named(refusal)) from None


class EndsItsWork(ABC):
    """Cancels what a killed task waits for, at whatever moment the kill comes.

    Airflow calls `on_kill` in the midst of whatever the task does, and then lets it go on for some seconds: a kill that
    comes before a start, or while its answer is on the way, must be remembered until there is something to cancel.
    """

    is_killed = False

    @abstractmethod
    def cancel(self) -> None:
        """Cancel what the task waits for, if there is anything."""

    def on_kill(self) -> None:
        """Cancel what this task waits for, or what it is just about to wait for."""
        self.is_killed = True
        self._cancel_or_warn()

    def refuse_if_killed(self) -> None:
        """Start nothing after a kill.

        Raises:
            Killed: if the task was killed.
        """
        if self.is_killed:
            raise Killed("It had nothing running, and starts nothing any more.")

    def cancel_if_killed(self) -> None:
        """Cancel what was started while the kill came, and was not known to it.

        Raises:
            Killed: if the task was killed.
        """
        if self.is_killed:
            self._cancel_or_warn()
            raise Killed("What it had started just then was asked to end.")

    def _cancel_or_warn(self) -> None:
        """Cancel; where AWS does not, the kill goes on all the same.

        It may have ended just now. An exception would break into whatever the task does, or hide that it was killed.
        """
        try:
            self.cancel()
        except (ClientError, BotoCoreError) as error:
            logger.warning("What a killed task had started was not cancelled: %s", error)


class TableArguments(TypedDict):
    """The arguments that say where a stage works; every stage of a table takes them."""

    analytics: AnalyticsAccount
    account: WorkloadAccount
    table: Table


class TableScope:
    """One table, and what a stage reaches of it: source, catalog, ledger. A role is assumed when needed, and once."""

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

    def require_declared_table(self) -> None:
        """Compare the table in the catalog with the settings.

        Raises:
            TableMissing: if there is none.
            CatalogMismatch: if it is not what the settings declare; it gives the statement that removes it.
        """
        differences = self.catalog.table(self.account, self.table).differences(self.table)
        if differences:
            drop = sql.render("drop_table", **sql.statement_values(self.account, self.table, []))
            raise CatalogMismatch(self.name, differences, drop)

    def partitions(self) -> Partitions:
        """Return the table's partitions as the catalog has them now.

        Raises:
            TableMissing: if there is no table.
            PartitionsUnclear: if a partition is of no month, or a month is registered twice.
        """
        partitions = self.catalog.partitions(self.account, self.table)
        if partitions.misfits:
            raise PartitionsUnclear(self.name, partitions.misfits)
        return partitions

    @property
    def name(self) -> str:
        """The table's name with its database's."""
        return f"{self.account.database}.{self.table.name}"
