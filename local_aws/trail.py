"""The trail: every call in the order of the answers, with what it asked and what came of it, as CloudTrail has it.

Counters say how often; only the order says whether an ingestion began while a month was unchecked.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.counters import CallKey

LONGEST = 50_000
SHORT = (str, int, float, bool)


class Trail:
    """The latest calls since the last reset, at most LONGEST of them; it knows how many earlier ones it dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=LONGEST)
        self._dropped = 0

    def add(
        self,
        key: CallKey,
        parameters: Mapping[str, Any],
        *,
        result: Mapping[str, Any],
        error: str,
        fault: str,
    ) -> None:
        """Record a call: its plain parameters and results (no bodies), its error's code, the fault that struck it."""
        entry = {
            **vars(key),
            "parameters": _plain(parameters),
            "result": _plain(result),
            "error": error,
            "fault": fault,
        }
        with self._lock:
            self._dropped += len(self._entries) == LONGEST
            self._entries.append(entry)

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._entries.clear()
            self._dropped = 0

    def described(self) -> dict[str, Any]:
        """Return the entries, the oldest first, and how many are missing before them."""
        with self._lock:
            return {"calls": list(self._entries), "dropped": self._dropped}


def _plain(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if isinstance(value, SHORT)}
