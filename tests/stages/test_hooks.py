"""The hooks' own promises, against the local AWS: nothing is lost between two writers, nothing stale is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sightline.errors import AccessRefused, LedgerContended, LedgerUnreadable, SourceChangedMeanwhile
from sightline.hooks.account import AccountHook
from sightline.hooks.athena import AthenaHook
from sightline.hooks.ledger import ATTEMPTS, LedgerStore
from sightline.hooks.s3 import SourceBucket
from sightline.ledger import Ledger, Line
from sightline.partitions import Month
from tests.support.world import JANUARY, World

FIRST, SECOND = Month(2024, 1), Month(2024, 2)


def store_of(world: World) -> LedgerStore:
    return LedgerStore(world.settings.analytics, world.account, world.account.tables[0])


def recording(month: Month) -> Callable[[Ledger], Ledger]:
    return lambda ledger: ledger.checked([Line(month, fingerprint="content")])


def test_two_writers_lose_none_of_each_others_lines(world: World) -> None:
    mine, theirs = store_of(world), store_of(world)
    before = mine.read()
    theirs.update(recording(SECOND))

    mine.update(recording(FIRST), known=before)

    assert [line.month for line in mine.read().ledger] == [FIRST, SECOND]


def test_a_first_ledger_does_not_overwrite_one_that_appeared_meanwhile(world: World) -> None:
    mine = store_of(world)
    nothing_yet = mine.read()
    store_of(world).update(recording(SECOND))

    mine.update(recording(FIRST), known=nothing_yet)

    assert [line.month for line in mine.read().ledger] == [FIRST, SECOND]


def test_a_change_that_alters_nothing_writes_nothing(world: World) -> None:
    store = store_of(world)
    store.update(recording(FIRST))
    world.cloud.reset_calls()

    store.update(lambda ledger: ledger)

    assert world.count("s3", "PutObject") == 0


def test_a_ledger_that_others_always_change_first_is_given_up_on(world: World) -> None:
    mine, theirs = store_of(world), store_of(world)
    tries = []

    def overtaken(ledger: Ledger) -> Ledger:
        tries.append(ledger)
        theirs.update(recording(Month(2000 + len(tries), 1)))
        return recording(FIRST)(ledger)

    with pytest.raises(LedgerContended):
        mine.update(overtaken)

    assert len(tries) == ATTEMPTS


def test_an_unreadable_ledger_is_named_by_object_and_line(world: World) -> None:
    store = store_of(world)
    bucket = world.settings.analytics.ledger_bucket
    world.estate.admin("s3").put_object(Bucket=bucket, Key=store.key, Body=b'{"month": "2024-13"}\n')

    with pytest.raises(LedgerUnreadable, match=f"Line 1 of s3://{bucket}/{store.key}"):
        store.read()


def test_a_ledger_bucket_of_another_account_is_refused(world: World) -> None:
    analytics = world.settings.analytics.model_copy(update={"ledger_bucket": world.account.tables[0].bucket})

    with pytest.raises(AccessRefused, match="s3:GetObject"):
        LedgerStore(analytics, world.account, world.account.tables[0]).read()


def test_only_the_object_that_was_listed_is_opened(world: World) -> None:
    world.put(JANUARY)
    bucket = SourceBucket(world.account, world.account.tables[0])
    (listed,) = bucket.objects("data/")
    world.put(JANUARY.replace("75", "76"))

    with pytest.raises(SourceChangedMeanwhile, match=r"sales_data_2024_01\.csv"):
        bucket.open(listed)


def test_the_same_work_is_one_execution_in_a_workgroup_and_another_in_a_second_one(world: World) -> None:
    first = world.account
    second = first.model_copy(update={"workgroup": f"{first.workgroup}-two"})
    world.settings = world.settings.model_copy(update={"workload_accounts": (second,)})
    world.estate.build()  # the pipeline role may use the second workgroup
    assert not world.provision().errors
    world.settings = world.settings.model_copy(update={"workload_accounts": (first, second)})
    world.estate.build()
    athena = AthenaHook(AccountHook.of_analytics(world.settings.analytics))

    started = [
        athena.start("SELECT 1", {"what": "a test"}, account, world.settings.analytics.catalog)
        for account in (first, second, first)
    ]

    assert [execution.workgroup for execution in started] == [
        first.workgroup,
        second.workgroup,
        first.workgroup,
    ]
    assert started[0].id == started[2].id
