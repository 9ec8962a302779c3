"""Who may do what in the demo's estate: least privilege, written from the settings by pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sightline.settings import AnalyticsAccount, Settings, WorkloadAccount

Policy = dict[str, Any]
Statement = dict[str, Any]

AIRFLOW_USER = "airflow"
READ_OBJECTS = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]
WRITE_RESULTS = [
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
]
MAKE_BUCKET = [
    "s3:CreateBucket",
    "s3:GetBucketVersioning",
    "s3:PutBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:PutEncryptionConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketPublicAccessBlock",
]
RUN_QUERIES = [
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
]
MAKE_WORKGROUP = ["athena:CreateWorkGroup", "athena:UpdateWorkGroup"]
READ_CATALOG = [
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:BatchGetPartition",
]
WRITE_CATALOG = [
    "glue:CreateDatabase",
    "glue:CreateTable",
    "glue:CreatePartition",
    "glue:BatchCreatePartition",
    "glue:UpdatePartition",
    "glue:DeletePartition",
    "glue:BatchDeletePartition",
]
MANAGE_DATA_SOURCES = [
    f"quicksight:{verb}DataSource{noun}"
    for verb, noun in (
        ("Create", ""),
        ("Describe", ""),
        ("Update", ""),
        ("Pass", ""),
        ("Describe", "Permissions"),
        ("Update", "Permissions"),
    )
]
MANAGE_DATA_SETS = [action.replace("DataSource", "DataSet") for action in MANAGE_DATA_SOURCES]
INGEST = [
    f"quicksight:{verb}"
    for verb in ("CreateIngestion", "DescribeIngestion", "ListIngestions", "CancelIngestion")
]


def policy(*statements: Statement) -> Policy:
    """Put statements into a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | Iterable[str], resources: Iterable[str], **condition: dict[str, Any]) -> Statement:
    """Allow actions on resources; each keyword is a condition operator with its keys."""
    named = [actions] if isinstance(actions, str) else list(actions)
    statement: Statement = {"Effect": "Allow", "Action": named, "Resource": sorted(set(resources))}
    return {**statement, "Condition": condition} if condition else statement


def airflow_user_arn(analytics: AnalyticsAccount) -> str:
    """The user whose key Airflow runs with."""
    return f"arn:aws:iam::{analytics.account_id}:user/{AIRFLOW_USER}"


def airflow_user_policy(settings: Settings) -> Policy:
    """Airflow's own user may assume the roles of the connections, and nothing else."""
    readers = [account.reader_role_arn for account in settings.workload_accounts]
    return policy(allow("sts:AssumeRole", [settings.analytics.role_arn, *readers]))


def pipeline_trust(analytics: AnalyticsAccount) -> Policy:
    """Only Airflow's user becomes the pipeline role."""
    return policy(_trust({"AWS": airflow_user_arn(analytics)}))


def reader_trust(analytics: AnalyticsAccount, accounts: Iterable[WorkloadAccount]) -> Policy:
    """Only Airflow's user becomes the reader role, and only with an external id of those who share the role."""
    statement = _trust({"AWS": airflow_user_arn(analytics)})
    external_ids = sorted({account.external_id for account in accounts})
    return policy({**statement, "Condition": {"StringEquals": {"sts:ExternalId": external_ids}}})


def data_source_trust() -> Policy:
    """Only QuickSight becomes the role that its data sources read with."""
    return policy(_trust({"Service": "quicksight.amazonaws.com"}))


def _trust(principal: dict[str, str]) -> Statement:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def reader_policy(accounts: Iterable[WorkloadAccount]) -> Policy:
    """The reader role lists and reads the source buckets of those who share it, in its own account."""
    sharing = list(accounts)
    buckets = {table.bucket for account in sharing for table in account.tables}
    (owner,) = {account.account_id for account in sharing}
    return policy(
        allow("s3:ListBucket", map(bucket_arn, buckets), **_owned_by(owner)),
        allow("s3:GetObject", map(objects_arn, buckets), **_owned_by(owner)),
    )


def source_bucket_policy(settings: Settings, account: WorkloadAccount, bucket: str) -> Policy:
    """The article's bucket policy: the analytics account's two roles, by name, may read this bucket."""
    analytics = settings.analytics
    return policy(
        {
            "Sid": f"{account.name.capitalize()} Bucket Policy",
            "Effect": "Allow",
            "Principal": {"AWS": [analytics.role_arn, analytics.quicksight.data_source_role_arn]},
            "Action": READ_OBJECTS,
            "Resource": [bucket_arn(bucket), objects_arn(bucket)],
        }
    )


def pipeline_policy(settings: Settings) -> Policy:
    """What load and provision do: query, keep the catalog and the ledger, ingest."""
    analytics, accounts = settings.analytics, settings.workload_accounts
    own_buckets = {*results_buckets(accounts), analytics.ledger_bucket}
    role = analytics.quicksight.data_source_role_arn
    return policy(
        allow([*RUN_QUERIES, *MAKE_WORKGROUP], _workgroups(settings)),
        allow([*READ_CATALOG, *WRITE_CATALOG], _catalog(settings)),
        *_read_sources(accounts),
        allow(MAKE_BUCKET, map(bucket_arn, own_buckets)),
        allow([*READ_OBJECTS, *WRITE_RESULTS], _both(own_buckets), **_owned_by(analytics.account_id)),
        allow(MANAGE_DATA_SOURCES, _quicksight(settings, "datasource")),
        allow([*MANAGE_DATA_SETS, *INGEST], _quicksight(settings, "dataset")),
        allow("iam:PassRole", [role], StringEquals={"iam:PassedToService": "quicksight.amazonaws.com"}),
    )


def data_source_policy(settings: Settings) -> Policy:
    """What QuickSight's own queries need: Athena, the catalog, the sources, and room for results."""
    accounts = settings.workload_accounts
    return policy(
        allow(RUN_QUERIES, _workgroups(settings)),
        allow(READ_CATALOG, _catalog(settings)),
        *_read_sources(accounts),
        allow(
            [*READ_OBJECTS, *WRITE_RESULTS],
            _both(results_buckets(accounts)),
            **_owned_by(settings.analytics.account_id),
        ),
    )


def results_buckets(accounts: Iterable[WorkloadAccount]) -> set[str]:
    """The buckets of the workgroups' results locations."""
    return {account.results_location.removeprefix("s3://").partition("/")[0] for account in accounts}


def bucket_arn(bucket: str) -> str:
    """A bucket itself, which listing needs."""
    return f"arn:aws:s3:::{bucket}"


def objects_arn(bucket: str) -> str:
    """Everything in a bucket."""
    return f"arn:aws:s3:::{bucket}/*"


def _both(buckets: Iterable[str]) -> list[str]:
    return [arn for bucket in buckets for arn in (bucket_arn(bucket), objects_arn(bucket))]


def _read_sources(accounts: Iterable[WorkloadAccount]) -> list[Statement]:
    """A statement an account: a bucket of the right name in another account is not read."""
    return [
        allow(
            READ_OBJECTS,
            _both({table.bucket for table in account.tables}),
            **_owned_by(account.account_id),
        )
        for account in accounts
    ]


def _owned_by(account_id: str) -> dict[str, dict[str, Any]]:
    """A bucket's name says nothing of its owner: whoever deletes one, loses the name to anybody."""
    return {"StringEquals": {"aws:ResourceAccount": account_id}}


def _prefix(settings: Settings, service: str) -> str:
    return f"arn:aws:{service}:{settings.analytics.region}:{settings.analytics.account_id}"


def _workgroups(settings: Settings) -> list[str]:
    prefix = _prefix(settings, "athena")
    return [f"{prefix}:workgroup/{account.workgroup}" for account in settings.workload_accounts]


def _catalog(settings: Settings) -> list[str]:
    """The catalog, the databases and their tables; Athena also looks at the database `default`."""
    prefix = _prefix(settings, "glue")
    databases = [f"{prefix}:database/{account.database}" for account in settings.workload_accounts]
    tables = [
        f"{prefix}:table/{account.database}/{table.name}"
        for account in settings.workload_accounts
        for table in account.tables
    ]
    return [f"{prefix}:catalog", f"{prefix}:database/default", *databases, *tables]


def _quicksight(settings: Settings, kind: str) -> list[str]:
    prefix = _prefix(settings, "quicksight")
    tables = [table for account in settings.workload_accounts for table in account.tables]
    if kind == "datasource":
        return [f"{prefix}:datasource/{table.quicksight.data_source_id}" for table in tables]
    sets = [f"{prefix}:dataset/{table.quicksight.data_set_id}" for table in tables]
    return [arn for data_set in sets for arn in (data_set, f"{data_set}/ingestion/*")]
