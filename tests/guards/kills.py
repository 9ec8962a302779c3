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
        "        self.is_killed = True\n        self._cancel_or_warn()\n",
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
        "a kill reaches a deferred task while it connects",
        "plugins/sightline/hooks/account.py",
        "        return await asyncio.shield(super().get_async_conn())\n",
        "        return await super().get_async_conn()\n",
        (
            f"{_KILLS}test_a_trigger_that_is_killed_while_it_connects_cancels_what_it_waits_for[check_row_count]",
        ),
    ),
    Guard(
        "a deferred task that is killed cancels its query",
        f"{_TRIGGERS}/athena.py",
        "        await client.stop_query_execution(QueryExecutionId=self.return_value)\n",
        "        pass\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[check_row_count]",),
    ),
    Guard(
        "a deferred task that is killed cancels its ingestion",
        f"{_TRIGGERS}/quicksight.py",
        "        await client.cancel_ingestion(**self.waiter_args)\n",
        "        pass\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[ingest_data_set]",),
    ),
    Guard(
        "a clean-up after a kill is not cut off by the next one",
        f"{_TRIGGERS}/base.py",
        "            cancelled = error\n",
        "            raise error\n",
        (f"{_KILLS}test_a_trigger_that_is_killed_cancels_what_it_waits_for[check_row_count]",),
    ),
    Guard(
        "no deferred query or ingestion comes back too soon",
        f"{_TRIGGERS}/base.py",
        "        await settle()\n",
        "",
        (_SETTLED,),
    ),
    Guard(
        "a clean-up that nobody answers is given up on",
        f"{_TRIGGERS}/base.py",
        "asyncio.wait_for(work, CLEAN_UP_SECONDS)",
        "work",
        ("tests/unit/test_kills.py::test_a_clean_up_that_nobody_answers_is_given_up_on",),
    ),
    Guard(
        "a cancelling that is refused does not break off a kill",
        f"{_OPERATORS}/base.py",
        "        except (ClientError, BotoCoreError) as error:\n",
        "        except ArithmeticError as error:\n",
        ("tests/unit/test_kills.py::test_a_cancelling_that_is_refused_does_not_break_off_the_kill",),
    ),
    Guard(
        "a check that was killed on its last try starts nothing",
        f"{_OPERATORS}/row_count_check.py",
        "if not self.is_killed and (",
        "if (",
        (f"{_KILLS}test_a_check_that_is_killed_on_its_last_try_starts_nothing_any_more",),
    ),
    Guard(
        "no wait for a file comes back too soon",
        f"{_TRIGGERS}/s3.py",
        "        await settle()\n",
        "",
        (_SETTLED,),
    ),
)
