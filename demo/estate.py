"""The estate of the demo: what the owners of the accounts have made before the first load.

boto3 only; done again, it changes nothing or mends. The analytics account comes first: a bucket policy
cannot name a role that does not exist. What provision makes (ledger and results buckets, workgroups,
databases, tables, data sources, data sets) is not made here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo import policies
from demo.policies import AIRFLOW_USER, Policy

if TYPE_CHECKING:
    from demo.cloud import Cloud
    from sightline.settings import Settings, Table, WorkloadAccount

DATA = Path(__file__).parent / "data"
POLICY_NAME = "sightline"
LOCATION_LESS_REGION = "us-east-1"


@dataclass(frozen=True)
class AccessKey:
    """The credentials of a user; the secret is known only here."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Estate:
    """The accounts that a settings file names, on one cloud."""

    cloud: Cloud
    settings: Settings

    def admin(self, service: str, account: WorkloadAccount | None = None) -> Any:
        """A client as administrator of a workload account, or of the analytics account."""
        owner = account or self.settings.analytics
        return self.cloud.client(service, account_id=owner.account_id, region=owner.region)

    def build(self) -> None:
        """Make users, roles, policies and source buckets, or mend them."""
        self._build_analytics()
        for account in self.settings.workload_accounts:
            self._build_workload(account)

    def make_access_key(self) -> AccessKey:
        """A new key for Airflow's user; the ones before it end."""
        iam = self.admin("iam")
        for old in iam.list_access_keys(UserName=AIRFLOW_USER)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=AIRFLOW_USER, AccessKeyId=old["AccessKeyId"])
        key = iam.create_access_key(UserName=AIRFLOW_USER)["AccessKey"]
        return AccessKey(key["AccessKeyId"], key["SecretAccessKey"])

    def as_pipeline(self, service: str) -> Any:
        """A client as the pipeline role: no other principal of the analytics account may read the sources.

        Airflow's user gets a second key for as long as it takes to assume the role.
        """
        analytics, iam = self.settings.analytics, self.admin("iam")
        key = iam.create_access_key(UserName=AIRFLOW_USER)["AccessKey"]
        try:
            user = AccessKey(key["AccessKeyId"], key["SecretAccessKey"])
            session = self.cloud.assume(user.id, user.secret, analytics.role_arn, analytics.region)
        finally:
            iam.delete_access_key(UserName=AIRFLOW_USER, AccessKeyId=key["AccessKeyId"])
        return self.cloud.client_of(session, service)

    def put_source(
        self,
        account: WorkloadAccount,
        month: str,
        body: bytes,
        *,
        table: Table | None = None,
        part: str = "1",
    ) -> str:
        """Deliver a source object as its owner, if it is not already there as it is. Returns its key."""
        table = table or account.tables[0]
        key = source_key(table, month, part)
        s3 = self.admin("s3", account)
        if not _is_stored(s3, table.bucket, key, body):
            s3.put_object(Bucket=table.bucket, Key=key, Body=body)
        return key

    def put_shipped_sources(self) -> None:
        """Deliver the article's files, for those of its accounts that the settings have."""
        for account in self.settings.workload_accounts:
            for file in sorted((DATA / account.name).glob("*_[0-9][0-9][0-9][0-9]_[0-9][0-9].csv")):
                month = file.stem[-7:].replace("_", "-")
                self.put_source(account, month, file.read_bytes())

    def _build_analytics(self) -> None:
        analytics, iam = self.settings.analytics, self.admin("iam")
        _tolerate("EntityAlreadyExists", iam.create_user, UserName=AIRFLOW_USER)
        document = json.dumps(policies.airflow_user_policy(self.settings))
        iam.put_user_policy(UserName=AIRFLOW_USER, PolicyName=POLICY_NAME, PolicyDocument=document)
        put_role(
            iam,
            analytics.role_arn,
            policies.pipeline_trust(analytics),
            policies.pipeline_policy(self.settings),
        )
        put_role(
            iam,
            analytics.quicksight.data_source_role_arn,
            policies.data_source_trust(),
            policies.data_source_policy(self.settings),
        )

    def _build_workload(self, account: WorkloadAccount) -> None:
        role_arn = account.reader_role_arn
        sharing = [each for each in self.settings.workload_accounts if each.reader_role_arn == role_arn]
        trust = policies.reader_trust(self.settings.analytics, sharing)
        put_role(self.admin("iam", account), role_arn, trust, policies.reader_policy(sharing))
        s3 = self.admin("s3", account)
        for bucket in sorted({table.bucket for table in account.tables}):
            _make_bucket(s3, bucket, account.region)
            document = policies.source_bucket_policy(self.settings, account, bucket)
            s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def source_key(table: Table, month: str, part: str = "1") -> str:
    """The key of a month's source object; `part` stands for the pattern's `*`."""
    year, number = month.split("-")
    return table.prefix + table.objects.format(year=year, month=number).replace("*", part)


def put_role(iam: Any, role_arn: str, trust: Policy, permissions: Policy) -> None:
    """Make a role with these two policies, or give them to the role that is there."""
    *path, name = role_arn.partition(":role/")[2].split("/")
    _tolerate(
        "EntityAlreadyExists",
        iam.create_role,
        RoleName=name,
        Path="/" + "".join(f"{folder}/" for folder in path),
        AssumeRolePolicyDocument=json.dumps(trust),
    )
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(permissions))


def _make_bucket(s3: Any, bucket: str, region: str) -> None:
    where = (
        {}
        if region == LOCATION_LESS_REGION
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    _tolerate("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=bucket, **where)


def _is_stored(s3: Any, bucket: str, key: str, body: bytes) -> bool:
    """Whether just this content is there: writing it again would only change its date."""
    try:
        return bool(s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return False
        raise


def _tolerate(code: str, call: Any, **parameters: Any) -> None:
    """Make a call whose one error only says that the work was done before."""
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
