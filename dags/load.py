"""Airflow: one daily load Dag per workload account."""

from sightline.dag_factory.defaults import usable_settings
from sightline.dag_factory.load import build_load_dags

if settings := usable_settings():
    build_load_dags(settings)
