"""What all waits without a worker slot share: when they may end, and what a kill of the waiting task leaves."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Coroutine
from typing import Any, ClassVar

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.triggers.base import AwsBaseWaiterTrigger
from airflow.triggers.base import TriggerEvent

from sightline.hooks.account import NamedConnection

# A triggerer looks no earlier than this: the worker has just looked, and Airflow takes a task that comes back before
# its worker's exit was registered for one that was killed ("finished with state success, but … is queued").
SETTLING_DELAY = 5
# Airflow gives a trigger's `on_kill` 30 s ([triggerer] on_kill_timeout), by a cancellation like any other.
CLEAN_UP_SECONDS = 25.0


async def settle() -> None:
    """Let Airflow register that the worker is done with a task that was deferred just now."""
    await asyncio.sleep(SETTLING_DELAY)


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end, whoever cancels the caller meanwhile, but for no longer than CLEAN_UP_SECONDS.

    Airflow asks a trigger's `on_kill` to clean up, and about once a second cancels the trigger anew for as long as it
    is there: the clean-up itself would be cut off where assuming the role takes longer than that.

    Raises:
        TimeoutError: if the work took too long.
        CancelledError: once the work is done, if the caller was cancelled.
    """
    task = asyncio.ensure_future(asyncio.wait_for(work, CLEAN_UP_SECONDS))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled:
        raise cancelled


class EndsItsWait(AwsBaseWaiterTrigger):
    """For a trigger of the provider: no ambient credentials, no event too soon, and a kill ends what is waited for."""

    service: ClassVar[str]

    def hook(self) -> AwsGenericHook[Any]:
        """Build a hook that does not fall back to ambient credentials."""
        return NamedConnection(
            aws_conn_id=self.aws_conn_id, region_name=self.region_name, client_type=self.service
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event, of the end of what is waited for, but not so soon that Airflow mistakes it for a kill."""
        await settle()
        async for event in super().run():
            yield event

    async def on_kill(self) -> None:
        """Cancel what nobody waits for any more."""
        await to_the_end(self._cancel())

    async def _cancel(self) -> None:
        async with await self.hook().get_async_conn() as client:
            await self.cancel(client)

    @abstractmethod
    async def cancel(self, client: Any) -> None:
        """Cancel what is waited for, by the service's asynchronous client."""
