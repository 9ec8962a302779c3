"""Processes that outlive the command that started them, and are found and ended again by what was recorded.

Each service leads a session of its own and carries a marker in its environment. Both are looked at: a child
that leaves the session still has the marker, and one without the marker is in the session.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from demo.waiting import WaitTimeoutError, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

MARKER = "SIGHTLINE_DEMO"
# setproctitle writes a process's title over its environment, and so over the marker, unless this is set.
KEPT_ENVIRONMENT = {"SPT_NOENV": "1"}
# psutil derives start times from the boot time, which moves a little when the clock is set.
CLOCK_TOLERANCE_SECONDS = 2.0


class StartError(Exception):
    """A service did not come up; the text names its log."""


@dataclass(frozen=True)
class Service:
    """A process that was started: its pid, which is also its session's id, and when it started."""

    name: str
    pid: int
    started: float

    def is_alive(self) -> bool:
        """Whether this very process still runs (not another one that was given its pid)."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started) < CLOCK_TOLERANCE_SECONDS
            return is_same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def owns_session(self) -> bool:
        """Whether the session of this id is still ours: the pid is not in use by a stranger."""
        return self.is_alive() or not psutil.pid_exists(self.pid)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def start(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], marker: str, log: Path, folder: Path
) -> Service:
    """Start `command` in `folder` as the leader of a new session, both its outputs appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**environment, MARKER: marker, **KEPT_ENVIRONMENT},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Service(name, process.pid, psutil.Process(process.pid).create_time())


def members(services: Iterable[Service], marker: str) -> list[psutil.Process]:
    """Every living process of these services, of the sessions of what carries the marker, and what carries it."""
    sessions: set[int | None] = {service.pid for service in services if service.owns_session()}
    living = [process for process in psutil.process_iter() if _is_other_and_lives(process)]
    marked = {process.pid for process in living if _carries(process, marker)}
    sessions |= {_session(pid) for pid in marked}
    sessions -= {_session(os.getpid()), None}
    return [p for p in living if p.pid in marked or _session(p.pid) in sessions]


def _is_other_and_lives(process: psutil.Process) -> bool:
    try:
        return process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _carries(process: psutil.Process, marker: str) -> bool:
    try:
        return process.environ().get(MARKER) == marker
    except (psutil.Error, OSError):
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def stop(services: Sequence[Service], marker: str, *, grace_seconds: float = 8.0) -> int:
    """End every process of these services, by force after the grace. Returns how many there were."""
    ended = members(services, marker)

    def left() -> list[psutil.Process]:
        """Who was found by one that is gone meanwhile would not be found again."""
        _reap(services)
        found = [*filter(_is_other_and_lives, ended), *members(services, marker)]
        return [process for process in dict.fromkeys(found) if process.is_running()]

    _signal(ended, signal.SIGTERM)
    if not _gone(left, grace_seconds):
        _signal(left(), signal.SIGKILL)
        if not _gone(left, grace_seconds):
            raise WaitTimeoutError(f"processes that do not end: {[process.pid for process in left()]}")
    return len(ended)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _gone(left: Callable[[], list[psutil.Process]], seconds: float) -> bool:
    try:
        return wait_until(lambda: not left(), what="the end of the demo's processes", timeout_seconds=seconds)
    except WaitTimeoutError:
        return False


def _reap(services: Iterable[Service]) -> None:
    """Take the exit status of those that are our own children, so that none stays as a zombie."""
    for service in services:
        try:
            os.waitpid(service.pid, os.WNOHANG)
        except ChildProcessError:
            continue
