"""What a seed draws: a sequence of its own for every round, account and purpose, so that SEED=S:R is that very round.

One sequence for all would go on differently with each look at Airflow that comes earlier or later.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Draws:
    """What is drawn in a round. `turn`: how many rounds of its kind were played before it, from the seed's first on."""

    seed: str
    number: int
    turn: int = 0

    def of(self, purpose: str, account: str = "") -> random.Random:
        """The numbers for one purpose, from the first one on, whatever else was drawn and when."""
        return random.Random(f"{self.seed}:{self.number}:{account}:{purpose}")


def dealt(seed: str, number: int, deck: Sequence[Item]) -> tuple[Item, int]:
    """The kind of a round: decks are shuffled and dealt one after the other, so that none is left to chance for long.

    Returns the kind and how many rounds of that kind the seed has before.
    """
    turn, place = divmod(number, len(deck))
    cards = list(deck)
    random.Random(f"{seed}:deck {turn}").shuffle(cards)
    kind = cards[place]
    return kind, turn * cards.count(kind) + cards[:place].count(kind)


def in_turn(kinds: Sequence[Item], turn: int, place: int = 0) -> Item:
    """Take kinds in their order, so that each has its turn."""
    return kinds[(turn + place) % len(kinds)]
