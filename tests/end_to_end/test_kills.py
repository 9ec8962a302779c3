"""Loads killed under a real scheduler: a handful of the trials of `make test-faults SCHEDULER_TRIALS=…`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.scheduler import Campaign, campaign
from tests.faults.scheduler_rounds import Round, Trial
from tests.faults.scheduler_services import service_ends
from tests.faults.scheduler_strikes import at_any_instant
from tests.faults.scheduler_waits import while_waiting

Strikes = Callable[[Round], list[Trial]]
# A stage is started, and a load killed may wait for Airflow to miss it: on a busy machine that takes its time.
pytestmark = pytest.mark.timeout(900)
ROUNDS: tuple[Strikes, ...] = (while_waiting, at_any_instant, service_ends)
ACCOUNTS = 3


@pytest.fixture(scope="module")
def played() -> Iterator[Campaign]:
    """A stage of its own, whose Airflow notices a kill in seconds, with three accounts."""
    with campaign("3", rounds=len(ROUNDS), accounts=ACCOUNTS) as begun:
        yield begun


@pytest.mark.parametrize("strikes", ROUNDS, ids=lambda strikes: strikes.__name__)
def test_no_kill_makes_a_load_wrong_or_do_a_thing_twice(played: Campaign, strikes: Strikes) -> None:
    trials = played.play(strikes)

    assert played.broken == []
    assert len(trials) == ACCOUNTS
    # A load that waits cannot be over before its kill; of those killed at any instant, some may be.
    struck = [trial for trial in trials if trial.is_struck]
    assert len(struck) == ACCOUNTS if strikes is while_waiting else struck
    assert {trial.account.name: trial.problems for trial in trials if trial.problems} == {}
