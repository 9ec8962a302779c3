"""A canary for each thing that plain moto wrongly accepts: the same act on both, accepted there and refused here.

If plain moto begins to refuse one of them, its canary fails, and what was built around moto can be looked at again.
Beside each wrong act stands the right one that differs in the point alone, and is accepted here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from tests.local_aws.conftest import Account, Cloud, fresh_id, policy, trust

READ = ["s3:GetObject", "s3:ListBucket"]
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": "sightline-1"}}


@dataclass(frozen=True)
class World:
    """The analytics account, and a workload account with a bucket."""

    cloud: Cloud
    analytics: Account
    workload: Account
    bucket: str

    def may_read(self) -> dict[str, Any]:
        return {"Action": READ, "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"]}

    def grant_to(self, role_name: str, **more: Any) -> None:
        """Let a role of the analytics account read the bucket, as far as the bucket is asked."""
        role_arn = f"arn:aws:iam::{self.analytics.id}:role/{role_name}"
        statement = {**self.may_read(), "Principal": {"AWS": role_arn}, **more}
        self.workload.s3.put_bucket_policy(Bucket=self.bucket, Policy=policy(statement))

    def read(self, session: Any) -> None:
        self.cloud.client_of(session, "s3").get_object(Bucket=self.bucket, Key="a.csv")


def read_by_the_administrator_of_another_account(world: World) -> None:
    world.read(world.analytics.admin)


def read_by_the_owners_administrator(world: World) -> None:
    world.read(world.workload.admin)


def write_into_another_accounts_bucket(world: World) -> None:
    world.analytics.s3.put_object(Bucket=world.bucket, Key="b.csv", Body=b"x")


def write_into_the_own_bucket(world: World) -> None:
    world.workload.s3.put_object(Bucket=world.bucket, Key="b.csv", Body=b"x")


def read_by_identity_policy_alone(world: World) -> None:
    world.read(world.analytics.session("reader", world.may_read()))


def read_by_bucket_policy_alone(world: World) -> None:
    session = world.analytics.session("reader")
    world.grant_to("reader")
    world.read(session)


def read_by_both_policies(world: World) -> None:
    session = world.analytics.session("reader", world.may_read())
    world.grant_to("reader")
    world.read(session)


def read_as_another_role_than_the_one_named(world: World) -> None:
    world.analytics.session("named", world.may_read())
    world.grant_to("named")
    world.read(world.analytics.session("reader", world.may_read()))


def read_in_the_own_account_without_any_policy(world: World) -> None:
    world.read(world.workload.session("reader"))


def read_in_the_own_account_by_identity_policy(world: World) -> None:
    world.read(world.workload.session("reader", world.may_read()))


def list_buckets_as_a_user_without_policies(world: World) -> None:
    world.cloud.client_of(world.analytics.user("ann"), "s3").list_buckets()


def list_buckets_as_a_user_who_may(world: World) -> None:
    may = {"Action": "s3:ListAllMyBuckets", "Resource": "*"}
    world.cloud.client_of(world.analytics.user("ann", may), "s3").list_buckets()


def create_a_database_without_a_policy(world: World) -> None:
    glue = world.cloud.client_of(world.analytics.session("reader"), "glue")
    glue.create_database(DatabaseInput={"Name": "sales"})


def create_a_database_with_a_policy(world: World) -> None:
    session = world.analytics.session("writer", {"Action": "glue:*", "Resource": "*"})
    world.cloud.client_of(session, "glue").create_database(DatabaseInput={"Name": "sales"})


def put_with_another_expected_owner(world: World) -> None:
    owner = world.analytics.id
    world.workload.s3.put_object(Bucket=world.bucket, Key="b.csv", Body=b"x", ExpectedBucketOwner=owner)


def put_with_the_expected_owner(world: World) -> None:
    owner = world.workload.id
    world.workload.s3.put_object(Bucket=world.bucket, Key="b.csv", Body=b"x", ExpectedBucketOwner=owner)


def assume_with(world: World, **given: str) -> None:
    may = {"Action": "sts:AssumeRole", "Resource": "*"}
    user = world.analytics.user("airflow", may)
    role_arn = world.workload.role("reader", trust(world.analytics.id, Condition=EXTERNAL_ID))
    world.cloud.assume(role_arn, by=user, **given)


def assume_with_a_wrong_external_id(world: World) -> None:
    assume_with(world, ExternalId="sightline-2")


def assume_without_the_external_id(world: World) -> None:
    assume_with(world)


def assume_with_the_external_id(world: World) -> None:
    assume_with(world, ExternalId="sightline-1")


def assume_a_role_that_trusts_another(world: World) -> None:
    world.analytics.user("trusted")
    user = world.analytics.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})
    role_arn = world.workload.role("reader", trust(f"arn:aws:iam::{world.analytics.id}:user/trusted"))
    world.cloud.assume(role_arn, by=user)


def assume_a_role_without_the_right_to(world: World) -> None:
    user = world.analytics.user("airflow")
    world.cloud.assume(world.workload.role("reader", trust(world.analytics.id)), by=user)


def assume_a_role_that_trusts_the_account(world: World) -> None:
    user = world.analytics.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})
    world.cloud.assume(world.workload.role("reader", trust(world.analytics.id)), by=user)


def assume_a_role_that_does_not_exist(world: World) -> None:
    world.cloud.assume(f"arn:aws:iam::{world.workload.id}:role/nobody", by=world.workload.admin)


def assume_with_a_session_policy(world: World) -> None:
    role_arn = world.workload.role("reader", trust(world.workload.id))
    world.cloud.assume(role_arn, by=world.workload.admin, Policy=policy(world.may_read()))


def assume_without_a_session_policy(world: World) -> None:
    world.cloud.assume(world.workload.role("reader", trust(world.workload.id)), by=world.workload.admin)


def grant_to_a_role_that_does_not_exist(world: World) -> None:
    world.grant_to("later")


def grant_to_a_role_that_exists(world: World) -> None:
    world.analytics.role("later", trust(world.analytics.id))
    world.grant_to("later")


def trust_a_user_who_does_not_exist(world: World) -> None:
    world.workload.role("reader", trust(f"arn:aws:iam::{world.analytics.id}:user/later"))


def trust_a_user_who_exists(world: World) -> None:
    world.analytics.user("later")
    world.workload.role("reader", trust(f"arn:aws:iam::{world.analytics.id}:user/later"))


def use_a_deleted_key(world: World) -> None:
    user = world.analytics.user("ann")
    key = user.access_key
    world.analytics.iam.delete_access_key(UserName="ann", AccessKeyId=key)
    world.cloud.client_of(user, "sts").get_caller_identity()


def use_a_key(world: World) -> None:
    world.cloud.client_of(world.analytics.user("ann"), "sts").get_caller_identity()


def call_what_is_not_built(world: World) -> None:
    website = {"IndexDocument": {"Suffix": "index.html"}}
    world.workload.s3.put_bucket_website(Bucket=world.bucket, WebsiteConfiguration=website)


def call_what_is_built(world: World) -> None:
    world.workload.s3.get_bucket_location(Bucket=world.bucket)


@pytest.fixture(scope="session")
def plain_moto() -> Iterator[Cloud]:
    """moto as it is."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Cloud(f"http://{host}:{port}")
    server.stop()


def world_on(cloud: Cloud) -> World:
    """Two fresh accounts."""
    analytics, workload = Account(cloud, fresh_id()), Account(cloud, fresh_id())
    return World(cloud, analytics, workload, workload.bucket("data", **{"a.csv": b"x"}))


CANARIES: list[tuple[Callable[[World], None], str, Callable[[World], None]]] = [
    (read_by_the_administrator_of_another_account, "AccessDenied", read_by_the_owners_administrator),
    (write_into_another_accounts_bucket, "AccessDenied", write_into_the_own_bucket),
    (read_by_identity_policy_alone, "AccessDenied", read_by_both_policies),
    (read_by_bucket_policy_alone, "AccessDenied", read_by_both_policies),
    (read_as_another_role_than_the_one_named, "AccessDenied", read_by_both_policies),
    (read_in_the_own_account_without_any_policy, "AccessDenied", read_in_the_own_account_by_identity_policy),
    (list_buckets_as_a_user_without_policies, "AccessDenied", list_buckets_as_a_user_who_may),
    (create_a_database_without_a_policy, "AccessDeniedException", create_a_database_with_a_policy),
    (put_with_another_expected_owner, "AccessDenied", put_with_the_expected_owner),
    (assume_with_a_wrong_external_id, "AccessDenied", assume_with_the_external_id),
    (assume_without_the_external_id, "AccessDenied", assume_with_the_external_id),
    (assume_a_role_that_trusts_another, "AccessDenied", assume_a_role_that_trusts_the_account),
    (assume_a_role_without_the_right_to, "AccessDenied", assume_a_role_that_trusts_the_account),
    (assume_a_role_that_does_not_exist, "AccessDenied", assume_a_role_that_trusts_the_account),
    (assume_with_a_session_policy, "NotImplemented", assume_without_a_session_policy),
    (grant_to_a_role_that_does_not_exist, "MalformedPolicy", grant_to_a_role_that_exists),
    (trust_a_user_who_does_not_exist, "MalformedPolicyDocument", trust_a_user_who_exists),
    (use_a_deleted_key, "InvalidClientTokenId", use_a_key),
    (call_what_is_not_built, "NotImplemented", call_what_is_built),
]
NAMES = [wrong.__name__ for wrong, _, _ in CANARIES]


@pytest.mark.parametrize("wrong", [wrong for wrong, _, _ in CANARIES], ids=NAMES)
def test_plain_moto_accepts(plain_moto: Cloud, wrong: Callable[[World], None]) -> None:
    wrong(world_on(plain_moto))


@pytest.mark.parametrize(("wrong", "code"), [(wrong, code) for wrong, code, _ in CANARIES], ids=NAMES)
def test_the_local_aws_refuses(cloud: Cloud, wrong: Callable[[World], None], code: str) -> None:
    world = world_on(cloud)

    with pytest.raises(ClientError) as failure:
        wrong(world)

    assert failure.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("right", sorted({right for _, _, right in CANARIES}, key=lambda act: act.__name__))
def test_the_local_aws_accepts_what_is_right(cloud: Cloud, right: Callable[[World], None]) -> None:
    right(world_on(cloud))
