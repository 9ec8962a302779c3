"""One guard broken in a copy of the project, and whether its tests notice."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.guards.guard import ROOT, Guard

TRIAL_SECONDS = 300
GRACE_SECONDS = 30
BITES = "bites"
# Such a failure says that the broken variant is no program, not that a test noticed what it does.
_NO_PROGRAM = re.compile(r"\b(?:SyntaxError|NameError|ImportError|ModuleNotFoundError|UnboundLocalError)\b")


@dataclass(frozen=True)
class Result:
    """How a trial ended: `bites`, or in words why it does not count."""

    guard: Guard
    verdict: str
    seconds: float

    @property
    def bites(self) -> bool:
        """Tell whether each of the guard's tests failed."""
        return self.verdict == BITES


def scratch_copy(folder: Path) -> Path:
    """Copy what git knows of the project, as it stands in the work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def run_tests(copy: Path, tests: Iterable[str], *options: str, seconds: float) -> tuple[int, str]:
    """Run tests in a copy; give pytest's exit code and all it printed. Code -1: the time was up."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "plugins"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *tests]
    process = subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return -1, _interrupted(process)
    return process.returncode, printed


def _interrupted(process: subprocess.Popen[str]) -> str:
    """End pytest as Ctrl-C does, so that its fixtures end what they started; give what it printed."""
    process.send_signal(signal.SIGINT)
    try:
        printed, _ = process.communicate(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, _ = process.communicate()
    return printed


def try_guard(guard: Guard, copy: Path) -> Result:
    """Break the guard in the copy, run its tests one by one until one of them does not notice, mend it again."""
    began = time.monotonic()
    if guard.is_stale(copy):
        return Result(guard, f"stale: the text is not in {guard.file} exactly once", 0.0)
    file = copy / guard.file
    whole = file.read_text(encoding="utf-8")
    try:
        file.write_text(guard.broken(copy), encoding="utf-8")
        verdicts = ((test, _verdict_of(test, copy)) for test in guard.tests)
        doubt = next((f"{verdict}: {test}" for test, verdict in verdicts if verdict != BITES), BITES)
    finally:
        file.write_text(whole, encoding="utf-8")
    return Result(guard, doubt, time.monotonic() - began)


def _verdict_of(test: str, copy: Path) -> str:
    report = copy / "guards.xml"
    report.unlink(missing_ok=True)
    code, _ = run_tests(copy, (test,), "-x", f"--junitxml={report}", seconds=TRIAL_SECONDS)
    return _verdict(code, report)


def _verdict(code: int, report: Path) -> str:
    if code == 0:
        return "DOES NOT BITE, a test passes without it"
    if code == -1:
        return f"NO ANSWER within {TRIAL_SECONDS} s"
    if code != 1 or not report.is_file():
        return f"NO TEST RAN: pytest ended with {code}, as for an error while collecting"
    cases = ET.parse(report)
    failures = [case.text or "" for case in cases.iter("failure")]
    if not failures:
        return "NO TEST RAN: something before the test failed"
    return "BREAKS THE PROGRAM, which any test notices" if _NO_PROGRAM.search("\n".join(failures)) else BITES
