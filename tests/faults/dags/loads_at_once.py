"""Airflow: the loads as shipped, except that two runs of one may run at once, as a cleared one beside the daily one."""

from sightline.dag_factory.load import build_load_dags
from sightline.settings import load_settings

for dag in build_load_dags(load_settings()):
    dag.max_active_runs = 2
