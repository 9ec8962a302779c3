"""KMS keys as moto keeps them, of any account; `aws/s3`, which AWS manages, is made when it is first asked for."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.kms.models import kms_backends

from local_aws.stores import STORE_LOCK

AWS_S3 = "alias/aws/s3"
KEY_ARN = re.compile(r"arn:aws:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>(?:key|alias)/.+)")
KEY_ID_LENGTH = 36
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def find_key(account_id: str, region: str, named: str) -> Any | None:
    """Return moto's key of this id, ARN or alias (of those: `alias/aws/s3`), or None.

    Account and region are those that a name without them is looked for in.
    """
    if parts := KEY_ARN.fullmatch(named):
        account_id, region, named = parts["account"], parts["region"], parts["name"]
    with STORE_LOCK:
        if region not in kms_backends[account_id]:
            return None
        backend = kms_backends[account_id][region]
        if named == AWS_S3:
            return _aws_s3_key(backend)
        return backend.keys.get(named.removeprefix("key/"))


def key_of_ciphertext(blob: bytes, region: str) -> Any | None:
    """Return the key that a ciphertext was made with, of whichever account; a ciphertext begins with its key's id."""
    key_id = blob[:KEY_ID_LENGTH].decode("ascii", "replace")
    with STORE_LOCK:
        accounts = [backends for _, backends in list(kms_backends.items()) if region in backends]
        found = (backends[region].keys.get(key_id) for backends in accounts)
        return next((key for key in found if key is not None), None)


def policy_of(key_arn: str) -> tuple[str, str] | None:
    """Return the account of an existing key, and the text of its policy."""
    key = find_key("", "", key_arn) if KEY_ARN.fullmatch(key_arn) else None
    return (str(key.account_id), str(key.policy)) if key is not None else None


def _aws_s3_key(backend: Any) -> Any:
    found = backend.get_key_id_from_alias(AWS_S3) if backend.alias_exists(AWS_S3) else None
    if found is not None:
        return backend.keys[found]
    description = "Default key that protects my S3 objects when no other key is defined"
    policy = json.dumps(_aws_s3_policy(backend.account_id, backend.region_name))
    key = backend.create_key(policy, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
    key.key_manager = "AWS"
    backend.create_alias(key.id, AWS_S3)
    return key


def _aws_s3_policy(account_id: str, region: str) -> dict[str, Any]:
    """As AWS writes it: through S3, for everybody of the account; nobody can change it, so no other account reads."""
    through_s3 = {"kms:CallerAccount": account_id, "kms:ViaService": f"s3.{region}.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Id": "auto-s3-2",
        "Statement": [
            {
                "Sid": "Allow access through S3 for all principals in the account that are authorized to use S3",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": USE,
                "Resource": "*",
                "Condition": {"StringEquals": through_s3},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }
