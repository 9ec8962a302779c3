"""Airflow: the Dag that makes what the loads stand on."""

from sightline.dag_factory.provision import build_provision_dag
from sightline.settings import load_settings

build_provision_dag(load_settings())
