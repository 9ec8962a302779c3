"""Guards over how loads are built, how they wait, and how they read a file."""

from __future__ import annotations

from tests.guards.guard import Guard

_LOAD = "plugins/sightline/dag_factory/load.py"
_POLLING = "plugins/sightline/polling.py"
_READ_AHEAD = "plugins/sightline/read_ahead.py"
_PARSING = "tests/dags/test_parsing.py::"
_POLICIES = "tests/dags/test_dag_policies.py::"
_WAITS = "tests/unit/test_polling.py::"
_READS = "tests/unit/test_read_ahead.py::"

RUNNING = (
    Guard(
        "a worker builds the Dag of its task alone",
        _LOAD,
        "if wanted in (None, load_dag_id(account))",
        "if True",
        (f"{_PARSING}test_a_worker_builds_only_the_dag_whose_task_it_runs",),
    ),
    Guard(
        "the Dag processor builds all loads",
        _LOAD,
        "if wanted in (None, load_dag_id(account))",
        "if wanted == load_dag_id(account)",
        (f"{_PARSING}test_the_dag_processor_builds_all_of_them",),
    ),
    Guard(
        "a load has its month as a parameter",
        _LOAD,
        '    dag.params["month"] = _month_param()\n',
        "",
        (f"{_PARSING}test_the_month_is_a_parameter_of_each_load_with_its_form",),
    ),
    Guard(
        "a load asks who it is before all else",
        _LOAD,
        "            who >> load_table(",
        "            load_table(",
        (f"{_POLICIES}test_a_load_asks_who_it_is_before_all_else",),
    ),
    Guard(
        "a load does not overtake itself",
        _LOAD,
        "max_active_runs=1,",
        "max_active_runs=16,",
        (f"{_POLICIES}test_a_dag_neither_catches_up_nor_overtakes_itself",),
    ),
    Guard(
        "a load does not catch up",
        _LOAD,
        "catchup=False,",
        "catchup=True,",
        (f"{_POLICIES}test_a_dag_neither_catches_up_nor_overtakes_itself",),
    ),
    Guard(
        "a load has data intervals",
        _LOAD,
        "schedule=CronDataIntervalTimetable(account.schedule, timezone=account.timezone),",
        "schedule=account.schedule,",
        (f"{_POLICIES}test_a_load_has_data_intervals_so_that_a_run_has_a_month",),
    ),
    Guard(
        "a wait ends at its threshold",
        _POLLING,
        "(waited := time.monotonic() - began) + delay < seconds:",
        "(waited := time.monotonic() - began) < seconds:",
        (f"{_WAITS}test_the_wait_ends_at_the_threshold_with_the_last_answer",),
    ),
    Guard(
        "what was just looked at is not looked at again",
        _POLLING,
        "answer = look() if known is None else known",
        "answer = look()",
        (f"{_WAITS}test_the_last_looks_answer_is_not_asked_for_again",),
    ),
    Guard(
        "looks grow apart",
        _POLLING,
        "delay * GROWTH",
        "delay",
        (
            f"{_WAITS}test_looks_start_close_together_and_grow_apart",
            f"{_WAITS}test_an_end_is_seen_soon_for_the_time_that_it_took_and_with_few_looks",
        ),
    ),
    Guard(
        "looks do not grow apart too soon",
        _POLLING,
        "max(LONG_DELAY, waited * LONG_SHARE), ",
        "",
        (f"{_WAITS}test_an_end_is_seen_soon_for_the_time_that_it_took_and_with_few_looks",),
    ),
    Guard(
        "the next piece is fetched meanwhile",
        _READ_AHEAD,
        "self._next = self._fetch(size) if piece else None",
        "self._next = None",
        (f"{_READS}test_the_next_piece_is_fetched_while_nobody_asks_for_it",),
    ),
    Guard(
        "pieces come in their order",
        _READ_AHEAD,
        "(self._next or self._fetch(size)).result()",
        "self._fetch(size).result()",
        (f"{_READS}test_all_bytes_come_in_their_order_and_then_none",),
    ),
    Guard(
        "no thread goes on reading",
        _READ_AHEAD,
        'with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as pool:\n'
        "        yield ReadAhead(stream, pool)",
        'yield ReadAhead(stream, ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead"))',
        (f"{_READS}test_no_thread_is_left_when_the_reader_gives_up_in_the_middle",),
    ),
)
