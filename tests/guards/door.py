"""Guards of the local AWS's one door: who is asked for, what must be granted, what a service does not take."""

from __future__ import annotations

from tests.guards.guard import Guard

_GRANTS = "tests/stages/test_grants.py::test_without_a_grant_the_load_fails_and_names_it"
_GLUE = "tests/local_aws/test_iam_glue.py::"
_SKEW = "tests/local_aws/test_clock_skew.py::test_a_presigned_url_is_good_for_as_long_as_it_says"
_PUBLIC = "tests/local_aws/test_s3_public_access.py::test_a_condition_narrows_everybody_by_fixed_values"

DOOR = (
    Guard(
        "door: who does not sign is nobody",
        "local_aws/dispatcher.py",
        "            raise not_signed(request)\n",
        '            signature = Signature("anybody", "ap-northeast-1", exchange.service)\n',
        (
            "tests/local_aws/test_server.py::TestErrors::test_an_unsigned_request_is_refused",
            "tests/local_aws/test_s3_objects.py::"
            "TestRequests::test_an_unsigned_request_is_refused_even_where_everyone_may",
        ),
    ),
    Guard(
        "door: Signature Version 2",
        "local_aws/operations.py",
        'if "AWSAccessKeyId" in request.args or ',
        "if ",
        ("tests/local_aws/test_s3_objects.py::TestRequests::test_a_url_of_signature_version_2_is_refused",),
    ),
    Guard(
        "door: each need is asked for",
        "local_aws/dispatcher.py",
        "            self._authorizer.require(call.caller, need.action, need.resource, "
        "_context(call, request, need))\n",
        "            pass\n",
        (f"{_GRANTS}[pipeline-glue:GetPartitions]", f"{_GRANTS}[reader-s3:GetObject-source]"),
    ),
    Guard(
        "door: Athena reads as its caller",
        "local_aws/s3_access.py",
        '        self._require(caller, "s3:GetObject", bucket, key)\n',
        "",
        (f"{_GRANTS}[pipeline-s3:GetObject-source]",),
    ),
    Guard(
        "door: Athena writes as its caller",
        "local_aws/s3_access.py",
        '        self._require(caller, "s3:PutObject", bucket, key, '
        "encryption.conditions if encryption else None)\n",
        "",
        (f"{_GRANTS}[pipeline-s3:PutObject-results]",),
    ),
    Guard(
        "door: Athena changes the catalogue as its caller",
        "local_aws/athena/glue_catalog.py",
        '        self._require("BatchCreatePartition", table.database, table.name)\n',
        "",
        (f"{_GRANTS}[pipeline-glue:BatchCreatePartition]",),
    ),
    Guard(
        "door: QuickSight's role must exist and trust it",
        "local_aws/quicksight/connection.py",
        "        return callers.role(self.role_arn, assumed_by=SERVICE_PRINCIPAL)\n",
        "        from local_aws.callers import _session_caller\n\n"
        '        return _session_caller(self.role_arn, "quicksight")\n',
        ("tests/stages/test_refused_ingestions.py::test_a_role_that_quicksight_cannot_assume_is_named",),
    ),
    Guard(
        "door: attributes of an object need two grants",
        "local_aws/iam/s3_needs.py",
        'actions = (f"s3:Get{kind}", f"s3:Get{kind}Attributes")',
        'actions = (f"s3:Get{kind}",)',
        (
            "tests/local_aws/test_s3_within_an_account.py::"
            "TestWithinAnAccount::test_the_attributes_of_an_object_need_two_grants",
        ),
    ),
    Guard(
        "door: attributes of a version need its own grants",
        "local_aws/iam/s3_needs.py",
        'kind = "ObjectVersion" if "VersionId" in call.parameters else "Object"',
        'kind = "Object"',
        (
            "tests/local_aws/test_s3_within_an_account.py::"
            "TestWithinAnAccount::test_the_attributes_of_an_object_need_two_grants[ObjectVersion]",
        ),
    ),
    # ----------------------------------------------------------------------------------------------- presigned URLs
    Guard(
        "clock: a presigned URL expires",
        "local_aws/clock_skew.py",
        "if now > expires:",
        "if False:",
        (
            f"{_SKEW}[after a minute]",
            "tests/local_aws/test_clock_skew.py::"
            + "test_an_expired_presigned_url_is_refused_as_s3_words_it",
        ),
    ),
    Guard(
        "clock: a presigned URL is good for its own time",
        "local_aws/clock_skew.py",
        "expires = signed + timedelta(seconds=int(given))",
        "expires = signed + ALLOWED",
        (f"{_SKEW}[within hours]",),
    ),
    Guard(
        "clock: a presigned URL of tomorrow",
        "local_aws/clock_skew.py",
        "if signed - now > ALLOWED:",
        "if False:",
        (f"{_SKEW}[too soon]",),
    ),
    Guard(
        "clock: a presigned URL of more than a week",
        "local_aws/clock_skew.py",
        "1 <= int(given) <= LONGEST_SECONDS",
        "1 <= int(given)",
        (f"{_SKEW}[for too long]",),
    ),
    Guard(
        "clock: 15 minutes",
        "local_aws/clock_skew.py",
        "if signed is None or abs(now - signed) <= ALLOWED:",
        "if True:",
        ("tests/local_aws/test_clock_skew.py::test_a_clock_that_is_a_day_off_is_refused",),
    ),
    # ----------------------------------------------------------------------------------------------- public policies
    Guard(
        "public: broad networks",
        "local_aws/iam/public_policies.py",
        "not _is_broad(str(value)) and ",
        "",
        (
            f"{_PUBLIC}[IpAddress-aws:SourceIp-0.0.0.0/1-False]",
            "tests/local_aws/test_s3_public_access.py::test_half_of_the_internet_is_public",
        ),
    ),
    Guard(
        "public: private networks are not",
        "local_aws/iam/public_policies.py",
        " and not network.is_private",
        "",
        (f"{_PUBLIC}[IpAddress-aws:SourceIp-fc00::/7-True]",),
    ),
    Guard(
        "public: each of several networks counts",
        "local_aws/iam/public_policies.py",
        "all(map(_is_fixed, as_list(values)))",
        "any(map(_is_fixed, as_list(values)))",
        (f"{_PUBLIC}[IpAddress-aws:SourceIp-value5-False]",),
    ),
    # ---------------------------------------------------------------------------------------------------------- Glue
    Guard(
        "Glue: sizes of batches",
        "local_aws/glue_guard.py",
        "if len(call.parameters.get(member) or []) > most:",
        "if False:",
        (f"{_GLUE}TestLimits::test_of_batches",),
    ),
    Guard(
        "Glue: what is needed must be there",
        "local_aws/glue_guard.py",
        "if member not in call.parameters:",
        "if False:",
        (f"{_GLUE}TestLimits::test_what_is_needed_must_be_there",),
    ),
    Guard(
        "Glue: a partition has a value for each key",
        "local_aws/glue_guard.py",
        "if len(values) != keys:",
        "if len(values) < keys:",
        (f"{_GLUE}TestLimits::test_a_partition_has_a_value_for_each_key",),
    ),
    Guard(
        "Glue: values of partitions that are updated",
        "local_aws/glue_guard.py",
        '        yield entry.get("PartitionValueList") or []\n',
        "",
        (f"{_GLUE}TestLimits::test_a_partition_has_a_value_for_each_key",),
    ),
    Guard(
        "Glue: pages of partitions",
        "local_aws/glue_guard.py",
        'behind = first + int(call.parameters.get("MaxResults") or LARGEST_PAGE)',
        "behind = len(found)",
        (f"{_GLUE}TestLimits::test_partitions_come_in_pages",),
    ),
    Guard(
        "Glue: the size of a page",
        "local_aws/glue_guard.py",
        "if size is not None and not 1 <= size <= LARGEST_PAGE:",
        "if False:",
        (f"{_GLUE}TestLimits::test_a_wrong_page_is_refused[asked0-ValidationException]",),
    ),
    Guard(
        "Glue: a page that was not given out",
        "local_aws/glue_guard.py",
        "    if not token.isdecimal():\n",
        "    if not token.isdecimal():\n        return 0\n    if False:\n",
        (f"{_GLUE}TestLimits::test_a_wrong_page_is_refused[asked1-InvalidInputException]",),
    ),
    Guard(
        "Glue: names in lower case",
        "local_aws/glue_guard.py",
        "place.update({name: _lower(place[name]) for name in NAMES if name in place})",
        "pass",
        (
            f"{_GLUE}TestNames::test_they_are_kept_and_found_in_lower_case",
            f"{_GLUE}TestNames::test_a_deny_is_not_passed_by_other_letters",
        ),
    ),
    Guard(
        "Glue: an expression describes whole names",
        "local_aws/glue_guard.py",
        'asked["Expression"] = _whole_name(asked["Expression"])',
        "pass",
        (
            "tests/local_aws/test_athena_catalog.py::"
            "test_an_expression_describes_whole_names_in_athena_and_in_glue",
        ),
    ),
)
