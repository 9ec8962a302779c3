"""What a round is blamed for: what the invariants find, and what no round before it was told of or allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.faults.invariants import Scene, violations


@dataclass
class Verdicts:
    """Of each account, what was found so far.

    The timeline of an account goes back over several rounds: a later one sees again what two loads at once were allowed
    to do twice, what no client could see, and what an earlier one was blamed for.
    """

    judge: Callable[[Scene], list[str]] = violations
    known: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def news(self, scene: Scene) -> list[str]:
        """Judge an account after a round, and return what is new."""
        found = self.judge(scene)
        strict = replace(scene, is_concurrent=False, is_overtaken=False)
        allowed = self.judge(strict) if strict != scene else []
        known = self.known[scene.account_name]
        news = [problem for problem in found if problem not in known]
        known.update(found, allowed)
        return news
