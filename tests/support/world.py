"""Estates of fresh accounts on the local AWS, so that no test sees what another one did."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from demo.cloud import Cloud
from demo.estate import AccessKey, Estate
from demo.evidence import Evidence
from sightline.connections import airflow_connections
from sightline.dag_factory.load import build_load_dag
from sightline.dag_factory.provision import build_provision_dag
from sightline.settings import Settings, WorkloadAccount, load_settings
from tests.support.stages import Outcome, run_dag

HEADER = "date,product,quantity,unit_price,total_sales\n"
JANUARY = (
    HEADER
    + "2024-01-01,Widget A,100,25.99,2599.00\n"
    + "2024-01-02,Gadget B,50,49.99,2499.50\n"
    + "2024-01-03,Widget A,75,25.99,1949.25\n"
)


def settings_document(**account: Any) -> dict[str, Any]:
    """The article's account with ids and names of its own; `account` overrides its settings, `table` its table's."""
    tag = secrets.token_hex(4)
    analytics, workload = (f"{secrets.randbelow(8 * 10**11) + 10**11}" for _ in range(2))
    table = {
        "name": "sales",
        "bucket": f"source-{tag}-{workload}",
        "prefix": "data/sales/",
        "objects": "year={year}/month={month}/sales_data_{year}_{month}.csv",
        "columns": {
            "date": "DATE",
            "product": "STRING",
            "quantity": "INT",
            "unit_price": "DECIMAL(10,2)",
            "total_sales": "DECIMAL(10,2)",
        },
        **account.pop("table", {}),
    }
    return {
        "analytics": {
            "account_id": analytics,
            "region": "ap-northeast-1",
            "ledger_bucket": f"ledger-{tag}-{analytics}",
        },
        "workload_accounts": [
            {
                "name": f"account_{tag}",
                "account_id": workload,
                "external_id": f"sightline-{tag}",
                "workgroup": f"workgroup-{tag}",
                "results_location": f"s3://results-{tag}-{analytics}/",
                "database": f"data_{tag}",
                "tables": [table],
                **account,
            }
        ],
    }


@dataclass
class World:
    """One estate, with Airflow's user and connections, and the Dags' tasks run in this process."""

    cloud: Cloud
    settings: Settings
    xcoms: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def account(self) -> WorkloadAccount:
        return self.settings.workload_accounts[0]

    @property
    def estate(self) -> Estate:
        return Estate(self.cloud, self.settings)

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.estate)

    def put(self, body: str | bytes, month: str = "2024-01", **where: Any) -> str:
        """Deliver a file as its owner."""
        content = body.encode() if isinstance(body, str) else body
        return self.estate.put_source(self.account, month, content, **where)

    def put_object(self, key: str, body: bytes = b"x") -> None:
        """Put any object into the source bucket, as its owner."""
        table = self.account.tables[0]
        self.estate.admin("s3", self.account).put_object(Bucket=table.bucket, Key=key, Body=body)

    def provision(self, run_id: str = "", **how: Any) -> Outcome:
        """Run the Dag provision."""
        dag = build_provision_dag(self.settings)
        return run_dag(
            dag,
            params={"accounts": [account.name for account in self.settings.workload_accounts]},
            dag_run=DagRun(run_id or f"provision-{secrets.token_hex(4)}"),
            **how,
        )

    def load(self, month: str | None = "2024-01", **how: Any) -> Outcome:
        """Run the account's daily load."""
        dag = build_load_dag(self.settings.analytics, self.account)
        params = {"month": month}
        return run_dag(dag, params=params, xcoms=self.xcoms, dag_run=DagRun("load"), **how)

    def state(self) -> dict[str, Any]:
        """What a refused load may not change: the catalog's partitions and the rows of SPICE."""
        return {
            "partitions": self.evidence.partitions(self.account),
            "spice": self.evidence.spice_rows(self.account),
            "ingestions": len(self.evidence.ingestions(self.account)),
        }

    def ledger(self, month: str = "2024-01") -> dict[str, Any]:
        """The ledger's line of a month; empty if there is none."""
        return self.evidence.ledger_lines(self.account).get(month, {})

    def executions(self) -> int:
        """How many query executions the account's workgroup has seen, QuickSight's own among them."""
        athena = self.estate.admin("athena")
        return len(athena.list_query_executions(WorkGroup=self.account.workgroup)["QueryExecutionIds"])

    def statements(self) -> int:
        """How many statements the pipeline started since the calls were last reset."""
        return self.count("athena", "StartQueryExecution")

    def count(self, service: str, operation: str) -> int:
        """How often an operation was called since the last reset."""
        return sum(
            call["count"]
            for call in self.cloud.calls()
            if (call["service"], call["operation"]) == (service, operation)
        )


@dataclass(frozen=True)
class DagRun:
    """As much of a run as operators see."""

    run_id: str
    run_type: str = "manual"
    run_after: datetime = field(default_factory=lambda: datetime.now(UTC))


@contextmanager
def new_world(
    cloud: Cloud,
    tmp_path: Path,
    document: dict[str, Any] | None = None,
    *,
    client: dict[str, Any] | None = None,
) -> Iterator[World]:
    """Build an estate of fresh accounts and give this process Airflow's credentials and connections for it.

    `client` overrides what the connections say of botocore's clients, such as `read_timeout`.
    """
    file = tmp_path / "accounts.yaml"
    file.write_text(yaml.safe_dump(document or settings_document(), sort_keys=False), encoding="utf-8")
    settings = load_settings(file)
    assert not settings.problems, settings.problems
    world = World(cloud, settings)
    world.estate.build()
    with _environment(_airflow_environment(cloud, settings, world.estate.make_access_key(), client or {})):
        yield world


def _airflow_environment(
    cloud: Cloud, settings: Settings, key: AccessKey, client: dict[str, Any]
) -> dict[str, str]:
    connections = {
        f"AIRFLOW_CONN_{conn_id.upper()}": json.dumps(_with_client(connection, client))
        for conn_id, connection in airflow_connections(settings).items()
    }
    return {
        **connections,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": settings.analytics.region,
    }


def _with_client(connection: dict[str, Any], client: dict[str, Any]) -> dict[str, Any]:
    extra = json.loads(connection["extra"])
    extra["config_kwargs"] = {**extra["config_kwargs"], **client}
    return {**connection, "extra": json.dumps(extra)}


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)  # a test may have taken it away
            else:
                os.environ[name] = value
