"""Over the whole matrix of the demo's estate, two engines that know nothing of each other say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.local_aws.oracle.engine import ALLOWED, Batch, theirs, word
from tests.local_aws.oracle.estate_cells import Cells

# AWS has no such request: the action is not about resources of this kind. Nothing here ever asks it.
NO_REQUEST = ("error: no.resource.types", "error: must.use.wildcard", "error: not one resource")


def requests_of(batches: list[Batch]) -> list[Batch]:
    """Leave out what is no request of AWS, whoever asks: the other engine knows all actions and their resources."""
    first = batches[0]
    (answers,) = theirs([first])
    no_request = {
        (asked.action, asked.resource)
        for asked, their in zip(first.questions, answers, strict=True)
        if their in NO_REQUEST
    }
    return [
        replace(batch, questions=[q for q in batch.questions if (q.action, q.resource) not in no_request])
        for batch in batches
    ]


def test_both_engines_say_the_same_to_every_question(cells: Cells) -> None:
    batches = requests_of(list(cells.batches()))

    answers = theirs(batches)

    pairs = [
        (batch.principal.arn, asked, our, their)
        for batch, said in zip(batches, answers, strict=True)
        for asked, our, their in zip(batch.questions, batch.ours(), said, strict=True)
    ]
    differing = [pair for pair in pairs if word(pair[2]) != word(pair[3]) or pair[3].startswith("error")]
    assert not differing, f"{len(differing)} of {len(pairs)} differ, first of them: {differing[:20]}"
    words = Counter(their for *_, their in pairs)
    print(f"{len(pairs)} cells, {len(batches)} principals: {dict(words)}")
    assert words[ALLOWED] > 4000
    assert words["ImplicitlyDenied"] > 20000


def test_a_bucket_of_the_right_name_in_the_wrong_account_is_refused(cells: Cells) -> None:
    """aws:ResourceAccount: a squatter's bucket grants everything to everybody, and gets nobody of ours."""
    ours = (cells.settings.analytics.role_arn, cells.settings.analytics.quicksight.data_source_role_arn)
    batches = [
        replace(batch, questions=[q for q in batch.questions if (q.policy or "").startswith("of a squatter")])
        for batch in cells.batches()
        if batch.principal.arn in ours
    ]

    verdicts = {verdict for said in theirs(requests_of(batches)) for verdict in said}

    assert verdicts == {"ImplicitlyDenied"}
    assert all(our != ALLOWED for batch in batches for our in batch.ours())
