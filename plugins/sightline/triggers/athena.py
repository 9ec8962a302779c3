"""Waiting for a long query without a worker slot."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger

from sightline.hooks.account import AccountHook
from sightline.hooks.athena import AthenaHook


class QueryExecutionTrigger(AthenaTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its query."""

    def hook(self) -> AwsGenericHook[Any]:
        """Build a hook that does not fall back to ambient credentials."""
        return AthenaHook(AccountHook(str(self.aws_conn_id), str(self.region_name)))

    async def on_kill(self) -> None:
        """Cancel the query that nobody waits for any more."""
        async with await self.hook().get_async_conn() as client:
            await client.stop_query_execution(QueryExecutionId=self.return_value)
