"""Waiting for a long query without a worker slot."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger

from sightline.hooks.account import NamedConnection


class QueryExecutionTrigger(AthenaTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its query."""

    def hook(self) -> AwsGenericHook[Any]:
        """Build a hook that does not fall back to ambient credentials."""
        return NamedConnection(
            aws_conn_id=self.aws_conn_id, region_name=self.region_name, client_type="athena"
        )

    async def on_kill(self) -> None:
        """Cancel the query that nobody waits for any more."""
        async with await self.hook().get_async_conn() as client:
            await client.stop_query_execution(QueryExecutionId=self.return_value)
