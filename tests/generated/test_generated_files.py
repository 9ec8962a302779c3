"""Whatever the file: Athena returns what csv and Decimal find in it, or the load refuses it.

More files, or others: GENERATED_FILES=20000 GENERATED_SEED=7 make test TESTS=tests/generated
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.generated.drafts import ANY, SERDES, Draw, formats
from tests.generated.faults import BESIDES, FAULTS, WITHOUT_RECORDS, File, files
from tests.generated.lake import Answer, Lake
from tests.generated.oracle import Declared, UnreadableError, held
from tests.local_aws.conftest import Cloud

FILES = int(os.environ.get("GENERATED_FILES", "5000"))
SEED = os.environ.get("GENERATED_SEED", "1")
GOOD = "good"
BATCH = 10
MORE = 1.15
"""Hypothesis repeats itself; only files that are not the same are counted."""


@dataclass(frozen=True)
class Batch:
    """Files of one table."""

    declared: Declared
    files: tuple[File, ...]


@st.composite
def batches(draw: Draw, serde: str, kind: str) -> Batch:
    """Files of a kind, every third good, and two that have another fault besides."""
    alone = (kind,) if kind in FAULTS else ()
    declared = draw(formats(serde, FAULTS[kind].needs if alone else ANY))
    kinds = list(islice(cycle([(), alone, alone]), BATCH))
    if alone:
        kinds[-2:] = [(kind, other) for other in draw(st.permutations(BESIDES)) if other != kind][:2]
    return Batch(declared, tuple(draw(files(declared, chosen)) for chosen in kinds))


@dataclass
class Count:
    """What became of the files, by what is wrong with them."""

    outcomes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    different: set[tuple[Declared, str, bytes]] = field(default_factory=set)

    def add(self, declared: Declared, file: File, answer: Answer) -> None:
        """Count one file in."""
        self.outcomes[" + ".join(file.kinds) or GOOD][answer.refused.partition(": ")[0] or "read"] += 1
        self.different.add((declared, file.name, file.content))

    def __str__(self) -> str:
        total = sum(outcomes.total() for outcomes in self.outcomes.values())
        lines = [f"{total} files, {len(self.different)} of them different"]
        lines += [
            f"{outcomes.total():6} {kind}: " + ", ".join(f"{n} {name}" for name, n in outcomes.most_common())
            for kind, outcomes in self.outcomes.items()
        ]
        return "\n".join(lines)


def kinds_of(serde: str) -> list[str]:
    """The kinds of files that a SerDe's tables may have."""
    return [GOOD, *(kind for kind, fault in FAULTS.items() if serde in fault.needs.serdes)]


def violation(declared: Declared, file: File, answer: Answer) -> str:
    """Say what is wrong with an answer; empty: nothing."""
    if answer.refused:
        return f"a good file was refused: {answer.refused}" if file.must_be_read(declared) else ""
    if file.must_be_refused(declared):
        return "it was read"
    try:
        truth = held(file.content, declared)
    except UnreadableError as error:
        return f"it was read, but {error}"
    if answer.rows != truth.rows:
        return f"Athena returns {answer.rows}, csv {truth.rows}"
    figures = {name: (column.empties, column.total) for name, column in answer.figures.columns.items()}
    counted = {name: (truth.empties(at), truth.total(at)) for at, (name, _) in enumerate(declared.columns)}
    if (answer.figures.rows, figures) != (len(truth.records), counted if truth.records else {}):
        return f"Athena's figures are {answer.figures}; those of csv and Decimal {counted}"
    return ""


def check(lake: Lake, serde: str, kind: str, examples: int, count: Count) -> None:
    """Generate batches of files, load each, and judge every answer."""

    @seed(f"{SEED} {serde} {kind}")
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a violation names its file, which is small
        suppress_health_check=list(HealthCheck),
    )
    @given(batches(serde, kind))
    def each(batch: Batch) -> None:
        answers = lake.answers(batch.declared, batch.files)
        for file, answer in zip(batch.files, answers, strict=True):
            count.add(batch.declared, file, answer)
            wrong = violation(batch.declared, file, answer)
            assert not wrong, f"{wrong}: {file.kinds}, {batch.declared}, {file.content[:2000]!r}"

    each()


def check_all(lake: Lake, serde: str, wanted: int) -> Count:
    """Check every kind of files, as many of each."""
    count, kinds = Count(), kinds_of(serde)
    for kind in kinds:
        check(lake, serde, kind, -(-int(wanted * MORE) // BATCH // len(kinds)), count)
    print(count)
    return count


@contextmanager
def bad_values(cloud: Cloud, answer: str) -> Iterator[None]:
    """Let Athena make this of a value that it cannot cast."""
    cloud.control("PUT", "options", {"bad_values": answer})
    try:
        yield
    finally:
        cloud.control("PUT", "options", {"bad_values": "null"})


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("serde", SERDES)
def test_every_file_is_read_as_csv_and_decimal_read_it_or_refused(lake: Lake, serde: str) -> None:
    count = check_all(lake, serde, FILES // len(SERDES))

    assert len(count.different) >= FILES // len(SERDES)
    assert set(count.outcomes[GOOD]) == {"read"}
    assert {kind for kind in kinds_of(serde) if not count.outcomes[kind]} == set()
    without_records = set().union(*(count.outcomes[kind] for kind in WITHOUT_RECORDS))
    assert {"read", "EmptySource"} <= without_records  # by what the table allows


@pytest.mark.timeout(900)
@pytest.mark.parametrize("serde", SERDES)
def test_the_same_holds_where_a_bad_value_fails_the_query(lake: Lake, cloud: Cloud, serde: str) -> None:
    with bad_values(cloud, "fail"):
        count = check_all(lake, serde, FILES // 20)

    assert set(count.outcomes[GOOD]) == {"read"}
