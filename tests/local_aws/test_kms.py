"""KMS: a key's own policy decides, and what may be put as one."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, code_of, policy
from tests.local_aws.kms_estate import ANY_KEY, DENIED, key_of, role_arn, root, use


class TestKeyPolicies:
    def test_the_identity_policy_is_enough_where_the_key_trusts_its_account(
        self, cloud: Cloud, account: Account
    ) -> None:
        kms = cloud.client_of(account.session("user", ANY_KEY), "kms")
        key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]

        sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"

    def test_and_is_not_where_it_does_not(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user", ANY_KEY), "kms")
        only = {"Principal": {"AWS": account.admin_role}, **ANY_KEY}
        key = account.client("kms").create_key(Policy=policy(only))["KeyMetadata"]["KeyId"]

        with pytest.raises(ClientError, match="no resource-based policy allows the kms:Encrypt") as failure:
            kms.encrypt(KeyId=key, Plaintext=b"x")

        assert code_of(failure) == "AccessDeniedException"

    def test_the_key_policy_alone_is_enough_in_its_account(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        key = key_of(account, use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")}))

        assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
        with pytest.raises(ClientError, match="AccessDeniedException"):
            kms.describe_key(KeyId=key)

    @pytest.mark.parametrize(("by_identity", "by_key"), [(True, True), (True, False), (False, True)])
    def test_across_accounts_both_are_needed(
        self, cloud: Cloud, account: Account, other_account: Account, by_identity: bool, by_key: bool
    ) -> None:
        kms = cloud.client_of(account.session("user", *([ANY_KEY] if by_identity else [])), "kms")
        granted = use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")})
        key = key_of(other_account, *([granted] if by_key else []))

        if by_identity and by_key:
            assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
        else:
            with pytest.raises(ClientError, match=f"{DENIED}Encrypt"):
                kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_a_key_is_not_managed_from_another_account(
        self, account: Account, other_account: Account
    ) -> None:
        key = key_of(other_account, {"Principal": root(account), **ANY_KEY})
        kms = account.client("kms")

        assert kms.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"] == other_account.id
        for refused in (
            lambda: kms.get_key_policy(KeyId=key, PolicyName="default"),
            lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(ANY_KEY)),
            lambda: kms.schedule_key_deletion(KeyId=key),
        ):
            with pytest.raises(ClientError, match="not for keys of another account"):
                refused()

    def test_a_role_made_anew_has_lost_the_key(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        account.session("user", ANY_KEY)
        role_id = account.iam.get_role(RoleName="user")["Role"]["RoleId"]
        key = key_of(other_account, use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")}))
        look = other_account.client("kms").get_key_policy
        assert role_arn(account, "user") in look(KeyId=key, PolicyName="default")["Policy"]

        account.iam.delete_role_policy(RoleName="user", PolicyName="may")
        account.iam.delete_role(RoleName="user")
        again = cloud.client_of(account.session("user", ANY_KEY), "kms")

        with pytest.raises(ClientError, match="no resource-based policy allows the kms:Encrypt"):
            again.encrypt(KeyId=key, Plaintext=b"x")
        found = json.loads(look(KeyId=key, PolicyName="default")["Policy"])
        assert found["Statement"][1]["Principal"]["AWS"] == role_id

    def test_an_encryption_context_can_be_asked_for(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        condition = {"StringEquals": {"kms:EncryptionContext:table": "sales"}}
        principal = {"AWS": role_arn(account, "user")}
        key = key_of(account, use("kms:Encrypt", Principal=principal, Condition=condition))

        assert kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"table": "sales"})
        for wrong in ({"table": "other"}, {}):
            with pytest.raises(ClientError, match=f"{DENIED}Encrypt"):
                kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=wrong)


class TestPuttingAKeyPolicy:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("no JSON", "valid JSON"),
            (policy({"Principal": "*", "Action": "kms:*"}), "Resource"),
            (policy(ANY_KEY), "Principal"),
            (policy({"Principal": {"AWS": "arn:aws:iam::111111111111:role/later"}, **ANY_KEY}), "Invalid principal"),
            (policy({"Principal": "*", **ANY_KEY, "Condition": {"Bool": {"kms:Nothing": "x"}}}), "kms:Nothing"),
        ],
        ids=["no JSON", "no resource", "no principal", "who does not exist", "condition"],
    )  # fmt: skip
    def test_what_is_malformed_is_not_kept(self, account: Account, wrong: str, said: str) -> None:
        kms = account.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]

        for refused in (
            lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wrong),
            lambda: kms.create_key(Policy=wrong),
        ):
            with pytest.raises(ClientError, match=said) as failure:
                refused()
            assert code_of(failure) == "MalformedPolicyDocumentException"

    def test_nobody_locks_himself_out(self, account: Account, other_account: Account) -> None:
        kms = account.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        others = policy({"Principal": root(other_account), **ANY_KEY})

        with pytest.raises(ClientError, match="will not allow you to update the key policy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=others)
        with pytest.raises(ClientError, match="will not allow you to update the key policy"):
            kms.create_key(Policy=others)
        assert kms.create_key(Policy=others, BypassPolicyLockoutSafetyCheck=True)

    def test_it_counts_at_once(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        key = key_of(account)
        granted = use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")})
        document = policy({"Principal": root(account), **ANY_KEY}, granted)

        account.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document)

        assert kms.encrypt(KeyId=key, Plaintext=b"x")
