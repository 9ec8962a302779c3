"""Guards against kills: what is waited for is cancelled at whatever moment the kill comes, deferred or not."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_TRIGGERS = "plugins/sightline/triggers"
_KILLS = "tests/stages/test_kills.py::"
_SETTLED = "tests/stages/test_triggers.py::test_no_trigger_fires_before_airflow_has_registered_that_the_worker_is_done"

KILLS = (
    Guard(
        "a task that is killed cancels what it waits for",
        f"{_OPERATORS}/base.py",
        "        self.is_killed = True\n        self.cancel()\n",
        "        self.is_killed = True\n",
        (f"{_KILLS}test_a_kill_while_it_waits_cancels_what_it_waits_for",),
    ),
    Guard(
        "a task that was killed starts no statement",
        f"{_OPERATORS}/athena.py",
        "        self.refuse_if_killed()\n",
        "",
        (f"{_KILLS}test_a_kill_before_the_start_keeps_it_from_being_started[add_partition]",),
    ),
    Guard(
        "a task that was killed starts no ingestion",
        f"{_OPERATORS}/quicksight.py",
        "        self.refuse_if_killed()\n",
        "",
        (f"{_KILLS}test_a_kill_before_the_start_keeps_it_from_being_started[ingest_data_set]",),
    ),
    Guard(
        "a kill that comes while a statement is being started cancels it",
        f"{_OPERATORS}/athena.py",
        "        self.cancel_if_killed()\n",
        "",
        (f"{_KILLS}test_a_kill_while_the_start_is_being_answered_cancels_what_was_started[check_row_count]",),
    ),
    Guard(
        "a kill that comes while an ingestion is being started cancels it",
        f"{_OPERATORS}/quicksight.py",
        "        self.cancel_if_killed()\n",
        "",
        (f"{_KILLS}test_a_kill_while_the_start_is_being_answered_cancels_what_was_started[ingest_data_set]",),
    ),
    Guard(
        "a deferred task that is killed cancels its query",
        f"{_TRIGGERS}/athena.py",
        "            await client.stop_query_execution(QueryExecutionId=self.return_value)\n",
        "            pass\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[check_row_count]",),
    ),
    Guard(
        "a deferred task that is killed cancels its ingestion",
        f"{_TRIGGERS}/quicksight.py",
        "            await client.cancel_ingestion(**self.waiter_args)\n",
        "            pass\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[ingest_data_set]",),
    ),
    Guard(
        "a clean-up after a kill is not cut off by the next one",
        f"{_TRIGGERS}/ending.py",
        "            if task.cancelled():\n                raise\n",
        "            raise\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[check_row_count]",),
    ),
    Guard(
        "no deferred query comes back too soon",
        f"{_TRIGGERS}/athena.py",
        "        await settle()\n",
        "",
        (_SETTLED,),
    ),
    Guard(
        "no deferred ingestion comes back too soon",
        f"{_TRIGGERS}/quicksight.py",
        "        await settle()\n",
        "",
        (_SETTLED,),
    ),
    Guard(
        "no wait for a file comes back too soon",
        f"{_TRIGGERS}/s3.py",
        "        await settle()\n",
        "",
        (_SETTLED,),
    ),
)
