"""A round is blamed for what is new in it, and for nothing that rounds before it did or were allowed."""

from __future__ import annotations

from tests.faults.invariants import Scene
from tests.faults.scheduler_verdicts import Verdicts


def scene(*, is_concurrent: bool = False) -> Scene:
    """As much of a scene as a verdict needs."""
    return Scene(None, "account1", None, None, (), is_concurrent)


class Found:
    """What the invariants find: `allowed` is none of it while two loads run at once."""

    def __init__(self) -> None:
        self.allowed: list[str] = []
        self.wrong: list[str] = []

    def __call__(self, scene: Scene) -> list[str]:
        return [*self.wrong, *(() if scene.is_concurrent else self.allowed)]


def test_what_two_loads_at_once_may_do_twice_is_not_held_against_the_rounds_after_them() -> None:
    found = Found()
    verdicts = Verdicts(found)
    found.allowed = ["2 statements of the same work"]

    at_once, after = verdicts.news(scene(is_concurrent=True)), verdicts.news(scene())

    assert (at_once, after) == ([], [])


def test_what_a_round_by_itself_does_twice_is_held_against_it_after_two_loads_at_once_too() -> None:
    found = Found()
    verdicts = Verdicts(found)
    verdicts.news(scene(is_concurrent=True))
    found.allowed = ["2 statements of the same work"]

    assert verdicts.news(scene()) == ["2 statements of the same work"]


def test_a_violation_is_held_against_one_round_only() -> None:
    found = Found()
    verdicts = Verdicts(found)
    found.wrong = ["a write of the ledger lost a line"]

    assert [verdicts.news(scene()), verdicts.news(scene())] == [["a write of the ledger lost a line"], []]


def test_a_violation_that_was_mended_and_comes_back_is_held_against_the_round_that_it_comes_back_in() -> None:
    found = Found()
    verdicts = Verdicts(found)
    courses: list[list[str]] = [["its partition is at no place"], [], ["its partition is at no place"]]

    news = []
    for found.wrong in courses:
        news.append(verdicts.news(scene()))

    assert news == courses


def test_what_goes_wrong_a_second_time_in_the_same_words_is_held_against_the_second_round() -> None:
    found = Found()
    verdicts = Verdicts(found)
    lost = "2024-01: a write of the ledger lost its line"

    news = []
    for found.wrong in ([lost], [lost, lost], [lost, lost]):
        news.append(verdicts.news(scene()))

    assert news == [[lost], [lost], []]
