"""Airflow: the Dag that makes what the loads stand on."""

from sightline.dag_factory.defaults import usable_settings
from sightline.dag_factory.provision import build_provision_dag

if settings := usable_settings():
    build_provision_dag(settings)
