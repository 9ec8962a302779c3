"""Waiting for a long query without a worker slot."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger

from sightline.triggers.base import EndsItsWait


class QueryExecutionTrigger(EndsItsWait, AthenaTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its query."""

    service = "athena"

    async def cancel(self, client: Any) -> None:
        """Cancel the query."""
        await client.stop_query_execution(QueryExecutionId=self.return_value)
