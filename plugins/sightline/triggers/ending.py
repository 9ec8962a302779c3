"""Ending what a killed task waited for, though Airflow cancels its trigger again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end, whoever cancels the caller meanwhile.

    Airflow asks a trigger's `on_kill` to clean up, and about once a second cancels the trigger anew for as long as it
    is there: the clean-up itself would be cut off where assuming the role takes longer than that.
    """
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
    task.result()
