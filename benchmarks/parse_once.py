"""`python -m benchmarks.parse_once FILE`: parse one Dag file in this fresh process and say what it took, as JSON."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time

# What Sightline's plugin brings into every process, and what the bare loop imports as if a plugin brought it too: for
# both files, so that what is compared is the parsing.
IMPORTED = (
    "sightline_plugin",
    "airflow.providers.amazon.aws.operators.athena",
    "airflow.providers.amazon.aws.operators.quicksight",
    "airflow.providers.amazon.aws.sensors.s3",
    "airflow.providers.standard.operators.python",
)


def main(file: str) -> None:
    """Parse as a worker or the Dag processor does, which has Airflow and the plugin imported before."""
    for module in IMPORTED:
        importlib.import_module(module)
    from airflow.dag_processing.dagbag import DagBag

    base = _peak_megabytes()
    began, began_cpu = time.perf_counter(), time.process_time()
    bag = DagBag(dag_folder=file)
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - began_cpu,
        "peak_megabytes": _peak_megabytes(),
        "base_megabytes": base,
        "dags": len(bag.dags),
        "tasks": sum(len(dag.tasks) for dag in bag.dags.values()),
        "errors": list(bag.import_errors.values()),
    }
    print(json.dumps(figures))


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1])
