"""`python -m demo up|stop|status`, behind `make demo`, `make stop` and `make status`."""

from __future__ import annotations

import argparse
import os
import sys

from demo.airflow_api import AirflowApiError
from demo.evidence import QueryFailedError
from demo.home import Home, HomeBusyError
from demo.processes import StartError
from demo.progress import Progress
from demo.stage import Stage, StageOutdatedError, find_stage, make_ready, start_stage, stop_stage
from demo.story import Story, StoryFailedError
from demo.waiting import WaitTimeoutError
from sightline.settings import SettingsError, load_settings

NEXT = """\
This scheduler starts no scheduled runs: in Airflow, Trigger runs a Dag, with a month if you give one.
Deliver a file of your own and see it loaded or refused: docs/operations.md, "Deliver a file in the demo"
"""


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is 0 only when it did all of what it should."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Sightline's demo on this machine.")
    parser.add_argument("command", choices=("up", "stop", "status"))
    command = parser.parse_args(arguments).command
    # The figures that are proved are those of the shipped accounts.
    os.environ.pop("SIGHTLINE_ACCOUNTS", None)
    try:
        return {"up": up, "stop": stop, "status": status}[command](Home())
    except SettingsError as error:
        print(error)
        return 1


def up(home: Home) -> int:
    """Start what is not up, tell the story, say where to look; one at a time. Raises SettingsError before all that."""
    if problems := load_settings().problems:
        raise SettingsError(problems)
    try:
        with home.locked():
            return _up(home)
    except (HomeBusyError, StageOutdatedError) as error:
        print(error)
        return 1


def _up(home: Home) -> int:
    progress = Progress()
    try:
        stage, is_fresh = _stage(home, progress)
        tell(home, stage, progress, is_fresh=is_fresh)
    except (StoryFailedError, QueryFailedError, StartError, WaitTimeoutError, AirflowApiError) as error:
        print(
            f"\n{error}\n\nThe demo failed. What runs is left up for a look: make status. End it: make stop"
        )
        print(f"Logs of the services: {home.logs}. Logs of the tasks: {home.airflow}/logs")
        return 1
    print(_addresses(stage))
    print(NEXT)
    progress.say("Proved: files, Athena and SPICE hold the known figures. End it with: make stop")
    return 0


def tell(home: Home, stage: Stage, progress: Progress, *, is_fresh: bool) -> None:
    """Tell the story, and record what was proved: the next one on this stage must find it unchanged."""
    story = Story(stage.api, stage.evidence, progress, is_fresh=is_fresh, proved=stage.state.proved)
    stage.state.proved = {name: dict(versions) for name, versions in story.tell().items()}
    home.save(stage.state)


def stop(home: Home) -> int:
    """End every process of the demo."""
    ended = stop_stage(home)
    print(f"The demo has ended ({ended} processes)." if ended else "No demo runs.")
    return 0


def status(home: Home) -> int:
    """Say what is up and where; the exit code is 1 if a demo was started and not all of it is well."""
    state = home.load()
    if state is None:
        print("No demo runs.")
        return 0
    for service in state.services:
        print(f"{service.name:15} {'runs' if service.is_alive() else 'has ended':10} pid {service.pid}")
    stage = find_stage(home)
    print(
        _addresses(stage) if stage else f"Not all of it is well. Logs: {home.logs}. make demo starts it anew."
    )
    return 0 if stage else 1


def _stage(home: Home, progress: Progress) -> tuple[Stage, bool]:
    """A stage that is up, and whether it is a fresh one."""
    if stage := find_stage(home):
        stage.require_current()
        progress.say("The demo is up already; the same loads run once more")
        make_ready(stage)
        return stage, False
    if ended := stop_stage(home):
        progress.say(f"An earlier demo was not well: its {ended} processes were ended")
    return start_stage(home, progress), True


def _addresses(stage: Stage) -> str:
    state = stage.state
    return (
        f"Airflow:    {state.airflow_url}   user {state.user}, password {state.password}\n"
        f"Local AWS:  {state.endpoint}   (AWS_ENDPOINT_URL; any key is the organization's administrator)\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
