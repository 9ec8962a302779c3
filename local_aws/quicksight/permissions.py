"""Who may do what with one data source or data set, as QuickSight's own permissions say.

They are kept and answered, not enforced: they are for QuickSight's users, and callers here are in IAM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Permissions:
    """The actions granted to each principal (an ARN)."""

    def __init__(self, granted: Sequence[Mapping[str, Any]] = ()) -> None:
        self._actions: dict[str, list[str]] = {}
        self.update(granted, ())

    def update(self, grant: Sequence[Mapping[str, Any]], revoke: Sequence[Mapping[str, Any]]) -> None:
        """Grant and revoke actions; one principal in both lists is refused."""
        both = {entry["Principal"] for entry in grant} & {entry["Principal"] for entry in revoke}
        if both:
            raise refusals.invalid(
                f"Principal {min(both)} is in both GrantPermissions and RevokePermissions."
            )
        for entry in grant:
            held = self._actions.setdefault(entry["Principal"], [])
            held.extend(action for action in entry["Actions"] if action not in held)
        for entry in revoke:
            self._revoke(entry["Principal"], entry["Actions"])

    def _revoke(self, principal: str, actions: Sequence[str]) -> None:
        left = [action for action in self._actions.pop(principal, []) if action not in actions]
        if left:
            self._actions[principal] = left

    def described(self) -> list[dict[str, Any]]:
        """Return the permissions as the API answers them."""
        return [{"Principal": name, "Actions": list(actions)} for name, actions in self._actions.items()]
