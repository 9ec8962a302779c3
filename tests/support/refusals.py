"""What tests of refused loads share: what a refusal is, what may not change by it, and what somebody does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from demo.waiting import wait_until
from sightline import errors
from tests.support.stages import Outcome
from tests.support.world import HEADER, World

FEBRUARY = HEADER + "2024-02-01,Widget A,1,25.99,25.99\n"


def refused(outcome: Outcome, task: str, *says: str) -> None:
    """The task failed, nothing after it ran, and its error says all this, after its name if no retry can help."""
    assert outcome.states[task] == "failed", outcome.states
    assert "failed" not in [state for name, state in outcome.states.items() if name != task]
    if isinstance(outcome.errors[task], AirflowFailException):
        assert outcome.error.partition(": ")[0] in errors.__all__
    for words in says:
        assert words in outcome.error


def last_good(line: dict[str, Any]) -> dict[str, Any]:
    """A ledger line without the note on what was refused since."""
    return {key: value for key, value in line.items() if key not in {"revision", "failure"}}


def standing(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a refused load of another month may not change: catalog, SPICE, January's last good line."""
    return world.state(), last_good(world.ledger())


def up_to(world: World, task: str, month: str = "2024-02") -> None:
    """Run the stages of a load before this one."""
    for before in ("assume_role", "inspect_source", "add_partition", "check_row_count", "ingest_data_set"):
        if before == task:
            return
        outcome = world.load(month, only=before)
        assert not outcome.errors, outcome.error


def during_ingestion(
    world: World, act: Callable[[str], object], month: str = "2024-02", seconds: float = 3
) -> Outcome:
    """Ingest, slowly, and let somebody act once QuickSight has begun to read; `act` gets the ingestion's id."""
    world.cloud.set_options(slow_next_ingestion={**data_set(world), "seconds": seconds})
    seen = {each["IngestionId"] for each in world.evidence.ingestions(world.account)}
    outcome = _in_a_thread(lambda: world.load(month, only="ingest_data_set", max_tries=1))

    def running() -> list[str]:
        found = world.evidence.ingestions(world.account)
        return [
            each["IngestionId"]
            for each in found
            if each["IngestionStatus"] == "RUNNING" and each["IngestionId"] not in seen
        ]

    wait_until(lambda: bool(running()), what="a running ingestion", timeout_seconds=120)
    act(running()[0])
    return outcome()


def during_query(world: World, act: Callable[[str], object], task: str, month: str = "2024-02") -> Outcome:
    """Run a stage whose query is slow, and let somebody act once it runs; `act` gets the query execution's id."""
    seen = world.evidence.query_ids(world.account)
    world.cloud.set_options(latency={"ddl": 2.0, "select": 2.0, "ingestion": 0})
    try:
        outcome = _in_a_thread(lambda: world.load(month, only=task, max_tries=1))
        wait_until(
            lambda: bool(world.evidence.query_ids(world.account) - seen), what="a query", timeout_seconds=120
        )
        act(*(world.evidence.query_ids(world.account) - seen))
        return outcome()
    finally:
        world.cloud.set_options(latency="zero")


def _in_a_thread(load: Callable[[], Outcome]) -> Callable[[], Outcome]:
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(load()), daemon=True)
    thread.start()

    def outcome() -> Outcome:
        thread.join(timeout=180)
        return outcomes[0]

    return outcome


def data_set(world: World) -> dict[str, str]:
    """The data set as the local AWS's switches name it."""
    return {
        "account_id": world.settings.analytics.account_id,
        "data_set_id": world.account.tables[0].quicksight.data_set_id,
    }


def load_again(world: World, month: str = "2024-02") -> None:
    """The next load goes through; what failed in Athena is passed over once it is a few seconds old."""

    def is_loaded() -> bool:
        return not world.load(month).errors

    wait_until(is_loaded, what="a load after the repair", timeout_seconds=120)
