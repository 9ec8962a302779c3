"""How a worker waits for what takes seconds: often at first, seldom later, not beyond a threshold."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

FIRST_DELAY = 0.1
GROWTH = 1.2
# Until 20 s a delay is at most a second; after that at most a twentieth of what was waited, and never more than 5 s.
LONG_DELAY, LONG_SHARE, LONGEST_DELAY = 1.0, 1 / 20, 5.0
# A triggerer looks this often at what a worker no longer waits for.
DEFERRED_DELAY = 10

T = TypeVar("T")


def poll(look: Callable[[], T], is_final: Callable[[T], bool], seconds: float, known: T | None = None) -> T:
    """Look again and again until the answer is final or `seconds` have passed; return the last answer.

    A quick statement is seen at once, and an ingestion of 20 s at most a second after its end, with about 30 looks.
    Deferring instead costs about 3 s and is unsafe for short waits (docs/decisions).

    Args:
        known: what the last look answered, if there was one just now.
    """
    began = time.monotonic()
    delay = FIRST_DELAY
    answer = look() if known is None else known
    while not is_final(answer) and (waited := time.monotonic() - began) + delay < seconds:
        time.sleep(delay)
        delay = min(delay * GROWTH, max(LONG_DELAY, waited * LONG_SHARE), LONGEST_DELAY)
        answer = look()
    return answer
