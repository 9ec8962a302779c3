"""All guards, the quick ones first."""

from __future__ import annotations

from tests.guards.files import FILES
from tests.guards.guard import Guard
from tests.guards.kills import KILLS
from tests.guards.loads import LOADS
from tests.guards.local_aws import LOCAL_AWS
from tests.guards.promises import PROMISES
from tests.guards.settings import SETTINGS

GUARDS: tuple[Guard, ...] = (*FILES, *SETTINGS, *PROMISES, *LOCAL_AWS, *KILLS, *LOADS)
