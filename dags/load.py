"""Airflow: one daily load Dag per workload account."""

from sightline.dag_factory import build_load_dag
from sightline.settings import load_settings

settings = load_settings()
for account in settings.workload_accounts:
    build_load_dag(settings.analytics, account)
