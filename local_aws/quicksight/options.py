"""What may be changed about QuickSight while it runs, for tests: see docs/local_aws.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals
from local_aws.quicksight.ingestion_queue import MODES
from local_aws.quicksight.ingestions import MANUAL_REFRESHES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_aws.quicksight.faults import Faults
    from local_aws.quicksight.ingestion_queue import IngestionQueue
    from local_aws.quicksight.ingestions import Ingestions


class Options:
    """The switches of the service, by the names that `PUT /_local_aws/options` takes.

    second_ingestion: `queue` or `supersede`.
    quicksight_editions: `{"<account id>": "ENTERPRISE" | "STANDARD"}`, ENTERPRISE unless said.
    fail_next_ingestion: `{"account_id", "data_set_id", "Type", "Message"}`.
    drop_rows_in_next_ingestion: `{"account_id", "data_set_id", "rows"}`.
    slow_next_ingestion: `{"account_id", "data_set_id", "seconds"}`.
    """

    def __init__(self, queue: IngestionQueue, ingestions: Ingestions, faults: Faults) -> None:
        self._queue, self._ingestions, self._faults = queue, ingestions, faults
        self._setters: Mapping[str, Callable[[Any], None]] = {
            "second_ingestion": self._set_second_ingestion,
            "quicksight_editions": self._set_editions,
            "fail_next_ingestion": faults.fail_next,
            "drop_rows_in_next_ingestion": faults.drop_rows_in_next,
            "slow_next_ingestion": faults.slow_next,
        }

    @property
    def names(self) -> frozenset[str]:
        """The options that `set` takes."""
        return frozenset(self._setters)

    def set(self, name: str, value: Any) -> None:
        """Set one option; InvalidParameterValueException when its value is not one of those it takes."""
        try:
            self._setters[name](value)
        except (KeyError, TypeError, ValueError) as error:
            raise refusals.invalid(f"Option {name} does not take {value!r}: {error!r}") from error

    def described(self) -> dict[str, Any]:
        """Return the present values, with the faults that have not struck yet."""
        return {
            "second_ingestion": self._queue.second_ingestion,
            "quicksight_editions": dict(self._ingestions.editions),
            "next_ingestions": self._faults.described(),
        }

    def _set_second_ingestion(self, mode: str) -> None:
        if mode not in MODES:
            raise refusals.invalid(f"second_ingestion {mode!r} is none of {', '.join(MODES)}")
        self._queue.second_ingestion = mode

    def _set_editions(self, editions: Mapping[str, str]) -> None:
        for account_id, edition in editions.items():
            if edition.upper() not in MANUAL_REFRESHES:
                raise refusals.invalid(f"edition {edition!r} is none of {', '.join(MANUAL_REFRESHES)}")
            self._ingestions.editions[account_id] = edition.upper()
