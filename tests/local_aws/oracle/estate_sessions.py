"""How the principals of the estate become somebody who signs requests."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

from tests.local_aws.oracle.engine import Principal
from tests.local_aws.oracle.estate_cells import MANAGEMENT, Cells

ORGANIZATIONS_ROLE = "/OrganizationAccountAccessRole"


def session_of(cells: Cells, who: Principal) -> boto3.Session | None:
    """The keys of somebody; None for who signs no requests here: QuickSight's role, the management account."""
    settings, region = cells.settings, cells.settings.analytics.region
    if who.arn == settings.analytics.quicksight.data_source_role_arn or who.account_id == MANAGEMENT:
        return None
    user = _user_session(cells, region)
    if ":user/" in who.arn:
        return user
    external_ids = {each.reader_role_arn: each.external_id for each in settings.workload_accounts}
    if who.arn in external_ids:
        return _assume(_sts(cells, user), who.arn, region, ExternalId=external_ids[who.arn])
    if who.arn == settings.analytics.role_arn:
        return _assume(_sts(cells, user), who.arn, region)
    if who.arn.endswith(ORGANIZATIONS_ROLE):
        management = boto3.Session("AKIAADMINISTRATOR000", "any", region_name=region)
        return _assume(_sts(cells, management), who.arn, region)
    return _assume(cells.admin_of("sts", who.arn), who.arn, region)


@cache
def _user_session(cells: Cells, region: str) -> boto3.Session:
    key = cells.estate.make_access_key()  # the key before it ends, so there is one for all
    return boto3.Session(key.id, key.secret, region_name=region)


def _sts(cells: Cells, session: boto3.Session) -> Any:
    return cells.estate.cloud.client_of(session, "sts")


def _assume(sts: Any, role_arn: str, region: str, **given: str) -> boto3.Session:
    found = sts.assume_role(RoleArn=role_arn, RoleSessionName="test", **given)["Credentials"]
    return boto3.Session(
        found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], region_name=region
    )
