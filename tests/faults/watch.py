"""Every call of this process's AWS clients goes by here: before it goes out, and when its answer has come.

botocore tells its handlers of both, for each attempt. So a task can be ended at an exact call, or something else be
done just then: a file delivered, a second load run.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore import handlers

BEFORE, AFTER = "before", "after"
KEY = re.compile(r"Credential=([^/]+)/")
# What a task may still do after it was told to end, until it is ended for good: not judged by the clock alone, since a
# busy machine may take a second for a call.
LAST_CALLS, LAST_SECONDS = 10, 1.0


class Killed(BaseException):
    """Stands for the end of a worker's process: nothing of the task runs any further."""


@dataclass
class Point:
    """Something to do once: `when` the `ordinal`-th call of an operation goes out or was answered.

    `act` makes calls of its own, which are not the task's. `tell` tells the task to end: what that calls is the task's,
    and LAST_CALLS and LAST_SECONDS later it is ended for good.
    """

    when: str
    service: str
    operation: str
    ordinal: int
    act: Callable[[], object]
    tell: Callable[[], object] | None = None

    @property
    def place(self) -> tuple[str, str, str, int]:
        """Before or after which call."""
        return self.when, self.service, self.operation, self.ordinal


@dataclass
class Passage:
    """The calls of one try of a task."""

    points: list[Point]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    session_keys: set[str] = field(default_factory=set)
    terminated_at: float | None = None
    last_calls: int = 0

    @property
    def is_terminated(self) -> bool:
        """Whether the task was told to end."""
        return self.terminated_at is not None

    def terminate(self, tell: Callable[[], object]) -> None:
        """Tell the task to end; from now on its time is running out."""
        try:
            tell()
        finally:
            self.terminated_at, self.last_calls = time.monotonic(), 0

    def count(self, service: str, operation: str) -> None:
        """Count a call that goes out. Raises Killed if it comes too long after the task was told to end."""
        self.counts[service, operation] += 1
        if self.terminated_at is not None:
            self.last_calls += 1
            if self.last_calls > LAST_CALLS and time.monotonic() > self.terminated_at + LAST_SECONDS:
                raise Killed


class Watch:
    """Installed once in a process, before the sessions are made that it watches; follows each thread on its own."""

    def __init__(self) -> None:
        self._of_thread = threading.local()
        self._ended: set[threading.Thread] = set()

    def install(self) -> None:
        """Be among the handlers that every new session of botocore starts with."""
        handlers.BUILTIN_HANDLERS += [("before-send", self._before), ("response-received", self._after)]

    def remove(self) -> None:
        """Be no longer among them: for a process that goes on with something else."""
        for entry in (("before-send", self._before), ("response-received", self._after)):
            handlers.BUILTIN_HANDLERS.remove(entry)

    def end_other_threads(self) -> None:
        """Let no call go out any more of the threads that run beside this one: whatever they are at, they end by it."""
        self._ended.update(set(threading.enumerate()) - {threading.current_thread()})

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
        if threading.current_thread() in self._ended:
            raise Killed
        _, service, operation = event_name.split(".")
        passage.count(service, operation)
        if service != "sts" and (key := KEY.search(str(request.headers.get("Authorization", "")))):
            passage.session_keys.add(key[1])
        self._act(passage, BEFORE, service, operation)

    def _after(self, event_name: str, **_: Any) -> None:
        if (passage := self._passage) is None:
            return
        _, service, operation = event_name.split(".")
        self._act(passage, AFTER, service, operation)

    def _act(self, passage: Passage, when: str, service: str, operation: str) -> None:
        here = (when, service, operation, passage.counts[service, operation])
        for point in [each for each in passage.points if each.place == here]:
            # What another point here has told the task to end with may have come by this one already.
            if point in passage.points:
                passage.points.remove(point)
                self._reach(passage, point)

    def _reach(self, passage: Passage, point: Point) -> None:
        self._of_thread.passage = None
        try:
            point.act()
        finally:
            self._of_thread.passage = passage
        if point.tell:
            passage.terminate(point.tell)
