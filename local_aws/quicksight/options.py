"""What may be changed about QuickSight while it runs, by the names that `PUT /_local_aws/options` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_aws.control import Option
from local_aws.quicksight import refusals
from local_aws.quicksight.ingestion_queue import MODES
from local_aws.quicksight.ingestions import MANUAL_REFRESHES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_aws.quicksight.faults import Faults
    from local_aws.quicksight.ingestion_queue import IngestionQueue
    from local_aws.quicksight.ingestions import Ingestions


def quicksight_options(queue: IngestionQueue, ingestions: Ingestions, faults: Faults) -> dict[str, Option]:
    """Return the switches of the service.

    second_ingestion: `queue` or `supersede`.
    quicksight_editions: `{"<account id>": "ENTERPRISE" | "STANDARD"}`; an account not named has ENTERPRISE.
    fail_next_ingestion: `{"account_id", "data_set_id", "Type", "Message"}`.
    drop_rows_in_next_ingestion: `{"account_id", "data_set_id", "rows"}`.
    slow_next_ingestion: `{"account_id", "data_set_id", "seconds"}`.
    The last three read as the faults that have not struck yet.
    """
    return {
        "second_ingestion": Option(lambda: queue.second_ingestion, lambda mode: _set_mode(queue, mode)),
        "quicksight_editions": Option(
            lambda: dict(ingestions.editions), _checked(lambda editions: _set_editions(ingestions, editions))
        ),
        "fail_next_ingestion": Option(faults.described, _checked(faults.fail_next)),
        "drop_rows_in_next_ingestion": Option(faults.described, _checked(faults.drop_rows_in_next)),
        "slow_next_ingestion": Option(faults.described, _checked(faults.slow_next)),
    }


def _checked(write: Callable[[Any], None]) -> Callable[[Any], None]:
    """A value of the wrong shape is the asker's mistake, not the server's."""

    def checked(value: Any) -> None:
        try:
            write(value)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise refusals.invalid(f"The option does not take {value!r}: {error!r}") from error

    return checked


def _set_mode(queue: IngestionQueue, mode: str) -> None:
    if mode not in MODES:
        raise refusals.invalid(f"second_ingestion {mode!r} is none of {', '.join(MODES)}")
    queue.second_ingestion = mode


def _set_editions(ingestions: Ingestions, editions: Mapping[str, str]) -> None:
    for account_id, edition in editions.items():
        if edition.upper() not in MANUAL_REFRESHES:
            raise refusals.invalid(f"edition {edition!r} is none of {', '.join(MANUAL_REFRESHES)}")
        ingestions.editions[account_id] = edition.upper()
