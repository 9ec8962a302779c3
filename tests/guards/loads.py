"""Guards over missing objects, keys, the catalog, connections and grants: what a load finds in the cloud."""

from __future__ import annotations

from tests.guards.guard import Guard

_OPERATORS = "plugins/sightline/operators"
_HOOKS = "plugins/sightline/hooks"
_MISSING = "tests/stages/test_missing_objects.py::"
_KEYS = "tests/stages/test_hostile_keys.py::"
_LOADED = "test_files_called_like_statements_templates_and_commands_are_loaded_and_reach_no_statement"
_CATALOGS = "tests/stages/test_refused_catalogs.py::"
_CHANGED_TABLE = (
    "test_a_table_changed_while_quicksight_reads_is_not_called_published_even_when_it_is_put_back"
)
_UNPROVED = "tests/stages/test_unproved.py::"
_CONNECTIONS = "tests/stages/test_refused_connections.py::"
_GONE = "test_a_role_that_is_gone_or_trusts_somebody_who_is_no_more_is_named"
_GRANTS = "tests/stages/test_grants.py::test_without_a_grant_the_load_fails_and_names_it"
_INGESTIONS = "tests/stages/test_refused_ingestions.py::"
_TABLE = (
    f"{_CATALOGS}test_a_table_with_other_columns_or_format_is_refused_at_plan_and_gate_with_the_difference"
)
_SOURCE = f"{_CONNECTIONS}test_a_source_that_our_role_may_not_read_is_named_with_its_account_and_the_grant"
_INGESTION = f"{_INGESTIONS}test_an_ingestion_that_may_not_read_a_source_names_account_role_and_grant"

LOADS = (
    # ---------------------------------------------------------------------------------- object missing, not due, late
    Guard(
        "a late object is an error",
        f"{_OPERATORS}/s3.py",
        "        if now >= due:\n",
        "        if False:\n",
        (f"{_MISSING}test_an_object_that_is_late_is_told_with_account_bucket_key_and_since_when",),
    ),
    Guard(
        "an object that is not due is skipped",
        f"{_OPERATORS}/s3.py",
        "raise AirflowSkipException(",
        "self.log.info(",
        (f"{_MISSING}test_an_object_that_is_not_due_yet_ends_as_skipped_and_touches_nothing",),
    ),
    Guard(
        "a missing object is waited for",
        f"{_OPERATORS}/s3.py",
        "            if self._is_there(month):\n",
        "            if self._is_there(month) or True:\n",
        (f"{_MISSING}test_an_object_that_is_not_there_is_waited_for_deferred_and_loaded_when_it_comes",),
    ),
    Guard(
        "files of one month that no pattern matches",
        f"{_OPERATORS}/s3.py",
        "        refuse_strays(table, months, objects)\n",
        "",
        (f"{_KEYS}test_files_that_no_pattern_matches_are_named_on_one_line_each_and_nothing_is_loaded",),
    ),
    Guard(
        "a key is read as it is, not as it is shown",
        f"{_HOOKS}/s3.py",
        'key=entry["Key"]',
        'key=one_line(entry["Key"])',
        (f"{_KEYS}{_LOADED}",),
    ),
    Guard(
        "a key reaches no statement",
        f"{_OPERATORS}/athena.py",
        "return sql.render(name, **values)",
        'return sql.render(name, **values) + f"\\n-- {[each.key for month in months for each in month.objects]}"',
        (f"{_KEYS}{_LOADED}",),
    ),
    Guard(
        "a source that is written again while Athena reads",
        f"{_OPERATORS}/row_count_check.py",
        "            if not changed:\n",
        "            if True:\n",
        ("tests/stages/test_recovery.py::test_a_source_written_again_during_each_check_is_left_for_a_retry",),
    ),
    # ---------------------------------------------------------------------------------------- table and partitions
    Guard(
        "a missing table",
        f"{_HOOKS}/glue.py",
        'if error_code(error) == "EntityNotFoundException":',
        "if False:",
        (f"{_CATALOGS}test_without_a_table_the_load_says_to_run_provision",),
    ),
    Guard(
        "a table changed while QuickSight reads",
        f"{_OPERATORS}/quicksight.py",
        "            self.scope.require_declared_table()\n            partitions, listing = ",
        "            partitions, listing = ",
        (f"{_CATALOGS}{_CHANGED_TABLE}",),
    ),
    Guard(
        "a partition moved after its check",
        "plugins/sightline/planning.py",
        "if partition is not PartitionState.RIGHT:",
        "if partition is PartitionState.MISSING:",
        (f"{_CATALOGS}test_a_partition_moved_between_check_and_ingestion_holds_the_gate",),
    ),
    Guard(
        "a table with other columns",
        "plugins/sightline/catalog.py",
        "            if found != expected\n",
        "            if False\n",
        (f"{_TABLE}[another type]",),
    ),
    Guard(
        "the gate compares the table",
        f"{_OPERATORS}/quicksight.py",
        "        self.scope.require_declared_table()\n        partitions = self.scope.partitions()\n",
        "        partitions = self.scope.partitions()\n",
        (f"{_TABLE}[two columns swapped]",),
    ),
    Guard(
        "what changed under an ingestion is ingested anew",
        f"{_OPERATORS}/quicksight.py",
        "lambda ledger: ledger.unpublished(publication.state, unproved, named(error)))\n        return error",
        "lambda ledger: ledger)\n        return error",
        (f"{_CATALOGS}test_a_file_changed_while_quicksight_reads_and_put_back_is_ingested_again",),
    ),
    Guard(
        "an ingestion that the ledger does not know is told",
        f"{_OPERATORS}/quicksight.py",
        " or self._unknown_to(ledger)",
        "",
        (
            "tests/stages/test_unproved.py::test_what_somebody_refreshed_by_hand_is_told_by_a_gate_that_is_held",
            "tests/stages/test_unproved.py::test_what_a_killed_worker_had_ingested_is_told_though_another_load_has_refused_a_"
            "month_since",
        ),
    ),
    Guard(
        "a refresh that emptied SPICE is one that SPICE may hold",
        "plugins/sightline/hooks/quicksight.py",
        "if not (each.has_failed or each.is_empty_start)",
        "if not each.has_failed and each.rows_ingested",
        ("tests/stages/test_unproved.py::test_a_refresh_that_emptied_spice_is_told_by_a_gate_that_is_held",),
    ),
    Guard(
        "a check keeps the ingestion that last proved a month",
        "plugins/sightline/ledger.py",
        "ingestion_id=self.line(line.month).ingestion_id",
        'ingestion_id=""',
        (
            "tests/stages/test_unproved.py::test_a_month_that_is_checked_anew_does_not_make_its_last_ingestion_an_unknown_"
            "one",
        ),
    ),
    Guard(
        "a month that was reopened is planned again",
        "plugins/sightline/planning.py",
        "if line.is_known}\n",
        "if line.checked_at}\n",
        (
            f"{_CATALOGS}test_a_partition_that_was_dropped_comes_back_though_the_load_that_saw_it_first_was_refused",
        ),
    ),
    Guard(
        "a month that was reopened holds the gate",
        "plugins/sightline/planning.py",
        "if line.is_known and line.month in sources",
        "if line.checked_at and line.month in sources",
        (f"{_CATALOGS}test_a_month_that_was_reopened_and_not_yet_checked_again_holds_the_gate",),
    ),
    Guard(
        "what was changed and put back within an ingestion",
        "plugins/sightline/publication.py",
        "return {**put_back, **unchecked_months(",
        "return {**unchecked_months(",
        (f"{_CATALOGS}test_a_file_changed_and_put_back_within_one_ingestion_is_ingested_again",),
    ),
    Guard(
        "an ingestion that a killed worker left is found at the gate",
        f"{_OPERATORS}/quicksight.py",
        "            if begun := self._unproved_ingestion(ledger, publication):\n",
        "            if begun := None:\n",
        (
            f"{_UNPROVED}test_what_a_killed_worker_had_ingested_is_not_published_after_a_change_that_was_put_back",
        ),
    ),
    Guard(
        "what is not about the content unpublishes nothing",
        f"{_OPERATORS}/quicksight.py",
        "CHANGES = (CatalogMismatch, PartitionsUnclear, TableMissing)",
        "CHANGES = (Exception,)",
        (f"{_UNPROVED}test_a_grant_that_is_missing_after_an_ingestion_unpublishes_nothing",),
    ),
    Guard(
        "the ledger knows what SPICE may hold unchecked",
        "plugins/sightline/ledger.py",
        "                unproved=unproved,\n",
        "",
        (f"{_UNPROVED}test_a_bad_file_that_quicksight_has_read_is_told_until_a_good_one_is_published",),
    ),
    Guard(
        "a partition elsewhere is mended",
        "plugins/sightline/catalog.py",
        "        return PartitionState.OTHER_LOCATION\n",
        "        return PartitionState.RIGHT\n",
        (f"{_CATALOGS}test_a_partition_elsewhere_is_mended_and_its_month_checked_and_published_anew",),
    ),
    Guard(
        "a month registered twice",
        f"{_OPERATORS}/base.py",
        "        if partitions.misfits:\n",
        "        if False:\n",
        (f"{_CATALOGS}test_a_month_that_a_crawler_registered_a_second_time_holds_load_and_gate",),
    ),
    # ------------------------------------------------------------------------------------- connections and grants
    Guard(
        "no ambient credentials",
        f"{_HOOKS}/account.py",
        "            raise MissingConnection(conn_id) from error\n",
        '            return Connection(conn_id=conn_id, conn_type="aws")\n',
        (f"{_CONNECTIONS}test_a_missing_connection_is_never_replaced_by_ambient_credentials[assume_role]",),
    ),
    Guard(
        "the role is the settings' own",
        f"{_HOOKS}/account.py",
        "        if found != self.role_arn:\n",
        "        if False:\n",
        (f"{_CONNECTIONS}test_a_connection_into_another_account_is_refused_with_both_roles",),
    ),
    Guard(
        "a role that cannot be assumed is named",
        f"{_HOOKS}/account.py",
        '            raise self.refused(error, "sts:AssumeRole", self.role_arn, _ASSUME_ROLE_HINT) from error\n',
        "            raise\n",
        (
            f"{_CONNECTIONS}test_a_wrong_external_id_is_refused_with_role_and_what_it_must_trust",
            f"{_CONNECTIONS}{_GONE}[role deleted]",
        ),
    ),
    Guard(
        "a clock that is off",
        f"{_HOOKS}/account.py",
        "if _is_about_the_clock(error):",
        "if False:",
        ("tests/stages/test_clock.py::test_a_clock_that_is_a_day_off_is_named_and_nothing_is_done",),
    ),
    Guard(
        "a missing grant is named",
        f"{_HOOKS}/account.py",
        "if error_code(error) not in DENIED:",
        "if True:",
        (f"{_GRANTS}[reader-s3:GetObject-source]", f"{_GRANTS}[pipeline-quicksight:CreateIngestion]"),
    ),
    Guard(
        "a bucket belongs to the account",
        f"{_HOOKS}/s3.py",
        "Prefix=prefix, ExpectedBucketOwner=self.account.account_id",
        "Prefix=prefix",
        (f"{_CONNECTIONS}test_a_bucket_of_the_right_name_in_another_account_is_refused",),
    ),
    Guard(
        "a source that Athena may not read is named with account and grant",
        "plugins/sightline/source_grants.py",
        '    if not (refused and _DENIED.search(_ADDRESS.sub("", reason))):\n',
        "    if True:\n",
        (
            f"{_SOURCE}[role made anew]",
            f"{_INGESTION}[role made anew]",
        ),
    ),
)
