"""accounts.yaml as frozen, validated objects: the only reader of YAML.

load_settings() ─▶ Settings
                   ├── analytics: AnalyticsAccount
                   │   └── quicksight: QuickSightAccount
                   ├── workload_accounts: WorkloadAccount, …
                   │   └── tables: Table, …
                   │       ├── columns: Column, …
                   │       ├── text_format: TextFormat
                   │       └── quicksight: QuickSightNames
                   └── problems: Problem, …              the accounts that were left out, and why
"""

from sightline.errors import Problem, SettingsError
from sightline.settings.accounts import (
    AnalyticsAccount,
    QuickSightAccount,
    Settings,
    WorkloadAccount,
    role_arn,
)
from sightline.settings.loading import load_settings, settings_path
from sightline.settings.patterns import PARTITION_COLUMNS
from sightline.settings.tables import Column, QuickSightNames, Table, TextFormat

__all__ = [
    "PARTITION_COLUMNS",
    "AnalyticsAccount",
    "Column",
    "Problem",
    "QuickSightAccount",
    "QuickSightNames",
    "Settings",
    "SettingsError",
    "Table",
    "TextFormat",
    "WorkloadAccount",
    "load_settings",
    "role_arn",
    "settings_path",
]
