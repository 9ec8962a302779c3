"""`python -m benchmarks.parse_once FILE`: parse one Dag file in this fresh process and say what it took, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time


def main(file: str) -> None:
    """Parse as Airflow's Dag processor does, which has Airflow itself imported before."""
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
