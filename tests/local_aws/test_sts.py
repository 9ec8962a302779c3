"""STS: who am I, and who may become whom."""

from __future__ import annotations

import json
import threading
import urllib.error
from dataclasses import replace
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.callers import Callers
from local_aws.calls import AwsError
from local_aws.iam.authorizer import Authorizer
from tests.local_aws.conftest import ADMINISTRATOR, OPENER, Account, Cloud, Session, code_of, trust


def assume(cloud: Cloud, session: Any, role_arn: str, **parameters: Any) -> str:
    """The ARN that the assumed role's key answers to GetCallerIdentity."""
    assumed = cloud.assume(role_arn, by=session, **parameters)
    return cloud.client_of(assumed, "sts").get_caller_identity()["Arn"]


class TestWhoAmI:
    def test_an_unknown_key_is_the_management_accounts_administrator(self, cloud: Cloud) -> None:
        identity = cloud.client_of(ADMINISTRATOR, "sts").get_caller_identity()

        assert identity["Account"] == "000000000000"
        assert identity["Arn"] == "arn:aws:iam::000000000000:user/administrator"

    def test_any_account_has_its_administrators_role(self, cloud: Cloud, account: Account) -> None:
        identity = account.client("sts").get_caller_identity()

        assert identity["Account"] == account.id
        assert identity["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/OrganizationAccountAccessRole/test"

    def test_a_roles_session_leaves_the_path_out(self, cloud: Cloud, account: Account) -> None:
        role_arn = account.role("reader", trust(account.id), path="/service-role/")

        identity = assume(cloud, account.admin, role_arn, RoleSessionName="nightly")

        assert role_arn == f"arn:aws:iam::{account.id}:role/service-role/reader"
        assert identity == f"arn:aws:sts::{account.id}:assumed-role/reader/nightly"

    def test_a_users_key_is_the_user(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")

        identity = cloud.client_of(user, "sts").get_caller_identity()

        assert identity["Arn"] == f"arn:aws:iam::{account.id}:user/airflow"
        assert identity["UserId"].startswith("AIDA") or identity["UserId"]

    def test_a_deleted_key_is_nobodys(self, cloud: Cloud, account: Account) -> None:
        account.iam.create_user(UserName="airflow")
        key = account.iam.create_access_key(UserName="airflow")["AccessKey"]
        account.iam.delete_access_key(UserName="airflow", AccessKeyId=key["AccessKeyId"])

        with pytest.raises(ClientError) as failure:
            cloud.client_of(Session.of(key), "sts").get_caller_identity()

        assert code_of(failure) == "InvalidClientTokenId"

    def test_a_key_is_nobodys_in_the_moment_of_its_deletion(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")
        sts, seen, deleted = cloud.client_of(user, "sts"), set(), threading.Event()

        def ask_until_deleted() -> None:
            while not deleted.is_set():
                try:
                    seen.add(sts.get_caller_identity()["Account"])
                except ClientError as error:
                    seen.add(error.response["Error"]["Code"])

        asking = [threading.Thread(target=ask_until_deleted) for _ in range(4)]
        for each in asking:
            each.start()
        account.iam.delete_access_key(UserName="airflow", AccessKeyId=user.access_key)
        deleted.set()
        for each in asking:
            each.join()

        assert seen <= {account.id, "InvalidClientTokenId"}

    def test_a_key_that_moto_deletes_with_its_user_is_nobodys(self) -> None:
        callers = Callers(Authorizer())
        callers.remember("AKIADELETED000000000")

        with pytest.raises(AwsError, match="InvalidClientTokenId"):
            callers.of_access_key("AKIADELETED000000000")

    def test_an_inactive_key_is_nobodys(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")
        key = user.access_key
        account.iam.update_access_key(UserName="airflow", AccessKeyId=key, Status="Inactive")

        with pytest.raises(ClientError) as failure:
            cloud.client_of(user, "s3").list_buckets()

        assert code_of(failure) == "InvalidAccessKeyId"

    def test_a_session_ends_with_its_role(self, cloud: Cloud, account: Account) -> None:
        session = account.session("reader")
        account.iam.delete_role(RoleName="reader")
        account.role("reader", trust(account.id))

        with pytest.raises(ClientError) as failure:
            cloud.client_of(session, "sts").get_caller_identity()

        assert code_of(failure) == "InvalidClientTokenId"


class TestSessionTokens:
    @pytest.mark.parametrize("service", ["sts", "s3", "athena"])
    @pytest.mark.parametrize("token", [None, "wrong"], ids=["without", "wrong"])
    def test_a_sessions_key_needs_its_token(
        self, cloud: Cloud, account: Account, service: str, token: str | None
    ) -> None:
        client = cloud.client_of(replace(account.admin, token=token), service)
        ask = {"sts": "get_caller_identity", "s3": "list_buckets", "athena": "list_work_groups"}[service]

        with pytest.raises(ClientError) as failure:
            getattr(client, ask)()

        code = {"s3": "InvalidAccessKeyId", "athena": "UnrecognizedClientException"}
        assert code_of(failure) == code.get(service, "InvalidClientTokenId")

    def test_a_sessions_key_that_nobody_gave_out_is_not_the_administrator(self, cloud: Cloud) -> None:
        for token in (None, "any"):
            with pytest.raises(ClientError) as failure:
                cloud.client_of(Session("ASIAUNKNOWN000000000", token=token), "sts").get_caller_identity()
            assert code_of(failure) == "InvalidClientTokenId"

    def test_a_presigned_url_carries_the_token(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", a=b"x")
        signer = account.admin.client(
            "s3", endpoint_url=cloud.endpoint, config=Config(signature_version="s3v4")
        )
        url = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
        assert OPENER.open(url, timeout=10).read() == b"x"

        with pytest.raises(urllib.error.HTTPError) as failure:
            OPENER.open(url.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=x"), timeout=10)

        assert failure.value.code == 403


class TestAssumeRoleInTheSameAccount:
    def test_a_trust_policy_that_names_the_user_is_enough(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")
        role_arn = account.role("pipeline", trust(f"arn:aws:iam::{account.id}:user/airflow"))

        assert assume(cloud, user, role_arn).endswith("assumed-role/pipeline/test")

    def test_a_trust_policy_for_the_account_needs_the_users_own_policy(
        self, cloud: Cloud, account: Account
    ) -> None:
        role_arn = account.role("pipeline", trust(f"arn:aws:iam::{account.id}:root"))
        may = {"Action": "sts:AssumeRole", "Resource": role_arn}

        assert assume(cloud, account.user("with", may), role_arn)
        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, account.user("without"), role_arn)

    def test_the_users_own_policy_alone_is_not_enough(self, cloud: Cloud, account: Account) -> None:
        account.user("trusted")
        user = account.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})
        role_arn = account.role("pipeline", trust(f"arn:aws:iam::{account.id}:user/trusted"))

        with pytest.raises(
            ClientError, match="is not authorized to perform: sts:AssumeRole on resource"
        ) as failure:
            assume(cloud, user, role_arn)

        assert code_of(failure) == "AccessDenied"
        assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403

    def test_an_explicit_deny_wins_over_a_trust_policy(self, cloud: Cloud, account: Account) -> None:
        deny = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
        user = account.user("airflow", deny)
        role_arn = account.role("pipeline", trust(f"arn:aws:iam::{account.id}:user/airflow"))

        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, user, role_arn)


class TestAssumeRoleAcrossAccounts:
    def test_both_sides_together_are_enough(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        user = account.user("airflow", {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/reader"})
        role_arn = other_account.role("reader", trust(f"arn:aws:iam::{account.id}:user/airflow"))

        assert assume(cloud, user, role_arn) == f"arn:aws:sts::{other_account.id}:assumed-role/reader/test"

    def test_trust_alone_is_not_enough(self, cloud: Cloud, account: Account, other_account: Account) -> None:
        user = account.user("airflow")
        role_arn = other_account.role("reader", trust(f"arn:aws:iam::{account.id}:user/airflow"))

        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, user, role_arn)

    def test_trust_in_another_principal_is_not_enough(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        account.user("trusted")
        user = account.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})
        role_arn = other_account.role("reader", trust(f"arn:aws:iam::{account.id}:user/trusted"))

        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, user, role_arn)

    def test_the_account_root_trusts_all_its_principals(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        user = account.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})
        role_arn = other_account.role("reader", trust(f"arn:aws:iam::{account.id}:root"))

        assert assume(cloud, user, role_arn)

    def test_an_accounts_administrator_is_not_another_accounts(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        target = f"arn:aws:iam::{other_account.id}:role/OrganizationAccountAccessRole"

        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, account.admin, target)

    def test_a_role_that_does_not_exist_is_denied(self, cloud: Cloud, account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            assume(cloud, account.admin, f"arn:aws:iam::{account.id}:role/nobody")

        assert code_of(failure) == "AccessDenied"

    def test_a_role_is_found_by_its_path_only(self, cloud: Cloud, account: Account) -> None:
        account.role("reader", trust(account.id), path="/data/")

        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, account.admin, f"arn:aws:iam::{account.id}:role/reader")


class TestExternalId:
    @pytest.fixture
    def role_arn(self, account: Account, other_account: Account) -> str:
        condition = {"StringEquals": {"sts:ExternalId": "sightline-1"}}
        return other_account.role("reader", trust(account.id, Condition=condition))

    @pytest.fixture
    def user(self, account: Account) -> Any:
        return account.user("airflow", {"Action": "sts:AssumeRole", "Resource": "*"})

    def test_the_right_one_is_let_in(self, cloud: Cloud, user: Any, role_arn: str) -> None:
        assert assume(cloud, user, role_arn, ExternalId="sightline-1")

    @pytest.mark.parametrize("given", [{"ExternalId": "sightline-2"}, {}], ids=["wrong", "missing"])
    def test_another_or_none_is_denied(
        self, cloud: Cloud, user: Any, role_arn: str, given: dict[str, str]
    ) -> None:
        with pytest.raises(ClientError) as failure:
            assume(cloud, user, role_arn, **given)

        assert code_of(failure) == "AccessDenied"


class TestSessions:
    def test_a_session_policy_is_refused_rather_than_ignored(self, cloud: Cloud, account: Account) -> None:
        role_arn = account.role("reader", trust(account.id))

        with pytest.raises(ClientError, match="does not support AssumeRole with Policy") as failure:
            assume(cloud, account.admin, role_arn, Policy=json.dumps({"Statement": []}))

        assert code_of(failure) == "NotImplemented"

    def test_a_chained_session_lasts_an_hour_at_most(self, cloud: Cloud, account: Account) -> None:
        role_arn = account.role("reader", trust(account.id), MaxSessionDuration=43200)

        with pytest.raises(ClientError, match="role chaining"):
            assume(cloud, account.admin, role_arn, DurationSeconds=7200)

    def test_a_session_lasts_no_longer_than_its_role_allows(self, cloud: Cloud, account: Account) -> None:
        user = account.user("airflow")
        role_arn = account.role("reader", trust(f"arn:aws:iam::{account.id}:user/airflow"))

        with pytest.raises(ClientError, match="MaxSessionDuration"):
            assume(cloud, user, role_arn, DurationSeconds=7200)

    def test_a_bad_session_name_is_refused(self, cloud: Cloud, account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            assume(cloud, account.admin, account.role("reader", trust(account.id)), RoleSessionName="a b")

        assert code_of(failure) == "ValidationError"
