"""Who am I: the first stage of every load."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context

from sightline.hooks.account import AccountHook
from sightline.operators.base import refusals_end_the_task
from sightline.settings import AnalyticsAccount, WorkloadAccount


class AssumeRoleOperator(BaseOperator):
    """Assume the roles of both connections and refuse to go on if one leads into another account."""

    def __init__(self, *, analytics: AnalyticsAccount, account: WorkloadAccount, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.analytics, self.account = analytics, account

    def execute(self, context: Context) -> dict[str, str]:
        """Return the ARN that each connection acts as."""
        with refusals_end_the_task():
            return {
                self.analytics.connection_id: AccountHook.of_analytics(self.analytics).identity(),
                self.account.connection_id: AccountHook.of_workload(self.account).identity(),
            }
