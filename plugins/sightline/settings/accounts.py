"""The analytics account and the workload accounts."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema

from sightline.errors import Problem, UnknownAccount
from sightline.settings.rules import (
    AccountId,
    AccountName,
    BucketName,
    Catalog,
    ExternalId,
    GlueName,
    QuickSightPrincipal,
    Region,
    RoleNameOrArn,
    S3Location,
    Workgroup,
    mistake,
)
from sightline.settings.tables import Frozen, Table
from sightline.settings.units import Day, ScanCutoff, Schedule, Timezone


def role_arn(name_or_arn: str, account_id: str, region: str = "") -> str:
    """The ARN of a role; the settings may give its name only. An ARN must be of the account."""
    partition = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    if not name_or_arn.startswith("arn:"):
        aws = next((p for start, p in partition.items() if region.startswith(start)), "aws")
        return f"arn:{aws}:iam::{account_id}:role/{name_or_arn}"
    if name_or_arn.split(":")[4] != account_id:
        raise mistake(
            f'"{name_or_arn}" is a role of another account. Allowed: a role of {account_id}, or a role\'s name.'
        )
    return name_or_arn


def _completed_role(value: str, info: ValidationInfo) -> str:
    account_id = info.data.get("account_id")
    return role_arn(value, account_id, info.data.get("region", "")) if account_id else value


class QuickSightAccount(Frozen):
    """The analytics account's QuickSight; completed by the analytics account."""

    edition: Literal["enterprise", "standard"] = Field(
        default="enterprise", description="decides how many ingestions a data set has in 24 hours: 32 or 8"
    )
    identity_region: Region = Field(
        default="", description="where QuickSight keeps its users and groups; default: the region"
    )
    share_with: tuple[QuickSightPrincipal, ...] = Field(
        default=(), description="ARNs of the users and groups that may see data sources and data sets"
    )
    data_source_role_arn: RoleNameOrArn = Field(
        default="sightline-quicksight",
        validation_alias="data_source_role",
        description="the role that QuickSight reads with: its name or ARN",
    )


class AnalyticsAccount(Frozen):
    """The account that owns catalog, Athena and QuickSight."""

    account_id: AccountId = Field(description="the account's 12 digits, in quotes")
    region: Region = Field(description="where Athena, Glue and QuickSight work")
    role_arn: RoleNameOrArn = Field(
        default="sightline-pipeline",
        validation_alias="role",
        validate_default=True,
        description="the pipeline role, which Airflow assumes: its name or ARN",
    )
    ledger_bucket: BucketName = Field(
        default_factory=lambda data: f"sightline-ledger-{data.get('account_id', '')}",
        description="keeps what was loaded, checked and published; default: sightline-ledger-{account_id}",
    )
    catalog: Catalog = Field(
        default="AwsDataCatalog", description="the data catalog in Athena; others are refused"
    )
    quicksight: QuickSightAccount = Field(
        default=QuickSightAccount(),
        validate_default=True,
        description="edition, identity region, who may see",
    )

    @property
    def connection_id(self) -> str:
        """The Airflow connection to this account."""
        return "aws_analytics"

    _role = field_validator("role_arn")(_completed_role)

    @field_validator("quicksight")
    @classmethod
    def _completed(cls, value: QuickSightAccount, info: ValidationInfo) -> QuickSightAccount:
        account_id, region = info.data.get("account_id"), info.data.get("region")
        if not (account_id and region):
            return value
        identity_region = value.identity_region or region
        for index, principal in enumerate(value.share_with):
            if principal.split(":")[3:5] != [identity_region, account_id]:
                raise mistake(
                    f'"{principal}" is of another account or region. Allowed: users and groups of {account_id} in the '
                    f"identity region, {identity_region}.",
                    "share_with",
                    index,
                )
        role = role_arn(value.data_source_role_arn, account_id, region)
        return value.model_copy(update={"identity_region": identity_region, "data_source_role_arn": role})


class WorkloadAccount(Frozen):
    """An account that owns files."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema["required"].remove("region"))

    name: AccountName = Field(description="the account's name in Dag ids, connection ids and messages")
    account_id: AccountId = Field(description="the account's 12 digits, in quotes")
    region: Region = Field(description="where its buckets are; default: the analytics account's region")
    reader_role_arn: RoleNameOrArn = Field(
        default="sightline-reader",
        validation_alias="reader_role",
        validate_default=True,
        description="the role in this account that Airflow looks for files with: its name or ARN",
    )
    external_id: ExternalId = Field(description="what the reader role's trust policy asks for")
    schedule: Schedule = Field(default="15 0 * * *", description="when the daily load runs")
    timezone: Timezone = Field(
        default="UTC", description="the time zone of the schedule, of months and of due days"
    )
    start_date: Day = Field(
        default=date(2024, 1, 1),
        description="the first day of which there is a scheduled run; months before it load by hand",
    )
    workgroup: Workgroup = Field(description="the account's workgroup in Athena")
    results_location: S3Location = Field(description="where Athena writes results, s3://bucket/prefix/")
    scan_cutoff_bytes: ScanCutoff = Field(
        default=1_000_000_000_000,
        validation_alias="scan_cutoff",
        description="the workgroup cancels a query that reads more",
    )
    database: GlueName = Field(description="the account's database in Athena")
    retries: Annotated[int, Field(strict=True, ge=0, le=10)] = Field(
        default=2, description="how often a task is tried again where that can help"
    )
    # At least what hooks/athena.py needs to tell a query that was cancelled before from one that is started now.
    retry_delay_seconds: Annotated[int, Field(strict=True, ge=5, le=3600)] = Field(
        default=60, description="before the first retry, in seconds; it doubles each time"
    )
    tables: tuple[Table, ...] = Field(min_length=1, description="the tables over the account's files")

    @property
    def connection_id(self) -> str:
        """The Airflow connection to this account."""
        return f"aws_{self.name}"

    @property
    def results_bucket(self) -> str:
        """The bucket that Athena writes results to."""
        return self.results_location.removeprefix("s3://").partition("/")[0]

    _role = field_validator("reader_role_arn")(_completed_role)

    @field_validator("tables")
    @classmethod
    def _named(cls, value: tuple[Table, ...], info: ValidationInfo) -> tuple[Table, ...]:
        account = info.data.get("name", "")
        return tuple(
            table.model_copy(update={"quicksight": table.quicksight.completed(account, table.name)})
            for table in value
        )


class Settings(Frozen):
    """Who, where, which tables; and what is wrong with the accounts that are left out."""

    analytics: AnalyticsAccount = Field(description="the account that owns catalog, Athena and QuickSight")
    workload_accounts: tuple[WorkloadAccount, ...] = Field(
        default=(), description="the accounts that own the files"
    )
    problems: SkipJsonSchema[tuple[Problem, ...]] = ()

    def account(self, name: str) -> WorkloadAccount:
        """The workload account of this name.

        Raises:
            UnknownAccount: accounts.yaml has no such account, or its entry has mistakes.
        """
        for account in self.workload_accounts:
            if account.name == name:
                return account
        raise UnknownAccount(name, tuple(account.name for account in self.workload_accounts))
