"""Guards that the campaign of faults rests on: each broken one is found by a single trial and its invariants."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_TRIAL = "tests/faults/test_trials.py::test_a_load_that_was_struck_is_right_in_the_end"

CAMPAIGN = (
    Guard(
        "an ingestion whose worker died is found again",
        "plugins/sightline/publication.py",
        'return f"sightline-{work[:40]}"',
        "return f\"sightline-{work[:20]}-{__import__('secrets').token_hex(8)}\"",
        (f"{_TRIAL}[an ingestion is found again]",),
    ),
    Guard(
        "a statement whose worker died is found again",
        "plugins/sightline/hooks/athena.py",
        "                ClientRequestToken=token,\n",
        "                ClientRequestToken=__import__('secrets').token_hex(20),\n",
        (f"{_TRIAL}[a statement is found again]",),
    ),
    Guard(
        "the gate holds while a file is delivered again",
        f"{_OPERATORS}/quicksight.py",
        "        if held:\n",
        "        if False:\n",
        (f"{_TRIAL}[the gate holds]",),
    ),
    Guard(
        "a second load's ledger is not written over",
        "plugins/sightline/hooks/ledger.py",
        'condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}',
        "condition: dict[str, str] = {}",
        (f"{_TRIAL}[the ledger is written on a condition]",),
    ),
    Guard(
        "a kill in the midst of a load cancels its ingestion",
        f"{_OPERATORS}/base.py",
        "        self.is_killed = True\n        self._cancel_or_warn()\n",
        "        pass\n",
        (f"{_TRIAL}[a kill cancels an ingestion]",),
    ),
    Guard(
        "no month of a load that died is reopened for nothing",
        "plugins/sightline/planning.py",
        "if ledger.line(month).checked_at and partitions.state(table, month) is not PartitionState.RIGHT\n",
        "if ledger.line(month).checked_at\n",
        (f"{_TRIAL}[no month is reopened for nothing]",),
    ),
)
