"""The ledger, where it cannot be written."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.errors.base import Transient


@dataclass(eq=False)
class LedgerContended(Transient):
    """Other writers changed the ledger between every reading and writing of it."""

    uri: str
    attempts: int
    MESSAGE = (
        "{uri} was changed by another load each of {attempts} times that it was to be written. A retry usually "
        "succeeds; if not, look for a load that runs again and again."
    )
