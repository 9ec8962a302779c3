"""The one place that sleeps: wait until something is so, and say what was waited for when it never is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class WaitTimeoutError(Exception):
    """Something did not become so in time."""


def pause(seconds: float) -> None:
    """Let a time pass that is meant, such as the drawn instant of a kill; to wait for something, use `wait_until`."""
    time.sleep(seconds)


def wait_until(
    condition: Callable[[], Answer | None], *, what: str, timeout_seconds: float, poll_seconds: float = 0.2
) -> Answer:
    """Return the first truthy answer of `condition`, looking every `poll_seconds`.

    Raises WaitTimeoutError, naming `what`, after `timeout_seconds`; what `condition` raises ends the wait.
    """
    deadline = time.monotonic() + timeout_seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise WaitTimeoutError(f"{what}: not so after {timeout_seconds:.0f} s")
        time.sleep(poll_seconds)
    return answer
