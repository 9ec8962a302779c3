"""accounts.yaml as frozen, validated objects: the only reader of YAML.

load_settings() → Settings ─┬─ analytics: AnalyticsAccount ── quicksight: QuickSightAccount
                            ├─ workload_accounts: WorkloadAccount, … ── tables: Table, … ─┬─ columns: Column, …
                            │                                                             ├─ text_format: TextFormat
                            │                                                             └─ quicksight: QuickSightNames
                            └─ problems: Problem, … (the accounts left out, and why)
"""

from sightline.errors import Problem
from sightline.settings.accounts import (
    AnalyticsAccount,
    QuickSightAccount,
    Settings,
    WorkloadAccount,
    role_arn,
)
from sightline.settings.tables import PARTITION_COLUMNS, Column, QuickSightNames, Table, TextFormat

__all__ = [
    "PARTITION_COLUMNS",
    "AnalyticsAccount",
    "Column",
    "Problem",
    "QuickSightAccount",
    "QuickSightNames",
    "Settings",
    "Table",
    "TextFormat",
    "WorkloadAccount",
    "role_arn",
]
