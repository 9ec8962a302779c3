"""Some thousand policies that nobody would write, and two engines that say the same to them.

Another seed or number: SIGHTLINE_ORACLE_SEED, SIGHTLINE_ORACLE_COUNT. A differing question is printed whole.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.local_aws.oracle import generated
from tests.local_aws.oracle.engine import ALLOWED, DENIED, Asked, Batch, Principal, answer, theirs, word

SEED = int(os.environ.get("SIGHTLINE_ORACLE_SEED", "2026"))
COUNT = int(os.environ.get("SIGHTLINE_ORACLE_COUNT", "4000"))
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
NOBODYS = "arn:aws:s3:::sales/${aws:username}/*"


def test_generated_policies_have_one_answer() -> None:
    batches = generated.Generator(SEED).batches(COUNT)

    answers = theirs(batches)

    words = Counter(word(their) for (their,) in answers)
    differing = [
        (batch, our, their)
        for batch, (their,) in zip(batches, answers, strict=True)
        for our in batch.ours()
        if word(our) != word(their) or their.startswith("error")
    ]
    assert not differing, f"seed {SEED}: {len(differing)} differ: {differing[:3]}"
    assert all(words[each] > COUNT / 10 for each in (ALLOWED, DENIED, "explicitly denied")), words


def test_they_say_everything_that_is_evaluated() -> None:
    lines = [batch.as_line() for batch in generated.Generator(SEED).batches(COUNT)]

    operators = {operator for key in generated.KEYS for operator in key.operators}
    qualified = {f"{each}:{name}" for each in ("ForAnyValue", "ForAllValues") for name in generated.NAMES}
    elements = {"NotAction", "NotResource", "Null", "StringLikeIfExists", "${aws:username}"}
    spoken = operators | qualified | elements | {"Service", "assumed-role"}
    assert [each for each in sorted(spoken) if not any(each in line for line in lines)] == []


def _asked(statement: dict[str, Any]) -> Batch:
    said = {name: value for name, value in {**ALLOW, **statement}.items() if value is not None}
    document = {"Version": "2012-10-17", "Statement": [said]}
    listing = Asked("s3:ListBucket", generated.BUCKET, generated.A, context={"s3:prefix": "ann/"})
    return Batch(Principal(generated.ROLE, [document]), [listing])


# Where the other engine differs from AWS's documentation, or AWS says nothing. Both answers are held fast: when one of
# them changes, look here.
KNOWN = {
    # "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value": section
    # "Policy variables with no value" of "IAM policy elements: Variables and tags".
    "an inverted operator matches a variable without a value": (
        {"Condition": {"StringNotLike": {"s3:prefix": "${aws:username}/*"}}},
        (ALLOWED, "ImplicitlyDenied"),
    ),
    # The same section: such a variable is equal to nothing, so nothing is taken out by it. AWS names no NotResource.
    "NotResource takes out nothing by a variable without a value": (
        {"Resource": None, "NotResource": NOBODYS},
        (ALLOWED, "ImplicitlyDenied"),
    ),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_known_difference_is_as_described(name: str) -> None:
    statement, answers = KNOWN[name]
    batch = _asked(statement)

    ((their,),) = theirs([batch])

    assert (*batch.ours(), their) == answers


def test_the_other_engine_drops_encryption_contexts() -> None:
    """Why they are asked as tags: see AS_TAG in engine.py."""
    statement = {"Condition": {"StringEquals": {"kms:EncryptionContext:table": "sales"}}, "Action": "kms:*"}
    document = {"Version": "2012-10-17", "Statement": [{**ALLOW, **statement}]}
    trusting = {"Effect": "Allow", "Principal": {"AWS": generated.A}, "Action": "kms:*", "Resource": "*"}
    policies = {"own": {"Version": "2012-10-17", "Statement": [trusting]}}
    context = {"kms:EncryptionContext:table": "sales"}
    asked = Asked("kms:Decrypt", generated.KEY, generated.A, "own", context)
    batch = Batch(Principal(generated.ROLE, [document]), [asked], policies)

    untranslated = batch.as_line().replace("aws:RequestTag/", "kms:EncryptionContext:")

    assert (batch.ours(), theirs([batch])) == ([ALLOWED], [[ALLOWED]])
    assert answer([untranslated]) == [["ImplicitlyDenied"]]
