"""What is started is found again and ended, whatever it does; what is not ours stays."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from demo.home import Home
from demo.processes import Service, free_ports, members, start, stop
from demo.stage import stop_stage
from demo.waiting import wait_until

ROOT = Path(__file__).parents[2]

# Of this process alone: another worker's tests end what carries their marker.
OURS = f"ours-{os.getpid()}"
STRANGERS = f"a stranger's-{os.getpid()}"
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"


def started(tmp_path: Path, script: str, marker: str = OURS) -> Service:
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

    ended = stop([service], OURS)

    assert ended == 3
    assert members([service], OURS) == []


def test_a_child_that_left_the_session_is_found_by_its_marker(tmp_path: Path) -> None:
    leave = "import os, time; os.setsid(); print('ready', flush=True); time.sleep(60)"
    service = started(tmp_path, f'{sys.executable} -c "{leave}" & wait')

    ended = stop([service], OURS)

    assert ended == 2
    assert members([service], OURS) == []


def test_what_is_left_of_a_service_that_died_is_ended(tmp_path: Path) -> None:
    service = started(tmp_path, "sleep 60 & echo ready; wait")
    psutil.Process(service.pid).kill()
    os.waitpid(service.pid, 0)

    ended = stop([service], "another marker")

    assert (ended, service.is_alive()) == (1, False)


def test_who_does_not_listen_to_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    service = started(tmp_path, STUBBORN)

    stop([service], OURS, grace_seconds=0.5)

    assert members([service], OURS) == []


def test_a_stranger_who_was_given_the_pid_later_is_left_alone(tmp_path: Path) -> None:
    stranger = started(tmp_path, "echo ready; exec sleep 60", marker=STRANGERS)
    recorded = replace(stranger, started=stranger.started - 3600)

    ended = stop([recorded], OURS)

    assert (ended, recorded.is_alive(), stranger.is_alive()) == (0, False, True)
    stop([stranger], STRANGERS)


def test_who_lost_the_marker_is_found_in_the_session_of_one_that_has_it(tmp_path: Path) -> None:
    unmarked = f"env -u SIGHTLINE_DEMO /bin/sh -c {shlex.quote(STUBBORN)} & wait"
    started(tmp_path, unmarked)
    found = members([], OURS)

    ended = stop([], OURS, grace_seconds=0.5)

    assert ended >= 2
    assert not [each for each in found if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_a_process_that_sets_its_title_keeps_the_marker(tmp_path: Path) -> None:
    titled = (
        "import setproctitle, time; setproctitle.setproctitle('a title ' * 9); print('ready', flush=True); "
    )
    service = started(tmp_path, f'exec {sys.executable} -c "{titled}time.sleep(60)"')

    assert [process.pid for process in members([], OURS)] == [service.pid]
    assert stop([service], OURS) == 1


def test_stop_finds_the_processes_of_a_folder_whose_record_is_gone_or_broken(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    home.create()
    for broken in (None, "", "{}", "[1]"):
        service = started(home.logs, "sleep 60 & echo ready; wait", marker=home.marker)
        home.state_file.unlink(missing_ok=True)
        if broken is not None:
            home.state_file.write_text(broken)

        assert stop_stage(other) == 0
        assert stop_stage(home, grace_seconds=3) == 2
        assert not service.is_alive()
        (home.logs / "service.log").unlink()


def test_the_same_folder_has_the_same_marker_by_whichever_way_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    assert Home(tmp_path / "link" / "home").marker == Home(tmp_path / "home").marker
    assert Home(tmp_path / "home").marker != Home(tmp_path / "other").marker


def test_a_second_demo_in_the_folder_says_so_and_leaves_it_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    (home.logs / "local_aws.log").write_text("at work")

    with home.locked():
        second = command("up", home.folder)

    assert (second.returncode, "Another `make demo` is at work" in second.stdout) == (1, True)
    assert (home.logs / "local_aws.log").read_text() == "at work"


def test_making_the_folder_anew_keeps_its_lock(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.locked():
        (home.folder / "old").write_text("old")
        home.create()

        assert {each.name for each in home.folder.iterdir()} == {"lock", "airflow", "logs"}
        assert command("up", home.folder).returncode == 1


def test_free_ports_are_all_different() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20


def command(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the demo in a process of its own, on this folder."""
    script = (
        "import sys; from pathlib import Path; from demo import __main__ as demo; from demo.home import Home; "
        f"demo.Home = lambda: Home(Path({str(folder)!r})); sys.exit(demo.main([{name!r}]))"
    )
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["stop", "status"])
def test_without_a_demo_the_commands_say_so(name: str, tmp_path: Path) -> None:
    done = command(name, tmp_path)

    assert done.stdout == "No demo runs.\n"
    assert done.returncode == 0


def test_make_status_reports_and_installs_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), "status"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "There is no .venv, so no demo runs.\n")
    assert list(tmp_path.iterdir()) == []
