"""Waiting for an ingestion without a worker slot."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.triggers.quicksight import QuickSightIngestionCompletedTrigger

from sightline.triggers.base import EndsItsWait


class IngestionTrigger(EndsItsWait, QuickSightIngestionCompletedTrigger):
    """The provider's trigger; a task that is killed while deferred cancels its ingestion."""

    service = "quicksight"

    async def cancel(self, client: Any) -> None:
        """Cancel the ingestion."""
        await client.cancel_ingestion(**self.waiter_args)
