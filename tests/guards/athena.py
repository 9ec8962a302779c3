"""Guards of the local Athena: what it takes, what it starts once, what it tells of catalogue and results."""

from __future__ import annotations

from tests.guards.guard import Guard

_ATHENA = "local_aws/athena"
_EXECUTIONS = "tests/local_aws/test_athena_executions.py::"
_IN_A_WORKGROUP = "tests/local_aws/test_athena_in_a_workgroup.py::"
_WORKGROUPS = "tests/local_aws/test_athena_workgroups.py::"
_NOT_BEGUN = f"{_EXECUTIONS}test_what_is_not_begun_says_why"

ATHENA = (
    # --------------------------------------------------------------------------------- executions and their tokens
    Guard(
        "Athena: a token is one statement's",
        f"{_ATHENA}/executions.py",
        "if known and known.asked != execution.asked:",
        "if False:",
        (f"{_EXECUTIONS}test_a_token_used_for_another_statement_is_refused",),
    ),
    Guard(
        "Athena: a token used again is the same execution",
        f"{_ATHENA}/executions.py",
        "            if known:\n                return known\n",
        "",
        (f"{_EXECUTIONS}test_the_same_token_is_the_same_execution_a_failed_one_too",),
    ),
    Guard(
        "Athena: a token used again runs nothing",
        f"{_ATHENA}/service.py",
        "if admitted is execution:",
        "if True:",
        (f"{_EXECUTIONS}test_a_token_used_again_runs_nothing",),
    ),
    Guard(
        "Athena: so much DDL at once",
        f"{_ATHENA}/executions.py",
        "            self._check_limit(execution)\n",
        "",
        (f"{_EXECUTIONS}test_more_ddl_at_once_than_the_quota_is_refused",),
    ),
    Guard(
        "Athena: a stopped statement does nothing any more",
        f"{_ATHENA}/runner.py",
        "if wait(execution.stop):",
        "if wait(execution.stop) and False:",
        (f"{_EXECUTIONS}test_a_stopped_statement_is_cancelled[CREATE DATABASE late]",),
    ),
    Guard(
        "Athena: nothing starts in a disabled workgroup",
        f"{_ATHENA}/starting.py",
        'if workgroup.state != "ENABLED":',
        "if False:",
        (f"{_IN_A_WORKGROUP}test_a_disabled_workgroup_is_refused_until_it_is_enabled",),
    ),
    Guard(
        "Athena: the length of a token",
        f"{_ATHENA}/starting.py",
        "if token is not None and not TOKEN.fullmatch(token):",
        "if token is not None and not TOKEN.match(token):",
        (f"{_NOT_BEGUN}[a long token]",),
    ),
    Guard(
        "Athena: a token that is too short",
        f"{_ATHENA}/starting.py",
        "if token is not None and not TOKEN.fullmatch(token):",
        "if False:",
        (f"{_NOT_BEGUN}[a short token]",),
    ),
    Guard(
        "Athena: parameters of a statement",
        f"{_ATHENA}/starting.py",
        'if parameters.get("ExecutionParameters"):',
        "if False:",
        (f"{_NOT_BEGUN}[parameters]",),
    ),
    Guard(
        "Athena: another catalog",
        f"{_ATHENA}/starting.py",
        'if catalog.lower() != "awsdatacatalog":',
        "if False:",
        (f"{_NOT_BEGUN}[another catalog]",),
    ),
    Guard(
        "Athena: the length of a query",
        f"{_ATHENA}/starting.py",
        " or len(sql.encode()) > LONGEST_QUERY",
        "",
        ("tests/local_aws/test_athena_run.py::test_a_query_too_long_is_refused",),
    ),
    Guard(
        "Athena: the age of a result",
        f"{_ATHENA}/starting.py",
        "if not 0 <= minutes <= LONGEST_REUSE:",
        "if False:",
        (f"{_EXECUTIONS}test_results_older_than_a_week_are_not_asked_for",),
    ),
    # --------------------------------------------------------------------------------------------------- workgroups
    Guard(
        "workgroups: a name",
        f"{_ATHENA}/workgroups.py",
        "if not NAME.fullmatch(name):",
        "if not NAME.match(name):",
        (
            f"{_WORKGROUPS}test_a_name_has_letters_digits_and_few_signs[slash]",
            f"{_WORKGROUPS}test_a_name_has_letters_digits_and_few_signs[line break]",
        ),
    ),
    Guard(
        "workgroups: a name is given once",
        f"{_ATHENA}/workgroups.py",
        "if name in self._held:",
        "if False:",
        (f"{_IN_A_WORKGROUP}test_a_workgroup_of_that_name_is_not_made_twice",),
    ),
    Guard(
        "workgroups: a history is not lost by mistake",
        f"{_ATHENA}/workgroups.py",
        "        if in_use:\n",
        "        if False:\n",
        (f"{_IN_A_WORKGROUP}test_a_workgroup_with_a_history_goes_only_with_it",),
    ),
    Guard(
        "workgroups: primary stays",
        f"{_ATHENA}/workgroups.py",
        "if name == PRIMARY:",
        "if False:",
        (f"{_WORKGROUPS}test_primary_stays",),
    ),
    Guard(
        "workgroups: the least cutoff",
        f"{_ATHENA}/workgroups.py",
        "cutoff is not None and cutoff < LEAST_CUTOFF",
        "False",
        (f"{_IN_A_WORKGROUP}test_too_small_a_cutoff_is_refused_by_the_service_too",),
    ),
    Guard(
        "workgroups: settings are enforced",
        f"{_ATHENA}/workgroups.py",
        "chosen = own if enforced else ",
        "chosen = ",
        (f"{_IN_A_WORKGROUP}test_a_workgroup_that_enforces_its_settings_overrides_the_clients",),
    ),
    Guard(
        "workgroups: results go to a folder in S3",
        f"{_ATHENA}/workgroups.py",
        "if not re.fullmatch(r",
        "if not re.match(r",
        (f"{_WORKGROUPS}test_results_go_to_a_folder_in_s3[star]",),
    ),
    Guard(
        "workgroups: an engine that is not here",
        f"{_ATHENA}/workgroups.py",
        "if wanted not in IGNORED_ENGINE_VERSIONS:",
        "if False:",
        (f"{_WORKGROUPS}test_an_engine_that_is_not_here_is_refused",),
    ),
    Guard(
        "workgroups: on or off",
        f"{_ATHENA}/workgroups.py",
        'if state not in (None, "ENABLED", "DISABLED"):',
        "if False:",
        (f"{_WORKGROUPS}test_it_is_on_or_off",),
    ),
    Guard(
        "workgroups: a setting that is not done",
        f"{_ATHENA}/workgroups.py",
        "        if enabled:\n",
        "        if False:\n",
        (f"{_IN_A_WORKGROUP}test_a_workgroups_setting_that_is_not_done_is_refused_unless_it_is_off",),
    ),
    Guard(
        "workgroups: encryption by a key needs the key",
        f"{_ATHENA}/workgroups.py",
        'if option == "SSE_KMS" and not encryption.get("KmsKey"):',
        "if False:",
        (f"{_IN_A_WORKGROUP}test_other_encryption_is_refused_wherever_it_is_asked_for[without its key]",),
    ),
    # --------------------------------------------------------------------------------------- catalogue and columns
    Guard(
        "Athena: a table's columns",
        f"{_ATHENA}/metadata.py",
        "[column.as_glue() for column in found.columns]",
        "[column.as_glue() for column in (*found.columns, *found.partition_keys)]",
        ("tests/local_aws/test_athena_catalog.py::test_athena_describes_the_catalogue",),
    ),
    Guard(
        "Athena: a name is meant as a whole",
        f"{_ATHENA}/metadata.py",
        "named.fullmatch(table.name)",
        "named.match(table.name)",
        (
            "tests/local_aws/test_athena_catalog.py::"
            "test_an_expression_describes_whole_names_in_athena_and_in_glue[select-found5]",
        ),
    ),
    Guard(
        "Athena: a denial of Glue's is told as one",
        f"{_ATHENA}/metadata.py",
        'if error.code != "AccessDenied":',
        "if True:",
        (
            "tests/local_aws/test_athena_permissions.py::"
            "test_a_missing_grant_on_the_catalogue_is_glues_denial_in_athenas_error",
        ),
    ),
    Guard(
        "Athena: the columns of a result",
        f"{_ATHENA}/results.py",
        '"Scale": kind.scale,',
        '"Scale": 0,',
        ("tests/local_aws/test_athena_select.py::test_types_are_athenas",),
    ),
    Guard(
        "Athena: a page is of its own execution",
        f"{_ATHENA}/service.py",
        'found = re.fullmatch(rf"{execution.id}:(\\d+)", token)',
        'found = re.fullmatch(r"[^:]*:(\\d+)", token)',
        ("tests/local_aws/test_athena_select.py::test_a_token_of_another_execution_gives_no_page",),
    ),
)
