"""The demo is red when a figure is off, whichever it is; and the README shows what it prints."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo import __main__ as demo
from demo.airflow_api import Run, Task
from demo.estate import DATA
from demo.evidence import Answer
from demo.home import Home, State
from demo.progress import table
from demo.proof import Proof, allowed_states, header, run_state, summed_column
from sightline.settings import Settings, Table, WorkloadAccount, load_settings
from tests.architecture.syntax import ROOT

ACCOUNTS = ("account1", "account2")
OBJECTS = {"sales.csv": "one"}


def shipped_file(account: str) -> Path:
    return DATA / account / "sales_data_2024_01.csv"


def shipped_records(account: str) -> list[dict[str, str]]:
    with shipped_file(account).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def right(account: str = "account1") -> Proof:
    """What a first load must show, as the shipped file has it."""
    records = shipped_records(account)
    rows, size = len(records), shipped_file(account).stat().st_size
    total = sum((Decimal(record["total_sales"]) for record in records), Decimal(0))
    loaded = frozenset({"loaded"})
    return Proof(account, rows, rows, rows, total, total, total, size, size, "loaded", loaded)


def run_of(*checks: str, state: str = "success") -> Run:
    tasks = {f"t{n}.check_row_count": Task(f"t{n}.check_row_count", each, 1) for n, each in enumerate(checks)}
    return Run("load_account1", "run", state, {"assume_role": Task("assume_role", "success", 1), **tasks})


def test_the_readme_shows_what_the_program_prints() -> None:
    printed = table(header(), [right(account).cells() for account in ACCOUNTS])

    assert f"```\n{printed}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_articles_figures_are_no_mistake(account: str) -> None:
    assert right(account).mistakes() == []


DOCTORED = [
    *({name: 8} for name in ("file_rows", "athena_rows", "spice_rows")),
    *({name: Decimal("18665.41")} for name in ("file_total", "athena_total", "spice_total")),
    {"bytes_scanned": 0},
    {"file_bytes": 303},
    {"state": "unchanged", "bytes_scanned": 0},
    {"state": "unchecked"},
    {"allowed_states": frozenset({"unchanged"})},
]


@pytest.mark.parametrize("doctored", DOCTORED, ids=str)
def test_each_figure_that_is_off_is_one_mistake(doctored: dict[str, Any]) -> None:
    (mistake,) = replace(right(), **doctored).mistakes()

    assert mistake.startswith("account1: ")


def test_of_files_that_are_not_shipped_the_places_must_agree() -> None:
    others = replace(right(), account="warehouse", file_rows=8, summed="amount")

    assert others.mistakes() == [
        "warehouse: rows in Athena is 7, not 8",
        "warehouse: rows in SPICE is 7, not 8",
    ]


def test_the_sum_is_of_total_sales_or_of_the_last_decimal_column() -> None:
    shipped = load_settings().account("account1").tables[0]
    without = [column for column in shipped.columns if column.name != "total_sales"]

    assert summed_column(shipped) == "total_sales"
    assert summed_column(shipped.model_copy(update={"columns": tuple(without)})) == "unit_price"
    assert summed_column(shipped.model_copy(update={"columns": tuple(without[:3])})) == ""


def test_an_unchanged_load_must_scan_nothing() -> None:
    unchanged = replace(right(), state="unchanged", allowed_states=frozenset({"unchanged"}))

    assert replace(unchanged, bytes_scanned=0).mistakes() == []
    assert unchanged.mistakes() == ["account1: bytes scanned is 302, not 0"]


@pytest.mark.parametrize(
    ("checks", "state"),
    [
        (("success",), "loaded"),
        (("skipped",), "unchanged"),
        ((), "unchecked"),
        (("success", "skipped"), "unchecked"),
        (("upstream_failed",), "unchecked"),
    ],
)
def test_a_run_is_loaded_only_by_a_check_that_ran(checks: tuple[str, ...], state: str) -> None:
    assert run_state(run_of(*checks)) == state


def test_a_fresh_stage_loads_and_a_proved_one_is_unchanged_unless_a_file_is_not() -> None:
    assert allowed_states(None, OBJECTS, is_fresh=True) == {"loaded"}
    assert allowed_states(OBJECTS, OBJECTS, is_fresh=False) == {"unchanged"}
    assert allowed_states({"sales.csv": "other"}, OBJECTS, is_fresh=False) == {"loaded", "unchanged"}
    assert allowed_states(None, OBJECTS, is_fresh=False) == {"loaded", "unchanged"}


class Api:
    """An Airflow whose runs are over at once."""

    url = "http://airflow"

    def __init__(self, *checks: str) -> None:
        self.checks = checks

    def trigger(self, dag_id: str, **_: Any) -> Run:
        return replace(run_of(*self.checks), dag_id=dag_id)

    def run(self, dag_id: str, run_id: str) -> Run:
        return self.trigger(dag_id)


@dataclass
class Look:
    """What is there: the shipped files, in Athena and SPICE as well, unless it is doctored."""

    settings: Settings
    queries: int = 0
    spice_total: str = ""
    scanned: int | None = None

    @property
    def estate(self) -> Any:
        return self

    def objects(
        self, account: WorkloadAccount, month: str, table: Table | None = None
    ) -> list[dict[str, Any]]:
        if account.name not in ACCOUNTS:
            return []
        status = shipped_file(account.name).stat()
        return [
            {
                "Key": "sales.csv",
                "Size": status.st_size,
                "ETag": "e",
                "LastModified": datetime.fromtimestamp(status.st_mtime, UTC),
            }
        ]

    def records(self, account: WorkloadAccount, month: str) -> list[dict[str, str]]:
        return shipped_records(account.name)

    def spice_records(self, account: WorkloadAccount) -> list[dict[str, str]]:
        records = [{**each, "year": "2024", "month": "1"} for each in shipped_records(account.name)]
        records[0]["total_sales"] = self.spice_total or records[0]["total_sales"]
        return [*records, {**records[0], "month": "2"}]

    def query(self, sql: str, account: WorkloadAccount) -> Answer:
        figures = right(account.name)
        return Answer([[str(figures.athena_rows), str(figures.athena_total)]], 1)

    def query_ids(self, account: WorkloadAccount) -> set[str]:
        """Each look sees one query more; the check is the second."""
        self.queries += 1
        return {f"query {n}" for n in range(self.queries)}

    def ledger_lines(self, account: WorkloadAccount) -> dict[str, Any]:
        return {"2024-01": {"query_execution_id": f"query {self.queries - 1}"}}

    def bytes_scanned(self, query_id: str) -> int:
        return shipped_file("account1").stat().st_size if self.scanned is None else self.scanned


@dataclass
class FakeStage:
    api: Any
    evidence: Any
    state: State


def told(look: Look, *checks: str, home: Home, state: State, is_fresh: bool = True) -> int:
    """The exit code of `up` on a stage of fakes with account1."""
    stage: Any = FakeStage(Api(*checks), look, state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "_stage", lambda *_: (stage, is_fresh))
        return demo.up(home)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def settings() -> Settings:
    shipped = load_settings()
    return shipped.model_copy(update={"workload_accounts": (shipped.account("account1"),)})


def test_the_demo_is_green_when_all_is_right_and_then_must_be_unchanged(
    home: Home, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    state = State(marker="none")

    first = told(Look(settings), "success", home=home, state=state)
    recorded = home.load()
    again = told(Look(settings), "success", home=home, state=state, is_fresh=False)
    unchanged = told(Look(settings, scanned=0), "skipped", home=home, state=state, is_fresh=False)

    assert (first, again, unchanged) == (0, 1, 0), capsys.readouterr().out
    assert recorded is not None
    assert recorded.proved == state.proved != {}


def test_an_account_without_files_of_the_month_is_named_and_left_out_of_the_proof(
    home: Home, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    account1 = settings.account("account1")
    new = account1.model_copy(update={"name": "warehouse"})
    both = settings.model_copy(update={"workload_accounts": (account1, new)})

    code = told(Look(both), "success", home=home, state=State(marker="none"))

    printed = capsys.readouterr().out
    assert code == 0
    assert "warehouse: provisioned, but not loaded and not in the proof: no files of 2024-01" in printed


@pytest.mark.parametrize(
    ("doctored", "checks"),
    [
        ({"spice_total": "0.01"}, ["success"]),
        ({"scanned": 303}, ["success"]),
        ({"scanned": 0}, ["skipped"]),
        ({}, []),
    ],
)
def test_the_demo_is_red_when_a_figure_or_the_state_is_off(
    home: Home, settings: Settings, doctored: dict[str, Any], checks: list[str]
) -> None:
    state = State(marker="none")

    assert told(Look(settings, **doctored), *checks, home=home, state=state) == 1
    assert state.proved == {}
