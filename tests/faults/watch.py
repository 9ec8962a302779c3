"""Every call of this process's AWS clients goes by here: before it goes out, and when its answer has come.

botocore tells its handlers of both, for each attempt. So a task can be ended at an exact call, or something else be
done just then: a file delivered, a second load run.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore import handlers

BEFORE, AFTER = "before", "after"
TERMINATED = "terminated"
KEY = re.compile(r"Credential=([^/]+)/")


class Killed(BaseException):
    """Stands for the end of a worker's process: nothing of the task runs any further."""


@dataclass
class Point:
    """Something to do once: `when` the `ordinal`-th call of an operation goes out or was answered.

    `act` returns TERMINATED when it has told the task to end.
    """

    when: str
    service: str
    operation: str
    ordinal: int
    act: Callable[[], object]


@dataclass
class Passage:
    """The calls of one try of a task."""

    points: list[Point]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    session_keys: set[str] = field(default_factory=set)
    is_terminated: bool = False


class Watch:
    """Installed once in a process, before the sessions are made that it watches; follows each thread on its own."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def install(self) -> None:
        """Be among the handlers that every new session of botocore starts with."""
        handlers.BUILTIN_HANDLERS += [("before-send", self._before), ("response-received", self._after)]

    def remove(self) -> None:
        """Be no longer among them: for a process that goes on with something else."""
        for entry in (("before-send", self._before), ("response-received", self._after)):
            handlers.BUILTIN_HANDLERS.remove(entry)

    @contextmanager
    def over(self, points: list[Point]) -> Iterator[Passage]:
        """Follow the calls of this thread and act at these points."""
        before = self._passage
        self._of_thread.passage = passage = Passage(points)
        try:
            yield passage
        finally:
            self._of_thread.passage = before

    @property
    def _passage(self) -> Passage | None:
        return getattr(self._of_thread, "passage", None)

    def _before(self, request: Any, event_name: str, **_: Any) -> None:
        if (passage := self._passage) is None:
            return
        _, service, operation = event_name.split(".")
        passage.counts[service, operation] += 1
        if service != "sts" and (key := KEY.search(str(request.headers.get("Authorization", "")))):
            passage.session_keys.add(key[1])
        self._act(passage, BEFORE, service, operation)

    def _after(self, event_name: str, **_: Any) -> None:
        if (passage := self._passage) is None:
            return
        _, service, operation = event_name.split(".")
        self._act(passage, AFTER, service, operation)

    def _act(self, passage: Passage, when: str, service: str, operation: str) -> None:
        ordinal = passage.counts[service, operation]
        for point in list(passage.points):
            if (point.when, point.service, point.operation, point.ordinal) == (
                when,
                service,
                operation,
                ordinal,
            ):
                passage.points.remove(point)
                # What is done now makes calls of its own: they are not the task's.
                self._of_thread.passage = None
                try:
                    passage.is_terminated |= point.act() is TERMINATED
                finally:
                    self._of_thread.passage = passage
