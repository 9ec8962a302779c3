"""How often was what called, by whom: the figures behind the cost table of the tests."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class CallKey:
    """What calls are counted by; `principal` is the ARN that GetCallerIdentity answers."""

    service: str
    operation: str
    account_id: str
    principal: str


class Counters:
    """Counts every call, also those that were refused (no permission, no valid key, not known here)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[CallKey] = Counter()
        self._refused: Counter[CallKey] = Counter()

    def add(self, key: CallKey, *, refused: bool) -> None:
        """Count one call."""
        with self._lock:
            self._calls[key] += 1
            self._refused[key] += refused

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._calls.clear()
            self._refused.clear()

    def rows(self) -> list[dict[str, str | int]]:
        """Return a row for each service, operation and principal, sorted."""
        with self._lock:
            return [
                {**vars(key), "count": count, "refused": self._refused[key]}
                for key, count in sorted(self._calls.items())
            ]
