"""Sightline: CSV files in many AWS accounts, in one QuickSight, proved equal every day.

dags → dag_factory → task_groups → operators → hooks, triggers → planning, ledger, inspection → sql → partitions →
settings → errors
"""
