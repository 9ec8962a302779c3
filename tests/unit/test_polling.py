"""How a worker waits."""

from __future__ import annotations

from itertools import count

import pytest

from sightline import polling


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that only sleeping moves, so that the test does not wait; returns the sleeps."""
    sleeps: list[float] = []
    monkeypatch.setattr(polling.time, "sleep", sleeps.append)
    monkeypatch.setattr(polling.time, "monotonic", lambda: sum(sleeps))
    return sleeps


def test_a_final_answer_is_not_waited_for(clock: list[float]) -> None:
    assert polling.poll(lambda: "done", lambda answer: answer == "done", 30) == "done"
    assert clock == []


def test_looks_start_close_together_and_grow_apart(clock: list[float]) -> None:
    looks = count()

    polling.poll(lambda: next(looks), lambda answer: answer == 20, 1000)

    assert clock[0] == 0.2
    assert clock == sorted(clock)
    assert clock[-1] == 5


def test_the_wait_ends_at_the_threshold_with_the_last_answer(clock: list[float]) -> None:
    assert polling.poll(lambda: "running", lambda _: False, 30) == "running"
    assert 25 <= sum(clock) <= 30
