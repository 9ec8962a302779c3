"""Waiting for a source object without a worker slot."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from botocore.exceptions import ClientError

from sightline.hooks.account import DENIED, NamedConnection, error_code
from sightline.triggers.base import settle


class SourceObjectTrigger(BaseTrigger):
    """Looks for a month's source objects until one is there or the wait is over.

    The provider's trigger cannot state the expected bucket owner, and starts its time-out anew with each deferral.

    Args:
        bucket, prefix: where to look, and `owner`, the account that the bucket must belong to.
        pattern: what a key must match, as `partitions.object_regex` gives it.
        until: ISO time at which the wait ends.
        poll_seconds: between two looks.
    """

    def __init__(
        self,
        *,
        bucket: str,
        prefix: str,
        owner: str,
        pattern: str,
        until: str,
        poll_seconds: float,
        aws_conn_id: str,
        region_name: str,
    ) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {
            "bucket": bucket,
            "prefix": prefix,
            "owner": owner,
            "pattern": pattern,
            "until": until,
            "poll_seconds": poll_seconds,
            "aws_conn_id": aws_conn_id,
            "region_name": region_name,
        }

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give the class path and the arguments to build it again."""
        return f"{type(self).__module__}.{type(self).__qualname__}", self.fields

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: `found`, `over`, or `refused` with AWS's code and message; other errors are retried.

        Not at once: Airflow would mistake a task that comes back too soon for one that was killed.
        """
        await settle()
        try:
            yield TriggerEvent({"status": "found" if await self._wait() else "over"})
        except ClientError as error:
            if error_code(error) not in DENIED:
                raise
            message = error.response["Error"].get("Message", "")
            yield TriggerEvent({"status": "refused", "code": error_code(error), "message": message})

    async def _wait(self) -> bool:
        until = datetime.fromisoformat(self.fields["until"])
        hook = NamedConnection(
            aws_conn_id=self.fields["aws_conn_id"], region_name=self.fields["region_name"], client_type="s3"
        )
        async with await hook.get_async_conn() as client:
            while not await self._is_there(client):
                left = (until - datetime.now(UTC)).total_seconds()
                if left <= 0:
                    return False
                await asyncio.sleep(min(self.fields["poll_seconds"], left))
        return True

    async def _is_there(self, client: Any) -> bool:
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=self.fields["bucket"],
            Prefix=self.fields["prefix"],
            ExpectedBucketOwner=self.fields["owner"],
        )
        async for page in pages:
            if any(re.fullmatch(self.fields["pattern"], entry["Key"]) for entry in page.get("Contents", ())):
                return True
        return False
