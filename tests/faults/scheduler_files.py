"""The files of the trials: every round delivers a new month to each account, and sometimes an old one again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from demo.estate import Estate
from sightline.settings import WorkloadAccount
from tests.faults.scheduler_draws import Draws

HEADER = "date,product,quantity,unit_price,total_sales\n"
FIRST_YEAR = 2022
REDELIVERIES = 0.3


@dataclass
class Files:
    """What was delivered so far, by account."""

    estate: Estate
    delivered: dict[str, list[str]] = field(default_factory=dict)

    def months(self, account: WorkloadAccount) -> list[str]:
        """The months that an account has delivered."""
        return self.delivered.get(account.name, [])

    def forget(self, account: WorkloadAccount) -> None:
        """Begin anew with an account: its first month comes next, with the content that it had."""
        self.delivered.pop(account.name, None)

    def deliver(self, account: WorkloadAccount, draws: Draws) -> str:
        """Deliver the next month, and now and then one of the months before with other content. Returns the month."""
        known = self.delivered.setdefault(account.name, [])
        year, number = divmod(len(known), 12)
        month = f"{FIRST_YEAR + year}-{number + 1:02}"
        again = draws.of(f"again with {month}", account.name)
        if known and again.random() < REDELIVERIES:
            self._write(account, again.choice(known), again)
        known.append(month)
        self._write(account, month, draws.of(f"file of {month}", account.name))
        return month

    def redeliver(self, account: WorkloadAccount, draws: Draws) -> None:
        """Write one of the months once more, with content that it never had."""
        draw = draws.of("written meanwhile", account.name)
        self._write(account, draw.choice(self.months(account)), draw)

    def _write(self, account: WorkloadAccount, month: str, draw: random.Random) -> None:
        self.estate.put_source(account, month, _sales(month, draw).encode())


def _sales(month: str, draw: random.Random) -> str:
    records = [_record(month, day, draw) for day in range(1, draw.randrange(2, 28))]
    return HEADER + "".join(records)


def _record(month: str, day: int, draw: random.Random) -> str:
    quantity, cents = draw.randrange(1, 1000), draw.randrange(1, 10000)
    price, total = (f"{amount // 100}.{amount % 100:02}" for amount in (cents, cents * quantity))
    return f"{month}-{day:02},Widget {draw.choice('ABC')},{quantity},{price},{total}\n"
