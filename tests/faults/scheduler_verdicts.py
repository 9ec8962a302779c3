"""What a round is blamed for: what the invariants find, and what no round before it was told of or allowed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.faults.invariants import Scene, violations


@dataclass
class Verdicts:
    """Of each account, what was found at the last look, and how often.

    The timeline of an account goes back over several rounds: a later one sees again what two loads at once were allowed
    to do twice, what no client could see, and what an earlier one was blamed for. What was mended since and
    comes back is found anew.
    """

    judge: Callable[[Scene], list[str]] = violations
    known: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def news(self, scene: Scene) -> list[str]:
        """Judge an account after a round, and return what is new."""
        found = Counter(self.judge(scene))
        strict = replace(scene, is_concurrent=False, is_overtaken=False)
        allowed = Counter(self.judge(strict) if strict != scene else ())
        news = found - self.known[scene.account_name]
        self.known[scene.account_name] = found | allowed
        return list(news.elements())
