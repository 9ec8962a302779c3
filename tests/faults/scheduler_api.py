"""Airflow's REST interface, asked again where SQLite could not be written: the trials are about loads, not that."""

from __future__ import annotations

import secrets
from typing import Any

import httpx

from demo.airflow_api import AirflowApi, AirflowApiError, Run
from demo.waiting import wait_until

PATIENCE_SECONDS = 180
# SQLite has one writer; Airflow answers with this when its own processes have kept one another waiting for too long.
OVERTAKEN = ": 500 "
IS_THERE = ": 409 "


class PatientApi(AirflowApi):
    """Asks until it is answered; a run is triggered once all the same, since its name is given."""

    def request(self, method: str, path: str, **options: Any) -> Any:
        """As AirflowApi does, again and again while the database is locked or an answer does not come."""
        answers: list[Any] = []

        def is_answered() -> bool:
            try:
                answers.append(super(PatientApi, self).request(method, path, **options))
            except httpx.TransportError:
                return False
            except AirflowApiError as error:
                if OVERTAKEN not in str(error):
                    raise
                return False
            return True

        wait_until(is_answered, what=f"an answer to {method} {path}", timeout_seconds=PATIENCE_SECONDS)
        return answers[0]

    def trigger(self, dag_id: str, **options: Any) -> Run:
        """As AirflowApi does, once."""
        run_id = f"trial-{secrets.token_hex(8)}"
        wait, seconds = options.pop("wait", False), options.pop("timeout_seconds", 600)
        try:
            super().trigger(dag_id, run_id=run_id, **options)
        except AirflowApiError as error:
            if IS_THERE not in str(error):
                raise
        return self.wait(dag_id, run_id, timeout_seconds=seconds) if wait else self.run(dag_id, run_id)
