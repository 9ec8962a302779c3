"""Airflow: one daily load Dag per workload account."""

from sightline.dag_factory.load import build_load_dags
from sightline.settings import load_settings

build_load_dags(load_settings())
