"""A SIGTERM: what ran at that instant, and what may be left of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from demo.waiting import WaitTimeoutError, wait_until
from tests.faults.invariants import UNFINISHED, Scene, works
from tests.faults.plan import CANCELS, STARTS

if TYPE_CHECKING:
    from collections.abc import Callable

# A statement or an ingestion that lasts so long still runs when a task that did not end it has been ended for good.
LONG = 5.0
END_SECONDS = 1.0
# Shorter than any retry's delay: what Athena was told to cancel within the last 3 s cannot be told from a new start.
SETTLED_SECONDS = 3.2


class Kill:
    """What a task that is told to end has running, and starts after that."""

    def __init__(self, scene: Callable[[], Scene]) -> None:
        self._scene = scene
        self._ended: set[str] = set()
        self._is_noted = False
        # Ended for good before it could have done anything about it.
        self.worker_is_gone = False

    def slow_down(self) -> None:
        """Let what begins now last."""
        self._scene().cloud.set_options(latency={"ddl": LONG, "select": LONG, "ingestion": LONG})

    def note(self) -> None:
        """Note at the instant of the kill what has ended by then; whatever else there is, is the task's to end.

        Told to end a second time, the task has still to end what ran at the first.
        """
        if self._is_noted:
            return
        self._ended = {name for name, state in works(self._scene()).items() if state not in UNFINISHED}
        self._is_noted = True
        self.slow_down()

    def judge(self) -> list[str]:
        """Say what is left running although the task was told to end, and forget about this kill."""
        was_noted, self._is_noted = self._is_noted, False
        try:
            return self._judge() if was_noted else []
        finally:
            self.worker_is_gone = False

    def _judge(self) -> list[str]:
        problems = []
        try:
            wait_until(lambda: not self._left(), what="the end of what ran", timeout_seconds=END_SECONDS)
        except WaitTimeoutError:
            problems = [f"after a kill that was noticed, {name} is left running" for name in self._left()]
        if set(works(self._scene())) - self._ended:
            threading.Event().wait(SETTLED_SECONDS)
        return problems

    def _left(self) -> list[str]:
        running = {name for name, state in works(self._scene()).items() if state in UNFINISHED}
        return [
            name for name in sorted(running - self._ended) if not self._is_excused(name.partition(" ")[2])
        ]

    def _is_excused(self, name: str) -> bool:
        """Whether the task could not end it: it never learnt of it, or no call to end it went through."""
        calls = [call for call in self._scene().cloud.trail() if name in _names(call)]
        is_known = any(call["operation"] in STARTS and not call["fault"] for call in calls)
        ends = [call for call in calls if call["operation"] in CANCELS]
        is_told = any(not call["error"] for call in ends)
        return not is_known or (not is_told and (bool(ends) or self.worker_is_gone))


def _names(call: dict[str, Any]) -> set[str]:
    """The statements and ingestions that a call asked for, or was answered with."""
    members = {**call["parameters"], **call["result"]}
    return {members[name] for name in ("QueryExecutionId", "IngestionId") if name in members}
