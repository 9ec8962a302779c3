"""Waiting for a long query without a worker slot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger
from airflow.triggers.base import TriggerEvent

from sightline.hooks.account import NamedConnection
from sightline.polling import settle
from sightline.triggers.ending import to_the_end


class QueryExecutionTrigger(AthenaTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its query."""

    def hook(self) -> AwsGenericHook[Any]:
        """Build a hook that does not fall back to ambient credentials."""
        return NamedConnection(
            aws_conn_id=self.aws_conn_id, region_name=self.region_name, client_type="athena"
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event, of the query's end, but not so soon that Airflow mistakes it for a kill."""
        await settle()
        async for event in super().run():
            yield event

    async def on_kill(self) -> None:
        """Cancel the query that nobody waits for any more."""
        await to_the_end(self._cancel())

    async def _cancel(self) -> None:
        async with await self.hook().get_async_conn() as client:
            await client.stop_query_execution(QueryExecutionId=self.return_value)
