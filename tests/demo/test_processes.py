"""What is started is found again and ended, whatever it does; what is not ours stays."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from demo.processes import Service, free_ports, members, start, stop
from demo.waiting import wait_until

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"


def started(tmp_path: Path, script: str, marker: str = "ours") -> Service:
    log = tmp_path / "service.log"
    service = start(
        "service",
        ["/bin/sh", "-c", script],
        environment=dict(os.environ),
        marker=marker,
        log=log,
        folder=tmp_path,
    )
    wait_until(lambda: "ready" in log.read_text(), what="the service", timeout_seconds=10, poll_seconds=0.02)
    return service


def test_children_are_ended_with_their_service(tmp_path: Path) -> None:
    service = started(tmp_path, "sleep 60 & sleep 60 & echo ready; wait")

    ended = stop([service], "ours")

    assert ended == 3
    assert members([service], "ours") == []


def test_a_child_that_left_the_session_is_found_by_its_marker(tmp_path: Path) -> None:
    leave = "import os, time; os.setsid(); print('ready', flush=True); time.sleep(60)"
    service = started(tmp_path, f'{sys.executable} -c "{leave}" & wait')

    ended = stop([service], "ours")

    assert ended == 2
    assert members([service], "ours") == []


def test_what_is_left_of_a_service_that_died_is_ended(tmp_path: Path) -> None:
    service = started(tmp_path, "sleep 60 & echo ready; wait")
    psutil.Process(service.pid).kill()
    os.waitpid(service.pid, 0)

    ended = stop([service], "another marker")

    assert (ended, service.is_alive()) == (1, False)


def test_who_does_not_listen_to_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    service = started(tmp_path, STUBBORN)

    stop([service], "ours", grace_seconds=0.5)

    assert members([service], "ours") == []


def test_a_stranger_who_was_given_the_pid_later_is_left_alone(tmp_path: Path) -> None:
    stranger = started(tmp_path, "echo ready; exec sleep 60", marker="a stranger's")
    recorded = replace(stranger, started=stranger.started - 3600)

    ended = stop([recorded], "ours")

    assert (ended, recorded.is_alive(), stranger.is_alive()) == (0, False, True)
    stop([stranger], "a stranger's")


def test_free_ports_are_all_different() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20


@pytest.mark.parametrize("command", ["stop", "status"])
def test_without_a_demo_the_commands_say_so(command: str, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from demo import __main__ as demo; from demo.home import Home; "
        f"demo.Home = lambda: Home(Path({str(tmp_path)!r})); sys.exit(demo.main([{command!r}]))"
    )
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)

    assert done.stdout == "No demo runs.\n"
    assert done.returncode == {"stop": 0, "status": 1}[command]
