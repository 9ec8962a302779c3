"""The process: it starts soon, ends on SIGTERM, and leaves nothing in the temporary directory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import Account, Cloud, endpoint_of, fresh_id, local_aws, poll

ENDLESS = "SELECT count(DISTINCT a.line || c.line) FROM {0} a" + "".join(
    f" CROSS JOIN {{0}} {name}" for name in "bcdefghi"
)


def start_endlessly(endpoint: str) -> tuple[Estate, str]:
    """Start a query that does not end by itself, on an endpoint; return its id when it has written files."""
    estate = Estate.of(Account(Cloud(endpoint), fresh_id()))
    table = estate.table("line STRING", "lines/")
    estate.put("lines/file.txt", "\n".join(str(number) for number in range(30)))
    return estate, estate.start(ENDLESS.format(table))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def pid_of_the_dead() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_it_is_ready_soon_on_loopback_only_and_ends_on_sigterm() -> None:
    started = time.monotonic()
    with local_aws("--latency", "aws") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        ready = re.fullmatch(r"local AWS ready at (http://127\.0\.0\.1:\d+)\n", line)
        assert ready, line
        assert time.monotonic() - started < 8
        assert Cloud(ready[1]).control("GET", "options")["latency"] == "aws"

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=5) == 0
        assert process.stderr.read() == ""


def test_its_temporary_files_end_with_the_query_or_with_the_process(tmp_path: Path) -> None:
    with local_aws(TMPDIR=str(tmp_path)) as process:
        estate, execution_id = start_endlessly(endpoint_of(process))
        poll(lambda: files_below(tmp_path), bool)

        estate.athena.stop_query_execution(QueryExecutionId=execution_id)
        assert estate.finished(execution_id)["Status"]["State"] == "CANCELLED"
        assert files_below(tmp_path) == []

        start_endlessly(estate.account.cloud.endpoint)
        poll(lambda: files_below(tmp_path), bool)
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=5) == 0
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_is_removed_at_the_next_start_and_nothing_else(tmp_path: Path) -> None:
    left = tmp_path / f"local-aws-{pid_of_the_dead()}-abc_12"
    kept = [tmp_path / f"local-aws-{os.getpid()}-abc_12", tmp_path / "local-aws-notes", tmp_path / "other"]
    for folder in (left, *kept):
        folder.mkdir()
        (folder / "1.txt").write_text("x")

    with local_aws(TMPDIR=str(tmp_path)) as process:
        endpoint_of(process)
        assert not left.exists()

    assert sorted(tmp_path.iterdir()) == sorted(kept)
    assert all((folder / "1.txt").read_text() == "x" for folder in kept)
