"""Every question that can be asked in the demo's estate: each principal, each action of the tables, each resource.

The estate is built on a local AWS as the demo builds it, and its policies are read over the wire: as the service shows
them, both engines get them. What is added makes the matrix more than a list of refusals: in each account an unrelated
role that may do everything there and one that may do nothing, keys, other buckets, and buckets of the right name that
belong to somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.estate import Estate
from local_aws.iam import s3_needs
from local_aws.iam.athena_needs import athena_needs
from local_aws.iam.glue_needs import GLUE_NEEDS
from local_aws.iam.iam_needs import IAM_NEEDS
from local_aws.iam.kms_needs import KMS_NEEDS
from local_aws.server import Settings, build_application
from sightline.settings import WorkloadAccount
from tests.local_aws.oracle.engine import Asked, Batch, Policy, Principal

MANAGEMENT, SQUATTER = "000000000000", "999999999999"
EVERYTHING: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
SERVICES = ("s3", "kms", "glue", "athena", "quicksight", "sts", "iam")


def actions() -> list[str]:
    """The actions that the tables of local_aws/iam ask for, and those that services ask for themselves."""
    versioned = [name.replace("Object", "ObjectVersion") for name in s3_needs.VERSIONED_OPERATIONS.values()]
    s3 = {
        *("ListAllMyBuckets", "PutObjectAcl", "PutObjectTagging"),
        *("GetObjectAttributes", "GetObjectVersionAttributes"),
        *s3_needs.BUCKET_OPERATIONS.values(),
        *s3_needs.OBJECT_OPERATIONS.values(),
        *s3_needs.VERSIONED_OPERATIONS.values(),
        *versioned,
    }
    tables = {
        "s3": s3,
        "kms": set(KMS_NEEDS),
        "glue": set(GLUE_NEEDS),
        "athena": set(athena_needs(lambda _: set())),
        "quicksight": {
            *build_application(Settings()).operations_of("quicksight"),
            "PassDataSource",
            "PassDataSet",
        },
        "sts": {"AssumeRole"},
        "iam": {*IAM_NEEDS, "PassRole"},
    }
    return sorted(f"{service}:{name}" for service, names in tables.items() for name in names)


@dataclass(frozen=True)
class Resource:
    """What can be asked about, with the contexts that a request may come in."""

    arn: str
    owner: str
    policy: str | None = None
    contexts: Sequence[dict[str, str]] = field(default_factory=lambda: [{}])


class Cells:
    """The matrix of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.settings = estate, estate.settings
        self.policies: dict[str, Policy] = {}
        self._keys: dict[str, list[str]] = {}

    @property
    def account_ids(self) -> list[str]:
        """The analytics account, and the workload accounts."""
        return [
            self.settings.analytics.account_id,
            *(each.account_id for each in self.settings.workload_accounts),
        ]

    def batches(self) -> Iterator[Batch]:
        """All questions of each principal."""
        resources, named = self.resources(), actions()
        for principal in self.principals():
            questions = [
                Asked(action, each.arn, each.owner if each.arn != "*" else principal.account_id, each.policy, context)
                for action in named
                for each in resources
                if each.arn == "*" or each.arn.split(":")[2] == action.split(":")[0].replace("sts", "iam")
                for context in each.contexts
            ]  # fmt: skip
            yield Batch(principal, questions, self.policies)

    def principals(self) -> list[Principal]:
        """Who is in the estate."""
        analytics, accounts = self.settings.analytics, self.settings.workload_accounts
        data_source = analytics.quicksight.data_source_role_arn
        roles = [analytics.role_arn, data_source, *(account.reader_role_arn for account in accounts)]
        found = [self._user("airflow"), *(self._role(arn) for arn in roles)]
        for account_id in self.account_ids:
            iam = f"arn:aws:iam::{account_id}:role"
            found += [self._role(f"{iam}/unrelated/busy"), self._role(f"{iam}/idle")]
            found.append(Principal(f"{iam}/OrganizationAccountAccessRole", [EVERYTHING]))
        return [*found, Principal(f"arn:aws:iam::{MANAGEMENT}:user/administrator", [EVERYTHING])]

    def resources(self) -> list[Resource]:
        """What is in the estate; reading a policy keeps it under its name."""
        return [
            Resource("*", ""),
            *self._source_buckets(),
            *self._own_buckets(),
            *self._roles(),
            *self._keys_of_all(),
            *self._services(),
        ]

    def _source_buckets(self) -> Iterator[Resource]:
        for account in self.settings.workload_accounts:
            for table in account.tables:
                policy = self._bucket_policy(account, table.bucket)
                yield from _bucket(table.bucket, account.account_id, policy, table.prefix)
                generous = f"of a squatter: {table.bucket}"
                both = [f"arn:aws:s3:::{table.bucket}", f"arn:aws:s3:::{table.bucket}/*"]
                statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": both}
                self.policies[generous] = {"Version": "2012-10-17", "Statement": [statement]}
                yield from _bucket(table.bucket, SQUATTER, generous, table.prefix)
            yield from _bucket(f"other-{account.account_id}", account.account_id, None, "")

    def _own_buckets(self) -> Iterator[Resource]:
        analytics = self.settings.analytics
        yield from _bucket(analytics.ledger_bucket, analytics.account_id, None, "")
        yield from _bucket(f"other-{analytics.account_id}", analytics.account_id, None, "")
        for account in self.settings.workload_accounts:
            yield from _bucket(_results_bucket(account), analytics.account_id, None, "")

    def _roles(self) -> Iterator[Resource]:
        analytics, accounts = self.settings.analytics, self.settings.workload_accounts
        given = [{"sts:ExternalId": text} for text in ("wrong", *(each.external_id for each in accounts))]
        passed = [{"iam:PassedToService": f"{name}.amazonaws.com"} for name in ("quicksight", "glue")]
        roles = [analytics.role_arn, analytics.quicksight.data_source_role_arn]
        for arn in [*roles, *(account.reader_role_arn for account in accounts)]:
            self.policies[arn] = self._trust(arn)
            yield Resource(arn, arn.split(":")[4], arn, [{}, *given, *passed])
        yield Resource(f"arn:aws:iam::{analytics.account_id}:user/airflow", analytics.account_id)

    def _keys_of_all(self) -> Iterator[Resource]:
        through_s3 = f"s3.{self.settings.analytics.region}.amazonaws.com"
        about = {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/a.csv"}
        via = [{"kms:ViaService": service, **about} for service in (through_s3, "s3.eu-west-1.amazonaws.com")]
        for account in (None, *self.settings.workload_accounts):
            for arn in self.keys(account):
                found = self.estate.admin("kms", account).get_key_policy(KeyId=arn, PolicyName="default")
                self.policies[arn] = json.loads(found["Policy"])
                yield Resource(arn, arn.split(":")[4], arn, [{}, *via])

    def keys(self, account: WorkloadAccount | None) -> list[str]:
        """Three keys of an account, made once: one that hands over to IAM, one for the pipeline, AWS's own."""
        kms, owner = self.estate.admin("kms", account), account or self.settings.analytics
        if owner.account_id not in self._keys:
            manage = {"Principal": {"AWS": owner.account_id}, "Action": "kms:*"}
            reads = {"Principal": {"AWS": self.settings.analytics.role_arn}, "Action": "kms:Decrypt"}
            statements = [{"Effect": "Allow", "Resource": "*", **each} for each in (manage, reads)]
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            made = [kms.create_key(), kms.create_key(Policy=document), kms.describe_key(KeyId="alias/aws/s3")]
            self._keys[owner.account_id] = [each["KeyMetadata"]["Arn"] for each in made]
        return self._keys[owner.account_id]

    def _services(self) -> Iterator[Resource]:
        analytics, accounts = self.settings.analytics, self.settings.workload_accounts
        names = {
            "athena": ["workgroup/primary", "datacatalog/AwsDataCatalog"],
            "glue": ["catalog", "database/default"],
            "quicksight": ["dataset/other", "datasource/other"],
        }
        for account in accounts:
            names["athena"].append(f"workgroup/{account.workgroup}")
            names["glue"].append(f"database/{account.database}")
            for table in account.tables:
                names["glue"] += [f"table/{account.database}/{name}" for name in (table.name, "other")]
                data_set = f"dataset/{table.quicksight.data_set_id}"
                names["quicksight"] += [data_set, f"{data_set}/ingestion/1"]
                names["quicksight"].append(f"datasource/{table.quicksight.data_source_id}")
        for owner in (analytics.account_id, accounts[0].account_id):
            for service, all_of_it in names.items():
                for name in all_of_it:
                    yield Resource(f"arn:aws:{service}:{analytics.region}:{owner}:{name}", owner)

    def prepare(self) -> None:
        """Make what is added to the estate."""
        for account in (None, *self.settings.workload_accounts):
            owner = account or self.settings.analytics
            iam, s3 = self.estate.admin("iam", account), self.estate.admin("s3", account)
            trust = _trust(owner.account_id)
            iam.create_role(RoleName="busy", Path="/unrelated/", AssumeRolePolicyDocument=trust)
            iam.put_role_policy(RoleName="busy", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
            iam.create_role(RoleName="idle", AssumeRolePolicyDocument=trust)
            where = {"CreateBucketConfiguration": {"LocationConstraint": owner.region}}
            s3.create_bucket(Bucket=f"other-{owner.account_id}", **where)
        s3 = self.estate.admin("s3")
        own = {"CreateBucketConfiguration": {"LocationConstraint": self.settings.analytics.region}}
        for bucket in (
            self.settings.analytics.ledger_bucket,
            *map(_results_bucket, self.settings.workload_accounts),
        ):
            s3.create_bucket(Bucket=bucket, **own)
        self._put_objects()

    def _put_objects(self) -> None:
        for each in self.resources():
            bucket, _, key = each.arn.removeprefix("arn:aws:s3:::").partition("/")
            if key and each.arn.startswith("arn:aws:s3:::") and each.owner in self.account_ids:
                owners = [one for one in self.settings.workload_accounts if one.account_id == each.owner]
                self.estate.admin("s3", owners[0] if owners else None).put_object(Bucket=bucket, Key=key)

    def _user(self, name: str) -> Principal:
        iam = self.estate.admin("iam")
        names = iam.list_user_policies(UserName=name)["PolicyNames"]
        found = [iam.get_user_policy(UserName=name, PolicyName=each)["PolicyDocument"] for each in names]
        return Principal(iam.get_user(UserName=name)["User"]["Arn"], found)

    def _role(self, arn: str) -> Principal:
        iam, name = self.admin_of("iam", arn), arn.rpartition("/")[2]
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in names]
        return Principal(arn, found)

    def _trust(self, arn: str) -> Policy:
        role = self.admin_of("iam", arn).get_role(RoleName=arn.rpartition("/")[2])["Role"]
        trust: Policy = role["AssumeRolePolicyDocument"]
        return trust

    def admin_of(self, service: str, arn: str) -> Any:
        """A client of the administrator of the account that an ARN is in."""
        owners = [each for each in self.settings.workload_accounts if each.account_id == arn.split(":")[4]]
        return self.estate.admin(service, owners[0] if owners else None)

    def _bucket_policy(self, account: WorkloadAccount, bucket: str) -> str:
        found = self.estate.admin("s3", account).get_bucket_policy(Bucket=bucket)["Policy"]
        self.policies[bucket] = json.loads(found)
        return bucket


def _bucket(name: str, owner: str, policy: str | None, prefix: str) -> Iterator[Resource]:
    yield Resource(f"arn:aws:s3:::{name}", owner, policy, [{}, {"s3:prefix": prefix}])
    yield Resource(f"arn:aws:s3:::{name}/{prefix}a.csv", owner, policy)


def _trust(account_id: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _results_bucket(account: WorkloadAccount) -> str:
    return account.results_location.removeprefix("s3://").partition("/")[0]
