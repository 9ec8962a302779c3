"""All guards, the quick ones first."""

from __future__ import annotations

from tests.guards.athena import ATHENA
from tests.guards.campaign import CAMPAIGN
from tests.guards.door import DOOR
from tests.guards.files import FILES
from tests.guards.guard import Guard
from tests.guards.kills import KILLS
from tests.guards.loads import LOADS
from tests.guards.local_aws import LOCAL_AWS
from tests.guards.promises import PROMISES
from tests.guards.running import RUNNING
from tests.guards.settings import SETTINGS
from tests.guards.text import TEXT
from tests.guards.trino import TRINO
from tests.guards.work import WORK

# What a folder's tests need, and so how long they take: nothing, Airflow, a local AWS, an estate on it, several loads.
BY_COST = (
    *("tests/unit/", "tests/sql/", "tests/dags/", "tests/local_aws/"),
    *("tests/demo/", "tests/stages/", "tests/faults/"),
)


def _cost(guard: Guard) -> tuple[int, int]:
    """Compare by the most expensive of the guard's tests, and by how many there are."""
    ranks = [rank for test in guard.tests for rank, folder in enumerate(BY_COST) if test.startswith(folder)]
    return max(ranks), len(guard.tests)


GUARDS: tuple[Guard, ...] = tuple(
    sorted(
        (
            *(*FILES, *SETTINGS, *RUNNING, *PROMISES, *KILLS, *LOADS, *WORK),
            *(*LOCAL_AWS, *DOOR, *ATHENA, *TRINO, *TEXT, *CAMPAIGN),
        ),
        key=_cost,
    )
)
