"""Guards of the promise itself: figures compared, the gate, tokens, the ledger's conditions, what is undone."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_HOOKS = "plugins/sightline/hooks"
_REFUSALS = "tests/stages/test_refusals.py::"
_LOAD = "tests/stages/test_load.py::"
_HOOK_TESTS = "tests/stages/test_hooks.py::"

PROMISES = (
    Guard(
        "figures of files and Athena are compared",
        f"{_OPERATORS}/row_count_check.py",
        "        if rows:\n",
        "        if False:\n",
        (f"{_REFUSALS}test_figures_that_differ_are_shown_side_by_side_and_the_new_partition_is_dropped",),
    ),
    Guard(
        "a failed check leaves no partition",
        f"{_OPERATORS}/row_count_check.py",
        "        if added:\n",
        "        if False:\n",
        (f"{_REFUSALS}test_figures_that_differ_are_shown_side_by_side_and_the_new_partition_is_dropped",),
    ),
    Guard(
        "the gate",
        f"{_OPERATORS}/quicksight.py",
        "        if held:\n",
        "        if False:\n",
        (f"{_REFUSALS}test_a_file_that_turns_bad_after_its_check_is_held_by_the_gate",),
    ),
    Guard(
        "the gate covers every registered month",
        "plugins/sightline/planning.py",
        "for month in sorted(known | set(partitions.locations))",
        "for month in sorted(known)",
        ("tests/unit/test_planning.py::test_the_gate_holds_for_each_reason_and_says_it",),
    ),
    Guard(
        "a month is checked for its very content",
        "plugins/sightline/ledger.py",
        "return self.checked_at is not None and self.fingerprint == fingerprint",
        "return self.checked_at is not None",
        ("tests/unit/test_planning.py::test_a_file_delivered_again_is_checked_again",),
    ),
    Guard(
        "the token of a statement is a hash of its work",
        f"{_HOOKS}/athena.py",
        '"sql": sql, "attempt": attempt})',
        '"sql": sql, "attempt": attempt, "at": str(datetime.now())})',
        (
            f"{_HOOK_TESTS}test_the_same_work_is_one_execution_in_a_workgroup_and_another_in_a_second_one",
            f"{_LOAD}test_work_that_was_done_but_not_recorded_is_found_not_repeated[check_row_count]",
        ),
    ),
    Guard(
        "the id of an ingestion is a hash of what it publishes",
        "plugins/sightline/publication.py",
        '"months": content, "attempt": attempt})',
        '"months": content, "attempt": attempt, "at": str(datetime.now())})',
        (f"{_LOAD}test_work_that_was_done_but_not_recorded_is_found_not_repeated[ingest_data_set]",),
    ),
    Guard(
        "an attempt goes up past a failure only",
        f"{_HOOKS}/quicksight.py",
        "            if is_new or not ingestion.has_failed or wanted == awaited:\n",
        "            if is_new or wanted == awaited:\n",
        (f"{_LOAD}test_work_that_was_done_but_not_recorded_is_found_not_repeated[ingest_data_set]",),
    ),
    Guard(
        "the ledger is written on the condition that it is what was read",
        f"{_HOOKS}/ledger.py",
        'condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}',
        "condition: dict[str, str] = {}",
        (
            f"{_HOOK_TESTS}test_two_writers_lose_none_of_each_others_lines",
            f"{_HOOK_TESTS}test_a_first_ledger_does_not_overwrite_one_that_appeared_meanwhile",
        ),
    ),
    Guard(
        "a foreign line of the ledger",
        "plugins/sightline/ledger.py",
        "        raise LedgerUnreadable(uri, number, ",
        "        raise ValueError(uri, number, ",
        ("tests/unit/test_ledger.py::test_a_foreign_line_is_refused_by_its_number",),
    ),
    Guard(
        "only the object that was listed is read",
        f"{_HOOKS}/s3.py",
        "                IfMatch=f'\"{source.etag}\"',\n",
        "",
        (f"{_HOOK_TESTS}test_only_the_object_that_was_listed_is_opened",),
    ),
    Guard(
        "a plan that is older than the ledger",
        f"{_OPERATORS}/row_count_check.py",
        "    if outdated:\n",
        "    if False:\n",
        (
            "tests/stages/test_recovery.py::"
            "test_a_check_cleared_after_newer_loads_drops_nothing_and_says_what_to_clear",
        ),
    ),
)
