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

    polling.poll(lambda: next(looks), lambda answer: answer == 100, 1000)

    assert clock[0] == 0.1
    assert clock == sorted(clock)
    assert clock[-1] == 5


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.5, 5.0, 20.0, 29.0])
def test_an_end_is_seen_soon_for_the_time_that_it_took_and_with_few_looks(
    clock: list[float], seconds: float
) -> None:
    looks = count(1)

    seen = polling.poll(lambda: (next(looks), sum(clock) >= seconds), lambda answer: answer[1], 60)

    assert sum(clock) - seconds <= min(0.1 + seconds / 5, max(1.0, seconds / 20))
    assert seen[0] <= 10 + seconds * 1.5


def test_the_last_looks_answer_is_not_asked_for_again(clock: list[float]) -> None:
    looks = count(1)

    assert polling.poll(lambda: next(looks), lambda answer: answer == 1, 30, known=0) == 1
    assert len(clock) == 1


def test_the_wait_ends_at_the_threshold_with_the_last_answer(clock: list[float]) -> None:
    assert polling.poll(lambda: "running", lambda _: False, 30) == "running"
    assert 25 <= sum(clock) <= 30
