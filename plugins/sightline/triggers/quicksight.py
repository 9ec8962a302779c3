"""Waiting for an ingestion without a worker slot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.triggers.quicksight import QuickSightIngestionCompletedTrigger
from airflow.triggers.base import TriggerEvent

from sightline.hooks.account import NamedConnection
from sightline.polling import settle
from sightline.triggers.ending import to_the_end


class IngestionTrigger(QuickSightIngestionCompletedTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its ingestion."""

    def hook(self) -> AwsGenericHook[Any]:
        """Build a hook that does not fall back to ambient credentials."""
        return NamedConnection(
            aws_conn_id=self.aws_conn_id, region_name=self.region_name, client_type="quicksight"
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event, of the ingestion's end, but not so soon that Airflow mistakes it for a kill."""
        await settle()
        async for event in super().run():
            yield event

    async def on_kill(self) -> None:
        """Cancel the ingestion that nobody waits for any more."""
        await to_the_end(self._cancel())

    async def _cancel(self) -> None:
        async with await self.hook().get_async_conn() as client:
            await client.cancel_ingestion(**self.waiter_args)
