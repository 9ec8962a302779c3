"""How a worker waits for what takes seconds: often at first, seldom later, not beyond a threshold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
GROWTH = 1.5
# A triggerer looks this often at what a worker no longer waits for.
DEFERRED_DELAY = 10
# And it looks no earlier than this: the worker has just looked, and Airflow takes a task that comes back before its
# worker's exit was registered for one that was killed ("finished with state success, but … is queued").
SETTLING_DELAY = 5

T = TypeVar("T")


async def settle() -> None:
    """Let Airflow register that the worker is done with a task that was deferred just now."""
    await asyncio.sleep(SETTLING_DELAY)


def poll(look: Callable[[], T], is_final: Callable[[T], bool], seconds: float) -> T:
    """Look again and again until the answer is final or `seconds` have passed; return the last answer.

    The delay between looks grows from 0.2 s to 5 s, so a quick statement is seen at once and a slow one costs few
    calls. Deferring instead costs about 3 s and is unsafe for short waits (docs/decisions).
    """
    deadline = time.monotonic() + seconds
    delay = FIRST_DELAY
    answer = look()
    while not is_final(answer) and time.monotonic() + delay < deadline:
        time.sleep(delay)
        delay = min(delay * GROWTH, LONGEST_DELAY)
        answer = look()
    return answer
