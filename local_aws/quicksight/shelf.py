"""Where resources are kept: by account, Region and id, listed in pages."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from local_aws.quicksight import refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local_aws.calls import Call

Item = TypeVar("Item")


class Shelf(Generic[Item]):
    """The resources of one kind; each call sees those of its own account and Region only."""

    def __init__(self, resource_type: str) -> None:
        self._resource_type = resource_type
        self._items: dict[tuple[str, str], dict[str, Item]] = {}

    def add(self, call: Call, item_id: str, item: Item) -> None:
        """Keep a new resource; ResourceExistsException if its id is taken."""
        items = self._of(call)
        if item_id in items:
            raise refusals.exists(self._resource_type, item_id)
        items[item_id] = item

    def get(self, call: Call, item_id: str) -> Item:
        """Return a resource by its id, or raise ResourceNotFoundException."""
        items = self._of(call)
        if item_id not in items:
            raise refusals.not_found(self._resource_type, item_id)
        return items[item_id]

    def remove(self, call: Call, item_id: str) -> Item:
        """Take a resource away and return it."""
        item = self.get(call, item_id)
        del self._of(call)[item_id]
        return item

    def all(self, call: Call) -> list[Item]:
        """Return the resources of the call's account and Region, oldest first."""
        return list(self._of(call).values())

    def find(self, account_id: str, region: str, item_id: str) -> Item | None:
        """Return a resource by its place and id, or None."""
        return self._items.get((account_id, region), {}).get(item_id)

    def in_account(self, account_id: str, item_id: str) -> list[Item]:
        """Return the resources of this id in all Regions of an account."""
        places = [items for (account, _), items in self._items.items() if account == account_id]
        return [items[item_id] for items in places if item_id in items]

    def _of(self, call: Call) -> dict[str, Item]:
        return self._items.setdefault((call.account_id, call.region), {})


def page(call: Call, member: str, described: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one page of a list operation's answer: the `member` and, where more follow, NextToken."""
    size = int(call.parameters.get("MaxResults") or 100)
    if not 1 <= size <= 100:
        raise refusals.invalid(f"MaxResults {size} is not between 1 and 100.")
    start = _position(call.parameters.get("NextToken"))
    answer: dict[str, Any] = {member: list(described[start : start + size])}
    if start + size < len(described):
        answer["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode())
    except (ValueError, binascii.Error):
        raise refusals.bad_next_token() from None
