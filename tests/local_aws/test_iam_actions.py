"""The table of known operations: each is one of AWS's, and somebody answers it."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from moto.core.utils import camelcase_to_underscores
from moto.glue.responses import GlueResponse
from moto.iam.responses import IamResponse
from moto.kms.responses import KmsResponse

from local_aws.iam.actions import STS_NEEDS
from local_aws.iam.athena_needs import athena_needs
from local_aws.iam.glue_needs import GLUE_NEEDS
from local_aws.iam.iam_needs import IAM_NEEDS
from local_aws.iam.kms_needs import KMS_NEEDS
from local_aws.iam.s3_needs import S3_NEEDS
from local_aws.server import Settings, build_application

TABLES: dict[str, dict[str, Any]] = {
    "athena": athena_needs(lambda _: set()),
    "glue": GLUE_NEEDS,
    "iam": IAM_NEEDS,
    "kms": KMS_NEEDS,
    "s3": S3_NEEDS,
    "sts": STS_NEEDS,
}


@pytest.mark.parametrize("service", sorted(TABLES))
def test_every_known_operation_is_in_the_services_model(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)

    assert set(TABLES[service]) <= set(model.operation_names)


@pytest.mark.parametrize("service", ["athena", "sts"])
def test_what_we_answer_ourselves_and_what_is_known_are_the_same(service: str) -> None:
    answered = build_application(Settings()).operations_of(service)

    assert set(TABLES[service]) == answered


@pytest.mark.parametrize(
    ("service", "responses"), [("glue", GlueResponse), ("iam", IamResponse), ("kms", KmsResponse)]
)
def test_moto_has_what_is_passed_to_it(service: str, responses: type) -> None:
    missing = [name for name in TABLES[service] if not hasattr(responses, camelcase_to_underscores(name))]

    assert missing == []
