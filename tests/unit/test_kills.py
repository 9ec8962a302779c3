"""A kill ends what was started, says what it did, and is not broken off by an AWS that refuses or does not answer."""

from __future__ import annotations

import asyncio

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sightline.errors import Killed
from sightline.operators.base import EndsItsWork
from sightline.triggers import base
from sightline.triggers.base import EndsItsWait, to_the_end

REFUSED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "not now"}}, "StopQueryExecution")
UNREACHED = EndpointConnectionError(endpoint_url="https://athena.example")


class Task(EndsItsWork):
    """A task whose cancelling comes to this."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.cancelled = error, 0

    def cancel(self) -> None:
        self.cancelled += 1
        if self.error:
            raise self.error


@pytest.mark.parametrize("error", [REFUSED, UNREACHED], ids=["refused", "not reached"])
def test_a_cancelling_that_is_refused_does_not_break_off_the_kill(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    task = Task(error)

    task.on_kill()
    with pytest.raises(Killed):
        task.cancel_if_killed()

    assert task.cancelled == 2
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_a_killed_task_says_whether_it_had_started_anything() -> None:
    task = Task()
    task.on_kill()

    with pytest.raises(Killed, match="It had nothing running, and starts nothing any more"):
        task.refuse_if_killed()
    with pytest.raises(Killed, match="What it had started just then was asked to end"):
        task.cancel_if_killed()


@pytest.mark.parametrize("mixin", [EndsItsWork, EndsItsWait])
def test_who_does_not_say_how_to_cancel_is_no_operator_and_no_trigger(mixin: type) -> None:
    silent = type("Silent", (mixin,), {})

    with pytest.raises(TypeError, match="abstract method cancel"):
        silent()


async def _for_ever() -> None:
    await asyncio.Event().wait()


def test_a_clean_up_that_nobody_answers_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "CLEAN_UP_SECONDS", 0.1)

    async def kill() -> None:
        clean_up = asyncio.ensure_future(to_the_end(_for_ever()))
        done, _ = await asyncio.wait([clean_up], timeout=10)
        clean_up.get_loop().call_soon(clean_up.cancel)
        assert done, "it would wait for ever"
        clean_up.result()

    with pytest.raises(TimeoutError):
        asyncio.run(kill())


def test_the_end_of_a_clean_up_comes_before_airflows_own_limit() -> None:
    assert base.CLEAN_UP_SECONDS < 30


def test_who_cancelled_a_clean_up_is_told_so_once_it_is_done() -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("cancelled in AWS")

    async def kill() -> None:
        clean_up = asyncio.ensure_future(to_the_end(work()))
        await asyncio.sleep(0)
        clean_up.cancel()
        await clean_up

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(kill())

    assert done == ["cancelled in AWS"]
