"""What people do to an estate behind the loads' back; each returns what mends it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from demo import policies
from demo.estate import put_role
from sightline.settings import WorkloadAccount
from tests.support.world import World

Repair = Callable[[], object]


def without_statement_for_the_pipeline(world: World) -> Repair:
    """The bucket policy no longer lets the pipeline role read."""
    return _without_principal(world, world.settings.analytics.role_arn)


def without_statement_for_quicksight(world: World) -> Repair:
    """The bucket policy no longer lets the data source's role read."""
    return _without_principal(world, world.settings.analytics.quicksight.data_source_role_arn)


def _without_principal(world: World, role_arn: str) -> Repair:
    table = world.account.tables[0]
    s3 = world.estate.admin("s3", world.account)
    article = s3.get_bucket_policy(Bucket=table.bucket)["Policy"]
    policy = json.loads(article)
    for statement in policy["Statement"]:
        principals = statement["Principal"]["AWS"]
        principals = [principals] if isinstance(principals, str) else principals
        assert role_arn in principals
        statement["Principal"]["AWS"] = [arn for arn in principals if arn != role_arn]
    s3.put_bucket_policy(Bucket=table.bucket, Policy=json.dumps(policy))
    return lambda: s3.put_bucket_policy(Bucket=table.bucket, Policy=article)


def with_pipeline_role_made_anew(world: World) -> Repair:
    """Somebody deleted the pipeline role and made it again, with the same name, trust and policy."""
    analytics = world.settings.analytics
    _delete_role(world, analytics.role_arn)
    put_role(
        world.estate.admin("iam"),
        analytics.role_arn,
        policies.pipeline_trust(analytics),
        policies.pipeline_policy(world.settings),
    )
    return world.estate.build


def with_quicksights_role_made_anew(world: World) -> Repair:
    """The same for the role that QuickSight reads with."""
    arn = world.settings.analytics.quicksight.data_source_role_arn
    _delete_role(world, arn)
    put_role(
        world.estate.admin("iam"),
        arn,
        policies.data_source_trust(),
        policies.data_source_policy(world.settings),
    )
    return world.estate.build


def without_quicksights_role(world: World) -> Repair:
    """The role that QuickSight reads with is gone."""
    _delete_role(world, world.settings.analytics.quicksight.data_source_role_arn)
    return world.estate.build


def without_reader_role(world: World) -> Repair:
    """The role in the workload account is gone."""
    _delete_role(world, world.account.reader_role_arn, world.account)
    return world.estate.build


def with_airflows_user_made_anew(world: World) -> Repair:
    """Somebody deleted Airflow's user and made it again: all roles trust one that is no more."""
    iam, name = world.estate.admin("iam"), policies.AIRFLOW_USER
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    iam.delete_user(UserName=name)
    iam.create_user(UserName=name)
    document = json.dumps(policies.airflow_user_policy(world.settings))
    iam.put_user_policy(UserName=name, PolicyName="sightline", PolicyDocument=document)
    key = world.estate.make_access_key()
    os.environ.update(AWS_ACCESS_KEY_ID=key.id, AWS_SECRET_ACCESS_KEY=key.secret)  # the world puts them back
    return world.estate.build


def _delete_role(world: World, role_arn: str, owner: WorkloadAccount | None = None) -> None:
    iam, name = world.estate.admin("iam", owner), role_arn.rpartition("/")[2]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def with_workgroup_disabled(world: World) -> Repair:
    """Somebody switched the workgroup off."""
    athena, workgroup = world.estate.admin("athena"), world.account.workgroup
    athena.update_work_group(WorkGroup=workgroup, State="DISABLED")
    return lambda: athena.update_work_group(WorkGroup=workgroup, State="ENABLED")


def without_results_bucket(world: World) -> Repair:
    """Somebody deleted the bucket that Athena writes results to."""
    s3 = world.estate.admin("s3")
    bucket = world.account.results_bucket
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    s3.delete_bucket(Bucket=bucket)
    return world.provision


def without_table(world: World) -> Repair:
    """Somebody deleted the table in Glue."""
    glue = world.estate.admin("glue")
    glue.delete_table(DatabaseName=world.account.database, Name=world.account.tables[0].name)
    return world.provision
