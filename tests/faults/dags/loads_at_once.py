"""Airflow: the shipped Dags, except that two runs of one load may run at once, as a daily run and a backfill would."""

from sightline.dag_factory import build_load_dag, build_provision_dag
from sightline.settings import load_settings

settings = load_settings()
build_provision_dag(settings)
for account in settings.workload_accounts:
    build_load_dag(settings.analytics, account).max_active_runs = 2
