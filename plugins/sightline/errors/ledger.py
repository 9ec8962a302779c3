"""The ledger, where it cannot be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.base import Refusal, Transient

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class LedgerContended(Transient):
    """Other writers changed the ledger between every reading and writing of it."""

    uri: str
    attempts: int
    MESSAGE = (
        "{uri} was changed by another load each of {attempts} times that it was to be written. A retry usually "
        "succeeds; if not, look for a load that runs again and again."
    )


@dataclass(eq=False)
class PlanOutdated(Refusal):
    """A task was cleared alone: since its plan was made, the ledger has learnt something else about these months."""

    months: Sequence[object]
    MESSAGE = (
        "The plan of this run is older than what the ledger knows of {months}. Clear inspect_source with what follows "
        "it: it makes a new plan."
    )


@dataclass(eq=False)
class LedgerUnreadable(Refusal):
    """A line of the ledger is not one that Sightline writes; nothing is decided on it."""

    uri: str
    line: int
    reason: str
    MESSAGE = (
        "Line {line} of {uri} cannot be read: {reason}. Restore an earlier version of the object (the bucket is "
        "versioned), or delete the line: its month is then checked anew."
    )
