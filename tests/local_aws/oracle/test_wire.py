"""What the service itself answers, over the wire, is what the other engine says to the actions that a call needs.

The matrix compares evaluators. Here stands what lies between a request and an evaluator, too: who calls, whose the
resource is, which policies are stored, which actions on which resources an operation needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.local_aws.oracle.engine import ALLOWED, Asked, Batch, Principal, theirs
from tests.local_aws.oracle.estate_cells import Cells, Resource
from tests.local_aws.oracle.estate_sessions import session_of


@dataclass(frozen=True)
class Call:
    """A call that changes nothing, as somebody, with all that it needs."""

    who: Principal
    name: str
    make: Callable[..., Any]
    parameters: dict[str, str]
    needs: list[Asked]

    def is_allowed(self) -> bool:
        """Whether it is let through; that something is not there is said to who may ask for it."""
        try:
            self.make(**self.parameters)
        except ClientError as refused:
            return "AccessDenied" not in refused.response["Error"]["Code"]
        return True


def test_calls_are_refused_exactly_where_the_other_engine_refuses(cells: Cells) -> None:
    resources = cells.resources()
    calls = [
        call
        for who in cells.principals()
        if (session := session_of(cells, who)) is not None
        for read in (of_s3, of_kms, of_sts, of_services)
        for call in read(
            cells, who, lambda service, s=session: cells.estate.cloud.client_of(s, service), resources
        )
    ]

    answers = theirs([Batch(call.who, call.needs, cells.policies) for call in calls])

    expected = [all(verdict == ALLOWED for verdict in said) for said in answers]
    differing = [
        (call.who.arn, call.name, call.parameters, said)
        for call, may, said in zip(calls, expected, answers, strict=True)
        if call.is_allowed() != may
    ]
    print(f"{len(calls)} calls, {sum(expected)} of them allowed")
    assert not differing, f"{len(differing)} of {len(calls)} differ: {differing[:10]}"
    assert len(calls) > 500
    assert sum(expected) > 150


Client = Callable[[str], Any]


def of_s3(cells: Cells, who: Principal, client: Client, resources: list[Resource]) -> Iterator[Call]:
    """Buckets are listed and asked for their settings, objects are read."""
    s3 = client("s3")
    for each in resources:
        bucket, _, key = each.arn.removeprefix("arn:aws:s3:::").partition("/")
        if not each.arn.startswith("arn:aws:s3:::") or each.owner not in cells.account_ids:
            continue
        for context in [] if key else each.contexts:
            prefix = context.get("s3:prefix", "")
            need = Asked("s3:ListBucket", each.arn, each.owner, each.policy, {"s3:prefix": prefix})
            yield Call(who, "list", s3.list_objects_v2, {"Bucket": bucket, "Prefix": prefix}, [need])
        for action, make in OF_OBJECT.items() if key else OF_BUCKET.items():
            asked = {"Bucket": bucket, "Key": key} if key else {"Bucket": bucket}
            yield Call(
                who, action, getattr(s3, make), asked, [Asked(action, each.arn, each.owner, each.policy)]
            )


OF_OBJECT = {"s3:GetObject": "get_object", "s3:GetObjectTagging": "get_object_tagging"}
OF_BUCKET = {
    "s3:GetBucketLocation": "get_bucket_location",
    "s3:GetBucketVersioning": "get_bucket_versioning",
    "s3:GetBucketPolicy": "get_bucket_policy",
}


def of_kms(cells: Cells, who: Principal, client: Client, resources: list[Resource]) -> Iterator[Call]:
    """Keys are described and used, across accounts too."""
    kms = client("kms")
    for each in resources:
        if ":kms:" in each.arn:
            for action, make in (("kms:DescribeKey", kms.describe_key), ("kms:Encrypt", kms.encrypt)):
                asked = {"KeyId": each.arn} | ({"Plaintext": "x"} if action == "kms:Encrypt" else {})
                yield Call(who, action, make, asked, [Asked(action, each.arn, each.owner, each.policy)])


def of_sts(cells: Cells, who: Principal, client: Client, resources: list[Resource]) -> Iterator[Call]:
    """Roles are assumed, with each external id and without."""
    sts = client("sts")
    for each in resources:
        for context in each.contexts if ":role/" in each.arn else []:
            given = {"ExternalId": context["sts:ExternalId"]} if "sts:ExternalId" in context else {}
            asked = {"RoleArn": each.arn, "RoleSessionName": "test", **given}
            about = {"sts:ExternalId": given["ExternalId"]} if given else {}
            need = Asked("sts:AssumeRole", each.arn, each.owner, each.policy, about)
            yield Call(who, "assume", sts.assume_role, asked, [need])


def of_services(cells: Cells, who: Principal, client: Client, resources: list[Resource]) -> Iterator[Call]:
    """Athena, Glue and QuickSight answer for the caller's own account alone."""
    region, own = cells.settings.analytics.region, who.account_id

    def need(action: str, *names: str) -> list[Asked]:
        service = action.split(":")[0]
        return [Asked(action, f"arn:aws:{service}:{region}:{own}:{name}", own) for name in names]

    athena, glue, quicksight = client("athena"), client("glue"), client("quicksight")
    for account in cells.settings.workload_accounts:
        named, database = {"WorkGroup": account.workgroup}, f"database/{account.database}"
        needed = need("athena:GetWorkGroup", f"workgroup/{account.workgroup}")
        yield Call(who, "workgroup", athena.get_work_group, named, needed)
        named = {"Name": account.database}
        yield Call(who, "database", glue.get_database, named, need("glue:GetDatabase", "catalog", database))
        for name in (account.tables[0].name, "other"):
            named = {"DatabaseName": account.database, "Name": name}
            needed = need("glue:GetTable", "catalog", database, f"table/{account.database}/{name}")
            yield Call(who, "table", glue.get_table, named, needed)
        for name in (account.tables[0].quicksight.data_set_id, "other"):
            named = {"AwsAccountId": own, "DataSetId": name}
            needed = need("quicksight:DescribeDataSet", f"dataset/{name}")
            yield Call(who, "data set", quicksight.describe_data_set, named, needed)
