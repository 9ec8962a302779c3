"""Faults that a test asks for: what the next ingestion of a data set does other than it would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session

from local_aws.quicksight import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import StringShape


@dataclass(frozen=True)
class Fault:
    """How one ingestion deviates: it fails with an ErrorInfo, drops rows, or runs some seconds longer."""

    error: Mapping[str, str] | None = None
    rows_dropped: int = 0
    seconds: float = 0.0


NO_FAULT = Fault()
LARGEST = 1_000_000


class Faults:
    """The faults that wait for the next ingestion of their data set; each strikes once."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], Fault] = {}

    def fail_next(self, asked: Mapping[str, Any]) -> None:
        """Fail the next ingestion: `{"account_id", "data_set_id", "Type", "Message"}`."""
        if asked["Type"] not in error_types():
            raise refusals.invalid(f"{asked['Type']} is none of QuickSight's ingestion error types.")
        self._add(asked, error={"Type": asked["Type"], "Message": asked.get("Message", "A fault asked for.")})

    def drop_rows_in_next(self, asked: Mapping[str, Any]) -> None:
        """Drop rows in the next ingestion: `{"account_id", "data_set_id", "rows"}`."""
        self._add(asked, rows_dropped=int(_number(asked, "rows")))

    def slow_next(self, asked: Mapping[str, Any]) -> None:
        """Let the next ingestion run longer: `{"account_id", "data_set_id", "seconds"}`."""
        self._add(asked, seconds=_number(asked, "seconds"))

    def take(self, account_id: str, data_set_id: str) -> Fault:
        """Return the fault of the ingestion that is made now, and forget it."""
        return self._next.pop((account_id, data_set_id), NO_FAULT)

    def _add(self, asked: Mapping[str, Any], **deviation: Any) -> None:
        place = (asked["account_id"], asked["data_set_id"])
        self._next[place] = replace(self._next.get(place, NO_FAULT), **deviation)

    def described(self) -> list[dict[str, Any]]:
        """Return the faults that have not struck yet."""
        return [
            {"account_id": account_id, "data_set_id": data_set_id, **vars(fault)}
            for (account_id, data_set_id), fault in self._next.items()
        ]


def _number(asked: Mapping[str, Any], member: str) -> float:
    number = float(asked[member])
    if not 0 <= number <= LARGEST:
        raise refusals.invalid(f"{member} {asked[member]!r} is no number from 0 to {LARGEST}.")
    return number


@cache
def error_types() -> frozenset[str]:
    """Return QuickSight's IngestionErrorType values, from botocore's service model."""
    model = botocore.session.get_session().get_service_model("quicksight")
    shape = cast("StringShape", model.shape_for("IngestionErrorType"))
    return frozenset(shape.enum)
